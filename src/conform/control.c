/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the control socket tells, where there is one: states of granules, and
 * of a realm what no command returns.
 */
#include "conform.h"

#include <string.h>

#include "channel.h"

uint64_t
hash_bytes(uint64_t hash, const void *data, size_t size)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ p[i]) * 0x100000001b3ull;
	return hash;
}

bool
control_open(struct conform *c, const char *path)
{
	if (path != NULL && strcmp(path, "none") == 0)
		return true;
	c->control =
	    channel_connect(path, RMMD__ROLE__ROLE_CONTROL, "rmm-conform");
	return c->control != NULL || path == NULL;
}

void
control_close(struct conform *c)
{
	channel_close(c->control);
	c->control = NULL;
}

static Rmmd__Reply *
ask(struct conform *c, Rmmd__Request *request)
{
	Rmmd__Reply *reply = NULL;

	if (channel_request(c->control, request, &reply, NULL) < 0)
		return NULL;
	return reply;
}

/* The kit's own name of a state: it outlives the reply. */
static const char *
state_name(const char *name)
{
	static const char *const names[] = { "UNDELEGATED", "DELEGATED", "RD",
		"REC", "REC_AUX", "DATA", "RTT" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i], name) == 0)
			return names[i];
	return "?";
}

/* One reply's runs; returns where the next begin, or 0. */
static uint64_t
note_runs(const Rmmd__GranulesReply *reply, uint64_t base, unsigned num,
    const char **states)
{
	for (size_t i = 0; i < reply->n_runs; i++) {
		const Rmmd__GranuleRun *run = reply->runs[i];
		const char *name = state_name(run->state);

		for (uint64_t k = 0; k < run->count; k++) {
			uint64_t n = (run->pa - base) / GRANULE_SIZE + k;

			if (run->pa < base || n >= num)
				return 0;
			states[n] = name;
		}
	}
	return reply->has_next ? reply->next : 0;
}

bool
control_states(
    struct conform *c, uint64_t base, unsigned num, const char **states)
{
	Rmmd__GranulesRequest body = RMMD__GRANULES_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Reply *reply;
	uint64_t next = base;

	for (unsigned i = 0; i < num; i++)
		states[i] = "UNDELEGATED";
	if (c->control == NULL)
		return false;
	request.body_case = RMMD__REQUEST__BODY_GRANULES;
	request.granules = &body;
	body.has_start = body.has_limit = 1;
	/* More than one run a granule there is not; a run counts whole. */
	body.limit = num > 200 ? 1024 : 200;
	while (next != 0 && next < base + num * (uint64_t)GRANULE_SIZE) {
		body.start = next;
		reply = ask(c, &request);
		if (reply == NULL)
			return false;
		next = note_runs(reply->granules, base, num, states);
		channel_free_reply(reply);
		if (next <= body.start)
			break;
	}
	return true;
}

static uint64_t
hash_string(const char *s)
{
	return hash_bytes(HASH_START, s, strlen(s));
}

static void
view_realm(struct realm_view *view, const Rmmd__Realm *r)
{
	uint64_t params[] = { r->ipa_width, hash_string(r->hash_algo), r->vmid,
		(uint64_t)r->lpa2, r->rtt_base, (uint64_t)r->rtt_level_start,
		r->rtt_num_start,
		hash_bytes(HASH_START, r->rpv.data, r->rpv.len) };
	uint64_t rems = HASH_START;

	for (size_t i = 0; i < r->n_rems; i++)
		rems = hash_bytes(rems, r->rems[i].data, r->rems[i].len);
	view->exists = true;
	view->field[REALM_STATE] = hash_string(r->state);
	view->field[REALM_NUM_RECS] = r->num_recs;
	view->field[REALM_NUM_DATA] = r->num_data;
	view->field[REALM_NUM_RTTS] = r->num_rtts;
	view->field[REALM_PARAMS] =
	    hash_bytes(HASH_START, params, sizeof params);
	view->field[REALM_RIM] =
	    hash_bytes(HASH_START, r->rim.data, r->rim.len);
	view->field[REALM_REM] = rems;
	memcpy(view->rim, r->rim.data,
	    r->rim.len < sizeof view->rim ? r->rim.len : sizeof view->rim);
}

static uint64_t
view_recs(struct conform *c, uint64_t rd)
{
	Rmmd__RecsRequest body = RMMD__RECS_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Reply *reply;
	uint64_t hash = HASH_START;

	body.rd = rd;
	request.body_case = RMMD__REQUEST__BODY_RECS;
	request.recs = &body;
	reply = ask(c, &request);
	if (reply == NULL)
		return 0;
	for (size_t i = 0; i < reply->recs->n_recs; i++) {
		const Rmmd__Rec *rec = reply->recs->recs[i];
		uint64_t v[] = { rec->rec, rec->mpidr,
			(uint64_t)rec->running | (uint64_t)rec->runnable << 1 |
			    (uint64_t)rec->psci_pending << 2,
			rec->pc };

		hash = hash_bytes(hash, v, sizeof v);
		hash =
		    hash_bytes(hash, rec->aux, rec->n_aux * sizeof *rec->aux);
	}
	channel_free_reply(reply);
	return hash;
}

bool
control_realm(struct conform *c, uint64_t rd, struct realm_view *view)
{
	Rmmd__RealmsRequest body = RMMD__REALMS_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Reply *reply;

	memset(view, 0, sizeof *view);
	if (c->control == NULL)
		return false;
	body.has_start = body.has_limit = 1;
	body.start = rd;
	body.limit = 1;
	request.body_case = RMMD__REQUEST__BODY_REALMS;
	request.realms = &body;
	reply = ask(c, &request);
	if (reply == NULL)
		return false;
	if (reply->realms->n_realms != 0 && reply->realms->realms[0]->rd == rd)
		view_realm(view, reply->realms->realms[0]);
	channel_free_reply(reply);
	if (view->exists)
		view->field[REALM_RECS] = view_recs(c, rd);
	return true;
}

int
control_interrupt(struct conform *c, uint64_t rec)
{
	Rmmd__InterruptRequest body = RMMD__INTERRUPT_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Reply *reply;
	int exited;

	body.rec = rec;
	request.body_case = RMMD__REQUEST__BODY_INTERRUPT;
	request.interrupt = &body;
	reply = c->control == NULL ? NULL : ask(c, &request);
	if (reply == NULL)
		return -1;
	exited = reply->interrupt->exited;
	channel_free_reply(reply);
	return exited;
}
