/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * librmmcpu: connect, wait for entries, report.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpu-internal.h"

/* ---- Connections ------------------------------------------------------- */

struct rmmcpu *
rmmcpu_open(const char *path, const char *name)
{
	struct rmmcpu *cpu = calloc(1, sizeof *cpu);
	int rc;

	if (cpu == NULL) {
		channel_fail(ENOMEM, "no memory for a processor");
		errno = ENOMEM;
		return NULL;
	}
	cpu->epoch = 1;
	cpu->channel = channel_connect(path, RMMD__ROLE__ROLE_PROCESSOR, name);
	rc = cpu->channel == NULL ? -errno : cpu_map_files(cpu);
	if (rc == 0)
		return cpu;
	rmmcpu_close(cpu);
	errno = -rc;
	return NULL;
}

void
rmmcpu_close(struct rmmcpu *cpu)
{
	if (cpu == NULL)
		return;
	if (cpu->page != NULL)
		cpu_end_use(cpu);
	channel_close(cpu->channel);
	cpu_unmap_files(cpu);
	free(cpu);
}

const char *
rmmcpu_error(void)
{
	return channel_error();
}

int
rmmcpu_fd(const struct rmmcpu *cpu)
{
	return channel_fd(cpu->channel);
}

int
cpu_request(
    struct rmmcpu *cpu, Rmmd__Request *request, Rmmd__Reply **reply, int *fd)
{
	int rc;

	do
		rc = channel_request(cpu->channel, request, reply, fd);
	while (rc == -EINTR);
	return rc;
}

/* ---- Entries ----------------------------------------------------------- */

static void
copy(uint64_t *to, size_t room, const uint64_t *from, size_t num)
{
	memset(to, 0, room * sizeof *to);
	if (num > 0)
		memcpy(to, from, (num < room ? num : room) * sizeof *to);
}

static void
take_regs(const Rmmd__CpuRegs *from, struct rmmcpu_regs *to)
{
	copy(to->x, RMI_REC_GPRS, from->gprs, from->n_gprs);
	to->pc = from->pc;
	to->pstate = from->pstate;
	copy(to->sysregs, REC_NUM_SYSREGS, from->sysregs, from->n_sysregs);
	to->counter = from->counter;
}

static void
take_entry(
    struct rmmcpu *cpu, const Rmmd__CpuEntry *from, struct rmmcpu_entry *to)
{
	to->rec = from->rec;
	to->rd = from->rd;
	to->mpidr = from->mpidr;
	to->ipa_width = from->ipa_width;
	take_regs(from->regs, &to->regs);
	to->next_timer = from->next_timer;
	to->virq = from->virq;
	to->vfiq = from->vfiq;
	to->entered = from->entered;
	cpu->rec = from->rec;
	cpu_use_realm(cpu, from->rd);
	cpu_begin_use(cpu);
}

int
rmmcpu_wait(struct rmmcpu *cpu, uint64_t rec, struct rmmcpu_entry *entry)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__CpuWaitRequest body = RMMD__CPU_WAIT_REQUEST__INIT;
	Rmmd__Reply *reply;
	int rc;

	cpu->rec = 0;
	cpu_end_use(cpu);
	body.has_rec = rec != 0;
	body.rec = rec;
	request.body_case = RMMD__REQUEST__BODY_CPU_WAIT;
	request.cpu_wait = &body;
	rc = cpu_request(cpu, &request, &reply, NULL);
	if (rc != 0)
		return rc;
	take_entry(cpu, reply->cpu_wait, entry);
	channel_free_reply(reply);
	return 0;
}

/* ---- Reports ----------------------------------------------------------- */

struct report {
	Rmmd__CpuReportRequest body;
	Rmmd__CpuRegs regs;
	Rmmd__CpuAbort abort;
	Rmmd__RealmWait wait;
	Rmmd__CpuSysreg sysreg;
	Rmmd__InterruptRequest interrupt;
	struct rmmcpu_regs room; /* messages do not take what is const */
};

static void
fill_regs(struct report *report, const struct rmmcpu_regs *from)
{
	Rmmd__CpuRegs *to = &report->regs;
	struct rmmcpu_regs *room = &report->room;

	*room = *from;
	rmmd__cpu_regs__init(to);
	to->n_gprs = RMI_REC_GPRS;
	to->gprs = room->x;
	to->pc = room->pc;
	to->pstate = room->pstate;
	to->n_sysregs = REC_NUM_SYSREGS;
	to->sysregs = room->sysregs;
	to->counter = room->counter;
}

static void
fill_abort(Rmmd__CpuAbort *abort, const struct rmmcpu_event *event)
{
	rmmd__cpu_abort__init(abort);
	abort->ipa = event->ipa;
	abort->va = event->va;
	abort->has_write = abort->write = event->write;
	if (!event->isv)
		return;
	abort->has_isv = abort->isv = 1;
	abort->has_size = abort->has_srt = abort->has_sf = 1;
	abort->has_sign_extend = 1;
	abort->size = event->size;
	abort->sign_extend = event->sign_extend;
	abort->sf = event->sf;
	abort->srt = event->srt;
}

/* Of the messages that are about something besides the kind of event. */
static void
fill_details(struct report *report, const struct rmmcpu_event *event)
{
	rmmd__realm_wait__init(&report->wait);
	report->wait.kind = (Rmmd__WaitKind)event->wait;
	report->wait.has_timeout = 1;
	report->wait.timeout = event->timeout;
	rmmd__cpu_sysreg__init(&report->sysreg);
	report->sysreg.reg = event->sysreg;
	report->sysreg.read = event->read;
	report->sysreg.rt = event->rt;
	rmmd__interrupt_request__init(&report->interrupt);
	report->interrupt.has_kind = report->interrupt.has_syndrome = 1;
	report->interrupt.kind = (Rmmd__InterruptKind)event->interrupt;
	report->interrupt.syndrome = event->syndrome;
	fill_abort(&report->abort, event);
}

#define EVENT(name) RMMD__CPU_REPORT_REQUEST__EVENT_##name

static void
fill_event(struct report *report, const struct rmmcpu_event *event)
{
	Rmmd__CpuReportRequest *body = &report->body;

	fill_details(report, event);
	switch (event->kind) {
	case RMMCPU_ATTENTION:
		body->event_case = EVENT(ATTENTION);
		body->attention = 1;
		return;
	case RMMCPU_SMC:
		body->event_case = EVENT(SMC);
		body->smc = 1;
		return;
	case RMMCPU_HVC:
		body->event_case = EVENT(HVC);
		body->hvc = 1;
		return;
	case RMMCPU_DATA_ABORT:
		body->event_case = EVENT(DATA_ABORT);
		body->data_abort = &report->abort;
		return;
	case RMMCPU_INSTRUCTION_ABORT:
		body->event_case = EVENT(INSTRUCTION_ABORT);
		body->instruction_abort = &report->abort;
		return;
	case RMMCPU_WAIT:
		body->event_case = EVENT(WAIT);
		body->wait = &report->wait;
		return;
	case RMMCPU_SYSREG:
		body->event_case = EVENT(SYSREG);
		body->sysreg = &report->sysreg;
		return;
	case RMMCPU_INTERRUPT:
		body->event_case = EVENT(INTERRUPT);
		body->interrupt = &report->interrupt;
		return;
	}
}

int
rmmcpu_report(struct rmmcpu *cpu, const struct rmmcpu_regs *regs,
    const struct rmmcpu_event *event, struct rmmcpu_entry *next)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	struct report report;
	Rmmd__Reply *reply;
	int rc;

	cpu_end_use(cpu);
	rmmd__cpu_report_request__init(&report.body);
	report.body.rec = cpu->rec;
	report.body.regs = &report.regs;
	fill_regs(&report, regs);
	fill_event(&report, event);
	request.body_case = RMMD__REQUEST__BODY_CPU_REPORT;
	request.cpu_report = &report.body;
	rc = cpu_request(cpu, &request, &reply, NULL);
	if (rc == -EINVAL)
		cpu_begin_use(cpu);
	else if (rc != 0)
		cpu->rec = 0;
	if (rc != 0)
		return rc;
	take_entry(cpu, reply->cpu_report, next);
	channel_free_reply(reply);
	return 0;
}
