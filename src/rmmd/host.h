/* SPDX-License-Identifier: BSD-3-Clause */
/* The host's role: calls, batches of calls, memory, leases. */
#ifndef HOST_H
#define HOST_H

#include "session.h"

/* false: not a request of this role. */
bool host_request(struct session *session, const Rmmd__Request *request);

/* The answer to an RMI_REC_ENTER, now that the REC has exited. */
struct waiter;
void host_answer_late(
    const struct waiter *waiter, uint64_t rec, const struct rmm_answer *answer);
/* There will be no answer: the REC has gone. */
void host_never_answered(const struct waiter *waiter, uint64_t rec);

/* A request of the host's or the control role. */
void host_interrupt(struct session *session, uint64_t id,
    const Rmmd__InterruptRequest *request);
/* false: its kind is none; *interrupt is set. */
bool host_interrupt_kind(
    Rmmd__InterruptKind kind, enum rmm_interrupt *interrupt);

struct batch_room *batch_room_new(void);
void batch_room_free(struct batch_room *room);

#endif
