/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counting what the client asks.  Many threads and processes count at once, and
 * none of them may wait: tables only grow, by compare-and-swap.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kvm.h"
#include "shim.h"

static struct statistics *statistics;

void
shim_count_start(void)
{
	const char *path = getenv(STATISTICS_ENV);
	struct stat status;
	void *map = MAP_FAILED;
	int fd;

	if (path == NULL || path[0] == '\0')
		return;
	fd = libc.openat(AT_FDCWD, path, O_RDWR | O_CLOEXEC);
	if (fd >= 0 && libc.fstat(fd, &status) == 0 &&
	    status.st_size >= (off_t)sizeof(struct statistics))
		map = libc.mmap(NULL, sizeof(struct statistics),
		    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		libc.close(fd);
	if (map == MAP_FAILED)
		return;
	statistics = map;
	if (statistics->magic != STATISTICS_MAGIC)
		statistics = NULL;
}

bool
shim_counts(void)
{
	return statistics != NULL;
}

void
shim_count_rim(uint64_t rd, const struct rim *rim)
{
	struct statistics_rim *entry;
	uint32_t index;

	if (statistics == NULL)
		return;
	index = statistics->num_rims++;
	if (index >= STATISTICS_RIMS)
		return;
	entry = &statistics->rims[index];
	entry->rd = rd;
	entry->rim = *rim;
	entry->complete = 1;
}

void
shim_count_system(void)
{
	if (statistics != NULL)
		statistics->processes++;
}

bool
shim_read(struct rmmkvm *system, void *to, uintptr_t from, size_t size)
{
	return user_read(system, to, from, size) == 0;
}

/* The entry of key in a table of such entries, made if need be. */
#define ENTRY(table, num, wanted) \
	(find((char *)(table), num, sizeof((table)[0]), wanted))

static void *
find(char *table, size_t num, size_t size, uint64_t wanted)
{
	for (size_t i = 0; i < num; i++) {
		/* Every entry begins with its key. */
		_Atomic uint64_t *key = (void *)(table + i * size);
		uint64_t none = 0;

		if (atomic_compare_exchange_strong(key, &none, wanted) ||
		    none == wanted)
			return key;
	}
	statistics->lost++;
	return NULL;
}

static void
count_error(struct statistics_call *entry, uint32_t error)
{
	entry->failed++;
	for (size_t i = 0; i < STATISTICS_ERRORS; i++) {
		uint32_t none = 0;

		if (atomic_compare_exchange_strong(
			&entry->errors[i].error, &none, error) ||
		    none == error) {
			entry->errors[i].count++;
			return;
		}
	}
}

static void
count_cap(const struct shim_call *call, long result)
{
	struct statistics_cap *cap;
	size_t on = call->kind == RMMKVM_SYSTEM ? 0 : 1;

	if (call->arg >= STATISTICS_CAPS) {
		statistics->lost++;
		return;
	}
	cap = &statistics->caps[call->arg];
	cap->result[on] = (int32_t)result;
	cap->count[on]++;
}

static void
count_type(uint64_t type, long result)
{
	struct statistics_type *entry =
	    ENTRY(statistics->types, STATISTICS_TYPES, type + 1);

	if (entry == NULL)
		return;
	entry->count++;
	if (result < 0) {
		entry->failed++;
		entry->error = (uint32_t)-result;
	}
}

static void
count_populate(const struct shim_call *call, const struct rkvm_populate *after,
    long result)
{
	const struct rkvm_populate *before = &call->populate;
	bool failed = result < 0 && result >= -4095;
	uint64_t done = 0, index = statistics->populate_calls++;
	struct statistics_populate *entry;

	/* v12 tells by its result, which is an int; an operation does all. */
	if (call->advances && after->size <= before->size)
		done = before->size - after->size;
	else if (call->command == RKVM_ENABLE_CAP)
		done = failed ? 0 : before->size;
	else if (call->command == RKVM_POPULATE_V12)
		done = failed ? 0 : (uint32_t)result;
	statistics->populate_bytes += done;
	if (result == -EINTR)
		statistics->populate_eintr++;
	else if (failed)
		statistics->populate_failed++;
	else if (done == 0)
		statistics->populate_none++;
	else if (done < before->size)
		statistics->populate_partial++;
	if (index >= STATISTICS_POPULATES)
		return;
	entry = &statistics->populates[index];
	entry->base = before->base;
	entry->size = before->size;
	entry->done = done;
	entry->flags = before->flags;
	entry->error = failed ? (uint32_t)-result : 0;
	entry->complete = 1;
}

/* The operation of KVM_CAP_ARM_RME that populates, where that is one. */
static bool
read_operation(struct rmmkvm *system, struct shim_call *call)
{
	struct {
		uint32_t cap, flags;
		uint64_t args[2];
	} enable;
	struct {
		uint64_t base, size;
		uint32_t flags;
	} args;

	if (rmmkvm_populate_command(system) != 0 ||
	    !shim_read(system, &enable, call->arg, sizeof(enable)) ||
	    enable.args[0] != 3 ||
	    !shim_read(system, &args, enable.args[1], sizeof(args)))
		return false;
	call->populate = (struct rkvm_populate){
		.base = args.base, .size = args.size, .flags = args.flags
	};
	return true;
}

void
shim_count_before(struct rmmkvm *system, struct shim_call *call)
{
	if (statistics == NULL || call->kind != RMMKVM_VM)
		return;
	call->advances = call->command == RKVM_POPULATE_V13;
	if (call->command == RKVM_ENABLE_CAP)
		call->is_populate = read_operation(system, call);
	else if (call->advances || call->command == RKVM_POPULATE_V12)
		call->is_populate = shim_read(
		    system, &call->populate, call->arg, sizeof(call->populate));
}

static void
count_enable(struct rmmkvm *system, const struct shim_call *call)
{
	uint32_t cap;

	if (shim_read(system, &cap, call->arg, sizeof(cap)) &&
	    cap < STATISTICS_CAPS)
		statistics->caps[cap].enabled++;
}

/* Why a vCPU came back is in its struct kvm_run, where it is mapped. */
static void
count_exit(struct rmmkvm *system, const struct shim_call *call)
{
	struct rkvm_run run;
	ssize_t n;

	(void)system;
	n = pread(call->fd, &run, sizeof(run), 0);
	if (n == (ssize_t)sizeof(run) && run.exit_reason < STATISTICS_EXITS)
		statistics->exits[run.exit_reason]++;
}

static void
count_particulars(
    struct rmmkvm *system, const struct shim_call *call, long result)
{
	struct rkvm_populate after = call->populate;

	if (call->is_populate && result != -ENOTTY) {
		if (call->advances)
			shim_read(system, &after, call->arg, sizeof(after));
		count_populate(call, &after, result);
	}
	switch (call->command) {
	case RKVM_CHECK_EXTENSION:
		count_cap(call, result);
		break;
	case RKVM_CREATE_VM:
		count_type(call->arg, result);
		break;
	case RKVM_ENABLE_CAP:
		count_enable(system, call);
		break;
	case RKVM_RUN:
		if (result == 0 || result == -EFAULT)
			count_exit(system, call);
		break;
	}
}

void
shim_count_after(
    struct rmmkvm *system, const struct shim_call *call, long result)
{
	uint64_t key = ((uint64_t)call->kind + 1) << 32 | call->command;
	struct statistics_call *entry;

	if (statistics == NULL)
		return;
	entry = ENTRY(statistics->calls, STATISTICS_CALLS, key);
	if (entry != NULL) {
		entry->count++;
		if (result < 0 && result >= -4095)
			count_error(entry, (uint32_t)-result);
	}
	count_particulars(system, call, result);
}
