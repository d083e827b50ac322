/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A REC that runs: what an entry does (A4.2), the record of each exit byte by
 * byte (A4.3), and what the host can not do meanwhile.
 */
#include "drive.h"

#include <string.h>

#include "rmm/machine.h"

#define EMUL	RMI_REC_ENTER_EMUL_MMIO
#define SEA	RMI_REC_ENTER_INJECT_SEA
#define ANY_GPR 0x123456789abcdef0ull

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

/* ---- Exits ---------------------------------------------------------------
 */

START_TEST(interrupts)
{
	drive_enter_flags(w, REC, 0);
	ck_assert_uint_eq(drive_pc(w, REC), PC_START);
	drive_kick(w, REC);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_IRQ);
	drive_enter_flags(w, REC, 0);
	ck_assert_int_eq(drive_interrupt(w, REC, RMM_FIQ), RMM_EXITED);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_FIQ);
	drive_enter_flags(w, REC, 0);
	/* EC, and IDS, AET, EA and DFSC of the syndrome (A4.3.10). */
	ck_assert(rmm_realm_interrupt(
	    w->rmm, REC, RMM_SERROR, UINT64_MAX, &w->result));
	ck_exit(w, REC, .exit_reason = RMI_EXIT_SERROR,
	    .esr = 0x2full << 26 | 1 << 24 | 7 << 10 | 1 << 9 | 0x3f);
	/* None of them is an instruction. */
	ck_assert_uint_eq(drive_pc(w, REC), PC_START);
	ck_assert(!rmm_realm_interrupt(w->rmm, REC, RMM_IRQ, 0, &w->result));
	ck_assert(!rmm_realm_interrupt(
	    w->rmm, REC, (enum rmm_interrupt)3, 0, &w->result));
}
END_TEST

static const struct {
	enum rmm_wait wait;
	uint64_t flag;
	uint64_t ti;
	uint64_t gpr0;
} waits[] = {
	{ RMM_WFI, RMI_REC_ENTER_TRAP_WFI, 0, 0 },
	{ RMM_WFE, RMI_REC_ENTER_TRAP_WFE, 1, 0 },
	{ RMM_WFIT, RMI_REC_ENTER_TRAP_WFI, 2, ANY_GPR },
	{ RMM_WFET, RMI_REC_ENTER_TRAP_WFE, 3, ANY_GPR },
};

START_TEST(wait_traps)
{
	uint64_t other =
	    RMI_REC_ENTER_TRAP_WFI ^ RMI_REC_ENTER_TRAP_WFE ^ waits[_i].flag;

	drive_enter_flags(w, REC, waits[_i].flag);
	ck_assert(
	    rmm_realm_wait(w->rmm, REC, waits[_i].wait, ANY_GPR, &w->result));
	ck_assert_int_eq(w->result.outcome, RMM_EXITED);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_SYNC,
	    .esr = 1ull << 26 | waits[_i].ti, .gprs[0] = waits[_i].gpr0);
	ck_assert_uint_eq(drive_pc(w, REC), PC_START + 4);

	/* The other flag is about the others; no flag is kept. */
	drive_enter_flags(w, REC, other);
	ck_assert(
	    rmm_realm_wait(w->rmm, REC, waits[_i].wait, ANY_GPR, &w->result));
	ck_assert_int_eq(w->result.outcome,
	    waits[_i].flag == RMI_REC_ENTER_TRAP_WFI ? RMM_WAITS : RMM_GOES_ON);
	ck_assert(drive_rec(w, REC).running);
	ck_assert_uint_eq(drive_pc(w, REC), PC_START + 8);
	/* An interrupt of the host ends a wait. */
	drive_kick(w, REC);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_IRQ);
	ck_assert(!rmm_realm_wait(w->rmm, REC, RMM_WFI, 0, &w->result));
}
END_TEST

START_TEST(wait_over)
{
	drive_enter_flags(w, REC, 0);
	ck_assert(
	    !rmm_realm_wait(w->rmm, REC, (enum rmm_wait)4, 0, &w->result));
	rmm_set_counter(w->rmm, 1000);
	ck_assert(rmm_realm_wait(w->rmm, REC, RMM_WFIT, 1000, &w->result));
	ck_assert_int_eq(w->result.outcome, RMM_GOES_ON);
	ck_assert(rmm_realm_wait(w->rmm, REC, RMM_WFIT, 1001, &w->result));
	ck_assert_int_eq(w->result.outcome, RMM_WAITS);
}
END_TEST

/* One exit of each kind, whatever the one before it has filled. */
static void
exit_by(unsigned kind)
{
	struct rsi_host_call data = { .imm = 0xabcd };

	for (unsigned i = 0; i < RMI_REC_GPRS; i++)
		data.gprs[i] = ANY_GPR + i;
	switch (kind) {
	case 0:
		drive_kick(w, REC);
		ck_exit(w, REC, .exit_reason = RMI_EXIT_IRQ);
		break;
	case 1:
		ck_assert_int_eq(
		    SMC(w, REC, RSI_FID_IPA_STATE_SET, IPA_EMPTY, 0x5000, 1, 0),
		    RMM_EXITED);
		ck_exit(w, REC, .exit_reason = RMI_EXIT_RIPAS_CHANGE,
		    .ripas_base = IPA_EMPTY, .ripas_top = 0x5000,
		    .ripas_value = 1);
		break;
	case 2:
		ck_assert_int_eq(drive_access(w, REC,
				     &(struct rmm_access){ .kind = RMM_WRITE,
					 .ipa = IPA_RAM + 256,
					 .size = sizeof data },
				     &data),
		    RMM_GOES_ON);
		ck_assert_int_eq(
		    SMC(w, REC, RSI_FID_HOST_CALL, IPA_RAM + 256), RMM_EXITED);
		struct rmi_rec_exit must = { .exit_reason = RMI_EXIT_HOST_CALL,
			.imm = 0xabcd };
		memcpy(must.gprs, data.gprs, sizeof must.gprs);
		drive_exited(w, REC, &must);
		break;
	case 3:
		ck_assert_int_eq(
		    SMC(w, REC, PSCI_FID_CPU_SUSPEND, 1, ANY_GPR, 3),
		    RMM_EXITED);
		ck_exit(w, REC, .exit_reason = RMI_EXIT_PSCI,
		    .gprs = { PSCI_FID_CPU_SUSPEND, 1, ANY_GPR, 3 });
		break;
	case 4:
		drive_set_gpr(w, REC, 1, ANY_GPR);
		ck_assert_int_eq(
		    drive_store(w, REC, IPA_NS_UNASSIGNED + 0x238), RMM_EXITED);
		ck_exit(w, REC, .exit_reason = RMI_EXIT_SYNC,
		    .esr = 0x24ull << 26 | 1 << 24 | 3 << 22 | 1 << 15 |
			1 << 6 | 0x07,
		    .far = 0x238, .hpfar = IPA_NS_UNASSIGNED >> 8,
		    .gprs[0] = ANY_GPR);
		break;
	case 5:
		ck_assert_int_eq(
		    drive_load(w, REC, IPA_RAM_UNASSIGNED), RMM_EXITED);
		ck_exit(w, REC, .exit_reason = RMI_EXIT_SYNC,
		    .esr = 0x24ull << 26 | 0x07,
		    .hpfar = IPA_RAM_UNASSIGNED >> 8);
		break;
	}
}
#define EXIT_KINDS 6

START_TEST(exit_after_exit)
{
	drive_enter_flags(w, REC, 0);
	exit_by((unsigned)_i / EXIT_KINDS);
	drive_enter_flags(w, REC, 0);
	exit_by((unsigned)_i % EXIT_KINDS);
}
END_TEST

/* X0 to X30 are the REC's own, but for the results of calls (A4.2.2). */
START_TEST(gprs_stay)
{
	struct rmi_rec_run *run = drive_run(w, REC);

	drive_enter_flags(w, REC, 0);
	for (unsigned i = 0; i < RMI_REC_GPRS; i++)
		drive_set_gpr(w, REC, i, ANY_GPR ^ i);
	drive_kick(w, REC);
	for (unsigned i = 0; i < RMI_REC_GPRS; i++)
		run->enter.gprs[i] = 0xbad;
	drive_enter(w, REC);
	for (unsigned i = 0; i < RMI_REC_GPRS; i++)
		ck_assert_uint_eq(drive_gpr(w, REC, i), ANY_GPR ^ i);
	/* PSCI: X7 to X30 stay. */
	ck_assert_int_eq(
	    SMC(w, REC, PSCI_FID_CPU_SUSPEND, 1, 2, 3), RMM_EXITED);
	drive_enter(w, REC);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(drive_gpr(w, REC, i), 0);
	for (unsigned i = 7; i < 18; i++)
		ck_assert_uint_eq(drive_gpr(w, REC, i), 0xbad0000 + i);
	for (unsigned i = 18; i < RMI_REC_GPRS; i++)
		ck_assert_uint_eq(drive_gpr(w, REC, i), ANY_GPR ^ i);
	ck_assert_uint_eq(drive_pc(w, REC), PC_START + 4);
}
END_TEST

/* ---- The host's answer to an abort ---------------------------------------
 */

static const struct {
	unsigned size;
	bool sse, sf;
	unsigned srt;
	uint64_t given, got;
} loads[] = {
	{ 1, false, false, 3, 0xffffffffffffff80, 0x80 },
	{ 1, true, false, 3, 0x180, 0xffffff80 },
	{ 1, true, true, 3, 0x80, 0xffffffffffffff80 },
	{ 1, true, true, 3, 0xffffff7f, 0x7f },
	{ 2, false, true, 0, 0x12348765, 0x8765 },
	{ 2, true, false, 30, 0x8765, 0xffff8765 },
	{ 2, true, true, 30, 0x8765, 0xffffffffffff8765 },
	{ 4, false, false, 7, UINT64_MAX, 0xffffffff },
	{ 4, true, true, 7, 0x80000000, 0xffffffff80000000 },
	{ 4, false, true, 7, 0x80000000, 0x80000000 },
	{ 8, false, true, 7, UINT64_MAX, UINT64_MAX },
	{ 8, false, true, 31, UINT64_MAX, 0 },
};

START_TEST(emulated_load)
{
	struct rmm_access access = {
		.kind = RMM_READ,
		.ipa = IPA_NS_UNASSIGNED + 0x100,
		.va = 0xffff000012345100,
		.size = loads[_i].size,
		.isv = true,
		.sign_extend = loads[_i].sse,
		.sf = loads[_i].sf,
		.srt = (uint8_t)loads[_i].srt,
	};
	struct rmi_rec_run *run = drive_run(w, REC);
	unsigned sas = (unsigned)__builtin_ctz(loads[_i].size);
	struct rmm_regs before, after;

	drive_enter_flags(w, REC, 0);
	for (unsigned i = 0; i < RMI_REC_GPRS; i++)
		drive_set_gpr(w, REC, i, ANY_GPR ^ i);
	ck_assert_int_eq(drive_access(w, REC, &access, NULL), RMM_EXITED);
	ck_assert(drive_rec(w, REC).emulatable_abort);
	/* SSE and SRT are not told. */
	ck_exit(w, REC, .exit_reason = RMI_EXIT_SYNC,
	    .esr = 0x24ull << 26 | 1 << 24 | sas << 22 |
		(uint64_t)loads[_i].sf << 15 | 0x07,
	    .far = 0x100, .hpfar = IPA_NS_UNASSIGNED >> 8);
	ck_assert(rmm_regs(w->rmm, REC, &before));
	ck_assert_uint_eq(before.pc, PC_START);

	memset(run->enter.gprs, 0xbb, sizeof run->enter.gprs);
	run->enter.gprs[0] = loads[_i].given;
	run->enter.flags = EMUL;
	drive_enter(w, REC);
	ck_assert(!drive_rec(w, REC).emulatable_abort);
	ck_assert(rmm_regs(w->rmm, REC, &after));
	before.pc += 4;
	if (loads[_i].srt < RMI_REC_GPRS)
		before.gprs[loads[_i].srt] = loads[_i].got;
	ck_assert_mem_eq(&before, &after, sizeof before);
}
END_TEST

START_TEST(emulated_store)
{
	struct rmi_rec_run *run = drive_run(w, REC);
	struct rmm_access access = {
		.kind = RMM_WRITE,
		.ipa = IPA_NS_UNASSIGNED,
		.size = 2,
		.isv = true,
		.srt = _i == 1 ? 31 : 9,
	};
	uint64_t told = ANY_GPR;

	w->rmm->config.choices[RMM_CHOICE_MMIO_WRITE] = _i == 2;
	if (_i == 1)
		told = 0; /* XZR */
	else if (_i == 2)
		told &= 0xffff;
	drive_enter_flags(w, REC, 0);
	drive_set_gpr(w, REC, 9, ANY_GPR);
	ck_assert_int_eq(drive_access(w, REC, &access, NULL), RMM_EXITED);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_SYNC,
	    .esr = 0x24ull << 26 | 1 << 24 | 1 << 22 | 1 << 6 | 0x07,
	    .hpfar = IPA_NS_UNASSIGNED >> 8, .gprs[0] = told);
	memset(run->enter.gprs, 0xbb, sizeof run->enter.gprs);
	run->enter.flags = EMUL;
	drive_enter(w, REC);
	ck_assert_uint_eq(drive_gpr(w, REC, 9), ANY_GPR);
	ck_assert_uint_eq(drive_pc(w, REC), PC_START + 4);
}
END_TEST

/* Without the flag, the instruction is made again (A4.4). */
START_TEST(not_emulated)
{
	drive_enter_flags(w, REC, 0);
	ck_assert_int_eq(drive_load(w, REC, IPA_NS_UNASSIGNED), RMM_EXITED);
	ck_call(
	    w, RTT_MAP_UNPROTECTED, RD, IPA_NS_UNASSIGNED, 3, SRC | 3ull << 6);
	*(uint64_t *)ns_at(w, SRC) = ANY_GPR;
	drive_enter_flags(w, REC, 0);
	ck_assert_uint_eq(drive_pc(w, REC), PC_START);
	ck_assert_int_eq(drive_load(w, REC, IPA_NS_UNASSIGNED), RMM_GOES_ON);
	ck_assert_uint_eq(drive_gpr(w, REC, 1), ANY_GPR);
}
END_TEST

/* emul_mmio after any other exit fails, whatever inject_sea says (A4.2.3). */
START_TEST(emulated_wrongly)
{
	struct rmm_access access = {
		.kind = RMM_READ,
		.ipa = IPA_NS_UNASSIGNED,
		.size = 8,
	};
	struct rmi_rec_run *run = drive_run(w, REC);

	for (uint64_t flags = EMUL; flags <= (EMUL | SEA); flags += SEA) {
		run->enter.flags = flags;
		ck_reject(w, rec_mmio, RMI_ERROR_REC, REC_ENTER, REC, RUN);
		drive_enter_flags(w, REC, 0);
		drive_kick(w, REC);
		run->enter.flags = flags;
		ck_reject(w, rec_mmio, RMI_ERROR_REC, REC_ENTER, REC, RUN);
		/* A Non-emulatable one. */
		drive_enter_flags(w, REC, 0);
		ck_assert_int_eq(
		    drive_access(w, REC, &access, NULL), RMM_EXITED);
		run->enter.flags = flags;
		ck_reject(w, rec_mmio, RMI_ERROR_REC, REC_ENTER, REC, RUN);
		/* A protected one. */
		drive_enter_flags(w, REC, 0);
		ck_assert_int_eq(
		    drive_load(w, REC, IPA_RAM_UNASSIGNED), RMM_EXITED);
		run->enter.flags = flags;
		ck_reject(w, rec_mmio, RMI_ERROR_REC, REC_ENTER, REC, RUN);
		/* An entry has been made since. */
		drive_enter_flags(w, REC, 0);
		ck_assert_int_eq(
		    drive_load(w, REC, IPA_NS_UNASSIGNED), RMM_EXITED);
		drive_enter_flags(w, REC, 0);
		drive_kick(w, REC);
		run->enter.flags = flags;
		ck_reject(w, rec_mmio, RMI_ERROR_REC, REC_ENTER, REC, RUN);
	}
}
END_TEST

static const struct {
	uint64_t ipa;
	enum rmm_access_kind kind;
	bool isv, taken;
	uint64_t flags;
} seas[] = {
	{ IPA_NS_UNASSIGNED, RMM_READ, true, true, SEA },
	{ IPA_NS_UNASSIGNED, RMM_READ, true, true, SEA | EMUL },
	{ IPA_NS_UNASSIGNED, RMM_WRITE, true, true, SEA },
	{ IPA_NS_UNASSIGNED, RMM_READ, false, true, SEA },
	{ IPA_NS_READ, RMM_WRITE, false, true, SEA },
	{ IPA_RAM_UNASSIGNED, RMM_READ, true, false, SEA },
	{ IPA_DESTROYED, RMM_READ, true, false, SEA },
};

START_TEST(injected_sea)
{
	struct rmm_access access = {
		.kind = seas[_i].kind,
		.ipa = seas[_i].ipa,
		.va = 0xffff800000000008,
		.size = 8,
		.isv = seas[_i].isv,
		.sf = true,
		.srt = 4,
	};
	uint64_t data = 0;
	bool write = access.kind == RMM_WRITE;
	struct rmm_regs regs;

	drive_enter_flags(w, REC, 0);
	ck_assert(rmm_regs(w->rmm, REC, &regs));
	regs.sysregs[REC_VBAR_EL1] = 0x10000;
	regs.gprs[4] = ANY_GPR;
	ck_assert(rmm_set_regs(w->rmm, REC, &regs));
	ck_assert_int_eq(drive_access(w, REC, &access, &data), RMM_EXITED);
	drive_enter_flags(w, REC, seas[_i].flags);
	ck_assert(w->answer.sea == seas[_i].taken);
	ck_assert(rmm_regs(w->rmm, REC, &regs));
	ck_assert_uint_eq(regs.gprs[4], ANY_GPR);
	if (!seas[_i].taken) {
		ck_assert_uint_eq(regs.pc, PC_START);
		return;
	}
	/* A5.2.7: EA is set.  From EL1h to the same level. */
	ck_assert_uint_eq(regs.pc, 0x10200);
	ck_assert_uint_eq(regs.sysregs[REC_ELR_EL1], PC_START);
	ck_assert_uint_eq(regs.sysregs[REC_FAR_EL1], access.va);
	ck_assert_uint_eq(regs.sysregs[REC_ESR_EL1],
	    0x25ull << 26 | 1 << 25 | 1 << 9 | (write ? 1 << 6 : 0) | 0x10);
	/* Once. */
	drive_kick(w, REC);
	drive_enter_flags(w, REC, SEA);
	ck_assert(!w->answer.sea);
	ck_assert_uint_eq(drive_pc(w, REC), 0x10200);
}
END_TEST

/* After exits of other kinds there is nothing to inject. */
START_TEST(injected_after_others)
{
	for (unsigned kind = 0; kind < 4; kind++) {
		drive_enter_flags(w, REC, 0);
		exit_by(kind);
		drive_enter_flags(w, REC, SEA);
		ck_assert(!w->answer.sea);
		drive_kick(w, REC);
	}
}
END_TEST

/* ---- What the host can not do meanwhile ----------------------------------
 */

START_TEST(running)
{
	struct rmi_rec_run *run = drive_run(w, REC);

	drive_enter_flags(w, REC, 0);
	ck_reject(w, rec_state, RMI_ERROR_REC, REC_DESTROY, REC);
	ck_reject(w, rec_state, RMI_ERROR_REC, REC_ENTER, REC, RUN);
	run->enter.flags = EMUL;
	ck_reject(w, rec_state, RMI_ERROR_REC, REC_ENTER, REC, RUN);
	run->enter.flags = 0;
	ck_assert_int_eq(
	    SMC(w, REC, RSI_FID_IPA_STATE_SET, 0, L2_SIZE, 0, 0), RMM_EXITED);
	drive_enter(w, REC2);
	drive_enter_flags(w, REC, 0);
	ck_reject(
	    w, rec_state, RMI_ERROR_REC, RTT_SET_RIPAS, RD, REC, 0, L2_SIZE);
	ck_reject(w, rec_state, RMI_ERROR_REC, REC_DESTROY, REC2);
	/* The realm lives on: it has RECs. */
	ck_reject(w, realm_live, RMI_ERROR_REALM, REALM_DESTROY, RD);
	drive_kick(w, REC);
	drive_kick(w, REC2);
	ck_assert_uint_eq(w->num_recs_gone, 0);
	ck_call(w, REC_DESTROY, REC);
	ck_call(w, REC_DESTROY, REC2);
	ck_assert_uint_eq(w->num_recs_gone, 2);
}
END_TEST

/* The functions take nothing for a REC that is none, or does not run. */
START_TEST(not_running)
{
	struct rmm_access access = { .kind = RMM_READ, .size = 8 };
	const uint64_t others[] = { REC, REC + 8, RD, SRC, WORLD_NOWHERE, 0 };
	struct rmm_regs regs = { .pc = 8 };
	uint64_t data, before = drive_pc(w, REC);

	for (unsigned i = 0; i < sizeof others / sizeof others[0]; i++) {
		uint64_t rec = others[i];

		ck_assert(!rmm_realm_smc(w->rmm, rec, &w->result));
		ck_assert(!rmm_realm_hvc(w->rmm, rec, &w->result));
		ck_assert(
		    !rmm_realm_access(w->rmm, rec, &access, &data, &w->result));
		ck_assert(!rmm_realm_wait(w->rmm, rec, RMM_WFI, 0, &w->result));
		ck_assert(!rmm_realm_sysreg(
		    w->rmm, rec, SYSREG(3, 0, 1, 0, 0), true, 0, &w->result));
		ck_assert(
		    !rmm_realm_interrupt(w->rmm, rec, RMM_IRQ, 0, &w->result));
		ck_assert(!rmm_realm_timers(w->rmm, rec, &w->result));
		ck_assert(!rmm_realm_set_pmu_overflow(w->rmm, rec, true));
		ck_assert(!rmm_set_regs(w->rmm, rec, &regs));
		ck_assert_uint_eq(
		    rmm_realm_next_timer(w->rmm, rec), UINT64_MAX);
	}
	ck_assert_uint_eq(drive_pc(w, REC), before);
	ck_assert(!rmm_regs(w->rmm, RD, &regs));
	ck_assert(!rmm_regs(w->rmm, REC + 8, &regs));
}
END_TEST

/* The host has delegated the page of the exit (A4.3.3). */
START_TEST(exit_to_nowhere)
{
	drive_enter_flags(w, REC, 0);
	ck_call(w, GRANULE_DELEGATE, RUN);
	ck_assert_int_eq(drive_interrupt(w, REC, RMM_IRQ), RMM_EXITED);
	ck_assert_uint_eq(w->result.answer.x[0], RMI_ERROR_INPUT);
	ck_assert_str_eq(w->result.answer.condition, "run_pas");
	ck_assert_str_eq(w->result.answer.command, "RMI_REC_ENTER");
	ck_assert_ptr_nonnull(strstr(w->result.answer.why, "DELEGATED"));
	ck_call(w, GRANULE_UNDELEGATE, RUN);
	drive_enter_flags(w, REC, 0);
}
END_TEST

/* A realm that goes with its owner takes the RECs along that run. */
START_TEST(reclaimed)
{
	drive_enter_flags(w, REC, 0);
	drive_enter_flags(w, REC2, 0);
	drive_kick(w, REC);
	ck_assert_uint_eq(rmm_reclaim(w->rmm, RD, L3_SIZE), 0);
	world_check(w);
	ck_assert_uint_eq(w->num_recs_gone, 3);
	ck_assert_uint_eq(w->rec_gone, REC3);
	ck_assert(!rmm_realm_smc(w->rmm, REC2, &w->result));
}
END_TEST

START_TEST(machine_reset)
{
	drive_enter_flags(w, REC2, 0);
	rmm_set_counter(w->rmm, 7);
	rmm_reset(w->rmm);
	ck_assert_uint_eq(w->num_recs_gone, 3);
	ck_assert_uint_eq(w->rec_gone, REC3);
	ck_assert_uint_eq(rmm_counter(w->rmm), 0);
}
END_TEST

/* No table, granule or entry that the realm runs on is spared (A5.2.5). */
START_TEST(host_unmaps)
{
	drive_enter_flags(w, REC, 0);
	ck_assert_int_eq(drive_load(w, REC, IPA_RAM), RMM_GOES_ON);
	ck_call(w, DATA_DESTROY, RD, IPA_RAM);
	ck_assert_int_eq(drive_load(w, REC, IPA_RAM), RMM_EXITED);
	ck_exit(
	    w, REC, .exit_reason = RMI_EXIT_SYNC, .esr = 0x24ull << 26 | 0x07);
}
END_TEST

static Suite *
run_suite_(void)
{
	Suite *s = suite_create("run");
	TCase *exits = tcase_create("exits");
	TCase *entries = tcase_create("entries");
	TCase *host = tcase_create("host");

	tcase_add_checked_fixture(exits, setup, teardown);
	tcase_add_test(exits, interrupts);
	tcase_add_loop_test(exits, wait_traps, 0, 4);
	tcase_add_test(exits, wait_over);
	tcase_add_loop_test(exits, exit_after_exit, 0, EXIT_KINDS * EXIT_KINDS);
	suite_add_tcase(s, exits);

	tcase_add_checked_fixture(entries, setup, teardown);
	tcase_add_test(entries, gprs_stay);
	tcase_add_loop_test(
	    entries, emulated_load, 0, sizeof loads / sizeof loads[0]);
	tcase_add_loop_test(entries, emulated_store, 0, 3);
	tcase_add_test(entries, not_emulated);
	tcase_add_test(entries, emulated_wrongly);
	tcase_add_loop_test(
	    entries, injected_sea, 0, sizeof seas / sizeof seas[0]);
	tcase_add_test(entries, injected_after_others);
	suite_add_tcase(s, entries);

	tcase_add_checked_fixture(host, setup, teardown);
	tcase_add_test(host, running);
	tcase_add_test(host, not_running);
	tcase_add_test(host, exit_to_nowhere);
	tcase_add_test(host, reclaimed);
	tcase_add_test(host, machine_reset);
	tcase_add_test(host, host_unmaps);
	suite_add_tcase(s, host);
	return s;
}

int
main(void)
{
	return run_suite(run_suite_());
}
