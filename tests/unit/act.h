/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Something that a REC does: drawn from numbers, written in a line, and done.
 * Needs no test library.
 */
#ifndef ACT_H
#define ACT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "rmm/rmm.h"

enum act_kind {
	ACT_SMC,       /* function id, X1, X2, X3; X4 is bit 8 of X3 */
	ACT_HVC,       /* */
	ACT_ACCESS,    /* ACT_ACCESS_PUT(), IPA, value */
	ACT_WAIT,      /* enum rmm_wait, timeout */
	ACT_SYSREG,    /* register, to be read, value */
	ACT_INTERRUPT, /* enum rmm_interrupt, syndrome */
	ACT_TIMERS,    /* ticks that pass */
	ACT_PMU,       /* overflow */
	ACT_KINDS
};

#define ACT_ARGS 4
struct act {
	enum act_kind kind;
	uint64_t a[ACT_ARGS];
};

/* kind, isv, sign_extend, sf, srt and size of a struct rmm_access. */
#define ACT_ACCESS_PUT(kind, isv, sse, sf, srt, size)                     \
	((uint64_t)(kind) | (uint64_t)(isv) << 2 | (uint64_t)(sse) << 3 | \
	    (uint64_t)(sf) << 4 | (uint64_t)(srt) << 8 |                  \
	    (uint64_t)(size) << 16)

/* A number below a bound that is not 0. */
typedef uint64_t act_draw_fn(void *ctx, uint64_t below);

/* Something that could be done in a realm of so many bits of IPA. */
void act_draw(
    struct act *act, unsigned ipa_width, act_draw_fn *draw, void *ctx);

/* Do it.  data: GRANULE_SIZE bytes, what was read.  false: it can not be. */
bool act_do(struct rmm *rmm, uint64_t rec, const struct act *act, uint8_t *data,
    struct rmm_result *result);

/* "RSI_HOST_CALL 0x1000 0x0 0x0" */
void act_print(FILE *file, const struct act *act);

#endif
