/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The planted defects of the host's commands.
 */
#define PLANTS_OF_REALM false
#include "plant-table.h"

#include <string.h>

#include "rtt.h"

/* ---- Words --------------------------------------------------------------- */

static bool
succeeded(const struct planted *p)
{
	return p->answer->x[0] == RMI_SUCCESS;
}

static bool
failed_with(const struct planted *p, const char *condition)
{
	return !succeeded(p) && strcmp(p->answer->condition, condition) == 0;
}

static void
answer_success(struct planted *p)
{
	memset(p->answer, 0, offsetof(struct rmm_answer, why) + 1);
	p->answer->command = p->c->command->abi.name;
}

/* The realm whose RD is at X1; NULL if there is none. */
static struct realm *
realm_of(const struct planted *p)
{
	uint64_t rd = p->x[1];

	if (!granule_aligned(rd) || granule_state(p->rmm, rd) != RMM_GRANULE_RD)
		return NULL;
	return realm_at(p->rmm, rd);
}

static void
see_realm(struct planted *p)
{
	if (realm_of(p) != NULL)
		p->realm = *realm_of(p);
}

static void
see_rec(struct planted *p)
{
	uint64_t pa = p->x[1];

	if (granule_aligned(pa) && granule_state(p->rmm, pa) == RMM_GRANULE_REC)
		p->rec = *rec_at(p->rmm, pa);
}

static void
restore_rim(struct planted *p)
{
	memcpy(realm_of(p)->measurements[0], p->realm.measurements[0],
	    MEASUREMENT_SIZE);
}

/* The entry of an IPA; NULL if the walk does not end at the level. */
static bool
walk_to(
    const struct planted *p, uint64_t ipa, int64_t level, struct rtt_walk *walk)
{
	const struct realm *realm = realm_of(p);

	if (realm == NULL || !rtt_level_valid(realm, level) ||
	    ipa >= realm_ipa_end(realm))
		return false;
	*walk = rtt_walk(p->rmm, realm, ipa, (int)level);
	return true;
}

/* Give a non-live protected entry another RIPAS, or an ASSIGNED one. */
static void
set_ripas(
    const struct planted *p, uint64_t ipa, int64_t level, enum rmi_ripas ripas)
{
	struct rtt_walk walk;

	if (!walk_to(p, ipa, level, &walk))
		return;
	if (rtte_state(walk.rtte) == RMM_UNASSIGNED ||
	    rtte_state(walk.rtte) == RMM_ASSIGNED)
		rtt_write(p->rmm, walk.rtt, walk.index,
		    rtte_with_ripas(walk.rtte, ripas));
}

static void
undelegate(const struct planted *p, uint64_t pa)
{
	if (granule_state(p->rmm, pa) == RMM_GRANULE_DELEGATED)
		granule_become(p->rmm, pa, RMM_GRANULE_UNDELEGATED);
}

/* ---- Machine and granules -------------------------------------------------
 */

static void
version_higher(struct planted *p)
{
	if (!succeeded(p))
		p->answer->x[2] = 0;
}

static void
features_every_index(struct planted *p)
{
	p->answer->x[1] = p->rmm->config.feature_register_0;
}

static void
delegate_twice(struct planted *p)
{
	if (granule_aligned(p->x[1]) &&
	    granule_state(p->rmm, p->x[1]) == RMM_GRANULE_DELEGATED)
		answer_success(p);
}

static void
undelegate_stays(struct planted *p)
{
	if (succeeded(p))
		granule_become(p->rmm, p->x[1], RMM_GRANULE_DELEGATED);
}

/* ---- DATA ------------------------------------------------------------------
 */

static void
keep_rim(struct planted *p)
{
	if (succeeded(p))
		restore_rim(p);
}

static void
always_measure(struct planted *p)
{
	p->x[5] |= RMI_MEASURE_CONTENT;
}

static void
wrong_level(struct planted *p)
{
	if (RMI_STATUS(p->answer->x[0]) == RMI_ERROR_RTT)
		p->answer->x[0] = RTT_ERROR(RMI_INDEX(p->answer->x[0]) ^ 1);
}

/* The walk is made before the IPA is looked at. */
static void
walk_first(struct planted *p)
{
	struct rtt_walk walk;

	if (failed_with(p, "ipa_bound") &&
	    walk_to(p, p->x[3], RTT_PAGE_LEVEL, &walk) &&
	    walk.level < RTT_PAGE_LEVEL)
		p->answer->x[0] = RTT_ERROR(walk.level);
}

static void
failure_undelegates(struct planted *p)
{
	if (RMI_STATUS(p->answer->x[0]) == RMI_ERROR_RTT &&
	    granule_aligned(p->x[2]))
		undelegate(p, p->x[2]);
}

static void
data_becomes_ram(struct planted *p)
{
	if (succeeded(p))
		set_ripas(p, p->x[3], RTT_PAGE_LEVEL, RMI_RAM);
}

static void
data_leaves_empty(struct planted *p)
{
	if (succeeded(p))
		set_ripas(p, p->x[2], RTT_PAGE_LEVEL, RMI_EMPTY);
}

static void
top_is_next_page(struct planted *p)
{
	if (succeeded(p))
		p->answer->x[2] = p->x[2] + GRANULE_SIZE;
}

static void
data_undelegated(struct planted *p)
{
	if (succeeded(p))
		undelegate(p, p->answer->x[1]);
}

/* ---- Realms ---------------------------------------------------------------
 */

static void
rim_of_another(struct planted *p)
{
	if (succeeded(p))
		realm_of(p)->measurements[0][0] ^= 1;
}

static void
failure_takes_vmid(struct planted *p)
{
	struct rmi_realm_params params;

	if (!failed_with(p, "rtt_state") && !failed_with(p, "rd_state"))
		return;
	if (!granule_aligned(p->x[2]) || !granule_is_ns(p->rmm, p->x[2]))
		return;
	ns_read(p->rmm, p->x[2], &params, sizeof params);
	vmid_take(p->rmm, params.vmid);
}

static void
vmid_stays(struct planted *p)
{
	if (succeeded(p))
		vmid_take(p->rmm, p->realm.vmid);
}

static void
rtts_undelegated(struct planted *p)
{
	for (unsigned i = 0; succeeded(p) && i < p->realm.rtt_num_start; i++)
		undelegate(p, p->realm.rtt_base + i * (uint64_t)GRANULE_SIZE);
}

/* ---- RECs ------------------------------------------------------------------
 */

static void
one_less(struct planted *p)
{
	if (succeeded(p))
		p->answer->x[1] =
		    p->answer->x[1] == 0 ? 1 : p->answer->x[1] - 1;
}

static void
measure_any_rec(struct planted *p)
{
	struct rmi_rec_params params;

	if (!succeeded(p) || rec_at(p->rmm, p->x[2])->runnable)
		return;
	ns_read(p->rmm, p->x[3], &params, sizeof params);
	rim_extend_rec(p->rmm, p->x[1], &params);
}

static void
aux_undelegated(struct planted *p)
{
	for (unsigned i = 0; succeeded(p) && i < p->rec.num_aux; i++)
		undelegate(p, p->rec.aux[i]);
}

static void
index_goes_back(struct planted *p)
{
	if (succeeded(p))
		realm_at(p->rmm, p->rec.owner)->rec_index--;
}

static void
new_is_off(struct planted *p)
{
	if (failed_with(p, "realm_new"))
		p->answer->x[0] = RMI_RESULT(RMI_ERROR_REALM, 1);
}

static void
exit_irq(const struct rec *rec, struct rmi_rec_exit *exit)
{
	(void)rec;
	exit->exit_reason = RMI_EXIT_IRQ;
}

static void
status_rec(struct planted *p)
{
	if (RMI_STATUS(p->answer->x[0]) == RMI_ERROR_INPUT)
		p->answer->x[0] = RMI_ERROR_REC;
}

/* ---- Tables ---------------------------------------------------------------
 */

/* What was RAM in one piece is EMPTY in pieces. */
static void
unfold_empty(struct planted *p)
{
	const rtte_t *entries;

	if (!succeeded(p))
		return;
	entries = rtt_entries(p->rmm, p->x[2]);
	for (unsigned i = 0; i < RTT_ENTRIES; i++)
		if (rtte_state(entries[i]) == RMM_UNASSIGNED)
			rtt_write(p->rmm, p->x[2], i,
			    rtte_with_ripas(entries[i], RMI_EMPTY));
}

/* The first entry of every other realm becomes DESTROYED. */
static void
other_realm(struct planted *p)
{
	struct rmm_realm_info info = { 0 };

	if (!succeeded(p))
		return;
	for (uint64_t rd = 0; rmm_realm_next(p->rmm, rd, &info);
	     rd = info.rd + GRANULE_SIZE) {
		rtte_t first = rtt_entries(p->rmm, info.rtt_base)[0];

		if (info.rd != p->x[1] && rtte_state(first) == RMM_UNASSIGNED)
			rtt_write(p->rmm, info.rtt_base, 0,
			    rtte_with_ripas(first, RMI_DESTROYED));
	}
}

static void
parent_empty(struct planted *p)
{
	if (succeeded(p))
		set_ripas(p, p->x[2], (int64_t)p->x[3] - 1, RMI_EMPTY);
}

static void
live_level_of_parent(struct planted *p)
{
	if (failed_with(p, "rtt_live"))
		p->answer->x[0] = RTT_ERROR((int64_t)p->x[3] - 1);
}

static void
no_rtt(struct planted *p)
{
	if (succeeded(p))
		p->answer->x[1] = 0;
}

static void
measure_at_once(struct planted *p)
{
	if (!succeeded(p))
		return;
	restore_rim(p);
	rim_extend_ripas(p->rmm, p->x[1], p->x[2], p->answer->x[1]);
}

static void
whole_range_done(struct planted *p)
{
	if (succeeded(p))
		p->answer->x[1] = p->x[3];
}

static void
attributes_lost(struct planted *p)
{
	struct rtt_walk walk;

	if (succeeded(p) && walk_to(p, p->x[2], (int64_t)p->x[3], &walk))
		rtt_write(p->rmm, walk.rtt, walk.index,
		    walk.rtte & ~(rtte_t)RTTE_ATTR);
}

static void
unmapped_protected(struct planted *p)
{
	struct rtt_walk walk;

	if (succeeded(p) && walk_to(p, p->x[2], (int64_t)p->x[3], &walk))
		rtt_write(p->rmm, walk.rtt, walk.index,
		    rtte_make(RMM_UNASSIGNED, RMI_EMPTY, 0));
}

static void
unmap_top(struct planted *p)
{
	if (succeeded(p))
		p->answer->x[1] = p->x[2];
}

static void
ripas_empty(struct planted *p)
{
	p->answer->x[4] = RMI_EMPTY;
}

static void
no_table_address(struct planted *p)
{
	if (succeeded(p) && p->answer->x[2] == RMI_TABLE)
		p->answer->x[3] = 0;
}

/* ---- The table ------------------------------------------------------------
 */

const struct plant plants_rmi[] = {
	PLANT(RMI, VERSION, "version-higher", "no higher version on failure",
	    .after = version_higher),
	PLANT(RMI, FEATURES, "features-index", "every index is register 0",
	    .after = features_every_index),
	PLANT(RMI, GRANULE_DELEGATE, "delegate-twice",
	    "gran_state is not checked of a DELEGATED granule",
	    .after = delegate_twice),
	PLANT(RMI, GRANULE_UNDELEGATE, "undelegate-stays",
	    "the granule stays DELEGATED", .after = undelegate_stays),
	PLANT(RMI, DATA_CREATE, "data-create-realm-state",
	    "realm_state is not checked", .omit = "realm_state"),
	PLANT(RMI, DATA_CREATE, "data-create-rim", "the RIM is not extended",
	    .before = see_realm, .after = keep_rim),
	PLANT(RMI, DATA_CREATE, "data-create-measures",
	    "contents are measured without the flag", .before = always_measure),
	PLANT(RMI, DATA_CREATE, "data-create-level",
	    "RMI_ERROR_RTT's wrong index", .after = wrong_level),
	PLANT(RMI, DATA_CREATE, "data-create-order",
	    "the walk's failure wins over ipa_bound", .after = walk_first),
	PLANT(RMI, DATA_CREATE, "data-create-undelegates",
	    "RMI_ERROR_RTT undelegates the data granule",
	    .after = failure_undelegates),
	PLANT(RMI, DATA_CREATE_UNKNOWN, "data-create-unknown-ram",
	    "RIPAS becomes RAM", .after = data_becomes_ram),
	PLANT(RMI, DATA_DESTROY, "data-destroy-empty", "RIPAS becomes EMPTY",
	    .after = data_leaves_empty),
	PLANT(RMI, DATA_DESTROY, "data-destroy-top", "top is the next page",
	    .after = top_is_next_page),
	PLANT(RMI, DATA_DESTROY, "data-destroy-undelegates",
	    "the granule becomes UNDELEGATED", .after = data_undelegated),
	PLANT(RMI, REALM_ACTIVATE, "realm-activate-twice",
	    "realm_state is not checked", .omit = "realm_state"),
	PLANT(RMI, REALM_CREATE, "realm-create-vmid",
	    "vmid_valid is not checked", .omit = "vmid_valid"),
	PLANT(RMI, REALM_CREATE, "realm-create-rim", "the RIM begins wrongly",
	    .after = rim_of_another),
	PLANT(RMI, REALM_CREATE, "realm-create-takes-vmid",
	    "rtt_state and rd_state leave the VMID in use",
	    .after = failure_takes_vmid),
	PLANT(RMI, REALM_DESTROY, "realm-destroy-vmid", "the VMID stays in use",
	    .before = see_realm, .after = vmid_stays),
	PLANT(RMI, REALM_DESTROY, "realm-destroy-rtts",
	    "starting RTTs become UNDELEGATED", .before = see_realm,
	    .after = rtts_undelegated),
	PLANT(RMI, REC_AUX_COUNT, "rec-aux-count-less", "one less than needed",
	    .after = one_less),
	PLANT(RMI, REC_CREATE, "rec-create-mpidr", "mpidr_index is not checked",
	    .omit = "mpidr_index"),
	PLANT(RMI, REC_CREATE, "rec-create-rim",
	    "a REC that is not runnable is measured", .after = measure_any_rec),
	PLANT(RMI, REC_DESTROY, "rec-destroy-aux",
	    "auxiliary granules become UNDELEGATED", .before = see_rec,
	    .after = aux_undelegated),
	PLANT(RMI, REC_DESTROY, "rec-destroy-index",
	    "the next REC has the index again", .before = see_rec,
	    .after = index_goes_back),
	PLANT(RMI, REC_ENTER, "rec-enter-new",
	    "realm_new has system_off's index", .after = new_is_off),
	PLANT(RMI, REC_ENTER, "rec-enter-exit", "every exit is an IRQ",
	    .exit = exit_irq),
	PLANT(RMI, REC_ENTER, "rec-enter-runnable",
	    "rec_runnable is not checked", .omit = "rec_runnable"),
	PLANT(RMI, PSCI_COMPLETE, "psci-complete-status",
	    "RMI_ERROR_REC instead of RMI_ERROR_INPUT", .after = status_rec),
	PLANT(RMI, RTT_CREATE, "rtt-create-empty", "RIPAS of the entry is lost",
	    .after = unfold_empty),
	PLANT(RMI, RTT_CREATE, "rtt-create-other-realm",
	    "the first entry of all other realms becomes DESTROYED",
	    .after = other_realm),
	PLANT(RMI, RTT_DESTROY, "rtt-destroy-empty", "RIPAS becomes EMPTY",
	    .after = parent_empty),
	PLANT(RMI, RTT_DESTROY, "rtt-destroy-level",
	    "rtt_live has the parent's level", .after = live_level_of_parent),
	PLANT(RMI, RTT_FOLD, "rtt-fold-rtt", "no address of the table",
	    .after = no_rtt),
	PLANT(RMI, RTT_FOLD, "rtt-fold-empty", "RIPAS becomes EMPTY",
	    .after = parent_empty),
	PLANT(RMI, RTT_INIT_RIPAS, "rtt-init-ripas-rim",
	    "one measurement for all entries", .before = see_realm,
	    .after = measure_at_once),
	PLANT(RMI, RTT_INIT_RIPAS, "rtt-init-ripas-top",
	    "out_top is top, whatever was done", .after = whole_range_done),
	PLANT(RMI, RTT_SET_RIPAS, "rtt-set-ripas-top",
	    "top_bound is not checked", .omit = "top_bound"),
	PLANT(RMI, RTT_MAP_UNPROTECTED, "rtt-map-unprotected-attr",
	    "attr_valid is not checked", .omit = "attr_valid"),
	PLANT(RMI, RTT_MAP_UNPROTECTED, "rtt-map-unprotected-desc",
	    "S2AP and MemAttr are lost", .after = attributes_lost),
	PLANT(RMI, RTT_UNMAP_UNPROTECTED, "rtt-unmap-unprotected-state",
	    "the entry becomes UNASSIGNED", .after = unmapped_protected),
	PLANT(RMI, RTT_UNMAP_UNPROTECTED, "rtt-unmap-unprotected-top",
	    "top is ipa", .after = unmap_top),
	PLANT(RMI, RTT_READ_ENTRY, "rtt-read-entry-ripas",
	    "RIPAS is always EMPTY", .after = ripas_empty),
	PLANT(RMI, RTT_READ_ENTRY, "rtt-read-entry-table",
	    "no address of a table", .after = no_table_address),
	{ .is = { .name = NULL } },
};
