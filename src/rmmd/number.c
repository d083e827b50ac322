/* SPDX-License-Identifier: BSD-3-Clause */
/* Strict parsing of numbers: the whole word, no sign, no overflow. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"

/* Digits at text; *end is what follows them. */
static bool
parse_digits(const char *text, uint64_t *value, const char **end)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	char *stop;

	if (!(hex ? isxdigit((unsigned char)text[2])
		  : isdigit((unsigned char)text[0])))
		return false;
	errno = 0;
	*value = strtoull(text, &stop, hex ? 16 : 10);
	*end = stop;
	return errno == 0;
}

bool
parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value,
    struct failure *why)
{
	const char *end;

	if (!parse_digits(text, value, &end) || *end != '\0')
		return failure_set(
		    why, "\"%s\" is not a number (write 123 or 0x7b)", text);
	if (*value < min || *value > max)
		return failure_set(why,
		    "%s is out of range (%" PRIu64 " to %" PRIu64 ")", text,
		    min, max);
	return true;
}

bool
parse_size(const char *text, uint64_t *value, struct failure *why)
{
	static const char suffixes[] = "KMGT";
	const char *end, *suffix;
	unsigned shift = 0;

	if (!parse_digits(text, value, &end))
		return failure_set(why,
		    "\"%s\" is not a size (write 4096, 0x1000, 64K, 4G, 1T)",
		    text);
	if (*end != '\0') {
		suffix = strchr(suffixes, toupper((unsigned char)*end));
		if (suffix == NULL || end[1] != '\0')
			return failure_set(why,
			    "\"%s\" is not a size: \"%s\" is none of K, M, G, "
			    "T",
			    text, end);
		shift = 10 * (unsigned)(suffix - suffixes + 1);
	}
	if (*value > UINT64_MAX >> shift)
		return failure_set(why, "%s is more than 64 bits hold", text);
	*value <<= shift;
	return true;
}

static int
digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0'
	    : c >= 'a' && c <= 'f'  ? c - 'a' + 10
	    : c >= 'A' && c <= 'F'  ? c - 'A' + 10
				    : -1;
}

bool
parse_hex(const char *text, size_t min, size_t max, uint8_t *bytes,
    size_t *size, struct failure *why)
{
	size_t digits = strcmp(text, "none") == 0 ? 0 : strlen(text);

	if (strspn(text, "0123456789abcdefABCDEF") < digits || digits % 2 != 0)
		return failure_set(why,
		    "\"%.32s%s\" are no bytes (write pairs of hexadecimal "
		    "digits)",
		    text, strlen(text) > 32 ? "..." : "");
	if (digits / 2 < min || digits / 2 > max)
		return min == max
		    ? failure_set(
			  why, "%zu bytes, must be %zu", digits / 2, min)
		    : failure_set(why, "%zu bytes, must be %zu to %zu",
			  digits / 2, min, max);
	for (size_t i = 0; i < digits; i += 2)
		bytes[i / 2] =
		    (uint8_t)(digit(text[i]) << 4 | digit(text[i + 1]));
	*size = digits / 2;
	return true;
}
