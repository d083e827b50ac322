/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tables and their entries: each condition of the other commands from B4.3.15
 * to B4.3.22 alone, and what a success changes.
 */
#include "world.h"

#include "rmm/memory.h"
#include "rmm/rtt.h"

static struct world *w;

static void
setup(void)
{
	w = world_new();
	world_realm(w);
}

static void
teardown(void)
{
	world_free(w);
}

#define INPUT	   RMI_ERROR_INPUT
#define RTT(level) RMI_RESULT(RMI_ERROR_RTT, level)
#define NS_ATTR	   (6ull << 2 | 3ull << 6) /* write-back, read and write */

/* ---- RTT_CREATE ------------------------------------------------------------
 */

START_TEST(rtt_create)
{
	uint64_t num = world_realm_info(w, RD).num_rtts;

	ck_call(w, RTT_INIT_RIPAS, RD, L2_SIZE, 2 * L2_SIZE);
	ck_call(w, RTT_CREATE, RD, FREE, L2_SIZE, 3);
	ck_state(w, FREE, RTT);
	ck_assert_uint_eq(world_realm_info(w, RD).num_rtts, num + 1);
	ck_entry(w, L2_SIZE, 2, 2, RMI_TABLE, RMI_EMPTY, FREE);
	for (uint64_t ipa = L2_SIZE; ipa < 2 * L2_SIZE; ipa += L3_SIZE)
		ck_entry(w, ipa, 3, 3, RMI_UNASSIGNED, RMI_RAM, 0);
}
END_TEST

START_TEST(rtt_create_unprotected)
{
	uint64_t ipa = UNPROT + L2_SIZE;

	ck_call(w, RTT_MAP_UNPROTECTED, RD, ipa, 2, L2_SIZE | NS_ATTR);
	ck_call(w, RTT_CREATE, RD, FREE, ipa, 3);
	for (uint64_t i = 0; i < 512; i++)
		ck_entry(w, ipa + i * L3_SIZE, 3, 3, RMI_ASSIGNED, RMI_EMPTY,
		    (L2_SIZE + i * L3_SIZE) | NS_ATTR);
}
END_TEST

START_TEST(rtt_create_conditions)
{
	ck_reject(w, level_bound, INPUT, RTT_CREATE, RD, FREE, 0, 1);
	ck_reject(w, level_bound, INPUT, RTT_CREATE, RD, FREE, 0, 0);
	ck_reject(w, level_bound, INPUT, RTT_CREATE, RD, FREE, 0, 4);
	ck_reject(w, level_bound, INPUT, RTT_CREATE, RD, FREE, 0, UINT64_MAX);
	ck_reject(w, level_bound, INPUT, RTT_CREATE, RD, FREE, 0, 1ull << 63);
	ck_reject(
	    w, level_bound, INPUT, RTT_CREATE, RD, FREE, 0, 1ull << 32 | 3);
	ck_reject(w, ipa_align, INPUT, RTT_CREATE, RD, FREE, L3_SIZE, 3);
	ck_reject(w, ipa_align, INPUT, RTT_CREATE, RD, FREE, L2_SIZE, 2);
	ck_reject(w, ipa_bound, INPUT, RTT_CREATE, RD, FREE, 2 * UNPROT, 3);
	ck_reject(w, rtt_align, INPUT, RTT_CREATE, RD, FREE + 1, L2_SIZE, 3);
	ck_reject(
	    w, rtt_bound, INPUT, RTT_CREATE, RD, WORLD_DEVICE, L2_SIZE, 3);
	ck_reject(w, rtt_state, INPUT, RTT_CREATE, RD, SRC, L2_SIZE, 3);
	ck_reject(w, rtt_state, INPUT, RTT_CREATE, RD, RD, L2_SIZE, 3);
	ck_reject(w, rtt_walk, RTT(1), RTT_CREATE, RD, FREE, L1_SIZE, 3);
	ck_reject(w, rtte_state, RTT(2), RTT_CREATE, RD, FREE, 0, 3);
	ck_reject(w, rtte_state, RTT(1), RTT_CREATE, RD, FREE, 0, 2);
	world_delegate(w, WORLD_HIGH, 1);
	ck_reject(w, rtt_bound2, INPUT, RTT_CREATE, RD, WORLD_HIGH, L2_SIZE, 3);
}
END_TEST

/* ---- RTT_DESTROY -----------------------------------------------------------
 */

START_TEST(rtt_destroy)
{
	ck_call(w, RTT_CREATE, RD, FREE, 3 * L2_SIZE, 3);
	ck_call(w, RTT_INIT_RIPAS, RD, 0, 0x1000);
	ck_call(w, RTT_DESTROY, RD, 0, 3);
	ck_assert_uint_eq(w->answer.x[1], RTT_L3);
	ck_assert_uint_eq(w->answer.x[2], 3 * L2_SIZE);
	ck_state(w, RTT_L3, DELEGATED);
	ck_entry(w, 0, 2, 2, RMI_UNASSIGNED, RMI_DESTROYED, 0);
	ck_call(w, RTT_DESTROY, RD, 3 * L2_SIZE, 3);
	ck_assert_uint_eq(w->answer.x[2], L1_SIZE);
}
END_TEST

/* ASSIGNED_NS entries vanish with their table; there is no RIPAS there. */
START_TEST(rtt_destroy_unprotected)
{
	ck_call(w, RTT_MAP_UNPROTECTED, RD, UNPROT, 3, 0x1000);
	ck_call(w, RTT_DESTROY, RD, UNPROT, 3);
	ck_assert_uint_eq(w->answer.x[1], RTT_UL3);
	ck_entry(w, UNPROT, 2, 2, RMI_UNASSIGNED, RMI_EMPTY, 0);
	ck_call(w, RTT_MAP_UNPROTECTED, RD, UNPROT, 2, 0);
}
END_TEST

START_TEST(rtt_destroy_conditions)
{
	ck_reject(w, level_bound, INPUT, RTT_DESTROY, RD, 0, 1);
	ck_reject(w, level_bound, INPUT, RTT_DESTROY, RD, 0, 4);
	ck_reject(w, ipa_align, INPUT, RTT_DESTROY, RD, L3_SIZE, 3);
	ck_reject(w, ipa_bound, INPUT, RTT_DESTROY, RD, 2 * UNPROT, 2);
	ck_assert_uint_eq(w->answer.x[2], 0);
	ck_reject(w, rtt_walk, RTT(1), RTT_DESTROY, RD, L1_SIZE, 3);
	ck_assert_uint_eq(w->answer.x[2], 512 * L1_SIZE);
	ck_reject(w, rtte_state, RTT(2), RTT_DESTROY, RD, L2_SIZE, 3);
	ck_assert_uint_eq(w->answer.x[2], L1_SIZE);
	ck_reject(w, rtt_live, RTT(2), RTT_DESTROY, RD, 0, 2);
	ck_assert_uint_eq(w->answer.x[1], 0);
	ck_assert_uint_eq(w->answer.x[2], 0);
	ck_call(w, DATA_CREATE, RD, DATA, 0x7000, SRC, 0);
	ck_reject(w, rtt_live, RTT(3), RTT_DESTROY, RD, 0, 3);
	ck_assert_uint_eq(w->answer.x[2], 0);
	/* A block where the table is looked for: top is ipa. */
	ck_call(w, RTT_MAP_UNPROTECTED, RD, UNPROT + L1_SIZE, 1, L1_SIZE);
	ck_reject(w, rtt_walk, RTT(1), RTT_DESTROY, RD,
	    UNPROT + L1_SIZE + L2_SIZE, 3);
	ck_assert_uint_eq(w->answer.x[2], UNPROT + L1_SIZE + L2_SIZE);
	ck_reject(w, rtte_state, RTT(1), RTT_DESTROY, RD, UNPROT + L1_SIZE, 2);
	ck_assert_uint_eq(w->answer.x[2], UNPROT + L1_SIZE);
}
END_TEST

/* ---- RTT_FOLD --------------------------------------------------------------
 */

/* 512 DATA granules from pa on at ipa, in a table at level 3 there. */
static void
fill(uint64_t pa, uint64_t ipa)
{
	for (uint64_t i = 0; i < 512; i++) {
		ck_call(w, GRANULE_DELEGATE, pa + i * L3_SIZE);
		ck_call(w, DATA_CREATE, RD, pa + i * L3_SIZE, ipa + i * L3_SIZE,
		    SRC, 0);
	}
}

#define BLOCK (WORLD_BASE + 16 * L2_SIZE)

START_TEST(rtt_fold_block)
{
	ck_call(w, RTT_CREATE, RD, FREE, 2 * L2_SIZE, 3);
	fill(BLOCK, 2 * L2_SIZE);
	ck_call(w, RTT_FOLD, RD, 2 * L2_SIZE, 3);
	ck_assert_uint_eq(w->answer.x[1], FREE);
	ck_state(w, FREE, DELEGATED);
	ck_state(w, BLOCK, DATA);
	ck_entry(w, 2 * L2_SIZE, 3, 2, RMI_ASSIGNED, RMI_RAM, BLOCK);
	ck_assert_uint_eq(world_realm_info(w, RD).num_data, 512);

	/* A page of a block can not be destroyed; top is ipa. */
	ck_reject(w, rtt_walk, RTT(2), DATA_DESTROY, RD, 2 * L2_SIZE + L3_SIZE);
	ck_assert_uint_eq(w->answer.x[2], 2 * L2_SIZE + L3_SIZE);
	ck_reject(
	    w, rtt_walk, RTT(2), DATA_CREATE, RD, DATA, 2 * L2_SIZE, SRC, 0);
	ck_reject(w, realm_live, RMI_ERROR_REALM, REALM_DESTROY, RD);

	/* Unfolded, it is as before. */
	ck_call(w, RTT_CREATE, RD, FREE, 2 * L2_SIZE, 3);
	for (uint64_t i = 0; i < 512; i++)
		ck_entry(w, 2 * L2_SIZE + i * L3_SIZE, 3, 3, RMI_ASSIGNED,
		    RMI_RAM, BLOCK + i * L3_SIZE);
	ck_call(w, DATA_DESTROY, RD, 2 * L2_SIZE + 5 * L3_SIZE);
	ck_assert_uint_eq(w->answer.x[1], BLOCK + 5 * L3_SIZE);
	ck_reject(w, rtt_homo, RTT(3), RTT_FOLD, RD, 2 * L2_SIZE, 3);
}
END_TEST

/* Contiguous, but not from a block's address; and not contiguous. */
START_TEST(rtt_fold_addresses)
{
	ck_call(w, RTT_CREATE, RD, FREE, 2 * L2_SIZE, 3);
	fill(BLOCK + L3_SIZE, 2 * L2_SIZE);
	ck_reject(w, rtt_homo, RTT(3), RTT_FOLD, RD, 2 * L2_SIZE, 3);
	/* The last one becomes the first: aligned, but not in order. */
	ck_call(w, GRANULE_DELEGATE, BLOCK);
	ck_call(w, DATA_DESTROY, RD, 2 * L2_SIZE);
	ck_call(w, DATA_CREATE, RD, BLOCK, 2 * L2_SIZE, SRC, 0);
	ck_reject(w, rtt_homo, RTT(3), RTT_FOLD, RD, 2 * L2_SIZE, 3);
}
END_TEST

START_TEST(rtt_fold_ripas)
{
	/* One entry of another RIPAS. */
	ck_call(w, RTT_INIT_RIPAS, RD, 0, 0x1000);
	ck_reject(w, rtt_homo, RTT(3), RTT_FOLD, RD, 0, 3);
	ck_call(w, RTT_INIT_RIPAS, RD, 0x1000, L2_SIZE);
	ck_call(w, RTT_FOLD, RD, 0, 3);
	ck_assert_uint_eq(w->answer.x[1], RTT_L3);
	ck_entry(w, 0, 2, 2, RMI_UNASSIGNED, RMI_RAM, 0);
	/* The table above has entries of RAM and of EMPTY. */
	ck_reject(w, rtt_homo, RTT(2), RTT_FOLD, RD, 0, 2);
}
END_TEST

START_TEST(rtt_fold_ns)
{
	uint64_t ipa = UNPROT;

	ck_call(w, RTT_FOLD, RD, ipa, 3);
	ck_entry(w, ipa, 2, 2, RMI_UNASSIGNED, RMI_EMPTY, 0);
	ck_call(w, RTT_CREATE, RD, RTT_UL3, ipa, 3);
	for (uint64_t i = 0; i < 512; i++)
		ck_call(w, RTT_MAP_UNPROTECTED, RD, ipa + i * L3_SIZE, 3,
		    (L2_SIZE + i * L3_SIZE) | NS_ATTR);
	/* One entry of other attributes. */
	ck_call(w, RTT_UNMAP_UNPROTECTED, RD, ipa + L3_SIZE, 3);
	ck_call(
	    w, RTT_MAP_UNPROTECTED, RD, ipa + L3_SIZE, 3, L2_SIZE + L3_SIZE);
	ck_reject(w, rtt_homo, RTT(3), RTT_FOLD, RD, ipa, 3);
	ck_call(w, RTT_UNMAP_UNPROTECTED, RD, ipa + L3_SIZE, 3);
	ck_call(w, RTT_MAP_UNPROTECTED, RD, ipa + L3_SIZE, 3,
	    (L2_SIZE + L3_SIZE) | NS_ATTR);
	ck_call(w, RTT_FOLD, RD, ipa, 3);
	ck_entry(w, ipa, 3, 2, RMI_ASSIGNED, RMI_EMPTY, L2_SIZE | NS_ATTR);
}
END_TEST

/* Blocks of level 2 fold to one of level 1, and no further (A5.5.6). */
START_TEST(rtt_fold_level1)
{
	teardown();
	w = world_new();
	world_delegate(w, RD, 1);
	world_delegate(w, RTT0, 4);
	realm_params(w)->s2sz = 48;
	((struct rmi_realm_params *)ns_at(w, PARAMS))->rtt_level_start = 0;
	((struct rmi_realm_params *)ns_at(w, PARAMS))->rtt_num_start = 1;
	ck_call(w, REALM_CREATE, RD, PARAMS);
	const uint64_t ipa = 1ull << 47;

	ck_call(w, RTT_CREATE, RD, RTT0 + 0x1000, ipa, 1);
	ck_call(w, RTT_CREATE, RD, RTT0 + 0x2000, ipa, 2);
	for (uint64_t i = 0; i < 512; i++)
		ck_call(w, RTT_MAP_UNPROTECTED, RD, ipa + i * L2_SIZE, 2,
		    L1_SIZE + i * L2_SIZE);
	ck_call(w, RTT_FOLD, RD, ipa, 2);
	ck_entry(w, ipa, 2, 1, RMI_ASSIGNED, RMI_EMPTY, L1_SIZE);
	for (uint64_t i = 1; i < 512; i++)
		ck_call(w, RTT_MAP_UNPROTECTED, RD, ipa + i * L1_SIZE, 1,
		    (i + 1) * L1_SIZE);
	ck_reject(w, rtt_homo, RTT(1), RTT_FOLD, RD, ipa, 1);
	/* No block at level 0 in the other way either. */
	ck_reject(w, level_bound, INPUT, RTT_MAP_UNPROTECTED, RD,
	    ipa + 512 * L1_SIZE, 0, 0);
}
END_TEST

START_TEST(rtt_fold_conditions)
{
	ck_reject(w, level_bound, INPUT, RTT_FOLD, RD, 0, 1);
	ck_reject(w, level_bound, INPUT, RTT_FOLD, RD, 0, 4);
	ck_reject(w, ipa_align, INPUT, RTT_FOLD, RD, L3_SIZE, 3);
	ck_reject(w, ipa_bound, INPUT, RTT_FOLD, RD, 2 * UNPROT, 3);
	ck_reject(w, rtt_walk, RTT(1), RTT_FOLD, RD, L1_SIZE, 3);
	ck_reject(w, rtte_state, RTT(2), RTT_FOLD, RD, L2_SIZE, 3);
	ck_reject(w, rtt_homo, RTT(2), RTT_FOLD, RD, 0, 2); /* a TABLE in it */
	ck_call(w, DATA_CREATE, RD, DATA, 0, SRC, 0);
	ck_reject(w, rtt_homo, RTT(3), RTT_FOLD, RD, 0, 3);
}
END_TEST

/* ---- RTT_MAP_UNPROTECTED, RTT_UNMAP_UNPROTECTED, RTT_READ_ENTRY -------------
 */

START_TEST(rtt_map_unprotected)
{
	ck_call(w, RTT_MAP_UNPROTECTED, RD, UNPROT, 3, SRC | NS_ATTR);
	ck_entry(w, UNPROT, 3, 3, RMI_ASSIGNED, RMI_EMPTY, SRC | NS_ATTR);
	/* Any PA: nobody says that it is memory, or Non-secure. */
	ck_call(w, RTT_MAP_UNPROTECTED, RD, UNPROT + 0x1000, 3, RD);
	ck_call(w, RTT_MAP_UNPROTECTED, RD, UNPROT + L2_SIZE, 2, L2_SIZE);
	ck_call(w, RTT_MAP_UNPROTECTED, RD, UNPROT + L1_SIZE, 1, 0);
	ck_entry(w, UNPROT + L1_SIZE, 3, 1, RMI_ASSIGNED, RMI_EMPTY, 0);
	ck_state(w, SRC, UNDELEGATED);
}
END_TEST

START_TEST(rtt_map_unprotected_conditions)
{
	static const uint64_t bad[] = { 1, 2, 3, 4ull << 2, 1ull << 5,
		1ull << 8, 1ull << 9, 1ull << 10, 1ull << 11, 1ull << 50,
		1ull << 54, 1ull << 63 };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ck_reject(w, attr_valid, INPUT, RTT_MAP_UNPROTECTED, RD, UNPROT,
		    3, bad[i]);
	ck_reject(w, level_bound, INPUT, RTT_MAP_UNPROTECTED, RD, UNPROT, 0, 0);
	ck_reject(w, level_bound, INPUT, RTT_MAP_UNPROTECTED, RD, UNPROT, 4, 0);
	ck_reject(w, addr_align, INPUT, RTT_MAP_UNPROTECTED, RD,
	    UNPROT + L2_SIZE, 2, 0x1000);
	ck_reject(w, addr_bound, INPUT, RTT_MAP_UNPROTECTED, RD, UNPROT, 3,
	    1ull << 48);
	ck_reject(w, ipa_align, INPUT, RTT_MAP_UNPROTECTED, RD,
	    UNPROT + L3_SIZE, 2, 0);
	ck_reject(w, ipa_bound, INPUT, RTT_MAP_UNPROTECTED, RD, 0, 3, 0);
	ck_reject(
	    w, ipa_bound, INPUT, RTT_MAP_UNPROTECTED, RD, 2 * UNPROT, 3, 0);
	ck_reject(w, rtt_walk, RTT(2), RTT_MAP_UNPROTECTED, RD,
	    UNPROT + L2_SIZE, 3, 0);
	ck_reject(w, rtte_state, RTT(2), RTT_MAP_UNPROTECTED, RD, UNPROT, 2, 0);
	ck_call(w, RTT_MAP_UNPROTECTED, RD, UNPROT, 3, 0);
	ck_reject(w, rtte_state, RTT(3), RTT_MAP_UNPROTECTED, RD, UNPROT, 3, 0);
}
END_TEST

START_TEST(rtt_unmap_unprotected)
{
	ck_call(w, RTT_MAP_UNPROTECTED, RD, UNPROT, 3, SRC);
	ck_call(w, RTT_MAP_UNPROTECTED, RD, UNPROT + 0x9000, 3, SRC);
	ck_call(w, RTT_UNMAP_UNPROTECTED, RD, UNPROT, 3);
	ck_assert_uint_eq(w->answer.x[1], UNPROT + 0x9000);
	ck_entry(w, UNPROT, 3, 3, RMI_UNASSIGNED, RMI_EMPTY, 0);
	ck_call(w, RTT_UNMAP_UNPROTECTED, RD, UNPROT + 0x9000, 3);
	ck_assert_uint_eq(w->answer.x[1], UNPROT + L2_SIZE);
}
END_TEST

START_TEST(rtt_unmap_unprotected_conditions)
{
	ck_reject(w, level_bound, INPUT, RTT_UNMAP_UNPROTECTED, RD, UNPROT, 0);
	ck_reject(
	    w, ipa_align, INPUT, RTT_UNMAP_UNPROTECTED, RD, UNPROT + 1, 3);
	ck_reject(w, ipa_bound, INPUT, RTT_UNMAP_UNPROTECTED, RD, 0, 3);
	ck_reject(
	    w, ipa_bound, INPUT, RTT_UNMAP_UNPROTECTED, RD, 2 * UNPROT, 3);
	ck_assert_uint_eq(w->answer.x[1], 0);
	ck_reject(w, rtte_state, RTT(3), RTT_UNMAP_UNPROTECTED, RD, UNPROT, 3);
	ck_assert_uint_eq(w->answer.x[1], UNPROT + L2_SIZE);
	ck_reject(w, rtte_state, RTT(2), RTT_UNMAP_UNPROTECTED, RD, UNPROT, 2);
	ck_assert_uint_eq(w->answer.x[1], UNPROT);
	ck_call(w, RTT_MAP_UNPROTECTED, RD, UNPROT + L1_SIZE, 1, 0);
	ck_reject(w, rtt_walk, RTT(1), RTT_UNMAP_UNPROTECTED, RD,
	    UNPROT + L1_SIZE + L2_SIZE, 2);
	ck_assert_uint_eq(w->answer.x[1], UNPROT + L1_SIZE + L2_SIZE);
}
END_TEST

START_TEST(rtt_read_entry)
{
	ck_entry(w, 0, 1, 1, RMI_TABLE, RMI_EMPTY, RTT_L2);
	ck_entry(w, 0, 2, 2, RMI_TABLE, RMI_EMPTY, RTT_L3);
	ck_entry(w, L1_SIZE + L3_SIZE, 3, 1, RMI_UNASSIGNED, RMI_EMPTY, 0);
	/* The second of the starting tables. */
	ck_entry(w, 2 * UNPROT - L3_SIZE, 3, 1, RMI_UNASSIGNED, RMI_EMPTY, 0);
	ck_reject(w, level_bound, INPUT, RTT_READ_ENTRY, RD, 0, 0);
	ck_reject(w, level_bound, INPUT, RTT_READ_ENTRY, RD, 0, 4);
	ck_reject(w, ipa_align, INPUT, RTT_READ_ENTRY, RD, 0x800, 3);
	ck_reject(w, ipa_align, INPUT, RTT_READ_ENTRY, RD, L3_SIZE, 2);
	ck_reject(w, ipa_bound, INPUT, RTT_READ_ENTRY, RD, 2 * UNPROT, 3);
}
END_TEST

/* ---- LPA2
 * -------------------------------------------------------------------- */

/* 52 bits of IPA from level -1, and addresses above 2^48. */
START_TEST(lpa2)
{
	const uint64_t unprot = 1ull << 51, high = 15ull << 48 | 0x1000;
	struct rmi_realm_params *params;

	teardown();
	w = world_with_features(WORLD_LPA2);
	world_delegate(w, RD, 1);
	world_delegate(w, RTT0, 10);
	world_delegate(w, WORLD_HIGH, 2);
	params = realm_params(w);
	params->flags = RMI_REALM_FLAG_LPA2;
	params->s2sz = 52;
	params->rtt_level_start = -1;
	params->rtt_num_start = 1;
	ck_call(w, REALM_CREATE, RD, PARAMS);
	ck_assert(world_realm_info(w, RD).lpa2);
	ck_entry(w, 0, -1, -1, RMI_UNASSIGNED, RMI_EMPTY, 0);
	ck_reject(w, rtt_walk, RMI_RESULT(RMI_ERROR_RTT, 0xff), DATA_CREATE, RD,
	    WORLD_HIGH, 0, SRC, 0);
	for (unsigned level = 0; level < 4; level++) {
		ck_call(w, RTT_CREATE, RD, RTT0 + (1 + level) * 0x1000ull, 0,
		    level);
		ck_call(w, RTT_CREATE, RD, RTT0 + (5 + level) * 0x1000ull,
		    unprot, level);
	}
	ck_call(w, DATA_CREATE, RD, WORLD_HIGH, 0, SRC, 0);
	ck_entry(w, 0, 3, 3, RMI_ASSIGNED, RMI_RAM, WORLD_HIGH);
	/* Address bits 51:50 are in bits 9:8 of a descriptor. */
	ck_call(w, RTT_MAP_UNPROTECTED, RD, unprot, 3,
	    3ull << 48 | 0x1000 | 3u << 8 | NS_ATTR);
	ck_entry(w, unprot, 3, 3, RMI_ASSIGNED, RMI_EMPTY,
	    3ull << 48 | 0x1000 | 3u << 8 | NS_ATTR);
	ck_assert_uint_eq(rtte_addr(rtt_entries(w->rmm, G(40))[0]), high);
	/* There are 16 entries in the starting table. */
	ck_reject(w, ipa_bound, INPUT, RTT_READ_ENTRY, RD, 1ull << 52, 3);
}
END_TEST

/* LPA2 is there, but not for this realm. */
START_TEST(lpa2_not_chosen)
{
	teardown();
	w = world_with_features(WORLD_LPA2);
	world_realm(w);
	ck_reject(w, addr_bound, INPUT, RTT_MAP_UNPROTECTED, RD, UNPROT, 3,
	    1ull << 8);
	realm_params(w)->s2sz = 49;
	ck_reject(w, params_supp, INPUT, REALM_CREATE, FREE, PARAMS);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("rtt");
	TCase *tc = tcase_create("rtt");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, rtt_create);
	tcase_add_test(tc, rtt_create_unprotected);
	tcase_add_test(tc, rtt_create_conditions);
	tcase_add_test(tc, rtt_destroy);
	tcase_add_test(tc, rtt_destroy_unprotected);
	tcase_add_test(tc, rtt_destroy_conditions);
	tcase_add_test(tc, rtt_fold_block);
	tcase_add_test(tc, rtt_fold_addresses);
	tcase_add_test(tc, rtt_fold_ripas);
	tcase_add_test(tc, rtt_fold_ns);
	tcase_add_test(tc, rtt_fold_level1);
	tcase_add_test(tc, rtt_fold_conditions);
	tcase_add_test(tc, rtt_map_unprotected);
	tcase_add_test(tc, rtt_map_unprotected_conditions);
	tcase_add_test(tc, rtt_unmap_unprotected);
	tcase_add_test(tc, rtt_unmap_unprotected_conditions);
	tcase_add_test(tc, rtt_read_entry);
	tcase_add_test(tc, lpa2);
	tcase_add_test(tc, lpa2_not_chosen);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(suite());
}
