/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_REC_CREATE (DEN0137 1.0-rel0, B4.3.12): a REC of a realm in state NEW,
 * measured if it is runnable.
 */
#include "../command.h"

#include <string.h>

#include "../realm.h"
#include "../rec.h"

struct rec_create {
	uint64_t rd;
	uint64_t rec;
	uint64_t params_ptr;
	struct rmi_rec_params params; /* a copy: the host may write on */
	struct realm *realm;
};

/* The first of the auxiliary granules that is not aligned, or num_aux. */
static unsigned
aux_unaligned(const struct rmi_rec_params *params)
{
	unsigned i = 0;

	while (i < params->num_aux && granule_aligned(params->aux[i]))
		i++;
	return i;
}

/* AuxAlias (B3.9): the first that is the REC or an earlier one, or num_aux. */
static unsigned
aux_alias(const struct rmi_rec_params *params, uint64_t rec)
{
	for (unsigned i = 0; i < params->num_aux; i++) {
		if (params->aux[i] == rec)
			return i;
		for (unsigned j = 0; j < i; j++)
			if (params->aux[i] == params->aux[j])
				return i;
	}
	return (unsigned)params->num_aux;
}

/* The first that is not DELEGATED, or num_aux. */
static unsigned
aux_not_delegated(const struct rmm *rmm, const struct rmi_rec_params *params)
{
	unsigned i = 0;

	while (i < params->num_aux &&
	    granule_state(rmm, params->aux[i]) == RMM_GRANULE_DELEGATED)
		i++;
	return i;
}

static void
check_params(struct call *c, struct rec_create *d)
{
	const struct rmi_rec_params *params = &d->params;
	unsigned count = c->rmm->config.rec_aux_count, i;

	NEEDS(c, params_align, params_bound, params_pas);
	ns_read(c->rmm, d->params_ptr, &d->params, sizeof d->params);
	REJECT_IF(c, num_aux, params->num_aux != count, RMI_ERROR_INPUT,
	    "%" PRIu64 " auxiliary granules, a REC needs %u", params->num_aux,
	    count);
	NEEDS(c, num_aux);
	i = aux_unaligned(params);
	REJECT_IF(c, aux_align, i < count, RMI_ERROR_INPUT,
	    "aux[%u] " X64 " is not granule aligned", i, params->aux[i]);
	i = aux_alias(params, d->rec);
	REJECT_IF(c, aux_alias, i < count, RMI_ERROR_INPUT,
	    "aux[%u] " X64 " is used twice", i, params->aux[i]);
	i = aux_not_delegated(c->rmm, params);
	REJECT_IF(c, aux_state, i < count, RMI_ERROR_INPUT,
	    NOT_IN_STATE(c, params->aux[i], "DELEGATED"));
}

static void
check_realm(struct call *c, struct rec_create *d)
{
	uint64_t order =
	    RMI_FEATURE0_GET(c->rmm->config.feature_register_0, MAX_RECS_ORDER);
	const struct realm *realm = d->realm;
	uint64_t mpidr = d->params.mpidr;

	REJECT_IF(c, realm_state, realm->state != RMM_REALM_NEW,
	    RMI_ERROR_REALM, NOT_REALM_NEW(realm));
	REJECT_IF(c, num_recs, realm->num_recs == (1ull << order) - 1,
	    RMI_ERROR_REALM, "the realm has %" PRIu64 " RECs, the most it can",
	    realm->num_recs);
	NEEDS(c, params_align, params_bound, params_pas);
	REJECT_IF(c, mpidr_index, rec_index(mpidr) != realm->rec_index,
	    RMI_ERROR_INPUT,
	    "MPIDR " X64 " is that of REC %" PRIu64 ", the next is %" PRIu64,
	    mpidr, rec_index(mpidr), realm->rec_index);
}

static void
check(struct call *c, struct rec_create *d)
{
	REJECT_IF(c, params_align, !granule_aligned(d->params_ptr),
	    RMI_ERROR_INPUT, NOT_ALIGNED(d->params_ptr));
	REJECT_IF(c, rec_align, !granule_aligned(d->rec), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->rec));
	REJECT_IF(c, rd_align, !granule_aligned(d->rd), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->rd));
	REJECT_IF(c, params_bound, !pa_is_delegable(c->rmm, d->params_ptr),
	    RMI_ERROR_INPUT, NOT_MEMORY(d->params_ptr));
	REJECT_IF(c, rec_bound, !pa_is_delegable(c->rmm, d->rec),
	    RMI_ERROR_INPUT, NOT_MEMORY(d->rec));
	REJECT_IF(c, rd_bound, !pa_is_delegable(c->rmm, d->rd), RMI_ERROR_INPUT,
	    NOT_MEMORY(d->rd));
	REJECT_IF(c, params_pas, !granule_is_ns(c->rmm, d->params_ptr),
	    RMI_ERROR_INPUT, NOT_NS(c, d->params_ptr));
	REJECT_IF(c, rec_state,
	    granule_state(c->rmm, d->rec) != RMM_GRANULE_DELEGATED,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, d->rec, "DELEGATED"));
	REJECT_IF(c, rd_state, granule_state(c->rmm, d->rd) != RMM_GRANULE_RD,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, d->rd, "RD"));
	check_params(c, d);
	if (call_failed(c) && !c->collect)
		return;
	NEEDS(c, rd_align, rd_bound, rd_state);

	d->realm = realm_at(c->rmm, d->rd);
	check_realm(c, d);
}

static void
apply(struct call *c, struct rec_create *d)
{
	const struct rmi_rec_params *params = &d->params;
	struct rec *rec;

	granule_give(c->rmm, d->rec, RMM_GRANULE_REC, d->rd, 0);
	rec = granule_page(c->rmm, d->rec);
	*rec = (struct rec){
		.owner = d->rd,
		.mpidr = params->mpidr & REC_MPIDR_MASK,
		.runnable = (params->flags & RMI_REC_FLAG_RUNNABLE) != 0,
		.pc = params->pc,
		.num_aux = params->num_aux,
	};
	rec_reset(rec);
	memcpy(rec->gprs, params->gprs, sizeof params->gprs);
	for (unsigned i = 0; i < rec->num_aux; i++) {
		rec->aux[i] = params->aux[i];
		granule_give(
		    c->rmm, rec->aux[i], RMM_GRANULE_REC_AUX, d->rd, d->rec);
	}
	d->realm->rec_index++;
	d->realm->num_recs++;
	if (rec->runnable)
		rim_extend_rec(c->rmm, d->rd, params);
}

static void
rec_create(struct call *c)
{
	struct rec_create d = {
		.rd = c->x[1],
		.rec = c->x[2],
		.params_ptr = c->x[3],
	};

	check(c, &d);
	if (call_failed(c))
		return;
	apply(c, &d);
}

const struct command rmi_rec_create = {
	.abi = RMI_REC_CREATE_ABI,
	.order = "rd_bound rd_state < realm_state num_recs",
	.tf_order = "params_align params_bound params_pas aux_align "
		    "aux_state aux_alias rec_align rec_bound rec_state "
		    "rd_align rd_bound rd_state num_recs realm_state "
		    "mpidr_index num_aux",
	.exec = rec_create,
};
