/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How descriptors end and multiply: close(), dup(), fcntl() and theirs.
 *
 * Those that the library needs for itself are not there for the program: to
 * close one is EBADF, and a range leaves them out.
 */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/close_range.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include "shim.h"

int close_range(unsigned first, unsigned last, int flags);
void closefrom(int first);

SHIM_API int
close(int fd)
{
	if (shim_is_private(fd)) {
		errno = EBADF;
		return -1;
	}
	return shim_owns(fd) ? shim_close(fd) : libc.close(fd);
}

/* ---- Ranges ------------------------------------------------------------ */

static void
forget_range(unsigned first, unsigned last)
{
	int fd;

	if (shim_current() == NULL)
		return;
	while ((fd = shim_next_owned(first, last)) >= 0)
		shim_forget(fd);
}

SHIM_API int
close_range(unsigned first, unsigned last, int flags)
{
	int fd;

	if (first > last)
		return libc.close_range(first, last, flags);
	if (!(flags & (int)CLOSE_RANGE_CLOEXEC))
		forget_range(first, last);
	while ((fd = shim_next_private(first, last)) >= 0) {
		if ((unsigned)fd > first &&
		    libc.close_range(first, (unsigned)fd - 1, flags) != 0)
			return -1;
		if ((unsigned)fd == last)
			return 0;
		first = (unsigned)fd + 1;
	}
	return libc.close_range(first, last, flags);
}

/* An old kernel has no close_range(). */
static void
close_all(unsigned first)
{
	long last = sysconf(_SC_OPEN_MAX);

	for (unsigned fd = first; (long)fd < last; fd++)
		if (!shim_is_private((int)fd))
			libc.close((int)fd);
}

SHIM_API void
closefrom(int first)
{
	unsigned from = first > 0 ? (unsigned)first : 0;
	int error = errno;

	if (close_range(from, UINT_MAX, 0) != 0)
		close_all(from);
	errno = error;
}

/* ---- Copies ------------------------------------------------------------ */

SHIM_API int
dup(int fd)
{
	if (shim_is_private(fd)) {
		errno = EBADF;
		return -1;
	}
	return shim_copied(fd, libc.dup(fd));
}

/* Make room at copy, as the kernel does.  0, or -1 with errno set. */
static int
vacate(int fd, int copy)
{
	if (shim_is_private(fd) || libc.fcntl(fd, F_GETFD) < 0) {
		errno = EBADF;
		return -1;
	}
	if (shim_is_private(copy)) {
		shim_say("descriptor %d is in use by librmmkvm: nothing can be "
			 "made of this number",
		    copy);
		errno = EBUSY;
		return -1;
	}
	if (fd != copy && shim_owns(copy))
		shim_forget(copy);
	return 0;
}

SHIM_API int
dup2(int fd, int copy)
{
	if (vacate(fd, copy) != 0)
		return -1;
	if (fd == copy)
		return copy;
	return shim_copied(fd, libc.dup2(fd, copy));
}

SHIM_API int
dup3(int fd, int copy, int flags)
{
	if (fd == copy || (flags & ~O_CLOEXEC) != 0)
		return libc.dup3(fd, copy, flags);
	if (vacate(fd, copy) != 0)
		return -1;
	return shim_copied(fd, libc.dup3(fd, copy, flags));
}

static int
control(int fd, int command, uintptr_t arg)
{
	if (shim_is_private(fd)) {
		errno = EBADF;
		return -1;
	}
	if (command != F_DUPFD && command != F_DUPFD_CLOEXEC)
		return libc.fcntl(fd, command, arg);
	return shim_copied(fd, libc.fcntl(fd, command, (int)arg));
}

/* The third argument is an int, a pointer, or none: the register tells. */

SHIM_API int
fcntl(int fd, int command, ...)
{
	va_list args;
	uintptr_t arg;

	va_start(args, command);
	arg = va_arg(args, uintptr_t);
	va_end(args);
	return control(fd, command, arg);
}

SHIM_API int
fcntl64(int fd, int command, ...)
{
	va_list args;
	uintptr_t arg;

	va_start(args, command);
	arg = va_arg(args, uintptr_t);
	va_end(args);
	return control(fd, command, arg);
}
