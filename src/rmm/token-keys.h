/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys of the curve P-384, and ES384 signatures that depend on nothing but the
 * key and the message (RFC 6979).
 */
#ifndef TOKEN_KEYS_H
#define TOKEN_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ES384_NUMBER	48 /* bytes of a scalar, a coordinate or a digest */
#define ES384_POINT	(1 + 2 * ES384_NUMBER) /* SEC 1, not compressed */
#define ES384_SIGNATURE (2 * ES384_NUMBER)     /* r and s (RFC 9053) */

struct es384_key {
	uint8_t scalar[ES384_NUMBER];
	uint8_t point[ES384_POINT];
};

/* The key with this scalar.  Returns false if none has it, or memory is short.
 */
bool es384_from_scalar(
    struct es384_key *key, const uint8_t scalar[ES384_NUMBER]);
/* The key of a seed; name tells one of the seed's keys from another. */
bool es384_from_seed(struct es384_key *key, uint64_t seed, const char *name);
/* The key in a PEM text; *why says what is wrong with it. */
bool es384_from_pem(struct es384_key *key, const char *pem, const char **why);

/* Sign a message by its SHA-384 digest.  Returns false if memory is short. */
bool es384_sign(const struct es384_key *key, const uint8_t digest[ES384_NUMBER],
    uint8_t signature[ES384_SIGNATURE]);

/*
 * The public key as text with a NUL.  Returns its length; 0 if there is no room
 * for it, or memory is short.
 */
size_t es384_public_pem(
    const uint8_t point[ES384_POINT], char *text, size_t size);
size_t es384_public_jwk(
    const uint8_t point[ES384_POINT], char *text, size_t size);

#endif
