/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a machine says of itself in attestation tokens (A7.2.3), in which form,
 * and with which keys: a part of struct rmm_config.
 */
#ifndef ATTESTATION_H
#define ATTESTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RMM_TOKEN_TEXT	       64  /* of a short text, with its NUL */
#define RMM_TOKEN_URL	       256 /* of the verification service's, likewise */
#define RMM_TOKEN_HASH	       64  /* the longest digest */
#define RMM_TOKEN_CONFIG       256 /* of claims that are bytes */
#define RMM_SW_COMPONENTS_MAX  16
#define RMM_COUNTERSIGNERS_MAX 4 /* of one component */
#define RMM_TBB_ROTPKS_MAX     8
#define RMM_IMPLEMENTATION_ID  32
#define RMM_INSTANCE_ID	       33
#define RMM_CHALLENGE	       64

/* The form of the claims; what "default" means depends on where it stands. */
enum rmm_token_profile {
	RMM_PROFILE_DEFAULT,
	RMM_PROFILE_LEGACY, /* a realm token without a profile */
	RMM_PROFILE_2023,   /* "tag:arm.com,2023:..." */
	RMM_PROFILE_2024,   /* "tag:arm.com,2024:..." */
	RMM_PROFILES	    /* how many */
};
/* "default", "legacy", "2023", "2024" */
const char *rmm_token_profile_name(enum rmm_token_profile profile);

/* What holds the two tokens together. */
enum rmm_token_wrapper {
	RMM_WRAPPER_DEFAULT, /* CMW for the profile 2024, else 399 */
	RMM_WRAPPER_399,     /* a tagged map of two byte strings */
	RMM_WRAPPER_907,     /* a CMW collection */
	RMM_WRAPPERS	     /* how many */
};
/* "default", "399", "907" */
const char *rmm_token_wrapper_name(enum rmm_token_wrapper wrapper);

/* A hash of the realm attestation key. */
enum rmm_token_hash {
	RMM_TOKEN_SHA_256,
	RMM_TOKEN_SHA_384,
	RMM_TOKEN_SHA_512,
	RMM_TOKEN_HASHES /* how many */
};
/* "sha-256", "sha-384", "sha-512" */
const char *rmm_token_hash_name(enum rmm_token_hash hash);

/* Bytes of a digest: 32, 48 or 64. */
struct rmm_token_digest {
	uint8_t size;
	uint8_t bytes[RMM_TOKEN_HASH];
};

/* One of the platform's software components (A7.2.3.2.7). */
struct rmm_sw_component {
	char type[RMM_TOKEN_TEXT];	/* "": the claim is left out */
	char version[RMM_TOKEN_TEXT];	/* likewise */
	char hash_algo[RMM_TOKEN_TEXT]; /* likewise */
	struct rmm_token_digest measurement;
	struct rmm_token_digest signer;
	/* Of the profile 2024 only. */
	enum { RMM_LFA_UNSAID, RMM_LFA_NO, RMM_LFA_YES } lfa;
	size_t num_countersigners; /* 0: left out */
	struct rmm_token_digest countersigners[RMM_COUNTERSIGNERS_MAX];
};

/* A provisioned key of the platform's trusted board boot. */
struct rmm_tbb_rotpk {
	char name[RMM_TOKEN_TEXT]; /* "CM" or "DM" */
	int32_t active_array;
	int32_t index;
	struct rmm_token_digest hash;
};

/* Any claim that the chosen profile does not have is left out. */
struct rmm_attestation {
	enum rmm_token_wrapper wrapper;
	enum rmm_token_profile realm_profile; /* default: 2023 */
	/* default: legacy with a legacy realm token, else 2023 */
	enum rmm_token_profile platform_profile;
	enum rmm_token_hash rak_hash; /* also of the platform's challenge */

	uint8_t implementation_id[RMM_IMPLEMENTATION_ID];
	/* The first byte 0: 0x01 and SHA-256 of the CPAK's point. */
	uint8_t instance_id[RMM_INSTANCE_ID];
	uint16_t lifecycle;
	size_t config_size;
	uint8_t config[RMM_TOKEN_CONFIG];
	size_t num_sw_components; /* 1 to RMM_SW_COMPONENTS_MAX */
	struct rmm_sw_component sw_components[RMM_SW_COMPONENTS_MAX];
	char verification_service[RMM_TOKEN_URL]; /* "": left out */
	char hash_algo[RMM_TOKEN_TEXT];

	/* Of the 2024 profiles only. */
	int32_t client_id;
	size_t manufacturing_config_size; /* 0: left out */
	uint8_t manufacturing_config[RMM_TOKEN_CONFIG];
	size_t num_tbb_rotpks; /* 0: left out */
	struct rmm_tbb_rotpk tbb_rotpks[RMM_TBB_ROTPKS_MAX];
	size_t peer_signers_size; /* 0: left out */
	uint8_t peer_signers[RMM_TOKEN_CONFIG];
	bool mec_private;   /* the realm's MEC policy */
	int32_t lfa_policy; /* of the realm; negative: left out */

	/* PEM private keys of the curve P-384; NULL: derived from the seed. */
	const char *cpak; /* signs the platform token */
	const char *rak;  /* signs the realm token */
};

/* Which of the two keys, and how its public half is written. */
enum rmm_key { RMM_KEY_CPAK, RMM_KEY_RAK };
enum rmm_key_form { RMM_KEY_PEM, RMM_KEY_JWK };
#define RMM_KEY_TEXT 512 /* room for either form */

/* Is this a PEM text that rmm_new() takes?  If not, *why says what it lacks. */
bool rmm_key_valid(const char *pem, const char **why);

/* What rmm_config_init() sets. */
void rmm_attestation_init(struct rmm_attestation *attestation);

#endif
