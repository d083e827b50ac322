/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a token says, for tests: its two maps of claims, with their signatures
 * verified.
 */
#ifndef TOKEN_READER_H
#define TOKEN_READER_H

#include <cbor.h>
#include <check.h>
#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

#include "rmm/token.h"

struct parts {
	cbor_item_t *platform, *realm; /* maps of claims */
};

/*
 * Open a token that was made by the attester, or fail the test.
 *
 * tag: 399 or 907.
 */
struct parts open_token(
    struct attester *attester, const uint8_t *token, size_t size, uint64_t tag);
void close_parts(struct parts *parts);

EVP_PKEY *public_key(struct attester *attester, enum rmm_key which);
cbor_item_t *load_bytes(const cbor_item_t *item);
/* The value of a key in a map, or NULL. */
cbor_item_t *find(const cbor_item_t *map, int64_t key);

#define ck_claim_bytes(map, key, want, len)                                \
	do {                                                               \
		const cbor_item_t *c_ = find((map), (key));                \
		ck_assert(c_ != NULL && cbor_isa_bytestring(c_));          \
		ck_assert_uint_eq(cbor_bytestring_length(c_), (len));      \
		ck_assert_mem_eq(cbor_bytestring_handle(c_), want, (len)); \
	} while (0)
#define ck_claim_text(map, key, want)                                         \
	do {                                                                  \
		const cbor_item_t *c_ = find((map), (key));                   \
		ck_assert(c_ != NULL && cbor_isa_string(c_));                 \
		ck_assert_uint_eq(cbor_string_length(c_), strlen(want));      \
		ck_assert_mem_eq(cbor_string_handle(c_), want, strlen(want)); \
	} while (0)
#define ck_claim_int(map, key, want)                         \
	do {                                                 \
		const cbor_item_t *c_ = find((map), (key));  \
		ck_assert(c_ != NULL && cbor_isa_uint(c_));  \
		ck_assert_uint_eq(cbor_get_int(c_), (want)); \
	} while (0)

#endif
