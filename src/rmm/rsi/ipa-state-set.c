/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI_IPA_STATE_SET (DEN0137 1.0-rel0, B5.3.6): ask the host for a change of
 * RIPAS, which it makes with RMI_RTT_SET_RIPAS (A5.4).
 */
#include "../command.h"

#include <string.h>

#include "../access.h"

struct ipa_state_set {
	uint64_t base;
	uint64_t top;
	uint8_t ripas;
	uint64_t flags;
};

static void
check(struct call *c, const struct ipa_state_set *d)
{
	REJECT_IF(c, base_align, !granule_aligned(d->base), RSI_ERROR_INPUT,
	    NOT_ALIGNED(d->base));
	REJECT_IF(c, top_align, !granule_aligned(d->top), RSI_ERROR_INPUT,
	    NOT_ALIGNED(d->top));
	REJECT_IF(c, size_valid, d->top <= d->base, RSI_ERROR_INPUT,
	    "top " X64 " is not above base " X64, d->top, d->base);
	REJECT_IF(c, rgn_bound,
	    !ipa_range_is_protected(c->realm, d->base, d->top), RSI_ERROR_INPUT,
	    X64 " to " X64 " is not all protected IPA space", d->base, d->top);
	REJECT_IF(c, ripas_valid, d->ripas != RSI_EMPTY && d->ripas != RSI_RAM,
	    RSI_ERROR_INPUT, "RIPAS %u can not be asked for", d->ripas);
}

static void
apply(struct call *c, const struct ipa_state_set *d)
{
	struct rec *rec = c->rec;

	c->exit->exit_reason = RMI_EXIT_RIPAS_CHANGE;
	c->exit->ripas_base = d->base;
	c->exit->ripas_top = d->top;
	c->exit->ripas_value = d->ripas;
	c->ends = CALL_EXITS;
	rec->ripas_addr = d->base;
	rec->ripas_top = d->top;
	rec->ripas_value = d->ripas;
	rec->ripas_change_destroyed = (d->flags & RSI_CHANGE_DESTROYED) != 0;
	rec->after = AFTER_RIPAS_CHANGE;
	/* The next entry fills in X1 and X2. */
	memset(rec->gprs, 0, RSI_NUM_RESULTS * sizeof rec->gprs[0]);
}

static void
ipa_state_set(struct call *c)
{
	struct ipa_state_set d = {
		.base = c->x[1],
		.top = c->x[2],
		.ripas = (uint8_t)c->x[3],
		.flags = c->x[4],
	};

	check(c, &d);
	if (call_failed(c))
		return;
	apply(c, &d);
}

const struct command rsi_ipa_state_set = {
	.abi = RSI_IPA_STATE_SET_ABI,
	.order = "",
	.tf_order = "",
	.exec = ipa_state_set,
};
