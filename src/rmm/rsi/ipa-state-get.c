/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI_IPA_STATE_GET (DEN0137 1.0-rel0, B5.3.5): the RIPAS at base, and how far
 * up it is the same.
 */
#include "../command.h"

#include "../rtt.h"

struct ipa_state_get {
	uint64_t base;
	uint64_t top;
};

static void
check(struct call *c, const struct ipa_state_get *d)
{
	REJECT_IF(c, base_align, !granule_aligned(d->base), RSI_ERROR_INPUT,
	    NOT_ALIGNED(d->base));
	REJECT_IF(c, end_align, !granule_aligned(d->top), RSI_ERROR_INPUT,
	    NOT_ALIGNED(d->top));
	REJECT_IF(c, size_valid, d->top <= d->base, RSI_ERROR_INPUT,
	    "top " X64 " is not above base " X64, d->top, d->base);
	REJECT_IF(c, rgn_bound,
	    !ipa_range_is_protected(c->realm, d->base, d->top), RSI_ERROR_INPUT,
	    X64 " to " X64 " is not all protected IPA space", d->base, d->top);
}

/*
 * Within one table: a call is bounded in time, and the realm can ask again from
 * out_top on.
 */
static void
apply(struct call *c, const struct ipa_state_get *d)
{
	struct rtt_walk walk =
	    rtt_walk(c->rmm, c->realm, d->base, RTT_PAGE_LEVEL);
	const rtte_t *entries = rtt_entries(c->rmm, walk.rtt);
	enum rmi_ripas ripas = rtte_ripas(walk.rtte);
	uint64_t out_top = walk.ipa;

	for (unsigned i = walk.index; i < RTT_ENTRIES && out_top < d->top;
	     i++) {
		if (rtte_state(entries[i]) == RMM_TABLE ||
		    rtte_ripas(entries[i]) != ripas)
			break;
		out_top += rtt_level_size(walk.level);
	}
	c->answer->x[1] = out_top < d->top ? out_top : d->top;
	c->answer->x[2] = ripas;
}

static void
ipa_state_get(struct call *c)
{
	struct ipa_state_get d = { .base = c->x[1], .top = c->x[2] };

	check(c, &d);
	if (call_failed(c))
		return;
	apply(c, &d);
}

const struct command rsi_ipa_state_get = {
	.abi = RSI_IPA_STATE_GET_ABI,
	.order = "",
	.tf_order = "",
	.exec = ipa_state_get,
};
