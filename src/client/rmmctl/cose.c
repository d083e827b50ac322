/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Verifying what is signed: the message is put together from its parts as
 * RFC 9052, 4.4 says, and handed to libcrypto.
 */
#include "config.h"

#include "cose.h"

#include <jansson.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

enum { TAG_SIGN1 = 18, HEADER_ALG = 1, ALG_ES384 = -35 };
enum { KEY_KTY = 1, KEY_CRV = -1, KEY_X = -2, KEY_Y = -3 };
enum { KTY_EC2 = 2, CRV_P384 = 2 };

/* ---- Messages ------------------------------------------------------------ */

/* The protected header, which has to say ES384. */
static bool
header_read(struct cbor_in *in, const struct cbor_item *bytes)
{
	struct cbor_item map, key, value;
	struct cbor_in header;
	int64_t label, alg = 0;

	cbor_open(&header, bytes->bytes, bytes->value);
	if (!cbor_expect(&header, CBOR_MAP, &map))
		return cbor_fail(in, "a malformed protected header");
	for (uint64_t i = 0; i < map.value; i++) {
		if (!cbor_read(&header, &key))
			return cbor_fail(in, "a malformed protected header");
		if (cbor_int(&key, &label) && label == HEADER_ALG) {
			if (alg != 0 || !cbor_read(&header, &value) ||
			    !cbor_int(&value, &alg))
				return cbor_fail(
				    in, "a malformed protected header");
		} else if (!cbor_skip(&header)) {
			return cbor_fail(in, "a malformed protected header");
		}
	}
	if (!cbor_close(&header))
		return cbor_fail(in, "a malformed protected header");
	return alg == ALG_ES384 ||
	    cbor_fail(in, "signed with another algorithm than ES384");
}

/* What it says is not signed, and not believed. */
static bool
unprotected_read(struct cbor_in *in)
{
	struct cbor_item map;

	if (!cbor_expect(in, CBOR_MAP, &map))
		return false;
	for (uint64_t i = 0; i < 2 * map.value; i++)
		if (!cbor_skip(in))
			return false;
	return true;
}

bool
sign1_read(struct sign1 *m, struct cbor_in *in)
{
	struct cbor_item tag, array;

	if (!cbor_expect(in, CBOR_TAG, &tag))
		return false;
	if (tag.value != TAG_SIGN1)
		return cbor_fail(in, "not a COSE_Sign1 (tag 18)");
	if (!cbor_expect(in, CBOR_ARRAY, &array))
		return false;
	if (array.value != 4)
		return cbor_fail(in, "a COSE_Sign1 has four items");
	if (!cbor_expect(in, CBOR_BYTES, &m->protected_header) ||
	    !header_read(in, &m->protected_header))
		return false;
	return unprotected_read(in) &&
	    cbor_expect(in, CBOR_BYTES, &m->payload) &&
	    cbor_expect(in, CBOR_BYTES, &m->signature) && cbor_close(in);
}

/* ---- Keys ---------------------------------------------------------------- */

static EVP_PKEY *
pkey_from(const uint8_t point[P384_POINT])
{
	char group[] = "P-384";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(
		    OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
		    (uint8_t *)(uintptr_t)point, P384_POINT),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *pkey = NULL;

	/* A point that is not on the curve is refused here. */
	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return pkey;
}

static bool
on_curve(const uint8_t point[P384_POINT], const char **why)
{
	EVP_PKEY *pkey = point[0] == 4 ? pkey_from(point) : NULL;

	if (pkey == NULL)
		*why = "no point of the curve P-384";
	EVP_PKEY_free(pkey);
	return pkey != NULL;
}

/* A public key is nothing to ask for a password for. */
static int
no_password(char *text, int size, int writing, void *ctx)
{
	(void)text;
	(void)size;
	(void)writing;
	(void)ctx;
	return -1;
}

bool
p384_from_pem(
    uint8_t point[P384_POINT], const char *text, size_t size, const char **why)
{
	BIO *bio = size > INT32_MAX ? NULL : BIO_new_mem_buf(text, (int)size);
	EVP_PKEY *pkey = bio == NULL
	    ? NULL
	    : PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL);
	char group[32] = "";
	size_t len = 0;

	*why = NULL;
	if (pkey == NULL)
		*why = "no public key in PEM, and no JWK";
	else if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) !=
		1 ||
	    strcmp(group, "secp384r1") != 0)
		*why = "not a key of the curve P-384";
	else if (EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY,
		     point, P384_POINT, &len) != 1 ||
	    len != P384_POINT)
		*why = "a key whose point is compressed";
	EVP_PKEY_free(pkey);
	BIO_free(bio);
	ERR_clear_error();
	return *why == NULL;
}

/* 48 bytes in base64url (RFC 4648). */
static bool
from_base64url(uint8_t to[P384_NUMBER], const char *text)
{
	char plain[4 * P384_NUMBER / 3 + 1];

	if (text == NULL || strlen(text) != sizeof(plain) - 1 ||
	    strspn(text,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789-_") != sizeof(plain) - 1)
		return false;
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = text[i] == '-' ? '+'
		    : text[i] == '_'	  ? '/'
					  : text[i];
	return EVP_DecodeBlock(to, (uint8_t *)plain, sizeof(plain) - 1) ==
	    P384_NUMBER;
}

bool
p384_from_jwk(
    uint8_t point[P384_POINT], const char *text, size_t size, const char **why)
{
	json_t *jwk = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	const char *kty = json_string_value(json_object_get(jwk, "kty"));
	const char *crv = json_string_value(json_object_get(jwk, "crv"));

	*why = NULL;
	point[0] = 4;
	if (kty == NULL)
		*why = "not a JWK";
	else if (strcmp(kty, "EC") != 0 || crv == NULL ||
	    strcmp(crv, "P-384") != 0)
		*why = "not a key of the curve P-384";
	else if (!from_base64url(
		     point + 1, json_string_value(json_object_get(jwk, "x"))) ||
	    !from_base64url(point + 1 + P384_NUMBER,
		json_string_value(json_object_get(jwk, "y"))))
		*why = "x and y of a JWK are 48 bytes in base64url each";
	json_decref(jwk);
	return *why == NULL && on_curve(point, why);
}

/* The COSE_Key's parameters; those that are not known do not matter. */
static bool
cose_key_read(uint8_t point[P384_POINT], struct cbor_in *in)
{
	struct cbor_item map, key, value;
	int64_t label, number, kty = 0, crv = 0;
	unsigned halves = 0;

	if (!cbor_expect(in, CBOR_MAP, &map))
		return false;
	for (uint64_t i = 0; i < map.value; i++) {
		if (!cbor_read(in, &key))
			return false;
		if (!cbor_int(&key, &label) || label < KEY_Y || label == 0 ||
		    label > KEY_KTY) {
			if ((key.type >= CBOR_ARRAY && key.type <= CBOR_TAG) ||
			    !cbor_skip(in))
				return false;
			continue;
		}
		if (!cbor_read(in, &value))
			return false;
		if (label == KEY_X || label == KEY_Y) {
			if (value.type != CBOR_BYTES ||
			    value.value != P384_NUMBER)
				return false;
			memcpy(point + (label == KEY_X ? 1 : 1 + P384_NUMBER),
			    value.bytes, P384_NUMBER);
			halves |= label == KEY_X ? 1 : 2;
		} else if (!cbor_int(&value, &number)) {
			return false;
		} else {
			*(label == KEY_KTY ? &kty : &crv) = number;
		}
	}
	return cbor_close(in) && halves == 3 && kty == KTY_EC2 &&
	    crv == CRV_P384;
}

bool
p384_from_claim(uint8_t point[P384_POINT], const uint8_t *bytes, size_t size,
    bool raw, const char **why)
{
	struct cbor_in in;

	point[0] = 4;
	if (raw && size != P384_POINT) {
		*why = "not the 97 bytes of a point";
		return false;
	}
	if (raw)
		memcpy(point, bytes, size);
	cbor_open(&in, bytes, size);
	if (!raw && !cose_key_read(point, &in)) {
		*why = "not a COSE_Key of the curve P-384";
		return false;
	}
	return on_curve(point, why);
}

/* ---- Verifying ----------------------------------------------------------- */

/* The head of a byte string. */
static size_t
bytes_head(uint8_t head[9], uint64_t size)
{
	unsigned more = size < 24 ? 0
	    : size <= 0xff	  ? 1
	    : size <= 0xffff	  ? 2
	    : size <= 0xffffffff  ? 4
				  : 8;

	head[0] = (uint8_t)(CBOR_BYTES << 5 |
	    (more == 0 ? size : 24u + (more > 1) + (more > 2) + (more > 4)));
	for (unsigned i = 0; i < more; i++)
		head[1 + i] = (uint8_t)(size >> 8 * (more - 1 - i));
	return 1 + more;
}

static bool
update_bytes(EVP_MD_CTX *ctx, const struct cbor_item *bytes)
{
	uint8_t head[9];

	return EVP_DigestVerifyUpdate(
		   ctx, head, bytes_head(head, bytes->value)) == 1 &&
	    EVP_DigestVerifyUpdate(ctx, bytes->bytes, bytes->value) == 1;
}

/* r and s beside one another, as libcrypto wants them. */
static int
signature_der(const uint8_t rs[2 * P384_NUMBER], uint8_t **der)
{
	BIGNUM *r = BN_bin2bn(rs, P384_NUMBER, NULL);
	BIGNUM *s = BN_bin2bn(rs + P384_NUMBER, P384_NUMBER, NULL);
	ECDSA_SIG *signature = ECDSA_SIG_new();
	int size = -1;

	*der = NULL;
	if (r != NULL && s != NULL && signature != NULL &&
	    ECDSA_SIG_set0(signature, r, s) == 1) {
		r = s = NULL; /* the signature's */
		size = i2d_ECDSA_SIG(signature, der);
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(signature);
	return size;
}

bool
sign1_verify(const struct sign1 *m, const uint8_t point[P384_POINT])
{
	/* An array of four, the context, then the two headers' bytes ... */
	static const uint8_t context[] = "\x84\x6aSignature1";
	static const struct cbor_item no_aad = { CBOR_BYTES, 0, context };
	EVP_PKEY *pkey = NULL;
	EVP_MD_CTX *ctx = NULL;
	uint8_t *der = NULL;
	bool good = false;
	int size;

	if (m->signature.value != 2 * P384_NUMBER)
		return false;
	size = signature_der(m->signature.bytes, &der);
	pkey = pkey_from(point);
	ctx = EVP_MD_CTX_new();
	good = size > 0 && pkey != NULL && ctx != NULL &&
	    EVP_DigestVerifyInit(ctx, NULL, EVP_sha384(), NULL, pkey) == 1 &&
	    EVP_DigestVerifyUpdate(ctx, context, sizeof(context) - 1) == 1 &&
	    update_bytes(ctx, &m->protected_header) &&
	    update_bytes(ctx, &no_aad) && update_bytes(ctx, &m->payload) &&
	    EVP_DigestVerifyFinal(ctx, der, (size_t)size) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	OPENSSL_free(der);
	ERR_clear_error();
	return good;
}

size_t
named_digest(const uint8_t *name, size_t name_size, const uint8_t *bytes,
    size_t size, uint8_t digest[64])
{
	static const struct {
		const char *name;
		const EVP_MD *(*md)(void);
	} rows[] = {
		{ "sha-256", EVP_sha256 },
		{ "sha-384", EVP_sha384 },
		{ "sha-512", EVP_sha512 },
	};
	unsigned len = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strlen(rows[i].name) == name_size &&
		    memcmp(rows[i].name, name, name_size) == 0 &&
		    EVP_Digest(bytes, size, digest, &len, rows[i].md(), NULL) !=
			1)
			return 0;
	return len;
}
