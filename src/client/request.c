/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests and replies as messages: encode, exchange, decode, and turn an
 * Error into an errno.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "channel-internal.h"
#include "wire.h"

/* Requests up to this size need no allocation. */
#define REQUEST_SMALL 1024

static int
error_to_errno(Rmmd__ErrorCode code)
{
	switch (code) {
	case RMMD__ERROR_CODE__ERROR_VERSION:
		return EPROTONOSUPPORT;
	case RMMD__ERROR_CODE__ERROR_PERMISSION:
		return EACCES;
	case RMMD__ERROR_CODE__ERROR_ARGUMENT:
		return EINVAL;
	case RMMD__ERROR_CODE__ERROR_NOT_FOUND:
		return ENOENT;
	case RMMD__ERROR_CODE__ERROR_NO_MEMORY:
		return ENOMEM;
	case RMMD__ERROR_CODE__ERROR_BUSY:
		return EBUSY;
	default:
		return EPROTO;
	}
}

int
channel_refused(const Rmmd__Error *error)
{
	return channel_fail(error_to_errno(error->code), "%s", error->text);
}

/* The reply that answers a request. */
static unsigned
reply_body(Rmmd__Request__BodyCase body)
{
	/* The host's requests are numbered one less than their replies. */
	if (body <= RMMD__REQUEST__BODY_RELEASE)
		return (unsigned)body + 1;
	return (unsigned)body;
}
_Static_assert((int)RMMD__REPLY__BODY_HELLO == RMMD__REQUEST__BODY_HELLO + 1 &&
	(int)RMMD__REPLY__BODY_RELEASE == RMMD__REQUEST__BODY_RELEASE + 1 &&
	(int)RMMD__REPLY__BODY_STATUS == RMMD__REQUEST__BODY_STATUS &&
	(int)RMMD__REPLY__BODY_RIM == RMMD__REQUEST__BODY_RIM,
    "how replies are numbered");

static int
exchange(struct channel *channel, const Rmmd__Request *request,
    struct packet *packet, int want_fd, const struct channel_watch *watch)
{
	size_t size = WIRE_HEADER + rmmd__request__get_packed_size(request);
	uint8_t small[REQUEST_SMALL], *frame = small;
	int rc;

	if (size > sizeof small) {
		frame = malloc(size);
		if (frame == NULL)
			return channel_fail(ENOMEM, "no memory for a request");
	}
	rmmd__request__pack(request, frame + WIRE_HEADER);
	rc = channel_exchange(
	    channel, request->id, frame, size, packet, want_fd, watch);
	if (frame != small)
		free(frame);
	return rc;
}

/* Returns 0 if the reply answers the request. */
static int
judge(struct channel *channel, const Rmmd__Request *request,
    const Rmmd__Reply *reply)
{
	if (reply == NULL)
		return channel_violated(
		    channel, "the daemon sent a malformed reply");
	if (reply->body_case == RMMD__REPLY__BODY_ERROR)
		return channel_refused(reply->error);
	if ((unsigned)reply->body_case != reply_body(request->body_case))
		return channel_violated(
		    channel, "the daemon sent a reply of another kind");
	return 0;
}

int
channel_request_in(struct channel *channel, Rmmd__Request *request,
    Rmmd__Reply **reply, int *fd, ProtobufCAllocator *allocator,
    const struct channel_watch *watch)
{
	struct packet packet;
	int rc;

	*reply = NULL;
	if (fd != NULL)
		*fd = -1;
	request->id = channel_next_id(channel);
	rc = exchange(channel, request, &packet, fd != NULL, watch);
	if (rc != 0)
		return rc;
	*reply = rmmd__reply__unpack(allocator, packet.size, packet.data);
	rc = judge(channel, request, *reply);
	if (rc == 0 && fd != NULL) {
		*fd = packet.fd;
		packet.fd = -1;
	}
	packet_free(&packet);
	if (rc != 0 && *reply != NULL) {
		rmmd__reply__free_unpacked(*reply, allocator);
		*reply = NULL;
	}
	return rc;
}

int
channel_request(struct channel *channel, Rmmd__Request *request,
    Rmmd__Reply **reply, int *fd)
{
	return channel_request_in(channel, request, reply, fd, NULL, NULL);
}

void
channel_free_reply(Rmmd__Reply *reply)
{
	if (reply != NULL)
		rmmd__reply__free_unpacked(reply, NULL);
}
