/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The command line of rmm-kvm.
 */
#define _GNU_SOURCE
#include "config.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "rmmkvm.h"

enum {
	OPT_PROFILE = 256,
	OPT_SOCKET,
	OPT_CONTROL,
	OPT_RIM,
	OPT_CAPTIVE,
	OPT_RMMD,
	OPT_PRELOAD,
	OPT_PRINT_PRELOAD,
	OPT_EMULATOR,
	OPT_LIMIT,
	OPT_FAULT,
	OPT_BUGS,
	OPT_REPORT,
	OPT_STATISTICS,
	OPT_SHOW,
};

static const struct option long_options[] = {
	{ "profile", required_argument, NULL, OPT_PROFILE },
	{ "populate-limit", required_argument, NULL, OPT_LIMIT },
	{ "populate-fault", required_argument, NULL, OPT_FAULT },
	{ "bugs", required_argument, NULL, OPT_BUGS },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "control", required_argument, NULL, OPT_CONTROL },
	{ "captive", no_argument, NULL, OPT_CAPTIVE },
	{ "rmmd", required_argument, NULL, OPT_RMMD },
	{ "report", optional_argument, NULL, OPT_REPORT },
	{ "rim", no_argument, NULL, OPT_RIM },
	{ "statistics", required_argument, NULL, OPT_STATISTICS },
	{ "show", required_argument, NULL, OPT_SHOW },
	{ "explain", no_argument, NULL, 'x' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "preload", required_argument, NULL, OPT_PRELOAD },
	{ "print-preload", no_argument, NULL, OPT_PRINT_PRELOAD },
	{ "emulator", required_argument, NULL, OPT_EMULATOR },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
    "usage: rmm-kvm [OPTION]... COMMAND [ARGUMENT]...\n"
    "       rmm-kvm --show FILE\n"
    "Run COMMAND, a VMM, with a /dev/kvm that an rmmd is behind.\n"
    "\n"
    "What KVM is to it:\n"
    "  --profile NAME          the posting of the kernel's series:\n"
    "                          %s\n"
    "  --populate-limit N      a populate call stops after N bytes, or Np\n"
    "                          pages; K, M\n"
    "  --populate-fault RULES  what disturbs populate calls: 3=EINTR,4+=stall\n"
    "  --bugs LIST             the posting's bugs that are played: all, none\n"
    "\n"
    "The machine; by default the rmmd that runs, or else one for COMMAND:\n"
    "  --socket PATH           the daemon's socket\n"
    "  --control PATH          its control socket, which tells RIMs\n"
    "  --captive               one for COMMAND, whatever runs\n"
    "  --rmmd PROGRAM          the daemon to start\n"
    "\n"
    "What COMMAND did:\n"
    "  --report[=FILE]         when it has ended, tell what it asked for\n"
    "  --rim                   the RIM of each realm that becomes active\n"
    "  --statistics FILE       keep the numbers behind the report in FILE\n"
    "  --show FILE             the report so far, from such a file\n"
    "  -x, --explain           say why, of each ioctl that fails\n"
    "  -v, --verbose           each ioctl\n"
    "\n"
    "How it gets there:\n"
    "  --preload LIBRARY       the shim\n"
    "  --print-preload         say where it is, and exit\n"
    "  --emulator 'WORDS'      words before COMMAND that run it for another\n"
    "                          architecture: 'qemu-aarch64 -L DIR'; with\n"
    "                          --preload for that architecture\n"
    "\n"
    "  -h, --help              this text\n"
    "  -V, --version           the version\n";

/* Show the help, the profiles' names in it. */
static void
show_help(void)
{
	const char *const *profiles = rmmkvm_profiles();
	char names[256] = "";

	for (size_t i = 0; profiles[i] != NULL; i++) {
		size_t len = strlen(names);

		snprintf(names + len, sizeof(names) - len, "%s%s",
		    i > 0 ? ", " : "", profiles[i]);
	}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	printf(help, names);
#pragma GCC diagnostic pop
}

static _Noreturn void
misused(void)
{
	fputs("usage: rmm-kvm [OPTION]... COMMAND [ARGUMENT]...\n"
	      "rmm-kvm --help tells more\n",
	    stderr);
	exit(COMMAND_FAILED);
}

static void
check_profile(const char *name)
{
	const char *const *profiles = rmmkvm_profiles();

	for (size_t i = 0; profiles[i] != NULL; i++)
		if (strcmp(profiles[i], name) == 0)
			return;
	fprintf(stderr, "rmm-kvm: --profile: there is no %s; there are", name);
	for (size_t i = 0; profiles[i] != NULL; i++)
		fprintf(stderr, " %s", profiles[i]);
	fputc('\n', stderr);
	exit(COMMAND_FAILED);
}

static void
check_limit(const char *text)
{
	char *end;

	if (text[0] >= '0' && text[0] <= '9' && strtoull(text, &end, 0) > 0 &&
	    (*end == '\0' || (strchr("pKM", *end) != NULL && end[1] == '\0')))
		return;
	die("--populate-limit wants bytes, or pages as in 16p; not %s", text);
}

/* What ends the program by itself. */
static bool
parse_other(const struct options *options, int option)
{
	char *preload;

	switch (option) {
	case OPT_PRINT_PRELOAD:
		preload = place_of_preload(options);
		if (preload == NULL)
			die("librmm-kvm-preload.so is not to be found");
		puts(preload);
		exit(0);
	case 'h':
		show_help();
		exit(0);
	case 'V':
		puts("rmm-kvm " PACKAGE_VERSION);
		exit(0);
	default:
		return false;
	}
}

static bool
parse_one(struct options *options, int option)
{
	switch (option) {
	case OPT_PROFILE:
		check_profile(optarg);
		options->profile = optarg;
		return true;
	case OPT_LIMIT:
		check_limit(optarg);
		options->limit = optarg;
		return true;
	case OPT_FAULT:
		options->fault = optarg;
		return true;
	case OPT_BUGS:
		options->bugs = optarg;
		return true;
	case OPT_SOCKET:
		options->socket = optarg;
		return true;
	case OPT_CONTROL:
		options->control = optarg;
		return true;
	case OPT_RIM:
		options->rim = true;
		return true;
	case OPT_CAPTIVE:
		options->captive = true;
		return true;
	case OPT_RMMD:
		options->rmmd = optarg;
		return true;
	case OPT_REPORT:
		options->report = optarg != NULL ? optarg : "-";
		return true;
	case OPT_STATISTICS:
		options->statistics = optarg;
		return true;
	case OPT_SHOW:
		options->show = optarg;
		return true;
	case 'x':
		options->explain = options->explain > 1 ? 2 : 1;
		return true;
	case 'v':
		options->explain = 2;
		return true;
	case OPT_PRELOAD:
		options->preload = optarg;
		return true;
	case OPT_EMULATOR:
		options->emulator = optarg;
		return true;
	default:
		return parse_other(options, option);
	}
}

void
options_parse(struct options *options, int argc, char **argv)
{
	int option;

	memset(options, 0, sizeof(*options));
	options->inside = getenv(INSIDE_ENV) != NULL;
	unsetenv(INSIDE_ENV);
	while ((option = getopt_long(
		    argc, argv, "+xvhV", long_options, NULL)) != -1)
		if (!parse_one(options, option))
			misused();
	options->command = argv + optind;
	if (options->show != NULL ? optind < argc : optind == argc)
		misused();
}
