/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SMCCC_VERSION (Arm SMC Calling Convention, DEN0028): how software finds out
 * that there is a PSCI 1.1, and an RSI, to be called (B1.1).  Version 1.3,
 * since its hint about SVE in a function id is understood.
 */
#include "psci.h"

static void
version(struct call *c)
{
	c->answer->x[0] = SMCCC_VERSION_1_3;
}

extern const struct command smccc_version;
const struct command smccc_version = {
	.abi = {
		.fid = SMCCC_VERSION_FID,
		.name = "SMCCC_VERSION",
		.section = "B1.1",
	},
	.order = "",
	.tf_order = "",
	.exec = version,
};
