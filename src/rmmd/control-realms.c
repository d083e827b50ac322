/* SPDX-License-Identifier: BSD-3-Clause */
/* The control role: realms, their RECs, and how each RIM came about. */
#include "config.h"

#include <stdlib.h>

#include "control.h"

/* ---- Realms ------------------------------------------------------------ */

struct realm_item {
	struct rmm_realm_info info;
	Rmmd__Realm message;
	ProtobufCBinaryData rems[4];
};

static void
fill_realm(struct realm_item *item)
{
	struct rmm_realm_info *info = &item->info;
	Rmmd__Realm *to = &item->message;
	size_t i;

	rmmd__realm__init(to);
	to->rd = info->rd;
	to->state = control_text(rmm_realm_state_name(info->state));
	to->ipa_width = info->ipa_width;
	to->hash_algo = control_text(control_hash_name(info->hash_algo));
	to->vmid = info->vmid;
	to->lpa2 = info->lpa2;
	to->rpv.data = info->rpv;
	to->rpv.len = sizeof(info->rpv);
	to->rtt_base = info->rtt_base;
	to->rtt_level_start = info->rtt_level_start;
	to->rtt_num_start = info->rtt_num_start;
	to->num_recs = info->num_recs;
	to->num_data = info->num_data;
	to->num_rtts = info->num_rtts;
	to->rim.data = info->measurements[0];
	to->rim.len = sizeof(info->measurements[0]);
	for (i = 0; i < 4; i++) {
		item->rems[i].data = info->measurements[i + 1];
		item->rems[i].len = sizeof(info->measurements[i + 1]);
	}
	to->n_rems = 4;
	to->rems = item->rems;
}

void
control_realms(
    struct session *session, uint64_t id, const Rmmd__RealmsRequest *request)
{
	const struct rmm *rmm = session->server->machine->rmm;
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__RealmsReply body = RMMD__REALMS_REPLY__INIT;
	Rmmd__Realm *pointers[CONTROL_MAX_REALMS];
	struct rmm_realm_info info;
	struct realm_item *items;
	uint64_t at = request->start;
	size_t page;

	page = control_page(session, id, request->limit, CONTROL_MAX_REALMS);
	if (page == 0)
		return;
	items = control_array(session, id, page, sizeof(*items));
	if (items == NULL)
		return;
	while (rmm_realm_next(rmm, at, &info)) {
		if (body.n_realms == page) {
			body.has_next = true;
			body.next = info.rd;
			break;
		}
		items[body.n_realms].info = info;
		fill_realm(&items[body.n_realms]);
		pointers[body.n_realms] = &items[body.n_realms].message;
		body.n_realms++;
		at = info.rd + GRANULE_SIZE;
	}
	body.realms = pointers;
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_REALMS;
	reply.realms = &body;
	session_reply(session, &reply);
	free(items);
}

/* ---- RECs -------------------------------------------------------------- */

struct rec_item {
	struct rmm_rec_info info;
	Rmmd__Rec message;
};

static void
fill_pending(const struct rmm_rec_info *info, Rmmd__Rec *to)
{
	to->psci_pending = info->psci_pending;
	to->has_host_call_pending = true;
	to->host_call_pending = info->host_call_pending;
	to->has_emulatable_abort = true;
	to->emulatable_abort = info->emulatable_abort;
	if (info->ripas_addr == info->ripas_top)
		return;
	to->has_ripas_addr = to->has_ripas_top = true;
	to->ripas_addr = info->ripas_addr;
	to->ripas_top = info->ripas_top;
	to->ripas_value =
	    control_text(rmm_ripas_name((enum rmi_ripas)info->ripas_value));
}

static void
fill_rec(const struct server *server, struct rec_item *item)
{
	struct rmm_rec_info *info = &item->info;
	Rmmd__Rec *to = &item->message;

	rmmd__rec__init(to);
	to->rec = info->rec;
	to->mpidr = info->mpidr;
	to->running = info->running;
	to->runnable = info->runnable;
	to->pc = info->pc;
	to->n_aux = info->num_aux;
	to->aux = info->aux;
	to->who =
	    control_text(actors_who(&server->actors, info->rec, info->rd));
	fill_pending(info, to);
}

/* The realm's RECs from request->start on. */
static void
collect_recs(const struct server *server, const Rmmd__RecsRequest *request,
    struct rec_item *items, size_t page, Rmmd__RecsReply *body)
{
	const struct rmm *rmm = server->machine->rmm;
	struct rmm_granule_info granule;
	uint64_t at = request->start;
	size_t visits = 0;

	while (rmm_granule_next(rmm, at, 1u << RMM_GRANULE_REC, &granule)) {
		if (body->n_recs == page || visits++ == CONTROL_MAX_VISITS) {
			body->has_next = true;
			body->next = granule.pa;
			return;
		}
		at = granule.pa + GRANULE_SIZE;
		if (granule.rd != request->rd ||
		    !rmm_rec(rmm, granule.pa, &items[body->n_recs].info))
			continue;
		fill_rec(server, &items[body->n_recs]);
		body->recs[body->n_recs] = &items[body->n_recs].message;
		body->n_recs++;
	}
}

void
control_recs(
    struct session *session, uint64_t id, const Rmmd__RecsRequest *request)
{
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__RecsReply body = RMMD__RECS_REPLY__INIT;
	Rmmd__Rec *pointers[CONTROL_MAX_RECS];
	struct rmm_realm_info realm;
	struct rec_item *items;
	size_t page;

	page = control_page(session, id, request->limit, CONTROL_MAX_RECS);
	if (page == 0 || !control_realm(session, id, request->rd, &realm))
		return;
	items = control_array(session, id, page, sizeof(*items));
	if (items == NULL)
		return;
	body.recs = pointers;
	collect_recs(session->server, request, items, page, &body);
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_RECS;
	reply.recs = &body;
	session_reply(session, &reply);
	free(items);
}

/* ---- RIM --------------------------------------------------------------- */

static const char *
rim_kind_name(enum rmm_rim_kind kind)
{
	static const char *const names[] = {
		[RMM_RIM_INIT] = "INIT",
		[RMM_RIM_DATA] = "DATA",
		[RMM_RIM_REC] = "REC",
		[RMM_RIM_RIPAS] = "RIPAS",
	};

	return names[kind];
}

static void
fill_step(Rmmd__RimStep *to, uint64_t number, const struct rmm_rim_step *step,
    size_t hash_size)
{
	bool unmeasured = step->kind == RMM_RIM_DATA &&
	    (step->flags & RMI_MEASURE_CONTENT) == 0;

	rmmd__rim_step__init(to);
	to->number = number;
	to->kind = control_text(rim_kind_name(step->kind));
	to->has_ipa = step->kind == RMM_RIM_DATA || step->kind == RMM_RIM_RIPAS;
	to->ipa = step->base;
	to->has_top = step->kind == RMM_RIM_RIPAS;
	to->top = step->top;
	to->has_flags = step->kind != RMM_RIM_RIPAS;
	to->flags = step->flags;
	to->has_content = step->kind != RMM_RIM_RIPAS && !unmeasured;
	to->content.data = (uint8_t *)(uintptr_t)step->content;
	to->content.len = hash_size;
	to->rim.data = (uint8_t *)(uintptr_t)step->rim;
	to->rim.len = hash_size;
}

void
control_rim(
    struct session *session, uint64_t id, const Rmmd__RimRequest *request)
{
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__RimReply body = RMMD__RIM_REPLY__INIT;
	Rmmd__RimStep *pointers[CONTROL_MAX_STEPS], *steps;
	const struct rim_history *history;
	struct rmm_realm_info realm;
	size_t page, hash_size;
	uint64_t at = request->start;

	page = control_page(session, id, request->limit, CONTROL_MAX_STEPS);
	if (page == 0 || !control_realm(session, id, request->rd, &realm))
		return;
	steps = control_array(session, id, page, sizeof(*steps));
	if (steps == NULL)
		return;
	hash_size = control_hash_size(realm.hash_algo);
	history = rim_log_find(session->server->machine->rims, request->rd);
	body.hash_algo = control_text(control_hash_name(realm.hash_algo));
	body.rim.data = realm.measurements[0];
	body.rim.len = hash_size;
	body.steps = pointers;
	if (history != NULL) {
		body.steps_total = history->num + history->dropped;
		body.has_dropped = history->dropped > 0;
		body.dropped = history->dropped;
	}
	for (; history != NULL && at < history->num && body.n_steps < page;
	     at++) {
		fill_step(
		    &steps[body.n_steps], at, &history->steps[at], hash_size);
		pointers[body.n_steps] = &steps[body.n_steps];
		body.n_steps++;
	}
	body.has_next = history != NULL && at < history->num;
	body.next = at;
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_RIM;
	reply.rim = &body;
	session_reply(session, &reply);
	free(steps);
}
