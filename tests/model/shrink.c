/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Shrinking: leave out steps, as many at once as possible, as long as what is
 * left fails in the same way; then make what the host writes plain.
 */
#include "config.h"

#include "model.h"

#include <stdlib.h>
#include <string.h>

struct shrinker {
	struct pair *pair;
	const char *kind; /* of the failure that must stay */
	struct verdict verdict;
	unsigned trials;
	struct sequence *best;
	struct sequence trial;
};

/* If the trial fails in the same way it becomes the best. */
static bool
keep(struct shrinker *s)
{
	size_t at = pair_replay(s->pair, &s->trial);

	s->trials++;
	if (at == s->trial.num || s->pair->verdict.kind == NULL ||
	    strcmp(s->pair->verdict.kind, s->kind) != 0)
		return false;
	s->trial.num = at + 1;
	s->verdict = s->pair->verdict;
	s->best->num = s->trial.num;
	memcpy(
	    s->best->ops, s->trial.ops, s->trial.num * sizeof s->trial.ops[0]);
	return true;
}

/* The best without len steps from at on. */
static bool
without(struct shrinker *s, size_t at, size_t len)
{
	const struct sequence *best = s->best;

	if (len > best->num - at)
		len = best->num - at;
	memcpy(s->trial.ops, best->ops, at * sizeof best->ops[0]);
	memcpy(s->trial.ops + at, best->ops + at + len,
	    (best->num - at - len) * sizeof best->ops[0]);
	s->trial.num = best->num - len;
	return keep(s);
}

/* From the end: what is late depends on what is early, not the reverse. */
static bool
leave_out(struct shrinker *s, size_t len)
{
	bool any = false;
	size_t at = s->best->num;

	while (at > 0) {
		at = at > len ? at - len : 0;
		if (at >= s->best->num)
			continue;
		any |= without(s, at, len);
	}
	return any;
}

/* One value of a step as plain as it gets. */
static bool
plain(struct op *op, unsigned n)
{
	struct op before = *op;

	if (op->page == PAGE_REALM) {
		struct realm_page *p = &op->u.realm;

		if (n == 0)
			p->flags = p->sve_vl = p->pmu_num_ctrs = 0;
		if (n == 1)
			p->hash_algo = 0;
		if (n == 2)
			p->rpv = 0;
		if (n == 3)
			p->num_bps = p->num_wps = 1;
		if (n == 4)
			p->vmid = 0;
		if (n == 5) {
			p->s2sz = 32;
			p->rtt_level_start = p->rtt_num_start = 1;
		}
	} else if (op->page == PAGE_REC) {
		if (n == 0)
			op->u.rec.pc = 0;
		if (n == 1)
			op->u.rec.gpr0 = 0;
		if (n == 2)
			op->u.rec.flags = 0;
	} else if (op->page == PAGE_RUN) {
		if (n == 0)
			memset(&op->u.run, 0, sizeof op->u.run);
	} else if (n == 0 && op->x[0] == RMI_FID_DATA_CREATE) {
		op->x[5] = 0;
	}
	return memcmp(&before, op, sizeof before) != 0;
}

static bool
simplify(struct shrinker *s)
{
	bool any = false;

	for (size_t i = 0; i < s->best->num; i++)
		for (unsigned n = 0; n < 6; n++) {
			s->trial = *s->best;
			if (plain(&s->trial.ops[i], n))
				any |= keep(s);
		}
	return any;
}

/* What was about one realm is about another. */
static bool
merge(struct shrinker *s, uint64_t from, uint64_t to)
{
	s->trial = *s->best;
	for (size_t i = 0; i < s->trial.num; i++)
		for (unsigned k = 1; k < MODEL_ARGS; k++)
			if (s->trial.ops[i].x[k] == from)
				s->trial.ops[i].x[k] = to;
	return keep(s);
}

static bool
merge_realms(struct shrinker *s)
{
	bool any = false;

	for (size_t i = 0; i < s->best->num; i++)
		for (size_t j = 0; j < s->best->num; j++) {
			const struct op *one = &s->best->ops[i];
			const struct op *other = &s->best->ops[j];

			if (one->x[0] == RMI_FID_REALM_CREATE &&
			    other->x[0] == RMI_FID_REALM_CREATE &&
			    one->x[1] != other->x[1])
				any |= merge(s, one->x[1], other->x[1]);
		}
	return any;
}

unsigned
shrink(struct pair *pair, struct sequence *sequence)
{
	struct shrinker *s = calloc(1, sizeof *s);
	unsigned trials;
	bool again = true;

	if (s == NULL)
		return 0;
	s->pair = pair;
	s->kind = pair->verdict.kind;
	s->verdict = pair->verdict;
	s->best = sequence;
	for (size_t len = sequence->num / 2; len > 1; len /= 2)
		(void)leave_out(s, len);
	/* Each pass may open a way for the others; every one makes less. */
	for (int pass = 0; again && pass < 8; pass++) {
		again = false;
		while (leave_out(s, 1))
			again = true;
		again |= merge_realms(s);
		again |= simplify(s);
	}
	pair->verdict = s->verdict;
	trials = s->trials;
	free(s);
	return trials;
}
