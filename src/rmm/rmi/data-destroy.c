/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_DATA_DESTROY (DEN0137 1.0-rel0, B4.3.3): a DATA granule leaves its realm.
 * The realm learns of it by the RIPAS: RAM becomes DESTROYED.
 */
#include "../command.h"
#include "../rtt.h"

struct data_destroy {
	uint64_t rd;
	uint64_t ipa;
	uint64_t data;
	struct realm *realm;
	struct rtt_walk walk;
};

static void
check(struct call *c, struct data_destroy *d)
{
	REJECT_IF(c, rd_align, !granule_aligned(d->rd), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->rd));
	REJECT_IF(c, ipa_align, !granule_aligned(d->ipa), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->ipa));
	REJECT_IF(c, rd_bound, !pa_is_delegable(c->rmm, d->rd), RMI_ERROR_INPUT,
	    NOT_MEMORY(d->rd));
	REJECT_IF(c, rd_state, granule_state(c->rmm, d->rd) != RMM_GRANULE_RD,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, d->rd, "RD"));
	NEEDS(c, rd_align, rd_bound, rd_state);

	d->realm = realm_at(c->rmm, d->rd);
	REJECT_IF(c, ipa_bound, !ipa_is_protected(d->realm, d->ipa),
	    RMI_ERROR_INPUT, "ipa " X64 " is not protected", d->ipa);
	NEEDS(c, ipa_bound);

	d->walk = rtt_walk(c->rmm, d->realm, d->ipa, RTT_PAGE_LEVEL);
	REJECT_IF(c, rtt_walk, d->walk.level < RTT_PAGE_LEVEL,
	    RTT_ERROR(d->walk.level), WALK_SHORT(d->walk));
	REJECT_IF(c, rtte_state, rtte_state(d->walk.rtte) != RMM_ASSIGNED,
	    RTT_ERROR(d->walk.level), RTTE_STATE(d->walk, "ASSIGNED"));
}

static void
apply(struct call *c, struct data_destroy *d)
{
	enum rmi_ripas ripas = rtte_ripas(d->walk.rtte);

	d->data = rtte_addr(d->walk.rtte);
	if (ripas == RMI_RAM)
		ripas = RMI_DESTROYED;
	rtt_write(c->rmm, d->walk.rtt, d->walk.index,
	    rtte_make(RMM_UNASSIGNED, ripas, 0));
	granule_become(c->rmm, d->data, RMM_GRANULE_DELEGATED);
	d->realm->num_data--;
}

static void
data_destroy(struct call *c)
{
	struct data_destroy d = { .rd = c->x[1], .ipa = c->x[2] };

	check(c, &d);
	if (!call_failed(c)) {
		apply(c, &d);
		c->answer->x[1] = d.data;
	}
	if (!call_failed(c) || call_failed_in_rtt(c))
		c->answer->x[2] = rtt_skip_non_live(c->rmm, &d.walk, d.ipa);
}

const struct command rmi_data_destroy = {
	.abi = RMI_DATA_DESTROY_ABI,
	.order = "rd_bound rd_state < rtt_walk rtte_state; "
		 "ipa_bound < rtt_walk rtte_state",
	.tf_order = "rd_align rd_bound rd_state ipa_bound ipa_align "
		    "rtt_walk rtte_state",
	.exec = data_destroy,
};
