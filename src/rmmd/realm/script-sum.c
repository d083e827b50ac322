/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The values of a script: sums without blanks of numbers, constants, registers
 * and variables; and bytes in quotes or in hexadecimal.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "script-parser.h"

#define NO_NUMBER "not a number (0x1000, 4096, 4K, x0, $name, RSI_RAM)"

/* ---- Room -----------------------------------------------------------------
 */

static bool
grow(struct script_parser *p, void **array, size_t *room, size_t num,
    size_t size)
{
	size_t more = *room == 0 ? 32 : 2 * *room;
	void *bigger;

	if (num < *room)
		return true;
	bigger = realloc(*array, more * size);
	if (bigger == NULL)
		return script_error_column(p, 1, "no memory for the script");
	*array = bigger;
	*room = more;
	return true;
}

static struct script_value *
add_value(struct script_parser *p, const struct script_word *word)
{
	struct script *script = p->script;
	struct script_value *value;
	void *values = script->values;

	if (!grow(p, &values, &p->values_room, script->num_values,
		sizeof(*script->values)))
		return NULL;
	script->values = values;
	value = &script->values[script->num_values++];
	*value = (struct script_value){ .word = *word,
		.first_term = script->num_terms };
	p->statement.num_values++;
	return value;
}

static struct script_term *
add_term(struct script_parser *p, const struct script_word *word)
{
	struct script *script = p->script;
	struct script_term *term;
	void *terms = script->terms;

	if (!grow(p, &terms, &p->terms_room, script->num_terms,
		sizeof(*script->terms)))
		return NULL;
	script->terms = terms;
	term = &script->terms[script->num_terms++];
	*term = (struct script_term){ .word = *word };
	return term;
}

/* ---- Terms ----------------------------------------------------------------
 */

static bool
scale(struct script_parser *p, const struct script_word *word, size_t at,
    uint64_t *value)
{
	static const char letters[] = "KMGT";
	const char *letter;
	unsigned shift;

	if (at == word->len)
		return true;
	letter = memchr(letters, word->text[at], sizeof(letters) - 1);
	if (letter == NULL || at + 1 != word->len)
		return script_error_at(p, word, NO_NUMBER);
	shift = 10 * (unsigned)(letter - letters + 1);
	if (*value << shift >> shift != *value)
		return script_error_at(p, word, "more than 64 bits");
	*value <<= shift;
	return true;
}

bool
script_plain_number(
    struct script_parser *p, const struct script_word *word, uint64_t *number)
{
	bool hex = word->len > 2 && word->text[0] == '0' &&
	    (word->text[1] == 'x' || word->text[1] == 'X');
	unsigned base = hex ? 16 : 10;
	size_t first = hex ? 2 : 0, at = first;

	*number = 0;
	for (; at < word->len; at++) {
		int digit = script_digit(word->text[at], base);

		if (digit < 0)
			break;
		if (*number > (UINT64_MAX - (unsigned)digit) / base)
			return script_error_at(p, word, "more than 64 bits");
		*number = *number * base + (unsigned)digit;
	}
	if (at == first || word->quoted)
		return script_error_at(p, word, NO_NUMBER);
	return scale(p, word, at, number);
}

/* Is it an output of some call, or a result of a host call? */
static bool
is_output(const struct script_word *name)
{
	const struct smc_abi *abi;
	unsigned gpr;

	if (script_gpr(name, &gpr))
		return true;
	for (size_t i = 0; (abi = rmm_realm_command_at(i)) != NULL; i++)
		for (size_t n = 0; abi->outputs[n] != NULL; n++)
			if (script_word_is(name, abi->outputs[n]))
				return true;
	return false;
}

int
script_slot(struct script_parser *p, const struct script_word *name)
{
	struct script *script = p->script;
	unsigned i;

	for (i = 0; i < script->num_variables; i++)
		if (script->variables[i].len == name->len &&
		    memcmp(script->variables[i].text, name->text, name->len) ==
			0)
			return (int)i;
	if (i == SCRIPT_VARIABLES_MAX) {
		script_error_at(p, name, "a script has at most %d variables",
		    SCRIPT_VARIABLES_MAX);
		return -1;
	}
	script->variables[script->num_variables++] = *name;
	p->origins[i] =
	    (struct script_origin){ is_output(name), p->line, name->column };
	return (int)i;
}

bool
script_reserved(const struct script_word *name, enum script_term_kind *kind)
{
	static const struct {
		const char *name;
		enum script_term_kind kind;
	} own[] = {
		{ "now", SCRIPT_NOW },
		{ "pc", SCRIPT_PC },
		{ "rec", SCRIPT_REC },
		{ "mpidr", SCRIPT_MPIDR },
		{ "esr", SCRIPT_ESR },
		{ "far", SCRIPT_FAR },
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (script_word_is(name, own[i].name)) {
			*kind = own[i].kind;
			return true;
		}
	return false;
}

static bool
dollar_term(struct script_parser *p, const struct script_word *word,
    struct script_term *term)
{
	struct script_word name = script_part(word, 1, word->len);
	uint8_t reg;
	int slot;

	if (!script_is_name(&name))
		return script_error_at(p, word,
		    "not a variable: $ and a name of letters, digits and _, at"
		    " most %d",
		    SCRIPT_NAME_MAX);
	if (script_reserved(&name, &term->kind))
		return true;
	if (script_register(&name, &reg, &term->w)) {
		term->kind = SCRIPT_REGISTER;
		term->value = reg;
		return true;
	}
	slot = script_slot(p, &name);
	term->kind = SCRIPT_VARIABLE;
	term->value = (uint64_t)slot;
	return slot >= 0;
}

static bool
parse_term(struct script_parser *p, const struct script_word *word, bool minus)
{
	struct script_term *term = add_term(p, word);
	uint8_t reg;

	if (term == NULL)
		return false;
	term->minus = minus;
	if (word->len == 0)
		return script_error_at(
		    p, word, "a sum is written without blanks: $base+0x1000");
	if (word->text[0] == '$')
		return dollar_term(p, word, term);
	if (script_register(word, &reg, &term->w)) {
		term->kind = SCRIPT_REGISTER;
		term->value = reg;
		return true;
	}
	term->kind = SCRIPT_NUMBER;
	return script_constant(word, &term->value) ||
	    script_plain_number(p, word, &term->value);
}

/* ---- Values ---------------------------------------------------------------
 */

bool
script_add_sum(
    struct script_parser *p, const struct script_word *word, unsigned tag)
{
	struct script_value *value = add_value(p, word);
	size_t at = 0, end;

	if (value == NULL)
		return false;
	value->tag = tag;
	if (word->quoted)
		return script_error_at(
		    p, word, "a number is wanted here, without quotes");
	do {
		bool minus = at < word->len && word->text[at] == '-';
		struct script_word part;

		if (at < word->len &&
		    (word->text[at] == '-' || word->text[at] == '+'))
			at++;
		for (end = at; end < word->len && word->text[end] != '+' &&
		     word->text[end] != '-';)
			end++;
		part = script_part(word, at, end - at);
		if (value->num_terms == SCRIPT_TERMS_MAX)
			return script_error_at(p, word,
			    "a sum has at most %d terms", SCRIPT_TERMS_MAX);
		value->num_terms++;
		if (!parse_term(p, &part, minus))
			return false;
		at = end;
	} while (at < word->len);
	return true;
}

bool
script_add_text(struct script_parser *p, const struct script_word *word)
{
	struct script_value *value = add_value(p, word);

	if (value != NULL)
		value->kind = SCRIPT_TEXT;
	return value != NULL;
}

bool
script_add_item(struct script_parser *p, const struct script_word *word)
{
	struct script_word sum, digits;
	struct script_value *value;
	unsigned bytes;

	if (word->quoted)
		return script_add_text(p, word);
	if (word->len > 4 && memcmp(word->text, "hex:", 4) == 0) {
		digits = script_part(word, 4, word->len);
		for (size_t i = 0; i < digits.len; i++)
			if (script_digit(digits.text[i], 16) < 0)
				return script_error_at(
				    p, word, "not hexadecimal digits");
		if (digits.len % 2 != 0)
			return script_error_at(
			    p, word, "a byte is two hexadecimal digits");
		value = add_value(p, &digits);
		if (value != NULL)
			value->kind = SCRIPT_HEX;
		return value != NULL;
	}
	return script_width(p, word, &sum, &bytes) &&
	    script_add_sum(p, &sum, bytes == 0 ? 8 : bytes);
}

bool
script_need_sum(struct script_parser *p, const char *what)
{
	const struct script_word *word = script_need(p, what);

	return word != NULL && script_add_sum(p, word, 0);
}

bool
script_may_sum(struct script_parser *p)
{
	const struct script_word *word = script_next(p);

	return word == NULL || script_add_sum(p, word, 0);
}
