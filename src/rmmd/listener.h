/* SPDX-License-Identifier: BSD-3-Clause */
/* Accepts connections on one socket. */
#ifndef LISTENER_H
#define LISTENER_H

#include "connection.h"
#include "socket-file.h"

struct listener {
	struct socket_file file;
	struct event_base *base;
	struct server *server;
	Rmmd__Role role;
	unsigned max_clients, num_clients;
	struct connection_list connections;
	struct event *incoming, *resume;
	bool complained; /* of a failing accept(2), since the last good one */
};

bool listener_open(struct listener *listener, struct event_base *base,
    struct server *server, Rmmd__Role role, const char *path,
    unsigned max_clients, struct failure *why);

/* Ends its connections, too. */
void listener_close(struct listener *listener);

#endif
