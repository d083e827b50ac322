/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The daemon's log: one line each, "time level message", to a file or to
 * standard error.  What peers say ends up in it, so control characters are
 * replaced.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>

#include "failure.h"

enum log_level {
	LOG_ERROR,
	LOG_WARN,
	LOG_INFO,
	LOG_DEBUG,
	LOG_TRACE,
	LOG_LEVELS /* how many */
};
extern const char *const log_level_names[LOG_LEVELS];

/* Where lines go when no file is open. */
enum log_fallback { LOG_TO_STDERR, LOG_TO_NOBODY };

void log_set_level(enum log_level level);
void log_set_fallback(enum log_fallback fallback);
/* Append to a file from here on; path stays the caller's. */
bool log_open(const char *path, struct failure *why);
/* Open the file anew, after somebody has moved it away. */
void log_reopen(void);

bool log_wants(enum log_level level);
void log_at(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Replace what is not printable ASCII, in place. */
void log_clean(char *text);

#endif
