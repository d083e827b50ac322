/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System registers that a realm reads and writes: those of the REC's state, and
 * those that the monitor emulates (A4.3.4).  Any other is undefined.
 */
#include "sysreg.h"

#include <string.h>

#include "esr.h"
#include "exception.h"
#include "gic.h"
#include "run.h"

/* Op1 of the registers that EL0 has, too. */
#define OP1(reg) ((reg) >> 11 & 7)
#define OP1_EL0	 3

static enum sysreg_fate
state_sysreg(
    struct rmm *rmm, struct rec *rec, unsigned reg, bool read, uint64_t *value)
{
	static const uint16_t encodings[] = {
#define ENCODING(name, encoding) [REC_##name] = (encoding),
		REC_SYSREGS(ENCODING)
	};

	(void)rmm;
	for (unsigned i = 0; i < REC_NUM_SYSREGS; i++) {
		if (encodings[i] != reg)
			continue;
		if (read)
			*value = rec->sysregs[i];
		else
			rec->sysregs[i] = *value;
		return SYSREG_DONE;
	}
	return SYSREG_NOT_MINE;
}

static enum sysreg_fate
access_sysreg(
    struct rmm *rmm, struct rec *rec, unsigned reg, bool read, uint64_t *value)
{
	/* timer_sysreg() comes before: CNTx_CTL_EL0 has a bit of its own. */
	static sysreg_fn *const fns[] = { timer_sysreg, state_sysreg,
		gic_sysreg, pmu_sysreg, id_sysreg };
	enum sysreg_fate fate = SYSREG_NOT_MINE;

	if (OP1(reg) != OP1_EL0 && (rec->pstate & PSTATE_MODE) == PSTATE_EL0)
		return SYSREG_UNDEFINED;
	for (unsigned i = 0;
	     fate == SYSREG_NOT_MINE && i < sizeof fns / sizeof fns[0]; i++)
		fate = fns[i](rmm, rec, reg, read, value);
	return fate;
}

bool
rmm_realm_sysreg(struct rmm *rmm, uint64_t pa, unsigned reg, bool read,
    unsigned srt, struct rmm_result *result)
{
	struct rec *rec = rec_running(rmm, pa);
	struct rmi_rec_exit exit = { 0 };
	uint64_t value;

	if (rec == NULL || srt > RMI_REC_GPRS)
		return false;
	memset(result, 0, sizeof *result);
	value = read ? 0 : rec_gpr(rec, srt);
	switch (access_sysreg(rmm, rec, reg, read, &value)) {
	case SYSREG_NOT_MINE:
	case SYSREG_UNDEFINED:
		exception_unknown(rec, result);
		return true;
	case SYSREG_DONE:
		break;
	case SYSREG_HOST:
		exit.exit_reason = RMI_EXIT_SYNC;
		exit.esr =
		    ESR_EC_PUT(ESR_EC_SYS64) | ESR_IL | ESR_SYS_PUT(reg, srt);
		exit.gprs[0] = value;
		run_advance(rec);
		run_exit(rmm, pa, &exit, result);
		return true;
	}
	if (read)
		rec_set_gpr(rec, srt, value);
	run_advance(rec);
	if (gic_maintenance(rmm, rec)) {
		exit.exit_reason = RMI_EXIT_IRQ;
		run_exit(rmm, pa, &exit, result);
	}
	return true;
}
