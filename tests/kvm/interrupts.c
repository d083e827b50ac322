/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupts that a VMM raises, and what tells it of a guest's writes: each
 * argument, and what is bounded.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "kvm-test.h"

#define V13 1

static struct env env;

static int
create_device(uint32_t type)
{
	struct rkvm_create_device create = { .type = type };

	ck_assert_int_eq(vm_call(&env, RKVM_CREATE_DEVICE, &create), 0);
	return (int)create.fd;
}

START_TEST(lines)
{
	static const struct {
		uint32_t irq;
		int result;
	} rows[] = {
		{ 1u << 24 | 32, 0 },
		{ 1u << 24 | 255, 0 },
		{ 1u << 24 | 256, -EINVAL },
		{ 1u << 24 | 31, -EINVAL },
		{ 2u << 24 | 27, 0 },
		{ 2u << 24 | 1u << 16 | 27, -EINVAL },
		{ 2u << 24 | 15, -EINVAL },
		{ 2u << 24 | 32, -EINVAL },
		{ 0, -ENXIO },
		{ 3u << 24, -EINVAL },
	};
	struct rkvm_irq_level line = { 1u << 24 | 32, 1 };

	env_open_bare(&env, V13);
	ck_assert_int_eq(vm_call(&env, RKVM_IRQ_LINE, &line), -ENXIO);
	make_vcpu(&env, 0);
	make_gic(&env);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		line.irq = rows[i].irq;
		ck_assert_int_eq(
		    vm_call(&env, RKVM_IRQ_LINE, &line), rows[i].result);
	}
	env_close(&env);
}
END_TEST

START_TEST(irqfds)
{
	struct rkvm_irqfd irqfd = { .gsi = 5 };
	int event = eventfd(0, EFD_CLOEXEC);

	env_open_bare(&env, V13);
	irqfd.fd = (uint32_t)event;
	ck_assert_int_eq(vm_call(&env, RKVM_IRQFD, &irqfd), -EAGAIN);
	make_gic(&env);
	irqfd.fd = 9999;
	ck_assert_int_eq(vm_call(&env, RKVM_IRQFD, &irqfd), -EBADF);
	irqfd.fd = (uint32_t)env.vm;
	ck_assert_int_eq(vm_call(&env, RKVM_IRQFD, &irqfd), -EINVAL);
	irqfd.fd = (uint32_t)event;
	irqfd.flags = 4;
	ck_assert_int_eq(vm_call(&env, RKVM_IRQFD, &irqfd), -EINVAL);
	irqfd.flags = 0;
	ck_assert_int_eq(vm_call(&env, RKVM_IRQFD, &irqfd), 0);
	ck_assert_int_eq(vm_call(&env, RKVM_IRQFD, &irqfd), -EBUSY);
	irqfd.flags = RKVM_IRQFD_DEASSIGN;
	ck_assert_int_eq(vm_call(&env, RKVM_IRQFD, &irqfd), 0);
	irqfd.flags = 0;
	ck_assert_int_eq(vm_call(&env, RKVM_IRQFD, &irqfd), 0);
	close(event);
	env_close(&env);
}
END_TEST

START_TEST(ioeventfds)
{
	struct rkvm_ioeventfd good = { .addr = 0xa000050, .len = 4 }, bad;
	int event = eventfd(0, EFD_CLOEXEC);

	env_open_bare(&env, V13);
	good.fd = event;
	bad = good;
	bad.len = 3;
	ck_assert_int_eq(vm_call(&env, RKVM_IOEVENTFD, &bad), -EINVAL);
	bad = good;
	bad.addr = ~0ull;
	ck_assert_int_eq(vm_call(&env, RKVM_IOEVENTFD, &bad), -EINVAL);
	bad = good;
	bad.flags = 2;
	ck_assert_int_eq(vm_call(&env, RKVM_IOEVENTFD, &bad), -EINVAL);
	bad = good;
	bad.len = 0;
	bad.flags = RKVM_IOEVENTFD_DATAMATCH;
	ck_assert_int_eq(vm_call(&env, RKVM_IOEVENTFD, &bad), -EINVAL);
	bad = good;
	bad.fd = env.vm;
	ck_assert_int_eq(vm_call(&env, RKVM_IOEVENTFD, &bad), -EINVAL);
	ck_assert_int_eq(vm_call(&env, RKVM_IOEVENTFD, &good), 0);
	ck_assert_int_eq(vm_call(&env, RKVM_IOEVENTFD, &good), -EEXIST);
	/* The same place, by what is written. */
	good.flags = RKVM_IOEVENTFD_DATAMATCH;
	for (good.datamatch = 1; good.datamatch < 1000; good.datamatch++)
		ck_assert_int_eq(vm_call(&env, RKVM_IOEVENTFD, &good), 0);
	ck_assert_int_eq(vm_call(&env, RKVM_IOEVENTFD, &good), -ENOSPC);
	good.flags |= RKVM_IOEVENTFD_DEASSIGN;
	ck_assert_int_eq(vm_call(&env, RKVM_IOEVENTFD, &good), -ENOENT);
	good.datamatch = 7;
	ck_assert_int_eq(vm_call(&env, RKVM_IOEVENTFD, &good), 0);
	close(event);
	env_close(&env);
}
END_TEST

START_TEST(routes_and_msis)
{
	static struct {
		struct rkvm_irq_routing head;
		struct rkvm_irq_routing_entry entries[4096];
	} table;
	struct rkvm_msi msi = { .flags = RKVM_MSI_VALID_DEVID };

	env_open_bare(&env, V13);
	ck_assert_int_eq(vm_call(&env, RKVM_SET_GSI_ROUTING, &table), -EINVAL);
	ck_assert_int_eq(vm_call(&env, RKVM_SIGNAL_MSI, &msi), -ENODEV);
	create_device(7);
	create_device(8);
	ck_assert_int_eq(vm_call(&env, RKVM_SIGNAL_MSI, &msi), 0);
	msi.flags = 0;
	ck_assert_int_eq(vm_call(&env, RKVM_SIGNAL_MSI, &msi), -EINVAL);
	table.head.nr = 4096;
	for (uint32_t i = 0; i < 4096; i++) {
		table.entries[i].gsi = i;
		table.entries[i].type = 1 + i % 2;
	}
	ck_assert_int_eq(vm_call(&env, RKVM_SET_GSI_ROUTING, &table), 0);
	table.entries[17].type = 3;
	ck_assert_int_eq(vm_call(&env, RKVM_SET_GSI_ROUTING, &table), -EINVAL);
	table.entries[17].type = 1;
	table.entries[17].gsi = 4096;
	ck_assert_int_eq(vm_call(&env, RKVM_SET_GSI_ROUTING, &table), -EINVAL);
	table.head.nr = 4097;
	ck_assert_int_eq(vm_call(&env, RKVM_SET_GSI_ROUTING, &table), -EINVAL);
	table.head = (struct rkvm_irq_routing){ .flags = 1 };
	ck_assert_int_eq(vm_call(&env, RKVM_SET_GSI_ROUTING, &table), -EINVAL);
	env_close(&env);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("interrupts");
	TCase *cases = tcase_create("interrupts");

	tcase_set_timeout(cases, 120);
	tcase_add_test(cases, lines);
	tcase_add_test(cases, irqfds);
	tcase_add_test(cases, ioeventfds);
	tcase_add_test(cases, routes_and_msis);
	suite_add_tcase(suite, cases);
	return kvm_test_main(argc, argv, suite);
}
