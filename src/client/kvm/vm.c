/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A virtual machine: made, asked what it can, and gone when the last file
 * descriptor of it is closed.
 */
#include <stdlib.h>

#include "kvm.h"

#define DEFAULT_IPA_BITS 40
#define LEAST_IPA_BITS	 32
#define KVM_IPA_BITS	 48 /* of a VM that is no realm */

/* Decode a VM type: what kind, and how wide its IPAs. */
static int
decode_type(const struct rmmkvm *system, uint64_t type, struct vm *vm)
{
	const struct profile *profile = system->profile;
	unsigned most = KVM_IPA_BITS;

	if (type & ~(profile->vm_type_mask | 0xff))
		return (int)fail(-EINVAL,
		    "VM type 0x%llx has bits that profile %s does not know",
		    (unsigned long long)type, profile->name);
	vm->is_realm = (type & profile->vm_type_mask) == profile->vm_type_realm;
	if (!vm->is_realm && (type & profile->vm_type_mask) != 0)
		return (int)fail(-EINVAL, "VM type 0x%llx is of no known kind",
		    (unsigned long long)type);
	if (vm->is_realm)
		most = rmmkvm_max_ipa_bits(system);
	vm->ipa_bits = type & 0xff;
	if (vm->ipa_bits == 0)
		vm->ipa_bits = DEFAULT_IPA_BITS;
	if (vm->ipa_bits < LEAST_IPA_BITS || vm->ipa_bits > most)
		return (int)fail(-EINVAL,
		    "IPAs of %u bits: from %u to %u can be had", vm->ipa_bits,
		    LEAST_IPA_BITS, most);
	return 0;
}

long
vm_create(struct rmmkvm *system, uint64_t type)
{
	struct vm *vm = calloc(1, sizeof(*vm));
	int rc;

	if (vm == NULL)
		return -ENOMEM;
	vm->users = 1;
	rc = decode_type(system, type, vm);
	if (rc == 0) {
		pages_init(&vm->pages, system->client);
		pthread_mutex_init(&vm->lock, NULL);
		rc = file_open(system, &vm->file, KIND_VM, "kvm-vm", 0);
	}
	if (rc < 0) {
		free(vm);
		return rc;
	}
	return vm->file.fd;
}

static void
vm_destroy(struct vm *vm)
{
	/* Nobody else can reach it; the lock says so to those who check. */
	pthread_mutex_lock(&vm->lock);
	for (size_t i = 0; i < vm->num_vcpus; i++)
		vcpu_destroy(vm->vcpus[i]);
	realm_destroy(vm);
	pages_end(&vm->pages);
	pthread_mutex_unlock(&vm->lock);
	pthread_mutex_destroy(&vm->lock);
	free(vm->slots);
	free(vm->private);
	free(vm);
}

void
vm_use(struct vm *vm)
{
	pthread_mutex_lock(&vm->file.system->lock);
	vm->users++;
	pthread_mutex_unlock(&vm->file.system->lock);
}

void
vm_unuse(struct vm *vm)
{
	unsigned users;

	pthread_mutex_lock(&vm->file.system->lock);
	users = --vm->users;
	pthread_mutex_unlock(&vm->file.system->lock);
	if (users == 0)
		vm_destroy(vm);
}

int
vm_params_page(struct vm *vm, uint64_t *pa)
{
	int rc;

	if (!vm->has_params) {
		rc = page_alloc(&vm->pages, &vm->params_pa);
		if (rc < 0)
			return rc;
		vm->has_params = true;
	}
	*pa = vm->params_pa;
	return 0;
}

static long
max_vcpus(const struct rmmkvm *system)
{
	unsigned order = RMI_FEATURE0_GET(system->features, MAX_RECS_ORDER);

	return order < 9 ? 1l << order : MAX_VCPUS;
}

/* What the architecture's code answers; a realm only for a few of them. */
static long
arch_extension(const struct rmmkvm *system, const struct vm *vm, uint64_t cap)
{
	if (cap == system->profile->cap_rmi)
		return 1;
	switch (cap) {
	case RKVM_CAP_IRQCHIP:
	case RKVM_CAP_ARM_PSCI:
	case RKVM_CAP_ARM_PSCI_0_2:
		return 1;
	case RKVM_CAP_NR_VCPUS:
	case RKVM_CAP_MAX_VCPUS:
	case RKVM_CAP_MAX_VCPU_ID:
		return max_vcpus(system);
	case RKVM_CAP_ARM_VM_IPA_SIZE:
		return KVM_IPA_BITS;
	case RKVM_CAP_DEVICE_CTRL:
	case RKVM_CAP_IMMEDIATE_EXIT:
		return vm == NULL || !vm->is_realm;
	default:
		return 0;
	}
}

long
vm_check_extension(struct rmmkvm *system, const struct vm *vm, uint64_t cap)
{
	bool private = vm == NULL || vm->is_realm;

	switch (cap) {
	case RKVM_CAP_USER_MEMORY:
	case RKVM_CAP_USER_MEMORY2:
	case RKVM_CAP_CHECK_EXTENSION_VM:
		return 1;
	case RKVM_CAP_NR_MEMSLOTS:
		return INT16_MAX;
	case RKVM_CAP_GUEST_MEMFD:
		return private;
	case RKVM_CAP_MEMORY_ATTRIBUTES:
		return private ? (long)RKVM_MEMORY_ATTRIBUTE_PRIVATE : 0;
	default:
		return arch_extension(system, vm, cap);
	}
}

static long
preferred_target(struct vm *vm, uintptr_t arg)
{
	struct rkvm_vcpu_init init = { .target = RKVM_ARM_TARGET_GENERIC_V8 };

	return user_write(vm->file.system, arg, &init, sizeof(init));
}

static long
locked_ioctl(struct vm *vm, uint32_t command, uintptr_t arg)
{
	if (command == vm->file.system->profile->populate_command)
		return populate(vm, arg);
	switch (command) {
	case RKVM_CREATE_VCPU:
		return vcpu_create(vm, arg);
	case RKVM_SET_USER_MEMORY_REGION:
		return memslot_set(vm, arg, false);
	case RKVM_SET_USER_MEMORY_REGION2:
		return memslot_set(vm, arg, true);
	case RKVM_SET_MEMORY_ATTRIBUTES:
		return attributes_set(vm, arg);
	case RKVM_CREATE_GUEST_MEMFD:
		return gmem_create(vm, arg);
	case RKVM_CREATE_DEVICE:
		return device_create(vm, arg);
	case RKVM_ENABLE_CAP:
		return fail(-EINVAL, "no capability can be enabled on a VM");
	case RKVM_ARM_PREFERRED_TARGET:
		return preferred_target(vm, arg);
	default:
		return fail(-ENOTTY, "no ioctl 0x%08x on a VM in profile %s",
		    command, vm->file.system->profile->name);
	}
}

long
vm_ioctl(struct vm *vm, uint32_t command, uintptr_t arg)
{
	long result;

	if (command == RKVM_CHECK_EXTENSION)
		return vm_check_extension(vm->file.system, vm, arg);
	pthread_mutex_lock(&vm->lock);
	result = vm->bugged
	    ? fail(-EIO, "the VM is dead after an error of its own")
	    : locked_ioctl(vm, command, arg);
	pthread_mutex_unlock(&vm->lock);
	return result;
}

RMMKVM_API int
rmmkvm_realm(struct rmmkvm *system, int fd, struct rmmkvm_realm *realm)
{
	struct file *file = file_get(system, fd);
	int rc = -EINVAL;

	if (file == NULL)
		return -EBADF;
	if (file->kind == KIND_VM && ((struct vm *)file)->is_realm) {
		struct vm *vm = (struct vm *)file;

		pthread_mutex_lock(&vm->lock);
		realm->state = vm->realm.state;
		realm->rd = vm->realm.rd;
		pthread_mutex_unlock(&vm->lock);
		rc = 0;
	}
	file_put(file);
	return rc;
}
