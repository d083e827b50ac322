/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A channel from within: encoded requests out, encoded replies back to whoever
 * asked, and what librmmclient needs beyond channel.h.
 */
#ifndef CHANNEL_INTERNAL_H
#define CHANNEL_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "channel.h"

/* Replies up to this size need no allocation. */
#define PACKET_SMALL 512

/* One encoded reply. */
struct packet {
	uint8_t *data; /* small or allocated */
	size_t size;
	int fd; /* that came with it, or -1 */
	uint8_t small[PACKET_SMALL];
};

void packet_free(struct packet *packet);

/* An id for the next request. */
uint64_t channel_next_id(struct channel *channel);

/*
 * How a thread waits that others, and signals, want something of.  Each of the
 * functions is called once at most, in the thread that waits.
 */
struct channel_watch {
	/* The thread's mask while it waits; NULL: the one that it has. */
	const void *mask; /* a sigset_t */
	/* The request is on its way. */
	void (*sent)(void *context);
	/* A signal's handler has run.  It may make requests. */
	void (*signalled)(void *context);
	void *context;
};

/*
 * Send a frame, whose first WIRE_HEADER bytes are left for the header and which
 * carries a request with this id; wait for the reply.
 *
 * want_fd: keep the descriptor that comes with the reply.
 * watch: may be NULL.
 * packet: to be freed with packet_free() after success.
 *
 * Returns as channel_request(), but knows nothing of Errors.
 */
int channel_exchange(struct channel *channel, uint64_t id, uint8_t *frame,
    size_t size, struct packet *packet, int want_fd,
    const struct channel_watch *watch);

/*
 * As channel_request(), with memory for the reply from an allocator, and a
 * watch, which may be NULL.
 */
int channel_request_in(struct channel *channel, Rmmd__Request *request,
    Rmmd__Reply **reply, int *fd, ProtobufCAllocator *allocator,
    const struct channel_watch *watch);

/*
 * The daemon has answered something it must not: end the connection for all.
 * Returns -EPROTO with the sentence set.
 */
int channel_violated(struct channel *channel, const char *what);

/* Set this thread's sentence from an Error reply.  Returns -errno. */
int channel_refused(const Rmmd__Error *error);

#endif
