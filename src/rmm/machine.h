/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The machine from inside: all its state is the granule descriptors, realm
 * memory and the small header struct rmm.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "rmm.h"
#include "granule.h"
#include "measurement.h"
#include "memory.h"
#include "token-cache.h"

#define NUM_VMIDS 65536

struct rmm {
	struct bank *banks; /* in order of base */
	size_t num_banks;
	struct rmm_config config; /* banks: NULL, they are above */
	/* Granules in each state; UNDELEGATED is what is left of the total. */
	uint64_t counts[RMM_GRANULE_STATES];
	uint64_t num_granules;
	uint64_t vmids[NUM_VMIDS / 64]; /* a bit for each VMID in use */
	struct hasher hasher;
	struct attester *attester;
	struct token_cache token_cache;
	uint64_t counter;   /* CNTPCT_EL0 */
	uint64_t num_calls; /* since the reset: what is drawn depends on it */
};

bool vmid_is_valid(const struct rmm *rmm, uint16_t vmid);
bool vmid_is_free(const struct rmm *rmm, uint16_t vmid);
void vmid_take(struct rmm *rmm, uint16_t vmid);
void vmid_release(struct rmm *rmm, uint16_t vmid);

#endif
