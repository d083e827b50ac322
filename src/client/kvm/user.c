/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading and writing the caller's memory as a kernel does: an address that is
 * not mapped, or not so, or beyond the end of its file, is an error and never a
 * signal.  So each access is a system call that copies between that memory and
 * a file: the machine's Non-secure memory, or a scratch file for structures.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvm.h"

/*
 * Bytes moved before the first that could not be.  The kernel writes what is
 * there; an emulator of user programs may look at all of the memory first and
 * write none of it, hence page by page where that fails.
 */
static size_t
copy_to_file(int fd, uint64_t uaddr, size_t size, int64_t offset)
{
	size_t done = 0;
	bool by_pages = false;

	while (done < size) {
		size_t page = PAGE_SIZE - (uaddr + done) % PAGE_SIZE;
		size_t left = size - done;
		size_t now = by_pages && left > page ? page : left;
		ssize_t n = pwrite(fd, (const void *)(uintptr_t)(uaddr + done),
		    now, offset + (int64_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EFAULT && now > page) {
			by_pages = true;
			continue;
		}
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

static size_t
copy_from_file(int fd, uint64_t uaddr, size_t size, int64_t offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, (void *)(uintptr_t)(uaddr + done),
		    size - done, offset + (int64_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

int
user_read(struct rmmkvm *system, void *to, uint64_t uaddr, size_t size)
{
	int fd = system->scratch_fd;
	bool good;

	pthread_mutex_lock(&system->scratch_lock);
	good = copy_to_file(fd, uaddr, size, 0) == size &&
	    copy_from_file(fd, (uintptr_t)to, size, 0) == size;
	pthread_mutex_unlock(&system->scratch_lock);
	return good ? 0 : -EFAULT;
}

int
user_write(struct rmmkvm *system, uint64_t uaddr, const void *from, size_t size)
{
	int fd = system->scratch_fd;
	bool good;

	pthread_mutex_lock(&system->scratch_lock);
	good = copy_to_file(fd, (uintptr_t)from, size, 0) == size &&
	    copy_from_file(fd, uaddr, size, 0) == size;
	pthread_mutex_unlock(&system->scratch_lock);
	return good ? 0 : -EFAULT;
}

size_t
user_pages_to_ns(
    struct rmmkvm *system, uint64_t pa, uint64_t uaddr, size_t pages)
{
	int64_t offset = rmmclient_offset(system->client, pa);

	if (offset < 0)
		return 0;
	return copy_to_file(
		   system->memory_fd, uaddr, pages << PAGE_SHIFT, offset) >>
	    PAGE_SHIFT;
}

int
ns_write(struct rmmkvm *system, uint64_t pa, const void *from, size_t size)
{
	int64_t offset = rmmclient_offset(system->client, pa);

	if (offset < 0 ||
	    copy_to_file(system->memory_fd, (uintptr_t)from, size, offset) !=
		size)
		return -EIO;
	return 0;
}

int
ns_read(struct rmmkvm *system, void *to, uint64_t pa, size_t size)
{
	int64_t offset = rmmclient_offset(system->client, pa);

	if (offset < 0 ||
	    copy_from_file(system->memory_fd, (uintptr_t)to, size, offset) !=
		size)
		return -EIO;
	return 0;
}

void
ns_wipe(struct rmmkvm *system, uint64_t pa, size_t pages)
{
	static uint8_t zeros[16 * PAGE_SIZE];

	for (uint64_t left = pages << PAGE_SHIFT; left > 0;) {
		uint64_t size = left < sizeof(zeros) ? left : sizeof(zeros);

		ns_write(system, pa, zeros, size);
		pa += size;
		left -= size;
	}
}
