/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A process as a realm, and a host that enters it.  Run by a captive daemon
 * whose realms are "attach".
 */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "esr.h"
#include "rsi.h"
#include "scene.h"

#define UNPROT (1ull << 31) /* the realm has 32 bits of IPA */

/* ---- The realm --------------------------------------------------------- */

static struct peer
realm_connect(void)
{
	struct peer peer = peer_connect(true);
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Hello hello = RMMD__HELLO__INIT;
	Rmmd__Reply *reply;

	hello.version = WIRE_VERSION;
	hello.role = RMMD__ROLE__ROLE_REALM;
	request.body_case = RMMD__REQUEST__BODY_HELLO;
	request.hello = &hello;
	reply = peer_ask(&peer, &request);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_HELLO);
	peer_free(reply);
	return peer;
}

static void
send_attach(struct peer *peer, uint64_t rec)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__AttachRequest body = RMMD__ATTACH_REQUEST__INIT;

	body.has_rec = rec != 0;
	body.rec = rec;
	request.id = 1;
	request.body_case = RMMD__REQUEST__BODY_ATTACH;
	request.attach = &body;
	peer_send(peer, &request);
}

static void
expect_attached(struct peer *peer, const struct scene *s)
{
	Rmmd__Reply *reply = peer_receive(peer);

	ck_assert_ptr_nonnull(reply);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_ATTACH);
	ck_assert_uint_eq(reply->attach->rec, s->rec);
	ck_assert_uint_eq(reply->attach->rd, s->pa);
	ck_assert_uint_eq(reply->attach->mpidr, 0);
	ck_assert_uint_eq(reply->attach->ipa_width, 32);
	peer_free(reply);
}

static void
send_act(struct peer *peer, Rmmd__ActRequest *body)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;

	request.id = 2;
	request.body_case = RMMD__REQUEST__BODY_ACT;
	request.act = body;
	peer_send(peer, &request);
}

static Rmmd__Reply *
acted(struct peer *peer)
{
	Rmmd__Reply *reply = peer_receive(peer);

	ck_assert_ptr_nonnull(reply);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_ACT);
	return reply;
}

static void
send_smc(struct peer *peer, uint64_t fid, uint64_t x1)
{
	Rmmd__ActRequest body = RMMD__ACT_REQUEST__INIT;
	Rmmd__RealmCall call = RMMD__REALM_CALL__INIT;
	uint64_t x[] = { fid, x1 };

	call.n_x = 2;
	call.x = x;
	body.action_case = RMMD__ACT_REQUEST__ACTION_SMC;
	body.smc = &call;
	send_act(peer, &body);
}

static void
send_access(
    struct peer *peer, Rmmd__AccessKind kind, uint64_t ipa, uint64_t value)
{
	Rmmd__ActRequest body = RMMD__ACT_REQUEST__INIT;
	Rmmd__RealmAccess access = RMMD__REALM_ACCESS__INIT;

	access.kind = kind;
	access.ipa = ipa;
	access.size = 4;
	access.has_reg = access.reg = true;
	access.has_sf = true;
	access.sf = false;
	access.has_value = kind == RMMD__ACCESS_KIND__ACCESS_WRITE;
	access.value = value;
	body.action_case = RMMD__ACT_REQUEST__ACTION_ACCESS;
	body.access = &access;
	send_act(peer, &body);
}

static void
send_wfi(struct peer *peer)
{
	Rmmd__ActRequest body = RMMD__ACT_REQUEST__INIT;
	Rmmd__RealmWait wait = RMMD__REALM_WAIT__INIT;

	wait.kind = RMMD__WAIT_KIND__WAIT_WFI;
	body.action_case = RMMD__ACT_REQUEST__ACTION_WAIT;
	body.wait = &wait;
	send_act(peer, &body);
}

/* ---- Tests ------------------------------------------------------------- */

START_TEST(a_process_comes_when_the_rec_is_entered)
{
	struct scene s = scene_new();
	struct peer realm = realm_connect();
	Rmmd__Reply *reply;

	send_attach(&realm, 0);
	scene_enter(&s);
	expect_attached(&realm, &s);

	send_smc(&realm, RSI_FID_VERSION, RSI_VERSION_1_0);
	reply = acted(&realm);
	ck_assert_uint_eq(reply->act->x[0], RSI_SUCCESS);
	ck_assert_uint_eq(reply->act->x[1], RSI_VERSION_1_0);
	ck_assert_uint_eq(reply->act->exits, 0);
	peer_free(reply);

	send_smc(&realm, RSI_FID_MEASUREMENT_READ, 5);
	reply = acted(&realm);
	ck_assert_uint_eq(reply->act->x[0], RSI_ERROR_INPUT);
	ck_assert_str_eq(reply->act->condition, "index_bound");
	peer_free(reply);

	send_smc(&realm, PSCI_FID_SYSTEM_OFF, 0);
	ck_assert_uint_eq(scene_exit(&s)->exit_reason, RMI_EXIT_PSCI);
	ck_assert_uint_eq(scene_run(&s)->exit.gprs[0], PSCI_FID_SYSTEM_OFF);
	peer_close(&realm);
	peer_close(&s.host);
}
END_TEST

/* A4.4: the host emulates a read, and the value comes to the process. */
START_TEST(an_access_is_emulated)
{
	struct scene s = scene_new();
	struct peer realm = realm_connect();
	const struct rmi_rec_exit *exit;
	Rmmd__Reply *reply;

	send_attach(&realm, s.rec);
	expect_attached(&realm, &s);
	send_access(&realm, RMMD__ACCESS_KIND__ACCESS_READ, UNPROT + 0x1004, 0);
	scene_enter(&s);
	exit = scene_exit(&s);
	ck_assert_uint_eq(exit->exit_reason, RMI_EXIT_SYNC);
	ck_assert_uint_eq(exit->hpfar, HPFAR(UNPROT + 0x1000));
	ck_assert_uint_eq(exit->far, 4);
	ck_assert_uint_eq(exit->esr,
	    ESR_EC_PUT(ESR_EC_DABT_LOWER) | ESR_ISV | 2ull << ESR_SAS_SHIFT |
		ESR_FSC_TRANSLATION(1));

	scene_run(&s)->enter.flags = RMI_REC_ENTER_EMUL_MMIO;
	scene_run(&s)->enter.gprs[0] = 0xffffffff12345678;
	scene_enter(&s);
	reply = acted(&realm);
	ck_assert_uint_eq(reply->act->value, 0x12345678);
	ck_assert_uint_eq(reply->act->exits, 1);
	peer_free(reply);

	/* Made again where the host has not emulated it; then refused. */
	send_access(&realm, RMMD__ACCESS_KIND__ACCESS_WRITE, UNPROT, 0xab);
	ck_assert_uint_eq(scene_exit(&s)->gprs[0], 0xab);
	scene_run(&s)->enter.flags = 0;
	scene_enter(&s);
	ck_assert_uint_eq(scene_exit(&s)->gprs[0], 0xab);
	scene_run(&s)->enter.flags = RMI_REC_ENTER_INJECT_SEA;
	scene_enter(&s);
	reply = acted(&realm);
	ck_assert_ptr_nonnull(reply->act->exception);
	ck_assert_uint_eq(
	    reply->act->exception->esr & ESR_FSC_MASK, ESR_FSC_SEA);
	ck_assert_uint_eq(reply->act->exits, 2);
	peer_free(reply);
	peer_close(&realm);
	peer_close(&s.host);
}
END_TEST

START_TEST(a_host_kicks_a_rec_that_waits)
{
	struct scene s = scene_new();
	struct peer realm = realm_connect(), other = peer_open(true);
	Rmmd__Reply *reply;

	ck_assert(!scene_interrupt(&s.host, s.rec));
	send_attach(&realm, s.rec);
	expect_attached(&realm, &s);
	send_wfi(&realm);
	scene_enter(&s);
	while (!scene_interrupt(&other, s.rec))
		;
	ck_assert_uint_eq(scene_exit(&s)->exit_reason, RMI_EXIT_IRQ);
	scene_enter(&s);
	reply = acted(&realm);
	ck_assert_uint_eq(reply->act->exits, 1);
	peer_free(reply);

	scene_run(&s)->enter.flags = RMI_REC_ENTER_TRAP_WFI;
	while (!scene_interrupt(&other, s.rec))
		;
	ck_assert_uint_eq(scene_exit(&s)->exit_reason, RMI_EXIT_IRQ);
	send_wfi(&realm);
	scene_enter(&s);
	ck_assert_uint_eq(scene_exit(&s)->exit_reason, RMI_EXIT_SYNC);
	ck_assert_uint_eq(ESR_EC(scene_run(&s)->exit.esr), ESR_EC_WFX);
	peer_close(&other);
	peer_close(&realm);
	peer_close(&s.host);
}
END_TEST

/* A process that dies never leaves REC_ENTER without an answer. */
START_TEST(a_process_that_goes_is_an_serror)
{
	struct scene s = scene_new();
	struct peer realm = realm_connect();
	Rmmd__Reply *reply;

	send_attach(&realm, s.rec);
	expect_attached(&realm, &s);
	scene_enter(&s);
	send_wfi(&realm);
	peer_close(&realm);
	ck_assert_uint_eq(scene_exit(&s)->exit_reason, RMI_EXIT_SERROR);
	ck_assert_uint_eq(
	    ESR_EC(scene_run(&s)->exit.esr), (unsigned)ESR_EC_SERROR);
	scene_enter(&s);
	ck_assert_uint_eq(scene_exit(&s)->exit_reason, RMI_EXIT_SERROR);

	/* Another one may take its place. */
	realm = realm_connect();
	send_attach(&realm, s.rec);
	expect_attached(&realm, &s);
	send_smc(&realm, RSI_FID_FEATURES, 0);
	scene_enter(&s);
	reply = acted(&realm);
	ck_assert_uint_eq(reply->act->x[0], RSI_SUCCESS);
	peer_free(reply);
	peer_close(&s.host);
	peer_close(&realm);
}
END_TEST

/* The host goes while the REC runs: realm and REC go, the process is told. */
START_TEST(a_host_goes)
{
	struct scene s = scene_new();
	struct peer realm = realm_connect();

	send_attach(&realm, s.rec);
	expect_attached(&realm, &s);
	scene_enter(&s);
	send_wfi(&realm);
	peer_close(&s.host);
	peer_expect_error(&realm, RMMD__ERROR_CODE__ERROR_NOT_FOUND, false);
	send_wfi(&realm);
	peer_expect_error(&realm, RMMD__ERROR_CODE__ERROR_NOT_FOUND, false);
	peer_close(&realm);
}
END_TEST

/* The host is told that its call will never be over. */
START_TEST(a_reset_ends_an_entry)
{
	struct scene s = scene_new();
	struct peer realm = realm_connect(), control = peer_open(true);
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__ResetRequest body = RMMD__RESET_REQUEST__INIT;
	Rmmd__Reply *reply;

	send_attach(&realm, 0);
	scene_enter(&s);
	expect_attached(&realm, &s);
	request.id = 9;
	request.body_case = RMMD__REQUEST__BODY_RESET;
	request.reset = &body;
	reply = peer_ask(&control, &request);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_RESET);
	peer_free(reply);
	peer_expect_error(&s.host, RMMD__ERROR_CODE__ERROR_NOT_FOUND, false);
	peer_close(&control);
	peer_close(&realm);
	peer_close(&s.host);
}
END_TEST

/* Within a batch nothing waits: the REC exits by an IRQ. */
START_TEST(a_batch_does_not_wait)
{
	struct scene s = scene_new();
	uint64_t x[] = { RMI_FID_REC_ENTER, s.rec, s.run_pa };
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Batch batch = RMMD__BATCH__INIT;
	Rmmd__Call call = RMMD__CALL__INIT;
	Rmmd__Call *calls[] = { &call, &call };
	Rmmd__Reply *reply;

	call.n_x = 3;
	call.x = x;
	batch.n_calls = 2;
	batch.calls = calls;
	request.body_case = RMMD__REQUEST__BODY_BATCH;
	request.batch = &batch;
	reply = peer_ask(&s.host, &request);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_BATCH);
	ck_assert_uint_eq(reply->batch->n_answers, 2);
	ck_assert_uint_eq(reply->batch->answers[1]->n_x, 0);
	ck_assert_uint_eq(scene_run(&s)->exit.exit_reason, RMI_EXIT_IRQ);
	peer_free(reply);
	peer_close(&s.host);
}
END_TEST

/* CPU_OFF is over when the REC is on again, even at the PC that it was at. */
START_TEST(a_rec_that_was_off)
{
	struct scene s = scene_new();
	struct peer realm = realm_connect(), other = realm_connect();
	Rmmd__Reply *reply;

	send_attach(&realm, s.rec);
	expect_attached(&realm, &s);
	send_attach(&other, s.other_rec);
	peer_free(peer_receive(&other));
	send_smc(&realm, PSCI_FID_CPU_OFF, 0);
	scene_enter(&s);
	ck_assert_uint_eq(scene_exit(&s)->exit_reason, RMI_EXIT_PSCI);

	send_smc(&other, PSCI_FID_CPU_ON, 0); /* at 0 */
	scene_enter_rec(&s, s.other_rec);
	ck_assert_uint_eq(scene_exit(&s)->exit_reason, RMI_EXIT_PSCI);
	ck_assert_uint_eq(peer_call(&s.host, NULL, RMI_FID_PSCI_COMPLETE, 3,
			      s.other_rec, s.rec, (uint64_t)PSCI_SUCCESS),
	    0);

	scene_enter(&s);
	reply = acted(&realm);
	ck_assert_uint_eq(reply->act->exits, 1);
	peer_free(reply);
	send_smc(&realm, PSCI_FID_SYSTEM_OFF, 0);
	ck_assert_uint_eq(scene_exit(&s)->gprs[0], PSCI_FID_SYSTEM_OFF);
	peer_close(&other);
	peer_close(&realm);
	peer_close(&s.host);
}
END_TEST

/* It need not say which REC: the one whose process has gone is free. */
START_TEST(a_successor_waits)
{
	struct scene s = scene_new();
	struct peer realm = realm_connect();

	send_attach(&realm, s.rec);
	expect_attached(&realm, &s);
	scene_enter(&s);
	peer_close(&realm);
	ck_assert_uint_eq(scene_exit(&s)->exit_reason, RMI_EXIT_SERROR);

	realm = realm_connect();
	send_attach(&realm, 0);
	/* Once this is answered, it waits. */
	send_wfi(&realm);
	peer_expect_error(&realm, RMMD__ERROR_CODE__ERROR_NOT_FOUND, false);
	scene_enter(&s);
	expect_attached(&realm, &s);
	send_smc(&realm, PSCI_FID_SYSTEM_OFF, 0);
	ck_assert_uint_eq(scene_exit(&s)->exit_reason, RMI_EXIT_PSCI);
	peer_close(&realm);
	peer_close(&s.host);
}
END_TEST

static void
play_wfi(struct peer *control, uint64_t rec)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__SetRealmRequest body = RMMD__SET_REALM_REQUEST__INIT;
	Rmmd__Reply *reply;

	body.who = (char *)(uintptr_t) "wfi";
	body.has_rec = true;
	body.rec = rec;
	request.id = 9;
	request.body_case = RMMD__REQUEST__BODY_SET_REALM;
	request.set_realm = &body;
	reply = peer_ask(control, &request);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_SET_REALM);
	peer_free(reply);
}

/* An Attach that is refused leaves the REC to whom it was given. */
START_TEST(a_running_rec_is_not_taken)
{
	struct scene s = scene_new();
	struct peer realm = realm_connect(), control = peer_open(true);

	play_wfi(&control, s.rec);
	scene_enter(&s);
	peer_call(&s.host, NULL, RMI_FID_VERSION, 1, RMI_VERSION_1_0);
	send_attach(&realm, s.rec);
	peer_expect_error(&realm, RMMD__ERROR_CODE__ERROR_BUSY, false);
	ck_assert(scene_interrupt(&control, s.rec));
	ck_assert_uint_eq(scene_exit(&s)->exit_reason, RMI_EXIT_IRQ);
	scene_run(&s)->enter.flags = RMI_REC_ENTER_TRAP_WFI;
	scene_enter(&s);
	ck_assert_uint_eq(scene_exit(&s)->exit_reason, RMI_EXIT_SYNC);
	peer_close(&control);
	peer_close(&realm);
	peer_close(&s.host);
}
END_TEST

START_TEST(requests_out_of_place)
{
	struct scene s = scene_new();
	struct peer realm = realm_connect(), second = realm_connect();

	send_wfi(&realm);
	peer_expect_error(&realm, RMMD__ERROR_CODE__ERROR_NOT_FOUND, false);
	send_attach(&realm, s.rec + GRANULE_SIZE);
	peer_expect_error(&realm, RMMD__ERROR_CODE__ERROR_NOT_FOUND, false);
	send_attach(&realm, s.rec);
	expect_attached(&realm, &s);
	send_attach(&second, s.rec);
	peer_expect_error(&second, RMMD__ERROR_CODE__ERROR_BUSY, false);
	send_wfi(&realm);
	send_wfi(&realm);
	peer_expect_error(&realm, RMMD__ERROR_CODE__ERROR_PROTOCOL, true);
	peer_close(&second);
	peer_close(&s.host);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("attach");
	TCase *tests = tcase_create("attach");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, a_process_comes_when_the_rec_is_entered);
	tcase_add_test(tests, an_access_is_emulated);
	tcase_add_test(tests, a_host_kicks_a_rec_that_waits);
	tcase_add_test(tests, a_process_that_goes_is_an_serror);
	tcase_add_test(tests, a_host_goes);
	tcase_add_test(tests, a_reset_ends_an_entry);
	tcase_add_test(tests, a_batch_does_not_wait);
	tcase_add_test(tests, a_rec_that_was_off);
	tcase_add_test(tests, a_successor_waits);
	tcase_add_test(tests, a_running_rec_is_not_taken);
	tcase_add_test(tests, requests_out_of_place);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
