/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Realm Initial Measurement (A7.1.1) and the extensible ones (A7.1.2).  All
 * that could fail for want of memory happens when the machine is made.
 */
#ifndef MEASUREMENT_H
#define MEASUREMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rmi.h"
#include "rmm.h"

#define MEASUREMENT_SIZE 64
#define NUM_HASHES	 2 /* enum rmi_hash_algorithm */

struct realm;

struct hasher {
	struct evp_md_st *md[NUM_HASHES];
	struct evp_md_ctx_st *ctx[NUM_HASHES];
	/* The digest of a page of zeros, which is most of most images. */
	uint8_t zero_page[NUM_HASHES][MEASUREMENT_SIZE];
};

bool hasher_init(struct hasher *hasher);
void hasher_fini(struct hasher *hasher);

/* Digest of size bytes; a digest shorter than 64 bytes is followed by zeros. */
void hasher_digest(struct hasher *hasher, enum rmi_hash_algorithm algorithm,
    const void *data, size_t size, uint8_t digest[MEASUREMENT_SIZE]);

/* The length of a digest. */
static inline size_t
hash_size(enum rmi_hash_algorithm algorithm)
{
	return algorithm == RMI_HASH_SHA_512 ? 64 : 32;
}

/* RimInit (B4.3.9.4). */
void rim_init(
    struct rmm *rmm, uint64_t rd, const struct rmi_realm_params *params);
/* RimExtendData (B4.3.1.4); zero: page is a page of zeros. */
void rim_extend_data(struct rmm *rmm, uint64_t rd, uint64_t ipa, uint64_t flags,
    const uint8_t *page, bool zero);
/* RimExtendRec (B4.3.12.4). */
void rim_extend_rec(
    struct rmm *rmm, uint64_t rd, const struct rmi_rec_params *params);
/* RimExtendRipasForEntry (B4.3.18.4). */
void rim_extend_ripas(
    struct rmm *rmm, uint64_t rd, uint64_t base, uint64_t top);

/*
 * RemExtend (B3.42) of the realm's measurement with this index, 1 to 4, by the
 * first size bytes of value, 0 to 64.
 */
void rem_extend(struct rmm *rmm, uint64_t rd, unsigned index,
    const uint8_t *value, size_t size);

#endif
