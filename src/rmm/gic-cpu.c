/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The virtual GIC CPU interface of a REC, the realm's side: which interrupt of
 * the list registers is signalled, and the registers ICC_*_EL1.  Source: GICv3
 * (IHI 0069), 4.8 and 12.2, where these registers are called ICV_*.
 */
#include <stddef.h>

#include "choices.h"
#include "gic.h"
#include "sysreg.h"

#define PRIORITY_SHIFT 3 /* 8 bits, of which the upper 5 are implemented */
#define PRIORITY_IDLE  0xffu

#define CTLR_CBPR      (1u << 0)
#define CTLR_EOIMODE   (1u << 1)
/* 5 bits of priority, 24 of INTID, Affinity 3, and the extended ranges. */
#define CTLR_FIXED (4u << 8 | 1u << 11 | 1u << 15 | 1u << 19)
#define SRE_FIXED  7u /* no memory-mapped interface, no bypass */

/* ---- Priorities --------------------------------------------------------- */

static unsigned
binary_point(const struct rec_gic *gic, bool group1)
{
	unsigned bpr0 = gic->vmcr >> VMCR_VBPR0_SHIFT & VMCR_VBPR_MASK;

	if (!group1)
		return bpr0;
	if ((gic->vmcr & VMCR_VCBPR) != 0)
		return bpr0 < 7 ? bpr0 + 1 : 7;
	return gic->vmcr >> VMCR_VBPR1_SHIFT & VMCR_VBPR_MASK;
}

/* What of a priority counts for preemption. */
static unsigned
group_priority(const struct rec_gic *gic, uint64_t lr)
{
	bool group1 = (lr & ICH_LR_GROUP1) != 0;
	unsigned shift = binary_point(gic, group1) + (group1 ? 0 : 1);

	return ICH_LR_PRIORITY(lr) & (0xffu << shift);
}

static unsigned
running_priority(const struct rec_gic *gic)
{
	uint32_t active = gic->ap0r | gic->ap1r;

	if (active == 0)
		return PRIORITY_IDLE;
	return (unsigned)__builtin_ctz(active) << PRIORITY_SHIFT;
}

/* The highest priority is no longer active; returns it. */
static unsigned
drop_priority(struct rec_gic *gic)
{
	unsigned dropped = running_priority(gic);

	if ((gic->ap0r & -gic->ap0r) - 1 < (gic->ap1r & -gic->ap1r) - 1)
		gic->ap0r &= gic->ap0r - 1;
	else
		gic->ap1r &= gic->ap1r - 1;
	return dropped;
}

/* The list register that is pending, of an enabled group, and comes first. */
static uint64_t *
highest_pending(const struct rmm *rmm, struct rec_gic *gic)
{
	uint64_t *first = NULL;

	for (unsigned i = 0; i < gic_num_lrs(rmm); i++) {
		uint64_t *lr = &gic->lrs[i];
		bool group1 = (*lr & ICH_LR_GROUP1) != 0;

		if ((*lr & ICH_LR_STATE) != ICH_LR_PENDING ||
		    (gic->vmcr & (group1 ? VMCR_VENG1 : VMCR_VENG0)) == 0)
			continue;
		if (first == NULL ||
		    ICH_LR_PRIORITY(*lr) < ICH_LR_PRIORITY(*first))
			first = lr;
	}
	return first;
}

/* ... if it is not masked by PMR or by what is active. */
static uint64_t *
signalled(const struct rmm *rmm, struct rec_gic *gic)
{
	uint64_t *lr = highest_pending(rmm, gic);

	if (lr == NULL ||
	    ICH_LR_PRIORITY(*lr) >= (gic->vmcr >> VMCR_VPMR_SHIFT & 0xff) ||
	    group_priority(gic, *lr) >= running_priority(gic))
		return NULL;
	return lr;
}

unsigned
gic_signals(const struct rmm *rmm, const struct rec *rec)
{
	struct rec_gic gic = rec->gic;
	const uint64_t *lr = signalled(rmm, &gic);

	if (lr == NULL)
		return 0;
	return (*lr & ICH_LR_GROUP1) != 0 ? RMM_VIRQ : RMM_VFIQ;
}

unsigned
rmm_realm_virtual_interrupts(const struct rmm *rmm, uint64_t pa)
{
	const struct rec *rec = rec_running(rmm, pa);

	return rec == NULL ? 0 : gic_signals(rmm, rec);
}

/* ---- Acknowledge, end, deactivate ---------------------------------------- */

static uint64_t
acknowledge(const struct rmm *rmm, struct rec_gic *gic, bool group1)
{
	uint64_t *lr = signalled(rmm, gic);
	uint32_t bit;

	if (lr == NULL || ((*lr & ICH_LR_GROUP1) != 0) != group1)
		return INTID_SPURIOUS;
	bit = 1u << (group_priority(gic, *lr) >> PRIORITY_SHIFT);
	if (group1)
		gic->ap1r |= bit;
	else
		gic->ap0r |= bit;
	*lr &= ~ICH_LR_STATE;
	if (ICH_LR_VINTID(*lr) < INTID_LPI)
		*lr |= ICH_LR_ACTIVE; /* LPIs are never active */
	return ICH_LR_VINTID(*lr);
}

static uint64_t *
find_active(const struct rmm *rmm, struct rec_gic *gic, uint32_t intid)
{
	for (unsigned i = 0; i < gic_num_lrs(rmm); i++)
		if ((gic->lrs[i] & ICH_LR_ACTIVE) != 0 &&
		    ICH_LR_VINTID(gic->lrs[i]) == intid)
			return &gic->lrs[i];
	return NULL;
}

/* No list register has it: the host deactivates it (EOIcount). */
static void
count_eoi(struct rec_gic *gic, uint32_t intid)
{
	uint64_t count = gic->hcr + (1ull << ICH_HCR_EOICOUNT_SHIFT);

	if (intid < INTID_LPI)
		gic->hcr =
		    (gic->hcr & ~ICH_HCR_EOICOUNT) | (count & ICH_HCR_EOICOUNT);
}

static bool
is_special(uint32_t intid)
{
	return intid >= INTID_SPECIAL && intid <= INTID_SPURIOUS;
}

static void
end(const struct rmm *rmm, struct rec_gic *gic, bool group1, uint64_t value)
{
	uint32_t intid = (uint32_t)value & (INTID_END - 1);
	unsigned dropped;
	uint64_t *lr;

	if (is_special(intid))
		return;
	dropped = drop_priority(gic);
	if ((gic->vmcr & VMCR_VEOIM) != 0)
		return; /* DIR deactivates */
	lr = find_active(rmm, gic, intid);
	if (lr == NULL)
		count_eoi(gic, intid);
	else if (((*lr & ICH_LR_GROUP1) != 0) == group1 &&
	    group_priority(gic, *lr) == dropped)
		*lr &= ~ICH_LR_ACTIVE;
}

static void
deactivate(const struct rmm *rmm, struct rec_gic *gic, uint64_t value)
{
	uint32_t intid = (uint32_t)value & (INTID_END - 1);
	uint64_t *lr = find_active(rmm, gic, intid);

	if (is_special(intid) || (gic->vmcr & VMCR_VEOIM) == 0)
		return;
	if (lr == NULL)
		count_eoi(gic, intid);
	else
		*lr &= ~ICH_LR_ACTIVE;
}

/* ---- Registers ------------------------------------------------------------
 */

static void
put(struct rec_gic *gic, unsigned shift, uint64_t mask, uint64_t value)
{
	gic->vmcr = (gic->vmcr & ~(mask << shift)) | (value & mask) << shift;
}

static void
put_bpr(struct rec_gic *gic, unsigned shift, unsigned min, uint64_t value)
{
	value &= VMCR_VBPR_MASK;
	put(gic, shift, VMCR_VBPR_MASK, value < min ? min : value);
}

static uint64_t
pending_intid(const struct rmm *rmm, struct rec_gic *gic, bool group1)
{
	const uint64_t *lr = highest_pending(rmm, gic);

	if (lr == NULL || ((*lr & ICH_LR_GROUP1) != 0) != group1)
		return INTID_SPURIOUS;
	return ICH_LR_VINTID(*lr);
}

static enum sysreg_fate
read_icc(
    const struct rmm *rmm, struct rec_gic *gic, unsigned reg, uint64_t *value)
{
	switch (reg) {
	case SYSREG_ICC_IAR0_EL1:
	case SYSREG_ICC_IAR1_EL1:
		*value = acknowledge(rmm, gic, reg == SYSREG_ICC_IAR1_EL1);
		break;
	case SYSREG_ICC_HPPIR0_EL1:
	case SYSREG_ICC_HPPIR1_EL1:
		*value = pending_intid(rmm, gic, reg == SYSREG_ICC_HPPIR1_EL1);
		break;
	case SYSREG_ICC_RPR_EL1:
		*value = running_priority(gic);
		break;
	case SYSREG_ICC_PMR_EL1:
		*value = gic->vmcr >> VMCR_VPMR_SHIFT & 0xff;
		break;
	case SYSREG_ICC_BPR0_EL1:
	case SYSREG_ICC_BPR1_EL1:
		*value = binary_point(gic, reg == SYSREG_ICC_BPR1_EL1);
		break;
	case SYSREG_ICC_AP0R0_EL1:
		*value = gic->ap0r;
		break;
	case SYSREG_ICC_AP1R0_EL1:
		*value = gic->ap1r;
		break;
	case SYSREG_ICC_CTLR_EL1:
		*value = CTLR_FIXED | (gic->vmcr & VMCR_VCBPR ? CTLR_CBPR : 0) |
		    (gic->vmcr & VMCR_VEOIM ? CTLR_EOIMODE : 0);
		break;
	case SYSREG_ICC_SRE_EL1:
		*value = SRE_FIXED;
		break;
	case SYSREG_ICC_IGRPEN0_EL1:
		*value = (gic->vmcr & VMCR_VENG0) != 0;
		break;
	case SYSREG_ICC_IGRPEN1_EL1:
		*value = (gic->vmcr & VMCR_VENG1) != 0;
		break;
	default:
		return SYSREG_UNDEFINED;
	}
	return SYSREG_DONE;
}

static void
put_ctlr(struct rec_gic *gic, uint64_t value)
{
	gic->vmcr &= ~(uint64_t)(VMCR_VCBPR | VMCR_VEOIM);
	if ((value & CTLR_CBPR) != 0)
		gic->vmcr |= VMCR_VCBPR;
	if ((value & CTLR_EOIMODE) != 0)
		gic->vmcr |= VMCR_VEOIM;
}

static enum sysreg_fate
write_icc(
    const struct rmm *rmm, struct rec_gic *gic, unsigned reg, uint64_t value)
{
	switch (reg) {
	case SYSREG_ICC_EOIR0_EL1:
	case SYSREG_ICC_EOIR1_EL1:
		end(rmm, gic, reg == SYSREG_ICC_EOIR1_EL1, value);
		break;
	case SYSREG_ICC_DIR_EL1:
		deactivate(rmm, gic, value);
		break;
	case SYSREG_ICC_PMR_EL1:
		put(gic, VMCR_VPMR_SHIFT, 0xff, value & 0xf8);
		break;
	case SYSREG_ICC_BPR0_EL1:
		put_bpr(gic, VMCR_VBPR0_SHIFT, BPR0_MIN, value);
		break;
	case SYSREG_ICC_BPR1_EL1:
		if ((gic->vmcr & VMCR_VCBPR) == 0)
			put_bpr(gic, VMCR_VBPR1_SHIFT, BPR1_MIN, value);
		break;
	case SYSREG_ICC_AP0R0_EL1:
		gic->ap0r = (uint32_t)value;
		break;
	case SYSREG_ICC_AP1R0_EL1:
		gic->ap1r = (uint32_t)value;
		break;
	case SYSREG_ICC_CTLR_EL1:
		put_ctlr(gic, value);
		break;
	case SYSREG_ICC_SRE_EL1:
		break;
	case SYSREG_ICC_IGRPEN0_EL1:
		put(gic, 0, VMCR_VENG0, value & 1);
		break;
	case SYSREG_ICC_IGRPEN1_EL1:
		put(gic, 1, 1, value & 1);
		break;
	default:
		return SYSREG_UNDEFINED;
	}
	return SYSREG_DONE;
}

/* A write that the host must act on: of another REC's interrupts. */
static bool
is_trapped(const struct rec_gic *gic, unsigned reg)
{
	switch (reg) {
	case SYSREG_ICC_SGI0R_EL1:
	case SYSREG_ICC_SGI1R_EL1:
	case SYSREG_ICC_ASGI1R_EL1:
		return true;
	case SYSREG_ICC_DIR_EL1:
		return (gic->hcr & ICH_HCR_TDIR) != 0;
	default:
		return false;
	}
}

enum sysreg_fate
gic_sysreg(
    struct rmm *rmm, struct rec *rec, unsigned reg, bool read, uint64_t *value)
{
	struct rec_gic *gic = &rec->gic;

	switch (reg) {
#define IS_MINE(name, encoding) case SYSREG_##name:
		ICC_SYSREGS(IS_MINE)
		break;
	default:
		return SYSREG_NOT_MINE;
	}
	if (read)
		return read_icc(rmm, gic, reg, value);
	if (!is_trapped(gic, reg))
		return write_icc(rmm, gic, reg, *value);
	return chosen(rmm, RMM_CHOICE_ICC_TRAP) == RMM_ICC_TRAP_EXIT
	    ? SYSREG_HOST
	    : SYSREG_DONE;
}
