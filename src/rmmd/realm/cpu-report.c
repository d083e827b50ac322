/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a processor gets at an entry and gives with a report, and what the model
 * makes of the report.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "cpu.h"

/* ---- Entries ----------------------------------------------------------- */

static size_t
length(const uint64_t *list, size_t num)
{
	while (num > 0 && list[num - 1] == 0)
		num--;
	return num;
}

/* room: where the message finds its lists, until it is packed. */
static void
fill_regs(const struct actor *actor, Rmmd__CpuRegs *to, struct rmm_regs *room)
{
	rmmd__cpu_regs__init(to);
	rmm_regs(actor->rmm, actor->rec, room);
	to->gprs = room->gprs;
	to->n_gprs = length(room->gprs, RMI_REC_GPRS);
	to->pc = room->pc;
	to->pstate = room->pstate;
	to->sysregs = room->sysregs;
	to->n_sysregs = length(room->sysregs, REC_NUM_SYSREGS);
	to->counter = rmm_counter(actor->rmm);
}

void
cpu_reply_entry(struct cpu *cpu, bool entered)
{
	const struct actor *actor = cpu->actor;
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__CpuEntry entry = RMMD__CPU_ENTRY__INIT;
	Rmmd__CpuRegs regs;
	struct rmm_regs room;
	struct rmm_realm_info realm = { 0 };
	unsigned signalled =
	    rmm_realm_virtual_interrupts(actor->rmm, actor->rec);

	cpu->waits = false;
	cpu->holds = true;
	rmm_realm(actor->rmm, actor->rd, &realm);
	fill_regs(actor, &regs, &room);
	entry.rec = actor->rec;
	entry.rd = actor->rd;
	entry.mpidr = actor->mpidr;
	entry.ipa_width = realm.ipa_width;
	entry.regs = &regs;
	entry.next_timer = rmm_realm_next_timer(actor->rmm, actor->rec);
	entry.virq = (signalled & RMM_VIRQ) != 0;
	entry.vfiq = (signalled & RMM_VFIQ) != 0;
	entry.entered = entered;
	reply.id = cpu->id;
	if (cpu->reported) {
		reply.body_case = RMMD__REPLY__BODY_CPU_REPORT;
		reply.cpu_report = &entry;
	} else {
		reply.body_case = RMMD__REPLY__BODY_CPU_WAIT;
		reply.cpu_wait = &entry;
	}
	session_reply_late(cpu->session, &reply);
}

/* ---- Reports ----------------------------------------------------------- */

static void
copy(uint64_t *to, size_t room, const uint64_t *from, size_t num)
{
	memset(to, 0, room * sizeof(*to));
	if (num > 0)
		memcpy(to, from, num * sizeof(*to));
}

/* The counter is every realm's, and exceptions depend on the mode. */
static bool
are_possible(struct cpu *cpu, uint64_t id, const Rmmd__CpuRegs *regs)
{
	uint64_t now = rmm_counter(cpu->actor->rmm);
	uint64_t mode = regs->pstate & (PSTATE_AARCH32 | PSTATE_MODE);

	if (regs->counter > now && regs->counter - now > RMM_TICKS_MAX) {
		session_refuse(cpu->session, id,
		    RMMD__ERROR_CODE__ERROR_ARGUMENT,
		    "the counter has gone from %" PRIu64 " to %" PRIu64
		    "; at most 2^48 at once are allowed",
		    now, regs->counter);
		return false;
	}
	if (mode == PSTATE_EL0 || mode == PSTATE_EL1T || mode == PSTATE_EL1H)
		return true;
	session_refuse(cpu->session, id, RMMD__ERROR_CODE__ERROR_ARGUMENT,
	    "PSTATE %#" PRIx64 ": mode %#" PRIx64
	    " is none of EL0t (0), EL1t (4) and EL1h (5)",
	    regs->pstate, mode);
	return false;
}

bool
cpu_take_regs(
    struct cpu *cpu, uint64_t id, const Rmmd__CpuReportRequest *request)
{
	const Rmmd__CpuRegs *from = request->regs;
	const struct actor *actor = cpu->actor;
	struct rmm_regs regs;

	if (actor == NULL || !cpu->holds || request->rec != actor->rec) {
		session_refuse(cpu->session, id,
		    RMMD__ERROR_CODE__ERROR_NOT_FOUND,
		    "this processor does not run that REC");
		return false;
	}
	if (from->n_gprs > RMI_REC_GPRS || from->n_sysregs > REC_NUM_SYSREGS) {
		session_refuse(cpu->session, id,
		    RMMD__ERROR_CODE__ERROR_ARGUMENT,
		    "%zu general and %zu system registers; a REC has %d and %d",
		    from->n_gprs, from->n_sysregs, RMI_REC_GPRS,
		    REC_NUM_SYSREGS);
		return false;
	}
	if (!are_possible(cpu, id, from))
		return false;
	copy(regs.gprs, RMI_REC_GPRS, from->gprs, from->n_gprs);
	regs.pc = from->pc;
	regs.pstate = from->pstate;
	copy(regs.sysregs, REC_NUM_SYSREGS, from->sysregs, from->n_sysregs);
	rmm_set_regs(actor->rmm, actor->rec, &regs);
	rmm_set_counter(actor->rmm, from->counter);
	return true;
}

static bool
can_be_done(const struct actor *actor, const struct rmm_access *access)
{
	struct rmm_translation to;

	if (!rmm_realm_translate(actor->rmm, actor->rd, access->ipa, &to))
		return false;
	switch (access->kind) {
	case RMM_READ:
		return to.readable;
	case RMM_WRITE:
		return to.writable;
	case RMM_FETCH:
		return to.executable;
	}
	return false;
}

/*
 * The processor has found that an access can not be done.  Where it can by now,
 * the instruction is made again, unless it is one that the model can make.
 */
static bool
take_abort(const struct actor *actor, enum rmm_access_kind kind,
    const Rmmd__CpuAbort *abort, struct rmm_result *result)
{
	struct rmm_access access = {
		.kind = kind,
		.ipa = abort->ipa,
		.va = abort->va,
		.size = 1,
	};
	uint8_t byte = 0;

	if (abort->isv && kind != RMM_FETCH) {
		access.isv = true;
		access.size = abort->size;
		access.sign_extend = abort->sign_extend;
		access.sf = abort->sf;
		access.srt = (uint8_t)abort->srt;
		if (abort->srt > RMI_REC_GPRS)
			return false;
	} else if (can_be_done(actor, &access)) {
		memset(result, 0, sizeof(*result));
		return true;
	}
	return rmm_realm_access(actor->rmm, actor->rec, &access, &byte, result);
}

static bool
take_wait(const struct actor *actor, const Rmmd__RealmWait *wait,
    struct rmm_result *result)
{
	if (wait->kind < RMMD__WAIT_KIND__WAIT_WFI ||
	    wait->kind > RMMD__WAIT_KIND__WAIT_WFET)
		return false;
	return rmm_realm_wait(actor->rmm, actor->rec,
	    (enum rmm_wait)(wait->kind - RMMD__WAIT_KIND__WAIT_WFI),
	    wait->timeout, result);
}

static bool
take_interrupt(const struct actor *actor, const Rmmd__InterruptRequest *request,
    struct rmm_result *result)
{
	if (request->kind < RMMD__INTERRUPT_KIND__INTERRUPT_IRQ ||
	    request->kind > RMMD__INTERRUPT_KIND__INTERRUPT_SERROR)
		return false;
	return rmm_realm_interrupt(actor->rmm, actor->rec,
	    (enum rmm_interrupt)(
		request->kind - RMMD__INTERRUPT_KIND__INTERRUPT_IRQ),
	    request->syndrome, result);
}

static bool
take_event(const struct actor *actor, const Rmmd__CpuReportRequest *request,
    struct rmm_result *result)
{
	const Rmmd__CpuSysreg *sysreg = request->sysreg;

	switch (request->event_case) {
	case RMMD__CPU_REPORT_REQUEST__EVENT_ATTENTION:
		memset(result, 0, sizeof(*result));
		return true;
	case RMMD__CPU_REPORT_REQUEST__EVENT_SMC:
		return rmm_realm_smc(actor->rmm, actor->rec, result);
	case RMMD__CPU_REPORT_REQUEST__EVENT_HVC:
		return rmm_realm_hvc(actor->rmm, actor->rec, result);
	case RMMD__CPU_REPORT_REQUEST__EVENT_DATA_ABORT:
		return take_abort(actor,
		    request->data_abort->write ? RMM_WRITE : RMM_READ,
		    request->data_abort, result);
	case RMMD__CPU_REPORT_REQUEST__EVENT_INSTRUCTION_ABORT:
		return take_abort(
		    actor, RMM_FETCH, request->instruction_abort, result);
	case RMMD__CPU_REPORT_REQUEST__EVENT_WAIT:
		return take_wait(actor, request->wait, result);
	case RMMD__CPU_REPORT_REQUEST__EVENT_SYSREG:
		return rmm_realm_sysreg(actor->rmm, actor->rec, sysreg->reg,
		    sysreg->read, sysreg->rt, result);
	case RMMD__CPU_REPORT_REQUEST__EVENT_INTERRUPT:
		return take_interrupt(actor, request->interrupt, result);
	default:
		return false;
	}
}

bool
cpu_perform(struct cpu *cpu, uint64_t id, const Rmmd__CpuReportRequest *request,
    struct rmm_result *result)
{
	if (take_event(cpu->actor, request, result))
		return true;
	session_refuse(cpu->session, id, RMMD__ERROR_CODE__ERROR_ARGUMENT,
	    "no processor reports that: an access with a syndrome is of 1, 2, "
	    "4 or 8 bytes, aligned, and X0 to X30, or 31 for XZR; waits and "
	    "interrupts are of the kinds that the protocol knows");
	return false;
}
