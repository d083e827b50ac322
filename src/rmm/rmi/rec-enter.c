/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RMI_REC_ENTER (DEN0137 1.0-rel0, B4.3.14): the realm runs on this REC until
 * it exits to the host.  Entry and exit are run.c.
 */
#include "../command.h"

#include "../realm.h"
#include "../rec.h"
#include "../gic.h"
#include "../run.h"

struct rec_enter {
	uint64_t rec_ptr;
	uint64_t run_ptr;
	struct rec *rec;
	struct rmi_rec_enter enter; /* a copy: the host may write on */
};

static void
check_rec(struct call *c, struct rec_enter *d)
{
	const struct rec *rec = d->rec;
	enum rmm_realm_state state = realm_at(c->rmm, rec->owner)->state;
	const char *why;

	REJECT_IF(c, realm_new, state == RMM_REALM_NEW,
	    RMI_RESULT(RMI_ERROR_REALM, 0), "the realm is not activated yet");
	REJECT_IF(c, system_off, state == RMM_REALM_SYSTEM_OFF,
	    RMI_RESULT(RMI_ERROR_REALM, 1), "the realm has powered off");
	REJECT_IF(c, rec_state, rec->running, RMI_ERROR_REC,
	    "REC " X64 " is running", d->rec_ptr);
	REJECT_IF(c, rec_runnable, !rec->runnable, RMI_ERROR_REC,
	    "REC " X64 " is not runnable", d->rec_ptr);
	REJECT_IF(c, rec_psci, rec->psci_pending, RMI_ERROR_REC,
	    "REC " X64 " waits for RMI_PSCI_COMPLETE", d->rec_ptr);
	REJECT_IF(c, rec_mmio,
	    (d->enter.flags & RMI_REC_ENTER_EMUL_MMIO) != 0 &&
		!rec->emulatable_abort,
	    RMI_ERROR_REC,
	    "emul_mmio is set, but the last exit was no emulatable abort");
	REJECT_IF(c, rec_gicv3, !gicv3_config_valid(c->rmm, &d->enter, &why),
	    RMI_ERROR_REC, "%s", why);
}

static void
check(struct call *c, struct rec_enter *d)
{
	REJECT_IF(c, run_align, !granule_aligned(d->run_ptr), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->run_ptr));
	REJECT_IF(c, rec_align, !granule_aligned(d->rec_ptr), RMI_ERROR_INPUT,
	    NOT_ALIGNED(d->rec_ptr));
	REJECT_IF(c, run_bound, !pa_is_delegable(c->rmm, d->run_ptr),
	    RMI_ERROR_INPUT, NOT_MEMORY(d->run_ptr));
	REJECT_IF(c, rec_bound, !pa_is_delegable(c->rmm, d->rec_ptr),
	    RMI_ERROR_INPUT, NOT_MEMORY(d->rec_ptr));
	REJECT_IF(c, run_pas, !granule_is_ns(c->rmm, d->run_ptr),
	    RMI_ERROR_INPUT, NOT_NS(c, d->run_ptr));
	REJECT_IF(c, rec_gran_state,
	    granule_state(c->rmm, d->rec_ptr) != RMM_GRANULE_REC,
	    RMI_ERROR_INPUT, NOT_IN_STATE(c, d->rec_ptr, "REC"));
	NEEDS(c, run_align, run_bound, run_pas, rec_align, rec_bound,
	    rec_gran_state);

	d->rec = rec_at(c->rmm, d->rec_ptr);
	ns_read(c->rmm, d->run_ptr, &d->enter, sizeof d->enter);
	check_rec(c, d);
}

static void
rec_enter(struct call *c)
{
	struct rec_enter d = { .rec_ptr = c->x[1], .run_ptr = c->x[2] };

	check(c, &d);
	if (call_failed(c))
		return;
	run_enter(c, d.rec_ptr, d.run_ptr, &d.enter);
}

const struct command rmi_rec_enter = {
	.abi = RMI_REC_ENTER_ABI,
	.order = "rec_align rec_bound rec_gran_state run_pas run_bound "
		 "run_align < rec_state rec_runnable rec_mmio realm_new "
		 "system_off rec_gicv3 rec_psci",
	.tf_order = "run_align run_bound run_pas rec_align rec_bound "
		    "rec_gran_state rec_state realm_new system_off "
		    "rec_runnable rec_psci rec_gicv3 rec_mmio",
	.exec = rec_enter,
};
