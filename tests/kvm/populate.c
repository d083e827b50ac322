/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * KVM_ARM_RMI_POPULATE up to the first page: the checks in the order in which
 * the kernel makes them, what each answers in every profile, and what the call
 * leaves behind.  Each test runs once for each profile of the ioctl.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "kvm-test.h"

static struct env env;

static void
open_env(int profile)
{
	env_open(&env, profile, 4 * MIB);
}

/* 1: the VM is no realm.  That comes before the argument is looked at. */
START_TEST(not_a_realm)
{
	struct rkvm_populate args, before;
	long normal, result;

	open_env(_i);
	normal =
	    rmmkvm_ioctl(env.kvm, rmmkvm_fd(env.kvm), RKVM_CREATE_VM, IPA_BITS);
	ck_assert_int_ge(normal, 0);
	before = args = args_for(&env, 0, PAGE);
	result = rmmkvm_ioctl(env.kvm, (int)normal,
	    rmmkvm_populate_command(env.kvm), (uintptr_t)&args);
	ck_assert_int_eq(result, env.v12 ? -EPERM : -ENXIO);
	ck_assert_mem_eq(&args, &before, sizeof(args));
	result = rmmkvm_ioctl(
	    env.kvm, (int)normal, rmmkvm_populate_command(env.kvm), 1);
	ck_assert_int_eq(result, env.v12 ? -EPERM : -ENXIO);
	env_close(&env);
}
END_TEST

/* The other profile's command word is no ioctl here. */
START_TEST(other_word)
{
	struct rkvm_populate args;

	open_env(_i);
	args = args_for(&env, 0, PAGE);
	ck_assert_uint_eq(rmmkvm_populate_command(env.kvm),
	    env.v12 ? 0x4020AED7 : 0xC020AED7);
	ck_assert_int_eq(
	    vm_call(&env, env.v12 ? 0xC020AED7 : 0x4020AED7, &args), -ENOTTY);
	ck_assert_int_eq(realm_state(&env), RMMKVM_NONE);
	env_close(&env);
}
END_TEST

/* 2: the argument can not be read. */
START_TEST(bad_argument)
{
	uint8_t *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct rkvm_populate args;

	open_env(_i);
	args = args_for(&env, 0, PAGE);
	ck_assert_int_eq(
	    vm_call(&env, rmmkvm_populate_command(env.kvm), NULL), -EFAULT);
	ck_assert_int_eq(vm_call(&env, rmmkvm_populate_command(env.kvm),
			     (void *)(uintptr_t)0xdead000000000000),
	    -EFAULT);
	/* Half of it in a page that can not be read. */
	memcpy(pages + PAGE - 16, &args, 16);
	mprotect(pages + PAGE, PAGE, PROT_NONE);
	ck_assert_int_eq(
	    vm_call(&env, rmmkvm_populate_command(env.kvm), pages + PAGE - 16),
	    -EFAULT);
	ck_assert_int_eq(realm_state(&env), RMMKVM_NONE);
	munmap(pages, 2 * PAGE);
	env_close(&env);
}
END_TEST

/* 3 to 7: what is wrong with the values, before anything is created. */
START_TEST(bad_values)
{
	static const struct {
		const char *what;
		int64_t base, size, source; /* added to good ones */
		uint32_t flags, reserved;
		int64_t v12, v13;
	} rows[] = {
		{ "reserved", 0, 0, 0, 1, 1, -EINVAL, -EINVAL },
		{ "reserved", 0, 0, 0, 0, 1u << 31, -EINVAL, -EINVAL },
		{ "flag 1", 0, 0, 0, 2, 0, -EINVAL, -EINVAL },
		{ "flag 31", 0, 0, 0, 1u << 31 | 1, 0, -EINVAL, -EINVAL },
		{ "base", 1, 0, 0, 1, 0, -EINVAL, -EINVAL },
		{ "base", 2048, 2048, 0, 1, 0, -EINVAL, -EINVAL },
		{ "size", 0, 1, 0, 1, 0, -EINVAL, -EINVAL },
		{ "size", 0, -2048, 0, 1, 0, -EINVAL, -EINVAL },
		{ "source", 0, 0, 1, 1, 0, 1, -EINVAL },
		{ "source", 0, 0, 4095, 1, 0, 1, -EINVAL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rkvm_populate args;

		open_env(_i);
		args = args_for(&env, 0, PAGE);
		args.base += (uint64_t)rows[i].base;
		args.size += (uint64_t)rows[i].size;
		args.source_uaddr += (uint64_t)rows[i].source;
		args.flags = rows[i].flags;
		args.reserved = rows[i].reserved;
		expect_populates(&env, &args, rows[i].v12, rows[i].v13);
		/* Nothing was made, unless the call was good. */
		ck_assert_msg(realm_state(&env) ==
			(env.v12 && rows[i].v12 > 0 ? RMMKVM_NEW : RMMKVM_NONE),
		    "row %zu, %s", i, rows[i].what);
		env_close(&env);
	}
}
END_TEST

/* 5: a sum that wraps is not noticed to v14; the slot's end is the limit. */
START_TEST(wrap)
{
	struct rkvm_populate args;

	env_open(&env, _i, 4 * PAGE);
	args = args_for(&env, 0, PAGE);
	args.size = -GPA; /* base + size is 0 */
	expect_populates4(&env, &args, 4, 4, -EINVAL, -EINVAL);
	if (!env.v15)
		expect_mapped(&env, 0, 4);
	env_close(&env);
}
END_TEST

/* 7 in v12: the page around the address is the one that is read. */
START_TEST(unaligned_source)
{
	struct rkvm_populate args;
	char aligned[129], unaligned[129];

	for (int i = 0; i < 2; i++) {
		env_open(&env, 0, 4 * PAGE);
		args = args_for(&env, 0, 2 * PAGE);
		args.source_uaddr += i == 0 ? 0 : 123;
		expect_populate(&env, &args, 2);
		read_rim(&env, i == 0 ? aligned : unaligned);
		env_close(&env);
	}
	ck_assert_str_eq(aligned, unaligned);
}
END_TEST

/* 8: no source at all. */
START_TEST(null_source)
{
	struct rkvm_populate args;

	open_env(_i);
	args = args_for(&env, 0, PAGE);
	args.source_uaddr = 0;
	expect_populates4(
	    &env, &args, -EFAULT, -EOPNOTSUPP, -EOPNOTSUPP, -EINVAL);
	/* The newest tree looks at it first, the others page by page. */
	ck_assert_int_eq(
	    realm_state(&env), env.latest ? RMMKVM_NONE : RMMKVM_NEW);
	if (!env.latest)
		expect_unmapped(&env, 0, 1);
	/* It is found out after the checks of the page. */
	ck_assert_int_eq(set_private(&env, GPA, PAGE, false), 0);
	expect_populates(&env, &args, -EFAULT, -EINVAL);
	env_close(&env);
}
END_TEST

struct half {
	struct env *env;
	uint64_t offset;
	long result;
};

static void *
populate_half(void *arg)
{
	struct half *half = arg;
	uint64_t done = 0;

	while (done < MIB) {
		struct rkvm_populate args =
		    args_for(half->env, half->offset + done, MIB - done);

		half->result = populate(half->env, &args);
		if (half->result < 0)
			break;
		done += half->env->v12 ? (uint64_t)half->result
				       : MIB - done - args.size;
	}
	return NULL;
}

/* 9: one lock round everything: two threads do not get in each other's way. */
START_TEST(two_threads)
{
	struct half halves[2];
	pthread_t threads[2];

	open_env(_i);
	rmmkvm_set_populate_limit(env.kvm, 7 * PAGE);
	for (int i = 0; i < 2; i++) {
		halves[i] = (struct half){ &env, (uint64_t)i * MIB, 0 };
		pthread_create(&threads[i], NULL, populate_half, &halves[i]);
	}
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_int_ge(halves[i].result, 0);
	}
	expect_mapped(&env, 0, 2 * MIB / PAGE);
	env_close(&env);
}
END_TEST

/* 10: the realm has been activated, or its activation failed. */
START_TEST(after_activation)
{
	struct rkvm_populate args;
	int vcpu;

	open_env(_i);
	args = args_for(&env, 0, PAGE);
	vcpu = make_vcpu(&env, 0);
	make_gic(&env);
	expect_populate(&env, &args, 1);
	ck_assert_int_eq(run_vcpu(&env, vcpu), 0);
	ck_assert_int_eq(realm_state(&env), RMMKVM_ACTIVE);
	args = args_for(&env, PAGE, PAGE);
	expect_populate(&env, &args, -EBUSY);
	/* Values are looked at first. */
	args.reserved = 1;
	expect_populate(&env, &args, -EINVAL);
	expect_unmapped(&env, 1, 1);
	env_close(&env);
}
END_TEST

START_TEST(after_failed_activation)
{
	struct rkvm_populate args;
	int vcpu;

	open_env(_i);
	args = args_for(&env, 0, PAGE);
	/* MPIDR 1 is not that of the first REC: REC_CREATE fails. */
	vcpu = make_vcpu(&env, 1);
	make_gic(&env);
	ck_assert_int_eq(run_vcpu(&env, vcpu), -ENXIO);
	ck_assert_int_eq(realm_state(&env), RMMKVM_DEAD);
	expect_populate(&env, &args, env.latest ? -EIO : -ENXIO);
	env_close(&env);
}
END_TEST

/* 10: the creation fails, and leaves nothing. */
START_TEST(creation_fails)
{
	struct rkvm_populate args;
	struct rmmclient *hog;
	uint64_t base;

	open_env(_i);
	args = args_for(&env, 0, PAGE);
	hog = rmmclient_connect(NULL, "hog");
	ck_assert_ptr_nonnull(hog);
	for (uint64_t size = 4 * GIB; size >= PAGE; size /= 2)
		while (rmmclient_lease(hog, size, PAGE, &base) == 0)
			;
	expect_populate(&env, &args, -ENOMEM);
	ck_assert_int_eq(realm_state(&env), RMMKVM_NONE);
	ck_assert_uint_eq(granules_in_use(), 0);
	rmmclient_close(hog);
	expect_populate(&env, &args, 1);
	env_close(&env);
}
END_TEST

/* 11: the shared half has no slot; where it has one, the RMM objects. */
START_TEST(shared_half)
{
	const uint64_t shared = 1ull << (IPA_BITS - 1);
	struct rkvm_populate args;
	int gmem;

	open_env(_i);
	args = args_for(&env, 0, PAGE);
	args.base += shared;
	expect_populate(&env, &args, -EINVAL);
	ck_assert_int_eq(realm_state(&env), RMMKVM_NEW);
	gmem = make_gmem(&env, 2 * PAGE);
	ck_assert_int_eq(set_slot(&env, 1, args.base, 2 * PAGE, gmem, 0), 0);
	ck_assert_int_eq(set_private(&env, args.base, 2 * PAGE, true), 0);
	/*
	 * v13 and v14 hand the RMM's status up, RMI_ERROR_INPUT here, and it is
	 * taken for a count of pages: one page done, it says.  From v15 on the
	 * half is looked at before.
	 */
	expect_populates4(&env, &args, -ENXIO, 1, -EINVAL, -EINVAL);
	expect_unmapped(&env, 0, 1);
	env_close(&env);
}
END_TEST

/* 12: nothing to do is an error to v14; a realm remains of it in any case. */
START_TEST(size_zero)
{
	struct rkvm_populate args;

	open_env(_i);
	args = args_for(&env, 0, 0);
	expect_populates4(&env, &args, -EINVAL, -EINVAL, 0, 0);
	ck_assert_int_eq(realm_state(&env), RMMKVM_NEW);
	env_close(&env);
}
END_TEST

/* 14: all in one call; measured or not, the page is there. */
START_TEST(all_at_once)
{
	struct rkvm_populate args;

	open_env(_i);
	args = args_for(&env, 0, MIB);
	expect_populate(&env, &args, MIB / PAGE);
	args = args_for(&env, MIB, MIB);
	args.flags = 0;
	expect_populate(&env, &args, MIB / PAGE);
	expect_mapped(&env, 0, 2 * MIB / PAGE);
	expect_unmapped(&env, 2 * MIB / PAGE, 4);
	env_close(&env);
}
END_TEST

/* 15: v13 writes the structure back, always; v12 never does. */
START_TEST(argument_read_only)
{
	struct rkvm_populate *args = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	open_env(_i);
	*args = args_for(&env, 0, 2 * PAGE);
	mprotect(args, PAGE, PROT_READ);
	ck_assert_int_eq(
	    populate(&env, args), env.v12 ? (long)(2 * PAGE) : -EFAULT);
	/* It is done all the same. */
	expect_mapped(&env, 0, 2);
	mprotect(args, PAGE, PROT_READ | PROT_WRITE);
	args->reserved = 1;
	mprotect(args, PAGE, PROT_READ);
	ck_assert_int_eq(populate(&env, args), env.v12 ? -EINVAL : -EFAULT);
	munmap(args, PAGE);
	env_close(&env);
}
END_TEST

/*
 * 14, from 2 GiB on: the count of bytes passes through an int in v12.  The
 * source is untouched memory, so it costs no more than the realm's pages.
 */
START_TEST(two_gibibytes)
{
	const uint64_t size = 2 * GIB;
	struct rkvm_populate args;
	void *zeros = mmap(NULL, size, PROT_READ,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	long result;

	ck_assert_ptr_ne(zeros, MAP_FAILED);
	env_open_bare(&env, _i);
	env.gmem = make_gmem(&env, size);
	ck_assert_int_eq(set_slot(&env, 0, GPA, size, env.gmem, 0), 0);
	ck_assert_int_eq(set_private(&env, GPA, size, true), 0);
	args = (struct rkvm_populate){
		.base = GPA,
		.size = size,
		.source_uaddr = (uintptr_t)zeros,
	};
	result = populate(&env, &args);
	if (env.v12) {
		ck_assert_int_eq(result, -2147483648l);
		ck_assert_uint_eq(args.size, size);
	} else {
		ck_assert_int_eq(result, 0);
		ck_assert_uint_eq(args.base, GPA + size);
		ck_assert_uint_eq(args.size, 0);
		ck_assert_uint_eq(args.source_uaddr, (uintptr_t)zeros + size);
	}
	expect_mapped(&env, 0, 1);
	expect_mapped(&env, size / PAGE - 1, 1);
	munmap(zeros, size);
	env_close(&env);
	ck_assert_uint_eq(granules_in_use(), 0);
}
END_TEST

/* Nothing of a VM is left when its descriptors are closed. */
START_TEST(nothing_left)
{
	struct rkvm_populate args;

	open_env(_i);
	args = args_for(&env, MIB, 3 * MIB);
	expect_populate(&env, &args, 3 * MIB / PAGE);
	ck_assert_uint_ge(granules_in_use(), 3 * MIB / PAGE);
	/* The VM lives as long as its guest_memfd is open. */
	ck_assert_int_eq(rmmkvm_close_fd(env.kvm, env.vm), 0);
	ck_assert_uint_ge(granules_in_use(), 3 * MIB / PAGE);
	ck_assert_int_eq(rmmkvm_close_fd(env.kvm, env.gmem), 0);
	ck_assert_uint_eq(granules_in_use(), 0);
	ck_assert_uint_eq(num_leases(), 0);
	env_close(&env);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("populate");
	TCase *table = tcase_create("table 2.2");

	tcase_set_timeout(table, 120);
	tcase_add_loop_test(table, not_a_realm, 0, NUM_PROFILES);
	tcase_add_loop_test(table, other_word, 0, NUM_PROFILES);
	tcase_add_loop_test(table, bad_argument, 0, NUM_PROFILES);
	tcase_add_loop_test(table, bad_values, 0, NUM_PROFILES);
	tcase_add_loop_test(table, wrap, 0, NUM_PROFILES);
	tcase_add_test(table, unaligned_source);
	tcase_add_loop_test(table, null_source, 0, NUM_PROFILES);
	tcase_add_loop_test(table, two_threads, 0, NUM_PROFILES);
	tcase_add_loop_test(table, after_activation, 0, NUM_PROFILES);
	tcase_add_loop_test(table, after_failed_activation, 0, NUM_PROFILES);
	tcase_add_loop_test(table, creation_fails, 0, NUM_PROFILES);
	tcase_add_loop_test(table, shared_half, 0, NUM_PROFILES);
	tcase_add_loop_test(table, size_zero, 0, NUM_PROFILES);
	tcase_add_loop_test(table, all_at_once, 0, NUM_PROFILES);
	tcase_add_loop_test(table, argument_read_only, 0, NUM_PROFILES);
	/* v12 and v13: a count of bytes, and arguments that advance. */
	tcase_add_loop_test(table, two_gibibytes, 0, 2);
	tcase_add_loop_test(table, nothing_left, 0, NUM_PROFILES);
	suite_add_tcase(suite, table);
	return kvm_test_main(argc, argv, suite);
}
