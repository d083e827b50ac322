/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_RTT_CREATE (DEN0137 1.0-rel0, B4.3.15): a table below an entry of its
 * parent, with what the entry held unfolded into it (A5.5.7).
 */
#include "../command.h"
#include "../rtt.h"

struct rtt_create {
	uint64_t rd;
	uint64_t rtt;
	uint64_t ipa;
	int64_t level;
	struct realm *realm;
	struct rtt_walk walk;
};

static void
check_realm(struct call *c, struct rtt_create *d)
{
	const struct realm *realm = d->realm;

	REJECT_IF(c, rtt_bound2, pa_needs_lpa2(realm, d->rtt), RMI_ERROR_INPUT,
	    "rtt " X64 " is above 2^48 and the realm has no LPA2", d->rtt);
	REJECT_IF(c, level_bound, !rtt_level_inner(realm, d->level),
	    RMI_ERROR_INPUT, "level %" PRId64 " is not from %d to 3", d->level,
	    realm->rtt_level_start + 1);
	REJECT_IF(c, ipa_bound, d->ipa >= realm_ipa_end(realm), RMI_ERROR_INPUT,
	    "ipa " X64 " is above 2^%u", d->ipa, realm->ipa_width);
	NEEDS(c, level_bound);
	REJECT_IF(c, ipa_align, !rtt_level_aligned(d->ipa, d->level - 1),
	    RMI_ERROR_INPUT, "ipa " X64 " is not aligned to level %" PRId64,
	    d->ipa, d->level - 1);
	NEEDS(c, ipa_bound);

	d->walk = rtt_walk(c->rmm, realm, d->ipa, (int)d->level - 1);
	REJECT_IF(c, rtt_walk, d->walk.level < d->level - 1,
	    RTT_ERROR(d->walk.level), WALK_SHORT(d->walk));
	REJECT_IF(c, rtte_state, rtte_state(d->walk.rtte) == RMM_TABLE,
	    RTT_ERROR(d->walk.level),
	    "there is a table at level %" PRId64 " already", d->level);
}

static void
check(struct call *c, struct rtt_create *d)
{
	REJECT_IF(c, rd_align, !granule_aligned(d->rd), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->rd));
	REJECT_IF(c, rtt_align, !granule_aligned(d->rtt), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->rtt));
	REJECT_IF(c, rd_bound, !pa_is_delegable(c->rmm, d->rd), RMI_ERROR_INPUT,
	    NOT_MEMORY(d->rd));
	REJECT_IF(c, rtt_bound, !pa_is_delegable(c->rmm, d->rtt),
	    RMI_ERROR_INPUT, NOT_MEMORY(d->rtt));
	REJECT_IF(c, rd_state, granule_state(c->rmm, d->rd) != RMM_GRANULE_RD,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, d->rd, "RD"));
	REJECT_IF(c, rtt_state,
	    granule_state(c->rmm, d->rtt) != RMM_GRANULE_DELEGATED,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, d->rtt, "DELEGATED"));
	NEEDS(c, rd_align, rd_bound, rd_state);

	d->realm = realm_at(c->rmm, d->rd);
	check_realm(c, d);
}

static void
apply(struct call *c, struct rtt_create *d)
{
	rtte_t entry = d->walk.rtte;
	/* Addresses go up from entry to entry where there are any. */
	uint64_t step = rtte_is_live(entry) ? rtt_level_size((int)d->level) : 0;

	granule_give(c->rmm, d->rtt, RMM_GRANULE_RTT, d->rd, d->ipa);
	granule_at(c->rmm, d->rtt)->level = (int8_t)d->level;
	d->realm->num_rtts++;
	rtt_fill(c->rmm, d->rtt, entry, step);
	rtt_write(c->rmm, d->walk.rtt, d->walk.index,
	    rtte_make(RMM_TABLE, RMI_EMPTY, d->rtt));
}

static void
rtt_create(struct call *c)
{
	struct rtt_create d = {
		.rd = c->x[1],
		.rtt = c->x[2],
		.ipa = c->x[3],
		.level = (int64_t)c->x[4],
	};

	check(c, &d);
	if (call_failed(c))
		return;
	apply(c, &d);
}

const struct command rmi_rtt_create = {
	.abi = RMI_RTT_CREATE_ABI,
	.order = "rd_bound rd_state < rtt_walk rtte_state; "
		 "level_bound ipa_bound < rtt_walk rtte_state",
	.tf_order = "rd_align rd_bound rd_state rtt_align rtt_bound "
		    "rtt_state level_bound ipa_align ipa_bound "
		    "rtt_bound2 rtt_walk rtte_state",
	.exec = rtt_create,
};
