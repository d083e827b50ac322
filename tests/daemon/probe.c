/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For scripts: what the daemon at $RMMD_SOCKET and $RMMD_CONTROL says of
 * itself, as words that grep(1) finds.
 */
#include "config.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "peer.h"

START_TEST(print_status)
{
	struct peer host = peer_open(false), control = peer_open(true);
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__StatusRequest status = RMMD__STATUS_REQUEST__INIT;
	Rmmd__StatusReply *body;
	Rmmd__Reply *reply;
	size_t i;

	request.id = 1;
	request.body_case = RMMD__REQUEST__BODY_STATUS;
	request.status = &status;
	reply = peer_ask(&control, &request);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_STATUS);
	body = reply->status;
	printf("pid %" PRIu32 "\n", body->pid);
	printf("feature_register_0 %#" PRIx64 "\n", body->feature_register_0);
	if (body->order != NULL)
		printf("order %s\n", body->order);
	for (i = 0; i < body->n_choices; i++)
		printf("choice %s\n", body->choices[i]);
	printf("rec_aux_count %" PRIu32 "\n", body->rec_aux_count);
	for (i = 0; i < body->n_banks; i++)
		printf("bank %#" PRIx64 " %#" PRIx64 " %d\n",
		    body->banks[i]->pa, body->banks[i]->size,
		    (int)body->banks[i]->kind);
	peer_free(reply);
	peer_close(&host);
	peer_close(&control);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probe");
	TCase *tcase = tcase_create("status");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, print_status);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
