/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bytes become a sequence of calls.  Arguments lean towards what would make
 * the call succeed, since that is how a machine gets into states worth having.
 * After each call the invariants must hold; a call that fails must have changed
 * nothing and be one of the answers the specification allows.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "act.h"
#include "audit.h"
#include "rmm/realm.h"
#include "rmm/rec.h"
#include "rmm/rtt.h"

#define BASE	  0x80000000ull
#define HIGH	  (1ull << 48)
#define DEVICE	  0x10000000ull
#define POOL	  48u /* granules that calls are about */
#define NS_FIRST  48u /* the next ones stay Non-secure: sources */
#define NS_NUM	  8u
#define PARAMS	  (BASE + 56 * (uint64_t)GRANULE_SIZE)
#define BLOCK	  (BASE + 512 * (uint64_t)GRANULE_SIZE)
#define BANK_SIZE (1024 * (uint64_t)GRANULE_SIZE)
#define HIGH_SIZE (4 * (uint64_t)GRANULE_SIZE)
#define NUM_AUX	  1

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t left;
};

static struct rmm *rmm;
static uint8_t *ns;

static uint8_t
byte(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->data++;
}

static uint64_t
granule(unsigned n)
{
	return BASE + n * (uint64_t)GRANULE_SIZE;
}

static void *
map(uint64_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

static void
discard(void *ctx, const struct rmm_bank *bank, uint64_t offset, uint64_t size)
{
	(void)ctx;
	if (size > 16 * GRANULE_SIZE)
		(void)madvise(bank->ns + offset, size, MADV_DONTNEED);
	else
		memset(bank->ns + offset, 0, size);
}

static void
start(void)
{
	struct rmm_bank banks[3] = {
		{ .base = BASE, .size = BANK_SIZE },
		{ .base = HIGH, .size = HIGH_SIZE },
		{ .base = DEVICE, .size = 0x1000, .kind = RMM_BANK_DEVICE },
	};
	struct rmm_config cfg;
	char err[256];

	ns = banks[0].ns = map(BANK_SIZE);
	banks[1].ns = map(HIGH_SIZE);
	rmm_config_init(&cfg);
	cfg.banks = banks;
	cfg.num_banks = 3;
	cfg.rec_aux_count = NUM_AUX;
	cfg.feature_register_0 &= ~0xffull;
	cfg.feature_register_0 |=
	    RMI_FEATURE0_PUT(S2SZ, 52) | RMI_FEATURE0_PUT(LPA2, 1);
	cfg.host.discard = discard;
	rmm = rmm_new(&cfg, err, sizeof err);
	if (rmm == NULL) {
		(void)fprintf(stderr, "%s\n", err);
		abort();
	}
}

static void
fail(const uint64_t *x, const char *what)
{
	const struct smc_abi *abi;

	(void)fprintf(stderr, "%s\n  after", what);
	for (size_t n = 0; (abi = rmm_command_at(n)) != NULL; n++)
		if (abi->fid == x[0])
			(void)fprintf(stderr, " %s", abi->name);
	for (int i = 0; i < 6; i++)
		(void)fprintf(stderr, " 0x%" PRIx64, x[i]);
	(void)fprintf(stderr, "\n");
	abort();
}

/* The machine, and what is Non-secure throughout. */
static uint64_t
digest(void)
{
	return audit_digest(
	    rmm, ns + NS_FIRST * (size_t)GRANULE_SIZE, NS_NUM + 1);
}

static uint64_t
call(const uint64_t x[SMC_REGS])
{
	uint64_t before = digest();
	struct rmm_answer answer;
	char why[256] = "";
	const char *broken;

	rmm_call(rmm, 0, x, &answer);
	if (!rmm_check_invariants(rmm, why, sizeof why))
		fail(x, why);
	if (answer.x[0] == RMI_SUCCESS)
		return RMI_SUCCESS;
	if (digest() != before)
		fail(x, "a failed call has changed something");
	broken = audit_answer(rmm, x, &answer);
	if (broken != NULL)
		fail(x, broken);
	if (digest() != before)
		fail(x, "collecting mode has changed something");
	return answer.x[0];
}

/* ---- Arguments -------------------------------------------------------------
 */

static uint64_t
strange_address(uint8_t b)
{
	static const uint64_t addresses[] = { 0, 1, DEVICE, BASE + 1,
		BASE + 0x800, BASE - 0x1000, BASE + BANK_SIZE, HIGH,
		HIGH + 0x1000, 1ull << 52, -0x1000ull, UINT64_MAX };

	return addresses[b % (sizeof addresses / sizeof addresses[0])];
}

/* A granule in a state, if there is one; sometimes any, or a strange one. */
static uint64_t
pick(struct input *in, enum rmm_granule_state state)
{
	uint8_t b = byte(in);
	struct rmm_granule_info info;
	uint64_t pa = granule(b % POOL);

	if (b >= 0xf8)
		return strange_address(byte(in));
	if (b >= 0xf0)
		return pa;
	if (rmm_granule_next(rmm, pa, 1u << state, &info) ||
	    rmm_granule_next(rmm, 0, 1u << state, &info))
		return info.pa;
	return pa;
}

static uint64_t
pick_ipa(struct input *in, const struct rmm_realm_info *realm)
{
	uint8_t b = byte(in), c = byte(in);
	uint64_t ipa = 0;

	if (b == 0xff)
		return strange_address(c);
	if (b & 0x80)
		ipa = 1ull << (realm->ipa_width - 1);
	ipa += (b % 16 == 0) * rmm_rtte_size(1);
	ipa += (b >> 4 & 1) * rmm_rtte_size(2);
	ipa += (c & 7) * rmm_rtte_size(3);
	return ipa;
}

/* As the specification would have it aligned, mostly. */
static uint64_t
align(uint64_t ipa, int level, uint8_t b)
{
	if (b >= 0xf8 || level < -1 || level > 3)
		return ipa;
	return ipa & ~(rmm_rtte_size(level) - 1);
}

static uint64_t
pick_level(struct input *in)
{
	uint8_t b = byte(in);

	if (b >= 0xfc)
		return (uint64_t)(int64_t)((int)b - 0xfe);
	return b % 8 < 4 ? 3 : b % 8 < 7 ? 2 : 1;
}

static void
realm_params(struct input *in)
{
	static const struct {
		uint8_t s2sz;
		int8_t level;
		uint8_t num;
		uint8_t flags;
	} shapes[] = { { 33, 1, 1, 0 }, { 40, 1, 2, 0 }, { 32, 2, 4, 0 },
		{ 48, 0, 1, 0 }, { 52, -1, 1, 1 }, { 52, 0, 16, 1 } };
	struct rmi_realm_params *params = (void *)(ns + (PARAMS - BASE));
	uint8_t b = byte(in), c = byte(in);
	unsigned num = shapes[b % 6].num;
	uint64_t rtt = pick(in, RMM_GRANULE_DELEGATED);

	*params = (struct rmi_realm_params){
		.s2sz = shapes[b % 6].s2sz,
		.num_bps = 1,
		.num_wps = 1,
		.hash_algo = b >> 6 & 1,
		.flags = shapes[b % 6].flags,
		.vmid = c & 3,
		.rtt_base = rtt & ~(num * (uint64_t)GRANULE_SIZE - 1),
		.rtt_level_start = shapes[b % 6].level,
		.rtt_num_start = num,
	};
	if (c >= 0xf0)
		((uint8_t *)params)[byte(in) * 16 % 0x820] = byte(in);
}

static void
rec_params(struct input *in, uint64_t rd)
{
	struct rmi_rec_params *params = (void *)(ns + (PARAMS - BASE));
	struct rmm_realm_info realm = { 0 };
	uint8_t b = byte(in);

	(void)rmm_realm(rmm, rd, &realm);
	*params = (struct rmi_rec_params){
		.flags = b & 1,
		.mpidr = (realm.rec_index & 15) | realm.rec_index >> 4 << 8,
		.num_aux = NUM_AUX,
		.aux = { pick(in, RMM_GRANULE_DELEGATED) },
	};
	if (b >= 0xf0)
		((uint8_t *)params)[byte(in) * 16 % 0x890] = byte(in);
}

static enum rmm_granule_state
wanted_state(const struct smc_abi *abi, const char *name)
{
	if (strcmp(name, "rd") == 0)
		return abi->fid == RMI_FID_REALM_CREATE ? RMM_GRANULE_DELEGATED
							: RMM_GRANULE_RD;
	if (strstr(name, "rec") != NULL)
		return abi->fid == RMI_FID_REC_CREATE ? RMM_GRANULE_DELEGATED
						      : RMM_GRANULE_REC;
	return RMM_GRANULE_DELEGATED; /* data, rtt, addr */
}

static uint64_t
argument(struct input *in, const struct smc_abi *abi, const char *name,
    const struct rmm_realm_info *realm)
{
	if (strcmp(name, "ipa") == 0 || strcmp(name, "base") == 0)
		return pick_ipa(in, realm);
	if (strcmp(name, "top") == 0)
		return pick_ipa(in, realm) + (byte(in) & 3) * 0x1000ull;
	if (strcmp(name, "level") == 0)
		return pick_level(in);
	if (strcmp(name, "src") == 0 || strcmp(name, "run_ptr") == 0) {
		uint8_t b = byte(in);

		return b >= 0xf0 ? strange_address(b)
				 : granule(NS_FIRST + b % NS_NUM);
	}
	if (strcmp(name, "params_ptr") == 0)
		return byte(in) >= 0xfc ? strange_address(byte(in)) : PARAMS;
	if (strcmp(name, "desc") == 0)
		return pick_ipa(in, realm) | (byte(in) & 0xfdu);
	if (strcmp(name, "status") == 0)
		return (uint64_t) - (int64_t)(byte(in) % 4);
	if (strcmp(name, "flags") == 0 || strcmp(name, "index") == 0)
		return byte(in) & 1;
	if (strcmp(name, "req") == 0)
		return (uint64_t)byte(in) << 12;
	if (abi->fid == RMI_FID_GRANULE_DELEGATE)
		return granule(byte(in) % POOL);
	return pick(in, wanted_state(abi, name));
}

/* The level of the table that is missing on the way to ipa; 3 if none is. */
static uint64_t
missing_level(uint64_t rd, uint64_t ipa)
{
	const struct realm *realm = realm_at(rmm, rd);
	struct rtt_walk walk;

	if (ipa >= realm_ipa_end(realm))
		return 3;
	walk = rtt_walk(rmm, realm, ipa, 3);
	return walk.level == 3 ? 3 : (uint64_t)(int64_t)(walk.level + 1);
}

/* Grant what a REC has asked for. */
static void
fit_set_ripas(uint64_t *x)
{
	struct rmm_rec_info info;

	if (!rmm_rec(rmm, x[2], &info))
		return;
	x[1] = info.rd;
	x[3] = rec_at(rmm, x[2])->ripas_addr;
	x[4] = rec_at(rmm, x[2])->ripas_top;
}

/* Make arguments fit each other as a host would, mostly. */
static void
fit(struct input *in, const struct smc_abi *abi,
    const struct rmm_realm_info *realm, uint64_t *x)
{
	uint64_t unprot = 1ull << (realm->ipa_width - 1);
	uint8_t b = byte(in);

	if (b >= 0xf0)
		return;
	switch (abi->fid) {
	case RMI_FID_DATA_CREATE:
	case RMI_FID_DATA_CREATE_UNKNOWN:
		x[3] &= unprot - 1;
		break;
	case RMI_FID_DATA_DESTROY:
		x[2] &= unprot - 1;
		break;
	case RMI_FID_RTT_CREATE:
		if (b & 3)
			x[4] = missing_level(x[1], x[3]);
		x[3] = align(x[3], (int)x[4] - 1, b);
		break;
	case RMI_FID_RTT_DESTROY:
	case RMI_FID_RTT_FOLD:
		x[2] = align(x[2], (int)x[3] - 1, b);
		break;
	case RMI_FID_RTT_INIT_RIPAS:
		x[2] &= unprot - 1;
		x[3] = x[2] + (b & 7) * rmm_rtte_size(b & 8 ? 3 : 2);
		break;
	case RMI_FID_RTT_SET_RIPAS:
		fit_set_ripas(x);
		break;
	case RMI_FID_RTT_MAP_UNPROTECTED:
		x[2] = align(x[2], (int)x[3], b) | unprot;
		x[4] = align(x[4], (int)x[3], b) | (x[4] & 0xdc);
		break;
	case RMI_FID_RTT_UNMAP_UNPROTECTED:
		x[2] = align(x[2], (int)x[3], b) | unprot;
		break;
	case RMI_FID_RTT_READ_ENTRY:
		x[2] = align(x[2], (int)x[3], b);
		break;
	}
}

/* Calls that build come more often than those that tear down. */
static const struct smc_abi *
pick_command(uint8_t which)
{
	static const struct {
		uint32_t fid;
		uint8_t times;
	} more[] = {
		{ RMI_FID_DATA_CREATE, 40 },
		{ RMI_FID_RTT_CREATE, 40 },
		{ RMI_FID_GRANULE_DELEGATE, 20 },
		{ RMI_FID_DATA_CREATE_UNKNOWN, 15 },
		{ RMI_FID_RTT_MAP_UNPROTECTED, 12 },
		{ RMI_FID_RTT_INIT_RIPAS, 12 },
		{ RMI_FID_RTT_SET_RIPAS, 12 },
		{ RMI_FID_REALM_CREATE, 10 },
		{ RMI_FID_REC_CREATE, 10 },
		{ RMI_FID_RTT_FOLD, 10 },
		{ RMI_FID_DATA_DESTROY, 6 },
		{ RMI_FID_PSCI_COMPLETE, 6 },
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
		if (which >= more[i].times) {
			which -= more[i].times;
			continue;
		}
		while (rmm_command_at(n)->fid != more[i].fid)
			n++;
		return rmm_command_at(n);
	}
	return rmm_command_at(which % 23);
}

static void
one_call(struct input *in, uint8_t which)
{
	struct rmm_realm_info realm = { .ipa_width = 33 };
	const struct smc_abi *abi = pick_command(which);
	uint64_t x[SMC_REGS] = { abi->fid };

	for (int i = 0; abi->inputs[i] != NULL; i++) {
		x[i + 1] = argument(in, abi, abi->inputs[i], &realm);
		if (i == 0)
			(void)rmm_realm(rmm, x[1], &realm);
	}
	if (realm.rd != 0)
		fit(in, abi, &realm, x);
	if (abi->fid == RMI_FID_REALM_CREATE)
		realm_params(in);
	if (abi->fid == RMI_FID_REC_CREATE)
		rec_params(in, x[1]);
	(void)call(x);
}

/* ---- What is not a call --------------------------------------------------
 */

static uint64_t
draw_byte(void *ctx, uint64_t below)
{
	uint64_t value = byte(ctx);

	if (below > 256)
		value = value * 0x0101010101010101ull;
	return value % below;
}

/* A realm does something; at a REC that does not run, it is entered. */
static void
realm_acts(struct input *in)
{
	uint64_t pa = pick(in, RMM_GRANULE_REC);
	struct rmm_rec_info info;
	struct rmm_realm_info realm;
	struct rmm_result result;
	struct act act;
	uint8_t data[GRANULE_SIZE];
	uint64_t x[6] = { 0 };
	char why[256];

	if (!rmm_rec(rmm, pa, &info) || !rmm_realm(rmm, info.rd, &realm))
		return;
	if (!info.running) {
		struct rmi_rec_enter *enter = (void *)(ns + (PARAMS - BASE));

		memset(enter, 0, sizeof *enter);
		enter->flags = byte(in) & 31;
		enter->gicv3_lrs[0] = byte(in) & 1 ? 5ull << 60 | 27 : 0;
		(void)call(
		    (uint64_t[SMC_REGS]){ RMI_FID_REC_ENTER, pa, PARAMS });
		return;
	}
	for (unsigned num = byte(in) % 8; num > 0; num--) {
		act_draw(&act, realm.ipa_width, draw_byte, in);
		(void)act_do(rmm, pa, &act, data, &result);
		memcpy(x, act.a, sizeof act.a);
		if (!rmm_check_invariants(rmm, why, sizeof why))
			fail(x, why);
	}
}

/* A block of DATA granules, folded. */
static void
make_block(struct input *in)
{
	uint64_t rd = pick(in, RMM_GRANULE_RD);
	uint64_t ipa = (byte(in) & 3) * rmm_rtte_size(2);
	struct rmm_answer answer;

	for (uint64_t i = 0; i < 512; i++) {
		uint64_t pa = BLOCK + i * GRANULE_SIZE;
		uint64_t delegate[SMC_REGS] = { RMI_FID_GRANULE_DELEGATE, pa };
		uint64_t create[SMC_REGS] = { RMI_FID_DATA_CREATE_UNKNOWN, rd,
			pa, ipa + i * GRANULE_SIZE };

		rmm_call(rmm, 0, delegate, &answer);
		rmm_call(rmm, 0, create, &answer);
		if (answer.x[0] != RMI_SUCCESS)
			break;
	}
	(void)call((uint64_t[SMC_REGS]){ RMI_FID_RTT_FOLD, rd, ipa, 3 });
}

static void
other(struct input *in)
{
	static const uint64_t nothing[SMC_REGS];
	uint8_t b = byte(in);

	switch (b % 16) {
	case 0:
		(void)rmm_reclaim(rmm, granule(byte(in) % POOL),
		    byte(in) % 8 * (uint64_t)GRANULE_SIZE);
		break;
	case 1:
		if (byte(in) < 16)
			rmm_reset(rmm);
		break;
	case 2:
		make_block(in);
		break;
	case 3:
	case 4:
		memset(ns + NS_FIRST * (size_t)GRANULE_SIZE, byte(in), 64);
		break;
	default:
		if (rmm->config.driven)
			realm_acts(in);
	}
	/* An unknown function, for the invariants. */
	(void)call(nothing);
}

/* An order, and a value of each choice; bytes of 0 are the defaults. */
static void
choose(struct input *in)
{
	struct rmm_config *cfg = &rmm->config;

	uint8_t first = byte(in);

	cfg->order = first % RMM_ORDERS;
	cfg->driven = (first & 0xc0) != 0;
	for (size_t id = 0; id < RMM_CHOICES; id++) {
		const struct rmm_choice *choice = rmm_choice_at(id);
		uint8_t num = 0;

		while (choice->values[num] != NULL)
			num++;
		cfg->choices[id] = byte(in) % num;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	if (rmm == NULL)
		start();
	rmm_reset(rmm);
	choose(&in);
	/* Half of the pool is delegated to begin with. */
	for (unsigned i = 0; i < POOL / 2; i++)
		(void)call((uint64_t[SMC_REGS]){
		    RMI_FID_GRANULE_DELEGATE, granule(i) });
	while (in.left != 0) {
		uint8_t b = byte(&in);

		if (b >= (rmm->config.driven ? 0xc0 : 0xf0))
			other(&in);
		else
			one_call(&in, b);
	}
	return 0;
}
