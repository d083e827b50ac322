/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The planted defects of what a realm calls, and of the records of its exits.
 */
#define PLANTS_OF_REALM true
#include "plant-table.h"

#include <string.h>

#include "access.h"
#include "esr.h"

/* ---- RSI ------------------------------------------------------------------
 */

static bool
succeeded(const struct planted *p)
{
	return p->answer->x[0] == RSI_SUCCESS && p->c->ends == CALL_RETURNS;
}

static bool
failed_with(const struct planted *p, const char *condition)
{
	return p->answer->condition != NULL &&
	    strcmp(p->answer->condition, condition) == 0;
}

static void
answer_success(struct planted *p)
{
	memset(p->answer, 0, offsetof(struct rmm_answer, why) + 1);
	p->answer->command = p->c->command->abi.name;
}

static void
higher_is_lost(struct planted *p)
{
	if (!succeeded(p))
		p->answer->x[2] = 0;
}

static void
some_feature(struct planted *p)
{
	p->answer->x[1] = 1;
}

static void
always_rim(struct planted *p)
{
	if (p->x[1] < NUM_MEASUREMENTS)
		p->x[1] = 0;
}

static void
extend_64(struct planted *p)
{
	if (p->x[2] < MEASUREMENT_SIZE)
		p->x[2] = MEASUREMENT_SIZE;
}

static void
extend_rim(struct planted *p)
{
	if (!failed_with(p, "index_bound") || p->x[1] != 0)
		return;
	answer_success(p);
	p->c->realm->measurements[0][0] ^= 1;
}

static void
half_the_size(struct planted *p)
{
	p->answer->x[1] /= 2;
}

static void
complete_at_once(struct planted *p)
{
	if (p->answer->x[0] == RSI_INCOMPLETE)
		p->answer->x[0] = RSI_SUCCESS;
}

static void
stays_in_progress(struct planted *p)
{
	if (failed_with(p, "state"))
		answer_success(p);
}

static void
other_hash(struct planted *p)
{
	struct rsi_realm_config *config;
	const uint8_t *memory;
	uint64_t pa;

	if (!succeeded(p) ||
	    access_buffer(p->c, p->x[1], &pa, &memory) != BUFFER_THERE)
		return;
	config = granule_page(p->rmm, pa);
	config->hash_algo ^= 1;
}

static void
destroyed_may_change(struct planted *p)
{
	p->x[4] |= RSI_CHANGE_DESTROYED;
}

static void
one_page(const struct rec *rec, struct rmi_rec_exit *exit)
{
	(void)rec;
	if (exit->exit_reason == RMI_EXIT_RIPAS_CHANGE)
		exit->ripas_top = exit->ripas_base + GRANULE_SIZE;
}

static void
all_alike(struct planted *p)
{
	if (succeeded(p))
		p->answer->x[1] = p->x[2];
}

static void
no_imm(const struct rec *rec, struct rmi_rec_exit *exit)
{
	(void)rec;
	exit->imm = 0;
}

static void
seven_gprs(const struct rec *rec, struct rmi_rec_exit *exit)
{
	(void)rec;
	if (exit->exit_reason == RMI_EXIT_HOST_CALL)
		memset(&exit->gprs[7], 0,
		    sizeof exit->gprs - 7 * sizeof exit->gprs[0]);
}

/* ---- PSCI -----------------------------------------------------------------
 */

static void
old_version(struct planted *p)
{
	p->answer->x[0] = 0x10000;
}

static void
every_function(struct planted *p)
{
	answer_success(p);
}

static void
suspend_fails(struct planted *p)
{
	p->c->rec->gprs[0] = (uint64_t)PSCI_DENIED;
}

static void
stays_on(struct planted *p)
{
	p->c->rec->runnable = true;
}

static void
stays_active(struct planted *p)
{
	p->c->realm->state = RMM_REALM_ACTIVE;
}

/* ---- Exits ----------------------------------------------------------------
 */

static void
own_gprs(const struct rec *rec, struct rmi_rec_exit *exit)
{
	if (exit->exit_reason == RMI_EXIT_IRQ)
		memcpy(exit->gprs, rec->gprs, sizeof exit->gprs);
}

static bool
is_data_abort(const struct rmi_rec_exit *exit)
{
	return exit->exit_reason == RMI_EXIT_SYNC &&
	    ESR_EC(exit->esr) == ESR_EC_DABT_LOWER;
}

static void
whole_syndrome(const struct rec *rec, struct rmi_rec_exit *exit)
{
	if (is_data_abort(exit))
		exit->esr |= rec->abort_esr;
}

static void
whole_far(const struct rec *rec, struct rmi_rec_exit *exit)
{
	if (is_data_abort(exit))
		exit->far = rec->abort_far;
}

static void
no_hpfar(const struct rec *rec, struct rmi_rec_exit *exit)
{
	(void)rec;
	exit->hpfar = 0;
}

static void
no_write_data(const struct rec *rec, struct rmi_rec_exit *exit)
{
	(void)rec;
	if (is_data_abort(exit))
		exit->gprs[0] = 0;
}

static void
no_instruction(const struct rec *rec, struct rmi_rec_exit *exit)
{
	(void)rec;
	if (exit->exit_reason == RMI_EXIT_SYNC)
		exit->esr &= ~ESR_TI_MASK;
}

/* ---- The table ------------------------------------------------------------
 */

const struct plant plants_realm[] = {
	PLANT(RSI, VERSION, "rsi-version-higher",
	    "no higher version on failure", .after = higher_is_lost),
	PLANT(RSI, FEATURES, "rsi-features-one", "there is a feature",
	    .after = some_feature),
	PLANT(RSI, MEASUREMENT_READ, "measurement-read-rim",
	    "every measurement is the RIM", .before = always_rim),
	PLANT(RSI, MEASUREMENT_EXTEND, "measurement-extend-size",
	    "all 64 bytes are hashed", .before = extend_64),
	PLANT(RSI, MEASUREMENT_EXTEND, "measurement-extend-rim",
	    "the RIM can be extended", .after = extend_rim),
	PLANT(RSI, ATTESTATION_TOKEN_INIT, "token-init-size",
	    "the upper bound is too small", .after = half_the_size),
	PLANT(RSI, ATTESTATION_TOKEN_CONTINUE, "token-continue-success",
	    "RSI_SUCCESS instead of RSI_INCOMPLETE", .after = complete_at_once),
	PLANT(RSI, ATTESTATION_TOKEN_CONTINUE, "token-continue-state",
	    "no RSI_ERROR_STATE", .after = stays_in_progress),
	PLANT(RSI, REALM_CONFIG, "realm-config-hash",
	    "hash_algo is the other one", .after = other_hash),
	PLANT(RSI, IPA_STATE_SET, "ipa-state-set-destroyed",
	    "CHANGE_DESTROYED without the flag",
	    .before = destroyed_may_change),
	PLANT(RSI, IPA_STATE_SET, "ipa-state-set-top",
	    "ripas_top of the exit is one page on", .exit = one_page),
	PLANT(RSI, IPA_STATE_GET, "ipa-state-get-top", "out_top is top",
	    .after = all_alike),
	PLANT(RSI, HOST_CALL, "host-call-imm", "no imm in the exit",
	    .exit = no_imm),
	PLANT(RSI, HOST_CALL, "host-call-gprs",
	    "gprs[7..30] of the exit are zero", .exit = seven_gprs),
	PLANT(PSCI, VERSION, "psci-version-old", "version 1.0",
	    .after = old_version),
	PLANT(PSCI, FEATURES, "psci-features-every",
	    "every function is supported", .after = every_function),
	PLANT(PSCI, CPU_SUSPEND, "psci-suspend-denied", "PSCI_DENIED",
	    .after = suspend_fails),
	PLANT(PSCI, CPU_OFF, "psci-cpu-off-runnable", "the REC stays runnable",
	    .after = stays_on),
	PLANT(PSCI, CPU_ON, "psci-cpu-on-entry", "entry is not checked",
	    .omit = "entry"),
	PLANT(PSCI, CPU_ON, "psci-cpu-on-mpidr", "mpidr is not checked",
	    .omit = "mpidr"),
	PLANT(PSCI, AFFINITY_INFO, "psci-affinity-info-level",
	    "target_bound is not checked", .omit = "target_bound"),
	PLANT(PSCI, SYSTEM_OFF, "psci-system-off-active",
	    "the realm stays ACTIVE", .after = stays_active),
	PLANT(PSCI, SYSTEM_RESET, "psci-system-reset-active",
	    "the realm stays ACTIVE", .after = stays_active),
	PLANT(RMI, REC_ENTER, "rec-exit-gprs",
	    "an exit by IRQ tells the REC's registers", .exit = own_gprs),
	PLANT(RMI, REC_ENTER, "rec-exit-esr",
	    "SSE, SRT and WnR of any Data Abort are told",
	    .exit = whole_syndrome),
	PLANT(RMI, REC_ENTER, "rec-exit-far",
	    "far of any Data Abort, with all bits", .exit = whole_far),
	PLANT(RMI, REC_ENTER, "rec-exit-hpfar", "no hpfar", .exit = no_hpfar),
	PLANT(RMI, REC_ENTER, "rec-exit-write",
	    "no gprs[0] of an emulatable write", .exit = no_write_data),
	PLANT(RMI, REC_ENTER, "rec-exit-ti", "no TI or fault level in esr",
	    .exit = no_instruction),
	{ .is = { .name = NULL } },
};
