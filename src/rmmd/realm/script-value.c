/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the values of a script come to while it runs.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "script-state.h"

const struct script_value *
script_value_at(
    const struct script_run *run, const struct script_statement *s, unsigned n)
{
	return &run->script->values[s->first_value + n];
}

/* ---- Terms ----------------------------------------------------------------
 */

/* The outputs of the last call, by name. */
static bool
last_result(const struct script_run *run, const struct script_word *name,
    uint64_t *value)
{
	for (unsigned i = 0;
	     run->called && run->abi != NULL && run->abi->outputs[i] != NULL;
	     i++)
		if (script_word_is(name, run->abi->outputs[i])) {
			*value = run->x[i + 1];
			return true;
		}
	return false;
}

static bool
term_value(struct script_run *run, const struct script_statement *s,
    const struct script_term *term, uint64_t *value)
{
	*value = term->value;
	switch (term->kind) {
	case SCRIPT_NUMBER:
		return true;
	case SCRIPT_REGISTER:
		*value =
		    term->value == SCRIPT_XZR ? 0 : run->regs.gprs[term->value];
		if (term->w)
			*value = (uint32_t)*value;
		return true;
	case SCRIPT_NOW:
		*value = rmm_counter(run->rmm);
		return true;
	case SCRIPT_PC:
		*value = run->regs.pc;
		return true;
	case SCRIPT_REC:
		*value = run->index;
		return true;
	case SCRIPT_MPIDR:
		*value = run->mpidr;
		return true;
	case SCRIPT_ESR:
		*value = run->esr;
		return true;
	case SCRIPT_FAR:
		*value = run->far;
		return true;
	case SCRIPT_VARIABLE:
		break;
	}
	if (run->is_set[term->value]) {
		*value = run->variables[term->value];
		return true;
	}
	return last_result(run, &run->script->variables[term->value], value) ||
	    script_fail(run, s, term->word.column,
		"%.*s has no value yet, and the last call left nothing of that"
		" name",
		(int)term->word.len, term->word.text);
}

static bool
sum(struct script_run *run, const struct script_statement *s,
    const struct script_value *value, uint64_t *total)
{
	const struct script_term *terms =
	    &run->script->terms[value->first_term];

	*total = 0;
	for (unsigned i = 0; i < value->num_terms; i++) {
		uint64_t term;

		if (!term_value(run, s, &terms[i], &term))
			return false;
		*total += terms[i].minus ? 0 - term : term;
	}
	return true;
}

bool
script_value(struct script_run *run, const struct script_statement *s,
    unsigned n, uint64_t *value)
{
	return sum(run, s, script_value_at(run, s, n), value);
}

/* ---- Comparisons ----------------------------------------------------------
 */

const char *
script_sign(enum script_compare compare)
{
	static const char *const signs[SCRIPT_COMPARES] = { "==", "!=", "<",
		"<=", ">", ">=" };

	return signs[compare];
}

bool
script_holds(
    struct script_run *run, const struct script_statement *s, bool *holds)
{
	uint64_t a, b;

	if (!script_value(run, s, 0, &a) || !script_value(run, s, 1, &b))
		return false;
	switch (s->compare) {
	case SCRIPT_EQ:
		*holds = a == b;
		break;
	case SCRIPT_NE:
		*holds = a != b;
		break;
	case SCRIPT_LT:
		*holds = a < b;
		break;
	case SCRIPT_LE:
		*holds = a <= b;
		break;
	case SCRIPT_GT:
		*holds = a > b;
		break;
	default:
		*holds = a >= b;
	}
	return true;
}

/* ---- Bytes and text -------------------------------------------------------
 */

bool
script_bytes(struct script_run *run, const struct script_statement *s,
    uint8_t bytes[SCRIPT_BULK_MAX], size_t *num)
{
	*num = 0;
	for (unsigned n = 1; n < s->num_values; n++) {
		const struct script_value *value = script_value_at(run, s, n);
		const struct script_word *word = &value->word;
		uint64_t number;

		if (value->kind == SCRIPT_TEXT) {
			memcpy(bytes + *num, word->text, word->len);
			*num += word->len;
		} else if (value->kind == SCRIPT_HEX) {
			for (size_t i = 0; i < word->len; i += 2)
				bytes[(*num)++] =
				    (uint8_t)(script_digit(word->text[i], 16)
					    << 4 |
					script_digit(word->text[i + 1], 16));
		} else {
			if (!sum(run, s, value, &number))
				return false;
			memcpy(bytes + *num, &number, value->tag);
			*num += value->tag;
		}
	}
	return true;
}

bool
script_line(struct script_run *run, const struct script_statement *s,
    char *line, size_t size)
{
	size_t len = 0;
	uint64_t number;

	line[0] = '\0';
	for (unsigned n = 0; n < s->num_values && len < size; n++) {
		const struct script_value *value = script_value_at(run, s, n);
		const char *blank = n == 0 ? "" : " ";

		if (value->kind == SCRIPT_TEXT) {
			len +=
			    (size_t)snprintf(line + len, size - len, "%s%.*s",
				blank, (int)value->word.len, value->word.text);
			continue;
		}
		if (!sum(run, s, value, &number))
			return false;
		len += (size_t)snprintf(
		    line + len, size - len, "%s0x%" PRIx64, blank, number);
	}
	return true;
}

void
script_say(const struct script_run *run, const struct script_statement *s,
    const char *text)
{
	char line[1024];

	if (run->say == NULL)
		return;
	snprintf(
	    line, sizeof(line), "%s:%u: %s", run->script->name, s->line, text);
	run->say(run->say_ctx, line);
}
