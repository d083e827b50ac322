/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI_CPU_SUSPEND (DEN0137 1.0-rel0, B6.3.4): whatever the state, a suspend
 * that the host ends by entering the REC again.
 */
#include "psci.h"

static void
cpu_suspend(struct call *c)
{
	psci_exit(c, 3);
	psci_result(c, PSCI_SUCCESS);
}

const struct command psci_cpu_suspend = {
	.abi = PSCI_CPU_SUSPEND_ABI,
	.order = "",
	.tf_order = "",
	.exec = cpu_suspend,
};
