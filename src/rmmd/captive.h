/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * --run: a daemon that serves one command, on sockets in a directory of its
 * own, and ends with it.
 *
 * Three processes: rmmd; the command, in a process group of its own; and a
 * janitor, which waits for rmmd to end, however it ends, and then removes the
 * directory and whatever is left of the command.
 */
#ifndef CAPTIVE_H
#define CAPTIVE_H

#include <sys/resource.h>
#include <sys/types.h>

#include "failure.h"

/* Statuses of rmmd's own, as env(1) and the shell have them. */
#define CAPTIVE_SCRIPT	  124 /* all is well, but a realm's script failed */
#define CAPTIVE_FAILED	  125 /* rmmd could not start */
#define CAPTIVE_CANNOT	  126 /* the command could not be executed */
#define CAPTIVE_NOT_FOUND 127

struct captive {
	char directory[256];
	char *socket, *control;
	pid_t janitor, command;
	int janitor_fd;	     /* the janitor goes to work when this closes */
	struct rlimit files; /* the command's, not ours */
	bool has_terminal;
	bool ended;
	int status; /* what rmmd exits with, once ended */
};

/* Makes the directory and the janitor. */
bool captive_prepare(struct captive *self, struct failure *why);

/* Starts the command. */
bool captive_start(struct captive *self, char **argv, struct failure *why);

/* To be called at each SIGCHLD. */
void captive_reap(struct captive *self);

/* Pass a signal on to the command. */
void captive_signal(struct captive *self, int signal);

/* Ends what is left of the command, and the directory. */
void captive_finish(struct captive *self);

#endif
