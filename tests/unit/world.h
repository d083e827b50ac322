/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A machine to test: some banks, a realm in it, and calls after which all that
 * must hold is checked.
 */
#ifndef WORLD_H
#define WORLD_H

#include <check.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>

#include "rmm/rmm.h"

#undef VERSION /* config.h's; here it is a command */

#define WORLD_BASE    0x80000000ull
#define WORLD_SIZE    (1ull << 30)
#define WORLD_DEVICE  0x10000000ull /* a bank of 64 KiB */
#define WORLD_SECURE  0x20000000ull /* a bank of 64 KiB */
#define WORLD_HIGH    (1ull << 48)  /* DRAM that needs LPA2, 4 MiB */
#define WORLD_NOWHERE 0x40000000ull /* in no bank */
#define G(n)	      (WORLD_BASE + (uint64_t)(n)*GRANULE_SIZE)

/* Where world_realm() puts things. */
#define RD	      G(16)
#define RTT0	      G(32) /* two starting tables at level 1: 40 bits of IPA */
#define RTT_L2	      G(34) /* IPA 0 */
#define RTT_L3	      G(35) /* IPA 0 */
#define RTT_UL2	      G(36) /* IPA UNPROT */
#define RTT_UL3	      G(37) /* IPA UNPROT */
#define REC	      G(48)
#define AUX	      G(49) /* WORLD_NUM_AUX of them */
#define PARAMS	      G(64) /* Non-secure from here on */
#define SRC	      G(65)
#define RUN	      G(66)
#define FREE	      G(80) /* 16 DELEGATED granules, once a realm is there */
#define DATA	      G(96) /* 16 more */

#define IPA_WIDTH     40
#define UNPROT	      (1ull << (IPA_WIDTH - 1))
#define L1_SIZE	      (1ull << 30)
#define L2_SIZE	      (1ull << 21)
#define L3_SIZE	      4096ull
#define WORLD_NUM_AUX 2
#define WORLD_STEPS   256

struct world {
	struct rmm *rmm;
	uint8_t *ns;
	uint8_t *ns_high;
	uint8_t *data; /* of DATA granules */
	uint8_t *data_high;
	struct rmm_answer answer;
	/* What the machine told its owner. */
	unsigned num_steps;
	struct rmm_rim_step step;		/* the last one */
	struct rmm_rim_step steps[WORLD_STEPS]; /* the first ones */
	unsigned num_gone;
	uint64_t gone;
	unsigned num_discards;
	unsigned num_recs_gone;
	uint64_t rec_gone;
	unsigned num_ns_gone;
	uint64_t ns_gone;
	/* The realm's side: what drive.h's actions come to. */
	struct rmm_result result;
};

/* The feature register of a world that has LPA2. */
#define WORLD_LPA2                                     \
	((RMM_FEATURE_REGISTER_0_DEFAULT & ~0xffull) | \
	    RMI_FEATURE0_PUT(S2SZ, 52) | RMI_FEATURE0_PUT(LPA2, 1))

/* A world with the default features, WORLD_NUM_AUX auxiliary granules. */
struct world *world_new(void);
struct world *world_with_features(uint64_t feature_register_0);
/* A world whose realms the test plays. */
struct world *world_driven(void);
void world_free(struct world *w);

/* The Non-secure view of a granule of the first bank, or of the high one. */
void *ns_at(struct world *w, uint64_t pa);

/*
 * Make a call and check the invariants.  If the call fails: that it changed
 * nothing, that collecting mode gives the same answer, and that no condition
 * that had to win was passed over.  Returns X0.
 */
uint64_t world_call(struct world *w, const uint64_t x[SMC_REGS]);
#define CALL(w, name, ...) \
	world_call((w), (uint64_t[SMC_REGS]){ RMI_FID_##name, __VA_ARGS__ })

#define ck_call(w, name, ...)                                 \
	do {                                                  \
		uint64_t x0_ = CALL((w), name, __VA_ARGS__);  \
		ck_assert_msg(x0_ == RMI_SUCCESS,             \
		    "RMI_" #name ": 0x%" PRIx64 " (%s)", x0_, \
		    (w)->answer.why);                         \
	} while (0)
#define ck_reject(w, id, result, name, ...)                                  \
	do {                                                                 \
		uint64_t x0_ = CALL((w), name, __VA_ARGS__);                 \
		ck_assert_msg(x0_ == (result) && x0_ != RMI_SUCCESS &&       \
			world_condition_is((w), #id),                        \
		    "RMI_" #name ": 0x%" PRIx64 " (%s), expected 0x%" PRIx64 \
		    " (%s)",                                                 \
		    x0_, (w)->answer.why, (uint64_t)(result), #id);          \
	} while (0)
bool world_condition_is(const struct world *w, const char *id);

/* Every granule in state; for set-up. */
void world_delegate(struct world *w, uint64_t pa, unsigned num);

/* Fill PARAMS with good parameters of a realm or REC. */
struct rmi_realm_params *realm_params(struct world *w);
struct rmi_rec_params *rec_params(struct world *w);

/*
 * A realm at RD, in state NEW, with tables down to level 3 at IPA 0 and at
 * UNPROT, and granules to work with.
 */
void world_realm(struct world *w);
/* Another realm, like it but without tables, at rd and rtt, rtt + 4096. */
void world_other_realm(struct world *w, uint64_t rd, uint64_t rtt);
/* A runnable REC at REC. */
void world_rec(struct world *w);

struct rmm_realm_info world_realm_info(const struct world *w, uint64_t rd);
struct rmm_granule_info world_granule(const struct world *w, uint64_t pa);
/* Fields of RTT_READ_ENTRY's answer. */
struct entry {
	int level;
	enum rmi_rtt_entry_state state;
	uint64_t desc;
	enum rmi_ripas ripas;
};
struct entry world_entry(struct world *w, uint64_t ipa, int level);
#define ck_entry(w, ipa, at, reached, st, rip, addr)             \
	do {                                                     \
		struct entry e_ = world_entry((w), (ipa), (at)); \
		ck_assert_int_eq(e_.level, (reached));           \
		ck_assert_int_eq(e_.state, (st));                \
		ck_assert_int_eq(e_.ripas, (rip));               \
		ck_assert_uint_eq(e_.desc, (addr));              \
	} while (0)
#define ck_state(w, pa, st)                                         \
	ck_assert_str_eq(                                           \
	    rmm_granule_state_name(world_granule((w), (pa)).state), \
	    rmm_granule_state_name(RMM_GRANULE_##st))

/* Fails the test with the sentence if an invariant does not hold. */
void world_check(const struct world *w);

/* Runs a suite as the tests' main program does. */
int run_suite(Suite *suite);

#endif
