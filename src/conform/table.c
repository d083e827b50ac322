/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every command's cases, in the order of the function ids.
 */
#include "conform.h"

const struct command_cases *const all_commands[] = {
	&version_cases,
	&granule_delegate_cases,
	&granule_undelegate_cases,
	&data_create_cases,
	&data_create_unknown_cases,
	&data_destroy_cases,
	&realm_activate_cases,
	&realm_create_cases,
	&realm_destroy_cases,
	&rec_create_cases,
	&rec_destroy_cases,
	&rec_enter_cases,
	&rtt_create_cases,
	&rtt_destroy_cases,
	&rtt_map_unprotected_cases,
	&rtt_read_entry_cases,
	&rtt_unmap_unprotected_cases,
	&psci_complete_cases,
	&features_cases,
	&rtt_fold_cases,
	&rec_aux_count_cases,
	&rtt_init_ripas_cases,
	&rtt_set_ripas_cases,
	NULL,
};
