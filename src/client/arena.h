/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory for one decoded message: handed out in order, freed at once.  The
 * answers of a batch would else be a few thousand allocations.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

struct arena_chunk;

struct arena {
	ProtobufCAllocator allocator;
	uint8_t *next, *end;
	struct arena_chunk *chunks;
	_Alignas(max_align_t) uint8_t first[2048];
};

void arena_init(struct arena *arena);
void arena_fini(struct arena *arena);

#endif
