/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The names that a script may use where a number is meant.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "esr.h"
#include "script-program.h"

bool
script_word_is(const struct script_word *word, const char *text)
{
	return strlen(text) == word->len &&
	    memcmp(text, word->text, word->len) == 0;
}

bool
script_word_like(const struct script_word *word, const char *text)
{
	return strlen(text) == word->len &&
	    strncasecmp(text, word->text, word->len) == 0;
}

/* ---- Constants ------------------------------------------------------------
 */

struct constant {
	const char *name;
	int64_t value;
};

#define CONSTANT(name)        \
	{                     \
#name, (name) \
	}

/* Statuses, by who answers them. */
static const struct constant rsi_statuses[] = {
	CONSTANT(RSI_SUCCESS),
	CONSTANT(RSI_ERROR_INPUT),
	CONSTANT(RSI_ERROR_STATE),
	CONSTANT(RSI_INCOMPLETE),
	CONSTANT(RSI_ERROR_UNKNOWN),
	{ "SMC_NOT_SUPPORTED", -1 },
};
static const struct constant psci_statuses[] = {
	CONSTANT(PSCI_SUCCESS),
	CONSTANT(PSCI_NOT_SUPPORTED),
	CONSTANT(PSCI_INVALID_PARAMETERS),
	CONSTANT(PSCI_DENIED),
	CONSTANT(PSCI_ALREADY_ON),
	CONSTANT(PSCI_INVALID_ADDRESS),
};
static const struct constant others[] = {
	CONSTANT(PSCI_OFF), CONSTANT(RSI_VERSION_1_0), CONSTANT(RSI_EMPTY),
	CONSTANT(RSI_RAM), CONSTANT(RSI_DESTROYED), CONSTANT(RSI_DEV),
	{ "RSI_NO_CHANGE_DESTROYED", 0 }, CONSTANT(RSI_CHANGE_DESTROYED),
	CONSTANT(RSI_ACCEPT), CONSTANT(RSI_REJECT),
	{ "SMCCC_VERSION", 0x80000000 }, /* DEN0028, for host calls */
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
find_constant(const struct script_word *word, const struct constant *list,
    size_t num, uint64_t *value)
{
	for (size_t i = 0; i < num; i++)
		if (script_word_is(word, list[i].name)) {
			*value = (uint64_t)list[i].value;
			return true;
		}
	return false;
}

bool
script_constant(const struct script_word *word, uint64_t *value)
{
	const struct smc_abi *abi;

	for (size_t i = 0; (abi = rmm_realm_command_at(i)) != NULL; i++)
		if (script_word_is(word, abi->name)) {
			*value = abi->fid;
			return true;
		}
	return find_constant(word, rsi_statuses, COUNT(rsi_statuses), value) ||
	    find_constant(word, psci_statuses, COUNT(psci_statuses), value) ||
	    find_constant(word, others, COUNT(others), value);
}

static const char *
name_of(const struct constant *list, size_t num, uint64_t value)
{
	for (size_t i = 0; i < num; i++)
		if ((uint64_t)list[i].value == value)
			return list[i].name;
	return NULL;
}

const char *
script_status_name(const struct smc_abi *abi, uint64_t x0)
{
	if (abi != NULL && strncmp(abi->name, "PSCI_", 5) == 0)
		return name_of(psci_statuses, COUNT(psci_statuses), x0);
	return name_of(rsi_statuses, COUNT(rsi_statuses), x0);
}

const struct smc_abi *
script_abi(const struct script_word *word)
{
	const struct smc_abi *abi;
	size_t i;

	for (i = 0; (abi = rmm_realm_command_at(i)) != NULL; i++)
		if (script_word_like(word, abi->name))
			break;
	return abi;
}

/* ---- Registers ------------------------------------------------------------
 */

/* S<op0>_<op1>_C<n>_C<m>_<op2>, as an assembler takes it. */
static bool
by_encoding(const struct script_word *word, uint64_t *encoding)
{
	unsigned op0, op1, crn, crm, op2;
	char text[20];
	int end = 0;

	if (word->len >= sizeof(text))
		return false;
	memcpy(text, word->text, word->len);
	text[word->len] = '\0';
	if (strspn(text, "0123456789SC_") != word->len ||
	    sscanf(text, "S%1u_%1u_C%2u_C%2u_%1u%n", &op0, &op1, &crn, &crm,
		&op2, &end) != 5 ||
	    (size_t)end != word->len)
		return false;
	*encoding = SYSREG(op0, op1, crn, crm, op2);
	return op0 < 4 && op1 < 8 && crn < 16 && crm < 16 && op2 < 8;
}

bool
script_sysreg(const struct script_word *word, uint64_t *encoding)
{
	static const struct constant registers[] = {
#define NAMED(name, encoding) { #name, (encoding) },
		REC_SYSREGS(NAMED) ICC_SYSREGS(NAMED) TIMER_SYSREGS(NAMED)
		    PMU_SYSREGS(NAMED) ID_SYSREGS(NAMED)
	};

	for (size_t i = 0; i < COUNT(registers); i++)
		if (script_word_like(word, registers[i].name)) {
			*encoding = (uint64_t)registers[i].value;
			return true;
		}
	return by_encoding(word, encoding);
}

/* The number of a register behind skip letters: 0 to 30, in plain digits. */
static bool
register_number(const struct script_word *word, size_t skip, unsigned *number)
{
	*number = 0;
	if (word->len <= skip || word->len > skip + 2)
		return false;
	for (size_t i = skip; i < word->len; i++) {
		if (word->text[i] < '0' || word->text[i] > '9')
			return false;
		*number = *number * 10 + (unsigned)(word->text[i] - '0');
	}
	return *number < RMI_REC_GPRS && (word->len == skip + 1 || *number > 9);
}

bool
script_register(const struct script_word *word, uint8_t *reg, bool *w)
{
	unsigned number;

	if (word->quoted || word->len < 2 ||
	    memchr("xXwW", word->text[0], 4) == NULL)
		return false;
	*w = word->text[0] == 'w' || word->text[0] == 'W';
	*reg = SCRIPT_XZR;
	if (word->len == 3 && strncasecmp(word->text + 1, "zr", 2) == 0)
		return true;
	if (!register_number(word, 1, &number))
		return false;
	*reg = (uint8_t)number;
	return true;
}

bool
script_gpr(const struct script_word *word, unsigned *n)
{
	return word->len > 3 && memcmp(word->text, "gpr", 3) == 0 &&
	    register_number(word, 3, n);
}

/* ---- Exceptions -----------------------------------------------------------
 */

enum { UNKNOWN, DATA_ABORT, INSTRUCTION_ABORT, SEA, ADDRESS_SIZE, GPF, KINDS };

static bool
is_abort(uint64_t esr)
{
	unsigned ec = ESR_EC(esr);

	return ec == ESR_EC_DABT_LOWER || ec == ESR_EC_DABT_SAME ||
	    ec == ESR_EC_IABT_LOWER || ec == ESR_EC_IABT_SAME;
}

static bool
is_kind(uint64_t esr, unsigned kind)
{
	unsigned ec = ESR_EC(esr);
	uint64_t fsc = esr & ESR_FSC_MASK;

	switch (kind) {
	case UNKNOWN:
		return ec == ESR_EC_UNKNOWN;
	case DATA_ABORT:
		return ec == ESR_EC_DABT_LOWER || ec == ESR_EC_DABT_SAME;
	case INSTRUCTION_ABORT:
		return ec == ESR_EC_IABT_LOWER || ec == ESR_EC_IABT_SAME;
	case SEA:
		return is_abort(esr) && fsc == ESR_FSC_SEA;
	case ADDRESS_SIZE:
		return is_abort(esr) && fsc == ESR_FSC_ADDRESS_L0;
	default:
		return is_abort(esr) && fsc == ESR_FSC_GPF;
	}
}

bool
script_exception_kind(const struct script_word *word, unsigned *kinds)
{
	static const char *const names[KINDS] = {
		[UNKNOWN] = "unknown",
		[DATA_ABORT] = "data-abort",
		[INSTRUCTION_ABORT] = "instruction-abort",
		[SEA] = "sea",
		[ADDRESS_SIZE] = "address-size",
		[GPF] = "gpf",
	};

	for (unsigned i = 0; i < KINDS; i++)
		if (script_word_is(word, names[i])) {
			*kinds |= 1u << i;
			return true;
		}
	return false;
}

bool
script_exception_is(uint64_t esr, unsigned kinds)
{
	for (unsigned i = 0; i < KINDS; i++)
		if ((kinds & 1u << i) != 0 && !is_kind(esr, i))
			return false;
	return true;
}

const char *
script_exception_name(uint64_t esr)
{
	static const char *const faults[] = {
		"an instruction abort, sea",
		"a data abort, sea",
		"an instruction abort, address-size",
		"a data abort, address-size",
		"an instruction abort, gpf",
		"a data abort, gpf",
		"an instruction abort",
		"a data abort",
	};
	unsigned n = is_kind(esr, SEA)	 ? 0
	    : is_kind(esr, ADDRESS_SIZE) ? 2
	    : is_kind(esr, GPF)		 ? 4
					 : 6;

	if (is_kind(esr, UNKNOWN))
		return "an Unknown exception";
	if (!is_abort(esr))
		return "an exception";
	return faults[n + is_kind(esr, DATA_ABORT)];
}
