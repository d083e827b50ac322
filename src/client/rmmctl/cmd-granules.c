/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmmctl granules: runs of granules that are in the same state.  The daemon
 * tells of those that are not UNDELEGATED; what lies between them in the banks
 * is worked out here.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "rmmctl.h"

#define UNDELEGATED "UNDELEGATED"

struct run {
	uint64_t pa;
	uint64_t count;
	struct ctl_granule granule; /* of the first */
};

struct listing {
	json_t *json;			 /* NULL: print text */
	bool gaps;			 /* list UNDELEGATED runs */
	bool others;			 /* list the others */
	const Rmmd__StatusReply *status; /* set if gaps */
	uint64_t cursor;		 /* all below it is listed */
	struct run pending;		 /* not yet listed: it may go on */
};

/* What a granule's "where" is called, by its state. */
static const char *
where_name(const char *state)
{
	if (strcmp(state, "REC_AUX") == 0)
		return "rec";
	return "ipa";
}

static void
print_owner(const struct ctl_granule *g)
{
	if (g->has_rd)
		printf(" rd=0x%" PRIx64, g->rd);
	if (g->has_where)
		printf(" %s=0x%" PRIx64, where_name(g->state), g->where);
	if (g->has_level)
		printf(" level=%d", g->level);
	putchar('\n');
}

void
ctl_show_granule(const struct ctl_granule *g)
{
	printf("granule 0x%" PRIx64 " %s", g->pa, g->state);
	print_owner(g);
}

static enum ctl_exit
list_run(struct listing *list, const struct run *run)
{
	const struct ctl_granule *g = &run->granule;
	char size[CTL_SIZE_TEXT];
	json_t *row;

	if (list->json == NULL) {
		ctl_size(size, run->count * GRANULE_SIZE);
		printf("0x%" PRIx64 "-0x%" PRIx64 " %8" PRIu64 " %10s  %s",
		    run->pa, run->pa + run->count * GRANULE_SIZE - 1,
		    run->count, size, g->state);
		print_owner(g);
		return CTL_OK;
	}
	row = json_pack("{s:o, s:I, s:o}", "pa", ctl_json_address(run->pa),
	    "count", (json_int_t)run->count, "state", ctl_json_text(g->state));
	if (g->has_rd)
		json_object_set_new(row, "rd", ctl_json_address(g->rd));
	if (g->has_where)
		json_object_set_new(
		    row, where_name(g->state), ctl_json_address(g->where));
	if (g->has_level)
		json_object_set_new(row, "level", json_integer(g->level));
	return row != NULL && json_array_append_new(list->json, row) == 0
	    ? CTL_OK
	    : ctl_out_of_memory();
}

static enum ctl_exit
flush_pending(struct listing *list)
{
	enum ctl_exit rc = CTL_OK;

	if (list->pending.count > 0)
		rc = list_run(list, &list->pending);
	list->pending.count = 0;
	return rc;
}

/* List what lies between the cursor and to in the banks of DRAM. */
static enum ctl_exit
list_gap(struct listing *list, uint64_t to)
{
	for (size_t i = 0; list->gaps && i < list->status->n_banks; i++) {
		const Rmmd__Bank *bank = list->status->banks[i];
		uint64_t lo = bank->pa > list->cursor ? bank->pa : list->cursor;
		uint64_t end = bank->pa + bank->size;
		uint64_t hi = end < to ? end : to;
		struct run run = { .pa = lo, .granule.state = UNDELEGATED };
		enum ctl_exit rc;

		if (bank->kind != RMMD__BANK_KIND__BANK_DRAM || lo >= hi)
			continue;
		run.count = (hi - lo) / GRANULE_SIZE;
		rc = list_run(list, &run);
		if (rc != CTL_OK)
			return rc;
	}
	list->cursor = to;
	return CTL_OK;
}

/* Whether run goes on where the pending one ends. */
static bool
continues(const struct run *pending, const struct run *run)
{
	const struct ctl_granule *a = &pending->granule;
	const struct ctl_granule *b = &run->granule;

	return pending->count > 0 && !a->has_where && !b->has_where &&
	    pending->pa + pending->count * GRANULE_SIZE == run->pa &&
	    strcmp(a->state, b->state) == 0 && a->has_rd == b->has_rd &&
	    (!a->has_rd || a->rd == b->rd);
}

static enum ctl_exit
add_run(struct listing *list, const Rmmd__GranuleRun *r)
{
	struct run run = { .pa = r->pa, .count = r->count };
	struct ctl_granule *g = &run.granule;
	enum ctl_exit rc;

	snprintf(g->state, sizeof(g->state), "%s", ctl_safe(r->state));
	g->has_rd = r->has_rd;
	g->rd = r->rd;
	g->has_where = r->has_where;
	g->where = r->where;
	g->has_level = r->has_level;
	g->level = r->level;
	if (continues(&list->pending, &run)) {
		list->pending.count += run.count;
		list->cursor = run.pa + run.count * GRANULE_SIZE;
		return CTL_OK;
	}
	rc = flush_pending(list);
	if (rc == CTL_OK)
		rc = list_gap(list, run.pa);
	list->cursor = run.pa + run.count * GRANULE_SIZE;
	if (list->others)
		list->pending = run;
	return rc;
}

static Rmmd__Reply *
get_granules(struct ctl *ctl, uint64_t start, const char *state)
{
	Rmmd__GranulesRequest body = RMMD__GRANULES_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;

	body.has_start = true;
	body.start = start;
	body.state = (char *)state;
	request.body_case = RMMD__REQUEST__BODY_GRANULES;
	request.granules = &body;
	return ctl_request(ctl, &request, RMMD__REPLY__BODY_GRANULES);
}

static enum ctl_exit
list_all(struct ctl *ctl, struct listing *list, const char *state)
{
	enum ctl_exit rc = CTL_OK;
	uint64_t start = 0;
	bool more = true;

	while (more && rc == CTL_OK) {
		CTL_REPLY reply = get_granules(ctl, start, state);

		if (reply == NULL)
			return CTL_FAILED;
		for (size_t i = 0; i < reply->granules->n_runs && rc == CTL_OK;
		     i++)
			rc = add_run(list, reply->granules->runs[i]);
		more =
		    reply->granules->has_next && reply->granules->next > start;
		start = reply->granules->next;
	}
	if (rc == CTL_OK)
		rc = flush_pending(list);
	return rc != CTL_OK ? rc : list_gap(list, UINT64_MAX);
}

static enum ctl_exit
run_listing(struct ctl *ctl, const char *state, bool all)
{
	bool gaps_only = state != NULL && strcmp(state, UNDELEGATED) == 0;
	struct listing list = {
		.gaps = all || gaps_only,
		.others = !gaps_only,
	};
	CTL_REPLY status = NULL;
	enum ctl_exit rc;

	if (list.gaps) {
		status = ctl_get_status(ctl);
		if (status == NULL)
			return CTL_FAILED;
		list.status = status->status;
	}
	list.json = ctl->json ? json_array() : NULL;
	rc = list_all(ctl, &list, gaps_only ? NULL : state);
	if (rc == CTL_OK && ctl->json)
		return ctl_json_print(json_pack("{s:o}", "runs", list.json));
	json_decref(list.json);
	return rc;
}

enum { STATE, ALL };

static enum ctl_exit
run(struct ctl *ctl)
{
	static const char *const states[] = { UNDELEGATED, "DELEGATED", "RD",
		"REC", "REC_AUX", "DATA", "RTT" };
	const char *wanted = ctl->option[STATE];

	if (wanted == NULL)
		return run_listing(ctl, NULL, ctl->option[ALL] != NULL);
	if (ctl->option[ALL] != NULL)
		return ctl_usage_error("--state and --all exclude each other");
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (strcasecmp(states[i], wanted) == 0)
			return run_listing(ctl, states[i], false);
	}
	return ctl_usage_error("--state %s: the states are UNDELEGATED,"
			       " DELEGATED, RD, REC, REC_AUX, DATA and RTT",
	    ctl_safe(wanted));
}

const struct ctl_command ctl_granules = {
	.name = "granules",
	.usage = "",
	.summary = "List the granules that are in use, as runs of equals",
	.options = {
		[STATE] = { "state", "STATE", "only granules in this state" },
		[ALL] = { "all", NULL, "UNDELEGATED granules as well" },
	},
	.run = run,
};
