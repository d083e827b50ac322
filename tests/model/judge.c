/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What must be true of one answer, whatever the state of the machine: status
 * and condition agree, outputs are those of the command, as many granules
 * changed their state as the command says, and the RIM moved only where a
 * step was reported.
 */
#include "config.h"

#include "model.h"

#include <inttypes.h>
#include <string.h>

#include "audit.h"

/* Without the hint of SMCCC 1.3, which is no part of it. */
static uint64_t
fid_of(const struct op *op)
{
	return op->x[0] & ~(1ull << 16);
}

static unsigned
num_outputs(const struct op *op)
{
	const struct smc_abi *abi;
	unsigned num = 0;

	for (size_t n = 0; (abi = rmm_command_at(n)) != NULL; n++)
		if (abi->fid == fid_of(op))
			while (abi->outputs[num] != NULL)
				num++;
	return num;
}

/* Outputs of a failure: VERSION's, and top where a walk ended (B4.3). */
static bool
outputs_on_failure(const struct op *op, const struct rmm_answer *answer)
{
	if (fid_of(op) == RMI_FID_VERSION)
		return true;
	if (RMI_STATUS(answer->x[0]) != RMI_ERROR_RTT)
		return false;
	return fid_of(op) == RMI_FID_DATA_DESTROY ||
	    fid_of(op) == RMI_FID_RTT_DESTROY ||
	    fid_of(op) == RMI_FID_RTT_UNMAP_UNPROTECTED;
}

static bool
judge_form(struct pair *pair, const struct op *op)
{
	const struct rmm_answer *a = &pair->answer;
	bool good = a->x[0] == RMI_SUCCESS;
	size_t len = a->condition == NULL ? 0 : strlen(a->condition);
	unsigned outputs = num_outputs(op);

	if (good != (a->condition == NULL) || good != (a->why[0] == '\0'))
		return wrong(pair, "answer",
		    "X0 is 0x%" PRIx64 ", the condition %s", a->x[0],
		    a->condition == NULL ? "none" : a->condition);
	if (!good &&
	    (strncmp(a->why, a->condition, len) != 0 || a->why[len] != ':'))
		return wrong(pair, "answer", "%s: the sentence is \"%s\"",
		    a->condition, a->why);
	if (a->command == NULL && a->x[0] != SMC_NOT_SUPPORTED)
		return wrong(pair, "answer", "no command answers");
	if (a->command != NULL &&
	    (RMI_STATUS(a->x[0]) > RMI_ERROR_RTT || a->x[0] >> 16 != 0))
		return wrong(pair, "answer", "X0 is 0x%" PRIx64, a->x[0]);
	if (!good && !outputs_on_failure(op, a))
		outputs = 0;
	for (unsigned i = 1 + outputs; i < SMC_REGS; i++)
		if (a->x[i] != 0)
			return wrong(pair, "answer",
			    "X%u is 0x%" PRIx64 ", it is no output here", i,
			    a->x[i]);
	return true;
}

/* ---- How many granules change their state ---------------------------------
 */

struct change {
	int64_t by[RMM_GRANULE_STATES];
};

static void
move(struct change *change, enum rmm_granule_state from,
    enum rmm_granule_state to, int64_t num)
{
	change->by[from] -= num;
	change->by[to] += num;
}

static struct change
change_of(const struct pair *pair, const struct op *op)
{
	unsigned aux = pair->setup->rec_aux_count;
	struct change c = { { 0 } };

	switch (fid_of(op)) {
	case RMI_FID_GRANULE_DELEGATE:
		move(&c, RMM_GRANULE_UNDELEGATED, RMM_GRANULE_DELEGATED, 1);
		break;
	case RMI_FID_GRANULE_UNDELEGATE:
		move(&c, RMM_GRANULE_DELEGATED, RMM_GRANULE_UNDELEGATED, 1);
		break;
	case RMI_FID_DATA_CREATE:
	case RMI_FID_DATA_CREATE_UNKNOWN:
		move(&c, RMM_GRANULE_DELEGATED, RMM_GRANULE_DATA, 1);
		break;
	case RMI_FID_DATA_DESTROY:
		move(&c, RMM_GRANULE_DATA, RMM_GRANULE_DELEGATED, 1);
		break;
	case RMI_FID_REC_CREATE:
		move(&c, RMM_GRANULE_DELEGATED, RMM_GRANULE_REC, 1);
		move(&c, RMM_GRANULE_DELEGATED, RMM_GRANULE_REC_AUX, aux);
		break;
	case RMI_FID_REC_DESTROY:
		move(&c, RMM_GRANULE_REC, RMM_GRANULE_DELEGATED, 1);
		move(&c, RMM_GRANULE_REC_AUX, RMM_GRANULE_DELEGATED, aux);
		break;
	case RMI_FID_RTT_CREATE:
		move(&c, RMM_GRANULE_DELEGATED, RMM_GRANULE_RTT, 1);
		break;
	case RMI_FID_RTT_DESTROY:
	case RMI_FID_RTT_FOLD:
		move(&c, RMM_GRANULE_RTT, RMM_GRANULE_DELEGATED, 1);
		break;
	}
	return c;
}

/* A realm's starting tables are as many as the host asked for. */
static void
change_of_realm(struct change *c, const struct pair *pair, const struct op *op,
    const uint64_t before[RMM_GRANULE_STATES])
{
	struct rmm_realm_info info;
	int64_t num;

	if (fid_of(op) == RMI_FID_REALM_CREATE &&
	    rmm_realm(pair->machine.rmm, op->x[1], &info)) {
		move(c, RMM_GRANULE_DELEGATED, RMM_GRANULE_RD, 1);
		move(c, RMM_GRANULE_DELEGATED, RMM_GRANULE_RTT,
		    info.rtt_num_start);
	}
	if (fid_of(op) != RMI_FID_REALM_DESTROY)
		return;
	num = (int64_t)(before[RMM_GRANULE_RTT] -
	    rmm_granule_count(pair->machine.rmm, RMM_GRANULE_RTT));
	move(c, RMM_GRANULE_RD, RMM_GRANULE_DELEGATED, 1);
	if (num >= 1 && num <= 16)
		move(c, RMM_GRANULE_RTT, RMM_GRANULE_DELEGATED, num);
}

static bool
judge_counts(struct pair *pair, const struct op *op,
    const uint64_t before[RMM_GRANULE_STATES])
{
	struct change change = { { 0 } };

	if (pair->answer.x[0] == RMI_SUCCESS) {
		change = change_of(pair, op);
		change_of_realm(&change, pair, op, before);
	}
	for (int i = 0; i < RMM_GRANULE_STATES; i++) {
		uint64_t now = rmm_granule_count(pair->machine.rmm, i);

		if (now != before[i] + (uint64_t)change.by[i])
			return wrong(pair, "counts",
			    "%" PRIu64 " granules are %s, there were %" PRIu64,
			    now, rmm_granule_state_name(i), before[i]);
	}
	return true;
}

/* ---- The initial measurement ----------------------------------------------
 */

static bool
judge_rim(struct pair *pair, const struct op *op)
{
	const struct machine *m = &pair->machine;
	bool good = pair->answer.x[0] == RMI_SUCCESS;
	unsigned least = 0, most = 0;

	switch (good ? fid_of(op) : 0) {
	case RMI_FID_REALM_CREATE:
	case RMI_FID_DATA_CREATE:
		least = most = 1;
		break;
	case RMI_FID_REC_CREATE:
		least = most = (op->u.rec.flags & RMI_REC_FLAG_RUNNABLE) != 0;
		/* The page is another's if this one could not be written. */
		if (!pair->page_written)
			least = 0, most = 1;
		break;
	case RMI_FID_RTT_INIT_RIPAS:
		least = 1;
		most = 512;
		break;
	}
	if (m->num_steps < least || m->num_steps > most)
		return wrong(pair, "rim", "%u steps of a RIM, expected %u",
		    m->num_steps, least);
	if (m->num_steps != 0 && m->step_rd != op->x[1])
		return wrong(
		    pair, "rim", "the step is of realm 0x%" PRIx64, m->step_rd);
	return true;
}

bool
judge_answer(struct pair *pair, const struct op *op,
    const uint64_t before[RMM_GRANULE_STATES])
{
	uint64_t x[SMC_REGS] = { 0 };
	const char *broken;

	if (!judge_form(pair, op) || !judge_counts(pair, op, before) ||
	    !judge_rim(pair, op))
		return false;
	if (pair->answer.x[0] == RMI_SUCCESS || pair->answer.command == NULL)
		return true;
	memcpy(x, op->x, sizeof op->x);
	broken = audit_answer(pair->machine.rmm, x, &pair->answer);
	return broken == NULL || wrong(pair, "order", "%s", broken);
}
