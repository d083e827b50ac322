/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls that violate more than one condition: the list of all, and which of
 * them decides in each of the machine's orders.
 */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "rmm/command.h"
#include "rmm/machine.h"

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
#define REALM	   RMI_ERROR_REALM
#define RTT(level) RMI_RESULT(RMI_ERROR_RTT, level)

/* All that is wrong with a call, as one string. */
static const char *
violated(const uint64_t x[SMC_REGS])
{
	static char list[512];

	rmm_call_collect(w->rmm, 0, x, &w->answer);
	list[0] = '\0';
	for (unsigned i = 0; i < w->answer.num_violated; i++) {
		if (i > 0)
			strcat(list, " ");
		strcat(list, w->answer.violated[i]);
	}
	return list;
}
#define ck_violated(list, name, ...)                                       \
	ck_assert_str_eq(                                                  \
	    violated((uint64_t[SMC_REGS]){ RMI_FID_##name, __VA_ARGS__ }), \
	    list)

/* ---- Collecting ---------------------------------------------------------- */

START_TEST(collect)
{
	ck_call(w, DATA_CREATE, RD, DATA, 0, SRC, 0);
	ck_violated("src_align ipa_align src_bound src_pas data_state "
		    "rtte_state",
	    DATA_CREATE, RD, G(70), 1, 1, 0);
	ck_assert_uint_eq(w->answer.x[0], INPUT);
	ck_assert_str_eq(w->answer.condition, "src_align");
	ck_assert_str_eq(
	    w->answer.why, "src_align: 0x1 is not granule aligned");
}
END_TEST

/* What is about a realm is not judged without one. */
START_TEST(collect_what_can_be_judged)
{
	ck_violated("ipa_align rd_state", DATA_CREATE, FREE, DATA, 1, SRC, 0);
	ck_violated("gran_align gran_bound", GRANULE_DELEGATE, 1);
	ck_violated("", GRANULE_DELEGATE, PARAMS);
	ck_state(w, PARAMS, DELEGATED);
	ck_assert_uint_eq(w->answer.x[0], RMI_SUCCESS);
	ck_violated("", FEATURES, 7);
	rmm_call_collect(w->rmm, 0, (uint64_t[SMC_REGS]){ 7 }, &w->answer);
	ck_assert_uint_eq(w->answer.num_violated, 0);
	ck_assert_uint_eq(w->answer.x[0], SMC_NOT_SUPPORTED);
	/* A call that does not ask is not told. */
	ck_reject(w, rd_align, INPUT, REALM_ACTIVATE, RD + 1);
	ck_assert_uint_eq(w->answer.num_violated, 0);
}
END_TEST

/* ---- The lists ----------------------------------------------------------- */

START_TEST(precedence)
{
	const char *order = "a bb < c d; e < f";

	ck_assert(order_precedes(order, "a", "c"));
	ck_assert(order_precedes(order, "bb", "d"));
	ck_assert(order_precedes(order, "e", "f"));
	ck_assert(!order_precedes(order, "c", "a"));
	ck_assert(!order_precedes(order, "a", "bb"));
	ck_assert(!order_precedes(order, "b", "c"));
	ck_assert(!order_precedes(order, "a", "f"));
	ck_assert(!order_precedes("", "a", "f"));
}
END_TEST

/* TF-RMM's lists keep the specification's orderings, and name each once. */
START_TEST(tf_lists)
{
	char one[64], other[64];
	const struct smc_abi *abi;
	int n, m;

	for (size_t i = 0; (abi = rmm_command_at(i)) != NULL; i++) {
		const struct command *command = command_find(abi->fid);
		const char *p = command->tf_order, *q;

		for (; sscanf(p, " %63s%n", one, &n) == 1; p += n)
			for (q = p + n; sscanf(q, " %63s%n", other, &m) == 1;
			     q += m) {
				ck_assert_str_ne(one, other);
				ck_assert_msg(
				    !order_precedes(command->order, other, one),
				    "%s: %s before %s", abi->name, one, other);
			}
	}
}
END_TEST

/* ---- TF-RMM's order ------------------------------------------------------ */

START_TEST(tf_rmm)
{
	/* num_aux is looked at last. */
	rec_params(w)->mpidr = 7;
	rec_params(w)->num_aux = 0;
	ck_call(w, REALM_ACTIVATE, RD);
	ck_reject(w, ipa_align, INPUT, DATA_CREATE, RD, DATA, 1, SRC, 0);
	w->rmm->config.order = RMM_ORDER_TF_RMM;
	ck_reject(w, realm_state, REALM, DATA_CREATE, RD, DATA, 1, SRC, 0);
	ck_assert_str_eq(
	    w->answer.why, "realm_state: the realm is ACTIVE, must be NEW");
	ck_reject(w, src_bound, INPUT, DATA_CREATE, RD, DATA, 1, 0, 0);
	ck_reject(w, realm_state, REALM, REC_CREATE, RD, FREE, PARAMS);
}
END_TEST

/* ---- Any that may win ---------------------------------------------------- */

/* How often each of the names was the answer to a call, of n times. */
static void
draw_answers(const uint64_t x[SMC_REGS], unsigned n, const char *const names[],
    unsigned counts[])
{
	for (unsigned i = 0; i < n; i++) {
		unsigned j = 0;

		(void)world_call(w, x);
		while (names[j] != NULL && !world_condition_is(w, names[j]))
			j++;
		ck_assert_msg(names[j] != NULL, "%s", w->answer.why);
		ck_assert_int_eq(
		    strncmp(w->answer.why, names[j], strlen(names[j])), 0);
		counts[j]++;
	}
}

START_TEST(spec_random)
{
	static const char *const names[] = { "src_align", "ipa_align",
		"src_bound", "src_pas", "data_state", "realm_state",
		"rtte_state", NULL };
	const uint64_t x[SMC_REGS] = { RMI_FID_DATA_CREATE, RD, SRC, 1, 1 };
	unsigned counts[7] = { 0 };

	ck_call(w, DATA_CREATE, RD, DATA, 0, SRC, 0);
	ck_call(w, REALM_ACTIVATE, RD);
	w->rmm->config.order = RMM_ORDER_SPEC_RANDOM;
	draw_answers(x, 500, names, counts);
	for (int i = 0; i < 7; i++)
		ck_assert_msg(counts[i] > 0, "never %s", names[i]);
}
END_TEST

/* Outputs that depend on the winner: X2 is there with RMI_ERROR_RTT only. */
START_TEST(outputs_agree)
{
	static const char *const names[] = { "ipa_align", "rtte_state", NULL };
	const uint64_t x[SMC_REGS] = { RMI_FID_DATA_DESTROY, RD, 1 };
	unsigned inputs = 0, rtts = 0;

	w->rmm->config.order = RMM_ORDER_SPEC_RANDOM;
	for (int i = 0; i < 100; i++) {
		unsigned counts[2] = { 0 };

		draw_answers(x, 1, names, counts);
		ck_assert_uint_eq(w->answer.x[0], counts[0] ? INPUT : RTT(3));
		ck_assert_uint_eq(w->answer.x[2], counts[0] ? 0 : L2_SIZE);
		inputs += counts[0];
		rtts += counts[1];
	}
	ck_assert(inputs > 0 && rtts > 0);
}
END_TEST

/* The answers of 64 calls, as a string of bits. */
static uint64_t
sequence(void)
{
	uint64_t bits = 0;

	for (int i = 0; i < 64; i++) {
		(void)CALL(w, GRANULE_DELEGATE, 1);
		bits = bits << 1 | world_condition_is(w, "gran_align");
	}
	return bits;
}

START_TEST(seed_decides)
{
	uint64_t first, second;

	w->rmm->config.order = RMM_ORDER_SPEC_RANDOM;
	rmm_reset(w->rmm);
	first = sequence();
	second = sequence();
	ck_assert_uint_ne(first, second);
	rmm_reset(w->rmm);
	ck_assert_uint_eq(sequence(), first);
	ck_assert_uint_eq(sequence(), second);
	rmm_reset(w->rmm);
	w->rmm->config.seed = 1;
	ck_assert_uint_ne(sequence(), first);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("order");
	TCase *tc = tcase_create("order");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, collect);
	tcase_add_test(tc, collect_what_can_be_judged);
	tcase_add_test(tc, precedence);
	tcase_add_test(tc, tf_lists);
	tcase_add_test(tc, tf_rmm);
	tcase_add_test(tc, spec_random);
	tcase_add_test(tc, outputs_agree);
	tcase_add_test(tc, seed_decides);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
