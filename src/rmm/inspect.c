/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Looking inside a machine: names, granules, realms, RECs and tables.  Nothing
 * here shows contents of realm memory other than what RMM objects say.
 */
#include <string.h>

#include "machine.h"
#include "realm.h"
#include "rec.h"
#include "rtt.h"

#define NAME(names, value) \
	((size_t)(value) < sizeof names / sizeof names[0] ? names[value] : "?")

const char *
rmm_granule_state_name(enum rmm_granule_state state)
{
	static const char *const names[] = { "UNDELEGATED", "DELEGATED", "RD",
		"REC", "REC_AUX", "DATA", "RTT" };

	return NAME(names, state);
}

const char *
rmm_realm_state_name(enum rmm_realm_state state)
{
	static const char *const names[] = { "NEW", "ACTIVE", "SYSTEM_OFF" };

	return NAME(names, state);
}

const char *
rmm_rtte_state_name(enum rmm_rtte_state state)
{
	static const char *const names[] = { "UNASSIGNED", "ASSIGNED", "TABLE",
		"UNASSIGNED_NS", "ASSIGNED_NS" };

	return NAME(names, state);
}

const char *
rmm_ripas_name(enum rmi_ripas ripas)
{
	static const char *const names[] = { "EMPTY", "RAM", "DESTROYED" };

	return NAME(names, ripas);
}

bool
rmm_granule(const struct rmm *rmm, uint64_t pa, struct rmm_granule_info *info)
{
	const struct granule *granule = granule_at(rmm, pa);

	if (!pa_is_delegable(rmm, pa))
		return false;
	*info =
	    (struct rmm_granule_info){ .pa = pa / GRANULE_SIZE * GRANULE_SIZE };
	if (granule == NULL)
		return true;
	info->state = granule->state;
	info->rd = granule->rd;
	info->where = granule->where;
	info->level = granule->level;
	return true;
}

/* The cursor for the chunk that holds pa, or the next one. */
static struct chunk_cursor
cursor_at(const struct rmm *rmm, uint64_t pa)
{
	struct chunk_cursor cursor = { 0 };

	while (cursor.bank < rmm->num_banks) {
		const struct rmm_bank *bank = &rmm->banks[cursor.bank].ns;

		if (pa < bank->base)
			break;
		if (pa - bank->base < bank->size) {
			cursor.index = (pa - bank->base) / CHUNK_SIZE;
			break;
		}
		cursor.bank++;
	}
	return cursor;
}

bool
rmm_granule_next(const struct rmm *rmm, uint64_t pa, unsigned mask,
    struct rmm_granule_info *info)
{
	struct chunk_cursor cursor = cursor_at(rmm, pa);
	const struct chunk *chunk;

	mask &= ~(1u << RMM_GRANULE_UNDELEGATED);
	while ((chunk = chunk_next(rmm, &cursor)) != NULL) {
		if (chunk->used == 0)
			continue;
		for (unsigned i = 0; i < CHUNK_GRANULES; i++) {
			uint64_t at = cursor.pa + i * (uint64_t)GRANULE_SIZE;

			if (at >= pa &&
			    (mask >> chunk->granules[i].state & 1) != 0)
				return rmm_granule(rmm, at, info);
		}
	}
	return false;
}

uint64_t
rmm_granule_count(const struct rmm *rmm, enum rmm_granule_state state)
{
	return (unsigned)state < RMM_GRANULE_STATES ? rmm->counts[state] : 0;
}

/* Is pa the address of a granule in this state? */
static bool
is_object(const struct rmm *rmm, uint64_t pa, enum rmm_granule_state state)
{
	return granule_aligned(pa) && granule_state(rmm, pa) == state;
}

bool
rmm_realm(const struct rmm *rmm, uint64_t rd, struct rmm_realm_info *info)
{
	const struct realm *realm;

	if (!is_object(rmm, rd, RMM_GRANULE_RD))
		return false;
	realm = realm_at(rmm, rd);
	*info = (struct rmm_realm_info){
		.rd = rd,
		.state = realm->state,
		.ipa_width = realm->ipa_width,
		.hash_algo = realm->hash_algo,
		.vmid = realm->vmid,
		.lpa2 = realm->lpa2,
		.rtt_base = realm->rtt_base,
		.rtt_level_start = realm->rtt_level_start,
		.rtt_num_start = realm->rtt_num_start,
		.num_recs = realm->num_recs,
		.rec_index = realm->rec_index,
		.num_data = realm->num_data,
		.num_rtts = realm->num_rtts,
	};
	memcpy(info->rpv, realm->rpv, sizeof info->rpv);
	memcpy(
	    info->measurements, realm->measurements, sizeof info->measurements);
	return true;
}

bool
rmm_realm_next(const struct rmm *rmm, uint64_t rd, struct rmm_realm_info *info)
{
	struct rmm_granule_info granule;

	if (!rmm_granule_next(rmm, rd, 1u << RMM_GRANULE_RD, &granule))
		return false;
	return rmm_realm(rmm, granule.pa, info);
}

bool
rmm_rec(const struct rmm *rmm, uint64_t pa, struct rmm_rec_info *info)
{
	const struct rec *rec;

	if (!is_object(rmm, pa, RMM_GRANULE_REC))
		return false;
	rec = rec_at(rmm, pa);
	*info = (struct rmm_rec_info){
		.rec = pa,
		.rd = rec->owner,
		.mpidr = rec->mpidr,
		.running = rec->running,
		.runnable = rec->runnable,
		.psci_pending = rec->psci_pending,
		.host_call_pending = rec->host_call_pending,
		.emulatable_abort = rec->emulatable_abort,
		.ripas_addr = rec->ripas_addr,
		.ripas_top = rec->ripas_top,
		.ripas_value = rec->ripas_value,
		.pc = rec->pc,
		.num_aux = (unsigned)rec->num_aux,
	};
	memcpy(info->gprs, rec->gprs, sizeof info->gprs);
	memcpy(info->aux, rec->aux, sizeof info->aux);
	return true;
}

uint64_t
rmm_rtte_size(int level)
{
	return rtt_level_size(level);
}

bool
rmm_rtt_next(const struct rmm *rmm, uint64_t rd, uint64_t *ipa, int *level,
    struct rmm_rtte_info *info)
{
	const struct realm *realm;
	struct rtt_walk walk;
	int64_t wanted = *level;

	if (!is_object(rmm, rd, RMM_GRANULE_RD))
		return false;
	realm = realm_at(rmm, rd);
	if (*ipa >= realm_ipa_end(realm) || !rtt_level_valid(realm, wanted))
		return false;
	walk = rtt_walk(rmm, realm, *ipa, *level);
	*info = (struct rmm_rtte_info){
		.ipa = walk.ipa,
		.level = walk.level,
		.rtt = walk.rtt,
		.index = walk.index,
		.state = rtte_state(walk.rtte),
		.ripas = rtte_ripas(walk.rtte),
		.addr = rtte_addr(walk.rtte),
		.desc = rtte_descriptor(realm, walk.rtte),
	};
	if (info->state == RMM_TABLE) {
		*ipa = walk.ipa;
		*level = walk.level + 1;
		return true;
	}
	*ipa = walk.ipa + rtt_level_size(walk.level);
	*level = walk.level;
	/* Past the end of a table: go on in its parent. */
	while (*level > realm->rtt_level_start &&
	    rtt_level_aligned(*ipa, *level - 1))
		(*level)--;
	return true;
}
