/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The virtual GIC CPU interface of a REC, the host's side: what it gives at
 * entry, and what it gets back at exit (A6.1).
 */
#include "gic.h"

#include <string.h>

/* ICH_HCR_EL2: what the host may set (A6.1). */
#define ICH_HCR_HOST 0x40feu /* UIE to VGrp1DIE, TDIR */

/*
 * RES0 with HW clear: 59 (there is no NMI), 58:56, 50:48 (bits of the priority
 * that are not implemented), 47:42 and 40:32, and what is above INTIDs.
 */
#define ICH_LR_RES0 (0xfull << 56 | 7ull << 48 | 0xfdffull << 32)

/* GICv3.1: SGIs, PPIs and SPIs, the extended PPIs and SPIs, LPIs. */
static bool
intid_valid(uint32_t intid)
{
	return intid < INTID_SPECIAL || (intid >= 1056 && intid < 1120) ||
	    (intid >= 4096 && intid < 5120) ||
	    (intid >= INTID_LPI && intid < INTID_END);
}

static const char *
list_register_invalid(const uint64_t *lrs, unsigned n)
{
	uint32_t vintid = ICH_LR_VINTID(lrs[n]);

	if (lrs[n] & ICH_LR_HW)
		return "gicv3_lrs: HW is set";
	if (lrs[n] & ICH_LR_RES0)
		return "gicv3_lrs: a reserved bit is set";
	if ((lrs[n] & ICH_LR_STATE) == 0)
		return NULL;
	if (!intid_valid(vintid))
		return "gicv3_lrs: what is pending or active is no INTID";
	for (unsigned i = 0; i < n; i++)
		if ((lrs[i] & ICH_LR_STATE) != 0 &&
		    ICH_LR_VINTID(lrs[i]) == vintid)
			return "gicv3_lrs: an INTID is listed twice";
	return NULL;
}

unsigned
gic_num_lrs(const struct rmm *rmm)
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
	for (unsigned i = 0; *why == NULL && i < gic_num_lrs(rmm); i++)
		*why = list_register_invalid(enter->gicv3_lrs, i);
	return *why == NULL;
}

/* ICH_MISR_EL2; but for EOI, bits are where ICH_HCR_EL2 enables them. */
#define ICH_MISR_EOI	(1u << 0)
#define ICH_MISR_U	(1u << 1)
#define ICH_MISR_LRENP	(1u << 2)
#define ICH_MISR_NP	(1u << 3)
#define ICH_MISR_VGRP0E (1u << 4)
#define ICH_MISR_VGRP0D (1u << 5)
#define ICH_MISR_VGRP1E (1u << 6)
#define ICH_MISR_VGRP1D (1u << 7)

/* Which maintenance interrupts the GIC asserts. */
static uint64_t
maintenance_state(const struct rmm *rmm, const struct rec_gic *gic)
{
	unsigned num_valid = 0, num_pending = 0;
	bool eoi = false;
	uint64_t misr;

	for (unsigned i = 0; i < gic_num_lrs(rmm); i++) {
		uint64_t state = gic->lrs[i] & ICH_LR_STATE;

		num_valid += state != 0;
		num_pending += state == ICH_LR_PENDING;
		eoi |= state == 0 && (gic->lrs[i] & ICH_LR_EOI) != 0;
	}
	misr = gic->vmcr & VMCR_VENG0 ? ICH_MISR_VGRP0E : ICH_MISR_VGRP0D;
	misr |= gic->vmcr & VMCR_VENG1 ? ICH_MISR_VGRP1E : ICH_MISR_VGRP1D;
	if (num_valid <= 1)
		misr |= ICH_MISR_U;
	if (num_pending == 0)
		misr |= ICH_MISR_NP;
	if ((gic->hcr & ICH_HCR_EOICOUNT) != 0)
		misr |= ICH_MISR_LRENP;
	return (misr & gic->hcr) | (eoi ? ICH_MISR_EOI : 0);
}

bool
gic_maintenance(const struct rmm *rmm, const struct rec *rec)
{
	return maintenance_state(rmm, &rec->gic) != 0;
}

void
gic_enter(struct rec *rec, const struct rmi_rec_enter *enter)
{
	memcpy(rec->gic.lrs, enter->gicv3_lrs, sizeof rec->gic.lrs);
	/* EOIcount is 0 again: the host was told of what was counted. */
	rec->gic.hcr = enter->gicv3_hcr;
}

void
gic_exit(
    const struct rmm *rmm, const struct rec *rec, struct rmi_rec_exit *exit)
{
	exit->gicv3_hcr = rec->gic.hcr;
	memcpy(exit->gicv3_lrs, rec->gic.lrs,
	    gic_num_lrs(rmm) * sizeof exit->gicv3_lrs[0]);
	exit->gicv3_misr = maintenance_state(rmm, &rec->gic);
	exit->gicv3_vmcr = rec->gic.vmcr;
}
