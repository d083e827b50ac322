/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the host learns of the GIC when a REC exits (A6.1).
 */
#include "world.h"

#define LR_PENDING  (1ull << 62)
#define LR_ACTIVE   (1ull << 63)
#define LR_EOI	    (1ull << 41)

#define HCR_UIE	    (1u << 1)
#define HCR_LRENPIE (1u << 2)
#define HCR_NPIE    (1u << 3)
#define HCR_ALL	    0xfeu

#define MISR_EOI    (1u << 0)
#define MISR_U	    (1u << 1)
#define MISR_NP	    (1u << 3)
#define MISR_VGRPD  (1u << 5 | 1u << 7)

static const struct {
	uint64_t hcr;
	uint64_t lrs[2];
	uint64_t misr;
} rows[] = {
	{ 0, { 0 }, 0 },
	{ HCR_ALL, { 0 }, MISR_U | MISR_NP | MISR_VGRPD },
	{ HCR_UIE, { LR_PENDING | 33 }, MISR_U },
	{ HCR_UIE, { LR_PENDING | 33, LR_ACTIVE | 34 }, 0 },
	{ HCR_NPIE, { LR_ACTIVE | 33 }, MISR_NP },
	{ HCR_NPIE, { LR_ACTIVE | 33, LR_PENDING | 34 }, 0 },
	{ HCR_LRENPIE, { 0 }, 0 },
	{ 0, { LR_EOI | 33 }, MISR_EOI },
	{ 0, { LR_EOI | LR_PENDING | 33 }, 0 },
};

START_TEST(maintenance)
{
	struct world *w = world_new();
	struct rmi_rec_run *run = ns_at(w, RUN);

	world_realm(w);
	world_rec(w);
	ck_call(w, REALM_ACTIVATE, RD);
	run->enter.gicv3_hcr = rows[_i].hcr;
	run->enter.gicv3_lrs[0] = rows[_i].lrs[0];
	run->enter.gicv3_lrs[1] = rows[_i].lrs[1];
	ck_call(w, REC_ENTER, REC, RUN);
	ck_assert_uint_eq(run->exit.gicv3_misr, rows[_i].misr);
	ck_assert_uint_eq(run->exit.gicv3_hcr, rows[_i].hcr);
	ck_assert_uint_eq(run->exit.gicv3_lrs[0], rows[_i].lrs[0]);
	world_free(w);
}
END_TEST

static Suite *
gic_suite(void)
{
	Suite *s = suite_create("gic");
	TCase *tc = tcase_create("gic");

	tcase_add_loop_test(tc, maintenance, 0, sizeof rows / sizeof rows[0]);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(gic_suite());
}
