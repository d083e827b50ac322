/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RTT_CREATE (B4.3.15), RTT_DESTROY (B4.3.16) and RTT_FOLD (B4.3.17).
 */
#include "conform.h"

#include <string.h>

#define S(id_, what_, apply_, arg_, index_)                             \
	{                                                               \
		.id = id_, .what = what_, .apply = apply_, .arg = arg_, \
		.index = index_                                         \
	}
#define ARG_RD                                                              \
	{                                                                   \
		1, "rd", WANT_RD, "rd_align", "rd_bound", "rd_state", 0, 0, \
		    NULL                                                    \
	}
#define TABLE P_FREE

/* The 512 entries of the table at ipa are alike but for their address. */
static void
expect_entries(struct conform *c, const char *id, uint64_t ipa, unsigned state,
    unsigned ripas, uint64_t desc, uint64_t step)
{
	struct rmmclient_step steps[512];
	int done;

	for (unsigned i = 0; i < 512; i++) {
		memset(&steps[i], 0, sizeof steps[i]);
		steps[i].x[0] = RMI_FID_RTT_READ_ENTRY;
		steps[i].x[1] = G(c, P_RD);
		steps[i].x[2] = ipa + i * L3_SIZE;
		steps[i].x[3] = 3;
	}
	done = rmmclient_batch(c->client, 0, steps, 512, NULL, NULL);
	for (int i = 0; i < done; i++) {
		const uint64_t *x = steps[i].x;
		uint64_t wanted = desc + (uint64_t)i * step;

		if (x[0] == 0 && x[1] == 3 && x[2] == state && x[3] == wanted &&
		    x[4] == ripas)
			continue;
		fail(c,
		    "%s: entry %d is at level %" PRIu64 ", state %" PRIu64
		    ", desc " X64 ", RIPAS %" PRIu64,
		    id, i, x[1], x[2], x[3], x[4]);
		return;
	}
	if (done != 512)
		fail(c, "%s: the entries can not be read", id);
}

static void
table_at(struct conform *c, uint64_t ipa)
{
	MUST(c, RTT_CREATE, G(c, P_RD), G(c, TABLE), ipa, 3);
}

/* ---- RTT_CREATE -------------------------------------------------------- */

static void
create_base(struct conform *c)
{
	c->x[1] = G(c, P_RD);
	c->x[2] = G(c, TABLE);
	c->x[3] = L2_SIZE;
	c->x[4] = 3;
}

static void
create_check(struct conform *c, unsigned state, unsigned ripas, uint64_t desc,
    uint64_t step)
{
	uint64_t ipa = c->x[3];

	expect_granule(c, "rtt_state", c->x[2], "RTT");
	expect_entry(c, "rtte_state", ipa, 2, 2, RMI_TABLE, ripas, c->x[2]);
	expect_entries(c, "rtte_c_state", ipa, state, ripas, desc, step);
	may_change(c, KEY_GRANULE, c->x[2], 0);
	may_change_entries(c, ipa, ipa + L2_SIZE);
	expect_field(c, "RTTs", c->x[1], REALM_NUM_RTTS, 1);
}

static void
create_empty_check(struct conform *c)
{
	create_check(c, RMI_UNASSIGNED, RMI_EMPTY, 0, 0);
}

static void
create_ram(struct conform *c)
{
	MUST(c, RTT_INIT_RIPAS, G(c, P_RD), L2_SIZE, 2 * L2_SIZE);
}

static void
create_ram_check(struct conform *c)
{
	create_check(c, RMI_UNASSIGNED, RMI_RAM, 0, 0);
}

static void
create_destroyed(struct conform *c)
{
	table_at(c, L2_SIZE);
	MUST(c, RTT_DESTROY, G(c, P_RD), L2_SIZE, 3);
}

static void
create_destroyed_check(struct conform *c)
{
	create_check(c, RMI_UNASSIGNED, RMI_DESTROYED, 0, 0);
}

static void
create_unprotected(struct conform *c)
{
	c->x[3] += c->unprot;
}

static void
create_block_ns(struct conform *c)
{
	c->x[3] += c->unprot;
	MUST(c, RTT_MAP_UNPROTECTED, G(c, P_RD), c->x[3], 2,
	    G(c, P_BLOCK) | NS_ATTR);
}

static void
create_block_ns_check(struct conform *c)
{
	create_check(
	    c, RMI_ASSIGNED, RMI_EMPTY, G(c, P_BLOCK) | NS_ATTR, L3_SIZE);
}

static void
create_block(struct conform *c)
{
	map_block(c);
	c->x[3] = 2 * L2_SIZE;
}

static void
create_block_check(struct conform *c)
{
	create_check(c, RMI_ASSIGNED, RMI_RAM, G(c, P_BLOCK), L3_SIZE);
}

static void
create_level_2(struct conform *c)
{
	c->x[3] = L1_SIZE;
	c->x[4] = 2;
}

static void
create_level_2_check(struct conform *c)
{
	expect_granule(c, "rtt_state", c->x[2], "RTT");
	expect_entry(
	    c, "rtte_state", L1_SIZE, 1, 1, RMI_TABLE, RMI_EMPTY, c->x[2]);
	expect_entry(
	    c, "rtte_c_state", L1_SIZE, 3, 2, RMI_UNASSIGNED, RMI_EMPTY, 0);
	expect_entry(c, "rtte_c_state", 2 * L1_SIZE - L2_SIZE, 2, 2,
	    RMI_UNASSIGNED, RMI_EMPTY, 0);
	may_change(c, KEY_GRANULE, c->x[2], 0);
	may_change_entries(c, L1_SIZE, 2 * L1_SIZE);
	expect_field(c, "RTTs", c->x[1], REALM_NUM_RTTS, 1);
}

/* Above 2^48, where the realm has LPA2. */
static void
create_high(struct conform *c)
{
	lpa2_realm(c);
	c->x[1] = G(c, P_FREE);
	high_memory(c, 2);
}

static void
create_high_check(struct conform *c)
{
	expect_granule(c, "rtt_state", c->x[2], "RTT");
	expect_entry(
	    c, "rtte_state", c->x[3], 2, 2, RMI_TABLE, RMI_EMPTY, c->x[2]);
	expect_entry(
	    c, "rtte_c_state", c->x[3], 3, 3, RMI_UNASSIGNED, RMI_EMPTY, 0);
	may_change(c, KEY_GRANULE, c->x[2], 0);
}

static void
table_at_level_1(struct conform *c, uint64_t level)
{
	c->x[3] = 0;
	c->x[4] = level;
}

static const struct arg create_args[] = {
	ARG_RD,
	{ 2, "rtt", WANT_DELEGATED, "rtt_align", "rtt_bound", "rtt_state", 0, 0,
	    NULL },
	{ 3, "ipa", WANT_IPA, "ipa_align", "ipa_bound", NULL, 4, 1, NULL },
	{ 0 },
};

/* An IPA of these commands is aligned to what the level says. */
#define LEVEL(set, n)                                                      \
	{                                                                  \
		.id = "level_bound", .what = #n, .apply = set, .arg = (n), \
		.also = "ipa_align"                                        \
	}
#define LEVELS(set)                                                         \
	LEVEL(set, 4), LEVEL(set, 1), LEVEL(set, 0), LEVEL(set, 5),         \
	    LEVEL(set, 0xffffffffffffffff), LEVEL(set, 0xfffffffffffffffe), \
	    LEVEL(set, 0x8000000000000000), LEVEL(set, 0x100000003)

static const struct stimulus create_stimuli[] = {
	LEVELS(set_x4),
	{ .id = "rtt_bound2", .what = "", .apply = high_memory, .arg = 2 },
	S("rtt_walk", "level-1", set_x3, L1_SIZE, 1),
	S("rtte_state", "level-2", set_x3, 0, 2),
	S("rtte_state", "level-1", table_at_level_1, 2, 1),
	{ .id = NULL },
};

/* A table where one would start, below an entry that is a table. */
static const struct both create_both[] = {
	{ "level_bound", "rtte_state", table_at_level_1, 1, NULL },
	{ NULL, NULL, NULL, 0, NULL },
};

static const struct positive create_positives[] = {
	{ "EMPTY", NULL, create_empty_check, NULL, 0 },
	{ "RAM", create_ram, create_ram_check, NULL, 0 },
	{ "DESTROYED", create_destroyed, create_destroyed_check, NULL, 0 },
	{ "UNASSIGNED_NS", create_unprotected, create_empty_check, NULL, 0 },
	{ "ASSIGNED_NS", create_block_ns, create_block_ns_check, NULL, 0 },
	{ "ASSIGNED", create_block, create_block_check, NULL, 0 },
	{ "level-2", create_level_2, create_level_2_check, NULL, 0 },
	{ "above-2^48-with-LPA2", create_high, create_high_check, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rtt_create_cases = {
	.name = "RTT_CREATE",
	.base = create_base,
	.args = create_args,
	.stimuli = create_stimuli,
	.positives = create_positives,
	.both = create_both,
};

/* ---- RTT_DESTROY ------------------------------------------------------- */

static void
destroy_base(struct conform *c)
{
	table_at(c, L2_SIZE);
	c->x[1] = G(c, P_RD);
	c->x[2] = L2_SIZE;
	c->x[3] = 3;
}

/* The table has gone; the entry above it is as it says. */
static void
gone(struct conform *c, uint64_t rtt, unsigned state, unsigned ripas,
    uint64_t desc)
{
	expect_granule(c, "rtt_state", rtt, "DELEGATED");
	expect_entry(c, "rtte_state", c->x[2], 2, 2, state, ripas, desc);
	expect_x(c, "rtt", 1, rtt);
	may_change(c, KEY_GRANULE, rtt, 0);
	may_change_entries(c, c->x[2], c->x[2] + L2_SIZE);
	expect_field(c, "RTTs", c->x[1], REALM_NUM_RTTS, -1);
}

static void
destroy_check(struct conform *c)
{
	gone(c, G(c, TABLE), RMI_UNASSIGNED, RMI_DESTROYED, 0);
	expect_top(c, L1_SIZE);
}

static void
destroy_live_follows(struct conform *c)
{
	MUST(c, RTT_CREATE, G(c, P_RD), G(c, TABLE + 1), 4 * L2_SIZE, 3);
}

static void
destroy_live_follows_check(struct conform *c)
{
	gone(c, G(c, TABLE), RMI_UNASSIGNED, RMI_DESTROYED, 0);
	expect_top(c, 4 * L2_SIZE);
}

/* What is ASSIGNED_NS vanishes with its table. */
static void
destroy_unprotected(struct conform *c)
{
	c->x[2] = c->unprot;
}

static void
destroy_unprotected_check(struct conform *c)
{
	gone(c, G(c, P_UL3), RMI_UNASSIGNED, RMI_EMPTY, 0);
	expect_top(c, c->unprot + L1_SIZE);
	/* It is UNASSIGNED_NS: it can be mapped. */
	MUST(c, RTT_MAP_UNPROTECTED, c->x[1], c->unprot, 2,
	    G(c, P_BLOCK) | NS_ATTR);
}

static void
walk_to_block_ns(struct conform *c, uint64_t level)
{
	MUST(c, RTT_MAP_UNPROTECTED, G(c, P_RD), c->unprot + L1_SIZE, 1,
	    L1_SIZE | NS_ATTR);
	c->x[2] = c->unprot + L1_SIZE + (level == 3 ? L2_SIZE : 0);
	c->x[3] = level;
}

static void
live_level_2(struct conform *c, uint64_t ipa)
{
	c->x[2] = ipa;
	c->x[3] = 2;
}

static void
table_missing_level_2(struct conform *c, uint64_t unused)
{
	(void)unused;
	c->x[2] = L1_SIZE;
	c->x[3] = 2;
}

static const struct arg destroy_args[] = {
	ARG_RD,
	{ 2, "ipa", WANT_IPA, "ipa_align", "ipa_bound", NULL, 3, 1, NULL },
	{ 0 },
};

#define TOP(id_, what_, apply_, arg_, index_, outputs_)                 \
	{                                                               \
		.id = id_, .what = what_, .apply = apply_, .arg = arg_, \
		.index = index_, .outputs = outputs_                    \
	}

static const struct stimulus destroy_stimuli[] = {
	LEVELS(set_x3),
	TOP("rtt_walk", "level-1", set_x2, L1_SIZE, 1, top_is_unprot),
	TOP("rtt_walk", "block", walk_to_block_ns, 3, 1, top_is_ipa),
	TOP("rtte_state", "UNASSIGNED", set_x2, 2 * L2_SIZE, 2,
	    top_is_table_end),
	TOP("rtte_state", "level-1", table_missing_level_2, 0, 1,
	    top_is_unprot),
	TOP("rtte_state", "block", walk_to_block_ns, 2, 1, top_is_ipa),
	TOP("rtt_live", "DATA", set_x2, 0, 3, top_is_ipa),
	TOP("rtt_live", "table", live_level_2, 0, 2, top_is_ipa),
	{ .id = NULL },
};

static const struct positive destroy_positives[] = {
	{ "success", NULL, destroy_check, NULL, 0 },
	{ "live-follows", destroy_live_follows, destroy_live_follows_check,
	    NULL, 0 },
	{ "unprotected", destroy_unprotected, destroy_unprotected_check, NULL,
	    0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rtt_destroy_cases = {
	.name = "RTT_DESTROY",
	.base = destroy_base,
	.args = destroy_args,
	.stimuli = destroy_stimuli,
	.positives = destroy_positives,
};

/* ---- RTT_FOLD ---------------------------------------------------------- */

static void
fold_empty_check(struct conform *c)
{
	gone(c, G(c, TABLE), RMI_UNASSIGNED, RMI_EMPTY, 0);
}

static void
fold_ram(struct conform *c)
{
	MUST(c, RTT_INIT_RIPAS, G(c, P_RD), L2_SIZE, 2 * L2_SIZE);
}

static void
fold_ram_check(struct conform *c)
{
	gone(c, G(c, TABLE), RMI_UNASSIGNED, RMI_RAM, 0);
}

static void
fold_destroyed(struct conform *c)
{
	MUST(c, RTT_DESTROY, G(c, P_RD), L2_SIZE, 3);
	table_at(c, L2_SIZE);
}

static void
fold_destroyed_check(struct conform *c)
{
	gone(c, G(c, TABLE), RMI_UNASSIGNED, RMI_DESTROYED, 0);
}

static void
fold_unprotected(struct conform *c)
{
	MUST(c, RTT_UNMAP_UNPROTECTED, G(c, P_RD), c->unprot + IPA_DATA, 3);
	c->x[2] = c->unprot;
}

static void
fold_unprotected_check(struct conform *c)
{
	gone(c, G(c, P_UL3), RMI_UNASSIGNED, RMI_EMPTY, 0);
}

static void
fold_block_ns(struct conform *c)
{
	uint64_t ipa = c->unprot + 2 * L2_SIZE;

	MUST(c, RTT_MAP_UNPROTECTED, G(c, P_RD), ipa, 2,
	    G(c, P_BLOCK) | NS_ATTR);
	MUST(c, RTT_CREATE, G(c, P_RD), G(c, TABLE + 1), ipa, 3);
	c->x[2] = ipa;
}

static void
fold_block_ns_check(struct conform *c)
{
	gone(c, G(c, TABLE + 1), RMI_ASSIGNED, RMI_EMPTY,
	    G(c, P_BLOCK) | NS_ATTR);
}

static void
fold_block(struct conform *c)
{
	fill_table(c);
	c->x[2] = 2 * L2_SIZE;
}

static void
fold_block_check(struct conform *c)
{
	gone(c, G(c, P_FREE_END - 2), RMI_ASSIGNED, RMI_RAM, G(c, P_BLOCK));
}

/* One entry is not like the others. */
static void
mixed_ripas(struct conform *c, uint64_t unused)
{
	(void)unused;
	MUST(c, RTT_INIT_RIPAS, G(c, P_RD), L2_SIZE + 0x5000, L2_SIZE + 0x6000);
}

static void
mixed_state(struct conform *c, uint64_t unused)
{
	(void)unused;
	fold_block(c);
	MUST(c, DATA_DESTROY, G(c, P_RD), 2 * L2_SIZE + 0x1ff000);
}

static void
mixed_address(struct conform *c, uint64_t unused)
{
	uint64_t rd = G(c, P_RD), last = 2 * L2_SIZE + 0x1ff000;

	(void)unused;
	fold_block(c);
	MUST(c, DATA_DESTROY, rd, last);
	MUST(c, DATA_CREATE, rd, G(c, TABLE + 4), last, G(c, P_SRC), 0);
}

static void
mixed_attributes(struct conform *c, uint64_t unused)
{
	uint64_t last = c->unprot + 2 * L2_SIZE + 0x1ff000;

	(void)unused;
	fold_block_ns(c);
	MUST(c, RTT_UNMAP_UNPROTECTED, G(c, P_RD), last, 3);
	/* The address goes on; it may be read only. */
	MUST(c, RTT_MAP_UNPROTECTED, G(c, P_RD), last, 3,
	    (G(c, P_BLOCK) + 0x1ff000) | 6ull << 2 | 1ull << 6);
}

static const struct stimulus fold_stimuli[] = {
	LEVELS(set_x3),
	S("rtt_walk", "level-1", set_x2, L1_SIZE, 1),
	S("rtt_walk", "block", walk_to_block_ns, 3, 1),
	S("rtte_state", "UNASSIGNED", set_x2, 2 * L2_SIZE, 2),
	S("rtte_state", "level-1", table_missing_level_2, 0, 1),
	S("rtt_homo", "DATA", set_x2, 0, 3),
	S("rtt_homo", "table", live_level_2, 0, 2),
	S("rtt_homo", "RIPAS", mixed_ripas, 0, 3),
	S("rtt_homo", "state", mixed_state, 0, 3),
	S("rtt_homo", "address", mixed_address, 0, 3),
	S("rtt_homo", "attributes", mixed_attributes, 0, 3),
	{ .id = NULL },
};

static const struct positive fold_positives[] = {
	{ "EMPTY", NULL, fold_empty_check, NULL, 0 },
	{ "RAM", fold_ram, fold_ram_check, NULL, 0 },
	{ "DESTROYED", fold_destroyed, fold_destroyed_check, NULL, 0 },
	{ "UNASSIGNED_NS", fold_unprotected, fold_unprotected_check, NULL, 0 },
	{ "ASSIGNED_NS", fold_block_ns, fold_block_ns_check, NULL, 0 },
	{ "ASSIGNED", fold_block, fold_block_check, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rtt_fold_cases = {
	.name = "RTT_FOLD",
	.base = destroy_base,
	.args = destroy_args,
	.stimuli = fold_stimuli,
	.positives = fold_positives,
};
