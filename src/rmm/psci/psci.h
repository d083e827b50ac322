/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the PSCI functions of a realm share: the exit to the host (A4.3.7).
 */
#ifndef PSCI_H
#define PSCI_H

#include "../command.h"
#include "../rec.h"

#define NO_SUCH_MPIDR(mpidr) "the realm has no REC of MPIDR " X64, (mpidr)

/*
 * The call goes to the host, with its function id and so many arguments.
 * The registers of the REC stay: RMI_PSCI_COMPLETE looks at them.
 */
static inline void
psci_exit(struct call *c, unsigned num_args)
{
	c->exit->exit_reason = RMI_EXIT_PSCI;
	c->exit->gprs[0] = c->command->abi.fid;
	for (unsigned i = 1; i <= num_args; i++)
		c->exit->gprs[i] = c->x[i];
	c->rec->gprs[0] = c->command->abi.fid;
	c->ends = CALL_EXITS;
}

/* What the realm sees after the next entry, if the host has no say in it. */
static inline void
psci_result(struct call *c, int64_t result)
{
	c->rec->gprs[0] = (uint64_t)result;
	c->rec->gprs[1] = c->rec->gprs[2] = c->rec->gprs[3] = 0;
}

#endif
