/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * KVM_ARM_RMI_POPULATE page by page: every event that can end it, at the first
 * page and at any later one, in every profile.  What was done stays done, the
 * error is told only if nothing was, and the next call begins where this ended.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvm-test.h"

static struct env env;

#define PAGES 200ull /* of the environment: several messages */

static void
open_env(int profile)
{
	env_open(&env, profile, PAGES * PAGE);
}

/* Pages at which a test stops: in and at the ends of messages. */
static const uint64_t stops[] = { 0, 1, 2, 63, 64, 65, 127, 128, 199 };
#define NUM_STOPS (sizeof(stops) / sizeof(stops[0]))

/* An event at page stop, error: what a call for all pages comes to. */
static void
expect_stop(uint64_t stop, int64_t v12, int64_t v13)
{
	struct rkvm_populate args = args_for(&env, 0, PAGES * PAGE);

	if (stop > 0) {
		expect_populate(&env, &args, (int64_t)stop);
		expect_mapped(&env, stop - 1, 1);
	}
	/* The next call begins there and has nothing done. */
	args = args_for(&env, stop * PAGE, (PAGES - stop) * PAGE);
	expect_populates(&env, &args, v12, v13);
	expect_unmapped(&env, stop, PAGES - stop);
}

/* No slot, or one without a guest_memfd. */
START_TEST(no_slot)
{
	struct rkvm_populate args;

	open_env(_i);
	args = args_for(&env, 0, PAGE);
	args.base = GPA - PAGE;
	expect_populate(&env, &args, -EINVAL);
	args.base = GPA + PAGES * PAGE;
	expect_populate(&env, &args, -EINVAL);
	ck_assert_int_eq(set_slot(&env, 7, args.base, PAGE, -1, 0), 0);
	expect_populate(&env, &args, -EINVAL);
	/* A slot that ends before the next one begins is its own limit. */
	args = args_for(&env, (PAGES - 1) * PAGE, PAGE);
	args.size = 3 * PAGE;
	expect_populate(&env, &args, 1);
	env_close(&env);
}
END_TEST

START_TEST(file_gone)
{
	struct rkvm_populate args;

	open_env(_i);
	args = args_for(&env, 0, 3 * PAGE);
	expect_populate(&env, &args, 3);
	ck_assert_int_eq(rmmkvm_close_fd(env.kvm, env.gmem), 0);
	env.gmem = -1;
	expect_unmapped(&env, 0, 3);
	expect_populate(&env, &args, -EFAULT);
	env_close(&env);
}
END_TEST

/* A range longer than its slot: to the slot's end, however the next begins. */
START_TEST(slot_end)
{
	struct rkvm_populate args;

	env_open_bare(&env, _i);
	env.size = PAGES * PAGE;
	env.src = mmap(NULL, env.size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	env.gmem = make_gmem(&env, PAGES * PAGE);
	/* Three slots in a row, one file. */
	ck_assert_int_eq(set_slot(&env, 0, GPA, PAGE, env.gmem, 0), 0);
	ck_assert_int_eq(
	    set_slot(&env, 1, GPA + PAGE, 70 * PAGE, env.gmem, PAGE), 0);
	ck_assert_int_eq(
	    set_slot(&env, 2, GPA + 71 * PAGE, 129 * PAGE, env.gmem, 71 * PAGE),
	    0);
	ck_assert_int_eq(set_private(&env, GPA, PAGES * PAGE, true), 0);
	args = args_for(&env, 0, PAGES * PAGE);
	expect_populate(&env, &args, 1);
	expect_unmapped(&env, 1, 199);
	args = args_for(&env, PAGE, 199 * PAGE);
	expect_populate(&env, &args, 70);
	expect_unmapped(&env, 71, 129);
	args = args_for(&env, 71 * PAGE, 129 * PAGE);
	expect_populate(&env, &args, 129);
	expect_mapped(&env, 0, PAGES);
	env_close(&env);
}
END_TEST

/* A limit stops at any page, and in bytes at whole ones. */
START_TEST(limits)
{
	static const struct {
		uint64_t bytes;
		int64_t pages;
	} rows[] = { { 1, 1 }, { PAGE, 1 }, { 2 * PAGE - 1, 1 },
		{ 2 * PAGE, 2 }, { 63 * PAGE, 63 }, { 64 * PAGE, 64 },
		{ 65 * PAGE + 17, 65 }, { 199 * PAGE, 199 },
		{ 500 * PAGE, PAGES }, { 0, PAGES } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rkvm_populate args;

		open_env(_i);
		args = args_for(&env, 0, PAGES * PAGE);
		rmmkvm_set_populate_limit(env.kvm, rows[i].bytes);
		expect_populate(&env, &args, rows[i].pages);
		expect_mapped(&env, (uint64_t)rows[i].pages - 1, 1);
		expect_unmapped(&env, (uint64_t)rows[i].pages,
		    PAGES - (uint64_t)rows[i].pages);
		env_close(&env);
	}
}
END_TEST

/* ---- The source -------------------------------------------------------- */

/* A page of the source that can not be read. */
START_TEST(source_protected)
{
	for (size_t i = 0; i < NUM_STOPS; i++) {
		open_env(_i);
		mprotect(env.src + stops[i] * PAGE, PAGE, PROT_NONE);
		expect_stop(stops[i], -EFAULT, -EFAULT);
		/* Once it can be read, that page follows. */
		mprotect(env.src + stops[i] * PAGE, PAGE, PROT_READ);
		struct rkvm_populate args =
		    args_for(&env, stops[i] * PAGE, (PAGES - stops[i]) * PAGE);
		expect_populate(&env, &args, (int64_t)(PAGES - stops[i]));
		expect_mapped(&env, 0, PAGES);
		env_close(&env);
	}
}
END_TEST

START_TEST(source_unmapped)
{
	open_env(_i);
	munmap(env.src + 70 * PAGE, PAGE);
	expect_stop(70, -EFAULT, -EFAULT);
	env_close(&env);
}
END_TEST

/* Beyond the end of its file, where an access would raise SIGBUS. */
START_TEST(source_truncated)
{
	int file = memfd_create("source", 0);

	open_env(_i);
	ck_assert_int_eq(ftruncate(file, PAGES * PAGE), 0);
	munmap(env.src, env.size);
	env.src = mmap(NULL, env.size, PROT_READ, MAP_SHARED, file, 0);
	ck_assert_int_eq(ftruncate(file, 66 * PAGE), 0);
	expect_stop(66, -EFAULT, -EFAULT);
	close(file);
	env_close(&env);
}
END_TEST

/* ---- The guest_memfd ---------------------------------------------------- */

static struct rmmclient *
take_all_memory(void)
{
	struct rmmclient *hog = rmmclient_connect(NULL, "hog");
	uint64_t base;

	ck_assert_ptr_nonnull(hog);
	for (uint64_t size = 4 * GIB; size >= PAGE; size /= 2)
		while (rmmclient_lease(hog, size, PAGE, &base) == 0)
			;
	return hog;
}

/*
 * No page for the guest_memfd: what there was is done, then -ENOMEM.  With one
 * page given back, there is none for a table: -ENXIO in v12, -ENOMEM in v13,
 * and the page comes back to the Non-secure world.
 */
START_TEST(no_memory)
{
	struct rkvm_populate args;
	struct rmmclient *hog;
	long result;
	uint64_t done;

	env_open(&env, _i, 4 * MIB);
	args = args_for(&env, 0, PAGE);
	expect_populate(&env, &args, 1);
	hog = take_all_memory();
	args = args_for(&env, PAGE, 2 * MIB - PAGE);
	result = populate(&env, &args);
	ck_assert_int_ge(result, 0);
	done = env.v12 ? (uint64_t)result : 2 * MIB - PAGE - args.size;
	done = done / PAGE + 1;
	ck_assert_uint_gt(done, 1);
	ck_assert_uint_lt(done, 512);
	expect_mapped(&env, 0, done);
	args = args_for(&env, done * PAGE, PAGE);
	expect_populate(&env, &args, -ENOMEM);
	ck_assert_int_eq(rmmkvm_punch_hole(env.kvm, env.gmem, 0, PAGE), 0);
	expect_unmapped(&env, 0, 1);
	args = args_for(&env, 2 * MIB, PAGE);
	expect_populates(&env, &args, -ENXIO, -ENOMEM);
	expect_unmapped(&env, 512, 1);
	rmmclient_close(hog);
	expect_populate(&env, &args, 1);
	expect_mapped(&env, 512, 1);
	env_close(&env);
}
END_TEST

/* A page that is shared. */
START_TEST(not_private)
{
	for (size_t i = 0; i < NUM_STOPS; i++) {
		open_env(_i);
		ck_assert_int_eq(
		    set_private(&env, GPA + stops[i] * PAGE, PAGE, false), 0);
		expect_stop(stops[i], -EINVAL, -EINVAL);
		env_close(&env);
	}
}
END_TEST

/* To v14, shared is what memory is until told otherwise; then private. */
START_TEST(shared_by_default)
{
	struct rkvm_populate args;

	env_open_bare(&env, _i);
	env.size = PAGE;
	env.src = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	env.gmem = make_gmem(&env, PAGE);
	ck_assert_int_eq(set_slot(&env, 0, GPA, PAGE, env.gmem, 0), 0);
	args = args_for(&env, 0, PAGE);
	expect_populates4(&env, &args, -EINVAL, -EINVAL, 1, 1);
	env_close(&env);
}
END_TEST

/* From v15 on a file can begin shared. */
START_TEST(file_begins_shared)
{
	struct rkvm_create_guest_memfd create = { .size = 2 * PAGE,
		.flags = RKVM_GUEST_MEMFD_INIT_SHARED };
	struct rkvm_populate args;
	long fd;

	open_env(_i);
	fd = vm_call(&env, RKVM_CREATE_GUEST_MEMFD, &create);
	if (!env.v15) {
		ck_assert_int_eq(fd, -EINVAL);
		env_close(&env);
		return;
	}
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(set_slot(&env, 0, GPA, 0, -1, 0), 0);
	env.gmem = (int)fd;
	ck_assert_int_eq(set_slot(&env, 0, GPA, 2 * PAGE, env.gmem, 0), 0);
	args = args_for(&env, 0, 2 * PAGE);
	expect_populate(&env, &args, -EINVAL);
	ck_assert_int_eq(set_private(&env, GPA, PAGE, true), 0);
	expect_populate(&env, &args, 1);
	env_close(&env);
}
END_TEST

/*
 * The source is looked at before the destination: -EFAULT where both are bad.
 */
START_TEST(source_before_private)
{
	open_env(_i);
	ck_assert_int_eq(set_private(&env, GPA + 5 * PAGE, PAGE, false), 0);
	mprotect(env.src + 5 * PAGE, PAGE, PROT_NONE);
	expect_stop(5, -EFAULT, -EFAULT);
	env_close(&env);
}
END_TEST

/*
 * A page twice.  v12's guest_memfd knows that it was given contents; in v13 it
 * is the second delegation that fails.  The page is the realm's as before.
 */
START_TEST(twice)
{
	for (size_t i = 0; i < NUM_STOPS; i++) {
		struct rkvm_populate args;

		open_env(_i);
		args = args_for(&env, stops[i] * PAGE, PAGE);
		expect_populate(&env, &args, 1);
		if (stops[i] > 0) {
			args = args_for(&env, 0, PAGES * PAGE);
			expect_populate(&env, &args, (int64_t)stops[i]);
		}
		args = args_for(&env, stops[i] * PAGE, PAGE);
		expect_populates(&env, &args, -EEXIST, -ENXIO);
		expect_mapped(&env, 0, stops[i] + 1);
		expect_unmapped(&env, stops[i] + 1, PAGES - stops[i] - 1);
		env_close(&env);
	}
}
END_TEST

/* Shared in between, the page has left the realm: v13 takes it again. */
START_TEST(twice_converted)
{
	struct rkvm_populate args;

	open_env(_i);
	args = args_for(&env, 0, 3 * PAGE);
	expect_populate(&env, &args, 3);
	ck_assert_int_eq(set_private(&env, GPA + PAGE, PAGE, false), 0);
	expect_unmapped(&env, 1, 1);
	expect_mapped(&env, 0, 1);
	expect_mapped(&env, 2, 1);
	ck_assert_int_eq(set_private(&env, GPA + PAGE, PAGE, true), 0);
	args = args_for(&env, PAGE, PAGE);
	expect_populates(&env, &args, -EEXIST, 1);
	/* A hole in the file takes the contents away. */
	ck_assert_int_eq(rmmkvm_punch_hole(env.kvm, env.gmem, PAGE, PAGE), 0);
	expect_populate(&env, &args, 1);
	expect_mapped(&env, 0, 3);
	env_close(&env);
}
END_TEST

/* ---- The RMM says no ---------------------------------------------------- */

/* Give page a page of the guest_memfd, without populating it. */
static uint64_t
touch(uint64_t page)
{
	struct rkvm_populate args = args_for(&env, page * PAGE, PAGE);

	ck_assert_int_eq(set_private(&env, GPA + page * PAGE, PAGE, false), 0);
	expect_populate(&env, &args, -EINVAL);
	ck_assert_int_eq(set_private(&env, GPA + page * PAGE, PAGE, true), 0);
	return gmem_pa(&env, page);
}

/* Somebody has delegated the destination. */
START_TEST(delegate_fails)
{
	for (size_t i = 0; i < NUM_STOPS; i++) {
		struct rkvm_populate args;
		char state[32];
		uint64_t pa;

		open_env(_i);
		pa = touch(stops[i]);
		ck_assert_int_eq(
		    rmi_granule_delegate(raw(&env), pa), RMI_SUCCESS);
		args = args_for(&env, 0, PAGES * PAGE);
		if (stops[i] > 0)
			expect_populate(&env, &args, (int64_t)stops[i]);
		args = args_for(&env, stops[i] * PAGE, PAGE);
		expect_populate(&env, &args, -ENXIO);
		granule_state(pa, state);
		ck_assert_str_eq(state, "DELEGATED");
		ck_assert_int_eq(
		    rmi_granule_undelegate(raw(&env), pa), RMI_SUCCESS);
		expect_populate(&env, &args, 1);
		env_close(&env);
	}
}
END_TEST

/* A missing table is made, of each level that is missing, and no more. */
START_TEST(tables)
{
	struct rkvm_populate args;
	uint64_t level, state, desc, ripas, next;

	env_open(&env, _i, 4 * MIB);
	args = args_for(&env, 0, 0);
	expect_populates4(&env, &args, -EINVAL, -EINVAL, 0, 0);
	ck_assert_int_eq(rmi_rtt_read_entry(raw(&env), realm_rd(&env), GPA, 3,
			     &level, &state, &desc, &ripas),
	    RMI_SUCCESS);
	ck_assert_uint_eq(level, 1);
	/* Across the boundary of a table: it is found missing in mid-batch. */
	args = args_for(&env, 2 * MIB - 5 * PAGE, 10 * PAGE);
	expect_populate(&env, &args, 10);
	expect_mapped(&env, 507, 10);
	next = GPA + 4 * MIB;
	ck_assert_int_eq(rmi_rtt_read_entry(raw(&env), realm_rd(&env), next, 3,
			     &level, &state, &desc, &ripas),
	    RMI_SUCCESS);
	ck_assert_uint_eq(level, 2);
	env_close(&env);
}
END_TEST

/* The IPA has a page already, which is not ours: RMI_ERROR_RTT at level 3. */
START_TEST(entry_taken)
{
	for (size_t i = 1; i < NUM_STOPS; i++) {
		struct rkvm_populate args;
		uint64_t pages, ipa = GPA + stops[i] * PAGE;

		open_env(_i);
		args = args_for(&env, 0, PAGE);
		expect_populate(&env, &args, 1);
		ck_assert_int_eq(
		    rmmclient_lease(raw(&env), 2 * PAGE, 0, &pages), 0);
		ck_assert_int_eq(
		    rmi_granule_delegate(raw(&env), pages), RMI_SUCCESS);
		ck_assert_int_eq(rmi_data_create(raw(&env), realm_rd(&env),
				     pages, ipa, pages + PAGE, 0),
		    RMI_SUCCESS);
		args = args_for(&env, PAGE, (PAGES - 1) * PAGE);
		if (stops[i] > 1)
			expect_populate(&env, &args, (int64_t)stops[i] - 1);
		/* v13 calls that a bug of its own, and the VM is dead. */
		args = args_for(&env, stops[i] * PAGE, PAGE);
		expect_populates(&env, &args, -ENXIO, -EIO);
		if (!env.v12) {
			ck_assert_int_eq(populate(&env, &args), -EIO);
			ck_assert_int_eq(
			    set_private(&env, GPA, PAGE, true), -EIO);
		}
		env_close(&env);
	}
}
END_TEST

/*
 * Another status: the realm was activated behind KVM's back.  In v13 and v14
 * the status, RMI_ERROR_REALM, is taken for a count of two pages.
 */
START_TEST(realm_status)
{
	struct rkvm_populate args;
	uint64_t pa;
	char state[32];

	open_env(_i);
	args = args_for(&env, 0, PAGE);
	expect_populate(&env, &args, 1);
	ck_assert_int_eq(
	    rmi_realm_activate(raw(&env), realm_rd(&env)), RMI_SUCCESS);
	args = args_for(&env, PAGE, 5 * PAGE);
	expect_populates4(&env, &args, -ENXIO, 2, -ENXIO, -ENXIO);
	expect_unmapped(&env, 1, 5);
	/* The undo: the page is Non-secure again. */
	pa = gmem_pa(&env, 1);
	granule_state(pa, state);
	ck_assert_str_eq(state, "UNDELEGATED");
	env_close(&env);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("pages");
	TCase *events = tcase_create("table 2.3");
	TCase *callback = tcase_create("table 2.4");

	tcase_set_timeout(events, 120);
	tcase_add_loop_test(events, no_slot, 0, NUM_PROFILES);
	tcase_add_loop_test(events, file_gone, 0, NUM_PROFILES);
	tcase_add_loop_test(events, slot_end, 0, NUM_PROFILES);
	tcase_add_loop_test(events, limits, 0, NUM_PROFILES);
	tcase_add_loop_test(events, source_protected, 0, NUM_PROFILES);
	tcase_add_loop_test(events, source_unmapped, 0, NUM_PROFILES);
	tcase_add_loop_test(events, source_truncated, 0, NUM_PROFILES);
	tcase_add_loop_test(events, no_memory, 0, NUM_PROFILES);
	tcase_add_loop_test(events, not_private, 0, NUM_PROFILES);
	tcase_add_loop_test(events, shared_by_default, 0, NUM_PROFILES);
	tcase_add_loop_test(events, file_begins_shared, 0, NUM_PROFILES);
	tcase_add_loop_test(events, source_before_private, 0, NUM_PROFILES);
	tcase_add_loop_test(events, twice, 0, NUM_PROFILES);
	tcase_add_loop_test(events, twice_converted, 0, NUM_PROFILES);
	suite_add_tcase(suite, events);
	tcase_set_timeout(callback, 120);
	tcase_add_loop_test(callback, delegate_fails, 0, NUM_PROFILES);
	tcase_add_loop_test(callback, tables, 0, NUM_PROFILES);
	tcase_add_loop_test(callback, entry_taken, 0, NUM_PROFILES);
	tcase_add_loop_test(callback, realm_status, 0, NUM_PROFILES);
	suite_add_tcase(suite, callback);
	return kvm_test_main(argc, argv, suite);
}
