/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The decoder behind rmmctl token: anybody may have written what it reads.
 */
#include "config.h"

#include "cbor-read.h"

#define NESTING_MAX 16

static const char *const not_of_type[] = {
	[CBOR_UINT] = "not an unsigned integer",
	[CBOR_NEGINT] = "not a negative integer",
	[CBOR_BYTES] = "not a byte string",
	[CBOR_TEXT] = "not a text",
	[CBOR_ARRAY] = "not an array",
	[CBOR_MAP] = "not a map",
	[CBOR_TAG] = "not a tag",
	[CBOR_SIMPLE] = "not a simple value",
};

void
cbor_open(struct cbor_in *in, const uint8_t *bytes, size_t size)
{
	*in = (struct cbor_in){ bytes, bytes, bytes + size, NULL };
}

bool
cbor_fail(struct cbor_in *in, const char *error)
{
	if (in->error == NULL)
		in->error = error;
	return false;
}

static size_t
left(const struct cbor_in *in)
{
	return (size_t)(in->end - in->at);
}

/* The number in the head of an item, whose first byte is at in->at. */
static bool
read_number(struct cbor_in *in, uint64_t *value)
{
	unsigned info = *in->at & 0x1f;
	size_t size;

	if (info < 24) {
		*value = info;
		in->at++;
		return true;
	}
	if (info > 27)
		return cbor_fail(in,
		    info == 31 ? "an item of no given length"
			       : "a malformed head");
	size = (size_t)1 << (info - 24);
	if (left(in) < 1 + size)
		return cbor_fail(in, "the end is missing");
	in->at++;
	for (*value = 0; size > 0; size--)
		*value = *value << 8 | *in->at++;
	return true;
}

/* The length of the UTF-8 character at text; 0: there is none. */
static size_t
character(const uint8_t *text, size_t room)
{
	uint32_t code = text[0], least = 0;
	size_t size = 1;

	if (code >= 0x80) {
		size = code < 0xc0 ? 0
		    : code < 0xe0  ? 2
		    : code < 0xf0  ? 3
		    : code < 0xf8  ? 4
				   : 0;
		least = size == 2 ? 0x80 : size == 3 ? 0x800 : 0x10000;
		code &= 0x7fu >> size;
	}
	if (size == 0 || size > room)
		return 0;
	for (size_t i = 1; i < size; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	return code < least || code > 0x10ffff ||
		(code >= 0xd800 && code < 0xe000)
	    ? 0
	    : size;
}

static bool
is_utf8(const uint8_t *text, size_t size)
{
	size_t n;

	for (; size > 0; text += n, size -= n) {
		n = character(text, size);
		if (n == 0)
			return false;
	}
	return true;
}

/* The bytes of a string, or at least as many as there are items to come. */
static bool
read_rest(struct cbor_in *in, struct cbor_item *item)
{
	uint64_t least = item->value;

	switch (item->type) {
	case CBOR_MAP:
		/* Each pair has two bytes or more. */
		if (least > left(in) / 2)
			return cbor_fail(in, "the end is missing");
		return true;
	case CBOR_BYTES:
	case CBOR_TEXT:
	case CBOR_ARRAY:
		if (least > left(in))
			return cbor_fail(in, "the end is missing");
		break;
	case CBOR_SIMPLE:
		if (item->value < 20 || item->value > 22)
			return cbor_fail(in, "an unknown simple value");
		return true;
	default:
		return true;
	}
	if (item->type == CBOR_ARRAY)
		return true;
	item->bytes = in->at;
	if (item->type == CBOR_TEXT && !is_utf8(in->at, item->value))
		return cbor_fail(in, "a text that is not UTF-8");
	in->at += item->value;
	return true;
}

bool
cbor_read(struct cbor_in *in, struct cbor_item *item)
{
	if (in->error != NULL)
		return false;
	if (left(in) == 0)
		return cbor_fail(in, "the end is missing");
	item->type = (enum cbor_type)(*in->at >> 5);
	item->bytes = NULL;
	/* A simple value's info of 24 and more is a number of another kind. */
	if (item->type == CBOR_SIMPLE && (*in->at & 0x1f) >= 24)
		return cbor_fail(in, "an unknown simple value");
	return read_number(in, &item->value) && read_rest(in, item);
}

bool
cbor_expect(struct cbor_in *in, enum cbor_type type, struct cbor_item *item)
{
	const uint8_t *at = in->at;

	if (!cbor_read(in, item))
		return false;
	if (item->type == type)
		return true;
	in->at = at;
	return cbor_fail(in, not_of_type[type]);
}

static bool
skip(struct cbor_in *in, unsigned depth)
{
	struct cbor_item item;
	uint64_t items;

	if (depth == NESTING_MAX)
		return cbor_fail(in, "too many levels");
	if (!cbor_read(in, &item))
		return false;
	items = item.type == CBOR_ARRAY ? item.value
	    : item.type == CBOR_MAP	? 2 * item.value
	    : item.type == CBOR_TAG	? 1
					: 0;
	for (; items > 0; items--)
		if (!skip(in, depth + 1))
			return false;
	return true;
}

bool
cbor_skip(struct cbor_in *in)
{
	return skip(in, 0);
}

bool
cbor_close(struct cbor_in *in)
{
	return in->error == NULL &&
	    (left(in) == 0 || cbor_fail(in, "something follows"));
}

bool
cbor_int(const struct cbor_item *item, int64_t *value)
{
	if ((item->type != CBOR_UINT && item->type != CBOR_NEGINT) ||
	    item->value > INT64_MAX)
		return false;
	*value = item->type == CBOR_UINT ? (int64_t)item->value
					 : -1 - (int64_t)item->value;
	return true;
}
