/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The GICv3, as user space sees it through its device: where it is, how many
 * interrupts it has, when it is initialised, and registers, which keep what is
 * written to them unless they say what the GIC is.
 */
#include <stdlib.h>
#include <string.h>

#include "kvm.h"

#define FRAME	    0x10000ull /* distributor, and each half of a redist */
#define MAX_STORED  (1u << 17) /* registers of all VMs' vCPUs and then some */
#define GICD_TYPER  0x4u
#define GICD_IIDR   0x8u
#define GICR_IIDR   0x4u
#define GICR_TYPER  0x8u
#define PIDR2	    0xffe8u
#define IIDR	    0x4b00343bull /* KVM's, revision 3, of Arm */
#define PIDR2_GICV3 0x3bull
#define ICC_CTLR    RKVM_SYSREG(3, 0, 12, 12, 4)
#define ICC_SRE	    RKVM_SYSREG(3, 0, 12, 12, 5)

/* ---- Stored registers -------------------------------------------------- */

/* Where key is, or would be. */
static size_t
place(const struct vgic *vgic, uint64_t key)
{
	size_t low = 0, high = vgic->num_regs;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (vgic->regs[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

uint64_t
vgic_stored(const struct vgic *vgic, uint64_t key, uint64_t otherwise)
{
	size_t at = place(vgic, key);

	return at < vgic->num_regs && vgic->regs[at].key == key
	    ? vgic->regs[at].value
	    : otherwise;
}

int
vgic_store(struct vgic *vgic, uint64_t key, uint64_t value)
{
	size_t at = place(vgic, key), num = vgic->num_regs;
	struct stored_register *regs = vgic->regs;

	if (at < num && regs[at].key == key) {
		regs[at].value = value;
		return 0;
	}
	if (num == MAX_STORED)
		return -ENOMEM;
	/* Room doubles whenever the count is a power of two. */
	if ((num & (num - 1)) == 0) {
		regs = realloc(regs, (num == 0 ? 1 : 2 * num) * sizeof(*regs));
		if (regs == NULL)
			return -ENOMEM;
		vgic->regs = regs;
	}
	memmove(&regs[at + 1], &regs[at], (num - at) * sizeof(*regs));
	regs[at] = (struct stored_register){ key, value };
	vgic->num_regs++;
	return 0;
}

/* ---- Addresses --------------------------------------------------------- */

static bool *
address_of(
    struct vgic *vgic, const struct rkvm_device_attr *attr, uint64_t **base)
{
	if (attr->attr == RKVM_VGIC_V3_ADDR_TYPE_DIST) {
		*base = &vgic->dist_base;
		return &vgic->has_dist;
	}
	*base = &vgic->redist_base;
	return &vgic->has_redist;
}

static long
set_address(struct vm *vm, const struct rkvm_device_attr *attr)
{
	uint64_t *base, address, size = FRAME;
	bool *has = address_of(&vm->vgic, attr, &base);

	if (user_read(vm->file.system, &address, attr->addr, sizeof(address)) <
	    0)
		return -EFAULT;
	if (*has)
		return fail(-EEXIST, "that address of the GIC is set");
	if (attr->attr == RKVM_VGIC_V3_ADDR_TYPE_REDIST_REGION) {
		size = 2 * FRAME * (address >> 52);
		if (address >> 12 & 0xf)
			return fail(-EINVAL, "a redistributor region's flags");
		address &= 0xffffffff0000ull;
		if (size == 0)
			return fail(-EINVAL, "a redistributor region of none");
	} else if (attr->attr == RKVM_VGIC_V3_ADDR_TYPE_REDIST) {
		size = 2 * FRAME;
	}
	if (address % FRAME != 0)
		return fail(-EINVAL, "the GIC is at a multiple of 64 KiB");
	if (address + size < address || address + size > 1ull << vm->ipa_bits)
		return fail(
		    -E2BIG, "the GIC is not within %u bits", vm->ipa_bits);
	*has = true;
	*base = address;
	return 0;
}

static long
get_address(struct vm *vm, const struct rkvm_device_attr *attr)
{
	uint64_t *base, none = ~0ull;
	const bool *has = address_of(&vm->vgic, attr, &base);

	if (attr->attr == RKVM_VGIC_V3_ADDR_TYPE_REDIST_REGION)
		return fail(-EINVAL, "which region?");
	return user_write(
	    vm->file.system, attr->addr, *has ? base : &none, sizeof(*base));
}

/* ---- Number of interrupts ---------------------------------------------- */

static uint32_t
nr_irqs(const struct vgic *vgic)
{
	return vgic->nr_irqs != 0 ? vgic->nr_irqs : VGIC_DEFAULT_IRQS;
}

static long
number_of_irqs(
    struct vm *vm, uint32_t command, const struct rkvm_device_attr *attr)
{
	uint32_t number = nr_irqs(&vm->vgic);

	if (command == RKVM_GET_DEVICE_ATTR)
		return user_write(
		    vm->file.system, attr->addr, &number, sizeof(number));
	if (user_read(vm->file.system, &number, attr->addr, sizeof(number)) < 0)
		return -EFAULT;
	if (number < 64 || number > VGIC_MAX_IRQS || number % 32 != 0)
		return fail(-EINVAL, "a GIC with %u interrupts", number);
	if (vm->vgic_initialized || vm->vgic.nr_irqs != 0)
		return fail(-EBUSY, "the number of interrupts is set");
	vm->vgic.nr_irqs = number;
	return 0;
}

/* ---- Control ----------------------------------------------------------- */

static long
control(struct vm *vm, const struct rkvm_device_attr *attr)
{
	if (attr->attr == RKVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES)
		return vm->vgic_initialized
		    ? 0
		    : fail(-EBUSY, "the GIC is not initialised");
	if (vm->vgic.nr_irqs == 0)
		vm->vgic.nr_irqs = VGIC_DEFAULT_IRQS;
	vm->vgic_initialized = true;
	return 0;
}

/* ---- Registers --------------------------------------------------------- */

static const struct vcpu *
by_affinity(const struct vm *vm, uint64_t affinity)
{
	for (size_t i = 0; i < vm->num_vcpus; i++) {
		uint64_t mpidr = vcpu_mpidr(vm->vcpus[i]);

		/* Aff3 is bits 39:32 of the register, 31:24 here. */
		if (((mpidr & 0xffffff) | (mpidr >> 8 & 0xff000000)) ==
		    affinity)
			return vm->vcpus[i];
	}
	return NULL;
}

/* GICD_TYPER: what QEMU compares with the number of interrupts it asked for. */
static uint64_t
typer(const struct vgic *vgic)
{
	uint64_t lines = nr_irqs(vgic) / 32 - 1;

	return vgic->num_its > 0 ? lines | 15ull << 19 | 1ull << 17
				 : lines | 9ull << 19;
}

static bool
is_cpu_register(uint64_t reg)
{
	static const struct {
		uint8_t crn, crm, op2;
	} known[] = {
		{ 4, 6, 0 },
		{ 12, 8, 3 },
		{ 12, 8, 4 },
		{ 12, 8, 5 },
		{ 12, 8, 6 },
		{ 12, 8, 7 },
		{ 12, 9, 0 },
		{ 12, 9, 1 },
		{ 12, 9, 2 },
		{ 12, 9, 3 },
		{ 12, 12, 3 },
		{ 12, 12, 4 },
		{ 12, 12, 5 },
		{ 12, 12, 6 },
		{ 12, 12, 7 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (RKVM_SYSREG(
			3, 0, known[i].crn, known[i].crm, known[i].op2) == reg)
			return true;
	return false;
}

/* What a register says that cannot be written; false: it is kept as written. */
static bool
fixed(const struct vm *vm, const struct rkvm_device_attr *attr,
    const struct vcpu *vcpu, uint64_t *value)
{
	uint32_t offset = (uint32_t)attr->attr;
	uint64_t id;

	switch (attr->group) {
	case RKVM_DEV_ARM_VGIC_GRP_DIST_REGS:
		*value = offset == GICD_TYPER ? typer(&vm->vgic)
		    : offset == GICD_IIDR     ? IIDR
					      : PIDR2_GICV3;
		return offset == GICD_TYPER || offset == GICD_IIDR ||
		    offset == PIDR2;
	case RKVM_DEV_ARM_VGIC_GRP_REDIST_REGS:
		id = vcpu->id;
		*value = offset == GICR_IIDR ? IIDR
		    : offset == GICR_TYPER
		    ? id << 8 | (uint64_t)(id + 1 == vm->num_vcpus) << 4
		    : offset == GICR_TYPER + 4 ? vcpu_mpidr(vcpu)
					       : PIDR2_GICV3;
		return offset == GICR_IIDR || offset == GICR_TYPER ||
		    offset == GICR_TYPER + 4 || offset == PIDR2;
	case RKVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS:
		*value = (attr->attr & 0xffff) == ICC_SRE ? 7 : 0;
		return (attr->attr & 0xffff) == ICC_SRE;
	default:
		return false;
	}
}

/* Returns the register's size in bytes, or -errno. */
static int
check_register(const struct vm *vm, const struct rkvm_device_attr *attr,
    const struct vcpu **vcpu)
{
	uint32_t offset = (uint32_t)attr->attr;
	bool distributor = attr->group == RKVM_DEV_ARM_VGIC_GRP_DIST_REGS;

	*vcpu = by_affinity(vm, attr->attr >> 32);
	if (*vcpu == NULL && !distributor)
		return (int)fail(-EINVAL, "no vCPU has affinity 0x%llx",
		    (unsigned long long)(attr->attr >> 32));
	switch (attr->group) {
	case RKVM_DEV_ARM_VGIC_GRP_DIST_REGS:
		return offset % 4 == 0 && offset < FRAME ? 4 : -ENXIO;
	case RKVM_DEV_ARM_VGIC_GRP_REDIST_REGS:
		return offset % 4 == 0 && offset < 2 * FRAME ? 4 : -ENXIO;
	case RKVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS:
		return is_cpu_register(offset & 0xffff) ? 8 : -ENXIO;
	default:
		/* Level info of interrupts n to n + 31. */
		return (offset >> 10) == 0 && (offset & 31) == 0 ? 4 : -EINVAL;
	}
}

static long
access_register(
    struct vm *vm, uint32_t command, const struct rkvm_device_attr *attr)
{
	uint64_t value = 0, otherwise = 0, key;
	const struct vcpu *vcpu;
	int size = check_register(vm, attr, &vcpu);
	bool is_fixed;

	if (size < 0)
		return fail(size, "the GIC has no such register");
	if (command == RKVM_HAS_DEVICE_ATTR)
		return 0;
	if (!vm->vgic_initialized)
		return fail(-EBUSY, "the GIC is not initialised");
	/* A distributor is one, whatever vCPU it is asked through. */
	key = (uint64_t)attr->group << 60 |
	    (vcpu != NULL ? (uint64_t)vcpu->id << 32 : 0) |
	    (uint32_t)attr->attr;
	if (attr->group == RKVM_DEV_ARM_VGIC_GRP_DIST_REGS)
		key &= ~(0xfffull << 32);
	if (attr->group == RKVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS &&
	    (attr->attr & 0xffff) == ICC_CTLR)
		otherwise = 0x400; /* five bits of priority */
	is_fixed = fixed(vm, attr, vcpu, &value);
	if (command == RKVM_GET_DEVICE_ATTR) {
		if (!is_fixed)
			value = vgic_stored(&vm->vgic, key, otherwise);
		return user_write(
		    vm->file.system, attr->addr, &value, (size_t)size);
	}
	value = 0;
	if (user_read(vm->file.system, &value, attr->addr, (size_t)size) < 0)
		return -EFAULT;
	return is_fixed ? 0 : vgic_store(&vm->vgic, key, value);
}

/* ---- The device -------------------------------------------------------- */

static bool
has_attribute(const struct rkvm_device_attr *attr)
{
	switch (attr->group) {
	case RKVM_DEV_ARM_VGIC_GRP_ADDR:
		return attr->attr == RKVM_VGIC_V3_ADDR_TYPE_DIST ||
		    attr->attr == RKVM_VGIC_V3_ADDR_TYPE_REDIST ||
		    attr->attr == RKVM_VGIC_V3_ADDR_TYPE_REDIST_REGION;
	case RKVM_DEV_ARM_VGIC_GRP_NR_IRQS:
		return attr->attr == 0;
	case RKVM_DEV_ARM_VGIC_GRP_CTRL:
		return attr->attr == RKVM_DEV_ARM_VGIC_CTRL_INIT ||
		    attr->attr == RKVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES;
	case RKVM_DEV_ARM_VGIC_GRP_DIST_REGS:
	case RKVM_DEV_ARM_VGIC_GRP_REDIST_REGS:
	case RKVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS:
	case RKVM_DEV_ARM_VGIC_GRP_LEVEL_INFO:
		return true;
	default:
		return false;
	}
}

long
vgic_attribute(
    struct vm *vm, uint32_t command, const struct rkvm_device_attr *attr)
{
	if (!has_attribute(attr))
		return fail(-ENXIO,
		    "the GICv3 has no attribute %llu of group "
		    "%u",
		    (unsigned long long)attr->attr, attr->group);
	switch (attr->group) {
	case RKVM_DEV_ARM_VGIC_GRP_ADDR:
		if (command == RKVM_HAS_DEVICE_ATTR)
			return 0;
		return command == RKVM_SET_DEVICE_ATTR ? set_address(vm, attr)
						       : get_address(vm, attr);
	case RKVM_DEV_ARM_VGIC_GRP_NR_IRQS:
		return command == RKVM_HAS_DEVICE_ATTR
		    ? 0
		    : number_of_irqs(vm, command, attr);
	case RKVM_DEV_ARM_VGIC_GRP_CTRL:
		if (command == RKVM_GET_DEVICE_ATTR)
			return fail(-ENXIO, "that can not be read");
		return command == RKVM_SET_DEVICE_ATTR ? control(vm, attr) : 0;
	default:
		return access_register(vm, command, attr);
	}
}

int
vgic_check_mapped(const struct vm *vm)
{
	const struct vgic *vgic = &vm->vgic;

	if (!vm->has_vgic)
		return 0;
	if (!vgic->has_redist || !vgic->has_dist)
		return (int)fail(-ENXIO,
		    "the GICv3 has no address yet: "
		    "KVM_DEV_ARM_VGIC_GRP_ADDR");
	if (!vm->vgic_initialized)
		return (int)fail(-EBUSY,
		    "the GICv3 is not initialised: "
		    "KVM_DEV_ARM_VGIC_CTRL_INIT");
	return 0;
}
