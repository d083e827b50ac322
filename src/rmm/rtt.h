/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Realm Translation Tables (A5.5).  A table is 512 64-bit descriptors in its
 * granule; a page of zeros is a table of UNASSIGNED entries with RIPAS EMPTY.
 *
 *	63:60 state	59:58 RIPAS	51:12 output address
 *	7:6 S2AP	4:2 MemAttr[2:0]	(ASSIGNED_NS)
 */
#ifndef RTT_H
#define RTT_H

#include <stdbool.h>
#include <stdint.h>

#include "realm.h"

#define RTT_ENTRIES    512u
#define RTT_PAGE_LEVEL 3
#define RTT_LEVEL_MIN  (-1) /* with LPA2 */

#define RTTE_ADDR      0x000ffffffffff000ull
#define RTTE_ATTR      0x00000000000000dcull /* S2AP, MemAttr[2:0] */
#define RTTE_MEMATTR   0x000000000000001cull

typedef uint64_t rtte_t;

static inline enum rmm_rtte_state
rtte_state(rtte_t rtte)
{
	return rtte >> 60;
}

static inline enum rmi_ripas
rtte_ripas(rtte_t rtte)
{
	return rtte >> 58 & 3;
}

static inline uint64_t
rtte_addr(rtte_t rtte)
{
	return rtte & RTTE_ADDR;
}

static inline rtte_t
rtte_make(enum rmm_rtte_state state, enum rmi_ripas ripas, uint64_t addr)
{
	return (uint64_t)state << 60 | (uint64_t)ripas << 58 | addr;
}

static inline rtte_t
rtte_with_ripas(rtte_t rtte, enum rmi_ripas ripas)
{
	return (rtte & ~(3ull << 58)) | (uint64_t)ripas << 58;
}

/* It holds a reference to another RMM granule (RTT liveness, A5.5.8). */
static inline bool
rtte_is_reference(rtte_t rtte)
{
	return rtte_state(rtte) == RMM_ASSIGNED ||
	    rtte_state(rtte) == RMM_TABLE;
}

/* It holds an address (RTTE liveness, A5.5.8). */
static inline bool
rtte_is_live(rtte_t rtte)
{
	return rtte_is_reference(rtte) || rtte_state(rtte) == RMM_ASSIGNED_NS;
}

/* RmmRttWalkResult (A5.5.10), and where the entry is. */
struct rtt_walk {
	int level;
	uint64_t rtt;
	unsigned index;
	uint64_t ipa; /* first IPA that the entry translates */
	rtte_t rtte;
};

/* Walk to ipa, below 2^ipa_width, at a level from the starting one to 3. */
struct rtt_walk rtt_walk(
    const struct rmm *rmm, const struct realm *realm, uint64_t ipa, int level);

/* Bits of an IPA that an entry at this level does not resolve. */
static inline unsigned
rtt_level_shift(int level)
{
	return GRANULE_SHIFT + 9u * (unsigned)(RTT_PAGE_LEVEL - level);
}

static inline uint64_t
rtt_level_size(int level)
{
	return 1ull << rtt_level_shift(level);
}

/* AddrIsRttLevelAligned (B3.5). */
bool rtt_level_aligned(uint64_t addr, int64_t level);
/* RttLevelIsValid (B3.67): from the starting level to 3. */
bool rtt_level_valid(const struct realm *realm, int64_t level);
/* Valid, and not the starting level: the levels of tables that come and go. */
bool rtt_level_inner(const struct realm *realm, int64_t level);
/* RttLevelIsBlockOrPage (B3.65). */
bool rtt_level_block_or_page(const struct realm *realm, int64_t level);
/* RttConfigIsValid (B3.55). */
bool rtt_config_valid(unsigned ipa_width, int64_t level_start, uint32_t num);

/* RttSkipNonLiveEntries (B3.76), from the entry of the walk on. */
uint64_t rtt_skip_non_live(
    const struct rmm *rmm, const struct rtt_walk *walk, uint64_t ipa);
/* RttSkipEntriesWithRipas (B3.75), from the entry of the walk on. */
uint64_t rtt_skip_with_ripas(const struct rmm *rmm, const struct rtt_walk *walk,
    uint64_t top, bool stop_at_destroyed);

/* The table at rtt, to be read. */
const rtte_t *rtt_entries(const struct rmm *rmm, uint64_t rtt);
/* Write an entry; keeps the table's count of references. */
void rtt_write(struct rmm *rmm, uint64_t rtt, unsigned index, rtte_t rtte);
/* Write all entries of a table of zeros; addresses go up by step. */
void rtt_fill(struct rmm *rmm, uint64_t rtt, rtte_t first, uint64_t step);

/* RttIsHomogeneous (B3.63) and RttFold (B3.62). */
bool rtt_fold(const struct rmm *rmm, uint64_t rtt, int level, rtte_t *folded);

/* What RTT_READ_ENTRY says of an entry: its state, address and attributes. */
uint64_t rtte_descriptor(const struct realm *realm, rtte_t rtte);
/* RttDescriptorIsValidForUnprotected (B3.56). */
bool rtt_descriptor_valid(const struct rmm *rmm, uint64_t desc);
/* RttEntryFromDescriptor (B3.59), as an ASSIGNED_NS entry. */
rtte_t rtte_from_descriptor(uint64_t desc);

#endif
