/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The configuration file: "key = value" lines, the keys being the long options.
 * Errors name the file, the line and the key.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

static void
close_file(FILE **file)
{
	if (*file != NULL)
		fclose(*file);
}

static void
free_text(char **text)
{
	free(*text);
}

/* A comment begins a line, or follows white space. */
static void
cut_comment(char *line)
{
	char *at;

	for (at = line; (at = strchr(at, '#')) != NULL; at++)
		if (at == line || isspace((unsigned char)at[-1])) {
			*at = '\0';
			return;
		}
}

static char *
trim(char *text)
{
	char *end;

	while (isspace((unsigned char)*text))
		text++;
	end = text + strlen(text);
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return text;
}

static bool
take_line(struct options *options, char *line, const char *path, unsigned num,
    struct failure *why)
{
	struct failure reason;
	char *key, *value;

	cut_comment(line);
	key = trim(line);
	if (key[0] == '\0')
		return true;
	value = strchr(key, '=');
	if (value != NULL) {
		*value++ = '\0';
		value = trim(value);
		key = trim(key);
	}
	if (value == NULL && strpbrk(key, " \t") != NULL)
		return failure_set(why,
		    "%s:%u: \"%.64s\" has no '='; write key = value", path, num,
		    key);
	if (key[0] == '\0')
		return failure_set(
		    why, "%s:%u: a value without a key", path, num);
	if (value != NULL && value[0] == '\0')
		return failure_set(
		    why, "%s:%u: %s: an empty value", path, num, key);
	if (!option_set(options, key, value, FROM_FILE, &reason))
		return failure_set(
		    why, "%s:%u: %.64s: %s", path, num, key, reason.text);
	return true;
}

bool
config_file_read(struct options *options, const char *path, struct failure *why)
{
	__attribute__((cleanup(close_file))) FILE *file = fopen(path, "re");
	__attribute__((cleanup(free_text))) char *line = NULL;
	size_t room = 0;
	unsigned num = 0;
	ssize_t len;

	if (file == NULL)
		return failure_set(
		    why, "cannot read %s: %s", path, strerror(errno));
	errno = 0;
	while ((len = getline(&line, &room, file)) >= 0) {
		num++;
		if (strlen(line) != (size_t)len)
			return failure_set(why, "%s:%u: a NUL byte", path, num);
		if (!take_line(options, line, path, num, why))
			return false;
	}
	if (ferror(file))
		return failure_set(
		    why, "cannot read %s: %s", path, strerror(errno));
	return true;
}
