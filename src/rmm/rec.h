/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Realm Execution Context (C1.19): a structure at the start of its granule.
 */
#ifndef REC_H
#define REC_H

#include <stdbool.h>
#include <stdint.h>

#include "machine.h"
#include "realm.h"

#define REC_GPRS 32 /* X0 to X30, and one that the specification names */

/* What the most recent exit leaves to the next entry. */
enum rec_after {
	AFTER_NOTHING,
	AFTER_RIPAS_CHANGE,	 /* the results of RSI_IPA_STATE_SET */
	AFTER_UNPROTECTED_ABORT, /* the host may inject an SEA */
};

struct rec_attest {
	bool in_progress;
	uint64_t offset; /* how much of the token was written */
	uint8_t challenge[64];
	/* As they were when the operation began. */
	uint8_t measurements[NUM_MEASUREMENTS][MEASUREMENT_SIZE];
};

/* The virtual CPU interface (A6.1). */
struct rec_gic {
	uint64_t lrs[RMI_REC_GICV3_LRS];
	uint64_t hcr; /* the host's bits and, at an exit, EOIcount */
	uint64_t vmcr;
	uint32_t ap0r; /* active priorities: there are 32 */
	uint32_t ap1r;
};

struct rec_pmu {
	uint64_t pmcr;
	uint64_t counters;   /* PMCNTENSET_EL0 */
	uint64_t interrupts; /* PMINTENSET_EL1 */
	uint64_t overflows;  /* PMOVSSET_EL0 */
};

struct rec {
	uint64_t owner; /* its realm's RD */
	uint64_t mpidr;
	bool running;
	bool runnable;
	bool psci_pending;
	bool emulatable_abort;
	bool host_call_pending;
	bool ripas_change_destroyed; /* CHANGE_DESTROYED */
	bool pmu_overflow;
	uint8_t ripas_value; /* enum rmi_ripas */
	uint8_t after;	     /* enum rec_after */
	/* Timers, physical and virtual, whose output the host was told of. */
	bool timer_told[2];
	uint64_t ripas_addr;
	uint64_t ripas_top;
	uint64_t run_ptr; /* where the exit goes */
	uint64_t enter_flags;
	uint64_t host_call; /* IPA of the structure that waits for results */
	uint64_t
	    abort_esr; /* of the most recent abort that was told the host */
	uint64_t abort_far;
	uint64_t pc;
	uint64_t pstate;
	uint64_t gprs[REC_GPRS];
	uint64_t sysregs[REC_NUM_SYSREGS];
	struct rec_gic gic;
	struct rec_pmu pmu;
	struct rec_attest attest;
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

/* The registers, but X0 to X30 and PC, after a reset. */
void rec_reset(struct rec *rec);
/* The REC at pa if it is one, and runs; else NULL. */
struct rec *rec_running(const struct rmm *rmm, uint64_t pa);
/* MpidrIsUsed (B3.24). */
bool rec_mpidr_used(
    const struct rmm *rmm, const struct realm *realm, uint64_t mpidr);

/* X0 to X30, and 31 for XZR, which reads as zero and ignores writes. */
uint64_t rec_gpr(const struct rec *rec, unsigned n);
void rec_set_gpr(struct rec *rec, unsigned n, uint64_t value);

/*
 * Every REC is about to go; tells the machine's owner.
 *
 * rd: of this realm only; 0: of any.
 */
void recs_gone(struct rmm *rmm, uint64_t rd);

/* RMI_REC_DESTROY's effect: REC and auxiliary granules become DELEGATED. */
void rec_destroy(struct rmm *rmm, uint64_t pa);

#endif
