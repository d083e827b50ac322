/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the owner of some memory leaves behind when it dies.
 */
#include "machine.h"
#include "rec.h"

/*
 * Clears the Non-secure view of granules that are released one after the other
 * in as few steps as their addresses allow.
 */
struct run {
	uint64_t base;
	uint64_t end;
};

static void
run_flush(struct rmm *rmm, struct run *run)
{
	if (run->end > run->base) {
		struct bank *bank = bank_at(rmm, run->base);

		ns_discard(
		    rmm, bank, run->base - bank->ns.base, run->end - run->base);
	}
	run->base = run->end = 0;
}

static void
run_release(struct rmm *rmm, struct run *run, uint64_t pa)
{
	if (run->end != pa || bank_at(rmm, pa) != bank_at(rmm, run->base)) {
		run_flush(rmm, run);
		run->base = pa;
	}
	granule_release(rmm, pa);
	run->end = pa + GRANULE_SIZE;
}

/* Release every granule that belongs to the realm, its RD included. */
static void
tear_down(struct rmm *rmm, uint64_t rd)
{
	const struct rmm_host *host = &rmm->config.host;
	struct chunk_cursor cursor = { 0 };
	struct run run = { 0 };
	struct chunk *chunk;

	if (realm_at(rmm, rd)->num_recs != 0)
		recs_gone(rmm, rd);
	vmid_release(rmm, realm_at(rmm, rd)->vmid);
	while ((chunk = chunk_next(rmm, &cursor)) != NULL) {
		for (unsigned i = 0; chunk->used != 0 && i < CHUNK_GRANULES;
		     i++) {
			const struct granule *granule = &chunk->granules[i];

			if (granule->state > RMM_GRANULE_DELEGATED &&
			    granule->rd == rd)
				run_release(rmm, &run,
				    cursor.pa + i * (uint64_t)GRANULE_SIZE);
		}
	}
	run_flush(rmm, &run);
	if (host->realm_gone != NULL)
		host->realm_gone(host->ctx, rd);
}

uint64_t
rmm_reclaim(struct rmm *rmm, uint64_t base, uint64_t size)
{
	const unsigned all = ~0u;
	struct rmm_realm_info realm;
	struct rmm_granule_info info;
	struct run run = { 0 };
	uint64_t held = 0, pa;

	for (pa = base;
	     rmm_realm_next(rmm, pa, &realm) && realm.rd - base < size;
	     pa = realm.rd + GRANULE_SIZE)
		tear_down(rmm, realm.rd);
	for (pa = base;
	     rmm_granule_next(rmm, pa, all, &info) && info.pa - base < size;
	     pa = info.pa + GRANULE_SIZE) {
		if (info.state == RMM_GRANULE_DELEGATED)
			run_release(rmm, &run, info.pa);
		else
			held++;
	}
	run_flush(rmm, &run);
	return held;
}
