/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a VMM saves and restores of a vCPU beside registers: whether it runs,
 * pending exceptions, the signals that may interrupt it, its interrupts.
 */
#include <string.h>

#include "kvm.h"

/* ---- Multiprocessing state --------------------------------------------- */

long
vcpu_get_mp_state(struct vcpu *vcpu, uintptr_t arg)
{
	uint32_t state = vcpu_power_state(vcpu);

	return user_write(vcpu->file.system, arg, &state, sizeof(state));
}

long
vcpu_set_mp_state(struct vcpu *vcpu, uintptr_t arg)
{
	uint32_t state;

	if (user_read(vcpu->file.system, &state, arg, sizeof(state)) < 0)
		return -EFAULT;
	if (state != RKVM_MP_STATE_RUNNABLE && state != RKVM_MP_STATE_STOPPED &&
	    state != RKVM_MP_STATE_SUSPENDED)
		return fail(-EINVAL, "vCPU %u: no state %u", vcpu->id, state);
	vcpu_power(vcpu, state);
	return 0;
}

/* ---- Pending exceptions ------------------------------------------------ */

long
vcpu_get_events(struct vcpu *vcpu, uintptr_t arg)
{
	struct rkvm_vcpu_events events;

	if (!vcpu->initialized)
		return fail(-ENOEXEC, "vCPU %u is not initialised", vcpu->id);
	memset(&events, 0, sizeof(events));
	return user_write(vcpu->file.system, arg, &events, sizeof(events));
}

static bool
all_zero(const void *bytes, size_t size)
{
	const uint8_t *byte = bytes;

	while (size > 0)
		if (byte[--size] != 0)
			return false;
	return true;
}

/*
 * Nothing but an external abort can be injected into a realm, and that only in
 * answer to an access to an unprotected address.
 */
long
vcpu_set_events(struct vcpu *vcpu, uintptr_t arg)
{
	struct rkvm_vcpu_events events;

	if (!vcpu->initialized)
		return fail(-ENOEXEC, "vCPU %u is not initialised", vcpu->id);
	if (user_read(vcpu->file.system, &events, arg, sizeof(events)) < 0)
		return -EFAULT;
	if (!all_zero(events.reserved, sizeof(events.reserved)) ||
	    !all_zero(events.exception.pad, sizeof(events.exception.pad)))
		return fail(-EINVAL, "events: a reserved byte is not 0");
	if (!vcpu->vm->is_realm)
		return 0;
	if (events.exception.serror_pending)
		return fail(-EINVAL, "no SError can be injected into a realm");
	if (!events.exception.ext_dabt_pending)
		return 0;
	if (!vcpu->mmio_to_complete)
		return fail(-EINVAL,
		    "vCPU %u: an external abort answers KVM_EXIT_MMIO only",
		    vcpu->id);
	vcpu->inject_sea = true;
	return 0;
}

/* ---- Signals ----------------------------------------------------------- */

/* The kernel's set of signals: 64 bits, whatever the C library's is. */
long
vcpu_set_signal_mask(struct vcpu *vcpu, uintptr_t arg)
{
	uint32_t length;
	uint64_t mask;

	if (arg == 0) {
		vcpu->has_signal_mask = false;
		return 0;
	}
	if (user_read(vcpu->file.system, &length, arg, sizeof(length)) < 0)
		return -EFAULT;
	if (length != sizeof(mask))
		return fail(
		    -EINVAL, "a set of signals has 8 bytes, not %u", length);
	if (user_read(vcpu->file.system, &mask, arg + sizeof(length),
		sizeof(mask)) < 0)
		return -EFAULT;
	sigemptyset(&vcpu->signal_mask);
	for (int number = 1; number <= 64; number++)
		if (mask >> (number - 1) & 1)
			sigaddset(&vcpu->signal_mask, number);
	vcpu->has_signal_mask = true;
	return 0;
}

/* ---- Attributes: interrupts of its timers and PMU ---------------------- */

static bool
has_attribute(const struct vcpu *vcpu, const struct rkvm_device_attr *attr)
{
	switch (attr->group) {
	case RKVM_ARM_VCPU_TIMER_CTRL:
		return attr->attr == RKVM_ARM_VCPU_TIMER_IRQ_VTIMER ||
		    attr->attr == RKVM_ARM_VCPU_TIMER_IRQ_PTIMER;
	case RKVM_ARM_VCPU_PMU_V3_CTRL:
		return vcpu_has_feature(vcpu, RKVM_ARM_VCPU_PMU_V3) &&
		    (attr->attr == RKVM_ARM_VCPU_PMU_V3_IRQ ||
			attr->attr == RKVM_ARM_VCPU_PMU_V3_INIT);
	default:
		/* Stolen time is hidden from realms, and from all here. */
		return false;
	}
}

/* Where the number of a private interrupt is kept; NULL: it has none. */
static int32_t *
interrupt(struct vcpu *vcpu, const struct rkvm_device_attr *attr)
{
	if (attr->group == RKVM_ARM_VCPU_TIMER_CTRL)
		return &vcpu->timer_irq[attr->attr];
	return attr->attr == RKVM_ARM_VCPU_PMU_V3_IRQ ? &vcpu->pmu_irq : NULL;
}

static long
set_attribute(struct vcpu *vcpu, const struct rkvm_device_attr *attr)
{
	int32_t *where = interrupt(vcpu, attr), irq;

	if (where == NULL)
		return 0;
	if (user_read(vcpu->file.system, &irq, attr->addr, sizeof(irq)) < 0)
		return -EFAULT;
	if (irq < 16 || irq > 31)
		return fail(-EINVAL,
		    "vCPU %u: interrupt %d is not private (16 to 31)", vcpu->id,
		    irq);
	if (vcpu->has_run)
		return fail(-EBUSY, "vCPU %u has run", vcpu->id);
	*where = irq;
	return 0;
}

long
vcpu_attribute(struct vcpu *vcpu, uint32_t command, uintptr_t arg)
{
	struct rkvm_device_attr attr;
	const int32_t *irq;

	if (user_read(vcpu->file.system, &attr, arg, sizeof(attr)) < 0)
		return -EFAULT;
	if (attr.flags != 0)
		return fail(-EINVAL, "an attribute has no flags");
	if (!has_attribute(vcpu, &attr))
		return fail(-ENXIO, "vCPU %u has no attribute %llu of group %u",
		    vcpu->id, (unsigned long long)attr.attr, attr.group);
	if (command == RKVM_HAS_DEVICE_ATTR)
		return 0;
	if (command == RKVM_SET_DEVICE_ATTR)
		return set_attribute(vcpu, &attr);
	irq = interrupt(vcpu, &attr);
	if (irq == NULL)
		return fail(-ENXIO, "that attribute can not be read");
	return user_write(vcpu->file.system, attr.addr, irq, sizeof(*irq));
}
