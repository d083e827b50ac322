/* SPDX-License-Identifier: BSD-3-Clause */
/* rmmd(8): what its options ask for, and its exit status. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "socket-file.h"
#include "wire.h"

#define EXIT_USAGE 2

static int
fail(const struct failure *why, int status)
{
	fprintf(stderr, "rmmd: %s\n", why->text);
	return status;
}

/* Beside the host's socket, if somebody named that one only. */
static char *
control_beside(const char *socket, struct failure *why)
{
	const char *slash = strrchr(socket, '/');
	char *path = NULL;

	if (asprintf(&path, "%.*s%s",
		slash != NULL ? (int)(slash + 1 - socket) : 0, socket,
		WIRE_NAME_CONTROL) >= 0)
		return path;
	failure_set(why, "no memory for a path");
	return NULL;
}

static bool
default_paths(struct options *options, struct failure *why)
{
	if (options->socket != NULL && options->control == NULL)
		options->control = control_beside(options->socket, why);
	else if (options->socket == NULL)
		options->socket = socket_file_default(WIRE_NAME_HOST, why);
	if (options->socket != NULL && options->control == NULL)
		options->control = socket_file_default(WIRE_NAME_CONTROL, why);
	if (options->socket == NULL || options->control == NULL)
		return false;
	if (strcmp(options->socket, options->control) == 0)
		return failure_set(why,
		    "%s is asked for as the host's socket and as the control "
		    "socket; they are two",
		    options->socket);
	return true;
}

static int
run_captive(struct options *options)
{
	struct daemonize nobody = { -1 };
	struct captive captive;
	struct failure why;
	bool good;

	if (!captive_prepare(&captive, &why))
		return fail(&why, CAPTIVE_FAILED);
	free(options->socket);
	free(options->control);
	options->socket = strdup(captive.socket);
	options->control = strdup(captive.control);
	/* The terminal is the command's, unless somebody asks. */
	if (options->log_level_source == FROM_DEFAULT)
		options->log_level = LOG_WARN;
	good = options->socket != NULL && options->control != NULL
	    ? daemon_run(options, &nobody, &captive, &why)
	    : failure_set(&why, "no memory for a path");
	captive_finish(&captive);
	return good ? captive.status : fail(&why, CAPTIVE_FAILED);
}

static int
run_daemon(struct options *options)
{
	struct daemonize daemonize = { -1 };
	struct failure why;

	if (!default_paths(options, &why))
		return fail(&why, EXIT_FAILURE);
	if (!options->foreground && !daemonize_start(&daemonize, &why))
		return fail(&why, EXIT_FAILURE);
	if (!daemon_run(options, &daemonize, NULL, &why))
		return fail(&why, EXIT_FAILURE);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	struct options options;
	struct failure why;
	int status = EXIT_SUCCESS;

	if (!options_load(&options, argc, argv, &why))
		status = fail(&why, EXIT_USAGE);
	else if (options.help)
		options_help();
	else if (options.version)
		printf("%s\n", PACKAGE_STRING);
	else if (options.list_plants)
		options_list_plants();
	else if (options.run != NULL)
		status = run_captive(&options);
	else
		status = run_daemon(&options);
	options_release(&options);
	return status;
}
