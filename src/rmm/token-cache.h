/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The token that was made last: a realm reads it in pieces, and its signatures
 * take longer than all else that a call does.
 */
#ifndef TOKEN_CACHE_H
#define TOKEN_CACHE_H

#include "token.h"

struct token_cache {
	uint8_t *token; /* attester_token_max() bytes, once it is needed */
	size_t size;	/* 0: nothing is here */
	uint8_t challenge[RMM_CHALLENGE];
	uint8_t rpv[64];
	enum rmi_hash_algorithm hash_algo;
	uint8_t measurements[5][64];
};

/*
 * attester_token(), or what it gave for the same claims.
 *
 * Returns the token, which lasts until the next call, and its size; NULL if
 * memory is short.
 */
const uint8_t *token_cached(struct token_cache *cache,
    struct attester *attester, const struct token_claims *claims, size_t *size);
void token_cache_fini(struct token_cache *cache);

#endif
