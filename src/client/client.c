/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * librmmclient: connect, call, call many.
 */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "channel-internal.h"
#include "client-internal.h"
#include "rmi.h"

_Static_assert(RMMCLIENT_REGS == SMC_REGS, "one register file");

static _Thread_local struct rmmclient_reason last_reason;

/* ---- Connections ------------------------------------------------------- */

struct rmmclient *
rmmclient_connect(const char *path, const char *name)
{
	struct rmmclient *client = calloc(1, sizeof *client);
	int err;

	if (client == NULL) {
		channel_fail(ENOMEM, "no memory for a connection");
		errno = ENOMEM;
		return NULL;
	}
	client->channel = channel_connect(path, RMMD__ROLE__ROLE_HOST, name);
	if (client->channel == NULL) {
		err = errno;
		free(client);
		errno = err;
		return NULL;
	}
	memory_init(&client->memory);
	return client;
}

void
rmmclient_close(struct rmmclient *client)
{
	if (client == NULL)
		return;
	memory_fini(&client->memory);
	channel_close(client->channel);
	free(client);
}

const char *
rmmclient_error(const struct rmmclient *client)
{
	(void)client;
	return channel_error();
}

int
rmmclient_fd(const struct rmmclient *client)
{
	return channel_fd(client->channel);
}

const char *
rmmclient_server(const struct rmmclient *client)
{
	return channel_server(client->channel);
}

const char *
rmmclient_abi(const struct rmmclient *client)
{
	return channel_abi(client->channel);
}

size_t
rmmclient_max_batch(const struct rmmclient *client)
{
	return channel_max_batch(client->channel);
}

const struct rmmclient_reason *
rmmclient_last_reason(void)
{
	return &last_reason;
}

/* ---- Calls ------------------------------------------------------------- */

static void
set_reason(const Rmmd__Answer *answer, struct rmmclient_reason *reason)
{
	struct rmmclient_reason *last = &last_reason;
	const char *condition = "", *why = "";

	if (answer != NULL && answer->condition != NULL)
		condition = answer->condition;
	if (answer != NULL && answer->why != NULL)
		why = answer->why;
	snprintf(last->condition, sizeof last->condition, "%s", condition);
	snprintf(last->why, sizeof last->why, "%s", why);
	if (reason != NULL)
		*reason = *last;
}

/* Trailing zeros need not be sent. */
static void
encode(Rmmd__Call *call, unsigned pe, uint64_t x[RMMCLIENT_REGS])
{
	rmmd__call__init(call);
	call->n_x = RMMCLIENT_REGS;
	while (call->n_x > 0 && x[call->n_x - 1] == 0)
		call->n_x--;
	call->x = x;
	call->has_pe = pe != 0;
	call->pe = pe;
}

static int
decode(struct channel *channel, const Rmmd__Answer *answer,
    uint64_t x[RMMCLIENT_REGS])
{
	if (answer->n_x > RMMCLIENT_REGS)
		return channel_violated(
		    channel, "the daemon answered with too many registers");
	memset(x, 0, RMMCLIENT_REGS * sizeof x[0]);
	if (answer->n_x > 0)
		memcpy(x, answer->x, answer->n_x * sizeof x[0]);
	return 0;
}

static int
result(uint64_t fid, uint64_t x0)
{
	if (x0 == SMC_NOT_SUPPORTED)
		return channel_fail(ENOSYS,
		    "the monitor knows no function 0x%llX",
		    (unsigned long long)fid);
	return (int)(x0 & 0xffff);
}

static void
set_violated(const Rmmd__Answer *answer, struct rmmclient_violated *violated)
{
	violated->num = 0;
	if (answer == NULL)
		return;
	for (size_t i = 0; i < answer->n_violated && i < RMMCLIENT_VIOLATED_MAX;
	     i++) {
		snprintf(violated->conditions[i],
		    sizeof violated->conditions[i], "%s", answer->violated[i]);
		violated->num++;
	}
}

int
client_call(struct rmmclient *client, unsigned pe, uint64_t x[RMMCLIENT_REGS],
    struct rmmclient_reason *reason, struct rmmclient_violated *violated,
    const struct channel_watch *watch)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Call message;
	Rmmd__Reply *reply;
	struct arena arena;
	uint64_t fid = x[0];
	int rc;

	encode(&message, pe, x);
	message.has_collect = message.collect = violated != NULL;
	request.body_case = RMMD__REQUEST__BODY_CALL;
	request.call = &message;
	arena_init(&arena);
	rc = channel_request_in(
	    client->channel, &request, &reply, NULL, &arena.allocator, watch);
	set_reason(rc == 0 ? reply->answer : NULL, reason);
	if (violated != NULL)
		set_violated(rc == 0 ? reply->answer : NULL, violated);
	if (rc == 0)
		rc = decode(client->channel, reply->answer, x);
	arena_fini(&arena);
	return rc == 0 ? result(fid, x[0]) : rc;
}

int
rmmclient_call(struct rmmclient *client, unsigned pe,
    uint64_t x[RMMCLIENT_REGS], struct rmmclient_reason *reason)
{
	return client_call(client, pe, x, reason, NULL, NULL);
}

int
rmmclient_call_collect(struct rmmclient *client, unsigned pe,
    uint64_t x[RMMCLIENT_REGS], struct rmmclient_reason *reason,
    struct rmmclient_violated *violated)
{
	return client_call(client, pe, x, reason, violated, NULL);
}

/* ---- Batches ----------------------------------------------------------- */

/* A batch's answers must be those of its calls up to the first failure. */
static int
judge(struct channel *channel, const Rmmd__BatchReply *reply, size_t n)
{
	const Rmmd__Answer *answer;

	if (reply->n_answers == 0 || reply->n_answers > n)
		return channel_violated(channel,
		    "the daemon answered another number of calls than asked");
	for (size_t i = 0; i < reply->n_answers; i++) {
		bool last = i + 1 == reply->n_answers;
		bool failed;

		answer = reply->answers[i];
		failed = answer->n_x > 0 && answer->x[0] != 0;
		if (last ? !failed && i + 1 < n : failed)
			return channel_violated(channel,
			    "the daemon did not stop a batch at the first "
			    "failure");
	}
	return 0;
}

/* Send one message.  Returns the number of calls executed, or -errno. */
static int
send_batch(struct rmmclient *client, Rmmd__Batch *batch,
    struct rmmclient_step *steps, struct rmmclient_reason *reason)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__BatchReply *answers = NULL;
	Rmmd__Reply *reply;
	struct arena arena;
	int rc;

	request.body_case = RMMD__REQUEST__BODY_BATCH;
	request.batch = batch;
	arena_init(&arena);
	rc = channel_request_in(
	    client->channel, &request, &reply, NULL, &arena.allocator, NULL);
	if (rc == 0) {
		answers = reply->batch;
		rc = judge(client->channel, answers, batch->n_calls);
	}
	for (size_t i = 0; rc == 0 && i < answers->n_answers; i++)
		rc = decode(client->channel, answers->answers[i], steps[i].x);
	if (rc == 0) {
		rc = (int)answers->n_answers;
		set_reason(answers->answers[rc - 1], reason);
	} else {
		set_reason(NULL, reason);
	}
	arena_fini(&arena);
	return rc;
}

/* Send messages of at most this many calls until one fails. */
static int
send_batches(struct rmmclient *client, unsigned pe,
    struct rmmclient_step *steps, size_t n, size_t most, Rmmd__Call *calls,
    size_t *executed, struct rmmclient_reason *reason)
{
	Rmmd__Batch batch = RMMD__BATCH__INIT;
	int rc;

	/* The pointers that the message wants lie behind the calls. */
	batch.calls = (Rmmd__Call **)(calls + most);
	for (size_t done = 0; done < n;) {
		batch.n_calls = n - done < most ? n - done : most;
		for (size_t i = 0; i < batch.n_calls; i++) {
			encode(&calls[i], pe, steps[done + i].x);
			batch.calls[i] = &calls[i];
		}
		rc = send_batch(client, &batch, steps + done, reason);
		if (rc < 0)
			return rc;
		done += (size_t)rc;
		*executed = done;
		if (steps[done - 1].x[0] != 0)
			break;
	}
	return (int)*executed;
}

int
rmmclient_batch(struct rmmclient *client, unsigned pe,
    struct rmmclient_step *steps, size_t n, size_t *executed,
    struct rmmclient_reason *reason)
{
	size_t most = channel_max_batch(client->channel), ignored;
	Rmmd__Call *calls;
	int rc;

	if (executed == NULL)
		executed = &ignored;
	*executed = 0;
	set_reason(NULL, reason);
	if (n == 0)
		return 0;
	if (n > INT_MAX)
		n = INT_MAX;
	if (most > n)
		most = n;
	calls = malloc(most * (sizeof *calls + sizeof(Rmmd__Call *)));
	if (calls == NULL)
		return channel_fail(ENOMEM, "no memory for a batch");
	rc = send_batches(client, pe, steps, n, most, calls, executed, reason);
	free(calls);
	return rc;
}
