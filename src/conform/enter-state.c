/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a REC keeps between its entries, and what of it the host sees: registers
 * (A4.2.2, A4.3.3), list registers (A6.1), timers (A6.2), PMU (A8.1); and calls
 * that are none.
 */
#include "esr.h"
#include "guest.h"
#include "sysregs.h"

#include <string.h>

/* ---- Registers --------------------------------------------------------- */

/* Those of the REC's parameters, and none of the host's. */
static void
first_registers(struct conform *c)
{
	static struct realm_registers registers;
	struct rmi_rec_params *params;

	memset(&registers, 0xee, sizeof registers);
	for (unsigned i = 0; i < RMI_REC_GPRS; i++)
		run_of(c, GUEST_1)->enter.gprs[i] = 0xbad0000 + i;
	expect_done(c,
	    guest_do(c, GUEST_1,
		(struct deed){ .act = act_registers, .page = &registers }));
	params = params_for_rec(c, 0, P_AUX);
	params->gprs[1] = 1;
	for (unsigned i = 0; i < RMI_REC_GPRS; i++)
		if (registers.x[i] !=
		    (i < RMI_REC_CREATE_GPRS ? params->gprs[i] : 0))
			fail(c, "the realm's X%u is " X64 " at first", i,
			    registers.x[i]);
	if (registers.pc != params->pc)
		fail(c, "the realm's PC is " X64 " at first", registers.pc);
}

/* What the realm keeps in its registers. */
#define KEPT(i) (0x5000u + (i))

static int
act_keep(struct rmmguest *guest, struct deed *deed)
{
	struct realm_access access = {
		.ipa = IPA_DATA, .size = 8, .write = true
	};
	uint64_t value;
	int rc = 0;

	(void)deed;
	for (unsigned i = 0; rc == 0 && i < RMI_REC_GPRS; i++) {
		access.srt = i;
		value = KEPT(i);
		rc = realm_access(guest, &access, &value);
	}
	return rc;
}

/* An exit and an entry change nothing, whatever the host has in its page. */
static void
registers_stay(struct conform *c)
{
	static struct realm_registers registers;
	struct deed look = { .act = act_registers, .page = &registers };

	expect_done(c, guest_do(c, GUEST_1, (struct deed){ .act = act_keep }));
	for (unsigned i = 0; i < RMI_REC_GPRS; i++)
		run_of(c, GUEST_1)->enter.gprs[i] = 0xbad0000 + i;
	for (unsigned n = 0; n < 2; n++) {
		expect_done(c, guest_do(c, GUEST_1, look));
		for (unsigned i = 0; i < RMI_REC_GPRS; i++)
			if (registers.x[i] != KEPT(i))
				fail(c,
				    "the realm's X%u is " X64 ", it was 0x%x",
				    i, registers.x[i], KEPT(i));
	}
}

static void
hvc(struct conform *c)
{
	expect_exception(c, guest_do(c, GUEST_1, DEED(act_hvc, 1)),
	    ESR_EC_PUT(ESR_EC_UNKNOWN) | ESR_IL, 0);
}

/* What is neither RSI nor PSCI is not there (A4.3.4). */
static void
smc_unknown(struct conform *c)
{
	static const uint32_t fids[] = { RMI_FID_VERSION, RMI_FID_FEATURES,
		0xc400019a, 0xc40001ff, 0x86000000 };

	for (unsigned i = 0; i < sizeof fids / sizeof fids[0]; i++)
		expect_result(
		    c, guest_do(c, GUEST_1, SMC(fids[i])), SMC_NOT_SUPPORTED);
}

/* ---- GIC, timers, PMU -------------------------------------------------- */

/* A list register that the realm has not touched comes back as it was. */
static void
list_registers(struct conform *c)
{
	struct rmi_rec_run *run = run_of(c, GUEST_1);
	unsigned num =
	    (unsigned)RMI_FEATURE0_GET(c->features, GICV3_NUM_LRS) + 1;
	uint64_t zero = 0;

	run->enter.gicv3_hcr = 1ull << 1; /* UIE */
	for (unsigned i = 0; i < num; i++)
		run->enter.gicv3_lrs[i] = LR_PENDING | (32 + i);
	guest_enter(c, GUEST_1);
	if (memcmp(run->exit.gicv3_lrs, run->enter.gicv3_lrs,
		num * sizeof zero) != 0)
		fail(c, "gicv3_lrs[0] is " X64 ", it was " X64,
		    run->exit.gicv3_lrs[0], run->enter.gicv3_lrs[0]);
	for (unsigned i = num; i < RMI_REC_GICV3_LRS; i++)
		if (run->exit.gicv3_lrs[i] != zero)
			fail(c, "gicv3_lrs[%u] is " X64 ", but there is none",
			    i, run->exit.gicv3_lrs[i]);
	if ((run->exit.gicv3_hcr & 1ull << 1) == 0)
		fail(c, "gicv3_hcr is " X64 ", UIE was set",
		    run->exit.gicv3_hcr);
}

static void
timers(struct conform *c)
{
	static const struct {
		unsigned reg;
		uint64_t value;
	} set[] = {
		{ SYSREG(3, 3, 14, 2, 2), 0x123456789abcdef },
		{ SYSREG(3, 3, 14, 2, 1), CNT_CTL_ENABLE | CNT_CTL_IMASK },
		{ SYSREG(3, 3, 14, 3, 2), 1 },
		{ SYSREG(3, 3, 14, 3, 1), CNT_CTL_ENABLE | CNT_CTL_IMASK },
	};
	const struct rmi_rec_exit *exit = &run_of(c, GUEST_1)->exit;

	for (unsigned i = 0; i < 4; i++)
		expect_done(c,
		    guest_do(
			c, GUEST_1, DEED(act_msr, set[i].reg, set[i].value)));
	if (exit->cntp_cval != set[0].value || exit->cntp_ctl != set[1].value)
		fail(c, "cntp_ctl is " X64 ", cntp_cval " X64, exit->cntp_ctl,
		    exit->cntp_cval);
	/* The virtual one has come, masked. */
	if (exit->cntv_cval != 1 ||
	    exit->cntv_ctl != (set[3].value | CNT_CTL_ISTATUS))
		fail(c, "cntv_ctl is " X64 ", cntv_cval " X64, exit->cntv_ctl,
		    exit->cntv_cval);
}

/* A timer that comes is an exit by an IRQ (A6.2). */
static void
timer_comes(struct conform *c)
{
	const struct rmi_rec_exit *exit = &run_of(c, GUEST_1)->exit;
	const struct deed *told;

	told = guest_do(
	    c, GUEST_1, DEED(act_msr, SYSREG(3, 3, 14, 2, 2), 1ull << 40));
	expect_done(c, told);
	told = guest_do(
	    c, GUEST_1, DEED(act_msr, SYSREG(3, 3, 14, 2, 1), CNT_CTL_ENABLE));
	expect_done(c, told);
	if (exit->cntp_ctl != CNT_CTL_ENABLE)
		fail(c, "cntp_ctl is " X64 " too early", exit->cntp_ctl);
	told = guest_do(c, GUEST_1, DEED(act_time, 1ull << 40));
	expect_pending(c, told);
	expect_reason(c, GUEST_1, RMI_EXIT_IRQ);
	if (exit->cntp_ctl != (CNT_CTL_ENABLE | CNT_CTL_ISTATUS))
		fail(c, "cntp_ctl is " X64 " when it has come", exit->cntp_ctl);
	guest_enter(c, GUEST_1);
	expect_done(c, told);
}

static void
pmu(struct conform *c)
{
	const struct rmi_rec_exit *exit = &run_of(c, GUEST_1)->exit;

	for (unsigned i = 0; i < 3; i++) {
		guest_do(c, GUEST_1, DEED(act_pmu, i % 2));
		if (exit->pmu_ovf_status != i % 2)
			fail(c, "pmu_ovf_status is %u, must be %u",
			    exit->pmu_ovf_status, i % 2);
	}
}

const struct positive enter_state[] = {
	{ "first-registers", NULL, NULL, first_registers, 0 },
	{ "registers-stay", NULL, NULL, registers_stay, 0 },
	{ "HVC", NULL, NULL, hvc, 0 },
	{ "SMC-unknown", NULL, NULL, smc_unknown, 0 },
	{ "list-registers", NULL, NULL, list_registers, 0 },
	{ "timers", NULL, NULL, timers, 0 },
	{ "timer-comes", NULL, NULL, timer_comes, 0 },
	{ "PMU-overflow", NULL, NULL, pmu, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};
