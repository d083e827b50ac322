/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * KVM_RUN and what interrupts it: hypercalls, signals, interrupts, suspension.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "play.h"
#include "sysregs.h"

static struct stage stage;

static void
off(struct rmmguest *guest)
{
	int64_t result;

	(void)psci_system_off(guest, &result);
}

/* ---- Host calls -------------------------------------------------------- */

static void
host_calls(struct rmmguest *guest, void *arg)
{
	struct rsi_host_call call;
	uint64_t at = GPA + PAGE;

	(void)arg;
	for (uint64_t fid = 0xc6000010; fid <= 0xc6000012; fid++) {
		memset(&call, 0, sizeof(call));
		call.gprs[0] = fid;
		call.gprs[30] = 30;
		DID(realm_write(guest, at, &call, sizeof(call)));
		DID(rsi_host_call(guest, at));
		DID(realm_read(guest, at, &call, sizeof(call)));
		if (fid == 0xc6000011) {
			ck_assert_uint_eq(call.gprs[0], 111);
			ck_assert_uint_eq(call.gprs[29], 129);
			ck_assert_uint_eq(call.gprs[30], 30);
		} else {
			ck_assert_uint_eq(call.gprs[0], SMC_NOT_SUPPORTED);
		}
	}
	memset(&call, 0, sizeof(call));
	call.gprs[0] = 0x80000000; /* SMCCC_VERSION */
	DID(realm_write(guest, at, &call, sizeof(call)));
	DID(rsi_host_call(guest, at));
	DID(realm_read(guest, at, &call, sizeof(call)));
	ck_assert_uint_eq(call.gprs[0], 0x10001);
	off(guest);
}

/* The filter sends one function to user space; others the kernel answers. */
START_TEST(host_call)
{
	struct rkvm_smccc_filter arch = { .base = 0x80000000,
		.nr_functions = 1 };
	struct player player;

	stage_open(&stage, _i, MIB, 1);
	forward(&stage, 0xc6000011, 1);
	ck_assert_int_eq(set_attr(&stage.env, stage.env.vm, RKVM_VM_SMCCC_CTRL,
			     RKVM_VM_SMCCC_FILTER, &arch),
	    -EEXIST);
	player_start(&player, 0, host_calls, NULL);
	ck_assert_int_eq(run(&stage, 0), 0);
	ck_assert_uint_eq(stage.run[0]->exit_reason, RKVM_EXIT_HYPERCALL);
	ck_assert_uint_eq(stage.run[0]->u.hypercall.nr, 0xc6000011);
	ck_assert_uint_eq(get_register(&stage, 0, RKVM_REG_X(30)), 30);
	set_register(&stage, 0, RKVM_REG_X(0), 111);
	set_register(&stage, 0, RKVM_REG_X(29), 129);
	ck_assert_int_eq(set_attr(&stage.env, stage.env.vm, RKVM_VM_SMCCC_CTRL,
			     RKVM_VM_SMCCC_FILTER, &arch),
	    -EBUSY);
	expect_off(&stage, 0);
	player_join(&player);
	stage_close(&stage);
}
END_TEST

/* ---- Signals and interrupts -------------------------------------------- */

static _Atomic int handled;

static void
on_signal(int number)
{
	(void)number;
	handled++;
}

static void
wait_for_ever(struct rmmguest *guest, void *arg)
{
	_Atomic bool *waiting = arg;

	*waiting = true;
	while (realm_wfi(guest) == 0)
		;
}

struct pest {
	pthread_t target;
	_Atomic bool *waiting;
	_Atomic bool stop;
};

static void *
pester(void *arg)
{
	struct pest *pest = arg;

	while (!*pest->waiting)
		sched_yield();
	while (!pest->stop) {
		pthread_kill(pest->target, SIGUSR1);
		usleep(1000);
	}
	return NULL;
}

/* A realm that waits for ever: signals bring KVM_RUN back, each time. */
START_TEST(signal_in_run)
{
	static _Atomic bool waiting;
	struct pest pest = { pthread_self(), &waiting, false };
	struct player player;
	pthread_t thread;

	signal(SIGUSR1, on_signal);
	stage_open(&stage, _i, MIB, 1);
	player_start(&player, 0, wait_for_ever, &waiting);
	pthread_create(&thread, NULL, pester, &pest);
	for (int i = 0; i < 10; i++) {
		int before = handled;

		ck_assert_int_eq(run(&stage, 0), -EINTR);
		ck_assert_uint_eq(stage.run[0]->exit_reason, RKVM_EXIT_INTR);
		ck_assert_int_gt(handled, before);
	}
	pest.stop = true;
	pthread_join(thread, NULL);
	stage_close(&stage);
	player_join(&player);
}
END_TEST

#define SPI 40

static void
take_spi(struct rmmguest *guest, void *arg)
{
	_Atomic bool *waiting = arg;
	uint64_t intid;

	DID(realm_msr(guest, SYSREG_ICC_PMR_EL1, 0xff));
	DID(realm_msr(guest, SYSREG_ICC_IGRPEN1_EL1, 1));
	DID(realm_mrs(guest, SYSREG_ICC_IAR1_EL1, &intid));
	ck_assert_uint_eq(intid, 1023);
	*waiting = true;
	do {
		DID(realm_wfi(guest));
		DID(realm_mrs(guest, SYSREG_ICC_IAR1_EL1, &intid));
	} while (intid == 1023);
	ck_assert_uint_eq(intid, SPI);
	/* It is active, and so is not taken again. */
	DID(realm_mrs(guest, SYSREG_ICC_IAR1_EL1, &intid));
	ck_assert_uint_eq(intid, 1023);
	DID(realm_msr(guest, SYSREG_ICC_EOIR1_EL1, SPI));
	off(guest);
}

static void *
raise_spi(void *arg)
{
	struct rkvm_irq_level line = {
		.irq = RKVM_IRQ_TYPE_SPI << 24 | SPI,
		.level = 1,
	};
	_Atomic bool *waiting = arg;

	while (!*waiting)
		sched_yield();
	ck_assert_int_eq(vm_call(&stage.env, RKVM_IRQ_LINE, &line), 0);
	return NULL;
}

/* A line that is raised wakes a realm that waits, which takes the interrupt. */
START_TEST(line)
{
	static _Atomic bool waiting;
	struct player player;
	pthread_t thread;

	stage_open(&stage, _i, MIB, 1);
	player_start(&player, 0, take_spi, &waiting);
	pthread_create(&thread, NULL, raise_spi, &waiting);
	expect_off(&stage, 0);
	pthread_join(thread, NULL);
	player_join(&player);
	stage_close(&stage);
}
END_TEST

static void
only_off(struct rmmguest *guest, void *arg)
{
	(void)arg;
	off(guest);
}

static void
set_mp_state(uint32_t state)
{
	ck_assert_int_eq(rmmkvm_ioctl(stage.env.kvm, stage.vcpus[0],
			     RKVM_SET_MP_STATE, (uintptr_t)&state),
	    0);
}

/* A vCPU that is suspended comes back when there is an interrupt. */
START_TEST(suspended)
{
	static _Atomic bool at_once = true;
	struct player player;
	pthread_t thread;

	stage_open(&stage, _i, MIB, 1);
	set_mp_state(RKVM_MP_STATE_SUSPENDED);
	player_start(&player, 0, only_off, NULL);
	pthread_create(&thread, NULL, raise_spi, &at_once);
	ck_assert_int_eq(run(&stage, 0), 0);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(stage.run[0]->exit_reason, RKVM_EXIT_SYSTEM_EVENT);
	ck_assert_uint_eq(
	    stage.run[0]->u.system_event.type, RKVM_SYSTEM_EVENT_WAKEUP);
	set_mp_state(RKVM_MP_STATE_RUNNABLE);
	expect_off(&stage, 0);
	player_join(&player);
	stage_close(&stage);
}
END_TEST

static void
interrupts(struct rmmguest *guest, void *arg)
{
	(void)arg;
	DID(realm_interrupt(guest, REALM_IRQ, 0));
	DID(realm_interrupt(guest, REALM_FIQ, 0));
	DID(realm_interrupt(guest, REALM_SERROR, 0));
	off(guest);
}

/* IRQ, FIQ and SError are the host's own business. */
START_TEST(interrupted)
{
	struct player player;

	stage_open(&stage, _i, MIB, 1);
	player_start(&player, 0, interrupts, NULL);
	expect_off(&stage, 0);
	player_join(&player);
	stage_close(&stage);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("run");
	TCase *cases = tcase_create("run");

	tcase_set_timeout(cases, 60);
	tcase_add_loop_test(cases, host_call, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, signal_in_run, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, line, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, suspended, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, interrupted, 0, NUM_PROFILES);
	suite_add_tcase(suite, cases);
	return kvm_test_main(argc, argv, suite);
}
