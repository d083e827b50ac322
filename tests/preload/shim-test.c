/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Helpers of the tests of the shim; shim-test.h tells.
 */
#define _GNU_SOURCE
#include "shim-test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int
restart(char **argv)
{
	const char *builddir = getenv("builddir");
	char command[4096];

	snprintf(command, sizeof(command), "%s/rmm-kvm",
	    builddir != NULL ? builddir : ".");
	setenv("SHIM_TEST_INSIDE", "1", 1);
	unsetenv("RMMD_SOCKET");
	execl(command, "rmm-kvm", "--captive", "--profile", "v13", argv[0],
	    (char *)NULL);
	perror(command);
	return 99;
}

int
shim_test_main(int argc, char **argv, Suite *suite)
{
	SRunner *runner;
	int failed;

	(void)argc;
#ifdef NO_PRELOAD
	puts("SKIP: built with sanitizers, the shim can not be preloaded");
	return 77;
#endif
	if (getenv("SHIM_TEST_INSIDE") == NULL)
		return restart(argv);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}

int
open_kvm(void)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	ck_assert_msg(fd >= 0, "/dev/kvm: %s", strerror(errno));
	ck_assert_int_eq(ioctl(fd, RKVM_GET_API_VERSION, 0), 12);
	return fd;
}

int
make_vm(int kvm)
{
	int fd = ioctl(kvm, RKVM_CREATE_VM, (unsigned long)REALM_TYPE_V13);

	ck_assert_msg(fd >= 0, "KVM_CREATE_VM: %s", strerror(errno));
	return fd;
}

int
make_vcpu(int vm, unsigned id)
{
	struct rkvm_vcpu_init init = { .target = RKVM_ARM_TARGET_GENERIC_V8 };
	int fd = ioctl(vm, RKVM_CREATE_VCPU, id);

	ck_assert_msg(fd >= 0, "KVM_CREATE_VCPU: %s", strerror(errno));
	init.features[0] = 1u << RKVM_ARM_VCPU_PSCI_0_2;
	ck_assert_int_eq(ioctl(fd, RKVM_ARM_VCPU_INIT, &init), 0);
	return fd;
}

int
make_gmem(int vm, unsigned long size)
{
	struct rkvm_create_guest_memfd create = { .size = size };
	int fd = ioctl(vm, RKVM_CREATE_GUEST_MEMFD, &create);

	ck_assert_msg(fd >= 0, "KVM_CREATE_GUEST_MEMFD: %s", strerror(errno));
	return fd;
}

int
ask(int fd)
{
	errno = 0;
	return ioctl(
	    fd, RKVM_CHECK_EXTENSION, (unsigned long)RKVM_CAP_USER_MEMORY);
}

bool
works(int fd)
{
	return ask(fd) == 1;
}

bool
is_foreign(int fd)
{
	return ask(fd) == -1 && errno == EIO;
}

int
wait_for(int child)
{
	int status;

	ck_assert_int_gt(child, 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

void
become(const char *word, int fd)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", fd);
	execl("/proc/self/exe", "again", word, number, (char *)NULL);
	_exit(98);
}

void
child_expect(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "in a child: not so: %s (errno %d)\n", what, errno);
	_exit(1);
}

int
num_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int num = 0;

	ck_assert_ptr_ne(directory, NULL);
	while (readdir(directory) != NULL)
		num++;
	closedir(directory);
	return num;
}
