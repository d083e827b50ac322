/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * librmmclient against daemons that misbehave, answer out of order, stop in
 * the middle, or just fake_obey.
 */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake.h"
#include "rmi.h"

#define CALLERS 16

/* ---- Hello ------------------------------------------------------------- */

START_TEST(hello)
{
	struct fake fake = { .max_batch = 1u << 30 };
	struct rmmclient *client;

	fake_start(&fake, fake_obey, NULL);
	client = fake_client(&fake);
	ck_assert_str_eq(rmmclient_server(client), "fake 1");
	ck_assert_str_eq(rmmclient_abi(client), "RMI 1.0");
	/* As many full calls as fit in a frame, whatever the daemon says. */
	ck_assert_uint_gt(rmmclient_max_batch(client), 1024);
	ck_assert_uint_lt(rmmclient_max_batch(client) * 18 * 8, WIRE_MAX_FRAME);
	rmmclient_close(client);
	fake_stop(&fake);
}
END_TEST

static void
other_version(struct fake *fake)
{
	fake_hello(fake, 9);
}

static void
refuse_version(struct fake *fake)
{
	Rmmd__Request *request = fake_read(fake);

	fake_error(fake, request->id, RMMD__ERROR_CODE__ERROR_VERSION,
	    (char *)(uintptr_t) "I speak version 7");
	rmmd__request__free_unpacked(request, NULL);
}

START_TEST(version_mismatch)
{
	struct fake fake = { 0 };

	fake_start_raw(&fake, _i == 0 ? other_version : refuse_version, NULL);
	ck_assert_ptr_null(rmmclient_connect(fake.path, NULL));
	ck_assert_int_eq(errno, EPROTONOSUPPORT);
	ck_assert_ptr_nonnull(strstr(rmmclient_error(NULL),
	    _i == 0 ? "protocol version 9" : "I speak version 7"));
	fake_stop(&fake);
}
END_TEST

START_TEST(nobody_there)
{
	char path[200];

	ck_assert_ptr_null(rmmclient_connect("/nonexistent/socket", NULL));
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_ptr_nonnull(
	    strstr(rmmclient_error(NULL), "/nonexistent/socket"));
	memset(path, 'a', sizeof path);
	path[sizeof path - 1] = '\0';
	ck_assert_ptr_null(rmmclient_connect(path, NULL));
	ck_assert_int_eq(errno, ENAMETOOLONG);
}
END_TEST

/* ---- Order ------------------------------------------------------------- */

struct caller {
	pthread_t thread;
	struct rmmclient *client;
	uint64_t in, out;
	int rc;
	int rounds;
};

static void *
caller_body(void *arg)
{
	struct caller *c = arg;

	for (int i = 0; i < c->rounds; i++) {
		c->rc = fake_call(c->client, c->in, &c->out);
		if (c->rc != 0 || c->out != c->in + 1000)
			break;
	}
	return NULL;
}

static void
start_callers(struct caller *c, struct rmmclient *client, int rounds)
{
	for (unsigned i = 0; i < CALLERS; i++) {
		c[i] = (struct caller){
			.client = client, .in = i + 1, .rounds = rounds
		};
		ck_assert_int_eq(
		    pthread_create(&c[i].thread, NULL, caller_body, &c[i]), 0);
	}
}

/* Collect a call of every caller, then answer the last one first. */
static void
answer_backwards(struct fake *fake)
{
	Rmmd__Request *requests[CALLERS];

	for (int round = 0; round < *(int *)fake->arg; round++) {
		for (unsigned i = 0; i < CALLERS; i++) {
			requests[i] = fake_read(fake);
			ck_assert_ptr_nonnull(requests[i]);
		}
		for (unsigned i = CALLERS; i-- > 0;) {
			fake_answer(fake, requests[i]->id, 0,
			    requests[i]->call->x[1] + 1000);
			rmmd__request__free_unpacked(requests[i], NULL);
		}
	}
}

START_TEST(answers_out_of_order)
{
	struct fake fake = { 0 };
	struct caller c[CALLERS];
	struct rmmclient *client;
	int rounds = 200;

	fake_start(&fake, answer_backwards, &rounds);
	client = fake_client(&fake);
	start_callers(c, client, rounds);
	for (unsigned i = 0; i < CALLERS; i++) {
		pthread_join(c[i].thread, NULL);
		ck_assert_int_eq(c[i].rc, 0);
		ck_assert_uint_eq(c[i].out, c[i].in + 1000);
	}
	rmmclient_close(client);
	fake_stop(&fake);
}
END_TEST

static void
answer_by_the_byte(struct fake *fake)
{
	Rmmd__Request *request = fake_read(fake);
	/* Reply { id, Answer { x: X0 alone } } */
	uint8_t bytes[] = { 14, 0, 0, 0, 0x08, (uint8_t)request->id, 0x22, 10,
		0x0a, 8, 3, 1, 0, 0, 0, 0, 0, 0 };

	for (size_t i = 0; i < sizeof bytes; i++)
		fake_send_bytes(fake, bytes + i, 1);
	rmmd__request__free_unpacked(request, NULL);
}

START_TEST(frames_in_pieces)
{
	struct fake fake = { 0 };
	struct rmmclient *client;

	fake_start(&fake, answer_by_the_byte, NULL);
	client = fake_client(&fake);
	ck_assert_int_eq(fake_call(client, 5, NULL), 0x103);
	rmmclient_close(client);
	fake_stop(&fake);
}
END_TEST

/* ---- Errors ------------------------------------------------------------ */

static const struct {
	Rmmd__ErrorCode code;
	int err;
} errors[] = {
	{ RMMD__ERROR_CODE__ERROR_PROTOCOL, EPROTO },
	{ RMMD__ERROR_CODE__ERROR_VERSION, EPROTONOSUPPORT },
	{ RMMD__ERROR_CODE__ERROR_PERMISSION, EACCES },
	{ RMMD__ERROR_CODE__ERROR_ARGUMENT, EINVAL },
	{ RMMD__ERROR_CODE__ERROR_NOT_FOUND, ENOENT },
	{ RMMD__ERROR_CODE__ERROR_NO_MEMORY, ENOMEM },
	{ RMMD__ERROR_CODE__ERROR_BUSY, EBUSY },
};
#define NUM_ERRORS (sizeof errors / sizeof errors[0])

static void
refuse_each(struct fake *fake)
{
	for (size_t i = 0; i < NUM_ERRORS; i++) {
		Rmmd__Request *request = fake_read(fake);

		fake_error(fake, request->id, errors[i].code,
		    (char *)(uintptr_t) "not like this");
		rmmd__request__free_unpacked(request, NULL);
	}
	fake_obey(fake);
}

/* An Error is for its request alone: the connection lives on. */
START_TEST(error_replies)
{
	struct fake fake = { 0 };
	struct rmmclient *client;
	uint64_t base;

	fake_start(&fake, refuse_each, NULL);
	client = fake_client(&fake);
	for (size_t i = 0; i < NUM_ERRORS; i++) {
		ck_assert_int_eq(i % 2 == 0
			? fake_call(client, 1, NULL)
			: rmmclient_lease(client, 4096, 0, &base),
		    -errors[i].err);
		ck_assert_str_eq(rmmclient_error(client), "not like this");
	}
	ck_assert_int_eq(fake_call(client, 1, NULL), 0);
	rmmclient_close(client);
	fake_stop(&fake);
}
END_TEST

/* ---- Daemons that break the protocol ----------------------------------- */

static void
say_garbage(struct fake *fake, uint64_t id)
{
	(void)id;
	fake_send_frame(fake, "\xff\xff\xff\xff garbage", 12);
}

static void
say_nothing(struct fake *fake, uint64_t id)
{
	(void)id;
	fake_send_frame(fake, "", 0);
}

static void
say_too_much(struct fake *fake, uint64_t id)
{
	uint32_t size = WIRE_MAX_FRAME + 1;

	(void)id;
	fake_send_bytes(fake, &size, sizeof size);
}

static void
answer_another(struct fake *fake, uint64_t id)
{
	fake_answer(fake, id + 1, 0, 0);
}

static void
answer_in_kind(struct fake *fake, uint64_t id)
{
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__LeaseReply lease = RMMD__LEASE_REPLY__INIT;

	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_LEASE;
	reply.lease = &lease;
	fake_send(fake, &reply, -1);
}

static void
answer_emptily(struct fake *fake, uint64_t id)
{
	uint8_t bytes[2] = { 0x08, (uint8_t)id };

	fake_send_frame(fake, bytes, sizeof bytes);
}

static void
answer_with_more(struct fake *fake, uint64_t id)
{
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__Answer answer = RMMD__ANSWER__INIT;
	uint64_t x[RMMCLIENT_REGS + 1] = { 0 };

	answer.x = x;
	answer.n_x = RMMCLIENT_REGS + 1;
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_ANSWER;
	reply.answer = &answer;
	fake_send(fake, &reply, -1);
}

/* The right outside, but what is inside does not decode. */
static void
answer_brokenly(struct fake *fake, uint64_t id)
{
	uint8_t bytes[] = { 0x08, (uint8_t)id, 0x22, 2, 0x0a, 0x7f };

	fake_send_frame(fake, bytes, sizeof bytes);
}

static void
stop_in_a_frame(struct fake *fake, uint64_t id)
{
	uint8_t bytes[] = { 14, 0, 0, 0, 0x08, (uint8_t)id };

	fake_send_bytes(fake, bytes, sizeof bytes);
}

static void
hang_up(struct fake *fake, uint64_t id)
{
	(void)fake;
	(void)id;
}

static void
say_why(struct fake *fake, uint64_t id)
{
	(void)id;
	fake_error(fake, 0, RMMD__ERROR_CODE__ERROR_BUSY,
	    (char *)(uintptr_t) "too many clients");
}

static const struct {
	void (*speak)(struct fake *fake, uint64_t id);
	int err;
	bool stays; /* does not hang up of itself */
	const char *sentence;
} sins[] = {
	{ say_garbage, EPROTO, true, "malformed" },
	{ say_nothing, EPROTO, true, "frame" },
	{ say_too_much, EPROTO, true, "frame" },
	{ answer_another, EPROTO, true, "not asked" },
	{ answer_in_kind, EPROTO, true, "another kind" },
	{ answer_emptily, EPROTO, true, "another kind" },
	{ answer_with_more, EPROTO, true, "registers" },
	{ answer_brokenly, EPROTO, true, "malformed" },
	{ stop_in_a_frame, ECONNRESET, false, "closed" },
	{ hang_up, ECONNRESET, false, "closed" },
	{ say_why, EBUSY, false, "too many clients" },
};

static void
commit_a_sin(struct fake *fake)
{
	int i = *(int *)fake->arg;
	Rmmd__Request *request = fake_read(fake);

	sins[i].speak(fake, request->id);
	rmmd__request__free_unpacked(request, NULL);
	/* The client is the one that ends it. */
	if (sins[i].stays)
		ck_assert_ptr_null(fake_read(fake));
}

START_TEST(broken_daemons)
{
	struct fake fake = { 0 };
	struct rmmclient *client;
	int which = _i;

	fake_start(&fake, commit_a_sin, &which);
	client = fake_client(&fake);
	ck_assert_int_eq(fake_call(client, 1, NULL), -sins[_i].err);
	ck_assert_ptr_nonnull(
	    strstr(rmmclient_error(client), sins[_i].sentence));
	/* And so for ever; a SIGPIPE would end this test. */
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(fake_call(client, 1, NULL), -sins[_i].err);
		ck_assert_ptr_nonnull(
		    strstr(rmmclient_error(client), sins[_i].sentence));
	}
	rmmclient_close(client);
	fake_stop(&fake);
}
END_TEST

static void
hang_up_on_all(struct fake *fake)
{
	for (unsigned i = 0; i < CALLERS; i++)
		rmmd__request__free_unpacked(fake_read(fake), NULL);
}

START_TEST(all_waiters_learn_of_the_end)
{
	struct fake fake = { 0 };
	struct caller c[CALLERS];
	struct rmmclient *client;

	fake_start(&fake, hang_up_on_all, NULL);
	client = fake_client(&fake);
	start_callers(c, client, 1);
	for (unsigned i = 0; i < CALLERS; i++) {
		pthread_join(c[i].thread, NULL);
		ck_assert_int_eq(c[i].rc, -ECONNRESET);
	}
	rmmclient_close(client);
	fake_stop(&fake);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("librmmclient");
	TCase *t = tcase_create("protocol");
	SRunner *runner;
	int failed;

	tcase_set_timeout(t, 120);
	tcase_add_test(t, hello);
	tcase_add_loop_test(t, version_mismatch, 0, 2);
	tcase_add_test(t, nobody_there);
	tcase_add_test(t, answers_out_of_order);
	tcase_add_test(t, frames_in_pieces);
	tcase_add_test(t, error_replies);
	tcase_add_loop_test(
	    t, broken_daemons, 0, (int)(sizeof sins / sizeof sins[0]));
	tcase_add_test(t, all_waiters_learn_of_the_end);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
