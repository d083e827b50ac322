/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A realm that the test plays: its RECs and its memory, entries, what a REC
 * does, and exit records compared byte by byte.
 */
#ifndef DRIVE_H
#define DRIVE_H

#include "world.h"

#include "esr.h"

/* RECs of MPIDR 0, 1 and 2; the last is not runnable. */
#define REC2	G(200)
#define REC3	G(210)
#define REC_OFF REC3
/* Where they run: each has a page. */
#define RUN_OF(rec) ((rec) == REC ? RUN : (rec) == REC2 ? G(67) : G(68))

/* Protected pages: RIPAS and HIPAS. */
#define IPA_RAM			 0x0000ull /* RAM, ASSIGNED: DATA */
#define IPA_RAM_UNASSIGNED	 0x1000ull
#define IPA_EMPTY_UNASSIGNED	 0x2000ull
#define IPA_EMPTY		 0x3000ull
#define IPA_DESTROYED_UNASSIGNED 0x4000ull
#define IPA_DESTROYED		 0x5000ull
#define IPA_RAM_2		 0x6000ull /* RAM, ASSIGNED, as the next */
#define IPA_RAM_3		 0x7000ull
/* Unprotected ones: what is mapped, and how. */
#define IPA_NS_UNASSIGNED (UNPROT + 0x0000)
#define IPA_NS		  (UNPROT + 0x1000) /* read and write: SRC */
#define IPA_NS_READ	  (UNPROT + 0x2000)
#define IPA_NS_WRITE	  (UNPROT + 0x3000)
#define IPA_NS_NEITHER	  (UNPROT + 0x4000)
#define IPA_NS_REALM	  (UNPROT + 0x5000) /* a DELEGATED granule */
#define IPA_NS_DEVICE	  (UNPROT + 0x6000)
#define IPA_NS_NOWHERE	  (UNPROT + 0x7000)
#define IPA_NS_SECURE	  (UNPROT + 0x8000)

#define PC_START	  0x80200000ull

/* A realm, ACTIVE, with all of the above. */
struct world *drive_new(void);
/* The same, before RMI_REALM_ACTIVATE. */
struct world *drive_new_realm(void);

struct rmi_rec_run *drive_run(struct world *w, uint64_t rec);
/*
 * Enter the REC with what is in its run page; it must run then.  The exit half
 * is filled with rubbish before.
 */
void drive_enter(struct world *w, uint64_t rec);
/* Likewise with these flags, and nothing else. */
void drive_enter_flags(struct world *w, uint64_t rec, uint64_t flags);
/* Enter a REC whose entry is over at once. */
void drive_enter_exits(struct world *w, uint64_t rec, uint64_t flags);

/* Actions, after each of which the invariants hold. */
enum rmm_outcome drive_smc(
    struct world *w, uint64_t rec, const uint64_t *x, unsigned num);
#define SMC(w, rec, ...)                                         \
	drive_smc((w), (rec), (const uint64_t[]){ __VA_ARGS__ }, \
	    sizeof((const uint64_t[]){ __VA_ARGS__ }) / 8)
enum rmm_outcome drive_access(
    struct world *w, uint64_t rec, const struct rmm_access *access, void *data);
/* What software does with its memory, which must be there. */
void drive_read(
    struct world *w, uint64_t rec, uint64_t ipa, void *data, uint32_t size);
void drive_write(struct world *w, uint64_t rec, uint64_t ipa, const void *data,
    uint32_t size);
/* A load or store of 8 bytes, X1, at an IPA. */
enum rmm_outcome drive_load(struct world *w, uint64_t rec, uint64_t ipa);
enum rmm_outcome drive_store(struct world *w, uint64_t rec, uint64_t ipa);
enum rmm_outcome drive_interrupt(
    struct world *w, uint64_t rec, enum rmm_interrupt interrupt);
/* Out of the REC, whatever it does. */
void drive_kick(struct world *w, uint64_t rec);

uint64_t drive_gpr(const struct world *w, uint64_t rec, unsigned n);
void drive_set_gpr(struct world *w, uint64_t rec, unsigned n, uint64_t value);
uint64_t drive_pc(const struct world *w, uint64_t rec);
uint64_t drive_sysreg(
    const struct world *w, uint64_t rec, enum rec_sysreg sysreg);
struct rmm_rec_info drive_rec(const struct world *w, uint64_t rec);

/*
 * The call of the REC came back: X0, then what its outputs are, then nothing
 * but zeros up to X16.
 */
void drive_results(
    struct world *w, uint64_t rec, const uint64_t *x, unsigned num);
#define ck_results(w, rec, ...)                                      \
	drive_results((w), (rec), (const uint64_t[]){ __VA_ARGS__ }, \
	    sizeof((const uint64_t[]){ __VA_ARGS__ }) / 8)

/* A call of the realm fails by this condition, and changes only X0 to X16. */
#define ck_realm_reject(w, rec, id, status, ...)                             \
	do {                                                                 \
		ck_assert_int_eq(SMC((w), (rec), __VA_ARGS__), RMM_GOES_ON); \
		ck_assert_msg((w)->result.answer.condition != NULL,          \
		    "no condition failed, must be " #id);                    \
		ck_assert_str_eq((w)->result.answer.condition, #id);         \
		ck_assert_int_eq(                                            \
		    (int64_t)drive_gpr((w), (rec), 0), (int64_t)(status));   \
	} while (0)

/*
 * The exit half of the run page is this record and nothing else, and the entry
 * half is as the host left it.  The timers and the GIC are as after a reset,
 * unless the record says otherwise.
 */
void drive_exited(
    struct world *w, uint64_t rec, const struct rmi_rec_exit *exit);
#define ck_exit(w, rec, ...) \
	drive_exited((w), (rec), &(const struct rmi_rec_exit){ __VA_ARGS__ })

#endif
