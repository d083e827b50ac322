/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The postings of the kernel's series, one table each.  Where two of them
 * differ, they differ here and nowhere else.
 */
#include <string.h>

#include "kvm.h"

/*
 * v12: the count of bytes, as the kernel's functions return it: a long that is
 * converted to int on the way.  From 2 GiB on it is no longer the count.
 */
static long
result_bytes(long pages)
{
	long bytes = (long)((uint64_t)pages << PAGE_SHIFT);

	return pages < 0 ? pages : (long)(int)bytes;
}

/* v13: 0; how far it came is in the structure. */
static long
result_in_place(long pages)
{
	return pages < 0 ? pages : 0;
}

static const struct profile profiles[] = {
	{
	    .name = "v12",
	    .cap_rmi = 247,
	    .vm_type_mask = 0xf00,
	    .vm_type_realm = 0x100,
	    .populate_command = RKVM_POPULATE_V12,
	    .populate_result = result_bytes,
	    .populate_writes_back = false,
	    .not_realm = -EPERM,
	    .source_unaligned = 0,
	    .source_null = 0,
	    .prepared = -EEXIST,
	    .rtt_no_page = -ENXIO,
	    .data_failed = -ENXIO,
	    .rtt_too_deep = 0,
	    .psci_failed = -EINVAL,
	    .irqchip_before_create = false,
	    .run_after_failure = -ENXIO,
	},
	{
	    .name = "v13",
	    .cap_rmi = 248,
	    .vm_type_mask = 0xf00,
	    .vm_type_realm = 0x100,
	    .populate_command = RKVM_POPULATE_V13,
	    .populate_result = result_in_place,
	    .populate_writes_back = true,
	    .not_realm = -ENXIO,
	    .source_unaligned = -EINVAL,
	    .source_null = -EOPNOTSUPP,
	    .prepared = 0,
	    .rtt_no_page = -ENOMEM,
	    .data_failed = 0,
	    .rtt_too_deep = -EIO,
	    .psci_failed = -ENXIO,
	    .irqchip_before_create = true,
	    .run_after_failure = -EINVAL,
	},
};
#define NUM_PROFILES (sizeof(profiles) / sizeof(profiles[0]))
#define DEFAULT	     "v13"

RMMKVM_API const char *const *
rmmkvm_profiles(void)
{
	static const char *const names[] = { "v12", "v13", NULL };

	_Static_assert(sizeof(names) / sizeof(names[0]) == NUM_PROFILES + 1,
	    "a name for every profile");
	return names;
}

const struct profile *
profile_find(const char *name)
{
	if (name == NULL)
		name = DEFAULT;
	for (size_t i = 0; i < NUM_PROFILES; i++)
		if (strcmp(profiles[i].name, name) == 0)
			return &profiles[i];
	return NULL;
}
