/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Playing a realm by a script.
 */
#include "config.h"

#include "play.h"

#include <string.h>

struct world *w;
struct script_run *run, *run2;
char said[4096];

static void
say(void *ctx, const char *line)
{
	ck_assert_ptr_eq(ctx, &said);
	strncat(said, line, sizeof said - strlen(said) - 1);
	strncat(said, "\n", sizeof said - strlen(said) - 1);
}

struct script_run *
begin(const char *text, uint64_t rec)
{
	char error[512] = "";
	struct script *script =
	    script_parse("t", text, strlen(text), error, sizeof error);
	struct script_run *begun;

	ck_assert_msg(script != NULL, "%s", error);
	begun = script_run_new(script, rec, say, &said);
	ck_assert_ptr_nonnull(begun);
	script_free(script); /* the run has a reference of its own */
	return begun;
}

void
play_setup(void)
{
	w = drive_new();
	run = run2 = NULL;
	said[0] = '\0';
}

void
play_teardown(void)
{
	script_run_free(run);
	script_run_free(run2);
	world_free(w);
}

enum script_state
go_on(struct script_run *r)
{
	enum script_state state =
	    script_run_steps(r, w->rmm, SLICE, &w->result);

	world_check(w);
	return state;
}

enum script_state
enter(struct script_run *r, uint64_t rec, uint64_t flags)
{
	drive_run(w, rec)->enter.flags = flags;
	drive_enter(w, rec);
	script_run_entered(r, w->answer.sea);
	return go_on(r);
}

/* The first entry of a script on REC 0. */
enum script_state
start(const char *text)
{
	run = begin(text, REC);
	return enter(run, REC, 0);
}

const struct rmi_rec_exit *
exit_of(uint64_t rec)
{
	return &drive_run(w, rec)->exit;
}

/* The script runs to its end without an exit before. */
void
good(const char *text)
{
	ck_run(start(text), SCRIPT_ENDED);
	ck_assert_uint_eq(exit_of(REC)->exit_reason, RMI_EXIT_PSCI);
	ck_assert_uint_eq(exit_of(REC)->gprs[0], PSCI_FID_SYSTEM_OFF);
}

/* It fails, and says so. */
void
fails(const char *text, const char *failure)
{
	ck_run(start(text), SCRIPT_FAILED);
	ck_assert_ptr_nonnull(script_run_failure(run));
	ck_assert_msg(
	    strncmp(script_run_failure(run), failure, strlen(failure)) == 0,
	    "\"%s\" is not \"%s\"", script_run_failure(run), failure);
	ck_assert_uint_eq(exit_of(REC)->exit_reason, RMI_EXIT_PSCI);
	ck_assert_uint_eq(exit_of(REC)->gprs[0], PSCI_FID_SYSTEM_RESET);
	ck_assert_int_eq(world_realm_info(w, RD).state, RMM_REALM_SYSTEM_OFF);
}
