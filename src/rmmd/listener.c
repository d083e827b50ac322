/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Accepts connections.  When that fails for want of descriptors or memory, it
 * says so once and tries again a little later, for the connections that are
 * there must not suffer.
 */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "listener.h"
#include "log.h"

#define PAUSE_USEC 100000

/* Those who are turned away are told why. */
static void
admit(struct listener *listener, struct connection *connection)
{
	struct session *session = &connection->session;
	pid_t pid;
	uid_t uid;

	if (!connection_peer(connection->fd, &pid, &uid) ||
	    (uid != geteuid() && uid != 0))
		session_fail(session, 0, RMMD__ERROR_CODE__ERROR_PERMISSION,
		    "this rmmd serves user %lu and root, and not user %lu",
		    (unsigned long)geteuid(), (unsigned long)uid);
	else if (listener->num_clients > listener->max_clients)
		session_fail(session, 0, RMMD__ERROR_CODE__ERROR_BUSY,
		    "there are %u clients on this socket already "
		    "(--max-clients)",
		    listener->max_clients);
	connection_start(connection);
}

static void
pause_accepting(struct listener *listener)
{
	static const struct timeval pause = { 0, PAUSE_USEC };

	if (!listener->complained)
		log_at(LOG_ERROR, "cannot accept a connection at %s: %s",
		    listener->file.path, strerror(errno));
	listener->complained = true;
	event_del(listener->incoming);
	evtimer_add(listener->resume, &pause);
}

static void
on_incoming(int fd, short what, void *arg)
{
	struct listener *listener = arg;
	struct connection *connection;
	int peer;

	(void)what;
	peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (peer < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		    errno == ENOBUFS)
			pause_accepting(listener);
		return;
	}
	listener->complained = false;
	connection = connection_new(listener->base, &listener->connections,
	    listener->server, listener->role, peer, &listener->num_clients);
	if (connection != NULL)
		admit(listener, connection);
	else
		log_at(LOG_ERROR, "no memory for a connection at %s",
		    listener->file.path);
}

static void
on_resume(int fd, short what, void *arg)
{
	struct listener *listener = arg;

	(void)fd;
	(void)what;
	event_add(listener->incoming, NULL);
}

bool
listener_open(struct listener *listener, struct event_base *base,
    struct server *server, Rmmd__Role role, const char *path,
    unsigned max_clients, struct failure *why)
{
	memset(listener, 0, sizeof(*listener));
	TAILQ_INIT(&listener->connections);
	listener->base = base;
	listener->server = server;
	listener->role = role;
	listener->max_clients = max_clients;
	if (!socket_file_open(&listener->file, path, why))
		return false;
	listener->incoming = event_new(base, listener->file.fd,
	    EV_READ | EV_PERSIST, on_incoming, listener);
	listener->resume = evtimer_new(base, on_resume, listener);
	if (listener->incoming == NULL || listener->resume == NULL ||
	    event_add(listener->incoming, NULL) != 0)
		return failure_set(why, "no memory for the socket %s", path);
	return true;
}

void
listener_close(struct listener *listener)
{
	while (!TAILQ_EMPTY(&listener->connections))
		connection_free(TAILQ_FIRST(&listener->connections));
	if (listener->incoming != NULL)
		event_free(listener->incoming);
	if (listener->resume != NULL)
		event_free(listener->resume);
	socket_file_close(&listener->file);
}
