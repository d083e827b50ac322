/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What all connections share: the machine, the leases, and the counts that
 * "rmmctl status" shows.  It knows nothing of sockets.
 */
#ifndef SERVER_H
#define SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "machine.h"
#include "realm/actor.h"
#include "rmmd.pb-c.h"

struct session;

/* A range of DRAM that one session alone is given. */
struct lease {
	TAILQ_ENTRY(lease) link; /* in order of pa */
	uint64_t pa, size;
	struct session *owner;
};
TAILQ_HEAD(lease_list, lease);

struct batch_room;

struct server {
	struct machine *machine;
	struct actors actors; /* who plays the realms */
	struct lease_list leases;
	unsigned num_leases;
	unsigned num_sessions; /* connections that said hello */
	uint64_t calls, failed_calls;
	uint64_t feature_register_0;
	unsigned rec_aux_count;
	char order[48];			   /* as the option has it */
	char choices[RMM_CHOICES + 1][48]; /* "sbz=ignore" */
	char *choice_pointers[RMM_CHOICES + 1];
	const char *socket_path, *control_path;
	struct batch_room *batch; /* what the answers to one batch need */
};

/* cfg: what the machine was made from.  false: no memory. */
bool server_init(struct server *server, struct machine *machine,
    const struct rmm_config *cfg);
void server_release(struct server *server);

#endif
