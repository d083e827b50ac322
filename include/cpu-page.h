/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The page that a processor of a realm shares with rmmd: what each must know of
 * the other while the processor executes.  rmm-cpu(7) has the rules.  All words
 * are accessed atomically and in one order (__ATOMIC_SEQ_CST).
 */
#ifndef CPU_PAGE_H
#define CPU_PAGE_H

#include <stdint.h>

/* Bits of attention. */
#define CPU_ATTENTION_INTERRUPT	  (1u << 0) /* report soon */
#define CPU_ATTENTION_TRANSLATION (1u << 1) /* drop all, and say so */
#define CPU_ATTENTION_STOP	  (1u << 2) /* the REC is not yours any more */

/*
 * attention: set by rmmd; looked at by the processor before each block of
 *	instructions.  TRANSLATION is the processor's to clear; the others are
 *	gone at the next entry.
 * generation: of translations, never 0; rmmd adds 1 when some have gone.
 * uses: written by the processor: the generation of the translations that it
 *	may use, or 0 while it uses none and touches no memory of the realm.
 */
struct cpu_page {
	uint32_t attention;
	uint32_t pad0;
	uint64_t generation;
	uint64_t pad1[6];
	uint64_t uses;
};

#endif
