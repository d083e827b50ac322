/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What became of the realm, for a person or as JSON.
 */
#include <inttypes.h>
#include <stdio.h>

#include "launch.h"
#include "rmmclient.h"

static void
print_rim(const struct rim *rim)
{
	for (size_t i = 0; i < rim->size; i++)
		printf("%02x", rim->value[i]);
}

static void
print_bytes(uint64_t bytes)
{
	if (bytes < 10 << 10)
		printf("%" PRIu64 " bytes", bytes);
	else if (bytes < 10 << 20)
		printf("%.1f KiB", (double)bytes / 1024);
	else
		printf("%.1f MiB", (double)bytes / 1024 / 1024);
}

static const char *const kinds[EXIT_KINDS] = {
	[EXIT_MMIO] = "mmio",
	[EXIT_MEMORY_FAULT] = "memory fault",
	[EXIT_HYPERCALL] = "hypercall",
	[EXIT_SYSTEM_EVENT] = "system event",
};

static void
print_exits(const struct machine *machine)
{
	const char *between = "exits     ";

	for (unsigned i = 0; i < EXIT_KINDS; i++)
		if (machine->exits[i] > 0) {
			printf("%s%s %" PRIu64, between, kinds[i],
			    machine->exits[i]);
			between = ", ";
		}
	if (between[0] == ',')
		putchar('\n');
}

static void
text(const struct machine *machine, const struct rim *rim, uint64_t rd)
{
	const struct options *options = machine->options;

	printf("realm     RD 0x%" PRIx64 ", IPAs of %u bits, profile %s, %s\n",
	    rd, machine->ipa_bits, machine->uapi.profile,
	    rmmclient_server(rmmkvm_client(machine->kvm)));
	for (size_t i = 0; i < options->num_regions; i++) {
		const struct region *region = &options->regions[i];

		printf("%-9s 0x%" PRIx64 "  ",
		    region->measured ? "measured" : "plain", region->gpa);
		print_bytes(region->size);
		printf("  %s\n", region->name);
	}
	printf("populate  %" PRIu64 " call(s), %" PRIu64 " bytes, %" PRIu64
	       " partial, %" PRIu64 " interrupted\n",
	    machine->calls, machine->bytes, machine->partial,
	    machine->interrupted);
	print_exits(machine);
	printf("exit      %s\n",
	    machine->exit != NULL ? machine->exit : "not run (--no-run)");
	if (rim->size > 0) {
		printf("RIM       %s ", rim->algorithm);
		print_rim(rim);
		puts(machine->exit != NULL ? "" : " (so far)");
	} else {
		printf("RIM       not known: %s\n", rim->why);
	}
}

static void
json_string(const char *string)
{
	putchar('"');
	for (; *string != '\0'; string++) {
		unsigned char c = (unsigned char)*string;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void
json_regions(const struct options *options)
{
	fputs("\"regions\": [", stdout);
	for (size_t i = 0; i < options->num_regions; i++) {
		const struct region *region = &options->regions[i];

		printf("%s{\"name\": ", i > 0 ? ", " : "");
		json_string(region->name);
		printf(", \"generated\": %s, \"measured\": %s, \"gpa\": "
		       "\"0x%" PRIx64 "\", \"bytes\": %" PRIu64 "}",
		    region->generated ? "true" : "false",
		    region->measured ? "true" : "false", region->gpa,
		    region->size);
	}
	fputs("], ", stdout);
}

static void
json_rim(const struct machine *machine, const struct rim *rim)
{
	if (rim->size > 0) {
		printf("\"rim\": {\"algorithm\": \"%s\", \"final\": %s, "
		       "\"value\": \"",
		    rim->algorithm, machine->exit != NULL ? "true" : "false");
		print_rim(rim);
		fputs("\"}", stdout);
	} else {
		fputs("\"rim\": null, \"rim_error\": ", stdout);
		json_string(rim->why);
	}
}

static void
json(const struct machine *machine, const struct rim *rim, uint64_t rd)
{
	const struct options *options = machine->options;
	struct rmmclient *client = rmmkvm_client(machine->kvm);

	fputs("{\"server\": ", stdout);
	json_string(rmmclient_server(client));
	fputs(", \"abi\": ", stdout);
	json_string(rmmclient_abi(client));
	printf(", \"profile\": \"%s\", \"rd\": \"0x%" PRIx64
	       "\", \"ipa_bits\": %u, \"vcpus\": %u, "
	       "\"ram\": {\"base\": \"0x%" PRIx64 "\", \"bytes\": %" PRIu64
	       "}, ",
	    machine->uapi.profile, rd, machine->ipa_bits, options->vcpus,
	    options->ram_base, options->memory);
	json_regions(options);
	printf("\"populate\": {\"calls\": %" PRIu64 ", \"bytes\": %" PRIu64
	       ", \"partial\": %" PRIu64 ", \"interrupted\": %" PRIu64 "}, ",
	    machine->calls, machine->bytes, machine->partial,
	    machine->interrupted);
	fputs("\"exits\": {", stdout);
	for (unsigned i = 0; i < EXIT_KINDS; i++)
		printf("%s\"%s\": %" PRIu64, i > 0 ? ", " : "", kinds[i],
		    machine->exits[i]);
	fputs("}, ", stdout);
	fputs("\"exit\": ", stdout);
	if (machine->exit != NULL)
		json_string(machine->exit);
	else
		fputs("null", stdout);
	fputs(", ", stdout);
	json_rim(machine, rim);
	fputs("}\n", stdout);
}

bool
report(const struct machine *machine, const struct rim *rim, uint64_t rd)
{
	if (machine->options->json) {
		json(machine, rim, rd);
	} else if (!machine->options->quiet) {
		text(machine, rim, rd);
	} else if (rim->size > 0) {
		print_rim(rim);
		putchar('\n');
	} else {
		fprintf(stderr, "rmm-launch: RIM not known: %s\n", rim->why);
		return false;
	}
	return true;
}
