/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A call: dispatch, the failures that its command notes, and which of them is
 * the answer.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "choices.h"
#include "command.h"
#include "draw.h"
#include "plant.h"

/* ---- Lists of conditions ----------------------------------------------- */

/* Where name is in a list of words between blanks or commas; NULL: nowhere. */
static const char *
find_word(const char *list, size_t len, const char *name)
{
	const char *end = list + len;
	size_t size = strlen(name);

	while (list < end) {
		size_t word;

		list += strspn(list, " ,");
		word = strcspn(list, " ,;");
		if (word == size && list + word <= end &&
		    memcmp(list, name, word) == 0)
			return list;
		list += word > 0 ? word : 1;
	}
	return NULL;
}

bool
call_rejected(const struct call *c, const char *conditions)
{
	size_t len = strlen(conditions);

	for (unsigned i = 0; i < c->num_failures; i++)
		if (find_word(conditions, len, c->failures[i].condition))
			return true;
	return false;
}

bool
order_precedes(const char *order, const char *one, const char *other)
{
	while (*order != '\0') {
		size_t len = strcspn(order, ";"), left = strcspn(order, "<;");

		if (left < len && find_word(order, left, one) != NULL &&
		    find_word(order + left + 1, len - left - 1, other) != NULL)
			return true;
		order += len + strspn(order + len, "; ");
	}
	return false;
}

/* ---- The answer --------------------------------------------------------- */

/* No other failure that was noted has to win over this one. */
static bool
may_win(const struct call *c, unsigned n)
{
	for (unsigned i = 0; i < c->num_failures; i++)
		if (order_precedes(c->command->order, c->failures[i].condition,
			c->failures[n].condition))
			return false;
	return true;
}

static unsigned
draw_winner(const struct call *c)
{
	unsigned allowed[CALL_FAILURES_MAX], num = 0;

	for (unsigned i = 0; i < c->num_failures; i++)
		if (may_win(c, i))
			allowed[num++] = i;
	assert(num > 0);
	return allowed[draw(c->rmm->config.seed, c->rmm->num_calls) % num];
}

/* The failure that comes first in TF-RMM's order. */
static unsigned
tf_winner(const struct call *c)
{
	const char *list = c->command->tf_order, *first = NULL;
	size_t len = strlen(list);
	unsigned winner = 0;

	for (unsigned i = 0; i < c->num_failures; i++) {
		const char *at = find_word(list, len, c->failures[i].condition);

		if (at == NULL || (first != NULL && at > first))
			continue;
		first = at;
		winner = i;
	}
	return winner;
}

void
call_settle(struct call *c)
{
	struct rmm_answer *answer = c->answer;
	unsigned winner = 0;

	if (c->settled || c->whys == NULL || c->num_failures == 0)
		return;
	c->settled = true;
	if (c->rmm->config.order == RMM_ORDER_SPEC_RANDOM)
		winner = draw_winner(c);
	else if (c->rmm->config.order == RMM_ORDER_TF_RMM)
		winner = tf_winner(c);
	answer->x[0] = c->failures[winner].result;
	answer->condition = c->failures[winner].condition;
	memcpy(answer->why, c->whys[winner], sizeof answer->why);
}

void
call_reject(struct call *c, const char *condition, uint64_t result,
    const char *format, ...)
{
	struct rmm_answer *answer = c->answer;
	char *why = answer->why;
	va_list ap;
	int n;

	if (c->omit != NULL && strcmp(c->omit, condition) == 0)
		return;
	assert(c->num_failures < CALL_FAILURES_MAX);
	if (c->whys != NULL)
		why = c->whys[c->num_failures];
	c->failures[c->num_failures++] =
	    (struct failure){ .condition = condition, .result = result };
	if (c->num_failures == 1) {
		answer->x[0] = result;
		answer->condition = condition;
	} else if (c->whys == NULL) {
		return;
	}
	n = snprintf(why, RMM_WHY_MAX, "%s: ", condition);
	if (n < 0 || n >= RMM_WHY_MAX)
		return;
	va_start(ap, format);
	(void)vsnprintf(why + n, RMM_WHY_MAX - (size_t)n, format, ap);
	va_end(ap);
}

/* ---- Calls ----------------------------------------------------------------
 */

const char *
rmm_order_name(enum rmm_order order)
{
	static const char *const names[] = {
		[RMM_ORDER_DEFAULT] = "default",
		[RMM_ORDER_SPEC_RANDOM] = "spec-random",
		[RMM_ORDER_TF_RMM] = "tf-rmm",
	};

	return names[order];
}

/* A call of which all is noted, so that there is a choice. */
static void
collect(struct call *c)
{
	char whys[CALL_FAILURES_MAX][RMM_WHY_MAX];

	c->whys = whys;
	if (chosen(c->rmm, RMM_CHOICE_SBZ) == RMM_SBZ_CHECK)
		choice_check_sbz(c);
	c->command->exec(c);
	call_settle(c);
	c->whys = NULL;
}

/* Returns false, with the answer, if there is no such command. */
static bool
prepare(struct call *c)
{
	struct rmm_answer *answer = c->answer;

	c->rmm->num_calls++;
	memset(answer, 0, offsetof(struct rmm_answer, why) + 1);
	answer->runs = false;
	answer->entered = 0;
	answer->sea = false;
	if (c->command != NULL) {
		answer->command = c->command->abi.name;
		return true;
	}
	answer->x[0] = SMC_NOT_SUPPORTED;
	answer->condition = "fid";
	(void)snprintf(answer->why, sizeof answer->why,
	    "fid: " X64 " is no function of %s", c->x[0],
	    c->rec == NULL ? "RMI 1.0" : "RSI 1.0 or PSCI 1.1");
	return false;
}

void
call_run(struct call *c)
{
	if (c->collect) {
		collect(c);
		return;
	}
	if (chosen(c->rmm, RMM_CHOICE_SBZ) == RMM_SBZ_CHECK)
		choice_check_sbz(c);
	if (!call_failed(c))
		c->command->exec(c);
}

static void
call_make(struct call *c)
{
	if (c->rmm->config.plant != NULL)
		plant_call(c);
	else
		call_run(c);
}

void
rmm_call(struct rmm *rmm, unsigned pe, const uint64_t x[SMC_REGS],
    struct rmm_answer *answer)
{
	struct call c = { .rmm = rmm, .pe = pe, .x = x, .answer = answer };

	c.command = command_find(x[0]);
	if (!prepare(&c))
		return;
	c.collect = rmm->config.order != RMM_ORDER_DEFAULT;
	call_make(&c);
}

void
rmm_call_collect(struct rmm *rmm, unsigned pe, const uint64_t x[SMC_REGS],
    struct rmm_answer *answer)
{
	struct call c = { .rmm = rmm, .pe = pe, .x = x, .answer = answer };

	c.command = command_find(x[0]);
	if (!prepare(&c))
		return;
	c.collect = true;
	call_make(&c);
	if (answer->x[0] == RMI_SUCCESS)
		return;
	answer->num_violated = c.num_failures;
	for (unsigned i = 0; i < c.num_failures; i++)
		answer->violated[i] = c.failures[i].condition;
}

void
call_of_realm(struct call *c)
{
	c->command = realm_command_find(c->rmm, c->x[0]);
	if (!prepare(c))
		return;
	c->collect = c->rmm->config.order != RMM_ORDER_DEFAULT;
	call_make(c);
}
