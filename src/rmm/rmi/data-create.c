/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_DATA_CREATE (DEN0137 1.0-rel0, B4.3.1): a DATA granule with the contents
 * of a Non-secure one, measured.
 */
#include "../command.h"

#include <string.h>

#include "../rtt.h"

struct data_create {
	uint64_t rd;
	uint64_t data;
	uint64_t ipa;
	uint64_t src;
	uint64_t flags;
	struct realm *realm;
	struct rtt_walk walk;
};

static void
check_realm(struct call *c, struct data_create *d)
{
	REJECT_IF(c, data_bound2, pa_needs_lpa2(d->realm, d->data),
	    RMI_ERROR_INPUT,
	    "data " X64 " is above 2^48 and the realm has no LPA2", d->data);
	REJECT_IF(c, ipa_bound, !ipa_is_protected(d->realm, d->ipa),
	    RMI_ERROR_INPUT, "ipa " X64 " is not protected", d->ipa);
	REJECT_IF(c, realm_state, d->realm->state != RMM_REALM_NEW,
	    RMI_ERROR_REALM, NOT_REALM_NEW(d->realm));
	NEEDS(c, ipa_bound);

	d->walk = rtt_walk(c->rmm, d->realm, d->ipa, RTT_PAGE_LEVEL);
	REJECT_IF(c, rtt_walk, d->walk.level < RTT_PAGE_LEVEL,
	    RTT_ERROR(d->walk.level), WALK_SHORT(d->walk));
	REJECT_IF(c, rtte_state, rtte_state(d->walk.rtte) != RMM_UNASSIGNED,
	    RTT_ERROR(d->walk.level), RTTE_STATE(d->walk, "UNASSIGNED"));
}

static void
check(struct call *c, struct data_create *d)
{
	REJECT_IF(c, src_align, !granule_aligned(d->src), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->src));
	REJECT_IF(c, data_align, !granule_aligned(d->data), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->data));
	REJECT_IF(c, rd_align, !granule_aligned(d->rd), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->rd));
	REJECT_IF(c, ipa_align, !granule_aligned(d->ipa), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->ipa));
	REJECT_IF(c, src_bound, !pa_is_delegable(c->rmm, d->src),
	    RMI_ERROR_INPUT, NOT_MEMORY(d->src));
	REJECT_IF(c, data_bound, !pa_is_delegable(c->rmm, d->data),
	    RMI_ERROR_INPUT, NOT_MEMORY(d->data));
	REJECT_IF(c, rd_bound, !pa_is_delegable(c->rmm, d->rd), RMI_ERROR_INPUT,
	    NOT_MEMORY(d->rd));
	REJECT_IF(c, src_pas, !granule_is_ns(c->rmm, d->src), RMI_ERROR_INPUT,
	    NOT_NS(c, d->src));
	REJECT_IF(c, data_state,
	    granule_state(c->rmm, d->data) != RMM_GRANULE_DELEGATED,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, d->data, "DELEGATED"));
	REJECT_IF(c, rd_state, granule_state(c->rmm, d->rd) != RMM_GRANULE_RD,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, d->rd, "RD"));
	NEEDS(c, rd_align, rd_bound, rd_state);

	d->realm = realm_at(c->rmm, d->rd);
	check_realm(c, d);
}

static void
apply(struct call *c, struct data_create *d)
{
	uint8_t page[GRANULE_SIZE];
	bool zero;

	/* What is measured is what is stored: the source is read once. */
	ns_read(c->rmm, d->src, page, sizeof page);
	zero = page_is_zero(page);
	rim_extend_data(c->rmm, d->rd, d->ipa, d->flags, page, zero);

	granule_give(c->rmm, d->data, RMM_GRANULE_DATA, d->rd, d->ipa);
	d->realm->num_data++;
	/* A DELEGATED granule holds zeros: these need no host memory. */
	if (!zero)
		memcpy(granule_page(c->rmm, d->data), page, sizeof page);
	rtt_write(c->rmm, d->walk.rtt, d->walk.index,
	    rtte_make(RMM_ASSIGNED, RMI_RAM, d->data));
}

static void
data_create(struct call *c)
{
	struct data_create d = {
		.rd = c->x[1],
		.data = c->x[2],
		.ipa = c->x[3],
		.src = c->x[4],
		.flags = c->x[5],
	};

	check(c, &d);
	if (call_failed(c))
		return;
	apply(c, &d);
}

const struct command rmi_data_create = {
	.abi = RMI_DATA_CREATE_ABI,
	.order = "rd_bound rd_state < realm_state; "
		 "rd_bound rd_state < rtt_walk rtte_state; "
		 "ipa_bound < rtt_walk rtte_state",
	.tf_order = "sbz src_align src_bound src_pas data_align data_bound "
		    "data_state rd_align rd_bound rd_state realm_state "
		    "ipa_bound ipa_align data_bound2 rtt_walk "
		    "rtte_state",
	.exec = data_create,
};
