/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames over a Unix stream socket, and a look at the outside of a reply.
 */
#include "config.h"

#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "rmmd.pb-c.h"
#include "wire.h"

/* The replies to a full batch of short answers fit. */
#define STREAM_ROOM (64u << 10)
/* More descriptors than the protocol ever passes; the kernel drops the rest. */
#define STREAM_FDS_MAX 8

int
stream_init(struct stream *stream, int fd)
{
	*stream = (struct stream){ .fd = fd, .passed_fd = -1 };
	stream->in = malloc(STREAM_ROOM);
	if (stream->in == NULL)
		return -ENOMEM;
	stream->capacity = STREAM_ROOM;
	return 0;
}

void
stream_fini(struct stream *stream)
{
	if (stream->passed_fd != -1)
		close(stream->passed_fd);
	free(stream->in);
	close(stream->fd);
}

static void
put_length(uint8_t *header, uint32_t length)
{
	for (unsigned i = 0; i < WIRE_HEADER; i++)
		header[i] = (uint8_t)(length >> 8 * i);
}

static uint32_t
get_length(const uint8_t *header)
{
	uint32_t length = 0;

	for (unsigned i = 0; i < WIRE_HEADER; i++)
		length |= (uint32_t)header[i] << 8 * i;
	return length;
}

int
stream_send(struct stream *stream, uint8_t *frame, size_t size)
{
	size_t sent = 0;
	ssize_t n;

	put_length(frame, (uint32_t)(size - WIRE_HEADER));
	while (sent < size) {
		n = send(stream->fd, frame + sent, size - sent, MSG_NOSIGNAL);
		if (n >= 0)
			sent += (size_t)n;
		else if (errno != EINTR || sent == 0)
			return -errno;
	}
	return 0;
}

/* Keep the first of the descriptors that came, unless one is waiting. */
static void
keep_fds(struct stream *stream, struct msghdr *msg)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		int fds[STREAM_FDS_MAX];
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof fds[0];

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		if (n > STREAM_FDS_MAX)
			n = STREAM_FDS_MAX;
		memcpy(fds, CMSG_DATA(c), n * sizeof fds[0]);
		for (size_t i = 0; i < n; i++) {
			if (stream->passed_fd == -1)
				stream->passed_fd = fds[i];
			else
				close(fds[i]);
		}
	}
}

int
stream_receive(struct stream *stream)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(STREAM_FDS_MAX * sizeof(int))];
	} control;
	struct iovec iov;
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	iov.iov_base = stream->in + stream->end;
	iov.iov_len = stream->capacity - stream->end;
	do {
		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof control.bytes;
		n = recvmsg(stream->fd, &msg, MSG_CMSG_CLOEXEC);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return -errno;
	keep_fds(stream, &msg);
	if (n == 0)
		return -ECONNRESET;
	stream->end += (size_t)n;
	return 0;
}

/* Make sure that a frame of this size can come to be in the buffer. */
static int
make_room(struct stream *stream, size_t size)
{
	uint8_t *in;

	if (stream->start > 0) {
		memmove(stream->in, stream->in + stream->start,
		    stream->end - stream->start);
		stream->end -= stream->start;
		stream->start = 0;
	}
	if (size <= stream->capacity)
		return 0;
	in = realloc(stream->in, size);
	if (in == NULL)
		return -ENOMEM;
	stream->in = in;
	stream->capacity = size;
	return 0;
}

int
stream_next(struct stream *stream, const uint8_t **frame, size_t *size)
{
	size_t have = stream->end - stream->start;
	uint32_t length;

	if (have < WIRE_HEADER)
		return make_room(stream, WIRE_HEADER);
	length = get_length(stream->in + stream->start);
	if (length == 0 || length > WIRE_MAX_FRAME)
		return -EPROTO;
	if (have - WIRE_HEADER < length)
		return make_room(stream, WIRE_HEADER + length);
	*frame = stream->in + stream->start + WIRE_HEADER;
	*size = length;
	stream->start += WIRE_HEADER + length;
	return 1;
}

int
stream_take_fd(struct stream *stream)
{
	int fd = stream->passed_fd;

	stream->passed_fd = -1;
	return fd;
}

/* ---- The outside of a reply: protobuf's encoding, top level only ------- */

static bool
read_varint(uint64_t *value, const uint8_t **p, const uint8_t *end)
{
	*value = 0;
	for (unsigned shift = 0; shift < 64 && *p < end; shift += 7) {
		uint8_t byte = *(*p)++;

		*value |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0)
			return true;
	}
	return false;
}

static bool
skip(uint64_t bytes, const uint8_t **p, const uint8_t *end)
{
	if (bytes > (uint64_t)(end - *p))
		return false;
	*p += bytes;
	return true;
}

static bool
read_field(struct envelope *env, const uint8_t **p, const uint8_t *end)
{
	uint64_t key, value;

	if (!read_varint(&key, p, end))
		return false;
	switch (key & 7) {
	case PROTOBUF_C_WIRE_TYPE_VARINT:
		if (!read_varint(&value, p, end))
			return false;
		if (key >> 3 == 1) /* Reply.id */
			env->id = value;
		return true;
	case PROTOBUF_C_WIRE_TYPE_64BIT:
		return skip(8, p, end);
	case PROTOBUF_C_WIRE_TYPE_32BIT:
		return skip(4, p, end);
	case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
		/* Every member of the body is a message. */
		env->body = key >> 3 <= UINT32_MAX ? (uint32_t)(key >> 3) : 0;
		return read_varint(&value, p, end) && skip(value, p, end);
	default:
		return false;
	}
}

bool
envelope_read(struct envelope *env, const uint8_t *frame, size_t size)
{
	const uint8_t *p = frame, *end = frame + size;

	*env = (struct envelope){ 0 };
	while (p < end) {
		if (!read_field(env, &p, end))
			return false;
	}
	return true;
}
