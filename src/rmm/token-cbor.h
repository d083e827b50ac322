/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writing CBOR (RFC 8949) into a buffer, in its shortest form; or counting the
 * bytes that it would take.
 */
#ifndef TOKEN_CBOR_H
#define TOKEN_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cbor_out {
	uint8_t *bytes; /* NULL: count only */
	size_t size;
	size_t used; /* more than size: there was no room */
};

void cbor_put(struct cbor_out *out, const void *bytes, size_t size);
void cbor_put_int(struct cbor_out *out, int64_t value);
/* The head of a byte string; its bytes follow by cbor_put(). */
void cbor_put_bytes_head(struct cbor_out *out, size_t size);
void cbor_put_bytes(struct cbor_out *out, const void *bytes, size_t size);
void cbor_put_text(struct cbor_out *out, const char *text);
void cbor_put_bool(struct cbor_out *out, bool value);
void cbor_put_array(struct cbor_out *out, size_t items);
void cbor_put_map(struct cbor_out *out, size_t pairs);
void cbor_put_tag(struct cbor_out *out, uint64_t tag);

#endif
