/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A REC that runs a script: shared by the files script-*.c that do so.  The
 * program counter is the REC's own, and goes on by 4 with each instruction.
 */
#ifndef SCRIPT_STATE_H
#define SCRIPT_STATE_H

#include "script-program.h"

struct script_run {
	struct script *script;
	uint64_t rec;
	void (*say)(void *ctx, const char *line);
	void *say_ctx;

	/* Of the steps that are being made. */
	struct rmm *rmm;
	struct rmm_result *result;
	struct rmm_regs regs; /* as of the begin of this step */

	bool begun;
	uint64_t mpidr, index;
	size_t at; /* the statement to run next, or that is being run */
	uint64_t counts[SCRIPT_NEST_MAX]; /* rounds that are left */

	/* Within a statement. */
	unsigned phase; /* instructions that are done */
	unsigned step;	/* of a host call */
	bool prepared;	/* the instruction is ready to be made, or made again */
	bool aside; /* it is none of the REC's: an exit says nothing of it */
	uint64_t ipa, offset, length; /* bytes in bulk */
	struct rmm_access access;
	uint8_t data[SCRIPT_BULK_MAX];

	/* From an exit to the next entry. */
	bool entered, sea;
	bool exited;  /* by the instruction that was at pc */
	bool powered; /* whether the entry goes on from there */
	uint64_t pc;
	uint64_t until;

	/* What the last exception and the last call left. */
	const struct script_statement *taken; /* that nothing has expected */
	uint64_t esr, far;
	bool called;
	char call[32];
	const struct smc_abi *abi;
	uint64_t x[SMC_REGS];
	const char *condition;
	char why[RMM_WHY_MAX];

	bool is_set[SCRIPT_VARIABLES_MAX];
	uint64_t variables[SCRIPT_VARIABLES_MAX];
	bool failed;
	char failure[640];
};

/*
 * What fails, fails the script: these return false after writing the failure.
 */
bool script_fail(struct script_run *run, const struct script_statement *s,
    unsigned column, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- script-value.c -------------------------------------------------------
 */

/* The n-th value of a statement, which is a sum. */
bool script_value(struct script_run *run, const struct script_statement *s,
    unsigned n, uint64_t *value);
const struct script_value *script_value_at(
    const struct script_run *run, const struct script_statement *s, unsigned n);
/* Both values of a comparison; holds says whether it is true. */
bool script_holds(
    struct script_run *run, const struct script_statement *s, bool *holds);
const char *script_sign(enum script_compare compare);
/* The bytes of all values from the second on. */
bool script_bytes(struct script_run *run, const struct script_statement *s,
    uint8_t bytes[SCRIPT_BULK_MAX], size_t *num);
/* All values as one line for people. */
bool script_line(struct script_run *run, const struct script_statement *s,
    char *line, size_t size);
/* "NAME:LINE: TEXT" to whoever listens. */
void script_say(const struct script_run *run, const struct script_statement *s,
    const char *text);

/* ---- script-act.c: what is done by instructions ---------------------------
 */

struct script_act {
	/* Make the instruction of this phase ready; once. */
	bool (*prepare)(
	    struct script_run *run, const struct script_statement *s);
	/* Make it; any number of times.  false: the model takes none such. */
	bool (*make)(struct script_run *run, const struct script_statement *s);
	/* It was completed.  Sets *more if there is another one. */
	bool (*done)(struct script_run *run, const struct script_statement *s,
	    bool *more);
};

/* NULL: no instructions. */
const struct script_act *script_act(enum script_verb verb);

/* ---- script-bulk.c: accesses of many bytes --------------------------------
 */

extern const struct script_act script_mem_read, script_mem_write,
    script_mem_fill, script_expect_mem, script_host_call;

/* The call that the registers hold, for those that make one. */
void script_call_begins(struct script_run *run);
bool script_call_make(struct script_run *run, const struct script_statement *s);
void script_call_done(struct script_run *run);

/* ---- script-expect.c ------------------------------------------------------
 */

bool script_expect_status(
    struct script_run *run, const struct script_statement *s);
bool script_expect_value(
    struct script_run *run, const struct script_statement *s);
bool script_expect_exception(
    struct script_run *run, const struct script_statement *s);
/* An exception that nothing expects. */
bool script_unexpected(struct script_run *run);

#endif
