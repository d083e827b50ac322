/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Exits, compared byte for byte (A4.3), and what became of what the realm did.
 */
#include <string.h>

#include "esr.h"
#include "guest.h"

/* What each exit has, whatever its reason: GIC, timers, PMU. */
static bool
is_excepted(size_t offset)
{
	return (offset >= offsetof(struct rmi_rec_exit, gicv3_hcr) &&
		   offset < offsetof(struct rmi_rec_exit, pad3)) ||
	    (offset >= offsetof(struct rmi_rec_exit, cntp_ctl) &&
		offset < offsetof(struct rmi_rec_exit, pad4)) ||
	    offset == offsetof(struct rmi_rec_exit, pmu_ovf_status);
}

/* The field that a byte belongs to. */
static const char *
field_at(size_t offset)
{
	static const struct {
		size_t offset;
		const char *name;
	} fields[] = {
		{ 0, "exit_reason" },
		{ offsetof(struct rmi_rec_exit, pad0), "what is reserved" },
		{ offsetof(struct rmi_rec_exit, esr), "esr" },
		{ offsetof(struct rmi_rec_exit, far), "far" },
		{ offsetof(struct rmi_rec_exit, hpfar), "hpfar" },
		{ offsetof(struct rmi_rec_exit, pad1), "what is reserved" },
		{ offsetof(struct rmi_rec_exit, gprs), "gprs" },
		{ offsetof(struct rmi_rec_exit, pad2), "what is reserved" },
		{ offsetof(struct rmi_rec_exit, ripas_base), "ripas_base" },
		{ offsetof(struct rmi_rec_exit, ripas_top), "ripas_top" },
		{ offsetof(struct rmi_rec_exit, ripas_value), "ripas_value" },
		{ offsetof(struct rmi_rec_exit, pad5), "what is reserved" },
		{ offsetof(struct rmi_rec_exit, imm), "imm" },
		{ offsetof(struct rmi_rec_exit, pad6), "what is reserved" },
	};
	const char *name = "";

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (fields[i].offset <= offset)
			name = fields[i].name;
	return name;
}

void
expect_exit(
    struct conform *c, enum guest_rec n, const struct rmi_rec_exit *want)
{
	const struct rmi_rec_exit *exit = &run_of(c, n)->exit;
	const uint8_t *is = (const uint8_t *)exit;
	const uint8_t *must = (const uint8_t *)want;
	uint64_t a, b;

	if (c->failed || c->skipped)
		return;
	if (exit->exit_reason != want->exit_reason) {
		fail(c, "exit_reason is %u, must be %u (esr " X64 ")",
		    exit->exit_reason, want->exit_reason, exit->esr);
		return;
	}
	for (size_t i = 0; i < sizeof *exit; i++) {
		if (is[i] == must[i] || is_excepted(i))
			continue;
		memcpy(&a, is + (i & ~7ul), sizeof a);
		memcpy(&b, must + (i & ~7ul), sizeof b);
		fail(c, "exit: %s (byte 0x%zx) is " X64 ", must be " X64,
		    field_at(i), 0x800 + i, a, b);
		return;
	}
}

void
expect_abort(struct rmi_rec_exit *want, bool fetch, int level, uint64_t ipa)
{
	want->exit_reason = RMI_EXIT_SYNC;
	want->esr = ESR_EC_PUT(fetch ? ESR_EC_IABT_LOWER : ESR_EC_DABT_LOWER) |
	    ESR_FSC_TRANSLATION(level);
	want->hpfar = HPFAR(ipa);
}

void
expect_reason(struct conform *c, enum guest_rec n, unsigned reason)
{
	const struct rmi_rec_exit *exit = &run_of(c, n)->exit;

	if (exit->exit_reason != reason)
		fail(c, "exit_reason is %u, must be %u (esr " X64 ")",
		    exit->exit_reason, reason, exit->esr);
}

void
expect_done(struct conform *c, const struct deed *deed)
{
	if (c->failed || c->skipped)
		return;
	if (!deed->done)
		fail(c, "the realm can not go on");
	else if (deed->rc == RMMGUEST_EXCEPTION)
		fail(c,
		    "an exception was taken to the realm: esr " X64
		    ", far " X64,
		    deed->last.esr, deed->last.far);
	else if (deed->rc != 0)
		fail(c, "the realm can not do that");
}

void
expect_result(struct conform *c, const struct deed *deed, uint64_t x0)
{
	expect_done(c, deed);
	if (deed->x[0] != x0)
		fail(c, "the realm's X0 is " X64 " (%s), must be " X64,
		    deed->x[0], deed->last.why, x0);
}

void
expect_exception(
    struct conform *c, const struct deed *deed, uint64_t esr, uint64_t far)
{
	if (c->failed || c->skipped)
		return;
	if (!deed->done || deed->rc != RMMGUEST_EXCEPTION) {
		fail(c, "no exception was taken to the realm%s",
		    deed->done ? "" : ", but an exit");
		return;
	}
	if (deed->last.esr != esr || deed->last.far != far)
		fail(c,
		    "the realm's esr is " X64 ", far " X64 "; must be " X64
		    ", " X64,
		    deed->last.esr, deed->last.far, esr, far);
}

void
expect_pending(struct conform *c, const struct deed *deed)
{
	if (deed->done)
		fail(c, "the realm went on without an exit");
}

void
expect_exits(struct conform *c, const struct deed *deed, unsigned exits)
{
	if (deed->last.exits != exits)
		fail(c, "%u exits, must be %u", deed->last.exits, exits);
}
