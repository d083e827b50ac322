/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_RTT_READ_ENTRY (DEN0137 1.0-rel0, B4.3.20): what an entry says, at the
 * level asked for or where the walk ends.
 */
#include "../command.h"
#include "../rtt.h"

struct rtt_read_entry {
	uint64_t rd;
	uint64_t ipa;
	int64_t level;
	const struct realm *realm;
};

static void
check(struct call *c, struct rtt_read_entry *d)
{
	REJECT_IF(c, rd_align, !granule_aligned(d->rd), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->rd));
	REJECT_IF(c, rd_bound, !pa_is_delegable(c->rmm, d->rd), RMI_ERROR_INPUT,
	    NOT_MEMORY(d->rd));
	REJECT_IF(c, rd_state, granule_state(c->rmm, d->rd) != RMM_GRANULE_RD,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, d->rd, "RD"));
	NEEDS(c, rd_align, rd_bound, rd_state);

	d->realm = realm_at(c->rmm, d->rd);
	REJECT_IF(c, level_bound, !rtt_level_valid(d->realm, d->level),
	    RMI_ERROR_INPUT, "level %" PRId64 " is not from %d to 3", d->level,
	    d->realm->rtt_level_start);
	REJECT_IF(c, ipa_bound, d->ipa >= realm_ipa_end(d->realm),
	    RMI_ERROR_INPUT, "ipa " X64 " is above 2^%u", d->ipa,
	    d->realm->ipa_width);
	NEEDS(c, level_bound);
	REJECT_IF(c, ipa_align, !rtt_level_aligned(d->ipa, d->level),
	    RMI_ERROR_INPUT, "ipa " X64 " is not aligned to level %" PRId64,
	    d->ipa, d->level);
}

/* RttEntryState (B3.61). */
static enum rmi_rtt_entry_state
host_state(enum rmm_rtte_state state)
{
	switch (state) {
	case RMM_ASSIGNED:
	case RMM_ASSIGNED_NS:
		return RMI_ASSIGNED;
	case RMM_TABLE:
		return RMI_TABLE;
	default:
		return RMI_UNASSIGNED;
	}
}

static void
rtt_read_entry(struct call *c)
{
	struct rtt_read_entry d = {
		.rd = c->x[1],
		.ipa = c->x[2],
		.level = (int64_t)c->x[3],
	};
	struct rtt_walk walk;

	check(c, &d);
	if (call_failed(c))
		return;
	walk = rtt_walk(c->rmm, d.realm, d.ipa, (int)d.level);
	/* A level of -1 is all ones: the output is a UInt64. */
	c->answer->x[1] = (uint64_t)(int64_t)walk.level;
	c->answer->x[2] = host_state(rtte_state(walk.rtte));
	c->answer->x[3] = rtte_descriptor(d.realm, walk.rtte);
	/* EMPTY in a TABLE entry and in the Non-secure states. */
	c->answer->x[4] = rtte_ripas(walk.rtte);
}

const struct command rmi_rtt_read_entry = {
	.abi = RMI_RTT_READ_ENTRY_ABI,
	.order = "",
	.tf_order = "rd_align rd_bound rd_state level_bound ipa_align "
		    "ipa_bound",
	.exec = rtt_read_entry,
};
