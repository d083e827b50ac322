/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vCPUs that are switched on and off, that sleep, and that others kick.
 *
 * Who changes something that a vCPU has to look at does so first, and kicks
 * then.  A vCPU looks while it holds power.lock, and holds it until its entry
 * is on its way to the RMM; so a kick finds it before the look, or in the
 * realm, which an IRQ then makes it leave.
 */
#define _GNU_SOURCE
#include <sys/eventfd.h>
#include <unistd.h>

#include "kvm.h"

void
power_init(struct power *power)
{
	pthread_mutex_init(&power->lock, NULL);
	power->wake_fd = -1;
}

void
power_fini(struct power *power)
{
	pthread_mutex_destroy(&power->lock);
}

/* With power.lock. */
static void
kick(struct vcpu *vcpu)
{
	int rc;

	if (vcpu->power.wake_fd != -1)
		(void)eventfd_write(vcpu->power.wake_fd, 1);
	if (!vcpu->power.in_realm)
		return;
	do
		rc = rmmclient_interrupt(
		    vcpu->file.system->client, vcpu->rec, RMMCLIENT_IRQ, 0);
	while (rc == -EINTR);
}

void
vcpu_kick(struct vcpu *vcpu)
{
	pthread_mutex_lock(&vcpu->power.lock);
	kick(vcpu);
	pthread_mutex_unlock(&vcpu->power.lock);
}

uint32_t
vcpu_power_state(struct vcpu *vcpu)
{
	uint32_t state;

	pthread_mutex_lock(&vcpu->power.lock);
	state = vcpu->power.state;
	pthread_mutex_unlock(&vcpu->power.lock);
	return state;
}

void
vcpu_power(struct vcpu *vcpu, uint32_t state)
{
	pthread_mutex_lock(&vcpu->power.lock);
	vcpu->power.state = state;
	kick(vcpu);
	pthread_mutex_unlock(&vcpu->power.lock);
}

int
vcpu_sleep(struct vcpu *vcpu, bool (*over)(struct vcpu *))
{
	struct power *power = &vcpu->power;
	eventfd_t drained;
	int rc = 0, fd;

	if (vcpu->running.interrupted)
		return -EINTR;
	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return (int)fail(
		    -errno, "vCPU %u: eventfd: no descriptor", vcpu->id);
	pthread_mutex_lock(&power->lock);
	power->wake_fd = fd;
	while (rc == 0 && !over(vcpu)) {
		pthread_mutex_unlock(&power->lock);
		rc = signals_wait(fd);
		pthread_mutex_lock(&power->lock);
		(void)eventfd_read(fd, &drained);
	}
	power->wake_fd = -1;
	pthread_mutex_unlock(&power->lock);
	close(fd);
	return rc;
}
