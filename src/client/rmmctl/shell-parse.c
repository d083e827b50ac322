/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a line to a statement.  Pure: it looks at the line and at the command
 * table, and is fed any bytes by a fuzzer.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "rmmctl.h"
#include "shell.h"

struct parser {
	struct shell_word words[SHELL_WORDS_MAX];
	unsigned num;
	unsigned at; /* the next word to take */
	unsigned end_column;
	struct shell_statement *statement;
	struct shell_error *error;
};

static const struct shell_word *
next_word(struct parser *p)
{
	return p->at < p->num ? &p->words[p->at++] : NULL;
}

static bool
missing(struct parser *p, const char *what)
{
	return shell_error_column(p->error, p->end_column, "%.*s needs %s here",
	    (int)p->statement->word.len, p->statement->word.text, what);
}

static bool
no_more(struct parser *p)
{
	const struct shell_word *word = next_word(p);

	if (word != NULL && word->len > 0 &&
	    (word->text[0] == '+' || word->text[0] == '-'))
		return shell_error_at(p->error, word,
		    "a sum is written without blanks: g1+0x1000");
	return word == NULL ||
	    shell_error_at(p->error, word, "%.*s takes no more arguments",
		(int)p->statement->word.len, p->statement->word.text);
}

static bool
add_expr(struct parser *p, const struct shell_word *word)
{
	struct shell_statement *s = p->statement;

	return shell_parse_expr(word, &s->exprs[s->num_exprs++], p->error);
}

static bool
need_expr(struct parser *p, const char *what)
{
	const struct shell_word *word = next_word(p);

	return word == NULL ? missing(p, what) : add_expr(p, word);
}

static bool
may_expr(struct parser *p)
{
	const struct shell_word *word = next_word(p);

	return word == NULL || add_expr(p, word);
}

static bool
need_word(struct parser *p, const char *what)
{
	const struct shell_word *word = next_word(p);

	if (word == NULL)
		return missing(p, what);
	p->statement->words[p->statement->num_words++] = *word;
	return true;
}

/* ---- the statements, each with what follows its verb ------------------------
 */

static bool
parse_nothing_more(struct parser *p)
{
	(void)p;
	return true;
}

static bool
parse_one_expr(struct parser *p)
{
	return need_expr(p, "a number");
}

static bool
parse_address(struct parser *p)
{
	return need_expr(p, "an address");
}

static bool
parse_fill(struct parser *p)
{
	return need_expr(p, "an address") && need_expr(p, "a length") &&
	    need_expr(p, "a byte");
}

static bool
parse_read(struct parser *p)
{
	return need_expr(p, "an address") && may_expr(p);
}

/* VALUE or VALUE:WIDTH. */
static bool
add_value(struct parser *p, const struct shell_word *word)
{
	const char *colon = memchr(word->text, ':', word->len);
	struct shell_word value = *word, width;
	unsigned bytes = 8;

	if (colon != NULL) {
		value.len = (size_t)(colon - word->text);
		width = shell_part(word, value.len + 1, word->len);
		bytes = width.len == 1 ? (unsigned)width.text[0] - '0' : 0;
		if (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8)
			return shell_error_at(
			    p->error, word, "a width is 1, 2, 4 or 8 bytes");
	}
	p->statement->widths[p->statement->num_exprs] = bytes;
	return add_expr(p, &value);
}

static bool
parse_write(struct parser *p)
{
	const struct shell_word *word;

	if (!need_expr(p, "an address"))
		return false;
	word = next_word(p);
	if (word == NULL)
		return missing(p, "a value");
	for (; word != NULL; word = next_word(p)) {
		if (!add_value(p, word))
			return false;
	}
	return true;
}

static bool
parse_load(struct parser *p)
{
	return need_expr(p, "an address") && need_word(p, "a file") &&
	    may_expr(p) && may_expr(p);
}

static bool
parse_page(struct parser *p)
{
	const struct shell_word *word;

	p->statement->layout = shell_layout(&p->statement->word);
	if (!need_expr(p, "an address"))
		return false;
	while ((word = next_word(p)) != NULL) {
		if (!shell_parse_setting(word, p->statement, p->error))
			return false;
	}
	return true;
}

static bool
is_reserved(const struct shell_word *name)
{
	if (shell_word_is(name, "status") || shell_word_is(name, "index"))
		return true;
	if (name->len < 2 || name->len > 3 || name->text[0] != 'x')
		return false;
	for (size_t i = 1; i < name->len; i++) {
		if (!isdigit((unsigned char)name->text[i]))
			return false;
	}
	return true;
}

static bool
parse_let(struct parser *p)
{
	const struct shell_word *name, *equals;

	if (!need_word(p, "a name"))
		return false;
	name = &p->statement->words[0];
	if (name->quoted || !shell_is_name(name->text, name->len) ||
	    name->len > SHELL_NAME_MAX)
		return shell_error_at(p->error, name,
		    "not a name: letters, digits and _, at most %d",
		    SHELL_NAME_MAX);
	if (is_reserved(name))
		return shell_error_at(
		    p->error, name, "this name is the last result's");
	equals = next_word(p);
	if (equals == NULL)
		return missing(p, "=");
	if (!shell_word_is(equals, "="))
		return shell_error_at(
		    p->error, equals, "let NAME = VALUE, with blanks");
	return need_expr(p, "a value");
}

/* Words; one that begins with $ is a sum, told by a word without text. */
static bool
parse_echo(struct parser *p)
{
	const struct shell_word *word;

	while ((word = next_word(p)) != NULL) {
		struct shell_word *to =
		    &p->statement->words[p->statement->num_words++];

		*to = *word;
		if (word->quoted || word->len < 2 || word->text[0] != '$')
			continue;
		to->text = NULL;
		if (!add_expr(p, word))
			return false;
	}
	return true;
}

static bool
parse_repeat(struct parser *p)
{
	const struct shell_word *word = next_word(p);
	struct shell_expr expr;

	if (word == NULL)
		return missing(p, "a count");
	if (!shell_parse_expr(word, &expr, p->error))
		return false;
	p->statement->count = expr.terms[0].value;
	if (expr.num_terms == 1 && expr.terms[0].kind == TERM_NUMBER &&
	    !expr.terms[0].minus && p->statement->count <= SHELL_REPEAT_MAX)
		return true;
	return shell_error_at(p->error, word,
	    "a count is a plain number of at most %d", SHELL_REPEAT_MAX);
}

static bool
parse_status(struct parser *p, const struct shell_word *word)
{
	struct shell_expectation *e = &p->statement->expect;
	struct shell_expr expr;
	int status = abi_status(word->text, word->len);

	if (status >= 0) {
		e->status = (unsigned)status;
		return true;
	}
	e->raw = true;
	e->x0 = SMC_NOT_SUPPORTED;
	if (shell_word_is(word, "SMC_NOT_SUPPORTED") ||
	    shell_word_is(word, "NOT_SUPPORTED"))
		return true;
	if (word->len == 0 || !isdigit((unsigned char)word->text[0]))
		return shell_error_at(p->error, word,
		    "not a status: RMI_SUCCESS, RMI_ERROR_INPUT, _REALM, _REC"
		    " or _RTT, SMC_NOT_SUPPORTED, or X0 as a number");
	if (!shell_parse_expr(word, &expr, p->error))
		return false;
	e->x0 = expr.terms[0].value;
	return expr.num_terms == 1 ||
	    shell_error_at(p->error, word, "a plain number is wanted here");
}

static bool
parse_expect(struct parser *p)
{
	struct shell_expectation *e = &p->statement->expect;
	const struct shell_word *word = next_word(p);
	struct shell_expr expr;

	if (word == NULL)
		return missing(p, "a status");
	if (!parse_status(p, word))
		return false;
	if (e->raw || p->at == p->num)
		return true;
	word = &p->words[p->at];
	if (word->len > 0 && isdigit((unsigned char)word->text[0])) {
		if (!shell_parse_expr(word, &expr, p->error))
			return false;
		if (expr.num_terms != 1 || expr.terms[0].value > 255)
			return shell_error_at(
			    p->error, word, "an index is a number up to 255");
		e->has_index = true;
		e->index = (unsigned)expr.terms[0].value;
		p->at++;
	}
	word = next_word(p);
	if (word == NULL)
		return true;
	if (word->quoted || !shell_is_name(word->text, word->len))
		return shell_error_at(
		    p->error, word, "not the name of a condition (data_state)");
	e->condition = *word;
	return true;
}

static bool
parse_expect_value(struct parser *p)
{
	static const char *const signs[] = {
		[CMP_EQ] = "==",
		[CMP_NE] = "!=",
		[CMP_LT] = "<",
		[CMP_LE] = "<=",
		[CMP_GT] = ">",
		[CMP_GE] = ">=",
	};
	const struct shell_word *sign;
	size_t i;

	if (!need_expr(p, "a value"))
		return false;
	sign = next_word(p);
	if (sign == NULL)
		return missing(p, "==, !=, <, <=, > or >=");
	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (shell_word_is(sign, signs[i]))
			break;
	}
	if (i == sizeof(signs) / sizeof(signs[0]))
		return shell_error_at(
		    p->error, sign, "not one of ==, !=, <, <=, >, >=");
	p->statement->compare = (enum shell_compare)i;
	return need_expr(p, "a value");
}

static bool
parse_expect_granule(struct parser *p)
{
	return need_expr(p, "an address") && need_word(p, "a state");
}

static bool
parse_expect_rim(struct parser *p)
{
	const struct shell_word *hex;

	if (!need_word(p, "a measurement in hexadecimal"))
		return false;
	hex = &p->statement->words[0];
	for (size_t i = 0; i < hex->len; i++) {
		if (!isxdigit((unsigned char)hex->text[i]))
			return shell_error_at(p->error, hex,
			    "a measurement is 64 or 128 hexadecimal digits");
	}
	if (hex->len != 64 && hex->len != 128)
		return shell_error_at(p->error, hex,
		    "a measurement is 64 or 128 hexadecimal digits");
	return may_expr(p);
}

/* X0 and up to 17 more. */
static bool
parse_smc(struct parser *p)
{
	const struct shell_word *word;

	if (p->statement->num_exprs == 0 && !need_expr(p, "a function id"))
		return false;
	while ((word = next_word(p)) != NULL) {
		if (p->statement->num_exprs == SMC_REGS)
			return shell_error_at(p->error, word,
			    "a call has %d registers", SMC_REGS);
		if (!add_expr(p, word))
			return false;
	}
	return true;
}

static bool
parse_call(struct parser *p)
{
	const struct smc_abi *abi = p->statement->abi;

	for (size_t i = 0; abi->inputs[i] != NULL; i++) {
		if (!need_expr(p, abi->inputs[i]))
			return false;
	}
	return true;
}

static const struct verb {
	const char *name; /* two words for "mem ..." */
	enum shell_verb verb;
	bool (*parse)(struct parser *p);
} verbs[] = {
	{ "smc", SHELL_CALL, parse_smc },
	{ "expect", SHELL_EXPECT, parse_expect },
	{ "expect-value", SHELL_EXPECT_VALUE, parse_expect_value },
	{ "expect-granule", SHELL_EXPECT_GRANULE, parse_expect_granule },
	{ "expect-rim", SHELL_EXPECT_RIM, parse_expect_rim },
	{ "expect-mem", SHELL_EXPECT_MEM, parse_write },
	{ "mem read", SHELL_MEM_READ, parse_read },
	{ "mem write", SHELL_MEM_WRITE, parse_write },
	{ "mem fill", SHELL_MEM_FILL, parse_fill },
	{ "mem load", SHELL_MEM_LOAD, parse_load },
	{ "realm-params", SHELL_PAGE, parse_page },
	{ "rec-params", SHELL_PAGE, parse_page },
	{ "rec-run", SHELL_PAGE, parse_page },
	{ "rec-exit", SHELL_REC_EXIT, parse_address },
	{ "granule", SHELL_GRANULE, parse_address },
	{ "rim", SHELL_RIM, may_expr },
	{ "rtt", SHELL_RTT, may_expr },
	{ "let", SHELL_LET, parse_let },
	{ "echo", SHELL_ECHO, parse_echo },
	{ "pe", SHELL_PE, parse_one_expr },
	{ "violated", SHELL_VIOLATED, parse_nothing_more },
	{ "repeat", SHELL_REPEAT, parse_repeat },
	{ "end", SHELL_END, parse_nothing_more },
	{ "reset", SHELL_RESET, parse_nothing_more },
	{ "help", SHELL_HELP, parse_nothing_more },
	{ "quit", SHELL_QUIT, parse_nothing_more },
};

static const struct verb *
find_verb(struct parser *p)
{
	const struct shell_word *word = &p->statement->word;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		const char *name = verbs[i].name;

		if (shell_word_is(word, name))
			return &verbs[i];
		if (strncmp(name, "mem ", 4) == 0 &&
		    shell_word_is(word, "mem") && p->num > 1 &&
		    shell_word_is(&p->words[1], name + 4)) {
			p->at = 2;
			return &verbs[i];
		}
	}
	return NULL;
}

static bool
parse_verb(struct parser *p)
{
	static const struct verb call = { "", SHELL_CALL, parse_call };
	static const struct verb by_fid = { "", SHELL_CALL, parse_smc };
	struct shell_statement *s = p->statement;
	const struct verb *verb = find_verb(p);

	if (shell_word_is(&s->word, "mem") && verb == NULL)
		return p->num == 1 ? missing(p, "read, write, fill or load")
				   : shell_error_at(p->error, &p->words[1],
					 "mem can read, write, fill and load");
	if (verb == NULL && !s->word.quoted) {
		s->abi = abi_by_name(s->word.text, s->word.len);
		if (s->abi != NULL)
			verb = &call;
		else if (isdigit((unsigned char)s->word.text[0]))
			verb = &by_fid;
	}
	if (verb == NULL)
		return shell_error_at(p->error, &s->word,
		    "neither a statement (help lists them) nor an RMI command");
	s->verb = verb->verb;
	if (verb == &by_fid && !add_expr(p, &s->word))
		return false;
	return verb->parse(p) && no_more(p);
}

bool
shell_parse(const char *line, size_t len, struct shell_statement *statement,
    struct shell_error *error)
{
	struct parser p = { .at = 1, .statement = statement, .error = error };
	const struct shell_word *last;

	statement->verb = SHELL_NOTHING;
	statement->abi = NULL;
	statement->layout = NULL;
	statement->expect = (struct shell_expectation){ 0 };
	statement->num_words = statement->num_exprs = 0;
	statement->num_settings = 0;
	if (!shell_split(line, len, p.words, &p.num, error))
		return false;
	if (p.num == 0)
		return true;
	last = &p.words[p.num - 1];
	p.end_column =
	    last->column + (unsigned)last->len + (last->quoted ? 2 : 0);
	statement->word = p.words[0];
	return parse_verb(&p);
}
