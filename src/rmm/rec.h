/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Realm Execution Context (C1.19): a structure at the start of its granule.
 */
#ifndef REC_H
#define REC_H

#include <stdbool.h>
#include <stdint.h>

#include "machine.h"

#define REC_GPRS 32 /* X0 to X30, and one that the specification names */

struct rec {
	uint64_t owner; /* its realm's RD */
	uint64_t mpidr;
	bool running;
	bool runnable;
	bool psci_pending;
	bool emulatable_abort;
	bool host_call_pending;
	bool ripas_change_destroyed; /* CHANGE_DESTROYED */
	uint8_t ripas_value;	     /* enum rmi_ripas */
	uint64_t ripas_addr;
	uint64_t ripas_top;
	uint64_t pc;
	uint64_t gprs[REC_GPRS];
	uint64_t num_aux;
	uint64_t aux[RMI_REC_AUX_MAX];
};
_Static_assert(sizeof(struct rec) <= GRANULE_SIZE, "a REC is one granule");

/* The REC at pa, a granule in state REC. */
struct rec *rec_at(const struct rmm *rmm, uint64_t pa);

/* RecIndex (B3.38). */
uint64_t rec_index(uint64_t mpidr);
/* The bits of an RmiRecMpidr that mean something (B4.4.18). */
#define REC_MPIDR_MASK 0xffffff0full

/* RMI_REC_DESTROY's effect: REC and auxiliary granules become DELEGATED. */
void rec_destroy(struct rmm *rmm, uint64_t pa);

#endif
