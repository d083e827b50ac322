/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Accesses of a realm at addresses where it shares no memory: user space plays
 * the device, and says with the next KVM_RUN that it has.
 */
#include <string.h>

#include "esr.h"
#include "kvm.h"

/*
 * Called with the VM's lock.  The address that user space gets has the bit that
 * says "shared", unless the posting takes it away; that of an ioeventfd has
 * not.
 */
long
mmio_exit(struct vcpu *vcpu, uint64_t ipa)
{
	const struct rmi_rec_exit *exit = &vcpu->running.exit;
	struct rkvm_run *run = vcpu->run;
	const struct exits_uapi *exits = vcpu->file.system->profile->exits;
	uint64_t below = ipa & ~vm_shared_bit(vcpu->vm);
	uint64_t value = exit->gprs[0];

	if ((exit->esr & ESR_ISV) == 0)
		return fail(-ENOSYS,
		    "vCPU %u: an access at IPA 0x%llx, where there is no "
		    "memory, that can not be emulated",
		    vcpu->id, (unsigned long long)ipa);
	if ((exit->esr & ESR_WNR) != 0 &&
	    io_event(vcpu->vm, below, 1u << ESR_SAS(exit->esr), value)) {
		vcpu->running.enter.flags |= RMI_REC_ENTER_EMUL_MMIO;
		return 1;
	}
	memset(&run->u.mmio, 0, sizeof(run->u.mmio));
	run->exit_reason = RKVM_EXIT_MMIO;
	run->u.mmio.phys_addr = exits->mmio_strips_shared ? below : ipa;
	run->u.mmio.len = 1u << ESR_SAS(exit->esr);
	run->u.mmio.is_write = (exit->esr & ESR_WNR) != 0;
	if (run->u.mmio.is_write)
		memcpy(run->u.mmio.data, &value, run->u.mmio.len);
	vcpu->mmio_to_complete = true;
	return 0;
}

void
mmio_complete(struct vcpu *vcpu)
{
	struct running *running = &vcpu->running;
	uint64_t value = 0;

	if (!vcpu->mmio_to_complete)
		return;
	vcpu->mmio_to_complete = false;
	/* User space may refuse it, by an external abort. */
	if (vcpu->inject_sea) {
		vcpu->inject_sea = false;
		running->enter.flags |= RMI_REC_ENTER_INJECT_SEA;
		return;
	}
	running->enter.flags |= RMI_REC_ENTER_EMUL_MMIO;
	if (running->exit.esr & ESR_WNR)
		return;
	/* The size is the access's, whatever became of mmio.len. */
	memcpy(
	    &value, vcpu->run->u.mmio.data, 1u << ESR_SAS(running->exit.esr));
	running->enter.gprs[0] = value;
}
