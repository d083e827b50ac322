/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a client asked of KVM: one structure in a file that rmm-kvm makes and
 * every process of the command maps, so that it can be read at any time and is
 * there whichever way the command ends.  Counters only grow; who reads them
 * trusts none.
 */
#ifndef PRELOAD_STATISTICS_H
#define PRELOAD_STATISTICS_H

#include <stdatomic.h>
#include <stdint.h>

#include "rim.h"

#define STATISTICS_ENV	     "RMM_KVM_STATISTICS"
#define STATISTICS_MAGIC     0x31534b4du

#define STATISTICS_CALLS     256
#define STATISTICS_CAPS	     1024
#define STATISTICS_TYPES     64
#define STATISTICS_EXITS     64
#define STATISTICS_POPULATES 256
#define STATISTICS_ERRORS    4
#define STATISTICS_RIMS	     64

/* Entries of a table with keys: key 0 is free. */
struct statistics_error {
	_Atomic uint32_t error; /* errno */
	_Atomic uint32_t count;
};

struct statistics_call {
	_Atomic uint64_t key; /* kind + 1 << 32 | command */
	_Atomic uint64_t count;
	_Atomic uint64_t failed;
	struct statistics_error errors[STATISTICS_ERRORS];
};

struct statistics_cap {
	_Atomic uint32_t count[2]; /* on /dev/kvm, on a VM */
	_Atomic int32_t result[2]; /* the last */
	_Atomic uint32_t enabled;  /* KVM_ENABLE_CAP */
};

struct statistics_type {
	_Atomic uint64_t key; /* type + 1 */
	_Atomic uint32_t count;
	_Atomic uint32_t failed;
	_Atomic uint32_t error; /* the last */
};

struct statistics_populate {
	uint64_t base;
	uint64_t size;
	uint64_t done; /* bytes */
	uint32_t flags;
	uint32_t error;
	_Atomic uint32_t complete; /* the rest is there */
};

struct statistics_rim {
	uint64_t rd;
	struct rim rim;
	_Atomic uint32_t complete; /* the rest is there */
};

struct statistics {
	_Atomic uint32_t magic;
	char profile[32];
	_Atomic uint32_t processes; /* that opened /dev/kvm */
	_Atomic uint32_t lost;	    /* what a table had no room for */
	struct statistics_call calls[STATISTICS_CALLS];
	struct statistics_cap caps[STATISTICS_CAPS];
	struct statistics_type types[STATISTICS_TYPES];
	_Atomic uint64_t exits[STATISTICS_EXITS]; /* of KVM_RUN, by reason */
	_Atomic uint64_t populate_calls;
	_Atomic uint64_t populate_bytes;
	_Atomic uint64_t populate_partial;
	_Atomic uint64_t populate_none;	 /* success, no progress */
	_Atomic uint64_t populate_eintr; /* nothing done, a signal */
	_Atomic uint64_t populate_failed;
	struct statistics_populate populates[STATISTICS_POPULATES];
	_Atomic uint32_t num_rims;
	struct statistics_rim rims[STATISTICS_RIMS];
};

#endif
