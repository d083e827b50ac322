/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a VMM touches beside memory: devices and their attributes, registers,
 * the state of vCPUs.  What was set can be read, what is said to be
 * there can be used, and what is wrong is told apart.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvm-test.h"

#define V13 1
#define V14 2

static struct env env;

static long
attribute(
    int fd, uint32_t command, uint32_t group, uint64_t number, void *value)
{
	struct rkvm_device_attr attr = {
		.group = group,
		.attr = number,
		.addr = (uintptr_t)value,
	};

	return rmmkvm_ioctl(env.kvm, fd, command, (uintptr_t)&attr);
}

static long
get_attr(int fd, uint32_t group, uint64_t number, void *value)
{
	return attribute(fd, RKVM_GET_DEVICE_ATTR, group, number, value);
}

static long
has_attr(int fd, uint32_t group, uint64_t number)
{
	return attribute(fd, RKVM_HAS_DEVICE_ATTR, group, number, NULL);
}

static int
create_device(uint32_t type)
{
	struct rkvm_create_device create = { .type = type };

	ck_assert_int_eq(vm_call(&env, RKVM_CREATE_DEVICE, &create), 0);
	return (int)create.fd;
}

static long
vcpu_call(int vcpu, uint32_t command, const void *arg)
{
	return rmmkvm_ioctl(env.kvm, vcpu, command, (uintptr_t)arg);
}

/* ---- Devices ------------------------------------------------------------ */

START_TEST(gic_addresses)
{
	uint64_t base, bad = 0x8001000, far = 1ull << 40, good = 0x8000000;
	int gic;

	env_open_bare(&env, _i);
	gic = create_device(7);
	for (uint64_t type = 2; type <= 3; type++) {
		ck_assert_int_eq(has_attr(gic, 0, type), 0);
		ck_assert_int_eq(get_attr(gic, 0, type, &base), 0);
		ck_assert_uint_eq(base, ~0ull);
		ck_assert_int_eq(set_attr(&env, gic, 0, type, &bad), -EINVAL);
		ck_assert_int_eq(set_attr(&env, gic, 0, type, &far), -E2BIG);
		ck_assert_int_eq(set_attr(&env, gic, 0, type, NULL), -EFAULT);
		ck_assert_int_eq(set_attr(&env, gic, 0, type, &good), 0);
		ck_assert_int_eq(set_attr(&env, gic, 0, type, &good), -EEXIST);
		ck_assert_int_eq(get_attr(gic, 0, type, &base), 0);
		ck_assert_uint_eq(base, good);
		good += 0xa0000;
	}
	ck_assert_int_eq(has_attr(gic, 0, 0), -ENXIO);
	ck_assert_int_eq(has_attr(gic, 0, 4), -ENXIO);
	env_close(&env);
	/* A region of redistributors says how many it has. */
	env_open_bare(&env, _i);
	gic = create_device(7);
	ck_assert_int_eq(has_attr(gic, 0, 5), 0);
	base = 0x9000000;
	ck_assert_int_eq(set_attr(&env, gic, 0, 5, &base), -EINVAL);
	base |= 4ull << 52;
	ck_assert_int_eq(set_attr(&env, gic, 0, 5, &base), 0);
	env_close(&env);
}
END_TEST

/* GICD_TYPER says as many lines as were asked for. */
START_TEST(gic_lines)
{
	static const uint32_t bad[] = { 0, 32, 63, 65, 1056 };
	uint32_t number = 288, value = 0;
	int gic;

	env_open_bare(&env, _i);
	gic = create_device(7);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(set_attr(&env, gic, 3, 0, &bad[i]), -EINVAL);
	ck_assert_int_eq(get_attr(gic, 3, 0, &value), 0);
	ck_assert_uint_eq(value, 256);
	ck_assert_int_eq(set_attr(&env, gic, 3, 0, &number), 0);
	ck_assert_int_eq(set_attr(&env, gic, 3, 0, &number), -EBUSY);
	ck_assert_int_eq(get_attr(gic, 1, 4, &value), -EBUSY);
	ck_assert_int_eq(set_attr(&env, gic, 4, 3, NULL), -EBUSY);
	ck_assert_int_eq(set_attr(&env, gic, 4, 0, NULL), 0);
	ck_assert_int_eq(get_attr(gic, 3, 0, &value), 0);
	ck_assert_uint_eq(value, 288);
	ck_assert_int_eq(get_attr(gic, 1, 4, &value), 0);
	ck_assert_uint_eq(value, 0x480008);
	ck_assert_int_eq(set_attr(&env, gic, 4, 3, NULL), 0);
	ck_assert_int_eq(has_attr(gic, 4, 1), -ENXIO);
	ck_assert_int_eq(has_attr(gic, 99, 0), -ENXIO);
	env_close(&env);
}
END_TEST

/* Registers are kept by frame and vCPU; those that say what it is are not. */
START_TEST(gic_registers)
{
	uint32_t word, other = 0x12345678;
	uint64_t wide, cpu1 = 1ull << 32;
	int gic;

	env_open_bare(&env, V13);
	make_vcpu(&env, 0);
	make_vcpu(&env, 1);
	gic = make_gic(&env);
	ck_assert_int_eq(get_attr(gic, 1, 0x420, &word), 0);
	ck_assert_uint_eq(word, 0);
	ck_assert_int_eq(set_attr(&env, gic, 1, 0x420, &other), 0);
	/* The distributor is one, through whatever vCPU. */
	ck_assert_int_eq(get_attr(gic, 1, cpu1 | 0x420, &word), 0);
	ck_assert_uint_eq(word, other);
	ck_assert_int_eq(set_attr(&env, gic, 5, 0x10080, &other), 0);
	ck_assert_int_eq(get_attr(gic, 5, cpu1 | 0x10080, &word), 0);
	ck_assert_uint_eq(word, 0);
	ck_assert_int_eq(get_attr(gic, 5, 0x10080, &word), 0);
	ck_assert_uint_eq(word, other);
	/* GICR_TYPER: number, last; affinity. */
	ck_assert_int_eq(get_attr(gic, 5, 8, &word), 0);
	ck_assert_uint_eq(word, 0);
	ck_assert_int_eq(get_attr(gic, 5, cpu1 | 8, &word), 0);
	ck_assert_uint_eq(word, 0x110);
	ck_assert_int_eq(get_attr(gic, 5, cpu1 | 12, &word), 0);
	ck_assert_uint_eq(word, 1);
	/* ICC_CTLR_EL1, ICC_SRE_EL1 and one that is none. */
	ck_assert_int_eq(get_attr(gic, 6, 0xc664, &wide), 0);
	ck_assert_uint_eq(wide, 0x400);
	ck_assert_int_eq(get_attr(gic, 6, 0xc665, &wide), 0);
	ck_assert_uint_eq(wide, 7);
	ck_assert_int_eq(get_attr(gic, 6, 0xc666, &wide), 0);
	ck_assert_int_eq(has_attr(gic, 6, 0xc000), -ENXIO);
	ck_assert_int_eq(has_attr(gic, 1, 0x10000), -ENXIO);
	ck_assert_int_eq(has_attr(gic, 1, 2), -ENXIO);
	ck_assert_int_eq(has_attr(gic, 5, 7ull << 32), -EINVAL);
	env_close(&env);
}
END_TEST

START_TEST(its)
{
	struct rkvm_create_device test = { .type = 8, .flags = 1 };
	uint64_t value = 0x8080000, back;
	int first, second;

	env_open_bare(&env, V13);
	ck_assert_int_eq(vm_call(&env, RKVM_CREATE_DEVICE, &test), 0);
	test.flags = 0;
	ck_assert_int_eq(vm_call(&env, RKVM_CREATE_DEVICE, &test), -ENODEV);
	create_device(7);
	first = create_device(8);
	second = create_device(8);
	ck_assert_int_eq(has_attr(first, 8, 0), 0);
	ck_assert_int_eq(has_attr(first, 8, 0x20), -ENXIO);
	ck_assert_int_eq(get_attr(first, 8, 8, &back), -ENXIO);
	ck_assert_int_eq(set_attr(&env, first, 0, 4, &value), 0);
	ck_assert_int_eq(set_attr(&env, first, 0, 4, &value), -EEXIST);
	ck_assert_int_eq(get_attr(first, 0, 4, &back), 0);
	ck_assert_uint_eq(back, value);
	value += 0x20000;
	ck_assert_int_eq(set_attr(&env, second, 0, 4, &value), 0);
	value = 77;
	ck_assert_int_eq(set_attr(&env, first, 8, 0x100, &value), 0);
	ck_assert_int_eq(get_attr(first, 8, 0x100, &back), 0);
	ck_assert_uint_eq(back, 77);
	ck_assert_int_eq(get_attr(second, 8, 0x100, &back), 0);
	ck_assert_uint_eq(back, 0);
	for (uint64_t control = 0; control <= 5; control++)
		ck_assert_int_eq(has_attr(first, 4, control),
		    control == 3 || control == 5 ? -ENXIO : 0);
	ck_assert_int_eq(set_attr(&env, first, 4, 4, NULL), 0);
	ck_assert_int_eq(has_attr(first, 1, 0), -ENXIO);
	env_close(&env);
}
END_TEST

/* KVM_RUN needs a GIC that is somewhere and initialised; the realm is kept. */
START_TEST(gic_needed)
{
	static const uint64_t dist = 0x8000000, redist = 0x80a0000;
	int vcpu, gic;

	env_open(&env, _i, MIB);
	vcpu = make_vcpu(&env, 0);
	gic = create_device(7);
	if (!env.latest)
		ck_assert_int_eq(run_vcpu(&env, vcpu), -ENXIO);
	ck_assert_int_eq(set_attr(&env, gic, 0, 2, &dist), 0);
	ck_assert_int_eq(set_attr(&env, gic, 0, 3, &redist), 0);
	ck_assert_int_eq(run_vcpu(&env, vcpu), env.latest ? -ENODEV : -EBUSY);
	ck_assert_int_eq(realm_state(&env), RMMKVM_NONE);
	ck_assert_int_eq(set_attr(&env, gic, 4, 0, NULL), 0);
	ck_assert_int_eq(run_vcpu(&env, vcpu), 0);
	env_close(&env);
}
END_TEST

/* ---- vCPUs -------------------------------------------------------------- */

START_TEST(register_list)
{
	struct {
		uint64_t n;
		uint64_t ids[256];
	} list = { .n = 0 };
	uint64_t value[8], room;
	int vcpu;

	env_open_bare(&env, _i);
	vcpu = make_vcpu(&env, 0);
	ck_assert_int_eq(vcpu_call(vcpu, RKVM_GET_REG_LIST, &list), -E2BIG);
	ck_assert_uint_gt(list.n, 32);
	ck_assert_uint_lt(list.n, 256);
	room = list.n;
	list.n--;
	ck_assert_int_eq(vcpu_call(vcpu, RKVM_GET_REG_LIST, &list), -E2BIG);
	ck_assert_uint_eq(list.n, room);
	ck_assert_int_eq(vcpu_call(vcpu, RKVM_GET_REG_LIST, &list), 0);
	/* All that is listed can be read. */
	for (size_t i = 0; i < list.n; i++) {
		struct rkvm_one_reg reg = { list.ids[i], (uintptr_t)value };

		ck_assert_int_eq(vcpu_call(vcpu, RKVM_GET_ONE_REG, &reg), 0);
		for (size_t j = 0; j < i; j++)
			ck_assert_uint_ne(list.ids[i], list.ids[j]);
	}
	env_close(&env);
}
END_TEST

/* What a realm's owner may set; ID registers can be read all the same. */
START_TEST(realm_registers)
{
	static const struct {
		uint64_t id;
		int v13, v14;
	} rows[] = {
		{ RKVM_REG_X(0), 0, 0 },
		{ RKVM_REG_X(30), 0, 0 },
		{ RKVM_REG_PC, 0, 0 },
		{ RKVM_REG_PMCR_EL0, 0, -EINVAL },
		{ RKVM_REG_MPIDR_EL1, -EINVAL, -EINVAL },
		{ RKVM_REG_FW_PSCI_VERSION, -EINVAL, -EINVAL },
		{ RKVM_REG_TIMER_CNT, -EINVAL, -EINVAL },
		{ RKVM_REG_SVE_VLS, -ENOENT, -ENOENT },
		{ 0x603000000013c020, -EINVAL, -EINVAL },
		{ ~0ull, -EINVAL, -EINVAL },
	};
	uint64_t value[8] = { 0 }, features;
	struct rkvm_one_reg reg = { .addr = (uintptr_t)value };
	int vcpu;

	env_open_bare(&env, _i);
	vcpu = make_vcpu(&env, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		reg.id = rows[i].id;
		ck_assert_int_eq(vcpu_call(vcpu, RKVM_SET_ONE_REG, &reg),
		    _i >= V14 ? rows[i].v14 : rows[i].v13);
	}
	/* ID_AA64DFR0_EL1 shows the RMM's breakpoints, and can be kept. */
	ck_assert_int_eq(rmi_features(raw(&env), 0, &features), 0);
	reg.id = RKVM_REG_ID_AA64DFR0_EL1;
	ck_assert_int_eq(vcpu_call(vcpu, RKVM_GET_ONE_REG, &reg), 0);
	ck_assert_uint_eq(
	    value[0] >> 12 & 0xf, RMI_FEATURE0_GET(features, NUM_BPS));
	ck_assert_int_eq(vcpu_call(vcpu, RKVM_SET_ONE_REG, &reg), 0);
	value[0] ^= 1ull << 12;
	ck_assert_int_eq(vcpu_call(vcpu, RKVM_SET_ONE_REG, &reg), -EINVAL);
	/* Every ID register of the space is there, 0 or not. */
	for (uint64_t id = 0x603000000013c000; id <= 0x603000000013c03f; id++) {
		reg.id = id;
		ck_assert_int_eq(vcpu_call(vcpu, RKVM_GET_ONE_REG, &reg), 0);
	}
	reg.id = RKVM_REG_X(31);
	ck_assert_int_eq(vcpu_call(vcpu, RKVM_GET_ONE_REG, &reg), -ENOENT);
	env_close(&env);
}
END_TEST

START_TEST(state)
{
	struct rkvm_vcpu_init init = { .target = 5, .features = { 5 } };
	struct rkvm_vcpu_events events;
	uint32_t mp_state = 99;
	int vcpu;

	env_open_bare(&env, _i);
	vcpu = make_vcpu(&env, 0);
	ck_assert_int_eq(vcpu_call(vcpu, RKVM_GET_MP_STATE, &mp_state), 0);
	ck_assert_uint_eq(mp_state, RKVM_MP_STATE_RUNNABLE);
	mp_state = 1;
	ck_assert_int_eq(
	    vcpu_call(vcpu, RKVM_SET_MP_STATE, &mp_state), -EINVAL);
	mp_state = RKVM_MP_STATE_STOPPED;
	ck_assert_int_eq(vcpu_call(vcpu, RKVM_SET_MP_STATE, &mp_state), 0);
	mp_state = 99;
	ck_assert_int_eq(vcpu_call(vcpu, RKVM_GET_MP_STATE, &mp_state), 0);
	ck_assert_uint_eq(mp_state, RKVM_MP_STATE_STOPPED);
	/* POWER_OFF is that, from the start. */
	vcpu = (int)rmmkvm_ioctl(env.kvm, env.vm, RKVM_CREATE_VCPU, 1);
	ck_assert_int_eq(
	    vcpu_call(vcpu, RKVM_GET_VCPU_EVENTS, &events), -ENOEXEC);
	ck_assert_int_eq(vcpu_call(vcpu, RKVM_ARM_VCPU_INIT, &init), 0);
	ck_assert_int_eq(vcpu_call(vcpu, RKVM_GET_MP_STATE, &mp_state), 0);
	ck_assert_uint_eq(mp_state, RKVM_MP_STATE_STOPPED);

	memset(&events, 1, sizeof(events));
	ck_assert_int_eq(vcpu_call(vcpu, RKVM_GET_VCPU_EVENTS, &events), 0);
	ck_assert_uint_eq(events.exception.serror_pending, 0);
	ck_assert_int_eq(vcpu_call(vcpu, RKVM_SET_VCPU_EVENTS, &events), 0);
	events.exception.serror_pending = 1;
	ck_assert_int_eq(
	    vcpu_call(vcpu, RKVM_SET_VCPU_EVENTS, &events), -EINVAL);
	events.exception.serror_pending = 0;
	/* Nothing of the realm's was aborted. */
	events.exception.ext_dabt_pending = 1;
	ck_assert_int_eq(
	    vcpu_call(vcpu, RKVM_SET_VCPU_EVENTS, &events), -EINVAL);
	events.exception.ext_dabt_pending = 0;
	events.reserved[11] = 1;
	ck_assert_int_eq(
	    vcpu_call(vcpu, RKVM_SET_VCPU_EVENTS, &events), -EINVAL);
	env_close(&env);
}
END_TEST

START_TEST(vcpu_attributes)
{
	int32_t irq = 26, bad = 32, back = 0;
	int vcpu;

	env_open_bare(&env, _i);
	vcpu = make_vcpu(&env, 0);
	ck_assert_int_eq(has_attr(vcpu, 1, 0), 0);
	ck_assert_int_eq(has_attr(vcpu, 1, 1), 0);
	ck_assert_int_eq(has_attr(vcpu, 1, 2), -ENXIO);
	ck_assert_int_eq(get_attr(vcpu, 1, 0, &back), 0);
	ck_assert_int_eq(back, 27);
	ck_assert_int_eq(set_attr(&env, vcpu, 1, 0, &bad), -EINVAL);
	ck_assert_int_eq(set_attr(&env, vcpu, 1, 0, &irq), 0);
	ck_assert_int_eq(get_attr(vcpu, 1, 0, &back), 0);
	ck_assert_int_eq(back, 26);
	/* No stolen time; no PMU without the feature. */
	ck_assert_int_eq(has_attr(vcpu, 2, 0), -ENXIO);
	ck_assert_int_eq(has_attr(vcpu, 0, 0), -ENXIO);
	env_close(&env);
}
END_TEST

static void
on_signal(int number)
{
	(void)number;
}

/* The vCPU's mask stands in for the thread's while it runs, and only then. */
START_TEST(signal_mask)
{
	struct {
		uint32_t length;
		uint8_t set[8];
	} __attribute__((packed)) mask = { .length = 4 };
	sigset_t blocked;
	int vcpu;

	env_open(&env, V13, MIB);
	vcpu = make_vcpu(&env, 0);
	make_gic(&env);
	ck_assert_int_eq(vcpu_call(vcpu, RKVM_SET_SIGNAL_MASK, &mask), -EINVAL);
	ck_assert_int_eq(
	    vcpu_call(vcpu, RKVM_SET_SIGNAL_MASK, (void *)8), -EFAULT);
	mask.length = 8;
	ck_assert_int_eq(vcpu_call(vcpu, RKVM_SET_SIGNAL_MASK, &mask), 0);
	signal(SIGUSR1, on_signal);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	raise(SIGUSR1);
	/* Blocked in the thread, not in the vCPU: it interrupts. */
	ck_assert_int_eq(run_vcpu(&env, vcpu), -EINTR);
	mask.set[(SIGUSR1 - 1) / 8] = 1 << (SIGUSR1 - 1) % 8;
	ck_assert_int_eq(vcpu_call(vcpu, RKVM_SET_SIGNAL_MASK, &mask), 0);
	ck_assert_int_eq(run_vcpu(&env, vcpu), 0);
	ck_assert_int_eq(vcpu_call(vcpu, RKVM_SET_SIGNAL_MASK, NULL), 0);
	env_close(&env);
}
END_TEST

START_TEST(statistics)
{
	uint32_t header[6] = { 9, 9, 9, 9, 9, 9 };
	long fd;

	env_open_bare(&env, V13);
	fd = vm_call(&env, RKVM_GET_STATS_FD, NULL);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(read((int)fd, header, sizeof(header)), 24);
	ck_assert_uint_eq(header[0], 0);
	ck_assert_uint_eq(header[2], 0); /* none */
	ck_assert_uint_eq(header[3], 24);
	close((int)fd);
	env_close(&env);
}
END_TEST

/* ---- VMs ----------------------------------------------------------------- */

/* Several VMs at once, realms and others, each with what is its own. */
START_TEST(several_vms)
{
	long vms[20];

	env_open_bare(&env, _i);
	for (unsigned i = 0; i < 20; i++) {
		vms[i] =
		    rmmkvm_ioctl(env.kvm, rmmkvm_fd(env.kvm), RKVM_CREATE_VM,
			i % 2 == 0 ? rmmkvm_realm_type(env.kvm, 40) : 0);
		ck_assert_int_ge(vms[i], 0);
		env.vm = (int)vms[i];
		make_vcpu(&env, 0);
		create_device(7);
	}
	for (unsigned i = 0; i < 20; i += 3)
		ck_assert_int_eq(rmmkvm_close_fd(env.kvm, (int)vms[i]), 0);
	env_close(&env);
	ck_assert_uint_eq(num_leases(), 0);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("surface");
	TCase *cases = tcase_create("surface");

	tcase_set_timeout(cases, 120);
	tcase_add_loop_test(cases, gic_addresses, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, gic_lines, 0, NUM_PROFILES);
	tcase_add_test(cases, gic_registers);
	tcase_add_test(cases, its);
	tcase_add_loop_test(cases, gic_needed, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, register_list, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, realm_registers, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, state, 0, NUM_PROFILES);
	tcase_add_loop_test(cases, vcpu_attributes, 0, NUM_PROFILES);
	tcase_add_test(cases, signal_mask);
	tcase_add_test(cases, statistics);
	tcase_add_loop_test(cases, several_vms, 0, NUM_PROFILES);
	suite_add_tcase(suite, cases);
	return kvm_test_main(argc, argv, suite);
}
