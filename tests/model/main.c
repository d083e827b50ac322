/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random calls, judged:
 *
 *	model [-n CALLS] [-s SEED] [-m SETUP] [-l LENGTH] [-w WINDOW]
 *	      [-o SCRIPT] [-b FAULT] [-p PLANT] [-v]
 *
 * A sequence of LENGTH calls starts on a machine that is as new.  Each answer
 * is judged; the whole machine is looked at after every WINDOW calls, memory
 * at the end of the sequence.  If something is wrong, the sequence is made
 * again with a look after each call, which names the first call that went
 * wrong, and shrunk to a script, to SCRIPT or standard output.  Without a setup
 * all get their share of the calls.
 *
 * Exit status: 0 all is well, 1 something is wrong, 2 wrong usage.
 */
#include "config.h"

#include "model.h"

#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMMANDS_MAX   64
#define CONDITIONS_MAX 256

struct count {
	uint64_t calls;
	uint64_t good;
};

struct options {
	uint64_t calls, seed, length, window;
	const char *setup, *script, *plant;
	const struct fault *fault;
	bool verbose;
};

struct run {
	const struct options *options;
	struct count counts[COMMANDS_MAX]; /* the last: no command */
	/* "command condition", by pointers to what is static. */
	struct {
		const char *command, *condition;
		uint64_t times;
	} failures[CONDITIONS_MAX];
	unsigned num_failures;
	uint64_t calls;
	struct sequence sequence;
};

/* The host's commands, then those of realms. */
static const struct smc_abi *
abi_at(size_t n)
{
	size_t num = 0;

	while (rmm_command_at(num) != NULL)
		num++;
	return n < num ? rmm_command_at(n) : rmm_realm_command_at(n - num);
}

static size_t
command_number(const char *name)
{
	const struct smc_abi *abi;
	size_t n = 0;

	while ((abi = abi_at(n)) != NULL && abi->name != name)
		n++;
	return n;
}

static void
count(struct run *run, const struct rmm_answer *answer)
{
	struct count *c = &run->counts[command_number(answer->command)];
	unsigned i = 0;

	run->calls++;
	c->calls++;
	if (answer->x[0] == RMI_SUCCESS) {
		c->good++;
		return;
	}
	while (i < run->num_failures &&
	    (run->failures[i].command != answer->command ||
		run->failures[i].condition != answer->condition))
		i++;
	if (i == CONDITIONS_MAX)
		return;
	if (i == run->num_failures)
		run->num_failures++;
	run->failures[i].command = answer->command;
	run->failures[i].condition = answer->condition;
	run->failures[i].times++;
}

/* A call of a realm, which may have become an exit. */
static void
count_act(struct run *run, const struct pair *pair, const struct op *op)
{
	const struct rmm_result *result = &pair->result;
	const struct smc_abi *abi;
	struct count *c;
	size_t n = 0;

	if (!pair->acted || op->x[1] != ACT_SMC)
		return;
	while ((abi = abi_at(n)) != NULL && abi->fid != op->x[2])
		n++;
	c = &run->counts[n];
	c->calls++;
	c->good +=
	    result->outcome == RMM_EXITED || result->answer.condition == NULL;
}

static void
report(const struct run *run)
{
	const struct smc_abi *abi;

	for (size_t n = 0; (abi = abi_at(n)) != NULL; n++) {
		const struct count *c = &run->counts[n];

		printf("%-28s %9" PRIu64 " calls %3" PRIu64 " %% good",
		    abi->name, c->calls,
		    c->calls == 0 ? 0 : c->good * 100 / c->calls);
		for (unsigned i = 0; i < run->num_failures; i++)
			if (run->failures[i].command == abi->name)
				printf(" %s %" PRIu64,
				    run->failures[i].condition,
				    run->failures[i].times);
		printf("\n");
	}
}

/* Every command must have succeeded, or the calls are not worth much. */
static bool
all_met(const struct run *run)
{
	const struct smc_abi *abi;
	bool all = true;

	for (size_t n = 0; (abi = abi_at(n)) != NULL; n++) {
		if (run->counts[n].good != 0)
			continue;
		warnx("%s has never succeeded", abi->name);
		all = false;
	}
	return all;
}

/* ---- A failure ------------------------------------------------------------
 */

static void
explain(struct run *run, struct pair *pair, uint64_t number)
{
	const struct options *o = run->options;
	struct verdict first = pair->verdict;
	struct sequence *sequence = &run->sequence;
	FILE *file = stdout;
	char origin[256];
	size_t at = pair_replay(pair, sequence);
	unsigned trials = 0;

	if (at < sequence->num) {
		sequence->num = at + 1;
		trials = shrink(pair, sequence);
	} else {
		/* What went wrong is not a matter of the calls alone. */
		warnx("made again, the calls do no wrong");
		pair->verdict = first;
	}
	(void)snprintf(origin, sizeof origin,
	    "setup %s, seed %" PRIu64 ", sequence %" PRIu64
	    ", call %zu; %zu steps are left after %u trials",
	    pair->setup->name, o->seed, number, at + 1, sequence->num, trials);
	if (o->script != NULL) {
		file = fopen(o->script, "w");
		if (file == NULL)
			err(2, "%s", o->script);
	}
	script_write(file, pair, sequence, origin);
	if (file != stdout && fclose(file) != 0)
		err(2, "%s", o->script);
	warnx("%s: %s; %s", pair->verdict.kind, pair->verdict.why, origin);
}

/* ---- Sequences ------------------------------------------------------------
 */

static bool
one_sequence(struct run *run, struct pair *pair, struct generator *g)
{
	const struct options *o = run->options;
	struct sequence *s = &run->sequence;

	pair_reset(pair);
	for (s->num = 0; s->num < o->length;) {
		struct op *op = &s->ops[s->num++];

		generator_next(g, pair->machine.rmm, op);
		if (!pair_do(pair, op))
			return false;
		if (op->kind == OP_CALL)
			count(run, &pair->answer);
		if (op->kind == OP_ACT)
			count_act(run, pair, op);
		if (s->num % o->window == 0 && !pair_check(pair, false))
			return false;
	}
	return pair_check(pair, true);
}

static bool
one_setup(struct run *run, const struct setup *setup, uint64_t calls)
{
	struct generator *g = generator_new(setup);
	uint64_t number, begin = run->calls;
	struct pair pair;
	bool good = true;

	pair_init(&pair, setup, run->options->fault, run->options->plant);
	for (number = 0; good && run->calls - begin < calls; number++) {
		generator_start(g, run->options->seed * 1000003 + number);
		good = one_sequence(run, &pair, g);
		if (!good)
			explain(run, &pair, number);
	}
	if (good)
		printf("%s: %" PRIu64 " calls in %" PRIu64 " sequences\n",
		    setup->name, run->calls - begin, number);
	pair_fini(&pair);
	generator_free(g);
	return good;
}

static bool
all_setups(struct run *run)
{
	const struct options *o = run->options;
	const struct setup *setup;
	size_t num = 0, n;

	for (n = 0; (setup = setup_at(n)) != NULL; n++)
		num += o->setup == NULL || strcmp(setup->name, o->setup) == 0;
	if (num == 0)
		errx(2, "%s is no setup", o->setup);
	for (n = 0; (setup = setup_at(n)) != NULL; n++)
		if (o->setup == NULL || strcmp(setup->name, o->setup) == 0)
			if (!one_setup(run, setup, o->calls / num))
				return false;
	return true;
}

static void
list(void)
{
	const struct rmm_plant *plant;
	const struct setup *setup;
	const struct fault *fault;

	for (size_t n = 0; (setup = setup_at(n)) != NULL; n++)
		printf("setup %s: %s\n", setup->name, setup->what);
	for (size_t n = 0; (fault = fault_at(n)) != NULL; n++)
		printf("fault %s: %s\n", fault->name, fault->what);
	for (size_t n = 0; (plant = rmm_plant_at(n)) != NULL; n++)
		printf("%s %s: %s\n", plant->realm ? "realm-plant" : "plant",
		    plant->name, plant->about);
}

/* Its name, if there is such a defect. */
static const char *
plant_name(const char *name)
{
	const struct rmm_plant *plant;

	for (size_t n = 0; (plant = rmm_plant_at(n)) != NULL; n++)
		if (strcmp(plant->name, name) == 0)
			return plant->name;
	errx(2, "%s is no planted defect", name);
}

static bool
parse(struct options *o, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "b:hl:m:n:o:p:s:vw:")) != -1) {
		uint64_t n = optarg == NULL ? 0 : strtoull(optarg, NULL, 0);

		if (option == 'b' && (o->fault = fault_find(optarg)) == NULL)
			return false;
		else if (option == 'l')
			o->length = n;
		else if (option == 'm')
			o->setup = optarg;
		else if (option == 'n')
			o->calls = n;
		else if (option == 'o')
			o->script = optarg;
		else if (option == 'p')
			o->plant = plant_name(optarg);
		else if (option == 's')
			o->seed = n;
		else if (option == 'v')
			o->verbose = true;
		else if (option == 'w')
			o->window = n;
		else if (option == 'h' || option == '?')
			return false;
	}
	return optind == argc && o->length >= 1 && o->length <= SEQUENCE_MAX &&
	    o->window >= 1;
}

int
main(int argc, char **argv)
{
	struct options o = {
		.calls = 200000, .seed = 1, .length = 2000, .window = 8
	};
	struct run *run = calloc(1, sizeof *run);
	bool good;

	if (run == NULL || !parse(&o, argc, argv)) {
		(void)fprintf(stderr,
		    "usage: %s [-n CALLS] [-s SEED] [-m SETUP] [-l LENGTH] "
		    "[-w WINDOW] [-o SCRIPT] [-b FAULT] [-p PLANT] [-v]\n",
		    argv[0]);
		list();
		free(run);
		return 2;
	}
	run->options = &o;
	good = all_setups(run);
	if (o.verbose)
		report(run);
	if (good && o.setup == NULL && o.calls >= 100000)
		good = all_met(run);
	if (good)
		printf("%" PRIu64 " calls, seed %" PRIu64 "\n", run->calls,
		    o.seed);
	free(run);
	return good ? 0 : 1;
}
