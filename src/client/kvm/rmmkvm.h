/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * librmmkvm: what Linux's KVM does for an Arm CCA realm, in terms of RMI calls
 * to an rmmd.  See librmmkvm(3).
 *
 * A system stands for /dev/kvm.  It hands out file descriptors as the kernel
 * does: for VMs, vCPUs, guest_memfds and devices.  They are real (a memfd each,
 * so that mmap() of a vCPU gives its struct kvm_run), but an ioctl() on one
 * must be made with rmmkvm_ioctl(), and its end told with rmmkvm_close_fd().
 *
 * The command words and structures are those of the kernel
 * (kvm-arm-rmi.h).  Functions may be used by many threads at once.
 */
#ifndef RMMKVM_H
#define RMMKVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kvm-arm-rmi.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rmmclient;
struct rmmkvm;

struct rmmkvm_config {
	const char *socket; /* the daemon's; NULL: rmmclient_connect()'s */
	const char *name;   /* for the daemon's log; may be NULL */
	/* A name of rmmkvm_profiles(); NULL: $RMM_KVM_PROFILE, or "v13". */
	const char *profile;
	/*
	 * The most bytes that one populate call does, rounded down to pages but
	 * never below one; 0: $RMM_KVM_POPULATE_LIMIT, or no limit of its own.
	 */
	uint64_t populate_limit;
	/*
	 * Which known bugs of the posting are played: "none", "all", or names
	 * with commas between them; NULL: $RMM_KVM_BUGS, or "all".
	 */
	const char *bugs;
	/*
	 * What disturbs populate calls, by count or address: see librmmkvm(3);
	 * NULL: $RMM_KVM_POPULATE_FAULT, or nothing.
	 */
	const char *populate_fault;
};

/* The names of the profiles, NULL at the end. */
const char *const *rmmkvm_profiles(void);
/* A line about one of them, or NULL: there is none of that name. */
const char *rmmkvm_profile_about(const char *name);

/* The one that NULL stands for. */
const char *rmmkvm_default_profile(void);

/* By which a profile's client can be told. */
struct rmmkvm_profile_info {
	const char *name;
	unsigned cap_rmi;      /* the number of KVM_CAP_ARM_RMI */
	uint64_t vm_type_mask; /* of a VM type's bits that say what kind */
	uint64_t vm_type_realm;
};

/* Of the profile at index of rmmkvm_profiles(); false beyond the last. */
bool rmmkvm_profile_info(size_t index, struct rmmkvm_profile_info *info);

/*
 * Connect to the daemon and find out what its RMM can do.
 *
 * config: may be NULL.
 *
 * Returns NULL with errno set as rmmclient_connect(), or to EINVAL (no such
 * profile); the sentence is in rmmkvm_error().
 */
struct rmmkvm *rmmkvm_open(const struct rmmkvm_config *config);

/* Close every file descriptor of it, then itself.  NULL is allowed. */
void rmmkvm_close(struct rmmkvm *system);

/* Why this thread's last failure was one, for a person; never NULL. */
const char *rmmkvm_error(void);

/* The file descriptor that stands for /dev/kvm. */
int rmmkvm_fd(const struct rmmkvm *system);
bool rmmkvm_owns(struct rmmkvm *system, int fd);

/* What a VMM that is written for the system's profile has in its headers. */
struct rmmkvm_uapi {
	const char *profile;
	const char *about;
	unsigned cap_rmi; /* KVM_CAP_ARM_RME, KVM_CAP_ARM_RMI */
	uint64_t vm_type_realm;
	uint32_t populate_command; /* 0: it is no ioctl */
	bool operations; /* KVM_ENABLE_CAP(cap_rmi) does everything instead */
	bool splice;	 /* splice(2) into the guest_memfd does instead */
	bool advances;	 /* populate advances its arguments; else it counts */
	/* 0: private is an attribute of the VM; else of the guest_memfd. */
	unsigned cap_gmem_attributes;
	uint64_t gmem_flags;
	uint64_t gmem_attributes; /* beside PRIVATE */
	bool measures_range;  /* RKVM_MEMORY_ATTRIBUTE_MEASURE, and no flag */
	unsigned rec_feature; /* of KVM_ARM_VCPU_FINALIZE; 0: there is none */
	bool psci_complete;   /* KVM_ARM_VCPU_RMI_PSCI_COMPLETE exists */
};
void rmmkvm_uapi(const struct rmmkvm *system, struct rmmkvm_uapi *uapi);

/* The command word that populates; 0: it is no ioctl. */
uint32_t rmmkvm_populate_command(const struct rmmkvm *system);
/* The machine type for KVM_CREATE_VM: a realm with IPAs of ipa_bits bits. */
uint64_t rmmkvm_realm_type(const struct rmmkvm *system, unsigned ipa_bits);
/* The widest IPA that the RMM allows a realm. */
unsigned rmmkvm_max_ipa_bits(const struct rmmkvm *system);
void rmmkvm_set_populate_limit(struct rmmkvm *system, uint64_t bytes);
struct rmmclient *rmmkvm_client(struct rmmkvm *system);

/*
 * ioctl(fd, command, arg).
 *
 * Returns what the kernel's system call returns: 0 or more, or -errno.  The
 * profile v12 returns the bytes that a populate did as an int, hence values
 * below -4095 when they are 2 GiB or more; they are no errors.
 */
long rmmkvm_ioctl(
    struct rmmkvm *system, int fd, unsigned long command, uintptr_t arg);

/*
 * close(fd).  As in the kernel, a VM goes when all file descriptors are closed
 * that came of it, and the memory of a guest_memfd goes with its own.
 *
 * Returns 0, or -EBADF.
 */
int rmmkvm_close_fd(struct rmmkvm *system, int fd);

/*
 * For a program that stands between a VMM and its system calls.
 *
 * Each file is a memfd; its name begins so, and ends "kvm" for /dev/kvm's.
 */
#define RMMKVM_MEMFD "rmm-kvm:"

enum rmmkvm_kind {
	RMMKVM_SYSTEM = 0,
	RMMKVM_VM = 1,
	RMMKVM_VCPU = 2,
	RMMKVM_GUEST_MEMFD = 3,
	RMMKVM_DEVICE = 4,
};

/* An enum rmmkvm_kind, or -EBADF. */
int rmmkvm_kind(struct rmmkvm *system, int fd);
/* Whether mmap(fd) maps what the kernel's does: 0, -ENODEV, -EBADF. */
int rmmkvm_check_map(struct rmmkvm *system, int fd);

/*
 * copy = dup(fd), or what else made copy, was called: from now on it stands for
 * the same.  A file ends when its last descriptor does.
 *
 * Returns 0, -EBADF, -EBUSY (copy stands for something already), -ENOMEM,
 * -EMFILE.
 */
int rmmkvm_dup_fd(struct rmmkvm *system, int fd, int copy);
/*
 * fd came some other way, by SCM_RIGHTS for one: it stands for what the
 * descriptor does that it is of.  Returns as rmmkvm_dup_fd().
 */
int rmmkvm_adopt_fd(struct rmmkvm *system, int fd);
/* As rmmkvm_close_fd() for one that is closed, or replaced, in another way. */
int rmmkvm_forget_fd(struct rmmkvm *system, int fd);

/*
 * The descriptors that the library needs for itself and that no file of the
 * VMM's stands for; returns how many.
 */
#define RMMKVM_PRIVATE_FDS 4
size_t rmmkvm_private_fds(struct rmmkvm *system, int fds[RMMKVM_PRIVATE_FDS]);

/*
 * fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, size) on
 * a guest_memfd: its pages leave the realm and are freed.  Returns 0 or -errno.
 */
int rmmkvm_punch_hole(
    struct rmmkvm *system, int fd, uint64_t offset, uint64_t size);
/* fallocate(fd, mode, offset, size), of which this is one mode. */
int rmmkvm_fallocate(
    struct rmmkvm *system, int fd, int mode, uint64_t offset, uint64_t size);

/*
 * splice(fd_in, off_in, fd_out, off_out, length, flags) from a pipe into a
 * guest_memfd, in profiles that have it: whole pages, private ones, become the
 * realm's.  Returns bytes, fewer than length at the slot's or the pipe's end or
 * where a page failed, 0 if the pipe has no writer and is empty, or -errno:
 * what splice() says, and what populate says of its first page.
 */
long rmmkvm_splice(struct rmmkvm *system, int fd_in, int64_t *off_in,
    int fd_out, int64_t *off_out, size_t length, unsigned flags);

enum rmmkvm_state {
	RMMKVM_NONE = 0,
	RMMKVM_NEW = 1,
	RMMKVM_ACTIVE = 2,
	RMMKVM_DYING = 3,
	RMMKVM_DEAD = 4,
};

struct rmmkvm_realm {
	enum rmmkvm_state state;
	uint64_t rd;	 /* PA; of meaning unless state is RMMKVM_NONE */
	uint64_t serial; /* of the VM: no other one of the system has it */
};

/*
 * The realm behind a VM or one of its vCPUs.  Returns 0, -EBADF, or -EINVAL:
 * not a realm VM's.
 */
int rmmkvm_realm(struct rmmkvm *system, int fd, struct rmmkvm_realm *realm);

/*
 * The PA of the page of a guest_memfd at offset; -ENOENT if it has none yet,
 * -EBADF, -EINVAL.
 */
int rmmkvm_gmem_page(
    struct rmmkvm *system, int fd, uint64_t offset, uint64_t *pa);

#ifdef __cplusplus
}
#endif

#endif
