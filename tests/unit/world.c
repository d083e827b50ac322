/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Making worlds, and calls in them.
 */
#include "config.h"

#include "world.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "audit.h"

#define HIGH_SIZE (4ull << 20)

static uint8_t *
map(uint64_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	ck_assert_ptr_ne(p, MAP_FAILED);
	return p;
}

static void
discard(void *ctx, const struct rmm_bank *bank, uint64_t offset, uint64_t size)
{
	struct world *w = ctx;

	w->num_discards++;
	ck_assert_int_eq(bank->kind, RMM_BANK_DRAM);
	ck_assert_uint_le(offset + size, bank->size);
	ck_assert_int_eq(madvise(bank->ns + offset, size, MADV_REMOVE), 0);
}

static void
rim_step(void *ctx, const struct rmm_rim_step *step)
{
	struct world *w = ctx;

	w->step = *step;
	if (w->num_steps < WORLD_STEPS)
		w->steps[w->num_steps] = *step;
	w->num_steps++;
}

static void
realm_gone(void *ctx, uint64_t rd)
{
	struct world *w = ctx;

	w->num_gone++;
	w->gone = rd;
}

static void
rec_gone(void *ctx, uint64_t rec)
{
	struct world *w = ctx;

	w->num_recs_gone++;
	w->rec_gone = rec;
}

static void
ns_gone(void *ctx, uint64_t pa)
{
	struct world *w = ctx;

	w->num_ns_gone++;
	w->ns_gone = pa;
}

static struct world *
make(uint64_t feature_register_0, bool driven)
{
	struct world *w = calloc(1, sizeof *w);
	struct rmm_config cfg;
	char err[256] = "";

	ck_assert_ptr_nonnull(w);
	w->ns = map(WORLD_SIZE);
	w->ns_high = map(HIGH_SIZE);
	w->data = map(WORLD_SIZE);
	w->data_high = map(HIGH_SIZE);
	struct rmm_bank banks[] = {
		{ WORLD_HIGH, HIGH_SIZE, RMM_BANK_DRAM, w->ns_high,
		    w->data_high },
		{ WORLD_BASE, WORLD_SIZE, RMM_BANK_DRAM, w->ns, w->data },
		{ WORLD_DEVICE, 0x10000, RMM_BANK_DEVICE, NULL, NULL },
		{ WORLD_SECURE, 0x10000, RMM_BANK_SECURE, NULL, NULL },
	};

	rmm_config_init(&cfg);
	cfg.banks = banks;
	cfg.num_banks = sizeof banks / sizeof banks[0];
	cfg.feature_register_0 = feature_register_0;
	cfg.rec_aux_count = WORLD_NUM_AUX;
	cfg.driven = driven;
	cfg.host = (struct rmm_host){
		.ctx = w,
		.discard = discard,
		.rim_step = rim_step,
		.realm_gone = realm_gone,
		.rec_gone = rec_gone,
		.ns_gone = ns_gone,
	};
	w->rmm = rmm_new(&cfg, err, sizeof err);
	ck_assert_msg(w->rmm != NULL, "%s", err);
	return w;
}

struct world *
world_with_features(uint64_t feature_register_0)
{
	return make(feature_register_0, false);
}

struct world *
world_driven(void)
{
	return make(RMM_FEATURE_REGISTER_0_DEFAULT, true);
}

struct world *
world_new(void)
{
	return world_with_features(RMM_FEATURE_REGISTER_0_DEFAULT);
}

void
world_free(struct world *w)
{
	rmm_free(w->rmm);
	(void)munmap(w->ns, WORLD_SIZE);
	(void)munmap(w->ns_high, HIGH_SIZE);
	(void)munmap(w->data, WORLD_SIZE);
	(void)munmap(w->data_high, HIGH_SIZE);
	free(w);
}

void *
ns_at(struct world *w, uint64_t pa)
{
	if (pa >= WORLD_HIGH)
		return w->ns_high + (pa - WORLD_HIGH);
	return w->ns + (pa - WORLD_BASE);
}

void
world_check(const struct world *w)
{
	char why[256] = "";

	ck_assert_msg(rmm_check_invariants(w->rmm, why, sizeof why),
	    "invariant: %s", why);
}

bool
world_condition_is(const struct world *w, const char *id)
{
	size_t len = strlen(id);

	/* The sentence begins with the condition, too. */
	return w->answer.condition != NULL &&
	    strcmp(w->answer.condition, id) == 0 &&
	    strncmp(w->answer.why, id, len) == 0 && w->answer.why[len] == ':';
}

uint64_t
world_call(struct world *w, const uint64_t x[SMC_REGS])
{
	uint64_t before = audit_digest(w->rmm, w->ns, 128);
	const char *broken;

	rmm_call(w->rmm, 0, x, &w->answer);
	world_check(w);
	if (w->answer.x[0] == RMI_SUCCESS) {
		ck_assert_ptr_null(w->answer.condition);
		ck_assert_str_eq(w->answer.why, "");
		return RMI_SUCCESS;
	}
	ck_assert_uint_eq(audit_digest(w->rmm, w->ns, 128), before);
	broken = audit_answer(w->rmm, x, &w->answer);
	ck_assert_msg(broken == NULL, "%s", broken);
	ck_assert_uint_eq(audit_digest(w->rmm, w->ns, 128), before);
	return w->answer.x[0];
}

void
world_delegate(struct world *w, uint64_t pa, unsigned num)
{
	for (unsigned i = 0; i < num; i++)
		ck_call(w, GRANULE_DELEGATE, pa + i * (uint64_t)GRANULE_SIZE);
}

struct rmi_realm_params *
realm_params(struct world *w)
{
	struct rmi_realm_params *params = ns_at(w, PARAMS);

	*params = (struct rmi_realm_params){
		.s2sz = IPA_WIDTH,
		.num_bps = 5,
		.num_wps = 3,
		.hash_algo = RMI_HASH_SHA_256,
		.rpv = { 1, 2, 3 },
		.vmid = 7,
		.rtt_base = RTT0,
		.rtt_level_start = 1,
		.rtt_num_start = 2,
	};
	return params;
}

struct rmi_rec_params *
rec_params(struct world *w)
{
	struct rmi_rec_params *params = ns_at(w, PARAMS);

	*params = (struct rmi_rec_params){
		.flags = RMI_REC_FLAG_RUNNABLE,
		.pc = 0x80200000,
		.gprs = { 1, 2, 3, 4, 5, 6, 7, 8 },
		.num_aux = WORLD_NUM_AUX,
		.aux = { AUX, AUX + GRANULE_SIZE },
	};
	return params;
}

void
world_realm(struct world *w)
{
	world_delegate(w, RD, 1);
	world_delegate(w, RTT0, 6);
	world_delegate(w, REC, 1 + WORLD_NUM_AUX);
	world_delegate(w, FREE, 16);
	world_delegate(w, DATA, 16);
	(void)realm_params(w);
	ck_call(w, REALM_CREATE, RD, PARAMS);
	ck_call(w, RTT_CREATE, RD, RTT_L2, 0, 2);
	ck_call(w, RTT_CREATE, RD, RTT_L3, 0, 3);
	ck_call(w, RTT_CREATE, RD, RTT_UL2, UNPROT, 2);
	ck_call(w, RTT_CREATE, RD, RTT_UL3, UNPROT, 3);
}

void
world_other_realm(struct world *w, uint64_t rd, uint64_t rtt)
{
	struct rmi_realm_params *params = realm_params(w);

	params->rtt_base = rtt;
	params->vmid = 8;
	ck_call(w, REALM_CREATE, rd, PARAMS);
}

void
world_rec(struct world *w)
{
	(void)rec_params(w);
	ck_call(w, REC_CREATE, RD, REC, PARAMS);
}

struct rmm_realm_info
world_realm_info(const struct world *w, uint64_t rd)
{
	struct rmm_realm_info info;

	ck_assert(rmm_realm(w->rmm, rd, &info));
	return info;
}

struct rmm_granule_info
world_granule(const struct world *w, uint64_t pa)
{
	struct rmm_granule_info info;

	ck_assert(rmm_granule(w->rmm, pa, &info));
	return info;
}

struct entry
world_entry(struct world *w, uint64_t ipa, int level)
{
	ck_call(w, RTT_READ_ENTRY, RD, ipa, (uint64_t)(int64_t)level);
	return (struct entry){
		.level = (int)(int64_t)w->answer.x[1],
		.state = (enum rmi_rtt_entry_state)w->answer.x[2],
		.desc = w->answer.x[3],
		.ripas = (enum rmi_ripas)w->answer.x[4],
	};
}

int
run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
