/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Realm Execution Contexts.
 */
#include "rec.h"

#include <string.h>

#include "gic.h"
#include "realm.h"

struct rec *
rec_at(const struct rmm *rmm, uint64_t pa)
{
	return (struct rec *)realm_memory(rmm, pa);
}

uint64_t
rec_index(uint64_t mpidr)
{
	uint64_t aff0 = mpidr & 0xf, aff1 = mpidr >> 8 & 0xff;
	uint64_t aff2 = mpidr >> 16 & 0xff, aff3 = mpidr >> 24 & 0xff;

	return aff0 + 16 * (aff1 + 256 * (aff2 + 256 * aff3));
}

struct rec *
rec_running(const struct rmm *rmm, uint64_t pa)
{
	struct rec *rec;

	if (!granule_aligned(pa) || granule_state(rmm, pa) != RMM_GRANULE_REC)
		return NULL;
	rec = rec_at(rmm, pa);
	return rec->running ? rec : NULL;
}

bool
rec_mpidr_used(const struct rmm *rmm, const struct realm *realm, uint64_t mpidr)
{
	struct rmm_granule_info info;
	uint64_t pa = 0;

	/* RECs are made in the order of their index (A2.3.3). */
	if ((mpidr & ~REC_MPIDR_MASK) != 0 ||
	    rec_index(mpidr) >= realm->rec_index)
		return false;
	if (realm->num_recs == realm->rec_index)
		return true;
	/* Some were destroyed. */
	while (rmm_granule_next(rmm, pa, 1u << RMM_GRANULE_REC, &info)) {
		const struct rec *rec = rec_at(rmm, info.pa);

		if (realm_at(rmm, rec->owner) == realm && rec->mpidr == mpidr)
			return true;
		pa = info.pa + GRANULE_SIZE;
	}
	return false;
}

uint64_t
rec_gpr(const struct rec *rec, unsigned n)
{
	return n < RMI_REC_GPRS ? rec->gprs[n] : 0;
}

void
rec_reset(struct rec *rec)
{
	rec->pstate = PSTATE_RESET;
	memset(rec->sysregs, 0, sizeof rec->sysregs);
	rec->sysregs[REC_SCTLR_EL1] = SCTLR_EL1_RESET;
	rec->gic = (struct rec_gic){ .vmcr = GIC_VMCR_RESET };
	rec->pmu = (struct rec_pmu){ 0 };
	rec->pmu_overflow = false;
}

void
rec_set_gpr(struct rec *rec, unsigned n, uint64_t value)
{
	if (n < RMI_REC_GPRS)
		rec->gprs[n] = value;
}

void
recs_gone(struct rmm *rmm, uint64_t rd)
{
	const struct rmm_host *host = &rmm->config.host;
	struct rmm_granule_info info;
	uint64_t pa = 0;

	while (host->rec_gone != NULL &&
	    rmm_granule_next(rmm, pa, 1u << RMM_GRANULE_REC, &info)) {
		if (rd == 0 || info.rd == rd)
			host->rec_gone(host->ctx, info.pa);
		pa = info.pa + GRANULE_SIZE;
	}
}

void
rec_destroy(struct rmm *rmm, uint64_t pa)
{
	const struct rmm_host *host = &rmm->config.host;
	const struct rec *rec = rec_at(rmm, pa);

	if (host->rec_gone != NULL)
		host->rec_gone(host->ctx, pa);
	realm_at(rmm, rec->owner)->num_recs--;
	for (unsigned i = 0; i < rec->num_aux; i++)
		granule_become(rmm, rec->aux[i], RMM_GRANULE_DELEGATED);
	granule_become(rmm, pa, RMM_GRANULE_DELEGATED);
}
