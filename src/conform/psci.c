/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The PSCI functions of a realm (B6.3), and what the host sees of them
 * (A4.3.7).
 */
#include "guest.h"

#include <string.h>

#define S(id_, what_, apply_, arg_)                                    \
	{                                                              \
		.id = id_, .what = what_, .apply = apply_, .arg = arg_ \
	}
#define ENTRY	UINT64_C(0x3000) /* a protected IPA */
#define CONTEXT 0xc0ffeeull

static void
psci_base(struct conform *c)
{
	activate(c, 0);
}

/* The realm calls, and that exits with the function and its arguments. */
static const struct deed *
calls(struct conform *c, const uint64_t x[4])
{
	struct rmi_rec_exit want = { .exit_reason = RMI_EXIT_PSCI };
	const struct deed *deed =
	    guest_do(c, GUEST_1, SMC(x[0], x[1], x[2], x[3], 0x44, 0x55));

	memcpy(want.gprs, x, 4 * sizeof *x);
	expect_pending(c, deed);
	expect_exit(c, GUEST_1, &want);
	return deed;
}

static void
expect_realm(struct conform *c, bool off)
{
	uint64_t answer = off ? RMI_RESULT(RMI_ERROR_REALM, 1) : RMI_SUCCESS;

	if (guest_try_enter(c, GUEST_1) != answer)
		fail(c,
		    "state: the next RMI_REC_ENTER answered " X64
		    ", must be " X64,
		    c->r[0], answer);
}

/* ---- VERSION, FEATURES ------------------------------------------------- */

static void
version(struct conform *c)
{
	expect_result(c, guest_do(c, GUEST_1, SMC(PSCI_FID_VERSION)), 0x10001);
}

static const struct positive version_positives[] = {
	{ "1.1", NULL, NULL, version, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases psci_version_cases = {
	.name = "PSCI_VERSION",
	.base = psci_base,
	.positives = version_positives,
};

static void
supported(struct conform *c)
{
	static const uint32_t fids[] = { PSCI_FID_VERSION, PSCI_FID_CPU_SUSPEND,
		PSCI_FID_CPU_OFF, PSCI_FID_CPU_ON, PSCI_FID_AFFINITY_INFO,
		PSCI_FID_SYSTEM_OFF, PSCI_FID_SYSTEM_RESET, PSCI_FID_FEATURES };

	for (unsigned i = 0; i < sizeof fids / sizeof fids[0]; i++)
		expect_result(c,
		    guest_do(c, GUEST_1, SMC(PSCI_FID_FEATURES, fids[i])),
		    PSCI_SUCCESS);
}

/* MIGRATE, SYSTEM_SUSPEND, calls of RSI, and what is none. */
static void
not_supported(struct conform *c)
{
	static const uint32_t fids[] = { 0xc4000005, 0xc400000e,
		RSI_FID_VERSION, 0x8400001f, 0, 0xffffffff };

	for (unsigned i = 0; i < sizeof fids / sizeof fids[0]; i++)
		expect_result(c,
		    guest_do(c, GUEST_1, SMC(PSCI_FID_FEATURES, fids[i])),
		    (uint64_t)PSCI_NOT_SUPPORTED);
}

static void
calls_that_are_not(struct conform *c)
{
	static const uint32_t fids[] = { 0x84000005, 0xc400000e, 0x8400001f };

	for (unsigned i = 0; i < sizeof fids / sizeof fids[0]; i++)
		expect_result(c, guest_do(c, GUEST_1, SMC(fids[i], 1)),
		    (uint64_t)PSCI_NOT_SUPPORTED);
}

static const struct positive features_positives[] = {
	{ "func_ok", NULL, NULL, supported, 0 },
	{ "func_not_ok", NULL, NULL, not_supported, 0 },
	{ "calls-that-are-not", NULL, NULL, calls_that_are_not, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases psci_features_cases = {
	.name = "PSCI_FEATURES",
	.base = psci_base,
	.positives = features_positives,
};

/* ---- CPU_SUSPEND, CPU_OFF ---------------------------------------------- */

/* It is only a request: the next entry goes on behind it. */
static void
suspend(struct conform *c)
{
	static const uint64_t x[4] = { PSCI_FID_CPU_SUSPEND, 0, ENTRY,
		CONTEXT };
	const struct deed *deed = calls(c, x);

	guest_enter(c, GUEST_1);
	expect_result(c, deed, PSCI_SUCCESS);
}

static const struct positive suspend_positives[] = {
	{ "success", NULL, NULL, suspend, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases psci_cpu_suspend_cases = {
	.name = "PSCI_CPU_SUSPEND",
	.base = psci_base,
	.positives = suspend_positives,
};

static void
cpu_off(struct conform *c)
{
	static const uint64_t x[4] = { PSCI_FID_CPU_OFF };

	calls(c, x);
	if (guest_try_enter(c, GUEST_1) != RMI_ERROR_REC)
		fail(c, "a REC that is off was entered: " X64, c->r[0]);
	MUST(c, REC_DESTROY, G(c, P_REC));
}

static const struct positive off_positives[] = {
	{ "success", NULL, NULL, cpu_off, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases psci_cpu_off_cases = {
	.name = "PSCI_CPU_OFF",
	.base = psci_base,
	.positives = off_positives,
};

/* ---- CPU_ON ------------------------------------------------------------ */

static void
on_base(struct conform *c)
{
	activate(c, 0);
	needs_rec2(c);
	c->x[1] = 1;
	c->x[2] = ENTRY;
	c->x[3] = CONTEXT;
}

static void
entry_unprot(struct conform *c, uint64_t ipa)
{
	c->x[2] = c->unprot + ipa;
}

static void
on_success(struct conform *c)
{
	static struct realm_registers registers;
	struct deed look = { .act = act_registers, .page = &registers };
	const struct deed *deed = calls(c, c->x);

	MUST(c, PSCI_COMPLETE, G(c, P_REC), G(c, P_REC2), PSCI_SUCCESS);
	expect_done(c, guest_do(c, GUEST_2, look));
	if (registers.pc != ENTRY)
		fail(c, "entry: the target begins at " X64 ", must be " X64,
		    registers.pc, ENTRY);
	if (registers.x[0] != CONTEXT)
		fail(c, "the target's X0 is " X64, registers.x[0]);
	guest_enter(c, GUEST_1);
	expect_result(c, deed, PSCI_SUCCESS);
}

/* The edges of what is protected; c->arg: the last one. */
static void
on_edge(struct conform *c)
{
	c->x[2] = c->arg ? c->unprot - 4 : 0;
	calls(c, c->x);
}

/* Another REC that is on: the host is asked which it is. */
static void
on_twice(struct conform *c)
{
	const struct deed *deed = calls(c, c->x);

	MUST(c, PSCI_COMPLETE, G(c, P_REC), G(c, P_REC2), PSCI_SUCCESS);
	guest_enter(c, GUEST_1);
	expect_result(c, deed, PSCI_SUCCESS);
	deed = calls(c, c->x);
	MUST(c, PSCI_COMPLETE, G(c, P_REC), G(c, P_REC2), PSCI_SUCCESS);
	guest_enter(c, GUEST_1);
	expect_result(c, deed, (uint64_t)PSCI_ALREADY_ON);
}

/* Off by itself, and on again. */
static void
on_off_on(struct conform *c)
{
	const struct deed *deed = calls(c, c->x);

	MUST(c, PSCI_COMPLETE, G(c, P_REC), G(c, P_REC2), PSCI_SUCCESS);
	guest_do(c, GUEST_2, SMC(PSCI_FID_CPU_OFF));
	expect_reason(c, GUEST_2, RMI_EXIT_PSCI);
	guest_enter(c, GUEST_1);
	expect_result(c, deed, PSCI_SUCCESS);
	deed = calls(c, c->x);
	MUST(c, PSCI_COMPLETE, G(c, P_REC), G(c, P_REC2), PSCI_SUCCESS);
	guest_enter(c, GUEST_2);
	guest_enter(c, GUEST_1);
	expect_result(c, deed, PSCI_SUCCESS);
}

static const struct stimulus on_stimuli[] = {
	S("entry", "first-unprotected", entry_unprot, 0),
	S("entry", "2^52", set_x2, 1ull << 52),
	S("entry", "2^63", set_x2, 1ull << 63),
	S("mpidr", "next", set_x1, 2),
	S("mpidr", "Aff1", set_x1, 0x101),
	S("mpidr", "Aff3", set_x1, 0x100000001),
	S("runnable", "itself", set_x1, 0),
	{ .id = NULL },
};

static const struct positive on_positives[] = {
	{ "success", NULL, NULL, on_success, 0 },
	{ "entry-first", NULL, NULL, on_edge, 0 },
	{ "entry-last", NULL, NULL, on_edge, 1 },
	{ "on-already", NULL, NULL, on_twice, 0 },
	{ "on-again", NULL, NULL, on_off_on, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases psci_cpu_on_cases = {
	.name = "PSCI_CPU_ON",
	.base = on_base,
	.stimuli = on_stimuli,
	.positives = on_positives,
};

/* ---- AFFINITY_INFO ----------------------------------------------------- */

static void
affinity_base(struct conform *c)
{
	activate(c, 0);
	needs_rec2(c);
	c->x[1] = 1;
}

static void
affinity_off(struct conform *c)
{
	const struct deed *deed = calls(c, c->x);

	MUST(c, PSCI_COMPLETE, G(c, P_REC), G(c, P_REC2), PSCI_SUCCESS);
	guest_enter(c, GUEST_1);
	expect_result(c, deed, PSCI_OFF);
}

static void
affinity_on(struct conform *c)
{
	static const uint64_t on[4] = { PSCI_FID_CPU_ON, 1, ENTRY, CONTEXT };
	const struct deed *deed = calls(c, on);

	MUST(c, PSCI_COMPLETE, G(c, P_REC), G(c, P_REC2), PSCI_SUCCESS);
	guest_enter(c, GUEST_1);
	deed = calls(c, c->x);
	MUST(c, PSCI_COMPLETE, G(c, P_REC), G(c, P_REC2), PSCI_SUCCESS);
	guest_enter(c, GUEST_1);
	expect_result(c, deed, PSCI_SUCCESS);
}

/* No host can show a REC to itself: it is known to be on. */
static void
affinity_self(struct conform *c)
{
	expect_result(c, guest_do(c, GUEST_1, SMC(PSCI_FID_AFFINITY_INFO, 0)),
	    PSCI_SUCCESS);
}

static const struct stimulus affinity_stimuli[] = {
	S("target_bound", "1", set_x2, 1),
	S("target_bound", "3", set_x2, 3),
	S("target_match", "next", set_x1, 2),
	S("target_match", "Aff1", set_x1, 0x101),
	S("target_match", "Aff3", set_x1, 0x100000001),
	{ .id = NULL },
};

static const struct positive affinity_positives[] = {
	{ "not_runnable", NULL, NULL, affinity_off, 0 },
	{ "runnable", NULL, NULL, affinity_on, 0 },
	{ "itself", NULL, NULL, affinity_self, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases psci_affinity_info_cases = {
	.name = "PSCI_AFFINITY_INFO",
	.base = affinity_base,
	.stimuli = affinity_stimuli,
	.positives = affinity_positives,
};

/* ---- SYSTEM_OFF, SYSTEM_RESET ------------------------------------------ */

static void
system_over(struct conform *c)
{
	const uint64_t x[4] = { c->x[0] };

	calls(c, x);
	expect_realm(c, true);
}

static const struct positive over_positives[] = {
	{ "success", NULL, NULL, system_over, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases psci_system_off_cases = {
	.name = "PSCI_SYSTEM_OFF",
	.base = psci_base,
	.positives = over_positives,
};

const struct command_cases psci_system_reset_cases = {
	.name = "PSCI_SYSTEM_RESET",
	.base = psci_base,
	.positives = over_positives,
};
