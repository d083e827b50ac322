/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSI_MEASUREMENT_READ (DEN0137 1.0-rel0, B5.3.8): the RIM or an REM.
 */
#include "../command.h"

#include <string.h>

#include "../realm.h"

static void
check(struct call *c)
{
	REJECT_IF(c, index_bound, c->x[1] >= NUM_MEASUREMENTS, RSI_ERROR_INPUT,
	    "there is no measurement %" PRIu64, c->x[1]);
}

static void
measurement_read(struct call *c)
{
	check(c);
	if (call_failed(c))
		return;
	/* X1 to X8; shorter measurements are padded with zeros already. */
	memcpy(&c->answer->x[1], c->realm->measurements[c->x[1]],
	    MEASUREMENT_SIZE);
}

const struct command rsi_measurement_read = {
	.abi = RSI_MEASUREMENT_READ_ABI,
	.order = "",
	.tf_order = "",
	.exec = measurement_read,
};
