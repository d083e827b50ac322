/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which posting of the kernel's series a client was written for, as far as what
 * it asked gives it away: the number of KVM_CAP_ARM_RMI, which every posting
 * has of its own, and the type of a realm's VM.
 */
#include <inttypes.h>
#include <string.h>

#include "command.h"
#include "rmmkvm.h"

static const char *
running(const struct statistics *statistics)
{
	/* What another process wrote may have no end. */
	static char name[sizeof(statistics->profile) + 1];

	memcpy(name, statistics->profile, sizeof(statistics->profile));
	return name;
}

static bool
asked_for(const struct statistics *statistics, unsigned number)
{
	const struct statistics_cap *cap;

	if (number >= STATISTICS_CAPS)
		return false;
	cap = &statistics->caps[number];
	return cap->count[0] + cap->count[1] + cap->enabled > 0;
}

static bool
find_profile(const char *name, struct rmmkvm_profile_info *info)
{
	for (size_t i = 0; rmmkvm_profile_info(i, info); i++)
		if (strcmp(info->name, name) == 0)
			return true;
	return false;
}

/* A type of another profile's realms that was tried in vain; 0: none. */
static uint64_t
foreign_type(const struct statistics *statistics,
    const struct rmmkvm_profile_info *here,
    const struct rmmkvm_profile_info *there)
{
	for (unsigned i = 0; i < STATISTICS_TYPES; i++) {
		const struct statistics_type *entry = &statistics->types[i];
		uint64_t type = entry->key - 1;

		if (entry->key == 0)
			break;
		if (entry->failed > 0 &&
		    (type & there->vm_type_mask) == there->vm_type_realm &&
		    (type & here->vm_type_mask) != here->vm_type_realm)
			return type;
	}
	return 0;
}

void
advise(FILE *to, const struct statistics *statistics)
{
	const char *name = running(statistics);
	struct rmmkvm_profile_info here, there;
	unsigned last = 0;
	bool found = false;
	uint64_t type;

	fprintf(to, "profile %s\n", name);
	if (!find_profile(name, &here))
		return;
	if (asked_for(statistics, here.cap_rmi)) {
		fprintf(to,
		    "it asked for capability %u, KVM_CAP_ARM_RMI in %s: the "
		    "profile fits\n",
		    here.cap_rmi, here.name);
		found = true;
	}
	for (size_t i = 0; rmmkvm_profile_info(i, &there); i++) {
		/* An experiment has the number of what it is one on. */
		if (there.cap_rmi == here.cap_rmi || there.cap_rmi == last)
			continue;
		last = there.cap_rmi;
		if (asked_for(statistics, there.cap_rmi)) {
			fprintf(to,
			    "it asked for capability %u: that is %s; you run "
			    "%s\n",
			    there.cap_rmi, there.name, here.name);
			found = true;
		}
		type = foreign_type(statistics, &here, &there);
		if (type != 0) {
			fprintf(to,
			    "it tried VM type 0x%" PRIx64 ", a realm in %s but "
			    "not in %s\n",
			    type, there.name, here.name);
			found = true;
		}
	}
	if (!found)
		fputs("it asked for no capability and no VM type by which a "
		      "profile can be told\n",
		    to);
}
