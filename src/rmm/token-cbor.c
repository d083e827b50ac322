/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a token is written with: libcbor's encoders and a position.
 */
#include "token-cbor.h"

#include <cbor.h>
#include <string.h>

#define HEAD_MAX 9 /* the longest head of an item */

void
cbor_put(struct cbor_out *out, const void *bytes, size_t size)
{
	if (out->bytes != NULL && size > 0 && out->used <= out->size &&
	    size <= out->size - out->used)
		memcpy(out->bytes + out->used, bytes, size);
	out->used += size;
}

void
cbor_put_int(struct cbor_out *out, int64_t value)
{
	uint8_t head[HEAD_MAX];
	size_t size = value < 0
	    ? cbor_encode_negint((uint64_t)(-1 - value), head, sizeof head)
	    : cbor_encode_uint((uint64_t)value, head, sizeof head);

	cbor_put(out, head, size);
}

void
cbor_put_bytes_head(struct cbor_out *out, size_t size)
{
	uint8_t head[HEAD_MAX];

	cbor_put(
	    out, head, cbor_encode_bytestring_start(size, head, sizeof head));
}

void
cbor_put_bytes(struct cbor_out *out, const void *bytes, size_t size)
{
	cbor_put_bytes_head(out, size);
	cbor_put(out, bytes, size);
}

void
cbor_put_text(struct cbor_out *out, const char *text)
{
	uint8_t head[HEAD_MAX];
	size_t size = strlen(text);

	cbor_put(out, head, cbor_encode_string_start(size, head, sizeof head));
	cbor_put(out, text, size);
}

void
cbor_put_bool(struct cbor_out *out, bool value)
{
	uint8_t head[HEAD_MAX];

	cbor_put(out, head, cbor_encode_bool(value, head, sizeof head));
}

void
cbor_put_array(struct cbor_out *out, size_t items)
{
	uint8_t head[HEAD_MAX];

	cbor_put(out, head, cbor_encode_array_start(items, head, sizeof head));
}

void
cbor_put_map(struct cbor_out *out, size_t pairs)
{
	uint8_t head[HEAD_MAX];

	cbor_put(out, head, cbor_encode_map_start(pairs, head, sizeof head));
}

void
cbor_put_tag(struct cbor_out *out, uint64_t tag)
{
	uint8_t head[HEAD_MAX];

	cbor_put(out, head, cbor_encode_tag(tag, head, sizeof head));
}
