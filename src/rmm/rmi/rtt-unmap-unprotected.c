/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_RTT_UNMAP_UNPROTECTED (DEN0137 1.0-rel0, B4.3.22): the host takes back
 * memory that it shared.
 */
#include "../command.h"
#include "../rtt.h"

struct rtt_unmap_unprotected {
	uint64_t rd;
	uint64_t ipa;
	int64_t level;
	struct realm *realm;
	struct rtt_walk walk;
};

static void
check_realm(struct call *c, struct rtt_unmap_unprotected *d)
{
	const struct realm *realm = d->realm;

	REJECT_IF(c, level_bound, !rtt_level_block_or_page(realm, d->level),
	    RMI_ERROR_INPUT, "level %" PRId64 " holds no blocks or pages",
	    d->level);
	REJECT_IF(c, ipa_bound,
	    d->ipa >= realm_ipa_end(realm) || ipa_is_protected(realm, d->ipa),
	    RMI_ERROR_INPUT, "ipa " X64 " is not unprotected", d->ipa);
	NEEDS(c, level_bound);
	REJECT_IF(c, ipa_align, !rtt_level_aligned(d->ipa, d->level),
	    RMI_ERROR_INPUT, "ipa " X64 " is not aligned to level %" PRId64,
	    d->ipa, d->level);
	NEEDS(c, ipa_bound);

	d->walk = rtt_walk(c->rmm, realm, d->ipa, (int)d->level);
	REJECT_IF(c, rtt_walk, d->walk.level < d->level,
	    RTT_ERROR(d->walk.level), WALK_SHORT(d->walk));
	REJECT_IF(c, rtte_state, rtte_state(d->walk.rtte) != RMM_ASSIGNED_NS,
	    RTT_ERROR(d->walk.level), RTTE_STATE(d->walk, "ASSIGNED_NS"));
}

static void
check(struct call *c, struct rtt_unmap_unprotected *d)
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
rtt_unmap_unprotected(struct call *c)
{
	struct rtt_unmap_unprotected d = {
		.rd = c->x[1],
		.ipa = c->x[2],
		.level = (int64_t)c->x[3],
	};

	check(c, &d);
	if (!call_failed(c))
		rtt_write(c->rmm, d.walk.rtt, d.walk.index,
		    rtte_make(RMM_UNASSIGNED_NS, RMI_EMPTY, 0));
	if (!call_failed(c) || call_failed_in_rtt(c))
		c->answer->x[1] = rtt_skip_non_live(c->rmm, &d.walk, d.ipa);
}

const struct command rmi_rtt_unmap_unprotected = {
	.abi = RMI_RTT_UNMAP_UNPROTECTED_ABI,
	.order = "rd_bound rd_state < rtt_walk rtte_state; "
		 "level_bound ipa_bound < rtt_walk rtte_state",
	.tf_order = "level_bound rd_align rd_bound rd_state ipa_align "
		    "ipa_bound rtt_walk rtte_state",
	.exec = rtt_unmap_unprotected,
};
