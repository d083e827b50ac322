/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The realm, from KVM_CREATE_VM to its exit: the ioctls of a VMM, in the order
 * in which VMMs make them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "launch.h"

#define DEFAULT_IPA_BITS 40
long
call(struct machine *machine, int fd, uint32_t command, uintptr_t arg,
    const char *format, ...)
{
	long result = rmmkvm_ioctl(machine->kvm, fd, command, arg);
	int error = result < 0 && result >= -4095 ? (int)-result : 0;
	va_list args;

	if (!machine->options->verbose)
		return result;
	va_start(args, format);
	fputs("ioctl ", stderr);
	vfprintf(stderr, format, args);
	va_end(args);
	if (error != 0)
		fprintf(stderr, " = -1 %s (%s)\n", strerrorname_np(error),
		    rmmkvm_error());
	else
		fprintf(stderr, " = %ld\n", result);
	return result;
}

void
must(long result, const char *what)
{
	const char *why = rmmkvm_error();

	if (result >= 0)
		return;
	if (why[0] == '\0')
		die("%s: %s", what, strerror((int)-result));
	die("%s: %s: %s", what, strerror((int)-result), why);
}

static unsigned
choose_ipa_bits(const struct machine *machine)
{
	const struct options *options = machine->options;
	uint64_t top = options->ram_base + options->memory;
	unsigned most = rmmkvm_max_ipa_bits(machine->kvm);
	unsigned bits = options->ipa_bits;

	if (bits == 0) {
		bits = DEFAULT_IPA_BITS < most ? DEFAULT_IPA_BITS : most;
		while (bits < most && top > 1ull << (bits - 1))
			bits++;
	}
	/* The upper half of the addresses is the shared alias. */
	if (top > 1ull << (bits - 1))
		die("RAM ends at 0x%" PRIx64 ", beyond the private half of "
		    "IPAs of %u bits%s",
		    top, bits,
		    options->ipa_bits != 0 ? ": see --ipa-bits" : "");
	return bits;
}

static void
create_vm(struct machine *machine)
{
	uint64_t type;

	machine->ipa_bits = choose_ipa_bits(machine);
	type = rmmkvm_realm_type(machine->kvm, machine->ipa_bits);
	machine->vm = (int)call(machine, rmmkvm_fd(machine->kvm),
	    RKVM_CREATE_VM, type, "KVM_CREATE_VM 0x%" PRIx64, type);
	must(machine->vm, "KVM_CREATE_VM");
}

static void
set_register(struct machine *machine, int vcpu, uint64_t id, uint64_t value)
{
	struct rkvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	must(call(machine, vcpu, RKVM_SET_ONE_REG, (uintptr_t)&reg,
		 "KVM_SET_ONE_REG {id=0x%" PRIx64 ", value=0x%" PRIx64 "}", id,
		 value),
	    "KVM_SET_ONE_REG");
}

static void
create_vcpu(struct machine *machine, unsigned i)
{
	struct rkvm_vcpu_init init;
	int *fd = &machine->vcpus[i];

	*fd = (int)call(
	    machine, machine->vm, RKVM_CREATE_VCPU, i, "KVM_CREATE_VCPU %u", i);
	must(*fd, "KVM_CREATE_VCPU");
	must(call(machine, machine->vm, RKVM_ARM_PREFERRED_TARGET,
		 (uintptr_t)&init, "KVM_ARM_PREFERRED_TARGET"),
	    "KVM_ARM_PREFERRED_TARGET");
	init.features[0] |= 1u << RKVM_ARM_VCPU_PSCI_0_2;
	if (i > 0)
		init.features[0] |= 1u << RKVM_ARM_VCPU_POWER_OFF;
	must(call(machine, *fd, RKVM_ARM_VCPU_INIT, (uintptr_t)&init,
		 "KVM_ARM_VCPU_INIT {target=%u, features=0x%x}", init.target,
		 init.features[0]),
	    "KVM_ARM_VCPU_INIT");
}

static uint64_t
entry_point(const struct options *options)
{
	if (options->entry_given)
		return options->entry;
	for (size_t i = 0; i < options->num_regions; i++)
		if (!options->regions[i].generated)
			return options->regions[i].gpa;
	return options->ram_base;
}

static void
create_vcpus(struct machine *machine)
{
	const struct options *options = machine->options;

	machine->vcpus = calloc(options->vcpus, sizeof(*machine->vcpus));
	if (machine->vcpus == NULL)
		die("no memory");
	for (unsigned i = 0; i < options->vcpus; i++)
		create_vcpu(machine, i);
	set_register(
	    machine, machine->vcpus[0], RKVM_REG_PC, entry_point(options));
	if (options->dtb)
		set_register(machine, machine->vcpus[0], RKVM_REG_X(0),
		    options->dtb_gpa);
}

static void
set_gic(struct machine *machine, uint32_t group, uint64_t attribute,
    const uint64_t *value, const char *name)
{
	struct rkvm_device_attr attr = {
		.group = group,
		.attr = attribute,
		.addr = (uintptr_t)value,
	};

	must(call(machine, machine->gic, RKVM_SET_DEVICE_ATTR, (uintptr_t)&attr,
		 "KVM_SET_DEVICE_ATTR {%s}", name),
	    "KVM_SET_DEVICE_ATTR");
}

/* A GICv3 below RAM, where QEMU has it. */
static void
create_gic(struct machine *machine)
{
	static const uint64_t distributor = 0x8000000, redist = 0x80a0000;
	struct rkvm_create_device create = {
		.type = RKVM_DEV_TYPE_ARM_VGIC_V3,
	};

	must(call(machine, machine->vm, RKVM_CREATE_DEVICE, (uintptr_t)&create,
		 "KVM_CREATE_DEVICE {type=VGIC_V3}"),
	    "KVM_CREATE_DEVICE");
	machine->gic = (int)create.fd;
	set_gic(machine, RKVM_DEV_ARM_VGIC_GRP_ADDR,
	    RKVM_VGIC_V3_ADDR_TYPE_DIST, &distributor, "ADDR, DIST");
	set_gic(machine, RKVM_DEV_ARM_VGIC_GRP_ADDR,
	    RKVM_VGIC_V3_ADDR_TYPE_REDIST, &redist, "ADDR, REDIST");
	set_gic(machine, RKVM_DEV_ARM_VGIC_GRP_CTRL,
	    RKVM_DEV_ARM_VGIC_CTRL_INIT, NULL, "CTRL, INIT");
}

/* Host calls of the range for OEMs (DEN0028) come to us. */
static void
forward_calls(struct machine *machine)
{
	struct rkvm_smccc_filter filter = {
		.base = 0xc3000000,
		.nr_functions = 0x10000,
		.action = RKVM_SMCCC_FILTER_FWD_TO_USER,
	};
	struct rkvm_device_attr attr = {
		.group = RKVM_VM_SMCCC_CTRL,
		.attr = RKVM_VM_SMCCC_FILTER,
		.addr = (uintptr_t)&filter,
	};

	must(call(machine, machine->vm, RKVM_SET_DEVICE_ATTR, (uintptr_t)&attr,
		 "KVM_SET_DEVICE_ATTR {SMCCC_FILTER, 0x%x, %u, FWD_TO_USER}",
		 filter.base, filter.nr_functions),
	    "KVM_SET_DEVICE_ATTR");
}

void
machine_build(struct machine *machine)
{
	const struct options *options = machine->options;
	struct rmmkvm_config config = {
		.socket = options->socket,
		.name = "rmm-launch",
		.profile = options->profile,
		.populate_limit = options->populate_limit,
		.populate_fault = options->populate_fault,
	};

	machine->kvm = rmmkvm_open(&config);
	if (machine->kvm == NULL)
		die("%s", rmmkvm_error());
	rmmkvm_uapi(machine->kvm, &machine->uapi);
	create_vm(machine);
	create_vcpus(machine);
	create_gic(machine);
	forward_calls(machine);
	memory_create(machine);
}

void
machine_close(struct machine *machine)
{
	rmmkvm_close(machine->kvm);
	munmap(machine->alias, machine->options->memory);
	free(machine->vcpus);
}
