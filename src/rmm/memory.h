/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Physical memory: banks, their Non-secure view, which belongs to the machine's
 * owner and may change at any moment, and their realm memory.  That of DATA
 * granules may be the owner's, too, for processors to map; the rest belongs to
 * the machine alone and is never handed out.
 *
 * Granule descriptors hang off the bank in a sparse directory: a node for each
 * GiB, a chunk for each 2 MiB that was ever touched.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rmm.h"

#define CHUNK_GRANULES 512u
#define CHUNK_SIZE     ((uint64_t)CHUNK_GRANULES * GRANULE_SIZE)
#define NODE_CHUNKS    512u
#define NODE_SIZE      (NODE_CHUNKS * CHUNK_SIZE)

struct chunk;
struct node;

struct bank {
	struct rmm_bank ns; /* as its owner described it */
	uint8_t *realm;	    /* realm memory; DRAM only */
	uint8_t *data;	    /* that of DATA granules; may be the same */
	struct node **nodes;
	uint64_t num_nodes;
};

/* The bank that holds pa; NULL if none does. */
struct bank *bank_at(const struct rmm *rmm, uint64_t pa);

/* PaIsDelegable (B3.25): the granule at pa is DRAM. */
bool pa_is_delegable(const struct rmm *rmm, uint64_t pa);

/* Map realm memory and make the directory.  Returns false without memory. */
bool bank_init(struct bank *bank, const struct rmm_bank *config);
void bank_fini(struct bank *bank);

/*
 * The realm memory of the granule at pa, which must be DRAM and not DATA.  Use
 * granule_page() to write: it remembers that the page needs wiping.
 */
uint8_t *realm_memory(const struct rmm *rmm, uint64_t pa);
/* The same of one that is DATA.  Processors may write to it concurrently. */
uint8_t *data_memory(const struct rmm *rmm, uint64_t pa);

/*
 * Copy size bytes out of the Non-secure granule at pa, once: what is checked
 * afterwards is the copy, since clients write to this memory concurrently.
 */
void ns_read(const struct rmm *rmm, uint64_t pa, void *buf, size_t size);
void ns_write(
    struct rmm *rmm, uint64_t pa, size_t offset, const void *buf, size_t size);

/* Make a part of the bank's Non-secure view read as zeros. */
void ns_discard(
    struct rmm *rmm, struct bank *bank, uint64_t offset, uint64_t size);

/* Give memory back to the system; it reads as zeros. */
void realm_discard(struct bank *bank, uint64_t offset, uint64_t size);
void data_discard(struct bank *bank, uint64_t offset, uint64_t size);

bool page_is_zero(const uint8_t *page);

#endif
