/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Running the command: in our place, or as a child of whose end there is
 * something to tell.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"

/* Before what is preloaded already: the first has the last word. */
static void
set_preload(const char *preload)
{
	const char *others = getenv("LD_PRELOAD");
	char *value;

	if (others == NULL || others[0] == '\0')
		others = NULL;
	if (asprintf(&value, "%s%s%s", preload, others != NULL ? ":" : "",
		others != NULL ? others : "") < 0 ||
	    setenv("LD_PRELOAD", value, 1) != 0)
		die("no memory for the environment");
	free(value);
}

int
run_become(char **argv, const char *preload)
{
	int error;

	if (preload != NULL)
		set_preload(preload);
	execvp(argv[0], argv);
	error = errno;
	fprintf(
	    stderr, "rmm-kvm: cannot run %s: %s\n", argv[0], strerror(error));
	return error == ENOENT ? COMMAND_NOT_FOUND : COMMAND_CANNOT;
}

/* The child has ended, or stopped, in which case we do as well. */
static bool
has_ended(pid_t child, int *status)
{
	int how;

	if (waitpid(child, &how, WNOHANG | WUNTRACED) != child)
		return false;
	if (WIFSTOPPED(how)) {
		raise(SIGSTOP);
		kill(child, SIGCONT);
		return false;
	}
	*status = WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
	return true;
}

int
run_to_end(char **argv, const char *preload)
{
	sigset_t all, before;
	siginfo_t info;
	pid_t child;
	int status;

	fflush(NULL);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	child = fork();
	if (child < 0)
		die("cannot fork: %s", strerror(errno));
	if (child == 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		_exit(run_become(argv, preload));
	}
	while (!has_ended(child, &status)) {
		int number = sigwaitinfo(&all, &info);

		/* What a terminal sends, the child has got as well. */
		if (number > 0 && number != SIGCHLD &&
		    info.si_code != SI_KERNEL)
			kill(child, number);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}
