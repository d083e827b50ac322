/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Planted defects: one wrong behaviour each, for those who test a test of
 * monitors.  They wrap a call from outside, so that the files of the commands
 * know nothing of them.
 */
#ifndef PLANT_H
#define PLANT_H

#include "command.h"

struct plant;
struct rec;

/* Make the call with the defect that the machine's configuration names. */
void plant_call(struct call *c);

/* A REC exits: the defect may be in the record. */
void plant_exit(
    struct rmm *rmm, const struct rec *rec, struct rmi_rec_exit *exit);

#endif
