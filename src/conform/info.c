/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * VERSION (B4.3.23) and FEATURES (B4.3.4): they look at nothing and change
 * nothing.
 */
#include "conform.h"

#define MAJOR(version) ((version) >> 16 & 0x7fff)
#define MINOR(version) ((version)&0xffff)

static void
version_base(struct conform *c)
{
	c->x[1] = RMI_VERSION_1_0;
}

static void
version_check(struct conform *c)
{
	expect_x(c, "lower", 1, c->x[1]);
	if (c->r[2] < c->r[1])
		fail(c, "higher " X64 " is below lower " X64, c->r[2], c->r[1]);
}

/* Each request has one of three answers (B4.3.23, B2). */
static void
version_request(struct conform *c, uint64_t request)
{
	uint64_t x0;

	c->x[1] = request;
	x0 = call(c);
	if (c->failed)
		return;
	if (x0 != RMI_SUCCESS && x0 != RMI_ERROR_INPUT)
		fail(c, "request " X64 " answered " X64, request, x0);
	if (x0 == RMI_SUCCESS &&
	    (c->r[1] != request || MAJOR(request) != MAJOR(c->r[2])))
		fail(c, "request " X64 " is granted as " X64 " to " X64,
		    request, c->r[1], c->r[2]);
	if (MAJOR(c->r[2]) < 1 || c->r[1] > c->r[2])
		fail(c, "lower " X64 ", higher " X64, c->r[1], c->r[2]);
	if (x0 != RMI_SUCCESS && c->r[1] != c->r[2] && c->r[1] > request)
		fail(c, "lower " X64 " is neither below " X64 " nor higher",
		    c->r[1], request);
}

static void
version_others(struct conform *c)
{
	static const uint64_t requests[] = { 0, 1, 0xffff, 0x10000, 0x10001,
		0x1ffff, 0x20000, 0x7fff0000, 0x7fffffff };
	uint64_t higher;

	call(c);
	higher = c->r[2];
	snapshot_take(c, &c->before);
	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
		version_request(c, requests[i]);
		expect_x(c, "higher", 2, higher);
	}
	snapshot_take(c, &c->after);
	snapshot_compare(c);
}

static const struct positive version_positives[] = {
	{ "1.0", NULL, version_check, NULL, 0 },
	{ "others", NULL, NULL, version_others, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases version_cases = {
	.name = "VERSION",
	.base = version_base,
	.positives = version_positives,
};

/* ---- FEATURES ---------------------------------------------------------- */

static void
features_base(struct conform *c)
{
	c->x[1] = 0;
}

static void
features_check(struct conform *c)
{
	uint64_t r = c->r[1], width = RMI_FEATURE0_GET(r, S2SZ);

	expect_x(c, "value", 1, c->features);
	if (width < 32 || width > 52)
		fail(c, "S2SZ is %" PRIu64, width);
	if (width > 48 && RMI_FEATURE0_GET(r, LPA2) == 0)
		fail(c, "S2SZ is %" PRIu64 " without LPA2", width);
	if (RMI_FEATURE0_GET(r, HASH_SHA_256) == 0 &&
	    RMI_FEATURE0_GET(r, HASH_SHA_512) == 0)
		fail(c, "no hash algorithm");
	if (r >> 42 != 0)
		fail(c, "reserved bits are set: " X64, r);
}

static void
other_registers(struct conform *c)
{
	static const uint64_t others[] = { 1, 2, 0xffff, 1ull << 32, 1ull << 63,
		UINT64_MAX };

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		c->x[1] = others[i];
		if (call(c) != RMI_SUCCESS)
			fail(c, "index " X64 " answered " X64, others[i],
			    c->r[0]);
		expect_x(c, "index", 1, 0);
	}
}

/* A function that is none answers as SMCCC says. */
static void
no_such_function(struct conform *c)
{
	static const uint64_t fids[] = { 0xc4000156, 0xc4000160, 0xc4000163,
		0xc400016a, 0xc40001cf };

	for (size_t i = 0; i < sizeof fids / sizeof fids[0]; i++) {
		c->x[0] = fids[i];
		if (call(c) != SMC_NOT_SUPPORTED)
			fail(c, "function " X64 " answered " X64, fids[i],
			    c->r[0]);
	}
}

static const struct positive features_positives[] = {
	{ "register-0", NULL, features_check, NULL, 0 },
	{ "index", NULL, NULL, other_registers, 0 },
	{ "unused-function-ids", NULL, NULL, no_such_function, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases features_cases = {
	.name = "FEATURES",
	.base = features_base,
	.positives = features_positives,
};
