/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A vCPU's REC: made when the realm is activated, destroyed with the VM.
 */
#include <string.h>

#include "kvm.h"

static void
free_aux(struct vcpu *vcpu)
{
	for (size_t i = 0; i < vcpu->num_aux; i++)
		granule_free(vcpu->vm, vcpu->aux[i]);
	vcpu->num_aux = 0;
}

static int
alloc_aux(struct vcpu *vcpu)
{
	int rc;

	while (vcpu->num_aux < vcpu->vm->realm.num_aux) {
		rc = granule_alloc(vcpu->vm, &vcpu->aux[vcpu->num_aux]);
		if (rc < 0)
			return rc;
		vcpu->num_aux++;
	}
	return 0;
}

/* rec and the auxiliary granules are delegated. */
static int
create(struct vcpu *vcpu)
{
	struct rmi_rec_params params;
	struct vm *vm = vcpu->vm;
	uint64_t pa;
	int rc = vm_params_page(vm, &pa);

	if (rc < 0)
		return rc;
	memset(&params, 0, sizeof(params));
	/* Whatever user space asked for: only the first one starts. */
	params.flags = vcpu->id == 0 ? RMI_REC_FLAG_RUNNABLE : 0;
	params.mpidr = vcpu_mpidr(vcpu);
	params.pc = vcpu->pc;
	memcpy(params.gprs, vcpu->x, sizeof(params.gprs));
	params.num_aux = vcpu->num_aux;
	memcpy(params.aux, vcpu->aux, sizeof(params.aux));
	rc = ns_write(vm->file.system, pa, &params, sizeof(params));
	if (rc < 0)
		return rc;
	rc = rmi_rec_create(
	    vm->file.system->client, vm->realm.rd, vcpu->rec, pa);
	return rc == RMI_SUCCESS ? 0
				 : (int)rmi_fail(-ENXIO, "RMI_REC_CREATE", rc);
}

int
rec_create(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	int rc;

	if (vcpu->has_rec)
		return -EBUSY;
	if (!(vcpu->init.features[0] & 1u << RKVM_ARM_VCPU_PSCI_0_2))
		return (int)fail(-EINVAL,
		    "vCPU %u: a realm's needs the feature PSCI_0_2", vcpu->id);
	rc = page_alloc(&vm->pages, &vcpu->run_pa);
	if (rc < 0)
		return rc;
	rc = granule_alloc(vm, &vcpu->rec);
	if (rc < 0) {
		pages_free(&vm->pages, vcpu->run_pa, 1);
		return rc;
	}
	rc = alloc_aux(vcpu);
	if (rc == 0)
		rc = create(vcpu);
	if (rc < 0) {
		free_aux(vcpu);
		granule_free(vm, vcpu->rec);
		pages_free(&vm->pages, vcpu->run_pa, 1);
		return rc;
	}
	vcpu->has_rec = true;
	return 0;
}

void
rec_destroy(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;

	if (!vcpu->has_rec)
		return;
	vcpu->has_rec = false;
	pages_free(&vm->pages, vcpu->run_pa, 1);
	/* Where that fails, its granules are leaked. */
	if (rmi_rec_destroy(vm->file.system->client, vcpu->rec) != RMI_SUCCESS)
		return;
	free_aux(vcpu);
	granule_free(vm, vcpu->rec);
}
