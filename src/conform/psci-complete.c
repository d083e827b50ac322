/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI_COMPLETE (B4.3.7): a realm asks for its second REC, and the host shows
 * it; in every order, and with every other REC.
 */
#include "guest.h"

#include <string.h>

#define S(id_, what_, apply_, arg_)                                    \
	{                                                              \
		.id = id_, .what = what_, .apply = apply_, .arg = arg_ \
	}

#define ENTRY	0x3000ull
#define CONTEXT 0x1234567ull

/* Two more RECs: MPIDR 2 of the realm, and MPIDR 1 of the bystander. */
#define P_REC3	   P_BLOCK
#define P_BY_REC2  (P_BLOCK + 20)
#define MORE_PAGES 40

static void
more_recs(struct conform *c)
{
	uint64_t pa = G(c, P_BLOCK), step = GRANULE_SIZE;
	uint64_t params = G(c, P_REC_PARAMS);

	c->whole = true;
	must_repeat(c, RMI_FID_GRANULE_DELEGATE, &pa, &step, 1, MORE_PAGES);
	params_for_rec(c, 2, (enum place)(P_REC3 + 1));
	MUST(c, REC_CREATE, G(c, P_RD), G(c, P_REC3), params);
	params_for_rec(c, 1, (enum place)(P_BY_REC2 + 1));
	MUST(c, REC_CREATE, G(c, P_BY_RD), G(c, P_BY_REC2), params);
}

/* The realm asks: fid, of the REC with MPIDR 1. */
static const struct deed *
ask(struct conform *c, uint64_t fid)
{
	const struct deed *deed = guest_do(c, GUEST_1,
	    SMC(fid, 1, fid == PSCI_FID_CPU_ON ? ENTRY : 0, CONTEXT));

	expect_pending(c, deed);
	expect_reason(c, GUEST_1, RMI_EXIT_PSCI);
	return deed;
}

static const struct deed *asked;

static void
complete_base(struct conform *c)
{
	if (!needs_rec2(c))
		return;
	more_recs(c);
	activate(c, 0);
	asked = ask(c, PSCI_FID_CPU_ON);
	c->x[1] = G(c, P_REC);
	c->x[2] = G(c, P_REC2);
	c->x[3] = PSCI_SUCCESS;
}

/* ---- Failures ---------------------------------------------------------- */

static void
completed(struct conform *c, uint64_t unused)
{
	(void)unused;
	MUST(c, PSCI_COMPLETE, G(c, P_REC), G(c, P_REC2), PSCI_SUCCESS);
}

static void
never_asked(struct conform *c, uint64_t unused)
{
	(void)unused;
	c->x[1] = G(c, P_REC3);
}

static void
complete_self(struct conform *c, uint64_t unused)
{
	(void)unused;
	c->x[2] = c->x[1];
}

/* Of an affinity there is nothing that a host could deny. */
static void
denied_affinity(struct conform *c, uint64_t unused)
{
	(void)unused;
	MUST(
	    c, PSCI_COMPLETE, G(c, P_REC), G(c, P_REC2), (uint64_t)PSCI_DENIED);
	guest_enter(c, GUEST_1);
	ask(c, PSCI_FID_AFFINITY_INFO);
	c->x[3] = (uint64_t)PSCI_DENIED;
}

static void
denied_but_on(struct conform *c, uint64_t unused)
{
	(void)unused;
	completed(c, 0);
	guest_enter(c, GUEST_1);
	ask(c, PSCI_FID_CPU_ON);
	c->x[3] = (uint64_t)PSCI_DENIED;
}

static const struct arg complete_args[] = {
	{ 1, "calling", WANT_REC, "calling_align", "calling_bound",
	    "calling_state", 0, 0, NULL },
	{ 2, "target", WANT_REC, "target_align", "target_bound", "target_state",
	    0, 0, NULL },
	{ 0 },
};

static const struct stimulus complete_stimuli[] = {
	/* What nobody asks for names no target. */
	{ .id = "pending",
	    .what = "completed",
	    .apply = completed,
	    .also = "target status" },
	{ .id = "pending",
	    .what = "never-asked",
	    .apply = never_asked,
	    .also = "target status" },
	{ .id = "alias",
	    .what = "",
	    .apply = complete_self,
	    .also = "target status" },
	S("owner", "", place_x2, P_BY_REC2),
	S("target", "", place_x2, P_REC3),
	S("status", "-1", set_x3, (uint64_t)-1),
	S("status", "ALREADY_ON", set_x3, (uint64_t)PSCI_ALREADY_ON),
	S("status", "1", set_x3, 1),
	S("status", "2^32-3", set_x3, 0xfffffffd),
	S("status", "denied-affinity", denied_affinity, 0),
	S("status", "denied-but-on", denied_but_on, 0),
	{ .id = NULL },
};

/* ---- Successes --------------------------------------------------------- */

/* Of both RECs what is told may change, and the pages of their runs. */
static void
complete_check(struct conform *c)
{
	may_change(c, KEY_REALM, G(c, P_RD), REALM_RECS);
}

/* What the realm hears: X0, and zero in X1 to X3. */
static void
hears(struct conform *c, const struct deed *deed, int64_t result)
{
	guest_enter(c, GUEST_1);
	expect_result(c, deed, (uint64_t)result);
	for (unsigned i = 1; i <= 3; i++)
		if (deed->x[i] != 0)
			fail(c, "args: the realm's X%u is " X64, i, deed->x[i]);
}

/* on_success: what the target begins with. */
static void
begins(struct conform *c)
{
	static struct realm_registers registers;

	memset(&registers, 0xee, sizeof registers);
	expect_done(c,
	    guest_do(c, GUEST_2,
		(struct deed){ .act = act_registers, .page = &registers }));
	if (registers.pc != ENTRY)
		fail(c, "on_success: the target's PC is " X64, registers.pc);
	for (unsigned i = 0; i < RMI_REC_GPRS; i++)
		if (registers.x[i] != (i == 0 ? CONTEXT : 0))
			fail(c, "on_success: the target's X%u is " X64, i,
			    registers.x[i]);
}

/* c->arg: whether the target is entered before the caller. */
static void
on_success(struct conform *c)
{
	completed(c, 0);
	if (c->arg)
		begins(c);
	hears(c, asked, PSCI_SUCCESS);
	if (!c->arg)
		begins(c);
}

static void
on_already(struct conform *c)
{
	completed(c, 0);
	hears(c, asked, PSCI_SUCCESS);
	asked = ask(c, PSCI_FID_CPU_ON);
	completed(c, 0);
	hears(c, asked, PSCI_ALREADY_ON);
}

static void
denied(struct conform *c)
{
	MUST(
	    c, PSCI_COMPLETE, G(c, P_REC), G(c, P_REC2), (uint64_t)PSCI_DENIED);
	hears(c, asked, PSCI_DENIED);
	if (guest_try_enter(c, GUEST_2) != RMI_ERROR_REC)
		fail(c, "a REC was switched on, though that was denied");
}

static void
affinity_on(struct conform *c)
{
	completed(c, 0);
	hears(c, asked, PSCI_SUCCESS);
	asked = ask(c, PSCI_FID_AFFINITY_INFO);
	completed(c, 0);
	hears(c, asked, PSCI_SUCCESS);
}

static void
affinity_off(struct conform *c)
{
	MUST(
	    c, PSCI_COMPLETE, G(c, P_REC), G(c, P_REC2), (uint64_t)PSCI_DENIED);
	hears(c, asked, PSCI_DENIED);
	asked = ask(c, PSCI_FID_AFFINITY_INFO);
	completed(c, 0);
	hears(c, asked, PSCI_OFF);
}

/* The target runs when it is shown. */
static void
target_runs(struct conform *c)
{
	completed(c, 0);
	hears(c, asked, PSCI_SUCCESS);
	asked = ask(c, PSCI_FID_AFFINITY_INFO);
	guest_hold(c, GUEST_2);
	completed(c, 0);
	hears(c, asked, PSCI_SUCCESS);
	guest_release(c, GUEST_2);
}

/* Each asks for the other, and the host shows them in either order. */
static void
each_other(struct conform *c)
{
	const struct deed *other;
	uint64_t rec = G(c, P_REC), rec2 = G(c, P_REC2);

	completed(c, 0);
	hears(c, asked, PSCI_SUCCESS);
	asked = ask(c, PSCI_FID_CPU_ON);
	other = guest_do(c, GUEST_2, SMC(PSCI_FID_AFFINITY_INFO, 0));
	expect_pending(c, other);
	expect_reason(c, GUEST_2, RMI_EXIT_PSCI);
	if (c->arg)
		MUST(c, PSCI_COMPLETE, rec2, rec, PSCI_SUCCESS);
	completed(c, 0);
	if (!c->arg)
		MUST(c, PSCI_COMPLETE, rec2, rec, PSCI_SUCCESS);
	hears(c, asked, PSCI_ALREADY_ON);
	guest_enter(c, GUEST_2);
	expect_result(c, other, PSCI_SUCCESS);
}

/* The target is destroyed meanwhile: there is nothing to show. */
static void
target_gone(struct conform *c)
{
	uint64_t x[SMC_REGS] = { RMI_FID_PSCI_COMPLETE, G(c, P_REC),
		G(c, P_REC2), PSCI_SUCCESS };

	MUST(c, REC_DESTROY, G(c, P_REC2));
	if (rmmclient_call(c->client, 0, x, NULL) != RMI_ERROR_INPUT)
		fail(c, "a REC that is gone was shown: " X64, x[0]);
	if (guest_try_enter(c, GUEST_1) != RMI_ERROR_REC)
		fail(c, "a REC whose request is pending was entered: " X64,
		    c->r[0]);
	MUST(c, REC_DESTROY, G(c, P_REC));
}

static const struct positive complete_positives[] = {
	{ "success", NULL, complete_check, NULL, 0 },
	{ "on-success", NULL, NULL, on_success, 0 },
	{ "on-success-target-first", NULL, NULL, on_success, 1 },
	{ "on-already", NULL, NULL, on_already, 0 },
	{ "denied", NULL, NULL, denied, 0 },
	{ "affinity-on", NULL, NULL, affinity_on, 0 },
	{ "affinity-off", NULL, NULL, affinity_off, 0 },
	{ "target-runs", NULL, NULL, target_runs, 0 },
	{ "each-other", NULL, NULL, each_other, 0 },
	{ "each-other-reversed", NULL, NULL, each_other, 1 },
	{ "target-gone", NULL, NULL, target_gone, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases psci_complete_cases = {
	.name = "PSCI_COMPLETE",
	.base = complete_base,
	.args = complete_args,
	.stimuli = complete_stimuli,
	.positives = complete_positives,
};
