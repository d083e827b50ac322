/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Taking a token apart, and verifying it: signatures, the binding of one token
 * to the other, and what is known of the realm.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "token-view.h"

enum {
	TAG_CCA = 399,
	TAG_CMW = 907,
	CONTENT_EAT_CWT = 263,
	MEMBER_PLATFORM = 44234,
	MEMBER_REALM = 44241,
};

#define LABEL_CHALLENGE	    10
#define LABEL_PROFILE	    265
#define LABEL_INSTANCE_ID   256
#define LABEL_RPV	    44235
#define LABEL_HASH_ALGO	    44236
#define LABEL_RAK	    44237
#define LABEL_RIM	    44238
#define LABEL_REMS	    44239
#define LABEL_RAK_HASH_ALGO 44240

const char *
token_check_name(enum token_check check)
{
	static const char *const names[] = {
		[CHECK_PLATFORM_CLAIMS] = "platform-claims",
		[CHECK_REALM_CLAIMS] = "realm-claims",
		[CHECK_PLATFORM_SIGNATURE] = "platform-signature",
		[CHECK_REALM_SIGNATURE] = "realm-signature",
		[CHECK_BINDING] = "binding",
		[CHECK_CHALLENGE] = "challenge",
		[CHECK_RPV] = "rpv",
		[CHECK_HASH_ALGO] = "hash-algorithm",
		[CHECK_RIM] = "rim",
		[CHECK_REMS] = "rems",
	};

	return names[check];
}

/* ---- Taking apart -------------------------------------------------------- */

static bool
complain(char why[TOKEN_WHY], const char *what, const struct cbor_in *in)
{
	snprintf(why, TOKEN_WHY, "%s: %s at byte %zu", what,
	    in->error != NULL ? in->error : "malformed",
	    (size_t)(in->at - in->start));
	return false;
}

/* What a member of the collection holds, [263, bytes] in a CMW. */
static bool
member_read(struct cbor_in *in, unsigned wrapper, struct cbor_item *bytes)
{
	struct cbor_item array, type;

	if (wrapper == TAG_CMW) {
		if (!cbor_expect(in, CBOR_ARRAY, &array))
			return false;
		if (array.value != 2)
			return cbor_fail(in, "not a pair of type and value");
		if (!cbor_expect(in, CBOR_UINT, &type))
			return false;
		if (type.value != CONTENT_EAT_CWT)
			return cbor_fail(in, "not of the type 263 (EAT CWT)");
	}
	return cbor_expect(in, CBOR_BYTES, bytes);
}

/* The two tokens of the collection; others are passed over. */
static bool
members_read(
    struct token_view *view, struct cbor_in *in, struct cbor_item tokens[2])
{
	struct cbor_item tag, map, key;

	if (!cbor_expect(in, CBOR_TAG, &tag))
		return false;
	if (tag.value != TAG_CCA && tag.value != TAG_CMW)
		return cbor_fail(in, "neither tag 399 nor tag 907");
	view->wrapper = (unsigned)tag.value;
	if (!cbor_expect(in, CBOR_MAP, &map))
		return false;
	for (uint64_t i = 0; i < map.value; i++) {
		int which = -1;

		if (!cbor_read(in, &key))
			return false;
		if (key.type == CBOR_UINT)
			which = key.value == MEMBER_PLATFORM ? TOKEN_PLATFORM
			    : key.value == MEMBER_REALM	     ? TOKEN_REALM
							     : -1;
		else if (key.type != CBOR_TEXT)
			return cbor_fail(in, "not the name of a token");
		if (which < 0) {
			if (!cbor_skip(in))
				return false;
		} else if (tokens[which].bytes != NULL) {
			return cbor_fail(in, "a token that is there twice");
		} else if (!member_read(in, view->wrapper, &tokens[which])) {
			return false;
		}
	}
	if (tokens[TOKEN_PLATFORM].bytes == NULL)
		return cbor_fail(in, "no platform token (44234)");
	if (tokens[TOKEN_REALM].bytes == NULL)
		return cbor_fail(in, "no realm token (44241)");
	return cbor_close(in);
}

bool
token_read(struct token_view *view, const uint8_t *bytes, size_t size,
    char why[TOKEN_WHY])
{
	static const char *const names[] = { "the platform token",
		"the realm token" };
	static const char *const claims[] = { "the platform's claims",
		"the realm's claims" };
	static const struct claim_row *const rows[] = { platform_claim_rows,
		realm_claim_rows };
	struct cbor_item tokens[2] = { 0 };
	struct cbor_in in;

	memset(view, 0, sizeof(*view));
	cbor_open(&in, bytes, size);
	if (!members_read(view, &in, tokens))
		return complain(why, "not a CCA attestation token", &in);
	for (int i = 0; i < 2; i++) {
		struct sign1 *message = &view->message[i];

		cbor_open(&in, tokens[i].bytes, tokens[i].value);
		if (!sign1_read(message, &in))
			return complain(why, names[i], &in);
		cbor_open(&in, message->payload.bytes, message->payload.value);
		if (!claims_read(&view->claims[i], rows[i], &in) ||
		    !cbor_close(&in))
			return complain(why, claims[i], &in);
	}
	return true;
}

/* ---- Verifying ----------------------------------------------------------- */

static void
judge(
    struct token_view *view, enum token_check check, bool good, const char *why)
{
	struct token_verdict *verdict = &view->verdicts[check];

	verdict->made = true;
	verdict->good = good;
	if (!good && why != NULL)
		snprintf(verdict->why, sizeof(verdict->why), "%s", why);
}

static const struct claim *
realm_claim(const struct token_view *view, int64_t label)
{
	return claims_find(&view->claims[TOKEN_REALM], label);
}

/* A digest of this algorithm; 0: it is not known. */
static size_t
hash_size(const struct claim *name)
{
	return claim_is_text(name, "sha-256") ? 32
	    : claim_is_text(name, "sha-384")  ? 48
	    : claim_is_text(name, "sha-512")  ? 64
					      : 0;
}

/* The realm's own measurements, once each claim has its type. */
static bool
measurements_good(const struct token_view *view, char why[TOKEN_WHY])
{
	const struct claim *rems = realm_claim(view, LABEL_REMS);
	size_t size = hash_size(realm_claim(view, LABEL_HASH_ALGO));
	struct cbor_item item;
	struct cbor_in in;
	bool good;

	if (size == 0) {
		snprintf(why, TOKEN_WHY,
		    "the claim hash-algorithm (44236) is none of sha-256, "
		    "sha-384, sha-512");
		return false;
	}
	good = realm_claim(view, LABEL_RIM)->item.value == size;
	cbor_open(&in, rems->bytes, rems->size);
	(void)cbor_read(&in, &item);
	for (int i = 0; i < 4; i++)
		good = cbor_read(&in, &item) && item.value == size && good;
	if (!good)
		snprintf(why, TOKEN_WHY,
		    "a measurement has not the %zu bytes of its algorithm",
		    size);
	return good;
}

static bool
realm_profile_good(const struct token_view *view, char why[TOKEN_WHY])
{
	const struct claim *profile = realm_claim(view, LABEL_PROFILE);

	if (profile == NULL ||
	    claim_is_text(profile, "tag:arm.com,2023:realm#1.0.0") ||
	    claim_is_text(profile, "tag:arm.com,2024:realm#2.0.0"))
		return true;
	snprintf(why, TOKEN_WHY, "the profile (265) is not one that is known");
	return false;
}

static bool
platform_profile_good(const struct token_view *view, char why[TOKEN_WHY])
{
	const struct claims *claims = &view->claims[TOKEN_PLATFORM];
	const struct claim *profile = claims_find(claims, LABEL_PROFILE);
	const struct claim *id = claims_find(claims, LABEL_INSTANCE_ID);

	if (!claim_is_text(profile, "http://arm.com/CCA-SSD/1.0.0") &&
	    !claim_is_text(profile, "tag:arm.com,2023:cca_platform#1.0.0") &&
	    !claim_is_text(profile, "tag:arm.com,2024:cca_platform#2.0.0"))
		snprintf(why, TOKEN_WHY,
		    "the profile (265) is not one that is known");
	else if (id->item.bytes[0] != 1)
		snprintf(why, TOKEN_WHY,
		    "the first byte of the instance-id (256) is not 1");
	else
		return true;
	return false;
}

static void
check_claims(struct token_view *view)
{
	char why[TOKEN_WHY] = "";
	bool good;

	good = claims_good(
		   &view->claims[TOKEN_PLATFORM], platform_claim_rows, why) &&
	    platform_profile_good(view, why);
	judge(view, CHECK_PLATFORM_CLAIMS, good, why);
	good = claims_good(&view->claims[TOKEN_REALM], realm_claim_rows, why) &&
	    realm_profile_good(view, why) && measurements_good(view, why);
	judge(view, CHECK_REALM_CLAIMS, good, why);
}

static void
check_realm_signature(struct token_view *view)
{
	const struct claim *rak = realm_claim(view, LABEL_RAK);
	uint8_t point[P384_POINT];
	const char *why = NULL;
	char sentence[TOKEN_WHY];
	bool raw = realm_claim(view, LABEL_PROFILE) == NULL, good;

	if (rak == NULL || rak->item.type != CBOR_BYTES) {
		judge(view, CHECK_REALM_SIGNATURE, false,
		    "there is no public key (44237) to verify it with");
		return;
	}
	good =
	    p384_from_claim(point, rak->item.bytes, rak->item.value, raw, &why);
	snprintf(sentence, sizeof(sentence), "the public key (44237) is %s",
	    why != NULL ? why : "good");
	if (good && !sign1_verify(&view->message[TOKEN_REALM], point)) {
		good = false;
		snprintf(sentence, sizeof(sentence),
		    "it was not made by the key in the token (44237)");
	}
	judge(view, CHECK_REALM_SIGNATURE, good, sentence);
}

static void
check_binding(struct token_view *view)
{
	const struct claim *rak = realm_claim(view, LABEL_RAK);
	const struct claim *algo = realm_claim(view, LABEL_RAK_HASH_ALGO);
	const struct claim *challenge =
	    claims_find(&view->claims[TOKEN_PLATFORM], LABEL_CHALLENGE);
	uint8_t digest[64];
	size_t size = 0;

	if (rak != NULL && rak->item.type == CBOR_BYTES && algo != NULL &&
	    algo->item.type == CBOR_TEXT)
		size = named_digest(algo->item.bytes, algo->item.value,
		    rak->item.bytes, rak->item.value, digest);
	judge(view, CHECK_BINDING,
	    size > 0 && challenge != NULL &&
		challenge->item.type == CBOR_BYTES &&
		challenge->item.value == size &&
		memcmp(challenge->item.bytes, digest, size) == 0,
	    "the platform's challenge is not the digest of the realm's public "
	    "key (44237)");
}

/* bytes: NULL: nothing is expected. */
static void
check_bytes(struct token_view *view, enum token_check check, int64_t label,
    const uint8_t *bytes, size_t size, const char *why)
{
	const struct claim *claim = realm_claim(view, label);

	if (bytes != NULL)
		judge(view, check,
		    claim != NULL && claim->item.type == CBOR_BYTES &&
			claim->item.value == size &&
			memcmp(claim->item.bytes, bytes, size) == 0,
		    why);
}

static void
check_rems(struct token_view *view, const struct token_expectation *expected)
{
	const struct claim *claim = realm_claim(view, LABEL_REMS);
	char why[TOKEN_WHY] = "they are missing";
	struct cbor_item item;
	struct cbor_in in;
	bool good;

	if (expected->rems[0] == NULL)
		return;
	good = claim != NULL;
	if (good)
		cbor_open(&in, claim->bytes, claim->size);
	good = good && cbor_expect(&in, CBOR_ARRAY, &item) && item.value == 4;
	for (int i = 0; i < 4 && good; i++) {
		good = cbor_expect(&in, CBOR_BYTES, &item) &&
		    item.value == expected->hash_size &&
		    memcmp(item.bytes, expected->rems[i], item.value) == 0;
		snprintf(why, sizeof(why), "REM %d is not the realm's", i);
	}
	judge(view, CHECK_REMS, good, why);
}

bool
token_verify(struct token_view *view, const struct token_expectation *expected)
{
	check_claims(view);
	if (expected->cpak != NULL)
		judge(view, CHECK_PLATFORM_SIGNATURE,
		    sign1_verify(
			&view->message[TOKEN_PLATFORM], expected->cpak),
		    "it was not made by the key it is verified with");
	check_realm_signature(view);
	check_binding(view);
	check_bytes(view, CHECK_CHALLENGE, LABEL_CHALLENGE, expected->challenge,
	    64, "it is another one than was asked for");
	check_bytes(view, CHECK_RPV, LABEL_RPV, expected->rpv, 64,
	    "it is not the realm's");
	if (expected->hash_algo != NULL)
		judge(view, CHECK_HASH_ALGO,
		    claim_is_text(realm_claim(view, LABEL_HASH_ALGO),
			expected->hash_algo),
		    "it is not the realm's");
	check_bytes(view, CHECK_RIM, LABEL_RIM, expected->rim,
	    expected->hash_size, "it is not the realm's");
	check_rems(view, expected);
	for (int i = 0; i < TOKEN_CHECKS; i++)
		if (view->verdicts[i].made && !view->verdicts[i].good)
			return false;
	return true;
}
