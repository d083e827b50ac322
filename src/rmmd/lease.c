/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Leases.  A range is free if no lease holds any of it and every granule is
 * UNDELEGATED: what a realm outside the lease still holds when a client dies
 * is thereby not given out again before it has come back.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lease.h"
#include "log.h"

#define LEASES_PER_SESSION 256
#define LEASES_MAX	   4096
#define NOT_UNDELEGATED	   (~(1u << RMM_GRANULE_UNDELEGATED))

/* Where the first obstacle in [pa, pa + size) ends; 0: there is none. */
static uint64_t
obstacle(const struct server *server, uint64_t pa, uint64_t size)
{
	const struct lease *lease;
	struct rmm_granule_info granule;

	TAILQ_FOREACH(lease, &server->leases, link)
	if (pa < lease->pa + lease->size && lease->pa < pa + size)
		return lease->pa + lease->size;
	if (rmm_granule_next(
		server->machine->rmm, pa, NOT_UNDELEGATED, &granule) &&
	    granule.pa < pa + size)
		return granule.pa + GRANULE_SIZE;
	return 0;
}

/* The lowest free range in a bank.  false: there is none. */
static bool
find_in_bank(const struct server *server, const struct machine_bank *bank,
    uint64_t size, uint64_t align, uint64_t *pa)
{
	uint64_t end = bank->base + bank->size, at = bank->base, next;

	for (;;) {
		if (at > UINT64_MAX - (align - 1))
			return false;
		at = (at + align - 1) & ~(align - 1);
		if (at > end || size > end - at)
			return false;
		next = obstacle(server, at, size);
		if (next == 0)
			break;
		at = next;
	}
	*pa = at;
	return true;
}

static bool
find_range(
    const struct server *server, uint64_t size, uint64_t align, uint64_t *pa)
{
	const struct machine *machine = server->machine;
	size_t i;

	for (i = 0; i < machine->num_banks; i++)
		if (machine->banks[i].kind == RMM_BANK_DRAM &&
		    find_in_bank(server, &machine->banks[i], size, align, pa))
			return true;
	return false;
}

static void
keep_in_order(struct server *server, struct lease *lease)
{
	struct lease *at;

	TAILQ_FOREACH(at, &server->leases, link)
	if (at->pa > lease->pa) {
		TAILQ_INSERT_BEFORE(at, lease, link);
		return;
	}
	TAILQ_INSERT_TAIL(&server->leases, lease, link);
}

static void
grant(struct session *session, uint64_t id, uint64_t pa, uint64_t size)
{
	struct server *server = session->server;
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__LeaseReply body = RMMD__LEASE_REPLY__INIT;
	struct lease *lease;

	lease = calloc(1, sizeof(*lease));
	if (lease == NULL) {
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_BUSY,
		    "rmmd itself is short of memory");
		return;
	}
	lease->pa = pa;
	lease->size = size;
	lease->owner = session;
	keep_in_order(server, lease);
	server->num_leases++;
	session->num_leases++;
	log_at(LOG_DEBUG, "%s: leased %#" PRIx64 " to %#" PRIx64,
	    session_who(session), pa, pa + size);
	body.pa = pa;
	body.size = size;
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_LEASE;
	reply.lease = &body;
	session_reply(session, &reply);
}

static bool
request_is_sound(struct session *session, uint64_t id,
    const Rmmd__LeaseRequest *request, uint64_t align)
{
	const Rmmd__ErrorCode argument = RMMD__ERROR_CODE__ERROR_ARGUMENT;

	if (request->size == 0 || request->size % GRANULE_SIZE != 0)
		session_refuse(session, id, argument,
		    "a lease of %#" PRIx64 " bytes: not a multiple of 4096",
		    request->size);
	else if (align < GRANULE_SIZE || (align & (align - 1)) != 0)
		session_refuse(session, id, argument,
		    "a lease aligned to %#" PRIx64
		    ": not a power of two from 4096 on",
		    align);
	else if (request->has_pa && request->pa % align != 0)
		session_refuse(session, id, argument,
		    "a lease at %#" PRIx64 ": not aligned to %#" PRIx64,
		    request->pa, align);
	else if (request->has_pa &&
	    machine_dram(
		session->server->machine, request->pa, request->size) == NULL)
		session_refuse(session, id, argument,
		    "a lease at %#" PRIx64 " of %#" PRIx64
		    " bytes: not within one DRAM bank",
		    request->pa, request->size);
	else if (session->num_leases >= LEASES_PER_SESSION ||
	    session->server->num_leases >= LEASES_MAX)
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_BUSY,
		    "too many leases: %u of this connection, %u in all",
		    session->num_leases, session->server->num_leases);
	else
		return true;
	return false;
}

void
lease_request(
    struct session *session, uint64_t id, const Rmmd__LeaseRequest *request)
{
	uint64_t align = GRANULE_SIZE, pa = 0;

	/* 0 is what a client without a wish may send. */
	if (request->has_align && request->align != 0)
		align = request->align;
	if (!request_is_sound(session, id, request, align))
		return;
	if (!request->has_pa) {
		if (find_range(session->server, request->size, align, &pa))
			grant(session, id, pa, request->size);
		else
			session_refuse(session, id,
			    RMMD__ERROR_CODE__ERROR_NO_MEMORY,
			    "no free range of %#" PRIx64
			    " bytes in any DRAM bank",
			    request->size);
		return;
	}
	if (obstacle(session->server, request->pa, request->size) == 0)
		grant(session, id, request->pa, request->size);
	else
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_BUSY,
		    "not all of %#" PRIx64 " to %#" PRIx64
		    " is free: leased, or not UNDELEGATED",
		    request->pa, request->pa + request->size);
}

static void
log_realms(const struct session *session, const struct lease *lease)
{
	const struct rmm *rmm = session->server->machine->rmm;
	uint64_t end = lease->pa + lease->size, at = lease->pa;
	struct rmm_realm_info realm;

	if (!log_wants(LOG_INFO))
		return;
	while (rmm_realm_next(rmm, at, &realm) && realm.rd < end) {
		log_at(LOG_INFO,
		    "%s: its realm at %#" PRIx64 " is torn down: %" PRIu64
		    " RECs, %" PRIu64 " DATA, %" PRIu64 " RTTs",
		    session_who(session), realm.rd, realm.num_recs,
		    realm.num_data, realm.num_rtts);
		at = realm.rd + GRANULE_SIZE;
	}
}

/* Returns the number of granules that other realms still hold. */
static uint64_t
end_lease(struct session *session, struct lease *lease)
{
	struct server *server = session->server;
	uint64_t held;

	log_realms(session, lease);
	held = rmm_reclaim(server->machine->rmm, lease->pa, lease->size);
	machine_discard(server->machine, lease->pa, lease->size);
	log_at(held > 0 ? LOG_WARN : LOG_DEBUG,
	    "%s: lease of %#" PRIx64 " to %#" PRIx64
	    " ended; realms outside it still hold %" PRIu64 " granules",
	    session_who(session), lease->pa, lease->pa + lease->size, held);
	TAILQ_REMOVE(&server->leases, lease, link);
	server->num_leases--;
	session->num_leases--;
	free(lease);
	return held;
}

void
lease_end_all(struct session *session)
{
	struct server *server = session->server;
	struct lease *lease, *next;

	/* A realm in one lease may hold granules of another: realms first. */
	if (session->num_leases > 1)
		TAILQ_FOREACH(lease, &server->leases, link)
	if (lease->owner == session) {
		log_realms(session, lease);
		rmm_reclaim(server->machine->rmm, lease->pa, lease->size);
	}
	for (lease = TAILQ_FIRST(&server->leases);
	     lease != NULL && session->num_leases > 0; lease = next) {
		next = TAILQ_NEXT(lease, link);
		if (lease->owner == session)
			end_lease(session, lease);
	}
}

void
lease_release(
    struct session *session, uint64_t id, const Rmmd__ReleaseRequest *request)
{
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__ReleaseReply body = RMMD__RELEASE_REPLY__INIT;
	struct lease *lease;

	TAILQ_FOREACH(lease, &session->server->leases, link)
	if (lease->owner == session && lease->pa == request->pa)
		break;
	if (lease == NULL) {
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_NOT_FOUND,
		    "this connection has no lease at %#" PRIx64, request->pa);
		return;
	}
	body.still_held = end_lease(session, lease);
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_RELEASE;
	reply.release = &body;
	session_reply(session, &reply);
}
