/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What each statement of a script does where the host has no part in it, and
 * what is said of a script that fails.
 */
#include "config.h"

#include "play.h"

#include <stdio.h>
#include <string.h>

/* ---- Values, variables, control ------------------------------------------ */

START_TEST(values)
{
	good("let a = 2G+4K-1\n"
	     "expect $a == 0x80000fff\n"
	     "let a = $a+1\n"
	     "expect $a == 0x80001000\n"
	     "let x5 = 0x1122334455667788\n"
	     "expect x5 == $x5\n"
	     "expect w5 == 0x55667788\n"
	     "expect xzr == 0\n"
	     "expect 0-1 == SMC_NOT_SUPPORTED\n"
	     "expect $rec == 0\n"
	     "expect $mpidr == 0\n"
	     "expect 1 < 2\n"
	     "expect 2 <= 2\n"
	     "expect 0-1 > 1\n"
	     "expect 1 >= 1\n"
	     "expect 1 != 2\n"
	     "expect PSCI_DENIED == 0-3\n"
	     "expect PSCI_CPU_ON == 0xc4000003\n"
	     "log ready $a \"a  b\" $x5");
	ck_assert_str_eq(
	    said, "t:19: ready 0x80001000 a  b 0x1122334455667788\n");
}
END_TEST

/* X0 to X7 are the host's parameters, PC is where it said. */
START_TEST(first_registers)
{
	good("expect x0 == 1\nexpect x7 == 8\nexpect $pc == 0x80200000");
}
END_TEST

START_TEST(loops)
{
	good("let n = 0\nlet m = 0\n"
	     "repeat 3\n"
	     "  repeat 4\n    let n = $n+1\n  end\n"
	     "  repeat 0\n    let m = $m+1\n  end\n"
	     "end\n"
	     "expect $n == 12\nexpect $m == 0\n"
	     "while $m < 5\n  let m = $m+1\nend\n"
	     "expect $m == 5\n"
	     "while 1 == 2\n  fail no\nend\n"
	     "if $m == 5\n  let m = 6\nelse\n  fail no\nend\n"
	     "if $m == 5\n  fail no\nelse\n  let m = 7\nend\n"
	     "if $m == 5\n  fail no\nend\n"
	     "expect $m == 7\n"
	     "rec 0\n let m = 8\nelse\n fail no\nend\n"
	     "rec 1\n fail no\nelse\n let m = $m+1\nend\n"
	     "rec 3 2 1 0\n let m = $m+1\nend\n"
	     "expect $m == 10\n"
	     /* A loop in a loop begins anew. */
	     "let n = 0\n"
	     "while $n < 20\n repeat 2\n  repeat 5\n   let n = $n+1\n  end\n"
	     " end\nend\nexpect $n == 20");
}
END_TEST

/* A loop without an end is a matter of slices. */
START_TEST(endless)
{
	run = begin("while 1 == 1\nend", REC);
	ck_run(enter(run, REC, 0), SCRIPT_RUNS);
	ck_run(go_on(run), SCRIPT_RUNS);
	ck_assert_int_eq(drive_interrupt(w, REC, RMM_IRQ), RMM_EXITED);
	/* Not running: nothing to do. */
	ck_run(go_on(run), SCRIPT_WAITS);
	ck_run(enter(run, REC, 0), SCRIPT_RUNS);
}
END_TEST

START_TEST(empty)
{
	good("");
}
END_TEST

static const struct {
	const char *text, *failure;
} failures[] = {
	{ "wfe\n  fail \"all\" is $x1", "t:2:3: all is 0x2" },
	{ "expect RSI_SUCCESS", "t:1:1: there was no call yet" },
	{ "RSI_REALM_CONFIG 1\nexpect RSI_SUCCESS",
	    "t:2:1: expected RSI_SUCCESS, but RSI_REALM_CONFIG answered"
	    " RSI_ERROR_INPUT (addr_align: 0x1 is not granule aligned" },
	{ "RSI_REALM_CONFIG 1\nexpect RSI_ERROR_INPUT addr_bound",
	    "t:2:1: expected RSI_ERROR_INPUT addr_bound, but" },
	{ "RSI_FEATURES 0\nexpect RSI_SUCCESS index",
	    "t:2:1: expected RSI_SUCCESS index, but RSI_FEATURES answered"
	    " RSI_SUCCESS" },
	{ "PSCI_FEATURES 5\nexpect PSCI_SUCCESS",
	    "t:2:1: expected PSCI_SUCCESS, but PSCI_FEATURES answered"
	    " PSCI_NOT_SUPPORTED (func_not_ok" },
	{ "smc 0x84001234\nexpect 77",
	    "t:2:1: expected 0x4d, but SMC 0x84001234 answered"
	    " SMC_NOT_SUPPORTED" },
	{ "let a = 5\n  expect $a+1 == 7",
	    "t:2:10: expected $a+1 == 7, but that is 0x6 and 0x7" },
	{ "rec 1\nlet a = 5\nend\nlog $a", "t:4:5: $a has no value yet" },
	{ "log $new_base", "t:1:5: $new_base has no value yet" },
	{ "read 0x3000", "t:1:1: read took a data abort, sea (ESR" },
	{ "read 0x3000\nwfe\nexpect exception", "t:1:1: read took" },
	{ "hvc", "t:1:1: hvc took an Unknown exception (ESR 0x2000000" },
	{ "wfe\nexpect exception", "t:2:1: expected an exception, but the" },
	{ "hvc\nexpect exception data-abort",
	    "t:2:1: expected another exception, but hvc took an Unknown" },
	{ "read 0x3000\nexpect exception far=0x3008",
	    "t:2:1: expected another exception, but read took a data abort" },
	{ "fetch 0x3000\nexpect exception data-abort",
	    "t:2:1: expected another exception, but fetch took an instr" },
	{ "read 0x1:4", "t:1:6: 0x1 is not aligned to the 4 bytes" },
	{ "fetch 0x2", "t:1:7: 0x2 is not aligned to the 4 bytes of an" },
	{ "mem fill 0 0 0", "t:1:12: there are no bytes to write" },
	{ "mem fill 0 1 256", "t:1:14: a byte is at most 0xff" },
	{ "mem read 0 4097", "t:1:12: 1 to 4096 bytes" },
	{ "mem write 0 \"\"", "t:1:1: there are no bytes to write" },
	{ "mem write 0 \"abc\"\nexpect-mem 0 \"abd\"",
	    "t:2:1: expected 0x64 at 0x2, but there is 0x63" },
	{ "expect-mem 0 \"\"", "t:1:1: there are no bytes to expect" },
	{ "time 0x1000000000001",
	    "t:1:1: 281474976710657 ticks at once; at most 2^48" },
	{ "host-call 0 imm=0x10000", "t:1:17: an immediate has 16 bits" },
};

START_TEST(failing)
{
	fails(failures[_i].text, failures[_i].failure);
}
END_TEST

/* A variable that another REC sets has no value here, wherever it is used. */
static const char *const without_value[] = {
	"log $v",
	"fail $v",
	"let a = $v",
	"let x1 = 5+$v",
	"RSI_FEATURES $v",
	"smc 1 $v",
	"hvc $v",
	"host-call $v",
	"host-call 0 imm=$v",
	"read $v",
	"write $v x1",
	"write 0 $v",
	"fetch $v",
	"mem read $v",
	"mem read 0 $v",
	"mem write $v 1",
	"mem write 0 $v",
	"mem fill $v 1 1",
	"mem fill 0 $v 1",
	"mem fill 0 1 $v",
	"expect-mem $v 1",
	"expect-mem 0 $v",
	"wfit $v",
	"interrupt serror $v",
	"time $v",
	"msr VBAR_EL1 $v",
	"expect $v == 1",
	"expect 1 == $v",
	"while $v == 1\nend",
	"if 1 == $v\nend",
	"repeat $v\nend",
	"rec $v\nend",
	"hvc\nexpect exception far=$v",
};

START_TEST(no_value)
{
	char text[256];

	snprintf(
	    text, sizeof text, "rec 1\nlet v = 1\nend\n%s", without_value[_i]);
	ck_run(start(text), SCRIPT_FAILED);
	ck_assert_msg(
	    strstr(script_run_failure(run),
		"$v has no value yet, and the last call left") != NULL,
	    "%s", script_run_failure(run));
	ck_assert_int_eq(strncmp(script_run_failure(run), "t:", 2), 0);
	ck_assert_int_eq(script_run_failure(run)[2],
	    strstr(without_value[_i], "exception") != NULL ? '5' : '4');
}
END_TEST

/* ---- Calls ----------------------------------------------------------------
 */

START_TEST(calls)
{
	good("RSI_VERSION RSI_VERSION_1_0\n"
	     "expect RSI_SUCCESS\n"
	     "expect $lower == 0x10000\n"
	     "expect x2 == $higher\n"
	     "rsi_features 0\n"
	     "expect $value == 0\n"
	     "RSI_MEASUREMENT_READ 9\n"
	     "expect RSI_ERROR_INPUT index_bound\n"
	     "PSCI_VERSION\n"
	     "expect x0 == 0x10001\n"
	     "PSCI_FEATURES PSCI_SYSTEM_OFF\n"
	     "expect PSCI_SUCCESS\n"
	     "smc RSI_IPA_STATE_GET 0 0x2000\n"
	     "expect RSI_SUCCESS\n"
	     "expect $out_top == 0x2000\n"
	     "expect $ripas == RSI_RAM\n"
	     "let x0 = PSCI_VERSION\n"
	     "smc\n"
	     "expect 0x10001\n"
	     "smc 0x84001234 1 2\n"
	     "expect SMC_NOT_SUPPORTED fid\n"
	     /* A variable hides an output. */
	     "let ripas = 7\n"
	     "RSI_IPA_STATE_GET 0x2000 0x3000\n"
	     "expect $ripas == 7\n"
	     "expect x2 == RSI_EMPTY");
}
END_TEST

/* What a call does not name is zero. */
START_TEST(call_registers)
{
	ck_run(start("let x5 = 9\nlet x17 = 9\nlet x18 = 9\n"
		     "PSCI_CPU_SUSPEND 7 8 9"),
	    SCRIPT_EXITED);
	ck_assert_uint_eq(exit_of(REC)->gprs[3], 9);
	ck_assert_uint_eq(drive_gpr(w, REC, 5), 0);
	ck_assert_uint_eq(drive_gpr(w, REC, 17), 0);
	ck_assert_uint_eq(drive_gpr(w, REC, 18), 9);
}
END_TEST

START_TEST(measurements)
{
	good("RSI_MEASUREMENT_READ 1\nexpect $value_0 == 0\n"
	     "RSI_MEASUREMENT_EXTEND 1 4 0x64636261 0 0 0 0 0 0 0\n"
	     "expect RSI_SUCCESS\n"
	     "RSI_MEASUREMENT_READ 1\nexpect $value_0 != 0");
	ck_assert_uint_ne(world_realm_info(w, RD).measurements[1][0], 0);
}
END_TEST

/* ---- Memory ---------------------------------------------------------------
 */

START_TEST(loads)
{
	good("mem write 0x10 0x8877665544332211\n"
	     "read 0x10\nexpect x0 == 0x8877665544332211\n"
	     "read 0x10:4 x1\nexpect x1 == 0x44332211\n"
	     "read 0x14:4 x1 signed\nexpect x1 == 0-0x778899ab\n"
	     "read 0x14:4 w1\nexpect x1 == 0x88776655\n"
	     "read 0x16:2 w1 signed\nexpect x1 == 0xffff8877\n"
	     "read 0x16:2 x1 signed\nexpect x1 == 0-0x7789\n"
	     "read 0x17:1 signed\nexpect x0 == 0xffffff88\n"
	     "read 0x17:1\nexpect x0 == 0x88\n"
	     "read 0x10 xzr\nexpect xzr == 0");
}
END_TEST

START_TEST(stores)
{
	good("let x3 = 0x1122334455667788\nlet x17 = 5\n"
	     "write 0x20 x3\nexpect-mem 0x20 0x1122334455667788\n"
	     "write 0x20:4 w3\nexpect-mem 0x20 0x55667788:4 0x11223344:4\n"
	     "write 0x20:1 xzr\nexpect-mem 0x20 0:1 0x77:1\n"
	     "expect x17 == 5\n"
	     "write 0x22:2 0x1234\nexpect-mem 0x22 0x1234:2\n"
	     "expect x17 == 0x1234");
}
END_TEST

START_TEST(bulk)
{
	good("mem write 0x6ff8 1 \"ab c\" hex:00ff 0x99:1\n"
	     "expect-mem 0x6ff8 1\n"
	     "expect-mem 0x7000 \"ab c\" 0:1 hex:ff99\n"
	     "mem fill 0x6f00 0x300 0xee\n"
	     "expect-mem 0x6ffe hex:eeeeeeee\n"
	     "expect-mem 0x71ff 0xee:1 0:1\n"
	     "mem write 0x6fff \"0123456789abcdef\" \"!\"\n"
	     "mem read 0x6fff 17");
	ck_assert_str_eq(said,
	    "t:8: 0x6fff: 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66\n"
	    "t:8: 0x700f: 21\n");
}
END_TEST

START_TEST(exceptions)
{
	good("read 0x3000\nexpect exception data-abort sea far=0x3000\n"
	     "write 0x3008 1\nexpect exception sea\n"
	     "fetch 0x3000\nexpect exception instruction-abort sea\n"
	     "mem read 0x3000 4\nexpect exception\n"
	     "read 0x10000000000\nexpect exception address-size\n"
	     "fetch 0x8000001000\nexpect exception instruction-abort sea\n"
	     "read 0x8000005000\nexpect exception data-abort gpf\n"
	     "hvc 5\nexpect exception unknown\n"
	     "mrs x0 S3_0_C15_C0_0\nexpect exception unknown\n"
	     "fetch 0\n"
	     "mrs x0 ELR_EL1\n"
	     "expect $pc == x0+8");
}
END_TEST

START_TEST(system_registers)
{
	good("msr VBAR_EL1 0x4000\nmrs x3 VBAR_EL1\nexpect x3 == 0x4000\n"
	     "let x4 = 0x5000\nmsr tpidr_el1 x4\n"
	     "mrs x5 S3_0_C13_C0_4\nexpect x5 == 0x5000\n"
	     "msr VBAR_EL1 xzr\nmrs x3 VBAR_EL1\nexpect x3 == 0\n"
	     "mrs xzr VBAR_EL1");
}
END_TEST

/* An exception at EL0 is taken to EL1, and returns from there. */
START_TEST(exception_levels)
{
	struct rmm_regs regs;

	run = begin("read 0x3000\nexpect exception data-abort\n"
		    "let a = $esr\nhvc\nexpect exception unknown\n"
		    "read 0x3000\nexpect exception data-abort\n"
		    "expect $esr == $a",
	    REC);
	drive_enter(w, REC);
	ck_assert(rmm_regs(w->rmm, REC, &regs));
	regs.pstate = PSTATE_EL0;
	ck_assert(rmm_set_regs(w->rmm, REC, &regs));
	script_run_entered(run, false);
	ck_run(go_on(run), SCRIPT_ENDED);
	ck_assert(rmm_regs(w->rmm, REC, &regs));
	ck_assert_uint_eq(regs.pstate, PSTATE_EL0);
}
END_TEST

/* Each instruction moves the program counter by 4. */
START_TEST(program_counter)
{
	good("let a = $pc\nwfe\nread 0\nlog $pc\nexpect $pc == $a+8\n"
	     "hvc\nexpect exception\nexpect $pc == $a+12\n"
	     "RSI_FEATURES 0\nexpect $pc == $a+16");
}
END_TEST

static Suite *
script_suite(void)
{
	Suite *s = suite_create("script");
	TCase *tc = tcase_create("script");

	tcase_add_checked_fixture(tc, play_setup, play_teardown);
	tcase_add_test(tc, values);
	tcase_add_test(tc, first_registers);
	tcase_add_test(tc, loops);
	tcase_add_test(tc, endless);
	tcase_add_test(tc, empty);
	tcase_add_test(tc, calls);
	tcase_add_test(tc, call_registers);
	tcase_add_test(tc, measurements);
	tcase_add_test(tc, loads);
	tcase_add_test(tc, stores);
	tcase_add_test(tc, bulk);
	tcase_add_test(tc, exceptions);
	tcase_add_test(tc, exception_levels);
	tcase_add_test(tc, system_registers);
	tcase_add_test(tc, program_counter);
	tcase_add_loop_test(
	    tc, no_value, 0, sizeof without_value / sizeof without_value[0]);
	tcase_add_loop_test(
	    tc, failing, 0, sizeof failures / sizeof failures[0]);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(script_suite());
}
