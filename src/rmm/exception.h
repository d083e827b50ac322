/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Exceptions that are taken to a realm.
 */
#ifndef EXCEPTION_H
#define EXCEPTION_H

#include "rec.h"

/* Take a synchronous exception to EL1, as the architecture does. */
void exception_take(
    struct rec *rec, uint64_t esr, uint64_t far, struct rmm_result *result);

/* The abort of an access, with this fault status. */
void exception_abort(struct rec *rec, enum rmm_access_kind kind, uint64_t fsc,
    uint64_t far, struct rmm_result *result);

/* What an instruction does that is none: an Unknown exception. */
void exception_unknown(struct rec *rec, struct rmm_result *result);

#endif
