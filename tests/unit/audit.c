/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Looking at calls from inside.
 */
#include "audit.h"

#include <stdio.h>
#include <string.h>

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
		digest = mix(digest, realm_memory(rmm, pa), GRANULE_SIZE);
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

static bool
in_list(const char *list, size_t len, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i + n <= len; i++) {
		bool starts = i == 0 || list[i - 1] == ' ';
		bool ends = i + n == len || list[i + n] == ' ';

		if (starts && ends && memcmp(list + i, name, n) == 0)
			return true;
	}
	return false;
}

/* Of the failures, the first one that one clause "a b < c d" puts first. */
static const char *
passed_over(const struct call *c, const char *clause, size_t len)
{
	const char *less = memchr(clause, '<', len);
	size_t left, right;

	if (less == NULL)
		return NULL;
	left = (size_t)(less - clause) - 1;
	right = len - left - 3;
	if (!in_list(less + 2, right, c->failures[0].condition))
		return NULL;
	for (unsigned i = 1; i < c->num_failures; i++)
		if (in_list(clause, left, c->failures[i].condition))
			return c->failures[i].condition;
	return NULL;
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
	};
	const char *clause;

	if (command == NULL)
		return NULL;
	command->exec(&c);
	if (c.num_failures == 0 ||
	    memcmp(other.x, answer->x, sizeof other.x) != 0 ||
	    strcmp(other.condition, answer->condition) != 0 ||
	    strcmp(other.why, answer->why) != 0) {
		(void)snprintf(broken, sizeof broken,
		    "%s: %s; in collecting mode: %s", command->abi.name,
		    answer->why, other.why);
		return broken;
	}
	for (clause = command->order; *clause != '\0';) {
		size_t len = strcspn(clause, ";");
		const char *name = passed_over(&c, clause, len);

		if (name != NULL) {
			(void)snprintf(broken, sizeof broken,
			    "%s: %s was answered, %s must win",
			    command->abi.name, answer->condition, name);
			return broken;
		}
		clause += len + strspn(clause + len, "; ");
	}
	return NULL;
}
