/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A daemon that a test scripts: it listens in a directory of its own, and a
 * thread plays the script with the one client that connects.
 */
#ifndef FAKE_H
#define FAKE_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "rmmclient.h"
#include "rmmd.pb-c.h"
#include "wire.h"

struct fake {
	char dir[32];
	char path[64];
	int listener;
	int fd; /* the client's connection */
	uint32_t max_batch;
	void (*script)(struct fake *fake);
	void *arg;
	pthread_t thread;
};

/* Start a server whose script runs after an exchange of Hellos. */
void fake_start(struct fake *fake, void (*script)(struct fake *), void *arg);
/* The same, but the script has to say hello itself. */
void fake_start_raw(
    struct fake *fake, void (*script)(struct fake *), void *arg);
/* Wait for the script's end and remove everything. */
void fake_stop(struct fake *fake);
/* Connect to it; the test fails if that fails. */
struct rmmclient *fake_client(struct fake *fake);

/* The client's next request; NULL when it has gone. */
Rmmd__Request *fake_read(struct fake *fake);
void fake_send(struct fake *fake, const Rmmd__Reply *reply, int passed_fd);
void fake_send_bytes(struct fake *fake, const void *bytes, size_t size);
/* A frame of a header and these bytes. */
void fake_send_frame(struct fake *fake, const void *bytes, uint32_t size);
/* Answer a Call with X0 and X1. */
void fake_answer(struct fake *fake, uint64_t id, uint64_t x0, uint64_t x1);
void fake_error(
    struct fake *fake, uint64_t id, Rmmd__ErrorCode code, char *text);
void fake_hello(struct fake *fake, uint32_t version);

/* A script: answer every call until the client goes, X1 out is X1 in + 1000. */
void fake_obey(struct fake *fake);
/* Call RMI_FEATURES with this X1; *out, if not NULL, is X1 then. */
int fake_call(struct rmmclient *client, uint64_t x1, uint64_t *out);

#endif
