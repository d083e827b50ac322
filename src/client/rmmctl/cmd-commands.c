/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmmctl commands: the RMI commands that the shell knows by name, from the
 * command table.  No daemon is asked.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "rmmctl.h"

enum { NAMES };

static void
print_words(const char *mark, const char *const *words)
{
	if (words[0] != NULL && mark[0] != '\0')
		printf(" %s", mark);
	for (size_t i = 0; words[i] != NULL; i++)
		printf(" %s", words[i]);
}

static json_t *
json_words(const char *const *words)
{
	json_t *list = json_array();

	for (size_t i = 0; words[i] != NULL; i++)
		json_array_append_new(list, json_string(words[i]));
	return list;
}

static json_t *
json_command(const struct smc_abi *abi)
{
	return json_pack("{s:s, s:o, s:s, s:o, s:o, s:s}", "name", abi->name,
	    "fid", ctl_json_address(abi->fid), "section", abi->section,
	    "inputs", json_words(abi->inputs), "outputs",
	    json_words(abi->outputs), "summary", abi->summary);
}

static void
print_command(const struct smc_abi *abi)
{
	printf("0x%08" PRIX32 " %-7s %s", abi->fid, abi->section, abi->name);
	print_words("", abi->inputs);
	print_words("->", abi->outputs);
	putchar('\n');
}

/* Those that are asked for: one, or all. */
static enum ctl_exit
show(const struct ctl *ctl, const struct smc_abi *only)
{
	json_t *list = ctl->json ? json_array() : NULL;
	const struct smc_abi *abi;

	for (size_t i = 0; (abi = abi_at(i)) != NULL; i++) {
		if (only != NULL && only != abi)
			continue;
		if (ctl->json)
			json_array_append_new(list, json_command(abi));
		else if (ctl->option[NAMES] != NULL)
			puts(abi->name);
		else
			print_command(abi);
	}
	return ctl->json ? ctl_json_print(json_pack("{s:o}", "commands", list))
			 : CTL_OK;
}

static enum ctl_exit
run(struct ctl *ctl)
{
	const struct smc_abi *only = NULL;
	enum ctl_exit rc;

	if (ctl->argc > 0) {
		only = abi_by_name(ctl->argv[0], strlen(ctl->argv[0]));
		if (only == NULL)
			return ctl_fail("there is no RMI command \"%s\";"
					" rmmctl commands lists them",
			    ctl_safe(ctl->argv[0]));
	}
	rc = show(ctl, only);
	if (only != NULL && !ctl->json && ctl->option[NAMES] == NULL)
		puts(only->summary);
	return rc;
}

const struct ctl_command ctl_commands = {
	.name = "commands",
	.usage = "[NAME]",
	.summary = "List the RMI commands with their arguments and results",
	.max_args = 1,
	.options = {
		[NAMES] = { "names", NULL, "only the names" },
	},
	.run = run,
};
