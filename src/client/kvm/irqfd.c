/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * irqfds: an eventfd that is written to raises an interrupt.  A thread of each
 * VM that has some waits for them; it takes the VM's lock to raise one.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "kvm.h"

#define MAX_IRQFDS 1024u

struct irqfd {
	int fd; /* our own descriptor of it */
	int user_fd;
	uint32_t gsi;
};

struct irqfds {
	pthread_t thread;
	int epoll;
	int stop; /* an eventfd: the thread is to end */
	struct irqfd v[MAX_IRQFDS];
	size_t num;
};

/* With the VM's lock: fd may have been taken away since it was written to. */
static void
raise_one(struct vm *vm, int fd)
{
	struct irqfds *irqfds = vm->irqfds;
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	uint64_t count;

	for (size_t i = 0; i < irqfds->num; i++) {
		if (irqfds->v[i].fd != fd)
			continue;
		if (poll(&poller, 1, 0) == 1 &&
		    read(fd, &count, sizeof(count)) == (ssize_t)sizeof(count))
			irq_pulse(vm, irqfds->v[i].gsi);
		return;
	}
}

struct waiter {
	struct vm *vm;
	int epoll;
	int stop;
};

static void *
wait_for_events(void *arg)
{
	struct waiter waiter = *(struct waiter *)arg;
	struct epoll_event event;

	free(arg);
	for (;;) {
		if (epoll_wait(waiter.epoll, &event, 1, -1) != 1)
			continue;
		if (event.data.fd == waiter.stop)
			return NULL;
		pthread_mutex_lock(&waiter.vm->lock);
		raise_one(waiter.vm, event.data.fd);
		pthread_mutex_unlock(&waiter.vm->lock);
	}
}

static int
watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data = { .fd = fd } };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -errno;
}

/* The thread inherits our mask of signals: an ioctl holds all of them back. */
static int
start_thread(struct vm *vm, struct irqfds *irqfds)
{
	struct waiter *waiter = malloc(sizeof(*waiter));
	int rc;

	if (waiter == NULL)
		return -ENOMEM;
	*waiter = (struct waiter){ vm, irqfds->epoll, irqfds->stop };
	rc = watch(irqfds->epoll, irqfds->stop);
	if (rc == 0)
		rc = -pthread_create(
		    &irqfds->thread, NULL, wait_for_events, waiter);
	if (rc < 0)
		free(waiter);
	return rc;
}

static int
start(struct vm *vm)
{
	struct irqfds *irqfds = calloc(1, sizeof(*irqfds));
	int rc = -EMFILE;

	if (irqfds == NULL)
		return -ENOMEM;
	irqfds->epoll = epoll_create1(EPOLL_CLOEXEC);
	irqfds->stop = eventfd(0, EFD_CLOEXEC);
	if (irqfds->epoll >= 0 && irqfds->stop >= 0)
		rc = start_thread(vm, irqfds);
	if (rc == 0) {
		vm->irqfds = irqfds;
		return 0;
	}
	if (irqfds->epoll >= 0)
		close(irqfds->epoll);
	if (irqfds->stop >= 0)
		close(irqfds->stop);
	free(irqfds);
	return rc;
}

void
irqfds_end(struct vm *vm)
{
	static const uint64_t one = 1;
	struct irqfds *irqfds = vm->irqfds;

	if (irqfds == NULL)
		return;
	while (write(irqfds->stop, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	pthread_join(irqfds->thread, NULL);
	for (size_t i = 0; i < irqfds->num; i++)
		close(irqfds->v[i].fd);
	close(irqfds->epoll);
	close(irqfds->stop);
	free(irqfds);
	vm->irqfds = NULL;
}

/* ---- KVM_IRQFD --------------------------------------------------------- */

static int
assign(struct vm *vm, const struct rkvm_irqfd *args)
{
	struct irqfds *irqfds;
	struct irqfd *new;
	int rc = check_eventfd((int)args->fd);

	if (rc == 0 && vm->irqfds == NULL)
		rc = start(vm);
	if (rc < 0)
		return rc;
	irqfds = vm->irqfds;
	for (size_t i = 0; i < irqfds->num; i++)
		if (irqfds->v[i].user_fd == (int)args->fd)
			return (int)fail(
			    -EBUSY, "descriptor %d is assigned", (int)args->fd);
	if (irqfds->num == MAX_IRQFDS)
		return (int)fail(-ENOMEM, "too many irqfds");
	new = &irqfds->v[irqfds->num];
	new->fd = fcntl((int)args->fd, F_DUPFD_CLOEXEC, 0);
	if (new->fd < 0)
		return -errno;
	new->user_fd = (int)args->fd;
	new->gsi = args->gsi;
	rc = watch(irqfds->epoll, new->fd);
	if (rc < 0) {
		close(new->fd);
		return rc;
	}
	irqfds->num++;
	return 0;
}

static int
deassign(struct vm *vm, const struct rkvm_irqfd *args)
{
	struct irqfds *irqfds = vm->irqfds;
	int rc = check_eventfd((int)args->fd);

	for (size_t i = 0; rc == 0 && irqfds != NULL && i < irqfds->num; i++) {
		struct irqfd *old = &irqfds->v[i];

		if (old->user_fd != (int)args->fd || old->gsi != args->gsi)
			continue;
		epoll_ctl(irqfds->epoll, EPOLL_CTL_DEL, old->fd, NULL);
		close(old->fd);
		*old = irqfds->v[--irqfds->num];
		break;
	}
	return rc;
}

long
irq_fd(struct vm *vm, uintptr_t arg)
{
	struct rkvm_irqfd args;

	if (user_read(vm->file.system, &args, arg, sizeof(args)) < 0)
		return -EFAULT;
	/* KVM_CAP_IRQFD_RESAMPLE is 0: no end of an interrupt is seen. */
	if (args.flags & ~RKVM_IRQFD_DEASSIGN)
		return fail(-EINVAL, "unknown flags of an irqfd");
	if (args.flags & RKVM_IRQFD_DEASSIGN)
		return deassign(vm, &args);
	if (!vm->has_vgic || !vm->vgic_initialized)
		return fail(-EAGAIN, "the GIC is not initialised");
	return assign(vm, &args);
}
