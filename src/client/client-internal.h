/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of librmmclient share.
 */
#ifndef CLIENT_INTERNAL_H
#define CLIENT_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>

#include "channel.h"
#include "rmmclient.h"

/* A piece of Non-secure memory that is mapped here. */
struct mapping {
	struct mapping *next;
	uint64_t pa;
	uint64_t size;
	uint8_t *address;
};

/* The machine's memory as it was told us, once, when first asked for. */
struct memory {
	pthread_mutex_t lock;
	bool known;
	struct rmmclient_bank *banks;
	size_t num_banks;
	int fd;
	struct mapping *mappings;
};

struct rmmclient {
	struct channel *channel;
	struct memory memory;
};

struct channel_watch;

/*
 * rmmclient_call().  violated: NULL if only the decisive condition is asked
 * for; watch: NULL for a wait that nothing interrupts.
 */
int client_call(struct rmmclient *client, unsigned pe,
    uint64_t x[RMMCLIENT_REGS], struct rmmclient_reason *reason,
    struct rmmclient_violated *violated, const struct channel_watch *watch);

void memory_init(struct memory *memory);
void memory_fini(struct memory *memory);

#endif
