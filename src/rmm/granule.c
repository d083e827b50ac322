/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Granule descriptors, in chunks that are made when a granule of theirs is
 * first delegated.
 */
#include "granule.h"

#include <stdlib.h>
#include <string.h>

#include "machine.h"

static struct chunk **
chunk_slot(const struct bank *bank, uint64_t offset)
{
	struct node *node = bank->nodes[offset / NODE_SIZE];

	if (node == NULL)
		return NULL;
	return &node->chunks[offset / CHUNK_SIZE % NODE_CHUNKS];
}

static struct chunk *
chunk_at(const struct bank *bank, uint64_t offset)
{
	struct chunk **slot = chunk_slot(bank, offset);

	return slot == NULL ? NULL : *slot;
}

/* The next chunk of one bank, at or after index. */
static struct chunk *
chunk_next_in(const struct bank *bank, uint64_t *index)
{
	uint64_t end = bank->num_nodes * NODE_CHUNKS;

	while (*index < end) {
		struct node *node = bank->nodes[*index / NODE_CHUNKS];
		struct chunk *chunk;

		if (node == NULL) {
			*index += NODE_CHUNKS - *index % NODE_CHUNKS;
			continue;
		}
		chunk = node->chunks[*index % NODE_CHUNKS];
		if (chunk != NULL)
			return chunk;
		(*index)++;
	}
	return NULL;
}

struct chunk *
chunk_next(const struct rmm *rmm, struct chunk_cursor *cursor)
{
	while (cursor->bank < rmm->num_banks) {
		const struct bank *bank = &rmm->banks[cursor->bank];
		struct chunk *chunk = chunk_next_in(bank, &cursor->index);

		if (chunk != NULL) {
			cursor->pa = bank->ns.base + cursor->index * CHUNK_SIZE;
			cursor->index++;
			return chunk;
		}
		cursor->bank++;
		cursor->index = 0;
	}
	return NULL;
}

struct granule *
granule_at(const struct rmm *rmm, uint64_t pa)
{
	const struct bank *bank = bank_at(rmm, pa);
	struct chunk *chunk;

	if (bank == NULL || bank->nodes == NULL)
		return NULL;
	chunk = chunk_at(bank, pa - bank->ns.base);
	if (chunk == NULL)
		return NULL;
	return &chunk->granules[(pa - bank->ns.base) / GRANULE_SIZE %
	    CHUNK_GRANULES];
}

enum rmm_granule_state
granule_state(const struct rmm *rmm, uint64_t pa)
{
	const struct granule *granule = granule_at(rmm, pa);

	return granule == NULL ? RMM_GRANULE_UNDELEGATED : granule->state;
}

const char *
granule_name(const struct rmm *rmm, uint64_t pa)
{
	return rmm_granule_state_name(granule_state(rmm, pa));
}

bool
granule_is_ns(const struct rmm *rmm, uint64_t pa)
{
	return pa_is_delegable(rmm, pa) &&
	    granule_state(rmm, pa) == RMM_GRANULE_UNDELEGATED;
}

bool
granule_reserve(struct rmm *rmm, uint64_t pa)
{
	struct bank *bank = bank_at(rmm, pa);
	struct chunk **slot;
	uint64_t offset;

	if (bank == NULL || bank->nodes == NULL)
		return false;
	offset = pa - bank->ns.base;
	slot = chunk_slot(bank, offset);
	if (slot == NULL) {
		struct node *node = calloc(1, sizeof *node);

		if (node == NULL)
			return false;
		bank->nodes[offset / NODE_SIZE] = node;
		slot = chunk_slot(bank, offset);
	}
	if (*slot == NULL)
		*slot = calloc(1, sizeof **slot);
	return *slot != NULL;
}

static uint64_t
chunk_size(const struct bank *bank, uint64_t offset)
{
	uint64_t left = bank->ns.size - offset;

	return left < CHUNK_SIZE ? left : CHUNK_SIZE;
}

uint8_t *
granule_contents(const struct rmm *rmm, uint64_t pa)
{
	return granule_at(rmm, pa)->state == RMM_GRANULE_DATA
	    ? data_memory(rmm, pa)
	    : realm_memory(rmm, pa);
}

static void
wipe(struct rmm *rmm, uint64_t pa, struct granule *granule)
{
	if (granule->dirty)
		memset(granule_contents(rmm, pa), 0, GRANULE_SIZE);
	granule->dirty = false;
	granule->rd = 0;
	granule->where = 0;
	granule->live = 0;
	granule->level = 0;
}

/* Give the memory of a chunk back, as far as it was written. */
static void
chunk_discard(struct bank *bank, uint64_t offset, struct chunk *chunk)
{
	if (chunk->resident)
		realm_discard(bank, offset, chunk_size(bank, offset));
	if (chunk->has_data)
		data_discard(bank, offset, chunk_size(bank, offset));
	chunk->resident = chunk->has_data = false;
}

/* Change the state and nothing else; keep the counts. */
static void
set_state(struct rmm *rmm, uint64_t pa, struct granule *granule,
    enum rmm_granule_state state)
{
	struct bank *bank = bank_at(rmm, pa);
	uint64_t offset = (pa - bank->ns.base) / CHUNK_SIZE * CHUNK_SIZE;
	struct chunk *chunk = chunk_at(bank, offset);

	rmm->counts[granule->state]--;
	rmm->counts[state]++;
	if (granule->state == RMM_GRANULE_UNDELEGATED)
		chunk->used++;
	granule->state = state;
	if (state != RMM_GRANULE_UNDELEGATED || --chunk->used != 0)
		return;
	/* Nothing of the chunk is in use: its memory can go. */
	chunk_discard(bank, offset, chunk);
}

void
granule_release(struct rmm *rmm, uint64_t pa)
{
	struct granule *granule = granule_at(rmm, pa);

	wipe(rmm, pa, granule);
	set_state(rmm, pa, granule, RMM_GRANULE_UNDELEGATED);
}

void
granule_become(struct rmm *rmm, uint64_t pa, enum rmm_granule_state state)
{
	struct bank *bank = bank_at(rmm, pa);
	struct granule *granule = granule_at(rmm, pa);
	const struct rmm_host *host = &rmm->config.host;

	if (granule->state == RMM_GRANULE_UNDELEGATED &&
	    state != RMM_GRANULE_UNDELEGATED && host->ns_gone != NULL)
		host->ns_gone(host->ctx, pa);
	if ((state == RMM_GRANULE_UNDELEGATED) !=
	    (granule->state == RMM_GRANULE_UNDELEGATED))
		ns_discard(rmm, bank, pa - bank->ns.base, GRANULE_SIZE);
	wipe(rmm, pa, granule);
	set_state(rmm, pa, granule, state);
}

void
granule_give(struct rmm *rmm, uint64_t pa, enum rmm_granule_state state,
    uint64_t rd, uint64_t where)
{
	struct granule *granule = granule_at(rmm, pa);

	assert(granule->state == RMM_GRANULE_DELEGATED);
	set_state(rmm, pa, granule, state);
	granule->rd = rd;
	granule->where = where;
}

void *
granule_page(struct rmm *rmm, uint64_t pa)
{
	const struct bank *bank = bank_at(rmm, pa);
	struct granule *granule = granule_at(rmm, pa);
	struct chunk *chunk = chunk_at(bank, pa - bank->ns.base);

	granule->dirty = true;
	if (granule->state == RMM_GRANULE_DATA)
		chunk->has_data = true;
	else
		chunk->resident = true;
	return granule_contents(rmm, pa);
}

void
granule_forget_all(struct rmm *rmm)
{
	struct chunk_cursor cursor = { 0 };
	struct chunk *chunk;

	while ((chunk = chunk_next(rmm, &cursor)) != NULL) {
		struct bank *bank = bank_at(rmm, cursor.pa);
		uint64_t offset = cursor.pa - bank->ns.base;

		chunk_discard(bank, offset, chunk);
		ns_discard(rmm, bank, offset, chunk_size(bank, offset));
		*chunk_slot(bank, offset) = NULL;
		free(chunk);
	}
	for (size_t i = 0; i < rmm->num_banks; i++) {
		struct bank *bank = &rmm->banks[i];

		for (uint64_t n = 0; n < bank->num_nodes; n++) {
			free(bank->nodes[n]);
			bank->nodes[n] = NULL;
		}
	}
	memset(rmm->counts, 0, sizeof rmm->counts);
	rmm->counts[RMM_GRANULE_UNDELEGATED] = rmm->num_granules;
}
