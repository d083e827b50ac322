/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What can be mapped, and what punches holes.  A vCPU's memfd holds its struct
 * kvm_run, so mapping it is mapping a file; other files of KVM can be mapped as
 * little as the kernel's.
 */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <errno.h>

#include "shim.h"

static void *
map(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	int rc = 0;

	if (!(flags & MAP_ANONYMOUS) && !shim_inside() && shim_owns(fd)) {
		shim_enter();
		rc = rmmkvm_check_map(shim_current(), fd);
		shim_leave();
	}
	if (rc == 0)
		return libc.mmap(address, size, protection, flags, fd, offset);
	errno = -rc;
	return MAP_FAILED;
}

SHIM_API void *
mmap(
    void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	return map(address, size, protection, flags, fd, offset);
}

SHIM_API void *
mmap64(void *address, size_t size, int protection, int flags, int fd,
    off64_t offset)
{
	return map(address, size, protection, flags, fd, offset);
}

static int
fallocate_at(int fd, int mode, off_t offset, off_t size)
{
	int rc;

	if (shim_inside() || !shim_owns(fd))
		return libc.fallocate(fd, mode, offset, size);
	shim_enter();
	rc = -ENODEV;
	if (rmmkvm_kind(shim_current(), fd) == RMMKVM_GUEST_MEMFD)
		rc = offset < 0 || size <= 0
		    ? -EINVAL
		    : rmmkvm_fallocate(shim_current(), fd, mode,
			  (uint64_t)offset, (uint64_t)size);
	shim_leave();
	if (rc == 0)
		return 0;
	errno = -rc;
	return -1;
}

SHIM_API int
fallocate(int fd, int mode, off_t offset, off_t size)
{
	return fallocate_at(fd, mode, offset, size);
}

SHIM_API int
fallocate64(int fd, int mode, off64_t offset, off64_t size)
{
	return fallocate_at(fd, mode, offset, size);
}

/* Into a guest_memfd: that is populate, in a profile that has it so. */
SHIM_API ssize_t
splice(int fd_in, off64_t *off_in, int fd_out, off64_t *off_out, size_t size,
    unsigned flags)
{
	long result;

	if (shim_inside() || !shim_owns(fd_out))
		return libc.splice(fd_in, off_in, fd_out, off_out, size, flags);
	shim_enter();
	result = rmmkvm_splice(shim_current(), fd_in, (int64_t *)off_in, fd_out,
	    (int64_t *)off_out, size, flags);
	shim_leave();
	if (result >= 0)
		return result;
	errno = (int)-result;
	return -1;
}

/*
 * A VMM locks a realm's shared memory, as it must on hardware.  Here nothing
 * depends on it, while a user's limit, or an emulator of user programs, is in
 * the way: what could be locked is as good as locked.
 */
SHIM_API int
mlock2(const void *address, size_t size, unsigned flags)
{
	int rc = libc.mlock2(address, size, flags), error = errno;
	uintptr_t page = (uintptr_t)address & ~(uintptr_t)4095;
	size_t whole = size + ((uintptr_t)address - page);

	if (rc == 0 || shim_inside() || shim_current() == NULL ||
	    (flags & ~(unsigned)MLOCK_ONFAULT) != 0 ||
	    msync((void *)page, whole, MS_ASYNC) != 0) {
		errno = error;
		return rc;
	}
	return 0;
}
