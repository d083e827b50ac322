/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Realms: their parameters, whether they live, their end.
 */
#include "realm.h"

#include <string.h>

#include "rtt.h"

#define IPA_WIDTH_NO_LPA2 48

struct realm *
realm_at(const struct rmm *rmm, uint64_t rd)
{
	return (struct realm *)realm_memory(rmm, rd);
}

bool
realm_is_live(const struct rmm *rmm, const struct realm *realm)
{
	if (realm->num_recs != 0)
		return true;
	for (unsigned i = 0; i < realm->rtt_num_start; i++) {
		uint64_t rtt = realm->rtt_base + i * (uint64_t)GRANULE_SIZE;

		if (granule_at(rmm, rtt)->live != 0)
			return true;
	}
	return false;
}

/*
 * Valid encodings (B4.4.12).  The value 0 of num_bps and num_wps is reserved:
 * the architecture has no PE with one breakpoint or watchpoint, and a host
 * copies these counts from ID_AA64DFR0_EL1, where 0 does not occur.  A host
 * that leaves them 0 is refused here as it is by firmware.  Bits that should
 * be zero are not looked at.
 */
bool
realm_params_valid(const struct rmi_realm_params *params, const char **why)
{
	*why = NULL;
	if (params->hash_algo != RMI_HASH_SHA_256 &&
	    params->hash_algo != RMI_HASH_SHA_512)
		*why = "hash_algo is not an algorithm";
	else if (params->num_bps == 0)
		*why = "num_bps is 0, which is reserved";
	else if (params->num_wps == 0)
		*why = "num_wps is 0, which is reserved";
	return *why == NULL;
}

/* SVE, PMU and debug (A3.1.3 to A3.1.5). */
static const char *
cpu_unsupported(uint64_t features, const struct rmi_realm_params *params)
{
	bool sve = (params->flags & RMI_REALM_FLAG_SVE) != 0;
	bool pmu = (params->flags & RMI_REALM_FLAG_PMU) != 0;

	if (sve && RMI_FEATURE0_GET(features, SVE_EN) == 0)
		return "SVE is not supported";
	if (sve && params->sve_vl > RMI_FEATURE0_GET(features, SVE_VL))
		return "sve_vl is above SVE_VL";
	if (params->num_bps > RMI_FEATURE0_GET(features, NUM_BPS))
		return "num_bps is above NUM_BPS";
	if (params->num_wps > RMI_FEATURE0_GET(features, NUM_WPS))
		return "num_wps is above NUM_WPS";
	if (pmu && RMI_FEATURE0_GET(features, PMU_EN) == 0)
		return "the PMU is not supported";
	if (pmu &&
	    params->pmu_num_ctrs > RMI_FEATURE0_GET(features, PMU_NUM_CTRS))
		return "pmu_num_ctrs is above PMU_NUM_CTRS";
	return NULL;
}

bool
realm_params_supported(const struct rmm *rmm,
    const struct rmi_realm_params *params, const char **why)
{
	uint64_t features = rmm->config.feature_register_0;
	bool lpa2 = (params->flags & RMI_REALM_FLAG_LPA2) != 0;

	*why = NULL;
	if (lpa2 && RMI_FEATURE0_GET(features, LPA2) == 0)
		*why = "LPA2 is not supported";
	else if (params->s2sz < rmm->config.s2sz_min)
		*why = "s2sz is below the smallest IPA width";
	else if (params->s2sz > RMI_FEATURE0_GET(features, S2SZ))
		*why = "s2sz is above S2SZ";
	else if (!lpa2 && params->s2sz > IPA_WIDTH_NO_LPA2)
		*why = "s2sz is above 48 without LPA2";
	else if (params->hash_algo == RMI_HASH_SHA_256 &&
	    RMI_FEATURE0_GET(features, HASH_SHA_256) == 0)
		*why = "SHA-256 is not supported";
	else if (params->hash_algo == RMI_HASH_SHA_512 &&
	    RMI_FEATURE0_GET(features, HASH_SHA_512) == 0)
		*why = "SHA-512 is not supported";
	else
		*why = cpu_unsupported(features, params);
	return *why == NULL;
}

void
realm_destroy(struct rmm *rmm, uint64_t rd)
{
	const struct realm *realm = realm_at(rmm, rd);
	const struct rmm_host *host = &rmm->config.host;
	uint64_t rtt_base = realm->rtt_base;
	unsigned num = realm->rtt_num_start;

	vmid_release(rmm, realm->vmid);
	for (unsigned i = 0; i < num; i++)
		granule_become(rmm, rtt_base + i * (uint64_t)GRANULE_SIZE,
		    RMM_GRANULE_DELEGATED);
	granule_become(rmm, rd, RMM_GRANULE_DELEGATED);
	if (host->realm_gone != NULL)
		host->realm_gone(host->ctx, rd);
}
