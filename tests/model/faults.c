/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Errors that are planted in the model after a call, as if the command had made
 * them: each must be found, and shrunk to what leads to it.
 */
#include "config.h"

#include "model.h"

#include <string.h>

#include "rmm/granule.h"
#include "rmm/realm.h"
#include "rmm/rec.h"
#include "rmm/rtt.h"

/* The k-th time that the command has succeeded, as RTT_CREATE counts. */
static bool
succeeded(const struct op *op, const struct rmm_answer *answer, uint64_t fid,
    unsigned *count, unsigned k)
{
	return op->x[0] == fid && answer->x[0] == RMI_SUCCESS && ++*count == k;
}

static void
count_data(struct rmm *rmm, const struct op *op, struct rmm_answer *answer,
    unsigned *count)
{
	if (succeeded(op, answer, RMI_FID_DATA_CREATE_UNKNOWN, count, 3))
		realm_at(rmm, op->x[1])->num_data++;
}

static void
keep_owner(struct rmm *rmm, const struct op *op, struct rmm_answer *answer,
    unsigned *count)
{
	if (succeeded(op, answer, RMI_FID_RTT_DESTROY, count, 2))
		granule_at(rmm, answer->x[1])->rd = op->x[1];
}

static void
quiet_rim(struct rmm *rmm, const struct op *op, struct rmm_answer *answer,
    unsigned *count)
{
	if (succeeded(op, answer, RMI_FID_RTT_CREATE, count, 4))
		realm_at(rmm, op->x[1])->measurements[0][5] ^= 1;
}

static void
failure_writes(struct rmm *rmm, const struct op *op, struct rmm_answer *answer,
    unsigned *count)
{
	if (op->x[0] == RMI_FID_DATA_CREATE &&
	    RMI_STATUS(answer->x[0]) == RMI_ERROR_RTT && ++*count == 2)
		realm_at(rmm, op->x[1])->rpv[9]++;
}

static void
leak(struct rmm *rmm, const struct op *op, struct rmm_answer *answer,
    unsigned *count)
{
	const uint8_t secret = 0x5a;

	if (!succeeded(op, answer, RMI_FID_REC_CREATE, count, 1))
		return;
	/* ns_write() is for Non-secure granules, and says so. */
	struct bank *bank = bank_at(rmm, op->x[2]);

	memcpy(bank->ns.ns + (op->x[2] - bank->ns.base), &secret, 1);
}

static void
keep_vmid(struct rmm *rmm, const struct op *op, struct rmm_answer *answer,
    unsigned *count)
{
	if (succeeded(op, answer, RMI_FID_REALM_DESTROY, count, 2))
		vmid_take(rmm, 77);
}

static void
no_condition(struct rmm *rmm, const struct op *op, struct rmm_answer *answer,
    unsigned *count)
{
	(void)rmm;
	if (op->x[0] == RMI_FID_REC_ENTER &&
	    RMI_STATUS(answer->x[0]) == RMI_ERROR_REALM && ++*count == 1)
		answer->condition = NULL;
}

static void
forget_liveness(struct rmm *rmm, const struct op *op, struct rmm_answer *answer,
    unsigned *count)
{
	if (succeeded(op, answer, RMI_FID_RTT_FOLD, count, 1))
		granule_at(rmm, realm_at(rmm, op->x[1])->rtt_base)->live++;
}

static const struct fault faults[] = {
	{ "count-data", "the third DATA_CREATE_UNKNOWN counts twice",
	    count_data },
	{ "keep-owner", "the second RTT_DESTROY does not wipe all",
	    keep_owner },
	{ "quiet-rim", "the fourth RTT_CREATE changes the RIM", quiet_rim },
	{ "failure-writes", "the second DATA_CREATE that fails changes the RPV",
	    failure_writes },
	{ "leak", "REC_CREATE writes to the Non-secure view", leak },
	{ "keep-vmid", "the second REALM_DESTROY leaves a VMID taken",
	    keep_vmid },
	{ "no-condition", "REC_ENTER fails and does not say why",
	    no_condition },
	{ "forget-liveness", "RTT_FOLD miscounts what a table refers to",
	    forget_liveness },
};

const struct fault *
fault_at(size_t n)
{
	return n < sizeof faults / sizeof faults[0] ? &faults[n] : NULL;
}

const struct fault *
fault_find(const char *name)
{
	const struct fault *fault;

	for (size_t n = 0; (fault = fault_at(n)) != NULL; n++)
		if (strcmp(fault->name, name) == 0)
			return fault;
	return NULL;
}
