/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI_VERSION (DEN0137 1.0-rel0, B6.3.8).
 */
#include "../command.h"

#define PSCI_VERSION_1_1 0x10001u

static void
version(struct call *c)
{
	c->answer->x[0] = PSCI_VERSION_1_1;
}

const struct command psci_version = {
	.abi = PSCI_VERSION_ABI,
	.order = "",
	.tf_order = "",
	.exec = version,
};
