/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_GRANULE_DELEGATE (DEN0137 1.0-rel0, B4.3.5): a granule leaves the
 * Non-secure PAS for the Realm PAS, and its bytes the Non-secure view.
 */
#include "../command.h"

static void
check(struct call *c, uint64_t addr)
{
	REJECT_IF(c, gran_align, !granule_aligned(addr), RMI_ERROR_INPUT,
	    NOT_ALIGNED(addr));
	REJECT_IF(c, gran_bound, !pa_is_delegable(c->rmm, addr),
	    RMI_ERROR_INPUT, NOT_MEMORY(addr));
	REJECT_IF(c, gran_state,
	    granule_state(c->rmm, addr) != RMM_GRANULE_UNDELEGATED,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, addr, "UNDELEGATED"));
	NEEDS(c, gran_bound);
	/*
	 * gran_gpt: the GPT entry of DRAM is NS exactly in state UNDELEGATED,
	 * so that it fails with gran_state or not at all.
	 */
	REJECT_IF(c, gran_gpt, !granule_is_ns(c->rmm, addr), RMI_ERROR_INPUT,
	    NOT_NS(c, addr));
	REJECT_IF(c, host_memory, !granule_reserve(c->rmm, addr),
	    RMI_ERROR_INPUT, "the host has no memory to describe granule " X64,
	    addr);
}

static void
granule_delegate(struct call *c)
{
	uint64_t addr = c->x[1];

	check(c, addr);
	if (call_failed(c))
		return;
	granule_become(c->rmm, addr, RMM_GRANULE_DELEGATED);
}

const struct command rmi_granule_delegate = {
	.abi = RMI_GRANULE_DELEGATE_ABI,
	.order = "",
	.tf_order = "gran_align gran_bound gran_state gran_gpt",
	.exec = granule_delegate,
};
