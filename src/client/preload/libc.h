/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libc's own functions behind the ones that the shim puts in front of them.
 * They can be called at any time, from the first constructor of the process on.
 */
#ifndef PRELOAD_LIBC_H
#define PRELOAD_LIBC_H

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>

struct libc {
	int (*openat)(int dirfd, const char *path, int flags, ...);
	int (*close)(int fd);
	int (*close_range)(unsigned first, unsigned last, int flags);
	int (*ioctl)(int fd, unsigned long command, ...);
	int (*fcntl)(int fd, int command, ...);
	int (*dup)(int fd);
	int (*dup2)(int fd, int copy);
	int (*dup3)(int fd, int copy, int flags);
	void *(*mmap)(void *address, size_t size, int protection, int flags,
	    int fd, off_t offset);
	int (*fallocate)(int fd, int mode, off_t offset, off_t size);
	int (*fstat)(int fd, struct stat *status);
	int (*fstatat)(
	    int dirfd, const char *path, struct stat *status, int flags);
	int (*statx)(int dirfd, const char *path, int flags, unsigned mask,
	    struct statx *status);
	int (*faccessat)(int dirfd, const char *path, int mode, int flags);
	int (*mlock2)(const void *address, size_t size, unsigned flags);
	ssize_t (*splice)(int fd_in, off_t *off_in, int fd_out, off_t *off_out,
	    size_t size, unsigned flags);
	ssize_t (*sendmsg)(int fd, const struct msghdr *message, int flags);
	int (*sendmmsg)(
	    int fd, struct mmsghdr *messages, unsigned num, int flags);
};

extern struct libc libc;

/* Find libc's functions; until then they are plain system calls. */
void libc_find(void);

#endif
