/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * librmmguest: connect, become the realm of a REC, act.
 */
#include "config.h"

#include "guest.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "rsi.h"

_Static_assert(RMMGUEST_REGS == SMC_REGS, "one register file");

/* ---- Connections ------------------------------------------------------- */

struct rmmguest *
rmmguest_connect(const char *path, const char *name)
{
	struct rmmguest *guest = calloc(1, sizeof *guest);
	int err;

	if (guest == NULL) {
		channel_fail(ENOMEM, "no memory for a connection");
		errno = ENOMEM;
		return NULL;
	}
	guest->channel = channel_connect(path, RMMD__ROLE__ROLE_REALM, name);
	if (guest->channel != NULL)
		return guest;
	err = errno;
	free(guest);
	errno = err;
	return NULL;
}

void
rmmguest_close(struct rmmguest *guest)
{
	if (guest == NULL)
		return;
	channel_close(guest->channel);
	free(guest);
}

void
rmmguest_hang_up(struct rmmguest *guest)
{
	shutdown(channel_fd(guest->channel), SHUT_RDWR);
}

const char *
rmmguest_error(const struct rmmguest *guest)
{
	(void)guest;
	return channel_error();
}

/* ---- The REC ----------------------------------------------------------- */

int
rmmguest_attach(struct rmmguest *guest, uint64_t rec, uint64_t mpidr)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__AttachRequest body = RMMD__ATTACH_REQUEST__INIT;
	Rmmd__Reply *reply;
	int rc;

	body.has_rec = rec != 0;
	body.rec = rec;
	body.has_mpidr = rec == 0 && mpidr != RMMGUEST_ANY;
	body.mpidr = mpidr;
	request.body_case = RMMD__REQUEST__BODY_ATTACH;
	request.attach = &body;
	rc = channel_request(guest->channel, &request, &reply, NULL);
	if (rc != 0)
		return rc;
	guest->rec = reply->attach->rec;
	guest->rd = reply->attach->rd;
	guest->mpidr = reply->attach->mpidr;
	guest->ipa_width = reply->attach->ipa_width;
	channel_free_reply(reply);
	return 0;
}

uint64_t
rmmguest_rec(const struct rmmguest *guest)
{
	return guest->rec;
}

uint64_t
rmmguest_rd(const struct rmmguest *guest)
{
	return guest->rd;
}

uint64_t
rmmguest_mpidr(const struct rmmguest *guest)
{
	return guest->mpidr;
}

unsigned
rmmguest_ipa_width(const struct rmmguest *guest)
{
	return guest->ipa_width;
}

const struct rmmguest_last *
rmmguest_last(const struct rmmguest *guest)
{
	return &guest->last;
}

/* ---- Acting ------------------------------------------------------------ */

void
guest_begin(struct rmmguest *guest)
{
	uint64_t counter = guest->last.counter;

	memset(&guest->last, 0, sizeof guest->last);
	guest->last.counter = counter;
}

static void
note(struct rmmguest_last *last, const Rmmd__ActReply *reply)
{
	last->exits += reply->exits;
	last->counter = reply->counter;
	if (reply->exception != NULL) {
		last->esr = reply->exception->esr;
		last->far = reply->exception->far;
	}
	snprintf(last->condition, sizeof last->condition, "%s",
	    reply->condition == NULL ? "" : reply->condition);
	snprintf(last->why, sizeof last->why, "%s",
	    reply->why == NULL ? "" : reply->why);
}

int
guest_act(struct rmmguest *guest, Rmmd__ActRequest *action, Rmmd__Reply **reply)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	int rc;

	request.body_case = RMMD__REQUEST__BODY_ACT;
	request.act = action;
	rc = channel_request(guest->channel, &request, reply, NULL);
	if (rc != 0)
		return rc;
	note(&guest->last, (*reply)->act);
	return (*reply)->act->exception != NULL ? RMMGUEST_EXCEPTION : 0;
}

int
guest_do(struct rmmguest *guest, Rmmd__ActRequest *action)
{
	Rmmd__Reply *reply;
	int rc;

	guest_begin(guest);
	rc = guest_act(guest, action, &reply);
	channel_free_reply(reply);
	return rc;
}

/* ---- Calls ------------------------------------------------------------- */

static int
call(struct rmmguest *guest, Rmmd__ActRequest__ActionCase kind,
    uint64_t x[RMMGUEST_REGS])
{
	Rmmd__ActRequest action = RMMD__ACT_REQUEST__INIT;
	Rmmd__RealmCall body = RMMD__REALM_CALL__INIT;
	Rmmd__Reply *reply;
	size_t n = RMMGUEST_REGS;
	int rc;

	body.n_x = RMMGUEST_REGS;
	body.x = x;
	action.action_case = kind;
	action.smc = &body; /* hvc is the same member of the union */
	guest_begin(guest);
	rc = guest_act(guest, &action, &reply);
	if (rc == 0) {
		if (reply->act->n_x < n)
			n = reply->act->n_x;
		memset(x, 0, RMMGUEST_REGS * sizeof x[0]);
		if (n > 0)
			memcpy(x, reply->act->x, n * sizeof x[0]);
	}
	channel_free_reply(reply);
	return rc;
}

int
rmmguest_smc(struct rmmguest *guest, uint64_t x[RMMGUEST_REGS])
{
	return call(guest, RMMD__ACT_REQUEST__ACTION_SMC, x);
}

int
rmmguest_psci_call(struct rmmguest *guest, uint64_t x[RMMGUEST_REGS])
{
	return rmmguest_smc(guest, x);
}

int
rmmguest_rsi_call(struct rmmguest *guest, uint64_t x[RMMGUEST_REGS])
{
	uint64_t fid = x[0];
	int rc = rmmguest_smc(guest, x);

	if (rc != 0)
		return rc;
	if (x[0] == SMC_NOT_SUPPORTED)
		return channel_fail(ENOSYS,
		    "the monitor knows no function 0x%llX",
		    (unsigned long long)fid);
	return x[0] > INT_MAX ? INT_MAX : (int)x[0];
}

int
realm_hvc(struct rmmguest *guest, uint64_t x[RMMGUEST_REGS])
{
	return call(guest, RMMD__ACT_REQUEST__ACTION_HVC, x);
}
