/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What can be said of any call by looking into the machine: that a failed one
 * changed nothing, and that its answer is one the specification allows.
 * Knows the monitor's private headers; needs no test library.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include <stdint.h>

#include "rmm/rmm.h"

/*
 * A digest of all the machine's state and of the first granules of a
 * Non-secure view.
 */
uint64_t audit_digest(
    const struct rmm *rmm, const uint8_t *ns, unsigned num_granules);

/*
 * Make a call that has failed again in collecting mode.  Its answer must be the
 * same, and no other condition may have to win over it by the command's order.
 * Returns NULL, or a sentence that lasts until the next call.
 */
const char *audit_answer(struct rmm *rmm, const uint64_t x[SMC_REGS],
    const struct rmm_answer *answer);

#endif
