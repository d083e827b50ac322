/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the rows of the table of errnos share: a realm VM in one profile, and a
 * populate call whatever the profile's interface is.
 */
#ifndef ERRNOS_H
#define ERRNOS_H

#include "kvm-test.h"

#define SIZE (4 * MIB)

struct fixture {
	struct env env; /* a slot at GPA that shows env.src, private */
	struct rmmkvm_uapi uapi;
	int pipe[2];
};

void fixture_open(struct fixture *f, const char *profile);
void fixture_close(struct fixture *f);

/* The realm, where it is not made by the first populate. */
void begin(struct fixture *f);
/* KVM_ENABLE_CAP with an operation of the multiplexed interface. */
long operation(struct fixture *f, uint64_t number, const void *arg);
/* KVM_ARM_VCPU_FINALIZE of the REC. */
long finalize(struct fixture *f, int vcpu);
/* RECs and activation, where they are not made by the first KVM_RUN. */
void activate(struct fixture *f, int vcpu);
long vcpu_call(struct fixture *f, int vcpu, uint32_t command, const void *arg);

/*
 * Populate with args: through the ioctl, the operation, or a pipe.  Returns
 * pages done, or -errno.
 */
long pop(struct fixture *f, struct rkvm_populate args);
/* A vCPU, not initialised; and initialised with features. */
int new_vcpu(struct fixture *f, unsigned id);
int vcpu_with(struct fixture *f, unsigned id, uint32_t features);

/* A row: what is asked, and its answer. */
struct row {
	const char *id;
	long (*ask)(struct fixture *f);
};
extern const struct row vm_rows[], run_rows[], populate_rows[];

#endif
