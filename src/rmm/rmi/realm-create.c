/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_REALM_CREATE (DEN0137 1.0-rel0, B4.3.9): a realm in state NEW, with its
 * starting RTTs and the first value of its RIM.
 */
#include "../command.h"

#include <string.h>

#include "../realm.h"
#include "../rtt.h"

struct realm_create {
	uint64_t rd;
	uint64_t params_ptr;
	struct rmi_realm_params params; /* a copy: the host may write on */
};

/* AddrInRange (B3.1): its upper end is inclusive. */
static bool
in_range(uint64_t addr, uint64_t base, uint64_t size)
{
	return addr >= base && addr - base <= size;
}

/* The first starting RTT that is not DELEGATED; UINT64_MAX if all are. */
static uint64_t
rtt_not_delegated(const struct rmm *rmm, const struct rmi_realm_params *params)
{
	for (uint32_t i = 0; i < params->rtt_num_start; i++) {
		uint64_t rtt = params->rtt_base + i * (uint64_t)GRANULE_SIZE;

		if (granule_state(rmm, rtt) != RMM_GRANULE_DELEGATED)
			return rtt;
	}
	return UINT64_MAX;
}

static void
check_params(struct call *c, struct realm_create *d)
{
	const struct rmi_realm_params *params = &d->params;
	uint64_t num = params->rtt_num_start, rtt;
	const char *why;

	REJECT_IF(c, params_valid, !realm_params_valid(params, &why),
	    RMI_ERROR_INPUT, "%s", why);
	REJECT_IF(c, params_supp, !realm_params_supported(c->rmm, params, &why),
	    RMI_ERROR_INPUT, "%s", why);
	REJECT_IF(c, rtt_num_level,
	    !rtt_config_valid(
		params->s2sz, params->rtt_level_start, params->rtt_num_start),
	    RMI_ERROR_INPUT,
	    "%" PRIu64 " tables at level %" PRId64
	    " do not make %u bits of IPA",
	    num, params->rtt_level_start, params->s2sz);
	REJECT_IF(c, vmid_valid,
	    !vmid_is_valid(c->rmm, params->vmid) ||
		!vmid_is_free(c->rmm, params->vmid),
	    RMI_ERROR_INPUT, "VMID %u is %s", params->vmid,
	    vmid_is_valid(c->rmm, params->vmid) ? "in use" : "above 255");
	NEEDS(c, rtt_num_level);
	REJECT_IF(c, rtt_align, params->rtt_base % (num * GRANULE_SIZE) != 0,
	    RMI_ERROR_INPUT,
	    "rtt_base " X64 " is not aligned to %" PRIu64 " granules",
	    params->rtt_base, num);
	REJECT_IF(c, alias,
	    in_range(d->rd, params->rtt_base, (num - 1) * GRANULE_SIZE),
	    RMI_ERROR_INPUT, "rd " X64 " is one of the starting RTTs", d->rd);
	rtt = rtt_not_delegated(c->rmm, params);
	REJECT_IF(c, rtt_state, rtt != UINT64_MAX, RMI_ERROR_INPUT,
	    NOT_IN_STATE(c, rtt, "DELEGATED"));
}

static void
check(struct call *c, struct realm_create *d)
{
	REJECT_IF(c, params_align, !granule_aligned(d->params_ptr),
	    RMI_ERROR_INPUT, NOT_ALIGNED(d->params_ptr));
	REJECT_IF(c, rd_align, !granule_aligned(d->rd), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->rd));
	REJECT_IF(c, params_bound, !pa_is_delegable(c->rmm, d->params_ptr),
	    RMI_ERROR_INPUT, NOT_MEMORY(d->params_ptr));
	REJECT_IF(c, rd_bound, !pa_is_delegable(c->rmm, d->rd), RMI_ERROR_INPUT,
	    NOT_MEMORY(d->rd));
	REJECT_IF(c, params_pas, !granule_is_ns(c->rmm, d->params_ptr),
	    RMI_ERROR_INPUT, NOT_NS(c, d->params_ptr));
	REJECT_IF(c, rd_state,
	    granule_state(c->rmm, d->rd) != RMM_GRANULE_DELEGATED,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, d->rd, "DELEGATED"));
	NEEDS(c, params_align, params_bound, params_pas);

	ns_read(c->rmm, d->params_ptr, &d->params, sizeof d->params);
	check_params(c, d);
}

/* The half of the IPA space from 2^(ipa_width - 1) on is unprotected. */
static void
fill_unprotected(struct rmm *rmm, const struct realm *realm)
{
	uint64_t size = rtt_level_size(realm->rtt_level_start);
	uint64_t end = realm_ipa_end(realm) / size;

	for (uint64_t i = end / 2; i < end; i++)
		rtt_write(rmm, realm->rtt_base + i / RTT_ENTRIES * GRANULE_SIZE,
		    i % RTT_ENTRIES,
		    rtte_make(RMM_UNASSIGNED_NS, RMI_EMPTY, 0));
}

static void
apply(struct call *c, const struct realm_create *d)
{
	const struct rmi_realm_params *params = &d->params;
	struct rmm *rmm = c->rmm;
	struct realm *realm;

	granule_give(rmm, d->rd, RMM_GRANULE_RD, d->rd, 0);
	realm = granule_page(rmm, d->rd);
	*realm = (struct realm){
		.state = RMM_REALM_NEW,
		.ipa_width = params->s2sz,
		.hash_algo = params->hash_algo,
		.lpa2 = (params->flags & RMI_REALM_FLAG_LPA2) != 0,
		.sve = (params->flags & RMI_REALM_FLAG_SVE) != 0,
		.pmu = (params->flags & RMI_REALM_FLAG_PMU) != 0,
		.sve_vl = params->sve_vl,
		.num_bps = params->num_bps,
		.num_wps = params->num_wps,
		.pmu_num_ctrs = params->pmu_num_ctrs,
		.vmid = params->vmid,
		.rtt_base = params->rtt_base,
		.rtt_level_start = (int8_t)params->rtt_level_start,
		.rtt_num_start = (uint8_t)params->rtt_num_start,
		.num_rtts = params->rtt_num_start,
	};
	memcpy(realm->rpv, params->rpv, sizeof realm->rpv);
	vmid_take(rmm, params->vmid);
	for (unsigned i = 0; i < realm->rtt_num_start; i++) {
		uint64_t rtt = realm->rtt_base + i * (uint64_t)GRANULE_SIZE;

		granule_give(rmm, rtt, RMM_GRANULE_RTT, d->rd,
		    i * RTT_ENTRIES * rtt_level_size(realm->rtt_level_start));
		granule_at(rmm, rtt)->level = realm->rtt_level_start;
	}
	fill_unprotected(rmm, realm);
	rim_init(rmm, d->rd, params);
}

static void
realm_create(struct call *c)
{
	struct realm_create d = { .rd = c->x[1], .params_ptr = c->x[2] };

	check(c, &d);
	if (call_failed(c))
		return;
	apply(c, &d);
}

const struct command rmi_realm_create = {
	.abi = RMI_REALM_CREATE_ABI,
	.order = "",
	.tf_order = "params_align params_bound params_pas params_supp "
		    "params_valid rtt_num_level vmid_valid rtt_align "
		    "alias rd_align rd_bound rd_state rtt_state",
	.exec = realm_create,
};
