/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Making a realm to play, and playing it.
 */
#include "config.h"

#include "drive.h"

#include <string.h>

#include "rmm/gic.h"

#define S2AP(read, write) ((uint64_t)(read) << 6 | (uint64_t)(write) << 7)

static void
add_rec(struct world *w, uint64_t rec, uint64_t mpidr, uint64_t flags)
{
	struct rmi_rec_params *params;

	if (rec != REC)
		world_delegate(w, rec, 1 + WORLD_NUM_AUX);
	params = rec_params(w);
	params->mpidr = mpidr;
	params->flags = flags;
	for (unsigned i = 0; i < WORLD_NUM_AUX; i++)
		params->aux[i] = rec + (1 + i) * L3_SIZE;
	ck_call(w, REC_CREATE, RD, rec, PARAMS);
}

static void
add_data(struct world *w, uint64_t ipa)
{
	ck_call(w, DATA_CREATE_UNKNOWN, RD, DATA + ipa, ipa);
}

struct world *
drive_new_realm(void)
{
	static const uint64_t mapped[] = {
		[1] = SRC | S2AP(1, 1),
		[2] = SRC | S2AP(1, 0),
		[3] = SRC | S2AP(0, 1),
		[4] = SRC | S2AP(0, 0),
		[5] = FREE | S2AP(1, 1),
		[6] = WORLD_DEVICE | S2AP(1, 1),
		[7] = WORLD_NOWHERE | S2AP(1, 1),
		[8] = WORLD_SECURE | S2AP(1, 1),
	};
	struct world *w = world_driven();

	world_realm(w);
	add_rec(w, REC, 0, RMI_REC_FLAG_RUNNABLE);
	add_rec(w, REC2, 1, RMI_REC_FLAG_RUNNABLE);
	add_rec(w, REC3, 2, 0);
	ck_call(w, RTT_INIT_RIPAS, RD, IPA_RAM, IPA_EMPTY_UNASSIGNED);
	ck_call(w, RTT_INIT_RIPAS, RD, IPA_DESTROYED_UNASSIGNED, 0x8000);
	for (uint64_t ipa = IPA_DESTROYED_UNASSIGNED; ipa < IPA_RAM_2;
	     ipa += L3_SIZE) {
		add_data(w, ipa);
		ck_call(w, DATA_DESTROY, RD, ipa);
	}
	add_data(w, IPA_RAM);
	add_data(w, IPA_EMPTY);
	add_data(w, IPA_DESTROYED);
	add_data(w, IPA_RAM_2);
	add_data(w, IPA_RAM_3);
	for (unsigned i = 1; i < sizeof mapped / sizeof mapped[0]; i++)
		ck_call(w, RTT_MAP_UNPROTECTED, RD, UNPROT + i * L3_SIZE, 3,
		    mapped[i]);
	return w;
}

struct world *
drive_new(void)
{
	struct world *w = drive_new_realm();

	ck_call(w, REALM_ACTIVATE, RD);
	return w;
}

/* ---- The host -------------------------------------------------------------
 */

struct rmi_rec_run *
drive_run(struct world *w, uint64_t rec)
{
	return ns_at(w, RUN_OF(rec));
}

/* The entry half of each run page, as the host wrote it. */
static struct rmi_rec_enter given[3];

static struct rmi_rec_enter *
given_to(uint64_t rec)
{
	return &given[rec == REC ? 0 : rec == REC2 ? 1 : 2];
}

static void
call_enter(struct world *w, uint64_t rec)
{
	struct rmi_rec_run *run = drive_run(w, rec);

	*given_to(rec) = run->enter;
	memset(&run->exit, 0xa5, sizeof run->exit);
	ck_call(w, REC_ENTER, rec, RUN_OF(rec));
}

void
drive_enter(struct world *w, uint64_t rec)
{
	call_enter(w, rec);
	ck_assert(w->answer.runs);
	ck_assert_uint_eq(w->answer.entered, rec);
	ck_assert(drive_rec(w, rec).running);
}

void
drive_enter_flags(struct world *w, uint64_t rec, uint64_t flags)
{
	memset(&drive_run(w, rec)->enter, 0, sizeof(struct rmi_rec_enter));
	drive_run(w, rec)->enter.flags = flags;
	drive_enter(w, rec);
}

void
drive_enter_exits(struct world *w, uint64_t rec, uint64_t flags)
{
	drive_run(w, rec)->enter.flags = flags;
	call_enter(w, rec);
	ck_assert(!w->answer.runs);
	ck_assert(!drive_rec(w, rec).running);
}

void
drive_exited(struct world *w, uint64_t rec, const struct rmi_rec_exit *exit)
{
	const struct rmi_rec_run *run = drive_run(w, rec);
	const uint8_t *is = (const uint8_t *)&run->exit;
	struct rmi_rec_exit expected = *exit;
	const uint8_t *must = (const uint8_t *)&expected;

	if (exit->gicv3_vmcr == 0)
		expected.gicv3_vmcr = GIC_VMCR_RESET;
	ck_assert_uint_eq(run->exit.exit_reason, exit->exit_reason);
	ck_assert_uint_eq(run->exit.esr, exit->esr);
	for (unsigned i = 0; i < sizeof *exit; i++)
		ck_assert_msg(is[i] == must[i],
		    "byte 0x%x of the exit is 0x%02x, must be 0x%02x", i, is[i],
		    must[i]);
	ck_assert_mem_eq(&run->enter, given_to(rec), sizeof run->enter);
}

/* ---- The realm ------------------------------------------------------------
 */

static enum rmm_outcome
acted(struct world *w, uint64_t rec, bool done)
{
	enum rmm_outcome outcome = w->result.outcome;

	ck_assert(done);
	world_check(w);
	ck_assert(drive_rec(w, rec).running == (outcome != RMM_EXITED));
	if (outcome == RMM_EXITED)
		ck_assert_str_eq(w->result.answer.command, "RMI_REC_ENTER");
	return outcome;
}

enum rmm_outcome
drive_smc(struct world *w, uint64_t rec, const uint64_t *x, unsigned num)
{
	struct rmm_regs regs;

	ck_assert(rmm_regs(w->rmm, rec, &regs));
	/* What is no input is not looked at; what is no output is zero. */
	for (unsigned i = 0; i <= 17; i++)
		regs.gprs[i] = i < num ? x[i] : 0xbad0000 + i;
	ck_assert(rmm_set_regs(w->rmm, rec, &regs));
	return acted(w, rec, rmm_realm_smc(w->rmm, rec, &w->result));
}

enum rmm_outcome
drive_access(
    struct world *w, uint64_t rec, const struct rmm_access *access, void *data)
{
	return acted(
	    w, rec, rmm_realm_access(w->rmm, rec, access, data, &w->result));
}

void
drive_read(
    struct world *w, uint64_t rec, uint64_t ipa, void *data, uint32_t size)
{
	struct rmm_access access = {
		.kind = RMM_READ,
		.ipa = ipa,
		.size = size,
	};

	ck_assert_int_eq(drive_access(w, rec, &access, data), RMM_GOES_ON);
}

void
drive_write(struct world *w, uint64_t rec, uint64_t ipa, const void *data,
    uint32_t size)
{
	struct rmm_access access = {
		.kind = RMM_WRITE,
		.ipa = ipa,
		.size = size,
	};
	uint8_t copy[GRANULE_SIZE];

	memcpy(copy, data, size);
	ck_assert_int_eq(drive_access(w, rec, &access, copy), RMM_GOES_ON);
}

static struct rmm_access
doubleword(enum rmm_access_kind kind, uint64_t ipa)
{
	return (struct rmm_access){
		.kind = kind,
		.ipa = ipa,
		.va = ipa,
		.size = 8,
		.isv = true,
		.sf = true,
		.srt = 1,
	};
}

enum rmm_outcome
drive_load(struct world *w, uint64_t rec, uint64_t ipa)
{
	struct rmm_access access = doubleword(RMM_READ, ipa);

	return drive_access(w, rec, &access, NULL);
}

enum rmm_outcome
drive_store(struct world *w, uint64_t rec, uint64_t ipa)
{
	struct rmm_access access = doubleword(RMM_WRITE, ipa);

	return drive_access(w, rec, &access, NULL);
}

enum rmm_outcome
drive_interrupt(struct world *w, uint64_t rec, enum rmm_interrupt interrupt)
{
	return acted(
	    w, rec, rmm_realm_interrupt(w->rmm, rec, interrupt, 0, &w->result));
}

void
drive_kick(struct world *w, uint64_t rec)
{
	ck_assert_int_eq(drive_interrupt(w, rec, RMM_IRQ), RMM_EXITED);
}

/* ---- Looking --------------------------------------------------------------
 */

static struct rmm_regs
regs_of(const struct world *w, uint64_t rec)
{
	struct rmm_regs regs;

	ck_assert(rmm_regs(w->rmm, rec, &regs));
	return regs;
}

uint64_t
drive_gpr(const struct world *w, uint64_t rec, unsigned n)
{
	return regs_of(w, rec).gprs[n];
}

void
drive_set_gpr(struct world *w, uint64_t rec, unsigned n, uint64_t value)
{
	struct rmm_regs regs = regs_of(w, rec);

	regs.gprs[n] = value;
	ck_assert(rmm_set_regs(w->rmm, rec, &regs));
}

uint64_t
drive_pc(const struct world *w, uint64_t rec)
{
	return regs_of(w, rec).pc;
}

uint64_t
drive_sysreg(const struct world *w, uint64_t rec, enum rec_sysreg sysreg)
{
	return regs_of(w, rec).sysregs[sysreg];
}

struct rmm_rec_info
drive_rec(const struct world *w, uint64_t rec)
{
	struct rmm_rec_info info;

	ck_assert(rmm_rec(w->rmm, rec, &info));
	return info;
}

void
drive_results(struct world *w, uint64_t rec, const uint64_t *x, unsigned num)
{
	struct rmm_regs regs = regs_of(w, rec);

	for (unsigned i = 0; i <= 16; i++) {
		uint64_t must = i < num ? x[i] : 0;

		ck_assert_msg(regs.gprs[i] == must,
		    "X%u is 0x%" PRIx64 ", must be 0x%" PRIx64, i, regs.gprs[i],
		    must);
	}
	ck_assert_uint_eq(regs.gprs[17], 0xbad0000 + 17);
}
