/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes as what rmmctl token reads: as a token, which is verified and
 * shown; as a map of claims; and as a key in each of its forms.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "client/rmmctl/token-show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool truth)
{
	if (!truth)
		abort();
}

/* Something on the curve: the generator. */
static const uint8_t point[P384_POINT + 1] =
    "\x04"
    "\xaa\x87\xca\x22\xbe\x8b\x05\x37\x8e\xb1\xc7\x1e\xf3\x20\xad\x74"
    "\x6e\x1d\x3b\x62\x8b\xa7\x9b\x98\x59\xf7\x41\xe0\x82\x54\x2a\x38"
    "\x55\x02\xf2\x5d\xbf\x55\x29\x6c\x3a\x54\x5e\x38\x72\x76\x0a\xb7"
    "\x36\x17\xde\x4a\x96\x26\x2c\x6f\x5d\x9e\x98\xbf\x92\x92\xdc\x29"
    "\xf8\xf4\x1d\xbd\x28\x9a\x14\x7c\xe9\xda\x31\x13\xb5\xf0\xb8\xc0"
    "\x0a\x60\xb1\xce\x1d\x7e\x81\x9d\x7a\x43\x1d\x7c\x90\xea\x0e\x5f";

/* What is shown is text without control characters. */
static void
check_shown(const struct token_view *view, size_t size)
{
	char *text = NULL, *json_text;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	json_t *json;

	require(out != NULL);
	token_print(out, view, size);
	require(fclose(out) == 0);
	for (size_t i = 0; i < len; i++)
		require((uint8_t)text[i] >= 0x20 || text[i] == '\n');
	free(text);
	json = token_json(view, size, false);
	require(json != NULL);
	json_text = json_dumps(json, JSON_ENSURE_ASCII);
	require(json_text != NULL);
	free(json_text);
	json_decref(json);
}

static void
check_token(const uint8_t *data, size_t size)
{
	static const uint8_t bytes[64];
	const struct token_expectation expected = { point, bytes, bytes,
		"sha-256", 32, bytes, { bytes, bytes, bytes, bytes } };
	static struct token_view view;
	char why[TOKEN_WHY] = "";

	if (!token_read(&view, data, size, why)) {
		require(why[0] != '\0');
		return;
	}
	require(view.wrapper == 399 || view.wrapper == 907);
	(void)token_verify(&view, &expected);
	for (int i = 0; i < TOKEN_CHECKS; i++) {
		require(view.verdicts[i].made);
		require(
		    view.verdicts[i].good == (view.verdicts[i].why[0] == '\0'));
	}
	check_shown(&view, size);
}

static void
check_claims(const uint8_t *data, size_t size, const struct claim_row *rows)
{
	static struct claims claims;
	char why[TOKEN_WHY] = "";
	struct cbor_in in;

	cbor_open(&in, data, size);
	if (!claims_read(&claims, rows, &in)) {
		require(
		    in.error != NULL && in.at >= data && in.at <= data + size);
		return;
	}
	require(claims.num <= TOKEN_CLAIMS);
	for (size_t i = 0; i < claims.num; i++)
		require(claims.list[i].bytes + claims.list[i].size <= in.at);
	require(claims_good(&claims, rows, why) == (why[0] == '\0'));
}

static void
check_keys(const uint8_t *data, size_t size)
{
	uint8_t got[P384_POINT];
	const char *why = NULL;

	require(p384_from_claim(got, data, size, false, &why) || why != NULL);
	why = NULL;
	require(p384_from_claim(got, data, size, true, &why) || why != NULL);
	why = NULL;
	require(
	    p384_from_pem(got, (const char *)data, size, &why) || why != NULL);
	why = NULL;
	require(
	    p384_from_jwk(got, (const char *)data, size, &why) || why != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_token(data, size);
	check_claims(data, size, realm_claim_rows);
	check_claims(data, size, platform_claim_rows);
	check_keys(data, size);
	return 0;
}
