/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The edges of an address argument: not aligned, in no memory, of a granule in
 * the wrong state, in the wrong half of the IPA space; and those that are just
 * good.
 */
#include <string.h>

#include "cases.h"

#define PAS                                                      \
	(1u << WANT_RD | 1u << WANT_REC | 1u << WANT_DELEGATED | \
	    1u << WANT_UNDELEGATED | 1u << WANT_NS)
#define IPAS \
	(1u << WANT_IPA | 1u << WANT_IPA_PROTECTED | 1u << WANT_IPA_UNPROTECTED)
#define BUT(want) (PAS & ~(1u << (want)))
#define ANY	  (PAS | IPAS)

/* Bytes of an entry that an IPA has to be aligned to. */
static uint64_t
alignment(const struct conform *c, const struct arg *arg)
{
	int64_t level = 3;

	if (arg->level_reg != 0)
		level =
		    (int64_t)c->x[arg->level_reg] - (int64_t)arg->level_less;
	return level >= 0 && level <= 3 ? L3_SIZE << (9 * (3 - level))
					: L3_SIZE;
}

static bool
is_ipa(const struct arg *arg)
{
	return arg->want >= WANT_IPA;
}

static void
add(struct conform *c, const struct arg *arg, uint64_t value)
{
	c->x[arg->reg] += value;
}

static void
add_page(struct conform *c, const struct arg *arg, uint64_t value)
{
	if (alignment(c, arg) == L3_SIZE)
		skip(c, "a page is aligned here");
	c->x[arg->reg] += value;
}

static void
set(struct conform *c, const struct arg *arg, uint64_t value)
{
	c->x[arg->reg] = value;
}

/* An address beyond all memory; but there may be memory. */
static void
set_beyond(struct conform *c, const struct arg *arg, uint64_t value)
{
	if (is_ipa(arg)) {
		if (c->width < 64 && value < 1ull << c->width)
			skip(c, "IPAs are wider");
	} else if (pa_is_dram(c, value)) {
		skip(c, "there is memory at " X64, value);
	}
	c->x[arg->reg] = value & ~(alignment(c, arg) - 1);
}

static void
set_nowhere(struct conform *c, const struct arg *arg, uint64_t unused)
{
	(void)unused;
	c->x[arg->reg] = pa_nowhere(c);
}

static void
set_kind(struct conform *c, const struct arg *arg, uint64_t kind)
{
	uint64_t pa = pa_of_kind(c, (enum rmmclient_bank_kind)kind);

	if (pa == 0)
		skip(c, "the machine has no such bank");
	c->x[arg->reg] = pa;
}

static void
set_place(struct conform *c, const struct arg *arg, uint64_t place)
{
	if (place == P_AUX && c->aux_count == 0)
		skip(c, "a REC has no auxiliary granules");
	c->x[arg->reg] = G(c, (unsigned)place);
}

/* The last granule of memory, with what the argument's page holds. */
static void
set_last(struct conform *c, const struct arg *arg, uint64_t unused)
{
	uint64_t pa = pa_last(c, 0), old = c->x[arg->reg];
	void *to, *from;

	(void)unused;
	if (!pa_lease(c, pa)) {
		skip(c, "the last granule of memory is not free");
		return;
	}
	c->x[arg->reg] = pa;
	if (arg->want != WANT_NS)
		return;
	from = rmmclient_map(c->client, old, GRANULE_SIZE);
	to = rmmclient_map(c->client, pa, GRANULE_SIZE);
	if (to == NULL || from == NULL)
		fail(c, "map: %s", rmmclient_error(c->client));
	else
		memcpy(to, from, GRANULE_SIZE);
}

enum ipa_edge { EDGE_OTHER_HALF, EDGE_LAST, EDGE_OTHER_LAST, EDGE_WIDTH };

static void
set_edge(struct conform *c, const struct arg *arg, uint64_t edge)
{
	uint64_t size = alignment(c, arg), *x = &c->x[arg->reg];
	bool upper = *x >= c->unprot;

	switch ((enum ipa_edge)edge) {
	case EDGE_OTHER_HALF:
		*x ^= c->unprot;
		break;
	case EDGE_LAST:
		*x = (upper ? 2 * c->unprot : c->unprot) - size;
		break;
	case EDGE_OTHER_LAST:
		*x = (upper ? c->unprot : 2 * c->unprot) - size;
		break;
	case EDGE_WIDTH:
		*x += 2 * c->unprot;
		break;
	}
}

static void
set_first(struct conform *c, const struct arg *arg, uint64_t other)
{
	bool upper = c->x[arg->reg] >= c->unprot;

	c->x[arg->reg] = (other != 0) == upper ? 0 : c->unprot;
}

#define ONE_HALF (1u << WANT_IPA_PROTECTED | 1u << WANT_IPA_UNPROTECTED)

const struct variant variants[] = {
	{ "+1", PART_ALIGN, add, 1, ANY },
	{ "+8", PART_ALIGN, add, 8, ANY },
	{ "+0x800", PART_ALIGN, add, 0x800, ANY },
	{ "+0x1000", PART_ALIGN, add_page, 0x1000, IPAS },
	{ "=~0", PART_ALIGN, set, UINT64_MAX, ANY },
	{ "=nowhere", PART_BOUND, set_nowhere, 0, PAS },
	{ "=0", PART_BOUND, set_beyond, 0, PAS },
	{ "=device", PART_BOUND, set_kind, RMMCLIENT_BANK_DEVICE, PAS },
	{ "=secure", PART_BOUND, set_kind, RMMCLIENT_BANK_SECURE, PAS },
	{ "=2^width", PART_BOUND, set_edge, EDGE_WIDTH, IPAS },
	{ "=other-half", PART_BOUND, set_edge, EDGE_OTHER_HALF, ONE_HALF },
	{ "=other-first", PART_BOUND, set_first, 1, ONE_HALF },
	{ "=other-last", PART_BOUND, set_edge, EDGE_OTHER_LAST, ONE_HALF },
	{ "=2^48", PART_BOUND, set_beyond, 1ull << 48, ANY },
	{ "=2^52", PART_BOUND, set_beyond, 1ull << 52, ANY },
	{ "=2^63", PART_BOUND, set_beyond, 1ull << 63, ANY },
	{ "=highest", PART_BOUND, set_beyond, UINT64_MAX - 0xfff, ANY },
	{ "=DELEGATED", PART_STATE, set_place, P_FREE_END - 1,
	    BUT(WANT_DELEGATED) },
	{ "=UNDELEGATED", PART_STATE, set_place, P_NS_END - 1,
	    BUT(WANT_NS) & BUT(WANT_UNDELEGATED) },
	{ "=RD", PART_STATE, set_place, P_BY_RD, BUT(WANT_RD) },
	{ "=REC", PART_STATE, set_place, P_REC, BUT(WANT_REC) },
	{ "=REC_AUX", PART_STATE, set_place, P_AUX, PAS },
	{ "=RTT", PART_STATE, set_place, P_L3, PAS },
	{ "=starting-RTT", PART_STATE, set_place, P_RTT0, PAS },
	{ "=DATA", PART_STATE, set_place, P_DATA, PAS },
	{ "=last", PART_STATE, set_last, 0,
	    BUT(WANT_NS) & BUT(WANT_UNDELEGATED) },
	{ "=last", PART_VALID, set_last, 0,
	    1u << WANT_NS | 1u << WANT_UNDELEGATED },
	{ "=first", PART_VALID, set_first, 0, IPAS },
	{ "=last", PART_VALID, set_edge, EDGE_LAST, IPAS },
	{ "=other-first", PART_VALID, set_first, 1, 1u << WANT_IPA },
	{ "=other-last", PART_VALID, set_edge, EDGE_OTHER_LAST,
	    1u << WANT_IPA },
};
const size_t num_variants = sizeof variants / sizeof variants[0];

const char *
arg_id(const struct arg *arg, enum part part)
{
	switch (part) {
	case PART_ALIGN:
		return arg->align;
	case PART_BOUND:
		return arg->bound;
	case PART_STATE:
		return arg->state;
	case PART_VALID:
		break;
	}
	return NULL;
}

const struct variant *
variant_for_pair(const struct arg *arg, enum part part)
{
	for (size_t i = 0; i < num_variants; i++) {
		const struct variant *v = &variants[i];

		if (v->part != part || (v->wants & 1u << arg->want) == 0)
			continue;
		/* Below 2^width both halves may be translated. */
		if (part == PART_BOUND && v->value == EDGE_WIDTH &&
		    v->apply == set_edge && arg->want != WANT_IPA)
			continue;
		return v;
	}
	return NULL;
}
