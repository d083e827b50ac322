/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One instruction of a realm.  Whether an exit has completed it is told by the
 * REC's PC (rmm.h).
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "act.h"

/* ---- From the request -------------------------------------------------- */

static bool
init_call(struct act *act, const Rmmd__RealmCall *call, struct failure *why)
{
	if (call->n_x > SMC_REGS)
		return failure_set(why,
		    "a call with %zu registers; at most %d are allowed",
		    call->n_x, SMC_REGS);
	if (call->n_x > 0)
		memcpy(act->x, call->x, call->n_x * sizeof(act->x[0]));
	return true;
}

static bool
init_access(
    struct act *act, const Rmmd__RealmAccess *access, struct failure *why)
{
	struct rmm_access *to = &act->access;

	if (access->kind < RMMD__ACCESS_KIND__ACCESS_READ ||
	    access->kind > RMMD__ACCESS_KIND__ACCESS_FETCH)
		return failure_set(why,
		    "access kind %d is none of read, write, fetch",
		    (int)access->kind);
	if (access->size > GRANULE_SIZE || access->srt > RMI_REC_GPRS)
		return failure_set(why,
		    "an access of %u bytes with X%u: at most 4096 bytes, X0 "
		    "to X30, or 31 for XZR",
		    access->size, access->srt);
	to->kind = (enum rmm_access_kind)(
	    access->kind - RMMD__ACCESS_KIND__ACCESS_READ);
	to->ipa = to->va = access->ipa;
	to->size = access->size;
	to->isv = access->reg;
	to->sign_extend = access->sign_extend;
	to->sf = access->sf;
	to->srt = (uint8_t)access->srt;
	act->value = access->value;
	if (to->kind != RMM_WRITE || to->isv)
		return true;
	if (access->data.len != access->size)
		return failure_set(why,
		    "a write of %u bytes with %zu bytes of data", access->size,
		    access->data.len);
	memcpy(act->data, access->data.data, access->data.len);
	return true;
}

static bool
init_wait(struct act *act, const Rmmd__RealmWait *wait, struct failure *why)
{
	if (wait->kind < RMMD__WAIT_KIND__WAIT_WFI ||
	    wait->kind > RMMD__WAIT_KIND__WAIT_WFET)
		return failure_set(why,
		    "wait kind %d is none of WFI, WFE, WFIT, WFET",
		    (int)wait->kind);
	act->wait = (enum rmm_wait)(wait->kind - RMMD__WAIT_KIND__WAIT_WFI);
	act->timeout = wait->timeout;
	return true;
}

static bool
init_interrupt(
    struct act *act, const Rmmd__InterruptRequest *request, struct failure *why)
{
	if (request->kind < RMMD__INTERRUPT_KIND__INTERRUPT_IRQ ||
	    request->kind > RMMD__INTERRUPT_KIND__INTERRUPT_SERROR)
		return failure_set(why,
		    "interrupt kind %d is none of IRQ, FIQ, SError",
		    (int)request->kind);
	act->interrupt = (enum rmm_interrupt)(
	    request->kind - RMMD__INTERRUPT_KIND__INTERRUPT_IRQ);
	act->syndrome = request->syndrome;
	return true;
}

bool
act_init(struct act *act, const Rmmd__ActRequest *request, struct failure *why)
{
	memset(act, 0, offsetof(struct act, data));
	act->kind = request->action_case;
	switch (act->kind) {
	case RMMD__ACT_REQUEST__ACTION_SMC:
		return init_call(act, request->smc, why);
	case RMMD__ACT_REQUEST__ACTION_HVC:
		return init_call(act, request->hvc, why);
	case RMMD__ACT_REQUEST__ACTION_ACCESS:
		return init_access(act, request->access, why);
	case RMMD__ACT_REQUEST__ACTION_WAIT:
		return init_wait(act, request->wait, why);
	case RMMD__ACT_REQUEST__ACTION_SYSREG:
		act->reg = request->sysreg->reg;
		act->read = !request->sysreg->has_value;
		act->value = request->sysreg->value;
		return true;
	case RMMD__ACT_REQUEST__ACTION_INTERRUPT:
		return init_interrupt(act, request->interrupt, why);
	case RMMD__ACT_REQUEST__ACTION_PMU_OVERFLOW:
		act->pmu_overflow = request->pmu_overflow;
		return true;
	case RMMD__ACT_REQUEST__ACTION_TICKS:
		act->ticks = request->ticks;
		if (act->ticks > RMM_TICKS_MAX)
			return failure_set(why,
			    "%" PRIu64 " ticks at once; at most 2^48 are "
			    "allowed",
			    act->ticks);
		return true;
	case RMMD__ACT_REQUEST__ACTION_REGISTERS:
		return true;
	default:
		return failure_set(why, "an Act without an instruction");
	}
}

/* ---- To the reply ------------------------------------------------------ */

/* protobuf-c has no const strings; packing only reads them. */
static char *
text(const char *const_text)
{
	return (char *)(uintptr_t)const_text;
}

static void
fill_call(const struct rmm_regs *regs, struct act_reply *reply)
{
	const struct rmm_answer *answer = &reply->result.answer;

	memcpy(reply->x, regs->gprs, SMC_REGS * sizeof(reply->x[0]));
	reply->body.x = reply->x;
	reply->body.n_x = SMC_REGS;
	if (answer->condition != NULL)
		reply->body.condition = text(answer->condition);
	if (answer->why[0] != '\0')
		reply->body.why = text(answer->why);
}

static void
fill_registers(const struct rmm_regs *regs, struct act_reply *reply)
{
	memcpy(reply->x, regs->gprs, sizeof(regs->gprs));
	reply->x[RMI_REC_GPRS] = regs->pc;
	reply->x[RMI_REC_GPRS + 1] = regs->pstate;
	reply->body.x = reply->x;
	reply->body.n_x = RMI_REC_GPRS + 2;
}

static enum act_state
done(struct act *act, const struct actor *actor, struct act_reply *reply)
{
	struct rmm_regs regs;

	rmm_regs(actor->rmm, actor->rec, &regs);
	reply->body.exits = act->exits;
	reply->body.counter = rmm_counter(actor->rmm);
	switch (act->kind) {
	case RMMD__ACT_REQUEST__ACTION_SMC:
	case RMMD__ACT_REQUEST__ACTION_HVC:
		fill_call(&regs, reply);
		break;
	case RMMD__ACT_REQUEST__ACTION_REGISTERS:
		fill_registers(&regs, reply);
		break;
	case RMMD__ACT_REQUEST__ACTION_SYSREG:
		reply->body.has_value = act->read;
		reply->body.value = regs.gprs[0];
		break;
	case RMMD__ACT_REQUEST__ACTION_ACCESS:
		if (act->access.kind == RMM_WRITE)
			break;
		reply->body.has_value = act->access.isv;
		if (act->access.isv && act->access.srt < RMI_REC_GPRS)
			reply->body.value = regs.gprs[act->access.srt];
		reply->body.has_data = !act->access.isv;
		reply->body.data.data = act->data;
		reply->body.data.len = act->access.size;
		break;
	default:
		break;
	}
	return ACT_DONE;
}

/*
 * The process is the realm's handler of exceptions, too: it is told, and goes
 * on behind the instruction that took it.
 */
static enum act_state
taken(const struct act *act, const struct actor *actor, uint64_t esr,
    uint64_t far, struct act_reply *reply)
{
	struct rmm_regs regs;

	rmm_regs(actor->rmm, actor->rec, &regs);
	regs.pc = regs.sysregs[REC_ELR_EL1] + 4;
	regs.pstate = regs.sysregs[REC_SPSR_EL1];
	rmm_set_regs(actor->rmm, actor->rec, &regs);
	rmmd__realm_exception__init(&reply->exception);
	reply->exception.esr = esr;
	reply->exception.far = far;
	reply->body.exception = &reply->exception;
	reply->body.exits = act->exits;
	reply->body.counter = rmm_counter(actor->rmm);
	return ACT_DONE;
}

/* ---- Acting ------------------------------------------------------------ */

static bool
wait(struct act *act, struct actor *actor, struct rmm_result *result)
{
	return rmm_realm_wait(
	    actor->rmm, actor->rec, act->wait, act->timeout, result);
}

static bool
let_time_pass(struct act *act, struct actor *actor, struct rmm_result *result)
{
	uint64_t now = rmm_counter(actor->rmm);

	act->over = true;
	rmm_set_counter(actor->rmm,
	    act->ticks < UINT64_MAX - now ? now + act->ticks : UINT64_MAX);
	return rmm_realm_timers(actor->rmm, actor->rec, result);
}

static bool
perform(struct act *act, struct actor *actor, struct rmm_result *result)
{
	struct rmm *rmm = actor->rmm;
	uint64_t rec = actor->rec;

	switch (act->kind) {
	case RMMD__ACT_REQUEST__ACTION_SMC:
		return rmm_realm_smc(rmm, rec, result);
	case RMMD__ACT_REQUEST__ACTION_HVC:
		return rmm_realm_hvc(rmm, rec, result);
	case RMMD__ACT_REQUEST__ACTION_ACCESS:
		return rmm_realm_access(
		    rmm, rec, &act->access, act->data, result);
	case RMMD__ACT_REQUEST__ACTION_WAIT:
		return wait(act, actor, result);
	case RMMD__ACT_REQUEST__ACTION_SYSREG:
		return rmm_realm_sysreg(
		    rmm, rec, act->reg, act->read, 0, result);
	case RMMD__ACT_REQUEST__ACTION_INTERRUPT:
		act->over = true;
		return rmm_realm_interrupt(
		    rmm, rec, act->interrupt, act->syndrome, result);
	case RMMD__ACT_REQUEST__ACTION_PMU_OVERFLOW:
		memset(result, 0, sizeof(*result));
		return rmm_realm_set_pmu_overflow(rmm, rec, act->pmu_overflow);
	case RMMD__ACT_REQUEST__ACTION_TICKS:
		return let_time_pass(act, actor, result);
	case RMMD__ACT_REQUEST__ACTION_REGISTERS:
		return true;
	default:
		return false;
	}
}

/* The registers that the instruction takes its operands from. */
static void
set_operands(const struct act *act, struct rmm_regs *regs)
{
	switch (act->kind) {
	case RMMD__ACT_REQUEST__ACTION_SMC:
	case RMMD__ACT_REQUEST__ACTION_HVC:
		memcpy(regs->gprs, act->x, sizeof(act->x));
		break;
	case RMMD__ACT_REQUEST__ACTION_SYSREG:
		if (!act->read)
			regs->gprs[0] = act->value;
		break;
	case RMMD__ACT_REQUEST__ACTION_ACCESS:
		if (act->access.isv && act->access.kind == RMM_WRITE &&
		    act->access.srt < RMI_REC_GPRS)
			regs->gprs[act->access.srt] = act->value;
		break;
	default:
		break;
	}
}

/* Nothing happens before time comes to an interrupt, or to the wait's end. */
static enum act_state
idle(struct act *act, struct actor *actor, struct act_reply *reply)
{
	uint64_t until = act->wait == RMM_WFIT ? act->timeout : UINT64_MAX;
	bool over;

	if (actor_idle(actor, until, &over) || !over)
		return ACT_PENDING;
	return done(act, actor, reply);
}

static enum act_state
make(struct act *act, struct actor *actor, struct act_reply *reply)
{
	struct rmm_result *result = &reply->result;
	struct rmm_rec_info info;
	struct rmm_regs regs;

	/* A timer comes before the instruction. */
	rmm_regs(actor->rmm, actor->rec, &regs);
	act->pc = regs.pc;
	act->begun = true;
	if (act->kind != RMMD__ACT_REQUEST__ACTION_REGISTERS &&
	    actor_tick(actor))
		return ACT_PENDING;
	set_operands(act, &regs);
	if (!rmm_set_regs(actor->rmm, actor->rec, &regs) ||
	    !perform(act, actor, result))
		return ACT_IMPOSSIBLE;
	switch (result->outcome) {
	case RMM_GOES_ON:
		return done(act, actor, reply);
	case RMM_EXCEPTION:
		return taken(act, actor, result->esr, result->far, reply);
	case RMM_WAITS:
		return idle(act, actor, reply);
	case RMM_EXITED:
		break;
	}
	/* PSCI_CPU_OFF is over, whatever PC the REC is switched on at. */
	if (rmm_rec(actor->rmm, actor->rec, &info) && !info.runnable)
		act->over = true;
	actor_exited(actor, result);
	return ACT_PENDING;
}

enum act_state
act_go_on(
    struct act *act, struct actor *actor, bool sea, struct act_reply *reply)
{
	struct rmm_regs regs;

	rmmd__act_reply__init(&reply->body);
	memset(&reply->result, 0, sizeof(reply->result));
	if (act->begun)
		act->exits++;
	rmm_regs(actor->rmm, actor->rec, &regs);
	if (sea)
		return taken(act, actor, regs.sysregs[REC_ESR_EL1],
		    regs.sysregs[REC_FAR_EL1], reply);
	if (!act->begun)
		return make(act, actor, reply);
	if (act->over || regs.pc != act->pc)
		return done(act, actor, reply);
	return make(act, actor, reply);
}
