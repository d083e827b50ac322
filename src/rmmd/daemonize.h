/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Going to the background in two phases: the process that the user started
 * returns only when the daemon is ready, or has failed.
 */
#ifndef DAEMONIZE_H
#define DAEMONIZE_H

#include "failure.h"

/* The daemon's side of the pipe to its parent.  -1: there is no parent. */
struct daemonize {
	int ready_fd;
};

/*
 * Fork.  Returns in the daemon only, with its standard error still the user's,
 * so that it can say what goes wrong; the parent exits when it is ready (0) or
 * has ended (1).
 */
bool daemonize_start(struct daemonize *self, struct failure *why);

/* The daemon is ready: lets the parent go, and the terminal. */
void daemonize_ready(struct daemonize *self);

#endif
