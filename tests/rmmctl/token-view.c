/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The reader of tokens behind rmmctl token, given tokens of the monitor's own,
 * and those with something wrong: a bit, the end, a part of another token.
 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/rmmctl/token-view.h"
#include "rmm/token.h"

#define ROOM 4096

static struct rmm_attestation cfg;
static uint8_t challenge[64], rpv[64], measurements[5][64], cpak[P384_POINT];
static struct token_view view;
static char why[TOKEN_WHY];

static const struct token_claims claims = {
	.challenge = challenge,
	.rpv = rpv,
	.hash_algo = RMI_HASH_SHA_256,
	.measurements = (const uint8_t (*)[64])measurements,
};

static void
setup(void)
{
	memset(challenge, 1, sizeof challenge);
	memset(rpv, 2, sizeof rpv);
	memset(measurements, 3, sizeof measurements);
	rmm_attestation_init(&cfg);
}

/* A token of a machine with cfg and this seed; cpak becomes its key. */
static size_t
mint(uint64_t seed, uint8_t token[ROOM])
{
	char err[256] = "", pem[RMM_KEY_TEXT];
	struct attester *attester = attester_new(&cfg, seed, err, sizeof err);
	const char *reason = NULL;
	size_t size;

	ck_assert_msg(attester != NULL, "%s", err);
	size = attester_token(attester, &claims, token, ROOM);
	ck_assert_uint_gt(size, 0);
	ck_assert_uint_gt(attester_public_key(attester, RMM_KEY_CPAK,
			      RMM_KEY_PEM, pem, sizeof pem),
	    0);
	ck_assert(p384_from_pem(cpak, pem, strlen(pem), &reason));
	attester_free(attester);
	return size;
}

static bool
accepted(const uint8_t *token, size_t size)
{
	const struct token_expectation expected = {
		.cpak = cpak,
		.challenge = challenge,
		.rpv = rpv,
		.hash_algo = "sha-256",
		.hash_size = 32,
		.rim = measurements[0],
		.rems = { measurements[1], measurements[2], measurements[3],
		    measurements[4] },
	};

	return token_read(&view, token, size, why) &&
	    token_verify(&view, &expected);
}

/* The one verdict that is bad. */
static void
ck_bad(enum token_check check)
{
	for (int i = 0; i < TOKEN_CHECKS; i++)
		ck_assert_msg(view.verdicts[i].good == (i != (int)check),
		    "%s: %s", token_check_name(i), view.verdicts[i].why);
}

START_TEST(good)
{
	uint8_t token[ROOM];

	cfg.wrapper = _i % 2 == 0 ? RMM_WRAPPER_399 : RMM_WRAPPER_907;
	cfg.realm_profile = (enum rmm_token_profile)(1 + _i / 2 % 3);
	cfg.platform_profile = (enum rmm_token_profile)(1 + _i / 6);
	ck_assert_msg(accepted(token, mint(1, token)), "%s", why);
	ck_assert_uint_eq(view.wrapper, _i % 2 == 0 ? 399 : 907);
}
END_TEST

/* A bit of each byte, wherever it is, is noticed. */
START_TEST(bits)
{
	uint8_t token[ROOM];
	size_t size;

	cfg.realm_profile = _i == 0 ? RMM_PROFILE_2023 : RMM_PROFILE_2024;
	size = mint(1, token);
	for (size_t i = 0; i < size; i++) {
		uint8_t bit = (uint8_t)(1u << i * 5 % 8);

		token[i] ^= bit;
		ck_assert_msg(!accepted(token, size), "byte %zu, bit %u", i,
		    (unsigned)bit);
		token[i] ^= bit;
	}
	ck_assert(accepted(token, size));
}
END_TEST

START_TEST(ends)
{
	uint8_t token[ROOM] = { 0 };
	size_t size = mint(1, token);

	for (size_t i = 0; i < size; i++) {
		/* Its own memory, so that a sanitizer sees a byte too far. */
		uint8_t *copy = malloc(i + 1);

		ck_assert_ptr_nonnull(copy);
		memcpy(copy, token, i);
		ck_assert(!token_read(&view, copy, i, why));
		free(copy);
	}
	ck_assert(!token_read(&view, token, size + 1, why));
	ck_assert_ptr_nonnull(strstr(why, "something follows"));
}
END_TEST

/* What a realm's measurements, RPV and challenge are compared with. */
START_TEST(another_realm)
{
	static const enum token_check checks[] = { CHECK_CHALLENGE, CHECK_RPV,
		CHECK_RIM, CHECK_REMS, CHECK_REMS };
	uint8_t *const bytes[] = { challenge, rpv, measurements[0],
		measurements[1], measurements[4] };
	uint8_t token[ROOM];
	size_t size = mint(1, token);

	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		bytes[i][31] ^= 1;
		ck_assert(!accepted(token, size));
		ck_bad(checks[i]);
		bytes[i][31] ^= 1;
	}
	ck_assert(accepted(token, size));
}
END_TEST

/*
 * A platform token and a realm token that are good each, with one CPAK and of
 * one length, but of two machines.
 */
START_TEST(not_bound)
{
	static const char pem[] =
	    "-----BEGIN EC PRIVATE KEY-----\n"
	    "MIGkAgEBBDCkomZHDHJO9uL6miTwTVB+dhhAe6a0PyhcuuNSFkmhiExnpEpYPt1O\n"
	    "lmzTtebXVAGgBwYFK4EEACKhZANiAARR3ykNpY7bh75DlsZAkuCEjl+J+vItA5nT\n"
	    "jmsmhHC+EIb58VDtGcWP5bbPR5d285sS7LTVKQMtFLYATnXCEyh4swqKFRogO91n\n"
	    "pINJ8kupPfKD72FO2pYi0Zyp62nvhMQ=\n"
	    "-----END EC PRIVATE KEY-----\n";
	uint8_t token[ROOM], other[ROOM];
	size_t size, realm;

	cfg.cpak = pem;
	size = mint(1, token);
	ck_assert_uint_eq(mint(2, other), size);
	ck_assert(accepted(token, size));
	realm =
	    (size_t)(view.message[TOKEN_REALM].protected_header.bytes - token);
	memcpy(token + realm, other + realm, size - realm);
	ck_assert(!accepted(token, size));
	ck_bad(CHECK_BINDING);
}
END_TEST

/* The CPAK of another machine. */
START_TEST(another_key)
{
	uint8_t token[ROOM], other[ROOM];
	size_t size = mint(1, token);

	(void)mint(2, other);
	ck_assert(!accepted(token, size));
	ck_bad(CHECK_PLATFORM_SIGNATURE);
}
END_TEST

/* ---- CBOR ---------------------------------------------------------------- */

static const struct {
	const char *bytes;
	size_t size;
	const char *error;
} cbor_rows[] = {
	{ "", 0, "the end is missing" },
	{ "\x18", 1, "the end is missing" },
	{ "\x1b\1\1\1\1\1\1\1", 8, "the end is missing" },
	{ "\x1c", 1, "malformed" },
	{ "\x5f\xff", 2, "no given length" },
	{ "\x9f\xff", 2, "no given length" },
	{ "\xbf\xff", 2, "no given length" },
	{ "\x43"
	  "12",
	    3, "the end is missing" },
	{ "\x5b\xff\xff\xff\xff\xff\xff\xff\xff", 9, "the end is missing" },
	{ "\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9, "the end is missing" },
	{ "\xbb\x80\0\0\0\0\0\0\1", 9, "the end is missing" },
	{ "\xa1\1", 2, "the end is missing" },
	{ "\x61\xff", 2, "not UTF-8" },
	{ "\x62\xc0\x80", 3, "not UTF-8" },
	{ "\x63\xed\xa0\x80", 4, "not UTF-8" },
	{ "\x64\xf4\x90\x80\x80", 5, "not UTF-8" },
	{ "\xf9\0\0", 3, "unknown simple" },
	{ "\xff", 1, "unknown simple" },
	{ "\xe0", 1, "unknown simple" },
	{ "\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\1",
	    17, "too many levels" },
};

START_TEST(cbor_refused)
{
	struct cbor_in in;

	cbor_open(
	    &in, (const uint8_t *)cbor_rows[_i].bytes, cbor_rows[_i].size);
	ck_assert(!cbor_skip(&in));
	ck_assert_msg(strstr(in.error, cbor_rows[_i].error) != NULL,
	    "\"%s\" without \"%s\"", in.error, cbor_rows[_i].error);
	/* The first error stays. */
	ck_assert(!cbor_fail(&in, "another"));
	ck_assert_ptr_nonnull(strstr(in.error, cbor_rows[_i].error));
}
END_TEST

START_TEST(cbor_numbers)
{
	static const struct {
		const char *bytes;
		size_t size;
		bool good;
		int64_t value;
	} rows[] = {
		{ "\0", 1, true, 0 },
		{ "\x17", 1, true, 23 },
		{ "\x18\xff", 2, true, 255 },
		{ "\x19\1\0", 3, true, 256 },
		{ "\x1a\0\1\0\0", 5, true, 65536 },
		{ "\x1b\x7f\xff\xff\xff\xff\xff\xff\xff", 9, true, INT64_MAX },
		{ "\x1b\x80\0\0\0\0\0\0\0", 9, false, 0 },
		{ "\x20", 1, true, -1 },
		{ "\x3b\x7f\xff\xff\xff\xff\xff\xff\xff", 9, true, INT64_MIN },
		{ "\x3b\x80\0\0\0\0\0\0\0", 9, false, 0 },
		{ "\x40", 1, false, 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cbor_item item;
		struct cbor_in in;
		int64_t value = 0;

		cbor_open(&in, (const uint8_t *)rows[i].bytes, rows[i].size);
		ck_assert(cbor_read(&in, &item) && cbor_close(&in));
		ck_assert(cbor_int(&item, &value) == rows[i].good);
		ck_assert_int_eq(value, rows[i].value);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("token-view");
	TCase *tcase = tcase_create("token-view");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, good, 0, 18);
	tcase_add_loop_test(tcase, bits, 0, 2);
	tcase_add_test(tcase, ends);
	tcase_add_test(tcase, another_realm);
	tcase_add_test(tcase, not_bound);
	tcase_add_test(tcase, another_key);
	tcase_add_loop_test(tcase, cbor_refused, 0,
	    (int)(sizeof cbor_rows / sizeof cbor_rows[0]));
	tcase_add_test(tcase, cbor_numbers);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
