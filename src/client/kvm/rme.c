/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The multiplexed interface, to v11: KVM_ENABLE_CAP(KVM_CAP_ARM_RME) with an
 * operation for each step of a realm's life, which the VMM orders.  Nothing is
 * implicit, and no operation does a part: it is done, or an error.
 */
#include <string.h>

#include "kvm.h"

static int
check_hash(const struct vm *vm, uint32_t algorithm)
{
	uint64_t features = vm->file.system->features;

	switch (algorithm) {
	case RMI_HASH_SHA_256:
		return RMI_FEATURE0_GET(features, HASH_SHA_256) ? 0 : -EINVAL;
	case RMI_HASH_SHA_512:
		return RMI_FEATURE0_GET(features, HASH_SHA_512) ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}

static int
config_item(struct vm *vm, const struct rkvm_rme_config *config)
{
	uint64_t features = vm->file.system->features;
	struct realm *realm = &vm->realm;
	int rc = 0;

	switch (config->cfg) {
	case RKVM_RME_CONFIG_RPV:
		memcpy(realm->rpv, config->u.rpv, sizeof(realm->rpv));
		break;
	case RKVM_RME_CONFIG_HASH_ALGO:
		rc = check_hash(vm, config->u.hash_algo);
		if (rc == 0)
			realm->hash_algo = (uint8_t)config->u.hash_algo;
		break;
	case RKVM_RME_CONFIG_SVE:
		if (!RMI_FEATURE0_GET(features, SVE_EN) ||
		    config->u.sve_vq > RMI_FEATURE0_GET(features, SVE_VL))
			return -EINVAL;
		realm->has_sve = true;
		realm->sve_vl = (uint8_t)config->u.sve_vq;
		break;
	case RKVM_RME_CONFIG_DEBUG:
		if (config->u.debug.num_brps >
			RMI_FEATURE0_GET(features, NUM_BPS) ||
		    config->u.debug.num_wrps >
			RMI_FEATURE0_GET(features, NUM_WPS))
			return -EINVAL;
		realm->has_debug = true;
		realm->num_bps = (uint8_t)config->u.debug.num_brps;
		realm->num_wps = (uint8_t)config->u.debug.num_wrps;
		break;
	case RKVM_RME_CONFIG_PMU:
		if (!RMI_FEATURE0_GET(features, PMU_EN) ||
		    config->u.num_pmu_cntrs >
			RMI_FEATURE0_GET(features, PMU_NUM_CTRS))
			return -EINVAL;
		realm->has_pmu = true;
		realm->pmu_num_ctrs = (uint8_t)config->u.num_pmu_cntrs;
		break;
	}
	return rc;
}

static long
config_realm(struct vm *vm, const struct rme_uapi *rme, uint64_t arg)
{
	struct rkvm_rme_config config;

	if (vm->realm.state != RMMKVM_NONE)
		return fail(-EBUSY, "the realm has been created");
	if (user_read(vm->file.system, &config, arg, sizeof(config)) < 0)
		return fail(-EFAULT, "the configuration can not be read");
	if (config.cfg >= 32 || !(rme->config_items >> config.cfg & 1))
		return fail(-EINVAL, "no item %u of a realm's configuration",
		    config.cfg);
	if (config_item(vm, &config) != 0)
		return fail(-EINVAL,
		    "item %u of the configuration: the RMM can not do that",
		    config.cfg);
	return 0;
}

static long
create_realm(struct vm *vm)
{
	if (vm->realm.state != RMMKVM_NONE)
		return fail(-EEXIST, "the realm has been created");
	return realm_ensure_created(vm);
}

static long
init_ripas(struct vm *vm, const struct rme_uapi *rme, uint64_t arg)
{
	struct rkvm_rme_init_ripas args;

	if (user_read(vm->file.system, &args, arg, sizeof(args)) < 0)
		return fail(-EFAULT, "the argument can not be read");
	if (args.base + args.size < args.base)
		return fail(-EINVAL, "base + size wraps");
	if (vm->realm.state != RMMKVM_NEW)
		return fail(rme->wrong_state, "the realm is not NEW");
	return rtt_init_ripas(vm, args.base, args.base + args.size, -ENXIO);
}

static int
check_populate(const struct rkvm_rme_populate *args)
{
	if (!PAGE_ALIGNED(args->base) || !PAGE_ALIGNED(args->size))
		return (int)fail(-EINVAL, "base or size is not page aligned");
	if (args->flags & ~RKVM_RME_POPULATE_MEASURE)
		return (int)fail(-EINVAL, "flags are 0x%x", args->flags);
	if (args->base + args->size < args->base)
		return (int)fail(-EINVAL, "base + size wraps");
	return 0;
}

/* The slot that holds all of [base, top). */
static int
find_slot(struct vm *vm, const struct rme_uapi *rme, uint64_t base,
    uint64_t top, struct memslot **slot)
{
	*slot = memslot_find(vm, base);
	if (*slot == NULL)
		return (int)fail(
		    -EFAULT, "no slot at IPA 0x%llx", (unsigned long long)base);
	if ((*slot)->gpa + (*slot)->size < top)
		return (int)fail(
		    -EINVAL, "the range goes beyond slot %u", (*slot)->id);
	if ((*slot)->gmem == NULL)
		return (int)fail((*slot)->flags & RKVM_MEM_GUEST_MEMFD
			? -EFAULT
			: rme->slot_not_private,
		    "slot %u has no guest_memfd", (*slot)->id);
	return 0;
}

/* The source is what the slot shows of the caller. */
static long
populate_part(struct vm *vm, const struct rme_uapi *rme, struct copy_in *what,
    uint64_t size)
{
	uint64_t done;
	long error =
	    find_slot(vm, rme, what->base, what->base + size, &what->slot);

	if (error < 0)
		return error;
	what->source = what->slot->uaddr + (what->base - what->slot->gpa);
	return copy_in(what, size >> PAGE_SHIFT, &done);
}

/* The kernel does 2 MiB at a time, each of them within one slot. */
static long
populate_realm(struct vm *vm, const struct rme_uapi *rme, uint64_t arg)
{
	const uint64_t part = 2ull << 20;
	struct rkvm_rme_populate args;
	struct copy_in what = {
		.vm = vm,
		.delegate_failed = -ENXIO,
		.data_failed = -ENXIO,
	};
	uint64_t top, pages = ~0ull;
	long error;

	if (user_read(vm->file.system, &args, arg, sizeof(args)) < 0)
		return fail(-EFAULT, "the argument can not be read");
	if (vm->realm.state != RMMKVM_NEW)
		return fail(rme->wrong_state, "the realm is not NEW");
	error = check_populate(&args);
	if (error == 0)
		error = copy_allowed(&what, &pages);
	top = pages > 0 ? args.base + args.size : args.base;
	what.measure = args.flags & RKVM_RME_POPULATE_MEASURE;
	for (what.base = args.base; what.base < top && error == 0;
	     what.base += part)
		error = populate_part(vm, rme, &what,
		    top - what.base < part ? top - what.base : part);
	return error;
}

static long
activate_realm(struct vm *vm, const struct rme_uapi *rme)
{
	if (vm->realm.state != RMMKVM_NEW)
		return fail(rme->activate_wrong_state, "the realm is not NEW");
	return realm_set_active(vm);
}

long
rme_operation(struct vm *vm, const struct rkvm_enable_cap *cap)
{
	const struct rme_uapi *rme = vm->file.system->profile->rme;

	if (!vm->is_realm)
		return fail(-EINVAL, "the VM is no realm");
	switch (cap->args[0]) {
	case RKVM_RME_CONFIG_REALM:
		return config_realm(vm, rme, cap->args[1]);
	case RKVM_RME_CREATE_REALM:
		return create_realm(vm);
	case RKVM_RME_INIT_RIPAS_REALM:
		return init_ripas(vm, rme, cap->args[1]);
	case RKVM_RME_POPULATE_REALM:
		return populate_realm(vm, rme, cap->args[1]);
	case RKVM_RME_ACTIVATE_REALM:
		return activate_realm(vm, rme);
	default:
		return fail(-EINVAL, "no operation %llu of KVM_CAP_ARM_RME",
		    (unsigned long long)cap->args[0]);
	}
}
