/* SPDX-License-Identifier: BSD-3-Clause */
/* The steps of each realm's measurement: a bounded vector per realm. */
#include "config.h"

#include <stdlib.h>

#include "rim-log.h"

#define BUCKETS	   256u
#define FIRST_ROOM 64u

struct rim_log {
	uint64_t limit; /* of one realm */
	uint64_t total; /* kept now */
	struct rim_history *buckets[BUCKETS];
};

static struct rim_history **
bucket_of(struct rim_log *rims, uint64_t rd)
{
	return &rims->buckets[rd / GRANULE_SIZE % BUCKETS];
}

static struct rim_history **
place_of(struct rim_log *rims, uint64_t rd)
{
	struct rim_history **at = bucket_of(rims, rd);

	while (*at != NULL && (*at)->rd != rd)
		at = &(*at)->next;
	return at;
}

struct rim_log *
rim_log_new(uint64_t limit)
{
	struct rim_log *rims = calloc(1, sizeof(*rims));

	if (rims != NULL)
		rims->limit = limit;
	return rims;
}

static void
remove_at(struct rim_log *rims, struct rim_history **at)
{
	struct rim_history *gone = *at;

	*at = gone->next;
	rims->total -= gone->num;
	free(gone->steps);
	free(gone);
}

void
rim_log_drop(struct rim_log *rims, uint64_t rd)
{
	struct rim_history **at = place_of(rims, rd);

	if (*at != NULL)
		remove_at(rims, at);
}

void
rim_log_clear(struct rim_log *rims)
{
	size_t i;

	for (i = 0; i < BUCKETS; i++)
		while (rims->buckets[i] != NULL)
			remove_at(rims, &rims->buckets[i]);
}

void
rim_log_free(struct rim_log *rims)
{
	if (rims == NULL)
		return;
	rim_log_clear(rims);
	free(rims);
}

/* Room for one more step, if the bounds and the memory allow it. */
static bool
make_room(struct rim_log *rims, struct rim_history *history)
{
	struct rmm_rim_step *steps;
	size_t room;

	if (history->num >= rims->limit ||
	    rims->total / RIM_LOG_REALMS >= rims->limit)
		return false;
	if (history->num < history->room)
		return true;
	room = history->room == 0 ? FIRST_ROOM : 2 * history->room;
	if (room > rims->limit)
		room = (size_t)rims->limit;
	steps = realloc(history->steps, room * sizeof(*steps));
	if (steps == NULL)
		return false;
	history->steps = steps;
	history->room = room;
	return true;
}

void
rim_log_add(struct rim_log *rims, const struct rmm_rim_step *step)
{
	struct rim_history **at, *history;

	if (step->kind == RMM_RIM_INIT)
		rim_log_drop(rims, step->rd);
	at = place_of(rims, step->rd);
	if (*at == NULL)
		*at = calloc(1, sizeof(**at));
	history = *at;
	if (history == NULL)
		return;
	history->rd = step->rd;
	/* Never a step after one that is missing. */
	if (history->dropped == 0 && make_room(rims, history)) {
		history->steps[history->num++] = *step;
		rims->total++;
	} else {
		history->dropped++;
	}
}

const struct rim_history *
rim_log_find(const struct rim_log *rims, uint64_t rd)
{
	const struct rim_history *history;

	history = rims->buckets[rd / GRANULE_SIZE % BUCKETS];
	while (history != NULL && history->rd != rd)
		history = history->next;
	return history;
}
