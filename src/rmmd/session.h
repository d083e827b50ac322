/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One peer, from its Hello on: takes frames out of one buffer, executes them,
 * and puts the replies into another.  Whoever owns the session moves the bytes;
 * a session knows nothing of sockets, so a fuzzer can drive it.
 */
#ifndef SESSION_H
#define SESSION_H

#include <event2/buffer.h>

#include "server.h"
#include "wire.h"

struct session {
	struct server *server;
	Rmmd__Role role; /* of the socket; from the Hello on, of the session */
	pid_t pid;	 /* of the peer; 0: not known */
	bool greeted;	 /* the Hello was good */
	bool closing;	 /* send what is in out, then close */
	char name[WIRE_MAX_NAME + 1];
	unsigned num_leases;
	struct evbuffer *out;
	/*
	 * A descriptor goes with the first byte of the frame that begins fd_at
	 * bytes into out.  No frame is taken while this is so.
	 */
	bool fd_waits;
	int fd;
	size_t fd_at;
	/* Something was put into out outside of session_take_frame(). */
	void (*wake)(void *ctx);
	void *wake_ctx;
	/* Has the peer hung up, though that was not read yet?  May be NULL. */
	bool (*has_gone)(void *ctx);
	struct attach *attach; /* of the realm's role; NULL: none */
	struct cpu *cpu;       /* of the processor's */
};

/* false: no memory. */
bool session_init(
    struct session *session, struct server *server, Rmmd__Role role, pid_t pid);
/* Ends the leases. */
void session_release(struct session *session);

/* Is there a whole frame, or one that must be refused, in the buffer? */
bool session_has_frame(struct evbuffer *in);

/* Execute the frame that session_has_frame() saw. */
void session_take_frame(struct session *session, struct evbuffer *in);

/* The peer will send no more; what it left unfinished is in the buffer. */
void session_end_of_input(struct session *session, struct evbuffer *in);

/* "pid 123 (name)", for logs; valid until the next call. */
const char *session_who(const struct session *session);

/* ---- For those who execute requests ------------------------------------ */

void session_reply(struct session *session, Rmmd__Reply *reply);
/* The same, with a descriptor, which must stay open until it is sent. */
void session_reply_fd(struct session *session, Rmmd__Reply *reply, int fd);
/* The same, for a request that was taken some time ago. */
void session_reply_late(struct session *session, Rmmd__Reply *reply);

/* The request can not be done; the connection goes on. */
void session_refuse(struct session *session, uint64_t id, Rmmd__ErrorCode code,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The same, for a request that was taken some time ago. */
void session_refuse_late(struct session *session, uint64_t id,
    Rmmd__ErrorCode code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The peer does not keep to the protocol: say why, log it, and close. */
void session_fail(struct session *session, uint64_t id, Rmmd__ErrorCode code,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
