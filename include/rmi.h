/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Realm Management Interface as both sides of the wire see it: status
 * words, enumerations and the layouts of the structures that a host keeps in
 * Non-secure memory.  Source: DEN0137 1.0-rel0, sections B4.3 and B4.4.
 *
 * All structures are little endian, as is every machine rmmd is built for.
 */
#ifndef RMI_H
#define RMI_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "psci-commands.h"
#include "rmi-commands.h"

#define SMC_REGS	  18 /* X0 to X17: SMCCC 1.2 */
#define SMC_ARGS_MAX	  10
#define SMC_NOT_SUPPORTED UINT64_MAX /* SMCCC: unknown function id */

#define GRANULE_SHIFT	  12
#define GRANULE_SIZE	  4096u

/* What the command table says about one command. */
struct smc_abi {
	uint32_t fid;
	const char *name;    /* "RMI_DATA_CREATE" */
	const char *section; /* of DEN0137: "B4.3.1" */
	const char *summary;
	const char *inputs[SMC_ARGS_MAX + 1];  /* X1.., NULL ends */
	const char *outputs[SMC_ARGS_MAX + 1]; /* X1.., NULL ends */
};

/* RmiCommandReturnCode (B4.4.1): status 7:0, index 15:8. */
enum rmi_status {
	RMI_SUCCESS = 0,
	RMI_ERROR_INPUT = 1,
	RMI_ERROR_REALM = 2,
	RMI_ERROR_REC = 3,
	RMI_ERROR_RTT = 4,
};
#define RMI_RESULT(status, index) ((uint64_t)(status) | (uint64_t)(index) << 8)
#define RMI_STATUS(x0)		  ((unsigned)((x0)&0xff))
#define RMI_INDEX(x0)		  ((unsigned)((x0) >> 8 & 0xff))

/* RmiInterfaceVersion (B4.4.9): minor 15:0, major 30:16. */
#define RMI_VERSION_1_0 0x10000u

/* RmiRttEntryState and RmiRipas: as RTT_READ_ENTRY reports them. */
enum rmi_rtt_entry_state {
	RMI_UNASSIGNED = 0,
	RMI_ASSIGNED = 1,
	RMI_TABLE = 2
};
enum rmi_ripas { RMI_EMPTY = 0, RMI_RAM = 1, RMI_DESTROYED = 2 };

/* RmiDataFlags: bit 0. */
#define RMI_NO_MEASURE_CONTENT 0u
#define RMI_MEASURE_CONTENT    1u

enum rmi_hash_algorithm { RMI_HASH_SHA_256 = 0, RMI_HASH_SHA_512 = 1 };

/* RmiFeatureRegister0: position and width of each field. */
#define RMI_FEATURE0_S2SZ	    0, 8
#define RMI_FEATURE0_LPA2	    8, 1
#define RMI_FEATURE0_SVE_EN	    9, 1
#define RMI_FEATURE0_SVE_VL	    10, 4
#define RMI_FEATURE0_NUM_BPS	    14, 6
#define RMI_FEATURE0_NUM_WPS	    20, 6
#define RMI_FEATURE0_PMU_EN	    26, 1
#define RMI_FEATURE0_PMU_NUM_CTRS   27, 5
#define RMI_FEATURE0_HASH_SHA_256   32, 1
#define RMI_FEATURE0_HASH_SHA_512   33, 1
#define RMI_FEATURE0_GICV3_NUM_LRS  34, 4
#define RMI_FEATURE0_MAX_RECS_ORDER 38, 4
/* RMI_FEATURE(reg, S2SZ): the field's value. */
#define RMI_FIELD_GET(reg, lsb, width) \
	((reg) >> (lsb) & ((1ull << (width)) - 1))
#define RMI_FIELD_PUT(value, lsb, width) \
	(((uint64_t)(value) & ((1ull << (width)) - 1)) << (lsb))
#define RMI_FIELD_GET_(reg, field)    RMI_FIELD_GET(reg, field)
#define RMI_FIELD_PUT_(value, field)  RMI_FIELD_PUT(value, field)
#define RMI_FEATURE0_GET(reg, name)   RMI_FIELD_GET_(reg, RMI_FEATURE0_##name)
#define RMI_FEATURE0_PUT(name, value) RMI_FIELD_PUT_(value, RMI_FEATURE0_##name)

#define RMI_LAYOUT(type, field, offset) \
	static_assert(                  \
	    offsetof(struct type, field) == (offset), #type "." #field)
#define RMI_PAGE(type) static_assert(sizeof(struct type) == 4096, #type)

/* RmiRealmParams.  Bytes that no field names are SBZ. */
#define RMI_REALM_FLAG_LPA2 (1u << 0)
#define RMI_REALM_FLAG_SVE  (1u << 1)
#define RMI_REALM_FLAG_PMU  (1u << 2)
struct rmi_realm_params {
	uint64_t flags;
	uint8_t s2sz; /* IPA width in bits */
	uint8_t pad0[7];
	uint8_t sve_vl; /* VQ - 1 */
	uint8_t pad1[7];
	uint8_t num_bps; /* count - 1 */
	uint8_t pad2[7];
	uint8_t num_wps; /* count - 1 */
	uint8_t pad3[7];
	uint8_t pmu_num_ctrs;
	uint8_t pad4[7];
	uint8_t hash_algo;
	uint8_t pad5[0x400 - 0x31];
	uint8_t rpv[64];
	uint8_t pad6[0x800 - 0x440];
	uint16_t vmid;
	uint8_t pad7[6];
	uint64_t rtt_base;
	int64_t rtt_level_start;
	uint32_t rtt_num_start;
	uint8_t pad8[0x1000 - 0x81c];
};
RMI_PAGE(rmi_realm_params);
RMI_LAYOUT(rmi_realm_params, s2sz, 0x8);
RMI_LAYOUT(rmi_realm_params, sve_vl, 0x10);
RMI_LAYOUT(rmi_realm_params, num_bps, 0x18);
RMI_LAYOUT(rmi_realm_params, num_wps, 0x20);
RMI_LAYOUT(rmi_realm_params, pmu_num_ctrs, 0x28);
RMI_LAYOUT(rmi_realm_params, hash_algo, 0x30);
RMI_LAYOUT(rmi_realm_params, rpv, 0x400);
RMI_LAYOUT(rmi_realm_params, vmid, 0x800);
RMI_LAYOUT(rmi_realm_params, rtt_base, 0x808);
RMI_LAYOUT(rmi_realm_params, rtt_level_start, 0x810);
RMI_LAYOUT(rmi_realm_params, rtt_num_start, 0x818);

/* RmiRecParams. */
#define RMI_REC_FLAG_RUNNABLE (1u << 0)
#define RMI_REC_CREATE_GPRS   8
#define RMI_REC_AUX_MAX	      16
struct rmi_rec_params {
	uint64_t flags;
	uint8_t pad0[0x100 - 0x8];
	uint64_t mpidr; /* Aff0 3:0, Aff1 15:8, Aff2 23:16, Aff3 31:24 */
	uint8_t pad1[0x200 - 0x108];
	uint64_t pc;
	uint8_t pad2[0x300 - 0x208];
	uint64_t gprs[RMI_REC_CREATE_GPRS];
	uint8_t pad3[0x800 - 0x340];
	uint64_t num_aux;
	uint64_t aux[RMI_REC_AUX_MAX];
	uint8_t pad4[0x1000 - 0x888];
};
RMI_PAGE(rmi_rec_params);
RMI_LAYOUT(rmi_rec_params, mpidr, 0x100);
RMI_LAYOUT(rmi_rec_params, pc, 0x200);
RMI_LAYOUT(rmi_rec_params, gprs, 0x300);
RMI_LAYOUT(rmi_rec_params, num_aux, 0x800);
RMI_LAYOUT(rmi_rec_params, aux, 0x808);

/* RmiRecEnterFlags. */
#define RMI_REC_ENTER_EMUL_MMIO	     (1u << 0)
#define RMI_REC_ENTER_INJECT_SEA     (1u << 1)
#define RMI_REC_ENTER_TRAP_WFI	     (1u << 2)
#define RMI_REC_ENTER_TRAP_WFE	     (1u << 3)
#define RMI_REC_ENTER_RIPAS_RESPONSE (1u << 4)

/* RmiRecExitReason. */
enum rmi_rec_exit_reason {
	RMI_EXIT_SYNC = 0,
	RMI_EXIT_IRQ = 1,
	RMI_EXIT_FIQ = 2,
	RMI_EXIT_PSCI = 3,
	RMI_EXIT_RIPAS_CHANGE = 4,
	RMI_EXIT_HOST_CALL = 5,
	RMI_EXIT_SERROR = 6,
};

#define RMI_REC_GPRS	  31
#define RMI_REC_GICV3_LRS 16

/* RmiRecRun: RmiRecEnter at 0, RmiRecExit at 0x800. */
struct rmi_rec_enter {
	uint64_t flags;
	uint8_t pad0[0x200 - 0x8];
	uint64_t gprs[RMI_REC_GPRS];
	uint8_t pad1[0x300 - 0x2f8];
	uint64_t gicv3_hcr;
	uint64_t gicv3_lrs[RMI_REC_GICV3_LRS];
	uint8_t pad2[0x800 - 0x388];
};
struct rmi_rec_exit {
	uint8_t exit_reason;
	uint8_t pad0[0x100 - 0x1];
	uint64_t esr;
	uint64_t far;
	uint64_t hpfar;
	uint8_t pad1[0x200 - 0x118];
	uint64_t gprs[RMI_REC_GPRS];
	uint8_t pad2[0x300 - 0x2f8];
	uint64_t gicv3_hcr;
	uint64_t gicv3_lrs[RMI_REC_GICV3_LRS];
	uint64_t gicv3_misr;
	uint64_t gicv3_vmcr;
	uint8_t pad3[0x400 - 0x398];
	uint64_t cntp_ctl;
	uint64_t cntp_cval;
	uint64_t cntv_ctl;
	uint64_t cntv_cval;
	uint8_t pad4[0x500 - 0x420];
	uint64_t ripas_base;
	uint64_t ripas_top;
	uint8_t ripas_value;
	uint8_t pad5[0x600 - 0x511];
	uint16_t imm;
	uint8_t pad6[0x700 - 0x602];
	uint8_t pmu_ovf_status;
	uint8_t pad7[0x800 - 0x701];
};
struct rmi_rec_run {
	struct rmi_rec_enter enter;
	struct rmi_rec_exit exit;
};
RMI_PAGE(rmi_rec_run);
RMI_LAYOUT(rmi_rec_run, exit, 0x800);
RMI_LAYOUT(rmi_rec_enter, gprs, 0x200);
RMI_LAYOUT(rmi_rec_enter, gicv3_hcr, 0x300);
RMI_LAYOUT(rmi_rec_enter, gicv3_lrs, 0x308);
RMI_LAYOUT(rmi_rec_exit, esr, 0x100);
RMI_LAYOUT(rmi_rec_exit, far, 0x108);
RMI_LAYOUT(rmi_rec_exit, hpfar, 0x110);
RMI_LAYOUT(rmi_rec_exit, gprs, 0x200);
RMI_LAYOUT(rmi_rec_exit, gicv3_hcr, 0x300);
RMI_LAYOUT(rmi_rec_exit, gicv3_lrs, 0x308);
RMI_LAYOUT(rmi_rec_exit, gicv3_misr, 0x388);
RMI_LAYOUT(rmi_rec_exit, gicv3_vmcr, 0x390);
RMI_LAYOUT(rmi_rec_exit, cntp_ctl, 0x400);
RMI_LAYOUT(rmi_rec_exit, cntv_cval, 0x418);
RMI_LAYOUT(rmi_rec_exit, ripas_base, 0x500);
RMI_LAYOUT(rmi_rec_exit, ripas_value, 0x510);
RMI_LAYOUT(rmi_rec_exit, imm, 0x600);
RMI_LAYOUT(rmi_rec_exit, pmu_ovf_status, 0x700);

/* PsciReturnCode (B6.4.2). */
#define PSCI_SUCCESS		0
#define PSCI_OFF		1 /* of PSCI_AFFINITY_INFO */
#define PSCI_NOT_SUPPORTED	(-1)
#define PSCI_INVALID_PARAMETERS (-2)
#define PSCI_DENIED		(-3)
#define PSCI_ALREADY_ON		(-4)
#define PSCI_INVALID_ADDRESS	(-9)

#endif
