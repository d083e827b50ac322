/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System registers that a realm reads and writes: those of the REC's state. Any
 * other is undefined.
 */
#include "exception.h"

#include <string.h>

#include "run.h"

static uint64_t *
state_register(struct rec *rec, unsigned reg)
{
	static const uint16_t encodings[] = {
#define ENCODING(name, encoding) [REC_##name] = (encoding),
		REC_SYSREGS(ENCODING)
	};

	for (unsigned i = 0; i < REC_NUM_SYSREGS; i++)
		if (encodings[i] == reg)
			return &rec->sysregs[i];
	return NULL;
}

bool
rmm_realm_sysreg(struct rmm *rmm, uint64_t pa, unsigned reg, bool read,
    unsigned srt, struct rmm_result *result)
{
	struct rec *rec = rec_running(rmm, pa);
	uint64_t *state;

	if (rec == NULL || srt > RMI_REC_GPRS)
		return false;
	memset(result, 0, sizeof *result);
	state = state_register(rec, reg);
	if (state == NULL) {
		exception_unknown(rec, result);
		return true;
	}
	if (read)
		rec_set_gpr(rec, srt, *state);
	else
		*state = rec_gpr(rec, srt);
	run_advance(rec);
	return true;
}
