/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory slots: which guest memory there is, and what is behind it.
 */
#include <stdlib.h>
#include <string.h>

#include "kvm.h"

#define MAX_SLOTS INT16_MAX
#define MAX_PAGES ((1ull << 31) - 1) /* of one slot */

struct memslot *
memslot_find(struct vm *vm, uint64_t ipa)
{
	for (size_t i = 0; i < vm->num_slots; i++)
		if (ipa >= vm->slots[i].gpa &&
		    ipa - vm->slots[i].gpa < vm->slots[i].size)
			return &vm->slots[i];
	return NULL;
}

size_t
memslot_gmem_index(const struct memslot *slot, uint64_t ipa)
{
	return (size_t)((ipa - slot->gpa + slot->gmem_offset) >> PAGE_SHIFT);
}

/*
 * The kernel keeps slots in a table of 128 buckets by the hash of their id, the
 * newest first in a bucket, and goes over them in that order.  The order is
 * part of what the RIM says.
 */
static uint64_t
rank(const struct memslot *slot)
{
	uint32_t bucket = (slot->id * 0x61C88647u) >> (32 - 7);

	return ((uint64_t)bucket << 32) + (UINT32_MAX - slot->age);
}

struct memslot *
memslot_next(struct vm *vm, uint64_t *cursor)
{
	struct memslot *next = NULL;

	for (size_t i = 0; i < vm->num_slots; i++) {
		struct memslot *slot = &vm->slots[i];

		if (rank(slot) >= *cursor &&
		    (next == NULL || rank(slot) < rank(next)))
			next = slot;
	}
	if (next != NULL)
		*cursor = rank(next) + 1;
	return next;
}

static int
check_region(const struct vm *vm, const struct rkvm_memory_region2 *region)
{
	uint32_t known = RKVM_MEM_LOG_DIRTY_PAGES | RKVM_MEM_READONLY;
	uint64_t top = region->guest_phys_addr + region->memory_size;

	if (vm->is_realm)
		known |= RKVM_MEM_GUEST_MEMFD;
	if (region->flags & ~known)
		return (int)fail(-EINVAL, "slot %u: flags 0x%x", region->slot,
		    region->flags);
	if (region->flags & RKVM_MEM_GUEST_MEMFD &&
	    region->flags != RKVM_MEM_GUEST_MEMFD)
		return (int)fail(-EINVAL,
		    "slot %u: a slot with a guest_memfd "
		    "is neither read-only nor logged",
		    region->slot);
	if (!PAGE_ALIGNED(region->memory_size) ||
	    !PAGE_ALIGNED(region->guest_phys_addr) ||
	    !PAGE_ALIGNED(region->userspace_addr))
		return (int)fail(-EINVAL,
		    "slot %u: an address or the size is not page aligned",
		    region->slot);
	if (region->slot >= MAX_SLOTS)
		return (int)fail(-EINVAL, "slot %u: the last is %d",
		    region->slot, MAX_SLOTS - 1);
	if (top < region->guest_phys_addr)
		return (int)fail(
		    -EINVAL, "slot %u: the range wraps", region->slot);
	if (region->memory_size >> PAGE_SHIFT > MAX_PAGES)
		return (int)fail(-EINVAL, "slot %u: too large", region->slot);
	return 0;
}

/* Take slot at index away; its pages leave the realm. */
static void
delete_slot(struct vm *vm, size_t index)
{
	struct memslot *slot = &vm->slots[index];
	struct gmem *own =
	    slot->gmem != NULL && slot->gmem->slots_own ? slot->gmem : NULL;

	gmem_unmap(vm, slot, slot->gpa, slot->gpa + slot->size);
	shared_end(vm, slot);
	memmove(slot, slot + 1, (vm->num_slots - index - 1) * sizeof(*slot));
	vm->num_slots--;
	if (own != NULL)
		gmem_free_slots_own(own);
}

void
memslots_free(struct vm *vm)
{
	for (size_t i = 0; i < vm->num_slots; i++) {
		struct memslot *slot = &vm->slots[i];

		shared_end(vm, slot);
		if (slot->gmem != NULL && slot->gmem->slots_own)
			gmem_free_slots_own(slot->gmem);
	}
	free(vm->slots);
	vm->slots = NULL;
	vm->num_slots = 0;
}

/* Whether another slot shows a part of the same range of the file. */
static bool
gmem_bound(const struct vm *vm, const struct gmem *gmem, uint64_t offset,
    uint64_t size)
{
	for (size_t i = 0; i < vm->num_slots; i++) {
		const struct memslot *slot = &vm->slots[i];

		if (slot->gmem == gmem &&
		    offset < slot->gmem_offset + slot->size &&
		    slot->gmem_offset < offset + size)
			return true;
	}
	return false;
}

static int
bind_gmem(struct vm *vm, const struct rkvm_memory_region2 *region,
    struct memslot *slot)
{
	uint64_t offset = region->guest_memfd_offset;
	struct file *file;
	struct gmem *gmem;
	int rc = 0;

	if (!PAGE_ALIGNED(offset) || offset + region->memory_size < offset)
		return (int)fail(-EINVAL,
		    "slot %u: bad offset in the guest_memfd", region->slot);
	file = file_get(vm->file.system, (int)region->guest_memfd);
	if (file == NULL)
		return (int)fail(-EBADF, "slot %u: descriptor %d is not open",
		    region->slot, (int)region->guest_memfd);
	gmem = (struct gmem *)file;
	if (file->kind != KIND_GMEM || gmem->vm != vm)
		rc = (int)fail(-EINVAL,
		    "slot %u: descriptor %d is no "
		    "guest_memfd of this VM",
		    region->slot, file->fd);
	else if (offset + region->memory_size > gmem->size)
		rc = (int)fail(-EINVAL, "slot %u: the guest_memfd is too small",
		    region->slot);
	else if (gmem_bound(vm, gmem, offset, region->memory_size))
		rc = (int)fail(-EINVAL,
		    "slot %u: another slot has that part "
		    "of the guest_memfd",
		    region->slot);
	else
		slot->gmem = gmem;
	slot->gmem_offset = offset;
	file_put(file);
	return rc;
}

/* What is behind a slot on the private side. */
static int
bind(struct vm *vm, const struct rkvm_memory_region2 *region,
    struct memslot *slot)
{
	const struct rme_uapi *rme = vm->file.system->profile->rme;

	if (slot->flags & RKVM_MEM_GUEST_MEMFD)
		return bind_gmem(vm, region, slot);
	if (!vm->is_realm || rme == NULL || !rme->slot_memory)
		return 0;
	slot->gmem = gmem_of_slot(vm, slot->size);
	return slot->gmem != NULL ? 0 : -ENOMEM;
}

static int
add_slot(struct vm *vm, const struct rkvm_memory_region2 *region)
{
	struct memslot slot = {
		.id = region->slot,
		.flags = region->flags,
		.gpa = region->guest_phys_addr,
		.size = region->memory_size,
		.uaddr = region->userspace_addr,
		.age = vm->slot_age + 1,
	};
	struct memslot *slots;
	int rc;

	for (size_t i = 0; i < vm->num_slots; i++)
		if (slot.gpa < vm->slots[i].gpa + vm->slots[i].size &&
		    vm->slots[i].gpa < slot.gpa + slot.size)
			return (int)fail(-EEXIST, "slot %u overlaps slot %u",
			    slot.id, vm->slots[i].id);
	if (slot.gpa + slot.size > 1ull << vm->ipa_bits)
		return (int)fail(-EFAULT, "slot %u: beyond IPAs of %u bits",
		    slot.id, vm->ipa_bits);
	slots = realloc(vm->slots, (vm->num_slots + 1) * sizeof(*slots));
	if (slots == NULL)
		return -ENOMEM;
	vm->slots = slots;
	rc = bind(vm, region, &slot);
	if (rc < 0)
		return rc;
	vm->slot_age++;
	slots[vm->num_slots++] = slot;
	return 0;
}

/* Another address for a slot that keeps its size; the kernel allows no more. */
static int
change_slot(struct vm *vm, struct memslot *old,
    const struct rkvm_memory_region2 *region)
{
	if (old->flags & RKVM_MEM_GUEST_MEMFD ||
	    region->flags & RKVM_MEM_GUEST_MEMFD)
		return (int)fail(-EINVAL,
		    "slot %u: with a guest_memfd it can "
		    "be deleted, not changed",
		    old->id);
	if (region->memory_size != old->size ||
	    region->userspace_addr != old->uaddr ||
	    (region->flags ^ old->flags) & RKVM_MEM_READONLY)
		return (int)fail(-EINVAL,
		    "slot %u: only its place and logging can change", old->id);
	for (size_t i = 0; i < vm->num_slots; i++)
		if (&vm->slots[i] != old &&
		    region->guest_phys_addr <
			vm->slots[i].gpa + vm->slots[i].size &&
		    vm->slots[i].gpa < region->guest_phys_addr + old->size)
			return (int)fail(-EEXIST, "slot %u overlaps slot %u",
			    old->id, vm->slots[i].id);
	shared_unmap(vm, old, old->gpa, old->gpa + old->size);
	old->gpa = region->guest_phys_addr;
	old->flags = region->flags;
	return 0;
}

long
memslot_set(struct vm *vm, uintptr_t arg, bool region2)
{
	struct rkvm_memory_region2 region = { 0 };
	size_t size =
	    region2 ? sizeof(region) : sizeof(struct rkvm_memory_region);
	size_t index = 0;
	int rc;

	if (user_read(vm->file.system, &region, arg, size) < 0)
		return -EFAULT;
	if (!region2 && region.flags & RKVM_MEM_GUEST_MEMFD)
		return fail(
		    -EINVAL, "a guest_memfd needs KVM_SET_USER_MEMORY_REGION2");
	rc = check_region(vm, &region);
	if (rc < 0)
		return rc;
	while (index < vm->num_slots && vm->slots[index].id != region.slot)
		index++;
	if (index == vm->num_slots)
		return region.memory_size == 0
		    ? fail(-EINVAL, "slot %u does not exist", region.slot)
		    : add_slot(vm, &region);
	if (region.memory_size != 0)
		return change_slot(vm, &vm->slots[index], &region);
	delete_slot(vm, index);
	return 0;
}
