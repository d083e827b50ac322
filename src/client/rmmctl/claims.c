/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The claims of realm and platform tokens: one row for each that is known
 * (A7.2.3.1, A7.2.3.2, and draft-ffm-rats-cca-token for those of 2024).
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "token-view.h"

#define ROW(label, name, kind, presence, ...)                              \
	{                                                                  \
		label, name, CLAIM_##kind, CLAIM_##presence, ##__VA_ARGS__ \
	}

const struct claim_row realm_claim_rows[] = {
	ROW(265, "profile", TEXT, OPTIONAL, 0, 0),
	ROW(10, "challenge", BYTES, ALWAYS, 64, 64),
	ROW(256, "instance-id", BYTES, SINCE_2024, 7, 33),
	ROW(44235, "rpv", BYTES, ALWAYS, 64, 64),
	ROW(44236, "hash-algorithm", TEXT, ALWAYS, 0, 0),
	ROW(44237, "public-key", BYTES, ALWAYS, 1, 1024),
	ROW(44240, "public-key-hash-algorithm", TEXT, ALWAYS, 0, 0),
	ROW(44238, "rim", HASH, ALWAYS, 0, 0),
	ROW(44239, "rems", REMS, ALWAYS, 0, 0),
	ROW(44243, "mec-policy", POLICY, SINCE_2024, 0, 1),
	ROW(44244, "lfa-policy", POLICY, OPTIONAL, 0, INT32_MAX),
	ROW(44257, "devices-hash", HASH, OPTIONAL, 0, 0),
	{ 0 },
};

const struct claim_row platform_claim_rows[] = {
	ROW(265, "profile", TEXT, ALWAYS, 0, 0),
	ROW(10, "challenge", HASH, ALWAYS, 0, 0),
	ROW(2396, "implementation-id", BYTES, ALWAYS, 32, 32),
	ROW(256, "instance-id", BYTES, ALWAYS, 33, 33),
	ROW(2401, "config", BYTES, ALWAYS, 0, UINT64_MAX),
	ROW(2395, "lifecycle", INT, ALWAYS, 0, 0xffff),
	ROW(2399, "sw-components", COMPONENTS, ALWAYS, 0, 0),
	ROW(2400, "verification-service", TEXT, OPTIONAL, 0, 0),
	ROW(2402, "hash-algorithm", TEXT, ALWAYS, 0, 0),
	ROW(2394, "client-id", INT, SINCE_2024, 0, INT32_MAX),
	ROW(2403, "manufacturing-config", BYTES, OPTIONAL, 0, UINT64_MAX),
	ROW(2404, "extension", ANY, OPTIONAL, 0, 0),
	ROW(2405, "tbb-rotpk", ANY, OPTIONAL, 0, 0),
	ROW(2406, "peer-signers", ANY, OPTIONAL, 0, 0),
	{ 0 },
};

const struct claim_row component_claim_rows[] = {
	ROW(1, "type", TEXT, OPTIONAL, 0, 0),
	ROW(2, "measurement", HASH, ALWAYS, 0, 0),
	ROW(4, "version", TEXT, OPTIONAL, 0, 0),
	ROW(5, "signer", HASH, ALWAYS, 0, 0),
	ROW(6, "hash-algorithm", TEXT, OPTIONAL, 0, 0),
	ROW(7, "lfa", ANY, OPTIONAL, 0, 0),
	ROW(8, "countersigners", ANY, OPTIONAL, 0, 0),
	{ 0 },
};

/* ---- Reading ------------------------------------------------------------- */

static const struct claim_row *
row_of(const struct claim_row *rows, const struct cbor_item *key)
{
	int64_t label;

	for (; cbor_int(key, &label) && rows->name != NULL; rows++)
		if (rows->label == label)
			return rows;
	return NULL;
}

static bool
is_there(const struct claims *claims, const struct cbor_item *key)
{
	for (size_t i = 0; i < claims->num; i++) {
		const struct cbor_item *k = &claims->list[i].key;

		if (k->type == key->type && k->value == key->value &&
		    (key->type != CBOR_TEXT ||
			memcmp(k->bytes, key->bytes, key->value) == 0))
			return true;
	}
	return false;
}

bool
claims_read(
    struct claims *claims, const struct claim_row *rows, struct cbor_in *in)
{
	struct cbor_item map;

	claims->num = 0;
	if (!cbor_expect(in, CBOR_MAP, &map))
		return false;
	if (map.value > TOKEN_CLAIMS)
		return cbor_fail(in, "more claims than a token has");
	for (uint64_t i = 0; i < map.value; i++) {
		struct claim *c = &claims->list[claims->num];
		struct cbor_in again;

		if (!cbor_read(in, &c->key))
			return false;
		if (c->key.type != CBOR_UINT && c->key.type != CBOR_NEGINT &&
		    c->key.type != CBOR_TEXT)
			return cbor_fail(
			    in, "a claim's name is no number and no text");
		if (is_there(claims, &c->key))
			return cbor_fail(in, "a claim that is there twice");
		c->row = row_of(rows, &c->key);
		c->bytes = in->at;
		if (!cbor_skip(in))
			return false;
		c->size = (size_t)(in->at - c->bytes);
		cbor_open(&again, c->bytes, c->size);
		(void)cbor_read(&again, &c->item);
		claims->num++;
	}
	return true;
}

const struct claim *
claims_find(const struct claims *claims, int64_t label)
{
	int64_t it;

	for (size_t i = 0; i < claims->num; i++)
		if (cbor_int(&claims->list[i].key, &it) && it == label)
			return &claims->list[i];
	return NULL;
}

bool
claim_is_text(const struct claim *claim, const char *text)
{
	return claim != NULL && claim->item.type == CBOR_TEXT &&
	    claim->item.value == strlen(text) &&
	    memcmp(claim->item.bytes, text, strlen(text)) == 0;
}

/* ---- Judging ------------------------------------------------------------- */

static bool
is_hash(const struct cbor_item *item)
{
	return item->type == CBOR_BYTES &&
	    (item->value == 32 || item->value == 48 || item->value == 64);
}

static bool
wrong(const struct claim *claim, char why[TOKEN_WHY], const char *what)
{
	snprintf(why, TOKEN_WHY, "the claim %s (%" PRId64 ") is not %s",
	    claim->row->name, claim->row->label, what);
	return false;
}

static bool
bytes_good(const struct claim *claim, char why[TOKEN_WHY])
{
	const struct claim_row *row = claim->row;
	char what[80];

	if (claim->item.type == CBOR_BYTES && claim->item.value >= row->min &&
	    claim->item.value <= row->max)
		return true;
	if (row->max == UINT64_MAX)
		return wrong(claim, why, "a byte string");
	snprintf(what, sizeof(what),
	    row->min == row->max ? "a byte string of %" PRIu64 " bytes"
				 : "a byte string of %" PRIu64 " to %" PRIu64
				   " bytes",
	    row->min, row->max);
	return wrong(claim, why, what);
}

static bool
int_good(const struct claim *claim, char why[TOKEN_WHY])
{
	const struct claim_row *row = claim->row;
	char what[80];

	if (claim->item.type == CBOR_UINT && claim->item.value >= row->min &&
	    claim->item.value <= row->max)
		return true;
	snprintf(what, sizeof(what), "an integer from %" PRIu64 " to %" PRIu64,
	    row->min, row->max);
	return wrong(claim, why, what);
}

static bool
rems_good(const struct claim *claim, char why[TOKEN_WHY])
{
	struct cbor_item array, rem;
	struct cbor_in in;

	cbor_open(&in, claim->bytes, claim->size);
	if (!cbor_expect(&in, CBOR_ARRAY, &array) || array.value != 4)
		return wrong(claim, why, "an array of four");
	for (int i = 0; i < 4; i++)
		if (!cbor_read(&in, &rem) || !is_hash(&rem))
			return wrong(claim, why, "an array of measurements");
	return true;
}

static bool
components_good(const struct claim *claim, char why[TOKEN_WHY])
{
	struct cbor_item array;
	struct claims claims;
	struct cbor_in in;

	cbor_open(&in, claim->bytes, claim->size);
	if (!cbor_expect(&in, CBOR_ARRAY, &array) || array.value == 0)
		return wrong(claim, why, "an array of components");
	for (uint64_t i = 0; i < array.value; i++) {
		if (!claims_read(&claims, component_claim_rows, &in))
			return wrong(claim, why, "an array of components");
		if (!claims_good(&claims, component_claim_rows, why)) {
			size_t len = strlen(why);

			snprintf(why + len, TOKEN_WHY - len,
			    ", in software component %" PRIu64, i + 1);
			return false;
		}
	}
	return true;
}

static bool
claim_good(const struct claim *claim, char why[TOKEN_WHY])
{
	switch (claim->row->kind) {
	case CLAIM_BYTES:
		return bytes_good(claim, why);
	case CLAIM_HASH:
		return is_hash(&claim->item) ||
		    wrong(claim, why, "a byte string of 32, 48 or 64 bytes");
	case CLAIM_TEXT:
		return claim->item.type == CBOR_TEXT ||
		    wrong(claim, why, "a text");
	case CLAIM_INT:
		return int_good(claim, why);
	case CLAIM_POLICY:
		return claim->item.type == CBOR_TEXT || int_good(claim, why);
	case CLAIM_COMPONENTS:
		return components_good(claim, why);
	case CLAIM_REMS:
		return rems_good(claim, why);
	default:
		return true;
	}
}

static bool
is_2024(const struct claims *claims)
{
	const struct claim *profile = claims_find(claims, 265);

	return claim_is_text(profile, "tag:arm.com,2024:realm#2.0.0") ||
	    claim_is_text(profile, "tag:arm.com,2024:cca_platform#2.0.0");
}

bool
claims_good(const struct claims *claims, const struct claim_row *rows,
    char why[TOKEN_WHY])
{
	bool since_2024 = is_2024(claims);

	for (; rows->name != NULL; rows++) {
		const struct claim *claim = claims_find(claims, rows->label);

		if (claim != NULL && !claim_good(claim, why))
			return false;
		if (claim != NULL || rows->presence == CLAIM_OPTIONAL ||
		    (rows->presence == CLAIM_SINCE_2024 && !since_2024))
			continue;
		snprintf(why, TOKEN_WHY,
		    "the claim %s (%" PRId64 ") is missing", rows->name,
		    rows->label);
		return false;
	}
	return true;
}
