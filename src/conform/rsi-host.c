/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI commands that the host has a part in: IPA_STATE_SET (B5.3.6, A5.4) and
 * HOST_CALL (B5.3.4, A4.5).
 */
#include "guest.h"

#include <string.h>

#define S(id_, what_, apply_, arg_)                                    \
	{                                                              \
		.id = id_, .what = what_, .apply = apply_, .arg = arg_ \
	}

static void
unprot_x1(struct conform *c, uint64_t ipa)
{
	c->x[1] = c->unprot + ipa;
}

/* ---- RSI_IPA_STATE_SET ------------------------------------------------- */

static void
set_base(struct conform *c)
{
	activate(c, 0);
	c->x[1] = IPA_TARGET;
	c->x[2] = IPA_TARGET + 2 * L3_SIZE;
	c->x[3] = RSI_RAM;
}

static void
top_unprot(struct conform *c, uint64_t pages)
{
	c->x[1] = c->unprot - L3_SIZE;
	c->x[2] = c->unprot + pages * L3_SIZE;
}

static const struct deed *
ask_with(struct conform *c, uint64_t base, uint64_t top, uint64_t ripas,
    uint64_t flags)
{
	struct rmi_rec_exit want = {
		.exit_reason = RMI_EXIT_RIPAS_CHANGE,
		.ripas_base = base,
		.ripas_top = top,
		.ripas_value = (uint8_t)ripas,
	};
	const struct deed *deed = guest_do(
	    c, GUEST_1, SMC(RSI_FID_IPA_STATE_SET, base, top, ripas, flags));

	expect_pending(c, deed);
	expect_exit(c, GUEST_1, &want);
	return deed;
}

static const struct deed *
ask(struct conform *c, uint64_t base, uint64_t top, uint64_t ripas)
{
	return ask_with(c, base, top, ripas, RSI_CHANGE_DESTROYED);
}

/* The realm hears how far it went, and what the host says to it. */
static void
hears(struct conform *c, const struct deed *deed, uint64_t flags,
    uint64_t new_base, unsigned response)
{
	run_of(c, GUEST_1)->enter.flags = flags;
	guest_enter(c, GUEST_1);
	run_of(c, GUEST_1)->enter.flags = 0;
	expect_result(c, deed, RSI_SUCCESS);
	if (deed->x[1] != new_base)
		fail(c, "new_base: is " X64 ", must be " X64, deed->x[1],
		    new_base);
	if (deed->x[2] != response)
		fail(c, "response: is " X64 ", must be %u", deed->x[2],
		    response);
}

static void
host_does_nothing(struct conform *c)
{
	hears(c, ask(c, c->x[1], c->x[2], c->arg), 0, c->x[1], RSI_ACCEPT);
}

/* The edges of what is protected. */
static void
first_page(struct conform *c)
{
	hears(c, ask(c, 0, L3_SIZE, RSI_RAM), 0, 0, RSI_ACCEPT);
}

static void
last_page(struct conform *c)
{
	uint64_t base = c->unprot - L3_SIZE;

	hears(c, ask(c, base, c->unprot, RSI_RAM), 0, base, RSI_ACCEPT);
}

/* Only a change to RAM can be rejected (A5.4, B3.40). */
static void
host_rejects(struct conform *c)
{
	hears(c, ask(c, c->x[1], c->x[2], c->arg), RMI_REC_ENTER_RIPAS_RESPONSE,
	    c->x[1], c->arg == RSI_RAM ? RSI_REJECT : RSI_ACCEPT);
}

static void
host_changes(struct conform *c)
{
	const struct deed *deed = ask(c, c->x[1], c->x[2], RSI_RAM);

	MUST(c, RTT_SET_RIPAS, G(c, P_RD), G(c, P_REC), c->x[1],
	    c->x[1] + L3_SIZE);
	hears(c, deed, 0, c->x[1] + L3_SIZE, RSI_ACCEPT);
	expect_entry(
	    c, "rtte_ripas", c->x[1], 3, 3, RMI_UNASSIGNED, RMI_RAM, 0);
	expect_entry(c, "rtte_ripas", c->x[1] + L3_SIZE, 3, 3, RMI_UNASSIGNED,
	    RMI_EMPTY, 0);
	deed = guest_do(
	    c, GUEST_1, SMC(RSI_FID_IPA_STATE_GET, c->x[1], c->x[1] + L3_SIZE));
	expect_result(c, deed, RSI_SUCCESS);
	if (deed->x[2] != RSI_RAM)
		fail(c, "the realm sees RIPAS " X64, deed->x[2]);
}

/* A part is done, and the rest is rejected. */
static void
host_changes_and_rejects(struct conform *c)
{
	const struct deed *deed = ask(c, c->x[1], c->x[2], RSI_RAM);

	MUST(c, RTT_SET_RIPAS, G(c, P_RD), G(c, P_REC), c->x[1],
	    c->x[1] + L3_SIZE);
	hears(c, deed, RMI_REC_ENTER_RIPAS_RESPONSE, c->x[1] + L3_SIZE,
	    RSI_REJECT);
}

/* All is done: nothing is left to be rejected. */
static void
host_changes_all(struct conform *c)
{
	const struct deed *deed = ask(c, c->x[1], c->x[2], RSI_RAM);

	MUST(c, RTT_SET_RIPAS, G(c, P_RD), G(c, P_REC), c->x[1], c->x[2]);
	hears(c, deed, RMI_REC_ENTER_RIPAS_RESPONSE, c->x[2], RSI_ACCEPT);
}

/* The realm says what becomes of what the host destroyed: c->arg, its flags. */
static void
destroyed(struct conform *c)
{
	uint64_t base = IPA_DESTROYED - L3_SIZE, top = IPA_DESTROYED + L3_SIZE;
	uint64_t end = c->arg & RSI_CHANGE_DESTROYED ? top : IPA_DESTROYED;
	const struct deed *deed = ask_with(c, base, top, RSI_RAM, c->arg);
	uint64_t x[SMC_REGS] = { RMI_FID_RTT_SET_RIPAS, G(c, P_RD), G(c, P_REC),
		base, top };

	if (rmmclient_call(c->client, 0, x, NULL) != RMI_SUCCESS || x[1] != end)
		fail(c,
		    "RMI_RTT_SET_RIPAS answered " X64 ", out_top " X64
		    ", must be " X64,
		    x[0], x[1], end);
	hears(c, deed, 0, end, RSI_ACCEPT);
	expect_entry(c, "rtte_ripas", IPA_DESTROYED, 3, 3, RMI_UNASSIGNED,
	    end == top ? RMI_RAM : RMI_DESTROYED, 0);
}

/* The response counts where a change is pending, and nowhere else. */
static void
no_change_pending(struct conform *c)
{
	static struct realm_registers registers;
	struct deed look = { .act = act_registers, .page = &registers };

	run_of(c, GUEST_1)->enter.flags = RMI_REC_ENTER_RIPAS_RESPONSE;
	for (unsigned n = 0; n < 2; n++) {
		expect_done(c, guest_do(c, GUEST_1, look));
		if (registers.x[2] != 0x102 || registers.x[3] != 0x103)
			fail(c, "the realm's X2 and X3 are " X64 " and " X64,
			    registers.x[2], registers.x[3]);
	}
}

static const struct stimulus set_stimuli[] = {
	S("base_align", "+1", set_x1, IPA_TARGET + 1),
	S("base_align", "+0x800", set_x1, IPA_TARGET + 0x800),
	S("top_align", "+1", set_x2, IPA_TARGET + 2 * L3_SIZE + 1),
	S("top_align", "+0x800", set_x2, IPA_TARGET + 2 * L3_SIZE + 0x800),
	{ .id = "size_valid",
	    .what = "empty",
	    .apply = set_x2,
	    .arg = IPA_TARGET,
	    .also = "rgn_bound" },
	{ .id = "size_valid",
	    .what = "negative",
	    .apply = set_x2,
	    .arg = 0,
	    .also = "rgn_bound" },
	S("rgn_bound", "top", top_unprot, 1),
	S("rgn_bound", "top-far", top_unprot, 1000),
	S("rgn_bound", "2^48", set_x2, 1ull << 48),
	S("rgn_bound", "2^63", set_x2, 1ull << 63),
	S("ripas_valid", "DESTROYED", set_x3, RSI_DESTROYED),
	S("ripas_valid", "DEV", set_x3, RSI_DEV),
	S("ripas_valid", "255", set_x3, 255),
	{ .id = NULL },
};

static const struct positive set_positives[] = {
	{ "untouched", NULL, NULL, host_does_nothing, RSI_RAM },
	{ "untouched-EMPTY", NULL, NULL, host_does_nothing, RSI_EMPTY },
	{ "first-page", NULL, NULL, first_page, 0 },
	{ "last-page", NULL, NULL, last_page, 0 },
	{ "rejected", NULL, NULL, host_rejects, RSI_RAM },
	{ "EMPTY-not-rejected", NULL, NULL, host_rejects, RSI_EMPTY },
	{ "a-part", NULL, NULL, host_changes, 0 },
	{ "a-part-rejected", NULL, NULL, host_changes_and_rejects, 0 },
	{ "all", NULL, NULL, host_changes_all, 0 },
	{ "DESTROYED-kept", NULL, NULL, destroyed, 0 },
	{ "DESTROYED-changed", NULL, NULL, destroyed, RSI_CHANGE_DESTROYED },
	{ "no-change-pending", NULL, NULL, no_change_pending, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rsi_ipa_state_set_cases = {
	.name = "RSI_IPA_STATE_SET",
	.base = set_base,
	.stimuli = set_stimuli,
	.positives = set_positives,
};

/* ---- RSI_HOST_CALL ----------------------------------------------------- */

#define IMM    0x4321u
#define BUFFER (IPA_DATA + 0x300)

static union {
	uint8_t bytes[GRANULE_SIZE];
	struct rsi_host_call calls[GRANULE_SIZE / RSI_HOST_CALL_SIZE];
} page;

static void
call_base(struct conform *c)
{
	activate(c, 0);
	c->x[1] = BUFFER;
}

static struct rsi_host_call *
call_at(uint64_t ipa)
{
	return &page.calls[ipa % GRANULE_SIZE / RSI_HOST_CALL_SIZE];
}

/* The realm fills in a call. */
static void
prepare(struct conform *c, uint64_t ipa)
{
	struct rsi_host_call *call = call_at(ipa);

	memset(&page, 0x77, sizeof page);
	call->imm = IMM;
	for (unsigned i = 0; i < RMI_REC_GPRS; i++)
		call->gprs[i] = 0xaaaa000000000000 + i;
	guest_put(c, ipa & ~(uint64_t)(GRANULE_SIZE - 1), &page);
}

static const struct deed *
make(struct conform *c, uint64_t ipa)
{
	struct rmi_rec_exit want = {
		.exit_reason = RMI_EXIT_HOST_CALL,
		.imm = IMM,
	};
	const struct deed *deed =
	    guest_do(c, GUEST_1, SMC(RSI_FID_HOST_CALL, ipa));

	memcpy(want.gprs, call_at(ipa)->gprs, sizeof want.gprs);
	expect_pending(c, deed);
	expect_exit(c, GUEST_1, &want);
	return deed;
}

static void
host_answers(struct conform *c)
{
	uint64_t *gprs = run_of(c, GUEST_1)->enter.gprs;

	for (unsigned i = 0; i < RMI_REC_GPRS; i++)
		gprs[i] = 0xbbbb000000000000 + i;
}

/* The host's registers are there, and nothing else has changed. */
static void
judge(struct conform *c, const struct deed *deed, uint64_t ipa)
{
	uint8_t must[GRANULE_SIZE];

	expect_result(c, deed, RSI_SUCCESS);
	memcpy(call_at(ipa)->gprs, run_of(c, GUEST_1)->enter.gprs,
	    sizeof call_at(ipa)->gprs);
	memcpy(must, &page, sizeof must);
	guest_get(c, ipa & ~(uint64_t)(GRANULE_SIZE - 1), &page);
	for (unsigned i = 0; i < sizeof must; i++)
		if (page.bytes[i] != must[i]) {
			fail(c,
			    "byte 0x%x of the call's page is 0x%02x, must "
			    "be 0x%02x",
			    i, page.bytes[i], must[i]);
			return;
		}
}

static void
call_success(struct conform *c)
{
	const struct deed *deed;

	prepare(c, c->arg);
	deed = make(c, c->arg);
	host_answers(c);
	guest_enter(c, GUEST_1);
	judge(c, deed, c->arg);
}

/* The realm calls with what is not mapped: it exits, and calls again. */
static void
call_unmapped(struct conform *c)
{
	struct rmi_rec_exit want = { 0 };
	const struct deed *deed;

	deed = guest_do(c, GUEST_1, SMC(RSI_FID_HOST_CALL, IPA_RAM));
	expect_pending(c, deed);
	expect_abort(&want, false, 3, IPA_RAM);
	expect_exit(c, GUEST_1, &want);
	MUST(c, DATA_CREATE_UNKNOWN, G(c, P_RD), G(c, P_FREE + 1), IPA_RAM);
	guest_enter(c, GUEST_1);
	expect_reason(c, GUEST_1, RMI_EXIT_HOST_CALL);
	expect_pending(c, deed);
	guest_enter(c, GUEST_1);
	expect_result(c, deed, RSI_SUCCESS);
}

/*
 * The host takes the page away before it answers: each entry exits by a Data
 * Abort (A4.2.2).  It does not come back, for what was there is DESTROYED.
 */
static void
unmapped_before_entry(struct conform *c)
{
	struct rmi_rec_exit want = { 0 };
	const struct deed *deed;

	prepare(c, BUFFER);
	deed = make(c, BUFFER);
	MUST(c, DATA_DESTROY, G(c, P_RD), IPA_DATA);
	expect_abort(&want, false, 3, IPA_DATA);
	for (unsigned i = 0; i < 2; i++) {
		guest_enter(c, GUEST_1);
		expect_pending(c, deed);
		expect_exit(c, GUEST_1, &want);
	}
	/* Another page is there, with a RIPAS that says so. */
	MUST(c, DATA_CREATE_UNKNOWN, G(c, P_RD), G(c, P_DATA), IPA_DATA);
	guest_enter(c, GUEST_1);
	expect_pending(c, deed);
	expect_exit(c, GUEST_1, &want);
}

static const struct stimulus call_stimuli[] = {
	S("addr_align", "+1", set_x1, IPA_DATA + 1),
	S("addr_align", "+0x80", set_x1, IPA_DATA + 0x80),
	S("addr_bound", "first-unprotected", unprot_x1, 0),
	S("addr_bound", "mapped-unprotected", unprot_x1, IPA_DATA),
	S("addr_bound", "2^52", set_x1, 1ull << 52),
	S("addr_bound", "2^63", set_x1, 1ull << 63),
	{ .id = NULL },
};

static const struct positive call_positives[] = {
	{ "begin-of-page", NULL, NULL, call_success, IPA_DATA },
	{ "within-page", NULL, NULL, call_success, BUFFER },
	{ "end-of-page", NULL, NULL, call_success,
	    IPA_DATA + GRANULE_SIZE - RSI_HOST_CALL_SIZE },
	{ "unmapped", NULL, NULL, call_unmapped, 0 },
	{ "unmapped-before-entry", NULL, NULL, unmapped_before_entry, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rsi_host_call_cases = {
	.name = "RSI_HOST_CALL",
	.base = call_base,
	.stimuli = call_stimuli,
	.positives = call_positives,
};
