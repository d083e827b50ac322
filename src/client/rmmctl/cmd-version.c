/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmmctl version: that of rmmctl, and of the daemon that answers.
 */
#include "config.h"

#include "rmmctl.h"

static enum ctl_exit
run(struct ctl *ctl)
{
	CTL_REPLY reply = ctl_get_status(ctl);

	if (reply == NULL)
		return CTL_FAILED;
	if (ctl->json)
		return ctl_json_print(
		    json_pack("{s:s, s:o, s:o}", "rmmctl", PACKAGE_VERSION,
			"server", ctl_json_text(reply->status->server), "abi",
			ctl_json_text(reply->status->abi)));
	printf("rmmctl %s\n%s\n%s\n", PACKAGE_VERSION,
	    ctl_safe(reply->status->server), ctl_safe(reply->status->abi));
	return CTL_OK;
}

const struct ctl_command ctl_version = {
	.name = "version",
	.usage = "",
	.summary = "Show the versions of rmmctl, the daemon and its ABI",
	.run = run,
};
