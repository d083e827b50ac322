/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What comes of a realm's access to an IPA (A5.2.9).
 */
#ifndef ACCESS_H
#define ACCESS_H

#include "command.h"
#include "rec.h"
#include "rtt.h"

enum access_fate {
	ACCESS_DONE,  /* memory is there */
	ACCESS_TAKEN, /* an exception is taken to the realm */
	ACCESS_EXITS, /* the host is told */
};

struct access_look {
	enum access_fate fate;
	uint64_t pa;   /* DONE: of the IPA */
	bool ns;       /* DONE: in Non-secure memory */
	uint64_t fsc;  /* TAKEN, EXITS: the fault status code */
	bool emulable; /* EXITS: a host could emulate it, given a syndrome */
	/* The entry that decided; of no meaning beyond the IPA space. */
	struct rtt_walk walk;
};

/* Look at an access, without an effect. */
struct access_look access_look(const struct rmm *rmm, const struct realm *realm,
    uint64_t ipa, enum rmm_access_kind kind);

/*
 * The exit record of an access that exits; remembers in the REC what the next
 * entry needs.
 */
void access_exit(const struct rmm *rmm, struct rec *rec,
    const struct access_look *look, const struct rmm_access *access,
    struct rmi_rec_exit *exit);

/* The host has emulated the access of the last abort; value: what it read. */
void access_emulated(struct rec *rec, uint64_t value);

/* What the monitor finds at an IPA that a call of the realm names. */
enum access_buffer {
	BUFFER_THERE,
	BUFFER_EMPTY, /* RIPAS is EMPTY */
	BUFFER_ABORT, /* for the host to mend: a Data Abort exit, and again */
};
/*
 * A buffer within one protected granule.  THERE: *memory is realm memory, to be
 * read; granule_page() of *pa to write.
 */
enum access_buffer access_buffer(
    const struct call *c, uint64_t ipa, uint64_t *pa, const uint8_t **memory);
/* The call exits as by a Data Abort at its buffer, and is made again. */
void access_buffer_exit(struct call *c, uint64_t ipa);

#endif
