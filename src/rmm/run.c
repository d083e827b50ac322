/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Running a REC: what an entry does with what the last exit left (A4.2), what
 * every exit has (A4.3), and the realm's calls, waits and interrupts between.
 */
#include "run.h"

#include <stdio.h>
#include <string.h>

#include "access.h"
#include "esr.h"
#include "exception.h"
#include "gic.h"
#include "plant.h"
#include "pmu.h"
#include "timer.h"

/* ---- Entry ----------------------------------------------------------------
 */

/*
 * Results of a host call go to the structure that the realm gave, which the
 * host may have unmapped since (A4.2.2).  Returns false if it has: the entry
 * ends in a Data Abort.
 */
static bool
return_host_call(struct call *c, const struct rmi_rec_enter *enter)
{
	struct rec *rec = c->rec;
	struct rsi_host_call *data;
	const uint8_t *memory;
	uint64_t pa;

	if (access_buffer(c, rec->host_call, &pa, &memory) != BUFFER_THERE) {
		access_buffer_exit(c, rec->host_call);
		return false;
	}
	data = (struct rsi_host_call *)((uint8_t *)granule_page(c->rmm,
					    pa & ~(GRANULE_SIZE - 1ull)) +
	    pa % GRANULE_SIZE);
	memcpy(data->gprs, enter->gprs, sizeof data->gprs);
	rec->host_call_pending = false;
	return true;
}

/* The results of RSI_IPA_STATE_SET (A5.4, B3.40). */
static void
return_ripas_change(struct rec *rec, bool reject)
{
	rec->gprs[0] = RSI_SUCCESS;
	rec->gprs[1] = rec->ripas_addr;
	rec->gprs[2] = reject && rec->ripas_value == RMI_RAM &&
		rec->ripas_addr != rec->ripas_top
	    ? RSI_REJECT
	    : RSI_ACCEPT;
}

/* After an abort: emulated, refused, or to be made again (A4.2.3). */
static void
return_abort(struct call *c, const struct rmi_rec_enter *enter)
{
	struct rec *rec = c->rec;
	struct rmm_result result;

	if ((enter->flags & RMI_REC_ENTER_INJECT_SEA) != 0) {
		if (rec->after != AFTER_UNPROTECTED_ABORT)
			return;
		exception_abort(rec,
		    (rec->abort_esr & ESR_WNR) != 0 ? RMM_WRITE : RMM_READ,
		    ESR_FSC_SEA, rec->abort_far, &result);
		c->answer->sea = true;
	} else if ((enter->flags & RMI_REC_ENTER_EMUL_MMIO) != 0) {
		access_emulated(rec, enter->gprs[0]);
	}
}

/* The realm that nobody plays powers off. */
static void
power_off(struct call *c, uint64_t pa)
{
	struct rmm_answer *answer = c->answer;
	struct rmm_result result;

	c->rec->gprs[0] = PSCI_FID_SYSTEM_OFF;
	(void)rmm_realm_smc(c->rmm, pa, &result);
	assert(result.outcome == RMM_EXITED);
	*answer = result.answer;
}

void
run_enter(struct call *c, uint64_t pa, uint64_t run_ptr,
    const struct rmi_rec_enter *enter)
{
	struct rec *rec = rec_at(c->rmm, pa);
	struct rmi_rec_exit exit = { 0 };
	struct rmm_result result;

	c->rec = rec;
	c->rec_pa = pa;
	c->realm = realm_at(c->rmm, rec->owner);
	c->exit = &exit;
	rec->running = true;
	rec->run_ptr = run_ptr;
	rec->enter_flags = enter->flags;
	gic_enter(rec, enter);
	if (rec->host_call_pending && !return_host_call(c, enter)) {
		run_exit(c->rmm, pa, &exit, &result);
		*c->answer = result.answer;
		return;
	}
	if (rec->after == AFTER_RIPAS_CHANGE)
		return_ripas_change(
		    rec, (enter->flags & RMI_REC_ENTER_RIPAS_RESPONSE) != 0);
	else
		return_abort(c, enter);
	rec->after = AFTER_NOTHING;
	rec->emulatable_abort = false;
	rec->ripas_addr = rec->ripas_top = 0;
	c->answer->runs = c->rmm->config.driven;
	if (c->answer->runs)
		c->answer->entered = pa;
	else
		power_off(c, pa);
}

/* ---- Exit -----------------------------------------------------------------
 */

void
run_exit(struct rmm *rmm, uint64_t pa, struct rmi_rec_exit *exit,
    struct rmm_result *result)
{
	struct rec *rec = rec_at(rmm, pa);
	struct rmm_answer *answer = &result->answer;

	result->outcome = RMM_EXITED;
	rec->running = false;
	gic_exit(rmm, rec, exit);
	timer_exit(rmm, rec, exit);
	exit->pmu_ovf_status = pmu_overflowed(rec);
	if (rmm->config.plant != NULL)
		plant_exit(rmm, rec, exit);

	memset(answer, 0, sizeof *answer);
	answer->command = "RMI_REC_ENTER";
	if (granule_is_ns(rmm, rec->run_ptr)) {
		ns_write(rmm, rec->run_ptr, offsetof(struct rmi_rec_run, exit),
		    exit, sizeof *exit);
		return;
	}
	/* The host has delegated it since the entry (A4.3.3). */
	answer->x[0] = RMI_ERROR_INPUT;
	answer->condition = "run_pas";
	(void)snprintf(answer->why, sizeof answer->why,
	    "run_pas: at the exit, " NOT_NS(
		&(struct call){ .rmm = rmm }, rec->run_ptr));
}

/* ---- What the realm does --------------------------------------------------
 */

bool
rmm_realm_smc(struct rmm *rmm, uint64_t pa, struct rmm_result *result)
{
	struct rec *rec = rec_running(rmm, pa);
	struct rmi_rec_exit exit = { 0 };
	uint64_t x[SMC_REGS];
	struct call c = {
		.rmm = rmm,
		.x = x,
		.answer = &result->answer,
		.rec = rec,
		.rec_pa = pa,
		.exit = &exit,
	};

	if (rec == NULL)
		return false;
	c.realm = realm_at(rmm, rec->owner);
	memcpy(x, rec->gprs, sizeof x);
	memset(result, 0, offsetof(struct rmm_result, answer));
	call_of_realm(&c);
	if (c.ends != CALL_RETRIES)
		run_advance(rec);
	if (c.ends != CALL_RETURNS) {
		run_exit(rmm, pa, &exit, result);
		return true;
	}
	memcpy(rec->gprs, result->answer.x,
	    call_num_results(&c) * sizeof rec->gprs[0]);
	result->outcome = RMM_GOES_ON;
	return true;
}

bool
rmm_realm_hvc(struct rmm *rmm, uint64_t pa, struct rmm_result *result)
{
	struct rec *rec = rec_running(rmm, pa);

	if (rec == NULL)
		return false;
	memset(result, 0, sizeof *result);
	/* HVC is disabled: the exception's return address is the HVC. */
	exception_unknown(rec, result);
	return true;
}

/* Is the wait over before it has begun? */
static bool
wait_is_over(const struct rmm *rmm, const struct rec *rec, enum rmm_wait wait,
    uint64_t timeout)
{
	if (wait == RMM_WFE || wait == RMM_WFET)
		return true; /* an event is a thing that may always have come */
	return gic_signals(rmm, rec) != 0 ||
	    (wait == RMM_WFIT && timeout <= rmm_counter(rmm));
}

bool
rmm_realm_wait(struct rmm *rmm, uint64_t pa, enum rmm_wait wait,
    uint64_t timeout, struct rmm_result *result)
{
	struct rec *rec = rec_running(rmm, pa);
	struct rmi_rec_exit exit = { 0 };
	uint64_t trap = RMI_REC_ENTER_TRAP_WFI;

	if (rec == NULL || (unsigned)wait > RMM_WFET)
		return false;
	if (wait == RMM_WFE || wait == RMM_WFET)
		trap = RMI_REC_ENTER_TRAP_WFE;
	memset(result, 0, sizeof *result);
	run_advance(rec);
	if ((rec->enter_flags & trap) == 0) {
		result->outcome = wait_is_over(rmm, rec, wait, timeout)
		    ? RMM_GOES_ON
		    : RMM_WAITS;
		return true;
	}
	/* enum rmm_wait is in the order of TI. */
	exit.exit_reason = RMI_EXIT_SYNC;
	exit.esr = ESR_EC_PUT(ESR_EC_WFX) | (uint64_t)wait;
	if (wait == RMM_WFIT || wait == RMM_WFET)
		exit.gprs[0] = timeout;
	run_exit(rmm, pa, &exit, result);
	return true;
}

bool
rmm_realm_interrupt(struct rmm *rmm, uint64_t pa, enum rmm_interrupt interrupt,
    uint64_t syndrome, struct rmm_result *result)
{
	struct rec *rec = rec_running(rmm, pa);
	struct rmi_rec_exit exit = { 0 };

	if (rec == NULL || (unsigned)interrupt > RMM_SERROR)
		return false;
	memset(result, 0, sizeof *result);
	if (interrupt == RMM_SERROR) {
		exit.exit_reason = RMI_EXIT_SERROR;
		exit.esr = ESR_EC_PUT(ESR_EC_SERROR) |
		    (syndrome &
			(ESR_IDS | ESR_AET_MASK | ESR_EA | ESR_FSC_MASK));
	} else {
		exit.exit_reason =
		    interrupt == RMM_FIQ ? RMI_EXIT_FIQ : RMI_EXIT_IRQ;
	}
	run_exit(rmm, pa, &exit, result);
	return true;
}

bool
rmm_realm_set_pmu_overflow(struct rmm *rmm, uint64_t pa, bool overflow)
{
	struct rec *rec = rec_running(rmm, pa);

	if (rec == NULL)
		return false;
	rec->pmu_overflow = overflow;
	return true;
}

/* ---- Registers ------------------------------------------------------------
 */

bool
rmm_regs(const struct rmm *rmm, uint64_t pa, struct rmm_regs *regs)
{
	const struct rec *rec;

	if (!granule_aligned(pa) || granule_state(rmm, pa) != RMM_GRANULE_REC)
		return false;
	rec = rec_at(rmm, pa);
	regs->pc = rec->pc;
	regs->pstate = rec->pstate;
	memcpy(regs->gprs, rec->gprs, sizeof regs->gprs);
	memcpy(regs->sysregs, rec->sysregs, sizeof regs->sysregs);
	return true;
}

bool
rmm_set_regs(struct rmm *rmm, uint64_t pa, const struct rmm_regs *regs)
{
	struct rec *rec = rec_running(rmm, pa);

	if (rec == NULL)
		return false;
	rec->pc = regs->pc;
	rec->pstate = regs->pstate;
	memcpy(rec->gprs, regs->gprs, sizeof regs->gprs);
	memcpy(rec->sysregs, regs->sysregs, sizeof rec->sysregs);
	return true;
}
