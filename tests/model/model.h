/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Model checks: sequences of calls that are drawn from a seed, made on the
 * monitor as a library, and judged after each of them.
 *
 * setup.c: the machines; generate.c: what to do next; machine.c: doing it and
 * looking at the result; shrink.c and script.c: what becomes of a failure.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "act.h"
#include "rmm/rmm.h"

#define MODEL_ARGS   6 /* X0 and as many inputs as any command has */
#define MODEL_BANKS  5
#define MODEL_REALMS 64
#define MODEL_NS     4u /* granules kept for what a host writes */
#define SEQUENCE_MAX 4096u

/* ---- One step of a sequence ----------------------------------------------
 */

struct realm_page {
	uint64_t flags;
	uint8_t s2sz, sve_vl, num_bps, num_wps, pmu_num_ctrs, hash_algo, rpv;
	uint16_t vmid;
	uint64_t rtt_base;
	int64_t rtt_level_start;
	uint32_t rtt_num_start;
};

struct rec_page {
	uint64_t flags, mpidr, pc, gpr0, num_aux;
	uint64_t aux[RMI_REC_AUX_MAX];
};

struct run_page {
	uint64_t flags, gicv3_hcr, lrs[2];
};

enum op_kind {
	OP_CALL,
	OP_FILL,      /* x: address, byte: a page of Non-secure memory */
	OP_RESET,     /* the machine is as new */
	OP_ASK_RIPAS, /* x: REC, base, top, RIPAS: the realm asks the host */
	OP_ASK_PSCI,  /* x: REC, function id, MPIDR: likewise */
	OP_ACT,	      /* x: REC, a struct act: the realm does something */
};

/* What is written to the page that a call is given, before the call. */
enum op_page { PAGE_NONE, PAGE_REALM, PAGE_REC, PAGE_RUN };

struct op {
	enum op_kind kind;
	enum op_page page;
	uint64_t x[MODEL_ARGS];
	union {
		struct realm_page realm;
		struct rec_page rec;
		struct run_page run;
	} u;
};

struct sequence {
	size_t num;
	struct op ops[SEQUENCE_MAX];
};

/* What OP_ACT does. */
struct act op_act(const struct op *op);
/* The address of the page that the call is given. */
uint64_t op_page_address(const struct op *op);

/* ---- setup.c: machines worth checking ------------------------------------
 */

struct setup {
	const char *name;
	const char *what;
	struct rmm_bank banks[MODEL_BANKS]; /* the first: DRAM, the lowest */
	size_t num_banks;
	uint64_t features;
	bool vmid8;
	unsigned rec_aux_count;
	enum rmm_order order;
	uint8_t s2sz_min; /* 0: the default */
	uint8_t choices[RMM_CHOICES];
	unsigned max_delegated; /* of 100 granules */
	bool blocks;		/* has room for blocks of level 2 */
	bool driven;		/* realms do something (OP_ACT) */
};

const struct setup *setup_at(size_t n);
/* The k-th granule that is kept for what a host writes. */
uint64_t setup_ns(const struct setup *setup, unsigned k);
/* The options with which rmmd is this machine. */
void setup_options(FILE *file, const struct setup *setup);

/* ---- machine.c: doing it --------------------------------------------------
 */

struct machine {
	struct rmm *rmm;
	struct rmm_bank banks[MODEL_BANKS];
	/* What rim_step said of each realm. */
	struct {
		uint64_t rd;
		uint8_t rim[64];
	} rims[MODEL_REALMS];
	unsigned num_rims;
	unsigned num_steps; /* since the last call */
	uint64_t step_rd;
};

/* What went wrong. */
struct verdict {
	const char *kind; /* NULL: nothing */
	char why[512];
};

/* Something wrong that is done to the model, to see that it is found. */
typedef void fault_fn(struct rmm *rmm, const struct op *op,
    struct rmm_answer *answer, unsigned *count);
struct fault {
	const char *name;
	const char *what;
	fault_fn *apply;
};
const struct fault *fault_find(const char *name);
const struct fault *fault_at(size_t n);

/*
 * The machine, and a shadow of it that gets only those calls that succeed:
 * were they ever to differ, a call that failed has changed something.
 */
struct pair {
	const struct setup *setup;
	const struct fault *fault; /* or NULL */
	const char *plant;	   /* the machine's defect, or NULL */
	unsigned fault_count;
	bool careful; /* look at everything after each call */
	struct machine machine;
	struct machine shadow;
	struct rmm_answer answer; /* of the last call */
	bool acted;		  /* the last act could be */
	struct rmm_result result; /* of it */
	bool page_written;	  /* of the last call */
	uint64_t digest;	  /* careful: before the next call */
	struct verdict verdict;
};

/* plant: a defect of rmm_plant_at(), which the shadow does not have. */
void pair_init(struct pair *pair, const struct setup *setup,
    const struct fault *fault, const char *plant);
void pair_fini(struct pair *pair);
/* As new. */
void pair_reset(struct pair *pair);
/* Do it; false: the verdict says what is wrong. */
bool pair_do(struct pair *pair, const struct op *op);
/* Look at the state of the machine, and at its memory. */
bool pair_check(struct pair *pair, bool memory);
/* The first op that fails when all are checked with care; num: none does. */
size_t pair_replay(struct pair *pair, const struct sequence *sequence);

/* judge.c: what an answer must be like, and what it may change. */
bool judge_answer(struct pair *pair, const struct op *op,
    const uint64_t before[RMM_GRANULE_STATES]);
bool wrong(struct pair *pair, const char *kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- generate.c: what to do next ------------------------------------------
 */

struct generator;
struct generator *generator_new(const struct setup *setup);
void generator_free(struct generator *g);
void generator_start(struct generator *g, uint64_t seed);
/* The next step for a machine in this state. */
void generator_next(struct generator *g, const struct rmm *rmm, struct op *op);

/* ---- shrink.c, script.c: what becomes of a failure ------------------------
 */

/* Leave only what is needed to fail in the same way.  Returns the trials. */
unsigned shrink(struct pair *pair, struct sequence *sequence);
/* The sequence in the language of rmmctl's shell. */
void script_write(FILE *file, struct pair *pair,
    const struct sequence *sequence, const char *origin);

#endif
