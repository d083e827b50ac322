/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The keys that sign tokens: RFC 6979's vectors, keys from seeds and PEM texts,
 * and their public halves as text.
 */
#include "world.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#include "rmm/token-keys.h"

/* ---- Signatures ---------------------------------------------------------- */

static void
unhex(uint8_t *bytes, size_t size, const char *hex)
{
	ck_assert_uint_eq(strlen(hex), 2 * size);
	for (size_t i = 0; i < size; i++)
		ck_assert_int_eq(sscanf(hex + 2 * i, "%2hhx", &bytes[i]), 1);
}

/* RFC 6979, A.2.6: P-384 with SHA-384. */
#define RFC_X                                              \
	"6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba" \
	"9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5"
#define RFC_U                                              \
	"04"                                               \
	"ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e" \
	"06aae5286b300c64def8f0ea9055866064a254515480bc13" \
	"8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9" \
	"f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720"

static const struct {
	const char *message, *signature;
} rfc6979_rows[] = {
	{ "sample",
	    "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa7"
	    "3d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46"
	    "99ef4aeb15f178cea1fe40db2603138f130e740a19624526"
	    "203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8" },
	{ "test",
	    "8203b63d3c853e8d77227fb377bcf7b7b772e97892a80f36"
	    "ab775d509d7a5feb0542a7f0812998da8f1dd3ca3cf023db"
	    "ddd0760448d42d8a43af45af836fce4de8be06b485e9b61b"
	    "827c2f13173923e06a739f040649a667bf3b828246baa5a5" },
};

START_TEST(rfc6979)
{
	uint8_t scalar[ES384_NUMBER], point[ES384_POINT];
	uint8_t digest[ES384_NUMBER], want[ES384_SIGNATURE];
	uint8_t signature[ES384_SIGNATURE];
	struct es384_key key;

	unhex(scalar, sizeof scalar, RFC_X);
	unhex(point, sizeof point, RFC_U);
	unhex(want, sizeof want, rfc6979_rows[_i].signature);
	ck_assert(es384_from_scalar(&key, scalar));
	ck_assert_mem_eq(key.point, point, sizeof point);
	ck_assert_int_eq(EVP_Digest(rfc6979_rows[_i].message,
			     strlen(rfc6979_rows[_i].message), digest, NULL,
			     EVP_sha384(), NULL),
	    1);
	ck_assert(es384_sign(&key, digest, signature));
	ck_assert_mem_eq(signature, want, sizeof want);
}
END_TEST

START_TEST(no_scalars)
{
	uint8_t scalar[ES384_NUMBER] = { 0 };
	struct es384_key key;

	ck_assert(!es384_from_scalar(&key, scalar));
	memset(scalar, 0xff, sizeof scalar);
	ck_assert(!es384_from_scalar(&key, scalar));
}
END_TEST

/* ---- Keys from seeds ----------------------------------------------------- */

START_TEST(seeds)
{
	struct es384_key key, other;

	ck_assert(es384_from_seed(&key, 0, "CPAK"));
	ck_assert(es384_from_seed(&other, 0, "CPAK"));
	ck_assert_mem_eq(&key, &other, sizeof key);
	ck_assert(es384_from_seed(&other, 1, "CPAK"));
	ck_assert_mem_ne(key.scalar, other.scalar, sizeof key.scalar);
	ck_assert(es384_from_seed(&other, 0, "RAK"));
	ck_assert_mem_ne(key.scalar, other.scalar, sizeof key.scalar);
}
END_TEST

/* ---- Keys in PEM --------------------------------------------------------- */

enum how { PLAIN, ENCRYPTED, PUBLIC };

static const char *
pem_of(EVP_PKEY *key, enum how how)
{
	static char text[2048];
	BIO *bio = BIO_new(BIO_s_mem());
	int size;

	ck_assert_ptr_nonnull(key);
	if (how == PUBLIC)
		PEM_write_bio_PUBKEY(bio, key);
	else if (how == ENCRYPTED)
		PEM_write_bio_PKCS8PrivateKey(
		    bio, key, EVP_aes_128_cbc(), "word", 4, NULL, NULL);
	else
		PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	size = BIO_read(bio, text, sizeof text - 1);
	ck_assert_int_gt(size, 0);
	text[size] = '\0';
	BIO_free(bio);
	return text;
}

START_TEST(pem)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-384");
	uint8_t point[ES384_POINT];
	struct es384_key key;
	const char *why;
	size_t size;

	ck_assert(es384_from_pem(&key, pem_of(pkey, PLAIN), &why));
	ck_assert_ptr_null(why);
	ck_assert_int_eq(EVP_PKEY_get_octet_string_param(
			     pkey, "pub", point, sizeof point, &size),
	    1);
	ck_assert_uint_eq(size, sizeof point);
	ck_assert_mem_eq(key.point, point, sizeof point);
	EVP_PKEY_free(pkey);
}
END_TEST

#define ck_no_key(text, reason)                                            \
	do {                                                               \
		const char *why_;                                          \
		struct es384_key key_;                                     \
		ck_assert(!es384_from_pem(&key_, (text), &why_));          \
		ck_assert_msg(strstr(why_, (reason)) != NULL, "%s", why_); \
	} while (0)

START_TEST(no_pem)
{
	EVP_PKEY *p384 = EVP_EC_gen("P-384"), *p256 = EVP_EC_gen("P-256");
	EVP_PKEY *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	ck_no_key("", "no private key");
	ck_no_key("nonsense", "no private key");
	ck_no_key(pem_of(p384, PUBLIC), "no private key");
	ck_no_key(pem_of(p384, ENCRYPTED), "encrypted");
	ck_no_key(pem_of(p256, PLAIN), "curve P-384");
	ck_no_key(pem_of(ed, PLAIN), "curve P-384");
	EVP_PKEY_free(p384);
	EVP_PKEY_free(p256);
	EVP_PKEY_free(ed);
}
END_TEST

/* ---- Public keys --------------------------------------------------------- */

START_TEST(public_pem)
{
	char text[RMM_KEY_TEXT];
	struct es384_key key;
	EVP_PKEY *pkey;
	size_t size;
	BIO *bio;

	ck_assert(es384_from_seed(&key, 3, "CPAK"));
	size = es384_public_pem(key.point, text, sizeof text);
	ck_assert_uint_gt(size, 0);
	bio = BIO_new_mem_buf(text, (int)size);
	pkey = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	BIO_free(bio);
	ck_assert_str_eq(pem_of(pkey, PUBLIC), text);
	EVP_PKEY_free(pkey);
	ck_assert_uint_eq(es384_public_pem(key.point, text, 100), 0);
}
END_TEST

START_TEST(public_jwk)
{
	uint8_t scalar[ES384_NUMBER];
	char text[RMM_KEY_TEXT];
	struct es384_key key;
	size_t size;

	unhex(scalar, sizeof scalar, RFC_X);
	ck_assert(es384_from_scalar(&key, scalar));
	size = es384_public_jwk(key.point, text, sizeof text);
	ck_assert_str_eq(text,
	    "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":"
	    "\"7DpOQVtOGaRWhhgCn0J_pdqai8SukuAuBqrlKGswDGTe-"
	    "PDqkFWGYGSiVFFUgLwT\","
	    "\"y\":"
	    "\"gBXZty19VyROqO-awMYhiWcIpZNn-d-59UyoSz8cnbEoiyMcOuDU_nNE_"
	    "SUzJkcg\","
	    "\"use\":\"sig\",\"alg\":\"ES384\"}\n");
	ck_assert_uint_eq(size, strlen(text));
	ck_assert_uint_eq(es384_public_jwk(key.point, text, size), 0);
	ck_assert_uint_eq(es384_public_jwk(key.point, text, size + 1), size);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("token-keys");
	TCase *tc = tcase_create("token-keys");

	tcase_add_loop_test(tc, rfc6979, 0, 2);
	tcase_add_test(tc, no_scalars);
	tcase_add_test(tc, seeds);
	tcase_add_test(tc, pem);
	tcase_add_test(tc, no_pem);
	tcase_add_test(tc, public_pem);
	tcase_add_test(tc, public_jwk);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
