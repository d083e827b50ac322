/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The list of cases, made from the specification's table and the files of the
 * commands, without a machine.
 */
#ifndef CASES_H
#define CASES_H

#include "conform.h"

enum kind {
	KIND_POSITIVE,	/* a success, with its conditions */
	KIND_CONDITION, /* a failure condition alone */
	KIND_PAIR,	/* two conditions, of which the first wins */
	KIND_BOUNDARY,	/* an address at the edge that is valid */
};
const char *kind_name(enum kind kind);

enum result { RESULT_NONE, RESULT_PASS, RESULT_FAIL, RESULT_SKIP };

/* How an address argument is made wrong, or brought to an edge. */
struct variant;

struct kase {
	const struct spec_command *spec;
	const struct command_cases *cmd;
	enum kind kind;
	char id[32], id2[32];
	char name[96]; /* "DATA_CREATE/rd_bound:rd=2^52" */
	const struct positive *positive;
	/* CONDITION; of PAIR the first and the second; one of each is set. */
	const struct stimulus *stimulus[2];
	const struct arg *arg[2];
	const struct variant *variant[2];
	const struct both *both;
	const char *cannot; /* why it is not stimulated */

	enum result result;
	bool selected;
	double seconds;
	char message[400]; /* FAIL, SKIP */
	char seen[120];	   /* which of several allowed answers came */
};

extern struct kase *cases;
extern size_t num_cases;

/* Returns false if memory is short. */
bool cases_make(void);
/* A pattern selects names, or, without a slash, commands. */
bool case_matches(const struct kase *k, const char *pattern);

/* Address variants (address.c). */
enum part { PART_ALIGN, PART_BOUND, PART_STATE, PART_VALID };
struct variant {
	const char *what; /* "+1", "=2^52" */
	enum part part;
	/* Changes x[arg->reg]; skips the case if the machine has none such. */
	void (*apply)(struct conform *c, const struct arg *arg, uint64_t value);
	uint64_t value;
	unsigned wants; /* the kinds of argument it is for, 1 << want */
};
extern const struct variant variants[];
extern const size_t num_variants;
/* The one to stand for a part when two conditions are violated. */
const struct variant *variant_for_pair(const struct arg *arg, enum part part);
const char *arg_id(const struct arg *arg, enum part part);

/* Run one case on the machine (judge.c).  False: the machine has gone. */
bool case_run(struct conform *c, struct kase *k);

/* ---- Output (output.c) -------------------------------------------------- */

void tap_begin(FILE *out, size_t num);
void tap_case(FILE *out, size_t number, const struct kase *k);
bool junit_write(const char *path, const char *server);
bool html_write(const char *path, const char *server, const char *abi);
void matrix_write(FILE *out);

/* The cases of one command and condition, summed up. */
struct cell {
	unsigned pass, fail, skip, cannot;
};
struct cell cell_of(const struct spec_command *spec, const char *id);
const char *cell_word(const struct cell *cell);

#endif
