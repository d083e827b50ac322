/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Making machines, their memory, and the commands that need no realm.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "world.h"

static struct world *w;

static void
setup(void)
{
	w = world_new();
}

static void
teardown(void)
{
	world_free(w);
}

/* ---- rmm_new ---------------------------------------------------------- */

static uint8_t page[2 * GRANULE_SIZE] __attribute__((aligned(GRANULE_SIZE)));

static void
refused(const struct rmm_config *cfg, const char *word)
{
	char err[256] = "";

	ck_assert_ptr_null(rmm_new(cfg, err, sizeof err));
	ck_assert_msg(strstr(err, word) != NULL, "\"%s\" in \"%s\"", word, err);
}

START_TEST(bank_errors)
{
	static const struct {
		struct rmm_bank banks[2];
		const char *word;
	} rows[] = {
		{ { { 0x1000, 0, RMM_BANK_DRAM, page, NULL } }, "multiples" },
		{ { { 0x1001, 0x1000, RMM_BANK_DRAM, page, NULL } },
		    "multiples" },
		{ { { 0x1000, 0x1001, RMM_BANK_DRAM, page, NULL } },
		    "multiples" },
		{ { { 1ull << 52, 0x1000, RMM_BANK_DRAM, page, NULL } },
		    "2^52" },
		{ { { (1ull << 52) - 0x1000, 0x2000, RMM_BANK_DRAM, page,
		      NULL } },
		    "2^52" },
		{ { { 0x1000, -0x1000ull, RMM_BANK_DRAM, page, NULL } },
		    "2^52" },
		{ { { 0x1000, 0x1000, RMM_BANK_DRAM, NULL, NULL } }, "view" },
		{ { { 0x2000, 0x1000, RMM_BANK_DRAM, page, NULL },
		      { 0x1000, 0x1001000, RMM_BANK_DEVICE, NULL, NULL } },
		    "overlap" },
		{ { { 0x1000, 0x1000, RMM_BANK_DRAM, page, NULL },
		      { 0x1000, 0x1000, RMM_BANK_DRAM, page, NULL } },
		    "overlap" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rmm_config cfg;

		rmm_config_init(&cfg);
		cfg.banks = rows[i].banks;
		cfg.num_banks = rows[i].banks[1].size != 0 ? 2 : 1;
		refused(&cfg, rows[i].word);
	}
}
END_TEST

START_TEST(feature_errors)
{
	const uint64_t good = RMM_FEATURE_REGISTER_0_DEFAULT;
	const uint64_t bad[] = {
		good + 1,	       /* S2SZ 49 without LPA2 */
		good - 48 + 31,	       /* S2SZ 31 */
		WORLD_LPA2 + 1,	       /* S2SZ 53 */
		good & ~(63ull << 14), /* NUM_BPS 0 */
		good & ~(63ull << 20), /* NUM_WPS 0 */
		good & ~(3ull << 32),  /* no hash */
		good | 1ull << 42,     /* reserved */
	};
	struct rmm_config cfg;

	rmm_config_init(&cfg);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		cfg.feature_register_0 = bad[i];
		refused(&cfg, "feature register 0");
	}
	rmm_config_init(&cfg);
	cfg.rec_aux_count = 17;
	refused(&cfg, "17 auxiliary");
}
END_TEST

START_TEST(no_banks)
{
	struct rmm_config cfg;
	char err[256] = "";
	struct rmm *rmm;

	rmm_config_init(&cfg);
	rmm = rmm_new(&cfg, err, sizeof err);
	ck_assert_msg(rmm != NULL, "%s", err);
	ck_assert_uint_eq(rmm_granule_count(rmm, RMM_GRANULE_UNDELEGATED), 0);
	ck_assert(rmm_check_invariants(rmm, err, sizeof err));
	rmm_reset(rmm);
	ck_assert_uint_eq(rmm_reclaim(rmm, 0, UINT64_MAX), 0);
	rmm_free(rmm);
}
END_TEST

static long
peak_kib(void)
{
	struct rusage usage;

	ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
	return usage.ru_maxrss;
}

START_TEST(one_tib)
{
	const uint64_t size = 1ull << 40;
	struct rmm_granule_info info;
	struct rmm_config cfg;
	struct rmm_answer answer;
	char err[256] = "";
	long before = peak_kib();
	struct rmm_bank bank = { .base = WORLD_BASE, .size = size };
	struct rmm *rmm;

	bank.ns = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ck_assert_ptr_ne(bank.ns, MAP_FAILED);
	rmm_config_init(&cfg);
	cfg.banks = &bank;
	cfg.num_banks = 1;
	rmm = rmm_new(&cfg, err, sizeof err);
	ck_assert_msg(rmm != NULL, "%s", err);
	ck_assert_uint_eq(
	    rmm_granule_count(rmm, RMM_GRANULE_UNDELEGATED), size / 4096);

	/* The first granule, the last, and some between. */
	for (uint64_t at = 0; at < size; at += size / 8 - GRANULE_SIZE) {
		uint64_t x[SMC_REGS] = { RMI_FID_GRANULE_DELEGATE,
			WORLD_BASE + at };

		rmm_call(rmm, 0, x, &answer);
		ck_assert_uint_eq(answer.x[0], RMI_SUCCESS);
	}
	ck_assert_msg(rmm_check_invariants(rmm, err, sizeof err), "%s", err);
	ck_assert(rmm_granule_next(
	    rmm, WORLD_BASE + 1, 1u << RMM_GRANULE_DELEGATED, &info));
	ck_assert_uint_eq(info.pa, WORLD_BASE + size / 8 - GRANULE_SIZE);
	ck_assert_uint_eq(rmm_reclaim(rmm, 0, UINT64_MAX), 0);
	rmm_reset(rmm);
	ck_assert(!rmm_granule_next(rmm, 0, ~0u, &info));
	rmm_free(rmm);
	(void)munmap(bank.ns, size);
	/* Not a measurement, only far from a byte for each granule. */
	ck_assert_int_lt(peak_kib() - before, 64 * 1024);
}
END_TEST

/* ---- VERSION, FEATURES, unknown functions ------------------------------ */

START_TEST(unknown_function)
{
	static const uint64_t fids[] = { 0, 0xC4000156, 0xC4000160, 0xC400014F,
		0xC400016A, 0x84000150, 0xC4000190, 1ull << 32 | 0xC4000150,
		UINT64_MAX };

	for (size_t i = 0; i < sizeof fids / sizeof fids[0]; i++) {
		uint64_t x[SMC_REGS] = { fids[i], 1, 2, 3 };

		rmm_call(w->rmm, 0, x, &w->answer);
		ck_assert_uint_eq(w->answer.x[0], SMC_NOT_SUPPORTED);
		ck_assert_ptr_null(w->answer.command);
		for (int n = 1; n < SMC_REGS; n++)
			ck_assert_uint_eq(w->answer.x[n], 0);
	}
}
END_TEST

START_TEST(command_table)
{
	uint32_t fid = 0;
	size_t n = 0;

	for (const struct smc_abi *abi; (abi = rmm_command_at(n)) != NULL;
	     n++) {
		uint64_t x[SMC_REGS] = { abi->fid };

		ck_assert_uint_gt(abi->fid, fid);
		fid = abi->fid;
		rmm_call(w->rmm, 0, x, &w->answer);
		ck_assert_str_eq(w->answer.command, abi->name);
		world_check(w);
	}
	ck_assert_uint_eq(n, 23);
	ck_assert_ptr_null(rmm_command_at(n + 1));
}
END_TEST

/* B4.3.23: compatible; incompatible and less; incompatible and greater. */
START_TEST(version)
{
	static const uint64_t refused_versions[] = { 0, 0xffff, 0x10001,
		0x1ffff, 0x20000, 0x7fffffff };

	ck_call(w, VERSION, 0x10000);
	ck_assert_uint_eq(w->answer.x[1], 0x10000);
	ck_assert_uint_eq(w->answer.x[2], 0x10000);
	for (size_t i = 0; i < 6; i++) {
		ck_reject(
		    w, req, RMI_ERROR_INPUT, VERSION, refused_versions[i]);
		ck_assert_uint_eq(w->answer.x[1], 0x10000);
		ck_assert_uint_eq(w->answer.x[2], 0x10000);
	}
}
END_TEST

START_TEST(features)
{
	ck_call(w, FEATURES, 0);
	ck_assert_uint_eq(w->answer.x[1], RMM_FEATURE_REGISTER_0_DEFAULT);
	ck_call(w, FEATURES, 1);
	ck_assert_uint_eq(w->answer.x[1], 0);
	ck_call(w, FEATURES, UINT64_MAX);
	ck_assert_uint_eq(w->answer.x[1], 0);
}
END_TEST

/* ---- GRANULE_DELEGATE, GRANULE_UNDELEGATE ------------------------------ */

START_TEST(delegate)
{
	ck_call(w, GRANULE_DELEGATE, G(1));
	ck_state(w, G(1), DELEGATED);
	ck_state(w, G(2), UNDELEGATED);
	ck_assert_uint_eq(rmm_granule_count(w->rmm, RMM_GRANULE_DELEGATED), 1);
	ck_reject(w, gran_align, RMI_ERROR_INPUT, GRANULE_DELEGATE, G(2) + 1);
	ck_reject(
	    w, gran_bound, RMI_ERROR_INPUT, GRANULE_DELEGATE, WORLD_NOWHERE);
	ck_reject(
	    w, gran_bound, RMI_ERROR_INPUT, GRANULE_DELEGATE, WORLD_DEVICE);
	ck_reject(
	    w, gran_bound, RMI_ERROR_INPUT, GRANULE_DELEGATE, WORLD_SECURE);
	ck_reject(w, gran_bound, RMI_ERROR_INPUT, GRANULE_DELEGATE,
	    WORLD_BASE + WORLD_SIZE);
	ck_reject(w, gran_bound, RMI_ERROR_INPUT, GRANULE_DELEGATE,
	    WORLD_BASE - GRANULE_SIZE);
	ck_reject(w, gran_bound, RMI_ERROR_INPUT, GRANULE_DELEGATE,
	    -(uint64_t)GRANULE_SIZE);
	ck_reject(w, gran_state, RMI_ERROR_INPUT, GRANULE_DELEGATE, G(1));
	ck_call(w, GRANULE_DELEGATE, WORLD_HIGH);
	ck_call(w, GRANULE_DELEGATE, WORLD_BASE + WORLD_SIZE - GRANULE_SIZE);
}
END_TEST

START_TEST(undelegate)
{
	ck_reject(w, gran_state, RMI_ERROR_INPUT, GRANULE_UNDELEGATE, G(1));
	ck_call(w, GRANULE_DELEGATE, G(1));
	ck_reject(w, gran_align, RMI_ERROR_INPUT, GRANULE_UNDELEGATE, G(1) + 8);
	ck_reject(
	    w, gran_bound, RMI_ERROR_INPUT, GRANULE_UNDELEGATE, WORLD_DEVICE);
	ck_call(w, GRANULE_UNDELEGATE, G(1));
	ck_state(w, G(1), UNDELEGATED);
	ck_assert_uint_eq(rmm_granule_count(w->rmm, RMM_GRANULE_DELEGATED), 0);
	world_realm(w);
	ck_reject(w, gran_state, RMI_ERROR_INPUT, GRANULE_UNDELEGATE, RD);
	ck_reject(w, gran_state, RMI_ERROR_INPUT, GRANULE_DELEGATE, RTT0);
}
END_TEST

static bool
ns_is_zero(uint64_t pa)
{
	static const uint8_t zeros[GRANULE_SIZE];

	return memcmp(ns_at(w, pa), zeros, sizeof zeros) == 0;
}

/* The bytes leave with the granule, and none come back with it. */
START_TEST(ns_view)
{
	memset(ns_at(w, G(1)), 0xaa, GRANULE_SIZE);
	memset(ns_at(w, G(2)), 0xbb, GRANULE_SIZE);
	ck_call(w, GRANULE_DELEGATE, G(1));
	ck_assert(ns_is_zero(G(1)));
	ck_assert_uint_eq(*(uint8_t *)ns_at(w, G(2)), 0xbb);
	/* A client writes to its mapping although it may not. */
	memset(ns_at(w, G(1)), 0xcc, GRANULE_SIZE);
	ck_call(w, GRANULE_UNDELEGATE, G(1));
	ck_assert(ns_is_zero(G(1)));
}
END_TEST

/* Without a host the model writes the zeros. */
START_TEST(ns_view_without_host)
{
	struct rmm_bank bank = { 0x1000, sizeof page, RMM_BANK_DRAM, page,
		NULL };
	uint64_t x[SMC_REGS] = { RMI_FID_GRANULE_DELEGATE, 0x1000 };
	struct rmm_answer answer;
	struct rmm_config cfg;
	char err[256] = "";
	struct rmm *rmm;

	rmm_config_init(&cfg);
	cfg.banks = &bank;
	cfg.num_banks = 1;
	rmm = rmm_new(&cfg, err, sizeof err);
	ck_assert_msg(rmm != NULL, "%s", err);
	memset(page, 0xaa, sizeof page);
	rmm_call(rmm, 0, x, &answer);
	ck_assert_uint_eq(answer.x[0], RMI_SUCCESS);
	ck_assert_uint_eq(page[0] | page[GRANULE_SIZE - 1], 0);
	ck_assert_uint_eq(page[GRANULE_SIZE], 0xaa);
	page[7] = 1;
	rmm_reset(rmm);
	ck_assert_uint_eq(page[7], 0);
	rmm_free(rmm);
}
END_TEST

/* ---- Reset and reclaim ------------------------------------------------- */

START_TEST(reset)
{
	struct rmm_realm_info info;
	struct rmm_granule_info granule;

	world_realm(w);
	world_rec(w);
	memset(ns_at(w, FREE), 0xdd, GRANULE_SIZE);
	rmm_reset(w->rmm);
	world_check(w);
	ck_assert_uint_eq(w->num_gone, 1);
	ck_assert_uint_eq(w->gone, RD);
	ck_assert(!rmm_realm_next(w->rmm, 0, &info));
	ck_assert(!rmm_granule_next(w->rmm, 0, ~0u, &granule));
	ck_assert_uint_eq(rmm_granule_count(w->rmm, RMM_GRANULE_UNDELEGATED),
	    (WORLD_SIZE + (4u << 20)) / GRANULE_SIZE);
	ck_assert(ns_is_zero(FREE));
	ck_assert(ns_is_zero(PARAMS));
	/* The same calls do the same again: VMID and granules are free. */
	world_realm(w);
	world_rec(w);
}
END_TEST

/* All of a realm's granules go, wherever they are; others stay. */
START_TEST(reclaim_realm)
{
	world_realm(w);
	world_rec(w);
	world_delegate(w, WORLD_HIGH, 1);
	world_delegate(w, G(200), 1);
	world_delegate(w, G(202), 2);
	world_other_realm(w, G(200), G(202));
	ck_call(w, DATA_CREATE, RD, DATA, 0, SRC, 1);
	ck_assert_uint_eq(rmm_reclaim(w->rmm, RD, GRANULE_SIZE), 0);
	world_check(w);
	ck_assert_uint_eq(w->gone, RD);
	ck_state(w, RD, UNDELEGATED);
	ck_state(w, DATA, UNDELEGATED);
	ck_state(w, RTT_L3, UNDELEGATED);
	ck_state(w, REC, UNDELEGATED);
	ck_state(w, AUX, UNDELEGATED);
	ck_state(w, FREE, DELEGATED); /* not in the range, nobody's */
	ck_state(w, WORLD_HIGH, DELEGATED);
	ck_state(w, G(200), RD);
	/* Its VMID is free again, the other's is not. */
	world_delegate(w, RD, 1);
	world_delegate(w, RTT0, 2);
	realm_params(w)->vmid = 8;
	ck_reject(w, vmid_valid, RMI_ERROR_INPUT, REALM_CREATE, RD, PARAMS);
	realm_params(w)->vmid = 7;
	ck_call(w, REALM_CREATE, RD, PARAMS);
}
END_TEST

START_TEST(reclaim_range)
{
	world_realm(w);
	memset(ns_at(w, FREE), 0xee, GRANULE_SIZE);
	memset(ns_at(w, DATA), 0xee, GRANULE_SIZE);
	/* The realm's tables lie in the range, its RD does not. */
	ck_assert_uint_eq(
	    rmm_reclaim(w->rmm, RD + GRANULE_SIZE, DATA - RD - GRANULE_SIZE),
	    6);
	world_check(w);
	ck_assert_uint_eq(w->num_gone, 0);
	ck_state(w, RTT0, RTT);
	ck_state(w, FREE, UNDELEGATED);
	ck_assert(ns_is_zero(FREE));
	ck_state(w, REC, UNDELEGATED);
	ck_state(w, DATA, DELEGATED);
	ck_assert_uint_eq(rmm_reclaim(w->rmm, 0, UINT64_MAX), 0);
	world_check(w);
	ck_assert_uint_eq(w->num_gone, 1);
	ck_assert_uint_eq(rmm_granule_count(w->rmm, RMM_GRANULE_DELEGATED), 0);
	ck_assert_uint_eq(rmm_granule_count(w->rmm, RMM_GRANULE_RTT), 0);
	ck_assert(ns_is_zero(DATA));
}
END_TEST

/* A reclaim of many granules asks for few discards. */
START_TEST(reclaim_in_runs)
{
	world_delegate(w, G(1000), 1000);
	w->num_discards = 0;
	ck_assert_uint_eq(rmm_reclaim(w->rmm, WORLD_BASE, WORLD_SIZE), 0);
	ck_assert_uint_eq(w->num_discards, 1);
	world_check(w);
}
END_TEST

/* ---- Looking inside ---------------------------------------------------- */

START_TEST(granule_info)
{
	struct rmm_granule_info info;

	world_realm(w);
	world_rec(w);
	ck_call(w, DATA_CREATE, RD, DATA, 0x5000, SRC, 0);
	ck_assert(!rmm_granule(w->rmm, WORLD_DEVICE, &info));
	ck_assert(!rmm_granule(w->rmm, WORLD_NOWHERE, &info));
	info = world_granule(w, DATA);
	ck_assert_uint_eq(info.rd, RD);
	ck_assert_uint_eq(info.where, 0x5000);
	info = world_granule(w, RTT_UL3);
	ck_assert_uint_eq(info.rd, RD);
	ck_assert_uint_eq(info.where, UNPROT);
	ck_assert_int_eq(info.level, 3);
	info = world_granule(w, RTT0 + GRANULE_SIZE);
	ck_assert_uint_eq(info.where, 512 * L1_SIZE);
	ck_assert_int_eq(info.level, 1);
	info = world_granule(w, AUX + GRANULE_SIZE);
	ck_assert_uint_eq(info.where, REC);
	ck_assert(rmm_granule_next(w->rmm, 0, 1u << RMM_GRANULE_REC, &info));
	ck_assert_uint_eq(info.pa, REC);
	ck_assert(
	    !rmm_granule_next(w->rmm, REC + 1, 1u << RMM_GRANULE_REC, &info));
}
END_TEST

START_TEST(rec_info)
{
	struct rmm_rec_info info;

	world_realm(w);
	world_rec(w);
	ck_assert(!rmm_rec(w->rmm, RD, &info));
	ck_assert(!rmm_rec(w->rmm, REC + 8, &info));
	ck_assert(rmm_rec(w->rmm, REC, &info));
	ck_assert_uint_eq(info.rd, RD);
	ck_assert(info.runnable && !info.running && !info.psci_pending);
	ck_assert_uint_eq(info.pc, 0x80200000);
	ck_assert_uint_eq(info.gprs[7], 8);
	ck_assert_uint_eq(info.gprs[8], 0);
	ck_assert_uint_eq(info.num_aux, WORLD_NUM_AUX);
	ck_assert_uint_eq(info.aux[1], AUX + GRANULE_SIZE);
}
END_TEST

/* The walk visits each entry once, in order of IPA. */
START_TEST(rtt_next)
{
	uint64_t ipa = 0, end = 0, tables = 0, entries = 0;
	struct rmm_rtte_info info;
	int level = 1;

	world_realm(w);
	while (rmm_rtt_next(w->rmm, RD, &ipa, &level, &info)) {
		entries++;
		ck_assert_uint_eq(info.ipa, end);
		if (info.state == RMM_TABLE)
			tables++;
		else
			end = info.ipa + rmm_rtte_size(info.level);
		ck_assert_int_eq(info.state == RMM_UNASSIGNED_NS,
		    info.ipa >= UNPROT && info.state != RMM_TABLE);
	}
	ck_assert_uint_eq(end, 1ull << IPA_WIDTH);
	ck_assert_uint_eq(tables, 4);
	ck_assert_uint_eq(entries, 1024 + 4 * 512);
	ipa = 0;
	level = 1;
	ck_assert(!rmm_rtt_next(w->rmm, FREE, &ipa, &level, &info));
}
END_TEST

/* The cursor survives a table that goes while it is inside. */
START_TEST(rtt_next_survives)
{
	struct rmm_rtte_info info;
	uint64_t ipa = 0x3000;
	int level = 3;

	world_realm(w);
	ck_assert(rmm_rtt_next(w->rmm, RD, &ipa, &level, &info));
	ck_assert_uint_eq(info.ipa, 0x3000);
	ck_call(w, RTT_DESTROY, RD, 0, 3);
	ck_assert(rmm_rtt_next(w->rmm, RD, &ipa, &level, &info));
	ck_assert_int_eq(info.level, 2);
	ck_assert_uint_eq(info.ipa, 0);
	ck_assert(rmm_rtt_next(w->rmm, RD, &ipa, &level, &info));
	ck_assert_uint_eq(info.ipa, L2_SIZE);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("machine");
	TCase *made = tcase_create("made");
	TCase *tc = tcase_create("calls");

	tcase_add_test(made, bank_errors);
	tcase_add_test(made, feature_errors);
	tcase_add_test(made, no_banks);
	tcase_add_test(made, one_tib);
	tcase_add_test(made, ns_view_without_host);
	suite_add_tcase(s, made);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, unknown_function);
	tcase_add_test(tc, command_table);
	tcase_add_test(tc, version);
	tcase_add_test(tc, features);
	tcase_add_test(tc, delegate);
	tcase_add_test(tc, undelegate);
	tcase_add_test(tc, ns_view);
	tcase_add_test(tc, reset);
	tcase_add_test(tc, reclaim_realm);
	tcase_add_test(tc, reclaim_range);
	tcase_add_test(tc, reclaim_in_runs);
	tcase_add_test(tc, granule_info);
	tcase_add_test(tc, rec_info);
	tcase_add_test(tc, rtt_next);
	tcase_add_test(tc, rtt_next_survives);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(suite());
}
