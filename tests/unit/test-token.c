/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Attestation tokens in each of their forms: that they decode, say what they
 * should, are signed and bound; that the same gives the same; and how large
 * they get.
 */
#include "world.h"

#include <string.h>

#include "token-reader.h"
#include "rmm/machine.h"
#include "rmm/token-keys.h"

#define ROOM 16384

static struct rmm_attestation cfg;
static struct attester *attester;
static uint8_t token[ROOM], measurements[5][64], challenge[64], rpv[64];
static struct token_claims claims = {
	.challenge = challenge,
	.rpv = rpv,
	.measurements = (const uint8_t (*)[64])measurements,
};

static void
setup(void)
{
	rmm_attestation_init(&cfg);
	claims.hash_algo = RMI_HASH_SHA_256;
	for (unsigned i = 0; i < 64; i++) {
		challenge[i] = (uint8_t)i;
		rpv[i] = (uint8_t)(i + 64);
		for (unsigned n = 0; n < 5; n++)
			measurements[n][i] = (uint8_t)(i * 5 + n);
	}
}

static void
teardown(void)
{
	attester_free(attester);
	attester = NULL;
}

/* An attester of cfg, in place of the one before. */
static void
attest(uint64_t seed)
{
	char err[256] = "";

	attester_free(attester);
	attester = attester_new(&cfg, seed, err, sizeof err);
	ck_assert_msg(attester != NULL, "%s", err);
}

static size_t
make(void)
{
	size_t size = attester_token(attester, &claims, token, sizeof token);

	ck_assert_uint_gt(size, 0);
	ck_assert_uint_le(size, attester_token_max(attester));
	return size;
}

/* ---- Each form ----------------------------------------------------------- */

static void
ck_realm(const cbor_item_t *map, enum rmm_token_profile profile)
{
	size_t size = claims.hash_algo == RMI_HASH_SHA_512 ? 64 : 32;
	const cbor_item_t *rems = find(map, 44239);

	ck_claim_bytes(map, 10, challenge, 64);
	ck_claim_bytes(map, 44235, rpv, 64);
	ck_claim_text(map, 44236, size == 64 ? "sha-512" : "sha-256");
	ck_claim_bytes(map, 44238, measurements[0], size);
	ck_assert_uint_eq(cbor_array_size(rems), 4);
	for (size_t i = 0; i < 4; i++) {
		const cbor_item_t *rem = cbor_array_handle(rems)[i];

		ck_assert_uint_eq(cbor_bytestring_length(rem), size);
		ck_assert_mem_eq(
		    cbor_bytestring_handle(rem), measurements[i + 1], size);
	}
	if (profile == RMM_PROFILE_LEGACY)
		ck_assert_ptr_null(find(map, 265));
	else
		ck_claim_text(map, 265,
		    profile == RMM_PROFILE_2023
			? "tag:arm.com,2023:realm#1.0.0"
			: "tag:arm.com,2024:realm#2.0.0");
	if (profile == RMM_PROFILE_2024)
		ck_claim_int(map, 44243, cfg.mec_private ? 1u : 0u);
	ck_assert((find(map, 256) != NULL) == (profile == RMM_PROFILE_2024));
	ck_assert((find(map, 44243) != NULL) == (profile == RMM_PROFILE_2024));
}

/* The point in 44237 is the RAK's. */
static void
ck_rak(const cbor_item_t *map, enum rmm_token_profile profile)
{
	const cbor_item_t *claim = find(map, 44237);
	EVP_PKEY *key = public_key(attester, RMM_KEY_RAK);
	uint8_t point[ES384_POINT];
	cbor_item_t *cose;
	size_t size;

	ck_assert_int_eq(EVP_PKEY_get_octet_string_param(
			     key, "pub", point, sizeof point, &size),
	    1);
	ck_assert_uint_eq(size, ES384_POINT);
	EVP_PKEY_free(key);
	if (profile == RMM_PROFILE_LEGACY) {
		ck_claim_bytes(map, 44237, point, ES384_POINT);
		return;
	}
	ck_assert_uint_eq(cbor_bytestring_length(claim), 107);
	cose = load_bytes(claim);
	ck_claim_int(cose, 1, 2);
	ck_claim_int(cose, -1, 2);
	ck_claim_bytes(cose, -2, point + 1, 48);
	ck_claim_bytes(cose, -3, point + 49, 48);
	cbor_decref(&cose);
}

static void
ck_platform(const cbor_item_t *map, enum rmm_token_profile profile)
{
	static const char *const names[] = {
		[RMM_PROFILE_LEGACY] = "http://arm.com/CCA-SSD/1.0.0",
		[RMM_PROFILE_2023] = "tag:arm.com,2023:cca_platform#1.0.0",
		[RMM_PROFILE_2024] = "tag:arm.com,2024:cca_platform#2.0.0",
	};
	const cbor_item_t *list = find(map, 2399);

	ck_claim_text(map, 265, names[profile]);
	ck_claim_bytes(map, 2396, cfg.implementation_id, 32);
	ck_claim_bytes(map, 2401, cfg.config, cfg.config_size);
	ck_claim_int(map, 2395, cfg.lifecycle);
	ck_claim_text(map, 2402, cfg.hash_algo);
	ck_assert_uint_eq(cbor_bytestring_handle(find(map, 256))[0], 1);
	ck_assert_uint_eq(cbor_bytestring_length(find(map, 256)), 33);
	ck_assert_uint_eq(cbor_array_size(list), cfg.num_sw_components);
	for (size_t i = 0; i < cfg.num_sw_components; i++) {
		const struct rmm_sw_component *c = &cfg.sw_components[i];
		const cbor_item_t *item = cbor_array_handle(list)[i];

		ck_claim_text(item, 1, c->type);
		ck_claim_bytes(
		    item, 2, c->measurement.bytes, c->measurement.size);
		ck_claim_text(item, 4, c->version);
		ck_claim_bytes(item, 5, c->signer.bytes, c->signer.size);
		ck_claim_text(item, 6, c->hash_algo);
	}
	if (cfg.verification_service[0] == '\0')
		ck_assert_ptr_null(find(map, 2400));
	else
		ck_claim_text(map, 2400, cfg.verification_service);
	ck_assert((find(map, 2394) != NULL) == (profile == RMM_PROFILE_2024));
}

/* The platform's challenge is the digest of the claim with the RAK. */
static void
ck_bound(const struct parts *parts, const EVP_MD *md, const char *name)
{
	const cbor_item_t *rak = find(parts->realm, 44237);
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned size;

	ck_assert_int_eq(
	    EVP_Digest(cbor_bytestring_handle(rak), cbor_bytestring_length(rak),
		digest, &size, md, NULL),
	    1);
	ck_claim_bytes(parts->platform, 10, digest, size);
	ck_claim_text(parts->realm, 44240, name);
}

START_TEST(forms)
{
	struct parts parts;

	cfg.wrapper = _i % 2 == 0 ? RMM_WRAPPER_399 : RMM_WRAPPER_907;
	cfg.realm_profile = (enum rmm_token_profile)(1 + _i / 2 % 3);
	cfg.platform_profile = (enum rmm_token_profile)(1 + _i / 6);
	attest(1);
	for (int i = 0; i < 2; i++) {
		claims.hash_algo = (enum rmi_hash_algorithm)i;
		parts = open_token(
		    attester, token, make(), _i % 2 == 0 ? 399 : 907);
		ck_realm(parts.realm, cfg.realm_profile);
		ck_rak(parts.realm, cfg.realm_profile);
		ck_platform(parts.platform, cfg.platform_profile);
		ck_bound(&parts, EVP_sha256(), "sha-256");
		close_parts(&parts);
	}
}
END_TEST

static const struct {
	enum rmm_token_profile realm, effective, platform;
	uint64_t tag;
} default_rows[] = {
	{ RMM_PROFILE_DEFAULT, RMM_PROFILE_2023, RMM_PROFILE_2023, 399 },
	{ RMM_PROFILE_LEGACY, RMM_PROFILE_LEGACY, RMM_PROFILE_LEGACY, 399 },
	{ RMM_PROFILE_2023, RMM_PROFILE_2023, RMM_PROFILE_2023, 399 },
	{ RMM_PROFILE_2024, RMM_PROFILE_2024, RMM_PROFILE_2023, 907 },
};

START_TEST(defaults)
{
	struct parts parts;

	cfg.realm_profile = default_rows[_i].realm;
	attest(1);
	parts = open_token(attester, token, make(), default_rows[_i].tag);
	ck_realm(parts.realm, default_rows[_i].effective);
	ck_platform(parts.platform, default_rows[_i].platform);
	close_parts(&parts);
}
END_TEST

/* The digests of the components that are none are those of their names. */
START_TEST(components)
{
	uint8_t digest[32];

	ck_assert_uint_eq(cfg.num_sw_components, 2);
	for (size_t i = 0; i < cfg.num_sw_components; i++) {
		const struct rmm_sw_component *c = &cfg.sw_components[i];

		ck_assert_int_eq(EVP_Digest(c->type, strlen(c->type), digest,
				     NULL, EVP_sha256(), NULL),
		    1);
		ck_assert_uint_eq(c->measurement.size, 32);
		ck_assert_mem_eq(c->measurement.bytes, digest, 32);
		EVP_Digest("rmmd", 4, digest, NULL, EVP_sha256(), NULL);
		ck_assert_uint_eq(c->signer.size, 32);
		ck_assert_mem_eq(c->signer.bytes, digest, 32);
	}
}
END_TEST

START_TEST(rak_hashes)
{
	static const char *const names[] = { "sha-256", "sha-384", "sha-512" };
	const EVP_MD *mds[] = { EVP_sha256(), EVP_sha384(), EVP_sha512() };
	struct parts parts;

	cfg.rak_hash = (enum rmm_token_hash)_i;
	attest(1);
	parts = open_token(attester, token, make(), 399);
	ck_bound(&parts, mds[_i], names[_i]);
	close_parts(&parts);
}
END_TEST

/* ---- Every claim --------------------------------------------------------- */

static void
fill(char *text, size_t room, char with)
{
	memset(text, with, room - 1);
	text[room - 1] = '\0';
}

/* Everything that can be said, as long as it can be. */
static void
largest(void)
{
	cfg.wrapper = RMM_WRAPPER_907;
	cfg.realm_profile = cfg.platform_profile = RMM_PROFILE_2024;
	cfg.rak_hash = RMM_TOKEN_SHA_512;
	cfg.lifecycle = 0xffff;
	cfg.client_id = INT32_MAX;
	cfg.lfa_policy = INT32_MAX;
	cfg.mec_private = true;
	cfg.instance_id[0] = 1;
	cfg.config_size = cfg.manufacturing_config_size = RMM_TOKEN_CONFIG;
	memset(cfg.config, 0xa5, sizeof cfg.config);
	memset(cfg.manufacturing_config, 0x5a, sizeof cfg.manufacturing_config);
	fill(cfg.hash_algo, sizeof cfg.hash_algo, 'h');
	fill(cfg.verification_service, sizeof cfg.verification_service, 'v');
	cfg.num_sw_components = RMM_SW_COMPONENTS_MAX;
	for (size_t i = 0; i < RMM_SW_COMPONENTS_MAX; i++) {
		struct rmm_sw_component *c = &cfg.sw_components[i];

		fill(c->type, sizeof c->type, 't');
		fill(c->version, sizeof c->version, (char)('A' + i));
		fill(c->hash_algo, sizeof c->hash_algo, 'a');
		c->measurement.size = c->signer.size = 64;
		memset(c->measurement.bytes, (int)i, 64);
		c->lfa = RMM_LFA_YES;
		c->num_countersigners = RMM_COUNTERSIGNERS_MAX;
		for (size_t n = 0; n < RMM_COUNTERSIGNERS_MAX; n++)
			c->countersigners[n].size = 64;
	}
	cfg.num_tbb_rotpks = RMM_TBB_ROTPKS_MAX;
	for (size_t i = 0; i < RMM_TBB_ROTPKS_MAX; i++) {
		struct rmm_tbb_rotpk *key = &cfg.tbb_rotpks[i];

		fill(key->name, sizeof key->name, 'n');
		key->active_array = INT32_MIN;
		key->index = INT32_MAX;
		key->hash.size = 64;
	}
	cfg.peer_signers_size = RMM_TOKEN_CONFIG;
}

/* What components and keys have in the profile 2024 only. */
static void
ck_2024(const cbor_item_t *platform)
{
	const cbor_item_t *keys = find(platform, 2405);
	const cbor_item_t *list = find(platform, 2399);

	for (size_t i = 0; i < RMM_SW_COMPONENTS_MAX; i++) {
		const cbor_item_t *item = cbor_array_handle(list)[i];
		const cbor_item_t *signers = find(item, 8);

		ck_assert(cbor_is_bool(find(item, 7)));
		ck_assert(cbor_ctrl_value(find(item, 7)) == CBOR_CTRL_TRUE);
		ck_assert_uint_eq(
		    cbor_array_size(signers), RMM_COUNTERSIGNERS_MAX);
		ck_assert_uint_eq(
		    cbor_bytestring_length(cbor_array_handle(signers)[3]), 64);
	}
	ck_assert_uint_eq(cbor_array_size(keys), RMM_TBB_ROTPKS_MAX);
	ck_claim_text(cbor_array_handle(keys)[7], 1, cfg.tbb_rotpks[7].name);
	ck_assert_uint_eq(
	    cbor_get_int(find(cbor_array_handle(keys)[7], 2)), INT32_MAX);
	ck_claim_int(cbor_array_handle(keys)[7], 3, INT32_MAX);
	ck_claim_bytes(
	    cbor_array_handle(keys)[7], 4, cfg.tbb_rotpks[7].hash.bytes, 64);
}

START_TEST(largest_token)
{
	struct parts parts;
	size_t max, size;

	largest();
	attest(1);
	max = attester_token_max(attester);
	ck_assert_uint_gt(max, 4096);
	ck_assert_uint_lt(max, ROOM);
	claims.hash_algo = RMI_HASH_SHA_512;
	size = make();
	ck_assert_uint_eq(size, max);
	ck_assert_uint_eq(attester_token_max(attester), max);
	parts = open_token(attester, token, size, 907);
	ck_realm(parts.realm, RMM_PROFILE_2024);
	ck_platform(parts.platform, RMM_PROFILE_2024);
	ck_claim_bytes(parts.platform, 256, cfg.instance_id, 33);
	ck_claim_bytes(parts.realm, 256, cfg.instance_id, 33);
	ck_claim_bytes(parts.platform, 2403, cfg.manufacturing_config,
	    cfg.manufacturing_config_size);
	ck_claim_int(parts.platform, 2394, INT32_MAX);
	ck_claim_bytes(parts.platform, 2406, cfg.peer_signers, 256);
	ck_2024(parts.platform);
	ck_claim_int(parts.realm, 44244, INT32_MAX);
	close_parts(&parts);
}
END_TEST

/* No byte is written where there is no room; one too few is too few. */
START_TEST(room)
{
	size_t size;

	attest(1);
	size = make();
	for (size_t less = 1; less <= size; less += less < 4 ? 1 : 97) {
		memset(token, 0xee, sizeof token);
		ck_assert_uint_eq(
		    attester_token(attester, &claims, token, size - less), 0);
		for (size_t i = size - less; i < size; i++)
			ck_assert_uint_eq(token[i], 0xee);
	}
	ck_assert_uint_eq(attester_token(attester, &claims, token, size), size);
}
END_TEST

START_TEST(left_out)
{
	struct parts parts;

	cfg.sw_components[0].type[0] = '\0';
	cfg.sw_components[0].version[0] = '\0';
	cfg.sw_components[0].hash_algo[0] = '\0';
	cfg.num_sw_components = 1;
	cfg.config_size = 0;
	attest(1);
	parts = open_token(attester, token, make(), 399);
	ck_assert_uint_eq(
	    cbor_map_size(cbor_array_handle(find(parts.platform, 2399))[0]), 2);
	ck_assert_uint_eq(
	    cbor_bytestring_length(find(parts.platform, 2401)), 0);
	close_parts(&parts);
}
END_TEST

/* ---- The same gives the same ----------------------------------------------
 */

START_TEST(deterministic)
{
	uint8_t first[ROOM];
	size_t size, same;

	attest(7);
	size = make();
	memcpy(first, token, size);
	ck_assert_uint_eq(make(), size);
	ck_assert_mem_eq(token, first, size);
	attest(7);
	ck_assert_uint_eq(make(), size);
	ck_assert_mem_eq(token, first, size);
	/* The platform token, which comes first, does not know the challenge.
	 */
	challenge[0] ^= 1;
	ck_assert_uint_eq(make(), size);
	ck_assert_mem_ne(token, first, size);
	for (same = 0; token[same] == first[same]; same++)
		continue;
	ck_assert_uint_gt(same, size / 3);
	challenge[0] ^= 1;
	attest(8);
	ck_assert_uint_eq(make(), size);
	ck_assert_mem_ne(token, first, size);
}
END_TEST

/* ---- What is refused ------------------------------------------------------
 */

static void
ck_refused(const char *reason)
{
	char err[256] = "";

	ck_assert_ptr_null(attester_new(&cfg, 1, err, sizeof err));
	ck_assert_msg(
	    strstr(err, reason) != NULL, "\"%s\" without \"%s\"", err, reason);
	rmm_attestation_init(&cfg);
}

START_TEST(refused)
{
	cfg.realm_profile = RMM_PROFILES;
	ck_refused("no such form");
	cfg.wrapper = RMM_WRAPPERS;
	ck_refused("no such form");
	cfg.num_sw_components = 0;
	ck_refused("0 software components, must be 1 to 16");
	cfg.num_sw_components = RMM_SW_COMPONENTS_MAX + 1;
	ck_refused("17 software components");
	cfg.sw_components[1].signer.size = 31;
	ck_refused("the signer of software component 2 has 31 bytes");
	cfg.sw_components[0].measurement.size = 65;
	ck_refused("the measurement of software component 1 has 65 bytes");
	cfg.config_size = RMM_TOKEN_CONFIG + 1;
	ck_refused("more than 256 bytes");
	cfg.peer_signers_size = RMM_TOKEN_CONFIG + 1;
	ck_refused("more than 256 bytes");
	cfg.sw_components[0].num_countersigners = RMM_COUNTERSIGNERS_MAX + 1;
	ck_refused("software component 1 has 5 countersigners");
	cfg.sw_components[1].num_countersigners = 1;
	ck_refused("the countersigner of software component 2 has 0 bytes");
	cfg.num_tbb_rotpks = RMM_TBB_ROTPKS_MAX + 1;
	ck_refused("9 TBB ROTPKs");
	cfg.num_tbb_rotpks = 1;
	ck_refused("the hash of TBB ROTPK 1 has 0 bytes");
	cfg.instance_id[0] = 2;
	ck_refused("first byte of the instance id");
	cfg.hash_algo[0] = '\0';
	ck_refused("has no name");
	memset(cfg.sw_components[0].type, 'x', RMM_TOKEN_TEXT);
	ck_refused("type of a software component has more than 63 bytes");
	memset(cfg.verification_service, 'x', RMM_TOKEN_URL);
	ck_refused("verification service has more than 255 bytes");
	cfg.cpak = "no key";
	ck_refused("CPAK: no private key in PEM");
	cfg.rak = "no key";
	ck_refused("RAK: no private key in PEM");
}
END_TEST

START_TEST(not_utf8)
{
	static const char *const bad[] = { "\xff", "a\x80", "\xc3", "\xc0\x80",
		"\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
		"\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80" };
	static const char *const good[] = { "\xc3\xa4", "\xe2\x82\xac",
		"\xed\x9f\xbf", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf" };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		strcpy(cfg.verification_service, bad[i]);
		ck_refused("verification service is not UTF-8");
	}
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		strcpy(cfg.sw_components[0].version, good[i]);
		attest(1);
	}
}
END_TEST

/* A machine that could not attest is none. */
START_TEST(machine)
{
	struct rmm_config whole;
	char err[256] = "";

	rmm_config_init(&whole);
	whole.attestation.rak = "-----BEGIN EC PRIVATE KEY-----\n";
	ck_assert_ptr_null(rmm_new(&whole, err, sizeof err));
	ck_assert_ptr_nonnull(strstr(err, "RAK: no private key in PEM"));
}
END_TEST

/* ---- A realm's ----------------------------------------------------------- */

START_TEST(of_a_realm)
{
	struct world *w = world_new();
	struct rmm_realm_info info;
	struct parts parts;
	size_t size;

	ck_assert_uint_eq(
	    rmm_token(w->rmm, RD, challenge, token, sizeof token), 0);
	world_realm(w);
	rem_extend(w->rmm, RD, 2, rpv, 64);
	info = world_realm_info(w, RD);
	memcpy(rpv, info.rpv, 64);
	memcpy(measurements, info.measurements, sizeof measurements);
	claims.hash_algo = (enum rmi_hash_algorithm)info.hash_algo;
	size = rmm_token(w->rmm, RD, challenge, token, sizeof token);
	ck_assert_uint_gt(size, 0);
	ck_assert_uint_le(size, rmm_token_max(w->rmm));
	attest(0); /* the seed of the world's machine */
	parts = open_token(attester, token, size, 399);
	ck_realm(parts.realm, RMM_PROFILE_2023);
	close_parts(&parts);
	world_free(w);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("token");
	TCase *tc = tcase_create("token");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, forms, 0, 18);
	tcase_add_loop_test(tc, defaults, 0, 4);
	tcase_add_test(tc, components);
	tcase_add_loop_test(tc, rak_hashes, 0, 3);
	tcase_add_test(tc, largest_token);
	tcase_add_test(tc, room);
	tcase_add_test(tc, left_out);
	tcase_add_test(tc, deterministic);
	tcase_add_test(tc, refused);
	tcase_add_test(tc, not_utf8);
	tcase_add_test(tc, machine);
	tcase_add_test(tc, of_a_realm);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
