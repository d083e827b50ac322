/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The script that walks through every exit reason, against a host that does
 * with each what KVM does, in small.  What the host has seen must be all there
 * is.
 */
#include "config.h"

#include "play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRESH	0x8000ull
#define UART	(UNPROT + 0x9000ull)
#define NOWHERE (UNPROT + 0xa000ull)

/* What an exit was, each a bit. */
enum {
	SAW_WFI,
	SAW_WFE,
	SAW_WFIT,
	SAW_WFET,
	SAW_EMULATABLE_READ,
	SAW_EMULATABLE_WRITE,
	SAW_UNPROTECTED_ABORT,
	SAW_DATA_ABORT,
	SAW_INSTRUCTION_ABORT,
	SAW_IRQ,
	SAW_FIQ,
	SAW_SERROR,
	SAW_TIMER,
	SAW_PMU_OVERFLOW,
	SAW_SYSREG,
	SAW_RIPAS_EMPTY,
	SAW_RIPAS_RAM,
	SAW_HOST_CALL,
	SAW_CPU_SUSPEND,
	SAW_CPU_ON,
	SAW_CPU_OFF,
	SAW_AFFINITY_INFO,
	SAW_SYSTEM_OFF,
	SAW_SYSTEM_RESET,
	SAW_ALL
};

static uint64_t saw;
static unsigned num_pages;
static bool off; /* the realm has powered off */

static void
see(unsigned bit)
{
	saw |= 1ull << bit;
}

/* ---- The host --------------------------------------------------------------
 */

static void
map_page(uint64_t ipa)
{
	ipa &= ~(GRANULE_SIZE - 1ull);
	ck_assert_uint_lt(num_pages, 16);
	ck_call(w, DATA_CREATE_UNKNOWN, RD, DATA + num_pages * L3_SIZE, ipa);
	num_pages++;
}

/* Returns the flags of the next entry. */
static uint64_t
on_data_abort(const struct rmi_rec_exit *exit, struct rmi_rec_enter *enter)
{
	uint64_t ipa = HPFAR_IPA(exit->hpfar) | (exit->far & 0xfff);

	if (ipa < UNPROT) {
		see(SAW_DATA_ABORT);
		map_page(ipa);
		return 0;
	}
	if ((exit->esr & ESR_ISV) == 0)
		see(SAW_UNPROTECTED_ABORT);
	if ((exit->esr & ESR_ISV) == 0 || ipa >= NOWHERE)
		return RMI_REC_ENTER_INJECT_SEA;
	see((exit->esr & ESR_WNR) != 0 ? SAW_EMULATABLE_WRITE
				       : SAW_EMULATABLE_READ);
	enter->gprs[0] = 0x80;
	return RMI_REC_ENTER_EMUL_MMIO;
}

static uint64_t
on_sync(const struct rmi_rec_exit *exit, struct rmi_rec_enter *enter)
{
	switch (ESR_EC(exit->esr)) {
	case ESR_EC_WFX:
		/* In the order of TI. */
		see((unsigned[]){ SAW_WFI, SAW_WFE, SAW_WFIT,
		    SAW_WFET }[exit->esr & ESR_TI_MASK]);
		return 0;
	case ESR_EC_IABT_LOWER:
		see(SAW_INSTRUCTION_ABORT);
		map_page(HPFAR_IPA(exit->hpfar));
		return 0;
	case ESR_EC_SYS64:
		see(SAW_SYSREG);
		ck_assert_uint_eq(exit->gprs[0], 0x1000001);
		return 0;
	default:
		ck_assert_uint_eq(ESR_EC(exit->esr), ESR_EC_DABT_LOWER);
		return on_data_abort(exit, enter);
	}
}

/* One page, or what a table holds of it, for each exit. */
static void
on_ripas_change(const struct rmi_rec_exit *exit)
{
	see(exit->ripas_value == RMI_RAM ? SAW_RIPAS_RAM : SAW_RIPAS_EMPTY);
	ck_call(w, RTT_SET_RIPAS, RD, REC, exit->ripas_base,
	    exit->ripas_base + 2 * L3_SIZE < exit->ripas_top
		? exit->ripas_base + 2 * L3_SIZE
		: exit->ripas_top);
}

static void
run_other(void)
{
	ck_assert_int_eq(enter(run2, REC3, 0), SCRIPT_EXITED);
	ck_assert_int_eq(exit_of(REC3)->exit_reason, RMI_EXIT_IRQ);
	see(SAW_IRQ);
	ck_assert_int_eq(enter(run2, REC3, 0), SCRIPT_EXITED);
	ck_no_failure(run2);
	ck_assert_uint_eq(exit_of(REC3)->gprs[0], PSCI_FID_CPU_OFF);
	see(SAW_CPU_OFF);
}

static void
on_psci(const struct rmi_rec_exit *exit)
{
	switch (exit->gprs[0]) {
	case PSCI_FID_CPU_SUSPEND:
		see(SAW_CPU_SUSPEND);
		break;
	case PSCI_FID_CPU_ON:
		see(SAW_CPU_ON);
		ck_assert_uint_eq(exit->gprs[1], 2);
		ck_call(w, PSCI_COMPLETE, REC, REC3, PSCI_SUCCESS);
		break;
	case PSCI_FID_AFFINITY_INFO:
		ck_call(w, PSCI_COMPLETE, REC, REC3, PSCI_SUCCESS);
		/* It is asked once while the other is on. */
		if ((saw & 1ull << SAW_AFFINITY_INFO) == 0)
			run_other();
		see(SAW_AFFINITY_INFO);
		break;
	case PSCI_FID_SYSTEM_OFF:
		see(SAW_SYSTEM_OFF);
		off = true;
		break;
	default:
		ck_assert_uint_eq(exit->gprs[0], PSCI_FID_SYSTEM_RESET);
		see(SAW_SYSTEM_RESET);
		off = true;
	}
}

/* Returns the flags of the next entry. */
static uint64_t
on_exit_of_rec(void)
{
	const struct rmi_rec_exit *exit = exit_of(REC);
	struct rmi_rec_enter *enter = &drive_run(w, REC)->enter;

	if ((exit->cntv_ctl & CNT_CTL_ISTATUS) != 0)
		see(SAW_TIMER);
	if (exit->pmu_ovf_status != 0)
		see(SAW_PMU_OVERFLOW);
	switch (exit->exit_reason) {
	case RMI_EXIT_SYNC:
		return on_sync(exit, enter);
	case RMI_EXIT_IRQ:
		see(SAW_IRQ);
		break;
	case RMI_EXIT_FIQ:
		see(SAW_FIQ);
		break;
	case RMI_EXIT_SERROR:
		see(SAW_SERROR);
		break;
	case RMI_EXIT_PSCI:
		on_psci(exit);
		break;
	case RMI_EXIT_RIPAS_CHANGE:
		on_ripas_change(exit);
		break;
	case RMI_EXIT_HOST_CALL:
		see(SAW_HOST_CALL);
		ck_assert_uint_eq(exit->gprs[0], 0x80000000);
		enter->gprs[0] = 0x10001; /* SMCCC 1.1 */
		break;
	default:
		ck_abort_msg("exit reason %u", exit->exit_reason);
	}
	return 0;
}

/* A wait that is not trapped: time goes on to what it waits for. */
static enum script_state
wait_for(uint64_t until)
{
	uint64_t next = rmm_realm_next_timer(w->rmm, REC);

	next = next < until ? next : until;
	ck_assert_uint_ne(next, UINT64_MAX);
	rmm_set_counter(w->rmm, next);
	ck_assert(rmm_realm_timers(w->rmm, REC, &w->result));
	return w->result.outcome == RMM_EXITED ? SCRIPT_EXITED : go_on(run);
}

static void
host(uint64_t traps)
{
	uint64_t flags = 0;
	unsigned rounds = 0;

	while (!off) {
		enum script_state state = enter(run, REC, flags | traps);

		while (state == SCRIPT_WAITS)
			state = wait_for(script_run_until(run));
		ck_run(state, SCRIPT_EXITED);
		flags = on_exit_of_rec();
		ck_assert_uint_lt(++rounds, 200);
	}
}

/* ---- The script ------------------------------------------------------------
 */

/* Set a parameter at the script's top. */
static void
parameter(char *text, const char *name, uint64_t value)
{
	char line[64], number[64];
	char *at, *end;

	snprintf(line, sizeof line, "\nlet %s = ", name);
	at = strstr(text, line);
	ck_assert_msg(at != NULL, "the script has no %s", name);
	at += strlen(line);
	end = at + strcspn(at, " \n");
	snprintf(number, sizeof number, "0x%" PRIx64, value);
	memmove(at + strlen(number), end, strlen(end) + 1);
	memcpy(at, number, strlen(number));
}

static char *
load(void)
{
	const char *srcdir = getenv("srcdir");
	char path[1024];
	char *text = calloc(1, 65536);
	FILE *file;

	snprintf(path, sizeof path, "%s/tests/realm/every-exit.rmm-script",
	    srcdir == NULL ? "." : srcdir);
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "cannot read %s", path);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_gt(fread(text, 1, 60000, file), 0);
	fclose(file);
	return text;
}

static void
play(uint64_t traps, uint64_t last)
{
	char *text = load();

	world_free(w);
	w = drive_new_realm();
	ck_call(w, REALM_ACTIVATE, RD);
	saw = 0;
	off = false;
	num_pages = 8; /* after those of drive_new_realm() */
	parameter(text, "ram", IPA_RAM);
	parameter(text, "fresh", FRESH);
	parameter(text, "mmio", UART);
	parameter(text, "nowhere", NOWHERE);
	parameter(text, "other", 2);
	parameter(text, "last", last);
	run = begin(text, REC);
	run2 = begin(text, REC3);
	free(text);
	host(traps);
}

static void
ck_saw(uint64_t but)
{
	uint64_t all = (1ull << SAW_ALL) - 1;

	ck_assert_msg(
	    (saw | but) == all, "not seen: 0x%" PRIx64, all & ~(saw | but));
}

START_TEST(trapped)
{
	play(RMI_REC_ENTER_TRAP_WFI | RMI_REC_ENTER_TRAP_WFE,
	    PSCI_FID_SYSTEM_OFF);
	/* A WFI that exits does not wait for the timer. */
	ck_saw(1ull << SAW_SYSTEM_RESET | 1ull << SAW_TIMER);
}
END_TEST

START_TEST(not_trapped)
{
	play(0, PSCI_FID_SYSTEM_RESET);
	ck_saw(1ull << SAW_SYSTEM_OFF | 1ull << SAW_WFI | 1ull << SAW_WFE |
	    1ull << SAW_WFIT | 1ull << SAW_WFET);
}
END_TEST

static Suite *
every_exit_suite(void)
{
	Suite *s = suite_create("every-exit");
	TCase *tc = tcase_create("every-exit");

	tcase_add_checked_fixture(tc, play_setup, play_teardown);
	tcase_add_test(tc, trapped);
	tcase_add_test(tc, not_trapped);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(every_exit_suite());
}
