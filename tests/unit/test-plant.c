/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Planted defects: there is one for each command at least, each can be seen
 * from outside, none does anything to a machine that has none.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rmm/rmm.h"

#define BASE	    0x80000000ull
#define GRANULES    256
#define G(n)	    (BASE + (uint64_t)(n)*GRANULE_SIZE)
#define RD	    G(0)
#define RTT0	    G(2) /* two at level 1: 40 bits of IPA */
#define OTHER_RD    G(1)
#define OTHER_RTT   G(4)
#define TABLE	    G(6) /* eight more */
#define REC	    G(16)
#define AUX	    G(17)
#define SECOND	    G(18)
#define SECOND_AUX  G(19)
#define DATA	    G(32)
#define PARAMS	    G(100)
#define SRC	    G(101)
#define RUN	    G(102)
#define UNPROT	    (1ull << 39)
#define L2	    (1ull << 21)
#define L3	    4096ull
#define RECORD_SIZE (1u << 20)

static uint8_t ns[GRANULES * GRANULE_SIZE]
    __attribute__((aligned(GRANULE_SIZE)));

/* All that was seen of one machine: answers, states, entries, RIMs. */
struct record {
	struct rmm *rmm;
	size_t len;
	char text[RECORD_SIZE];
};

#define SAY(r, ...)                    \
	((r)->len += (size_t)snprintf( \
	     (r)->text + (r)->len, RECORD_SIZE - (r)->len, __VA_ARGS__))

static void
say_realm(struct record *r, uint64_t rd)
{
	struct rmm_realm_info info;

	if (!rmm_realm(r->rmm, rd, &info))
		return;
	SAY(r, " realm %d %u", info.state, (unsigned)info.vmid);
	for (int i = 0; i < 8; i++)
		SAY(r, "%02x", info.measurements[0][i]);
}

/* A call, its answer, and what can be looked at from outside. */
static void
call(struct record *r, uint64_t fid, uint64_t a, uint64_t b, uint64_t c,
    uint64_t d, uint64_t e)
{
	const uint64_t x[SMC_REGS] = { fid, a, b, c, d, e };
	struct rmm_granule_info granule = { 0 };
	struct rmm_answer answer;

	rmm_call(r->rmm, 0, x, &answer);
	SAY(r, "%llx:", (unsigned long long)fid);
	for (int i = 0; i < 5; i++)
		SAY(r, " %llx", (unsigned long long)answer.x[i]);
	say_realm(r, RD);
	say_realm(r, OTHER_RD);
	for (uint64_t pa = BASE; rmm_granule_next(r->rmm, pa, ~0u, &granule);
	     pa = granule.pa + 1)
		SAY(r, " %d", granule.state);
	SAY(r, "\n");
	ck_assert_uint_lt(r->len, RECORD_SIZE);
}
#define CALL(name, ...)			  call_(r, RMI_FID_##name, __VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define call_(r, fid, a, b, c, d, e, ...) call(r, fid, a, b, c, d, e)

static struct rmi_realm_params *
realm_params(uint64_t rtt, unsigned vmid)
{
	struct rmi_realm_params *params = (void *)(ns + (PARAMS - BASE));

	*params = (struct rmi_realm_params){ .s2sz = 40,
		.num_bps = 1,
		.num_wps = 1,
		.vmid = (uint16_t)vmid,
		.rtt_base = rtt,
		.rtt_level_start = 1,
		.rtt_num_start = 2 };
	return params;
}

static void
rec_params(uint64_t aux, uint64_t mpidr, bool runnable)
{
	struct rmi_rec_params *params = (void *)(ns + (PARAMS - BASE));

	*params = (struct rmi_rec_params){
		.flags = runnable, .mpidr = mpidr, .num_aux = 1, .aux = { aux }
	};
}

static void
realms(struct record *r)
{
	for (unsigned i = 0; i < 64; i++)
		CALL(GRANULE_DELEGATE, G(i));
	CALL(GRANULE_DELEGATE, G(0));
	CALL(VERSION, 0x10000);
	CALL(VERSION, 0x20000);
	CALL(FEATURES, 1);
	realm_params(RTT0, 1);
	CALL(REALM_CREATE, RD, PARAMS);
	realm_params(G(104), 2);
	CALL(REALM_CREATE, OTHER_RD, PARAMS);
	realm_params(OTHER_RTT, 2);
	CALL(REALM_CREATE, OTHER_RD, PARAMS);
	realm_params(G(8), 1);
	CALL(REALM_CREATE, G(10), PARAMS);
	CALL(REC_AUX_COUNT, RD);
}

static void
tables(struct record *r)
{
	CALL(RTT_CREATE, RD, TABLE, 0, 2);
	CALL(RTT_INIT_RIPAS, RD, 0, 3 * L2);
	CALL(RTT_CREATE, RD, TABLE + L3, 0, 3);
	CALL(RTT_READ_ENTRY, RD, 0, 2);
	CALL(RTT_READ_ENTRY, RD, 0, 3);
	CALL(RTT_READ_ENTRY, OTHER_RD, 0, 1);
	CALL(RTT_INIT_RIPAS, RD, 0x1000, 4 * L2);
	CALL(RTT_FOLD, RD, 0, 3);
	CALL(RTT_READ_ENTRY, RD, 0, 2);
	CALL(RTT_CREATE, RD, TABLE + L3, 0, 3);
	CALL(RTT_DESTROY, RD, 0, 2);
	CALL(RTT_DESTROY, RD, 0, 3);
	CALL(RTT_READ_ENTRY, RD, 0, 2);
	CALL(RTT_CREATE, RD, TABLE + L3, 0, 3);
	CALL(RTT_CREATE, RD, TABLE + 2 * L3, UNPROT, 2);
	CALL(RTT_MAP_UNPROTECTED, RD, UNPROT, 2, 1ull << 63);
	CALL(RTT_MAP_UNPROTECTED, RD, UNPROT + L2, 2, 0xc0 | 2 << 2);
	CALL(RTT_READ_ENTRY, RD, UNPROT + L2, 2);
	CALL(RTT_UNMAP_UNPROTECTED, RD, UNPROT + L2, 2);
	CALL(RTT_MAP_UNPROTECTED, RD, UNPROT + L2, 2, 0);
}

static void
data(struct record *r)
{
	CALL(DATA_CREATE, RD, DATA, 0x1000, SRC, 0);
	CALL(DATA_CREATE, RD, DATA + L3, 0x1000, SRC, 1);
	CALL(DATA_CREATE, RD, DATA + L3, UNPROT + 3 * L2, SRC, 1);
	CALL(DATA_CREATE_UNKNOWN, RD, DATA + 2 * L3, L3 * 2);
	CALL(RTT_READ_ENTRY, RD, L3 * 2, 3);
	CALL(RTT_INIT_RIPAS, RD, 0x5000, 0x9000);
	CALL(DATA_CREATE_UNKNOWN, RD, DATA + 3 * L3, 0x6000);
	CALL(RTT_DESTROY, RD, 0, 3);
	CALL(DATA_DESTROY, RD, 0x6000);
	CALL(RTT_READ_ENTRY, RD, 0x6000, 3);
	CALL(RTT_READ_ENTRY, RD, 0x7000, 3);
}

static void
recs(struct record *r)
{
	const struct rmi_rec_run *run = (void *)(ns + (RUN - BASE));

	rec_params(AUX, 0, true);
	CALL(REC_CREATE, RD, REC, PARAMS);
	rec_params(SECOND_AUX, 5, false);
	CALL(REC_CREATE, RD, SECOND, PARAMS);
	CALL(REC_DESTROY, SECOND);
	rec_params(SECOND_AUX, 1, false);
	CALL(REC_CREATE, RD, SECOND, PARAMS);
	CALL(REC_DESTROY, SECOND);
	rec_params(SECOND_AUX, 1, false);
	CALL(REC_CREATE, RD, SECOND, PARAMS);
	rec_params(SECOND_AUX, 2, false);
	CALL(REC_CREATE, RD, SECOND, PARAMS);
	CALL(PSCI_COMPLETE, REC, SECOND, 0);
	CALL(RTT_SET_RIPAS, RD, REC, 0, 0x1000);
	CALL(REC_ENTER, REC, RUN);
	CALL(REALM_ACTIVATE, RD);
	CALL(REALM_ACTIVATE, RD);
	CALL(DATA_CREATE, RD, DATA + 4 * L3, 0x8000, SRC, 1);
	CALL(REC_ENTER, SECOND, RUN);
	CALL(REC_ENTER, REC, RUN);
	SAY(r, "exit %d\n", run->exit.exit_reason);
}

static void
ends(struct record *r)
{
	CALL(REALM_DESTROY, OTHER_RD);
	realm_params(OTHER_RTT, 2);
	CALL(REALM_CREATE, OTHER_RD, PARAMS);
	CALL(GRANULE_UNDELEGATE, G(40));
}

/* A life of two realms with a defect; NULL: without. */
static struct record *
live(const char *plant)
{
	struct record *r = calloc(1, sizeof *r);
	struct rmm_bank bank = { BASE, sizeof ns, RMM_BANK_DRAM, ns, NULL };
	struct rmm_config cfg;
	char err[256];

	ck_assert_ptr_nonnull(r);
	memset(ns, 0, sizeof ns);
	rmm_config_init(&cfg);
	cfg.banks = &bank;
	cfg.num_banks = 1;
	cfg.rec_aux_count = 1;
	if (plant != NULL)
		ck_assert(rmm_plant(&cfg, plant));
	r->rmm = rmm_new(&cfg, err, sizeof err);
	ck_assert_ptr_nonnull(r->rmm);
	realms(r);
	tables(r);
	data(r);
	recs(r);
	ends(r);
	rmm_free(r->rmm);
	return r;
}

/* Each defect makes a difference that can be seen. */
START_TEST(each_is_seen)
{
	struct record *clean = live(NULL);
	const struct rmm_plant *plant;

	for (size_t i = 0; (plant = rmm_plant_at(i)) != NULL; i++) {
		struct record *r;

		if (plant->realm)
			continue; /* test-plant-realm.c */
		r = live(plant->name);

		ck_assert_msg(strcmp(r->text, clean->text) != 0,
		    "%s makes no difference", plant->name);
		free(r);
	}
	free(clean);
}
END_TEST

START_TEST(each_command_has_one)
{
	const struct rmm_plant *plant, *other;
	const struct smc_abi *abi;

	for (size_t n = 0; (abi = rmm_command_at(n)) != NULL; n++) {
		unsigned count = 0;

		for (size_t i = 0; (plant = rmm_plant_at(i)) != NULL; i++)
			count += strcmp(plant->command, abi->name) == 0;
		ck_assert_msg(count > 0, "none for %s", abi->name);
	}
	for (size_t i = 0; (plant = rmm_plant_at(i)) != NULL; i++)
		for (size_t j = 0; j < i; j++) {
			other = rmm_plant_at(j);
			ck_assert_str_ne(plant->name, other->name);
		}
}
END_TEST

START_TEST(by_name)
{
	struct rmm_config cfg;

	rmm_config_init(&cfg);
	ck_assert_ptr_null(cfg.plant);
	ck_assert(!rmm_plant(&cfg, "no-such-defect"));
	ck_assert_ptr_null(cfg.plant);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("plant");
	TCase *tc = tcase_create("plant");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, each_is_seen);
	tcase_add_test(tc, each_command_has_one);
	tcase_add_test(tc, by_name);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
