/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The realm's side of a case: software on the first realm's two RECs, which
 * does what the case tells it to when the REC is entered, and then gives the
 * processor back by an IRQ.  So every entry ends.
 */
#ifndef CONFORM_GUEST_H
#define CONFORM_GUEST_H

#include "conform.h"
#include "rmmguest.h"
#include "rsi.h"

/* What the realm is to do on a REC, and what came of it. */
struct deed {
	int (*act)(struct rmmguest *guest, struct deed *deed);
	uint64_t x[SMC_REGS]; /* of an SMC, in and out; else arguments */
	struct realm_access access;
	uint64_t value;
	void *page; /* act_get(), act_put() */
	bool hold;  /* then stay in the REC: guest_release() */
	/* What came of it. */
	bool done;
	int rc;
	struct rmmguest_last last;
	struct deed *next; /* of all of this REC */
};

#define LR_PENDING (1ull << 62 | 1ull << 60) /* of group 1 */

/* Which REC: P_REC with P_RUN, P_REC2 with P_RUN2. */
enum guest_rec { GUEST_1, GUEST_2, GUESTS };
#define P_RUN2 (P_NS + 1)

static inline struct rmi_rec_run *
run_of(const struct conform *c, enum guest_rec n)
{
	return ns(c, n == GUEST_1 ? P_RUN : (enum place)P_RUN2);
}

/* Does the machine let a process play a realm? */
bool guest_can_play(struct conform *c);
/* Be the software on a REC; the case is skipped if that can not be. */
bool guest_play(struct conform *c, enum guest_rec n);
/* Tell what to do at the next entry.  What is returned lives with the case. */
const struct deed *guest_tell(
    struct conform *c, enum guest_rec n, struct deed deed);
/*
 * RMI_REC_ENTER; returns X0.  It must be RMI_SUCCESS, or the case fails, unless
 * guest_try_enter() is called.  The exit is first filled with what must not
 * stay there.
 */
uint64_t guest_enter(struct conform *c, enum guest_rec n);
uint64_t guest_try_enter(struct conform *c, enum guest_rec n);
/* The REC at rec is about to be entered: see that this ends. */
void guest_entering(struct conform *c, uint64_t rec);
/* Tell and enter. */
const struct deed *guest_do(
    struct conform *c, enum guest_rec n, struct deed deed);

/* Enter, in a thread; wait until the deed is done, in which the REC stays. */
void guest_hold(struct conform *c, enum guest_rec n);
/* The realm gives the processor back; then the REC has exited. */
void guest_release(struct conform *c, enum guest_rec n);

/* Enter, in a thread, and interrupt the REC from outside until it exits. */
void guest_kick(struct conform *c, enum guest_rec n);

/* After the realm is gone: end all that is left. */
void guest_end(struct conform *c);

/* ---- Things to do ------------------------------------------------------ */

/* X0 and X1... of an SMC. */
#define SMC(...)      ((struct deed){ .act = act_smc, .x = { __VA_ARGS__ } })
#define DEED(fn, ...) ((struct deed){ .act = (fn), .x = { __VA_ARGS__ } })
int act_nothing(struct rmmguest *guest, struct deed *deed);
int act_smc(struct rmmguest *guest, struct deed *deed);
int act_hvc(struct rmmguest *guest, struct deed *deed);
int act_wfi(struct rmmguest *guest, struct deed *deed);
int act_wfe(struct rmmguest *guest, struct deed *deed);
int act_wfit(struct rmmguest *guest, struct deed *deed); /* until x[0] */
int act_wfet(struct rmmguest *guest, struct deed *deed);
int act_interrupt(struct rmmguest *guest, struct deed *deed); /* kind, syn. */
int act_access(struct rmmguest *guest, struct deed *deed);
/* 8 bytes at x[0], not through a register; to and from value. */
int act_read(struct rmmguest *guest, struct deed *deed);
int act_write(struct rmmguest *guest, struct deed *deed);
int act_fetch(struct rmmguest *guest, struct deed *deed);
/* A granule at x[0], to and from page. */
int act_get(struct rmmguest *guest, struct deed *deed);
int act_put(struct rmmguest *guest, struct deed *deed);
int act_msr(struct rmmguest *guest, struct deed *deed); /* register, value */
int act_pmu(struct rmmguest *guest, struct deed *deed);
/* No instruction: the registers, to page. */
int act_registers(struct rmmguest *guest, struct deed *deed);
int act_time(struct rmmguest *guest, struct deed *deed);

/* Read and write a granule of the realm at ipa. */
void guest_get(struct conform *c, uint64_t ipa, void *page);
void guest_put(struct conform *c, uint64_t ipa, void *page);

/* ---- What must be so after an exit (exit.c) ---------------------------- */

/* Every byte of the exit; but GIC, timers and PMU. */
void expect_exit(
    struct conform *c, enum guest_rec n, const struct rmi_rec_exit *want);
/* Fill in the abort of a read or write, or a fetch, at a protected IPA. */
void expect_abort(
    struct rmi_rec_exit *want, bool fetch, int level, uint64_t ipa);
void expect_reason(struct conform *c, enum guest_rec n, unsigned reason);
/* The realm has given the processor back: the deed is done. */
void expect_done(struct conform *c, const struct deed *deed);
/* Its result is X0, and it is done. */
void expect_result(struct conform *c, const struct deed *deed, uint64_t x0);
/* An exception was taken to the realm instead. */
void expect_exception(
    struct conform *c, const struct deed *deed, uint64_t esr, uint64_t far);
/* It has exited and is to be completed. */
void expect_pending(struct conform *c, const struct deed *deed);
void expect_exits(struct conform *c, const struct deed *deed, unsigned exits);

#endif
