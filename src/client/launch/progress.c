/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A progress bar for people who watch: on standard error, only if that is a
 * terminal, and gone at the end.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launch.h"

#define WIDTH 30

void
progress_start(struct progress *progress, bool wanted, uint64_t total)
{
	progress->shown = wanted && total > 0 && isatty(STDERR_FILENO);
	progress->total = total;
	progress->percent = -1;
}

void
progress_show(struct progress *progress, uint64_t done, const char *what)
{
	char bar[WIDTH + 1];
	int percent, filled;

	if (!progress->shown)
		return;
	percent = (int)(done * 100.0 / (double)progress->total);
	if (percent == progress->percent)
		return;
	progress->percent = percent;
	filled = percent * WIDTH / 100;
	memset(bar, '.', WIDTH);
	memset(bar, '#', (size_t)filled);
	bar[WIDTH] = '\0';
	fprintf(
	    stderr, "\r\033[Kpopulate [%s] %3d%% %.30s", bar, percent, what);
	fflush(stderr);
}

void
progress_clear(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->percent = -1;
}

void
progress_end(struct progress *progress)
{
	progress_clear(progress);
	progress->shown = false;
}
