/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmmctl interrupt: a physical interrupt at the PE that runs a REC, so that it
 * exits to its host.
 */
#include "config.h"

#include <inttypes.h>
#include <strings.h>

#include "rmmctl.h"

static const struct {
	const char *name;
	Rmmd__InterruptKind kind;
} kinds[] = {
	{ "irq", RMMD__INTERRUPT_KIND__INTERRUPT_IRQ },
	{ "fiq", RMMD__INTERRUPT_KIND__INTERRUPT_FIQ },
	{ "serror", RMMD__INTERRUPT_KIND__INTERRUPT_SERROR },
};

static enum ctl_exit
find_kind(const char *word, Rmmd__InterruptKind *kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcasecmp(word, kinds[i].name) == 0) {
			*kind = kinds[i].kind;
			return CTL_OK;
		}
	}
	return ctl_usage_error(
	    "\"%s\" is no interrupt: irq, fiq or serror", ctl_safe(word));
}

static enum ctl_exit
read_arguments(struct ctl *ctl, Rmmd__InterruptRequest *body)
{
	enum ctl_exit rc = ctl_find_rec(ctl, ctl->argv[0], &body->rec);

	body->has_kind = true;
	if (rc == CTL_OK && ctl->argc > 1)
		rc = find_kind(ctl->argv[1], &body->kind);
	if (rc != CTL_OK || ctl->option[0] == NULL)
		return rc;
	if (body->kind != RMMD__INTERRUPT_KIND__INTERRUPT_SERROR)
		return ctl_usage_error("only an SError has a syndrome");
	body->has_syndrome = true;
	return ctl_number("syndrome", ctl->option[0], &body->syndrome);
}

static enum ctl_exit
run(struct ctl *ctl)
{
	Rmmd__InterruptRequest body = RMMD__INTERRUPT_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;
	CTL_REPLY reply = NULL;
	enum ctl_exit rc = read_arguments(ctl, &body);

	if (rc != CTL_OK)
		return rc;
	request.body_case = RMMD__REQUEST__BODY_INTERRUPT;
	request.interrupt = &body;
	reply = ctl_request(ctl, &request, RMMD__REPLY__BODY_INTERRUPT);
	if (reply == NULL)
		return CTL_FAILED;
	if (ctl->json)
		rc = ctl_json_print(
		    json_pack("{s:b}", "exited", reply->interrupt->exited));
	if (reply->interrupt->exited || rc != CTL_OK)
		return rc;
	return ctl_fail(
	    "REC 0x%" PRIx64 " does not run: nothing happened", body.rec);
}

const struct ctl_command ctl_interrupt = {
	.name = "interrupt",
	.usage = "REC [KIND]",
	.summary = "Interrupt a REC that runs: an irq, or KIND fiq or serror",
	.min_args = 1,
	.max_args = 2,
	.options = {
		{ "syndrome", "N", "of an SError: IDS, AET, EA and DFSC" },
	},
	.run = run,
};
