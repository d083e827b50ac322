/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ioctl().  What belongs to our system goes to it, what belongs to the kernel's
 * KVM goes nowhere, and everything else is none of our business.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "names.h"
#include "shim.h"

#define KVMIO	0xAE
#define FOREIGN (1ull << 48) /* above what else first_time() is asked for */

static const char *const kinds[] = { "/dev/kvm", "a VM", "a vCPU",
	"a guest_memfd", "a device" };

/* ---- What is said of it ------------------------------------------------ */

/* RMM_KVM_EXPLAIN: 0 nothing but what is unknown, 1 failures, 2 all. */
static int
explain_level(void)
{
	static _Atomic int level = -1;
	const char *text;

	if (level < 0) {
		text = getenv("RMM_KVM_EXPLAIN");
		level = text == NULL ? 0
		    : text[0] == '2' ? 2
		    : text[0] == '1' ? 1
				     : 0;
	}
	return level;
}

/* Was nothing said yet of key, which is not 0? */
static bool
first_time(uint64_t key)
{
	static _Atomic uint64_t said[64];

	for (size_t i = 0; i < 64; i++) {
		uint64_t none = 0;

		if (atomic_compare_exchange_strong(&said[i], &none, key))
			return true;
		if (none == key)
			return false;
	}
	return false;
}

static void
say(const struct shim_call *call, long result)
{
	bool failed = result < 0 && result >= -4095;
	uint64_t key = ((uint64_t)call->kind + 1) << 32 | call->command;
	const char *why = failed ? rmmkvm_error() : "";
	char what[96];

	describe_ioctl(call->command, what, sizeof(what));
	if (result == -ENOTTY && first_time(key))
		shim_say("ioctl 0x%08X %s on %s (descriptor %d) is not known "
			 "here: ENOTTY",
		    call->command, what, kinds[call->kind], call->fd);
	else if (failed && explain_level() > 0)
		shim_say("ioctl %s on %s (descriptor %d), argument 0x%llx: "
			 "%s%s%s",
		    what, kinds[call->kind], call->fd,
		    (unsigned long long)call->arg,
		    strerrorname_np((int)-result), why[0] != '\0' ? ": " : "",
		    why);
	else if (explain_level() > 1)
		shim_say("ioctl %s on %s (descriptor %d), argument 0x%llx: %ld",
		    what, kinds[call->kind], call->fd,
		    (unsigned long long)call->arg, result);
}

/* ---- Ours -------------------------------------------------------------- */

/* Descriptors that a call made are ours from now on. */
static void
note_made(struct rmmkvm *system, const struct shim_call *call, long result)
{
	struct rkvm_create_device create;

	if (result < 0)
		return;
	if (result > 0)
		shim_note((int)result);
	if (call->command == RKVM_CREATE_DEVICE &&
	    shim_read(system, &create, call->arg, sizeof(create)))
		shim_note((int)create.fd);
}

static int
ours(int fd, unsigned long command, uintptr_t arg)
{
	struct rmmkvm *system = shim_current();
	struct shim_call call = {
		.fd = fd, .command = (uint32_t)command, .arg = arg
	};
	long result;
	int kind, error = errno;

	shim_enter();
	kind = rmmkvm_kind(system, fd);
	call.kind = kind < 0 ? RMMKVM_SYSTEM : (enum rmmkvm_kind)kind;
	shim_count_before(system, &call);
	result = rmmkvm_ioctl(system, fd, command, arg);
	note_made(system, &call, result);
	shim_count_after(system, &call, result);
	shim_realm_after(system, &call);
	say(&call, result);
	shim_leave();
	errno = error;
	/* As the system call: what is below -4095 is no error. */
	if (result >= 0 || result < -4095)
		return (int)result;
	errno = (int)-result;
	return -1;
}

/* ---- Not known --------------------------------------------------------- */

static int
unknown(int fd, unsigned long command, uintptr_t arg)
{
	char what[96];
	int error = errno;

	switch (shim_adopt(fd)) {
	case SHIM_OWN:
		return ours(fd, command, arg);
	case SHIM_FOREIGN:
		if (first_time(FOREIGN | (unsigned)fd))
			shim_say("ioctl %s on descriptor %d: it is of a VM of "
				 "another process: EIO, as KVM has it",
			    describe_ioctl(
				(uint32_t)command, what, sizeof(what)),
			    fd);
		errno = EIO;
		return -1;
	case SHIM_REAL:
		shim_say(
		    "ioctl %s on descriptor %d: it is of the kernel's KVM, "
		    "which nothing here may reach: EPERM",
		    describe_ioctl((uint32_t)command, what, sizeof(what)), fd);
		errno = EPERM;
		return -1;
	case SHIM_OTHER:
		break;
	}
	errno = error;
	return libc.ioctl(fd, command, arg);
}

SHIM_API int
ioctl(int fd, unsigned long command, ...)
{
	va_list args;
	uintptr_t arg;

	va_start(args, command);
	arg = va_arg(args, uintptr_t);
	va_end(args);
	if (shim_owns(fd))
		return ours(fd, command, arg);
	if ((command >> 8 & 0xff) == KVMIO)
		return unknown(fd, command, arg);
	return libc.ioctl(fd, command, arg);
}
