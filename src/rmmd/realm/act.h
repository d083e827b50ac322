/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One instruction of a realm, from the request that asks for it to its end.
 */
#ifndef ACT_H
#define ACT_H

#include "actor.h"
#include "failure.h"

struct act {
	Rmmd__ActRequest__ActionCase kind;
	uint64_t x[SMC_REGS];
	struct rmm_access access;
	uint64_t value; /* what a register is to hold */
	enum rmm_wait wait;
	uint64_t timeout;
	unsigned reg;
	bool read;
	enum rmm_interrupt interrupt;
	uint64_t syndrome;
	bool pmu_overflow;
	uint64_t ticks;
	/* How far it is. */
	bool begun;
	bool over; /* it has exited; the next entry completes it */
	uint64_t pc;
	uint32_t exits;
	uint8_t data[GRANULE_SIZE];
};

/* What the reply needs until it is packed. */
struct act_reply {
	Rmmd__ActReply body;
	Rmmd__RealmException exception;
	uint64_t x[RMI_REC_GPRS + 2];
	struct rmm_result result;
};

/* false: it is none that can be; why says what is wrong. */
bool act_init(
    struct act *act, const Rmmd__ActRequest *request, struct failure *why);

enum act_state {
	ACT_PENDING,	/* the REC has exited, or waits */
	ACT_DONE,	/* reply is the answer */
	ACT_IMPOSSIBLE, /* no processor does this */
};

/*
 * The REC runs: begin, or go on after an entry.  sea: the host has injected one
 * that no process has been told of; an act that has not begun is not made then.
 */
enum act_state act_go_on(
    struct act *act, struct actor *actor, bool sea, struct act_reply *reply);

#endif
