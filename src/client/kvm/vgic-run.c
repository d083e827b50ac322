/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupts on their way to a realm: lines, timers and SGIs become list
 * registers at an entry, and what the realm has made of those comes back at the
 * exit.  No guest's access reaches a distributor, so every interrupt counts as
 * enabled, in group 1 and of one priority, and an SPI as routed to vCPU 0.
 */
#include <string.h>

#include "esr.h"
#include "kvm.h"
#include "sysregs.h"

#define LR_PENDING   (1ull << 62)
#define LR_ACTIVE    (1ull << 63)
#define LR_GROUP1    (1ull << 60)
#define LR_PRIORITY  (0xa0ull << 48)
#define LR_INTID(lr) ((uint32_t)(lr))

static unsigned
num_lrs(const struct vcpu *vcpu)
{
	return (unsigned)RMI_FEATURE0_GET(
		   vcpu->file.system->features, GICV3_NUM_LRS) +
	    1;
}

/* With irq_lock.  The private interrupts whose lines are high, by number. */
static uint32_t
high_ppis(const struct vcpu *vcpu)
{
	return vcpu->ppis | vcpu->irq.timers;
}

/* With irq_lock. */
static bool
is_high(const struct vcpu *vcpu, uint32_t intid)
{
	if (intid < 32)
		return ((high_ppis(vcpu) & ~0xffffu) | vcpu->irq.sgis) >>
		    intid &
		    1;
	return intid < VGIC_MAX_IRQS && vcpu->id == 0 &&
	    ((vcpu->vm->vgic.spis[intid / 32] |
		 vcpu->vm->vgic.edges[intid / 32]) >>
		    intid % 32 &
		1);
}

bool
vgic_pending(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	bool pending;

	pthread_mutex_lock(&vm->irq_lock);
	pending = high_ppis(vcpu) != 0 || vcpu->irq.sgis != 0;
	for (unsigned i = 1; i < VGIC_MAX_IRQS / 32 && vcpu->id == 0; i++)
		pending |= (vm->vgic.spis[i] | vm->vgic.edges[i]) != 0;
	pthread_mutex_unlock(&vm->irq_lock);
	return pending;
}

/* ---- Entry and exit ---------------------------------------------------- */

static bool
is_listed(const uint64_t *lrs, unsigned num, uint32_t intid)
{
	for (unsigned i = 0; i < num; i++)
		if (LR_INTID(lrs[i]) == intid)
			return true;
	return false;
}

/* What is active stays listed; it may be pending again. */
static unsigned
list_active(struct vcpu *vcpu, uint64_t *lrs)
{
	unsigned num = 0;

	for (unsigned i = 0; i < num_lrs(vcpu); i++) {
		uint64_t lr = vcpu->irq.lrs[i];

		if (!(lr & LR_ACTIVE))
			continue;
		lr &= ~LR_PENDING;
		if (is_high(vcpu, LR_INTID(lr)))
			lr |= LR_PENDING;
		lrs[num++] = lr;
	}
	return num;
}

static void
list_edge(struct vgic *vgic, uint32_t intid)
{
	uint32_t bit;

	if (intid >= VGIC_MAX_IRQS)
		return;
	bit = vgic->edges[intid / 32] & 1u << intid % 32;
	vgic->edges[intid / 32] &= ~bit;
	vgic->listed_edges[intid / 32] |= bit;
}

/* The realm has not taken it: it is pending still. */
static void
keep_edge(struct vgic *vgic, uint32_t intid)
{
	if (intid < VGIC_MAX_IRQS)
		vgic->edges[intid / 32] |=
		    vgic->listed_edges[intid / 32] & 1u << intid % 32;
}

void
vgic_flush(struct vcpu *vcpu)
{
	uint64_t *lrs = vcpu->running.enter.gicv3_lrs;
	uint32_t end = vcpu->id == 0 ? VGIC_MAX_IRQS - 4 : 32;
	unsigned num;

	memset(lrs, 0, sizeof(vcpu->running.enter.gicv3_lrs));
	pthread_mutex_lock(&vcpu->vm->irq_lock);
	num = list_active(vcpu, lrs);
	for (uint32_t intid = 0; intid < end && num < num_lrs(vcpu); intid++)
		if (is_high(vcpu, intid) && !is_listed(lrs, num, intid))
			lrs[num++] =
			    LR_PENDING | LR_GROUP1 | LR_PRIORITY | intid;
	/* What has no line: from here on the list register has it. */
	for (unsigned i = 0; i < num; i++)
		if (LR_INTID(lrs[i]) < 16)
			vcpu->irq.sgis &= ~(1u << LR_INTID(lrs[i]));
		else if (lrs[i] & LR_PENDING && vcpu->id == 0)
			list_edge(&vcpu->vm->vgic, LR_INTID(lrs[i]));
	pthread_mutex_unlock(&vcpu->vm->irq_lock);
}

static bool
timer_is_high(uint64_t ctl)
{
	return (ctl & (CNT_CTL_ENABLE | CNT_CTL_IMASK | CNT_CTL_ISTATUS)) ==
	    (CNT_CTL_ENABLE | CNT_CTL_ISTATUS);
}

void
vgic_sync(struct vcpu *vcpu)
{
	const struct rmi_rec_exit *exit = &vcpu->running.exit;
	const int32_t *irq = vcpu->timer_irq;

	pthread_mutex_lock(&vcpu->vm->irq_lock);
	memcpy(vcpu->irq.lrs, exit->gicv3_lrs, sizeof(vcpu->irq.lrs));
	for (unsigned i = 0; i < num_lrs(vcpu); i++) {
		uint64_t lr = vcpu->irq.lrs[i];

		if (lr & LR_PENDING && LR_INTID(lr) < 16)
			vcpu->irq.sgis |= 1u << LR_INTID(lr);
		else if (lr & LR_PENDING && vcpu->id == 0)
			keep_edge(&vcpu->vm->vgic, LR_INTID(lr));
	}
	if (vcpu->id == 0)
		memset(vcpu->vm->vgic.listed_edges, 0,
		    sizeof(vcpu->vm->vgic.listed_edges));
	vcpu->irq.timers = 0;
	if (timer_is_high(exit->cntv_ctl))
		vcpu->irq.timers |= 1u << irq[RKVM_ARM_VCPU_TIMER_IRQ_VTIMER];
	if (timer_is_high(exit->cntp_ctl))
		vcpu->irq.timers |= 1u << irq[RKVM_ARM_VCPU_TIMER_IRQ_PTIMER];
	pthread_mutex_unlock(&vcpu->vm->irq_lock);
}

/* ---- Who raises them --------------------------------------------------- */

static void
set_bit(struct vm *vm, uint32_t *bits, uint32_t bit, bool level)
{
	uint32_t mask = 1u << bit % 32;

	pthread_mutex_lock(&vm->irq_lock);
	bits[bit / 32] = level ? bits[bit / 32] | mask : bits[bit / 32] & ~mask;
	pthread_mutex_unlock(&vm->irq_lock);
}

/* SPIs are vCPU 0's. */
static void
kick_first(struct vm *vm)
{
	for (size_t i = 0; i < vm->num_vcpus; i++)
		if (vm->vcpus[i]->id == 0)
			vcpu_kick(vm->vcpus[i]);
}

void
vgic_set_spi(struct vm *vm, uint32_t intid, bool level)
{
	set_bit(vm, vm->vgic.spis, intid, level);
	kick_first(vm);
}

void
vgic_pulse_spi(struct vm *vm, uint32_t intid)
{
	set_bit(vm, vm->vgic.edges, intid, true);
	kick_first(vm);
}

void
vgic_set_ppi(struct vcpu *vcpu, uint32_t intid, bool level)
{
	set_bit(vcpu->vm, &vcpu->ppis, intid, level);
	vcpu_kick(vcpu);
}

/* ICC_SGI1R_EL1: to the vCPUs of a list, or to all others. */
static bool
is_target(const struct vcpu *sender, const struct vcpu *vcpu, uint64_t value)
{
	uint64_t mpidr = vcpu_mpidr(vcpu);
	uint64_t cluster =
	    (value >> 16 & 0xff) << 8 | (value >> 32 & 0xff) << 16;

	if (value >> 40 & 1)
		return vcpu != sender;
	return (mpidr & 0xffff00) == cluster && (mpidr & 0xff) < 16 &&
	    (value >> (mpidr & 0xf) & 1);
}

static void
send_sgi(struct vcpu *vcpu, uint64_t value)
{
	struct vm *vm = vcpu->vm;
	uint32_t sgi = value >> 24 & 15;

	pthread_mutex_lock(&vm->lock);
	for (size_t i = 0; i < vm->num_vcpus; i++) {
		if (!is_target(vcpu, vm->vcpus[i], value))
			continue;
		set_bit(vm, &vm->vcpus[i]->irq.sgis, sgi, true);
		vcpu_kick(vm->vcpus[i]);
	}
	pthread_mutex_unlock(&vm->lock);
}

long
vgic_sysreg(struct vcpu *vcpu)
{
	const struct rmi_rec_exit *exit = &vcpu->running.exit;
	uint64_t reg = exit->esr & ~ESR_SYS_READ;

	if ((exit->esr & ESR_SYS_READ) == 0 &&
	    reg ==
		(ESR_EC_PUT(ESR_EC_SYS64) | ESR_IL |
		    ESR_SYS_PUT(SYSREG_ICC_SGI1R_EL1, ESR_SYS_RT(exit->esr)))) {
		send_sgi(vcpu, exit->gprs[0]);
		return 1;
	}
	/* Others that are the host's: they read as zero and take no write. */
	vcpu->running.enter.gprs[0] = 0;
	return 1;
}
