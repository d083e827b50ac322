/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An ITS, as user space sees it through its device.  No command of a guest
 * reaches it: it keeps registers, and that it is there.
 */
#include "kvm.h"

#define ITS_SIZE   0x20000ull
#define GITS_IIDR  0x4u
#define GITS_TYPER 0x8u
#define IIDR	   0x4b00043bull
#define TYPER	   0x1ef009ull /* LPIs, 8-byte entries, 16 bits of event, id */

/* Registers by offset, 8 bytes or 4. */
static int
register_size(uint64_t offset)
{
	switch (offset) {
	case 0x0: /* CTLR */
	case GITS_IIDR:
		return 4;
	case GITS_TYPER:
	case 0x80: /* CBASER */
	case 0x88: /* CWRITER */
	case 0x90: /* CREADR */
		return 8;
	default:
		/* BASER0 to BASER7 */
		return offset >= 0x100 && offset < 0x140 && offset % 8 == 0
		    ? 8
		    : -ENXIO;
	}
}

static long
access_register(
    struct device *its, uint32_t command, const struct rkvm_device_attr *attr)
{
	struct rmmkvm *system = its->file.system;
	struct vgic *vgic = &its->vm->vgic;
	int size = register_size(attr->attr);
	uint64_t value = 0;
	/* A VM can have several. */
	uint64_t key = (uint64_t)attr->group << 60 |
	    (uint64_t)its->number << 16 | attr->attr;

	if (size < 0)
		return fail(size, "the ITS has no such register");
	if (command == RKVM_HAS_DEVICE_ATTR)
		return 0;
	if (!its->has_base)
		return fail(-ENXIO, "the ITS has no address");
	if (command == RKVM_GET_DEVICE_ATTR) {
		value = attr->attr == GITS_IIDR ? IIDR
		    : attr->attr == GITS_TYPER	? TYPER
						: vgic_stored(vgic, key, 0);
		return user_write(system, attr->addr, &value, 8);
	}
	if (user_read(system, &value, attr->addr, 8) < 0)
		return -EFAULT;
	return vgic_store(vgic, key, value);
}

static long
address(
    struct device *its, uint32_t command, const struct rkvm_device_attr *attr)
{
	struct rmmkvm *system = its->file.system;
	uint64_t base = its->has_base ? its->base : ~0ull;

	if (command == RKVM_HAS_DEVICE_ATTR)
		return 0;
	if (command == RKVM_GET_DEVICE_ATTR)
		return user_write(system, attr->addr, &base, sizeof(base));
	if (user_read(system, &base, attr->addr, sizeof(base)) < 0)
		return -EFAULT;
	if (its->has_base)
		return fail(-EEXIST, "the address of the ITS is set");
	if (base % 0x10000 != 0)
		return fail(-EINVAL, "an ITS is at a multiple of 64 KiB");
	if (base + ITS_SIZE < base ||
	    base + ITS_SIZE > 1ull << its->vm->ipa_bits)
		return fail(
		    -E2BIG, "the ITS is not within %u bits", its->vm->ipa_bits);
	its->has_base = true;
	its->base = base;
	return 0;
}

static long
control(
    struct device *its, uint32_t command, const struct rkvm_device_attr *attr)
{
	if (attr->attr == RKVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES ||
	    attr->attr > RKVM_DEV_ARM_ITS_CTRL_RESET)
		return fail(-ENXIO, "the ITS has no such control");
	if (command == RKVM_HAS_DEVICE_ATTR)
		return 0;
	if (command == RKVM_GET_DEVICE_ATTR)
		return fail(-ENXIO, "that can not be read");
	if (attr->attr == RKVM_DEV_ARM_VGIC_CTRL_INIT)
		its->initialized = true;
	return 0;
}

long
its_attribute(
    struct device *its, uint32_t command, const struct rkvm_device_attr *attr)
{
	if (attr->group == RKVM_DEV_ARM_VGIC_GRP_ADDR &&
	    attr->attr == RKVM_VGIC_ITS_ADDR_TYPE)
		return address(its, command, attr);
	if (attr->group == RKVM_DEV_ARM_VGIC_GRP_CTRL)
		return control(its, command, attr);
	if (attr->group == RKVM_DEV_ARM_VGIC_GRP_ITS_REGS)
		return access_register(its, command, attr);
	return fail(-ENXIO, "the ITS has no attribute %llu of group %u",
	    (unsigned long long)attr->attr, attr->group);
}
