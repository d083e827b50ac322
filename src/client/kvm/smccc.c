/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls of a realm that reach the host, PSCI and RSI_HOST_CALL alike: to the
 * kernel they are hypercalls.  A filter of the VM says which of them it
 * handles, denies, or hands to user space.
 */
#include <string.h>

#include "kvm.h"

/* Of Arm's own range (DEN0028): to be answered by the kernel, always. */
#define SMCCC_ARCH_MASK	   0xbfff0000u
#define SMCCC_ARCH	   0x80000000u

#define SMCCC_VERSION	   0x80000000u
#define SMCCC_VERSION_1_1  0x10001
#define SMCCC_VENDOR_UID   0x8600ff01u
#define SMCCC_VENDOR_FEATS 0x86000000u

/* What KVM says of itself as a vendor of hypervisor services. */
static const uint32_t vendor_uid[4] = { 0xb66fb428, 0xe911c52e, 0x564bcaa9,
	0x743a004d };

static bool
is_reserved(uint32_t fid)
{
	return (fid & SMCCC_ARCH_MASK) == SMCCC_ARCH;
}

static uint8_t
find_action(const struct vm *vm, uint32_t fid)
{
	if (is_reserved(fid))
		return RKVM_SMCCC_FILTER_HANDLE;
	for (size_t i = 0; i < vm->num_filters; i++)
		if (fid - vm->filters[i].base < vm->filters[i].num)
			return vm->filters[i].action;
	return RKVM_SMCCC_FILTER_HANDLE;
}

static bool
is_psci(uint32_t fid)
{
	return (fid & 0xbfffffe0u) == 0x84000000u;
}

static long
answer(struct vcpu *vcpu, uint64_t x0)
{
	vcpu->x[0] = x0;
	return 1;
}

static long
handle(struct vcpu *vcpu, uint32_t fid)
{
	if (is_psci(fid))
		return psci_handle(vcpu);
	switch (fid) {
	case SMCCC_VERSION:
		return answer(vcpu, SMCCC_VERSION_1_1);
	case SMCCC_VENDOR_UID:
		for (size_t i = 0; i < 4; i++)
			vcpu->x[i] = vendor_uid[i];
		return 1;
	case SMCCC_VENDOR_FEATS:
		return answer(vcpu, 1);
	default:
		return answer(vcpu, SMC_NOT_SUPPORTED);
	}
}

static long
to_user_space(struct vcpu *vcpu, uint32_t fid)
{
	struct rkvm_run *run = vcpu->run;

	memset(&run->u.hypercall, 0, sizeof(run->u.hypercall));
	run->exit_reason = RKVM_EXIT_HYPERCALL;
	run->u.hypercall.nr = fid;
	return 0;
}

long
smccc_exit(struct vcpu *vcpu)
{
	uint32_t fid;
	uint8_t action;

	memcpy(vcpu->x, vcpu->running.exit.gprs, sizeof(vcpu->x));
	fid = (uint32_t)vcpu->x[0];
	pthread_mutex_lock(&vcpu->vm->lock);
	action = find_action(vcpu->vm, fid);
	pthread_mutex_unlock(&vcpu->vm->lock);
	switch (action) {
	case RKVM_SMCCC_FILTER_FWD_TO_USER:
		return to_user_space(vcpu, fid);
	case RKVM_SMCCC_FILTER_DENY:
		return answer(vcpu, SMC_NOT_SUPPORTED);
	default:
		return handle(vcpu, fid);
	}
}

/* ---- The filter -------------------------------------------------------- */

static bool
overlaps(const struct smccc_filter *a, uint32_t base, uint32_t num)
{
	return a->base < (uint64_t)base + num &&
	    base < (uint64_t)a->base + a->num;
}

static long
add_filter(struct vm *vm, const struct rkvm_smccc_filter *filter)
{
	uint32_t base = filter->base, num = filter->nr_functions;
	const struct smccc_filter arch[] = {
		{ 0x80000000u, 0x10000, 0 },
		{ 0xc0000000u, 0x10000, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(filter->pad); i++)
		if (filter->pad[i] != 0)
			return fail(-EINVAL, "SMCCC filter: pad is not 0");
	if (num == 0 || base + num - 1 < base ||
	    filter->action > RKVM_SMCCC_FILTER_FWD_TO_USER)
		return fail(-EINVAL, "SMCCC filter: range or action");
	if (vm->realm.state >= RMMKVM_ACTIVE)
		return fail(-EBUSY, "SMCCC filter: a vCPU has run");
	for (i = 0; i < 2; i++)
		if (overlaps(&arch[i], base, num))
			return fail(-EEXIST,
			    "SMCCC filter: 0x%x is for the kernel alone",
			    arch[i].base);
	for (i = 0; i < vm->num_filters; i++)
		if (overlaps(&vm->filters[i], base, num))
			return fail(-EEXIST, "SMCCC filter: ranges overlap");
	if (vm->num_filters == SMCCC_FILTERS)
		return fail(-ENOMEM, "SMCCC filter: more than %d ranges",
		    SMCCC_FILTERS);
	vm->filters[vm->num_filters++] =
	    (struct smccc_filter){ base, num, filter->action };
	return 0;
}

static int
read_attr(struct vm *vm, uintptr_t arg, struct rkvm_device_attr *attr)
{
	if (user_read(vm->file.system, attr, arg, sizeof(*attr)) < 0)
		return -EFAULT;
	if (attr->flags != 0)
		return -EINVAL;
	if (attr->group != RKVM_VM_SMCCC_CTRL ||
	    attr->attr != RKVM_VM_SMCCC_FILTER)
		return (int)fail(-ENXIO,
		    "a VM has no attribute %llu of group %u",
		    (unsigned long long)attr->attr, attr->group);
	return 0;
}

long
smccc_set_attr(struct vm *vm, uintptr_t arg)
{
	struct rkvm_smccc_filter filter;
	struct rkvm_device_attr attr;
	int rc = read_attr(vm, arg, &attr);

	if (rc < 0)
		return rc;
	if (user_read(vm->file.system, &filter, attr.addr, sizeof(filter)) < 0)
		return -EFAULT;
	return add_filter(vm, &filter);
}

long
smccc_has_attr(struct vm *vm, uintptr_t arg)
{
	struct rkvm_device_attr attr;

	return read_attr(vm, arg, &attr);
}
