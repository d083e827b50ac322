/* SPDX-License-Identifier: BSD-3-Clause */
/* The machine's banks as messages, which both roles send. */
#ifndef BANKS_H
#define BANKS_H

#include "machine.h"
#include "rmmd.pb-c.h"

#define BANKS_MAX 1024 /* of one machine */

struct bank_messages {
	size_t num;
	Rmmd__Bank *pointers[BANKS_MAX];
	Rmmd__Bank banks[BANKS_MAX];
};

void bank_messages_fill(
    struct bank_messages *messages, const struct machine *machine);

#endif
