/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmm-conform: is this machine's RMM what the specification says?
 */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases.h"

#define EXIT_FAILURES 1
#define EXIT_USAGE    2
#define CASE_SECONDS  60 /* a machine that takes longer hangs */

struct options {
	const char *socket, *control, *junit, *html;
	bool matrix, list, spec, quiet;
	char **patterns;
	int num_patterns;
};

static void
usage(FILE *out)
{
	fputs(
	    "Usage: rmm-conform [OPTION]... [PATTERN]...\n"
	    "Judge a machine's Realm Management Monitor by the "
	    "specification.\n\n"
	    "  rmmd --run rmm-conform        a machine for this alone\n"
	    "  rmm-conform 'DATA_*'          the commands of this name\n"
	    "  rmm-conform '*/rd_bound*'     the cases of this name\n"
	    "  rmm-conform 'RSI_*' 'PSCI_*'  what a realm calls\n\n"
	    "      --socket PATH    the host's socket\n"
	    "      --control PATH   the control socket; \"none\": do without\n"
	    "      --list           name the cases; needs no machine\n"
	    "      --spec           print the conditions and orderings\n"
	    "      --junit FILE     write JUnit XML as well\n"
	    "      --html FILE      write a page with the matrix as well\n"
	    "      --matrix         print commands and conditions, no TAP\n"
	    "  -q, --quiet          only what failed, and a summary\n"
	    "  -h, --help           print this\n"
	    "  -V, --version        print the version\n\n"
	    "Exit status: 0 all passed, 1 some failed, 2 wrong usage or no "
	    "machine.\n",
	    out);
}

enum {
	OPT_SOCKET = 256,
	OPT_CONTROL,
	OPT_LIST,
	OPT_SPEC,
	OPT_JUNIT,
	OPT_HTML,
	OPT_MATRIX
};

static const struct option longopts[] = {
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "control", required_argument, NULL, OPT_CONTROL },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "spec", no_argument, NULL, OPT_SPEC },
	{ "junit", required_argument, NULL, OPT_JUNIT },
	{ "html", required_argument, NULL, OPT_HTML },
	{ "matrix", no_argument, NULL, OPT_MATRIX },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void
parse(struct options *o, int argc, char **argv)
{
	int opt;

	while ((opt = getopt_long(argc, argv, "qhV", longopts, NULL)) != -1)
		switch (opt) {
		case OPT_SOCKET:
			o->socket = optarg;
			break;
		case OPT_CONTROL:
			o->control = optarg;
			break;
		case OPT_LIST:
			o->list = true;
			break;
		case OPT_SPEC:
			o->spec = true;
			break;
		case OPT_JUNIT:
			o->junit = optarg;
			break;
		case OPT_HTML:
			o->html = optarg;
			break;
		case OPT_MATRIX:
			o->matrix = true;
			break;
		case 'q':
			o->quiet = true;
			break;
		case 'h':
			usage(stdout);
			exit(EXIT_SUCCESS);
		case 'V':
			puts("rmm-conform " PACKAGE_VERSION);
			exit(EXIT_SUCCESS);
		default:
			fputs("(rmm-conform --help tells)\n", stderr);
			exit(EXIT_USAGE);
		}
	o->patterns = argv + optind;
	o->num_patterns = argc - optind;
}

static size_t
select_cases(const struct options *o)
{
	size_t num = 0;

	for (int i = 0; i < o->num_patterns; i++) {
		size_t hits = 0;

		for (size_t n = 0; n < num_cases; n++)
			if (case_matches(&cases[n], o->patterns[i])) {
				cases[n].selected = true;
				hits++;
			}
		if (hits == 0) {
			fprintf(stderr,
			    "rmm-conform: no case is named \"%s\" "
			    "(--list names them)\n",
			    o->patterns[i]);
			exit(EXIT_USAGE);
		}
	}
	for (size_t n = 0; n < num_cases; n++) {
		if (o->num_patterns == 0)
			cases[n].selected = true;
		num += cases[n].selected;
	}
	return num;
}

static void
print_condition(void *ctx, const char *id)
{
	const struct spec_command *spec = ctx;

	printf("condition\t%s\t%s\t%s\n", spec->name, id, spec->section);
}

static void
print_pair(void *ctx, const char *first, const char *second)
{
	const struct spec_command *spec = ctx;

	printf(
	    "pair\t%s\t%s<%s\t%s\n", spec->name, first, second, spec->section);
}

static void
print_spec(void)
{
	for (size_t i = 0; i < spec_num_commands; i++) {
		/* The table is only looked at. */
		void *spec = (void *)(uintptr_t)&spec_commands[i];

		spec_each_condition(spec, print_condition, spec);
		spec_each_pair(spec, print_pair, spec);
	}
}

static void
print_list(void)
{
	for (size_t i = 0; i < num_cases; i++)
		if (cases[i].selected)
			printf("%s\t%s%s%s\n", cases[i].name,
			    kind_name(cases[i].kind),
			    cases[i].cannot != NULL ? "\tnot stimulated: " : "",
			    cases[i].cannot != NULL ? cases[i].cannot : "");
}

/* ---- Running ----------------------------------------------------------- */

static const char *running = "the start";

static void
timed_out(int sig)
{
	static const char words[] = "Bail out! no answer within a minute: ";
	ssize_t n;

	(void)sig;
	n = write(STDOUT_FILENO, words, sizeof words - 1);
	n = write(STDOUT_FILENO, running, strlen(running));
	n = write(STDOUT_FILENO, "\n", 1);
	(void)n;
	_exit(EXIT_FAILURES);
}

struct sums {
	size_t pass, fail, skip;
};

static void
run_all(
    struct conform *c, const struct options *o, size_t num, struct sums *sums)
{
	bool tap = !o->matrix && !o->quiet, gone = false;
	size_t number = 0;

	if (tap)
		tap_begin(stdout, num);
	for (size_t i = 0; i < num_cases; i++) {
		struct kase *k = &cases[i];

		if (!k->selected)
			continue;
		running = k->name;
		alarm(CASE_SECONDS);
		if (gone) {
			k->result = RESULT_FAIL;
			snprintf(k->message, sizeof k->message,
			    "the machine has gone");
		} else {
			gone = !case_run(c, k);
		}
		alarm(0);
		number++;
		sums->pass += k->result == RESULT_PASS;
		sums->fail += k->result == RESULT_FAIL;
		sums->skip += k->result == RESULT_SKIP;
		if (tap || (o->quiet && k->result == RESULT_FAIL))
			tap_case(stdout, number, k);
	}
}

static void
report(const char *path, bool written)
{
	if (path == NULL || written)
		return;
	fprintf(stderr, "rmm-conform: %s: %s\n", path, strerror(errno));
	exit(EXIT_USAGE);
}

static int
judge(const struct options *o, size_t num)
{
	static struct conform c;
	struct sums sums = { 0, 0, 0 };

	if (!conform_connect(&c, o->socket, o->control)) {
		fprintf(stderr,
		    "rmm-conform: %s\n(\"rmmd --run rmm-conform\" starts a "
		    "machine for it)\n",
		    c.client == NULL ? rmmclient_error(NULL)
				     : "the control socket does not answer");
		return EXIT_USAGE;
	}
	signal(SIGALRM, timed_out);
	run_all(&c, o, num, &sums);
	if (o->matrix)
		matrix_write(stdout);
	report(o->junit,
	    o->junit == NULL ||
		junit_write(o->junit, rmmclient_server(c.client)));
	report(o->html,
	    o->html == NULL ||
		html_write(o->html, rmmclient_server(c.client),
		    rmmclient_abi(c.client)));
	printf("# %zu passed, %zu failed, %zu skipped%s\n", sums.pass,
	    sums.fail, sums.skip,
	    c.control == NULL ? "; without the control socket" : "");
	conform_disconnect(&c);
	return sums.fail != 0 ? EXIT_FAILURES : EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	struct options o = { .socket = NULL };
	size_t num;
	int status;

	parse(&o, argc, argv);
	if (!cases_make()) {
		fputs("rmm-conform: no memory\n", stderr);
		return EXIT_USAGE;
	}
	num = select_cases(&o);
	if (o.spec || o.list) {
		if (o.spec)
			print_spec();
		else
			print_list();
		status = EXIT_SUCCESS;
	} else {
		status = judge(&o, num);
	}
	free(cases);
	if (fflush(stdout) != 0)
		return EXIT_USAGE;
	return status;
}
