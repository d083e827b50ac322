/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The parser of scripts: a line becomes words (script-lex.c), words become
 * values (script-sum.c) and statements (script-verbs.c), and statements a
 * program (script-parse.c).
 */
#ifndef SCRIPT_PARSER_H
#define SCRIPT_PARSER_H

#include "script-program.h"

/* Where a variable came from; it must come from somewhere. */
struct script_origin {
	bool given; /* by a let, or it is an output of a call */
	unsigned line, column;
};

struct script_parser {
	struct script *script;
	unsigned line;
	struct script_word words[SCRIPT_WORDS_MAX];
	unsigned num;
	unsigned at; /* the next word to take */
	unsigned end_column;
	struct script_statement statement; /* of this line */
	struct script_origin origins[SCRIPT_VARIABLES_MAX];
	size_t values_room, terms_room, statements_room;
	size_t blocks[SCRIPT_NEST_MAX]; /* statements that are open */
	unsigned num_blocks;
	unsigned error_line, error_column;
	char error[320]; /* a sentence */
};

/*
 * Those that return bool return false after writing the error.
 */

/* ---- script-lex.c ---------------------------------------------------------
 */

/* Fill words from a line. */
bool script_split(struct script_parser *p, const char *line, size_t len);
/* The word, and what is wrong with it. */
bool script_error_at(struct script_parser *p, const struct script_word *word,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* At a column, without a word. */
bool script_error_column(struct script_parser *p, unsigned column,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The part of word from byte from on, at most len bytes. */
struct script_word script_part(
    const struct script_word *word, size_t from, size_t len);
bool script_is_name(const struct script_word *word);

/* word up to the last ':', and the number of bytes behind it; 0: none. */
bool script_width(struct script_parser *p, const struct script_word *word,
    struct script_word *value, unsigned *bytes);

/* The next word, NULL if there is none; or an error that says what it is. */
const struct script_word *script_next(struct script_parser *p);
const struct script_word *script_need(
    struct script_parser *p, const char *what);

/* ---- script-sum.c ---------------------------------------------------------
 */

/* A name that has its meaning, as in $now. */
bool script_reserved(
    const struct script_word *name, enum script_term_kind *kind);
/* The slot of a variable; -1 after an error. */
int script_slot(struct script_parser *p, const struct script_word *name);
/* Add a value to the statement. */
bool script_add_sum(
    struct script_parser *p, const struct script_word *word, unsigned tag);
/* A sum VALUE[:WIDTH], "text" or hex:DIGITS, to be bytes in memory. */
bool script_add_item(struct script_parser *p, const struct script_word *word);
bool script_add_text(struct script_parser *p, const struct script_word *word);
/* The next word must be a value; may be. */
bool script_need_sum(struct script_parser *p, const char *what);
bool script_may_sum(struct script_parser *p);
/* A number that needs nothing to be known. */
bool script_plain_number(
    struct script_parser *p, const struct script_word *word, uint64_t *number);

/* ---- script-verbs.c -------------------------------------------------------
 */

/* From words to p->statement. */
bool script_parse_statement(struct script_parser *p);

#endif
