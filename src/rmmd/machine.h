/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The machine that the daemon serves: the model, the files behind its
 * memory, and the record of each realm's measurement.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stddef.h>
#include <stdint.h>

#include "failure.h"
#include "rim-log.h"
#include "rmm/rmm.h"

struct machine_bank {
	uint64_t base; /* PA */
	uint64_t size;
	enum rmm_bank_kind kind;
	uint64_t offset; /* DRAM: in the files */
};

struct actors;

struct machine {
	struct rmm *rmm;
	struct actors *actors; /* to be told of RECs that go; may be NULL */
	struct rim_log *rims;
	int fd;	     /* the file; sealed against a change of its size */
	uint8_t *ns; /* all of it */
	uint64_t ns_size;
	/* Likewise what realms have as DATA: for processors, and nobody else */
	int data_fd;
	uint8_t *data;
	struct machine_bank *banks; /* in order of base */
	size_t num_banks;
};

/*
 * cfg: banks without ns, and without a host; both are this function's to give.
 * rim_limit: steps of a realm's measurement to keep.
 */
struct machine *machine_new(
    const struct rmm_config *cfg, uint64_t rim_limit, struct failure *why);
void machine_free(struct machine *machine);

/* A fresh machine: every granule UNDELEGATED, all memory zero. */
void machine_reset(struct machine *machine);

/* Make [pa, pa + size), in one DRAM bank, read as zeros and cost nothing. */
void machine_discard(struct machine *machine, uint64_t pa, uint64_t size);

/* The DRAM bank that holds [pa, pa + size), or NULL. */
const struct machine_bank *machine_dram(
    const struct machine *machine, uint64_t pa, uint64_t size);

#endif
