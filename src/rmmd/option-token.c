/* SPDX-License-Identifier: BSD-3-Clause */
/* The options about attestation tokens: their form, their claims, their keys.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "option-table.h"

#define PARAMS                                                 \
	struct options *options, const struct option_row *row, \
	    const char *value, struct failure *why

/* Of a PEM file; a key is less than a thousandth of it. */
#define KEY_FILE_MAX 65536

static struct rmm_attestation *
claims_of(struct options *options)
{
	return &options->machine.attestation;
}

static void *
member_of(struct options *options, const struct option_row *row)
{
	return (char *)options + row->offset;
}

/* ---- Kinds of claims --------------------------------------------------- */

/* The place of a word in "one|two|three"; -1: it is none of them. */
static int
place(const char *words, const char *word)
{
	size_t len = strlen(word), n;
	int at = 0;

	for (;; words += n + 1, at++) {
		n = strcspn(words, "|");
		if (n == len && memcmp(words, word, len) == 0)
			return at;
		if (words[n] == '\0')
			return -1;
	}
}

/* An enumeration whose values are in the order of the words. */
static bool
set_word(PARAMS)
{
	int at = place(row->argument, value);

	if (at < 0)
		return failure_set(
		    why, "\"%s\" is none of %s", value, row->argument);
	*(unsigned *)member_of(options, row) = (unsigned)at;
	return true;
}

/* Bytes, as many as the claim has. */
static bool
set_id(PARAMS)
{
	size_t size;

	return parse_hex(
	    value, row->min, row->max, member_of(options, row), &size, why);
}

static bool
set_instance_id(PARAMS)
{
	struct rmm_attestation *claims = claims_of(options);

	if (!set_id(options, row, value, why))
		return false;
	return claims->instance_id[0] == 1 ||
	    failure_set(why, "the first byte must be 01");
}

static bool
set_config(PARAMS)
{
	struct rmm_attestation *claims = claims_of(options);

	(void)row;
	return parse_hex(value, 0, sizeof(claims->config), claims->config,
	    &claims->config_size, why);
}

static bool
set_manufacturing(PARAMS)
{
	struct rmm_attestation *claims = claims_of(options);

	(void)row;
	return parse_hex(value, 0, sizeof(claims->manufacturing_config),
	    claims->manufacturing_config, &claims->manufacturing_config_size,
	    why);
}

static bool
set_peer_signers(PARAMS)
{
	struct rmm_attestation *claims = claims_of(options);

	(void)row;
	return parse_hex(value, 0, sizeof(claims->peer_signers),
	    claims->peer_signers, &claims->peer_signers_size, why);
}

static bool
copy_text(char *to, size_t room, const char *text, struct failure *why)
{
	if (strlen(text) >= room)
		return failure_set(why, "\"%.32s...\" has more than %zu bytes",
		    text, room - 1);
	strcpy(to, text);
	return true;
}

static bool
set_text(PARAMS)
{
	return copy_text(member_of(options, row), row->max,
	    strcmp(value, "none") == 0 ? "" : value, why);
}

static bool
set_lifecycle(PARAMS)
{
	uint64_t number;

	if (!parse_u64(value, row->min, row->max, &number, why))
		return false;
	claims_of(options)->lifecycle = (uint16_t)number;
	return true;
}

static bool
set_int32(PARAMS)
{
	uint64_t number;

	if (strcmp(value, "none") == 0 && strchr(row->argument, '|') != NULL) {
		*(int32_t *)member_of(options, row) = -1;
		return true;
	}
	if (!parse_u64(value, row->min, row->max, &number, why))
		return false;
	*(int32_t *)member_of(options, row) = (int32_t)number;
	return true;
}

static bool
set_mec(PARAMS)
{
	int at = place(row->argument, value);

	if (at < 0)
		return failure_set(
		    why, "\"%s\" is none of %s", value, row->argument);
	claims_of(options)->mec_private = at == 1;
	return true;
}

/* ---- Software components ------------------------------------------------ */

static bool
set_digest(
    const char *value, struct rmm_token_digest *digest, struct failure *why)
{
	size_t size;

	if (!parse_hex(
		value, 32, sizeof(digest->bytes), digest->bytes, &size, why))
		return false;
	if (size != 32 && size != 48 && size != 64)
		return failure_set(
		    why, "%zu bytes are none of 32, 48, 64", size);
	digest->size = (uint8_t)size;
	return true;
}

static bool
set_component_lfa(
    const char *value, struct rmm_sw_component *c, struct failure *why)
{
	int at = place("no|yes", value);

	if (at < 0)
		return failure_set(why, "\"%.32s\" is none of yes, no", value);
	c->lfa = at == 1 ? RMM_LFA_YES : RMM_LFA_NO;
	return true;
}

static bool
add_countersigner(
    const char *value, struct rmm_sw_component *c, struct failure *why)
{
	if (c->num_countersigners == RMM_COUNTERSIGNERS_MAX)
		return failure_set(
		    why, "more than %d of them", RMM_COUNTERSIGNERS_MAX);
	return set_digest(
	    value, &c->countersigners[c->num_countersigners++], why);
}

static bool
set_component_part(
    void *to, const char *key, const char *value, struct failure *why)
{
	struct rmm_sw_component *c = to;
	struct failure reason;
	bool good;

	if (strcmp(key, "measurement") == 0)
		good = set_digest(value, &c->measurement, &reason);
	else if (strcmp(key, "signer") == 0)
		good = set_digest(value, &c->signer, &reason);
	else if (strcmp(key, "type") == 0)
		good = copy_text(c->type, sizeof(c->type), value, &reason);
	else if (strcmp(key, "version") == 0)
		good =
		    copy_text(c->version, sizeof(c->version), value, &reason);
	else if (strcmp(key, "hash") == 0)
		good = copy_text(
		    c->hash_algo, sizeof(c->hash_algo), value, &reason);
	else if (strcmp(key, "lfa") == 0)
		good = set_component_lfa(value, c, &reason);
	else if (strcmp(key, "countersigner") == 0)
		good = add_countersigner(value, c, &reason);
	else
		return failure_set(why,
		    "\"%.32s\" is none of type, measurement, version, signer, "
		    "hash, lfa, countersigner",
		    key);
	return good || failure_set(why, "%s: %.400s", key, reason.text);
}

static bool
set_rotpk_part(
    void *to, const char *key, const char *value, struct failure *why)
{
	struct rmm_tbb_rotpk *rotpk = to;
	struct failure reason;
	uint64_t number = 0;
	bool good;

	if (strcmp(key, "hash") == 0) {
		good = set_digest(value, &rotpk->hash, &reason);
	} else if (strcmp(key, "name") == 0) {
		good =
		    copy_text(rotpk->name, sizeof(rotpk->name), value, &reason);
	} else if (strcmp(key, "array") == 0) {
		good = parse_u64(value, 0, INT32_MAX, &number, &reason);
		rotpk->active_array = (int32_t)number;
	} else if (strcmp(key, "index") == 0) {
		good = parse_u64(value, 0, INT32_MAX, &number, &reason);
		rotpk->index = (int32_t)number;
	} else {
		return failure_set(
		    why, "\"%.32s\" is none of name, array, index, hash", key);
	}
	return good || failure_set(why, "%s: %.400s", key, reason.text);
}

/* "key=value,key=value": each pair goes to set. */
static bool
parse_parts(const char *value, void *to,
    bool (*set)(
	void *to, const char *key, const char *value, struct failure *why),
    struct failure *why)
{
	char text[1024], *part, *equals, *rest = text;

	if (strlen(value) >= sizeof(text))
		return failure_set(why, "\"%.32s...\" is too long", value);
	strcpy(text, value);
	while ((part = strsep(&rest, ",")) != NULL) {
		equals = strchr(part, '=');
		if (equals == NULL)
			return failure_set(
			    why, "\"%.32s\" has no '=' in it", part);
		*equals++ = '\0';
		if (!set(to, part, equals, why))
			return false;
	}
	return true;
}

static bool
set_component(PARAMS)
{
	struct rmm_attestation *claims = claims_of(options);
	struct rmm_sw_component component = { 0 };

	(void)row;
	if (!parse_parts(value, &component, set_component_part, why))
		return false;
	if (component.measurement.size == 0 || component.signer.size == 0)
		return failure_set(
		    why, "a component needs measurement=HEX and signer=HEX");
	if (claims->num_sw_components == RMM_SW_COMPONENTS_MAX)
		return failure_set(why, "more than %d software components",
		    RMM_SW_COMPONENTS_MAX);
	claims->sw_components[claims->num_sw_components++] = component;
	return true;
}

static bool
set_rotpk(PARAMS)
{
	struct rmm_attestation *claims = claims_of(options);
	struct rmm_tbb_rotpk rotpk = { 0 };

	(void)row;
	if (!parse_parts(value, &rotpk, set_rotpk_part, why))
		return false;
	if (rotpk.hash.size == 0 || rotpk.name[0] == '\0')
		return failure_set(why, "a key needs name=CM or DM, hash=HEX");
	if (claims->num_tbb_rotpks == RMM_TBB_ROTPKS_MAX)
		return failure_set(
		    why, "more than %d keys", RMM_TBB_ROTPKS_MAX);
	claims->tbb_rotpks[claims->num_tbb_rotpks++] = rotpk;
	return true;
}

/* ---- Keys --------------------------------------------------------------- */

static void
close_file(FILE **file)
{
	if (*file != NULL)
		fclose(*file);
}

/* The file's text, for the caller to free. */
static char *
read_text(const char *path, struct failure *why)
{
	__attribute__((cleanup(close_file))) FILE *file = fopen(path, "re");
	char *text;
	size_t size;

	if (file == NULL) {
		failure_set(
		    why, "cannot read %.200s: %s", path, strerror(errno));
		return NULL;
	}
	text = malloc(KEY_FILE_MAX + 1);
	if (text == NULL) {
		failure_set(why, "no memory for a key");
		return NULL;
	}
	errno = 0;
	size = fread(text, 1, KEY_FILE_MAX + 1, file);
	if (ferror(file))
		failure_set(
		    why, "cannot read %.200s: %s", path, strerror(errno));
	else if (size > KEY_FILE_MAX)
		failure_set(why, "%.200s is too large for a key", path);
	else {
		text[size] = '\0';
		return text;
	}
	free(text);
	return NULL;
}

static bool
set_key(PARAMS)
{
	char **to = member_of(options, row);
	const char *reason;
	char *text;

	if (options->first_look)
		return true;
	text = read_text(value, why);
	if (text == NULL)
		return false;
	if (!rmm_key_valid(text, &reason)) {
		free(text);
		return failure_set(why,
		    "%.200s: %s (\"openssl ecparam -name secp384r1 -genkey "
		    "-noout\" makes one)",
		    value, reason);
	}
	free(*to);
	*to = text;
	options->machine.attestation.cpak = options->cpak;
	options->machine.attestation.rak = options->rak;
	return true;
}

/* ---- The table ---------------------------------------------------------- */

#define CLAIM(member)  \
	.token = true, \
	.offset = offsetof(struct options, machine.attestation.member)
#define ROOM(member) sizeof(((struct rmm_attestation *)NULL)->member)

static const struct option_row rows[] = {
	{ .name = "token-profile",
	    .argument = "default|legacy|2023|2024",
	    .set = set_word,
	    CLAIM(realm_profile),
	    .help = "of the realm token" },
	{ .name = "token-platform-profile",
	    .argument = "default|legacy|2023|2024",
	    .set = set_word,
	    CLAIM(platform_profile),
	    .help = "of the platform token" },
	{ .name = "token-wrapper",
	    .argument = "default|399|907",
	    .set = set_word,
	    CLAIM(wrapper),
	    .help = "the CBOR tag of what holds both" },
	{ .name = "token-rak-hash",
	    .argument = "sha-256|sha-384|sha-512",
	    .set = set_word,
	    CLAIM(rak_hash),
	    .help = "by which the platform token names the RAK" },
	{ .name = "token-implementation-id",
	    .argument = "HEX",
	    .set = set_id,
	    CLAIM(implementation_id),
	    .min = RMM_IMPLEMENTATION_ID,
	    .max = RMM_IMPLEMENTATION_ID,
	    .help = "32 bytes" },
	{ .name = "token-instance-id",
	    .argument = "HEX",
	    .set = set_instance_id,
	    CLAIM(instance_id),
	    .min = RMM_INSTANCE_ID,
	    .max = RMM_INSTANCE_ID,
	    .help = "33 bytes [01 and SHA-256 of the CPAK]" },
	{ .name = "token-lifecycle",
	    .argument = "N",
	    .set = set_lifecycle,
	    .token = true,
	    .max = UINT16_MAX,
	    .help = "of the platform [0x3000: secured]" },
	{ .name = "token-config",
	    .argument = "HEX",
	    .set = set_config,
	    .token = true,
	    .help = "the platform's configuration, or none [00000000]" },
	{ .name = "token-sw-component",
	    .argument = "KEY=VALUE,...",
	    .set = set_component,
	    .token = true,
	    .help = "measurement, signer, type, version, hash, lfa, "
		    "countersigner; repeatable" },
	{ .name = "token-verification-service",
	    .argument = "URL",
	    .set = set_text,
	    CLAIM(verification_service),
	    .max = ROOM(verification_service),
	    .help = "where to verify a token, or none [none]" },
	{ .name = "token-hash",
	    .argument = "NAME",
	    .set = set_text,
	    CLAIM(hash_algo),
	    .max = ROOM(hash_algo),
	    .help = "of the platform's measurements [sha-256]" },
	{ .name = "token-client-id",
	    .argument = "N",
	    .set = set_int32,
	    CLAIM(client_id),
	    .max = INT32_MAX,
	    .help = "platform profile 2024 only [1]" },
	{ .name = "token-manufacturing-config",
	    .argument = "HEX",
	    .set = set_manufacturing,
	    .token = true,
	    .help = "platform profile 2024 only, or none [none]" },
	{ .name = "token-tbb-rotpk",
	    .argument = "KEY=VALUE,...",
	    .set = set_rotpk,
	    .token = true,
	    .help = "name, array, index, hash; profile 2024 only; repeatable" },
	{ .name = "token-peer-signers",
	    .argument = "HEX",
	    .set = set_peer_signers,
	    .token = true,
	    .help = "platform profile 2024 only, or none [none]" },
	{ .name = "token-mec",
	    .argument = "shared|private",
	    .set = set_mec,
	    .token = true,
	    .help = "MEC policy; profile 2024 only" },
	{ .name = "token-lfa",
	    .argument = "N|none",
	    .set = set_int32,
	    CLAIM(lfa_policy),
	    .max = INT32_MAX,
	    .help = "LFA policy; profile 2024 only [none]" },
	{ .name = "cpak",
	    .argument = "FILE",
	    .set = set_key,
	    .token = true,
	    .offset = offsetof(struct options, cpak),
	    .help = "PEM key of the platform token [from the seed]" },
	{ .name = "rak",
	    .argument = "FILE",
	    .set = set_key,
	    .token = true,
	    .offset = offsetof(struct options, rak),
	    .help = "PEM key of the realm token [from the seed]" },
};

/* set_word() stores what the words stand for. */
_Static_assert(sizeof(enum rmm_token_profile) == sizeof(unsigned), "enum");

const struct option_row *
token_option_at(size_t n)
{
	return n < sizeof(rows) / sizeof(rows[0]) ? &rows[n] : NULL;
}

void
token_option_begin(struct options *options, const struct option_row *row,
    enum option_source source)
{
	struct rmm_attestation *claims = claims_of(options);

	if (row->set == set_component && options->components_source != source) {
		options->components_source = source;
		claims->num_sw_components = 0;
	}
	if (row->set == set_rotpk && options->rotpks_source != source) {
		options->rotpks_source = source;
		claims->num_tbb_rotpks = 0;
	}
}
