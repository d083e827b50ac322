/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Accesses of a realm: RIPAS and HIPAS decide whether there is memory, an abort
 * is taken to the realm, or the host is told (A5.2, A4.3.4).
 */
#include "access.h"

#include <string.h>

#include "choices.h"
#include "esr.h"
#include "exception.h"
#include "run.h"

/* S2AP of an ASSIGNED_NS entry. */
#define RTTE_S2AP_READ	(1ull << 6)
#define RTTE_S2AP_WRITE (1ull << 7)

static void
look_protected(struct access_look *look, uint64_t ipa)
{
	rtte_t rtte = look->walk.rtte;

	if (rtte_ripas(rtte) == RMI_EMPTY) {
		look->fate = ACCESS_TAKEN;
		look->fsc = ESR_FSC_SEA;
	} else if (rtte_ripas(rtte) == RMI_DESTROYED ||
	    rtte_state(rtte) != RMM_ASSIGNED) {
		look->fate = ACCESS_EXITS;
		look->fsc = ESR_FSC_TRANSLATION(look->walk.level);
	} else {
		look->fate = ACCESS_DONE;
		look->pa = rtte_addr(rtte) + (ipa - look->walk.ipa);
	}
}

/* The host may map at an unprotected IPA what it likes (A5.2.6). */
static void
look_at_host_memory(const struct rmm *rmm, struct access_look *look)
{
	const struct bank *bank = bank_at(rmm, look->pa);

	look->fate = ACCESS_TAKEN;
	if (bank == NULL || bank->ns.kind == RMM_BANK_DEVICE) {
		look->fsc = ESR_FSC_SEA; /* nothing that answers */
	} else if (bank->ns.kind == RMM_BANK_SECURE ||
	    !granule_is_ns(rmm, look->pa & ~(GRANULE_SIZE - 1ull))) {
		look->fsc = ESR_FSC_GPF;
	} else {
		look->fate = ACCESS_DONE;
		look->ns = true;
	}
}

static void
look_unprotected(const struct rmm *rmm, struct access_look *look, uint64_t ipa,
    enum rmm_access_kind kind)
{
	uint64_t needs = kind == RMM_WRITE ? RTTE_S2AP_WRITE : RTTE_S2AP_READ;

	if (kind == RMM_FETCH) {
		look->fate = ACCESS_TAKEN;
		look->fsc = ESR_FSC_SEA;
		return;
	}
	look->fate = ACCESS_EXITS;
	look->emulable = true;
	if (rtte_state(look->walk.rtte) != RMM_ASSIGNED_NS) {
		look->fsc = ESR_FSC_TRANSLATION(look->walk.level);
	} else if ((look->walk.rtte & needs) == 0) {
		look->fsc = ESR_FSC_PERMISSION(look->walk.level);
	} else {
		look->emulable = false;
		look->pa = rtte_addr(look->walk.rtte) + (ipa - look->walk.ipa);
		look_at_host_memory(rmm, look);
	}
}

struct access_look
access_look(const struct rmm *rmm, const struct realm *realm, uint64_t ipa,
    enum rmm_access_kind kind)
{
	struct access_look look = { 0 };

	if (ipa >= realm_ipa_end(realm)) {
		look.fate = ACCESS_TAKEN;
		look.fsc = ESR_FSC_ADDRESS_L0; /* A5.2.8, without stage 1 */
		return look;
	}
	look.walk = rtt_walk(rmm, realm, ipa, RTT_PAGE_LEVEL);
	if (ipa_is_protected(realm, ipa))
		look_protected(&look, ipa);
	else
		look_unprotected(rmm, &look, ipa, kind);
	return look;
}

static unsigned
log2_of(uint32_t size)
{
	return size == 8 ? 3 : size == 4 ? 2 : size == 2 ? 1 : 0;
}

/* What a store of a register tells the host that emulates it. */
static uint64_t
written(const struct rmm *rmm, const struct rec *rec,
    const struct rmm_access *access)
{
	uint64_t value = rec_gpr(rec, access->srt);

	if (chosen(rmm, RMM_CHOICE_MMIO_WRITE) == RMM_MMIO_WRITE_REGISTER)
		return value;
	return value & ~0ull >> (64 - 8 * access->size);
}

void
access_exit(const struct rmm *rmm, struct rec *rec,
    const struct access_look *look, const struct rmm_access *access,
    struct rmi_rec_exit *exit)
{
	bool emulatable = look->emulable && access->isv;
	bool write = access->kind == RMM_WRITE;

	exit->exit_reason = RMI_EXIT_SYNC;
	exit->esr = ESR_EC_PUT(access->kind == RMM_FETCH ? ESR_EC_IABT_LOWER
							 : ESR_EC_DABT_LOWER) |
	    look->fsc;
	exit->hpfar = HPFAR(access->ipa);
	if (emulatable) {
		exit->esr |=
		    ESR_ISV | (uint64_t)log2_of(access->size) << ESR_SAS_SHIFT;
		exit->esr |= (access->sf ? ESR_SF : 0) | (write ? ESR_WNR : 0);
		exit->far = access->va & (GRANULE_SIZE - 1);
		if (write)
			exit->gprs[0] = written(rmm, rec, access);
	} else if (look->emulable) {
		exit->esr |= ESR_IL;
	}
	rec->emulatable_abort = emulatable;
	if (look->emulable)
		rec->after = AFTER_UNPROTECTED_ABORT;
	rec->abort_far = access->va;
	rec->abort_esr = exit->esr | (uint64_t)access->srt << ESR_SRT_SHIFT |
	    (access->sign_extend ? ESR_SSE : 0) | (write ? ESR_WNR : 0);
}

/* ---- What the realm does -------------------------------------------------
 */

static bool
access_valid(const struct rmm_access *access)
{
	uint32_t size = access->size;

	if (access->kind > RMM_FETCH || size == 0 || size > GRANULE_SIZE ||
	    access->ipa % GRANULE_SIZE + size > GRANULE_SIZE)
		return false;
	if (!access->isv)
		return true;
	return access->kind != RMM_FETCH && access->srt <= RMI_REC_GPRS &&
	    (size == 1 || size == 2 || size == 4 || size == 8) &&
	    access->ipa % size == 0;
}

/* What a load puts into its register. */
static uint64_t
loaded(uint64_t value, unsigned bytes, bool sign_extend, bool sf)
{
	unsigned unused = 64 - 8 * bytes;

	value = value << unused >> unused;
	if (sign_extend && value >> (8 * bytes - 1) != 0)
		value |= ~0ull << (8 * bytes - 1);
	return sf ? value : (uint32_t)value;
}

void
access_emulated(struct rec *rec, uint64_t value)
{
	uint64_t esr = rec->abort_esr;

	if ((esr & ESR_WNR) == 0)
		rec_set_gpr(rec, ESR_SRT(esr),
		    loaded(value, 1u << ESR_SAS(esr), (esr & ESR_SSE) != 0,
			(esr & ESR_SF) != 0));
	run_advance(rec);
}

/* The bytes move; both kinds of memory are mapped in this process. */
static void
access_memory(struct rmm *rmm, const struct access_look *look,
    const struct rmm_access *access, void *data)
{
	uint64_t page = look->pa & ~(GRANULE_SIZE - 1ull);
	size_t offset = look->pa - page;
	uint8_t bounce[GRANULE_SIZE];

	if (access->kind == RMM_WRITE) {
		if (look->ns)
			ns_write(rmm, page, offset, data, access->size);
		else
			memcpy((uint8_t *)granule_page(rmm, page) + offset,
			    data, access->size);
	} else if (look->ns) {
		ns_read(rmm, page, bounce, offset + access->size);
		memcpy(data, bounce + offset, access->size);
	} else {
		memcpy(data, data_memory(rmm, page) + offset, access->size);
	}
}

static void
access_done(struct rmm *rmm, struct rec *rec, const struct access_look *look,
    const struct rmm_access *access, void *data)
{
	uint64_t value = rec_gpr(rec, access->srt);

	access_memory(rmm, look, access, access->isv ? &value : data);
	if (access->isv && access->kind == RMM_READ)
		rec_set_gpr(rec, access->srt,
		    loaded(
			value, access->size, access->sign_extend, access->sf));
	if (access->kind != RMM_FETCH)
		run_advance(rec);
}

bool
rmm_realm_access(struct rmm *rmm, uint64_t pa, const struct rmm_access *access,
    void *data, struct rmm_result *result)
{
	struct rec *rec = rec_running(rmm, pa);
	struct rmi_rec_exit exit = { 0 };
	struct access_look look;

	if (rec == NULL || !access_valid(access))
		return false;
	*result = (struct rmm_result){ .outcome = RMM_GOES_ON };
	look = access_look(
	    rmm, realm_at(rmm, rec->owner), access->ipa, access->kind);
	switch (look.fate) {
	case ACCESS_DONE:
		access_done(rmm, rec, &look, access, data);
		break;
	case ACCESS_TAKEN:
		exception_abort(
		    rec, access->kind, look.fsc, access->va, result);
		break;
	case ACCESS_EXITS:
		access_exit(rmm, rec, &look, access, &exit);
		run_exit(rmm, pa, &exit, result);
		break;
	}
	return true;
}

/* ---- Buffers of calls -----------------------------------------------------
 */

enum access_buffer
access_buffer(
    const struct call *c, uint64_t ipa, uint64_t *pa, const uint8_t **memory)
{
	struct access_look look = access_look(c->rmm, c->realm, ipa, RMM_WRITE);

	if (look.fate == ACCESS_TAKEN)
		return BUFFER_EMPTY;
	if (look.fate == ACCESS_EXITS)
		return BUFFER_ABORT;
	*pa = look.pa;
	*memory = data_memory(c->rmm, look.pa & ~(GRANULE_SIZE - 1ull)) +
	    look.pa % GRANULE_SIZE;
	return BUFFER_THERE;
}

void
access_buffer_exit(struct call *c, uint64_t ipa)
{
	struct rmm_access access = {
		.kind = RMM_READ,
		.ipa = ipa,
		.va = ipa,
	};
	struct access_look look = access_look(c->rmm, c->realm, ipa, RMM_READ);

	/* EMPTY: the monitor's own access, no SEA. */
	look.fsc = ESR_FSC_TRANSLATION(look.walk.level);
	access_exit(c->rmm, c->rec, &look, &access, c->exit);
	c->ends = CALL_RETRIES;
}

/* ---- Translations ---------------------------------------------------------
 */

bool
rmm_realm_translate(const struct rmm *rmm, uint64_t rd, uint64_t ipa,
    struct rmm_translation *translation)
{
	const struct realm *realm;
	struct access_look look[3];
	enum rmm_access_kind kind;

	if (!granule_aligned(rd) || granule_state(rmm, rd) != RMM_GRANULE_RD)
		return false;
	realm = realm_at(rmm, rd);
	*translation = (struct rmm_translation){ 0 };
	if (ipa >= realm_ipa_end(realm)) {
		translation->base = realm_ipa_end(realm);
		translation->size = 0 - translation->base;
		return true;
	}
	for (kind = RMM_READ; kind <= RMM_FETCH; kind++) {
		look[kind] = access_look(rmm, realm, ipa, kind);
		if (look[kind].fate == ACCESS_DONE) {
			translation->pa = look[kind].pa;
			translation->ns = look[kind].ns;
		}
	}
	translation->readable = look[RMM_READ].fate == ACCESS_DONE;
	translation->writable = look[RMM_WRITE].fate == ACCESS_DONE;
	translation->executable = look[RMM_FETCH].fate == ACCESS_DONE;
	translation->base = look[RMM_READ].walk.ipa;
	translation->size = rtt_level_size(look[RMM_READ].walk.level);
	/* Granules of Non-secure memory differ in their protection. */
	if (rtte_state(look[RMM_READ].walk.rtte) == RMM_ASSIGNED_NS) {
		translation->base = ipa & ~(GRANULE_SIZE - 1ull);
		translation->size = GRANULE_SIZE;
	}
	return true;
}

bool
rmm_realm_share(struct rmm *rmm, uint64_t rd, uint64_t ipa,
    struct rmm_translation *translation)
{
	uint64_t base, pa;

	if (!rmm_realm_translate(rmm, rd, ipa, translation))
		return false;
	if (translation->size > CHUNK_SIZE) {
		translation->base = ipa & ~(CHUNK_SIZE - 1);
		translation->size = CHUNK_SIZE;
	}
	/* What is Non-secure has no contents to be wiped. */
	if (!translation->writable || translation->ns)
		return true;
	base = translation->pa - (ipa - translation->base);
	for (pa = base; pa < base + translation->size; pa += GRANULE_SIZE)
		(void)granule_page(rmm, pa);
	return true;
}
