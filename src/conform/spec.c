/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The commands of sections B4.3, B5.3 and B6.3, their failure conditions and
 * orderings, and how the rest of the kit goes through them.
 */
#include "spec.h"

#include <string.h>

#include "rsi.h"

#define RD  "rd_align rd_bound rd_state "
#define REC "rec_align rec_bound rec_gran_state "

const struct spec_command spec_commands[] = {
	{ "VERSION", "B4.3.23", 0xC4000150, 2, 0, "", "", "", "", "" },
	{ "GRANULE_DELEGATE", "B4.3.5", 0xC4000151, 0, 0,
	    "gran_align gran_bound gran_state gran_gpt", "", "", "", "" },
	{ "GRANULE_UNDELEGATE", "B4.3.6", 0xC4000152, 0, 0,
	    "gran_align gran_bound gran_state", "", "", "", "" },
	{ "DATA_CREATE", "B4.3.1", 0xC4000153, 0, 0,
	    "src_align src_bound src_pas data_align data_bound data_state "
	    "data_bound2 " RD "ipa_align ipa_bound",
	    "realm_state", "", "rtt_walk rtte_state",
	    "rd_bound rd_state < realm_state; "
	    "rd_bound rd_state < rtt_walk rtte_state; "
	    "ipa_bound < rtt_walk rtte_state" },
	{ "DATA_CREATE_UNKNOWN", "B4.3.2", 0xC4000154, 0, 0,
	    "data_align data_bound data_state data_bound2 " RD
	    "ipa_align ipa_bound",
	    "", "", "rtt_walk rtte_state",
	    "rd_bound rd_state < rtt_walk rtte_state; "
	    "ipa_bound < rtt_walk rtte_state" },
	{ "DATA_DESTROY", "B4.3.3", 0xC4000155, 2, 2, RD "ipa_align ipa_bound",
	    "", "", "rtt_walk rtte_state",
	    "rd_bound rd_state < rtt_walk rtte_state; "
	    "ipa_bound < rtt_walk rtte_state" },
	{ "REALM_ACTIVATE", "B4.3.8", 0xC4000157, 0, 0, RD, "realm_state", "",
	    "", "rd_bound rd_state < realm_state" },
	{ "REALM_CREATE", "B4.3.9", 0xC4000158, 0, 0,
	    "params_align params_bound params_pas params_valid params_supp "
	    "alias " RD "rtt_align rtt_num_level rtt_state vmid_valid",
	    "", "", "", "" },
	{ "REALM_DESTROY", "B4.3.10", 0xC4000159, 0, 0, RD, "realm_live", "",
	    "", "rd_bound rd_state < realm_live" },
	{ "REC_CREATE", "B4.3.12", 0xC400015A, 0, 0,
	    "params_align params_bound params_pas rec_align rec_bound "
	    "rec_state " RD "mpidr_index num_aux aux_align aux_alias aux_state",
	    "realm_state num_recs", "", "",
	    "rd_bound rd_state < realm_state num_recs" },
	{ "REC_DESTROY", "B4.3.13", 0xC400015B, 0, 0, REC, "", "rec_state", "",
	    "rec_bound rec_gran_state < rec_state" },
	{ "REC_ENTER", "B4.3.14", 0xC400015C, 0, 0,
	    "run_align run_bound run_pas " REC, "realm_new system_off",
	    "rec_state rec_runnable rec_mmio rec_gicv3 rec_psci", "",
	    "rec_align rec_bound rec_gran_state run_pas run_bound run_align < "
	    "rec_state rec_runnable rec_mmio realm_new system_off rec_gicv3 "
	    "rec_psci" },
	{ "RTT_CREATE", "B4.3.15", 0xC400015D, 0, 0,
	    RD "level_bound ipa_align ipa_bound rtt_align rtt_bound rtt_state "
	       "rtt_bound2",
	    "", "", "rtt_walk rtte_state",
	    "rd_bound rd_state < rtt_walk rtte_state; "
	    "level_bound ipa_bound < rtt_walk rtte_state" },
	{ "RTT_DESTROY", "B4.3.16", 0xC400015E, 2, 2,
	    RD "level_bound ipa_align ipa_bound", "", "",
	    "rtt_walk rtte_state rtt_live",
	    "rd_bound rd_state < rtt_walk rtte_state rtt_live; "
	    "level_bound ipa_bound < rtt_walk rtte_state" },
	{ "RTT_MAP_UNPROTECTED", "B4.3.19", 0xC400015F, 0, 0,
	    "attr_valid " RD
	    "level_bound addr_align addr_bound ipa_align ipa_bound",
	    "", "", "rtt_walk rtte_state",
	    "rd_bound rd_state < rtt_walk rtte_state; "
	    "level_bound ipa_bound < rtt_walk rtte_state" },
	{ "RTT_READ_ENTRY", "B4.3.20", 0xC4000161, 4, 0,
	    RD "level_bound ipa_align ipa_bound", "", "", "", "" },
	{ "RTT_UNMAP_UNPROTECTED", "B4.3.22", 0xC4000162, 1, 1,
	    RD "level_bound ipa_align ipa_bound", "", "", "rtt_walk rtte_state",
	    "rd_bound rd_state < rtt_walk rtte_state; "
	    "level_bound ipa_bound < rtt_walk rtte_state" },
	{ "PSCI_COMPLETE", "B4.3.7", 0xC4000164, 0, 0,
	    "alias calling_align calling_bound calling_state target_align "
	    "target_bound target_state pending owner target status",
	    "", "", "", "" },
	{ "FEATURES", "B4.3.4", 0xC4000165, 1, 0, "", "", "", "", "" },
	{ "RTT_FOLD", "B4.3.17", 0xC4000166, 1, 0,
	    RD "level_bound ipa_align ipa_bound", "", "",
	    "rtt_walk rtte_state rtt_homo",
	    "rd_bound rd_state < rtt_walk rtte_state rtt_homo; "
	    "level_bound ipa_bound < rtt_walk rtte_state" },
	{ "REC_AUX_COUNT", "B4.3.11", 0xC4000167, 1, 0, RD, "", "", "", "" },
	{ "RTT_INIT_RIPAS", "B4.3.18", 0xC4000168, 1, 0,
	    RD "size_valid top_bound top_gran_align", "realm_state", "",
	    "base_align rtte_state no_progress",
	    "rd_bound rd_state < realm_state; "
	    "rd_bound rd_state < base_align rtte_state; "
	    "rd_bound rd_state < no_progress; "
	    "top_gran_align < no_progress" },
	{ "RTT_SET_RIPAS", "B4.3.21", 0xC4000169, 1, 0,
	    RD REC "size_valid base_bound top_bound top_gran_align", "",
	    "rec_state rec_owner", "base_align no_progress",
	    "rd_bound rd_state < base_align; "
	    "rd_bound rd_state < no_progress; "
	    "rec_bound rec_gran_state < rec_state rec_owner; "
	    "base_bound < base_align; "
	    "top_gran_align < no_progress" },
#define RSI(name, section, outputs, input, state, unknown)                \
	{                                                                 \
		"RSI_" #name, section, RSI_FID_##name, outputs, 0, input, \
		    state, unknown, "", ""                                \
	}
	RSI(VERSION, "B5.3.10", 2, "", "", ""),
	RSI(FEATURES, "B5.3.3", 1, "", "", ""),
	RSI(MEASUREMENT_READ, "B5.3.8", 8, "index_bound", "", ""),
	RSI(MEASUREMENT_EXTEND, "B5.3.7", 0, "index_bound size_bound", "", ""),
	RSI(ATTESTATION_TOKEN_INIT, "B5.3.2", 1, "", "", ""),
	RSI(ATTESTATION_TOKEN_CONTINUE, "B5.3.1", 1,
	    "addr_align addr_bound offset_bound size_overflow size_bound",
	    "state", "unknown"),
	RSI(REALM_CONFIG, "B5.3.9", 0, "addr_align addr_bound", "", ""),
	RSI(IPA_STATE_SET, "B5.3.6", 2,
	    "base_align top_align size_valid rgn_bound ripas_valid", "", ""),
	RSI(IPA_STATE_GET, "B5.3.5", 2,
	    "base_align end_align size_valid rgn_bound", "", ""),
	RSI(HOST_CALL, "B5.3.4", 0, "addr_align addr_bound", "", ""),
#define PSCI(name, section, parameters, address, on)                       \
	{                                                                  \
		"PSCI_" #name, section, PSCI_FID_##name, 0, 0, parameters, \
		    address, on, "", ""                                    \
	}
	PSCI(VERSION, "B6.3.8", "", "", ""),
	PSCI(CPU_SUSPEND, "B6.3.4", "", "", ""),
	PSCI(CPU_OFF, "B6.3.2", "", "", ""),
	PSCI(CPU_ON, "B6.3.3", "mpidr", "entry", "runnable"),
	PSCI(AFFINITY_INFO, "B6.3.1", "target_bound target_match", "", ""),
	PSCI(SYSTEM_OFF, "B6.3.6", "", "", ""),
	PSCI(SYSTEM_RESET, "B6.3.7", "", "", ""),
	PSCI(FEATURES, "B6.3.5", "", "", ""),
};
const size_t spec_num_commands =
    sizeof(spec_commands) / sizeof(spec_commands[0]);

#define ID_MAX 32

/* Take the next word of *list, up to one of stop; false at the end. */
static bool
next_word(const char **list, const char *stop, char word[ID_MAX])
{
	const char *p = *list + strspn(*list, " ");
	size_t len = strcspn(p, " <;");

	*list = p;
	if (*p == '\0' || strchr(stop, *p) != NULL || len >= ID_MAX)
		return false;
	memcpy(word, p, len);
	word[len] = '\0';
	*list = p + len;
	return true;
}

const struct spec_command *
spec_find(const char *name)
{
	for (size_t i = 0; i < spec_num_commands; i++)
		if (strcmp(spec_commands[i].name, name) == 0)
			return &spec_commands[i];
	return NULL;
}

static bool
has(const char *list, const char *id)
{
	char word[ID_MAX];

	while (next_word(&list, "", word))
		if (strcmp(word, id) == 0)
			return true;
	return false;
}

int
spec_status(const struct spec_command *spec, const char *id)
{
	if (has(spec->input, id))
		return RMI_ERROR_INPUT;
	if (has(spec->realm, id))
		return RMI_ERROR_REALM;
	if (has(spec->rec, id))
		return RMI_ERROR_REC;
	if (has(spec->rtt, id))
		return RMI_ERROR_RTT;
	return -1;
}

enum interface
spec_interface(const struct spec_command *spec)
{
	if ((spec->fid & ~0x4000001fu) == PSCI_FID_VERSION)
		return IF_PSCI;
	return (spec->fid & ~0xfu) == RSI_FID_VERSION ? IF_RSI : IF_RMI;
}

uint64_t
spec_answer(const struct spec_command *spec, int status, unsigned index)
{
	static const int64_t psci[] = {
		[RMI_ERROR_INPUT] = PSCI_INVALID_PARAMETERS,
		[RMI_ERROR_REALM] = PSCI_INVALID_ADDRESS,
		[RMI_ERROR_REC] = PSCI_ALREADY_ON,
	};
	static const uint64_t rsi[] = {
		[RMI_ERROR_INPUT] = RSI_ERROR_INPUT,
		[RMI_ERROR_REALM] = RSI_ERROR_STATE,
		[RMI_ERROR_REC] = RSI_ERROR_UNKNOWN,
	};

	switch (spec_interface(spec)) {
	case IF_RSI:
		return rsi[status];
	case IF_PSCI:
		return (uint64_t)psci[status];
	default:
		return RMI_RESULT((unsigned)status, index);
	}
}

void
spec_each_condition(const struct spec_command *spec,
    void (*fn)(void *ctx, const char *id), void *ctx)
{
	const char *lists[] = { spec->input, spec->realm, spec->rec,
		spec->rtt };
	char word[ID_MAX];

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		while (next_word(&lists[i], "", word))
			fn(ctx, word);
}

void
spec_each_pair(const struct spec_command *spec,
    void (*fn)(void *ctx, const char *first, const char *second), void *ctx)
{
	const char *left = spec->order, *right;
	char first[ID_MAX], second[ID_MAX];

	while (*left != '\0') {
		while (next_word(&left, "<", first)) {
			right = strchr(left, '<') + 1;
			while (next_word(&right, ";", second))
				fn(ctx, first, second);
		}
		left += strcspn(left, ";");
		left += strspn(left, "; ");
	}
}
