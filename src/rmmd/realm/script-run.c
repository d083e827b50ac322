/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Running a script: from statement to statement, and across the exits of the
 * REC.  After an exit the program counter says whether the instruction has been
 * completed or is to be made again (rmm.h).
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script-state.h"

bool
script_fail(struct script_run *run, const struct script_statement *s,
    unsigned column, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (run->failed)
		return false;
	run->failed = true;
	n = snprintf(run->failure, sizeof(run->failure),
	    "%.255s:%u:%u: ", run->script->name, s->line, column);
	va_start(ap, fmt);
	vsnprintf(run->failure + n, sizeof(run->failure) - (size_t)n, fmt, ap);
	va_end(ap);
	return false;
}

/* ---- Statements without an instruction ------------------------------------
 */

static bool
run_let(struct script_run *run, const struct script_statement *s)
{
	uint64_t value;

	if (!script_value(run, s, 0, &value))
		return false;
	if (s->verb == SCRIPT_SET) {
		run->regs.gprs[s->reg] = value;
		rmm_set_regs(run->rmm, run->rec, &run->regs);
	} else {
		run->is_set[s->number] = true;
		run->variables[s->number] = value;
	}
	return true;
}

static bool
run_words(struct script_run *run, const struct script_statement *s)
{
	char line[512];

	if (!script_line(run, s, line, sizeof(line)))
		return false;
	if (s->verb == SCRIPT_FAIL)
		return script_fail(run, s, s->word.column, "%s", line);
	script_say(run, s, line);
	return true;
}

/* The begin of a block: go into it, or past it. */
static bool
run_block(struct script_run *run, const struct script_statement *s)
{
	bool in = false;
	uint64_t value;

	if (s->verb == SCRIPT_REPEAT) {
		if (!script_value(run, s, 0, &value))
			return false;
		run->counts[s->depth] = value;
		in = value > 0;
	} else if (s->verb == SCRIPT_REC_SECTION) {
		for (unsigned n = 0; n < s->num_values; n++) {
			if (!script_value(run, s, n, &value))
				return false;
			in |= value == run->index;
		}
	} else if (!script_holds(run, s, &in)) {
		return false;
	}
	run->at = in ? run->at + 1 : s->target;
	return true;
}

static bool
run_end(struct script_run *run, const struct script_statement *s)
{
	const struct script_statement *begin =
	    &run->script->statements[s->target];

	if (s->verb == SCRIPT_ELSE || s->target > run->at)
		run->at = s->target;
	else if (begin->verb == SCRIPT_WHILE)
		run->at = s->target;
	else if (--run->counts[begin->depth] > 0)
		run->at = s->target + 1;
	else
		run->at++;
	return true;
}

static bool
run_plain(struct script_run *run, const struct script_statement *s)
{
	bool ok = true;

	switch (s->verb) {
	case SCRIPT_REPEAT:
	case SCRIPT_WHILE:
	case SCRIPT_IF:
	case SCRIPT_REC_SECTION:
		return run_block(run, s);
	case SCRIPT_ELSE:
	case SCRIPT_END:
		return run_end(run, s);
	case SCRIPT_LET:
	case SCRIPT_SET:
		ok = run_let(run, s);
		break;
	case SCRIPT_EXPECT_STATUS:
		ok = script_expect_status(run, s);
		break;
	case SCRIPT_EXPECT_VALUE:
		ok = script_expect_value(run, s);
		break;
	case SCRIPT_EXPECT_EXCEPTION:
		ok = script_expect_exception(run, s);
		break;
	default:
		ok = run_words(run, s);
	}
	run->at++;
	return ok;
}

/* ---- Instructions ---------------------------------------------------------
 */

static void
next_statement(struct script_run *run)
{
	run->at++;
	run->phase = 0;
	run->prepared = run->aside = false;
}

/* The instruction was completed; the registers hold its results. */
static bool
completed(struct script_run *run)
{
	const struct script_statement *s = &run->script->statements[run->at];
	const struct script_act *act = script_act(s->verb);
	bool more = false;

	if (act->done != NULL) {
		rmm_regs(run->rmm, run->rec, &run->regs);
		if (!act->done(run, s, &more))
			return false;
	}
	if (more) {
		run->phase++;
		run->prepared = false;
	} else {
		next_statement(run);
	}
	return true;
}

/*
 * The realm's handler of exceptions: note it, and go on behind the instruction
 * that took it.
 */
static void
take_exception(struct script_run *run)
{
	struct rmm_regs *regs = &run->regs;

	rmm_regs(run->rmm, run->rec, regs);
	run->esr = regs->sysregs[REC_ESR_EL1];
	run->far = regs->sysregs[REC_FAR_EL1];
	regs->pc = regs->sysregs[REC_ELR_EL1] + 4;
	regs->pstate = regs->sysregs[REC_SPSR_EL1];
	rmm_set_regs(run->rmm, run->rec, regs);
}

static void
exception(struct script_run *run)
{
	take_exception(run);
	run->taken = &run->script->statements[run->at];
	next_statement(run);
}

/* The REC has exited: how will it go on? */
static enum script_state
exited(struct script_run *run)
{
	struct rmm_rec_info info;

	run->powered = rmm_rec(run->rmm, run->rec, &info) && info.runnable;
	run->exited = !run->aside;
	if (run->aside)
		(void)completed(run);
	return SCRIPT_EXITED;
}

/* Leave for good: the realm or, of several RECs, this one powers off. */
static enum script_state
leave(struct script_run *run, uint64_t fid, enum script_state state)
{
	run->regs.gprs[0] = fid;
	if (!rmm_set_regs(run->rmm, run->rec, &run->regs) ||
	    !rmm_realm_smc(run->rmm, run->rec, run->result) ||
	    run->result->outcome != RMM_EXITED)
		return SCRIPT_RUNS;
	run->exited = run->powered = false;
	return state;
}

static enum script_state
instruction(struct script_run *run, const struct script_statement *s,
    const struct script_act *act)
{
	if (!run->prepared && !act->prepare(run, s))
		return SCRIPT_RUNS;
	run->prepared = true;
	run->pc = run->regs.pc;
	if (!act->make(run, s)) {
		script_fail(
		    run, s, s->word.column, "the monitor takes no such access");
		return SCRIPT_RUNS;
	}
	switch (run->result->outcome) {
	case RMM_GOES_ON:
		(void)completed(run);
		return SCRIPT_RUNS;
	case RMM_WAITS:
		(void)completed(run);
		return SCRIPT_WAITS;
	case RMM_EXCEPTION:
		exception(run);
		return SCRIPT_RUNS;
	default:
		return exited(run);
	}
}

/* ---- Steps ----------------------------------------------------------------
 */

static enum script_state
step(struct script_run *run)
{
	const struct script *script = run->script;
	bool at_end = run->at == script->num_statements;
	/* An empty script has no array of statements. */
	const struct script_statement *s =
	    at_end ? NULL : &script->statements[run->at];
	const struct script_act *act;

	rmm_regs(run->rmm, run->rec, &run->regs);
	if (run->failed)
		return leave(run, PSCI_FID_SYSTEM_RESET, SCRIPT_FAILED);
	if (run->taken != NULL &&
	    (at_end || s->verb != SCRIPT_EXPECT_EXCEPTION)) {
		(void)script_unexpected(run);
		return SCRIPT_RUNS;
	}
	if (at_end)
		return leave(run,
		    run->index == 0 ? PSCI_FID_SYSTEM_OFF : PSCI_FID_CPU_OFF,
		    SCRIPT_ENDED);
	act = script_act(s->verb);
	if (act != NULL)
		return instruction(run, s, act);
	(void)run_plain(run, s);
	return SCRIPT_RUNS;
}

/* RecIndex (DEN0137 1.0-rel0, B3.38). */
static uint64_t
index_of(uint64_t mpidr)
{
	return (mpidr & 0xf) | (mpidr >> 8 & 0xff) << 4 |
	    (mpidr >> 16 & 0xff) << 12 | (mpidr >> 24 & 0xff) << 20;
}

/* At the begin, as after each PSCI_CPU_ON. */
static void
begin(struct script_run *run, uint64_t mpidr)
{
	run->begun = run->powered = true;
	run->mpidr = mpidr;
	run->index = index_of(mpidr);
	run->at = 0;
	run->phase = 0;
	run->prepared = run->aside = run->exited = run->called = false;
	run->taken = NULL;
	run->esr = run->far = 0;
	memset(run->is_set, 0, sizeof(run->is_set));
}

/* The first steps after an entry. */
static void
resume(struct script_run *run, const struct rmm_rec_info *info)
{
	run->entered = false;
	if (!run->begun || !run->powered)
		begin(run, info->mpidr);
	if (run->sea && run->exited)
		exception(run);
	else if (run->sea)
		take_exception(run); /* of who played the REC before */
	else if (run->exited && info->pc != run->pc)
		(void)completed(run);
	run->exited = false;
}

enum script_state
script_run_steps(struct script_run *run, struct rmm *rmm, unsigned max,
    struct rmm_result *last)
{
	enum script_state state = SCRIPT_RUNS;
	struct rmm_rec_info info;

	run->until = UINT64_MAX;
	if (!rmm_rec(rmm, run->rec, &info) || !info.running)
		return SCRIPT_WAITS;
	run->rmm = rmm;
	run->result = last;
	if (run->entered || !run->begun)
		resume(run, &info);
	while (state == SCRIPT_RUNS && max-- > 0)
		state = step(run);
	run->rmm = NULL;
	run->result = NULL;
	return state;
}

/* ---- Begin and end --------------------------------------------------------
 */

struct script_run *
script_run_new(struct script *script, uint64_t rec,
    void (*say)(void *ctx, const char *line), void *ctx)
{
	struct script_run *run = calloc(1, sizeof(*run));

	if (run == NULL)
		return NULL;
	run->script = script_ref(script);
	run->rec = rec;
	run->say = say;
	run->say_ctx = ctx;
	return run;
}

void
script_run_free(struct script_run *run)
{
	if (run == NULL)
		return;
	script_free(run->script);
	free(run);
}

void
script_run_entered(struct script_run *run, bool sea)
{
	run->entered = true;
	run->sea = sea;
}

uint64_t
script_run_until(const struct script_run *run)
{
	return run->until;
}

unsigned
script_run_line(const struct script_run *run)
{
	const struct script *script = run->script;

	return run->at < script->num_statements
	    ? script->statements[run->at].line
	    : 0;
}

const char *
script_run_failure(const struct script_run *run)
{
	return run->failed ? run->failure : NULL;
}
