/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The host's role: calls, batches, memory, leases, and that no byte of realm
 * memory comes out of it.
 */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"

static void
add_call(Rmmd__Call *call, uint64_t x[SMC_REGS], uint64_t fid, uint64_t x1)
{
	rmmd__call__init(call);
	memset(x, 0, SMC_REGS * sizeof(*x));
	x[0] = fid;
	x[1] = x1;
	call->x = x;
	call->n_x = 2;
}

START_TEST(calls_of_any_function)
{
	struct peer peer = peer_open(false);
	uint64_t x[SMC_REGS];

	ck_assert_uint_eq(
	    peer_call(&peer, x, 0xdeadbeef, 0), SMC_NOT_SUPPORTED);
	ck_assert_uint_eq(peer_call(&peer, x, RMI_FID_FEATURES, 1, 0ull), 0);
	ck_assert_uint_ne(x[1], 0);
	peer_close(&peer);
}
END_TEST

/* A failure carries its condition and a sentence. */
START_TEST(failures_say_why)
{
	struct peer peer = peer_open(false);
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Call call;
	uint64_t x[SMC_REGS];
	Rmmd__Reply *reply;

	add_call(&call, x, RMI_FID_GRANULE_DELEGATE, 0x80000001);
	request.id = 11;
	request.body_case = RMMD__REQUEST__BODY_CALL;
	request.call = &call;
	reply = peer_ask(&peer, &request);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_ANSWER);
	ck_assert_uint_eq(reply->answer->x[0], RMI_ERROR_INPUT);
	ck_assert_str_eq(reply->answer->condition, "gran_align");
	ck_assert_ptr_nonnull(reply->answer->why);
	peer_free(reply);
	peer_close(&peer);
}
END_TEST

START_TEST(too_many_registers)
{
	struct peer peer = peer_open(false);
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Call call = RMMD__CALL__INIT;
	uint64_t x[SMC_REGS + 1] = { RMI_FID_FEATURES };

	call.x = x;
	call.n_x = SMC_REGS;
	request.id = 11;
	request.body_case = RMMD__REQUEST__BODY_CALL;
	request.call = &call;
	peer_free(peer_ask(&peer, &request));
	call.n_x = SMC_REGS + 1;
	peer_send(&peer, &request);
	peer_expect_error(&peer, RMMD__ERROR_CODE__ERROR_PROTOCOL, true);
	peer_close(&peer);
}
END_TEST

static Rmmd__Reply *
ask_batch(struct peer *peer, Rmmd__Call *calls, size_t num)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Batch batch = RMMD__BATCH__INIT;
	Rmmd__Call **pointers = calloc(num + 1, sizeof(*pointers));
	Rmmd__Reply *reply;
	size_t i;

	ck_assert_ptr_nonnull(pointers);
	for (i = 0; i < num; i++)
		pointers[i] = &calls[i];
	batch.n_calls = num;
	batch.calls = pointers;
	request.id = 12;
	request.body_case = RMMD__REQUEST__BODY_BATCH;
	request.batch = &batch;
	peer_send(peer, &request);
	reply = peer_receive(peer);
	free(pointers);
	ck_assert_ptr_nonnull(reply);
	return reply;
}

/* The first failure is the last call that was made. */
START_TEST(batch_stops_at_a_failure)
{
	struct peer peer = peer_open(false);
	uint64_t pa = peer_lease(&peer, 4 * GRANULE_SIZE), x[4][SMC_REGS];
	Rmmd__Call calls[4];
	Rmmd__Reply *reply;
	size_t i;

	ck_assert_uint_ne(pa, 0);
	for (i = 0; i < 4; i++)
		add_call(&calls[i], x[i], RMI_FID_GRANULE_DELEGATE,
		    pa + i * GRANULE_SIZE);
	x[2][1] = pa; /* delegated already */
	reply = ask_batch(&peer, calls, 4);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_BATCH);
	ck_assert_uint_eq(reply->batch->n_answers, 3);
	ck_assert_uint_eq(reply->batch->answers[1]->n_x, 0);
	ck_assert_ptr_null(reply->batch->answers[1]->condition);
	ck_assert_uint_eq(reply->batch->answers[2]->x[0], RMI_ERROR_INPUT);
	ck_assert_str_eq(reply->batch->answers[2]->condition, "gran_state");
	peer_free(reply);
	/* The fourth was not: it is still to be delegated. */
	ck_assert_uint_eq(peer_call(&peer, NULL, RMI_FID_GRANULE_UNDELEGATE, 1,
			      pa + 3 * GRANULE_SIZE),
	    RMI_ERROR_INPUT);

	reply = ask_batch(&peer, calls, 0);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_BATCH);
	ck_assert_uint_eq(reply->batch->n_answers, 0);
	peer_free(reply);
	peer_close(&peer);
}
END_TEST

START_TEST(batch_is_bounded)
{
	static Rmmd__Call calls[WIRE_MAX_BATCH + 1];
	static uint64_t x[SMC_REGS];
	struct peer peer = peer_open(false);
	Rmmd__Reply *reply;
	size_t i;

	for (i = 0; i <= WIRE_MAX_BATCH; i++)
		add_call(&calls[i], x, RMI_FID_FEATURES, 0);
	reply = ask_batch(&peer, calls, WIRE_MAX_BATCH);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_BATCH);
	ck_assert_uint_eq(reply->batch->n_answers, WIRE_MAX_BATCH);
	ck_assert_uint_ne(reply->batch->answers[WIRE_MAX_BATCH - 1]->x[1], 0);
	peer_free(reply);
	reply = ask_batch(&peer, calls, WIRE_MAX_BATCH + 1);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_ERROR);
	peer_free(reply);
	ck_assert_ptr_null(peer_receive(&peer));
	peer_close(&peer);
}
END_TEST

/* The file can not be cut short under the daemon's feet, nor grow. */
START_TEST(memory_is_sealed_and_shared)
{
	struct peer one = peer_open(false), two = peer_open(false);
	uint64_t base, size, pa;
	uint8_t *a, *b;
	struct stat st;
	int file;

	a = peer_map(&one, &base, &size, &file);
	b = peer_map(&two, &base, &size, NULL);
	ck_assert_int_eq(fstat(file, &st), 0);
	ck_assert_int_ne(ftruncate(file, 0), 0);
	ck_assert_int_ne(ftruncate(file, st.st_size + 4096), 0);
	ck_assert_int_ne(fcntl(file, F_ADD_SEALS, F_SEAL_WRITE), 0);
	ck_assert_int_eq(fcntl(file, F_GET_SEALS),
	    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	pa = peer_lease(&one, GRANULE_SIZE);
	memcpy(a + (pa - base), "shared", 7);
	ck_assert_str_eq((char *)b + (pa - base), "shared");
	/* A delegated granule has left the Non-secure view. */
	ck_assert_uint_eq(
	    peer_call(&one, NULL, RMI_FID_GRANULE_DELEGATE, 1, pa), 0);
	ck_assert_uint_eq(b[pa - base], 0);
	munmap(a, size);
	munmap(b, size);
	peer_close(&one);
	peer_close(&two);
}
END_TEST

/* ---- Leases ------------------------------------------------------------ */

static Rmmd__Reply *
ask_lease(struct peer *peer, uint64_t size, uint64_t align, uint64_t pa)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__LeaseRequest lease = RMMD__LEASE_REQUEST__INIT;

	lease.size = size;
	lease.has_align = align != 0;
	lease.align = align;
	lease.has_pa = pa != 0;
	lease.pa = pa;
	request.id = 13;
	request.body_case = RMMD__REQUEST__BODY_LEASE;
	request.lease = &lease;
	return peer_ask(peer, &request);
}

static void
lease_fails(struct peer *peer, uint64_t size, uint64_t align, uint64_t pa,
    Rmmd__ErrorCode code)
{
	Rmmd__Reply *reply = ask_lease(peer, size, align, pa);

	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_ERROR);
	ck_assert_int_eq(reply->error->code, code);
	peer_free(reply);
}

static Rmmd__Reply *
ask_release(struct peer *peer, uint64_t pa)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__ReleaseRequest release = RMMD__RELEASE_REQUEST__INIT;

	release.pa = pa;
	request.id = 14;
	request.body_case = RMMD__REQUEST__BODY_RELEASE;
	request.release = &release;
	return peer_ask(peer, &request);
}

START_TEST(leases_do_not_overlap)
{
	struct peer one = peer_open(false), two = peer_open(false);
	uint64_t a = peer_lease(&one, 16 * GRANULE_SIZE);
	uint64_t b = peer_lease(&two, 16 * GRANULE_SIZE);
	Rmmd__Reply *reply;

	ck_assert_uint_ne(a, 0);
	ck_assert(b >= a + 16 * GRANULE_SIZE || b + 16 * GRANULE_SIZE <= a);
	lease_fails(&two, GRANULE_SIZE, 0, a + 15 * GRANULE_SIZE,
	    RMMD__ERROR_CODE__ERROR_BUSY);
	reply = ask_lease(&one, GRANULE_SIZE, 2u << 20, 0);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_LEASE);
	ck_assert_uint_eq(reply->lease->pa % (2u << 20), 0);
	peer_free(reply);
	/* Another's lease is not ours to release. */
	reply = ask_release(&two, a);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_ERROR);
	ck_assert_int_eq(reply->error->code, RMMD__ERROR_CODE__ERROR_NOT_FOUND);
	peer_free(reply);
	reply = ask_release(&one, a);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_RELEASE);
	ck_assert_uint_eq(reply->release->still_held, 0);
	peer_free(reply);
	reply = ask_lease(&two, 16 * GRANULE_SIZE, 0, a);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_LEASE);
	peer_free(reply);
	peer_close(&one);
	peer_close(&two);
}
END_TEST

START_TEST(lease_arguments)
{
	const Rmmd__ErrorCode argument = RMMD__ERROR_CODE__ERROR_ARGUMENT;
	struct peer peer = peer_open(false);

	lease_fails(&peer, 0, 0, 0, argument);
	lease_fails(&peer, 4095, 0, 0, argument);
	lease_fails(&peer, 4096, 2048, 0, argument);
	lease_fails(&peer, 4096, 12288, 0, argument);
	lease_fails(&peer, 4096, 8192, 0x80001000, argument);
	lease_fails(&peer, 4096, 0, 0x80000800, argument);
	lease_fails(&peer, 4096, 0, 0x1000, argument);
	lease_fails(&peer, UINT64_MAX - 4095, 0, 0x80000000, argument);
	lease_fails(&peer, UINT64_MAX - 4095, 1ull << 63, 0,
	    RMMD__ERROR_CODE__ERROR_NO_MEMORY);
	lease_fails(&peer, 1ull << 60, 0, 0, RMMD__ERROR_CODE__ERROR_NO_MEMORY);
	peer_close(&peer);
}
END_TEST

/* What is not UNDELEGATED, for whatever reason, is not given out. */
START_TEST(lease_avoids_what_is_in_use)
{
	struct peer one = peer_open(false), two = peer_open(false);
	uint64_t a = peer_lease(&one, 4 * GRANULE_SIZE), b;
	Rmmd__Reply *reply;

	reply = ask_release(&one, a);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_RELEASE);
	peer_free(reply);
	/* Outside any lease: stays behind, as on a real machine. */
	ck_assert_uint_eq(peer_call(&one, NULL, RMI_FID_GRANULE_DELEGATE, 1,
			      a + GRANULE_SIZE),
	    0);
	peer_close(&one);
	b = peer_lease(&two, 4 * GRANULE_SIZE);
	ck_assert(b > a + GRANULE_SIZE || b + 4 * GRANULE_SIZE <= a);
	ck_assert_uint_eq(peer_call(&two, NULL, RMI_FID_GRANULE_UNDELEGATE, 1,
			      a + GRANULE_SIZE),
	    0);
	peer_close(&two);
}
END_TEST

static uint64_t
count_granules(struct peer *control)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__StatusRequest status = RMMD__STATUS_REQUEST__INIT;
	Rmmd__Reply *reply;
	uint64_t count = 0;
	size_t i;

	request.id = 15;
	request.body_case = RMMD__REQUEST__BODY_STATUS;
	request.status = &status;
	reply = peer_ask(control, &request);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_STATUS);
	for (i = 0; i < reply->status->n_granules; i++)
		count += reply->status->granules[i]->count;
	count += reply->status->n_leases;
	peer_free(reply);
	return count;
}

/* A client that dies in the middle: its realm goes, its memory comes back. */
START_TEST(sigkill_gives_memory_back)
{
	struct peer control = peer_open(true), next;
	uint64_t base, size, pa;
	int ends[2], status;
	uint8_t *memory;
	char byte;
	pid_t pid;

	ck_assert_uint_eq(count_granules(&control), 0);
	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		next = peer_open(false);
		memory = peer_map(&next, &base, &size, NULL);
		pa = peer_lease(&next, 64 * GRANULE_SIZE);
		peer_populate(&next, memory, base, pa);
		peer_send_bytes(
		    &next, "\016\0\0\0\010", 5); /* and half a call */
		if (write(ends[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	/* RD, RTT three times, DATA, and one lease. */
	ck_assert_uint_eq(count_granules(&control), 6);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	while (count_granules(&control) != 0)
		continue; /* until the daemon has seen it: else a timeout */
	next = peer_open(false);
	memory = peer_map(&next, &base, &size, NULL);
	pa = peer_lease(&next, size);
	ck_assert_uint_eq(pa, base);
	peer_populate(&next, memory, base, pa);
	munmap(memory, size);
	peer_close(&next);
	peer_close(&control);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

/* ---- Secrets ----------------------------------------------------------- */

static const char secret[] = "5b2c-the-realm-keeps-this-to-itself-91fe";

/* Look for the secret in whatever the file holds. */
static bool
file_holds_secret(int file, const uint8_t *map, off_t size)
{
	off_t at = 0, end;

	while (at < size) {
		at = lseek(file, at, SEEK_DATA);
		if (at < 0)
			return false;
		end = lseek(file, at, SEEK_HOLE);
		ck_assert_int_gt(end, at);
		if (memmem(map + at, (size_t)(end - at), secret,
			sizeof(secret) - 1) != NULL)
			return true;
		at = end;
	}
	return false;
}

START_TEST(realm_memory_stays_in_the_realm)
{
	struct peer peer = peer_open(false);
	uint64_t base, size, pa, src, data;
	uint8_t *memory;
	int file;

	memory = peer_map(&peer, &base, &size, &file);
	pa = peer_lease(&peer, 64 * GRANULE_SIZE);
	src = pa + 3 * GRANULE_SIZE;
	data = pa + 4 * GRANULE_SIZE;
	strcpy((char *)memory + (src - base) + 100, secret);
	/* Before: it is there, so the search can find it. */
	ck_assert(file_holds_secret(file, memory, (off_t)size));
	peer_populate(&peer, memory, base, pa);
	memset(memory + (src - base), 0, GRANULE_SIZE);
	ck_assert(!file_holds_secret(file, memory, (off_t)size));
	/* The host writes to, and reads from, where the granule was. */
	memset(memory + (data - base), 0x55, 1);
	ck_assert(!file_holds_secret(file, memory, (off_t)size));
	ck_assert_uint_eq(
	    peer_call(&peer, NULL, RMI_FID_REALM_ACTIVATE, 1, pa), 0);
	ck_assert(!file_holds_secret(file, memory, (off_t)size));
	/* No command takes it for a source. */
	ck_assert_uint_eq(
	    peer_call(&peer, NULL, RMI_FID_REALM_CREATE, 2, pa, data),
	    RMI_ERROR_INPUT);
	ck_assert_uint_eq(
	    peer_call(&peer, NULL, RMI_FID_GRANULE_UNDELEGATE, 1, data),
	    RMI_ERROR_INPUT);
	/* After: destroyed, it is empty, and so it comes back. */
	ck_assert_uint_eq(
	    peer_call(&peer, NULL, RMI_FID_DATA_DESTROY, 2, pa, 0x1000ull), 0);
	ck_assert(!file_holds_secret(file, memory, (off_t)size));
	ck_assert_uint_eq(
	    peer_call(&peer, NULL, RMI_FID_GRANULE_UNDELEGATE, 1, data), 0);
	ck_assert(!file_holds_secret(file, memory, (off_t)size));
	ck_assert_uint_eq(memory[data - base], 0);
	munmap(memory, size);
	peer_close(&peer);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("host");
	TCase *tcase = tcase_create("requests");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, calls_of_any_function);
	tcase_add_test(tcase, failures_say_why);
	tcase_add_test(tcase, too_many_registers);
	tcase_add_test(tcase, batch_stops_at_a_failure);
	tcase_add_test(tcase, batch_is_bounded);
	tcase_add_test(tcase, memory_is_sealed_and_shared);
	tcase_add_test(tcase, leases_do_not_overlap);
	tcase_add_test(tcase, lease_arguments);
	tcase_add_test(tcase, lease_avoids_what_is_in_use);
	tcase_add_test(tcase, sigkill_gives_memory_back);
	tcase_add_test(tcase, realm_memory_stays_in_the_realm);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
