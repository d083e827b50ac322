/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * guest_memfd: a file whose pages are the machine's physical pages.  A page is
 * allocated when it is first used and stays with the file, whether or not it is
 * the realm's at the moment.  What user space maps of the descriptor is memory
 * apart from that: shared with nobody but those who map it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "kvm.h"

#define MAX_SIZE      (1ull << 47)
#define UNMAP_AT_ONCE 256 /* pages in a message */

static struct gmem *
gmem_new(struct vm *vm, uint64_t size)
{
	struct gmem *gmem = calloc(1, sizeof(*gmem));
	void *entries;

	if (gmem == NULL)
		return NULL;
	gmem->vm = vm;
	gmem->size = size;
	gmem->num_entries = size >> PAGE_SHIFT;
	/* Not touched until used: a file of a tebibyte costs nothing. */
	entries = mmap(NULL, gmem->num_entries * sizeof(uint64_t),
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
	    -1, 0);
	if (entries == MAP_FAILED) {
		free(gmem);
		return NULL;
	}
	gmem->entries = entries;
	return gmem;
}

static void
gmem_free(struct gmem *gmem)
{
	munmap(gmem->entries, gmem->num_entries * sizeof(uint64_t));
	ranges_free(&gmem->private);
	ranges_free(&gmem->measured);
	free(gmem);
}

static int
check_create(const struct vm *vm, const struct rkvm_create_guest_memfd *create)
{
	if (!vm->is_realm)
		return (int)fail(-EINVAL, "only a realm has guest_memfds");
	if (create->flags & ~vm->file.system->profile->gmem_flags)
		return (int)fail(-EINVAL, "guest_memfd: flags 0x%llx",
		    (unsigned long long)create->flags);
	for (size_t i = 0; i < 6; i++)
		if (create->reserved[i] != 0)
			return (int)fail(
			    -EINVAL, "guest_memfd: a reserved word is not 0");
	if (create->size == 0 || create->size > MAX_SIZE ||
	    !PAGE_ALIGNED(create->size))
		return (int)fail(-EINVAL, "guest_memfd: %llu bytes",
		    (unsigned long long)create->size);
	return 0;
}

long
gmem_create(struct vm *vm, uintptr_t arg)
{
	struct rmmkvm *system = vm->file.system;
	struct rkvm_create_guest_memfd create;
	struct gmem *gmem;
	int rc;

	if (user_read(system, &create, arg, sizeof(create)) < 0)
		return -EFAULT;
	rc = check_create(vm, &create);
	if (rc < 0)
		return rc;
	gmem = gmem_new(vm, create.size);
	if (gmem == NULL)
		return -ENOMEM;
	gmem->can_be_mapped = create.flags & RKVM_GUEST_MEMFD_MMAP;
	if (!(create.flags & RKVM_GUEST_MEMFD_INIT_SHARED))
		rc = ranges_add(&gmem->private, 0, create.size);
	if (rc == 0)
		rc = file_open(system, &gmem->file, KIND_GMEM,
		    "kvm-guest-memfd", create.size);
	if (rc < 0) {
		gmem_free(gmem);
		return rc;
	}
	vm_use(vm);
	return gmem->file.fd;
}

struct gmem *
gmem_of_slot(struct vm *vm, uint64_t size)
{
	struct gmem *gmem = gmem_new(vm, size);

	if (gmem != NULL)
		gmem->slots_own = true;
	return gmem;
}

long
gmem_ioctl(struct gmem *gmem, uint32_t command, uintptr_t arg)
{
	const struct profile *profile = gmem->file.system->profile;
	long result;

	if (command != RKVM_SET_MEMORY_ATTRIBUTES2 ||
	    profile->cap_gmem_attributes == 0)
		return fail(-ENOTTY,
		    "no ioctl 0x%08x on a guest_memfd in profile %s", command,
		    profile->name);
	pthread_mutex_lock(&gmem->vm->lock);
	result = gmem->vm->bugged ? -EIO : attributes_set_file(gmem, arg);
	pthread_mutex_unlock(&gmem->vm->lock);
	return result;
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

/* take() the part of each slot that shows [base, top) of the file. */
static void
for_slots(struct gmem *gmem, uint64_t base, uint64_t top,
    void (*take)(struct vm *, struct memslot *, uint64_t, uint64_t))
{
	struct vm *vm = gmem->vm;

	for (size_t i = 0; i < vm->num_slots; i++) {
		struct memslot *slot = &vm->slots[i];
		uint64_t from = base;

		if (slot->gmem != gmem || top <= slot->gmem_offset ||
		    base >= slot->gmem_offset + slot->size)
			continue;
		from = from > slot->gmem_offset ? from : slot->gmem_offset;
		take(vm, slot, from - slot->gmem_offset + slot->gpa,
		    top - slot->gmem_offset + slot->gpa);
	}
}

void
gmem_leave_realm(struct gmem *gmem, uint64_t base, uint64_t top)
{
	for_slots(gmem, base, top, gmem_unmap);
}

void
gmem_unmap_shared(struct gmem *gmem, uint64_t base, uint64_t top)
{
	for_slots(gmem, base, top, shared_unmap);
}

/* Free pages [first, end) of the file, out of the realm first. */
static void
free_pages(struct gmem *gmem, size_t first, size_t end)
{
	struct vm *vm = gmem->vm;

	gmem_leave_realm(
	    gmem, (uint64_t)first << PAGE_SHIFT, (uint64_t)end << PAGE_SHIFT);
	for (size_t i = first; i < end && i < gmem->used; i++) {
		uint64_t entry = gmem->entries[i];

		if (entry & GMEM_PRESENT)
			pages_free(&vm->pages, GMEM_PA(entry), 1);
		gmem->entries[i] = 0;
	}
}

static int
punch_hole(struct gmem *gmem, int fd, uint64_t offset, uint64_t end)
{
	if (end > gmem->size)
		end = gmem->size;
	if (offset >= end)
		return 0;
	/* What user space mapped of it goes, too. */
	fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
	    (off_t)(end - offset));
	pthread_mutex_lock(&gmem->vm->lock);
	free_pages(gmem, offset >> PAGE_SHIFT, end >> PAGE_SHIFT);
	pthread_mutex_unlock(&gmem->vm->lock);
	return 0;
}

/* Pages that are allocated ahead must be within the file. */
static int
allocate(struct gmem *gmem, uint64_t offset, uint64_t end)
{
	uint64_t pa;
	int rc = 0;

	if (end > gmem->size)
		return -EINVAL;
	pthread_mutex_lock(&gmem->vm->lock);
	for (uint64_t at = offset; at < end && rc == 0; at += PAGE_SIZE)
		rc = signals_pending()
		    ? -EINTR
		    : gmem_get_page(gmem, at >> PAGE_SHIFT, &pa);
	pthread_mutex_unlock(&gmem->vm->lock);
	return rc;
}

static int
gmem_fallocate(
    struct gmem *gmem, int fd, int mode, uint64_t offset, uint64_t size)
{
	if (!(mode & FALLOC_FL_KEEP_SIZE) ||
	    mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	if (size == 0 || offset + size < offset || !PAGE_ALIGNED(offset) ||
	    !PAGE_ALIGNED(size))
		return -EINVAL;
	return mode & FALLOC_FL_PUNCH_HOLE
	    ? punch_hole(gmem, fd, offset, offset + size)
	    : allocate(gmem, offset, offset + size);
}

void
gmem_free_slots_own(struct gmem *gmem)
{
	free_pages(gmem, 0, gmem->num_entries);
	gmem_free(gmem);
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
	gmem_free(gmem);
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

int
gmem_check_map(struct rmmkvm *system, int fd)
{
	struct gmem *gmem;
	int rc = get(system, fd, &gmem);

	if (rc < 0)
		return rc;
	rc = gmem->can_be_mapped ? 0 : -ENODEV;
	file_put(&gmem->file);
	return rc;
}

RMMKVM_API int
rmmkvm_fallocate(
    struct rmmkvm *system, int fd, int mode, uint64_t offset, uint64_t size)
{
	struct gmem *gmem;
	int rc = get(system, fd, &gmem);

	if (rc < 0)
		return rc;
	signals_hold();
	rc = gmem_fallocate(gmem, fd, mode, offset, size);
	file_put(&gmem->file);
	signals_release();
	return rc;
}

RMMKVM_API int
rmmkvm_punch_hole(struct rmmkvm *system, int fd, uint64_t offset, uint64_t size)
{
	return rmmkvm_fallocate(system, fd,
	    FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, size);
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
