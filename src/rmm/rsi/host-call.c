/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI_HOST_CALL (DEN0137 1.0-rel0, B5.3.4): the host gets an immediate and 31
 * registers, and the next entry writes its own into the same structure (A4.5).
 */
#include "../command.h"

#include <string.h>

#include "../access.h"

struct host_call {
	uint64_t addr;
	enum access_buffer buffer;
	const uint8_t *memory;
};

static void
check(struct call *c, struct host_call *d)
{
	uint64_t pa;

	REJECT_IF(c, addr_align, d->addr % RSI_HOST_CALL_SIZE != 0,
	    RSI_ERROR_INPUT, X64 " is not aligned to %u bytes", d->addr,
	    RSI_HOST_CALL_SIZE);
	REJECT_IF(c, addr_bound, !ipa_is_protected(c->realm, d->addr),
	    RSI_ERROR_INPUT, NOT_PROTECTED(d->addr));
	NEEDS(c, addr_align, addr_bound);

	d->buffer = access_buffer(c, d->addr, &pa, &d->memory);
	REJECT_IF(c, addr_ripas, d->buffer == BUFFER_EMPTY, RSI_ERROR_INPUT,
	    IS_EMPTY(d->addr));
}

static void
apply(struct call *c, const struct host_call *d)
{
	struct rsi_host_call data;

	memcpy(&data, d->memory, sizeof data);
	c->exit->exit_reason = RMI_EXIT_HOST_CALL;
	c->exit->imm = data.imm;
	memcpy(c->exit->gprs, data.gprs, sizeof c->exit->gprs);
	c->ends = CALL_EXITS;
	c->rec->host_call_pending = true;
	c->rec->host_call = d->addr;
	/* What the realm sees after the next entry. */
	memset(c->rec->gprs, 0, RSI_NUM_RESULTS * sizeof c->rec->gprs[0]);
}

static void
host_call(struct call *c)
{
	struct host_call d = { .addr = c->x[1] };

	check(c, &d);
	if (call_failed(c))
		return;
	if (d.buffer == BUFFER_ABORT)
		access_buffer_exit(c, d.addr);
	else
		apply(c, &d);
}

const struct command rsi_host_call = {
	.abi = RSI_HOST_CALL_ABI,
	.order = "",
	.tf_order = "",
	.exec = host_call,
};
