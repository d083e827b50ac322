/* SPDX-License-Identifier: BSD-3-Clause */
/* The control role: what it shows is what the host did, page by page. */
#include "config.h"

#include <check.h>
#include <string.h>
#include <sys/mman.h>

#include "peer.h"

static struct peer host, control;
static uint64_t base, size, pa;
static uint8_t *memory;

static void
setup(void)
{
	host = peer_open(false);
	control = peer_open(true);
	memory = peer_map(&host, &base, &size, NULL);
	pa = peer_lease(&host, 64 * GRANULE_SIZE);
	peer_populate(&host, memory, base, pa);
}

static void
teardown(void)
{
	munmap(memory, size);
	peer_close(&host);
	peer_close(&control);
}

static Rmmd__Reply *
ask(Rmmd__Request__BodyCase body_case, void *body)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;

	request.id = 21;
	request.body_case = body_case;
	request.status = body;
	return peer_ask(&control, &request);
}

static void
fails(Rmmd__Request__BodyCase body_case, void *body, Rmmd__ErrorCode code)
{
	Rmmd__Reply *reply = ask(body_case, body);

	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_ERROR);
	ck_assert_int_eq(reply->error->code, code);
	peer_free(reply);
}

/* An active REC in the lease's granules 7 to 24. */
static uint64_t
make_rec(void)
{
	uint64_t rec = pa + 7 * GRANULE_SIZE, params_pa = pa + 2 * GRANULE_SIZE;
	struct rmi_rec_params params;
	unsigned i;

	memset(&params, 0, sizeof(params));
	params.flags = RMI_REC_FLAG_RUNNABLE;
	params.pc = 0x1234;
	params.num_aux = 16;
	for (i = 0; i < 17; i++) {
		ck_assert_uint_eq(
		    peer_call(&host, NULL, RMI_FID_GRANULE_DELEGATE, 1,
			rec + i * GRANULE_SIZE),
		    0);
		if (i < 16)
			params.aux[i] = rec + (i + 1) * GRANULE_SIZE;
	}
	memcpy(memory + (params_pa - base), &params, sizeof(params));
	ck_assert_uint_eq(
	    peer_call(&host, NULL, RMI_FID_REC_CREATE, 3, pa, rec, params_pa),
	    0);
	return rec;
}

START_TEST(status_counts)
{
	Rmmd__StatusRequest request = RMMD__STATUS_REQUEST__INIT;
	Rmmd__Reply *reply = ask(RMMD__REQUEST__BODY_STATUS, &request);
	Rmmd__StatusReply *status = reply->status;
	uint64_t rtts = 0, undelegated = 0;
	size_t i;

	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_STATUS);
	ck_assert_str_eq(status->server, PACKAGE_STRING);
	ck_assert_uint_eq(status->realms, 1);
	ck_assert_uint_eq(status->clients, 2);
	ck_assert_uint_gt(status->calls, 0);
	ck_assert_uint_eq(status->n_leases, 1);
	ck_assert_uint_eq(status->leases[0]->pa, pa);
	ck_assert_str_eq(status->leases[0]->client, "test");
	ck_assert_uint_eq(status->n_banks, 1);
	ck_assert_uint_eq(status->banks[0]->pa, base);
	ck_assert_uint_eq(status->rec_aux_count, 16);
	ck_assert_uint_ne(status->feature_register_0, 0);
	for (i = 0; i < status->n_granules; i++) {
		if (strcmp(status->granules[i]->state, "RTT") == 0)
			rtts = status->granules[i]->count;
		undelegated +=
		    strcmp(status->granules[i]->state, "UNDELEGATED") == 0;
	}
	ck_assert_uint_eq(rtts, 3);
	ck_assert_uint_eq(undelegated, 0);
	peer_free(reply);
}
END_TEST

START_TEST(realms_by_pages)
{
	Rmmd__RealmsRequest request = RMMD__REALMS_REQUEST__INIT;
	uint64_t second = pa + 32 * GRANULE_SIZE;
	Rmmd__Reply *reply;

	peer_make_realm(&host, memory, base, second, 9);
	request.has_limit = true;
	request.limit = 1;
	reply = ask(RMMD__REQUEST__BODY_REALMS, &request);
	ck_assert_uint_eq(reply->realms->n_realms, 1);
	ck_assert_uint_eq(reply->realms->realms[0]->rd, pa);
	ck_assert_str_eq(reply->realms->realms[0]->state, "NEW");
	ck_assert_uint_eq(reply->realms->realms[0]->ipa_width, 32);
	ck_assert_str_eq(reply->realms->realms[0]->hash_algo, "sha-256");
	ck_assert_uint_eq(reply->realms->realms[0]->vmid, 3);
	ck_assert_uint_eq(reply->realms->realms[0]->num_data, 1);
	ck_assert_uint_eq(reply->realms->realms[0]->num_rtts, 3);
	ck_assert_uint_eq(reply->realms->realms[0]->rpv.len, 64);
	ck_assert_uint_eq(reply->realms->realms[0]->rim.len, 64);
	ck_assert_uint_eq(reply->realms->realms[0]->n_rems, 4);
	ck_assert(reply->realms->has_next);
	ck_assert_uint_eq(reply->realms->next, second);
	peer_free(reply);
	request.has_start = true;
	request.start = second;
	reply = ask(RMMD__REQUEST__BODY_REALMS, &request);
	ck_assert_uint_eq(reply->realms->n_realms, 1);
	ck_assert_uint_eq(reply->realms->realms[0]->vmid, 9);
	ck_assert(!reply->realms->has_next);
	peer_free(reply);
	request.limit = 0;
	fails(RMMD__REQUEST__BODY_REALMS, &request,
	    RMMD__ERROR_CODE__ERROR_ARGUMENT);
}
END_TEST

START_TEST(recs)
{
	Rmmd__RecsRequest request = RMMD__RECS_REQUEST__INIT;
	uint64_t rec = make_rec();
	Rmmd__Reply *reply;

	request.rd = pa;
	reply = ask(RMMD__REQUEST__BODY_RECS, &request);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_RECS);
	ck_assert_uint_eq(reply->recs->n_recs, 1);
	ck_assert_uint_eq(reply->recs->recs[0]->rec, rec);
	ck_assert_uint_eq(reply->recs->recs[0]->pc, 0x1234);
	ck_assert(reply->recs->recs[0]->runnable);
	ck_assert_uint_eq(reply->recs->recs[0]->n_aux, 16);
	ck_assert_uint_eq(
	    reply->recs->recs[0]->aux[15], rec + 16 * GRANULE_SIZE);
	peer_free(reply);
	request.rd = rec;
	fails(RMMD__REQUEST__BODY_RECS, &request,
	    RMMD__ERROR_CODE__ERROR_NOT_FOUND);
}
END_TEST

/* All runs, in pages of limit; returns how many granules they name. */
static uint64_t
sum_granules(char *state, uint32_t limit, size_t *runs)
{
	Rmmd__GranulesRequest request = RMMD__GRANULES_REQUEST__INIT;
	uint64_t count = 0, last = 0;
	Rmmd__Reply *reply;
	bool more = true;
	size_t i;

	request.state = state;
	request.has_limit = request.has_start = true;
	request.limit = limit;
	for (*runs = 0; more; *runs += i) {
		reply = ask(RMMD__REQUEST__BODY_GRANULES, &request);
		ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_GRANULES);
		ck_assert_uint_le(reply->granules->n_runs, limit);
		for (i = 0; i < reply->granules->n_runs; i++) {
			ck_assert_uint_gt(reply->granules->runs[i]->pa, last);
			last = reply->granules->runs[i]->pa;
			count += reply->granules->runs[i]->count;
		}
		more = reply->granules->has_next;
		request.start = reply->granules->next;
		peer_free(reply);
	}
	return count;
}

START_TEST(granules_by_pages)
{
	Rmmd__GranulesRequest request = RMMD__GRANULES_REQUEST__INIT;
	char rtt[] = "RTT", no[] = "undelegated", un[] = "UNDELEGATED";
	char delegated[] = "DELEGATED";
	uint64_t at;
	size_t runs;

	ck_assert_uint_eq(sum_granules(NULL, 1024, &runs), 5);
	ck_assert_uint_eq(runs, 5);
	ck_assert_uint_eq(sum_granules(NULL, 2, &runs), 5);
	ck_assert_uint_eq(sum_granules(rtt, 1, &runs), 3);
	ck_assert_uint_eq(sum_granules(un, 1, &runs), size / GRANULE_SIZE - 5);
	ck_assert_uint_eq(runs, 2);
	/* Neighbours that are alike are one run, on one page or many. */
	for (at = pa + 40 * GRANULE_SIZE; at < pa + 50 * GRANULE_SIZE;
	     at += GRANULE_SIZE)
		ck_assert_uint_eq(
		    peer_call(&host, NULL, RMI_FID_GRANULE_DELEGATE, 1, at), 0);
	ck_assert_uint_eq(sum_granules(delegated, 1, &runs), 10);
	ck_assert_uint_eq(runs, 1);
	request.state = no;
	fails(RMMD__REQUEST__BODY_GRANULES, &request,
	    RMMD__ERROR_CODE__ERROR_ARGUMENT);
}
END_TEST

START_TEST(tree_by_pages)
{
	Rmmd__RttRequest request = RMMD__RTT_REQUEST__INIT;
	Rmmd__Reply *reply;
	uint64_t entries = 0;
	size_t i, n = 0;
	bool more = true;

	request.rd = pa;
	request.has_ipa = request.has_limit = true;
	request.limit = 2;
	while (more) {
		reply = ask(RMMD__REQUEST__BODY_RTT, &request);
		ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_RTT);
		ck_assert_uint_le(reply->rtt->n_runs, 2);
		for (i = 0; i < reply->rtt->n_runs; i++, n++)
			entries += reply->rtt->runs[i]->count;
		more = reply->rtt->has_next_ipa;
		request.ipa = reply->rtt->next_ipa;
		request.has_level = reply->rtt->has_next_level;
		request.level = reply->rtt->next_level;
		peer_free(reply);
	}
	/* 4 GiB at level 1, and two whole tables below. */
	ck_assert_uint_eq(entries, 4 + 512 + 512);
	/*
	 * Level 1: table, 1 unassigned, 2 unprotected; level 2: table, 511;
	 * level 3: 1, DATA, 510.
	 */
	ck_assert_uint_eq(n, 8);
	request.level = 4;
	request.has_level = true;
	fails(RMMD__REQUEST__BODY_RTT, &request,
	    RMMD__ERROR_CODE__ERROR_ARGUMENT);
	request.level = 1;
	request.ipa = 1ull << 32;
	fails(RMMD__REQUEST__BODY_RTT, &request,
	    RMMD__ERROR_CODE__ERROR_ARGUMENT);
	request.rd = 0;
	fails(RMMD__REQUEST__BODY_RTT, &request,
	    RMMD__ERROR_CODE__ERROR_NOT_FOUND);
}
END_TEST

START_TEST(path_to_one_ipa)
{
	Rmmd__RttRequest request = RMMD__RTT_REQUEST__INIT;
	Rmmd__Reply *reply;
	Rmmd__RttRun *leaf;

	request.rd = pa;
	request.has_only_ipa = true;
	request.only_ipa = 0x1abc;
	reply = ask(RMMD__REQUEST__BODY_RTT, &request);
	ck_assert_uint_eq(reply->rtt->n_runs, 3);
	leaf = reply->rtt->runs[2];
	ck_assert_int_eq(reply->rtt->runs[0]->level, 1);
	ck_assert_str_eq(reply->rtt->runs[1]->state, "TABLE");
	ck_assert_int_eq(leaf->level, 3);
	ck_assert_uint_eq(leaf->ipa, 0x1000);
	ck_assert_uint_eq(leaf->count, 1);
	ck_assert_str_eq(leaf->state, "ASSIGNED");
	ck_assert_str_eq(leaf->ripas, "RAM");
	ck_assert_uint_eq(leaf->addr, pa + 4 * GRANULE_SIZE);
	peer_free(reply);
	request.only_ipa = 0x80000000;
	reply = ask(RMMD__REQUEST__BODY_RTT, &request);
	ck_assert_uint_eq(reply->rtt->n_runs, 1);
	ck_assert_uint_eq(reply->rtt->runs[0]->ipa, 0x80000000);
	ck_assert_ptr_null(reply->rtt->runs[0]->ripas);
	peer_free(reply);
}
END_TEST

START_TEST(rim_step_by_step)
{
	Rmmd__RimRequest request = RMMD__RIM_REQUEST__INIT;
	Rmmd__Reply *first, *rest;

	make_rec();
	ck_assert_uint_eq(peer_call(&host, NULL, RMI_FID_RTT_INIT_RIPAS, 3, pa,
			      0x2000ull, 0x4000ull),
	    0);
	request.rd = pa;
	request.has_limit = request.has_start = true;
	request.limit = 2;
	first = ask(RMMD__REQUEST__BODY_RIM, &request);
	ck_assert_int_eq(first->body_case, RMMD__REPLY__BODY_RIM);
	ck_assert_uint_eq(first->rim->steps_total, 5);
	ck_assert_uint_eq(first->rim->n_steps, 2);
	ck_assert(first->rim->has_next);
	ck_assert_uint_eq(first->rim->next, 2);
	ck_assert(!first->rim->has_dropped);
	ck_assert_str_eq(first->rim->steps[0]->kind, "INIT");
	ck_assert_str_eq(first->rim->steps[1]->kind, "DATA");
	ck_assert_uint_eq(first->rim->steps[1]->ipa, 0x1000);
	ck_assert_uint_eq(first->rim->steps[1]->flags, 1);
	ck_assert_uint_eq(first->rim->steps[1]->content.len, 32);
	request.start = 2;
	request.limit = 100;
	rest = ask(RMMD__REQUEST__BODY_RIM, &request);
	ck_assert_uint_eq(rest->rim->n_steps, 3);
	ck_assert(!rest->rim->has_next);
	ck_assert_str_eq(rest->rim->steps[0]->kind, "REC");
	ck_assert_str_eq(rest->rim->steps[2]->kind, "RIPAS");
	ck_assert_uint_eq(rest->rim->steps[2]->ipa, 0x3000);
	ck_assert_uint_eq(rest->rim->steps[2]->top, 0x4000);
	ck_assert(!rest->rim->steps[2]->has_content);
	/* The last step's value is the realm's. */
	ck_assert_uint_eq(rest->rim->rim.len, 32);
	ck_assert_mem_eq(
	    rest->rim->rim.data, rest->rim->steps[2]->rim.data, 32);
	ck_assert_mem_ne(
	    rest->rim->rim.data, first->rim->steps[1]->rim.data, 32);
	peer_free(first);
	peer_free(rest);
}
END_TEST

/* What it is made of is tests/unit/test-token.c's, and rmmctl's to verify. */
START_TEST(tokens)
{
	Rmmd__TokenRequest request = RMMD__TOKEN_REQUEST__INIT;
	Rmmd__Reply *reply, *again;
	uint8_t challenge[65] = { 1, 2, 3 };

	request.rd = pa;
	request.challenge.data = challenge;
	request.challenge.len = 64;
	reply = ask(RMMD__REQUEST__BODY_TOKEN, &request);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_TOKEN);
	ck_assert_uint_gt(reply->token->token.len, 500);
	/* Tag 399. */
	ck_assert_mem_eq(reply->token->token.data, "\xd9\x01\x8f\xa2", 4);
	challenge[63] = 1;
	again = ask(RMMD__REQUEST__BODY_TOKEN, &request);
	ck_assert_uint_eq(again->token->token.len, reply->token->token.len);
	ck_assert_mem_ne(again->token->token.data, reply->token->token.data,
	    reply->token->token.len);
	peer_free(again);
	peer_free(reply);
	request.challenge.len = 63;
	fails(RMMD__REQUEST__BODY_TOKEN, &request,
	    RMMD__ERROR_CODE__ERROR_ARGUMENT);
	request.challenge.len = 65;
	fails(RMMD__REQUEST__BODY_TOKEN, &request,
	    RMMD__ERROR_CODE__ERROR_ARGUMENT);
	request.challenge.len = 64;
	request.rd = pa + GRANULE_SIZE;
	fails(RMMD__REQUEST__BODY_TOKEN, &request,
	    RMMD__ERROR_CODE__ERROR_NOT_FOUND);
}
END_TEST

START_TEST(keys)
{
	Rmmd__AttestationRequest request = RMMD__ATTESTATION_REQUEST__INIT;
	Rmmd__Reply *reply = ask(RMMD__REQUEST__BODY_ATTESTATION, &request);
	static const char pem[] = "-----BEGIN PUBLIC KEY-----\n";
	static const char jwk[] = "{\"kty\":\"EC\",\"crv\":\"P-384\",";
	Rmmd__AttestationReply *got = reply->attestation;

	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_ATTESTATION);
	ck_assert_mem_eq(got->cpak_pem, pem, sizeof(pem) - 1);
	ck_assert_mem_eq(got->rak_pem, pem, sizeof(pem) - 1);
	ck_assert_mem_eq(got->cpak_jwk, jwk, sizeof(jwk) - 1);
	ck_assert_mem_eq(got->rak_jwk, jwk, sizeof(jwk) - 1);
	ck_assert_str_ne(got->cpak_pem, got->rak_pem);
	ck_assert_str_ne(got->cpak_jwk, got->rak_jwk);
	peer_free(reply);
}
END_TEST

/* A fresh machine; the connections and the lease stay. */
START_TEST(reset)
{
	Rmmd__ResetRequest request = RMMD__RESET_REQUEST__INIT;
	Rmmd__RealmsRequest realms = RMMD__REALMS_REQUEST__INIT;
	Rmmd__RimRequest rim = RMMD__RIM_REQUEST__INIT;
	Rmmd__Reply *reply;
	size_t runs;

	memory[pa - base + 3 * GRANULE_SIZE] = 1;
	reply = ask(RMMD__REQUEST__BODY_RESET, &request);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_RESET);
	peer_free(reply);
	ck_assert_uint_eq(sum_granules(NULL, 100, &runs), 0);
	ck_assert_uint_eq(memory[pa - base + 3 * GRANULE_SIZE], 0);
	reply = ask(RMMD__REQUEST__BODY_REALMS, &realms);
	ck_assert_uint_eq(reply->realms->n_realms, 0);
	peer_free(reply);
	rim.rd = pa;
	fails(RMMD__REQUEST__BODY_RIM, &rim, RMMD__ERROR_CODE__ERROR_NOT_FOUND);
	/* The lease is still ours: what it covers is not given out. */
	ck_assert_uint_ne(peer_lease(&host, 64 * GRANULE_SIZE), pa);
	peer_populate(&host, memory, base, pa);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("control");
	TCase *tcase = tcase_create("requests");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, status_counts);
	tcase_add_test(tcase, realms_by_pages);
	tcase_add_test(tcase, recs);
	tcase_add_test(tcase, granules_by_pages);
	tcase_add_test(tcase, tree_by_pages);
	tcase_add_test(tcase, path_to_one_ipa);
	tcase_add_test(tcase, rim_step_by_step);
	tcase_add_test(tcase, tokens);
	tcase_add_test(tcase, keys);
	tcase_add_test(tcase, reset);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
