/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading CBOR (RFC 8949) in place: an item at a time, no allocation, and no
 * trust in any length.  What a token has no use for is refused: lengths that
 * are not said beforehand, floating point numbers, deep nesting.
 */
#ifndef CBOR_READ_H
#define CBOR_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cbor_type {
	CBOR_UINT,
	CBOR_NEGINT, /* -1 - value */
	CBOR_BYTES,
	CBOR_TEXT, /* valid UTF-8 */
	CBOR_ARRAY,
	CBOR_MAP,
	CBOR_TAG,
	CBOR_SIMPLE, /* 20: false, 21: true, 22: null */
};

struct cbor_item {
	enum cbor_type type;
	/* The number; bytes, items or pairs that follow; the tag. */
	uint64_t value;
	const uint8_t *bytes; /* BYTES, TEXT: value of them; not terminated */
};

struct cbor_in {
	const uint8_t *start, *at, *end;
	const char *error; /* a few words; at is where */
};

void cbor_open(struct cbor_in *in, const uint8_t *bytes, size_t size);
/* Both return false, with in->error set, if there is no such thing. */
bool cbor_read(struct cbor_in *in, struct cbor_item *item);
bool cbor_expect(
    struct cbor_in *in, enum cbor_type type, struct cbor_item *item);
/* Pass over one item with all that is in it. */
bool cbor_skip(struct cbor_in *in);
/* Nothing may follow. */
bool cbor_close(struct cbor_in *in);
bool cbor_fail(struct cbor_in *in, const char *error);

/* An integer that an int64_t holds. */
bool cbor_int(const struct cbor_item *item, int64_t *value);

#endif
