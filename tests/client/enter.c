/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_REC_ENTER in a wait that signals interrupt, beside calls that other
 * threads make, with a daemon that follows a script.
 */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "fake.h"
#include "rmi.h"

#define RECS 4

/* Which REC runs: the id of its entry. */
struct machine {
	uint64_t entry[RECS];
	_Atomic unsigned entries;
	unsigned interrupts;
	bool deaf; /* the next entry ends the connection */
};

static void
interrupt(struct fake *fake, struct machine *m, const Rmmd__Request *request)
{
	Rmmd__InterruptReply body = RMMD__INTERRUPT_REPLY__INIT;
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	uint64_t rec = request->interrupt->rec;

	ck_assert_uint_lt(rec, RECS);
	m->interrupts++;
	body.exited = m->entry[rec] != 0;
	reply.id = request->id;
	reply.body_case = RMMD__REPLY__BODY_INTERRUPT;
	reply.interrupt = &body;
	fake_send(fake, &reply, -1);
	if (m->entry[rec] != 0)
		fake_answer(fake, m->entry[rec], RMI_SUCCESS, 0);
	m->entry[rec] = 0;
}

static void
run_recs(struct fake *fake)
{
	struct machine *m = fake->arg;
	Rmmd__Request *request;

	while ((request = fake_read(fake)) != NULL) {
		if (request->body_case == RMMD__REQUEST__BODY_INTERRUPT) {
			interrupt(fake, m, request);
		} else if (request->call->x[0] == RMI_FID_REC_ENTER) {
			m->entry[request->call->x[1]] = request->id;
			m->entries++;
		} else {
			fake_answer(
			    fake, request->id, 0, request->call->x[1] + 1000);
		}
		rmmd__request__free_unpacked(request, NULL);
		if (m->deaf && m->entries > 0)
			return;
	}
}

static _Atomic int handled;

static void
on_signal(int number)
{
	(void)number;
	handled++;
}

struct runner {
	pthread_t thread;
	struct rmmclient *client;
	struct rmmclient_entry entry;
	_Atomic int sent;
	int result;
};

static void
on_sent(void *context)
{
	struct runner *runner = context;

	runner->sent++;
}

static void *
enter(void *arg)
{
	struct runner *runner = arg;
	sigset_t all, before;

	/* A signal between the start and the wait would be lost. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	runner->entry.mask = &before;
	runner->entry.sent = on_sent;
	runner->entry.context = runner;
	runner->result =
	    rmmclient_rec_enter(runner->client, 0, &runner->entry, NULL);
	return NULL;
}

static void
start(struct runner *runner, struct rmmclient *client, uint64_t rec)
{
	*runner = (struct runner){ .client = client, .entry.rec = rec };
	pthread_create(&runner->thread, NULL, enter, runner);
}

/*
 * Three RECs run, two of them in threads that do not read the socket.  Calls
 * are answered meanwhile, and each signal ends the entry of its thread alone.
 */
START_TEST(signals_and_calls)
{
	struct machine m = { 0 };
	struct runner runners[RECS];
	struct rmmclient *client;
	struct fake fake = { 0 };
	uint64_t out;

	signal(SIGUSR1, on_signal);
	fake_start(&fake, run_recs, &m);
	client = fake_client(&fake);
	for (uint64_t rec = 1; rec < RECS; rec++)
		start(&runners[rec], client, rec);
	while (m.entries < RECS - 1)
		sched_yield();
	for (uint64_t i = 1; i < 20; i++) {
		ck_assert_int_eq(fake_call(client, i, &out), 0);
		ck_assert_uint_eq(out, i + 1000);
	}
	for (uint64_t rec = RECS - 1; rec > 0; rec--) {
		pthread_kill(runners[rec].thread, SIGUSR1);
		pthread_join(runners[rec].thread, NULL);
		ck_assert_int_eq(runners[rec].result, RMI_SUCCESS);
		ck_assert(runners[rec].entry.interrupted);
		ck_assert_int_eq(runners[rec].sent, 1);
		ck_assert_int_eq(fake_call(client, rec, &out), 0);
	}
	ck_assert_int_eq(handled, RECS - 1);
	ck_assert_uint_eq(m.interrupts, RECS - 1);
	rmmclient_close(client);
	fake_stop(&fake);
}
END_TEST

/* One that is blocked, and pending, counts with the mask of the wait. */
START_TEST(pending_before)
{
	struct machine m = { 0 };
	struct rmmclient_entry entry = { .rec = 1 };
	struct rmmclient *client;
	struct fake fake = { 0 };
	sigset_t blocked, before;

	signal(SIGUSR1, on_signal);
	fake_start(&fake, run_recs, &m);
	client = fake_client(&fake);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &blocked, &before);
	raise(SIGUSR1);
	entry.mask = &before;
	ck_assert_int_eq(rmmclient_rec_enter(client, 0, &entry, NULL), 0);
	ck_assert(entry.interrupted);
	ck_assert_int_eq(handled, 1);
	rmmclient_close(client);
	fake_stop(&fake);
}
END_TEST

/* Another thread's interrupt: the entry ends without a signal. */
START_TEST(kicked)
{
	struct machine m = { 0 };
	struct rmmclient *client;
	struct runner runner;
	struct fake fake = { 0 };

	fake_start(&fake, run_recs, &m);
	client = fake_client(&fake);
	ck_assert_int_eq(rmmclient_interrupt(client, 2, RMMCLIENT_IRQ, 0), 0);
	start(&runner, client, 2);
	while (!runner.sent)
		sched_yield();
	ck_assert_int_eq(
	    rmmclient_interrupt(client, 2, RMMCLIENT_SERROR, 0x11), 1);
	pthread_join(runner.thread, NULL);
	ck_assert_int_eq(runner.result, RMI_SUCCESS);
	ck_assert(!runner.entry.interrupted);
	rmmclient_close(client);
	fake_stop(&fake);
}
END_TEST

/* The daemon goes while RECs run: every thread learns of it. */
START_TEST(daemon_goes)
{
	struct machine m = { .deaf = true };
	struct rmmclient *client;
	struct runner runners[2];
	struct fake fake = { 0 };

	fake_start(&fake, run_recs, &m);
	client = fake_client(&fake);
	start(&runners[0], client, 1);
	start(&runners[1], client, 2);
	for (unsigned i = 0; i < 2; i++) {
		pthread_join(runners[i].thread, NULL);
		ck_assert_int_eq(runners[i].result, -ECONNRESET);
		ck_assert_int_eq(runners[i].sent, 1);
	}
	rmmclient_close(client);
	fake_stop(&fake);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("entries");
	TCase *cases = tcase_create("entries");
	SRunner *runner;
	int failed;

	tcase_add_test(cases, signals_and_calls);
	tcase_add_test(cases, pending_before);
	tcase_add_test(cases, kicked);
	tcase_add_test(cases, daemon_goes);
	suite_add_tcase(suite, cases);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
