/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_REALM_ACTIVATE (DEN0137 1.0-rel0, B4.3.8): the realm may run, and its
 * initial measurement is final.
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
	REJECT_IF(c, realm_state, realm->state != RMM_REALM_NEW,
	    RMI_ERROR_REALM, NOT_REALM_NEW(realm));
}

static void
realm_activate(struct call *c)
{
	uint64_t rd = c->x[1];

	check(c, rd);
	if (call_failed(c))
		return;
	realm_at(c->rmm, rd)->state = RMM_REALM_ACTIVE;
}

const struct command rmi_realm_activate = {
	.abi = RMI_REALM_ACTIVATE_ABI,
	.order = "rd_bound rd_state < realm_state",
	.tf_order = "rd_align rd_bound rd_state realm_state",
	.exec = realm_activate,
};
