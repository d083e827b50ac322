/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * open() and its many names.  /dev/kvm by its usual name is never looked for in
 * the file system; any other file that turns out to be the kernel's /dev/kvm,
 * or would be if there were one, is replaced.
 */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include "shim.h"

int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int dirfd, const char *path, int flags);
int __openat64_2(int dirfd, const char *path, int flags);

#define MODE_OF(mode, flags)                                                   \
	do {                                                                   \
		va_list args_;                                                 \
                                                                               \
		va_start(args_, flags);                                        \
		mode =                                                         \
		    ((flags)&O_CREAT) != 0 || ((flags)&O_TMPFILE) == O_TMPFILE \
		    ? va_arg(args_, mode_t)                                    \
		    : 0;                                                       \
		va_end(args_);                                                 \
	} while (0)

/* A descriptor of our /dev/kvm. */
static int
open_ours(int flags)
{
	struct rmmkvm *system;
	int command = flags & O_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD;
	int fd, rc;

	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL)) {
		errno = EEXIST;
		return -1;
	}
	if (flags & O_DIRECTORY) {
		errno = ENOTDIR;
		return -1;
	}
	system = shim_system();
	if (system == NULL)
		return -1;
	shim_enter();
	fd = libc.fcntl(rmmkvm_fd(system), command, 0);
	rc = fd < 0 ? -errno : rmmkvm_dup_fd(system, rmmkvm_fd(system), fd);
	shim_leave();
	if (rc == 0)
		return shim_note(fd);
	if (fd >= 0)
		libc.close(fd);
	errno = -rc;
	return -1;
}

static int
open_at(int dirfd, const char *path, int flags, mode_t mode)
{
	struct stat status;
	int fd, error = errno;

	if (shim_names_kvm(path))
		return open_ours(flags);
	fd = libc.openat(dirfd, path, flags, mode);
	if (fd < 0) {
		if (errno != ENOENT && errno != ENXIO && errno != ENODEV &&
		    errno != EACCES && errno != EPERM)
			return fd;
		if (!shim_leads_to_kvm(dirfd, path))
			return fd;
		errno = error;
		return open_ours(flags);
	}
	if (libc.fstat(fd, &status) != 0 || !shim_is_real_kvm(&status))
		return fd;
	libc.close(fd);
	return open_ours(flags);
}

SHIM_API int
open(const char *path, int flags, ...)
{
	mode_t mode;

	MODE_OF(mode, flags);
	return open_at(AT_FDCWD, path, flags, mode);
}

SHIM_API int
open64(const char *path, int flags, ...)
{
	mode_t mode;

	MODE_OF(mode, flags);
	return open_at(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

SHIM_API int
openat(int dirfd, const char *path, int flags, ...)
{
	mode_t mode;

	MODE_OF(mode, flags);
	return open_at(dirfd, path, flags, mode);
}

SHIM_API int
openat64(int dirfd, const char *path, int flags, ...)
{
	mode_t mode;

	MODE_OF(mode, flags);
	return open_at(dirfd, path, flags | O_LARGEFILE, mode);
}

SHIM_API int
creat(const char *path, mode_t mode)
{
	return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

SHIM_API int
creat64(const char *path, mode_t mode)
{
	return open_at(
	    AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC | O_LARGEFILE, mode);
}

/* What the compiler calls for flags that it does not know to need no mode. */

SHIM_API int
__open_2(const char *path, int flags)
{
	return open_at(AT_FDCWD, path, flags, 0);
}

SHIM_API int
__open64_2(const char *path, int flags)
{
	return open_at(AT_FDCWD, path, flags | O_LARGEFILE, 0);
}

SHIM_API int
__openat_2(int dirfd, const char *path, int flags)
{
	return open_at(dirfd, path, flags, 0);
}

SHIM_API int
__openat64_2(int dirfd, const char *path, int flags)
{
	return open_at(dirfd, path, flags | O_LARGEFILE, 0);
}
