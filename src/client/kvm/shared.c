/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory that user space shares with a realm.
 *
 * The kernel maps the very page that user space sees.  Here the realm lives in
 * another process, and what both can see are the machine's Non-secure granules;
 * so a page of user space's becomes one: its contents are copied into a granule
 * that the VM has leased, and the granule is mapped where the page was.  From
 * then on each store of either side is there for the other at once.  One that
 * another thread of the VMM makes to it in the moment between the copy and the
 * mapping is lost, which is what no kernel would do.  When the slot goes, a
 * page of anonymous memory with the granule's contents takes the granule's
 * place.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "kvm.h"

/* By page of the slot: PA | flags; 0: still user space's own. */
struct shared {
	uint64_t *entries;
	size_t num;
	size_t used; /* entries from here on are 0 */
};
#define SHARED_PRESENT	1ull
#define SHARED_WRITABLE 2ull
#define SHARED_MAPPED	4ull /* for the realm */
#define SHARED_PA(e)	((e) & ~(PAGE_SIZE - 1))

/* ---- User space's address space ---------------------------------------- */

struct area {
	uint64_t base, top;
	uint64_t offset; /* in its file, of base */
	uint64_t inode;
	int prot;
};

/* What is mapped at address.  -EFAULT: nothing. */
static int
find_area(uint64_t address, struct area *area)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512], perms[8];
	int rc = -EFAULT;

	if (maps == NULL)
		return (int)fail(-errno, "/proc/self/maps can not be read");
	while (rc != 0 && fgets(line, sizeof(line), maps) != NULL) {
		unsigned long long base, top, offset, inode;

		if (sscanf(line, "%llx-%llx %7s %llx %*s %llu", &base, &top,
			perms, &offset, &inode) != 5)
			continue;
		if (address < base || address >= top)
			continue;
		*area = (struct area){ base, top, offset, inode,
			(perms[0] == 'r' ? PROT_READ : 0) |
			    (perms[1] == 'w' ? PROT_WRITE : 0) |
			    (perms[2] == 'x' ? PROT_EXEC : 0) };
		rc = 0;
	}
	fclose(maps);
	return rc;
}

/* Is what is mapped at address, in area, the granule at pa? */
static bool
shows_granule(struct rmmkvm *system, const struct area *area, uint64_t address,
    uint64_t pa)
{
	struct stat status;

	return fstat(system->memory_fd, &status) == 0 &&
	    area->inode == status.st_ino &&
	    area->offset + (address - area->base) ==
	    (uint64_t)rmmclient_offset(system->client, pa);
}

/* ---- A page becomes a granule ------------------------------------------ */

static struct shared *
get_shared(struct memslot *slot)
{
	size_t num = slot->size >> PAGE_SHIFT;
	struct shared *shared;
	void *entries;

	if (slot->shared != NULL)
		return slot->shared;
	shared = calloc(1, sizeof(*shared));
	entries = mmap(NULL, num * sizeof(uint64_t), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (shared == NULL || entries == MAP_FAILED) {
		if (entries != MAP_FAILED)
			munmap(entries, num * sizeof(uint64_t));
		free(shared);
		return NULL;
	}
	shared->entries = entries;
	shared->num = num;
	return slot->shared = shared;
}

/* Put the granule at pa where user space's page is. */
static int
replace(struct vm *vm, uint64_t uaddr, uint64_t pa, int prot)
{
	struct rmmkvm *system = vm->file.system;
	void *at;

	if (user_pages_to_ns(system, pa, uaddr, 1) != 1)
		return -EFAULT;
	at = mmap((void *)(uintptr_t)uaddr, PAGE_SIZE, prot,
	    MAP_SHARED | MAP_FIXED, system->memory_fd,
	    (off_t)rmmclient_offset(system->client, pa));
	return at == MAP_FAILED ? -EFAULT : 0;
}

static int
make_granule(struct vm *vm, uint64_t uaddr, bool write, uint64_t *entry)
{
	struct area area;
	uint64_t pa;
	int need = write ? PROT_READ | PROT_WRITE : PROT_READ;
	int rc = find_area(uaddr, &area);

	if (rc == 0 && (area.prot & need) != need)
		rc = -EFAULT;
	if (rc == 0)
		rc = page_alloc(&vm->pages, &pa);
	if (rc < 0)
		return rc;
	rc = replace(vm, uaddr, pa, area.prot);
	if (rc < 0) {
		ns_wipe(vm->file.system, pa, 1);
		pages_free(&vm->pages, pa, 1);
		return rc;
	}
	*entry = pa | SHARED_PRESENT |
	    (area.prot & PROT_WRITE ? SHARED_WRITABLE : 0);
	return 0;
}

/* User space may have mapped something else where the granule was. */
static void
check_granule(struct vm *vm, uint64_t uaddr, uint64_t *entry)
{
	struct area area;

	if (find_area(uaddr, &area) == 0 &&
	    shows_granule(vm->file.system, &area, uaddr, SHARED_PA(*entry)))
		return;
	ns_wipe(vm->file.system, SHARED_PA(*entry), 1);
	pages_free(&vm->pages, SHARED_PA(*entry), 1);
	*entry = 0;
}

int
shared_get_page(struct vm *vm, struct memslot *slot, uint64_t gpa, bool write,
    uint64_t *pa, bool *writable)
{
	struct shared *shared = get_shared(slot);
	size_t index = (size_t)((gpa - slot->gpa) >> PAGE_SHIFT);
	uint64_t uaddr = slot->uaddr + ((uint64_t)index << PAGE_SHIFT);
	uint64_t *entry;
	int rc = 0;

	if (shared == NULL)
		return -ENOMEM;
	entry = &shared->entries[index];
	if (*entry != 0 && !(*entry & SHARED_MAPPED))
		check_granule(vm, uaddr, entry);
	if (*entry == 0)
		rc = make_granule(vm, uaddr, write, entry);
	if (rc == 0 && write && !(*entry & SHARED_WRITABLE))
		rc = -EFAULT;
	if (rc < 0)
		return (int)fail(rc,
		    "slot %u: user memory at 0x%llx can not be %s", slot->id,
		    (unsigned long long)uaddr, write ? "written" : "read");
	if (index >= shared->used)
		shared->used = index + 1;
	*pa = SHARED_PA(*entry);
	*writable = (*entry & SHARED_WRITABLE) != 0 &&
	    !(slot->flags & RKVM_MEM_READONLY);
	return 0;
}

void
shared_note_mapped(struct memslot *slot, uint64_t gpa)
{
	slot->shared->entries[(gpa - slot->gpa) >> PAGE_SHIFT] |= SHARED_MAPPED;
}

/* ---- And back ---------------------------------------------------------- */

void
shared_unmap(struct vm *vm, struct memslot *slot, uint64_t base, uint64_t top)
{
	uint64_t from = base > slot->gpa ? base : slot->gpa, next;
	uint64_t to = slot->gpa + slot->size;

	if (slot->shared == NULL)
		return;
	to = top < to ? top : to;
	for (; from < to; from += PAGE_SIZE) {
		size_t index = (size_t)((from - slot->gpa) >> PAGE_SHIFT);

		if (index >= slot->shared->used)
			return;
		if (!(slot->shared->entries[index] & SHARED_MAPPED))
			continue;
		rmi_rtt_unmap_unprotected(vm->file.system->client, vm->realm.rd,
		    from | vm_shared_bit(vm), RTT_LEAF_LEVEL, &next);
		slot->shared->entries[index] &= ~SHARED_MAPPED;
	}
}

/*
 * Pages of user space's, from address on, show the granules of entries: put
 * anonymous memory there.  Where that fails the granules stay user space's.
 */
static bool
give_back(struct vm *vm, uint64_t address, const uint64_t *entries, size_t num,
    int prot)
{
	struct rmmkvm *system = vm->file.system;
	uint8_t *copy = mmap(NULL, num * PAGE_SIZE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (copy == MAP_FAILED)
		return false;
	for (size_t i = 0; i < num; i++)
		(void)ns_read(system, copy + i * PAGE_SIZE,
		    SHARED_PA(entries[i]), PAGE_SIZE);
	if (mprotect(copy, num * PAGE_SIZE, prot) == 0 &&
	    mremap(copy, num * PAGE_SIZE, num * PAGE_SIZE,
		MREMAP_MAYMOVE | MREMAP_FIXED,
		(void *)(uintptr_t)address) != MAP_FAILED)
		return true;
	munmap(copy, num * PAGE_SIZE);
	return false;
}

/* Pages in a row from index on that are granules, and that area shows. */
static size_t
run_length(struct vm *vm, const struct memslot *slot, size_t index,
    const struct area *area)
{
	const struct shared *shared = slot->shared;
	size_t num = 0;

	while (index + num < shared->used) {
		uint64_t entry = shared->entries[index + num];
		uint64_t at =
		    slot->uaddr + ((uint64_t)(index + num) << PAGE_SHIFT);

		if (entry == 0 || at >= area->top ||
		    !shows_granule(vm->file.system, area, at, SHARED_PA(entry)))
			break;
		num++;
	}
	return num;
}

/*
 * The granules from index on, of which at least one is.  Memory that user space
 * has unmapped since, or mapped anew, is left alone.  Returns how many pages
 * are done with.
 */
static size_t
end_run(struct vm *vm, struct memslot *slot, size_t index)
{
	uint64_t *entries = &slot->shared->entries[index];
	uint64_t at = slot->uaddr + ((uint64_t)index << PAGE_SHIFT);
	struct area area;
	size_t num = 0;

	if (find_area(at, &area) == 0)
		num = run_length(vm, slot, index, &area);
	if (num > 0 && !give_back(vm, at, entries, num, area.prot))
		return num;
	num = num > 0 ? num : 1;
	for (size_t i = 0; i < num; i++) {
		ns_wipe(vm->file.system, SHARED_PA(entries[i]), 1);
		pages_free(&vm->pages, SHARED_PA(entries[i]), 1);
	}
	return num;
}

void
shared_end(struct vm *vm, struct memslot *slot)
{
	struct shared *shared = slot->shared;
	size_t index = 0;

	if (shared == NULL)
		return;
	shared_unmap(vm, slot, slot->gpa, slot->gpa + slot->size);
	while (index < shared->used)
		index +=
		    shared->entries[index] != 0 ? end_run(vm, slot, index) : 1;
	munmap(shared->entries, shared->num * sizeof(uint64_t));
	free(shared);
	slot->shared = NULL;
}
