/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading tokens with libcbor's decoder and libcrypto's verification, neither
 * of which makes them.
 */
#include "token-reader.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- Signatures ---------------------------------------------------------- */

EVP_PKEY *
public_key(struct attester *attester, enum rmm_key which)
{
	char text[RMM_KEY_TEXT];
	size_t size = attester_public_key(
	    attester, which, RMM_KEY_PEM, text, sizeof text);
	EVP_PKEY *key;
	BIO *bio;

	ck_assert_uint_gt(size, 0);
	ck_assert_uint_eq(strlen(text), size);
	bio = BIO_new_mem_buf(text, (int)size);
	key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	BIO_free(bio);
	ck_assert_ptr_nonnull(key);
	return key;
}

static bool
verifies(EVP_PKEY *key, const uint8_t *message, size_t size,
    const uint8_t signature[96])
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t *der = NULL;
	int len, rc;

	ECDSA_SIG_set0(sig, BN_bin2bn(signature, 48, NULL),
	    BN_bin2bn(signature + 48, 48, NULL));
	len = i2d_ECDSA_SIG(sig, &der);
	EVP_DigestVerifyInit(ctx, NULL, EVP_sha384(), NULL, key);
	rc = EVP_DigestVerify(ctx, der, (size_t)len, message, size);
	EVP_MD_CTX_free(ctx);
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	return rc == 1;
}

/* ---- Decoding ------------------------------------------------------------ */

static cbor_item_t *
load(const uint8_t *bytes, size_t size)
{
	struct cbor_load_result result;
	cbor_item_t *item = cbor_load(bytes, size, &result);

	ck_assert_ptr_nonnull(item);
	ck_assert_int_eq(result.error.code, CBOR_ERR_NONE);
	ck_assert_uint_eq(result.read, size);
	return item;
}

cbor_item_t *
load_bytes(const cbor_item_t *item)
{
	ck_assert(cbor_isa_bytestring(item));
	return load(cbor_bytestring_handle(item), cbor_bytestring_length(item));
}

/* Tag 18 by hand: libcbor before 0.10 takes tags from 6 to 20 for errors. */
static cbor_item_t *
load_tagged18(const cbor_item_t *item)
{
	ck_assert(cbor_isa_bytestring(item));
	ck_assert_uint_gt(cbor_bytestring_length(item), 1);
	ck_assert_uint_eq(cbor_bytestring_handle(item)[0], 0xc0 + 18);
	return load(
	    cbor_bytestring_handle(item) + 1, cbor_bytestring_length(item) - 1);
}

cbor_item_t *
find(const cbor_item_t *map, int64_t key)
{
	struct cbor_pair *pairs = cbor_map_handle(map);
	cbor_item_t *found = NULL;

	ck_assert(cbor_isa_map(map));
	for (size_t i = 0; i < cbor_map_size(map); i++) {
		cbor_item_t *k = pairs[i].key;
		bool negative = cbor_isa_negint(k);

		ck_assert(negative || cbor_isa_uint(k));
		if (cbor_get_int(k) == (uint64_t)(negative ? -1 - key : key) &&
		    negative == (key < 0)) {
			ck_assert_ptr_null(found);
			found = pairs[i].value;
		}
	}
	return found;
}

/* The claims in a COSE_Sign1, with its signature verified. */
static cbor_item_t *
open_sign1(
    struct attester *attester, const cbor_item_t *bytes, enum rmm_key which)
{
	cbor_item_t *array = load_tagged18(bytes), *map;
	const cbor_item_t *payload, *signature;
	cbor_item_t *structure = cbor_new_definite_array(4);
	EVP_PKEY *key = public_key(attester, which);
	uint8_t *message = NULL, empty[1];
	size_t room, size;

	ck_assert_uint_eq(cbor_array_size(array), 4);
	map = load_bytes(cbor_array_handle(array)[0]);
	ck_assert_uint_eq(cbor_map_size(map), 1);
	ck_assert(cbor_isa_negint(cbor_map_handle(map)[0].value));
	ck_assert_uint_eq(cbor_get_int(cbor_map_handle(map)[0].value), 34);
	cbor_decref(&map);
	ck_assert_uint_eq(cbor_map_size(cbor_array_handle(array)[1]), 0);
	payload = cbor_array_handle(array)[2];
	signature = cbor_array_handle(array)[3];
	ck_assert_uint_eq(cbor_bytestring_length(signature), 96);

	ck_assert(cbor_array_push(
	    structure, cbor_move(cbor_build_string("Signature1"))));
	ck_assert(cbor_array_push(structure, cbor_array_handle(array)[0]));
	ck_assert(cbor_array_push(
	    structure, cbor_move(cbor_build_bytestring(empty, 0))));
	ck_assert(cbor_array_push(structure, cbor_array_handle(array)[2]));
	size = cbor_serialize_alloc(structure, &message, &room);
	ck_assert_uint_gt(size, 0);
	ck_assert(
	    verifies(key, message, size, cbor_bytestring_handle(signature)));
	message[size / 2] ^= 1;
	ck_assert(
	    !verifies(key, message, size, cbor_bytestring_handle(signature)));
	free(message);
	EVP_PKEY_free(key);
	map = load_bytes(payload);
	cbor_decref(&structure);
	cbor_decref(&array);
	return map;
}

static const cbor_item_t *
member(const cbor_item_t *collection, uint64_t tag, int64_t key)
{
	const cbor_item_t *item = find(collection, key);

	ck_assert_ptr_nonnull(item);
	if (tag == 399)
		return item;
	ck_assert_uint_eq(cbor_array_size(item), 2);
	ck_assert_uint_eq(cbor_get_int(cbor_array_handle(item)[0]), 263);
	return cbor_array_handle(item)[1];
}

struct parts
open_token(
    struct attester *attester, const uint8_t *token, size_t size, uint64_t tag)
{
	cbor_item_t *tagged = load(token, size), *map;
	struct parts parts;

	ck_assert(cbor_isa_tag(tagged));
	ck_assert_uint_eq(cbor_tag_value(tagged), tag);
	map = cbor_tag_item(tagged);
	ck_assert_uint_eq(cbor_map_size(map), 2);
	parts.platform =
	    open_sign1(attester, member(map, tag, 44234), RMM_KEY_CPAK);
	parts.realm =
	    open_sign1(attester, member(map, tag, 44241), RMM_KEY_RAK);
	cbor_decref(&map);
	cbor_decref(&tagged);
	return parts;
}

void
close_parts(struct parts *parts)
{
	cbor_decref(&parts->platform);
	cbor_decref(&parts->realm);
}
