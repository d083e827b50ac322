/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI_FEATURES (DEN0137 1.0-rel0, B6.3.5): whether a function is supported.
 * PSCI has SMCCC_VERSION among them.
 */
#include "psci.h"

static bool
supported(const struct rmm *rmm, uint32_t fid)
{
	if (fid == SMCCC_VERSION_FID)
		return smccc_version_answered(rmm);
	if (psci_smc32_accepted(rmm))
		fid = (uint32_t)psci_function(fid);
#define PSCI_CASE(NAME, name) case PSCI_FID_##NAME:
	switch (fid) {
		PSCI_COMMANDS(PSCI_CASE)
		return true;
	default:
		return false;
	}
}

static void
check(struct call *c)
{
	uint32_t fid = (uint32_t)c->x[1];

	REJECT_IF(c, func_not_ok, !supported(c->rmm, fid), PSCI_NOT_SUPPORTED,
	    "0x%" PRIx32 " is no PSCI function of a realm", fid);
}

static void
features(struct call *c)
{
	check(c);
}

const struct command psci_features = {
	.abi = PSCI_FEATURES_ABI,
	.order = "",
	.tf_order = "",
	.exec = features,
};
