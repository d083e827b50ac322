/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Registers of a vCPU: which there are, which can be read, and what a realm's
 * owner may set.  Values of a realm's vCPU are those that user space set, until
 * a REC exit brings others.
 *
 * ID registers are those of one made-up processor: AArch64 only, 48 bits of
 * physical address, a GICv3, and the debug registers that the RMM offers.
 */
#include <string.h>

#include "kvm.h"

#define SYSREG(op0, op1, crn, crm, op2) \
	(RKVM_REG_SYSREG | RKVM_SYSREG(op0, op1, crn, crm, op2))
#define PSCI_VERSION 0x10001ull
#define SIZE_OF(id)  ((size_t)1 << ((id) >> 52 & 0xf))

struct value {
	uint64_t id;
	uint64_t value;
};

/* Those whose value is not 0. */
static const struct value id_values[] = {
	{ SYSREG(3, 0, 0, 0, 0), 0x410fd400 },	       /* MIDR_EL1 */
	{ SYSREG(3, 1, 0, 0, 1), 0x82000023 },	       /* CLIDR_EL1 */
	{ SYSREG(3, 3, 0, 0, 1), 0x9444c004 },	       /* CTR_EL0 */
	{ SYSREG(3, 0, 0, 4, 0), 0x1101000011111111 }, /* ID_AA64PFR0 */
	{ SYSREG(3, 0, 0, 6, 0), 0x0221000010210000 }, /* ID_AA64ISAR0 */
	{ SYSREG(3, 0, 0, 6, 1), 0x0000000000111010 }, /* ID_AA64ISAR1 */
	{ SYSREG(3, 0, 0, 7, 0), 0x0000000000101125 }, /* ID_AA64MMFR0 */
	{ SYSREG(3, 0, 0, 7, 1), 0x0000000010212122 }, /* ID_AA64MMFR1 */
	{ SYSREG(3, 0, 0, 7, 2), 0x0000000000001011 }, /* ID_AA64MMFR2 */
};

/* ID_AA64DFR0_EL1: DebugVer, and the counts that the RMM offers a realm. */
static uint64_t
debug_features(const struct vcpu *vcpu)
{
	uint64_t features = vcpu->file.system->features;

	return 6 | RMI_FEATURE0_GET(features, NUM_BPS) << 12 |
	    RMI_FEATURE0_GET(features, NUM_WPS) << 20;
}

/* Registers from op1 0, CRn 0, CRm 0 to 7 hold what there is; 0 is nothing. */
static bool
is_id_register(uint64_t id)
{
	uint64_t first = SYSREG(3, 0, 0, 0, 0), last = SYSREG(3, 0, 0, 7, 7);

	return (id >= first && id <= last) || id == SYSREG(3, 1, 0, 0, 1) ||
	    id == SYSREG(3, 3, 0, 0, 1);
}

static uint64_t
id_value(const struct vcpu *vcpu, uint64_t id)
{
	if (id == RKVM_REG_MPIDR_EL1)
		return 1ull << 31 | vcpu_mpidr(vcpu);
	if (id == RKVM_REG_ID_AA64DFR0_EL1)
		return debug_features(vcpu);
	for (size_t i = 0; i < sizeof(id_values) / sizeof(id_values[0]); i++)
		if (id_values[i].id == id)
			return id_values[i].value;
	return 0;
}

static uint64_t *
core_register(struct vcpu *vcpu, uint64_t id)
{
	if (id == RKVM_REG_PC)
		return &vcpu->pc;
	if (id >= RKVM_REG_CORE && id <= RKVM_REG_X(30) && id % 2 == 0)
		return &vcpu->x[(id - RKVM_REG_CORE) / 2];
	return NULL;
}

/* The timers' registers are the RMM's; what is read of them is stale. */
static bool
is_timer_register(uint64_t id)
{
	return id == RKVM_REG_TIMER_CNT || id == SYSREG(3, 3, 14, 0, 2) ||
	    id == SYSREG(3, 3, 14, 3, 1) || id == RKVM_REG_PMCR_EL0;
}

/* A bit for each length, from one quadword on, up to the longest. */
static void
sve_lengths(unsigned longest, uint64_t lengths[8])
{
	memset(lengths, 0, 8 * sizeof(*lengths));
	for (unsigned vq = 0; vq <= longest; vq++)
		lengths[vq / 64] |= 1ull << (vq % 64);
}

/* Returns the value's size in bytes, or -ENOENT. */
static int
read_register(struct vcpu *vcpu, uint64_t id, uint64_t value[8])
{
	const uint64_t *core = core_register(vcpu, id);

	if (core != NULL) {
		*value = *core;
		return sizeof(*value);
	}
	if (id == RKVM_REG_SVE_VLS &&
	    vcpu_has_feature(vcpu, RKVM_ARM_VCPU_SVE)) {
		sve_lengths(vcpu->sve_vl, value);
		return 8 * sizeof(*value);
	}
	if (is_id_register(id))
		*value = id_value(vcpu, id);
	else if (id == RKVM_REG_FW_PSCI_VERSION)
		*value = PSCI_VERSION;
	else if (is_timer_register(id))
		*value = 0;
	else
		return -ENOENT;
	return sizeof(*value);
}

static int
set_sve_lengths(struct vcpu *vcpu, const uint64_t lengths[8])
{
	uint64_t most = RMI_FEATURE0_GET(vcpu->file.system->features, SVE_VL);
	uint64_t possible[8];

	if (!vcpu_has_feature(vcpu, RKVM_ARM_VCPU_SVE))
		return (int)fail(-ENOENT, "vCPU %u has no SVE", vcpu->id);
	if (vcpu->sve_finalized || vcpu->vm->realm.state != RMMKVM_NONE)
		return (int)fail(
		    -EPERM, "vCPU %u: too late for SVE_VLS", vcpu->id);
	for (unsigned longest = 0; longest <= most; longest++) {
		sve_lengths(longest, possible);
		if (memcmp(possible, lengths, sizeof(possible)) == 0) {
			vcpu->sve_vl = (uint8_t)longest;
			return 0;
		}
	}
	return (int)fail(-EINVAL,
	    "vCPU %u: a set of vector lengths that can not be had", vcpu->id);
}

/* Whether a realm's owner may write to a register at all. */
static bool
may_set(struct vcpu *vcpu, uint64_t id)
{
	const uint64_t *ids = vcpu->file.system->profile->set_regs->ids;

	if (!vcpu->vm->is_realm || core_register(vcpu, id) != NULL)
		return true;
	for (; *ids != 0; ids++)
		if (*ids == id)
			return true;
	return false;
}

/* A register that has one value can be set to that, as a VMM's restore does. */
static int
write_register(struct vcpu *vcpu, uint64_t id, const uint64_t value[8])
{
	uint64_t *core = core_register(vcpu, id), now[8];

	if (core != NULL) {
		*core = *value;
		return 0;
	}
	if (id == RKVM_REG_SVE_VLS)
		return set_sve_lengths(vcpu, value);
	/* Which counts a realm has is said by other means, if at all. */
	if (is_timer_register(id))
		return 0;
	if (read_register(vcpu, id, now) < 0)
		return (int)fail(-ENOENT, "vCPU %u: no register 0x%llx",
		    vcpu->id, (unsigned long long)id);
	return *now == *value
	    ? 0
	    : (int)fail(-EINVAL, "vCPU %u: register 0x%llx is 0x%llx", vcpu->id,
		  (unsigned long long)id, (unsigned long long)*now);
}

long
regs_one(struct vcpu *vcpu, uintptr_t arg, bool set)
{
	struct rmmkvm *system = vcpu->file.system;
	struct rkvm_one_reg reg;
	uint64_t value[8] = { 0 };
	int size;

	if (!vcpu->initialized)
		return fail(-ENOEXEC, "vCPU %u is not initialised", vcpu->id);
	if (user_read(system, &reg, arg, sizeof(reg)) < 0)
		return -EFAULT;
	if (set && !may_set(vcpu, reg.id))
		return fail(-EINVAL,
		    "vCPU %u: register 0x%llx of a realm can not be set",
		    vcpu->id, (unsigned long long)reg.id);
	if (set && SIZE_OF(reg.id) <= sizeof(value))
		return user_read(system, value, reg.addr, SIZE_OF(reg.id)) < 0
		    ? -EFAULT
		    : write_register(vcpu, reg.id, value);
	size = read_register(vcpu, reg.id, value);
	if (size < 0)
		return fail(size, "vCPU %u: no register 0x%llx", vcpu->id,
		    (unsigned long long)reg.id);
	return user_write(system, reg.addr, value, (size_t)size);
}

/* ---- KVM_GET_REG_LIST -------------------------------------------------- */

#define MAX_LISTED 128

/* A realm's vCPU lists what of its state is user space's to know. */
static size_t
list_registers(struct vcpu *vcpu, uint64_t ids[MAX_LISTED])
{
	size_t num = 0;

	for (unsigned n = 0; n <= 30; n++)
		ids[num++] = RKVM_REG_X(n);
	ids[num++] = RKVM_REG_PC;
	if (vcpu_has_feature(vcpu, RKVM_ARM_VCPU_SVE))
		ids[num++] = RKVM_REG_SVE_VLS;
	if (!vcpu->vm->is_realm) {
		ids[num++] = RKVM_REG_FW_PSCI_VERSION;
		ids[num++] = RKVM_REG_TIMER_CNT;
	}
	ids[num++] = RKVM_REG_MPIDR_EL1;
	for (uint64_t i = 0; i < sizeof(id_values) / sizeof(*id_values); i++)
		ids[num++] = id_values[i].id;
	ids[num++] = RKVM_REG_ID_AA64DFR0_EL1;
	return num;
}

long
regs_list(struct vcpu *vcpu, uintptr_t arg)
{
	struct rmmkvm *system = vcpu->file.system;
	uint64_t ids[MAX_LISTED], room, num;

	if (!vcpu->initialized)
		return fail(-ENOEXEC, "vCPU %u is not initialised", vcpu->id);
	if (vcpu_has_feature(vcpu, RKVM_ARM_VCPU_SVE) && !vcpu->sve_finalized)
		return fail(-EPERM, "vCPU %u: SVE is not finalised", vcpu->id);
	if (user_read(system, &room, arg, sizeof(room)) < 0)
		return -EFAULT;
	num = list_registers(vcpu, ids);
	if (user_write(system, arg, &num, sizeof(num)) < 0)
		return -EFAULT;
	if (room < num)
		return fail(-E2BIG, "there are %llu registers",
		    (unsigned long long)num);
	return user_write(system, arg + sizeof(num), ids, num * sizeof(*ids));
}
