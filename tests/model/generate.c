/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What to do next: mostly what a host could do that knows the machine, so that
 * calls succeed and the machine gets into states worth having; sometimes with
 * one argument that is a little, or much, beside it.
 */
#include "config.h"

#include "generate.h"

#include <stdlib.h>
#include <string.h>

/* xorshift64*: the same numbers everywhere. */
uint64_t
draw(struct generator *g, uint64_t below)
{
	g->rng ^= g->rng >> 12;
	g->rng ^= g->rng << 25;
	g->rng ^= g->rng >> 27;
	return (g->rng * 0x2545f4914f6cdd1dull >> 16) % below;
}

bool
chance(struct generator *g, unsigned percent)
{
	return draw(g, 100) < percent;
}

/* Any granule of DRAM but those that are kept for the host. */
uint64_t
any_granule(struct generator *g)
{
	const struct rmm_bank *bank;
	uint64_t num, first;

	do
		bank = &g->setup->banks[draw(g, g->setup->num_banks)];
	while (bank->kind != RMM_BANK_DRAM);
	num = bank->size / GRANULE_SIZE;
	if (bank == &g->setup->banks[0])
		num -= MODEL_NS;
	/* Room for blocks is left to them. */
	first = g->setup->blocks && chance(g, 98) ? 2 * 512 : 0;
	return bank->base + (first + draw(g, num - first)) * GRANULE_SIZE;
}

/* A granule in a state; any if there is none. */
uint64_t
pick(struct generator *g, enum rmm_granule_state state)
{
	struct rmm_granule_info info;
	uint64_t pa = any_granule(g);

	if (rmm_granule_next(g->rmm, pa, 1u << state, &info) ||
	    rmm_granule_next(g->rmm, 0, 1u << state, &info))
		return info.pa;
	return pa;
}

static uint64_t
strange_address(struct generator *g)
{
	static const uint64_t others[] = { 0, 1, 1ull << 48, 1ull << 52,
		(1ull << 52) - 4096, -4096ull, UINT64_MAX, 0x1000 };
	const struct rmm_bank *bank =
	    &g->setup->banks[draw(g, g->setup->num_banks)];

	switch (draw(g, 4)) {
	case 0:
		return bank->base;
	case 1:
		return bank->base + bank->size;
	case 2:
		return bank->base - GRANULE_SIZE;
	default:
		return others[draw(g, sizeof others / sizeof others[0])];
	}
}

/* ---- Calls ----------------------------------------------------------------
 */

void
make_call(struct op *op, uint64_t fid, const uint64_t *args, unsigned num)
{
	memset(op, 0, sizeof *op);
	op->x[0] = fid;
	for (unsigned i = 0; i < num; i++)
		op->x[i + 1] = args[i];
}

void
later(struct generator *g, const struct op *op)
{
	if (g->queue_end < QUEUE_MAX)
		g->queue[g->queue_end++] = *op;
}

/* DELEGATE the granule, soon. */
static void
delegate_later(struct generator *g, uint64_t pa)
{
	struct op op;

	CALL(&op, GRANULE_DELEGATE, pa);
	later(g, &op);
}

void
make_delegate(struct generator *g, struct op *op)
{
	uint64_t total = 0, used, pa = any_granule(g);
	struct rmm_granule_info info;

	for (int i = 0; i < RMM_GRANULE_STATES; i++)
		total += rmm_granule_count(g->rmm, i);
	used = total - rmm_granule_count(g->rmm, RMM_GRANULE_UNDELEGATED);
	if (used * 100 > total * g->setup->max_delegated && chance(g, 90)) {
		CALL(op, GRANULE_UNDELEGATE, pick(g, RMM_GRANULE_DELEGATED));
		return;
	}
	for (int i = 0; i < 4; i++) {
		if (rmm_granule(g->rmm, pa, &info) &&
		    info.state == RMM_GRANULE_UNDELEGATED)
			break;
		pa = any_granule(g);
	}
	CALL(op, GRANULE_DELEGATE, pa);
}

/* ---- Realms ---------------------------------------------------------------
 */

static const struct shape {
	uint8_t s2sz;
	int8_t level;
	uint8_t num;
} shapes[] = { { 32, 1, 1 }, { 33, 1, 1 }, { 32, 2, 4 }, { 33, 2, 8 },
	{ 34, 2, 16 }, { 39, 1, 1 }, { 40, 1, 2 }, { 40, 0, 1 }, { 42, 1, 8 },
	{ 43, 1, 16 }, { 48, 0, 1 }, { 49, -1, 1 }, { 50, 0, 4 }, { 52, 0, 16 },
	{ 52, -1, 1 }, { 16, 3, 1 }, { 22, 3, 2 }, { 25, 3, 16 }, { 25, 2, 1 },
	{ 31, 2, 2 } };

static const struct shape *
pick_shape(struct generator *g)
{
	uint64_t most = RMI_FEATURE0_GET(g->setup->features, S2SZ);
	unsigned least = g->setup->s2sz_min == 0 ? 32 : g->setup->s2sz_min;
	const struct shape *shape;

	do
		shape = &shapes[draw(g, sizeof shapes / sizeof shapes[0])];
	while ((shape->s2sz < least || shape->s2sz > most) && !chance(g, 2));
	return shape;
}

/* Room for tables: what is not DELEGATED yet will be; 0 if there is none. */
static uint64_t
tables_room(struct generator *g, unsigned num)
{
	uint64_t size = num * (uint64_t)GRANULE_SIZE;

	for (int tries = 0; tries < 8; tries++) {
		uint64_t base = any_granule(g) / size * size;
		struct rmm_granule_info info = { 0 };
		unsigned i = 0;

		/* The host's granules are at the end of the first bank. */
		if (setup_ns(g->setup, MODEL_NS - 1) - base < size)
			continue;
		while (i < num &&
		    rmm_granule(g->rmm, base + i * GRANULE_SIZE, &info) &&
		    info.state <= RMM_GRANULE_DELEGATED)
			i++;
		if (i < num)
			continue;
		for (i = 0; i < num; i++) {
			uint64_t pa = base + i * (uint64_t)GRANULE_SIZE;

			if (rmm_granule(g->rmm, pa, &info) &&
			    info.state == RMM_GRANULE_UNDELEGATED)
				delegate_later(g, pa);
		}
		return base;
	}
	return 0;
}

/* Within what the machine supports, and now and then beside it. */
static void
fill_realm(struct generator *g, struct realm_page *p)
{
	uint64_t f = g->setup->features;

	if (chance(g, 30) && RMI_FEATURE0_GET(f, SVE_EN)) {
		p->flags |= RMI_REALM_FLAG_SVE;
		p->sve_vl = (uint8_t)draw(g, 16);
	}
	if (chance(g, 30) && RMI_FEATURE0_GET(f, PMU_EN)) {
		p->flags |= RMI_REALM_FLAG_PMU;
		p->pmu_num_ctrs = (uint8_t)draw(g, 32);
	}
	p->num_bps = p->num_wps = 1;
	p->hash_algo = RMI_FEATURE0_GET(f, HASH_SHA_512) && chance(g, 50);
	p->rpv = (uint8_t)draw(g, 256);
	p->vmid = (uint16_t)draw(g, g->setup->vmid8 ? 300 : 65536);
	if (chance(g, 10))
		p->vmid = (uint16_t)draw(g, 3);
	if (!chance(g, 15))
		return;
	switch (draw(g, 8)) {
	case 0:
		p->flags = draw(g, 8);
		break;
	case 1:
		p->num_bps = (uint8_t)draw(g, 64);
		break;
	case 2:
		p->num_wps = (uint8_t)draw(g, 64);
		break;
	case 3:
		p->hash_algo = (uint8_t)draw(g, 3);
		break;
	case 4:
		p->rtt_base += draw(g, 2) ? GRANULE_SIZE : 8;
		break;
	case 5:
		p->s2sz = (uint8_t)draw(g, 60);
		break;
	case 6:
		p->rtt_level_start = (int64_t)draw(g, 6) - 2;
		break;
	default:
		p->rtt_num_start = (uint32_t)draw(g, 18);
		break;
	}
}

void
make_realm(struct generator *g, struct op *op)
{
	const struct shape *shape = pick_shape(g);
	uint64_t base = tables_room(g, shape->num);
	uint64_t rd = pick(g, RMM_GRANULE_DELEGATED);
	bool large = shape->s2sz > 48;
	struct realm_page *p = &op->u.realm;

	if (base == 0) {
		make_delegate(g, op);
		return;
	}
	if (rd - base < shape->num * (uint64_t)GRANULE_SIZE) {
		rd = any_granule(g);
		delegate_later(g, rd);
	}
	CALL(op, REALM_CREATE, rd, setup_ns(g->setup, 0));
	op->page = PAGE_REALM;
	*p = (struct realm_page){
		.s2sz = shape->s2sz,
		.rtt_base = base,
		.rtt_level_start = shape->level,
		.rtt_num_start = shape->num,
	};
	if (large ||
	    (RMI_FEATURE0_GET(g->setup->features, LPA2) && chance(g, 50)))
		p->flags = RMI_REALM_FLAG_LPA2;
	fill_realm(g, p);
	later(g, op);
}

/* ---- RECs -----------------------------------------------------------------
 */

void
make_rec(struct generator *g, struct op *op)
{
	unsigned need = g->setup->rec_aux_count + 1, num = 0;
	uint64_t free[RMI_REC_AUX_MAX + 1] = { 0 }, pa = any_granule(g);
	struct rec_page *p = &op->u.rec;
	struct rmm_granule_info info;

	while (num < need &&
	    rmm_granule_next(g->rmm, pa, 1u << RMM_GRANULE_DELEGATED, &info)) {
		free[num++] = info.pa;
		pa = info.pa + GRANULE_SIZE;
	}
	if (num < need) {
		make_delegate(g, op);
		return;
	}
	CALL(op, REC_CREATE, g->realm.rd, free[0], setup_ns(g->setup, 0));
	op->page = PAGE_REC;
	p->flags = chance(g, 70) ? RMI_REC_FLAG_RUNNABLE : 0;
	p->mpidr = (g->realm.rec_index & 15) | g->realm.rec_index >> 4 << 8;
	p->pc = draw(g, 4) * 0x1000;
	p->gpr0 = draw(g, 3);
	p->num_aux = need - 1;
	memcpy(p->aux, free + 1, (need - 1) * sizeof p->aux[0]);
	if (!chance(g, 10))
		return;
	switch (draw(g, 4)) {
	case 0:
		p->mpidr += draw(g, 2) ? 1 : 16;
		break;
	case 1:
		p->num_aux = draw(g, 18);
		break;
	case 2:
		p->aux[draw(g, RMI_REC_AUX_MAX)] = free[draw(g, need)];
		break;
	default:
		p->aux[draw(g, need) % RMI_REC_AUX_MAX] = strange_address(g);
		break;
	}
}

void
make_enter(struct generator *g, struct op *op)
{
	struct run_page *p = &op->u.run;
	struct rmm_rec_info rec;

	if (rmm_rec(g->rmm, pick(g, RMM_GRANULE_REC), &rec) &&
	    rmm_realm(g->rmm, rec.rd, &g->realm) &&
	    g->realm.state != RMM_REALM_ACTIVE && chance(g, 80)) {
		if (g->realm.state == RMM_REALM_NEW)
			CALL(op, REALM_ACTIVATE, rec.rd);
		else
			g->condemned = rec.rd;
	}
	if (op->x[0] != 0 && chance(g, 70))
		return;
	CALL(op, REC_ENTER, pick(g, RMM_GRANULE_REC), setup_ns(g->setup, 1));
	op->page = PAGE_RUN;
	if (chance(g, 80))
		return;
	p->flags = draw(g, 32);
	p->gicv3_hcr = draw(g, 2) ? 0x40fe : draw(g, 0x10000);
	p->lrs[0] =
	    draw(g, 4) << 62 | draw(g, 2) << draw(g, 64) | draw(g, 3) * 510;
	p->lrs[1] = draw(g, 2) ? p->lrs[0] : 0;
}

/* ---- One argument that is beside ------------------------------------------
 */

void
disturb(struct generator *g, struct op *op)
{
	unsigned i = 1 + (unsigned)draw(g, 5);

	switch (draw(g, 8)) {
	case 0:
		op->x[i] = strange_address(g);
		break;
	case 1:
		op->x[i] += GRANULE_SIZE;
		break;
	case 2:
		op->x[i] -= GRANULE_SIZE;
		break;
	case 3:
		op->x[i] += 1 + draw(g, 2) * 0x7ff;
		break;
	case 4:
		op->x[i] = any_granule(g);
		break;
	case 5:
		op->x[i] = pick(g, (enum rmm_granule_state)(1 + draw(g, 6)));
		break;
	case 6:
		op->x[i] ^= 1ull << draw(g, 64);
		break;
	default:
		op->x[i] = (uint64_t)((int64_t)draw(g, 8) - 3);
		break;
	}
}
