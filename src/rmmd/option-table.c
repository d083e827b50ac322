/* SPDX-License-Identifier: BSD-3-Clause */
/* What each option means. */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "number.h"
#include "option-table.h"
#include "realm/script-file.h"

#define PARAMS                                                 \
	struct options *options, const struct option_row *row, \
	    const char *value, struct failure *why

/* ---- Kinds of options -------------------------------------------------- */

static bool
parse_flag(const char *value, bool *flag, struct failure *why)
{
	if (value == NULL || strcmp(value, "on") == 0 ||
	    strcmp(value, "yes") == 0)
		*flag = true;
	else if (strcmp(value, "off") == 0 || strcmp(value, "no") == 0)
		*flag = false;
	else
		return failure_set(why, "\"%s\" is neither on nor off", value);
	return true;
}

static bool
set_flag(PARAMS)
{
	return parse_flag(value, (bool *)((char *)options + row->offset), why);
}

/* Paths are made absolute: rmmd leaves the directory it was started in. */
static bool
set_path(PARAMS)
{
	char **to = (char **)((char *)options + row->offset);
	char directory[4096], *path;
	size_t size;

	if (value[0] == '\0')
		return failure_set(why, "an empty path");
	if (value[0] == '/')
		directory[0] = '\0';
	else if (getcwd(directory, sizeof(directory) - 1) == NULL)
		return failure_set(why, "the current directory is unknown");
	else
		strcat(directory, "/");
	size = strlen(directory) + strlen(value) + 1;
	path = malloc(size);
	if (path == NULL)
		return failure_set(why, "no memory for a path");
	strcpy(path, directory);
	strcat(path, value);
	free(*to);
	*to = path;
	return true;
}

static bool
set_number(PARAMS)
{
	return parse_u64(value, row->min, row->max,
	    (uint64_t *)((char *)options + row->offset), why);
}

/* ---- Features ---------------------------------------------------------- */

static void
put_bits(struct options *options, unsigned lsb, unsigned width, uint64_t value)
{
	uint64_t mask = ((1ull << width) - 1) << lsb;

	options->machine.feature_register_0 &= ~mask;
	options->machine.feature_register_0 |= value << lsb & mask;
}

/* A field, or "off" where a bit says whether there is such a thing. */
static bool
set_feature(PARAMS)
{
	bool off = row->enable != OPTION_ALWAYS && strcmp(value, "off") == 0;
	uint64_t number = 0;

	if (!off && !parse_u64(value, row->min, row->max, &number, why))
		return false;
	if (row->enable != OPTION_ALWAYS)
		put_bits(options, row->enable, 1, !off);
	put_bits(options, row->lsb, row->width, number);
	return true;
}

static bool
set_feature_flag(PARAMS)
{
	bool flag = false;

	if (!parse_flag(value, &flag, why))
		return false;
	put_bits(options, row->lsb, 1, flag);
	return true;
}

static bool
set_hash(PARAMS)
{
	uint64_t bits = 0; /* 32 and 33, beside one another */
	const char *at = value;
	size_t len;

	(void)row;
	for (;; at += len + 1) {
		len = strcspn(at, ",");
		if (len == 7 && memcmp(at, "sha-256", len) == 0)
			bits |= 1;
		else if (len == 7 && memcmp(at, "sha-512", len) == 0)
			bits |= 2;
		else
			return failure_set(why,
			    "\"%.*s\" is none of sha-256, sha-512", (int)len,
			    at);
		if (at[len] == '\0')
			break;
	}
	put_bits(options, 32, 2, bits);
	return true;
}

/* ---- Options of their own ---------------------------------------------- */

static bool
parse_kind(const char *word, enum rmm_bank_kind *kind, struct failure *why)
{
	if (strcmp(word, "dram") == 0)
		*kind = RMM_BANK_DRAM;
	else if (strcmp(word, "device") == 0)
		*kind = RMM_BANK_DEVICE;
	else if (strcmp(word, "secure") == 0)
		*kind = RMM_BANK_SECURE;
	else
		return failure_set(
		    why, "\"%s\" is none of dram, device, secure", word);
	return true;
}

static bool
set_bank(PARAMS)
{
	struct rmm_bank bank = { 0 };
	char text[128], *size, *kind;

	(void)row;
	if (strlen(value) >= sizeof(text))
		return failure_set(why, "\"%.32s...\" is no bank", value);
	strcpy(text, value);
	size = strchr(text, ',');
	if (size == NULL)
		return failure_set(why,
		    "\"%s\" is no bank (write BASE,SIZE or BASE,SIZE,KIND)",
		    value);
	*size++ = '\0';
	kind = strchr(size, ',');
	if (kind != NULL)
		*kind++ = '\0';
	if (!parse_size(text, &bank.base, why) ||
	    !parse_size(size, &bank.size, why) ||
	    (kind != NULL && !parse_kind(kind, &bank.kind, why)))
		return false;
	if (options->num_banks == BANKS_MAX)
		return failure_set(why, "more than %d banks", BANKS_MAX);
	options->banks[options->num_banks++] = bank;
	return true;
}

static bool
set_log_level(PARAMS)
{
	enum log_level level;

	(void)row;
	for (level = 0; level < LOG_LEVELS; level++)
		if (strcmp(value, log_level_names[level]) == 0) {
			options->log_level = level;
			return true;
		}
	return failure_set(
	    why, "\"%s\" is none of error, warn, info, debug, trace", value);
}

/* "spec-random:7" is "spec-random" and "--seed 7". */
static bool
set_order(PARAMS)
{
	const char *colon = strchr(value, ':');
	size_t len = colon == NULL ? strlen(value) : (size_t)(colon - value);
	enum rmm_order order;

	(void)row;
	for (order = 0; order < RMM_ORDERS; order++)
		if (strlen(rmm_order_name(order)) == len &&
		    strncmp(rmm_order_name(order), value, len) == 0)
			break;
	if (order == RMM_ORDERS)
		return failure_set(why,
		    "\"%s\" is none of default, spec-random[:SEED], tf-rmm",
		    value);
	if (colon != NULL && order != RMM_ORDER_SPEC_RANDOM)
		return failure_set(why, "%.*s draws nothing, and has no seed",
		    (int)len, value);
	options->machine.order = order;
	return colon == NULL ||
	    parse_u64(colon + 1, 0, UINT64_MAX, &options->machine.seed, why);
}

static bool
set_vmid_bits(PARAMS)
{
	uint64_t bits;

	(void)row;
	if (!parse_u64(value, 8, 16, &bits, why))
		return false;
	if (bits != 8 && bits != 16)
		return failure_set(why, "%s is neither 8 nor 16", value);
	options->machine.vmid16 = bits == 16;
	return true;
}

static bool
set_aux_count(PARAMS)
{
	uint64_t count;

	if (!parse_u64(value, row->min, row->max, &count, why))
		return false;
	options->machine.rec_aux_count = (unsigned)count;
	return true;
}

static bool
set_s2sz_min(PARAMS)
{
	uint64_t bits;

	if (!parse_u64(value, row->min, row->max, &bits, why))
		return false;
	options->machine.s2sz_min = (uint8_t)bits;
	return true;
}

static bool
set_choice(PARAMS)
{
	return rmm_choose(&options->machine, row->name, value) ||
	    failure_set(why, "\"%s\" is none of %s", value, row->argument);
}

static bool
set_realm(PARAMS)
{
	struct role role = { NULL, NULL };

	(void)row;
	if (strncmp(value, "script", 6) == 0 &&
	    (value[6] == ' ' || value[6] == '\0')) {
		value += 6;
		value += strspn(value, " ");
		if (value[0] == '\0')
			return failure_set(why, "write: script FILE");
		role.kind = &actor_script;
		role.script = script_load(value, why);
		if (role.script == NULL)
			return false;
	} else {
		role.kind = actor_kind_find(value);
	}
	if (role.kind == NULL)
		return failure_set(why,
		    "\"%s\" is none of off, wfi, script FILE, attach, cpu",
		    value);
	script_free(options->realm.script);
	options->realm = role;
	return true;
}

static bool
set_plant(PARAMS)
{
	(void)row;
	options->list_plants = strcmp(value, "list") == 0;
	options->plant = value;
	return options->list_plants || rmm_plant(&options->machine, value) ||
	    failure_set(
		why, "no defect is called \"%s\" (see --plant list)", value);
}

/* ---- The table --------------------------------------------------------- */

#define AT(member)	    .offset = offsetof(struct options, member)
#define FIELD(lsb_, width_) .lsb = (lsb_), .width = (width_)
#define FEATURE(field)	    FIELD_(RMI_FEATURE0_##field)
#define FIELD_(...)	    FIELD(__VA_ARGS__)
#define LSB_(lsb_, width_)  (lsb_)
#define LSB(...)	    LSB_(__VA_ARGS__)

static const struct option_row table[] = {
	{ .name = "socket",
	    .argument = "PATH",
	    .set = set_path,
	    AT(socket),
	    .help = "the host's socket" },
	{ .name = "control",
	    .argument = "PATH",
	    .set = set_path,
	    AT(control),
	    .help = "the control socket" },
	{ .name = "bank",
	    .argument = "BASE,SIZE[,KIND]",
	    .set = set_bank,
	    .help = "a bank of memory: dram, device or secure; repeatable" },
	{ .name = "foreground",
	    .letter = "-f, ",
	    .argument = "on|off",
	    .optional = true,
	    .set = set_flag,
	    AT(foreground),
	    .help = "stay in the foreground" },
	{ .name = "log-level",
	    .argument = "LEVEL",
	    .set = set_log_level,
	    .help = "error, warn, info, debug or trace" },
	{ .name = "log-file",
	    .argument = "PATH",
	    .set = set_path,
	    AT(log_file),
	    .help = "append the log to this file" },
	{ .name = "pid-file",
	    .argument = "PATH",
	    .set = set_path,
	    AT(pid_file),
	    .help = "write the process id to this file" },
	{ .name = "max-clients",
	    .argument = "N",
	    .set = set_number,
	    AT(max_clients),
	    .min = 1,
	    .max = 65536,
	    .help = "connections on each socket [256]" },
	{ .name = "rim-log-limit",
	    .argument = "N",
	    .set = set_number,
	    AT(rim_log_limit),
	    .max = 1u << 28,
	    .help = "steps of a realm's RIM to keep [1048576]" },
	{ .name = "seed",
	    .argument = "N",
	    .set = set_number,
	    AT(machine.seed),
	    .max = UINT64_MAX,
	    .help = "of the keys, and of choices that are drawn [0]" },
	{ .name = "order",
	    .argument = "ORDER",
	    .set = set_order,
	    .help = "default, spec-random[:SEED] or tf-rmm" },
	{ .name = "s2sz",
	    .argument = "BITS",
	    .set = set_feature,
	    FEATURE(S2SZ),
	    .enable = OPTION_ALWAYS,
	    .min = 16,
	    .max = 52,
	    .help = "largest IPA width of a realm" },
	{ .name = "lpa2",
	    .argument = "on|off",
	    .set = set_feature_flag,
	    FEATURE(LPA2),
	    .help = "52-bit addresses" },
	{ .name = "sve-vl",
	    .argument = "N|off",
	    .set = set_feature,
	    FEATURE(SVE_VL),
	    .enable = LSB(RMI_FEATURE0_SVE_EN),
	    .max = 15,
	    .help = "largest SVE vector length (VQ - 1)" },
	{ .name = "num-bps",
	    .argument = "N",
	    .set = set_feature,
	    FEATURE(NUM_BPS),
	    .enable = OPTION_ALWAYS,
	    .max = 63,
	    .help = "breakpoints, as the register encodes them" },
	{ .name = "num-wps",
	    .argument = "N",
	    .set = set_feature,
	    FEATURE(NUM_WPS),
	    .enable = OPTION_ALWAYS,
	    .max = 63,
	    .help = "watchpoints, as the register encodes them" },
	{ .name = "pmu-ctrs",
	    .argument = "N|off",
	    .set = set_feature,
	    FEATURE(PMU_NUM_CTRS),
	    .enable = LSB(RMI_FEATURE0_PMU_EN),
	    .max = 31,
	    .help = "PMU counters" },
	{ .name = "hash",
	    .argument = "LIST",
	    .set = set_hash,
	    .help = "measurement algorithms: sha-256,sha-512" },
	{ .name = "gicv3-lrs",
	    .argument = "N",
	    .set = set_feature,
	    FEATURE(GICV3_NUM_LRS),
	    .enable = OPTION_ALWAYS,
	    .max = 15,
	    .help = "GICv3 list registers, less one" },
	{ .name = "max-recs-order",
	    .argument = "N",
	    .set = set_feature,
	    FEATURE(MAX_RECS_ORDER),
	    .enable = OPTION_ALWAYS,
	    .max = 15,
	    .help = "a realm has fewer than 2^N RECs" },
	{ .name = "vmid-bits",
	    .argument = "8|16",
	    .set = set_vmid_bits,
	    .help = "width of a VMID" },
	{ .name = "rec-aux-count",
	    .argument = "N",
	    .set = set_aux_count,
	    .max = RMI_REC_AUX_MAX,
	    .help = "auxiliary granules of a REC" },
	{ .name = "s2sz-min",
	    .argument = "BITS",
	    .set = set_s2sz_min,
	    .min = 16,
	    .max = 48,
	    .help = "smallest IPA width of a realm [32]" },
	{ .name = "realm",
	    .argument = "off|wfi|script FILE|attach|cpu",
	    .set = set_realm,
	    .help = "who plays the realms [off]" },
	{ .name = "cpu-grace",
	    .argument = "MS",
	    .set = set_number,
	    AT(cpu_grace),
	    .min = 1,
	    .max = 3600000,
	    .help = "what a processor has to react, milliseconds [5000]" },
	{ .name = "config",
	    .argument = "FILE",
	    .set = set_path,
	    AT(config),
	    .command_only = true,
	    .help = "read this file" },
	{ .name = "no-config",
	    .set = set_flag,
	    AT(no_config),
	    .command_only = true,
	    .help = "read no file" },
	{ .name = "run",
	    .argument = "COMMAND [ARG...]",
	    .command_only = true,
	    .help = "serve this command on private sockets, until it ends" },
	{ .name = "plant",
	    .argument = "NAME|list",
	    .set = set_plant,
	    .command_only = true,
	    .hidden = true,
	    .help = "do one thing wrongly (CONTRIBUTING)" },
	{ .name = "version",
	    .letter = "-V, ",
	    .set = set_flag,
	    AT(version),
	    .command_only = true,
	    .help = "print the version" },
	{ .name = "help",
	    .letter = "-h, ",
	    .set = set_flag,
	    AT(help),
	    .command_only = true,
	    .help = "print this" },
};

#define TABLE_ROWS (sizeof(table) / sizeof(table[0]))

/* A row for a choice of the model's table. */
static const struct option_row *
choice_row(size_t n)
{
	static struct option_row rows[RMM_CHOICES];
	static char arguments[RMM_CHOICES][64];
	const struct rmm_choice *choice = rmm_choice_at(n);
	size_t i;

	if (choice == NULL || rows[n].name != NULL)
		return choice == NULL ? NULL : &rows[n];
	for (i = 0; choice->values[i] != NULL; i++) {
		if (i > 0)
			strcat(arguments[n], "|");
		strcat(arguments[n], choice->values[i]);
	}
	rows[n] = (struct option_row){
		.name = choice->name,
		.argument = arguments[n],
		.set = set_choice,
		.help = choice->about,
		.choice = true,
	};
	return &rows[n];
}

const struct option_row *
option_at(size_t n)
{
	const struct option_row *row;
	size_t tokens = 0;

	if (n < TABLE_ROWS)
		return &table[n];
	n -= TABLE_ROWS;
	row = token_option_at(n);
	if (row != NULL)
		return row;
	while (token_option_at(tokens) != NULL)
		tokens++;
	return choice_row(n - tokens);
}

const struct option_row *
option_find(const char *name)
{
	const struct option_row *row;
	size_t i;

	for (i = 0; (row = option_at(i)) != NULL; i++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

bool
option_set(struct options *options, const char *name, const char *value,
    enum option_source source, struct failure *why)
{
	const struct option_row *row = option_find(name);

	if (row != NULL && row->command_only && source == FROM_FILE)
		return failure_set(why, "is for the command line only");
	if (row == NULL || row->set == NULL)
		return failure_set(why, "unknown option");
	if (row->argument == NULL && value != NULL)
		return failure_set(why, "takes no value");
	if (row->argument != NULL && value == NULL && !row->optional)
		return failure_set(why, "needs a value: %s", row->argument);
	if (row->set == set_log_level)
		options->log_level_source = source;
	/* Lists of a better source replace those of a lesser one. */
	if (row->set == set_bank && options->banks_source != source) {
		options->banks_source = source;
		options->num_banks = 0;
	}
	token_option_begin(options, row, source);
	return row->set(options, row, value, why);
}
