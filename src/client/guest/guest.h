/* SPDX-License-Identifier: BSD-3-Clause */
/* librmmguest from within: what its files share. */
#ifndef GUEST_H
#define GUEST_H

#include "channel.h"
#include "rmmguest.h"

struct rmmguest {
	struct channel *channel;
	uint64_t rec, rd, mpidr;
	unsigned ipa_width;
	struct rmmguest_last last;
};

/*
 * One instruction.  reply: the answer, to be freed with channel_free_reply();
 * NULL on failure.  Returns 0, RMMGUEST_EXCEPTION or -errno.
 */
int guest_act(
    struct rmmguest *guest, Rmmd__ActRequest *action, Rmmd__Reply **reply);

/* The same, where nobody wants the answer. */
int guest_do(struct rmmguest *guest, Rmmd__ActRequest *action);

/* Forget what came of the last action: another begins. */
void guest_begin(struct rmmguest *guest);

#endif
