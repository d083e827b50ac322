/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * KVM_GET_STATS_FD: a file in the format of binary statistics that names its
 * object and has none.  It is the caller's own, as the kernel's is: closed like
 * any file, and no ioctl knows it.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvm.h"

#define NAME_SIZE 48

struct header {
	uint32_t flags;
	uint32_t name_size;
	uint32_t num_desc;
	uint32_t id_offset;
	uint32_t desc_offset;
	uint32_t data_offset;
	char id[NAME_SIZE];
};

long
stats_fd(const char *what, unsigned id)
{
	struct header header = {
		.name_size = NAME_SIZE,
		.id_offset = offsetof(struct header, id),
		.desc_offset = sizeof(struct header),
		.data_offset = sizeof(struct header),
	};
	int fd = memfd_create("kvm-stats", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	snprintf(header.id, sizeof(header.id), "%s-%u", what, id);
	if (write(fd, &header, sizeof(header)) != (ssize_t)sizeof(header) ||
	    lseek(fd, 0, SEEK_SET) != 0) {
		close(fd);
		return -ENOMEM;
	}
	return fd;
}
