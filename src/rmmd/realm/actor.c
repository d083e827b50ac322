/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The actors of a machine: which REC has which, who waits for their exits, and
 * whose turn it is.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actor.h"
#include "attach.h"
#include "cpu.h"
#include "host.h"
#include "log.h"
#include "script.h"
#include "server.h"
#include "session.h"

#define SETTINGS_MAX 4096u
/* The counter has 1 GHz: an instruction takes a microsecond. */
#define TICKS_INSTRUCTION 1000u

static const struct actor_kind *const kinds[] = {
	&actor_off,
	&actor_wfi,
	&actor_script,
	&actor_attach,
	&actor_cpu,
};

const struct actor_kind *
actor_kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

const char *
actor_who(const struct actor *actor)
{
	static char who[80];

	snprintf(who, sizeof(who), "REC %#" PRIx64 " (MPIDR %#" PRIx64 ")",
	    actor->rec, actor->mpidr);
	return who;
}

void
actors_init(struct actors *actors)
{
	memset(actors, 0, sizeof(*actors));
	TAILQ_INIT(&actors->all);
	TAILQ_INIT(&actors->ready);
	TAILQ_INIT(&actors->settings);
	TAILQ_INIT(&actors->waiting);
	TAILQ_INIT(&actors->cpus);
	actors->cpu_grace = CPU_GRACE;
	actors->role.kind = &actor_off;
}

/* ---- Who plays whom ---------------------------------------------------- */

static void
role_drop(struct role *role)
{
	script_free(role->script);
	role->kind = NULL;
	role->script = NULL;
}

static void
setting_free(struct actors *actors, struct setting *setting)
{
	TAILQ_REMOVE(&actors->settings, setting, link);
	actors->num_settings--;
	role_drop(&setting->role);
	free(setting);
}

static struct setting *
setting_find(const struct actors *actors, uint64_t rec, uint64_t rd)
{
	struct setting *setting;

	TAILQ_FOREACH(setting, &actors->settings, link)
	if (setting->rec == rec && setting->rd == rd)
		return setting;
	return NULL;
}

static const struct role *
role_of(const struct actors *actors, uint64_t rec, uint64_t rd)
{
	const struct setting *setting = setting_find(actors, rec, ACTOR_ANY);

	if (setting == NULL)
		setting = setting_find(actors, ACTOR_ANY, rd);
	return setting == NULL ? &actors->role : &setting->role;
}

const char *
actors_who(const struct actors *actors, uint64_t rec, uint64_t rd)
{
	return role_of(actors, rec, rd)->kind->name;
}

static void
actor_free(struct actors *actors, struct actor *actor)
{
	if (actor->role.kind->end != NULL)
		actor->role.kind->end(actor);
	if (actor->is_ready)
		TAILQ_REMOVE(&actors->ready, actor, ready);
	TAILQ_REMOVE(&actors->all, actor, link);
	LIST_REMOVE(actor, same_bucket);
	role_drop(&actor->role);
	free(actor);
}

/* Actors that are not what was set are given up, once they do not run. */
static bool
actor_is_stale(const struct actors *actors, const struct actor *actor)
{
	const struct role *role = role_of(actors, actor->rec, actor->rd);

	return role->kind != actor->role.kind ||
	    role->script != actor->role.script;
}

static void
drop_stale(struct actors *actors)
{
	struct actor *actor, *next;

	for (actor = TAILQ_FIRST(&actors->all); actor != NULL; actor = next) {
		next = TAILQ_NEXT(actor, link);
		if (!actor->running && actor_is_stale(actors, actor))
			actor_free(actors, actor);
	}
}

bool
actors_set(struct actors *actors, uint64_t rec, uint64_t rd, struct role role)
{
	struct setting *setting;
	struct role *to = &actors->role;

	if (rec != ACTOR_ANY || rd != ACTOR_ANY) {
		setting = setting_find(actors, rec, rd);
		if (setting == NULL) {
			if (actors->num_settings >= SETTINGS_MAX)
				return false;
			setting = calloc(1, sizeof(*setting));
			if (setting == NULL)
				return false;
			setting->rec = rec;
			setting->rd = rd;
			TAILQ_INSERT_TAIL(&actors->settings, setting, link);
			actors->num_settings++;
		}
		to = &setting->role;
	}
	role_drop(to);
	*to = role;
	drop_stale(actors);
	return true;
}

/* RECs are granules, and often a few apart. */
static size_t
bucket_of(uint64_t rec)
{
	return (rec / GRANULE_SIZE * 0x9e3779b97f4a7c15) >> 32 &
	    (ACTOR_BUCKETS - 1);
}

static struct actor *
actor_find(const struct actors *actors, uint64_t rec)
{
	struct actor *actor;

	LIST_FOREACH(actor, &actors->by_rec[bucket_of(rec)], same_bucket)
	if (actor->rec == rec)
		return actor;
	return NULL;
}

static struct actor *
actor_make(struct server *server, uint64_t rec)
{
	struct actors *actors = &server->actors;
	struct rmm_rec_info info;
	struct actor *actor = calloc(1, sizeof(*actor));

	if (actor == NULL || !rmm_rec(server->machine->rmm, rec, &info)) {
		free(actor);
		return NULL;
	}
	actor->server = server;
	actor->rmm = server->machine->rmm;
	actor->rec = rec;
	actor->rd = info.rd;
	actor->mpidr = info.mpidr;
	actor->role = *role_of(actors, rec, info.rd);
	if (actor->role.script != NULL)
		script_ref(actor->role.script);
	TAILQ_INSERT_TAIL(&actors->all, actor, link);
	LIST_INSERT_HEAD(&actors->by_rec[bucket_of(rec)], actor, same_bucket);
	if (actor->role.kind->begin == NULL || actor->role.kind->begin(actor))
		return actor;
	actor_free(actors, actor);
	return NULL;
}

struct actor *
actors_actor(struct server *server, uint64_t rec)
{
	struct actors *actors = &server->actors;
	struct actor *actor = actor_find(actors, rec);

	if (actor != NULL && !actor->running && actor_is_stale(actors, actor)) {
		actor_free(actors, actor);
		actor = NULL;
	}
	return actor != NULL ? actor : actor_make(server, rec);
}

/* ---- Entry and exit ---------------------------------------------------- */

/* Whoever waits is told; of a session that has gone, nobody does. */
static void
tell(const struct waiter *waiter, uint64_t rec, const struct rmm_answer *answer)
{
	if (waiter->batch != NULL)
		*waiter->batch = *answer;
	else if (waiter->session != NULL)
		host_answer_late(waiter, rec, answer);
}

void
actor_exited(struct actor *actor, const struct rmm_result *result)
{
	struct waiter waiter = actor->waiter;

	actor->running = false;
	memset(&actor->waiter, 0, sizeof(actor->waiter));
	if (actor->role.kind->exited != NULL)
		actor->role.kind->exited(actor);
	tell(&waiter, actor->rec, &result->answer);
}

void
actors_entered(struct server *server, const struct rmm_answer *answer,
    struct waiter waiter)
{
	struct actor *actor = actors_actor(server, answer->entered);
	struct rmm_result result;

	if (actor == NULL) {
		log_at(LOG_ERROR, "no memory for the realm of a REC");
		if (rmm_realm_interrupt(server->machine->rmm, answer->entered,
			RMM_SERROR, 0, &result))
			tell(&waiter, answer->entered, &result.answer);
		return;
	}
	actor->running = true;
	actor->waiter = waiter;
	actor->role.kind->entered(actor, answer->sea);
	if (waiter.batch != NULL && actor->running)
		actors_interrupt(server, actor->rec, RMM_IRQ, 0);
}

bool
actors_interrupt(struct server *server, uint64_t rec,
    enum rmm_interrupt interrupt, uint64_t syndrome)
{
	struct actor *actor = actor_find(&server->actors, rec);
	struct rmm_result result;

	if (actor == NULL || !actor->running)
		return false;
	if (actor->role.kind->interrupt != NULL &&
	    actor->role.kind->interrupt(actor, interrupt, syndrome))
		return true;
	if (!rmm_realm_interrupt(
		server->machine->rmm, rec, interrupt, syndrome, &result))
		return false;
	actor_exited(actor, &result);
	return true;
}

void
actors_session_gone(struct session *session)
{
	struct actor *actor;

	TAILQ_FOREACH(actor, &session->server->actors.all, link)
	if (actor->running && actor->waiter.session == session) {
		actor->waiter.session = NULL;
		actors_interrupt(session->server, actor->rec, RMM_IRQ, 0);
	}
	attach_session_gone(session);
	cpu_session_gone(session);
}

void
actors_rec_gone(struct actors *actors, uint64_t rec)
{
	struct actor *actor = actor_find(actors, rec);
	struct setting *setting = setting_find(actors, rec, ACTOR_ANY);
	struct waiter waiter;

	if (setting != NULL)
		setting_free(actors, setting);
	cpus_rec_gone(actors, rec);
	if (actor == NULL)
		return;
	waiter = actor->waiter;
	if (actor->running && waiter.session != NULL)
		host_never_answered(&waiter, rec);
	actor_free(actors, actor);
}

void
actors_realm_gone(struct actors *actors, uint64_t rd)
{
	struct setting *setting = setting_find(actors, ACTOR_ANY, rd);

	if (setting != NULL)
		setting_free(actors, setting);
	cpus_translation_gone(actors, rd, 0, UINT64_MAX);
}

void
actors_release(struct actors *actors)
{
	struct actor *actor;
	struct setting *setting;

	while ((actor = TAILQ_FIRST(&actors->all)) != NULL)
		actor_free(actors, actor);
	while ((setting = TAILQ_FIRST(&actors->settings)) != NULL)
		setting_free(actors, setting);
	role_drop(&actors->role);
}

/* ---- Turns and time ---------------------------------------------------- */

void
actor_ready(struct actor *actor)
{
	struct actors *actors = &actor->server->actors;
	bool first = TAILQ_EMPTY(&actors->ready);

	if (actor->is_ready)
		return;
	actor->is_ready = true;
	TAILQ_INSERT_TAIL(&actors->ready, actor, ready);
	if (first && actors->wake != NULL)
		actors->wake(actors->wake_ctx);
}

bool
actors_turn(struct actors *actors)
{
	struct actor *actor;
	unsigned num = 0;

	/* Who gets ready again meanwhile has its turn after the sockets. */
	TAILQ_FOREACH(actor, &actors->ready, ready)
	num++;
	while (num-- > 0 && (actor = TAILQ_FIRST(&actors->ready)) != NULL) {
		TAILQ_REMOVE(&actors->ready, actor, ready);
		actor->is_ready = false;
		if (actor->running && actor->role.kind->turn != NULL)
			actor->role.kind->turn(actor);
	}
	return !TAILQ_EMPTY(&actors->ready);
}

void
actors_alarm_soon(struct actors *actors)
{
	if (actors->alarm != NULL)
		actors->alarm(actors->wake_ctx, actors->cpu_grace);
}

void
actors_alarm(struct actors *actors)
{
	struct actor *actor;
	bool again = false;

	TAILQ_FOREACH(actor, &actors->all, link)
	if (actor->running && actor->role.kind->alarm != NULL)
		again |= actor->role.kind->alarm(actor);
	if (again)
		actors_alarm_soon(actors);
}

/* The counter has moved: have the timers something to tell the host? */
static bool
timers(struct actor *actor)
{
	struct rmm_result result;

	if (!rmm_realm_timers(actor->rmm, actor->rec, &result) ||
	    result.outcome != RMM_EXITED)
		return false;
	actor_exited(actor, &result);
	return true;
}

bool
actor_tick(struct actor *actor)
{
	rmm_set_counter(
	    actor->rmm, rmm_counter(actor->rmm) + TICKS_INSTRUCTION);
	return timers(actor);
}

bool
actor_idle(struct actor *actor, uint64_t until, bool *over)
{
	uint64_t next = rmm_realm_next_timer(actor->rmm, actor->rec);
	uint64_t now = rmm_counter(actor->rmm);

	*over = until != UINT64_MAX && until <= next;
	if (until < next)
		next = until;
	if (next == UINT64_MAX)
		return false;
	if (next > now && next - now > RMM_TICKS_MAX) {
		*over = false;
		return false;
	}
	rmm_set_counter(actor->rmm, next);
	return timers(actor);
}
