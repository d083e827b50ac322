/* SPDX-License-Identifier: BSD-3-Clause */
/* The daemon's log: each line is formatted whole and written at once. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

#define LOG_LINE_MAX 1024

const char *const log_level_names[LOG_LEVELS] = { "error", "warn", "info",
	"debug", "trace" };

static struct {
	enum log_level level;
	enum log_fallback fallback;
	const char *path;
	int fd;
} sink = { LOG_INFO, LOG_TO_STDERR, NULL, -1 };

void
log_set_level(enum log_level level)
{
	sink.level = level;
}

void
log_set_fallback(enum log_fallback fallback)
{
	sink.fallback = fallback;
}

bool
log_wants(enum log_level level)
{
	return level <= sink.level &&
	    (sink.fd >= 0 || sink.fallback == LOG_TO_STDERR);
}

bool
log_open(const char *path, struct failure *why)
{
	int fd;

	fd = open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
	    0600);
	if (fd < 0)
		return failure_set(why, "cannot open the log file %s: %s", path,
		    strerror(errno));
	if (sink.fd >= 0)
		close(sink.fd);
	sink.fd = fd;
	sink.path = path;
	return true;
}

void
log_reopen(void)
{
	struct failure why;

	if (sink.path == NULL)
		return;
	if (log_open(sink.path, &why))
		log_at(LOG_INFO, "log file opened anew");
	else
		log_at(LOG_ERROR, "%s; the old one stays", why.text);
}

void
log_clean(char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

static size_t
put_time(char *to, size_t size)
{
	struct timespec now;
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	n = strftime(to, size, "%Y-%m-%dT%H:%M:%S", &tm);
	n += (size_t)snprintf(
	    to + n, size - n, ".%03ldZ ", now.tv_nsec / 1000000);
	return n;
}

void
log_at(enum log_level level, const char *fmt, ...)
{
	char line[LOG_LINE_MAX];
	va_list ap;
	size_t n;

	if (!log_wants(level))
		return;
	n = put_time(line, sizeof(line));
	n += (size_t)snprintf(
	    line + n, sizeof(line) - n, "%s ", log_level_names[level]);
	va_start(ap, fmt);
	vsnprintf(line + n, sizeof(line) - n - 1, fmt, ap);
	va_end(ap);
	log_clean(line);
	n = strlen(line);
	line[n++] = '\n';
	/* There is nobody to tell if this fails. */
	if (write(sink.fd >= 0 ? sink.fd : STDERR_FILENO, line, n) < 0)
		return;
}
