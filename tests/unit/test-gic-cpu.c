/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The virtual CPU interface as a realm uses it (GICv3, IHI 0069): acknowledge,
 * end and deactivation, priorities and groups, and what the host sees of it.
 */
#include "drive.h"

#include <string.h>

#include "rmm/gic.h"
#include "rmm/machine.h"

#define PENDING	 (1ull << 62)
#define ACTIVE	 (1ull << 63)
#define GROUP1	 (1ull << 60)
#define EOI	 (1ull << 41)
#define PRIO(p)	 ((uint64_t)(p) << 48)
#define ONE(n)	 (PENDING | GROUP1 | PRIO(0x80) | (n))
#define SPURIOUS 1023

static struct world *w;

static void
setup(void)
{
	w = drive_new();
}

static void
teardown(void)
{
	world_free(w);
}

static uint64_t
mrs(unsigned reg)
{
	ck_assert(rmm_realm_sysreg(w->rmm, REC, reg, true, 5, &w->result));
	world_check(w);
	ck_assert_int_eq(w->result.outcome, RMM_GOES_ON);
	return drive_gpr(w, REC, 5);
}

static enum rmm_outcome
msr_any(unsigned reg, uint64_t value)
{
	drive_set_gpr(w, REC, 6, value);
	ck_assert(rmm_realm_sysreg(w->rmm, REC, reg, false, 6, &w->result));
	world_check(w);
	return w->result.outcome;
}

static void
msr(unsigned reg, uint64_t value)
{
	ck_assert_int_eq(msr_any(reg, value), RMM_GOES_ON);
}

/* Enter with these list registers; the realm lets everything through. */
static void
enter(uint64_t hcr, const uint64_t *lrs, unsigned num)
{
	struct rmi_rec_run *run = drive_run(w, REC);

	memset(&run->enter, 0, sizeof run->enter);
	run->enter.gicv3_hcr = hcr;
	memcpy(run->enter.gicv3_lrs, lrs, num * sizeof *lrs);
	drive_enter(w, REC);
	msr(SYSREG_ICC_PMR_EL1, 0xf8);
	msr(SYSREG_ICC_IGRPEN1_EL1, 1);
}
#define ENTER(hcr, ...)                           \
	enter((hcr), (uint64_t[]){ __VA_ARGS__ }, \
	    sizeof((uint64_t[]){ __VA_ARGS__ }) / 8)

static const struct rmi_rec_exit *
leave(void)
{
	drive_kick(w, REC);
	return &drive_run(w, REC)->exit;
}

static unsigned
signals(void)
{
	return rmm_realm_virtual_interrupts(w->rmm, REC);
}

/* ---- One interrupt -------------------------------------------------------
 */

START_TEST(one)
{
	const struct rmi_rec_exit *exit;

	ENTER(0, 0, ONE(27));
	ck_assert_uint_eq(signals(), RMM_VIRQ);
	ck_assert_uint_eq(mrs(SYSREG_ICC_HPPIR1_EL1), 27);
	ck_assert_uint_eq(mrs(SYSREG_ICC_HPPIR0_EL1), SPURIOUS);
	ck_assert_uint_eq(mrs(SYSREG_ICC_RPR_EL1), 0xff);
	/* Of the other group. */
	ck_assert_uint_eq(mrs(SYSREG_ICC_IAR0_EL1), SPURIOUS);
	ck_assert_uint_eq(mrs(SYSREG_ICC_IAR1_EL1), 27);
	ck_assert_uint_eq(signals(), 0);
	ck_assert_uint_eq(mrs(SYSREG_ICC_RPR_EL1), 0x80);
	ck_assert_uint_eq(mrs(SYSREG_ICC_AP1R0_EL1), 1u << 16);
	ck_assert_uint_eq(mrs(SYSREG_ICC_AP0R0_EL1), 0);
	ck_assert_uint_eq(mrs(SYSREG_ICC_IAR1_EL1), SPURIOUS);
	exit = leave();
	ck_assert_uint_eq(exit->gicv3_lrs[1], (ONE(27) & ~PENDING) | ACTIVE);
	ck_assert_uint_eq(exit->gicv3_vmcr,
	    0xf8ull << 24 | 2 << 21 | 3 << 18 | 1 << 3 | 1 << 1);
	/* The realm's side of it stays while the host has it. */
	ENTER(0, (ONE(27) & ~PENDING) | ACTIVE);
	ck_assert_uint_eq(mrs(SYSREG_ICC_RPR_EL1), 0x80);
	msr(SYSREG_ICC_EOIR1_EL1, 27);
	ck_assert_uint_eq(mrs(SYSREG_ICC_RPR_EL1), 0xff);
	exit = leave();
	ck_assert_uint_eq(exit->gicv3_lrs[0], ONE(27) & ~PENDING);
	ck_assert_uint_eq(exit->gicv3_hcr, 0);
	ck_assert_uint_eq(signals(), 0);
}
END_TEST

/* Pending again while active: not before it is ended. */
START_TEST(pending_and_active)
{
	ENTER(0, ONE(30) | ACTIVE);
	ck_assert_uint_eq(signals(), 0);
	msr(SYSREG_ICC_AP1R0_EL1, 1u << 16);
	msr(SYSREG_ICC_EOIR1_EL1, 30);
	ck_assert_uint_eq(signals(), RMM_VIRQ);
	ck_assert_uint_eq(mrs(SYSREG_ICC_IAR1_EL1), 30);
}
END_TEST

/* LPIs are never active. */
START_TEST(lpi)
{
	ENTER(0, ONE(8200));
	ck_assert_uint_eq(mrs(SYSREG_ICC_IAR1_EL1), 8200);
	msr(SYSREG_ICC_EOIR1_EL1, 8200);
	ck_assert_uint_eq(mrs(SYSREG_ICC_RPR_EL1), 0xff);
	ck_assert_uint_eq(leave()->gicv3_lrs[0], ONE(8200) & ~PENDING);
	ck_assert_uint_eq(drive_run(w, REC)->exit.gicv3_hcr, 0);
}
END_TEST

/* ---- Which of them -------------------------------------------------------
 */

START_TEST(priorities)
{
	ENTER(0, ONE(40), PENDING | GROUP1 | PRIO(0x20) | 41,
	    PENDING | GROUP1 | PRIO(0x20) | 42,
	    PENDING | GROUP1 | PRIO(0x18) | 43);
	msr(SYSREG_ICC_PMR_EL1, 0x20);
	ck_assert_uint_eq(mrs(SYSREG_ICC_IAR1_EL1), 43);
	/* Nothing is above what is active, or above PMR. */
	ck_assert_uint_eq(signals(), 0);
	msr(SYSREG_ICC_EOIR1_EL1, 43);
	ck_assert_uint_eq(signals(), 0);
	ck_assert_uint_eq(mrs(SYSREG_ICC_IAR1_EL1), SPURIOUS);
	ck_assert_uint_eq(mrs(SYSREG_ICC_HPPIR1_EL1), 41);
	msr(SYSREG_ICC_PMR_EL1, 0x28);
	ck_assert_uint_eq(mrs(SYSREG_ICC_IAR1_EL1), 41);
	/* An equal priority does not preempt; a higher one does. */
	msr(SYSREG_ICC_PMR_EL1, 0xff);
	ck_assert_uint_eq(mrs(SYSREG_ICC_PMR_EL1), 0xf8);
	ck_assert_uint_eq(signals(), 0);
	msr(SYSREG_ICC_EOIR1_EL1, 41);
	ck_assert_uint_eq(mrs(SYSREG_ICC_IAR1_EL1), 42);
	msr(SYSREG_ICC_EOIR1_EL1, 42);
	ck_assert_uint_eq(mrs(SYSREG_ICC_IAR1_EL1), 40);
}
END_TEST

/* With a binary point, some priorities are one. */
START_TEST(binary_points)
{
	ENTER(0, PENDING | GROUP1 | PRIO(0x40) | 50,
	    PENDING | GROUP1 | PRIO(0x50) | 51);
	msr(SYSREG_ICC_BPR1_EL1, 6);
	msr(SYSREG_ICC_AP1R0_EL1, 1u << (0x40 >> 3));
	/* Both are 0x40 to 0x7f. */
	ck_assert_uint_eq(signals(), 0);
	msr(SYSREG_ICC_BPR1_EL1, 4);
	ck_assert_uint_eq(signals(), 0);
	msr(SYSREG_ICC_AP1R0_EL1, 1u << (0x50 >> 3));
	ck_assert_uint_eq(mrs(SYSREG_ICC_IAR1_EL1), 50);
	ck_assert_uint_eq(mrs(SYSREG_ICC_RPR_EL1), 0x40);

	/* Values below the least are the least. */
	msr(SYSREG_ICC_BPR0_EL1, 0);
	ck_assert_uint_eq(mrs(SYSREG_ICC_BPR0_EL1), 2);
	msr(SYSREG_ICC_BPR1_EL1, 0);
	ck_assert_uint_eq(mrs(SYSREG_ICC_BPR1_EL1), 3);
	msr(SYSREG_ICC_BPR1_EL1, 7);
	/* CBPR: group 1 has group 0's, and one more. */
	msr(SYSREG_ICC_BPR0_EL1, 5);
	msr(SYSREG_ICC_CTLR_EL1, 1);
	ck_assert_uint_eq(mrs(SYSREG_ICC_BPR1_EL1), 6);
	msr(SYSREG_ICC_BPR1_EL1, 3);
	msr(SYSREG_ICC_BPR0_EL1, 7);
	ck_assert_uint_eq(mrs(SYSREG_ICC_BPR1_EL1), 7);
	msr(SYSREG_ICC_CTLR_EL1, 0);
	ck_assert_uint_eq(mrs(SYSREG_ICC_BPR1_EL1), 7);
	ck_assert_uint_eq(leave()->gicv3_vmcr,
	    0xf8ull << 24 | 7 << 21 | 7 << 18 | 1 << 3 | 1 << 1);
}
END_TEST

START_TEST(groups)
{
	const uint64_t zero = PENDING | PRIO(0x40) | 60;

	ENTER(0, ONE(61), zero);
	/* Group 0 is not enabled. */
	ck_assert_uint_eq(mrs(SYSREG_ICC_IGRPEN0_EL1), 0);
	ck_assert_uint_eq(mrs(SYSREG_ICC_HPPIR0_EL1), SPURIOUS);
	ck_assert_uint_eq(mrs(SYSREG_ICC_HPPIR1_EL1), 61);
	ck_assert_uint_eq(signals(), RMM_VIRQ);
	msr(SYSREG_ICC_IGRPEN0_EL1, UINT64_MAX);
	ck_assert_uint_eq(mrs(SYSREG_ICC_IGRPEN0_EL1), 1);
	ck_assert_uint_eq(signals(), RMM_VFIQ);
	ck_assert_uint_eq(mrs(SYSREG_ICC_HPPIR0_EL1), 60);
	ck_assert_uint_eq(mrs(SYSREG_ICC_IAR1_EL1), SPURIOUS);
	ck_assert_uint_eq(mrs(SYSREG_ICC_IAR0_EL1), 60);
	ck_assert_uint_eq(mrs(SYSREG_ICC_AP0R0_EL1), 1u << 8);
	msr(SYSREG_ICC_EOIR0_EL1, 60);
	ck_assert_uint_eq(mrs(SYSREG_ICC_AP0R0_EL1), 0);
	msr(SYSREG_ICC_IGRPEN1_EL1, 0);
	ck_assert_uint_eq(mrs(SYSREG_ICC_IGRPEN1_EL1), 0);
	ck_assert_uint_eq(signals(), 0);
	ck_assert_uint_eq(leave()->gicv3_lrs[1], zero & ~PENDING);
}
END_TEST

/* A wait is over if something is signalled, not if it is only there. */
START_TEST(waits)
{
	ENTER(0, ONE(27));
	ck_assert(rmm_realm_wait(w->rmm, REC, RMM_WFI, 0, &w->result));
	ck_assert_int_eq(w->result.outcome, RMM_GOES_ON);
	msr(SYSREG_ICC_PMR_EL1, 0x80);
	ck_assert(rmm_realm_wait(w->rmm, REC, RMM_WFI, 0, &w->result));
	ck_assert_int_eq(w->result.outcome, RMM_WAITS);
	msr(SYSREG_ICC_PMR_EL1, 0x88);
	msr(SYSREG_ICC_IGRPEN1_EL1, 0);
	ck_assert(rmm_realm_wait(w->rmm, REC, RMM_WFI, 0, &w->result));
	ck_assert_int_eq(w->result.outcome, RMM_WAITS);
}
END_TEST

/* ---- The end -------------------------------------------------------------
 */

START_TEST(eoi_mode)
{
	ENTER(0, ONE(70));
	msr(SYSREG_ICC_CTLR_EL1, 2);
	ck_assert_uint_eq(mrs(SYSREG_ICC_CTLR_EL1), 0x88c02);
	ck_assert_uint_eq(mrs(SYSREG_ICC_IAR1_EL1), 70);
	msr(SYSREG_ICC_EOIR1_EL1, 70);
	/* The priority only. */
	ck_assert_uint_eq(mrs(SYSREG_ICC_RPR_EL1), 0xff);
	msr(SYSREG_ICC_DIR_EL1, SPURIOUS);
	ck_assert_uint_eq(leave()->gicv3_lrs[0], (ONE(70) & ~PENDING) | ACTIVE);
	ENTER(0, (ONE(70) & ~PENDING) | ACTIVE);
	msr(SYSREG_ICC_DIR_EL1, 70);
	msr(SYSREG_ICC_DIR_EL1, 71);
	msr(SYSREG_ICC_DIR_EL1, 8192);
	ck_assert_uint_eq(leave()->gicv3_lrs[0], ONE(70) & ~PENDING);
	/* 71 is in no list register. */
	ck_assert_uint_eq(drive_run(w, REC)->exit.gicv3_hcr, 1 << 27);
	ck_assert_uint_eq(drive_run(w, REC)->exit.gicv3_vmcr & 1 << 9, 1 << 9);
}
END_TEST

START_TEST(eoi_count)
{
	ENTER(0x4, 0);
	ck_assert_uint_eq(mrs(SYSREG_ICC_CTLR_EL1), 0x88c00);
	/* In mode 0 DIR does nothing, and special INTIDs never. */
	msr(SYSREG_ICC_DIR_EL1, 80);
	msr(SYSREG_ICC_EOIR1_EL1, SPURIOUS);
	msr(SYSREG_ICC_EOIR1_EL1, 8192);
	ck_assert_uint_eq(leave()->gicv3_hcr, 4);
	ck_assert_uint_eq(drive_run(w, REC)->exit.gicv3_misr, 0);
	/* LRENPIE: with the first one counted, the host is told. */
	ENTER(0x4, 0);
	ck_assert_int_eq(msr_any(SYSREG_ICC_EOIR1_EL1, 80), RMM_EXITED);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_IRQ, .gicv3_misr = 4,
	    .gicv3_hcr = 1 << 27 | 4,
	    .gicv3_vmcr = GIC_VMCR_RESET | 2 | 0xf8ull << 24);
	/* Each entry counts anew; 5 bits wrap. */
	ENTER(0, 0);
	for (unsigned i = 0; i < 33; i++)
		msr(SYSREG_ICC_EOIR0_EL1, 80);
	ck_assert_uint_eq(leave()->gicv3_hcr, 1 << 27);
}
END_TEST

/* What does not fit is not deactivated. */
START_TEST(eoi_wrong)
{
	ENTER(0, ONE(90));
	ck_assert_uint_eq(mrs(SYSREG_ICC_IAR1_EL1), 90);
	msr(SYSREG_ICC_EOIR0_EL1, 90);
	ck_assert_uint_eq(leave()->gicv3_lrs[0], (ONE(90) & ~PENDING) | ACTIVE);
	ENTER(0, (ONE(90) & ~PENDING) | ACTIVE);
	msr(SYSREG_ICC_AP1R0_EL1, 1u << 3);
	msr(SYSREG_ICC_EOIR1_EL1, 90);
	ck_assert_uint_eq(leave()->gicv3_lrs[0], (ONE(90) & ~PENDING) | ACTIVE);
}
END_TEST

/* ---- The host is told ----------------------------------------------------
 */

START_TEST(maintenance)
{
	/* EOI is asked for, and here it is. */
	ENTER(0, ONE(27) | EOI);
	ck_assert_uint_eq(mrs(SYSREG_ICC_IAR1_EL1), 27);
	ck_assert_int_eq(msr_any(SYSREG_ICC_EOIR1_EL1, 27), RMM_EXITED);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_IRQ, .gicv3_misr = 1,
	    .gicv3_lrs[0] = (ONE(27) | EOI) & ~PENDING,
	    .gicv3_vmcr = GIC_VMCR_RESET | 2 | 0xf8ull << 24);
	ck_assert_uint_eq(drive_pc(w, REC), PC_START + 4 * 4);
	/* NP: nothing is pending any more. */
	ENTER(0x8, ONE(27));
	ck_assert(rmm_realm_sysreg(
	    w->rmm, REC, SYSREG_ICC_IAR1_EL1, true, 5, &w->result));
	ck_assert_int_eq(w->result.outcome, RMM_EXITED);
	ck_assert_uint_eq(drive_gpr(w, REC, 5), 27);
	ck_assert_uint_eq(drive_run(w, REC)->exit.gicv3_misr, 8);
}
END_TEST

/* Groups that are switched on and off. */
START_TEST(maintenance_groups)
{
	struct rmi_rec_run *run = drive_run(w, REC);

	run->enter.gicv3_hcr = 0x40; /* VGrp1EIE */
	drive_enter(w, REC);
	ck_assert_int_eq(msr_any(SYSREG_ICC_IGRPEN1_EL1, 1), RMM_EXITED);
	ck_assert_uint_eq(run->exit.gicv3_misr, 0x40);
	run->enter.gicv3_hcr = 0x80; /* VGrp1DIE */
	drive_enter(w, REC);
	ck_assert_int_eq(msr_any(SYSREG_ICC_IGRPEN1_EL1, 0), RMM_EXITED);
	ck_assert_uint_eq(run->exit.gicv3_misr, 0x80);
	run->enter.gicv3_hcr = 0x10; /* VGrp0EIE */
	drive_enter(w, REC);
	ck_assert_int_eq(msr_any(SYSREG_ICC_IGRPEN0_EL1, 1), RMM_EXITED);
	ck_assert_uint_eq(run->exit.gicv3_misr, 0x10);
}
END_TEST

static const struct {
	unsigned reg;
	uint64_t iss; /* of MSR from X6 */
	uint64_t hcr;
} trapped[] = {
	{ SYSREG_ICC_SGI1R_EL1, 0x3a3016 | 6 << 5, 0 },
	{ SYSREG_ICC_ASGI1R_EL1, 0x3c3016 | 6 << 5, 0 },
	{ SYSREG_ICC_SGI0R_EL1, 0x3e3016 | 6 << 5, 0 },
	{ SYSREG_ICC_DIR_EL1, 0x323016 | 6 << 5, 0x4000 },
};

START_TEST(trapped_writes)
{
	uint64_t pc;

	ENTER(trapped[_i].hcr, 0);
	pc = drive_pc(w, REC);
	ck_assert_int_eq(
	    msr_any(trapped[_i].reg, 0x123456789abcdef), RMM_EXITED);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_SYNC,
	    .esr = 0x18ull << 26 | 1 << 25 | trapped[_i].iss,
	    .gprs[0] = 0x123456789abcdef, .gicv3_hcr = trapped[_i].hcr,
	    .gicv3_vmcr = GIC_VMCR_RESET | 2 | 0xf8ull << 24);
	ck_assert_uint_eq(drive_pc(w, REC), pc + 4);
	w->rmm->config.choices[RMM_CHOICE_ICC_TRAP] = RMM_ICC_TRAP_IGNORE;
	ENTER(trapped[_i].hcr, 0);
	msr(trapped[_i].reg, 0x123456789abcdef);
}
END_TEST

/* ---- No such access ------------------------------------------------------
 */

START_TEST(undefined)
{
	static const unsigned write_only[] = { SYSREG_ICC_EOIR0_EL1,
		SYSREG_ICC_EOIR1_EL1, SYSREG_ICC_DIR_EL1, SYSREG_ICC_SGI1R_EL1,
		SYSREG_ICC_SGI0R_EL1, SYSREG_ICC_ASGI1R_EL1 };
	static const unsigned read_only[] = { SYSREG_ICC_IAR0_EL1,
		SYSREG_ICC_IAR1_EL1, SYSREG_ICC_HPPIR0_EL1,
		SYSREG_ICC_HPPIR1_EL1, SYSREG_ICC_RPR_EL1 };

	ENTER(0, 0);
	for (unsigned i = 0; i < 6; i++) {
		ck_assert(rmm_realm_sysreg(
		    w->rmm, REC, write_only[i], true, 5, &w->result));
		ck_assert_int_eq(w->result.outcome, RMM_EXCEPTION);
	}
	for (unsigned i = 0; i < 5; i++)
		ck_assert_int_eq(msr_any(read_only[i], 0), RMM_EXCEPTION);
	/* AP0R1 and AP1R1: there are no so many priorities. */
	ck_assert_int_eq(msr_any(SYSREG(3, 0, 12, 8, 5), 0), RMM_EXCEPTION);
	ck_assert_int_eq(msr_any(SYSREG(3, 0, 12, 9, 1), 0), RMM_EXCEPTION);
	ck_assert_uint_eq(mrs(SYSREG_ICC_SRE_EL1), 7);
	msr(SYSREG_ICC_SRE_EL1, 0);
	ck_assert_uint_eq(mrs(SYSREG_ICC_SRE_EL1), 7);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("gic-cpu");
	TCase *tc = tcase_create("gic-cpu");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, one);
	tcase_add_test(tc, pending_and_active);
	tcase_add_test(tc, lpi);
	tcase_add_test(tc, priorities);
	tcase_add_test(tc, binary_points);
	tcase_add_test(tc, groups);
	tcase_add_test(tc, waits);
	tcase_add_test(tc, eoi_mode);
	tcase_add_test(tc, eoi_count);
	tcase_add_test(tc, eoi_wrong);
	tcase_add_test(tc, maintenance);
	tcase_add_test(tc, maintenance_groups);
	tcase_add_loop_test(tc, trapped_writes, 0, 4);
	tcase_add_test(tc, undefined);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(suite());
}
