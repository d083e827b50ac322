/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A host that does with each exit what KVM does, in small: it gives memory and
 * tables where they are needed, emulates a device, completes PSCI requests,
 * changes RIPAS, and answers host calls.
 */
#ifndef REALM_HOST_H
#define REALM_HOST_H

#include "play.h"

/* RAM that is not there yet, and where the device is; above it there is none */
#define HOST_RAM	0x80000000ull
#define HOST_RAM_END	0x81000000ull
#define HOST_DEVICE_END 0x8010000000ull

/* What an exit was, each a bit. */
enum {
	SAW_WFI,
	SAW_WFE,
	SAW_WFIT,
	SAW_WFET,
	SAW_EMULATABLE_READ,
	SAW_EMULATABLE_WRITE,
	SAW_UNPROTECTED_ABORT,
	SAW_DATA_ABORT,
	SAW_INSTRUCTION_ABORT,
	SAW_IRQ,
	SAW_FIQ,
	SAW_SERROR,
	SAW_TIMER,
	SAW_PMU_OVERFLOW,
	SAW_SYSREG,
	SAW_RIPAS_EMPTY,
	SAW_RIPAS_RAM,
	SAW_HOST_CALL,
	SAW_CPU_SUSPEND,
	SAW_CPU_ON,
	SAW_CPU_OFF,
	SAW_AFFINITY_INFO,
	SAW_SYSTEM_OFF,
	SAW_SYSTEM_RESET,
	SAW_ALL
};
extern uint64_t host_saw;

/*
 * Make a realm, with a REC 0 and a REC 1 that is off, and lead it through the
 * script, until it powers off.  Fails the test if the script fails.
 *
 * traps: flags of each entry.
 */
void host_play(const char *text, uint64_t traps);

#endif
