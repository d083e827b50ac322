/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmmctl reset: back to a fresh machine, as after a power cycle.
 */
#include "config.h"

#include "rmmctl.h"

enum ctl_exit
ctl_do_reset(struct ctl *ctl)
{
	Rmmd__ResetRequest body = RMMD__RESET_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;
	CTL_REPLY reply = NULL;

	request.body_case = RMMD__REQUEST__BODY_RESET;
	request.reset = &body;
	reply = ctl_request(ctl, &request, RMMD__REPLY__BODY_RESET);
	return reply == NULL ? CTL_FAILED : CTL_OK;
}

static enum ctl_exit
run(struct ctl *ctl)
{
	enum ctl_exit rc = ctl_do_reset(ctl);

	if (rc == CTL_OK && ctl->json)
		return ctl_json_print(json_pack("{s:b}", "reset", true));
	return rc;
}

const struct ctl_command ctl_reset = {
	.name = "reset",
	.usage = "",
	.summary = "Put the machine back to its fresh state: no realm survives",
	.run = run,
};
