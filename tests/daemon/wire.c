/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames and Hello: who keeps to the protocol is served, who does not is told
 * why and closed, and nobody else notices.
 */
#include "config.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"

/* Another connection, which must be served throughout. */
static struct peer other;

static void
setup(void)
{
	other = peer_open(false);
}

static void
teardown(void)
{
	uint64_t x[SMC_REGS];

	ck_assert_uint_eq(
	    peer_call(&other, x, RMI_FID_VERSION, 1, (uint64_t)RMI_VERSION_1_0),
	    RMI_SUCCESS);
	ck_assert_uint_eq(x[1], RMI_VERSION_1_0);
	peer_close(&other);
}

static Rmmd__Reply *
hello(
    struct peer *peer, uint32_t min, uint32_t max, Rmmd__Role role, char *name)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Hello body = RMMD__HELLO__INIT;

	body.has_min_version = min != max;
	body.min_version = min;
	body.version = max;
	body.role = role;
	body.client = name;
	request.id = 42;
	request.body_case = RMMD__REQUEST__BODY_HELLO;
	request.hello = &body;
	return peer_ask(peer, &request);
}

static void
expect_refusal(struct peer *peer, Rmmd__Reply *reply, Rmmd__ErrorCode code)
{
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_ERROR);
	ck_assert_int_eq(reply->error->code, code);
	peer_free(reply);
	ck_assert_ptr_null(peer_receive(peer));
	peer_close(peer);
}

START_TEST(hello_says_who_serves)
{
	struct peer peer = peer_connect(true);
	Rmmd__Reply *reply;

	/* A client of the future that can still speak version 1. */
	reply = hello(&peer, 1, 9, RMMD__ROLE__ROLE_CONTROL, NULL);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_HELLO);
	ck_assert_uint_eq(reply->hello->version, 1);
	ck_assert_str_eq(reply->hello->server, PACKAGE_STRING);
	ck_assert_str_eq(reply->hello->abi, "RMI 1.0");
	ck_assert_uint_eq(reply->hello->max_frame, WIRE_MAX_FRAME);
	ck_assert_uint_eq(reply->hello->max_batch, WIRE_MAX_BATCH);
	peer_free(reply);
	peer_close(&peer);
}
END_TEST

START_TEST(version_mismatch_names_both)
{
	struct peer peer = peer_connect(false);
	Rmmd__Reply *reply = hello(&peer, 7, 9, RMMD__ROLE__ROLE_HOST, NULL);

	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_ERROR);
	ck_assert_ptr_nonnull(strstr(reply->error->text, "7 to 9"));
	ck_assert_ptr_nonnull(strstr(reply->error->text, "1 to 1"));
	expect_refusal(&peer, reply, RMMD__ERROR_CODE__ERROR_VERSION);

	peer = peer_connect(false);
	reply = hello(&peer, 0, 0, RMMD__ROLE__ROLE_HOST, NULL);
	expect_refusal(&peer, reply, RMMD__ERROR_CODE__ERROR_VERSION);
}
END_TEST

START_TEST(role_must_fit_the_socket)
{
	struct peer peer = peer_connect(false);

	expect_refusal(&peer,
	    hello(&peer, 1, 1, RMMD__ROLE__ROLE_CONTROL, NULL),
	    RMMD__ERROR_CODE__ERROR_PERMISSION);
	peer = peer_connect(true);
	expect_refusal(&peer, hello(&peer, 1, 1, RMMD__ROLE__ROLE_HOST, NULL),
	    RMMD__ERROR_CODE__ERROR_PERMISSION);
	peer = peer_connect(true);
	expect_refusal(&peer, hello(&peer, 1, 1, (Rmmd__Role)1234, NULL),
	    RMMD__ERROR_CODE__ERROR_PERMISSION);
}
END_TEST

START_TEST(names_are_bounded)
{
	char name[WIRE_MAX_NAME + 2];
	struct peer peer = peer_connect(false);
	Rmmd__Reply *reply;

	memset(name, '\n', sizeof(name));
	name[WIRE_MAX_NAME] = '\0';
	reply = hello(&peer, 1, 1, RMMD__ROLE__ROLE_HOST, name);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_HELLO);
	peer_free(reply);
	peer_close(&peer);

	peer = peer_connect(false);
	memset(name, 'x', sizeof(name));
	name[WIRE_MAX_NAME + 1] = '\0';
	expect_refusal(&peer, hello(&peer, 1, 1, RMMD__ROLE__ROLE_HOST, name),
	    RMMD__ERROR_CODE__ERROR_PROTOCOL);
}
END_TEST

START_TEST(hello_comes_first_and_once)
{
	struct peer peer = peer_connect(false);
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__MemoryRequest memory = RMMD__MEMORY_REQUEST__INIT;

	request.id = 3;
	request.body_case = RMMD__REQUEST__BODY_MEMORY;
	request.memory = &memory;
	peer_send(&peer, &request);
	peer_expect_error(&peer, RMMD__ERROR_CODE__ERROR_PROTOCOL, true);
	ck_assert_int_eq(peer.file, -1);
	peer_close(&peer);

	peer = peer_open(false);
	expect_refusal(&peer, hello(&peer, 1, 1, RMMD__ROLE__ROLE_HOST, NULL),
	    RMMD__ERROR_CODE__ERROR_PROTOCOL);
}
END_TEST

/* Asks the wrong socket: refused, but both roles go on. */
START_TEST(requests_keep_to_their_role)
{
	struct peer host = peer_open(false), control = peer_open(true);
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__MemoryRequest memory = RMMD__MEMORY_REQUEST__INIT;
	Rmmd__ResetRequest reset = RMMD__RESET_REQUEST__INIT;

	request.id = 3;
	request.body_case = RMMD__REQUEST__BODY_RESET;
	request.reset = &reset;
	peer_send(&host, &request);
	peer_expect_error(&host, RMMD__ERROR_CODE__ERROR_PERMISSION, false);
	request.body_case = RMMD__REQUEST__BODY_MEMORY;
	request.memory = &memory;
	peer_send(&control, &request);
	peer_expect_error(&control, RMMD__ERROR_CODE__ERROR_PERMISSION, false);
	ck_assert_int_eq(control.file, -1);
	ck_assert_uint_eq(
	    peer_call(&host, NULL, RMI_FID_FEATURES, 1, (uint64_t)0), 0);
	peer_close(&host);
	peer_close(&control);
}
END_TEST

START_TEST(oversized_frame)
{
	static const uint8_t headers[][4] = { { 1, 0, 0x10, 0 },
		{ 0xff, 0xff, 0xff, 0xff } };
	struct peer peer;
	char *bulk = calloc(1, 4u << 20);
	size_t i;

	for (i = 0; i < 2; i++) {
		peer = peer_open(false);
		peer_send_bytes(&peer, headers[i], 4);
		peer_expect_error(
		    &peer, RMMD__ERROR_CODE__ERROR_PROTOCOL, true);
		peer_close(&peer);
	}
	/* Who sends what it announced still gets to read the error. */
	peer = peer_open(false);
	peer_send_bytes(&peer, headers[1], 4);
	peer_send_bytes(&peer, bulk, 4u << 20);
	peer_expect_error(&peer, RMMD__ERROR_CODE__ERROR_PROTOCOL, true);
	peer_close(&peer);
	free(bulk);
}
END_TEST

START_TEST(truncated_frame)
{
	static const uint8_t cut[] = { 100, 0, 0, 0, 8, 1 };
	struct peer peer = peer_open(false);

	peer_send_bytes(&peer, cut, sizeof(cut));
	shutdown(peer.fd, SHUT_WR);
	peer_expect_error(&peer, RMMD__ERROR_CODE__ERROR_PROTOCOL, true);
	peer_close(&peer);

	/* In the header, before the Hello. */
	peer = peer_connect(false);
	peer_send_bytes(&peer, cut, 3);
	shutdown(peer.fd, SHUT_WR);
	peer_expect_error(&peer, RMMD__ERROR_CODE__ERROR_PROTOCOL, true);
	peer_close(&peer);

	/* And gone without a word. */
	peer = peer_open(false);
	peer_send_bytes(&peer, cut, sizeof(cut));
	peer_close(&peer);
}
END_TEST

START_TEST(garbage_frame)
{
	static const uint8_t frames[][12] = {
		{ 0, 0, 0, 0 }, /* empty: no id */
		{ 8, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255 },
		{ 2, 0, 0, 0, 8, 0x80 },	  /* half a varint */
		{ 4, 0, 0, 0, 8, 1, 0x1a, 0x7f }, /* beyond the end */
		{ 4, 0, 0, 0, 8, 1, 0x12, 0 },	  /* empty Hello */
	};
	static const size_t sizes[] = { 4, 12, 6, 8, 8 };
	struct peer peer;
	size_t i;

	for (i = 0; i < 5; i++) {
		peer = peer_open(false);
		peer_send_bytes(&peer, frames[i], sizes[i]);
		peer_expect_error(
		    &peer, RMMD__ERROR_CODE__ERROR_PROTOCOL, true);
		peer_close(&peer);
	}
}
END_TEST

START_TEST(unknown_request)
{
	/* id 9; field 200, a message of two bytes. */
	static const uint8_t frame[] = { 7, 0, 0, 0, 8, 9, 0xc2, 0x0c, 2, 8,
		1 };
	struct peer peer = peer_open(false);
	Rmmd__Reply *reply;

	peer_send_bytes(&peer, frame, sizeof(frame));
	reply = peer_receive(&peer);
	ck_assert_ptr_nonnull(reply);
	ck_assert_uint_eq(reply->id, 9);
	expect_refusal(&peer, reply, RMMD__ERROR_CODE__ERROR_PROTOCOL);
}
END_TEST

/* Half a million empty messages in one frame: refused before they are made. */
START_TEST(swollen_frame)
{
	size_t i, size = WIRE_MAX_FRAME - 64;
	uint8_t *frame = malloc(WIRE_HEADER + size);
	struct peer peer = peer_open(false);
	size_t inner = size - 2 - 5;

	ck_assert_ptr_nonnull(frame);
	for (i = 0; i < 4; i++)
		frame[i] = (uint8_t)(size >> 8 * i);
	frame[4] = 0x08; /* id */
	frame[5] = 1;
	frame[6] = 0x22; /* Batch, with a length of four bytes */
	frame[7] = (uint8_t)(inner & 0x7f) | 0x80;
	frame[8] = (uint8_t)(inner >> 7 & 0x7f) | 0x80;
	frame[9] = (uint8_t)(inner >> 14 & 0x7f) | 0x80;
	frame[10] = (uint8_t)(inner >> 21);
	for (i = 0; i < inner; i += 2) {
		frame[11 + i] = 0x0a; /* an empty Call */
		if (i + 1 < inner)
			frame[12 + i] = 0;
	}
	peer_send_bytes(&peer, frame, WIRE_HEADER + size);
	peer_expect_error(&peer, RMMD__ERROR_CODE__ERROR_PROTOCOL, true);
	peer_close(&peer);
	free(frame);
}
END_TEST

/* A frame may arrive byte by byte, and many may arrive at once. */
START_TEST(frames_in_pieces_and_heaps)
{
	static const uint8_t call[] = { 15, 0, 0, 0, 8, 9, 0x1a, 11, 0x0a, 8,
		0x50, 1, 0, 0xc4, 0, 0, 0, 0, 0x10 };
	uint8_t heap[sizeof(call) * 100];
	struct peer peer = peer_open(false);
	Rmmd__Reply *reply;
	size_t i;

	for (i = 0; i < sizeof(call) - 1; i++)
		peer_send_bytes(&peer, &call[i], 1);
	/* The last field's value was missing. */
	peer_send_bytes(&peer, "\020", 1);
	peer_expect_error(&peer, RMMD__ERROR_CODE__ERROR_PROTOCOL, true);
	peer_close(&peer);

	memcpy(heap, call, sizeof(call));
	heap[0] = 14;
	heap[7] = 10;
	for (i = 1; i < 100; i++)
		memcpy(heap + i * 18, heap, 18);
	peer = peer_open(false);
	for (i = 0; i < 18; i++)
		peer_send_bytes(&peer, &heap[i], 1);
	peer_send_bytes(&peer, heap + 18, 99 * 18);
	for (i = 0; i < 100; i++) {
		reply = peer_receive(&peer);
		ck_assert_ptr_nonnull(reply);
		ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_ANSWER);
		ck_assert_uint_eq(reply->id, 9);
		peer_free(reply);
	}
	peer_close(&peer);
}
END_TEST

/* Requests, and then the end of sending: all are answered. */
START_TEST(half_closed_peer_gets_its_replies)
{
	struct peer peer = peer_open(false);
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__MemoryRequest memory = RMMD__MEMORY_REQUEST__INIT;
	Rmmd__Reply *reply;
	uint64_t i;

	request.body_case = RMMD__REQUEST__BODY_MEMORY;
	request.memory = &memory;
	for (i = 0; i < 20; i++) {
		request.id = i;
		peer_send(&peer, &request);
	}
	shutdown(peer.fd, SHUT_WR);
	for (i = 0; i < 20; i++) {
		reply = peer_receive(&peer);
		ck_assert_ptr_nonnull(reply);
		ck_assert_uint_eq(reply->id, i);
		/* Each with its own file. */
		ck_assert_int_ge(peer.file, 0);
		close(peer.file);
		peer.file = -1;
		peer_free(reply);
	}
	ck_assert_ptr_null(peer_receive(&peer));
	peer_close(&peer);
}
END_TEST

/* Files that a peer attaches go nowhere. */
START_TEST(files_of_a_peer_are_closed)
{
	static uint8_t frame[] = { 2, 0, 0, 0, 8, 9 };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec piece = { frame, 1 };
	struct msghdr msg = { .msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	struct peer peer = peer_open(false);
	int ends[2];
	char byte;

	ck_assert_int_eq(pipe(ends), 0);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &ends[1], sizeof(int));
	ck_assert_int_eq(sendmsg(peer.fd, &msg, 0), 1);
	close(ends[1]);
	/* The end of the pipe: nobody holds the other end. */
	ck_assert_int_eq(read(ends[0], &byte, 1), 0);
	close(ends[0]);
	ck_assert_uint_eq(
	    peer_call(&other, NULL, RMI_FID_FEATURES, 1, (uint64_t)0), 0);
	peer_close(&peer);
}
END_TEST

/* A peer that never reads: the daemon stops listening to it. */
START_TEST(back_pressure)
{
	static uint8_t call[] = { 14, 0, 0, 0, 8, 9, 0x1a, 10, 0x0a, 8, 0x65, 1,
		0, 0xc4, 0, 0, 0, 0 };
	struct peer peer = peer_open(false);
	uint8_t heap[sizeof(call) * 200];
	size_t i, sent = 0;
	ssize_t n;

	for (i = 0; i < 200; i++)
		memcpy(heap + i * sizeof(call), call, sizeof(call));
	ck_assert_int_eq(fcntl(peer.fd, F_SETFL, O_NONBLOCK), 0);
	/* What is in flight is bounded, so this comes to an end. */
	for (;;) {
		n = send(peer.fd, heap + sent % sizeof(call),
		    sizeof(heap) - sizeof(call), MSG_NOSIGNAL);
		if (n < 0) {
			/*
			 * Still full after others had so many turns?  A daemon
			 * that listens on takes a frame of ours with each.
			 */
			for (i = 0; i < 500; i++)
				peer_call(&other, NULL, RMI_FID_FEATURES, 1,
				    (uint64_t)0);
			n = send(peer.fd, heap + sent % sizeof(call),
			    sizeof(call), MSG_NOSIGNAL);
			if (n < 0)
				break;
		}
		sent += (size_t)n;
		ck_assert_uint_lt(sent, 4u << 20);
	}
	peer_close(&peer);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("wire");
	TCase *tcase = tcase_create("frames");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, hello_says_who_serves);
	tcase_add_test(tcase, version_mismatch_names_both);
	tcase_add_test(tcase, role_must_fit_the_socket);
	tcase_add_test(tcase, names_are_bounded);
	tcase_add_test(tcase, hello_comes_first_and_once);
	tcase_add_test(tcase, requests_keep_to_their_role);
	tcase_add_test(tcase, oversized_frame);
	tcase_add_test(tcase, truncated_frame);
	tcase_add_test(tcase, garbage_frame);
	tcase_add_test(tcase, unknown_request);
	tcase_add_test(tcase, swollen_frame);
	tcase_add_test(tcase, frames_in_pieces_and_heaps);
	tcase_add_test(tcase, half_closed_peer_gets_its_replies);
	tcase_add_test(tcase, files_of_a_peer_are_closed);
	tcase_add_test(tcase, back_pressure);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
