/* SPDX-License-Identifier: BSD-3-Clause */
/* The daemon as a whole: from options to an exit status. */
#ifndef DAEMON_H
#define DAEMON_H

#include "captive.h"
#include "daemonize.h"
#include "options.h"

/*
 * Serve until a signal, or the captive's end.
 *
 * captive: NULL unless --run was given.
 * Returns false if it could not start.
 */
bool daemon_run(const struct options *options, struct daemonize *daemonize,
    struct captive *captive, struct failure *why);

#endif
