/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI_SYSTEM_RESET (DEN0137 1.0-rel0, B6.3.7): the realm is reset, which for
 * the monitor is the same: it can not be entered again.
 */
#include "psci.h"

static void
system_reset(struct call *c)
{
	c->realm->state = RMM_REALM_SYSTEM_OFF;
	psci_exit(c, 0);
}

const struct command psci_system_reset = {
	.abi = PSCI_SYSTEM_RESET_ABI,
	.order = "",
	.tf_order = "",
	.exec = system_reset,
};
