/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The multiplexed interface of the RFC and of v10: a realm made by operations
 * of KVM_ENABLE_CAP, and what each of them answers at the wrong time.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "kvm-test.h"

static const char *const names[] = { "rfc", "v10" };
static const int wrong_state[] = { -EINVAL, -EPERM };
#define SIZE (8 * MIB)

static struct env env;
static struct rmmkvm_uapi uapi;

/* A realm VM with a slot at GPA that shows env.src, with or without a file. */
static void
open_rme(int profile, bool file)
{
	struct rmmkvm_config config = { .profile = names[profile] };
	struct rkvm_memory_region2 slot = { .guest_phys_addr = GPA,
		.memory_size = SIZE };

	memset(&env, 0, sizeof(env));
	env.gmem = -1;
	env.size = SIZE;
	env.src = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(env.src, 7, SIZE);
	env.kvm = rmmkvm_open(&config);
	ck_assert_msg(env.kvm != NULL, "%s", rmmkvm_error());
	rmmkvm_uapi(env.kvm, &uapi);
	env.vm = (int)rmmkvm_ioctl(env.kvm, rmmkvm_fd(env.kvm), RKVM_CREATE_VM,
	    rmmkvm_realm_type(env.kvm, IPA_BITS));
	ck_assert_int_ge(env.vm, 0);
	slot.userspace_addr = (uintptr_t)env.src;
	if (file) {
		env.gmem = make_gmem(&env, SIZE);
		slot.flags = RKVM_MEM_GUEST_MEMFD;
		slot.guest_memfd = (uint32_t)env.gmem;
	}
	ck_assert_int_eq(vm_call(&env, RKVM_SET_USER_MEMORY_REGION2, &slot), 0);
}

static long
operation(uint64_t op, const void *arg)
{
	struct rkvm_enable_cap cap = {
		.cap = uapi.cap_rmi,
		.args = { op, (uintptr_t)arg },
	};

	return vm_call(&env, RKVM_ENABLE_CAP, &cap);
}

static long
create(void)
{
	return operation(RKVM_RME_CREATE_REALM, NULL);
}

static long
populate_at(uint64_t base, uint64_t size, uint32_t flags)
{
	struct rkvm_rme_populate args = {
		.base = base,
		.size = size,
		.flags = flags,
	};

	return operation(RKVM_RME_POPULATE_REALM, &args);
}

static long
init_ripas(uint64_t base, uint64_t size)
{
	struct rkvm_rme_init_ripas args = { .base = base, .size = size };

	return operation(RKVM_RME_INIT_RIPAS_REALM, &args);
}

static long
finalize(int vcpu)
{
	int feature = (int)uapi.rec_feature;

	return rmmkvm_ioctl(
	    env.kvm, vcpu, RKVM_ARM_VCPU_FINALIZE, (uintptr_t)&feature);
}

/* From nothing to power off, as VMMs of that time did. */
START_TEST(whole_life)
{
	struct rkvm_rme_config config = { .cfg = RKVM_RME_CONFIG_RPV };
	int vcpu;

	open_rme(_i, true);
	ck_assert_uint_eq(uapi.cap_rmi, _i == 0 ? 300 : 244);
	ck_assert_uint_eq(rmmkvm_populate_command(env.kvm), 0);
	memcpy(config.u.rpv, "a value of one's own", 20);
	ck_assert_int_eq(operation(RKVM_RME_CONFIG_REALM, &config), 0);
	config.cfg = RKVM_RME_CONFIG_HASH_ALGO;
	config.u.hash_algo = 1;
	ck_assert_int_eq(operation(RKVM_RME_CONFIG_REALM, &config), 0);
	ck_assert_int_eq(create(), 0);
	ck_assert_int_eq(realm_state(&env), RMMKVM_NEW);
	make_gic(&env);
	ck_assert_int_eq(init_ripas(GPA, SIZE), 0);
	/* More than one part of 2 MiB. */
	ck_assert_int_eq(populate_at(GPA + MIB, 4 * MIB, 1), 0);
	expect_mapped(&env, MIB / PAGE, 4 * MIB / PAGE);
	env_close(&env);

	open_rme(_i, true);
	vcpu = make_vcpu(&env, 0);
	ck_assert_int_eq(create(), 0);
	ck_assert_int_eq(populate_at(GPA, PAGE, 0), 0);
	ck_assert_int_eq(finalize(vcpu), 0);
	ck_assert_int_eq(operation(RKVM_RME_ACTIVATE_REALM, NULL), 0);
	ck_assert_int_eq(realm_state(&env), RMMKVM_ACTIVE);
	ck_assert_int_eq(run_vcpu(&env, vcpu), 0);
	env_close(&env);
	ck_assert_uint_eq(granules_in_use(), 0);
	ck_assert_uint_eq(num_leases(), 0);
}
END_TEST

/* Before guest_memfd a slot's memory was the realm's; v10 wants a file. */
START_TEST(slot_memory)
{
	open_rme(_i, false);
	ck_assert_int_eq(create(), 0);
	ck_assert_int_eq(populate_at(GPA, 3 * PAGE, 1), _i == 0 ? 0 : -EPERM);
	if (_i == 0) {
		uint64_t level, state, desc, ripas;

		ck_assert_int_eq(
		    rmi_rtt_read_entry(raw(&env), realm_rd(&env),
			GPA + 2 * PAGE, 3, &level, &state, &desc, &ripas),
		    RMI_SUCCESS);
		ck_assert_uint_eq(state, RMI_ASSIGNED);
	}
	/* The slot goes, and its memory with it. */
	ck_assert_int_eq(set_slot(&env, 0, GPA, 0, -1, 0), 0);
	ck_assert_int_eq(populate_at(GPA, PAGE, 1), -EFAULT);
	env_close(&env);
	ck_assert_uint_eq(granules_in_use(), 0);
}
END_TEST

/* Each operation at the wrong time. */
START_TEST(wrong_time)
{
	struct rkvm_rme_config config = { .cfg = RKVM_RME_CONFIG_RPV };
	int vcpu, other;

	open_rme(_i, true);
	vcpu = make_vcpu(&env, 0);
	other = make_vcpu(&env, 1);
	ck_assert_int_eq(init_ripas(GPA, PAGE), wrong_state[_i]);
	ck_assert_int_eq(populate_at(GPA, PAGE, 1), wrong_state[_i]);
	ck_assert_int_eq(operation(RKVM_RME_ACTIVATE_REALM, NULL), -EINVAL);
	ck_assert_int_eq(finalize(vcpu), -ENOENT);
	ck_assert_int_eq(run_vcpu(&env, vcpu), -EPERM);
	ck_assert_int_eq(create(), 0);
	ck_assert_int_eq(create(), -EEXIST);
	ck_assert_int_eq(operation(RKVM_RME_CONFIG_REALM, &config), -EBUSY);
	ck_assert_int_eq(run_vcpu(&env, vcpu), -EPERM);
	ck_assert_int_eq(finalize(vcpu), 0);
	ck_assert_int_eq(finalize(vcpu), -EBUSY);
	ck_assert_int_eq(operation(RKVM_RME_ACTIVATE_REALM, NULL), 0);
	ck_assert_int_eq(operation(RKVM_RME_ACTIVATE_REALM, NULL), -EINVAL);
	ck_assert_int_eq(populate_at(GPA, PAGE, 1), wrong_state[_i]);
	ck_assert_int_eq(init_ripas(GPA, PAGE), wrong_state[_i]);
	ck_assert_int_eq(finalize(other), -ENOENT);
	ck_assert_int_eq(run_vcpu(&env, other), -EINVAL);
	env_close(&env);
}
END_TEST

/* Wrong arguments; and no operation does a part. */
START_TEST(wrong_arguments)
{
	struct rkvm_rme_config config = { .cfg = 5 };
	struct rkvm_enable_cap cap = { .cap = 999 };
	long normal;

	open_rme(_i, true);
	ck_assert_int_eq(operation(5, NULL), -EINVAL);
	ck_assert_int_eq(operation(RKVM_RME_CONFIG_REALM, NULL), -EFAULT);
	ck_assert_int_eq(operation(RKVM_RME_CONFIG_REALM, &config), -EINVAL);
	config.cfg = RKVM_RME_CONFIG_HASH_ALGO;
	config.u.hash_algo = 2;
	ck_assert_int_eq(operation(RKVM_RME_CONFIG_REALM, &config), -EINVAL);
	/* Breakpoints were the RFC's to choose. */
	config.cfg = RKVM_RME_CONFIG_DEBUG;
	config.u.debug.num_brps = config.u.debug.num_wrps = 1;
	ck_assert_int_eq(
	    operation(RKVM_RME_CONFIG_REALM, &config), _i == 0 ? 0 : -EINVAL);
	ck_assert_int_eq(vm_call(&env, RKVM_ENABLE_CAP, &cap), -EINVAL);
	ck_assert_int_eq(vm_call(&env, RKVM_ENABLE_CAP, NULL), -EFAULT);
	ck_assert_int_eq(create(), 0);
	ck_assert_int_eq(
	    operation(RKVM_RME_POPULATE_REALM, (void *)1), -EFAULT);
	ck_assert_int_eq(populate_at(GPA + 1, PAGE, 1), -EINVAL);
	ck_assert_int_eq(populate_at(GPA, PAGE + 1, 1), -EINVAL);
	ck_assert_int_eq(populate_at(GPA, PAGE, 2), -EINVAL);
	ck_assert_int_eq(populate_at(GPA, -GPA, 1), 0 - EINVAL);
	ck_assert_int_eq(populate_at(GPA, 0, 1), 0);
	ck_assert_int_eq(populate_at(GPA - PAGE, PAGE, 1), -EFAULT);
	ck_assert_int_eq(populate_at(GPA + SIZE - PAGE, 2 * PAGE, 1), -EINVAL);
	expect_unmapped(&env, SIZE / PAGE - 1, 1);
	ck_assert_int_eq(init_ripas(-PAGE, 2 * PAGE), -EINVAL);
	/* A source page in the middle: what came before stays, unsaid. */
	mprotect(env.src + 3 * PAGE, PAGE, PROT_NONE);
	ck_assert_int_eq(populate_at(GPA, 5 * PAGE, 1), -EFAULT);
	expect_mapped(&env, 0, 3);
	expect_unmapped(&env, 3, 2);
	mprotect(env.src + 3 * PAGE, PAGE, PROT_READ | PROT_WRITE);
	ck_assert_int_eq(populate_at(GPA, 5 * PAGE, 1), -ENXIO);
	ck_assert_int_eq(populate_at(GPA + 3 * PAGE, 2 * PAGE, 1), 0);
	/* RAM already: no page is stepped over. */
	ck_assert_int_eq(init_ripas(GPA, SIZE), -ENXIO);
	normal =
	    rmmkvm_ioctl(env.kvm, rmmkvm_fd(env.kvm), RKVM_CREATE_VM, IPA_BITS);
	env.vm = (int)normal;
	ck_assert_int_eq(create(), -EINVAL);
	env_close(&env);
}
END_TEST

/* Later postings have no such operations. */
START_TEST(later)
{
	env_open_bare(&env, _i);
	rmmkvm_uapi(env.kvm, &uapi);
	ck_assert_uint_eq(uapi.rec_feature, 0);
	ck_assert_int_eq(create(), -EINVAL);
	env_close(&env);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("rme");
	TCase *cases = tcase_create("operations");

	tcase_set_timeout(cases, 120);
	tcase_add_loop_test(cases, whole_life, 0, 2);
	tcase_add_loop_test(cases, slot_memory, 0, 2);
	tcase_add_loop_test(cases, wrong_time, 0, 2);
	tcase_add_loop_test(cases, wrong_arguments, 0, 2);
	tcase_add_loop_test(cases, later, 0, NUM_PROFILES);
	suite_add_tcase(suite, cases);
	return kvm_test_main(argc, argv, suite);
}
