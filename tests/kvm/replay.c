/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What real VMMs did, ioctl by ioctl, with their arguments: recorded sequences
 * are replayed in order.  Each tests/kvm/recorded/NAME is one, a line a call:
 *
 *	profile NAME
 *	fill BUFFER SIZE BYTE		memory of the caller
 *	let BUFFER FIELD...		a structure in memory
 *	FD NAME ARGUMENT... = RESULT	an ioctl
 *	FD map				mmap() of its first page
 *	exit FD REASON TYPE		of struct kvm_run
 *	for VARIABLE FROM TO STEP ... end
 *
 * ARGUMENT is a number, or FIELDs: SIZE:VALUE, of 1, 4, 8 or more bytes, where
 * VALUE is a number, a BUFFER's address, or FD.  RESULT is a number, an error,
 * "ok" (0 or more), or a name for the descriptor that is returned, "NAME@N" one
 * that the structure has at byte N.  A name that begins with $ is a variable.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kvm-test.h"

#define MAX_NAMES 64
#define MAX_WORDS 40
#define MAX_LINES 400

static const struct {
	const char *name;
	uint32_t word;
} commands[] = {
	{ "GET_API_VERSION", RKVM_GET_API_VERSION },
	{ "CREATE_VM", RKVM_CREATE_VM },
	{ "CHECK_EXTENSION", RKVM_CHECK_EXTENSION },
	{ "GET_VCPU_MMAP_SIZE", RKVM_GET_VCPU_MMAP_SIZE },
	{ "CREATE_VCPU", RKVM_CREATE_VCPU },
	{ "SET_USER_MEMORY_REGION", RKVM_SET_USER_MEMORY_REGION },
	{ "SET_USER_MEMORY_REGION2", RKVM_SET_USER_MEMORY_REGION2 },
	{ "SET_MEMORY_ATTRIBUTES", RKVM_SET_MEMORY_ATTRIBUTES },
	{ "CREATE_GUEST_MEMFD", RKVM_CREATE_GUEST_MEMFD },
	{ "POPULATE", RKVM_POPULATE_V13 },
	{ "ENABLE_CAP", RKVM_ENABLE_CAP },
	{ "CREATE_DEVICE", RKVM_CREATE_DEVICE },
	{ "SET_DEVICE_ATTR", RKVM_SET_DEVICE_ATTR },
	{ "GET_DEVICE_ATTR", RKVM_GET_DEVICE_ATTR },
	{ "HAS_DEVICE_ATTR", RKVM_HAS_DEVICE_ATTR },
	{ "PREFERRED_TARGET", RKVM_ARM_PREFERRED_TARGET },
	{ "VCPU_INIT", RKVM_ARM_VCPU_INIT },
	{ "VCPU_FINALIZE", RKVM_ARM_VCPU_FINALIZE },
	{ "GET_ONE_REG", RKVM_GET_ONE_REG },
	{ "SET_ONE_REG", RKVM_SET_ONE_REG },
	{ "GET_REG_LIST", RKVM_GET_REG_LIST },
	{ "GET_STATS_FD", RKVM_GET_STATS_FD },
	{ "SET_SIGNAL_MASK", RKVM_SET_SIGNAL_MASK },
	{ "GET_MP_STATE", RKVM_GET_MP_STATE },
	{ "SET_MP_STATE", RKVM_SET_MP_STATE },
	{ "GET_VCPU_EVENTS", RKVM_GET_VCPU_EVENTS },
	{ "SET_VCPU_EVENTS", RKVM_SET_VCPU_EVENTS },
	{ "SET_GSI_ROUTING", RKVM_SET_GSI_ROUTING },
	{ "RUN", RKVM_RUN },
};

struct name {
	char text[24];
	uint64_t value; /* a descriptor, an address, a number */
};

static struct {
	const char *file;
	char lines[MAX_LINES][256];
	size_t num_lines, at;
	struct name names[MAX_NAMES];
	size_t num_names;
	struct rmmkvm *kvm;
} r;

#define CHECK(what, ...) \
	ck_assert_msg(what, "%s:%zu: %s", r.file, r.at + 1, __VA_ARGS__)

static void
set_name(const char *text, uint64_t value)
{
	size_t i = 0;

	while (i < r.num_names && strcmp(r.names[i].text, text) != 0)
		i++;
	CHECK(i < MAX_NAMES, "too many names");
	snprintf(r.names[i].text, sizeof(r.names[i].text), "%s", text);
	r.names[i].value = value;
	if (i == r.num_names)
		r.num_names++;
}

/* A number, or what a name stands for; a sum of two of them. */
static uint64_t
value_of(const char *text)
{
	const char *plus = strchr(text, '+');
	char left[32];

	if (plus != NULL) {
		snprintf(left, sizeof(left), "%.*s", (int)(plus - text), text);
		return value_of(left) + value_of(plus + 1);
	}
	if (text[0] >= '0' && text[0] <= '9')
		return strtoull(text, NULL, 0);
	for (size_t i = 0; i < r.num_names; i++)
		if (strcmp(r.names[i].text, text) == 0)
			return r.names[i].value;
	CHECK(false, text);
	return 0;
}

/* Fields into bytes; the rest stays 0. */
static void
put_fields(char **words, size_t num, uint8_t *bytes, size_t room)
{
	size_t at = 0;

	for (size_t i = 0; i < num; i++) {
		const char *colon = strchr(words[i], ':');
		size_t size = strtoul(words[i], NULL, 10);
		uint64_t value = value_of(colon + 1);

		CHECK(at + size <= room, "no room");
		memcpy(bytes + at, &value, size < 8 ? size : 8);
		at += size;
	}
}

static int
error_of(const char *name)
{
	for (int error = 1; error < 134; error++) {
		const char *known = strerrorname_np(error);

		if (known != NULL && strcmp(known, name) == 0)
			return error;
	}
	return 0;
}

static void
check_result(long result, const char *want, const uint8_t *bytes)
{
	const char *at = strchr(want, '@');
	char name[24], said[320];

	snprintf(said, sizeof(said), "%ld, not %s: %s", result, want,
	    result < 0 ? rmmkvm_error() : "");
	if (error_of(want) != 0) {
		CHECK(result == -error_of(want), said);
		return;
	}
	CHECK(result >= 0, said);
	if (want[0] >= '0' && want[0] <= '9') {
		CHECK(result == strtol(want, NULL, 0), said);
	} else if (at != NULL) {
		uint32_t fd;

		memcpy(&fd, bytes + strtoul(at + 1, NULL, 10), sizeof(fd));
		snprintf(name, sizeof(name), "%.*s", (int)(at - want), want);
		set_name(name, fd);
	} else if (strcmp(want, "ok") != 0) {
		set_name(want, (uint64_t)result);
	}
}

static void
make_call(char **words, size_t num)
{
	_Alignas(8) uint8_t bytes[4096] = { 0 };
	int fd = (int)value_of(words[0]);
	uintptr_t arg = 0;
	size_t i = 0;

	while (i < sizeof(commands) / sizeof(commands[0]) &&
	    strcmp(commands[i].name, words[1]) != 0)
		i++;
	CHECK(i < sizeof(commands) / sizeof(commands[0]), words[1]);
	CHECK(num >= 4 && strcmp(words[num - 2], "=") == 0, "no result");
	if (num > 4 && strchr(words[2], ':') == NULL)
		arg = value_of(words[2]);
	else if (num > 4) {
		put_fields(words + 2, num - 4, bytes, sizeof(bytes));
		arg = (uintptr_t)bytes;
	}
	check_result(rmmkvm_ioctl(r.kvm, fd, commands[i].word, arg),
	    words[num - 1], bytes);
}

static void *
new_buffer(const char *name, uint64_t size)
{
	void *buffer = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(buffer != MAP_FAILED, "no memory");
	set_name(name, (uintptr_t)buffer);
	return buffer;
}

static void run_lines(size_t from, size_t to);

/* Lines up to the next "end", for each value of the variable. */
static void
loop(char **words)
{
	uint64_t from = value_of(words[2]), to = value_of(words[3]);
	uint64_t step = value_of(words[4]);
	size_t first = r.at + 1, last = first;

	while (last < r.num_lines && strcmp(r.lines[last], "end") != 0)
		last++;
	for (uint64_t value = from; value <= to; value += step) {
		set_name(words[1], value);
		run_lines(first, last);
	}
	r.at = last;
}

static void
run_line(char **words, size_t num)
{
	struct rmmkvm_config config = { .name = "replay" };
	const struct rkvm_run *run;

	if (strcmp(words[0], "profile") == 0) {
		config.profile = words[1];
		r.kvm = rmmkvm_open(&config);
		CHECK(r.kvm != NULL, rmmkvm_error());
		set_name("sys", (uint64_t)rmmkvm_fd(r.kvm));
	} else if (strcmp(words[0], "fill") == 0) {
		memset(new_buffer(words[1], value_of(words[2])),
		    (int)value_of(words[3]), value_of(words[2]));
	} else if (strcmp(words[0], "let") == 0) {
		put_fields(
		    words + 2, num - 2, new_buffer(words[1], 4096), 4096);
	} else if (strcmp(words[0], "for") == 0) {
		loop(words);
	} else if (strcmp(words[0], "exit") == 0) {
		run = mmap(NULL, PAGE, PROT_READ, MAP_SHARED,
		    (int)value_of(words[1]), 0);
		CHECK(run != MAP_FAILED, "mmap");
		CHECK(run->exit_reason == value_of(words[2]) &&
			run->u.system_event.type == value_of(words[3]),
		    "another exit");
	} else {
		make_call(words, num);
	}
}

static void
run_lines(size_t from, size_t to)
{
	for (r.at = from; r.at < to; r.at++) {
		char line[256], *words[MAX_WORDS], *rest = line, *word;
		size_t num = 0;

		snprintf(line, sizeof(line), "%s", r.lines[r.at]);
		while ((word = strsep(&rest, " \t")) != NULL)
			if (*word != '\0' && num < MAX_WORDS)
				words[num++] = word;
		if (num > 0 && words[0][0] != '#')
			run_line(words, num);
	}
}

static void
replay(const char *name)
{
	const char *srcdir = getenv("srcdir");
	char path[512];
	FILE *file;

	memset(&r, 0, sizeof(r));
	r.file = name;
	snprintf(path, sizeof(path), "%s/tests/kvm/recorded/%s",
	    srcdir != NULL ? srcdir : ".", name);
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s", path);
	while (r.num_lines < MAX_LINES &&
	    fgets(r.lines[r.num_lines], 256, file) != NULL) {
		r.lines[r.num_lines][strcspn(r.lines[r.num_lines], "\n")] =
		    '\0';
		r.num_lines++;
	}
	ck_assert(feof(file));
	fclose(file);
	run_lines(0, r.num_lines);
	rmmkvm_close(r.kvm);
	ck_assert_uint_eq(granules_in_use(), 0);
	ck_assert_uint_eq(num_leases(), 0);
}

static const char *const files[] = { "kvmtool", "qemu", "openvmm-v14",
	"openvmm-v15" };

START_TEST(recorded)
{
	replay(files[_i]);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("replay");
	TCase *cases = tcase_create("recorded");

	tcase_set_timeout(cases, 120);
	tcase_add_loop_test(
	    cases, recorded, 0, sizeof(files) / sizeof(files[0]));
	suite_add_tcase(suite, cases);
	return kvm_test_main(argc, argv, suite);
}
