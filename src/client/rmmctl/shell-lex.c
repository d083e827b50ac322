/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The shell's words and sums.  A word is what stands between blanks, or between
 * quotes; a sum is one word, so that "g1 -1" is two arguments.
 */
#include "config.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "shell.h"

/* Append the word to the error, harmless for a terminal and not too long. */
static int
quote(char *buf, size_t size, const struct shell_word *word)
{
	size_t shown = word->len < 40 ? word->len : 40;
	int n = snprintf(buf, size, "\"");

	for (size_t i = 0; i < shown; i++) {
		unsigned char c = (unsigned char)word->text[i];

		n += snprintf(buf + n, size - (size_t)n,
		    c < 0x20 || c >= 0x7f ? "\\x%02x" : "%c", c);
	}
	return n +
	    snprintf(buf + n, size - (size_t)n,
		"%s\": ", shown < word->len ? "..." : "");
}

bool
shell_error_at(struct shell_error *error, const struct shell_word *word,
    const char *fmt, ...)
{
	va_list ap;
	int n;

	error->column = word->column;
	n = quote(error->text, sizeof(error->text), word);
	va_start(ap, fmt);
	vsnprintf(error->text + n, sizeof(error->text) - (size_t)n, fmt, ap);
	va_end(ap);
	return false;
}

bool
shell_error_column(
    struct shell_error *error, unsigned column, const char *fmt, ...)
{
	va_list ap;

	error->column = column;
	va_start(ap, fmt);
	vsnprintf(error->text, sizeof(error->text), fmt, ap);
	va_end(ap);
	return false;
}

bool
shell_word_is(const struct shell_word *word, const char *text)
{
	return strlen(text) == word->len &&
	    memcmp(text, word->text, word->len) == 0;
}

struct shell_word
shell_part(const struct shell_word *word, size_t from, size_t len)
{
	struct shell_word part = *word;

	if (from > word->len)
		from = word->len;
	part.text += from;
	part.len = len < word->len - from ? len : word->len - from;
	part.column += (unsigned)from;
	return part;
}

bool
shell_is_name(const char *text, size_t len)
{
	if (len == 0 || isdigit((unsigned char)text[0]))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)text[i]) && text[i] != '_')
			return false;
	}
	return true;
}

/* ---- words ----------------------------------------------------------------
 */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
check_bytes(const char *line, size_t len, struct shell_error *error)
{
	if (len > SHELL_LINE_MAX)
		return shell_error_column(error, SHELL_LINE_MAX + 1,
		    "the line is longer than %d bytes", SHELL_LINE_MAX);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)line[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return shell_error_column(error, (unsigned)i + 1,
			    "byte 0x%02x is no text", c);
	}
	return true;
}

/* The word at *at, past which *at is moved. */
static bool
take_word(const char *line, size_t len, size_t *at, struct shell_word *word,
    struct shell_error *error)
{
	size_t start = *at, end = *at;
	bool quoted = line[start] == '"';

	if (quoted) {
		end = ++start;
		while (end < len && line[end] != '"')
			end++;
		if (end == len)
			return shell_error_column(
			    error, (unsigned)start, "the quote is not closed");
	} else {
		while (end < len && !is_blank(line[end]))
			end++;
	}
	*word = (struct shell_word){ line + start, end - start,
		(unsigned)start + (quoted ? 0 : 1), quoted };
	*at = quoted ? end + 1 : end;
	if (quoted && *at < len && !is_blank(line[*at]))
		return shell_error_column(error, (unsigned)*at + 1,
		    "a blank must follow the closing quote");
	return true;
}

bool
shell_split(const char *line, size_t len,
    struct shell_word words[SHELL_WORDS_MAX], unsigned *num,
    struct shell_error *error)
{
	size_t at = 0;

	*num = 0;
	if (!check_bytes(line, len, error))
		return false;
	while (true) {
		struct shell_word word;

		while (at < len && is_blank(line[at]))
			at++;
		if (at == len || line[at] == '#')
			return true;
		if (!take_word(line, len, &at, &word, error))
			return false;
		if (*num == SHELL_WORDS_MAX)
			return shell_error_at(error, &word,
			    "a statement has at most %d words",
			    SHELL_WORDS_MAX);
		words[(*num)++] = word;
	}
}

/* ---- sums -----------------------------------------------------------------
 */

static int
digit_value(char c, unsigned base)
{
	int value = -1;

	if (c >= '0' && c <= '9')
		value = c - '0';
	else if (c >= 'a' && c <= 'f')
		value = c - 'a' + 10;
	else if (c >= 'A' && c <= 'F')
		value = c - 'A' + 10;
	return value < (int)base ? value : -1;
}

static bool
scale(const struct shell_word *word, size_t at, uint64_t *value,
    struct shell_error *error)
{
	static const char letters[] = "KMGT";
	const char *letter;
	unsigned shift;

	if (at == word->len)
		return true;
	letter = memchr(letters, word->text[at], sizeof(letters) - 1);
	if (letter == NULL || at + 1 != word->len)
		return shell_error_at(
		    error, word, "not a number (0x1000, 4096, 4K, gN, $name)");
	shift = 10 * (unsigned)(letter - letters + 1);
	if (*value << shift >> shift != *value)
		return shell_error_at(error, word, "more than 64 bits");
	*value <<= shift;
	return true;
}

static bool
parse_number(
    const struct shell_word *word, uint64_t *value, struct shell_error *error)
{
	bool hex = word->len > 2 && word->text[0] == '0' &&
	    (word->text[1] == 'x' || word->text[1] == 'X');
	unsigned base = hex ? 16 : 10;
	size_t first = hex ? 2 : 0, at = first;

	*value = 0;
	for (; at < word->len; at++) {
		int digit = digit_value(word->text[at], base);

		if (digit < 0)
			break;
		if (*value > (UINT64_MAX - (unsigned)digit) / base)
			return shell_error_at(error, word, "more than 64 bits");
		*value = *value * base + (unsigned)digit;
	}
	if (at == first)
		return shell_error_at(
		    error, word, "not a number (0x1000, 4096, 4K, gN, $name)");
	return scale(word, at, value, error);
}

static bool
parse_term(const struct shell_word *word, struct shell_term *term,
    struct shell_error *error)
{
	struct shell_word rest = shell_part(word, 1, word->len);

	term->word = *word;
	if (word->len > 0 && word->text[0] == '$') {
		term->kind = TERM_VARIABLE;
		term->word = rest;
		if (!shell_is_name(rest.text, rest.len) ||
		    rest.len > SHELL_NAME_MAX)
			return shell_error_at(error, word,
			    "not a variable: $ and a name of letters, digits"
			    " and _, at most %d",
			    SHELL_NAME_MAX);
		return true;
	}
	if (word->len > 1 && word->text[0] == 'g' &&
	    digit_value(word->text[1], 10) >= 0) {
		struct shell_error ignored;

		term->kind = TERM_GRANULE;
		if (!parse_number(&rest, &term->value, &ignored) ||
		    term->value > UINT64_MAX / GRANULE_SIZE)
			return shell_error_at(
			    error, word, "not a granule: g and a number");
		return true;
	}
	term->kind = TERM_NUMBER;
	return parse_number(word, &term->value, error);
}

bool
shell_parse_expr(const struct shell_word *word, struct shell_expr *expr,
    struct shell_error *error)
{
	size_t at = 0;

	expr->word = *word;
	expr->num_terms = 0;
	if (word->quoted)
		return shell_error_at(
		    error, word, "a number is wanted here, without quotes");
	do {
		struct shell_term *term;
		struct shell_word part;
		size_t end;

		if (expr->num_terms == SHELL_TERMS_MAX)
			return shell_error_at(error, word,
			    "a sum has at most %d terms", SHELL_TERMS_MAX);
		term = &expr->terms[expr->num_terms++];
		*term = (struct shell_term){ 0 };
		if (at < word->len &&
		    (word->text[at] == '-' || word->text[at] == '+')) {
			term->minus = word->text[at] == '-';
			at++;
		}
		for (end = at; end < word->len && word->text[end] != '+' &&
		     word->text[end] != '-';)
			end++;
		part = shell_part(word, at, end - at);
		if (part.len == 0)
			return shell_error_at(error, word,
			    "a sum is written without blanks: g1+0x1000");
		if (!parse_term(&part, term, error))
			return false;
		at = end;
	} while (at < word->len);
	return true;
}
