/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmm-kvm: run a command for which /dev/kvm is an emulated machine's.  If no
 * daemon is named or running, the command gets one of its own: rmmd --run
 * starts rmm-kvm anew, which then finds its socket in the environment.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "rmmclient.h"
#include "rmmkvm.h"
#include "wire.h"

void
die(const char *format, ...)
{
	va_list args;

	fputs("rmm-kvm: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(COMMAND_FAILED);
}

static void
set(const char *name, const char *value)
{
	if (value != NULL && setenv(name, value, 1) != 0)
		die("no memory for the environment");
}

/* ---- The daemon -------------------------------------------------------- */

static bool
named(const char *variable)
{
	const char *value = getenv(variable);

	return value != NULL && value[0] != '\0';
}

/* Does one run where clients look for it by default? */
static bool
runs_by_default(void)
{
	struct rmmclient *client = rmmclient_connect(NULL, "rmm-kvm");
	bool runs = client != NULL;

	rmmclient_close(client);
	return runs;
}

static bool
needs_daemon(const struct options *options)
{
	if (options->inside || options->socket != NULL)
		return false;
	if (options->captive)
		return true;
	return !named(WIRE_ENV_HOST) && !runs_by_default();
}

/* The same command line, behind a daemon that lives as long as the command. */
static _Noreturn void
become_daemon(const struct options *options, int argc, char **argv)
{
	char *rmmd = place_of_rmmd(options), *self = place_of_self();
	char **args = calloc((size_t)argc + 8, sizeof(*args));
	size_t n = 0;

	if (args == NULL || self == NULL)
		die("no memory");
	if (rmmd == NULL)
		die("no daemon runs, and no rmmd is to be found to start one: "
		    "see --rmmd and --socket");
	args[n++] = rmmd;
	args[n++] = (char *)(uintptr_t) "--no-config";
	args[n++] = (char *)(uintptr_t) "--log-level";
	args[n++] = (char *)(uintptr_t) "warn";
	args[n++] = (char *)(uintptr_t) "--run";
	args[n++] = self;
	for (int i = 1; i < argc; i++)
		args[n++] = argv[i];
	set(INSIDE_ENV, "1");
	execv(rmmd, args);
	die("cannot run %s: %s", rmmd, strerror(errno));
}

/* ---- The command ------------------------------------------------------- */

static void
prepare_environment(const struct options *options)
{
	const char level[] = { (char)('0' + options->explain), '\0' };

	set("RMM_KVM_PROFILE", options->profile);
	set("RMM_KVM_POPULATE_LIMIT", options->limit);
	set("RMM_KVM_POPULATE_FAULT", options->fault);
	set("RMM_KVM_BUGS", options->bugs);
	if (options->explain > 0)
		set("RMM_KVM_EXPLAIN", level);
	if (options->rim)
		set("RMM_KVM_RIM", "1");
	if (options->inside)
		return;
	set(WIRE_ENV_HOST, options->socket);
	/* The control socket of another daemon would mislead. */
	if (options->socket != NULL)
		unsetenv(WIRE_ENV_CONTROL);
	set(WIRE_ENV_CONTROL, options->control);
}

/* Words and "-E LD_PRELOAD=..." for the emulator, then the command. */
static char **
with_emulator(const struct options *options, const char *preload)
{
	size_t num = 0, n = 0;
	char **args, *words, *variable, *word, *rest;

	while (options->command[num] != NULL)
		num++;
	words = strdup(options->emulator);
	if (words == NULL || asprintf(&variable, "LD_PRELOAD=%s", preload) < 0)
		die("no memory");
	args = calloc(num + strlen(words) + 4, sizeof(*args));
	if (args == NULL)
		die("no memory");
	for (word = strtok_r(words, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest))
		args[n++] = word;
	if (n == 0)
		die("--emulator names no program");
	args[n++] = (char *)(uintptr_t) "-E";
	args[n++] = variable;
	for (size_t i = 0; i < num; i++)
		args[n++] = options->command[i];
	return args;
}

static void
write_report(const struct options *options, const struct statistics *statistics)
{
	FILE *to = stderr;

	if (strcmp(options->report, "-") != 0)
		to = fopen(options->report, "we");
	if (to == NULL) {
		fprintf(stderr, "rmm-kvm: %s: %s\n", options->report,
		    strerror(errno));
		return;
	}
	report(to, statistics);
	if (to != stderr)
		fclose(to);
}

static int
run(const struct options *options)
{
	char *preload = place_of_preload(options);
	struct statistics *statistics = NULL;
	char **argv = options->command;
	char where[64];
	int status;

	if (preload == NULL)
		die("librmm-kvm-preload.so is not to be found: see --preload");
	if (options->emulator != NULL) {
		argv = with_emulator(options, preload);
		preload = NULL;
	}
	if (options->report == NULL && options->statistics == NULL)
		return run_become(argv, preload);
	statistics = statistics_make(options->statistics, where);
	set(STATISTICS_ENV, where);
	status = run_to_end(argv, preload);
	if (options->report != NULL)
		write_report(options, statistics);
	return status;
}

int
main(int argc, char **argv)
{
	struct options options;

	options_parse(&options, argc, argv);
	if (options.show != NULL) {
		report(stdout, statistics_open(options.show));
		return 0;
	}
	if (needs_daemon(&options))
		become_daemon(&options, argc, argv);
	prepare_environment(&options);
	return run(&options);
}
