/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the parts of the generator share: generate.c makes calls that concern
 * granules, realms and RECs; generate-tree.c those of translation tables, and
 * chooses among all.
 */
#ifndef GENERATE_H
#define GENERATE_H

#include "model.h"

#define QUEUE_MAX 1200u

struct generator {
	const struct setup *setup;
	const struct rmm *rmm;
	uint64_t rng;
	struct rmm_realm_info realm; /* the one the next call is about */
	uint64_t condemned;	     /* a realm that is being torn down */
	size_t queue_next;	     /* what was decided before */
	size_t queue_end;
	struct op queue[QUEUE_MAX];
};

uint64_t draw(struct generator *g, uint64_t below);
bool chance(struct generator *g, unsigned percent);
uint64_t any_granule(struct generator *g);
uint64_t pick(struct generator *g, enum rmm_granule_state state);

void make_call(struct op *op, uint64_t fid, const uint64_t *args, unsigned num);
#define CALL(op, name, ...)                                                \
	make_call((op), RMI_FID_##name, (const uint64_t[]){ __VA_ARGS__ }, \
	    sizeof((const uint64_t[]){ __VA_ARGS__ }) / 8)
/* To be done before anything new is made up. */
void later(struct generator *g, const struct op *op);

void make_delegate(struct generator *g, struct op *op);
void make_realm(struct generator *g, struct op *op);
void make_rec(struct generator *g, struct op *op);
void make_enter(struct generator *g, struct op *op);
/* A REC that runs does something, or one is entered. */
void make_act(struct generator *g, struct op *op);
/* Out of a REC that runs; false: it does not. */
bool make_kick(struct generator *g, struct op *op, uint64_t rec);
/* Put one argument beside what it should be. */
void disturb(struct generator *g, struct op *op);

#endif
