/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * COSE_Sign1 messages (RFC 9052) signed with ES384, and the keys that verify
 * them.
 */
#ifndef COSE_H
#define COSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cbor-read.h"

#define P384_NUMBER 48
#define P384_POINT  97

/* A message, not verified; all of it lies where it was read. */
struct sign1 {
	struct cbor_item protected_header, payload, signature;
};

/* Returns false with in->error if this is none, or not one with ES384. */
bool sign1_read(struct sign1 *message, struct cbor_in *in);

/*
 * Public keys of the curve P-384.  Each returns false, with a few words in
 * *why, if there is none; text need not be terminated.
 */
bool p384_from_pem(
    uint8_t point[P384_POINT], const char *text, size_t size, const char **why);
bool p384_from_jwk(
    uint8_t point[P384_POINT], const char *text, size_t size, const char **why);
/* A COSE_Key, or with raw the point itself. */
bool p384_from_claim(uint8_t point[P384_POINT], const uint8_t *bytes,
    size_t size, bool raw, const char **why);

/* Did the key sign this message? */
bool sign1_verify(const struct sign1 *message, const uint8_t point[P384_POINT]);

/* Digest by its name: "sha-256", "sha-384", "sha-512".  Returns its size; 0:
 * there is no such algorithm. */
size_t named_digest(const uint8_t *name, size_t name_size, const uint8_t *bytes,
    size_t size, uint8_t digest[64]);

#endif
