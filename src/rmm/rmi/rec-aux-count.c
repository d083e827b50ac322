/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_REC_AUX_COUNT (DEN0137 1.0-rel0, B4.3.11): how many auxiliary granules a
 * REC of this realm needs.
 */
#include "../command.h"

static void
check(struct call *c, uint64_t rd)
{
	REJECT_IF(c, rd_align, !granule_aligned(rd), RMI_ERROR_INPUT,
	    NOT_ALIGNED(rd));
	REJECT_IF(c, rd_bound, !pa_is_delegable(c->rmm, rd), RMI_ERROR_INPUT,
	    NOT_MEMORY(rd));
	REJECT_IF(c, rd_state, granule_state(c->rmm, rd) != RMM_GRANULE_RD,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, rd, "RD"));
}

static void
rec_aux_count(struct call *c)
{
	check(c, c->x[1]);
	if (call_failed(c))
		return;
	c->answer->x[1] = c->rmm->config.rec_aux_count;
}

const struct command rmi_rec_aux_count = {
	.abi = RMI_REC_AUX_COUNT_ABI,
	.order = "",
	.tf_order = "rd_align rd_bound rd_state",
	.exec = rec_aux_count,
};
