/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who plays the realms.  Each REC that is entered has an actor, of one of a few
 * kinds; what it does, it does by the functions of rmm.h, "The realm's side".
 * The host's RMI_REC_ENTER waits meanwhile.  Nothing in here knows of sockets.
 */
#ifndef ACTOR_H
#define ACTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "rmm/rmm.h"
#include "rmmd.pb-c.h"

struct server;
struct session;
struct actor;
struct actor_kind;

/* What was set: a kind, and the script if it is that. */
struct script;
struct role {
	const struct actor_kind *kind;
	struct script *script; /* a reference; NULL: none */
};

/*
 * A kind of actor.  Every function may be called while the REC runs or not,
 * unless it says otherwise; any but name may be NULL.
 */
struct actor_kind {
	const char *name;
	/* Made for a REC that is entered for the first time.  false: no memory.
	 */
	bool (*begin)(struct actor *actor);
	/*
	 * The REC runs: act, now or later.  sea: the host has injected one.
	 * An exit must be told with actor_exited().
	 */
	void (*entered)(struct actor *actor, bool sea);
	/* A turn of those that called actor_ready(); the REC runs. */
	void (*turn)(struct actor *actor);
	/*
	 * A physical interrupt, while the REC runs.  false: the REC may exit at
	 * once; else the actor will see to it that it does.
	 */
	bool (*interrupt)(struct actor *actor, enum rmm_interrupt interrupt,
	    uint64_t syndrome);
	/* The REC has exited. */
	void (*exited)(struct actor *actor);
	/*
	 * The alarm that actors_alarm_soon() has set; the REC runs.  true: set
	 * another.
	 */
	bool (*alarm)(struct actor *actor);
	/* The actor is given up; it must not act any more. */
	void (*end)(struct actor *actor);
};

extern const struct actor_kind actor_off, actor_wfi, actor_script, actor_attach,
    actor_cpu;
#define ACTOR_KINDS "off, wfi, script, attach or cpu" /* for messages */
/* What a processor has to react, unless told otherwise: milliseconds. */
#define CPU_GRACE 5000u
const struct actor_kind *actor_kind_find(const char *name);

/* Who waits for an RMI_REC_ENTER. */
struct waiter {
	struct session *session; /* NULL: nobody any more */
	uint64_t id;		 /* of its request */
	uint32_t pe;
	uint64_t run_ptr;
	struct rmm_answer *batch; /* a batch: here, and nowhere else */
};

struct actor {
	TAILQ_ENTRY(actor) link;
	LIST_ENTRY(actor) same_bucket;
	TAILQ_ENTRY(actor) ready; /* if is_ready */
	struct server *server;
	struct rmm *rmm;
	uint64_t rec, rd, mpidr;
	bool running; /* the REC is entered */
	bool is_ready;
	struct waiter waiter;
	struct role role;
	void *state; /* the kind's own */
	bool sea;    /* attach: injected, and no process has been told */
};
TAILQ_HEAD(actor_list, actor);
LIST_HEAD(actor_bucket, actor);
#define ACTOR_BUCKETS 1024u

/* No address, not even 0, which a bank may begin at. */
#define ACTOR_ANY UINT64_MAX

/* What was set for one REC or one realm. */
struct setting {
	TAILQ_ENTRY(setting) link;
	uint64_t rec, rd; /* one of them; the other is ACTOR_ANY */
	struct role role;
};
TAILQ_HEAD(setting_list, setting);

struct attach;
TAILQ_HEAD(attach_list, attach);

struct cpu;
TAILQ_HEAD(cpu_list, cpu);

struct actors {
	struct actor_list all, ready;
	struct actor_bucket by_rec[ACTOR_BUCKETS];
	struct setting_list settings;
	unsigned num_settings;
	struct role role;	    /* of all that no setting is for */
	struct attach_list waiting; /* processes that wait for a REC */
	struct cpu_list cpus;	    /* all processors */
	unsigned cpu_grace;	    /* milliseconds for a processor to react */
	uint64_t failed_scripts;
	/* Called when the first actor gets ready: call actors_turn() soon. */
	void (*wake)(void *ctx);
	/* Call actors_alarm() in so many milliseconds, unless it is set. */
	void (*alarm)(void *ctx, unsigned milliseconds);
	void *wake_ctx; /* of both */
};

void actors_init(struct actors *actors);
void actors_release(struct actors *actors);

/* ---- For those who serve the host -------------------------------------- */

/*
 * RMI_REC_ENTER has entered answer->entered.  The waiter is told when it exits;
 * a batch's answer is there when this returns.
 */
void actors_entered(struct server *server, const struct rmm_answer *answer,
    struct waiter waiter);

/* The actor of a REC, made if there is none.  NULL: no REC, or no memory. */
struct actor *actors_actor(struct server *server, uint64_t rec);

/*
 * A physical interrupt; false: the REC does not run.  It has exited when this
 * returns, unless a processor must be told first, which then reports soon.
 */
bool actors_interrupt(struct server *server, uint64_t rec,
    enum rmm_interrupt interrupt, uint64_t syndrome);

/* The session closes: its RECs exit, and nobody is told. */
void actors_session_gone(struct session *session);

/* What the model tells of its RECs and realms. */
void actors_rec_gone(struct actors *actors, uint64_t rec);
void actors_realm_gone(struct actors *actors, uint64_t rd);

/* One turn of each actor that is ready.  true: there are more. */
bool actors_turn(struct actors *actors);

/* What alarm was set for. */
void actors_alarm(struct actors *actors);

/*
 * Who plays a REC, a realm, or all others, from the next entry on; rec, rd or
 * both are ACTOR_ANY.  Takes the reference to a script.  false: no memory, or
 * too many.
 */
bool actors_set(
    struct actors *actors, uint64_t rec, uint64_t rd, struct role role);

/* The kind that plays a REC at its next entry: "off". */
const char *actors_who(const struct actors *actors, uint64_t rec, uint64_t rd);

/* ---- For actors -------------------------------------------------------- */

/* The REC has exited: result is what the model said. */
void actor_exited(struct actor *actor, const struct rmm_result *result);

/* In cpu_grace milliseconds at the latest, call alarm of those that run. */
void actors_alarm_soon(struct actors *actors);

/* Give it a turn, once others had theirs. */
void actor_ready(struct actor *actor);

/*
 * Let the counter go on by what an instruction takes, and look at the timers.
 * true: the REC has exited, and that was told.
 */
bool actor_tick(struct actor *actor);

/*
 * The REC waits: time goes on to the next timer, or to until, unless that is
 * more than RMM_TICKS_MAX ahead.  true: the REC has exited, and that was told;
 * else *over says whether until is reached.
 */
bool actor_idle(struct actor *actor, uint64_t until, bool *over);

/* "REC 0x80030000 (MPIDR 0x1)", for logs; valid until the next call. */
const char *actor_who(const struct actor *actor);

#endif
