/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The realm as a whole: what its RIM depends on and what not, its activation
 * and end, what becomes of it when its client dies, and that nobody else sees
 * its pages.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kvm-test.h"

static struct env env;

#define PAGES 150ull

/* ---- The RIM ------------------------------------------------------------ */

/* Populate all of [offset, offset + size), however many calls that takes. */
static void
populate_all(uint64_t offset, uint64_t size, uint32_t flags)
{
	while (size > 0) {
		struct rkvm_populate args = args_for(&env, offset, size);
		uint64_t done;
		long result;

		args.flags = flags;
		result = populate(&env, &args);
		ck_assert_msg(result >= 0, "%s", rmmkvm_error());
		done = env.v12 ? (uint64_t)result : size - args.size;
		ck_assert_uint_gt(done, 0);
		offset += done;
		size -= done;
	}
}

static void
rim_with_limit(int profile, uint64_t pages, char rim[129])
{
	env_open(&env, profile, PAGES * PAGE);
	rmmkvm_set_populate_limit(env.kvm, pages * PAGE);
	populate_all(0, PAGES * PAGE, RKVM_POPULATE_MEASURE);
	read_rim(&env, rim);
	env_close(&env);
}

/* However often populate stopped, and in every profile. */
START_TEST(rim_same)
{
	static const uint64_t limits[] = { 1, 2, 63, 64, 65, 100, 149 };
	char first[129], rim[129];

	rim_with_limit(0, 0, first);
	ck_assert_uint_ge(strlen(first), 64);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		rim_with_limit(_i, limits[i], rim);
		ck_assert_str_eq(rim, first);
	}
}
END_TEST

enum variation {
	AS_IT_IS,
	ORDER,
	ADDRESS,
	FLAG,
	BYTE,
	LAST_BYTE,
	ONE_MORE,
	NUM_VARIATIONS
};

static void
rim_varied(int profile, enum variation variation, char rim[129])
{
	const uint32_t measure = RKVM_POPULATE_MEASURE;
	uint64_t half = PAGES / 2 * PAGE;

	env_open(&env, profile, (PAGES + 2) * PAGE);
	if (variation == BYTE)
		env.src[half] ^= 1;
	if (variation == LAST_BYTE)
		env.src[PAGES * PAGE - 1] ^= 0x80;
	if (variation == ORDER) {
		populate_all(half, half, measure);
		populate_all(0, half, measure);
	} else if (variation == ADDRESS) {
		populate_all(0, half, measure);
		/* The same contents, a page higher. */
		memmove(env.src + half + PAGE, env.src + half, half);
		populate_all(half + PAGE, half, measure);
	} else {
		populate_all(0, half, measure);
		populate_all(half, half, variation == FLAG ? 0 : measure);
	}
	if (variation == ONE_MORE)
		populate_all(PAGES * PAGE, PAGE, 0);
	read_rim(&env, rim);
	env_close(&env);
}

/* Order, address, flag, a byte: each of them counts. */
START_TEST(rim_differs)
{
	char rims[NUM_VARIATIONS][129], again[129];

	for (int i = 0; i < NUM_VARIATIONS; i++) {
		rim_varied(_i, (enum variation)i, rims[i]);
		for (int j = 0; j < i; j++)
			ck_assert_msg(strcmp(rims[i], rims[j]) != 0,
			    "variations %d and %d have one RIM", i, j);
	}
	rim_varied(_i, AS_IT_IS, again);
	ck_assert_str_eq(again, rims[AS_IT_IS]);
}
END_TEST

/* The contents of a page that is not measured do not count. */
START_TEST(rim_unmeasured)
{
	char one[129], two[129];

	env_open(&env, _i, 2 * PAGE);
	populate_all(0, 2 * PAGE, 0);
	read_rim(&env, one);
	env_close(&env);
	env_open(&env, _i, 2 * PAGE);
	env.src[5] ^= 1;
	populate_all(0, 2 * PAGE, 0);
	read_rim(&env, two);
	env_close(&env);
	ck_assert_str_eq(one, two);
}
END_TEST

/* ---- Activation ---------------------------------------------------------- */

static struct rkvm_run *
map_run(int vcpu)
{
	struct rkvm_run *run =
	    mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);

	ck_assert_ptr_ne(run, MAP_FAILED);
	return run;
}

/* First KVM_RUN: three RECs, RIPAS RAM for all of the slot, power off. */
START_TEST(activate)
{
	uint32_t runnable = RKVM_MP_STATE_RUNNABLE;
	uint64_t level, state, desc, ripas;
	struct rkvm_run *run;
	int vcpus[3];
	char before[129], after[129];

	env_open(&env, _i, 4 * MIB);
	for (unsigned i = 0; i < 3; i++)
		vcpus[i] = make_vcpu(&env, i);
	make_gic(&env);
	run = map_run(vcpus[0]);
	populate_all(MIB, MIB, RKVM_POPULATE_MEASURE);
	read_rim(&env, before);
	run->immediate_exit = 1;
	ck_assert_int_eq(run_vcpu(&env, vcpus[0]), -EINTR);
	ck_assert_uint_eq(run->exit_reason, RKVM_EXIT_INTR);
	ck_assert_int_eq(realm_state(&env), RMMKVM_ACTIVE);
	read_rim(&env, after);
	ck_assert_str_ne(before, after);
	for (uint64_t ipa = GPA; ipa < GPA + 4 * MIB; ipa += PAGE) {
		ck_assert_int_eq(rmi_rtt_read_entry(raw(&env), realm_rd(&env),
				     ipa, 3, &level, &state, &desc, &ripas),
		    RMI_SUCCESS);
		ck_assert_uint_eq(ripas, RMI_RAM);
	}
	run->immediate_exit = 0;
	/* Only vCPU 0 is runnable. */
	ck_assert_int_eq(run_vcpu(&env, vcpus[1]), -EAGAIN);
	ck_assert_int_eq(run_vcpu(&env, vcpus[0]), 0);
	ck_assert_uint_eq(run->exit_reason, RKVM_EXIT_SYSTEM_EVENT);
	ck_assert_uint_eq(run->u.system_event.type, RKVM_SYSTEM_EVENT_SHUTDOWN);
	/* The vCPU is off, too; once on, it finds the realm gone. */
	ck_assert_int_eq(rmmkvm_ioctl(env.kvm, vcpus[0], RKVM_SET_MP_STATE,
			     (uintptr_t)&runnable),
	    0);
	ck_assert_int_eq(run_vcpu(&env, vcpus[0]), 0);
	ck_assert_uint_eq(run->exit_reason, RKVM_EXIT_SHUTDOWN);
	munmap(run, PAGE);
	env_close(&env);
	ck_assert_uint_eq(granules_in_use(), 0);
	ck_assert_uint_eq(num_leases(), 0);
}
END_TEST

/* A realm that nothing was put into is made by KVM_RUN. */
START_TEST(activate_empty)
{
	int vcpu;

	env_open(&env, _i, 3 * MIB + PAGE);
	vcpu = make_vcpu(&env, 0);
	make_gic(&env);
	ck_assert_int_eq(realm_state(&env), RMMKVM_NONE);
	ck_assert_int_eq(run_vcpu(&env, vcpu), 0);
	ck_assert_int_eq(realm_state(&env), RMMKVM_ACTIVE);
	env_close(&env);
}
END_TEST

/* Without a GIC: v12 loses the realm, v13 looks first. */
START_TEST(no_gic)
{
	struct rkvm_populate args;
	int vcpu;

	env_open(&env, _i, MIB);
	args = args_for(&env, 0, PAGE);
	vcpu = make_vcpu(&env, 0);
	ck_assert_int_eq(run_vcpu(&env, vcpu), -EOPNOTSUPP);
	ck_assert_int_eq(
	    realm_state(&env), env.v12 ? RMMKVM_DEAD : RMMKVM_NONE);
	expect_populates(&env, &args, -ENXIO, 1);
	make_gic(&env);
	ck_assert_int_eq(run_vcpu(&env, vcpu), env.v12 ? -ENXIO : 0);
	env_close(&env);
}
END_TEST

/* PSCI_0_2 is asked for at activation, which then has failed for good. */
START_TEST(no_psci)
{
	struct rkvm_vcpu_init init = { .target = RKVM_ARM_TARGET_GENERIC_V8 };
	long vcpu;

	env_open(&env, _i, MIB);
	vcpu = rmmkvm_ioctl(env.kvm, env.vm, RKVM_CREATE_VCPU, 0);
	ck_assert_int_ge(vcpu, 0);
	make_gic(&env);
	ck_assert_int_eq(run_vcpu(&env, (int)vcpu), -ENOEXEC);
	ck_assert_int_eq(rmmkvm_ioctl(env.kvm, (int)vcpu, RKVM_ARM_VCPU_INIT,
			     (uintptr_t)&init),
	    0);
	ck_assert_int_eq(run_vcpu(&env, (int)vcpu), -EINVAL);
	ck_assert_int_eq(realm_state(&env), RMMKVM_DEAD);
	ck_assert_int_eq(run_vcpu(&env, (int)vcpu),
	    env.v12	     ? -ENXIO
		: env.latest ? -EIO
			     : -EINVAL);
	env_close(&env);
}
END_TEST

/* Many IPA widths: every shape of the root tables. */
START_TEST(widths)
{
	for (unsigned bits = 32; bits <= 49; bits++) {
		long vm;
		struct rkvm_populate args;

		env_open(&env, _i, 2 * PAGE);
		vm = rmmkvm_ioctl(env.kvm, rmmkvm_fd(env.kvm), RKVM_CREATE_VM,
		    rmmkvm_realm_type(env.kvm, bits));
		if (bits > rmmkvm_max_ipa_bits(env.kvm)) {
			ck_assert_int_eq(vm, -EINVAL);
			env_close(&env);
			continue;
		}
		ck_assert_int_ge(vm, 0);
		env.vm = (int)vm;
		env.gmem = make_gmem(&env, 2 * PAGE);
		args = args_for(&env, 0, 2 * PAGE);
		args.base = (1ull << (bits - 1)) - 2 * PAGE;
		ck_assert_int_eq(
		    set_slot(&env, 0, args.base, 2 * PAGE, env.gmem, 0), 0);
		ck_assert_int_eq(
		    set_private(&env, args.base, 2 * PAGE, true), 0);
		expect_populate(&env, &args, 2);
		env_close(&env);
		ck_assert_uint_eq(granules_in_use(), 0);
	}
}
END_TEST

/* Two realms at once, of two clients: neither takes the other's VMID. */
START_TEST(two_clients)
{
	struct env other;
	struct rkvm_populate args;

	env_open(&env, _i, MIB);
	env_open(&other, _i, MIB);
	args = args_for(&env, 0, MIB);
	expect_populate(&env, &args, MIB / PAGE);
	args = args_for(&other, 0, MIB);
	expect_populate(&other, &args, MIB / PAGE);
	expect_mapped(&env, 0, 2);
	expect_mapped(&other, 0, 2);
	ck_assert_uint_ne(realm_rd(&env), realm_rd(&other));
	env_close(&env);
	expect_mapped(&other, 2, 2);
	env_close(&other);
}
END_TEST

/* ---- A client's death ---------------------------------------------------- */

/* The child: populates until it is killed. */
static _Noreturn void
populate_for_ever(int profile)
{
	for (;;) {
		env_open(&env, profile, 8 * MIB);
		rmmkvm_set_populate_limit(env.kvm, PAGE);
		populate_all(0, 8 * MIB, RKVM_POPULATE_MEASURE);
		env_close(&env);
	}
}

/* SIGKILL in the middle: all memory comes back, the next client is served. */
START_TEST(killed)
{
	uint64_t base;

	for (int i = 0; i < 5; i++) {
		pid_t child = fork();
		int status;

		ck_assert_int_ge(child, 0);
		if (child == 0)
			populate_for_ever(_i);
		while (granules_in_use() < 100 + (unsigned)i * 77)
			usleep(100);
		kill(child, SIGKILL);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		while (granules_in_use() > 0 || num_leases() > 0)
			usleep(1000);
	}
	env_open(&env, _i, MIB);
	populate_all(0, MIB, RKVM_POPULATE_MEASURE);
	/* All but what this one has can be leased. */
	ck_assert_int_eq(rmmclient_lease(raw(&env), 3 * GIB, GIB, &base), 0);
	env_close(&env);
}
END_TEST

/* ---- Secrets ------------------------------------------------------------- */

static const char secret[] = "the crown jewels are in the kitchen";

/* Whether the machine's Non-secure memory has the secret anywhere. */
static bool
secret_in_ns(void)
{
	int fd = rmmclient_memory_fd(raw(&env));
	off_t data = 0, hole = 0;
	bool found = false;

	while (!found && (data = lseek(fd, hole, SEEK_DATA)) >= 0) {
		uint8_t *bytes;

		hole = lseek(fd, data, SEEK_HOLE);
		bytes = mmap(NULL, (size_t)(hole - data), PROT_READ, MAP_SHARED,
		    fd, data);
		ck_assert_ptr_ne(bytes, MAP_FAILED);
		found = memmem(bytes, (size_t)(hole - data), secret,
			    sizeof(secret)) != NULL;
		munmap(bytes, (size_t)(hole - data));
	}
	return found;
}

/*
 * Neither while populate is at work nor afterwards does a realm's page, or a
 * copy of one on its way there, lie in Non-secure memory for other clients.
 */
START_TEST(secrets)
{
	struct rkvm_populate args;
	uint64_t base;

	env_open(&env, _i, 80 * PAGE);
	for (uint64_t page = 0; page < 80; page++)
		memcpy(env.src + page * PAGE + 99, secret, sizeof(secret));
	/* The search finds what is there. */
	ck_assert_int_eq(rmmclient_lease(raw(&env), PAGE, 0, &base), 0);
	strcpy(rmmclient_map(raw(&env), base, PAGE), secret);
	ck_assert(secret_in_ns());
	ck_assert_int_eq(rmmclient_release(raw(&env), base), 0);
	memset(rmmclient_map(raw(&env), base, PAGE), 0, PAGE);
	ck_assert(!secret_in_ns());
	rmmkvm_set_populate_limit(env.kvm, 7 * PAGE);
	for (uint64_t page = 0; page < 80; page += 7) {
		args = args_for(&env, page * PAGE, (80 - page) * PAGE);
		expect_populate(&env, &args, page == 77 ? 3 : 7);
		ck_assert(!secret_in_ns());
	}
	/* Nor where the call failed after the copy. */
	args = args_for(&env, 0, 2 * PAGE);
	ck_assert_int_lt(populate(&env, &args), 0);
	ck_assert(!secret_in_ns());
	ck_assert_int_eq(rmmkvm_punch_hole(env.kvm, env.gmem, 0, 9 * PAGE), 0);
	ck_assert(!secret_in_ns());
	env_close(&env);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("realm");
	TCase *cases = tcase_create("realm");

	tcase_set_timeout(cases, 120);
	tcase_add_loop_test(cases, rim_same, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, rim_differs, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, rim_unmeasured, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, activate, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, activate_empty, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, no_gic, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, no_psci, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, widths, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, two_clients, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, killed, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, secrets, 0, NUM_PROFILES);
	suite_add_tcase(suite, cases);
	return kvm_test_main(argc, argv, suite);
}
