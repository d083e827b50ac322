/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The other system registers of a realm: its state, the timers and when the
 * host hears of them (A6.2), the PMU's overflow (A8.1), and what tells the
 * realm of its features (A3.1).
 */
#include "drive.h"

#include <string.h>

#include "rmm/machine.h"
#include "rmm/realm.h"

static struct world *w;

static void
setup(void)
{
	w = drive_new();
	drive_enter_flags(w, REC, 0);
}

static void
teardown(void)
{
	world_free(w);
}

static enum rmm_outcome
access_reg(unsigned reg, bool read, unsigned srt)
{
	ck_assert(rmm_realm_sysreg(w->rmm, REC, reg, read, srt, &w->result));
	world_check(w);
	return w->result.outcome;
}

static uint64_t
mrs(unsigned reg)
{
	ck_assert_int_eq(access_reg(reg, true, 5), RMM_GOES_ON);
	return drive_gpr(w, REC, 5);
}

static void
msr(unsigned reg, uint64_t value)
{
	drive_set_gpr(w, REC, 6, value);
	ck_assert_int_eq(access_reg(reg, false, 6), RMM_GOES_ON);
}

static void
ck_undefined(unsigned reg, bool read)
{
	uint64_t pc;

	drive_set_gpr(w, REC, 5, 0x55);
	pc = drive_pc(w, REC);
	ck_assert_int_eq(access_reg(reg, read, 5), RMM_EXCEPTION);
	ck_assert_uint_eq(w->result.esr, 1 << 25);
	ck_assert_uint_eq(drive_sysreg(w, REC, REC_ELR_EL1), pc);
	ck_assert_uint_eq(drive_gpr(w, REC, 5), 0x55);
}

static void
set_pstate(uint64_t pstate)
{
	struct rmm_regs regs;

	ck_assert(rmm_regs(w->rmm, REC, &regs));
	regs.pstate = pstate;
	ck_assert(rmm_set_regs(w->rmm, REC, &regs));
}

/* ---- The REC's state -----------------------------------------------------
 */

START_TEST(state)
{
	uint64_t pc = drive_pc(w, REC);

	msr(SYSREG_TTBR0_EL1, 0x123456789000);
	ck_assert_uint_eq(drive_sysreg(w, REC, REC_TTBR0_EL1), 0x123456789000);
	ck_assert_uint_eq(mrs(SYSREG_TTBR0_EL1), 0x123456789000);
	ck_assert_uint_eq(drive_pc(w, REC), pc + 8);
	/* XZR. */
	ck_assert_int_eq(access_reg(SYSREG_TTBR0_EL1, true, 31), RMM_GOES_ON);
	ck_assert_int_eq(access_reg(SYSREG_TTBR0_EL1, false, 31), RMM_GOES_ON);
	ck_assert_uint_eq(mrs(SYSREG_TTBR0_EL1), 0);
	ck_assert_uint_eq(mrs(SYSREG_SCTLR_EL1), 0x30d00800);
	ck_assert(!rmm_realm_sysreg(
	    w->rmm, REC, SYSREG_TTBR0_EL1, true, 32, &w->result));
	/* It stays over an exit. */
	msr(SYSREG_TPIDR_EL0, 77);
	drive_kick(w, REC);
	drive_enter_flags(w, REC, 0);
	ck_assert_uint_eq(mrs(SYSREG_TPIDR_EL0), 77);
}
END_TEST

START_TEST(undefined)
{
	ck_undefined(SYSREG(3, 0, 15, 0, 0), true);
	ck_undefined(SYSREG(3, 4, 1, 1, 0), true); /* HCR_EL2 */
	ck_undefined(SYSREG(2, 0, 1, 0, 4), false);
	ck_undefined(UINT32_MAX, true);
	/* EL0 has only its own. */
	set_pstate(0);
	ck_undefined(SYSREG_TTBR0_EL1, true);
	set_pstate(0);
	ck_undefined(SYSREG_ID_AA64PFR0_EL1, true);
	set_pstate(0);
	(void)mrs(SYSREG_TPIDR_EL0);
	(void)mrs(SYSREG_CNTVCT_EL0);
}
END_TEST

/* ---- Timers --------------------------------------------------------------
 */

static const struct {
	unsigned ctl, cval, tval;
} timers[] = {
	{ SYSREG_CNTP_CTL_EL0, SYSREG_CNTP_CVAL_EL0, SYSREG_CNTP_TVAL_EL0 },
	{ SYSREG_CNTV_CTL_EL0, SYSREG_CNTV_CVAL_EL0, SYSREG_CNTV_TVAL_EL0 },
};

START_TEST(counter)
{
	static const unsigned counts[] = { SYSREG_CNTPCT_EL0, SYSREG_CNTVCT_EL0,
		SYSREG_CNTPCTSS_EL0, SYSREG_CNTVCTSS_EL0 };

	rmm_set_counter(w->rmm, 123456);
	for (unsigned i = 0; i < 4; i++) {
		ck_assert_uint_eq(mrs(counts[i]), 123456);
		ck_undefined(counts[i], false);
	}
	/* It never goes back. */
	rmm_set_counter(w->rmm, 5);
	ck_assert_uint_eq(rmm_counter(w->rmm), 123456);
	ck_assert_uint_eq(mrs(SYSREG_CNTFRQ_EL0), 1000000000);
	ck_undefined(SYSREG_CNTFRQ_EL0, false);
}
END_TEST

START_TEST(timer_registers)
{
	unsigned ctl = timers[_i].ctl, cval = timers[_i].cval;
	unsigned tval = timers[_i].tval;

	rmm_set_counter(w->rmm, 1000);
	msr(cval, 1500);
	ck_assert_uint_eq(mrs(tval), 500);
	msr(tval, 0xdead00000010); /* only 32 bits are looked at */
	ck_assert_uint_eq(mrs(cval), 1016);
	msr(tval, -1ull);
	ck_assert_uint_eq(mrs(cval), 999);
	ck_assert_uint_eq(mrs(tval), 0xffffffff);
	/* ISTATUS can not be written, and is only there while enabled. */
	msr(ctl, 4);
	ck_assert_uint_eq(mrs(ctl), 0);
	msr(ctl, UINT64_MAX);
	ck_assert_uint_eq(mrs(ctl), 7);
	msr(ctl, 1);
	ck_assert_uint_eq(mrs(ctl), 5);
	msr(cval, 1001);
	ck_assert_uint_eq(mrs(ctl), 1);
	rmm_set_counter(w->rmm, 1001);
	ck_assert_uint_eq(mrs(ctl), 5);
}
END_TEST

static enum rmm_outcome
ask_timers(void)
{
	ck_assert(rmm_realm_timers(w->rmm, REC, &w->result));
	return w->result.outcome;
}

/* The host hears of each change of an output, once (A6.2). */
START_TEST(timer_exits)
{
	unsigned ctl = timers[_i].ctl, cval = timers[_i].cval;
	struct rmi_rec_exit exit = { .exit_reason = RMI_EXIT_IRQ };
	uint64_t *told = _i == 0 ? &exit.cntp_ctl : &exit.cntv_ctl;
	uint64_t *when = _i == 0 ? &exit.cntp_cval : &exit.cntv_cval;

	rmm_set_counter(w->rmm, 100);
	msr(cval, 200);
	ck_assert_uint_eq(rmm_realm_next_timer(w->rmm, REC), UINT64_MAX);
	msr(ctl, 1);
	ck_assert_uint_eq(rmm_realm_next_timer(w->rmm, REC), 200);
	ck_assert_int_eq(ask_timers(), RMM_GOES_ON);
	rmm_set_counter(w->rmm, 199);
	ck_assert_int_eq(ask_timers(), RMM_GOES_ON);
	rmm_set_counter(w->rmm, 200);
	ck_assert_int_eq(ask_timers(), RMM_EXITED);
	*told = 5;
	*when = 200;
	drive_exited(w, REC, &exit);
	/* It was told, so it is masked. */
	drive_enter_flags(w, REC, 0);
	ck_assert_int_eq(ask_timers(), RMM_GOES_ON);
	ck_assert_uint_eq(rmm_realm_next_timer(w->rmm, REC), UINT64_MAX);
	rmm_set_counter(w->rmm, 250);
	ck_assert_int_eq(ask_timers(), RMM_GOES_ON);
	/* Off and on again before anybody asks: nothing has changed. */
	msr(cval, 300);
	msr(cval, 250);
	ck_assert_int_eq(ask_timers(), RMM_GOES_ON);
	/* Off: the host must take its interrupt back. */
	msr(cval, 300);
	ck_assert_int_eq(ask_timers(), RMM_EXITED);
	*told = 1;
	*when = 300;
	drive_exited(w, REC, &exit);
	/* Fired while the REC was out: at the next entry. */
	rmm_set_counter(w->rmm, 300);
	drive_enter_flags(w, REC, 0);
	ck_assert_int_eq(ask_timers(), RMM_EXITED);
	/* Masked by the realm: no output. */
	drive_enter_flags(w, REC, 0);
	msr(ctl, 3);
	ck_assert_int_eq(ask_timers(), RMM_EXITED);
	*told = 7;
	drive_exited(w, REC, &exit);
	drive_enter_flags(w, REC, 0);
	ck_assert_int_eq(ask_timers(), RMM_GOES_ON);
	/* Any exit tells, and then it is known. */
	msr(ctl, 1);
	drive_kick(w, REC);
	*told = 5;
	drive_exited(w, REC, &exit);
	drive_enter_flags(w, REC, 0);
	ck_assert_int_eq(ask_timers(), RMM_GOES_ON);
}
END_TEST

START_TEST(next_timer)
{
	msr(SYSREG_CNTP_CVAL_EL0, 900);
	msr(SYSREG_CNTV_CVAL_EL0, 800);
	msr(SYSREG_CNTP_CTL_EL0, 1);
	ck_assert_uint_eq(rmm_realm_next_timer(w->rmm, REC), 900);
	msr(SYSREG_CNTV_CTL_EL0, 1);
	ck_assert_uint_eq(rmm_realm_next_timer(w->rmm, REC), 800);
	msr(SYSREG_CNTV_CTL_EL0, 3);
	ck_assert_uint_eq(rmm_realm_next_timer(w->rmm, REC), 900);
	ck_assert(rmm_realm_wait(w->rmm, REC, RMM_WFI, 0, &w->result));
	ck_assert_int_eq(w->result.outcome, RMM_WAITS);
	/* PSCI turns a REC on without the timers of its life before. */
	drive_enter_flags(w, REC2, 0);
	ck_assert_int_eq(SMC(w, REC, PSCI_FID_CPU_OFF), RMM_EXITED);
	ck_assert_int_eq(
	    SMC(w, REC2, PSCI_FID_CPU_ON, 0, 0x1000, 0), RMM_EXITED);
	ck_call(w, PSCI_COMPLETE, REC2, REC, 0);
	drive_enter_flags(w, REC, 0);
	ck_assert_uint_eq(mrs(SYSREG_CNTP_CTL_EL0), 0);
	ck_assert_uint_eq(rmm_realm_next_timer(w->rmm, REC), UINT64_MAX);
}
END_TEST

/* ---- PMU -----------------------------------------------------------------
 */

START_TEST(pmu_flag)
{
	ck_assert(rmm_realm_set_pmu_overflow(w->rmm, REC, true));
	drive_kick(w, REC);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_IRQ, .pmu_ovf_status = 1);
	drive_enter_flags(w, REC, 0);
	ck_assert(rmm_realm_set_pmu_overflow(w->rmm, REC, false));
	drive_kick(w, REC);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_IRQ);
	/* Without a PMU, there are no such registers. */
	drive_enter_flags(w, REC, 0);
	ck_undefined(SYSREG_PMCR_EL0, true);
	ck_undefined(SYSREG_PMOVSSET_EL0, false);
}
END_TEST

START_TEST(pmu_registers)
{
	struct realm *realm = realm_at(w->rmm, RD);

	realm->pmu = true;
	realm->pmu_num_ctrs = 6;
	ck_assert_uint_eq(mrs(SYSREG_PMCR_EL0), 6 << 11 | 1 << 6);
	msr(SYSREG_PMCR_EL0, UINT64_MAX);
	ck_assert_uint_eq(mrs(SYSREG_PMCR_EL0), 6 << 11 | 0xf9);
	msr(SYSREG_PMCNTENSET_EL0, UINT64_MAX);
	ck_assert_uint_eq(mrs(SYSREG_PMCNTENCLR_EL0), 0x8000003f);
	msr(SYSREG_PMCNTENCLR_EL0, 0x3e);
	ck_assert_uint_eq(mrs(SYSREG_PMCNTENSET_EL0), 0x80000001);
	msr(SYSREG_PMINTENSET_EL1, 3);
	msr(SYSREG_PMINTENCLR_EL1, 2);
	ck_assert_uint_eq(mrs(SYSREG_PMINTENCLR_EL1), 1);
	/* Neither enabled to count nor to interrupt. */
	msr(SYSREG_PMOVSSET_EL0, 0x80000006);
	drive_kick(w, REC);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_IRQ);
	drive_enter_flags(w, REC, 0);
	msr(SYSREG_PMOVSSET_EL0, 1);
	drive_kick(w, REC);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_IRQ, .pmu_ovf_status = 1);
	drive_enter_flags(w, REC, 0);
	msr(SYSREG_PMCR_EL0, 0);
	drive_kick(w, REC);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_IRQ);
	drive_enter_flags(w, REC, 0);
	msr(SYSREG_PMCR_EL0, 1);
	msr(SYSREG_PMOVSCLR_EL0, 1);
	ck_assert_uint_eq(mrs(SYSREG_PMOVSCLR_EL0), 0x80000006);
	drive_kick(w, REC);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_IRQ);
}
END_TEST

/* ---- Who am I ------------------------------------------------------------
 */

START_TEST(id_registers)
{
	static const unsigned all[] = {
#define ENCODING(name, encoding) (encoding),
		ID_SYSREGS(ENCODING)
	};

	for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
		(void)mrs(all[i]);
		ck_undefined(all[i], false);
	}
	/* What is not allocated reads as zero. */
	ck_assert_uint_eq(mrs(SYSREG(3, 0, 0, 7, 7)), 0);
	ck_assert_uint_eq(mrs(SYSREG(3, 0, 0, 1, 0)), 0);
	ck_undefined(SYSREG(3, 0, 0, 7, 7), false);
	ck_undefined(SYSREG(3, 0, 0, 8, 0), true);

	ck_assert_uint_eq(mrs(SYSREG_MPIDR_EL1), 1u << 31);
	drive_enter_flags(w, REC2, 0);
	ck_assert(rmm_realm_sysreg(
	    w->rmm, REC2, SYSREG_MPIDR_EL1, true, 0, &w->result));
	ck_assert_uint_eq(drive_gpr(w, REC2, 0), 1u << 31 | 1);
}
END_TEST

#define BITS(value, high, low) \
	((value) >> (low) & ((1ull << ((high) - (low) + 1)) - 1))

START_TEST(features)
{
	struct realm *realm = realm_at(w->rmm, RD);
	uint64_t dfr0 = mrs(SYSREG_ID_AA64DFR0_EL1);

	/* SVE and PMU are off; 6 breakpoints, 4 watchpoints. */
	ck_assert_uint_eq(BITS(mrs(SYSREG_ID_AA64PFR0_EL1), 35, 32), 0);
	ck_assert_uint_eq(mrs(SYSREG_ID_AA64ZFR0_EL1), 0);
	ck_assert_uint_eq(BITS(dfr0, 11, 8), 0);
	ck_assert_uint_eq(BITS(dfr0, 15, 12), 5);
	ck_assert_uint_eq(BITS(dfr0, 23, 20), 3);
	ck_assert_uint_eq(mrs(SYSREG_ID_AA64DFR1_EL1), 0);
	ck_assert_uint_eq(BITS(mrs(SYSREG_ID_AA64MMFR0_EL1), 31, 28), 0);
	ck_assert_uint_eq(BITS(mrs(SYSREG_ID_AA64MMFR0_EL1), 3, 0), 2);
	realm->sve = realm->pmu = realm->lpa2 = true;
	realm->num_bps = 40;
	realm->num_wps = 15;
	dfr0 = mrs(SYSREG_ID_AA64DFR0_EL1);
	ck_assert_uint_eq(BITS(mrs(SYSREG_ID_AA64PFR0_EL1), 35, 32), 1);
	ck_assert_uint_eq(mrs(SYSREG_ID_AA64ZFR0_EL1), 1);
	ck_assert_uint_ne(BITS(dfr0, 11, 8), 0);
	ck_assert_uint_eq(BITS(dfr0, 15, 12), 15);
	ck_assert_uint_eq(BITS(dfr0, 23, 20), 15);
	ck_assert_uint_eq(BITS(mrs(SYSREG_ID_AA64DFR1_EL1), 15, 8), 40);
	ck_assert_uint_eq(BITS(mrs(SYSREG_ID_AA64DFR1_EL1), 23, 16), 0);
	ck_assert_uint_eq(BITS(mrs(SYSREG_ID_AA64MMFR0_EL1), 31, 28), 1);
}
END_TEST

/* The realm has what RMI_REALM_CREATE was given. */
START_TEST(features_given)
{
	const struct realm *realm;
	struct rmi_realm_params *params;

	w = world_driven();
	world_delegate(w, RD, 1);
	world_delegate(w, RTT0, 2);
	params = realm_params(w);
	params->flags = RMI_REALM_FLAG_SVE | RMI_REALM_FLAG_PMU;
	params->sve_vl = 7;
	params->pmu_num_ctrs = 9;
	ck_call(w, REALM_CREATE, RD, PARAMS);
	realm = realm_at(w->rmm, RD);
	ck_assert(realm->sve && realm->pmu && !realm->lpa2);
	ck_assert_uint_eq(realm->sve_vl, 7);
	ck_assert_uint_eq(realm->pmu_num_ctrs, 9);
	ck_assert_uint_eq(realm->num_bps, params->num_bps);
	ck_assert_uint_eq(realm->num_wps, params->num_wps);
	world_free(w);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sysreg");
	TCase *tc = tcase_create("sysreg");
	TCase *given = tcase_create("given");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, state);
	tcase_add_test(tc, undefined);
	tcase_add_test(tc, counter);
	tcase_add_loop_test(tc, timer_registers, 0, 2);
	tcase_add_loop_test(tc, timer_exits, 0, 2);
	tcase_add_test(tc, next_timer);
	tcase_add_test(tc, pmu_flag);
	tcase_add_test(tc, pmu_registers);
	tcase_add_test(tc, id_registers);
	tcase_add_test(tc, features);
	suite_add_tcase(s, tc);
	tcase_add_test(given, features_given);
	suite_add_tcase(s, given);
	return s;
}

int
main(void)
{
	return run_suite(suite());
}
