/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which names lead to /dev/kvm.  There may be no such file, or one that is not
 * to be opened; so what the kernel would say is found out without it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "shim.h"

#define MAX_LINKS 16

bool
shim_names_kvm(const char *path)
{
	return path != NULL && strcmp(path, "/dev/kvm") == 0;
}

bool
shim_is_real_kvm(const struct stat *status)
{
	return S_ISCHR(status->st_mode) &&
	    status->st_rdev == makedev(SHIM_KVM_MAJOR, SHIM_KVM_MINOR);
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Is what precedes the last name of path the directory /dev? */
static bool
is_in_dev(int dirfd, const char *path, const char *name)
{
	char directory[PATH_MAX];
	struct stat dev, status;
	int rc;

	if (libc.fstatat(AT_FDCWD, "/dev", &dev, 0) != 0)
		return false;
	if (name == path) {
		rc = dirfd == AT_FDCWD ? libc.fstatat(AT_FDCWD, ".", &status, 0)
				       : libc.fstat(dirfd, &status);
	} else {
		snprintf(directory, sizeof(directory), "%.*s",
		    (int)(name - path), path);
		rc = libc.fstatat(dirfd, directory, &status, 0);
	}
	return rc == 0 && same_file(&dev, &status);
}

/*
 * What the symbolic link at path says, as a path from where path starts.
 * Returns false if it is none.
 */
static bool
follow(int dirfd, char path[PATH_MAX])
{
	char target[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t head = slash != NULL ? (size_t)(slash + 1 - path) : 0;
	ssize_t len = readlinkat(dirfd, path, target, sizeof(target) - 1);

	if (len <= 0)
		return false;
	target[len] = '\0';
	if (target[0] == '/')
		head = 0;
	if (head + (size_t)len >= PATH_MAX)
		return false;
	memcpy(path + head, target, (size_t)len + 1);
	return true;
}

bool
shim_leads_to_kvm(int dirfd, const char *path)
{
	char at[PATH_MAX];
	struct stat status;
	int error = errno;
	bool found;

	if (path == NULL || path[0] == '\0' || strlen(path) >= sizeof(at))
		return false;
	strcpy(at, path);
	/* A node of it may be there without a driver, or not be ours to open.
	 */
	found = libc.fstatat(dirfd, path, &status, 0) == 0 &&
	    shim_is_real_kvm(&status);
	for (unsigned i = 0; i < MAX_LINKS && !found; i++) {
		const char *slash = strrchr(at, '/');
		const char *name = slash != NULL ? slash + 1 : at;

		found = strcmp(name, "kvm") == 0 && is_in_dev(dirfd, at, name);
		if (!found && !follow(dirfd, at))
			break;
	}
	errno = error;
	return found;
}
