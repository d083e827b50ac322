/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * GRANULE_DELEGATE (B4.3.5) and GRANULE_UNDELEGATE (B4.3.6).
 */
#include "conform.h"

#include <string.h>

#define P_SPARE (P_NS_END - 2)

static void
delegate_base(struct conform *c)
{
	c->x[1] = G(c, P_SPARE);
}

static void
delegate_check(struct conform *c)
{
	expect_granule(c, "gran_state", c->x[1], "DELEGATED");
	may_change(c, KEY_GRANULE, c->x[1], 0);
}

static const struct arg delegate_args[] = {
	{ 1, "addr", WANT_UNDELEGATED, "gran_align", "gran_bound", "gran_state",
	    0, 0, "gran_gpt" },
	{ 0 },
};

/* What is not in the Non-secure PAS is DELEGATED, or no memory for realms. */
static const struct stimulus delegate_stimuli[] = {
	{ .id = "gran_gpt",
	    .what = "Realm-PAS",
	    .apply = place_x1,
	    .arg = P_FREE,
	    .also = "gran_state" },
	{ .id = NULL },
};

static const struct positive delegate_positives[] = {
	{ "success", NULL, delegate_check, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases granule_delegate_cases = {
	.name = "GRANULE_DELEGATE",
	.base = delegate_base,
	.args = delegate_args,
	.stimuli = delegate_stimuli,
	.positives = delegate_positives,
};

/* ---- GRANULE_UNDELEGATE ------------------------------------------------ */

static void
undelegate_base(struct conform *c)
{
	c->x[1] = G(c, P_FREE);
}

static void
undelegate_check(struct conform *c)
{
	expect_granule(c, "gran_state", c->x[1], "UNDELEGATED");
	may_change(c, KEY_GRANULE, c->x[1], 0);
}

/* No byte of what was there may be read. */
static void
expect_wiped(struct conform *c, enum place place, uint8_t byte)
{
	const uint8_t *page = ns(c, place);

	for (unsigned i = 0; i < GRANULE_SIZE / 8; i++)
		if (page[i * 8] == byte && page[i * 8 + 1] == byte &&
		    page[i * 8 + 2] == byte && page[i * 8 + 3] == byte) {
			fail(c, "gran_content: the old contents are there");
			return;
		}
}

static void
wiped_host(struct conform *c)
{
	memset(ns(c, P_SPARE), 0xa7, GRANULE_SIZE);
	MUST(c, GRANULE_DELEGATE, G(c, P_SPARE));
	MUST(c, GRANULE_UNDELEGATE, G(c, P_SPARE));
	expect_wiped(c, P_SPARE, 0xa7);
}

static void
wiped_realm(struct conform *c)
{
	memset(ns(c, P_SRC), 0xa9, GRANULE_SIZE);
	MUST(c, DATA_CREATE, G(c, P_RD), G(c, P_FREE), IPA_TARGET, G(c, P_SRC),
	    0);
	MUST(c, DATA_DESTROY, G(c, P_RD), IPA_TARGET);
	MUST(c, GRANULE_UNDELEGATE, G(c, P_FREE));
	expect_wiped(c, P_FREE, 0xa9);
}

static const struct arg undelegate_args[] = {
	{ 1, "addr", WANT_DELEGATED, "gran_align", "gran_bound", "gran_state",
	    0, 0, NULL },
	{ 0 },
};

static const struct positive undelegate_positives[] = {
	{ "success", NULL, undelegate_check, NULL, 0 },
	{ "wiped-of-host", NULL, NULL, wiped_host, 0 },
	{ "wiped-of-realm", NULL, NULL, wiped_realm, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases granule_undelegate_cases = {
	.name = "GRANULE_UNDELEGATE",
	.base = undelegate_base,
	.args = undelegate_args,
	.positives = undelegate_positives,
};
