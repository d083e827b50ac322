/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A realm played by a script: the language of rmm-script(5).  A text becomes a
 * program, which any number of RECs run, each in its own time.  Nothing in here
 * knows of files, sockets or clocks.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rmm/rmm.h"

#define SCRIPT_SIZE_MAX	 262144u /* bytes of a text */
#define SCRIPT_ERROR_MAX 512	 /* bytes that hold most errors */

struct script;
struct script_run;

/*
 * Any bytes may be in text; name is what errors call it, and is copied.
 *
 * Returns NULL, with "NAME:LINE:COLUMN: sentence" in err, if the text is no
 * script.
 */
struct script *script_parse(
    const char *name, const char *text, size_t size, char *err, size_t errlen);
/* One more who calls script_free(). */
struct script *script_ref(struct script *script);
void script_free(struct script *script);
const char *script_name(const struct script *script);

/*
 * A REC that runs a script, from its begin on.  Holds a reference to it.
 *
 * rec: the PA of the REC.
 * say: gets a line of text for people, "NAME:LINE: ..."; NULL: nobody.
 *
 * Returns NULL if memory is short.
 */
struct script_run *script_run_new(struct script *script, uint64_t rec,
    void (*say)(void *ctx, const char *line), void *ctx);
void script_run_free(struct script_run *run);

enum script_state {
	SCRIPT_RUNS,  /* there is more to do at once */
	SCRIPT_WAITS, /* until an interrupt, or script_run_until() */
	/* In these, last->answer is what RMI_REC_ENTER answers to the host. */
	SCRIPT_EXITED,
	SCRIPT_ENDED,  /* exited, for the script has come to its end */
	SCRIPT_FAILED, /* exited, for script_run_failure() */
};

/*
 * The REC was entered; to be called once before the steps that follow.
 *
 * sea: the host injected one (struct rmm_answer).
 */
void script_run_entered(struct script_run *run, bool sea);

/*
 * At most max steps, an instruction or statement each.  The REC must be
 * running; if it does not, nothing is done and SCRIPT_WAITS is returned.
 */
enum script_state script_run_steps(struct script_run *run, struct rmm *rmm,
    unsigned max, struct rmm_result *last);

/* SCRIPT_WAITS: the counter value at which the wait is over, or UINT64_MAX. */
uint64_t script_run_until(const struct script_run *run);

/* The line of the statement that is next, or being made; 0: at the end. */
unsigned script_run_line(const struct script_run *run);

/* "NAME:LINE:COLUMN: what was expected, and what came"; NULL: all is well. */
const char *script_run_failure(const struct script_run *run);

#endif
