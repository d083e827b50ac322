/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI: each condition of B5.3 alone, and what a success gives the realm and the
 * host; X0 to X16 are compared after each call.
 */
#include "drive.h"

#include <stdlib.h>
#include <string.h>

#include "rmm/realm.h"
#include "rmm/rec.h"

#define REJECT(id, ...) \
	ck_realm_reject(w, REC, id, RSI_ERROR_INPUT, __VA_ARGS__)
#define FAILED() ck_results(w, REC, RSI_ERROR_INPUT)
#define CALL_OK(name, ...) \
	ck_assert_int_eq(SMC(w, REC, RSI_FID_##name, __VA_ARGS__), RMM_GOES_ON)
#define CALL_EXITS(name, ...) \
	ck_assert_int_eq(SMC(w, REC, RSI_FID_##name, __VA_ARGS__), RMM_EXITED)
#define BEYOND (1ull << IPA_WIDTH)

static struct world *w;

static void
setup(void)
{
	w = drive_new();
	drive_enter_flags(w, REC, 0);
}

static void
teardown(void)
{
	world_free(w);
}

/* ---- What any call may come to -------------------------------------------
 */

START_TEST(unknown_calls)
{
	static const uint64_t fids[] = { 0, 0xC400018F, 0xC400019A, 0xC4000150,
		0xC400015C, 0x84000190, 0x84000001, 0x84000003, 0x84000004,
		0x84000005, 0x8400000B, 0xC4000005, 0xC4000000, 0xC4000002,
		0x80000001, 0xC0000000, 1ull << 32 | 0xC4000190, UINT64_MAX };
	struct rmm_regs before, after;

	for (unsigned i = 0; i < sizeof fids / sizeof fids[0]; i++) {
		uint64_t pc = drive_pc(w, REC);

		ck_assert_int_eq(SMC(w, REC, fids[i], 1, 2, 3), RMM_GOES_ON);
		ck_assert_uint_eq(drive_gpr(w, REC, 0), UINT64_MAX);
		ck_assert_str_eq(w->result.answer.condition, "fid");
		ck_assert_ptr_null(w->result.answer.command);
		/* Nothing else is changed. */
		ck_assert_uint_eq(drive_gpr(w, REC, 1), 1);
		ck_assert_uint_eq(drive_gpr(w, REC, 4), 0xbad0004);
		ck_assert_uint_eq(drive_pc(w, REC), pc + 4);
	}
	/* The hint of SMCCC 1.3 is no part of an id. */
	ck_assert_int_eq(
	    SMC(w, REC, RSI_FID_FEATURES | 1 << 16, 0), RMM_GOES_ON);
	ck_results(w, REC, RSI_SUCCESS, 0);
	/* HVC (A4.5). */
	ck_assert(rmm_regs(w->rmm, REC, &before));
	before.sysregs[REC_VBAR_EL1] = 0x8000;
	before.sysregs[REC_FAR_EL1] = 0x77;
	ck_assert(rmm_set_regs(w->rmm, REC, &before));
	ck_assert(rmm_realm_hvc(w->rmm, REC, &w->result));
	ck_assert_int_eq(w->result.outcome, RMM_EXCEPTION);
	ck_assert_uint_eq(w->result.esr, 1 << 25);
	ck_assert(rmm_regs(w->rmm, REC, &after));
	ck_assert_uint_eq(after.pc, 0x8200);
	ck_assert_uint_eq(after.sysregs[REC_ELR_EL1], before.pc);
	ck_assert_uint_eq(after.sysregs[REC_ESR_EL1], 1 << 25);
	ck_assert_uint_eq(after.sysregs[REC_FAR_EL1], 0x77);
	ck_assert_mem_eq(after.gprs, before.gprs, sizeof after.gprs);
}
END_TEST

/* From which level, and with which stack pointer (exception vectors). */
START_TEST(vectors)
{
	static const struct {
		uint64_t pstate, offset, ec;
	} rows[] = {
		{ 0x0, 0x400, 0x24 },
		{ 0x4, 0x000, 0x25 },
		{ 0x5, 0x200, 0x25 },
		{ 0x60000005, 0x200, 0x25 },
	};

	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rmm_regs regs;

		ck_assert(rmm_regs(w->rmm, REC, &regs));
		regs.sysregs[REC_VBAR_EL1] = 0x9000;
		regs.pstate = rows[i].pstate;
		regs.pc = 0x123400;
		ck_assert(rmm_set_regs(w->rmm, REC, &regs));
		ck_assert_int_eq(drive_load(w, REC, IPA_EMPTY), RMM_EXCEPTION);
		ck_assert(rmm_regs(w->rmm, REC, &regs));
		ck_assert_uint_eq(regs.pc, 0x9000 + rows[i].offset);
		ck_assert_uint_eq(regs.pstate, 0x3c5);
		ck_assert_uint_eq(regs.sysregs[REC_SPSR_EL1], rows[i].pstate);
		ck_assert_uint_eq(regs.sysregs[REC_ELR_EL1], 0x123400);
		ck_assert_uint_eq(regs.sysregs[REC_ESR_EL1] >> 26, rows[i].ec);
	}
}
END_TEST

START_TEST(version)
{
	static const uint64_t wrong[] = { 0, 1, 0x10001, 0x20000, 0x7fffffff };

	CALL_OK(VERSION, 0x10000);
	ck_results(w, REC, RSI_SUCCESS, 0x10000, 0x10000);
	/* Bits that should be zero are not looked at. */
	CALL_OK(VERSION, 1ull << 31 | 0x10000);
	ck_results(w, REC, RSI_SUCCESS, 0x10000, 0x10000);
	for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		REJECT(req, RSI_FID_VERSION, wrong[i]);
		ck_results(w, REC, RSI_ERROR_INPUT, 0x10000, 0x10000);
	}
}
END_TEST

START_TEST(features)
{
	for (uint64_t index = 0; index < 3; index++) {
		CALL_OK(FEATURES, index);
		ck_results(w, REC, RSI_SUCCESS, 0);
	}
	CALL_OK(FEATURES, UINT64_MAX);
	ck_results(w, REC, RSI_SUCCESS, 0);
}
END_TEST

/* ---- Measurements --------------------------------------------------------
 */

START_TEST(measurements)
{
	uint64_t x[9] = { RSI_SUCCESS };

	for (uint64_t index = 0; index < 5; index++) {
		struct rmm_realm_info realm = world_realm_info(w, RD);

		memcpy(&x[1], realm.measurements[index], 64);
		CALL_OK(MEASUREMENT_READ, index);
		drive_results(w, REC, x, 9);
		if (index == 0)
			continue;
		CALL_OK(MEASUREMENT_EXTEND, index, 64, 1, 2, 3, 4, 5, 6, 7, 8);
		ck_results(w, REC, RSI_SUCCESS);
		ck_assert_mem_ne(world_realm_info(w, RD).measurements[index],
		    realm.measurements[index], 64);
		for (unsigned i = 0; i < 5; i++)
			if (i != index)
				ck_assert_mem_eq(
				    world_realm_info(w, RD).measurements[i],
				    realm.measurements[i], 64);
	}
	/* No byte above size is hashed. */
	for (unsigned i = 0; i < 2; i++) {
		memset(realm_at(w->rmm, RD)->measurements[1 + i], 0, 64);
		CALL_OK(MEASUREMENT_EXTEND, 1 + i, 9, 1, 2 + i * 0x100, 3 + i,
		    4 + i);
	}
	ck_assert_mem_eq(world_realm_info(w, RD).measurements[1],
	    world_realm_info(w, RD).measurements[2], 64);
	CALL_OK(MEASUREMENT_EXTEND, 4, 0);
	ck_results(w, REC, RSI_SUCCESS);

	REJECT(index_bound, RSI_FID_MEASUREMENT_READ, 5);
	FAILED();
	REJECT(index_bound, RSI_FID_MEASUREMENT_READ, UINT64_MAX);
	REJECT(index_bound, RSI_FID_MEASUREMENT_EXTEND, 0, 32);
	REJECT(index_bound, RSI_FID_MEASUREMENT_EXTEND, 5, 32);
	REJECT(index_bound, RSI_FID_MEASUREMENT_EXTEND, 1ull << 32 | 1, 32);
	REJECT(size_bound, RSI_FID_MEASUREMENT_EXTEND, 1, 65);
	REJECT(size_bound, RSI_FID_MEASUREMENT_EXTEND, 1, UINT64_MAX);
	FAILED();
}
END_TEST

/* ---- REALM_CONFIG, and buffers in general ---------------------------------
 */

START_TEST(realm_config)
{
	struct rsi_realm_config config, must = { .ipa_width = IPA_WIDTH };
	const uint8_t rubbish[GRANULE_SIZE] = { [0 ... 4095] = 0x5a };

	memcpy(must.rpv, world_realm_info(w, RD).rpv, 64);
	drive_write(w, REC, IPA_RAM_2, rubbish, sizeof rubbish);
	CALL_OK(REALM_CONFIG, IPA_RAM_2);
	ck_results(w, REC, RSI_SUCCESS);
	drive_read(w, REC, IPA_RAM_2, &config, sizeof config);
	ck_assert_mem_eq(&config, &must, sizeof must);
	REJECT(addr_align, RSI_FID_REALM_CONFIG, IPA_RAM_2 + 256);
	REJECT(addr_bound, RSI_FID_REALM_CONFIG, IPA_NS);
	REJECT(addr_bound, RSI_FID_REALM_CONFIG, BEYOND);
	REJECT(addr_bound, RSI_FID_REALM_CONFIG, -4096ull);
	FAILED();
}
END_TEST

static const struct {
	uint64_t fid;
	uint64_t x[3]; /* from X2 on */
} buffers[] = {
	{ RSI_FID_REALM_CONFIG, { 0 } },
	{ RSI_FID_HOST_CALL, { 0 } },
	{ RSI_FID_ATTESTATION_TOKEN_CONTINUE, { 0, 16 } },
};

/* What no memory is behind: the realm's fault, or the host's. */
START_TEST(buffer_not_there)
{
	static const uint64_t absent[] = { IPA_RAM_UNASSIGNED,
		IPA_DESTROYED_UNASSIGNED, IPA_DESTROYED };
	uint64_t fid = buffers[_i].fid, size = buffers[_i].x[1];

	CALL_OK(ATTESTATION_TOKEN_INIT, 0);
	REJECT(addr_ripas, fid, IPA_EMPTY, 0, size);
	FAILED();
	REJECT(addr_ripas, fid, IPA_EMPTY_UNASSIGNED, 0, size);
	for (unsigned i = 0; i < 3; i++) {
		uint64_t pc = drive_pc(w, REC);

		ck_assert_int_eq(
		    SMC(w, REC, fid, absent[i], 0, size), RMM_EXITED);
		ck_exit(w, REC, .exit_reason = RMI_EXIT_SYNC,
		    .esr = 0x24ull << 26 | 0x07, .hpfar = absent[i] >> 8);
		/* The call is made again. */
		ck_assert(!drive_rec(w, REC).host_call_pending);
		ck_assert_uint_eq(drive_pc(w, REC), pc);
		drive_enter_flags(w, REC, 0);
		ck_assert_uint_eq(drive_gpr(w, REC, 0), fid);
		ck_assert_uint_eq(drive_gpr(w, REC, 1), absent[i]);
		ck_assert_uint_eq(drive_gpr(w, REC, 3), size);
	}
	drive_kick(w, REC);
	ck_call(w, DATA_CREATE_UNKNOWN, RD, FREE, IPA_RAM_UNASSIGNED);
	drive_enter_flags(w, REC, 0);
	ck_assert_int_eq(SMC(w, REC, fid, IPA_RAM_UNASSIGNED, 0, size),
	    fid == RSI_FID_HOST_CALL ? RMM_EXITED : RMM_GOES_ON);
}
END_TEST

/* ---- The token ------------------------------------------------------------
 */

static const uint64_t challenge[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static uint64_t
token_init(void)
{
	uint64_t size;

	CALL_OK(ATTESTATION_TOKEN_INIT, 1, 2, 3, 4, 5, 6, 7, 8);
	size = drive_gpr(w, REC, 1);
	ck_assert_uint_eq(size, rmm_token_max(w->rmm));
	ck_results(w, REC, RSI_SUCCESS, size);
	return size;
}

/* The whole token, in pieces, to IPA_RAM_2 + offset. */
static size_t
token_read(uint8_t *token, uint64_t offset, uint64_t piece)
{
	size_t size = 0;
	uint64_t status;

	do {
		CALL_OK(ATTESTATION_TOKEN_CONTINUE, IPA_RAM_2, offset, piece);
		uint64_t len = drive_gpr(w, REC, 1);

		status = drive_gpr(w, REC, 0);
		ck_results(w, REC, status, len);
		ck_assert_uint_le(len, piece);
		ck_assert_uint_le(size + len, rmm_token_max(w->rmm));
		if (status == RSI_INCOMPLETE)
			ck_assert_uint_eq(len, piece);
		else
			ck_assert_uint_eq(status, RSI_SUCCESS);
		if (len > 0)
			drive_read(w, REC, IPA_RAM_2 + offset, token + size,
			    (uint32_t)len);
		size += len;
	} while (status == RSI_INCOMPLETE);
	return size;
}

START_TEST(token_pieces)
{
	static const struct {
		uint64_t offset, piece;
	} rows[] = { { 0, 1 }, { 5, 97 }, { 4000, 96 }, { 0, 4096 } };
	size_t max = token_init();
	uint8_t *token = malloc(max), *must = malloc(max);
	size_t size =
	    rmm_token(w->rmm, RD, (const uint8_t *)challenge, must, max);

	ck_assert_uint_gt(size, 0);
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		memset(token, 0, max);
		(void)token_init();
		ck_assert_uint_eq(
		    token_read(token, rows[i].offset, rows[i].piece), size);
		ck_assert_mem_eq(token, must, size);
		/* It is over. */
		ck_realm_reject(w, REC, state, RSI_ERROR_STATE,
		    RSI_FID_ATTESTATION_TOKEN_CONTINUE, IPA_RAM_2, 0, 8);
		ck_results(w, REC, RSI_ERROR_STATE);
	}
	free(token);
	free(must);
}
END_TEST

/* What the token says is settled at its beginning, and INIT begins anew. */
START_TEST(token_restarts)
{
	size_t max = rmm_token_max(w->rmm), size;
	uint8_t *token = malloc(max), *must = malloc(max);

	(void)token_init();
	size = rmm_token(w->rmm, RD, (const uint8_t *)challenge, must, max);
	CALL_OK(ATTESTATION_TOKEN_CONTINUE, IPA_RAM_2, 0, 100);
	ck_results(w, REC, RSI_INCOMPLETE, 100);
	CALL_OK(MEASUREMENT_EXTEND, 1, 8, 1);
	/* Another REC's token is another operation. */
	drive_enter_flags(w, REC2, 0);
	ck_assert_int_eq(
	    SMC(w, REC2, RSI_FID_ATTESTATION_TOKEN_CONTINUE, IPA_RAM_3, 0, 8),
	    RMM_GOES_ON);
	ck_results(w, REC2, RSI_ERROR_STATE);
	ck_assert_int_eq(
	    SMC(w, REC2, RSI_FID_ATTESTATION_TOKEN_INIT, 9), RMM_GOES_ON);
	ck_assert_int_eq(
	    SMC(w, REC2, RSI_FID_ATTESTATION_TOKEN_CONTINUE, IPA_RAM_3, 0, 8),
	    RMM_GOES_ON);
	/* An exit in between is none of its business. */
	drive_kick(w, REC);
	drive_enter_flags(w, REC, 0);
	memcpy(token, must, 100);
	ck_assert_uint_eq(token_read(token + 100, 0, 4096), size - 100);
	ck_assert_mem_eq(token, must, size);
	/* The extended measurement is in the next one. */
	(void)token_init();
	CALL_OK(ATTESTATION_TOKEN_CONTINUE, IPA_RAM_2, 0, 1000);
	(void)token_init();
	size = rmm_token(w->rmm, RD, (const uint8_t *)challenge, must, max);
	ck_assert_uint_eq(token_read(token, 0, 4096), size);
	ck_assert_mem_eq(token, must, size);
	free(token);
	free(must);
}
END_TEST

START_TEST(token_conditions)
{
	const uint64_t fid = RSI_FID_ATTESTATION_TOKEN_CONTINUE;

	ck_realm_reject(
	    w, REC, state, RSI_ERROR_STATE, fid, IPA_RAM_2, 0, 4096);
	(void)token_init();
	REJECT(addr_align, fid, IPA_RAM_2 + 8, 0, 8);
	REJECT(addr_bound, fid, IPA_NS, 0, 8);
	REJECT(addr_bound, fid, BEYOND, 0, 8);
	REJECT(offset_bound, fid, IPA_RAM_2, 4096, 0);
	REJECT(offset_bound, fid, IPA_RAM_2, UINT64_MAX, 0);
	REJECT(size_overflow, fid, IPA_RAM_2, 8, -8ull);
	REJECT(size_bound, fid, IPA_RAM_2, 8, 4089);
	FAILED();
	CALL_OK(ATTESTATION_TOKEN_CONTINUE, IPA_RAM_2, 4095, 0);
	ck_results(w, REC, RSI_INCOMPLETE, 0);
	/* None of them has ended it. */
	CALL_OK(ATTESTATION_TOKEN_CONTINUE, IPA_RAM_2, 0, 4096);
	ck_assert_uint_ne(drive_gpr(w, REC, 1), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("rsi");
	TCase *tc = tcase_create("rsi");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, unknown_calls);
	tcase_add_test(tc, vectors);
	tcase_add_test(tc, version);
	tcase_add_test(tc, features);
	tcase_add_test(tc, measurements);
	tcase_add_test(tc, realm_config);
	tcase_add_loop_test(tc, buffer_not_there, 0, 3);
	tcase_add_test(tc, token_pieces);
	tcase_add_test(tc, token_restarts);
	tcase_add_test(tc, token_conditions);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(suite());
}
