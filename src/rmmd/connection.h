/* SPDX-License-Identifier: BSD-3-Clause */
/* One accepted socket: moves bytes between it and its session. */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <event2/event.h>

#include "session.h"

struct connection {
	TAILQ_ENTRY(connection) link;
	struct session session;
	int fd;
	unsigned *count; /* of connections, kept by the listener */
	struct connection_list *list;
	struct evbuffer *in;
	struct event *readable, *writable, *again;
};
TAILQ_HEAD(connection_list, connection);

/*
 * Take over an accepted socket.  *count is one less when the connection has
 * gone.  NULL: no memory; fd is closed.
 */
struct connection *connection_new(struct event_base *base,
    struct connection_list *list, struct server *server, Rmmd__Role role,
    int fd, unsigned *count);

/* Begin to serve it: this may end it at once. */
void connection_start(struct connection *connection);
void connection_free(struct connection *connection);

/* Who is at the other end. */
bool connection_peer(int fd, pid_t *pid, uid_t *uid);

#endif
