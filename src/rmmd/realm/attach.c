/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * "attach": a process makes the realm's instructions, one at a time.  One that
 * exits to the host is completed, or made again, once the REC is entered again,
 * and only then answered.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "actor.h"
#include "attach.h"
#include "log.h"
#include "server.h"

/* Of an SError that nobody can have done anything about: uncontainable. */
#define SYNDROME_LOST 0x11u /* DFSC: asynchronous SError */

struct attach {
	TAILQ_ENTRY(attach) link; /* if it waits for a REC */
	struct session *session;
	struct actor *actor; /* NULL: it has none yet */
	bool waits;
	uint64_t attach_id; /* of the request that waits */
	bool has_mpidr;
	uint64_t mpidr;
	bool acting;
	uint64_t act_id;
	struct act act;
};

/* In place of a process: there was one. */
static struct attach lost;

/* ---- Which REC --------------------------------------------------------- */

static void
take_part(struct attach *attach, struct actor *actor, uint64_t id, bool late)
{
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__AttachReply body = RMMD__ATTACH_REPLY__INIT;
	struct rmm_realm_info realm = { 0 };

	attach->actor = actor;
	actor->state = attach;
	log_at(LOG_INFO, "%s: is the realm of %s", session_who(attach->session),
	    actor_who(actor));
	rmm_realm(actor->rmm, actor->rd, &realm);
	body.rec = actor->rec;
	body.rd = actor->rd;
	body.mpidr = actor->mpidr;
	body.ipa_width = realm.ipa_width;
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_ATTACH;
	reply.attach = &body;
	if (late)
		session_reply_late(attach->session, &reply);
	else
		session_reply(attach->session, &reply);
}

static void
stop_waiting(struct attach *attach)
{
	if (attach->waits)
		TAILQ_REMOVE(
		    &attach->session->server->actors.waiting, attach, link);
	attach->waits = false;
}

static bool
is_for(const struct attach *attach, const struct actor *actor)
{
	return !attach->has_mpidr || attach->mpidr == actor->mpidr;
}

/* A REC without a process: is there one that waits for it? */
static bool
find_process(struct actor *actor)
{
	struct attach *attach;

	TAILQ_FOREACH(attach, &actor->server->actors.waiting, link)
	if (is_for(attach, actor))
		break;
	if (attach == NULL)
		return false;
	stop_waiting(attach);
	take_part(attach, actor, attach->attach_id, true);
	return true;
}

/* A REC that waits for this process. */
static struct actor *
find_rec(const struct attach *attach)
{
	struct actor *actor;

	TAILQ_FOREACH(actor, &attach->session->server->actors.all, link)
	if (actor->role.kind == &actor_attach && actor->running &&
	    (actor->state == NULL || actor->state == &lost) &&
	    is_for(attach, actor))
		return actor;
	return NULL;
}

/* ---- The realm acts ---------------------------------------------------- */

static void
reply_act(struct attach *attach, Rmmd__ActReply *body)
{
	Rmmd__Reply reply = RMMD__REPLY__INIT;

	attach->acting = false;
	reply.id = attach->act_id;
	reply.body_case = RMMD__REPLY__BODY_ACT;
	reply.act = body;
	session_reply_late(attach->session, &reply);
}

static void
go_on(struct attach *attach)
{
	struct act_reply room;
	bool sea = attach->actor->sea;

	attach->actor->sea = false;
	switch (act_go_on(&attach->act, attach->actor, sea, &room)) {
	case ACT_PENDING:
		return;
	case ACT_DONE:
		reply_act(attach, &room.body);
		return;
	case ACT_IMPOSSIBLE:
		attach->acting = false;
		session_refuse_late(attach->session, attach->act_id,
		    RMMD__ERROR_CODE__ERROR_ARGUMENT,
		    "no processor has such an access: 1 to 4096 bytes within "
		    "one granule; with a register 1, 2, 4 or 8, aligned");
		return;
	}
}

static void
attach_entered(struct actor *actor, bool sea)
{
	struct attach *attach = actor->state;

	/* Whoever acts next is told, even if the exit was another's. */
	actor->sea |= sea;
	if (attach != NULL && attach != &lost) {
		if (attach->acting)
			go_on(attach);
	} else if (find_process(actor)) {
		return;
	} else if (attach == NULL) {
		log_at(LOG_INFO, "%s waits for a process to be its realm",
		    actor_who(actor));
	} else {
		log_at(LOG_WARN,
		    "%s is entered, but the process that was its realm has "
		    "gone: SError",
		    actor_who(actor));
		actors_interrupt(
		    actor->server, actor->rec, RMM_SERROR, SYNDROME_LOST);
	}
}

/* The REC has gone, or somebody else is to play it. */
static void
attach_end(struct actor *actor)
{
	struct attach *attach = actor->state;

	if (attach == NULL || attach == &lost)
		return;
	attach->actor = NULL;
	actor->state = NULL;
	if (attach->acting)
		session_refuse_late(attach->session, attach->act_id,
		    RMMD__ERROR_CODE__ERROR_NOT_FOUND,
		    "%s is not this process's any more", actor_who(actor));
	attach->acting = false;
}

const struct actor_kind actor_attach = {
	.name = "attach",
	.entered = attach_entered,
	.end = attach_end,
};

/* ---- Requests ---------------------------------------------------------- */

static void
attach_to_rec(struct attach *attach, uint64_t id, uint64_t rec)
{
	struct server *server = attach->session->server;
	struct role role = { .kind = &actor_attach };
	struct rmm_rec_info info;
	struct actor *actor;

	if (!rmm_rec(server->machine->rmm, rec, &info)) {
		session_refuse(attach->session, id,
		    RMMD__ERROR_CODE__ERROR_NOT_FOUND,
		    "there is no REC at %#" PRIx64, rec);
		return;
	}
	actor = actors_actor(server, rec);
	if (actor != NULL && actor->running &&
	    actor->role.kind != &actor_attach) {
		session_refuse(attach->session, id,
		    RMMD__ERROR_CODE__ERROR_BUSY,
		    "REC %#" PRIx64 " runs; it can be had once it has exited",
		    rec);
		return;
	}
	if (!actors_set(&server->actors, rec, ACTOR_ANY, role)) {
		session_refuse(attach->session, id,
		    RMMD__ERROR_CODE__ERROR_BUSY,
		    "too many RECs and realms have a setting of their own");
		return;
	}
	actor = actors_actor(server, rec);
	if (actor != NULL && actor->role.kind == &actor_attach &&
	    (actor->state == NULL || actor->state == &lost)) {
		take_part(attach, actor, id, false);
		return;
	}
	session_refuse(attach->session, id, RMMD__ERROR_CODE__ERROR_BUSY,
	    actor != NULL ? "another process is the realm of REC %#" PRIx64
			  : "rmmd itself is short of memory for REC %#" PRIx64,
	    rec);
}

static void
take_attach(
    struct session *session, uint64_t id, const Rmmd__AttachRequest *request)
{
	struct attach *attach = session->attach;
	struct actor *actor;

	if (attach == NULL)
		attach = session->attach = calloc(1, sizeof(*attach));
	if (attach == NULL) {
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_BUSY,
		    "rmmd itself is short of memory");
		return;
	}
	attach->session = session;
	if (attach->actor != NULL || attach->waits) {
		session_fail(session, id, RMMD__ERROR_CODE__ERROR_PROTOCOL,
		    "a second Attach: one connection is the realm of one REC");
		return;
	}
	if (request->has_rec) {
		attach_to_rec(attach, id, request->rec);
		return;
	}
	attach->has_mpidr = request->has_mpidr;
	attach->mpidr = request->mpidr;
	actor = find_rec(attach);
	if (actor != NULL) {
		take_part(attach, actor, id, false);
		return;
	}
	attach->waits = true;
	attach->attach_id = id;
	TAILQ_INSERT_TAIL(&session->server->actors.waiting, attach, link);
}

static void
take_act(struct session *session, uint64_t id, const Rmmd__ActRequest *request)
{
	struct attach *attach = session->attach;
	struct failure why;

	if (attach == NULL || attach->actor == NULL) {
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_NOT_FOUND,
		    "this process is the realm of no REC: Attach comes first");
		return;
	}
	if (attach->acting) {
		session_fail(session, id, RMMD__ERROR_CODE__ERROR_PROTOCOL,
		    "a realm makes one instruction at a time");
		return;
	}
	if (!act_init(&attach->act, request, &why)) {
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_ARGUMENT,
		    "%s", why.text);
		return;
	}
	attach->acting = true;
	attach->act_id = id;
	if (attach->actor->running)
		go_on(attach);
}

bool
attach_request(struct session *session, const Rmmd__Request *request)
{
	switch (request->body_case) {
	case RMMD__REQUEST__BODY_ATTACH:
		take_attach(session, request->id, request->attach);
		return true;
	case RMMD__REQUEST__BODY_ACT:
		take_act(session, request->id, request->act);
		return true;
	default:
		return false;
	}
}

void
attach_session_gone(struct session *session)
{
	struct attach *attach = session->attach;
	struct actor *actor = attach == NULL ? NULL : attach->actor;

	if (attach == NULL)
		return;
	stop_waiting(attach);
	session->attach = NULL;
	free(attach);
	if (actor == NULL)
		return;
	log_at(LOG_WARN, "the process that was the realm of %s has gone",
	    actor_who(actor));
	actor->state = &lost;
	actors_interrupt(actor->server, actor->rec, RMM_SERROR, SYNDROME_LOST);
}
