/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames over a connected Unix stream socket: whole ones out, whole ones in,
 * however the kernel cuts them.  One thread at a time may send and one receive.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stream {
	int fd;
	uint8_t *in; /* bytes received and not yet taken */
	size_t start, end, capacity;
	int passed_fd; /* came with one of the frames in it; -1: none */
};

/* What can be told of a reply without decoding it. */
struct envelope {
	uint64_t id;
	uint32_t body; /* Rmmd__Reply__BodyCase; 0: none that we know */
};

/* Take over a connected socket.  Returns 0 or -ENOMEM. */
int stream_init(struct stream *stream, int fd);
void stream_fini(struct stream *stream);

/*
 * Send a frame: size bytes, header included, which is filled in here.
 *
 * Returns 0, -EINTR (a signal came before the first byte went out), or -errno.
 */
int stream_send(struct stream *stream, uint8_t *frame, size_t size);

/* Receive something.  Returns 0, -ECONNRESET at the end, or -errno. */
int stream_receive(struct stream *stream);

/*
 * Take the next whole frame, without its header; it is valid until the next
 * stream_receive().
 *
 * Returns 1, 0 (no whole frame is here), -EPROTO (empty, or over the limit) or
 * -ENOMEM (no room for what is to come).
 */
int stream_next(struct stream *stream, const uint8_t **frame, size_t *size);

/* Hand over the file descriptor that came, or -1. */
int stream_take_fd(struct stream *stream);

/* Look at an encoded Reply.  Returns false if it is malformed. */
bool envelope_read(struct envelope *env, const uint8_t *frame, size_t size);

#endif
