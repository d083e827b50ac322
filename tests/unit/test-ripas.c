/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RTT_INIT_RIPAS and RTT_SET_RIPAS: each condition of B4.3.18 and B4.3.21
 * alone, and what a success changes.
 */
#include "world.h"

#include "rmm/rec.h"
#include "rmm/rtt.h"

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

#define INPUT	   RMI_ERROR_INPUT
#define RTT(level) RMI_RESULT(RMI_ERROR_RTT, level)

/* ---- RTT_INIT_RIPAS ---------------------------------------------------------
 */

START_TEST(rtt_init_ripas)
{
	w->num_steps = 0;
	ck_call(w, RTT_INIT_RIPAS, RD, 0x2000, 0x5000);
	ck_assert_uint_eq(w->answer.x[1], 0x5000);
	ck_assert_uint_eq(w->num_steps, 3);
	ck_assert_int_eq(w->step.kind, RMM_RIM_RIPAS);
	ck_assert_uint_eq(w->step.base, 0x4000);
	ck_assert_uint_eq(w->step.top, 0x5000);
	ck_entry(w, 0x1000, 3, 3, RMI_UNASSIGNED, RMI_EMPTY, 0);
	ck_entry(w, 0x2000, 3, 3, RMI_UNASSIGNED, RMI_RAM, 0);
	ck_entry(w, 0x4000, 3, 3, RMI_UNASSIGNED, RMI_RAM, 0);
	ck_entry(w, 0x5000, 3, 3, RMI_UNASSIGNED, RMI_EMPTY, 0);
	/* To the end of the table and no further. */
	ck_call(w, RTT_INIT_RIPAS, RD, 0x5000, UNPROT);
	ck_assert_uint_eq(w->answer.x[1], L2_SIZE);
	/* Whole entries only. */
	ck_call(w, RTT_INIT_RIPAS, RD, L2_SIZE, 4 * L2_SIZE + L3_SIZE);
	ck_assert_uint_eq(w->answer.x[1], 4 * L2_SIZE);
	ck_assert_uint_eq(w->step.top, 4 * L2_SIZE);
	/* To the next table. */
	ck_call(w, RTT_CREATE, RD, FREE, 6 * L2_SIZE, 3);
	ck_call(w, RTT_INIT_RIPAS, RD, 4 * L2_SIZE, 8 * L2_SIZE);
	ck_assert_uint_eq(w->answer.x[1], 6 * L2_SIZE);
	/* All of the protected half, from the first of the second table. */
	ck_call(w, RTT_INIT_RIPAS, RD, L1_SIZE, UNPROT);
	ck_assert_uint_eq(w->answer.x[1], UNPROT);
}
END_TEST

/* A5.3.5: the command depends on HIPAS being UNASSIGNED. */
START_TEST(rtt_init_ripas_stops_at_assigned)
{
	ck_call(w, DATA_CREATE, RD, DATA, 0x3000, SRC, 0);
	w->num_steps = 0;
	ck_call(w, RTT_INIT_RIPAS, RD, 0, 0x8000);
	ck_assert_uint_eq(w->answer.x[1], 0x3000);
	ck_assert_uint_eq(w->num_steps, 3);
	ck_reject(w, rtte_state, RTT(3), RTT_INIT_RIPAS, RD, 0x3000, 0x8000);
	ck_call(w, RTT_INIT_RIPAS, RD, 0x4000, 0x8000);
	ck_assert_uint_eq(w->answer.x[1], 0x8000);
	/* What is RAM already is measured again. */
	ck_call(w, RTT_INIT_RIPAS, RD, 0, 0x8000);
	ck_assert_uint_eq(w->num_steps, 3 + 4 + 3);
}
END_TEST

START_TEST(rtt_init_ripas_conditions)
{
	ck_reject(w, size_valid, INPUT, RTT_INIT_RIPAS, RD, 0x1000, 0x1000);
	ck_reject(w, size_valid, INPUT, RTT_INIT_RIPAS, RD, 0x2000, 0x1000);
	ck_reject(w, size_valid, INPUT, RTT_INIT_RIPAS, RD, 0, 0);
	ck_reject(w, top_gran_align, INPUT, RTT_INIT_RIPAS, RD, 0, 0x1001);
	ck_reject(w, top_bound, INPUT, RTT_INIT_RIPAS, RD, 0, UNPROT + L3_SIZE);
	ck_reject(
	    w, top_bound, INPUT, RTT_INIT_RIPAS, RD, UNPROT, UNPROT + L1_SIZE);
	ck_reject(w, base_align, RTT(3), RTT_INIT_RIPAS, RD, 0x800, 0x1000);
	ck_reject(w, base_align, RTT(2), RTT_INIT_RIPAS, RD, L2_SIZE + L3_SIZE,
	    2 * L2_SIZE);
	ck_reject(w, no_progress, RTT(2), RTT_INIT_RIPAS, RD, L2_SIZE,
	    L2_SIZE + L3_SIZE);
	ck_reject(w, no_progress, RTT(1), RTT_INIT_RIPAS, RD, L1_SIZE,
	    2 * L1_SIZE - L2_SIZE);
	ck_call(w, DATA_CREATE, RD, DATA, 0, SRC, 0);
	ck_reject(w, rtte_state, RTT(3), RTT_INIT_RIPAS, RD, 0, 0x1000);
	ck_call(w, REALM_ACTIVATE, RD);
	ck_reject(w, realm_state, RMI_ERROR_REALM, RTT_INIT_RIPAS, RD, 0x1000,
	    0x2000);
}
END_TEST

/* top_gran_align has to win over no_progress (B4.3.18.2.1). */
START_TEST(rtt_init_ripas_order)
{
	ck_reject(
	    w, top_gran_align, INPUT, RTT_INIT_RIPAS, RD, L2_SIZE, L2_SIZE + 1);
}
END_TEST

/* ---- RTT_SET_RIPAS ----------------------------------------------------------
 */

/* REC has asked for [base, top) to become ripas. */
static struct rec *
ask(uint64_t base, uint64_t top, enum rmi_ripas ripas, bool destroyed)
{
	struct rec *rec = rec_at(w->rmm, REC);

	rec->ripas_addr = base;
	rec->ripas_top = top;
	rec->ripas_value = (uint8_t)ripas;
	rec->ripas_change_destroyed = destroyed;
	return rec;
}

START_TEST(rtt_set_ripas)
{
	struct rec *rec;

	world_rec(w);
	ck_call(w, DATA_CREATE, RD, DATA, 0x1000, SRC, 0);
	rec = ask(0, 0x4000, RMI_RAM, false);
	ck_call(w, RTT_SET_RIPAS, RD, REC, 0, 0x3000);
	ck_assert_uint_eq(w->answer.x[1], 0x3000);
	ck_assert_uint_eq(rec->ripas_addr, 0x3000);
	ck_entry(w, 0, 3, 3, RMI_UNASSIGNED, RMI_RAM, 0);
	ck_entry(w, 0x2000, 3, 3, RMI_UNASSIGNED, RMI_RAM, 0);
	ck_entry(w, 0x3000, 3, 3, RMI_UNASSIGNED, RMI_EMPTY, 0);
	/* ASSIGNED entries keep their granule. */
	(void)ask(0, 0x2000, RMI_EMPTY, false);
	ck_call(w, RTT_SET_RIPAS, RD, REC, 0, 0x2000);
	ck_entry(w, 0x1000, 3, 3, RMI_ASSIGNED, RMI_EMPTY, DATA);
}
END_TEST

START_TEST(rtt_set_ripas_destroyed)
{
	world_rec(w);
	ck_call(w, DATA_CREATE, RD, DATA, 0x1000, SRC, 0);
	ck_call(w, DATA_DESTROY, RD, 0x1000);
	(void)ask(0, 0x4000, RMI_RAM, false);
	ck_call(w, RTT_SET_RIPAS, RD, REC, 0, 0x4000);
	ck_assert_uint_eq(w->answer.x[1], 0x1000);
	ck_reject(
	    w, no_progress, RTT(3), RTT_SET_RIPAS, RD, REC, 0x1000, 0x4000);
	(void)ask(0x1000, 0x4000, RMI_RAM, true);
	ck_call(w, RTT_SET_RIPAS, RD, REC, 0x1000, 0x4000);
	ck_assert_uint_eq(w->answer.x[1], 0x4000);
	ck_entry(w, 0x1000, 3, 3, RMI_UNASSIGNED, RMI_RAM, 0);
}
END_TEST

START_TEST(rtt_set_ripas_conditions)
{
	struct rec *rec;

	world_rec(w);
	/* Nothing is asked for: no range can be granted. */
	ck_reject(w, base_bound, INPUT, RTT_SET_RIPAS, RD, REC, 0x1000, 0x2000);
	ck_reject(w, top_bound, INPUT, RTT_SET_RIPAS, RD, REC, 0, 0x1000);
	rec = ask(0, 0x4000, RMI_RAM, false);
	ck_reject(w, rec_align, INPUT, RTT_SET_RIPAS, RD, REC + 1, 0, 0x1000);
	ck_reject(
	    w, rec_bound, INPUT, RTT_SET_RIPAS, RD, WORLD_DEVICE, 0, 0x1000);
	ck_reject(w, rec_gran_state, INPUT, RTT_SET_RIPAS, RD, AUX, 0, 0x1000);
	ck_reject(w, size_valid, INPUT, RTT_SET_RIPAS, RD, REC, 0, 0);
	ck_reject(w, top_gran_align, INPUT, RTT_SET_RIPAS, RD, REC, 0, 0x123);
	ck_reject(w, top_bound, INPUT, RTT_SET_RIPAS, RD, REC, 0, 0x5000);
	ck_reject(w, base_bound, INPUT, RTT_SET_RIPAS, RD, REC, 0x1000, 0x2000);
	/* While it runs there is no request: top_bound holds, too. */
	ck_call(w, REALM_ACTIVATE, RD);
	rec->running = true;
	rec->ripas_top = 0;
	ck_reject(
	    w, rec_state, RMI_ERROR_REC, RTT_SET_RIPAS, RD, REC, 0, 0x1000);
	rec->running = false;
	(void)ask(0, 0x4000, RMI_RAM, false);
	world_other_realm(w, FREE, G(82));
	ck_reject(
	    w, rec_owner, RMI_ERROR_REC, RTT_SET_RIPAS, FREE, REC, 0, 0x1000);
	(void)ask(L2_SIZE + L3_SIZE, 3 * L2_SIZE, RMI_RAM, false);
	ck_reject(w, base_align, RTT(2), RTT_SET_RIPAS, RD, REC,
	    L2_SIZE + L3_SIZE, 3 * L2_SIZE);
	(void)ask(L2_SIZE, 3 * L2_SIZE, RMI_RAM, false);
	ck_reject(w, no_progress, RTT(2), RTT_SET_RIPAS, RD, REC, L2_SIZE,
	    L2_SIZE + L3_SIZE);
	ck_call(w, RTT_SET_RIPAS, RD, REC, L2_SIZE, 3 * L2_SIZE);
}
END_TEST

/* Where the RIPAS is what was asked for, alignment does not matter. */
START_TEST(rtt_set_ripas_same)
{
	world_rec(w);
	ck_call(w, RTT_INIT_RIPAS, RD, L2_SIZE, 3 * L2_SIZE);
	(void)ask(L2_SIZE + L3_SIZE, 4 * L2_SIZE, RMI_RAM, false);
	ck_call(w, RTT_SET_RIPAS, RD, REC, L2_SIZE + L3_SIZE, 3 * L2_SIZE);
	ck_assert_uint_eq(w->answer.x[1], 3 * L2_SIZE);
	ck_entry(w, L2_SIZE, 2, 2, RMI_UNASSIGNED, RMI_RAM, 0);
}
END_TEST

/* The whole range within such a block: nothing is to do, and it is done. */
START_TEST(rtt_set_ripas_within)
{
	const uint64_t base = L2_SIZE + (_i & 1) * L3_SIZE;
	const uint64_t top = L2_SIZE + 2 * L3_SIZE;
	unsigned choice = (unsigned)_i / 2;
	const struct rec *rec;

	w->rmm->config.choices[RMM_CHOICE_SET_RIPAS_BLOCK] = (uint8_t)choice;
	world_rec(w);
	ck_call(w, RTT_INIT_RIPAS, RD, L2_SIZE, 2 * L2_SIZE);
	rec = ask(base, 4 * L2_SIZE, RMI_RAM, false);
	ck_call(w, RTT_SET_RIPAS, RD, REC, base, top);
	/* Never back below base. */
	ck_assert_uint_eq(
	    w->answer.x[1], choice == RMM_SET_RIPAS_BLOCK_TOP ? top : base);
	ck_assert_uint_eq(rec->ripas_addr, w->answer.x[1]);
	ck_entry(w, L2_SIZE, 2, 2, RMI_UNASSIGNED, RMI_RAM, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("ripas");
	TCase *tc = tcase_create("ripas");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, rtt_init_ripas);
	tcase_add_test(tc, rtt_init_ripas_stops_at_assigned);
	tcase_add_test(tc, rtt_init_ripas_conditions);
	tcase_add_test(tc, rtt_init_ripas_order);
	tcase_add_test(tc, rtt_set_ripas);
	tcase_add_test(tc, rtt_set_ripas_destroyed);
	tcase_add_test(tc, rtt_set_ripas_conditions);
	tcase_add_test(tc, rtt_set_ripas_same);
	tcase_add_loop_test(tc, rtt_set_ripas_within, 0, 4);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(suite());
}
