/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A host with a realm of two RECs in a lease, whose code is at IPA 0x1000, and
 * processors to run it, in processes of their own.
 */
#ifndef SCENE_H
#define SCENE_H

#include <stdbool.h>
#include <sys/types.h>

#include "../daemon/peer.h"
#include "rmi.h"

#define SCENE_RECS   2
#define SCENE_CODE   0x1000ull /* IPA; the vectors are in its second half */
#define SCENE_VECTOR 0x800     /* from there */
#define SCENE_DATA   0x2000ull /* IPA of a page of DATA */
#define SCENE_EMPTY  0x5000ull
#define SCENE_UNPROT (1ull << 31)
/* Unprotected, mapped to scene.ns_pa by scene_map_ns(). */
#define SCENE_NS	 (SCENE_UNPROT + 0x200000)

#define SCENE_PROCESSORS 4

struct scene {
	struct peer host;  /* enters RECs */
	struct peer calls; /* and calls while they run */
	uint8_t *memory;
	uint64_t base, pa, ns_pa, data_pa;
	uint64_t rec[SCENE_RECS], run_pa[SCENE_RECS];
	bool exited[SCENE_RECS];
	pid_t processors[SCENE_PROCESSORS];
	unsigned num_processors;
};

/* Put code into the page, at an offset, before scene_activate(). */
struct image {
	const uint32_t *code;
	size_t size; /* bytes */
	size_t offset;
};
#define IMAGE(code, offset)                    \
	{                                      \
		(code), sizeof(code), (offset) \
	}

/*
 * x0: of each REC; word: the first 64 bits of the page at SCENE_DATA.
 */
struct scene scene_new(const struct image *images, size_t num_images,
    const uint64_t x0[SCENE_RECS], uint64_t word);
/* Map the Non-secure page, whose first 64 bits are word. */
void scene_map_ns(struct scene *scene, uint64_t word);
/* Wait until a REC has written to the page, where its X1 says. */
void scene_await_sign(struct scene *scene, unsigned n);
void scene_free(struct scene *scene);

/* RMI_REC_ENTER of a REC; scene_exit() waits for its end. */
void scene_enter(struct scene *scene, unsigned n);
const struct rmi_rec_exit *scene_exit(struct scene *scene, unsigned n);
struct rmi_rec_run *scene_run(const struct scene *scene, unsigned n);
/* Both: the code begins with a WFI, which shows that it runs. */
void scene_begin(struct scene *scene, unsigned n);
/* Both, with the GIC's state of the last exit, until it exits by no IRQ. */
const struct rmi_rec_exit *scene_go_on(struct scene *scene, unsigned n);

/* Kick a REC, until it runs.  From another connection. */
void scene_kick(const struct scene *scene, unsigned n);

/* Start a processor for this REC, or any (SCENE_RECS). */
void scene_add_processor(struct scene *scene, unsigned n);
/*
 * The same for a REC that is entered, but it gets lost in thought after three
 * instructions, with or without saying so.  Returns when it is.
 */
void scene_add_sleeper(struct scene *scene, bool pauses);
/* Wait for the end of the last processor: -errno of its run. */
int scene_end_of_processor(struct scene *scene);

#endif
