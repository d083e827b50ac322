/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the specification says of each command, written down from sections B4.3,
 * B5.3 and B6.3 of DEN0137 1.0-rel0 alone: its failure conditions by the status
 * they answer with, and the orderings among them.
 */
#ifndef SPEC_H
#define SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum interface { IF_RMI, IF_RSI, IF_PSCI };

struct spec_command {
	const char *name;    /* "DATA_CREATE", "RSI_FEATURES", "PSCI_CPU_ON" */
	const char *section; /* "B4.3.1" */
	uint32_t fid;
	unsigned num_outputs; /* after X0 */
	unsigned top_reg;     /* the output "top", 0 on other failures; or 0 */
	/*
	 * Identifiers with a space between them; by the status they cause:
	 * RMI_ERROR_INPUT, REALM, REC and RTT; RSI_ERROR_INPUT, STATE, UNKNOWN;
	 * PSCI_INVALID_PARAMETERS, INVALID_ADDRESS, ALREADY_ON.
	 */
	const char *input, *realm, *rec, *rtt;
	/* "a b < c d; ..." */
	const char *order;
};

extern const struct spec_command spec_commands[];
extern const size_t spec_num_commands;

const struct spec_command *spec_find(const char *name);
/*
 * The status of a condition, one of enum rmi_status whatever the interface; -1
 * if the command has none of this name.
 */
int spec_status(const struct spec_command *spec, const char *id);

enum interface spec_interface(const struct spec_command *spec);
/* X0 of a call that this status of spec_status() decides. */
uint64_t spec_answer(
    const struct spec_command *spec, int status, unsigned index);

/* Call fn for each condition, in the order of the table. */
void spec_each_condition(const struct spec_command *spec,
    void (*fn)(void *ctx, const char *id), void *ctx);
/* Call fn for each pair "first wins over second" of the orderings. */
void spec_each_pair(const struct spec_command *spec,
    void (*fn)(void *ctx, const char *first, const char *second), void *ctx);

#endif
