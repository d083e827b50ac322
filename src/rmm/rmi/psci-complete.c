/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_PSCI_COMPLETE (DEN0137 1.0-rel0, B4.3.7): the host shows the REC that a
 * pending PSCI call names, and the call gets its result.
 */
#include "../command.h"

#include <string.h>

#include "../psci/psci.h"
#include "../rec.h"

struct psci_complete {
	uint64_t calling_rec;
	uint64_t target_rec;
	int64_t status;
	struct rec *calling;
	struct rec *target;
};

/* PsciReturnCodePermitted (B3.27). */
static bool
status_permitted(const struct psci_complete *d)
{
	if (d->status == PSCI_SUCCESS)
		return true;
	return d->status == PSCI_DENIED &&
	    psci_function(d->calling->gprs[0]) == PSCI_FID_CPU_ON &&
	    !d->target->runnable;
}

static void
check_recs(struct call *c, const struct psci_complete *d)
{
	const struct rec *calling = d->calling, *target = d->target;

	REJECT_IF(c, owner, target->owner != calling->owner, RMI_ERROR_INPUT,
	    "the RECs belong to realms " X64 " and " X64, calling->owner,
	    target->owner);
	REJECT_IF(c, target, target->mpidr != calling->gprs[1], RMI_ERROR_INPUT,
	    "the request names MPIDR " X64 ", the target's is " X64,
	    calling->gprs[1], target->mpidr);
	REJECT_IF(c, status, !status_permitted(d), RMI_ERROR_INPUT,
	    "status %" PRId64 " is not permitted for function " X64, d->status,
	    calling->gprs[0]);
}

static void
check(struct call *c, struct psci_complete *d)
{
	uint64_t calling = d->calling_rec, target = d->target_rec;

	REJECT_IF(c, alias, calling == target, RMI_ERROR_INPUT,
	    "calling and target REC are both " X64, calling);
	REJECT_IF(c, calling_align, !granule_aligned(calling), RMI_ERROR_INPUT,
	    NOT_ALIGNED(calling));
	REJECT_IF(c, target_align, !granule_aligned(target), RMI_ERROR_INPUT,
	    NOT_ALIGNED(target));
	REJECT_IF(c, calling_bound, !pa_is_delegable(c->rmm, calling),
	    RMI_ERROR_INPUT, NOT_MEMORY(calling));
	REJECT_IF(c, target_bound, !pa_is_delegable(c->rmm, target),
	    RMI_ERROR_INPUT, NOT_MEMORY(target));
	REJECT_IF(c, calling_state,
	    granule_state(c->rmm, calling) != RMM_GRANULE_REC, RMI_ERROR_INPUT,
	    NOT_IN_STATE(c, calling, "REC"));
	REJECT_IF(c, target_state,
	    granule_state(c->rmm, target) != RMM_GRANULE_REC, RMI_ERROR_INPUT,
	    NOT_IN_STATE(c, target, "REC"));
	NEEDS(c, calling_align, calling_bound, calling_state);

	d->calling = rec_at(c->rmm, calling);
	REJECT_IF(c, pending, !d->calling->psci_pending, RMI_ERROR_INPUT,
	    "REC " X64 " waits for no PSCI request", calling);
	NEEDS(c, target_align, target_bound, target_state);

	d->target = rec_at(c->rmm, target);
	check_recs(c, d);
}

static void
switch_on(struct rec *target, uint64_t entry, uint64_t context)
{
	memset(target->gprs, 0, sizeof target->gprs);
	rec_reset(target);
	target->gprs[0] = context;
	target->pc = entry;
	target->runnable = true;
}

static void
apply(struct psci_complete *d)
{
	struct rec *calling = d->calling, *target = d->target;
	int64_t result = d->status;

	if (d->status == PSCI_SUCCESS) {
		switch (psci_function(calling->gprs[0])) {
		case PSCI_FID_CPU_ON:
			if (target->runnable)
				result = PSCI_ALREADY_ON;
			else
				switch_on(
				    target, calling->gprs[2], calling->gprs[3]);
			break;
		case PSCI_FID_AFFINITY_INFO:
			result = target->runnable ? PSCI_SUCCESS : PSCI_OFF;
			break;
		}
	}
	calling->psci_pending = false;
	calling->gprs[0] = (uint64_t)result;
	calling->gprs[1] = calling->gprs[2] = calling->gprs[3] = 0;
}

static void
psci_complete(struct call *c)
{
	struct psci_complete d = {
		.calling_rec = c->x[1],
		.target_rec = c->x[2],
		.status = (int64_t)c->x[3],
	};

	check(c, &d);
	if (call_failed(c))
		return;
	apply(&d);
}

const struct command rmi_psci_complete = {
	.abi = RMI_PSCI_COMPLETE_ABI,
	.order = "",
	.tf_order = "calling_align target_align alias calling_bound "
		    "calling_state target_bound target_state pending "
		    "owner target status",
	.exec = psci_complete,
};
