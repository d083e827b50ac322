/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RTT_SET_RIPAS (B4.3.21): a realm has asked for a change, and the host makes
 * it; all, a part, or more than that.
 */
#include "guest.h"

#include <string.h>

#define S(id_, what_, apply_, arg_, index_)                             \
	{                                                               \
		.id = id_, .what = what_, .apply = apply_, .arg = arg_, \
		.index = index_                                         \
	}

/* The realm asks for [base, top). */
static void
ask(struct conform *c, uint64_t base, uint64_t top, uint64_t ripas)
{
	guest_do(c, GUEST_1,
	    SMC(RSI_FID_IPA_STATE_SET, base, top, ripas, RSI_CHANGE_DESTROYED));
	expect_reason(c, GUEST_1, RMI_EXIT_RIPAS_CHANGE);
	c->x[3] = base;
	c->x[4] = top;
}

static void
asked_for(struct conform *c, uint64_t base, uint64_t top, uint64_t ripas)
{
	activate(c, 0);
	c->x[1] = G(c, P_RD);
	c->x[2] = G(c, P_REC);
	ask(c, base, top, ripas);
}

#define PAGES 4
static void
set_base(struct conform *c)
{
	asked_for(c, IPA_TARGET, IPA_TARGET + PAGES * L3_SIZE, RSI_RAM);
}

/* ---- Failures ---------------------------------------------------------- */

/* The REC goes on with it: nothing is pending any more. */
static void
entered_again(struct conform *c, uint64_t unused)
{
	(void)unused;
	guest_enter(c, GUEST_1);
}

/* It runs, and so has no change pending: no top is right. */
static void
running(struct conform *c, uint64_t unused)
{
	(void)unused;
	guest_enter(c, GUEST_1);
	guest_hold(c, GUEST_1);
	c->x[3] = 0;
	c->x[4] = L3_SIZE;
}

static void
place_rec(struct conform *c, uint64_t place)
{
	c->x[2] = G(c, (unsigned)place);
}

/* Another request, of what a table of level 2 holds. */
static void
asked_block(struct conform *c, uint64_t base, uint64_t top)
{
	guest_enter(c, GUEST_1);
	ask(c, base, top, RSI_RAM);
}

/* In the middle of an entry: a part of it has been made by pages. */
static void
base_in_block(struct conform *c, uint64_t unused)
{
	(void)unused;
	asked_block(c, L2_SIZE + L3_SIZE, 3 * L2_SIZE);
}

static void
less_than_a_block(struct conform *c, uint64_t unused)
{
	(void)unused;
	asked_block(c, L2_SIZE, L2_SIZE + L3_SIZE);
}

static void
top_in_block(struct conform *c, uint64_t unused)
{
	less_than_a_block(c, unused);
	c->x[4] = L2_SIZE + 0x800;
}

static void
block_rd_nowhere(struct conform *c, uint64_t in_block)
{
	(in_block ? base_in_block : less_than_a_block)(c, 0);
	c->x[1] = pa_nowhere(c);
}

static void
block_rd_table(struct conform *c, uint64_t in_block)
{
	(in_block ? base_in_block : less_than_a_block)(c, 0);
	c->x[1] = G(c, P_L2);
}

/* Not where the request begins, and in the middle of an entry. */
static void
base_elsewhere(struct conform *c, uint64_t unused)
{
	base_in_block(c, unused);
	c->x[3] += L3_SIZE;
}

static const struct arg set_args[] = {
	{ 1, "rd", WANT_RD, "rd_align", "rd_bound", "rd_state", 0, 0,
	    "rec_owner" },
	{ 2, "rec", WANT_REC, "rec_align", "rec_bound", "rec_gran_state", 0, 0,
	    NULL },
	{ 0 },
};

#define TOO(id_, what_, apply_, arg_, also_)                            \
	{                                                               \
		.id = id_, .what = what_, .apply = apply_, .arg = arg_, \
		.also = also_                                           \
	}

static const struct stimulus set_stimuli[] = {
	TOO("rec_state", "RUNNING", running, 0, "top_bound base_bound"),
	TOO("rec_owner", "", place_rec, P_BY_REC, "top_bound base_bound"),
	S("size_valid", "empty", set_x4, IPA_TARGET, 0),
	S("size_valid", "negative", set_x4, 0, 0),
	TOO("base_bound", "above", set_x3, IPA_TARGET + L3_SIZE, NULL),
	TOO("base_bound", "below", set_x3, IPA_TARGET - L3_SIZE, NULL),
	TOO("base_bound", "2^63", set_x3, 1ull << 63, "size_valid"),
	TOO("base_bound", "nothing-pending", entered_again, 0, "top_bound"),
	S("top_bound", "", set_x4, IPA_TARGET + (PAGES + 1) * L3_SIZE, 0),
	S("top_bound", "2^63", set_x4, 1ull << 63, 0),
	S("top_gran_align", "+1", set_x4, IPA_TARGET + L3_SIZE + 1, 0),
	S("top_gran_align", "+0x800", set_x4, IPA_TARGET + L3_SIZE + 0x800, 0),
	{ .id = "base_align",
	    .what = "level-2",
	    .apply = base_in_block,
	    .index = 2,
	    .also = "no_progress" },
	S("no_progress", "level-2", less_than_a_block, 0, 2),
	{ .id = NULL },
};

static const struct both set_both[] = {
	{ "rd_bound", "base_align", block_rd_nowhere, 1, NULL },
	{ "rd_state", "base_align", block_rd_table, 1, NULL },
	{ "rd_bound", "no_progress", block_rd_nowhere, 0, NULL },
	{ "rd_state", "no_progress", block_rd_table, 0, NULL },
	{ "base_bound", "base_align", base_elsewhere, 0, NULL },
	{ "top_gran_align", "no_progress", top_in_block, 0, NULL },
	{ NULL, NULL, NULL, 0, NULL },
};

/* ---- Successes --------------------------------------------------------- */

/* Each page of the range has the RIPAS; those around it have not. */
static void
judge(struct conform *c, uint64_t top, unsigned ripas, unsigned others)
{
	expect_x(c, "out_top", 1, top);
	for (uint64_t ipa = c->x[3]; ipa < top; ipa += L3_SIZE)
		expect_entry(
		    c, "rtte_ripas", ipa, 3, 3, RMI_UNASSIGNED, ripas, 0);
	expect_entry(c, "rtte_ripas", c->x[3] - L3_SIZE, 3, 3, RMI_UNASSIGNED,
	    RMI_EMPTY, 0);
	expect_entry(c, "rtte_ripas", top, 3, 3, RMI_UNASSIGNED, others, 0);
	may_change_entries(c, c->x[3], top);
	may_change(c, KEY_REALM, G(c, P_RD), REALM_RECS);
}

static void
all_check(struct conform *c)
{
	judge(c, c->x[4], RMI_RAM, RMI_EMPTY);
}

static void
a_part(struct conform *c)
{
	c->x[4] = IPA_TARGET + L3_SIZE;
}

/* One piece after another: each begins where the last ended (ripas_addr). */
static void
pieces(struct conform *c)
{
	const struct deed *deed;
	uint64_t x[SMC_REGS];

	for (unsigned i = 0; i < PAGES; i++)
		MUST(c, RTT_SET_RIPAS, G(c, P_RD), G(c, P_REC),
		    IPA_TARGET + i * L3_SIZE, IPA_TARGET + (i + 1) * L3_SIZE);
	memcpy(x, c->x, sizeof x);
	x[3] = IPA_TARGET;
	if (rmmclient_call(c->client, 0, x, NULL) == RMI_SUCCESS)
		fail(c, "a piece is made a second time");
	guest_enter(c, GUEST_1);
	deed = guest_do(c, GUEST_1,
	    SMC(RSI_FID_IPA_STATE_GET, IPA_TARGET,
		IPA_TARGET + PAGES * L3_SIZE));
	expect_result(c, deed, RSI_SUCCESS);
	if (deed->x[2] != RSI_RAM)
		fail(c, "the realm sees RIPAS " X64, deed->x[2]);
}

/* What is mapped loses its RIPAS, and is not to be reached any more. */
static void
to_empty(struct conform *c)
{
	guest_enter(c, GUEST_1);
	ask(c, IPA_DATA, IPA_DATA + L3_SIZE, RSI_EMPTY);
}

static void
to_empty_check(struct conform *c)
{
	expect_x(c, "out_top", 1, c->x[4]);
	may_change_entries(c, c->x[3], c->x[4]);
	may_change(c, KEY_REALM, G(c, P_RD), REALM_RECS);
	expect_entry(c, "rtte_ripas", IPA_DATA, 3, 3, RMI_ASSIGNED, RMI_EMPTY,
	    G(c, P_DATA));
}

/* DESTROYED becomes RAM, where the realm allows it. */
static void
from_destroyed(struct conform *c)
{
	guest_enter(c, GUEST_1);
	ask(c, IPA_DESTROYED, IPA_DESTROYED + L3_SIZE, RSI_RAM);
}

static void
destroyed_stays(struct conform *c)
{
	uint64_t x[SMC_REGS];

	guest_enter(c, GUEST_1);
	guest_do(c, GUEST_1,
	    SMC(RSI_FID_IPA_STATE_SET, IPA_DESTROYED - L3_SIZE,
		IPA_DESTROYED + L3_SIZE, RSI_RAM, 0));
	expect_reason(c, GUEST_1, RMI_EXIT_RIPAS_CHANGE);
	memcpy(x, c->x, sizeof x);
	x[3] = IPA_DESTROYED - L3_SIZE;
	x[4] = IPA_DESTROYED + L3_SIZE;
	if (rmmclient_call(c->client, 0, x, NULL) != RMI_SUCCESS ||
	    x[1] != IPA_DESTROYED)
		fail(c, "out_top: is " X64 " (X0 " X64 "), must stop at " X64,
		    x[1], x[0], (uint64_t)IPA_DESTROYED);
	expect_entry(c, "rtte_ripas", IPA_DESTROYED, 3, 3, RMI_UNASSIGNED,
	    RMI_DESTROYED, 0);
}

static void
to_ram_check(struct conform *c)
{
	judge(c, c->x[4], RMI_RAM, RMI_EMPTY);
}

/* Entries of level 2, as far as they are whole. */
static void
blocks(struct conform *c)
{
	asked_block(c, L2_SIZE, 2 * L2_SIZE + L3_SIZE);
}

static void
blocks_check(struct conform *c)
{
	expect_x(c, "out_top", 1, 2 * L2_SIZE);
	expect_entry(
	    c, "rtte_ripas", L2_SIZE, 3, 2, RMI_UNASSIGNED, RMI_RAM, 0);
	expect_entry(
	    c, "rtte_ripas", 2 * L2_SIZE, 3, 2, RMI_UNASSIGNED, RMI_EMPTY, 0);
	may_change_entries(c, L2_SIZE, 2 * L2_SIZE);
	may_change(c, KEY_REALM, G(c, P_RD), REALM_RECS);
}

/* To the end of a table, and no further. */
static void
table_end(struct conform *c)
{
	asked_block(c, L2_SIZE - 2 * L3_SIZE, 2 * L2_SIZE);
}

static void
table_end_check(struct conform *c)
{
	expect_x(c, "out_top", 1, L2_SIZE);
	expect_entry(c, "rtte_ripas", L2_SIZE - L3_SIZE, 3, 3, RMI_UNASSIGNED,
	    RMI_RAM, 0);
	expect_entry(
	    c, "rtte_ripas", L2_SIZE, 3, 2, RMI_UNASSIGNED, RMI_EMPTY, 0);
	may_change_entries(c, L2_SIZE - 2 * L3_SIZE, L2_SIZE);
	may_change(c, KEY_REALM, G(c, P_RD), REALM_RECS);
}

static const struct positive set_positives[] = {
	{ "success", NULL, all_check, NULL, 0 },
	{ "a-part", a_part, all_check, NULL, 0 },
	{ "pieces", NULL, NULL, pieces, 0 },
	{ "to-EMPTY", to_empty, to_empty_check, NULL, 0 },
	{ "DESTROYED", from_destroyed, to_ram_check, NULL, 0 },
	{ "DESTROYED-stays", NULL, NULL, destroyed_stays, 0 },
	{ "blocks", blocks, blocks_check, NULL, 0 },
	{ "end-of-table", table_end, table_end_check, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rtt_set_ripas_cases = {
	.name = "RTT_SET_RIPAS",
	.base = set_base,
	.args = set_args,
	.stimuli = set_stimuli,
	.both = set_both,
	.positives = set_positives,
};
