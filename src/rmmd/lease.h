/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Leases: ranges of DRAM that one session alone is given, so that several
 * clients share a machine without asking one another.  A lease binds rmmd only:
 * calls on any memory are executed for everybody, as on a real machine.
 */
#ifndef LEASE_H
#define LEASE_H

#include "session.h"

void lease_request(
    struct session *session, uint64_t id, const Rmmd__LeaseRequest *request);
void lease_release(
    struct session *session, uint64_t id, const Rmmd__ReleaseRequest *request);

/* The session ends, and its leases with it. */
void lease_end_all(struct session *session);

#endif
