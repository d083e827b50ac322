/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libc's own functions.  Other libraries' constructors, and the allocator, call
 * us before our constructor has run, and dlsym() may allocate: so each function
 * is a plain system call until it has been found, once.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "libc.h"

static int
raw_openat(int dirfd, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = va_arg(args, mode_t);
	va_end(args);
	return (int)syscall(SYS_openat, dirfd, path, flags, mode);
}

static int
raw_close(int fd)
{
	return (int)syscall(SYS_close, fd);
}

static int
raw_close_range(unsigned first, unsigned last, int flags)
{
#ifdef SYS_close_range
	return (int)syscall(SYS_close_range, first, last, flags);
#else
	(void)first, (void)last, (void)flags;
	errno = ENOSYS;
	return -1;
#endif
}

static int
raw_ioctl(int fd, unsigned long command, ...)
{
	va_list args;
	void *arg;

	va_start(args, command);
	arg = va_arg(args, void *);
	va_end(args);
	return (int)syscall(SYS_ioctl, fd, command, arg);
}

static int
raw_fcntl(int fd, int command, ...)
{
	va_list args;
	void *arg;

	va_start(args, command);
	arg = va_arg(args, void *);
	va_end(args);
	return (int)syscall(SYS_fcntl, fd, command, arg);
}

static int
raw_dup(int fd)
{
	return (int)syscall(SYS_dup, fd);
}

static int
raw_dup3(int fd, int copy, int flags)
{
	return (int)syscall(SYS_dup3, fd, copy, flags);
}

static int
raw_dup2(int fd, int copy)
{
	if (fd == copy)
		return raw_fcntl(fd, F_GETFD, NULL) < 0 ? -1 : fd;
	return raw_dup3(fd, copy, 0);
}

static void *
raw_mmap(
    void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	/* The kernel's pointer, or -1, which is MAP_FAILED. */
	return (void *)syscall(
	    SYS_mmap, address, size, protection, flags, fd, offset);
}

static int
raw_fallocate(int fd, int mode, off_t offset, off_t size)
{
	return (int)syscall(SYS_fallocate, fd, mode, offset, size);
}

static int
raw_fstat(int fd, struct stat *status)
{
	return (int)syscall(SYS_fstat, fd, status);
}

static int
raw_fstatat(int dirfd, const char *path, struct stat *status, int flags)
{
	return (int)syscall(SYS_newfstatat, dirfd, path, status, flags);
}

static int
raw_statx(
    int dirfd, const char *path, int flags, unsigned mask, struct statx *status)
{
	return (int)syscall(SYS_statx, dirfd, path, flags, mask, status);
}

static int
raw_faccessat(int dirfd, const char *path, int mode, int flags)
{
#ifdef SYS_faccessat2
	if (flags != 0)
		return (int)syscall(SYS_faccessat2, dirfd, path, mode, flags);
#endif
	return (int)syscall(SYS_faccessat, dirfd, path, mode);
}

static int
raw_mlock2(const void *address, size_t size, unsigned flags)
{
	return (int)syscall(SYS_mlock2, address, size, flags);
}

static ssize_t
raw_splice(int fd_in, off_t *off_in, int fd_out, off_t *off_out, size_t size,
    unsigned flags)
{
	return syscall(SYS_splice, fd_in, off_in, fd_out, off_out, size, flags);
}

static ssize_t
raw_sendmsg(int fd, const struct msghdr *message, int flags)
{
	return syscall(SYS_sendmsg, fd, message, flags);
}

static int
raw_sendmmsg(int fd, struct mmsghdr *messages, unsigned num, int flags)
{
	return (int)syscall(SYS_sendmmsg, fd, messages, num, flags);
}

struct libc libc = {
	.openat = raw_openat,
	.close = raw_close,
	.close_range = raw_close_range,
	.ioctl = raw_ioctl,
	.fcntl = raw_fcntl,
	.dup = raw_dup,
	.dup2 = raw_dup2,
	.dup3 = raw_dup3,
	.mmap = raw_mmap,
	.fallocate = raw_fallocate,
	.fstat = raw_fstat,
	.fstatat = raw_fstatat,
	.statx = raw_statx,
	.faccessat = raw_faccessat,
	.mlock2 = raw_mlock2,
	.splice = raw_splice,
	.sendmsg = raw_sendmsg,
	.sendmmsg = raw_sendmmsg,
};

/* What another preloaded library or a sanitizer offers comes before libc's. */
static void
find(void *slot, const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	/* A pointer to a function has the size of one to data, says POSIX. */
	if (function != NULL)
		memcpy(slot, &function, sizeof(function));
}

void
libc_find(void)
{
	find(&libc.openat, "openat");
	find(&libc.close, "close");
	find(&libc.close_range, "close_range");
	find(&libc.ioctl, "ioctl");
	find(&libc.fcntl, "fcntl");
	find(&libc.dup, "dup");
	find(&libc.dup2, "dup2");
	find(&libc.dup3, "dup3");
	find(&libc.mmap, "mmap");
	find(&libc.fallocate, "fallocate");
	find(&libc.fstat, "fstat");
	find(&libc.fstatat, "fstatat");
	find(&libc.statx, "statx");
	find(&libc.faccessat, "faccessat");
	find(&libc.mlock2, "mlock2");
	find(&libc.splice, "splice");
	find(&libc.sendmsg, "sendmsg");
	find(&libc.sendmmsg, "sendmmsg");
}
