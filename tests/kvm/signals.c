/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * KVM_ARM_RMI_POPULATE and signals: tested before each page, -EINTR only if
 * nothing was done, handlers after the call.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "kvm-test.h"

static struct env env;

static volatile sig_atomic_t handled;

static void
on_signal(int number)
{
	(void)number;
	handled++;
}

/* A signal that the caller blocks interrupts nothing; nor one it ignores. */
START_TEST(signal_no_concern)
{
	struct rkvm_populate args;
	sigset_t set;

	env_open(&env, _i, MIB);
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	raise(SIGUSR2);
	args = args_for(&env, 0, 2 * PAGE);
	expect_populate(&env, &args, 2);
	ck_assert_int_eq(handled, 0);
	/* The mask is as it was. */
	sigprocmask(SIG_SETMASK, NULL, &set);
	ck_assert_int_eq(sigismember(&set, SIGUSR1), 1);
	ck_assert_int_eq(sigismember(&set, SIGUSR2), 0);
	env_close(&env);
}
END_TEST

struct sender {
	pthread_t target;
	int number;
	unsigned pause; /* microseconds between two */
	_Atomic bool stop;
};

static void *
send_signals(void *arg)
{
	struct sender *sender = arg;

	while (!sender->stop) {
		pthread_kill(sender->target, sender->number);
		if (sender->pause > 0)
			usleep(sender->pause);
	}
	return NULL;
}

struct count {
	uint64_t interrupted; /* calls that did nothing */
	uint64_t partial;     /* calls that did a part */
};

/* Populate all of it, each call as far as it comes. */
static void
populate_in_rain(uint64_t size, struct count *count)
{
	uint64_t done = 0;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	while (done < size) {
		struct rkvm_populate args = args_for(&env, done, size - done);
		long result = populate(&env, &args);
		uint64_t now;

		if (result == -EINTR) {
			ck_assert_uint_eq(args.base, GPA + done);
			ck_assert_uint_eq(args.size, size - done);
			count->interrupted++;
			/* Again, and this time undisturbed for a page. */
			sigprocmask(SIG_BLOCK, &set, NULL);
			args = args_for(&env, done, PAGE);
			result = populate(&env, &args);
			sigprocmask(SIG_UNBLOCK, &set, NULL);
			now = PAGE;
		} else {
			now = env.v12 ? (uint64_t)result
				      : size - done - args.size;
			count->partial += now < size - done;
		}
		ck_assert_int_ge(result, 0);
		ck_assert_uint_gt(now, 0);
		ck_assert_uint_eq(now % PAGE, 0);
		done += now;
	}
}

/*
 * Under a rain of signals each call does a part, or nothing and says -EINTR;
 * the handler runs when it has returned; in the end all is there.  It goes on
 * until both have been seen.
 */
START_TEST(signal_rain)
{
	static const unsigned pauses[] = { 0, 50, 200, 1000 };
	struct count count = { 0, 0 };

	signal(SIGUSR1, on_signal);
	for (unsigned i = 0; count.interrupted == 0 || count.partial == 0;
	     i = (i + 1) % 4) {
		struct sender sender = { pthread_self(), SIGUSR1, pauses[i],
			false };
		pthread_t thread;

		env_open(&env, _i, 2 * MIB);
		pthread_create(&thread, NULL, send_signals, &sender);
		populate_in_rain(env.size, &count);
		sender.stop = true;
		pthread_join(thread, NULL);
		expect_mapped(&env, 0, 8);
		expect_mapped(&env, env.size / PAGE - 8, 8);
		env_close(&env);
	}
	ck_assert_int_gt(handled, 0);
}
END_TEST

/* What would be dropped when it is sent does not interrupt, either. */
START_TEST(ignored_rain)
{
	static const int numbers[] = { SIGUSR2, SIGWINCH, SIGCHLD };

	signal(SIGUSR2, SIG_IGN);
	for (size_t i = 0; i < 3; i++) {
		struct sender sender = { pthread_self(), numbers[i], 0, false };
		struct rkvm_populate args;
		pthread_t thread;

		env_open(&env, _i, 2 * MIB);
		pthread_create(&thread, NULL, send_signals, &sender);
		args = args_for(&env, 0, env.size);
		expect_populate(&env, &args, (int64_t)(env.size / PAGE));
		sender.stop = true;
		pthread_join(thread, NULL);
		env_close(&env);
	}
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("signals");
	TCase *signals = tcase_create("signals");

	tcase_set_timeout(signals, 120);
	tcase_add_loop_test(signals, signal_no_concern, 0, NUM_PROFILES);
	tcase_add_loop_test(signals, signal_rain, 0, NUM_PROFILES);
	tcase_add_loop_test(signals, ignored_rain, 0, NUM_PROFILES);
	suite_add_tcase(suite, signals);
	return kvm_test_main(argc, argv, suite);
}
