/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The statements of a script that are instructions: calls, loads and stores,
 * waits and registers.  And those that happen to the REC: interrupts, time.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "script-state.h"

static void
set_register(struct script_run *run, unsigned reg, uint64_t value)
{
	if (reg < RMI_REC_GPRS)
		run->regs.gprs[reg] = value;
	rmm_set_regs(run->rmm, run->rec, &run->regs);
}

/* ---- Calls ----------------------------------------------------------------
 */

void
script_call_begins(struct script_run *run)
{
	const struct smc_abi *abi;
	uint64_t fid = run->regs.gprs[0];
	size_t i;

	for (i = 0; (abi = rmm_realm_command_at(i)) != NULL; i++)
		if (abi->fid == fid)
			break;
	run->abi = abi;
	run->called = false;
	run->condition = NULL;
	run->why[0] = '\0';
	if (abi != NULL)
		snprintf(run->call, sizeof(run->call), "%s", abi->name);
	else
		snprintf(run->call, sizeof(run->call), "SMC 0x%" PRIx64, fid);
}

bool
script_call_make(struct script_run *run, const struct script_statement *s)
{
	(void)s;
	if (!rmm_realm_smc(run->rmm, run->rec, run->result))
		return false;
	/* After an exit the answer is that of RMI_REC_ENTER. */
	if (run->result->outcome == RMM_GOES_ON) {
		run->condition = run->result->answer.condition;
		memcpy(run->why, run->result->answer.why, sizeof(run->why));
	}
	return true;
}

void
script_call_done(struct script_run *run)
{
	run->called = true;
	memcpy(run->x, run->regs.gprs, sizeof(run->x));
}

static bool
call_done(struct script_run *run, const struct script_statement *s, bool *more)
{
	(void)s;
	(void)more;
	script_call_done(run);
	return true;
}

/* A call by its name: X0 and the inputs, zeros in the rest. */
static bool
prepare_call(struct script_run *run, const struct script_statement *s)
{
	uint64_t x[SMC_REGS] = { s->abi->fid };

	for (unsigned n = 0; n < s->num_values; n++)
		if (!script_value(run, s, n, &x[n + 1]))
			return false;
	memcpy(run->regs.gprs, x, sizeof(x));
	rmm_set_regs(run->rmm, run->rec, &run->regs);
	script_call_begins(run);
	return true;
}

static bool
set_raw(struct script_run *run, const struct script_statement *s)
{
	uint64_t x[SMC_REGS] = { 0 };

	for (unsigned n = 0; n < s->num_values; n++)
		if (!script_value(run, s, n, &x[n]))
			return false;
	if (s->num_values > 0)
		memcpy(run->regs.gprs, x, sizeof(x));
	return rmm_set_regs(run->rmm, run->rec, &run->regs);
}

static bool
prepare_smc(struct script_run *run, const struct script_statement *s)
{
	if (!set_raw(run, s))
		return false;
	script_call_begins(run);
	return true;
}

static bool
make_hvc(struct script_run *run, const struct script_statement *s)
{
	(void)s;
	return rmm_realm_hvc(run->rmm, run->rec, run->result);
}

/* ---- Loads and stores of a register ---------------------------------------
 */

static bool
prepare_access(struct script_run *run, const struct script_statement *s)
{
	struct rmm_access *access = &run->access;
	uint64_t ipa, value;

	if (!script_value(run, s, 0, &ipa))
		return false;
	*access = (struct rmm_access){
		.kind = s->verb == SCRIPT_READ ? RMM_READ : RMM_WRITE,
		.ipa = ipa,
		.va = ipa,
		.size = s->size,
		.isv = true,
		.sign_extend = s->sign_extend,
		.sf = !s->w,
		.srt = s->reg,
	};
	if (ipa % s->size != 0)
		return script_fail(run, s,
		    script_value_at(run, s, 0)->word.column,
		    "0x%" PRIx64 " is not aligned to the %u bytes of a register"
		    " (mem read and mem write take any address)",
		    ipa, (unsigned)s->size);
	if (!s->via)
		return true;
	if (!script_value(run, s, 1, &value))
		return false;
	set_register(run, s->reg, value);
	return true;
}

static bool
prepare_fetch(struct script_run *run, const struct script_statement *s)
{
	uint64_t ipa;

	if (!script_value(run, s, 0, &ipa))
		return false;
	run->access = (struct rmm_access){
		.kind = RMM_FETCH,
		.ipa = ipa,
		.va = ipa,
		.size = 4,
	};
	return ipa % 4 == 0 ||
	    script_fail(run, s, script_value_at(run, s, 0)->word.column,
		"0x%" PRIx64 " is not aligned to the 4 bytes of an instruction",
		ipa);
}

static bool
make_access(struct script_run *run, const struct script_statement *s)
{
	(void)s;
	return rmm_realm_access(
	    run->rmm, run->rec, &run->access, run->data, run->result);
}

/* ---- Waits, interrupts, time ----------------------------------------------
 */

static bool
prepare_wait(struct script_run *run, const struct script_statement *s)
{
	run->until = UINT64_MAX;
	return s->num_values == 0 || script_value(run, s, 0, &run->until);
}

static bool
make_wait(struct script_run *run, const struct script_statement *s)
{
	return rmm_realm_wait(run->rmm, run->rec, (enum rmm_wait)s->number,
	    run->until, run->result);
}

static bool
prepare_number(struct script_run *run, const struct script_statement *s)
{
	run->aside = true;
	run->offset = 0;
	return s->num_values == 0 || script_value(run, s, 0, &run->offset);
}

static bool
prepare_time(struct script_run *run, const struct script_statement *s)
{
	if (!prepare_number(run, s))
		return false;
	if (run->offset > RMM_TICKS_MAX)
		return script_fail(run, s, s->word.column,
		    "%" PRIu64 " ticks at once; at most 2^48 are allowed",
		    run->offset);
	return true;
}

static bool
make_interrupt(struct script_run *run, const struct script_statement *s)
{
	return rmm_realm_interrupt(run->rmm, run->rec,
	    (enum rmm_interrupt)s->number, run->offset, run->result);
}

static bool
make_time(struct script_run *run, const struct script_statement *s)
{
	uint64_t now = rmm_counter(run->rmm);

	(void)s;
	rmm_set_counter(run->rmm,
	    run->offset > UINT64_MAX - now ? UINT64_MAX : now + run->offset);
	return rmm_realm_timers(run->rmm, run->rec, run->result);
}

static bool
make_pmu(struct script_run *run, const struct script_statement *s)
{
	*run->result = (struct rmm_result){ .outcome = RMM_GOES_ON };
	return rmm_realm_set_pmu_overflow(run->rmm, run->rec, s->number != 0);
}

/* ---- System registers -----------------------------------------------------
 */

/* What a timer puts out may change at once. */
static bool
is_timer(uint64_t reg)
{
	return (reg & ~SYSREG(0, 0, 0, 3, 7)) == SYSREG(3, 3, 14, 0, 0);
}

static bool
prepare_sysreg(struct script_run *run, const struct script_statement *s)
{
	uint64_t value;

	run->aside = run->phase > 0;
	if (run->phase > 0 || !s->via)
		return true;
	if (!script_value(run, s, 0, &value))
		return false;
	set_register(run, s->reg, value);
	return true;
}

static bool
make_sysreg(struct script_run *run, const struct script_statement *s)
{
	if (run->phase > 0)
		return rmm_realm_timers(run->rmm, run->rec, run->result);
	return rmm_realm_sysreg(run->rmm, run->rec, (unsigned)s->number,
	    s->verb == SCRIPT_MRS, s->reg, run->result);
}

static bool
sysreg_done(
    struct script_run *run, const struct script_statement *s, bool *more)
{
	*more = run->phase == 0 && s->verb == SCRIPT_MSR && is_timer(s->number);
	return true;
}

const struct script_act *
script_act(enum script_verb verb)
{
	static const struct script_act acts[] = {
		[SCRIPT_CALL] = { prepare_call, script_call_make, call_done },
		[SCRIPT_SMC] = { prepare_smc, script_call_make, call_done },
		[SCRIPT_HVC] = { set_raw, make_hvc, NULL },
		[SCRIPT_READ] = { prepare_access, make_access, NULL },
		[SCRIPT_WRITE] = { prepare_access, make_access, NULL },
		[SCRIPT_FETCH] = { prepare_fetch, make_access, NULL },
		[SCRIPT_WAIT] = { prepare_wait, make_wait, NULL },
		[SCRIPT_INTERRUPT] = { prepare_number, make_interrupt, NULL },
		[SCRIPT_TIME] = { prepare_time, make_time, NULL },
		[SCRIPT_PMU_OVERFLOW] = { prepare_number, make_pmu, NULL },
		[SCRIPT_MRS] = { prepare_sysreg, make_sysreg, sysreg_done },
		[SCRIPT_MSR] = { prepare_sysreg, make_sysreg, sysreg_done },
	};

	switch (verb) {
	case SCRIPT_MEM_READ:
		return &script_mem_read;
	case SCRIPT_MEM_WRITE:
		return &script_mem_write;
	case SCRIPT_MEM_FILL:
		return &script_mem_fill;
	case SCRIPT_EXPECT_MEM:
		return &script_expect_mem;
	case SCRIPT_HOST_CALL:
		return &script_host_call;
	default:
		break;
	}
	if ((size_t)verb < sizeof(acts) / sizeof(acts[0]) &&
	    acts[verb].make != NULL)
		return &acts[verb];
	return NULL;
}
