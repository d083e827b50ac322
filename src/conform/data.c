/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DATA_CREATE (B4.3.1), DATA_CREATE_UNKNOWN (B4.3.2), DATA_DESTROY (B4.3.3).
 */
#include "conform.h"

#include <string.h>

#define ARG_RD                                                              \
	{                                                                   \
		1, "rd", WANT_RD, "rd_align", "rd_bound", "rd_state", 0, 0, \
		    NULL                                                    \
	}

static uint64_t
entry_ripas(struct conform *c, uint64_t ipa)
{
	for (unsigned i = 0; i < c->before.num; i++) {
		const struct item *item = &c->before.items[i];

		if (item->key == KEY_ENTRY && item->a == G(c, P_RD) &&
		    item->b == ipa && item->level == 3)
			return item->v[3];
	}
	return RMI_EMPTY;
}

static void
walk_to_block(struct conform *c, uint64_t reg)
{
	map_block(c);
	c->x[reg] = 2 * L2_SIZE + IPA_TARGET;
}

/* ---- DATA_CREATE ------------------------------------------------------- */

static void
create_base(struct conform *c)
{
	c->x[1] = G(c, P_RD);
	c->x[2] = G(c, P_FREE);
	c->x[3] = IPA_TARGET;
	c->x[4] = G(c, P_SRC);
	c->x[5] = RMI_MEASURE_CONTENT;
}

static void
created(struct conform *c, unsigned ripas)
{
	expect_granule(c, "data_state", c->x[2], "DATA");
	expect_entry(
	    c, "rtte_state", c->x[3], 3, 3, RMI_ASSIGNED, ripas, c->x[2]);
	may_change(c, KEY_GRANULE, c->x[2], 0);
	may_change_entries(c, c->x[3], c->x[3] + L3_SIZE);
	expect_field(c, "DATA granules", c->x[1], REALM_NUM_DATA, 1);
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
create_check(struct conform *c)
{
	created(c, RMI_RAM);
	rim_data(algo, rim, c->x[3], c->x[5], ns(c, P_SRC));
	expect_rim(c, c->x[1], rim);
}

static void
create_unmeasured(struct conform *c)
{
	note_rim(c);
	c->x[5] = RMI_NO_MEASURE_CONTENT;
}

static void
create_over_ram(struct conform *c)
{
	note_rim(c);
	c->x[3] = IPA_RAM;
}

static void
create_over_destroyed(struct conform *c)
{
	note_rim(c);
	c->x[3] = IPA_DESTROYED;
}

static const struct arg create_args[] = {
	ARG_RD,
	{ 2, "data", WANT_DELEGATED, "data_align", "data_bound", "data_state",
	    0, 0, NULL },
	{ 3, "ipa", WANT_IPA_PROTECTED, "ipa_align", "ipa_bound", NULL, 0, 0,
	    NULL },
	{ 4, "src", WANT_NS, "src_align", "src_bound", "src_pas", 0, 0, NULL },
	{ 0 },
};

/* For DATA_CREATE and DATA_CREATE_UNKNOWN: ipa is X3. */
#define WALK_STIMULI                                                           \
	{ .id = "data_bound2", .what = "", .apply = high_memory, .arg = 2 },   \
	    { .id = "rtt_walk",                                                \
		    .what = "level-2",                                         \
		    .apply = set_x3,                                           \
		    .arg = L2_SIZE,                                            \
		    .index = WALK(2) },                                        \
	    { .id = "rtt_walk",                                                \
		    .what = "level-1",                                         \
		    .apply = set_x3,                                           \
		    .arg = L1_SIZE,                                            \
		    .index = WALK(1) },                                        \
	    { .id = "rtt_walk",                                                \
		    .what = "block",                                           \
		    .apply = walk_to_block,                                    \
		    .arg = 3,                                                  \
		    .index = WALK(2),                                          \
		    .also = "rtte_state" },                                    \
	    { .id = "rtte_state",                                              \
		    .what = "ASSIGNED",                                        \
		    .apply = set_x3,                                           \
		    .arg = IPA_DATA,                                           \
		    .index = WALK(3) },                                        \
	{                                                                      \
		.id = "rtte_state", .what = "ASSIGNED-EMPTY", .apply = set_x3, \
		.arg = IPA_DATA2, .index = WALK(3)                             \
	}

static const struct stimulus create_stimuli[] = {
	WALK_STIMULI,
	{ .id = "realm_state", .what = "ACTIVE", .apply = activate },
	{ .id = "realm_state", .what = "SYSTEM_OFF", .apply = power_off },
	{ .id = NULL },
};

static const struct positive create_positives[] = {
	{ "measured", note_rim, create_check, NULL, 0 },
	{ "unmeasured", create_unmeasured, create_check, NULL, 0 },
	{ "over-RAM", create_over_ram, create_check, NULL, 0 },
	{ "over-DESTROYED", create_over_destroyed, create_check, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases data_create_cases = {
	.name = "DATA_CREATE",
	.base = create_base,
	.args = create_args,
	.stimuli = create_stimuli,
	.positives = create_positives,
};

/* ---- DATA_CREATE_UNKNOWN ----------------------------------------------- */

static void
unknown_base(struct conform *c)
{
	c->x[1] = G(c, P_RD);
	c->x[2] = G(c, P_FREE);
	c->x[3] = IPA_TARGET;
}

static void
unknown_check(struct conform *c)
{
	created(c, (unsigned)entry_ripas(c, c->x[3]));
}

static void
unknown_over_ram(struct conform *c)
{
	c->x[3] = IPA_RAM;
}

static void
unknown_over_destroyed(struct conform *c)
{
	c->x[3] = IPA_DESTROYED;
}

static void
make_active(struct conform *c)
{
	activate(c, 0);
}

/* Above 2^48, where the realm has LPA2. */
static void
unknown_high(struct conform *c)
{
	lpa2_realm(c);
	MUST(c, RTT_CREATE, G(c, P_FREE), G(c, P_FREE + 5), 0, 3);
	c->x[1] = G(c, P_FREE);
	high_memory(c, 2);
}

static void
unknown_high_check(struct conform *c)
{
	expect_granule(c, "data_state", c->x[2], "DATA");
	expect_entry(
	    c, "rtte_state", c->x[3], 3, 3, RMI_ASSIGNED, RMI_EMPTY, c->x[2]);
	may_change(c, KEY_GRANULE, c->x[2], 0);
}

static const struct arg unknown_args[] = {
	ARG_RD,
	{ 2, "data", WANT_DELEGATED, "data_align", "data_bound", "data_state",
	    0, 0, NULL },
	{ 3, "ipa", WANT_IPA_PROTECTED, "ipa_align", "ipa_bound", NULL, 0, 0,
	    NULL },
	{ 0 },
};

static const struct stimulus unknown_stimuli[] = {
	WALK_STIMULI,
	{ .id = NULL },
};

static const struct positive unknown_positives[] = {
	{ "EMPTY", NULL, unknown_check, NULL, 0 },
	{ "RAM", unknown_over_ram, unknown_check, NULL, 0 },
	{ "DESTROYED", unknown_over_destroyed, unknown_check, NULL, 0 },
	{ "ACTIVE", make_active, unknown_check, NULL, 0 },
	{ "above-2^48-with-LPA2", unknown_high, unknown_high_check, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases data_create_unknown_cases = {
	.name = "DATA_CREATE_UNKNOWN",
	.base = unknown_base,
	.args = unknown_args,
	.stimuli = unknown_stimuli,
	.positives = unknown_positives,
};

/* ---- DATA_DESTROY ------------------------------------------------------ */

static void
destroy_base(struct conform *c)
{
	c->x[1] = G(c, P_RD);
	c->x[2] = IPA_DATA;
}

static void
destroyed(struct conform *c, enum place data, unsigned ripas, uint64_t top)
{
	expect_granule(c, "data_state", G(c, data), "DELEGATED");
	expect_entry(c, "rtte_state", c->x[2], 3, 3, RMI_UNASSIGNED, ripas, 0);
	expect_x(c, "data", 1, G(c, data));
	expect_top(c, top);
	may_change(c, KEY_GRANULE, G(c, data), 0);
	may_change_entries(c, c->x[2], c->x[2] + L3_SIZE);
	expect_field(c, "DATA granules", c->x[1], REALM_NUM_DATA, -1);
}

static void
destroy_ram_check(struct conform *c)
{
	destroyed(c, P_DATA, RMI_DESTROYED, IPA_DATA2);
}

static void
destroy_empty(struct conform *c)
{
	c->x[2] = IPA_DATA2;
}

static void
destroy_empty_check(struct conform *c)
{
	destroyed(c, P_DATA2, RMI_EMPTY, L2_SIZE);
}

static void
destroy_destroyed(struct conform *c)
{
	MUST(c, DATA_CREATE_UNKNOWN, G(c, P_RD), G(c, P_FREE), IPA_DESTROYED);
	c->x[2] = IPA_DESTROYED;
}

static void
destroy_destroyed_check(struct conform *c)
{
	destroyed(c, P_FREE, RMI_DESTROYED, IPA_DATA2);
}

static void
top_is_data(struct conform *c)
{
	expect_top(c, c->x[2] < IPA_DATA ? IPA_DATA : L2_SIZE);
}

static const struct arg destroy_args[] = {
	ARG_RD,
	{ 2, "ipa", WANT_IPA_PROTECTED, "ipa_align", "ipa_bound", NULL, 0, 0,
	    NULL },
	{ 0 },
};

static const struct stimulus destroy_stimuli[] = {
	{ .id = "rtt_walk",
	    .what = "level-2",
	    .apply = set_x2,
	    .arg = L2_SIZE,
	    .index = WALK(2),
	    .outputs = top_is_table_end },
	{ .id = "rtt_walk",
	    .what = "level-1",
	    .apply = set_x2,
	    .arg = L1_SIZE,
	    .index = WALK(1),
	    .outputs = top_is_unprot },
	{ .id = "rtt_walk",
	    .what = "block",
	    .apply = walk_to_block,
	    .arg = 2,
	    .index = WALK(2),
	    .outputs = top_is_ipa },
	{ .id = "rtte_state",
	    .what = "UNASSIGNED",
	    .apply = set_x2,
	    .arg = IPA_TARGET,
	    .index = WALK(3),
	    .outputs = top_is_data },
	{ .id = "rtte_state",
	    .what = "none-follows",
	    .apply = set_x2,
	    .arg = IPA_DATA2 + L3_SIZE,
	    .index = WALK(3),
	    .outputs = top_is_data },
	{ .id = NULL },
};

static const struct positive destroy_positives[] = {
	{ "RAM", NULL, destroy_ram_check, NULL, 0 },
	{ "EMPTY", destroy_empty, destroy_empty_check, NULL, 0 },
	{ "DESTROYED", destroy_destroyed, destroy_destroyed_check, NULL, 0 },
	{ "ACTIVE", make_active, destroy_ram_check, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases data_destroy_cases = {
	.name = "DATA_DESTROY",
	.base = destroy_base,
	.args = destroy_args,
	.stimuli = destroy_stimuli,
	.positives = destroy_positives,
};
