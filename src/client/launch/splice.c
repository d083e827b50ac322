/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Populate by splice(): the pages of this process go into a pipe by vmsplice(),
 * which copies nothing, and from there into the guest_memfd.  What a call did
 * not take is still in the pipe.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "launch.h"

#define PIPE_SIZE (1 << 20)

void
splice_start(struct machine *machine)
{
	if (pipe2(machine->pipe, O_CLOEXEC) != 0)
		die("pipe: %s", strerror(errno));
	/* As it is, if it can not be larger. */
	fcntl(machine->pipe[1], F_SETPIPE_SZ, PIPE_SIZE);
}

void
splice_end(struct machine *machine)
{
	close(machine->pipe[0]);
	close(machine->pipe[1]);
}

/* Fill the pipe with what follows of the source. */
static void
fill(struct machine *machine, const struct rkvm_populate *args)
{
	while (machine->piped < args->size) {
		struct iovec next = {
			.iov_base = (void *)(uintptr_t)(args->source_uaddr +
			    machine->piped),
			.iov_len = args->size - machine->piped,
		};
		ssize_t n =
		    vmsplice(machine->pipe[1], &next, 1, SPLICE_F_NONBLOCK);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			die("vmsplice: %s", strerror(errno));
		machine->piped += (uint64_t)n;
	}
}

int64_t
splice_populate(struct machine *machine, const struct rkvm_populate *args)
{
	int64_t offset = (int64_t)(args->base - machine->options->ram_base);
	int64_t result;
	uint64_t asked;

	fill(machine, args);
	asked = machine->piped;
	result = rmmkvm_splice(machine->kvm, machine->pipe[0], NULL,
	    machine->memory, &offset, asked, SPLICE_F_NONBLOCK);
	if (machine->options->verbose)
		fprintf(stderr,
		    "splice(pipe, guest_memfd at 0x%" PRIx64 ", %" PRIu64
		    ") = %" PRId64 "\n",
		    (uint64_t)(args->base - machine->options->ram_base), asked,
		    result);
	if (result > 0)
		machine->piped -= (uint64_t)result;
	return result;
}
