/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * guest_memfd: a file whose pages are the machine's physical pages, which user
 * space can not map.  A page is allocated when it is first used and stays with
 * the file, whether or not it is the realm's at the moment.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>

#include "kvm.h"

#define MAX_SIZE      (1ull << 47)
#define UNMAP_AT_ONCE 256 /* pages in a message */

long
gmem_create(struct vm *vm, uintptr_t arg)
{
	struct rmmkvm *system = vm->file.system;
	struct rkvm_create_guest_memfd create;
	struct gmem *gmem;
	void *entries;
	int rc;

	if (!vm->is_realm)
		return fail(-EINVAL, "only a realm has guest_memfds");
	if (user_read(system, &create, arg, sizeof(create)) < 0)
		return -EFAULT;
	if (create.flags != 0)
		return fail(-EINVAL, "guest_memfd: flags 0x%llx",
		    (unsigned long long)create.flags);
	if (create.size == 0 || create.size > MAX_SIZE ||
	    !PAGE_ALIGNED(create.size))
		return fail(-EINVAL, "guest_memfd: %llu bytes",
		    (unsigned long long)create.size);
	gmem = calloc(1, sizeof(*gmem));
	if (gmem == NULL)
		return -ENOMEM;
	gmem->vm = vm;
	gmem->size = create.size;
	gmem->num_entries = create.size >> PAGE_SHIFT;
	/* Not touched until used: a file of a tebibyte costs nothing. */
	entries = mmap(NULL, gmem->num_entries * sizeof(uint64_t),
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
	    -1, 0);
	rc = entries == MAP_FAILED ? -ENOMEM
				   : file_open(system, &gmem->file, KIND_GMEM,
					 "kvm-guest-memfd", create.size);
	if (rc < 0) {
		if (entries != MAP_FAILED)
			munmap(entries, gmem->num_entries * sizeof(uint64_t));
		free(gmem);
		return rc;
	}
	gmem->entries = entries;
	vm_use(vm);
	return gmem->file.fd;
}

int
gmem_get_page(struct gmem *gmem, size_t index, uint64_t *pa)
{
	uint64_t *entry = &gmem->entries[index];
	int rc;

	if (!(*entry & GMEM_PRESENT)) {
		rc = page_alloc(&gmem->vm->pages, pa);
		if (rc < 0)
			return rc;
		*entry = *pa | GMEM_PRESENT;
		if (index >= gmem->used)
			gmem->used = index + 1;
	}
	*pa = GMEM_PA(*entry);
	return 0;
}

void
gmem_leak_page(struct gmem *gmem, size_t index)
{
	gmem->entries[index] = 0;
}

/*
 * DATA_DESTROY, then UNDELEGATE, for pages first to last of the file, all of
 * them mapped.  A page that does not come back is leaked.
 */
static void
unmap_run(struct vm *vm, struct memslot *slot, size_t first, size_t num)
{
	struct rmmclient_step steps[2 * UNMAP_AT_ONCE];
	struct gmem *gmem = slot->gmem;
	size_t at = 0;

	while (at < num) {
		size_t n = 0, gone;
		int rc;

		for (size_t i = at; i < num; i++) {
			uint64_t index = first + i;

			steps[n++] = (struct rmmclient_step){
				.x = { RMI_FID_DATA_DESTROY, vm->realm.rd,
				    slot->gpa - slot->gmem_offset +
					(index << PAGE_SHIFT) }
			};
			steps[n++] = (struct rmmclient_step){
				.x = { RMI_FID_GRANULE_UNDELEGATE,
				    GMEM_PA(gmem->entries[index]) }
			};
		}
		rc = rmmclient_batch(
		    vm->file.system->client, 0, steps, n, NULL, NULL);
		/* A last step that failed takes its page with it. */
		gone = rc <= 0 ? num - at : ((size_t)rc + 1) / 2;
		for (size_t i = at; i < at + gone; i++)
			gmem->entries[first + i] &= ~GMEM_MAPPED;
		if (rc <= 0 || steps[rc - 1].x[0] != RMI_SUCCESS)
			gmem_leak_page(gmem, first + at + gone - 1);
		at += gone;
	}
}

void
gmem_unmap(struct vm *vm, struct memslot *slot, uint64_t base, uint64_t top)
{
	size_t index, end, num;

	base = base > slot->gpa ? base : slot->gpa;
	top = top < slot->gpa + slot->size ? top : slot->gpa + slot->size;
	if (slot->gmem == NULL || base >= top)
		return;
	index = memslot_gmem_index(slot, base);
	end = memslot_gmem_index(slot, top - PAGE_SIZE) + 1;
	end = end < slot->gmem->used ? end : slot->gmem->used;
	while (index < end) {
		if (!(slot->gmem->entries[index] & GMEM_MAPPED)) {
			index++;
			continue;
		}
		for (num = 1; num < UNMAP_AT_ONCE && index + num < end; num++)
			if (!(slot->gmem->entries[index + num] & GMEM_MAPPED))
				break;
		unmap_run(vm, slot, index, num);
		index += num;
	}
}

/* Free pages [first, end) of the file, out of the realm first. */
static void
free_pages(struct gmem *gmem, size_t first, size_t end)
{
	struct vm *vm = gmem->vm;

	for (size_t i = 0; i < vm->num_slots; i++) {
		struct memslot *slot = &vm->slots[i];
		uint64_t base = (uint64_t)first << PAGE_SHIFT;
		uint64_t top = (uint64_t)end << PAGE_SHIFT;

		if (slot->gmem != gmem || top <= slot->gmem_offset ||
		    base >= slot->gmem_offset + slot->size)
			continue;
		base = base > slot->gmem_offset ? base : slot->gmem_offset;
		gmem_unmap(vm, slot, base - slot->gmem_offset + slot->gpa,
		    top - slot->gmem_offset + slot->gpa);
	}
	for (size_t i = first; i < end && i < gmem->used; i++) {
		uint64_t entry = gmem->entries[i];

		if (entry & GMEM_PRESENT)
			pages_free(&vm->pages, GMEM_PA(entry), 1);
		gmem->entries[i] = 0;
	}
}

int
gmem_punch_hole(struct gmem *gmem, uint64_t offset, uint64_t size)
{
	uint64_t end = offset + size;

	if (size == 0 || end < offset || !PAGE_ALIGNED(offset) ||
	    !PAGE_ALIGNED(size))
		return -EINVAL;
	if (end > gmem->size)
		end = gmem->size;
	if (offset >= end)
		return 0;
	pthread_mutex_lock(&gmem->vm->lock);
	free_pages(gmem, offset >> PAGE_SHIFT, end >> PAGE_SHIFT);
	pthread_mutex_unlock(&gmem->vm->lock);
	return 0;
}

void
gmem_close(struct gmem *gmem)
{
	struct vm *vm = gmem->vm;

	pthread_mutex_lock(&vm->lock);
	free_pages(gmem, 0, gmem->num_entries);
	for (size_t i = 0; i < vm->num_slots; i++)
		if (vm->slots[i].gmem == gmem)
			vm->slots[i].gmem = NULL;
	pthread_mutex_unlock(&vm->lock);
	munmap(gmem->entries, gmem->num_entries * sizeof(uint64_t));
	free(gmem);
	vm_unuse(vm);
}

/* The guest_memfd behind fd, with a reference. */
static int
get(struct rmmkvm *system, int fd, struct gmem **gmem)
{
	struct file *file = file_get(system, fd);

	if (file == NULL)
		return -EBADF;
	if (file->kind != KIND_GMEM) {
		file_put(file);
		return -EINVAL;
	}
	*gmem = (struct gmem *)file;
	return 0;
}

RMMKVM_API int
rmmkvm_punch_hole(struct rmmkvm *system, int fd, uint64_t offset, uint64_t size)
{
	struct gmem *gmem;
	int rc = get(system, fd, &gmem);

	if (rc < 0)
		return rc;
	signals_hold();
	rc = gmem_punch_hole(gmem, offset, size);
	file_put(&gmem->file);
	signals_release();
	return rc;
}

RMMKVM_API int
rmmkvm_gmem_page(struct rmmkvm *system, int fd, uint64_t offset, uint64_t *pa)
{
	struct gmem *gmem;
	int rc = get(system, fd, &gmem);

	if (rc < 0)
		return rc;
	pthread_mutex_lock(&gmem->vm->lock);
	if (offset >= gmem->size)
		rc = -EINVAL;
	else if (!(gmem->entries[offset >> PAGE_SHIFT] & GMEM_PRESENT))
		rc = -ENOENT;
	else
		*pa = GMEM_PA(gmem->entries[offset >> PAGE_SHIFT]);
	pthread_mutex_unlock(&gmem->vm->lock);
	file_put(&gmem->file);
	return rc;
}
