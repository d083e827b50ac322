/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which guest memory is private: an attribute of the VM's address space,
 * independent of slots.  All of it is shared at first.
 */
#include <stdlib.h>
#include <string.h>

#include "kvm.h"

bool
attributes_private(const struct vm *vm, uint64_t ipa)
{
	size_t low = 0, high = vm->num_private;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (ipa >= vm->private[mid].top)
			low = mid + 1;
		else if (ipa < vm->private[mid].base)
			high = mid;
		else
			return true;
	}
	return false;
}

/* Cut [base, top) out of what is private. */
static void
cut(struct vm *vm, uint64_t base, uint64_t top)
{
	size_t num = 0;
	struct range *old = vm->private, *new = old;

	/* Room for one more was made; a split shifts what follows by one. */
	for (size_t i = 0; i < vm->num_private; i++) {
		if (old[i].base < base && old[i].top > top) {
			memmove(&old[i + 2], &old[i + 1],
			    (vm->num_private - i - 1) * sizeof(*old));
			old[i + 1] = (struct range){ top, old[i].top };
			old[i].top = base;
			vm->num_private++;
			return;
		}
	}
	for (size_t i = 0; i < vm->num_private; i++) {
		struct range range = old[i];

		if (range.base >= base && range.top <= top)
			continue;
		if (range.base < base && range.top > base)
			range.top = base;
		if (range.top > top && range.base < top)
			range.base = top;
		new[num++] = range;
	}
	vm->num_private = num;
}

static void
insert(struct vm *vm, uint64_t base, uint64_t top)
{
	struct range *ranges = vm->private;
	size_t at = 0, end;

	/* Swallow neighbours that touch. */
	while (at < vm->num_private && ranges[at].top < base)
		at++;
	for (end = at; end < vm->num_private && ranges[end].base <= top;
	     end++) {
		base = ranges[end].base < base ? ranges[end].base : base;
		top = ranges[end].top > top ? ranges[end].top : top;
	}
	memmove(&ranges[at + 1], &ranges[end],
	    (vm->num_private - end) * sizeof(*ranges));
	vm->num_private = vm->num_private - (end - at) + 1;
	ranges[at] = (struct range){ base, top };
}

/* Pages that are shared from now on leave the realm. */
static void
unmap(struct vm *vm, uint64_t base, uint64_t top)
{
	for (size_t i = 0; i < vm->num_slots; i++)
		gmem_unmap(vm, &vm->slots[i], base, top);
}

long
attributes_set(struct vm *vm, uintptr_t arg)
{
	struct rkvm_memory_attributes a;
	struct range *ranges;
	uint64_t top;

	if (!vm->is_realm)
		return fail(-ENOTTY, "only a realm has memory attributes");
	if (user_read(vm->file.system, &a, arg, sizeof(a)) < 0)
		return -EFAULT;
	top = a.address + a.size;
	if (a.flags != 0 || a.attributes & ~RKVM_MEMORY_ATTRIBUTE_PRIVATE)
		return fail(-EINVAL, "unknown flags or attributes");
	if (a.size == 0 || top < a.address)
		return fail(-EINVAL, "the range is empty or wraps");
	if (!PAGE_ALIGNED(a.address) || !PAGE_ALIGNED(a.size))
		return fail(-EINVAL, "the range is not made of whole pages");
	ranges = realloc(vm->private, (vm->num_private + 1) * sizeof(*ranges));
	if (ranges == NULL)
		return -ENOMEM;
	vm->private = ranges;
	if (a.attributes & RKVM_MEMORY_ATTRIBUTE_PRIVATE) {
		insert(vm, a.address, top);
		return 0;
	}
	unmap(vm, a.address, top);
	cut(vm, a.address, top);
	return 0;
}
