/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmmctl shell: where lines come from and in which order they run.  A script
 * in a file is checked as a whole before its first line runs; standard input
 * runs line by line, a repeat when its end has come.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rmmctl.h"
#include "shell.h"

#define BLOCK_MAX  (16u << 20) /* bytes of what waits to run */
#define LINE_COST  64	       /* bytes that a line costs beyond its text */
#define ERRORS_MAX 20	       /* syntax errors shown */

struct line {
	char *text;
	size_t len;
	unsigned number;
	size_t end; /* REPEAT: the place of its END */
};

/* Lines that wait to run. */
struct block {
	struct line *lines;
	size_t num, room, bytes;
	unsigned depth;
	size_t open[SHELL_NEST_MAX]; /* places of REPEATs without END */
};

struct reader {
	FILE *file;
	struct shell_options options;
	struct shell *shell;
	struct block block;
	unsigned number; /* of the line read last */
	unsigned errors;
	uint64_t steps;
	bool failed;
};

/* ---- reading
 * ----------------------------------------------------------------- */

/*
 * A line without its newline; one too long is cut after its first byte too
 * many, which the parser refuses.  Returns false at the end.
 */
static bool
read_line(FILE *file, char text[SHELL_LINE_MAX + 1], size_t *len)
{
	int c = getc(file);

	*len = 0;
	if (c == EOF)
		return false;
	for (; c != EOF && c != '\n'; c = getc(file)) {
		if (*len <= SHELL_LINE_MAX)
			text[(*len)++] = (char)c;
	}
	return true;
}

static void
clear_block(struct block *block)
{
	for (size_t i = 0; i < block->num; i++)
		free(block->lines[i].text);
	free(block->lines);
	*block = (struct block){ 0 };
}

static bool
grow(struct block *block)
{
	size_t room = block->room == 0 ? 64 : 2 * block->room;
	struct line *lines;

	if (block->num < block->room)
		return true;
	lines = realloc(block->lines, room * sizeof(*lines));
	if (lines == NULL)
		return false;
	block->lines = lines;
	block->room = room;
	return true;
}

static bool
add_line(
    struct reader *r, const char *text, size_t len, struct shell_error *error)
{
	struct block *block = &r->block;
	char *copy;

	block->bytes += len + LINE_COST;
	if (block->bytes > BLOCK_MAX)
		return shell_error_column(error, 1,
		    "the script is larger than %u MiB", BLOCK_MAX >> 20);
	copy = malloc(len + 1);
	if (copy == NULL || !grow(block)) {
		free(copy);
		return shell_error_column(error, 1, "out of memory");
	}
	memcpy(copy, text, len);
	copy[len] = '\0';
	block->lines[block->num++] = (struct line){ copy, len, r->number, 0 };
	return true;
}

/* Keep track of repeat and end. */
static bool
nest(struct reader *r, const struct shell_statement *s,
    struct shell_error *error)
{
	struct block *block = &r->block;
	size_t place = block->num - 1;

	if (s->verb == SHELL_REPEAT) {
		if (block->depth == SHELL_NEST_MAX)
			return shell_error_at(error, &s->word,
			    "at most %d of them in each other", SHELL_NEST_MAX);
		block->open[block->depth++] = place;
	} else if (s->verb == SHELL_END) {
		if (block->depth == 0)
			return shell_error_at(
			    error, &s->word, "there is no repeat to end");
		block->lines[block->open[--block->depth]].end = place;
	}
	return true;
}

/* Read and parse one line into the block.  Returns false at the end. */
static bool
take_line(struct reader *r, bool *ok)
{
	char text[SHELL_LINE_MAX + 1];
	struct shell_statement statement;
	struct shell_error error = { .column = 1 };
	size_t len;

	if (!read_line(r->file, text, &len))
		return false;
	r->number++;
	*ok = shell_parse(text, len, &statement, &error) &&
	    add_line(r, text, len, &error) && nest(r, &statement, &error);
	if (*ok)
		return true;
	if (r->errors++ < ERRORS_MAX)
		shell_report(&r->options, r->number, &error);
	return true;
}

/* ---- running
 * ----------------------------------------------------------------- */

static enum shell_end run_lines(struct reader *r, size_t from, size_t to);

static enum shell_end
run_repeat(struct reader *r, size_t at, uint64_t count)
{
	enum shell_end end = SHELL_DONE;

	for (uint64_t i = 0; i < count && end == SHELL_DONE; i++)
		end = run_lines(r, at + 1, r->block.lines[at].end);
	return end;
}

static enum shell_end
run_line(struct reader *r, size_t at)
{
	const struct line *line = &r->block.lines[at];
	struct shell_statement statement;
	struct shell_error error;
	enum shell_end end;

	if (!shell_parse(line->text, line->len, &statement, &error))
		return SHELL_SYNTAX; /* take_line() would have refused it */
	if (statement.verb == SHELL_NOTHING || statement.verb == SHELL_END)
		return SHELL_DONE;
	if (r->steps++ == SHELL_STEPS_MAX) {
		shell_error_at(&error, &statement.word,
		    "%d statements have run, which is enough", SHELL_STEPS_MAX);
		shell_report(&r->options, line->number, &error);
		r->failed = true;
		return SHELL_LEAVE;
	}
	if (r->options.trace)
		printf("> %s\n", line->text);
	if (statement.verb == SHELL_REPEAT)
		return run_repeat(r, at, statement.count);
	end = shell_run(r->shell, line->number, &statement);
	if (end != SHELL_FAILED)
		return end;
	r->failed = true;
	return r->options.keep_going ? SHELL_DONE : SHELL_FAILED;
}

static enum shell_end
run_lines(struct reader *r, size_t from, size_t to)
{
	for (size_t at = from; at < to; at++) {
		enum shell_end end = run_line(r, at);

		if (end != SHELL_DONE)
			return end;
		if (r->block.lines[at].end != 0)
			at = r->block.lines[at].end;
		if (r->file == stdin)
			fflush(stdout);
	}
	return SHELL_DONE;
}

/* The block is not complete, but its source is at its end. */
static void
report_open(struct reader *r)
{
	const struct line *line =
	    &r->block.lines[r->block.open[r->block.depth - 1]];
	struct shell_error error;

	shell_error_column(&error, 1, "this repeat has no end");
	shell_report(&r->options, line->number, &error);
	r->errors++;
}

static enum ctl_exit
result(const struct reader *r)
{
	if (r->errors > ERRORS_MAX)
		fprintf(stderr, "%s: %u errors more\n",
		    ctl_safe(r->options.source), r->errors - ERRORS_MAX);
	/* A person has seen it all already. */
	if (r->options.interactive)
		return CTL_OK;
	if (r->errors > 0)
		return CTL_USAGE;
	return r->failed ? CTL_FAILED : CTL_OK;
}

static enum ctl_exit
run_file(struct reader *r)
{
	bool ok;

	while (take_line(r, &ok))
		continue;
	if (ferror(r->file))
		return ctl_fail("cannot read %s: %s",
		    ctl_safe(r->options.source), strerror(errno));
	if (r->block.depth > 0 && r->errors == 0)
		report_open(r);
	if (r->errors == 0 && !r->options.check)
		run_lines(r, 0, r->block.num);
	return result(r);
}

static void
prompt(const struct reader *r, bool wanted)
{
	if (!wanted || !r->options.interactive)
		return;
	fputs(r->block.depth > 0 ? "   ...> " : "rmmctl> ", stdout);
	fflush(stdout);
}

static enum ctl_exit
run_stdin(struct reader *r)
{
	bool go_on = true, ok = true;

	for (prompt(r, true); go_on && take_line(r, &ok); prompt(r, go_on)) {
		if (!ok) {
			go_on = r->options.interactive || r->options.check;
			clear_block(&r->block);
			continue;
		}
		if (r->block.depth > 0)
			continue;
		if (!r->options.check)
			go_on = run_lines(r, 0, r->block.num) == SHELL_DONE;
		clear_block(&r->block);
	}
	if (go_on && r->block.depth > 0)
		report_open(r);
	if (go_on && r->options.interactive)
		putchar('\n');
	return result(r);
}

enum { KEEP_GOING, TRACE, CHECK };

static enum ctl_exit
run(struct ctl *ctl)
{
	const char *name = ctl->argc > 0 ? ctl->argv[0] : "-";
	bool from_stdin = strcmp(name, "-") == 0;
	struct reader r = { .file = stdin };
	enum ctl_exit rc = CTL_FAILED;

	if (ctl->json)
		return ctl_usage_error("the shell speaks no JSON;"
				       " leave --json away");
	r.options.source = from_stdin ? "stdin" : name;
	r.options.trace = ctl->option[TRACE] != NULL;
	r.options.check = ctl->option[CHECK] != NULL;
	r.options.interactive =
	    from_stdin && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	r.options.keep_going =
	    r.options.interactive || ctl->option[KEEP_GOING] != NULL;
	if (!from_stdin)
		r.file = fopen(name, "re");
	if (r.file == NULL)
		return ctl_fail("%s: %s", ctl_safe(name), strerror(errno));
	r.shell = shell_new(ctl, &r.options);
	if (r.shell != NULL)
		rc = from_stdin ? run_stdin(&r) : run_file(&r);
	clear_block(&r.block);
	shell_free(r.shell);
	if (!from_stdin)
		fclose(r.file);
	return rc;
}

const struct ctl_command ctl_shell = {
	.name = "shell",
	.usage = "[FILE]",
	.summary = "Make calls, one line each, from FILE or standard input",
	.max_args = 1,
	.options = {
		[KEEP_GOING] = { "keep-going", NULL,
		    "go on after what failed" },
		[TRACE] = { "trace", NULL,
		    "show each statement before its result" },
		[CHECK] = { "check", NULL,
		    "check the syntax and run nothing" },
	},
	.run = run,
};
