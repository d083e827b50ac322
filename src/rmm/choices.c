/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of choices that the specification leaves to an implementation, and
 * those of their effects that belong to no command's file.
 */
#include "choices.h"

#include <string.h>

#include "draw.h"

#define VALUES(...)               \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}
#define CONTENTS VALUES("zero", "pattern", "random")

/* The first of the values is the default. */
static const struct rmm_choice table[RMM_CHOICES] = {
	[RMM_CHOICE_UNDELEGATED] = { "undelegated", CONTENTS, "A2.2.4",
	    "contents of a granule after GRANULE_UNDELEGATE" },
	[RMM_CHOICE_UNKNOWN] = { "unknown-data", CONTENTS, "B4.3.2",
	    "contents of a granule after DATA_CREATE_UNKNOWN" },
	[RMM_CHOICE_INIT_RAM] = { "init-ripas-ram", VALUES("measure", "stop"),
	    "B4.3.18.4", "RTT_INIT_RIPAS at an entry that is RAM already" },
	[RMM_CHOICE_INIT_ASSIGNED] = { "init-ripas-assigned",
	    VALUES("stop", "pass"), "A5.3.5, B3.75",
	    "RTT_INIT_RIPAS at a later entry that is ASSIGNED" },
	[RMM_CHOICE_LIVE_TOP] = { "live-top", VALUES("ipa", "entry"), "B3.76",
	    "top where the entry itself is live" },
	[RMM_CHOICE_MEMATTR] = { "memattr-reserved", VALUES("refuse", "accept"),
	    "A5.5.11", "RTT_MAP_UNPROTECTED with a reserved MemAttr" },
	[RMM_CHOICE_SBZ] = { "sbz", VALUES("ignore", "check"), "B4.4",
	    "reserved bits of flags and parameters" },
	[RMM_CHOICE_REM_EXTEND] = { "rem-extend", VALUES("tf-rmm", "padded"),
	    "B3.42", "what RSI_MEASUREMENT_EXTEND hashes" },
	[RMM_CHOICE_SET_RIPAS_BLOCK] = { "set-ripas-block",
	    VALUES("top", "base"), "A5.4, B4.3.21",
	    "RTT_SET_RIPAS within a block that has the RIPAS" },
	[RMM_CHOICE_SMCCC_VERSION] = { "smccc-version",
	    VALUES("answer", "unknown"), "B1.1, A4.3.4",
	    "a realm's call of SMCCC_VERSION" },
	[RMM_CHOICE_PSCI_SMC32] = { "psci-smc32", VALUES("refuse", "accept"),
	    "B6.3", "a realm's PSCI calls with 32-bit function ids" },
	[RMM_CHOICE_MMIO_WRITE] = { "mmio-write", VALUES("register", "masked"),
	    "A4.3.4.3", "gprs[0] of an emulatable write" },
	[RMM_CHOICE_ICC_TRAP] = { "icc-trap", VALUES("exit", "ignore"),
	    "A4.3.4, A6.1", "a realm's writes of ICC_SGI*R and trapped DIR" },
	[RMM_CHOICE_TOKEN] = { "token", VALUES("make", "fail"), "B5.3.1",
	    "whether attestation tokens of realms can be made" },
};

const struct rmm_choice *
rmm_choice_at(size_t n)
{
	return n < RMM_CHOICES ? &table[n] : NULL;
}

bool
rmm_choose(struct rmm_config *cfg, const char *name, const char *value)
{
	for (size_t id = 0; id < RMM_CHOICES; id++) {
		if (strcmp(table[id].name, name) != 0)
			continue;
		for (uint8_t i = 0; table[id].values[i] != NULL; i++)
			if (strcmp(table[id].values[i], value) == 0) {
				cfg->choices[id] = i;
				return true;
			}
	}
	return false;
}

/* ---- Contents ------------------------------------------------------------ */

bool
choice_contents(
    const struct rmm *rmm, enum rmm_choice_id id, uint8_t page[GRANULE_SIZE])
{
	unsigned how = chosen(rmm, id);
	uint64_t word = RMM_PATTERN;

	if (how == RMM_CONTENTS_ZERO)
		return false;
	for (unsigned i = 0; i < GRANULE_SIZE; i += sizeof word) {
		if (how == RMM_CONTENTS_RANDOM)
			word = draw(rmm->config.seed ^ id << 8,
			    rmm->num_calls * GRANULE_SIZE + i);
		memcpy(page + i, &word, sizeof word);
	}
	return true;
}

/* ---- Bits that should be zero -------------------------------------------- */

#define REALM_FLAGS \
	(RMI_REALM_FLAG_LPA2 | RMI_REALM_FLAG_SVE | RMI_REALM_FLAG_PMU)
#define ENTER_FLAGS                                           \
	(RMI_REC_ENTER_EMUL_MMIO | RMI_REC_ENTER_INJECT_SEA | \
	    RMI_REC_ENTER_TRAP_WFI | RMI_REC_ENTER_TRAP_WFE | \
	    RMI_REC_ENTER_RIPAS_RESPONSE)
#define CLEAR(field) memset(&(field), 0, sizeof(field))

/* Parameters without all that means something. */
union leftovers {
	struct rmi_realm_params realm;
	struct rmi_rec_params rec;
	struct rmi_rec_enter enter;
	uint8_t page[GRANULE_SIZE];
};

static void
strip_realm(struct rmi_realm_params *params)
{
	params->flags &= ~(uint64_t)REALM_FLAGS;
	CLEAR(params->s2sz);
	CLEAR(params->sve_vl);
	CLEAR(params->num_bps);
	CLEAR(params->num_wps);
	CLEAR(params->pmu_num_ctrs);
	CLEAR(params->hash_algo);
	CLEAR(params->rpv);
	CLEAR(params->vmid);
	CLEAR(params->rtt_base);
	CLEAR(params->rtt_level_start);
	CLEAR(params->rtt_num_start);
}

static void
strip_rec(struct rmi_rec_params *params)
{
	params->flags &= ~(uint64_t)RMI_REC_FLAG_RUNNABLE;
	CLEAR(params->mpidr);
	CLEAR(params->pc);
	CLEAR(params->gprs);
	CLEAR(params->num_aux);
	CLEAR(params->aux);
}

static void
strip_enter(struct rmi_rec_enter *enter)
{
	enter->flags &= ~(uint64_t)ENTER_FLAGS;
	CLEAR(enter->gprs);
	CLEAR(enter->gicv3_hcr);
	CLEAR(enter->gicv3_lrs);
}

/* The page at pa, if it is the host's; else zeros. */
static bool
read_params(const struct rmm *rmm, uint64_t pa, void *to, size_t size)
{
	if (!granule_aligned(pa) || !granule_is_ns(rmm, pa))
		return false;
	ns_read(rmm, pa, to, size);
	return true;
}

void
choice_check_sbz(struct call *c)
{
	union leftovers left = { .page = { 0 } };
	const uint64_t *x = c->x;
	uint64_t flags = 0;

	switch (c->command->abi.fid) {
	case RMI_FID_DATA_CREATE:
		flags = x[5] & ~(uint64_t)RMI_MEASURE_CONTENT;
		break;
	case RMI_FID_REALM_CREATE:
		if (read_params(c->rmm, x[2], &left, sizeof left.realm))
			strip_realm(&left.realm);
		break;
	case RMI_FID_REC_CREATE:
		if (read_params(c->rmm, x[3], &left, sizeof left.rec))
			strip_rec(&left.rec);
		break;
	case RMI_FID_REC_ENTER:
		if (read_params(c->rmm, x[2], &left, sizeof left.enter))
			strip_enter(&left.enter);
		break;
	}
	REJECT_IF(c, sbz, flags != 0, RMI_ERROR_INPUT,
	    "flags " X64 " should be zero", flags);
	REJECT_IF(c, sbz, !page_is_zero(left.page), RMI_ERROR_INPUT,
	    "the parameters have bits that should be zero");
}
