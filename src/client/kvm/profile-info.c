/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * By which a client gives away what posting of the series it was written for.
 */
#include "kvm.h"

RMMKVM_API const char *
rmmkvm_default_profile(void)
{
	return profile_find(NULL)->name;
}

RMMKVM_API bool
rmmkvm_profile_info(size_t index, struct rmmkvm_profile_info *info)
{
	const char *const *names = rmmkvm_profiles();
	const struct profile *profile;

	for (size_t i = 0; i <= index; i++)
		if (names[i] == NULL)
			return false;
	profile = profile_find(names[index]);
	*info = (struct rmmkvm_profile_info){
		.name = profile->name,
		.cap_rmi = profile->cap_rmi,
		.vm_type_mask = profile->vm_type_mask,
		.vm_type_realm = profile->vm_type_realm,
	};
	return true;
}
