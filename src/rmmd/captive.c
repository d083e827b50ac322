/* SPDX-License-Identifier: BSD-3-Clause */
/* --run: the command and the terminal.  The janitor is in janitor.c. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "captive.h"
#include "janitor.h"
#include "log.h"
#include "wire.h"

bool
captive_prepare(struct captive *self, struct failure *why)
{
	const char *tmp = getenv("TMPDIR");

	memset(self, 0, sizeof(*self));
	self->janitor_fd = -1;
	getrlimit(RLIMIT_NOFILE, &self->files);
	if (tmp == NULL || tmp[0] != '/' ||
	    strlen(tmp) > sizeof(self->directory) / 2)
		tmp = "/tmp";
	snprintf(self->directory, sizeof(self->directory), "%s/rmmd-run-XXXXXX",
	    tmp);
	if (mkdtemp(self->directory) == NULL)
		return failure_set(why, "cannot make a directory in %s: %s",
		    tmp, strerror(errno));
	if (!janitor_start(
		self->directory, &self->janitor, &self->janitor_fd, why)) {
		rmdir(self->directory);
		return false;
	}
	if (asprintf(&self->socket, "%s/%s", self->directory, WIRE_NAME_HOST) <
		0 ||
	    asprintf(&self->control, "%s/%s", self->directory,
		WIRE_NAME_CONTROL) < 0)
		return failure_set(why, "no memory for a path");
	/* What the command leaves behind becomes ours, to be waited for. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return true;
}

/* ---- The command ------------------------------------------------------- */

static void
give_terminal(pid_t group)
{
	sigset_t ttou, old;

	/* We may be in the background when we take it back. */
	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, &old);
	tcsetpgrp(STDIN_FILENO, group);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

/* In the child: become the command.  Returns only to say why not. */
static int
become(const struct captive *self, pid_t parent, char **argv)
{
	setpgid(0, 0);
	if (self->has_terminal)
		give_terminal(getpid());
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		return CAPTIVE_FAILED;
	signal(SIGPIPE, SIG_DFL);
	setrlimit(RLIMIT_NOFILE, &self->files);
	if (setenv(WIRE_ENV_HOST, self->socket, 1) != 0 ||
	    setenv(WIRE_ENV_CONTROL, self->control, 1) != 0)
		return CAPTIVE_FAILED;
	execvp(argv[0], argv);
	fprintf(stderr, "rmmd: cannot run %s: %s\n", argv[0], strerror(errno));
	return errno == ENOENT ? CAPTIVE_NOT_FOUND : CAPTIVE_CANNOT;
}

bool
captive_start(struct captive *self, char **argv, struct failure *why)
{
	pid_t parent = getpid();

	self->has_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
	    tcgetpgrp(STDIN_FILENO) == getpgrp();
	fflush(NULL);
	self->command = fork();
	if (self->command < 0)
		return failure_set(why, "cannot fork: %s", strerror(errno));
	if (self->command == 0)
		_exit(become(self, parent, argv));
	setpgid(self->command, self->command);
	janitor_knows(self->janitor_fd, self->command);
	return true;
}

/* ^Z: the command has stopped, so we do, until somebody continues us. */
static void
stop_too(const struct captive *self)
{
	if (!self->has_terminal)
		return;
	give_terminal(getpgrp());
	raise(SIGSTOP);
	/* Continued; in the background, the terminal is somebody else's. */
	if (tcgetpgrp(STDIN_FILENO) == getpgrp())
		give_terminal(self->command);
	kill(-self->command, SIGCONT);
}

void
captive_reap(struct captive *self)
{
	int status;
	pid_t pid;

	/* All, for what the command left behind may end here as well. */
	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid == self->janitor)
			self->janitor = 0;
		if (pid != self->command || self->ended)
			continue;
		if (WIFSTOPPED(status)) {
			stop_too(self);
			continue;
		}
		self->ended = true;
		self->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
						   : WEXITSTATUS(status);
	}
}

void
captive_signal(struct captive *self, int number)
{
	if (self->command > 0 && !self->ended)
		kill(-self->command, number);
}

void
captive_finish(struct captive *self)
{
	/* Its leader has ended; its children may not have. */
	if (self->command > 0)
		janitor_end_group(self->command);
	if (self->has_terminal)
		give_terminal(getpgrp());
	if (self->janitor_fd >= 0) {
		janitor_knows(self->janitor_fd, 0);
		close(self->janitor_fd);
	}
	while (self->janitor > 0 && waitpid(self->janitor, NULL, 0) < 0 &&
	    errno == EINTR)
		continue;
	free(self->socket);
	free(self->control);
}
