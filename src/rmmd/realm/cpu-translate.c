/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Translations of processors.  When one goes, the model waits until no
 * processor uses it any more, as a monitor does with TLBI and DSB: what comes
 * next, wiping a granule say, must not be seen through it.
 */
#include "config.h"

#include <sched.h>
#include <time.h>

#include "cpu.h"

/* Processors answer within a block: mostly before a first sleep is over. */
#define SPINS	      100u
#define SLEEP_MIN_NS  50000
#define SLEEP_MAX_NS  1000000
#define NS_PER_MS     1000000ull
#define NS_PER_SECOND 1000000000ull

static bool
span_meets(const struct span *span, uint64_t first, uint64_t last)
{
	return span->low <= last && first <= span->high &&
	    span->low <= span->high;
}

static void
span_add(struct span *span, uint64_t first, uint64_t last)
{
	if (first < span->low)
		span->low = first;
	if (last > span->high)
		span->high = last;
}

static void
span_clear(struct span *span)
{
	span->low = UINT64_MAX;
	span->high = 0;
}

/* ---- Waiting ----------------------------------------------------------- */

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* One that is cut off, or has hung up, is waited for no longer. */
static bool
is_waited_for(const struct cpu *cpu)
{
	const struct session *session = cpu->session;

	return !session->closing && !shared_is_clean(&cpu->shared) &&
	    (session->has_gone == NULL ||
		!session->has_gone(session->wake_ctx));
}

static bool
is_any_waited_for(const struct actors *actors)
{
	struct cpu *cpu;

	TAILQ_FOREACH(cpu, &actors->cpus, link)
	if (is_waited_for(cpu))
		return true;
	return false;
}

/* Every processor has let go, or had the time to. */
static void
await_all(struct actors *actors)
{
	struct timespec pause = { 0, SLEEP_MIN_NS };
	uint64_t end = now_ns() + actors->cpu_grace * NS_PER_MS;
	struct cpu *cpu;

	for (unsigned spins = 0; is_any_waited_for(actors); spins++) {
		if (spins < SPINS) {
			sched_yield();
			continue;
		}
		if (now_ns() >= end)
			break;
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < SLEEP_MAX_NS)
			pause.tv_nsec *= 2;
	}
	TAILQ_FOREACH(cpu, &actors->cpus, link)
	if (is_waited_for(cpu))
		cpu_cut_off(cpu, "does not let go of translations");
}

/* ---- What goes --------------------------------------------------------- */

static void
make_void(struct cpu *cpu)
{
	shared_void(&cpu->shared);
	/* Until it asks again there is nothing that could go. */
	span_clear(&cpu->ipas);
	span_clear(&cpu->ns);
}

void
cpus_translation_gone(
    struct actors *actors, uint64_t rd, uint64_t ipa, uint64_t size)
{
	bool any = false;
	struct cpu *cpu;

	TAILQ_FOREACH(cpu, &actors->cpus, link)
	if (cpu->rd == rd && span_meets(&cpu->ipas, ipa, ipa + size - 1)) {
		make_void(cpu);
		any = true;
	}
	if (any)
		await_all(actors);
}

void
cpus_ns_gone(struct actors *actors, uint64_t pa)
{
	bool any = false;
	struct cpu *cpu;

	TAILQ_FOREACH(cpu, &actors->cpus, link)
	if (span_meets(&cpu->ns, pa, pa + GRANULE_SIZE - 1)) {
		make_void(cpu);
		any = true;
	}
	if (any)
		await_all(actors);
}

void
cpu_let_go(struct cpu *cpu)
{
	make_void(cpu);
	await_all(&cpu->session->server->actors);
}

/* ---- What comes -------------------------------------------------------- */

/* Where the first byte of the translation is in its file. */
static uint64_t
offset_of(const struct machine *machine, uint64_t ipa,
    const struct rmm_translation *translation)
{
	const struct machine_bank *bank =
	    machine_dram(machine, translation->pa, 1);

	if (bank == NULL)
		return 0;
	return bank->offset + (translation->pa - bank->base) -
	    (ipa - translation->base);
}

static void
keep_track(struct cpu *cpu, uint64_t rd, uint64_t ipa,
    const struct rmm_translation *translation)
{
	uint64_t pa;

	if (cpu->rd != rd) {
		/* An entry of another realm: those before are void. */
		span_clear(&cpu->ipas);
		span_clear(&cpu->ns);
	}
	cpu->rd = rd;
	span_add(&cpu->ipas, translation->base,
	    translation->base + translation->size - 1);
	if (!translation->ns)
		return;
	pa = translation->pa - (ipa - translation->base);
	span_add(&cpu->ns, pa, pa + translation->size - 1);
}

void
cpu_translate(
    struct cpu *cpu, uint64_t id, const Rmmd__CpuTranslateRequest *request)
{
	const struct actor *actor = cpu->actor;
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__CpuTranslateReply body = RMMD__CPU_TRANSLATE_REPLY__INIT;
	struct rmm_translation to;

	if (actor == NULL || !cpu->holds ||
	    !rmm_realm_share(actor->rmm, actor->rd, request->ipa, &to)) {
		session_refuse(cpu->session, id,
		    RMMD__ERROR_CODE__ERROR_NOT_FOUND,
		    "this processor runs no REC");
		return;
	}
	keep_track(cpu, actor->rd, request->ipa, &to);
	body.first = to.base;
	body.size = to.size;
	body.readable = to.readable;
	body.writable = to.writable;
	body.executable = to.executable;
	body.ns = to.ns;
	if (to.readable || to.writable || to.executable)
		body.offset =
		    offset_of(cpu->session->server->machine, request->ipa, &to);
	body.generation = cpu->shared.generation;
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_CPU_TRANSLATE;
	reply.cpu_translate = &body;
	session_reply(cpu->session, &reply);
}
