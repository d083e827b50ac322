/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The command line of rmm-launch.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launch.h"

#ifndef PACKAGE_VERSION
#include "config.h"
#endif

#define DEFAULT_MEMORY	 (256ull << 20)
#define DEFAULT_RAM_BASE 0x80000000ull
#define MAX_VCPUS	 512
#define MAX_REGIONS	 4096

enum {
	OPT_MEMORY = 256,
	OPT_RAM_BASE,
	OPT_IMAGE,
	OPT_UNMEASURED,
	OPT_DTB,
	OPT_APPEND,
	OPT_ENTRY,
	OPT_IPA_BITS,
	OPT_VCPUS,
	OPT_POPULATE_FAULT,
	OPT_POPULATE_LIMIT,
	OPT_PROFILE,
	OPT_SOCKET,
	OPT_COMPARE_UAPI,
	OPT_CONTROL,
	OPT_REALM,
	OPT_REALM_SCRIPT,
	OPT_HOLD,
	OPT_JSON,
	OPT_NO_RUN,
	OPT_VERBOSE_PARTIAL,
};

static const struct option long_options[] = {
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "ram-base", required_argument, NULL, OPT_RAM_BASE },
	{ "image", required_argument, NULL, OPT_IMAGE },
	{ "unmeasured", required_argument, NULL, OPT_UNMEASURED },
	{ "dtb", optional_argument, NULL, OPT_DTB },
	{ "append", required_argument, NULL, OPT_APPEND },
	{ "entry", required_argument, NULL, OPT_ENTRY },
	{ "ipa-bits", required_argument, NULL, OPT_IPA_BITS },
	{ "vcpus", required_argument, NULL, OPT_VCPUS },
	{ "populate-fault", required_argument, NULL, OPT_POPULATE_FAULT },
	{ "populate-limit", required_argument, NULL, OPT_POPULATE_LIMIT },
	{ "profile", required_argument, NULL, OPT_PROFILE },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "control", required_argument, NULL, OPT_CONTROL },
	{ "realm", required_argument, NULL, OPT_REALM },
	{ "realm-script", required_argument, NULL, OPT_REALM_SCRIPT },
	{ "hold", no_argument, NULL, OPT_HOLD },
	{ "compare-uapi", no_argument, NULL, OPT_COMPARE_UAPI },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "no-run", no_argument, NULL, OPT_NO_RUN },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "verbose-partial", no_argument, NULL, OPT_VERBOSE_PARTIAL },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
    "usage: rmm-launch [OPTION]...\n"
    "Make a realm out of files on an rmmd, run it, and print its RIM.\n"
    "\n"
    "What the realm is made of (GPA, SIZE: decimal or 0x; K, M, G, T):\n"
    "  --memory SIZE           its RAM [256M]\n"
    "  --ram-base GPA          where RAM begins [0x80000000]\n"
    "  --image FILE@GPA        put FILE there, measured; may be repeated\n"
    "  --unmeasured FILE@GPA   put FILE there, not measured; may be repeated\n"
    "  --dtb[=GPA]             generate a device tree, not measured, at GPA\n"
    "                          or at the end of RAM; x0 is its address\n"
    "  --append TEXT           bootargs in the device tree\n"
    "  --entry GPA             where vCPU 0 starts [first image]\n"
    "  --vcpus N               1 to 512 [1]; the others wait for CPU_ON\n"
    "  --ipa-bits N            width of its addresses [40, or what RAM needs]\n"
    "\n"
    "How it is made:\n"
    "  --profile NAME          which posting of the kernel's interface; below\n"
    "                          [$RMM_KVM_PROFILE, or librmmkvm's default]\n"
    "  --populate-limit N[p|K|M]\n"
    "                          what one populate call does at most: bytes, or\n"
    "                          pages with p [no limit]\n"
    "  --populate-fault RULES  disturb populate: 3=EINTR, the third call;\n"
    "                          @0x80200000=stall; 5+=64K; see rmm-launch(1)\n"
    "  --compare-uapi          under every profile in turn: calls, bytes, what "
    "a\n"
    "                          partial result looks like, RIM\n"
    "  --no-run                populate, but do not run\n"
    "  --hold                  keep the realm until this is ended, by ^C or\n"
    "                          SIGTERM, so that rmmctl can look at it\n"
    "  --socket PATH           rmmd's socket [$RMMD_SOCKET, or the default]\n"
    "  --control PATH          its control socket, for the RIM [beside\n"
    "                          --socket; $RMMD_CONTROL; or the default]\n"
    "  --realm WHO             who is in the realm: off, wfi, attach, cpu\n"
    "                          [as rmmd(8) was told]\n"
    "  --realm-script FILE     the same: a script, see rmm-script(5)\n"
    "\n"
    "What is printed:\n"
    "  --json                  the result as one JSON object\n"
    "  -q, --quiet             only the RIM\n"
    "  -v, --verbose           each ioctl and its result, on standard error\n"
    "  --verbose-partial       each populate call that stopped part way, "
    "there\n"
    "  -h, --help              this\n"
    "  -V, --version           the version\n"
    "\n"
    "Exit status: 0, or 1 if something failed, or 2 for a bad command line.\n"
    "\n"
    "Profiles:\n";

static void
print_help(void)
{
	const char *const *name = rmmkvm_profiles();

	fputs(help, stdout);
	for (; *name != NULL; name++)
		printf("  %-16s  %s\n", *name, rmmkvm_profile_about(*name));
}

static _Noreturn void
usage(const char *what, const char *value)
{
	fprintf(stderr, "rmm-launch: %s: \"%s\"\n", what, value);
	fputs("rmm-launch: try rmm-launch --help\n", stderr);
	exit(2);
}

static bool
parse_number(const char *text, uint64_t *number, const char **rest)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*number = strtoull(text, &end, 0);
	*rest = end;
	return errno == 0;
}

bool
parse_size(const char *text, uint64_t *size)
{
	static const char suffixes[] = "KMGT";
	const char *rest, *suffix;
	unsigned shift;

	if (!parse_number(text, size, &rest))
		return false;
	if (*rest == '\0')
		return true;
	suffix = strchr(suffixes, *rest);
	if (suffix == NULL || rest[1] != '\0')
		return false;
	shift = 10 * (unsigned)(suffix - suffixes + 1);
	if (*size > UINT64_MAX >> shift)
		return false;
	*size <<= shift;
	return true;
}

static uint64_t
size_option(const char *name, const char *text)
{
	uint64_t size;

	if (!parse_size(text, &size))
		usage(name, text);
	return size;
}

static unsigned
small_option(const char *name, const char *text, unsigned least, unsigned most)
{
	uint64_t number;
	const char *rest;

	if (!parse_number(text, &number, &rest) || *rest != '\0' ||
	    number < least || number > most)
		usage(name, text);
	return (unsigned)number;
}

/* N, NK, NM: bytes; Np: pages. */
static uint64_t
limit_option(const char *text)
{
	const char *what = "--populate-limit wants a number of bytes (K, M) or "
			   "pages (p), at least 1";
	uint64_t limit;
	const char *rest;

	if (parse_number(text, &limit, &rest) && strcmp(rest, "p") == 0 &&
	    limit <= UINT64_MAX / PAGE)
		limit *= PAGE;
	else if (!parse_size(text, &limit))
		usage(what, text);
	if (limit == 0)
		usage(what, text);
	return limit;
}

static void
add_region(struct options *options, const char *text, bool measured)
{
	const char *at = strrchr(text, '@');
	struct region *region;

	if (at == NULL)
		usage("an image is given as FILE@GPA, and the '@' is missing",
		    text);
	if (at == text)
		usage(
		    "an image is given as FILE@GPA, and FILE is missing", text);
	if (options->num_regions == MAX_REGIONS)
		usage("too many images", text);
	/* One more than that, for the device tree. */
	options->regions = realloc(options->regions,
	    (options->num_regions + 2) * sizeof(*options->regions));
	if (options->regions == NULL)
		die("no memory");
	region = &options->regions[options->num_regions++];
	memset(region, 0, sizeof(*region));
	region->measured = measured;
	if (!parse_size(at + 1, &region->gpa))
		usage("the GPA after '@' is no number", text);
	region->name = strndup(text, (size_t)(at - text));
	if (region->name == NULL)
		die("no memory");
}

static void
profile_option(struct options *options, const char *name)
{
	if (name[0] == '\0' || rmmkvm_profile_about(name) == NULL)
		usage("--profile wants one of those that --help lists", name);
	options->profile = name;
}

static void
content_option(struct options *options, int option, const char *value)
{
	switch (option) {
	case OPT_MEMORY:
		options->memory = size_option("--memory wants a size", value);
		break;
	case OPT_RAM_BASE:
		options->ram_base =
		    size_option("--ram-base wants a GPA", value);
		break;
	case OPT_IMAGE:
	case OPT_UNMEASURED:
		add_region(options, value, option == OPT_IMAGE);
		break;
	case OPT_DTB:
		options->dtb = true;
		options->dtb_placed = value != NULL;
		if (value != NULL)
			options->dtb_gpa =
			    size_option("--dtb wants a GPA", value);
		break;
	case OPT_APPEND:
		options->append = value;
		break;
	case OPT_ENTRY:
		options->entry_given = true;
		options->entry = size_option("--entry wants a GPA", value);
		break;
	case OPT_IPA_BITS:
		options->ipa_bits = small_option(
		    "--ipa-bits wants a number from 32 to 52", value, 32, 52);
		break;
	case OPT_VCPUS:
		options->vcpus =
		    small_option("--vcpus wants a number from 1 to 512", value,
			1, MAX_VCPUS);
		break;
	}
}

static void
realm_option(struct options *options, const char *who)
{
	if (strcmp(who, "off") != 0 && strcmp(who, "wfi") != 0 &&
	    strcmp(who, "attach") != 0 && strcmp(who, "cpu") != 0)
		usage("--realm wants off, wfi, attach or cpu", who);
	options->realm = who;
}

static void
other_option(struct options *options, int option, const char *value)
{
	switch (option) {
	case OPT_POPULATE_LIMIT:
		options->populate_limit = limit_option(value);
		break;
	case OPT_POPULATE_FAULT:
		options->populate_fault = value;
		break;
	case OPT_PROFILE:
		profile_option(options, value);
		break;
	case OPT_SOCKET:
		options->socket = value;
		break;
	case OPT_CONTROL:
		options->control = value;
		break;
	case OPT_REALM:
		realm_option(options, value);
		break;
	case OPT_REALM_SCRIPT:
		options->realm_script = value;
		break;
	case OPT_COMPARE_UAPI:
		options->compare = true;
		break;
	case OPT_HOLD:
		options->hold = true;
		break;
	case OPT_JSON:
		options->json = true;
		break;
	case OPT_NO_RUN:
		options->run = false;
		break;
	case 'q':
		options->quiet = true;
		break;
	case 'v':
		options->verbose = true;
		break;
	case OPT_VERBOSE_PARTIAL:
		options->verbose_partial = true;
		break;
	case 'h':
		print_help();
		exit(0);
	case 'V':
		puts("rmm-launch " PACKAGE_VERSION);
		exit(0);
	case '?':
		fputs("rmm-launch: try rmm-launch --help\n", stderr);
		exit(2);
	default:
		content_option(options, option, value);
	}
}

void
options_parse(struct options *options, int argc, char **argv)
{
	int option;

	memset(options, 0, sizeof(*options));
	options->memory = DEFAULT_MEMORY;
	options->ram_base = DEFAULT_RAM_BASE;
	options->vcpus = 1;
	options->run = true;
	while ((option = getopt_long(argc, argv, "qvhV", long_options, NULL)) !=
	    -1)
		other_option(options, option, optarg);
	if (optind < argc)
		usage("an image is given with --image FILE@GPA; this belongs "
		      "to no option",
		    argv[optind]);
	if (options->compare &&
	    (options->json || options->hold || options->profile != NULL))
		usage(
		    "--compare-uapi is of every profile, and a table: without",
		    "--json, --hold, --profile");
	if (options->append != NULL && !options->dtb)
		usage("--append is for a device tree, so give --dtb too",
		    options->append);
}
