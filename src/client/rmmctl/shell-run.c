/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the shell's statements do: calls over the host's socket, questions over
 * the control socket, and what was expected of the answers.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "shell-state.h"

struct shell *
shell_new(struct ctl *ctl, const struct shell_options *options)
{
	struct shell *shell = calloc(1, sizeof(*shell));

	if (shell == NULL) {
		ctl_out_of_memory();
		return NULL;
	}
	shell->ctl = ctl;
	shell->options = *options;
	return shell;
}

void
shell_free(struct shell *shell)
{
	if (shell == NULL)
		return;
	rmmclient_close(shell->client);
	free(shell);
}

void
shell_report(const struct shell_options *options, unsigned line,
    const struct shell_error *error)
{
	fflush(stdout);
	fprintf(stderr, "%s:%u:%u: %s\n", ctl_safe(options->source), line,
	    error->column, error->text);
}

bool
shell_connect(struct shell *shell)
{
	if (shell->client != NULL)
		return true;
	shell->client = rmmclient_connect(shell->ctl->host_path, "rmmctl");
	return shell->client != NULL ||
	    shell_error_column(
		shell->error, 1, "%s", ctl_safe(rmmclient_error(NULL)));
}

/* ---- calls ------------------------------------------------------------------
 */

#define RESULT_TEXT 1024

static void append(char *text, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
append(char *text, const char *fmt, ...)
{
	size_t used = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + used, RESULT_TEXT - used, fmt, ap);
	va_end(ap);
}

static void
append_outputs(const struct shell *shell, char *text)
{
	bool success = shell->x[0] == RMI_SUCCESS;

	for (unsigned i = 1; shell->abi == NULL && i < SMC_REGS; i++) {
		if (shell->x[i] != 0)
			append(text, " x%u=0x%" PRIx64, i, shell->x[i]);
	}
	/* A failed call may leave outputs as well: RTT_DESTROY's top. */
	for (unsigned i = 0;
	     shell->abi != NULL && shell->abi->outputs[i] != NULL; i++) {
		if (success || shell->x[i + 1] != 0)
			append(text, " %s=0x%" PRIx64, shell->abi->outputs[i],
			    shell->x[i + 1]);
	}
}

/* The reason without its condition in front, which is printed before it. */
static const char *
sentence(const struct rmmclient_reason *reason)
{
	size_t len = strlen(reason->condition);

	if (len > 0 && strncmp(reason->why, reason->condition, len) == 0 &&
	    strncmp(reason->why + len, ": ", 2) == 0)
		return reason->why + len + 2;
	return reason->why;
}

/* "RMI_ERROR_RTT 2 rtte_state top=0x1000: the sentence". */
static void
describe_result(const struct shell *shell, char text[RESULT_TEXT])
{
	uint64_t x0 = shell->x[0];
	const char *name = abi_status_name(RMI_STATUS(x0));

	text[0] = '\0';
	if (x0 == SMC_NOT_SUPPORTED) {
		append(text, "SMC_NOT_SUPPORTED");
		return;
	}
	if (name == NULL || x0 >> 16 != 0)
		append(text, "0x%" PRIx64, x0);
	else
		append(text, "%s", name);
	if (name != NULL &&
	    (RMI_INDEX(x0) != 0 || RMI_STATUS(x0) == RMI_ERROR_RTT))
		append(text, " %u", RMI_INDEX(x0));
	if (shell->reason.condition[0] != '\0')
		append(text, " %s", ctl_safe(shell->reason.condition));
	append_outputs(shell, text);
	if (shell->reason.why[0] != '\0')
		append(text, ": %s", ctl_safe(sentence(&shell->reason)));
}

static bool
run_call(struct shell *shell, const struct shell_statement *s)
{
	uint64_t x[SMC_REGS] = { 0 };
	char text[RESULT_TEXT];
	unsigned first = s->abi == NULL ? 0 : 1;
	int rc;

	if (s->abi != NULL)
		x[0] = s->abi->fid;
	for (unsigned i = 0; i < s->num_exprs; i++) {
		if (!shell_value(shell, &s->exprs[i], &x[first + i]))
			return false;
	}
	if (!shell_connect(shell))
		return false;
	shell->abi = abi_by_fid(x[0]);
	shell->reason = (struct rmmclient_reason){ 0 };
	rc = rmmclient_call_collect(
	    shell->client, shell->pe, x, &shell->reason, &shell->violated);
	if (rc < 0 && rc != -ENOSYS)
		return shell_error_at(shell->error, &s->word, "%s",
		    ctl_safe(rmmclient_error(shell->client)));
	if (rc == -ENOSYS)
		x[0] = SMC_NOT_SUPPORTED;
	memcpy(shell->x, x, sizeof(shell->x));
	shell->called = true;
	describe_result(shell, text);
	puts(text);
	return true;
}

/* ---- expectations -----------------------------------------------------------
 */

static bool
meets(const struct shell *shell, const struct shell_expectation *e)
{
	uint64_t x0 = shell->x[0];

	if (e->raw)
		return x0 == e->x0;
	if (x0 >> 16 != 0 || RMI_STATUS(x0) != e->status)
		return false;
	if (e->has_index && RMI_INDEX(x0) != e->index)
		return false;
	return e->condition.len == 0 ||
	    shell_word_is(&e->condition, shell->reason.condition);
}

static bool
run_expect(struct shell *shell, const struct shell_statement *s)
{
	char text[RESULT_TEXT];

	if (!shell->called)
		return shell_error_at(
		    shell->error, &s->word, "there was no call yet");
	if (meets(shell, &s->expect))
		return true;
	describe_result(shell, text);
	return shell_error_at(
	    shell->error, &s->word, "not met: the call answered %s", text);
}

static bool
compare(enum shell_compare how, uint64_t a, uint64_t b)
{
	switch (how) {
	case CMP_EQ:
		return a == b;
	case CMP_NE:
		return a != b;
	case CMP_LT:
		return a < b;
	case CMP_LE:
		return a <= b;
	case CMP_GT:
		return a > b;
	case CMP_GE:
		return a >= b;
	}
	return false;
}

static bool
run_expect_value(struct shell *shell, const struct shell_statement *s)
{
	uint64_t a, b;

	if (!shell_value(shell, &s->exprs[0], &a) ||
	    !shell_value(shell, &s->exprs[1], &b))
		return false;
	return compare(s->compare, a, b) ||
	    shell_error_at(shell->error, &s->word,
		"not met: the values are 0x%" PRIx64 " and 0x%" PRIx64, a, b);
}

/* A question over the control socket failed, and has been reported. */
static bool
control_failed(struct shell *shell, const struct shell_statement *s)
{
	return shell_error_at(
	    shell->error, &s->word, "the control socket did not answer this");
}

static bool
get_granule(struct shell *shell, const struct shell_statement *s,
    struct ctl_granule *granule)
{
	uint64_t pa;

	if (!shell_value(shell, &s->exprs[0], &pa))
		return false;
	return ctl_get_granule(shell->ctl, pa, granule) ||
	    control_failed(shell, s);
}

static bool
run_expect_granule(struct shell *shell, const struct shell_statement *s)
{
	const struct shell_word *state = &s->words[0];
	struct ctl_granule granule;

	if (!get_granule(shell, s, &granule))
		return false;
	if (strlen(granule.state) == state->len &&
	    strncasecmp(granule.state, state->text, state->len) == 0)
		return true;
	return shell_error_at(shell->error, &s->word,
	    "not met: granule 0x%" PRIx64 " is %s", granule.pa, granule.state);
}

static bool
run_granule(struct shell *shell, const struct shell_statement *s)
{
	struct ctl_granule granule;

	if (!get_granule(shell, s, &granule))
		return false;
	ctl_show_granule(&granule);
	return true;
}

/* ---- realms
 * ------------------------------------------------------------------ */

/* The realm that expression i names, or the only one. */
static Rmmd__Reply *
get_realm(struct shell *shell, const struct shell_statement *s)
{
	Rmmd__Reply *reply = NULL;
	uint64_t rd;

	if (s->num_exprs > 0) {
		if (!shell_value(shell, &s->exprs[0], &rd))
			return NULL;
	} else if (ctl_find_realm(shell->ctl, NULL, &rd) != CTL_OK) {
		control_failed(shell, s);
		return NULL;
	}
	reply = ctl_get_realm(shell->ctl, rd);
	if (reply == NULL)
		control_failed(shell, s);
	return reply;
}

static bool
run_rim(struct shell *shell, const struct shell_statement *s)
{
	CTL_REPLY reply = get_realm(shell, s);
	char hex[CTL_HEX_TEXT];
	const Rmmd__Realm *realm;
	size_t len;

	if (reply == NULL)
		return false;
	realm = reply->realms->realms[0];
	len = ctl_digest_size(realm->hash_algo);
	ctl_hex(
	    hex, realm->rim.data, len < realm->rim.len ? len : realm->rim.len);
	if (s->verb == SHELL_RIM) {
		printf("rim %s %s\n", ctl_safe(realm->hash_algo), hex);
		return true;
	}
	if (strlen(hex) == s->words[0].len &&
	    strncasecmp(hex, s->words[0].text, s->words[0].len) == 0)
		return true;
	return shell_error_at(
	    shell->error, &s->word, "not met: the RIM is %s", hex);
}

static bool
run_rtt(struct shell *shell, const struct shell_statement *s)
{
	CTL_REPLY reply = get_realm(shell, s);

	if (reply == NULL)
		return false;
	return ctl_show_rtt(shell->ctl, reply->realms->realms[0]->rd, NULL) ==
	    CTL_OK ||
	    control_failed(shell, s);
}

/* ---- the rest
 * ---------------------------------------------------------------- */

static bool
run_let(struct shell *shell, const struct shell_statement *s)
{
	uint64_t value;

	return shell_value(shell, &s->exprs[0], &value) &&
	    shell_let(shell, &s->words[0], value);
}

static bool
run_echo(struct shell *shell, const struct shell_statement *s)
{
	uint64_t values[SHELL_WORDS_MAX];
	unsigned at = 0;

	for (unsigned i = 0; i < s->num_exprs; i++) {
		if (!shell_value(shell, &s->exprs[i], &values[i]))
			return false;
	}
	for (unsigned i = 0; i < s->num_words; i++) {
		const struct shell_word *word = &s->words[i];

		if (i > 0)
			putchar(' ');
		if (word->text == NULL)
			printf("0x%" PRIx64, values[at++]);
		else
			printf("%.*s", (int)word->len, word->text);
	}
	putchar('\n');
	return true;
}

static bool
run_pe(struct shell *shell, const struct shell_statement *s)
{
	uint64_t pe;

	if (!shell_value(shell, &s->exprs[0], &pe))
		return false;
	if (pe > UINT32_MAX)
		return shell_error_at(shell->error, &s->exprs[0].word,
		    "a PE has a number of 32 bits");
	shell->pe = (unsigned)pe;
	return true;
}

/* One line: the conditions that the last call violated, or none. */
static bool
run_violated(struct shell *shell, const struct shell_statement *s)
{
	const struct rmmclient_violated *violated = &shell->violated;

	if (!shell->called)
		return shell_error_at(
		    shell->error, &s->word, "there was no call yet");
	fputs("violated", stdout);
	for (size_t i = 0; i < violated->num; i++)
		printf(" %s", ctl_safe(violated->conditions[i]));
	puts(violated->num == 0 ? " nothing" : "");
	return true;
}

static bool
run_reset(struct shell *shell, const struct shell_statement *s)
{
	return ctl_do_reset(shell->ctl) == CTL_OK || control_failed(shell, s);
}

static bool
run_help(struct shell *shell, const struct shell_statement *s)
{
	(void)shell;
	(void)s;
	puts("COMMAND ARG...                    an RMI command by name\n"
	     "smc FID ARG...  or  FID ARG...    any call by function id\n"
	     "expect STATUS [INDEX] [CONDITION] what the last call answered\n"
	     "violated                         all that was wrong with it\n"
	     "expect-value A OP B               == != < <= > >=\n"
	     "expect-granule ADDR STATE\n"
	     "expect-rim HEX [RD]\n"
	     "expect-mem ADDR VALUE[:WIDTH]...  what mem write would write\n"
	     "mem read ADDR [LEN]\n"
	     "mem write ADDR VALUE[:WIDTH]...   WIDTH 1, 2, 4 or 8 bytes\n"
	     "mem fill ADDR LEN BYTE\n"
	     "mem load ADDR FILE [OFFSET [LEN]]\n"
	     "realm-params ADDR FIELD=VALUE...  a page of RmiRealmParams\n"
	     "rec-params ADDR FIELD=VALUE...    a page of RmiRecParams\n"
	     "rec-run ADDR FIELD=VALUE...       a page of RmiRecRun\n"
	     "rec-exit ADDR                     why REC_ENTER came back\n"
	     "granule ADDR, rim [RD], rtt [RD]  look inside\n"
	     "let NAME = VALUE, $NAME           variables; $x0.., $top: last"
	     " result\n"
	     "echo WORD...\n"
	     "pe N                              the PE that calls\n"
	     "repeat N, end                     a loop\n"
	     "reset, help, quit\n"
	     "Numbers: 0x1000, 4096, 4K; gN: granule N; sums without blanks:"
	     " g1+0x10");
	return true;
}

enum shell_end
shell_run(struct shell *shell, unsigned line, const struct shell_statement *s)
{
	static bool (*const handlers[])(
	    struct shell *, const struct shell_statement *) = {
		[SHELL_CALL] = run_call,
		[SHELL_EXPECT] = run_expect,
		[SHELL_EXPECT_VALUE] = run_expect_value,
		[SHELL_EXPECT_GRANULE] = run_expect_granule,
		[SHELL_EXPECT_RIM] = run_rim,
		[SHELL_EXPECT_MEM] = shell_expect_mem,
		[SHELL_MEM_READ] = shell_mem_read,
		[SHELL_MEM_WRITE] = shell_mem_write,
		[SHELL_MEM_FILL] = shell_mem_fill,
		[SHELL_MEM_LOAD] = shell_mem_load,
		[SHELL_PAGE] = shell_page,
		[SHELL_REC_EXIT] = shell_rec_exit,
		[SHELL_GRANULE] = run_granule,
		[SHELL_RIM] = run_rim,
		[SHELL_RTT] = run_rtt,
		[SHELL_LET] = run_let,
		[SHELL_ECHO] = run_echo,
		[SHELL_PE] = run_pe,
		[SHELL_VIOLATED] = run_violated,
		[SHELL_RESET] = run_reset,
		[SHELL_HELP] = run_help,
		[SHELL_QUIT] = NULL,
	};
	struct shell_error error = { .column = 1 };

	if (s->verb == SHELL_QUIT)
		return SHELL_LEAVE;
	if (handlers[s->verb] == NULL)
		return SHELL_DONE;
	shell->error = &error;
	if (handlers[s->verb](shell, s))
		return SHELL_DONE;
	shell_report(&shell->options, line, &error);
	return SHELL_FAILED;
}
