/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Attestation tokens (A7.2): what signs them, and making one.  The same
 * settings, seed and claims give the same bytes.
 */
#ifndef TOKEN_H
#define TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "attestation.h"
#include "rmi.h"

struct attester;

/* What a realm's token says of the realm. */
struct token_claims {
	const uint8_t *challenge; /* 64 bytes */
	const uint8_t *rpv;	  /* 64 bytes */
	enum rmi_hash_algorithm hash_algo;
	const uint8_t (*measurements)[64]; /* RIM, REM 0 to 3 */
};

/*
 * The one that attests for a machine.  Keys that are derived from the seed are
 * made when they are needed first, and so is the platform token; both stay.
 *
 * Returns NULL, with a sentence in err, if a claim or key is not valid or
 * memory is short.
 */
struct attester *attester_new(
    const struct rmm_attestation *cfg, uint64_t seed, char *err, size_t errlen);
void attester_free(struct attester *attester);

/* No token of this machine is larger.  It makes no keys. */
size_t attester_token_max(const struct attester *attester);

/*
 * Make a token.
 *
 * size: room for it; attester_token_max() bytes are always enough.
 * Returns its size; 0 if there is not enough room, or memory is short.
 */
size_t attester_token(struct attester *attester,
    const struct token_claims *claims, uint8_t *token, size_t size);

/* The public keys, as rmm_public_key() gives them. */
size_t attester_public_key(struct attester *attester, enum rmm_key key,
    enum rmm_key_form form, char *text, size_t size);

#endif
