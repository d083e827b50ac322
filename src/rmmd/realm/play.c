/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The realm that a script plays: some steps a turn, so that a script without an
 * end keeps nobody from the daemon.
 */
#include "config.h"

#include <inttypes.h>

#include "actor.h"
#include "log.h"
#include "script.h"
#include "server.h"

#define STEPS_A_TURN 100 /* each may sign a token */

static void
on_said(void *ctx, const char *line)
{
	log_at(LOG_INFO, "%s: %s", actor_who(ctx), line);
}

static bool
script_begin(struct actor *actor)
{
	actor->state =
	    script_run_new(actor->role.script, actor->rec, on_said, actor);
	return actor->state != NULL;
}

static void
script_end(struct actor *actor)
{
	script_run_free(actor->state);
}

static void
exited(struct actor *actor, enum script_state state,
    const struct rmm_result *result)
{
	const char *name = script_name(actor->role.script);

	if (state == SCRIPT_FAILED) {
		actor->server->actors.failed_scripts++;
		log_at(LOG_ERROR, "%s: the script failed: %s", actor_who(actor),
		    script_run_failure(actor->state));
	} else if (state == SCRIPT_ENDED) {
		log_at(LOG_DEBUG, "%s: %s has ended", actor_who(actor), name);
	}
	actor_exited(actor, result);
}

/* Where a script waits or exits tells people more than that it does. */
static void
trace(const struct actor *actor, unsigned line, enum script_state state)
{
	static const char *const words[] = {
		[SCRIPT_RUNS] = "done",
		[SCRIPT_WAITS] = "waits",
		[SCRIPT_EXITED] = "exits",
		[SCRIPT_ENDED] = "ends",
		[SCRIPT_FAILED] = "fails",
	};

	if (line != 0)
		log_at(state == SCRIPT_RUNS ? LOG_TRACE : LOG_DEBUG,
		    "%s: %s:%u: %s", actor_who(actor),
		    script_name(actor->role.script), line, words[state]);
}

/* Returns whether there is more to do at once. */
static bool
one_step(struct actor *actor)
{
	struct script_run *run = actor->state;
	unsigned line = script_run_line(run);
	struct rmm_result result;
	enum script_state state;
	bool over;

	/* A timer comes before the instruction. */
	if (actor_tick(actor))
		return false;
	state = script_run_steps(run, actor->rmm, 1, &result);
	if (log_wants(LOG_DEBUG))
		trace(actor, line, state);
	if (state == SCRIPT_RUNS)
		return true;
	if (state == SCRIPT_WAITS)
		return !actor_idle(actor, script_run_until(run), &over) && over;
	exited(actor, state, &result);
	return false;
}

static void
script_turn(struct actor *actor)
{
	unsigned left = STEPS_A_TURN;

	while (one_step(actor))
		if (--left == 0) {
			actor_ready(actor);
			return;
		}
}

static void
script_entered(struct actor *actor, bool sea)
{
	struct rmm_result result;

	/* What the exit left undone is settled before anything happens. */
	script_run_entered(actor->state, sea);
	(void)script_run_steps(actor->state, actor->rmm, 0, &result);
	script_turn(actor);
}

const struct actor_kind actor_script = {
	.name = "script",
	.begin = script_begin,
	.entered = script_entered,
	.turn = script_turn,
	.end = script_end,
};
