/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes as lines of "rmmctl shell".  What is refused is refused with a
 * place in the line and a sentence; what is accepted points into the line.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "client/rmmctl/shell.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool truth)
{
	if (!truth)
		abort();
}

static void
check_word(const char *line, size_t len, const struct shell_word *word)
{
	/* echo's sums have no text; names of values may be constants. */
	if (word->text == NULL)
		return;
	require(word->text >= line && word->text <= line + len);
	require(word->len <= (size_t)(line + len - word->text));
	require(word->column >= 1 && word->column <= len + 1);
}

static void
check_statement(const char *line, size_t len, const struct shell_statement *s)
{
	if (s->verb == SHELL_NOTHING)
		return;
	check_word(line, len, &s->word);
	require(s->num_words <= SHELL_WORDS_MAX);
	require(s->num_exprs <= SHELL_WORDS_MAX);
	require(s->num_settings <= SHELL_WORDS_MAX);
	for (unsigned i = 0; i < s->num_words; i++)
		check_word(line, len, &s->words[i]);
	for (unsigned i = 0; i < s->num_exprs; i++) {
		require(s->exprs[i].num_terms >= 1);
		require(s->exprs[i].num_terms <= SHELL_TERMS_MAX);
	}
	for (unsigned i = 0; i < s->num_settings; i++) {
		const struct shell_setting *set = &s->settings[i];

		require(set->field != NULL);
		require(set->field->bytes ||
		    set->index + set->count <= set->field->count);
	}
}

static void
parse_line(const char *line, size_t len)
{
	static struct shell_statement statement;
	struct shell_error error = { 0 };
	/* Its own memory, so that a sanitizer sees a byte too far. */
	char *copy = malloc(len == 0 ? 1 : len);

	require(copy != NULL);
	memcpy(copy, line, len);
	if (shell_parse(copy, len, &statement, &error)) {
		check_statement(copy, len, &statement);
	} else {
		require(error.column >= 1 && error.column <= len + 1);
		require(error.text[0] != '\0');
		require(strlen(error.text) < sizeof(error.text));
	}
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	while (size > 0) {
		const char *newline = memchr(text, '\n', size);
		size_t len = newline == NULL ? size : (size_t)(newline - text);

		parse_line(text, len);
		if (newline == NULL)
			break;
		text += len + 1;
		size -= len + 1;
	}
	return 0;
}
