/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One accepted socket.  After each frame others get their turn; who does not
 * read its replies is not served on until it does; and no buffer grows beyond
 * one frame and one read.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "connection.h"
#include "frame.h"
#include "log.h"

#define READ_MIN     4096u
#define READ_MAX     65536u
#define OUT_MAX	     WIRE_MAX_FRAME /* queued; above: no more requests */
#define FLUSH_PIECES 8
#define DRAIN_MAX    64 /* reads */

static void serve(struct connection *connection);

static bool
is_blocked(const struct connection *connection)
{
	return connection->session.fd_waits ||
	    evbuffer_get_length(connection->session.out) > OUT_MAX;
}

/* ---- Writing ----------------------------------------------------------- */

/* A descriptor rides on the first byte of this message. */
static void
attach_fd(struct msghdr *msg, void *control, size_t size, int fd)
{
	struct cmsghdr *cmsg;

	memset(control, 0, size);
	msg->msg_control = control;
	msg->msg_controllen = size;
	cmsg = CMSG_FIRSTHDR(msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
}

/* Send some of what is queued.  -1: see errno. */
static ssize_t
send_some(struct connection *connection)
{
	struct session *session = &connection->session;
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct evbuffer_iovec pieces[FLUSH_PIECES];
	struct msghdr msg = { .msg_iov = pieces };
	ev_ssize_t limit = -1;
	ssize_t n;
	int num;

	/* The frame with the file begins a message of its own. */
	if (session->fd_waits && session->fd_at > 0)
		limit = (ev_ssize_t)session->fd_at;
	num = evbuffer_peek(session->out, limit, NULL, pieces, FLUSH_PIECES);
	msg.msg_iovlen = num < FLUSH_PIECES ? (size_t)num : FLUSH_PIECES;
	if (limit > 0) {
		msg.msg_iovlen = 1;
		if (pieces[0].iov_len > (size_t)limit)
			pieces[0].iov_len = (size_t)limit;
	}
	if (session->fd_waits && session->fd_at == 0)
		attach_fd(&msg, &control, sizeof(control.bytes), session->fd);
	n = sendmsg(connection->fd, &msg, MSG_NOSIGNAL);
	if (n <= 0)
		return n;
	if (session->fd_waits && session->fd_at == 0)
		session->fd_waits = false;
	else if (session->fd_waits)
		session->fd_at -= (size_t)n;
	return n;
}

/* false: the peer has gone. */
static bool
flush(struct connection *connection)
{
	struct evbuffer *out = connection->session.out;
	ssize_t n;

	while (evbuffer_get_length(out) > 0) {
		n = send_some(connection);
		if (n > 0) {
			evbuffer_drain(out, (size_t)n);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == ENOBUFS))
			return true;
		/* ETOOMANYREFS: a peer that asks for files and reads none. */
		log_at(LOG_DEBUG, "%s: cannot send: %s",
		    session_who(&connection->session), strerror(errno));
		return false;
	}
	return true;
}

/* ---- Reading ----------------------------------------------------------- */

static size_t
how_much(struct evbuffer *in)
{
	size_t have = evbuffer_get_length(in);
	uint32_t length;

	if (!frame_length(in, &length) || have > WIRE_HEADER + length)
		return READ_MIN;
	length = length + WIRE_HEADER - (uint32_t)have;
	return length < READ_MIN ? READ_MIN
	    : length > READ_MAX	 ? READ_MAX
				 : length;
}

/*
 * read(2) and not recvmsg(2): the kernel closes the descriptors that a peer
 * attaches to what is read without room for them.
 */
static void
on_readable(int fd, short what, void *arg)
{
	struct connection *connection = arg;
	struct evbuffer_iovec space;
	ssize_t n;

	(void)what;
	if (evbuffer_reserve_space(connection->in,
		(ev_ssize_t)how_much(connection->in), &space, 1) != 1) {
		log_at(LOG_ERROR, "%s: no memory to read; closing",
		    session_who(&connection->session));
		connection_free(connection);
		return;
	}
	n = read(fd, space.iov_base, space.iov_len);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		connection_free(connection);
		return;
	}
	space.iov_len = (size_t)n;
	evbuffer_commit_space(connection->in, &space, 1);
	if (n == 0)
		session_end_of_input(&connection->session, connection->in);
	serve(connection);
}

/* ---- One turn ---------------------------------------------------------- */

/*
 * Close so that the peer reads our last reply, and not ECONNRESET for what we
 * never read of it.
 */
static void
finish(struct connection *connection)
{
	char rest[READ_MIN];
	int i;

	shutdown(connection->fd, SHUT_WR);
	for (i = 0; i < DRAIN_MAX; i++)
		if (read(connection->fd, rest, sizeof(rest)) <= 0)
			break;
	connection_free(connection);
}

static void
set_event(struct event *event, short what, bool wanted)
{
	bool pending = event_pending(event, what, NULL) != 0;

	if (wanted && !pending)
		event_add(event, NULL);
	else if (!wanted && pending)
		event_del(event);
}

static void
serve(struct connection *connection)
{
	static const struct timeval at_once = { 0, 0 };
	struct session *session = &connection->session;
	bool more;

	if (!session->closing && !is_blocked(connection) &&
	    session_has_frame(connection->in))
		session_take_frame(session, connection->in);
	if (!flush(connection)) {
		connection_free(connection);
		return;
	}
	if (session->closing && evbuffer_get_length(session->out) == 0) {
		finish(connection);
		return;
	}
	more = !session->closing && session_has_frame(connection->in);
	set_event(connection->writable, EV_WRITE,
	    evbuffer_get_length(session->out) > 0);
	set_event(connection->readable, EV_READ,
	    !session->closing && !more && !is_blocked(connection));
	/* A timer, so that other sockets are looked at before the next. */
	if (more && !is_blocked(connection))
		evtimer_add(connection->again, &at_once);
}

/* A reply that comes late: not from within what is going on now. */
static void
on_wake(void *ctx)
{
	static const struct timeval at_once = { 0, 0 };
	struct connection *connection = ctx;

	evtimer_add(connection->again, &at_once);
}

static bool
has_gone(void *ctx)
{
	struct connection *connection = ctx;
	struct pollfd pollfd = { .fd = connection->fd, .events = POLLRDHUP };

	return poll(&pollfd, 1, 0) > 0;
}

static void
on_turn(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	serve(arg);
}

/* ---- Life -------------------------------------------------------------- */

bool
connection_peer(int fd, pid_t *pid, uid_t *uid)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
		return false;
	*pid = cred.pid;
	*uid = cred.uid;
	return true;
}

struct connection *
connection_new(struct event_base *base, struct connection_list *list,
    struct server *server, Rmmd__Role role, int fd, unsigned *count)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	pid_t pid = 0;
	uid_t uid;

	if (connection == NULL) {
		close(fd);
		return NULL;
	}
	connection_peer(fd, &pid, &uid);
	connection->fd = fd;
	connection->list = list;
	connection->count = count;
	(*count)++;
	TAILQ_INSERT_TAIL(list, connection, link);
	connection->in = evbuffer_new();
	connection->readable =
	    event_new(base, fd, EV_READ | EV_PERSIST, on_readable, connection);
	connection->writable =
	    event_new(base, fd, EV_WRITE | EV_PERSIST, on_turn, connection);
	connection->again = evtimer_new(base, on_turn, connection);
	if (session_init(&connection->session, server, role, pid) &&
	    connection->in != NULL && connection->readable != NULL &&
	    connection->writable != NULL && connection->again != NULL) {
		connection->session.wake = on_wake;
		connection->session.has_gone = has_gone;
		connection->session.wake_ctx = connection;
		return connection;
	}
	connection_free(connection);
	return NULL;
}

void
connection_start(struct connection *connection)
{
	serve(connection);
}

void
connection_free(struct connection *connection)
{
	if (connection->session.greeted)
		log_at(LOG_INFO, "%s: gone", session_who(&connection->session));
	if (connection->readable != NULL)
		event_free(connection->readable);
	if (connection->writable != NULL)
		event_free(connection->writable);
	if (connection->again != NULL)
		event_free(connection->again);
	if (connection->in != NULL)
		evbuffer_free(connection->in);
	session_release(&connection->session);
	close(connection->fd);
	TAILQ_REMOVE(connection->list, connection, link);
	(*connection->count)--;
	free(connection);
}
