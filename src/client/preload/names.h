/* SPDX-License-Identifier: BSD-3-Clause */
/* What the kernel's headers call the numbers of KVM. */
#ifndef PRELOAD_NAMES_H
#define PRELOAD_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* All return NULL for a number that has no name here. */
const char *name_of_ioctl(uint32_t command);
const char *name_of_cap(unsigned cap);
const char *name_of_exit(uint32_t reason);

/* "_IOWR(0xAE, 0xD4, 64) KVM_CREATE_GUEST_MEMFD" */
const char *describe_ioctl(uint32_t command, char *buf, size_t len);

#endif
