/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Several vCPUs, each run by a thread of its own: PSCI by the kernel and by
 * user space, waits, kicks.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "play.h"
#include "sysregs.h"

#define ENTRY (GPA + PAGE)

static struct stage stage;

static void
on_signal(int number)
{
	(void)number;
}

/* ---- Threads that run vCPUs -------------------------------------------- */

struct runner {
	pthread_t thread;
	unsigned vcpu;
	_Atomic bool off; /* user space does not run it */
	_Atomic bool over;
	unsigned again; /* -EAGAIN: switched on, but its REC is not yet */
	_Atomic unsigned calls; /* hypercalls */
};

static struct runner runners[2];

/* User space's own PSCI: vCPU 0 switches vCPU 1 on, once. */
static void
handle_hypercall(struct runner *runner)
{
	bool ioctl_there = stage.env.profile[1] == '1' &&
	    stage.env.profile[2] <= '3'; /* v12, v13 */
	struct rkvm_psci_complete complete = { .target_mpidr = 1 };
	uint64_t fid = get_register(&stage, runner->vcpu, RKVM_REG_X(0));
	int64_t result = PSCI_SUCCESS;

	if (fid == PSCI_FID_CPU_ON && runner->calls++ > 0)
		result = PSCI_DENIED;
	if (ioctl_there &&
	    (fid == PSCI_FID_CPU_ON || fid == PSCI_FID_AFFINITY_INFO)) {
		complete.psci_status = (uint32_t)result;
		ck_assert_int_eq(
		    rmmkvm_ioctl(stage.env.kvm, stage.vcpus[runner->vcpu],
			RKVM_PSCI_COMPLETE, (uintptr_t)&complete),
		    0);
	}
	set_register(&stage, runner->vcpu, RKVM_REG_X(0), (uint64_t)result);
	if (fid == PSCI_FID_CPU_ON && result == PSCI_SUCCESS)
		runners[1].off = false;
	if (fid == PSCI_FID_SYSTEM_OFF)
		runner->over = true;
}

static void *
run_vcpus(void *arg)
{
	struct runner *runner = arg;
	const struct rkvm_run *kvm_run = stage.run[runner->vcpu];

	while (!runner->over) {
		long rc = runner->off ? -EINTR : run(&stage, runner->vcpu);

		sched_yield();
		runner->again += rc == -EAGAIN;
		if (rc == -EINTR || rc == -EAGAIN)
			continue;
		ck_assert_msg(rc == 0, "%ld: %s", rc, rmmkvm_error());
		if (kvm_run->exit_reason == RKVM_EXIT_HYPERCALL)
			handle_hypercall(runner);
		else
			break;
	}
	runner->over = true;
	return NULL;
}

/* second_off: user space, which does PSCI, does not run the second yet. */
static void
runners_start(bool second_off)
{
	signal(SIGUSR1, on_signal);
	for (unsigned i = 0; i < 2; i++) {
		memset(&runners[i], 0, sizeof(runners[i]));
		runners[i].vcpu = i;
		runners[i].off = i == 1 && second_off;
	}
	/* The first may switch the second on at once. */
	for (unsigned i = 0; i < 2; i++)
		pthread_create(
		    &runners[i].thread, NULL, run_vcpus, &runners[i]);
}

/* vCPU 0 ends by itself; what the other does then, it is stopped. */
static void
runners_join(void)
{
	pthread_join(runners[0].thread, NULL);
	while (!runners[1].over) {
		runners[1].over = true;
		stage.run[1]->immediate_exit = 1;
		pthread_kill(runners[1].thread, SIGUSR1);
	}
	pthread_join(runners[1].thread, NULL);
}

/* vCPU 1 waits for CPU_ON. */
static void
power_off_second(void)
{
	uint32_t state = RKVM_MP_STATE_STOPPED;

	ck_assert_int_eq(rmmkvm_ioctl(stage.env.kvm, stage.vcpus[1],
			     RKVM_SET_MP_STATE, (uintptr_t)&state),
	    0);
}

/* ---- The realm ---------------------------------------------------------- */

static _Atomic int second_runs;
static _Atomic bool may_go_off;

static int64_t
affinity(struct rmmguest *guest)
{
	int64_t result;

	DID(psci_affinity_info(guest, 1, 0, &result));
	return result;
}

static int64_t
switch_on(struct rmmguest *guest)
{
	int64_t result;

	DID(psci_cpu_on(guest, 1, ENTRY, 0x1234, &result));
	return result;
}

/*
 * To the monitor the second is off at once; the kernel may still have to see
 * its exit, and then take CPU_ON for late and the exit for the last word.  Who
 * asks again is heard.
 */
static void
first(struct rmmguest *guest, void *arg)
{
	int64_t result;

	(void)arg;
	ck_assert_int_eq(affinity(guest), PSCI_OFF);
	for (int round = 1; round <= 5; round++) {
		int before = second_runs;

		ck_assert_int_eq(switch_on(guest), PSCI_SUCCESS);
		while (second_runs == before) {
			result = switch_on(guest);
			ck_assert(result == PSCI_SUCCESS ||
			    result == PSCI_ALREADY_ON);
		}
		may_go_off = true;
		while (affinity(guest) != PSCI_OFF)
			DID(realm_wfe(guest));
	}
	(void)psci_system_off(guest, &result);
}

static void
second(struct rmmguest *guest, void *arg)
{
	uint64_t x[RMMGUEST_REGS];

	(void)arg;
	/* Each round begins where CPU_ON says: the call before is over then. */
	do {
		second_runs++;
		do
			DID(realm_wfe(guest));
		while (!may_go_off);
		may_go_off = false;
		memset(x, 0, sizeof(x));
		x[0] = PSCI_FID_CPU_OFF;
	} while (rmmguest_smc(guest, x) == 0 && x[0] == 0x1234);
}

/* CPU_ON, AFFINITY_INFO, CPU_OFF, five times over. */
START_TEST(on_and_off)
{
	struct player players[2];

	second_runs = 0;
	stage_open(&stage, _i, MIB, 2);
	power_off_second();
	player_start(&players[0], 0, first, NULL);
	player_start(&players[1], 1, second, NULL);
	runners_start(false);
	runners_join();
	ck_assert_int_ge(second_runs, 5);
	stage_close(&stage);
	player_join(&players[0]);
	player_join(&players[1]);
}
END_TEST

static void
ask_twice(struct rmmguest *guest, void *arg)
{
	int64_t result;

	(void)arg;
	ck_assert_int_eq(switch_on(guest), PSCI_SUCCESS);
	while (second_runs < 1)
		DID(realm_wfe(guest));
	ck_assert_int_eq(affinity(guest), PSCI_SUCCESS);
	ck_assert_int_eq(switch_on(guest), PSCI_ALREADY_ON);
	/* No such CPU, an address that is none, itself. */
	DID(psci_cpu_on(guest, 7, ENTRY, 0, &result));
	ck_assert_int_eq(result, PSCI_INVALID_PARAMETERS);
	DID(psci_cpu_on(guest, 1, ENTRY | SHARED_BIT, 0, &result));
	ck_assert_int_eq(result, PSCI_INVALID_ADDRESS);
	DID(psci_cpu_on(guest, 0, ENTRY, 0, &result));
	ck_assert_int_eq(result, PSCI_ALREADY_ON);
	(void)psci_system_off(guest, &result);
}

static void
wait_on(struct rmmguest *guest, void *arg)
{
	(void)arg;
	second_runs++;
	while (realm_wfi(guest) == 0)
		;
}

/* The second is on already, and waits in the realm when all is over. */
START_TEST(already_on)
{
	struct player players[2];

	second_runs = 0;
	stage_open(&stage, _i, MIB, 2);
	power_off_second();
	player_start(&players[0], 0, ask_twice, NULL);
	player_start(&players[1], 1, wait_on, NULL);
	runners_start(false);
	runners_join();
	ck_assert_uint_eq(stage.run[0]->exit_reason, RKVM_EXIT_SYSTEM_EVENT);
	stage_close(&stage);
	player_join(&players[0]);
	player_join(&players[1]);
}
END_TEST

static void
ask_user_space(struct rmmguest *guest, void *arg)
{
	int64_t result;

	(void)arg;
	ck_assert_int_eq(switch_on(guest), PSCI_SUCCESS);
	while (second_runs < 1)
		DID(realm_wfe(guest));
	ck_assert_int_eq(affinity(guest), PSCI_SUCCESS);
	(void)psci_system_off(guest, &result);
}

/* The filter sends PSCI to user space, which answers and completes. */
START_TEST(user_space)
{
	struct player players[2];

	second_runs = 0;
	stage_open(&stage, _i, MIB, 2);
	forward(&stage, 0x84000000, 0x20);
	forward(&stage, 0xc4000000, 0x20);
	player_start(&players[0], 0, ask_user_space, NULL);
	player_start(&players[1], 1, wait_on, NULL);
	runners_start(true);
	runners_join();
	ck_assert_uint_eq(runners[0].calls, 1);
	stage_close(&stage);
	player_join(&players[0]);
	player_join(&players[1]);
}
END_TEST

static void
ask_and_be_denied(struct rmmguest *guest, void *arg)
{
	int64_t result;

	(void)arg;
	ck_assert_int_eq(switch_on(guest), PSCI_DENIED);
	ck_assert_int_eq(affinity(guest), PSCI_OFF);
	(void)psci_system_off(guest, &result);
}

/* User space denies it. */
START_TEST(denied)
{
	struct player player;

	stage_open(&stage, _i, MIB, 2);
	forward(&stage, 0x84000000, 0x20);
	forward(&stage, 0xc4000000, 0x20);
	power_off_second();
	player_start(&player, 0, ask_and_be_denied, NULL);
	signal(SIGUSR1, on_signal);
	memset(runners, 0, sizeof(runners));
	runners[0].calls = 1; /* the second call is denied */
	run_vcpus(&runners[0]);
	stage_close(&stage);
	player_join(&player);
}
END_TEST

/* A vCPU that is stopped sleeps, until a signal or another thread says so. */
START_TEST(sleeper)
{
	struct player players[2];

	second_runs = 0;
	stage_open(&stage, _i, MIB, 2);
	power_off_second();
	runners_start(false);
	for (int i = 0; i < 20; i++) {
		pthread_kill(runners[1].thread, SIGUSR1);
		sched_yield();
	}
	player_start(&players[0], 0, ask_user_space, NULL);
	player_start(&players[1], 1, wait_on, NULL);
	runners_join();
	stage_close(&stage);
	player_join(&players[0]);
	player_join(&players[1]);
}
END_TEST

static void
send_sgi(struct rmmguest *guest, void *arg)
{
	int64_t result;

	(void)arg;
	ck_assert_int_eq(switch_on(guest), PSCI_SUCCESS);
	while (second_runs < 1)
		DID(realm_wfe(guest));
	/* INTID 3 to CPU 1. */
	DID(realm_msr(guest, SYSREG_ICC_SGI1R_EL1, 3 << 24 | 1 << 1));
	while (second_runs < 2)
		DID(realm_wfe(guest));
	(void)psci_system_off(guest, &result);
}

static void
take_sgi(struct rmmguest *guest, void *arg)
{
	uint64_t intid;

	(void)arg;
	DID(realm_msr(guest, SYSREG_ICC_PMR_EL1, 0xff));
	DID(realm_msr(guest, SYSREG_ICC_IGRPEN1_EL1, 1));
	second_runs++;
	do {
		DID(realm_wfi(guest));
		DID(realm_mrs(guest, SYSREG_ICC_IAR1_EL1, &intid));
	} while (intid == 1023);
	ck_assert_uint_eq(intid, 3);
	DID(realm_msr(guest, SYSREG_ICC_EOIR1_EL1, 3));
	second_runs++;
	while (realm_wfi(guest) == 0)
		;
}

/* One CPU interrupts the other, which waits for that. */
START_TEST(sgi)
{
	struct player players[2];

	second_runs = 0;
	stage_open(&stage, _i, MIB, 2);
	power_off_second();
	player_start(&players[0], 0, send_sgi, NULL);
	player_start(&players[1], 1, take_sgi, NULL);
	runners_start(false);
	runners_join();
	ck_assert_int_eq(second_runs, 2);
	stage_close(&stage);
	player_join(&players[0]);
	player_join(&players[1]);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("vcpus");
	TCase *cases = tcase_create("vcpus");

	tcase_set_timeout(cases, 60);
	tcase_add_loop_test(cases, on_and_off, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, already_on, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, user_space, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, denied, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, sgi, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, sleeper, 0, NUM_PROFILES);
	suite_add_tcase(suite, cases);
	return kvm_test_main(argc, argv, suite);
}
