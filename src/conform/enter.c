/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * REC_ENTER (B4.3.14): its failures, and what comes of each flag.  The exits
 * are in enter-exits.c, accesses to memory in enter-access.c, what a REC keeps
 * in enter-state.c.
 */
#include "esr.h"
#include "guest.h"
#include "sysregs.h"

#include <string.h>

#define S(id_, what_, apply_, arg_)                                    \
	{                                                              \
		.id = id_, .what = what_, .apply = apply_, .arg = arg_ \
	}

static struct deed
load(uint64_t ipa, unsigned size)
{
	return (struct deed){ .act = act_access,
		.access = { .ipa = ipa, .size = size } };
}

static void
enter_base(struct conform *c)
{
	activate(c, 0);
	c->x[1] = G(c, P_REC);
	c->x[2] = G(c, P_RUN);
	if (guest_can_play(c))
		guest_play(c, GUEST_1);
}

static void
enter_check(struct conform *c)
{
	const struct rmi_rec_run *run = ns(c, P_RUN);
	uint64_t fid = run->exit.gprs[0];
	unsigned reason = run->exit.exit_reason;

	if (reason > RMI_EXIT_SERROR)
		fail(c, "rec_exit: exit_reason is %u", reason);
	/* A4.3: what an exit does not use is zero. */
	if ((reason == RMI_EXIT_IRQ || reason == RMI_EXIT_FIQ) &&
	    (fid != 0 || run->exit.esr != 0))
		fail(c, "rec_exit: an interrupt with esr " X64 ", gprs[0] " X64,
		    run->exit.esr, fid);
	if (reason == RMI_EXIT_PSCI && (fid & ~0x4000001full) != 0x84000000)
		fail(c, "rec_exit: PSCI with function " X64, fid);
	may_change(c, KEY_PAGE, c->x[2], 0);
	/* What the realm does is its own affair. */
	may_change(c, KEY_REALM, G(c, P_RD), REALM_STATE);
	may_change(c, KEY_REALM, G(c, P_RD), REALM_RECS);
}

static void
enter_rec2(struct conform *c, uint64_t unused)
{
	(void)unused;
	if (needs_rec2(c))
		c->x[1] = G(c, P_REC2);
}

static void
enter_flags(struct conform *c, uint64_t flags)
{
	((struct rmi_rec_run *)ns(c, P_RUN))->enter.flags = flags;
}

static void
enter_hcr(struct conform *c, uint64_t hcr)
{
	((struct rmi_rec_run *)ns(c, P_RUN))->enter.gicv3_hcr = hcr;
}

static void
enter_lr(struct conform *c, uint64_t lr)
{
	((struct rmi_rec_run *)ns(c, P_RUN))->enter.gicv3_lrs[0] = lr;
}

static void
enter_lr_twice(struct conform *c, uint64_t unused)
{
	struct rmi_rec_enter *enter = &run_of(c, GUEST_1)->enter;

	(void)unused;
	if (RMI_FEATURE0_GET(c->features, GICV3_NUM_LRS) == 0)
		skip(c, "the machine has one list register only");
	enter->gicv3_lrs[0] = enter->gicv3_lrs[1] = LR_PENDING | 27;
}

static void
running(struct conform *c, uint64_t unused)
{
	(void)unused;
	guest_hold(c, GUEST_1);
}

static void
psci_pending(struct conform *c, uint64_t fid)
{
	if (!needs_rec2(c))
		return;
	guest_do(c, GUEST_1, SMC(fid, 1, fid == PSCI_FID_CPU_ON ? 0x3000 : 0));
	expect_reason(c, GUEST_1, RMI_EXIT_PSCI);
}

static void
mmio_after_irq(struct conform *c, uint64_t unused)
{
	(void)unused;
	guest_enter(c, GUEST_1);
	enter_flags(c, RMI_REC_ENTER_EMUL_MMIO);
}

/* An access that is through no register can not be emulated. */
static void
mmio_after_wide(struct conform *c, uint64_t unused)
{
	(void)unused;
	guest_do(c, GUEST_1, DEED(act_read, c->unprot + IPA_RAM));
	expect_reason(c, GUEST_1, RMI_EXIT_SYNC);
	enter_flags(c, RMI_REC_ENTER_EMUL_MMIO);
}

static void
mmio_after_protected(struct conform *c, uint64_t unused)
{
	(void)unused;
	guest_do(c, GUEST_1, load(IPA_RAM, 4));
	expect_reason(c, GUEST_1, RMI_EXIT_SYNC);
	enter_flags(c, RMI_REC_ENTER_EMUL_MMIO);
}

/* What is emulated is emulated. */
static void
mmio_twice(struct conform *c, uint64_t unused)
{
	(void)unused;
	guest_do(c, GUEST_1, load(c->unprot + IPA_RAM, 4));
	enter_flags(c, RMI_REC_ENTER_EMUL_MMIO);
	guest_enter(c, GUEST_1);
}

static const struct arg enter_args[] = {
	{ 1, "rec", WANT_REC, "rec_align", "rec_bound", "rec_gran_state", 0, 0,
	    NULL },
	{ 2, "run", WANT_NS, "run_align", "run_bound", "run_pas", 0, 0, NULL },
	{ 0 },
};

static const struct stimulus enter_stimuli[] = {
	S("realm_new", "", place_x1, P_BY_REC),
	{ .id = "system_off", .what = "", .apply = realm_off, .index = 1 },
	S("rec_state", "RUNNING", running, 0),
	S("rec_runnable", "", enter_rec2, 0),
	S("rec_mmio", "first-entry", enter_flags, RMI_REC_ENTER_EMUL_MMIO),
	S("rec_mmio", "after-IRQ", mmio_after_irq, 0),
	S("rec_mmio", "after-wide-access", mmio_after_wide, 0),
	S("rec_mmio", "after-protected", mmio_after_protected, 0),
	S("rec_mmio", "twice", mmio_twice, 0),
	S("rec_gicv3", "hcr.En", enter_hcr, 1),
	S("rec_gicv3", "hcr.63", enter_hcr, 1ull << 63),
	S("rec_gicv3", "lr.HW", enter_lr, 1ull << 61),
	S("rec_gicv3", "lr.reserved", enter_lr, 1ull << 57),
	S("rec_gicv3", "lr.special", enter_lr, LR_PENDING | 1023),
	S("rec_gicv3", "lr.twice", enter_lr_twice, 0),
	S("rec_psci", "CPU_ON", psci_pending, PSCI_FID_CPU_ON),
	S("rec_psci", "AFFINITY_INFO", psci_pending, PSCI_FID_AFFINITY_INFO),
	{ .id = NULL },
};

/* ---- Flags ------------------------------------------------------------- */

#define HOST_VALUE 0x8182838485868788ull

/* What a load of size bytes leaves in its register. */
static uint64_t
loaded(uint64_t value, const struct realm_access *access)
{
	unsigned unused = 64 - 8 * access->size;

	value <<= unused;
	value = access->sign_extend ? (uint64_t)((int64_t)value >> unused)
				    : value >> unused;
	return access->narrow ? (uint32_t)value : value;
}

/* Each form of a load: the host gives a value, the monitor what becomes of it.
 */
static void
emulated_loads(struct conform *c)
{
	static const unsigned registers[] = { 0, 7, 30, 31 };
	struct rmi_rec_enter *enter = &run_of(c, GUEST_1)->enter;

	for (unsigned i = 0; i < 64 && !c->failed; i++) {
		struct deed deed =
		    load(c->unprot + IPA_RAM + 0x10, 1u << i % 4);
		const struct deed *told;
		uint64_t must;

		deed.access.sign_extend = i / 4 % 2;
		deed.access.narrow = i / 8 % 2;
		deed.access.srt = registers[i / 16];
		enter->flags = 0;
		told = guest_do(c, GUEST_1, deed);
		expect_pending(c, told);
		enter->gprs[0] = HOST_VALUE;
		enter->flags = RMI_REC_ENTER_EMUL_MMIO;
		guest_enter(c, GUEST_1);
		expect_done(c, told);
		expect_exits(c, told, 1);
		must = deed.access.srt == 31 ? 0
					     : loaded(HOST_VALUE, &deed.access);
		if (told->value != must)
			fail(c,
			    "a load of %u bytes%s%s gives X%u " X64
			    ", must be " X64,
			    deed.access.size,
			    deed.access.sign_extend ? ", signed" : "",
			    deed.access.narrow ? ", 32 bits" : "",
			    deed.access.srt, told->value, must);
	}
}

static void
emulated_stores(struct conform *c)
{
	struct rmi_rec_run *run = run_of(c, GUEST_1);

	for (unsigned size = 1; size <= 8; size *= 2) {
		struct deed deed = load(c->unprot + IPA_RAM + 0x20, size);
		const struct deed *told;

		deed.access.write = true;
		deed.access.srt = 9;
		deed.value = HOST_VALUE >> (64 - 8 * size);
		run->enter.flags = 0;
		told = guest_do(c, GUEST_1, deed);
		if (run->exit.gprs[0] != deed.value)
			fail(c, "gprs[0] is " X64 ", must be " X64,
			    run->exit.gprs[0], deed.value);
		run->enter.flags = RMI_REC_ENTER_EMUL_MMIO;
		guest_enter(c, GUEST_1);
		expect_done(c, told);
		expect_exits(c, told, 1);
	}
}

/* Without a flag the access is made again. */
static void
not_emulated(struct conform *c)
{
	struct rmi_rec_run *run = run_of(c, GUEST_1);
	const struct deed *told =
	    guest_do(c, GUEST_1, load(c->unprot + IPA_RAM, 8));

	guest_enter(c, GUEST_1);
	expect_pending(c, told);
	expect_reason(c, GUEST_1, RMI_EXIT_SYNC);
	run->enter.gprs[0] = 5;
	run->enter.flags = RMI_REC_ENTER_EMUL_MMIO;
	guest_enter(c, GUEST_1);
	expect_done(c, told);
	expect_exits(c, told, 2);
	if (told->value != 5)
		fail(c, "the load gave " X64, told->value);
}

/* c->arg: the flags of the entry; inject_sea wins over emul_mmio (A4.2.3). */
static void
sea(struct conform *c, struct deed deed, uint64_t ipa)
{
	const struct deed *told = guest_do(c, GUEST_1, deed);

	expect_pending(c, told);
	run_of(c, GUEST_1)->enter.flags = c->arg;
	guest_enter(c, GUEST_1);
	run_of(c, GUEST_1)->enter.flags = 0;
	expect_exception(c, told,
	    ESR_EC_PUT(ESR_EC_DABT_SAME) | ESR_IL | ESR_EA | ESR_FSC_SEA |
		(deed.access.write ? ESR_WNR : 0),
	    ipa);
	expect_exits(c, told, 1);
}

static void
injected(struct conform *c)
{
	uint64_t ipa = c->unprot + IPA_RAM + 0x18;
	struct deed deed = load(ipa, 8);

	sea(c, deed, ipa);
	deed.access.write = true;
	sea(c, deed, ipa);
}

static void
injected_wide(struct conform *c)
{
	uint64_t ipa = c->unprot + IPA_RAM;

	sea(c, DEED(act_read, ipa), ipa);
}

/* It counts after an abort at an unprotected IPA, and nowhere else. */
static void
not_injected(struct conform *c)
{
	struct rmi_rec_run *run = run_of(c, GUEST_1);
	const struct deed *told;

	told = guest_do(c, GUEST_1, DEED(act_interrupt, REALM_FIQ));
	run->enter.flags = RMI_REC_ENTER_INJECT_SEA;
	guest_enter(c, GUEST_1);
	expect_done(c, told);
	told = guest_tell(c, GUEST_1, load(IPA_RAM, 8));
	guest_enter(c, GUEST_1);
	expect_pending(c, told);
	guest_enter(c, GUEST_1);
	expect_pending(c, told);
	expect_reason(c, GUEST_1, RMI_EXIT_SYNC);
	MUST(c, DATA_CREATE_UNKNOWN, G(c, P_RD), G(c, P_FREE + 1), IPA_RAM);
	guest_enter(c, GUEST_1);
	expect_done(c, told);
}

/* The realm lets interrupts of group 1 come (ICC_PMR_EL1, ICC_IGRPEN1_EL1). */
static void
listens(struct conform *c)
{
	expect_done(c,
	    guest_do(c, GUEST_1, DEED(act_msr, SYSREG(3, 0, 4, 6, 0), 0xff)));
	expect_done(
	    c, guest_do(c, GUEST_1, DEED(act_msr, SYSREG(3, 0, 12, 12, 7), 1)));
}

/* Each trap is for its own instructions. */
static void
not_trapped(struct conform *c)
{
	struct rmi_rec_enter *enter = &run_of(c, GUEST_1)->enter;
	const struct deed *told;

	enter->flags = RMI_REC_ENTER_TRAP_WFI;
	told = guest_do(c, GUEST_1, DEED(act_wfe));
	expect_done(c, told);
	expect_exits(c, told, 0);
	told = guest_do(c, GUEST_1, DEED(act_wfet, UINT64_MAX));
	expect_done(c, told);
	expect_exits(c, told, 0);
	/* With an interrupt pending WFI is over at once. */
	listens(c);
	enter->flags = RMI_REC_ENTER_TRAP_WFE;
	enter->gicv3_lrs[0] = LR_PENDING | 27;
	told = guest_do(c, GUEST_1, DEED(act_wfi));
	expect_done(c, told);
	expect_exits(c, told, 0);
	told = guest_do(c, GUEST_1, DEED(act_wfit, UINT64_MAX));
	expect_done(c, told);
	expect_exits(c, told, 0);
}

/* A realm that waits, and a host that wants the processor back. */
static void
kicked(struct conform *c)
{
	const struct deed *told;

	listens(c);
	told = guest_tell(c, GUEST_1, DEED(act_wfi));
	guest_kick(c, GUEST_1);
	expect_reason(c, GUEST_1, RMI_EXIT_IRQ);
	run_of(c, GUEST_1)->enter.gicv3_lrs[0] = LR_PENDING | 27;
	guest_enter(c, GUEST_1);
	expect_done(c, told);
}

static const struct positive enter_positives[] = {
	{ "success", NULL, enter_check, NULL, 0 },
	{ "emulated-loads", NULL, NULL, emulated_loads, 0 },
	{ "emulated-stores", NULL, NULL, emulated_stores, 0 },
	{ "not-emulated", NULL, NULL, not_emulated, 0 },
	{ "inject_sea", NULL, NULL, injected, RMI_REC_ENTER_INJECT_SEA },
	{ "inject_sea-and-emul_mmio", NULL, NULL, injected,
	    RMI_REC_ENTER_INJECT_SEA | RMI_REC_ENTER_EMUL_MMIO },
	{ "inject_sea-wide", NULL, NULL, injected_wide,
	    RMI_REC_ENTER_INJECT_SEA },
	{ "inject_sea-ignored", NULL, NULL, not_injected, 0 },
	{ "not-trapped", NULL, NULL, not_trapped, 0 },
	{ "kicked", NULL, NULL, kicked, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rec_enter_cases = {
	.name = "REC_ENTER",
	.base = enter_base,
	.args = enter_args,
	.stimuli = enter_stimuli,
	.positives = enter_positives,
	.more = { enter_exits, enter_accesses, enter_state },
};
