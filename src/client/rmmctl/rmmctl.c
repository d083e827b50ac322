/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmmctl: look inside a running rmmd, and make calls by hand.  This file has
 * the table of commands, the command line and the help; see rmmctl(1).
 */
#include "config.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "rmmctl.h"

static const struct ctl_command *const commands[] = {
	&ctl_status,
	&ctl_realms,
	&ctl_realm,
	&ctl_granules,
	&ctl_rtt,
	&ctl_rim,
	&ctl_token,
	&ctl_play,
	&ctl_interrupt,
	&ctl_reset,
	&ctl_shell,
	&ctl_commands,
	&ctl_version,
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* getopt_long() values: these, and OWN + place for a command's own. */
enum { OPT_SOCKET = 1, OPT_CONTROL, OPT_JSON, OWN = 256 };

static const struct option global_options[] = {
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "control", required_argument, NULL, OPT_CONTROL },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
};
#define GLOBALS (sizeof(global_options) / sizeof(global_options[0]))

static const char global_help[] =
    "  --socket PATH    the host's socket (default: $RMMD_SOCKET, else\n"
    "                   $XDG_RUNTIME_DIR/rmmd/rmmd.sock)\n"
    "  --control PATH   the control socket (default: beside --socket; else\n"
    "                   $RMMD_CONTROL; else beside $RMMD_SOCKET; else\n"
    "                   $XDG_RUNTIME_DIR/rmmd/control.sock)\n"
    "  --json           print JSON instead of text\n"
    "  -h, --help       print this help, or that of COMMAND, and exit\n"
    "  -V, --version    print the version and exit\n";

static void complain(const char *fmt, va_list ap)
    __attribute__((format(printf, 1, 0)));

static void
complain(const char *fmt, va_list ap)
{
	fflush(stdout);
	fputs("rmmctl: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

enum ctl_exit
ctl_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
	return CTL_FAILED;
}

enum ctl_exit
ctl_usage_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
	return CTL_USAGE;
}

enum ctl_exit
ctl_out_of_memory(void)
{
	return ctl_fail("out of memory");
}

static void
help(void)
{
	printf("Usage: rmmctl [OPTION]... COMMAND [ARGUMENT]...\n"
	       "Look inside a running rmmd, and make RMI calls by hand.\n\n"
	       "Commands:\n");
	for (size_t i = 0; i < COMMANDS; i++) {
		char head[40];

		snprintf(head, sizeof(head), "%s %s", commands[i]->name,
		    commands[i]->usage);
		printf("  %-16s %s\n", head, commands[i]->summary);
	}
	printf("\nR is a realm: the address of its RD, gN (granule N of the\n"
	       "first bank), or rN or #N (realm N in order of RD, from 0).  It "
	       "may\n"
	       "be left out when there is exactly one realm.\n\n"
	       "Options:\n%s\n"
	       "Exit status: 0 success, 1 failure, 2 wrong usage.\n",
	    global_help);
}

static void
command_help(const struct ctl_command *command)
{
	printf("Usage: rmmctl [OPTION]... %s%s%s\n%s.\n", command->name,
	    command->usage[0] == '\0' ? "" : " ", command->usage,
	    command->summary);
	printf("\nOptions:\n");
	for (const struct ctl_option *o = command->options; o->name != NULL;
	     o++) {
		char head[40];

		snprintf(head, sizeof(head), "--%s %s", o->name,
		    o->arg == NULL ? "" : o->arg);
		printf("  %-16s %s\n", head, o->help);
	}
	fputs(global_help, stdout);
}

static const struct ctl_command *
find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

/* Room for every option and the end. */
static void
merge_options(const struct ctl_command *command,
    struct option all[GLOBALS + CTL_OPTIONS_MAX + 1])
{
	size_t n = GLOBALS;

	memcpy(all, global_options, sizeof(global_options));
	for (int i = 0; command != NULL && i < CTL_OPTIONS_MAX &&
	     command->options[i].name != NULL;
	     i++) {
		all[n++] = (struct option){ command->options[i].name,
			command->options[i].arg == NULL ? no_argument
							: required_argument,
			NULL, OWN + i };
	}
	all[n] = (struct option){ NULL, 0, NULL, 0 };
}

/*
 * Read options up to the command (command NULL), or all that follow it.
 * Returns -1 to go on, else the exit status.
 */
static int
read_options(
    struct ctl *ctl, const struct ctl_command *command, int argc, char **argv)
{
	struct option all[GLOBALS + CTL_OPTIONS_MAX + 1];
	int c;

	merge_options(command, all);
	while ((c = getopt_long(argc, argv, command == NULL ? "+hV" : "hV", all,
		    NULL)) != -1) {
		switch (c) {
		case OPT_SOCKET:
			ctl->host_path = optarg;
			break;
		case OPT_CONTROL:
			ctl->control_path = optarg;
			break;
		case OPT_JSON:
			ctl->json = true;
			break;
		case 'h':
			command == NULL ? help() : command_help(command);
			return CTL_OK;
		case 'V':
			printf("rmmctl %s\n", PACKAGE_VERSION);
			return CTL_OK;
		case '?':
			fputs("Try rmmctl --help.\n", stderr);
			return CTL_USAGE;
		default:
			ctl->option[c - OWN] = optarg == NULL ? "" : optarg;
		}
	}
	return -1;
}

static enum ctl_exit
check_arguments(const struct ctl *ctl, const struct ctl_command *command)
{
	if (ctl->argc < command->min_args)
		return ctl_usage_error("%s needs an argument: rmmctl %s %s",
		    command->name, command->name, command->usage);
	if (ctl->argc > command->max_args)
		return ctl_usage_error(
		    "%s takes no argument \"%s\": rmmctl %s %s", command->name,
		    ctl_safe(ctl->argv[command->max_args]), command->name,
		    command->usage);
	return CTL_OK;
}

static enum ctl_exit
run(struct ctl *ctl, int argc, char **argv)
{
	const struct ctl_command *command;
	enum ctl_exit rc;
	int end = read_options(ctl, NULL, argc, argv);

	if (end >= 0)
		return (enum ctl_exit)end;
	if (optind == argc)
		return ctl_usage_error(
		    "which command? rmmctl --help lists them");
	command = find_command(argv[optind]);
	if (command == NULL)
		return ctl_usage_error(
		    "there is no command \"%s\"; rmmctl --help lists them",
		    ctl_safe(argv[optind]));
	argc -= optind;
	argv += optind;
	argv[0] = (char *)"rmmctl"; /* for what getopt_long() complains of */
	optind = 0; /* glibc: start afresh, with another option string */
	end = read_options(ctl, command, argc, argv);
	if (end >= 0)
		return (enum ctl_exit)end;
	ctl->argc = argc - optind;
	ctl->argv = argv + optind;
	rc = check_arguments(ctl, command);
	return rc != CTL_OK ? rc : command->run(ctl);
}

int
main(int argc, char **argv)
{
	struct ctl ctl = { 0 };
	enum ctl_exit rc;

	rc = run(&ctl, argc, argv);
	ctl_disconnect(&ctl);
	if (fflush(stdout) != 0 && rc == CTL_OK)
		rc = ctl_fail("cannot write to standard output");
	return (int)rc;
}
