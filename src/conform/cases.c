/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All cases in a row.  A condition or a pair of the specification for which a
 * command's file has nothing still makes a case, which fails.
 */
#include "cases.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

struct kase *cases;
size_t num_cases;
static size_t room;
static bool short_of_memory;

const char *
kind_name(enum kind kind)
{
	static const char *const names[] = { "positive", "condition", "pair",
		"boundary" };

	return names[kind];
}

static struct kase *
add(const struct command_cases *cmd, const struct spec_command *spec,
    enum kind kind, const char *id)
{
	static struct kase spare;
	struct kase *k = &spare;

	if (num_cases == room) {
		size_t more = room == 0 ? 1024 : 2 * room;
		void *grown = realloc(cases, more * sizeof *cases);

		if (grown == NULL) {
			short_of_memory = true;
			return &spare;
		}
		cases = grown;
		room = more;
	}
	k = &cases[num_cases++];
	memset(k, 0, sizeof *k);
	k->cmd = cmd;
	k->spec = spec;
	k->kind = kind;
	snprintf(k->id, sizeof k->id, "%s", id);
	return k;
}

/* ---- Conditions -------------------------------------------------------- */

struct making {
	const struct command_cases *cmd;
	const struct spec_command *spec;
};

static void
add_variants(const struct making *m, const struct arg *arg, const char *id)
{
	for (size_t i = 0; i < num_variants; i++) {
		const struct variant *v = &variants[i];
		const char *of = arg_id(arg, v->part);
		struct kase *k;

		if (of == NULL || strcmp(of, id) != 0 ||
		    (v->wants & 1u << arg->want) == 0)
			continue;
		k = add(m->cmd, m->spec, KIND_CONDITION, id);
		k->arg[0] = arg;
		k->variant[0] = v;
		snprintf(k->name, sizeof k->name, "%s/%s:%s%s", m->spec->name,
		    id, arg->name, v->what);
	}
}

static void
add_stimulus(const struct making *m, const struct stimulus *s, const char *id)
{
	struct kase *k = add(m->cmd, m->spec, KIND_CONDITION, id);

	k->stimulus[0] = s;
	k->cannot = s->cannot;
	snprintf(k->name, sizeof k->name, "%s/%s%s%s", m->spec->name, id,
	    s->what[0] != '\0' ? ":" : "", s->what);
}

static void
add_condition(void *ctx, const char *id)
{
	const struct making *m = ctx;
	size_t before = num_cases;
	struct kase *k;

	for (const struct arg *a = m->cmd->args; a != NULL && a->reg != 0; a++)
		add_variants(m, a, id);
	for (const struct stimulus *s = m->cmd->stimuli;
	     s != NULL && s->id != NULL; s++)
		if (strcmp(s->id, id) == 0)
			add_stimulus(m, s, id);
	if (num_cases != before)
		return;
	k = add(m->cmd, m->spec, KIND_CONDITION, id);
	snprintf(k->name, sizeof k->name, "%s/%s", m->spec->name, id);
}

/* ---- Pairs ------------------------------------------------------------- */

/* What violates id when others are violated too. */
static void
find_stimulus(struct kase *k, unsigned n, const char *id)
{
	const struct command_cases *cmd = k->cmd;

	for (const struct stimulus *s = cmd->stimuli;
	     s != NULL && s->id != NULL; s++)
		if (strcmp(s->id, id) == 0) {
			k->stimulus[n] = s;
			if (s->cannot != NULL)
				k->cannot = s->cannot;
			return;
		}
	for (const struct arg *a = cmd->args; a != NULL && a->reg != 0; a++)
		for (unsigned p = PART_ALIGN; p <= PART_STATE; p++) {
			const char *of = arg_id(a, (enum part)p);

			if (of == NULL || strcmp(of, id) != 0)
				continue;
			k->arg[n] = a;
			k->variant[n] = variant_for_pair(a, (enum part)p);
			return;
		}
}

static void
add_pair(void *ctx, const char *first, const char *second)
{
	const struct making *m = ctx;
	struct kase *k = add(m->cmd, m->spec, KIND_PAIR, first);

	snprintf(k->id2, sizeof k->id2, "%s", second);
	snprintf(
	    k->name, sizeof k->name, "%s/%s<%s", m->spec->name, first, second);
	find_stimulus(k, 0, first);
	find_stimulus(k, 1, second);
	for (const struct both *b = m->cmd->both; b != NULL && b->first != NULL;
	     b++)
		if (strcmp(b->first, first) == 0 &&
		    strcmp(b->second, second) == 0) {
			k->both = b;
			k->cannot = b->cannot;
		}
}

/* ---- The rest ---------------------------------------------------------- */

static void
add_boundaries(const struct making *m)
{
	for (const struct arg *a = m->cmd->args; a != NULL && a->reg != 0; a++)
		for (size_t i = 0; i < num_variants; i++) {
			const struct variant *v = &variants[i];
			struct kase *k;

			if (v->part != PART_VALID ||
			    (v->wants & 1u << a->want) == 0)
				continue;
			k = add(m->cmd, m->spec, KIND_BOUNDARY, "");
			k->arg[0] = a;
			k->variant[0] = v;
			k->cannot = m->cmd->why_never;
			snprintf(k->name, sizeof k->name, "%s/%s%s",
			    m->spec->name, a->name, v->what);
		}
}

static void
add_list(const struct making *m, const struct positive *list)
{
	for (const struct positive *p = list; p != NULL && p->what != NULL;
	     p++) {
		struct kase *k = add(m->cmd, m->spec, KIND_POSITIVE, "");

		k->positive = p;
		snprintf(
		    k->name, sizeof k->name, "%s/+%s", m->spec->name, p->what);
	}
}

static void
add_positives(const struct making *m)
{
	add_list(m, m->cmd->positives);
	for (size_t i = 0; i < sizeof m->cmd->more / sizeof m->cmd->more[0];
	     i++)
		add_list(m, m->cmd->more[i]);
	if (m->cmd->why_never != NULL) {
		struct kase *k = add(m->cmd, m->spec, KIND_POSITIVE, "");

		k->cannot = m->cmd->why_never;
		snprintf(k->name, sizeof k->name, "%s/+success", m->spec->name);
	}
}

bool
cases_make(void)
{
	for (const struct command_cases *const *cmd = all_commands;
	     *cmd != NULL; cmd++) {
		struct making m = { *cmd, spec_find((*cmd)->name) };

		add_positives(&m);
		add_boundaries(&m);
		spec_each_condition(m.spec, add_condition, &m);
		spec_each_pair(m.spec, add_pair, &m);
	}
	return !short_of_memory;
}

bool
case_matches(const struct kase *k, const char *pattern)
{
	char command[32];

	if (strchr(pattern, '/') != NULL)
		return fnmatch(pattern, k->name, 0) == 0;
	snprintf(command, sizeof command, "%s", k->spec->name);
	return fnmatch(pattern, command, 0) == 0;
}

struct cell
cell_of(const struct spec_command *spec, const char *id)
{
	struct cell cell = { 0, 0, 0, 0 };

	for (size_t i = 0; i < num_cases; i++) {
		const struct kase *k = &cases[i];

		if (k->spec != spec || !k->selected ||
		    (strcmp(k->id, id) != 0 && strcmp(k->id2, id) != 0))
			continue;
		cell.pass += k->result == RESULT_PASS;
		cell.fail += k->result == RESULT_FAIL;
		cell.skip += k->result == RESULT_SKIP && k->cannot == NULL;
		cell.cannot += k->cannot != NULL;
	}
	return cell;
}

const char *
cell_word(const struct cell *cell)
{
	if (cell->fail != 0)
		return "FAIL";
	if (cell->pass != 0)
		return "ok";
	if (cell->skip != 0)
		return "skip";
	return cell->cannot != 0 ? "no" : "";
}
