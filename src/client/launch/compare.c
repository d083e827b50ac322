/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * --compare-uapi: the same files made into a realm under every profile, one
 * after another, and what that took.
 */
#include <inttypes.h>
#include <stdio.h>

#include "launch.h"

/* So that a call does a part: a quarter MiB. */
#define DEFAULT_LIMIT (256ull << 10)

static void
print_rim(const struct rim *rim)
{
	if (rim->size == 0)
		printf("not known: %s", rim->why);
	for (size_t i = 0; i < rim->size; i++)
		printf("%02x", rim->value[i]);
	putchar('\n');
}

static const char *
part(const struct machine *machine)
{
	if (machine->partial > 0)
		return machine->part;
	return machine->uapi.operations ? "none: all or an error" : "none came";
}

static void
run_one(struct options *options, const char *profile)
{
	struct machine machine = { .options = options };
	struct rmmkvm_realm realm;
	struct rim rim = { .why = "there is no realm" };

	options->profile = profile;
	machine_build(&machine);
	machine_populate(&machine);
	if (options->run)
		machine_run(&machine);
	if (rmmkvm_realm(machine.kvm, machine.vm, &realm) == 0 &&
	    realm.state != RMMKVM_NONE)
		rim_read(options->socket, options->control, "rmm-launch",
		    realm.rd, &rim);
	printf("%-16s %6" PRIu64 " %10" PRIu64 " %10" PRIu64 "  %-32s ",
	    profile, machine.calls, machine.bytes, machine.staged,
	    part(&machine));
	print_rim(&rim);
	machine_close(&machine);
}

void
compare(const struct options *options)
{
	struct options each = *options;
	const char *const *name = rmmkvm_profiles();

	each.quiet = true;
	if (each.populate_limit == 0)
		each.populate_limit = DEFAULT_LIMIT;
	printf("%-16s %6s %10s %10s  %-32s RIM\n", "profile", "calls", "bytes",
	    "staged", "a partial result");
	for (; *name != NULL; name++)
		run_one(&each, *name);
}
