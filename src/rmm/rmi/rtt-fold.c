/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_RTT_FOLD (DEN0137 1.0-rel0, B4.3.17): a homogeneous table goes, and its
 * parent's entry says what it said (A5.5.6).
 */
#include "../command.h"
#include "../rtt.h"

struct rtt_fold {
	uint64_t rd;
	uint64_t ipa;
	int64_t level;
	uint64_t rtt;
	rtte_t fold;
	struct realm *realm;
	struct rtt_walk walk;
};

static void
check_realm(struct call *c, struct rtt_fold *d)
{
	const struct realm *realm = d->realm;

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
	REJECT_IF(c, rtte_state, rtte_state(d->walk.rtte) != RMM_TABLE,
	    RTT_ERROR(d->walk.level), RTTE_STATE(d->walk, "TABLE"));
	NEEDS(c, rtt_walk, rtte_state);

	d->rtt = rtte_addr(d->walk.rtte);
	REJECT_IF(c, rtt_homo,
	    !rtt_fold(c->rmm, d->rtt, (int)d->level, &d->fold),
	    RTT_ERROR(d->level), "RTT " X64 " is not homogeneous", d->rtt);
}

static void
check(struct call *c, struct rtt_fold *d)
{
	REJECT_IF(c, rd_align, !granule_aligned(d->rd), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->rd));
	REJECT_IF(c, rd_bound, !pa_is_delegable(c->rmm, d->rd), RMI_ERROR_INPUT,
	    NOT_MEMORY(d->rd));
	REJECT_IF(c, rd_state, granule_state(c->rmm, d->rd) != RMM_GRANULE_RD,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, d->rd, "RD"));
	NEEDS(c, rd_align, rd_bound, rd_state);

	d->realm = realm_at(c->rmm, d->rd);
	check_realm(c, d);
}

static void
apply(struct call *c, struct rtt_fold *d)
{
	rtt_write(c->rmm, d->walk.rtt, d->walk.index, d->fold);
	granule_become(c->rmm, d->rtt, RMM_GRANULE_DELEGATED);
	d->realm->num_rtts--;
}

static void
rtt_fold_call(struct call *c)
{
	struct rtt_fold d = {
		.rd = c->x[1],
		.ipa = c->x[2],
		.level = (int64_t)c->x[3],
	};

	check(c, &d);
	if (call_failed(c))
		return;
	apply(c, &d);
	c->answer->x[1] = d.rtt;
}

const struct command rmi_rtt_fold = {
	.abi = RMI_RTT_FOLD_ABI,
	.order = "rd_bound rd_state < rtt_walk rtte_state rtt_homo; "
		 "level_bound ipa_bound < rtt_walk rtte_state",
	.tf_order = "rd_align rd_bound rd_state level_bound ipa_align "
		    "ipa_bound rtt_walk rtte_state rtt_homo",
	.exec = rtt_fold_call,
};
