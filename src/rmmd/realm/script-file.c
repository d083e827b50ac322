/* SPDX-License-Identifier: BSD-3-Clause */
/* Scripts in files. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script-file.h"

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

struct script *
script_load(const char *path, struct failure *why)
{
	__attribute__((cleanup(close_file))) FILE *file = fopen(path, "re");
	__attribute__((cleanup(free_text))) char *text = NULL;
	size_t size;

	if (file == NULL) {
		failure_set(why, "cannot read the script %s: %s", path,
		    strerror(errno));
		return NULL;
	}
	/* One more than may be, so that more is told from enough. */
	text = malloc(SCRIPT_SIZE_MAX + 1);
	if (text == NULL) {
		failure_set(why, "no memory for the script %s", path);
		return NULL;
	}
	errno = 0;
	size = fread(text, 1, SCRIPT_SIZE_MAX + 1, file);
	if (ferror(file)) {
		failure_set(why, "cannot read the script %s: %s", path,
		    strerror(errno));
		return NULL;
	}
	return script_parse(path, text, size, why->text, sizeof(why->text));
}
