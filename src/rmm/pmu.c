/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Performance Monitors of a REC: nothing is counted here, but what enables
 * an overflow interrupt is kept, and what has overflowed (A8.1).  Source: Arm
 * Architecture Reference Manual (DDI 0487), D19.5.
 */
#include "pmu.h"

#include "sysreg.h"

#define PMCR_E	(1ull << 0)
#define PMCR_LC (1ull << 6) /* RES1: no AArch32 */
#define PMCR_WRITABLE \
	(1ull << 0 | 1ull << 3 | 1ull << 4 | 1ull << 5 | 1ull << 7)
#define PMCR_N_SHIFT 11

/* The cycle counter and the event counters. */
static uint64_t
all_counters(const struct realm *realm)
{
	return 1ull << 31 | ((1ull << realm->pmu_num_ctrs) - 1);
}

bool
pmu_overflowed(const struct rec *rec)
{
	const struct rec_pmu *pmu = &rec->pmu;

	return rec->pmu_overflow ||
	    ((pmu->pmcr & PMCR_E) != 0 &&
		(pmu->counters & pmu->interrupts & pmu->overflows) != 0);
}

static void
access_pmcr(
    const struct realm *realm, struct rec_pmu *pmu, bool read, uint64_t *value)
{
	if (read)
		*value = pmu->pmcr | PMCR_LC |
		    (uint64_t)realm->pmu_num_ctrs << PMCR_N_SHIFT;
	else
		pmu->pmcr = *value & PMCR_WRITABLE;
}

enum sysreg_fate
pmu_sysreg(
    struct rmm *rmm, struct rec *rec, unsigned reg, bool read, uint64_t *value)
{
	const struct realm *realm = realm_at(rmm, rec->owner);
	struct rec_pmu *pmu = &rec->pmu;
	uint64_t *bits;
	bool clear = false;

	switch (reg) {
	case SYSREG_PMCR_EL0:
		bits = NULL;
		break;
	case SYSREG_PMCNTENCLR_EL0:
		clear = true; /* fall through */
	case SYSREG_PMCNTENSET_EL0:
		bits = &pmu->counters;
		break;
	case SYSREG_PMINTENCLR_EL1:
		clear = true; /* fall through */
	case SYSREG_PMINTENSET_EL1:
		bits = &pmu->interrupts;
		break;
	case SYSREG_PMOVSCLR_EL0:
		clear = true; /* fall through */
	case SYSREG_PMOVSSET_EL0:
		bits = &pmu->overflows;
		break;
	default:
		return SYSREG_NOT_MINE;
	}
	if (!realm->pmu)
		return SYSREG_UNDEFINED;
	if (bits == NULL)
		access_pmcr(realm, pmu, read, value);
	else if (read)
		*value = *bits;
	else if (clear)
		*bits &= ~*value;
	else
		*bits |= *value & all_counters(realm);
	return SYSREG_DONE;
}
