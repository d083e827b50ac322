/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Scripts whose steps exit to the host: what it sees of each, and how the
 * script goes on after what the host has answered.
 */
#include "config.h"

#include "play.h"

#include <stdio.h>
#include <string.h>

/* The host's part of a change is not this test's: it only enters again. */
START_TEST(ripas_change)
{
	ck_run(start("RSI_IPA_STATE_SET 0x1000 0x3000 RSI_RAM 0\n"
		     "expect RSI_SUCCESS\n"
		     "expect $new_base == 0x1000\n"
		     "expect $response == RSI_REJECT\n"
		     "RSI_IPA_STATE_SET 0x1000 0x3000 RSI_EMPTY 0\n"
		     "expect $response == RSI_ACCEPT"),
	    SCRIPT_EXITED);
	ck_assert_uint_eq(exit_of(REC)->exit_reason, RMI_EXIT_RIPAS_CHANGE);
	ck_assert_uint_eq(exit_of(REC)->ripas_base, 0x1000);
	ck_assert_uint_eq(exit_of(REC)->ripas_top, 0x3000);
	ck_run(enter(run, REC, RMI_REC_ENTER_RIPAS_RESPONSE), SCRIPT_EXITED);
	ck_assert_uint_eq(exit_of(REC)->ripas_value, RMI_EMPTY);
	ck_run(enter(run, REC, 0), SCRIPT_ENDED);
}
END_TEST

/* The loop of rmm-script(5) goes on until all is changed. */
START_TEST(ripas_loop)
{
	unsigned rounds = 0;
	enum script_state state = start(
	    "let base = 0\nlet top = 0x3000\n"
	    "while $base != $top\n"
	    "  RSI_IPA_STATE_SET $base $top RSI_EMPTY RSI_CHANGE_DESTROYED\n"
	    "  expect RSI_SUCCESS\n"
	    "  expect $response == RSI_ACCEPT\n"
	    "  let base = $new_base\n"
	    "end");

	for (; state == SCRIPT_EXITED; rounds++) {
		uint64_t base = exit_of(REC)->ripas_base;

		ck_assert_uint_eq(base, rounds * 0x1000);
		ck_call(w, RTT_SET_RIPAS, RD, REC, base, base + 0x1000);
		state = enter(run, REC, 0);
	}
	ck_run(state, SCRIPT_ENDED);
	ck_assert_uint_eq(rounds, 3);
}
END_TEST

START_TEST(host_call)
{
	ck_run(start("host-call 0x100 imm=0x1234 gprs[0]=7 gprs[30]=$pc\n"
		     "expect RSI_SUCCESS\n"
		     "expect $gpr0 == 0xabc\n"
		     "expect $gpr30 == 30\n"
		     "expect-mem 0x100 0x1234:2\n"
		     "let gpr0 = 1\n"
		     "host-call 0x101\n"
		     "expect RSI_ERROR_INPUT addr_align\n"
		     "expect $gpr0 == 1"),
	    SCRIPT_EXITED);
	ck_assert_uint_eq(exit_of(REC)->exit_reason, RMI_EXIT_HOST_CALL);
	ck_assert_uint_eq(exit_of(REC)->imm, 0x1234);
	ck_assert_uint_eq(exit_of(REC)->gprs[0], 7);
	ck_assert_uint_eq(exit_of(REC)->gprs[1], 0);
	ck_assert_uint_eq(exit_of(REC)->gprs[30], PC_START);
	drive_run(w, REC)->enter.gprs[0] = 0xabc;
	drive_run(w, REC)->enter.gprs[30] = 30;
	ck_run(enter(run, REC, 0), SCRIPT_ENDED);
}
END_TEST

/* The call is made again when its structure has memory. */
START_TEST(call_again)
{
	ck_run(
	    start("RSI_HOST_CALL 0x1000\nexpect RSI_SUCCESS"), SCRIPT_EXITED);
	ck_assert_uint_eq(exit_of(REC)->exit_reason, RMI_EXIT_SYNC);
	ck_assert_uint_eq(exit_of(REC)->hpfar, HPFAR(0x1000));
	ck_run(enter(run, REC, 0), SCRIPT_EXITED);
	ck_assert_uint_eq(exit_of(REC)->exit_reason, RMI_EXIT_SYNC);
	ck_call(w, DATA_CREATE_UNKNOWN, RD, DATA + 0x1000, 0x1000);
	ck_run(enter(run, REC, 0), SCRIPT_EXITED);
	ck_assert_uint_eq(exit_of(REC)->exit_reason, RMI_EXIT_HOST_CALL);
	ck_run(enter(run, REC, 0), SCRIPT_ENDED);
}
END_TEST

/* A host that emulates, one that maps, one that refuses. */
START_TEST(emulated)
{
	uint64_t far = IPA_NS_UNASSIGNED & 0xfff;
	char text[1024];

	snprintf(text, sizeof text,
	    "let uart = 0x%" PRIx64 "\n"
	    "read $uart:2 x4 signed\nexpect x4 == 0-2\n"
	    "write $uart+8:4 0x55\n"
	    "write $uart+8:4 w4\n"
	    "read $uart+8\nexpect exception data-abort sea far=$uart+8\n"
	    "expect $esr != 0\n"
	    "read $uart\nexpect x0 == 0\n",
	    (uint64_t)IPA_NS_UNASSIGNED);
	ck_run(start(text), SCRIPT_EXITED);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_SYNC,
	    .esr = ESR_EC_PUT(ESR_EC_DABT_LOWER) | ESR_ISV |
		1ull << ESR_SAS_SHIFT | ESR_SF | ESR_FSC_TRANSLATION(3),
	    .far = far, .hpfar = HPFAR(IPA_NS_UNASSIGNED));
	drive_run(w, REC)->enter.gprs[0] = 0x1fffe;
	ck_run(enter(run, REC, RMI_REC_ENTER_EMUL_MMIO), SCRIPT_EXITED);
	ck_assert_uint_eq(exit_of(REC)->gprs[0], 0x55);
	ck_assert_uint_ne(exit_of(REC)->esr & ESR_WNR, 0);
	/* Not emulated: it is made again. */
	ck_run(enter(run, REC, 0), SCRIPT_EXITED);
	ck_assert_uint_eq(exit_of(REC)->gprs[0], 0x55);
	ck_run(enter(run, REC, RMI_REC_ENTER_EMUL_MMIO), SCRIPT_EXITED);
	/* All of X4 (A4.3.4.3), of which 4 bytes are stored. */
	ck_assert_uint_eq(exit_of(REC)->gprs[0], (uint64_t)-2);
	ck_run(enter(run, REC, RMI_REC_ENTER_EMUL_MMIO), SCRIPT_EXITED);
	ck_run(enter(run, REC, RMI_REC_ENTER_INJECT_SEA), SCRIPT_EXITED);
	ck_call(
	    w, RTT_MAP_UNPROTECTED, RD, IPA_NS_UNASSIGNED, 3, G(120) | 3 << 6);
	ck_run(enter(run, REC, 0), SCRIPT_ENDED);
}
END_TEST

/* An injected SEA that the script does not expect. */
START_TEST(injected)
{
	ck_run(start("read 0x8000000000:4\nwfe"), SCRIPT_EXITED);
	ck_run(enter(run, REC, RMI_REC_ENTER_INJECT_SEA), SCRIPT_FAILED);
	ck_assert_str_eq(script_run_failure(run),
	    "t:1:1: read took a data abort, sea (ESR 0x96000210, FAR"
	    " 0x8000000000), which no \"expect exception\" follows");
}
END_TEST

/* ... or that is the answer to who played the REC before. */
START_TEST(injected_before)
{
	drive_enter_flags(w, REC, 0);
	ck_assert_int_eq(drive_load(w, REC, IPA_NS_UNASSIGNED), RMM_EXITED);
	run = begin("log $far", REC);
	ck_assert_uint_eq(script_run_line(run), 1);
	ck_run(enter(run, REC, RMI_REC_ENTER_INJECT_SEA), SCRIPT_ENDED);
	ck_assert_str_eq(said, "t:1: 0x8000000000\n");
	ck_assert_uint_eq(script_run_line(run), 0);
	ck_assert_uint_eq(drive_pc(w, REC), PC_START + 8);
}
END_TEST

/* The host can not emulate an access in bulk, but can give it memory. */
START_TEST(not_emulatable)
{
	ck_run(start("mem write 0xffc 1\nexpect-mem 0xffc 1\n"
		     "mem fill 0x8000000000 8 1\n"
		     "expect exception data-abort sea"),
	    SCRIPT_EXITED);
	ck_assert_uint_eq(exit_of(REC)->hpfar, HPFAR(0x1000));
	ck_call(w, DATA_CREATE_UNKNOWN, RD, DATA + 0x1000, 0x1000);
	ck_run(enter(run, REC, 0), SCRIPT_EXITED);
	ck_assert_uint_eq(exit_of(REC)->hpfar, HPFAR(IPA_NS_UNASSIGNED));
	ck_assert_uint_eq(exit_of(REC)->esr & ESR_ISV, 0);
	ck_run(enter(run, REC, RMI_REC_ENTER_INJECT_SEA), SCRIPT_ENDED);
}
END_TEST

START_TEST(fetch)
{
	ck_run(start("fetch 0x1000"), SCRIPT_EXITED);
	ck_assert_uint_eq(ESR_EC(exit_of(REC)->esr), ESR_EC_IABT_LOWER);
	ck_call(w, DATA_CREATE_UNKNOWN, RD, DATA + 0x1000, 0x1000);
	ck_run(enter(run, REC, 0), SCRIPT_ENDED);
}
END_TEST

START_TEST(waits)
{
	ck_run(start("wfe\nwfi\nwfit $now+10\nlog done"), SCRIPT_WAITS);
	ck_assert_uint_eq(script_run_until(run), UINT64_MAX);
	ck_run(go_on(run), SCRIPT_WAITS);
	ck_assert_uint_eq(script_run_until(run), 10);
	ck_assert_str_eq(said, "");
	ck_run(go_on(run), SCRIPT_ENDED);
	ck_assert_str_eq(said, "t:4: done\n");
}
END_TEST

START_TEST(trapped_waits)
{
	const uint64_t trap = RMI_REC_ENTER_TRAP_WFI | RMI_REC_ENTER_TRAP_WFE;
	static const uint64_t ti[] = { ESR_TI_WFI, ESR_TI_WFE, ESR_TI_WFIT,
		ESR_TI_WFET };

	run = begin("wfi\nwfe\nwfit 7\nwfet 7", REC);
	for (unsigned i = 0; i < 4; i++) {
		ck_run(enter(run, REC, trap), SCRIPT_EXITED);
		ck_assert_uint_eq(ESR_EC(exit_of(REC)->esr), ESR_EC_WFX);
		ck_assert_uint_eq(exit_of(REC)->esr & ESR_TI_MASK, ti[i]);
		ck_assert_uint_eq(exit_of(REC)->gprs[0], i < 2 ? 0 : 7);
	}
	ck_run(enter(run, REC, trap), SCRIPT_ENDED);
}
END_TEST

/* Each exits once, and the script goes on behind it. */
START_TEST(interrupts)
{
	ck_run(start("interrupt irq\ninterrupt fiq\ninterrupt serror\n"
		     "interrupt serror 0x1000011\nread 0x3000\n"
		     "expect exception"),
	    SCRIPT_EXITED);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_IRQ);
	ck_run(enter(run, REC, 0), SCRIPT_EXITED);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_FIQ);
	ck_run(enter(run, REC, 0), SCRIPT_EXITED);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_SERROR,
	    .esr = ESR_EC_PUT(ESR_EC_SERROR));
	ck_run(enter(run, REC, 0), SCRIPT_EXITED);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_SERROR,
	    .esr = ESR_EC_PUT(ESR_EC_SERROR) | ESR_IDS | 0x11);
	ck_run(enter(run, REC, 0), SCRIPT_ENDED);
	ck_assert_uint_eq(drive_pc(w, REC), PC_START + 8);
}
END_TEST

/* A timer that fires is an exit, when time passes or when it is set late. */
START_TEST(timers)
{
	ck_run(start("msr CNTV_CVAL_EL0 $now+100\nmsr CNTV_CTL_EL0 1\n"
		     "time 99\nlog early\ntime 1\n"
		     "mrs x9 CNTV_CVAL_EL0\nexpect x9 == 100\n"
		     "let x2 = 1\nmsr CNTP_CTL_EL0 x2\n"
		     "expect $now == 100"),
	    SCRIPT_EXITED);
	ck_assert_str_eq(said, "t:4: early\n");
	ck_assert_uint_eq(exit_of(REC)->exit_reason, RMI_EXIT_IRQ);
	ck_assert_uint_eq(exit_of(REC)->cntv_ctl, 5);
	ck_assert_uint_eq(exit_of(REC)->cntp_ctl, 0);
	ck_run(enter(run, REC, 0), SCRIPT_EXITED);
	ck_assert_uint_eq(exit_of(REC)->exit_reason, RMI_EXIT_IRQ);
	ck_assert_uint_eq(exit_of(REC)->cntp_ctl, 5);
	ck_run(enter(run, REC, 0), SCRIPT_ENDED);
	ck_assert_uint_eq(rmm_counter(w->rmm), 100);
}
END_TEST

/* As far as time goes at once; no further is in script.c. */
START_TEST(at_once)
{
	good("time 0x1000000000000\nexpect $now == 0x1000000000000");
}
END_TEST

/* The end of time is no overflow. */
START_TEST(end_of_time)
{
	rmm_set_counter(w->rmm, UINT64_MAX - 1);
	good("time 5\nexpect $now == 0-1");
}
END_TEST

/* An SGI is for the host to send. */
START_TEST(trapped_register)
{
	ck_run(start("msr ICC_SGI1R_EL1 0x1000002\nmrs x1 ICC_SGI1R_EL1\n"
		     "expect exception unknown\n"
		     "mrs x1 CNTVCT_EL0\nexpect x1 == $now"),
	    SCRIPT_EXITED);
	ck_exit(w, REC, .exit_reason = RMI_EXIT_SYNC,
	    .esr = ESR_EC_PUT(ESR_EC_SYS64) | ESR_IL |
		ESR_SYS_PUT(SYSREG_ICC_SGI1R_EL1, 17),
	    .gprs = { 0x1000002 });
	ck_run(enter(run, REC, 0), SCRIPT_ENDED);
}
END_TEST

/* A virtual interrupt that the host gives ends a WFI, and can be handled. */
START_TEST(virtual_interrupt)
{
	struct rmi_rec_run *page = drive_run(w, REC);

	run = begin("msr ICC_PMR_EL1 0xff\nmsr ICC_IGRPEN1_EL1 1\n"
		    "let x1 = 1023\n"
		    "while x1 == 1023\n  wfi\n  mrs x1 ICC_IAR1_EL1\nend\n"
		    "expect x1 == 27\n"
		    "msr ICC_EOIR1_EL1 x1",
	    REC);
	ck_run(enter(run, REC, 0), SCRIPT_WAITS);
	drive_kick(w, REC);
	/* It looks, finds nothing, and waits again. */
	ck_run(enter(run, REC, 0), SCRIPT_WAITS);
	drive_kick(w, REC);
	page->enter.gicv3_lrs[0] = 1ull << 62 | 1ull << 60 | 27;
	ck_run(enter(run, REC, 0), SCRIPT_ENDED);
	ck_assert_uint_eq(page->exit.gicv3_lrs[0] >> 62, 0);
}
END_TEST

START_TEST(pmu)
{
	ck_run(start("pmu-overflow on\ninterrupt irq\npmu-overflow off\n"
		     "interrupt irq"),
	    SCRIPT_EXITED);
	ck_assert_uint_eq(exit_of(REC)->pmu_ovf_status, 1);
	ck_run(enter(run, REC, 0), SCRIPT_EXITED);
	ck_assert_uint_eq(exit_of(REC)->pmu_ovf_status, 0);
}
END_TEST

START_TEST(power)
{
	static const char text[] =
	    "rec 0\n"
	    "  PSCI_CPU_ON 2 0x6000 0x77\n  expect PSCI_SUCCESS\n"
	    "  PSCI_AFFINITY_INFO 2 0\n  expect PSCI_OFF\n"
	    "end\n"
	    "rec 2\n"
	    "  log started $x0 $pc\n  expect x0 == 0x77\n  let a = 1\n"
	    "  PSCI_CPU_OFF\n  fail \"it went on\"\n"
	    "end\n";

	run = begin(text, REC);
	run2 = begin(text, REC3);
	ck_run(enter(run, REC, 0), SCRIPT_EXITED);
	ck_assert_uint_eq(exit_of(REC)->gprs[0], PSCI_FID_CPU_ON);
	ck_call(w, PSCI_COMPLETE, REC, REC3, 0);
	ck_assert_int_eq(enter(run2, REC3, 0), SCRIPT_EXITED);
	ck_no_failure(run2);
	ck_assert_uint_eq(exit_of(REC3)->gprs[0], PSCI_FID_CPU_OFF);
	ck_assert_str_eq(said, "t:8: started 0x77 0x6000\n");
	ck_run(enter(run, REC, 0), SCRIPT_EXITED);
	ck_assert_uint_eq(exit_of(REC)->gprs[0], PSCI_FID_AFFINITY_INFO);
	ck_call(w, PSCI_COMPLETE, REC, REC3, 0);
	ck_run(enter(run, REC, 0), SCRIPT_ENDED);
}
END_TEST

/* A REC that is powered on again begins anew. */
START_TEST(power_again)
{
	static const char text[] =
	    "rec 0\n  repeat 2\n    PSCI_CPU_ON 2 0x6000 0\n  end\nend\n"
	    "rec 2\n  log on\n  let x20 = 1\nend\n";

	run = begin(text, REC);
	run2 = begin(text, REC3);
	for (unsigned i = 0; i < 2; i++) {
		ck_run(enter(run, REC, 0), SCRIPT_EXITED);
		ck_call(w, PSCI_COMPLETE, REC, REC3, 0);
		/* Its end is a PSCI_CPU_OFF. */
		ck_assert_int_eq(enter(run2, REC3, 0), SCRIPT_ENDED);
		ck_no_failure(run2);
		ck_assert_uint_eq(exit_of(REC3)->gprs[0], PSCI_FID_CPU_OFF);
		ck_assert(!drive_rec(w, REC3).runnable);
	}
	ck_assert_str_eq(said, "t:7: on\nt:7: on\n");
}
END_TEST

/* ... and remembers nothing. */
START_TEST(power_forgets)
{
	static const char text[] =
	    "rec 0\n  repeat 2\n    PSCI_CPU_ON 2 0x6000 0\n  end\nend\n"
	    "rec 2\n  read 0x6000 x1\n  if x1 == 0\n    let a = 1\n"
	    "    write 0x6000 1\n  end\n  log $a\nend\n";

	run = begin(text, REC);
	run2 = begin(text, REC3);
	ck_run(enter(run, REC, 0), SCRIPT_EXITED);
	ck_call(w, PSCI_COMPLETE, REC, REC3, 0);
	ck_assert_int_eq(enter(run2, REC3, 0), SCRIPT_ENDED);
	ck_assert_str_eq(said, "t:12: 0x1\n");
	ck_run(enter(run, REC, 0), SCRIPT_EXITED);
	ck_call(w, PSCI_COMPLETE, REC, REC3, 0);
	ck_assert_int_eq(enter(run2, REC3, 0), SCRIPT_FAILED);
	ck_assert_msg(strncmp(script_run_failure(run2),
			  "t:12:7: $a has no value yet", 27) == 0,
	    "%s", script_run_failure(run2));
}
END_TEST

START_TEST(system_off)
{
	ck_run(start("PSCI_SYSTEM_OFF\nfail no"), SCRIPT_EXITED);
	ck_assert_uint_eq(exit_of(REC)->gprs[0], PSCI_FID_SYSTEM_OFF);
}
END_TEST

/* One step at a time comes to the same. */
START_TEST(slices)
{
	enum script_state state = SCRIPT_RUNS;
	unsigned steps = 0;

	run = begin("repeat 3\nread 0\nend\nmem fill 0x6000 0x2000 1", REC);
	drive_enter(w, REC);
	script_run_entered(run, false);
	ck_assert_int_eq(
	    script_run_steps(run, w->rmm, 0, &w->result), SCRIPT_RUNS);
	for (; state == SCRIPT_RUNS && steps < 100; steps++)
		state = script_run_steps(run, w->rmm, 1, &w->result);
	ck_run(state, SCRIPT_ENDED);
	/* repeat, 3 x (read, end), 2 parts, the end. */
	ck_assert_uint_eq(steps, 1 + 6 + 2 + 1);
}
END_TEST

static Suite *
exits_suite(void)
{
	Suite *s = suite_create("exits");
	TCase *tc = tcase_create("exits");

	tcase_add_checked_fixture(tc, play_setup, play_teardown);
	tcase_add_test(tc, ripas_change);
	tcase_add_test(tc, ripas_loop);
	tcase_add_test(tc, host_call);
	tcase_add_test(tc, call_again);
	tcase_add_test(tc, emulated);
	tcase_add_test(tc, injected);
	tcase_add_test(tc, injected_before);
	tcase_add_test(tc, not_emulatable);
	tcase_add_test(tc, fetch);
	tcase_add_test(tc, waits);
	tcase_add_test(tc, trapped_waits);
	tcase_add_test(tc, interrupts);
	tcase_add_test(tc, timers);
	tcase_add_test(tc, at_once);
	tcase_add_test(tc, end_of_time);
	tcase_add_test(tc, trapped_register);
	tcase_add_test(tc, virtual_interrupt);
	tcase_add_test(tc, pmu);
	tcase_add_test(tc, power);
	tcase_add_test(tc, power_again);
	tcase_add_test(tc, power_forgets);
	tcase_add_test(tc, system_off);
	tcase_add_test(tc, slices);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(exits_suite());
}
