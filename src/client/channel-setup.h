/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The opening of a channel: find and connect the socket, exchange Hellos.
 */
#ifndef CHANNEL_SETUP_H
#define CHANNEL_SETUP_H

#include <stdint.h>

#include "channel.h"

/* What the daemon said of itself. */
struct greeting {
	char server[64];
	char abi[64];
	uint32_t max_frame;
	uint32_t max_batch;
};

/* A connected socket, close-on-exec, or -errno with the sentence set. */
int channel_open_socket(const char *path, Rmmd__Role role);

/* Say hello.  Returns 0 or -errno with the sentence set. */
int channel_greet(struct channel *channel, Rmmd__Role role, const char *name,
    struct greeting *greeting);

#endif
