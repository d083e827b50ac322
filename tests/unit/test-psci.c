/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI: what each function of B6.3 tells realm and host, and its completion by
 * RMI_PSCI_COMPLETE (B4.3.7) in every order.
 */
#include "drive.h"

#include <string.h>

#include "rmm/machine.h"

#define ENTRY	    0x7123ull
#define CONTEXT	    0xfeedfacecafebeefull
#define DENIED	    ((uint64_t)PSCI_DENIED)
#define CHOOSE(id)  (w->rmm->config.choices[RMM_CHOICE_##id] = 1)
#define CALL32(fid) ((fid) & ~0x40000000ull)

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

/* A result of PSCI: X0, and zeros in X1 to X3; the others stay. */
static void
ck_psci(uint64_t rec, int64_t result)
{
	ck_assert_int_eq((int64_t)drive_gpr(w, rec, 0), result);
	for (unsigned i = 1; i < 4; i++)
		ck_assert_uint_eq(drive_gpr(w, rec, i), 0);
	for (unsigned i = 4; i < 18; i++)
		ck_assert_uint_eq(drive_gpr(w, rec, i), 0xbad0000 + i);
}

static void
returns(int64_t result, uint64_t fid, uint64_t x1, uint64_t x2, uint64_t x3)
{
	uint64_t pc = drive_pc(w, REC);

	ck_assert_int_eq(SMC(w, REC, fid, x1, x2, x3), RMM_GOES_ON);
	ck_psci(REC, result);
	ck_assert_uint_eq(drive_pc(w, REC), pc + 4);
}

/* The call exits with its function id and these arguments. */
static void
exits(uint64_t rec, uint64_t fid, uint64_t x1, uint64_t x2, uint64_t x3)
{
	uint64_t pc = drive_pc(w, rec);

	ck_assert_int_eq(SMC(w, rec, fid, x1, x2, x3), RMM_EXITED);
	ck_exit(
	    w, rec, .exit_reason = RMI_EXIT_PSCI, .gprs = { fid, x1, x2, x3 });
	ck_assert_uint_eq(drive_pc(w, rec), pc + 4);
}

static void
turn_on(uint64_t mpidr)
{
	exits(REC, PSCI_FID_CPU_ON, mpidr, ENTRY, CONTEXT);
	ck_assert(drive_rec(w, REC).psci_pending);
}

/* ---- Functions without an exit -------------------------------------------
 */

START_TEST(version_features)
{
	static const uint64_t known[] = { PSCI_FID_VERSION,
		PSCI_FID_CPU_SUSPEND, PSCI_FID_CPU_OFF, PSCI_FID_CPU_ON,
		PSCI_FID_AFFINITY_INFO, PSCI_FID_SYSTEM_OFF,
		PSCI_FID_SYSTEM_RESET, PSCI_FID_FEATURES, 0x80000000 };
	static const uint64_t unknown[] = { 0, 0x84000001, 0x84000003,
		0x84000004, 0x84000005, 0x84000006, 0x84000007, 0x8400000b,
		0x84000012, 0xC4000002, 0xC4000012, 0xC4000190, 0x80000001,
		0xffffffff };

	returns(0x10001, PSCI_FID_VERSION, 0, 0, 0);
	for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
		returns(0, PSCI_FID_FEATURES, known[i], 5, 5);
	/* X1 is a 32-bit argument. */
	returns(0, PSCI_FID_FEATURES, 1ull << 32 | PSCI_FID_CPU_ON, 0, 0);
	for (unsigned i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
		returns(
		    PSCI_NOT_SUPPORTED, PSCI_FID_FEATURES, unknown[i], 0, 0);
}
END_TEST

/* B1.1 against A4.3.4: a choice. */
START_TEST(smccc_version)
{
	returns(0x10003, 0x80000000, 0, 0, 0);
	ck_assert_str_eq(w->result.answer.command, "SMCCC_VERSION");
	CHOOSE(SMCCC_VERSION);
	ck_assert_int_eq(SMC(w, REC, 0x80000000, 1), RMM_GOES_ON);
	ck_assert_uint_eq(drive_gpr(w, REC, 0), UINT64_MAX);
	ck_assert_str_eq(w->result.answer.condition, "fid");
	returns(PSCI_NOT_SUPPORTED, PSCI_FID_FEATURES, 0x80000000, 0, 0);
}
END_TEST

/* ---- Suspend and off -----------------------------------------------------
 */

START_TEST(suspend)
{
	exits(REC, PSCI_FID_CPU_SUSPEND, 0x10000, ENTRY, CONTEXT);
	ck_assert(!drive_rec(w, REC).psci_pending);
	ck_reject(w, pending, RMI_ERROR_INPUT, PSCI_COMPLETE, REC, REC2,
	    PSCI_SUCCESS);
	drive_enter_flags(w, REC, 0);
	ck_psci(REC, PSCI_SUCCESS);
	ck_assert_uint_eq(drive_pc(w, REC), PC_START + 4);
}
END_TEST

START_TEST(cpu_off)
{
	/* No argument of the realm's gets out. */
	ck_assert_int_eq(SMC(w, REC, PSCI_FID_CPU_OFF, 1, 2, 3), RMM_EXITED);
	ck_exit(
	    w, REC, .exit_reason = RMI_EXIT_PSCI, .gprs[0] = PSCI_FID_CPU_OFF);
	ck_assert(!drive_rec(w, REC).runnable);
	ck_assert(!drive_rec(w, REC).psci_pending);
	ck_reject(w, rec_runnable, RMI_ERROR_REC, REC_ENTER, REC, RUN);
}
END_TEST

static void
system_goes(uint64_t fid)
{
	drive_enter_flags(w, REC2, 0);
	ck_assert_int_eq(SMC(w, REC, fid, 1, 2, 3), RMM_EXITED);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_PSCI, .gprs[0] = fid);
	ck_assert_int_eq(world_realm_info(w, RD).state, RMM_REALM_SYSTEM_OFF);
	ck_reject(
	    w, system_off, RMI_RESULT(RMI_ERROR_REALM, 1), REC_ENTER, REC, RUN);
	/* A REC that runs goes on until it exits. */
	ck_assert_int_eq(drive_load(w, REC2, IPA_RAM), RMM_GOES_ON);
	drive_kick(w, REC2);
	ck_reject(w, system_off, RMI_RESULT(RMI_ERROR_REALM, 1), REC_ENTER,
	    REC2, RUN_OF(REC2));
}

START_TEST(system_off)
{
	system_goes(PSCI_FID_SYSTEM_OFF);
}
END_TEST

START_TEST(system_reset)
{
	system_goes(PSCI_FID_SYSTEM_RESET);
}
END_TEST

/* ---- CPU_ON --------------------------------------------------------------
 */

START_TEST(cpu_on)
{
	struct rmm_regs regs;

	turn_on(2);
	ck_reject(w, rec_psci, RMI_ERROR_REC, REC_ENTER, REC, RUN);
	ck_reject(
	    w, rec_runnable, RMI_ERROR_REC, REC_ENTER, REC3, RUN_OF(REC3));
	ck_call(w, PSCI_COMPLETE, REC, REC3, PSCI_SUCCESS);
	ck_assert(drive_rec(w, REC3).runnable);
	ck_assert(!drive_rec(w, REC).psci_pending);
	ck_reject(w, pending, RMI_ERROR_INPUT, PSCI_COMPLETE, REC, REC3,
	    PSCI_SUCCESS);
	drive_enter_flags(w, REC, 0);
	ck_psci(REC, PSCI_SUCCESS);
	drive_enter_flags(w, REC3, 0);
	ck_assert(rmm_regs(w->rmm, REC3, &regs));
	ck_assert_uint_eq(regs.pc, ENTRY);
	ck_assert_uint_eq(regs.gprs[0], CONTEXT);
	for (unsigned i = 1; i < RMI_REC_GPRS; i++)
		ck_assert_uint_eq(regs.gprs[i], 0);
	ck_assert_uint_eq(regs.pstate, 0x3c5);
}
END_TEST

/* Off and on again: nothing is left of the life before. */
START_TEST(off_and_on)
{
	struct rmm_regs regs, fresh;

	drive_enter_flags(w, REC2, 0);
	ck_assert(rmm_regs(w->rmm, REC2, &fresh));
	memset(&regs, 0x5a, sizeof regs);
	ck_assert(rmm_set_regs(w->rmm, REC2, &regs));
	ck_assert_int_eq(SMC(w, REC2, PSCI_FID_CPU_OFF), RMM_EXITED);
	turn_on(1);
	ck_call(w, PSCI_COMPLETE, REC, REC2, PSCI_SUCCESS);
	drive_enter_flags(w, REC2, 0);
	ck_assert(rmm_regs(w->rmm, REC2, &regs));
	memset(fresh.gprs, 0, sizeof fresh.gprs);
	fresh.gprs[0] = CONTEXT;
	fresh.pc = ENTRY;
	ck_assert_mem_eq(&regs, &fresh, sizeof regs);
	drive_kick(w, REC2);
	ck_exit(w, REC2, .exit_reason = RMI_EXIT_IRQ);
}
END_TEST

START_TEST(cpu_on_conditions)
{
	const uint64_t fid = PSCI_FID_CPU_ON;

	returns(PSCI_INVALID_ADDRESS, fid, 2, UNPROT, 0);
	ck_assert_str_eq(w->result.answer.condition, "entry");
	returns(PSCI_INVALID_ADDRESS, fid, 2, UINT64_MAX, 0);
	returns(PSCI_INVALID_PARAMETERS, fid, 3, ENTRY, 0);
	ck_assert_str_eq(w->result.answer.condition, "mpidr");
	returns(PSCI_INVALID_PARAMETERS, fid, 0x10, ENTRY, 0);
	returns(PSCI_INVALID_PARAMETERS, fid, 0x100, ENTRY, 0);
	returns(PSCI_INVALID_PARAMETERS, fid, 1ull << 32, ENTRY, 0);
	returns(PSCI_INVALID_PARAMETERS, fid, 1ull << 31 | 2, ENTRY, 0);
	returns(PSCI_ALREADY_ON, fid, 0, ENTRY, 0);
	ck_assert_str_eq(w->result.answer.condition, "runnable");
	ck_assert(!drive_rec(w, REC).psci_pending);
	/* The last protected address is one. */
	exits(REC, fid, 2, UNPROT - 1, 0);
}
END_TEST

static const struct {
	uint64_t target; /* MPIDR */
	bool off;	 /* the target is switched off before the completion */
	bool on;	 /* or on, by the other REC */
	uint64_t status;
	int64_t result; /* of CPU_ON; PSCI_OFF: not permitted */
} races[] = {
	{ 2, false, false, PSCI_SUCCESS, PSCI_SUCCESS },
	{ 2, false, false, DENIED, PSCI_DENIED },
	{ 2, false, true, PSCI_SUCCESS, PSCI_ALREADY_ON },
	{ 2, false, true, DENIED, PSCI_OFF },
	{ 1, false, false, PSCI_SUCCESS, PSCI_ALREADY_ON },
	{ 1, false, false, DENIED, PSCI_OFF },
	{ 1, true, false, PSCI_SUCCESS, PSCI_SUCCESS },
	{ 1, true, false, DENIED, PSCI_DENIED },
};

START_TEST(cpu_on_races)
{
	uint64_t target = races[_i].target == 1 ? REC2 : REC3;
	bool was_on;

	turn_on(races[_i].target);
	if (races[_i].off || races[_i].on)
		drive_enter_flags(w, REC2, 0);
	if (races[_i].off)
		ck_assert_int_eq(SMC(w, REC2, PSCI_FID_CPU_OFF), RMM_EXITED);
	if (races[_i].on) {
		/* Two RECs turn the same one on: the first wins. */
		exits(REC2, PSCI_FID_CPU_ON, 2, 0x4000, 1);
		ck_call(w, PSCI_COMPLETE, REC2, REC3, PSCI_SUCCESS);
	}
	was_on = drive_rec(w, target).runnable;
	if (races[_i].result == PSCI_OFF) {
		ck_reject(w, status, RMI_ERROR_INPUT, PSCI_COMPLETE, REC,
		    target, races[_i].status);
		return;
	}
	ck_call(w, PSCI_COMPLETE, REC, target, races[_i].status);
	ck_assert(drive_rec(w, target).runnable ==
	    (was_on || races[_i].status == PSCI_SUCCESS));
	if (races[_i].on)
		ck_assert_uint_eq(drive_pc(w, REC3), 0x4000);
	drive_enter_flags(w, REC, 0);
	ck_psci(REC, races[_i].result);
}
END_TEST

START_TEST(complete_conditions)
{
	struct rmi_rec_params *params;
	const uint64_t rd = FREE, other = G(84);

	/* A REC of MPIDR 2 in another realm. */
	world_delegate(w, G(300), 2);
	world_other_realm(w, rd, G(82));
	for (uint64_t i = 0; i < 3; i++) {
		params = rec_params(w);
		params->mpidr = i;
		params->aux[0] = other + 3 * i * L3_SIZE + 0x1000;
		params->aux[1] = other + 3 * i * L3_SIZE + 0x2000;
		ck_call(w, REC_CREATE, rd, other + 3 * i * L3_SIZE, PARAMS);
	}
	turn_on(2);
	ck_reject(w, alias, RMI_ERROR_INPUT, PSCI_COMPLETE, REC, REC, 0);
	ck_reject(w, owner, RMI_ERROR_INPUT, PSCI_COMPLETE, REC,
	    other + 6 * L3_SIZE, 0);
	ck_reject(w, target, RMI_ERROR_INPUT, PSCI_COMPLETE, REC, REC2, 0);
	ck_reject(w, pending, RMI_ERROR_INPUT, PSCI_COMPLETE, REC2, REC3, 0);
	ck_reject(
	    w, calling_state, RMI_ERROR_INPUT, PSCI_COMPLETE, FREE, REC3, 0);
	ck_reject(w, target_state, RMI_ERROR_INPUT, PSCI_COMPLETE, REC, RD, 0);
	for (int64_t status = -10; status < 4; status++)
		if (status != PSCI_SUCCESS && status != PSCI_DENIED)
			ck_reject(w, status, RMI_ERROR_INPUT, PSCI_COMPLETE,
			    REC, REC3, (uint64_t)status);
	ck_reject(w, status, RMI_ERROR_INPUT, PSCI_COMPLETE, REC, REC3,
	    (uint32_t)PSCI_DENIED);
	/* It is still to be had, and the target may run meanwhile. */
	ck_call(w, PSCI_COMPLETE, REC, REC3, PSCI_SUCCESS);
}
END_TEST

/* The target is destroyed meanwhile, or the one that asks. */
START_TEST(destroyed_meanwhile)
{
	turn_on(2);
	ck_call(w, REC_DESTROY, REC3);
	ck_reject(w, target_state, RMI_ERROR_INPUT, PSCI_COMPLETE, REC, REC3,
	    PSCI_SUCCESS);
	ck_reject(
	    w, target, RMI_ERROR_INPUT, PSCI_COMPLETE, REC, REC2, PSCI_SUCCESS);
	ck_reject(w, rec_psci, RMI_ERROR_REC, REC_ENTER, REC, RUN);
	/* An MPIDR without a REC is none that is used (B3.24). */
	drive_enter_flags(w, REC2, 0);
	ck_realm_reject(w, REC2, mpidr, PSCI_INVALID_PARAMETERS,
	    PSCI_FID_CPU_ON, 2, ENTRY, 0);
	ck_realm_reject(w, REC2, target_match, PSCI_INVALID_PARAMETERS,
	    PSCI_FID_AFFINITY_INFO, 2, 0);
	exits(REC2, PSCI_FID_AFFINITY_INFO, 0, 0, 0);
	ck_call(w, REC_DESTROY, REC);
	ck_reject(w, target_state, RMI_ERROR_INPUT, PSCI_COMPLETE, REC2, REC,
	    PSCI_SUCCESS);
	ck_call(w, REC_DESTROY, REC2);
}
END_TEST

/* ---- AFFINITY_INFO -------------------------------------------------------
 */

START_TEST(affinity_info)
{
	const uint64_t fid = PSCI_FID_AFFINITY_INFO;

	for (unsigned runs = 0; runs < 2; runs++) {
		if (runs)
			drive_enter_flags(w, REC2, 0);
		exits(REC, fid, 1, 0, 0);
		ck_assert(drive_rec(w, REC).psci_pending);
		ck_reject(w, status, RMI_ERROR_INPUT, PSCI_COMPLETE, REC, REC2,
		    DENIED);
		ck_call(w, PSCI_COMPLETE, REC, REC2, PSCI_SUCCESS);
		drive_enter_flags(w, REC, 0);
		ck_psci(REC, 0);
	}
	exits(REC, fid, 2, 0, 0);
	ck_reject(w, status, RMI_ERROR_INPUT, PSCI_COMPLETE, REC, REC3, DENIED);
	ck_call(w, PSCI_COMPLETE, REC, REC3, PSCI_SUCCESS);
	drive_enter_flags(w, REC, 0);
	ck_psci(REC, PSCI_OFF);

	returns(PSCI_INVALID_PARAMETERS, fid, 1, 1, 0);
	ck_assert_str_eq(w->result.answer.condition, "target_bound");
	returns(PSCI_INVALID_PARAMETERS, fid, 3, 0, 0);
	ck_assert_str_eq(w->result.answer.condition, "target_match");
	/* Who asks is on; RMI_PSCI_COMPLETE would not take it. */
	returns(PSCI_SUCCESS, fid, 0, 0, 0);
}
END_TEST

/* X2[63:32] of AFFINITY_INFO should be zero, and is not looked at. */
START_TEST(affinity_level_is_short)
{
	ck_assert_int_eq(
	    SMC(w, REC, PSCI_FID_AFFINITY_INFO, 1, 1ull << 32), RMM_EXITED);
}
END_TEST

/* ---- Function ids with 32-bit arguments ----------------------------------
 */

START_TEST(smc32)
{
	const uint64_t high = 0xffffffffull << 32;

	CHOOSE(PSCI_SMC32);
	returns(0, PSCI_FID_FEATURES, 0x84000001, 0, 0);
	returns(0, PSCI_FID_FEATURES, 0x84000003, 0, 0);
	returns(0, PSCI_FID_FEATURES, 0x84000004, 0, 0);
	returns(PSCI_NOT_SUPPORTED, PSCI_FID_FEATURES, 0x84000005, 0, 0);
	ck_assert_int_eq(SMC(w, REC, CALL32(PSCI_FID_CPU_ON), high | 2,
			     high | ENTRY, CONTEXT),
	    RMM_EXITED);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_PSCI,
	    .gprs = { 0x84000003, 2, ENTRY, (uint32_t)CONTEXT });
	ck_call(w, PSCI_COMPLETE, REC, REC3, PSCI_SUCCESS);
	drive_enter_flags(w, REC, 0);
	ck_psci(REC, PSCI_SUCCESS);
	drive_enter_flags(w, REC3, 0);
	ck_assert_uint_eq(drive_pc(w, REC3), ENTRY);
	ck_assert_uint_eq(drive_gpr(w, REC3, 0), (uint32_t)CONTEXT);
	exits(REC, CALL32(PSCI_FID_AFFINITY_INFO), 2, 0, 0);
	ck_call(w, PSCI_COMPLETE, REC, REC3, PSCI_SUCCESS);
	drive_enter_flags(w, REC, 0);
	ck_psci(REC, 0);
	exits(REC, CALL32(PSCI_FID_AFFINITY_INFO), 2, 0, 0);
	ck_call(w, REC_DESTROY, REC);
	exits(REC3, CALL32(PSCI_FID_CPU_SUSPEND), 1, 2, 3);
	drive_enter_flags(w, REC3, 0);
	ck_psci(REC3, PSCI_SUCCESS);
	/* One that is on can not be denied: the host knows it is CPU_ON. */
	exits(REC3, CALL32(PSCI_FID_CPU_ON), 1, ENTRY, 0);
	ck_reject(
	    w, status, RMI_ERROR_INPUT, PSCI_COMPLETE, REC3, REC2, DENIED);
}
END_TEST

START_TEST(smc32_denied)
{
	CHOOSE(PSCI_SMC32);
	exits(REC, CALL32(PSCI_FID_CPU_ON), 2, ENTRY, 0);
	ck_call(w, PSCI_COMPLETE, REC, REC3, DENIED);
	drive_enter_flags(w, REC, 0);
	ck_psci(REC, PSCI_DENIED);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("psci");
	TCase *tc = tcase_create("psci");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, version_features);
	tcase_add_test(tc, smccc_version);
	tcase_add_test(tc, suspend);
	tcase_add_test(tc, cpu_off);
	tcase_add_test(tc, system_off);
	tcase_add_test(tc, system_reset);
	tcase_add_test(tc, cpu_on);
	tcase_add_test(tc, off_and_on);
	tcase_add_test(tc, cpu_on_conditions);
	tcase_add_loop_test(
	    tc, cpu_on_races, 0, sizeof races / sizeof races[0]);
	tcase_add_test(tc, complete_conditions);
	tcase_add_test(tc, destroyed_meanwhile);
	tcase_add_test(tc, affinity_info);
	tcase_add_test(tc, affinity_level_is_short);
	tcase_add_test(tc, smc32);
	tcase_add_test(tc, smc32_denied);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(suite());
}
