/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * librmmclient: entering a REC, and making it come back.
 */
#include "config.h"

#include <errno.h>

#include "channel-internal.h"
#include "client-internal.h"
#include "rmi.h"

int
rmmclient_interrupt(struct rmmclient *client, uint64_t rec,
    enum rmmclient_interrupt kind, uint64_t syndrome)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__InterruptRequest body = RMMD__INTERRUPT_REQUEST__INIT;
	Rmmd__Reply *reply;
	int rc;

	body.rec = rec;
	body.has_kind = 1;
	body.kind = (Rmmd__InterruptKind)kind;
	body.has_syndrome = syndrome != 0;
	body.syndrome = syndrome;
	request.body_case = RMMD__REQUEST__BODY_INTERRUPT;
	request.interrupt = &body;
	rc = channel_request(client->channel, &request, &reply, NULL);
	if (rc != 0)
		return rc;
	rc = reply->interrupt->exited ? 1 : 0;
	channel_free_reply(reply);
	return rc;
}

/* An entry that waits, for its watch. */
struct waiting {
	struct rmmclient *client;
	struct rmmclient_entry *entry;
	bool sent;
};

static void
sent(void *context)
{
	struct waiting *waiting = context;

	waiting->sent = true;
	if (waiting->entry->sent != NULL)
		waiting->entry->sent(waiting->entry->context);
}

static void
signalled(void *context)
{
	struct waiting *waiting = context;
	int rc;

	waiting->entry->interrupted = true;
	/* If that fails, the connection has gone, and so ends the wait. */
	do
		rc = rmmclient_interrupt(
		    waiting->client, waiting->entry->rec, RMMCLIENT_IRQ, 0);
	while (rc == -EINTR);
}

int
rmmclient_rec_enter(struct rmmclient *client, unsigned pe,
    struct rmmclient_entry *entry, struct rmmclient_reason *reason)
{
	uint64_t x[RMMCLIENT_REGS] = { RMI_FID_REC_ENTER, entry->rec,
		entry->run };
	struct waiting waiting = { client, entry, false };
	const struct channel_watch watch = {
		.mask = entry->mask,
		.sent = sent,
		.signalled = signalled,
		.context = &waiting,
	};
	int rc;

	entry->interrupted = false;
	rc = client_call(client, pe, x, reason, NULL, &watch);
	if (!waiting.sent)
		sent(&waiting);
	return rc;
}
