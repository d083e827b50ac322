/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of RMI commands, as the command table has it, and the names of the
 * return codes: for the shell and for "rmmctl commands".
 */
#include "config.h"

#include <strings.h>
#include <string.h>

#include "rmmctl.h"

#define ROW(upper, lower) RMI_##upper##_ABI,
static const struct smc_abi table[] = { RMI_COMMANDS(ROW) };

static const char *const statuses[] = {
	[RMI_SUCCESS] = "RMI_SUCCESS",
	[RMI_ERROR_INPUT] = "RMI_ERROR_INPUT",
	[RMI_ERROR_REALM] = "RMI_ERROR_REALM",
	[RMI_ERROR_REC] = "RMI_ERROR_REC",
	[RMI_ERROR_RTT] = "RMI_ERROR_RTT",
};
#define STATUSES (sizeof(statuses) / sizeof(statuses[0]))

const struct smc_abi *
abi_at(size_t n)
{
	return n < sizeof(table) / sizeof(table[0]) ? &table[n] : NULL;
}

const struct smc_abi *
abi_by_fid(uint64_t fid)
{
	const struct smc_abi *abi;

	for (size_t i = 0; (abi = abi_at(i)) != NULL; i++) {
		if (abi->fid == fid)
			return abi;
	}
	return NULL;
}

/* Whether name is full, or full without its "RMI_". */
static bool
same_name(const char *full, const char *name, size_t len)
{
	if (strlen(full) == len && strncasecmp(full, name, len) == 0)
		return true;
	full += strlen("RMI_");
	return strlen(full) == len && strncasecmp(full, name, len) == 0;
}

const struct smc_abi *
abi_by_name(const char *name, size_t len)
{
	const struct smc_abi *abi;

	for (size_t i = 0; (abi = abi_at(i)) != NULL; i++) {
		if (same_name(abi->name, name, len))
			return abi;
	}
	return NULL;
}

const char *
abi_status_name(unsigned status)
{
	return status < STATUSES ? statuses[status] : NULL;
}

int
abi_status(const char *name, size_t len)
{
	for (size_t i = 0; i < STATUSES; i++) {
		if (same_name(statuses[i], name, len))
			return (int)i;
	}
	return -1;
}
