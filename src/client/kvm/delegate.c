/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Granules on their way to the Realm world and back, with what the kernel makes
 * of a failure: a page that can not be undelegated is never used again.
 */
#include "kvm.h"

long
rmi_fail(long error, const char *command, int rc)
{
	static const char *const names[] = { "RMI_SUCCESS", "RMI_ERROR_INPUT",
		"RMI_ERROR_REALM", "RMI_ERROR_REC", "RMI_ERROR_RTT" };
	const struct rmmclient_reason *reason = rmmclient_last_reason();
	unsigned status = RMI_STATUS((unsigned)rc);

	if (rc < 0)
		return fail(-EIO, "%s: %s", command, rmmclient_error(NULL));
	return fail(error, "%s: %s %u (%s) %s", command,
	    status < 5 ? names[status] : "status", RMI_INDEX((unsigned)rc),
	    reason->condition, reason->why);
}

int
granule_delegate(struct vm *vm, uint64_t pa)
{
	int rc = rmi_granule_delegate(vm->file.system->client, pa);

	return rc == RMI_SUCCESS
	    ? 0
	    : (int)rmi_fail(-ENXIO, "RMI_GRANULE_DELEGATE", rc);
}

bool
granule_undelegate(struct vm *vm, uint64_t pa)
{
	return rmi_granule_undelegate(vm->file.system->client, pa) ==
	    RMI_SUCCESS;
}

int
granule_alloc(struct vm *vm, uint64_t *pa)
{
	int rc = page_alloc(&vm->pages, pa);

	if (rc < 0)
		return rc;
	rc = granule_delegate(vm, *pa);
	if (rc < 0)
		pages_free(&vm->pages, *pa, 1);
	return rc;
}

void
granule_free(struct vm *vm, uint64_t pa)
{
	if (granule_undelegate(vm, pa))
		pages_free(&vm->pages, pa, 1);
}
