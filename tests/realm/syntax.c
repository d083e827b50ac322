/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The syntax of rmm-script(5): what is a script, and where exactly it is wrong
 * if it is none.
 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rmmd/realm/script.h"

static char error[512];

static struct script *
parse(const char *text)
{
	error[0] = '\0';
	return script_parse("t", text, strlen(text), error, sizeof error);
}

/* ---- What is a script ---------------------------------------------------- */

static const char *const good[] = {
	"",
	"\n\n",
	"# a comment\n\t# another",
	"let base = 0x80000000 # behind a statement",
	"let base = 2G+4K-1\nlet top = $base+x3-w4",
	"RSI_VERSION RSI_VERSION_1_0",
	"rsi_version 65536",
	"RSI_MEASUREMENT_EXTEND 1 64 1 2 3 4 5 6 7 8",
	"PSCI_FEATURES PSCI_CPU_ON\nexpect PSCI_SUCCESS",
	"smc\nsmc 0xc4000190\nsmc 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18",
	"hvc\nexpect exception unknown",
	"read 0x1000\nread 0x1000:4\nread 0x1000:1 w3 signed",
	"read 0x1000:4 x3 signed\nread 0x1000:2 xzr\nread 0:1 signed",
	"write 0x1000 x3\nwrite 0x1000:2 0x1234\nwrite 0x1000:4 wzr",
	"fetch 0x1000",
	"mem read 0\nmem read 0 32\nmem fill 0 2M 0xff",
	"mem write 0 1:1 2:2 3:4 4:8 5 \"text # and blanks\" hex:00ffAA",
	"expect-mem 0 hex:00 \"x\"",
	"host-call 0x1000\nhost-call 0x1000 imm=3 gprs[0]=1 gprs[30]=$gpr7+1",
	"wfi\nwfe\nwfit $now+1000\nwfet 7",
	"interrupt irq\ninterrupt fiq\ninterrupt serror\ninterrupt serror 0x11",
	"time 1000\npmu-overflow on\npmu-overflow off",
	"mrs x0 VBAR_EL1\nmrs xzr cntv_ctl_el0\nmrs x1 S3_0_C12_C12_5",
	"mrs x0 ICC_IAR1_EL1\nmrs x0 CNTVCT_EL0\nmrs x0 PMCR_EL0\nmrs x0 "
	"CTR_EL0",
	"msr CNTV_CTL_EL0 1\nmsr CNTV_CVAL_EL0 $now+5\nmsr VBAR_EL1 x3",
	"let x3 = 5\nlet x30 = x3",
	"log\nlog a \"b c\" $x0 $pc $rec $mpidr $esr $far",
	"expect 3\nexpect RSI_ERROR_INPUT base_align\nexpect SMC_NOT_SUPPORTED",
	"expect x0 == RSI_SUCCESS\nexpect $x0 != 1\nexpect w3 >= $new_base",
	"expect-value 1 < 2\nexpect 1 <= 2\nexpect 3 > 2",
	"expect exception\nexpect exception data-abort sea far=0x1000",
	"repeat 3\nrepeat 0\nend\nend",
	"while $a != 1\nlet a = 1\nend",
	"if 1 == 2\nfail \"no\"\nelse\nlog yes\nend",
	"rec 0\nPSCI_SYSTEM_OFF\nelse\nrec 1 2 3\nwfi\nend\nend",
	("repeat 1\nrepeat 1\nrepeat 1\nrepeat 1\nrepeat 1\nrepeat 1\n"
	 "repeat 1\nrepeat 1\nend\nend\nend\nend\nend\nend\nend\nend"),
};

START_TEST(accepts)
{
	struct script *script = parse(good[_i]);

	ck_assert_msg(script != NULL, "%s\n%s", error, good[_i]);
	ck_assert_str_eq(script_name(script), "t");
	script_free(script);
}
END_TEST

/* ---- What is none -------------------------------------------------------- */

static const struct {
	const char *text;
	const char *error; /* behind "t:" */
} bad[] = {
	{ "\n  jump 5", "2:3: \"jump\": neither a statement" },
	{ "\"wfi\"", "1:1: \"wfi\": neither a statement" },
	{ "VERSION 1", "1:1: \"VERSION\": neither a statement" },
	{ "RMI_VERSION 1", "1:1: \"RMI_VERSION\": neither a statement" },
	{ "wfi\xff", "1:1: \"wfi\\xff\": neither" },
	{ "wfi \x01", "1:5: byte 0x01 is no text" },
	{ "wfi\r\n", "1:4: byte 0x0d is no text" },
	{ "log \"open", "1:5: the quote is not closed" },
	{ "log \"a\"b", "1:8: a blank must follow the closing quote" },
	{ "wfi now", "1:5: \"now\": wfi takes no more than that" },
	{ "RSI_VERSION", "1:12: RSI_VERSION needs req here" },
	{ "RSI_IPA_STATE_SET 1 2", "1:22: RSI_IPA_STATE_SET needs ripas here" },
	{ "RSI_FEATURES 0 1", "1:16: \"1\": RSI_FEATURES takes no more" },
	{ "PSCI_CPU_OFF 1", "1:14: \"1\": PSCI_CPU_OFF takes no more" },
	{ "fetch 1 + 2", "1:9: \"+\": a sum is written without blanks" },
	{ "fetch 1+", "1:9: \"\": a sum is written without" },
	{ "fetch 12q", "1:7: \"12q\": not a number" },
	{ "fetch 0x", "1:7: \"0x\": not a number" },
	{ "fetch q+1", "1:7: \"q\": not a number" },
	{ "fetch 1+q", "1:9: \"q\": not a number" },
	{ "fetch x31", "1:7: \"x31\": not a number" },
	{ "fetch x01", "1:7: \"x01\": not a number" },
	{ "fetch 18446744073709551616", "1:7: \"18446744073709551616\": more" },
	{ "fetch 16777216T", "1:7: \"16777216T\": more than 64 bits" },
	{ "fetch 1+1+1+1+1+1+1+1+1", "1:7: \"1+1+1+1+1+1+1+1+1\": a sum has" },
	{ "fetch \"1\"", "1:7: \"1\": a number is wanted here" },
	{ "fetch $", "1:7: \"$\": not a variable" },
	{ "fetch $a-b", "1:10: \"b\": not a number" },
	{ "fetch $nowhere\nlet a = 1", "1:8: \"nowhere\": no let gives" },
	{ "let a = 1\nlog $b $a", "2:6: \"b\": no let gives" },
	{ "let 1a = 1", "1:5: \"1a\": not a name" },
	{ "let now = 1", "1:5: \"now\": this name has its meaning" },
	{ "let w3 = 1", "1:5: \"w3\": only x0 to x30 can be set" },
	{ "let xzr = 1", "1:5: \"xzr\": only x0 to x30 can be set" },
	{ "let a 1", "1:7: \"1\": let NAME = VALUE" },
	{ "let a", "1:6: let needs = here" },
	{ "read", "1:5: read needs an IPA here" },
	{ "read 0:3", "1:6: \"0:3\": a width is 1, 2, 4 or 8" },
	{ "read 0:16", "1:6: \"0:16\": a width is" },
	{ "read 0 q", "1:8: \"q\": neither a register" },
	{ "read 0:8 w3", "1:10: \"w3\": 8 bytes do not fit" },
	{ "read 0:4 w3 signed", "1:13: \"signed\": 4 bytes fill the register" },
	{ "read 0:8 signed", "1:10: \"signed\": 8 bytes fill the register" },
	{ "read 0:4 x3 quick", "1:13: \"quick\": only signed" },
	{ "write 0", "1:8: write needs a value or a register here" },
	{ "write 0:8 w3", "1:11: \"w3\": 8 bytes do not fit" },
	{ "mem copy 0", "1:5: \"copy\": read, write or fill is wanted here" },
	{ "mem", "1:4: mem needs read, write or fill here" },
	{ "mem write 0", "1:12: mem write needs a value" },
	{ "mem fill 0 1", "1:13: mem fill needs a byte here" },
	{ "mem write 0 hex:0", "1:13: \"hex:0\": a byte is two" },
	{ "mem write 0 hex:0g", "1:13: \"hex:0g\": not hexadecimal digits" },
	{ "mem write 0 1:5", "1:13: \"1:5\": a width is" },
	{ "host-call", "1:10: host-call needs an IPA here" },
	{ "host-call 0 5", "1:13: \"5\": neither imm=VALUE" },
	{ "host-call 0 a=5", "1:13: \"a=5\": neither imm=VALUE" },
	{ "host-call 0 gprs[31]=5", "1:13: \"gprs[31]=5\": a host call has" },
	{ "host-call 0 gprs[q]=5", "1:18: \"q\": not a number" },
	{ "host-call 0 imm=q", "1:17: \"q\": not a number" },
	{ "wfit", "1:5: wfit needs a counter value" },
	{ "interrupt nmi", "1:11: \"nmi\": irq, fiq or serror" },
	{ "interrupt irq 1", "1:15: \"1\": interrupt takes no more" },
	{ "pmu-overflow maybe", "1:14: \"maybe\": on or off" },
	{ "mrs VBAR_EL1 x0", "1:5: \"VBAR_EL1\": not a register" },
	{ "mrs w0 VBAR_EL1", "1:5: \"w0\": not a register" },
	{ "mrs x0 VBAR_EL2", "1:8: \"VBAR_EL2\": neither the name" },
	{ "mrs x0 S3_0_C16_C0_0", "1:8: \"S3_0_C16_C0_0\": neither" },
	{ "mrs x0 S3_0_C1_C0", "1:8: \"S3_0_C1_C0\": neither the name" },
	{ "mrs x0 S3_0_C1_C0_0_", "1:8: \"S3_0_C1_C0_0_\": neither" },
	{ "msr VBAR_EL1", "1:13: msr needs a value" },
	{ "msr VBAR_EL1 w0", "1:14: \"w0\": 8 bytes do not fit" },
	{ "smc 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19",
	    "1:50: \"19\": a call has 18 registers" },
	{ "expect", "1:7: expect needs a status" },
	{ "expect GOOD", "1:8: \"GOOD\": neither a status" },
	{ "expect RSI_SUCCESS 5", "1:20: \"5\": not the name of a condition" },
	{ "expect RSI_SUCCESS a b", "1:22: \"b\": expect takes no more" },
	{ "expect x0 == ", "1:13: expect needs a value here" },
	{ "expect-value 1 = 2", "1:16: \"=\": not one of" },
	{ "expect exception bad", "1:18: \"bad\": not one of unknown," },
	{ "expect exception far=1 far=2", "1:24: \"far=2\": far is given" },
	{ "repeat", "1:7: repeat needs a count here" },
	{ "wfi\n repeat 2\nwfi",
	    "2:2: \"repeat\": the end of this is missing" },
	{ "wfi\nend", "2:1: \"end\": there is nothing to end" },
	{ "else", "1:1: \"else\": only an if or a rec" },
	{ "repeat 1\nelse\nend", "2:1: \"else\": only an if or a rec" },
	{ "if 1 == 1\nelse\nelse\nend", "3:1: \"else\": only an if or a rec" },
	{ "if 1\nend", "1:5: if needs ==" },
	{ "rec\nend", "1:4: rec needs the index of a REC here" },
	{ "repeat 1\nrepeat 1\nrepeat 1\nrepeat 1\nrepeat 1\nrepeat 1\n"
	  "repeat 1\nrepeat 1\n  rec 1",
	    "9:3: \"rec\": blocks are nested at most 8 deep" },
};

START_TEST(refuses)
{
	struct script *script = parse(bad[_i].text);

	ck_assert_msg(script == NULL, "taken: %s", bad[_i].text);
	ck_assert_msg(strncmp(error, "t:", 2) == 0 &&
		strncmp(error + 2, bad[_i].error, strlen(bad[_i].error)) == 0,
	    "%s\nis \"%s\"\nnot \"t:%s\"", bad[_i].text, error, bad[_i].error);
}
END_TEST

/* ---- Limits ---------------------------------------------------------------
 */

/* head, and each so many times. */
static char *
many(const char *head, const char *each, unsigned num)
{
	size_t len = strlen(head), size = strlen(each);
	char *text = malloc(len + num * size + 1);

	ck_assert_ptr_nonnull(text);
	memcpy(text, head, len + 1);
	for (unsigned i = 0; i < num; i++)
		memcpy(text + len + i * size, each, size + 1);
	return text;
}

static void
limit(const char *head, const char *each, unsigned good_num, const char *why)
{
	char *text = many(head, each, good_num);
	struct script *script = parse(text);

	ck_assert_msg(script != NULL, "%s", error);
	script_free(script);
	free(text);
	text = many(head, each, good_num + 1);
	ck_assert_ptr_null(parse(text));
	ck_assert_msg(strstr(error, why) != NULL, "%s", error);
	free(text);
}

START_TEST(limits)
{
	limit("log", " a", 63, "t:1:131: \"a\": a statement has at most 64");
	limit("#", "a", 4095, "t:1:4097: the line is longer than 4096 bytes");
	limit("", "wfi\n", 16384,
	    "t:16385:1: \"wfi\": a script has at most 16384 statements");
	limit("", "\n", SCRIPT_SIZE_MAX, "t:1:1: more than 262144 bytes");
}
END_TEST

START_TEST(variables)
{
	char text[8192];
	size_t len = 0;
	struct script *script;

	for (unsigned i = 0; i < 256; i++)
		len += (size_t)snprintf(
		    text + len, sizeof text - len, "let v%u = 1\n", i);
	script = parse(text);
	ck_assert_msg(script != NULL, "%s", error);
	script_free(script);
	snprintf(text + len, sizeof text - len, "let one_more = 1");
	ck_assert_ptr_null(parse(text));
	ck_assert_str_eq(
	    error, "t:257:5: \"one_more\": a script has at most 256 variables");
}
END_TEST

/* The bytes of one statement, 8 for each value. */
START_TEST(bulk)
{
	char text[4200] = "mem write 0 \"";
	size_t len = strlen(text);
	struct script *script;

	memset(text + len, 'a', 4000);
	strcpy(text + len + 4000, "\" 1 2 3 4 5 6 7 8 9 10 11 12");
	script = parse(text);
	ck_assert_msg(script != NULL, "%s", error);
	script_free(script);
	strcat(text, " 13:1");
	ck_assert_ptr_null(parse(text));
	ck_assert_str_eq(
	    error, "t:1:4043: \"13:1\": a statement has at most 4096 bytes");
}
END_TEST

/* An error fits whatever it is given, and is cut, not overrun. */
START_TEST(short_error)
{
	char small[8] = "1234567";

	ck_assert_ptr_null(script_parse("t", "jump", 4, small, sizeof small));
	ck_assert_str_eq(small, "t:1:1: ");
}
END_TEST

static Suite *
syntax_suite(void)
{
	Suite *s = suite_create("syntax");
	TCase *tc = tcase_create("syntax");

	tcase_add_loop_test(tc, accepts, 0, sizeof good / sizeof good[0]);
	tcase_add_loop_test(tc, refuses, 0, sizeof bad / sizeof bad[0]);
	tcase_add_test(tc, limits);
	tcase_add_test(tc, variables);
	tcase_add_test(tc, bulk);
	tcase_add_test(tc, short_error);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	SRunner *runner = srunner_create(syntax_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
