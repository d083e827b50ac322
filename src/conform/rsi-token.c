/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI_ATTESTATION_TOKEN_INIT (B5.3.2) and _CONTINUE (B5.3.1).  What the token
 * says is for a verifier to judge.
 */
#include "guest.h"

#include <string.h>

#define S(id_, what_, apply_, arg_)                                    \
	{                                                              \
		.id = id_, .what = what_, .apply = apply_, .arg = arg_ \
	}
#define BUFFER	  IPA_DATA
#define TOKEN_MAX 65536u
#define UNTOUCHED 0xe7

static uint64_t
begin(struct conform *c)
{
	const struct deed *deed = guest_do(c, GUEST_1,
	    SMC(RSI_FID_ATTESTATION_TOKEN_INIT, 1, 2, 3, 4, 5, 6, 7, 8));

	expect_result(c, deed, RSI_SUCCESS);
	return deed->x[1];
}

static uint8_t page[GRANULE_SIZE];
static uint8_t token[2][TOKEN_MAX];

/* One piece, to an offset; nothing else of the page may change. */
static bool
piece(struct conform *c, uint64_t offset, uint64_t size, uint8_t *to,
    uint64_t *len)
{
	const struct deed *deed;

	memset(page, UNTOUCHED, sizeof page);
	guest_put(c, BUFFER, page);
	deed = guest_do(c, GUEST_1,
	    SMC(RSI_FID_ATTESTATION_TOKEN_CONTINUE, BUFFER, offset, size));
	expect_done(c, deed);
	*len = deed->x[1];
	if (deed->x[0] != RSI_INCOMPLETE && deed->x[0] != RSI_SUCCESS)
		fail(c, "answered " X64 " (%s)", deed->x[0], deed->last.why);
	if (*len > size || (deed->x[0] == RSI_INCOMPLETE && *len == 0))
		fail(c, "len: %" PRIu64 " bytes of %" PRIu64, *len, size);
	guest_get(c, BUFFER, page);
	for (uint64_t i = 0; i < sizeof page && !c->failed; i++)
		if (page[i] != UNTOUCHED && i - offset >= *len)
			fail(c, "byte 0x%" PRIx64 " is written, beyond len", i);
	if (c->failed || c->skipped)
		return false;
	memcpy(to, page + offset, *len);
	return deed->x[0] == RSI_INCOMPLETE;
}

/* All of it; returns its size. */
static uint64_t
whole(struct conform *c, uint64_t offset, uint64_t size, uint8_t *to)
{
	uint64_t most = begin(c), total = 0, len;
	bool more = true;

	while (more && !c->failed && !c->skipped) {
		if (total > TOKEN_MAX - GRANULE_SIZE) {
			fail(c, "the token does not end");
			break;
		}
		more = piece(c, offset, size, to + total, &len);
		total += len;
	}
	if (total > most)
		fail(c, "%" PRIu64 " bytes, at most %" PRIu64 " were told",
		    total, most);
	return total;
}

/* ---- ..._INIT ---------------------------------------------------------- */

static void
init_base(struct conform *c)
{
	activate(c, 0);
	for (unsigned i = 1; i <= 8; i++)
		c->x[i] = 0x1111111111111111u * (uint64_t)i;
}

static void
init_check(struct conform *c)
{
	const struct deed *deed;

	/* An upper bound for the token's size. */
	if (c->r[1] == 0)
		fail(c, "the token has at most 0 bytes");
	deed = guest_do(
	    c, GUEST_1, SMC(RSI_FID_ATTESTATION_TOKEN_CONTINUE, BUFFER, 0, 1));
	expect_result(c, deed, RSI_INCOMPLETE);
}

/* What was told is enough for all of it. */
static void
init_bound(struct conform *c)
{
	whole(c, 0, GRANULE_SIZE, token[0]);
}

static const struct positive init_positives[] = {
	{ "success", NULL, init_check, NULL, 0 },
	{ "upper-bound", NULL, NULL, init_bound, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rsi_attestation_token_init_cases = {
	.name = "RSI_ATTESTATION_TOKEN_INIT",
	.base = init_base,
	.positives = init_positives,
};

/* ---- ..._CONTINUE ------------------------------------------------------ */

static void
continue_base(struct conform *c)
{
	activate(c, 0);
	begin(c);
	c->x[1] = BUFFER;
	c->x[2] = 0;
	c->x[3] = 64;
}

static void
unprot_x1(struct conform *c, uint64_t ipa)
{
	c->x[1] = c->unprot + ipa;
}

static void
overflow(struct conform *c, uint64_t offset)
{
	c->x[2] = offset;
	c->x[3] = UINT64_MAX - offset + 1;
}

/* Nothing, from there on: so that only the offset is wrong. */
static void
from(struct conform *c, uint64_t offset)
{
	c->x[2] = offset;
	c->x[3] = 0;
}

static void
beyond(struct conform *c, uint64_t offset)
{
	c->x[2] = offset;
	c->x[3] = GRANULE_SIZE - offset + 1;
}

/* In pieces of any size it is a token; signatures may differ. */
static void
pieces(struct conform *c)
{
	uint64_t size = whole(c, c->arg >> 16, c->arg & 0xffff, token[0]);
	uint64_t other = whole(c, 0, GRANULE_SIZE, token[1]);

	if (c->failed || c->skipped)
		return;
	if (size < 200 || other < 200)
		fail(c, "a token of %" PRIu64 " bytes",
		    size < other ? size : other);
	if (memcmp(token[0], token[1], 4) != 0)
		fail(c, "two tokens begin differently");
	/* It is over: there is nothing to go on with. */
	expect_result(c,
	    guest_do(c, GUEST_1,
		SMC(RSI_FID_ATTESTATION_TOKEN_CONTINUE, BUFFER, 0, 64)),
	    RSI_ERROR_STATE);
}

/* A new one begins from the start. */
static void
begun_anew(struct conform *c)
{
	uint64_t len;

	begin(c);
	piece(c, 0, 16, token[0], &len);
	piece(c, 0, 16, token[0], &len);
	begin(c);
	piece(c, 0, 8, token[0], &len);
	begin(c);
	piece(c, 8, 8, token[1], &len);
	if (memcmp(token[0], token[1], 4) != 0)
		fail(c, "a token that is begun anew begins differently");
}

static void
none_begun(struct conform *c, uint64_t unused)
{
	(void)unused;
	whole(c, 0, GRANULE_SIZE, token[0]); /* read to its end */
}

/* On a machine whose tokens fail, all is right with the call. */
static void
token_fails(struct conform *c, uint64_t unused)
{
	const struct deed *deed = guest_do(
	    c, GUEST_1, SMC(RSI_FID_ATTESTATION_TOKEN_CONTINUE, BUFFER, 0, 1));

	(void)unused;
	if (!c->failed && !c->skipped && deed->x[0] != RSI_ERROR_UNKNOWN)
		skip(c, "the machine can make tokens");
	begin(c);
}

static void
continue_unmapped(struct conform *c)
{
	struct rmi_rec_exit want = { 0 };
	const struct deed *deed = guest_do(c, GUEST_1,
	    SMC(RSI_FID_ATTESTATION_TOKEN_CONTINUE, IPA_RAM, 0, 64));

	expect_pending(c, deed);
	expect_abort(&want, false, 3, IPA_RAM);
	expect_exit(c, GUEST_1, &want);
	MUST(c, DATA_CREATE_UNKNOWN, G(c, P_RD), G(c, P_FREE + 1), IPA_RAM);
	guest_enter(c, GUEST_1);
	expect_result(c, deed, RSI_INCOMPLETE);
}

static const struct stimulus continue_stimuli[] = {
	S("addr_align", "+1", set_x1, BUFFER + 1),
	S("addr_align", "+0x800", set_x1, BUFFER + 0x800),
	S("addr_bound", "first-unprotected", unprot_x1, 0),
	S("addr_bound", "2^52", set_x1, 1ull << 52),
	S("addr_bound", "2^63", set_x1, 1ull << 63),
	S("offset_bound", "4096", from, GRANULE_SIZE),
	{ .id = "offset_bound",
	    .what = "2^63",
	    .apply = from,
	    .arg = 1ull << 63,
	    .also = "size_bound" },
	S("size_overflow", "", overflow, 8),
	S("size_bound", "+1", beyond, 0),
	S("size_bound", "offset", beyond, 4095),
	S("size_bound", "2^63", set_x3, 1ull << 63),
	S("state", "", none_begun, 0),
	S("unknown", "", token_fails, 0),
	{ .id = NULL },
};

#define PIECES(offset, size) (uint64_t)(offset) << 16 | (size)
static const struct positive continue_positives[] = {
	{ "pages", NULL, NULL, pieces, PIECES(0, 4096) },
	{ "97-bytes", NULL, NULL, pieces, PIECES(0, 97) },
	{ "offset", NULL, NULL, pieces, PIECES(3000, 1096) },
	{ "begun-anew", NULL, NULL, begun_anew, 0 },
	{ "unmapped", NULL, NULL, continue_unmapped, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct command_cases rsi_attestation_token_continue_cases = {
	.name = "RSI_ATTESTATION_TOKEN_CONTINUE",
	.base = continue_base,
	.stimuli = continue_stimuli,
	.positives = continue_positives,
};
