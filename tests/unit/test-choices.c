/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the specification leaves to the implementation: each choice, each of its
 * values; and the features that REALM_CREATE and REC_CREATE obey, each at its
 * limit and one above.
 */
#include "world.h"

#include <string.h>

#include "rmm/choices.h"
#include "rmm/memory.h"

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

#define INPUT		  RMI_ERROR_INPUT
#define RTT(level)	  RMI_RESULT(RMI_ERROR_RTT, level)
#define CHOOSE(id, value) (w->rmm->config.choices[RMM_CHOICE_##id] = (value))

/* ---- The table ----------------------------------------------------------- */

START_TEST(by_name)
{
	const struct rmm_choice *choice;
	struct rmm_config cfg;

	rmm_config_init(&cfg);
	for (size_t id = 0; (choice = rmm_choice_at(id)) != NULL; id++) {
		ck_assert_uint_eq(cfg.choices[id], 0);
		for (unsigned i = 0; choice->values[i] != NULL; i++) {
			ck_assert(
			    rmm_choose(&cfg, choice->name, choice->values[i]));
			ck_assert_uint_eq(cfg.choices[id], i);
		}
		ck_assert(!rmm_choose(&cfg, choice->name, "no-such-value"));
	}
	ck_assert(!rmm_choose(&cfg, "no-such-choice", "zero"));
}
END_TEST

/* ---- Contents ------------------------------------------------------------ */

static bool
is_pattern(const void *page)
{
	uint64_t words[GRANULE_SIZE / 8];

	memcpy(words, page, sizeof words);
	for (unsigned i = 0; i < GRANULE_SIZE / 8; i++)
		if (words[i] != RMM_PATTERN)
			return false;
	return true;
}

START_TEST(undelegated)
{
	uint8_t once[GRANULE_SIZE];

	memset(ns_at(w, SRC), 0x77, GRANULE_SIZE);
	world_delegate(w, SRC, 1);
	ck_call(w, GRANULE_UNDELEGATE, SRC);
	ck_assert(page_is_zero(ns_at(w, SRC)));
	CHOOSE(UNDELEGATED, RMM_CONTENTS_PATTERN);
	world_delegate(w, SRC, 1);
	ck_call(w, GRANULE_UNDELEGATE, SRC);
	ck_assert(is_pattern(ns_at(w, SRC)));
	CHOOSE(UNDELEGATED, RMM_CONTENTS_RANDOM);
	for (int i = 0; i < 2; i++) {
		world_delegate(w, SRC, 1);
		ck_call(w, GRANULE_UNDELEGATE, SRC);
		ck_assert(!page_is_zero(ns_at(w, SRC)));
		ck_assert(!is_pattern(ns_at(w, SRC)));
		if (i > 0)
			ck_assert_mem_ne(ns_at(w, SRC), once, sizeof once);
		memcpy(once, ns_at(w, SRC), sizeof once);
	}
	/* The same seed and calls since the reset: the same contents. */
	for (int i = 0; i < 2; i++) {
		rmm_reset(w->rmm);
		world_delegate(w, SRC, 1);
		ck_call(w, GRANULE_UNDELEGATE, SRC);
		if (i > 0)
			ck_assert_mem_eq(ns_at(w, SRC), once, sizeof once);
		memcpy(once, ns_at(w, SRC), sizeof once);
	}
}
END_TEST

START_TEST(unknown_data)
{
	ck_call(w, DATA_CREATE_UNKNOWN, RD, DATA, 0);
	ck_assert(page_is_zero(granule_contents(w->rmm, DATA)));
	ck_call(w, DATA_DESTROY, RD, 0);
	CHOOSE(UNKNOWN, RMM_CONTENTS_PATTERN);
	ck_call(w, DATA_CREATE_UNKNOWN, RD, DATA, 0);
	ck_assert(is_pattern(granule_contents(w->rmm, DATA)));
	ck_call(w, DATA_DESTROY, RD, 0);
	CHOOSE(UNKNOWN, RMM_CONTENTS_RANDOM);
	ck_call(w, DATA_CREATE_UNKNOWN, RD, DATA, 0);
	ck_assert(!page_is_zero(granule_contents(w->rmm, DATA)));
	ck_assert(!is_pattern(granule_contents(w->rmm, DATA)));
	/* The way back is wiped all the same. */
	ck_call(w, DATA_DESTROY, RD, 0);
	ck_call(w, GRANULE_UNDELEGATE, DATA);
	ck_assert(page_is_zero(ns_at(w, DATA)));
}
END_TEST

/* ---- RTT_INIT_RIPAS ------------------------------------------------------ */

START_TEST(init_ripas_ram)
{
	ck_call(w, RTT_INIT_RIPAS, RD, 0x3000, 0x4000);
	CHOOSE(INIT_RAM, RMM_INIT_RAM_STOP);
	w->num_steps = 0;
	ck_call(w, RTT_INIT_RIPAS, RD, 0, 0x8000);
	ck_assert_uint_eq(w->answer.x[1], 0x3000);
	ck_assert_uint_eq(w->num_steps, 3);
	ck_reject(w, no_progress, RTT(3), RTT_INIT_RIPAS, RD, 0, 0x8000);
	CHOOSE(INIT_RAM, RMM_INIT_RAM_MEASURE);
	ck_call(w, RTT_INIT_RIPAS, RD, 0, 0x8000);
	ck_assert_uint_eq(w->answer.x[1], 0x8000);
	ck_assert_uint_eq(w->num_steps, 3 + 8);
}
END_TEST

START_TEST(init_ripas_assigned)
{
	ck_call(w, DATA_CREATE_UNKNOWN, RD, DATA, 0x3000);
	CHOOSE(INIT_ASSIGNED, RMM_INIT_ASSIGNED_PASS);
	w->num_steps = 0;
	ck_call(w, RTT_INIT_RIPAS, RD, 0, 0x8000);
	ck_assert_uint_eq(w->answer.x[1], 0x8000);
	ck_assert_uint_eq(w->num_steps, 8);
	ck_entry(w, 0x3000, 3, 3, RMI_ASSIGNED, RMI_RAM, DATA);
	/* The first one is judged by rtte_state, in any case. */
	ck_reject(w, rtte_state, RTT(3), RTT_INIT_RIPAS, RD, 0x3000, 0x8000);
}
END_TEST

/* ---- Tables ---------------------------------------------------------------
 */

START_TEST(live_top)
{
	uint64_t ipa = UNPROT + 4 * L2_SIZE + 0x1000;

	/* A block, and a call at a level below it. */
	ck_call(w, RTT_MAP_UNPROTECTED, RD, UNPROT + 4 * L2_SIZE, 2, 0);
	ck_reject(w, rtt_walk, RTT(2), RTT_UNMAP_UNPROTECTED, RD, ipa, 3);
	ck_assert_uint_eq(w->answer.x[1], ipa);
	CHOOSE(LIVE_TOP, RMM_LIVE_TOP_ENTRY);
	ck_reject(w, rtt_walk, RTT(2), RTT_UNMAP_UNPROTECTED, RD, ipa, 3);
	ck_assert_uint_eq(w->answer.x[1], UNPROT + 4 * L2_SIZE);
}
END_TEST

START_TEST(memattr)
{
	ck_reject(
	    w, attr_valid, INPUT, RTT_MAP_UNPROTECTED, RD, UNPROT, 3, 4 << 2);
	CHOOSE(MEMATTR, RMM_MEMATTR_ACCEPT);
	ck_call(w, RTT_MAP_UNPROTECTED, RD, UNPROT, 3, 4 << 2);
	ck_reject(w, attr_valid, INPUT, RTT_MAP_UNPROTECTED, RD,
	    UNPROT + 0x1000, 3, 1 << 5);
}
END_TEST

/* ---- Bits that should be zero -------------------------------------------- */

START_TEST(sbz_data_create)
{
	ck_call(w, DATA_CREATE, RD, DATA, 0, SRC, 3);
	CHOOSE(SBZ, RMM_SBZ_CHECK);
	rmm_call(w->rmm, 0,
	    (uint64_t[SMC_REGS]){
		RMI_FID_DATA_CREATE, RD, G(97), 0x1000, SRC, 2 },
	    &w->answer);
	ck_assert_uint_eq(w->answer.x[0], INPUT);
	ck_assert_str_eq(w->answer.condition, "sbz");
	ck_state(w, G(97), DELEGATED);
	ck_call(w, DATA_CREATE, RD, G(97), 0x1000, SRC, 1);
}
END_TEST

/* X0 of a call that may be rejected before its command is asked. */
static uint64_t
x0(uint64_t fid, uint64_t a, uint64_t b, uint64_t c)
{
	rmm_call(w->rmm, 0, (uint64_t[SMC_REGS]){ fid, a, b, c }, &w->answer);
	return w->answer.x[0];
}

/* One bit after the other, in a page that is good otherwise. */
static void
each_bit(
    uint64_t fid, uint64_t a, uint64_t b, uint64_t c, const unsigned *offsets)
{
	uint8_t *page = ns_at(w, PARAMS);

	for (; *offsets != 0; offsets++) {
		page[*offsets] ^= 0x80;
		ck_assert_uint_eq(x0(fid, a, b, c), INPUT);
		ck_assert_str_eq(w->answer.condition, "sbz");
		page[*offsets] ^= 0x80;
	}
}

START_TEST(sbz_params)
{
	static const unsigned realm[] = { 1, 7, 9, 0x31, 0x3ff, 0x440, 0x802,
		0x81c, 0xfff, 0 };
	static const unsigned rec[] = { 1, 8, 0x108, 0x208, 0x340, 0x888, 0xfff,
		0 };
	static const unsigned enter[] = { 1, 8, 0x2f8, 0x388, 0x7ff, 0 };
	struct rmi_realm_params *params = realm_params(w);

	CHOOSE(SBZ, RMM_SBZ_CHECK);
	params->rtt_base = G(82);
	params->vmid = 9;
	each_bit(RMI_FID_REALM_CREATE, FREE, PARAMS, 0, realm);
	ck_call(w, REALM_CREATE, FREE, PARAMS);
	memset(rec_params(w)->gprs, 0xff, sizeof rec_params(w)->gprs);
	each_bit(RMI_FID_REC_CREATE, RD, REC, PARAMS, rec);
	ck_call(w, REC_CREATE, RD, REC, PARAMS);
	ck_call(w, REALM_ACTIVATE, RD);
	memset(ns_at(w, PARAMS), 0, GRANULE_SIZE);
	each_bit(RMI_FID_REC_ENTER, REC, PARAMS, 0, enter);
	/* The half that the monitor writes is not looked at. */
	((uint8_t *)ns_at(w, PARAMS))[0x801] = 1;
	ck_call(w, REC_ENTER, REC, PARAMS);
}
END_TEST

/* It is one of the conditions, and TF-RMM's first for DATA_CREATE. */
START_TEST(sbz_order)
{
	CHOOSE(SBZ, RMM_SBZ_CHECK);
	w->rmm->config.order = RMM_ORDER_TF_RMM;
	(void)x0(RMI_FID_DATA_CREATE, RD, DATA, 1);
	ck_assert_str_eq(w->answer.condition, "src_bound");
	rmm_call_collect(w->rmm, 0,
	    (uint64_t[SMC_REGS]){ RMI_FID_DATA_CREATE, RD, DATA, 0, 1, 2 },
	    &w->answer);
	ck_assert_str_eq(w->answer.condition, "sbz");
	ck_assert_uint_eq(w->answer.num_violated, 4);
	ck_assert_str_eq(w->answer.violated[1], "src_align");
}
END_TEST

/* ---- Features -------------------------------------------------------------
 */

#define FEATURES(field, value)                                                \
	((RMM_FEATURE_REGISTER_0_DEFAULT & ~RMI_FEATURE0_PUT(field, ~0ull)) | \
	    RMI_FEATURE0_PUT(field, value))

/* Another world, with a realm's granules, and parameters that are good. */
static struct rmi_realm_params *
world_of(uint64_t features)
{
	teardown();
	w = world_with_features(features);
	world_delegate(w, RD, 1);
	world_delegate(w, RTT0, 4);
	return realm_params(w);
}

static void
accepted(void)
{
	ck_call(w, REALM_CREATE, RD, PARAMS);
	ck_call(w, REALM_DESTROY, RD);
}

static void
refused(void)
{
	ck_reject(w, params_supp, INPUT, REALM_CREATE, RD, PARAMS);
}

START_TEST(widths)
{
	static const unsigned limits[] = { 32, 33, 40, 47, 48 };
	struct rmi_realm_params *params;

	for (unsigned i = 0; i < 5; i++) {
		/* One table at level 0 does from 40 bits on. */
		params = world_of(FEATURES(S2SZ, limits[i]));
		for (params->s2sz = 30; params->s2sz <= 49; params->s2sz++) {
			bool level0 = params->s2sz >= 40;
			uint64_t got;

			params->rtt_level_start = level0 ? 0 : 1;
			params->rtt_num_start = 1;
			got = CALL(w, REALM_CREATE, RD, PARAMS);
			if (params->s2sz >= 32 && params->s2sz <= limits[i]) {
				ck_assert_uint_eq(got, RMI_SUCCESS);
				ck_call(w, REALM_DESTROY, RD);
			} else {
				ck_assert_uint_eq(got, INPUT);
				ck_assert(world_condition_is(w, "params_supp"));
			}
		}
	}
}
END_TEST

START_TEST(widths_lpa2)
{
	struct rmi_realm_params *params = world_of(WORLD_LPA2);

	params->rtt_level_start = 0;
	params->rtt_num_start = 2;
	params->s2sz = 49;
	refused();
	params->flags = RMI_REALM_FLAG_LPA2;
	accepted();
	params->s2sz = 52;
	params->rtt_level_start = -1;
	params->rtt_num_start = 1;
	accepted();
	params->s2sz = 53;
	refused();
	params = world_of(RMM_FEATURE_REGISTER_0_DEFAULT);
	params->flags = RMI_REALM_FLAG_LPA2;
	refused();
}
END_TEST

START_TEST(smallest_width)
{
	struct rmi_realm_params *params;

	params = world_of(RMM_FEATURE_REGISTER_0_DEFAULT);
	w->rmm->config.s2sz_min = 16;
	params->rtt_num_start = 1;
	for (params->s2sz = 15; params->s2sz <= 39; params->s2sz++) {
		params->rtt_level_start = params->s2sz <= 21 ? 3
		    : params->s2sz <= 30		     ? 2
							     : 1;
		if (params->s2sz < 16)
			refused();
		else
			accepted();
	}
	/* Half of it is unprotected. */
	params->s2sz = 16;
	params->rtt_level_start = 3;
	ck_call(w, REALM_CREATE, RD, PARAMS);
	world_delegate(w, DATA, 1);
	ck_call(w, DATA_CREATE, RD, DATA, 0x7000, SRC, 0);
	ck_call(w, RTT_MAP_UNPROTECTED, RD, 0x8000, 3, 0);
	ck_reject(w, ipa_bound, INPUT, RTT_MAP_UNPROTECTED, RD, 0x10000, 3, 0);
	ck_reject(w, ipa_bound, INPUT, DATA_CREATE_UNKNOWN, RD, RTT0 + 0x1000,
	    0x8000);
}
END_TEST

START_TEST(smallest_width_valid)
{
	struct rmm_config cfg;
	char err[256] = "";

	rmm_config_init(&cfg);
	cfg.s2sz_min = 15;
	ck_assert_ptr_null(rmm_new(&cfg, err, sizeof err));
	ck_assert_ptr_nonnull(strstr(err, "15"));
	cfg.s2sz_min = 48;
	cfg.feature_register_0 = FEATURES(S2SZ, 47);
	ck_assert_ptr_null(rmm_new(&cfg, err, sizeof err));
	cfg.s2sz_min = 16;
	cfg.feature_register_0 = FEATURES(S2SZ, 16);
	w->rmm = (rmm_free(w->rmm), rmm_new(&cfg, err, sizeof err));
	ck_assert_msg(w->rmm != NULL, "%s", err);
}
END_TEST

/* One field of the parameters against one of the register. */
#define ck_limit(field, member, limit, flag)          \
	do {                                          \
		struct rmi_realm_params *params_ =    \
		    world_of(FEATURES(field, limit)); \
		params_->flags = (flag);              \
		params_->member = (limit);            \
		accepted();                           \
		params_->member = (limit) + 1;        \
		refused();                            \
		if ((flag) != 0) {                    \
			params_->flags = 0;           \
			accepted();                   \
		}                                     \
	} while (0)

START_TEST(counts)
{
	ck_limit(SVE_VL, sve_vl, 0, RMI_REALM_FLAG_SVE);
	ck_limit(SVE_VL, sve_vl, 7, RMI_REALM_FLAG_SVE);
	ck_limit(SVE_VL, sve_vl, 15, RMI_REALM_FLAG_SVE);
	ck_limit(PMU_NUM_CTRS, pmu_num_ctrs, 0, RMI_REALM_FLAG_PMU);
	ck_limit(PMU_NUM_CTRS, pmu_num_ctrs, 6, RMI_REALM_FLAG_PMU);
	ck_limit(PMU_NUM_CTRS, pmu_num_ctrs, 31, RMI_REALM_FLAG_PMU);
}
END_TEST

/* Values above what the register's field can hold do not wrap. */
START_TEST(counts_do_not_wrap)
{
	struct rmi_realm_params *params =
	    world_of(RMM_FEATURE_REGISTER_0_DEFAULT);

	params->flags = RMI_REALM_FLAG_SVE | RMI_REALM_FLAG_PMU;
	params->sve_vl = 0x10;
	refused();
	params->sve_vl = 0xff;
	refused();
	params->sve_vl = 0;
	params->pmu_num_ctrs = 0x20;
	refused();
	params->pmu_num_ctrs = 0;
	params->num_bps = 0x40;
	refused();
	params->num_bps = 1;
	params->num_wps = 0x40;
	refused();
	params->num_wps = 1;
	accepted();
}
END_TEST

START_TEST(break_and_watchpoints)
{
	struct rmi_realm_params *params;

	for (unsigned limit = 1; limit <= 63; limit += 31) {
		params = world_of(FEATURES(NUM_BPS, limit));
		params->num_bps = (uint8_t)limit;
		accepted();
		params->num_bps++;
		refused();
		params = world_of(FEATURES(NUM_WPS, limit));
		params->num_wps = (uint8_t)limit;
		accepted();
		params->num_wps++;
		refused();
	}
}
END_TEST

START_TEST(absent)
{
	world_of(FEATURES(SVE_EN, 0))->flags = RMI_REALM_FLAG_SVE;
	refused();
	world_of(FEATURES(PMU_EN, 0))->flags = RMI_REALM_FLAG_PMU;
	refused();
	world_of(FEATURES(HASH_SHA_256, 0))->hash_algo = RMI_HASH_SHA_256;
	refused();
	realm_params(w)->hash_algo = RMI_HASH_SHA_512;
	accepted();
	world_of(FEATURES(HASH_SHA_512, 0))->hash_algo = RMI_HASH_SHA_512;
	refused();
	realm_params(w)->hash_algo = RMI_HASH_SHA_256;
	accepted();
}
END_TEST

/* 2^MAX_RECS_ORDER - 1 RECs (B4.3.12), and not one more. */
START_TEST(recs)
{
	for (unsigned order = 0; order <= 3; order++) {
		unsigned most = (1u << order) - 1;
		uint64_t rec = DATA;

		(void)world_of(FEATURES(MAX_RECS_ORDER, order));
		ck_call(w, REALM_CREATE, RD, PARAMS);
		world_delegate(w, DATA, 3 * 8);
		for (unsigned i = 0; i <= most; i++, rec += 0x3000) {
			struct rmi_rec_params *params = rec_params(w);

			params->mpidr = i;
			params->aux[0] = rec + 0x1000;
			params->aux[1] = rec + 0x2000;
			if (i < most)
				ck_call(w, REC_CREATE, RD, rec, PARAMS);
			else
				ck_reject(w, num_recs, RMI_ERROR_REALM,
				    REC_CREATE, RD, rec, PARAMS);
		}
	}
}
END_TEST

/* Entries for list registers that are not there are not looked at. */
START_TEST(list_registers)
{
	const uint64_t hw = 1ull << 61;

	for (unsigned last = 0; last <= 15; last += 5) {
		struct rmi_rec_enter *enter;

		(void)world_of(FEATURES(GICV3_NUM_LRS, last));
		ck_call(w, REALM_CREATE, RD, PARAMS);
		world_delegate(w, REC, 3);
		world_rec(w);
		ck_call(w, REALM_ACTIVATE, RD);
		enter = ns_at(w, RUN);
		memset(enter, 0, sizeof *enter);
		enter->gicv3_lrs[last] = hw;
		ck_reject(w, rec_gicv3, RMI_ERROR_REC, REC_ENTER, REC, RUN);
		enter->gicv3_lrs[last] = 0;
		if (last < 15)
			enter->gicv3_lrs[last + 1] = hw;
		ck_call(w, REC_ENTER, REC, RUN);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("choices");
	TCase *tc = tcase_create("choices");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, by_name);
	tcase_add_test(tc, undelegated);
	tcase_add_test(tc, unknown_data);
	tcase_add_test(tc, init_ripas_ram);
	tcase_add_test(tc, init_ripas_assigned);
	tcase_add_test(tc, live_top);
	tcase_add_test(tc, memattr);
	tcase_add_test(tc, sbz_data_create);
	tcase_add_test(tc, sbz_params);
	tcase_add_test(tc, sbz_order);
	tcase_add_test(tc, widths);
	tcase_add_test(tc, widths_lpa2);
	tcase_add_test(tc, smallest_width);
	tcase_add_test(tc, smallest_width_valid);
	tcase_add_test(tc, counts);
	tcase_add_test(tc, counts_do_not_wrap);
	tcase_add_test(tc, break_and_watchpoints);
	tcase_add_test(tc, absent);
	tcase_add_test(tc, recs);
	tcase_add_test(tc, list_registers);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
