/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Doing the steps of a sequence on a machine and its shadow, and looking at
 * what is there afterwards.
 */
#include "config.h"

#include "model.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "rmm/granule.h"
#include "rmm/rec.h"

bool
wrong(struct pair *pair, const char *kind, const char *format, ...)
{
	va_list ap;

	pair->verdict.kind = kind;
	va_start(ap, format);
	(void)vsnprintf(
	    pair->verdict.why, sizeof pair->verdict.why, format, ap);
	va_end(ap);
	return false;
}

/* ---- Making machines ------------------------------------------------------
 */

static unsigned
rim_slot(struct machine *m, uint64_t rd)
{
	unsigned i = 0;

	while (i < m->num_rims && m->rims[i].rd != rd)
		i++;
	return i;
}

static void
rim_step(void *ctx, const struct rmm_rim_step *step)
{
	struct machine *m = ctx;
	unsigned i = rim_slot(m, step->rd);

	m->num_steps++;
	m->step_rd = step->rd;
	if (i == MODEL_REALMS)
		return;
	if (i == m->num_rims)
		m->num_rims++;
	m->rims[i].rd = step->rd;
	memcpy(m->rims[i].rim, step->rim, sizeof m->rims[i].rim);
}

static void
realm_gone(void *ctx, uint64_t rd)
{
	struct machine *m = ctx;
	unsigned i = rim_slot(m, rd);

	if (i < m->num_rims)
		m->rims[i] = m->rims[--m->num_rims];
}

static void
machine_init(struct machine *m, const struct setup *setup, const char *plant)
{
	struct rmm_config cfg;
	char err[256];

	rmm_config_init(&cfg);
	for (size_t i = 0; i < setup->num_banks; i++) {
		m->banks[i] = setup->banks[i];
		if (m->banks[i].kind == RMM_BANK_DRAM)
			m->banks[i].ns = calloc(1, m->banks[i].size);
	}
	cfg.banks = m->banks;
	cfg.num_banks = setup->num_banks;
	cfg.feature_register_0 = setup->features;
	cfg.vmid16 = !setup->vmid8;
	cfg.rec_aux_count = setup->rec_aux_count;
	cfg.order = setup->order;
	cfg.driven = setup->driven;
	if (setup->s2sz_min != 0)
		cfg.s2sz_min = setup->s2sz_min;
	memcpy(cfg.choices, setup->choices, sizeof cfg.choices);
	if (plant != NULL)
		(void)rmm_plant(&cfg, plant);
	cfg.host.ctx = m;
	cfg.host.rim_step = rim_step;
	cfg.host.realm_gone = realm_gone;
	m->rmm = rmm_new(&cfg, err, sizeof err);
	if (m->rmm == NULL) {
		(void)fprintf(stderr, "setup %s: %s\n", setup->name, err);
		exit(2);
	}
}

static void
machine_fini(struct machine *m)
{
	rmm_free(m->rmm);
	for (size_t i = 0; i < MODEL_BANKS; i++)
		free(m->banks[i].ns);
}

void
pair_init(struct pair *pair, const struct setup *setup,
    const struct fault *fault, const char *plant)
{
	*pair = (struct pair){
		.setup = setup,
		.fault = fault,
		.plant = plant,
	};
	machine_init(&pair->machine, setup, plant);
	machine_init(&pair->shadow, setup, NULL);
}

void
pair_fini(struct pair *pair)
{
	machine_fini(&pair->machine);
	machine_fini(&pair->shadow);
}

/* The model clears what calls have touched; what the host wrote is ours. */
static void
machine_reset(struct machine *m)
{
	rmm_reset(m->rmm);
	for (size_t i = 0; i < MODEL_BANKS; i++)
		if (m->banks[i].ns != NULL)
			memset(m->banks[i].ns, 0, m->banks[i].size);
}

void
pair_reset(struct pair *pair)
{
	machine_reset(&pair->machine);
	machine_reset(&pair->shadow);
	pair->fault_count = 0;
	pair->verdict.kind = NULL;
	pair->digest = audit_digest(pair->machine.rmm, NULL, 0);
}

/* ---- What a host writes ---------------------------------------------------
 */

uint64_t
op_page_address(const struct op *op)
{
	return op->page == PAGE_REC ? op->x[3] : op->x[2];
}

/* The Non-secure page at pa; NULL if it is none, or not Non-secure now. */
static void *
ns_page(const struct machine *m, uint64_t pa)
{
	struct rmm_granule_info info;

	if (pa % GRANULE_SIZE != 0 || !rmm_granule(m->rmm, pa, &info) ||
	    info.state != RMM_GRANULE_UNDELEGATED)
		return NULL;
	for (size_t i = 0; i < MODEL_BANKS; i++)
		if (m->banks[i].ns != NULL && pa >= m->banks[i].base &&
		    pa - m->banks[i].base < m->banks[i].size)
			return m->banks[i].ns + (pa - m->banks[i].base);
	return NULL;
}

static void
write_realm(struct rmi_realm_params *page, const struct realm_page *p)
{
	page->flags = p->flags;
	page->s2sz = p->s2sz;
	page->sve_vl = p->sve_vl;
	page->num_bps = p->num_bps;
	page->num_wps = p->num_wps;
	page->pmu_num_ctrs = p->pmu_num_ctrs;
	page->hash_algo = p->hash_algo;
	page->rpv[0] = p->rpv;
	page->vmid = p->vmid;
	page->rtt_base = p->rtt_base;
	page->rtt_level_start = p->rtt_level_start;
	page->rtt_num_start = p->rtt_num_start;
}

static void
write_rec(struct rmi_rec_params *page, const struct rec_page *p)
{
	page->flags = p->flags;
	page->mpidr = p->mpidr;
	page->pc = p->pc;
	page->gprs[0] = p->gpr0;
	page->num_aux = p->num_aux;
	memcpy(page->aux, p->aux, sizeof page->aux);
}

static bool
write_page(struct machine *m, const struct op *op)
{
	void *page = NULL;

	if (op->page != PAGE_NONE)
		page = ns_page(m, op_page_address(op));
	if (page == NULL)
		return false;
	memset(page, 0, GRANULE_SIZE);
	if (op->page == PAGE_REALM)
		write_realm(page, &op->u.realm);
	if (op->page == PAGE_REC)
		write_rec(page, &op->u.rec);
	if (op->page == PAGE_RUN) {
		struct rmi_rec_enter *enter = page;

		enter->flags = op->u.run.flags;
		enter->gicv3_hcr = op->u.run.gicv3_hcr;
		memcpy(enter->gicv3_lrs, op->u.run.lrs, sizeof op->u.run.lrs);
	}
	return true;
}

/* ---- What a realm asks ----------------------------------------------------
 */

static bool
is_rec(const struct machine *m, uint64_t pa)
{
	struct rmm_rec_info info;

	return rmm_rec(m->rmm, pa, &info);
}

static void
ask(struct machine *m, const struct op *op)
{
	struct rec *rec;

	if (!is_rec(m, op->x[0]))
		return;
	rec = rec_at(m->rmm, op->x[0]);
	/* One thing at a time, and of a REC that is on. */
	if (!rec->runnable || rec->running)
		return;
	rec->psci_pending = rec->emulatable_abort = false;
	rec->ripas_addr = rec->ripas_top = 0;
	if (op->kind == OP_ASK_RIPAS) {
		rec->ripas_addr = op->x[1];
		rec->ripas_top = op->x[2];
		rec->ripas_value = (uint8_t)(op->x[3] & 1);
		rec->ripas_change_destroyed = (op->x[3] & 2) != 0;
		return;
	}
	rec->psci_pending = true;
	rec->gprs[0] = op->x[1];
	rec->gprs[1] = op->x[2];
	rec->gprs[2] = 0x80000000;
	rec->gprs[3] = 7;
}

struct act
op_act(const struct op *op)
{
	struct act act = { .kind = (enum act_kind)op->x[1] };

	memcpy(act.a, op->x + 2, sizeof act.a);
	return act;
}

/* What the realm sees of an action, and the host of its exit. */
static bool
same_result(const struct rmm_result *one, const struct rmm_result *other)
{
	return one->outcome == other->outcome && one->esr == other->esr &&
	    one->far == other->far &&
	    memcmp(one->answer.x, other->answer.x, sizeof one->answer.x) == 0;
}

/* The page that REC_ENTER is given, where the record of an exit is. */
static bool
same_exit(const struct pair *pair)
{
	uint64_t pa = setup_ns(pair->setup, 1);
	const void *one = ns_page(&pair->machine, pa);
	const void *other = ns_page(&pair->shadow, pa);

	return one == NULL || other == NULL ||
	    memcmp(one, other, GRANULE_SIZE) == 0;
}

static bool
do_act(struct pair *pair, const struct op *op)
{
	const struct act act = op_act(op);
	uint8_t data[2][GRANULE_SIZE];
	struct rmm_result other;
	bool acted;

	pair->acted =
	    act_do(pair->machine.rmm, op->x[0], &act, data[0], &pair->result);
	acted = act_do(pair->shadow.rmm, op->x[0], &act, data[1], &other);
	if (acted != pair->acted || !same_result(&pair->result, &other) ||
	    memcmp(data[0], data[1], GRANULE_SIZE) != 0)
		return wrong(pair, "act",
		    "without the calls that failed the realm gets another "
		    "result of action %d, 0x%" PRIx64,
		    act.kind, act.a[0]);
	if (pair->result.outcome == RMM_EXITED && !same_exit(pair))
		return wrong(pair, "exit",
		    "without the calls that failed the host gets another exit "
		    "from action %d, 0x%" PRIx64,
		    act.kind, act.a[0]);
	return true;
}

/* ---- Looking --------------------------------------------------------------
 */

static bool
check_rims(struct pair *pair)
{
	struct machine *m = &pair->machine;
	struct rmm_realm_info info;
	unsigned num = 0;

	for (uint64_t rd = 0; rmm_realm_next(m->rmm, rd, &info);
	     rd = info.rd + GRANULE_SIZE) {
		unsigned i = rim_slot(m, info.rd);

		num++;
		if (i == m->num_rims ||
		    memcmp(m->rims[i].rim, info.measurements[0], 64) != 0)
			return wrong(pair, "rim",
			    "the RIM of realm 0x%" PRIx64
			    " is not what the last step said",
			    info.rd);
	}
	if (num != m->num_rims)
		return wrong(pair, "rim",
		    "%u realms, but %u were made and not destroyed", num,
		    m->num_rims);
	return true;
}

static bool
is_zero(const uint8_t *page)
{
	return page[0] == 0 && memcmp(page, page + 1, GRANULE_SIZE - 1) == 0;
}

/* Nothing of the Realm PAS is in the Non-secure view. */
static bool
check_view(struct pair *pair)
{
	const struct machine *m = &pair->machine;
	const unsigned all = ~(1u << RMM_GRANULE_UNDELEGATED);
	struct rmm_granule_info info;
	size_t bank = 0;

	for (uint64_t pa = 0; rmm_granule_next(m->rmm, pa, all, &info);
	     pa = info.pa + GRANULE_SIZE) {
		while (m->banks[bank].ns == NULL ||
		    info.pa - m->banks[bank].base >= m->banks[bank].size)
			bank++;
		if (!is_zero(
			m->banks[bank].ns + (info.pa - m->banks[bank].base)))
			return wrong(pair, "view",
			    "the Non-secure view of 0x%" PRIx64
			    ", which is %s, is not zero",
			    info.pa, rmm_granule_state_name(info.state));
	}
	return true;
}

static bool
check_memory(struct pair *pair)
{
	if (!check_view(pair))
		return false;
	for (size_t i = 0; i < MODEL_BANKS; i++) {
		const struct rmm_bank *one = &pair->machine.banks[i];
		const struct rmm_bank *other = &pair->shadow.banks[i];

		if (one->ns != NULL &&
		    memcmp(one->ns, other->ns, one->size) != 0)
			return wrong(pair, "memory",
			    "Non-secure memory of the bank at 0x%" PRIx64
			    " is not what the calls that succeeded make it",
			    one->base);
	}
	return true;
}

bool
pair_check(struct pair *pair, bool memory)
{
	const struct rmm *rmm = pair->machine.rmm;
	char why[256] = "";

	if (!rmm_check_invariants(rmm, why, sizeof why))
		return wrong(pair, "invariant", "%s", why);
	if (!check_rims(pair))
		return false;
	pair->digest = audit_digest(rmm, NULL, 0);
	if (pair->digest != audit_digest(pair->shadow.rmm, NULL, 0))
		return wrong(pair, "shadow",
		    "the machine is not what the calls that succeeded make it");
	return !memory || check_memory(pair);
}

/* ---- Doing ----------------------------------------------------------------
 */

static bool
check_failed(struct pair *pair)
{
	if (pair->answer.x[0] != RMI_SUCCESS &&
	    audit_digest(pair->machine.rmm, NULL, 0) != pair->digest)
		return wrong(pair, "failed call",
		    "%s failed (%s) and has changed something",
		    pair->answer.command ? pair->answer.command : "a call",
		    pair->answer.why);
	return true;
}

static bool
do_call(struct pair *pair, const struct op *op)
{
	uint64_t x[SMC_REGS] = { 0 }, before[RMM_GRANULE_STATES];
	struct machine *m = &pair->machine;
	struct rmm_answer other;

	for (int i = 0; i < RMM_GRANULE_STATES; i++)
		before[i] = rmm_granule_count(m->rmm, i);
	memcpy(x, op->x, sizeof op->x);
	pair->page_written = write_page(m, op);
	if (pair->page_written)
		(void)write_page(&pair->shadow, op);
	m->num_steps = 0;
	rmm_call(m->rmm, 0, x, &pair->answer);
	if (pair->fault != NULL)
		pair->fault->apply(
		    m->rmm, op, &pair->answer, &pair->fault_count);
	if (!judge_answer(pair, op, before))
		return false;
	if (pair->answer.x[0] != RMI_SUCCESS)
		return !pair->careful || check_failed(pair);
	rmm_call(pair->shadow.rmm, 0, x, &other);
	if (memcmp(other.x, pair->answer.x, sizeof other.x) != 0)
		return wrong(pair, "shadow",
		    "without the calls that failed %s answers otherwise",
		    pair->answer.command);
	return true;
}

bool
pair_do(struct pair *pair, const struct op *op)
{
	void *page;

	switch (op->kind) {
	case OP_CALL:
		if (!do_call(pair, op))
			return false;
		break;
	case OP_FILL:
		page = ns_page(&pair->machine, op->x[0]);
		pair->page_written = page != NULL;
		if (page == NULL)
			return true;
		memset(page, (int)op->x[1], GRANULE_SIZE);
		memset(ns_page(&pair->shadow, op->x[0]), (int)op->x[1],
		    GRANULE_SIZE);
		break;
	case OP_ACT:
		if (!do_act(pair, op))
			return false;
		break;
	case OP_RESET:
		machine_reset(&pair->machine);
		machine_reset(&pair->shadow);
		break;
	case OP_ASK_RIPAS:
	case OP_ASK_PSCI:
		ask(&pair->machine, op);
		ask(&pair->shadow, op);
		break;
	}
	return !pair->careful || pair_check(pair, true);
}

size_t
pair_replay(struct pair *pair, const struct sequence *sequence)
{
	size_t i = 0;

	pair_reset(pair);
	pair->careful = true;
	while (i < sequence->num && pair_do(pair, &sequence->ops[i]))
		i++;
	pair->careful = false;
	return i;
}
