/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A virtual machine: made, asked what it can, and gone when the last file
 * descriptor of it is closed.
 */
#include <stdlib.h>

#include "kvm.h"

#define DEFAULT_IPA_BITS 40
#define LEAST_IPA_BITS	 32

/* Decode a VM type: what kind, and how wide its IPAs. */
static int
decode_type(struct rmmkvm *system, uint64_t type, struct vm *vm)
{
	const struct profile *profile = system->profile;
	unsigned most = (unsigned)vm_check_extension(
	    system, NULL, RKVM_CAP_ARM_VM_IPA_SIZE);

	if (type & ~(profile->vm_type_mask | RKVM_VM_TYPE_IPA_MASK))
		return (int)fail(-EINVAL,
		    "VM type 0x%llx has bits that profile %s does not know",
		    (unsigned long long)type, profile->name);
	vm->is_realm = (type & profile->vm_type_mask) == profile->vm_type_realm;
	if (!vm->is_realm && (type & profile->vm_type_mask) != 0)
		return (int)fail(-EINVAL, "VM type 0x%llx is of no known kind",
		    (unsigned long long)type);
	if (vm->is_realm)
		most = rmmkvm_max_ipa_bits(system);
	vm->ipa_bits = type & RKVM_VM_TYPE_IPA_MASK;
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
	vm->serial = ++system->num_vms;
	rc = decode_type(system, type, vm);
	if (rc == 0) {
		pages_init(&vm->pages, system->client);
		pthread_mutex_init(&vm->lock, NULL);
		pthread_mutex_init(&vm->irq_lock, NULL);
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
	irqfds_end(vm);
	/* Nobody else can reach it; the lock says so to those who check. */
	pthread_mutex_lock(&vm->lock);
	for (size_t i = 0; i < vm->num_vcpus; i++)
		vcpu_destroy(vm->vcpus[i]);
	realm_destroy(vm);
	memslots_free(vm);
	pages_end(&vm->pages);
	pthread_mutex_unlock(&vm->lock);
	pthread_mutex_destroy(&vm->lock);
	pthread_mutex_destroy(&vm->irq_lock);
	irqs_free(vm);
	free(vm->vgic.regs);
	ranges_free(&vm->private);
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

void
vm_kill(struct vm *vm)
{
	vm->bugged = true;
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
preferred_target(struct vm *vm, uintptr_t arg)
{
	struct rkvm_vcpu_init init = { .target = RKVM_ARM_TARGET_GENERIC_V8 };

	return user_write(vm->file.system, arg, &init, sizeof(init));
}

/* There is no ring, as KVM_CAP_COALESCED_MMIO says; so no zone goes. */
static long
coalesced_mmio_end(struct vm *vm, uintptr_t arg)
{
	struct rkvm_coalesced_mmio_zone zone;

	if (user_read(vm->file.system, &zone, arg, sizeof(zone)) < 0)
		return -EFAULT;
	return zone.pio > 1 ? fail(-EINVAL, "pio is 0 or 1") : 0;
}

static long
locked_ioctl(struct vm *vm, uint32_t command, uintptr_t arg)
{
	const struct profile *profile = vm->file.system->profile;

	if (profile->populate != NULL && command == profile->populate->command)
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
		return vm_enable_cap(vm, arg);
	case RKVM_IRQ_LINE:
		return irq_line(vm, arg);
	case RKVM_SIGNAL_MSI:
		return irq_msi(vm, arg);
	case RKVM_IRQFD:
		return irq_fd(vm, arg);
	case RKVM_IOEVENTFD:
		return io_event_fd(vm, arg);
	case RKVM_SET_GSI_ROUTING:
		return irq_routing(vm, arg);
	case RKVM_UNREGISTER_COALESCED_MMIO:
		return coalesced_mmio_end(vm, arg);
	case RKVM_SET_COUNTER_OFFSET:
		return fail(-EINVAL, "a VM's counter has no offset%s",
		    vm->is_realm ? ", and a realm's can have none" : "");
	case RKVM_GET_STATS_FD:
		return stats_fd("kvm", (unsigned)vm->file.fd);
	case RKVM_ARM_PREFERRED_TARGET:
		return preferred_target(vm, arg);
	case RKVM_SET_DEVICE_ATTR:
		return smccc_set_attr(vm, arg);
	case RKVM_HAS_DEVICE_ATTR:
		return smccc_has_attr(vm, arg);
	default:
		return fail(-ENOTTY, "no ioctl 0x%08x on a VM in profile %s",
		    command, profile->name);
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
	struct vm *vm = NULL;
	int rc = -EINVAL;

	if (file == NULL)
		return -EBADF;
	if (file->kind == KIND_VM)
		vm = (struct vm *)file;
	else if (file->kind == KIND_VCPU)
		vm = ((struct vcpu *)file)->vm;
	if (vm != NULL && vm->is_realm) {
		pthread_mutex_lock(&vm->lock);
		realm->state = vm->realm.state;
		realm->rd = vm->realm.rd;
		realm->serial = vm->serial;
		pthread_mutex_unlock(&vm->lock);
		rc = 0;
	}
	file_put(file);
	return rc;
}
