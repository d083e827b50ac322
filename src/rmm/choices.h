/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the machine does where the specification leaves it to the
 * implementation: the choices of rmm.h, for those who act on them.
 */
#ifndef CHOICES_H
#define CHOICES_H

#include "command.h"
#include "machine.h"

static inline unsigned
chosen(const struct rmm *rmm, enum rmm_choice_id id)
{
	return rmm->config.choices[id];
}

/*
 * What a granule holds once it was wiped (A2.2.4).
 *
 * id: RMM_CHOICE_UNDELEGATED or RMM_CHOICE_UNKNOWN.
 * Returns false, and leaves page alone, if it is zeros.
 */
bool choice_contents(
    const struct rmm *rmm, enum rmm_choice_id id, uint8_t page[GRANULE_SIZE]);

/* RMM_CHOICE_SBZ: reject a call with bits that should be zero and are not. */
void choice_check_sbz(struct call *c);

#endif
