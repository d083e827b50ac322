/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a running shell remembers: shared by shell-run.c, shell-value.c and
 * shell-memory.c alone.
 */
#ifndef SHELL_STATE_H
#define SHELL_STATE_H

#include "rmmclient.h"
#include "rmmctl.h"
#include "shell.h"

#define SHELL_VARIABLES_MAX 256

struct shell_variable {
	char name[SHELL_NAME_MAX + 1];
	uint64_t value;
};

struct shell {
	struct ctl *ctl;
	struct shell_options options;
	struct rmmclient *client; /* connected at the first need */
	unsigned pe;
	bool called; /* there is a last call */
	uint64_t x[SMC_REGS];
	const struct smc_abi *abi; /* of the last call; NULL: unknown */
	struct rmmclient_reason reason;
	struct rmmclient_violated violated; /* all that was wrong with it */
	unsigned num_variables;
	struct shell_variable variables[SHELL_VARIABLES_MAX];
	struct shell_error *error; /* of the statement that runs */
};

/*
 * These return false after writing shell->error.
 */

/* Connect to the host's socket if that has not been done. */
bool shell_connect(struct shell *shell);
bool shell_value(
    struct shell *shell, const struct shell_expr *expr, uint64_t *value);
bool shell_let(
    struct shell *shell, const struct shell_word *name, uint64_t value);

bool shell_mem_read(struct shell *shell, const struct shell_statement *s);
bool shell_mem_write(struct shell *shell, const struct shell_statement *s);
bool shell_expect_mem(struct shell *shell, const struct shell_statement *s);
bool shell_mem_fill(struct shell *shell, const struct shell_statement *s);
bool shell_mem_load(struct shell *shell, const struct shell_statement *s);
bool shell_page(struct shell *shell, const struct shell_statement *s);
bool shell_rec_exit(struct shell *shell, const struct shell_statement *s);

#endif
