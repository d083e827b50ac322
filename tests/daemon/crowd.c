/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * More connections than the daemon takes: it says so, or waits, and those that
 * are there are served on.  To be run by a daemon with --max-clients 4, or with
 * few descriptors.
 */
#include "config.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"

#define CROWD  20 /* connections of a process */
#define CROWDS 3

START_TEST(too_many_clients)
{
	struct peer peers[4], more;
	Rmmd__Reply *reply;
	size_t i;

	for (i = 0; i < 4; i++)
		peers[i] = peer_open(false);
	more = peer_connect(false);
	reply = peer_receive(&more);
	ck_assert_ptr_nonnull(reply);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_ERROR);
	ck_assert_int_eq(reply->error->code, RMMD__ERROR_CODE__ERROR_BUSY);
	peer_free(reply);
	ck_assert_ptr_null(peer_receive(&more));
	peer_close(&more);
	for (i = 0; i < 4; i++)
		ck_assert_uint_eq(peer_call(&peers[i], NULL, RMI_FID_FEATURES,
				      1, (uint64_t)0),
		    0);
	/* The control socket has a count of its own. */
	more = peer_open(true);
	peer_close(&more);
	peer_close(&peers[3]);
	/* The daemon may not have seen the end of it yet. */
	do {
		more = peer_connect(false);
		peer_send_bytes(
		    &more, "\010\0\0\0\010\1\022\4\010\1\030\1", 12);
		reply = peer_receive(&more);
		ck_assert_ptr_nonnull(reply);
		i = reply->body_case;
		peer_free(reply);
		peer_close(&more);
	} while (i != RMMD__REPLY__BODY_HELLO);
	for (i = 0; i < 3; i++)
		peer_close(&peers[i]);
}
END_TEST

/* A process that connects CROWD times, says so, and waits for its end. */
static pid_t
crowd(int said)
{
	pid_t pid = fork();
	int i;

	ck_assert_int_ge(pid, 0);
	if (pid > 0)
		return pid;
	for (i = 0; i < CROWD; i++)
		peer_connect(false);
	if (write(said, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

START_TEST(no_descriptors)
{
	struct peer first = peer_open(false), last;
	pid_t pids[CROWDS];
	int said[2];
	char byte;
	size_t i;

	ck_assert_int_eq(pipe(said), 0);
	for (i = 0; i < CROWDS; i++) {
		pids[i] = crowd(said[1]);
		ck_assert_int_eq(read(said[0], &byte, 1), 1);
		ck_assert_uint_eq(
		    peer_call(&first, NULL, RMI_FID_FEATURES, 1, (uint64_t)0),
		    0);
	}
	for (i = 0; i < CROWDS; i++) {
		kill(pids[i], SIGKILL);
		ck_assert_int_eq(waitpid(pids[i], NULL, 0), pids[i]);
	}
	last = peer_open(false);
	peer_close(&last);
	peer_close(&first);
	close(said[0]);
	close(said[1]);
}
END_TEST

int
main(void)
{
	bool few = getenv("FEW_DESCRIPTORS") != NULL;
	Suite *suite = suite_create("crowd");
	TCase *tcase = tcase_create("connections");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, few ? no_descriptors : too_many_clients);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
