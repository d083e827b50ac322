/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The postings of the kernel's series.  Where two of them differ, they differ
 * here and nowhere else.
 *
 * Where it is from: the mails of each posting (subjects "arm64: Support for Arm
 * CCA in KVM"), arch/arm64/kvm/rme.c and rmi.c in public trees that carry them,
 * virt/kvm/guest_memfd.c of the tree that each is based on.  The text of v15's
 * populate was not found: it answers as the newest tree, but for what its
 * review says of it (a source of NULL fails page by page).
 */
#include <stdlib.h>
#include <string.h>

#include "kvm.h"

/* ---- KVM_ARM_RMI_POPULATE ---------------------------------------------- */

/*
 * v12: the count of bytes, as the kernel's functions return it: a long that is
 * converted to int on the way.  From 2 GiB on it is no longer the count.
 */
static long
result_bytes(long pages, bool exact)
{
	long bytes = (long)((uint64_t)pages << PAGE_SHIFT);

	if (pages < 0)
		return pages;
	return exact ? bytes : (long)(int)bytes;
}

/* From v13 on: 0; how far it came is in the structure. */
static long
result_in_place(long pages, bool exact)
{
	(void)exact;
	return pages < 0 ? pages : 0;
}

static const struct populate_uapi populate_v12 = {
	.command = RKVM_POPULATE_V12,
	.result = result_bytes,
	.writes_back = false,
	.not_realm = -EPERM,
	.wraps = -EINVAL,
	.source_unaligned = 0,
	.source_null = 0,
	.not_private_half = 0,
	.size_zero = -EINVAL,
	.source_null_page = 0,
	.prepared = -EEXIST,
	.data_failed = -ENXIO,
	.rtt_too_deep = 0,
};

/* v13, v14 */
static const struct populate_uapi populate_v13 = {
	.command = RKVM_POPULATE_V13,
	.result = result_in_place,
	.writes_back = true,
	.not_realm = -ENXIO,
	.wraps = -EINVAL,
	.source_unaligned = -EINVAL,
	.source_null = 0,
	.not_private_half = 0,
	.size_zero = -EINVAL,
	.source_null_page = -EOPNOTSUPP,
	.prepared = 0,
	.data_failed = -ENXIO,
	.rtt_too_deep = -EIO,
};

static const struct populate_uapi populate_v15 = {
	.command = RKVM_POPULATE_V13,
	.result = result_in_place,
	.writes_back = true,
	.not_realm = -ENXIO,
	.wraps = -EINVAL,
	.source_unaligned = -EINVAL,
	.source_null = 0,
	.not_private_half = -EINVAL,
	.size_zero = 0,
	.source_null_page = -EOPNOTSUPP,
	.prepared = 0,
	.data_failed = -ENXIO,
	.rtt_too_deep = -EIO,
};

static const struct populate_uapi populate_latest = {
	.command = RKVM_POPULATE_V13,
	.result = result_in_place,
	.writes_back = true,
	.not_realm = -ENXIO,
	.wraps = -EINVAL,
	.source_unaligned = -EINVAL,
	.source_null = -EINVAL,
	.not_private_half = -EINVAL,
	.size_zero = 0,
	.source_null_page = -EOPNOTSUPP,
	.prepared = 0,
	.data_failed = -ENXIO,
	.rtt_too_deep = -EIO,
};

/* An experiment: as latest, but no flag of the call says what is measured. */
static const struct populate_uapi populate_region = {
	.command = RKVM_POPULATE_V13,
	.measure_by_range = true,
	.result = result_in_place,
	.writes_back = true,
	.not_realm = -ENXIO,
	.wraps = -EINVAL,
	.source_unaligned = -EINVAL,
	.source_null = -EINVAL,
	.not_private_half = -EINVAL,
	.size_zero = 0,
	.source_null_page = -EOPNOTSUPP,
	.prepared = 0,
	.data_failed = -ENXIO,
	.rtt_too_deep = -EIO,
};

/* ---- KVM_ENABLE_CAP(KVM_CAP_ARM_RME) ----------------------------------- */

/*
 * The number 300 was used from the RFC to v7.  Operations answer as in v5 to
 * v7, with the RFC's choices of SVE, breakpoints and PMU, and with its slots:
 * before guest_memfd, the memory of a slot itself became the realm's.
 */
static const struct rme_uapi rme_rfc = {
	.config_items = 0x1f,
	.wrong_state = -EINVAL,
	.activate_wrong_state = -EINVAL,
	.slot_not_private = -EINVAL,
	.slot_memory = true,
};

static const struct rme_uapi rme_v10 = {
	.config_items = 0x3,
	.wrong_state = -EPERM,
	.activate_wrong_state = -EINVAL,
	.slot_not_private = -EPERM,
	.slot_memory = false,
};

/* ---- Activation -------------------------------------------------------- */

/* A vCPU of a realm that is not active is not finalised. */
static const struct activation_uapi activation_rme = {
	.by_run = false,
	.not_active = -EPERM,
};

static const struct activation_uapi activation_v12 = {
	.by_run = true,
	.irqchip_before_create = false,
	.vgic_not_initialized = 0,
	.run_after_failure = -ENXIO,
	.failure_kills_vm = false,
};

/* v13 to v15 */
static const struct activation_uapi activation_v13 = {
	.by_run = true,
	.irqchip_before_create = true,
	.vgic_not_initialized = 0,
	.run_after_failure = -EINVAL,
	.failure_kills_vm = false,
};

static const struct activation_uapi activation_latest = {
	.by_run = true,
	.irqchip_before_create = true,
	.vgic_not_initialized = -ENODEV,
	.run_after_failure = -EIO,
	.failure_kills_vm = true,
};

/* ---- Exits ------------------------------------------------------------- */

/*
 * The kvmtool of the RFC looks for devices at the addresses as they come, and
 * has none in the upper half.
 */
static const struct exits_uapi exits_rfc = {
	.psci_complete_ioctl = true,
	.psci_not_rec = -EPERM,
	.psci_no_target = -EINVAL,
	.psci_failed = -EINVAL,
	.unknown_status = -ENXIO,
	.ripas_needs_attributes = false,
	.generic_traps = false,
	.mmio_strips_shared = true,
};

/* To v12. */
static const struct exits_uapi exits_v12 = {
	.psci_complete_ioctl = true,
	.psci_not_rec = -EPERM,
	.psci_no_target = -EINVAL,
	.psci_failed = -EINVAL,
	.unknown_status = -ENXIO,
	.ripas_needs_attributes = false,
	.generic_traps = false,
};

static const struct exits_uapi exits_v13 = {
	.psci_complete_ioctl = true,
	.psci_not_rec = -EPERM,
	.psci_no_target = -EINVAL,
	.psci_failed = -ENXIO,
	.unknown_status = 0,
	.ripas_needs_attributes = false,
	.generic_traps = false,
};

/* v14, v15 */
static const struct exits_uapi exits_v14 = {
	.psci_complete_ioctl = false,
	.unknown_status = 0,
	.ripas_needs_attributes = false,
	.generic_traps = false,
};

static const struct exits_uapi exits_latest = {
	.psci_complete_ioctl = false,
	.unknown_status = 0,
	.ripas_needs_attributes = true,
	.generic_traps = true,
};

/* ---- Registers --------------------------------------------------------- */

static const struct register_list regs_v10 = { { RKVM_REG_PMCR_EL0,
    RKVM_REG_ID_AA64DFR0_EL1, RKVM_REG_SVE_VLS } };

static const struct register_list regs_v14 = { { RKVM_REG_ID_AA64DFR0_EL1,
    RKVM_REG_SVE_VLS } };

/* ---- Capabilities of a realm VM ---------------------------------------- */

/* In the RFC a VMM configures breakpoints by what it is told of them. */
static const struct cap_list caps_rfc = {
	.allow = false,
	.caps = { RKVM_CAP_READONLY_MEM, RKVM_CAP_SET_GUEST_DEBUG,
	    RKVM_CAP_STEAL_TIME, CAP_LIST_END },
};

/* Before v11 all but what the series took away, one by one. */
static const struct cap_list caps_v10 = {
	.allow = false,
	.caps = { RKVM_CAP_READONLY_MEM, RKVM_CAP_SET_GUEST_DEBUG,
	    RKVM_CAP_GUEST_DEBUG_HW_BPS, RKVM_CAP_GUEST_DEBUG_HW_WPS,
	    RKVM_CAP_STEAL_TIME, CAP_LIST_END },
};

/* The list is an inline function of the series, kvm_realm_ext_allowed(). */
#define CAPS_ALLOWED                                                        \
	RKVM_CAP_IRQCHIP, RKVM_CAP_ARM_PSCI, RKVM_CAP_ARM_PSCI_0_2,         \
	    RKVM_CAP_NR_VCPUS, RKVM_CAP_MAX_VCPUS, RKVM_CAP_MAX_VCPU_ID,    \
	    RKVM_CAP_MSI_DEVID, RKVM_CAP_ARM_VM_IPA_SIZE, RKVM_CAP_ARM_SVE, \
	    RKVM_CAP_ARM_PTRAUTH_ADDRESS, RKVM_CAP_ARM_PTRAUTH_GENERIC

static const struct cap_list caps_v12 = {
	.allow = true,
	.caps = { CAPS_ALLOWED, RKVM_CAP_ARM_PMU_V3, CAP_LIST_END },
};

static const struct cap_list caps_v13 = {
	.allow = true,
	.caps = { CAPS_ALLOWED, CAP_LIST_END },
};

static const struct cap_list caps_latest = {
	.allow = true,
	.caps = { CAPS_ALLOWED, RKVM_CAP_ONE_REG, RKVM_CAP_SYNC_MMU,
	    CAP_LIST_END },
};

/* ---- The profiles ------------------------------------------------------ */

#define FEATURES(n) ((1u << (n)) - 1) /* features 0 to n - 1 */

/* clang-format off */
#define AS_LATEST                                                            \
	.cap_rmi = RKVM_CAP_ARM_RMI_LATEST,                                  \
	.cap_gmem_flags = RKVM_CAP_GUEST_MEMFD_FLAGS,                        \
	.cap_gmem_attributes = RKVM_CAP_GMEM_ATTRIBUTES_LATEST,              \
	.vm_type_mask = RKVM_VM_TYPE_BIT_REALM | RKVM_VM_TYPE_PROTECTED,     \
	.vm_type_realm = RKVM_VM_TYPE_BIT_REALM,                             \
	.gmem_flags = RKVM_GUEST_MEMFD_MMAP | RKVM_GUEST_MEMFD_INIT_SHARED,  \
	.vcpu_features = FEATURES(9),                                        \
	.rtt_no_page = -ENOMEM,                                              \
	.enable_cap_listed = true,                                           \
	.realm_caps = &caps_latest,                                          \
	.set_regs = &regs_v14,                                               \
	.activation = &activation_latest,                                    \
	.exits = &exits_latest
/* clang-format on */

static const struct profile profiles[] = {
	{
	    .name = "rfc",
	    .about = "RFC to v7, 2023-01 to 2025-02: multiplexed",
	    .cap_rmi = RKVM_CAP_ARM_RME_RFC,
	    .vm_type_mask = RKVM_VM_TYPE_ARM_MASK,
	    .vm_type_realm = RKVM_VM_TYPE_ARM_REALM,
	    .vcpu_features = FEATURES(10),
	    .vcpu_rec = 1u << RKVM_ARM_VCPU_REC_RFC |
		1u << RKVM_ARM_VCPU_REC_V7 | 1u << RKVM_ARM_VCPU_REC_V10,
	    .rtt_no_page = -ENXIO,
	    .realm_caps = &caps_rfc,
	    .set_regs = &regs_v10,
	    .rme = &rme_rfc,
	    .activation = &activation_rme,
	    .exits = &exits_rfc,
	},
	{
	    .name = "v10",
	    .about = "v10, 2025-08: multiplexed",
	    .cap_rmi = RKVM_CAP_ARM_RME_V10,
	    .vm_type_mask = RKVM_VM_TYPE_ARM_MASK,
	    .vm_type_realm = RKVM_VM_TYPE_ARM_REALM,
	    .vcpu_features = FEATURES(10),
	    .vcpu_rec = 1u << RKVM_ARM_VCPU_REC_V10,
	    .rtt_no_page = -ENXIO,
	    .realm_caps = &caps_v10,
	    .set_regs = &regs_v10,
	    .rme = &rme_v10,
	    .activation = &activation_rme,
	    .exits = &exits_v12,
	},
	{
	    .name = "v12",
	    .about = "v12, 2025-12: an ioctl that returns bytes",
	    .cap_rmi = RKVM_CAP_ARM_RMI_V12,
	    .cap_gmem_flags = RKVM_CAP_GUEST_MEMFD_FLAGS,
	    .vm_type_mask = RKVM_VM_TYPE_ARM_MASK,
	    .vm_type_realm = RKVM_VM_TYPE_ARM_REALM,
	    .vcpu_features = FEATURES(9),
	    .rtt_no_page = -ENXIO,
	    .realm_caps = &caps_v12,
	    .set_regs = &regs_v10,
	    .populate = &populate_v12,
	    .activation = &activation_v12,
	    .exits = &exits_v12,
	    .bugs = BUG_INT_RESULT | BUG_WRAP,
	},
	{
	    .name = "v13",
	    .about = "v13, 2026-03: an ioctl that advances its arguments",
	    .cap_rmi = RKVM_CAP_ARM_RMI_V13,
	    .cap_gmem_flags = RKVM_CAP_GUEST_MEMFD_FLAGS,
	    .vm_type_mask = RKVM_VM_TYPE_ARM_MASK,
	    .vm_type_realm = RKVM_VM_TYPE_ARM_REALM,
	    .vcpu_features = FEATURES(9),
	    .rtt_no_page = -ENOMEM,
	    .realm_caps = &caps_v13,
	    .set_regs = &regs_v10,
	    .populate = &populate_v13,
	    .activation = &activation_v13,
	    .exits = &exits_v13,
	    .bugs = BUG_STATUS_AS_COUNT | BUG_WRAP,
	},
	{
	    .name = "v14",
	    .about = "v14, 2026-05: another VM type, PSCI in the kernel",
	    .cap_rmi = RKVM_CAP_ARM_RMI_V14,
	    .cap_gmem_flags = RKVM_CAP_GUEST_MEMFD_FLAGS,
	    .vm_type_mask = RKVM_VM_TYPE_BIT_REALM | RKVM_VM_TYPE_PROTECTED,
	    .vm_type_realm = RKVM_VM_TYPE_BIT_REALM,
	    .vcpu_features = FEATURES(9),
	    .rtt_no_page = -ENOMEM,
	    .enable_cap_listed = true,
	    .realm_caps = &caps_v13,
	    .set_regs = &regs_v14,
	    .populate = &populate_v13,
	    .activation = &activation_v13,
	    .exits = &exits_v14,
	    .bugs = BUG_STATUS_AS_COUNT | BUG_WRAP,
	},
	{
	    .name = "v15",
	    .about = "v15, 2026-07: private is an attribute of the guest_memfd",
	    .cap_rmi = RKVM_CAP_ARM_RMI_V15,
	    .cap_gmem_flags = RKVM_CAP_GUEST_MEMFD_FLAGS,
	    .cap_gmem_attributes = RKVM_CAP_GMEM_ATTRIBUTES_V15,
	    .vm_type_mask = RKVM_VM_TYPE_BIT_REALM | RKVM_VM_TYPE_PROTECTED,
	    .vm_type_realm = RKVM_VM_TYPE_BIT_REALM,
	    .gmem_flags = RKVM_GUEST_MEMFD_MMAP | RKVM_GUEST_MEMFD_INIT_SHARED,
	    .vcpu_features = FEATURES(9),
	    .rtt_no_page = -ENOMEM,
	    .enable_cap_listed = true,
	    .realm_caps = &caps_latest,
	    .set_regs = &regs_v14,
	    .populate = &populate_v15,
	    .activation = &activation_v13,
	    .exits = &exits_v14,
	},
	{
	    .name = "latest",
	    .about = "the newest tree, after v16: stricter checks",
	    AS_LATEST,
	    .populate = &populate_latest,
	},
	{
	    .name = "x-splice",
	    .about = "an experiment: populate by splice(2)",
	    AS_LATEST,
	    .splice = true,
	    .gmem_attributes = RKVM_MEMORY_ATTRIBUTE_MEASURE,
	},
	{
	    .name = "x-region-measure",
	    .about = "an experiment: measured by range, not by flag",
	    AS_LATEST,
	    .populate = &populate_region,
	    .gmem_attributes = RKVM_MEMORY_ATTRIBUTE_MEASURE,
	},
};
#define NUM_PROFILES (sizeof(profiles) / sizeof(profiles[0]))
#define DEFAULT	     "v13"

static const char *names[NUM_PROFILES + 1];

static void
fill_names(void)
{
	for (size_t i = 0; i < NUM_PROFILES; i++)
		names[i] = profiles[i].name;
}

RMMKVM_API const char *const *
rmmkvm_profiles(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fill_names);
	return names;
}

RMMKVM_API const char *
rmmkvm_profile_about(const char *name)
{
	const struct profile *profile = profile_find(name);

	return profile != NULL ? profile->about : NULL;
}

const struct profile *
profile_find(const char *name)
{
	if (name == NULL)
		name = getenv("RMM_KVM_PROFILE");
	if (name == NULL || name[0] == '\0')
		name = DEFAULT;
	for (size_t i = 0; i < NUM_PROFILES; i++)
		if (strcmp(profiles[i].name, name) == 0)
			return &profiles[i];
	return NULL;
}

/* ---- Bugs -------------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned bug;
} bug_names[] = {
	{ "status-as-count", BUG_STATUS_AS_COUNT },
	{ "int-result", BUG_INT_RESULT },
	{ "wrap", BUG_WRAP },
};

static unsigned
find_bug(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(bug_names) / sizeof(bug_names[0]); i++)
		if (strlen(bug_names[i].name) == length &&
		    strncmp(bug_names[i].name, name, length) == 0)
			return bug_names[i].bug;
	return 0;
}

int
bugs_parse(const char *text, unsigned *bugs)
{
	if (text == NULL)
		text = getenv("RMM_KVM_BUGS");
	*bugs = ~0u;
	if (text == NULL || text[0] == '\0' || strcmp(text, "all") == 0)
		return 0;
	*bugs = 0;
	if (strcmp(text, "none") == 0)
		return 0;
	for (;;) {
		size_t length = strcspn(text, ",");
		unsigned bug = find_bug(text, length);

		if (bug == 0)
			return -EINVAL;
		*bugs |= bug;
		if (text[length] == '\0')
			return 0;
		text += length + 1;
	}
}
