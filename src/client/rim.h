/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The RIM.  No RMI command tells it to a host; the daemon does, on its control
 * socket, which may be out of reach.
 */
#ifndef RIM_H
#define RIM_H

#include <stddef.h>
#include <stdint.h>

struct channel;

struct rim {
	char algorithm[16];
	uint8_t value[64];
	size_t size;   /* bytes of it; 0: not known */
	char why[256]; /* it is not known */
};

/*
 * The RIM of the realm whose RD is at rd.
 *
 * host, control: the sockets as the user named them; NULL: not.
 * name: of the client, for the daemon's log.
 */
void rim_read(const char *host, const char *control, const char *name,
    uint64_t rd, struct rim *rim);

/*
 * A channel in the control role to the daemon whose realm that is; close it
 * with channel_close().  NULL, with why: a sentence of at most size bytes.
 */
struct channel *rim_channel(const char *host, const char *control,
    const char *name, uint64_t rd, char *why, size_t size);

#endif
