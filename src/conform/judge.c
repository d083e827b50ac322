/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Running a case: a world, the call that would succeed, what is done to it,
 * and whether the answer is one that the specification allows.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "cases.h"
#include "guest.h"

/* Outputs that no command lists are 0, up to these. */
#define MBZ_LAST     4
#define MBZ_LAST_RSI 16 /* B1.4 */

void
fail(struct conform *c, const char *format, ...)
{
	va_list ap;

	/* What is skipped is not there to be judged, but for its end. */
	if (c->failed || (c->skipped && c->base != 0))
		return;
	c->failed = true;
	va_start(ap, format);
	vsnprintf(c->message, sizeof c->message, format, ap);
	va_end(ap);
}

void
skip(struct conform *c, const char *format, ...)
{
	va_list ap;

	if (c->failed || c->skipped)
		return;
	c->skipped = true;
	va_start(ap, format);
	vsnprintf(c->message, sizeof c->message, format, ap);
	va_end(ap);
}

/* The realm calls, on its first REC; only that REC may change. */
static uint64_t
call_of_realm(struct conform *c)
{
	struct deed smc = { .act = act_smc };
	const struct deed *deed;

	memcpy(smc.x, c->x, sizeof smc.x);
	deed = guest_do(c, GUEST_1, smc);
	expect_done(c, deed);
	memcpy(c->r, deed->x, sizeof c->r);
	snprintf(c->reason.condition, sizeof c->reason.condition, "%s",
	    deed->last.condition);
	snprintf(c->reason.why, sizeof c->reason.why, "%s", deed->last.why);
	may_change(c, KEY_PAGE, G(c, P_RUN), 0);
	may_change(c, KEY_REALM, G(c, P_RD), REALM_RECS);
	return c->r[0];
}

uint64_t
call(struct conform *c)
{
	int status;

	if (spec_interface(c->spec) != IF_RMI)
		return call_of_realm(c);
	if (c->x[0] == RMI_FID_REC_ENTER)
		guest_entering(c, c->x[1]);
	memcpy(c->r, c->x, sizeof c->r);
	memset(&c->reason, 0, sizeof c->reason);
	status = rmmclient_call(c->client, 0, c->r, &c->reason);
	if (status < 0 && status != -ENOSYS)
		fail(c, "the call was not answered: %s",
		    rmmclient_error(c->client));
	return c->r[0];
}

/* ---- What the specification allows ------------------------------------- */

/*
 * May the machine say that condition decided, when id was violated with also?
 * Those that begin alike: an address that is not aligned is in no right state
 * either, and the entry where a walk stops is none that is asked for.
 */
static bool
is_company(const struct conform *c, const char *also, const char *id,
    const char *condition)
{
	size_t len = strlen(condition);
	int status = spec_status(c->spec, id);

	if (strcmp(id, condition) == 0)
		return true;
	if ((status == RMI_ERROR_INPUT || status == RMI_ERROR_RTT) &&
	    spec_status(c->spec, condition) == status &&
	    strncmp(id, condition, 3) == 0)
		return true;
	for (const char *p = also; p != NULL && (p = strstr(p, condition));
	     p += len)
		if ((p == also || p[-1] == ' ') &&
		    (p[len] == '\0' || p[len] == ' '))
			return true;
	return false;
}

static bool
allowed_by(const struct conform *c, const char *also, unsigned index)
{
	char word[32];

	for (const char *p = also; p != NULL && *p != '\0';
	     p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");
		int status;

		snprintf(word, sizeof word, "%.*s", (int)len, p);
		status = spec_status(c->spec, word);
		if (status >= 0 &&
		    c->r[0] ==
			spec_answer(c->spec, status,
			    status == RMI_ERROR_RTT ? index : 0))
			return true;
		p += len;
	}
	return false;
}

static void
judge_outputs(struct conform *c)
{
	unsigned last = MBZ_LAST;

	if (spec_interface(c->spec) == IF_PSCI)
		return;
	if (spec_interface(c->spec) == IF_RSI)
		last = MBZ_LAST_RSI;
	if (c->spec->top_reg != 0 && RMI_STATUS(c->r[0]) != RMI_ERROR_RTT &&
	    c->r[0] != 0)
		expect_x(c, "top", c->spec->top_reg, 0);
	for (unsigned i = c->spec->num_outputs + 1; i <= last; i++)
		expect_x(c, "unused outputs", i, 0);
}

/* The answer must be that of id, or of one of also. */
static void
judge_failure(
    struct conform *c, const char *id, unsigned index, const char *also)
{
	int status = spec_status(c->spec, id);
	uint64_t expected = spec_answer(c->spec, status, index);
	const char *reason = c->reason.condition;

	if (c->r[0] != expected && !allowed_by(c, also, index)) {
		fail(c, "answered " X64 " (%s%s%s), must be " X64 " (%s)",
		    c->r[0], reason, reason[0] != '\0' ? ": " : "",
		    c->reason.why, expected, id);
		return;
	}
	if (reason[0] != '\0' && !is_company(c, also, id, reason))
		fail(c, "says that %s decided, not %s (%s)", reason, id,
		    c->reason.why);
	if (also != NULL)
		snprintf(c->seen, sizeof c->seen, "allowed: %s %s; seen: %s",
		    id, also, reason[0] != '\0' ? reason : "one of them");
	judge_outputs(c);
}

/* ---- Cases ------------------------------------------------------------- */

static void
apply(struct conform *c, const struct kase *k, unsigned n)
{
	if (k->stimulus[n] != NULL && k->stimulus[n]->apply != NULL)
		k->stimulus[n]->apply(c, k->stimulus[n]->arg);
	else if (k->variant[n] != NULL)
		k->variant[n]->apply(c, k->arg[n], k->variant[n]->value);
	else
		fail(c, "nothing is written to stimulate %s",
		    n == 0 ? k->id : k->id2);
}

static void
run_failure(struct conform *c, const struct kase *k)
{
	const struct stimulus *s = k->stimulus[0];
	const char *also = s != NULL ? s->also
	    : k->arg[0] != NULL	     ? k->arg[0]->also
				     : NULL;

	if (k->both != NULL) {
		k->both->apply(c, k->both->arg);
	} else {
		if (k->kind == KIND_PAIR)
			apply(c, k, 1);
		apply(c, k, 0);
	}
	if (c->failed || c->skipped)
		return;
	snapshot_take(c, &c->before);
	call(c);
	snapshot_take(c, &c->after);
	judge_failure(c, k->id, s != NULL ? s->index : 0, also);
	if (s != NULL && s->outputs != NULL && k->kind == KIND_CONDITION)
		s->outputs(c);
	snapshot_compare(c);
}

static void
run_positive(struct conform *c, const struct kase *k)
{
	const struct positive *p = k->positive;

	if (p->instead != NULL) {
		p->instead(c);
		return;
	}
	if (p->prepare != NULL)
		p->prepare(c);
	if (c->failed || c->skipped)
		return;
	snapshot_take(c, &c->before);
	if (call(c) != RMI_SUCCESS) {
		fail(c, "answered " X64 " (%s: %s), must succeed", c->r[0],
		    c->reason.condition, c->reason.why);
		return;
	}
	snapshot_take(c, &c->after);
	judge_outputs(c);
	p->check(c);
	snapshot_compare(c);
}

/* A valid address: of the failures only those of the walk may come. */
static void
run_boundary(struct conform *c, const struct kase *k)
{
	apply(c, k, 0);
	if (c->failed || c->skipped)
		return;
	snapshot_take(c, &c->before);
	call(c);
	snapshot_take(c, &c->after);
	if (c->r[0] == RMI_SUCCESS)
		return;
	if (k->arg[0]->want < WANT_IPA || RMI_STATUS(c->r[0]) != RMI_ERROR_RTT)
		fail(c, "answered " X64 " (%s: %s) to a valid address", c->r[0],
		    c->reason.condition, c->reason.why);
	snapshot_compare(c);
}

static void
run(struct conform *c, const struct kase *k)
{
	memset(c->x, 0, sizeof c->x);
	c->x[0] = c->spec->fid;
	world_build(c);
	if (c->failed)
		return;
	if (k->positive != NULL && k->positive->instead != NULL &&
	    k->positive->prepare != NULL)
		k->positive->prepare(c);
	k->cmd->base(c);
	if (c->failed || c->skipped)
		return;
	switch (k->kind) {
	case KIND_POSITIVE:
		run_positive(c, k);
		break;
	case KIND_BOUNDARY:
		run_boundary(c, k);
		break;
	case KIND_CONDITION:
	case KIND_PAIR:
		run_failure(c, k);
		break;
	}
}

bool
case_run(struct conform *c, struct kase *k)
{
	struct timespec t0, t1;

	c->spec = k->spec;
	c->failed = c->skipped = c->whole = c->keep_exit = false;
	c->arg = k->positive != NULL ? k->positive->arg : 0;
	c->message[0] = c->seen[0] = '\0';
	clock_gettime(CLOCK_MONOTONIC, &t0);
	if (k->cannot != NULL)
		skip(c, "not stimulated: %s", k->cannot);
	else
		run(c, k);
	world_end(c);
	clock_gettime(CLOCK_MONOTONIC, &t1);
	k->seconds = (double)(t1.tv_sec - t0.tv_sec) +
	    (double)(t1.tv_nsec - t0.tv_nsec) / 1e9;
	k->result = c->failed ? RESULT_FAIL
	    : c->skipped      ? RESULT_SKIP
			      : RESULT_PASS;
	memcpy(k->message, c->message, sizeof k->message);
	memcpy(k->seen, c->seen, sizeof k->seen);
	return !c->lost;
}
