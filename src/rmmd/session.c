/* SPDX-License-Identifier: BSD-3-Clause */
/* One peer: its Hello, and which of its requests go where. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "frame.h"
#include "host.h"
#include "lease.h"
#include "log.h"
#include "realm/attach.h"
#include "realm/cpu.h"
#include "session.h"

static const char *
role_name(Rmmd__Role role)
{
	switch (role) {
	case RMMD__ROLE__ROLE_CONTROL:
		return "control";
	case RMMD__ROLE__ROLE_REALM:
		return "realm";
	case RMMD__ROLE__ROLE_PROCESSOR:
		return "processor";
	default:
		return "host";
	}
}

bool
session_init(
    struct session *session, struct server *server, Rmmd__Role role, pid_t pid)
{
	memset(session, 0, sizeof(*session));
	session->server = server;
	session->role = role;
	session->pid = pid;
	session->out = evbuffer_new();
	return session->out != NULL;
}

void
session_release(struct session *session)
{
	if (session->greeted)
		actors_session_gone(session);
	lease_end_all(session);
	if (session->greeted)
		session->server->num_sessions--;
	if (session->out != NULL)
		evbuffer_free(session->out);
}

const char *
session_who(const struct session *session)
{
	static char who[WIRE_MAX_NAME + 64];

	snprintf(who, sizeof(who), "%s client, pid %ld (%s)",
	    role_name(session->role), (long)session->pid,
	    session->name[0] != '\0' ? session->name : "no name");
	return who;
}

void
session_reply(struct session *session, Rmmd__Reply *reply)
{
	if (frame_put(session->out, reply))
		return;
	log_at(LOG_ERROR, "%s: no memory for a reply; closing",
	    session_who(session));
	session->closing = true;
}

void
session_reply_fd(struct session *session, Rmmd__Reply *reply, int fd)
{
	session->fd = fd;
	session->fd_at = evbuffer_get_length(session->out);
	session->fd_waits = true;
	session_reply(session, reply);
}

void
session_reply_late(struct session *session, Rmmd__Reply *reply)
{
	session_reply(session, reply);
	if (session->wake != NULL)
		session->wake(session->wake_ctx);
}

static void
reply_error(
    struct session *session, uint64_t id, Rmmd__ErrorCode code, char *text)
{
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__Error error = RMMD__ERROR__INIT;

	error.code = code;
	error.text = text;
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_ERROR;
	reply.error = &error;
	session_reply(session, &reply);
}

void
session_refuse(struct session *session, uint64_t id, Rmmd__ErrorCode code,
    const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_at(LOG_DEBUG, "%s: refused: %s", session_who(session), text);
	reply_error(session, id, code, text);
}

void
session_refuse_late(struct session *session, uint64_t id, Rmmd__ErrorCode code,
    const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	session_refuse(session, id, code, "%s", text);
	if (session->wake != NULL)
		session->wake(session->wake_ctx);
}

void
session_fail(struct session *session, uint64_t id, Rmmd__ErrorCode code,
    const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_at(LOG_WARN, "%s: %s; closing the connection", session_who(session),
	    text);
	reply_error(session, id, code, text);
	session->closing = true;
}

/* ---- Hello ------------------------------------------------------------- */

static void
greet(struct session *session, uint64_t id)
{
	static char server[] = PACKAGE_NAME " " PACKAGE_VERSION;
	static char abi[] = "RMI 1.0";
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__HelloReply hello = RMMD__HELLO_REPLY__INIT;

	hello.version = WIRE_VERSION;
	hello.server = server;
	hello.abi = abi;
	hello.max_frame = WIRE_MAX_FRAME;
	hello.max_batch = WIRE_MAX_BATCH;
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_HELLO;
	reply.hello = &hello;
	session_reply(session, &reply);
}

/* The control socket is for those, too, who are in the realm. */
static bool
role_is_possible(const struct session *session, Rmmd__Role role)
{
	if (session->role == RMMD__ROLE__ROLE_CONTROL)
		return role == RMMD__ROLE__ROLE_CONTROL ||
		    role == RMMD__ROLE__ROLE_REALM ||
		    role == RMMD__ROLE__ROLE_PROCESSOR;
	return role == session->role;
}

static void
take_hello(struct session *session, uint64_t id, const Rmmd__Hello *hello)
{
	uint32_t lowest;

	lowest = hello->has_min_version ? hello->min_version : hello->version;
	if (lowest > hello->version) {
		session_fail(session, id, RMMD__ERROR_CODE__ERROR_PROTOCOL,
		    "Hello with a lowest version of %u above its highest, %u",
		    lowest, hello->version);
		return;
	}
	if (lowest > WIRE_VERSION || hello->version < WIRE_VERSION_MIN) {
		session_fail(session, id, RMMD__ERROR_CODE__ERROR_VERSION,
		    "no common protocol version: the client speaks %u to "
		    "%u, " PACKAGE_NAME " " PACKAGE_VERSION " speaks %u to %u; "
		    "upgrade the older of the two",
		    lowest, hello->version, WIRE_VERSION_MIN, WIRE_VERSION);
		return;
	}
	if (hello->client != NULL && strlen(hello->client) > WIRE_MAX_NAME) {
		session_fail(session, id, RMMD__ERROR_CODE__ERROR_PROTOCOL,
		    "the client's name has more than %u bytes", WIRE_MAX_NAME);
		return;
	}
	if (hello->client != NULL) {
		strcpy(session->name, hello->client);
		log_clean(session->name);
	}
	if (!role_is_possible(session, hello->role)) {
		session_fail(session, id, RMMD__ERROR_CODE__ERROR_PERMISSION,
		    "this is the %s socket, and Hello asks for the role %d "
		    "(host is 1, control 2, realm 3 and processor 4)",
		    role_name(session->role), (int)hello->role);
		return;
	}
	session->role = hello->role;
	session->greeted = true;
	session->server->num_sessions++;
	log_at(LOG_INFO, "%s: connected", session_who(session));
	greet(session, id);
}

/* ---- Frames ------------------------------------------------------------ */

/* false: no request for this role. */
static bool
role_request(struct session *session, const Rmmd__Request *request)
{
	switch (session->role) {
	case RMMD__ROLE__ROLE_HOST:
		return host_request(session, request);
	case RMMD__ROLE__ROLE_CONTROL:
		return control_request(session, request);
	case RMMD__ROLE__ROLE_REALM:
		return attach_request(session, request);
	case RMMD__ROLE__ROLE_PROCESSOR:
		return cpu_request(session, request);
	default:
		return false;
	}
}

static void
take_request(struct session *session, const Rmmd__Request *request)
{
	if (request->body_case == RMMD__REQUEST__BODY__NOT_SET) {
		session_fail(session, request->id,
		    RMMD__ERROR_CODE__ERROR_PROTOCOL,
		    "a request that protocol version %u does not know",
		    WIRE_VERSION);
	} else if (request->body_case == RMMD__REQUEST__BODY_HELLO) {
		if (session->greeted)
			session_fail(session, request->id,
			    RMMD__ERROR_CODE__ERROR_PROTOCOL, "a second Hello");
		else
			take_hello(session, request->id, request->hello);
	} else if (!session->greeted) {
		session_fail(session, request->id,
		    RMMD__ERROR_CODE__ERROR_PROTOCOL,
		    "the first request must be a Hello");
	} else if (!role_request(session, request)) {
		session_refuse(session, request->id,
		    RMMD__ERROR_CODE__ERROR_PERMISSION,
		    "request %d is not for the %s role",
		    (int)request->body_case, role_name(session->role));
	}
}

bool
session_has_frame(struct evbuffer *in)
{
	uint32_t length;

	if (!frame_length(in, &length))
		return false;
	return length > WIRE_MAX_FRAME ||
	    evbuffer_get_length(in) >= WIRE_HEADER + length;
}

void
session_take_frame(struct session *session, struct evbuffer *in)
{
	Rmmd__Request *request;
	uint32_t length;

	if (!frame_length(in, &length))
		return;
	if (length > WIRE_MAX_FRAME) {
		session_fail(session, 0, RMMD__ERROR_CODE__ERROR_PROTOCOL,
		    "oversized frame: its header announces %u bytes, and %u "
		    "are allowed",
		    length, WIRE_MAX_FRAME);
		return;
	}
	request = frame_take(in, length);
	if (request == NULL) {
		session_fail(session, 0, RMMD__ERROR_CODE__ERROR_PROTOCOL,
		    "malformed frame: its %u bytes are not a Request", length);
		return;
	}
	take_request(session, request);
	frame_free(request);
}

void
session_end_of_input(struct session *session, struct evbuffer *in)
{
	size_t have = evbuffer_get_length(in);
	uint32_t length;

	session->closing = true;
	if (have == 0)
		return;
	if (frame_length(in, &length))
		session_fail(session, 0, RMMD__ERROR_CODE__ERROR_PROTOCOL,
		    "truncated frame: %zu of %u bytes", have - WIRE_HEADER,
		    length);
	else
		session_fail(session, 0, RMMD__ERROR_CODE__ERROR_PROTOCOL,
		    "truncated frame: %zu bytes of its header", have);
}
