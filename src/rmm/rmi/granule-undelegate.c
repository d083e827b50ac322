/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_GRANULE_UNDELEGATE (DEN0137 1.0-rel0, B4.3.6): a granule returns to the
 * Non-secure PAS.  It reads as zeros there, whatever was written to the
 * Non-secure view while it was delegated.
 */
#include "../command.h"

#include "../choices.h"

static void
check(struct call *c, uint64_t addr)
{
	REJECT_IF(c, gran_align, !granule_aligned(addr), RMI_ERROR_INPUT,
	    NOT_ALIGNED(addr));
	REJECT_IF(c, gran_bound, !pa_is_delegable(c->rmm, addr),
	    RMI_ERROR_INPUT, NOT_MEMORY(addr));
	REJECT_IF(c, gran_state,
	    granule_state(c->rmm, addr) != RMM_GRANULE_DELEGATED,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, addr, "DELEGATED"));
}

static void
granule_undelegate(struct call *c)
{
	uint64_t addr = c->x[1];
	uint8_t page[GRANULE_SIZE];

	check(c, addr);
	if (call_failed(c))
		return;
	granule_become(c->rmm, addr, RMM_GRANULE_UNDELEGATED);
	/* A2.2.4: wiped, which need not mean zeros. */
	if (choice_contents(c->rmm, RMM_CHOICE_UNDELEGATED, page))
		ns_write(c->rmm, addr, 0, page, sizeof page);
}

const struct command rmi_granule_undelegate = {
	.abi = RMI_GRANULE_UNDELEGATE_ABI,
	.order = "",
	.tf_order = "gran_align gran_bound gran_state",
	.exec = granule_undelegate,
};
