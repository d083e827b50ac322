/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What becomes of a realm's MRS or MSR: each part of the REC has a function for
 * the registers that are its own.
 */
#ifndef SYSREG_H
#define SYSREG_H

#include "rec.h"

enum sysreg_fate {
	SYSREG_NOT_MINE,
	SYSREG_DONE,
	SYSREG_UNDEFINED, /* no such access */
	SYSREG_HOST,	  /* for the host to act on */
};

/* An access of a register.  value: what is read, or what is written. */
typedef enum sysreg_fate sysreg_fn(
    struct rmm *rmm, struct rec *rec, unsigned reg, bool read, uint64_t *value);

sysreg_fn gic_sysreg, timer_sysreg, pmu_sysreg, id_sysreg;

#endif
