/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * librmmclient: leases of physical memory.
 */
#include "config.h"

#include <errno.h>
#include <limits.h>

#include "client-internal.h"

/* Ask for a lease; body says how.  *pa is where it is. */
static int
lease(struct rmmclient *client, Rmmd__LeaseRequest *body, uint64_t *pa)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Reply *reply;
	int rc;

	request.body_case = RMMD__REQUEST__BODY_LEASE;
	request.lease = body;
	rc = channel_request(client->channel, &request, &reply, NULL);
	if (rc != 0)
		return rc;
	*pa = reply->lease->pa;
	channel_free_reply(reply);
	return 0;
}

int
rmmclient_lease(
    struct rmmclient *client, uint64_t size, uint64_t align, uint64_t *base)
{
	Rmmd__LeaseRequest body = RMMD__LEASE_REQUEST__INIT;

	body.size = size;
	body.has_align = align != 0;
	body.align = align;
	return lease(client, &body, base);
}

int
rmmclient_lease_at(struct rmmclient *client, uint64_t base, uint64_t size)
{
	Rmmd__LeaseRequest body = RMMD__LEASE_REQUEST__INIT;
	uint64_t pa;
	int rc;

	body.size = size;
	body.has_pa = 1;
	body.pa = base;
	rc = lease(client, &body, &pa);
	if (rc == 0 && pa != base)
		return channel_fail(EPROTO,
		    "the daemon leased 0x%llx where 0x%llx was asked for",
		    (unsigned long long)pa, (unsigned long long)base);
	return rc;
}

int
rmmclient_release(struct rmmclient *client, uint64_t base)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__ReleaseRequest body = RMMD__RELEASE_REQUEST__INIT;
	Rmmd__Reply *reply;
	uint64_t held;
	int rc;

	body.pa = base;
	request.body_case = RMMD__REQUEST__BODY_RELEASE;
	request.release = &body;
	rc = channel_request(client->channel, &request, &reply, NULL);
	if (rc != 0)
		return rc;
	held = reply->release->still_held;
	channel_free_reply(reply);
	return held > INT_MAX ? INT_MAX : (int)held;
}
