/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * REALM_*: each condition of B4.3.8 to B4.3.10 alone, and what a success
 * changes.
 */
#include "world.h"

#include <string.h>

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

/* ---- rd_align, rd_bound, rd_state of every command that has them -------- */

START_TEST(rd_conditions)
{
	static const struct {
		uint64_t x[SMC_REGS];
		unsigned rd; /* the register it is in */
	} rows[] = {
		{ { RMI_FID_DATA_CREATE, RD, DATA, 0, SRC, 1 }, 1 },
		{ { RMI_FID_DATA_CREATE_UNKNOWN, RD, DATA, 0 }, 1 },
		{ { RMI_FID_DATA_DESTROY, RD, 0 }, 1 },
		{ { RMI_FID_REALM_ACTIVATE, RD }, 1 },
		{ { RMI_FID_REALM_DESTROY, RD }, 1 },
		{ { RMI_FID_REC_AUX_COUNT, RD }, 1 },
		{ { RMI_FID_REC_CREATE, RD, REC, PARAMS }, 1 },
		{ { RMI_FID_RTT_CREATE, RD, FREE, L2_SIZE, 3 }, 1 },
		{ { RMI_FID_RTT_DESTROY, RD, 0, 3 }, 1 },
		{ { RMI_FID_RTT_FOLD, RD, 0, 3 }, 1 },
		{ { RMI_FID_RTT_INIT_RIPAS, RD, 0, 0x1000 }, 1 },
		{ { RMI_FID_RTT_MAP_UNPROTECTED, RD, UNPROT, 3, 0x1000 }, 1 },
		{ { RMI_FID_RTT_READ_ENTRY, RD, 0, 3 }, 1 },
		{ { RMI_FID_RTT_SET_RIPAS, RD, REC, 0, 0x1000 }, 1 },
		{ { RMI_FID_RTT_UNMAP_UNPROTECTED, RD, UNPROT, 3 }, 1 },
	};
	static const struct {
		uint64_t rd;
		const char *id;
	} bad[] = {
		{ RD + 1, "rd_align" },
		{ RD + 2048, "rd_align" },
		{ WORLD_NOWHERE, "rd_bound" },
		{ WORLD_DEVICE, "rd_bound" },
		{ WORLD_SECURE, "rd_bound" },
		{ 1ull << 52, "rd_bound" },
		{ -(uint64_t)GRANULE_SIZE, "rd_bound" },
		{ FREE + GRANULE_SIZE, "rd_state" },
		{ PARAMS, "rd_state" },
		{ RTT0, "rd_state" },
	};

	(void)rec_params(w);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (size_t j = 0; j < sizeof bad / sizeof bad[0]; j++) {
			uint64_t x[SMC_REGS];

			memcpy(x, rows[i].x, sizeof x);
			x[rows[i].rd] = bad[j].rd;
			ck_assert_uint_eq(world_call(w, x), INPUT);
			ck_assert_msg(world_condition_is(w, bad[j].id),
			    "%s: %s", w->answer.command, w->answer.why);
			for (int n = 1; n < SMC_REGS; n++)
				ck_assert_uint_eq(w->answer.x[n], 0);
		}
	}
}
END_TEST

/* ---- REALM_CREATE ------------------------------------------------------ */

#define NEW_RD	FREE
#define NEW_RTT G(82) /* two of FREE */

static struct rmi_realm_params *
new_params(void)
{
	struct rmi_realm_params *params = realm_params(w);

	params->rtt_base = NEW_RTT;
	params->vmid = 9;
	return params;
}

START_TEST(realm_create)
{
	struct rmi_realm_params *params = new_params();
	struct rmm_realm_info info;

	params->hash_algo = RMI_HASH_SHA_512;
	memset(params->rpv, 0x5a, sizeof params->rpv);
	w->num_steps = 0;
	ck_call(w, REALM_CREATE, NEW_RD, PARAMS);
	ck_state(w, NEW_RD, RD);
	ck_state(w, NEW_RTT, RTT);
	ck_state(w, NEW_RTT + GRANULE_SIZE, RTT);
	info = world_realm_info(w, NEW_RD);
	ck_assert_int_eq(info.state, RMM_REALM_NEW);
	ck_assert_uint_eq(info.rec_index, 0);
	ck_assert_uint_eq(info.num_recs, 0);
	ck_assert_uint_eq(info.rtt_base, NEW_RTT);
	ck_assert_int_eq(info.rtt_level_start, 1);
	ck_assert_uint_eq(info.rtt_num_start, 2);
	ck_assert_uint_eq(info.ipa_width, IPA_WIDTH);
	ck_assert_uint_eq(info.hash_algo, RMI_HASH_SHA_512);
	ck_assert_uint_eq(info.vmid, 9);
	ck_assert(!info.lpa2);
	ck_assert_mem_eq(info.rpv, params->rpv, 64);
	for (int i = 1; i < 5; i++)
		for (int j = 0; j < 64; j++)
			ck_assert_uint_eq(info.measurements[i][j], 0);
	ck_assert_uint_eq(w->num_steps, 1);
	ck_assert_int_eq(w->step.kind, RMM_RIM_INIT);
	ck_assert_uint_eq(w->step.rd, NEW_RD);
	ck_assert_mem_eq(w->step.rim, info.measurements[0], 64);
	for (uint64_t i = 0; i < 1024; i++) {
		ck_call(w, RTT_READ_ENTRY, NEW_RD, i * L1_SIZE, 1);
		ck_assert_uint_eq(w->answer.x[2], RMI_UNASSIGNED);
		ck_assert_uint_eq(w->answer.x[4], RMI_EMPTY);
	}
}
END_TEST

START_TEST(realm_create_granules)
{
	(void)new_params();
	ck_reject(w, params_align, INPUT, REALM_CREATE, NEW_RD, PARAMS + 8);
	ck_reject(w, params_bound, INPUT, REALM_CREATE, NEW_RD, WORLD_NOWHERE);
	ck_reject(w, params_bound, INPUT, REALM_CREATE, NEW_RD, WORLD_DEVICE);
	ck_reject(w, params_pas, INPUT, REALM_CREATE, NEW_RD, DATA);
	ck_reject(w, params_pas, INPUT, REALM_CREATE, NEW_RD, RTT0);
	ck_reject(w, rd_align, INPUT, REALM_CREATE, NEW_RD + 1, PARAMS);
	ck_reject(w, rd_bound, INPUT, REALM_CREATE, WORLD_DEVICE, PARAMS);
	ck_reject(w, rd_state, INPUT, REALM_CREATE, RD, PARAMS);
	ck_reject(w, rd_state, INPUT, REALM_CREATE, SRC, PARAMS);
}
END_TEST

#define BAD(id, field, value)                                          \
	do {                                                           \
		new_params()->field = (value);                         \
		ck_reject(w, id, INPUT, REALM_CREATE, NEW_RD, PARAMS); \
	} while (0)

START_TEST(realm_create_params)
{
	BAD(params_valid, hash_algo, 2);
	BAD(params_valid, hash_algo, 255);
	BAD(params_valid, num_bps, 0);
	BAD(params_valid, num_wps, 0);
	BAD(params_supp, s2sz, 31);
	BAD(params_supp, s2sz, 49);
	BAD(params_supp, s2sz, 255);
	BAD(params_supp, num_bps, 16);
	BAD(params_supp, num_wps, 16);
	BAD(params_supp, flags, RMI_REALM_FLAG_LPA2);
	BAD(rtt_num_level, rtt_num_start, 1);
	BAD(rtt_num_level, rtt_num_start, 3);
	BAD(rtt_num_level, rtt_num_start, 0);
	BAD(rtt_num_level, rtt_num_start, UINT32_MAX);
	BAD(rtt_num_level, rtt_level_start, 0);
	BAD(rtt_num_level, rtt_level_start, 2);
	BAD(rtt_num_level, rtt_level_start, 4);
	BAD(rtt_num_level, rtt_level_start, -2);
	BAD(rtt_num_level, rtt_level_start, INT64_MIN);
	BAD(rtt_num_level, s2sz, 44);
	BAD(rtt_align, rtt_base, NEW_RTT + GRANULE_SIZE);
	BAD(rtt_align, rtt_base, NEW_RTT + 1);
	BAD(alias, rtt_base, NEW_RD);
	BAD(rtt_state, rtt_base, WORLD_NOWHERE);
	BAD(rtt_state, rtt_base, G(128)); /* Non-secure */
	BAD(rtt_state, rtt_base, RTT0);
	BAD(vmid_valid, vmid, 7);
}
END_TEST

/* rd is the second starting table: the range of AddrInRange is inclusive. */
START_TEST(realm_create_alias)
{
	new_params()->rtt_base = NEW_RTT;
	ck_reject(w, alias, INPUT, REALM_CREATE, NEW_RTT, PARAMS);
	ck_reject(
	    w, alias, INPUT, REALM_CREATE, NEW_RTT + GRANULE_SIZE, PARAMS);
	ck_call(w, REALM_CREATE, NEW_RTT + 2 * GRANULE_SIZE, PARAMS);
}
END_TEST

/* One starting table is NS, the other is not. */
START_TEST(realm_create_second_rtt)
{
	world_delegate(w, G(130), 1);
	new_params()->rtt_base = G(130);
	ck_reject(w, rtt_state, INPUT, REALM_CREATE, NEW_RD, PARAMS);
	world_delegate(w, G(131), 1);
	ck_call(w, REALM_CREATE, NEW_RD, PARAMS);
}
END_TEST

/* Features that are there, at their limits; and that are not. */
START_TEST(realm_create_features)
{
	struct rmi_realm_params *params = new_params();

	params->flags = RMI_REALM_FLAG_SVE | RMI_REALM_FLAG_PMU;
	params->sve_vl = 15;
	params->num_bps = params->num_wps = 15;
	params->pmu_num_ctrs = 31;
	ck_call(w, REALM_CREATE, NEW_RD, PARAMS);
	ck_call(w, REALM_DESTROY, NEW_RD);
	params->sve_vl = 16;
	ck_reject(w, params_supp, INPUT, REALM_CREATE, NEW_RD, PARAMS);
	params->sve_vl = 15;
	params->pmu_num_ctrs = 32;
	ck_reject(w, params_supp, INPUT, REALM_CREATE, NEW_RD, PARAMS);
}
END_TEST

START_TEST(realm_create_few_features)
{
	uint64_t few = RMI_FEATURE0_PUT(S2SZ, 40) |
	    RMI_FEATURE0_PUT(NUM_BPS, 5) | RMI_FEATURE0_PUT(NUM_WPS, 3) |
	    RMI_FEATURE0_PUT(HASH_SHA_256, 1) |
	    RMI_FEATURE0_PUT(MAX_RECS_ORDER, 1);
	struct rmi_rec_params *rec;

	teardown();
	w = world_with_features(few);
	world_realm(w);
	BAD(params_supp, flags, RMI_REALM_FLAG_SVE);
	BAD(params_supp, flags, RMI_REALM_FLAG_PMU);
	BAD(params_supp, hash_algo, RMI_HASH_SHA_512);
	BAD(params_supp, s2sz, 41);
	BAD(params_supp, num_bps, 6);
	BAD(params_supp, num_wps, 4);
	/* MAX_RECS_ORDER 1: one REC. */
	world_rec(w);
	rec = rec_params(w);
	rec->mpidr = 1;
	rec->aux[0] = FREE;
	rec->aux[1] = G(81);
	ck_reject(w, num_recs, RMI_ERROR_REALM, REC_CREATE, RD, DATA, PARAMS);
}
END_TEST

/* VMIDs of 8 bits. */
START_TEST(realm_create_vmid8)
{
	static uint8_t ns[8 * GRANULE_SIZE]
	    __attribute__((aligned(GRANULE_SIZE)));
	struct rmm_bank bank = { 0, sizeof ns, RMM_BANK_DRAM, ns, NULL };
	struct rmi_realm_params *params = (void *)ns;
	struct rmm_answer answer;
	struct rmm_config cfg;
	char err[256] = "";
	struct rmm *rmm;

	rmm_config_init(&cfg);
	cfg.banks = &bank;
	cfg.num_banks = 1;
	cfg.vmid16 = false;
	rmm = rmm_new(&cfg, err, sizeof err);
	ck_assert_msg(rmm != NULL, "%s", err);
	for (uint64_t pa = 0x1000; pa < 0x4000; pa += 0x1000)
		rmm_call(rmm, 0,
		    (uint64_t[SMC_REGS]){ RMI_FID_GRANULE_DELEGATE, pa },
		    &answer);
	*params = (struct rmi_realm_params){ .s2sz = 40,
		.num_bps = 1,
		.num_wps = 1,
		.vmid = 256,
		.rtt_base = 0x2000,
		.rtt_level_start = 1,
		.rtt_num_start = 2 };
	rmm_call(rmm, 0, (uint64_t[SMC_REGS]){ RMI_FID_REALM_CREATE, 0x1000 },
	    &answer);
	ck_assert_str_eq(answer.condition, "vmid_valid");
	params->vmid = 255;
	rmm_call(rmm, 0, (uint64_t[SMC_REGS]){ RMI_FID_REALM_CREATE, 0x1000 },
	    &answer);
	ck_assert_uint_eq(answer.x[0], RMI_SUCCESS);
	rmm_free(rmm);
}
END_TEST

/* Every IPA width with every starting level and number of tables. */
START_TEST(realm_create_widths)
{
	unsigned made = 0;

	teardown();
	w = world_with_features(WORLD_LPA2);
	world_delegate(w, NEW_RD, 1);
	world_delegate(w, G(256), 16);
	for (unsigned s2sz = 32; s2sz <= 52; s2sz++) {
		for (int level = -1; level <= 3; level++) {
			int bits = (int)s2sz - 12 - 9 * (3 - level);

			for (unsigned num = 1; num <= 32; num++) {
				struct rmi_realm_params *p = new_params();
				bool good = bits >= 1 && bits <= 13 &&
				    num == (bits <= 9 ? 1u : 1u << (bits - 9));

				p->flags = RMI_REALM_FLAG_LPA2;
				p->s2sz = (uint8_t)s2sz;
				p->rtt_level_start = level;
				p->rtt_num_start = num;
				p->rtt_base = G(256);
				if (!good) {
					ck_reject(w, rtt_num_level, INPUT,
					    REALM_CREATE, NEW_RD, PARAMS);
					continue;
				}
				ck_call(w, REALM_CREATE, NEW_RD, PARAMS);
				ck_call(w, REALM_DESTROY, NEW_RD);
				made++;
			}
		}
	}
	/* Two levels do for most widths: 32 to 52 at levels -1 to 2. */
	ck_assert_uint_eq(made, 4 + 13 + 12 + 3);
}
END_TEST

/* ---- REALM_ACTIVATE, REALM_DESTROY -------------------------------------- */

START_TEST(realm_activate)
{
	ck_call(w, REALM_ACTIVATE, RD);
	ck_assert_int_eq(world_realm_info(w, RD).state, RMM_REALM_ACTIVE);
	ck_reject(w, realm_state, RMI_ERROR_REALM, REALM_ACTIVATE, RD);
}
END_TEST

static void
no_tables(void)
{
	ck_call(w, RTT_DESTROY, RD, 0, 3);
	ck_call(w, RTT_DESTROY, RD, 0, 2);
	ck_call(w, RTT_DESTROY, RD, UNPROT, 3);
	ck_call(w, RTT_DESTROY, RD, UNPROT, 2);
}

START_TEST(realm_destroyed)
{
	ck_reject(w, realm_live, RMI_ERROR_REALM, REALM_DESTROY, RD);
	no_tables();
	world_rec(w);
	ck_reject(w, realm_live, RMI_ERROR_REALM, REALM_DESTROY, RD);
	ck_call(w, REC_DESTROY, REC);
	ck_call(w, REALM_ACTIVATE, RD);
	ck_call(w, REALM_DESTROY, RD);
	ck_state(w, RD, DELEGATED);
	ck_state(w, RTT0, DELEGATED);
	ck_state(w, RTT0 + GRANULE_SIZE, DELEGATED);
	ck_assert_uint_eq(w->num_gone, 1);
	ck_assert_uint_eq(w->gone, RD);
	/* The VMID is free. */
	(void)realm_params(w);
	ck_call(w, REALM_CREATE, RD, PARAMS);
}
END_TEST

/* ASSIGNED_NS makes no table, and so no realm, live (A5.5.8). */
START_TEST(realm_destroy_ns)
{
	no_tables();
	ck_call(w, RTT_MAP_UNPROTECTED, RD, UNPROT, 1, L1_SIZE);
	ck_call(w, REALM_DESTROY, RD);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("realm");
	TCase *tc = tcase_create("realm");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, rd_conditions);
	tcase_add_test(tc, realm_create);
	tcase_add_test(tc, realm_create_granules);
	tcase_add_test(tc, realm_create_params);
	tcase_add_test(tc, realm_create_alias);
	tcase_add_test(tc, realm_create_second_rtt);
	tcase_add_test(tc, realm_create_features);
	tcase_add_test(tc, realm_create_few_features);
	tcase_add_test(tc, realm_create_vmid8);
	tcase_add_test(tc, realm_create_widths);
	tcase_add_test(tc, realm_activate);
	tcase_add_test(tc, realm_destroyed);
	tcase_add_test(tc, realm_destroy_ns);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(suite());
}
