/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the commands' files share: changes of the call, set-ups of the world.
 */
#include "guest.h"

#include <string.h>

void
set_x1(struct conform *c, uint64_t value)
{
	c->x[1] = value;
}

void
set_x2(struct conform *c, uint64_t value)
{
	c->x[2] = value;
}

void
set_x3(struct conform *c, uint64_t value)
{
	c->x[3] = value;
}

void
set_x4(struct conform *c, uint64_t value)
{
	c->x[4] = value;
}

void
unprot_x2(struct conform *c, uint64_t ipa)
{
	c->x[2] = c->unprot + ipa;
}

void
unprot_x3(struct conform *c, uint64_t ipa)
{
	c->x[3] = c->unprot + ipa;
}

void
place_x1(struct conform *c, uint64_t place)
{
	c->x[1] = G(c, (unsigned)place);
}

void
place_x2(struct conform *c, uint64_t place)
{
	c->x[2] = G(c, (unsigned)place);
}

void
activate(struct conform *c, uint64_t unused)
{
	(void)unused;
	MUST(c, REALM_ACTIVATE, G(c, P_RD));
}

/* Whoever is the realm where no process can be: of a test, it powers off. */
static void
enter_once(struct conform *c)
{
	const struct rmi_rec_run *run = ns(c, P_RUN);

	MUST(c, REC_ENTER, G(c, P_REC), G(c, P_RUN));
	if (run->exit.exit_reason != RMI_EXIT_PSCI ||
	    run->exit.gprs[0] != PSCI_FID_SYSTEM_OFF)
		skip(c, "the realm does not power off when it is entered");
}

void
realm_off(struct conform *c, uint64_t unused)
{
	(void)unused;
	if (guest_can_play(c)) {
		guest_do(c, GUEST_1, SMC(PSCI_FID_SYSTEM_OFF));
		expect_reason(c, GUEST_1, RMI_EXIT_PSCI);
	} else {
		enter_once(c);
	}
	memset(ns(c, P_RUN), 0, GRANULE_SIZE);
}

void
power_off(struct conform *c, uint64_t unused)
{
	activate(c, unused);
	realm_off(c, unused);
}

void
high_memory(struct conform *c, uint64_t reg)
{
	uint64_t pa = pa_last(c, 1ull << 48);

	if (pa == 0) {
		skip(c, "the machine has no memory above 2^48");
		return;
	}
	if (!pa_lease(c, pa)) {
		skip(c, "the memory above 2^48 is not free");
		return;
	}
	MUST(c, GRANULE_DELEGATE, pa);
	c->x[reg] = pa;
}

bool
needs_rec2(struct conform *c)
{
	bool has = RMI_FEATURE0_GET(c->features, MAX_RECS_ORDER) > 1;

	if (!has)
		skip(c, "a realm may have one REC only");
	return has;
}

/* The first REC runs from here on. */
void
rec_running(struct conform *c, uint64_t unused)
{
	(void)unused;
	activate(c, 0);
	guest_hold(c, GUEST_1);
}

void
third_realm(struct conform *c)
{
	struct rmi_realm_params *p = params_for_realm(c);

	p->vmid = 3;
	p->rtt_base = G(c, P_FREE + 2);
	MUST(c, REALM_CREATE, G(c, P_FREE), G(c, P_PARAMS));
}

void
lpa2_realm(struct conform *c)
{
	struct rmi_realm_params *p = params_for_realm(c);

	if (RMI_FEATURE0_GET(c->features, LPA2) == 0) {
		skip(c, "the machine has no LPA2");
		return;
	}
	p->flags = RMI_REALM_FLAG_LPA2;
	p->vmid = 3;
	p->rtt_base = G(c, P_FREE + 2);
	MUST(c, REALM_CREATE, G(c, P_FREE), G(c, P_PARAMS));
	MUST(c, RTT_CREATE, G(c, P_FREE), G(c, P_FREE + 4), 0, 2);
	c->look = G(c, P_FREE);
}

void
fill_table(struct conform *c)
{
	uint64_t pa = G(c, P_BLOCK), ipa = 2 * L2_SIZE;
	uint64_t step = GRANULE_SIZE;
	uint64_t args[] = { G(c, P_RD), pa, ipa, G(c, P_SRC), 0 };
	uint64_t steps[] = { 0, step, step, 0, 0 };

	c->whole = true;
	MUST(c, RTT_CREATE, G(c, P_RD), G(c, P_FREE_END - 2), ipa, 3);
	must_repeat(c, RMI_FID_GRANULE_DELEGATE, &pa, &step, 1, 512);
	must_repeat(c, RMI_FID_DATA_CREATE, args, steps, 5, 512);
}

void
map_block(struct conform *c)
{
	fill_table(c);
	MUST(c, RTT_FOLD, G(c, P_RD), 2 * L2_SIZE, 3);
}

void
expect_top(struct conform *c, uint64_t top)
{
	expect_x(c, "top", c->spec->top_reg, top);
}

void
top_is_ipa(struct conform *c)
{
	expect_top(c, c->x[2]);
}

void
top_is_table_end(struct conform *c)
{
	expect_top(c, (c->x[2] & c->unprot) + L1_SIZE);
}

/*
 * Of the starting tables: what is live follows at the first unprotected IPA;
 * after that only the table's end, which may lie beyond the IPAs.
 */
void
top_is_unprot(struct conform *c)
{
	uint64_t size = 512 * L1_SIZE;

	expect_top(
	    c, c->x[2] < c->unprot ? c->unprot : (c->x[2] / size + 1) * size);
}
