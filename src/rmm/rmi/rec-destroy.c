/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_REC_DESTROY (DEN0137 1.0-rel0, B4.3.13): the end of a REC that does not
 * run.  Its index is not used again.
 */
#include "../command.h"
#include "../rec.h"

static void
check(struct call *c, uint64_t rec)
{
	REJECT_IF(c, rec_align, !granule_aligned(rec), RMI_ERROR_INPUT,
	    NOT_ALIGNED(rec));
	REJECT_IF(c, rec_bound, !pa_is_delegable(c->rmm, rec), RMI_ERROR_INPUT,
	    NOT_MEMORY(rec));
	REJECT_IF(c, rec_gran_state,
	    granule_state(c->rmm, rec) != RMM_GRANULE_REC, RMI_ERROR_INPUT,
	    NOT_IN_STATE(c, rec, "REC"));
	NEEDS(c, rec_align, rec_bound, rec_gran_state);

	REJECT_IF(c, rec_state, rec_at(c->rmm, rec)->running, RMI_ERROR_REC,
	    "REC " X64 " is running", rec);
}

static void
rec_destroy_call(struct call *c)
{
	uint64_t rec = c->x[1];

	check(c, rec);
	if (call_failed(c))
		return;
	rec_destroy(c->rmm, rec);
}

const struct command rmi_rec_destroy = {
	.abi = RMI_REC_DESTROY_ABI,
	.order = "rec_bound rec_gran_state < rec_state",
	.tf_order = "rec_align rec_bound rec_gran_state rec_state",
	.exec = rec_destroy_call,
};
