/* SPDX-License-Identifier: BSD-3-Clause */
/* The host's role: calls, batches of calls, memory, leases. */
#ifndef HOST_H
#define HOST_H

#include "session.h"

/* false: not a request of this role. */
bool host_request(struct session *session, const Rmmd__Request *request);

struct batch_room *batch_room_new(void);
void batch_room_free(struct batch_room *room);

#endif
