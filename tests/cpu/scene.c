/* SPDX-License-Identifier: BSD-3-Clause */
/* A host, a realm and processors. */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "esr.h"
#include "processor.h"
#include "scene.h"

#define ENTER_ID 5000 /* and the REC's number */

/* Granules of the lease; the first three are peer_make_realm()'s. */
enum {
	SRC = 3,
	RTT2,
	RTT3,
	UNPROT_RTT2,
	UNPROT_RTT3,
	CODE,
	DATA,
	NS,
	REC,
	RUN = REC + SCENE_RECS,
	AUX = RUN + SCENE_RECS,
	GRANULES = AUX + SCENE_RECS * RMI_REC_AUX_MAX,
};

static uint64_t
granule(const struct scene *s, unsigned n)
{
	return s->pa + n * (uint64_t)GRANULE_SIZE;
}

static void *
at(const struct scene *s, uint64_t pa)
{
	return s->memory + (pa - s->base);
}

static void
call(struct scene *s, uint32_t fid, uint64_t a, uint64_t b, uint64_t c,
    uint64_t d, uint64_t e)
{
	ck_assert_uint_eq(
	    peer_call(&s->host, NULL, fid, 5, a, b, c, d, e), RMI_SUCCESS);
}

static void
delegate(struct scene *s, uint64_t pa)
{
	call(s, RMI_FID_GRANULE_DELEGATE, pa, 0, 0, 0, 0);
}

/* ---- Making it ---------------------------------------------------------- */

static void
make_tables(struct scene *s)
{
	for (unsigned n = RTT2; n <= UNPROT_RTT3; n++)
		delegate(s, granule(s, n));
	call(s, RMI_FID_RTT_CREATE, s->pa, granule(s, RTT2), 0, 2, 0);
	call(s, RMI_FID_RTT_CREATE, s->pa, granule(s, RTT3), 0, 3, 0);
	call(s, RMI_FID_RTT_CREATE, s->pa, granule(s, UNPROT_RTT2),
	    SCENE_UNPROT, 2, 0);
	call(s, RMI_FID_RTT_CREATE, s->pa, granule(s, UNPROT_RTT3), SCENE_NS, 3,
	    0);
}

static void
make_data(struct scene *s, const struct image *images, size_t num_images,
    uint64_t word)
{
	uint8_t *src = at(s, granule(s, SRC));

	memset(src, 0, GRANULE_SIZE);
	for (size_t i = 0; i < num_images; i++)
		memcpy(src + images[i].offset, images[i].code, images[i].size);
	delegate(s, granule(s, CODE));
	call(s, RMI_FID_DATA_CREATE, s->pa, granule(s, CODE), SCENE_CODE,
	    granule(s, SRC), RMI_MEASURE_CONTENT);
	memset(src, 0, GRANULE_SIZE);
	memcpy(src, &word, sizeof(word));
	s->data_pa = granule(s, DATA);
	delegate(s, s->data_pa);
	call(s, RMI_FID_DATA_CREATE, s->pa, s->data_pa, SCENE_DATA,
	    granule(s, SRC), 0);
}

/* Where in the Non-secure page. */
static uint64_t
sign_at(unsigned n)
{
	return 64 * (n + 1);
}

static void
make_rec(struct scene *s, unsigned n, uint64_t x0)
{
	struct rmi_rec_params *params;
	uint64_t out[SMC_REGS];

	s->rec[n] = granule(s, REC + n);
	s->run_pa[n] = granule(s, RUN + n);
	params = at(s, s->run_pa[n]);
	memset(params, 0, sizeof(*params));
	params->flags = RMI_REC_FLAG_RUNNABLE;
	params->mpidr = n;
	params->pc = SCENE_CODE;
	params->gprs[0] = x0;
	params->gprs[1] = SCENE_NS + sign_at(n);
	ck_assert_uint_eq(
	    peer_call(&s->host, out, RMI_FID_REC_AUX_COUNT, 1, s->pa), 0);
	params->num_aux = out[1];
	for (unsigned i = 0; i < params->num_aux; i++) {
		params->aux[i] = granule(s, AUX + n * RMI_REC_AUX_MAX + i);
		delegate(s, params->aux[i]);
	}
	delegate(s, s->rec[n]);
	call(s, RMI_FID_REC_CREATE, s->pa, s->rec[n], s->run_pa[n], 0, 0);
	memset(params, 0, sizeof(*params));
}

struct scene
scene_new(const struct image *images, size_t num_images,
    const uint64_t x0[SCENE_RECS], uint64_t word)
{
	struct scene s = { .host = peer_open(false),
		.calls = peer_open(false) };
	uint64_t size;

	s.memory = peer_map(&s.host, &s.base, &size, NULL);
	s.pa = peer_lease(&s.host, GRANULES * GRANULE_SIZE);
	ck_assert_uint_ne(s.pa, 0);
	s.ns_pa = granule(&s, NS);
	peer_make_realm(&s.host, s.memory, s.base, s.pa, 3);
	make_tables(&s);
	make_data(&s, images, num_images, word);
	for (unsigned n = 0; n < SCENE_RECS; n++)
		make_rec(&s, n, x0[n]);
	call(&s, RMI_FID_REALM_ACTIVATE, s.pa, 0, 0, 0, 0);
	return s;
}

void
scene_map_ns(struct scene *s, uint64_t word)
{
	const uint64_t s2ap = 3 << 6; /* read and write */

	memcpy(at(s, s->ns_pa), &word, sizeof(word));
	call(s, RMI_FID_RTT_MAP_UNPROTECTED, s->pa, SCENE_NS, 3,
	    s->ns_pa | s2ap, 0);
}

void
scene_await_sign(struct scene *s, unsigned n)
{
	const uint64_t *sign = at(s, s->ns_pa + sign_at(n));

	while (__atomic_load_n(sign, __ATOMIC_RELAXED) == 0)
		sched_yield();
}

void
scene_free(struct scene *s)
{
	for (unsigned i = 0; i < s->num_processors; i++) {
		kill(s->processors[i], SIGKILL);
		waitpid(s->processors[i], NULL, 0);
	}
	if (s->host.fd >= 0)
		peer_close(&s->host);
	peer_close(&s->calls);
}

/* ---- Entries and exits -------------------------------------------------- */

struct rmi_rec_run *
scene_run(const struct scene *s, unsigned n)
{
	return at(s, s->run_pa[n]);
}

void
scene_enter(struct scene *s, unsigned n)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Call body = RMMD__CALL__INIT;
	uint64_t x[] = { RMI_FID_REC_ENTER, s->rec[n], s->run_pa[n] };

	body.n_x = 3;
	body.x = x;
	request.id = ENTER_ID + n;
	request.body_case = RMMD__REQUEST__BODY_CALL;
	request.call = &body;
	s->exited[n] = false;
	peer_send(&s->host, &request);
}

const struct rmi_rec_exit *
scene_exit(struct scene *s, unsigned n)
{
	while (!s->exited[n]) {
		Rmmd__Reply *reply = peer_receive(&s->host);

		ck_assert_ptr_nonnull(reply);
		ck_assert_uint_ge(reply->id, ENTER_ID);
		ck_assert_uint_lt(reply->id, ENTER_ID + SCENE_RECS);
		ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_ANSWER);
		ck_assert_uint_eq(reply->answer->n_x, 0);
		s->exited[reply->id - ENTER_ID] = true;
		peer_free(reply);
	}
	return &scene_run(s, n)->exit;
}

void
scene_begin(struct scene *s, unsigned n)
{
	struct rmi_rec_run *run = scene_run(s, n);

	run->enter.flags = RMI_REC_ENTER_TRAP_WFI;
	scene_enter(s, n);
	scene_exit(s, n);
	ck_assert_uint_eq(run->exit.exit_reason, RMI_EXIT_SYNC);
	ck_assert_uint_eq(ESR_EC(run->exit.esr), (unsigned)ESR_EC_WFX);
	run->enter.flags = 0;
}

const struct rmi_rec_exit *
scene_go_on(struct scene *s, unsigned n)
{
	struct rmi_rec_run *run = scene_run(s, n);

	do {
		memcpy(run->enter.gicv3_lrs, run->exit.gicv3_lrs,
		    sizeof(run->enter.gicv3_lrs));
		scene_enter(s, n);
		scene_exit(s, n);
		run->enter.flags = 0;
	} while (run->exit.exit_reason == RMI_EXIT_IRQ);
	return &run->exit;
}

void
scene_kick(const struct scene *s, unsigned n)
{
	struct peer other = peer_open(true);
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__InterruptRequest body = RMMD__INTERRUPT_REQUEST__INIT;
	bool exited = false;

	body.rec = s->rec[n];
	request.id = 7;
	request.body_case = RMMD__REQUEST__BODY_INTERRUPT;
	request.interrupt = &body;
	while (!exited) {
		Rmmd__Reply *reply = peer_ask(&other, &request);

		ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_INTERRUPT);
		exited = reply->interrupt->exited;
		peer_free(reply);
	}
	peer_close(&other);
}

/* ---- Processors --------------------------------------------------------- */

/* By which a processor says how far it is. */
static int pipe_fds[2];

static void
say(void)
{
	if (write(pipe_fds[1], "", 1) != 1)
		_exit(EIO);
}

static void
hear(void)
{
	char byte;

	ck_assert_int_eq(read(pipe_fds[0], &byte, 1), 1);
}

/* Returns when the processor is connected. */
static void
add(struct scene *s, int (*run)(struct processor *, uint64_t), uint64_t arg)
{
	struct processor processor = { .cpu = NULL };
	pid_t pid;
	int rc;

	ck_assert_int_eq(pipe(pipe_fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		/* The host's connections must end with the host. */
		close(s->host.fd);
		close(s->calls.fd);
		processor.cpu = rmmcpu_open(NULL, "example");
		say();
		rc = processor.cpu == NULL ? -errno : run(&processor, arg);
		rmmcpu_close(processor.cpu);
		_exit(-rc);
	}
	ck_assert_uint_lt(s->num_processors, SCENE_PROCESSORS);
	s->processors[s->num_processors++] = pid;
	close(pipe_fds[1]);
	hear();
}

void
scene_add_processor(struct scene *s, unsigned n)
{
	add(s, processor_run, n < SCENE_RECS ? s->rec[n] : 0);
	close(pipe_fds[0]);
}

static int
sleep_on(struct processor *p, uint64_t pauses)
{
	int rc = rmmcpu_wait(p->cpu, 0, &p->entry);

	for (unsigned i = 0; rc == 0 && i < 3; i++)
		rc = processor_step(p);
	if (rc != 0)
		return rc;
	if (pauses)
		rmmcpu_pause(p->cpu);
	say();
	for (;;)
		pause();
}

void
scene_add_sleeper(struct scene *s, bool pauses)
{
	add(s, sleep_on, pauses);
	hear();
	close(pipe_fds[0]);
}

int
scene_end_of_processor(struct scene *s)
{
	int status;

	ck_assert_uint_gt(s->num_processors, 0);
	ck_assert_int_gt(
	    waitpid(s->processors[--s->num_processors], &status, 0), 0);
	ck_assert(WIFEXITED(status));
	return -WEXITSTATUS(status);
}
