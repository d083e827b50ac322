/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI commands that are over without the host (B5.3): VERSION, FEATURES,
 * measurements, REALM_CONFIG and IPA_STATE_GET.
 */
#include "guest.h"

#include <string.h>

#define S(id_, what_, apply_, arg_)                                    \
	{                                                              \
		.id = id_, .what = what_, .apply = apply_, .arg = arg_ \
	}
#define NONE               \
	{                  \
		.id = NULL \
	}

/* A buffer of the realm. */
#define BUFFER IPA_DATA

static void
unprot_x1(struct conform *c, uint64_t ipa)
{
	c->x[1] = c->unprot + ipa;
}

static void
top_unprot(struct conform *c, uint64_t pages)
{
	c->x[1] = c->unprot - L3_SIZE;
	c->x[2] = c->unprot + pages * L3_SIZE;
}

/* ---- RSI_VERSION, RSI_FEATURES ----------------------------------------- */

static void
version_base(struct conform *c)
{
	activate(c, 0);
	c->x[1] = RSI_VERSION_1_0;
}

static void
version_check(struct conform *c)
{
	expect_x(c, "lower", 1, RSI_VERSION_1_0);
	expect_x(c, "higher", 2, RSI_VERSION_1_0);
}

/* Another revision: the answer still tells which there is. */
static void
version_other(struct conform *c)
{
	c->x[1] = c->arg;
	if (call(c) != RSI_ERROR_INPUT)
		fail(c, "answered " X64 " to revision " X64, c->r[0], c->arg);
	version_check(c);
}

static const struct positive version_positives[] = {
	{ "1.0", NULL, version_check, NULL, 0 },
	{ "2.0", NULL, NULL, version_other, 0x20000 },
	{ "0.9", NULL, NULL, version_other, 9 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rsi_version_cases = {
	.name = "RSI_VERSION",
	.base = version_base,
	.positives = version_positives,
};

static void
features_base(struct conform *c)
{
	activate(c, 0);
}

static void
features_index(struct conform *c)
{
	c->x[1] = c->arg;
}

static void
features_check(struct conform *c)
{
	expect_x(c, "index", 1, 0);
}

static const struct positive features_positives[] = {
	{ "index-0", NULL, features_check, NULL, 0 },
	{ "index-1", features_index, features_check, NULL, 1 },
	{ "last-index", features_index, features_check, NULL, UINT64_MAX },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rsi_features_cases = {
	.name = "RSI_FEATURES",
	.base = features_base,
	.positives = features_positives,
};

/* ---- Measurements ------------------------------------------------------ */

static void
read_base(struct conform *c)
{
	activate(c, 0);
	c->x[1] = 0;
}

/* What no call has extended is zero; measurement 0 is the RIM. */
static void
read_check(struct conform *c)
{
	struct realm_view view;

	memset(&view, 0, sizeof view);
	control_realm(c, G(c, P_RD), &view);
	if (c->x[1] != 0)
		memset(view.rim, 0, sizeof view.rim);
	if (memcmp(&c->r[1], view.rim, sizeof view.rim) != 0)
		fail(c, "measurement %" PRIu64 " begins with " X64, c->x[1],
		    c->r[1]);
}

static const struct stimulus read_stimuli[] = {
	S("index_bound", "5", set_x1, 5),
	S("index_bound", "2^32", set_x1, 1ull << 32),
	S("index_bound", "2^63", set_x1, 1ull << 63),
	NONE,
};

static const struct positive read_positives[] = {
	{ "RIM", NULL, read_check, NULL, 0 },
	{ "REM-1", features_index, read_check, NULL, 1 },
	{ "REM-4", features_index, read_check, NULL, 4 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rsi_measurement_read_cases = {
	.name = "RSI_MEASUREMENT_READ",
	.base = read_base,
	.stimuli = read_stimuli,
	.positives = read_positives,
};

static void
extend_base(struct conform *c)
{
	activate(c, 0);
	c->x[1] = 1;
	c->x[2] = 64;
	for (unsigned i = 0; i < 8; i++)
		c->x[3 + i] = 0x0123456789abcdef * (i + 1);
}

static void
read_measurement(struct conform *c, uint64_t index, uint64_t value[8])
{
	const struct deed *deed =
	    guest_do(c, GUEST_1, SMC(RSI_FID_MEASUREMENT_READ, index));

	expect_result(c, deed, RSI_SUCCESS);
	memcpy(value, deed->x + 1, 64);
}

/*
 * One after another, so that the second begins with what the first left.
 * Whether the value that is hashed is as long as was said, or padded, is open
 * (A7.1.2, B3.42); whichever, it must stay the same.
 */
static void
extend_all(struct conform *c)
{
	unsigned algo = params_for_realm(c)->hash_algo;
	uint64_t is[5][8], must[2][8] = { { 0 } };
	bool right[2] = { true, true };
	const struct deed *deed;

	guest_enter(c, GUEST_1);
	for (unsigned i = 0; i < 2; i++) {
		struct deed smc = { .act = act_smc };

		memcpy(smc.x, c->x, sizeof smc.x);
		smc.x[2] = i == 0 ? c->arg & 0xff : 64;
		smc.x[1] = c->arg >> 8;
		deed = guest_do(c, GUEST_1, smc);
		expect_result(c, deed, RSI_SUCCESS);
		rem_extend(algo, false, must[0], c->x + 3, smc.x[2]);
		rem_extend(algo, true, must[1], c->x + 3, smc.x[2]);
		for (unsigned m = 0; m < 5; m++)
			read_measurement(c, m, is[m]);
		for (unsigned k = 0; k < 2; k++)
			right[k] &= memcmp(is[c->arg >> 8], must[k], 64) == 0;
	}
	if (!right[0] && !right[1])
		fail(c,
		    "realm_meas: REM begins with " X64 ", must be " X64
		    " or " X64,
		    is[c->arg >> 8][0], must[0][0], must[1][0]);
	snprintf(c->seen, sizeof c->seen, "the value is hashed %s",
	    right[0] ? "as it is" : "with padding");
	for (unsigned m = 1; m < 5; m++)
		if (m != c->arg >> 8 && is[m][0] != 0)
			fail(c, "REM %u has changed, too", m);
}

static const struct stimulus extend_stimuli[] = {
	S("index_bound", "RIM", set_x1, 0),
	S("index_bound", "5", set_x1, 5),
	S("index_bound", "2^63", set_x1, 1ull << 63),
	S("size_bound", "65", set_x2, 65),
	S("size_bound", "2^63", set_x2, 1ull << 63),
	NONE,
};

#define EXTEND(index, size) (index) << 8 | (size)
static const struct positive extend_positives[] = {
	{ "REM-1", NULL, NULL, extend_all, EXTEND(1, 64) },
	{ "REM-2-size-32", NULL, NULL, extend_all, EXTEND(2, 32) },
	{ "REM-3-size-1", NULL, NULL, extend_all, EXTEND(3, 1) },
	{ "REM-4-size-0", NULL, NULL, extend_all, EXTEND(4, 0) },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rsi_measurement_extend_cases = {
	.name = "RSI_MEASUREMENT_EXTEND",
	.base = extend_base,
	.stimuli = extend_stimuli,
	.positives = extend_positives,
};

/* ---- RSI_REALM_CONFIG -------------------------------------------------- */

static void
config_base(struct conform *c)
{
	activate(c, 0);
	c->x[1] = BUFFER;
}

static struct rsi_realm_config page;

/* The whole page is written: what is reserved is zero (B5.4.5). */
static void
config_judge(struct conform *c, uint64_t ipa)
{
	const struct rmi_realm_params *params = params_for_realm(c);
	struct rsi_realm_config must;

	memset(&must, 0, sizeof must);
	must.ipa_width = params->s2sz;
	must.hash_algo = params->hash_algo;
	memcpy(must.rpv, params->rpv, sizeof must.rpv);
	guest_get(c, ipa, &page);
	if (page.ipa_width != must.ipa_width)
		fail(c, "ipa_width: is %" PRIu64 ", must be %" PRIu64,
		    page.ipa_width, must.ipa_width);
	if (page.hash_algo != must.hash_algo)
		fail(c, "hash_algo: is %u, must be %u", page.hash_algo,
		    must.hash_algo);
	if (memcmp(page.rpv, must.rpv, sizeof must.rpv) != 0)
		fail(c, "rpv: is not the realm's");
	if (memcmp(&page, &must, sizeof must) != 0)
		fail(c, "what is reserved is not zero");
}

static void
config_success(struct conform *c)
{
	memset(&page, 0xee, sizeof page);
	guest_put(c, BUFFER, &page);
	expect_result(c,
	    guest_do(c, GUEST_1, SMC(RSI_FID_REALM_CONFIG, BUFFER)),
	    RSI_SUCCESS);
	config_judge(c, BUFFER);
}

/* What the realm gives is not mapped: the host is asked for it. */
static void
config_unmapped(struct conform *c)
{
	struct rmi_rec_exit want = {
		.exit_reason = RMI_EXIT_SYNC,
	};
	const struct deed *deed;

	deed = guest_do(c, GUEST_1, SMC(RSI_FID_REALM_CONFIG, IPA_RAM));
	expect_pending(c, deed);
	expect_abort(&want, false, 3, IPA_RAM);
	expect_exit(c, GUEST_1, &want);
	MUST(c, DATA_CREATE_UNKNOWN, G(c, P_RD), G(c, P_FREE + 1), IPA_RAM);
	guest_enter(c, GUEST_1);
	expect_result(c, deed, RSI_SUCCESS);
	config_judge(c, IPA_RAM);
}

static const struct stimulus config_stimuli[] = {
	S("addr_align", "+1", set_x1, BUFFER + 1),
	S("addr_align", "+0x800", set_x1, BUFFER + 0x800),
	S("addr_bound", "first-unprotected", unprot_x1, 0),
	S("addr_bound", "mapped-unprotected", unprot_x1, IPA_DATA),
	S("addr_bound", "2^52", set_x1, 1ull << 52),
	S("addr_bound", "2^63", set_x1, 1ull << 63),
	NONE,
};

static const struct positive config_positives[] = {
	{ "success", NULL, NULL, config_success, 0 },
	{ "unmapped", NULL, NULL, config_unmapped, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rsi_realm_config_cases = {
	.name = "RSI_REALM_CONFIG",
	.base = config_base,
	.stimuli = config_stimuli,
	.positives = config_positives,
};

/* ---- RSI_IPA_STATE_GET ------------------------------------------------- */

static void
get_base(struct conform *c)
{
	activate(c, 0);
	c->x[1] = IPA_DATA;
	c->x[2] = IPA_DATA + L3_SIZE;
}

static void
get_range(struct conform *c)
{
	c->x[1] = c->arg;
	c->x[2] = c->arg + 2 * L3_SIZE;
}

static void
get_large(struct conform *c)
{
	c->x[1] = L2_SIZE;
	c->x[2] = L2_SIZE + c->arg;
}

static void
get_last(struct conform *c)
{
	c->x[1] = c->unprot - L3_SIZE;
	c->x[2] = c->unprot;
}

static void
get_all(struct conform *c)
{
	c->x[1] = 0;
	c->x[2] = c->unprot;
}

/* RIPAS, and how far it reaches at most; less is allowed. */
static void
get_judge(struct conform *c, unsigned ripas, uint64_t top)
{
	expect_x(c, "ripas", 2, ripas);
	if (c->r[1] <= c->x[1] || c->r[1] > top || c->r[1] > c->x[2] ||
	    c->r[1] % L3_SIZE != 0)
		fail(c,
		    "out_top: is " X64 ", must be above " X64
		    " and at most " X64,
		    c->r[1], c->x[1], top);
}

static void
get_ram(struct conform *c)
{
	get_judge(c, RSI_RAM, c->x[1] + L3_SIZE);
}

static void
get_empty(struct conform *c)
{
	get_judge(c, RSI_EMPTY, c->x[2]);
}

/* From 0 on all is EMPTY up to what is mapped first. */
static void
get_first(struct conform *c)
{
	get_judge(c, RSI_EMPTY, IPA_DATA);
}

static void
get_destroyed(struct conform *c)
{
	get_judge(c, RSI_DESTROYED, c->x[1] + L3_SIZE);
}

static const struct stimulus get_stimuli[] = {
	S("base_align", "+1", set_x1, IPA_DATA + 1),
	S("base_align", "+0x800", set_x1, IPA_DATA + 0x800),
	S("end_align", "+1", set_x2, IPA_DATA + L3_SIZE + 1),
	S("end_align", "+0x800", set_x2, IPA_DATA + L3_SIZE + 0x800),
	{ .id = "size_valid",
	    .what = "empty",
	    .apply = set_x2,
	    .arg = IPA_DATA,
	    .also = "rgn_bound" },
	{ .id = "size_valid",
	    .what = "negative",
	    .apply = set_x2,
	    .arg = IPA_DATA - L3_SIZE,
	    .also = "rgn_bound" },
	{ .id = "size_valid",
	    .what = "top=0",
	    .apply = set_x2,
	    .arg = 0,
	    .also = "rgn_bound" },
	S("rgn_bound", "top", top_unprot, 1),
	S("rgn_bound", "top-far", top_unprot, 1000),
	S("rgn_bound", "2^48", set_x2, 1ull << 48),
	S("rgn_bound", "2^63", set_x2, 1ull << 63),
	NONE,
};

static const struct positive get_positives[] = {
	{ "RAM", NULL, get_ram, NULL, 0 },
	{ "RAM-then-EMPTY", get_range, get_ram, NULL, IPA_DATA },
	{ "RAM-unassigned", get_range, get_ram, NULL, IPA_RAM },
	{ "EMPTY", get_range, get_empty, NULL, IPA_TARGET },
	{ "EMPTY-assigned", get_range, get_empty, NULL, IPA_DATA2 },
	{ "DESTROYED", get_range, get_destroyed, NULL, IPA_DESTROYED },
	{ "EMPTY-block", get_large, get_empty, NULL, 3 * L2_SIZE },
	{ "last-page", get_last, get_empty, NULL, 0 },
	{ "all-of-it", get_all, get_first, NULL, 0 },
	{ "EMPTY-in-block", get_large, get_empty, NULL, L3_SIZE },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rsi_ipa_state_get_cases = {
	.name = "RSI_IPA_STATE_GET",
	.base = get_base,
	.stimuli = get_stimuli,
	.positives = get_positives,
};
