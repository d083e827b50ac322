/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vCPUs: made, initialised, given registers.  Only x0 to x7 and pc of the
 * values set before the first KVM_RUN reach the RMM.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kvm.h"

/* A handler of a signal that comes while KVM_RUN waits may use the vCPU. */
static void
init_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t recursive;

	pthread_mutexattr_init(&recursive);
	pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(lock, &recursive);
	pthread_mutexattr_destroy(&recursive);
}

long
vcpu_create(struct vm *vm, uint64_t id)
{
	struct rmmkvm *system = vm->file.system;
	struct vcpu *vcpu;
	long most = vm_check_extension(system, vm, RKVM_CAP_MAX_VCPUS);
	int rc;

	if (id >= (uint64_t)most || vm->num_vcpus >= (size_t)most)
		return fail(-EINVAL, "vCPU %llu: a VM has at most %ld",
		    (unsigned long long)id, most);
	if (vm->vgic_initialized)
		return fail(-EBUSY, "vCPU %llu: the GIC is initialised",
		    (unsigned long long)id);
	for (size_t i = 0; i < vm->num_vcpus; i++)
		if (vm->vcpus[i]->id == id)
			return fail(-EEXIST, "vCPU %llu exists",
			    (unsigned long long)id);
	vcpu = calloc(1, sizeof(*vcpu));
	if (vcpu == NULL)
		return -ENOMEM;
	vcpu->vm = vm;
	vcpu->id = (unsigned)id;
	vcpu->timer_irq[RKVM_ARM_VCPU_TIMER_IRQ_VTIMER] = 27;
	vcpu->timer_irq[RKVM_ARM_VCPU_TIMER_IRQ_PTIMER] = 30;
	rc = file_open(system, &vcpu->file, KIND_VCPU, "kvm-vcpu", PAGE_SIZE);
	if (rc < 0) {
		free(vcpu);
		return rc;
	}
	vcpu->run = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
	    vcpu->file.fd, 0);
	if (vcpu->run == MAP_FAILED)
		vcpu->run = NULL;
	init_lock(&vcpu->lock);
	power_init(&vcpu->power);
	vm_use(vm);
	/* From here on it is the VM's, whatever becomes of its descriptor. */
	vm->vcpus[vm->num_vcpus++] = vcpu;
	return vcpu->file.fd;
}

void
vcpu_close(struct vcpu *vcpu)
{
	vm_unuse(vcpu->vm);
}

void
vcpu_destroy(struct vcpu *vcpu)
{
	rec_destroy(vcpu);
	if (vcpu->run != NULL)
		munmap(vcpu->run, PAGE_SIZE);
	pthread_mutex_destroy(&vcpu->lock);
	power_fini(&vcpu->power);
	free(vcpu);
}

uint64_t
vcpu_mpidr(const struct vcpu *vcpu)
{
	uint64_t id = vcpu->id;

	return (id & 0xf) | (id >> 4 & 0xff) << 8 | (id >> 12 & 0xff) << 16;
}

bool
vcpu_has_feature(const struct vcpu *vcpu, unsigned feature)
{
	return vcpu->initialized && vcpu->init.features[0] >> feature & 1;
}

/* Features that this VM's vCPUs can have. */
static uint32_t
possible_features(const struct vm *vm)
{
	const struct profile *profile = vm->file.system->profile;
	uint64_t features = vm->file.system->features;
	uint32_t possible = 1u << RKVM_ARM_VCPU_POWER_OFF |
	    1u << RKVM_ARM_VCPU_PSCI_0_2 | 1u << RKVM_ARM_VCPU_PTRAUTH_ADDRESS |
	    1u << RKVM_ARM_VCPU_PTRAUTH_GENERIC;

	if (vm->is_realm)
		possible |= profile->vcpu_rec;
	if (RMI_FEATURE0_GET(features, SVE_EN))
		possible |= 1u << RKVM_ARM_VCPU_SVE;
	if (RMI_FEATURE0_GET(features, PMU_EN))
		possible |= 1u << RKVM_ARM_VCPU_PMU_V3;
	return possible;
}

static int
check_features(const struct vm *vm, uint32_t features)
{
	const uint32_t both = 1u << RKVM_ARM_VCPU_PTRAUTH_ADDRESS |
	    1u << RKVM_ARM_VCPU_PTRAUTH_GENERIC;
	const uint32_t possible = possible_features(vm);

	if (features & ~vm->file.system->profile->vcpu_features)
		return (int)fail(-ENOENT, "unknown features 0x%x", features);
	if (features & ~possible)
		return (int)fail(-EINVAL, "features 0x%x can not be had%s",
		    features & ~possible, vm->is_realm ? " in a realm" : "");
	if ((features & both) != 0 && (features & both) != both)
		return (int)fail(-EINVAL, "the two PTRAUTH go together");
	return 0;
}

static long
vcpu_init(struct vcpu *vcpu, uintptr_t arg)
{
	struct rkvm_vcpu_init init;
	int rc;

	if (user_read(vcpu->file.system, &init, arg, sizeof(init)) < 0)
		return -EFAULT;
	if (init.target != RKVM_ARM_TARGET_GENERIC_V8)
		return fail(-EINVAL, "target %u: there is only %u", init.target,
		    RKVM_ARM_TARGET_GENERIC_V8);
	for (size_t i = 1; i < 7; i++)
		if (init.features[i] != 0)
			return fail(-ENOENT, "unknown features");
	rc = check_features(vcpu->vm, init.features[0]);
	if (rc < 0)
		return rc;
	if (vcpu->initialized && memcmp(&init, &vcpu->init, sizeof(init)) != 0)
		return fail(
		    -EINVAL, "vCPU %u was initialised with others", vcpu->id);
	if (!vcpu->initialized)
		vcpu->sve_vl = (uint8_t)RMI_FEATURE0_GET(
		    vcpu->file.system->features, SVE_VL);
	vcpu->init = init;
	vcpu->initialized = true;
	memset(vcpu->x, 0, sizeof(vcpu->x));
	vcpu->pc = 0;
	vcpu_power(vcpu,
	    init.features[0] & 1u << RKVM_ARM_VCPU_POWER_OFF
		? RKVM_MP_STATE_STOPPED
		: RKVM_MP_STATE_RUNNABLE);
	return 0;
}

/* KVM_ARM_VCPU_FINALIZE: of a realm's vCPU its REC, to v11; or SVE. */
static long
finalize(struct vcpu *vcpu, uintptr_t arg)
{
	struct vm *vm = vcpu->vm;
	int32_t feature;

	if (!vcpu->initialized)
		return fail(-ENOEXEC, "vCPU %u is not initialised", vcpu->id);
	if (user_read(vm->file.system, &feature, arg, sizeof(feature)) < 0)
		return -EFAULT;
	if (feature == RKVM_ARM_VCPU_SVE) {
		if (!vcpu_has_feature(vcpu, RKVM_ARM_VCPU_SVE))
			return fail(-EINVAL, "vCPU %u has no SVE", vcpu->id);
		if (vcpu->sve_finalized)
			return fail(-EPERM, "vCPU %u: twice", vcpu->id);
		vcpu->sve_finalized = true;
		return 0;
	}
	if (feature < 0 || feature >= 32 || !vm->is_realm ||
	    !(vm->file.system->profile->vcpu_rec >> feature & 1))
		return fail(-EINVAL,
		    "feature %d of vCPU %u is not one to be finalised", feature,
		    vcpu->id);
	if (vm->realm.state != RMMKVM_NEW)
		return fail(-ENOENT, "the realm is not NEW");
	return rec_create(vcpu);
}

/* KVM_ARM_VCPU_RMI_PSCI_COMPLETE: the answer to a request about another vCPU.
 */
static long
psci_complete(struct vcpu *vcpu, uintptr_t arg)
{
	struct rmmkvm *system = vcpu->file.system;
	const struct exits_uapi *uapi = system->profile->exits;
	struct rkvm_psci_complete complete;
	struct vcpu *target = NULL;
	int rc;

	if (!vcpu->has_rec)
		return fail(uapi->psci_not_rec, "vCPU %u has no REC", vcpu->id);
	if (user_read(system, &complete, arg, sizeof(complete)) < 0)
		return -EFAULT;
	for (size_t i = 0; i < vcpu->vm->num_vcpus; i++)
		if (vcpu_mpidr(vcpu->vm->vcpus[i]) == complete.target_mpidr)
			target = vcpu->vm->vcpus[i];
	if (target == NULL || !target->has_rec)
		return fail(uapi->psci_no_target, "no vCPU has MPIDR 0x%llx",
		    (unsigned long long)complete.target_mpidr);
	rc = rmi_psci_complete(system->client, vcpu->rec, target->rec,
	    (uint64_t)(int64_t)(int32_t)complete.psci_status);
	if (rc != RMI_SUCCESS)
		return rmi_fail(uapi->psci_failed, "RMI_PSCI_COMPLETE", rc);
	return 0;
}

static long
locked_ioctl(struct vcpu *vcpu, uint32_t command, uintptr_t arg)
{
	switch (command) {
	case RKVM_ARM_VCPU_INIT:
		return vcpu_init(vcpu, arg);
	case RKVM_GET_ONE_REG:
		return regs_one(vcpu, arg, false);
	case RKVM_SET_ONE_REG:
		return regs_one(vcpu, arg, true);
	case RKVM_GET_REG_LIST:
		return regs_list(vcpu, arg);
	case RKVM_GET_MP_STATE:
		return vcpu_get_mp_state(vcpu, arg);
	case RKVM_SET_MP_STATE:
		return vcpu_set_mp_state(vcpu, arg);
	case RKVM_GET_VCPU_EVENTS:
		return vcpu_get_events(vcpu, arg);
	case RKVM_SET_VCPU_EVENTS:
		return vcpu_set_events(vcpu, arg);
	case RKVM_SET_SIGNAL_MASK:
		return vcpu_set_signal_mask(vcpu, arg);
	case RKVM_HAS_DEVICE_ATTR:
	case RKVM_SET_DEVICE_ATTR:
	case RKVM_GET_DEVICE_ATTR:
		return vcpu_attribute(vcpu, command, arg);
	case RKVM_GET_STATS_FD:
		return stats_fd("kvm-vcpu", vcpu->id);
	case RKVM_ENABLE_CAP:
		return fail(-EINVAL, "no capability can be enabled on a vCPU");
	case RKVM_ARM_VCPU_FINALIZE:
		return finalize(vcpu, arg);
	case RKVM_PSCI_COMPLETE:
		if (vcpu->file.system->profile->exits->psci_complete_ioctl)
			return psci_complete(vcpu, arg);
		/* FALLTHROUGH */
	default:
		return fail(-ENOTTY, "no ioctl 0x%08x on a vCPU", command);
	}
}

long
vcpu_ioctl(struct vcpu *vcpu, uint32_t command, uintptr_t arg)
{
	struct vm *vm = vcpu->vm;
	long result;

	pthread_mutex_lock(&vcpu->lock);
	if (command == RKVM_RUN) {
		signals_mask(vcpu->has_signal_mask ? &vcpu->signal_mask : NULL);
		result = arg == 0 ? vcpu_run(vcpu) : -EINVAL;
		signals_mask(NULL);
	} else {
		pthread_mutex_lock(&vm->lock);
		result = vm->bugged ? -EIO : locked_ioctl(vcpu, command, arg);
		pthread_mutex_unlock(&vm->lock);
	}
	pthread_mutex_unlock(&vcpu->lock);
	return result;
}
