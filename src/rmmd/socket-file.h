/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A listening socket in the file system, and the lock beside it that makes its
 * holder the only one who may put a socket there, replace it, or remove it.
 */
#ifndef SOCKET_FILE_H
#define SOCKET_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "failure.h"

struct socket_file {
	char *path, *lock_path;
	int fd, lock_fd;
	bool bound;
	dev_t dev; /* of the socket we bound */
	ino_t ino;
};

/*
 * Listen at path, mode 0600.  A socket that nobody serves is replaced.
 * Fails, naming the process, if somebody serves it.
 */
bool socket_file_open(
    struct socket_file *file, const char *path, struct failure *why);

/* Close, and remove what is still ours. */
void socket_file_close(struct socket_file *file);

/*
 * Where a socket is by default: see include/wire.h.  Makes the directory.
 * To be freed by the caller.  NULL: failed.
 */
char *socket_file_default(const char *name, struct failure *why);

#endif
