/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * KVM_RUN: activate the realm if that is still to do, enter the REC, and tell
 * user space why it came back.
 */
#include <sched.h>
#include <string.h>

#include "esr.h"
#include "kvm.h"
#include "sysregs.h"

/* ---- What user space is told ------------------------------------------- */

long
run_interrupted(struct vcpu *vcpu)
{
	vcpu->run->exit_reason = RKVM_EXIT_INTR;
	return -EINTR;
}

long
run_internal_error(struct vcpu *vcpu, const char *what)
{
	struct rkvm_run *run = vcpu->run;

	memset(&run->u.internal, 0, sizeof(run->u.internal));
	run->exit_reason = RKVM_EXIT_INTERNAL_ERROR;
	return fail(0, "vCPU %u: %s", vcpu->id, what);
}

long
run_memory_fault(struct vcpu *vcpu, uint64_t gpa, uint64_t size, bool private)
{
	struct rkvm_run *run = vcpu->run;

	run->exit_reason = RKVM_EXIT_MEMORY_FAULT;
	run->u.memory_fault.flags = private ? RKVM_MEMORY_EXIT_PRIVATE : 0;
	run->u.memory_fault.gpa = gpa;
	run->u.memory_fault.size = size;
	return -EFAULT;
}

/* ---- Exits ------------------------------------------------------------- */

static bool
timer_is_armed(uint64_t ctl)
{
	return (ctl & (CNT_CTL_ENABLE | CNT_CTL_IMASK)) == CNT_CTL_ENABLE;
}

/*
 * A wait that was trapped: WFI until there is an interrupt, WFE for a moment.
 * The realm's time goes on in the realm alone, so who waits for it is let in:
 * a wait may always end early.
 */
static long
handle_wfx(struct vcpu *vcpu)
{
	const struct rmi_rec_exit *exit = &vcpu->running.exit;
	int rc;

	if ((exit->esr & ESR_TI_MASK) != ESR_TI_WFI ||
	    timer_is_armed(exit->cntv_ctl) || timer_is_armed(exit->cntp_ctl)) {
		sched_yield();
		return 1;
	}
	rc = vcpu_sleep(vcpu, vgic_pending);
	if (rc == -EINTR)
		return run_interrupted(vcpu);
	return rc < 0 ? rc : 1;
}

static long
handle_sync(struct vcpu *vcpu)
{
	const struct rmi_rec_exit *exit = &vcpu->running.exit;
	bool generic = vcpu->file.system->profile->exits->generic_traps;

	switch (ESR_EC(exit->esr)) {
	case ESR_EC_DABT_LOWER:
		return fault_exit(vcpu);
	case ESR_EC_IABT_LOWER:
		if (generic)
			return fault_exit(vcpu);
		return fail(-ENXIO,
		    "vCPU %u: an instruction abort at IPA 0x%llx, which this "
		    "posting of the series does not handle",
		    vcpu->id, (unsigned long long)HPFAR_IPA(exit->hpfar));
	case ESR_EC_SYS64:
		return vgic_sysreg(vcpu);
	case ESR_EC_WFX:
		if (generic)
			return handle_wfx(vcpu);
		/* FALLTHROUGH */
	default:
		return fail(-ENXIO,
		    "vCPU %u: an exit with ESR 0x%llx, which nothing handles",
		    vcpu->id, (unsigned long long)exit->esr);
	}
}

static long
handle_exit(struct vcpu *vcpu)
{
	switch (vcpu->running.exit.exit_reason) {
	case RMI_EXIT_SYNC:
		return handle_sync(vcpu);
	case RMI_EXIT_PSCI:
	case RMI_EXIT_HOST_CALL:
		vcpu->running.incomplete = true;
		return smccc_exit(vcpu);
	case RMI_EXIT_RIPAS_CHANGE:
		vcpu->running.incomplete = true;
		return ripas_exit(vcpu);
	case RMI_EXIT_IRQ:
	case RMI_EXIT_FIQ:
	case RMI_EXIT_SERROR:
		return 1;
	default:
		return run_internal_error(
		    vcpu, "the realm asks for what no handler is there for");
	}
}

/* What the last exit has left to be done before the next entry. */
static long
complete_exit(struct vcpu *vcpu)
{
	struct running *running = &vcpu->running;

	if (!running->incomplete)
		return 1;
	running->incomplete = false;
	switch (running->exit.exit_reason) {
	case RMI_EXIT_HOST_CALL:
		memcpy(running->enter.gprs, vcpu->x, sizeof(vcpu->x));
		return 1;
	case RMI_EXIT_PSCI:
		memcpy(running->enter.gprs, vcpu->x, sizeof(vcpu->x));
		pthread_mutex_lock(&vcpu->vm->lock);
		psci_complete_exit(vcpu);
		pthread_mutex_unlock(&vcpu->vm->lock);
		return 1;
	case RMI_EXIT_RIPAS_CHANGE:
		return ripas_complete(vcpu);
	default:
		return 1;
	}
}

/* ---- Entries ----------------------------------------------------------- */

/* The entry is on its way: from now on a kick reaches the realm. */
static void
entry_sent(void *context)
{
	struct vcpu *vcpu = context;

	vcpu->power.in_realm = true;
	pthread_mutex_unlock(&vcpu->power.lock);
}

/*
 * RMI_REC_ENTER.  Begins with power.lock held, which is released on the way.
 * Returns its status, or -errno.
 */
static int
rec_enter(struct vcpu *vcpu)
{
	struct rmmkvm *system = vcpu->file.system;
	struct rmmclient_entry entry = {
		.rec = vcpu->rec,
		.run = vcpu->run_pa,
		.mask = signals_current(),
		.sent = entry_sent,
		.context = vcpu,
	};
	int rc = rmmclient_rec_enter(system->client, 0, &entry, NULL);

	pthread_mutex_lock(&vcpu->power.lock);
	vcpu->power.in_realm = false;
	pthread_mutex_unlock(&vcpu->power.lock);
	vcpu->running.interrupted = entry.interrupted;
	return rc;
}

static long
entry_failed(struct vcpu *vcpu, int rc)
{
	int unknown = vcpu->file.system->profile->exits->unknown_status;

	if (rc < 0)
		return rmi_fail(-EIO, "RMI_REC_ENTER", rc);
	switch (RMI_STATUS((unsigned)rc)) {
	case RMI_ERROR_REALM:
		vcpu->run->exit_reason = RKVM_EXIT_SHUTDOWN;
		return rmi_fail(0, "RMI_REC_ENTER", rc);
	case RMI_ERROR_REC:
		return rmi_fail(-EAGAIN, "RMI_REC_ENTER", rc);
	default:
		if (unknown != 0)
			return rmi_fail(unknown, "RMI_REC_ENTER", rc);
		pthread_mutex_lock(&vcpu->vm->lock);
		vm_kill(vcpu->vm);
		pthread_mutex_unlock(&vcpu->vm->lock);
		run_internal_error(vcpu, "");
		return rmi_fail(0, "RMI_REC_ENTER", rc);
	}
}

static long
enter(struct vcpu *vcpu)
{
	struct rmmkvm *system = vcpu->file.system;
	struct running *running = &vcpu->running;
	long result;
	int rc;

	pthread_mutex_lock(&vcpu->power.lock);
	if (vcpu->power.state != RKVM_MP_STATE_RUNNABLE) {
		pthread_mutex_unlock(&vcpu->power.lock);
		return 1;
	}
	if (system->profile->exits->generic_traps)
		running->enter.flags |=
		    RMI_REC_ENTER_TRAP_WFI | RMI_REC_ENTER_TRAP_WFE;
	vgic_flush(vcpu);
	rc = ns_write(
	    system, vcpu->run_pa, &running->enter, sizeof(running->enter));
	if (rc < 0) {
		pthread_mutex_unlock(&vcpu->power.lock);
		return rc;
	}
	rc = rec_enter(vcpu);
	if (rc != RMI_SUCCESS)
		return entry_failed(vcpu, rc);
	rc = ns_read(system, &running->exit,
	    vcpu->run_pa + offsetof(struct rmi_rec_run, exit),
	    sizeof(running->exit));
	if (rc < 0)
		return rc;
	running->enter.flags = 0;
	vgic_sync(vcpu);
	running->mapped_before = running->mapped_ipa;
	running->mapped_ipa = 0;
	result = handle_exit(vcpu);
	return result == 1 && running->interrupted ? run_interrupted(vcpu)
						   : result;
}

/* ---- KVM_RUN ------------------------------------------------------------ */

/* Steps before any entry; the VM's lock is not held while the REC runs. */
static long
prepare(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	long rc;

	if (!vcpu->initialized)
		return fail(-ENOEXEC, "vCPU %u is not initialised", vcpu->id);
	if (vcpu->run == NULL)
		return -ENOMEM;
	if (!vm->is_realm)
		return fail(-ENOEXEC, "only realms can run here");
	pthread_mutex_lock(&vm->lock);
	rc = vm->bugged ? -EIO : realm_activate(vm);
	vcpu->has_run |= rc == 0;
	pthread_mutex_unlock(&vm->lock);
	if (rc == 0 && !vcpu->has_rec)
		rc = fail(-EINVAL,
		    "vCPU %u came after the activation and has "
		    "no REC",
		    vcpu->id);
	return rc;
}

/* With power.lock. */
static bool
is_on(struct vcpu *vcpu)
{
	return vcpu->power.state == RKVM_MP_STATE_RUNNABLE ||
	    (vcpu->power.state == RKVM_MP_STATE_SUSPENDED &&
		vgic_pending(vcpu));
}

/* A vCPU that does not run sleeps; one that is suspended may be woken up. */
static long
wait_for_power(struct vcpu *vcpu)
{
	struct rkvm_run *run = vcpu->run;
	int rc = vcpu_sleep(vcpu, is_on);

	if (rc < 0)
		return rc == -EINTR ? run_interrupted(vcpu) : rc;
	if (vcpu_power_state(vcpu) != RKVM_MP_STATE_SUSPENDED)
		return 1;
	memset(&run->u.system_event, 0, sizeof(run->u.system_event));
	run->exit_reason = RKVM_EXIT_SYSTEM_EVENT;
	run->u.system_event.type = RKVM_SYSTEM_EVENT_WAKEUP;
	return 0;
}

static long
run_once(struct vcpu *vcpu)
{
	long rc;

	if (signals_pending())
		return run_interrupted(vcpu);
	if (vcpu_power_state(vcpu) != RKVM_MP_STATE_RUNNABLE) {
		rc = wait_for_power(vcpu);
		if (rc != 1)
			return rc;
	}
	rc = complete_exit(vcpu);
	return rc == 1 ? enter(vcpu) : rc;
}

long
vcpu_run(struct vcpu *vcpu)
{
	long rc = prepare(vcpu);

	if (rc < 0)
		return rc;
	mmio_complete(vcpu);
	/* Any thread of the VMM may write it at any time. */
	if (__atomic_load_n(&vcpu->run->immediate_exit, __ATOMIC_RELAXED))
		return run_interrupted(vcpu);
	vcpu->running.interrupted = false;
	do
		rc = run_once(vcpu);
	while (rc == 1);
	return rc;
}
