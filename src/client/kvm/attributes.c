/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which guest memory is private.  To v14 it is an attribute of the VM's address
 * space, independent of slots, all of it shared at first; from v15 on one of
 * each guest_memfd, which begins as its flags say.
 */
#include "kvm.h"

bool
attributes_private(
    const struct vm *vm, const struct memslot *slot, uint64_t ipa)
{
	if (slot->gmem == NULL || slot->gmem->slots_own)
		return slot->gmem != NULL;
	if (vm->file.system->profile->cap_gmem_attributes == 0)
		return ranges_have(&vm->private, ipa);
	return ranges_have(
	    &slot->gmem->private, ipa - slot->gpa + slot->gmem_offset);
}

/* What is wrong with a range and what is wanted of it, in either ioctl. */
static int
check(uint64_t base, uint64_t size, uint64_t unknown, uint64_t flags)
{
	if (flags != 0 || unknown != 0)
		return (int)fail(-EINVAL, "unknown flags or attributes");
	if (size == 0 || base + size < base)
		return (int)fail(-EINVAL, "the range is empty or wraps");
	if (!PAGE_ALIGNED(base) || !PAGE_ALIGNED(size))
		return (int)fail(
		    -EINVAL, "the range is not made of whole pages");
	return 0;
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
	struct rmmkvm *system = vm->file.system;
	struct rkvm_memory_attributes a;
	uint64_t top;
	int rc;

	if (system->profile->cap_gmem_attributes != 0)
		return fail(-ENOTTY,
		    "in profile %s attributes are the guest_memfd's: "
		    "KVM_SET_MEMORY_ATTRIBUTES2 on it",
		    system->profile->name);
	if (!vm->is_realm)
		return fail(-ENOTTY, "only a realm has memory attributes");
	if (user_read(system, &a, arg, sizeof(a)) < 0)
		return -EFAULT;
	rc = check(a.address, a.size,
	    a.attributes & ~RKVM_MEMORY_ATTRIBUTE_PRIVATE, a.flags);
	if (rc < 0)
		return rc;
	top = a.address + a.size;
	if (a.attributes & RKVM_MEMORY_ATTRIBUTE_PRIVATE) {
		for (size_t i = 0; i < vm->num_slots; i++)
			shared_unmap(vm, &vm->slots[i], a.address, top);
		return ranges_add(&vm->private, a.address, top);
	}
	rc = ranges_cut(&vm->private, a.address, top);
	if (rc == 0)
		unmap(vm, a.address, top);
	return rc;
}

/*
 * Whether what is put into the range will be measured.  That can not change for
 * a page that was: error_offset tells which.
 */
static int
set_measured(struct gmem *gmem, struct rkvm_memory_attributes2 *a)
{
	uint64_t top = a->offset + a->size;
	bool measure = a->attributes & RKVM_MEMORY_ATTRIBUTE_MEASURE;

	for (uint64_t at = a->offset; at < top; at += PAGE_SIZE) {
		size_t index = at >> PAGE_SHIFT;

		if (index >= gmem->used)
			break;
		if (gmem->entries[index] & GMEM_MAPPED &&
		    ranges_have(&gmem->measured, at) != measure) {
			a->error_offset = at;
			return (int)fail(-EBUSY,
			    "the page at offset 0x%llx has been populated",
			    (unsigned long long)at);
		}
	}
	return measure ? ranges_add(&gmem->measured, a->offset, top)
		       : ranges_cut(&gmem->measured, a->offset, top);
}

long
attributes_set_file(struct gmem *gmem, uintptr_t arg)
{
	struct rmmkvm *system = gmem->file.system;
	struct rkvm_memory_attributes2 a;
	uint64_t top, known;
	int rc;

	if (user_read(system, &a, arg, sizeof(a)) < 0)
		return -EFAULT;
	if (a.error_offset != 0)
		return fail(-EINVAL, "error_offset is not 0");
	for (size_t i = 0; i < sizeof(a.reserved) / sizeof(a.reserved[0]); i++)
		if (a.reserved[i] != 0)
			return fail(-EINVAL, "a reserved word is not 0");
	known =
	    RKVM_MEMORY_ATTRIBUTE_PRIVATE | system->profile->gmem_attributes;
	rc = check(a.offset, a.size, a.attributes & ~known, a.flags);
	if (rc < 0)
		return rc;
	top = a.offset + a.size;
	if (top > gmem->size)
		return fail(-EINVAL, "the range ends behind the file");
	if (system->profile->gmem_attributes != 0) {
		rc = set_measured(gmem, &a);
		if (rc < 0)
			return user_write(system, arg, &a, sizeof(a)) < 0
			    ? -EFAULT
			    : rc;
	}
	if (a.attributes & RKVM_MEMORY_ATTRIBUTE_PRIVATE) {
		gmem_unmap_shared(gmem, a.offset, top);
		return ranges_add(&gmem->private, a.offset, top);
	}
	rc = ranges_cut(&gmem->private, a.offset, top);
	if (rc == 0)
		gmem_leave_realm(gmem, a.offset, top);
	return rc;
}
