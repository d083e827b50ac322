/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The sentence of each thread's last failure.
 */
#include "config.h"

#include "channel.h"

#include <stdio.h>

static _Thread_local char sentence[512];

const char *
channel_error(void)
{
	return sentence;
}

int
channel_fail(int err, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(sentence, sizeof sentence, format, ap);
	va_end(ap);
	return -err;
}
