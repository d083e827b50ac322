/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The experiments: populate by splice() into the guest_memfd, and measured or
 * not as a property of its range.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "kvm-test.h"

#define PAGES 128ull

static struct env env;
static int fds[2];

static void
open_env(const char *profile)
{
	struct rmmkvm_config config = { .profile = profile };

	memset(&env, 0, sizeof(env));
	env.size = PAGES * PAGE;
	env.v15 = env.latest = true;
	env.src = mmap(NULL, env.size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (uint64_t i = 0; i < env.size; i++)
		env.src[i] = pattern(i);
	env.kvm = rmmkvm_open(&config);
	ck_assert_msg(env.kvm != NULL, "%s", rmmkvm_error());
	env.vm = (int)rmmkvm_ioctl(env.kvm, rmmkvm_fd(env.kvm), RKVM_CREATE_VM,
	    rmmkvm_realm_type(env.kvm, IPA_BITS));
	env.gmem = make_gmem(&env, env.size);
	ck_assert_int_eq(set_slot(&env, 0, GPA, env.size, env.gmem, 0), 0);
	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	fcntl(fds[1], F_SETPIPE_SZ, 1 << 20);
}

static void
close_env(void)
{
	close(fds[0]);
	close(fds[1]);
	env_close(&env);
}

static void
fill(uint64_t page, uint64_t num)
{
	struct iovec pages = { env.src + page * PAGE, num * PAGE };

	ck_assert_int_eq(vmsplice(fds[1], &pages, 1, 0), (ssize_t)(num * PAGE));
}

static long
move(uint64_t page, uint64_t num)
{
	int64_t offset = (int64_t)(page * PAGE);
	long result = rmmkvm_splice(env.kvm, fds[0], NULL, env.gmem, &offset,
	    num * PAGE, SPLICE_F_NONBLOCK);

	ck_assert_int_eq(
	    offset, (int64_t)(page * PAGE) + (result > 0 ? result : 0));
	return result;
}

static long
set_measured(uint64_t page, uint64_t num, bool measure)
{
	struct rkvm_memory_attributes2 attributes = {
		.offset = page * PAGE,
		.size = num * PAGE,
		.attributes = RKVM_MEMORY_ATTRIBUTE_PRIVATE |
		    (measure ? RKVM_MEMORY_ATTRIBUTE_MEASURE : 0),
	};

	return rmmkvm_ioctl(env.kvm, env.gmem, RKVM_SET_MEMORY_ATTRIBUTES2,
	    (uintptr_t)&attributes);
}

/* Partial counts, as the pipe and the slot give them. */
START_TEST(counts)
{
	open_env("x-splice");
	ck_assert_int_eq(move(0, 1), -EAGAIN);
	ck_assert_int_eq(realm_state(&env), RMMKVM_NONE);
	fill(0, 100);
	ck_assert_int_eq(move(0, 3), (long)(3 * PAGE));
	ck_assert_int_eq(move(3, 80), (long)(80 * PAGE));
	/* More is asked for than there is. */
	ck_assert_int_eq(move(83, 40), (long)(17 * PAGE));
	expect_mapped(&env, 0, 100);
	expect_unmapped(&env, 100, 28);
	fill(100, 28);
	rmmkvm_set_populate_limit(env.kvm, 5 * PAGE);
	ck_assert_int_eq(move(100, 28), (long)(5 * PAGE));
	rmmkvm_set_populate_limit(env.kvm, 0);
	/* To the end of the slot; the rest stays in the pipe. */
	fill(0, 10);
	ck_assert_int_eq(move(105, 33), (long)(23 * PAGE));
	ck_assert_int_eq(move(128, 1), -EINVAL);
	close(fds[1]);
	ck_assert_int_eq(move(127, 1), -ENXIO);
	fds[1] = dup(fds[0]);
	close_env();
}
END_TEST

/* A page that fails stays in the pipe, and is the next call's first. */
START_TEST(failing_page)
{
	open_env("x-splice");
	fill(0, 20);
	ck_assert_int_eq(set_private(&env, GPA + 7 * PAGE, PAGE, false), 0);
	ck_assert_int_eq(move(0, 20), (long)(7 * PAGE));
	ck_assert_int_eq(move(7, 13), -EINVAL);
	ck_assert_int_eq(move(7, 13), -EINVAL);
	ck_assert_int_eq(set_private(&env, GPA + 7 * PAGE, PAGE, true), 0);
	ck_assert_int_eq(move(7, 13), (long)(13 * PAGE));
	expect_mapped(&env, 0, 20);
	close_env();
}
END_TEST

START_TEST(wrong)
{
	int64_t offset = 0;
	int file = memfd_create("no pipe", MFD_CLOEXEC);

	open_env("x-splice");
	fill(0, 1);
	ck_assert_int_eq(
	    rmmkvm_splice(env.kvm, fds[0], NULL, 9999, &offset, PAGE, 0),
	    -EBADF);
	ck_assert_int_eq(
	    rmmkvm_splice(env.kvm, fds[0], NULL, env.vm, &offset, PAGE, 0),
	    -EINVAL);
	ck_assert_int_eq(
	    rmmkvm_splice(env.kvm, fds[0], &offset, env.gmem, &offset, PAGE, 0),
	    -ESPIPE);
	ck_assert_int_eq(
	    rmmkvm_splice(env.kvm, 9999, NULL, env.gmem, &offset, PAGE, 0),
	    -EBADF);
	ck_assert_int_eq(
	    rmmkvm_splice(env.kvm, file, NULL, env.gmem, &offset, PAGE, 0),
	    -EINVAL);
	ck_assert_int_eq(rmmkvm_splice(env.kvm, fds[0], NULL, env.gmem, &offset,
			     PAGE - 1, 0),
	    -EINVAL);
	ck_assert_int_eq(
	    rmmkvm_splice(env.kvm, fds[0], NULL, env.gmem, &offset, 0, 0), 0);
	offset = 1;
	ck_assert_int_eq(
	    rmmkvm_splice(env.kvm, fds[0], NULL, env.gmem, &offset, PAGE, 0),
	    -EINVAL);
	offset = (int64_t)(PAGES * PAGE);
	ck_assert_int_eq(
	    rmmkvm_splice(env.kvm, fds[0], NULL, env.gmem, &offset, PAGE, 0),
	    -EINVAL);
	/* There is no populate ioctl beside it. */
	ck_assert_uint_eq(rmmkvm_populate_command(env.kvm), 0);
	ck_assert_int_eq(vm_call(&env, RKVM_POPULATE_V13, &offset), -ENOTTY);
	close_env();
	close(file);
	/* And none of it elsewhere. */
	open_env("latest");
	fill(0, 1);
	ck_assert_int_eq(move(0, 1), -EINVAL);
	ck_assert_int_eq(set_measured(0, 1, true), -EINVAL);
	close_env();
}
END_TEST

/* The end of the pipe: nothing, or less than a page. */
START_TEST(pipe_end)
{
	open_env("x-splice");
	ck_assert_int_eq(write(fds[1], "part", 4), 4);
	ck_assert_int_eq(move(0, 1), -EAGAIN);
	close(fds[1]);
	ck_assert_int_eq(move(0, 1), -EINVAL);
	fds[1] = dup(fds[0]);
	close_env();
	open_env("x-splice");
	close(fds[1]);
	ck_assert_int_eq(move(0, 1), 0);
	fds[1] = dup(fds[0]);
	close_env();
}
END_TEST

static void *
write_slowly(void *arg)
{
	(void)arg;
	for (uint64_t at = 0; at < 4 * PAGE; at += 1000) {
		uint64_t size = 4 * PAGE - at < 1000 ? 4 * PAGE - at : 1000;

		if (write(fds[1], env.src + at, size) != (ssize_t)size)
			abort();
		usleep(1000);
	}
	return NULL;
}

/* It waits for a whole page, and by the file's own position if none is given.
 */
START_TEST(waits)
{
	pthread_t thread;
	uint64_t done = 0;

	open_env("x-splice");
	pthread_create(&thread, NULL, write_slowly, NULL);
	while (done < 4 * PAGE) {
		long result = rmmkvm_splice(
		    env.kvm, fds[0], NULL, env.gmem, NULL, 4 * PAGE - done, 0);

		ck_assert_int_gt(result, 0);
		ck_assert_int_eq(result % (long)PAGE, 0);
		done += (uint64_t)result;
	}
	pthread_join(thread, NULL);
	expect_mapped(&env, 0, 4);
	close_env();
}
END_TEST

static void
on_signal(int number)
{
	(void)number;
}

static void *
interrupt(void *arg)
{
	pthread_t *target = arg;

	for (;;) {
		pthread_kill(*target, SIGUSR1);
		usleep(10000);
	}
	return NULL;
}

START_TEST(interrupted)
{
	struct sigaction action = { .sa_handler = on_signal };
	pthread_t thread, self = pthread_self();

	open_env("x-splice");
	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&thread, NULL, interrupt, &self);
	ck_assert_int_eq(
	    rmmkvm_splice(env.kvm, fds[0], NULL, env.gmem, NULL, PAGE, 0),
	    -EINTR);
	pthread_cancel(thread);
	pthread_join(thread, NULL);
	close_env();
}
END_TEST

/* However it came in, the same contents have the same RIM. */
START_TEST(one_rim)
{
	struct rkvm_populate args;
	char rims[3][129], other[129];

	for (int way = 0; way < 4; way++) {
		open_env(way == 0 ? "latest"
			: way < 2 ? "x-region-measure"
				  : "x-splice");
		args = args_for(&env, 0, 20 * PAGE);
		if (way > 0) {
			/* Pages 10 to 19 are measured, in the last way none. */
			ck_assert_int_eq(set_measured(10, 10, way < 3), 0);
			args.flags = 0;
		}
		if (way >= 2) {
			fill(0, 20);
			ck_assert_int_eq(move(0, 20), (long)(20 * PAGE));
		} else if (way == 1) {
			expect_populate(&env, &args, 20);
		} else {
			args = args_for(&env, 0, 10 * PAGE);
			args.flags = 0;
			expect_populate(&env, &args, 10);
			args = args_for(&env, 10 * PAGE, 10 * PAGE);
			expect_populate(&env, &args, 10);
		}
		read_rim(&env, way < 3 ? rims[way] : other);
		close_env();
	}
	ck_assert_str_eq(rims[0], rims[1]);
	ck_assert_str_eq(rims[0], rims[2]);
	ck_assert_str_ne(rims[0], other);
}
END_TEST

/* The flag is gone; what was populated stays as it was. */
START_TEST(by_range)
{
	struct rkvm_memory_attributes2 attributes = { .offset = 0,
		.size = 4 * PAGE,
		.attributes = RKVM_MEMORY_ATTRIBUTE_PRIVATE };
	struct rkvm_populate args;

	open_env("x-region-measure");
	ck_assert_int_eq(
	    vm_call(&env, RKVM_CHECK_EXTENSION, (void *)252), 8 | 16);
	args = args_for(&env, 0, PAGE);
	expect_populate(&env, &args, -EINVAL);
	args.flags = 0;
	ck_assert_int_eq(set_measured(0, 2, true), 0);
	expect_populate(&env, &args, 1);
	ck_assert_int_eq(set_measured(0, 2, true), 0);
	ck_assert_int_eq(
	    rmmkvm_ioctl(env.kvm, env.gmem, RKVM_SET_MEMORY_ATTRIBUTES2,
		(uintptr_t)&attributes),
	    -EBUSY);
	ck_assert_uint_eq(attributes.error_offset, 0);
	ck_assert_int_eq(set_measured(1, 3, false), 0);
	close_env();
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("splice");
	TCase *cases = tcase_create("experiments");

	tcase_set_timeout(cases, 120);
	tcase_add_test(cases, counts);
	tcase_add_test(cases, failing_page);
	tcase_add_test(cases, wrong);
	tcase_add_test(cases, pipe_end);
	tcase_add_test(cases, waits);
	tcase_add_test(cases, interrupted);
	tcase_add_test(cases, one_rim);
	tcase_add_test(cases, by_range);
	suite_add_tcase(suite, cases);
	return kvm_test_main(argc, argv, suite);
}
