/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A host with a realm whose RECs it can enter, for tests of who plays it.
 */
#ifndef SCENE_H
#define SCENE_H

#include "peer.h"

/* A host, and a realm with one REC, in a lease. */
struct scene {
	struct peer host;
	uint8_t *memory;
	uint64_t base, pa, rec, other_rec, run_pa;
	uint64_t next_id;
};

struct scene scene_new(void);
struct rmi_rec_run *scene_run(const struct scene *scene);

/* Send RMI_REC_ENTER; its answer is waited for by scene_exit(). */
void scene_enter_rec(struct scene *s, uint64_t rec);
void scene_enter(struct scene *s);
const struct rmi_rec_exit *scene_exit(struct scene *s);

/* false: the REC does not run. */
bool scene_interrupt(struct peer *peer, uint64_t rec);

#endif
