/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * REC_CREATE (B4.3.12) and REC_DESTROY (B4.3.13).
 */
#include "conform.h"

#include <string.h>

#define PARAMS	((struct rmi_rec_params *)ns(c, P_REC_PARAMS))
#define AUX_OWN (P_FREE + 2)

#define S(id_, what_, apply_, arg_)                                    \
	{                                                              \
		.id = id_, .what = what_, .apply = apply_, .arg = arg_ \
	}

/* ---- REC_CREATE -------------------------------------------------------- */

static void
create_base(struct conform *c)
{
	needs_rec2(c);
	params_for_rec(c, 2, AUX_OWN);
	c->x[1] = G(c, P_RD);
	c->x[2] = G(c, P_FREE);
	c->x[3] = G(c, P_REC_PARAMS);
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
	const struct rmi_rec_params *p = PARAMS;

	expect_granule(c, "rec_gran_state", c->x[2], "REC");
	may_change(c, KEY_GRANULE, c->x[2], 0);
	for (unsigned i = 0; i < c->aux_count; i++) {
		expect_granule(c, "rec_aux_state", p->aux[i], "REC_AUX");
		may_change(c, KEY_GRANULE, p->aux[i], 0);
	}
	if (p->flags & RMI_REC_FLAG_RUNNABLE)
		rim_rec(algo, rim, p);
	expect_rim(c, c->x[1], rim);
	expect_field(c, "num_recs", c->x[1], REALM_NUM_RECS, 1);
	may_change(c, KEY_REALM, c->x[1], REALM_RECS);
	MUST(c, REC_DESTROY, c->x[2]);
}

static void
not_runnable(struct conform *c)
{
	note_rim(c);
	PARAMS->flags = 0;
}

static void
mpidr(struct conform *c, uint64_t value)
{
	PARAMS->mpidr = value;
}

static void
num_aux_add(struct conform *c, uint64_t value)
{
	if (value == UINT64_MAX && PARAMS->num_aux == 0)
		skip(c, "a REC has no auxiliary granules");
	PARAMS->num_aux += value;
}

static void
num_aux_is(struct conform *c, uint64_t value)
{
	PARAMS->num_aux = value;
}

static void
aux_add(struct conform *c, uint64_t bytes)
{
	if (c->aux_count == 0)
		skip(c, "a REC has no auxiliary granules");
	PARAMS->aux[0] += bytes;
}

static void
aux_is_rec(struct conform *c, uint64_t unused)
{
	(void)unused;
	if (c->aux_count == 0)
		skip(c, "a REC has no auxiliary granules");
	PARAMS->aux[0] = c->x[2];
}

static void
aux_twice(struct conform *c, uint64_t unused)
{
	(void)unused;
	if (c->aux_count < 2)
		skip(c, "a REC has fewer than two auxiliary granules");
	PARAMS->aux[c->aux_count > 1 ? c->aux_count - 1 : 0] = PARAMS->aux[0];
}

static void
aux_is(struct conform *c, uint64_t place)
{
	if (c->aux_count == 0)
		skip(c, "a REC has no auxiliary granules");
	else
		PARAMS->aux[c->aux_count - 1] = G(c, (unsigned)place);
}

static void
aux_nowhere(struct conform *c, uint64_t unused)
{
	(void)unused;
	if (c->aux_count == 0)
		skip(c, "a REC has no auxiliary granules");
	PARAMS->aux[0] = pa_nowhere(c);
}

#define FILL_MAX 500

/* Make RECs until the realm has as many as it may. */
static void
fill_recs(struct conform *c, uint64_t unused)
{
	unsigned order =
	    (unsigned)RMI_FEATURE0_GET(c->features, MAX_RECS_ORDER);
	unsigned max = (1u << order) - 1, each = 1 + c->aux_count;
	uint64_t pa = G(c, P_BLOCK), step = GRANULE_SIZE;

	(void)unused;
	if (order < 2 || (max - 2) * each > FILL_MAX) {
		skip(c, "a realm may have %u RECs: try a smaller machine", max);
		return;
	}
	c->whole = true;
	must_repeat(
	    c, RMI_FID_GRANULE_DELEGATE, &pa, &step, 1, (max - 2) * each);
	for (unsigned i = 2; i < max; i++) {
		unsigned at = P_BLOCK + (i - 2) * each;

		params_for_rec(c, i, (enum place)(at + 1));
		MUST(c, REC_CREATE, G(c, P_RD), G(c, at), c->x[3]);
	}
	params_for_rec(c, max, AUX_OWN);
}

static const struct arg create_args[] = {
	{ 1, "rd", WANT_RD, "rd_align", "rd_bound", "rd_state", 0, 0, NULL },
	{ 2, "rec", WANT_DELEGATED, "rec_align", "rec_bound", "rec_state", 0, 0,
	    NULL },
	{ 3, "params", WANT_NS, "params_align", "params_bound", "params_pas", 0,
	    0, NULL },
	{ 0 },
};

#define AUX_TOO .also = "aux_align aux_alias aux_state"

static const struct stimulus create_stimuli[] = {
	S("mpidr_index", "next", mpidr, 3),
	S("mpidr_index", "used", mpidr, 1),
	S("mpidr_index", "Aff1", mpidr, 0x102),
	S("mpidr_index", "Aff2", mpidr, 0x10002),
	S("mpidr_index", "Aff3", mpidr, 0x1000002),
	{ .id = "num_aux",
	    .what = "one-more",
	    .apply = num_aux_add,
	    .arg = 1,
	    AUX_TOO },
	{ .id = "num_aux",
	    .what = "one-less",
	    .apply = num_aux_add,
	    .arg = UINT64_MAX,
	    AUX_TOO },
	{ .id = "num_aux",
	    .what = "17",
	    .apply = num_aux_is,
	    .arg = 17,
	    AUX_TOO },
	{ .id = "num_aux",
	    .what = "2^64-1",
	    .apply = num_aux_is,
	    .arg = UINT64_MAX,
	    AUX_TOO },
	{ .id = "num_aux",
	    .what = "2^63",
	    .apply = num_aux_is,
	    .arg = 1ull << 63,
	    AUX_TOO },
	S("aux_align", "+1", aux_add, 1),
	S("aux_align", "+0x800", aux_add, 0x800),
	S("aux_alias", "rec", aux_is_rec, 0),
	S("aux_alias", "twice", aux_twice, 0),
	S("aux_state", "UNDELEGATED", aux_is, P_NS_END - 1),
	S("aux_state", "REC_AUX", aux_is, P_AUX),
	S("aux_state", "RD", aux_is, P_BY_RD),
	S("aux_state", "nowhere", aux_nowhere, 0),
	S("realm_state", "ACTIVE", activate, 0),
	S("realm_state", "SYSTEM_OFF", power_off, 0),
	S("num_recs", "", fill_recs, 0),
	{ .id = NULL },
};

static const struct positive create_positives[] = {
	{ "runnable", note_rim, create_check, NULL, 0 },
	{ "not-runnable", not_runnable, create_check, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rec_create_cases = {
	.name = "REC_CREATE",
	.base = create_base,
	.args = create_args,
	.stimuli = create_stimuli,
	.positives = create_positives,
};

/* ---- REC_DESTROY ------------------------------------------------------- */

static void
destroy_base(struct conform *c)
{
	c->x[1] = G(c, P_REC);
}

static void
destroy_check(struct conform *c)
{
	expect_granule(c, "rec_gran_state", c->x[1], "DELEGATED");
	may_change(c, KEY_GRANULE, c->x[1], 0);
	for (unsigned i = 0; i < c->aux_count; i++) {
		uint64_t aux = G(c, P_AUX + i);

		expect_granule(c, "rec_aux_state", aux, "DELEGATED");
		may_change(c, KEY_GRANULE, aux, 0);
	}
	expect_field(c, "num_recs", G(c, P_RD), REALM_NUM_RECS, -1);
	may_change(c, KEY_REALM, G(c, P_RD), REALM_RECS);
}

/* The index goes on from where it was. */
static void
destroy_index(struct conform *c)
{
	if (!needs_rec2(c))
		return;
	MUST(c, REC_DESTROY, G(c, P_REC2));
	params_for_rec(c, 2, AUX_OWN);
	MUST(c, REC_CREATE, G(c, P_RD), G(c, P_FREE), G(c, P_REC_PARAMS));
}

static void
destroy_active(struct conform *c)
{
	activate(c, 0);
}

static const struct arg destroy_args[] = {
	{ 1, "rec", WANT_REC, "rec_align", "rec_bound", "rec_gran_state", 0, 0,
	    NULL },
	{ 0 },
};

static const struct stimulus destroy_stimuli[] = {
	S("rec_state", "RUNNING", rec_running, 0),
	{ .id = NULL },
};

static const struct positive destroy_positives[] = {
	{ "NEW", NULL, destroy_check, NULL, 0 },
	{ "ACTIVE", destroy_active, destroy_check, NULL, 0 },
	{ "index-goes-on", NULL, NULL, destroy_index, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rec_destroy_cases = {
	.name = "REC_DESTROY",
	.base = destroy_base,
	.args = destroy_args,
	.stimuli = destroy_stimuli,
	.positives = destroy_positives,
};
