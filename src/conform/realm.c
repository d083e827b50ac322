/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * REALM_CREATE (B4.3.9), REALM_ACTIVATE (B4.3.8), REALM_DESTROY (B4.3.10) and
 * REC_AUX_COUNT (B4.3.11).
 */
#include "conform.h"

#include <string.h>

#define PARAMS ((struct rmi_realm_params *)ns(c, P_PARAMS))

/* ---- REALM_CREATE ------------------------------------------------------ */

static void
create_base(struct conform *c)
{
	struct rmi_realm_params *p = params_for_realm(c);

	p->vmid = 3;
	p->rtt_base = G(c, P_FREE + 2);
	c->x[1] = G(c, P_FREE);
	c->x[2] = G(c, P_PARAMS);
}

static void
check_tables(struct conform *c, const struct rmi_realm_params *p)
{
	int level = (int)p->rtt_level_start;
	uint64_t half = 1ull << (p->s2sz - 1);
	uint64_t size = L3_SIZE << (9 * (3 - level));

	for (unsigned i = 0; i < p->rtt_num_start; i++) {
		uint64_t rtt = p->rtt_base + i * (uint64_t)GRANULE_SIZE;

		expect_granule(c, "rtt_state", rtt, "RTT");
		may_change(c, KEY_GRANULE, rtt, 0);
	}
	for (uint64_t n = 0; n < 4; n++) {
		static const char *const ids[] = { "rtte_p_states",
			"rtte_p_states", "rtte_up_states", "rtte_up_states" };
		uint64_t ipas[] = { 0, half - size, half, 2 * half - size };

		expect_entry(c, ids[n], ipas[n], level, level, RMI_UNASSIGNED,
		    RMI_EMPTY, 0);
	}
}

static void
create_check(struct conform *c)
{
	const struct rmi_realm_params *p = PARAMS;
	uint8_t rim[64];
	struct realm_view view;

	c->look = c->x[1];
	expect_granule(c, "rd_state", c->x[1], "RD");
	may_change(c, KEY_GRANULE, c->x[1], 0);
	check_tables(c, p);
	rim_init(p, rim);
	expect_rim(c, c->x[1], rim);
	if (control_realm(c, c->x[1], &view) &&
	    (!view.exists || view.field[REALM_NUM_RECS] != 0))
		fail(c, "num_recs: is %" PRIu64, view.field[REALM_NUM_RECS]);
	/* NEW is what can be activated. */
	MUST(c, REALM_ACTIVATE, c->x[1]);
}

static void
with_sha_512(struct conform *c)
{
	if (RMI_FEATURE0_GET(c->features, HASH_SHA_512) == 0)
		skip(c, "the machine has no SHA-512");
	PARAMS->hash_algo = RMI_HASH_SHA_512;
}

static void
with_all_fields(struct conform *c)
{
	struct rmi_realm_params *p = PARAMS;

	if (RMI_FEATURE0_GET(c->features, SVE_EN) != 0) {
		p->flags |= RMI_REALM_FLAG_SVE;
		p->sve_vl = (uint8_t)RMI_FEATURE0_GET(c->features, SVE_VL);
	}
	if (RMI_FEATURE0_GET(c->features, PMU_EN) != 0) {
		p->flags |= RMI_REALM_FLAG_PMU;
		p->pmu_num_ctrs =
		    (uint8_t)RMI_FEATURE0_GET(c->features, PMU_NUM_CTRS);
	}
	p->num_bps = (uint8_t)RMI_FEATURE0_GET(c->features, NUM_BPS);
	p->num_wps = (uint8_t)RMI_FEATURE0_GET(c->features, NUM_WPS);
	p->vmid = 255;
	if (p->num_bps == 0 || p->num_wps == 0)
		skip(c, "the machine reports a reserved number of breakpoints");
}

static void
with_32_bits(struct conform *c)
{
	PARAMS->s2sz = 32;
	PARAMS->rtt_num_start = 1;
}

/* Sixteen tables at level 2: 34 bits. */
static void
with_16_tables(struct conform *c)
{
	PARAMS->s2sz = 34;
	PARAMS->rtt_level_start = 2;
	PARAMS->rtt_num_start = 16;
	PARAMS->rtt_base = G(c, 80);
}

static void
with_level_0(struct conform *c)
{
	unsigned max = (unsigned)RMI_FEATURE0_GET(c->features, S2SZ);

	if (max < 48)
		skip(c, "IPAs have %u bits", max);
	PARAMS->s2sz = 48;
	PARAMS->rtt_level_start = 0;
	PARAMS->rtt_num_start = 1;
}

static void
with_lpa2(struct conform *c)
{
	if (RMI_FEATURE0_GET(c->features, LPA2) == 0 ||
	    RMI_FEATURE0_GET(c->features, S2SZ) < 52) {
		skip(c, "the machine has no LPA2 with 52 bits of IPA");
		return;
	}
	PARAMS->flags |= RMI_REALM_FLAG_LPA2;
	PARAMS->s2sz = 52;
	PARAMS->rtt_level_start = -1;
	PARAMS->rtt_num_start = 1;
}

/* A VMID has 8 or 16 bits; no register tells. */
static void
with_wide_vmid(struct conform *c)
{
	uint64_t first;

	PARAMS->vmid = 0x100;
	first = call(c);
	if (first != RMI_SUCCESS && first != RMI_ERROR_INPUT)
		fail(c, "vmid_valid: VMID 0x100 answered " X64, first);
	if (first == RMI_SUCCESS)
		MUST(c, REALM_DESTROY, c->x[1]);
	PARAMS->vmid = 0xfff0;
	if (call(c) != first)
		fail(c, "vmid_valid: VMID 0x100 answered " X64 ", 0xfff0 " X64,
		    first, c->r[0]);
	snprintf(c->seen, sizeof c->seen, "seen: VMIDs of %d bits",
	    first == RMI_SUCCESS ? 16 : 8);
}

/* ---- its failures ------------------------------------------------------ */

static void
params_hash(struct conform *c, uint64_t algo)
{
	PARAMS->hash_algo = (uint8_t)algo;
}

static void
params_s2sz(struct conform *c, uint64_t bits)
{
	if (bits <= RMI_FEATURE0_GET(c->features, S2SZ) && bits > 32)
		skip(c, "IPAs may have %" PRIu64 " bits", bits);
	PARAMS->s2sz = (uint8_t)bits;
}

static void
params_s2sz_above(struct conform *c, uint64_t unused)
{
	(void)unused;
	PARAMS->s2sz = (uint8_t)(RMI_FEATURE0_GET(c->features, S2SZ) + 1);
}

static void
params_bps(struct conform *c, uint64_t num)
{
	PARAMS->num_bps = (uint8_t)num;
}

static void
params_wps(struct conform *c, uint64_t num)
{
	PARAMS->num_wps = (uint8_t)num;
}

static void
params_sve(struct conform *c, uint64_t unused)
{
	(void)unused;
	PARAMS->flags |= RMI_REALM_FLAG_SVE;
	PARAMS->sve_vl = (uint8_t)(RMI_FEATURE0_GET(c->features, SVE_VL) + 1);
}

static void
params_pmu(struct conform *c, uint64_t unused)
{
	(void)unused;
	PARAMS->flags |= RMI_REALM_FLAG_PMU;
	PARAMS->pmu_num_ctrs =
	    (uint8_t)(RMI_FEATURE0_GET(c->features, PMU_NUM_CTRS) + 1);
}

static void
params_lpa2(struct conform *c, uint64_t unused)
{
	(void)unused;
	if (RMI_FEATURE0_GET(c->features, LPA2) != 0)
		skip(c, "the machine has LPA2");
	PARAMS->flags |= RMI_REALM_FLAG_LPA2;
}

static void
rd_in_tables(struct conform *c, uint64_t table)
{
	c->x[1] = PARAMS->rtt_base +
	    (table == 0 ? 0 : PARAMS->rtt_num_start - 1u) * L3_SIZE;
}

static void
rtt_base_add(struct conform *c, uint64_t bytes)
{
	if (bytes == GRANULE_SIZE && PARAMS->rtt_num_start == 1)
		skip(c, "there is one starting table");
	PARAMS->rtt_base += bytes;
}

static void
rtt_base_is(struct conform *c, uint64_t place)
{
	PARAMS->rtt_base = G(c, (unsigned)place);
}

static void
rtt_base_nowhere(struct conform *c, uint64_t pa)
{
	PARAMS->rtt_base = pa != 0 ? pa : pa_nowhere(c);
}

/* The last of the tables is no good. */
static void
rtt_last_is_not(struct conform *c, uint64_t unused)
{
	(void)unused;
	with_16_tables(c);
	MUST(c, GRANULE_UNDELEGATE, G(c, P_FREE_END - 1));
}

static void
rtt_num(struct conform *c, uint64_t num)
{
	PARAMS->rtt_num_start = (uint32_t)num;
}

static void
rtt_level(struct conform *c, uint64_t level)
{
	PARAMS->rtt_level_start = (int64_t)level;
}

static void
params_vmid(struct conform *c, uint64_t vmid)
{
	PARAMS->vmid = (uint16_t)vmid;
}

static const struct arg create_args[] = {
	{ 1, "rd", WANT_DELEGATED, "rd_align", "rd_bound", "rd_state", 0, 0,
	    NULL },
	{ 2, "params", WANT_NS, "params_align", "params_bound", "params_pas", 0,
	    0, NULL },
	{ 0 },
};

#define S(id_, what_, apply_, arg_)                                    \
	{                                                              \
		.id = id_, .what = what_, .apply = apply_, .arg = arg_ \
	}
#define WITH_CONFIG .also = "rtt_num_level rtt_align rtt_state alias"

static const struct stimulus create_stimuli[] = {
	S("params_valid", "hash_algo=2", params_hash, 2),
	S("params_valid", "hash_algo=255", params_hash, 255),
	S("params_supp", "num_bps=255", params_bps, 255),
	S("params_supp", "num_wps=255", params_wps, 255),
	S("params_supp", "num_bps=0", params_bps, 0),
	S("params_supp", "num_wps=0", params_wps, 0),
	S("params_supp", "sve_vl", params_sve, 0),
	S("params_supp", "pmu_num_ctrs", params_pmu, 0),
	S("params_supp", "lpa2", params_lpa2, 0),
	{ .id = "params_supp",
	    .what = "s2sz=0",
	    .apply = params_s2sz,
	    .arg = 0,
	    WITH_CONFIG },
	{ .id = "params_supp",
	    .what = "s2sz=31",
	    .apply = params_s2sz,
	    .arg = 31,
	    WITH_CONFIG },
	{ .id = "params_supp",
	    .what = "s2sz=255",
	    .apply = params_s2sz,
	    .arg = 255,
	    WITH_CONFIG },
	{ .id = "params_supp",
	    .what = "s2sz-above",
	    .apply = params_s2sz_above,
	    WITH_CONFIG },
	S("alias", "first-table", rd_in_tables, 0),
	S("alias", "last-table", rd_in_tables, 1),
	S("rtt_align", "+0x800", rtt_base_add, 0x800),
	S("rtt_align", "+1", rtt_base_add, 1),
	S("rtt_align", "+0x1000", rtt_base_add, 0x1000),
	{ .id = "rtt_num_level",
	    .what = "4-tables",
	    .apply = rtt_num,
	    .arg = 4,
	    WITH_CONFIG },
	{ .id = "rtt_num_level",
	    .what = "0-tables",
	    .apply = rtt_num,
	    .arg = 0,
	    WITH_CONFIG },
	{ .id = "rtt_num_level",
	    .what = "2^32-1-tables",
	    .apply = rtt_num,
	    .arg = UINT32_MAX,
	    WITH_CONFIG },
	{ .id = "rtt_num_level",
	    .what = "level-3",
	    .apply = rtt_level,
	    .arg = 3,
	    WITH_CONFIG },
	{ .id = "rtt_num_level",
	    .what = "level-4",
	    .apply = rtt_level,
	    .arg = 4,
	    WITH_CONFIG },
	{ .id = "rtt_num_level",
	    .what = "level--1",
	    .apply = rtt_level,
	    .arg = UINT64_MAX,
	    WITH_CONFIG },
	{ .id = "rtt_num_level",
	    .what = "level--2^63",
	    .apply = rtt_level,
	    .arg = 1ull << 63,
	    WITH_CONFIG },
	S("rtt_state", "UNDELEGATED", rtt_base_is, P_NS_END - 2),
	S("rtt_state", "RTT", rtt_base_is, P_RTT0),
	S("rtt_state", "DATA", rtt_base_is, P_DATA),
	S("rtt_state", "nowhere", rtt_base_nowhere, 0),
	S("rtt_state", "2^52", rtt_base_nowhere, 1ull << 52),
	S("rtt_state", "2^63", rtt_base_nowhere, 1ull << 63),
	S("rtt_state", "last-of-16", rtt_last_is_not, 0),
	S("vmid_valid", "in-use", params_vmid, 1),
	S("vmid_valid", "in-use-by-other", params_vmid, 2),
	{ .id = NULL },
};

static const struct positive create_positives[] = {
	{ "success", NULL, create_check, NULL, 0 },
	{ "sha-512", with_sha_512, create_check, NULL, 0 },
	{ "all-fields", with_all_fields, create_check, NULL, 0 },
	{ "32-bits", with_32_bits, create_check, NULL, 0 },
	{ "16-tables", with_16_tables, create_check, NULL, 0 },
	{ "level-0", with_level_0, create_check, NULL, 0 },
	{ "lpa2", with_lpa2, create_check, NULL, 0 },
	{ "VMID-width", NULL, NULL, with_wide_vmid, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases realm_create_cases = {
	.name = "REALM_CREATE",
	.base = create_base,
	.args = create_args,
	.stimuli = create_stimuli,
	.positives = create_positives,
};

/* ---- REALM_ACTIVATE ---------------------------------------------------- */

static void
rd_base(struct conform *c)
{
	c->x[1] = G(c, P_RD);
}

static void
activate_check(struct conform *c)
{
	may_change(c, KEY_REALM, c->x[1], REALM_STATE);
	/* What is ACTIVE can be activated no more. */
	if (call(c) != RMI_ERROR_REALM)
		fail(c, "realm_state: is not ACTIVE");
}

static const struct arg rd_args[] = {
	{ 1, "rd", WANT_RD, "rd_align", "rd_bound", "rd_state", 0, 0, NULL },
	{ 0 },
};

static const struct stimulus activate_stimuli[] = {
	S("realm_state", "ACTIVE", activate, 0),
	S("realm_state", "SYSTEM_OFF", power_off, 0),
	{ .id = NULL },
};

static const struct positive activate_positives[] = {
	{ "success", NULL, activate_check, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases realm_activate_cases = {
	.name = "REALM_ACTIVATE",
	.base = rd_base,
	.args = rd_args,
	.stimuli = activate_stimuli,
	.positives = activate_positives,
};

/* ---- REALM_DESTROY ----------------------------------------------------- */

static void
destroy_base(struct conform *c)
{
	third_realm(c);
	c->x[1] = G(c, P_FREE);
}

static void
destroy_check(struct conform *c)
{
	struct realm_view view;

	expect_granule(c, "rd_state", c->x[1], "DELEGATED");
	may_change(c, KEY_GRANULE, c->x[1], 0);
	for (unsigned i = 0; i < c->num_start; i++) {
		uint64_t rtt = G(c, P_FREE + 2 + i);

		expect_granule(c, "rtt_state", rtt, "DELEGATED");
		may_change(c, KEY_GRANULE, rtt, 0);
	}
	if (control_realm(c, c->x[1], &view) && view.exists)
		fail(c, "the realm is still there");
	third_realm(c); /* vmid: it is free again */
}

static void
live_table(struct conform *c, uint64_t unprot)
{
	MUST(c, RTT_CREATE, G(c, P_FREE), G(c, P_FREE + 4),
	    unprot != 0 ? c->unprot : 0, 2);
}

static void
live_rec(struct conform *c, uint64_t unused)
{
	struct rmi_rec_params *p = params_for_rec(c, 0, P_FREE + 8);

	(void)unused;
	p->flags = 0;
	MUST(c, REC_CREATE, G(c, P_FREE), G(c, P_FREE + 6), G(c, P_REC_PARAMS));
}

static void
destroy_active(struct conform *c)
{
	MUST(c, REALM_ACTIVATE, c->x[1]);
}

/* What is ASSIGNED_NS does not keep a realm alive (A5.5.8). */
static void
destroy_mapped(struct conform *c)
{
	MUST(c, RTT_MAP_UNPROTECTED, c->x[1], c->unprot, 1, L1_SIZE | NS_ATTR);
}

/* Down to the last granule, as a host takes a realm down (D1.2.5). */
static void
lifecycle(struct conform *c)
{
	uint64_t rd = G(c, P_RD), step = GRANULE_SIZE;

	MUST(c, REALM_DESTROY, c->x[1]);
	MUST(c, REALM_ACTIVATE, rd);
	MUST(c, DATA_DESTROY, rd, IPA_DATA);
	MUST(c, DATA_DESTROY, rd, IPA_DATA2);
	MUST(c, RTT_UNMAP_UNPROTECTED, rd, c->unprot + IPA_DATA, 3);
	MUST(c, RTT_DESTROY, rd, 0, 3);
	MUST(c, RTT_DESTROY, rd, 0, 2);
	MUST(c, RTT_FOLD, rd, c->unprot, 3);
	MUST(c, RTT_DESTROY, rd, c->unprot, 2);
	if (RMI_FEATURE0_GET(c->features, MAX_RECS_ORDER) > 1)
		MUST(c, REC_DESTROY, G(c, P_REC2));
	MUST(c, REC_DESTROY, G(c, P_REC));
	MUST(c, REALM_DESTROY, rd);
	MUST(c, DATA_DESTROY, G(c, P_BY_RD), IPA_DATA);
	MUST(c, RTT_DESTROY, G(c, P_BY_RD), 0, 3);
	MUST(c, RTT_DESTROY, G(c, P_BY_RD), 0, 2);
	MUST(c, REC_DESTROY, G(c, P_BY_REC));
	MUST(c, REALM_DESTROY, G(c, P_BY_RD));
	MUST(c, REALM_DESTROY, G(c, P_IDLE_RD));
	must_repeat(
	    c, RMI_FID_GRANULE_UNDELEGATE, &c->base, &step, 1, P_DELEGATED_END);
}

static const struct stimulus destroy_stimuli[] = {
	S("realm_live", "table", live_table, 0),
	S("realm_live", "unprotected-table", live_table, 1),
	S("realm_live", "REC", live_rec, 0),
	S("realm_live", "all", place_x1, P_RD),
	{ .id = NULL },
};

static const struct positive destroy_positives[] = {
	{ "NEW", NULL, destroy_check, NULL, 0 },
	{ "ACTIVE", destroy_active, destroy_check, NULL, 0 },
	{ "ASSIGNED_NS", destroy_mapped, destroy_check, NULL, 0 },
	{ "all-memory-comes-back", NULL, NULL, lifecycle, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases realm_destroy_cases = {
	.name = "REALM_DESTROY",
	.base = destroy_base,
	.args = rd_args,
	.stimuli = destroy_stimuli,
	.positives = destroy_positives,
};

/* ---- REC_AUX_COUNT ----------------------------------------------------- */

static void
aux_count_check(struct conform *c)
{
	uint64_t count = c->r[1];

	if (count > RMI_REC_AUX_MAX)
		fail(c, "aux_count: %" PRIu64 " are too many", count);
	/* It is constant for a realm; and what REC_CREATE took. */
	MUST(c, REALM_ACTIVATE, c->x[1]);
	call(c);
	expect_x(c, "aux_count", 1, count);
	expect_x(c, "aux_count", 1, c->aux_count);
}

static const struct positive aux_count_positives[] = {
	{ "success", NULL, aux_count_check, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rec_aux_count_cases = {
	.name = "REC_AUX_COUNT",
	.base = rd_base,
	.args = rd_args,
	.positives = aux_count_positives,
};
