/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The processor's role: a process that executes the code of realms, one REC at
 * a time.  While it does so the REC's registers are the processor's; it gives
 * them back with each report.
 */
#ifndef CPU_H
#define CPU_H

#include "session.h"
#include "shared.h"

/* Of an SError that nobody can have done anything about: uncontainable. */
#define SYNDROME_LOST 0x11u /* DFSC: asynchronous SError */

/* Addresses from low to high, both included; none if low is above. */
struct span {
	uint64_t low, high;
};

struct cpu {
	TAILQ_ENTRY(cpu) link;
	struct session *session;
	struct shared shared;
	uint64_t only; /* this REC; ACTOR_ANY */
	/* A request is unanswered: its reply is an entry. */
	bool waits;
	uint64_t id;
	bool reported;	     /* it is a report; false: a wait */
	struct actor *actor; /* of the REC that runs on it; NULL: none */
	bool holds;	     /* the registers are the processor's */
	/* A physical interrupt that it has been told to report for. */
	bool interrupted;
	enum rmm_interrupt interrupt;
	uint64_t syndrome;
	bool overdue; /* an alarm has come since */
	/* Translations that it may still have: of this realm, to these. */
	uint64_t rd;
	struct span ipas, ns;
};

/* false: not a request of this role. */
bool cpu_request(struct session *session, const Rmmd__Request *request);

/*
 * The session closes.  A REC that runs on it exits by an SError, and so does
 * each that has run on a processor, as soon as it is entered while there is no
 * other.
 */
void cpu_session_gone(struct session *session);

/* Nobody will enter this REC again. */
void cpus_rec_gone(struct actors *actors, uint64_t rec);

/* ---- Translations that go: cpu-translate.c ------------------------------ */

/*
 * When these return, no processor uses them any more.  One that does not let go
 * in time is cut off.
 */
void cpus_translation_gone(
    struct actors *actors, uint64_t rd, uint64_t ipa, uint64_t size);
void cpus_ns_gone(struct actors *actors, uint64_t pa);
/* All that one processor has. */
void cpu_let_go(struct cpu *cpu);

void cpu_translate(
    struct cpu *cpu, uint64_t id, const Rmmd__CpuTranslateRequest *request);

/* ---- Entries and reports: cpu-report.c ---------------------------------- */

/* Answer the request that waits. */
void cpu_reply_entry(struct cpu *cpu, bool entered);

/* false: the request makes no sense, and was refused. */
bool cpu_take_regs(
    struct cpu *cpu, uint64_t id, const Rmmd__CpuReportRequest *request);
/* Do what the report says.  false: likewise; nothing was done. */
bool cpu_perform(struct cpu *cpu, uint64_t id,
    const Rmmd__CpuReportRequest *request, struct rmm_result *result);

/* ---- For both ----------------------------------------------------------- */

/*
 * The processor does not do what it must: it is not to run realms any more.
 * May be called while the model is at work.
 */
void cpu_cut_off(struct cpu *cpu, const char *why);

#endif
