/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The attestation token (A7.2.3): two COSE_Sign1 messages (RFC 9052), bound to
 * one another by a digest of the key that signs the realm's.
 */
#include "token.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "realm.h"
#include "token-cbor.h"
#include "token-claims.h"
#include "token-keys.h"

enum {
	TAG_COSE_SIGN1 = 18,
	TAG_CCA = 399,
	TAG_CMW_COLLECTION = 907,
	MEMBER_PLATFORM = 44234,
	MEMBER_REALM = 44241,
	CONTENT_EAT_CWT = 263, /* CoAP Content-Format: application/eat+cwt */
};

/* {1: -35}, the algorithm ES384. */
static const uint8_t protected_header[] = { 0xa1, 0x01, 0x38, 0x22 };

struct attester {
	struct rmm_attestation cfg; /* without the PEM texts */
	uint64_t seed;
	bool have_cpak, have_rak, have_platform;
	struct es384_key cpak, rak;
	uint8_t instance_id[RMM_INSTANCE_ID];
	size_t rak_size;
	uint8_t rak_claim[RAK_CLAIM_MAX];
	size_t platform_size;
	uint8_t *platform; /* the token, a COSE_Sign1 */
};

static bool
read_key(struct es384_key *key, const char *name, const char *pem, bool *have,
    char *err, size_t errlen)
{
	const char *why;

	*have = false;
	if (pem == NULL)
		return true;
	if (!es384_from_pem(key, pem, &why)) {
		(void)snprintf(err, errlen,
		    "%s: %s; must be a private key of the curve P-384", name,
		    why);
		return false;
	}
	*have = true;
	return true;
}

struct attester *
attester_new(
    const struct rmm_attestation *cfg, uint64_t seed, char *err, size_t errlen)
{
	struct attester *a;

	if (!claims_valid(cfg, err, errlen))
		return NULL;
	a = calloc(1, sizeof *a);
	if (a == NULL) {
		(void)snprintf(err, errlen, "out of memory");
		return NULL;
	}
	a->cfg = *cfg;
	a->cfg.cpak = a->cfg.rak = NULL;
	a->seed = seed;
	if (read_key(&a->cpak, "CPAK", cfg->cpak, &a->have_cpak, err, errlen) &&
	    read_key(&a->rak, "RAK", cfg->rak, &a->have_rak, err, errlen))
		return a;
	attester_free(a);
	return NULL;
}

void
attester_free(struct attester *a)
{
	if (a == NULL)
		return;
	free(a->platform);
	free(a);
}

/* ---- Keys ---------------------------------------------------------------- */

bool
rmm_key_valid(const char *pem, const char **why)
{
	struct es384_key key;

	return es384_from_pem(&key, pem, why);
}

static bool
need_keys(struct attester *a)
{
	if (!a->have_cpak)
		a->have_cpak = es384_from_seed(&a->cpak, a->seed, "CPAK");
	if (!a->have_rak)
		a->have_rak = es384_from_seed(&a->rak, a->seed, "RAK");
	return a->have_cpak && a->have_rak;
}

size_t
attester_public_key(struct attester *a, enum rmm_key key,
    enum rmm_key_form form, char *text, size_t size)
{
	const uint8_t *point;

	if (!need_keys(a))
		return 0;
	point = key == RMM_KEY_CPAK ? a->cpak.point : a->rak.point;
	return form == RMM_KEY_PEM ? es384_public_pem(point, text, size)
				   : es384_public_jwk(point, text, size);
}

/* ---- COSE_Sign1 ---------------------------------------------------------- */

/* The digest of the Sig_structure (RFC 9052, 4.4) around a payload. */
static bool
digest_to_sign(
    const uint8_t *payload, size_t size, uint8_t digest[ES384_NUMBER])
{
	uint8_t head[64];
	struct cbor_out out = { head, sizeof head, 0 };
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good;

	cbor_put_array(&out, 4);
	cbor_put_text(&out, "Signature1");
	cbor_put_bytes(&out, protected_header, sizeof protected_header);
	cbor_put_bytes(&out, NULL, 0); /* external_aad */
	cbor_put_bytes_head(&out, size);
	good = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha384(), NULL) == 1 &&
	    EVP_DigestUpdate(ctx, head, out.used) == 1 &&
	    EVP_DigestUpdate(ctx, payload, size) == 1 &&
	    EVP_DigestFinal_ex(ctx, digest, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

/* key: NULL where the size alone is wanted. */
static bool
put_sign1(struct cbor_out *out,
    void (*claims)(struct cbor_out *out, const void *ctx), const void *ctx,
    const struct es384_key *key)
{
	uint8_t digest[ES384_NUMBER], signature[ES384_SIGNATURE] = { 0 };
	struct cbor_out count = { 0 };

	claims(&count, ctx);
	cbor_put_tag(out, TAG_COSE_SIGN1);
	cbor_put_array(out, 4);
	cbor_put_bytes(out, protected_header, sizeof protected_header);
	cbor_put_map(out, 0);
	cbor_put_bytes_head(out, count.used);
	claims(out, ctx);
	if (key != NULL &&
	    (out->used > out->size ||
		!digest_to_sign(
		    out->bytes + out->used - count.used, count.used, digest) ||
		!es384_sign(key, digest, signature)))
		return false;
	cbor_put_bytes(out, signature, sizeof signature);
	return true;
}

/* ---- The platform token ---------------------------------------------------
 */

static size_t
platform_size(const struct attester *a)
{
	static const uint8_t none[RMM_TOKEN_HASH];
	struct platform_claims claims = { &a->cfg, none, none,
		claims_hash_size(a->cfg.rak_hash) };
	struct cbor_out out = { 0 };

	(void)put_sign1(&out, claims_put_platform, &claims, NULL);
	return out.used;
}

static bool
name_instance(struct attester *a)
{
	if (a->cfg.instance_id[0] != 0) {
		memcpy(a->instance_id, a->cfg.instance_id, RMM_INSTANCE_ID);
		return true;
	}
	a->instance_id[0] = 1; /* a UEID of the type RAND (RFC 9711) */
	return EVP_Digest(a->cpak.point, sizeof a->cpak.point,
		   a->instance_id + 1, NULL, EVP_sha256(), NULL) == 1;
}

static bool
hash_rak(struct attester *a, uint8_t digest[EVP_MAX_MD_SIZE])
{
	const EVP_MD *md = a->cfg.rak_hash == RMM_TOKEN_SHA_256 ? EVP_sha256()
	    : a->cfg.rak_hash == RMM_TOKEN_SHA_384		? EVP_sha384()
								: EVP_sha512();

	a->rak_size = claims_rak(&a->cfg, a->rak.point, a->rak_claim);
	return EVP_Digest(a->rak_claim, a->rak_size, digest, NULL, md, NULL) ==
	    1;
}

static bool
need_platform(struct attester *a)
{
	uint8_t challenge[EVP_MAX_MD_SIZE];
	struct platform_claims claims = { &a->cfg, a->instance_id, challenge,
		claims_hash_size(a->cfg.rak_hash) };
	struct cbor_out out = { .size = platform_size(a) };

	if (a->have_platform)
		return true;
	if (!need_keys(a) || !name_instance(a) || !hash_rak(a, challenge))
		return false;
	free(a->platform);
	a->platform = out.bytes = malloc(out.size);
	a->platform_size = out.size;
	a->have_platform = out.bytes != NULL &&
	    put_sign1(&out, claims_put_platform, &claims, &a->cpak);
	return a->have_platform;
}

/* ---- The whole ----------------------------------------------------------- */

/* The head of one of the two. */
static void
put_member(struct cbor_out *out, enum rmm_token_wrapper wrapper, int64_t label,
    size_t size)
{
	cbor_put_int(out, label);
	if (wrapper == RMM_WRAPPER_907) {
		cbor_put_array(out, 2);
		cbor_put_int(out, CONTENT_EAT_CWT);
	}
	cbor_put_bytes_head(out, size);
}

/* keys: whether it is signed; else it is good for its size only. */
static bool
put_token(struct cbor_out *out, const struct attester *a,
    const struct realm_claims *claims, bool keys)
{
	enum rmm_token_wrapper wrapper = claims_wrapper(&a->cfg);
	size_t size = keys ? a->platform_size : platform_size(a);
	struct cbor_out count = { 0 };

	(void)put_sign1(&count, claims_put_realm, claims, NULL);
	cbor_put_tag(
	    out, wrapper == RMM_WRAPPER_907 ? TAG_CMW_COLLECTION : TAG_CCA);
	cbor_put_map(out, 2);
	put_member(out, wrapper, MEMBER_PLATFORM, size);
	cbor_put(out, a->platform, size);
	put_member(out, wrapper, MEMBER_REALM, count.used);
	return put_sign1(out, claims_put_realm, claims, keys ? &a->rak : NULL);
}

size_t
attester_token_max(const struct attester *a)
{
	static const uint8_t none[RMM_CHALLENGE];
	static const uint8_t measurements[NUM_MEASUREMENTS][MEASUREMENT_SIZE];
	static const uint8_t point[ES384_POINT];
	const struct token_claims realm = {
		.challenge = none,
		.rpv = none,
		.hash_algo = RMI_HASH_SHA_512,
		.measurements = measurements,
	};
	uint8_t rak[RAK_CLAIM_MAX];
	const struct realm_claims claims = { &a->cfg, &realm, rak,
		claims_rak(&a->cfg, point, rak), none };
	struct cbor_out out = { 0 };

	(void)put_token(&out, a, &claims, false);
	return out.used;
}

size_t
attester_token(struct attester *a, const struct token_claims *realm,
    uint8_t *token, size_t size)
{
	struct cbor_out out = { token, size, 0 };
	struct realm_claims claims;

	if (token == NULL || !need_platform(a))
		return 0;
	claims = (struct realm_claims){ &a->cfg, realm, a->rak_claim,
		a->rak_size, a->instance_id };
	if (!put_token(&out, a, &claims, true) || out.used > size)
		return 0;
	return out.used;
}

/* ---- For inspection -------------------------------------------------------
 */

size_t
rmm_token_max(const struct rmm *rmm)
{
	return attester_token_max(rmm->attester);
}

size_t
rmm_token(const struct rmm *rmm, uint64_t rd,
    const uint8_t challenge[RMM_CHALLENGE], uint8_t *token, size_t size)
{
	struct rmm_realm_info info;
	struct token_claims claims;

	if (!rmm_realm(rmm, rd, &info))
		return 0;
	claims = (struct token_claims){
		.challenge = challenge,
		.rpv = info.rpv,
		.hash_algo = (enum rmi_hash_algorithm)info.hash_algo,
		.measurements = (const uint8_t(*)[64])info.measurements,
	};
	return attester_token(rmm->attester, &claims, token, size);
}

size_t
rmm_public_key(const struct rmm *rmm, enum rmm_key key, enum rmm_key_form form,
    char *text, size_t size)
{
	return attester_public_key(rmm->attester, key, form, text, size);
}
