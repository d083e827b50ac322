/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The words of a line: what stands between blanks, or between quotes.  A # at
 * the begin of a word starts a comment.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "script-parser.h"

/* ---- Errors ---------------------------------------------------------------
 */

/* The word, harmless for a terminal and not too long. */
static int
quote(char *buf, size_t size, const struct script_word *word)
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
script_error_at(struct script_parser *p, const struct script_word *word,
    const char *fmt, ...)
{
	va_list ap;
	int n;

	p->error_line = p->line;
	p->error_column = word->column;
	n = quote(p->error, sizeof(p->error), word);
	va_start(ap, fmt);
	vsnprintf(p->error + n, sizeof(p->error) - (size_t)n, fmt, ap);
	va_end(ap);
	return false;
}

bool
script_error_column(
    struct script_parser *p, unsigned column, const char *fmt, ...)
{
	va_list ap;

	p->error_line = p->line;
	p->error_column = column;
	va_start(ap, fmt);
	vsnprintf(p->error, sizeof(p->error), fmt, ap);
	va_end(ap);
	return false;
}

/* ---- Parts of words -------------------------------------------------------
 */

struct script_word
script_part(const struct script_word *word, size_t from, size_t len)
{
	struct script_word part = *word;

	if (from > word->len)
		from = word->len;
	part.text += from;
	part.len = len < word->len - from ? len : word->len - from;
	part.column += (unsigned)from;
	return part;
}

int
script_digit(char c, unsigned base)
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

bool
script_is_name(const struct script_word *word)
{
	if (word->quoted || word->len == 0 || word->len > SCRIPT_NAME_MAX ||
	    script_digit(word->text[0], 10) >= 0)
		return false;
	for (size_t i = 0; i < word->len; i++) {
		char c = word->text[i];

		if (script_digit(c, 10) < 0 && !(c >= 'a' && c <= 'z') &&
		    !(c >= 'A' && c <= 'Z') && c != '_')
			return false;
	}
	return true;
}

bool
script_width(struct script_parser *p, const struct script_word *word,
    struct script_word *value, unsigned *bytes)
{
	size_t at = word->len;
	struct script_word width;

	*value = *word;
	*bytes = 0;
	while (at > 0 && word->text[at - 1] != ':')
		at--;
	if (at == 0)
		return true;
	value->len = at - 1;
	width = script_part(word, at, word->len);
	*bytes = width.len == 1 ? (unsigned)script_digit(width.text[0], 10) : 0;
	return *bytes == 1 || *bytes == 2 || *bytes == 4 || *bytes == 8 ||
	    script_error_at(p, word, "a width is 1, 2, 4 or 8 bytes");
}

/* ---- Lines ----------------------------------------------------------------
 */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
check_bytes(struct script_parser *p, const char *line, size_t len)
{
	if (len > SCRIPT_LINE_MAX)
		return script_error_column(p, SCRIPT_LINE_MAX + 1,
		    "the line is longer than %d bytes", SCRIPT_LINE_MAX);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)line[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return script_error_column(
			    p, (unsigned)i + 1, "byte 0x%02x is no text", c);
	}
	return true;
}

/* The word at *at, past which *at is moved. */
static bool
take_word(struct script_parser *p, const char *line, size_t len, size_t *at,
    struct script_word *word)
{
	size_t start = *at, end = *at;
	bool quoted = line[start] == '"';

	if (quoted) {
		end = ++start;
		while (end < len && line[end] != '"')
			end++;
		if (end == len)
			return script_error_column(
			    p, (unsigned)start, "the quote is not closed");
	} else {
		while (end < len && !is_blank(line[end]))
			end++;
	}
	*word = (struct script_word){ line + start, end - start,
		(unsigned)start + (quoted ? 0 : 1), quoted };
	*at = quoted ? end + 1 : end;
	if (quoted && *at < len && !is_blank(line[*at]))
		return script_error_column(p, (unsigned)*at + 1,
		    "a blank must follow the closing quote");
	return true;
}

bool
script_split(struct script_parser *p, const char *line, size_t len)
{
	const struct script_word *last;
	struct script_word word;
	size_t at = 0;

	p->num = p->at = 0;
	if (!check_bytes(p, line, len))
		return false;
	for (;;) {
		while (at < len && is_blank(line[at]))
			at++;
		if (at == len || line[at] == '#')
			break;
		if (!take_word(p, line, len, &at, &word))
			return false;
		if (p->num == SCRIPT_WORDS_MAX)
			return script_error_at(p, &word,
			    "a statement has at most %d words",
			    SCRIPT_WORDS_MAX);
		p->words[p->num++] = word;
	}
	if (p->num > 0) {
		last = &p->words[p->num - 1];
		p->end_column =
		    last->column + (unsigned)last->len + (last->quoted ? 2 : 0);
	}
	return true;
}

const struct script_word *
script_next(struct script_parser *p)
{
	return p->at < p->num ? &p->words[p->at++] : NULL;
}

const struct script_word *
script_need(struct script_parser *p, const char *what)
{
	const struct script_word *word = script_next(p);
	/* "mem read" is called so. */
	bool two = p->num > 1 && script_word_is(&p->words[0], "mem");

	if (word == NULL)
		script_error_column(p, p->end_column,
		    "%.*s%s%.*s needs %s here", (int)p->words[0].len,
		    p->words[0].text, two ? " " : "",
		    two ? (int)p->words[1].len : 0, two ? p->words[1].text : "",
		    what);
	return word;
}
