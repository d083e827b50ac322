/* SPDX-License-Identifier: BSD-3-Clause */
/* Realm code for the example processor, assembled by hand. */
#ifndef IMAGES_H
#define IMAGES_H

#include <stdint.h>

/* Memory, an emulated device, RSI, an abort, a timer, a host call, the end. */
static const uint32_t tour[] = {
	0xd2840001, /* mov x1, #0x2000 */
	0xd297dde2, /* mov x2, #0xbeef */
	0xf9000022, /* str x2, [x1] */
	0xf9400033, /* ldr x19, [x1] */
	0xd2b00015, /* mov x21, #0x80000000 */
	0xb9400ab4, /* ldr w20, [x21, #8] */
	0xb9000eb4, /* str w20, [x21, #12] */
	0xd2803200, /* mov x0, #0x0190 */
	0xf2b88000, /* movk x0, #0xc400, lsl #16 */
	0xd2a00021, /* mov x1, #0x10000 */
	0xd4000003, /* smc #0 */
	0xb5000000, /* cbnz x0, . */
	0xd2830007, /* mov x7, #0x1800 */
	0xd518c007, /* msr VBAR_EL1, x7 */
	0xd28a0008, /* mov x8, #0x5000 */
	0xf9400109, /* ldr x9, [x8] */
	0xd53be04c, /* mrs x12, CNTVCT_EL0 */
	0x9104018c, /* add x12, x12, #0x100 */
	0xd51be34c, /* msr CNTV_CVAL_EL0, x12 */
	0xd280002d, /* mov x13, #1 */
	0xd51be32d, /* msr CNTV_CTL_EL0, x13 */
	0xd2801fee, /* mov x14, #0xff */
	0xd518460e, /* msr ICC_PMR_EL1, x14 */
	0xd518cced, /* msr ICC_IGRPEN1_EL1, x13 */
	0xd50342ff, /* msr DAIFClr, #2 */
	0xd503207f, /* wfi */
	0xb4000018, /* cbz x24, . */
	0xd2842001, /* mov x1, #0x2100 */
	0x528000e2, /* mov w2, #7 */
	0x79000022, /* strh w2, [x1] */
	0xf9000433, /* str x19, [x1, #8] */
	0xf9000834, /* str x20, [x1, #16] */
	0xf9000c36, /* str x22, [x1, #24] */
	0xf9001037, /* str x23, [x1, #32] */
	0xf9001438, /* str x24, [x1, #40] */
	0xd2803320, /* mov x0, #0x0199 */
	0xf2b88000, /* movk x0, #0xc400, lsl #16 */
	0xd4000003, /* smc #0 */
	0xd2842001, /* mov x1, #0x2100 */
	0x39802030, /* ldrsb x16, [x1, #8] */
	0xf9000ab0, /* str x16, [x21, #16] */
	0xd2800100, /* mov x0, #8 */
	0xf2b08000, /* movk x0, #0x8400, lsl #16 */
	0xd4000003, /* smc #0 */
};

/* At VBAR + 0x200: note syndrome and address, skip the instruction. */
static const uint32_t abort_handler[] = {
	0xd5385216, /* mrs x22, ESR_EL1 */
	0xd5386017, /* mrs x23, FAR_EL1 */
	0xd5384039, /* mrs x25, ELR_EL1 */
	0x91001339, /* add x25, x25, #4 */
	0xd5184039, /* msr ELR_EL1, x25 */
	0xd69f03e0, /* eret */
};

/* At VBAR + 0x280: note the INTID, turn the timer off. */
static const uint32_t irq_handler[] = {
	0xd538cc18, /* mrs x24, ICC_IAR1_EL1 */
	0xd51be33f, /* msr CNTV_CTL_EL0, xzr */
	0xd518cc38, /* msr ICC_EOIR1_EL1, x24 */
	0xd69f03e0, /* eret */
};

/* After a WFI, goes on for ever without leaving the processor. */
static const uint32_t spin[] = {
	0xd503207f, /* wfi */
	0x91000442, /* add x2, x2, #1 */
	0x17ffffff, /* b .-4 */
};

/* Counts in [X1] as long as [X0] is 1; then powers off. */
static const uint32_t watch[] = {
	0xd2830007, /* mov x7, #0x1800 */
	0xd518c007, /* msr VBAR_EL1, x7 */
	0xf9400002, /* ldr x2, [x0] */
	0xd1000442, /* sub x2, x2, #1 */
	0x91000463, /* add x3, x3, #1 */
	0xb5000062, /* cbnz x2, .+12 */
	0xf9000023, /* str x3, [x1] */
	0x17fffffb, /* b .-20 */
	0xd2800100, /* mov x0, #8 */
	0xf2b08000, /* movk x0, #0x8400, lsl #16 */
	0xd4000003, /* smc #0 */
};

/* At VBAR + 0x200 of who only waits for the abort: a reset. */
static const uint32_t give_up[] = {
	0xd2800120, /* mov x0, #9 */
	0xf2b08000, /* movk x0, #0x8400, lsl #16 */
	0xd4000003, /* smc #0 */
};

/* The REC with X0 = 0 says 1 and awaits an answer, the other one answers. */
static const uint32_t greet[] = {
	0xd2840001, /* mov x1, #0x2000 */
	0xd2800022, /* mov x2, #1 */
	0xb50000a0, /* cbnz x0, .+20 */
	0xf9000022, /* str x2, [x1] */
	0xf9400423, /* ldr x3, [x1, #8] */
	0xb4ffffe3, /* cbz x3, .-4 */
	0x14000004, /* b .+16 */
	0xf9400023, /* ldr x3, [x1] */
	0xb4ffffe3, /* cbz x3, .-4 */
	0xf9000422, /* str x2, [x1, #8] */
	0xd503207f, /* wfi */
	0xd4000002, /* hvc #0 */
	0x14000000, /* b . */
};

#endif
