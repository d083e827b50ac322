/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Numbers, sizes, digests and JSON values, as rmmctl reads and writes them.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "rmmctl.h"

static bool
suffix_shift(const char *text, unsigned *shift)
{
	static const char letters[] = "KMGT";
	const char *at;

	*shift = 0;
	if (text[0] == '\0')
		return true;
	at = strchr(letters, toupper((unsigned char)text[0]));
	*shift = at == NULL ? 0 : 10 * (unsigned)(at - letters + 1);
	return at != NULL && text[1] == '\0';
}

bool
ctl_parse_number(const char *text, uint64_t *value)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	unsigned shift;
	char *end;

	if (hex ? !isxdigit((unsigned char)digits[0])
		: !isdigit((unsigned char)digits[0]))
		return false;
	errno = 0;
	*value = strtoull(digits, &end, hex ? 16 : 10);
	if (errno != 0 || !suffix_shift(end, &shift))
		return false;
	if (*value << shift >> shift != *value)
		return false;
	*value <<= shift;
	return true;
}

enum ctl_exit
ctl_number(const char *what, const char *text, uint64_t *value)
{
	if (ctl_parse_number(text, value))
		return CTL_OK;
	return ctl_usage_error("%s \"%s\" is not a number of at most 64 bits"
			       " (0x1000, 4096, 4K)",
	    what, ctl_safe(text));
}

const char *
ctl_size(char buf[CTL_SIZE_TEXT], uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB",
		"PiB", "EiB" };
	unsigned unit = 0;

	while (unit < 6 && bytes >> (10 * (unit + 1)) != 0)
		unit++;
	if ((bytes & ((1ull << (10 * unit)) - 1)) == 0)
		snprintf(buf, CTL_SIZE_TEXT, "%" PRIu64 " %s",
		    bytes >> (10 * unit), units[unit]);
	else
		snprintf(buf, CTL_SIZE_TEXT, "%.1f %s",
		    (double)bytes / (double)(1ull << (10 * unit)), units[unit]);
	return buf;
}

const char *
ctl_hex(char buf[CTL_HEX_TEXT], const uint8_t *bytes, size_t len)
{
	size_t n = len < 64 ? len : 64;

	for (size_t i = 0; i < n; i++)
		snprintf(buf + 2 * i, 3, "%02x", bytes[i]);
	buf[2 * n] = '\0';
	return buf;
}

size_t
ctl_digest_size(const char *hash_algo)
{
	return strcmp(hash_algo, "sha-256") == 0 ? 32 : 64;
}

const char *
ctl_safe(const char *text)
{
	static _Thread_local char bufs[4][256];
	static _Thread_local unsigned turn;
	char *buf = bufs[turn++ % 4];
	size_t i;

	for (i = 0; text[i] != '\0' && i < sizeof(bufs[0]) - 1; i++) {
		unsigned char c = (unsigned char)text[i];

		buf[i] = c < 0x20 || c == 0x7f ? '?' : text[i];
	}
	buf[i] = '\0';
	return buf;
}

const char *
ctl_bank_kind(Rmmd__BankKind kind)
{
	switch (kind) {
	case RMMD__BANK_KIND__BANK_DRAM:
		return "dram";
	case RMMD__BANK_KIND__BANK_DEVICE:
		return "device";
	case RMMD__BANK_KIND__BANK_SECURE:
		return "secure";
	default:
		return "unknown";
	}
}

json_t *
ctl_json_address(uint64_t address)
{
	return json_sprintf("0x%" PRIx64, address);
}

json_t *
ctl_json_text(const char *text)
{
	json_t *value = json_string(text);
	char *copy;

	if (value != NULL)
		return value;
	/* Not UTF-8: a client may name itself with any bytes. */
	copy = strdup(text);
	if (copy == NULL)
		return NULL;
	for (char *c = copy; *c != '\0'; c++) {
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	}
	value = json_string(copy);
	free(copy);
	return value;
}

json_t *
ctl_json_bytes(const uint8_t *bytes, size_t len)
{
	char buf[CTL_HEX_TEXT];

	return json_string(ctl_hex(buf, bytes, len));
}

enum ctl_exit
ctl_json_print(json_t *value)
{
	int rc;

	if (value == NULL)
		return ctl_out_of_memory();
	rc = json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	json_decref(value);
	if (rc != 0 || putchar('\n') == EOF)
		return ctl_fail("cannot write to standard output");
	return CTL_OK;
}
