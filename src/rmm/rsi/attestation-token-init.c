/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI_ATTESTATION_TOKEN_INIT (DEN0137 1.0-rel0, B5.3.2): begin to read an
 * attestation token.  It can not fail, and an operation in progress is given up
 * for it (A7.2).
 */
#include "../command.h"

#include <string.h>

#include "../rec.h"

static void
attestation_token_init(struct call *c)
{
	struct rec_attest *attest = &c->rec->attest;

	attest->in_progress = true;
	attest->offset = 0;
	/* X1 to X8.  Measurements that are extended from here on are not in. */
	memcpy(attest->challenge, &c->x[1], sizeof attest->challenge);
	memcpy(attest->measurements, c->realm->measurements,
	    sizeof attest->measurements);
	c->answer->x[1] = attester_token_max(c->rmm->attester);
}

const struct command rsi_attestation_token_init = {
	.abi = RSI_ATTESTATION_TOKEN_INIT_ABI,
	.order = "",
	.tf_order = "",
	.exec = attestation_token_init,
};
