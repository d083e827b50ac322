/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which claims a token has in which profile, and how each is written.
 */
#include "token-claims.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "measurement.h"

/* Labels of claims, in both tokens and in one of them. */
enum {
	CLAIM_NONCE = 10,
	CLAIM_UEID = 256,
	CLAIM_PROFILE = 265,

	CLAIM_CLIENT_ID = 2394,
	CLAIM_LIFECYCLE = 2395,
	CLAIM_IMPLEMENTATION_ID = 2396,
	CLAIM_SW_COMPONENTS = 2399,
	CLAIM_VERIFICATION_SERVICE = 2400,
	CLAIM_CONFIG = 2401,
	CLAIM_HASH_ALGO = 2402,
	CLAIM_MANUFACTURING_CONFIG = 2403,
	CLAIM_TBB_ROTPK = 2405,
	CLAIM_PEER_SIGNERS = 2406,

	CLAIM_RPV = 44235,
	CLAIM_REALM_HASH_ALGO = 44236,
	CLAIM_RAK = 44237,
	CLAIM_RIM = 44238,
	CLAIM_REMS = 44239,
	CLAIM_RAK_HASH_ALGO = 44240,
	CLAIM_MEC_POLICY = 44243,
	CLAIM_LFA_POLICY = 44244,
};

/* Of a software component. */
enum {
	COMPONENT_TYPE = 1,
	COMPONENT_MEASUREMENT = 2,
	COMPONENT_VERSION = 4,
	COMPONENT_SIGNER = 5,
	COMPONENT_HASH_ALGO = 6,
	COMPONENT_LFA = 7,
	COMPONENT_COUNTERSIGNERS = 8,
};

/* Of a key of the trusted board boot. */
enum { ROTPK_NAME = 1, ROTPK_ACTIVE_ARRAY, ROTPK_INDEX, ROTPK_HASH };

/* Of a COSE_Key (RFC 9053, 7.1). */
enum { COSE_KTY = 1, COSE_CRV = -1, COSE_X = -2, COSE_Y = -3 };
enum { COSE_KTY_EC2 = 2, COSE_CRV_P384 = 2 };

static const char *const realm_profiles[RMM_PROFILES] = {
	[RMM_PROFILE_2023] = "tag:arm.com,2023:realm#1.0.0",
	[RMM_PROFILE_2024] = "tag:arm.com,2024:realm#2.0.0",
};
static const char *const platform_profiles[RMM_PROFILES] = {
	[RMM_PROFILE_LEGACY] = "http://arm.com/CCA-SSD/1.0.0",
	[RMM_PROFILE_2023] = "tag:arm.com,2023:cca_platform#1.0.0",
	[RMM_PROFILE_2024] = "tag:arm.com,2024:cca_platform#2.0.0",
};

enum rmm_token_profile
claims_realm_profile(const struct rmm_attestation *cfg)
{
	return cfg->realm_profile == RMM_PROFILE_DEFAULT ? RMM_PROFILE_2023
							 : cfg->realm_profile;
}

/* TF-RMM's realm tokens of 2024 travel with platform tokens of 2023. */
enum rmm_token_profile
claims_platform_profile(const struct rmm_attestation *cfg)
{
	if (cfg->platform_profile != RMM_PROFILE_DEFAULT)
		return cfg->platform_profile;
	return claims_realm_profile(cfg) == RMM_PROFILE_LEGACY
	    ? RMM_PROFILE_LEGACY
	    : RMM_PROFILE_2023;
}

enum rmm_token_wrapper
claims_wrapper(const struct rmm_attestation *cfg)
{
	if (cfg->wrapper != RMM_WRAPPER_DEFAULT)
		return cfg->wrapper;
	return claims_realm_profile(cfg) == RMM_PROFILE_2024 ? RMM_WRAPPER_907
							     : RMM_WRAPPER_399;
}

size_t
claims_hash_size(enum rmm_token_hash hash)
{
	return hash == RMM_TOKEN_SHA_256 ? 32
	    : hash == RMM_TOKEN_SHA_384	 ? 48
					 : 64;
}

/* ---- Writing a map ------------------------------------------------------- */

/* A map is written twice: its pairs are counted, then they are put. */
struct map {
	struct cbor_out *out; /* NULL: count only */
	size_t pairs;
};

static bool
label(struct map *map, int64_t key)
{
	map->pairs++;
	if (map->out != NULL)
		cbor_put_int(map->out, key);
	return map->out != NULL;
}

static void
claim_int(struct map *map, int64_t key, int64_t value)
{
	if (label(map, key))
		cbor_put_int(map->out, value);
}

static void
claim_bytes(struct map *map, int64_t key, const void *bytes, size_t size)
{
	if (label(map, key))
		cbor_put_bytes(map->out, bytes, size);
}

static void
claim_text(struct map *map, int64_t key, const char *text)
{
	if (label(map, key))
		cbor_put_text(map->out, text);
}

static void
optional_text(struct map *map, int64_t key, const char *text)
{
	if (text != NULL && text[0] != '\0')
		claim_text(map, key, text);
}

static void
put_map(struct cbor_out *out, void (*pairs)(struct map *map, const void *ctx),
    const void *ctx)
{
	struct map map = { 0 };

	pairs(&map, ctx);
	cbor_put_map(out, map.pairs);
	map.out = out;
	pairs(&map, ctx);
}

/* ---- The realm token ------------------------------------------------------
 */

static void
cose_key_pairs(struct map *map, const void *ctx)
{
	const uint8_t *point = ctx;

	claim_int(map, COSE_KTY, COSE_KTY_EC2);
	claim_int(map, COSE_CRV, COSE_CRV_P384);
	claim_bytes(map, COSE_X, point + 1, ES384_NUMBER);
	claim_bytes(map, COSE_Y, point + 1 + ES384_NUMBER, ES384_NUMBER);
}

size_t
claims_rak(const struct rmm_attestation *cfg, const uint8_t point[ES384_POINT],
    uint8_t rak[RAK_CLAIM_MAX])
{
	struct cbor_out out = { rak, RAK_CLAIM_MAX, 0 };

	if (claims_realm_profile(cfg) == RMM_PROFILE_LEGACY)
		cbor_put(&out, point, ES384_POINT);
	else
		put_map(&out, cose_key_pairs, point);
	return out.used;
}

static void
claim_rems(struct map *map, const struct token_claims *realm, size_t size)
{
	if (!label(map, CLAIM_REMS))
		return;
	cbor_put_array(map->out, 4);
	for (int i = 1; i <= 4; i++)
		cbor_put_bytes(map->out, realm->measurements[i], size);
}

static void
realm_pairs(struct map *map, const void *ctx)
{
	const struct realm_claims *c = ctx;
	const struct token_claims *realm = c->realm;
	enum rmm_token_profile profile = claims_realm_profile(c->cfg);
	bool sha512 = realm->hash_algo == RMI_HASH_SHA_512;
	size_t size = hash_size(realm->hash_algo);

	claim_bytes(map, CLAIM_NONCE, realm->challenge, RMM_CHALLENGE);
	if (profile == RMM_PROFILE_2024)
		claim_bytes(map, CLAIM_UEID, c->instance_id, RMM_INSTANCE_ID);
	optional_text(map, CLAIM_PROFILE, realm_profiles[profile]);
	claim_bytes(map, CLAIM_RPV, realm->rpv, 64);
	claim_text(map, CLAIM_REALM_HASH_ALGO, sha512 ? "sha-512" : "sha-256");
	claim_bytes(map, CLAIM_RAK, c->rak, c->rak_size);
	claim_bytes(map, CLAIM_RIM, realm->measurements[0], size);
	claim_rems(map, realm, size);
	claim_text(
	    map, CLAIM_RAK_HASH_ALGO, rmm_token_hash_name(c->cfg->rak_hash));
	if (profile != RMM_PROFILE_2024)
		return;
	claim_int(map, CLAIM_MEC_POLICY, c->cfg->mec_private);
	if (c->cfg->lfa_policy >= 0)
		claim_int(map, CLAIM_LFA_POLICY, c->cfg->lfa_policy);
}

void
claims_put_realm(struct cbor_out *out, const void *ctx)
{
	put_map(out, realm_pairs, ctx);
}

/* ---- The platform token ---------------------------------------------------
 */

static void
claim_digest(
    struct map *map, int64_t key, const struct rmm_token_digest *digest)
{
	claim_bytes(map, key, digest->bytes, digest->size);
}

struct component {
	const struct rmm_sw_component *c;
	enum rmm_token_profile profile;
};

/* What the profile 2024 has more of. */
static void
component_pairs_2024(struct map *map, const struct rmm_sw_component *c)
{
	if (c->lfa != RMM_LFA_UNSAID && label(map, COMPONENT_LFA))
		cbor_put_bool(map->out, c->lfa == RMM_LFA_YES);
	if (c->num_countersigners == 0 || !label(map, COMPONENT_COUNTERSIGNERS))
		return;
	cbor_put_array(map->out, c->num_countersigners);
	for (size_t i = 0; i < c->num_countersigners; i++)
		cbor_put_bytes(map->out, c->countersigners[i].bytes,
		    c->countersigners[i].size);
}

static void
component_pairs(struct map *map, const void *ctx)
{
	const struct component *component = ctx;
	const struct rmm_sw_component *c = component->c;

	optional_text(map, COMPONENT_TYPE, c->type);
	claim_digest(map, COMPONENT_MEASUREMENT, &c->measurement);
	optional_text(map, COMPONENT_VERSION, c->version);
	claim_digest(map, COMPONENT_SIGNER, &c->signer);
	optional_text(map, COMPONENT_HASH_ALGO, c->hash_algo);
	if (component->profile == RMM_PROFILE_2024)
		component_pairs_2024(map, c);
}

static void
claim_components(struct map *map, const struct rmm_attestation *cfg)
{
	if (!label(map, CLAIM_SW_COMPONENTS))
		return;
	cbor_put_array(map->out, cfg->num_sw_components);
	for (size_t i = 0; i < cfg->num_sw_components; i++)
		put_map(map->out, component_pairs,
		    &(struct component){
			&cfg->sw_components[i], claims_platform_profile(cfg) });
}

static void
rotpk_pairs(struct map *map, const void *ctx)
{
	const struct rmm_tbb_rotpk *key = ctx;

	claim_text(map, ROTPK_NAME, key->name);
	claim_int(map, ROTPK_ACTIVE_ARRAY, key->active_array);
	claim_int(map, ROTPK_INDEX, key->index);
	claim_digest(map, ROTPK_HASH, &key->hash);
}

static void
platform_pairs_2024(struct map *map, const struct rmm_attestation *cfg)
{
	if (cfg->manufacturing_config_size > 0)
		claim_bytes(map, CLAIM_MANUFACTURING_CONFIG,
		    cfg->manufacturing_config, cfg->manufacturing_config_size);
	if (cfg->num_tbb_rotpks > 0 && label(map, CLAIM_TBB_ROTPK)) {
		cbor_put_array(map->out, cfg->num_tbb_rotpks);
		for (size_t i = 0; i < cfg->num_tbb_rotpks; i++)
			put_map(map->out, rotpk_pairs, &cfg->tbb_rotpks[i]);
	}
	if (cfg->peer_signers_size > 0)
		claim_bytes(map, CLAIM_PEER_SIGNERS, cfg->peer_signers,
		    cfg->peer_signers_size);
}

static void
platform_pairs(struct map *map, const void *ctx)
{
	const struct platform_claims *c = ctx;
	const struct rmm_attestation *cfg = c->cfg;
	enum rmm_token_profile profile = claims_platform_profile(cfg);

	claim_bytes(map, CLAIM_NONCE, c->challenge, c->challenge_size);
	claim_bytes(map, CLAIM_UEID, c->instance_id, RMM_INSTANCE_ID);
	claim_text(map, CLAIM_PROFILE, platform_profiles[profile]);
	if (profile == RMM_PROFILE_2024)
		claim_int(map, CLAIM_CLIENT_ID, cfg->client_id);
	claim_int(map, CLAIM_LIFECYCLE, cfg->lifecycle);
	claim_bytes(map, CLAIM_IMPLEMENTATION_ID, cfg->implementation_id,
	    sizeof cfg->implementation_id);
	claim_components(map, cfg);
	optional_text(
	    map, CLAIM_VERIFICATION_SERVICE, cfg->verification_service);
	claim_bytes(map, CLAIM_CONFIG, cfg->config, cfg->config_size);
	claim_text(map, CLAIM_HASH_ALGO, cfg->hash_algo);
	if (profile == RMM_PROFILE_2024)
		platform_pairs_2024(map, cfg);
}

void
claims_put_platform(struct cbor_out *out, const void *ctx)
{
	put_map(out, platform_pairs, ctx);
}

/* ---- What can be claimed --------------------------------------------------
 */

static bool __attribute__((format(printf, 3, 4)))
complain(char *err, size_t errlen, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(err, errlen, format, ap);
	va_end(ap);
	return false;
}

/* The length of the UTF-8 character at text; 0: there is none. */
static size_t
character(const uint8_t *text)
{
	size_t size = text[0] < 0x80 ? 1
	    : text[0] < 0xc2	     ? 0
	    : text[0] < 0xe0	     ? 2
	    : text[0] < 0xf0	     ? 3
	    : text[0] < 0xf5	     ? 4
				     : 0;

	for (size_t i = 1; i < size; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	/* Too long for what they say, surrogates, and above U+10FFFF. */
	if ((text[0] == 0xe0 && text[1] < 0xa0) ||
	    (text[0] == 0xed && text[1] >= 0xa0) ||
	    (text[0] == 0xf0 && text[1] < 0x90) ||
	    (text[0] == 0xf4 && text[1] >= 0x90))
		return 0;
	return size;
}

/* CBOR's text is UTF-8; a text that fills its array has no end. */
static bool
text_valid(
    const char *what, const char *text, size_t room, char *err, size_t errlen)
{
	const uint8_t *at = (const uint8_t *)text;
	size_t size;

	if (memchr(text, '\0', room) == NULL)
		return complain(err, errlen, "the %s has more than %zu bytes",
		    what, room - 1);
	for (; *at != '\0'; at += size) {
		size = character(at);
		if (size == 0)
			return complain(
			    err, errlen, "the %s is not UTF-8", what);
	}
	return true;
}

static bool
digest_valid(const char *what, size_t n, const struct rmm_token_digest *digest,
    char *err, size_t errlen)
{
	if (digest->size == 32 || digest->size == 48 || digest->size == 64)
		return true;
	return complain(err, errlen,
	    "the %s %zu has %u bytes, must have 32, 48 or 64", what, n,
	    digest->size);
}

static bool
countersigners_valid(
    const struct rmm_sw_component *c, size_t n, char *err, size_t errlen)
{
	if (c->num_countersigners > RMM_COUNTERSIGNERS_MAX)
		return complain(err, errlen,
		    "software component %zu has %zu countersigners, at most %d "
		    "can be",
		    n, c->num_countersigners, RMM_COUNTERSIGNERS_MAX);
	for (size_t i = 0; i < c->num_countersigners; i++)
		if (!digest_valid("countersigner of software component", n,
			&c->countersigners[i], err, errlen))
			return false;
	return true;
}

static bool
rotpks_valid(const struct rmm_attestation *cfg, char *err, size_t errlen)
{
	if (cfg->num_tbb_rotpks > RMM_TBB_ROTPKS_MAX)
		return complain(err, errlen,
		    "%zu TBB ROTPKs, at most %d can be", cfg->num_tbb_rotpks,
		    RMM_TBB_ROTPKS_MAX);
	for (size_t i = 0; i < cfg->num_tbb_rotpks; i++) {
		const struct rmm_tbb_rotpk *key = &cfg->tbb_rotpks[i];

		if (!text_valid("name of a TBB ROTPK", key->name,
			sizeof key->name, err, errlen) ||
		    !digest_valid(
			"hash of TBB ROTPK", i + 1, &key->hash, err, errlen))
			return false;
	}
	return true;
}

static bool
component_valid(
    const struct rmm_sw_component *c, size_t n, char *err, size_t errlen)
{
	return text_valid("type of a software component", c->type,
		   sizeof c->type, err, errlen) &&
	    text_valid("version of a software component", c->version,
		sizeof c->version, err, errlen) &&
	    text_valid("hash algorithm of a software component", c->hash_algo,
		sizeof c->hash_algo, err, errlen) &&
	    digest_valid("measurement of software component", n,
		&c->measurement, err, errlen) &&
	    digest_valid(
		"signer of software component", n, &c->signer, err, errlen) &&
	    countersigners_valid(c, n, err, errlen);
}

bool
claims_valid(const struct rmm_attestation *cfg, char *err, size_t errlen)
{
	if (cfg->wrapper >= RMM_WRAPPERS ||
	    cfg->realm_profile >= RMM_PROFILES ||
	    cfg->platform_profile >= RMM_PROFILES ||
	    cfg->rak_hash >= RMM_TOKEN_HASHES)
		return complain(
		    err, errlen, "there is no such form of a token");
	if (cfg->config_size > RMM_TOKEN_CONFIG ||
	    cfg->manufacturing_config_size > RMM_TOKEN_CONFIG ||
	    cfg->peer_signers_size > RMM_TOKEN_CONFIG)
		return complain(err, errlen,
		    "a claim of the platform's has more than %d bytes",
		    RMM_TOKEN_CONFIG);
	if (cfg->num_sw_components < 1 ||
	    cfg->num_sw_components > RMM_SW_COMPONENTS_MAX)
		return complain(err, errlen,
		    "%zu software components, must be 1 to %d",
		    cfg->num_sw_components, RMM_SW_COMPONENTS_MAX);
	for (size_t i = 0; i < cfg->num_sw_components; i++)
		if (!component_valid(
			&cfg->sw_components[i], i + 1, err, errlen))
			return false;
	if (cfg->hash_algo[0] == '\0')
		return complain(
		    err, errlen, "the platform's hash algorithm has no name");
	if (cfg->instance_id[0] > 1)
		return complain(err, errlen,
		    "the first byte of the instance id must be 0x01");
	return rotpks_valid(cfg, err, errlen) &&
	    text_valid("name of the platform's hash algorithm", cfg->hash_algo,
		sizeof cfg->hash_algo, err, errlen) &&
	    text_valid("verification service", cfg->verification_service,
		sizeof cfg->verification_service, err, errlen);
}
