/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RTT_MAP_UNPROTECTED (B4.3.19), RTT_UNMAP_UNPROTECTED (B4.3.22) and
 * RTT_READ_ENTRY (B4.3.20).
 */
#include "conform.h"

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
#define LEVEL(n)                                                              \
	{                                                                     \
		.id = "level_bound", .what = #n, .apply = set_x3, .arg = (n), \
		.also = "ipa_align addr_align"                                \
	}
#define LEVELS                                                   \
	LEVEL(4), LEVEL(0), LEVEL(5), LEVEL(0xffffffffffffffff), \
	    LEVEL(0x8000000000000000), LEVEL(0x100000003)

/* ---- RTT_MAP_UNPROTECTED ----------------------------------------------- */

static void
map_base(struct conform *c)
{
	c->x[1] = G(c, P_RD);
	c->x[2] = c->unprot + IPA_TARGET;
	c->x[3] = 3;
	c->x[4] = G(c, P_NS) | NS_ATTR;
}

static void
map_check(struct conform *c)
{
	int level = (int)c->x[3];
	uint64_t size = L3_SIZE << (9 * (3 - level));

	expect_entry(c, "rtte_contents", c->x[2], level, level, RMI_ASSIGNED,
	    RMI_EMPTY, c->x[4]);
	may_change_entries(c, c->x[2], c->x[2] + size);
	/* It is ASSIGNED_NS: it can be unmapped. */
	MUST(c, RTT_UNMAP_UNPROTECTED, c->x[1], c->x[2], c->x[3]);
}

static void
map_level_2(struct conform *c)
{
	c->x[2] = c->unprot + L2_SIZE;
	c->x[3] = 2;
	c->x[4] = G(c, P_BLOCK) | NS_ATTR;
}

static void
map_level_1(struct conform *c)
{
	c->x[2] = c->unprot + L1_SIZE;
	c->x[3] = 1;
	c->x[4] = L1_SIZE | NS_ATTR;
}

static void
map_plain(struct conform *c)
{
	c->x[4] = G(c, P_NS);
}

static void
map_active(struct conform *c)
{
	activate(c, 0);
}

static void
desc_or(struct conform *c, uint64_t bits)
{
	c->x[4] |= bits;
}

/* A block's IPA, and an address that is aligned to less. */
static void
map_misaligned(struct conform *c, uint64_t level)
{
	if (level == 2)
		map_level_2(c);
	else
		map_level_1(c);
	c->x[4] = (level == 2 ? G(c, P_NS) : L2_SIZE) | NS_ATTR;
}

static void
map_table(struct conform *c, uint64_t unused)
{
	(void)unused;
	map_level_2(c);
	c->x[2] = c->unprot;
}

static const struct arg map_args[] = {
	ARG_RD,
	{ 2, "ipa", WANT_IPA_UNPROTECTED, "ipa_align", "ipa_bound", NULL, 3, 0,
	    NULL },
	{ 0 },
};

static const struct stimulus map_stimuli[] = {
	LEVELS,
	S("attr_valid", "bit-0", desc_or, 1ull << 0, 0),
	S("attr_valid", "bit-1", desc_or, 1ull << 1, 0),
	S("attr_valid", "MemAttr-3", desc_or, 1ull << 5, 0),
	/* With LPA2 this one is the address's. */
	{ .id = "attr_valid",
	    .what = "bit-8",
	    .apply = desc_or,
	    .arg = 1ull << 8,
	    .also = "addr_bound" },
	S("attr_valid", "AF", desc_or, 1ull << 10, 0),
	S("attr_valid", "bit-11", desc_or, 1ull << 11, 0),
	S("attr_valid", "bit-52", desc_or, 1ull << 52, 0),
	S("attr_valid", "XN", desc_or, 1ull << 54, 0),
	S("attr_valid", "bit-63", desc_or, 1ull << 63, 0),
	S("addr_align", "level-2", map_misaligned, 2, 0),
	S("addr_align", "level-1", map_misaligned, 1, 0),
	{ .id = "addr_bound",
	    .what = "2^48",
	    .apply = desc_or,
	    .arg = 1ull << 48,
	    .also = "attr_valid" },
	S("rtt_walk", "level-2", unprot_x2, L2_SIZE, 2),
	S("rtt_walk", "level-1", unprot_x2, L1_SIZE, 1),
	S("rtte_state", "ASSIGNED_NS", unprot_x2, IPA_DATA, 3),
	S("rtte_state", "TABLE", map_table, 0, 2),
	{ .id = NULL },
};

static const struct positive map_positives[] = {
	{ "level-3", NULL, map_check, NULL, 0 },
	{ "level-2", map_level_2, map_check, NULL, 0 },
	{ "level-1", map_level_1, map_check, NULL, 0 },
	{ "no-attributes", map_plain, map_check, NULL, 0 },
	{ "ACTIVE", map_active, map_check, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rtt_map_unprotected_cases = {
	.name = "RTT_MAP_UNPROTECTED",
	.base = map_base,
	.args = map_args,
	.stimuli = map_stimuli,
	.positives = map_positives,
};

/* ---- RTT_UNMAP_UNPROTECTED --------------------------------------------- */

static void
unmap_base(struct conform *c)
{
	c->x[1] = G(c, P_RD);
	c->x[2] = c->unprot + IPA_DATA;
	c->x[3] = 3;
}

static void
unmapped(struct conform *c, uint64_t top)
{
	int level = (int)c->x[3];
	uint64_t size = L3_SIZE << (9 * (3 - level));

	expect_entry(c, "rtte_state", c->x[2], level, level, RMI_UNASSIGNED,
	    RMI_EMPTY, 0);
	expect_top(c, top);
	may_change_entries(c, c->x[2], c->x[2] + size);
	/* It is UNASSIGNED_NS: it can be mapped. */
	MUST(c, RTT_MAP_UNPROTECTED, c->x[1], c->x[2], c->x[3],
	    G(c, P_BLOCK) | NS_ATTR);
}

static void
unmap_check(struct conform *c)
{
	unmapped(c, c->unprot + L2_SIZE);
}

static void
unmap_next_mapped(struct conform *c)
{
	MUST(c, RTT_MAP_UNPROTECTED, c->x[1], c->unprot + IPA_RAM, 3,
	    G(c, P_NS) | NS_ATTR);
}

static void
unmap_next_mapped_check(struct conform *c)
{
	unmapped(c, c->unprot + IPA_RAM);
}

static void
unmap_level_2(struct conform *c)
{
	c->x[2] = c->unprot + L2_SIZE;
	c->x[3] = 2;
	MUST(c, RTT_MAP_UNPROTECTED, c->x[1], c->x[2], 2,
	    G(c, P_BLOCK) | NS_ATTR);
}

static void
unmap_level_2_check(struct conform *c)
{
	unmapped(c, c->unprot + L1_SIZE);
}

static void
unmap_page_of_block(struct conform *c, uint64_t unused)
{
	(void)unused;
	unmap_level_2(c);
	c->x[2] += IPA_TARGET;
	c->x[3] = 3;
}

static void
unmap_table(struct conform *c, uint64_t unused)
{
	(void)unused;
	c->x[2] = c->unprot;
	c->x[3] = 2;
}

static void
top_is_mapping(struct conform *c)
{
	expect_top(c, c->unprot + IPA_DATA);
}

#define TOP(id_, what_, apply_, arg_, index_, outputs_)                 \
	{                                                               \
		.id = id_, .what = what_, .apply = apply_, .arg = arg_, \
		.index = index_, .outputs = outputs_                    \
	}

static const struct stimulus unmap_stimuli[] = {
	LEVELS,
	TOP("rtt_walk", "level-2", unprot_x2, L2_SIZE, 2, top_is_table_end),
	TOP("rtt_walk", "level-1", unprot_x2, L1_SIZE, 1, top_is_unprot),
	TOP("rtt_walk", "block", unmap_page_of_block, 0, 2, top_is_ipa),
	TOP("rtte_state", "UNASSIGNED_NS", unprot_x2, IPA_TARGET, 3,
	    top_is_mapping),
	TOP("rtte_state", "TABLE", unmap_table, 0, 2, top_is_ipa),
	{ .id = NULL },
};

static const struct positive unmap_positives[] = {
	{ "level-3", NULL, unmap_check, NULL, 0 },
	{ "next-mapped", unmap_next_mapped, unmap_next_mapped_check, NULL, 0 },
	{ "level-2", unmap_level_2, unmap_level_2_check, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rtt_unmap_unprotected_cases = {
	.name = "RTT_UNMAP_UNPROTECTED",
	.base = unmap_base,
	.args = map_args,
	.stimuli = unmap_stimuli,
	.positives = unmap_positives,
};

/* ---- RTT_READ_ENTRY ---------------------------------------------------- */

static void
read_base(struct conform *c)
{
	c->x[1] = G(c, P_RD);
	c->x[2] = IPA_TARGET;
	c->x[3] = 3;
}

static void
read_each(struct conform *c)
{
	uint64_t u = c->unprot;

	snapshot_take(c, &c->before);
	expect_entry(
	    c, "UNASSIGNED", IPA_TARGET, 3, 3, RMI_UNASSIGNED, RMI_EMPTY, 0);
	expect_entry(c, "RAM", IPA_RAM, 3, 3, RMI_UNASSIGNED, RMI_RAM, 0);
	expect_entry(c, "DESTROYED", IPA_DESTROYED, 3, 3, RMI_UNASSIGNED,
	    RMI_DESTROYED, 0);
	expect_entry(
	    c, "ASSIGNED", IPA_DATA, 3, 3, RMI_ASSIGNED, RMI_RAM, G(c, P_DATA));
	expect_entry(c, "ASSIGNED-EMPTY", IPA_DATA2, 3, 3, RMI_ASSIGNED,
	    RMI_EMPTY, G(c, P_DATA2));
	expect_entry(c, "TABLE", 0, 2, 2, RMI_TABLE, 0, G(c, P_L3));
	expect_entry(c, "TABLE", 0, 1, 1, RMI_TABLE, 0, G(c, P_L2));
	expect_entry(
	    c, "short-walk", L1_SIZE, 3, 1, RMI_UNASSIGNED, RMI_EMPTY, 0);
	expect_entry(
	    c, "short-walk", L2_SIZE, 3, 2, RMI_UNASSIGNED, RMI_EMPTY, 0);
	expect_entry(c, "UNASSIGNED_NS", u + IPA_TARGET, 3, 3, RMI_UNASSIGNED,
	    RMI_EMPTY, 0);
	expect_entry(c, "ASSIGNED_NS", u + IPA_DATA, 3, 3, RMI_ASSIGNED,
	    RMI_EMPTY, G(c, P_NS) | NS_ATTR);
	snapshot_take(c, &c->after);
	snapshot_compare(c);
}

static void
read_check(struct conform *c)
{
	if (c->r[2] > 0xff || c->r[4] > 0xff)
		fail(c, "X2 or X4 has bits above 7: " X64 ", " X64, c->r[2],
		    c->r[4]);
}

static const struct arg read_args[] = {
	ARG_RD,
	{ 2, "ipa", WANT_IPA, "ipa_align", "ipa_bound", NULL, 3, 0, NULL },
	{ 0 },
};

static const struct stimulus read_stimuli[] = {
	LEVELS,
	{ .id = NULL },
};

static const struct positive read_positives[] = {
	{ "success", NULL, read_check, NULL, 0 },
	{ "each-state", NULL, NULL, read_each, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rtt_read_entry_cases = {
	.name = "RTT_READ_ENTRY",
	.base = read_base,
	.args = read_args,
	.stimuli = read_stimuli,
	.positives = read_positives,
};
