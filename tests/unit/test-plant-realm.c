/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Planted defects of the realm's side: there is one for each call of RSI and
 * PSCI, and each can be seen in the life of one realm, by it or by its host.
 */
#include "drive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rmm/machine.h"

#define RECORD_SIZE (1u << 16)

static struct world *w;

struct record {
	size_t len;
	char text[RECORD_SIZE];
};

#define SAY(r, ...)                    \
	((r)->len += (size_t)snprintf( \
	     (r)->text + (r)->len, RECORD_SIZE - (r)->len, __VA_ARGS__))

static void
say_words(struct record *r, const void *data, size_t size)
{
	for (size_t i = 0; i < size / 8; i++) {
		uint64_t word;

		memcpy(&word, (const uint8_t *)data + 8 * i, 8);
		if (word != 0)
			SAY(r, " %zx:%" PRIx64, 8 * i, word);
	}
	SAY(r, "\n");
	ck_assert_uint_lt(r->len, RECORD_SIZE);
}

/* What the REC's action came to. */
static void
say(struct record *r, uint64_t rec)
{
	struct rmm_regs regs;
	struct rmm_realm_info realm = world_realm_info(w, RD);
	struct rmm_rec_info info = drive_rec(w, rec);

	SAY(r, "%d %d %d %d:", w->result.outcome, realm.state, info.runnable,
	    info.psci_pending);
	ck_assert(rmm_regs(w->rmm, rec, &regs));
	say_words(r, regs.gprs, sizeof regs.gprs);
	say_words(r, realm.measurements, sizeof realm.measurements);
	if (w->result.outcome == RMM_EXITED)
		say_words(
		    r, &drive_run(w, rec)->exit, sizeof(struct rmi_rec_exit));
}

static void
host(struct record *r, uint64_t fid, uint64_t a, uint64_t b, uint64_t c,
    uint64_t d)
{
	const uint64_t x[SMC_REGS] = { fid, a, b, c, d };

	rmm_call(w->rmm, 0, x, &w->answer);
	world_check(w);
	SAY(r, "%" PRIx64 ":", fid);
	say_words(r, w->answer.x, sizeof w->answer.x);
}

static void
enter(struct record *r, uint64_t rec)
{
	drive_run(w, rec)->enter.flags = 0;
	host(r, RMI_FID_REC_ENTER, rec, RUN_OF(rec), 0, 0);
	if (drive_rec(w, rec).running)
		say(r, rec);
}

static void
smc(struct record *r, uint64_t rec, const uint64_t *x, unsigned num)
{
	if (!drive_rec(w, rec).running)
		return;
	(void)drive_smc(w, rec, x, num);
	say(r, rec);
	if (w->result.outcome == RMM_EXITED)
		enter(r, rec);
}
#define DO(...)                                        \
	smc(r, REC, (const uint64_t[]){ __VA_ARGS__ }, \
	    sizeof((const uint64_t[]){ __VA_ARGS__ }) / 8)

static void
rsi(struct record *r)
{
	uint8_t page[GRANULE_SIZE];

	DO(RSI_FID_VERSION, 0x20000);
	DO(RSI_FID_FEATURES, 0);
	DO(RSI_FID_MEASUREMENT_EXTEND, 1, 8, 1, 2, 3);
	DO(RSI_FID_MEASUREMENT_EXTEND, 0, 8, 1);
	DO(RSI_FID_MEASUREMENT_READ, 1);
	DO(RSI_FID_ATTESTATION_TOKEN_CONTINUE, IPA_RAM, 0, 16);
	DO(RSI_FID_ATTESTATION_TOKEN_INIT, 1);
	DO(RSI_FID_ATTESTATION_TOKEN_CONTINUE, IPA_RAM, 0, 16);
	DO(RSI_FID_REALM_CONFIG, IPA_RAM_2);
	drive_read(w, REC, IPA_RAM_2, page, sizeof page);
	say_words(r, page, sizeof page);
	DO(RSI_FID_IPA_STATE_GET, 0, UNPROT);
	memset(page, 0x11, sizeof page);
	drive_write(w, REC, IPA_RAM_3, page, sizeof page);
	DO(RSI_FID_HOST_CALL, IPA_RAM_3);
	(void)SMC(
	    w, REC, RSI_FID_IPA_STATE_SET, IPA_DESTROYED, 0x8000, RSI_RAM, 0);
	say(r, REC);
	host(r, RMI_FID_RTT_SET_RIPAS, RD, REC, IPA_DESTROYED, 0x7000);
	enter(r, REC);
}

static void
accesses(struct record *r)
{
	static const uint64_t ipas[] = { IPA_RAM_UNASSIGNED,
		IPA_NS_UNASSIGNED + 0x1238, IPA_NS_READ };

	for (unsigned i = 0; i < 6; i++) {
		struct rmm_access access = {
			.kind = i < 3 ? RMM_WRITE : RMM_READ,
			.ipa = ipas[i % 3],
			.va = ipas[i % 3] | 0xffff000000000000,
			.size = 4,
			.isv = true,
			.sign_extend = true,
			.srt = 20,
		};

		drive_set_gpr(w, REC, 20, 0x1234);
		(void)drive_access(w, REC, &access, NULL);
		say(r, REC);
		if (w->result.outcome == RMM_EXITED)
			enter(r, REC);
	}
	drive_run(w, REC)->enter.flags = RMI_REC_ENTER_TRAP_WFI;
	drive_kick(w, REC);
	say(r, REC);
	drive_enter(w, REC);
	ck_assert(rmm_realm_wait(w->rmm, REC, RMM_WFIT, 7, &w->result));
	say(r, REC);
	enter(r, REC);
}

static void
psci(struct record *r, uint64_t last)
{
	DO(PSCI_FID_VERSION);
	DO(PSCI_FID_FEATURES, 0x84000012);
	DO(PSCI_FID_CPU_SUSPEND, 1, 2, 3);
	DO(PSCI_FID_CPU_ON, 2, UNPROT, 0);
	host(r, RMI_FID_PSCI_COMPLETE, REC, REC3, PSCI_SUCCESS, 0);
	enter(r, REC);
	DO(PSCI_FID_CPU_ON, 77, 0, 0);
	host(r, RMI_FID_PSCI_COMPLETE, REC, REC3, PSCI_SUCCESS, 0);
	enter(r, REC);
	DO(PSCI_FID_AFFINITY_INFO, 1, 1);
	host(r, RMI_FID_PSCI_COMPLETE, REC, REC2, PSCI_SUCCESS, 0);
	enter(r, REC);
	drive_enter(w, REC2);
	smc(r, REC2, &(const uint64_t){ PSCI_FID_CPU_OFF }, 1);
	DO(last);
}

static struct record *
live(const char *plant, uint64_t last)
{
	struct record *r = calloc(1, sizeof *r);
	struct rmm_config cfg = { 0 };

	ck_assert_ptr_nonnull(r);
	w = drive_new();
	if (plant != NULL) {
		ck_assert(rmm_plant(&cfg, plant));
		w->rmm->config.plant = cfg.plant;
	}
	enter(r, REC);
	rsi(r);
	accesses(r);
	psci(r, last);
	world_free(w);
	return r;
}

START_TEST(each_is_seen)
{
	struct record *clean[2] = { live(NULL, PSCI_FID_SYSTEM_OFF),
		live(NULL, PSCI_FID_SYSTEM_RESET) };
	const struct rmm_plant *plant;

	for (size_t i = 0; (plant = rmm_plant_at(i)) != NULL; i++) {
		bool reset = strcmp(plant->command, "PSCI_SYSTEM_RESET") == 0;
		struct record *r;

		if (!plant->realm)
			continue;
		r = live(plant->name,
		    reset ? PSCI_FID_SYSTEM_RESET : PSCI_FID_SYSTEM_OFF);
		ck_assert_msg(strcmp(r->text, clean[reset]->text) != 0,
		    "%s makes no difference", plant->name);
		free(r);
	}
	free(clean[0]);
	free(clean[1]);
}
END_TEST

START_TEST(each_call_has_one)
{
	const struct rmm_plant *plant;
	const struct smc_abi *abi;

	for (size_t n = 0; (abi = rmm_realm_command_at(n)) != NULL; n++) {
		unsigned count = 0;

		for (size_t i = 0; (plant = rmm_plant_at(i)) != NULL; i++)
			count += strcmp(plant->command, abi->name) == 0;
		ck_assert_msg(count > 0, "none for %s", abi->name);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("plant-realm");
	TCase *tc = tcase_create("plant-realm");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, each_is_seen);
	tcase_add_test(tc, each_call_has_one);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(suite());
}
