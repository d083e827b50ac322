/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Looking at calls from inside.
 */
#include "audit.h"

#include <stdio.h>
#include <string.h>

#include "rmm/choices.h"
#include "rmm/command.h"
#include "rmm/granule.h"
#include "rmm/machine.h"

/*
 * As FNV-1a, in four lanes of eight bytes, which a processor can mix side by
 * side.  All sizes here are multiples of 8.
 */
static uint64_t
mix(uint64_t digest, const void *data, size_t size)
{
	uint64_t lanes[4] = { digest, ~digest, digest << 1, digest >> 1 };
	const uint8_t *p = data;

	for (size_t i = 0; i + 8 <= size; i += 8) {
		uint64_t *lane = &lanes[i / 8 % 4], word;

		memcpy(&word, p + i, sizeof word);
		*lane = (*lane ^ word) * 0x100000001b3ull;
		*lane ^= *lane >> 29;
	}
	for (int i = 1; i < 4; i++)
		lanes[0] = (lanes[0] ^ lanes[i]) * 0x100000001b3ull;
	return lanes[0];
}

static uint64_t
mix_granule(const struct rmm *rmm, uint64_t digest, uint64_t pa,
    const struct granule *granule)
{
	uint64_t words[] = { pa, granule->rd, granule->where, granule->live,
		granule->state, (uint64_t)granule->level, granule->dirty };

	if (granule->state == RMM_GRANULE_UNDELEGATED)
		return digest;
	digest = mix(digest, words, sizeof words);
	if (granule->dirty)
		digest = mix(digest, granule_contents(rmm, pa), GRANULE_SIZE);
	return digest;
}

uint64_t
audit_digest(const struct rmm *rmm, const uint8_t *ns, unsigned num_granules)
{
	uint64_t digest = 0xcbf29ce484222325ull;
	struct chunk_cursor cursor = { 0 };
	const struct chunk *chunk;

	while ((chunk = chunk_next(rmm, &cursor)) != NULL)
		for (unsigned i = 0; i < CHUNK_GRANULES; i++)
			digest = mix_granule(rmm, digest,
			    cursor.pa + i * (uint64_t)GRANULE_SIZE,
			    &chunk->granules[i]);
	digest = mix(digest, rmm->vmids, sizeof rmm->vmids);
	digest = mix(digest, rmm->counts, sizeof rmm->counts);
	return mix(digest, ns, (size_t)num_granules * GRANULE_SIZE);
}

/* The failure that the answer names; -1 if none. */
static int
winner(const struct call *c, const struct rmm_answer *answer)
{
	for (unsigned i = 0; i < c->num_failures; i++)
		if (strcmp(c->failures[i].condition, answer->condition) == 0 &&
		    c->failures[i].result == answer->x[0])
			return (int)i;
	return -1;
}

/* The answer is what the collected failures say. */
static bool
agrees(const struct call *c, const struct rmm_answer *answer)
{
	const struct rmm_answer *other = c->answer;

	if (c->rmm->config.order != RMM_ORDER_DEFAULT)
		return winner(c, answer) >= 0;
	return memcmp(other->x, answer->x, sizeof other->x) == 0 &&
	    strcmp(other->condition, answer->condition) == 0 &&
	    strcmp(other->why, answer->why) == 0;
}

const char *
audit_answer(struct rmm *rmm, const uint64_t x[SMC_REGS],
    const struct rmm_answer *answer)
{
	static _Thread_local char broken[2 * RMM_WHY_MAX + 64];
	const struct command *command = command_find(x[0]);
	struct rmm_answer other = { 0 };
	struct call c = {
		.rmm = rmm,
		.x = x,
		.answer = &other,
		.collect = true,
		.command = command,
	};

	if (command == NULL)
		return NULL;
	if (chosen(rmm, RMM_CHOICE_SBZ) == RMM_SBZ_CHECK)
		choice_check_sbz(&c);
	command->exec(&c);
	if (c.num_failures == 0 || !agrees(&c, answer)) {
		(void)snprintf(broken, sizeof broken,
		    "%s: %s; in collecting mode: %s", command->abi.name,
		    answer->why, other.why);
		return broken;
	}
	for (unsigned i = 0; i < c.num_failures; i++) {
		const char *name = c.failures[i].condition;

		if (order_precedes(command->order, name, answer->condition)) {
			(void)snprintf(broken, sizeof broken,
			    "%s: %s was answered, %s must win",
			    command->abi.name, answer->condition, name);
			return broken;
		}
	}
	return NULL;
}
