/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_RTT_DESTROY (DEN0137 1.0-rel0, B4.3.16): a table that refers to nothing
 * goes, and with it what it said of RIPAS: the range becomes DESTROYED.
 */
#include "../command.h"
#include "../rtt.h"

struct rtt_destroy {
	uint64_t rd;
	uint64_t ipa;
	int64_t level;
	uint64_t rtt;
	struct realm *realm;
	struct rtt_walk walk;
};

static void
check_realm(struct call *c, struct rtt_destroy *d)
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
	REJECT_IF(c, rtt_live, granule_at(c->rmm, d->rtt)->live != 0,
	    RTT_ERROR(d->level), "RTT " X64 " has %u live entries", d->rtt,
	    granule_at(c->rmm, d->rtt)->live);
}

static void
check(struct call *c, struct rtt_destroy *d)
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
apply(struct call *c, struct rtt_destroy *d)
{
	/*
	 * B4.3.16.3 says UNASSIGNED for every IPA, but an unprotected IPA has
	 * no such entry (A5.5.4): there it is UNASSIGNED_NS, without RIPAS.
	 */
	rtte_t entry = ipa_is_protected(d->realm, d->ipa)
	    ? rtte_make(RMM_UNASSIGNED, RMI_DESTROYED, 0)
	    : rtte_make(RMM_UNASSIGNED_NS, RMI_EMPTY, 0);

	rtt_write(c->rmm, d->walk.rtt, d->walk.index, entry);
	granule_become(c->rmm, d->rtt, RMM_GRANULE_DELEGATED);
	d->realm->num_rtts--;
}

static void
rtt_destroy(struct call *c)
{
	struct rtt_destroy d = {
		.rd = c->x[1],
		.ipa = c->x[2],
		.level = (int64_t)c->x[3],
	};

	check(c, &d);
	if (!call_failed(c)) {
		apply(c, &d);
		c->answer->x[1] = d.rtt;
	}
	if (!call_failed(c) || call_failed_in_rtt(c))
		c->answer->x[2] = rtt_skip_non_live(c->rmm, &d.walk, d.ipa);
}

const struct command rmi_rtt_destroy = {
	.abi = RMI_RTT_DESTROY_ABI,
	.order = "rd_bound rd_state < rtt_walk rtte_state rtt_live; "
		 "level_bound ipa_bound < rtt_walk rtte_state",
	.tf_order = "rd_align rd_bound rd_state level_bound ipa_align "
		    "ipa_bound rtt_walk rtte_state rtt_live",
	.exec = rtt_destroy,
};
