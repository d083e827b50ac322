/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * --hold: the realm stays, for others to look at, until somebody ends us.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "launch.h"
#include "rmmclient.h"

/* Does the daemon still answer?  No lease begins in the middle of a page. */
static bool
daemon_lives(const struct machine *machine)
{
	int result = rmmclient_release(rmmkvm_client(machine->kvm), 1);

	return result != -ECONNRESET && result != -EPROTO;
}

static sigset_t
ends(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return set;
}

void
hold_prepare(void)
{
	sigset_t set = ends();

	sigprocmask(SIG_BLOCK, &set, NULL);
}

void
hold(const struct machine *machine)
{
	static const struct timespec second = { 1, 0 };
	sigset_t set = ends();

	fflush(stdout);
	if (!machine->options->quiet)
		fputs("rmm-launch: the realm stays until this ends, by ^C or "
		      "SIGTERM\n",
		    stderr);
	while (sigtimedwait(&set, NULL, &second) < 0)
		if (!daemon_lives(machine))
			die("the daemon has gone, and the realm with it: %s",
			    rmmclient_error(NULL));
}
