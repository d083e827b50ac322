/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A peer of the daemon made of nothing but a socket and the protocol's
 * messages, so that tests can keep to the protocol or break it as they like.
 */
#ifndef PEER_H
#define PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "rmi.h"
#include "rmmd.pb-c.h"
#include "wire.h"

struct peer {
	int fd;
	int file;     /* that came with the last reply; -1: none */
	bool control; /* which socket */
};

/* Connect to $RMMD_SOCKET or $RMMD_CONTROL.  Failures end the test. */
struct peer peer_connect(bool control);
void peer_close(struct peer *peer);
/* Connect and say hello. */
struct peer peer_open(bool control);

void peer_send_bytes(struct peer *peer, const void *bytes, size_t size);
void peer_send(struct peer *peer, const Rmmd__Request *request);

/* The next reply; NULL: the daemon has closed the connection. */
Rmmd__Reply *peer_receive(struct peer *peer);
Rmmd__Reply *peer_ask(struct peer *peer, const Rmmd__Request *request);
void peer_free(Rmmd__Reply *reply);

/* Expect an error with this code, and then (closes) the end. */
void peer_expect_error(struct peer *peer, Rmmd__ErrorCode code, bool closes);

/* X0 of a call; outputs in x, which may be NULL. */
uint64_t peer_call(
    struct peer *peer, uint64_t x[SMC_REGS], uint32_t fid, size_t num, ...);

/* Map the daemon's Non-secure memory; the first bank's base is *base. */
uint8_t *peer_map(struct peer *peer, uint64_t *base, uint64_t *size, int *file);

/* A lease of this many bytes: its address, or 0 if it was refused. */
uint64_t peer_lease(struct peer *peer, uint64_t size);

/* A realm in a lease of 64 granules at pa: NEW, RD at pa. */
void peer_make_realm(struct peer *peer, uint8_t *memory, uint64_t base,
    uint64_t pa, unsigned vmid);

/*
 * The same, with tables down to level 3 for IPA 0, and one DATA granule, the
 * fifth of the lease, at IPA 0x1000 with the contents of the fourth.
 */
void peer_populate(
    struct peer *peer, uint8_t *memory, uint64_t base, uint64_t pa);

#endif
