/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of options: the one list of them, for the command line, the
 * configuration file and --help.
 */
#ifndef OPTION_TABLE_H
#define OPTION_TABLE_H

#include "options.h"

#define OPTIONS_SYSTEM_FILE "/etc/rmmd.conf"

struct option_row {
	const char *name;
	const char *letter;   /* "-f, "; NULL: none */
	const char *argument; /* what --help calls it; NULL: takes none */
	bool optional;	      /* the argument, and then after "=" only */
	bool command_only;    /* not for a file */
	bool hidden;	      /* from --help */
	bool choice;	      /* one of rmm_choice_at() */
	bool token;	      /* about attestation tokens */
	const char *help;
	/* value: NULL if there is none. */
	bool (*set)(struct options *options, const struct option_row *row,
	    const char *value, struct failure *why);
	uint64_t min, max;
	/* Numbers go here: an offset into struct options, of a uint64_t ... */
	size_t offset;
	/* ... or a field of RmiFeatureRegister0, and the bit that enables it */
	unsigned lsb, width, enable;
};

/* ---- option-token.c: the part of the table about tokens ---------------- */

const struct option_row *token_option_at(size_t n); /* NULL after the last */
/* Lists of a better source replace those of a lesser one. */
void token_option_begin(struct options *options, const struct option_row *row,
    enum option_source source);

#define OPTION_ALWAYS UINT32_MAX /* enable: no such bit */

const struct option_row *option_at(size_t n); /* NULL after the last */
const struct option_row *option_find(const char *name);

#endif
