/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The host's role.  Nothing in here returns the contents of memory: answers are
 * registers, and memory is the Non-secure file.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "banks.h"
#include "host.h"
#include "lease.h"
#include "log.h"

struct batch_room {
	Rmmd__Answer answers[WIRE_MAX_BATCH];
	Rmmd__Answer *pointers[WIRE_MAX_BATCH];
	uint64_t x[WIRE_MAX_BATCH][SMC_REGS];
	struct rmm_answer last;
};

struct batch_room *
batch_room_new(void)
{
	return calloc(1, sizeof(struct batch_room));
}

void
batch_room_free(struct batch_room *room)
{
	free(room);
}

/* ---- Calls ------------------------------------------------------------- */

/* "RMI_DATA_CREATE(0x80000000, 0x1)": the command with its inputs. */
static void
describe_call(char *to, size_t size, const struct rmm_answer *answer,
    const uint64_t x[SMC_REGS])
{
	const struct smc_abi *abi = NULL;
	size_t i, n;

	if (answer->command == NULL) {
		snprintf(to, size, "unknown function %#" PRIx64, x[0]);
		return;
	}
	for (i = 0; (abi = rmm_command_at(i)) != NULL; i++)
		if (strcmp(abi->name, answer->command) == 0)
			break;
	n = (size_t)snprintf(to, size, "%s(", answer->command);
	for (i = 0; abi != NULL && i < SMC_ARGS_MAX && abi->inputs[i] != NULL &&
	     n < size;
	     i++)
		n += (size_t)snprintf(to + n, size - n, "%s%s=%#" PRIx64,
		    i == 0 ? "" : ", ", abi->inputs[i], x[i + 1]);
	if (n < size)
		snprintf(to + n, size - n, ")");
}

static void
log_call(const struct session *session, uint32_t pe, const uint64_t x[SMC_REGS],
    const struct rmm_answer *answer)
{
	bool failed = answer->x[0] != 0;
	enum log_level level = failed ? LOG_DEBUG : LOG_TRACE;
	char call[400];

	if (!log_wants(level))
		return;
	describe_call(call, sizeof(call), answer, x);
	/* The sentence, where there is one, begins with the condition. */
	log_at(level, "%s: PE %" PRIu32 ": %s = %#" PRIx64 "%s%s",
	    session_who(session), pe, call, answer->x[0],
	    answer->why[0] != '\0' || answer->condition != NULL ? ": " : "",
	    answer->why[0] != '\0'	    ? answer->why
		: answer->condition != NULL ? answer->condition
					    : "");
}

static bool
call_is_sound(struct session *session, uint64_t id, const Rmmd__Call *call)
{
	if (call->n_x <= SMC_REGS)
		return true;
	session_fail(session, id, RMMD__ERROR_CODE__ERROR_PROTOCOL,
	    "a call with %zu registers; at most %d are allowed", call->n_x,
	    SMC_REGS);
	return false;
}

static void
count(struct server *server, const struct rmm_answer *answer)
{
	server->calls++;
	server->failed_calls += answer->x[0] != 0;
}

static void
call_machine(struct session *session, const Rmmd__Call *call,
    struct rmm_answer *answer, uint64_t x[SMC_REGS])
{
	struct server *server = session->server;

	memset(x, 0, SMC_REGS * sizeof(x[0]));
	if (call->n_x > 0)
		memcpy(x, call->x, call->n_x * sizeof(x[0]));
	if (call->collect)
		rmm_call_collect(server->machine->rmm, call->pe, x, answer);
	else
		rmm_call(server->machine->rmm, call->pe, x, answer);
}

/* The call is over. */
static void
settle(struct session *session, uint32_t pe, const uint64_t x[SMC_REGS],
    const struct rmm_answer *answer)
{
	count(session->server, answer);
	log_call(session, pe, x, answer);
}

/* room: where the reply finds its registers; to be kept until it is packed. */
static void
pack_answer(
    struct rmm_answer *answer, Rmmd__Answer *reply, uint64_t room[SMC_REGS])
{
	rmmd__answer__init(reply);
	memcpy(room, answer->x, sizeof(answer->x));
	reply->x = room;
	reply->n_x = SMC_REGS;
	while (reply->n_x > 0 && room[reply->n_x - 1] == 0)
		reply->n_x--;
	/* protobuf-c has no const strings; packing only reads them. */
	if (answer->condition != NULL)
		reply->condition = (char *)(uintptr_t)answer->condition;
	if (answer->why[0] != '\0')
		reply->why = answer->why;
	/* A batch ends with its first failure: there is one such answer. */
	if (answer->num_violated > 0) {
		reply->n_violated = answer->num_violated;
		reply->violated = (char **)(uintptr_t)answer->violated;
	}
}

static void
make_reply(struct session *session, uint64_t id, struct rmm_answer *answer,
    Rmmd__Reply *reply)
{
	struct batch_room *room = session->server->batch;

	pack_answer(answer, &room->answers[0], room->x[0]);
	rmmd__reply__init(reply);
	reply->id = id;
	reply->body_case = RMMD__REPLY__BODY_ANSWER;
	reply->answer = &room->answers[0];
}

static void
host_call(struct session *session, uint64_t id, const Rmmd__Call *call)
{
	struct rmm_answer *answer = &session->server->batch->last;
	uint64_t x[SMC_REGS];
	Rmmd__Reply reply;

	if (!call_is_sound(session, id, call))
		return;
	call_machine(session, call, answer, x);
	if (answer->runs) {
		actors_entered(session->server, answer,
		    (struct waiter){
			.session = session,
			.id = id,
			.pe = call->pe,
			.run_ptr = x[2],
		    });
		return;
	}
	settle(session, call->pe, x, answer);
	make_reply(session, id, answer, &reply);
	session_reply(session, &reply);
}

void
host_answer_late(
    const struct waiter *waiter, uint64_t rec, const struct rmm_answer *given)
{
	struct rmm_answer answer = *given;
	uint64_t x[SMC_REGS] = { RMI_FID_REC_ENTER, rec, waiter->run_ptr };
	struct session *session = waiter->session;
	Rmmd__Reply reply;

	settle(session, waiter->pe, x, &answer);
	make_reply(session, waiter->id, &answer, &reply);
	session_reply_late(session, &reply);
}

void
host_never_answered(const struct waiter *waiter, uint64_t rec)
{
	session_refuse_late(waiter->session, waiter->id,
	    RMMD__ERROR_CODE__ERROR_NOT_FOUND,
	    "REC %#" PRIx64 " has gone while it was running", rec);
}

/* One call of a batch; an entry ends within it. */
static void
batch_call(
    struct session *session, const Rmmd__Call *call, struct rmm_answer *answer)
{
	uint64_t x[SMC_REGS];

	call_machine(session, call, answer, x);
	if (answer->runs) {
		struct rmm_answer entered = *answer;

		actors_entered(session->server, &entered,
		    (struct waiter){ .batch = answer });
	}
	settle(session, call->pe, x, answer);
}

static void
host_batch(struct session *session, uint64_t id, const Rmmd__Batch *batch)
{
	struct batch_room *room = session->server->batch;
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__BatchReply body = RMMD__BATCH_REPLY__INIT;
	size_t i;

	if (batch->n_calls > WIRE_MAX_BATCH) {
		session_fail(session, id, RMMD__ERROR_CODE__ERROR_PROTOCOL,
		    "a batch of %zu calls; at most %u are allowed",
		    batch->n_calls, WIRE_MAX_BATCH);
		return;
	}
	/* All or nothing: no call is made before all have been looked at. */
	for (i = 0; i < batch->n_calls; i++)
		if (!call_is_sound(session, id, batch->calls[i]))
			return;
	for (i = 0; i < batch->n_calls; i++) {
		room->pointers[i] = &room->answers[i];
		batch_call(session, batch->calls[i], &room->last);
		pack_answer(&room->last, &room->answers[i], room->x[i]);
		body.n_answers++;
		if (room->x[i][0] != 0)
			break;
		/* A success has nothing to explain; last is used again. */
		room->answers[i].condition = NULL;
		room->answers[i].why = NULL;
	}
	body.answers = room->pointers;
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_BATCH;
	reply.batch = &body;
	session_reply(session, &reply);
}

/* ---- Interrupts -------------------------------------------------------- */

bool
host_interrupt_kind(Rmmd__InterruptKind kind, enum rmm_interrupt *interrupt)
{
	switch (kind) {
	case RMMD__INTERRUPT_KIND__INTERRUPT_IRQ:
		*interrupt = RMM_IRQ;
		return true;
	case RMMD__INTERRUPT_KIND__INTERRUPT_FIQ:
		*interrupt = RMM_FIQ;
		return true;
	case RMMD__INTERRUPT_KIND__INTERRUPT_SERROR:
		*interrupt = RMM_SERROR;
		return true;
	default:
		return false;
	}
}

void
host_interrupt(
    struct session *session, uint64_t id, const Rmmd__InterruptRequest *request)
{
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__InterruptReply body = RMMD__INTERRUPT_REPLY__INIT;
	enum rmm_interrupt interrupt;

	if (!host_interrupt_kind(request->kind, &interrupt)) {
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_ARGUMENT,
		    "interrupt kind %d is none of IRQ, FIQ, SError",
		    (int)request->kind);
		return;
	}
	body.exited = actors_interrupt(
	    session->server, request->rec, interrupt, request->syndrome);
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_INTERRUPT;
	reply.interrupt = &body;
	session_reply(session, &reply);
}

/* ---- Memory ------------------------------------------------------------ */

static void
host_memory(struct session *session, uint64_t id)
{
	struct bank_messages banks;
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__MemoryReply body = RMMD__MEMORY_REPLY__INIT;

	bank_messages_fill(&banks, session->server->machine);
	body.n_banks = banks.num;
	body.banks = banks.pointers;
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_MEMORY;
	reply.memory = &body;
	session_reply_fd(session, &reply, session->server->machine->fd);
}

bool
host_request(struct session *session, const Rmmd__Request *request)
{
	switch (request->body_case) {
	case RMMD__REQUEST__BODY_CALL:
		host_call(session, request->id, request->call);
		return true;
	case RMMD__REQUEST__BODY_BATCH:
		host_batch(session, request->id, request->batch);
		return true;
	case RMMD__REQUEST__BODY_MEMORY:
		host_memory(session, request->id);
		return true;
	case RMMD__REQUEST__BODY_LEASE:
		lease_request(session, request->id, request->lease);
		return true;
	case RMMD__REQUEST__BODY_RELEASE:
		lease_release(session, request->id, request->release);
		return true;
	case RMMD__REQUEST__BODY_INTERRUPT:
		host_interrupt(session, request->id, request->interrupt);
		return true;
	default:
		return false;
	}
}
