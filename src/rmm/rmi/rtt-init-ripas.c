/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_RTT_INIT_RIPAS (DEN0137 1.0-rel0, B4.3.18): what the realm will find as
 * RAM when it starts, measured entry by entry.  One call changes entries of one
 * table; the host goes on from out_top.
 */
#include "../command.h"

#include "../choices.h"
#include "../rtt.h"

struct rtt_init_ripas {
	uint64_t rd;
	uint64_t base;
	uint64_t top;
	uint64_t walk_top;
	struct realm *realm;
	struct rtt_walk walk;
};

/*
 * Does an entry end the range?  B3.75 stops at a TABLE entry only, but the
 * command depends on HIPAS being UNASSIGNED (A5.3.5), so that an entry that is
 * ASSIGNED ends it as well, unless chosen otherwise.  Firmware does the same,
 * and the RIM depends on it where a host populates first.
 */
static bool
ends_range(const struct rmm *rmm, rtte_t rtte, bool first)
{
	if (rtte_ripas(rtte) == RMI_RAM && rtte_state(rtte) == RMM_UNASSIGNED &&
	    chosen(rmm, RMM_CHOICE_INIT_RAM) == RMM_INIT_RAM_STOP)
		return true;
	/* rtte_state judges the first one. */
	return !first && rtte_state(rtte) != RMM_UNASSIGNED &&
	    chosen(rmm, RMM_CHOICE_INIT_ASSIGNED) == RMM_INIT_ASSIGNED_STOP;
}

static uint64_t
find_walk_top(const struct call *c, const struct rtt_init_ripas *d)
{
	uint64_t top = rtt_skip_with_ripas(c->rmm, &d->walk, d->top, false);
	const rtte_t *entries = rtt_entries(c->rmm, d->walk.rtt);
	uint64_t size = rtt_level_size(d->walk.level);
	uint64_t ipa = d->walk.ipa;

	for (unsigned i = d->walk.index; ipa < top; i++, ipa += size)
		if (ends_range(c->rmm, entries[i], i == d->walk.index))
			return ipa;
	return top;
}

static void
check_realm(struct call *c, struct rtt_init_ripas *d)
{
	REJECT_IF(c, top_bound,
	    !ipa_is_protected(d->realm, d->top - GRANULE_SIZE), RMI_ERROR_INPUT,
	    "top " X64 " is above the protected IPAs", d->top);
	REJECT_IF(c, realm_state, d->realm->state != RMM_REALM_NEW,
	    RMI_ERROR_REALM, NOT_REALM_NEW(d->realm));
	/* A walk is of an IPA (A5.5.10), which base is if none of these holds.
	 */
	if (c->collect && d->base >= realm_ipa_end(d->realm))
		return;

	d->walk = rtt_walk(c->rmm, d->realm, d->base, RTT_PAGE_LEVEL);
	REJECT_IF(c, base_align, !rtt_level_aligned(d->base, d->walk.level),
	    RTT_ERROR(d->walk.level), "base " X64 " is not aligned to level %d",
	    d->base, d->walk.level);
	REJECT_IF(c, rtte_state, rtte_state(d->walk.rtte) != RMM_UNASSIGNED,
	    RTT_ERROR(d->walk.level), RTTE_STATE(d->walk, "UNASSIGNED"));
	NEEDS(c, size_valid);
	d->walk_top = find_walk_top(c, d);
	REJECT_IF(c, no_progress, d->base == d->walk_top,
	    RTT_ERROR(d->walk.level),
	    "no whole entry at level %d from " X64 " to " X64 " can become RAM",
	    d->walk.level, d->base, d->top);
}

static void
check(struct call *c, struct rtt_init_ripas *d)
{
	REJECT_IF(c, rd_align, !granule_aligned(d->rd), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->rd));
	REJECT_IF(c, size_valid, d->top <= d->base, RMI_ERROR_INPUT,
	    "top " X64 " is not above base " X64, d->top, d->base);
	REJECT_IF(c, top_gran_align, !granule_aligned(d->top), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->top));
	REJECT_IF(c, rd_bound, !pa_is_delegable(c->rmm, d->rd), RMI_ERROR_INPUT,
	    NOT_MEMORY(d->rd));
	REJECT_IF(c, rd_state, granule_state(c->rmm, d->rd) != RMM_GRANULE_RD,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, d->rd, "RD"));
	NEEDS(c, rd_align, rd_bound, rd_state);

	d->realm = realm_at(c->rmm, d->rd);
	check_realm(c, d);
}

static void
apply(struct call *c, struct rtt_init_ripas *d)
{
	uint64_t size = rtt_level_size(d->walk.level);
	unsigned i = d->walk.index;

	for (uint64_t ipa = d->base; ipa < d->walk_top; ipa += size, i++) {
		rtte_t rtte = rtt_entries(c->rmm, d->walk.rtt)[i];

		rtt_write(
		    c->rmm, d->walk.rtt, i, rtte_with_ripas(rtte, RMI_RAM));
		rim_extend_ripas(c->rmm, d->rd, ipa, ipa + size);
	}
}

static void
rtt_init_ripas(struct call *c)
{
	struct rtt_init_ripas d = {
		.rd = c->x[1],
		.base = c->x[2],
		.top = c->x[3],
	};

	check(c, &d);
	if (call_failed(c))
		return;
	apply(c, &d);
	c->answer->x[1] = d.walk_top;
}

const struct command rmi_rtt_init_ripas = {
	.abi = RMI_RTT_INIT_RIPAS_ABI,
	.order = "rd_bound rd_state < realm_state; "
		 "rd_bound rd_state < base_align rtte_state; "
		 "rd_bound rd_state < no_progress; "
		 "top_gran_align < no_progress",
	.tf_order = "size_valid rd_align rd_bound rd_state "
		    "top_gran_align top_bound realm_state base_align "
		    "rtte_state no_progress",
	.exec = rtt_init_ripas,
};
