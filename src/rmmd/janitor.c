/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What cleans up after a captive rmmd: a process that does nothing but wait for
 * a pipe to close.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "janitor.h"

#define GRACE_STEPS   200
#define GRACE_STEP_NS 10000000 /* 10 ms: two seconds in all */

/* Is anybody left?  Those who have ended and are our children are not. */
static bool
group_lives(pid_t group)
{
	while (waitpid(-group, NULL, WNOHANG) > 0)
		continue;
	return kill(-group, 0) == 0 || errno == EPERM;
}

static void
await_group(pid_t group)
{
	static const struct timespec step = { 0, GRACE_STEP_NS };
	int i;

	for (i = 0; i < GRACE_STEPS && group_lives(group); i++)
		nanosleep(&step, NULL);
}

void
janitor_end_group(pid_t group)
{
	if (!group_lives(group))
		return;
	kill(-group, SIGTERM);
	kill(-group, SIGCONT);
	await_group(group);
	if (kill(-group, SIGKILL) == 0)
		await_group(group);
}

void
janitor_knows(int fd, pid_t group)
{
	/* Without a janitor there is nobody to tell. */
	if (write(fd, &group, sizeof(group)) < 0)
		return;
}

/* Sockets, locks, and nothing that is a directory. */
static void
remove_directory(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	if (directory == NULL)
		return;
	while ((entry = readdir(directory)) != NULL)
		unlinkat(dirfd(directory), entry->d_name, 0);
	closedir(directory);
	rmdir(path);
}

/* Nothing of ours may keep somebody waiting for the end of our output. */
static void
let_go(int keep)
{
	int null = open("/dev/null", O_RDWR);

	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
	}
	if (keep > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned)keep - 1, 0);
	close_range((unsigned)keep + 1, ~0u, 0);
}

static void
work(const char *directory, int fd)
{
	pid_t group = 0, heard;
	ssize_t n;

	setsid();
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	prctl(PR_SET_NAME, "rmmd-janitor");
	let_go(fd);
	for (;;) {
		n = read(fd, &heard, sizeof(heard));
		if (n == (ssize_t)sizeof(heard))
			group = heard;
		else if (n >= 0 || errno != EINTR)
			break;
	}
	if (group > 0)
		janitor_end_group(group);
	remove_directory(directory);
}

bool
janitor_start(const char *directory, pid_t *pid, int *fd, struct failure *why)
{
	int pipe_fds[2];

	if (pipe2(pipe_fds, O_CLOEXEC) != 0)
		return failure_set(
		    why, "cannot make a pipe: %s", strerror(errno));
	*pid = fork();
	if (*pid < 0) {
		close(pipe_fds[0]);
		close(pipe_fds[1]);
		return failure_set(why, "cannot fork: %s", strerror(errno));
	}
	if (*pid == 0) {
		close(pipe_fds[1]);
		work(directory, pipe_fds[0]);
		_exit(0);
	}
	close(pipe_fds[0]);
	*fd = pipe_fds[1];
	return true;
}
