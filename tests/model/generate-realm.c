/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a realm does, in machines where it does something, and what a host does
 * with what the realm asks for.
 */
#include "config.h"

#include "generate.h"

#include <string.h>

static uint64_t
draw_for(void *ctx, uint64_t below)
{
	return draw(ctx, below);
}

static void
make_op(struct op *op, uint64_t rec, const struct act *act)
{
	*op = (struct op){ .kind = OP_ACT, .x = { rec, act->kind } };
	memcpy(op->x + 2, act->a, sizeof act->a);
}

bool
make_kick(struct generator *g, struct op *op, uint64_t rec)
{
	const struct act act = { .kind = ACT_INTERRUPT };
	struct rmm_rec_info info;

	if (!rmm_rec(g->rmm, rec, &info) || !info.running)
		return false;
	make_op(op, rec, &act);
	return true;
}

/* The one that a PSCI call of another REC is about. */
static uint64_t
target_of(const struct generator *g, const struct rmm_rec_info *calling)
{
	struct rmm_granule_info granule;
	struct rmm_rec_info info;

	for (uint64_t pa = 0;
	     rmm_granule_next(g->rmm, pa, 1u << RMM_GRANULE_REC, &granule);
	     pa = granule.pa + GRANULE_SIZE)
		if (rmm_rec(g->rmm, granule.pa, &info) &&
		    info.rd == calling->rd && info.mpidr == calling->gprs[1])
			return info.rec;
	return calling->rec;
}

/* What the last exit has asked for, most of the time. */
static bool
make_reply(struct generator *g, struct op *op, const struct rmm_rec_info *info)
{
	if (!chance(g, 80))
		return false;
	if (info->psci_pending) {
		CALL(op, PSCI_COMPLETE, info->rec, target_of(g, info),
		    (uint64_t)(chance(g, 75) ? PSCI_SUCCESS : PSCI_DENIED));
		return true;
	}
	if (info->ripas_addr >= info->ripas_top)
		return false;
	CALL(op, RTT_SET_RIPAS, info->rd, info->rec, info->ripas_addr,
	    chance(g, 50) ? info->ripas_top : info->ripas_addr + GRANULE_SIZE);
	return true;
}

void
make_act(struct generator *g, struct op *op)
{
	uint64_t rec = pick(g, RMM_GRANULE_REC);
	struct rmm_rec_info info;
	struct act act;

	if (!rmm_rec(g->rmm, rec, &info)) {
		make_rec(g, op);
		return;
	}
	if (!info.running) {
		if (make_reply(g, op, &info))
			return;
		make_enter(g, op);
		if (op->x[0] == RMI_FID_REC_ENTER && chance(g, 90)) {
			op->x[1] = rec;
			op->u.run.flags &= ~(uint64_t)RMI_REC_ENTER_EMUL_MMIO;
			if (info.emulatable_abort && chance(g, 80))
				op->u.run.flags |= RMI_REC_ENTER_EMUL_MMIO;
		}
		return;
	}
	if (!rmm_realm(g->rmm, info.rd, &g->realm))
		return;
	/* Several in a row, as software does. */
	for (unsigned i = 0; i < 6; i++) {
		act_draw(&act, g->realm.ipa_width, draw_for, g);
		make_op(op, rec, &act);
		later(g, op);
	}
}
