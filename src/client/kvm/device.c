/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices of the kernel: KVM_CREATE_DEVICE, and the attributes of what it made.
 */
#include <stdlib.h>

#include "kvm.h"

static int
check_type(const struct vm *vm, uint32_t type)
{
	if (type == RKVM_DEV_TYPE_ARM_VGIC_V3 ||
	    type == RKVM_DEV_TYPE_ARM_VGIC_ITS)
		return 0;
	return (int)fail(-ENODEV, "no device of type %u%s", type,
	    vm->is_realm ? ": a realm has a GICv3 (7)" : "");
}

/* What there is one of only, or what needs another. */
static int
check_place(const struct vm *vm, uint32_t type)
{
	if (type == RKVM_DEV_TYPE_ARM_VGIC_ITS)
		return vm->has_vgic
		    ? 0
		    : (int)fail(-ENODEV, "an ITS needs a GICv3 first");
	return vm->has_vgic
	    ? (int)fail(-EEXIST, "the VM has an interrupt controller")
	    : 0;
}

static void
note(struct vm *vm, struct device *device)
{
	if (device->type == RKVM_DEV_TYPE_ARM_VGIC_ITS)
		device->number = vm->vgic.num_its++;
	else
		vm->has_vgic = true;
}

long
device_create(struct vm *vm, uintptr_t arg)
{
	struct rmmkvm *system = vm->file.system;
	struct rkvm_create_device create;
	struct device *device;
	int rc;

	if (user_read(system, &create, arg, sizeof(create)) < 0)
		return -EFAULT;
	if (create.flags & ~RKVM_CREATE_DEVICE_TEST)
		return -EINVAL;
	rc = check_type(vm, create.type);
	if (rc < 0 || create.flags & RKVM_CREATE_DEVICE_TEST)
		return rc;
	rc = check_place(vm, create.type);
	if (rc < 0)
		return rc;
	device = calloc(1, sizeof(*device));
	if (device == NULL)
		return -ENOMEM;
	device->vm = vm;
	device->type = create.type;
	rc = file_open(system, &device->file, KIND_DEVICE,
	    create.type == RKVM_DEV_TYPE_ARM_VGIC_ITS ? "kvm-its" : "kvm-vgic",
	    0);
	if (rc < 0) {
		free(device);
		return rc;
	}
	vm_use(vm);
	create.fd = (uint32_t)device->file.fd;
	if (user_write(system, arg, &create, sizeof(create)) < 0) {
		rmmkvm_close_fd(system, device->file.fd);
		return -EFAULT;
	}
	note(vm, device);
	return 0;
}

static long
attribute(struct device *device, uint32_t command,
    const struct rkvm_device_attr *attr)
{
	if (device->vm->bugged)
		return -EIO;
	return device->type == RKVM_DEV_TYPE_ARM_VGIC_ITS
	    ? its_attribute(device, command, attr)
	    : vgic_attribute(device->vm, command, attr);
}

long
device_ioctl(struct device *device, uint32_t command, uintptr_t arg)
{
	struct rkvm_device_attr attr;
	long result;

	if (command != RKVM_SET_DEVICE_ATTR &&
	    command != RKVM_GET_DEVICE_ATTR && command != RKVM_HAS_DEVICE_ATTR)
		return fail(-ENOTTY, "no ioctl 0x%08x on a device", command);
	if (user_read(device->file.system, &attr, arg, sizeof(attr)) < 0)
		return -EFAULT;
	if (attr.flags != 0)
		return fail(-EINVAL, "an attribute has no flags");
	pthread_mutex_lock(&device->vm->lock);
	result = attribute(device, command, &attr);
	pthread_mutex_unlock(&device->vm->lock);
	return result;
}

void
device_close(struct device *device)
{
	/* The controller itself stays with its VM, as in the kernel. */
	vm_unuse(device->vm);
	free(device);
}
