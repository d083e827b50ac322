/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Realm code on an example processor, and a host that enters it.  Run by a
 * captive daemon whose realms are "cpu".  With an argument: those tests in
 * which a processor does not react, which want a short --cpu-grace.
 */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "esr.h"
#include "images.h"
#include "requests.h"
#include "rsi.h"
#include "scene.h"

#define TIMER_INTID   27
#define LR_PENDING    (1ull << 62)
#define LR_GROUP1     (1ull << 60)
#define LR_PRIORITY   (0x80ull << 48)
#define VECTOR_SYNC   (SCENE_VECTOR + 0x200)
#define VECTOR_IRQ    (SCENE_VECTOR + 0x280)
#define CNT_CTL_FIRED (1ull << 0 | 1ull << 2) /* ENABLE, ISTATUS */
#define NUM(array)    (sizeof(array) / sizeof((array)[0]))

static struct scene
new_scene(const struct image *images, size_t num)
{
	const uint64_t x0[SCENE_RECS] = { 0, 1 };

	return scene_new(images, num, x0, 1);
}

static void
expect_serror(struct scene *s)
{
	const struct rmi_rec_exit *exit = scene_exit(s, 0);

	ck_assert_uint_eq(exit->exit_reason, RMI_EXIT_SERROR);
	ck_assert_uint_eq(ESR_EC(exit->esr), (unsigned)ESR_EC_SERROR);
}

/* ---- A tour ------------------------------------------------------------- */

/* A4.3.4: a read of a device, a write to it; sizes and registers count. */
static void
be_the_device(struct scene *s)
{
	const struct rmi_rec_exit *exit;

	scene_enter(s, 0);
	exit = scene_exit(s, 0);
	ck_assert_uint_eq(exit->exit_reason, RMI_EXIT_SYNC);
	ck_assert_uint_eq(exit->esr,
	    ESR_EC_PUT(ESR_EC_DABT_LOWER) | ESR_ISV | 2ull << ESR_SAS_SHIFT |
		ESR_FSC_TRANSLATION(2));
	ck_assert_uint_eq(exit->hpfar, HPFAR(SCENE_UNPROT));
	ck_assert_uint_eq(exit->far, 8);
	scene_run(s, 0)->enter.flags = RMI_REC_ENTER_EMUL_MMIO;
	scene_run(s, 0)->enter.gprs[0] = 0xffffffff12345678;
	exit = scene_go_on(s, 0);
	ck_assert_uint_eq(exit->exit_reason, RMI_EXIT_SYNC);
	ck_assert_uint_ne(exit->esr & ESR_WNR, 0);
	ck_assert_uint_eq(exit->far, 12);
	ck_assert_uint_eq(exit->gprs[0], 0x12345678);
	scene_run(s, 0)->enter.flags = RMI_REC_ENTER_EMUL_MMIO;
}

/* A6.2: the realm's WFI ends in its timer, which the host injects. */
static void
be_the_timer(struct scene *s)
{
	struct rmi_rec_run *run = scene_run(s, 0);

	do {
		scene_enter(s, 0);
		scene_exit(s, 0);
		run->enter.flags = 0;
		ck_assert_uint_eq(run->exit.exit_reason, RMI_EXIT_IRQ);
	} while (run->exit.cntv_ctl != CNT_CTL_FIRED);
	run->exit.gicv3_lrs[0] =
	    LR_PENDING | LR_GROUP1 | LR_PRIORITY | TIMER_INTID;
}

START_TEST(a_tour)
{
	const struct image images[] = { IMAGE(tour, 0),
		IMAGE(abort_handler, VECTOR_SYNC),
		IMAGE(irq_handler, VECTOR_IRQ) };
	struct scene s = new_scene(images, NUM(images));
	const struct rmi_rec_exit *exit;

	scene_add_processor(&s, SCENE_RECS);
	be_the_device(&s);
	be_the_timer(&s);

	exit = scene_go_on(&s, 0);
	ck_assert_uint_eq(exit->exit_reason, RMI_EXIT_HOST_CALL);
	ck_assert_uint_eq(exit->imm, 7);
	ck_assert_uint_eq(exit->gprs[0], 0xbeef);
	ck_assert_uint_eq(exit->gprs[1], 0x12345678);
	/* What the handler found: an SEA at EMPTY (A5.2.7). */
	ck_assert_uint_eq(exit->gprs[2],
	    ESR_EC_PUT(ESR_EC_DABT_SAME) | ESR_IL | ESR_EA | ESR_FSC_SEA);
	ck_assert_uint_eq(exit->gprs[3], SCENE_EMPTY);
	ck_assert_uint_eq(exit->gprs[4], TIMER_INTID);

	/* The host's answer is in the realm's memory: a byte, with its sign. */
	scene_run(&s, 0)->enter.gprs[0] = 0x1180;
	exit = scene_go_on(&s, 0);
	ck_assert_uint_eq(exit->exit_reason, RMI_EXIT_SYNC);
	ck_assert_uint_eq(exit->gprs[0], -0x80ull);
	scene_run(&s, 0)->enter.flags = RMI_REC_ENTER_EMUL_MMIO;
	exit = scene_go_on(&s, 0);
	ck_assert_uint_eq(exit->exit_reason, RMI_EXIT_PSCI);
	ck_assert_uint_eq(exit->gprs[0], PSCI_FID_SYSTEM_OFF);
	scene_free(&s);
}
END_TEST

/* ---- Interrupts --------------------------------------------------------- */

START_TEST(a_host_kicks_code_that_spins)
{
	const struct image images[] = { IMAGE(spin, 0) };
	struct scene s = new_scene(images, NUM(images));

	scene_add_processor(&s, SCENE_RECS);
	scene_begin(&s, 0);
	scene_begin(&s, 1);
	for (unsigned i = 0; i < 20; i++) {
		scene_enter(&s, 0);
		scene_kick(&s, 0);
		ck_assert_uint_eq(scene_exit(&s, 0)->exit_reason, RMI_EXIT_IRQ);
	}
	/* The one processor is then free for the other REC, and back. */
	scene_enter(&s, 1);
	scene_kick(&s, 1);
	ck_assert_uint_eq(scene_exit(&s, 1)->exit_reason, RMI_EXIT_IRQ);
	/* Two RECs take turns on it. */
	scene_enter(&s, 0);
	scene_enter(&s, 1);
	scene_kick(&s, 0);
	ck_assert_uint_eq(scene_exit(&s, 0)->exit_reason, RMI_EXIT_IRQ);
	scene_kick(&s, 1);
	ck_assert_uint_eq(scene_exit(&s, 1)->exit_reason, RMI_EXIT_IRQ);
	scene_free(&s);
}
END_TEST

/* ---- Loss --------------------------------------------------------------- */

/* A processor that dies never leaves REC_ENTER without an answer. */
START_TEST(a_processor_is_killed)
{
	const struct image images[] = { IMAGE(spin, 0) };
	struct scene s = new_scene(images, NUM(images));

	scene_add_processor(&s, 0);
	scene_begin(&s, 0);
	scene_enter(&s, 0);
	kill(s.processors[0], SIGKILL);
	expect_serror(&s);
	scene_enter(&s, 0);
	expect_serror(&s);
	/* Another may take its place. */
	scene_add_processor(&s, 0);
	scene_enter(&s, 0);
	scene_kick(&s, 0);
	ck_assert_uint_eq(scene_exit(&s, 0)->exit_reason, RMI_EXIT_IRQ);
	scene_free(&s);
}
END_TEST

/* The host goes, and its realm with it: the processor is told. */
START_TEST(a_host_goes)
{
	const struct image images[] = { IMAGE(spin, 0) };
	struct scene s = new_scene(images, NUM(images));

	scene_add_processor(&s, SCENE_RECS);
	scene_begin(&s, 0);
	scene_enter(&s, 0);
	peer_close(&s.host);
	ck_assert_int_eq(scene_end_of_processor(&s), -ENOENT);
	scene_free(&s);
}
END_TEST

/* ---- Translations that go ----------------------------------------------- */

/* Of a page that is read all the time, no byte is read after it has gone. */
START_TEST(a_page_is_destroyed)
{
	const struct image images[] = { IMAGE(watch, 0) };
	const uint64_t x0[SCENE_RECS] = { SCENE_DATA, SCENE_DATA };
	struct scene s = scene_new(images, NUM(images), x0, 1);

	scene_map_ns(&s, 0);
	for (unsigned n = 0; n < SCENE_RECS; n++) {
		scene_add_processor(&s, SCENE_RECS);
		scene_enter(&s, n);
	}
	for (unsigned n = 0; n < SCENE_RECS; n++)
		scene_await_sign(&s, n);
	ck_assert_uint_eq(peer_call(&s.calls, NULL, RMI_FID_DATA_DESTROY, 2,
			      s.pa, SCENE_DATA),
	    RMI_SUCCESS);
	ck_assert_uint_eq(
	    peer_call(&s.calls, NULL, RMI_FID_GRANULE_UNDELEGATE, 1, s.data_pa),
	    RMI_SUCCESS);
	for (unsigned n = 0; n < SCENE_RECS; n++) {
		const struct rmi_rec_exit *exit = scene_exit(&s, n);

		ck_assert_uint_eq(exit->exit_reason, RMI_EXIT_SYNC);
		ck_assert_uint_eq(
		    ESR_EC(exit->esr), (unsigned)ESR_EC_DABT_LOWER);
		ck_assert_uint_eq(exit->hpfar, HPFAR(SCENE_DATA));
	}
	scene_free(&s);
}
END_TEST

/* The same of the host's memory: a granule protection fault (A5.2.6). */
START_TEST(a_shared_page_is_delegated)
{
	const struct image images[] = { IMAGE(watch, 0),
		IMAGE(give_up, VECTOR_SYNC) };
	const uint64_t x0[SCENE_RECS] = { SCENE_NS, SCENE_NS };
	struct scene s = scene_new(images, NUM(images), x0, 1);
	const struct rmi_rec_exit *exit;

	scene_map_ns(&s, 1);
	scene_add_processor(&s, SCENE_RECS);
	scene_enter(&s, 0);
	scene_await_sign(&s, 0);
	ck_assert_uint_eq(
	    peer_call(&s.calls, NULL, RMI_FID_GRANULE_DELEGATE, 1, s.ns_pa),
	    RMI_SUCCESS);
	exit = scene_exit(&s, 0);
	ck_assert_uint_eq(exit->exit_reason, RMI_EXIT_PSCI);
	ck_assert_uint_eq(exit->gprs[0], PSCI_FID_SYSTEM_RESET);
	scene_free(&s);
}
END_TEST

/* ---- Two of them -------------------------------------------------------- */

/* They meet in memory; the host hears of neither before the end. */
START_TEST(two_processors)
{
	const struct image images[] = { IMAGE(greet, 0) };
	const uint64_t x0[SCENE_RECS] = { 0, 1 };
	struct scene s = scene_new(images, NUM(images), x0, 0);

	for (unsigned n = 0; n < SCENE_RECS; n++) {
		scene_add_processor(&s, n);
		scene_run(&s, n)->enter.flags = RMI_REC_ENTER_TRAP_WFI;
		scene_enter(&s, n);
	}
	for (unsigned n = 0; n < SCENE_RECS; n++) {
		ck_assert_uint_eq(
		    scene_exit(&s, n)->exit_reason, RMI_EXIT_SYNC);
		ck_assert_uint_eq(
		    ESR_EC(scene_run(&s, n)->exit.esr), (unsigned)ESR_EC_WFX);
	}
	scene_free(&s);
}
END_TEST

/* ---- Processors that do not react --------------------------------------- */

static struct scene
sleeping_scene(bool pauses)
{
	const struct image images[] = { IMAGE(watch, 0) };
	const uint64_t x0[SCENE_RECS] = { SCENE_DATA, SCENE_DATA };
	struct scene s = scene_new(images, NUM(images), x0, 1);

	scene_enter(&s, 0);
	scene_add_sleeper(&s, pauses);
	return s;
}

START_TEST(a_kick_is_not_heard)
{
	struct scene s = sleeping_scene(false);

	scene_kick(&s, 0);
	expect_serror(&s);
	scene_free(&s);
}
END_TEST

/* The host's call is over all the same, and the processor cut off. */
START_TEST(a_translation_is_not_dropped)
{
	struct scene s = sleeping_scene(false);

	ck_assert_uint_eq(peer_call(&s.calls, NULL, RMI_FID_DATA_DESTROY, 2,
			      s.pa, SCENE_DATA),
	    RMI_SUCCESS);
	expect_serror(&s);
	scene_free(&s);
}
END_TEST

/* One that says that it uses nothing is cut off by the kick, not before. */
START_TEST(a_pause_holds_nobody_up)
{
	struct scene s = sleeping_scene(true);

	ck_assert_uint_eq(peer_call(&s.calls, NULL, RMI_FID_DATA_DESTROY, 2,
			      s.pa, SCENE_DATA),
	    RMI_SUCCESS);
	scene_kick(&s, 0);
	expect_serror(&s);
	scene_free(&s);
}
END_TEST

/* ---- The rest ----------------------------------------------------------- */

/* Within a batch nothing waits, not even with a processor at hand. */
START_TEST(a_batch_does_not_wait)
{
	const struct image images[] = { IMAGE(spin, 0) };
	struct scene s = new_scene(images, NUM(images));
	uint64_t x[] = { RMI_FID_REC_ENTER, s.rec[0], s.run_pa[0] };
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Batch batch = RMMD__BATCH__INIT;
	Rmmd__Call call = RMMD__CALL__INIT;
	Rmmd__Call *calls[] = { &call };
	Rmmd__Reply *reply;

	scene_add_processor(&s, SCENE_RECS);
	call.n_x = 3;
	call.x = x;
	batch.n_calls = 1;
	batch.calls = calls;
	request.body_case = RMMD__REQUEST__BODY_BATCH;
	request.batch = &batch;
	reply = peer_ask(&s.host, &request);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_BATCH);
	ck_assert_uint_eq(reply->batch->answers[0]->n_x, 0);
	ck_assert_uint_eq(scene_run(&s, 0)->exit.exit_reason, RMI_EXIT_IRQ);
	peer_free(reply);
	scene_free(&s);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("cpu");
	TCase *tests = tcase_create("cpu");
	SRunner *runner;
	int failed;

	(void)argv;
	tcase_set_timeout(tests, 60);
	if (argc > 1) {
		tcase_add_test(tests, a_kick_is_not_heard);
		tcase_add_test(tests, a_translation_is_not_dropped);
		tcase_add_test(tests, a_pause_holds_nobody_up);
	} else {
		tcase_add_test(tests, a_tour);
		tcase_add_test(tests, a_host_kicks_code_that_spins);
		tcase_add_test(tests, a_processor_is_killed);
		tcase_add_test(tests, a_host_goes);
		tcase_add_test(tests, a_page_is_destroyed);
		tcase_add_test(tests, a_shared_page_is_delegated);
		tcase_add_test(tests, two_processors);
		tcase_add_test(tests, a_batch_does_not_wait);
	}
	suite_add_tcase(suite, tests);
	if (argc == 1)
		suite_add_tcase(suite, requests_tests());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
