/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The interrupt controller, as far as a realm's start needs it: that it exists,
 * is a GICv3, and has been initialised.  No interrupt goes through it.
 */
#include <stdlib.h>

#include "kvm.h"

static int
check_type(const struct vm *vm, uint32_t type)
{
	if (type == RKVM_DEV_TYPE_ARM_VGIC_V3)
		return 0;
	return (int)fail(-ENODEV, "no device of type %u%s", type,
	    vm->is_realm ? ": a realm has a GICv3 (7)" : "");
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
	if (vm->has_vgic)
		return fail(-EEXIST, "the VM has an interrupt controller");
	device = calloc(1, sizeof(*device));
	if (device == NULL)
		return -ENOMEM;
	device->vm = vm;
	device->type = create.type;
	rc = file_open(system, &device->file, KIND_DEVICE, "kvm-vgic", 0);
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
	vm->has_vgic = true;
	return 0;
}

static bool
has_attr(const struct rkvm_device_attr *attr)
{
	switch (attr->group) {
	case RKVM_DEV_ARM_VGIC_GRP_ADDR:
		return attr->attr == RKVM_VGIC_V3_ADDR_TYPE_DIST ||
		    attr->attr == RKVM_VGIC_V3_ADDR_TYPE_REDIST;
	case RKVM_DEV_ARM_VGIC_GRP_NR_IRQS:
		return attr->attr == 0;
	case RKVM_DEV_ARM_VGIC_GRP_CTRL:
		return attr->attr == RKVM_DEV_ARM_VGIC_CTRL_INIT;
	default:
		return false;
	}
}

long
device_ioctl(struct device *device, uint32_t command, uintptr_t arg)
{
	struct rkvm_device_attr attr;

	if (command != RKVM_SET_DEVICE_ATTR && command != RKVM_HAS_DEVICE_ATTR)
		return fail(-ENOTTY, "no ioctl 0x%08x on a device", command);
	if (user_read(device->file.system, &attr, arg, sizeof(attr)) < 0)
		return -EFAULT;
	if (attr.flags != 0)
		return -EINVAL;
	if (!has_attr(&attr))
		return fail(-ENXIO,
		    "the GICv3 has no attribute %llu of group "
		    "%u",
		    (unsigned long long)attr.attr, attr.group);
	if (command == RKVM_SET_DEVICE_ATTR &&
	    attr.group == RKVM_DEV_ARM_VGIC_GRP_CTRL) {
		pthread_mutex_lock(&device->vm->lock);
		device->vm->vgic_initialized = true;
		pthread_mutex_unlock(&device->vm->lock);
	}
	return 0;
}

void
device_close(struct device *device)
{
	/* The controller itself stays with its VM, as in the kernel. */
	vm_unuse(device->vm);
	free(device);
}
