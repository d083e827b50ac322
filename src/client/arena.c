/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory for one decoded message.
 */
#include "config.h"

#include "arena.h"

#include <stdlib.h>

#define ARENA_ALIGN 16u
#define ARENA_CHUNK (64u << 10)

struct arena_chunk {
	struct arena_chunk *next;
	_Alignas(max_align_t) uint8_t bytes[];
};

static void *
arena_alloc(void *data, size_t size)
{
	struct arena *arena = data;
	struct arena_chunk *chunk;
	size_t room = ARENA_CHUNK;
	void *p;

	/* Bounded: the sizes follow from a frame of limited length. */
	size = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if (size > (size_t)(arena->end - arena->next)) {
		if (size > room)
			room = size;
		chunk = malloc(sizeof *chunk + room);
		if (chunk == NULL)
			return NULL;
		chunk->next = arena->chunks;
		arena->chunks = chunk;
		arena->next = chunk->bytes;
		arena->end = chunk->bytes + room;
	}
	p = arena->next;
	arena->next += size;
	return p;
}

static void
arena_free(void *data, void *p)
{
	(void)data;
	(void)p;
}

void
arena_init(struct arena *arena)
{
	arena->allocator = (ProtobufCAllocator){ .alloc = arena_alloc,
		.free = arena_free,
		.allocator_data = arena };
	arena->next = arena->first;
	arena->end = arena->first + sizeof arena->first;
	arena->chunks = NULL;
}

void
arena_fini(struct arena *arena)
{
	struct arena_chunk *chunk;

	while ((chunk = arena->chunks) != NULL) {
		arena->chunks = chunk->next;
		free(chunk);
	}
}
