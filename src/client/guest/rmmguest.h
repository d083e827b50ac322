/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * librmmguest: be the realm of one REC of an rmmd.  See librmmguest(3).
 *
 * A guest is one processor: one thread at a time may act.  Functions that
 * return int return 0 on success and -errno on failure; rmmguest_error() then
 * has the sentence.
 */
#ifndef RMMGUEST_H
#define RMMGUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the library exports; everything else in it is hidden. */
#pragma GCC visibility push(default)

struct rmmguest;

#define RMMGUEST_REGS 18 /* X0 to X17 */

/*
 * Connect to the control socket in the realm's role.
 *
 * path: the socket; NULL: $RMMD_CONTROL, or the default (rmmd(8)).
 * name: what the daemon's log calls this process, at most 64 bytes; may be
 *	NULL.
 *
 * Returns NULL with errno set: ENOENT, ECONNREFUSED (no daemon), EACCES (not
 * our user), EPROTONOSUPPORT (no common version), EPROTO, ENOMEM; the sentence
 * is in rmmguest_error(NULL).
 */
struct rmmguest *rmmguest_connect(const char *path, const char *name);

/*
 * Close.  The REC, if there is one, exits by an SError, now or when it is
 * entered.  No other thread may be in a call.  NULL is allowed.
 */
void rmmguest_close(struct rmmguest *guest);

/*
 * End the connection from any thread, or from a signal handler: whoever waits
 * in a call gets -ECONNRESET.  The guest is still to be closed.
 */
void rmmguest_hang_up(struct rmmguest *guest);

/*
 * The last failure of this thread, as a sentence for a person; never NULL.
 * guest is not looked at and may be NULL.
 */
const char *rmmguest_error(const struct rmmguest *guest);

#define RMMGUEST_ANY UINT64_MAX /* of any MPIDR */
/*
 * Be the realm of a REC.
 *
 * rec: its address; 0: the next one that is entered, is set to "attach" and has
 *	no process; this waits for it.
 * mpidr: with rec 0, of this MPIDR only; or RMMGUEST_ANY.
 *
 * Returns 0, or -ENOENT (there is no such REC), -EBUSY (another process is its
 * realm, or it runs as something else), -EPROTO (the second call on this
 * connection), -EINTR (a signal came before the request was sent), -ECONNRESET,
 * -ENOMEM.
 */
int rmmguest_attach(struct rmmguest *guest, uint64_t rec, uint64_t mpidr);

/* What the REC is; 0 before rmmguest_attach(). */
uint64_t rmmguest_rec(const struct rmmguest *guest);
uint64_t rmmguest_rd(const struct rmmguest *guest);
uint64_t rmmguest_mpidr(const struct rmmguest *guest);
unsigned rmmguest_ipa_width(const struct rmmguest *guest);

/* ---- Acting ------------------------------------------------------------ */

/*
 * Each function below is one instruction of the realm, or a few.  It waits
 * until the REC is entered, and returns when the instruction is completed,
 * however often the REC exits to the host meanwhile.
 *
 * Returns
 *	0: done;
 *	RMMGUEST_EXCEPTION: an exception was taken to the realm instead, see
 *	rmmguest_last();
 *	-ENOENT: the REC has gone, or another is to play it;
 *	-ECONNRESET: the daemon has gone, or rmmguest_hang_up() was called;
 *	-EINVAL: no processor does this, and nothing was done;
 *	-EINTR: a signal came before the request was sent, and nothing was done;
 *	after that a signal does not end the wait;
 *	-EPROTO, -EBADF (this process forked off the one that connected),
 *	-ENOMEM.
 */
#define RMMGUEST_EXCEPTION 0x10000

/* What came of the last action. */
struct rmmguest_last {
	unsigned exits;	  /* to the host meanwhile */
	uint64_t counter; /* CNTVCT_EL0 after it */
	/* RMMGUEST_EXCEPTION: as in ESR_EL1 and FAR_EL1; else 0. */
	uint64_t esr;
	uint64_t far;
	size_t done; /* of an access: the bytes before it failed */
	/* Of a call that failed: the specification's identifier, a sentence. */
	char condition[48];
	char why[200];
};
const struct rmmguest_last *rmmguest_last(const struct rmmguest *guest);

/* ---- Calls ------------------------------------------------------------- */

/* "SMC #0" with X0 to X17 in x, in and out.  Any function id may be given. */
int rmmguest_smc(struct rmmguest *guest, uint64_t x[RMMGUEST_REGS]);

/*
 * A call of RSI: as rmmguest_smc(), but returns X0, the RSI return code
 * (0: RSI_SUCCESS); -ENOSYS (X0 is -1).
 */
int rmmguest_rsi_call(struct rmmguest *guest, uint64_t x[RMMGUEST_REGS]);

/* A call of PSCI: its result is X0, signed. */
int rmmguest_psci_call(struct rmmguest *guest, uint64_t x[RMMGUEST_REGS]);

/* HVC: an Unknown exception (A4.5). */
int realm_hvc(struct rmmguest *guest, uint64_t x[RMMGUEST_REGS]);

/* ---- Memory ------------------------------------------------------------ */

/*
 * Read, write or fetch len bytes from ipa on, granule by granule, in accesses
 * that no host can emulate.
 */
int realm_read(struct rmmguest *guest, uint64_t ipa, void *data, size_t len);
int realm_write(
    struct rmmguest *guest, uint64_t ipa, const void *data, size_t len);
int realm_fetch(struct rmmguest *guest, uint64_t ipa, void *data, size_t len);

/*
 * A load or store of one register, which a host can emulate.
 *
 * size: 1, 2, 4 or 8 bytes; ipa is aligned to it.
 * value: what is stored; what the register then holds (LDRB, LDRH, LDR extend
 *	with zeros; realm_load_signed() with the sign, to 64 bits).
 */
int realm_load(
    struct rmmguest *guest, uint64_t ipa, unsigned size, uint64_t *value);
int realm_load_signed(
    struct rmmguest *guest, uint64_t ipa, unsigned size, uint64_t *value);
int realm_store(
    struct rmmguest *guest, uint64_t ipa, unsigned size, uint64_t value);

/* The same, in any form that there is. */
struct realm_access {
	uint64_t ipa;
	unsigned size;	  /* 1, 2, 4 or 8 */
	bool write;	  /* a store */
	bool sign_extend; /* of a load */
	bool narrow;	  /* a W register: 32 bits */
	unsigned srt;	  /* X0 to X30; 31: XZR */
};
int realm_access(
    struct rmmguest *guest, const struct realm_access *access, uint64_t *value);

/* ---- The processor ----------------------------------------------------- */

/* until: the counter value at which WFIT and WFET end. */
int realm_wfi(struct rmmguest *guest);
int realm_wfe(struct rmmguest *guest);
int realm_wfit(struct rmmguest *guest, uint64_t until);
int realm_wfet(struct rmmguest *guest, uint64_t until);

/* What the registers hold: of a REC that is entered first, say. */
struct realm_registers {
	uint64_t x[31];
	uint64_t pc;
	uint64_t pstate; /* as in SPSR_EL1 */
};
int realm_registers(struct rmmguest *guest, struct realm_registers *registers);

/* reg: SYSREG() of sysregs.h. */
int realm_mrs(struct rmmguest *guest, unsigned reg, uint64_t *value);
int realm_msr(struct rmmguest *guest, unsigned reg, uint64_t value);

enum realm_interrupt_kind {
	REALM_IRQ = 1,
	REALM_FIQ = 2,
	REALM_SERROR = 3,
};
/*
 * A physical interrupt at the processor: the REC exits.
 * syndrome: of an SError: IDS, AET, EA and DFSC of ESR_EL2.
 */
int realm_interrupt(
    struct rmmguest *guest, enum realm_interrupt_kind kind, uint64_t syndrome);

/* Whether a PMU counter has overflowed, from now on (A8.1). */
int realm_pmu_overflow(struct rmmguest *guest, bool overflow);

/* Let the counter go on by so many ticks. */
int realm_time(struct rmmguest *guest, uint64_t ticks);

#include "psci-calls.h"
#include "rsi-calls.h"

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
