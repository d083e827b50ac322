/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * librmmcpu: be a processor that executes the code of an rmmd's realms.  See
 * librmmcpu(3), and rmm-cpu(7) for how to write one.
 *
 * A struct rmmcpu runs one REC at a time and belongs to one thread; a machine
 * with many processors opens many.  Functions that return int return 0 on
 * success and -errno on failure; rmmcpu_error() then has the sentence.
 */
#ifndef RMMCPU_H
#define RMMCPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu-page.h"
#include "rmi.h"
#include "sysregs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the library exports; everything else in it is hidden. */
#pragma GCC visibility push(default)

struct rmmcpu;

/*
 * Connect to the control socket as a processor, and map the machine's memory.
 *
 * path: the socket; NULL: $RMMD_CONTROL, or the default (rmmd(8)).
 * name: what the daemon's log calls us, at most 64 bytes; may be NULL.
 *
 * Returns NULL with errno set: ENOENT, ECONNREFUSED (no daemon), EACCES (not
 * our user, or not the control socket), EPROTONOSUPPORT (no common version),
 * EPROTO, ENOMEM; the sentence is in rmmcpu_error().
 */
struct rmmcpu *rmmcpu_open(const char *path, const char *name);

/* Close.  A REC that runs here exits by an SError.  NULL is allowed. */
void rmmcpu_close(struct rmmcpu *cpu);

/* The last failure of this thread, as a sentence for a person; never NULL. */
const char *rmmcpu_error(void);

/*
 * The connection's descriptor: to be left alone, but for shutdown(2), which
 * another thread may use to end a wait or a report with -ECONNRESET.
 */
int rmmcpu_fd(const struct rmmcpu *cpu);

/* ---- Entries and reports ---------------------------------------------- */

/* All that the code of a realm sees of its processor. */
struct rmmcpu_regs {
	uint64_t x[RMI_REC_GPRS];
	uint64_t pc;
	uint64_t pstate;		   /* as in SPSR_EL1 */
	uint64_t sysregs[REC_NUM_SYSREGS]; /* by enum rec_sysreg */
	uint64_t counter;		   /* CNTPCT_EL0, CNTVCT_EL0: 1 GHz */
};

/* A REC to run. */
struct rmmcpu_entry {
	uint64_t rec; /* its PA, by which it is known */
	uint64_t rd;  /* its realm's */
	uint64_t mpidr;
	unsigned ipa_width; /* bits; the upper half is unprotected */
	struct rmmcpu_regs regs;
	/* When the counter gets there, report RMMCPU_ATTENTION. */
	uint64_t next_timer;
	/* What the virtual CPU interface signals, whatever PSTATE masks. */
	bool virq, vfiq;
	/* The host has entered the REC; false: it goes on after a report. */
	bool entered;
};

/*
 * Wait until a REC is entered that is set to "cpu" and has no processor.
 *
 * rec: this one, which is set to "cpu" by that; 0: any.
 *
 * Returns -ENOENT (there is no such REC, or no more), -EBUSY (too many
 * settings), -ECONNRESET, -EPROTO, -ENOMEM.  Signals do not end the wait.
 */
int rmmcpu_wait(struct rmmcpu *cpu, uint64_t rec, struct rmmcpu_entry *entry);

enum rmmcpu_event_kind {
	RMMCPU_ATTENTION, /* asked for by rmmcpu_attention(), or a timer */
	RMMCPU_SMC,
	RMMCPU_HVC,
	RMMCPU_DATA_ABORT,
	RMMCPU_INSTRUCTION_ABORT,
	RMMCPU_WAIT,	  /* WFI, WFE, WFIT, WFET */
	RMMCPU_SYSREG,	  /* MRS or MSR that is trapped */
	RMMCPU_INTERRUPT, /* a physical one, from outside of the machine */
};

enum rmmcpu_wait_kind {
	RMMCPU_WFI = 1,
	RMMCPU_WFE,
	RMMCPU_WFIT,
	RMMCPU_WFET,
};

enum rmmcpu_interrupt_kind {
	RMMCPU_IRQ = 1,
	RMMCPU_FIQ,
	RMMCPU_SERROR,
};

/* Why the processor has stopped.  What is not of the kind is not looked at. */
struct rmmcpu_event {
	enum rmmcpu_event_kind kind;
	/* DATA_ABORT, INSTRUCTION_ABORT: the access that can not be made. */
	uint64_t ipa;
	uint64_t va;
	/* DATA_ABORT */
	bool write;
	/*
	 * The access is of one general register and aligned, with no write-back
	 * of the address, so that it can be emulated (ISV of a syndrome).
	 */
	bool isv;
	uint8_t size;	  /* 1, 2, 4 or 8 bytes (SAS) */
	bool sign_extend; /* SSE */
	bool sf;	  /* the register has 64 bits */
	uint8_t srt;	  /* X0 to X30; 31: XZR */
	/* WAIT */
	enum rmmcpu_wait_kind wait;
	uint64_t timeout; /* WFIT, WFET: the counter value */
	/* SYSREG */
	unsigned sysreg; /* SYSREG() */
	bool read;	 /* MRS */
	uint8_t rt;	 /* X0 to X30; 31: XZR */
	/* INTERRUPT */
	enum rmmcpu_interrupt_kind interrupt;
	uint64_t syndrome; /* SERROR: IDS, AET, EA and DFSC of ESR_EL2 */
};

/*
 * Give the registers back, say why, and wait for the next entry: it comes at
 * once if the realm goes on, else when a REC is entered, as rmmcpu_wait() would
 * have it.
 *
 * regs: as they are at the instruction that event is about, which has not been
 *	executed; PC is its address.
 * next: may hold regs.
 *
 * Returns as rmmcpu_wait(); -ENOENT: the REC has gone, there is nothing to run;
 * -EINVAL: the event makes no sense; the REC goes on running here.
 */
int rmmcpu_report(struct rmmcpu *cpu, const struct rmmcpu_regs *regs,
    const struct rmmcpu_event *event, struct rmmcpu_entry *next);

/* ---- Attention -------------------------------------------------------- */

/*
 * What is asked of the processor, CPU_ATTENTION_ bits; mostly 0.  To be looked
 * at before each block of instructions, for it is no more than a load:
 *	INTERRUPT: report, RMMCPU_ATTENTION if there is nothing else;
 *	TRANSLATION: call rmmcpu_sync();
 *	STOP: the REC is gone; the next report says so.
 * Whoever takes longer than rmmd's --cpu-grace is cut off.
 */
uint32_t rmmcpu_attention(const struct rmmcpu *cpu);
/* Where it is, for code that is made at run time; valid until the close. */
const uint32_t *rmmcpu_attention_word(const struct rmmcpu *cpu);

/* ---- Memory ----------------------------------------------------------- */

struct rmmcpu_translation {
	uint64_t first; /* the IPAs [first, first + size) are alike */
	uint64_t size;
	bool readable, writable, executable;
	bool ns;	  /* Non-secure memory */
	uint8_t *address; /* of first; NULL if no access is allowed */
};

/*
 * What the realm's accesses to ipa come to.  Only while a REC runs here.  One
 * round trip, or none if it is known.
 *
 * The result holds, and address may be used, as long as rmmcpu_generation() is
 * the same.  It may be another after rmmcpu_wait(), _report(), _sync(),
 * _translate() and _map(), and after nothing else.
 *
 * Returns -ENOENT (no REC runs here), -ECONNRESET, -EPROTO, -ENOMEM.
 */
int rmmcpu_translate(
    struct rmmcpu *cpu, uint64_t ipa, struct rmmcpu_translation *translation);

enum rmmcpu_access { RMMCPU_READ, RMMCPU_WRITE, RMMCPU_FETCH };

/*
 * Where the size bytes at ipa are in this process; they must lie in one granule
 * of 4096 bytes.
 *
 * Returns NULL with errno set: EFAULT (the realm may not: report an abort),
 * EINVAL (not in one granule), or as rmmcpu_translate().
 */
void *rmmcpu_map(
    struct rmmcpu *cpu, uint64_t ipa, size_t size, enum rmmcpu_access access);

/*
 * All translations of before are gone: whoever keeps addresses, or code made
 * from what was there, must look at it after each of the functions above.
 */
uint64_t rmmcpu_generation(const struct rmmcpu *cpu);

/*
 * Drop the translations that have gone, and let rmmd know.  To be called for
 * CPU_ATTENTION_TRANSLATION, while no memory of the realm is being accessed.
 */
void rmmcpu_sync(struct rmmcpu *cpu);

/*
 * For a processor that will stop for a while, at a debugger's prompt say: until
 * rmmcpu_sync(), it uses no translation and holds nobody up.
 */
void rmmcpu_pause(struct rmmcpu *cpu);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
