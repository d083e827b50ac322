/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a realm's access comes to: every row of the table of A5.2.9, and of
 * RIPAS and HIPAS, for reads, writes and fetches, at each level; and what a
 * translation says of it.
 */
#include "drive.h"

#include <string.h>

#include "rmm/machine.h"

enum fate { DONE, SEA, SIZE, GPF, HOST, EMULATE };

#define BEYOND (1ull << IPA_WIDTH)
#define PERM   0x0f /* permission fault, level 3 */
#define TRANS  0x07 /* translation fault, level 3 */
#define VA     0xffff123456789000ull

static struct world *w;

static void
setup(void)
{
	w = drive_new();
}

static void
teardown(void)
{
	world_free(w);
}

/* Fate of a read, a write and a fetch; the status code if the host is told. */
static const struct {
	uint64_t ipa;
	enum fate fate[3];
	uint64_t fsc[2];
} rows[] = {
	{ IPA_RAM, { DONE, DONE, DONE }, { 0 } },
	{ IPA_RAM_UNASSIGNED, { HOST, HOST, HOST }, { TRANS, TRANS } },
	{ IPA_EMPTY, { SEA, SEA, SEA }, { 0 } },
	{ IPA_EMPTY_UNASSIGNED, { SEA, SEA, SEA }, { 0 } },
	{ IPA_DESTROYED, { HOST, HOST, HOST }, { TRANS, TRANS } },
	{ IPA_DESTROYED_UNASSIGNED, { HOST, HOST, HOST }, { TRANS, TRANS } },
	/* Level 2 and level 1, without tables. */
	{ L2_SIZE + 0x5000, { SEA, SEA, SEA }, { 0 } },
	{ 3 * L1_SIZE, { SEA, SEA, SEA }, { 0 } },
	{ UNPROT - L3_SIZE, { SEA, SEA, SEA }, { 0 } },
	{ IPA_NS, { DONE, DONE, SEA }, { 0 } },
	{ IPA_NS_UNASSIGNED, { EMULATE, EMULATE, SEA }, { TRANS, TRANS } },
	{ IPA_NS_READ, { DONE, EMULATE, SEA }, { 0, PERM } },
	{ IPA_NS_WRITE, { EMULATE, DONE, SEA }, { PERM, 0 } },
	{ IPA_NS_NEITHER, { EMULATE, EMULATE, SEA }, { PERM, PERM } },
	{ IPA_NS_REALM, { GPF, GPF, SEA }, { 0 } },
	{ IPA_NS_DEVICE, { SEA, SEA, SEA }, { 0 } },
	{ IPA_NS_NOWHERE, { SEA, SEA, SEA }, { 0 } },
	{ IPA_NS_SECURE, { GPF, GPF, SEA }, { 0 } },
	{ UNPROT + L2_SIZE, { EMULATE, EMULATE, SEA }, { 0x06, 0x06 } },
	{ UNPROT + L1_SIZE, { EMULATE, EMULATE, SEA }, { 0x05, 0x05 } },
	{ BEYOND - L3_SIZE, { EMULATE, EMULATE, SEA }, { 0x05, 0x05 } },
	{ BEYOND, { SIZE, SIZE, SIZE }, { 0 } },
	{ BEYOND + UNPROT, { SIZE, SIZE, SIZE }, { 0 } },
	{ 1ull << 51, { SIZE, SIZE, SIZE }, { 0 } },
	{ -4096ull, { SIZE, SIZE, SIZE }, { 0 } },
};

/* What the realm finds in ESR_EL1 for each fate that it is told of. */
static uint64_t
taken(enum fate fate, enum rmm_access_kind kind)
{
	uint64_t esr = 1 << 25 | (kind == RMM_WRITE ? 1 << 6 : 0);

	esr |= kind == RMM_FETCH ? 0x21ull << 26 : 0x25ull << 26;
	if (fate == SEA)
		return esr | 1 << 9 | 0x10;
	return esr | (fate == GPF ? 0x28 : 0x00);
}

static void
ck_taken(const struct rmm_access *access, enum fate fate)
{
	uint64_t esr = taken(fate, access->kind);

	ck_assert_int_eq(w->result.outcome, RMM_EXCEPTION);
	ck_assert_uint_eq(w->result.esr, esr);
	ck_assert_uint_eq(w->result.far, access->va);
	ck_assert_uint_eq(drive_sysreg(w, REC, REC_ESR_EL1), esr);
	ck_assert_uint_eq(drive_sysreg(w, REC, REC_FAR_EL1), access->va);
	ck_assert_uint_eq(drive_sysreg(w, REC, REC_ELR_EL1), PC_START);
	ck_assert_uint_eq(drive_pc(w, REC), 0x200);
}

static void
ck_told(const struct rmm_access *access, enum fate fate, uint64_t fsc)
{
	bool emulatable = fate == EMULATE && access->isv;
	uint64_t esr = fsc;

	esr |= access->kind == RMM_FETCH ? 0x20ull << 26 : 0x24ull << 26;
	if (emulatable)
		esr |= 1 << 24 | 2 << 22 |
		    (access->kind == RMM_WRITE ? 1 << 6 : 0);
	else if (fate == EMULATE)
		esr |= 1 << 25;
	ck_assert_int_eq(w->result.outcome, RMM_EXITED);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_SYNC, .esr = esr,
	    .far = emulatable ? access->va & 0xfff : 0,
	    .hpfar = access->ipa >> 12 << 4,
	    .gprs[0] = emulatable && access->kind == RMM_WRITE ? 0x1234 : 0);
	ck_assert(drive_rec(w, REC).emulatable_abort == emulatable);
	ck_assert_uint_eq(drive_pc(w, REC), PC_START);
}

static void
one_access(unsigned row, enum rmm_access_kind kind, bool isv)
{
	enum fate fate = rows[row].fate[kind];
	struct rmm_access access = {
		.kind = kind,
		.ipa = rows[row].ipa + 0x54,
		.va = VA + 0x54,
		.size = 4,
		.isv = isv,
		.srt = 2,
	};
	uint32_t data = 0x1234;

	drive_enter_flags(w, REC, 0);
	drive_set_gpr(w, REC, 2, 0x1234);
	(void)drive_access(w, REC, &access, &data);
	if (fate == DONE) {
		ck_assert_int_eq(w->result.outcome, RMM_GOES_ON);
		ck_assert_uint_eq(drive_pc(w, REC),
		    kind == RMM_FETCH ? PC_START : PC_START + 4);
	} else if (fate == HOST || fate == EMULATE) {
		ck_told(&access, fate, rows[row].fsc[kind % 2]);
	} else {
		ck_taken(&access, fate);
	}
}

START_TEST(table)
{
	unsigned row = (unsigned)_i / 5;

	switch (_i % 5) {
	case 0:
		one_access(row, RMM_READ, true);
		break;
	case 1:
		one_access(row, RMM_READ, false);
		break;
	case 2:
		one_access(row, RMM_WRITE, true);
		break;
	case 3:
		one_access(row, RMM_WRITE, false);
		break;
	default:
		one_access(row, RMM_FETCH, false);
		break;
	}
}
END_TEST

/* What a translation promises is what an access does. */
START_TEST(translations)
{
	struct rmm_translation t;

	ck_assert(!rmm_realm_translate(w->rmm, REC, 0, &t));
	ck_assert(!rmm_realm_translate(w->rmm, RD + 8, 0, &t));
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint64_t ipa = rows[i].ipa + 0x123;

		ck_assert(rmm_realm_translate(w->rmm, RD, ipa, &t));
		ck_assert(t.readable == (rows[i].fate[RMM_READ] == DONE));
		ck_assert(t.writable == (rows[i].fate[RMM_WRITE] == DONE));
		ck_assert(t.executable == (rows[i].fate[RMM_FETCH] == DONE));
		ck_assert_uint_le(t.base, ipa);
		ck_assert_uint_lt(ipa - t.base, t.size);
		if (!t.readable && !t.writable)
			continue;
		ck_assert(t.ns == (ipa >= UNPROT));
		ck_assert_uint_eq(t.pa, (t.ns ? SRC : DATA) + 0x123);
		ck_assert_uint_eq(t.size, L3_SIZE);
	}
	/* Beyond the IPA space, to the end of all addresses. */
	ck_assert(rmm_realm_translate(w->rmm, RD, BEYOND, &t));
	ck_assert_uint_eq(t.base, BEYOND);
	ck_assert_uint_eq(t.base + t.size, 0);
	ck_assert(rmm_realm_translate(w->rmm, RD, 2 * L1_SIZE + 5, &t));
	ck_assert_uint_eq(t.base, 2 * L1_SIZE);
	ck_assert_uint_eq(t.size, L1_SIZE);
}
END_TEST

/* ---- Bytes ---------------------------------------------------------------
 */

static const struct {
	unsigned size;
	bool sse, sf;
	uint64_t got;
} loads[] = {
	{ 1, false, false, 0x88 },
	{ 1, true, false, 0xffffff88 },
	{ 1, true, true, 0xffffffffffffff88 },
	{ 2, false, true, 0x9988 },
	{ 2, true, true, 0xffffffffffff9988 },
	{ 4, false, false, 0xbbaa9988 },
	{ 4, true, true, 0xffffffffbbaa9988 },
	{ 8, false, true, 0xffeeddccbbaa9988 },
};

START_TEST(registers)
{
	static const uint64_t ipas[] = { IPA_RAM + 0xff8, IPA_NS + 0xff8 };
	const uint64_t value = 0xffeeddccbbaa9988;
	unsigned size = loads[_i].size;
	uint64_t mask = ~0ull >> (64 - 8 * size), memory;

	drive_enter_flags(w, REC, 0);
	for (unsigned i = 0; i < 2; i++) {
		struct rmm_access access = {
			.ipa = ipas[i],
			.size = size,
			.isv = true,
			.sign_extend = loads[_i].sse,
			.sf = loads[_i].sf,
			.srt = 17,
		};

		drive_write(w, REC, ipas[i], &value, 8);
		access.kind = RMM_READ;
		ck_assert_int_eq(
		    drive_access(w, REC, &access, NULL), RMM_GOES_ON);
		ck_assert_uint_eq(drive_gpr(w, REC, 17), loads[_i].got);
		/* Only so many bytes are written. */
		drive_set_gpr(w, REC, 17, 0x0123456789abcdef);
		access.kind = RMM_WRITE;
		ck_assert_int_eq(
		    drive_access(w, REC, &access, NULL), RMM_GOES_ON);
		drive_read(w, REC, ipas[i], &memory, 8);
		ck_assert_uint_eq(
		    memory, (value & ~mask) | (0x0123456789abcdef & mask));
		/* XZR. */
		access.srt = 31;
		ck_assert_int_eq(
		    drive_access(w, REC, &access, NULL), RMM_GOES_ON);
		drive_read(w, REC, ipas[i], &memory, 8);
		ck_assert_uint_eq(memory, value & ~mask);
		access.kind = RMM_READ;
		ck_assert_int_eq(
		    drive_access(w, REC, &access, NULL), RMM_GOES_ON);
	}
}
END_TEST

/* Bytes go where they belong: to the realm's page, or to the host's. */
START_TEST(bytes)
{
	uint8_t in[GRANULE_SIZE], out[GRANULE_SIZE];
	uint8_t *ns = ns_at(w, SRC);

	for (unsigned i = 0; i < sizeof in; i++)
		in[i] = (uint8_t)(i * 7 + i / 256);
	drive_enter_flags(w, REC, 0);
	drive_write(w, REC, IPA_RAM_2, in, sizeof in);
	drive_read(w, REC, IPA_RAM_2, out, sizeof out);
	ck_assert_mem_eq(in, out, sizeof in);
	drive_read(w, REC, IPA_RAM_3, out, 16);
	ck_assert_uint_eq(out[0] | out[15], 0);
	drive_write(w, REC, IPA_NS, in, sizeof in);
	ck_assert_mem_eq(ns, in, sizeof in);
	ns[4095] = 0x77;
	drive_read(w, REC, IPA_NS + 4090, out, 6);
	ck_assert_mem_eq(out, ns + 4090, 6);
	/* A fetch reads. */
	ck_assert_int_eq(
	    drive_access(w, REC,
		&(struct rmm_access){
		    .kind = RMM_FETCH, .ipa = IPA_RAM_2 + 8, .size = 4 },
		out),
	    RMM_GOES_ON);
	ck_assert_mem_eq(out, in + 8, 4);
}
END_TEST

START_TEST(no_accesses)
{
	static const struct rmm_access wrong[] = {
		{ .kind = (enum rmm_access_kind)3, .size = 8 },
		{ .kind = RMM_READ, .size = 0 },
		{ .kind = RMM_READ, .size = 4097 },
		{ .kind = RMM_READ, .ipa = 4095, .size = 2 },
		{ .kind = RMM_READ, .ipa = UINT64_MAX, .size = 2 },
		{ .kind = RMM_READ, .size = 3, .isv = true },
		{ .kind = RMM_READ, .size = 16, .isv = true },
		{ .kind = RMM_READ, .ipa = 2, .size = 4, .isv = true },
		{ .kind = RMM_READ, .size = 4, .isv = true, .srt = 32 },
		{ .kind = RMM_FETCH, .size = 4, .isv = true },
	};
	uint8_t data[GRANULE_SIZE];

	drive_enter_flags(w, REC, 0);
	for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		ck_assert(!rmm_realm_access(
		    w->rmm, REC, &wrong[i], data, &w->result));
	ck_assert_uint_eq(drive_pc(w, REC), PC_START);
}
END_TEST

/* ---- Blocks --------------------------------------------------------------
 */

/* 512 pages in one entry of level 2: each byte is where it was. */
START_TEST(protected_block)
{
	const uint64_t rtt = G(90), data = G(1024), ipa = 4 * L2_SIZE;
	struct rmm_translation t;
	uint64_t x[SMC_REGS] = { 0 };

	w = drive_new_realm();
	ck_call(w, RTT_CREATE, RD, rtt, ipa, 3);
	ck_call(w, RTT_INIT_RIPAS, RD, ipa, ipa + L2_SIZE);
	for (uint64_t i = 0; i < L2_SIZE; i += L3_SIZE) {
		/* Without the checks of each call, which take long. */
		x[0] = RMI_FID_GRANULE_DELEGATE;
		x[1] = data + i;
		rmm_call(w->rmm, 0, x, &w->answer);
		x[0] = RMI_FID_DATA_CREATE_UNKNOWN;
		x[1] = RD;
		x[2] = data + i;
		x[3] = ipa + i;
		rmm_call(w->rmm, 0, x, &w->answer);
		ck_assert_uint_eq(w->answer.x[0], RMI_SUCCESS);
	}
	ck_call(w, REALM_ACTIVATE, RD);
	drive_enter_flags(w, REC, 0);
	for (uint64_t i = 0; i < L2_SIZE; i += 37 * L3_SIZE) {
		drive_set_gpr(w, REC, 1, i);
		ck_assert_int_eq(drive_store(w, REC, ipa + i + 8), RMM_GOES_ON);
	}
	ck_call(w, RTT_FOLD, RD, ipa, 3);
	for (uint64_t i = 0; i < L2_SIZE; i += 37 * L3_SIZE) {
		ck_assert_int_eq(drive_load(w, REC, ipa + i + 8), RMM_GOES_ON);
		ck_assert_uint_eq(drive_gpr(w, REC, 1), i);
	}
	ck_assert(rmm_realm_translate(w->rmm, RD, ipa + 0x12345, &t));
	ck_assert(t.readable && t.writable && t.executable && !t.ns);
	ck_assert_uint_eq(t.pa, data + 0x12345);
	ck_assert_uint_eq(t.base, ipa);
	ck_assert_uint_eq(t.size, L2_SIZE);
	world_free(w);
}
END_TEST

START_TEST(unprotected_blocks)
{
	const uint64_t l2 = UNPROT + 7 * L2_SIZE, l1 = UNPROT + 3 * L1_SIZE;
	struct rmm_translation t;

	ck_call(w, RTT_MAP_UNPROTECTED, RD, l2, 2, WORLD_BASE | 3 << 6);
	ck_call(w, RTT_MAP_UNPROTECTED, RD, l1, 1, WORLD_BASE | 1 << 6);
	*(uint64_t *)ns_at(w, G(67)) = 0x5555;
	drive_enter_flags(w, REC, 0);
	ck_assert_int_eq(drive_load(w, REC, l2 + 67 * L3_SIZE), RMM_GOES_ON);
	ck_assert_uint_eq(drive_gpr(w, REC, 1), 0x5555);
	ck_assert_int_eq(drive_load(w, REC, l1 + 67 * L3_SIZE), RMM_GOES_ON);
	ck_assert_uint_eq(drive_gpr(w, REC, 1), 0x5555);
	/* Within them, granules that are the realm's are none of them. */
	ck_assert_int_eq(
	    drive_load(w, REC, l2 + (RD - WORLD_BASE)), RMM_EXCEPTION);
	ck_assert_uint_eq(w->result.esr & 0x3f, 0x28);
	ck_assert(rmm_realm_translate(w->rmm, RD, l1 + (RD - WORLD_BASE), &t));
	ck_assert(!t.readable && !t.writable);
	ck_assert_uint_eq(t.size, L3_SIZE);
	ck_assert_int_eq(
	    drive_store(w, REC, l1 + 67 * L3_SIZE + 8), RMM_EXITED);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_SYNC,
	    .esr = 0x24ull << 26 | 1 << 24 | 3 << 22 | 1 << 15 | 1 << 6 | 0x0d,
	    .far = 8, .hpfar = (l1 + 67 * L3_SIZE) >> 8, .gprs[0] = 0x5555);
}
END_TEST

/* A block of RAM that nothing is behind: the level of the fault is its. */
START_TEST(ram_blocks)
{
	const uint64_t l2 = 5 * L2_SIZE, l1 = 2 * L1_SIZE;

	w = drive_new_realm();
	ck_call(w, RTT_INIT_RIPAS, RD, l2, l2 + L2_SIZE);
	ck_call(w, RTT_INIT_RIPAS, RD, l1, l1 + L1_SIZE);
	ck_call(w, REALM_ACTIVATE, RD);
	drive_enter_flags(w, REC, 0);
	ck_assert_int_eq(drive_load(w, REC, l2 + 0x3008), RMM_EXITED);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_SYNC,
	    .esr = 0x24ull << 26 | 0x06, .hpfar = (l2 + 0x3000) >> 8);
	drive_enter_flags(w, REC, 0);
	ck_assert_int_eq(drive_store(w, REC, l1 + 0x123450), RMM_EXITED);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_SYNC,
	    .esr = 0x24ull << 26 | 0x05, .hpfar = (l1 + 0x123000) >> 8);
	world_free(w);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("access");
	TCase *tc = tcase_create("access");
	TCase *blocks = tcase_create("blocks");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
	    tc, table, 0, 5 * (int)(sizeof rows / sizeof rows[0]));
	tcase_add_test(tc, translations);
	tcase_add_loop_test(tc, registers, 0, sizeof loads / sizeof loads[0]);
	tcase_add_test(tc, bytes);
	tcase_add_test(tc, no_accesses);
	tcase_add_test(tc, unprotected_blocks);
	suite_add_tcase(s, tc);
	tcase_add_test(blocks, protected_block);
	tcase_add_test(blocks, ram_blocks);
	suite_add_tcase(s, blocks);
	return s;
}

int
main(void)
{
	return run_suite(suite());
}
