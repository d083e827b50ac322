/* SPDX-License-Identifier: BSD-3-Clause */
/* The record of measurements: its bounds, and what it forgets. */
#include "config.h"

#include <check.h>

#include "rim-log.h"

static void
add(struct rim_log *rims, uint64_t rd, enum rmm_rim_kind kind, uint64_t base)
{
	struct rmm_rim_step step = { .kind = kind, .rd = rd, .base = base };

	rim_log_add(rims, &step);
}

START_TEST(keeps_steps_in_order)
{
	struct rim_log *rims = rim_log_new(1000);
	const struct rim_history *history;
	uint64_t i;

	add(rims, 0x1000, RMM_RIM_INIT, 0);
	add(rims, 0x101000, RMM_RIM_INIT, 0); /* the same bucket */
	for (i = 1; i < 300; i++)
		add(rims, 0x1000, RMM_RIM_DATA, i);
	history = rim_log_find(rims, 0x1000);
	ck_assert_ptr_nonnull(history);
	ck_assert_uint_eq(history->num, 300);
	ck_assert_uint_eq(history->steps[299].base, 299);
	ck_assert_uint_eq(history->dropped, 0);
	ck_assert_uint_eq(rim_log_find(rims, 0x101000)->num, 1);
	ck_assert_ptr_null(rim_log_find(rims, 0x2000));
	rim_log_drop(rims, 0x1000);
	ck_assert_ptr_null(rim_log_find(rims, 0x1000));
	ck_assert_ptr_nonnull(rim_log_find(rims, 0x101000));
	rim_log_clear(rims);
	ck_assert_ptr_null(rim_log_find(rims, 0x101000));
	rim_log_free(rims);
}
END_TEST

/* A realm's limit, and that of all; a new realm begins anew. */
START_TEST(is_bounded)
{
	struct rim_log *rims = rim_log_new(3);
	const struct rim_history *history;
	uint64_t rd, i, kept = 0;

	for (rd = 0x1000; rd <= 0x40000; rd += 0x1000)
		for (i = 0; i < 5; i++)
			add(rims, rd, i == 0 ? RMM_RIM_INIT : RMM_RIM_DATA, i);
	history = rim_log_find(rims, 0x1000);
	ck_assert_uint_eq(history->num, 3);
	ck_assert_uint_eq(history->dropped, 2);
	for (rd = 0x1000; rd <= 0x40000; rd += 0x1000) {
		history = rim_log_find(rims, rd);
		ck_assert_uint_eq(history->num + history->dropped, 5);
		kept += history->num;
	}
	ck_assert_uint_eq(kept, 3 * RIM_LOG_REALMS);
	add(rims, 0x1000, RMM_RIM_INIT, 0);
	history = rim_log_find(rims, 0x1000);
	ck_assert_uint_eq(history->num, 1);
	ck_assert_uint_eq(history->dropped, 0);
	rim_log_free(rims);
}
END_TEST

START_TEST(may_keep_nothing)
{
	struct rim_log *rims = rim_log_new(0);

	add(rims, 0x1000, RMM_RIM_INIT, 0);
	ck_assert_uint_eq(rim_log_find(rims, 0x1000)->num, 0);
	ck_assert_uint_eq(rim_log_find(rims, 0x1000)->dropped, 1);
	rim_log_free(rims);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("rim-log");
	TCase *tcase = tcase_create("bounds");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, keeps_steps_in_order);
	tcase_add_test(tcase, is_bounded);
	tcase_add_test(tcase, may_keep_nothing);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
