/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Walking, scanning and writing translation tables.
 */
#include "rtt.h"

#include "choices.h"

#define MAX_CONCATENATED 4 /* log2 of the number of starting tables */

/* MemAttr[2:0] under FEAT_S2FWB: this value is reserved. */
#define MEMATTR_RESERVED (4u << 2)

/* With LPA2, a descriptor holds address bits 51:50 in its bits 9:8. */
#define DESC_ADDR      0x0003fffffffff000ull
#define DESC_ADDR_HIGH 0x0000000000000300ull

struct rtt_walk
rtt_walk(
    const struct rmm *rmm, const struct realm *realm, uint64_t ipa, int level)
{
	struct rtt_walk walk = { .level = realm->rtt_level_start };
	/* Starting tables are contiguous: one index spans them all. */
	uint64_t index = ipa >> rtt_level_shift(walk.level);

	walk.rtt = realm->rtt_base + index / RTT_ENTRIES * GRANULE_SIZE;
	for (;;) {
		uint64_t size = rtt_level_size(walk.level);

		walk.index = ipa / size % RTT_ENTRIES;
		walk.ipa = ipa / size * size;
		walk.rtte = rtt_entries(rmm, walk.rtt)[walk.index];
		if (walk.level == level || rtte_state(walk.rtte) != RMM_TABLE)
			return walk;
		walk.rtt = rtte_addr(walk.rtte);
		walk.level++;
	}
}

bool
rtt_level_aligned(uint64_t addr, int64_t level)
{
	if (level < RTT_LEVEL_MIN || level > RTT_PAGE_LEVEL)
		return false;
	return addr % rtt_level_size((int)level) == 0;
}

bool
rtt_level_valid(const struct realm *realm, int64_t level)
{
	return level >= realm->rtt_level_start && level <= RTT_PAGE_LEVEL;
}

bool
rtt_level_inner(const struct realm *realm, int64_t level)
{
	return level > realm->rtt_level_start && level <= RTT_PAGE_LEVEL;
}

bool
rtt_level_block_or_page(const struct realm *realm, int64_t level)
{
	return level >= 1 && rtt_level_valid(realm, level);
}

/*
 * The starting level must leave at least one bit to resolve, and at most four
 * above the nine of one table, which as many tables side by side resolve.
 */
bool
rtt_config_valid(unsigned ipa_width, int64_t level_start, uint32_t num)
{
	unsigned shift, bits;

	if (level_start < RTT_LEVEL_MIN || level_start > RTT_PAGE_LEVEL)
		return false;
	shift = rtt_level_shift((int)level_start);
	if (ipa_width <= shift)
		return false;
	bits = ipa_width - shift;
	if (bits <= 9)
		return num == 1;
	return bits <= 9 + MAX_CONCATENATED && num == 1u << (bits - 9);
}

uint64_t
rtt_skip_non_live(
    const struct rmm *rmm, const struct rtt_walk *walk, uint64_t ipa)
{
	const rtte_t *entries = rtt_entries(rmm, walk->rtt);
	unsigned i = walk->index;

	/*
	 * An entry that is live is where ipa is: the tables of outcomes
	 * (B4.3.3.1.3) want ipa itself, also in the middle of a block.
	 */
	if (rtte_is_live(entries[i]))
		return chosen(rmm, RMM_CHOICE_LIVE_TOP) == RMM_LIVE_TOP_IPA
		    ? ipa
		    : walk->ipa;
	while (i < RTT_ENTRIES && !rtte_is_live(entries[i]))
		i++;
	return walk->ipa + (i - walk->index) * rtt_level_size(walk->level);
}

uint64_t
rtt_skip_with_ripas(const struct rmm *rmm, const struct rtt_walk *walk,
    uint64_t top, bool stop_at_destroyed)
{
	const rtte_t *entries = rtt_entries(rmm, walk->rtt);
	uint64_t size = rtt_level_size(walk->level);
	uint64_t ipa = walk->ipa;

	/* Adding entries while a whole one fits rounds down as B3.75 does. */
	for (unsigned i = walk->index; i < RTT_ENTRIES; i++, ipa += size) {
		if (top < ipa || top - ipa < size)
			break;
		if (rtte_state(entries[i]) == RMM_TABLE)
			break;
		if (stop_at_destroyed &&
		    rtte_ripas(entries[i]) == RMI_DESTROYED)
			break;
	}
	return ipa;
}

const rtte_t *
rtt_entries(const struct rmm *rmm, uint64_t rtt)
{
	return (const rtte_t *)realm_memory(rmm, rtt);
}

void
rtt_write(struct rmm *rmm, uint64_t rtt, unsigned index, rtte_t rtte)
{
	const struct rmm_host *host = &rmm->config.host;
	struct granule *granule = granule_at(rmm, rtt);
	rtte_t before = rtt_entries(rmm, rtt)[index];

	if (before == rtte)
		return;
	granule->live -= rtte_is_reference(before);
	granule->live += rtte_is_reference(rtte);
	((rtte_t *)granule_page(rmm, rtt))[index] = rtte;
	if (host->translation_gone != NULL)
		host->translation_gone(host->ctx, granule->rd,
		    granule->where + index * rtt_level_size(granule->level),
		    rtt_level_size(granule->level));
}

void
rtt_fill(struct rmm *rmm, uint64_t rtt, rtte_t first, uint64_t step)
{
	rtte_t *entries;

	/* A table of zeros is what the page is already. */
	if (first == 0)
		return;
	entries = granule_page(rmm, rtt);
	for (unsigned i = 0; i < RTT_ENTRIES; i++)
		entries[i] = first + i * step;
	if (rtte_is_reference(first))
		granule_at(rmm, rtt)->live = RTT_ENTRIES;
}

/* Entry i of a table that starts with first, if addresses are contiguous. */
static rtte_t
contiguous(rtte_t first, unsigned i, int level)
{
	if (rtte_state(first) == RMM_ASSIGNED ||
	    rtte_state(first) == RMM_ASSIGNED_NS)
		return first + i * rtt_level_size(level);
	return first;
}

bool
rtt_fold(const struct rmm *rmm, uint64_t rtt, int level, rtte_t *folded)
{
	const rtte_t *entries = rtt_entries(rmm, rtt);
	rtte_t first = entries[0];

	*folded = first;
	if (rtte_state(first) == RMM_TABLE)
		return false;
	if (rtte_is_live(first) &&
	    (level < 2 || !rtt_level_aligned(rtte_addr(first), level - 1)))
		return false;
	for (unsigned i = 1; i < RTT_ENTRIES; i++)
		if (entries[i] != contiguous(first, i, level))
			return false;
	return true;
}

uint64_t
rtte_descriptor(const struct realm *realm, rtte_t rtte)
{
	uint64_t addr = rtte_addr(rtte);

	if (!rtte_is_live(rtte))
		return 0;
	if (realm->lpa2)
		addr = (addr & DESC_ADDR) | (addr >> 50 & 3) << 8;
	if (rtte_state(rtte) == RMM_ASSIGNED_NS)
		addr |= rtte & RTTE_ATTR;
	return addr;
}

bool
rtt_descriptor_valid(const struct rmm *rmm, uint64_t desc)
{
	uint64_t allowed = DESC_ADDR | RTTE_ATTR;

	/*
	 * Where LPA2 is not supported, bits 9:8 are the shareability, which is
	 * not the host's to set (A5.5.11).
	 */
	if (RMI_FEATURE0_GET(rmm->config.feature_register_0, LPA2))
		allowed |= DESC_ADDR_HIGH;
	if ((desc & ~allowed) != 0)
		return false;
	return (desc & RTTE_MEMATTR) != MEMATTR_RESERVED ||
	    chosen(rmm, RMM_CHOICE_MEMATTR) == RMM_MEMATTR_ACCEPT;
}

rtte_t
rtte_from_descriptor(uint64_t desc)
{
	uint64_t addr = (desc & DESC_ADDR) | (desc & DESC_ADDR_HIGH) >> 8 << 50;

	return rtte_make(RMM_ASSIGNED_NS, RMI_EMPTY, addr | (desc & RTTE_ATTR));
}
