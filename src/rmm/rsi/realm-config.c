/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI_REALM_CONFIG (DEN0137 1.0-rel0, B5.3.9): the configuration of the realm,
 * written to a granule of it.
 */
#include "../command.h"

#include <string.h>

#include "../access.h"

struct realm_config {
	uint64_t addr;
	enum access_buffer buffer;
	uint64_t pa;
};

static void
check(struct call *c, struct realm_config *d)
{
	const uint8_t *memory;

	REJECT_IF(c, addr_align, !granule_aligned(d->addr), RSI_ERROR_INPUT,
	    NOT_ALIGNED(d->addr));
	REJECT_IF(c, addr_bound, !ipa_is_protected(c->realm, d->addr),
	    RSI_ERROR_INPUT, NOT_PROTECTED(d->addr));
	NEEDS(c, addr_bound);

	d->buffer = access_buffer(c, d->addr, &d->pa, &memory);
	REJECT_IF(c, addr_ripas, d->buffer == BUFFER_EMPTY, RSI_ERROR_INPUT,
	    IS_EMPTY(d->addr));
}

static void
apply(struct call *c, const struct realm_config *d)
{
	struct rsi_realm_config *config = granule_page(c->rmm, d->pa);

	memset(config, 0, sizeof *config);
	config->ipa_width = c->realm->ipa_width;
	config->hash_algo = c->realm->hash_algo;
	memcpy(config->rpv, c->realm->rpv, sizeof config->rpv);
}

static void
realm_config(struct call *c)
{
	struct realm_config d = { .addr = c->x[1] };

	check(c, &d);
	if (call_failed(c))
		return;
	if (d.buffer == BUFFER_ABORT)
		access_buffer_exit(c, d.addr);
	else
		apply(c, &d);
}

const struct command rsi_realm_config = {
	.abi = RSI_REALM_CONFIG_ABI,
	.order = "",
	.tf_order = "",
	.exec = realm_config,
};
