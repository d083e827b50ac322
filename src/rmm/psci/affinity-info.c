/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI_AFFINITY_INFO (DEN0137 1.0-rel0, B6.3.1): the host shows the target REC
 * with RMI_PSCI_COMPLETE, which looks whether it is on.
 */
#include "psci.h"

#include "../rec.h"

static void
check(struct call *c)
{
	uint64_t target = psci_arg(c, 1);
	uint32_t level = (uint32_t)c->x[2];

	REJECT_IF(c, target_bound, level != 0, PSCI_INVALID_PARAMETERS,
	    "affinity level %" PRIu32 " is not 0", level);
	REJECT_IF(c, target_match, !rec_mpidr_used(c->rmm, c->realm, target),
	    PSCI_INVALID_PARAMETERS, NO_SUCH_MPIDR(target));
}

static void
affinity_info(struct call *c)
{
	check(c);
	if (call_failed(c))
		return;
	/* RMI_PSCI_COMPLETE takes no REC for its own target. */
	if (psci_arg(c, 1) == c->rec->mpidr) {
		c->answer->x[0] = PSCI_SUCCESS;
		return;
	}
	psci_exit(c, 2);
	c->rec->psci_pending = true;
}

const struct command psci_affinity_info = {
	.abi = PSCI_AFFINITY_INFO_ABI,
	.order = "",
	.tf_order = "",
	.exec = affinity_info,
};
