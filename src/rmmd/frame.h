/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames: a length and one message (proto/rmmd.proto), out of and into
 * buffers, with a bound on everything a peer chooses.
 */
#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/buffer.h>

#include "rmmd.pb-c.h"

/*
 * The length that the header in front of the buffer announces.  false: there
 * is no whole header yet.
 */
bool frame_length(struct evbuffer *in, uint32_t *length);

/*
 * The message of the whole frame in front of the buffer, which is removed.
 * NULL: malformed.  To be given to frame_free().
 */
Rmmd__Request *frame_take(struct evbuffer *in, uint32_t length);
void frame_free(Rmmd__Request *request);

/* Append a frame.  false: no memory; nothing was appended. */
bool frame_put(struct evbuffer *out, const Rmmd__Reply *reply);

#endif
