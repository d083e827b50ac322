/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The virtual GIC CPU interface of a REC (A6.1): GICv3 with 5 bits of priority,
 * 24 bits of INTID and the extended ranges of INTIDs.  gic.c is the host's side
 * of it, gic-cpu.c the realm's.
 */
#ifndef GIC_H
#define GIC_H

#include <stdbool.h>

#include "rec.h"

/* ICH_LR<n>_EL2. */
#define ICH_LR_STATE	   (3ull << 62)
#define ICH_LR_PENDING	   (1ull << 62) /* as ICH_LR_STATE: and not active */
#define ICH_LR_ACTIVE	   (1ull << 63)
#define ICH_LR_HW	   (1ull << 61)
#define ICH_LR_GROUP1	   (1ull << 60)
#define ICH_LR_EOI	   (1ull << 41) /* with HW clear */
#define ICH_LR_PRIORITY(l) ((unsigned)((l) >> 48 & 0xff))
#define ICH_LR_VINTID(lr)  ((uint32_t)(lr))

/* INTIDs. */
#define INTID_SPECIAL  1020u
#define INTID_SPURIOUS 1023u
#define INTID_LPI      8192u
#define INTID_END      (1u << 24)

/* ICH_VMCR_EL2. */
#define VMCR_VENG0	 (1u << 0)
#define VMCR_VENG1	 (1u << 1)
#define VMCR_VFIQEN	 (1u << 3) /* RES1 */
#define VMCR_VCBPR	 (1u << 4)
#define VMCR_VEOIM	 (1u << 9)
#define VMCR_VBPR1_SHIFT 18
#define VMCR_VBPR0_SHIFT 21
#define VMCR_VBPR_MASK	 7u
#define VMCR_VPMR_SHIFT	 24
/* The smallest binary points, with 5 bits of priority. */
#define BPR0_MIN 2u
#define BPR1_MIN 3u
#define GIC_VMCR_RESET                                          \
	(VMCR_VFIQEN | (uint64_t)BPR0_MIN << VMCR_VBPR0_SHIFT | \
	    (uint64_t)BPR1_MIN << VMCR_VBPR1_SHIFT)

/* ICH_HCR_EL2. */
#define ICH_HCR_TDIR	       (1ull << 14)
#define ICH_HCR_EOICOUNT_SHIFT 27
#define ICH_HCR_EOICOUNT       (31ull << ICH_HCR_EOICOUNT_SHIFT)

/* Gicv3ConfigIsValid (B3.18, A6.1); else *why says what is not. */
bool gicv3_config_valid(
    const struct rmm *rmm, const struct rmi_rec_enter *enter, const char **why);
/* How many list registers there are. */
unsigned gic_num_lrs(const struct rmm *rmm);

void gic_enter(struct rec *rec, const struct rmi_rec_enter *enter);
void gic_exit(
    const struct rmm *rmm, const struct rec *rec, struct rmi_rec_exit *exit);

/* The GIC asserts the maintenance interrupt, for the host to handle. */
bool gic_maintenance(const struct rmm *rmm, const struct rec *rec);

/* RMM_VIRQ, RMM_VFIQ: what is signalled to the REC. */
unsigned gic_signals(const struct rmm *rmm, const struct rec *rec);

#endif
