/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The machines.  They are small, so that a few thousand calls fill them, meet
 * their ends, and looking at all of one costs little.
 */
#include "config.h"

#include <inttypes.h>

#include "model.h"

#define KIB(n)	 ((n)*1024ull)
#define BASE	 0x80000000ull
#define FEATURES RMM_FEATURE_REGISTER_0_DEFAULT
/* The default features with other values in some fields. */
#define BUT(mask, values) ((FEATURES & ~(uint64_t)(mask)) | (values))

static const struct setup setups[] = {
	{
	    .name = "small",
	    .what = "64 granules in one bank, a REC needs one more",
	    .banks = { { BASE, KIB(256), RMM_BANK_DRAM, NULL, NULL } },
	    .num_banks = 1,
	    .features = FEATURES,
	    .rec_aux_count = 1,
	    .max_delegated = 80,
	},
	{
	    .name = "banks",
	    .what = "three banks, a device and secure memory between; no "
		    "auxiliary granules",
	    .banks = { { BASE, KIB(128), RMM_BANK_DRAM, NULL, NULL },
		{ BASE + KIB(128), KIB(16), RMM_BANK_DEVICE, NULL, NULL },
		{ BASE + KIB(144), KIB(64), RMM_BANK_DRAM, NULL, NULL },
		{ BASE + KIB(208), KIB(16), RMM_BANK_SECURE, NULL, NULL },
		{ 1ull << 40, KIB(192), RMM_BANK_DRAM, NULL, NULL } },
	    .num_banks = 5,
	    .features = FEATURES,
	    .rec_aux_count = 0,
	    .max_delegated = 70,
	},
	{
	    .name = "lpa2",
	    .what = "52-bit addresses: tables from level -1 on, a bank above "
		    "2^48",
	    .banks = { { BASE, KIB(384), RMM_BANK_DRAM, NULL, NULL },
		{ 1ull << 48, KIB(256), RMM_BANK_DRAM, NULL, NULL } },
	    .num_banks = 2,
	    .features = BUT(
		0x1ff, RMI_FEATURE0_PUT(S2SZ, 52) | RMI_FEATURE0_PUT(LPA2, 1)),
	    .rec_aux_count = 2,
	    .max_delegated = 80,
	},
	{
	    .name = "aux16",
	    .what = "256 granules, 16 auxiliary ones in a REC",
	    .banks = { { BASE, KIB(1024), RMM_BANK_DRAM, NULL, NULL } },
	    .num_banks = 1,
	    .features = FEATURES,
	    .rec_aux_count = 16,
	    .max_delegated = 90,
	},
	{
	    .name = "vmid8",
	    .what = "a plain processor: 8-bit VMIDs, 40 bits of IPA, SHA-256 "
		    "only, no SVE, no PMU, one REC in a realm; "
		    "TF-RMM's order",
	    .banks = { { BASE, KIB(512), RMM_BANK_DRAM, NULL, NULL } },
	    .num_banks = 1,
	    .features = RMI_FEATURE0_PUT(S2SZ, 40) |
		RMI_FEATURE0_PUT(NUM_BPS, 1) | RMI_FEATURE0_PUT(NUM_WPS, 1) |
		RMI_FEATURE0_PUT(HASH_SHA_256, 1) |
		RMI_FEATURE0_PUT(MAX_RECS_ORDER, 1),
	    .vmid8 = true,
	    .order = RMM_ORDER_TF_RMM,
	    .rec_aux_count = 3,
	    .max_delegated = 80,
	},
	{
	    /* Nothing that is drawn: the shadow makes fewer calls. */
	    .name = "choices",
	    .what = "what the specification leaves open is chosen otherwise; "
		    "realms of 64 KiB",
	    .banks = { { BASE, KIB(384), RMM_BANK_DRAM, NULL, NULL } },
	    .num_banks = 1,
	    .features = FEATURES,
	    .rec_aux_count = 1,
	    .s2sz_min = 16,
	    .choices = { [RMM_CHOICE_UNDELEGATED] = RMM_CONTENTS_PATTERN,
		[RMM_CHOICE_UNKNOWN] = RMM_CONTENTS_PATTERN,
		[RMM_CHOICE_INIT_RAM] = RMM_INIT_RAM_STOP,
		[RMM_CHOICE_INIT_ASSIGNED] = RMM_INIT_ASSIGNED_PASS,
		[RMM_CHOICE_LIVE_TOP] = RMM_LIVE_TOP_ENTRY,
		[RMM_CHOICE_MEMATTR] = RMM_MEMATTR_ACCEPT,
		[RMM_CHOICE_SBZ] = RMM_SBZ_CHECK },
	    .max_delegated = 80,
	},
	{
	    .name = "blocks",
	    .what = "6 MiB: DATA granules that fold into blocks of 2 MiB; "
		    "conditions are drawn",
	    .banks = { { BASE, KIB(6144), RMM_BANK_DRAM, NULL, NULL } },
	    .num_banks = 1,
	    .features = FEATURES,
	    .rec_aux_count = 1,
	    .max_delegated = 90,
	    .blocks = true,
	    .order = RMM_ORDER_SPEC_RANDOM,
	},
	{
	    .name = "driven",
	    .what = "realms that do something: calls, accesses, waits; PSCI "
		    "with 32-bit function ids",
	    .banks = { { BASE, KIB(384), RMM_BANK_DRAM, NULL, NULL },
		{ BASE + KIB(384), KIB(16), RMM_BANK_SECURE, NULL, NULL } },
	    .num_banks = 2,
	    .features = FEATURES,
	    .choices = { [RMM_CHOICE_PSCI_SMC32] = RMM_PSCI_SMC32_ACCEPT },
	    .rec_aux_count = 1,
	    .max_delegated = 80,
	    .driven = true,
	},
};

const struct setup *
setup_at(size_t n)
{
	return n < sizeof setups / sizeof setups[0] ? &setups[n] : NULL;
}

uint64_t
setup_ns(const struct setup *setup, unsigned k)
{
	const struct rmm_bank *bank = &setup->banks[0];

	return bank->base + bank->size - (1 + k) * (uint64_t)GRANULE_SIZE;
}

static void
put_banks(FILE *file, const struct setup *setup)
{
	static const char *const kinds[] = {
		[RMM_BANK_DRAM] = "",
		[RMM_BANK_DEVICE] = ",device",
		[RMM_BANK_SECURE] = ",secure",
	};

	for (size_t i = 0; i < setup->num_banks; i++)
		(void)fprintf(file, " --bank 0x%" PRIx64 ",0x%" PRIx64 "%s",
		    setup->banks[i].base, setup->banks[i].size,
		    kinds[setup->banks[i].kind]);
}

static void
put_choices(FILE *file, const struct setup *setup)
{
	const struct rmm_choice *choice;

	for (size_t i = 0; (choice = rmm_choice_at(i)) != NULL; i++)
		if (setup->choices[i] != 0)
			(void)fprintf(file, " --%s %s", choice->name,
			    choice->values[setup->choices[i]]);
	if (setup->s2sz_min != 0)
		(void)fprintf(file, " --s2sz-min %u", setup->s2sz_min);
}

void
setup_options(FILE *file, const struct setup *setup)
{
	uint64_t f = setup->features;

	put_banks(file, setup);
	(void)fprintf(file, " --rec-aux-count %u --vmid-bits %d",
	    setup->rec_aux_count, setup->vmid8 ? 8 : 16);
	(void)fprintf(file, " --s2sz %u --lpa2 %s",
	    (unsigned)RMI_FEATURE0_GET(f, S2SZ),
	    RMI_FEATURE0_GET(f, LPA2) ? "on" : "off");
	if (RMI_FEATURE0_GET(f, SVE_EN) == 0)
		(void)fputs(" --sve-vl off", file);
	if (RMI_FEATURE0_GET(f, PMU_EN) == 0)
		(void)fputs(" --pmu-ctrs off", file);
	if (RMI_FEATURE0_GET(f, HASH_SHA_512) == 0)
		(void)fputs(" --hash sha-256", file);
	(void)fprintf(file, " --num-bps %u --num-wps %u --gicv3-lrs %u",
	    (unsigned)RMI_FEATURE0_GET(f, NUM_BPS),
	    (unsigned)RMI_FEATURE0_GET(f, NUM_WPS),
	    (unsigned)RMI_FEATURE0_GET(f, GICV3_NUM_LRS));
	(void)fprintf(file, " --max-recs-order %u --order %s",
	    (unsigned)RMI_FEATURE0_GET(f, MAX_RECS_ORDER),
	    rmm_order_name(setup->order));
	put_choices(file, setup);
}
