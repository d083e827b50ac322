/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_RTT_MAP_UNPROTECTED (DEN0137 1.0-rel0, B4.3.19): the host shares memory
 * with the realm.  Nothing says what the PA is; the realm must expect a fault.
 */
#include "../command.h"
#include "../rtt.h"

struct rtt_map_unprotected {
	uint64_t rd;
	uint64_t ipa;
	int64_t level;
	uint64_t desc;
	rtte_t rtte;
	struct realm *realm;
	struct rtt_walk walk;
};

static void
check_realm(struct call *c, struct rtt_map_unprotected *d)
{
	const struct realm *realm = d->realm;
	uint64_t addr = rtte_addr(d->rtte);

	REJECT_IF(c, addr_bound, pa_needs_lpa2(realm, addr), RMI_ERROR_INPUT,
	    "address " X64 " is above 2^48 and the realm has no LPA2", addr);
	REJECT_IF(c, level_bound, !rtt_level_block_or_page(realm, d->level),
	    RMI_ERROR_INPUT, "level %" PRId64 " holds no blocks or pages",
	    d->level);
	REJECT_IF(c, ipa_bound,
	    d->ipa >= realm_ipa_end(realm) || ipa_is_protected(realm, d->ipa),
	    RMI_ERROR_INPUT, "ipa " X64 " is not unprotected", d->ipa);
	NEEDS(c, level_bound);
	REJECT_IF(c, addr_align, !rtt_level_aligned(addr, d->level),
	    RMI_ERROR_INPUT, "address " X64 " is not aligned to level %" PRId64,
	    addr, d->level);
	REJECT_IF(c, ipa_align, !rtt_level_aligned(d->ipa, d->level),
	    RMI_ERROR_INPUT, "ipa " X64 " is not aligned to level %" PRId64,
	    d->ipa, d->level);
	NEEDS(c, ipa_bound);

	d->walk = rtt_walk(c->rmm, realm, d->ipa, (int)d->level);
	REJECT_IF(c, rtt_walk, d->walk.level < d->level,
	    RTT_ERROR(d->walk.level), WALK_SHORT(d->walk));
	REJECT_IF(c, rtte_state, rtte_state(d->walk.rtte) != RMM_UNASSIGNED_NS,
	    RTT_ERROR(d->walk.level), RTTE_STATE(d->walk, "UNASSIGNED_NS"));
}

static void
check(struct call *c, struct rtt_map_unprotected *d)
{
	REJECT_IF(c, rd_align, !granule_aligned(d->rd), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->rd));
	REJECT_IF(c, attr_valid, !rtt_descriptor_valid(c->rmm, d->desc),
	    RMI_ERROR_INPUT,
	    "descriptor " X64
	    " has more than an address, S2AP and a valid MemAttr[2:0]",
	    d->desc);
	REJECT_IF(c, rd_bound, !pa_is_delegable(c->rmm, d->rd), RMI_ERROR_INPUT,
	    NOT_MEMORY(d->rd));
	REJECT_IF(c, rd_state, granule_state(c->rmm, d->rd) != RMM_GRANULE_RD,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, d->rd, "RD"));
	NEEDS(c, rd_align, rd_bound, rd_state);

	d->rtte = rtte_from_descriptor(d->desc);
	d->realm = realm_at(c->rmm, d->rd);
	check_realm(c, d);
}

static void
rtt_map_unprotected(struct call *c)
{
	struct rtt_map_unprotected d = {
		.rd = c->x[1],
		.ipa = c->x[2],
		.level = (int64_t)c->x[3],
		.desc = c->x[4],
	};

	check(c, &d);
	if (call_failed(c))
		return;
	rtt_write(c->rmm, d.walk.rtt, d.walk.index, d.rtte);
}

const struct command rmi_rtt_map_unprotected = {
	.abi = RMI_RTT_MAP_UNPROTECTED_ABI,
	.order = "rd_bound rd_state < rtt_walk rtte_state; "
		 "level_bound ipa_bound < rtt_walk rtte_state",
	.tf_order = "level_bound rd_align rd_bound rd_state attr_valid "
		    "addr_align addr_bound ipa_align ipa_bound rtt_walk "
		    "rtte_state",
	.exec = rtt_map_unprotected,
};
