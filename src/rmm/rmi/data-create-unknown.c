/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_DATA_CREATE_UNKNOWN (DEN0137 1.0-rel0, B4.3.2): a DATA granule whose
 * contents the realm must not rely on: zeros, unless chosen otherwise.
 */
#include "../command.h"

#include <string.h>

#include "../choices.h"
#include "../rtt.h"

struct data_create_unknown {
	uint64_t rd;
	uint64_t data;
	uint64_t ipa;
	struct realm *realm;
	struct rtt_walk walk;
};

static void
check_realm(struct call *c, struct data_create_unknown *d)
{
	REJECT_IF(c, data_bound2, pa_needs_lpa2(d->realm, d->data),
	    RMI_ERROR_INPUT,
	    "data " X64 " is above 2^48 and the realm has no LPA2", d->data);
	REJECT_IF(c, ipa_bound, !ipa_is_protected(d->realm, d->ipa),
	    RMI_ERROR_INPUT, "ipa " X64 " is not protected", d->ipa);
	NEEDS(c, ipa_bound);

	d->walk = rtt_walk(c->rmm, d->realm, d->ipa, RTT_PAGE_LEVEL);
	REJECT_IF(c, rtt_walk, d->walk.level < RTT_PAGE_LEVEL,
	    RTT_ERROR(d->walk.level), WALK_SHORT(d->walk));
	REJECT_IF(c, rtte_state, rtte_state(d->walk.rtte) != RMM_UNASSIGNED,
	    RTT_ERROR(d->walk.level), RTTE_STATE(d->walk, "UNASSIGNED"));
}

static void
check(struct call *c, struct data_create_unknown *d)
{
	REJECT_IF(c, data_align, !granule_aligned(d->data), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->data));
	REJECT_IF(c, rd_align, !granule_aligned(d->rd), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->rd));
	REJECT_IF(c, ipa_align, !granule_aligned(d->ipa), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->ipa));
	REJECT_IF(c, data_bound, !pa_is_delegable(c->rmm, d->data),
	    RMI_ERROR_INPUT, NOT_MEMORY(d->data));
	REJECT_IF(c, rd_bound, !pa_is_delegable(c->rmm, d->rd), RMI_ERROR_INPUT,
	    NOT_MEMORY(d->rd));
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
apply(struct call *c, struct data_create_unknown *d)
{
	uint8_t page[GRANULE_SIZE];

	granule_give(c->rmm, d->data, RMM_GRANULE_DATA, d->rd, d->ipa);
	if (choice_contents(c->rmm, RMM_CHOICE_UNKNOWN, page))
		memcpy(granule_page(c->rmm, d->data), page, sizeof page);
	d->realm->num_data++;
	rtt_write(c->rmm, d->walk.rtt, d->walk.index,
	    rtte_make(RMM_ASSIGNED, rtte_ripas(d->walk.rtte), d->data));
}

static void
data_create_unknown(struct call *c)
{
	struct data_create_unknown d = {
		.rd = c->x[1],
		.data = c->x[2],
		.ipa = c->x[3],
	};

	check(c, &d);
	if (call_failed(c))
		return;
	apply(c, &d);
}

const struct command rmi_data_create_unknown = {
	.abi = RMI_DATA_CREATE_UNKNOWN_ABI,
	.order = "rd_bound rd_state < rtt_walk rtte_state; "
		 "ipa_bound < rtt_walk rtte_state",
	.tf_order = "data_align data_bound data_state rd_align rd_bound "
		    "rd_state ipa_bound ipa_align data_bound2 rtt_walk "
		    "rtte_state",
	.exec = data_create_unknown,
};
