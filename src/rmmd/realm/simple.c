/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The realms that need no telling what to do: "off" powers off as soon as it is
 * entered, "wfi" waits for an interrupt, and again after it.
 */
#include "config.h"

#include <string.h>

#include "actor.h"

static void
off_entered(struct actor *actor, bool sea)
{
	struct rmm_regs regs;
	struct rmm_result result;

	(void)sea;
	if (!rmm_regs(actor->rmm, actor->rec, &regs))
		return;
	regs.gprs[0] = PSCI_FID_SYSTEM_OFF;
	if (rmm_set_regs(actor->rmm, actor->rec, &regs) &&
	    rmm_realm_smc(actor->rmm, actor->rec, &result))
		actor_exited(actor, &result);
}

const struct actor_kind actor_off = {
	.name = "off",
	.entered = off_entered,
};

/*
 * A virtual interrupt that is pending ends a WFI at once, and this realm takes
 * none: it then spins, which to the host is the same as waiting.
 */
static void
wfi_entered(struct actor *actor, bool sea)
{
	struct rmm_result result;
	bool over;

	(void)sea;
	if (!rmm_realm_wait(actor->rmm, actor->rec, RMM_WFI, 0, &result))
		return;
	if (result.outcome == RMM_EXITED)
		actor_exited(actor, &result);
	else
		actor_idle(actor, UINT64_MAX, &over);
}

const struct actor_kind actor_wfi = {
	.name = "wfi",
	.entered = wfi_entered,
};
