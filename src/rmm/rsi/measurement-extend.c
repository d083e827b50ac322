/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI_MEASUREMENT_EXTEND (DEN0137 1.0-rel0, B5.3.7): extend an REM with up to
 * 64 bytes.
 */
#include "../command.h"

#include "../measurement.h"
#include "../realm.h"
#include "../rec.h"

static void
check(struct call *c)
{
	uint64_t index = c->x[1], size = c->x[2];

	REJECT_IF(c, index_bound, index < 1 || index >= NUM_MEASUREMENTS,
	    RSI_ERROR_INPUT, "measurement %" PRIu64 " can not be extended",
	    index);
	REJECT_IF(c, size_bound, size > MEASUREMENT_SIZE, RSI_ERROR_INPUT,
	    "%" PRIu64 " bytes are more than 64", size);
}

static void
measurement_extend(struct call *c)
{
	check(c);
	if (call_failed(c))
		return;
	/* The value is X3 to X10. */
	rem_extend(c->rmm, c->rec->owner, (unsigned)c->x[1],
	    (const uint8_t *)&c->x[3], c->x[2]);
}

const struct command rsi_measurement_extend = {
	.abi = RSI_MEASUREMENT_EXTEND_ABI,
	.order = "",
	.tf_order = "",
	.exec = measurement_extend,
};
