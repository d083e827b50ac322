/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Populate under control: rules that stop a call, make it fail or do nothing,
 * by its number or by a page's address, as each profile tells such an end.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kvm-test.h"

#define PAGES 150ull

static struct env env;

static void
open_with(int profile, const char *rules)
{
	setenv("RMM_KVM_POPULATE_FAULT", rules, 1);
	env_open(&env, profile, PAGES * PAGE);
}

static struct rkvm_populate
from(uint64_t page)
{
	return args_for(&env, page * PAGE, (PAGES - page) * PAGE);
}

/* Errors by count: nothing is done, the structure is as before. */
START_TEST(errors)
{
	static const struct {
		const char *rules;
		int results[6]; /* pages, or -errno */
	} rows[] = {
		{ "1=EINTR", { -EINTR, 10, 10, 10, 10, 10 } },
		{ "2=EAGAIN", { 10, -EAGAIN, 10, 10, 10, 10 } },
		{ "3=EBUSY", { 10, 10, -EBUSY, 10, 10, 10 } },
		{ "3+=ENOMEM", { 10, 10, -ENOMEM, -ENOMEM, -ENOMEM, -ENOMEM } },
		{ "2/2=EINTR", { 10, -EINTR, 10, -EINTR, 10, -EINTR } },
		{ "2=EINTR,4=EBUSY", { 10, -EINTR, 10, -EBUSY, 10, 10 } },
		{ "2=4096", { 10, 1, 10, 10, 10, 10 } },
		{ "2=3p,3=8K", { 10, 3, 2, 10, 10, 10 } },
		{ "2=1", { 10, 1, 10, 10, 10, 10 } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t page = 0;

		open_with(_i, rows[i].rules);
		for (size_t call = 0; call < 6; call++) {
			struct rkvm_populate args =
			    args_for(&env, page * PAGE, 10 * PAGE);

			expect_populate(&env, &args, rows[i].results[call]);
			if (rows[i].results[call] > 0)
				page += (uint64_t)rows[i].results[call];
		}
		expect_mapped(&env, 0, page);
		expect_unmapped(&env, page, 1);
		env_close(&env);
	}
}
END_TEST

/* Success without progress: 0, and nothing has moved. */
START_TEST(stalls)
{
	struct rkvm_populate args;

	open_with(_i, "1=stall,3+=stall");
	args = from(0);
	expect_populate(&env, &args, 0);
	ck_assert_int_eq(realm_state(&env), RMMKVM_NEW);
	expect_unmapped(&env, 0, 1);
	args = args_for(&env, 0, PAGE);
	expect_populate(&env, &args, 1);
	args = from(1);
	for (int i = 0; i < 10; i++)
		expect_populate(&env, &args, 0);
	env_close(&env);
}
END_TEST

/* By address: what came before is done, and the error is told once. */
START_TEST(pages)
{
	static const uint64_t stops[] = { 0, 1, 63, 64, 65, 149 };

	for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++) {
		struct rkvm_populate args;
		char rules[64];

		snprintf(rules, sizeof(rules), "@0x%llx=EINTR",
		    (unsigned long long)(GPA + stops[i] * PAGE));
		open_with(_i, rules);
		args = from(0);
		expect_populate(
		    &env, &args, stops[i] > 0 ? (int64_t)stops[i] : -EINTR);
		expect_unmapped(&env, stops[i], 1);
		/* Once; with a plus, each time. */
		args = from(stops[i]);
		expect_populate(&env, &args, (int64_t)(PAGES - stops[i]));
		env_close(&env);
		strcpy(strchr(rules, '='), "+=EAGAIN");
		open_with(_i, rules);
		args = from(stops[i]);
		for (int again = 0; again < 3; again++)
			expect_populate(&env, &args, -EAGAIN);
		env_close(&env);
		strcpy(strchr(rules, '+'), "=stall");
		open_with(_i, rules);
		args = from(stops[i]);
		expect_populate(&env, &args, 0);
		expect_populate(&env, &args, (int64_t)(PAGES - stops[i]));
		env_close(&env);
	}
}
END_TEST

/*
 * The RMM says no: v13 and v14 hand the status up, where the first page's is
 * taken for a count.
 */
START_TEST(statuses)
{
	static const struct {
		const char *name;
		int status;
	} rows[] = { { "RMI_ERROR_INPUT", 1 }, { "RMI_ERROR_REALM", 2 },
		{ "RMI_ERROR_REC", 3 } };

	for (size_t i = 0; i < 3; i++) {
		struct rkvm_populate args;
		char rules[64];
		bool v13 = _i == 1 || _i == 2;

		snprintf(rules, sizeof(rules), "@0x%llx+=%s",
		    (unsigned long long)(GPA + 5 * PAGE), rows[i].name);
		open_with(_i, rules);
		args = from(0);
		expect_populate(&env, &args, 5);
		args = from(5);
		expect_populate(&env, &args, v13 ? rows[i].status : -ENXIO);
		expect_unmapped(&env, 5, 4);
		env_close(&env);
	}
}
END_TEST

/* A limit from the environment, for who sets none. */
START_TEST(limit)
{
	struct rkvm_populate args;

	setenv("RMM_KVM_POPULATE_LIMIT", "2p", 1);
	env_open(&env, _i, PAGES * PAGE);
	for (uint64_t page = 0; page < 20; page += 2) {
		args = from(page);
		expect_populate(&env, &args, 2);
	}
	env_close(&env);
}
END_TEST

/* What is not understood is not taken for nothing. */
START_TEST(not_understood)
{
	static const char *const rules[] = { "EINTR", "=EINTR", "0=EINTR",
		"1=", "1=EWHAT", "1=stal", "x=EINTR", "1++=EINTR", "1/0=EINTR",
		"1/=EINTR", "@0x123=EINTR", "@=EINTR", "1=0", "1=5G",
		"1=99999999999999999999", "1=EINTR,2", "1=EINTR;2=EINTR" };
	static const char *const limits[] = { "0", "-1", "x", "1G", "1pp" };

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct rmmkvm_config config = { .populate_fault = rules[i] };

		ck_assert_msg(rmmkvm_open(&config) == NULL, "\"%s\"", rules[i]);
		ck_assert_int_eq(errno, EINVAL);
	}
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		setenv("RMM_KVM_POPULATE_LIMIT", limits[i], 1);
		ck_assert_msg(rmmkvm_open(NULL) == NULL, "\"%s\"", limits[i]);
		ck_assert_int_eq(errno, EINVAL);
	}
	unsetenv("RMM_KVM_POPULATE_LIMIT");
	rmmkvm_close(rmmkvm_open(NULL));
}
END_TEST

/* Operations of KVM_CAP_ARM_RME are disturbed alike, but never do a part. */
START_TEST(operations)
{
	static uint8_t source[16 * PAGE] __attribute__((aligned(4096)));
	struct rmmkvm_config config = { .profile = "v10",
		.populate_fault = "1=EINTR,2=stall,3=1p" };
	struct rkvm_rme_populate populate = { .base = GPA,
		.size = sizeof(source) };
	struct rkvm_enable_cap cap = { .cap = 244,
		.args = { RKVM_RME_CREATE_REALM } };
	struct rkvm_memory_region2 slot = {
		.flags = RKVM_MEM_GUEST_MEMFD,
		.guest_phys_addr = GPA,
		.memory_size = sizeof(source),
		.userspace_addr = (uintptr_t)source,
	};

	memset(&env, 0, sizeof(env));
	env.kvm = rmmkvm_open(&config);
	ck_assert_msg(env.kvm != NULL, "%s", rmmkvm_error());
	env.vm = (int)rmmkvm_ioctl(env.kvm, rmmkvm_fd(env.kvm), RKVM_CREATE_VM,
	    rmmkvm_realm_type(env.kvm, IPA_BITS));
	env.gmem = make_gmem(&env, sizeof(source));
	slot.guest_memfd = (uint32_t)env.gmem;
	ck_assert_int_eq(vm_call(&env, RKVM_SET_USER_MEMORY_REGION2, &slot), 0);
	ck_assert_int_eq(vm_call(&env, RKVM_ENABLE_CAP, &cap), 0);
	cap.args[0] = RKVM_RME_POPULATE_REALM;
	cap.args[1] = (uintptr_t)&populate;
	ck_assert_int_eq(vm_call(&env, RKVM_ENABLE_CAP, &cap), -EINTR);
	ck_assert_int_eq(vm_call(&env, RKVM_ENABLE_CAP, &cap), 0);
	expect_unmapped(&env, 0, 16);
	ck_assert_int_eq(vm_call(&env, RKVM_ENABLE_CAP, &cap), 0);
	expect_mapped(&env, 0, 16);
	env_close(&env);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("faults");
	TCase *cases = tcase_create("rules");

	tcase_set_timeout(cases, 120);
	tcase_add_loop_test(cases, errors, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, stalls, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, pages, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, statuses, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, limit, 0, NUM_PROFILES);
	tcase_add_test(cases, not_understood);
	tcase_add_test(cases, operations);
	suite_add_tcase(suite, cases);
	return kvm_test_main(argc, argv, suite);
}
