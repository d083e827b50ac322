/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The realm's side of RMI_REC_ENTER: the realm takes steps until one of them
 * exits to the host.
 */
#ifndef RUN_H
#define RUN_H

#include <stdbool.h>

#include "rec.h"

/* Gicv3ConfigIsValid (B3.18, A6.1); else *why says what is not. */
bool gicv3_config_valid(
    const struct rmm *rmm, const struct rmi_rec_enter *enter, const char **why);

/* Enter a REC that may be entered, and fill in exit, which is zeros. */
void run_rec(struct rmm *rmm, struct rec *rec,
    const struct rmi_rec_enter *enter, struct rmi_rec_exit *exit);

#endif
