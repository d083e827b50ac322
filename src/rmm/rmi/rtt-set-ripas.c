/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_RTT_SET_RIPAS (DEN0137 1.0-rel0, B4.3.21): the host grants, from its
 * start on, a RIPAS change that a REC has asked for.
 */
#include "../choices.h"
#include "../command.h"
#include "../rec.h"
#include "../rtt.h"

struct rtt_set_ripas {
	uint64_t rd;
	uint64_t rec_ptr;
	uint64_t base;
	uint64_t top;
	uint64_t walk_top;
	struct realm *realm;
	struct rec *rec;
	struct rtt_walk walk;
};

static void
check_walk(struct call *c, struct rtt_set_ripas *d)
{
	const struct rec *rec = d->rec;
	bool changes;

	d->walk = rtt_walk(c->rmm, d->realm, d->base, RTT_PAGE_LEVEL);
	changes = rtte_ripas(d->walk.rtte) != rec->ripas_value;
	REJECT_IF(c, base_align,
	    !rtt_level_aligned(d->base, d->walk.level) && changes,
	    RTT_ERROR(d->walk.level), "base " X64 " is not aligned to level %d",
	    d->base, d->walk.level);
	NEEDS(c, size_valid);
	d->walk_top = rtt_skip_with_ripas(
	    c->rmm, &d->walk, d->top, !rec->ripas_change_destroyed);
	REJECT_IF(c, no_progress, d->base == d->walk_top && changes,
	    RTT_ERROR(d->walk.level),
	    "the entry of base at level %d is larger than the range, or "
	    "DESTROYED",
	    d->walk.level);
}

static void
check_rec(struct call *c, struct rtt_set_ripas *d)
{
	const struct rec *rec = d->rec;

	REJECT_IF(c, rec_state, rec->running, RMI_ERROR_REC,
	    "REC " X64 " is running", d->rec_ptr);
	REJECT_IF(c, rec_owner, rec->owner != d->rd, RMI_ERROR_REC,
	    "REC " X64 " belongs to realm " X64, d->rec_ptr, rec->owner);
	REJECT_IF(c, base_bound, d->base != rec->ripas_addr, RMI_ERROR_INPUT,
	    "base " X64 " is not where the request is at, " X64, d->base,
	    rec->ripas_addr);
	REJECT_IF(c, top_bound, d->top > rec->ripas_top, RMI_ERROR_INPUT,
	    "top " X64 " is above the request's, " X64, d->top, rec->ripas_top);
	NEEDS(c, rd_align, rd_bound, rd_state);

	d->realm = realm_at(c->rmm, d->rd);
	/* A walk is of an IPA (A5.5.10), which base is if it is the request's.
	 */
	if (c->collect && d->base >= realm_ipa_end(d->realm))
		return;
	check_walk(c, d);
}

static void
check(struct call *c, struct rtt_set_ripas *d)
{
	REJECT_IF(c, rd_align, !granule_aligned(d->rd), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->rd));
	REJECT_IF(c, rec_align, !granule_aligned(d->rec_ptr), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->rec_ptr));
	REJECT_IF(c, size_valid, d->top <= d->base, RMI_ERROR_INPUT,
	    "top " X64 " is not above base " X64, d->top, d->base);
	REJECT_IF(c, top_gran_align, !granule_aligned(d->top), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->top));
	REJECT_IF(c, rd_bound, !pa_is_delegable(c->rmm, d->rd), RMI_ERROR_INPUT,
	    NOT_MEMORY(d->rd));
	REJECT_IF(c, rec_bound, !pa_is_delegable(c->rmm, d->rec_ptr),
	    RMI_ERROR_INPUT, NOT_MEMORY(d->rec_ptr));
	REJECT_IF(c, rd_state, granule_state(c->rmm, d->rd) != RMM_GRANULE_RD,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, d->rd, "RD"));
	REJECT_IF(c, rec_gran_state,
	    granule_state(c->rmm, d->rec_ptr) != RMM_GRANULE_REC,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, d->rec_ptr, "REC"));
	NEEDS(c, rec_align, rec_bound, rec_gran_state);

	d->rec = rec_at(c->rmm, d->rec_ptr);
	check_rec(c, d);
}

static void
apply(struct call *c, struct rtt_set_ripas *d)
{
	uint64_t size = rtt_level_size(d->walk.level);
	unsigned i = d->walk.index;

	/*
	 * Where the entry of base has the RIPAS already, base and top may lie
	 * within it, and nothing is left to do.  B4.3.21.3 rounds down, to base
	 * or below it; a host that loops until top then never ends.
	 */
	if (d->walk_top <= d->base)
		d->walk_top = chosen(c->rmm, RMM_CHOICE_SET_RIPAS_BLOCK) ==
			RMM_SET_RIPAS_BLOCK_TOP
		    ? d->top
		    : d->base;
	for (uint64_t ipa = d->walk.ipa; ipa + size <= d->walk_top;
	     ipa += size, i++) {
		rtte_t rtte = rtt_entries(c->rmm, d->walk.rtt)[i];

		rtt_write(c->rmm, d->walk.rtt, i,
		    rtte_with_ripas(rtte, d->rec->ripas_value));
	}
	d->rec->ripas_addr = d->walk_top;
}

static void
rtt_set_ripas(struct call *c)
{
	struct rtt_set_ripas d = {
		.rd = c->x[1],
		.rec_ptr = c->x[2],
		.base = c->x[3],
		.top = c->x[4],
	};

	check(c, &d);
	if (call_failed(c))
		return;
	apply(c, &d);
	c->answer->x[1] = d.walk_top;
}

const struct command rmi_rtt_set_ripas = {
	.abi = RMI_RTT_SET_RIPAS_ABI,
	.order = "rd_bound rd_state < base_align; "
		 "rd_bound rd_state < no_progress; "
		 "rec_bound rec_gran_state < rec_state rec_owner; "
		 "base_bound < base_align; "
		 "top_gran_align < no_progress",
	.tf_order = "size_valid rd_align rd_bound rd_state rec_align "
		    "rec_bound rec_gran_state rec_state rec_owner "
		    "base_bound top_bound top_gran_align base_align "
		    "no_progress",
	.exec = rtt_set_ripas,
};
