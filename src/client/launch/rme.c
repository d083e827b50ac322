/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The interface to v11, where a realm's life is operations of one capability:
 * create it, say what is RAM, populate from the slot's shared alias, make the
 * RECs, activate.
 */
#include <inttypes.h>
#include <string.h>

#include "launch.h"

static long
operation(
    struct machine *machine, uint64_t number, const void *arg, const char *name)
{
	struct rkvm_enable_cap cap = {
		.cap = machine->uapi.cap_rmi,
		.args = { number, (uintptr_t)arg },
	};

	return call(machine, machine->vm, RKVM_ENABLE_CAP, (uintptr_t)&cap,
	    "KVM_ENABLE_CAP {cap=%u, %s}", cap.cap, name);
}

void
rme_create(struct machine *machine)
{
	const struct options *options = machine->options;
	struct rkvm_rme_init_ripas ram = {
		.base = options->ram_base,
		.size = options->memory,
	};

	must(operation(machine, RKVM_RME_CREATE_REALM, NULL, "CREATE_REALM"),
	    "KVM_CAP_ARM_RME_CREATE_REALM");
	must(operation(
		 machine, RKVM_RME_INIT_RIPAS_REALM, &ram, "INIT_RIPAS_REALM"),
	    "KVM_CAP_ARM_RME_INIT_RIPAS_REALM");
}

int64_t
rme_populate(struct machine *machine, const struct rkvm_populate *args)
{
	struct rkvm_rme_populate populate = {
		.base = args->base,
		.size = args->size,
		.flags = args->flags & RKVM_POPULATE_MEASURE
		    ? RKVM_RME_POPULATE_MEASURE
		    : 0,
	};
	long result;

	/* The source is what the slot shows of this process. */
	memcpy(
	    (char *)machine->alias + (args->base - machine->options->ram_base),
	    (const void *)(uintptr_t)args->source_uaddr, args->size);
	machine->staged += args->size;
	result = operation(
	    machine, RKVM_RME_POPULATE_REALM, &populate, "POPULATE_REALM");
	return result < 0 ? result : (int64_t)args->size;
}

void
rme_activate(struct machine *machine)
{
	int32_t feature = (int32_t)machine->uapi.rec_feature;

	for (unsigned i = 0; i < machine->options->vcpus; i++)
		must(call(machine, machine->vcpus[i], RKVM_ARM_VCPU_FINALIZE,
			 (uintptr_t)&feature, "KVM_ARM_VCPU_FINALIZE %d",
			 feature),
		    "KVM_ARM_VCPU_FINALIZE");
	must(
	    operation(machine, RKVM_RME_ACTIVATE_REALM, NULL, "ACTIVATE_REALM"),
	    "KVM_CAP_ARM_RME_ACTIVATE_REALM");
}
