/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The verdicts: TAP, JUnit XML, and the matrix of commands and conditions as
 * text.
 */
#include <errno.h>
#include <string.h>

#include "cases.h"

/* ---- TAP --------------------------------------------------------------- */

void
tap_begin(FILE *out, size_t num)
{
	fprintf(out, "TAP version 13\n1..%zu\n", num);
}

/* What the machine says is data: it can not end a line or a comment. */
static void
put_plain(FILE *out, const char *s)
{
	for (; *s != '\0'; s++)
		putc((unsigned char)*s >= ' ' && *s != '#' && *s != 0x7f ? *s
									 : '?',
		    out);
}

void
tap_case(FILE *out, size_t number, const struct kase *k)
{
	fprintf(out, "%sok %zu - %s", k->result == RESULT_FAIL ? "not " : "",
	    number, k->name);
	if (k->result == RESULT_SKIP) {
		fputs(" # SKIP ", out);
		put_plain(out, k->message);
	}
	putc('\n', out);
	if (k->result == RESULT_FAIL) {
		fprintf(out, "# DEN0137 %s, %s%s: ", k->spec->section,
		    spec_interface(k->spec) == IF_RMI ? "RMI_" : "",
		    k->spec->name);
		put_plain(out, k->message);
		putc('\n', out);
	}
	if (k->seen[0] != '\0') {
		fputs("# ", out);
		put_plain(out, k->seen);
		putc('\n', out);
	}
	fflush(out);
}

/* ---- JUnit ------------------------------------------------------------- */

static void
put_xml(FILE *out, const char *s)
{
	for (; *s != '\0'; s++)
		switch (*s) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			putc(
			    (unsigned char)*s >= ' ' && (unsigned char)*s < 0x7f
				? *s
				: '?',
			    out);
		}
}

static void
junit_case(FILE *out, const struct kase *k)
{
	fprintf(out, "  <testcase classname=\"%s.%s\" name=\"", "rmm-conform",
	    k->spec->name);
	put_xml(out, strchr(k->name, '/') + 1);
	fprintf(out, "\" time=\"%.6f\">", k->seconds);
	if (k->result != RESULT_PASS) {
		fprintf(out, "<%s message=\"",
		    k->result == RESULT_FAIL ? "failure" : "skipped");
		put_xml(out, k->message);
		fputs("\"/>", out);
	}
	if (k->seen[0] != '\0') {
		fputs("<system-out>", out);
		put_xml(out, k->seen);
		fputs("</system-out>", out);
	}
	fputs("</testcase>\n", out);
}

/* Close a report; false if not all of it could be written. */
static bool
finish(FILE *out)
{
	bool good = ferror(out) == 0;

	return fclose(out) == 0 && good;
}

bool
junit_write(const char *path, const char *server)
{
	size_t tests = 0, failures = 0, skipped = 0;
	double seconds = 0;
	FILE *out = fopen(path, "w");

	if (out == NULL)
		return false;
	for (size_t i = 0; i < num_cases; i++) {
		tests += cases[i].selected;
		failures += cases[i].result == RESULT_FAIL;
		skipped += cases[i].result == RESULT_SKIP;
		seconds += cases[i].seconds;
	}
	fprintf(out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuites>\n<testsuite name=\"rmm-conform\" tests=\"%zu\" "
	    "failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"%.6f\">\n"
	    "  <properties><property name=\"machine\" value=\"",
	    tests, failures, skipped, seconds);
	put_xml(out, server);
	fputs("\"/></properties>\n", out);
	for (size_t i = 0; i < num_cases; i++)
		if (cases[i].selected)
			junit_case(out, &cases[i]);
	fputs("</testsuite>\n</testsuites>\n", out);
	return finish(out);
}

/* ---- The matrix -------------------------------------------------------- */

struct row {
	FILE *out;
	const struct spec_command *spec;
	unsigned column;
};

static void
put_cell(void *ctx, const char *id)
{
	struct row *row = ctx;
	struct cell cell = cell_of(row->spec, id);
	const char *word = cell_word(&cell);
	unsigned len =
	    (unsigned)(strlen(id) + strlen(word[0] != '\0' ? word : "-") + 3);

	if (row->column + len > 79) {
		fputs("\n                      ", row->out);
		row->column = 22;
	}
	fprintf(row->out, "  %s=%s", id, word[0] != '\0' ? word : "-");
	row->column += len;
}

void
matrix_write(FILE *out)
{
	for (size_t i = 0; i < spec_num_commands; i++) {
		struct row row = { out, &spec_commands[i], 22 };

		fprintf(out, "%-22s", row.spec->name);
		spec_each_condition(row.spec, put_cell, &row);
		putc('\n', out);
	}
	fputs("\nok: all its cases passed; FAIL: one did not; skip: this "
	      "machine can not be\nbrought to it; no: not stimulated, --list "
	      "says why; -: not selected\n",
	    out);
}

/* ---- HTML -------------------------------------------------------------- */

#define IDS_MAX 128

struct columns {
	char ids[IDS_MAX][32];
	unsigned num;
};

static void
add_column(void *ctx, const char *id)
{
	struct columns *columns = ctx;

	for (unsigned i = 0; i < columns->num; i++)
		if (strcmp(columns->ids[i], id) == 0)
			return;
	if (columns->num < IDS_MAX)
		snprintf(columns->ids[columns->num++], sizeof columns->ids[0],
		    "%s", id);
}

static void
html_row(
    FILE *out, const struct spec_command *spec, const struct columns *columns)
{
	fprintf(out, "<tr><th>%s <small>%s</small></th>", spec->name,
	    spec->section);
	for (unsigned i = 0; i < columns->num; i++) {
		const char *id = columns->ids[i];
		struct cell cell;

		if (spec_status(spec, id) < 0) {
			fputs("<td></td>", out);
			continue;
		}
		cell = cell_of(spec, id);
		fprintf(out,
		    "<td class=\"%s\" title=\"%s %s: %u passed, %u failed, %u "
		    "skipped, %u not stimulated\">%s</td>",
		    cell_word(&cell), spec->name, id, cell.pass, cell.fail,
		    cell.skip, cell.cannot, cell_word(&cell));
	}
	fputs("</tr>\n", out);
}

static void
html_failures(FILE *out)
{
	fputs("<h2>Failures</h2>\n<dl>\n", out);
	for (size_t i = 0; i < num_cases; i++) {
		if (cases[i].result != RESULT_FAIL)
			continue;
		fputs("<dt>", out);
		put_xml(out, cases[i].name);
		fputs("</dt><dd>", out);
		put_xml(out, cases[i].message);
		fputs("</dd>\n", out);
	}
	fputs("</dl>\n", out);
}

bool
html_write(const char *path, const char *server, const char *abi)
{
	static struct columns columns;
	FILE *out = fopen(path, "w");

	if (out == NULL)
		return false;
	columns.num = 0;
	for (size_t i = 0; i < spec_num_commands; i++)
		spec_each_condition(&spec_commands[i], add_column, &columns);
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset="
	      "\"utf-8\"><title>rmm-conform</title>\n<style>\n"
	      "table{border-collapse:collapse;font:12px sans-serif}\n"
	      "th{text-align:left;padding:2px 6px}\n"
	      "thead th{writing-mode:vertical-rl}\n"
	      "td{border:1px solid #ddd;text-align:center;padding:2px}\n"
	      ".ok{background:#bfb}.FAIL{background:#f88}.skip{background:#ffb}"
	      ".no{background:#ddd}\n</style></head><body>\n"
	      "<h1>Failure conditions of DEN0137 1.0-rel0</h1>\n<p>",
	    out);
	put_xml(out, server);
	fputs(", ", out);
	put_xml(out, abi);
	fputs("</p>\n<table><thead><tr><th></th>", out);
	for (unsigned i = 0; i < columns.num; i++)
		fprintf(out, "<th>%s</th>", columns.ids[i]);
	fputs("</tr></thead><tbody>\n", out);
	for (size_t i = 0; i < spec_num_commands; i++)
		html_row(out, &spec_commands[i], &columns);
	fputs("</tbody></table>\n", out);
	html_failures(out);
	fputs("</body></html>\n", out);
	return finish(out);
}
