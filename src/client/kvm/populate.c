/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * KVM_ARM_RMI_POPULATE: its checks in the kernel's order, the realm's creation,
 * and how what was done is told.
 */
#include "kvm.h"

static bool
plays(const struct vm *vm, unsigned bug)
{
	const struct rmmkvm *system = vm->file.system;

	return (system->profile->bugs & system->bugs & bug) != 0;
}

/* Pages of the call that this one call can do: to the slot's end, no further.
 */
static long
gmem_populate(struct copy_in *what, uint64_t num)
{
	uint64_t limit = what->vm->file.system->populate_limit, left, done = 0;
	struct memslot *slot = memslot_find(what->vm, what->base);
	long error;

	if (slot == NULL || !(slot->flags & RKVM_MEM_GUEST_MEMFD))
		return fail(-EINVAL, "no slot with a guest_memfd at IPA 0x%llx",
		    (unsigned long long)what->base);
	if (slot->gmem == NULL)
		return fail(
		    -EFAULT, "the guest_memfd of slot %u was closed", slot->id);
	what->slot = slot;
	left = (slot->gpa + slot->size - what->base) >> PAGE_SHIFT;
	num = num < left ? num : left;
	if (limit > 0 && num > limit)
		num = limit;
	error = copy_allowed(what, &num);
	if (error == 0)
		error = copy_in(what, num, &done);
	/* The rule of the return: an error counts only if nothing was done. */
	return done > 0 ? (long)done : error;
}

static int
check(const struct vm *vm, const struct rkvm_populate *args)
{
	const struct populate_uapi *uapi = vm->file.system->profile->populate;
	uint32_t flags = uapi->measure_by_range ? 0 : RKVM_POPULATE_MEASURE;

	if (args->reserved != 0)
		return (int)fail(-EINVAL, "reserved is 0x%x", args->reserved);
	if (args->flags & ~flags)
		return (int)fail(-EINVAL, "flags are 0x%x", args->flags);
	if (args->base + args->size < args->base && !plays(vm, BUG_WRAP))
		return (int)fail(uapi->wraps, "base + size wraps");
	if (!PAGE_ALIGNED(args->base) || !PAGE_ALIGNED(args->base + args->size))
		return (int)fail(-EINVAL, "base or size is not page aligned");
	if (!PAGE_ALIGNED(args->source_uaddr) && uapi->source_unaligned != 0)
		return (int)fail(
		    uapi->source_unaligned, "the source is not page aligned");
	if (args->source_uaddr == 0 && uapi->source_null != 0)
		return (int)fail(uapi->source_null, "the source is NULL");
	return 0;
}

/* What is looked at when the realm exists.  1: nothing is left to do. */
static int
check_range(const struct vm *vm, const struct rkvm_populate *args)
{
	const struct populate_uapi *uapi = vm->file.system->profile->populate;
	uint64_t half = 1ull << (vm->ipa_bits - 1);

	if (uapi->not_private_half != 0 &&
	    (args->base >= half || args->size > half - args->base))
		return (int)fail(uapi->not_private_half,
		    "the range is not in the private half of IPAs");
	if (args->size == 0)
		return uapi->size_zero != 0
		    ? (int)fail(uapi->size_zero, "the size is 0")
		    : 1;
	return 0;
}

static long
populate_realm(struct vm *vm, const struct rkvm_populate *args)
{
	const struct populate_uapi *uapi = vm->file.system->profile->populate;
	struct copy_in what = {
		.vm = vm,
		.base = args->base,
		/* The kernel pins the page that the address lies in. */
		.source = args->source_uaddr & ~(PAGE_SIZE - 1),
		.measure = args->flags & RKVM_POPULATE_MEASURE,
		.measure_by_range = uapi->measure_by_range,
		.signals = true,
		.attributes = true,
		.source_null = uapi->source_null_page,
		.prepared = uapi->prepared,
		.delegate_failed = -ENXIO,
		.data_failed =
		    plays(vm, BUG_STATUS_AS_COUNT) ? 0 : uapi->data_failed,
		.rtt_too_deep = uapi->rtt_too_deep,
	};
	int rc = check(vm, args);

	if (rc == 0)
		rc = realm_ensure_created(vm);
	if (rc == 0)
		rc = check_range(vm, args);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	return gmem_populate(&what, args->size >> PAGE_SHIFT);
}

long
populate(struct vm *vm, uintptr_t arg)
{
	struct rmmkvm *system = vm->file.system;
	const struct populate_uapi *uapi = system->profile->populate;
	struct rkvm_populate args;
	long pages;

	if (!vm->is_realm)
		return fail(uapi->not_realm, "the VM is no realm");
	if (user_read(system, &args, arg, sizeof(args)) < 0)
		return fail(-EFAULT, "the argument can not be read");
	pages = populate_realm(vm, &args);
	if (uapi->writes_back) {
		uint64_t bytes = pages > 0 ? (uint64_t)pages << PAGE_SHIFT : 0;

		args.base += bytes;
		args.size -= bytes;
		args.source_uaddr += bytes;
		if (user_write(system, arg, &args, sizeof(args)) < 0)
			return fail(-EFAULT, "the argument can not be written");
	}
	return uapi->result(pages, !plays(vm, BUG_INT_RESULT));
}
