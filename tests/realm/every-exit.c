/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The script that walks through every exit reason, and the examples of
 * rmm-script(5): each comes to its end.  Of the script, the host must have seen
 * every kind of exit there is.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

#define TEXT_MAX 65536

static char text[TEXT_MAX + 1];

static void
load(const char *name)
{
	const char *srcdir = getenv("srcdir");
	char path[1024];
	size_t size;
	FILE *file;

	snprintf(
	    path, sizeof path, "%s/%s", srcdir == NULL ? "." : srcdir, name);
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "cannot read %s", path);
	size = fread(text, 1, TEXT_MAX, file);
	fclose(file);
	ck_assert_uint_gt(size, 0);
	ck_assert_uint_lt(size, TEXT_MAX);
	text[size] = '\0';
}

/* Everything was seen but what these bits say. */
static void
ck_saw(uint64_t but)
{
	uint64_t all = (1ull << SAW_ALL) - 1;

	ck_assert_msg((host_saw | but) == all && (host_saw & but) == 0,
	    "not seen: 0x%" PRIx64 ", seen: 0x%" PRIx64,
	    all & ~(host_saw | but), host_saw & but);
}

START_TEST(trapped)
{
	load("tests/realm/every-exit.rmm-script");
	host_play(text, RMI_REC_ENTER_TRAP_WFI | RMI_REC_ENTER_TRAP_WFE);
	ck_saw(1ull << SAW_SYSTEM_RESET);
}
END_TEST

START_TEST(not_trapped)
{
	char *last;

	load("tests/realm/every-exit.rmm-script");
	last = strstr(text, "\nlet last = PSCI_SYSTEM_OFF ");
	ck_assert_ptr_nonnull(last);
	/* PSCI_SYSTEM_RESET, in as many letters. */
	memcpy(strstr(last, "PSCI"), "0x84000009     ", 15);
	host_play(text, 0);
	ck_saw(1ull << SAW_SYSTEM_OFF | 1ull << SAW_WFI | 1ull << SAW_WFE |
	    1ull << SAW_WFIT | 1ull << SAW_WFET);
}
END_TEST

/* The lines between the n-th pair of marks; false: there are fewer. */
static bool
example(const char *manual, unsigned n, char *to)
{
	static const char begin_mark[] = "\n.\\\" begin script\n";
	static const char end_mark[] = "\n.\\\" end script\n";
	const char *at = manual, *end;

	for (unsigned i = 0; i <= n; i++) {
		at = strstr(at, begin_mark);
		if (at == NULL)
			return false;
		at += strlen(begin_mark);
	}
	end = strstr(at, end_mark);
	ck_assert_ptr_nonnull(end);
	while (at <= end) {
		size_t len = strcspn(at, "\n") + 1;

		if (*at != '.') {
			memcpy(to, at, len);
			to += len;
		}
		at += len;
	}
	*to = '\0';
	return true;
}

START_TEST(manual)
{
	static char page[TEXT_MAX + 1], script[TEXT_MAX + 1];
	uint64_t saw = 0;
	unsigned n;

	load("man/rmm-script.5.in");
	memcpy(page, text, sizeof page);
	for (n = 0; example(page, n, script); n++) {
		said[0] = '\0';
		host_play(script, 0);
		saw |= host_saw;
		host_play(
		    script, RMI_REC_ENTER_TRAP_WFI | RMI_REC_ENTER_TRAP_WFE);
		saw |= host_saw;
	}
	ck_assert_uint_ge(n, 15);
	host_saw = saw;
	ck_saw(0);
}
END_TEST

static Suite *
every_exit_suite(void)
{
	Suite *s = suite_create("every-exit");
	TCase *tc = tcase_create("every-exit");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, trapped);
	tcase_add_test(tc, not_trapped);
	tcase_add_test(tc, manual);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(every_exit_suite());
}
