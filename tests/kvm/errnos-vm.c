/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rows of the table of errnos: VMs, vCPUs, devices, operations.
 */
#include <string.h>

#include "errnos.h"

#define PSCI (1u << RKVM_ARM_VCPU_PSCI_0_2)
#define SVE  (1u << RKVM_ARM_VCPU_SVE)

static long
create_vm(struct fixture *f, uint64_t type)
{
	return rmmkvm_ioctl(
	    f->env.kvm, rmmkvm_fd(f->env.kvm), RKVM_CREATE_VM, type);
}

static long
vm_type_both(struct fixture *f)
{
	return create_vm(f, f->uapi.vm_type_realm | 1ull << 31 | 40);
}

static long
vm_type_wide(struct fixture *f)
{
	return create_vm(
	    f, f->uapi.vm_type_realm | (rmmkvm_max_ipa_bits(f->env.kvm) + 1));
}

static long
vm_type_narrow(struct fixture *f)
{
	return create_vm(f, f->uapi.vm_type_realm | 31);
}

static long
enable_cap_other(struct fixture *f)
{
	struct rkvm_enable_cap cap = { .cap = RKVM_CAP_ARM_NISV_TO_USER };

	return vm_call(&f->env, RKVM_ENABLE_CAP, &cap);
}

static long
gmem_mmap(struct fixture *f)
{
	struct rkvm_create_guest_memfd create = { .size = PAGE,
		.flags = RKVM_GUEST_MEMFD_MMAP };
	long result = vm_call(&f->env, RKVM_CREATE_GUEST_MEMFD, &create);

	return result < 0 ? result : 0;
}

static long
attributes_vm(struct fixture *f)
{
	struct rkvm_memory_attributes a = { GPA, PAGE, 8, 0 };

	return vm_call(&f->env, RKVM_SET_MEMORY_ATTRIBUTES, &a);
}

static long
attributes_file(struct fixture *f)
{
	struct rkvm_memory_attributes2 a = { .size = PAGE, .attributes = 8 };

	return rmmkvm_ioctl(f->env.kvm, f->env.gmem,
	    RKVM_SET_MEMORY_ATTRIBUTES2, (uintptr_t)&a);
}

static long
gic_v2(struct fixture *f)
{
	struct rkvm_create_device create = { .type =
						 RKVM_DEV_TYPE_ARM_VGIC_V2 };

	return vm_call(&f->env, RKVM_CREATE_DEVICE, &create);
}

static long
counter_offset(struct fixture *f)
{
	uint64_t offset[2] = { 0, 0 };

	return vm_call(&f->env, RKVM_SET_COUNTER_OFFSET, offset);
}

static long
init_with(struct fixture *f, uint32_t features)
{
	struct rkvm_vcpu_init init = { .target = RKVM_ARM_TARGET_GENERIC_V8,
		.features = { features } };

	return vcpu_call(f, new_vcpu(f, 0), RKVM_ARM_VCPU_INIT, &init);
}

static long
init_32bit(struct fixture *f)
{
	return init_with(f, 1u << RKVM_ARM_VCPU_EL1_32BIT);
}

static long
init_unknown(struct fixture *f)
{
	return init_with(f, 1u << 31);
}

static long
set_register(struct fixture *f, int vcpu, uint64_t id)
{
	uint64_t value[8] = { 1 };
	struct rkvm_one_reg reg = { id, (uintptr_t)value };

	return vcpu_call(f, vcpu, RKVM_SET_ONE_REG, &reg);
}

static long
set_x30(struct fixture *f)
{
	return set_register(f, vcpu_with(f, 0, PSCI), RKVM_REG_X(30));
}

static long
set_pmcr(struct fixture *f)
{
	return set_register(f, vcpu_with(f, 0, PSCI), RKVM_REG_PMCR_EL0);
}

static long
set_other(struct fixture *f)
{
	return set_register(f, vcpu_with(f, 0, PSCI), RKVM_REG_MPIDR_EL1);
}

static void
finalize_sve(struct fixture *f, int vcpu)
{
	int feature = RKVM_ARM_VCPU_SVE;

	ck_assert_int_eq(
	    vcpu_call(f, vcpu, RKVM_ARM_VCPU_FINALIZE, &feature), 0);
}

static long
set_vls_late(struct fixture *f)
{
	int vcpu = vcpu_with(f, 0, PSCI | SVE);

	ck_assert_int_eq(set_register(f, vcpu, RKVM_REG_SVE_VLS), 0);
	finalize_sve(f, vcpu);
	return set_register(f, vcpu, RKVM_REG_SVE_VLS);
}

/* What creates the realm. */
static long
create(struct fixture *f)
{
	return f->uapi.operations ? operation(f, RKVM_RME_CREATE_REALM, NULL)
				  : pop(f, args_for(&f->env, 0, PAGE));
}

static long
sve_not_final(struct fixture *f)
{
	vcpu_with(f, 0, PSCI | SVE);
	return create(f);
}

static long
sve_unlike(struct fixture *f)
{
	int one = vcpu_with(f, 0, PSCI | SVE);
	int other = vcpu_with(f, 1, PSCI | SVE);

	ck_assert_int_eq(set_register(f, one, RKVM_REG_SVE_VLS), 0);
	finalize_sve(f, one);
	finalize_sve(f, other);
	return create(f);
}

static long
events_serror(struct fixture *f)
{
	struct rkvm_vcpu_events events = { .exception = {
					       .serror_pending = 1 } };

	return vcpu_call(
	    f, vcpu_with(f, 0, PSCI), RKVM_SET_VCPU_EVENTS, &events);
}

static long
events_dabt(struct fixture *f)
{
	struct rkvm_vcpu_events events = { .exception = {
					       .ext_dabt_pending = 1 } };

	return vcpu_call(
	    f, vcpu_with(f, 0, PSCI), RKVM_SET_VCPU_EVENTS, &events);
}

/* ---- PSCI_COMPLETE ------------------------------------------------------- */

/* A vCPU that has a REC. */
static int
with_rec(struct fixture *f)
{
	int vcpu;

	begin(f);
	vcpu = vcpu_with(f, 0, PSCI);
	make_gic(&f->env);
	activate(f, vcpu);
	ck_assert_int_eq(run_vcpu(&f->env, vcpu), 0);
	return vcpu;
}

static long
psci_not_rec(struct fixture *f)
{
	struct rkvm_psci_complete complete = { 0 };

	return vcpu_call(
	    f, vcpu_with(f, 0, PSCI), RKVM_PSCI_COMPLETE, &complete);
}

static long
psci_fault(struct fixture *f)
{
	return vcpu_call(f, with_rec(f), RKVM_PSCI_COMPLETE, NULL);
}

static long
psci_target(struct fixture *f)
{
	struct rkvm_psci_complete complete = { .target_mpidr = 9 };

	return vcpu_call(f, with_rec(f), RKVM_PSCI_COMPLETE, &complete);
}

/* The REC has no request that waits for an answer. */
static long
psci_rmi(struct fixture *f)
{
	struct rkvm_psci_complete complete = { 0 };

	return vcpu_call(f, with_rec(f), RKVM_PSCI_COMPLETE, &complete);
}

/* ---- Operations ---------------------------------------------------------- */

static long
create_twice(struct fixture *f)
{
	begin(f);
	return operation(f, RKVM_RME_CREATE_REALM, NULL);
}

static long
configure(struct fixture *f, uint32_t item)
{
	struct rkvm_rme_config config = { .cfg = item };

	return operation(f, RKVM_RME_CONFIG_REALM, &config);
}

static long
config_late(struct fixture *f)
{
	begin(f);
	return configure(f, RKVM_RME_CONFIG_RPV);
}

static long
config_item(struct fixture *f)
{
	return configure(f, 5);
}

static long
config_sve(struct fixture *f)
{
	return configure(f, RKVM_RME_CONFIG_SVE);
}

static long
init_ripas(struct fixture *f, uint64_t base, uint64_t size)
{
	struct rkvm_rme_init_ripas args = { .base = base, .size = size };

	return operation(f, RKVM_RME_INIT_RIPAS_REALM, &args);
}

static long
ripas_early(struct fixture *f)
{
	return init_ripas(f, GPA, PAGE);
}

static long
ripas_wraps(struct fixture *f)
{
	begin(f);
	return init_ripas(f, -PAGE, 2 * PAGE);
}

static long
ripas_ram(struct fixture *f)
{
	begin(f);
	ck_assert_int_eq(pop(f, args_for(&f->env, 0, PAGE)), 1);
	return init_ripas(f, GPA, PAGE);
}

static long
populate_early(struct fixture *f)
{
	return pop(f, args_for(&f->env, 0, PAGE));
}

static long
finalize_early(struct fixture *f)
{
	return finalize(f, vcpu_with(f, 0, PSCI));
}

static long
finalize_twice(struct fixture *f)
{
	int vcpu = vcpu_with(f, 0, PSCI);

	begin(f);
	ck_assert_int_eq(finalize(f, vcpu), 0);
	return finalize(f, vcpu);
}

static long
finalize_psci(struct fixture *f)
{
	begin(f);
	return finalize(f, vcpu_with(f, 0, 0));
}

static long
activate_early(struct fixture *f)
{
	return operation(f, RKVM_RME_ACTIVATE_REALM, NULL);
}

static long
operation_5(struct fixture *f)
{
	return operation(f, 5, NULL);
}

#define ROW(name)            \
	{                    \
#name, name, \
	}

const struct row vm_rows[] = { ROW(vm_type_both), ROW(vm_type_wide),
	ROW(vm_type_narrow), ROW(enable_cap_other), ROW(gmem_mmap),
	ROW(attributes_vm), ROW(attributes_file), ROW(gic_v2),
	ROW(counter_offset), ROW(init_32bit), ROW(init_unknown), ROW(set_x30),
	ROW(set_pmcr), ROW(set_other), ROW(set_vls_late), ROW(sve_not_final),
	ROW(sve_unlike), ROW(events_serror), ROW(events_dabt),
	ROW(psci_not_rec), ROW(psci_fault), ROW(psci_target), ROW(psci_rmi),
	ROW(create_twice), ROW(config_late), ROW(config_item), ROW(config_sve),
	ROW(ripas_early), ROW(ripas_wraps), ROW(ripas_ram), ROW(populate_early),
	ROW(finalize_early), ROW(finalize_twice), ROW(finalize_psci),
	ROW(activate_early), ROW(operation_5), { NULL, NULL } };
