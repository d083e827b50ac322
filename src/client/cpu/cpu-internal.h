/* SPDX-License-Identifier: BSD-3-Clause */
/* A processor from within. */
#ifndef CPU_INTERNAL_H
#define CPU_INTERNAL_H

#include "channel.h"
#include "rmmcpu.h"

#define CACHE_SLOTS  1024u
#define CACHE_BLOCKS 16u

/* One translation; it holds if the epoch is the processor's. */
struct cached {
	uint64_t epoch;
	struct rmmcpu_translation to;
};

/* The files that hold the machine's memory, mapped whole. */
struct files {
	uint8_t *ns;
	uint8_t *realm;
	uint64_t ns_size, realm_size;
};

struct rmmcpu {
	struct channel *channel;
	struct cpu_page *page;
	struct files files;
	uint64_t rec; /* that runs here; 0: none */
	uint64_t rd;  /* of the translations in the cache */
	uint64_t generation;
	uint64_t epoch;
	struct cached slots[CACHE_SLOTS]; /* by granule */
	struct cached blocks[CACHE_BLOCKS];
	unsigned next_block;
};

/* As channel_request(), but signals do not end it. */
int cpu_request(
    struct rmmcpu *cpu, Rmmd__Request *request, Rmmd__Reply **reply, int *fd);

/* Ask for the files and map them.  0 or -errno with the sentence set. */
int cpu_map_files(struct rmmcpu *cpu);
void cpu_unmap_files(struct rmmcpu *cpu);

/*
 * Between the two, translations may be used: rmmd waits until they are not any
 * more, so no request may be made.
 */
void cpu_begin_use(struct rmmcpu *cpu);
void cpu_end_use(struct rmmcpu *cpu);

/* Translations are those of this realm from now on. */
void cpu_use_realm(struct rmmcpu *cpu, uint64_t rd);

#endif
