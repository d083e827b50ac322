/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RTT_INIT_RIPAS (B4.3.18).
 */
#include "conform.h"

#include <string.h>

#define S(id_, what_, apply_, arg_, index_)                             \
	{                                                               \
		.id = id_, .what = what_, .apply = apply_, .arg = arg_, \
		.index = index_                                         \
	}

/* ---- RTT_INIT_RIPAS ---------------------------------------------------- */

static void
init_base(struct conform *c)
{
	c->x[1] = G(c, P_RD);
	c->x[2] = IPA_TARGET;
	c->x[3] = IPA_TARGET + 2 * L3_SIZE;
}

static uint8_t rim[64];
static unsigned algo;

static void
note_rim(struct conform *c)
{
	struct realm_view view;

	algo = params_for_realm(c)->hash_algo;
	if (control_realm(c, c->x[1], &view))
		memcpy(rim, view.rim, sizeof rim);
}

static void
initialized(struct conform *c, int level, uint64_t top)
{
	uint64_t size = L3_SIZE << (9 * (3 - level));

	expect_x(c, "out_top", 1, top);
	for (uint64_t ipa = c->x[2]; ipa < top; ipa += size) {
		rim_ripas(algo, rim, ipa, ipa + size);
		if (ipa == c->x[2] || ipa + size == top)
			expect_entry(c, "rtte_ripas", ipa, 3, level,
			    RMI_UNASSIGNED, RMI_RAM, 0);
	}
	expect_rim(c, c->x[1], rim);
	may_change_entries(c, c->x[2], top);
}

static void
init_check(struct conform *c)
{
	initialized(c, 3, c->x[3]);
}

static void
init_level_2(struct conform *c)
{
	note_rim(c);
	c->x[2] = L2_SIZE;
	c->x[3] = 4 * L2_SIZE;
}

static void
init_level_2_check(struct conform *c)
{
	initialized(c, 2, 4 * L2_SIZE);
}

/* What does not fill an entry is left for the next call. */
static void
init_ragged(struct conform *c)
{
	note_rim(c);
	c->x[2] = L2_SIZE;
	c->x[3] = 3 * L2_SIZE + L3_SIZE;
}

static void
init_ragged_check(struct conform *c)
{
	initialized(c, 2, 3 * L2_SIZE);
}

static void
init_table_end(struct conform *c)
{
	note_rim(c);
	c->x[2] = IPA_DATA2 + L3_SIZE;
	c->x[3] = 2 * L2_SIZE;
}

static void
init_table_end_check(struct conform *c)
{
	initialized(c, 3, L2_SIZE);
}

static void
init_over_destroyed(struct conform *c)
{
	note_rim(c);
	c->x[2] = IPA_DESTROYED;
	c->x[3] = IPA_DESTROYED + L3_SIZE;
}

static void
init_before_table(struct conform *c)
{
	note_rim(c);
	MUST(c, RTT_CREATE, c->x[1], G(c, P_FREE), 3 * L2_SIZE, 3);
	c->x[2] = L2_SIZE;
	c->x[3] = 6 * L2_SIZE;
}

static void
init_before_table_check(struct conform *c)
{
	initialized(c, 2, 3 * L2_SIZE);
}

static void
top_add(struct conform *c, uint64_t bytes)
{
	c->x[3] += bytes;
}

static void
top_is_base_and(struct conform *c, uint64_t bytes)
{
	c->x[3] = c->x[2] + bytes;
}

static void
top_unprotected(struct conform *c, uint64_t pages)
{
	c->x[3] = c->unprot + pages * L3_SIZE;
}

static void
base_and_top(struct conform *c, uint64_t base)
{
	c->x[2] = base;
	c->x[3] = base + L3_SIZE;
}

static void
base_in_block(struct conform *c, uint64_t unused)
{
	(void)unused;
	c->x[2] = L2_SIZE + L3_SIZE;
	c->x[3] = 3 * L2_SIZE;
}

static const struct arg init_args[] = {
	{ 1, "rd", WANT_RD, "rd_align", "rd_bound", "rd_state", 0, 0, NULL },
	{ 0 },
};

static const struct stimulus init_stimuli[] = {
	S("size_valid", "empty", top_is_base_and, 0, 0),
	{ .id = "size_valid",
	    .what = "negative",
	    .apply = top_is_base_and,
	    .arg = UINT64_MAX - 0xfff,
	    .also = "top_bound" },
	{ .id = "size_valid",
	    .what = "top=0",
	    .apply = set_x3,
	    .arg = 0,
	    .also = "top_bound" },
	S("top_bound", "first-unprotected", top_unprotected, 1, 0),
	S("top_bound", "2^48", set_x3, 1ull << 48, 0),
	S("top_bound", "2^52", set_x3, 1ull << 52, 0),
	S("top_bound", "2^63", set_x3, 1ull << 63, 0),
	S("top_bound", "highest", set_x3, UINT64_MAX - 0xfff, 0),
	S("realm_state", "ACTIVE", activate, 0, 0),
	S("realm_state", "SYSTEM_OFF", power_off, 0, 0),
	{ .id = "base_align",
	    .what = "level-2",
	    .apply = base_in_block,
	    .index = 2,
	    .also = "no_progress" },
	{ .id = "base_align",
	    .what = "+0x800",
	    .apply = set_x2,
	    .arg = IPA_TARGET + 0x800,
	    .index = 3,
	    .also = "no_progress" },
	{ .id = "rtte_state",
	    .what = "ASSIGNED",
	    .apply = base_and_top,
	    .arg = IPA_DATA,
	    .index = 3,
	    .also = "no_progress" },
	S("top_gran_align", "+0x800", top_add, 0x800, 0),
	S("top_gran_align", "+1", top_add, 1, 0),
	S("top_gran_align", "+8", top_add, 8, 0),
	S("no_progress", "level-2", base_and_top, L2_SIZE, 2),
	S("no_progress", "level-1", base_and_top, L1_SIZE, 1),
	{ .id = NULL },
};

static const struct positive init_positives[] = {
	{ "two-pages", note_rim, init_check, NULL, 0 },
	{ "level-2", init_level_2, init_level_2_check, NULL, 0 },
	{ "ragged-top", init_ragged, init_ragged_check, NULL, 0 },
	{ "end-of-table", init_table_end, init_table_end_check, NULL, 0 },
	{ "DESTROYED", init_over_destroyed, init_check, NULL, 0 },
	{ "before-table", init_before_table, init_before_table_check, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rtt_init_ripas_cases = {
	.name = "RTT_INIT_RIPAS",
	.base = init_base,
	.args = init_args,
	.stimuli = init_stimuli,
	.positives = init_positives,
};
