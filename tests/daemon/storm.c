/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Many RECs that run at once, and those who have them run vanish.  Run by a
 * captive daemon whose realms are "attach" and whose RECs have no auxiliary
 * granules.
 */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"

#define MANY   1000u
#define SOME   32u
#define ROUNDS 8u

/* A host, and an active realm of some RECs. */
struct crew {
	struct peer host;
	uint8_t *memory;
	uint64_t base, pa;
	unsigned num;
};

static uint64_t
rec_of(const struct crew *crew, unsigned i)
{
	return crew->pa + (16 + 2 * (uint64_t)i) * GRANULE_SIZE;
}

static uint64_t
run_of(const struct crew *crew, unsigned i)
{
	return rec_of(crew, i) + GRANULE_SIZE;
}

static void
make_rec(struct crew *crew, unsigned i)
{
	struct rmi_rec_params *params = (struct rmi_rec_params *)(crew->memory +
	    (run_of(crew, i) - crew->base));

	memset(params, 0, GRANULE_SIZE);
	params->flags = RMI_REC_FLAG_RUNNABLE;
	params->mpidr = (i & 0xf) | (i >> 4 & 0xff) << 8;
	ck_assert_uint_eq(peer_call(&crew->host, NULL, RMI_FID_GRANULE_DELEGATE,
			      1, rec_of(crew, i)),
	    0);
	ck_assert_uint_eq(peer_call(&crew->host, NULL, RMI_FID_REC_CREATE, 3,
			      crew->pa, rec_of(crew, i), run_of(crew, i)),
	    0);
	memset(params, 0, GRANULE_SIZE);
}

static struct crew
crew_new(unsigned num, unsigned vmid)
{
	struct crew crew = { .host = peer_open(false), .num = num };
	uint64_t size;
	int file;

	crew.memory = peer_map(&crew.host, &crew.base, &size, &file);
	crew.pa = peer_lease(&crew.host, (16 + 2 * num) * GRANULE_SIZE);
	ck_assert_uint_ne(crew.pa, 0);
	peer_make_realm(&crew.host, crew.memory, crew.base, crew.pa, vmid);
	for (unsigned i = 0; i < num; i++)
		make_rec(&crew, i);
	ck_assert_uint_eq(
	    peer_call(&crew.host, NULL, RMI_FID_REALM_ACTIVATE, 1, crew.pa), 0);
	return crew;
}

/* RMI_REC_ENTER of all, and nobody reads what comes of it. */
static void
enter_all(struct crew *crew)
{
	for (unsigned i = 0; i < crew->num; i++) {
		Rmmd__Request request = RMMD__REQUEST__INIT;
		Rmmd__Call call = RMMD__CALL__INIT;
		uint64_t x[] = { RMI_FID_REC_ENTER, rec_of(crew, i),
			run_of(crew, i) };

		call.n_x = 3;
		call.x = x;
		request.id = 1000 + i;
		request.body_case = RMMD__REQUEST__BODY_CALL;
		request.call = &call;
		peer_send(&crew->host, &request);
	}
}

/* All have exited, and each entry is answered once. */
static void
expect_exits(struct crew *crew)
{
	bool seen[MANY] = { false };

	for (unsigned n = 0; n < crew->num; n++) {
		Rmmd__Reply *reply = peer_receive(&crew->host);
		uint64_t i;

		ck_assert_ptr_nonnull(reply);
		i = reply->id - 1000;
		ck_assert_uint_lt(i, crew->num);
		ck_assert(!seen[i]);
		seen[i] = true;
		ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_ANSWER);
		ck_assert_uint_eq(
		    reply->answer->n_x > 0 ? reply->answer->x[0] : 0, 0);
		peer_free(reply);
	}
}

static bool
interrupt(struct peer *peer, uint64_t rec)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__InterruptRequest body = RMMD__INTERRUPT_REQUEST__INIT;
	Rmmd__Reply *reply;
	bool exited;

	body.rec = rec;
	request.id = 7;
	request.body_case = RMMD__REQUEST__BODY_INTERRUPT;
	request.interrupt = &body;
	reply = peer_ask(peer, &request);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_INTERRUPT);
	exited = reply->interrupt->exited;
	peer_free(reply);
	return exited;
}

static void
interrupt_all(struct peer *peer, const struct crew *crew)
{
	for (unsigned i = 0; i < crew->num; i++)
		while (!interrupt(peer, rec_of(crew, i)))
			;
}

/* Granules that are not UNDELEGATED, and leases. */
static uint64_t
in_use(struct peer *control)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__StatusRequest body = RMMD__STATUS_REQUEST__INIT;
	Rmmd__Reply *reply;
	uint64_t num;

	request.id = 8;
	request.body_case = RMMD__REQUEST__BODY_STATUS;
	request.status = &body;
	reply = peer_ask(control, &request);
	num = reply->status->n_leases;
	for (size_t i = 0; i < reply->status->n_granules; i++)
		num += reply->status->granules[i]->count;
	peer_free(reply);
	return num;
}

/* ---- Tests ------------------------------------------------------------- */

START_TEST(many_run_at_once)
{
	struct peer control = peer_open(true);
	struct crew crew = crew_new(MANY, 1);

	for (unsigned round = 0; round < 3; round++) {
		enter_all(&crew);
		interrupt_all(&control, &crew);
		expect_exits(&crew);
	}
	peer_close(&crew.host);
	while (in_use(&control) > 0)
		;
	peer_close(&control);
}
END_TEST

/* A process that does something, says so, and waits for its end. */
static pid_t
start(void (*act)(const struct crew *), const struct crew *crew)
{
	int said[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(said), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		act(crew);
		if (write(said[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	ck_assert_int_eq(read(said[0], &byte, 1), 1);
	close(said[0]);
	close(said[1]);
	return pid;
}

static void
be_host(const struct crew *unused)
{
	struct crew crew = crew_new(SOME, 2);

	(void)unused;
	enter_all(&crew);
}

static struct peer
realm_connect(void)
{
	struct peer peer = peer_connect(true);
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Hello hello = RMMD__HELLO__INIT;

	hello.version = WIRE_VERSION;
	hello.role = RMMD__ROLE__ROLE_REALM;
	request.body_case = RMMD__REQUEST__BODY_HELLO;
	request.hello = &hello;
	peer_free(peer_ask(&peer, &request));
	return peer;
}

/* Attach to whoever runs, and wait for an interrupt. */
static void
be_realms(const struct crew *unused)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__AttachRequest attach = RMMD__ATTACH_REQUEST__INIT;
	Rmmd__ActRequest act = RMMD__ACT_REQUEST__INIT;
	Rmmd__RealmWait wait = RMMD__REALM_WAIT__INIT;

	(void)unused;
	wait.kind = RMMD__WAIT_KIND__WAIT_WFI;
	act.action_case = RMMD__ACT_REQUEST__ACTION_WAIT;
	act.wait = &wait;
	for (unsigned i = 0; i < SOME / 2; i++) {
		struct peer realm = realm_connect();

		request.id = 1;
		request.body_case = RMMD__REQUEST__BODY_ATTACH;
		request.attach = &attach;
		peer_send(&realm, &request);
		request.id = 2;
		request.body_case = RMMD__REQUEST__BODY_ACT;
		request.act = &act;
		peer_free(peer_receive(&realm));
		peer_send(&realm, &request);
	}
}

static void
end(pid_t pid)
{
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

/* Hosts whose RECs run and processes that are realms die, in either order. */
START_TEST(they_are_killed)
{
	struct peer control = peer_open(true);

	for (unsigned round = 0; round < ROUNDS; round++) {
		pid_t host, realms = 0;

		/* Waiting before there is a REC, or coming to one that runs. */
		if (round % 4 == 0) {
			host = start(be_host, NULL);
			end(host);
			continue;
		}
		host = start(be_host, NULL);
		realms = start(be_realms, NULL);
		end(round % 2 == 0 ? host : realms);
		end(round % 2 == 0 ? realms : host);
		while (in_use(&control) > 0)
			;
	}
	while (in_use(&control) > 0)
		;
	peer_close(&control);
}
END_TEST

/* The machine is reset while RECs run, and used again at once. */
START_TEST(resets)
{
	struct peer control = peer_open(true);
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__ResetRequest body = RMMD__RESET_REQUEST__INIT;

	request.id = 9;
	request.body_case = RMMD__REQUEST__BODY_RESET;
	request.reset = &body;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct crew crew = crew_new(SOME, 3 + round);

		enter_all(&crew);
		/* It is the last one that is known to run. */
		while (!interrupt(&control, rec_of(&crew, SOME - 1)))
			;
		peer_free(peer_receive(&crew.host));
		peer_free(peer_ask(&control, &request));
		for (unsigned i = 0; i + 1 < SOME; i++)
			peer_expect_error(&crew.host,
			    RMMD__ERROR_CODE__ERROR_NOT_FOUND, false);
		peer_close(&crew.host);
		while (in_use(&control) > 0)
			;
	}
	peer_close(&control);
}
END_TEST

static void
send_set(struct peer *control, const struct crew *crew, unsigned n)
{
	static char names[][8] = { "off", "wfi", "attach", "script", "cpu" };
	static char script[] = "wfi\nwfi\n";
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__SetRealmRequest body = RMMD__SET_REALM_REQUEST__INIT;

	body.who = names[n % 5];
	body.has_script = n % 5 == 3;
	body.script.data = (uint8_t *)script;
	body.script.len = strlen(script);
	body.has_rec = n % 3 == 0;
	body.rec = rec_of(crew, n % crew->num);
	body.has_rd = n % 3 == 1;
	body.rd = crew->pa;
	request.id = n;
	request.body_case = RMMD__REQUEST__BODY_SET_REALM;
	request.set_realm = &body;
	peer_send(control, &request);
}

/* Who plays changes all the time, while RECs run and come back. */
START_TEST(settings)
{
	struct peer control = peer_open(true), other = peer_open(true);
	struct crew crew = crew_new(SOME, 2);
	Rmmd__Reply *reply;
	unsigned n = 1;

	for (unsigned round = 0; round < 4 * ROUNDS; round++) {
		enter_all(&crew);
		for (unsigned i = 0; i < 100; i++)
			send_set(&control, &crew, n++);
		/* Some have exited by themselves. */
		for (unsigned i = 0; i < SOME; i++)
			(void)interrupt(&other, rec_of(&crew, i));
		for (unsigned i = 0; i < 100; i++) {
			reply = peer_receive(&control);
			ck_assert_ptr_nonnull(reply);
			ck_assert_int_eq(
			    reply->body_case, RMMD__REPLY__BODY_SET_REALM);
			peer_free(reply);
		}
	}
	peer_close(&crew.host);
	/* What is for all of them stays: as it was. */
	while (n % 15 != 2)
		n++;
	send_set(&control, &crew, n);
	peer_free(peer_receive(&control));
	while (in_use(&control) > 0)
		;
	peer_close(&other);
	peer_close(&control);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("storm");
	TCase *tests = tcase_create("storm");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, many_run_at_once);
	tcase_add_test(tests, they_are_killed);
	tcase_add_test(tests, resets);
	tcase_add_test(tests, settings);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
