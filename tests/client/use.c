/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * librmmclient's batches, signals, forks and memory, with a daemon that follows
 * a script.
 */
#include "config.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake.h"
#include "rmi.h"

/* ---- Batches ----------------------------------------------------------- */

#define STEPS 10

struct batches {
	size_t sizes[STEPS]; /* calls in each message */
	size_t messages;
	uint64_t fail_at; /* the X1 that fails; none if 0 */
	size_t too_many;  /* answers given beyond those due */
	bool go_on_after_failure;
	size_t longest_call; /* registers sent */
};

static size_t
fill_answers(const struct batches *b, const Rmmd__Batch *batch,
    Rmmd__Answer *answers, Rmmd__Answer **index, uint64_t (*x)[2])
{
	size_t n = 0;

	for (size_t i = 0; i < batch->n_calls + b->too_many; i++) {
		uint64_t x1 = i < batch->n_calls ? batch->calls[i]->x[1] : 999;

		rmmd__answer__init(&answers[n]);
		x[n][0] = b->fail_at != 0 && x1 == b->fail_at;
		x[n][1] = x1 + 1000;
		answers[n].x = x[n];
		answers[n].n_x = 2;
		if (x[n][0] != 0)
			answers[n].condition = (char *)(uintptr_t) "data_state";
		index[n] = &answers[n];
		n++;
		if (x[n - 1][0] != 0 && !b->go_on_after_failure)
			break;
	}
	return n;
}

static void
answer_batches(struct fake *fake)
{
	struct batches *b = fake->arg;
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__BatchReply body = RMMD__BATCH_REPLY__INIT;
	Rmmd__Answer answers[STEPS * 2], *index[STEPS * 2];
	uint64_t x[STEPS * 2][2];
	Rmmd__Request *request;

	reply.body_case = RMMD__REPLY__BODY_BATCH;
	reply.batch = &body;
	body.answers = index;
	while ((request = fake_read(fake)) != NULL) {
		ck_assert_int_eq(request->body_case, RMMD__REQUEST__BODY_BATCH);
		ck_assert_uint_lt(b->messages, STEPS);
		b->sizes[b->messages++] = request->batch->n_calls;
		for (size_t i = 0; i < request->batch->n_calls; i++) {
			if (request->batch->calls[i]->n_x > b->longest_call)
				b->longest_call = request->batch->calls[i]->n_x;
		}
		body.n_answers =
		    fill_answers(b, request->batch, answers, index, x);
		reply.id = request->id;
		fake_send(fake, &reply, -1);
		rmmd__request__free_unpacked(request, NULL);
	}
}

static int
run_batch(struct batches *b, struct rmmclient_step *steps, size_t *executed,
    struct rmmclient_reason *reason)
{
	struct fake fake = { .max_batch = 4 };
	struct rmmclient *client;
	int rc;

	for (unsigned i = 0; i < STEPS; i++) {
		memset(&steps[i], 0, sizeof steps[i]);
		steps[i].x[0] = RMI_FID_FEATURES;
		steps[i].x[1] = i + 1;
	}
	fake_start(&fake, answer_batches, b);
	client = fake_client(&fake);
	rc = rmmclient_batch(client, 0, steps, STEPS, executed, reason);
	rmmclient_close(client);
	fake_stop(&fake);
	return rc;
}

START_TEST(batch_is_split)
{
	struct rmmclient_step steps[STEPS];
	struct batches b = { 0 };
	size_t executed;

	ck_assert_int_eq(run_batch(&b, steps, &executed, NULL), STEPS);
	ck_assert_uint_eq(executed, STEPS);
	ck_assert_uint_eq(b.messages, 3);
	ck_assert_uint_eq(b.sizes[0], 4);
	ck_assert_uint_eq(b.sizes[1], 4);
	ck_assert_uint_eq(b.sizes[2], 2);
	/* X2 and up are zero and not sent. */
	ck_assert_uint_eq(b.longest_call, 2);
	for (unsigned i = 0; i < STEPS; i++) {
		ck_assert_uint_eq(steps[i].x[0], 0);
		ck_assert_uint_eq(steps[i].x[1], i + 1 + 1000);
	}
}
END_TEST

/* The sixth fails: the second message is the last, the rest is untouched. */
START_TEST(batch_stops_at_first_failure)
{
	struct rmmclient_step steps[STEPS];
	struct batches b = { .fail_at = (uint64_t)_i };
	struct rmmclient_reason reason;
	size_t executed;

	ck_assert_int_eq(run_batch(&b, steps, &executed, &reason), _i);
	ck_assert_uint_eq(executed, (size_t)_i);
	ck_assert_uint_eq(b.messages, (size_t)(_i + 3) / 4);
	ck_assert_uint_eq(steps[_i - 1].x[0], 1);
	ck_assert_str_eq(reason.condition, "data_state");
	ck_assert_str_eq(rmmclient_last_reason()->condition, "data_state");
	if (_i < STEPS)
		ck_assert_uint_eq(steps[_i].x[0], RMI_FID_FEATURES);
}
END_TEST

START_TEST(batch_answers_are_judged)
{
	struct rmmclient_step steps[STEPS];
	struct batches b = { .too_many = _i == 0,
		.fail_at = _i == 0 ? 0 : 6,
		.go_on_after_failure = _i == 1 };
	size_t executed;

	ck_assert_int_eq(run_batch(&b, steps, &executed, NULL), -EPROTO);
	ck_assert_uint_eq(executed, _i == 0 ? 0 : 4);
}
END_TEST

/* ---- Signals and forks ------------------------------------------------- */

static atomic_uint interrupted, answered;

static void
on_signal(int sig)
{
	(void)sig;
}

#define HEAVY_STEPS 120

/* A request that is one piece to the kernel and fills its queue quickly. */
static void *
heavy_caller(void *arg)
{
	struct rmmclient_step steps[HEAVY_STEPS];
	int rc;

	for (unsigned i = 0; i < HEAVY_STEPS; i++)
		memset(&steps[i], 0x11, sizeof steps[i]);
	rc = rmmclient_batch(arg, 0, steps, HEAVY_STEPS, NULL, NULL);
	if (rc == -EINTR)
		atomic_fetch_add(&interrupted, 1);
	else if (rc == 1 && steps[0].x[0] == 7)
		atomic_fetch_add(&answered, 1);
	return NULL;
}

struct gate {
	pthread_mutex_t closed; /* while the daemon does not read */
	unsigned requests;
};

static void
read_late(struct fake *fake)
{
	struct gate *gate = fake->arg;
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__BatchReply body = RMMD__BATCH_REPLY__INIT;
	Rmmd__Answer answer = RMMD__ANSWER__INIT, *index = &answer;
	uint64_t x = 7;
	Rmmd__Request *request;

	answer.x = &x;
	answer.n_x = 1;
	body.answers = &index;
	body.n_answers = 1;
	reply.body_case = RMMD__REPLY__BODY_BATCH;
	reply.batch = &body;
	pthread_mutex_lock(&gate->closed);
	pthread_mutex_unlock(&gate->closed);
	while ((request = fake_read(fake)) != NULL) {
		gate->requests++;
		reply.id = request->id;
		fake_send(fake, &reply, -1);
		rmmd__request__free_unpacked(request, NULL);
	}
}

/*
 * The daemon does not read, so that senders block.  Signals end the calls that
 * were not sent, and those alone: every other one is received and answered.
 */
START_TEST(signals)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct gate gate = { PTHREAD_MUTEX_INITIALIZER, 0 };
	struct fake fake = { 0 };
	struct rmmclient *client;
	pthread_t *threads;
	socklen_t len = sizeof(int);
	int room, n, s = socket(AF_UNIX, SOCK_STREAM, 0);

	ck_assert_int_eq(getsockopt(s, SOL_SOCKET, SO_SNDBUF, &room, &len), 0);
	close(s);
	n = room / (HEAVY_STEPS * 18 * 8) + 8;
	threads = calloc((size_t)n, sizeof *threads);
	sigaction(SIGUSR1, &sa, NULL);
	pthread_mutex_lock(&gate.closed);
	fake_start(&fake, read_late, &gate);
	client = fake_client(&fake);
	for (int i = 0; i < n; i++)
		pthread_create(&threads[i], NULL, heavy_caller, client);
	while (atomic_load(&interrupted) < 3) {
		for (int i = 0; i < n; i++)
			pthread_kill(threads[i], SIGUSR1);
		usleep(1000);
	}
	pthread_mutex_unlock(&gate.closed);
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	rmmclient_close(client);
	fake_stop(&fake);
	ck_assert_uint_gt(answered, 0);
	ck_assert_uint_eq(answered + interrupted, (unsigned)n);
	ck_assert_uint_eq(gate.requests, answered);
	free(threads);
}
END_TEST

START_TEST(fork_protection)
{
	struct fake fake = { 0 };
	struct rmmclient *client;
	uint64_t out;
	pid_t pid;
	int status;

	fake_start(&fake, fake_obey, NULL);
	client = fake_client(&fake);
	ck_assert_int_eq(fake_call(client, 1, &out), 0);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		int rc = fake_call(client, 2, NULL);

		rmmclient_close(client);
		_exit(rc == -EBADF ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	/* The parent's connection has come to no harm. */
	ck_assert_int_eq(fake_call(client, 3, &out), 0);
	ck_assert_uint_eq(out, 1003);
	rmmclient_close(client);
	fake_stop(&fake);
}
END_TEST

/* ---- Memory ------------------------------------------------------------ */

enum file { FILE_GOOD, FILE_SHORT, FILE_DEVICE, FILE_NONE };

static int
make_file(enum file kind)
{
	int pair[2], fd;

	switch (kind) {
	case FILE_NONE:
		return -1;
	case FILE_DEVICE:
		ck_assert_int_eq(pipe(pair), 0);
		close(pair[1]);
		return pair[0];
	default:
		fd = memfd_create("fake", MFD_CLOEXEC);
		ck_assert_int_eq(
		    ftruncate(fd, kind == FILE_GOOD ? 0x3000 : 0x2000), 0);
		return fd;
	}
}

static void
tell_memory(struct fake *fake)
{
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__MemoryReply memory = RMMD__MEMORY_REPLY__INIT;
	Rmmd__Bank high = RMMD__BANK__INIT, low = RMMD__BANK__INIT;
	Rmmd__Bank *banks[] = { &high, &low };
	Rmmd__Request *request = fake_read(fake);
	int fd = make_file(*(enum file *)fake->arg);

	high.pa = 0x90000000, high.size = 0x1000;
	high.kind = low.kind = RMMD__BANK_KIND__BANK_DRAM;
	high.has_offset = 1, high.offset = 0x2000;
	low.pa = 0x80000000, low.size = 0x2000;
	memory.banks = banks;
	memory.n_banks = 2;
	reply.id = request->id;
	reply.body_case = RMMD__REPLY__BODY_MEMORY;
	reply.memory = &memory;
	fake_send(fake, &reply, fd);
	if (fd != -1)
		close(fd);
	rmmd__request__free_unpacked(request, NULL);
	fake_obey(fake);
}

START_TEST(memory)
{
	enum file kind = FILE_GOOD;
	struct fake fake = { 0 };
	struct rmmclient *client;
	const struct rmmclient_bank *banks;
	uint8_t byte = 0x5a;
	size_t n;
	char *p;

	fake_start(&fake, tell_memory, &kind);
	client = fake_client(&fake);
	banks = rmmclient_banks(client, &n);
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(banks[0].base, 0x80000000);
	ck_assert_uint_eq(banks[1].base, 0x90000000);
	ck_assert_int_eq(rmmclient_offset(client, 0x90000004), 0x2004);
	ck_assert_int_eq(rmmclient_offset(client, 0x80002000), -EFAULT);
	p = rmmclient_map(client, 0x90000000, 0x1000);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(
	    pwrite(rmmclient_memory_fd(client), &byte, 1, 0x2007), 1);
	ck_assert_int_eq(p[7], byte);
	/* The same place again, and nothing beyond a bank. */
	ck_assert_ptr_eq(rmmclient_map(client, 0x90000007, 1), p + 7);
	ck_assert_ptr_null(rmmclient_map(client, 0x90000000, 0x1001));
	ck_assert_int_eq(errno, EFAULT);
	ck_assert_ptr_null(rmmclient_map(client, 0x80001000, UINT64_MAX));
	ck_assert_ptr_null(rmmclient_map(client, 0x70000000, 1));
	rmmclient_close(client);
	fake_stop(&fake);
}
END_TEST

/* Memory that is not what it is said to be would end in a SIGBUS. */
START_TEST(memory_that_is_not_there)
{
	enum file kind = (enum file)_i;
	struct fake fake = { 0 };
	struct rmmclient *client;
	size_t n = 5;

	fake_start(&fake, tell_memory, &kind);
	client = fake_client(&fake);
	ck_assert_ptr_null(rmmclient_banks(client, &n));
	ck_assert_int_eq(errno, EPROTO);
	ck_assert_uint_eq(n, 0);
	rmmclient_close(client);
	fake_stop(&fake);
}
END_TEST

static unsigned
open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	if (dir == NULL)
		return 0;
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static void
pass_to_callers(struct fake *fake)
{
	Rmmd__Request *request;

	while ((request = fake_read(fake)) != NULL) {
		Rmmd__Reply reply = RMMD__REPLY__INIT;
		Rmmd__Answer answer = RMMD__ANSWER__INIT;

		reply.id = request->id;
		reply.body_case = RMMD__REPLY__BODY_ANSWER;
		reply.answer = &answer;
		fake_send(fake, &reply, STDERR_FILENO);
		rmmd__request__free_unpacked(request, NULL);
	}
}

START_TEST(unwanted_descriptors_are_closed)
{
	struct fake fake = { 0 };
	struct rmmclient *client;
	unsigned before;

	fake_start(&fake, pass_to_callers, NULL);
	client = fake_client(&fake);
	before = open_files();
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(fake_call(client, 1, NULL), 0);
	ck_assert_uint_eq(open_files(), before);
	rmmclient_close(client);
	fake_stop(&fake);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("librmmclient");
	TCase *t = tcase_create("use");
	SRunner *runner;
	int failed;

	tcase_set_timeout(t, 120);
	tcase_add_test(t, batch_is_split);
	tcase_add_loop_test(t, batch_stops_at_first_failure, 1, STEPS + 1);
	tcase_add_loop_test(t, batch_answers_are_judged, 0, 2);
	tcase_add_test(t, signals);
	tcase_add_test(t, fork_protection);
	tcase_add_test(t, memory);
	tcase_add_loop_test(
	    t, memory_that_is_not_there, FILE_SHORT, FILE_NONE + 1);
	tcase_add_test(t, unwanted_descriptors_are_closed);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
