/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The EL1 timers of a REC, and the counter that they compare with (A6.2).
 */
#ifndef TIMER_H
#define TIMER_H

#include "rec.h"

/* The exit tells the host of both timers; what it says is remembered. */
void timer_exit(
    const struct rmm *rmm, struct rec *rec, struct rmi_rec_exit *exit);

#endif
