/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * "cpu": which processor runs which REC, from the entry to the exit, and what
 * happens to those that do not do as they should.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cpu.h"
#include "log.h"

/* In place of a processor: there was one. */
static struct cpu nobody;

/* ---- Which REC --------------------------------------------------------- */

static bool
fits(const struct cpu *cpu, const struct actor *actor)
{
	return cpu->only == ACTOR_ANY || cpu->only == actor->rec;
}

static bool
is_alone(const struct actor *actor)
{
	return actor->state == NULL || actor->state == &nobody;
}

static void
give(struct cpu *cpu, struct actor *actor)
{
	cpu->actor = actor;
	actor->state = cpu;
	log_at(LOG_DEBUG, "%s: runs %s", session_who(cpu->session),
	    actor_who(actor));
	shared_settle(&cpu->shared);
	cpu_reply_entry(cpu, true);
}

/* Is there a REC for a processor that waits? */
static void
find_rec(struct cpu *cpu)
{
	struct actor *actor;

	TAILQ_FOREACH(actor, &cpu->session->server->actors.all, link)
	if (actor->role.kind == &actor_cpu && actor->running &&
	    actor->waiter.batch == NULL && is_alone(actor) &&
	    fits(cpu, actor)) {
		give(cpu, actor);
		return;
	}
}

static struct cpu *
find_cpu(const struct actor *actor, bool that_waits)
{
	struct cpu *cpu;

	TAILQ_FOREACH(cpu, &actor->server->actors.cpus, link)
	if ((cpu->waits || !that_waits) && !cpu->session->closing &&
	    fits(cpu, actor))
		return cpu;
	return NULL;
}

/* No processor is free.  An entry waits for one, but not for what was lost. */
static void
await(struct actor *actor)
{
	if (actor->state != &nobody || find_cpu(actor, false) != NULL) {
		log_at(LOG_INFO, "%s waits for a processor", actor_who(actor));
		return;
	}
	log_at(LOG_WARN, "%s is entered, but there is no processor: SError",
	    actor_who(actor));
	actors_interrupt(actor->server, actor->rec, RMM_SERROR, SYNDROME_LOST);
}

static void
cpu_entered(struct actor *actor, bool sea)
{
	struct cpu *cpu;

	(void)sea; /* the registers say it all */
	/* A batch does not wait: it is ended by its IRQ. */
	if (actor->waiter.batch != NULL)
		return;
	cpu = find_cpu(actor, true);
	if (cpu != NULL)
		give(cpu, actor);
	else
		await(actor);
}

/* The processor's report waits for the next entry, of whichever REC. */
static void
cpu_exited(struct actor *actor)
{
	struct cpu *cpu = actor->state;

	if (is_alone(actor))
		return;
	actor->state = &nobody;
	cpu->actor = NULL;
	cpu->waits = true;
	cpu->interrupted = cpu->overdue = false;
	find_rec(cpu);
}

/* ---- Interrupts -------------------------------------------------------- */

/* Only who has the registers can say where the interrupt comes. */
static bool
cpu_interrupt(
    struct actor *actor, enum rmm_interrupt interrupt, uint64_t syndrome)
{
	struct cpu *cpu = actor->state;

	if (is_alone(actor) || !cpu->holds)
		return false;
	if (cpu->interrupted && cpu->interrupt > interrupt)
		return true; /* that one was worse */
	cpu->interrupted = true;
	cpu->interrupt = interrupt;
	cpu->syndrome = syndrome;
	shared_ask(&cpu->shared, CPU_ATTENTION_INTERRUPT);
	actors_alarm_soon(&actor->server->actors);
	return true;
}

/* The REC exits without its processor. */
static void
lose(struct actor *actor)
{
	struct cpu *cpu = actor->state;

	cpu->actor = NULL;
	cpu->holds = cpu->interrupted = false;
	actor->state = &nobody;
	log_at(
	    LOG_WARN, "the processor that ran %s has gone", actor_who(actor));
	actors_interrupt(actor->server, actor->rec, RMM_SERROR, SYNDROME_LOST);
}

/* The second alarm is the one that the processor had a full period for. */
static bool
cpu_alarm(struct actor *actor)
{
	struct cpu *cpu = actor->state;

	if (is_alone(actor) || !cpu->interrupted)
		return false;
	if (!cpu->overdue) {
		cpu->overdue = true;
		return true;
	}
	cpu_cut_off(cpu, "does not react to an interrupt");
	return false;
}

void
cpu_cut_off(struct cpu *cpu, const char *why)
{
	if (cpu->session->closing)
		return;
	log_at(LOG_WARN, "%s: %s within %u ms; closing the connection",
	    session_who(cpu->session), why,
	    cpu->session->server->actors.cpu_grace);
	shared_ask(&cpu->shared, CPU_ATTENTION_STOP);
	cpu->session->closing = true;
	if (cpu->session->wake != NULL)
		cpu->session->wake(cpu->session->wake_ctx);
	/* Not now: the model may be at work. */
	if (cpu->actor != NULL)
		actor_ready(cpu->actor);
}

/* What was cut off has lost its REC. */
static void
cpu_turn(struct actor *actor)
{
	struct cpu *cpu = actor->state;

	if (!is_alone(actor) && cpu->session->closing)
		lose(actor);
}

/* The REC has gone, or somebody else is to play it. */
static void
cpu_end(struct actor *actor)
{
	struct cpu *cpu = actor->state;

	if (is_alone(actor))
		return;
	actor->state = NULL;
	cpu->actor = NULL;
	cpu->interrupted = false;
	if (!cpu->holds) {
		session_refuse_late(cpu->session, cpu->id,
		    RMMD__ERROR_CODE__ERROR_NOT_FOUND, "%s has gone",
		    actor_who(actor));
		return;
	}
	cpu->holds = false;
	shared_ask(&cpu->shared, CPU_ATTENTION_STOP);
	cpu_let_go(cpu);
}

const struct actor_kind actor_cpu = {
	.name = "cpu",
	.entered = cpu_entered,
	.turn = cpu_turn,
	.interrupt = cpu_interrupt,
	.exited = cpu_exited,
	.alarm = cpu_alarm,
	.end = cpu_end,
};

/* ---- Requests ---------------------------------------------------------- */

static struct cpu *
cpu_new(struct session *session)
{
	struct cpu *cpu = calloc(1, sizeof(*cpu));

	if (cpu == NULL || !shared_init(&cpu->shared)) {
		free(cpu);
		return NULL;
	}
	cpu->session = session;
	cpu->only = ACTOR_ANY;
	cpu->ipas.low = cpu->ns.low = UINT64_MAX;
	TAILQ_INSERT_TAIL(&session->server->actors.cpus, cpu, link);
	session->cpu = cpu;
	return cpu;
}

static void
take_file(struct cpu *cpu, uint64_t id, const Rmmd__CpuFileRequest *request)
{
	const struct machine *machine = cpu->session->server->machine;
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__CpuFileReply body = RMMD__CPU_FILE_REPLY__INIT;
	int fd;

	body.size = machine->ns_size;
	switch (request->file) {
	case RMMD__CPU_FILE__CPU_FILE_PAGE:
		fd = cpu->shared.fd;
		body.size = sizeof(*cpu->shared.page);
		break;
	case RMMD__CPU_FILE__CPU_FILE_NS:
		fd = machine->fd;
		break;
	case RMMD__CPU_FILE__CPU_FILE_REALM:
		fd = machine->data_fd;
		break;
	default:
		session_refuse(cpu->session, id,
		    RMMD__ERROR_CODE__ERROR_ARGUMENT,
		    "file %d is none of page, Non-secure and realm memory",
		    (int)request->file);
		return;
	}
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_CPU_FILE;
	reply.cpu_file = &body;
	session_reply_fd(cpu->session, &reply, fd);
}

static bool
set_rec(struct cpu *cpu, uint64_t id, uint64_t rec)
{
	struct server *server = cpu->session->server;
	struct role role = { .kind = &actor_cpu };
	struct rmm_rec_info info;

	if (!rmm_rec(server->machine->rmm, rec, &info)) {
		session_refuse(cpu->session, id,
		    RMMD__ERROR_CODE__ERROR_NOT_FOUND,
		    "there is no REC at %#" PRIx64, rec);
		return false;
	}
	if (actors_set(&server->actors, rec, ACTOR_ANY, role))
		return true;
	session_refuse(cpu->session, id, RMMD__ERROR_CODE__ERROR_BUSY,
	    "too many RECs and realms have a setting of their own");
	return false;
}

static void
take_wait(struct cpu *cpu, uint64_t id, const Rmmd__CpuWaitRequest *request)
{
	if (cpu->waits || cpu->actor != NULL) {
		session_fail(cpu->session, id, RMMD__ERROR_CODE__ERROR_PROTOCOL,
		    "a processor that waits or runs a REC can not wait");
		return;
	}
	if (request->has_rec && !set_rec(cpu, id, request->rec))
		return;
	cpu->only = request->has_rec ? request->rec : ACTOR_ANY;
	cpu->waits = true;
	cpu->id = id;
	cpu->reported = false;
	find_rec(cpu);
}

/* Nothing happens before time comes to an interrupt, or to the wait's end. */
static void
idle(struct cpu *cpu, const Rmmd__RealmWait *wait)
{
	uint64_t until = UINT64_MAX;
	bool over;

	if (wait->kind == RMMD__WAIT_KIND__WAIT_WFIT)
		until = wait->timeout;
	if (!actor_idle(cpu->actor, until, &over) && over)
		cpu_reply_entry(cpu, false);
}

static void
take_report(struct cpu *cpu, uint64_t id, const Rmmd__CpuReportRequest *request)
{
	struct actor *actor = cpu->actor;
	struct rmm_result result;
	bool interrupted;

	if (!cpu_take_regs(cpu, id, request))
		return;
	/* A timer comes before the instruction, which is made again. */
	if (!rmm_realm_timers(actor->rmm, actor->rec, &result) ||
	    (result.outcome == RMM_GOES_ON &&
		!cpu_perform(cpu, id, request, &result)))
		return;
	cpu->id = id;
	cpu->reported = true;
	cpu->holds = false;
	interrupted = cpu->interrupted;
	cpu->interrupted = cpu->overdue = false;
	shared_settle(&cpu->shared);
	if (result.outcome == RMM_EXITED)
		actor_exited(actor, &result);
	else if (interrupted)
		actors_interrupt(
		    actor->server, actor->rec, cpu->interrupt, cpu->syndrome);
	else if (result.outcome == RMM_WAITS)
		idle(cpu, request->wait);
	else
		cpu_reply_entry(cpu, false);
}

bool
cpu_request(struct session *session, const Rmmd__Request *request)
{
	struct cpu *cpu = session->cpu;

	if (cpu == NULL)
		cpu = cpu_new(session);
	if (cpu == NULL) {
		session_refuse(session, request->id,
		    RMMD__ERROR_CODE__ERROR_BUSY,
		    "rmmd itself is short of memory or files");
		return true;
	}
	switch (request->body_case) {
	case RMMD__REQUEST__BODY_CPU_FILE:
		take_file(cpu, request->id, request->cpu_file);
		return true;
	case RMMD__REQUEST__BODY_CPU_WAIT:
		take_wait(cpu, request->id, request->cpu_wait);
		return true;
	case RMMD__REQUEST__BODY_CPU_REPORT:
		take_report(cpu, request->id, request->cpu_report);
		return true;
	case RMMD__REQUEST__BODY_CPU_TRANSLATE:
		cpu_translate(cpu, request->id, request->cpu_translate);
		return true;
	default:
		return false;
	}
}

/* ---- The end ----------------------------------------------------------- */

void
cpus_rec_gone(struct actors *actors, uint64_t rec)
{
	struct cpu *cpu;

	TAILQ_FOREACH(cpu, &actors->cpus, link)
	if (cpu->waits && cpu->only == rec) {
		cpu->waits = false;
		session_refuse_late(cpu->session, cpu->id,
		    RMMD__ERROR_CODE__ERROR_NOT_FOUND,
		    "REC %#" PRIx64 " has gone", rec);
	}
}

void
cpu_session_gone(struct session *session)
{
	struct actors *actors = &session->server->actors;
	struct cpu *cpu = session->cpu;
	struct actor *actor;

	if (cpu == NULL)
		return;
	session->cpu = NULL;
	TAILQ_REMOVE(&actors->cpus, cpu, link);
	if (cpu->actor != NULL)
		lose(cpu->actor);
	shared_fini(&cpu->shared);
	free(cpu);
	/* Those that waited for it to be free. */
	TAILQ_FOREACH(actor, &actors->all, link)
	if (actor->role.kind == &actor_cpu && actor->running &&
	    actor->state == &nobody)
		await(actor);
}
