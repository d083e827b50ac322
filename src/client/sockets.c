/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Find the socket of an rmmd: by name, by environment, or where the daemon
 * puts it by default.
 */
#include "config.h"

#include "sockets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "channel.h"
#include "wire.h"

const char *
socket_variable(Rmmd__Role role)
{
	return role == RMMD__ROLE__ROLE_HOST ? WIRE_ENV_HOST : WIRE_ENV_CONTROL;
}

/* /tmp is everybody's: trust a directory there only if it is ours alone. */
static int
check_directory(const char *dir)
{
	struct stat st;

	/* One that does not exist is for connect() to report. */
	if (lstat(dir, &st) == -1)
		return 0;
	if (S_ISDIR(st.st_mode) && st.st_uid == getuid() &&
	    (st.st_mode & 077) == 0)
		return 0;
	return channel_fail(EACCES,
	    "%s is not a directory of yours alone (owner %u, mode %03o): "
	    "remove it, or set XDG_RUNTIME_DIR",
	    dir, (unsigned)st.st_uid, (unsigned)(st.st_mode & 0777));
}

static int
copy_path(char *buf, size_t len, int printed)
{
	const size_t limit = sizeof(((struct sockaddr_un *)0)->sun_path);

	if (printed >= 0 && (size_t)printed < len && (size_t)printed < limit)
		return 0;
	return channel_fail(ENAMETOOLONG,
	    "the socket's path %.40s... is too long: at most %zu bytes fit",
	    buf, limit - 1);
}

char *
socket_beside(const char *host)
{
	const char *slash = strrchr(host, '/');
	int len = slash != NULL ? (int)(slash + 1 - host) : 0;
	char *path;

	if (asprintf(&path, "%.*s%s", len, host, WIRE_NAME_CONTROL) < 0)
		return NULL;
	return path;
}

/* What the environment says, or the empty string. */
static int
environment_path(Rmmd__Role role, char *buf, size_t len)
{
	const char *path = secure_getenv(socket_variable(role));
	const char *host = secure_getenv(WIRE_ENV_HOST);
	char *beside;
	int rc;

	buf[0] = '\0';
	if (path != NULL && *path != '\0')
		return copy_path(buf, len, snprintf(buf, len, "%s", path));
	if (host == NULL || *host == '\0')
		return 0;
	beside = socket_beside(host);
	if (beside == NULL)
		return channel_fail(ENOMEM, "no memory for a path");
	rc = copy_path(buf, len, snprintf(buf, len, "%s", beside));
	free(beside);
	return rc;
}

int
socket_path(Rmmd__Role role, const char *path, char *buf, size_t len)
{
	const char *name =
	    role == RMMD__ROLE__ROLE_HOST ? WIRE_NAME_HOST : WIRE_NAME_CONTROL;
	const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
	char dir[64];
	int rc;

	if (path != NULL && *path != '\0')
		return copy_path(buf, len, snprintf(buf, len, "%s", path));
	rc = environment_path(role, buf, len);
	if (rc != 0 || buf[0] != '\0')
		return rc;
	/* A relative one is to be ignored, says its specification. */
	if (runtime != NULL && *runtime == '/')
		return copy_path(
		    buf, len, snprintf(buf, len, "%s/rmmd/%s", runtime, name));
	snprintf(dir, sizeof dir, "/tmp/rmmd-%u", (unsigned)getuid());
	if (check_directory(dir) != 0)
		return -EACCES;
	return copy_path(buf, len, snprintf(buf, len, "%s/%s", dir, name));
}
