/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The files that go into the realm's memory, and where they go.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launch.h"

#define MAX_STREAM (1ull << 32) /* bytes read from what is no regular file */

/* A regular file stays where it is; the end of its last page reads as zeros. */
static void
map_file(struct region *region, int fd, uint64_t size)
{
	void *data;

	region->size = size;
	if (size == 0)
		return;
	data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		die("%s: %s", region->name, strerror(errno));
	region->data = data;
	region->mapped = true;
}

/* Anything else is read to its end. */
static void
read_stream(struct region *region, int fd)
{
	uint64_t room = 0;
	ssize_t n;

	for (;;) {
		if (region->size == room) {
			uint64_t more = room == 0 ? 1 << 20 : 2 * room;
			uint8_t *data = aligned_alloc(PAGE, more);

			if (more > MAX_STREAM || data == NULL)
				die("%s: too large", region->name);
			memset(data + region->size, 0, more - region->size);
			if (region->data != NULL)
				memcpy(data, region->data, region->size);
			free(region->data);
			region->data = data;
			room = more;
		}
		n = read(fd, region->data + region->size, room - region->size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			die("%s: %s", region->name, strerror(errno));
		if (n == 0)
			return;
		region->size += (uint64_t)n;
	}
}

static void
load(struct region *region)
{
	struct stat status;
	int fd = open(region->name, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &status) != 0)
		die("%s: %s", region->name, strerror(errno));
	if (S_ISDIR(status.st_mode))
		die("%s: is a directory", region->name);
	if (S_ISREG(status.st_mode))
		map_file(region, fd, (uint64_t)status.st_size);
	else
		read_stream(region, fd);
	close(fd);
	if (region->size == 0)
		die("%s: is empty, so there is nothing to populate",
		    region->name);
}

static void
add_dtb(struct options *options)
{
	struct region *region;
	size_t size;
	uint8_t *blob = fdt_make(options, &size);

	options->regions = realloc(options->regions,
	    (options->num_regions + 1) * sizeof(*options->regions));
	if (blob == NULL || options->regions == NULL)
		die("no memory");
	region = &options->regions[options->num_regions++];
	memset(region, 0, sizeof(*region));
	region->name = strdup("device tree");
	region->generated = true;
	region->size = size;
	region->data = aligned_alloc(PAGE, PAGE_UP(size));
	if (region->name == NULL || region->data == NULL)
		die("no memory");
	memset(region->data, 0, PAGE_UP(size));
	memcpy(region->data, blob, size);
	free(blob);
	if (!options->dtb_placed) {
		if (PAGE_UP(size) > options->memory)
			die("the device tree does not fit into --memory");
		options->dtb_gpa =
		    options->ram_base + options->memory - PAGE_UP(size);
	}
	region->gpa = options->dtb_gpa;
}

#define X(value) ((unsigned long long)(value))

static void
check_place(const struct options *options, const struct region *region)
{
	uint64_t top = options->ram_base + options->memory;

	if (region->gpa % PAGE != 0)
		die("%s: GPA 0x%llx is not a multiple of 4096", region->name,
		    X(region->gpa));
	if (region->gpa < options->ram_base || region->gpa > top ||
	    PAGE_UP(region->size) > top - region->gpa)
		die("%s: [0x%llx, 0x%llx) is not within RAM, "
		    "[0x%llx, 0x%llx): see --memory and --ram-base",
		    region->name, X(region->gpa),
		    X(region->gpa + PAGE_UP(region->size)),
		    X(options->ram_base), X(top));
}

static void
check_overlap(const struct region *a, const struct region *b)
{
	if (a->gpa < b->gpa + PAGE_UP(b->size) &&
	    b->gpa < a->gpa + PAGE_UP(a->size))
		die("%s [0x%llx, 0x%llx) and %s [0x%llx, 0x%llx) overlap "
		    "(in whole pages)",
		    a->name, X(a->gpa), X(a->gpa + PAGE_UP(a->size)), b->name,
		    X(b->gpa), X(b->gpa + PAGE_UP(b->size)));
}

void
regions_load(struct options *options)
{
	if (options->memory == 0 || options->memory % PAGE != 0)
		die("--memory: %llu bytes are no whole number of pages",
		    X(options->memory));
	if (options->ram_base % PAGE != 0 ||
	    options->ram_base + options->memory < options->memory)
		die("--ram-base: 0x%llx is no place for %llu bytes of RAM",
		    X(options->ram_base), X(options->memory));
	for (size_t i = 0; i < options->num_regions; i++) {
		load(&options->regions[i]);
		check_place(options, &options->regions[i]);
	}
	if (options->dtb) {
		add_dtb(options);
		check_place(
		    options, &options->regions[options->num_regions - 1]);
	}
	for (size_t i = 0; i < options->num_regions; i++)
		for (size_t j = 0; j < i; j++)
			check_overlap(
			    &options->regions[j], &options->regions[i]);
}

void
regions_free(struct options *options)
{
	for (size_t i = 0; i < options->num_regions; i++) {
		struct region *region = &options->regions[i];

		if (region->mapped)
			munmap(region->data, region->size);
		else
			free(region->data);
		free(region->name);
	}
	free(options->regions);
}
