/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The realm's RAM: one guest_memfd in one slot, private throughout; and the
 * loop that every VMM has round populate.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "launch.h"

/* What one call asks for: a count of bytes that an int can say. */
#define MAX_ASKED (1ull << 30)

static void
add_slot(struct machine *machine)
{
	const struct options *options = machine->options;
	struct rkvm_memory_region2 region = {
		.flags = RKVM_MEM_GUEST_MEMFD,
		.guest_phys_addr = options->ram_base,
		.memory_size = options->memory,
		.userspace_addr = (uintptr_t)machine->alias,
		.guest_memfd = (uint32_t)machine->memory,
	};

	must(call(machine, machine->vm, RKVM_SET_USER_MEMORY_REGION2,
		 (uintptr_t)&region,
		 "KVM_SET_USER_MEMORY_REGION2 {slot=0, gpa=0x%" PRIx64
		 ", size=0x%" PRIx64 ", guest_memfd=%d}",
		 options->ram_base, options->memory, machine->memory),
	    "KVM_SET_USER_MEMORY_REGION2");
}

static void
set_attributes(
    struct machine *machine, uint64_t base, uint64_t size, uint64_t attributes)
{
	struct rkvm_memory_attributes of_vm = {
		.address = base,
		.size = size,
		.attributes = attributes,
	};
	struct rkvm_memory_attributes2 of_file = {
		.offset = base - machine->options->ram_base,
		.size = size,
		.attributes = attributes,
	};
	const char *name =
	    attributes & RKVM_MEMORY_ATTRIBUTE_PRIVATE ? "PRIVATE" : "0";

	if (machine->uapi.cap_gmem_attributes == 0)
		must(call(machine, machine->vm, RKVM_SET_MEMORY_ATTRIBUTES,
			 (uintptr_t)&of_vm,
			 "KVM_SET_MEMORY_ATTRIBUTES {address=0x%" PRIx64
			 ", size=0x%" PRIx64 ", %s}",
			 base, size, name),
		    "KVM_SET_MEMORY_ATTRIBUTES");
	else
		must(call(machine, machine->memory, RKVM_SET_MEMORY_ATTRIBUTES2,
			 (uintptr_t)&of_file,
			 "KVM_SET_MEMORY_ATTRIBUTES2 {offset=0x%" PRIx64
			 ", size=0x%" PRIx64 ", %s}",
			 of_file.offset, size, name),
		    "KVM_SET_MEMORY_ATTRIBUTES2");
}

void
memory_convert(
    struct machine *machine, uint64_t base, uint64_t size, bool private)
{
	uint64_t offset = base - machine->options->ram_base;

	set_attributes(
	    machine, base, size, private ? RKVM_MEMORY_ATTRIBUTE_PRIVATE : 0);
	if (private)
		madvise(
		    (uint8_t *)machine->alias + offset, size, MADV_DONTNEED);
	else
		must(rmmkvm_punch_hole(
			 machine->kvm, machine->memory, offset, size),
		    "fallocate(PUNCH_HOLE)");
}

void
memory_create(struct machine *machine)
{
	const struct options *options = machine->options;
	struct rkvm_create_guest_memfd create = { .size = options->memory };

	machine->alias = mmap(NULL, options->memory, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (machine->alias == MAP_FAILED)
		die("--memory: no room for the shared alias: %s",
		    strerror(errno));
	machine->memory = (int)call(machine, machine->vm,
	    RKVM_CREATE_GUEST_MEMFD, (uintptr_t)&create,
	    "KVM_CREATE_GUEST_MEMFD {size=0x%" PRIx64 "}", create.size);
	must(machine->memory, "KVM_CREATE_GUEST_MEMFD");
	add_slot(machine);
	/* Later, a guest_memfd is private from the start. */
	if (machine->uapi.cap_gmem_attributes == 0)
		set_attributes(machine, options->ram_base, options->memory,
		    RKVM_MEMORY_ATTRIBUTE_PRIVATE);
}

/* One populate ioctl: both forms of its result come out as bytes done. */
static int64_t
by_ioctl(struct machine *machine, struct rkvm_populate *args)
{
	uint64_t size = args->size;
	long result = call(machine, machine->vm, machine->uapi.populate_command,
	    (uintptr_t)args,
	    "KVM_ARM_RMI_POPULATE {base=0x%" PRIx64 ", size=0x%" PRIx64
	    ", source=0x%" PRIx64 ", flags=%u}",
	    (uint64_t)args->base, size, (uint64_t)args->source_uaddr,
	    args->flags);

	if (result < 0 || !machine->uapi.advances)
		return result;
	return (int64_t)(size - args->size);
}

/* One call, whatever the interface.  What is left to do is in args. */
static int64_t
populate_once(struct machine *machine, struct rkvm_populate *args)
{
	struct rkvm_populate before = *args;
	int64_t done = machine->uapi.operations ? rme_populate(machine, args)
	    : machine->uapi.splice		? splice_populate(machine, args)
						: by_ioctl(machine, args);

	machine->calls++;
	if (done < 0)
		return done;
	args->base = before.base + (uint64_t)done;
	args->size = before.size - (uint64_t)done;
	args->source_uaddr = before.source_uaddr + (uint64_t)done;
	if (done > 0)
		return done;
	die("populate at 0x%" PRIx64 ": success, but no progress",
	    (uint64_t)args->base);
}

/* What a VMM that is written for the interface has to make sense of. */
static void
describe_part(struct machine *machine, uint64_t done, uint64_t left)
{
	if (machine->partial > 1)
		return;
	if (machine->uapi.splice || !machine->uapi.advances)
		snprintf(machine->part, sizeof(machine->part),
		    "returned %" PRIu64 " of %" PRIu64, done, done + left);
	else
		snprintf(machine->part, sizeof(machine->part),
		    "returned 0, size now 0x%" PRIx64, left);
}

static void
note_partial(struct machine *machine, const struct region *region,
    const struct rkvm_populate *args, uint64_t done)
{
	machine->partial++;
	describe_part(machine, done, args->size);
	if (!machine->options->verbose_partial)
		return;
	progress_clear(&machine->progress);
	fprintf(stderr,
	    "rmm-launch: %s: populate stopped at 0x%" PRIx64 " with %" PRIu64
	    " bytes done and %" PRIu64 " left; resuming\n",
	    region->name, (uint64_t)args->base, done,
	    region->gpa + PAGE_UP(region->size) - (uint64_t)args->base);
}

/* In experiments: what is measured is a property of the file's range. */
static void
set_measured(struct machine *machine, const struct region *region)
{
	struct rkvm_memory_attributes2 attributes = {
		.offset = region->gpa - machine->options->ram_base,
		.size = PAGE_UP(region->size),
		.attributes = RKVM_MEMORY_ATTRIBUTE_PRIVATE |
		    (region->measured ? RKVM_MEMORY_ATTRIBUTE_MEASURE : 0),
	};

	must(call(machine, machine->memory, RKVM_SET_MEMORY_ATTRIBUTES2,
		 (uintptr_t)&attributes,
		 "KVM_SET_MEMORY_ATTRIBUTES2 {offset=0x%" PRIx64
		 ", size=0x%" PRIx64 ", PRIVATE%s}",
		 (uint64_t)attributes.offset, (uint64_t)attributes.size,
		 region->measured ? " | MEASURE" : ""),
	    "KVM_SET_MEMORY_ATTRIBUTES2");
}

static void
populate_region(struct machine *machine, const struct region *region)
{
	uint64_t left = PAGE_UP(region->size);
	struct rkvm_populate args = {
		.base = region->gpa,
		.source_uaddr = (uintptr_t)region->data,
		.flags = region->measured && !machine->uapi.measures_range
		    ? RKVM_POPULATE_MEASURE
		    : 0,
	};
	int64_t done;

	if (machine->uapi.measures_range)
		set_measured(machine, region);
	while (left > 0) {
		uint64_t asked = left < MAX_ASKED ? left : MAX_ASKED;

		args.size = asked;
		done = populate_once(machine, &args);
		if (done == -EINTR || done == -EAGAIN) {
			machine->interrupted++;
			continue;
		}
		if (done < 0)
			die("%s: populate at 0x%" PRIx64 ": %s: %s",
			    region->name, (uint64_t)args.base,
			    strerror((int)-done), rmmkvm_error());
		if ((uint64_t)done < asked)
			note_partial(machine, region, &args, (uint64_t)done);
		left -= (uint64_t)done;
		machine->bytes += (uint64_t)done;
		progress_show(&machine->progress, machine->bytes, region->name);
	}
}

void
machine_populate(struct machine *machine)
{
	const struct options *options = machine->options;
	uint64_t total = 0;

	for (size_t i = 0; i < options->num_regions; i++)
		total += PAGE_UP(options->regions[i].size);
	progress_start(
	    &machine->progress, !options->quiet && !options->verbose, total);
	if (machine->uapi.operations)
		rme_create(machine);
	if (machine->uapi.splice)
		splice_start(machine);
	for (size_t i = 0; i < options->num_regions; i++)
		populate_region(machine, &options->regions[i]);
	if (machine->uapi.splice)
		splice_end(machine);
	progress_end(&machine->progress);
}
