/* SPDX-License-Identifier: BSD-3-Clause */
/* The machine's banks as messages. */
#include "config.h"

#include "banks.h"

static Rmmd__BankKind
kind_message(enum rmm_bank_kind kind)
{
	switch (kind) {
	case RMM_BANK_DEVICE:
		return RMMD__BANK_KIND__BANK_DEVICE;
	case RMM_BANK_SECURE:
		return RMMD__BANK_KIND__BANK_SECURE;
	default:
		return RMMD__BANK_KIND__BANK_DRAM;
	}
}

void
bank_messages_fill(
    struct bank_messages *messages, const struct machine *machine)
{
	const struct machine_bank *from;
	Rmmd__Bank *to;
	size_t i;

	messages->num = machine->num_banks;
	for (i = 0; i < machine->num_banks; i++) {
		from = &machine->banks[i];
		to = messages->pointers[i] = &messages->banks[i];
		rmmd__bank__init(to);
		to->pa = from->base;
		to->size = from->size;
		to->kind = kind_message(from->kind);
		to->has_offset = from->kind == RMM_BANK_DRAM;
		to->offset = from->offset;
	}
}
