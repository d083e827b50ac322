/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * KVM_RUN: what user space and the realm see of exits that are about memory.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "play.h"

#define DEVICE 0x09000000ull /* no slot there */

static struct stage stage;

static void
off(struct rmmguest *guest)
{
	int64_t result;

	(void)psci_system_off(guest, &result);
}

/* ---- Private memory ---------------------------------------------------- */

static void
touch_private(struct rmmguest *guest, void *arg)
{
	char text[8] = "private", back[8] = "";

	(void)arg;
	DID(realm_write(guest, GPA + 5 * PAGE + 100, text, 8));
	DID(realm_read(guest, GPA + 5 * PAGE + 100, back, 8));
	ck_assert_str_eq(back, "private");
	/* Far away, so that there is no table yet. */
	DID(realm_write(guest, GPA + 3 * MIB, text, 8));
	off(guest);
}

/* A page comes with the first touch, and nobody is bothered. */
START_TEST(private_fault)
{
	struct player player;

	stage_open(&stage, _i, 4 * MIB, 1);
	player_start(&player, 0, touch_private, NULL);
	expect_off(&stage, 0);
	player_join(&player);
	expect_mapped(&stage.env, 5, 1);
	expect_mapped(&stage.env, 3 * MIB / PAGE, 1);
	expect_unmapped(&stage.env, 6, 1);
	stage_close(&stage);
}
END_TEST

static void
touch_once(struct rmmguest *guest, void *arg)
{
	(void)arg;
	(void)realm_write(guest, GPA, "x", 1);
	(void)realm_write(guest, GPA, "y", 1);
}

/* A page that is taken away can not come back: it is DESTROYED. */
START_TEST(private_taken_away)
{
	struct rkvm_populate args;
	struct player player;

	stage_open(&stage, _i, MIB, 1);
	/* Populated, then punched: RAM becomes DESTROYED. */
	stage.env.src = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	args = args_for(&stage.env, 0, PAGE);
	ck_assert_int_ge(populate(&stage.env, &args), 0);
	stage.run[0]->immediate_exit = 1;
	ck_assert_int_eq(run(&stage, 0), -EINTR);
	stage.run[0]->immediate_exit = 0;
	ck_assert_int_eq(
	    rmmkvm_punch_hole(stage.env.kvm, stage.env.gmem, 0, PAGE), 0);
	player_start(&player, 0, touch_once, NULL);
	ck_assert_int_eq(run(&stage, 0), -ENXIO);
	munmap(stage.env.src, MIB);
	stage.env.src = NULL;
	stage_close(&stage);
	player_join(&player);
}
END_TEST

static void
touch_mismatch(struct rmmguest *guest, void *arg)
{
	uint64_t value;

	(void)arg;
	DID(realm_write(guest, GPA + 2 * PAGE, "p", 1));
	DID(realm_load(guest, (GPA + 3 * PAGE) | SHARED_BIT, 4, &value));
	ck_assert_uint_eq(value, 7);
	off(guest);
}

/* What the access thinks of the memory is not what user space said. */
START_TEST(mismatch)
{
	struct env *env = &stage.env;
	struct player player;

	stage_open(&stage, _i, MIB, 1);
	set_private(env, GPA + 2 * PAGE, PAGE, false);
	player_start(&player, 0, touch_mismatch, NULL);
	expect_memory_fault(&stage, 0, GPA + 2 * PAGE, PAGE, true);
	/* Nothing is done about it: the same again. */
	expect_memory_fault(&stage, 0, GPA + 2 * PAGE, PAGE, true);
	set_private(env, GPA + 2 * PAGE, PAGE, true);
	expect_memory_fault(&stage, 0, GPA + 3 * PAGE, PAGE, false);
	memset(stage.user + 3 * PAGE, 0, 8);
	stage.user[3 * PAGE] = 7;
	set_private(env, GPA + 3 * PAGE, PAGE, false);
	expect_off(&stage, 0);
	player_join(&player);
	stage_close(&stage);
}
END_TEST

/* ---- Shared memory ----------------------------------------------------- */

#define ROUNDS 50

/* The page is one of both; before, user space's stores may be lost. */
static _Atomic bool touched;

static void
ping(struct rmmguest *guest, void *arg)
{
	uint64_t at = (GPA + 4 * PAGE) | SHARED_BIT, value;

	(void)arg;
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		DID(realm_store(guest, at, 8, i));
		touched = true;
		do
			DID(realm_load(guest, at + 8, 8, &value));
		while (value != i);
	}
	off(guest);
}

/* User space's side, on the very page. */
static void *
pong(void *arg)
{
	_Atomic uint64_t *page = arg;

	while (!touched)
		sched_yield();
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		while (atomic_load(&page[0]) != i)
			sched_yield();
		atomic_store(&page[1], i);
	}
	return NULL;
}

/* Both see each other's stores while the realm runs. */
START_TEST(shared)
{
	struct player player;
	pthread_t thread;

	touched = false;
	stage_open(&stage, _i, MIB, 1);
	set_private(&stage.env, GPA + 4 * PAGE, 2 * PAGE, false);
	memset(stage.user, 0x5a, MIB);
	memset(stage.user + 4 * PAGE, 0, 16);
	player_start(&player, 0, ping, NULL);
	pthread_create(&thread, NULL, pong, stage.user + 4 * PAGE);
	expect_off(&stage, 0);
	pthread_join(thread, NULL);
	player_join(&player);
	/* What was there is there, and what is beside is untouched. */
	ck_assert_uint_eq(stage.user[4 * PAGE + 16], 0x5a);
	ck_assert_uint_eq(stage.user[4 * PAGE - 1], 0x5a);
	ck_assert_uint_eq(stage.user[5 * PAGE], 0x5a);
	/* It outlives the VM, as user space's own. */
	env_close(&stage.env);
	ck_assert_uint_eq(*(uint64_t *)(stage.user + 4 * PAGE), ROUNDS);
	ck_assert_uint_eq(stage.user[4 * PAGE + 16], 0x5a);
	*(uint64_t *)(stage.user + 4 * PAGE) = 1;
	munmap(stage.user, MIB);
	ck_assert_uint_eq(granules_in_use(), 0);
	ck_assert_uint_eq(num_leases(), 0);
}
END_TEST

static void
load_shared(struct rmmguest *guest, void *arg)
{
	uint64_t value;

	(void)arg;
	(void)realm_load(guest, GPA | SHARED_BIT, 8, &value);
}

/* User memory that is not there, or that can only be read. */
START_TEST(shared_bad)
{
	struct player player;

	stage_open(&stage, _i, MIB, 1);
	set_private(&stage.env, GPA, MIB, false);
	mprotect(stage.user, PAGE, PROT_NONE);
	player_start(&player, 0, load_shared, NULL);
	ck_assert_int_eq(run(&stage, 0), -EFAULT);
	ck_assert_int_eq(run(&stage, 0), -EFAULT);
	stage_close(&stage);
	player_join(&player);
}
END_TEST

/* User space maps something else there meanwhile: it is not overwritten. */
START_TEST(shared_replaced)
{
	struct player player;
	pthread_t thread;
	uint8_t *page;

	touched = false;
	stage_open(&stage, _i, MIB, 1);
	page = stage.user + 4 * PAGE;
	set_private(&stage.env, GPA + 4 * PAGE, PAGE, false);
	player_start(&player, 0, ping, NULL);
	pthread_create(&thread, NULL, pong, page);
	expect_off(&stage, 0);
	pthread_join(thread, NULL);
	player_join(&player);
	mmap(page, PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	strcpy((char *)page, "mine");
	env_close(&stage.env);
	ck_assert_str_eq((char *)page, "mine");
	munmap(stage.user, MIB);
	ck_assert_uint_eq(num_leases(), 0);
}
END_TEST

/* ---- MMIO -------------------------------------------------------------- */

static void
use_device(struct rmmguest *guest, void *arg)
{
	uint64_t at = DEVICE | SHARED_BIT, value;

	(void)arg;
	for (unsigned size = 1; size <= 8; size *= 2) {
		DID(realm_store(
		    guest, at + 8 * size, size, 0x8877665544332211ull));
		DID(realm_load(guest, at + 8 * size, size, &value));
		ck_assert_uint_eq(
		    value, 0xf1e2d3c4b5a69788ull & (~0ull >> (64 - 8 * size)));
	}
	DID(realm_load_signed(guest, at, 2, &value));
	ck_assert_uint_eq(value, 0xffffffffffff9788ull);
	/* One that user space refuses: an external abort. */
	ck_assert_int_eq(realm_load(guest, at, 4, &value), RMMGUEST_EXCEPTION);
	DID(realm_store(guest, at, 4, 1));
	off(guest);
}

static void
expect_mmio(uint64_t address, unsigned size, bool write)
{
	const struct rkvm_run *kvm_run = stage.run[0];
	uint64_t value = 0;
	long rc = run(&stage, 0);

	ck_assert_msg(rc == 0, "%ld: %s", rc, rmmkvm_error());
	ck_assert_uint_eq(kvm_run->exit_reason, RKVM_EXIT_MMIO);
	/* In the RFC it is not told that the address is a shared one. */
	if (strcmp(stage.env.profile, "rfc") != 0)
		address |= SHARED_BIT;
	ck_assert_uint_eq(kvm_run->u.mmio.phys_addr, address);
	ck_assert_uint_eq(kvm_run->u.mmio.len, size);
	ck_assert_uint_eq(kvm_run->u.mmio.is_write, write);
	memcpy(&value, kvm_run->u.mmio.data, 8);
	if (write && size > 1)
		ck_assert_uint_eq(
		    value, 0x8877665544332211ull & (~0ull >> (64 - 8 * size)));
}

static void
answer(uint64_t value)
{
	memcpy(stage.run[0]->u.mmio.data, &value, 8);
}

START_TEST(mmio)
{
	struct rkvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };
	struct rkvm_ioeventfd event = {
		.addr = DEVICE,
		.len = 4,
		.fd = eventfd(0, EFD_NONBLOCK),
	};
	struct player player;
	eventfd_t count;

	stage_open(&stage, _i, MIB, 1);
	player_start(&player, 0, use_device, NULL);
	for (unsigned size = 1; size <= 8; size *= 2) {
		expect_mmio(DEVICE + 8 * size, size, true);
		expect_mmio(DEVICE + 8 * size, size, false);
		answer(0xf1e2d3c4b5a69788ull);
	}
	/* Completed by a KVM_RUN that does not enter the realm. */
	expect_mmio(DEVICE, 2, false);
	answer(0x9788);
	stage.run[0]->immediate_exit = 1;
	ck_assert_int_eq(run(&stage, 0), -EINTR);
	stage.run[0]->immediate_exit = 0;
	answer(0);
	expect_mmio(DEVICE, 4, false);
	ck_assert_int_eq(rmmkvm_ioctl(stage.env.kvm, stage.vcpus[0],
			     RKVM_SET_VCPU_EVENTS, (uintptr_t)&events),
	    0);
	/* The last store is an ioeventfd's, and user space is not asked. */
	ck_assert_int_eq(vm_call(&stage.env, RKVM_IOEVENTFD, &event), 0);
	expect_off(&stage, 0);
	ck_assert_int_eq(eventfd_read(event.fd, &count), 0);
	ck_assert_uint_eq(count, 1);
	close(event.fd);
	player_join(&player);
	stage_close(&stage);
}
END_TEST

static void
bulk_read(struct rmmguest *guest, void *arg)
{
	char byte;

	(void)arg;
	(void)realm_read(guest, DEVICE | SHARED_BIT, &byte, 1);
}

/* An access without a syndrome can not be emulated. */
START_TEST(mmio_no_syndrome)
{
	struct player player;

	stage_open(&stage, _i, MIB, 1);
	player_start(&player, 0, bulk_read, NULL);
	ck_assert_int_eq(run(&stage, 0), -ENOSYS);
	stage_close(&stage);
	player_join(&player);
}
END_TEST

/* ---- RIPAS ------------------------------------------------------------- */

static void
change_ripas(struct rmmguest *guest, void *arg)
{
	uint64_t at = GPA + 8 * PAGE, top = at + 4 * PAGE, base, response;
	char byte = 1;

	(void)arg;
	DID(realm_write(guest, at, &byte, 1));
	DID(realm_write(guest, top - PAGE, &byte, 1));
	for (base = at; base < top;) {
		DID(rsi_ipa_state_set(guest, base, top, RSI_EMPTY,
		    RSI_CHANGE_DESTROYED, &base, &response));
		ck_assert_uint_eq(response, RSI_ACCEPT);
	}
	ck_assert_int_eq(realm_read(guest, at, &byte, 1), RMMGUEST_EXCEPTION);
	for (base = at; base < top;) {
		DID(rsi_ipa_state_set(
		    guest, base, top, RSI_RAM, 0, &base, &response));
		ck_assert_uint_eq(response, RSI_ACCEPT);
	}
	DID(realm_read(guest, at, &byte, 1));
	ck_assert_uint_eq(byte, 0);
	off(guest);
}

/* To EMPTY: pages leave the realm; to RAM: they come when they are touched. */
START_TEST(ripas)
{
	struct env *env = &stage.env;
	struct player player;
	uint64_t first, last;
	char state[32];

	stage_open(&stage, _i, MIB, 1);
	player_start(&player, 0, change_ripas, NULL);
	expect_memory_fault(&stage, 0, GPA + 8 * PAGE, 4 * PAGE, false);
	expect_mapped(env, 8, 1);
	expect_mapped(env, 11, 1);
	first = gmem_pa(env, 8);
	last = gmem_pa(env, 11);
	if (env->latest) /* it insists */
		expect_memory_fault(&stage, 0, GPA + 8 * PAGE, 4 * PAGE, false);
	/* Elsewhere the change is made, whatever user space does. */
	if (env->latest)
		set_private(env, GPA + 8 * PAGE, 4 * PAGE, false);
	expect_memory_fault(&stage, 0, GPA + 8 * PAGE, 4 * PAGE, true);
	granule_state(first, state);
	ck_assert_str_eq(state, "UNDELEGATED");
	granule_state(last, state);
	ck_assert_str_eq(state, "UNDELEGATED");
	ck_assert_int_eq(
	    rmmkvm_punch_hole(env->kvm, env->gmem, 8 * PAGE, 4 * PAGE), 0);
	set_private(env, GPA + 8 * PAGE, 4 * PAGE, true);
	expect_off(&stage, 0);
	player_join(&player);
	expect_mapped(env, 8, 1);
	stage_close(&stage);
}
END_TEST

static void
change_much(struct rmmguest *guest, void *arg)
{
	uint64_t base = GPA + PAGE, top = GPA + 7 * MIB, response;

	(void)arg;
	DID(rsi_ipa_state_set(guest, base, top, RSI_RAM, 0, &base, &response));
	ck_assert_uint_eq(base, top);
	ck_assert_uint_eq(response, RSI_ACCEPT);
	off(guest);
}

/* A range that begins and ends within blocks that are RAM already. */
START_TEST(ripas_blocks)
{
	struct player player;

	stage_open(&stage, _i, 8 * MIB, 1);
	player_start(&player, 0, change_much, NULL);
	expect_memory_fault(&stage, 0, GPA + PAGE, 7 * MIB - PAGE, true);
	expect_off(&stage, 0);
	player_join(&player);
	stage_close(&stage);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("exits");
	TCase *cases = tcase_create("exits");

	tcase_set_timeout(cases, 60);
	tcase_add_loop_test(cases, private_fault, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, private_taken_away, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, mismatch, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, shared, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, shared_bad, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, shared_replaced, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, mmio, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, mmio_no_syndrome, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, ripas, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, ripas_blocks, 0, NUM_PROFILES);
	suite_add_tcase(suite, cases);
	return kvm_test_main(argc, argv, suite);
}
