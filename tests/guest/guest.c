/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * librmmguest with a real rmmd: run by "rmmd --run", see guest.sh.  The host is
 * a thread of this program that enters a REC when it is told to.
 */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "esr.h"
#include "rmmclient.h"
#include "rmmguest.h"
#include "rsi.h"
#include "sysregs.h"

#define UNPROT (1ull << 32) /* the realm has 33 bits of IPA */
#define RAM    0x1000ull    /* two pages of it */

struct scene {
	struct rmmclient *host;
	struct rmmguest *guest;
	uint64_t base, rd, rec, run_pa;
	struct rmi_rec_run *run;
	pthread_t thread;
	uint64_t trap; /* of answer()'s first entry */
	int entered;   /* what RMI_REC_ENTER answered */
};

#define OK(call)                                              \
	ck_assert_msg((call) == RMI_SUCCESS, "" #call ": %s", \
	    rmmclient_last_reason()->why)

static void
delegate(struct scene *s, unsigned first, unsigned num)
{
	for (unsigned i = first; i < first + num; i++)
		OK(rmi_granule_delegate(s->host, s->base + i * GRANULE_SIZE));
}

/* Pages: 0 parameters and run, 1 RD, 2 to 4 tables, 5 REC, 6 and 7 data. */
static void
make_realm(struct scene *s)
{
	struct rmi_realm_params *params = (void *)s->run;
	uint64_t top;

	s->rd = s->base + GRANULE_SIZE;
	s->rec = s->base + 5 * GRANULE_SIZE;
	delegate(s, 1, 7 + 16);
	memset(params, 0, sizeof *params);
	params->s2sz = 33;
	params->num_bps = params->num_wps = 1;
	params->vmid = (uint16_t)(s->base >> 12);
	params->rtt_base = s->base + 2 * GRANULE_SIZE;
	params->rtt_level_start = 1;
	params->rtt_num_start = 1;
	OK(rmi_realm_create(s->host, s->rd, s->base));
	for (unsigned level = 2; level < 4; level++)
		OK(rmi_rtt_create(s->host, s->rd,
		    s->base + (level + 1) * GRANULE_SIZE, 0, level));
	OK(rmi_rtt_init_ripas(
	    s->host, s->rd, RAM, RAM + 2 * GRANULE_SIZE, &top));
	for (unsigned i = 0; i < 2; i++)
		OK(rmi_data_create_unknown(s->host, s->rd,
		    s->base + (6 + i) * GRANULE_SIZE, RAM + i * GRANULE_SIZE));
}

static void
make_rec(struct scene *s)
{
	struct rmi_rec_params *params = (void *)s->run;
	uint64_t count;

	OK(rmi_rec_aux_count(s->host, s->rd, &count));
	ck_assert_uint_le(count, 16);
	memset(params, 0, sizeof *params);
	params->flags = RMI_REC_FLAG_RUNNABLE;
	params->pc = 0x8000;
	for (unsigned i = 0; i < RMI_REC_CREATE_GPRS; i++)
		params->gprs[i] = 0x100 + i;
	params->num_aux = count;
	for (unsigned i = 0; i < count; i++)
		params->aux[i] = s->base + (8 + i) * GRANULE_SIZE;
	OK(rmi_rec_create(s->host, s->rd, s->rec, s->base));
	OK(rmi_realm_activate(s->host, s->rd));
	memset(s->run, 0, sizeof *s->run);
}

static struct scene
scene_new(void)
{
	struct scene s = { .host = rmmclient_connect(NULL, "host") };

	ck_assert_msg(s.host != NULL, "%s", rmmclient_error(NULL));
	ck_assert_int_eq(
	    rmmclient_lease(s.host, 32 * GRANULE_SIZE, 0, &s.base), 0);
	s.run = rmmclient_map(s.host, s.base, GRANULE_SIZE);
	ck_assert_ptr_nonnull(s.run);
	s.run_pa = s.base;
	make_realm(&s);
	make_rec(&s);
	s.guest = rmmguest_connect(NULL, "guest");
	ck_assert_msg(s.guest != NULL, "%s", rmmguest_error(NULL));
	ck_assert_msg(rmmguest_attach(s.guest, s.rec, 0) == 0, "%s",
	    rmmguest_error(s.guest));
	return s;
}

static void
scene_free(struct scene *s)
{
	rmmguest_close(s->guest);
	rmmclient_close(s->host);
}

static void *
enter_thread(void *arg)
{
	struct scene *s = arg;

	s->entered = rmi_rec_enter(s->host, s->rec, s->run_pa);
	return NULL;
}

/* RMI_REC_ENTER, in a thread; left() waits for the exit. */
static void
enter(struct scene *s, uint64_t flags)
{
	s->run->enter.flags = flags;
	s->entered = -1;
	ck_assert_int_eq(pthread_create(&s->thread, NULL, enter_thread, s), 0);
}

static const struct rmi_rec_exit *
left(struct scene *s)
{
	pthread_join(s->thread, NULL);
	ck_assert_int_eq(s->entered, RMI_SUCCESS);
	return &s->run->exit;
}

/* A host that answers one exit. */
struct turn {
	struct scene *scene;
	pthread_t thread;
	uint64_t flags;
	struct rmi_rec_exit exit; /* of the exit before it */
};

/* Enter, and when that exits, do what flags say and enter again. */
static void *
answer(void *arg)
{
	struct turn *turn = arg;
	struct scene *s = turn->scene;

	s->run->enter.flags = s->trap;
	s->entered = rmi_rec_enter(s->host, s->rec, s->run_pa);
	turn->exit = s->run->exit;
	s->run->enter.flags = turn->flags;
	s->entered = rmi_rec_enter(s->host, s->rec, s->run_pa);
	return NULL;
}

static void
begin_turn(struct turn *turn, struct scene *s, uint64_t flags)
{
	*turn = (struct turn){ .scene = s, .flags = flags };
	ck_assert_int_eq(pthread_create(&turn->thread, NULL, answer, turn), 0);
}

/* The realm gives the processor back. */
static void
end_turn(struct turn *turn)
{
	struct rmmguest *guest = turn->scene->guest;

	ck_assert_ptr_nonnull(guest);
	rmmguest_hang_up(guest);
	pthread_join(turn->thread, NULL);
	ck_assert_int_eq(turn->scene->entered, RMI_SUCCESS);
}

START_TEST(calls)
{
	struct scene s = scene_new();
	uint64_t lower, higher, value[8], x[RMMGUEST_REGS] = { 0xC4001234 };
	uint64_t pc;
	struct realm_registers registers;
	int64_t result;

	ck_assert_uint_eq(rmmguest_rec(s.guest), s.rec);
	ck_assert_uint_eq(rmmguest_rd(s.guest), s.rd);
	ck_assert_uint_eq(rmmguest_ipa_width(s.guest), 33);
	enter(&s, 0);
	ck_assert_int_eq(realm_registers(s.guest, &registers), 0);
	ck_assert_uint_eq(registers.pc, 0x8000);
	ck_assert_uint_eq(registers.x[0], 0x100);
	ck_assert_uint_eq(registers.x[7], 0x107);
	ck_assert_uint_eq(registers.x[8], 0);
	ck_assert_uint_eq(registers.pstate, PSTATE_RESET);
	ck_assert_int_eq(
	    rsi_version(s.guest, RSI_VERSION_1_0, &lower, &higher), 0);
	ck_assert_uint_eq(lower, RSI_VERSION_1_0);
	ck_assert_uint_eq(higher, RSI_VERSION_1_0);
	ck_assert_int_eq(rsi_measurement_read(s.guest, 0, &value[0], &value[1],
			     &value[2], &value[3], NULL, NULL, NULL, NULL),
	    RSI_SUCCESS);
	ck_assert_uint_ne(value[0], 0);
	ck_assert_str_eq(rmmguest_last(s.guest)->condition, "");
	ck_assert_int_eq(rsi_measurement_read(s.guest, 5, NULL, NULL, NULL,
			     NULL, NULL, NULL, NULL, NULL),
	    RSI_ERROR_INPUT);
	ck_assert_str_eq(rmmguest_last(s.guest)->condition, "index_bound");
	ck_assert_uint_gt(strlen(rmmguest_last(s.guest)->why), 0);
	ck_assert_int_eq(psci_version(s.guest, &result), 0);
	ck_assert_int_eq(result, 0x10001);
	ck_assert_int_eq(psci_features(s.guest, 0x84001234, &result), 0);
	ck_assert_int_eq(result, -1);
	ck_assert_int_eq(rmmguest_rsi_call(s.guest, x), -ENOSYS);
	ck_assert_ptr_nonnull(strstr(rmmguest_error(s.guest), "0xC4001234"));
	ck_assert_int_eq(realm_registers(s.guest, &registers), 0);
	pc = registers.pc;
	ck_assert_int_eq(realm_hvc(s.guest, x), RMMGUEST_EXCEPTION);
	ck_assert_uint_eq(
	    ESR_EC(rmmguest_last(s.guest)->esr), (unsigned)ESR_EC_UNKNOWN);
	ck_assert_uint_eq(rmmguest_last(s.guest)->exits, 0);
	/* It goes on behind the HVC. */
	ck_assert_int_eq(realm_registers(s.guest, &registers), 0);
	ck_assert_uint_eq(registers.pc, pc + 4);
	ck_assert_uint_eq(registers.pstate, PSTATE_RESET);
	rmmguest_hang_up(s.guest);
	ck_assert_uint_eq(left(&s)->exit_reason, RMI_EXIT_SERROR);
	ck_assert_int_eq(psci_version(s.guest, &result), -ECONNRESET);
	scene_free(&s);
}
END_TEST

START_TEST(memory)
{
	struct scene s = scene_new();
	uint8_t out[2 * GRANULE_SIZE - 100], in[sizeof out] = { 0 };
	uint64_t value;

	for (size_t i = 0; i < sizeof out; i++)
		out[i] = (uint8_t)(i * 7 + 0x80);
	enter(&s, 0);
	/* Across the granules' edge. */
	ck_assert_int_eq(realm_write(s.guest, RAM + 50, out, sizeof out), 0);
	ck_assert_uint_eq(rmmguest_last(s.guest)->done, sizeof out);
	ck_assert_int_eq(realm_read(s.guest, RAM + 50, in, sizeof in), 0);
	ck_assert_mem_eq(in, out, sizeof in);
	memset(in, 0, sizeof in);
	ck_assert_int_eq(realm_fetch(s.guest, RAM + 50, in, sizeof in), 0);
	ck_assert_mem_eq(in, out, sizeof in);
	/* The page behind is EMPTY: the first part is done. */
	ck_assert_int_eq(
	    realm_write(s.guest, RAM + 2 * GRANULE_SIZE - 16, out, 32),
	    RMMGUEST_EXCEPTION);
	ck_assert_uint_eq(rmmguest_last(s.guest)->done, 16);
	ck_assert_uint_eq(rmmguest_last(s.guest)->far, RAM + 2 * GRANULE_SIZE);
	ck_assert_uint_eq(
	    rmmguest_last(s.guest)->esr & ESR_FSC_MASK, (uint64_t)ESR_FSC_SEA);
	ck_assert_int_eq(realm_store(s.guest, RAM, 8, 0x1122334455667788), 0);
	ck_assert_int_eq(realm_load(s.guest, RAM, 8, &value), 0);
	ck_assert_uint_eq(value, 0x1122334455667788);
	ck_assert_int_eq(realm_store(s.guest, RAM + 2, 2, 0x8001), 0);
	ck_assert_int_eq(realm_load(s.guest, RAM, 8, &value), 0);
	ck_assert_uint_eq(value, 0x1122334480017788);
	ck_assert_int_eq(realm_load(s.guest, RAM + 2, 2, &value), 0);
	ck_assert_uint_eq(value, 0x8001);
	ck_assert_int_eq(realm_load_signed(s.guest, RAM + 2, 2, &value), 0);
	ck_assert_uint_eq(value, 0xffffffffffff8001);
	ck_assert_int_eq(realm_load(s.guest, RAM + 2, 4, &value), -EINVAL);
	ck_assert_int_eq(realm_load(s.guest, RAM, 3, &value), -EINVAL);
	ck_assert_int_eq(realm_store(s.guest, RAM, 0, 0), -EINVAL);
	rmmguest_hang_up(s.guest);
	left(&s);
	scene_free(&s);
}
END_TEST

/* What the host makes of a load: emulated, or an abort. */
START_TEST(emulation)
{
	struct scene s = scene_new();
	struct realm_access access = { .ipa = UNPROT + 0x10,
		.size = 1,
		.sign_extend = true,
		.narrow = true,
		.srt = 7 };
	struct turn turn;
	uint64_t value = 0;

	s.run->enter.gprs[0] = 0x1f0;
	begin_turn(&turn, &s, RMI_REC_ENTER_EMUL_MMIO);
	ck_assert_int_eq(realm_access(s.guest, &access, &value), 0);
	ck_assert_uint_eq(value, 0xfffffff0);
	ck_assert_uint_eq(rmmguest_last(s.guest)->exits, 1);
	end_turn(&turn);
	ck_assert_uint_eq(turn.exit.exit_reason, RMI_EXIT_SYNC);
	ck_assert_uint_eq(HPFAR_IPA(turn.exit.hpfar), UNPROT);
	ck_assert_uint_eq(ESR_SAS(turn.exit.esr), 0);
	ck_assert(turn.exit.esr & ESR_ISV);
	scene_free(&s);

	s = scene_new();
	begin_turn(&turn, &s, RMI_REC_ENTER_INJECT_SEA);
	ck_assert_int_eq(
	    realm_store(s.guest, UNPROT + 0x20, 8, 5), RMMGUEST_EXCEPTION);
	ck_assert_uint_eq(rmmguest_last(s.guest)->exits, 1);
	ck_assert_uint_eq(
	    rmmguest_last(s.guest)->esr & ESR_FSC_MASK, (uint64_t)ESR_FSC_SEA);
	ck_assert_uint_eq(rmmguest_last(s.guest)->far, UNPROT + 0x20);
	end_turn(&turn);
	ck_assert_uint_eq(turn.exit.gprs[0], 5);
	scene_free(&s);
}
END_TEST

START_TEST(waits_and_interrupts)
{
	struct scene s = scene_new();
	struct turn turn;
	uint64_t value, now;

	begin_turn(&turn, &s, 0);
	ck_assert_int_eq(realm_interrupt(s.guest, REALM_FIQ, 0), 0);
	ck_assert_uint_eq(rmmguest_last(s.guest)->exits, 1);
	/* WFE does not wait for long, and WFIT until its time. */
	ck_assert_int_eq(realm_wfe(s.guest), 0);
	now = rmmguest_last(s.guest)->counter;
	ck_assert_int_eq(realm_wfet(s.guest, now + 50000), 0);
	ck_assert_int_eq(realm_time(s.guest, 12345), 0);
	ck_assert_uint_ge(rmmguest_last(s.guest)->counter, now + 12345);
	ck_assert_int_eq(realm_time(s.guest, (1ull << 48) + 1), -EINVAL);
	ck_assert_ptr_nonnull(strstr(rmmguest_error(s.guest), "2^48"));
	ck_assert_int_eq(
	    realm_msr(s.guest, SYSREG(3, 0, 13, 0, 4), 0x1234567), 0);
	ck_assert_int_eq(realm_mrs(s.guest, SYSREG(3, 0, 13, 0, 4), &value), 0);
	ck_assert_uint_eq(value, 0x1234567);
	ck_assert_int_eq(realm_pmu_overflow(s.guest, true), 0);
	end_turn(&turn);
	ck_assert_uint_eq(turn.exit.exit_reason, RMI_EXIT_FIQ);
	ck_assert_uint_eq(s.run->exit.exit_reason, RMI_EXIT_SERROR);
	ck_assert_uint_eq(s.run->exit.pmu_ovf_status, 1);
	scene_free(&s);

	/* A host that traps WFI sees it, and enters behind it. */
	s = scene_new();
	s.trap = RMI_REC_ENTER_TRAP_WFI;
	begin_turn(&turn, &s, 0);
	ck_assert_int_eq(realm_wfi(s.guest), 0);
	ck_assert_uint_eq(rmmguest_last(s.guest)->exits, 1);
	end_turn(&turn);
	ck_assert_uint_eq(ESR_EC(turn.exit.esr), (unsigned)ESR_EC_WFX);
	scene_free(&s);
}
END_TEST

/* Who waits for a REC is told when there is one, and which. */
START_TEST(any_rec)
{
	struct scene s = scene_new();
	struct rmmguest *other = rmmguest_connect(NULL, NULL);

	ck_assert_int_eq(rmmguest_attach(other, s.rec, 0), -EBUSY);
	ck_assert_int_eq(
	    rmmguest_attach(other, s.rec + GRANULE_SIZE, 0), -ENOENT);
	rmmguest_close(s.guest);
	s.guest = other;
	ck_assert_uint_eq(rmmguest_rec(other), 0);
	enter(&s, 0);
	left(&s);
	ck_assert_int_eq(rmmguest_attach(other, s.rec, 0), 0);
	ck_assert_uint_eq(rmmguest_rec(other), s.rec);
	ck_assert_int_eq(rmmguest_attach(other, s.rec, 0), -EPROTO);
	scene_free(&s);
}
END_TEST

static void *
store(void *arg)
{
	return (void *)(intptr_t)realm_store(arg, UNPROT + 0x20, 8, 5);
}

/* Another process, once the daemon knows that the one before has gone. */
static void
succeed(struct scene *s)
{
	int rc;

	rmmguest_close(s->guest);
	s->guest = rmmguest_connect(NULL, "successor");
	ck_assert_ptr_nonnull(s->guest);
	while ((rc = rmmguest_attach(s->guest, s->rec, 0)) == -EBUSY)
		;
	ck_assert_int_eq(rc, 0);
}

/* A process ends in a store that has exited to the host. */
static void
leave_a_store(struct scene *s)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, store, s->guest), 0);
	enter(s, 0);
	ck_assert_uint_eq(left(s)->exit_reason, RMI_EXIT_SYNC);
	ck_assert_uint_eq(s->run->exit.gprs[0], 5);
	rmmguest_hang_up(s->guest);
	pthread_join(thread, NULL);
	succeed(s);
}

/* What the host makes of it, the successor is told instead of acting. */
static void
expect_sea(struct scene *s, uint64_t pc)
{
	struct realm_registers registers;
	uint64_t now;

	ck_assert_int_eq(realm_time(s->guest, 1ull << 40), RMMGUEST_EXCEPTION);
	now = rmmguest_last(s->guest)->counter;
	ck_assert_uint_lt(now, 1ull << 40);
	ck_assert_uint_eq(rmmguest_last(s->guest)->exits, 0);
	ck_assert_uint_eq(rmmguest_last(s->guest)->far, UNPROT + 0x20);
	ck_assert_uint_eq(
	    rmmguest_last(s->guest)->esr & ESR_FSC_MASK, (uint64_t)ESR_FSC_SEA);
	ck_assert_int_eq(realm_registers(s->guest, &registers), 0);
	ck_assert_uint_eq(registers.pc, pc);
	rmmguest_hang_up(s->guest);
	ck_assert_uint_eq(left(s)->exit_reason, RMI_EXIT_SERROR);
}

START_TEST(an_abort_of_a_predecessor)
{
	struct scene s = scene_new();

	leave_a_store(&s);
	enter(&s, RMI_REC_ENTER_INJECT_SEA);
	expect_sea(&s, 0x8004);
	succeed(&s);

	/* Nobody is there when it is injected. */
	leave_a_store(&s);
	rmmguest_hang_up(s.guest);
	enter(&s, RMI_REC_ENTER_INJECT_SEA);
	ck_assert_uint_eq(left(&s)->exit_reason, RMI_EXIT_SERROR);
	succeed(&s);
	enter(&s, 0);
	expect_sea(&s, 0x8008);
	scene_free(&s);
}
END_TEST

static void *
off(void *arg)
{
	return (void *)(intptr_t)psci_system_off(arg, NULL);
}

/* The REC goes while an instruction waits for it. */
START_TEST(a_rec_goes)
{
	struct scene s = scene_new();
	pthread_t thread;
	void *rc;

	pthread_create(&thread, NULL, off, s.guest);
	enter(&s, 0);
	ck_assert_uint_eq(left(&s)->exit_reason, RMI_EXIT_PSCI);
	ck_assert_int_eq(rmi_rec_destroy(s.host, s.rec), RMI_SUCCESS);
	pthread_join(thread, &rc);
	ck_assert_int_eq((int)(intptr_t)rc, -ENOENT);
	ck_assert_int_eq(realm_wfi(s.guest), -ENOENT);
	scene_free(&s);
}
END_TEST

START_TEST(no_daemon)
{
	ck_assert_ptr_null(rmmguest_connect("/nonexistent/socket", "nobody"));
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_ptr_nonnull(
	    strstr(rmmguest_error(NULL), "/nonexistent/socket"));
	ck_assert_ptr_nonnull(strstr(rmmguest_error(NULL), "RMMD_CONTROL"));
	rmmguest_close(NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("librmmguest and rmmd");
	TCase *t = tcase_create("guest");
	SRunner *runner;
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_test(t, calls);
	tcase_add_test(t, memory);
	tcase_add_test(t, emulation);
	tcase_add_test(t, waits_and_interrupts);
	tcase_add_test(t, any_rec);
	tcase_add_test(t, an_abort_of_a_predecessor);
	tcase_add_test(t, a_rec_goes);
	tcase_add_test(t, no_daemon);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
