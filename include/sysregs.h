/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System registers of a realm: the one list of those that belong to a REC's
 * state, and the encodings of those that are trapped.  Source: Arm Architecture
 * Reference Manual (DDI 0487), D19; GICv3 (IHI 0069), 12.2.
 */
#ifndef SYSREGS_H
#define SYSREGS_H

#include <stdint.h>

/* As in an MSR instruction: op0 15:14, op1 13:11, CRn 10:7, CRm 6:3, op2. */
#define SYSREG(op0, op1, crn, crm, op2) \
	((op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

/* X(name, encoding): what is saved and restored with a REC. */
#define REC_SYSREGS(X)                            \
	X(SP_EL0, SYSREG(3, 0, 4, 1, 0))          \
	X(SP_EL1, SYSREG(3, 4, 4, 1, 0))          \
	X(ELR_EL1, SYSREG(3, 0, 4, 0, 1))         \
	X(SPSR_EL1, SYSREG(3, 0, 4, 0, 0))        \
	X(ESR_EL1, SYSREG(3, 0, 5, 2, 0))         \
	X(FAR_EL1, SYSREG(3, 0, 6, 0, 0))         \
	X(VBAR_EL1, SYSREG(3, 0, 12, 0, 0))       \
	X(SCTLR_EL1, SYSREG(3, 0, 1, 0, 0))       \
	X(CPACR_EL1, SYSREG(3, 0, 1, 0, 2))       \
	X(TTBR0_EL1, SYSREG(3, 0, 2, 0, 0))       \
	X(TTBR1_EL1, SYSREG(3, 0, 2, 0, 1))       \
	X(TCR_EL1, SYSREG(3, 0, 2, 0, 2))         \
	X(MAIR_EL1, SYSREG(3, 0, 10, 2, 0))       \
	X(AMAIR_EL1, SYSREG(3, 0, 10, 3, 0))      \
	X(AFSR0_EL1, SYSREG(3, 0, 5, 1, 0))       \
	X(AFSR1_EL1, SYSREG(3, 0, 5, 1, 1))       \
	X(PAR_EL1, SYSREG(3, 0, 7, 4, 0))         \
	X(CONTEXTIDR_EL1, SYSREG(3, 0, 13, 0, 1)) \
	X(TPIDR_EL0, SYSREG(3, 3, 13, 0, 2))      \
	X(TPIDRRO_EL0, SYSREG(3, 3, 13, 0, 3))    \
	X(TPIDR_EL1, SYSREG(3, 0, 13, 0, 4))      \
	X(CSSELR_EL1, SYSREG(3, 2, 0, 0, 0))      \
	X(MDSCR_EL1, SYSREG(2, 0, 0, 2, 2))       \
	X(CNTKCTL_EL1, SYSREG(3, 0, 14, 1, 0))    \
	X(CNTP_CTL_EL0, SYSREG(3, 3, 14, 2, 1))   \
	X(CNTP_CVAL_EL0, SYSREG(3, 3, 14, 2, 2))  \
	X(CNTV_CTL_EL0, SYSREG(3, 3, 14, 3, 1))   \
	X(CNTV_CVAL_EL0, SYSREG(3, 3, 14, 3, 2))

enum rec_sysreg {
#define REC_SYSREG_ID(name, encoding) REC_##name,
	REC_SYSREGS(REC_SYSREG_ID)
#undef REC_SYSREG_ID
	    REC_NUM_SYSREGS
};

/* X(name, encoding): the CPU interface of the GIC; the virtual one answers. */
#define ICC_SYSREGS(X)                              \
	X(ICC_PMR_EL1, SYSREG(3, 0, 4, 6, 0))       \
	X(ICC_IAR0_EL1, SYSREG(3, 0, 12, 8, 0))     \
	X(ICC_EOIR0_EL1, SYSREG(3, 0, 12, 8, 1))    \
	X(ICC_HPPIR0_EL1, SYSREG(3, 0, 12, 8, 2))   \
	X(ICC_BPR0_EL1, SYSREG(3, 0, 12, 8, 3))     \
	X(ICC_AP0R0_EL1, SYSREG(3, 0, 12, 8, 4))    \
	X(ICC_AP1R0_EL1, SYSREG(3, 0, 12, 9, 0))    \
	X(ICC_DIR_EL1, SYSREG(3, 0, 12, 11, 1))     \
	X(ICC_RPR_EL1, SYSREG(3, 0, 12, 11, 3))     \
	X(ICC_SGI1R_EL1, SYSREG(3, 0, 12, 11, 5))   \
	X(ICC_ASGI1R_EL1, SYSREG(3, 0, 12, 11, 6))  \
	X(ICC_SGI0R_EL1, SYSREG(3, 0, 12, 11, 7))   \
	X(ICC_IAR1_EL1, SYSREG(3, 0, 12, 12, 0))    \
	X(ICC_EOIR1_EL1, SYSREG(3, 0, 12, 12, 1))   \
	X(ICC_HPPIR1_EL1, SYSREG(3, 0, 12, 12, 2))  \
	X(ICC_BPR1_EL1, SYSREG(3, 0, 12, 12, 3))    \
	X(ICC_CTLR_EL1, SYSREG(3, 0, 12, 12, 4))    \
	X(ICC_SRE_EL1, SYSREG(3, 0, 12, 12, 5))     \
	X(ICC_IGRPEN0_EL1, SYSREG(3, 0, 12, 12, 6)) \
	X(ICC_IGRPEN1_EL1, SYSREG(3, 0, 12, 12, 7))

/* Likewise: views of counter and timers, besides those of the REC's state. */
#define TIMER_SYSREGS(X)                         \
	X(CNTFRQ_EL0, SYSREG(3, 3, 14, 0, 0))    \
	X(CNTPCT_EL0, SYSREG(3, 3, 14, 0, 1))    \
	X(CNTVCT_EL0, SYSREG(3, 3, 14, 0, 2))    \
	X(CNTPCTSS_EL0, SYSREG(3, 3, 14, 0, 5))  \
	X(CNTVCTSS_EL0, SYSREG(3, 3, 14, 0, 6))  \
	X(CNTP_TVAL_EL0, SYSREG(3, 3, 14, 2, 0)) \
	X(CNTV_TVAL_EL0, SYSREG(3, 3, 14, 3, 0))

/* Likewise: the PMU, as far as its overflow goes. */
#define PMU_SYSREGS(X)                            \
	X(PMCR_EL0, SYSREG(3, 3, 9, 12, 0))       \
	X(PMCNTENSET_EL0, SYSREG(3, 3, 9, 12, 1)) \
	X(PMCNTENCLR_EL0, SYSREG(3, 3, 9, 12, 2)) \
	X(PMOVSCLR_EL0, SYSREG(3, 3, 9, 12, 3))   \
	X(PMINTENSET_EL1, SYSREG(3, 0, 9, 14, 1)) \
	X(PMINTENCLR_EL1, SYSREG(3, 0, 9, 14, 2)) \
	X(PMOVSSET_EL0, SYSREG(3, 3, 9, 14, 3))

/* Likewise: what identifies the PE and its features; read only. */
#define ID_SYSREGS(X)                              \
	X(MIDR_EL1, SYSREG(3, 0, 0, 0, 0))         \
	X(MPIDR_EL1, SYSREG(3, 0, 0, 0, 5))        \
	X(REVIDR_EL1, SYSREG(3, 0, 0, 0, 6))       \
	X(ID_AA64PFR0_EL1, SYSREG(3, 0, 0, 4, 0))  \
	X(ID_AA64PFR1_EL1, SYSREG(3, 0, 0, 4, 1))  \
	X(ID_AA64ZFR0_EL1, SYSREG(3, 0, 0, 4, 4))  \
	X(ID_AA64SMFR0_EL1, SYSREG(3, 0, 0, 4, 5)) \
	X(ID_AA64DFR0_EL1, SYSREG(3, 0, 0, 5, 0))  \
	X(ID_AA64DFR1_EL1, SYSREG(3, 0, 0, 5, 1))  \
	X(ID_AA64AFR0_EL1, SYSREG(3, 0, 0, 5, 4))  \
	X(ID_AA64AFR1_EL1, SYSREG(3, 0, 0, 5, 5))  \
	X(ID_AA64ISAR0_EL1, SYSREG(3, 0, 0, 6, 0)) \
	X(ID_AA64ISAR1_EL1, SYSREG(3, 0, 0, 6, 1)) \
	X(ID_AA64ISAR2_EL1, SYSREG(3, 0, 0, 6, 2)) \
	X(ID_AA64MMFR0_EL1, SYSREG(3, 0, 0, 7, 0)) \
	X(ID_AA64MMFR1_EL1, SYSREG(3, 0, 0, 7, 1)) \
	X(ID_AA64MMFR2_EL1, SYSREG(3, 0, 0, 7, 2)) \
	X(CCSIDR_EL1, SYSREG(3, 1, 0, 0, 0))       \
	X(CLIDR_EL1, SYSREG(3, 1, 0, 0, 1))        \
	X(AIDR_EL1, SYSREG(3, 1, 0, 0, 7))         \
	X(CTR_EL0, SYSREG(3, 3, 0, 0, 1))          \
	X(DCZID_EL0, SYSREG(3, 3, 0, 0, 7))

#define SYSREG_ENCODING(name, encoding) SYSREG_##name = (encoding),
enum sysreg {
	REC_SYSREGS(SYSREG_ENCODING) ICC_SYSREGS(SYSREG_ENCODING)
	    TIMER_SYSREGS(SYSREG_ENCODING) PMU_SYSREGS(SYSREG_ENCODING)
		ID_SYSREGS(SYSREG_ENCODING)
};
#undef SYSREG_ENCODING

/* PSTATE as SPSR_EL1 holds it. */
#define PSTATE_EL0	0x0ull
#define PSTATE_EL1T	0x4ull
#define PSTATE_EL1H	0x5ull
#define PSTATE_MODE	0xfull
#define PSTATE_AARCH32	0x10ull
#define PSTATE_DAIF	0x3c0ull
#define PSTATE_RESET	(PSTATE_DAIF | PSTATE_EL1H)

#define SCTLR_EL1_RESET 0x30d00800ull /* the RES1 bits: MMU and caches off */

/* CNTx_CTL_EL0 */
#define CNT_CTL_ENABLE	(1ull << 0)
#define CNT_CTL_IMASK	(1ull << 1)
#define CNT_CTL_ISTATUS (1ull << 2)

#endif
