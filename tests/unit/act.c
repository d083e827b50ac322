/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Drawing what a REC does, and doing it.
 */
#include "config.h"

#include "act.h"

#include <inttypes.h>
#include <string.h>

#include "sysregs.h"

/* ---- Drawing -------------------------------------------------------------
 */

struct source {
	act_draw_fn *draw;
	void *ctx;
	unsigned ipa_width;
};

static uint64_t
number(const struct source *s, uint64_t below)
{
	return s->draw(s->ctx, below);
}

/* Few pages, at which much happens, and some beside. */
static uint64_t
draw_ipa(const struct source *s)
{
	uint64_t half = 1ull << (s->ipa_width - 1);
	uint64_t ipa = number(s, 6) * GRANULE_SIZE;

	ipa += number(s, 2) * rmm_rtte_size(2);
	switch (number(s, 12)) {
	case 0:
		return half * (1 + number(s, 2)) - GRANULE_SIZE;
	case 1:
		return ipa + half * 2;
	case 2:
		return ipa + rmm_rtte_size(1);
	case 3:
	case 4:
	case 5:
		return ipa % half + half;
	default:
		return ipa % half;
	}
}

static uint64_t
draw_input(const struct source *s, const char *name, uint64_t before)
{
	if (strcmp(name, "top") == 0)
		return before + number(s, 4) * GRANULE_SIZE +
		    number(s, 2) * rmm_rtte_size(2);
	if (strcmp(name, "addr") == 0 || strcmp(name, "base") == 0 ||
	    strcmp(name, "entry_point_address") == 0)
		return draw_ipa(s) + (number(s, 12) == 0 ? 0x300 : 0);
	if (strcmp(name, "size") == 0)
		return number(s, 3) == 0 ? number(s, 5000) : number(s, 66);
	if (strcmp(name, "offset") == 0)
		return number(s, 8) * 600;
	if (strcmp(name, "req") == 0)
		return number(s, 3) << 16;
	if (strcmp(name, "ripas") == 0)
		return number(s, 10) == 0 ? number(s, 4)
					  : number(s, 2) | number(s, 2) << 8;
	if (strcmp(name, "psci_func_id") == 0)
		return 0x84000000 + number(s, 12);
	return number(s, 6);
}

static void
draw_call(const struct source *s, struct act *act)
{
	const struct smc_abi *abi;
	size_t num = 0, n;

	act->kind = ACT_SMC;
	if (number(s, 30) == 0) {
		act->a[0] = 0x84000000 + number(s, 8);
		act->a[1] = number(s, 4);
		return;
	}
	while (rmm_realm_command_at(num) != NULL)
		num++;
	n = number(s, num);
	abi = rmm_realm_command_at(n);
	/* The ends of all are not as often as that. */
	if (abi->fid == PSCI_FID_SYSTEM_OFF ||
	    abi->fid == PSCI_FID_SYSTEM_RESET || abi->fid == PSCI_FID_CPU_OFF)
		if (number(s, 20) != 0)
			abi =
			    rmm_realm_command_at(num - 1 - number(s, num / 2));
	act->a[0] = abi->fid;
	for (unsigned i = 0; i < ACT_ARGS - 1 && abi->inputs[i] != NULL; i++)
		act->a[1 + i] = draw_input(s, abi->inputs[i], act->a[i]);
}

static void
draw_access(const struct source *s, struct act *act)
{
	unsigned size = 1u << number(s, 4);
	bool isv = number(s, 3) != 0;
	unsigned kind = (unsigned)number(s, isv ? 2 : 3);

	act->kind = ACT_ACCESS;
	act->a[0] = ACT_ACCESS_PUT(kind, isv, number(s, 2), number(s, 2),
	    number(s, 32), isv ? size : 1 + number(s, 400));
	act->a[1] = draw_ipa(s) + number(s, 8) * 8;
	act->a[2] = number(s, 1u << 16);
}

static void
draw_sysreg(const struct source *s, struct act *act)
{
#define ENCODING(name, encoding) (encoding),
	static const uint16_t regs[] = { ICC_SYSREGS(ENCODING) ICC_SYSREGS(
	    ENCODING) TIMER_SYSREGS(ENCODING) PMU_SYSREGS(ENCODING)
		    ID_SYSREGS(ENCODING) REC_SYSREGS(ENCODING) };
	static const uint64_t values[] = { 0, 1, 27, 0xf8, UINT64_MAX, 0x20,
		8192, 2 };

	act->kind = ACT_SYSREG;
	act->a[0] = number(s, 40) == 0
	    ? number(s, 1u << 16)
	    : regs[number(s, sizeof regs / sizeof regs[0])];
	act->a[1] = number(s, 2);
	act->a[2] = values[number(s, sizeof values / sizeof values[0])];
}

void
act_draw(struct act *act, unsigned ipa_width, act_draw_fn *draw, void *ctx)
{
	const struct source s = { draw, ctx, ipa_width };
	uint64_t which = number(&s, 32);

	memset(act, 0, sizeof *act);
	if (which < 14) {
		draw_call(&s, act);
	} else if (which < 21) {
		draw_access(&s, act);
	} else if (which < 26) {
		draw_sysreg(&s, act);
	} else if (which < 28) {
		act->kind = ACT_WAIT;
		act->a[0] = number(&s, 4);
		act->a[1] = number(&s, 4096);
	} else if (which < 30) {
		act->kind = ACT_INTERRUPT;
		act->a[0] = number(&s, 3);
		act->a[1] = number(&s, 1u << 26);
	} else if (which < 31) {
		act->kind = ACT_TIMERS;
		act->a[0] = number(&s, 40);
	} else {
		act->kind = number(&s, 2) ? ACT_PMU : ACT_HVC;
		act->a[0] = number(&s, 2);
	}
}

/* ---- Doing ---------------------------------------------------------------
 */

#define VALUE 5 /* the register of what is written to system registers */

static bool
do_smc(struct rmm *rmm, uint64_t rec, struct rmm_regs *regs,
    const struct act *act, struct rmm_result *result)
{
	memcpy(regs->gprs, act->a, sizeof act->a);
	regs->gprs[4] = act->a[3] >> 8 & 1;
	return rmm_set_regs(rmm, rec, regs) && rmm_realm_smc(rmm, rec, result);
}

static bool
do_access(struct rmm *rmm, uint64_t rec, struct rmm_regs *regs,
    const struct act *act, uint8_t *data, struct rmm_result *result)
{
	struct rmm_access access = {
		.kind = (enum rmm_access_kind)(act->a[0] & 3),
		.ipa = act->a[1],
		.va = act->a[1] | 0xffff000000000000,
		.isv = (act->a[0] >> 2 & 1) != 0,
		.sign_extend = (act->a[0] >> 3 & 1) != 0,
		.sf = (act->a[0] >> 4 & 1) != 0,
		.srt = act->a[0] >> 8 & 0xff,
		.size = act->a[0] >> 16 & 0xffff,
	};

	memset(data, (int)(act->a[2] & 0xff), GRANULE_SIZE);
	if (access.isv && access.srt < RMI_REC_GPRS) {
		regs->gprs[access.srt] = act->a[2];
		(void)rmm_set_regs(rmm, rec, regs);
	}
	return rmm_realm_access(rmm, rec, &access, data, result);
}

bool
act_do(struct rmm *rmm, uint64_t rec, const struct act *act, uint8_t *data,
    struct rmm_result *result)
{
	struct rmm_regs regs;

	memset(result, 0, sizeof *result);
	memset(data, 0, GRANULE_SIZE);
	if (!rmm_regs(rmm, rec, &regs))
		return false;
	switch (act->kind) {
	case ACT_SMC:
		return do_smc(rmm, rec, &regs, act, result);
	case ACT_HVC:
		return rmm_realm_hvc(rmm, rec, result);
	case ACT_ACCESS:
		return do_access(rmm, rec, &regs, act, data, result);
	case ACT_WAIT:
		return rmm_realm_wait(
		    rmm, rec, (enum rmm_wait)act->a[0], act->a[1], result);
	case ACT_SYSREG:
		regs.gprs[VALUE] = act->a[2];
		return rmm_set_regs(rmm, rec, &regs) &&
		    rmm_realm_sysreg(rmm, rec, (unsigned)act->a[0],
			act->a[1] != 0, VALUE, result);
	case ACT_INTERRUPT:
		return rmm_realm_interrupt(
		    rmm, rec, (enum rmm_interrupt)act->a[0], act->a[1], result);
	case ACT_TIMERS:
		rmm_set_counter(rmm, rmm_counter(rmm) + act->a[0]);
		return rmm_realm_timers(rmm, rec, result);
	case ACT_PMU:
		return rmm_realm_set_pmu_overflow(rmm, rec, act->a[0] != 0);
	default:
		return false;
	}
}

void
act_print(FILE *file, const struct act *act)
{
	static const char *const names[] = { "smc", "hvc", "access", "wait",
		"sysreg", "interrupt", "ticks", "pmu" };
	const struct smc_abi *abi = NULL;

	for (size_t n = 0; act->kind == ACT_SMC &&
	     (abi = rmm_realm_command_at(n)) != NULL && abi->fid != act->a[0];
	     n++)
		;
	(void)fputs(abi != NULL ? abi->name : names[act->kind], file);
	for (unsigned i = abi != NULL; i < ACT_ARGS; i++)
		(void)fprintf(file, " 0x%" PRIx64, act->a[i]);
}
