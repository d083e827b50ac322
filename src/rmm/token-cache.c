/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The token that was made last.
 */
#include "token-cache.h"

#include <stdlib.h>
#include <string.h>

static bool
same(const struct token_cache *cache, const struct token_claims *claims)
{
	return cache->size != 0 && cache->hash_algo == claims->hash_algo &&
	    memcmp(cache->challenge, claims->challenge,
		sizeof cache->challenge) == 0 &&
	    memcmp(cache->rpv, claims->rpv, sizeof cache->rpv) == 0 &&
	    memcmp(cache->measurements, claims->measurements,
		sizeof cache->measurements) == 0;
}

const uint8_t *
token_cached(struct token_cache *cache, struct attester *attester,
    const struct token_claims *claims, size_t *size)
{
	size_t max = attester_token_max(attester);

	if (cache->token == NULL && (cache->token = malloc(max)) == NULL)
		return NULL;
	if (!same(cache, claims)) {
		cache->size =
		    attester_token(attester, claims, cache->token, max);
		cache->hash_algo = claims->hash_algo;
		memcpy(cache->challenge, claims->challenge,
		    sizeof cache->challenge);
		memcpy(cache->rpv, claims->rpv, sizeof cache->rpv);
		memcpy(cache->measurements, claims->measurements,
		    sizeof cache->measurements);
	}
	*size = cache->size;
	return cache->size == 0 ? NULL : cache->token;
}

void
token_cache_fini(struct token_cache *cache)
{
	free(cache->token);
	*cache = (struct token_cache){ 0 };
}
