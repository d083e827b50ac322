/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What programs find out of /dev/kvm before they open it: that it is there, a
 * character device, and theirs to read and write.
 */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "shim.h"

int __xstat(int version, const char *path, struct stat *status);
int __xstat64(int version, const char *path, struct stat64 *status);
int __lxstat(int version, const char *path, struct stat *status);
int __lxstat64(int version, const char *path, struct stat64 *status);
int __fxstat(int version, int fd, struct stat *status);
int __fxstat64(int version, int fd, struct stat64 *status);
int __fxstatat(
    int version, int dirfd, const char *path, struct stat *status, int flags);
int __fxstatat64(
    int version, int dirfd, const char *path, struct stat64 *status, int flags);

_Static_assert(sizeof(struct stat) == sizeof(struct stat64), "one structure");

static void
describe(struct stat *status)
{
	struct stat dev;

	if (libc.fstatat(AT_FDCWD, "/dev", &dev, 0) != 0)
		memset(&dev, 0, sizeof(dev));
	memset(status, 0, sizeof(*status));
	status->st_dev = dev.st_dev;
	status->st_ino = SHIM_KVM_MINOR;
	status->st_mode = S_IFCHR | 0666;
	status->st_nlink = 1;
	status->st_rdev = makedev(SHIM_KVM_MAJOR, SHIM_KVM_MINOR);
	status->st_blksize = 4096;
	status->st_atim = status->st_mtim = status->st_ctim = dev.st_mtim;
}

/* Did a look at path fail for want of /dev/kvm, or find the kernel's? */
static bool
is_ours(int rc, int dirfd, const char *path, const struct stat *status)
{
	if (rc != 0)
		return (errno == ENOENT || errno == EACCES) &&
		    shim_leads_to_kvm(dirfd, path);
	return shim_is_real_kvm(status);
}

static int
stat_at(int dirfd, const char *path, struct stat *status, int flags)
{
	int rc, error = errno;

	if (shim_inside())
		return libc.fstatat(dirfd, path, status, flags);
	if (shim_names_kvm(path)) {
		describe(status);
		return 0;
	}
	rc = libc.fstatat(dirfd, path, status, flags);
	if (!is_ours(rc, dirfd, path, status))
		return rc;
	errno = error;
	describe(status);
	return 0;
}

static int
stat_fd(int fd, struct stat *status)
{
	if (!shim_inside() && shim_owns(fd) &&
	    rmmkvm_kind(shim_current(), fd) == RMMKVM_SYSTEM) {
		describe(status);
		return 0;
	}
	return libc.fstat(fd, status);
}

SHIM_API int
stat(const char *path, struct stat *status)
{
	return stat_at(AT_FDCWD, path, status, 0);
}

SHIM_API int
stat64(const char *path, struct stat64 *status)
{
	return stat_at(AT_FDCWD, path, (struct stat *)status, 0);
}

SHIM_API int
lstat(const char *path, struct stat *status)
{
	return stat_at(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}

SHIM_API int
lstat64(const char *path, struct stat64 *status)
{
	return stat_at(
	    AT_FDCWD, path, (struct stat *)status, AT_SYMLINK_NOFOLLOW);
}

SHIM_API int
fstat(int fd, struct stat *status)
{
	return stat_fd(fd, status);
}

SHIM_API int
fstat64(int fd, struct stat64 *status)
{
	return stat_fd(fd, (struct stat *)status);
}

/* Apart, for libc's headers promise what a program need not keep. */
static __attribute__((noinline)) bool
is_empty(const char *path)
{
	return path != NULL && path[0] == '\0';
}

static int
stat_path_or_fd(int dirfd, const char *path, struct stat *status, int flags)
{
	if (flags & AT_EMPTY_PATH && is_empty(path) && dirfd >= 0)
		return stat_fd(dirfd, status);
	return stat_at(dirfd, path, status, flags);
}

SHIM_API int
fstatat(int dirfd, const char *path, struct stat *status, int flags)
{
	return stat_path_or_fd(dirfd, path, status, flags);
}

SHIM_API int
fstatat64(int dirfd, const char *path, struct stat64 *status, int flags)
{
	return stat_path_or_fd(dirfd, path, (struct stat *)status, flags);
}

/* ---- What programs that were linked with an older libc call ------------ */

SHIM_API int
__xstat(int version, const char *path, struct stat *status)
{
	(void)version;
	return stat_at(AT_FDCWD, path, status, 0);
}

SHIM_API int
__xstat64(int version, const char *path, struct stat64 *status)
{
	return __xstat(version, path, (struct stat *)status);
}

SHIM_API int
__lxstat(int version, const char *path, struct stat *status)
{
	(void)version;
	return stat_at(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}

SHIM_API int
__lxstat64(int version, const char *path, struct stat64 *status)
{
	return __lxstat(version, path, (struct stat *)status);
}

SHIM_API int
__fxstat(int version, int fd, struct stat *status)
{
	(void)version;
	return stat_fd(fd, status);
}

SHIM_API int
__fxstat64(int version, int fd, struct stat64 *status)
{
	return __fxstat(version, fd, (struct stat *)status);
}

SHIM_API int
__fxstatat(
    int version, int dirfd, const char *path, struct stat *status, int flags)
{
	(void)version;
	return stat_path_or_fd(dirfd, path, status, flags);
}

SHIM_API int
__fxstatat64(
    int version, int dirfd, const char *path, struct stat64 *status, int flags)
{
	return __fxstatat(version, dirfd, path, (struct stat *)status, flags);
}

/* ---- statx() ----------------------------------------------------------- */

static void
describe_x(struct statx *to)
{
	struct stat status;

	describe(&status);
	memset(to, 0, sizeof(*to));
	to->stx_mask = STATX_BASIC_STATS;
	to->stx_blksize = 4096;
	to->stx_nlink = 1;
	to->stx_mode = (uint16_t)status.st_mode;
	to->stx_ino = status.st_ino;
	to->stx_rdev_major = SHIM_KVM_MAJOR;
	to->stx_rdev_minor = SHIM_KVM_MINOR;
	to->stx_dev_major = major(status.st_dev);
	to->stx_dev_minor = minor(status.st_dev);
}

SHIM_API int
statx(
    int dirfd, const char *path, int flags, unsigned mask, struct statx *status)
{
	struct stat found = { 0 };
	bool ours;
	int rc, error = errno;

	if (shim_inside())
		return libc.statx(dirfd, path, flags, mask, status);
	if (flags & AT_EMPTY_PATH && is_empty(path))
		ours = shim_owns(dirfd) &&
		    rmmkvm_kind(shim_current(), dirfd) == RMMKVM_SYSTEM;
	else
		ours = shim_names_kvm(path);
	if (ours) {
		describe_x(status);
		return 0;
	}
	rc = libc.statx(dirfd, path, flags, mask, status);
	if (rc == 0) {
		found.st_mode = status->stx_mode;
		found.st_rdev =
		    makedev(status->stx_rdev_major, status->stx_rdev_minor);
	}
	if (!is_ours(rc, dirfd, path, &found))
		return rc;
	errno = error;
	describe_x(status);
	return 0;
}

/* ---- access() ---------------------------------------------------------- */

static int
access_at(int dirfd, const char *path, int mode, int flags)
{
	int rc, error = errno;

	if (shim_inside())
		return libc.faccessat(dirfd, path, mode, flags);
	if (!shim_names_kvm(path)) {
		rc = libc.faccessat(dirfd, path, mode, flags);
		if (rc == 0 || (errno != ENOENT && errno != EACCES) ||
		    !shim_leads_to_kvm(dirfd, path))
			return rc;
	}
	errno = mode & X_OK ? EACCES : error;
	return mode & X_OK ? -1 : 0;
}

SHIM_API int
access(const char *path, int mode)
{
	return access_at(AT_FDCWD, path, mode, 0);
}

SHIM_API int
eaccess(const char *path, int mode)
{
	return access_at(AT_FDCWD, path, mode, AT_EACCESS);
}

SHIM_API int
euidaccess(const char *path, int mode)
{
	return access_at(AT_FDCWD, path, mode, AT_EACCESS);
}

SHIM_API int
faccessat(int dirfd, const char *path, int mode, int flags)
{
	return access_at(dirfd, path, mode, flags);
}
