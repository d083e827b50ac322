/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The conformance kit's middle: the machine under test, a case, and what the
 * files of the commands are written with.
 */
#ifndef CONFORM_H
#define CONFORM_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "rmi.h"
#include "rmmclient.h"
#include "spec.h"

#undef VERSION /* config.h's; here it is a command */

#define X64	    "0x%" PRIx64
#define L1_SIZE	    (1ull << 30)
#define L2_SIZE	    (1ull << 21)
#define L3_SIZE	    4096ull
#define WALK(level) (level) /* the index of a stimulus: RMI_ERROR_RTT's */

/* ---- The world of a case (world.c) ------------------------------------ */

/*
 * What lies where in the lease, as a number of granules from its base.  Two
 * realms, with tables down to level 3 at IPA 0 and at the first unprotected
 * IPA; the second is a bystander, whom no call but those that name it may
 * change; and a third idles.
 */
enum place {
	P_RD = 0,
	P_IDLE_RD,  /* a realm without tables but the starting ones */
	P_RTT0 = 2, /* two if IPAs have 40 bits */
	P_L2 = 4,   /* IPA 0 */
	P_L3,
	P_UL2, /* the first unprotected IPA */
	P_UL3,
	P_REC,	/* runnable */
	P_REC2, /* not runnable */
	P_AUX = 10,
	P_AUX2 = 26,
	P_BY_RD = 42,
	P_BY_RTT0 = 44,
	P_BY_L2 = 46,
	P_BY_L3,
	P_BY_DATA,
	P_BY_REC,
	P_BY_AUX = 50,
	P_DATA = 66,
	P_DATA2,
	P_FREE = 68, /* DELEGATED, up to here: */
	P_FREE_END = 96,
	P_IDLE_RTT0 = 96,
	P_DELEGATED_END = 98,
	P_PARAMS = 98, /* Non-secure from here on */
	P_REC_PARAMS,
	P_SRC,
	P_RUN,
	P_NS,
	P_NS_END = 128,
	P_BLOCK = 512, /* 512 granules, a block of level 2 */
	P_END = 1024,
};

/* IPAs of the first realm; add c->unprot for the other half. */
#define IPA_TARGET    0x1000ull	 /* UNASSIGNED, EMPTY */
#define IPA_DATA      0x10000ull /* ASSIGNED, RAM: P_DATA */
#define IPA_RAM	      0x20000ull /* UNASSIGNED, RAM */
#define IPA_DESTROYED 0x30000ull /* UNASSIGNED, DESTROYED */
#define IPA_DATA2     0x40000ull /* ASSIGNED, EMPTY: P_DATA2 */
/* c->unprot + IPA_DATA: ASSIGNED_NS, to P_NS */
#define NS_ATTR	     (6ull << 2 | 3ull << 6) /* MemAttr write-back, S2AP rw */

#define SNAPSHOT_MAX 1400
enum key { KEY_GRANULE, KEY_ENTRY, KEY_REALM, KEY_PAGE };
struct item {
	enum key key;
	uint64_t a;    /* granule, RD, page */
	uint64_t b;    /* ENTRY: IPA; REALM: number of the field */
	int level;     /* ENTRY */
	uint64_t v[4]; /* ENTRY: level, state, desc, RIPAS */
};
struct snapshot {
	unsigned num;
	struct item items[SNAPSHOT_MAX];
};
/* Fields of KEY_REALM. */
enum realm_field {
	REALM_STATE,
	REALM_NUM_RECS,
	REALM_NUM_DATA,
	REALM_NUM_RTTS,
	REALM_PARAMS, /* width, algorithm, VMID, tables, RPV */
	REALM_RIM,
	REALM_REM,
	REALM_RECS, /* what is told of its RECs */
	REALM_FIELDS
};

struct channel;
struct guest;

struct conform {
	struct rmmclient *client;
	struct channel *control; /* NULL: none */
	const char *control_path;
	struct guest *guests[2]; /* who plays the realm's RECs (guest.h) */
	enum { NOT_TRIED, CAN_PLAY, CAN_NOT_PLAY } can_play;
	const struct rmmclient_bank *banks;
	size_t num_banks;
	uint64_t features;
	uint64_t base; /* of the lease; 0: none */
	uint8_t *ns;   /* Non-secure view of the lease */
	uint64_t mapped;
	uint64_t look;	   /* the RD whose entries expect_entry() reads */
	uint64_t extra[4]; /* leases of single granules */
	unsigned num_extra;
	unsigned width;	 /* of the realms' IPAs */
	uint64_t unprot; /* the first unprotected IPA */
	unsigned num_start;
	unsigned aux_count;
	bool whole;	/* look at the block's granules as well */
	bool keep_exit; /* an entry leaves the last exit where it is */
	uint64_t arg;	/* of the positive case */

	/* The call, and what came of it. */
	const struct spec_command *spec;
	uint64_t x[SMC_REGS];
	uint64_t r[SMC_REGS];
	struct rmmclient_reason reason;
	struct snapshot before, after;
	bool allowed[SNAPSHOT_MAX]; /* items that may have changed */
	uint8_t rim[64];	    /* before the call, if there is control */

	bool lost; /* the machine has gone */
	bool failed;
	bool skipped;
	char message[400];
	char seen[120];
};

static inline uint64_t
G(const struct conform *c, unsigned place)
{
	return c->base + place * (uint64_t)GRANULE_SIZE;
}
static inline void *
ns(const struct conform *c, enum place place)
{
	return c->ns + place * (size_t)GRANULE_SIZE;
}

bool conform_connect(
    struct conform *c, const char *socket, const char *control);
void conform_disconnect(struct conform *c);

/* Make the two realms in a lease.  Failure is the case's. */
void world_build(struct conform *c);
/* End all leases; the daemon takes the realms down. */
void world_end(struct conform *c);

/* Fill the page for a realm, a REC, that would be accepted. */
struct rmi_realm_params *params_for_realm(struct conform *c);
struct rmi_rec_params *params_for_rec(
    struct conform *c, uint64_t index, enum place aux);

/* Set-up: a call that must succeed, or the case fails. */
bool must(struct conform *c, const char *name, uint32_t fid,
    const uint64_t *args, unsigned num);
#define MUST(c, name, ...)                                            \
	must((c), #name, RMI_FID_##name, (uint64_t[]){ __VA_ARGS__ }, \
	    sizeof((uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))
/* The same n times, in few messages; x[reg] grows by step[reg]. */
void must_repeat(struct conform *c, uint32_t fid, const uint64_t *args,
    const uint64_t *steps, unsigned num_args, unsigned n);

/* An address in no bank of memory; of a bank of a kind, or 0. */
uint64_t pa_nowhere(const struct conform *c);
uint64_t pa_of_kind(const struct conform *c, enum rmmclient_bank_kind kind);
bool pa_is_dram(const struct conform *c, uint64_t pa);
/* The last granule of memory; and the last that ends at or above floor. */
uint64_t pa_last(const struct conform *c, uint64_t floor);
/* Lease one granule for this case. */
bool pa_lease(struct conform *c, uint64_t pa);

/* ---- Judging (judge.c, snapshot.c) ------------------------------------ */

/* The case fails; only the first sentence is kept. */
void fail(struct conform *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The machine can not be brought to it: the case is skipped. */
void skip(struct conform *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void snapshot_take(struct conform *c, struct snapshot *s);
/* The call may have changed these.  After it, before snapshot_compare(). */
void may_change(struct conform *c, enum key key, uint64_t a, uint64_t b);
void may_change_entries(struct conform *c, uint64_t ipa, uint64_t top);
void snapshot_compare(struct conform *c);

/* What must be so after the call; each names the success condition. */
void expect_granule(
    struct conform *c, const char *id, uint64_t pa, const char *state);
void expect_entry(struct conform *c, const char *id, uint64_t ipa, int level,
    int reached, unsigned state, unsigned ripas, uint64_t desc);
void expect_x(struct conform *c, const char *id, unsigned reg, uint64_t value);
void expect_field(struct conform *c, const char *id, uint64_t rd,
    enum realm_field field, int64_t difference);
/* The RIM is what it was, extended by what rim was made with. */
void expect_rim(struct conform *c, uint64_t rd, const uint8_t rim[64]);

/* A granule's state as seen now: "DATA"; without control "U", "D", "x". */
const char *granule_now(struct conform *c, uint64_t pa);

/* ---- The measurement, computed here (rim.c) ---------------------------- */

void rim_init(const struct rmi_realm_params *params, uint8_t rim[64]);
void rim_data(unsigned algo, uint8_t rim[64], uint64_t ipa, uint64_t flags,
    const void *page);
void rim_rec(unsigned algo, uint8_t rim[64], const struct rmi_rec_params *p);
void rim_ripas(unsigned algo, uint8_t rim[64], uint64_t base, uint64_t top);
/* An extensible measurement: the value as it is, or padded to 64 bytes. */
void rem_extend(
    unsigned algo, bool padded, void *rem, const void *value, size_t size);

/* ---- Control (control.c) ---------------------------------------------- */

bool control_open(struct conform *c, const char *path);
void control_close(struct conform *c);
/* States of num granules from base on; false if control does not tell. */
bool control_states(
    struct conform *c, uint64_t base, unsigned num, const char **states);
struct realm_view {
	bool exists;
	uint64_t field[REALM_FIELDS]; /* a number, or a hash of it */
	uint8_t rim[64];
};
bool control_realm(struct conform *c, uint64_t rd, struct realm_view *view);
/* A physical IRQ: 1 if the REC has exited, 0 if it did not run, or -1. */
int control_interrupt(struct conform *c, uint64_t rec);
uint64_t hash_bytes(uint64_t hash, const void *data, size_t size);
#define HASH_START 0xcbf29ce484222325ull

/* ---- What a command's file says --------------------------------------- */

enum want {
	WANT_RD,
	WANT_REC,
	WANT_DELEGATED,
	WANT_UNDELEGATED, /* GRANULE_DELEGATE's */
	WANT_NS,
	WANT_IPA, /* of either half */
	WANT_IPA_PROTECTED,
	WANT_IPA_UNPROTECTED,
};

/* An address argument: its boundaries are tried, each of its conditions. */
struct arg {
	unsigned reg;
	const char *name;
	enum want want;
	const char *align, *bound, *state; /* identifiers; NULL: none */
	/* IPA: aligned to the entries of level x[level_reg] - level_less. */
	unsigned level_reg;
	unsigned level_less;
	const char *also; /* violated with them inevitably */
};

/* One way to violate a condition. */
struct stimulus {
	const char *id;
	const char *what; /* "" if there is one way only */
	void (*apply)(struct conform *c, uint64_t arg);
	uint64_t arg;
	unsigned index;			    /* of the expected result */
	const char *also;		    /* conditions violated with it */
	void (*outputs)(struct conform *c); /* checks them; may be NULL */
	const char *cannot;		    /* why it is not stimulated */
};

/* A success; or any other thing that is to be shown of a command. */
struct positive {
	const char *what;
	/* May be NULL.  With instead it comes before the base. */
	void (*prepare)(struct conform *c);
	void (*check)(struct conform *c);
	void (*instead)(struct conform *c); /* does all by itself */
	uint64_t arg;			    /* c->arg is this meanwhile */
};

/* How to violate both of a pair, where one after the other does not do. */
struct both {
	const char *first, *second;
	void (*apply)(struct conform *c, uint64_t arg);
	uint64_t arg;
	const char *cannot;
};

struct command_cases {
	const char *name;
	void (*base)(struct conform *c);  /* a call that would succeed */
	const struct arg *args;		  /* reg 0 ends */
	const struct stimulus *stimuli;	  /* id NULL ends */
	const struct positive *positives; /* what NULL ends */
	const struct positive *more[3];	  /* in other files; NULL: none */
	const struct both *both;	  /* first NULL ends; may be NULL */
	const char *why_never; /* its stimuli: the base call can't succeed */
};

/*
 * Make the call, from the host's side or the realm's.  Returns X0.
 */
uint64_t call(struct conform *c);
/* Stimuli that many commands share (stimuli.c). */
void set_x1(struct conform *c, uint64_t value);
void set_x2(struct conform *c, uint64_t value);
void set_x3(struct conform *c, uint64_t value);
void set_x4(struct conform *c, uint64_t value);
/* x[n] is an IPA of the unprotected half. */
void unprot_x2(struct conform *c, uint64_t ipa);
void unprot_x3(struct conform *c, uint64_t ipa);
/* x[n] is the address of a place. */
void place_x1(struct conform *c, uint64_t place);
void place_x2(struct conform *c, uint64_t place);
void activate(struct conform *c, uint64_t unused);
void power_off(struct conform *c, uint64_t unused);
/* The same of a realm that is active. */
void realm_off(struct conform *c, uint64_t unused);
/* x[reg] is DELEGATED memory above 2^48; the case is skipped without such. */
void high_memory(struct conform *c, uint64_t reg);

/* The first REC runs from here on. */
void rec_running(struct conform *c, uint64_t unused);

/* Set-ups. */
bool needs_rec2(struct conform *c);  /* or the case is skipped */
void third_realm(struct conform *c); /* at P_FREE, without tables */
/* The same with LPA2 and a table of level 2 at IPA 0; else skipped. */
void lpa2_realm(struct conform *c);
void map_block(struct conform *c);  /* P_BLOCK at 2 * L2_SIZE, folded */
void fill_table(struct conform *c); /* the same, before it is folded */
/* Outputs of a failed walk. */
void top_is_ipa(struct conform *c);
void top_is_table_end(struct conform *c);
void top_is_unprot(struct conform *c);
void expect_top(struct conform *c, uint64_t top);

extern const struct positive enter_exits[], enter_accesses[], enter_state[];
extern const struct command_cases *const all_commands[];
extern const struct command_cases version_cases, granule_delegate_cases,
    granule_undelegate_cases, data_create_cases, data_create_unknown_cases,
    data_destroy_cases, realm_activate_cases, realm_create_cases,
    realm_destroy_cases, rec_create_cases, rec_destroy_cases, rec_enter_cases,
    rtt_create_cases, rtt_destroy_cases, rtt_map_unprotected_cases,
    rtt_read_entry_cases, rtt_unmap_unprotected_cases, psci_complete_cases,
    features_cases, rtt_fold_cases, rec_aux_count_cases, rtt_init_ripas_cases,
    rtt_set_ripas_cases, rsi_version_cases, rsi_features_cases,
    rsi_measurement_read_cases, rsi_measurement_extend_cases,
    rsi_attestation_token_init_cases, rsi_attestation_token_continue_cases,
    rsi_realm_config_cases, rsi_ipa_state_set_cases, rsi_ipa_state_get_cases,
    rsi_host_call_cases, psci_version_cases, psci_cpu_suspend_cases,
    psci_cpu_off_cases, psci_cpu_on_cases, psci_affinity_info_cases,
    psci_system_off_cases, psci_system_reset_cases, psci_features_cases;

#endif
