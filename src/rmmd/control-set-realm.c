/* SPDX-License-Identifier: BSD-3-Clause */
/* The control role: who plays a REC, a realm, or all of them. */
#include "config.h"

#include <inttypes.h>

#include "control.h"
#include "log.h"
#include "realm/script.h"

static bool
target_is_there(
    struct session *session, uint64_t id, const Rmmd__SetRealmRequest *request)
{
	const struct rmm *rmm = session->server->machine->rmm;
	struct rmm_realm_info realm;
	struct rmm_rec_info rec;

	if (request->has_rec && request->has_rd) {
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_ARGUMENT,
		    "either a REC or a realm, not both");
		return false;
	}
	if (request->has_rec && !rmm_rec(rmm, request->rec, &rec)) {
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_NOT_FOUND,
		    "there is no REC at %#" PRIx64, request->rec);
		return false;
	}
	return !request->has_rd ||
	    control_realm(session, id, request->rd, &realm);
}

/* A script comes as its text, and a script must come so. */
static bool
take_script(struct session *session, uint64_t id,
    const Rmmd__SetRealmRequest *request, struct role *role)
{
	const char *name =
	    request->script_name == NULL ? "script" : request->script_name;
	char why[SCRIPT_ERROR_MAX];

	if ((role->kind == &actor_script) != request->has_script) {
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_ARGUMENT,
		    "a text is needed for a script, and for nothing else");
		return false;
	}
	if (!request->has_script)
		return true;
	role->script = script_parse(name, (const char *)request->script.data,
	    request->script.len, why, sizeof(why));
	if (role->script == NULL)
		session_refuse(
		    session, id, RMMD__ERROR_CODE__ERROR_ARGUMENT, "%s", why);
	return role->script != NULL;
}

void
control_set_realm(
    struct session *session, uint64_t id, const Rmmd__SetRealmRequest *request)
{
	struct role role = { .kind = actor_kind_find(request->who) };
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__SetRealmReply body = RMMD__SET_REALM_REPLY__INIT;

	if (role.kind == NULL) {
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_ARGUMENT,
		    "a realm is " ACTOR_KINDS ", not what was asked for");
		return;
	}
	if (!target_is_there(session, id, request) ||
	    !take_script(session, id, request, &role))
		return;
	if (!actors_set(&session->server->actors,
		request->has_rec ? request->rec : ACTOR_ANY,
		request->has_rd ? request->rd : ACTOR_ANY, role)) {
		script_free(role.script);
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_BUSY,
		    "too many RECs and realms have a setting of their own");
		return;
	}
	log_at(LOG_INFO, "%s: sets a realm to %s%s%s", session_who(session),
	    role.kind->name, role.script == NULL ? "" : " ",
	    role.script == NULL ? "" : script_name(role.script));
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_SET_REALM;
	reply.set_realm = &body;
	session_reply(session, &reply);
}
