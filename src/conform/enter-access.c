/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Accesses of a realm to memory: each row of RIPAS and HIPAS (A5.2.9), by read,
 * write and fetch, in pages and blocks, protected and not, and outside.
 */
#include "esr.h"
#include "guest.h"

#include <string.h>

/* What a row is to do: memory, an abort into the realm, or an exit. */
enum fate { MEMORY, TAKEN, EXITS };

enum row {
	EMPTY_UNASSIGNED,
	EMPTY_ASSIGNED,
	RAM_UNASSIGNED,
	RAM_ASSIGNED,
	DESTROYED_UNASSIGNED,
	DESTROYED_ASSIGNED,
	EMPTY_LEVEL_2,
	RAM_LEVEL_2,
	RAM_BLOCK,
	NS_UNASSIGNED,
	NS_ASSIGNED,
	NS_LEVEL_2,
	NS_READ_ONLY,
	NS_DELEGATED,
	OUTSIDE,
	ROWS
};

#define READ_ONLY (6ull << 2 | 1ull << 6)

static const struct {
	enum fate read, write, fetch;
	int level;    /* of an exit */
	uint64_t fsc; /* of an abort that is taken */
} fates[ROWS] = {
	[EMPTY_UNASSIGNED] = { TAKEN, TAKEN, TAKEN, 3, ESR_FSC_SEA },
	[EMPTY_ASSIGNED] = { TAKEN, TAKEN, TAKEN, 3, ESR_FSC_SEA },
	[RAM_UNASSIGNED] = { EXITS, EXITS, EXITS, 3, 0 },
	[RAM_ASSIGNED] = { MEMORY, MEMORY, MEMORY, 3, 0 },
	[DESTROYED_UNASSIGNED] = { EXITS, EXITS, EXITS, 3, 0 },
	[DESTROYED_ASSIGNED] = { EXITS, EXITS, EXITS, 3, 0 },
	[EMPTY_LEVEL_2] = { TAKEN, TAKEN, TAKEN, 2, ESR_FSC_SEA },
	[RAM_LEVEL_2] = { EXITS, EXITS, EXITS, 2, 0 },
	[RAM_BLOCK] = { MEMORY, MEMORY, MEMORY, 2, 0 },
	[NS_UNASSIGNED] = { EXITS, EXITS, TAKEN, 3, ESR_FSC_SEA },
	[NS_ASSIGNED] = { MEMORY, MEMORY, TAKEN, 3, ESR_FSC_SEA },
	[NS_LEVEL_2] = { EXITS, EXITS, TAKEN, 2, ESR_FSC_SEA },
	[NS_READ_ONLY] = { MEMORY, EXITS, TAKEN, 3, ESR_FSC_SEA },
	[NS_DELEGATED] = { TAKEN, TAKEN, TAKEN, 3, ESR_FSC_GPF },
	[OUTSIDE] = { TAKEN, TAKEN, TAKEN, 0, ESR_FSC_ADDRESS_L0 },
};

static uint64_t
ipa_of(const struct conform *c, enum row row)
{
	switch (row) {
	case EMPTY_UNASSIGNED:
		return IPA_TARGET;
	case EMPTY_ASSIGNED:
		return IPA_DATA2;
	case RAM_UNASSIGNED:
		return IPA_RAM;
	case RAM_ASSIGNED:
		return IPA_DATA;
	case DESTROYED_UNASSIGNED:
	case DESTROYED_ASSIGNED:
		return IPA_DESTROYED;
	case EMPTY_LEVEL_2:
	case RAM_LEVEL_2:
		return 3 * L2_SIZE + 5 * L3_SIZE;
	case RAM_BLOCK:
		return 2 * L2_SIZE + 7 * L3_SIZE;
	case NS_UNASSIGNED:
		return c->unprot + IPA_TARGET;
	case NS_LEVEL_2:
		return c->unprot + L2_SIZE + L3_SIZE;
	case NS_ASSIGNED:
	case NS_READ_ONLY:
	case NS_DELEGATED:
		return c->unprot + IPA_DATA;
	default:
		return 1ull << c->width;
	}
}

/* Before the realm is activated. */
static void
set_up(struct conform *c)
{
	switch ((enum row)(c->arg / 3)) {
	case DESTROYED_ASSIGNED:
		MUST(c, DATA_CREATE_UNKNOWN, G(c, P_RD), G(c, P_FREE + 1),
		    IPA_DESTROYED);
		break;
	case RAM_LEVEL_2:
		MUST(c, RTT_INIT_RIPAS, G(c, P_RD), 3 * L2_SIZE, 4 * L2_SIZE);
		break;
	case RAM_BLOCK:
		map_block(c);
		break;
	case NS_READ_ONLY:
		MUST(c, RTT_UNMAP_UNPROTECTED, G(c, P_RD), c->unprot + IPA_DATA,
		    3);
		MUST(c, RTT_MAP_UNPROTECTED, G(c, P_RD), c->unprot + IPA_DATA,
		    3, G(c, P_NS) | READ_ONLY);
		break;
	case NS_DELEGATED:
		MUST(c, GRANULE_DELEGATE, G(c, P_NS));
		break;
	default:
		break;
	}
}

/* Where, within its granule. */
#define OFFSET 0x128u
#define VALUE  UINT64_C(0x0807060504030201)

static void
judge_memory(
    struct conform *c, enum row row, unsigned kind, const struct deed *told)
{
	const uint64_t *seen = ns(c, P_NS);
	const struct deed *back;

	expect_done(c, told);
	expect_exits(c, told, 0);
	if (kind != 1)
		return;
	back = guest_do(c, GUEST_1, DEED(act_read, ipa_of(c, row) + OFFSET));
	expect_done(c, back);
	if (back->value != VALUE)
		fail(c, "the realm wrote " X64 " and reads " X64, VALUE,
		    back->value);
	if (row == NS_ASSIGNED && seen[OFFSET / 8] != VALUE)
		fail(c, "the realm wrote " X64 ", the host reads " X64, VALUE,
		    seen[OFFSET / 8]);
}

static void
judge_exit(
    struct conform *c, enum row row, unsigned kind, const struct deed *told)
{
	struct rmi_rec_exit want = { 0 };
	int level = fates[row].level;

	expect_pending(c, told);
	expect_abort(&want, kind == 2, level, ipa_of(c, row));
	if (row == NS_READ_ONLY)
		want.esr =
		    ESR_EC_PUT(ESR_EC_DABT_LOWER) | ESR_FSC_PERMISSION(level);
	if (row >= NS_UNASSIGNED)
		want.esr |= ESR_IL;
	expect_exit(c, GUEST_1, &want);
}

static void
judge_taken(
    struct conform *c, enum row row, unsigned kind, const struct deed *told)
{
	uint64_t fsc = fates[row].fsc;
	uint64_t esr = ESR_IL | fsc | (fsc == ESR_FSC_SEA ? ESR_EA : 0);

	/* A fetch from there never gets as far as the memory. */
	if (row == NS_DELEGATED && kind == 2)
		esr = ESR_IL | ESR_FSC_SEA | ESR_EA;
	esr |= ESR_EC_PUT(kind == 2 ? ESR_EC_IABT_SAME : ESR_EC_DABT_SAME);
	if (kind == 1)
		esr |= ESR_WNR;
	expect_exception(c, told, esr, ipa_of(c, row) + OFFSET);
	expect_exits(c, told, 0);
}

/* c->arg: the row, and the kind of access. */
static void
access_row(struct conform *c)
{
	static int (*const acts[])(struct rmmguest *,
	    struct deed *) = { act_read, act_write, act_fetch };
	enum row row = (enum row)(c->arg / 3);
	unsigned kind = c->arg % 3;
	const struct deed *told;
	enum fate fate = kind == 0 ? fates[row].read
	    : kind == 1		   ? fates[row].write
				   : fates[row].fetch;

	told = guest_do(c, GUEST_1,
	    (struct deed){ .act = acts[kind],
		.x = { ipa_of(c, row) + OFFSET },
		.value = VALUE });
	if (fate == MEMORY)
		judge_memory(c, row, kind, told);
	else if (fate == EXITS)
		judge_exit(c, row, kind, told);
	else
		judge_taken(c, row, kind, told);
}

/* ---- What the host does about it --------------------------------------- */

/* The host maps a page, and the access is made. */
static void
mapped_then(struct conform *c)
{
	const struct deed *told =
	    guest_do(c, GUEST_1, DEED(act_read, IPA_RAM + OFFSET));

	expect_pending(c, told);
	guest_enter(c, GUEST_1);
	expect_pending(c, told);
	MUST(c, DATA_CREATE_UNKNOWN, G(c, P_RD), G(c, P_FREE + 1), IPA_RAM);
	guest_enter(c, GUEST_1);
	expect_done(c, told);
	expect_exits(c, told, 2);
}

/* What DATA_CREATE copied is what the realm finds. */
static void
initial_contents(struct conform *c)
{
	static uint8_t page[GRANULE_SIZE];

	guest_get(c, IPA_DATA, page);
	for (unsigned i = 0; i < sizeof page; i++)
		if (page[i] != 0x5a) {
			fail(c, "byte 0x%x of DATA_CREATE's page is 0x%02x", i,
			    page[i]);
			return;
		}
}

/* A page that goes takes its contents with it, and says so. */
static void
destroyed_then(struct conform *c)
{
	struct rmi_rec_exit want = { 0 };

	expect_done(c, guest_do(c, GUEST_1, DEED(act_read, IPA_DATA)));
	MUST(c, DATA_DESTROY, G(c, P_RD), IPA_DATA);
	expect_pending(c, guest_do(c, GUEST_1, DEED(act_read, IPA_DATA)));
	expect_abort(&want, false, 3, IPA_DATA);
	expect_exit(c, GUEST_1, &want);
}

#define ROW(name, row)                                                  \
	{ "read-" name, set_up, NULL, access_row, 3 * (row) },          \
	    { "write-" name, set_up, NULL, access_row, 3 * (row) + 1 }, \
	{                                                               \
		"fetch-" name, set_up, NULL, access_row, 3 * (row) + 2  \
	}

const struct positive enter_accesses[] = {
	ROW("EMPTY-UNASSIGNED", EMPTY_UNASSIGNED),
	ROW("EMPTY-ASSIGNED", EMPTY_ASSIGNED),
	ROW("RAM-UNASSIGNED", RAM_UNASSIGNED),
	ROW("RAM-ASSIGNED", RAM_ASSIGNED),
	ROW("DESTROYED-UNASSIGNED", DESTROYED_UNASSIGNED),
	ROW("DESTROYED-ASSIGNED", DESTROYED_ASSIGNED),
	ROW("EMPTY-level-2", EMPTY_LEVEL_2),
	ROW("RAM-level-2", RAM_LEVEL_2),
	ROW("RAM-block", RAM_BLOCK),
	ROW("UNASSIGNED_NS", NS_UNASSIGNED),
	ROW("ASSIGNED_NS", NS_ASSIGNED),
	ROW("UNASSIGNED_NS-level-2", NS_LEVEL_2),
	ROW("ASSIGNED_NS-read-only", NS_READ_ONLY),
	ROW("ASSIGNED_NS-delegated", NS_DELEGATED),
	ROW("outside", OUTSIDE),
	{ "mapped-then", NULL, NULL, mapped_then, 0 },
	{ "initial-contents", NULL, NULL, initial_contents, 0 },
	{ "destroyed-then", NULL, NULL, destroyed_then, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};
