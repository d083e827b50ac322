/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes as a script.  What is refused is refused with a place in the text
 * and a sentence; what is accepted plays two RECs of a realm, in slices of any
 * size, against a host that answers exits in any way it may.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "esr.h"
#include "rmm/rmm.h"
#include "rmmd/realm/script.h"

#define BASE	  0x80000000ull
#define BANK_SIZE (256 * (uint64_t)GRANULE_SIZE)
#define G(n)	  (BASE + (n) * (uint64_t)GRANULE_SIZE)
#define RD	  G(0)
#define RTT	  G(1)
#define REC(n)	  G(8 + 2 * (n))
#define DATA	  G(16) /* to be given to the realm */
#define DATA_NUM  16u
#define PARAMS	  G(64)
#define SRC	  G(65)
#define RUN(n)	  G(66 + (n))
#define UNPROT	  (1ull << 31)
#define NUM_RECS  2u
#define ENTRIES	  48u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rmm *rmm;
static uint8_t *ns;
static unsigned num_data;
static uint64_t state;

static void
require(bool truth)
{
	if (!truth)
		abort();
}

/* xorshift64*: what the host does is the same for the same bytes. */
static uint64_t
draw(uint64_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dull >> 16) % below;
}

/* ---- The machine ----------------------------------------------------------
 */

static void
start(void)
{
	struct rmm_bank bank = { .base = BASE, .size = BANK_SIZE };
	struct rmm_config cfg;
	char err[256];

	bank.ns = mmap(NULL, BANK_SIZE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	require(bank.ns != MAP_FAILED);
	ns = bank.ns;
	rmm_config_init(&cfg);
	cfg.banks = &bank;
	cfg.num_banks = 1;
	cfg.rec_aux_count = 1;
	cfg.driven = true;
	rmm = rmm_new(&cfg, err, sizeof err);
	require(rmm != NULL);
}

static uint64_t
call(const uint64_t *x, struct rmm_answer *answer)
{
	char why[256] = "";

	rmm_call(rmm, 0, x, answer);
	if (!rmm_check_invariants(rmm, why, sizeof why)) {
		(void)fprintf(stderr, "%s\n", why);
		abort();
	}
	return answer->x[0];
}

static void
must(const uint64_t *x)
{
	struct rmm_answer answer;

	require(call(x, &answer) == RMI_SUCCESS);
}
#define CALL(name, ...) ((uint64_t[SMC_REGS]){ RMI_FID_##name, __VA_ARGS__ })

static void
make_realm(void)
{
	struct rmi_realm_params *realm = (void *)(ns + (PARAMS - BASE));
	struct rmi_rec_params *rec = (void *)(ns + (PARAMS - BASE));

	rmm_reset(rmm);
	num_data = 0;
	for (unsigned i = 0; i < 32; i++)
		must(CALL(GRANULE_DELEGATE, G(i)));
	*realm = (struct rmi_realm_params){ .s2sz = 32,
		.num_bps = 1,
		.num_wps = 1,
		.rtt_base = RTT,
		.rtt_level_start = 1,
		.rtt_num_start = 1 };
	must(CALL(REALM_CREATE, RD, PARAMS));
	must(CALL(RTT_CREATE, RD, G(2), 0, 2));
	must(CALL(RTT_CREATE, RD, G(3), 0, 3));
	must(CALL(RTT_CREATE, RD, G(4), UNPROT, 2));
	must(CALL(RTT_CREATE, RD, G(5), UNPROT, 3));
	must(CALL(RTT_INIT_RIPAS, RD, 0, 0x8000));
	must(CALL(RTT_MAP_UNPROTECTED, RD, UNPROT, 3, SRC | 3 << 6));
	for (unsigned i = 0; i < NUM_RECS; i++) {
		memset(rec, 0, sizeof *rec);
		*rec = (struct rmi_rec_params){ .flags = RMI_REC_FLAG_RUNNABLE,
			.mpidr = i,
			.pc = 0x1000,
			.num_aux = 1,
			.aux = { REC(i) + GRANULE_SIZE } };
		must(CALL(REC_CREATE, RD, REC(i), PARAMS));
	}
	must(CALL(REALM_ACTIVATE, RD));
}

/* ---- The host -------------------------------------------------------------
 */

static struct rmi_rec_run *
run_page(unsigned n)
{
	return (void *)(ns + (RUN(n) - BASE));
}

/* Often what the exit asks for; sometimes not. */
static uint64_t
answer_exit(unsigned n)
{
	const struct rmi_rec_exit *exit = &run_page(n)->exit;
	uint64_t flags = draw(4) == 0 ? RMI_REC_ENTER_TRAP_WFI : 0;
	uint64_t ipa = HPFAR_IPA(exit->hpfar);
	struct rmm_answer answer;

	flags |= draw(4) == 0 ? RMI_REC_ENTER_TRAP_WFE : 0;
	if (exit->exit_reason == RMI_EXIT_PSCI) {
		(void)call(CALL(PSCI_COMPLETE, REC(n), REC(1 - n),
			       (uint64_t) - (int64_t)(3 * draw(2))),
		    &answer);
	} else if (exit->exit_reason == RMI_EXIT_RIPAS_CHANGE) {
		(void)call(CALL(RTT_SET_RIPAS, RD, REC(n), exit->ripas_base,
			       exit->ripas_base + GRANULE_SIZE),
		    &answer);
		flags |= draw(8) == 0 ? RMI_REC_ENTER_RIPAS_RESPONSE : 0;
	} else if (exit->exit_reason == RMI_EXIT_SYNC &&
	    ESR_EC(exit->esr) != ESR_EC_WFX) {
		if ((exit->esr & ESR_ISV) != 0 && draw(4) != 0)
			flags |= RMI_REC_ENTER_EMUL_MMIO;
		else if (draw(4) == 0)
			flags |= RMI_REC_ENTER_INJECT_SEA;
		else if (num_data < DATA_NUM)
			(void)call(CALL(DATA_CREATE_UNKNOWN, RD,
				       DATA + num_data++ * GRANULE_SIZE, ipa),
			    &answer);
	}
	return flags;
}

/* Returns whether the REC runs. */
static bool
enter(unsigned n, struct script_run *run)
{
	struct rmi_rec_enter *enter = &run_page(n)->enter;
	struct rmm_answer answer;

	enter->flags = answer_exit(n);
	for (unsigned i = 0; i < RMI_REC_GPRS; i++)
		enter->gprs[i] = draw(8);
	(void)call(CALL(REC_ENTER, REC(n), RUN(n)), &answer);
	if (!answer.runs)
		return false;
	script_run_entered(run, answer.sea);
	return true;
}

/* Slices until the REC exits, or is kicked. */
static void
let_run(unsigned n, struct script_run *run)
{
	struct rmm_result result;
	struct rmm_rec_info info;
	enum script_state came = SCRIPT_RUNS;

	for (unsigned i = 0; came == SCRIPT_RUNS && i < 8; i++) {
		came = script_run_steps(run, rmm, (unsigned)draw(64), &result);
		require(rmm_rec(rmm, REC(n), &info));
		require(info.running == (came <= SCRIPT_WAITS));
		require((came == SCRIPT_FAILED) ==
			(script_run_failure(run) != NULL) ||
		    came <= SCRIPT_WAITS);
		require(rmm_check_invariants(rmm, NULL, 0));
	}
	if (came <= SCRIPT_WAITS)
		require(rmm_realm_interrupt(rmm, REC(n), RMM_IRQ, 0, &result));
}

static void
say(void *ctx, const char *line)
{
	require(ctx == NULL && strlen(line) < 1024);
}

static void
play(struct script *script)
{
	struct script_run *runs[NUM_RECS];

	make_realm();
	memset(run_page(0), 0, sizeof *run_page(0));
	memset(run_page(1), 0, sizeof *run_page(1));
	for (unsigned i = 0; i < NUM_RECS; i++) {
		runs[i] = script_run_new(script, REC(i), say, NULL);
		require(runs[i] != NULL);
	}
	for (unsigned i = 0; i < ENTRIES; i++) {
		unsigned n = (unsigned)draw(NUM_RECS);

		if (enter(n, runs[n]))
			let_run(n, runs[n]);
	}
	for (unsigned i = 0; i < NUM_RECS; i++)
		script_run_free(runs[i]);
}

/* ---- The text --------------------------------------------------------------
 */

/* Returns the line. */
static unsigned
check_error(const char *error, const char *text, size_t size)
{
	unsigned line = 0, column = 0, lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	require(sscanf(error, "f:%u:%u: ", &line, &column) == 2);
	require(line >= 1 && line <= lines);
	require(column >= 1 && column <= size + 2);
	require(error[strlen(error) - 1] != ' ');
	return line;
}

static void
blank(char *text, size_t size, unsigned line)
{
	for (size_t i = 0; i < size; i++)
		if (text[i] == '\n')
			line--;
		else if (line == 1)
			text[i] = ' ';
}

/*
 * Lines that are no statements are taken out one by one, for else most
 * mutations would end here.
 */
static struct script *
parse(char *text, size_t size)
{
	char error[SCRIPT_ERROR_MAX] = "";
	struct script *script = NULL;

	for (unsigned i = 0; script == NULL && i < 64; i++) {
		script = script_parse("f", text, size, error, sizeof error);
		if (script == NULL)
			blank(text, size, check_error(error, text, size));
	}
	return script;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size == 0 ? 1 : size);
	struct script *script;

	if (rmm == NULL)
		start();
	require(text != NULL);
	memcpy(text, data, size);
	state = 0x9e3779b97f4a7c15ull;
	for (size_t i = 0; i < size; i++)
		state = (state ^ data[i]) * 0x100000001b3ull;
	state |= 1;
	script = parse(text, size);
	free(text); /* a script has a copy of its own */
	if (script != NULL)
		play(script);
	script_free(script);
	return 0;
}
