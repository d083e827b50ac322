/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The statements of a script, each with what follows its verb.
 */
#include "config.h"

#include <string.h>

#include "script-parser.h"

static bool
is_sign(const struct script_word *word, enum script_compare *compare)
{
	static const char *const signs[SCRIPT_COMPARES] = {
		[SCRIPT_EQ] = "==",
		[SCRIPT_NE] = "!=",
		[SCRIPT_LT] = "<",
		[SCRIPT_LE] = "<=",
		[SCRIPT_GT] = ">",
		[SCRIPT_GE] = ">=",
	};
	unsigned i = 0;

	while (i < SCRIPT_COMPARES && !script_word_is(word, signs[i]))
		i++;
	*compare = (enum script_compare)i;
	return i < SCRIPT_COMPARES;
}

/* A register that is named alone. */
static bool
take_register(struct script_parser *p, const struct script_word *word, bool *is)
{
	struct script_statement *s = &p->statement;

	*is = script_register(word, &s->reg, &s->w);
	if (!*is && word->len > 2 && word->text[0] == '$') {
		struct script_word name = script_part(word, 1, word->len);

		*is = script_register(&name, &s->reg, &s->w);
	}
	if (*is)
		s->name = *word;
	return *is;
}

/* ---- Simple forms ---------------------------------------------------------
 */

static bool
parse_nothing(struct script_parser *p)
{
	(void)p;
	return true;
}

static bool
parse_ipa(struct script_parser *p)
{
	return script_need_sum(p, "an IPA");
}

static bool
parse_ticks(struct script_parser *p)
{
	return script_need_sum(p, "a number of ticks");
}

static bool
parse_deadline(struct script_parser *p)
{
	return script_need_sum(p, "a counter value ($now+1000)");
}

static bool
parse_count(struct script_parser *p)
{
	return script_need_sum(p, "a count");
}

static bool
parse_comparison(struct script_parser *p)
{
	const struct script_word *sign;

	if (!script_need_sum(p, "a value"))
		return false;
	sign = script_need(p, "==, !=, <, <=, > or >=");
	if (sign == NULL)
		return false;
	if (!is_sign(sign, &p->statement.compare))
		return script_error_at(
		    p, sign, "not one of ==, !=, <, <=, >, >=");
	return script_need_sum(p, "a value");
}

/* Words; one that begins with $ is a sum. */
static bool
parse_words(struct script_parser *p)
{
	const struct script_word *word;

	while ((word = script_next(p)) != NULL) {
		bool sum =
		    !word->quoted && word->len > 1 && word->text[0] == '$';

		if (sum ? !script_add_sum(p, word, 0)
			: !script_add_text(p, word))
			return false;
	}
	return true;
}

static bool
parse_indices(struct script_parser *p)
{
	const struct script_word *word;

	if (!script_need_sum(p, "the index of a REC"))
		return false;
	while ((word = script_next(p)) != NULL)
		if (!script_add_sum(p, word, 0))
			return false;
	return true;
}

/* One word of a list; number is its place. */
static bool
parse_choice(struct script_parser *p, const char *const *list, const char *what)
{
	const struct script_word *word = script_need(p, what);

	if (word == NULL)
		return false;
	for (unsigned i = 0; list[i] != NULL; i++)
		if (script_word_is(word, list[i])) {
			p->statement.number = i;
			return true;
		}
	return script_error_at(p, word, "%s is wanted here", what);
}

/* ---- Calls ----------------------------------------------------------------
 */

static bool
parse_call(struct script_parser *p)
{
	const struct smc_abi *abi = p->statement.abi;

	for (size_t i = 0; abi->inputs[i] != NULL; i++)
		if (!script_need_sum(p, abi->inputs[i]))
			return false;
	return true;
}

static bool
parse_smc(struct script_parser *p)
{
	const struct script_word *word;

	while ((word = script_next(p)) != NULL) {
		if (p->statement.num_values == SMC_REGS)
			return script_error_at(
			    p, word, "a call has %d registers", SMC_REGS);
		if (!script_add_sum(p, word, 0))
			return false;
	}
	return true;
}

/* imm=VALUE or gprs[N]=VALUE. */
static bool
parse_setting(struct script_parser *p, const struct script_word *word)
{
	const char *equals = memchr(word->text, '=', word->len);
	struct script_word left, right, number;
	uint64_t n = SCRIPT_TAG_IMM;

	if (equals == NULL || word->quoted)
		return script_error_at(
		    p, word, "neither imm=VALUE nor gprs[N]=VALUE");
	left = script_part(word, 0, (size_t)(equals - word->text));
	right = script_part(word, left.len + 1, word->len);
	if (left.len > 6 && memcmp(left.text, "gprs[", 5) == 0 &&
	    left.text[left.len - 1] == ']') {
		number = script_part(&left, 5, left.len - 6);
		if (!script_plain_number(p, &number, &n))
			return false;
		if (n >= RMI_REC_GPRS)
			return script_error_at(p, word,
			    "a host call has registers 0 to %d",
			    RMI_REC_GPRS - 1);
	} else if (!script_word_is(&left, "imm")) {
		return script_error_at(
		    p, word, "neither imm=VALUE nor gprs[N]=VALUE");
	}
	return script_add_sum(p, &right, (unsigned)n);
}

static bool
parse_host_call(struct script_parser *p)
{
	const struct script_word *word;

	if (!parse_ipa(p))
		return false;
	while ((word = script_next(p)) != NULL)
		if (!parse_setting(p, word))
			return false;
	return true;
}

/* ---- Memory ---------------------------------------------------------------
 */

static bool
parse_sized_ipa(struct script_parser *p)
{
	const struct script_word *word = script_need(p, "an IPA");
	struct script_word ipa;
	unsigned bytes;

	if (word == NULL || !script_width(p, word, &ipa, &bytes))
		return false;
	p->statement.size = bytes == 0 ? 8 : bytes;
	return script_add_sum(p, &ipa, 0);
}

/* Does what is loaded or stored fit the register that was named? */
static bool
fits(struct script_parser *p, const struct script_word *word)
{
	return p->statement.size <= 4 || !p->statement.w ||
	    script_error_at(p, word, "8 bytes do not fit a W register");
}

static bool
parse_read(struct script_parser *p)
{
	struct script_statement *s = &p->statement;
	const struct script_word *word;
	bool is_register;

	if (!parse_sized_ipa(p))
		return false;
	s->w = s->size < 8;
	word = script_next(p);
	if (word != NULL && !script_word_is(word, "signed")) {
		if (!take_register(p, word, &is_register))
			return script_error_at(p, word,
			    "neither a register (x0, w0, xzr) nor signed");
		if (!fits(p, word))
			return false;
		word = script_next(p);
	}
	if (word == NULL)
		return true;
	s->sign_extend = true;
	if (!script_word_is(word, "signed"))
		return script_error_at(p, word, "only signed may follow");
	return s->size < (s->w ? 4u : 8u) ||
	    script_error_at(p, word, "%u bytes fill the register already",
		(unsigned)s->size);
}

/* A register alone is stored as it is; another value goes through X17. */
static bool
register_or_value(struct script_parser *p, bool w)
{
	struct script_statement *s = &p->statement;
	const struct script_word *word =
	    script_need(p, "a value or a register");
	bool is_register;

	if (word == NULL)
		return false;
	if (take_register(p, word, &is_register))
		return fits(p, word);
	s->via = true;
	s->reg = 17;
	s->w = w;
	return script_add_sum(p, word, 0);
}

static bool
parse_write(struct script_parser *p)
{
	return parse_sized_ipa(p) &&
	    register_or_value(p, p->statement.size < 8);
}

static size_t
bulk_size(const struct script_value *value)
{
	return value->kind == SCRIPT_SUM ? value->tag
	    : value->kind == SCRIPT_HEX	 ? value->word.len / 2
					 : value->word.len;
}

static bool
parse_items(struct script_parser *p)
{
	const struct script_word *word;
	size_t total = 0;

	if (!parse_ipa(p))
		return false;
	word = script_need(p, "a value, \"text\" or hex:DIGITS");
	if (word == NULL)
		return false;
	for (; word != NULL; word = script_next(p)) {
		if (!script_add_item(p, word))
			return false;
		total +=
		    bulk_size(&p->script->values[p->script->num_values - 1]);
		if (total > SCRIPT_BULK_MAX)
			return script_error_at(p, word,
			    "a statement has at most %d bytes",
			    SCRIPT_BULK_MAX);
	}
	return true;
}

static bool
parse_mem(struct script_parser *p)
{
	static const char *const list[] = { "read", "write", "fill", NULL };
	struct script_statement *s = &p->statement;

	if (!parse_choice(p, list, "read, write or fill"))
		return false;
	s->verb = s->number == 0 ? SCRIPT_MEM_READ
	    : s->number == 1	 ? SCRIPT_MEM_WRITE
				 : SCRIPT_MEM_FILL;
	if (s->verb == SCRIPT_MEM_WRITE)
		return parse_items(p);
	if (s->verb == SCRIPT_MEM_READ)
		return parse_ipa(p) && script_may_sum(p);
	return parse_ipa(p) && script_need_sum(p, "a length") &&
	    script_need_sum(p, "a byte");
}

/* ---- The processor --------------------------------------------------------
 */

static bool
parse_interrupt(struct script_parser *p)
{
	static const char *const list[] = { "irq", "fiq", "serror", NULL };

	return parse_choice(p, list, "irq, fiq or serror") &&
	    (p->statement.number != RMM_SERROR || script_may_sum(p));
}

static bool
parse_pmu(struct script_parser *p)
{
	static const char *const list[] = { "off", "on", NULL };

	return parse_choice(p, list, "on or off");
}

static bool
need_sysreg(struct script_parser *p)
{
	const struct script_word *word = script_need(p, "a system register");

	return word != NULL &&
	    (script_sysreg(word, &p->statement.number) ||
		script_error_at(p, word,
		    "neither the name of a system register of a realm nor"
		    " S3_0_C0_C0_0"));
}

static bool
need_x_register(struct script_parser *p)
{
	const struct script_word *word = script_need(p, "a register");
	bool is_register;

	if (word == NULL)
		return false;
	return (take_register(p, word, &is_register) && !p->statement.w) ||
	    script_error_at(p, word, "not a register (x0 to x30, xzr)");
}

static bool
parse_mrs(struct script_parser *p)
{
	return need_x_register(p) && need_sysreg(p);
}

static bool
parse_msr(struct script_parser *p)
{
	p->statement.size = 8;
	return need_sysreg(p) && register_or_value(p, false);
}

/* ---- Variables and expectations -------------------------------------------
 */

static bool
parse_let(struct script_parser *p)
{
	struct script_statement *s = &p->statement;
	const struct script_word *name = script_need(p, "a name"), *equals;
	enum script_term_kind reserved;
	bool is_register;
	int slot = 0;

	if (name == NULL)
		return false;
	if (take_register(p, name, &is_register)) {
		if (s->w || s->reg == SCRIPT_XZR)
			return script_error_at(
			    p, name, "only x0 to x30 can be set");
		s->verb = SCRIPT_SET;
	} else if (!script_is_name(name)) {
		return script_error_at(p, name,
		    "not a name: letters, digits and _, at most %d",
		    SCRIPT_NAME_MAX);
	} else if (script_reserved(name, &reserved)) {
		return script_error_at(p, name, "this name has its meaning");
	} else {
		slot = script_slot(p, name);
		if (slot < 0)
			return false;
		s->number = (uint64_t)slot;
		p->origins[slot].given = true;
	}
	equals = script_need(p, "=");
	if (equals == NULL)
		return false;
	if (!script_word_is(equals, "="))
		return script_error_at(
		    p, equals, "let NAME = VALUE, with blanks");
	return script_need_sum(p, "a value");
}

static bool
parse_status(struct script_parser *p)
{
	struct script_statement *s = &p->statement;
	const struct script_word *word =
	    script_need(p, "a status, a comparison or exception");

	s->verb = SCRIPT_EXPECT_STATUS;
	if (word == NULL)
		return false;
	if (!script_constant(word, &s->number) &&
	    (word->len == 0 || script_digit(word->text[0], 10) < 0))
		return script_error_at(p, word,
		    "neither a status (RSI_SUCCESS, PSCI_DENIED, 3), nor"
		    " VALUE == VALUE, nor exception");
	if (word->len > 0 && script_digit(word->text[0], 10) >= 0 &&
	    !script_plain_number(p, word, &s->number))
		return false;
	word = script_next(p);
	if (word == NULL)
		return true;
	s->name = *word;
	return script_is_name(word) ||
	    script_error_at(
		p, word, "not the name of a condition (base_align)");
}

static bool
parse_exception(struct script_parser *p)
{
	struct script_statement *s = &p->statement;
	const struct script_word *word;

	s->verb = SCRIPT_EXPECT_EXCEPTION;
	p->at++;
	while ((word = script_next(p)) != NULL) {
		if (word->len > 4 && memcmp(word->text, "far=", 4) == 0) {
			struct script_word far =
			    script_part(word, 4, word->len);

			if (s->num_values > 0)
				return script_error_at(
				    p, word, "far is given already");
			if (!script_add_sum(p, &far, 0))
				return false;
			continue;
		}
		if (!script_exception_kind(word, &s->kinds))
			return script_error_at(p, word,
			    "not one of " SCRIPT_EXCEPTIONS ", far=VALUE");
	}
	return true;
}

static bool
parse_expect(struct script_parser *p)
{
	enum script_compare compare;

	if (p->num > 1 && script_word_is(&p->words[1], "exception"))
		return parse_exception(p);
	if (p->num > 2 && is_sign(&p->words[2], &compare))
		return parse_comparison(p);
	return parse_status(p);
}

/* ---- The table ------------------------------------------------------------
 */

static const struct verb {
	const char *name;
	enum script_verb verb; /* unless its parser knows better */
	unsigned number;
	bool (*parse)(struct script_parser *p);
} verbs[] = {
	{ "smc", SCRIPT_SMC, 0, parse_smc },
	{ "hvc", SCRIPT_HVC, 0, parse_smc },
	{ "host-call", SCRIPT_HOST_CALL, 0, parse_host_call },
	{ "read", SCRIPT_READ, 0, parse_read },
	{ "write", SCRIPT_WRITE, 0, parse_write },
	{ "fetch", SCRIPT_FETCH, 0, parse_ipa },
	{ "mem", SCRIPT_MEM_READ, 0, parse_mem },
	{ "wfi", SCRIPT_WAIT, RMM_WFI, parse_nothing },
	{ "wfe", SCRIPT_WAIT, RMM_WFE, parse_nothing },
	{ "wfit", SCRIPT_WAIT, RMM_WFIT, parse_deadline },
	{ "wfet", SCRIPT_WAIT, RMM_WFET, parse_deadline },
	{ "interrupt", SCRIPT_INTERRUPT, 0, parse_interrupt },
	{ "time", SCRIPT_TIME, 0, parse_ticks },
	{ "pmu-overflow", SCRIPT_PMU_OVERFLOW, 0, parse_pmu },
	{ "mrs", SCRIPT_MRS, 0, parse_mrs },
	{ "msr", SCRIPT_MSR, 0, parse_msr },
	{ "let", SCRIPT_LET, 0, parse_let },
	{ "log", SCRIPT_LOG, 0, parse_words },
	{ "fail", SCRIPT_FAIL, 0, parse_words },
	{ "expect", SCRIPT_EXPECT_VALUE, 0, parse_expect },
	{ "expect-value", SCRIPT_EXPECT_VALUE, 0, parse_comparison },
	{ "expect-mem", SCRIPT_EXPECT_MEM, 0, parse_items },
	{ "repeat", SCRIPT_REPEAT, 0, parse_count },
	{ "while", SCRIPT_WHILE, 0, parse_comparison },
	{ "if", SCRIPT_IF, 0, parse_comparison },
	{ "rec", SCRIPT_REC_SECTION, 0, parse_indices },
	{ "else", SCRIPT_ELSE, 0, parse_nothing },
	{ "end", SCRIPT_END, 0, parse_nothing },
};

static const struct verb *
find_verb(struct script_parser *p)
{
	static const struct verb call = { "", SCRIPT_CALL, 0, parse_call };
	const struct script_word *word = &p->statement.word;

	for (size_t i = 0;
	     !word->quoted && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (script_word_is(word, verbs[i].name))
			return &verbs[i];
	p->statement.abi = word->quoted ? NULL : script_abi(word);
	return p->statement.abi == NULL ? NULL : &call;
}

static bool
no_more(struct script_parser *p)
{
	const struct script_word *word = script_next(p);

	if (word == NULL)
		return true;
	if (word->len > 0 && (word->text[0] == '+' || word->text[0] == '-'))
		return script_error_at(
		    p, word, "a sum is written without blanks: $base+0x1000");
	return script_error_at(p, word, "%.*s takes no more than that",
	    (int)p->statement.word.len, p->statement.word.text);
}

bool
script_parse_statement(struct script_parser *p)
{
	const struct verb *verb;

	p->statement = (struct script_statement){
		.line = p->line,
		.word = p->words[0],
		.first_value = p->script->num_values,
	};
	p->at = 1;
	verb = find_verb(p);
	if (verb == NULL)
		return script_error_at(p, &p->words[0],
		    "neither a statement of rmm-script(5) nor a call of RSI or"
		    " PSCI");
	p->statement.verb = verb->verb;
	p->statement.number = verb->number;
	return verb->parse(p) && no_more(p);
}
