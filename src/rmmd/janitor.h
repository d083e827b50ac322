/* SPDX-License-Identifier: BSD-3-Clause */
/* What cleans up after a captive rmmd, even one that was killed. */
#ifndef JANITOR_H
#define JANITOR_H

#include <sys/types.h>

#include "failure.h"

/*
 * Start the janitor of a directory.  *fd is a pipe to it; when its last copy
 * closes, the janitor ends the group it knows and removes the directory.
 */
bool janitor_start(
    const char *directory, pid_t *pid, int *fd, struct failure *why);

/* The process group that must not outlive us; 0: none any more. */
void janitor_knows(int fd, pid_t group);

/* End a process group: politely, then not. */
void janitor_end_group(pid_t group);

#endif
