/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Socket files.  The lock is held for life, so whether a socket is stale is
 * known without a race; it vanishes with its holder however that dies.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "socket-file.h"
#include "wire.h"

#define BACKLOG 64

static void
close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static bool
address_of(const char *path, struct sockaddr_un *addr, struct failure *why)
{
	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(addr->sun_path))
		return failure_set(why,
		    "the socket path %s is too long: at most %zu bytes", path,
		    sizeof(addr->sun_path) - 1);
	strcpy(addr->sun_path, path);
	return true;
}

/* Does somebody serve the socket?  *pid: who; 0: not known. */
static bool
is_served(const struct sockaddr_un *addr, pid_t *pid)
{
	__attribute__((cleanup(close_fd))) int fd = -1;
	struct ucred cred;
	socklen_t len = sizeof(cred);

	*pid = 0;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) != 0)
		/* EAGAIN: its queue is full, so somebody has it open. */
		return errno == EAGAIN || errno == EACCES;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0)
		*pid = cred.pid;
	return true;
}

static bool
refuse_second(const char *path, pid_t pid, struct failure *why)
{
	char who[32] = "another process";

	if (pid > 0)
		snprintf(who, sizeof(who), "process %ld", (long)pid);
	return failure_set(why,
	    "%s is served by %s already; stop that, or choose other sockets "
	    "(--socket, --control)",
	    path, who);
}

/* The lock file may be removed by its last holder while we wait for it. */
static bool
lock_is_linked(int fd, const char *path)
{
	struct stat mine, there;

	return fstat(fd, &mine) == 0 && stat(path, &there) == 0 &&
	    mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

static bool
take_lock(struct socket_file *file, const struct sockaddr_un *addr,
    struct failure *why)
{
	pid_t pid;

	for (;;) {
		file->lock_fd = open(file->lock_path,
		    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (file->lock_fd < 0)
			return failure_set(why, "cannot make the lock %s: %s",
			    file->lock_path, strerror(errno));
		if (flock(file->lock_fd, LOCK_EX | LOCK_NB) != 0) {
			close(file->lock_fd);
			file->lock_fd = -1;
			is_served(addr, &pid);
			return refuse_second(file->path, pid, why);
		}
		if (lock_is_linked(file->lock_fd, file->lock_path))
			return true;
		close(file->lock_fd);
		file->lock_fd = -1;
	}
}

/* What lies at the path may go only if it is a socket that nobody serves. */
static bool
clear_path(
    const char *path, const struct sockaddr_un *addr, struct failure *why)
{
	struct stat st;
	pid_t pid;

	if (lstat(path, &st) != 0) {
		if (errno == ENOENT)
			return true;
		return failure_set(
		    why, "cannot look at %s: %s", path, strerror(errno));
	}
	if (!S_ISSOCK(st.st_mode))
		return failure_set(why,
		    "%s exists and is no socket; remove it, or choose another "
		    "path",
		    path);
	if (is_served(addr, &pid))
		return refuse_second(path, pid, why);
	if (unlink(path) != 0)
		return failure_set(why, "cannot remove the stale socket %s: %s",
		    path, strerror(errno));
	return true;
}

static bool
listen_at(struct socket_file *file, const struct sockaddr_un *addr,
    struct failure *why)
{
	struct stat st;
	mode_t old;
	int rc;

	file->fd =
	    socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (file->fd < 0)
		return failure_set(
		    why, "cannot make a socket: %s", strerror(errno));
	/* There is no moment at which others may connect. */
	old = umask(0177);
	rc = bind(file->fd, (const struct sockaddr *)addr, sizeof(*addr));
	umask(old);
	if (rc != 0)
		return failure_set(why, "cannot bind the socket %s: %s",
		    file->path, strerror(errno));
	if (lstat(file->path, &st) == 0) {
		file->bound = true;
		file->dev = st.st_dev;
		file->ino = st.st_ino;
	}
	if (listen(file->fd, BACKLOG) != 0)
		return failure_set(why, "cannot listen at %s: %s", file->path,
		    strerror(errno));
	return true;
}

bool
socket_file_open(
    struct socket_file *file, const char *path, struct failure *why)
{
	struct sockaddr_un addr;

	memset(file, 0, sizeof(*file));
	file->fd = file->lock_fd = -1;
	if (!address_of(path, &addr, why))
		return false;
	file->path = strdup(path);
	if (file->path == NULL ||
	    asprintf(&file->lock_path, "%s.lock", path) < 0) {
		file->lock_path = NULL;
		return failure_set(why, "no memory for a path");
	}
	return take_lock(file, &addr, why) && clear_path(path, &addr, why) &&
	    listen_at(file, &addr, why);
}

void
socket_file_close(struct socket_file *file)
{
	struct stat st;

	if (file->bound && lstat(file->path, &st) == 0 &&
	    st.st_dev == file->dev && st.st_ino == file->ino)
		unlink(file->path);
	if (file->fd >= 0)
		close(file->fd);
	if (file->lock_fd >= 0) {
		/* Before it is released: nobody else can hold it now. */
		if (lock_is_linked(file->lock_fd, file->lock_path))
			unlink(file->lock_path);
		close(file->lock_fd);
	}
	free(file->path);
	free(file->lock_path);
	memset(file, 0, sizeof(*file));
	file->fd = file->lock_fd = -1;
}

/* A directory for us alone, made if it is not there. */
static bool
own_directory(const char *path, struct failure *why)
{
	struct stat st;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return failure_set(why,
		    "cannot make the directory %s: %s; give --socket and "
		    "--control",
		    path, strerror(errno));
	if (lstat(path, &st) != 0)
		return failure_set(
		    why, "cannot look at %s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & 077) != 0)
		return failure_set(why,
		    "%s is not a directory of yours with mode 0700; remove it, "
		    "or give --socket and --control",
		    path);
	return true;
}

char *
socket_file_default(const char *name, struct failure *why)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char *directory = NULL, *path = NULL;
	int rc;

	if (runtime != NULL && runtime[0] == '/')
		rc = asprintf(&directory, "%s/rmmd", runtime);
	else
		rc = asprintf(
		    &directory, "/tmp/rmmd-%lu", (unsigned long)geteuid());
	if (rc < 0) {
		failure_set(why, "no memory for a path");
		return NULL;
	}
	if (own_directory(directory, why) &&
	    asprintf(&path, "%s/%s", directory, name) < 0) {
		failure_set(why, "no memory for a path");
		path = NULL;
	}
	free(directory);
	return path;
}
