/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A realm that a script plays, and the host that enters it.
 */
#ifndef PLAY_H
#define PLAY_H

#include "drive.h"

#include "rmmd/realm/script.h"

#define SLICE 100000

extern struct world *w;
extern struct script_run *run, *run2;
extern char said[4096]; /* what the scripts logged */

void play_setup(void);
void play_teardown(void);

/* A script, called "t", on a REC; to be freed. */
struct script_run *begin(const char *text, uint64_t rec);
/* One slice; the invariants hold after it. */
enum script_state go_on(struct script_run *r);
enum script_state enter(struct script_run *r, uint64_t rec, uint64_t flags);
/* The first entry of a script on REC. */
enum script_state start(const char *text);
/* The script runs to its end without an exit before. */
void good(const char *text);
/* It fails, and says so. */
void fails(const char *text, const char *failure);

const struct rmi_rec_exit *exit_of(uint64_t rec);

#define ck_no_failure(r)                                   \
	ck_assert_msg(script_run_failure(r) == NULL, "%s", \
	    script_run_failure(r) == NULL ? "" : script_run_failure(r))
#define ck_run(state, expected)                   \
	do {                                      \
		enum script_state s_ = (state);   \
		if ((expected) != SCRIPT_FAILED)  \
			ck_no_failure(run);       \
		ck_assert_int_eq(s_, (expected)); \
	} while (0)

#endif
