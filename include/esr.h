/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Syndromes: the fields of ESR_ELx and HPFAR_EL2 that cross the RMI or are told
 * to a realm.  Source: Arm Architecture Reference Manual (DDI 0487), D19.2.37
 * and D19.2.56.
 */
#ifndef ESR_H
#define ESR_H

#include <stdint.h>

#define ESR_EC_SHIFT	  26
#define ESR_EC(esr)	  ((unsigned)((esr) >> ESR_EC_SHIFT & 0x3f))
#define ESR_EC_PUT(ec)	  ((uint64_t)(ec) << ESR_EC_SHIFT)
#define ESR_EC_MASK	  ESR_EC_PUT(0x3f)
#define ESR_IL		  (1ull << 25)

#define ESR_EC_UNKNOWN	  0x00
#define ESR_EC_WFX	  0x01
#define ESR_EC_HVC64	  0x16
#define ESR_EC_SMC64	  0x17
#define ESR_EC_SYS64	  0x18
#define ESR_EC_IABT_LOWER 0x20 /* instruction abort from a lower level */
#define ESR_EC_IABT_SAME  0x21
#define ESR_EC_DABT_LOWER 0x24 /* data abort from a lower level */
#define ESR_EC_DABT_SAME  0x25
#define ESR_EC_SERROR	  0x2f

/* Aborts. */
#define ESR_ISV		   (1ull << 24)
#define ESR_SAS_SHIFT	   22 /* log2 of the size in bytes */
#define ESR_SAS_MASK	   (3ull << ESR_SAS_SHIFT)
#define ESR_SAS(esr)	   ((unsigned)((esr) >> ESR_SAS_SHIFT & 3))
#define ESR_SSE		   (1ull << 21)
#define ESR_SRT_SHIFT	   16
#define ESR_SRT_MASK	   (31ull << ESR_SRT_SHIFT)
#define ESR_SRT(esr)	   ((unsigned)((esr) >> ESR_SRT_SHIFT & 31))
#define ESR_SF		   (1ull << 15)
#define ESR_SET_MASK	   (3ull << 11)
#define ESR_FNV		   (1ull << 10)
#define ESR_EA		   (1ull << 9)
#define ESR_WNR		   (1ull << 6)
#define ESR_FSC_MASK	   0x3full
#define ESR_FSC_ADDRESS_L0 0x00 /* address size fault, level 0 */
#define ESR_FSC_TRANSLATION(level) \
	((level) < 0 ? 0x2bull : 0x04ull | (uint64_t)(level))
#define ESR_FSC_PERMISSION(level) (0x0cull | (uint64_t)(level))
#define ESR_FSC_SEA		  0x10 /* not on a translation table walk */
#define ESR_FSC_GPF		  0x28 /* granule protection, likewise */

/* WFI, WFE, WFIT, WFET. */
#define ESR_TI_MASK 3ull
#define ESR_TI_WFI  0ull
#define ESR_TI_WFE  1ull
#define ESR_TI_WFIT 2ull
#define ESR_TI_WFET 3ull

/* SError. */
#define ESR_IDS	     (1ull << 24)
#define ESR_AET_MASK (7ull << 10)

/* MSR, MRS: the register's encoding, Rt and the direction. */
#define ESR_SYS_READ  1ull
#define ESR_SYS_RT(e) ((unsigned)((e) >> 5 & 31))
/* The ISS of a SYSREG() and its Rt, but for the direction. */
#define ESR_SYS_PUT(reg, rt)                                             \
	((uint64_t)((reg) >> 14 & 3) << 20 | (uint64_t)((reg)&7) << 17 | \
	    (uint64_t)((reg) >> 11 & 7) << 14 |                          \
	    (uint64_t)((reg) >> 7 & 15) << 10 | (uint64_t)(rt) << 5 |    \
	    (uint64_t)((reg) >> 3 & 15) << 1)

/* HPFAR_EL2: FIPA is bits 43:4, the IPA from its bit 12 on. */
#define HPFAR(ipa)	 ((ipa) >> 12 << 4)
#define HPFAR_IPA(hpfar) (((hpfar) >> 4 & 0xffffffffffull) << 12)

#endif
