/* SPDX-License-Identifier: BSD-3-Clause */
/* The control role: which request goes where, the status, and the reset. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "banks.h"
#include "control.h"
#include "host.h"
#include "log.h"

size_t
control_page(struct session *session, uint64_t id, uint32_t limit, uint32_t max)
{
	if (limit == 0)
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_ARGUMENT,
		    "a page of 0 items says nothing");
	return limit < max ? limit : max;
}

bool
control_realm(struct session *session, uint64_t id, uint64_t rd,
    struct rmm_realm_info *realm)
{
	if (rmm_realm(session->server->machine->rmm, rd, realm))
		return true;
	session_refuse(session, id, RMMD__ERROR_CODE__ERROR_NOT_FOUND,
	    "no realm has its RD at %#" PRIx64, rd);
	return false;
}

void *
control_array(struct session *session, uint64_t id, size_t num, size_t size)
{
	void *array = calloc(num, size);

	if (array == NULL)
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_BUSY,
		    "rmmd itself is short of memory");
	return array;
}

const char *
control_hash_name(uint8_t hash_algo)
{
	return hash_algo == RMI_HASH_SHA_512 ? "sha-512" : "sha-256";
}

size_t
control_hash_size(uint8_t hash_algo)
{
	return hash_algo == RMI_HASH_SHA_512 ? 64 : 32;
}

char *
control_text(const char *text)
{
	return (char *)(uintptr_t)text;
}

static uint32_t
count_realms(const struct rmm *rmm)
{
	/* One RD granule each. */
	return (uint32_t)rmm_granule_count(rmm, RMM_GRANULE_RD);
}

static void
list_leases(const struct server *server, Rmmd__Lease *leases,
    Rmmd__Lease **pointers, Rmmd__StatusReply *body)
{
	const struct lease *lease;
	Rmmd__Lease *to;

	TAILQ_FOREACH(lease, &server->leases, link)
	{
		to = pointers[body->n_leases] = &leases[body->n_leases];
		body->n_leases++;
		rmmd__lease__init(to);
		to->pa = lease->pa;
		to->size = lease->size;
		to->pid = (uint32_t)lease->owner->pid;
		if (lease->owner->name[0] != '\0')
			to->client = lease->owner->name;
	}
	body->leases = pointers;
}

static void
list_states(const struct rmm *rmm, Rmmd__StateCount *counts,
    Rmmd__StateCount **pointers, Rmmd__StatusReply *body)
{
	enum rmm_granule_state state;
	Rmmd__StateCount *to;

	for (state = 0; state < RMM_GRANULE_STATES; state++) {
		if (state == RMM_GRANULE_UNDELEGATED)
			continue;
		to = pointers[body->n_granules] = &counts[body->n_granules];
		body->n_granules++;
		rmmd__state_count__init(to);
		to->state = control_text(rmm_granule_state_name(state));
		to->count = rmm_granule_count(rmm, state);
	}
	body->granules = pointers;
}

static void
control_status(struct session *session, uint64_t id)
{
	static char name[] = PACKAGE_NAME " " PACKAGE_VERSION;
	static char abi[] = "RMI 1.0";
	const struct server *server = session->server;
	const struct rmm *rmm = server->machine->rmm;
	Rmmd__StateCount counts[RMM_GRANULE_STATES];
	Rmmd__StateCount *count_pointers[RMM_GRANULE_STATES];
	struct bank_messages banks;
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__StatusReply body = RMMD__STATUS_REPLY__INIT;
	Rmmd__Lease *leases, **lease_pointers;

	leases = control_array(session, id, server->num_leases + 1,
	    sizeof(*leases) + sizeof(*lease_pointers));
	if (leases == NULL)
		return;
	lease_pointers = (Rmmd__Lease **)(leases + server->num_leases + 1);
	list_leases(server, leases, lease_pointers, &body);
	list_states(rmm, counts, count_pointers, &body);
	bank_messages_fill(&banks, server->machine);
	body.server = name;
	body.abi = abi;
	body.pid = (uint32_t)getpid();
	body.host_socket = control_text(server->socket_path);
	body.control_socket = control_text(server->control_path);
	body.n_banks = banks.num;
	body.banks = banks.pointers;
	body.realms = count_realms(rmm);
	body.clients = server->num_sessions;
	body.calls = server->calls;
	body.failed_calls = server->failed_calls;
	body.has_failed_scripts = true;
	body.failed_scripts = server->actors.failed_scripts;
	body.feature_register_0 = server->feature_register_0;
	body.rec_aux_count = server->rec_aux_count;
	body.order = control_text(server->order);
	body.n_choices = RMM_CHOICES + 1;
	body.choices = (char **)(uintptr_t)server->choice_pointers;
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_STATUS;
	reply.status = &body;
	session_reply(session, &reply);
	free(leases);
}

static void
control_reset(struct session *session, uint64_t id)
{
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__ResetReply body = RMMD__RESET_REPLY__INIT;

	log_at(LOG_INFO, "%s: resets the machine", session_who(session));
	machine_reset(session->server->machine);
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_RESET;
	reply.reset = &body;
	session_reply(session, &reply);
}

bool
control_request(struct session *session, const Rmmd__Request *request)
{
	uint64_t id = request->id;

	switch (request->body_case) {
	case RMMD__REQUEST__BODY_STATUS:
		control_status(session, id);
		return true;
	case RMMD__REQUEST__BODY_RESET:
		control_reset(session, id);
		return true;
	case RMMD__REQUEST__BODY_REALMS:
		control_realms(session, id, request->realms);
		return true;
	case RMMD__REQUEST__BODY_RECS:
		control_recs(session, id, request->recs);
		return true;
	case RMMD__REQUEST__BODY_GRANULES:
		control_granules(session, id, request->granules);
		return true;
	case RMMD__REQUEST__BODY_RTT:
		control_rtt(session, id, request->rtt);
		return true;
	case RMMD__REQUEST__BODY_RIM:
		control_rim(session, id, request->rim);
		return true;
	case RMMD__REQUEST__BODY_TOKEN:
		control_token(session, id, request->token);
		return true;
	case RMMD__REQUEST__BODY_ATTESTATION:
		control_attestation(session, id);
		return true;
	case RMMD__REQUEST__BODY_INTERRUPT:
		host_interrupt(session, id, request->interrupt);
		return true;
	case RMMD__REQUEST__BODY_SET_REALM:
		control_set_realm(session, id, request->set_realm);
		return true;
	default:
		return false;
	}
}
