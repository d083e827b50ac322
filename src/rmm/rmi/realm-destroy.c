/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_REALM_DESTROY (DEN0137 1.0-rel0, B4.3.10): the end of a realm that is
 * not live, in any state.
 */
#include "../command.h"
#include "../realm.h"

static void
check(struct call *c, uint64_t rd)
{
	const struct realm *realm;

	REJECT_IF(c, rd_align, !granule_aligned(rd), RMI_ERROR_INPUT,
	    NOT_ALIGNED(rd));
	REJECT_IF(c, rd_bound, !pa_is_delegable(c->rmm, rd), RMI_ERROR_INPUT,
	    NOT_MEMORY(rd));
	REJECT_IF(c, rd_state, granule_state(c->rmm, rd) != RMM_GRANULE_RD,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, rd, "RD"));
	NEEDS(c, rd_align, rd_bound, rd_state);

	realm = realm_at(c->rmm, rd);
	REJECT_IF(c, realm_live, realm_is_live(c->rmm, realm), RMI_ERROR_REALM,
	    "the realm holds %" PRIu64 " RECs, %" PRIu64
	    " DATA granules and %" PRIu64 " RTTs below the starting level",
	    realm->num_recs, realm->num_data,
	    realm->num_rtts - realm->rtt_num_start);
}

static void
realm_destroy_call(struct call *c)
{
	uint64_t rd = c->x[1];

	check(c, rd);
	if (call_failed(c))
		return;
	realm_destroy(c->rmm, rd);
}

const struct command rmi_realm_destroy = {
	.abi = RMI_REALM_DESTROY_ABI,
	.order = "rd_bound rd_state < realm_live",
	.tf_order = "rd_align rd_bound rd_state realm_live",
	.exec = realm_destroy_call,
};
