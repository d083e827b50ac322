/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * KVM_RUN: activate the realm if that is still to do, enter the REC, and tell
 * user space why it came back.
 */
#include <string.h>

#include "kvm.h"

static long
interrupted(struct vcpu *vcpu)
{
	vcpu->run->exit_reason = RKVM_EXIT_INTR;
	return -EINTR;
}

static long
internal_error(struct vcpu *vcpu, const char *what)
{
	struct rkvm_run *run = vcpu->run;

	memset(&run->u.internal, 0, sizeof(run->u.internal));
	run->exit_reason = RKVM_EXIT_INTERNAL_ERROR;
	return fail(0, "vCPU %u: %s", vcpu->id, what);
}

static long
system_event(struct vcpu *vcpu, uint32_t type)
{
	struct rkvm_run *run = vcpu->run;

	memset(&run->u.system_event, 0, sizeof(run->u.system_event));
	run->exit_reason = RKVM_EXIT_SYSTEM_EVENT;
	run->u.system_event.type = type;
	run->u.system_event.ndata = 1;
	return 0;
}

static long
handle_psci(struct vcpu *vcpu, const struct rmi_rec_exit *exit)
{
	memcpy(vcpu->x, exit->gprs, sizeof(vcpu->x));
	switch (exit->gprs[0]) {
	case PSCI_FID_SYSTEM_OFF:
		return system_event(vcpu, RKVM_SYSTEM_EVENT_SHUTDOWN);
	case PSCI_FID_SYSTEM_RESET:
		return system_event(vcpu, RKVM_SYSTEM_EVENT_RESET);
	default:
		return internal_error(vcpu, "a PSCI call of no known kind");
	}
}

/* Returns 1 to enter the REC again. */
static long
handle_exit(struct vcpu *vcpu, const struct rmi_rec_exit *exit)
{
	switch (exit->exit_reason) {
	case RMI_EXIT_PSCI:
		return handle_psci(vcpu, exit);
	case RMI_EXIT_IRQ:
	case RMI_EXIT_FIQ:
	case RMI_EXIT_SERROR:
		return 1;
	default:
		return internal_error(
		    vcpu, "the realm asks for what no handler is there for");
	}
}

static long
enter(struct vcpu *vcpu)
{
	struct rmmkvm *system = vcpu->file.system;
	struct rmi_rec_run run;
	int rc;

	memset(&run, 0, sizeof(run));
	rc = ns_write(system, vcpu->run_pa, &run, sizeof(run));
	if (rc < 0)
		return rc;
	rc = rmi_rec_enter(system->client, vcpu->rec, vcpu->run_pa);
	if (rc < 0)
		return rmi_fail(-EIO, "RMI_REC_ENTER", rc);
	switch (RMI_STATUS((unsigned)rc)) {
	case RMI_SUCCESS:
		break;
	case RMI_ERROR_REALM:
		vcpu->run->exit_reason = RKVM_EXIT_SHUTDOWN;
		return 0;
	case RMI_ERROR_REC:
		return rmi_fail(-EAGAIN, "RMI_REC_ENTER", rc);
	default:
		return rmi_fail(-ENXIO, "RMI_REC_ENTER", rc);
	}
	rc = ns_read(system, &run, vcpu->run_pa, sizeof(run));
	return rc < 0 ? rc : handle_exit(vcpu, &run.exit);
}

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
	pthread_mutex_unlock(&vm->lock);
	if (rc == 0 && !vcpu->has_rec)
		rc = fail(-EINVAL,
		    "vCPU %u came after the activation and has "
		    "no REC",
		    vcpu->id);
	return rc;
}

long
vcpu_run(struct vcpu *vcpu)
{
	long rc = prepare(vcpu);

	if (rc < 0)
		return rc;
	if (vcpu->run->immediate_exit)
		return interrupted(vcpu);
	do {
		rc = signals_pending() ? interrupted(vcpu) : enter(vcpu);
	} while (rc == 1);
	return rc;
}
