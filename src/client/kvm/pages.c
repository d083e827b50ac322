/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Physical pages for one VM.  They come out of leases, which grow as more is
 * needed: a small VM asks the machine for little, a large one asks seldom.
 */
#include <stdlib.h>
#include <string.h>

#include "kvm.h"

#define FIRST_LEASE (1ull << 20)
#define LAST_LEASE  (1ull << 26)

struct lease {
	uint64_t base;
	size_t num;	/* pages */
	size_t free;	/* pages */
	size_t hint;	/* no page before it is free */
	uint8_t *taken; /* by page */
};

void
pages_init(struct pages *pages, struct rmmclient *client)
{
	memset(pages, 0, sizeof(*pages));
	pages->client = client;
	pages->next_size = FIRST_LEASE;
}

void
pages_end(struct pages *pages)
{
	for (size_t i = 0; i < pages->num_leases; i++) {
		rmmclient_release(pages->client, pages->leases[i].base);
		free(pages->leases[i].taken);
	}
	free(pages->leases);
	pages->leases = NULL;
	pages->num_leases = 0;
}

/* A lease of size bytes or, where the machine has no room for that, of less. */
static int
add_lease(struct pages *pages, uint64_t size, uint64_t least, uint64_t align)
{
	struct lease *leases, *lease;
	int rc;

	leases =
	    realloc(pages->leases, (pages->num_leases + 1) * sizeof(*leases));
	if (leases == NULL)
		return -ENOMEM;
	pages->leases = leases;
	lease = &leases[pages->num_leases];
	memset(lease, 0, sizeof(*lease));
	lease->taken = calloc(size >> PAGE_SHIFT, 1);
	if (lease->taken == NULL)
		return -ENOMEM;
	while ((rc = rmmclient_lease(
		    pages->client, size, align, &lease->base)) == -ENOMEM &&
	    size > least)
		size = size / 2 > least ? size / 2 & ~(PAGE_SIZE - 1) : least;
	if (rc < 0) {
		free(lease->taken);
		return rc == -ENOMEM ? rc : -EIO;
	}
	lease->num = lease->free = size >> PAGE_SHIFT;
	pages->num_leases++;
	return 0;
}

/* num free pages in a row, aligned; SIZE_MAX if there are none. */
static size_t
find_free(const struct lease *lease, size_t num, uint64_t align)
{
	size_t run = 0;

	for (size_t i = lease->hint; i < lease->num; i++) {
		if (lease->taken[i]) {
			run = 0;
			continue;
		}
		if (run == 0 &&
		    ((lease->base + (i << PAGE_SHIFT)) & (align - 1)))
			continue;
		if (++run == num)
			return i + 1 - num;
	}
	return SIZE_MAX;
}

static bool
take(struct lease *lease, size_t num, uint64_t align, uint64_t *pa)
{
	size_t first;

	if (lease->free < num)
		return false;
	first = find_free(lease, num, align);
	if (first == SIZE_MAX)
		return false;
	memset(lease->taken + first, 1, num);
	lease->free -= num;
	while (lease->hint < lease->num && lease->taken[lease->hint])
		lease->hint++;
	*pa = lease->base + ((uint64_t)first << PAGE_SHIFT);
	return true;
}

int
pages_alloc(struct pages *pages, size_t num, uint64_t align, uint64_t *pa)
{
	uint64_t least = (uint64_t)num << PAGE_SHIFT;
	uint64_t size = pages->next_size > least ? pages->next_size : least;
	int rc;

	for (size_t i = pages->num_leases; i-- > 0;)
		if (take(&pages->leases[i], num, align, pa))
			return 0;
	rc = add_lease(pages, size, least, align);
	if (rc < 0)
		return (int)fail(rc,
		    "no physical memory for %zu more page(s): "
		    "%s",
		    num, rmmclient_error(pages->client));
	if (pages->next_size < LAST_LEASE)
		pages->next_size *= 2;
	return take(&pages->leases[pages->num_leases - 1], num, align, pa)
	    ? 0
	    : -ENOMEM;
}

int
page_alloc(struct pages *pages, uint64_t *pa)
{
	return pages_alloc(pages, 1, PAGE_SIZE, pa);
}

void
pages_free(struct pages *pages, uint64_t pa, size_t num)
{
	for (size_t i = 0; i < pages->num_leases; i++) {
		struct lease *lease = &pages->leases[i];
		size_t first = (pa - lease->base) >> PAGE_SHIFT;

		if (pa < lease->base || first >= lease->num)
			continue;
		memset(lease->taken + first, 0, num);
		lease->free += num;
		if (first < lease->hint)
			lease->hint = first;
		return;
	}
}
