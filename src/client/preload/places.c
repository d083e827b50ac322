/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the shim and the daemon are: beside rmm-kvm where it was built, where
 * they were installed, or where they were moved together.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

#define SHIM "librmm-kvm-preload.so"

char *
place_of_self(void)
{
	return realpath("/proc/self/exe", NULL);
}

/* What is at path below the directory of rmm-kvm, if it is there. */
static char *
beside(const char *path)
{
	char *self = place_of_self(), *slash, *name, *real = NULL;

	if (self == NULL || (slash = strrchr(self, '/')) == NULL)
		return NULL;
	if (asprintf(&name, "%.*s/%s", (int)(slash - self), self, path) >= 0) {
		real = realpath(name, NULL);
		free(name);
	}
	free(self);
	return real;
}

char *
place_of_preload(const struct options *options)
{
	char *found = NULL;

	if (options->preload != NULL)
		return realpath(options->preload, NULL);
	if ((found = beside(SHIM)) == NULL &&
	    (found = beside(".libs/" SHIM)) == NULL &&
	    (found = realpath(SHIM_DIRECTORY "/" SHIM, NULL)) == NULL)
		found = beside("../lib/rmmd/" SHIM);
	return found;
}

/* The first of the name in $PATH that can be run. */
static char *
in_path(const char *name)
{
	const char *path = getenv("PATH");
	char *copy = path != NULL ? strdup(path) : NULL, *rest, *file;
	char *found = NULL;

	if (copy == NULL)
		return NULL;
	for (char *directory = strtok_r(copy, ":", &rest);
	     directory != NULL && found == NULL;
	     directory = strtok_r(NULL, ":", &rest)) {
		if (asprintf(&file, "%s/%s", directory, name) < 0)
			break;
		if (access(file, X_OK) == 0)
			found = file;
		else
			free(file);
	}
	free(copy);
	return found;
}

char *
place_of_rmmd(const struct options *options)
{
	char *found;

	if (options->rmmd != NULL && strchr(options->rmmd, '/') != NULL)
		return realpath(options->rmmd, NULL);
	if (options->rmmd != NULL)
		return in_path(options->rmmd);
	/* Where it is built, the program is one directory up. */
	found = beside("rmmd");
	if (found == NULL)
		found = beside("../rmmd");
	return found != NULL ? found : in_path("rmmd");
}
