/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The RIM of each realm, told when the realm has become active: from then on it
 * is what it will be.
 */
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shim.h"

/* The VM's last, of those that share a place. */
static bool
first_time(uint64_t serial)
{
	static _Atomic uint64_t told[256];

	return atomic_exchange(&told[serial % 256], serial) != serial;
}

static void
tell(uint64_t rd, const struct rim *rim)
{
	char text[2 * sizeof(rim->value) + 1] = "";

	for (size_t i = 0; i < rim->size; i++)
		snprintf(text + 2 * i, 3, "%02x", rim->value[i]);
	if (rim->size > 0)
		shim_say("realm 0x%llx: RIM %s %s", (unsigned long long)rd,
		    rim->algorithm, text);
	else
		shim_say("realm 0x%llx: RIM not known: %s",
		    (unsigned long long)rd, rim->why);
}

void
shim_realm_after(struct rmmkvm *system, const struct shim_call *call)
{
	bool told = getenv("RMM_KVM_RIM") != NULL;
	struct rmmkvm_realm realm;
	struct rim rim;

	if (!told && !shim_counts())
		return;
	if (call->command != RKVM_RUN && call->command != RKVM_ENABLE_CAP)
		return;
	if (rmmkvm_realm(system, call->fd, &realm) != 0 ||
	    realm.state != RMMKVM_ACTIVE || !first_time(realm.serial))
		return;
	rim_read(NULL, NULL, "rmm-kvm", realm.rd, &rim);
	shim_count_rim(realm.rd, &rim);
	if (told)
		tell(realm.rd, &rim);
}
