/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Realm Services Interface as a realm sees it: status words, enumerations
 * and the layouts of the structures that a realm keeps in its memory.  Source:
 * DEN0137 1.0-rel0, sections B5.3 and B5.4; PSCI: B6.4.
 */
#ifndef RSI_H
#define RSI_H

#include "rmi.h"
#include "rsi-commands.h"

/* RsiCommandReturnCode (B5.4.1), all of X0. */
enum rsi_status {
	RSI_SUCCESS = 0,
	RSI_ERROR_INPUT = 1,
	RSI_ERROR_STATE = 2,
	RSI_INCOMPLETE = 3,
	RSI_ERROR_UNKNOWN = 4,
};

/* RsiInterfaceVersion (B5.4.4): minor 15:0, major 30:16. */
#define RSI_VERSION_1_0 0x10000u

/* RsiRipas (B5.4.7). */
enum rsi_ripas {
	RSI_EMPTY = 0,
	RSI_RAM = 1,
	RSI_DESTROYED = 2,
	RSI_DEV = 3,
};

/* RsiRipasChangeFlags (B5.4.9). */
#define RSI_CHANGE_DESTROYED (1u << 0)
/* RsiResponse (B5.4.6). */
enum rsi_response { RSI_ACCEPT = 0, RSI_REJECT = 1 };

/* RsiRealmConfig (B5.4.5). */
struct rsi_realm_config {
	uint64_t ipa_width; /* bits */
	uint8_t hash_algo;  /* enum rmi_hash_algorithm */
	uint8_t pad0[0x200 - 0x9];
	uint8_t rpv[64];
	uint8_t pad1[0x1000 - 0x240];
};
RMI_PAGE(rsi_realm_config);
RMI_LAYOUT(rsi_realm_config, hash_algo, 0x8);
RMI_LAYOUT(rsi_realm_config, rpv, 0x200);

/* RsiHostCall (B5.4.3), aligned to its size. */
#define RSI_HOST_CALL_SIZE 0x100u
struct rsi_host_call {
	uint16_t imm;
	uint8_t pad0[6];
	uint64_t gprs[RMI_REC_GPRS];
};
static_assert(sizeof(struct rsi_host_call) == RSI_HOST_CALL_SIZE, "B5.4.3");
RMI_LAYOUT(rsi_host_call, gprs, 0x8);

#endif
