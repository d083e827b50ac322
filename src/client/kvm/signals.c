/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signals during what would be a system call.  The kernel notes a signal, lets
 * the call come to a stopping point, and runs the handler when the call has
 * returned.  Here they are blocked from start to end, and looked for among the
 * pending ones; but for the waits of KVM_RUN, which have the caller's own mask,
 * and in which handlers run.
 */
#define _GNU_SOURCE
#include <poll.h>

#include "kvm.h"

static _Thread_local unsigned depth;
static _Thread_local sigset_t before;  /* the caller's mask */
static _Thread_local sigset_t instead; /* a mask for the time of the call */
static _Thread_local bool has_instead;

void
signals_hold(void)
{
	/* What a fault of this thread raises can not wait. */
	static const int synchronous[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL,
		SIGTRAP, SIGABRT, SIGSYS };
	sigset_t all;

	if (depth++ > 0)
		return;
	sigfillset(&all);
	for (size_t i = 0; i < sizeof(synchronous) / sizeof(int); i++)
		sigdelset(&all, synchronous[i]);
	pthread_sigmask(SIG_BLOCK, &all, &before);
}

void
signals_release(void)
{
	if (--depth == 0)
		pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void
signals_mask(const sigset_t *mask)
{
	has_instead = mask != NULL;
	if (has_instead)
		instead = *mask;
}

/*
 * The kernel drops a signal that is ignored when it is sent, except while it is
 * blocked: so one that pends here may be one that would interrupt nothing.
 */
static bool
is_ignored(int number)
{
	struct sigaction action;

	if (sigaction(number, NULL, &action) != 0)
		return true;
	if (action.sa_flags & SA_SIGINFO || action.sa_handler != SIG_DFL)
		return action.sa_handler == SIG_IGN;
	return number == SIGCHLD || number == SIGURG || number == SIGWINCH ||
	    number == SIGCONT;
}

bool
signals_pending(void)
{
	const sigset_t *mask = signals_current();
	sigset_t pending;

	if (sigpending(&pending) != 0 || sigisemptyset(&pending))
		return false;
	for (int number = 1; number < NSIG; number++)
		if (sigismember(&pending, number) == 1 &&
		    sigismember(mask, number) == 0 && !is_ignored(number))
			return true;
	return false;
}

const sigset_t *
signals_current(void)
{
	return has_instead ? &instead : &before;
}

int
signals_wait(int fd)
{
	struct pollfd one = { .fd = fd, .events = POLLIN };

	if (ppoll(&one, 1, NULL, signals_current()) < 0 && errno == EINTR)
		return -EINTR;
	return 0;
}
