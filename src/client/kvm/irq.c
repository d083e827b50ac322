/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupts that user space raises, and what tells user space of a guest's
 * writes: lines, MSIs, ioeventfds, routes.  All of it is bounded as in the
 * kernel.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kvm.h"

#define MAX_EVENTS 1000u /* NR_IOBUS_DEVS */
#define MAX_ROUTES 4096u /* KVM_MAX_IRQ_ROUTES, and numbers of GSIs */

struct event {
	uint64_t address;
	uint64_t match;
	uint32_t length; /* 0: any */
	bool matches;
	int fd; /* our own descriptor of it */
	int user_fd;
};

struct irqs {
	struct event events[MAX_EVENTS];
	size_t num_events;
	struct rkvm_irq_routing_entry routes[MAX_ROUTES];
	size_t num_routes;
};

static struct irqs *
irqs_of(struct vm *vm)
{
	if (vm->irqs == NULL)
		vm->irqs = calloc(1, sizeof(*vm->irqs));
	return vm->irqs;
}

void
irqs_free(struct vm *vm)
{
	if (vm->irqs == NULL)
		return;
	for (size_t i = 0; i < vm->irqs->num_events; i++)
		close(vm->irqs->events[i].fd);
	free(vm->irqs);
	vm->irqs = NULL;
}

int
check_eventfd(int fd)
{
	char path[40], target[32];
	ssize_t n;

	if (fcntl(fd, F_GETFD) < 0)
		return (int)fail(-EBADF, "descriptor %d is not open", fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, sizeof(target));
	if (n < 0 || memmem(target, (size_t)n, "[eventfd", 8) == NULL)
		return (int)fail(-EINVAL, "descriptor %d is no eventfd", fd);
	return 0;
}

/* ---- KVM_IRQ_LINE ------------------------------------------------------ */

static struct vcpu *
by_index(struct vm *vm, uint32_t id)
{
	for (size_t i = 0; i < vm->num_vcpus; i++)
		if (vm->vcpus[i]->id == id)
			return vm->vcpus[i];
	return NULL;
}

long
irq_line(struct vm *vm, uintptr_t arg)
{
	uint32_t most =
	    vm->vgic.nr_irqs != 0 ? vm->vgic.nr_irqs : VGIC_DEFAULT_IRQS;
	struct rkvm_irq_level line;
	struct vcpu *vcpu;
	uint32_t number;

	if (user_read(vm->file.system, &line, arg, sizeof(line)) < 0)
		return -EFAULT;
	number = RKVM_IRQ_NUM(line.irq);
	if (RKVM_IRQ_TYPE(line.irq) != RKVM_IRQ_TYPE_CPU && !vm->has_vgic)
		return fail(-ENXIO, "the VM has no interrupt controller");
	switch (RKVM_IRQ_TYPE(line.irq)) {
	case RKVM_IRQ_TYPE_SPI:
		if (number < 32 || number >= most)
			return fail(-EINVAL, "no SPI %u", number);
		vgic_set_spi(vm, number, line.level != 0);
		return 0;
	case RKVM_IRQ_TYPE_PPI:
		vcpu = by_index(vm, RKVM_IRQ_VCPU(line.irq));
		if (vcpu == NULL || number < 16 || number > 31)
			return fail(-EINVAL, "no PPI %u of vCPU %u", number,
			    RKVM_IRQ_VCPU(line.irq));
		vgic_set_ppi(vcpu, number, line.level != 0);
		return 0;
	case RKVM_IRQ_TYPE_CPU:
		/* For an interrupt controller in user space. */
		return fail(vm->has_vgic ? -ENXIO : -EINVAL,
		    "interrupts of the CPU itself are the GIC's");
	default:
		return fail(-EINVAL, "no such type of interrupt");
	}
}

/* ---- KVM_SIGNAL_MSI ---------------------------------------------------- */

long
irq_msi(struct vm *vm, uintptr_t arg)
{
	struct rkvm_msi msi;

	if (user_read(vm->file.system, &msi, arg, sizeof(msi)) < 0)
		return -EFAULT;
	if (msi.flags & ~RKVM_MSI_VALID_DEVID)
		return fail(-EINVAL, "unknown flags of an MSI");
	if (!vm->has_vgic || vm->vgic.num_its == 0)
		return fail(-ENODEV, "the VM has no ITS");
	if (!(msi.flags & RKVM_MSI_VALID_DEVID))
		return fail(-EINVAL, "an ITS wants the device's id");
	/* The guest has mapped no event: it is blocked, says the kernel. */
	return 0;
}

/* ---- KVM_SET_GSI_ROUTING ----------------------------------------------- */

/* Without a table, or in it, a pin of the GIC's; MSIs find nothing mapped. */
void
irq_pulse(struct vm *vm, uint32_t gsi)
{
	const struct irqs *irqs = vm->irqs;
	uint32_t pin = gsi, most = vm->vgic.nr_irqs;
	size_t num = irqs != NULL ? irqs->num_routes : 0, i = 0;

	while (i < num && irqs->routes[i].gsi != gsi)
		i++;
	if (num > 0 &&
	    (i == num || irqs->routes[i].type != RKVM_IRQ_ROUTING_IRQCHIP))
		return;
	if (num > 0)
		pin = irqs->routes[i].u.irqchip.pin;
	if (most > 32 && pin < most - 32)
		vgic_pulse_spi(vm, pin + 32);
}

static int
check_route(const struct rkvm_irq_routing_entry *route)
{
	if (route->gsi >= MAX_ROUTES)
		return (int)fail(-EINVAL, "no GSI %u", route->gsi);
	switch (route->type) {
	case RKVM_IRQ_ROUTING_IRQCHIP:
		if (route->flags != 0 || route->u.irqchip.irqchip != 0 ||
		    route->u.irqchip.pin >= VGIC_MAX_IRQS)
			return (int)fail(
			    -EINVAL, "GSI %u: a bad pin", route->gsi);
		return 0;
	case RKVM_IRQ_ROUTING_MSI:
		if (route->flags & ~RKVM_MSI_VALID_DEVID)
			return (int)fail(
			    -EINVAL, "GSI %u: unknown flags", route->gsi);
		return 0;
	default:
		return (int)fail(
		    -EINVAL, "GSI %u: no such type of a route", route->gsi);
	}
}

long
irq_routing(struct vm *vm, uintptr_t arg)
{
	struct rmmkvm *system = vm->file.system;
	struct rkvm_irq_routing_entry *routes;
	struct irqs *irqs = irqs_of(vm);
	struct rkvm_irq_routing head;
	int rc = 0;

	if (irqs == NULL)
		return -ENOMEM;
	if (user_read(system, &head, arg, sizeof(head)) < 0)
		return -EFAULT;
	if (!vm->has_vgic || head.nr > MAX_ROUTES || head.flags != 0)
		return fail(-EINVAL, "%u routes", head.nr);
	routes = calloc(MAX_ROUTES, sizeof(*routes));
	if (routes == NULL)
		return -ENOMEM;
	if (head.nr > 0 &&
	    user_read(system, routes, arg + sizeof(head),
		head.nr * sizeof(*routes)) < 0)
		rc = -EFAULT;
	for (uint32_t i = 0; i < head.nr && rc == 0; i++)
		rc = check_route(&routes[i]);
	if (rc == 0) {
		memcpy(irqs->routes, routes, head.nr * sizeof(*routes));
		irqs->num_routes = head.nr;
	}
	free(routes);
	return rc;
}

/* ---- KVM_IOEVENTFD ----------------------------------------------------- */

static int
check_event(const struct rkvm_ioeventfd *event)
{
	if (event->len != 0 && event->len != 1 && event->len != 2 &&
	    event->len != 4 && event->len != 8)
		return (int)fail(
		    -EINVAL, "an ioeventfd of %u bytes", event->len);
	if (event->addr + event->len < event->addr)
		return (int)fail(-EINVAL, "an ioeventfd that wraps");
	if (event->flags &
	    ~(RKVM_IOEVENTFD_DATAMATCH | RKVM_IOEVENTFD_DEASSIGN))
		return (int)fail(-EINVAL, "unknown flags of an ioeventfd");
	if (event->len == 0 && event->flags & RKVM_IOEVENTFD_DATAMATCH)
		return (int)fail(-EINVAL, "an ioeventfd of no length matches");
	return check_eventfd(event->fd);
}

static bool
same_event(const struct event *known, const struct rkvm_ioeventfd *event)
{
	bool matches = event->flags & RKVM_IOEVENTFD_DATAMATCH;

	return known->address == event->addr && known->length == event->len &&
	    known->matches == matches &&
	    (!matches || known->match == event->datamatch);
}

static long
assign_event(struct irqs *irqs, const struct rkvm_ioeventfd *event)
{
	struct event *new = &irqs->events[irqs->num_events];

	for (size_t i = 0; i < irqs->num_events; i++)
		if (same_event(&irqs->events[i], event))
			return fail(-EEXIST, "that ioeventfd is assigned");
	if (irqs->num_events == MAX_EVENTS)
		return fail(-ENOSPC, "too many ioeventfds");
	new->fd = fcntl(event->fd, F_DUPFD_CLOEXEC, 0);
	if (new->fd < 0)
		return -errno;
	new->user_fd = event->fd;
	new->address = event->addr;
	new->length = event->len;
	new->matches = event->flags &RKVM_IOEVENTFD_DATAMATCH;
	new->match = event->datamatch;
	irqs->num_events++;
	return 0;
}

static long
deassign_event(struct irqs *irqs, const struct rkvm_ioeventfd *event)
{
	for (size_t i = 0; i < irqs->num_events; i++) {
		struct event *known = &irqs->events[i];

		if (!same_event(known, event) || known->user_fd != event->fd)
			continue;
		close(known->fd);
		*known = irqs->events[--irqs->num_events];
		return 0;
	}
	return fail(-ENOENT, "there is no such ioeventfd");
}

long
io_event_fd(struct vm *vm, uintptr_t arg)
{
	struct irqs *irqs = irqs_of(vm);
	struct rkvm_ioeventfd event;
	int rc;

	if (irqs == NULL)
		return -ENOMEM;
	if (user_read(vm->file.system, &event, arg, sizeof(event)) < 0)
		return -EFAULT;
	rc = check_event(&event);
	if (rc < 0)
		return rc;
	return event.flags & RKVM_IOEVENTFD_DEASSIGN
	    ? deassign_event(irqs, &event)
	    : assign_event(irqs, &event);
}

bool
io_event(struct vm *vm, uint64_t address, uint32_t length, uint64_t data)
{
	static const uint64_t one = 1;

	for (size_t i = 0; vm->irqs != NULL && i < vm->irqs->num_events; i++) {
		const struct event *event = &vm->irqs->events[i];

		if (event->address != address ||
		    (event->length != 0 && event->length != length) ||
		    (event->matches && event->match != data))
			continue;
		return write(event->fd, &one, sizeof(one)) ==
		    (ssize_t)sizeof(one);
	}
	return false;
}
