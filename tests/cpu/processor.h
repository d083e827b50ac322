/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An example of a processor: a few dozen A64 instructions, stage 1 off.
 */
#ifndef PROCESSOR_H
#define PROCESSOR_H

#include <stdbool.h>

#include "rmmcpu.h"

struct processor {
	struct rmmcpu *cpu;
	struct rmmcpu_entry entry;
};

/*
 * Run what is entered, until the connection ends, the REC goes, or an
 * instruction comes that this processor does not have.  Returns -errno; -ENOSYS
 * for such an instruction.
 *
 * rec: only this one; 0: any.
 */
int processor_run(struct processor *processor, uint64_t rec);

/* Execute one instruction, or take an interrupt.  Returns 0 or -errno. */
int processor_step(struct processor *processor);

#endif
