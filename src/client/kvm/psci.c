/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI calls of a realm that reach the host: the monitor has looked at them,
 * the kernel switches its vCPUs, and RMI_PSCI_COMPLETE brings both together.
 */
#include <string.h>

#include "kvm.h"

#define PSCI_INTERNAL_FAILURE (-6)

/* KVM's order of things: success, or what else goes into the caller's x0. */
static long
resume(struct vcpu *vcpu, int64_t result)
{
	vcpu->x[0] = (uint64_t)result;
	return 1;
}

static struct vcpu *
find_target(struct vcpu *vcpu, uint64_t mpidr)
{
	struct vm *vm = vcpu->vm;
	struct vcpu *target = NULL;

	for (size_t i = 0; i < vm->num_vcpus; i++)
		if (vcpu_mpidr(vm->vcpus[i]) == (mpidr & 0xff00ffffff))
			target = vm->vcpus[i];
	return target != NULL && target->has_rec ? target : NULL;
}

static void
complete(struct vcpu *vcpu, const struct vcpu *target, int64_t status)
{
	int rc = rmi_psci_complete(vcpu->file.system->client, vcpu->rec,
	    target->rec, (uint64_t)status);

	/* The kernel warns and goes on: the entry that follows will fail. */
	if (rc != RMI_SUCCESS)
		rmi_fail(0, "RMI_PSCI_COMPLETE", rc);
}

/*
 * CPU_ON.  While there is a PSCI_COMPLETE ioctl, the kernel's own completion
 * comes before the target can run; after that, before the caller's next entry.
 */
static long
cpu_on(struct vcpu *vcpu)
{
	bool at_once = vcpu->file.system->profile->exits->psci_complete_ioctl;
	struct vcpu *target = find_target(vcpu, vcpu->x[1]);
	struct power *power;
	uint32_t state;

	if (target == NULL)
		return resume(vcpu, PSCI_INVALID_PARAMETERS);
	power = &target->power;
	pthread_mutex_lock(&power->lock);
	state = power->state;
	if (at_once)
		complete(vcpu, target, PSCI_SUCCESS);
	power->state = RKVM_MP_STATE_RUNNABLE;
	pthread_mutex_unlock(&power->lock);
	if (state != RKVM_MP_STATE_STOPPED)
		return resume(vcpu, PSCI_ALREADY_ON);
	vcpu_kick(target);
	return resume(vcpu, PSCI_SUCCESS);
}

static long
affinity_info(struct vcpu *vcpu)
{
	struct vcpu *target = find_target(vcpu, vcpu->x[1]);

	if (target == NULL || vcpu->x[2] != 0)
		return resume(vcpu, PSCI_INVALID_PARAMETERS);
	if (vcpu->file.system->profile->exits->psci_complete_ioctl)
		complete(vcpu, target, PSCI_SUCCESS);
	return resume(vcpu,
	    vcpu_power_state(target) == RKVM_MP_STATE_STOPPED ? PSCI_OFF
							      : PSCI_SUCCESS);
}

static long
cpu_suspend(struct vcpu *vcpu)
{
	int rc = vcpu_sleep(vcpu, vgic_pending);

	vcpu->x[0] = PSCI_SUCCESS;
	if (rc == -EINTR)
		return run_interrupted(vcpu);
	return rc < 0 ? rc : 1;
}

/* No vCPU runs on; user space decides what becomes of the VM. */
static long
system_event(struct vcpu *vcpu, uint32_t type)
{
	struct rkvm_run *run = vcpu->run;

	for (size_t i = 0; i < vcpu->vm->num_vcpus; i++)
		vcpu_power(vcpu->vm->vcpus[i], RKVM_MP_STATE_STOPPED);
	memset(&run->u.system_event, 0, sizeof(run->u.system_event));
	run->exit_reason = RKVM_EXIT_SYSTEM_EVENT;
	run->u.system_event.type = type;
	run->u.system_event.ndata = 1;
	vcpu->x[0] = (uint64_t)PSCI_INTERNAL_FAILURE;
	return 0;
}

long
psci_handle(struct vcpu *vcpu)
{
	switch ((uint32_t)vcpu->x[0]) {
	case PSCI_FID_CPU_ON:
		return cpu_on(vcpu);
	case PSCI_FID_AFFINITY_INFO:
		return affinity_info(vcpu);
	case PSCI_FID_CPU_OFF:
		vcpu_power(vcpu, RKVM_MP_STATE_STOPPED);
		return 1;
	case PSCI_FID_CPU_SUSPEND:
		return cpu_suspend(vcpu);
	case PSCI_FID_SYSTEM_OFF:
		return system_event(vcpu, RKVM_SYSTEM_EVENT_SHUTDOWN);
	case PSCI_FID_SYSTEM_RESET:
		return system_event(vcpu, RKVM_SYSTEM_EVENT_RESET);
	default:
		return resume(vcpu, PSCI_NOT_SUPPORTED);
	}
}

void
psci_complete_exit(struct vcpu *vcpu)
{
	const struct rmi_rec_exit *exit = &vcpu->running.exit;
	const struct vcpu *target;
	int64_t result = (int64_t)vcpu->x[0];
	int64_t status = PSCI_SUCCESS;

	if (vcpu->file.system->profile->exits->psci_complete_ioctl)
		return;
	switch ((uint32_t)exit->gprs[0]) {
	case PSCI_FID_CPU_ON:
		if (result != PSCI_SUCCESS && result != PSCI_ALREADY_ON)
			status = PSCI_DENIED;
		break;
	case PSCI_FID_AFFINITY_INFO:
		break;
	default:
		return;
	}
	target = find_target(vcpu, exit->gprs[1]);
	if (target != NULL)
		complete(vcpu, target, status);
}
