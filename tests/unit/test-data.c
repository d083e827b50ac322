/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DATA_*: each condition of B4.3.1 to B4.3.3 alone, and what a success changes.
 */
#include "world.h"

#include <string.h>

#include "rmm/memory.h"
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

static const uint8_t *
contents(uint64_t pa)
{
	return granule_contents(w->rmm, pa);
}

/* ---- DATA_CREATE --------------------------------------------------------- */

START_TEST(data_create)
{
	struct rmm_realm_info before = world_realm_info(w, RD), after;

	memset(ns_at(w, SRC), 0x77, GRANULE_SIZE);
	w->num_steps = 0;
	ck_call(w, DATA_CREATE, RD, DATA, 0x3000, SRC, RMI_MEASURE_CONTENT);
	ck_state(w, DATA, DATA);
	ck_entry(w, 0x3000, 3, 3, RMI_ASSIGNED, RMI_RAM, DATA);
	ck_entry(w, 0x2000, 3, 3, RMI_UNASSIGNED, RMI_EMPTY, 0);
	ck_assert_mem_eq(contents(DATA), ns_at(w, SRC), GRANULE_SIZE);
	after = world_realm_info(w, RD);
	ck_assert_uint_eq(after.num_data, 1);
	ck_assert_mem_ne(before.measurements[0], after.measurements[0], 64);
	ck_assert_uint_eq(w->num_steps, 1);
	ck_assert_int_eq(w->step.kind, RMM_RIM_DATA);
	ck_assert_uint_eq(w->step.base, 0x3000);
	ck_assert_uint_eq(w->step.flags, 1);
	ck_assert_mem_eq(w->step.rim, after.measurements[0], 64);
}
END_TEST

/* The source may be in any bank; nothing of the realm is seen in the view. */
START_TEST(data_create_high_source)
{
	memset(ns_at(w, WORLD_HIGH), 0x12, GRANULE_SIZE);
	ck_call(w, DATA_CREATE, RD, DATA, 0, WORLD_HIGH, 0);
	ck_assert_mem_eq(contents(DATA), ns_at(w, WORLD_HIGH), GRANULE_SIZE);
	ck_assert_uint_eq(*(uint8_t *)ns_at(w, DATA), 0);
}
END_TEST

/* Zeros are not written, and are measured as any other contents. */
START_TEST(data_create_zeros)
{
	struct rmm_rim_step step;

	ck_call(w, DATA_CREATE, RD, DATA, 0, SRC, RMI_MEASURE_CONTENT);
	step = w->step;
	ck_assert(!granule_at(w->rmm, DATA)->dirty);
	ck_assert_uint_eq(step.content[0], 0xad); /* SHA-256 of 4096 zeros */
	ck_assert_uint_eq(step.content[1], 0x7f);
	ck_assert_uint_eq(step.content[31], 0xa7);
	/* The last byte alone makes a page of other contents. */
	((uint8_t *)ns_at(w, SRC))[GRANULE_SIZE - 1] = 1;
	ck_call(w, DATA_CREATE, RD, G(97), 0x1000, SRC, RMI_MEASURE_CONTENT);
	ck_assert_mem_ne(w->step.content, step.content, 64);
	ck_assert_uint_eq(contents(G(97))[GRANULE_SIZE - 1], 1);
}
END_TEST

START_TEST(data_create_conditions)
{
	ck_reject(w, src_align, INPUT, DATA_CREATE, RD, DATA, 0, SRC + 1, 0);
	ck_reject(
	    w, src_bound, INPUT, DATA_CREATE, RD, DATA, 0, WORLD_DEVICE, 0);
	ck_reject(
	    w, src_bound, INPUT, DATA_CREATE, RD, DATA, 0, WORLD_NOWHERE, 0);
	ck_reject(w, src_pas, INPUT, DATA_CREATE, RD, DATA, 0, FREE, 0);
	ck_reject(w, src_pas, INPUT, DATA_CREATE, RD, DATA, 0, DATA, 0);
	ck_reject(w, data_align, INPUT, DATA_CREATE, RD, DATA + 1, 0, SRC, 0);
	ck_reject(
	    w, data_bound, INPUT, DATA_CREATE, RD, WORLD_SECURE, 0, SRC, 0);
	ck_reject(w, data_state, INPUT, DATA_CREATE, RD, PARAMS, 0, SRC, 0);
	ck_reject(w, data_state, INPUT, DATA_CREATE, RD, RD, 0, SRC, 0);
	ck_reject(w, ipa_align, INPUT, DATA_CREATE, RD, DATA, 1, SRC, 0);
	ck_reject(w, ipa_bound, INPUT, DATA_CREATE, RD, DATA, UNPROT, SRC, 0);
	ck_reject(w, ipa_bound, INPUT, DATA_CREATE, RD, DATA,
	    -(uint64_t)GRANULE_SIZE, SRC, 0);
	ck_reject(w, rtt_walk, RTT(2), DATA_CREATE, RD, DATA, L2_SIZE, SRC, 0);
	ck_reject(w, rtt_walk, RTT(1), DATA_CREATE, RD, DATA, L1_SIZE, SRC, 0);
	ck_call(w, DATA_CREATE, RD, DATA, 0, SRC, 0);
	ck_reject(w, rtte_state, RTT(3), DATA_CREATE, RD, G(97), 0, SRC, 0);
	world_delegate(w, WORLD_HIGH, 1);
	ck_reject(
	    w, data_bound2, INPUT, DATA_CREATE, RD, WORLD_HIGH, 0x1000, SRC, 0);
	ck_call(w, REALM_ACTIVATE, RD);
	ck_reject(w, realm_state, RMI_ERROR_REALM, DATA_CREATE, RD, G(97),
	    0x1000, SRC, 0);
}
END_TEST

/* ---- DATA_CREATE_UNKNOWN --------------------------------------------------
 */

START_TEST(data_create_unknown)
{
	struct rmm_realm_info before = world_realm_info(w, RD), after;

	w->num_steps = 0;
	ck_call(w, DATA_CREATE_UNKNOWN, RD, DATA, 0);
	ck_state(w, DATA, DATA);
	ck_entry(w, 0, 3, 3, RMI_ASSIGNED, RMI_EMPTY, DATA);
	/* The RIPAS stays, and nothing is measured, in any state. */
	ck_call(w, RTT_INIT_RIPAS, RD, 0x1000, 0x2000);
	w->num_steps = 0;
	before = world_realm_info(w, RD);
	ck_call(w, REALM_ACTIVATE, RD);
	ck_call(w, DATA_CREATE_UNKNOWN, RD, G(97), 0x1000);
	ck_entry(w, 0x1000, 3, 3, RMI_ASSIGNED, RMI_RAM, G(97));
	after = world_realm_info(w, RD);
	ck_assert_mem_eq(before.measurements, after.measurements,
	    sizeof before.measurements);
	ck_assert_uint_eq(w->num_steps, 0);
}
END_TEST

/* What a granule held before it came to a realm is gone. */
START_TEST(data_create_unknown_wiped)
{
	memset(ns_at(w, SRC), 0x77, GRANULE_SIZE);
	ck_call(w, DATA_CREATE, RD, DATA, 0, SRC, 0);
	ck_call(w, DATA_DESTROY, RD, 0);
	ck_call(w, DATA_CREATE_UNKNOWN, RD, DATA, 0x1000);
	ck_assert(page_is_zero(contents(DATA)));
}
END_TEST

START_TEST(data_create_unknown_conditions)
{
	ck_reject(w, data_align, INPUT, DATA_CREATE_UNKNOWN, RD, DATA + 16, 0);
	ck_reject(
	    w, data_bound, INPUT, DATA_CREATE_UNKNOWN, RD, WORLD_DEVICE, 0);
	ck_reject(w, data_state, INPUT, DATA_CREATE_UNKNOWN, RD, SRC, 0);
	ck_reject(w, ipa_align, INPUT, DATA_CREATE_UNKNOWN, RD, DATA, 0x800);
	ck_reject(w, ipa_bound, INPUT, DATA_CREATE_UNKNOWN, RD, DATA, UNPROT);
	ck_reject(w, rtt_walk, RTT(2), DATA_CREATE_UNKNOWN, RD, DATA, L2_SIZE);
	ck_call(w, DATA_CREATE_UNKNOWN, RD, DATA, 0);
	ck_reject(w, rtte_state, RTT(3), DATA_CREATE_UNKNOWN, RD, G(97), 0);
	world_delegate(w, WORLD_HIGH, 1);
	ck_reject(
	    w, data_bound2, INPUT, DATA_CREATE_UNKNOWN, RD, WORLD_HIGH, 0x1000);
}
END_TEST

/* ---- DATA_DESTROY ----------------------------------------------------------
 */

START_TEST(data_destroy)
{
	ck_call(w, DATA_CREATE, RD, DATA, 0, SRC, 0);
	ck_call(w, DATA_CREATE_UNKNOWN, RD, G(97), 0x5000);
	ck_call(w, DATA_DESTROY, RD, 0);
	ck_assert_uint_eq(w->answer.x[1], DATA);
	ck_assert_uint_eq(w->answer.x[2], 0x5000); /* top */
	ck_state(w, DATA, DELEGATED);
	ck_entry(w, 0, 3, 3, RMI_UNASSIGNED, RMI_DESTROYED, 0);
	ck_assert_uint_eq(world_realm_info(w, RD).num_data, 1);
	/* EMPTY stays EMPTY; nothing live follows in this table. */
	ck_call(w, DATA_DESTROY, RD, 0x5000);
	ck_assert_uint_eq(w->answer.x[1], G(97));
	ck_assert_uint_eq(w->answer.x[2], L2_SIZE);
	ck_entry(w, 0x5000, 3, 3, RMI_UNASSIGNED, RMI_EMPTY, 0);
	/* DESTROYED stays DESTROYED. */
	ck_call(w, DATA_CREATE_UNKNOWN, RD, G(97), 0);
	ck_call(w, DATA_DESTROY, RD, 0);
	ck_entry(w, 0, 3, 3, RMI_UNASSIGNED, RMI_DESTROYED, 0);
}
END_TEST

START_TEST(data_destroy_conditions)
{
	ck_reject(w, ipa_align, INPUT, DATA_DESTROY, RD, 0x10);
	ck_assert_uint_eq(w->answer.x[2], 0);
	ck_reject(w, ipa_bound, INPUT, DATA_DESTROY, RD, UNPROT);
	ck_assert_uint_eq(w->answer.x[2], 0);
	ck_call(w, DATA_CREATE, RD, DATA, 0x4000, SRC, 0);
	ck_reject(w, rtte_state, RTT(3), DATA_DESTROY, RD, 0x1000);
	ck_assert_uint_eq(w->answer.x[1], 0);
	ck_assert_uint_eq(w->answer.x[2], 0x4000);
	ck_reject(w, rtte_state, RTT(3), DATA_DESTROY, RD, 0x5000);
	ck_assert_uint_eq(w->answer.x[2], L2_SIZE);
	ck_reject(w, rtt_walk, RTT(2), DATA_DESTROY, RD, L2_SIZE + 0x1000);
	ck_assert_uint_eq(w->answer.x[2], L1_SIZE);
	ck_reject(w, rtt_walk, RTT(1), DATA_DESTROY, RD, L1_SIZE);
	ck_assert_uint_eq(w->answer.x[2], 512 * L1_SIZE);
}
END_TEST

/* ---- Memory that processors map -------------------------------------------
 */

/* Objects of the monitor are never where a processor may write. */
START_TEST(data_apart)
{
	static const uint8_t zeros[GRANULE_SIZE];
	const uint8_t *view = w->data + (DATA - WORLD_BASE);

	ck_assert_mem_eq(w->data + (RD - WORLD_BASE), zeros, GRANULE_SIZE);
	memset(ns_at(w, SRC), 0x31, GRANULE_SIZE);
	ck_call(w, DATA_CREATE, RD, DATA, 0, SRC, 0);
	ck_assert_mem_eq(view, ns_at(w, SRC), GRANULE_SIZE);
	ck_assert_mem_eq(realm_memory(w->rmm, DATA), zeros, GRANULE_SIZE);
	ck_call(w, DATA_DESTROY, RD, 0);
	ck_assert_mem_eq(view, zeros, GRANULE_SIZE);
}
END_TEST

/* What a processor writes goes with the granule, though nobody said so. */
START_TEST(data_shared_is_wiped)
{
	static const uint8_t zeros[GRANULE_SIZE];
	uint8_t *view = w->data + (DATA - WORLD_BASE);
	struct rmm_translation to;
	char why[256];

	ck_call(w, DATA_CREATE, RD, DATA, 0x1000, SRC, 0);
	ck_assert(!granule_at(w->rmm, DATA)->dirty);
	ck_assert(rmm_realm_share(w->rmm, RD, 0x1008, &to));
	ck_assert_uint_eq(to.base, 0x1000);
	ck_assert_uint_eq(to.size, GRANULE_SIZE);
	ck_assert_uint_eq(to.pa, DATA + 8);
	ck_assert(to.readable && to.writable && to.executable && !to.ns);
	view[17] = 1;
	ck_assert(rmm_check_invariants(w->rmm, why, sizeof why));
	ck_call(w, DATA_DESTROY, RD, 0x1000);
	ck_assert_mem_eq(view, zeros, GRANULE_SIZE);
	ck_assert(rmm_realm_share(w->rmm, RD, 0x1008, &to));
	ck_assert(!to.readable && !to.writable && !to.executable);
	ck_assert(!rmm_realm_share(w->rmm, DATA, 0, &to));
}
END_TEST

START_TEST(delegation_is_told)
{
	unsigned before = w->num_ns_gone;

	ck_call(w, GRANULE_DELEGATE, SRC);
	ck_assert_uint_eq(w->num_ns_gone, before + 1);
	ck_assert_uint_eq(w->ns_gone, SRC);
	ck_call(w, GRANULE_UNDELEGATE, SRC);
	ck_assert_uint_eq(w->num_ns_gone, before + 1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("data");
	TCase *tc = tcase_create("data");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, data_create);
	tcase_add_test(tc, data_create_high_source);
	tcase_add_test(tc, data_create_zeros);
	tcase_add_test(tc, data_create_conditions);
	tcase_add_test(tc, data_create_unknown);
	tcase_add_test(tc, data_create_unknown_wiped);
	tcase_add_test(tc, data_create_unknown_conditions);
	tcase_add_test(tc, data_destroy);
	tcase_add_test(tc, data_destroy_conditions);
	tcase_add_test(tc, data_apart);
	tcase_add_test(tc, data_shared_is_wiped);
	tcase_add_test(tc, delegation_is_told);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(suite());
}
