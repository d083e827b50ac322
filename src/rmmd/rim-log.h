/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How each realm's initial measurement came about, step by step, so that a
 * person can compare it with what was expected.
 */
#ifndef RIM_LOG_H
#define RIM_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "rmm/rmm.h"

/* All realms together keep at most this many times the limit of one. */
#define RIM_LOG_REALMS 16

struct rim_history {
	struct rim_history *next; /* in its bucket */
	uint64_t rd;
	struct rmm_rim_step *steps;
	size_t num, room;
	uint64_t dropped; /* made, but not kept */
};

struct rim_log;

/* limit: steps kept of one realm.  NULL: no memory. */
struct rim_log *rim_log_new(uint64_t limit);
void rim_log_free(struct rim_log *rims);

void rim_log_add(struct rim_log *rims, const struct rmm_rim_step *step);
void rim_log_drop(struct rim_log *rims, uint64_t rd);
void rim_log_clear(struct rim_log *rims);

/* NULL: nothing is known of that realm. */
const struct rim_history *rim_log_find(const struct rim_log *rims, uint64_t rd);

#endif
