/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of the preload shim share.
 *
 * The shim's functions bear libc's names, and its own library calls them like
 * everybody else.  That does no harm where the descriptor is none that has been
 * entered; elsewhere a thread that is in the library is past the shim.  Not so
 * for ioctl() and what else handlers of signals may use: KVM_RUN waits, and
 * they run, in the middle of the library.
 */
#ifndef PRELOAD_SHIM_H
#define PRELOAD_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libc.h"
#include "rim.h"
#include "rmmkvm.h"
#include "statistics.h"

/* A function of libc's name, for the program to find. */
#define SHIM_API __attribute__((visibility("default")))
/* A second name of it: off_t has 64 bits here whatever it is called. */
#define SHIM_ALIAS(name) __attribute__((visibility("default"), alias(name)))

#define SHIM_KVM_MAJOR	 10
#define SHIM_KVM_MINOR	 232

/* ---- state.c: this process and its system ------------------------------ */

/*
 * From enter to leave, which nest, this thread is in the library: no signal
 * handler runs, but while KVM_RUN waits, and it is not cancelled.
 */
void shim_enter(void);
void shim_leave(void);
bool shim_inside(void);

/* The system behind /dev/kvm, made at first use; NULL with errno set. */
struct rmmkvm *shim_system(void);
/* The same, NULL if there is none yet, or it is another process's. */
struct rmmkvm *shim_current(void);

/* Does fd stand for a file of this process's system?  Cheap. */
bool shim_owns(int fd);
/* Enter fd, if the system has it.  Returns fd. */
int shim_note(int fd);
/*
 * copy was made of fd, which may be anything: it stands for the same.  Returns
 * copy, or -1 with errno set and copy closed.
 */
int shim_copied(int fd, int copy);
/* True the first time for a descriptor. */
bool shim_keep(int fd);
/* fd ends otherwise than by shim_close(). */
void shim_forget(int fd);
/* close() of one that shim_owns(). */
int shim_close(int fd);
/* The lowest that is entered in [first, last], or -1. */
int shim_next_owned(unsigned first, unsigned last);
/* A descriptor that only the library may use, until the process ends. */
bool shim_is_private(int fd);
/* The lowest private descriptor in [first, last], or -1. */
int shim_next_private(unsigned first, unsigned last);

enum shim_origin {
	SHIM_OWN,     /* entered */
	SHIM_FOREIGN, /* of another process's system */
	SHIM_REAL,    /* the kernel's KVM */
	SHIM_OTHER,
};
/* Find out what a descriptor is that is not known, and enter it if it is ours.
 */
enum shim_origin shim_adopt(int fd);

/* A line on standard error, from "rmm-kvm: " to the newline. */
void shim_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- path.c: which names are /dev/kvm's -------------------------------- */

/* By its text alone. */
bool shim_names_kvm(const char *path);
/*
 * By a look at the directory and at symbolic links, for a path that could not
 * be opened: does it lead to where /dev/kvm would be?  Leaves errno as it is.
 */
bool shim_leads_to_kvm(int dirfd, const char *path);
/* An open descriptor, or what a path says, of the kernel's /dev/kvm. */
bool shim_is_real_kvm(const struct stat *status);

/* ---- statistics.c: what the client asked ------------------------------- */

void shim_count_start(void);
bool shim_counts(void);
/* A system was made. */
void shim_count_system(void);
/* The caller's memory; false if it can not be read. */
bool shim_read(struct rmmkvm *system, void *to, uintptr_t from, size_t size);
struct shim_call {
	enum rmmkvm_kind kind;
	int fd;
	uint32_t command;
	uintptr_t arg;
	struct rkvm_populate populate; /* as it was, if it is one */
	bool is_populate;
	bool advances; /* it is told how far it came in the structure */
};
void shim_count_before(struct rmmkvm *system, struct shim_call *call);
void shim_count_after(
    struct rmmkvm *system, const struct shim_call *call, long result);
void shim_count_rim(uint64_t rd, const struct rim *rim);

/* ---- realm.c: what is told of realms ----------------------------------- */

void shim_realm_after(struct rmmkvm *system, const struct shim_call *call);

#endif
