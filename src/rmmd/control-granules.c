/* SPDX-License-Identifier: BSD-3-Clause */
/* The control role: granules, as runs of neighbours that are alike. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "control.h"

#define NOT_UNDELEGATED (~(1u << RMM_GRANULE_UNDELEGATED))

struct collection {
	const struct machine *machine;
	Rmmd__GranulesReply *body;
	Rmmd__GranuleRun *runs;
	size_t page;
};

/* The next run of the page, or NULL when the page is full: go on at pa. */
static Rmmd__GranuleRun *
new_run(struct collection *to, uint64_t pa)
{
	Rmmd__GranuleRun *run;

	if (to->body->n_runs == to->page) {
		to->body->has_next = true;
		to->body->next = pa;
		return NULL;
	}
	run = &to->runs[to->body->n_runs];
	to->body->runs[to->body->n_runs] = run;
	to->body->n_runs++;
	rmmd__granule_run__init(run);
	run->pa = pa;
	run->count = 1;
	return run;
}

static bool
has_where(enum rmm_granule_state state)
{
	return state == RMM_GRANULE_DATA || state == RMM_GRANULE_RTT ||
	    state == RMM_GRANULE_REC_AUX;
}

static bool
fill_run(struct collection *to, const struct rmm_granule_info *granule)
{
	Rmmd__GranuleRun *run = new_run(to, granule->pa);

	if (run == NULL)
		return false;
	run->state = control_text(rmm_granule_state_name(granule->state));
	run->has_rd =
	    granule->rd != 0 || granule->state > RMM_GRANULE_DELEGATED;
	run->rd = granule->rd;
	run->has_where = has_where(granule->state);
	run->where = granule->where;
	run->has_level = granule->state == RMM_GRANULE_RTT;
	run->level = granule->level;
	return true;
}

/* Every granule whose state is in mask. */
static void
collect_states(struct collection *to, uint64_t at, unsigned mask)
{
	const struct rmm *rmm = to->machine->rmm;
	struct rmm_granule_info granule, last = { .pa = UINT64_MAX };
	Rmmd__GranuleRun *run;
	size_t visits = 0;

	while (rmm_granule_next(rmm, at, mask, &granule)) {
		if (visits++ == CONTROL_MAX_VISITS) {
			to->body->has_next = true;
			to->body->next = granule.pa;
			return;
		}
		at = granule.pa + GRANULE_SIZE;
		if (to->body->n_runs > 0 && !has_where(granule.state) &&
		    granule.pa == last.pa + GRANULE_SIZE &&
		    granule.state == last.state && granule.rd == last.rd) {
			run = &to->runs[to->body->n_runs - 1];
			run->count++;
		} else if (!fill_run(to, &granule)) {
			return;
		}
		last = granule;
	}
}

/* The UNDELEGATED runs of one bank.  false: the page is full. */
static bool
collect_gaps(struct collection *to, const struct machine_bank *bank,
    uint64_t at, size_t *visits)
{
	uint64_t end = bank->base + bank->size, next;
	struct rmm_granule_info granule;
	Rmmd__GranuleRun *run;

	while (at < end) {
		if ((*visits)++ == CONTROL_MAX_VISITS) {
			to->body->has_next = true;
			to->body->next = at;
			return false;
		}
		next = end;
		if (rmm_granule_next(
			to->machine->rmm, at, NOT_UNDELEGATED, &granule) &&
		    granule.pa < end)
			next = granule.pa;
		if (next > at) {
			run = new_run(to, at);
			if (run == NULL)
				return false;
			run->state = control_text(
			    rmm_granule_state_name(RMM_GRANULE_UNDELEGATED));
			run->count = (next - at) / GRANULE_SIZE;
		}
		at = next + GRANULE_SIZE;
	}
	return true;
}

static void
collect_undelegated(struct collection *to, uint64_t at)
{
	const struct machine_bank *bank;
	size_t i, visits = 0;

	for (i = 0; i < to->machine->num_banks; i++) {
		bank = &to->machine->banks[i];
		if (bank->kind == RMM_BANK_DRAM &&
		    !collect_gaps(
			to, bank, at > bank->base ? at : bank->base, &visits))
			return;
	}
}

/* The states a request asks for, as a mask.  0: no such state. */
static unsigned
wanted(const char *name)
{
	enum rmm_granule_state state;

	if (name == NULL)
		return NOT_UNDELEGATED;
	for (state = 0; state < RMM_GRANULE_STATES; state++)
		if (strcmp(name, rmm_granule_state_name(state)) == 0)
			return 1u << state;
	return 0;
}

void
control_granules(
    struct session *session, uint64_t id, const Rmmd__GranulesRequest *request)
{
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__GranulesReply body = RMMD__GRANULES_REPLY__INIT;
	Rmmd__GranuleRun *pointers[CONTROL_MAX_RUNS];
	struct collection to = { session->server->machine, &body, NULL, 0 };
	unsigned mask = wanted(request->state);
	uint64_t start = request->start & ~(uint64_t)(GRANULE_SIZE - 1);

	if (mask == 0) {
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_ARGUMENT,
		    "no granule state is called \"%.32s\"", request->state);
		return;
	}
	to.page = control_page(session, id, request->limit, CONTROL_MAX_RUNS);
	if (to.page == 0)
		return;
	to.runs = control_array(session, id, to.page, sizeof(*to.runs));
	if (to.runs == NULL)
		return;
	body.runs = pointers;
	if (mask == 1u << RMM_GRANULE_UNDELEGATED)
		collect_undelegated(&to, start);
	else
		collect_states(&to, start, mask);
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_GRANULES;
	reply.granules = &body;
	session_reply(session, &reply);
	free(to.runs);
}
