/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An attestation token for people, and as JSON: claims in the order of the
 * token, then what was verified.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "token-show.h"

/* ---- text -----------------------------------------------------------------
 */

static void
print_hex(FILE *out, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		fprintf(out, "%02x", bytes[i]);
	if (size == 0)
		fputs("(no bytes)", out);
}

/* Text from outside made harmless: no control characters, in UTF-8 or not. */
static void
print_text(FILE *out, const struct cbor_item *item)
{
	const uint8_t *at = item->bytes, *end = at + item->value;

	for (; at < end; at++) {
		bool c1 = at[0] == 0xc2 && end - at > 1 && at[1] < 0xa0;

		if (at[0] < 0x20 || at[0] == 0x7f || c1)
			putc('?', out);
		else
			putc(at[0], out);
		at += c1;
	}
}

static void
print_name(FILE *out, const struct claim *claim, int indent)
{
	char number[32];
	int64_t label;

	if (claim->row != NULL) {
		fprintf(
		    out, "%*s%-*s ", indent, "", 30 - indent, claim->row->name);
		return;
	}
	if (cbor_int(&claim->key, &label)) {
		snprintf(number, sizeof(number), "claim %" PRId64, label);
		fprintf(out, "%*s%-*s ", indent, "", 30 - indent, number);
		return;
	}
	fprintf(out, "%*s", indent, "");
	if (claim->key.type == CBOR_TEXT)
		print_text(out, &claim->key);
	else
		fputs("claim of a large number", out);
	putc(' ', out);
}

static void
print_value(FILE *out, const struct claim *claim)
{
	int64_t number;

	if (cbor_int(&claim->item, &number)) {
		if (claim->row != NULL &&
		    strcmp(claim->row->name, "lifecycle") == 0)
			fprintf(out, "0x%" PRIx64, (uint64_t)number);
		else
			fprintf(out, "%" PRId64, number);
	} else if (claim->item.type == CBOR_BYTES) {
		print_hex(out, claim->item.bytes, claim->item.value);
	} else if (claim->item.type == CBOR_TEXT) {
		print_text(out, &claim->item);
	} else if (claim->item.type == CBOR_SIMPLE) {
		fputs(claim->item.value == 21	  ? "true"
			: claim->item.value == 20 ? "false"
						  : "null",
		    out);
	} else {
		fputs("CBOR ", out);
		print_hex(out, claim->bytes, claim->size);
	}
	putc('\n', out);
}

static void print_claims(FILE *out, const struct claims *claims, int indent);

static void
print_components(FILE *out, const struct claim *claim, int indent)
{
	struct cbor_item array;
	struct claims claims;
	struct cbor_in in;

	cbor_open(&in, claim->bytes, claim->size);
	(void)cbor_read(&in, &array);
	for (uint64_t i = 0; i < array.value; i++) {
		if (!claims_read(&claims, component_claim_rows, &in)) {
			fprintf(out,
			    "%*ssoftware component %" PRIu64 " is malformed\n",
			    indent, "", i + 1);
			return;
		}
		fprintf(out, "%*ssoftware component %" PRIu64 "\n", indent, "",
		    i + 1);
		print_claims(out, &claims, indent + 2);
	}
}

static void
print_rems(FILE *out, const struct claim *claim, int indent)
{
	struct cbor_item item;
	struct cbor_in in;
	uint64_t num;

	cbor_open(&in, claim->bytes, claim->size);
	(void)cbor_read(&in, &item);
	num = item.value;
	for (uint64_t i = 0; i < num && cbor_read(&in, &item); i++) {
		char name[32];

		snprintf(name, sizeof(name), "rem%" PRIu64, i);
		fprintf(out, "%*s%-*s ", indent, "", 30 - indent, name);
		if (item.type == CBOR_BYTES)
			print_hex(out, item.bytes, item.value);
		else
			fputs("no bytes", out);
		putc('\n', out);
		if (item.type > CBOR_TEXT)
			return;
	}
}

static void
print_claims(FILE *out, const struct claims *claims, int indent)
{
	for (size_t i = 0; i < claims->num; i++) {
		const struct claim *claim = &claims->list[i];
		enum claim_kind kind =
		    claim->row != NULL ? claim->row->kind : CLAIM_ANY;

		if (claim->item.type == CBOR_ARRAY &&
		    kind == CLAIM_COMPONENTS) {
			print_components(out, claim, indent);
		} else if (claim->item.type == CBOR_ARRAY &&
		    kind == CLAIM_REMS) {
			print_rems(out, claim, indent);
		} else {
			print_name(out, claim, indent);
			print_value(out, claim);
		}
	}
}

void
token_print(FILE *out, const struct token_view *view, size_t size)
{
	fprintf(out, "%-30s %u\n%-30s %zu bytes\n", "wrapper", view->wrapper,
	    "size", size);
	fputs("platform\n", out);
	print_claims(out, &view->claims[TOKEN_PLATFORM], 2);
	fputs("realm\n", out);
	print_claims(out, &view->claims[TOKEN_REALM], 2);
	fputs("verified\n", out);
	for (int i = 0; i < TOKEN_CHECKS; i++) {
		const struct token_verdict *v = &view->verdicts[i];

		if (v->made)
			fprintf(out, "  %-28s %s%s\n", token_check_name(i),
			    v->good ? "good" : "BAD: ", v->why);
	}
}

/* ---- JSON -----------------------------------------------------------------
 */

/* ctl_json_bytes() is for 64 bytes at most. */
static json_t *
json_hex(const uint8_t *bytes, size_t size)
{
	char *hex = malloc(2 * size + 1);
	json_t *value;

	if (hex == NULL)
		return NULL;
	for (size_t i = 0; i < size; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	hex[2 * size] = '\0';
	value = json_string(hex);
	free(hex);
	return value;
}

static json_t *
json_value(const struct claim *claim)
{
	int64_t number;

	if (cbor_int(&claim->item, &number))
		return json_integer(number);
	if (claim->item.type == CBOR_BYTES)
		return json_hex(claim->item.bytes, claim->item.value);
	if (claim->item.type == CBOR_TEXT)
		return json_stringn(
		    (const char *)claim->item.bytes, claim->item.value);
	if (claim->item.type == CBOR_SIMPLE)
		return claim->item.value == 21 ? json_true()
		    : claim->item.value == 20  ? json_false()
					       : json_null();
	return json_pack("{s:o}", "cbor", json_hex(claim->bytes, claim->size));
}

static json_t *json_claims(const struct claims *claims);

/* An array of components, as far as they can be read. */
static json_t *
json_components(const struct claim *claim)
{
	json_t *list = json_array();
	struct cbor_item array;
	struct claims claims;
	struct cbor_in in;

	cbor_open(&in, claim->bytes, claim->size);
	(void)cbor_read(&in, &array);
	for (uint64_t i = 0;
	     i < array.value && claims_read(&claims, component_claim_rows, &in);
	     i++)
		json_array_append_new(list, json_claims(&claims));
	return list;
}

static json_t *
json_rems(const struct claim *claim)
{
	json_t *list = json_array();
	struct cbor_item item;
	struct cbor_in in;
	uint64_t num;

	cbor_open(&in, claim->bytes, claim->size);
	(void)cbor_read(&in, &item);
	for (num = item.value; num > 0 && cbor_expect(&in, CBOR_BYTES, &item);
	     num--)
		json_array_append_new(list, json_hex(item.bytes, item.value));
	return list;
}

/* Names as the other commands' keys are: easy to write in jq. */
static void
json_key(const char *from, char *name, size_t size)
{
	snprintf(name, size, "%s", from);
	for (char *c = name; *c != '\0'; c++)
		*c = *c == '-' ? '_' : *c;
}

/* A claim that is not known goes by its label, which is no name of ours. */
static void
json_name(const struct claim *claim, size_t n, char *name, size_t size)
{
	const struct cbor_item *key = &claim->key;
	int64_t label;

	if (claim->row != NULL)
		json_key(claim->row->name, name, size);
	else if (cbor_int(key, &label))
		snprintf(name, size, "%" PRId64, label);
	else if (key->type == CBOR_TEXT && key->value <= 64)
		snprintf(name, size, "text:%.*s", (int)key->value,
		    (const char *)key->bytes);
	else
		snprintf(name, size, "number %zu", n);
}

static json_t *
json_claims(const struct claims *claims)
{
	json_t *map = json_object();

	for (size_t i = 0; i < claims->num; i++) {
		const struct claim *claim = &claims->list[i];
		enum claim_kind kind =
		    claim->row != NULL ? claim->row->kind : CLAIM_ANY;
		bool array = claim->item.type == CBOR_ARRAY;
		json_t *value = array && kind == CLAIM_COMPONENTS
		    ? json_components(claim)
		    : array && kind == CLAIM_REMS ? json_rems(claim)
						  : json_value(claim);
		char name[80];

		json_name(claim, i, name, sizeof(name));
		json_object_set_new(map, name, value);
	}
	return map;
}

json_t *
token_json(const struct token_view *view, size_t size, bool good)
{
	json_t *checks = json_object();

	for (int i = 0; i < TOKEN_CHECKS; i++) {
		const struct token_verdict *v = &view->verdicts[i];
		char name[32];

		json_key(token_check_name(i), name, sizeof(name));
		if (v->made)
			json_object_set_new(checks, name,
			    v->good ? json_pack("{s:b}", "good", true)
				    : json_pack("{s:b, s:s}", "good", false,
					  "why", v->why));
	}
	return json_pack("{s:i, s:I, s:o, s:o, s:o, s:b}", "wrapper",
	    (int)view->wrapper, "size", (json_int_t)size, "platform",
	    json_claims(&view->claims[TOKEN_PLATFORM]), "realm",
	    json_claims(&view->claims[TOKEN_REALM]), "checks", checks,
	    "verified", good);
}
