/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The opening of a channel: connect the socket, agree on a version, note the
 * daemon's limits.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "channel-setup.h"
#include "sockets.h"
#include "wire.h"

/* Bytes of a Call with all 18 registers and a PE, its key and its length. */
#define CALL_SIZE_MAX 160u
/* Bytes around the calls of a Batch: ids, keys, lengths. */
#define BATCH_OVERHEAD 32u

static int
cannot_connect(int err, const char *path, Rmmd__Role role)
{
	switch (err) {
	case ENOENT:
	case ECONNREFUSED:
		return channel_fail(err,
		    "no rmmd listens on %s: start one, or name its socket in "
		    "%s",
		    path, socket_variable(role));
	case EACCES:
	case EPERM:
		return channel_fail(EACCES,
		    "%s is not for this user: run as the user who started "
		    "rmmd",
		    path);
	default:
		return channel_fail(
		    err, "cannot connect to %s: %s", path, strerror(err));
	}
}

/* A connect that a signal interrupts has not begun on a Unix socket. */
static int
connect_again(int fd, const struct sockaddr_un *to)
{
	int rc;

	do
		rc = connect(fd, (const struct sockaddr *)to, sizeof *to);
	while (rc == -1 && errno == EINTR);
	return rc;
}

int
channel_open_socket(const char *path, Rmmd__Role role)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd, rc;

	rc = socket_path(role, path, to.sun_path, sizeof to.sun_path);
	if (rc != 0)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return channel_fail(
		    errno, "cannot make a socket: %s", strerror(errno));
	if (connect_again(fd, &to) == 0)
		return fd;
	rc = cannot_connect(errno, to.sun_path, role);
	close(fd);
	return rc;
}

static int
check_greeting(const Rmmd__HelloReply *reply, struct greeting *greeting)
{
	uint32_t frame = reply->max_frame, fit;

	if (reply->version < WIRE_VERSION_MIN || reply->version > WIRE_VERSION)
		return channel_fail(EPROTONOSUPPORT,
		    "the daemon (%.60s) speaks protocol version %u, this "
		    "client %u to %u: use the same release of both",
		    reply->server, reply->version, WIRE_VERSION_MIN,
		    WIRE_VERSION);
	if (frame > WIRE_MAX_FRAME)
		frame = WIRE_MAX_FRAME;
	if (frame < BATCH_OVERHEAD + CALL_SIZE_MAX || reply->max_batch == 0)
		return channel_fail(EPROTO,
		    "the daemon (%.60s) takes frames of %u bytes and batches "
		    "of %u calls: too little to work with",
		    reply->server, frame, reply->max_batch);
	fit = (frame - BATCH_OVERHEAD) / CALL_SIZE_MAX;
	greeting->max_frame = frame;
	greeting->max_batch = reply->max_batch < fit ? reply->max_batch : fit;
	snprintf(
	    greeting->server, sizeof greeting->server, "%s", reply->server);
	snprintf(greeting->abi, sizeof greeting->abi, "%s", reply->abi);
	return 0;
}

int
channel_greet(struct channel *channel, Rmmd__Role role, const char *name,
    struct greeting *greeting)
{
	Rmmd__Hello hello = RMMD__HELLO__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Reply *reply;
	char client[WIRE_MAX_NAME + 1];
	int rc;

	hello.version = WIRE_VERSION;
	hello.has_min_version = 1;
	hello.min_version = WIRE_VERSION_MIN;
	hello.role = role;
	if (name != NULL) {
		snprintf(client, sizeof client, "%s", name);
		hello.client = client;
	}
	request.body_case = RMMD__REQUEST__BODY_HELLO;
	request.hello = &hello;
	do
		rc = channel_request(channel, &request, &reply, NULL);
	while (rc == -EINTR);
	if (rc != 0)
		return rc;
	rc = check_greeting(reply->hello, greeting);
	channel_free_reply(reply);
	return rc;
}
