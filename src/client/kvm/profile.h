/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What changed from one posting of the kernel's series to the next.  A profile
 * is a row of such tables; postings that agree share one.  Nothing else in the
 * library knows which posting is played.
 *
 * A check's answer is -errno; 0 says that there is no such check.
 */
#ifndef PROFILE_H
#define PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vm;

/*
 * Bugs of a posted version.  They are played, unless they are switched off
 * (RMM_KVM_BUGS).
 */
#define BUG_STATUS_AS_COUNT 1u /* an RMI status is taken for a page count */
#define BUG_INT_RESULT	    2u /* a count of bytes passes through an int */
#define BUG_WRAP	    4u /* base + size may wrap */

/* KVM_ARM_RMI_POPULATE, in the order in which its checks happen. */
struct populate_uapi {
	uint32_t command;      /* command word */
	bool measure_by_range; /* no flag says so: the guest_memfd's range does
				*/
	/*
	 * What it returns that did so many pages, or failed (-errno); exact if
	 * the posting's bug is switched off.
	 */
	long (*result)(long pages, bool exact);
	bool writes_back; /* the structure, also after an error */
	int not_realm;
	int wraps;
	int source_unaligned; /* 0: the page around the address is taken */
	int source_null;      /* up front */
	int not_private_half; /* [base, base + size) */
	int size_zero;	      /* 0: nothing to do, and that is done */
	/* Of a page. */
	int source_null_page; /* 0: address 0 is read as any other */
	int prepared;	      /* the guest_memfd's page had contents */
	int data_failed;      /* DATA_CREATE: any status but RMI_ERROR_RTT */
	int rtt_too_deep;     /* RMI_ERROR_RTT at level 3; 0: as any status */
};

/* The multiplexed KVM_ENABLE_CAP: an operation per step of a realm's life. */
struct rme_uapi {
	uint32_t config_items; /* bit n: item n is known */
	int wrong_state;       /* INIT_RIPAS, POPULATE: the realm is not NEW */
	int activate_wrong_state;
	int slot_not_private; /* POPULATE: the slot has no guest_memfd */
	/* A slot without guest_memfd holds private memory all the same. */
	bool slot_memory;
};

/* KVM_RUN before and after the realm's activation. */
struct activation_uapi {
	bool by_run;	/* the first KVM_RUN does it; else an operation */
	int not_active; /* KVM_RUN, if it does not */
	bool irqchip_before_create; /* else the realm is lost for want of it */
	int vgic_not_initialized;
	int run_after_failure;
	bool failure_kills_vm; /* every ioctl is -EIO from then on */
};

/* What KVM_RUN does with a REC exit, and what completes it. */
struct exits_uapi {
	/* KVM_ARM_VCPU_RMI_PSCI_COMPLETE exists; the kernel completes else. */
	bool psci_complete_ioctl;
	int psci_not_rec;
	int psci_no_target;
	int psci_failed;
	/* REC_ENTER: a status of no known kind; 0: exit and dead VM. */
	int unknown_status;
	/*
	 * Before a RIPAS change is committed, memory must be private or shared
	 * as it asks; else the same KVM_EXIT_MEMORY_FAULT comes again.
	 */
	bool ripas_needs_attributes;
	/*
	 * Traps of a REC are handled as those of any vCPU, and WFI and WFE are
	 * among them.  Before, data aborts alone were.
	 */
	bool generic_traps;
	/* KVM_EXIT_MMIO tells an address without the bit that says "shared". */
	bool mmio_strips_shared;
};

/* Registers that KVM_SET_ONE_REG takes beside x0 to x30 and pc; 0 at the end.
 */
struct register_list {
	uint64_t ids[8];
};

/* Architecture capabilities of which a realm VM speaks, or keeps silent. */
struct cap_list {
	bool allow;	   /* listed are those it speaks of */
	uint16_t caps[24]; /* CAP_LIST_END at the end */
};
#define CAP_LIST_END UINT16_MAX

struct profile {
	const char *name;
	const char *about;
	/* Numbers. */
	unsigned cap_rmi;
	unsigned cap_gmem_flags;      /* 0: there is none */
	unsigned cap_gmem_attributes; /* 0: private is the VM's attribute */
	uint64_t vm_type_mask;	/* of the VM type's bits that say what kind */
	uint64_t vm_type_realm; /* the value that means a realm */
	uint64_t gmem_flags;	/* of KVM_CREATE_GUEST_MEMFD */
	uint32_t vcpu_features; /* bit n: feature n is known */
	uint32_t vcpu_rec;	/* features that mean a REC */
	int rtt_no_page;	/* no page for a table */
	/* KVM_ENABLE_CAP of what a realm does not speak of is -EINVAL. */
	bool enable_cap_listed;
	const struct cap_list *realm_caps;
	const struct register_list *set_regs;
	/* One of the three: an ioctl, KVM_ENABLE_CAP, or splice(2). */
	const struct populate_uapi *populate;
	const struct rme_uapi *rme;
	bool splice;
	/* Attributes of a guest_memfd beside PRIVATE. */
	uint64_t gmem_attributes;
	const struct activation_uapi *activation;
	const struct exits_uapi *exits;
	unsigned bugs; /* BUG_* of this posting */
};

/* NULL: $RMM_KVM_PROFILE, or the default. */
const struct profile *profile_find(const char *name);

/*
 * Parse "none", "all", or names with commas between them, into the bugs that
 * are to be played; NULL: $RMM_KVM_BUGS, or all.  -EINVAL.
 */
int bugs_parse(const char *text, unsigned *bugs);

#endif
