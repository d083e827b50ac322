/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * irqfds: what is written to an eventfd is an interrupt of the realm's, taken
 * once, by the route that its number has.
 */
#include <sched.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "play.h"
#include "sysregs.h"

#define SPI    40
#define ROUNDS 3

static struct stage stage;
static _Atomic int waiting; /* rounds for which the realm waits */

static void
off(struct rmmguest *guest)
{
	int64_t result;

	(void)psci_system_off(guest, &result);
}

/* Each edge is taken once, and gone when it has been. */
static void
take_edges(struct rmmguest *guest, void *arg)
{
	uint64_t intid;

	(void)arg;
	DID(realm_msr(guest, SYSREG_ICC_PMR_EL1, 0xff));
	DID(realm_msr(guest, SYSREG_ICC_IGRPEN1_EL1, 1));
	for (int round = 1; round <= ROUNDS; round++) {
		DID(realm_mrs(guest, SYSREG_ICC_IAR1_EL1, &intid));
		ck_assert_uint_eq(intid, 1023);
		waiting = round;
		do {
			DID(realm_wfi(guest));
			DID(realm_mrs(guest, SYSREG_ICC_IAR1_EL1, &intid));
		} while (intid == 1023);
		ck_assert_uint_eq(intid, SPI);
		DID(realm_msr(guest, SYSREG_ICC_EOIR1_EL1, SPI));
	}
	off(guest);
}

static void *
write_events(void *arg)
{
	const uint64_t count = 7;
	const int *event = arg;

	for (int round = 1; round <= ROUNDS; round++) {
		while (waiting < round)
			sched_yield();
		ck_assert_int_eq(write(*event, &count, sizeof(count)), 8);
	}
	return NULL;
}

START_TEST(edges)
{
	struct {
		struct rkvm_irq_routing head;
		struct rkvm_irq_routing_entry entries[1];
	} table = { .head = { .nr = 1 },
		.entries = { { .gsi = 77,
		    .type = RKVM_IRQ_ROUTING_IRQCHIP,
		    .u.irqchip.pin = SPI - 32 } } };
	struct rkvm_irqfd irqfd = { .gsi = _i == 0 ? SPI - 32 : 77 };
	int event = eventfd(0, EFD_CLOEXEC);
	struct player player;
	pthread_t thread;

	waiting = 0;
	stage_open(&stage, 1, MIB, 1);
	if (_i == 1)
		ck_assert_int_eq(
		    vm_call(&stage.env, RKVM_SET_GSI_ROUTING, &table), 0);
	irqfd.fd = (uint32_t)event;
	ck_assert_int_eq(vm_call(&stage.env, RKVM_IRQFD, &irqfd), 0);
	player_start(&player, 0, take_edges, NULL);
	pthread_create(&thread, NULL, write_events, &event);
	expect_off(&stage, 0);
	pthread_join(thread, NULL);
	irqfd.flags = RKVM_IRQFD_DEASSIGN;
	ck_assert_int_eq(vm_call(&stage.env, RKVM_IRQFD, &irqfd), 0);
	stage_close(&stage);
	player_join(&player);
	close(event);
}
END_TEST

/* Many of them, assigned and not, and a VM that ends with some. */
START_TEST(many)
{
	int events[200];

	stage_open(&stage, 1, MIB, 1);
	for (unsigned i = 0; i < 200; i++) {
		struct rkvm_irqfd irqfd = { .gsi = i };

		events[i] = eventfd(1, EFD_CLOEXEC);
		irqfd.fd = (uint32_t)events[i];
		ck_assert_int_eq(vm_call(&stage.env, RKVM_IRQFD, &irqfd), 0);
		irqfd.flags = RKVM_IRQFD_DEASSIGN;
		if (i % 3 == 0)
			ck_assert_int_eq(
			    vm_call(&stage.env, RKVM_IRQFD, &irqfd), 0);
	}
	stage_close(&stage);
	for (unsigned i = 0; i < 200; i++)
		close(events[i]);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("irqfd");
	TCase *cases = tcase_create("irqfd");

	tcase_set_timeout(cases, 120);
	tcase_add_loop_test(cases, edges, 0, 2);
	tcase_add_test(cases, many);
	suite_add_tcase(suite, cases);
	return kvm_test_main(argc, argv, suite);
}
