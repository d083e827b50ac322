/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Running the realm: a thread for each vCPU, and what a VMM does with each
 * exit. The machine has one device, a UART.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "launch.h"

/* An Arm PL011, of which a realm needs three registers. */
#define UART_BASE     0x09000000ull
#define UART_SIZE     0x1000ull
#define UART_DR	      0x00u /* a write: a character for standard output */
#define UART_FR	      0x18u
#define UART_FR_EMPTY 0x90u /* nothing to send, nothing received */

struct runner {
	struct machine *machine;
	unsigned vcpu;
	int fd;
	struct rkvm_run *run;
	pthread_t thread;
};

struct runners {
	struct runner *v;
	pthread_mutex_t lock; /* of what is below, and of the machine's exits */
	pthread_cond_t end;
	bool over;
};

static struct runners all = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.end = PTHREAD_COND_INITIALIZER,
};

/* ---- The end ----------------------------------------------------------- */

/* The first reason is the one that counts. */
static void
end(struct runner *runner, const char *why, bool failed)
{
	pthread_mutex_lock(&all.lock);
	if (!all.over) {
		all.over = true;
		runner->machine->exit = why;
		runner->machine->failed = failed;
		if (failed)
			fprintf(stderr,
			    "rmm-launch: vCPU %u: KVM_RUN: exit %u: %s\n",
			    runner->vcpu, runner->run->exit_reason,
			    rmmkvm_error());
	}
	pthread_cond_signal(&all.end);
	pthread_mutex_unlock(&all.lock);
}

static bool
is_over(void)
{
	bool over;

	pthread_mutex_lock(&all.lock);
	over = all.over;
	pthread_mutex_unlock(&all.lock);
	return over;
}

static void
count(struct runner *runner, enum exit_kind kind)
{
	pthread_mutex_lock(&all.lock);
	runner->machine->exits[kind]++;
	pthread_mutex_unlock(&all.lock);
}

static void tell(const struct runner *runner, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
tell(const struct runner *runner, const char *format, ...)
{
	va_list args;

	if (runner->machine->options->quiet)
		return;
	flockfile(stderr);
	fprintf(stderr, "rmm-launch: vCPU %u: ", runner->vcpu);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	funlockfile(stderr);
}

/* ---- MMIO -------------------------------------------------------------- */

static void
uart(struct runner *runner, uint64_t offset)
{
	const struct options *options = runner->machine->options;
	struct rkvm_run *run = runner->run;
	/* Standard output is for one thing alone if that was asked for. */
	FILE *to = options->quiet || options->json ? stderr : stdout;

	if (run->u.mmio.is_write) {
		if (offset == UART_DR) {
			putc(run->u.mmio.data[0], to);
			fflush(to);
		}
		return;
	}
	memset(run->u.mmio.data, 0, sizeof(run->u.mmio.data));
	if (offset == UART_FR)
		run->u.mmio.data[0] = UART_FR_EMPTY;
}

/* Nothing is there: an external abort. */
static void
refuse(struct runner *runner, uint64_t address)
{
	struct rkvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };

	tell(runner,
	    "a %s of %u bytes at 0x%" PRIx64
	    ", where nothing is: external abort",
	    runner->run->u.mmio.is_write ? "write" : "read",
	    runner->run->u.mmio.len, address);
	must(
	    call(runner->machine, runner->fd, RKVM_SET_VCPU_EVENTS,
		(uintptr_t)&events, "KVM_SET_VCPU_EVENTS {ext_dabt_pending=1}"),
	    "KVM_SET_VCPU_EVENTS");
}

static void
mmio(struct runner *runner)
{
	/* The address has the bit that says "shared". */
	uint64_t shared = 1ull << (runner->machine->ipa_bits - 1);
	uint64_t address = runner->run->u.mmio.phys_addr & ~shared;

	count(runner, EXIT_MMIO);
	if (address - UART_BASE < UART_SIZE)
		uart(runner, address - UART_BASE);
	else
		refuse(runner, address);
}

/* ---- Memory -------------------------------------------------------------- */

/*
 * The realm wants memory to be private, or shared: it becomes so, and what it
 * was before is given up.
 */
static void
memory_fault(struct runner *runner)
{
	const struct rkvm_run *run = runner->run;
	const struct options *options = runner->machine->options;
	bool private = run->u.memory_fault.flags & RKVM_MEMORY_EXIT_PRIVATE;
	uint64_t base = run->u.memory_fault.gpa;
	uint64_t top = base + run->u.memory_fault.size;
	uint64_t ram_top = options->ram_base + options->memory;

	count(runner, EXIT_MEMORY_FAULT);
	if (options->verbose)
		tell(runner,
		    "memory from 0x%" PRIx64 " to 0x%" PRIx64 " is to be %s",
		    base, top, private ? "private" : "shared");
	base = base > options->ram_base ? base : options->ram_base;
	top = top < ram_top ? top : ram_top;
	if (base < top)
		memory_convert(runner->machine, base, top - base, private);
}

/* ---- The rest ------------------------------------------------------------ */

/* What the kernel's filter sends here: answered by a zero. */
static void
hypercall(struct runner *runner)
{
	uint64_t x[4], zero = 0;
	struct rkvm_one_reg reg;

	for (unsigned i = 0; i < 4; i++) {
		reg.id = RKVM_REG_X(i);
		reg.addr = (uintptr_t)&x[i];
		must(call(runner->machine, runner->fd, RKVM_GET_ONE_REG,
			 (uintptr_t)&reg, "KVM_GET_ONE_REG {x%u}", i),
		    "KVM_GET_ONE_REG");
	}
	count(runner, EXIT_HYPERCALL);
	tell(runner,
	    "host call 0x%" PRIx64 " (0x%" PRIx64 ", 0x%" PRIx64 ", 0x%" PRIx64
	    "): 0",
	    x[0], x[1], x[2], x[3]);
	reg = (struct rkvm_one_reg){ RKVM_REG_X(0), (uintptr_t)&zero };
	must(call(runner->machine, runner->fd, RKVM_SET_ONE_REG,
		 (uintptr_t)&reg, "KVM_SET_ONE_REG {x0=0}"),
	    "KVM_SET_ONE_REG");
}

static void
system_event(struct runner *runner)
{
	count(runner, EXIT_SYSTEM_EVENT);
	switch (runner->run->u.system_event.type) {
	case RKVM_SYSTEM_EVENT_SHUTDOWN:
		end(runner, "power off", false);
		break;
	case RKVM_SYSTEM_EVENT_RESET:
		end(runner, "reset", false);
		break;
	default:
		end(runner, "internal error", true);
	}
}

static void
handle(struct runner *runner)
{
	switch (runner->run->exit_reason) {
	case RKVM_EXIT_MMIO:
		mmio(runner);
		break;
	case RKVM_EXIT_HYPERCALL:
		hypercall(runner);
		break;
	case RKVM_EXIT_SYSTEM_EVENT:
		system_event(runner);
		break;
	case RKVM_EXIT_SHUTDOWN:
		end(runner, "realm error", false);
		break;
	default:
		end(runner, "internal error", true);
	}
}

static void *
run_vcpu(void *arg)
{
	struct runner *runner = arg;

	while (!is_over()) {
		long rc;

		runner->run->exit_reason = RKVM_EXIT_UNKNOWN;
		rc = call(runner->machine, runner->fd, RKVM_RUN, 0, "KVM_RUN");
		if (rc == 0)
			handle(runner);
		else if (rc == -EFAULT &&
		    runner->run->exit_reason == RKVM_EXIT_MEMORY_FAULT)
			memory_fault(runner);
		else if (rc != -EINTR && rc != -EAGAIN && !is_over())
			must(rc, "KVM_RUN");
	}
	return NULL;
}

/* ---- Threads ------------------------------------------------------------- */

static void
on_kick(int number)
{
	(void)number;
}

static void
start(struct machine *machine, unsigned i)
{
	struct runner *runner = &all.v[i];

	runner->machine = machine;
	runner->vcpu = i;
	runner->fd = machine->vcpus[i];
	runner->run =
	    mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, runner->fd, 0);
	if (runner->run == MAP_FAILED)
		die("mmap of vCPU %u: %s", i, strerror(errno));
	if (pthread_create(&runner->thread, NULL, run_vcpu, runner) != 0)
		die("no thread for vCPU %u", i);
}

/* A vCPU in KVM_RUN comes back, or does not go there any more. */
static void
stop(struct runner *runner)
{
	((volatile struct rkvm_run *)runner->run)->immediate_exit = 1;
	pthread_kill(runner->thread, SIGUSR1);
	pthread_join(runner->thread, NULL);
	munmap(runner->run, PAGE);
}

void
machine_run(struct machine *machine)
{
	const struct sigaction kick = { .sa_handler = on_kick };
	unsigned num = machine->options->vcpus;

	if (machine->uapi.operations)
		rme_activate(machine);
	sigaction(SIGUSR1, &kick, NULL);
	all.v = calloc(num, sizeof(*all.v));
	if (all.v == NULL)
		die("no memory");
	all.over = false;
	for (unsigned i = 0; i < num; i++)
		start(machine, i);
	pthread_mutex_lock(&all.lock);
	while (!all.over)
		pthread_cond_wait(&all.end, &all.lock);
	pthread_mutex_unlock(&all.lock);
	for (unsigned i = 0; i < num; i++)
		stop(&all.v[i]);
	free(all.v);
}
