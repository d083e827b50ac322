/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI_FEATURES (DEN0137 1.0-rel0, B5.3.3): every feature register reads as
 * zero. It can not fail.
 */
#include "../command.h"

static void
features(struct call *c)
{
	c->answer->x[1] = 0;
}

const struct command rsi_features = {
	.abi = RSI_FEATURES_ABI,
	.order = "",
	.tf_order = "",
	.exec = features,
};
