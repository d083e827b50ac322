/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Making a machine, resetting it, and giving it a call.
 */
#include "machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "realm.h"
#include "rec.h"

#define PA_END	   (1ull << 52)
#define S2SZ_LEAST 16 /* of s2sz_min: what the architecture allows */
#define S2SZ_MAX   48
#define S2SZ_LPA2  52

void
rmm_config_init(struct rmm_config *cfg)
{
	*cfg = (struct rmm_config){
		.feature_register_0 = RMM_FEATURE_REGISTER_0_DEFAULT,
		.vmid16 = true,
		.rec_aux_count = RMI_REC_AUX_MAX,
		.s2sz_min = 32,
	};
	rmm_attestation_init(&cfg->attestation);
}

static bool __attribute__((format(printf, 3, 4)))
complain(char *err, size_t errlen, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(err, errlen, format, ap);
	va_end(ap);
	return false;
}

static bool
features_valid(const struct rmm_config *cfg, char *err, size_t errlen)
{
	uint64_t reg = cfg->feature_register_0;
	uint64_t s2sz = RMI_FEATURE0_GET(reg, S2SZ);
	uint64_t max = RMI_FEATURE0_GET(reg, LPA2) ? S2SZ_LPA2 : S2SZ_MAX;

	if (cfg->s2sz_min < S2SZ_LEAST || cfg->s2sz_min > S2SZ_MAX)
		return complain(err, errlen,
		    "the smallest IPA width is %u bits, must be %d to %d",
		    cfg->s2sz_min, S2SZ_LEAST, S2SZ_MAX);
	if (s2sz < cfg->s2sz_min || s2sz > max)
		return complain(err, errlen,
		    "feature register 0: S2SZ is %" PRIu64
		    ", must be %u to %" PRIu64,
		    s2sz, cfg->s2sz_min, max);
	if (RMI_FEATURE0_GET(reg, NUM_BPS) == 0 ||
	    RMI_FEATURE0_GET(reg, NUM_WPS) == 0)
		return complain(err, errlen,
		    "feature register 0: NUM_BPS and NUM_WPS must not be 0");
	if (RMI_FEATURE0_GET(reg, HASH_SHA_256) == 0 &&
	    RMI_FEATURE0_GET(reg, HASH_SHA_512) == 0)
		return complain(
		    err, errlen, "feature register 0: no hash algorithm");
	if (reg >> 42 != 0)
		return complain(
		    err, errlen, "feature register 0: bits 63:42 must be 0");
	if (cfg->rec_aux_count > RMI_REC_AUX_MAX)
		return complain(err, errlen,
		    "%u auxiliary granules for a REC, at most %d can be",
		    cfg->rec_aux_count, RMI_REC_AUX_MAX);
	return true;
}

static bool
bank_valid(const struct rmm_bank *bank, char *err, size_t errlen)
{
	if (bank->size == 0 || bank->base % GRANULE_SIZE != 0 ||
	    bank->size % GRANULE_SIZE != 0)
		return complain(err, errlen,
		    "bank at " X64 ": base and size must be multiples of %u, "
		    "and the size not 0",
		    bank->base, GRANULE_SIZE);
	if (bank->base >= PA_END || bank->size > PA_END - bank->base)
		return complain(err, errlen,
		    "bank at " X64 ": must end at or below 2^52", bank->base);
	if (bank->kind == RMM_BANK_DRAM && bank->ns == NULL)
		return complain(err, errlen,
		    "bank at " X64 ": DRAM without a Non-secure view",
		    bank->base);
	return true;
}

static int
bank_order(const void *a, const void *b)
{
	const struct rmm_bank *one = a, *other = b;

	return (one->base > other->base) - (one->base < other->base);
}

/* Banks in order of base, in a copy that the caller frees. */
static struct rmm_bank *
banks_sorted(const struct rmm_config *cfg, char *err, size_t errlen)
{
	struct rmm_bank *banks = calloc(cfg->num_banks + 1, sizeof *banks);

	if (banks == NULL) {
		(void)complain(err, errlen, "out of memory");
		return NULL;
	}
	if (cfg->num_banks != 0)
		memcpy(banks, cfg->banks, cfg->num_banks * sizeof *banks);
	qsort(banks, cfg->num_banks, sizeof *banks, bank_order);
	for (size_t i = 0; i < cfg->num_banks; i++) {
		if (!bank_valid(&banks[i], err, errlen)) {
			free(banks);
			return NULL;
		}
		if (i == 0 ||
		    banks[i].base - banks[i - 1].base >= banks[i - 1].size)
			continue;
		(void)complain(err, errlen,
		    "banks at " X64 " and " X64 " overlap", banks[i - 1].base,
		    banks[i].base);
		free(banks);
		return NULL;
	}
	return banks;
}

static bool
machine_init(
    struct rmm *rmm, const struct rmm_bank *banks, char *err, size_t errlen)
{
	rmm->banks = calloc(rmm->config.num_banks + 1, sizeof *rmm->banks);
	if (rmm->banks == NULL)
		return complain(err, errlen, "out of memory");
	for (size_t i = 0; i < rmm->config.num_banks; i++) {
		rmm->num_banks = i + 1;
		if (!bank_init(&rmm->banks[i], &banks[i]))
			return complain(err, errlen,
			    "bank at " X64 ": no address space for " X64
			    " bytes of realm memory",
			    banks[i].base, banks[i].size);
		if (banks[i].kind == RMM_BANK_DRAM)
			rmm->num_granules += banks[i].size / GRANULE_SIZE;
	}
	rmm->counts[RMM_GRANULE_UNDELEGATED] = rmm->num_granules;
	if (!hasher_init(&rmm->hasher))
		return complain(err, errlen,
		    "libcrypto does not offer SHA-256 and SHA-512");
	rmm->attester = attester_new(
	    &rmm->config.attestation, rmm->config.seed, err, errlen);
	/* The PEM texts are the caller's. */
	rmm->config.attestation.cpak = rmm->config.attestation.rak = NULL;
	return rmm->attester != NULL;
}

struct rmm *
rmm_new(const struct rmm_config *cfg, char *err, size_t errlen)
{
	struct rmm_bank *banks;
	struct rmm *rmm;
	bool good;

	if (!features_valid(cfg, err, errlen))
		return NULL;
	banks = banks_sorted(cfg, err, errlen);
	if (banks == NULL)
		return NULL;
	rmm = calloc(1, sizeof *rmm);
	if (rmm == NULL) {
		(void)complain(err, errlen, "out of memory");
		free(banks);
		return NULL;
	}
	rmm->config = *cfg;
	rmm->config.banks = NULL;
	good = machine_init(rmm, banks, err, errlen);
	free(banks);
	if (good)
		return rmm;
	rmm_free(rmm);
	return NULL;
}

void
rmm_free(struct rmm *rmm)
{
	struct chunk_cursor cursor = { 0 };
	struct chunk *chunk;

	if (rmm == NULL)
		return;
	while ((chunk = chunk_next(rmm, &cursor)) != NULL)
		free(chunk);
	for (size_t i = 0; i < rmm->num_banks; i++) {
		struct bank *bank = &rmm->banks[i];

		for (uint64_t n = 0; bank->nodes != NULL && n < bank->num_nodes;
		     n++)
			free(bank->nodes[n]);
		bank_fini(bank);
	}
	free(rmm->banks);
	hasher_fini(&rmm->hasher);
	token_cache_fini(&rmm->token_cache);
	attester_free(rmm->attester);
	free(rmm);
}

void
rmm_reset(struct rmm *rmm)
{
	const struct rmm_host *host = &rmm->config.host;
	struct rmm_realm_info info;
	uint64_t rd = 0;

	recs_gone(rmm, 0);
	while (host->realm_gone != NULL && rmm_realm_next(rmm, rd, &info)) {
		host->realm_gone(host->ctx, info.rd);
		rd = info.rd + GRANULE_SIZE;
	}
	granule_forget_all(rmm);
	memset(rmm->vmids, 0, sizeof rmm->vmids);
	rmm->num_calls = 0;
	rmm->counter = 0;
}

/* ---- VMIDs ------------------------------------------------------------ */

bool
vmid_is_valid(const struct rmm *rmm, uint16_t vmid)
{
	return rmm->config.vmid16 || vmid < 256;
}

bool
vmid_is_free(const struct rmm *rmm, uint16_t vmid)
{
	return (rmm->vmids[vmid / 64] >> vmid % 64 & 1) == 0;
}

void
vmid_take(struct rmm *rmm, uint16_t vmid)
{
	rmm->vmids[vmid / 64] |= 1ull << vmid % 64;
}

void
vmid_release(struct rmm *rmm, uint16_t vmid)
{
	rmm->vmids[vmid / 64] &= ~(1ull << vmid % 64);
}
