/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What did the client ask?  The statistics, for a person.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "names.h"
#include "rmmkvm.h"

#define SHOWN_POPULATES 32

static const char *const kinds[] = { "/dev/kvm", "VM", "vCPU", "guest_memfd",
	"device" };

/* ---- The file ---------------------------------------------------------- */

struct statistics *
statistics_make(const char *path, char where[64])
{
	struct statistics *statistics;
	const char *profile = getenv("RMM_KVM_PROFILE");
	char *real;
	int fd;

	fd = path != NULL
	    ? open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)
	    : memfd_create("rmm-kvm-statistics", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)sizeof(*statistics)) != 0)
		die("%s: %s", path != NULL ? path : "statistics",
		    strerror(errno));
	statistics = mmap(NULL, sizeof(*statistics), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	if (statistics == MAP_FAILED)
		die("%s: %s", path != NULL ? path : "statistics",
		    strerror(errno));
	snprintf(statistics->profile, sizeof(statistics->profile), "%s",
	    profile != NULL && profile[0] != '\0' ? profile
						  : rmmkvm_default_profile());
	statistics->magic = STATISTICS_MAGIC;
	/* Ours stays open; whoever the command becomes finds it there. */
	snprintf(where, 64, "/proc/%d/fd/%d", (int)getpid(), fd);
	real = path != NULL ? realpath(path, NULL) : NULL;
	if (real != NULL && strlen(real) < 64)
		strcpy(where, real);
	free(real);
	return statistics;
}

const struct statistics *
statistics_open(const char *path)
{
	const struct statistics *statistics = MAP_FAILED;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) != 0)
		die("%s: %s", path, strerror(errno));
	if (status.st_size == (off_t)sizeof(*statistics))
		statistics = mmap(
		    NULL, sizeof(*statistics), PROT_READ, MAP_SHARED, fd, 0);
	if (statistics == MAP_FAILED || statistics->magic != STATISTICS_MAGIC)
		die("%s: not a file of rmm-kvm --statistics", path);
	close(fd);
	return statistics;
}

/* ---- The report -------------------------------------------------------- */

static const char *
error_name(uint32_t error)
{
	const char *name = strerrorname_np((int)error);

	return name != NULL ? name : "?";
}

/* What the headers call it, or the posting that it is KVM_CAP_ARM_RMI in. */
static const char *
cap_name(unsigned cap, char buf[64])
{
	const char *name = name_of_cap(cap);
	struct rmmkvm_profile_info info;

	snprintf(buf, 64, "%s", name != NULL ? name : "");
	for (size_t i = 0; rmmkvm_profile_info(i, &info); i++)
		if (info.cap_rmi == cap) {
			snprintf(buf, 64, "ARM_RMI in %s", info.name);
			break;
		}
	return buf;
}

static void
report_caps(FILE *to, const struct statistics *statistics)
{
	fputs("\ncapabilities asked for (KVM_CHECK_EXTENSION)\n", to);
	for (unsigned i = 0; i < STATISTICS_CAPS; i++) {
		const struct statistics_cap *cap = &statistics->caps[i];
		char name[64];

		if (cap->count[0] + cap->count[1] + cap->enabled == 0)
			continue;
		fprintf(to, "  %4u %-30s", i, cap_name(i, name));
		if (cap->count[0] > 0)
			fprintf(to, "  /dev/kvm: %" PRId32, cap->result[0]);
		if (cap->count[1] > 0)
			fprintf(to, "  VM: %" PRId32, cap->result[1]);
		if (cap->enabled > 0)
			fprintf(
			    to, "  enabled %" PRIu32 " time(s)", cap->enabled);
		fputc('\n', to);
	}
}

static void
report_types(FILE *to, const struct statistics *statistics)
{
	fputs("\nVM types tried (KVM_CREATE_VM)\n", to);
	for (unsigned i = 0; i < STATISTICS_TYPES; i++) {
		const struct statistics_type *type = &statistics->types[i];

		if (type->key == 0)
			break;
		fprintf(to, "  0x%08" PRIx64 "  %" PRIu32 " time(s)",
		    type->key - 1, type->count);
		if (type->failed > 0)
			fprintf(to, ", %" PRIu32 " failed: %s", type->failed,
			    error_name(type->error));
		fputc('\n', to);
	}
}

static void
report_calls(FILE *to, const struct statistics *statistics)
{
	fputs("\nioctls\n", to);
	for (unsigned i = 0; i < STATISTICS_CALLS; i++) {
		const struct statistics_call *call = &statistics->calls[i];
		uint64_t key = call->key, kind = (key >> 32) - 1;
		char what[96];

		if (key == 0)
			break;
		fprintf(to, "  %-11s %-50s %8" PRIu64,
		    kind < 5 ? kinds[kind] : "?",
		    describe_ioctl((uint32_t)key, what, sizeof(what)),
		    call->count);
		for (unsigned e = 0; e < STATISTICS_ERRORS; e++)
			if (call->errors[e].count > 0)
				fprintf(to, "  %" PRIu32 " %s",
				    call->errors[e].count,
				    error_name(call->errors[e].error));
		fputc('\n', to);
	}
}

static void
report_populate(FILE *to, const struct statistics *statistics)
{
	uint64_t num = statistics->populate_calls;

	fprintf(to,
	    "\npopulate: %" PRIu64 " call(s), %" PRIu64 " bytes; %" PRIu64
	    " partial, %" PRIu64 " without progress, %" PRIu64
	    " interrupted, %" PRIu64 " failed\n",
	    num, statistics->populate_bytes, statistics->populate_partial,
	    statistics->populate_none, statistics->populate_eintr,
	    statistics->populate_failed);
	for (unsigned i = 0; i < num && i < SHOWN_POPULATES; i++) {
		const struct statistics_populate *p = &statistics->populates[i];

		if (!p->complete)
			continue;
		fprintf(to,
		    "  base 0x%" PRIx64 " size 0x%" PRIx64
		    " flags 0x%x: %" PRIu64 " bytes done%s%s\n",
		    p->base, p->size, p->flags, p->done,
		    p->error != 0 ? ", " : "",
		    p->error != 0 ? error_name(p->error) : "");
	}
	if (num > SHOWN_POPULATES)
		fprintf(to, "  and %" PRIu64 " more\n", num - SHOWN_POPULATES);
}

static void
report_exits(FILE *to, const struct statistics *statistics)
{
	fputs("\nexits of KVM_RUN\n", to);
	for (uint32_t i = 0; i < STATISTICS_EXITS; i++) {
		const char *name = name_of_exit(i);

		if (statistics->exits[i] > 0)
			fprintf(to, "  %2" PRIu32 " %-20s %8" PRIu64 "\n", i,
			    name != NULL ? name : "", statistics->exits[i]);
	}
}

static void
report_rims(FILE *to, const struct statistics *statistics)
{
	uint32_t num = statistics->num_rims;

	fputs("\nrealms that became active\n", to);
	for (uint32_t i = 0; i < num && i < STATISTICS_RIMS; i++) {
		const struct statistics_rim *entry = &statistics->rims[i];
		const struct rim *rim = &entry->rim;

		if (!entry->complete)
			continue;
		fprintf(to, "  RD 0x%" PRIx64 "  RIM ", entry->rd);
		if (rim->size == 0 || rim->size > sizeof(rim->value)) {
			fprintf(to, "not known: %.255s\n", rim->why);
			continue;
		}
		fprintf(to, "%.15s ", rim->algorithm);
		for (size_t b = 0; b < rim->size; b++)
			fprintf(to, "%02x", rim->value[b]);
		fputc('\n', to);
	}
	if (num > STATISTICS_RIMS)
		fprintf(to, "  and %" PRIu32 " more\n", num - STATISTICS_RIMS);
}

void
report(FILE *to, const struct statistics *statistics)
{
	fputs("What the client asked of KVM\n", to);
	if (statistics->processes == 0) {
		fputs("nothing: no process opened /dev/kvm\n", to);
		return;
	}
	advise(to, statistics);
	report_caps(to, statistics);
	report_types(to, statistics);
	report_calls(to, statistics);
	report_populate(to, statistics);
	report_exits(to, statistics);
	report_rims(to, statistics);
	if (statistics->lost > 0)
		fprintf(to, "\n%" PRIu32 " thing(s) not counted: too many\n",
		    statistics->lost);
}
