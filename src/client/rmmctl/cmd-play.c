/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmmctl play: who is the realm, from the next entry on: of one REC, of one
 * realm, or of all that nothing else was said of.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rmmctl.h"

/* What a frame has room for, less a name and what is around it. */
#define SCRIPT_MAX (960u << 10)

enum { OPTION_REC, OPTION_REALM };

/* The whole of a script; what is not text, the daemon complains of. */
static enum ctl_exit
read_script(const char *name, uint8_t *text, size_t *len)
{
	FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
	bool failed;

	if (file == NULL)
		return ctl_fail("%s: %s", ctl_safe(name), strerror(errno));
	errno = 0;
	*len = fread(text, 1, SCRIPT_MAX + 1, file);
	failed = ferror(file) != 0;
	if (file != stdin)
		fclose(file);
	if (failed)
		return ctl_fail("%s: %s", ctl_safe(name), strerror(errno));
	if (*len > SCRIPT_MAX)
		return ctl_fail("%s is longer than the %u bytes that a script "
				"may have",
		    ctl_safe(name), SCRIPT_MAX);
	return CTL_OK;
}

static enum ctl_exit
ask(struct ctl *ctl, Rmmd__SetRealmRequest *body)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	CTL_REPLY reply = NULL;

	request.body_case = RMMD__REQUEST__BODY_SET_REALM;
	request.set_realm = body;
	reply = ctl_request(ctl, &request, RMMD__REPLY__BODY_SET_REALM);
	if (reply == NULL)
		return CTL_FAILED;
	if (ctl->json)
		return ctl_json_print(
		    json_pack("{s:o}", "who", ctl_json_text(body->who)));
	return CTL_OK;
}

static enum ctl_exit
ask_with_script(struct ctl *ctl, Rmmd__SetRealmRequest *body, const char *name)
{
	uint8_t *text = malloc(SCRIPT_MAX + 1);
	size_t len = 0;
	enum ctl_exit rc;

	if (text == NULL)
		return ctl_out_of_memory();
	rc = read_script(name, text, &len);
	if (rc == CTL_OK) {
		body->script_name = (char *)(uintptr_t)name;
		body->has_script = true;
		body->script.data = text;
		body->script.len = len;
		rc = ask(ctl, body);
	}
	free(text);
	return rc;
}

static enum ctl_exit
find_whose(struct ctl *ctl, Rmmd__SetRealmRequest *body)
{
	const char *rec = ctl->option[OPTION_REC];
	const char *realm = ctl->option[OPTION_REALM];

	if (rec != NULL && realm != NULL)
		return ctl_usage_error("either --rec or --realm, not both");
	body->has_rec = rec != NULL;
	body->has_rd = realm != NULL;
	if (rec != NULL)
		return ctl_find_rec(ctl, rec, &body->rec);
	if (realm != NULL)
		return ctl_find_realm(ctl, realm, &body->rd);
	return CTL_OK;
}

static enum ctl_exit
run(struct ctl *ctl)
{
	Rmmd__SetRealmRequest body = RMMD__SET_REALM_REQUEST__INIT;
	const char *script = ctl->argc > 1 ? ctl->argv[1] : NULL;
	bool is_script = strcmp(ctl->argv[0], "script") == 0;
	enum ctl_exit rc;

	if (is_script != (script != NULL))
		return ctl_usage_error(is_script
			? "play script needs a file: rmmctl play script FILE"
			: "only \"script\" takes a file");
	rc = find_whose(ctl, &body);
	if (rc != CTL_OK)
		return rc;
	body.who = ctl->argv[0];
	return is_script ? ask_with_script(ctl, &body, script)
			 : ask(ctl, &body);
}

const struct ctl_command ctl_play = {
	.name = "play",
	.usage = "WHO [FILE]",
	.summary = "Say who is the realm: off, wfi, attach, cpu, or script FILE",
	.min_args = 1,
	.max_args = 2,
	.options = {
		{ "rec", "PA", "of one REC: its address, or gN" },
		{ "realm", "R", "of one realm" },
	},
	.run = run,
};
