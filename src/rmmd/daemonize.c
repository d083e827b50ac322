/* SPDX-License-Identifier: BSD-3-Clause */
/* Going to the background in two phases. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "daemonize.h"

/* A byte means ready; end of file means that the daemon has ended. */
static int
await_daemon(int fd)
{
	ssize_t n;
	char byte;

	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 ? 0 : 1;
}

bool
daemonize_start(struct daemonize *self, struct failure *why)
{
	int pipe_fds[2];
	pid_t pid;

	self->ready_fd = -1;
	if (pipe2(pipe_fds, O_CLOEXEC) != 0)
		return failure_set(
		    why, "cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		return failure_set(why, "cannot fork: %s", strerror(errno));
	if (pid > 0) {
		close(pipe_fds[1]);
		_exit(await_daemon(pipe_fds[0]));
	}
	/* Nothing that the user's shell had open stays so with us. */
	self->ready_fd = STDERR_FILENO + 1;
	if (pipe_fds[1] != self->ready_fd &&
	    dup3(pipe_fds[1], self->ready_fd, O_CLOEXEC) < 0)
		return failure_set(
		    why, "cannot keep a pipe: %s", strerror(errno));
	close_range((unsigned)self->ready_fd + 1, ~0u, 0);
	setsid();
	if (chdir("/") != 0)
		return failure_set(
		    why, "cannot change to /: %s", strerror(errno));
	return true;
}

void
daemonize_ready(struct daemonize *self)
{
	int null;

	if (self->ready_fd < 0)
		return;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		if (null > STDERR_FILENO)
			close(null);
	}
	/* The parent may have been killed; the daemon lives on. */
	if (write(self->ready_fd, "", 1) < 0 && errno != EPIPE)
		_exit(1);
	close(self->ready_fd);
	self->ready_fd = -1;
}
