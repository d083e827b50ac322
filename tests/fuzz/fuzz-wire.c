/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fuzz what a peer may send: frames, messages, and whatever the monitor is
 * asked to do by them.  The first byte chooses the socket (bit 0) and whether
 * the Hello is left out (bit 1); the rest is what the peer sends.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "frame.h"
#include "log.h"
#include "session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct machine *machine;
static struct server server;

static void
make_machine(void)
{
	static struct rmm_bank banks[] = {
		{ 0x80000000, 16u << 20, RMM_BANK_DRAM, NULL, NULL },
		{ 0x0, 1u << 20, RMM_BANK_DEVICE, NULL, NULL },
	};
	struct rmm_config cfg;
	struct failure why;

	log_set_level(LOG_TRACE);
	log_set_fallback(LOG_TO_NOBODY);
	rmm_config_init(&cfg);
	cfg.banks = banks;
	cfg.num_banks = 2;
	machine = machine_new(&cfg, 16, &why);
	if (machine == NULL || !server_init(&server, machine, &cfg))
		abort();
}

/* Whatever comes in, what goes out are whole frames with a Reply each. */
static void
check_replies(struct evbuffer *out)
{
	uint32_t length;
	uint8_t *frame;
	Rmmd__Reply *reply;

	while (evbuffer_get_length(out) > 0) {
		if (!frame_length(out, &length) || length > WIRE_MAX_FRAME ||
		    evbuffer_get_length(out) < WIRE_HEADER + length)
			abort();
		frame =
		    evbuffer_pullup(out, (ev_ssize_t)(WIRE_HEADER + length));
		reply = rmmd__reply__unpack(NULL, length, frame + WIRE_HEADER);
		if (reply == NULL ||
		    reply->body_case == RMMD__REPLY__BODY__NOT_SET)
			abort();
		rmmd__reply__free_unpacked(reply, NULL);
		evbuffer_drain(out, WIRE_HEADER + length);
	}
}

static void
serve(struct session *session, struct evbuffer *in)
{
	while (!session->closing && session_has_frame(in)) {
		session_take_frame(session, in);
		check_replies(session->out);
		session->fd_waits = false;
	}
	if (!session->closing)
		session_end_of_input(session, in);
	check_replies(session->out);
}

static void
check_machine(void)
{
	char why[256];

	if (!rmm_check_invariants(machine->rmm, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		abort();
	}
	if (!TAILQ_EMPTY(&server.leases) || server.num_leases != 0 ||
	    server.num_sessions != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session session;
	struct evbuffer *in;
	uint64_t calls;

	if (size < 1)
		return 0;
	if (machine == NULL)
		make_machine();
	calls = server.calls;
	in = evbuffer_new();
	if (in == NULL ||
	    !session_init(&session, &server,
		data[0] & 1 ? RMMD__ROLE__ROLE_CONTROL : RMMD__ROLE__ROLE_HOST,
		1))
		abort();
	if (data[0] & 2) {
		session.greeted = true;
		server.num_sessions++;
	}
	evbuffer_add(in, data + 1, size - 1);
	serve(&session, in);
	session_release(&session);
	evbuffer_free(in);
	check_machine();
	if (server.calls != calls)
		machine_reset(machine);
	return 0;
}
