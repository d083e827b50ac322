/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a text to a program: line by line, with the blocks put together and
 * every variable known.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script-parser.h"

static bool
add_statement(struct script_parser *p)
{
	struct script *script = p->script;
	struct script_statement *bigger;
	size_t more = p->statements_room == 0 ? 64 : 2 * p->statements_room;

	if (script->num_statements == SCRIPT_STATEMENTS_MAX)
		return script_error_at(p, &p->statement.word,
		    "a script has at most %d statements",
		    SCRIPT_STATEMENTS_MAX);
	if (script->num_statements == p->statements_room) {
		bigger = realloc(script->statements, more * sizeof(*bigger));
		if (bigger == NULL)
			return script_error_column(
			    p, 1, "no memory for the script");
		script->statements = bigger;
		p->statements_room = more;
	}
	script->statements[script->num_statements++] = p->statement;
	return true;
}

/* ---- Blocks ---------------------------------------------------------------
 */

static struct script_statement *
innermost(struct script_parser *p)
{
	return &p->script->statements[p->blocks[p->num_blocks - 1]];
}

static bool
open_block(struct script_parser *p)
{
	if (p->num_blocks == SCRIPT_NEST_MAX)
		return script_error_at(p, &p->statement.word,
		    "blocks are nested at most %d deep", SCRIPT_NEST_MAX);
	p->statement.depth = p->num_blocks;
	p->blocks[p->num_blocks++] = p->script->num_statements;
	return add_statement(p);
}

static bool
close_block(struct script_parser *p)
{
	size_t here = p->script->num_statements;
	bool loop;

	if (p->num_blocks == 0)
		return script_error_at(
		    p, &p->statement.word, "there is nothing to end");
	loop = innermost(p)->verb == SCRIPT_REPEAT ||
	    innermost(p)->verb == SCRIPT_WHILE;
	innermost(p)->target = here + 1;
	p->statement.target = loop ? p->blocks[p->num_blocks - 1] : here + 1;
	p->num_blocks--;
	return add_statement(p);
}

static bool
other_branch(struct script_parser *p)
{
	size_t here = p->script->num_statements;

	if (p->num_blocks == 0 ||
	    (innermost(p)->verb != SCRIPT_IF &&
		innermost(p)->verb != SCRIPT_REC_SECTION))
		return script_error_at(p, &p->statement.word,
		    "only an if or a rec has something else");
	innermost(p)->target = here + 1;
	/* From here on it is the else that the end will end. */
	p->blocks[p->num_blocks - 1] = here;
	return add_statement(p);
}

static bool
put_statement(struct script_parser *p)
{
	switch (p->statement.verb) {
	case SCRIPT_REPEAT:
	case SCRIPT_WHILE:
	case SCRIPT_IF:
	case SCRIPT_REC_SECTION:
		return open_block(p);
	case SCRIPT_ELSE:
		return other_branch(p);
	case SCRIPT_END:
		return close_block(p);
	default:
		return add_statement(p);
	}
}

/* ---- The whole ------------------------------------------------------------
 */

static bool
parse_lines(struct script_parser *p, size_t size)
{
	const char *line = p->script->text, *end = line + size;

	while (line < end) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t len = (size_t)((newline == NULL ? end : newline) - line);

		p->line++;
		if (!script_split(p, line, len))
			return false;
		if (p->num > 0 &&
		    !(script_parse_statement(p) && put_statement(p)))
			return false;
		line += len + (newline != NULL);
	}
	return true;
}

static bool
check_whole(struct script_parser *p)
{
	const struct script *script = p->script;

	if (p->num_blocks > 0) {
		p->line = innermost(p)->line;
		return script_error_at(
		    p, &innermost(p)->word, "the end of this is missing");
	}
	for (unsigned i = 0; i < script->num_variables; i++) {
		if (p->origins[i].given)
			continue;
		p->line = p->origins[i].line;
		script_error_at(p, &script->variables[i],
		    "no let gives this variable a value, and no call returns"
		    " it");
		p->error_column = p->origins[i].column;
		return false;
	}
	return true;
}

static struct script *
script_new(const char *name, const char *text, size_t size)
{
	struct script *script = calloc(1, sizeof(*script));

	if (script == NULL)
		return NULL;
	script->references = 1;
	script->name = strdup(name);
	script->text = malloc(size + 1);
	if (script->name == NULL || script->text == NULL) {
		script_free(script);
		return NULL;
	}
	memcpy(script->text, text, size);
	script->text[size] = '\0';
	return script;
}

struct script *
script_parse(
    const char *name, const char *text, size_t size, char *err, size_t errlen)
{
	struct script_parser *p;
	struct script *script = NULL;

	if (size > SCRIPT_SIZE_MAX) {
		snprintf(err, errlen, "%s:1:1: more than %u bytes", name,
		    SCRIPT_SIZE_MAX);
		return NULL;
	}
	p = calloc(1, sizeof(*p));
	if (p != NULL)
		p->script = script = script_new(name, text, size);
	if (script == NULL) {
		snprintf(err, errlen, "%s:1:1: no memory for the script", name);
	} else if (!parse_lines(p, size) || !check_whole(p)) {
		snprintf(err, errlen, "%s:%u:%u: %s", name, p->error_line,
		    p->error_column, p->error);
		script_free(script);
		script = NULL;
	}
	free(p);
	return script;
}

struct script *
script_ref(struct script *script)
{
	script->references++;
	return script;
}

void
script_free(struct script *script)
{
	if (script == NULL || --script->references > 0)
		return;
	free(script->name);
	free(script->text);
	free(script->statements);
	free(script->values);
	free(script->terms);
	free(script);
}

const char *
script_name(const struct script *script)
{
	return script->name;
}
