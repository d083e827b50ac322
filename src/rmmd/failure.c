/* SPDX-License-Identifier: BSD-3-Clause */
/* Sentences about what went wrong. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>

#include "failure.h"

bool
failure_set(struct failure *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	return false;
}
