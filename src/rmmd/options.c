/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The command line, and where the other options come from.  What an option
 * means is in option-table.c.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "option-table.h"
#include "options.h"
#include "realm/script.h"
#include "wire.h"

#define DEFAULT_BANK_BASE 0x80000000u
#define DEFAULT_BANK_SIZE (4ull << 30)

static void
set_defaults(struct options *options)
{
	memset(options, 0, sizeof(*options));
	options->log_level = LOG_INFO;
	options->max_clients = 256;
	options->rim_log_limit = 1u << 20;
	options->cpu_grace = CPU_GRACE;
	rmm_config_init(&options->machine);
	options->banks[0].base = DEFAULT_BANK_BASE;
	options->banks[0].size = DEFAULT_BANK_SIZE;
	options->banks[0].kind = RMM_BANK_DRAM;
	options->num_banks = 1;
}

/*
 * One option at argv[i].  Returns the number of words it took; 0: failed.
 * A command, if it was given, is in options->run.
 */
static int
take_option(struct options *options, char **argv, int i, struct failure *why)
{
	const struct option_row *row;
	char name[32], *value;
	size_t len;

	if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "-V") == 0 ||
	    strcmp(argv[i], "-f") == 0)
		return option_set(options,
		    argv[i][1] == 'h'	    ? "help"
			: argv[i][1] == 'V' ? "version"
					    : "foreground",
		    NULL, FROM_COMMAND, why);
	if (strncmp(argv[i], "--", 2) != 0) {
		failure_set(
		    why, "\"%s\" is not an option (see rmmd --help)", argv[i]);
		return 0;
	}
	value = strchr(argv[i], '=');
	len = value != NULL ? (size_t)(value - argv[i]) : strlen(argv[i]);
	snprintf(name, sizeof(name), "%.*s", (int)(len - 2), argv[i] + 2);
	row = option_find(name);
	if (len - 2 >= sizeof(name) || row == NULL) {
		failure_set(why, "unknown option %.*s (see rmmd --help)",
		    (int)len, argv[i]);
		return 0;
	}
	if (value != NULL)
		value++;
	else if (row->argument != NULL && !row->optional)
		value = argv[i + 1];
	if (!option_set(options, name, value, FROM_COMMAND, why)) {
		struct failure reason = *why;

		failure_set(why, "--%s: %s", name, reason.text);
		return 0;
	}
	return value != NULL && value == argv[i + 1] ? 2 : 1;
}

static bool
take_command_line(
    struct options *options, int argc, char **argv, struct failure *why)
{
	int i, n;

	for (i = 1; i < argc; i += n) {
		if (strcmp(argv[i], "--run") == 0 ||
		    strcmp(argv[i], "--run=") == 0) {
			i++;
			if (i < argc && strcmp(argv[i], "--") == 0)
				i++;
			if (i == argc)
				return failure_set(
				    why, "--run: a command must follow");
			options->run = &argv[i];
			return true;
		}
		n = take_option(options, argv, i, why);
		if (n == 0)
			return false;
	}
	return true;
}

/* The first file that exists, unless one was named. */
static bool
take_file(struct options *options, struct failure *why)
{
	const char *home = getenv("XDG_CONFIG_HOME");
	char path[4096] = "";

	if (options->no_config)
		return true;
	if (options->config != NULL)
		return config_file_read(options, options->config, why);
	if (home != NULL && home[0] == '/')
		snprintf(path, sizeof(path), "%s/rmmd/rmmd.conf", home);
	else if (getenv("HOME") != NULL)
		snprintf(path, sizeof(path), "%s/.config/rmmd/rmmd.conf",
		    getenv("HOME"));
	if (path[0] != '\0' && access(path, F_OK) == 0)
		return config_file_read(options, path, why);
	if (access(OPTIONS_SYSTEM_FILE, F_OK) == 0)
		return config_file_read(options, OPTIONS_SYSTEM_FILE, why);
	return true;
}

static bool
take_environment(struct options *options, struct failure *why)
{
	const char *host = getenv(WIRE_ENV_HOST);
	const char *control = getenv(WIRE_ENV_CONTROL);

	if (host != NULL && host[0] != '\0' &&
	    !option_set(options, "socket", host, FROM_ENVIRONMENT, why))
		return false;
	return control == NULL || control[0] == '\0' ||
	    option_set(options, "control", control, FROM_ENVIRONMENT, why);
}

bool
options_load(
    struct options *options, int argc, char **argv, struct failure *why)
{
	struct options first;
	bool good;

	/* Once to learn of --config, and again to have the last word. */
	set_defaults(&first);
	first.first_look = true;
	set_defaults(options);
	good = take_command_line(&first, argc, argv, why);
	if (good && !first.help && !first.version && !first.list_plants) {
		options->no_config = first.no_config;
		options->config = first.config;
		first.config = NULL;
		good =
		    take_file(options, why) && take_environment(options, why);
	}
	options_release(&first);
	return good && take_command_line(options, argc, argv, why);
}

void
options_release(struct options *options)
{
	free(options->socket);
	free(options->control);
	free(options->log_file);
	free(options->pid_file);
	free(options->config);
	free(options->cpak);
	free(options->rak);
	script_free(options->realm.script);
	options->realm.script = NULL;
	options->cpak = options->rak = NULL;
	options->socket = options->control = NULL;
	options->log_file = options->pid_file = options->config = NULL;
}

void
options_list_plants(void)
{
	const struct rmm_plant *plant;
	size_t i;

	for (i = 0; (plant = rmm_plant_at(i)) != NULL; i++)
		printf("%-28s %s: %s\n", plant->name, plant->command,
		    plant->about);
}

void
options_help(void)
{
	const struct option_row *row;
	bool choices = false, tokens = false;
	char left[64];
	size_t i;

	printf("Usage: rmmd [OPTION...]\n"
	       "       rmmd [OPTION...] --run COMMAND [ARG...]\n"
	       "Serve a machine with a Realm Management Monitor.\n\n"
	       "Options, which %s and rmmd.conf(5) may set without \"--\":\n",
	    OPTIONS_SYSTEM_FILE);
	for (i = 0; (row = option_at(i)) != NULL; i++) {
		if (row->hidden)
			continue;
		if (row->choice && !choices)
			printf("\nWhat the specification leaves open; the "
			       "first value is the default:\n");
		if (row->token && !tokens)
			printf("\nWhat attestation tokens say, in which form, "
			       "and who signs them:\n");
		choices = row->choice;
		tokens = row->token;
		snprintf(left, sizeof(left), "%s--%s%s%s%s",
		    row->letter != NULL ? row->letter : "", row->name,
		    row->argument == NULL ? ""
			: row->optional	  ? "[="
					  : " ",
		    row->argument != NULL ? row->argument : "",
		    row->argument != NULL && row->optional ? "]" : "");
		printf("  %-30s %s%s\n", left, row->help,
		    row->command_only ? " (not in a file)" : "");
	}
	printf("\nSIZE and BASE are bytes: 4096, 0x1000, 64K, 512M, 4G, 1T.\n"
	       "See rmmd(8), rmmd.conf(5), rmmctl(1).\n");
}
