/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A host in small, for realms that scripts play.
 */
#include "config.h"

#include "host.h"

#define LR_PENDING    (1ull << 62)
#define LR_STATE      (3ull << 62)
#define LR_GROUP1     (1ull << 60)
#define VIRTUAL_TIMER 27

uint64_t host_saw;
static bool off; /* the realm has powered off */
static unsigned next_granule;

static void
see(unsigned bit)
{
	host_saw |= 1ull << bit;
}

/* ---- Memory ----------------------------------------------------------------
 */

static uint64_t
new_granule(void)
{
	uint64_t pa = G(next_granule++);

	ck_call(w, GRANULE_DELEGATE, pa);
	return pa;
}

/* One more table towards the page at ipa; false: they are all there. */
static bool
add_table(uint64_t ipa)
{
	struct entry entry = world_entry(w, ipa, 3);
	uint64_t size = entry.level == 1 ? L1_SIZE : L2_SIZE;

	if (entry.level == 3)
		return false;
	ck_call(w, RTT_CREATE, RD, new_granule(), ipa & ~(size - 1),
	    (uint64_t)entry.level + 1);
	return true;
}

static void
map_page(uint64_t ipa)
{
	ipa &= ~(GRANULE_SIZE - 1ull);
	while (add_table(ipa))
		;
	ck_call(w, DATA_CREATE_UNKNOWN, RD, new_granule(), ipa);
}

/* Two pages for each exit, or a whole block. */
static void
change_ripas(uint64_t rec, const struct rmi_rec_exit *exit)
{
	uint64_t base = exit->ripas_base, top = exit->ripas_top;

	see(exit->ripas_value == RMI_RAM ? SAW_RIPAS_RAM : SAW_RIPAS_EMPTY);
	if (top - base < L2_SIZE && top - base > 2 * L3_SIZE)
		top = base + 2 * L3_SIZE;
	while (CALL(w, RTT_SET_RIPAS, RD, rec, base, top) != RMI_SUCCESS) {
		ck_assert_uint_eq(RMI_STATUS(w->answer.x[0]), RMI_ERROR_RTT);
		ck_assert(add_table(base));
	}
}

/* ---- Exits: what they were, and the flags of the next entry -----------------
 */

static uint64_t
on_data_abort(const struct rmi_rec_exit *exit, struct rmi_rec_enter *enter)
{
	uint64_t ipa = HPFAR_IPA(exit->hpfar) | (exit->far & 0xfff);

	if (ipa < UNPROT) {
		see(SAW_DATA_ABORT);
		map_page(ipa);
		return 0;
	}
	if ((exit->esr & ESR_ISV) == 0)
		see(SAW_UNPROTECTED_ABORT);
	if ((exit->esr & ESR_ISV) == 0 || ipa >= HOST_DEVICE_END)
		return RMI_REC_ENTER_INJECT_SEA;
	see((exit->esr & ESR_WNR) != 0 ? SAW_EMULATABLE_WRITE
				       : SAW_EMULATABLE_READ);
	enter->gprs[0] = 0x80;
	return RMI_REC_ENTER_EMUL_MMIO;
}

/* A timer that has fired is an interrupt for the realm. */
static void
give_interrupt(
    const struct rmi_rec_exit *exit, struct rmi_rec_enter *enter, bool fired)
{
	if (fired)
		see(SAW_TIMER);
	enter->gicv3_lrs[0] = exit->gicv3_lrs[0];
	if ((exit->gicv3_lrs[0] & LR_STATE) == 0)
		enter->gicv3_lrs[0] =
		    fired ? LR_PENDING | LR_GROUP1 | VIRTUAL_TIMER : 0;
}

/* A WFI that exits: the host waits instead, for the timer. */
static void
on_wait(const struct rmi_rec_exit *exit, struct rmi_rec_enter *enter)
{
	uint64_t ti = exit->esr & ESR_TI_MASK;

	/* In the order of TI. */
	see((unsigned[]){ SAW_WFI, SAW_WFE, SAW_WFIT, SAW_WFET }[ti]);
	if (ti != ESR_TI_WFI || exit->cntv_ctl != CNT_CTL_ENABLE)
		return;
	rmm_set_counter(w->rmm, exit->cntv_cval);
	give_interrupt(exit, enter, true);
}

static uint64_t
on_sync(const struct rmi_rec_exit *exit, struct rmi_rec_enter *enter)
{
	switch (ESR_EC(exit->esr)) {
	case ESR_EC_WFX:
		on_wait(exit, enter);
		return 0;
	case ESR_EC_IABT_LOWER:
		see(SAW_INSTRUCTION_ABORT);
		map_page(HPFAR_IPA(exit->hpfar));
		return 0;
	case ESR_EC_SYS64:
		see(SAW_SYSREG);
		return 0;
	default:
		ck_assert_uint_eq(ESR_EC(exit->esr), ESR_EC_DABT_LOWER);
		return on_data_abort(exit, enter);
	}
}

static void
complete(uint64_t rec, const struct rmi_rec_exit *exit)
{
	ck_assert_uint_le(exit->gprs[1], 1);
	ck_call(w, PSCI_COMPLETE, rec, exit->gprs[1] == 0 ? REC : REC2,
	    PSCI_SUCCESS);
}

static void
on_psci(uint64_t rec, const struct rmi_rec_exit *exit)
{
	switch (exit->gprs[0]) {
	case PSCI_FID_CPU_SUSPEND:
		see(SAW_CPU_SUSPEND);
		break;
	case PSCI_FID_CPU_ON:
		see(SAW_CPU_ON);
		complete(rec, exit);
		break;
	case PSCI_FID_CPU_OFF:
		see(SAW_CPU_OFF);
		break;
	case PSCI_FID_AFFINITY_INFO:
		see(SAW_AFFINITY_INFO);
		complete(rec, exit);
		break;
	case PSCI_FID_SYSTEM_OFF:
		see(SAW_SYSTEM_OFF);
		off = true;
		break;
	default:
		ck_assert_uint_eq(exit->gprs[0], PSCI_FID_SYSTEM_RESET);
		see(SAW_SYSTEM_RESET);
		off = true;
	}
}

static uint64_t
on_exit_of(uint64_t rec)
{
	const struct rmi_rec_exit *exit = exit_of(rec);
	struct rmi_rec_enter *enter = &drive_run(w, rec)->enter;

	give_interrupt(
	    exit, enter, exit->cntv_ctl == (CNT_CTL_ENABLE | CNT_CTL_ISTATUS));
	if (exit->pmu_ovf_status != 0)
		see(SAW_PMU_OVERFLOW);
	switch (exit->exit_reason) {
	case RMI_EXIT_SYNC:
		return on_sync(exit, enter);
	case RMI_EXIT_IRQ:
		see(SAW_IRQ);
		break;
	case RMI_EXIT_FIQ:
		see(SAW_FIQ);
		break;
	case RMI_EXIT_SERROR:
		see(SAW_SERROR);
		break;
	case RMI_EXIT_PSCI:
		on_psci(rec, exit);
		break;
	case RMI_EXIT_RIPAS_CHANGE:
		change_ripas(rec, exit);
		break;
	case RMI_EXIT_HOST_CALL:
		see(SAW_HOST_CALL);
		ck_assert_uint_eq(exit->gprs[0], 0x80000000);
		enter->gprs[0] = 0x10003; /* SMCCC 1.3 */
		break;
	default:
		ck_abort_msg("exit reason %u", exit->exit_reason);
	}
	return 0;
}

/* ---- Entries ---------------------------------------------------------------
 */

/* A wait that is not trapped: time goes on to what it waits for. */
static enum script_state
wait_for(struct script_run *r, uint64_t rec)
{
	uint64_t next = rmm_realm_next_timer(w->rmm, rec);
	uint64_t until = script_run_until(r);

	next = next < until ? next : until;
	ck_assert_uint_ne(next, UINT64_MAX);
	rmm_set_counter(w->rmm, next);
	ck_assert(rmm_realm_timers(w->rmm, rec, &w->result));
	return w->result.outcome == RMM_EXITED ? SCRIPT_EXITED : go_on(r);
}

/* Enter a REC, if it is on, until it exits. */
static uint64_t
enter_once(struct script_run *r, uint64_t rec, uint64_t flags)
{
	enum script_state state;

	if (off || !drive_rec(w, rec).runnable)
		return 0;
	state = enter(r, rec, flags);
	while (state == SCRIPT_WAITS)
		state = wait_for(r, rec);
	ck_no_failure(r);
	if (state == SCRIPT_RUNS)
		drive_kick(w, rec);
	return on_exit_of(rec);
}

static void
make_realm(void)
{
	w = drive_new_realm();
	next_granule = 1000;
	ck_call(w, RTT_CREATE, RD, new_granule(), HOST_RAM, 2);
	ck_call(w, RTT_INIT_RIPAS, RD, HOST_RAM, HOST_RAM_END);
	ck_call(w, REALM_ACTIVATE, RD);
	/* REC 1 is to be off. */
	drive_enter_flags(w, REC2, 0);
	ck_assert_int_eq(SMC(w, REC2, PSCI_FID_CPU_OFF), RMM_EXITED);
}

void
host_play(const char *text, uint64_t traps)
{
	uint64_t flags = 0, flags2 = 0;
	unsigned rounds = 0;

	host_saw = 0;
	off = false;
	make_realm();
	run = begin(text, REC);
	run2 = begin(text, REC2);
	while (!off) {
		flags = enter_once(run, REC, flags | traps);
		flags2 = enter_once(run2, REC2, flags2 | traps);
		ck_assert_msg(++rounds < 200, "no end of this:\n%s", text);
	}
	script_run_free(run);
	script_run_free(run2);
	run = run2 = NULL;
	world_free(w);
	w = NULL;
}
