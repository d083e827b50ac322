/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI_VERSION (DEN0137 1.0-rel0, B5.3.10): which revisions there are.  This is
 * a machine of one revision, so both outputs name it whatever was asked for.
 */
#include "../command.h"

#define REVISION_BITS 0x7fffffffu /* bits 63:31 are reserved */

static void
check(struct call *c)
{
	uint64_t req = c->x[1] & REVISION_BITS;

	/* 1.0 is compatible with 1.0 only: no minor is below 0. */
	REJECT_IF(c, req, req != RSI_VERSION_1_0, RSI_ERROR_INPUT,
	    "revision %" PRIu64 ".%" PRIu64 " was asked for, this is 1.0",
	    req >> 16, req & 0xffff);
}

static void
version(struct call *c)
{
	check(c);
	c->answer->x[1] = RSI_VERSION_1_0;
	c->answer->x[2] = RSI_VERSION_1_0;
}

const struct command rsi_version = {
	.abi = RSI_VERSION_ABI,
	.order = "",
	.tf_order = "req",
	.exec = version,
};
