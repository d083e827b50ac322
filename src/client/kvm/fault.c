/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Aborts of a realm at its second stage.  Behind a private address comes a page
 * of the slot's guest_memfd; behind a shared one, which is the same with the
 * top bit set, the slot's user memory; and where there is no slot, a device.
 */
#include "esr.h"
#include "kvm.h"

/* Of RMI_RTT_MAP_UNPROTECTED: normal write-back memory, with FEAT_S2FWB. */
#define DESC_MEMATTR_NORMAL (6ull << 2)
#define DESC_S2AP_READ	    (1ull << 6)
#define DESC_S2AP_WRITE	    (1ull << 7)

static int
create_unknown(struct vm *vm, uint64_t pa, uint64_t ipa)
{
	struct rmmclient *client = vm->file.system->client;
	int rc = rmi_data_create_unknown(client, vm->realm.rd, pa, ipa);

	if (rc > 0 && RMI_STATUS((unsigned)rc) == RMI_ERROR_RTT) {
		rc = rtt_create_levels(
		    vm, ipa, (int)RMI_INDEX((unsigned)rc), RTT_LEAF_LEVEL);
		if (rc < 0)
			return rc;
		rc = rmi_data_create_unknown(client, vm->realm.rd, pa, ipa);
	}
	return rc == RMI_SUCCESS
	    ? 0
	    : (int)rmi_fail(-ENXIO, "RMI_DATA_CREATE_UNKNOWN", rc);
}

/*
 * The page is there: another vCPU's fault was first.  If this vCPU finds it so
 * twice in a row, its RIPAS is DESTROYED, and the kernel would fault for ever.
 */
static long
page_is_there(struct vcpu *vcpu, uint64_t gpa)
{
	if (vcpu->running.mapped_before == gpa + 1)
		return fail(-ENXIO,
		    "vCPU %u: the page at IPA 0x%llx was taken away from the "
		    "realm, which wants it back",
		    vcpu->id, (unsigned long long)gpa);
	vcpu->running.mapped_ipa = gpa + 1; /* so that 0 is none */
	return 1;
}

static long
map_private(struct vcpu *vcpu, struct memslot *slot, uint64_t gpa)
{
	struct vm *vm = vcpu->vm;
	size_t index = memslot_gmem_index(slot, gpa);
	uint64_t pa;
	int rc;

	if (slot->gmem == NULL)
		return fail(-EFAULT, "vCPU %u: no guest_memfd at IPA 0x%llx",
		    vcpu->id, (unsigned long long)gpa);
	if (slot->gmem->entries[index] & GMEM_MAPPED)
		return page_is_there(vcpu, gpa);
	rc = gmem_get_page(slot->gmem, index, &pa);
	if (rc < 0)
		return rc;
	/* So the kernel reads it: another vCPU has handled the fault. */
	if (granule_delegate(vm, pa) < 0)
		return 1;
	rc = create_unknown(vm, pa, gpa);
	if (rc == 0)
		slot->gmem->entries[index] |= GMEM_MAPPED | GMEM_PREPARED;
	else if (!granule_undelegate(vm, pa))
		gmem_leak_page(slot->gmem, index);
	return rc == 0 ? 1 : rc;
}

static long
map_shared(struct vcpu *vcpu, struct memslot *slot, uint64_t ipa, bool write)
{
	struct vm *vm = vcpu->vm;
	struct rmmclient *client = vm->file.system->client;
	uint64_t gpa = ipa & ~vm_shared_bit(vm), pa, desc;
	bool writable;
	int rc = shared_get_page(vm, slot, gpa, write, &pa, &writable);

	if (rc < 0)
		return rc;
	desc = pa | DESC_MEMATTR_NORMAL | DESC_S2AP_READ |
	    (writable ? DESC_S2AP_WRITE : 0);
	rc = rmi_rtt_map_unprotected(
	    client, vm->realm.rd, ipa, RTT_LEAF_LEVEL, desc);
	if (rc > 0 && RMI_STATUS((unsigned)rc) == RMI_ERROR_RTT &&
	    RMI_INDEX((unsigned)rc) < RTT_LEAF_LEVEL) {
		rc = rtt_create_levels(
		    vm, ipa, (int)RMI_INDEX((unsigned)rc), RTT_LEAF_LEVEL);
		if (rc < 0)
			return rc;
		rc = rmi_rtt_map_unprotected(
		    client, vm->realm.rd, ipa, RTT_LEAF_LEVEL, desc);
	}
	/* At the last level it is mapped, by another vCPU's fault. */
	if (rc != RMI_SUCCESS &&
	    rc != (int)RMI_RESULT(RMI_ERROR_RTT, RTT_LEAF_LEVEL))
		return rmi_fail(-ENXIO, "RMI_RTT_MAP_UNPROTECTED", rc);
	shared_note_mapped(slot, gpa);
	return 1;
}

static long
fault_in_slot(struct vcpu *vcpu, struct memslot *slot, uint64_t ipa, bool write)
{
	struct vm *vm = vcpu->vm;
	uint64_t gpa = ipa & ~vm_shared_bit(vm);
	bool private = gpa == ipa, own;

	own = slot->gmem != NULL && slot->gmem->slots_own;
	if (slot->flags & RKVM_MEM_GUEST_MEMFD && !own &&
	    attributes_private(vm, slot, gpa) != private) {
		fail(0,
		    "vCPU %u: a %s access at IPA 0x%llx, whose memory is %s",
		    vcpu->id, private ? "private" : "shared",
		    (unsigned long long)ipa, private ? "shared" : "private");
		return run_memory_fault(vcpu, gpa, PAGE_SIZE, private);
	}
	return private ? map_private(vcpu, slot, gpa)
		       : map_shared(vcpu, slot, ipa, write);
}

/* No memory there. */
static long
fault_outside(struct vcpu *vcpu, uint64_t ipa)
{
	const struct rmi_rec_exit *exit = &vcpu->running.exit;

	if (ESR_EC(exit->esr) == ESR_EC_IABT_LOWER) {
		vcpu->running.enter.flags |= RMI_REC_ENTER_INJECT_SEA;
		return 1;
	}
	return mmio_exit(vcpu, ipa | (exit->far & (PAGE_SIZE - 1)));
}

long
fault_exit(struct vcpu *vcpu)
{
	const struct rmi_rec_exit *exit = &vcpu->running.exit;
	struct vm *vm = vcpu->vm;
	uint64_t ipa = HPFAR_IPA(exit->hpfar);
	bool write = ESR_EC(exit->esr) == ESR_EC_DABT_LOWER &&
	    (exit->esr & ESR_WNR) != 0;
	struct memslot *slot;
	long rc;

	pthread_mutex_lock(&vm->lock);
	slot = memslot_find(vm, ipa & ~vm_shared_bit(vm));
	if (slot != NULL && write && slot->flags & RKVM_MEM_READONLY)
		slot = NULL;
	rc = slot != NULL ? fault_in_slot(vcpu, slot, ipa, write)
			  : fault_outside(vcpu, ipa);
	pthread_mutex_unlock(&vm->lock);
	return rc;
}
