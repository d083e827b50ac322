/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI_CPU_OFF (DEN0137 1.0-rel0, B6.3.2): the REC is not runnable from here
 * on.
 */
#include "psci.h"

static void
cpu_off(struct call *c)
{
	c->rec->runnable = false;
	psci_exit(c, 0);
}

const struct command psci_cpu_off = {
	.abi = PSCI_CPU_OFF_ABI,
	.order = "",
	.tf_order = "",
	.exec = cpu_off,
};
