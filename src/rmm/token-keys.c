/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ECDSA on P-384 with the nonces of RFC 6979, which libcrypto offers from 3.2
 * on only; keys from seeds and PEM texts; public keys as PEM and JWK.
 */
#include "token-keys.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/obj_mac.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

/* What a computation on the curve needs; released as it goes out of scope. */
struct curve {
	EC_GROUP *group;
	const BIGNUM *order;
	BN_CTX *ctx;
	EC_POINT *point;
};

static void
curve_close(struct curve *curve)
{
	EC_POINT_free(curve->point);
	BN_CTX_free(curve->ctx);
	EC_GROUP_free(curve->group);
}
#define CURVE __attribute__((cleanup(curve_close))) struct curve

static bool
curve_open(struct curve *curve)
{
	curve->group = EC_GROUP_new_by_curve_name(NID_secp384r1);
	curve->ctx = BN_CTX_new();
	if (curve->group == NULL || curve->ctx == NULL)
		return false;
	curve->point = EC_POINT_new(curve->group);
	curve->order = EC_GROUP_get0_order(curve->group);
	return curve->point != NULL;
}

static void
number_free(BIGNUM **number)
{
	BN_clear_free(*number);
}
#define NUMBER __attribute__((cleanup(number_free))) BIGNUM *

static BIGNUM *
number_from(const uint8_t bytes[ES384_NUMBER])
{
	return BN_bin2bn(bytes, ES384_NUMBER, NULL);
}

static bool
is_scalar(const struct curve *curve, const BIGNUM *number)
{
	return number != NULL && !BN_is_zero(number) &&
	    BN_cmp(number, curve->order) < 0;
}

/* ---- Keys ---------------------------------------------------------------- */

bool
es384_from_scalar(struct es384_key *key, const uint8_t scalar[ES384_NUMBER])
{
	CURVE curve = { 0 };
	NUMBER d = number_from(scalar);

	memcpy(key->scalar, scalar, sizeof key->scalar);
	return curve_open(&curve) && is_scalar(&curve, d) &&
	    EC_POINT_mul(curve.group, curve.point, d, NULL, NULL, curve.ctx) ==
	    1 &&
	    EC_POINT_point2oct(curve.group, curve.point,
		POINT_CONVERSION_UNCOMPRESSED, key->point, sizeof key->point,
		curve.ctx) == sizeof key->point;
}

bool
es384_from_seed(struct es384_key *key, uint64_t seed, const char *name)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	char text[64];

	/* A digest that is no scalar is as likely as a hash broken by chance;
	 * the next one will do. */
	for (unsigned n = 0; n < 4; n++) {
		int size = snprintf(text, sizeof text, "rmmd %s %llu %u", name,
		    (unsigned long long)seed, n);

		if (EVP_Digest(text, (size_t)size, digest, NULL, EVP_sha384(),
			NULL) == 1 &&
		    es384_from_scalar(key, digest))
			return true;
	}
	return false;
}

/* Nobody is there to be asked for a password. */
static int
no_password(char *text, int size, int writing, void *ctx)
{
	(void)text;
	(void)size;
	(void)writing;
	(void)ctx;
	return -1;
}

static EVP_PKEY *
read_pem(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *pkey = NULL;

	if (bio != NULL)
		pkey = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	ERR_clear_error();
	return pkey;
}

bool
es384_from_pem(struct es384_key *key, const char *pem, const char **why)
{
	EVP_PKEY *pkey = read_pem(pem);
	uint8_t scalar[ES384_NUMBER];
	char group[32] = "";
	BIGNUM *d = NULL;

	*why = NULL;
	if (pkey == NULL)
		*why = strstr(pem, "ENCRYPTED") != NULL
		    ? "an encrypted key can not be read"
		    : "no private key in PEM";
	else if (EVP_PKEY_get_group_name(pkey, group, sizeof group, NULL) !=
		1 ||
	    (strcmp(group, "secp384r1") != 0 && strcmp(group, "P-384") != 0))
		*why = "not a key of the curve P-384 (secp384r1)";
	else if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &d) !=
		1 ||
	    BN_bn2binpad(d, scalar, sizeof scalar) != sizeof scalar ||
	    !es384_from_scalar(key, scalar))
		*why = "no private key of the curve P-384";
	BN_clear_free(d);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return *why == NULL;
}

/* ---- Signing ------------------------------------------------------------- */

/* K and V of RFC 6979, 3.2. */
struct nonces {
	uint8_t k[ES384_NUMBER];
	uint8_t v[ES384_NUMBER];
};

static bool
hmac(const uint8_t key[ES384_NUMBER], const uint8_t *data, size_t size,
    uint8_t out[ES384_NUMBER])
{
	unsigned len;

	return HMAC(EVP_sha384(), key, ES384_NUMBER, data, size, out, &len) !=
	    NULL;
}

/* K = HMAC_K(V || byte || extra), V = HMAC_K(V). */
static bool
nonces_stir(
    struct nonces *n, uint8_t byte, const uint8_t *extra, size_t extra_size)
{
	uint8_t data[3 * ES384_NUMBER + 1], k[ES384_NUMBER], v[ES384_NUMBER];

	memcpy(data, n->v, ES384_NUMBER);
	data[ES384_NUMBER] = byte;
	if (extra_size > 0)
		memcpy(data + ES384_NUMBER + 1, extra, extra_size);
	if (!hmac(n->k, data, ES384_NUMBER + 1 + extra_size, k))
		return false;
	memcpy(n->k, k, sizeof k);
	if (!hmac(n->k, n->v, ES384_NUMBER, v))
		return false;
	memcpy(n->v, v, sizeof v);
	return true;
}

/* Steps b to g, with the scalar and the reduced digest. */
static bool
nonces_init(struct nonces *n, const uint8_t *scalar, const BIGNUM *z)
{
	uint8_t extra[2 * ES384_NUMBER];

	memset(n->v, 1, sizeof n->v);
	memset(n->k, 0, sizeof n->k);
	memcpy(extra, scalar, ES384_NUMBER);
	return BN_bn2binpad(z, extra + ES384_NUMBER, ES384_NUMBER) ==
	    ES384_NUMBER &&
	    nonces_stir(n, 0, extra, sizeof extra) &&
	    nonces_stir(n, 1, extra, sizeof extra);
}

/* Step h: order and digest have the same length, so one HMAC is enough. */
static bool
nonces_next(struct nonces *n)
{
	uint8_t v[ES384_NUMBER];

	if (!hmac(n->k, n->v, ES384_NUMBER, v))
		return false;
	memcpy(n->v, v, sizeof v);
	return true;
}

/*
 * r and s for this nonce.
 *
 * Returns 1: done; 0: another nonce is needed; -1: memory is short.
 */
static int
sign_with(struct curve *c, const BIGNUM *nonce, const BIGNUM *d,
    const BIGNUM *z, uint8_t signature[ES384_SIGNATURE])
{
	NUMBER r = BN_new();
	NUMBER s = BN_new();
	NUMBER inverse = BN_new();

	if (r == NULL || s == NULL || inverse == NULL)
		return -1;
	if (!is_scalar(c, nonce))
		return 0;
	if (EC_POINT_mul(c->group, c->point, nonce, NULL, NULL, c->ctx) != 1 ||
	    EC_POINT_get_affine_coordinates(
		c->group, c->point, r, NULL, c->ctx) != 1 ||
	    BN_nnmod(r, r, c->order, c->ctx) != 1 ||
	    BN_mod_mul(s, r, d, c->order, c->ctx) != 1 ||
	    BN_mod_add(s, s, z, c->order, c->ctx) != 1 ||
	    BN_mod_inverse(inverse, nonce, c->order, c->ctx) == NULL ||
	    BN_mod_mul(s, s, inverse, c->order, c->ctx) != 1)
		return -1;
	if (BN_is_zero(r) || BN_is_zero(s))
		return 0;
	return BN_bn2binpad(r, signature, ES384_NUMBER) == ES384_NUMBER &&
		BN_bn2binpad(s, signature + ES384_NUMBER, ES384_NUMBER) ==
		    ES384_NUMBER
	    ? 1
	    : -1;
}

bool
es384_sign(const struct es384_key *key, const uint8_t digest[ES384_NUMBER],
    uint8_t signature[ES384_SIGNATURE])
{
	CURVE curve = { 0 };
	NUMBER d = number_from(key->scalar);
	NUMBER z = number_from(digest);
	struct nonces nonces;
	int done = 0;

	if (!curve_open(&curve) || d == NULL || z == NULL ||
	    BN_nnmod(z, z, curve.order, curve.ctx) != 1 ||
	    !nonces_init(&nonces, key->scalar, z))
		return false;
	while (done == 0) {
		NUMBER nonce = NULL;

		if (!nonces_next(&nonces))
			return false;
		nonce = number_from(nonces.v);
		done = nonce == NULL
		    ? -1
		    : sign_with(&curve, nonce, d, z, signature);
		if (done == 0 && !nonces_stir(&nonces, 0, NULL, 0))
			return false;
	}
	return done == 1;
}

/* ---- Public keys --------------------------------------------------------- */

size_t
es384_public_pem(const uint8_t point[ES384_POINT], char *text, size_t size)
{
	/* SubjectPublicKeyInfo (RFC 5480) up to the point. */
	static const uint8_t head[] = { 0x30, 0x76, 0x30, 0x10, 0x06, 0x07,
		0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
		0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00 };
	uint8_t der[sizeof head + ES384_POINT];
	char base64[4 * ((sizeof der + 2) / 3) + 1], *to = text;
	int len;

	memcpy(der, head, sizeof head);
	memcpy(der + sizeof head, point, ES384_POINT);
	len = EVP_EncodeBlock((uint8_t *)base64, der, sizeof der);
	if (size < (size_t)len + (size_t)len / 64 + 64)
		return 0;
	to += sprintf(to, "-----BEGIN PUBLIC KEY-----\n");
	for (int i = 0; i < len; i += 64)
		to += sprintf(to, "%.64s\n", base64 + i);
	to += sprintf(to, "-----END PUBLIC KEY-----\n");
	return (size_t)(to - text);
}

/* base64url (RFC 4648) of a coordinate: 48 bytes need no padding. */
static void
base64url(
    char text[4 * ES384_NUMBER / 3 + 1], const uint8_t bytes[ES384_NUMBER])
{
	(void)EVP_EncodeBlock((uint8_t *)text, bytes, ES384_NUMBER);
	for (char *c = text; *c != '\0'; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
}

size_t
es384_public_jwk(const uint8_t point[ES384_POINT], char *text, size_t size)
{
	char x[4 * ES384_NUMBER / 3 + 1], y[4 * ES384_NUMBER / 3 + 1];
	int len;

	base64url(x, point + 1);
	base64url(y, point + 1 + ES384_NUMBER);
	len = snprintf(text, size,
	    "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"%s\",\"y\":\"%s\","
	    "\"use\":\"sig\",\"alg\":\"ES384\"}\n",
	    x, y);
	return len > 0 && (size_t)len < size ? (size_t)len : 0;
}
