/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI_CPU_ON (DEN0137 1.0-rel0, B6.3.3): the host shows the target REC with
 * RMI_PSCI_COMPLETE, which finds out whether it is on already.
 */
#include "psci.h"

#include "../rec.h"

static void
check(struct call *c)
{
	uint64_t target = psci_arg(c, 1), entry = psci_arg(c, 2);

	REJECT_IF(c, entry, !ipa_is_protected(c->realm, entry),
	    PSCI_INVALID_ADDRESS, NOT_PROTECTED(entry));
	REJECT_IF(c, mpidr, !rec_mpidr_used(c->rmm, c->realm, target),
	    PSCI_INVALID_PARAMETERS, NO_SUCH_MPIDR(target));
	/* The one target that is known to be on without the host's help. */
	REJECT_IF(c, runnable, target == c->rec->mpidr, PSCI_ALREADY_ON,
	    X64 " is the calling REC itself", target);
}

static void
cpu_on(struct call *c)
{
	check(c);
	if (call_failed(c))
		return;
	psci_exit(c, 3);
	c->rec->psci_pending = true;
}

const struct command psci_cpu_on = {
	.abi = PSCI_CPU_ON_ABI,
	.order = "",
	.tf_order = "",
	.exec = cpu_on,
};
