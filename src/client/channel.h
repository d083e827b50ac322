/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One connection to an rmmd in terms of the wire's messages: connect, say
 * hello, send a request, wait for its reply.  All roles use it: librmmclient
 * the host's, rmmctl the control role, librmmguest the realm's.  Not installed.
 *
 * A channel may be used by many threads at once.  Functions that return int
 * return 0 on success and -errno on failure; channel_error() then has the
 * sentence.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "rmmd.pb-c.h"

struct channel;

/*
 * Connect and say hello.
 *
 * path: the socket; NULL: where the environment or the default says it is, see
 * socket_path().
 * name: what the daemon's log calls us, at most 64 bytes; may be NULL.
 *
 * Returns NULL with errno set: ENOENT, ECONNREFUSED (no daemon), EACCES (not
 * our user), EPROTONOSUPPORT (no common version), EPROTO, ENAMETOOLONG, ENOMEM.
 */
struct channel *channel_connect(
    const char *path, Rmmd__Role role, const char *name);

/* Close and free.  No other thread may be in a request.  NULL is allowed. */
void channel_close(struct channel *channel);

/*
 * Send a request and wait for its reply.
 *
 * request: its body; the id is chosen here.
 * reply: the reply, of the kind that answers this request, never an Error; free
 *	it with channel_free_reply().  NULL on failure.
 * fd: the file descriptor that came with the reply, close-on-exec, or -1; the
 *	caller owns it.  If NULL, none is kept.
 *
 * Returns
 *	-EINTR: a signal came before the request was sent; nothing happened.
 *	After that a signal does not end the wait;
 *	-ECONNRESET: the daemon has gone; so will it be for every later request;
 *	-EPROTO: the daemon does not keep to the protocol, likewise;
 *	-EBADF: this process forked off the one that connected;
 *	-EMSGSIZE: the request is larger than the daemon's limit;
 *	-ENOMEM: memory is short, here or (ERROR_NO_MEMORY) there;
 *	for an Error reply: PROTOCOL -EPROTO, VERSION -EPROTONOSUPPORT,
 *	PERMISSION -EACCES, ARGUMENT -EINVAL, NOT_FOUND -ENOENT, BUSY -EBUSY.
 */
int channel_request(struct channel *channel, Rmmd__Request *request,
    Rmmd__Reply **reply, int *fd);
void channel_free_reply(Rmmd__Reply *reply);

/* What the daemon said of itself: "rmmd 0.1.0", "RMI 1.0". */
int channel_fd(const struct channel *channel);
const char *channel_server(const struct channel *channel);
const char *channel_abi(const struct channel *channel);
/* The most calls one Batch may carry and still fit a frame; at least 1. */
size_t channel_max_batch(const struct channel *channel);

/* The last failure of this thread, as a sentence for a person; never NULL. */
const char *channel_error(void);

/* Set this thread's sentence.  Returns -err. */
int channel_fail(int err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
