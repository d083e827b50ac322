/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The realm's side of RMI_REC_ENTER: an entry, what the realm does until it
 * exits, and the exit.
 */
#ifndef RUN_H
#define RUN_H

#include <stdbool.h>

#include "command.h"
#include "rec.h"

/*
 * Enter a REC that may be entered.  The call is over at once if the entry ends
 * in an exit, or if realms are not driven; else answer->runs says so.
 */
void run_enter(struct call *c, uint64_t pa, uint64_t run_ptr,
    const struct rmi_rec_enter *enter);

/*
 * The REC exits: fill in what every exit has, write the record to the host, and
 * put RMI_REC_ENTER's answer into result.
 */
void run_exit(struct rmm *rmm, uint64_t pa, struct rmi_rec_exit *exit,
    struct rmm_result *result);

/* The instruction is completed. */
static inline void
run_advance(struct rec *rec)
{
	rec->pc += 4;
}

#endif
