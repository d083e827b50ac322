/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The virtual GIC CPU interface of a REC: what the host gives at entry, and
 * what it gets back at exit (A6.1).
 */
#include "gic.h"

#include <string.h>

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

void
gic_enter(struct rec *rec, const struct rmi_rec_enter *enter)
{
	memcpy(rec->gic.lrs, enter->gicv3_lrs, sizeof rec->gic.lrs);
	rec->gic.hcr = enter->gicv3_hcr;
}

void
gic_exit(
    const struct rmm *rmm, const struct rec *rec, struct rmi_rec_exit *exit)
{
	unsigned num = num_list_registers(rmm);

	exit->gicv3_hcr = rec->gic.hcr;
	memcpy(exit->gicv3_lrs, rec->gic.lrs, num * sizeof exit->gicv3_lrs[0]);
	exit->gicv3_misr = maintenance_state(rec->gic.lrs, num, rec->gic.hcr);
	exit->gicv3_vmcr = rec->gic.vmcr;
}

bool
gic_pending(const struct rmm *rmm, const struct rec *rec)
{
	for (unsigned i = 0; i < num_list_registers(rmm); i++)
		if ((rec->gic.lrs[i] & ICH_LR_PENDING) != 0)
			return true;
	return false;
}
