/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI_SYSTEM_OFF (DEN0137 1.0-rel0, B6.3.6): the realm is shut down, which for
 * the monitor is the same: it can not be entered again.
 */
#include "psci.h"

static void
system_off(struct call *c)
{
	c->realm->state = RMM_REALM_SYSTEM_OFF;
	psci_exit(c, 0);
}

const struct command psci_system_off = {
	.abi = PSCI_SYSTEM_OFF_ABI,
	.order = "",
	.tf_order = "",
	.exec = system_off,
};
