/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The virtual GIC CPU interface of a REC (A6.1).
 */
#ifndef GIC_H
#define GIC_H

#include <stdbool.h>

#include "rec.h"

/* Gicv3ConfigIsValid (B3.18, A6.1); else *why says what is not. */
bool gicv3_config_valid(
    const struct rmm *rmm, const struct rmi_rec_enter *enter, const char **why);

void gic_enter(struct rec *rec, const struct rmi_rec_enter *enter);
void gic_exit(
    const struct rmm *rmm, const struct rec *rec, struct rmi_rec_exit *exit);

/* A virtual interrupt waits to be taken: a WFI does not wait. */
bool gic_pending(const struct rmm *rmm, const struct rec *rec);

#endif
