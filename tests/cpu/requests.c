/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a processor may ask, and what not: made of messages only, with one that
 * never executes an instruction.
 */
#include "config.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cpu-page.h"
#include "esr.h"
#include "images.h"
#include "requests.h"
#include "rsi.h"
#include "scene.h"
#include "sysregs.h"

#define NOT_FOUND  RMMD__ERROR_CODE__ERROR_NOT_FOUND
#define ARGUMENT   RMMD__ERROR_CODE__ERROR_ARGUMENT
#define PERMISSION RMMD__ERROR_CODE__ERROR_PERMISSION
#define PROTOCOL   RMMD__ERROR_CODE__ERROR_PROTOCOL

/* A message with room for all that it may hold. */
struct report {
	Rmmd__CpuReportRequest body;
	Rmmd__CpuRegs regs;
	Rmmd__CpuAbort abort;
	Rmmd__RealmWait wait;
	Rmmd__CpuSysreg sysreg;
	Rmmd__InterruptRequest interrupt;
	uint64_t gprs[RMI_REC_GPRS + 1];
	uint64_t sysregs[REC_NUM_SYSREGS + 1];
};

static struct peer
connect_as(Rmmd__Role role)
{
	struct peer peer = peer_connect(true);
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Hello hello = RMMD__HELLO__INIT;
	Rmmd__Reply *reply;

	hello.version = WIRE_VERSION;
	hello.role = role;
	request.body_case = RMMD__REQUEST__BODY_HELLO;
	request.hello = &hello;
	reply = peer_ask(&peer, &request);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_HELLO);
	peer_free(reply);
	return peer;
}

static struct scene
make_scene(void)
{
	const struct image images[] = { IMAGE(spin, 0) };
	const uint64_t x0[SCENE_RECS] = { 0, 1 };

	return scene_new(images, 1, x0, 1);
}

static void
send_wait(struct peer *peer, uint64_t rec)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__CpuWaitRequest body = RMMD__CPU_WAIT_REQUEST__INIT;

	body.has_rec = rec != 0;
	body.rec = rec;
	request.id = 1;
	request.body_case = RMMD__REQUEST__BODY_CPU_WAIT;
	request.cpu_wait = &body;
	peer_send(peer, &request);
}

static void
send_translate(struct peer *peer, uint64_t ipa)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__CpuTranslateRequest body = RMMD__CPU_TRANSLATE_REQUEST__INIT;

	body.ipa = ipa;
	request.id = 2;
	request.body_case = RMMD__REQUEST__BODY_CPU_TRANSLATE;
	request.cpu_translate = &body;
	peer_send(peer, &request);
}

static void
send_file(struct peer *peer, Rmmd__CpuFile file)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__CpuFileRequest body = RMMD__CPU_FILE_REQUEST__INIT;

	body.file = file;
	request.id = 3;
	request.body_case = RMMD__REQUEST__BODY_CPU_FILE;
	request.cpu_file = &body;
	peer_send(peer, &request);
}

static void
init_report(struct report *report, uint64_t rec)
{
	memset(report, 0, sizeof(*report));
	rmmd__cpu_report_request__init(&report->body);
	rmmd__cpu_regs__init(&report->regs);
	rmmd__cpu_abort__init(&report->abort);
	rmmd__realm_wait__init(&report->wait);
	rmmd__cpu_sysreg__init(&report->sysreg);
	rmmd__interrupt_request__init(&report->interrupt);
	report->body.rec = rec;
	report->body.regs = &report->regs;
	report->regs.n_gprs = RMI_REC_GPRS;
	report->regs.gprs = report->gprs;
	report->regs.n_sysregs = REC_NUM_SYSREGS;
	report->regs.sysregs = report->sysregs;
	report->regs.pc = SCENE_CODE;
	report->regs.pstate = PSTATE_RESET;
	report->body.event_case = RMMD__CPU_REPORT_REQUEST__EVENT_ATTENTION;
	report->body.attention = 1;
}

static void
send_report(struct peer *peer, struct report *report)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;

	request.id = 4;
	request.body_case = RMMD__REQUEST__BODY_CPU_REPORT;
	request.cpu_report = &report->body;
	peer_send(peer, &request);
}

static void
expect_wait_reply(struct peer *peer, uint64_t rec)
{
	Rmmd__Reply *reply = peer_receive(peer);

	ck_assert_ptr_nonnull(reply);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_CPU_WAIT);
	ck_assert_uint_eq(reply->cpu_wait->rec, rec);
	ck_assert(reply->cpu_wait->entered);
	ck_assert_uint_eq(reply->cpu_wait->regs->pc, SCENE_CODE);
	ck_assert_uint_eq(reply->cpu_wait->regs->pstate, PSTATE_RESET);
	ck_assert_uint_eq(reply->cpu_wait->ipa_width, 32);
	peer_free(reply);
}

/* The REC goes on with these. */
static uint64_t
expect_pc(struct peer *peer)
{
	Rmmd__Reply *reply = peer_receive(peer);
	uint64_t pc;

	ck_assert_ptr_nonnull(reply);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_CPU_REPORT);
	ck_assert(!reply->cpu_report->entered);
	pc = reply->cpu_report->regs->pc;
	peer_free(reply);
	return pc;
}

START_TEST(without_a_rec)
{
	struct peer peer = connect_as(RMMD__ROLE__ROLE_PROCESSOR);
	struct report report;

	send_translate(&peer, SCENE_CODE);
	peer_expect_error(&peer, NOT_FOUND, false);
	init_report(&report, 0);
	send_report(&peer, &report);
	peer_expect_error(&peer, NOT_FOUND, false);
	send_wait(&peer, 0x80000000);
	peer_expect_error(&peer, NOT_FOUND, false);
	send_file(&peer, (Rmmd__CpuFile)9);
	peer_expect_error(&peer, ARGUMENT, false);
	send_wait(&peer, 0);
	send_wait(&peer, 0);
	peer_expect_error(&peer, PROTOCOL, true);
	peer_close(&peer);
}
END_TEST

/* Nobody else gets at the realms' memory. */
START_TEST(in_other_roles)
{
	struct peer host = peer_open(false), control = peer_open(true);
	struct peer realm = connect_as(RMMD__ROLE__ROLE_REALM);

	send_file(&host, RMMD__CPU_FILE__CPU_FILE_REALM);
	peer_expect_error(&host, PERMISSION, false);
	send_file(&control, RMMD__CPU_FILE__CPU_FILE_REALM);
	peer_expect_error(&control, PERMISSION, false);
	send_file(&realm, RMMD__CPU_FILE__CPU_FILE_REALM);
	peer_expect_error(&realm, PERMISSION, false);
	send_wait(&host, 0);
	peer_expect_error(&host, PERMISSION, false);
	peer_close(&host);
	peer_close(&control);
	peer_close(&realm);
}
END_TEST

/* What makes no sense is refused, and the REC goes on as it was. */
START_TEST(bad_reports)
{
	/* EL1 with a reserved bit, EL2, EL3, AArch32. */
	static const uint64_t modes[] = { 6, 8, 9, 0xd, 0x10, 0x13 };
	struct peer peer = connect_as(RMMD__ROLE__ROLE_PROCESSOR);
	struct scene s = make_scene();
	struct report report;

	scene_enter(&s, 0);
	send_wait(&peer, 0);
	expect_wait_reply(&peer, s.rec[0]);
	init_report(&report, s.rec[1]);
	send_report(&peer, &report);
	peer_expect_error(&peer, NOT_FOUND, false);
	init_report(&report, s.rec[0]);
	report.regs.n_gprs = RMI_REC_GPRS + 1;
	send_report(&peer, &report);
	peer_expect_error(&peer, ARGUMENT, false);
	init_report(&report, s.rec[0]);
	report.regs.n_sysregs = REC_NUM_SYSREGS + 1;
	send_report(&peer, &report);
	peer_expect_error(&peer, ARGUMENT, false);
	init_report(&report, s.rec[0]);
	report.regs.counter = UINT64_MAX;
	send_report(&peer, &report);
	peer_expect_error(&peer, ARGUMENT, false);
	for (unsigned i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		init_report(&report, s.rec[0]);
		report.regs.pstate = PSTATE_DAIF | modes[i];
		send_report(&peer, &report);
		peer_expect_error(&peer, ARGUMENT, false);
	}
	init_report(&report, s.rec[0]);
	report.body.event_case = RMMD__CPU_REPORT_REQUEST__EVENT__NOT_SET;
	send_report(&peer, &report);
	peer_expect_error(&peer, ARGUMENT, false);

	init_report(&report, s.rec[0]);
	report.body.event_case = RMMD__CPU_REPORT_REQUEST__EVENT_DATA_ABORT;
	report.body.data_abort = &report.abort;
	report.abort.ipa = SCENE_UNPROT + 2;
	report.abort.has_isv = report.abort.isv = 1;
	report.abort.has_size = 1;
	for (report.abort.size = 3; report.abort.size < 5;
	     report.abort.size++) {
		send_report(&peer, &report);
		peer_expect_error(&peer, ARGUMENT, false);
	}
	report.abort.size = 2;
	report.abort.has_srt = 1;
	report.abort.srt = 256; /* not 0 */
	send_report(&peer, &report);
	peer_expect_error(&peer, ARGUMENT, false);

	report.body.event_case = RMMD__CPU_REPORT_REQUEST__EVENT_SYSREG;
	report.body.sysreg = &report.sysreg;
	report.sysreg.rt = 32;
	send_report(&peer, &report);
	peer_expect_error(&peer, ARGUMENT, false);
	send_wait(&peer, 0);
	peer_expect_error(&peer, PROTOCOL, true);
	ck_assert_uint_eq(scene_exit(&s, 0)->exit_reason, RMI_EXIT_SERROR);
	peer_close(&peer);
	scene_free(&s);
}
END_TEST

/* One that can be made by now: by the model, or by the processor again. */
START_TEST(aborts_that_are_none)
{
	struct peer peer = connect_as(RMMD__ROLE__ROLE_PROCESSOR);
	struct scene s = make_scene();
	struct report report;

	scene_enter(&s, 0);
	send_wait(&peer, 0);
	expect_wait_reply(&peer, s.rec[0]);
	init_report(&report, s.rec[0]);
	report.body.event_case = RMMD__CPU_REPORT_REQUEST__EVENT_DATA_ABORT;
	report.body.data_abort = &report.abort;
	report.abort.ipa = SCENE_DATA;
	send_report(&peer, &report);
	ck_assert_uint_eq(expect_pc(&peer), SCENE_CODE);
	report.abort.has_isv = report.abort.isv = 1;
	send_report(&peer, &report);
	ck_assert_uint_eq(expect_pc(&peer), SCENE_CODE + 4);
	report.body.event_case =
	    RMMD__CPU_REPORT_REQUEST__EVENT_INSTRUCTION_ABORT;
	report.body.instruction_abort = &report.abort;
	report.abort.ipa = SCENE_CODE;
	send_report(&peer, &report);
	ck_assert_uint_eq(expect_pc(&peer), SCENE_CODE);
	/* And one that is none of the host's business. */
	report.abort.ipa = SCENE_EMPTY;
	report.sysregs[REC_VBAR_EL1] = 0x10000;
	send_report(&peer, &report);
	ck_assert_uint_eq(expect_pc(&peer), 0x10200);
	peer_close(&peer);
	scene_free(&s);
}
END_TEST

/* The file has what translations say; and no more than DATA. */
START_TEST(translations)
{
	struct peer peer = connect_as(RMMD__ROLE__ROLE_PROCESSOR);
	struct scene s = make_scene();
	Rmmd__Reply *reply;
	uint8_t *memory;
	uint64_t size;

	send_file(&peer, RMMD__CPU_FILE__CPU_FILE_REALM);
	reply = peer_receive(&peer);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_CPU_FILE);
	size = reply->cpu_file->size;
	peer_free(reply);
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_NORESERVE, peer.file, 0);
	ck_assert_ptr_ne(memory, MAP_FAILED);
	ck_assert_int_ne(ftruncate(peer.file, 0), 0);

	scene_enter(&s, 0);
	send_wait(&peer, s.rec[0]);
	expect_wait_reply(&peer, s.rec[0]);
	send_translate(&peer, SCENE_CODE + 0x123);
	reply = peer_receive(&peer);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_CPU_TRANSLATE);
	ck_assert_uint_eq(reply->cpu_translate->first, SCENE_CODE);
	ck_assert_uint_eq(reply->cpu_translate->size, GRANULE_SIZE);
	ck_assert(reply->cpu_translate->executable);
	ck_assert_mem_eq(
	    memory + reply->cpu_translate->offset, spin, sizeof(spin));
	peer_free(reply);
	/* An RD is none of it. */
	for (unsigned i = 0; i < GRANULE_SIZE; i++)
		ck_assert_uint_eq(memory[s.pa - s.base + i], 0);
	munmap(memory, size);
	peer_close(&peer);
	scene_free(&s);
}
END_TEST

/* A REC that one alone waits for goes. */
START_TEST(its_rec_goes)
{
	struct peer peer = connect_as(RMMD__ROLE__ROLE_PROCESSOR);
	struct scene s = make_scene();

	send_wait(&peer, s.rec[1]);
	ck_assert_uint_eq(
	    peer_call(&s.host, NULL, RMI_FID_REC_DESTROY, 1, s.rec[1]),
	    RMI_SUCCESS);
	peer_expect_error(&peer, NOT_FOUND, false);
	peer_close(&peer);
	scene_free(&s);
}
END_TEST

TCase *
requests_tests(void)
{
	TCase *tests = tcase_create("requests");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, without_a_rec);
	tcase_add_test(tests, in_other_roles);
	tcase_add_test(tests, bad_reports);
	tcase_add_test(tests, aborts_that_are_none);
	tcase_add_test(tests, translations);
	tcase_add_test(tests, its_rec_goes);
	return tests;
}
