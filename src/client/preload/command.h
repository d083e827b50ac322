/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of rmm-kvm share. */
#ifndef PRELOAD_COMMAND_H
#define PRELOAD_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "statistics.h"

/* Exit statuses of its own, as those of env(1) and nohup(1). */
#define COMMAND_FAILED	  125
#define COMMAND_CANNOT	  126
#define COMMAND_NOT_FOUND 127

/* Set by rmm-kvm for the rmm-kvm that it starts behind a daemon. */
#define INSIDE_ENV "RMM_KVM_INSIDE"

struct options {
	const char *profile;
	const char *socket;
	const char *control;
	const char *rmmd;	/* the program, for a daemon of our own */
	const char *preload;	/* the library */
	const char *emulator;	/* words before the command */
	const char *limit;	/* of a populate call */
	const char *fault;	/* what disturbs them */
	const char *bugs;	/* of the posting */
	const char *statistics; /* a file to keep them in */
	const char *show;	/* a file to show them from */
	const char *report;	/* a file, or "-" for standard error */
	unsigned explain;	/* RMM_KVM_EXPLAIN */
	bool rim;
	bool captive;
	bool inside; /* the daemon is there: go on */
	char **command;
};

/* options.c; does not return if there is nothing to run */
void options_parse(struct options *options, int argc, char **argv);

/* Say why and exit with COMMAND_FAILED. */
_Noreturn void die(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* places.c: where things are.  NULL: nowhere. */
char *place_of_preload(const struct options *options);
char *place_of_rmmd(const struct options *options);
char *place_of_self(void);

/* run.c: run the command to its end; its exit status, as a shell tells it. */
int run_to_end(char **argv, const char *preload);
/* Become it.  Returns only what the exit status is to be. */
int run_become(char **argv, const char *preload);

/* report.c */
struct statistics *statistics_make(const char *path, char where[64]);
const struct statistics *statistics_open(const char *path);
void report(FILE *to, const struct statistics *statistics);
/* advice.c: which profile the client was written for. */
void advise(FILE *to, const struct statistics *statistics);

#endif
