/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A realm with something to do: memory that it shares with its VMM, and a
 * thread that acts as the software on one of its vCPUs.
 */
#ifndef PLAY_H
#define PLAY_H

#include <pthread.h>

#include "kvm-test.h"
#include "rmmguest.h"
#include "rsi.h"

#define SHARED_BIT (1ull << (IPA_BITS - 1))

struct stage {
	struct env env;
	int slot_fd;
	uint8_t *user; /* behind the slot; as large as it */
	int vcpus[4];
	struct rkvm_run *run[4];
	unsigned num_vcpus;
};

/*
 * A VM with num_vcpus vCPUs, a GIC and size bytes of RAM at GPA, private;
 * processes play its realm.
 */
void stage_open(
    struct stage *stage, int profile, uint64_t size, unsigned num_vcpus);
/* Close it; nothing must be left of it on the machine. */
void stage_close(struct stage *stage);

/* The software on the vCPU with this MPIDR, from the first entry on. */
struct player {
	pthread_t thread;
	struct rmmguest *guest;
	uint64_t mpidr;
	void (*act)(struct rmmguest *guest, void *arg);
	void *arg;
};
void player_start(struct player *player, uint64_t mpidr,
    void (*act)(struct rmmguest *, void *), void *arg);
/* It is at an end, or waits for an entry that will not come. */
void player_join(struct player *player);

/* KVM_RUN of vCPU i. */
long run(struct stage *stage, unsigned i);
/* KVM_RUN again, until it is none of -EINTR and -EAGAIN. */
long run_on(struct stage *stage, unsigned i);
/* KVM_RUN ends with SYSTEM_EVENT SHUTDOWN. */
void expect_off(struct stage *stage, unsigned i);
void expect_memory_fault(
    struct stage *stage, unsigned i, uint64_t gpa, uint64_t size, bool private);
void set_register(struct stage *stage, unsigned i, uint64_t id, uint64_t value);
uint64_t get_register(struct stage *stage, unsigned i, uint64_t id);
/* Hypercalls base to base + num - 1 go to user space. */
void forward(struct stage *stage, uint32_t base, uint32_t num);

/* In a player: fail the test unless the call returned 0. */
#define DID(call)                                                    \
	do {                                                         \
		int did_ = (call);                                   \
		ck_assert_msg(did_ == 0, "%s: %d (%s)", #call, did_, \
		    rmmguest_error(NULL));                           \
	} while (0)

#endif
