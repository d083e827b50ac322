/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Collecting mode: it must note every condition that a call violates and that
 * makes sense, since each may be the answer that another RMM gives (B1.6), and
 * must look at nothing that a failed condition guards.
 */
#include "world.h"

#include <stdio.h>

#include "rmm/command.h"
#include "rmm/rec.h"

#define OTHER_RD  FREE
#define OTHER_RTT G(82)

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

/* All conditions that a call violates, each followed by a space. */
static const char *
collect(const uint64_t x[SMC_REGS])
{
	static char list[CALL_FAILURES_MAX * 32];
	struct rmm_answer answer = { 0 };
	struct call c = {
		.rmm = w->rmm,
		.x = x,
		.answer = &answer,
		.collect = true,
	};
	size_t len = 0;

	command_find(x[0])->exec(&c);
	list[0] = '\0';
	for (unsigned i = 0; i < c.num_failures; i++)
		len += (size_t)snprintf(list + len, sizeof list - len, "%s ",
		    c.failures[i].condition);
	return list;
}

#define ck_collect(conditions, name, ...)                                 \
	ck_assert_str_eq(                                                 \
	    collect((uint64_t[SMC_REGS]){ RMI_FID_##name, __VA_ARGS__ }), \
	    conditions)

/* The realm's state may be the answer whatever the parameters are (B4.3.12). */
START_TEST(rec_create)
{
	ck_call(w, REALM_ACTIVATE, RD);
	ck_collect("params_pas realm_state ", REC_CREATE, RD, REC, FREE);
	ck_collect("params_bound params_pas realm_state ", REC_CREATE, RD, REC,
	    WORLD_NOWHERE);
	rec_params(w)->num_aux = 99;
	ck_collect("rd_state num_aux ", REC_CREATE, FREE, REC, PARAMS);
	rec_params(w)->mpidr = 5;
	ck_collect("realm_state mpidr_index ", REC_CREATE, RD, REC, PARAMS);
}
END_TEST

/* What the tables are does not depend on the VMID (B4.3.9). */
START_TEST(realm_create)
{
	struct rmi_realm_params *params = realm_params(w);

	params->rtt_num_start = 3;
	params->rtt_base = OTHER_RTT;
	ck_collect("rtt_num_level vmid_valid ", REALM_CREATE, OTHER_RD, PARAMS);
	params->rtt_num_start = 0;
	ck_collect("rtt_num_level vmid_valid ", REALM_CREATE, OTHER_RD, PARAMS);
}
END_TEST

/* Whether a request is pending is the calling REC's alone (B4.3.7). */
START_TEST(psci_complete)
{
	world_rec(w);
	ck_collect("target_state pending ", PSCI_COMPLETE, REC, AUX, 0);
	ck_collect("calling_state ", PSCI_COMPLETE, AUX, REC, 0);
}
END_TEST

/* An IPA is one or not at any level; no level is too far off to look at. */
START_TEST(levels)
{
	static const uint64_t bad[] = { 4, 99, (uint64_t)-2, INT64_MIN,
		INT64_MAX };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		uint64_t level = bad[i], end = 2 * UNPROT;

		ck_collect(
		    "level_bound ipa_bound ", RTT_CREATE, RD, FREE, end, level);
		ck_collect(
		    "level_bound ipa_bound ", RTT_DESTROY, RD, end, level);
		ck_collect("level_bound ipa_bound ", RTT_FOLD, RD, end, level);
		ck_collect("level_bound ipa_bound ", RTT_MAP_UNPROTECTED, RD, 0,
		    level, 0);
		ck_collect("level_bound ipa_bound ", RTT_UNMAP_UNPROTECTED, RD,
		    end, level);
		ck_collect(
		    "level_bound ipa_bound ", RTT_READ_ENTRY, RD, end, level);
	}
}
END_TEST

/* The walk is that of base: what is wrong with top does not stop it. */
START_TEST(init_ripas)
{
	ck_call(w, DATA_CREATE, RD, DATA, 0, SRC, 0);
	ck_collect("top_gran_align rtte_state ", RTT_INIT_RIPAS, RD, 0, 0x1800);
	ck_collect("top_bound base_align ", RTT_INIT_RIPAS, RD,
	    L2_SIZE + L3_SIZE, UNPROT + L3_SIZE);
	/* Not an IPA: no walk. */
	ck_collect("size_valid top_bound ", RTT_INIT_RIPAS, RD, 2 * UNPROT, 0);
	ck_collect("top_bound ", RTT_INIT_RIPAS, RD, 2 * UNPROT, 4 * UNPROT);
	ck_collect("size_valid ", RTT_INIT_RIPAS, RD, UINT64_MAX, L2_SIZE);
	/* Nothing to progress through. */
	ck_collect("size_valid ", RTT_INIT_RIPAS, RD, 2 * L2_SIZE, L2_SIZE);
}
END_TEST

START_TEST(set_ripas)
{
	struct rec *rec;

	world_rec(w);
	rec = rec_at(w->rmm, REC);
	rec->ripas_addr = 0;
	rec->ripas_top = 4 * L2_SIZE;
	rec->ripas_value = RMI_RAM;
	ck_collect("top_gran_align base_bound base_align ", RTT_SET_RIPAS, RD,
	    REC, L2_SIZE + L3_SIZE, 3 * L2_SIZE + 1);
	/* Not an IPA: no walk. */
	ck_collect("base_bound top_bound ", RTT_SET_RIPAS, RD, REC, 2 * UNPROT,
	    4 * UNPROT);
	/* Another realm's REC: its request may be beyond this realm. */
	world_other_realm(w, OTHER_RD, OTHER_RTT);
	ck_collect(
	    "rec_owner no_progress ", RTT_SET_RIPAS, OTHER_RD, REC, 0, L3_SIZE);
}
END_TEST

static Suite *
collect_suite(void)
{
	Suite *s = suite_create("collect");
	TCase *tc = tcase_create("collect");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, rec_create);
	tcase_add_test(tc, realm_create);
	tcase_add_test(tc, psci_complete);
	tcase_add_test(tc, levels);
	tcase_add_test(tc, init_ripas);
	tcase_add_test(tc, set_ripas);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(collect_suite());
}
