/* SPDX-License-Identifier: BSD-3-Clause */
/* What all connections share. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "server.h"

/* What "rmmctl status" shows of the configuration. */
static void
describe(struct server *server, const struct rmm_config *cfg)
{
	const struct rmm_choice *choice;
	size_t i;

	snprintf(server->order, sizeof(server->order), "%s",
	    rmm_order_name(cfg->order));
	if (cfg->order == RMM_ORDER_SPEC_RANDOM)
		snprintf(server->order, sizeof(server->order), "%s:%" PRIu64,
		    rmm_order_name(cfg->order), cfg->seed);
	for (i = 0; i <= RMM_CHOICES; i++)
		server->choice_pointers[i] = server->choices[i];
	for (i = 0; (choice = rmm_choice_at(i)) != NULL; i++)
		snprintf(server->choices[i], sizeof(server->choices[i]),
		    "%s=%s", choice->name, choice->values[cfg->choices[i]]);
	snprintf(server->choices[i], sizeof(server->choices[i]), "s2sz-min=%u",
	    cfg->s2sz_min);
}

bool
server_init(struct server *server, struct machine *machine,
    const struct rmm_config *cfg)
{
	memset(server, 0, sizeof(*server));
	server->machine = machine;
	server->feature_register_0 = cfg->feature_register_0;
	server->rec_aux_count = cfg->rec_aux_count;
	describe(server, cfg);
	server->socket_path = server->control_path = "";
	TAILQ_INIT(&server->leases);
	actors_init(&server->actors);
	machine->actors = &server->actors;
	server->batch = batch_room_new();
	return server->batch != NULL;
}

void
server_release(struct server *server)
{
	if (server->machine != NULL) {
		server->machine->actors = NULL;
		actors_release(&server->actors);
	}
	batch_room_free(server->batch);
}
