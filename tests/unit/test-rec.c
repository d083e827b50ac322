/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * REC_* and PSCI_COMPLETE: each condition of B4.3.7 and B4.3.11 to B4.3.14
 * alone, and what a success changes.
 */
#include "world.h"

#include <string.h>

#include "rmm/gic.h"
#include "rmm/realm.h"
#include "rmm/rec.h"

static struct world *w;

static void
setup(void)
{
	w = world_new();
	world_realm(w);
}

static void
teardown(void)
{
	world_free(w);
}

#define INPUT RMI_ERROR_INPUT

/* ---- REC_AUX_COUNT, REC_CREATE, REC_DESTROY ----------------------------- */

START_TEST(rec_aux_count)
{
	ck_call(w, REC_AUX_COUNT, RD);
	ck_assert_uint_eq(w->answer.x[1], WORLD_NUM_AUX);
}
END_TEST

START_TEST(rec_create)
{
	struct rmm_realm_info before = world_realm_info(w, RD), after;

	w->num_steps = 0;
	world_rec(w);
	after = world_realm_info(w, RD);
	ck_state(w, REC, REC);
	ck_state(w, AUX, REC_AUX);
	ck_state(w, AUX + GRANULE_SIZE, REC_AUX);
	ck_assert_uint_eq(after.rec_index, 1);
	ck_assert_uint_eq(after.num_recs, 1);
	ck_assert_mem_ne(after.measurements[0], before.measurements[0], 64);
	ck_assert_uint_eq(w->num_steps, 1);
	ck_assert_int_eq(w->step.kind, RMM_RIM_REC);
}
END_TEST

START_TEST(rec_create_not_runnable)
{
	struct rmm_realm_info before = world_realm_info(w, RD), after;
	struct rmm_rec_info rec;

	rec_params(w)->flags = 0;
	ck_call(w, REC_CREATE, RD, REC, PARAMS);
	after = world_realm_info(w, RD);
	ck_assert_mem_eq(after.measurements[0], before.measurements[0], 64);
	ck_assert(rmm_rec(w->rmm, REC, &rec));
	ck_assert(!rec.runnable);
}
END_TEST

#define REC_BAD(id, field, value)                                     \
	do {                                                          \
		rec_params(w)->field = (value);                       \
		ck_reject(w, id, INPUT, REC_CREATE, RD, REC, PARAMS); \
	} while (0)

START_TEST(rec_create_conditions)
{
	(void)rec_params(w);
	ck_reject(w, params_align, INPUT, REC_CREATE, RD, REC, PARAMS + 1);
	ck_reject(w, params_bound, INPUT, REC_CREATE, RD, REC, WORLD_SECURE);
	ck_reject(w, params_pas, INPUT, REC_CREATE, RD, REC, FREE);
	ck_reject(w, rec_align, INPUT, REC_CREATE, RD, REC + 1, PARAMS);
	ck_reject(w, rec_bound, INPUT, REC_CREATE, RD, WORLD_NOWHERE, PARAMS);
	ck_reject(w, rec_state, INPUT, REC_CREATE, RD, SRC, PARAMS);
	ck_reject(w, rec_state, INPUT, REC_CREATE, RD, RD, PARAMS);
	REC_BAD(mpidr_index, mpidr, 1);
	REC_BAD(mpidr_index, mpidr, 1ull << 31);
	REC_BAD(num_aux, num_aux, WORLD_NUM_AUX - 1);
	REC_BAD(num_aux, num_aux, WORLD_NUM_AUX + 1);
	REC_BAD(num_aux, num_aux, UINT64_MAX);
	REC_BAD(aux_align, aux[1], AUX + 8);
	REC_BAD(aux_alias, aux[1], AUX);
	REC_BAD(aux_alias, aux[0], REC);
	REC_BAD(aux_state, aux[1], SRC);
	REC_BAD(aux_state, aux[1], WORLD_DEVICE);
	REC_BAD(aux_state, aux[0], RD);
	(void)rec_params(w);
	ck_call(w, REALM_ACTIVATE, RD);
	ck_reject(w, realm_state, RMI_ERROR_REALM, REC_CREATE, RD, REC, PARAMS);
}
END_TEST

/* Indexes go on where they are, and skip bits 7:4 of the MPIDR (B3.38). */
START_TEST(rec_create_mpidr)
{
	world_delegate(w, G(300), 3);
	for (uint64_t i = 0; i < 40; i++) {
		struct rmi_rec_params *params = rec_params(w);

		params->mpidr = i % 16 | i / 16 << 8;
		params->aux[0] = G(301);
		params->aux[1] = G(302);
		if (i >= 16) {
			params->mpidr = i;
			ck_reject(w, mpidr_index, INPUT, REC_CREATE, RD, G(300),
			    PARAMS);
			params->mpidr = i % 16 | i / 16 << 8;
		}
		/* Bits that should be zero are not looked at. */
		params->mpidr |= 0xf0 | 1ull << 40;
		ck_call(w, REC_CREATE, RD, G(300), PARAMS);
		ck_call(w, REC_DESTROY, G(300));
		ck_assert_uint_eq(world_realm_info(w, RD).num_recs, 0);
		ck_assert_uint_eq(world_realm_info(w, RD).rec_index, i + 1);
	}
}
END_TEST

START_TEST(rec_destroyed)
{
	world_rec(w);
	ck_reject(w, rec_align, INPUT, REC_DESTROY, REC + 1);
	ck_reject(w, rec_bound, INPUT, REC_DESTROY, WORLD_DEVICE);
	ck_reject(w, rec_gran_state, INPUT, REC_DESTROY, RD);
	ck_reject(w, rec_gran_state, INPUT, REC_DESTROY, AUX);
	ck_call(w, REALM_ACTIVATE, RD);
	rec_at(w->rmm, REC)->running = true;
	ck_reject(w, rec_state, RMI_ERROR_REC, REC_DESTROY, REC);
	rec_at(w->rmm, REC)->running = false;
	ck_call(w, REC_DESTROY, REC);
	ck_state(w, REC, DELEGATED);
	ck_state(w, AUX, DELEGATED);
	ck_state(w, AUX + GRANULE_SIZE, DELEGATED);
	ck_assert_uint_eq(world_realm_info(w, RD).num_recs, 0);
	ck_assert_uint_eq(world_realm_info(w, RD).rec_index, 1);
}
END_TEST

/* ---- REC_ENTER ----------------------------------------------------------- */

static struct rmi_rec_run *
run_page(void)
{
	struct rmi_rec_run *run = ns_at(w, RUN);

	memset(run, 0, sizeof *run);
	memset(&run->exit, 0xee, sizeof run->exit);
	return run;
}

/* The default realm powers off at once; all other fields are zero. */
START_TEST(rec_enter)
{
	struct rmi_rec_run *run = run_page();
	struct rmi_rec_exit expected = {
		.exit_reason = RMI_EXIT_PSCI,
		.gprs = { PSCI_FID_SYSTEM_OFF },
		.gicv3_hcr = 0x40fe,
		.gicv3_lrs = { 1ull << 62 | 27 },
		.gicv3_vmcr = GIC_VMCR_RESET,
		/* Underflow, and both groups are disabled. */
		.gicv3_misr = 0xa2,
	};

	world_rec(w);
	ck_call(w, REALM_ACTIVATE, RD);
	run->enter.gicv3_hcr = 0x40fe;
	run->enter.gicv3_lrs[0] = 1ull << 62 | 27;
	ck_call(w, REC_ENTER, REC, RUN);
	ck_assert_mem_eq(&run->exit, &expected, sizeof expected);
	ck_assert_int_eq(world_realm_info(w, RD).state, RMM_REALM_SYSTEM_OFF);
	ck_reject(
	    w, system_off, RMI_RESULT(RMI_ERROR_REALM, 1), REC_ENTER, REC, RUN);
	ck_reject(w, realm_state, RMI_ERROR_REALM, REALM_ACTIVATE, RD);
}
END_TEST

START_TEST(rec_enter_input)
{
	(void)run_page();
	world_rec(w);
	ck_call(w, REALM_ACTIVATE, RD);
	ck_reject(w, run_align, INPUT, REC_ENTER, REC, RUN + 2048);
	ck_reject(w, run_bound, INPUT, REC_ENTER, REC, WORLD_DEVICE);
	ck_reject(w, run_bound, INPUT, REC_ENTER, REC, WORLD_NOWHERE);
	ck_reject(w, run_pas, INPUT, REC_ENTER, REC, FREE);
	ck_reject(w, run_pas, INPUT, REC_ENTER, REC, REC);
	ck_reject(w, rec_align, INPUT, REC_ENTER, REC + 1, RUN);
	ck_reject(w, rec_bound, INPUT, REC_ENTER, WORLD_SECURE, RUN);
	ck_reject(w, rec_gran_state, INPUT, REC_ENTER, AUX, RUN);
}
END_TEST

START_TEST(rec_enter_state)
{
	struct rmi_rec_run *run = run_page();
	struct rec *rec;

	world_rec(w);
	rec = rec_at(w->rmm, REC);
	ck_reject(
	    w, realm_new, RMI_RESULT(RMI_ERROR_REALM, 0), REC_ENTER, REC, RUN);
	ck_call(w, REALM_ACTIVATE, RD);
	rec->running = true;
	ck_reject(w, rec_state, RMI_ERROR_REC, REC_ENTER, REC, RUN);
	rec->running = false;
	rec->runnable = false;
	ck_reject(w, rec_runnable, RMI_ERROR_REC, REC_ENTER, REC, RUN);
	rec->runnable = true;
	rec->psci_pending = true;
	ck_reject(w, rec_psci, RMI_ERROR_REC, REC_ENTER, REC, RUN);
	rec->psci_pending = false;
	run->enter.flags = RMI_REC_ENTER_EMUL_MMIO;
	ck_reject(w, rec_mmio, RMI_ERROR_REC, REC_ENTER, REC, RUN);
	rec->emulatable_abort = true;
	ck_call(w, REC_ENTER, REC, RUN);
	ck_assert(!rec->emulatable_abort);
}
END_TEST

START_TEST(rec_enter_gicv3)
{
	static const struct {
		uint64_t hcr;
		uint64_t lrs[2];
	} bad[] = {
		{ 1, { 0 } },			 /* En */
		{ 1ull << 8, { 0 } },		 /* vGrp0DIE.. */
		{ 1ull << 27, { 0 } },		 /* EOIcount */
		{ 0, { 1ull << 61 } },		 /* HW */
		{ 0, { 1ull << 56 } },		 /* RES0 */
		{ 0, { 1ull << 32 } },		 /* pINTID */
		{ 0, { 1ull << 59 } },		 /* NMI */
		{ 0, { 1ull << 48 } },		 /* priority */
		{ 0, { 0, 1ull << 62 | 1020 } }, /* special INTID */
		{ 0, { 0, 1ull << 63 | 1023 } },
		{ 0, { 1ull << 62 | 1024 } }, /* between the ranges */
		{ 0, { 1ull << 62 | 1055 } }, { 0, { 1ull << 62 | 1120 } },
		{ 0, { 1ull << 62 | 4095 } }, { 0, { 1ull << 62 | 5120 } },
		{ 0, { 1ull << 62 | 8191 } }, { 0, { 1ull << 62 | 1 << 24 } },
		{ 0, { 1ull << 62 | 5, 1ull << 63 | 5 } }, /* twice */
	};
	struct rmi_rec_run *run;

	world_rec(w);
	ck_call(w, REALM_ACTIVATE, RD);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		run = run_page();
		run->enter.gicv3_hcr = bad[i].hcr;
		memcpy(run->enter.gicv3_lrs, bad[i].lrs, sizeof bad[i].lrs);
		ck_reject(w, rec_gicv3, RMI_ERROR_REC, REC_ENTER, REC, RUN);
	}
	/* Inactive entries may name the same INTID; EOI is the host's. */
	run = run_page();
	run->enter.gicv3_lrs[0] = run->enter.gicv3_lrs[1] = 5;
	run->enter.gicv3_lrs[2] = 1ull << 62 | 1ull << 41 | 6;
	run->enter.gicv3_lrs[3] = 1ull << 62 | 1019;
	run->enter.gicv3_lrs[4] = 1ull << 62 | 1056;
	run->enter.gicv3_lrs[5] = 1ull << 62 | 5119;
	run->enter.gicv3_lrs[6] = 1ull << 62 | 8192;
	run->enter.gicv3_lrs[7] = 3ull << 62 | 0xf8ull << 48 | 0xffffff;
	ck_call(w, REC_ENTER, REC, RUN);
}
END_TEST

/* ---- PSCI_COMPLETE ------------------------------------------------------- */

#define TARGET G(83)

/* REC has called function fid for the REC at TARGET, which has MPIDR 1. */
static struct rec *
pending(uint64_t fid, bool target_runnable)
{
	struct rmi_rec_params *params;
	struct rec *rec;

	if (world_granule(w, REC).state != RMM_GRANULE_REC) {
		world_rec(w);
		params = rec_params(w);
		params->mpidr = 1;
		params->aux[0] = G(84);
		params->aux[1] = G(85);
		ck_call(w, REC_CREATE, RD, TARGET, PARAMS);
	}
	rec = rec_at(w->rmm, TARGET);
	rec->runnable = target_runnable;
	for (int i = 0; i < REC_GPRS; i++)
		rec->gprs[i] = 0x1000u + (unsigned)i;
	rec = rec_at(w->rmm, REC);
	rec->psci_pending = true;
	rec->gprs[0] = fid;
	rec->gprs[1] = 1;
	rec->gprs[2] = 0x80001000; /* entry point */
	rec->gprs[3] = 0xc0ffee;   /* context */
	rec->gprs[4] = 4;
	return rec;
}

static void
completed(const struct rec *rec, int64_t result)
{
	ck_assert(!rec->psci_pending);
	ck_assert_int_eq((int64_t)rec->gprs[0], result);
	for (int i = 1; i <= 3; i++)
		ck_assert_uint_eq(rec->gprs[i], 0);
	ck_assert_uint_eq(rec->gprs[4], 4);
}

START_TEST(psci_cpu_on)
{
	struct rec *rec = pending(PSCI_FID_CPU_ON, false);
	struct rec *target = rec_at(w->rmm, TARGET);

	ck_call(w, PSCI_COMPLETE, REC, TARGET, PSCI_SUCCESS);
	completed(rec, PSCI_SUCCESS);
	ck_assert(target->runnable);
	ck_assert_uint_eq(target->pc, 0x80001000);
	ck_assert_uint_eq(target->gprs[0], 0xc0ffee);
	for (int i = 1; i < REC_GPRS; i++)
		ck_assert_uint_eq(target->gprs[i], 0);

	rec = pending(PSCI_FID_CPU_ON, true);
	ck_call(w, PSCI_COMPLETE, REC, TARGET, PSCI_SUCCESS);
	completed(rec, PSCI_ALREADY_ON);
	ck_assert_uint_eq(target->gprs[5], 0x1005);

	rec = pending(PSCI_FID_CPU_ON, false);
	ck_call(w, PSCI_COMPLETE, REC, TARGET, (uint64_t)PSCI_DENIED);
	completed(rec, PSCI_DENIED);
	ck_assert(!target->runnable);
}
END_TEST

START_TEST(psci_affinity_info)
{
	struct rec *rec = pending(PSCI_FID_AFFINITY_INFO, true);

	ck_call(w, PSCI_COMPLETE, REC, TARGET, PSCI_SUCCESS);
	completed(rec, 0);
	rec = pending(PSCI_FID_AFFINITY_INFO, false);
	ck_call(w, PSCI_COMPLETE, REC, TARGET, PSCI_SUCCESS);
	completed(rec, 1);
}
END_TEST

START_TEST(psci_conditions)
{
	struct rec *rec = pending(PSCI_FID_CPU_ON, true);

	ck_reject(w, alias, INPUT, PSCI_COMPLETE, REC, REC, 0);
	ck_reject(w, calling_align, INPUT, PSCI_COMPLETE, REC + 1, TARGET, 0);
	ck_reject(
	    w, calling_bound, INPUT, PSCI_COMPLETE, WORLD_DEVICE, TARGET, 0);
	ck_reject(w, calling_state, INPUT, PSCI_COMPLETE, RD, TARGET, 0);
	ck_reject(w, target_align, INPUT, PSCI_COMPLETE, REC, TARGET + 1, 0);
	ck_reject(w, target_bound, INPUT, PSCI_COMPLETE, REC, WORLD_NOWHERE, 0);
	ck_reject(w, target_state, INPUT, PSCI_COMPLETE, REC, RD, 0);
	/* DENIED is for a CPU_ON of a target that is off. */
	ck_reject(w, status, INPUT, PSCI_COMPLETE, REC, TARGET,
	    (uint64_t)PSCI_DENIED);
	ck_reject(w, status, INPUT, PSCI_COMPLETE, REC, TARGET, 1);
	ck_reject(w, status, INPUT, PSCI_COMPLETE, REC, TARGET,
	    (uint64_t)PSCI_ALREADY_ON);
	rec = pending(PSCI_FID_AFFINITY_INFO, false);
	ck_reject(w, status, INPUT, PSCI_COMPLETE, REC, TARGET,
	    (uint64_t)PSCI_DENIED);
	rec->gprs[1] = 2;
	ck_reject(w, target, INPUT, PSCI_COMPLETE, REC, TARGET, 0);
	rec->psci_pending = false;
	ck_reject(w, pending, INPUT, PSCI_COMPLETE, REC, TARGET, 0);
}
END_TEST

START_TEST(psci_owner)
{
	struct rec *rec = pending(PSCI_FID_CPU_ON, false);
	struct rmi_rec_params *params;

	world_other_realm(w, FREE, G(86));
	params = rec_params(w);
	params->aux[0] = DATA;
	params->aux[1] = G(97);
	ck_call(w, REC_CREATE, FREE, G(98), PARAMS);
	rec->gprs[1] = 0;
	ck_reject(w, owner, INPUT, PSCI_COMPLETE, REC, G(98), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("rec");
	TCase *tc = tcase_create("rec");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, rec_aux_count);
	tcase_add_test(tc, rec_create);
	tcase_add_test(tc, rec_create_not_runnable);
	tcase_add_test(tc, rec_create_conditions);
	tcase_add_test(tc, rec_create_mpidr);
	tcase_add_test(tc, rec_destroyed);
	tcase_add_test(tc, rec_enter);
	tcase_add_test(tc, rec_enter_input);
	tcase_add_test(tc, rec_enter_state);
	tcase_add_test(tc, rec_enter_gicv3);
	tcase_add_test(tc, psci_cpu_on);
	tcase_add_test(tc, psci_affinity_info);
	tcase_add_test(tc, psci_conditions);
	tcase_add_test(tc, psci_owner);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(suite());
}
