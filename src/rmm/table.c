/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The commands, found by their function ids: those of the host (RMI), and those
 * of a realm (RSI, PSCI).
 */
#include "command.h"

#include "psci/psci.h"

#define SVE_HINT		 (1u << 16) /* SMCCC 1.3: not a part of the function id */

#define RMI_DECLARE(NAME, name)	 extern const struct command rmi_##name;
#define RSI_DECLARE(NAME, name)	 extern const struct command rsi_##name;
#define PSCI_DECLARE(NAME, name) extern const struct command psci_##name;
RMI_COMMANDS(RMI_DECLARE)
RSI_COMMANDS(RSI_DECLARE)
PSCI_COMMANDS(PSCI_DECLARE)

const struct command *
command_find(uint64_t fid)
{
#define RMI_CASE(NAME, name) \
	case RMI_FID_##NAME: \
		return &rmi_##name;

	switch (fid & ~(uint64_t)SVE_HINT) {
		RMI_COMMANDS(RMI_CASE)
	default:
		return NULL;
	}
}

extern const struct command smccc_version;

const struct command *
realm_command_find(const struct rmm *rmm, uint64_t fid)
{
#define RSI_CASE(NAME, name) \
	case RSI_FID_##NAME: \
		return &rsi_##name;
#define PSCI_CASE(NAME, name) \
	case PSCI_FID_##NAME: \
		return &psci_##name;

	fid &= ~(uint64_t)SVE_HINT;
	if (fid == SMCCC_VERSION_FID)
		return smccc_version_answered(rmm) ? &smccc_version : NULL;
	if (psci_smc32_accepted(rmm))
		fid = psci_function(fid);
	switch (fid) {
		RSI_COMMANDS(RSI_CASE)
		PSCI_COMMANDS(PSCI_CASE)
	default:
		return NULL;
	}
}

#define RMI_ABI(NAME, name)  &rmi_##name.abi,
#define RSI_ABI(NAME, name)  &rsi_##name.abi,
#define PSCI_ABI(NAME, name) &psci_##name.abi,

const struct smc_abi *
rmm_command_at(size_t n)
{
	static const struct smc_abi *const abis[] = { RMI_COMMANDS(RMI_ABI) };

	return n < sizeof abis / sizeof abis[0] ? abis[n] : NULL;
}

const struct smc_abi *
rmm_realm_command_at(size_t n)
{
	static const struct smc_abi *const abis[] = { RSI_COMMANDS(RSI_ABI)
		    PSCI_COMMANDS(PSCI_ABI) };

	return n < sizeof abis / sizeof abis[0] ? abis[n] : NULL;
}

/*
 * RSI writes X0 to X16, PSCI and SMCCC_VERSION are SMCCC 1.0 and write X0 to
 * X3, and a call of none of them returns X0 alone.
 */
unsigned
call_num_results(const struct call *c)
{
	if (c->command == NULL)
		return 1;
	return c->command->abi.fid >= RSI_FID_VERSION ? RSI_NUM_RESULTS : 4;
}
