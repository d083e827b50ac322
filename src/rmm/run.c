/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Running a realm.  Who the realm is decides only what it does next; what comes
 * of it, whether it goes on or exits to the host, is decided here.
 */
#include "run.h"

#include <string.h>

#include "realm.h"

/* ICH_HCR_EL2: what the host may set (A6.1). */
#define ICH_HCR_HOST 0x40feu /* UIE to VGrp1DIE, TDIR */

/* ICH_LR<n>_EL2. */
#define ICH_LR_STATE  (3ull << 62)
#define ICH_LR_HW     (1ull << 61)
#define ICH_LR_VINTID 0xffffffffull
/* RES0 with HW clear: all of 58:56, 47:45 and 44:32 but EOI, bit 41. */
#define ICH_LR_RES0	  (7ull << 56 | 0xfdffull << 32)
#define ICH_LR_PENDING	  (1ull << 62) /* as ICH_LR_STATE */
#define ICH_LR_EOI	  (1ull << 41)
#define INTID_SPECIAL	  1020u
#define INTID_SPECIAL_END 1024u

static const char *
list_register_invalid(const uint64_t *lrs, unsigned n)
{
	uint32_t vintid = (uint32_t)(lrs[n] & ICH_LR_VINTID);

	if (lrs[n] & ICH_LR_HW)
		return "gicv3_lrs: HW is set";
	if (lrs[n] & ICH_LR_RES0)
		return "gicv3_lrs: a reserved bit is set";
	if ((lrs[n] & ICH_LR_STATE) == 0)
		return NULL;
	if (vintid >= INTID_SPECIAL && vintid < INTID_SPECIAL_END)
		return "gicv3_lrs: a special INTID is pending or active";
	for (unsigned i = 0; i < n; i++)
		if ((lrs[i] & ICH_LR_STATE) != 0 &&
		    (lrs[i] & ICH_LR_VINTID) == vintid)
			return "gicv3_lrs: an INTID is listed twice";
	return NULL;
}

static unsigned
num_list_registers(const struct rmm *rmm)
{
	return (unsigned)RMI_FEATURE0_GET(
		   rmm->config.feature_register_0, GICV3_NUM_LRS) +
	    1;
}

bool
gicv3_config_valid(
    const struct rmm *rmm, const struct rmi_rec_enter *enter, const char **why)
{
	*why = NULL;
	if (enter->gicv3_hcr & ~(uint64_t)ICH_HCR_HOST)
		*why = "gicv3_hcr: a bit is set that is not the host's";
	for (unsigned i = 0; *why == NULL && i < num_list_registers(rmm); i++)
		*why = list_register_invalid(enter->gicv3_lrs, i);
	return *why == NULL;
}

/* ICH_MISR_EL2; but for EOI, bits are where ICH_HCR_EL2 enables them. */
#define ICH_MISR_EOI	(1u << 0)
#define ICH_MISR_U	(1u << 1)
#define ICH_MISR_NP	(1u << 3)
#define ICH_MISR_VGRP0D (1u << 5)
#define ICH_MISR_VGRP1D (1u << 7)

/* Which maintenance interrupts a GIC asserts whose groups are disabled. */
static uint64_t
maintenance_state(const uint64_t *lrs, unsigned num, uint64_t hcr)
{
	uint64_t misr = ICH_MISR_VGRP0D | ICH_MISR_VGRP1D;
	unsigned num_valid = 0, num_pending = 0;
	bool eoi = false;

	for (unsigned i = 0; i < num; i++) {
		uint64_t state = lrs[i] & ICH_LR_STATE;

		num_valid += state != 0;
		num_pending += state == ICH_LR_PENDING;
		eoi |= state == 0 && (lrs[i] & ICH_LR_EOI) != 0;
	}
	if (num_valid <= 1)
		misr |= ICH_MISR_U;
	if (num_pending == 0)
		misr |= ICH_MISR_NP;
	return (misr & hcr) | (eoi ? ICH_MISR_EOI : 0);
}

/* What a realm does next. */
struct step {
	enum { STEP_CALL } kind;
	uint64_t x[SMC_REGS]; /* CALL: "SMC #0" with these registers */
};

/* The default realm, which powers off at once. */
static void
power_off_at_once(struct step *step)
{
	*step = (struct step){
		.kind = STEP_CALL,
		.x = { PSCI_FID_SYSTEM_OFF },
	};
}

/* A PSCI call that goes to the host (A4.3.7). */
static void
exit_psci(struct rmi_rec_exit *exit, const uint64_t *x, unsigned num_args)
{
	exit->exit_reason = RMI_EXIT_PSCI;
	memcpy(exit->gprs, x, (1 + num_args) * sizeof *x);
}

/*
 * The realm makes a call.  Returns true if it exits to the host; else its
 * registers hold the results.
 */
static bool
realm_call(struct rmm *rmm, struct rec *rec, const uint64_t x[SMC_REGS],
    struct rmi_rec_exit *exit)
{
	switch (x[0]) {
	case PSCI_FID_SYSTEM_OFF: /* B6.3.6 */
		realm_at(rmm, rec->owner)->state = RMM_REALM_SYSTEM_OFF;
		exit_psci(exit, x, 0);
		return true;
	default:
		rec->gprs[0] = SMC_NOT_SUPPORTED;
		return false;
	}
}

static bool
realm_step(struct rmm *rmm, struct rec *rec, const struct step *step,
    struct rmi_rec_exit *exit)
{
	switch (step->kind) {
	case STEP_CALL:
		return realm_call(rmm, rec, step->x, exit);
	}
	return true;
}

void
run_rec(struct rmm *rmm, struct rec *rec, const struct rmi_rec_enter *enter,
    struct rmi_rec_exit *exit)
{
	struct step step;

	rec->running = true;
	rec->emulatable_abort = false;
	rec->ripas_addr = rec->ripas_top = 0;
	do
		power_off_at_once(&step);
	while (!realm_step(rmm, rec, &step, exit));
	rec->running = false;

	/* Nothing was delivered: the GIC is as the host has set it up. */
	exit->gicv3_hcr = enter->gicv3_hcr;
	memcpy(exit->gicv3_lrs, enter->gicv3_lrs,
	    num_list_registers(rmm) * sizeof exit->gicv3_lrs[0]);
	exit->gicv3_misr = maintenance_state(
	    exit->gicv3_lrs, num_list_registers(rmm), exit->gicv3_hcr);
}
