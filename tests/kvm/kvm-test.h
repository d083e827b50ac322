/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests of librmmkvm share: a daemon of their own, a realm VM to play
 * with, and a look at what the machine holds.
 */
#ifndef KVM_TEST_H
#define KVM_TEST_H

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "channel.h"
#include "rmi.h"
#include "rmmclient.h"
#include "rmmkvm.h"

#define PAGE	 4096ull
#define MIB	 (1ull << 20)
#define GIB	 (1ull << 30)
#define GPA	 0x80000000ull
#define IPA_BITS 40u

/* Those with a populate ioctl, in order: a test's loop goes over them. */
#define NUM_PROFILES 5
extern const char *const profiles[NUM_PROFILES];

/*
 * Run suite under an rmmd of its own: the program starts itself again as the
 * command of "rmmd --run".  Returns the exit status.
 */
int kvm_test_main(int argc, char **argv, Suite *suite);

/* A realm VM with a guest_memfd at GPA, private throughout. */
struct env {
	const char *profile;
	bool v12;
	bool v15;    /* or later: attributes are the guest_memfd's */
	bool latest; /* the newest tree */
	struct rmmkvm *kvm;
	int vm;
	int gmem;
	uint64_t size;
	uint8_t *src; /* of size bytes, patterned */
};

void env_open(struct env *env, int profile, uint64_t size);
/* The same, with neither slot nor source. */
void env_open_bare(struct env *env, int profile);
void env_close(struct env *env);

long vm_call(struct env *env, uint32_t command, const void *arg);
int make_gmem(struct env *env, uint64_t size);
long set_slot(struct env *env, uint32_t slot, uint64_t gpa, uint64_t size,
    int gmem, uint64_t offset);
long set_private(struct env *env, uint64_t gpa, uint64_t size, bool private);
/* vCPU id, initialised with PSCI_0_2. */
int make_vcpu(struct env *env, unsigned id);
/* A GICv3 with addresses, initialised; and an attribute of it, or of another.
 */
int make_gic(struct env *env);
long set_attr(struct env *env, int fd, uint32_t group, uint64_t attribute,
    const void *value);
long run_vcpu(struct env *env, int vcpu);

/* What a page of the pattern holds at offset. */
uint8_t pattern(uint64_t offset);

/* The arguments that populate offset to offset + size of the source. */
struct rkvm_populate args_for(
    const struct env *env, uint64_t offset, uint64_t size);
long populate(struct env *env, struct rkvm_populate *args);

/*
 * Populate with args, and check what comes back: want pages done, or -errno.
 * In v12 that is the returned count, and the structure is as before; in v13
 * the structure has advanced, and 0 is returned.
 */
void expect_populate(
    struct env *env, const struct rkvm_populate *args, int64_t want);
/* The same where the profiles differ: v13 also stands for what follows. */
void expect_populates(struct env *env, const struct rkvm_populate *args,
    int64_t want_v12, int64_t want_v13);
void expect_populates4(struct env *env, const struct rkvm_populate *args,
    int64_t want_v12, int64_t want_v13, int64_t want_v15, int64_t want_latest);

enum rmmkvm_state realm_state(struct env *env);
uint64_t realm_rd(struct env *env);
struct rmmclient *raw(struct env *env);

/* Pages [first, first + num) from GPA are RAM of the realm; or not mapped. */
void expect_mapped(struct env *env, uint64_t first, uint64_t num);
void expect_unmapped(struct env *env, uint64_t first, uint64_t num);
/* PA of a page of env->gmem; it must have one. */
uint64_t gmem_pa(struct env *env, uint64_t page);

/* ---- By the control socket -------------------------------------------- */

struct channel *control(void);
/* The state of the granule at pa, by name, into state. */
void granule_state(uint64_t pa, char state[32]);
/* Granules that are not UNDELEGATED, and leases. */
uint64_t granules_in_use(void);
size_t num_leases(void);
/* The RIM of the realm, as hexadecimal text. */
void read_rim(struct env *env, char rim[129]);

#endif
