/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * KVM_RUN and what comes of it: the state that a vCPU keeps between two entries
 * of its REC, and the functions that handle an exit.  Part of kvm.h.
 *
 * A handler returns 1 (enter the REC again), 0 (user space is told why), or
 * -errno, which KVM_RUN then returns.
 */
#ifndef EXITS_H
#define EXITS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kvm-arm-rmi.h"
#include "rmi.h"

struct vcpu;
struct vm;
struct memslot;

/* A vCPU that others switch on and off, and make come back.  power.c. */
struct power {
	pthread_mutex_t lock; /* innermost but for a vGIC's */
	uint32_t state;	      /* RKVM_MP_STATE_* */
	bool in_realm; /* its REC is entered, as far as others can tell */
	int wake_fd;   /* of one that sleeps, or -1 */
};

/* What one entry leaves to the next. */
struct running {
	struct rmi_rec_enter enter;
	struct rmi_rec_exit exit; /* the last */
	bool incomplete;	  /* the next entry has to complete exit */
	/* A signal's handler has run in this KVM_RUN: it must not wait. */
	bool interrupted;
	/* Of a fault that found its page there; 0: the exit was another. */
	uint64_t mapped_ipa, mapped_before;
};

/* Interrupts of one vCPU, under vm->irq_lock, which is innermost. */
struct vcpu_irq {
	uint32_t sgis;	 /* pending, and in no list register */
	uint32_t timers; /* PPIs of timers whose output is high */
	uint64_t lrs[RMI_REC_GICV3_LRS]; /* as the last exit left them */
};

/* ---- run.c */
long vcpu_run(struct vcpu *vcpu);
long run_interrupted(struct vcpu *vcpu);
long run_internal_error(struct vcpu *vcpu, const char *what);
/* KVM_EXIT_MEMORY_FAULT; -EFAULT. */
long run_memory_fault(
    struct vcpu *vcpu, uint64_t gpa, uint64_t size, bool private);

/* ---- power.c */
void power_init(struct power *power);
void power_fini(struct power *power);
/* RKVM_MP_STATE_* */
uint32_t vcpu_power_state(struct vcpu *vcpu);
void vcpu_power(struct vcpu *vcpu, uint32_t state);
/* Others have changed what vcpu has to look at. */
void vcpu_kick(struct vcpu *vcpu);
/*
 * Wait until over(vcpu), which is asked with power.lock held and again after
 * each kick.  Returns 0, -EINTR, also if a signal came in this KVM_RUN before,
 * or why it can not be waited for.
 */
int vcpu_sleep(struct vcpu *vcpu, bool (*over)(struct vcpu *));

/* ---- vgic-run.c: the GIC's part in entries and exits */
/* Whether vCPU has an interrupt to take. */
bool vgic_pending(struct vcpu *vcpu);
/* List registers for the next entry; what the last exit has left of them. */
void vgic_flush(struct vcpu *vcpu);
void vgic_sync(struct vcpu *vcpu);
/* With the VM's lock. */
void vgic_set_spi(struct vm *vm, uint32_t intid, bool level);
/* An edge: pending until the realm takes it. */
void vgic_pulse_spi(struct vm *vm, uint32_t intid);
void vgic_set_ppi(struct vcpu *vcpu, uint32_t intid, bool level);
/* An access to a system register that is the host's. */
long vgic_sysreg(struct vcpu *vcpu);

/* ---- psci.c */
/* A PSCI call that the kernel handles; the registers are in vcpu->x. */
long psci_handle(struct vcpu *vcpu);
/* Before the next entry: RMI_PSCI_COMPLETE, if that is the kernel's to make. */
void psci_complete_exit(struct vcpu *vcpu);

/* ---- smccc.c: PSCI and host calls */
#define SMCCC_FILTERS 16
struct smccc_filter {
	uint32_t base;
	uint32_t num;
	uint8_t action; /* RKVM_SMCCC_FILTER_* */
};
long smccc_exit(struct vcpu *vcpu);
/* KVM_SET_DEVICE_ATTR and KVM_HAS_DEVICE_ATTR of a VM. */
long smccc_set_attr(struct vm *vm, uintptr_t arg);
long smccc_has_attr(struct vm *vm, uintptr_t arg);

/* ---- fault.c: aborts */
long fault_exit(struct vcpu *vcpu);

/* ---- mmio.c */
/* An access at ipa, where there is no memory. */
long mmio_exit(struct vcpu *vcpu, uint64_t ipa);
/* What user space did about it. */
void mmio_complete(struct vcpu *vcpu);

/* ---- ripas.c */
long ripas_exit(struct vcpu *vcpu);
long ripas_complete(struct vcpu *vcpu);

/* ---- shared.c: memory of the caller, as the realm sees it, too */
struct shared;
/*
 * The Non-secure page that is, from now on, the caller's page behind gpa, which
 * slot holds.  -EFAULT: there is none that can be written, or (if !write) read.
 */
int shared_get_page(struct vm *vm, struct memslot *slot, uint64_t gpa,
    bool write, uint64_t *pa, bool *writable);
/* It is mapped for the realm. */
void shared_note_mapped(struct memslot *slot, uint64_t gpa);
/* Take what the realm sees of [base, top) of the slot away from it. */
void shared_unmap(
    struct vm *vm, struct memslot *slot, uint64_t base, uint64_t top);
/* The slot goes, and the caller's memory is the caller's alone again. */
void shared_end(struct vm *vm, struct memslot *slot);

#endif
