/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The claims of a platform that is nobody's: what a machine says of itself
 * unless told otherwise.
 */
#include "attestation.h"

#include <string.h>

#include "token-claims.h"

#define LIFECYCLE_SECURED 0x3000
#define CLIENT_ID	  1 /* the only one that the draft of 2024 has */

const char *
rmm_token_profile_name(enum rmm_token_profile profile)
{
	static const char *const names[] = {
		[RMM_PROFILE_DEFAULT] = "default",
		[RMM_PROFILE_LEGACY] = "legacy",
		[RMM_PROFILE_2023] = "2023",
		[RMM_PROFILE_2024] = "2024",
	};

	return names[profile];
}

const char *
rmm_token_wrapper_name(enum rmm_token_wrapper wrapper)
{
	static const char *const names[] = {
		[RMM_WRAPPER_DEFAULT] = "default",
		[RMM_WRAPPER_399] = "399",
		[RMM_WRAPPER_907] = "907",
	};

	return names[wrapper];
}

const char *
rmm_token_hash_name(enum rmm_token_hash hash)
{
	static const char *const names[] = {
		[RMM_TOKEN_SHA_256] = "sha-256",
		[RMM_TOKEN_SHA_384] = "sha-384",
		[RMM_TOKEN_SHA_512] = "sha-512",
	};

	return names[hash];
}

/* Nothing was measured and nobody has signed: SHA-256 of three texts. */
#define SHA_256_OF_RMMD                                                    \
	"\x79\x5d\x57\xeb\xbe\x83\x34\x60\x25\xd8\xfc\x9f\x40\x52\x26\x92" \
	"\x9c\x29\xe3\x08\xff\x65\x70\x31\x62\x9b\x90\x68\x3a\x11\x31\xbc"
#define SHA_256_OF_BL                                                      \
	"\x9b\xf6\xf6\x77\x41\xec\x18\x88\x93\x95\x8d\x39\xbf\x09\xe6\x53" \
	"\x26\x00\xec\x73\x77\x8d\x6f\xae\x38\x01\x5e\x55\x05\xed\x27\x32"
#define SHA_256_OF_RMM                                                     \
	"\x9f\xe1\x60\xa8\x86\xea\xd1\xf8\x2b\x4d\x0a\x52\x04\x38\xd5\x6d" \
	"\x64\x37\x25\x58\x8c\x0f\xfb\x6e\xc5\xd7\x00\x99\x87\xfe\x93\x00"

static const struct rmm_sw_component components[] = {
	{
	    .type = "BL",
	    .version = "1.0.0",
	    .hash_algo = "sha-256",
	    .measurement = { 32, SHA_256_OF_BL },
	    .signer = { 32, SHA_256_OF_RMMD },
	},
	{
	    .type = "RMM",
	    .version = "1.0.0",
	    .hash_algo = "sha-256",
	    .measurement = { 32, SHA_256_OF_RMM },
	    .signer = { 32, SHA_256_OF_RMMD },
	},
};
#define COMPONENTS (sizeof components / sizeof components[0])

void
rmm_attestation_init(struct rmm_attestation *a)
{
	static const char name[] = "rmmd, an emulated platform";

	_Static_assert(sizeof name <= sizeof a->implementation_id, "too long");
	_Static_assert(COMPONENTS <= RMM_SW_COMPONENTS_MAX, "too many");
	memset(a, 0, sizeof *a);
	memcpy(a->implementation_id, name, sizeof name);
	a->lifecycle = LIFECYCLE_SECURED;
	a->config_size = 4;
	a->num_sw_components = COMPONENTS;
	memcpy(a->sw_components, components, sizeof components);
	strcpy(a->hash_algo, "sha-256");
	a->client_id = CLIENT_ID;
	a->lfa_policy = -1;
}
