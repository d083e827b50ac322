/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * librmmclient with a real rmmd: run by "rmmd --run", see machine.sh.
 */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rmi.h"
#include "rmmclient.h"

#define DRAM_BASE  0x80000000ull
#define DRAM_SIZE  (64ull << 20)
#define LARGE_BASE 0x10000000000ull
#define LARGE_SIZE (1ull << 40)

static struct rmmclient *
open_client(void)
{
	struct rmmclient *client = rmmclient_connect(NULL, "machine");

	ck_assert_msg(client != NULL, "%s", rmmclient_error(NULL));
	return client;
}

static uint64_t
lease(struct rmmclient *client, uint64_t granules)
{
	uint64_t base;

	ck_assert_msg(rmmclient_lease(client, granules * GRANULE_SIZE,
			  granules * GRANULE_SIZE, &base) == 0,
	    "%s", rmmclient_error(client));
	ck_assert_uint_eq(base % (granules * GRANULE_SIZE), 0);
	return base;
}

START_TEST(typed_calls)
{
	struct rmmclient *client = open_client();
	uint64_t lower, higher, base = lease(client, 1);
	struct rmmclient_reason reason;
	uint64_t x[RMMCLIENT_REGS] = { 0xC4001234 };

	ck_assert_int_eq(
	    rmi_version(client, RMI_VERSION_1_0, &lower, &higher), 0);
	ck_assert_uint_eq(lower, RMI_VERSION_1_0);
	ck_assert_int_eq(rmi_granule_delegate(client, base), RMI_SUCCESS);
	ck_assert_str_eq(rmmclient_last_reason()->condition, "");
	ck_assert_int_eq(rmi_granule_delegate(client, base), RMI_ERROR_INPUT);
	ck_assert_str_eq(rmmclient_last_reason()->condition, "gran_state");
	ck_assert_uint_gt(strlen(rmmclient_last_reason()->why), 0);
	ck_assert_int_eq(rmi_granule_undelegate(client, base), RMI_SUCCESS);
	ck_assert_int_eq(rmmclient_call(client, 0, x, &reason), -ENOSYS);
	ck_assert_ptr_nonnull(strstr(rmmclient_error(client), "0xC4001234"));
	rmmclient_close(client);
}
END_TEST

START_TEST(all_that_is_wrong)
{
	struct rmmclient *client = open_client();
	struct rmmclient_violated violated = { .num = 99 };
	struct rmmclient_reason reason;
	uint64_t x[RMMCLIENT_REGS] = { RMI_FID_GRANULE_DELEGATE, 1 };

	ck_assert_int_eq(
	    rmmclient_call_collect(client, 0, x, &reason, &violated),
	    RMI_ERROR_INPUT);
	ck_assert_str_eq(reason.condition, "gran_align");
	ck_assert_uint_eq(violated.num, 2);
	ck_assert_str_eq(violated.conditions[0], "gran_align");
	ck_assert_str_eq(violated.conditions[1], "gran_bound");
	memset(x, 0, sizeof(x));
	x[0] = RMI_FID_FEATURES;
	ck_assert_int_eq(
	    rmmclient_call_collect(client, 0, x, NULL, &violated), 0);
	ck_assert_uint_eq(violated.num, 0);
	ck_assert_uint_ne(x[1], 0);
	rmmclient_close(client);
}
END_TEST

START_TEST(banks_and_mapping)
{
	struct rmmclient *client = open_client();
	const struct rmmclient_bank *banks;
	uint64_t base = lease(client, 2), far;
	uint8_t *p, back = 0;
	size_t n;

	banks = rmmclient_banks(client, &n);
	ck_assert_uint_eq(n, 3);
	ck_assert_int_eq(banks[0].kind, RMMCLIENT_BANK_DEVICE);
	ck_assert_uint_eq(banks[1].base, DRAM_BASE);
	ck_assert_uint_eq(banks[2].size, LARGE_SIZE);
	p = rmmclient_map(client, base, 2 * GRANULE_SIZE);
	ck_assert_ptr_nonnull(p);
	memset(p, 0xa5, 2 * GRANULE_SIZE);
	ck_assert_int_eq(pread(rmmclient_memory_fd(client), &back, 1,
			     rmmclient_offset(client, base + 17)),
	    1);
	ck_assert_uint_eq(back, 0xa5);
	/* Delegated: what was there is no longer to be seen. */
	ck_assert_int_eq(rmi_granule_delegate(client, base), 0);
	ck_assert_uint_eq(p[0], 0);
	ck_assert_uint_eq(p[GRANULE_SIZE], 0xa5);
	/* The end of a bank that no machine of ours could fill. */
	far = LARGE_BASE + LARGE_SIZE - GRANULE_SIZE;
	p = rmmclient_map(client, far, GRANULE_SIZE);
	ck_assert_msg(p != NULL, "%s", rmmclient_error(client));
	p[4095] = 1;
	ck_assert_ptr_null(rmmclient_map(client, 0x40000000, 1));
	ck_assert_int_eq(errno, EFAULT);
	rmmclient_close(client);
}
END_TEST

static void
make_realm(struct rmmclient *client, uint64_t base)
{
	struct rmi_realm_params *params =
	    rmmclient_map(client, base, GRANULE_SIZE);

	ck_assert_ptr_nonnull(params);
	memset(params, 0, sizeof *params);
	params->s2sz = 32;
	params->num_bps = params->num_wps = 1;
	params->hash_algo = RMI_HASH_SHA_256;
	params->vmid = (uint16_t)(base >> 12);
	params->rtt_base = base + 2 * GRANULE_SIZE;
	params->rtt_level_start = 1;
	params->rtt_num_start = 1;
	for (unsigned i = 1; i < 6; i++)
		ck_assert_int_eq(
		    rmi_granule_delegate(client, base + i * GRANULE_SIZE), 0);
	ck_assert_msg(rmi_realm_create(client, base + GRANULE_SIZE, base) == 0,
	    "%s", rmmclient_last_reason()->why);
	for (unsigned level = 2; level < 4; level++)
		ck_assert_int_eq(
		    rmi_rtt_create(client, base + GRANULE_SIZE,
			base + (level + 1) * GRANULE_SIZE, 0, level),
		    0);
}

/* A realm's page, made through the library alone; then the client goes. */
START_TEST(data_create)
{
	struct rmmclient *client = open_client(), *next;
	uint64_t base = lease(client, 16), rd = base + GRANULE_SIZE, top;
	uint64_t data = base + 5 * GRANULE_SIZE, src = base + 8 * GRANULE_SIZE;
	uint8_t *p;

	make_realm(client, base);
	ck_assert_int_eq(
	    rmi_rtt_init_ripas(client, rd, 0, GRANULE_SIZE, &top), 0);
	ck_assert_uint_eq(top, GRANULE_SIZE);
	p = rmmclient_map(client, src, GRANULE_SIZE);
	memset(p, 0x3c, GRANULE_SIZE);
	ck_assert_int_eq(
	    rmi_data_create(client, rd, data, 0, src, RMI_MEASURE_CONTENT), 0);
	p = rmmclient_map(client, data, GRANULE_SIZE);
	for (unsigned i = 0; i < GRANULE_SIZE; i++)
		ck_assert_uint_eq(p[i], 0);
	ck_assert_int_eq(
	    rmi_data_create(client, rd, data, 0, src, RMI_MEASURE_CONTENT),
	    RMI_ERROR_INPUT);
	ck_assert_str_eq(rmmclient_last_reason()->condition, "data_state");
	rmmclient_close(client);

	/* The realm went with its lease: every granule can be had again. */
	next = open_client();
	while (rmmclient_lease_at(next, base, 16 * GRANULE_SIZE) == -EBUSY)
		usleep(1000);
	for (unsigned i = 0; i < 16; i++)
		ck_assert_int_eq(
		    rmi_granule_delegate(next, base + i * GRANULE_SIZE), 0);
	rmmclient_close(next);
}
END_TEST

START_TEST(leases_of_two_clients)
{
	struct rmmclient *one = open_client(), *two = open_client();
	uint64_t a = lease(one, 256), b = lease(two, 256), c;

	ck_assert(a + 256 * GRANULE_SIZE <= b || b + 256 * GRANULE_SIZE <= a);
	ck_assert_int_eq(rmmclient_lease_at(two, a, GRANULE_SIZE), -EBUSY);
	ck_assert_uint_gt(strlen(rmmclient_error(two)), 0);
	ck_assert_int_eq(rmmclient_release(two, a), -ENOENT);
	ck_assert_int_eq(rmmclient_lease(one, 4095, 0, &c), -EINVAL);
	ck_assert_int_eq(rmmclient_lease(one, GRANULE_SIZE, 3, &c), -EINVAL);
	ck_assert_int_eq(rmmclient_lease(one, 1ull << 41, 0, &c), -ENOMEM);
	ck_assert_int_eq(rmi_granule_delegate(one, a), 0);
	ck_assert_int_eq(rmmclient_release(one, a), 0);
	while (rmmclient_lease_at(two, a, 256 * GRANULE_SIZE) == -EBUSY)
		usleep(1000);
	ck_assert_int_eq(rmi_granule_delegate(two, a), 0);
	rmmclient_close(one);
	rmmclient_close(two);
}
END_TEST

#define MANY 2500

static void
fill_delegates(struct rmmclient_step *steps, uint64_t base)
{
	memset(steps, 0, MANY * sizeof *steps);
	for (unsigned i = 0; i < MANY; i++) {
		steps[i].x[0] = RMI_FID_GRANULE_DELEGATE;
		steps[i].x[1] = base + (uint64_t)i * GRANULE_SIZE;
	}
}

/* More calls than a message takes; then one of them fails. */
START_TEST(batches)
{
	struct rmmclient *client = open_client();
	struct rmmclient_step *steps = calloc(MANY, sizeof *steps);
	struct rmmclient_reason reason;
	uint64_t base = lease(client, 4096);
	size_t executed;

	ck_assert_uint_lt(rmmclient_max_batch(client), MANY);
	fill_delegates(steps, base);
	ck_assert_int_eq(
	    rmmclient_batch(client, 0, steps, MANY, &executed, &reason), MANY);
	ck_assert_uint_eq(executed, MANY);
	ck_assert_str_eq(reason.condition, "");
	fill_delegates(steps, base);
	for (unsigned i = 0; i < MANY; i++)
		steps[i].x[0] = RMI_FID_GRANULE_UNDELEGATE;
	steps[2100].x[1] += 1; /* not aligned */
	ck_assert_int_eq(
	    rmmclient_batch(client, 0, steps, MANY, &executed, &reason), 2101);
	ck_assert_uint_eq(steps[2100].x[0], RMI_ERROR_INPUT);
	ck_assert_str_eq(reason.condition, "gran_align");
	ck_assert_uint_eq(steps[2101].x[0], RMI_FID_GRANULE_UNDELEGATE);
	/* The one that was not reached is still delegated. */
	ck_assert_int_eq(
	    rmi_granule_undelegate(client, base + 2101 * GRANULE_SIZE), 0);
	ck_assert_int_eq(
	    rmi_granule_undelegate(client, base + 2099 * GRANULE_SIZE),
	    RMI_ERROR_INPUT);
	free(steps);
	rmmclient_close(client);
}
END_TEST

struct worker {
	pthread_t thread;
	struct rmmclient *client;
	uint64_t base;
	unsigned wrong;
};

/* Each knows what its own granule must answer. */
static void *
work(void *arg)
{
	struct worker *w = arg;
	struct rmmclient_step steps[2] = { 0 };

	for (unsigned i = 0; i < 300; i++) {
		w->wrong += rmi_granule_delegate(w->client, w->base) != 0;
		w->wrong +=
		    rmi_granule_delegate(w->client, w->base) != RMI_ERROR_INPUT;
		w->wrong += rmi_granule_undelegate(w->client, w->base) != 0;
		steps[0].x[0] = RMI_FID_GRANULE_DELEGATE;
		steps[1].x[0] = RMI_FID_GRANULE_UNDELEGATE;
		steps[0].x[1] = steps[1].x[1] = w->base;
		w->wrong +=
		    rmmclient_batch(w->client, 0, steps, 2, NULL, NULL) != 2;
		w->wrong += rmmclient_map(w->client, w->base, 1) == NULL;
	}
	return NULL;
}

START_TEST(many_threads)
{
	struct rmmclient *client = open_client();
	struct worker w[12];
	uint64_t base = lease(client, 16);

	for (unsigned i = 0; i < 12; i++) {
		w[i] = (struct worker){ .client = client,
			.base = base + i * GRANULE_SIZE };
		pthread_create(&w[i].thread, NULL, work, &w[i]);
	}
	for (unsigned i = 0; i < 12; i++) {
		pthread_join(w[i].thread, NULL);
		ck_assert_uint_eq(w[i].wrong, 0);
	}
	rmmclient_close(client);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("librmmclient and rmmd");
	TCase *t = tcase_create("machine");
	SRunner *runner;
	int failed;

	tcase_set_timeout(t, 120);
	tcase_add_test(t, typed_calls);
	tcase_add_test(t, all_that_is_wrong);
	tcase_add_test(t, banks_and_mapping);
	tcase_add_test(t, data_create);
	tcase_add_test(t, leases_of_two_clients);
	tcase_add_test(t, batches);
	tcase_add_test(t, many_threads);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
