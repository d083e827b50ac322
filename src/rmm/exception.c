/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Exceptions that are taken to a realm.
 */
#include "exception.h"

#include "esr.h"

/* Offsets into the vector table, for synchronous exceptions. */
#define VECTOR_SP_EL0 0x000
#define VECTOR_SP_ELX 0x200
#define VECTOR_LOWER  0x400

void
exception_take(
    struct rec *rec, uint64_t esr, uint64_t far, struct rmm_result *result)
{
	uint64_t *sysregs = rec->sysregs, vector = VECTOR_SP_ELX;

	if ((rec->pstate & PSTATE_MODE) == PSTATE_EL0)
		vector = VECTOR_LOWER;
	else if ((rec->pstate & PSTATE_MODE) == PSTATE_EL1T)
		vector = VECTOR_SP_EL0;
	sysregs[REC_ELR_EL1] = rec->pc;
	sysregs[REC_SPSR_EL1] = rec->pstate;
	sysregs[REC_ESR_EL1] = esr;
	sysregs[REC_FAR_EL1] = far;
	rec->pstate = PSTATE_RESET;
	rec->pc = sysregs[REC_VBAR_EL1] + vector;

	result->outcome = RMM_EXCEPTION;
	result->esr = esr;
	result->far = far;
}

void
exception_abort(struct rec *rec, enum rmm_access_kind kind, uint64_t fsc,
    uint64_t far, struct rmm_result *result)
{
	bool lower = (rec->pstate & PSTATE_MODE) == PSTATE_EL0;
	bool fetch = kind == RMM_FETCH;
	unsigned ec = fetch ? ESR_EC_IABT_SAME : ESR_EC_DABT_SAME;
	uint64_t esr = ESR_IL | fsc;

	if (lower)
		ec = fetch ? ESR_EC_IABT_LOWER : ESR_EC_DABT_LOWER;
	if (kind == RMM_WRITE)
		esr |= ESR_WNR;
	if (fsc == ESR_FSC_SEA)
		esr |= ESR_EA; /* A5.2.7 */
	exception_take(rec, ESR_EC_PUT(ec) | esr, far, result);
}

void
exception_unknown(struct rec *rec, struct rmm_result *result)
{
	exception_take(rec, ESR_EC_PUT(ESR_EC_UNKNOWN) | ESR_IL,
	    rec->sysregs[REC_FAR_EL1], result);
}
