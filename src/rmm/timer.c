/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The EL1 timers of a REC (A6.2).  The counter is the owner's to move; physical
 * and virtual counter are one, since the virtual offset is zero.
 */
#include "timer.h"

#include <string.h>

#include "run.h"
#include "sysreg.h"

struct timer {
	enum rec_sysreg ctl;
	enum rec_sysreg cval;
};
static const struct timer timers[] = {
	{ REC_CNTP_CTL_EL0, REC_CNTP_CVAL_EL0 },
	{ REC_CNTV_CTL_EL0, REC_CNTV_CVAL_EL0 },
};
#define NUM_TIMERS (sizeof timers / sizeof timers[0])

static uint64_t
timer_ctl(const struct rmm *rmm, const struct rec *rec, unsigned n)
{
	uint64_t ctl =
	    rec->sysregs[timers[n].ctl] & (CNT_CTL_ENABLE | CNT_CTL_IMASK);

	if ((ctl & CNT_CTL_ENABLE) != 0 &&
	    rec->sysregs[timers[n].cval] <= rmm->counter)
		ctl |= CNT_CTL_ISTATUS;
	return ctl;
}

static bool
timer_asserted(const struct rmm *rmm, const struct rec *rec, unsigned n)
{
	return timer_ctl(rmm, rec, n) == (CNT_CTL_ENABLE | CNT_CTL_ISTATUS);
}

/* The frequency of the counter from Armv8.6 on. */
#define FREQUENCY 1000000000u

/* TVAL is a view of CVAL: how far away it is. */
static enum sysreg_fate
access_tval(
    struct rmm *rmm, struct rec *rec, unsigned n, bool read, uint64_t *value)
{
	uint64_t *cval = &rec->sysregs[timers[n].cval];

	if (read)
		*value = (uint32_t)(*cval - rmm->counter);
	else
		*cval = rmm->counter + (uint64_t)(int64_t)(int32_t)*value;
	return SYSREG_DONE;
}

static enum sysreg_fate
access_ctl(
    struct rmm *rmm, struct rec *rec, unsigned n, bool read, uint64_t *value)
{
	if (read)
		*value = timer_ctl(rmm, rec, n);
	else
		rec->sysregs[timers[n].ctl] =
		    *value & (CNT_CTL_ENABLE | CNT_CTL_IMASK);
	return SYSREG_DONE;
}

enum sysreg_fate
timer_sysreg(
    struct rmm *rmm, struct rec *rec, unsigned reg, bool read, uint64_t *value)
{
	switch (reg) {
	case SYSREG_CNTP_CTL_EL0:
		return access_ctl(rmm, rec, 0, read, value);
	case SYSREG_CNTV_CTL_EL0:
		return access_ctl(rmm, rec, 1, read, value);
	case SYSREG_CNTP_TVAL_EL0:
		return access_tval(rmm, rec, 0, read, value);
	case SYSREG_CNTV_TVAL_EL0:
		return access_tval(rmm, rec, 1, read, value);
	case SYSREG_CNTFRQ_EL0:
		*value = FREQUENCY;
		return read ? SYSREG_DONE : SYSREG_UNDEFINED;
	case SYSREG_CNTPCT_EL0:
	case SYSREG_CNTVCT_EL0:
	case SYSREG_CNTPCTSS_EL0:
	case SYSREG_CNTVCTSS_EL0:
		*value = rmm->counter;
		return read ? SYSREG_DONE : SYSREG_UNDEFINED;
	default:
		return SYSREG_NOT_MINE;
	}
}

void
timer_exit(const struct rmm *rmm, struct rec *rec, struct rmi_rec_exit *exit)
{
	exit->cntp_ctl = timer_ctl(rmm, rec, 0);
	exit->cntp_cval = rec->sysregs[REC_CNTP_CVAL_EL0];
	exit->cntv_ctl = timer_ctl(rmm, rec, 1);
	exit->cntv_cval = rec->sysregs[REC_CNTV_CVAL_EL0];
	for (unsigned n = 0; n < NUM_TIMERS; n++)
		rec->timer_told[n] = timer_asserted(rmm, rec, n);
}

bool
rmm_realm_timers(struct rmm *rmm, uint64_t pa, struct rmm_result *result)
{
	struct rec *rec = rec_running(rmm, pa);
	struct rmi_rec_exit exit = { .exit_reason = RMI_EXIT_IRQ };
	bool changed = false;

	if (rec == NULL)
		return false;
	memset(result, 0, sizeof *result);
	for (unsigned n = 0; n < NUM_TIMERS; n++)
		changed |= timer_asserted(rmm, rec, n) != rec->timer_told[n];
	if (changed)
		run_exit(rmm, pa, &exit, result);
	return true;
}

uint64_t
rmm_realm_next_timer(const struct rmm *rmm, uint64_t pa)
{
	const struct rec *rec = rec_running(rmm, pa);
	uint64_t next = UINT64_MAX;

	for (unsigned n = 0; rec != NULL && n < NUM_TIMERS; n++) {
		uint64_t cval = rec->sysregs[timers[n].cval];

		if (timer_ctl(rmm, rec, n) == CNT_CTL_ENABLE && cval < next)
			next = cval;
	}
	return next;
}

uint64_t
rmm_counter(const struct rmm *rmm)
{
	return rmm->counter;
}

void
rmm_set_counter(struct rmm *rmm, uint64_t count)
{
	if (count > rmm->counter)
		rmm->counter = count;
}
