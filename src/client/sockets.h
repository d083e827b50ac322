/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the sockets of an rmmd are (include/wire.h has the rule).
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <stddef.h>

#include "rmmd.pb-c.h"

/*
 * Write the path of the socket for a role to buf.
 *
 * path: what the user asked for; NULL: the environment, else the default.
 *
 * Returns 0, or -ENAMETOOLONG (no socket can have such a name), -EACCES (the
 * default's directory is open to others, who might listen there); the sentence
 * is in channel_error().
 */
int socket_path(Rmmd__Role role, const char *path, char *buf, size_t len);

/*
 * The control socket in the directory of a host's socket that was named alone.
 * To be freed by the caller; NULL: no memory.
 */
char *socket_beside(const char *host);

/* The environment variable that names the socket of a role. */
const char *socket_variable(Rmmd__Role role);

#endif
