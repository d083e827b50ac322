/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI_ATTESTATION_TOKEN_CONTINUE (DEN0137 1.0-rel0, B5.3.1): the next piece of
 * the token, as large as the realm's buffer.
 */
#include "../command.h"

#include <string.h>

#include "../access.h"
#include "../choices.h"

struct token_continue {
	uint64_t addr;
	uint64_t offset;
	uint64_t size;
	enum access_buffer buffer;
	uint64_t pa;
	const uint8_t *token;
	size_t token_size;
};

static void
make_token(struct call *c, struct token_continue *d)
{
	const struct rec_attest *attest = &c->rec->attest;
	const struct token_claims claims = {
		.challenge = attest->challenge,
		.rpv = c->realm->rpv,
		.hash_algo = (enum rmi_hash_algorithm)c->realm->hash_algo,
		.measurements = attest->measurements,
	};

	/* What makes it fail is not said: here it is a choice. */
	if (chosen(c->rmm, RMM_CHOICE_TOKEN) == RMM_TOKEN_FAIL)
		return;
	d->token = token_cached(
	    &c->rmm->token_cache, c->rmm->attester, &claims, &d->token_size);
}

static void
check(struct call *c, struct token_continue *d)
{
	const uint8_t *memory;

	REJECT_IF(c, addr_align, !granule_aligned(d->addr), RSI_ERROR_INPUT,
	    NOT_ALIGNED(d->addr));
	REJECT_IF(c, addr_bound, !ipa_is_protected(c->realm, d->addr),
	    RSI_ERROR_INPUT, NOT_PROTECTED(d->addr));
	REJECT_IF(c, offset_bound, d->offset >= GRANULE_SIZE, RSI_ERROR_INPUT,
	    "offset " X64 " is not within a granule", d->offset);
	REJECT_IF(c, size_overflow, d->offset + d->size < d->offset,
	    RSI_ERROR_INPUT, "offset " X64 " and size " X64 " overflow",
	    d->offset, d->size);
	REJECT_IF(c, size_bound, d->offset + d->size > GRANULE_SIZE,
	    RSI_ERROR_INPUT,
	    "offset " X64 " and size " X64 " leave the granule", d->offset,
	    d->size);
	REJECT_IF(c, state, !c->rec->attest.in_progress, RSI_ERROR_STATE,
	    "no token is being read: RSI_ATTESTATION_TOKEN_INIT begins");
	NEEDS(c, addr_bound, state);

	d->buffer = access_buffer(c, d->addr, &d->pa, &memory);
	REJECT_IF(c, addr_ripas, d->buffer == BUFFER_EMPTY, RSI_ERROR_INPUT,
	    IS_EMPTY(d->addr));
	make_token(c, d);
	REJECT_IF(c, unknown, d->token == NULL, RSI_ERROR_UNKNOWN,
	    "the token could not be made");
}

static void
apply(struct call *c, const struct token_continue *d)
{
	struct rec_attest *attest = &c->rec->attest;
	uint64_t left = d->token_size - attest->offset;
	uint64_t len = d->size < left ? d->size : left;
	uint8_t *page = granule_page(c->rmm, d->pa);

	memcpy(page + d->offset, d->token + attest->offset, len);
	attest->offset += len;
	c->answer->x[1] = len;
	if (len < left)
		c->answer->x[0] = RSI_INCOMPLETE;
	else
		memset(attest, 0, sizeof *attest);
}

static void
attestation_token_continue(struct call *c)
{
	struct token_continue d = {
		.addr = c->x[1],
		.offset = c->x[2],
		.size = c->x[3],
	};

	check(c, &d);
	if (call_failed(c))
		return;
	if (d.buffer == BUFFER_ABORT)
		access_buffer_exit(c, d.addr);
	else
		apply(c, &d);
}

const struct command rsi_attestation_token_continue = {
	.abi = RSI_ATTESTATION_TOKEN_CONTINUE_ABI,
	.order = "",
	.tf_order = "",
	.exec = attestation_token_continue,
};
