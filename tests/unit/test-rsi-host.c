/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The calls of RSI that the host has a part in, HOST_CALL and IPA_STATE_SET,
 * and IPA_STATE_GET: each condition of B5.3.4 to B5.3.6 alone, what the exit
 * tells the host, and what the next entry gives the realm.
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

/* ---- HOST_CALL ------------------------------------------------------------
 */

START_TEST(host_call)
{
	struct rmi_rec_exit must = { .exit_reason = RMI_EXIT_HOST_CALL,
		.imm = 0xfedc };
	struct rmi_rec_run *run = drive_run(w, REC);
	uint8_t page[GRANULE_SIZE], after[GRANULE_SIZE];
	struct rsi_host_call *data = (struct rsi_host_call *)(page + 0x300);
	uint64_t pc = drive_pc(w, REC);

	memset(page, 0x77, sizeof page);
	data->imm = 0xfedc;
	for (unsigned i = 0; i < RMI_REC_GPRS; i++)
		must.gprs[i] = data->gprs[i] = 0x1000 + i;
	drive_write(w, REC, IPA_RAM_2, page, sizeof page);
	pc += 4;
	CALL_EXITS(HOST_CALL, IPA_RAM_2 + 0x300);
	drive_exited(w, REC, &must);
	ck_assert(drive_rec(w, REC).host_call_pending);
	ck_assert_uint_eq(drive_pc(w, REC), pc + 4);
	/* A failed entry leaves it pending. */
	run->enter.gicv3_hcr = 1;
	ck_reject(w, rec_gicv3, RMI_ERROR_REC, REC_ENTER, REC, RUN);
	run->enter.gicv3_hcr = 0;
	ck_assert(drive_rec(w, REC).host_call_pending);
	for (unsigned i = 0; i < RMI_REC_GPRS; i++)
		run->enter.gprs[i] = data->gprs[i] = 0x2000 + i;
	drive_enter(w, REC);
	ck_assert(!drive_rec(w, REC).host_call_pending);
	ck_results(w, REC, RSI_SUCCESS);
	drive_read(w, REC, IPA_RAM_2, after, sizeof after);
	/* Neither imm nor what is beside the structure. */
	ck_assert_mem_eq(page, after, sizeof page);
	/* Only once. */
	drive_kick(w, REC);
	run->enter.gprs[5] = 0xbad;
	drive_enter(w, REC);
	drive_read(w, REC, IPA_RAM_2, after, sizeof after);
	ck_assert_mem_eq(page, after, sizeof page);

	REJECT(addr_align, RSI_FID_HOST_CALL, IPA_RAM_2 + 128);
	REJECT(addr_bound, RSI_FID_HOST_CALL, IPA_NS);
	REJECT(addr_bound, RSI_FID_HOST_CALL, BEYOND);
	FAILED();
	/* The last one in a page. */
	CALL_EXITS(HOST_CALL, IPA_RAM_2 + 0xf00);
}
END_TEST

/* The host takes the page away before it returns (A4.2.2). */
START_TEST(host_call_unmapped)
{
	struct rmi_rec_run *run = drive_run(w, REC);
	struct rsi_host_call data;
	uint64_t pc;

	CALL_EXITS(HOST_CALL, IPA_RAM_2 + 0x300);
	pc = drive_pc(w, REC);
	ck_call(w, DATA_DESTROY, RD, IPA_RAM_2);
	for (unsigned i = 0; i < 2; i++) {
		run->enter.gprs[2] = 0x55;
		drive_enter_exits(w, REC, 0);
		ck_exit(w, REC, .exit_reason = RMI_EXIT_SYNC,
		    .esr = 0x24ull << 26 | 0x07, .hpfar = IPA_RAM_2 >> 8);
		ck_assert(drive_rec(w, REC).host_call_pending);
		ck_assert(!drive_rec(w, REC).emulatable_abort);
		ck_assert_uint_eq(drive_pc(w, REC), pc);
	}
	/* It is no abort of the realm's. */
	run->enter.flags = RMI_REC_ENTER_EMUL_MMIO;
	ck_reject(w, rec_mmio, RMI_ERROR_REC, REC_ENTER, REC, RUN);
	drive_enter_exits(w, REC, RMI_REC_ENTER_INJECT_SEA);
	ck_assert(!w->answer.sea);
	/*
	 * DESTROYED stays so until the realm agrees to a change, which it can
	 * not while its only call is pending: another REC does it.
	 */
	drive_enter_flags(w, REC2, 0);
	ck_assert_int_eq(SMC(w, REC2, RSI_FID_IPA_STATE_SET, IPA_RAM_2,
			     IPA_RAM_3, RSI_RAM, RSI_CHANGE_DESTROYED),
	    RMM_EXITED);
	ck_call(w, RTT_SET_RIPAS, RD, REC2, IPA_RAM_2, IPA_RAM_3);
	drive_enter_exits(w, REC, 0);
	ck_call(w, DATA_CREATE_UNKNOWN, RD, FREE, IPA_RAM_2);
	drive_run(w, REC)->enter.flags = 0;
	run->enter.gprs[2] = 0x66;
	drive_enter(w, REC);
	ck_assert(!drive_rec(w, REC).host_call_pending);
	ck_results(w, REC, RSI_SUCCESS);
	ck_assert_uint_eq(drive_pc(w, REC), pc);
	drive_read(w, REC, IPA_RAM_2 + 0x300, &data, sizeof data);
	ck_assert_uint_eq(data.gprs[2], 0x66);
}
END_TEST

/* ... and RIPAS has become EMPTY: there is no mapping either. */
START_TEST(host_call_emptied)
{
	CALL_EXITS(HOST_CALL, IPA_RAM_2);
	drive_enter_flags(w, REC2, 0);
	ck_assert_int_eq(SMC(w, REC2, RSI_FID_IPA_STATE_SET, IPA_RAM_2,
			     IPA_RAM_3, RSI_EMPTY, 0),
	    RMM_EXITED);
	ck_call(w, RTT_SET_RIPAS, RD, REC2, IPA_RAM_2, IPA_RAM_3);
	drive_enter_exits(w, REC, 0);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_SYNC,
	    .esr = 0x24ull << 26 | 0x07, .hpfar = IPA_RAM_2 >> 8);
}
END_TEST

/* ---- IPA_STATE_SET --------------------------------------------------------
 */

#define SET_EXITS(base, top, ripas, flags)                            \
	do {                                                          \
		CALL_EXITS(IPA_STATE_SET, base, top, ripas, flags);   \
		ck_exit(w, REC, .exit_reason = RMI_EXIT_RIPAS_CHANGE, \
		    .ripas_base = (base), .ripas_top = (top),         \
		    .ripas_value = (uint8_t)(ripas));                 \
	} while (0)
#define REJECTS RMI_REC_ENTER_RIPAS_RESPONSE

START_TEST(ipa_state_set)
{
	struct rmm_rec_info rec;

	SET_EXITS(IPA_EMPTY_UNASSIGNED, IPA_DESTROYED_UNASSIGNED, RSI_RAM, 0);
	rec = drive_rec(w, REC);
	ck_assert_uint_eq(rec.ripas_addr, IPA_EMPTY_UNASSIGNED);
	ck_assert_uint_eq(rec.ripas_top, IPA_DESTROYED_UNASSIGNED);
	ck_assert_uint_eq(rec.ripas_value, RSI_RAM);
	ck_call(w, RTT_SET_RIPAS, RD, REC, IPA_EMPTY_UNASSIGNED,
	    IPA_DESTROYED_UNASSIGNED);
	drive_enter_flags(w, REC, 0);
	ck_results(w, REC, RSI_SUCCESS, IPA_DESTROYED_UNASSIGNED, RSI_ACCEPT);
	rec = drive_rec(w, REC);
	ck_assert_uint_eq(rec.ripas_addr, 0);
	ck_assert_uint_eq(rec.ripas_top, 0);
	ck_assert_uint_eq(drive_pc(w, REC), PC_START + 4);
	ck_assert_int_eq(drive_store(w, REC, IPA_EMPTY), RMM_GOES_ON);
	/* It is over: the next exit has none of it (A4.3.8). */
	drive_kick(w, REC);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_IRQ);
	ck_reject(w, base_bound, RMI_ERROR_INPUT, RTT_SET_RIPAS, RD, REC,
	    IPA_EMPTY_UNASSIGNED, IPA_DESTROYED_UNASSIGNED);
	ck_reject(w, top_bound, RMI_ERROR_INPUT, RTT_SET_RIPAS, RD, REC, 0,
	    IPA_DESTROYED_UNASSIGNED);
}
END_TEST

static const struct {
	uint64_t ripas;
	uint64_t done; /* pages of the two that the host changes */
	uint64_t flags;
	uint64_t response;
} answers[] = {
	{ RSI_RAM, 0, 0, RSI_ACCEPT },
	{ RSI_RAM, 0, REJECTS, RSI_REJECT },
	{ RSI_RAM, 1, 0, RSI_ACCEPT },
	{ RSI_RAM, 1, REJECTS, RSI_REJECT },
	{ RSI_RAM, 2, 0, RSI_ACCEPT },
	{ RSI_RAM, 2, REJECTS, RSI_ACCEPT },
	{ RSI_EMPTY, 0, 0, RSI_ACCEPT },
	{ RSI_EMPTY, 0, REJECTS, RSI_ACCEPT },
	{ RSI_EMPTY, 1, REJECTS, RSI_ACCEPT },
	{ RSI_EMPTY, 2, REJECTS, RSI_ACCEPT },
};

/* RecRipasChangeResponse (B3.40). */
START_TEST(ipa_state_set_answers)
{
	uint64_t base = IPA_RAM_2, top = IPA_RAM_2 + 2 * L3_SIZE;

	SET_EXITS(base, top, answers[_i].ripas, 0);
	for (uint64_t i = 0; i < answers[_i].done; i++)
		ck_call(w, RTT_SET_RIPAS, RD, REC, base + i * L3_SIZE,
		    base + (i + 1) * L3_SIZE);
	/* An entry that fails answers nothing. */
	drive_run(w, REC)->enter.gicv3_hcr = 1;
	ck_reject(w, rec_gicv3, RMI_ERROR_REC, REC_ENTER, REC, RUN);
	drive_enter_flags(w, REC, answers[_i].flags);
	ck_results(w, REC, RSI_SUCCESS, base + answers[_i].done * L3_SIZE,
	    answers[_i].response);
}
END_TEST

/* The realm's loop, a page at a time, until a DESTROYED one (A5.4). */
START_TEST(ipa_state_set_loops)
{
	uint64_t base = 0, top = IPA_RAM_2;
	unsigned loops = 0;

	while (base < IPA_DESTROYED_UNASSIGNED) {
		SET_EXITS(base, top, RSI_RAM, 0);
		ck_call(w, RTT_SET_RIPAS, RD, REC, base, base + L3_SIZE);
		ck_assert_uint_eq(w->answer.x[1], base + L3_SIZE);
		drive_enter_flags(w, REC, 0);
		ck_results(w, REC, RSI_SUCCESS, base + L3_SIZE, RSI_ACCEPT);
		base = drive_gpr(w, REC, 1);
		loops++;
	}
	ck_assert_uint_eq(loops, 4);
	SET_EXITS(base, top, RSI_RAM, 0);
	ck_reject(w, no_progress, RMI_RESULT(RMI_ERROR_RTT, 3), RTT_SET_RIPAS,
	    RD, REC, base, top);
	drive_enter_flags(w, REC, 0);
	ck_results(w, REC, RSI_SUCCESS, base, RSI_ACCEPT);
	/* From 0 on, it goes as far as there. */
	SET_EXITS(0, top, RSI_RAM, 0);
	ck_call(w, RTT_SET_RIPAS, RD, REC, 0, top);
	ck_assert_uint_eq(w->answer.x[1], IPA_DESTROYED_UNASSIGNED);
	drive_enter_flags(w, REC, REJECTS);
	ck_results(w, REC, RSI_SUCCESS, base, RSI_REJECT);
	SET_EXITS(base, top, RSI_RAM, RSI_CHANGE_DESTROYED);
	ck_call(w, RTT_SET_RIPAS, RD, REC, base, top);
	ck_assert_uint_eq(w->answer.x[1], top);
	drive_enter_flags(w, REC, 0);
	ck_results(w, REC, RSI_SUCCESS, top, RSI_ACCEPT);
}
END_TEST

START_TEST(ipa_state_set_conditions)
{
	const uint64_t fid = RSI_FID_IPA_STATE_SET;

	REJECT(base_align, fid, 1, 0x1000, RSI_RAM, 0);
	REJECT(top_align, fid, 0, 0x1001, RSI_RAM, 0);
	REJECT(size_valid, fid, 0x1000, 0x1000, RSI_RAM, 0);
	REJECT(size_valid, fid, 0x2000, 0x1000, RSI_RAM, 0);
	REJECT(rgn_bound, fid, UNPROT, UNPROT + 0x1000, RSI_RAM, 0);
	REJECT(rgn_bound, fid, 0, UNPROT + 0x1000, RSI_RAM, 0);
	REJECT(rgn_bound, fid, 0, -4096ull, RSI_RAM, 0);
	REJECT(rgn_bound, fid, BEYOND, BEYOND + 0x1000, RSI_RAM, 0);
	REJECT(ripas_valid, fid, 0, 0x1000, RSI_DESTROYED, 0);
	REJECT(ripas_valid, fid, 0, 0x1000, RSI_DEV, 0);
	REJECT(ripas_valid, fid, 0, 0x1000, 0xff, 0);
	FAILED();
	ck_assert_uint_eq(drive_rec(w, REC).ripas_top, 0);
	/* X3[63:8] and reserved flags should be zero, and are not looked at. */
	CALL_EXITS(IPA_STATE_SET, 0, UNPROT, 1ull << 8 | RSI_RAM, 1 << 1);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_RIPAS_CHANGE,
	    .ripas_top = UNPROT, .ripas_value = RSI_RAM);
}
END_TEST

/* ---- IPA_STATE_GET --------------------------------------------------------
 */

START_TEST(ipa_state_get)
{
	static const struct {
		uint64_t base, top, out_top, ripas;
	} rows[] = {
		{ 0, 0x1000, 0x1000, RSI_RAM },
		{ 0, 0x8000, 0x2000, RSI_RAM },
		{ 0x1000, UNPROT, 0x2000, RSI_RAM },
		{ 0x2000, UNPROT, 0x4000, RSI_EMPTY },
		{ 0x4000, UNPROT, 0x6000, RSI_DESTROYED },
		{ 0x4000, 0x5000, 0x5000, RSI_DESTROYED },
		{ 0x6000, UNPROT, 0x8000, RSI_RAM },
		/* To the end of the table at level 3. */
		{ 0x8000, UNPROT, L2_SIZE, RSI_EMPTY },
		/* Within an entry of level 2; to the end of its table. */
		{ L2_SIZE, L2_SIZE + L3_SIZE, L2_SIZE + L3_SIZE, RSI_EMPTY },
		{ L2_SIZE + L3_SIZE, UNPROT, L1_SIZE, RSI_EMPTY },
		/* Level 1: no table below ends it. */
		{ L1_SIZE + L3_SIZE, UNPROT, UNPROT, RSI_EMPTY },
		{ UNPROT - L3_SIZE, UNPROT, UNPROT, RSI_EMPTY },
	};
	const uint64_t fid = RSI_FID_IPA_STATE_GET;

	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		CALL_OK(IPA_STATE_GET, rows[i].base, rows[i].top);
		ck_results(w, REC, RSI_SUCCESS, rows[i].out_top, rows[i].ripas);
	}
	REJECT(base_align, fid, 8, 0x1000);
	REJECT(end_align, fid, 0, 0x1008);
	REJECT(size_valid, fid, 0x1000, 0x1000);
	REJECT(size_valid, fid, 0x1000, 0);
	REJECT(rgn_bound, fid, 0, UNPROT + 0x1000);
	REJECT(rgn_bound, fid, UNPROT, UNPROT + 0x1000);
	REJECT(rgn_bound, fid, 0, BEYOND);
	FAILED();
}
END_TEST

/* A TABLE entry ends a range, and another table may begin with the same. */
START_TEST(ipa_state_get_tables)
{
	drive_kick(w, REC);
	ck_call(w, RTT_CREATE, RD, FREE, 3 * L2_SIZE, 3);
	drive_enter_flags(w, REC, 0);
	CALL_OK(IPA_STATE_GET, L2_SIZE, L1_SIZE);
	ck_results(w, REC, RSI_SUCCESS, 3 * L2_SIZE, RSI_EMPTY);
	CALL_OK(IPA_STATE_GET, 3 * L2_SIZE, L1_SIZE);
	ck_results(w, REC, RSI_SUCCESS, 4 * L2_SIZE, RSI_EMPTY);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("rsi-host");
	TCase *tc = tcase_create("rsi-host");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, host_call);
	tcase_add_test(tc, host_call_unmapped);
	tcase_add_test(tc, host_call_emptied);
	tcase_add_test(tc, ipa_state_set);
	tcase_add_loop_test(
	    tc, ipa_state_set_answers, 0, sizeof answers / sizeof answers[0]);
	tcase_add_test(tc, ipa_state_set_loops);
	tcase_add_test(tc, ipa_state_set_conditions);
	tcase_add_test(tc, ipa_state_get);
	tcase_add_test(tc, ipa_state_get_tables);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(suite());
}
