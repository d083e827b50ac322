/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the PSCI functions of a realm share: their function ids, and the exit to
 * the host (A4.3.7).
 */
#ifndef PSCI_H
#define PSCI_H

#include "../choices.h"
#include "../command.h"
#include "../rec.h"

#define NO_SUCH_MPIDR(mpidr) "the realm has no REC of MPIDR " X64, (mpidr)

/* SMCCC: how to find out which version of it there is, and so the rest. */
#define SMCCC_VERSION_FID 0x80000000u
#define SMCCC_VERSION_1_3 0x10003u

/* Bit 30 of a function id: arguments have 64 bits. */
#define SMC64 0x40000000u

static inline bool
smccc_version_answered(const struct rmm *rmm)
{
	return chosen(rmm, RMM_CHOICE_SMCCC_VERSION) ==
	    RMM_SMCCC_VERSION_ANSWER;
}

static inline bool
psci_smc32_accepted(const struct rmm *rmm)
{
	return chosen(rmm, RMM_CHOICE_PSCI_SMC32) == RMM_PSCI_SMC32_ACCEPT;
}

/* The function of B6.3 that a function id means, if that has 32 bits, too. */
static inline uint64_t
psci_function(uint64_t fid)
{
	switch (fid | SMC64) {
	case PSCI_FID_CPU_SUSPEND:
	case PSCI_FID_CPU_ON:
	case PSCI_FID_AFFINITY_INFO:
		return fid | SMC64;
	default:
		return fid;
	}
}

/* An argument of a call, which has 32 bits if the call says so. */
static inline uint64_t
psci_arg(const struct call *c, unsigned n)
{
	return (c->x[0] & SMC64) != 0 ? c->x[n] : (uint32_t)c->x[n];
}

/*
 * The call goes to the host, with its function id and so many arguments, which
 * RMI_PSCI_COMPLETE finds in the REC.
 */
static inline void
psci_exit(struct call *c, unsigned num_args)
{
	uint64_t fid = c->command->abi.fid;

	if ((c->x[0] & SMC64) == 0)
		fid &= ~(uint64_t)SMC64;
	c->exit->exit_reason = RMI_EXIT_PSCI;
	c->exit->gprs[0] = c->rec->gprs[0] = fid;
	for (unsigned i = 1; i <= num_args; i++)
		c->exit->gprs[i] = c->rec->gprs[i] = psci_arg(c, i);
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
