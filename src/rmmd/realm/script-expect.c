/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Expectations, and what is said where one is not met.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "script-state.h"

/* A status by its name, if it has one. */
static const char *
status_text(const struct smc_abi *abi, uint64_t x0, char text[32])
{
	const char *name = script_status_name(abi, x0);

	snprintf(text, 32, "0x%" PRIx64, x0);
	return name == NULL ? text : name;
}

bool
script_expect_status(struct script_run *run, const struct script_statement *s)
{
	char expected[32], came[32];

	if (!run->called)
		return script_fail(
		    run, s, s->word.column, "there was no call yet");
	if (run->x[0] == s->number &&
	    (s->name.len == 0 ||
		(run->condition != NULL &&
		    script_word_is(&s->name, run->condition))))
		return true;
	return script_fail(run, s, s->word.column,
	    "expected %s%s%.*s, but %s answered %s%s%s%s",
	    status_text(run->abi, s->number, expected),
	    s->name.len == 0 ? "" : " ", (int)s->name.len,
	    s->name.len == 0 ? "" : s->name.text, run->call,
	    status_text(run->abi, run->x[0], came),
	    run->why[0] == '\0' ? "" : " (", run->why,
	    run->why[0] == '\0' ? "" : ")");
}

bool
script_expect_value(struct script_run *run, const struct script_statement *s)
{
	const struct script_word *a, *b;
	uint64_t left, right;
	bool holds;

	if (!script_holds(run, s, &holds))
		return false;
	if (holds)
		return true;
	a = &script_value_at(run, s, 0)->word;
	b = &script_value_at(run, s, 1)->word;
	if (!script_value(run, s, 0, &left) || !script_value(run, s, 1, &right))
		return false;
	return script_fail(run, s, a->column,
	    "expected %.*s %s %.*s, but that is 0x%" PRIx64 " and 0x%" PRIx64,
	    (int)a->len, a->text, script_sign(s->compare), (int)b->len, b->text,
	    left, right);
}

bool
script_expect_exception(
    struct script_run *run, const struct script_statement *s)
{
	uint64_t far = run->far;

	if (run->taken == NULL)
		return script_fail(run, s, s->word.column,
		    "expected an exception, but the last step took none");
	if (s->num_values > 0 && !script_value(run, s, 0, &far))
		return false;
	if (script_exception_is(run->esr, s->kinds) && far == run->far) {
		run->taken = NULL;
		return true;
	}
	return script_fail(run, s, s->word.column,
	    "expected another exception, but %.*s took %s (ESR 0x%" PRIx64
	    ", FAR 0x%" PRIx64 ")",
	    (int)run->taken->word.len, run->taken->word.text,
	    script_exception_name(run->esr), run->esr, run->far);
}

bool
script_unexpected(struct script_run *run)
{
	const struct script_statement *s = run->taken;

	return script_fail(run, s, s->word.column,
	    "%.*s took %s (ESR 0x%" PRIx64 ", FAR 0x%" PRIx64
	    "), which no \"expect exception\" follows",
	    (int)s->word.len, s->word.text, script_exception_name(run->esr),
	    run->esr, run->far);
}
