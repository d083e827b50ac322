/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The values of the shell's sums: numbers, granules of the first bank, the
 * variables of "let" and what the last call left.
 */
#include "config.h"

#include <string.h>

#include "shell-state.h"

static bool
first_bank(struct shell *shell, const struct shell_word *word, uint64_t *base)
{
	const struct rmmclient_bank *banks;
	size_t num;

	if (!shell_connect(shell))
		return false;
	banks = rmmclient_banks(shell->client, &num);
	for (size_t i = 0; banks != NULL && i < num; i++) {
		if (banks[i].kind != RMMCLIENT_BANK_DRAM)
			continue;
		*base = banks[i].base;
		return true;
	}
	return shell_error_at(shell->error, word,
	    "the machine has no bank of DRAM to count granules in");
}

static struct shell_variable *
find_variable(struct shell *shell, const struct shell_word *name)
{
	for (unsigned i = 0; i < shell->num_variables; i++) {
		if (shell_word_is(name, shell->variables[i].name))
			return &shell->variables[i];
	}
	return NULL;
}

/* x0 to x17, status, index, and the outputs by name. */
static bool
last_result(
    const struct shell *shell, const struct shell_word *name, uint64_t *value)
{
	char reg[8];

	if (!shell->called)
		return false;
	for (unsigned i = 0; i < SMC_REGS; i++) {
		snprintf(reg, sizeof(reg), "x%u", i);
		*value = shell->x[i];
		if (shell_word_is(name, reg))
			return true;
	}
	*value = RMI_STATUS(shell->x[0]);
	if (shell_word_is(name, "status"))
		return true;
	*value = RMI_INDEX(shell->x[0]);
	if (shell_word_is(name, "index"))
		return true;
	for (unsigned i = 0;
	     shell->abi != NULL && shell->abi->outputs[i] != NULL; i++) {
		*value = shell->x[i + 1];
		if (shell_word_is(name, shell->abi->outputs[i]))
			return true;
	}
	return false;
}

static bool
term_value(struct shell *shell, const struct shell_term *term, uint64_t *value)
{
	const struct shell_variable *variable;
	uint64_t base = 0;

	*value = term->value;
	if (term->kind == TERM_NUMBER)
		return true;
	if (term->kind == TERM_GRANULE) {
		if (!first_bank(shell, &term->word, &base))
			return false;
		*value = base + term->value * GRANULE_SIZE;
		return true;
	}
	variable = find_variable(shell, &term->word);
	if (variable != NULL) {
		*value = variable->value;
		return true;
	}
	return last_result(shell, &term->word, value) ||
	    shell_error_at(shell->error, &term->word,
		"no such variable, and the last call left nothing of that"
		" name");
}

bool
shell_value(struct shell *shell, const struct shell_expr *expr, uint64_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < expr->num_terms; i++) {
		uint64_t term;

		if (!term_value(shell, &expr->terms[i], &term))
			return false;
		*value += expr->terms[i].minus ? 0 - term : term;
	}
	return true;
}

bool
shell_let(struct shell *shell, const struct shell_word *name, uint64_t value)
{
	struct shell_variable *variable = find_variable(shell, name);

	if (variable == NULL) {
		if (shell->num_variables == SHELL_VARIABLES_MAX)
			return shell_error_at(shell->error, name,
			    "there are %d variables already",
			    SHELL_VARIABLES_MAX);
		variable = &shell->variables[shell->num_variables++];
		snprintf(variable->name, sizeof(variable->name), "%.*s",
		    (int)name->len, name->text);
	}
	variable->value = value;
	return true;
}
