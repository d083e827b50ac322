/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The shell's hands on Non-secure memory: the file that the host's socket gives
 * out, never more than one bank of DRAM and a bound at a time.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell-state.h"

#define READ_MAX  (64u << 10)  /* bytes that one "mem read" shows */
#define WRITE_MAX (256u << 20) /* bytes that one statement writes */
#define CHUNK	  (64u << 10)

/* A place in memory that a statement may touch. */
struct place {
	int fd;
	int64_t offset;
	uint64_t pa;
	const struct shell_word *word; /* the address, for errors */
};

/* Whether [pa, pa + len) lies in one bank of DRAM. */
static bool
in_bank(struct shell *shell, uint64_t pa, uint64_t len)
{
	const struct rmmclient_bank *banks;
	size_t num;

	banks = rmmclient_banks(shell->client, &num);
	for (size_t i = 0; banks != NULL && i < num; i++) {
		uint64_t at = pa - banks[i].base;

		if (banks[i].kind == RMMCLIENT_BANK_DRAM &&
		    pa >= banks[i].base && at < banks[i].size &&
		    len <= banks[i].size - at)
			return true;
	}
	return false;
}

static bool
find_place(struct shell *shell, const struct shell_expr *address, uint64_t len,
    struct place *place)
{
	place->word = &address->word;
	if (!shell_value(shell, address, &place->pa) || !shell_connect(shell))
		return false;
	if (!in_bank(shell, place->pa, len))
		return shell_error_at(shell->error, place->word,
		    "[0x%" PRIx64 ", +0x%" PRIx64
		    ") is not within one bank of DRAM",
		    place->pa, len);
	place->offset = rmmclient_offset(shell->client, place->pa);
	place->fd = rmmclient_memory_fd(shell->client);
	if (place->offset >= 0 && place->fd >= 0)
		return true;
	return shell_error_at(shell->error, place->word, "%s",
	    ctl_safe(rmmclient_error(shell->client)));
}

static bool
put(struct shell *shell, const struct place *place, uint64_t at,
    const void *bytes, size_t len)
{
	ssize_t n =
	    pwrite(place->fd, bytes, len, (off_t)(place->offset + (int64_t)at));

	if (n == (ssize_t)len)
		return true;
	return shell_error_at(shell->error, place->word,
	    "cannot write there: %s", n < 0 ? strerror(errno) : "cut short");
}

static bool
get(struct shell *shell, const struct place *place, void *bytes, size_t len)
{
	ssize_t n = pread(place->fd, bytes, len, (off_t)place->offset);

	if (n == (ssize_t)len)
		return true;
	return shell_error_at(shell->error, place->word,
	    "cannot read there: %s", n < 0 ? strerror(errno) : "cut short");
}

/* ---- read, write, fill, load ------------------------------------------------
 */

static void
dump(uint64_t pa, const uint8_t *bytes, size_t len)
{
	for (size_t row = 0; row < len; row += 16) {
		size_t n = len - row < 16 ? len - row : 16;

		printf("0x%" PRIx64 ":", pa + row);
		for (size_t i = 0; i < n; i++)
			printf(" %02x", bytes[row + i]);
		printf("%*s |", (int)(3 * (16 - n)), "");
		for (size_t i = 0; i < n; i++) {
			uint8_t c = bytes[row + i];

			putchar(c >= 0x20 && c < 0x7f ? c : '.');
		}
		puts("|");
	}
}

bool
shell_mem_read(struct shell *shell, const struct shell_statement *s)
{
	static uint8_t bytes[READ_MAX];
	uint64_t len = 64;
	struct place place;

	if (s->num_exprs > 1 && !shell_value(shell, &s->exprs[1], &len))
		return false;
	if (len == 0 || len > READ_MAX)
		return shell_error_at(shell->error, &s->exprs[1].word,
		    "mem read shows 1 to %u bytes", READ_MAX);
	if (!find_place(shell, &s->exprs[0], len, &place) ||
	    !get(shell, &place, bytes, (size_t)len))
		return false;
	dump(place.pa, bytes, (size_t)len);
	return true;
}

/* Whether value, or its negative, has room in width bytes. */
static bool
fits(uint64_t value, unsigned width)
{
	uint64_t rest;

	if (width >= 8)
		return true;
	rest = value >> (8 * width - 1);
	return rest <= 1 || rest == UINT64_MAX >> (8 * width - 1);
}

/* The value in width bytes, little endian. */
static bool
encode(struct shell *shell, const struct shell_expr *expr, unsigned width,
    uint8_t *to)
{
	uint64_t value;

	if (!shell_value(shell, expr, &value))
		return false;
	if (!fits(value, width))
		return shell_error_at(shell->error, &expr->word,
		    "0x%" PRIx64 " has no room in %u byte%s", value, width,
		    width == 1 ? "" : "s");
	for (unsigned i = 0; i < width; i++)
		to[i] = (uint8_t)(value >> (8 * i));
	return true;
}

/* The values of a statement as bytes; room for all of them. */
static bool
encode_all(struct shell *shell, const struct shell_statement *s,
    uint8_t bytes[8 * SHELL_WORDS_MAX], size_t *len)
{
	*len = 0;
	for (unsigned i = 1; i < s->num_exprs; i++) {
		if (!encode(shell, &s->exprs[i], s->widths[i], bytes + *len))
			return false;
		*len += s->widths[i];
	}
	return true;
}

bool
shell_mem_write(struct shell *shell, const struct shell_statement *s)
{
	uint8_t bytes[8 * SHELL_WORDS_MAX];
	struct place place;
	size_t len;

	return encode_all(shell, s, bytes, &len) &&
	    find_place(shell, &s->exprs[0], len, &place) &&
	    put(shell, &place, 0, bytes, len);
}

bool
shell_expect_mem(struct shell *shell, const struct shell_statement *s)
{
	uint8_t wanted[8 * SHELL_WORDS_MAX], found[8 * SHELL_WORDS_MAX];
	struct place place;
	size_t len, at = 0;

	if (!encode_all(shell, s, wanted, &len) ||
	    !find_place(shell, &s->exprs[0], len, &place) ||
	    !get(shell, &place, found, len))
		return false;
	while (at < len && wanted[at] == found[at])
		at++;
	return at == len ||
	    shell_error_at(shell->error, &s->word,
		"not met: the byte at 0x%" PRIx64 " is 0x%02x, not 0x%02x",
		place.pa + at, found[at], wanted[at]);
}

static bool
check_length(struct shell *shell, const struct shell_expr *expr, uint64_t len)
{
	return len <= WRITE_MAX ||
	    shell_error_at(shell->error, &expr->word,
		"one statement writes at most %u MiB", WRITE_MAX >> 20);
}

bool
shell_mem_fill(struct shell *shell, const struct shell_statement *s)
{
	static uint8_t bytes[CHUNK];
	uint64_t len;
	struct place place;
	uint8_t byte = 0;

	if (!shell_value(shell, &s->exprs[1], &len) ||
	    !check_length(shell, &s->exprs[1], len) ||
	    !encode(shell, &s->exprs[2], 1, &byte) ||
	    !find_place(shell, &s->exprs[0], len, &place))
		return false;
	memset(bytes, byte, sizeof(bytes));
	for (uint64_t at = 0; at < len; at += CHUNK) {
		uint64_t n = len - at < CHUNK ? len - at : CHUNK;

		if (!put(shell, &place, at, bytes, (size_t)n))
			return false;
	}
	return true;
}

static void
close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* How much of the file from offset on; the whole rest if no length is given. */
static bool
load_length(struct shell *shell, const struct shell_statement *s, int fd,
    uint64_t *offset, uint64_t *len)
{
	const struct shell_word *file = &s->words[0];
	struct stat st;

	*offset = 0;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return shell_error_at(shell->error, file, "not a regular file");
	if (s->num_exprs > 1 && !shell_value(shell, &s->exprs[1], offset))
		return false;
	if (*offset > (uint64_t)st.st_size)
		return shell_error_at(shell->error, &s->exprs[1].word,
		    "the file has %" PRIu64 " bytes", (uint64_t)st.st_size);
	*len = (uint64_t)st.st_size - *offset;
	if (s->num_exprs < 3)
		return check_length(shell, &s->exprs[0], *len);
	if (!shell_value(shell, &s->exprs[2], len) ||
	    !check_length(shell, &s->exprs[2], *len))
		return false;
	return *len <= (uint64_t)st.st_size - *offset ||
	    shell_error_at(shell->error, &s->exprs[2].word,
		"the file has %" PRIu64 " bytes", (uint64_t)st.st_size);
}

bool
shell_mem_load(struct shell *shell, const struct shell_statement *s)
{
	static uint8_t bytes[CHUNK];
	const struct shell_word *file = &s->words[0];
	char path[SHELL_LINE_MAX + 1];
	uint64_t offset, len;
	struct place place;
	__attribute__((cleanup(close_fd))) int fd = -1;

	snprintf(path, sizeof(path), "%.*s", (int)file->len, file->text);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return shell_error_at(
		    shell->error, file, "%s", strerror(errno));
	if (!load_length(shell, s, fd, &offset, &len) ||
	    !find_place(shell, &s->exprs[0], len, &place))
		return false;
	for (uint64_t at = 0; at < len; at += CHUNK) {
		uint64_t n = len - at < CHUNK ? len - at : CHUNK;

		if (pread(fd, bytes, (size_t)n, (off_t)(offset + at)) !=
		    (ssize_t)n)
			return shell_error_at(
			    shell->error, file, "cannot read it all");
		if (!put(shell, &place, at, bytes, (size_t)n))
			return false;
	}
	return true;
}

/* ---- pages by the names of their fields
 * --------------------------------------
 */

static void
put_hex(const struct shell_setting *set, uint8_t *to)
{
	char pair[3] = "";

	for (size_t i = 0; i < set->hex.len / 2; i++) {
		memcpy(pair, set->hex.text + 2 * i, 2);
		to[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
}

/* The number of elements that FIRST:COUNT gave, where the layout wants it. */
static void
put_count(const struct shell_layout *layout, const struct shell_setting *set,
    uint8_t page[GRANULE_SIZE])
{
	for (const struct shell_field *f = layout->fields;
	     layout->counter != NULL && f->name != NULL; f++) {
		uint64_t count = set->index + set->count;

		if (strcmp(f->name, layout->counter) == 0)
			memcpy(page + f->offset, &count, f->width);
	}
}

static bool
put_setting(struct shell *shell, const struct shell_statement *s,
    const struct shell_setting *set, uint8_t page[GRANULE_SIZE])
{
	const struct shell_field *f = set->field;
	uint8_t *to = page + f->offset + set->index * f->width;
	uint64_t value;

	if (f->bytes) {
		put_hex(set, to);
		return true;
	}
	if (!encode(shell, &s->exprs[set->expr], f->width, to))
		return false;
	if (set->count == 1)
		return true;
	if (!shell_value(shell, &s->exprs[set->expr], &value))
		return false;
	for (uint64_t i = 1; i < set->count; i++) {
		value += GRANULE_SIZE;
		memcpy(to + i * f->width, &value, f->width);
	}
	put_count(s->layout, set, page);
	return true;
}

bool
shell_page(struct shell *shell, const struct shell_statement *s)
{
	uint8_t page[GRANULE_SIZE] = { 0 };
	struct place place;

	for (unsigned i = 0; i < s->num_settings; i++) {
		if (!put_setting(shell, s, &s->settings[i], page))
			return false;
	}
	return find_place(shell, &s->exprs[0], sizeof(page), &place) &&
	    put(shell, &place, 0, page, sizeof(page));
}

/* Print a field that is not 0, and leave it as a variable. */
static bool
show_field(struct shell *shell, const char *name, uint64_t value)
{
	struct shell_word word = { .text = name, .len = strlen(name) };

	if (value != 0)
		printf(" %s=0x%" PRIx64, name, value);
	return shell_let(shell, &word, value);
}

bool
shell_rec_exit(struct shell *shell, const struct shell_statement *s)
{
	static const char *const reasons[] = { "SYNC", "IRQ", "FIQ", "PSCI",
		"RIPAS_CHANGE", "HOST_CALL", "SERROR" };
	struct rmi_rec_run run;
	const struct rmi_rec_exit *e = &run.exit;
	struct place place;
	char name[16];
	bool ok;

	if (!find_place(shell, &s->exprs[0], sizeof(run), &place) ||
	    !get(shell, &place, &run, sizeof(run)))
		return false;
	if (e->exit_reason < sizeof(reasons) / sizeof(reasons[0]))
		printf("RMI_EXIT_%s", reasons[e->exit_reason]);
	else
		printf("exit reason %u", e->exit_reason);
	ok = show_field(shell, "exit_reason", e->exit_reason) &&
	    show_field(shell, "esr", e->esr) &&
	    show_field(shell, "far", e->far) &&
	    show_field(shell, "hpfar", e->hpfar) &&
	    show_field(shell, "ripas_base", e->ripas_base) &&
	    show_field(shell, "ripas_top", e->ripas_top) &&
	    show_field(shell, "ripas_value", e->ripas_value) &&
	    show_field(shell, "imm", e->imm);
	for (unsigned i = 0; ok && i < RMI_REC_GPRS; i++) {
		snprintf(name, sizeof(name), "gpr%u", i);
		ok = show_field(shell, name, e->gprs[i]);
	}
	putchar('\n');
	return ok;
}
