/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls about translation tables, what a realm asks for, tearing down, and the
 * choice among all that can be done.
 */
#include "config.h"

#include "generate.h"

#include <stdlib.h>
#include <string.h>

struct generator *
generator_new(const struct setup *setup)
{
	struct generator *g = calloc(1, sizeof *g);

	if (g == NULL)
		exit(2);
	g->setup = setup;
	return g;
}

void
generator_free(struct generator *g)
{
	free(g);
}

void
generator_start(struct generator *g, uint64_t seed)
{
	/* Neighbouring seeds must not begin alike. */
	g->rng = (seed + 1) * 0x9e3779b97f4a7c15ull;
	for (int i = 0; i < 4; i++)
		(void)draw(g, 2);
	g->queue_next = g->queue_end = 0;
	g->condemned = 0;
}

/* ---- Where in a realm ------------------------------------------------------
 */

static uint64_t
half(const struct generator *g)
{
	return 1ull << (g->realm.ipa_width - 1);
}

/* Few places, at which much happens, and the ends of both halves. */
static uint64_t
pick_ipa(struct generator *g)
{
	uint64_t ipa = draw(g, 6) * rmm_rtte_size(3);

	if (chance(g, 5))
		return half(g) * (1 + draw(g, 2)) - GRANULE_SIZE;
	ipa += draw(g, 2) * rmm_rtte_size(2);
	if (chance(g, 10))
		ipa += rmm_rtte_size(1);
	if (chance(g, 2))
		ipa += rmm_rtte_size(0);
	ipa %= half(g);
	return chance(g, 35) ? ipa + half(g) : ipa;
}

/* The entry at which a walk to ipa ends. */
static bool
look(const struct generator *g, uint64_t ipa, struct rmm_rtte_info *info)
{
	int level = 3;

	return rmm_rtt_next(g->rmm, g->realm.rd, &ipa, &level, info);
}

static uint64_t
align(uint64_t ipa, int level)
{
	return level < -1 ? ipa : ipa & ~(rmm_rtte_size(level) - 1);
}

static uint64_t
as_level(int level)
{
	return (uint64_t)(int64_t)level;
}

static void
make_table(
    struct generator *g, struct op *op, const struct rmm_rtte_info *entry)
{
	CALL(op, RTT_CREATE, g->realm.rd, pick(g, RMM_GRANULE_DELEGATED),
	    align(entry->ipa, entry->level), as_level(entry->level + 1));
}

static void
make_fold(struct generator *g, struct op *op, const struct rmm_rtte_info *entry)
{
	uint64_t ipa = align(entry->ipa, entry->level - 1);

	if (chance(g, 50))
		CALL(op, RTT_FOLD, g->realm.rd, ipa, as_level(entry->level));
	else
		CALL(op, RTT_DESTROY, g->realm.rd, ipa, as_level(entry->level));
}

/* ---- Blocks ---------------------------------------------------------------
 */

static bool
all_free(const struct generator *g, uint64_t base)
{
	struct rmm_granule_info info;

	for (unsigned i = 0; i < 512; i++)
		if (!rmm_granule(
			g->rmm, base + i * (uint64_t)GRANULE_SIZE, &info) ||
		    info.state > RMM_GRANULE_DELEGATED)
			return false;
	return true;
}

/* A table of 512 DATA granules in a row, folded. */
static void
make_block(struct generator *g, struct op *op, uint64_t ipa)
{
	uint64_t base = g->setup->banks[0].base + draw(g, 2) * rmm_rtte_size(2);
	struct rmm_granule_info info;

	if (!all_free(g, base)) {
		CALL(op, RTT_DESTROY, g->realm.rd, ipa, 3);
		return;
	}
	for (unsigned i = 0; i < 512; i++) {
		uint64_t pa = base + i * (uint64_t)GRANULE_SIZE;

		if (rmm_granule(g->rmm, pa, &info) &&
		    info.state == RMM_GRANULE_UNDELEGATED) {
			CALL(op, GRANULE_DELEGATE, pa);
			later(g, op);
		}
		CALL(op, DATA_CREATE_UNKNOWN, g->realm.rd, pa,
		    ipa + i * (uint64_t)GRANULE_SIZE);
		later(g, op);
	}
	CALL(op, RTT_FOLD, g->realm.rd, ipa, 3);
	later(g, op);
	CALL(op, RTT_READ_ENTRY, g->realm.rd, ipa, 3);
	later(g, op);
}

/* Where blocks are, little else happens. */
static void
make_at_block(struct generator *g, struct op *op)
{
	uint64_t ipa = (4 + draw(g, 3)) * rmm_rtte_size(2);
	struct rmm_rtte_info entry;

	if (!look(g, ipa, &entry)) {
		make_realm(g, op);
	} else if (entry.state == RMM_ASSIGNED) {
		if (entry.level < 3 && chance(g, 30))
			make_table(g, op, &entry);
		else if (entry.level < 3 || chance(g, 20))
			CALL(op, DATA_DESTROY, g->realm.rd, ipa);
		else
			CALL(op, RTT_FOLD, g->realm.rd, ipa, 3);
	} else if (entry.level < 3) {
		make_table(g, op, &entry);
	} else {
		make_block(g, op, ipa);
	}
}

/* ---- At one IPA -----------------------------------------------------------
 */

static void
make_protected(struct generator *g, struct op *op, uint64_t ipa,
    const struct rmm_rtte_info *entry)
{
	uint64_t data = pick(g, RMM_GRANULE_DELEGATED);

	if (entry->level < 3 && (entry->state == RMM_ASSIGNED || chance(g, 85)))
		make_table(g, op, entry);
	else if (entry->level > g->realm.rtt_level_start && chance(g, 20))
		make_fold(g, op, entry);
	else if (entry->state == RMM_ASSIGNED)
		CALL(op, DATA_DESTROY, g->realm.rd, ipa);
	else if (chance(g, g->realm.state == RMM_REALM_NEW ? 60 : 10))
		CALL(op, DATA_CREATE, g->realm.rd, data, ipa,
		    setup_ns(g->setup, 2 + (unsigned)draw(g, 2)), draw(g, 2));
	else
		CALL(op, DATA_CREATE_UNKNOWN, g->realm.rd, data, ipa);
}

static void
make_unprotected(
    struct generator *g, struct op *op, const struct rmm_rtte_info *entry)
{
	/* MemAttr 4 to 7 are the upper half; 4 is reserved. */
	uint64_t attr = draw(g, 4) << 6 | draw(g, 8) << 2;
	uint64_t addr = align(draw(g, 8) * 0x40200000ull, entry->level);

	if (chance(g, 5))
		addr |= 1ull << draw(g, 52);
	if (entry->level < 1 || (entry->level < 3 && chance(g, 55)))
		make_table(g, op, entry);
	else if (entry->level > g->realm.rtt_level_start && chance(g, 35))
		make_fold(g, op, entry);
	else if (entry->state == RMM_ASSIGNED_NS)
		CALL(op, RTT_UNMAP_UNPROTECTED, g->realm.rd, entry->ipa,
		    as_level(entry->level));
	else
		CALL(op, RTT_MAP_UNPROTECTED, g->realm.rd, entry->ipa,
		    as_level(entry->level), addr | attr);
}

static void
make_at_ipa(struct generator *g, struct op *op)
{
	uint64_t ipa = pick_ipa(g);
	struct rmm_rtte_info entry;

	if (g->setup->blocks && chance(g, 15))
		make_at_block(g, op);
	else if (!look(g, ipa, &entry))
		make_realm(g, op);
	else if (ipa < half(g))
		make_protected(g, op, ipa, &entry);
	else
		make_unprotected(g, op, &entry);
}

static void
make_read(struct generator *g, struct op *op)
{
	int level = (int)draw(g, 5) - 1;

	CALL(op, RTT_READ_ENTRY, g->realm.rd, align(pick_ipa(g), level),
	    as_level(level));
}

static void
make_range(struct generator *g, uint64_t *base, uint64_t *top)
{
	struct rmm_rtte_info entry;
	uint64_t ipa = pick_ipa(g) % half(g), size = GRANULE_SIZE;

	*base = ipa;
	if (look(g, ipa, &entry)) {
		size = rmm_rtte_size(entry.level);
		if (chance(g, 90))
			*base = align(ipa, entry.level);
	}
	*top = *base + size * (1 + draw(g, 6));
	if (chance(g, 10))
		*top = *base + GRANULE_SIZE * draw(g, 4);
}

static void
make_init_ripas(struct generator *g, struct op *op)
{
	uint64_t base, top;

	make_range(g, &base, &top);
	CALL(op, RTT_INIT_RIPAS, g->realm.rd, base, top);
}

/* ---- What a realm asks for ------------------------------------------------
 */

static void
make_set_ripas(struct generator *g, struct op *op)
{
	struct rmm_rec_info rec;
	uint64_t base, top;

	if (!rmm_rec(g->rmm, pick(g, RMM_GRANULE_REC), &rec)) {
		make_rec(g, op);
		return;
	}
	(void)rmm_realm(g->rmm, rec.rd, &g->realm);
	make_range(g, &base, &top);
	if (top > half(g))
		top = half(g);
	if (top <= base)
		top = base + GRANULE_SIZE;
	*op = (struct op){
		.kind = OP_ASK_RIPAS,
		.x = { rec.rec, base, top, draw(g, 4) },
	};
	later(g, op);
	if (chance(g, 5))
		top += GRANULE_SIZE;
	CALL(op, RTT_SET_RIPAS, rec.rd, rec.rec, base, top);
	if (chance(g, 10))
		disturb(g, op);
	later(g, op);
}

static void
make_psci(struct generator *g, struct op *op)
{
	static const uint64_t fids[] = { PSCI_FID_CPU_ON,
		PSCI_FID_AFFINITY_INFO };
	static const int64_t results[] = { PSCI_SUCCESS, PSCI_DENIED,
		PSCI_ALREADY_ON, 1 };
	struct rmm_rec_info one, other;

	if (!rmm_rec(g->rmm, pick(g, RMM_GRANULE_REC), &one)) {
		make_rec(g, op);
		return;
	}
	(void)rmm_realm(g->rmm, one.rd, &g->realm);
	other = one;
	for (int i = 0; i < 6 && (other.rec == one.rec || other.rd != one.rd);
	     i++)
		(void)rmm_rec(g->rmm, pick(g, RMM_GRANULE_REC), &other);
	if (other.rec == one.rec && g->realm.state == RMM_REALM_NEW &&
	    chance(g, 80)) {
		make_rec(g, op);
		return;
	}
	*op = (struct op){
		.kind = OP_ASK_PSCI,
		.x = { one.rec, fids[draw(g, 2)], other.mpidr },
	};
	later(g, op);
	CALL(op, PSCI_COMPLETE, one.rec, other.rec,
	    (uint64_t)results[chance(g, 60) ? 0 : draw(g, 4)]);
	later(g, op);
	/* Another try, so that the realm does not wait for ever. */
	op->x[3] = PSCI_SUCCESS;
	later(g, op);
}

/* ---- Tearing down ---------------------------------------------------------
 */

/* A granule in a state that belongs to the realm that is to go; of tables the
 * deepest. */
static bool
belonging(const struct generator *g, enum rmm_granule_state state,
    struct rmm_granule_info *found)
{
	struct rmm_granule_info info;
	bool any = false;

	found->level = g->realm.rtt_level_start;
	for (uint64_t pa = 0; rmm_granule_next(g->rmm, pa, 1u << state, &info);
	     pa = info.pa + GRANULE_SIZE) {
		if (info.rd != g->condemned)
			continue;
		if (state == RMM_GRANULE_RTT && info.level <= found->level)
			continue;
		*found = info;
		any = true;
		if (state != RMM_GRANULE_RTT || info.level == 3)
			break;
	}
	return any;
}

static void
make_end(struct generator *g, struct op *op)
{
	uint64_t rd = g->condemned;
	struct rmm_granule_info info;
	struct rmm_rtte_info entry;

	if (belonging(g, RMM_GRANULE_REC, &info)) {
		if (!make_kick(g, op, info.pa))
			CALL(op, REC_DESTROY, info.pa);
	} else if (belonging(g, RMM_GRANULE_DATA, &info)) {
		if (look(g, info.where, &entry) && entry.level < 3)
			make_table(g, op, &entry);
		else
			CALL(op, DATA_DESTROY, rd, info.where);
	} else if (belonging(g, RMM_GRANULE_RTT, &info)) {
		CALL(op, RTT_DESTROY, rd, info.where, as_level(info.level));
		/* Now and then it is spared. */
		g->condemned = chance(g, 98) ? rd : 0;
	} else {
		CALL(op, REALM_DESTROY, rd);
		g->condemned = 0;
	}
}

/* ---- The choice -----------------------------------------------------------
 */

static void
make_other(struct generator *g, struct op *op)
{
	switch (draw(g, 6)) {
	case 0:
		CALL(op, VERSION, chance(g, 60) ? 0x10000 : draw(g, 1u << 20));
		break;
	case 1:
		CALL(op, FEATURES, draw(g, 3));
		break;
	case 2:
		CALL(op, REC_AUX_COUNT, g->realm.rd);
		break;
	case 3: /* with the hint of SMCCC 1.3, or no function at all */
		CALL(op, REALM_ACTIVATE, g->realm.rd);
		op->x[0] ^= 1ull << (chance(g, 50) ? 16 : draw(g, 64));
		break;
	case 4:
		if (chance(g, 1)) {
			*op = (struct op){ .kind = OP_RESET };
			break;
		}
		*op = (struct op){
			.kind = OP_FILL,
			.x = { setup_ns(g->setup, 2 + (unsigned)draw(g, 2)),
			    draw(g, 2) * draw(g, 256) },
		};
		break;
	default: /* any command, any arguments */
		CALL(op, VERSION, draw(g, 4), draw(g, 4));
		op->x[0] += draw(g, 0x1a);
		for (int i = 0; i < 4; i++)
			disturb(g, op);
		break;
	}
}

static void
make_with_realm(struct generator *g, struct op *op, uint64_t which)
{
	bool new = g->realm.state == RMM_REALM_NEW;

	if (g->setup->driven && (new ? which >= 66 : which < 40)) {
		if (new &&chance(g, 60))
			make_rec(g, op);
		else
			make_act(g, op);
		return;
	}
	if (which < 58 || (!new &&which < 72 && chance(g, 90)))
		make_at_ipa(g, op);
	else if (which < 66)
		make_init_ripas(g, op);
	else if (which < 72)
		make_rec(g, op);
	else if (which < 76)
		make_enter(g, op);
	else if (which < 84 && g->setup->driven)
		make_act(g, op);
	else if (which < 80)
		make_set_ripas(g, op);
	else if (which < 84)
		make_psci(g, op);
	else if (which < 87)
		make_read(g, op);
	else if (which < 88)
		CALL(op, REC_DESTROY, pick(g, RMM_GRANULE_REC));
	else if (which < 89 && (new || chance(g, 30)))
		CALL(op, REALM_ACTIVATE, g->realm.rd);
	else if (which < 91)
		g->condemned = g->realm.rd, make_end(g, op);
	else
		make_other(g, op);
}

/* What the host writes to should be Non-secure, most of the time. */
static bool
recover(struct generator *g, struct op *op)
{
	struct rmm_granule_info info;

	for (unsigned k = 0; k < MODEL_NS; k++) {
		uint64_t pa = setup_ns(g->setup, k);

		if (rmm_granule(g->rmm, pa, &info) &&
		    info.state == RMM_GRANULE_DELEGATED && chance(g, 60)) {
			CALL(op, GRANULE_UNDELEGATE, pa);
			return true;
		}
	}
	return false;
}

static void
choose(struct generator *g, struct op *op)
{
	uint64_t which = draw(g, 120), num;

	if (recover(g, op))
		return;

	num = rmm_granule_count(g->rmm, RMM_GRANULE_RD);
	if (g->condemned != 0 && rmm_realm(g->rmm, g->condemned, &g->realm) &&
	    chance(g, 70)) {
		make_end(g, op);
		return;
	}
	g->realm = (struct rmm_realm_info){ .ipa_width = 33 };
	if (num > 0)
		(void)rmm_realm(g->rmm, pick(g, RMM_GRANULE_RD), &g->realm);
	if (which >= 100)
		make_delegate(g, op);
	else if (num == 0 || (num < 4 && which >= 95))
		make_realm(g, op);
	else
		make_with_realm(g, op, which);
}

void
generator_next(struct generator *g, const struct rmm *rmm, struct op *op)
{
	g->rmm = rmm;
	if (g->queue_next == g->queue_end) {
		g->queue_next = g->queue_end = 0;
		memset(op, 0, sizeof *op);
		choose(g, op);
		if (op->kind == OP_CALL && chance(g, 7))
			disturb(g, op);
		if (op->x[0] == RMI_FID_GRANULE_DELEGATE && chance(g, 90) &&
		    op->x[1] >= setup_ns(g->setup, MODEL_NS - 1) &&
		    op->x[1] <= setup_ns(g->setup, 0))
			op->x[1] = any_granule(g);
		/* What comes first was queued first. */
		if (g->queue_end == 0)
			return;
	}
	*op = g->queue[g->queue_next++];
}
