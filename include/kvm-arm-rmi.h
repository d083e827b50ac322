/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The part of Linux's KVM interface that a realm's VMM uses: command words and
 * structures, as the kernel lays them out on arm64.
 *
 * All of it bears names of the project's own.  The build machine's
 * <linux/kvm.h> may be older than the interface and of another architecture,
 * and a program may include both.
 */
#ifndef KVM_ARM_RMI_H
#define KVM_ARM_RMI_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Command words.  Fd: S the system's, V a VM's, C a vCPU's, D a device's, G a
 * guest_memfd's.
 */
#define RKVM_GET_API_VERSION	       0xAE00u	   /* S */
#define RKVM_CREATE_VM		       0xAE01u	   /* S */
#define RKVM_CHECK_EXTENSION	       0xAE03u	   /* S, V */
#define RKVM_GET_VCPU_MMAP_SIZE	       0xAE04u	   /* S */
#define RKVM_CREATE_VCPU	       0xAE41u	   /* V */
#define RKVM_SET_USER_MEMORY_REGION    0x4020AE46u /* V */
#define RKVM_SET_USER_MEMORY_REGION2   0x40A0AE49u /* V */
#define RKVM_IRQ_LINE		       0x4008AE61u /* V */
#define RKVM_SET_GSI_ROUTING	       0x4008AE6Au /* V; entries follow */
#define RKVM_IRQFD		       0x4020AE76u /* V */
#define RKVM_IOEVENTFD		       0x4040AE79u /* V */
#define RKVM_REGISTER_COALESCED_MMIO   0x4010AE67u /* V */
#define RKVM_UNREGISTER_COALESCED_MMIO 0x4010AE68u /* V */
#define RKVM_SIGNAL_MSI		       0x4020AEA5u /* V */
#define RKVM_SET_COUNTER_OFFSET	       0x4010AEB5u /* V */
#define RKVM_GET_STATS_FD	       0xAECEu	   /* V, C */
#define RKVM_SET_SIGNAL_MASK	       0x4004AE8Bu /* C; the set follows */
#define RKVM_GET_MP_STATE	       0x8004AE98u /* C */
#define RKVM_SET_MP_STATE	       0x4004AE99u /* C */
#define RKVM_GET_VCPU_EVENTS	       0x8040AE9Fu /* C */
#define RKVM_SET_VCPU_EVENTS	       0x4040AEA0u /* C */
#define RKVM_GET_REG_LIST	       0xC008AEB0u /* C; ids follow */
#define RKVM_RUN		       0xAE80u	   /* C */
#define RKVM_ENABLE_CAP		       0x4068AEA3u /* V, C */
#define RKVM_GET_MP_STATE	       0x8004AE98u /* C */
#define RKVM_SET_MP_STATE	       0x4004AE99u /* C */
#define RKVM_GET_ONE_REG	       0x4010AEABu /* C */
#define RKVM_SET_ONE_REG	       0x4010AEACu /* C */
#define RKVM_ARM_VCPU_INIT	       0x4020AEAEu /* C */
#define RKVM_ARM_PREFERRED_TARGET      0x8020AEAFu /* V */
#define RKVM_ARM_VCPU_FINALIZE	       0x4004AEC2u /* C */
#define RKVM_SET_MEMORY_ATTRIBUTES     0x4020AED2u /* V */
#define RKVM_SET_MEMORY_ATTRIBUTES2    0xC080AED2u /* G; v15 and later */
#define RKVM_CREATE_GUEST_MEMFD	       0xC040AED4u /* V */
#define RKVM_PSCI_COMPLETE	       0x4018AED6u /* C */
#define RKVM_POPULATE_V12	       0x4020AED7u /* V; returns bytes */
#define RKVM_POPULATE_V13	       0xC020AED7u /* V; advances in place */
#define RKVM_CREATE_DEVICE	       0xC00CAEE0u /* V */
#define RKVM_SET_DEVICE_ATTR	       0x4018AEE1u /* D, C */
#define RKVM_GET_DEVICE_ATTR	       0x4018AEE2u /* D, C */
#define RKVM_HAS_DEVICE_ATTR	       0x4018AEE3u /* D, C */

#define RKVM_API_VERSION	       12

/* Capabilities. */
#define RKVM_CAP_IRQCHIP		     0
#define RKVM_CAP_USER_MEMORY		     3
#define RKVM_CAP_NR_VCPUS		     9
#define RKVM_CAP_NR_MEMSLOTS		     10
#define RKVM_CAP_MP_STATE		     14
#define RKVM_CAP_COALESCED_MMIO		     15
#define RKVM_CAP_SYNC_MMU		     16
#define RKVM_CAP_DESTROY_MEMORY_REGION_WORKS 21
#define RKVM_CAP_SET_GUEST_DEBUG	     23
#define RKVM_CAP_IRQ_ROUTING		     25
#define RKVM_CAP_JOIN_MEMORY_REGIONS_WORKS   30
#define RKVM_CAP_IRQFD			     32
#define RKVM_CAP_IOEVENTFD		     36
#define RKVM_CAP_INTERNAL_ERROR_DATA	     40
#define RKVM_CAP_VCPU_EVENTS		     41
#define RKVM_CAP_MAX_VCPUS		     66
#define RKVM_CAP_ONE_REG		     70
#define RKVM_CAP_SIGNAL_MSI		     77
#define RKVM_CAP_READONLY_MEM		     81
#define RKVM_CAP_IRQFD_RESAMPLE		     82
#define RKVM_CAP_ARM_PSCI		     87
#define RKVM_CAP_DEVICE_CTRL		     89
#define RKVM_CAP_ENABLE_CAP_VM		     98
#define RKVM_CAP_ARM_PSCI_0_2		     102
#define RKVM_CAP_CHECK_EXTENSION_VM	     105
#define RKVM_CAP_GUEST_DEBUG_HW_BPS	     119
#define RKVM_CAP_GUEST_DEBUG_HW_WPS	     120
#define RKVM_CAP_IOEVENTFD_ANY_LENGTH	     122
#define RKVM_CAP_ARM_PMU_V3		     126
#define RKVM_CAP_VCPU_ATTRIBUTES	     127
#define RKVM_CAP_MAX_VCPU_ID		     128
#define RKVM_CAP_MSI_DEVID		     131
#define RKVM_CAP_IMMEDIATE_EXIT		     136
#define RKVM_CAP_ARM_USER_IRQ		     144
#define RKVM_CAP_ARM_INJECT_SERROR_ESR	     158
#define RKVM_CAP_COALESCED_PIO		     162
#define RKVM_CAP_ARM_VM_IPA_SIZE	     165
#define RKVM_CAP_MANUAL_DIRTY_LOG_PROTECT2   168
#define RKVM_CAP_ARM_SVE		     170
#define RKVM_CAP_ARM_PTRAUTH_ADDRESS	     171
#define RKVM_CAP_ARM_PTRAUTH_GENERIC	     172
#define RKVM_CAP_ARM_IRQ_LINE_LAYOUT_2	     174
#define RKVM_CAP_ARM_NISV_TO_USER	     177
#define RKVM_CAP_ARM_INJECT_EXT_DABT	     178
#define RKVM_CAP_HALT_POLL		     182
#define RKVM_CAP_STEAL_TIME		     187
#define RKVM_CAP_BINARY_STATS_FD	     203
#define RKVM_CAP_ARM_MTE		     205
#define RKVM_CAP_SYSTEM_EVENT_DATA	     215
#define RKVM_CAP_USER_MEMORY2		     231
#define RKVM_CAP_MEMORY_ATTRIBUTES	     233
#define RKVM_CAP_GUEST_MEMFD		     234

/*
 * Numbers that moved with every posting: KVM_CAP_ARM_RME or _RMI.  In the two
 * newest there is KVM_CAP_GUEST_MEMFD_MEMORY_ATTRIBUTES beside it.
 */
#define RKVM_CAP_ARM_RME_RFC		300
#define RKVM_CAP_ARM_RME_V10		244
#define RKVM_CAP_ARM_RMI_V12		247
#define RKVM_CAP_ARM_RMI_V13		248
#define RKVM_CAP_ARM_RMI_V14		249
#define RKVM_CAP_ARM_RMI_V15		251
#define RKVM_CAP_ARM_RMI_LATEST		253
#define RKVM_CAP_GMEM_ATTRIBUTES_V15	250
#define RKVM_CAP_GMEM_ATTRIBUTES_LATEST 252
#define RKVM_CAP_GUEST_MEMFD_FLAGS	244 /* from v12's base on */

/*
 * The machine type of KVM_CREATE_VM: its low byte is the width of IPAs, 0 means
 * 40 bits.  What says "a realm" moved in v14.
 */
#define RKVM_VM_TYPE_IPA_MASK  0xffull
#define RKVM_VM_TYPE_ARM_MASK  0xf00ull	    /* to v13 */
#define RKVM_VM_TYPE_ARM_REALM 0x100ull	    /* to v13 */
#define RKVM_VM_TYPE_BIT_REALM (1ull << 30) /* from v14 */
#define RKVM_VM_TYPE_PROTECTED (1ull << 31) /* pKVM, from v14's base on */

/* Flags and small numbers. */
#define RKVM_GUEST_MEMFD_MMAP	      1ull
#define RKVM_GUEST_MEMFD_INIT_SHARED  2ull
#define RKVM_MEM_LOG_DIRTY_PAGES      1u
#define RKVM_MEM_READONLY	      2u
#define RKVM_MEM_GUEST_MEMFD	      4u
#define RKVM_MEMORY_ATTRIBUTE_PRIVATE 8ull
/* No kernel has it: an experiment of librmmkvm. */
#define RKVM_MEMORY_ATTRIBUTE_MEASURE	      16ull
#define RKVM_POPULATE_MEASURE		      1u
#define RKVM_DEV_TYPE_ARM_VGIC_V2	      5
#define RKVM_DEV_TYPE_ARM_VGIC_V3	      7
#define RKVM_DEV_TYPE_ARM_VGIC_ITS	      8
#define RKVM_CREATE_DEVICE_TEST		      1u
#define RKVM_DEV_ARM_VGIC_GRP_ADDR	      0
#define RKVM_DEV_ARM_VGIC_GRP_DIST_REGS	      1
#define RKVM_DEV_ARM_VGIC_GRP_NR_IRQS	      3
#define RKVM_DEV_ARM_VGIC_GRP_CTRL	      4
#define RKVM_DEV_ARM_VGIC_GRP_REDIST_REGS     5
#define RKVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS     6
#define RKVM_DEV_ARM_VGIC_GRP_LEVEL_INFO      7
#define RKVM_DEV_ARM_VGIC_GRP_ITS_REGS	      8
#define RKVM_DEV_ARM_VGIC_CTRL_INIT	      0
#define RKVM_DEV_ARM_ITS_SAVE_TABLES	      1
#define RKVM_DEV_ARM_ITS_RESTORE_TABLES	      2
#define RKVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES 3
#define RKVM_DEV_ARM_ITS_CTRL_RESET	      4
#define RKVM_VGIC_V3_ADDR_TYPE_DIST	      2
#define RKVM_VGIC_V3_ADDR_TYPE_REDIST	      3
#define RKVM_VGIC_ITS_ADDR_TYPE		      4
#define RKVM_VGIC_V3_ADDR_TYPE_REDIST_REGION  5
/* Attributes of a vCPU. */
#define RKVM_ARM_VCPU_PMU_V3_CTRL      0
#define RKVM_ARM_VCPU_PMU_V3_IRQ       0
#define RKVM_ARM_VCPU_PMU_V3_INIT      1
#define RKVM_ARM_VCPU_TIMER_CTRL       1
#define RKVM_ARM_VCPU_TIMER_IRQ_VTIMER 0
#define RKVM_ARM_VCPU_TIMER_IRQ_PTIMER 1
#define RKVM_ARM_VCPU_PVTIME_CTRL      2
#define RKVM_ARM_VCPU_PVTIME_IPA       0
#define RKVM_ARM_TARGET_GENERIC_V8     5
#define RKVM_ARM_VCPU_POWER_OFF	       0 /* bit in features[0] */
#define RKVM_ARM_VCPU_EL1_32BIT	       1
#define RKVM_ARM_VCPU_PSCI_0_2	       2
#define RKVM_ARM_VCPU_PMU_V3	       3
#define RKVM_ARM_VCPU_SVE	       4
#define RKVM_ARM_VCPU_PTRAUTH_ADDRESS  5
#define RKVM_ARM_VCPU_PTRAUTH_GENERIC  6
#define RKVM_ARM_VCPU_FEATURES	       9
#define RKVM_ARM_VCPU_REC_RFC	       7 /* the realm's feature moved, too */
#define RKVM_ARM_VCPU_REC_V7	       8
#define RKVM_ARM_VCPU_REC_V10	       9

/*
 * The multiplexed interface, to v11: KVM_ENABLE_CAP(KVM_CAP_ARM_RME) on a VM,
 * args[0] an operation, args[1] the address of its structure.
 */
#define RKVM_RME_CONFIG_REALM	  0 /* struct rkvm_rme_config */
#define RKVM_RME_CREATE_REALM	  1
#define RKVM_RME_INIT_RIPAS_REALM 2 /* struct rkvm_rme_init_ripas */
#define RKVM_RME_POPULATE_REALM	  3 /* struct rkvm_rme_populate */
#define RKVM_RME_ACTIVATE_REALM	  4
/* rkvm_rme_config.cfg */
#define RKVM_RME_CONFIG_RPV	  0
#define RKVM_RME_CONFIG_HASH_ALGO 1
#define RKVM_RME_CONFIG_SVE	  2 /* RFC only, as the two below */
#define RKVM_RME_CONFIG_DEBUG	  3
#define RKVM_RME_CONFIG_PMU	  4
#define RKVM_RME_POPULATE_MEASURE 1u

/* KVM_SET_DEVICE_ATTR on a VM: which hypercalls go where. */
#define RKVM_VM_SMCCC_CTRL	      0 /* group */
#define RKVM_VM_SMCCC_FILTER	      0 /* attribute */
#define RKVM_SMCCC_FILTER_HANDLE      0 /* by the kernel */
#define RKVM_SMCCC_FILTER_DENY	      1
#define RKVM_SMCCC_FILTER_FWD_TO_USER 2

/* Registers: xN is the core register at 2 N, pc at 0x40, in 32-bit units. */
#define RKVM_REG_CORE		 0x6030000000100000ull
#define RKVM_REG_X(n)		 (RKVM_REG_CORE + 2ull * (n))
#define RKVM_REG_PC		 (RKVM_REG_CORE + 0x40)
#define RKVM_REG_MPIDR_EL1	 0x603000000013C005ull
#define RKVM_REG_ID_AA64DFR0_EL1 0x603000000013C028ull
#define RKVM_REG_PMCR_EL0	 0x603000000013DCE0ull
#define RKVM_REG_SVE_VLS	 0x606000000015FFFFull

#define RKVM_REG_FW_PSCI_VERSION 0x6030000000140000ull
#define RKVM_REG_TIMER_CNT	 0x603000000013DF1Aull
/* A 64-bit system register, by its encoding. */
#define RKVM_SYSREG(op0, op1, crn, crm, op2)             \
	((uint64_t)(op0) << 14 | (uint64_t)(op1) << 11 | \
	    (uint64_t)(crn) << 7 | (uint64_t)(crm) << 3 | (uint64_t)(op2))
#define RKVM_REG_SYSREG 0x6030000000130000ull /* + RKVM_SYSREG() */

/* Runnable, or switched off by PSCI. */
#define RKVM_MP_STATE_RUNNABLE	0u
#define RKVM_MP_STATE_STOPPED	5u
#define RKVM_MP_STATE_SUSPENDED 10u

/* KVM_IRQ_LINE: what kind of interrupt, of which vCPU, which. */
#define RKVM_IRQ_TYPE(irq)	 ((irq) >> 24 & 0xf)
#define RKVM_IRQ_VCPU(irq)	 (((irq) >> 16 & 0xff) | ((irq) >> 28) << 8)
#define RKVM_IRQ_NUM(irq)	 ((irq)&0xffff)
#define RKVM_IRQ_TYPE_CPU	 0u
#define RKVM_IRQ_TYPE_SPI	 1u
#define RKVM_IRQ_TYPE_PPI	 2u
#define RKVM_IRQFD_DEASSIGN	 1u
#define RKVM_IRQFD_RESAMPLE	 2u
#define RKVM_IOEVENTFD_DATAMATCH 1u
#define RKVM_IOEVENTFD_DEASSIGN	 4u
#define RKVM_IRQ_ROUTING_IRQCHIP 1u
#define RKVM_IRQ_ROUTING_MSI	 2u
#define RKVM_MSI_VALID_DEVID	 1u

/* Exit reasons and system events. */
#define RKVM_EXIT_UNKNOWN	   0u
#define RKVM_EXIT_HYPERCALL	   3u
#define RKVM_EXIT_MMIO		   6u
#define RKVM_EXIT_SHUTDOWN	   8u
#define RKVM_EXIT_INTR		   10u
#define RKVM_EXIT_INTERNAL_ERROR   17u
#define RKVM_EXIT_SYSTEM_EVENT	   24u
#define RKVM_EXIT_MEMORY_FAULT	   39u
#define RKVM_MEMORY_EXIT_PRIVATE   8ull
#define RKVM_HYPERCALL_SMC	   1ull /* it was no HVC */
#define RKVM_MP_STATE_RUNNABLE	   0u
#define RKVM_MP_STATE_STOPPED	   5u
#define RKVM_SYSTEM_EVENT_SHUTDOWN 1u
#define RKVM_SYSTEM_EVENT_RESET	   2u
#define RKVM_SYSTEM_EVENT_WAKEUP   4u

#define RKVM_SIZE(type, size) \
	static_assert(sizeof(struct type) == (size), "size of " #type)
#define RKVM_AT(type, field, offset) \
	static_assert(               \
	    offsetof(struct type, field) == (offset), #type "." #field)

struct rkvm_populate {
	uint64_t base;	       /* IPA */
	uint64_t size;	       /* bytes */
	uint64_t source_uaddr; /* of the caller */
	uint32_t flags;	       /* RKVM_POPULATE_MEASURE */
	uint32_t reserved;     /* 0 */
};
RKVM_SIZE(rkvm_populate, 32);
RKVM_AT(rkvm_populate, size, 8);
RKVM_AT(rkvm_populate, source_uaddr, 16);
RKVM_AT(rkvm_populate, flags, 24);
RKVM_AT(rkvm_populate, reserved, 28);

struct rkvm_enable_cap {
	uint32_t cap;
	uint32_t flags;
	uint64_t args[4];
	uint8_t pad[64];
};
RKVM_SIZE(rkvm_enable_cap, 104);
RKVM_AT(rkvm_enable_cap, args, 8);

struct rkvm_rme_config {
	uint32_t cfg;
	union {
		uint8_t rpv[64];
		uint32_t hash_algo; /* 0 SHA-256, 1 SHA-512 */
		uint32_t sve_vq;
		struct {
			uint32_t num_brps;
			uint32_t num_wrps;
		} debug;
		uint32_t num_pmu_cntrs;
		uint8_t reserved[256];
	} u;
};
RKVM_SIZE(rkvm_rme_config, 260);

struct rkvm_rme_init_ripas {
	uint64_t base; /* IPA */
	uint64_t size; /* bytes */
	uint64_t reserved[2];
};
RKVM_SIZE(rkvm_rme_init_ripas, 32);

struct rkvm_rme_populate {
	uint64_t base;	/* IPA; the source is the slot's userspace_addr */
	uint64_t size;	/* bytes */
	uint32_t flags; /* RKVM_RME_POPULATE_MEASURE */
	uint32_t reserved[3];
};
RKVM_SIZE(rkvm_rme_populate, 32);
RKVM_AT(rkvm_rme_populate, flags, 16);

struct rkvm_psci_complete {
	uint64_t target_mpidr;
	uint32_t psci_status;
	uint32_t padding[3];
};
RKVM_SIZE(rkvm_psci_complete, 24);
RKVM_AT(rkvm_psci_complete, psci_status, 8);

struct rkvm_create_guest_memfd {
	uint64_t size;
	uint64_t flags;
	uint64_t reserved[6];
};
RKVM_SIZE(rkvm_create_guest_memfd, 64);

struct rkvm_memory_region {
	uint32_t slot;
	uint32_t flags;
	uint64_t guest_phys_addr;
	uint64_t memory_size;
	uint64_t userspace_addr;
};
RKVM_SIZE(rkvm_memory_region, 32);

struct rkvm_memory_region2 {
	uint32_t slot;
	uint32_t flags;
	uint64_t guest_phys_addr;
	uint64_t memory_size;
	uint64_t userspace_addr;
	uint64_t guest_memfd_offset;
	uint32_t guest_memfd;
	uint32_t pad1;
	uint64_t pad2[14];
};
RKVM_SIZE(rkvm_memory_region2, 160);
RKVM_AT(rkvm_memory_region2, guest_memfd_offset, 0x20);
RKVM_AT(rkvm_memory_region2, guest_memfd, 0x28);

struct rkvm_memory_attributes {
	uint64_t address;
	uint64_t size;
	uint64_t attributes;
	uint64_t flags;
};
RKVM_SIZE(rkvm_memory_attributes, 32);

struct rkvm_memory_attributes2 {
	uint64_t offset; /* in the guest_memfd */
	uint64_t size;
	uint64_t attributes;
	uint64_t flags;	       /* 0 */
	uint64_t error_offset; /* out */
	uint64_t reserved[11]; /* 0 */
};
RKVM_SIZE(rkvm_memory_attributes2, 128);
RKVM_AT(rkvm_memory_attributes2, error_offset, 0x20);

struct rkvm_one_reg {
	uint64_t id;
	uint64_t addr; /* of the value, in the caller */
};
RKVM_SIZE(rkvm_one_reg, 16);

struct rkvm_vcpu_events {
	struct {
		uint8_t serror_pending;
		uint8_t serror_has_esr;
		uint8_t ext_dabt_pending;
		uint8_t pad[5];
		uint64_t serror_esr;
	} exception;
	uint32_t reserved[12];
};
RKVM_SIZE(rkvm_vcpu_events, 64);
RKVM_AT(rkvm_vcpu_events, exception.serror_esr, 8);

struct rkvm_irq_level {
	uint32_t irq;
	uint32_t level;
};
RKVM_SIZE(rkvm_irq_level, 8);

struct rkvm_irqfd {
	uint32_t fd;
	uint32_t gsi;
	uint32_t flags;
	uint32_t resamplefd;
	uint8_t pad[16];
};
RKVM_SIZE(rkvm_irqfd, 32);

struct rkvm_ioeventfd {
	uint64_t datamatch;
	uint64_t addr;
	uint32_t len; /* 0, 1, 2, 4 or 8 */
	int32_t fd;
	uint32_t flags;
	uint8_t pad[36];
};
RKVM_SIZE(rkvm_ioeventfd, 64);

struct rkvm_coalesced_mmio_zone {
	uint64_t addr;
	uint32_t size;
	uint32_t pio;
};
RKVM_SIZE(rkvm_coalesced_mmio_zone, 16);

struct rkvm_msi {
	uint32_t address_lo;
	uint32_t address_hi;
	uint32_t data;
	uint32_t flags;
	uint32_t devid;
	uint8_t pad[12];
};
RKVM_SIZE(rkvm_msi, 32);

/* Head of the routing table; nr entries follow. */
struct rkvm_irq_routing {
	uint32_t nr;
	uint32_t flags;
};
struct rkvm_irq_routing_entry {
	uint32_t gsi;
	uint32_t type;
	uint32_t flags;
	uint32_t pad;
	union {
		struct {
			uint32_t irqchip;
			uint32_t pin;
		} irqchip;
		struct {
			uint32_t address_lo;
			uint32_t address_hi;
			uint32_t data;
			uint32_t devid;
		} msi;
		uint32_t pad[8];
	} u;
};
RKVM_SIZE(rkvm_irq_routing_entry, 48);

struct rkvm_vcpu_init {
	uint32_t target;
	uint32_t features[7];
};
RKVM_SIZE(rkvm_vcpu_init, 32);

struct rkvm_create_device {
	uint32_t type;
	uint32_t fd; /* out */
	uint32_t flags;
};
RKVM_SIZE(rkvm_create_device, 12);

struct rkvm_device_attr {
	uint32_t flags;
	uint32_t group;
	uint64_t attr;
	uint64_t addr;
};
RKVM_SIZE(rkvm_device_attr, 24);

struct rkvm_smccc_filter {
	uint32_t base; /* function ID */
	uint32_t nr_functions;
	uint8_t action; /* RKVM_SMCCC_FILTER_* */
	uint8_t pad[15];
};
RKVM_SIZE(rkvm_smccc_filter, 24);

/* The head of struct kvm_run: what a realm's vCPU uses of it. */
struct rkvm_run {
	uint8_t request_interrupt_window;
	uint8_t immediate_exit;
	uint8_t pad0[6];
	uint32_t exit_reason;
	uint8_t pad1[20];
	union {
		struct {
			uint64_t flags;
			uint64_t gpa;
			uint64_t size;
		} memory_fault;
		struct {
			uint64_t nr;
			uint64_t args[6];
			uint64_t ret;
			uint64_t flags;
		} hypercall;
		struct {
			uint64_t phys_addr;
			uint8_t data[8];
			uint32_t len;
			uint8_t is_write;
		} mmio;
		struct {
			uint32_t type;
			uint32_t ndata;
			uint64_t data[16];
		} system_event;
		struct {
			uint32_t suberror;
			uint32_t ndata;
			uint64_t data[16];
		} internal;
		uint8_t pad[256];
	} u;
};
RKVM_AT(rkvm_run, immediate_exit, 1);
RKVM_AT(rkvm_run, exit_reason, 8);
RKVM_AT(rkvm_run, u, 0x20);
RKVM_AT(rkvm_run, u.system_event.data, 0x28);
RKVM_AT(rkvm_run, u.hypercall.ret, 0x58);
RKVM_AT(rkvm_run, u.mmio.len, 0x30);
RKVM_AT(rkvm_run, u.mmio.is_write, 0x34);

#endif
