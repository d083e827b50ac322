/* SPDX-License-Identifier: BSD-3-Clause */
/* The control role: attestation tokens, and the keys that verify them. */
#include "config.h"

#include <stdlib.h>

#include "control.h"

void
control_token(
    struct session *session, uint64_t id, const Rmmd__TokenRequest *request)
{
	const struct rmm *rmm = session->server->machine->rmm;
	size_t room = rmm_token_max(rmm);
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__TokenReply body = RMMD__TOKEN_REPLY__INIT;
	struct rmm_realm_info realm;
	uint8_t *token;

	if (request->challenge.len != RMM_CHALLENGE) {
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_ARGUMENT,
		    "a challenge of %zu bytes, must be %d",
		    request->challenge.len, RMM_CHALLENGE);
		return;
	}
	if (!control_realm(session, id, request->rd, &realm))
		return;
	token = control_array(session, id, room, 1);
	if (token == NULL)
		return;
	body.token.data = token;
	body.token.len =
	    rmm_token(rmm, request->rd, request->challenge.data, token, room);
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_TOKEN;
	reply.token = &body;
	if (body.token.len > 0)
		session_reply(session, &reply);
	else
		session_refuse(session, id, RMMD__ERROR_CODE__ERROR_BUSY,
		    "rmmd itself is short of memory for a token");
	free(token);
}

void
control_attestation(struct session *session, uint64_t id)
{
	const struct rmm *rmm = session->server->machine->rmm;
	char cpak[2][RMM_KEY_TEXT], rak[2][RMM_KEY_TEXT];
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__AttestationReply body = RMMD__ATTESTATION_REPLY__INIT;

	for (int form = RMM_KEY_PEM; form <= RMM_KEY_JWK; form++)
		if (rmm_public_key(rmm, RMM_KEY_CPAK, form, cpak[form],
			RMM_KEY_TEXT) == 0 ||
		    rmm_public_key(
			rmm, RMM_KEY_RAK, form, rak[form], RMM_KEY_TEXT) == 0) {
			session_refuse(session, id,
			    RMMD__ERROR_CODE__ERROR_BUSY,
			    "rmmd itself is short of memory for a key");
			return;
		}
	body.cpak_pem = cpak[RMM_KEY_PEM];
	body.cpak_jwk = cpak[RMM_KEY_JWK];
	body.rak_pem = rak[RMM_KEY_PEM];
	body.rak_jwk = rak[RMM_KEY_JWK];
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_ATTESTATION;
	reply.attestation = &body;
	session_reply(session, &reply);
}
