/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Realm Descriptor (C1.16): a structure at the start of its granule.
 */
#ifndef REALM_H
#define REALM_H

#include <stdbool.h>
#include <stdint.h>

#include "machine.h"

#define NUM_MEASUREMENTS 5 /* RIM, REM 0 to 3 */

struct realm {
	uint8_t state; /* enum rmm_realm_state */
	uint8_t ipa_width;
	uint8_t hash_algo; /* enum rmi_hash_algorithm */
	bool lpa2;
	bool sve;
	bool pmu;
	uint8_t sve_vl; /* as the fields of RmiRealmParams */
	uint8_t num_bps;
	uint8_t num_wps;
	uint8_t pmu_num_ctrs;
	uint16_t vmid;
	int8_t rtt_level_start;
	uint8_t rtt_num_start; /* 1 to 16 */
	uint64_t rtt_base;
	uint64_t rec_index;
	uint64_t num_recs;
	uint64_t num_data; /* DATA granules */
	uint64_t num_rtts; /* RTT granules, starting ones included */
	uint8_t rpv[64];
	uint8_t measurements[NUM_MEASUREMENTS][MEASUREMENT_SIZE];
};
_Static_assert(sizeof(struct realm) <= GRANULE_SIZE, "an RD is one granule");

/* The realm whose RD is at rd, a granule in state RD. */
struct realm *realm_at(const struct rmm *rmm, uint64_t rd);

/* The number of IPAs it has, and the first unprotected one. */
static inline uint64_t
realm_ipa_end(const struct realm *realm)
{
	return 1ull << realm->ipa_width;
}

/* AddrIsProtected (B3.4). */
static inline bool
ipa_is_protected(const struct realm *realm, uint64_t ipa)
{
	return ipa < realm_ipa_end(realm) / 2;
}

/* AddrRangeIsProtected (B3.6). */
static inline bool
ipa_range_is_protected(const struct realm *realm, uint64_t base, uint64_t top)
{
	return top > base && ipa_is_protected(realm, base) &&
	    ipa_is_protected(realm, top - 1);
}

/* A PA that a realm without LPA2 can not map (A3.1.2). */
static inline bool
pa_needs_lpa2(const struct realm *realm, uint64_t pa)
{
	return !realm->lpa2 && pa >= 1ull << 48;
}

/* RealmIsLive (A2.1.4). */
bool realm_is_live(const struct rmm *rmm, const struct realm *realm);

/* RmiRealmParamsIsValid (B3.50); else *why says what is not. */
bool realm_params_valid(
    const struct rmi_realm_params *params, const char **why);
/* RealmParamsSupported (B3.34); else *why says what is not. */
bool realm_params_supported(const struct rmm *rmm,
    const struct rmi_realm_params *params, const char **why);

/* RMI_REALM_DESTROY's effect: RD and starting RTTs become DELEGATED. */
void realm_destroy(struct rmm *rmm, uint64_t rd);

#endif
