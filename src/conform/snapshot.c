/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What can be seen of the machine from outside, taken before and after a call
 * and compared: only what the command's footprint names may differ.
 */
#include "conform.h"

#include <stdarg.h>
#include <string.h>

static const uint64_t ipas[] = { 0, IPA_TARGET, 2 * IPA_TARGET, IPA_DATA,
	IPA_DATA + L3_SIZE, IPA_RAM, IPA_RAM + L3_SIZE, IPA_DESTROYED,
	IPA_DATA2, L2_SIZE - L3_SIZE, L2_SIZE, L2_SIZE + L3_SIZE, 2 * L2_SIZE,
	2 * L2_SIZE + IPA_TARGET, 3 * L2_SIZE - L3_SIZE, L1_SIZE };
#define NUM_IPAS (sizeof ipas / sizeof ipas[0])

static struct item *
add(struct snapshot *s, enum key key, uint64_t a, uint64_t b, int level)
{
	static struct item spare;
	struct item *item =
	    s->num < SNAPSHOT_MAX ? &s->items[s->num++] : &spare;

	*item = (struct item){ .key = key, .a = a, .b = b, .level = level };
	return item;
}

/* ---- Granules ---------------------------------------------------------- */

/* Without control: can it be undelegated, can it be delegated? */
static const char *
probe(struct conform *c, uint64_t pa)
{
	if (rmi_granule_undelegate(c->client, pa) == 0) {
		rmi_granule_delegate(c->client, pa);
		return "D";
	}
	if (rmi_granule_delegate(c->client, pa) == 0) {
		rmi_granule_undelegate(c->client, pa);
		return "U";
	}
	return "x";
}

static uint64_t
name_value(const char *name)
{
	return hash_bytes(HASH_START, name, strlen(name));
}

const char *
granule_now(struct conform *c, uint64_t pa)
{
	const char *state;

	if (control_states(c, pa, 1, &state))
		return state;
	return probe(c, pa);
}

static void
take_granules(struct conform *c, struct snapshot *s)
{
	const char *states[P_END];
	unsigned num = c->whole ? P_END : P_NS_END;
	bool told = control_states(c, c->base, num, states);

	for (unsigned i = 0; i < num; i++) {
		uint64_t pa = G(c, i);

		/* A probe wipes: what is Non-secure is left alone. */
		if (!told)
			states[i] = i < P_PARAMS ? probe(c, pa) : "?";
		add(s, KEY_GRANULE, pa, 0, 0)->v[0] = name_value(states[i]);
	}
	for (unsigned i = 0; i < c->num_extra; i++)
		add(s, KEY_GRANULE, c->extra[i], 0, 0)->v[0] =
		    told ? name_value(granule_now(c, c->extra[i])) : 0;
}

/* ---- Entries ----------------------------------------------------------- */

static void
prepare_entries(const struct conform *c, struct rmmclient_step *steps,
    struct snapshot *s, uint64_t rd)
{
	struct item *item;

	for (unsigned i = 0; i < 2 * NUM_IPAS; i++) {
		uint64_t ipa =
		    ipas[i % NUM_IPAS] + (i < NUM_IPAS ? 0 : c->unprot);

		for (int level = 1; level <= 3; level++) {
			uint64_t size = L3_SIZE << (9 * (3 - level));

			memset(steps, 0, sizeof *steps);
			steps->x[0] = RMI_FID_RTT_READ_ENTRY;
			steps->x[1] = rd;
			steps->x[2] = ipa & ~(size - 1);
			steps->x[3] = (uint64_t)level;
			item = add(s, KEY_ENTRY, rd, ipa & ~(size - 1), level);
			item->v[0] = UINT64_MAX;
			steps++;
		}
	}
}

static void
take_entries(struct conform *c, struct snapshot *s, uint64_t rd)
{
	struct rmmclient_step steps[6 * NUM_IPAS];
	unsigned first = s->num, n = 0, num;

	prepare_entries(c, steps, s, rd);
	num = s->num - first;
	while (n < num) {
		int done = rmmclient_batch(
		    c->client, 0, steps + n, num - n, NULL, NULL);
		bool gone;

		if (done <= 0)
			break;
		gone = done == 1 && steps[n].x[0] != 0;
		for (int k = 0; k < done; k++)
			memcpy(s->items[first + n + (unsigned)k].v,
			    steps[n + (unsigned)k].x +
				(steps[n + (unsigned)k].x[0] == 0 ? 1 : 0),
			    sizeof s->items[0].v);
		n += (unsigned)done;
		/* There is no realm any more: the rest is alike. */
		if (gone && n == 1)
			break;
	}
}

/* Of the realm that idles, the first entry of each half. */
static void
take_idle(struct conform *c, struct snapshot *s)
{
	struct rmmclient_step steps[2] = {
		{ { RMI_FID_RTT_READ_ENTRY, G(c, P_IDLE_RD), 0, 1 } },
		{ { RMI_FID_RTT_READ_ENTRY, G(c, P_IDLE_RD), c->unprot, 1 } },
	};

	rmmclient_batch(c->client, 0, steps, 2, NULL, NULL);
	for (unsigned i = 0; i < 2; i++)
		memcpy(add(s, KEY_ENTRY, G(c, P_IDLE_RD), i * c->unprot, 1)->v,
		    steps[i].x + 1, sizeof s->items[0].v);
}

/* ---- Realms and pages -------------------------------------------------- */

static void
take_realm(struct conform *c, struct snapshot *s, uint64_t rd)
{
	struct realm_view view;

	if (!control_realm(c, rd, &view))
		return;
	for (unsigned i = 0; i < REALM_FIELDS; i++)
		add(s, KEY_REALM, rd, i, 0)->v[0] = view.field[i];
}

static void
take_pages(struct conform *c, struct snapshot *s)
{
	for (unsigned i = P_PARAMS; i <= P_NS; i++) {
		const uint64_t *page = ns(c, i);
		uint64_t hash = HASH_START;

		for (unsigned k = 0; k < GRANULE_SIZE / 8; k++)
			hash = (hash ^ page[k]) * 0x100000001b3ull;
		add(s, KEY_PAGE, G(c, i), 0, 0)->v[0] = hash;
	}
}

void
snapshot_take(struct conform *c, struct snapshot *s)
{
	s->num = 0;
	if (s == &c->before)
		memset(c->allowed, 0, sizeof c->allowed);
	take_granules(c, s);
	take_entries(c, s, G(c, P_RD));
	take_entries(c, s, G(c, P_BY_RD));
	take_idle(c, s);
	take_realm(c, s, G(c, P_RD));
	take_realm(c, s, G(c, P_BY_RD));
	take_pages(c, s);
}

/* ---- Comparing --------------------------------------------------------- */

void
may_change(struct conform *c, enum key key, uint64_t a, uint64_t b)
{
	for (unsigned i = 0; i < c->before.num; i++) {
		const struct item *item = &c->before.items[i];

		if (item->key == key && item->a == a &&
		    (key != KEY_REALM || item->b == b))
			c->allowed[i] = true;
	}
}

void
may_change_entries(struct conform *c, uint64_t ipa, uint64_t top)
{
	for (unsigned i = 0; i < c->before.num; i++) {
		const struct item *item = &c->before.items[i];
		uint64_t size = L3_SIZE << (9 * (3 - item->level));

		/* An entry that is reached: at its level, or above it. */
		if (item->key == KEY_ENTRY && item->a == G(c, P_RD) &&
		    item->b < top && item->b + size > ipa)
			c->allowed[i] = true;
	}
}

static void
name_item(
    const struct conform *c, const struct item *item, char *name, size_t size)
{
	static const char *const fields[] = { "state", "num_recs",
		"DATA granules", "RTTs", "parameters", "RIM", "REMs", "RECs" };
	const char *who = item->a == G(c, P_RD) ? "the realm" : "the bystander";

	switch (item->key) {
	case KEY_GRANULE:
		snprintf(name, size, "state of granule " X64, item->a);
		break;
	case KEY_ENTRY:
		snprintf(name, size, "entry of %s at ipa " X64 " level %d", who,
		    item->b, item->level);
		break;
	case KEY_REALM:
		snprintf(name, size, "%s of %s", fields[item->b], who);
		break;
	case KEY_PAGE:
		snprintf(
		    name, size, "contents of Non-secure page " X64, item->a);
		break;
	}
}

void
snapshot_compare(struct conform *c)
{
	char name[120];

	if (c->before.num != c->after.num) {
		fail(c, "control does not answer any more");
		return;
	}
	for (unsigned i = 0; i < c->before.num; i++) {
		const struct item *a = &c->before.items[i];
		const struct item *b = &c->after.items[i];

		if (c->allowed[i] || memcmp(a->v, b->v, sizeof a->v) == 0)
			continue;
		name_item(c, a, name, sizeof name);
		fail(c, "changed: %s", name);
		return;
	}
}

/* ---- What must be so --------------------------------------------------- */

void
expect_granule(
    struct conform *c, const char *id, uint64_t pa, const char *state)
{
	const char *now = granule_now(c, pa);

	if (c->control == NULL)
		state = strcmp(state, "UNDELEGATED") == 0 ? "U"
		    : strcmp(state, "DELEGATED") == 0	  ? "D"
							  : "x";
	if (strcmp(now, state) != 0)
		fail(c, "%s: granule " X64 " is %s, must be %s", id, pa, now,
		    state);
}

void
expect_entry(struct conform *c, const char *id, uint64_t ipa, int level,
    int reached, unsigned state, unsigned ripas, uint64_t desc)
{
	uint64_t x[SMC_REGS] = { RMI_FID_RTT_READ_ENTRY, c->look, ipa,
		(uint64_t)level };

	if (rmmclient_call(c->client, 0, x, NULL) != 0) {
		fail(c, "%s: RTT_READ_ENTRY of " X64 " answered " X64, id, ipa,
		    x[0]);
		return;
	}
	if (x[1] != (uint64_t)reached || x[2] != state || x[3] != desc ||
	    (state != RMI_TABLE && x[4] != ripas))
		fail(c,
		    "%s: entry of " X64 " is at level %" PRIu64
		    ", state %" PRIu64 ", desc " X64 ", RIPAS %" PRIu64
		    "; must be level %d, %u, " X64 ", %u",
		    id, ipa, x[1], x[2], x[3], x[4], reached, state, desc,
		    ripas);
}

void
expect_x(struct conform *c, const char *id, unsigned reg, uint64_t value)
{
	if (c->r[reg] != value)
		fail(c, "%s: X%u is " X64 ", must be " X64, id, reg, c->r[reg],
		    value);
}

void
expect_field(struct conform *c, const char *id, uint64_t rd,
    enum realm_field field, int64_t difference)
{
	uint64_t before = 0, after = 0;

	for (unsigned i = 0; i < c->before.num; i++)
		if (c->before.items[i].key == KEY_REALM &&
		    c->before.items[i].a == rd &&
		    c->before.items[i].b == field) {
			before = c->before.items[i].v[0];
			after = c->after.items[i].v[0];
		}
	if (c->control != NULL && after - before != (uint64_t)difference)
		fail(c, "%s: was %" PRIu64 ", is %" PRIu64, id, before, after);
	may_change(c, KEY_REALM, rd, field);
}

void
expect_rim(struct conform *c, uint64_t rd, const uint8_t rim[64])
{
	struct realm_view view;

	if (control_realm(c, rd, &view) && memcmp(view.rim, rim, 64) != 0)
		fail(c,
		    "rim: is %02x%02x%02x%02x..., must be "
		    "%02x%02x%02x%02x...",
		    view.rim[0], view.rim[1], view.rim[2], view.rim[3], rim[0],
		    rim[1], rim[2], rim[3]);
	may_change(c, KEY_REALM, rd, REALM_RIM);
}
