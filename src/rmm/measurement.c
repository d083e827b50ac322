/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Measurement descriptors (C1.11 to C1.13) and the digests over them.
 */
#include "measurement.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "choices.h"
#include "machine.h"
#include "realm.h"

enum { DESC_DATA = 0, DESC_REC = 1, DESC_RIPAS = 2 };

/* The three descriptors are one shape up to the previous RIM. */
struct measurement_desc {
	uint8_t desc_type;
	uint8_t pad0[7];
	uint64_t len;
	uint8_t rim[MEASUREMENT_SIZE];
	union {
		struct {
			uint64_t ipa;
			uint64_t flags;
			uint8_t content[MEASUREMENT_SIZE];
		} data;
		struct {
			uint8_t content[MEASUREMENT_SIZE];
		} rec;
		struct {
			uint64_t base;
			uint64_t top;
		} ripas;
		uint8_t pad[0x100 - 0x50];
	} u;
};
_Static_assert(sizeof(struct measurement_desc) == 0x100, "descriptor");
RMI_LAYOUT(measurement_desc, len, 0x8);
RMI_LAYOUT(measurement_desc, rim, 0x10);
RMI_LAYOUT(measurement_desc, u.data.ipa, 0x50);
RMI_LAYOUT(measurement_desc, u.data.flags, 0x58);
RMI_LAYOUT(measurement_desc, u.data.content, 0x60);
RMI_LAYOUT(measurement_desc, u.rec.content, 0x50);
RMI_LAYOUT(measurement_desc, u.ripas.top, 0x58);

bool
hasher_init(struct hasher *hasher)
{
	static const char *const names[NUM_HASHES] = {
		[RMI_HASH_SHA_256] = "SHA256",
		[RMI_HASH_SHA_512] = "SHA512",
	};
	static const uint8_t zeros[GRANULE_SIZE];

	for (int i = 0; i < NUM_HASHES; i++) {
		hasher->md[i] = EVP_MD_fetch(NULL, names[i], NULL);
		hasher->ctx[i] = EVP_MD_CTX_new();
		if (hasher->md[i] == NULL || hasher->ctx[i] == NULL ||
		    EVP_DigestInit_ex(hasher->ctx[i], hasher->md[i], NULL) != 1)
			return false;
		hasher_digest(
		    hasher, i, zeros, sizeof zeros, hasher->zero_page[i]);
	}
	return true;
}

void
hasher_fini(struct hasher *hasher)
{
	for (int i = 0; i < NUM_HASHES; i++) {
		EVP_MD_CTX_free(hasher->ctx[i]);
		EVP_MD_free(hasher->md[i]);
	}
}

void
hasher_digest(struct hasher *hasher, enum rmi_hash_algorithm algorithm,
    const void *data, size_t size, uint8_t digest[MEASUREMENT_SIZE])
{
	EVP_MD_CTX *ctx = hasher->ctx[algorithm];

	memset(digest, 0, MEASUREMENT_SIZE);
	/*
	 * The context was made with this digest, so nothing is allocated here
	 * and nothing can fail; a wrong measurement would be worse than none.
	 */
	if (EVP_DigestInit_ex(ctx, NULL, NULL) != 1 ||
	    EVP_DigestUpdate(ctx, data, size) != 1 ||
	    EVP_DigestFinal_ex(ctx, digest, NULL) != 1)
		abort();
}

static void
report(struct rmm *rmm, struct rmm_rim_step *step)
{
	const struct rmm_host *host = &rmm->config.host;

	memcpy(step->rim, realm_at(rmm, step->rd)->measurements[0],
	    sizeof step->rim);
	if (host->rim_step != NULL)
		host->rim_step(host->ctx, step);
}

static void
extend(
    struct rmm *rmm, struct rmm_rim_step *step, struct measurement_desc *desc)
{
	struct realm *realm = realm_at(rmm, step->rd);

	desc->len = sizeof *desc;
	memcpy(desc->rim, realm->measurements[0], sizeof desc->rim);
	hasher_digest(&rmm->hasher, realm->hash_algo, desc, sizeof *desc,
	    realm->measurements[0]);
	report(rmm, step);
}

void
rim_init(struct rmm *rmm, uint64_t rd, const struct rmi_realm_params *params)
{
	struct realm *realm = realm_at(rmm, rd);
	struct rmm_rim_step step = {
		.kind = RMM_RIM_INIT,
		.rd = rd,
		.flags = params->flags,
	};
	const struct rmi_realm_params measured = {
		.flags = params->flags,
		.s2sz = params->s2sz,
		.sve_vl = params->sve_vl,
		.num_bps = params->num_bps,
		.num_wps = params->num_wps,
		.pmu_num_ctrs = params->pmu_num_ctrs,
		.hash_algo = params->hash_algo,
	};

	hasher_digest(&rmm->hasher, realm->hash_algo, &measured,
	    sizeof measured, realm->measurements[0]);
	memcpy(step.content, realm->measurements[0], sizeof step.content);
	report(rmm, &step);
}

void
rim_extend_data(struct rmm *rmm, uint64_t rd, uint64_t ipa, uint64_t flags,
    const uint8_t *page, bool zero)
{
	struct realm *realm = realm_at(rmm, rd);
	struct rmm_rim_step step = {
		.kind = RMM_RIM_DATA,
		.rd = rd,
		.base = ipa,
		.flags = flags,
	};
	struct measurement_desc desc = {
		.desc_type = DESC_DATA,
		.u.data = { .ipa = ipa, .flags = flags },
	};

	if (flags & RMI_MEASURE_CONTENT) {
		if (zero)
			memcpy(step.content,
			    rmm->hasher.zero_page[realm->hash_algo],
			    sizeof step.content);
		else
			hasher_digest(&rmm->hasher, realm->hash_algo, page,
			    GRANULE_SIZE, step.content);
	}
	memcpy(desc.u.data.content, step.content, sizeof step.content);
	extend(rmm, &step, &desc);
}

void
rim_extend_rec(
    struct rmm *rmm, uint64_t rd, const struct rmi_rec_params *params)
{
	struct rmi_rec_params measured = {
		.flags = params->flags,
		.pc = params->pc,
	};
	struct rmm_rim_step step = {
		.kind = RMM_RIM_REC,
		.rd = rd,
		.flags = params->flags,
	};
	struct measurement_desc desc = { .desc_type = DESC_REC };

	memcpy(measured.gprs, params->gprs, sizeof measured.gprs);
	hasher_digest(&rmm->hasher, realm_at(rmm, rd)->hash_algo, &measured,
	    sizeof measured, step.content);
	memcpy(desc.u.rec.content, step.content, sizeof step.content);
	extend(rmm, &step, &desc);
}

void
rim_extend_ripas(struct rmm *rmm, uint64_t rd, uint64_t base, uint64_t top)
{
	struct rmm_rim_step step = {
		.kind = RMM_RIM_RIPAS,
		.rd = rd,
		.base = base,
		.top = top,
	};
	struct measurement_desc desc = {
		.desc_type = DESC_RIPAS,
		.u.ripas = { .base = base, .top = top },
	};

	extend(rmm, &step, &desc);
}

/*
 * B3.42 does not say how the old value and the new one come together.  TF-RMM
 * hashes the old digest and the bytes that were given, without padding; the
 * other reading takes both as the 512 bits that they are on the way.
 */
void
rem_extend(struct rmm *rmm, uint64_t rd, unsigned index, const uint8_t *value,
    size_t size)
{
	struct realm *realm = realm_at(rmm, rd);
	uint8_t *rem = realm->measurements[index];
	uint8_t joined[2 * MEASUREMENT_SIZE] = { 0 };
	bool padded =
	    chosen(rmm, RMM_CHOICE_REM_EXTEND) == RMM_REM_EXTEND_PADDED;
	size_t old = padded ? MEASUREMENT_SIZE : hash_size(realm->hash_algo);

	memcpy(joined, rem, old);
	if (size > 0)
		memcpy(joined + old, value, size);
	hasher_digest(&rmm->hasher, realm->hash_algo, joined,
	    padded ? sizeof joined : old + size, rem);
}
