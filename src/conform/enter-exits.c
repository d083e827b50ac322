/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each reason to exit (A4.3): the exit byte for byte, over a page full of
 * something else, and directly after an exit of each other kind.
 */
#include "esr.h"
#include "guest.h"

#include <string.h>

#define MMIO	  (c->unprot + IPA_RAM) /* mapped by nobody */
#define RAM	  0x80000ull		/* RAM_PAGES of RAM, mapped by nobody */
#define RAM_PAGES 32
#define CALL	  (IPA_DATA + 0x700)
#define VALUE	  0xfeedface12345678ull
#define TIMEOUT	  0x7777ull
#define SYNDROME  0x1ffffffull

enum exit_kind {
	EXIT_IRQ,
	EXIT_FIQ,
	EXIT_SERROR,
	EXIT_WFI,
	EXIT_WFE,
	EXIT_WFIT,
	EXIT_WFET,
	EXIT_LOAD,
	EXIT_STORE,
	EXIT_WIDE,
	EXIT_WIDE_STORE,
	EXIT_UNMAPPED,
	EXIT_FETCH,
	EXIT_SUSPEND,
	EXIT_RIPAS,
	EXIT_HOST_CALL,
	EXIT_KINDS
};

/* Pages of RAM that have been mapped. */
static unsigned mapped;

static const struct rsi_host_call host_call = { .imm = 0xbeef,
	.gprs = { 11, 22, 33, 44, [29] = 290, [30] = 300 } };

static int
act_host_call(struct rmmguest *guest, struct deed *deed)
{
	int rc = realm_write(guest, CALL, &host_call, sizeof host_call);

	deed->x[0] = RSI_FID_HOST_CALL;
	deed->x[1] = CALL;
	return rc == 0 ? rmmguest_smc(guest, deed->x) : rc;
}

static struct deed
access(uint64_t ipa, unsigned size, bool write)
{
	return (struct deed){ .act = act_access,
		.access = { .ipa = ipa, .size = size, .write = write },
		.value = VALUE };
}

static struct deed
deed_of(const struct conform *c, enum exit_kind kind)
{
	uint64_t ram = RAM + mapped * L3_SIZE;

	switch (kind) {
	case EXIT_IRQ:
		return DEED(act_interrupt, REALM_IRQ);
	case EXIT_FIQ:
		return DEED(act_interrupt, REALM_FIQ);
	case EXIT_SERROR:
		return DEED(act_interrupt, REALM_SERROR, SYNDROME);
	case EXIT_WFI:
		return DEED(act_wfi);
	case EXIT_WFE:
		return DEED(act_wfe);
	case EXIT_WFIT:
		return DEED(act_wfit, TIMEOUT);
	case EXIT_WFET:
		return DEED(act_wfet, TIMEOUT);
	case EXIT_LOAD:
		return access(MMIO + 0x124, 4, false);
	case EXIT_STORE:
		return access(MMIO + 0xff8, 8, true);
	case EXIT_WIDE:
		return DEED(act_read, MMIO + 0x80);
	case EXIT_WIDE_STORE:
		return DEED(act_write, MMIO + 0x80);
	case EXIT_UNMAPPED:
		return access(ram + 0x40, 8, false);
	case EXIT_FETCH:
		return DEED(act_fetch, ram + 0x40);
	case EXIT_SUSPEND:
		return SMC(PSCI_FID_CPU_SUSPEND, 1, 0x3000, 3);
	case EXIT_RIPAS:
		return SMC(RSI_FID_IPA_STATE_SET, IPA_TARGET,
		    IPA_TARGET + L3_SIZE, RSI_RAM);
	default:
		return (struct deed){ .act = act_host_call };
	}
}

/* The flags of an entry that make it exit. */
static uint64_t
cause(enum exit_kind kind)
{
	if (kind == EXIT_WFI || kind == EXIT_WFIT)
		return RMI_REC_ENTER_TRAP_WFI;
	return kind == EXIT_WFE || kind == EXIT_WFET ? RMI_REC_ENTER_TRAP_WFE
						     : 0;
}

/* What the host does, so that the next entry goes on behind it. */
static uint64_t
handle(struct conform *c, enum exit_kind kind)
{
	uint64_t pa = G(c, P_BLOCK + mapped);

	switch (kind) {
	case EXIT_LOAD:
	case EXIT_STORE:
		return RMI_REC_ENTER_EMUL_MMIO;
	case EXIT_WIDE:
	case EXIT_WIDE_STORE:
		return RMI_REC_ENTER_INJECT_SEA;
	case EXIT_UNMAPPED:
	case EXIT_FETCH:
		MUST(c, GRANULE_DELEGATE, pa);
		MUST(c, DATA_CREATE_UNKNOWN, G(c, P_RD), pa,
		    RAM + mapped * L3_SIZE);
		mapped++;
		return 0;
	default:
		return 0;
	}
}

static void
sync(struct rmi_rec_exit *want, uint64_t esr)
{
	want->exit_reason = RMI_EXIT_SYNC;
	want->esr = esr;
}

/* A Data Abort at an unprotected IPA. */
static void
mmio(struct rmi_rec_exit *want, uint64_t ipa, uint64_t esr)
{
	sync(
	    want, ESR_EC_PUT(ESR_EC_DABT_LOWER) | ESR_FSC_TRANSLATION(3) | esr);
	want->hpfar = HPFAR(ipa);
	if (esr & ESR_ISV)
		want->far = ipa % GRANULE_SIZE;
}

static void
want_wait(struct rmi_rec_exit *want, uint64_t ti)
{
	sync(want, ESR_EC_PUT(ESR_EC_WFX) | ti);
	if (ti == ESR_TI_WFIT || ti == ESR_TI_WFET)
		want->gprs[0] = TIMEOUT;
}

static void
want_call(struct rmi_rec_exit *want, enum exit_kind kind)
{
	if (kind == EXIT_SUSPEND) {
		want->exit_reason = RMI_EXIT_PSCI;
		want->gprs[0] = PSCI_FID_CPU_SUSPEND;
		want->gprs[1] = 1;
		want->gprs[2] = 0x3000;
		want->gprs[3] = 3;
	} else if (kind == EXIT_RIPAS) {
		want->exit_reason = RMI_EXIT_RIPAS_CHANGE;
		want->ripas_base = IPA_TARGET;
		want->ripas_top = IPA_TARGET + L3_SIZE;
		want->ripas_value = RMI_RAM;
	} else {
		want->exit_reason = RMI_EXIT_HOST_CALL;
		want->imm = host_call.imm;
		memcpy(want->gprs, host_call.gprs, sizeof want->gprs);
	}
}

static struct rmi_rec_exit
exit_of(const struct conform *c, enum exit_kind kind)
{
	struct rmi_rec_exit want = { 0 };
	uint64_t ram = RAM + mapped * L3_SIZE;

	switch (kind) {
	case EXIT_IRQ:
		want.exit_reason = RMI_EXIT_IRQ;
		break;
	case EXIT_FIQ:
		want.exit_reason = RMI_EXIT_FIQ;
		break;
	case EXIT_SERROR:
		want.exit_reason = RMI_EXIT_SERROR;
		want.esr = ESR_EC_PUT(ESR_EC_SERROR) |
		    (SYNDROME &
			(ESR_IDS | ESR_AET_MASK | ESR_EA | ESR_FSC_MASK));
		break;
	case EXIT_WFI:
	case EXIT_WFE:
	case EXIT_WFIT:
	case EXIT_WFET:
		/* They are in the order of TI. */
		want_wait(&want, (uint64_t)(kind - EXIT_WFI));
		break;
	case EXIT_LOAD:
		mmio(&want, MMIO + 0x124,
		    ESR_ISV | ESR_SF | 2ull << ESR_SAS_SHIFT);
		break;
	case EXIT_STORE:
		mmio(&want, MMIO + 0xff8,
		    ESR_ISV | ESR_SF | ESR_WNR | 3ull << ESR_SAS_SHIFT);
		want.gprs[0] = VALUE;
		break;
	case EXIT_WIDE:
	case EXIT_WIDE_STORE:
		mmio(&want, MMIO, ESR_IL);
		break;
	case EXIT_UNMAPPED:
	case EXIT_FETCH:
		expect_abort(&want, kind == EXIT_FETCH, 3, ram);
		break;
	default:
		want_call(&want, kind);
		break;
	}
	return want;
}

static void
judge(struct conform *c, enum exit_kind kind)
{
	struct rmi_rec_exit want = exit_of(c, kind);

	expect_exit(c, GUEST_1, &want);
}

/* Before the realm is activated. */
static void
ram(struct conform *c)
{
	MUST(c, RTT_INIT_RIPAS, G(c, P_RD), RAM, RAM + RAM_PAGES * L3_SIZE);
}

/* ---- One, and one after another ---------------------------------------- */

static void
alone(struct conform *c)
{
	enum exit_kind kind = (enum exit_kind)c->arg;
	struct rmi_rec_enter *enter = &run_of(c, GUEST_1)->enter;
	const struct deed *told;

	mapped = 0;
	enter->flags = cause(kind);
	told = guest_do(c, GUEST_1, deed_of(c, kind));
	expect_pending(c, told);
	judge(c, kind);
	enter->flags = handle(c, kind);
	guest_enter(c, GUEST_1);
	if (kind != EXIT_WIDE && kind != EXIT_WIDE_STORE)
		expect_done(c, told);
}

/* Two in a row, with nothing in between. */
static struct deed two[2];

static int
act_two(struct rmmguest *guest, struct deed *deed)
{
	int rc = two[0].act(guest, &two[0]);

	(void)deed;
	return rc < 0 ? rc : two[1].act(guest, &two[1]);
}

static void
after_each(struct conform *c)
{
	enum exit_kind last = (enum exit_kind)c->arg;
	struct rmi_rec_enter *enter = &run_of(c, GUEST_1)->enter;

	mapped = 0;
	c->keep_exit = true;
	for (unsigned i = 0; i < EXIT_KINDS && !c->failed && !c->skipped; i++) {
		enum exit_kind first = (enum exit_kind)i;
		uint64_t flags;

		two[0] = deed_of(c, first);
		/* Of a page that the first has mapped, the next one. */
		mapped += first == EXIT_UNMAPPED || first == EXIT_FETCH;
		two[1] = deed_of(c, last);
		mapped -= first == EXIT_UNMAPPED || first == EXIT_FETCH;
		enter->flags = cause(first);
		guest_do(c, GUEST_1, (struct deed){ .act = act_two });
		judge(c, first);
		flags = handle(c, first);
		enter->flags = flags | cause(last);
		guest_enter(c, GUEST_1);
		judge(c, last);
		enter->flags = handle(c, last);
		guest_enter(c, GUEST_1);
		expect_reason(c, GUEST_1, RMI_EXIT_IRQ);
	}
}

#define BOTH(name, kind)                                                \
	{ "exit-" name, ram, NULL, alone, kind },                       \
	{                                                               \
		"exit-" name "-after-each", ram, NULL, after_each, kind \
	}

const struct positive enter_exits[] = {
	BOTH("IRQ", EXIT_IRQ),
	BOTH("FIQ", EXIT_FIQ),
	BOTH("SError", EXIT_SERROR),
	BOTH("WFI", EXIT_WFI),
	BOTH("WFE", EXIT_WFE),
	BOTH("WFIT", EXIT_WFIT),
	BOTH("WFET", EXIT_WFET),
	BOTH("emulatable-load", EXIT_LOAD),
	BOTH("emulatable-store", EXIT_STORE),
	BOTH("wide-load", EXIT_WIDE),
	BOTH("wide-store", EXIT_WIDE_STORE),
	BOTH("data-abort", EXIT_UNMAPPED),
	BOTH("instruction-abort", EXIT_FETCH),
	BOTH("PSCI", EXIT_SUSPEND),
	BOTH("RIPAS-change", EXIT_RIPAS),
	BOTH("host-call", EXIT_HOST_CALL),
	{ NULL, NULL, NULL, NULL, 0 },
};
