/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Capabilities: what is answered to KVM_CHECK_EXTENSION, and what
 * KVM_ENABLE_CAP does.  The kernel's common code answers for every VM; what the
 * architecture's code answers is hidden from a realm by the profile's list.
 */
#include "kvm.h"

#define KVM_IPA_BITS  48   /* of a VM that is no realm */
#define IRQ_ROUTES    4096 /* KVM_MAX_IRQ_ROUTES */
#define DIRTY_LOG_ALL 3	   /* manual protection, and initially set */

struct cap {
	uint16_t number;
	uint16_t value;
};

/* As virt/kvm/kvm_main.c answers. */
static const struct cap common[] = {
	{ RKVM_CAP_USER_MEMORY, 1 },
	{ RKVM_CAP_USER_MEMORY2, 1 },
	{ RKVM_CAP_DESTROY_MEMORY_REGION_WORKS, 1 },
	{ RKVM_CAP_JOIN_MEMORY_REGIONS_WORKS, 1 },
	{ RKVM_CAP_INTERNAL_ERROR_DATA, 1 },
	{ RKVM_CAP_SIGNAL_MSI, 1 },
	{ RKVM_CAP_IRQFD, 1 },
	{ RKVM_CAP_IRQ_ROUTING, IRQ_ROUTES },
	{ RKVM_CAP_IOEVENTFD_ANY_LENGTH, 1 },
	{ RKVM_CAP_CHECK_EXTENSION_VM, 1 },
	{ RKVM_CAP_ENABLE_CAP_VM, 1 },
	{ RKVM_CAP_DEVICE_CTRL, 1 },
	{ RKVM_CAP_HALT_POLL, 1 },
	{ RKVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, DIRTY_LOG_ALL },
	{ RKVM_CAP_NR_MEMSLOTS, INT16_MAX },
	{ RKVM_CAP_BINARY_STATS_FD, 1 },
};

/* As arch/arm64/kvm answers for a host without nested virtualisation or MTE. */
static const struct cap arch[] = {
	{ RKVM_CAP_IRQCHIP, 1 },
	{ RKVM_CAP_IOEVENTFD, 1 },
	{ RKVM_CAP_SYNC_MMU, 1 },
	{ RKVM_CAP_ONE_REG, 1 },
	{ RKVM_CAP_ARM_PSCI, 1 },
	{ RKVM_CAP_ARM_PSCI_0_2, 1 },
	{ RKVM_CAP_READONLY_MEM, 1 },
	{ RKVM_CAP_MP_STATE, 1 },
	{ RKVM_CAP_IMMEDIATE_EXIT, 1 },
	{ RKVM_CAP_VCPU_EVENTS, 1 },
	{ RKVM_CAP_ARM_IRQ_LINE_LAYOUT_2, 1 },
	{ RKVM_CAP_ARM_NISV_TO_USER, 1 },
	{ RKVM_CAP_ARM_INJECT_EXT_DABT, 1 },
	{ RKVM_CAP_VCPU_ATTRIBUTES, 1 },
	{ RKVM_CAP_MSI_DEVID, 1 },
	{ RKVM_CAP_SYSTEM_EVENT_DATA, 1 },
	{ RKVM_CAP_ARM_PTRAUTH_ADDRESS, 1 },
	{ RKVM_CAP_ARM_PTRAUTH_GENERIC, 1 },
	{ RKVM_CAP_ARM_VM_IPA_SIZE, KVM_IPA_BITS },
};

static const struct cap *
find(const struct cap *caps, size_t num, uint64_t number)
{
	for (size_t i = 0; i < num; i++)
		if (caps[i].number == number)
			return &caps[i];
	return NULL;
}
#define FIND(caps, number) find(caps, sizeof(caps) / sizeof(caps[0]), number)

/* Whether the architecture's code speaks of it on this VM. */
static bool
spoken_of(const struct rmmkvm *system, const struct vm *vm, uint64_t number)
{
	const struct cap_list *list = system->profile->realm_caps;

	if (vm == NULL || !vm->is_realm || number == system->profile->cap_rmi)
		return true;
	for (const uint16_t *cap = list->caps; *cap != CAP_LIST_END; cap++)
		if (*cap == number)
			return list->allow;
	return !list->allow;
}

static long
max_vcpus(const struct rmmkvm *system)
{
	unsigned order = RMI_FEATURE0_GET(system->features, MAX_RECS_ORDER);

	return order < 9 ? 1l << order : MAX_VCPUS;
}

static long
arch_extension(
    const struct rmmkvm *system, const struct vm *vm, uint64_t number)
{
	const struct cap *cap;

	if (!spoken_of(system, vm, number))
		return 0;
	if (number == system->profile->cap_rmi)
		return 1;
	switch (number) {
	case RKVM_CAP_NR_VCPUS:
	case RKVM_CAP_MAX_VCPUS:
	case RKVM_CAP_MAX_VCPU_ID:
		return max_vcpus(system);
	case RKVM_CAP_ARM_SVE:
		return RMI_FEATURE0_GET(system->features, SVE_EN);
	/* As the realm's parameters have them: one less than there are. */
	case RKVM_CAP_GUEST_DEBUG_HW_BPS:
		return (long)RMI_FEATURE0_GET(system->features, NUM_BPS) +
		    (vm == NULL || !vm->is_realm);
	case RKVM_CAP_GUEST_DEBUG_HW_WPS:
		return (long)RMI_FEATURE0_GET(system->features, NUM_WPS) +
		    (vm == NULL || !vm->is_realm);
	case RKVM_CAP_ARM_PMU_V3:
		return RMI_FEATURE0_GET(system->features, PMU_EN);
	default:
		cap = FIND(arch, number);
		return cap != NULL ? cap->value : 0;
	}
}

/* What guest_memfds and private memory are there for this VM. */
static long
memory_extension(const struct profile *profile, bool private, uint64_t number)
{
	const uint64_t mask = private ? ~0ull : 0;

	if (number == RKVM_CAP_GUEST_MEMFD)
		return private;
	if (number == RKVM_CAP_MEMORY_ATTRIBUTES)
		return profile->cap_gmem_attributes == 0
		    ? (long)(RKVM_MEMORY_ATTRIBUTE_PRIVATE & mask)
		    : 0;
	if (number == profile->cap_gmem_attributes)
		return (long)((RKVM_MEMORY_ATTRIBUTE_PRIVATE |
				  profile->gmem_attributes) &
		    mask);
	return (long)(profile->gmem_flags & mask); /* cap_gmem_flags */
}

long
vm_check_extension(struct rmmkvm *system, const struct vm *vm, uint64_t number)
{
	const struct profile *profile = system->profile;
	const struct cap *cap = FIND(common, number);

	if (cap != NULL)
		return cap->value;
	/* Numbers that moved are one thing in one profile, another in others.
	 */
	if (number == profile->cap_rmi)
		return arch_extension(system, vm, number);
	if (number == RKVM_CAP_GUEST_MEMFD ||
	    number == RKVM_CAP_MEMORY_ATTRIBUTES ||
	    (number != 0 &&
		(number == profile->cap_gmem_attributes ||
		    number == profile->cap_gmem_flags)))
		return memory_extension(
		    profile, vm == NULL || vm->is_realm, number);
	return arch_extension(system, vm, number);
}

/* ---- KVM_ENABLE_CAP ---------------------------------------------------- */

static long
enable_dirty_log(const struct vm *vm, const struct rkvm_enable_cap *cap)
{
	(void)vm;
	return cap->args[0] & ~(uint64_t)DIRTY_LOG_ALL
	    ? fail(-EINVAL, "unknown flags of the dirty log")
	    : 0;
}

long
vm_enable_cap(struct vm *vm, uintptr_t arg)
{
	const struct profile *profile = vm->file.system->profile;
	struct rkvm_enable_cap cap;

	if (user_read(vm->file.system, &cap, arg, sizeof(cap)) < 0)
		return fail(-EFAULT, "the argument can not be read");
	/* The kernel's common code comes first. */
	if (cap.flags == 0 && cap.cap == RKVM_CAP_MANUAL_DIRTY_LOG_PROTECT2)
		return enable_dirty_log(vm, &cap);
	if (cap.flags == 0 && cap.cap == RKVM_CAP_HALT_POLL)
		return 0;
	if (cap.flags != 0)
		return fail(-EINVAL, "KVM_ENABLE_CAP has no flags");
	if (profile->enable_cap_listed &&
	    !spoken_of(vm->file.system, vm, cap.cap))
		return fail(-EINVAL,
		    "capability %u can not be enabled on a realm", cap.cap);
	if (profile->rme != NULL && cap.cap == profile->cap_rmi)
		return rme_operation(vm, &cap);
	if (cap.cap == RKVM_CAP_ARM_NISV_TO_USER)
		return 0;
	return fail(-EINVAL, "capability %u can not be enabled on a VM%s",
	    cap.cap,
	    cap.cap == profile->cap_rmi
		? ": what it did to v11 is implicit, or an ioctl"
		: "");
}
