/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A CCA attestation token (A7.2.3) as its reader sees it: what it says, and
 * whether that can be believed.  Nothing in it is trusted, and nothing of it is
 * copied: a view is good as long as the bytes are.
 */
#ifndef TOKEN_VIEW_H
#define TOKEN_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cose.h"

#define TOKEN_WHY    192
#define TOKEN_CLAIMS 64 /* of one map, at most */

/* ---- claims.c: a map of claims --------------------------------------------
 */

enum claim_kind {
	CLAIM_ANY,
	CLAIM_BYTES, /* min to max of them */
	CLAIM_HASH,  /* 32, 48 or 64 bytes */
	CLAIM_TEXT,
	CLAIM_INT,	  /* min to max */
	CLAIM_POLICY,	  /* an integer, or a text in newer drafts */
	CLAIM_COMPONENTS, /* the platform's software */
	CLAIM_REMS,	  /* four measurements */
};

enum claim_presence {
	CLAIM_ALWAYS,
	CLAIM_OPTIONAL,
	CLAIM_SINCE_2024, /* in the profile of 2024 always */
};

struct claim_row {
	int64_t label;
	const char *name;
	enum claim_kind kind;
	enum claim_presence presence;
	uint64_t min, max;
};

struct claim {
	const struct claim_row *row; /* NULL: not a claim that is known */
	struct cbor_item key, item;
	const uint8_t *bytes; /* the value as it is encoded */
	size_t size;
};

struct claims {
	struct claim list[TOKEN_CLAIMS];
	size_t num;
};

extern const struct claim_row realm_claim_rows[];     /* name NULL ends */
extern const struct claim_row platform_claim_rows[];  /* likewise */
extern const struct claim_row component_claim_rows[]; /* likewise */

/* The map at in.  Returns false, with in->error set, if there is none. */
bool claims_read(
    struct claims *claims, const struct claim_row *rows, struct cbor_in *in);
/* The claim with this label; NULL: there is none. */
const struct claim *claims_find(const struct claims *claims, int64_t label);
/* Is everything there that has to be, and as it has to be? */
bool claims_good(const struct claims *claims, const struct claim_row *rows,
    char why[TOKEN_WHY]);
bool claim_is_text(const struct claim *claim, const char *text);

/* ---- token-view.c: the whole ----------------------------------------------
 */

enum { TOKEN_PLATFORM, TOKEN_REALM };

enum token_check {
	/* In the order in which a person wants to hear of them. */
	CHECK_PLATFORM_SIGNATURE,
	CHECK_REALM_SIGNATURE,
	CHECK_BINDING,
	CHECK_PLATFORM_CLAIMS,
	CHECK_REALM_CLAIMS,
	CHECK_CHALLENGE,
	CHECK_RPV,
	CHECK_HASH_ALGO,
	CHECK_RIM,
	CHECK_REMS,
	TOKEN_CHECKS /* how many */
};
const char *token_check_name(enum token_check check);

struct token_verdict {
	bool made; /* false: there was nothing to compare with */
	bool good;
	char why[TOKEN_WHY]; /* a sentence, if it is not good */
};

struct token_view {
	unsigned wrapper; /* 399 or 907 */
	struct sign1 message[2];
	struct claims claims[2];
	struct token_verdict verdicts[TOKEN_CHECKS];
};

/* What a token is compared with; a member that is NULL is not. */
struct token_expectation {
	const uint8_t *cpak;	  /* P384_POINT bytes */
	const uint8_t *challenge; /* 64 bytes */
	const uint8_t *rpv;	  /* 64 bytes */
	const char *hash_algo;	  /* "sha-256" */
	size_t hash_size;	  /* of rim and rems */
	const uint8_t *rim;
	const uint8_t *rems[4];
};

/*
 * Take a token apart.
 *
 * Returns false, with a sentence in why, if it is none.
 */
bool token_read(struct token_view *view, const uint8_t *bytes, size_t size,
    char why[TOKEN_WHY]);
/* Fill the verdicts.  Returns whether all that were made are good. */
bool token_verify(
    struct token_view *view, const struct token_expectation *expected);

#endif
