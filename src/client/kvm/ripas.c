/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A realm asks for another RIPAS: user space is told and prepares its memory,
 * and the next KVM_RUN makes the change, whether user space likes it or not.
 */
#include "kvm.h"

static bool
is_private(const struct vm *vm, uint64_t ipa)
{
	return ipa >> (vm->ipa_bits - 1) == 0;
}

long
ripas_exit(struct vcpu *vcpu)
{
	const struct rmi_rec_exit *exit = &vcpu->running.exit;
	uint64_t base = exit->ripas_base, top = exit->ripas_top;

	if (top > base && is_private(vcpu->vm, base) &&
	    is_private(vcpu->vm, top - 1))
		return run_memory_fault(
		    vcpu, base, top - base, exit->ripas_value == RMI_RAM);
	vcpu->running.enter.flags = RMI_REC_ENTER_RIPAS_RESPONSE;
	vcpu->running.incomplete = false;
	return fail(-EINVAL, "vCPU %u: a RIPAS change from 0x%llx to 0x%llx",
	    vcpu->id, (unsigned long long)base, (unsigned long long)top);
}

/*
 * RMI_RTT_SET_RIPAS answered rc at base.  Make the tables that the range needs;
 * if they are there, no more of it can be changed: -ENXIO.
 */
static int
make_tables(struct vm *vm, uint64_t base, uint64_t top, int rc)
{
	int level = (int)RMI_INDEX((unsigned)rc);
	int wanted = rtt_map_level(vm, base, top);

	if (rc < 0 || RMI_STATUS((unsigned)rc) != RMI_ERROR_RTT ||
	    level >= wanted)
		return (int)rmi_fail(-ENXIO, "RMI_RTT_SET_RIPAS", rc);
	return rtt_create_levels(vm, base, level, wanted);
}

/*
 * A success that leads nowhere: the entry of base has the RIPAS already, and is
 * larger than what is left of the range.
 */
static int
split(struct vm *vm, uint64_t base, uint64_t top)
{
	uint64_t level, state, desc, ripas;
	int rc = rmi_rtt_read_entry(vm->file.system->client, vm->realm.rd, base,
	    RTT_LEAF_LEVEL, &level, &state, &desc, &ripas);

	if (rc != RMI_SUCCESS)
		return (int)rmi_fail(-ENXIO, "RMI_RTT_READ_ENTRY", rc);
	return make_tables(
	    vm, base, top, (int)RMI_RESULT(RMI_ERROR_RTT, level));
}

/* As much of [*base, top) as can be; *base is where it ends. */
static int
set_ripas(struct vcpu *vcpu, uint64_t *base, uint64_t top)
{
	struct vm *vm = vcpu->vm;
	uint64_t next;
	int rc = 0;

	while (*base < top && rc == 0) {
		rc = rmi_rtt_set_ripas(vm->file.system->client, vm->realm.rd,
		    vcpu->rec, *base, top, &next);
		if (rc != RMI_SUCCESS)
			rc = make_tables(vm, *base, top, rc);
		else if (next <= *base)
			rc = split(vm, *base, top);
		else
			*base = next;
	}
	return rc;
}

/* Whether all memory of [base, top) is private, or shared, as it is to be. */
static bool
attributes_match(const struct vm *vm, uint64_t base, uint64_t top, bool private)
{
	for (size_t i = 0; i < vm->num_slots; i++) {
		const struct memslot *slot = &vm->slots[i];
		uint64_t from = base > slot->gpa ? base : slot->gpa;
		uint64_t to = slot->gpa + slot->size;

		for (to = top < to ? top : to; from < to; from += PAGE_SIZE)
			if (attributes_private(vm, slot, from) != private)
				return false;
	}
	return true;
}

long
ripas_complete(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	struct rmi_rec_exit *exit = &vcpu->running.exit;
	uint64_t base = exit->ripas_base, top = exit->ripas_top;
	bool ram = exit->ripas_value == RMI_RAM, match;

	pthread_mutex_lock(&vm->lock);
	match = !vm->file.system->profile->exits->ripas_needs_attributes ||
	    attributes_match(vm, base, top, ram);
	if (match) {
		/* What can not be done the realm is told of, and asks again. */
		(void)set_ripas(vcpu, &base, top);
		for (size_t i = 0; i < vm->num_slots && !ram; i++)
			gmem_unmap(vm, &vm->slots[i], exit->ripas_base, base);
	}
	pthread_mutex_unlock(&vm->lock);
	if (match)
		return 1;
	vcpu->running.incomplete = true;
	return run_memory_fault(vcpu, base, top - base, ram);
}
