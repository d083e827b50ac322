/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The world of a case: a lease of memory, two realms in it, and the addresses
 * of the machine that matter.  Every case has a world of its own; what a wrong
 * machine leaves of it ends with the lease.
 */
#include "guest.h"

#include <errno.h>
#include <string.h>

#define BATCH_MAX 1024

static const enum place ns_pages[] = { P_PARAMS, P_REC_PARAMS, P_SRC, P_RUN,
	P_NS };

bool
conform_connect(struct conform *c, const char *socket, const char *control)
{
	uint64_t x[SMC_REGS] = { RMI_FID_FEATURES, 0 };

	c->client = rmmclient_connect(socket, "rmm-conform");
	if (c->client == NULL)
		return false;
	c->banks = rmmclient_banks(c->client, &c->num_banks);
	if (c->banks == NULL || rmmclient_call(c->client, 0, x, NULL) < 0)
		return false;
	c->features = x[1];
	c->width = (unsigned)RMI_FEATURE0_GET(c->features, S2SZ);
	if (c->width > 40)
		c->width = 40;
	c->unprot = c->width > 1 ? 1ull << (c->width - 1) : 0;
	c->num_start = c->width > 39 ? 2 : 1;
	c->control_path = control;
	return control_open(c, control);
}

void
conform_disconnect(struct conform *c)
{
	control_close(c);
	rmmclient_close(c->client);
	c->client = NULL;
}

static bool
world_lease(struct conform *c)
{
	uint64_t size = P_END * (uint64_t)GRANULE_SIZE;

	int status = rmmclient_lease(c->client, size, L2_SIZE, &c->base);

	if (status < 0) {
		c->base = 0;
		c->lost = status == -ECONNRESET || status == -EPROTO;
		fail(c, "lease: %s", rmmclient_error(c->client));
		return false;
	}
	if (c->mapped != c->base)
		c->ns = rmmclient_map(c->client, c->base, size);
	if (c->ns == NULL) {
		fail(c, "map: %s", rmmclient_error(c->client));
		return false;
	}
	c->mapped = c->base;
	c->look = G(c, P_RD);
	for (size_t i = 0; i < sizeof ns_pages / sizeof ns_pages[0]; i++)
		memset(ns(c, ns_pages[i]), 0, GRANULE_SIZE);
	memset(ns(c, P_SRC), 0x5a, GRANULE_SIZE);
	return true;
}

void
world_end(struct conform *c)
{
	uint64_t base = c->base;

	/* First the realms: they may hold what is leased besides. */
	c->base = 0;
	if (base != 0 && rmmclient_release(c->client, base) != 0)
		fail(c, "memory does not come back with the lease");
	for (unsigned i = 0; i < c->num_extra; i++)
		if (rmmclient_release(c->client, c->extra[i]) != 0)
			fail(c, "granule " X64 " does not come back",
			    c->extra[i]);
	c->num_extra = 0;
	guest_end(c);
}

bool
pa_lease(struct conform *c, uint64_t pa)
{
	unsigned max = sizeof c->extra / sizeof c->extra[0];

	if (c->num_extra == max ||
	    rmmclient_lease_at(c->client, pa, GRANULE_SIZE) < 0)
		return false;
	c->extra[c->num_extra++] = pa;
	return true;
}

/* ---- Calls that must succeed ------------------------------------------- */

bool
must(struct conform *c, const char *name, uint32_t fid, const uint64_t *args,
    unsigned num)
{
	uint64_t x[SMC_REGS] = { fid };
	struct rmmclient_reason reason = { "", "" };
	int status;

	if (c->failed || c->skipped)
		return false;
	memcpy(x + 1, args, num * sizeof *args);
	status = rmmclient_call(c->client, 0, x, &reason);
	if (status == 0)
		return true;
	fail(c, "set-up: RMI_%s answered " X64 " %s", name, x[0], reason.why);
	return false;
}

void
must_repeat(struct conform *c, uint32_t fid, const uint64_t *args,
    const uint64_t *steps, unsigned num_args, unsigned n)
{
	static struct rmmclient_step batch[BATCH_MAX];
	int done;

	if (c->failed || c->skipped)
		return;
	if (n > BATCH_MAX)
		n = BATCH_MAX;
	for (unsigned i = 0; i < n; i++) {
		memset(&batch[i], 0, sizeof batch[i]);
		batch[i].x[0] = fid;
		for (unsigned k = 0; k < num_args; k++)
			batch[i].x[1 + k] = args[k] + i * steps[k];
	}
	done = rmmclient_batch(c->client, 0, batch, n, NULL, NULL);
	if (done != (int)n || batch[n - 1].x[0] != 0)
		fail(c,
		    "set-up: call %d of %u of function 0x%" PRIx32
		    " failed with " X64,
		    done, n, fid, done > 0 ? batch[done - 1].x[0] : 0);
}

/* ---- Parameters -------------------------------------------------------- */

struct rmi_realm_params *
params_for_realm(struct conform *c)
{
	struct rmi_realm_params *p = ns(c, P_PARAMS);

	memset(p, 0, sizeof *p);
	p->s2sz = (uint8_t)c->width;
	p->num_bps = 1;
	p->num_wps = 1;
	p->hash_algo = RMI_FEATURE0_GET(c->features, HASH_SHA_256) != 0
	    ? RMI_HASH_SHA_256
	    : RMI_HASH_SHA_512;
	p->vmid = 1;
	p->rtt_base = G(c, P_RTT0);
	p->rtt_level_start = 1;
	p->rtt_num_start = c->num_start;
	memset(p->rpv, 0x11, sizeof p->rpv);
	return p;
}

struct rmi_rec_params *
params_for_rec(struct conform *c, uint64_t index, enum place aux)
{
	struct rmi_rec_params *p = ns(c, P_REC_PARAMS);

	memset(p, 0, sizeof *p);
	p->flags = RMI_REC_FLAG_RUNNABLE;
	/* Aff0 has four bits, the others eight. */
	p->mpidr = (index & 0xf) | (index >> 4 & 0xff) << 8;
	p->pc = 0x1000;
	for (unsigned i = 0; i < RMI_REC_CREATE_GPRS; i++)
		p->gprs[i] = 0x100 + i;
	p->num_aux = c->aux_count;
	for (unsigned i = 0; i < c->aux_count; i++)
		p->aux[i] = G(c, aux + i);
	return p;
}

/* ---- The realms -------------------------------------------------------- */

static void
build_tables(struct conform *c)
{
	uint64_t rd = G(c, P_RD), by = G(c, P_BY_RD);

	MUST(c, RTT_CREATE, rd, G(c, P_L2), 0, 2);
	MUST(c, RTT_CREATE, rd, G(c, P_L3), 0, 3);
	MUST(c, RTT_CREATE, rd, G(c, P_UL2), c->unprot, 2);
	MUST(c, RTT_CREATE, rd, G(c, P_UL3), c->unprot, 3);
	MUST(c, RTT_CREATE, by, G(c, P_BY_L2), 0, 2);
	MUST(c, RTT_CREATE, by, G(c, P_BY_L3), 0, 3);
}

static void
build_recs(struct conform *c)
{
	uint64_t x[SMC_REGS] = { RMI_FID_REC_AUX_COUNT, G(c, P_RD) };
	struct rmi_rec_params *p;

	if (c->failed || rmmclient_call(c->client, 0, x, NULL) != 0)
		return;
	c->aux_count = x[1] <= RMI_REC_AUX_MAX ? (unsigned)x[1] : 0;
	p = params_for_rec(c, 0, P_AUX);
	p->gprs[1] = 1; /* the MPIDR of P_REC2 */
	MUST(c, REC_CREATE, G(c, P_RD), G(c, P_REC), G(c, P_REC_PARAMS));
	params_for_rec(c, 0, P_BY_AUX);
	MUST(c, REC_CREATE, G(c, P_BY_RD), G(c, P_BY_REC), G(c, P_REC_PARAMS));
	p = params_for_rec(c, 1, P_AUX2);
	p->flags = 0;
	if (RMI_FEATURE0_GET(c->features, MAX_RECS_ORDER) > 1)
		MUST(c, REC_CREATE, G(c, P_RD), G(c, P_REC2),
		    G(c, P_REC_PARAMS));
}

static void
build_mappings(struct conform *c)
{
	uint64_t rd = G(c, P_RD), src = G(c, P_SRC);

	MUST(c, DATA_CREATE, rd, G(c, P_DATA), IPA_DATA, src, 0);
	MUST(c, DATA_CREATE_UNKNOWN, rd, G(c, P_DATA2), IPA_DATA2);
	MUST(c, RTT_INIT_RIPAS, rd, IPA_RAM, IPA_RAM + L3_SIZE);
	MUST(c, DATA_CREATE, rd, G(c, P_FREE), IPA_DESTROYED, src, 0);
	MUST(c, DATA_DESTROY, rd, IPA_DESTROYED);
	MUST(c, RTT_MAP_UNPROTECTED, rd, c->unprot + IPA_DATA, 3,
	    G(c, P_NS) | NS_ATTR);
	MUST(c, DATA_CREATE, G(c, P_BY_RD), G(c, P_BY_DATA), IPA_DATA, src, 1);
}

void
world_build(struct conform *c)
{
	struct rmi_realm_params *p;
	uint64_t step = GRANULE_SIZE;

	if (!world_lease(c))
		return;
	if (c->width < 32) {
		fail(c, "FEATURES: S2SZ is %u", c->width);
		return;
	}
	must_repeat(
	    c, RMI_FID_GRANULE_DELEGATE, &c->base, &step, 1, P_DELEGATED_END);
	params_for_realm(c);
	MUST(c, REALM_CREATE, G(c, P_RD), G(c, P_PARAMS));
	p = params_for_realm(c);
	p->vmid = 2;
	p->rtt_base = G(c, P_BY_RTT0);
	MUST(c, REALM_CREATE, G(c, P_BY_RD), G(c, P_PARAMS));
	build_tables(c);
	build_recs(c);
	build_mappings(c);
	p = params_for_realm(c);
	p->vmid = 4;
	p->rtt_base = G(c, P_IDLE_RTT0);
	MUST(c, REALM_CREATE, G(c, P_IDLE_RD), G(c, P_PARAMS));
}

/* ---- Addresses --------------------------------------------------------- */

bool
pa_is_dram(const struct conform *c, uint64_t pa)
{
	for (size_t i = 0; i < c->num_banks; i++)
		if (c->banks[i].kind == RMMCLIENT_BANK_DRAM &&
		    pa - c->banks[i].base < c->banks[i].size)
			return true;
	return false;
}

uint64_t
pa_of_kind(const struct conform *c, enum rmmclient_bank_kind kind)
{
	for (size_t i = 0; i < c->num_banks; i++)
		if (c->banks[i].kind == kind)
			return c->banks[i].base;
	return 0;
}

static bool
in_a_bank(const struct conform *c, uint64_t pa)
{
	for (size_t i = 0; i < c->num_banks; i++)
		if (pa - c->banks[i].base < c->banks[i].size)
			return true;
	return false;
}

uint64_t
pa_nowhere(const struct conform *c)
{
	/* The first granule beyond a bank that no other bank begins with. */
	for (size_t i = 0; i < c->num_banks; i++) {
		uint64_t end = c->banks[i].base + c->banks[i].size;

		if (c->banks[i].kind == RMMCLIENT_BANK_DRAM &&
		    !in_a_bank(c, end))
			return end;
	}
	return 1ull << 62;
}

uint64_t
pa_last(const struct conform *c, uint64_t floor)
{
	uint64_t last = 0;

	for (size_t i = 0; i < c->num_banks; i++)
		if (c->banks[i].kind == RMMCLIENT_BANK_DRAM &&
		    c->banks[i].base >= floor && c->banks[i].size != 0)
			last =
			    c->banks[i].base + c->banks[i].size - GRANULE_SIZE;
	return last;
}
