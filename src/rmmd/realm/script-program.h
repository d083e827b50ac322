/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a script is once it is parsed: shared by the files script-*.c alone.
 */
#ifndef SCRIPT_PROGRAM_H
#define SCRIPT_PROGRAM_H

#include "rmi.h"
#include "script.h"

#define SCRIPT_LINE_MAX	      4096 /* bytes of a line, its newline excluded */
#define SCRIPT_WORDS_MAX      64   /* of a statement */
#define SCRIPT_STATEMENTS_MAX 16384
#define SCRIPT_TERMS_MAX      8	 /* of a sum */
#define SCRIPT_NAME_MAX	      31 /* bytes of a variable's name */
#define SCRIPT_NEST_MAX	      8	 /* block in block */
#define SCRIPT_VARIABLES_MAX  256
#define SCRIPT_BULK_MAX	      4096 /* bytes that one statement holds */
#define SCRIPT_XZR	      31

/* A part of the text; not terminated. */
struct script_word {
	const char *text;
	size_t len;
	unsigned column; /* from 1 */
	bool quoted;	 /* it was in quotes, which are not part of it */
};

enum script_term_kind {
	SCRIPT_NUMBER,	 /* value */
	SCRIPT_VARIABLE, /* value: its slot */
	SCRIPT_REGISTER, /* value: X0 to X30, or SCRIPT_XZR */
	SCRIPT_NOW,	 /* the counter */
	SCRIPT_PC,
	SCRIPT_REC,   /* index of the REC that runs the script */
	SCRIPT_MPIDR, /* of that REC */
	SCRIPT_ESR,   /* of the last exception */
	SCRIPT_FAR,   /* likewise */
};

struct script_term {
	enum script_term_kind kind;
	bool minus;
	bool w; /* REGISTER: its lower half */
	uint64_t value;
	struct script_word word;
};

enum script_value_kind {
	SCRIPT_SUM,  /* of terms, modulo 2^64 */
	SCRIPT_TEXT, /* the bytes of word */
	SCRIPT_HEX,  /* word is digits of bytes */
};

struct script_value {
	enum script_value_kind kind;
	struct script_word word; /* as written */
	size_t first_term;
	unsigned num_terms;
	unsigned tag; /* bytes to write; a register of a host call */
};
#define SCRIPT_TAG_IMM 255u /* of a host call: its immediate */

enum script_verb {
	SCRIPT_CALL,	  /* abi; values: X1, ... */
	SCRIPT_SMC,	  /* values: X0, ...; none: as they are */
	SCRIPT_HVC,	  /* likewise */
	SCRIPT_READ,	  /* values: IPA; a load of size bytes into reg */
	SCRIPT_WRITE,	  /* values: IPA, and what goes to reg before */
	SCRIPT_FETCH,	  /* values: IPA */
	SCRIPT_MEM_READ,  /* values: IPA, length if any */
	SCRIPT_MEM_WRITE, /* values: IPA, items */
	SCRIPT_MEM_FILL,  /* values: IPA, length, byte */
	SCRIPT_HOST_CALL, /* values: IPA, settings by tag */
	SCRIPT_WAIT,	  /* number: enum rmm_wait; values: its end, if any */
	SCRIPT_INTERRUPT, /* number: enum rmm_interrupt; values: syndrome */
	SCRIPT_TIME,	  /* values: ticks */
	SCRIPT_PMU_OVERFLOW,	 /* number: whether */
	SCRIPT_MRS,		 /* number: SYSREG(); reg */
	SCRIPT_MSR,		 /* number: SYSREG(); values, or reg */
	SCRIPT_LET,		 /* number: slot; values */
	SCRIPT_SET,		 /* reg; values */
	SCRIPT_LOG,		 /* values */
	SCRIPT_FAIL,		 /* values */
	SCRIPT_EXPECT_STATUS,	 /* number: X0; word: condition, if any */
	SCRIPT_EXPECT_VALUE,	 /* values: two; compare */
	SCRIPT_EXPECT_EXCEPTION, /* kinds; values: FAR, if any */
	SCRIPT_EXPECT_MEM,	 /* values: IPA, items */
	SCRIPT_REPEAT,		 /* values: count; target: behind its end */
	SCRIPT_WHILE,		 /* values: two; compare; target likewise */
	SCRIPT_IF, /* values: two; compare; target: behind else or end */
	SCRIPT_REC_SECTION, /* values: indices; target likewise */
	SCRIPT_ELSE,	    /* target: behind end */
	SCRIPT_END,	    /* target: what it ends, or behind itself */
};

enum script_compare {
	SCRIPT_EQ,
	SCRIPT_NE,
	SCRIPT_LT,
	SCRIPT_LE,
	SCRIPT_GT,
	SCRIPT_GE,
	SCRIPT_COMPARES /* how many */
};

struct script_statement {
	enum script_verb verb;
	unsigned line;		 /* from 1 */
	struct script_word word; /* the verb as written */
	const struct smc_abi *abi;
	size_t first_value;
	unsigned num_values;
	enum script_compare compare;
	uint64_t number;
	struct script_word name; /* LET, conditions, registers, kinds */
	unsigned kinds;		 /* of exceptions: a bit each */
	uint32_t size;
	uint8_t reg;
	bool via; /* WRITE, MSR: the value goes through reg */
	bool w;	  /* reg is Wn */
	bool sign_extend;
	unsigned depth; /* of a block */
	size_t target;
};

struct script {
	unsigned references;
	char *name;
	char *text;
	struct script_statement *statements;
	size_t num_statements;
	struct script_value *values;
	size_t num_values;
	struct script_term *terms;
	size_t num_terms;
	struct script_word variables[SCRIPT_VARIABLES_MAX];
	unsigned num_variables;
};

/* ---- script-names.c: names that mean a number -----------------------------
 */

bool script_word_is(const struct script_word *word, const char *text);
/* The value of a digit, or -1. */
int script_digit(char c, unsigned base);
/* Case does not matter. */
bool script_word_like(const struct script_word *word, const char *text);

/* RSI_SUCCESS, RSI_RAM, PSCI_DENIED, ..., and function ids. */
bool script_constant(const struct script_word *word, uint64_t *value);
/* What a status is called that abi answers, NULL: it has no name. */
const char *script_status_name(const struct smc_abi *abi, uint64_t x0);
/* "RSI_HOST_CALL", in upper or lower case; NULL: there is none. */
const struct smc_abi *script_abi(const struct script_word *word);
/* VBAR_EL1, ..., S3_0_C12_C0_0. */
bool script_sysreg(const struct script_word *word, uint64_t *encoding);
/* X0 to X30, XZR and W likewise. */
bool script_register(const struct script_word *word, uint8_t *reg, bool *w);
/* The variables of a host call: gpr0 to gpr30. */
bool script_gpr(const struct script_word *word, unsigned *n);

/* Kinds of exceptions, a bit each, and what an ESR says of each. */
bool script_exception_kind(const struct script_word *word, unsigned *kinds);
bool script_exception_is(uint64_t esr, unsigned kinds);
/* "a data abort (synchronous external abort)". */
const char *script_exception_name(uint64_t esr);
/* "unknown, data-abort, ...": for errors. */
#define SCRIPT_EXCEPTIONS \
	"unknown, data-abort, instruction-abort, sea, address-size, gpf"

#endif
