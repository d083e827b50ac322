/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Realm Execution Contexts.
 */
#include "rec.h"

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

void
rec_destroy(struct rmm *rmm, uint64_t pa)
{
	const struct rec *rec = rec_at(rmm, pa);

	realm_at(rmm, rec->owner)->num_recs--;
	for (unsigned i = 0; i < rec->num_aux; i++)
		granule_become(rmm, rec->aux[i], RMM_GRANULE_DELEGATED);
	granule_become(rmm, pa, RMM_GRANULE_DELEGATED);
}
