/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Several descriptors of one file: a VM, a vCPU or a guest_memfd lives until
 * the last of them goes, whichever way that came to be.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kvm-test.h"

static struct env env;

static long
has_memory(int vm)
{
	return rmmkvm_ioctl(
	    env.kvm, vm, RKVM_CHECK_EXTENSION, RKVM_CAP_USER_MEMORY);
}

static int
copy_of(int fd)
{
	int copy = dup(fd);

	ck_assert_int_ge(copy, 0);
	ck_assert_int_eq(rmmkvm_dup_fd(env.kvm, fd, copy), 0);
	return copy;
}

START_TEST(copies)
{
	struct rmmkvm_realm realm;
	int first, second;

	env_open_bare(&env, _i);
	first = copy_of(env.vm);
	second = copy_of(first);
	ck_assert_int_eq(rmmkvm_dup_fd(env.kvm, env.vm, second), -EBUSY);
	ck_assert_int_eq(rmmkvm_dup_fd(env.kvm, 9999, 9998), -EBADF);
	ck_assert_int_eq(rmmkvm_dup_fd(env.kvm, env.vm, -1), -EBADF);
	ck_assert_int_eq(rmmkvm_close_fd(env.kvm, env.vm), 0);
	ck_assert_int_eq(fcntl(env.vm, F_GETFD), -1);
	ck_assert_int_eq(has_memory(env.vm), -EBADF);
	ck_assert_int_eq(has_memory(first), 1);
	ck_assert_int_eq(rmmkvm_realm(env.kvm, second, &realm), 0);
	/* Closed, or made another file's, by other means. */
	ck_assert_int_eq(rmmkvm_forget_fd(env.kvm, first), 0);
	ck_assert_int_eq(rmmkvm_forget_fd(env.kvm, first), -EBADF);
	ck_assert_int_ge(fcntl(first, F_GETFD), 0);
	ck_assert_int_eq(has_memory(first), -EBADF);
	ck_assert_int_eq(has_memory(second), 1);
	close(first);
	env_close(&env);
	ck_assert_int_eq(fcntl(second, F_GETFD), -1);
}
END_TEST

/* The pages of a guest_memfd go with its last descriptor, not its first. */
START_TEST(last_of_a_file)
{
	struct rkvm_populate args;
	uint64_t pa;
	int copy;

	env_open(&env, _i, 1 << 20);
	args = args_for(&env, 0, PAGE);
	expect_populate(&env, &args, 1);
	copy = copy_of(env.gmem);
	ck_assert_int_eq(rmmkvm_close_fd(env.kvm, env.gmem), 0);
	env.gmem = copy;
	expect_mapped(&env, 0, 1);
	ck_assert_int_eq(rmmkvm_gmem_page(env.kvm, copy, 0, &pa), 0);
	ck_assert_int_eq(rmmkvm_close_fd(env.kvm, copy), 0);
	ck_assert_int_eq(rmmkvm_gmem_page(env.kvm, copy, 0, &pa), -EBADF);
	env_close(&env);
}
END_TEST

START_TEST(adopted)
{
	int copy, other;

	env_open_bare(&env, _i);
	copy = dup(env.vm);
	other = dup(STDERR_FILENO);
	ck_assert_int_eq(has_memory(copy), -EBADF);
	ck_assert_int_eq(rmmkvm_adopt_fd(env.kvm, copy), 0);
	ck_assert_int_eq(rmmkvm_adopt_fd(env.kvm, copy), -EBUSY);
	ck_assert_int_eq(rmmkvm_adopt_fd(env.kvm, other), -EBADF);
	ck_assert_int_eq(rmmkvm_adopt_fd(env.kvm, 9999), -EBADF);
	ck_assert_int_eq(rmmkvm_close_fd(env.kvm, env.vm), 0);
	ck_assert_int_eq(has_memory(copy), 1);
	close(other);
	env_close(&env);
}
END_TEST

/* /dev/kvm can be opened more than once, which is a copy as well. */
START_TEST(of_the_system)
{
	int fds[RMMKVM_PRIVATE_FDS], copy;
	size_t num;

	env_open_bare(&env, _i);
	copy = copy_of(rmmkvm_fd(env.kvm));
	ck_assert_int_eq(
	    rmmkvm_ioctl(env.kvm, copy, RKVM_GET_API_VERSION, 0), 12);
	ck_assert_int_eq(rmmkvm_close_fd(env.kvm, copy), 0);
	ck_assert_int_eq(
	    rmmkvm_ioctl(env.kvm, rmmkvm_fd(env.kvm), RKVM_GET_API_VERSION, 0),
	    12);
	num = rmmkvm_private_fds(env.kvm, fds);
	ck_assert_uint_eq(num, RMMKVM_PRIVATE_FDS);
	for (size_t i = 0; i < num; i++)
		ck_assert_int_ge(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
	env_close(&env);
}
END_TEST

START_TEST(what_they_are)
{
	static const int kinds[] = { RMMKVM_SYSTEM, RMMKVM_VM, RMMKVM_VCPU,
		RMMKVM_GUEST_MEMFD, RMMKVM_DEVICE };
	static const char *const names[] = { "kvm", "kvm-vm", "kvm-vcpu",
		"kvm-guest-memfd", "kvm-vgic" };
	int fds[5];

	env_open(&env, _i, 1 << 20);
	fds[0] = rmmkvm_fd(env.kvm);
	fds[1] = env.vm;
	fds[2] = make_vcpu(&env, 0);
	fds[3] = env.gmem;
	fds[4] = make_gic(&env);
	for (size_t i = 0; i < 5; i++) {
		char path[64], name[64] = "", want[64];

		ck_assert_int_eq(rmmkvm_kind(env.kvm, fds[i]), kinds[i]);
		ck_assert_int_eq(
		    rmmkvm_check_map(env.kvm, fds[i]), i == 2 ? 0 : -ENODEV);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[i]);
		ck_assert_int_gt(readlink(path, name, sizeof(name) - 1), 0);
		snprintf(want, sizeof(want), "/memfd:" RMMKVM_MEMFD "%s (",
		    names[i]);
		ck_assert_int_eq(strncmp(name, want, strlen(want)), 0);
	}
	ck_assert_int_eq(rmmkvm_kind(env.kvm, 9999), -EBADF);
	ck_assert_int_eq(rmmkvm_check_map(env.kvm, 9999), -EBADF);
	env_close(&env);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("descriptors");
	TCase *cases = tcase_create("descriptors");

	tcase_add_loop_test(cases, copies, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, last_of_a_file, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, adopted, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, of_the_system, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, what_they_are, 0, NUM_PROFILES);
	suite_add_tcase(suite, cases);
	return kvm_test_main(argc, argv, suite);
}
