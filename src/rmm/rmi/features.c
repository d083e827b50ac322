/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_FEATURES (DEN0137 1.0-rel0, B4.3.4): feature register 0; all others read
 * as zero.  It can not fail.
 */
#include "../command.h"

static void
features(struct call *c)
{
	if (c->x[1] == 0)
		c->answer->x[1] = c->rmm->config.feature_register_0;
}

const struct command rmi_features = {
	.abi = RMI_FEATURES_ABI,
	.order = "",
	.tf_order = "",
	.exec = features,
};
