/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames.  A frame of 1 MiB may hold half a million empty messages, each of
 * which costs some fifty bytes when unpacked; so unpacking has a budget.
 */
#include "config.h"

#include <stdlib.h>

#include "frame.h"
#include "wire.h"

#define UNPACK_BUDGET (16u * WIRE_MAX_FRAME)

static void *
budget_alloc(void *data, size_t size)
{
	size_t *left = data;

	if (size > *left)
		return NULL;
	*left -= size;
	return malloc(size);
}

static void
budget_free(void *data, void *pointer)
{
	(void)data;
	free(pointer);
}

bool
frame_length(struct evbuffer *in, uint32_t *length)
{
	uint8_t header[WIRE_HEADER];

	if (evbuffer_copyout(in, header, sizeof(header)) !=
	    (ev_ssize_t)sizeof(header))
		return false;
	*length = header[0] | (uint32_t)header[1] << 8 |
	    (uint32_t)header[2] << 16 | (uint32_t)header[3] << 24;
	return true;
}

Rmmd__Request *
frame_take(struct evbuffer *in, uint32_t length)
{
	size_t left = UNPACK_BUDGET;
	ProtobufCAllocator budget = { budget_alloc, budget_free, &left };
	Rmmd__Request *request = NULL;
	uint8_t *frame;

	frame = evbuffer_pullup(in, (ev_ssize_t)(WIRE_HEADER + length));
	if (frame != NULL)
		request =
		    rmmd__request__unpack(&budget, length, frame + WIRE_HEADER);
	evbuffer_drain(in, WIRE_HEADER + length);
	return request;
}

void
frame_free(Rmmd__Request *request)
{
	ProtobufCAllocator budget = { budget_alloc, budget_free, NULL };

	if (request != NULL)
		rmmd__request__free_unpacked(request, &budget);
}

bool
frame_put(struct evbuffer *out, const Rmmd__Reply *reply)
{
	size_t size = rmmd__reply__get_packed_size(reply);
	struct evbuffer_iovec space;
	uint8_t *to;
	int i;

	if (size > WIRE_MAX_FRAME)
		return false;
	if (evbuffer_reserve_space(
		out, (ev_ssize_t)(WIRE_HEADER + size), &space, 1) != 1)
		return false;
	to = space.iov_base;
	for (i = 0; i < (int)WIRE_HEADER; i++)
		to[i] = (uint8_t)(size >> 8 * i);
	rmmd__reply__pack(reply, to + WIRE_HEADER);
	space.iov_len = WIRE_HEADER + size;
	return evbuffer_commit_space(out, &space, 1) == 0;
}
