/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The registers that tell a realm what its PE is and can do: an Armv9.2 PE with
 * what the realm's parameters give it (A3.1).  Source: Arm Architecture
 * Reference Manual (DDI 0487), D19.2.
 */
#include "sysreg.h"

#define FIELD(value, shift) ((uint64_t)(value) << (shift))

/* EL0 to EL3 in AArch64, FP and Advanced SIMD with FP16, GICv3, RAS, DIT. */
#define PFR0                                                            \
	(FIELD(1, 0) | FIELD(1, 4) | FIELD(1, 8) | FIELD(1, 12) |       \
	    FIELD(1, 16) | FIELD(1, 20) | FIELD(1, 24) | FIELD(1, 28) | \
	    FIELD(1, 48) | FIELD(1, 56) | FIELD(1, 60))
#define PFR0_SVE  FIELD(1, 32)
#define PFR1	  (FIELD(1, 0) | FIELD(2, 4)) /* BTI, SSBS */
#define ZFR0_SVE2 FIELD(1, 0)
#define DFR0	  FIELD(6, 0) /* Armv8 debug */
#define DFR0_PMU  FIELD(7, 8) /* PMUv3p7 */
/* CRC32, atomics, RDM, dot product, FHM, flags, TLBI ranges. */
#define ISAR0                                                        \
	(FIELD(1, 16) | FIELD(2, 20) | FIELD(1, 28) | FIELD(1, 44) | \
	    FIELD(1, 48) | FIELD(2, 52) | FIELD(2, 56))
/* DC CVADP, LRCPC, FRINT, SB, SPECRES, BFloat16, I8MM. */
#define ISAR1                                                       \
	(FIELD(2, 0) | FIELD(2, 20) | FIELD(1, 32) | FIELD(1, 36) | \
	    FIELD(1, 40) | FIELD(1, 44) | FIELD(1, 52))
#define ISAR2 FIELD(2, 0) /* WFET and WFIT */
/* 16-bit ASIDs, 4 KiB granules only, FGT, ECV. */
#define MMFR0	   (FIELD(2, 4) | FIELD(15, 24) | FIELD(1, 56) | FIELD(2, 60))
#define MMFR0_LPA2 FIELD(1, 28)
/* Access flag and dirty state, VHE, hierarchical permissions, PAN, XNX. */
#define MMFR1                                                     \
	(FIELD(2, 0) | FIELD(2, 4) | FIELD(1, 8) | FIELD(2, 12) | \
	    FIELD(3, 20) | FIELD(1, 28))
/* CnP, UAO, IESB, unaligned atomics, IDST, FWB, TTL, BBM, E0PD. */
#define MMFR2                                                           \
	(FIELD(1, 0) | FIELD(1, 4) | FIELD(1, 12) | FIELD(1, 32) |      \
	    FIELD(1, 36) | FIELD(1, 40) | FIELD(1, 48) | FIELD(2, 52) | \
	    FIELD(1, 60))

#define MIDR	   0x410fd0f0ull /* Arm, the architecture's envelope model */
#define MPIDR_RES1 FIELD(1, 31)
#define CCSIDR	   0x700fe01aull /* 32 KiB, 4 ways, lines of 64 bytes */
#define CLIDR	   0x0a200023ull /* level 1 split, level 2 unified */
#define CTR	   0x8444c004ull /* lines of 64 bytes, PIPT */
#define DCZID	   4ull		 /* DC ZVA: 64 bytes */

/* The counts of DFR0 have 4 bits; where they do not do, DFR1 has 8. */
static uint64_t
short_count(uint8_t count)
{
	return count < 15 ? count : 15;
}

static uint64_t
long_count(uint8_t count)
{
	return count > 15 ? count : 0;
}

/* PARange: the smallest that has all IPAs of the realm, which are its PAs. */
static uint64_t
pa_range(const struct realm *realm)
{
	static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48, 52 };
	uint64_t range = 0;

	while (bits[range] < realm->ipa_width)
		range++;
	return range;
}

/* Returns false if there is no such register. */
static bool
id_value(const struct rec *rec, const struct realm *realm, unsigned reg,
    uint64_t *value)
{
	switch (reg) {
	case SYSREG_MIDR_EL1:
		*value = MIDR;
		return true;
	case SYSREG_MPIDR_EL1:
		*value = MPIDR_RES1 | (rec->mpidr & 0xffffff) |
		    FIELD(rec->mpidr >> 24 & 0xff, 32);
		return true;
	case SYSREG_ID_AA64PFR0_EL1:
		*value = PFR0 | (realm->sve ? PFR0_SVE : 0);
		return true;
	case SYSREG_ID_AA64PFR1_EL1:
		*value = PFR1;
		return true;
	case SYSREG_ID_AA64ZFR0_EL1:
		*value = realm->sve ? ZFR0_SVE2 : 0;
		return true;
	case SYSREG_ID_AA64DFR0_EL1:
		*value = DFR0 | (realm->pmu ? DFR0_PMU : 0) |
		    FIELD(short_count(realm->num_bps), 12) |
		    FIELD(short_count(realm->num_wps), 20);
		return true;
	case SYSREG_ID_AA64DFR1_EL1:
		*value = FIELD(long_count(realm->num_bps), 8) |
		    FIELD(long_count(realm->num_wps), 16);
		return true;
	case SYSREG_ID_AA64ISAR0_EL1:
		*value = ISAR0;
		return true;
	case SYSREG_ID_AA64ISAR1_EL1:
		*value = ISAR1;
		return true;
	case SYSREG_ID_AA64ISAR2_EL1:
		*value = ISAR2;
		return true;
	case SYSREG_ID_AA64MMFR0_EL1:
		*value =
		    MMFR0 | pa_range(realm) | (realm->lpa2 ? MMFR0_LPA2 : 0);
		return true;
	case SYSREG_ID_AA64MMFR1_EL1:
		*value = MMFR1;
		return true;
	case SYSREG_ID_AA64MMFR2_EL1:
		*value = MMFR2;
		return true;
	case SYSREG_CCSIDR_EL1:
		*value = CCSIDR;
		return true;
	case SYSREG_CLIDR_EL1:
		*value = CLIDR;
		return true;
	case SYSREG_CTR_EL0:
		*value = CTR;
		return true;
	case SYSREG_DCZID_EL0:
		*value = DCZID;
		return true;
	case SYSREG_REVIDR_EL1:
	case SYSREG_AIDR_EL1:
		*value = 0;
		return true;
	default:
		/* The space of feature registers: 3, 0, 0, 1 to 7, any. */
		*value = 0;
		return reg >= SYSREG(3, 0, 0, 1, 0) &&
		    reg <= SYSREG(3, 0, 0, 7, 7);
	}
}

enum sysreg_fate
id_sysreg(
    struct rmm *rmm, struct rec *rec, unsigned reg, bool read, uint64_t *value)
{
	uint64_t id;

	if (!id_value(rec, realm_at(rmm, rec->owner), reg, &id))
		return SYSREG_NOT_MINE;
	if (!read)
		return SYSREG_UNDEFINED;
	*value = id;
	return SYSREG_DONE;
}
