/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Performance Monitors of a REC, as far as their overflow goes (A8.1).
 */
#ifndef PMU_H
#define PMU_H

#include "rec.h"

/* pmu_ovf_status of an exit. */
bool pmu_overflowed(const struct rec *rec);

#endif
