/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The structures that a host keeps in Non-secure memory, by the names that the
 * specification gives their fields (B4.4), for "realm-params" and its like.
 */
#include "config.h"

#include <string.h>

#include "shell.h"

#define SIZE_OF(type, field) sizeof(((struct type *)NULL)->field)
#define ONE(type, name)                                                     \
	{                                                                   \
#name, offsetof(struct type, name), SIZE_OF(type, name), 1, \
		    false                                                   \
	}
#define ARRAY(type, name)                                                   \
	{                                                                   \
#name, offsetof(struct type, name), SIZE_OF(type, name[0]), \
		    SIZE_OF(type, name) / SIZE_OF(type, name[0]), false     \
	}
#define BYTES(type, name)                                                   \
	{                                                                   \
#name, offsetof(struct type, name), SIZE_OF(type, name), 1, \
		    true                                                    \
	}
#define END                          \
	{                            \
		NULL, 0, 0, 0, false \
	}

static const struct shell_field realm_params[] = {
	ONE(rmi_realm_params, flags),
	ONE(rmi_realm_params, s2sz),
	ONE(rmi_realm_params, sve_vl),
	ONE(rmi_realm_params, num_bps),
	ONE(rmi_realm_params, num_wps),
	ONE(rmi_realm_params, pmu_num_ctrs),
	ONE(rmi_realm_params, hash_algo),
	BYTES(rmi_realm_params, rpv),
	ONE(rmi_realm_params, vmid),
	ONE(rmi_realm_params, rtt_base),
	ONE(rmi_realm_params, rtt_level_start),
	ONE(rmi_realm_params, rtt_num_start),
	END,
};

static const struct shell_field rec_params[] = {
	ONE(rmi_rec_params, flags),
	ONE(rmi_rec_params, mpidr),
	ONE(rmi_rec_params, pc),
	ARRAY(rmi_rec_params, gprs),
	ONE(rmi_rec_params, num_aux),
	ARRAY(rmi_rec_params, aux),
	END,
};

static const struct shell_field rec_run[] = {
	ONE(rmi_rec_enter, flags),
	ARRAY(rmi_rec_enter, gprs),
	ONE(rmi_rec_enter, gicv3_hcr),
	ARRAY(rmi_rec_enter, gicv3_lrs),
	END,
};

static const struct shell_layout layouts[] = {
	{ "realm-params", realm_params, NULL },
	{ "rec-params", rec_params, "num_aux" },
	{ "rec-run", rec_run, NULL },
};

const struct shell_layout *
shell_layout(const struct shell_word *verb)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if (shell_word_is(verb, layouts[i].verb))
			return &layouts[i];
	}
	return NULL;
}

/* ---- NAME=VALUE ------------------------------------------------------------
 */

static bool
split_at(const struct shell_word *word, char c, struct shell_word *left,
    struct shell_word *right)
{
	const char *at = memchr(word->text, c, word->len);

	if (at == NULL)
		return false;
	*left = shell_part(word, 0, (size_t)(at - word->text));
	*right = shell_part(word, left->len + 1, word->len);
	return true;
}

static const struct shell_field *
find_field(const struct shell_layout *layout, const struct shell_word *name)
{
	for (const struct shell_field *f = layout->fields; f->name != NULL;
	     f++) {
		if (shell_word_is(name, f->name))
			return f;
	}
	return NULL;
}

/* A constant, not a sum of variables. */
static bool
parse_constant(
    const struct shell_word *word, uint64_t *value, struct shell_error *error)
{
	struct shell_expr expr;

	if (!shell_parse_expr(word, &expr, error))
		return false;
	*value = expr.terms[0].value;
	if (expr.num_terms == 1 && expr.terms[0].kind == TERM_NUMBER &&
	    !expr.terms[0].minus)
		return true;
	return shell_error_at(error, word, "a plain number is wanted here");
}

/* NAME or NAME[INDEX]. */
static bool
parse_name(const struct shell_word *word, const struct shell_layout *layout,
    struct shell_setting *setting, struct shell_error *error)
{
	struct shell_word name = *word, index;
	uint64_t value = 0;

	if (split_at(word, '[', &name, &index)) {
		if (index.len < 2 || index.text[index.len - 1] != ']')
			return shell_error_at(error, word, "no closing ]");
		index.len--;
		if (!parse_constant(&index, &value, error))
			return false;
	}
	setting->field = find_field(layout, &name);
	if (setting->field == NULL)
		return shell_error_at(
		    error, &name, "no such field of %s", layout->verb);
	if (name.len != word->len && setting->field->count == 1)
		return shell_error_at(
		    error, word, "%s is no array", setting->field->name);
	if (value >= setting->field->count)
		return shell_error_at(error, word,
		    "%s has %u elements, from 0 on", setting->field->name,
		    setting->field->count);
	setting->index = (unsigned)value;
	return true;
}

static bool
parse_hex(const struct shell_word *word, struct shell_setting *setting,
    struct shell_error *error)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	for (size_t i = 0; i < word->len; i++) {
		if (memchr(digits, word->text[i], sizeof(digits) - 1) == NULL)
			return shell_error_at(error, word,
			    "%s is given as hexadecimal bytes, without 0x",
			    setting->field->name);
	}
	if (word->len % 2 != 0 || word->len > 2 * setting->field->width)
		return shell_error_at(error, word,
		    "%s is up to %u bytes of two hexadecimal digits each",
		    setting->field->name, setting->field->width);
	setting->hex = *word;
	return true;
}

/* The algorithms of B4.4.7 have names. */
static struct shell_word
named_value(const struct shell_field *field, const struct shell_word *word)
{
	struct shell_word value = *word;

	if (strcmp(field->name, "hash_algo") != 0)
		return value;
	if (shell_word_is(word, "sha-256"))
		value.text = "0", value.len = 1;
	else if (shell_word_is(word, "sha-512"))
		value.text = "1", value.len = 1;
	return value;
}

static bool
parse_value(const struct shell_word *word, struct shell_statement *statement,
    struct shell_setting *setting, struct shell_error *error)
{
	struct shell_word first = named_value(setting->field, word), count;
	struct shell_word value = first;

	setting->count = 1;
	if (split_at(&value, ':', &first, &count)) {
		if (!parse_constant(&count, &setting->count, error))
			return false;
		if (setting->count == 0 ||
		    setting->count > setting->field->count - setting->index)
			return shell_error_at(error, &count,
			    "%s has room for 1 to %u elements here",
			    setting->field->name,
			    setting->field->count - setting->index);
	}
	setting->expr = statement->num_exprs;
	return shell_parse_expr(
	    &first, &statement->exprs[statement->num_exprs++], error);
}

bool
shell_parse_setting(const struct shell_word *word,
    struct shell_statement *statement, struct shell_error *error)
{
	struct shell_setting *setting =
	    &statement->settings[statement->num_settings++];
	struct shell_word name, value;

	*setting = (struct shell_setting){ 0 };
	if (word->quoted || !split_at(word, '=', &name, &value))
		return shell_error_at(error, word,
		    "FIELD=VALUE is wanted here, with a field of %s",
		    statement->layout->verb);
	if (!parse_name(&name, statement->layout, setting, error))
		return false;
	if (setting->field->bytes)
		return parse_hex(&value, setting, error);
	return parse_value(&value, statement, setting, error);
}
