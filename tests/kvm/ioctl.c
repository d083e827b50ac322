/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The other ioctls of a realm's VMM: what they take, and what each wrong
 * argument answers.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvm-test.h"

static struct env env;

static long
system_call(uint32_t command, uintptr_t arg)
{
	return rmmkvm_ioctl(env.kvm, rmmkvm_fd(env.kvm), command, arg);
}

START_TEST(of_the_system)
{
	static const int caps[NUM_PROFILES] = { 247, 248, 249, 251, 253 };
	int cap = caps[_i];

	env_open_bare(&env, _i);
	ck_assert_int_eq(system_call(RKVM_GET_API_VERSION, 0), 12);
	ck_assert_int_eq(system_call(RKVM_GET_VCPU_MMAP_SIZE, 0), 4096);
	ck_assert_int_eq(system_call(RKVM_CHECK_EXTENSION, (uintptr_t)cap), 1);
	ck_assert_int_eq(
	    system_call(RKVM_CHECK_EXTENSION, (uintptr_t)cap + 100), 0);
	ck_assert_int_eq(
	    system_call(RKVM_CHECK_EXTENSION, RKVM_CAP_MEMORY_ATTRIBUTES),
	    env.v15 ? 0 : 8);
	ck_assert_int_eq(
	    system_call(RKVM_CHECK_EXTENSION, 250), _i == 3 ? 8 : 0);
	ck_assert_int_eq(
	    system_call(RKVM_CHECK_EXTENSION, 252), env.latest ? 8 : 0);
	ck_assert_int_eq(
	    system_call(RKVM_CHECK_EXTENSION, RKVM_CAP_GUEST_MEMFD_FLAGS),
	    env.v15 ? 3 : 0);
	ck_assert_int_eq(system_call(0xAE99, 0), -ENOTTY);
	ck_assert_int_eq(
	    rmmkvm_ioctl(env.kvm, 9999, RKVM_GET_API_VERSION, 0), -EBADF);
	ck_assert_int_eq(rmmkvm_ioctl(env.kvm, -1, 0, 0), -EBADF);
	ck_assert_int_eq(rmmkvm_close_fd(env.kvm, 9999), -EBADF);
	ck_assert(rmmkvm_owns(env.kvm, env.vm));
	ck_assert(!rmmkvm_owns(env.kvm, 0));
	env_close(&env);
}
END_TEST

/*
 * Bits 7:0 say how wide addresses are; to v13 bits 11:8 what kind of VM, from
 * then on bit 30, beside pKVM's bit 31.
 */
START_TEST(vm_types)
{
	static const struct {
		uint64_t type;
		int v12, v14;
	} rows[] = { { 0x000, 0, 0 }, { 0x100, 0, -EINVAL },
		{ 0x100 | 32, 0, -EINVAL }, { 0x100 | 48, 0, -EINVAL },
		{ 0x100 | 49, -EINVAL, -EINVAL },
		{ 0x100 | 31, -EINVAL, -EINVAL }, { 0x200, -EINVAL, -EINVAL },
		{ 0xf00, -EINVAL, -EINVAL }, { 0x1000 | 40, -EINVAL, -EINVAL },
		{ 0x40000000 | 40, -EINVAL, 0 }, { 0x40000000, -EINVAL, 0 },
		{ 0x40000000 | 48, -EINVAL, 0 },
		{ 0x40000000 | 49, -EINVAL, -EINVAL },
		{ 0x40000000 | 31, -EINVAL, -EINVAL },
		{ 1ull << 31 | 40, -EINVAL, -EINVAL },
		{ 3ull << 30 | 40, -EINVAL, -EINVAL }, { 31, -EINVAL, -EINVAL },
		{ 255, -EINVAL, -EINVAL }, { 1ull << 40, -EINVAL, -EINVAL } };
	bool v14 = _i >= 2;

	env_open_bare(&env, _i);
	ck_assert_uint_eq(
	    rmmkvm_realm_type(env.kvm, 40), v14 ? 0x40000028 : 0x128);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		long fd = system_call(RKVM_CREATE_VM, rows[i].type);
		int error = v14 ? rows[i].v14 : rows[i].v12;

		ck_assert_msg(error == 0 ? fd >= 0 : fd == error,
		    "type 0x%lx: %ld", (unsigned long)rows[i].type, fd);
		if (fd >= 0)
			ck_assert_int_eq(rmmkvm_close_fd(env.kvm, (int)fd), 0);
	}
	env_close(&env);
}
END_TEST

/* A realm VM answers for a few capabilities only. */
START_TEST(vm_extensions)
{
	struct rkvm_enable_cap cap = { .cap = 9999 };

	env_open_bare(&env, _i);
	ck_assert_int_eq(rmmkvm_ioctl(env.kvm, env.vm, RKVM_CHECK_EXTENSION,
			     RKVM_CAP_IRQCHIP),
	    1);
	ck_assert_int_eq(rmmkvm_ioctl(env.kvm, env.vm, RKVM_CHECK_EXTENSION,
			     RKVM_CAP_ARM_VM_IPA_SIZE),
	    48);
	ck_assert_int_eq(rmmkvm_ioctl(env.kvm, env.vm, RKVM_CHECK_EXTENSION,
			     RKVM_CAP_IMMEDIATE_EXIT),
	    0);
	ck_assert_int_eq(
	    system_call(RKVM_CHECK_EXTENSION, RKVM_CAP_IMMEDIATE_EXIT), 1);
	ck_assert_int_eq(vm_call(&env, RKVM_ENABLE_CAP, &cap), -EINVAL);
	ck_assert_int_eq(vm_call(&env, 0xAEFF, NULL), -ENOTTY);
	env_close(&env);
}
END_TEST

START_TEST(guest_memfds)
{
	static const struct {
		uint64_t size, flags;
	} rows[] = { { 0, 0 }, { 1, 0 }, { PAGE + 1, 0 }, { PAGE, 4 },
		{ PAGE, 1ull << 63 }, { 1ull << 63, 0 } };
	struct rkvm_create_guest_memfd create;
	long normal, fd;

	env_open_bare(&env, _i);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		create = (struct rkvm_create_guest_memfd){ .size = rows[i].size,
			.flags = rows[i].flags };
		ck_assert_int_eq(
		    vm_call(&env, RKVM_CREATE_GUEST_MEMFD, &create), -EINVAL);
	}
	ck_assert_int_eq(vm_call(&env, RKVM_CREATE_GUEST_MEMFD, NULL), -EFAULT);
	/* A tebibyte costs nothing. */
	fd = make_gmem(&env, 1ull << 40);
	ck_assert_int_eq(rmmkvm_ioctl(env.kvm, (int)fd, 0xAE00, 0), -ENOTTY);
	ck_assert_int_eq(rmmkvm_punch_hole(env.kvm, (int)fd, 0, 1ull << 40), 0);
	ck_assert_int_eq(rmmkvm_punch_hole(env.kvm, (int)fd, 1, PAGE), -EINVAL);
	ck_assert_int_eq(rmmkvm_punch_hole(env.kvm, env.vm, 0, PAGE), -EINVAL);
	normal = system_call(RKVM_CREATE_VM, 0);
	create = (struct rkvm_create_guest_memfd){ .size = PAGE };
	ck_assert_int_eq(rmmkvm_ioctl(env.kvm, (int)normal,
			     RKVM_CREATE_GUEST_MEMFD, (uintptr_t)&create),
	    -EINVAL);
	env_close(&env);
}
END_TEST

/* Each row is a slot beside one of 16 pages at GPA, number 0. */
START_TEST(slots)
{
	static const struct {
		const char *what;
		uint32_t slot, flags;
		uint64_t gpa, size, uaddr, offset;
		long result;
	} rows[] = {
		{ "good", 1, 4, 0x90000000, 8 * PAGE, 0, 16 * PAGE, 0 },
		{ "plain", 1, 0, 0x90000000, 8 * PAGE, PAGE, 0, 0 },
		{ "read-only", 1, 2, 0x90000000, PAGE, PAGE, 0, 0 },
		{ "flags", 1, 8, 0x90000000, PAGE, 0, 0, -EINVAL },
		{ "both", 1, 6, 0x90000000, PAGE, 0, 16 * PAGE, -EINVAL },
		{ "gpa", 1, 4, 0x90000001, PAGE, 0, 16 * PAGE, -EINVAL },
		{ "size", 1, 4, 0x90000000, 1, 0, 16 * PAGE, -EINVAL },
		{ "uaddr", 1, 4, 0x90000000, PAGE, 5, 16 * PAGE, -EINVAL },
		{ "offset", 1, 4, 0x90000000, PAGE, 0, 17, -EINVAL },
		{ "offset wraps", 1, 4, 0x90000000, PAGE, 0, -PAGE, -EINVAL },
		{ "file's end", 1, 4, 0x90000000, 2 * PAGE, 0, 31 * PAGE,
		    -EINVAL },
		{ "bound", 1, 4, 0x90000000, 2 * PAGE, 0, 15 * PAGE, -EINVAL },
		{ "number", 32767, 4, 0x90000000, PAGE, 0, 16 * PAGE, -EINVAL },
		{ "overlap", 1, 0, GPA + 15 * PAGE, PAGE, 0, 0, -EEXIST },
		{ "no overlap", 1, 0, GPA + 16 * PAGE, PAGE, 0, 0, 0 },
		{ "too high", 1, 0, 1ull << 40, PAGE, 0, 0, -EFAULT },
		{ "wraps", 1, 0, -PAGE, 2 * PAGE, 0, 0, -EINVAL },
		{ "change", 0, 4, GPA + 16 * PAGE, 16 * PAGE, 0, 0, -EINVAL },
		{ "none to delete", 5, 0, 0, 0, 0, 0, -EINVAL },
		{ "delete", 0, 0, GPA, 0, 0, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rkvm_memory_region2 region = {
			.slot = rows[i].slot,
			.flags = rows[i].flags,
			.guest_phys_addr = rows[i].gpa,
			.memory_size = rows[i].size,
			.userspace_addr = rows[i].uaddr,
			.guest_memfd_offset = rows[i].offset,
		};
		long result;

		env_open_bare(&env, _i);
		env.gmem = make_gmem(&env, 32 * PAGE);
		ck_assert_int_eq(
		    set_slot(&env, 0, GPA, 16 * PAGE, env.gmem, 0), 0);
		region.guest_memfd = (uint32_t)env.gmem;
		result = vm_call(&env, RKVM_SET_USER_MEMORY_REGION2, &region);
		ck_assert_msg(
		    result == rows[i].result, "%s: %ld", rows[i].what, result);
		env_close(&env);
	}
}
END_TEST

/* The descriptor in a slot, and the older ioctl. */
START_TEST(slot_files)
{
	struct rkvm_memory_region old = {
		.slot = 3,
		.guest_phys_addr = 0x90000000,
		.memory_size = PAGE,
	};
	int gmem;
	long other;

	env_open_bare(&env, _i);
	ck_assert_int_eq(set_slot(&env, 0, GPA, PAGE, 9999, 0), -EBADF);
	ck_assert_int_eq(set_slot(&env, 0, GPA, PAGE, env.vm, 0), -EINVAL);
	other =
	    system_call(RKVM_CREATE_VM, rmmkvm_realm_type(env.kvm, IPA_BITS));
	gmem = make_gmem(&env, PAGE);
	env.vm = (int)other;
	ck_assert_int_eq(set_slot(&env, 0, GPA, PAGE, gmem, 0), -EINVAL);
	ck_assert_int_eq(vm_call(&env, RKVM_SET_USER_MEMORY_REGION, &old), 0);
	old.flags = RKVM_MEM_GUEST_MEMFD;
	ck_assert_int_eq(
	    vm_call(&env, RKVM_SET_USER_MEMORY_REGION, &old), -EINVAL);
	env_close(&env);
}
END_TEST

/* A slot that is deleted takes its pages out of the realm, not of the file. */
START_TEST(slot_deleted)
{
	struct rkvm_populate args;

	env_open(&env, _i, 8 * PAGE);
	args = args_for(&env, 0, 8 * PAGE);
	expect_populate(&env, &args, 8);
	ck_assert_int_eq(set_slot(&env, 0, GPA, 0, -1, 0), 0);
	expect_unmapped(&env, 0, 8);
	expect_populate(&env, &args, -EINVAL);
	ck_assert_int_eq(set_slot(&env, 0, GPA, 8 * PAGE, env.gmem, 0), 0);
	expect_populates(&env, &args, -EEXIST, 8);
	env_close(&env);
}
END_TEST

/* Ranges of attributes: split, joined, swallowed; seen through populate. */
START_TEST(attributes)
{
	struct rkvm_memory_attributes bad[] = {
		{ GPA, PAGE, 8, 1 },
		{ GPA, PAGE, 4, 0 },
		{ GPA, PAGE, 9, 0 },
		{ GPA, 0, 8, 0 },
		{ GPA, 1, 8, 0 },
		{ GPA + 1, PAGE, 8, 0 },
		{ -PAGE, 2 * PAGE, 8, 0 },
	};
	bool private[64];
	unsigned seed = 1;

	env_open(&env, _i, 64 * PAGE);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(
		    vm_call(&env, RKVM_SET_MEMORY_ATTRIBUTES, &bad[i]),
		    env.v15 ? -ENOTTY : -EINVAL);
	memset(private, 1, sizeof(private));
	for (int round = 0; round < 3000; round++) {
		unsigned first, num;
		bool want;

		seed = seed * 1103515245 + 12345;
		first = seed >> 8 & 63;
		num = (seed >> 16 & 15) + 1;
		num = num < 64 - first ? num : 64 - first;
		want = seed >> 30 & 1;
		ck_assert_int_eq(
		    set_private(&env, GPA + first * PAGE, num * PAGE, want), 0);
		memset(private + first, want, num);
	}
	for (unsigned page = 0; page < 64; page++) {
		struct rkvm_populate args = args_for(&env, page * PAGE, PAGE);

		expect_populate(&env, &args, private[page] ? 1 : -EINVAL);
	}
	env_close(&env);
}
END_TEST

/* From v15 on they are the guest_memfd's, by offset. */
START_TEST(file_attributes)
{
	static const struct rkvm_memory_attributes2 rows[] = {
		{ .size = PAGE, .attributes = 8, .flags = 1 },
		{ .size = PAGE, .attributes = 4 },
		{ .size = PAGE, .attributes = 9 },
		{ .size = 0 },
		{ .size = 1 },
		{ .offset = 1, .size = PAGE },
		{ .offset = -PAGE, .size = 2 * PAGE },
		{ .offset = 63 * PAGE, .size = 2 * PAGE },
		{ .offset = 64 * PAGE, .size = PAGE },
		{ .size = PAGE, .error_offset = 1 },
		{ .size = PAGE, .reserved = { [10] = 1 } },
	};
	struct rkvm_memory_attributes2 good = { .size = 64 * PAGE };

	env_open(&env, _i, 64 * PAGE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_int_eq(
		    rmmkvm_ioctl(env.kvm, env.gmem, RKVM_SET_MEMORY_ATTRIBUTES2,
			(uintptr_t)&rows[i]),
		    env.v15 ? -EINVAL : -ENOTTY);
	ck_assert_int_eq(rmmkvm_ioctl(env.kvm, env.gmem,
			     RKVM_SET_MEMORY_ATTRIBUTES2, (uintptr_t)&good),
	    env.v15 ? 0 : -ENOTTY);
	ck_assert_int_eq(
	    rmmkvm_ioctl(env.kvm, env.gmem, RKVM_SET_MEMORY_ATTRIBUTES2, 0),
	    env.v15 ? -EFAULT : -ENOTTY);
	env_close(&env);
}
END_TEST

START_TEST(vcpus)
{
	struct rkvm_vcpu_init init = { .target = 5, .features = { 1 << 1 } };
	uint64_t value = 0x1122334455667788, back = 0;
	struct rkvm_one_reg reg = { .addr = (uintptr_t)&value };
	long fd;

	env_open(&env, _i, PAGE);
	ck_assert_int_eq(
	    rmmkvm_ioctl(env.kvm, env.vm, RKVM_CREATE_VCPU, 512), -EINVAL);
	fd = rmmkvm_ioctl(env.kvm, env.vm, RKVM_CREATE_VCPU, 0);
	ck_assert_int_eq(
	    rmmkvm_ioctl(env.kvm, env.vm, RKVM_CREATE_VCPU, 0), -EEXIST);
	reg.id = RKVM_REG_PC;
	ck_assert_int_eq(
	    rmmkvm_ioctl(env.kvm, (int)fd, RKVM_SET_ONE_REG, (uintptr_t)&reg),
	    -ENOEXEC);
	/* A realm's vCPU is not of 32 bits, and there is no feature 31. */
	ck_assert_int_eq(rmmkvm_ioctl(env.kvm, (int)fd, RKVM_ARM_VCPU_INIT,
			     (uintptr_t)&init),
	    -EINVAL);
	init.features[0] = 1u << 31;
	ck_assert_int_eq(rmmkvm_ioctl(env.kvm, (int)fd, RKVM_ARM_VCPU_INIT,
			     (uintptr_t)&init),
	    -ENOENT);
	init.features[0] = 1u << RKVM_ARM_VCPU_PSCI_0_2;
	ck_assert_int_eq(rmmkvm_ioctl(env.kvm, (int)fd, RKVM_ARM_VCPU_INIT,
			     (uintptr_t)&init),
	    0);
	for (uint64_t n = 0; n <= 31; n++) {
		value++;
		reg.id = n < 31 ? RKVM_REG_X(n) : RKVM_REG_PC;
		reg.addr = (uintptr_t)&value;
		ck_assert_int_eq(rmmkvm_ioctl(env.kvm, (int)fd,
				     RKVM_SET_ONE_REG, (uintptr_t)&reg),
		    0);
		reg.addr = (uintptr_t)&back;
		ck_assert_int_eq(rmmkvm_ioctl(env.kvm, (int)fd,
				     RKVM_GET_ONE_REG, (uintptr_t)&reg),
		    0);
		ck_assert_uint_eq(back, value);
	}
	/* sp is no register of a realm that can be set; MPIDR can be read. */
	reg.id = RKVM_REG_X(31);
	ck_assert_int_eq(
	    rmmkvm_ioctl(env.kvm, (int)fd, RKVM_SET_ONE_REG, (uintptr_t)&reg),
	    -EINVAL);
	reg.id = RKVM_REG_MPIDR_EL1;
	ck_assert_int_eq(
	    rmmkvm_ioctl(env.kvm, (int)fd, RKVM_GET_ONE_REG, (uintptr_t)&reg),
	    0);
	ck_assert_uint_eq(back, 1ull << 31);
	ck_assert_int_eq(rmmkvm_ioctl(env.kvm, (int)fd, RKVM_PSCI_COMPLETE, 0),
	    _i < 2 ? -EPERM : -ENOTTY);
	env_close(&env);
}
END_TEST

START_TEST(devices)
{
	struct rkvm_create_device create = { .type = 5 };
	struct rkvm_device_attr attr = { .group = 99 };
	int gic;

	env_open_bare(&env, _i);
	ck_assert_int_eq(vm_call(&env, RKVM_CREATE_DEVICE, &create), -ENODEV);
	create = (struct rkvm_create_device){ .type = 7, .flags = 1 };
	ck_assert_int_eq(vm_call(&env, RKVM_CREATE_DEVICE, &create), 0);
	gic = make_gic(&env);
	create.flags = 0;
	ck_assert_int_eq(vm_call(&env, RKVM_CREATE_DEVICE, &create), -EEXIST);
	ck_assert_int_eq(
	    rmmkvm_ioctl(env.kvm, gic, RKVM_HAS_DEVICE_ATTR, (uintptr_t)&attr),
	    -ENXIO);
	/* After its initialisation no vCPU can come. */
	ck_assert_int_eq(
	    rmmkvm_ioctl(env.kvm, env.vm, RKVM_CREATE_VCPU, 0), -EBUSY);
	env_close(&env);
}
END_TEST

/* No such profile; no daemon. */
START_TEST(openings)
{
	struct rmmkvm_config config = { .profile = "v99" };

	ck_assert_ptr_null(rmmkvm_open(&config));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_ptr_nonnull(strstr(rmmkvm_error(), "v99"));
	config = (struct rmmkvm_config){ .socket = "/nonexistent" };
	ck_assert_ptr_null(rmmkvm_open(&config));
	ck_assert_int_eq(errno, ENOENT);
	config = (struct rmmkvm_config){ .bugs = "wrap,typo" };
	ck_assert_ptr_null(rmmkvm_open(&config));
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

/* The environment chooses for who does not. */
START_TEST(environment)
{
	struct rmmkvm_config config = { .profile = "v12" };
	struct rmmkvm_uapi uapi;
	struct rmmkvm *kvm;

	for (const char *const *name = rmmkvm_profiles(); *name != NULL;
	     name++) {
		ck_assert_ptr_nonnull(rmmkvm_profile_about(*name));
		setenv("RMM_KVM_PROFILE", *name, 1);
		kvm = rmmkvm_open(NULL);
		ck_assert_msg(kvm != NULL, "%s", rmmkvm_error());
		rmmkvm_uapi(kvm, &uapi);
		ck_assert_str_eq(uapi.profile, *name);
		ck_assert_int_eq(rmmkvm_ioctl(kvm, rmmkvm_fd(kvm),
				     RKVM_CHECK_EXTENSION, uapi.cap_rmi),
		    1);
		rmmkvm_close(kvm);
	}
	kvm = rmmkvm_open(&config);
	rmmkvm_uapi(kvm, &uapi);
	ck_assert_str_eq(uapi.profile, "v12");
	rmmkvm_close(kvm);
	setenv("RMM_KVM_PROFILE", "v99", 1);
	ck_assert_ptr_null(rmmkvm_open(NULL));
	ck_assert_ptr_nonnull(strstr(rmmkvm_error(), "v99"));
}
END_TEST

/* Bugs of a posting can be switched off, by name or all. */
START_TEST(bugs)
{
	static const char *const off[] = { "none", "status-as-count" };

	for (size_t i = 0; i < 2; i++) {
		struct rkvm_populate args;

		setenv("RMM_KVM_BUGS", off[i], 1);
		env_open(&env, 1, 4 * PAGE);
		args = args_for(&env, 0, PAGE);
		args.size = -GPA;
		expect_populate(&env, &args, -EINVAL); /* "wrap" */
		args = args_for(&env, 0, PAGE);
		expect_populate(&env, &args, 1);
		ck_assert_int_eq(
		    rmi_realm_activate(raw(&env), realm_rd(&env)), 0);
		args = args_for(&env, PAGE, 3 * PAGE);
		expect_populate(&env, &args, i == 0 ? -ENXIO : 2);
		env_close(&env);
	}
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("ioctl");
	TCase *cases = tcase_create("ioctl");

	tcase_set_timeout(cases, 120);
	tcase_add_loop_test(cases, of_the_system, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, vm_types, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, vm_extensions, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, guest_memfds, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, slots, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, slot_files, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, slot_deleted, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, attributes, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, file_attributes, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, vcpus, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, devices, 0, NUM_PROFILES);
	tcase_add_test(cases, openings);
	tcase_add_test(cases, environment);
	tcase_add_test(cases, bugs);
	suite_add_tcase(suite, cases);
	return kvm_test_main(argc, argv, suite);
}
