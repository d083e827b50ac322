/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The claims of the two tokens (A7.2.3.1, A7.2.3.2) as CBOR maps, their keys in
 * ascending order.
 */
#ifndef TOKEN_CLAIMS_H
#define TOKEN_CLAIMS_H

#include "attestation.h"
#include "token-cbor.h"
#include "token-keys.h"
#include "token.h"

/* COSE_Key (RFC 9052) of a P-384 key, or the point alone. */
#define RAK_CLAIM_MAX 107

/* What the claims are made of. */
struct realm_claims {
	const struct rmm_attestation *cfg;
	const struct token_claims *realm;
	const uint8_t *rak; /* the claim's contents */
	size_t rak_size;
	const uint8_t *instance_id;
};
struct platform_claims {
	const struct rmm_attestation *cfg;
	const uint8_t *instance_id;
	const uint8_t *challenge; /* the digest of the RAK claim */
	size_t challenge_size;
};

/* ctx: struct realm_claims, struct platform_claims. */
void claims_put_realm(struct cbor_out *out, const void *ctx);
void claims_put_platform(struct cbor_out *out, const void *ctx);

/* The contents of the claim with the RAK.  Returns their size. */
size_t claims_rak(const struct rmm_attestation *cfg,
    const uint8_t point[ES384_POINT], uint8_t rak[RAK_CLAIM_MAX]);

/* What RMM_PROFILE_DEFAULT and RMM_WRAPPER_DEFAULT stand for. */
enum rmm_token_profile claims_realm_profile(const struct rmm_attestation *cfg);
enum rmm_token_profile claims_platform_profile(
    const struct rmm_attestation *cfg);
enum rmm_token_wrapper claims_wrapper(const struct rmm_attestation *cfg);

/* The size of a digest: 32, 48 or 64. */
size_t claims_hash_size(enum rmm_token_hash hash);

/* Returns false, with a sentence in err, if a claim can not be made so. */
bool claims_valid(const struct rmm_attestation *cfg, char *err, size_t errlen);

#endif
