/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the file of a command is written with: a call, its failures, and the
 * descriptor that the dispatcher finds.
 *
 * A command decodes its inputs, check()s them, and apply()s its effect.  check
 * only looks; apply only acts and cannot fail.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>

#include "machine.h"
#include "realm.h"

#define CALL_FAILURES_MAX RMM_VIOLATED_MAX
#define RSI_NUM_RESULTS	  17 /* X0 to X16 (B1.4) */

struct failure {
	const char *condition;
	uint64_t result;
};

/* How a call of a realm ends. */
enum call_end {
	CALL_RETURNS, /* to the realm */
	CALL_EXITS,   /* to the host; results come with the next entry */
	CALL_RETRIES, /* to the host; the call is made again */
};

struct call {
	struct rmm *rmm;
	unsigned pe;
	const uint64_t *x; /* X0 to X17 as called */
	struct rmm_answer *answer;
	const struct command *command;
	/*
	 * Collecting mode: note every condition that fails, not the first only.
	 * The first one noted is the answer, unless the machine's order says
	 * otherwise: call_settle() then looks for its sentence in whys.
	 */
	bool collect;
	bool settled;
	const char *omit;	   /* collecting: this condition is not noted */
	char (*whys)[RMM_WHY_MAX]; /* CALL_FAILURES_MAX of them, or NULL */
	unsigned num_failures;
	struct failure failures[CALL_FAILURES_MAX];
	/* A call of a realm: who makes it, and its exit, which is zeros. */
	struct rec *rec;
	uint64_t rec_pa;
	struct realm *realm;
	enum call_end ends;
	struct rmi_rec_exit *exit;
};

struct command {
	struct smc_abi abi;
	/*
	 * The specification's orderings, "a b < c d": if one of a, b and one of
	 * c, d hold, the answer is that of a, b.  Others may win either way.
	 */
	const char *order;
	/* Which condition TF-RMM looks at first, second and so on. */
	const char *tf_order;
	void (*exec)(struct call *c);
};

/* The command whose function id is in X0; NULL if there is none. */
const struct command *command_find(uint64_t fid);
/* Likewise, of those that a realm may call. */
const struct command *realm_command_find(const struct rmm *rmm, uint64_t fid);

/* A list like .order puts one condition before another. */
bool order_precedes(const char *order, const char *one, const char *other);

/* Note that a condition holds; for REJECT_IF. */
void call_reject(struct call *c, const char *condition, uint64_t result,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
/* One of the conditions in a list "a, b, c" was noted; for NEEDS. */
bool call_rejected(const struct call *c, const char *conditions);

/*
 * All that fails has been noted: which failure is the answer?  To be called
 * before the answer is looked at; what comes after the first time does nothing.
 */
void call_settle(struct call *c);

/* A call of the realm: find its command, make it, say how it ends. */
void call_of_realm(struct call *c);
/* X0 on, how many registers its answer is written to. */
unsigned call_num_results(const struct call *c);

/* Make the call, whose command was found. */
void call_run(struct call *c);

static inline bool
call_failed(const struct call *c)
{
	return c->num_failures != 0;
}

/* The walk ended in a failure whose answer carries outputs. */
static inline bool
call_failed_in_rtt(struct call *c)
{
	call_settle(c);
	return call_failed(c) && RMI_STATUS(c->answer->x[0]) == RMI_ERROR_RTT;
}

/*
 * Fail with a result if a condition of the specification's list holds.  What
 * follows the result is a printf sentence with the values.
 */
#define REJECT_IF(c, id, cond, result, ...)                             \
	do {                                                            \
		if (cond) {                                             \
			call_reject(                                    \
			    (c), #id, (uint64_t)(result), __VA_ARGS__); \
			if (!(c)->collect)                              \
				return;                                 \
		}                                                       \
	} while (0)

/* What follows makes sense only if none of the named conditions holds. */
#define NEEDS(c, ...)                                                 \
	do {                                                          \
		if ((c)->collect && call_rejected((c), #__VA_ARGS__)) \
			return;                                       \
	} while (0)

/* The sentences that most commands share. */
#define X64		"0x%" PRIx64
#define NOT_ALIGNED(pa) X64 " is not granule aligned", (pa)
#define NOT_MEMORY(pa)	X64 " is not delegable memory", (pa)
#define NOT_IN_STATE(c, pa, wanted)                     \
	"granule " X64 " is %s, must be " wanted, (pa), \
	    granule_name((c)->rmm, (pa))
#define NOT_NS(c, pa)                                  \
	"granule " X64 " is %s, not Non-secure", (pa), \
	    granule_name((c)->rmm, (pa))
#define NOT_REALM_NEW(realm) \
	"the realm is %s, must be NEW", rmm_realm_state_name((realm)->state)
#define WALK_SHORT(walk)                                           \
	"the walk ended at level %d in an entry %s", (walk).level, \
	    rmm_rtte_state_name(rtte_state((walk).rtte))
#define RTTE_STATE(walk, wanted)                                      \
	"the entry at level %d is %s, must be " wanted, (walk).level, \
	    rmm_rtte_state_name(rtte_state((walk).rtte))
#define NOT_PROTECTED(ipa) X64 " is not a protected IPA", (ipa)
#define IS_EMPTY(ipa)	   "the RIPAS at " X64 " is EMPTY", (ipa)
/* RMI_ERROR_RTT with the level of a walk. */
#define RTT_ERROR(level) RMI_RESULT(RMI_ERROR_RTT, (uint8_t)(level))

#endif
