/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * --realm, --realm-script: who is the software in this realm.  No host decides
 * that, so it is said on the daemon's control socket.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "launch.h"

/* What a frame has room for, less a name and what is around it. */
#define SCRIPT_MAX (960u << 10)

static uint8_t *
read_script(const char *name, size_t *size)
{
	uint8_t *text = malloc(SCRIPT_MAX + 1);
	FILE *file = fopen(name, "re");

	if (text == NULL)
		die("no memory");
	if (file == NULL)
		die("%s: %s", name, strerror(errno));
	*size = fread(text, 1, SCRIPT_MAX + 1, file);
	if (ferror(file))
		die("%s: %s", name, strerror(errno));
	if (*size > SCRIPT_MAX)
		die("%s is longer than the %u bytes that a script may have",
		    name, SCRIPT_MAX);
	fclose(file);
	return text;
}

static void
ask(struct channel *channel, Rmmd__SetRealmRequest *body)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Reply *reply;

	request.body_case = RMMD__REQUEST__BODY_SET_REALM;
	request.set_realm = body;
	if (channel_request(channel, &request, &reply, NULL) != 0)
		die("%s", channel_error());
	channel_free_reply(reply);
}

void
play_realm(const struct machine *machine)
{
	const struct options *options = machine->options;
	Rmmd__SetRealmRequest body = RMMD__SET_REALM_REQUEST__INIT;
	struct rmmkvm_realm realm;
	struct channel *channel;
	char who[16], why[256];

	if (options->realm == NULL && options->realm_script == NULL)
		return;
	if (rmmkvm_realm(machine->kvm, machine->vm, &realm) < 0 ||
	    realm.state == RMMKVM_NONE)
		die("--realm: there is no realm yet: give an image or --dtb");
	channel = rim_channel(options->socket, options->control, "rmm-launch",
	    realm.rd, why, sizeof(why));
	if (channel == NULL)
		die("--realm: %s", why);
	snprintf(who, sizeof(who), "%s",
	    options->realm_script != NULL ? "script" : options->realm);
	body.has_rd = 1;
	body.rd = realm.rd;
	body.who = who;
	if (options->realm_script != NULL) {
		body.script_name = (char *)(uintptr_t)options->realm_script;
		body.has_script = 1;
		body.script.data =
		    read_script(options->realm_script, &body.script.len);
	}
	ask(channel, &body);
	free(body.script.data);
	channel_close(channel);
}
