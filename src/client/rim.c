/* SPDX-License-Identifier: BSD-3-Clause */
/* The RIM, from the daemon whose realm it is of; rim.h tells. */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "rim.h"
#include "sockets.h"
#include "wire.h"

/* Beside the host's, if that is all that is named; NULL: where it always is. */
static char *
control_path(const char *host, const char *control)
{
	if (control != NULL)
		return strdup(control);
	return host != NULL && host[0] != '\0' ? socket_beside(host) : NULL;
}

/* Whether the user named both sockets, and so says that they belong together.
 */
static bool
is_pair(const char *host, const char *control)
{
	if (control != NULL)
		return true;
	return host == NULL && getenv(WIRE_ENV_HOST) != NULL &&
	    getenv(WIRE_ENV_CONTROL) != NULL;
}

/*
 * Whether the daemon there is the one that has our realm.  Two machines give
 * out the same addresses, so an RD alone does not tell.
 */
static bool
is_ours(struct channel *channel, uint64_t rd)
{
	Rmmd__StatusRequest body = RMMD__STATUS_REQUEST__INIT;
	Rmmd__Request status = RMMD__REQUEST__INIT;
	Rmmd__Reply *reply;
	bool found = false;

	status.body_case = RMMD__REQUEST__BODY_STATUS;
	status.status = &body;
	if (channel_request(channel, &status, &reply, NULL) < 0)
		return false;
	for (size_t i = 0; i < reply->status->n_leases; i++) {
		const Rmmd__Lease *lease = reply->status->leases[i];

		if (rd >= lease->pa && rd - lease->pa < lease->size &&
		    lease->pid == (uint32_t)getpid())
			found = true;
	}
	channel_free_reply(reply);
	return found;
}

static size_t
digest_size(const char *algorithm)
{
	return strcmp(algorithm, "sha-512") == 0 ? 64 : 32;
}

static void
request(struct channel *channel, uint64_t rd, struct rim *rim)
{
	Rmmd__RimRequest body = RMMD__RIM_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Reply *reply;

	body.rd = rd;
	body.has_limit = 1;
	body.limit = 1;
	request.body_case = RMMD__REQUEST__BODY_RIM;
	request.rim = &body;
	if (channel_request(channel, &request, &reply, NULL) < 0) {
		snprintf(rim->why, sizeof(rim->why), "%s", channel_error());
		return;
	}
	snprintf(rim->algorithm, sizeof(rim->algorithm), "%s",
	    reply->rim->hash_algo);
	rim->size = digest_size(rim->algorithm);
	if (rim->size > reply->rim->rim.len)
		rim->size = reply->rim->rim.len;
	memcpy(rim->value, reply->rim->rim.data, rim->size);
	channel_free_reply(reply);
}

struct channel *
rim_channel(const char *host, const char *control, const char *name,
    uint64_t rd, char *why, size_t size)
{
	char *path = control_path(host, control);
	struct channel *channel;

	channel = channel_connect(path, RMMD__ROLE__ROLE_CONTROL, name);
	free(path);
	if (channel == NULL) {
		snprintf(why, size, "control socket not reachable: %s",
		    channel_error());
		return NULL;
	}
	if (is_pair(host, control) || is_ours(channel, rd))
		return channel;
	snprintf(why, size,
	    "the control socket is another daemon's: name the right one with "
	    "--control");
	channel_close(channel);
	return NULL;
}

void
rim_read(const char *host, const char *control, const char *name, uint64_t rd,
    struct rim *rim)
{
	struct channel *channel;

	memset(rim, 0, sizeof(*rim));
	channel =
	    rim_channel(host, control, name, rd, rim->why, sizeof(rim->why));
	if (channel == NULL)
		return;
	request(channel, rd, rim);
	channel_close(channel);
}
