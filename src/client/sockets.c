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
	return role == RMMD__ROLE__ROLE_CONTROL ? WIRE_ENV_CONTROL
						: WIRE_ENV_HOST;
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

int
socket_path(Rmmd__Role role, const char *path, char *buf, size_t len)
{
	const char *name = role == RMMD__ROLE__ROLE_CONTROL ? WIRE_NAME_CONTROL
							    : WIRE_NAME_HOST;
	const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
	char dir[64];

	if (path == NULL)
		path = secure_getenv(socket_variable(role));
	if (path != NULL && *path != '\0')
		return copy_path(buf, len, snprintf(buf, len, "%s", path));
	if (runtime != NULL && *runtime != '\0')
		return copy_path(
		    buf, len, snprintf(buf, len, "%s/rmmd/%s", runtime, name));
	snprintf(dir, sizeof dir, "/tmp/rmmd-%u", (unsigned)getuid());
	if (check_directory(dir) != 0)
		return -EACCES;
	return copy_path(buf, len, snprintf(buf, len, "%s/%s", dir, name));
}
