/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is true between two calls: every granule is in one role, every
 * reference has its other end, and the counts add up.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "gic.h"
#include "machine.h"
#include "realm.h"
#include "rec.h"
#include "rtt.h"

#define X64 "0x%" PRIx64

struct audit {
	const struct rmm *rmm;
	char *why;
	size_t whylen;
	uint64_t counts[RMM_GRANULE_STATES];
};

/* What a realm's tree refers to. */
struct tree {
	uint64_t rd;
	const struct realm *realm;
	uint64_t num_data;
	uint64_t num_rtts;
};

static bool __attribute__((format(printf, 2, 3)))
wrong(struct audit *a, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(a->why, a->whylen, format, ap);
	va_end(ap);
	return false;
}

/* The DATA granules that an ASSIGNED entry maps, one or a block of them. */
static bool
audit_data(struct audit *a, struct tree *tree, const struct rtt_walk *at)
{
	uint64_t pa = rtte_addr(at->rtte), size = rtt_level_size(at->level);

	if (at->level < 1)
		return wrong(a, "ASSIGNED entry at level %d", at->level);
	if (!rtt_level_aligned(pa, at->level))
		return wrong(a,
		    "ASSIGNED entry of IPA " X64 " maps " X64 " at level %d",
		    at->ipa, pa, at->level);
	for (uint64_t offset = 0; offset < size; offset += GRANULE_SIZE) {
		const struct granule *granule = granule_at(a->rmm, pa + offset);

		if (granule == NULL || granule->state != RMM_GRANULE_DATA ||
		    granule->rd != tree->rd ||
		    granule->where != at->ipa + offset)
			return wrong(a,
			    "IPA " X64 " of realm " X64 " maps " X64
			    ", which does not point back",
			    at->ipa + offset, tree->rd, pa + offset);
		tree->num_data++;
	}
	return true;
}

static bool
audit_entry(struct audit *a, struct tree *tree, const struct rtt_walk *at)
{
	enum rmm_rtte_state state = rtte_state(at->rtte);
	bool protected_ipa = ipa_is_protected(tree->realm, at->ipa);
	bool ns = state == RMM_UNASSIGNED_NS || state == RMM_ASSIGNED_NS;

	if (state > RMM_ASSIGNED_NS || rtte_ripas(at->rtte) > RMI_DESTROYED)
		return wrong(a, "entry " X64 " of RTT " X64 " is no entry",
		    at->rtte, at->rtt);
	if (at->ipa >= realm_ipa_end(tree->realm)) {
		if (at->rtte != 0)
			return wrong(
			    a, "entry above 2^ipa_width in RTT " X64, at->rtt);
		return true;
	}
	if (state != RMM_TABLE && ns == protected_ipa)
		return wrong(a, "entry of IPA " X64 " is %s", at->ipa,
		    rmm_rtte_state_name(state));
	if ((ns || state == RMM_TABLE) && rtte_ripas(at->rtte) != RMI_EMPTY)
		return wrong(a, "entry of IPA " X64 " is %s with a RIPAS",
		    at->ipa, rmm_rtte_state_name(state));
	if (state == RMM_ASSIGNED_NS &&
	    (at->level < 1 ||
		!rtt_level_aligned(rtte_addr(at->rtte), at->level)))
		return wrong(a, "ASSIGNED_NS entry of IPA " X64 " at level %d",
		    at->ipa, at->level);
	if (!rtte_is_live(at->rtte) && rtte_addr(at->rtte) != 0)
		return wrong(a, "entry of IPA " X64 " is %s with an address",
		    at->ipa, rmm_rtte_state_name(state));
	return state != RMM_ASSIGNED || audit_data(a, tree, at);
}

static bool
audit_table(
    struct audit *a, struct tree *tree, uint64_t rtt, uint64_t ipa, int level)
{
	const struct granule *granule = granule_at(a->rmm, rtt);
	uint64_t half = realm_ipa_end(tree->realm) / 2;
	const rtte_t *entries;
	unsigned live = 0;

	if (granule == NULL || granule->state != RMM_GRANULE_RTT ||
	    granule->rd != tree->rd || granule->where != ipa ||
	    granule->level != level)
		return wrong(a,
		    "realm " X64 ": the table " X64 " of IPA " X64
		    ", level %d, does not point back",
		    tree->rd, rtt, ipa, level);
	tree->num_rtts++;
	entries = rtt_entries(a->rmm, rtt);
	for (unsigned i = 0; i < RTT_ENTRIES; i++) {
		struct rtt_walk at = {
			.level = level,
			.rtt = rtt,
			.index = i,
			.ipa = ipa + i * rtt_level_size(level),
			.rtte = entries[i],
		};

		/* Most entries say what the one before has said. */
		if (i > 0 && at.rtte == entries[i - 1] &&
		    !rtte_is_live(at.rtte) && at.ipa % half != 0)
			continue;
		live += rtte_is_reference(at.rtte);
		if (!audit_entry(a, tree, &at))
			return false;
		if (rtte_state(at.rtte) != RMM_TABLE)
			continue;
		if (level == RTT_PAGE_LEVEL)
			return wrong(a, "TABLE entry at level 3");
		if (!audit_table(
			a, tree, rtte_addr(at.rtte), at.ipa, level + 1))
			return false;
	}
	if (live != granule->live)
		return wrong(a, "RTT " X64 " has %u live entries, not %u", rtt,
		    live, granule->live);
	return true;
}

static bool
audit_realm(struct audit *a, uint64_t rd)
{
	const struct realm *realm = realm_at(a->rmm, rd);
	struct tree tree = { .rd = rd, .realm = realm };
	uint64_t span = RTT_ENTRIES * rtt_level_size(realm->rtt_level_start);

	if (realm->state > RMM_REALM_SYSTEM_OFF)
		return wrong(a, "realm " X64 " has no state", rd);
	if (!rtt_config_valid(
		realm->ipa_width, realm->rtt_level_start, realm->rtt_num_start))
		return wrong(a, "realm " X64 " has no valid RTT setup", rd);
	if (vmid_is_free(a->rmm, realm->vmid))
		return wrong(
		    a, "VMID %u of realm " X64 " is free", realm->vmid, rd);
	if (realm->num_recs > realm->rec_index)
		return wrong(a,
		    "realm " X64 " has %" PRIu64 " RECs, but made %" PRIu64, rd,
		    realm->num_recs, realm->rec_index);
	for (unsigned i = 0; i < realm->rtt_num_start; i++)
		if (!audit_table(a, &tree,
			realm->rtt_base + i * (uint64_t)GRANULE_SIZE, i * span,
			realm->rtt_level_start))
			return false;
	if (tree.num_data != realm->num_data ||
	    tree.num_rtts != realm->num_rtts)
		return wrong(a,
		    "realm " X64 " counts %" PRIu64 " DATA and %" PRIu64
		    " RTTs, its tree has %" PRIu64 " and %" PRIu64,
		    rd, realm->num_data, realm->num_rtts, tree.num_data,
		    tree.num_rtts);
	return true;
}

/* What the last exit has left, of which there is one thing at most. */
static const char *
pending_wrong(const struct realm *realm, const struct rec *rec)
{
	unsigned pending = rec->psci_pending + rec->host_call_pending +
	    rec->emulatable_abort + (rec->ripas_top != 0);

	if (pending > (rec->running ? 0 : 1))
		return "runs or waits for more than one answer";
	if (rec->ripas_addr > rec->ripas_top || rec->ripas_value > RMI_RAM ||
	    !granule_aligned(rec->ripas_addr | rec->ripas_top) ||
	    (rec->ripas_top != 0 &&
		!ipa_is_protected(realm, rec->ripas_top - 1)))
		return "asks for a RIPAS change that none can ask for";
	if (rec->host_call_pending &&
	    (rec->host_call % RSI_HOST_CALL_SIZE != 0 ||
		!ipa_is_protected(realm, rec->host_call)))
		return "has a host call where none can be";
	if (rec->psci_pending && !rec->runnable)
		return "is off and waits for RMI_PSCI_COMPLETE";
	return NULL;
}

static const char *
rec_wrong(const struct rmm *rmm, const struct rec *rec)
{
	const struct realm *realm = realm_at(rmm, rec->owner);

	if ((rec->mpidr & ~REC_MPIDR_MASK) != 0 ||
	    rec_index(rec->mpidr) >= realm->rec_index)
		return "has an MPIDR that none can have";
	if (rec->running && (!rec->runnable || realm->state == RMM_REALM_NEW))
		return "runs, and can not";
	if (rec->attest.in_progress &&
	    rec->attest.offset > attester_token_max(rmm->attester))
		return "has read more than there is of a token";
	if ((rec->gic.vmcr & VMCR_VFIQEN) == 0)
		return "has no CPU interface";
	for (unsigned i = 0; i < RMI_REC_GICV3_LRS; i++)
		if ((rec->gic.lrs[i] & ICH_LR_HW) != 0 && i < gic_num_lrs(rmm))
			return "has a list register with HW";
	return pending_wrong(realm, rec);
}

static bool
audit_rec(struct audit *a, uint64_t pa)
{
	const struct rec *rec = rec_at(a->rmm, pa);
	const char *sentence;

	if (granule_at(a->rmm, pa)->rd != rec->owner)
		return wrong(a, "REC " X64 " does not know its owner", pa);
	sentence = rec_wrong(a->rmm, rec);
	if (sentence != NULL)
		return wrong(a, "REC " X64 " %s", pa, sentence);
	if (rec->num_aux != a->rmm->config.rec_aux_count)
		return wrong(a,
		    "REC " X64 " has %" PRIu64 " auxiliary granules", pa,
		    rec->num_aux);
	for (unsigned i = 0; i < rec->num_aux; i++) {
		const struct granule *aux = granule_at(a->rmm, rec->aux[i]);

		if (aux == NULL || aux->state != RMM_GRANULE_REC_AUX ||
		    aux->rd != rec->owner || aux->where != pa)
			return wrong(a,
			    "aux[%u] of REC " X64 " does not point back", i,
			    pa);
	}
	return true;
}

static bool
audit_granule(struct audit *a, uint64_t pa, const struct granule *granule)
{
	bool owned = granule->state > RMM_GRANULE_DELEGATED;

	if (granule->state >= RMM_GRANULE_STATES)
		return wrong(a, "granule " X64 " has no state", pa);
	if (!owned &&
	    (granule->rd != 0 || granule->where != 0 || granule->live != 0 ||
		granule->dirty))
		return wrong(a, "granule " X64 " is %s and was not wiped", pa,
		    rmm_granule_state_name(granule->state));
	if (owned && granule_state(a->rmm, granule->rd) != RMM_GRANULE_RD)
		return wrong(a,
		    "granule " X64 " is %s of realm " X64 ", which is none", pa,
		    rmm_granule_state_name(granule->state), granule->rd);
	if (granule->state == RMM_GRANULE_RD && granule->rd != pa)
		return wrong(a, "RD " X64 " says it is " X64, pa, granule->rd);
	if (granule->state == RMM_GRANULE_RD)
		return audit_realm(a, pa);
	if (granule->state == RMM_GRANULE_REC)
		return audit_rec(a, pa);
	return true;
}

static bool
audit_chunk(struct audit *a, uint64_t pa, const struct chunk *chunk)
{
	unsigned used = 0;

	for (unsigned i = 0; i < CHUNK_GRANULES; i++) {
		const struct granule *granule = &chunk->granules[i];

		if (granule->state == RMM_GRANULE_UNDELEGATED &&
		    !granule->dirty && granule->rd == 0)
			continue;
		used++;
		if (!audit_granule(a, pa + i * (uint64_t)GRANULE_SIZE, granule))
			return false;
		if (granule->dirty &&
		    !(granule->state == RMM_GRANULE_DATA ? chunk->has_data
							 : chunk->resident))
			return wrong(
			    a, "chunk " X64 " is dirty and not resident", pa);
		a->counts[granule->state]++;
	}
	if (used != chunk->used)
		return wrong(a, "chunk " X64 " has %u granules in use, not %u",
		    pa, used, chunk->used);
	return true;
}

/*
 * Trees have counted the DATA and RTT granules that they refer to, RECs theirs.
 * If the realms' sums are all that there is, nothing is left over.
 */
static bool
audit_counts(struct audit *a)
{
	uint64_t data = 0, rtts = 0, recs = 0, vmids = 0, used = 0;
	struct rmm_realm_info info;

	for (uint64_t rd = 0; rmm_realm_next(a->rmm, rd, &info);
	     rd = info.rd + GRANULE_SIZE) {
		data += info.num_data;
		rtts += info.num_rtts;
		recs += info.num_recs;
	}
	if (data != a->counts[RMM_GRANULE_DATA] ||
	    rtts != a->counts[RMM_GRANULE_RTT] ||
	    recs != a->counts[RMM_GRANULE_REC] ||
	    recs * a->rmm->config.rec_aux_count !=
		a->counts[RMM_GRANULE_REC_AUX])
		return wrong(a,
		    "realms own other than there is: %" PRIu64 " DATA, %" PRIu64
		    " RTT, %" PRIu64 " REC",
		    data, rtts, recs);
	for (unsigned i = 0; i < NUM_VMIDS / 64; i++)
		vmids += (unsigned)__builtin_popcountll(a->rmm->vmids[i]);
	if (vmids != a->counts[RMM_GRANULE_RD])
		return wrong(a, "%" PRIu64 " VMIDs are in use", vmids);
	for (int state = RMM_GRANULE_DELEGATED; state < RMM_GRANULE_STATES;
	     state++) {
		used += a->counts[state];
		if (a->counts[state] != a->rmm->counts[state])
			return wrong(a,
			    "%" PRIu64 " granules are %s, not %" PRIu64,
			    a->counts[state], rmm_granule_state_name(state),
			    a->rmm->counts[state]);
	}
	if (a->rmm->counts[RMM_GRANULE_UNDELEGATED] + used !=
	    a->rmm->num_granules)
		return wrong(a, "the states do not add up to all granules");
	return true;
}

bool
rmm_check_invariants(const struct rmm *rmm, char *why, size_t whylen)
{
	struct audit a = { .rmm = rmm, .why = why, .whylen = whylen };
	struct chunk_cursor cursor = { 0 };
	const struct chunk *chunk;

	while ((chunk = chunk_next(rmm, &cursor)) != NULL)
		if (!audit_chunk(&a, cursor.pa, chunk))
			return false;
	return audit_counts(&a);
}
