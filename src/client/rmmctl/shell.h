/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The call language of "rmmctl shell": what a line means (shell-parse.c, which
 * touches nothing but its input) and what it does (shell-run.c).  The language
 * is described in rmmctl(1).
 */
#ifndef SHELL_H
#define SHELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rmi.h"

#define SHELL_LINE_MAX	 4096 /* bytes of a line, its newline excluded */
#define SHELL_WORDS_MAX	 64   /* of a statement */
#define SHELL_TERMS_MAX	 8    /* of a sum */
#define SHELL_NAME_MAX	 31   /* bytes of a variable's name */
#define SHELL_NEST_MAX	 8    /* repeat in repeat */
#define SHELL_REPEAT_MAX 1000000
#define SHELL_STEPS_MAX	 10000000 /* statements that one run executes */

/* A part of the line; not terminated. */
struct shell_word {
	const char *text;
	size_t len;
	unsigned column; /* from 1 */
	bool quoted;	 /* it was in quotes, which are not part of it */
};

struct shell_error {
	unsigned column;
	char text[640]; /* a sentence with the offending word */
};

enum shell_term_kind {
	TERM_NUMBER,   /* value */
	TERM_GRANULE,  /* granule number value of the first bank */
	TERM_VARIABLE, /* word, without its $ */
};

struct shell_term {
	enum shell_term_kind kind;
	bool minus;
	uint64_t value;
	struct shell_word word;
};

/* A sum, modulo 2^64. */
struct shell_expr {
	struct shell_word word; /* all of it */
	unsigned num_terms;
	struct shell_term terms[SHELL_TERMS_MAX];
};

/* A field of a structure in Non-secure memory, by the spec's name. */
struct shell_field {
	const char *name;
	unsigned offset;
	unsigned width; /* bytes of one element */
	unsigned count; /* elements; 1: no array */
	bool bytes;	/* a string of width bytes in hexadecimal */
};

struct shell_layout {
	const char *verb; /* "realm-params" */
	const struct shell_field *fields;
	/* Set to the number of elements by ARRAY=FIRST:COUNT; or NULL. */
	const char *counter;
};

/* NAME=VALUE, NAME[INDEX]=VALUE, NAME=FIRST:COUNT or NAME=HEX. */
struct shell_setting {
	const struct shell_field *field;
	unsigned index;
	uint64_t count;	       /* elements: FIRST, FIRST + 4096, ... */
	struct shell_word hex; /* if field->bytes */
	unsigned expr;	       /* its place in exprs, otherwise */
};

enum shell_verb {
	SHELL_NOTHING, /* an empty line or a comment */
	SHELL_CALL,    /* exprs: X0 (if abi is NULL), X1, ... */
	SHELL_EXPECT,
	SHELL_EXPECT_VALUE,   /* exprs: two; compare */
	SHELL_EXPECT_GRANULE, /* exprs: address; words: state */
	SHELL_EXPECT_RIM,     /* words: hex; exprs: RD, if any */
	SHELL_EXPECT_MEM,     /* exprs: address, values; widths */
	SHELL_MEM_READ,	      /* exprs: address, length if any */
	SHELL_MEM_WRITE,      /* exprs: address, values; widths */
	SHELL_MEM_FILL,	      /* exprs: address, length, byte */
	SHELL_MEM_LOAD,	      /* words: file; exprs: address, offset, length */
	SHELL_PAGE,	      /* layout, settings; exprs: address first */
	SHELL_REC_EXIT,	      /* exprs: address */
	SHELL_GRANULE,	      /* exprs: address */
	SHELL_RIM,	      /* exprs: RD, if any */
	SHELL_RTT,	      /* exprs: RD, if any */
	SHELL_LET,	      /* words: name; exprs: value */
	SHELL_ECHO,	      /* words, and exprs in the place of some */
	SHELL_PE,	      /* exprs: number */
	SHELL_VIOLATED,
	SHELL_REPEAT, /* count */
	SHELL_END,
	SHELL_RESET,
	SHELL_HELP,
	SHELL_QUIT,
};

enum shell_compare { CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE };

/* What "expect" asks of the last call. */
struct shell_expectation {
	bool raw; /* x0 as a whole; else status and what follows */
	uint64_t x0;
	unsigned status;
	bool has_index;
	unsigned index;
	struct shell_word condition; /* len 0: any */
};

struct shell_statement {
	enum shell_verb verb;
	struct shell_word word; /* the verb as written */
	const struct smc_abi *abi;
	const struct shell_layout *layout;
	struct shell_expectation expect;
	enum shell_compare compare;
	uint64_t count;
	unsigned num_words;
	struct shell_word words[SHELL_WORDS_MAX];
	unsigned num_exprs;
	struct shell_expr exprs[SHELL_WORDS_MAX];
	unsigned widths[SHELL_WORDS_MAX];
	unsigned num_settings;
	struct shell_setting settings[SHELL_WORDS_MAX];
};

/*
 * Parse a line of len bytes, without its newline.
 *
 * The statement refers to the line and lives as long.  Nothing else is looked
 * at, and any bytes are allowed.  Returns false, with the error, if the line
 * is no statement.
 */
bool shell_parse(const char *line, size_t len,
    struct shell_statement *statement, struct shell_error *error);

/* ---- shell-lex.c: words and sums ------------------------------------------
 */

/* Fill words; returns false with the error.  *num: how many. */
bool shell_split(const char *line, size_t len,
    struct shell_word words[SHELL_WORDS_MAX], unsigned *num,
    struct shell_error *error);
bool shell_parse_expr(const struct shell_word *word, struct shell_expr *expr,
    struct shell_error *error);
bool shell_is_name(const char *text, size_t len);
bool shell_word_is(const struct shell_word *word, const char *text);
/* The part of word from byte from on, at most len bytes. */
struct shell_word shell_part(
    const struct shell_word *word, size_t from, size_t len);
/* Set the error: the word, and what is wrong with it.  Returns false. */
bool shell_error_at(struct shell_error *error, const struct shell_word *word,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* At a column, without a word. */
bool shell_error_column(struct shell_error *error, unsigned column,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* ---- shell-layout.c: structures by name ------------------------------------
 */

const struct shell_layout *shell_layout(const struct shell_word *verb);
bool shell_parse_setting(const struct shell_word *word,
    struct shell_statement *statement, struct shell_error *error);

/* ---- shell-run.c ------------------------------------------------------------
 */

struct ctl;
struct shell;

struct shell_options {
	const char *source; /* its name in errors */
	bool trace;	    /* show each statement before its result */
	bool keep_going;    /* after what failed */
	bool interactive;   /* prompt; an error ends nothing */
	bool check;	    /* the syntax only */
};

/* How a statement ended. */
enum shell_end {
	SHELL_DONE,
	SHELL_FAILED, /* an expectation was not met, or an error */
	SHELL_SYNTAX,
	SHELL_LEAVE, /* quit */
};

struct shell *shell_new(struct ctl *ctl, const struct shell_options *options);
void shell_free(struct shell *shell);
/*
 * Run one statement that was parsed from line number line; REPEAT and END are
 * the caller's.
 */
enum shell_end shell_run(struct shell *shell, unsigned line,
    const struct shell_statement *statement);
/* Print an error with its place, to standard error. */
void shell_report(const struct shell_options *options, unsigned line,
    const struct shell_error *error);

#endif
