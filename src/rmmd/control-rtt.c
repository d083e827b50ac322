/* SPDX-License-Identifier: BSD-3-Clause */
/* The control role: a realm's translation tree, as runs of like entries. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "control.h"

struct walk {
	const struct rmm *rmm;
	uint64_t rd;
	Rmmd__RttReply *body;
	Rmmd__RttRun *runs;
	size_t page;
	struct rmm_rtte_info first, last; /* of the run that is open */
};

static bool
has_addr(const struct rmm_rtte_info *entry)
{
	return entry->state == RMM_ASSIGNED ||
	    entry->state == RMM_ASSIGNED_NS || entry->state == RMM_TABLE;
}

static bool
has_ripas(const struct rmm_rtte_info *entry)
{
	return entry->state == RMM_UNASSIGNED || entry->state == RMM_ASSIGNED;
}

/* Does the entry go on where the open run ends? */
static bool
continues(const struct walk *walk, const struct rmm_rtte_info *entry)
{
	const struct rmm_rtte_info *last = &walk->last;
	uint64_t size = rmm_rtte_size(entry->level);

	if (walk->body->n_runs == 0 || entry->state == RMM_TABLE ||
	    entry->rtt != last->rtt || entry->level != last->level ||
	    entry->ipa != last->ipa + size || entry->state != last->state)
		return false;
	if (has_ripas(entry) && entry->ripas != last->ripas)
		return false;
	/* The same attributes, at the next address. */
	return !has_addr(entry) ||
	    (entry->addr == last->addr + size &&
		entry->desc == last->desc + size);
}

/* false: the page is full. */
static bool
add_entry(struct walk *walk, const struct rmm_rtte_info *entry)
{
	Rmmd__RttReply *body = walk->body;
	Rmmd__RttRun *run;

	if (continues(walk, entry)) {
		walk->runs[body->n_runs - 1].count++;
		walk->last = *entry;
		return true;
	}
	if (body->n_runs == walk->page)
		return false;
	run = body->runs[body->n_runs] = &walk->runs[body->n_runs];
	body->n_runs++;
	rmmd__rtt_run__init(run);
	run->ipa = entry->ipa;
	run->level = entry->level;
	run->rtt = entry->rtt;
	run->count = 1;
	run->state = control_text(rmm_rtte_state_name(entry->state));
	if (has_ripas(entry))
		run->ripas = control_text(rmm_ripas_name(entry->ripas));
	run->has_addr = has_addr(entry);
	run->addr = entry->addr;
	run->has_desc = true;
	run->desc = entry->desc;
	walk->last = *entry;
	return true;
}

static void
walk_tree(struct walk *walk, uint64_t ipa, int level)
{
	uint64_t from_ipa = ipa;
	int from_level = level;
	struct rmm_rtte_info entry;
	size_t visits = 0;

	while (rmm_rtt_next(walk->rmm, walk->rd, &ipa, &level, &entry)) {
		if (visits++ == CONTROL_MAX_VISITS ||
		    !add_entry(walk, &entry)) {
			walk->body->has_next_ipa = true;
			walk->body->next_ipa = from_ipa;
			walk->body->has_next_level = true;
			walk->body->next_level = from_level;
			return;
		}
		from_ipa = ipa;
		from_level = level;
	}
}

/* The entry at each level that translates ipa, down to the leaf. */
static void
walk_down(struct walk *walk, uint64_t ipa, int level)
{
	struct rmm_rtte_info entry;
	uint64_t at;
	int at_level;

	for (; level <= 3; level++) {
		at = ipa & ~(rmm_rtte_size(level) - 1);
		at_level = level;
		if (!rmm_rtt_next(
			walk->rmm, walk->rd, &at, &at_level, &entry) ||
		    entry.level != level || !add_entry(walk, &entry) ||
		    entry.state != RMM_TABLE)
			return;
	}
}

static void
reply_tree(struct session *session, uint64_t id,
    const Rmmd__RttRequest *request, int level, struct walk *walk)
{
	Rmmd__Reply reply = RMMD__REPLY__INIT;

	if (request->has_only_ipa)
		walk_down(walk, request->only_ipa, level);
	else
		walk_tree(walk, request->ipa,
		    request->has_level ? request->level : level);
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_RTT;
	reply.rtt = walk->body;
	session_reply(session, &reply);
}

void
control_rtt(
    struct session *session, uint64_t id, const Rmmd__RttRequest *request)
{
	Rmmd__RttReply body = RMMD__RTT_REPLY__INIT;
	Rmmd__RttRun *pointers[CONTROL_MAX_RUNS];
	struct walk walk = { .rmm = session->server->machine->rmm,
		.rd = request->rd,
		.body = &body };
	struct rmm_realm_info realm;
	uint64_t ipa, end;

	walk.page = control_page(session, id, request->limit, CONTROL_MAX_RUNS);
	if (walk.page == 0 || !control_realm(session, id, request->rd, &realm))
		return;
	ipa = request->has_only_ipa ? request->only_ipa : request->ipa;
	end = 1ull << realm.ipa_width;
	if (ipa >= end ||
	    (request->has_level &&
		(request->level < realm.rtt_level_start ||
		    request->level > 3))) {
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_ARGUMENT,
		    "IPA %#" PRIx64 ", level %d: this realm has IPAs below "
		    "%#" PRIx64 ", and levels %d to 3",
		    ipa, request->level, end, realm.rtt_level_start);
		return;
	}
	walk.runs = control_array(session, id, walk.page, sizeof(*walk.runs));
	if (walk.runs == NULL)
		return;
	body.runs = pointers;
	reply_tree(session, id, request, realm.rtt_level_start, &walk);
	free(walk.runs);
}
