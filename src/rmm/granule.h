/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Granules: what each one is, whose it is, and the only function that moves
 * one from a state to another (A2.2.3).
 */
#ifndef GRANULE_H
#define GRANULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memory.h"
#include "rmm.h"

struct granule {
	uint64_t rd;	/* the realm it belongs to; 0: none */
	uint64_t where; /* as in struct rmm_granule_info */
	uint16_t live;	/* RTT: its entries that are ASSIGNED or TABLE */
	uint8_t state;	/* enum rmm_granule_state */
	int8_t level;	/* RTT */
	bool dirty;	/* its realm memory may hold other than zeros */
};

struct chunk {
	struct granule granules[CHUNK_GRANULES];
	unsigned used; /* granules that are not UNDELEGATED */
	bool resident; /* realm memory of the chunk was written */
	bool has_data; /* that of its DATA granules was */
};

struct node {
	struct chunk *chunks[NODE_CHUNKS];
};

/* A place in the directory; start with zeros. */
struct chunk_cursor {
	size_t bank;
	uint64_t index; /* the next chunk of that bank to look at */
	uint64_t pa;	/* of the chunk that chunk_next() returned */
};

/*
 * The next chunk at or after the cursor, in order of address, that was ever
 * touched.  Returns NULL after the last.
 */
struct chunk *chunk_next(const struct rmm *rmm, struct chunk_cursor *cursor);

static inline bool
granule_aligned(uint64_t addr)
{
	return addr % GRANULE_SIZE == 0;
}

/* The descriptor of the granule at pa; NULL if it was never touched. */
struct granule *granule_at(const struct rmm *rmm, uint64_t pa);

/* UNDELEGATED for all that is not DRAM, too. */
enum rmm_granule_state granule_state(const struct rmm *rmm, uint64_t pa);
/* The state's name, for messages. */
const char *granule_name(const struct rmm *rmm, uint64_t pa);

/* GranuleAccessPermitted(pa, PAS_NS) (B3.20). */
bool granule_is_ns(const struct rmm *rmm, uint64_t pa);

/*
 * Make sure that the granule at pa has a descriptor.  Changes nothing that a
 * call can see.  Returns false if pa is not DRAM or memory is short.
 */
bool granule_reserve(struct rmm *rmm, uint64_t pa);

/*
 * Move the granule at pa, which must have a descriptor, to a state.  On the
 * way to DELEGATED or UNDELEGATED it is wiped and forgets its owner (A2.2.4).
 * Moves between UNDELEGATED and the others clear the Non-secure view.
 */
void granule_become(struct rmm *rmm, uint64_t pa, enum rmm_granule_state state);
/* From DELEGATED to a state in which the granule belongs to a realm. */
void granule_give(struct rmm *rmm, uint64_t pa, enum rmm_granule_state state,
    uint64_t rd, uint64_t where);
/*
 * As granule_become(UNDELEGATED), but the caller clears the Non-secure view.
 */
void granule_release(struct rmm *rmm, uint64_t pa);

/* Where the granule's contents are, by its state; a descriptor it must have. */
uint8_t *granule_contents(const struct rmm *rmm, uint64_t pa);
/* The same, to be written. */
void *granule_page(struct rmm *rmm, uint64_t pa);

/* Drop all descriptors, wiping what they describe. */
void granule_forget_all(struct rmm *rmm);

#endif
