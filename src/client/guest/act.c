/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * librmmguest: accesses to memory, waits, system registers, interrupts.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "guest.h"
#include "rmi.h"

/* ---- Memory ------------------------------------------------------------ */

/* One access within a granule; to: of a read or fetch. */
static int
part(struct rmmguest *guest, Rmmd__RealmAccess *access, uint8_t *to)
{
	Rmmd__ActRequest action = RMMD__ACT_REQUEST__INIT;
	Rmmd__Reply *reply;
	int rc;

	action.action_case = RMMD__ACT_REQUEST__ACTION_ACCESS;
	action.access = access;
	rc = guest_act(guest, &action, &reply);
	if (rc == 0 && to != NULL) {
		if (reply->act->data.len == access->size)
			memcpy(to, reply->act->data.data, access->size);
		else
			rc = channel_fail(EPROTO,
			    "the daemon answered %zu bytes of %u",
			    reply->act->data.len, access->size);
	}
	channel_free_reply(reply);
	return rc;
}

/* from: of a write; to: of a read or fetch. */
static int
bulk(struct rmmguest *guest, Rmmd__AccessKind kind, uint64_t ipa,
    const uint8_t *from, uint8_t *to, size_t len)
{
	size_t done = 0;
	int rc = 0;

	guest_begin(guest);
	while (rc == 0 && done < len) {
		Rmmd__RealmAccess access = RMMD__REALM_ACCESS__INIT;
		size_t room = GRANULE_SIZE - (ipa + done) % GRANULE_SIZE;
		size_t n = len - done < room ? len - done : room;

		access.kind = kind;
		access.ipa = ipa + done;
		access.size = (uint32_t)n;
		access.has_data = from != NULL;
		if (from != NULL) {
			access.data.data = (uint8_t *)(uintptr_t)from + done;
			access.data.len = n;
		}
		rc = part(guest, &access, to == NULL ? NULL : to + done);
		if (rc == 0)
			done += n;
	}
	guest->last.done = done;
	return rc;
}

int
realm_read(struct rmmguest *guest, uint64_t ipa, void *data, size_t len)
{
	return bulk(
	    guest, RMMD__ACCESS_KIND__ACCESS_READ, ipa, NULL, data, len);
}

int
realm_write(struct rmmguest *guest, uint64_t ipa, const void *data, size_t len)
{
	return bulk(
	    guest, RMMD__ACCESS_KIND__ACCESS_WRITE, ipa, data, NULL, len);
}

int
realm_fetch(struct rmmguest *guest, uint64_t ipa, void *data, size_t len)
{
	return bulk(
	    guest, RMMD__ACCESS_KIND__ACCESS_FETCH, ipa, NULL, data, len);
}

int
realm_access(
    struct rmmguest *guest, const struct realm_access *access, uint64_t *value)
{
	Rmmd__ActRequest action = RMMD__ACT_REQUEST__INIT;
	Rmmd__RealmAccess body = RMMD__REALM_ACCESS__INIT;
	Rmmd__Reply *reply;
	int rc;

	body.kind = access->write ? RMMD__ACCESS_KIND__ACCESS_WRITE
				  : RMMD__ACCESS_KIND__ACCESS_READ;
	body.ipa = access->ipa;
	body.size = access->size;
	body.has_reg = body.reg = true;
	body.has_sign_extend = true;
	body.sign_extend = access->sign_extend;
	body.has_sf = true;
	body.sf = !access->narrow;
	body.has_srt = true;
	body.srt = access->srt;
	body.has_value = access->write;
	body.value = access->write ? *value : 0;
	action.action_case = RMMD__ACT_REQUEST__ACTION_ACCESS;
	action.access = &body;
	guest_begin(guest);
	rc = guest_act(guest, &action, &reply);
	if (rc == 0 && !access->write)
		*value = reply->act->value;
	if (rc == 0)
		guest->last.done = access->size;
	channel_free_reply(reply);
	return rc;
}

int
realm_load(struct rmmguest *guest, uint64_t ipa, unsigned size, uint64_t *value)
{
	struct realm_access access = { .ipa = ipa, .size = size };

	return realm_access(guest, &access, value);
}

int
realm_load_signed(
    struct rmmguest *guest, uint64_t ipa, unsigned size, uint64_t *value)
{
	/* There is no load of 64 bits with a sign to extend. */
	struct realm_access access = {
		.ipa = ipa, .size = size, .sign_extend = size < 8
	};

	return realm_access(guest, &access, value);
}

int
realm_store(struct rmmguest *guest, uint64_t ipa, unsigned size, uint64_t value)
{
	struct realm_access access = {
		.ipa = ipa, .size = size, .write = true
	};

	return realm_access(guest, &access, &value);
}

/* ---- The processor ----------------------------------------------------- */

static int
wait(struct rmmguest *guest, Rmmd__WaitKind kind, const uint64_t *until)
{
	Rmmd__ActRequest action = RMMD__ACT_REQUEST__INIT;
	Rmmd__RealmWait body = RMMD__REALM_WAIT__INIT;

	body.kind = kind;
	body.has_timeout = until != NULL;
	body.timeout = until == NULL ? 0 : *until;
	action.action_case = RMMD__ACT_REQUEST__ACTION_WAIT;
	action.wait = &body;
	return guest_do(guest, &action);
}

int
realm_wfi(struct rmmguest *guest)
{
	return wait(guest, RMMD__WAIT_KIND__WAIT_WFI, NULL);
}

int
realm_wfe(struct rmmguest *guest)
{
	return wait(guest, RMMD__WAIT_KIND__WAIT_WFE, NULL);
}

int
realm_wfit(struct rmmguest *guest, uint64_t until)
{
	return wait(guest, RMMD__WAIT_KIND__WAIT_WFIT, &until);
}

int
realm_wfet(struct rmmguest *guest, uint64_t until)
{
	return wait(guest, RMMD__WAIT_KIND__WAIT_WFET, &until);
}

_Static_assert(
    sizeof(((struct realm_registers *)NULL)->x) == RMI_REC_GPRS * 8, "X0-X30");

int
realm_registers(struct rmmguest *guest, struct realm_registers *registers)
{
	Rmmd__ActRequest action = RMMD__ACT_REQUEST__INIT;
	Rmmd__Reply *reply;
	int rc;

	action.action_case = RMMD__ACT_REQUEST__ACTION_REGISTERS;
	action.registers = true;
	guest_begin(guest);
	rc = guest_act(guest, &action, &reply);
	if (rc == 0 && reply->act->n_x != RMI_REC_GPRS + 2)
		rc = channel_fail(
		    EPROTO, "the daemon told %zu registers", reply->act->n_x);
	if (rc == 0) {
		memcpy(registers->x, reply->act->x, sizeof registers->x);
		registers->pc = reply->act->x[RMI_REC_GPRS];
		registers->pstate = reply->act->x[RMI_REC_GPRS + 1];
	}
	channel_free_reply(reply);
	return rc;
}

int
realm_mrs(struct rmmguest *guest, unsigned reg, uint64_t *value)
{
	Rmmd__ActRequest action = RMMD__ACT_REQUEST__INIT;
	Rmmd__RealmSysreg body = RMMD__REALM_SYSREG__INIT;
	Rmmd__Reply *reply;
	int rc;

	body.reg = reg;
	action.action_case = RMMD__ACT_REQUEST__ACTION_SYSREG;
	action.sysreg = &body;
	guest_begin(guest);
	rc = guest_act(guest, &action, &reply);
	if (rc == 0)
		*value = reply->act->value;
	channel_free_reply(reply);
	return rc;
}

int
realm_msr(struct rmmguest *guest, unsigned reg, uint64_t value)
{
	Rmmd__ActRequest action = RMMD__ACT_REQUEST__INIT;
	Rmmd__RealmSysreg body = RMMD__REALM_SYSREG__INIT;

	body.reg = reg;
	body.has_value = true;
	body.value = value;
	action.action_case = RMMD__ACT_REQUEST__ACTION_SYSREG;
	action.sysreg = &body;
	return guest_do(guest, &action);
}

_Static_assert((int)REALM_IRQ == RMMD__INTERRUPT_KIND__INTERRUPT_IRQ &&
	(int)REALM_FIQ == RMMD__INTERRUPT_KIND__INTERRUPT_FIQ &&
	(int)REALM_SERROR == RMMD__INTERRUPT_KIND__INTERRUPT_SERROR,
    "one numbering");

int
realm_interrupt(
    struct rmmguest *guest, enum realm_interrupt_kind kind, uint64_t syndrome)
{
	Rmmd__ActRequest action = RMMD__ACT_REQUEST__INIT;
	Rmmd__InterruptRequest body = RMMD__INTERRUPT_REQUEST__INIT;

	body.rec = guest->rec;
	body.has_kind = true;
	body.kind = (Rmmd__InterruptKind)kind;
	body.has_syndrome = kind == REALM_SERROR;
	body.syndrome = syndrome;
	action.action_case = RMMD__ACT_REQUEST__ACTION_INTERRUPT;
	action.interrupt = &body;
	return guest_do(guest, &action);
}

int
realm_pmu_overflow(struct rmmguest *guest, bool overflow)
{
	Rmmd__ActRequest action = RMMD__ACT_REQUEST__INIT;

	action.action_case = RMMD__ACT_REQUEST__ACTION_PMU_OVERFLOW;
	action.pmu_overflow = overflow;
	return guest_do(guest, &action);
}

int
realm_time(struct rmmguest *guest, uint64_t ticks)
{
	Rmmd__ActRequest action = RMMD__ACT_REQUEST__INIT;

	action.action_case = RMMD__ACT_REQUEST__ACTION_TICKS;
	action.ticks = ticks;
	return guest_do(guest, &action);
}
