/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Descriptors that go through sockets.  What arrives in this process is known
 * by its memfd when it is first used.  While it is on its way, and where it
 * goes to another process, nobody counts it: the file is kept for as long as
 * this process lives, so that it does not end when the sender closes its own.
 */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <errno.h>
#include <string.h>

#include "shim.h"

static void
keep(int fd)
{
	int copy;

	if (!shim_owns(fd) || !shim_keep(fd))
		return;
	shim_enter();
	copy = libc.fcntl(fd, F_DUPFD_CLOEXEC, 0);
	shim_leave();
	if (copy >= 0)
		shim_copied(fd, copy);
}

static void
keep_all(const struct msghdr *message)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(message); c != NULL;
	     c = CMSG_NXTHDR((struct msghdr *)(uintptr_t)message, c)) {
		size_t num;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
		    c->cmsg_len < CMSG_LEN(0))
			continue;
		num = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < num; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			keep(fd);
		}
	}
}

SHIM_API ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
	if (!shim_inside() && message != NULL && message->msg_control != NULL)
		keep_all(message);
	return libc.sendmsg(fd, message, flags);
}

SHIM_API int
sendmmsg(int fd, struct mmsghdr *messages, unsigned num, int flags)
{
	if (!shim_inside() && messages != NULL)
		for (unsigned i = 0; i < num; i++)
			if (messages[i].msg_hdr.msg_control != NULL)
				keep_all(&messages[i].msg_hdr);
	return libc.sendmmsg(fd, messages, num, flags);
}
