/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The realm's role: a process that acts as the realm of one REC.
 */
#ifndef ATTACH_H
#define ATTACH_H

#include "session.h"

/* false: not a request of this role. */
bool attach_request(struct session *session, const Rmmd__Request *request);

/*
 * The session closes.  A REC that it played is told the host to have failed, by
 * an SError, at once if it runs and at each entry until another process comes.
 */
void attach_session_gone(struct session *session);

#endif
