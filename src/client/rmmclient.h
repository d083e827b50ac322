/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * librmmclient: talk to an rmmd as its host.  See librmmclient(3).
 *
 * A client may be used by many threads at once: each call waits for its own
 * reply and holds up no other.  Functions that return int return 0 or more on
 * success and -errno on failure; rmmclient_error() then has the sentence.
 */
#ifndef RMMCLIENT_H
#define RMMCLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the library exports; everything else in it is hidden. */
#pragma GCC visibility push(default)

struct rmmclient;

#define RMMCLIENT_REGS 18 /* X0 to X17 */

/*
 * Connect to the host's socket and say hello.
 *
 * path: the socket; NULL: $RMMD_SOCKET, or the default (rmmd(8)).
 * name: what the daemon's log calls this client, at most 64 bytes; may be NULL.
 *
 * Returns NULL with errno set: ENOENT, ECONNREFUSED (no daemon), EACCES (not
 * our user), EPROTONOSUPPORT (no common version), EPROTO, ENOMEM; the sentence
 * is in rmmclient_error(NULL).
 */
struct rmmclient *rmmclient_connect(const char *path, const char *name);

/* Close.  Leases end; no other thread may be in a call.  NULL is allowed. */
void rmmclient_close(struct rmmclient *client);

/*
 * The last failure of this thread, as a sentence for a person; never NULL.
 * client is not looked at and may be NULL.
 */
const char *rmmclient_error(const struct rmmclient *client);

/* The connection's descriptor: to be left alone, and watched for its end. */
int rmmclient_fd(const struct rmmclient *client);
/* The daemon, as it named itself: "rmmd 0.1.0", "RMI 1.0". */
const char *rmmclient_server(const struct rmmclient *client);
const char *rmmclient_abi(const struct rmmclient *client);
/* The most calls one rmmclient_batch() message carries. */
size_t rmmclient_max_batch(const struct rmmclient *client);

/* ---- Calls ------------------------------------------------------------ */

/* Why a call did not succeed: the specification's identifier, a sentence. */
struct rmmclient_reason {
	char condition[48]; /* "data_state"; "" if there is none */
	char why[200];
};

/*
 * Execute SMC on PE pe.
 *
 * x: X0 to X17, in and out.  Any function id may be given.
 * reason: may be NULL.
 *
 * Returns X0's low 16 bits, the RMI return code (0: RMI_SUCCESS), or
 * -ENOSYS (X0 is SMC_NOT_SUPPORTED), -EINTR (a signal came before the request
 * was sent: nothing happened), -ECONNRESET, -EPROTO, -ENOMEM.
 * After the request was sent a signal does not end the wait.
 */
int rmmclient_call(struct rmmclient *client, unsigned pe,
    uint64_t x[RMMCLIENT_REGS], struct rmmclient_reason *reason);

/*
 * All that is wrong with a call: the specification's identifiers of every
 * condition it violates, as far as the monitor can judge them.
 */
#define RMMCLIENT_VIOLATED_MAX 32
struct rmmclient_violated {
	size_t num; /* 0 after a success */
	char conditions[RMMCLIENT_VIOLATED_MAX][48];
};

/* rmmclient_call(), and ask for all that is wrong with the call. */
int rmmclient_call_collect(struct rmmclient *client, unsigned pe,
    uint64_t x[RMMCLIENT_REGS], struct rmmclient_reason *reason,
    struct rmmclient_violated *violated);

/* One call of a batch; x is in and out as in rmmclient_call(). */
struct rmmclient_step {
	uint64_t x[RMMCLIENT_REGS];
};

/*
 * Execute up to n calls on PE pe, one after another, stopping after the first
 * whose X0 is not 0.  n may exceed rmmclient_max_batch(): more than one message
 * is then sent, and calls of other clients may come between.
 *
 * reason: of the last executed call; may be NULL.
 *
 * Returns the number of calls executed (the last of which may have failed: look
 * at its x[0]), or -errno as rmmclient_call(); if that comes after some calls
 * were executed, *executed, if not NULL, tells how many are known to be.
 */
int rmmclient_batch(struct rmmclient *client, unsigned pe,
    struct rmmclient_step *steps, size_t n, size_t *executed,
    struct rmmclient_reason *reason);

/* Condition and sentence of this thread's last call; "" after a success. */
const struct rmmclient_reason *rmmclient_last_reason(void);

/* ---- Running a REC ------------------------------------------------------ */

/* A physical interrupt. */
enum rmmclient_interrupt {
	RMMCLIENT_IRQ = 1,
	RMMCLIENT_FIQ = 2,
	RMMCLIENT_SERROR = 3,
};

/*
 * Raise an interrupt at the PE that runs a REC, so that the REC exits.
 *
 * rec: the REC's PA.
 * syndrome: of an SError: IDS, AET, EA and DFSC of ESR_EL2; 0 otherwise.
 *
 * An entry that this client has sent before, in another thread, is there when
 * the interrupt comes.
 *
 * Returns 1 (the REC has exited), 0 (it did not run: nothing happened), or
 * -errno as rmmclient_call().
 */
int rmmclient_interrupt(struct rmmclient *client, uint64_t rec,
    enum rmmclient_interrupt kind, uint64_t syndrome);

struct rmmclient_entry {
	uint64_t rec; /* PA */
	uint64_t run; /* PA of the REC's struct rmi_rec_run */
	/*
	 * The thread's signal mask while it waits; NULL: the one that it has.
	 * With a mask that is put in place for the wait alone, no signal is
	 * lost between a look for pending ones and the entry.
	 */
	const void *mask; /* a sigset_t */
	/*
	 * Called once: the entry is on its way, or will never be.  What this
	 * client sends from now on comes after it.  May be NULL.
	 */
	void (*sent)(void *context);
	void *context;
	bool interrupted; /* out: a signal's handler ran meanwhile */
};

/*
 * RMI_REC_ENTER, in a wait for the exit that signals interrupt: when a signal's
 * handler has run, an IRQ is raised at the REC, and the wait goes on until it
 * has exited.  Calls that other threads make are answered meanwhile.  A handler
 * must not leave by longjmp().
 *
 * reason: may be NULL.
 *
 * Returns as rmmclient_call().
 */
int rmmclient_rec_enter(struct rmmclient *client, unsigned pe,
    struct rmmclient_entry *entry, struct rmmclient_reason *reason);

/* ---- Memory ----------------------------------------------------------- */

enum rmmclient_bank_kind {
	RMMCLIENT_BANK_DRAM = 1,
	RMMCLIENT_BANK_DEVICE = 2,
	RMMCLIENT_BANK_SECURE = 3,
};

struct rmmclient_bank {
	uint64_t base; /* PA */
	uint64_t size; /* bytes */
	enum rmmclient_bank_kind kind;
	uint64_t offset; /* DRAM: in the file of rmmclient_memory_fd() */
};

/*
 * The machine's banks, in order of base.  Owned by the client.  NULL with errno
 * set if the daemon did not tell.
 */
const struct rmmclient_bank *rmmclient_banks(
    struct rmmclient *client, size_t *num);

/*
 * The file behind all Non-secure memory; owned by the client.  Granules that
 * are delegated read as zeros, and what is written there is lost.  -errno.
 */
int rmmclient_memory_fd(struct rmmclient *client);

/*
 * The Non-secure memory at [pa, pa + size), mapped shared, for reading and
 * writing.  It stays mapped until rmmclient_close().
 *
 * Returns NULL with errno set: EFAULT (not within one DRAM bank), ENOMEM.
 */
void *rmmclient_map(struct rmmclient *client, uint64_t pa, uint64_t size);

/* File offset of pa in rmmclient_memory_fd(), or -EFAULT. */
int64_t rmmclient_offset(struct rmmclient *client, uint64_t pa);

/*
 * Lease size bytes of DRAM, aligned to align (a power of two, 0: 4096), all of
 * them UNDELEGATED.  No other client is given them until this one releases them
 * or goes; then the realms whose RD lies in the range are torn down.
 *
 * Returns 0, or -EINVAL, -ENOMEM (no such range is free), or as a call.
 */
int rmmclient_lease(
    struct rmmclient *client, uint64_t size, uint64_t align, uint64_t *base);
/* The same for one given base; -EBUSY if any of it is not free. */
int rmmclient_lease_at(struct rmmclient *client, uint64_t base, uint64_t size);
/*
 * End the lease that begins at base.
 *
 * Returns the number of its granules that a realm with its RD outside the lease
 * still holds (they come back when that realm goes), at most INT_MAX; -ENOENT
 * (no lease of this client begins there), or as a call.
 */
int rmmclient_release(struct rmmclient *client, uint64_t base);

#include "rmi-calls.h"

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
