/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For the tests of the shim: programs that know the kernel's interface and run
 * themselves anew under rmm-kvm.
 */
#ifndef SHIM_TEST_H
#define SHIM_TEST_H

#include <check.h>
#include <stdbool.h>

#include "kvm-arm-rmi.h"

#define REALM_TYPE_V13 (0x100 | 40)

/* main() of a test program.  Returns its exit status. */
int shim_test_main(int argc, char **argv, Suite *suite);

/* /dev/kvm; a VM; a vCPU of it; a guest_memfd. */
int open_kvm(void);
int make_vm(int kvm);
int make_vcpu(int vm, unsigned id);
int make_gmem(int vm, unsigned long size);
/* What an ioctl on it answers that any VM, or any /dev/kvm, has. */
int ask(int fd);
/* A VM that answers, and one that fails with EIO as another process's does. */
bool works(int fd);
bool is_foreign(int fd);
/* The exit status of a child, 0 if all it expected was so. */
int wait_for(int child);
/* Run this program with word as its argument, as another program. */
void become(const char *word, int fd);
/* In a child: leave with status 1 if it is not so. */
#define CHILD_EXPECT(what) child_expect(what, #what)
void child_expect(bool good, const char *what);
/* How many descriptors of this process are open. */
int num_descriptors(void);

#endif
