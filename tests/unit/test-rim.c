/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The realm's measurements against values that an independent
 * implementation has confirmed (rim-1.0.json): every step of every row, by
 * real calls, so that the tables are as the rows assume.
 */
#include "config.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

#include "rmm/machine.h"

#define TABLES	 G(4096)  /* granules for tables below the starting level */
#define PAGES	 G(8192)  /* granules for data */
#define REC2	 G(12288) /* granules for RECs */
#define BLOB_END 0x3000

static struct world *w;
static json_t *vectors;
static uint64_t next_table, next_page, next_rec, next_mpidr;

static void
setup(void)
{
	const char *srcdir = getenv("srcdir");
	char path[4096];
	json_error_t error;

	(void)snprintf(path, sizeof path, "%s/tests/unit/rim-1.0.json",
	    srcdir != NULL ? srcdir : ".");
	vectors = json_load_file(path, 0, &error);
	ck_assert_msg(
	    vectors != NULL, "%s:%d: %s", path, error.line, error.text);
	w = world_new();
	next_table = TABLES;
	next_page = PAGES;
	next_rec = REC2;
	next_mpidr = 0;
}

static void
teardown(void)
{
	world_free(w);
	json_decref(vectors);
}

/* ---- Reading a row ------------------------------------------------------- */

static const char *
string(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	ck_assert_msg(s != NULL, "no string \"%s\"", key);
	return s;
}

static uint64_t
number_of(const json_t *value)
{
	const char *s = json_string_value(value);
	char *end;
	uint64_t number;

	ck_assert_ptr_nonnull(s);
	number = strtoull(s, &end, 0);
	ck_assert_msg(end != s && *end == '\0', "\"%s\" is no number", s);
	return number;
}

static uint64_t
number(const json_t *object, const char *key)
{
	return number_of(json_object_get(object, key));
}

static bool
truth(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	ck_assert_msg(json_is_boolean(value), "no boolean \"%s\"", key);
	return json_is_true(value);
}

static void
ck_hex(const char *what, const uint8_t *bytes, size_t size, const char *hex)
{
	char mine[2 * 64 + 1];

	ck_assert_uint_le(size, 64);
	for (size_t i = 0; i < size; i++)
		(void)snprintf(mine + 2 * i, 3, "%02x", bytes[i]);
	ck_assert_msg(
	    strcmp(mine, hex) == 0, "%s: %s, expected %s", what, mine, hex);
}

/* ---- Making its calls ---------------------------------------------------- */

static void
create(const json_t *step, const char *alg)
{
	struct rmi_realm_params *params = realm_params(w);
	unsigned s2sz = (unsigned)number(step, "s2sz");
	int level = s2sz > 43 ? 0 : 1;
	unsigned bits = s2sz - (level == 0 ? 39 : 30);

	params->flags = number(step, "flags");
	params->s2sz = (uint8_t)s2sz;
	params->sve_vl = (uint8_t)number(step, "sve_vl");
	params->num_bps = (uint8_t)number(step, "num_bps");
	params->num_wps = (uint8_t)number(step, "num_wps");
	params->pmu_num_ctrs = (uint8_t)number(step, "pmu_num_ctrs");
	params->hash_algo =
	    strcmp(alg, "sha512") == 0 ? RMI_HASH_SHA_512 : RMI_HASH_SHA_256;
	params->rtt_level_start = level;
	params->rtt_num_start = bits > 9 ? 1u << (bits - 9) : 1;
	world_delegate(w, RD, 1);
	world_delegate(w, RTT0, params->rtt_num_start);
	ck_call(w, REALM_CREATE, RD, PARAMS);
}

/* Make the tables that an entry at this level needs. */
static void
make_tables(uint64_t ipa, int level)
{
	for (;;) {
		uint64_t base = ipa & ~(rmm_rtte_size(level) - 1);
		int reached = world_entry(w, base, level).level;

		if (reached == level)
			return;
		world_delegate(w, next_table, 1);
		ck_call(w, RTT_CREATE, RD, next_table,
		    ipa & ~(rmm_rtte_size(reached) - 1), (uint64_t)reached + 1);
		next_table += GRANULE_SIZE;
	}
}

static int
level_of(uint64_t size)
{
	int level = 3;

	while (rmm_rtte_size(level) < size)
		level--;
	ck_assert_uint_eq(rmm_rtte_size(level), size);
	return level;
}

static void
init_ripas(const json_t *step)
{
	uint64_t base = number(step, "base"), top = number(step, "top");

	make_tables(base, level_of(top - base));
	ck_call(w, RTT_INIT_RIPAS, RD, base, top);
	ck_assert_uint_eq(w->answer.x[1], top);
	ck_assert_uint_eq(w->step.base, base);
	ck_assert_uint_eq(w->step.top, top);
}

static void
data_create(const json_t *step)
{
	uint64_t ipa = number(step, "ipa");
	bool measure = truth(step, "measure");
	uint8_t *src = ns_at(w, SRC), digest[32];

	/* Measured pages are those of the blob, the others are zeros. */
	for (uint64_t i = 0; i < GRANULE_SIZE; i++) {
		uint64_t at = (ipa + i) % L2_SIZE;

		ck_assert(!measure || at < BLOB_END);
		src[i] = measure ? (uint8_t)(at * 7 + (at >> 8)) : 0;
	}
	ck_assert_int_eq(
	    EVP_Digest(src, GRANULE_SIZE, digest, NULL, EVP_sha256(), NULL), 1);
	ck_hex("page", digest, sizeof digest, string(step, "page_sha256"));
	make_tables(ipa, 3);
	world_delegate(w, next_page, 1);
	ck_call(w, DATA_CREATE, RD, next_page, ipa, SRC,
	    measure ? RMI_MEASURE_CONTENT : RMI_NO_MEASURE_CONTENT);
	next_page += GRANULE_SIZE;
}

static void
rec_create(const json_t *step)
{
	struct rmi_rec_params *params = rec_params(w);
	const json_t *gprs = json_object_get(step, "gprs");

	ck_assert_uint_eq(json_array_size(gprs), RMI_REC_CREATE_GPRS);
	params->flags = truth(step, "runnable") ? RMI_REC_FLAG_RUNNABLE : 0;
	params->pc = number(step, "pc");
	params->mpidr = next_mpidr++;
	for (size_t i = 0; i < RMI_REC_CREATE_GPRS; i++)
		params->gprs[i] = number_of(json_array_get(gprs, i));
	world_delegate(w, next_rec, 1 + WORLD_NUM_AUX);
	for (unsigned i = 0; i < WORLD_NUM_AUX; i++)
		params->aux[i] = next_rec + (i + 1) * (uint64_t)GRANULE_SIZE;
	ck_call(w, REC_CREATE, RD, next_rec, PARAMS);
	next_rec += (1 + WORLD_NUM_AUX) * (uint64_t)GRANULE_SIZE;
}

static void
make(const json_t *step, const char *alg)
{
	const char *op = string(step, "op");

	if (strcmp(op, "realm_create") == 0)
		create(step, alg);
	else if (strcmp(op, "init_ripas_entry") == 0)
		init_ripas(step);
	else if (strcmp(op, "data_create") == 0)
		data_create(step);
	else if (strcmp(op, "rec_create") == 0)
		rec_create(step);
	else
		ck_abort_msg("unknown step %s", op);
}

static void
ck_rim(const char *what, const char *hex)
{
	struct rmm_realm_info info = world_realm_info(w, RD);

	ck_hex(what, info.measurements[0], 64, hex);
	ck_hex(what, w->step.rim, 64, hex);
}

static void
run_row(const json_t *row)
{
	const char *alg = string(row, "alg");
	const json_t *steps = json_object_get(row, "steps"), *step;
	size_t i;

	ck_assert_uint_gt(json_array_size(steps), 0);
	json_array_foreach(steps, i, step)
	{
		char what[64];

		(void)snprintf(what, sizeof what, "step %zu", i);
		make(step, alg);
		ck_rim(what, string(step, "rim"));
	}
	ck_rim("last", string(row, "rim"));
}

/* Check forks for each, so every row has a machine of its own. */
START_TEST(published)
{
	const json_t *rows = json_object_get(vectors, "published_by_veraison");

	ck_assert_uint_eq(json_array_size(rows), 2);
	run_row(json_array_get(rows, (size_t)_i));
}
END_TEST

START_TEST(cross_checked)
{
	const json_t *rows = json_object_get(vectors, "cross_checked");

	ck_assert_uint_eq(json_array_size(rows), 2);
	run_row(json_array_get(rows, (size_t)_i));
}
END_TEST

/* One RTT_INIT_RIPAS may take many entries: every one is a step. */
START_TEST(ripas_by_range)
{
	const json_t *row = json_array_get(
	    json_object_get(vectors, "cross_checked"), (size_t)_i);
	const json_t *steps = json_object_get(row, "steps"), *step;
	uint64_t base = UINT64_MAX, top = 0, calls = 0;
	size_t i, last = 0;

	json_array_foreach(steps, i, step)
	{
		if (strcmp(string(step, "op"), "init_ripas_entry") != 0)
			continue;
		if (base == UINT64_MAX)
			base = number(step, "base");
		top = number(step, "top");
		last = i;
	}
	create(json_array_get(steps, 0), string(row, "alg"));
	make_tables(base, 2);
	while (base < top) {
		/* What is less than a block wants a table of pages. */
		if (top - base < L2_SIZE)
			make_tables(base, 3);
		ck_call(w, RTT_INIT_RIPAS, RD, base, top);
		ck_assert_uint_gt(w->answer.x[1], base);
		base = w->answer.x[1];
		calls++;
	}
	ck_assert_uint_lt(calls, 4);
	ck_assert_uint_eq(w->num_steps, last + 1);
	for (i = 0; i <= last; i++)
		ck_hex("step", w->steps[i].rim, 64,
		    string(json_array_get(steps, i), "rim"));
}
END_TEST

/* ---- What the RIM tells apart -------------------------------------------- */

struct variant {
	uint64_t first, second; /* IPAs, in the order of the calls */
	uint64_t flags;
	uint8_t byte;
	uint8_t rpv;
	uint16_t vmid;
};

static void
measure(const struct variant *v, uint8_t rim[64])
{
	struct world *other = world_new();
	struct rmm_realm_info info;

	world_delegate(other, RD, 1);
	world_delegate(other, RTT0, 4);
	world_delegate(other, DATA, 2);
	realm_params(other)->vmid = v->vmid;
	((struct rmi_realm_params *)ns_at(other, PARAMS))->rpv[5] = v->rpv;
	ck_call(other, REALM_CREATE, RD, PARAMS);
	ck_call(other, RTT_CREATE, RD, RTT_L2, 0, 2);
	ck_call(other, RTT_CREATE, RD, RTT_L3, 0, 3);
	((uint8_t *)ns_at(other, SRC))[1234] = v->byte;
	ck_call(other, DATA_CREATE, RD, DATA, v->first, SRC, v->flags);
	ck_call(other, DATA_CREATE, RD, DATA + GRANULE_SIZE, v->second, SRC,
	    v->flags);
	ck_call(other, REALM_ACTIVATE, RD);
	info = world_realm_info(other, RD);
	memcpy(rim, info.measurements[0], 64);
	world_free(other);
}

START_TEST(differs)
{
	static const struct {
		struct variant v;
		bool same;
	} rows[] = {
		{ { 0x1000, 0x2000, 1, 9, 0, 1 }, true },
		{ { 0x1000, 0x2000, 1, 9, 7, 3 }, true },  /* RPV, VMID */
		{ { 0x2000, 0x1000, 1, 9, 0, 1 }, false }, /* order */
		{ { 0x1000, 0x3000, 1, 9, 0, 1 }, false }, /* address */
		{ { 0x1000, 0x2000, 0, 9, 0, 1 }, false }, /* flag */
		{ { 0x1000, 0x2000, 1, 8, 0, 1 }, false }, /* one byte */
	};
	uint8_t first[64], other[64];

	measure(&rows[0].v, first);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		measure(&rows[i].v, other);
		ck_assert_int_eq(memcmp(first, other, 64) == 0, rows[i].same);
	}
}
END_TEST

/* ---- Realm Extensible Measurements (A7.1.2) ------------------------------ */

#define REM_ROWS 4

/* The value of a row, as far as it goes. */
static size_t
rem_value(const json_t *row, uint8_t value[64])
{
	const char *hex = string(row, "value");
	size_t size = (size_t)json_integer_value(json_object_get(row, "size"));

	ck_assert_uint_eq(strlen(hex), 2 * size);
	for (size_t i = 0; i < size; i++) {
		char digits[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		value[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return size;
}

/* What a row says of one of the two rules, by the beginning of its name. */
static const json_t *
rem_results(const json_t *row, const char *rule)
{
	json_t *results = json_object_get(row, "results"), *value;
	const char *key;

	json_object_foreach(results, key, value)
	{
		if (strncmp(key, rule, strlen(rule)) == 0)
			return value;
	}
	ck_abort_msg("no results of %s", rule);
}

/* Each index, twice; no other measurement changes. */
static void
extend_each(const uint8_t *value, size_t size, const json_t *results)
{
	static const char *const after[] = { "after_1_extend",
		"after_2_extends" };

	for (unsigned index = 1; index <= 4; index++)
		for (unsigned i = 0; i < 2; i++) {
			struct rmm_realm_info before = world_realm_info(w, RD),
					      now;

			rem_extend(w->rmm, RD, index, value, size);
			world_check(w);
			now = world_realm_info(w, RD);
			ck_hex(after[i], now.measurements[index], 64,
			    string(results, after[i]));
			memcpy(before.measurements[index],
			    now.measurements[index], 64);
			ck_assert_mem_eq(now.measurements, before.measurements,
			    sizeof now.measurements);
		}
}

START_TEST(rem_rows)
{
	static const char *const rules[] = {
		[RMM_REM_EXTEND_TF_RMM] = "tfrmm",
		[RMM_REM_EXTEND_PADDED] = "dn0137-2.0",
	};
	const json_t *rows = json_object_get(vectors, "rem_extend"), *row;
	uint8_t rule = (uint8_t)(_i % 2), value[64];
	size_t size;

	ck_assert_uint_eq(json_array_size(rows), REM_ROWS);
	row = json_array_get(rows, (size_t)_i / 2);
	size = rem_value(row, value);
	w->rmm->config.choices[RMM_CHOICE_REM_EXTEND] = rule;
	world_delegate(w, RD, 1);
	world_delegate(w, RTT0, 4);
	realm_params(w)->hash_algo = strcmp(string(row, "alg"), "sha512") == 0
	    ? RMI_HASH_SHA_512
	    : RMI_HASH_SHA_256;
	ck_call(w, REALM_CREATE, RD, PARAMS);
	extend_each(value, size, rem_results(row, rules[rule]));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("rim");
	TCase *tc = tcase_create("rim");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, published, 0, 2);
	tcase_add_loop_test(tc, cross_checked, 0, 2);
	tcase_add_loop_test(tc, ripas_by_range, 0, 2);
	tcase_add_test(tc, differs);
	tcase_add_loop_test(tc, rem_rows, 0, 2 * REM_ROWS);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(suite());
}
