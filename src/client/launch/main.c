/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmm-launch: a VMM in small.  It makes a realm out of files by the ioctls that
 * any VMM makes, runs it, and says what its initial measurement is.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "launch.h"

void
die(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("rmm-launch: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

int
main(int argc, char **argv)
{
	struct options options;
	struct machine machine = { .options = &options };
	struct rmmkvm_realm realm;
	struct rim rim;
	bool told;

	options_parse(&options, argc, argv);
	regions_load(&options);
	if (options.compare) {
		compare(&options);
		regions_free(&options);
		return 0;
	}
	machine_build(&machine);
	machine_populate(&machine);
	play_realm(&machine);
	if (options.run)
		machine_run(&machine);
	if (rmmkvm_realm(machine.kvm, machine.vm, &realm) < 0 ||
	    realm.state == RMMKVM_NONE)
		die("there is no realm: nothing was populated and nothing run");
	rim_read(options.socket, options.control, "rmm-launch", realm.rd, &rim);
	if (options.hold)
		hold_prepare();
	told = report(&machine, &rim, realm.rd);
	if (options.hold)
		hold(&machine);
	machine_close(&machine);
	regions_free(&options);
	if (fflush(stdout) != 0 || ferror(stdout))
		die("standard output can not be written");
	return machine.failed || !told ? 1 : 0;
}
