/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Realm Management Monitor as a pure library: make a machine, give it a
 * call, look inside.  It owns no socket, file, clock, thread or global; what
 * it needs of the world is handed to it in struct rmm_config.
 *
 * A machine is not thread safe.  Different machines are independent.
 */
#ifndef RMM_H
#define RMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attestation.h"
#include "rsi.h"
#include "sysregs.h"

struct rmm;

/* ---- Making a machine ------------------------------------------------- */

enum rmm_bank_kind {
	RMM_BANK_DRAM,	 /* delegable memory */
	RMM_BANK_DEVICE, /* addresses exist, never delegable */
	RMM_BANK_SECURE, /* addresses exist, never delegable */
};

/*
 * One bank of physical address space.
 *
 * base, size: bytes, granule aligned, size > 0; banks must not overlap and
 *	must end at or below 2^52.
 * ns: the Non-secure view of the bank, size bytes, shared with clients that
 *	may change it at any time.  The caller keeps ownership.  Needed if
 *	kind is RMM_BANK_DRAM, else not looked at.
 * data: where DATA granules have their contents, size bytes of zeros, for an
 *	owner who lets processors map them; they may change it at any time.  All
 *	else that is not Non-secure the machine keeps to itself.  A shared
 *	mapping, so that it can be given back with MADV_REMOVE.  The caller
 *	keeps ownership.  NULL: with the rest.
 */
struct rmm_bank {
	uint64_t base;
	uint64_t size;
	enum rmm_bank_kind kind;
	uint8_t *ns;
	uint8_t *data;
};

enum rmm_rim_kind {
	RMM_RIM_INIT,  /* RimInit: the realm's parameters */
	RMM_RIM_DATA,  /* RimExtendData */
	RMM_RIM_REC,   /* RimExtendRec */
	RMM_RIM_RIPAS, /* RimExtendRipas */
};

/* One step of a realm's initial measurement (A7.1.1). */
struct rmm_rim_step {
	enum rmm_rim_kind kind;
	uint64_t rd;
	uint64_t base;	     /* DATA: ipa; RIPAS: base */
	uint64_t top;	     /* RIPAS only */
	uint64_t flags;	     /* DATA: the host's flags; REC, INIT: flags */
	uint8_t content[64]; /* digest of page, REC or params; zero if none */
	uint8_t rim[64];     /* the value after this step */
};

/* What the machine's owner does for it.  Any member may be NULL. */
struct rmm_host {
	void *ctx;
	/*
	 * Make [offset, offset + size) of the bank's Non-secure view read as
	 * zeros, and give its memory back if possible.  Without it the model
	 * writes zeros.
	 */
	void (*discard)(void *ctx, const struct rmm_bank *bank, uint64_t offset,
	    uint64_t size);
	/* A realm's RIM was set or extended. */
	void (*rim_step)(void *ctx, const struct rmm_rim_step *step);
	/* The realm whose RD is at rd has gone. */
	void (*realm_gone)(void *ctx, uint64_t rd);
	/*
	 * A REC has gone: destroyed, or with its realm by rmm_reclaim() or
	 * rmm_reset().  If it was running, its RMI_REC_ENTER will never be
	 * over.
	 */
	void (*rec_gone)(void *ctx, uint64_t rec);
	/*
	 * What the realm's accesses to [ipa, ipa + size) come to has changed,
	 * or may have: whoever keeps translations must ask again, and must not
	 * use the old ones once this returns.
	 */
	void (*translation_gone)(
	    void *ctx, uint64_t rd, uint64_t ipa, uint64_t size);
	/* The same for all translations to the Non-secure granule at pa. */
	void (*ns_gone)(void *ctx, uint64_t pa);
};

/*
 * Which condition decides where a call violates several.  Every order keeps the
 * specification's orderings.
 */
enum rmm_order {
	/* The first in the order of the command's file; the fastest. */
	RMM_ORDER_DEFAULT,
	/* Any that the specification allows to win, drawn. */
	RMM_ORDER_SPEC_RANDOM,
	/* The one that TF-RMM looks at first. */
	RMM_ORDER_TF_RMM,
	RMM_ORDERS /* how many */
};
/* "default", "spec-random", "tf-rmm" */
const char *rmm_order_name(enum rmm_order order);

/*
 * Where the specification leaves a choice to the implementation.  The value 0
 * is always the default.  Further choices are members of struct rmm_config:
 * the features, vmid16, rec_aux_count, s2sz_min.
 */
enum rmm_choice_id {
	RMM_CHOICE_UNDELEGATED, /* enum rmm_contents */
	RMM_CHOICE_UNKNOWN,	/* enum rmm_contents */
	RMM_CHOICE_INIT_RAM,
	RMM_CHOICE_INIT_ASSIGNED,
	RMM_CHOICE_LIVE_TOP,
	RMM_CHOICE_MEMATTR,
	RMM_CHOICE_SBZ,
	RMM_CHOICE_REM_EXTEND,
	RMM_CHOICE_SET_RIPAS_BLOCK,
	RMM_CHOICE_SMCCC_VERSION,
	RMM_CHOICE_PSCI_SMC32,
	RMM_CHOICE_MMIO_WRITE,
	RMM_CHOICE_ICC_TRAP,
	RMM_CHOICE_TOKEN,
	RMM_CHOICES /* how many */
};
enum rmm_contents {
	RMM_CONTENTS_ZERO,
	RMM_CONTENTS_PATTERN, /* RMM_PATTERN, in each 64-bit word */
	RMM_CONTENTS_RANDOM,  /* drawn from the seed and the call */
};
#define RMM_PATTERN 0xdeadbeefdeadbeefull
enum { RMM_INIT_RAM_MEASURE, RMM_INIT_RAM_STOP };
enum { RMM_INIT_ASSIGNED_STOP, RMM_INIT_ASSIGNED_PASS };
enum { RMM_LIVE_TOP_IPA, RMM_LIVE_TOP_ENTRY };
enum { RMM_MEMATTR_REFUSE, RMM_MEMATTR_ACCEPT };
enum { RMM_SBZ_IGNORE, RMM_SBZ_CHECK };
enum { RMM_REM_EXTEND_TF_RMM, RMM_REM_EXTEND_PADDED };
enum { RMM_SET_RIPAS_BLOCK_TOP, RMM_SET_RIPAS_BLOCK_BASE };
enum { RMM_SMCCC_VERSION_ANSWER, RMM_SMCCC_VERSION_UNKNOWN };
enum { RMM_PSCI_SMC32_REFUSE, RMM_PSCI_SMC32_ACCEPT };
enum { RMM_MMIO_WRITE_REGISTER, RMM_MMIO_WRITE_MASKED };
enum { RMM_ICC_TRAP_EXIT, RMM_ICC_TRAP_IGNORE };
enum { RMM_TOKEN_MAKE, RMM_TOKEN_FAIL };

struct rmm_choice {
	const char *name;	   /* "init-ripas-ram" */
	const char *const *values; /* by their numbers; ends with NULL */
	const char *section;	   /* of the specification */
	const char *about;	   /* a few words */
};

struct rmm_config {
	const struct rmm_bank *banks; /* copied */
	size_t num_banks;
	uint64_t feature_register_0; /* RmiFeatureRegister0 */
	bool vmid16;		     /* VMIDs have 16 bits, not 8 */
	unsigned rec_aux_count;	     /* 0 to 16: REC_AUX_COUNT's answer */
	uint64_t seed;		     /* for every choice that is drawn */
	enum rmm_order order;
	uint8_t s2sz_min; /* the smallest IPA width of a realm, 16 to 48 */
	uint8_t choices[RMM_CHOICES];
	/*
	 * The realms' side is the owner's to play, see "The realm's side".  If
	 * not, a realm powers off as soon as it is entered.
	 */
	bool driven;
	const struct plant *plant; /* rmm_plant(); NULL: none */
	struct rmm_attestation attestation;
	struct rmm_host host;
};

/*
 * What a machine supports unless told otherwise: IPA widths up to 48 bits, SVE
 * vectors up to 2048 bits, 16 breakpoints and watchpoints, 31 PMU counters,
 * both hash algorithms, 16 list registers, 1023 RECs in a realm; no LPA2.
 */
#define RMM_FEATURE_REGISTER_0_DEFAULT                                     \
	(RMI_FEATURE0_PUT(S2SZ, 48) | RMI_FEATURE0_PUT(SVE_EN, 1) |        \
	    RMI_FEATURE0_PUT(SVE_VL, 15) | RMI_FEATURE0_PUT(NUM_BPS, 15) | \
	    RMI_FEATURE0_PUT(NUM_WPS, 15) | RMI_FEATURE0_PUT(PMU_EN, 1) |  \
	    RMI_FEATURE0_PUT(PMU_NUM_CTRS, 31) |                           \
	    RMI_FEATURE0_PUT(HASH_SHA_256, 1) |                            \
	    RMI_FEATURE0_PUT(HASH_SHA_512, 1) |                            \
	    RMI_FEATURE0_PUT(GICV3_NUM_LRS, 15) |                          \
	    RMI_FEATURE0_PUT(MAX_RECS_ORDER, 10))

/*
 * Fill cfg with the defaults: no banks, RMM_FEATURE_REGISTER_0_DEFAULT, 16-bit
 * VMIDs, 16 auxiliary granules, seed 0, RMM_ORDER_DEFAULT, IPA widths
 * from 32 bits on, the first value of each choice, rmm_attestation_init()'s
 * claims, no host.
 */
void rmm_config_init(struct rmm_config *cfg);

/* The choice with this enum rmm_choice_id; NULL after the last. */
const struct rmm_choice *rmm_choice_at(size_t n);
/* Make a choice by name.  Returns false if there is no such name or value. */
bool rmm_choose(struct rmm_config *cfg, const char *name, const char *value);

/*
 * Planted defects, for those who test a test of monitors: the machine then does
 * one thing wrongly.
 */
struct rmm_plant {
	const char *name;    /* "data-create-rim" */
	const char *command; /* "RMI_DATA_CREATE" */
	const char *about;   /* what is wrong, in a few words */
	bool realm;	     /* seen only if a realm does something */
};
const struct rmm_plant *rmm_plant_at(size_t n); /* NULL after the last */
/* Returns false if there is none of this name. */
bool rmm_plant(struct rmm_config *cfg, const char *name);

/*
 * Make a machine.  Every granule is UNDELEGATED.  The banks may come in any
 * order.
 *
 * A machine of any size costs memory only for what is touched.
 *
 * Returns NULL, with a sentence in err, if the banks, the feature register,
 * a claim or a key are not valid or memory is short.
 */
struct rmm *rmm_new(const struct rmm_config *cfg, char *err, size_t errlen);
void rmm_free(struct rmm *rmm);

/*
 * Back to the state after rmm_new().  The Non-secure view of every granule
 * that was touched by a call reads as zeros; the caller may discard the rest.
 */
void rmm_reset(struct rmm *rmm);

/* ---- Calling it ------------------------------------------------------- */

#define RMM_WHY_MAX	 192
#define RMM_VIOLATED_MAX 24

/* What a call answers. */
struct rmm_answer {
	uint64_t x[SMC_REGS];  /* X0 to X17; registers not listed are 0 */
	const char *command;   /* "RMI_DATA_CREATE"; NULL: unknown function */
	const char *condition; /* "data_state"; NULL on success; static */
	unsigned num_violated; /* 0 unless rmm_call_collect() was called */
	char why[RMM_WHY_MAX]; /* a sentence with the values; "" on success */
	/* Every condition that the call violates, the decisive one included. */
	const char *violated[RMM_VIOLATED_MAX];
	/*
	 * RMI_REC_ENTER has entered the REC at entered, and it runs: the call
	 * is not over yet, and x says nothing.
	 */
	bool runs;
	uint64_t entered;
	/* runs: the host has injected an SEA (A4.2.3). */
	bool sea;
};

/*
 * Execute "SMC #0" on PE pe with X0 to X17 in x.  Never fails as a function:
 * an unknown function id answers X0 = SMC_NOT_SUPPORTED.
 * A failed command changes nothing.
 */
void rmm_call(struct rmm *rmm, unsigned pe, const uint64_t x[SMC_REGS],
    struct rmm_answer *answer);

/*
 * The same, and say all that is wrong with the call: every condition that can
 * be judged, in the order of the command's file.  A condition can not be judged
 * if it is about something that another violated condition says is not there.
 */
void rmm_call_collect(struct rmm *rmm, unsigned pe, const uint64_t x[SMC_REGS],
    struct rmm_answer *answer);

/*
 * What a machine does when the owner of [base, base + size) has died: every
 * realm whose RD lies there is torn down with all that belongs to it, wherever
 * it is, and every granule of the range that no other realm uses becomes
 * UNDELEGATED with zero contents.
 *
 * Returns the number of granules that another realm still holds.
 */
uint64_t rmm_reclaim(struct rmm *rmm, uint64_t base, uint64_t size);

/* ---- The realm's side ------------------------------------------------- */

/*
 * A REC that was entered runs: it acts by the functions below, one action at a
 * time, until one of them exits to the host.  Each is an instruction at the
 * REC's PC.  One that is completed moves PC by 4, also if it exits and its
 * results come with the next entry; one that must be made again leaves PC where
 * it is.  So after an exit and the next entry, PC tells.
 *
 * Each function returns false, and does nothing, if rec is not a REC that runs.
 */
enum rmm_outcome {
	RMM_GOES_ON,   /* done; the REC's registers hold the results */
	RMM_EXCEPTION, /* an exception was taken to the realm */
	RMM_WAITS,     /* nothing to do before an interrupt comes */
	RMM_EXITED,    /* to the host */
};

struct rmm_result {
	enum rmm_outcome outcome;
	/* EXCEPTION: as in ESR_EL1 and FAR_EL1; PC is in the realm's vector. */
	uint64_t esr;
	uint64_t far;
	/*
	 * A call of the realm: as rmm_call() of the host's.  EXITED: what
	 * RMI_REC_ENTER answers to the host.
	 */
	struct rmm_answer answer;
};

/* "SMC #0": RSI and PSCI, with the REC's X0 to X17; results are there too. */
bool rmm_realm_smc(struct rmm *rmm, uint64_t rec, struct rmm_result *result);
/* HVC: an Unknown exception (A4.5). */
bool rmm_realm_hvc(struct rmm *rmm, uint64_t rec, struct rmm_result *result);

enum rmm_access_kind { RMM_READ, RMM_WRITE, RMM_FETCH };

struct rmm_access {
	enum rmm_access_kind kind;
	uint64_t ipa;
	/*
	 * Bytes, 1 to 4096, within one granule.  With isv: 1, 2, 4 or 8, and
	 * aligned.
	 */
	uint32_t size;
	/* A load or store of one register, which a host can emulate. */
	bool isv;
	bool sign_extend; /* a load of less than the register: SSE */
	bool sf;	  /* a 64-bit register */
	uint8_t srt;	  /* X0 to X30; 31: XZR */
	uint64_t va;	  /* FAR; what the realm's own translation began with */
};

/*
 * An access of the realm (A5.2).  With isv the register srt is read or written;
 * without, the size bytes at data are, and data is not looked at with isv.
 * FETCH reads.  GOES_ON: PC has moved by 4, but not after a FETCH.
 *
 * Also false if access is none that can be.
 */
bool rmm_realm_access(struct rmm *rmm, uint64_t rec,
    const struct rmm_access *access, void *data, struct rmm_result *result);

enum rmm_wait { RMM_WFI, RMM_WFE, RMM_WFIT, RMM_WFET };
/* timeout: of WFIT and WFET, the counter value at which they end. */
bool rmm_realm_wait(struct rmm *rmm, uint64_t rec, enum rmm_wait wait,
    uint64_t timeout, struct rmm_result *result);

/*
 * MRS (read) and MSR of a register in sysregs.h.  reg: SYSREG(); srt: X0 to
 * X30; 31: XZR.  Any other register, and a write of one that is read only, is
 * an Unknown exception.  A write for the host to act on exits, and so does an
 * access that makes the GIC assert its maintenance interrupt, as by an IRQ.
 */
bool rmm_realm_sysreg(struct rmm *rmm, uint64_t rec, unsigned reg, bool read,
    unsigned srt, struct rmm_result *result);

/*
 * The virtual interrupts that the REC's CPU interface signals now, whatever
 * PSTATE masks (A6.1).  It is the processor that takes them, or not.
 */
#define RMM_VIRQ (1u << 0)
#define RMM_VFIQ (1u << 1)
unsigned rmm_realm_virtual_interrupts(const struct rmm *rmm, uint64_t rec);

enum rmm_interrupt { RMM_IRQ, RMM_FIQ, RMM_SERROR };
/*
 * A physical interrupt at the PE that runs the REC: it exits.
 * syndrome: of an SError: IDS, AET, EA and DFSC of ESR_EL2.
 */
bool rmm_realm_interrupt(struct rmm *rmm, uint64_t rec,
    enum rmm_interrupt interrupt, uint64_t syndrome, struct rmm_result *result);

/* All that a REC's software sees of the processor. */
struct rmm_regs {
	uint64_t gprs[RMI_REC_GPRS];
	uint64_t pc;
	uint64_t pstate; /* as in SPSR_EL1 */
	uint64_t sysregs[REC_NUM_SYSREGS];
};
bool rmm_regs(const struct rmm *rmm, uint64_t rec, struct rmm_regs *regs);
/* The REC must be running. */
bool rmm_set_regs(struct rmm *rmm, uint64_t rec, const struct rmm_regs *regs);

/* An access's kind, made without an effect: what would come of it? */
struct rmm_translation {
	bool readable, writable, executable;
	bool ns;       /* in Non-secure memory */
	uint64_t pa;   /* of ipa, if any of the above */
	uint64_t base; /* the IPAs [base, base + size) are alike */
	uint64_t size;
};
/* Returns false if rd is no realm. */
bool rmm_realm_translate(const struct rmm *rmm, uint64_t rd, uint64_t ipa,
    struct rmm_translation *translation);

/*
 * The same, for one who will use it to read and write the memory behind it
 * without telling, as a processor does.  At most 2 MiB.
 */
bool rmm_realm_share(struct rmm *rmm, uint64_t rd, uint64_t ipa,
    struct rmm_translation *translation);

/*
 * The physical counter, which is the virtual one, too: ticks since the machine
 * was made or reset.  It never goes back.
 */
uint64_t rmm_counter(const struct rmm *rmm);
void rmm_set_counter(struct rmm *rmm, uint64_t count);
/*
 * What a realm's single step may add at most, for time is one for all realms:
 * 78 hours of 1 GHz.
 */
#define RMM_TICKS_MAX (1ull << 48)
/*
 * Has a timer of the REC changed its output, so that the host must know?  To be
 * asked when the counter has moved: if so, the REC exits as by an IRQ (A6.2).
 * Else GOES_ON.
 */
bool rmm_realm_timers(struct rmm *rmm, uint64_t rec, struct rmm_result *result);
/* The counter value at which a timer of the REC fires next; UINT64_MAX. */
uint64_t rmm_realm_next_timer(const struct rmm *rmm, uint64_t rec);

/* Whether a PMU counter of the REC has overflowed: pmu_ovf_status (A8.1). */
bool rmm_realm_set_pmu_overflow(struct rmm *rmm, uint64_t rec, bool overflow);

/* Every call of RSI and PSCI that a realm can make; NULL after the last. */
const struct smc_abi *rmm_realm_command_at(size_t n);

/* ---- Looking inside --------------------------------------------------- */

enum rmm_granule_state {
	RMM_GRANULE_UNDELEGATED,
	RMM_GRANULE_DELEGATED,
	RMM_GRANULE_RD,
	RMM_GRANULE_REC,
	RMM_GRANULE_REC_AUX,
	RMM_GRANULE_DATA,
	RMM_GRANULE_RTT,
	RMM_GRANULE_STATES /* how many */
};
const char *rmm_granule_state_name(enum rmm_granule_state state);

struct rmm_granule_info {
	uint64_t pa;
	enum rmm_granule_state state;
	uint64_t rd; /* the realm it belongs to; 0: none */
	/* DATA: IPA; RTT: first IPA it translates; REC_AUX: its REC's PA. */
	uint64_t where;
	int level; /* RTT: its level */
};

/* The granule at pa.  Returns false if pa is in no DRAM bank. */
bool rmm_granule(
    const struct rmm *rmm, uint64_t pa, struct rmm_granule_info *info);

/*
 * The first granule at or above pa whose state is in mask (bit 1 << state;
 * UNDELEGATED is not searched for).  Returns false if there is none.
 */
bool rmm_granule_next(const struct rmm *rmm, uint64_t pa, unsigned mask,
    struct rmm_granule_info *info);

/* The number of granules in a state, kept up to date. */
uint64_t rmm_granule_count(const struct rmm *rmm, enum rmm_granule_state state);

enum rmm_realm_state {
	RMM_REALM_NEW,
	RMM_REALM_ACTIVE,
	RMM_REALM_SYSTEM_OFF,
};
const char *rmm_realm_state_name(enum rmm_realm_state state);

struct rmm_realm_info {
	uint64_t rd;
	enum rmm_realm_state state;
	uint8_t ipa_width;
	uint8_t hash_algo; /* enum rmi_hash_algorithm */
	uint16_t vmid;
	bool lpa2;
	uint8_t rpv[64];
	uint64_t rtt_base;
	int rtt_level_start;
	unsigned rtt_num_start;
	uint64_t num_recs;
	uint64_t rec_index;
	uint64_t num_data;	     /* DATA granules */
	uint64_t num_rtts;	     /* RTT granules, starting ones included */
	uint8_t measurements[5][64]; /* RIM, REM 0 to 3 */
};

/* The realm whose RD is at rd.  Returns false if there is none. */
bool rmm_realm(const struct rmm *rmm, uint64_t rd, struct rmm_realm_info *info);
/* The realm with the lowest RD at or above rd; false: none. */
bool rmm_realm_next(
    const struct rmm *rmm, uint64_t rd, struct rmm_realm_info *info);

/*
 * The attestation token that the realm would get now with this challenge.
 *
 * size: room for it; rmm_token_max() bytes are always enough.
 * Returns its size; 0 if rd is no realm, there is not enough room, or memory
 * is short.
 */
size_t rmm_token(const struct rmm *rmm, uint64_t rd,
    const uint8_t challenge[RMM_CHALLENGE], uint8_t *token, size_t size);
size_t rmm_token_max(const struct rmm *rmm);

/*
 * The public half of a key that signs tokens, as a text with a NUL; the CPAK is
 * the one that a verifier must know.
 *
 * size: RMM_KEY_TEXT bytes are always enough.
 * Returns its length; 0 if there is not enough room, or memory is short.
 */
size_t rmm_public_key(const struct rmm *rmm, enum rmm_key key,
    enum rmm_key_form form, char *text, size_t size);

struct rmm_rec_info {
	uint64_t rec;
	uint64_t rd;
	uint64_t mpidr;
	bool running;
	bool runnable;
	bool psci_pending;
	bool host_call_pending;
	bool emulatable_abort;
	uint64_t ripas_addr, ripas_top; /* a change that is pending */
	uint8_t ripas_value;
	uint64_t pc;
	uint64_t gprs[RMI_REC_GPRS];
	unsigned num_aux;
	uint64_t aux[RMI_REC_AUX_MAX];
};
bool rmm_rec(const struct rmm *rmm, uint64_t rec, struct rmm_rec_info *info);

enum rmm_rtte_state {
	RMM_UNASSIGNED,
	RMM_ASSIGNED,
	RMM_TABLE,
	RMM_UNASSIGNED_NS,
	RMM_ASSIGNED_NS,
};
const char *rmm_rtte_state_name(enum rmm_rtte_state state);
const char *rmm_ripas_name(enum rmi_ripas ripas);

/* One entry of a realm's translation tree. */
struct rmm_rtte_info {
	uint64_t ipa; /* first IPA it translates */
	int level;
	uint64_t rtt;	/* PA of the table that holds it */
	unsigned index; /* in that table, 0 to 511 */
	enum rmm_rtte_state state;
	enum rmi_ripas ripas; /* UNASSIGNED and ASSIGNED only */
	uint64_t addr;	      /* ASSIGNED, ASSIGNED_NS, TABLE: output address */
	uint64_t desc;	      /* as RTT_READ_ENTRY returns it */
};

/*
 * Walk a realm's tree, depth first, in order of IPA.  Begin with *ipa = 0 and
 * *level = rtt_level_start; each call returns the entry at the cursor and moves
 * the cursor to the next one: after a TABLE entry that is the first entry of
 * the table below.  The cursor survives changes to the tree in between.
 *
 * Returns false at the end, or if rd is no realm.
 */
bool rmm_rtt_next(const struct rmm *rmm, uint64_t rd, uint64_t *ipa, int *level,
    struct rmm_rtte_info *info);

/* Bytes that one entry of a table at this level translates. */
uint64_t rmm_rtte_size(int level);

/*
 * What must be true between two calls.  Returns false, with a sentence in why,
 * if it is not.
 */
bool rmm_check_invariants(const struct rmm *rmm, char *why, size_t whylen);

/* Every command of the ABI, in order of function id; NULL after the last. */
const struct smc_abi *rmm_command_at(size_t n);

#endif
