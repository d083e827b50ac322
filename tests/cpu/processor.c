/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An example of a processor.  An instruction is executed whole or not at all:
 * what can not be, or is the model's to do, is reported with PC still at it.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "processor.h"

#define VECTOR_IRQ 0x280 /* from EL1, with SP_EL1 */
#define PSTATE_I   0x80u

static uint64_t
get(const struct processor *p, unsigned n)
{
	return n < RMI_REC_GPRS ? p->entry.regs.x[n] : 0;
}

static void
put(struct processor *p, unsigned n, uint64_t value)
{
	if (n < RMI_REC_GPRS)
		p->entry.regs.x[n] = value;
}

/* Where 31 is the stack pointer. */
static uint64_t *
base(struct processor *p, unsigned n)
{
	if (n == 31)
		return &p->entry.regs.sysregs[REC_SP_EL1];
	return &p->entry.regs.x[n];
}

static unsigned
bits(uint32_t insn, unsigned high, unsigned low)
{
	return insn >> low & ((1u << (high - low + 1)) - 1);
}

static uint64_t
sign_extend(uint64_t value, unsigned width)
{
	uint64_t sign = 1ull << (width - 1);

	return (value ^ sign) - sign;
}

static void
advance(struct processor *p)
{
	p->entry.regs.pc += 4;
	p->entry.regs.counter++;
}

static int
report(struct processor *p, const struct rmmcpu_event *event)
{
	return rmmcpu_report(p->cpu, &p->entry.regs, event, &p->entry);
}

static int
report_kind(struct processor *p, enum rmmcpu_event_kind kind)
{
	const struct rmmcpu_event event = { .kind = kind };

	return report(p, &event);
}

/* ---- Instructions ------------------------------------------------------- */

/* MOVZ, MOVN, MOVK */
static int
move_wide(struct processor *p, uint32_t insn)
{
	unsigned shift = 16 * bits(insn, 22, 21), rd = bits(insn, 4, 0);
	uint64_t imm = (uint64_t)bits(insn, 20, 5) << shift;
	uint64_t value = imm;

	if (bits(insn, 30, 29) == 0)
		value = ~imm;
	else if (bits(insn, 30, 29) == 3)
		value = (get(p, rd) & ~(0xffffull << shift)) | imm;
	else if (bits(insn, 30, 29) == 1)
		return -ENOSYS;
	put(p, rd, insn >> 31 ? value : (uint32_t)value);
	advance(p);
	return 0;
}

/* ADD, SUB with an immediate operand; no flags. */
static int
add_immediate(struct processor *p, uint32_t insn)
{
	uint64_t imm = (uint64_t)bits(insn, 21, 10)
	    << (bits(insn, 22, 22) ? 12 : 0);
	uint64_t value = *base(p, bits(insn, 9, 5));

	value = bits(insn, 30, 30) ? value - imm : value + imm;
	*base(p, bits(insn, 4, 0)) = insn >> 31 ? value : (uint32_t)value;
	advance(p);
	return 0;
}

/* What a load puts into its register. */
static uint64_t
extend(uint64_t value, const struct rmmcpu_event *access)
{
	if (access->sign_extend)
		value = sign_extend(value, 8 * access->size);
	return access->sf ? value : (uint32_t)value;
}

/* LDR, STR and their kin with an unsigned offset: aligned ones. */
static int
load_store(struct processor *p, uint32_t insn)
{
	unsigned scale = bits(insn, 31, 30), opc = bits(insn, 23, 22);
	uint64_t ipa = *base(p, bits(insn, 9, 5)) +
	    ((uint64_t)bits(insn, 21, 10) << scale);
	struct rmmcpu_event access = {
		.kind = RMMCPU_DATA_ABORT,
		.ipa = ipa, /* the MMU is off */
		.va = ipa,
		.write = opc == 0,
		.isv = true,
		.size = (uint8_t)(1u << scale),
		.sign_extend = opc >= 2,
		.sf = opc >= 2 ? opc == 2 : scale == 3,
		.srt = (uint8_t)bits(insn, 4, 0),
	};
	uint64_t value = get(p, access.srt);
	void *at;

	if (ipa % access.size != 0 || (scale == 3 && opc >= 2))
		return -ENOSYS;
	at = rmmcpu_map(p->cpu, ipa, access.size,
	    access.write ? RMMCPU_WRITE : RMMCPU_READ);
	if (at == NULL)
		return errno == EFAULT ? report(p, &access) : -errno;
	if (access.write) {
		memcpy(at, &value, access.size);
	} else {
		value = 0;
		memcpy(&value, at, access.size);
		put(p, access.srt, extend(value, &access));
	}
	advance(p);
	return 0;
}

/* B; CBZ and CBNZ */
static int
branch(struct processor *p, uint32_t insn)
{
	uint64_t value = get(p, bits(insn, 4, 0));
	bool taken = true;
	uint64_t offset = (uint64_t)bits(insn, 25, 0) << 2;

	offset = sign_extend(offset, 28);
	if ((insn & 0x7e000000) == 0x34000000) {
		value = insn >> 31 ? value : (uint32_t)value;
		taken = (value == 0) != (bits(insn, 24, 24) == 1);
		offset = sign_extend((uint64_t)bits(insn, 23, 5) << 2, 21);
	}
	advance(p);
	if (taken)
		p->entry.regs.pc += offset - 4;
	return 0;
}

/* Registers of the state that nothing but the code itself looks at. */
static uint64_t *
own_sysreg(struct processor *p, unsigned reg)
{
	uint64_t *sysregs = p->entry.regs.sysregs;

	switch (reg) {
	case SYSREG_VBAR_EL1:
		return &sysregs[REC_VBAR_EL1];
	case SYSREG_ELR_EL1:
		return &sysregs[REC_ELR_EL1];
	case SYSREG_SPSR_EL1:
		return &sysregs[REC_SPSR_EL1];
	case SYSREG_ESR_EL1:
		return &sysregs[REC_ESR_EL1];
	case SYSREG_FAR_EL1:
		return &sysregs[REC_FAR_EL1];
	default:
		return NULL;
	}
}

/* MRS, MSR: timers, the GIC and all the rest are the model's. */
static int
system_register(struct processor *p, uint32_t insn)
{
	struct rmmcpu_event event = {
		.kind = RMMCPU_SYSREG,
		.sysreg = bits(insn, 20, 5),
		.read = bits(insn, 21, 21),
		.rt = (uint8_t)bits(insn, 4, 0),
	};
	uint64_t *own = own_sysreg(p, event.sysreg);

	if (own == NULL)
		return report(p, &event);
	if (event.read)
		put(p, event.rt, *own);
	else
		*own = get(p, event.rt);
	advance(p);
	return 0;
}

static int
exception_return(struct processor *p)
{
	p->entry.regs.pc = p->entry.regs.sysregs[REC_ELR_EL1];
	p->entry.regs.pstate = p->entry.regs.sysregs[REC_SPSR_EL1];
	p->entry.regs.counter++;
	return 0;
}

/* MSR DAIFSet, DAIFClr */
static int
mask(struct processor *p, uint32_t insn)
{
	uint64_t daif = (uint64_t)bits(insn, 11, 8) << 6;

	if (bits(insn, 5, 5))
		p->entry.regs.pstate &= ~daif;
	else
		p->entry.regs.pstate |= daif;
	advance(p);
	return 0;
}

static int
execute(struct processor *p, uint32_t insn)
{
	const struct rmmcpu_event wfi = {
		.kind = RMMCPU_WAIT,
		.wait = RMMCPU_WFI,
	};

	if ((insn & 0x1f800000) == 0x12800000)
		return move_wide(p, insn);
	if ((insn & 0x3f800000) == 0x11000000)
		return add_immediate(p, insn);
	if ((insn & 0x3f000000) == 0x39000000)
		return load_store(p, insn);
	if ((insn & 0xfc000000) == 0x14000000 ||
	    (insn & 0x7e000000) == 0x34000000)
		return branch(p, insn);
	if ((insn & 0xffe0001f) == 0xd4000003)
		return report_kind(p, RMMCPU_SMC);
	if ((insn & 0xffe0001f) == 0xd4000002)
		return report_kind(p, RMMCPU_HVC);
	if (insn == 0xd503207f)
		return report(p, &wfi);
	if (insn == 0xd69f03e0)
		return exception_return(p);
	if ((insn & 0xfffff0df) == 0xd50340df)
		return mask(p, insn);
	if ((insn & 0xffd00000) == 0xd5100000)
		return system_register(p, insn);
	return -ENOSYS;
}

/* ---- Running ------------------------------------------------------------ */

static void
take_irq(struct processor *p)
{
	struct rmmcpu_regs *regs = &p->entry.regs;

	regs->sysregs[REC_ELR_EL1] = regs->pc;
	regs->sysregs[REC_SPSR_EL1] = regs->pstate;
	regs->pstate = PSTATE_RESET;
	regs->pc = regs->sysregs[REC_VBAR_EL1] + VECTOR_IRQ;
}

int
processor_step(struct processor *p)
{
	struct rmmcpu_event abort = { .kind = RMMCPU_INSTRUCTION_ABORT };
	uint32_t attention = rmmcpu_attention(p->cpu), insn;
	const void *at;

	if ((attention & CPU_ATTENTION_TRANSLATION) != 0)
		rmmcpu_sync(p->cpu);
	if ((attention & ~CPU_ATTENTION_TRANSLATION) != 0 ||
	    p->entry.regs.counter >= p->entry.next_timer)
		return report_kind(p, RMMCPU_ATTENTION);
	if (p->entry.virq && (p->entry.regs.pstate & PSTATE_I) == 0)
		take_irq(p);
	abort.ipa = abort.va = p->entry.regs.pc;
	at = rmmcpu_map(p->cpu, abort.ipa, sizeof insn, RMMCPU_FETCH);
	if (at == NULL)
		return errno == EFAULT ? report(p, &abort) : -errno;
	memcpy(&insn, at, sizeof insn);
	return execute(p, insn);
}

int
processor_run(struct processor *p, uint64_t rec)
{
	int rc = rmmcpu_wait(p->cpu, rec, &p->entry);

	while (rc == 0)
		rc = processor_step(p);
	return rc;
}
