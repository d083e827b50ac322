/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A realm's life: created when something first needs it, activated by the first
 * KVM_RUN, gone with its VM.
 */
#include <string.h>

#include "kvm.h"

#define NUM_VMIDS 65536u

/* Delegate num pages in a row, or none. */
static int
delegate_run(struct vm *vm, uint64_t base, uint32_t num)
{
	for (uint32_t i = 0; i < num; i++) {
		int rc = granule_delegate(vm, base + i * PAGE_SIZE);

		if (rc == 0)
			continue;
		while (i-- > 0)
			granule_undelegate(vm, base + i * PAGE_SIZE);
		return rc;
	}
	return 0;
}

static void
free_run(struct vm *vm, uint64_t base, uint32_t num)
{
	for (uint32_t i = 0; i < num; i++)
		granule_free(vm, base + i * PAGE_SIZE);
}

/* RMI_REALM_CREATE with params, under a VMID that nobody has. */
static int
create_with_vmid(struct vm *vm, struct rmi_realm_params *params, uint64_t pa)
{
	struct rmmkvm *system = vm->file.system;
	int rc = 0;

	for (uint32_t tried = 0; tried < NUM_VMIDS; tried++) {
		params->vmid = (uint16_t)system->next_vmid++;
		rc = ns_write(system, pa, params, sizeof(*params));
		if (rc < 0)
			return rc;
		rc = rmi_realm_create(system->client, vm->realm.rd, pa);
		if (rc == RMI_SUCCESS)
			return 0;
		/* Others may have realms on this machine. */
		if (strcmp(rmmclient_last_reason()->condition, "vmid_valid"))
			break;
	}
	return (int)rmi_fail(-ENXIO, "RMI_REALM_CREATE", rc);
}

/*
 * What user space has no say in is all that the RMM has, as in the ID register
 * that the VM would show.
 */
static void
fill_params(const struct vm *vm, struct rmi_realm_params *params)
{
	uint64_t features = vm->file.system->features;
	const struct realm *realm = &vm->realm;

	memset(params, 0, sizeof(*params));
	params->s2sz = (uint8_t)vm->ipa_bits;
	params->num_bps = (uint8_t)RMI_FEATURE0_GET(features, NUM_BPS);
	params->num_wps = (uint8_t)RMI_FEATURE0_GET(features, NUM_WPS);
	if (realm->has_debug) {
		params->num_bps = realm->num_bps;
		params->num_wps = realm->num_wps;
	}
	if (realm->has_sve) {
		params->flags |= RMI_REALM_FLAG_SVE;
		params->sve_vl = realm->sve_vl;
	}
	if (realm->has_pmu) {
		params->flags |= RMI_REALM_FLAG_PMU;
		params->pmu_num_ctrs = realm->pmu_num_ctrs;
	}
	params->hash_algo = realm->hash_algo;
	memcpy(params->rpv, realm->rpv, sizeof(params->rpv));
	params->rtt_base = realm->rtt_base;
	params->rtt_level_start = realm->rtt_level_start;
	params->rtt_num_start = realm->rtt_num_start;
}

/* SVE, if vCPUs were given it: finalised, and all of them alike. */
static int
take_sve(struct vm *vm)
{
	const struct vcpu *with = NULL;

	for (size_t i = 0; i < vm->num_vcpus; i++)
		if (vcpu_has_feature(vm->vcpus[i], RKVM_ARM_VCPU_SVE))
			with = vm->vcpus[i];
	if (with == NULL)
		return 0;
	for (size_t i = 0; i < vm->num_vcpus; i++)
		if (!vm->vcpus[i]->sve_finalized ||
		    vm->vcpus[i]->sve_vl != with->sve_vl)
			return (int)fail(-EINVAL,
			    "vCPU %u: all vCPUs of a realm have the same SVE, "
			    "and have it finalised",
			    vm->vcpus[i]->id);
	vm->realm.has_sve = true;
	vm->realm.sve_vl = with->sve_vl;
	return 0;
}

/* The PMU, if a vCPU was given it: all counters of the RMM. */
static void
take_pmu(struct vm *vm)
{
	uint64_t features = vm->file.system->features;

	for (size_t i = 0; i < vm->num_vcpus && !vm->realm.has_pmu; i++) {
		if (!vcpu_has_feature(vm->vcpus[i], RKVM_ARM_VCPU_PMU_V3))
			continue;
		vm->realm.has_pmu = true;
		vm->realm.pmu_num_ctrs =
		    (uint8_t)RMI_FEATURE0_GET(features, PMU_NUM_CTRS);
	}
}

/* rd and the root tables are delegated. */
static int
create_realm(struct vm *vm)
{
	struct rmi_realm_params params;
	uint64_t pa;
	int rc = vm_params_page(vm, &pa);

	if (rc < 0)
		return rc;
	fill_params(vm, &params);
	rc = create_with_vmid(vm, &params, pa);
	if (rc < 0)
		return rc;
	rc = rmi_rec_aux_count(
	    vm->file.system->client, vm->realm.rd, &vm->realm.num_aux);
	if (rc == RMI_SUCCESS && vm->realm.num_aux <= RMI_REC_AUX_MAX)
		return 0;
	rmi_realm_destroy(vm->file.system->client, vm->realm.rd);
	return (int)rmi_fail(-ENXIO, "RMI_REC_AUX_COUNT", rc);
}

static int
create_roots(struct vm *vm)
{
	struct realm *realm = &vm->realm;
	int rc;

	rtt_geometry(
	    vm->ipa_bits, &realm->rtt_level_start, &realm->rtt_num_start);
	rc = pages_alloc(&vm->pages, realm->rtt_num_start,
	    realm->rtt_num_start * PAGE_SIZE, &realm->rtt_base);
	if (rc < 0)
		return rc;
	rc = delegate_run(vm, realm->rtt_base, realm->rtt_num_start);
	if (rc < 0) {
		pages_free(&vm->pages, realm->rtt_base, realm->rtt_num_start);
		return rc;
	}
	rc = create_realm(vm);
	if (rc < 0)
		free_run(vm, realm->rtt_base, realm->rtt_num_start);
	return rc;
}

int
realm_ensure_created(struct vm *vm)
{
	int rc;

	switch (vm->realm.state) {
	case RMMKVM_NONE:
		break;
	case RMMKVM_NEW:
		return 0;
	case RMMKVM_DEAD:
		return (int)fail(-ENXIO, "the realm's activation has failed");
	default:
		return (int)fail(-EBUSY, "the realm has been activated");
	}
	rc = take_sve(vm);
	if (rc < 0)
		return rc;
	take_pmu(vm);
	rc = granule_alloc(vm, &vm->realm.rd);
	if (rc < 0)
		return rc;
	rc = create_roots(vm);
	if (rc < 0) {
		granule_free(vm, vm->realm.rd);
		return rc;
	}
	vm->realm.state = RMMKVM_NEW;
	return 0;
}

static int
init_ripas(struct vm *vm)
{
	uint64_t cursor = 0;
	struct memslot *slot;
	int rc = 0;

	while (rc == 0 && (slot = memslot_next(vm, &cursor)) != NULL)
		if (slot->flags & RKVM_MEM_GUEST_MEMFD)
			rc = rtt_init_ripas(
			    vm, slot->gpa, slot->gpa + slot->size, 0);
	return rc;
}

static int
check_irqchip(const struct vm *vm)
{
	const struct activation_uapi *uapi =
	    vm->file.system->profile->activation;

	if (!vm->has_vgic)
		return (int)fail(-EOPNOTSUPP,
		    "a realm needs a GICv3: KVM_CREATE_DEVICE before the first "
		    "KVM_RUN");
	if (!vm->vgic_initialized && uapi->vgic_not_initialized != 0)
		return (int)fail(uapi->vgic_not_initialized,
		    "the GICv3 is not initialised: KVM_DEV_ARM_VGIC_CTRL_INIT");
	return 0;
}

int
realm_set_active(struct vm *vm)
{
	int rc = rmi_realm_activate(vm->file.system->client, vm->realm.rd);

	if (rc != RMI_SUCCESS)
		return (int)rmi_fail(-ENXIO, "RMI_REALM_ACTIVATE", rc);
	vm->realm.state = RMMKVM_ACTIVE;
	return 0;
}

static int
activate(struct vm *vm)
{
	int rc = check_irqchip(vm);

	for (size_t i = 0; i < vm->num_vcpus && rc == 0; i++)
		rc = rec_create(vm->vcpus[i]);
	if (rc == 0)
		rc = init_ripas(vm);
	return rc < 0 ? rc : realm_set_active(vm);
}

/* What KVM_RUN answers of a realm that it does not activate, or not again. */
static int
not_active(const struct vm *vm)
{
	const struct activation_uapi *uapi =
	    vm->file.system->profile->activation;

	return vm->realm.state == RMMKVM_DEAD
	    ? (int)fail(
		  uapi->run_after_failure, "the realm's activation has failed")
	    : (int)fail(uapi->not_active,
		  "the realm is not active: KVM_CAP_ARM_RME_ACTIVATE_REALM");
}

int
realm_activate(struct vm *vm)
{
	const struct activation_uapi *uapi =
	    vm->file.system->profile->activation;
	int rc = 0;

	if (vm->realm.state == RMMKVM_ACTIVE)
		return uapi->by_run ? 0 : vgic_check_mapped(vm);
	if (vm->realm.state == RMMKVM_DEAD || !uapi->by_run)
		return not_active(vm);
	if (uapi->vgic_not_initialized != 0)
		rc = check_irqchip(vm);
	if (rc == 0)
		rc = vgic_check_mapped(vm);
	if (rc == 0 && uapi->irqchip_before_create)
		rc = check_irqchip(vm);
	if (rc == 0)
		rc = realm_ensure_created(vm);
	if (rc < 0)
		return rc;
	/* It is DEAD while this is under way, and stays so if it fails. */
	vm->realm.state = RMMKVM_DEAD;
	rc = activate(vm);
	if (rc < 0 && uapi->failure_kills_vm)
		vm_kill(vm);
	return rc;
}

void
realm_destroy(struct vm *vm)
{
	struct realm *realm = &vm->realm;

	if (realm->state == RMMKVM_NONE)
		return;
	realm->state = RMMKVM_DYING;
	for (size_t i = 0; i < vm->num_slots; i++) {
		gmem_unmap(vm, &vm->slots[i], 0, 1ull << vm->ipa_bits);
		shared_unmap(vm, &vm->slots[i], 0, 1ull << vm->ipa_bits);
	}
	rtt_destroy_all(vm);
	if (rmi_realm_destroy(vm->file.system->client, realm->rd) ==
	    RMI_SUCCESS) {
		granule_free(vm, realm->rd);
		free_run(vm, realm->rtt_base, realm->rtt_num_start);
	}
	realm->state = RMMKVM_DEAD;
}
