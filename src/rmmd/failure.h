/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Why something could not be done: one sentence, filled in where the reason is
 * known and printed or logged where somebody can act on it.
 */
#ifndef FAILURE_H
#define FAILURE_H

#include <stdbool.h>

struct failure {
	char text[512];
};

/* Always returns false, so that a function can end with it. */
bool failure_set(struct failure *why, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
