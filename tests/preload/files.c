/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * /dev/kvm as a file: by which names it is there, what can be mapped, and what
 * an ioctl or a signal comes to that the shim has to let through.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "shim-test.h"

#define MIB 0x100000ul
#define GPA 0x80000000ul

/* What the compiler calls where it checks the arguments of open(). */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int dirfd, const char *path, int flags);
int __openat64_2(int dirfd, const char *path, int flags);

static char directory[] = "/tmp/rmm-kvm-test-XXXXXX";
static char link_path[64];

static void
setup(void)
{
	strcpy(directory, "/tmp/rmm-kvm-test-XXXXXX");
	ck_assert_ptr_ne(mkdtemp(directory), NULL);
	snprintf(link_path, sizeof(link_path), "%s/link", directory);
	ck_assert_int_eq(symlink("/dev/kvm", link_path), 0);
}

static void
teardown(void)
{
	unlink(link_path);
	rmdir(directory);
}

static void
expect_kvm(int fd)
{
	ck_assert_msg(fd >= 0, "open: %s", strerror(errno));
	ck_assert_int_eq(ioctl(fd, RKVM_GET_API_VERSION, 0), 12);
	ck_assert_int_eq(close(fd), 0);
}

START_TEST(opened)
{
	int dev = open("/dev", O_RDONLY | O_DIRECTORY);
	int root = open("/", O_RDONLY | O_DIRECTORY), fd;
	char path[64];

	expect_kvm(open("/dev/kvm", O_RDWR));
	expect_kvm(open64("/dev/kvm", O_RDWR));
	expect_kvm(openat(AT_FDCWD, "/dev/kvm", O_RDWR));
	expect_kvm(openat64(-1, "/dev/kvm", O_RDWR));
	expect_kvm(__open_2("/dev/kvm", O_RDWR));
	expect_kvm(__open64_2("/dev/kvm", O_RDWR));
	expect_kvm(__openat_2(AT_FDCWD, "/dev/kvm", O_RDWR));
	expect_kvm(__openat64_2(AT_FDCWD, "/dev/kvm", O_RDWR));
	expect_kvm(creat("/dev/kvm", 0666));
	expect_kvm(open("/dev/kvm", O_RDWR | O_CREAT, 0666));
	/* Other names of it. */
	expect_kvm(openat(dev, "kvm", O_RDWR));
	expect_kvm(openat(root, "dev/kvm", O_RDWR));
	expect_kvm(open("/dev//kvm", O_RDWR));
	expect_kvm(open("//dev/../dev/./kvm", O_RDWR));
	expect_kvm(open("/proc/self/root/dev/kvm", O_RDWR));
	expect_kvm(open(link_path, O_RDWR));
	ck_assert_int_eq(chdir("/dev"), 0);
	expect_kvm(open("kvm", O_RDWR));
	/* An open one, opened again. */
	fd = open("/dev/kvm", O_RDWR);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	expect_kvm(open(path, O_RDWR));
	expect_kvm(fd);
	/* A node of the kernel's own, where one can be made. */
	snprintf(path, sizeof(path), "%s/node", directory);
	if (mknod(path, S_IFCHR | 0600, makedev(10, 232)) == 0) {
		expect_kvm(open(path, O_RDWR));
		unlink(path);
	}
	/* What the kernel says of a file that is there and no directory. */
	ck_assert_int_eq(open("/dev/kvm", O_RDWR | O_CREAT | O_EXCL, 0666), -1);
	ck_assert_int_eq(errno, EEXIST);
	ck_assert_int_eq(open("/dev/kvm", O_RDONLY | O_DIRECTORY), -1);
	ck_assert_int_eq(errno, ENOTDIR);
}
END_TEST

/* Files of like names are what they are. */
START_TEST(other_files)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/kvm", directory);
	ck_assert_int_eq(open(path, O_RDWR), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(access(path, F_OK), -1);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	ck_assert_int_eq(ioctl(fd, RKVM_GET_API_VERSION, 0), -1);
	ck_assert_int_eq(errno, ENOTTY);
	ck_assert_int_eq((int)write(fd, "x", 1), 1);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(open("/dev/kvmx", O_RDWR), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(open("/dev/kvm/x", O_RDWR), -1);
	ck_assert_int_eq(open("", O_RDWR), -1);
}
END_TEST

START_TEST(looked_at)
{
	int dev = open("/dev", O_RDONLY | O_DIRECTORY), fd = open_kvm();
	const dev_t want = makedev(10, 232);
	struct stat status;
	struct stat64 status64;
	struct statx x;

	ck_assert_int_eq(stat("/dev/kvm", &status), 0);
	ck_assert(S_ISCHR(status.st_mode));
	ck_assert_uint_eq(status.st_rdev, want);
	ck_assert_int_eq(lstat("/dev/kvm", &status), 0);
	ck_assert_uint_eq(status.st_rdev, want);
	ck_assert_int_eq(stat64("/dev/kvm", &status64), 0);
	ck_assert_uint_eq(status64.st_rdev, want);
	ck_assert_int_eq(fstatat(dev, "kvm", &status, 0), 0);
	ck_assert_uint_eq(status.st_rdev, want);
	ck_assert_int_eq(stat(link_path, &status), 0);
	ck_assert_uint_eq(status.st_rdev, want);
	ck_assert_int_eq(lstat(link_path, &status), 0);
	ck_assert(S_ISLNK(status.st_mode));
	ck_assert_int_eq(fstat(fd, &status), 0);
	ck_assert_uint_eq(status.st_rdev, want);
	ck_assert_int_eq(fstatat(fd, "", &status, AT_EMPTY_PATH), 0);
	ck_assert_uint_eq(status.st_rdev, want);
	ck_assert_int_eq(
	    statx(AT_FDCWD, "/dev/kvm", 0, STATX_BASIC_STATS, &x), 0);
	ck_assert_uint_eq(x.stx_rdev_major, 10);
	ck_assert_uint_eq(x.stx_rdev_minor, 232);
	ck_assert(S_ISCHR(x.stx_mode));
	ck_assert_int_eq(access("/dev/kvm", R_OK | W_OK), 0);
	ck_assert_int_eq(access("/dev/kvm", X_OK), -1);
	ck_assert_int_eq(faccessat(dev, "kvm", R_OK | W_OK, 0), 0);
	ck_assert_int_eq(euidaccess(link_path, F_OK), 0);
	/* A VM is no device. */
	ck_assert_int_eq(fstat(make_vm(fd), &status), 0);
	ck_assert(S_ISREG(status.st_mode));
}
END_TEST

/* ---- Memory ------------------------------------------------------------ */

static void *
map(int fd, size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

START_TEST(mapped)
{
	int kvm = open_kvm(), vm = make_vm(kvm), vcpu = make_vcpu(vm, 0);
	int size = ioctl(kvm, RKVM_GET_VCPU_MMAP_SIZE, 0);
	int others[] = { kvm, vm, make_gmem(vm, MIB) };
	struct rkvm_run *run = map(vcpu, (size_t)size), *again;

	ck_assert_ptr_ne(run, MAP_FAILED);
	/* It is the same memory however often it is mapped, and after close. */
	again = mmap64(NULL, (size_t)size, PROT_READ, MAP_SHARED, dup(vcpu), 0);
	run->immediate_exit = 1;
	ck_assert_int_eq(again->immediate_exit, 1);
	ck_assert_int_eq(close(vcpu), 0);
	run->immediate_exit = 0;
	ck_assert_int_eq(again->immediate_exit, 0);
	for (int i = 0; i < 3; i++) {
		ck_assert_ptr_eq(map(others[i], 4096), MAP_FAILED);
		ck_assert_int_eq(errno, ENODEV);
	}
	/* Other maps are none of ours. */
	ck_assert_ptr_ne(
	    mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, vm, 0),
	    MAP_FAILED);
}
END_TEST

/* What a user may lock is no matter; that it is there is. */
START_TEST(locked)
{
	const struct rlimit little = { 4096, 4096 };
	char *memory = map(memfd_create("memory", MFD_CLOEXEC), MIB);

	ck_assert_ptr_ne(memory, MAP_FAILED);
	setrlimit(RLIMIT_MEMLOCK, &little);
	open_kvm();
	ck_assert_int_eq(mlock2(memory, MIB, MLOCK_ONFAULT), 0);
	ck_assert_int_eq(mlock2(memory, MIB, 77), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(munmap(memory, MIB), 0);
	ck_assert_int_eq(mlock2(memory, MIB, MLOCK_ONFAULT), -1);
}
END_TEST

static void
set_memory(int vm, int gmem)
{
	struct rkvm_memory_region2 region = {
		.flags = RKVM_MEM_GUEST_MEMFD,
		.guest_phys_addr = GPA,
		.memory_size = 8 * MIB,
		.userspace_addr = 0x10000000,
		.guest_memfd = (uint32_t)gmem,
	};
	struct rkvm_memory_attributes private = {
		.address = GPA,
		.size = 8 * MIB,
		.attributes = RKVM_MEMORY_ATTRIBUTE_PRIVATE,
	};

	ck_assert_int_eq(ioctl(vm, RKVM_SET_USER_MEMORY_REGION2, &region), 0);
	ck_assert_int_eq(ioctl(vm, RKVM_SET_MEMORY_ATTRIBUTES, &private), 0);
}

/* A page that was punched out can be populated anew; else it is an error. */
START_TEST(holes)
{
	int vm = make_vm(open_kvm()), gmem = make_gmem(vm, 8 * MIB);
	const int punch = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	static _Alignas(4096) char page[4096];
	struct rkvm_populate args = {
		.base = GPA, .size = 4096, .source_uaddr = (uintptr_t)page
	};
	struct rkvm_populate again = args;

	set_memory(vm, gmem);
	ck_assert_int_eq(ioctl(vm, RKVM_POPULATE_V13, &args), 0);
	ck_assert_int_eq(fallocate(gmem, punch, 0, 4096), 0);
	ck_assert_int_eq(ioctl(vm, RKVM_POPULATE_V13, &again), 0);
	ck_assert_uint_eq(again.size, 0);
	again = (struct rkvm_populate){ GPA, 4096, (uintptr_t)page, 0, 0 };
	ck_assert_int_eq(ioctl(vm, RKVM_POPULATE_V13, &again), -1);
	ck_assert_int_eq(fallocate(gmem, FALLOC_FL_KEEP_SIZE, 0, 4096), 0);
	ck_assert_int_eq(fallocate(gmem, punch, 1, 4096), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(fallocate(gmem, punch, 0, 0), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(fallocate64(gmem, 0, 0, 4096), -1);
	ck_assert_int_eq(errno, EOPNOTSUPP);
	ck_assert_int_eq(fallocate(vm, punch, 0, 4096), -1);
	ck_assert_int_eq(errno, ENODEV);
}
END_TEST

/* ---- ioctls ------------------------------------------------------------ */

static FILE *heard;
static int standard_error;

static void
listen_to_stderr(void)
{
	heard = tmpfile();
	standard_error = dup(STDERR_FILENO);
	dup2(fileno(heard), STDERR_FILENO);
}

/* How many lines with this in them were said since. */
static int
lines_with(const char *what)
{
	char line[1024];
	int num = 0;

	dup2(standard_error, STDERR_FILENO);
	rewind(heard);
	while (fgets(line, sizeof(line), heard) != NULL)
		num += strstr(line, what) != NULL;
	return num;
}

START_TEST(unknown_ioctls)
{
	int kvm = open_kvm(), vm = make_vm(kvm);
	int null = open("/dev/null", O_RDWR), value;
	struct rkvm_coalesced_mmio_zone zone = { 0x9000000, 4096, 0 };

	listen_to_stderr();
	ck_assert_int_eq(ioctl(vm, 0x4138AE99u, 0), -1);
	ck_assert_int_eq(errno, ENOTTY);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(ioctl(kvm, 0xC008AE02u, 0), -1);
	ck_assert_int_eq(errno, ENOTTY);
	/* No KVM's: nothing is said. */
	ck_assert_int_eq(ioctl(null, RKVM_CREATE_VM, 0), -1);
	ck_assert_int_eq(errno, ENOTTY);
	ck_assert_int_eq(ioctl(9999, RKVM_CREATE_VM, 0), -1);
	ck_assert_int_eq(errno, EBADF);
	ck_assert_int_eq(lines_with("ioctl 0x4138AE99 _IOW(0xAE, 0x99, 312) "
				    "KVM_SET_MP_STATE on a VM"),
	    1);
	/* Once is enough. */
	listen_to_stderr();
	ck_assert_int_eq(ioctl(kvm, 0xC008AE02u, 0), -1);
	/* One that kvmtool makes for each device, though there is no ring. */
	ck_assert_int_eq(ioctl(vm, RKVM_UNREGISTER_COALESCED_MMIO, &zone), 0);
	ck_assert_int_eq(lines_with("ioctl"), 0);
	zone.pio = 2;
	ck_assert_int_eq(ioctl(vm, RKVM_UNREGISTER_COALESCED_MMIO, &zone), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(ioctl(vm, RKVM_REGISTER_COALESCED_MMIO, &zone), -1);
	ck_assert_int_eq(errno, ENOTTY);
	ck_assert_int_eq(ioctl(null, FIONREAD, &value), -1);
	ck_assert_int_eq(errno, ENOTTY);
}
END_TEST

/* What is no address is EFAULT, and errno stays where nothing fails. */
START_TEST(arguments)
{
	int vm = make_vm(open_kvm());

	ck_assert_int_eq(ioctl(vm, RKVM_SET_USER_MEMORY_REGION2, 16), -1);
	ck_assert_int_eq(errno, EFAULT);
	ck_assert_int_eq(ioctl(vm, RKVM_CREATE_DEVICE, NULL), -1);
	ck_assert_int_eq(errno, EFAULT);
	errno = 77;
	ck_assert_int_eq(
	    ioctl(vm, RKVM_CHECK_EXTENSION, (long)RKVM_CAP_USER_MEMORY), 1);
	ck_assert_int_eq(errno, 77);
}
END_TEST

/* ---- Signals ----------------------------------------------------------- */

static int handlers_kvm;
static _Atomic int handled, inside_worked;

/* A handler is not in the middle of anything: it may use KVM itself. */
static void
on_signal(int number)
{
	(void)number;
	if (ask(handlers_kvm) == 1)
		inside_worked++;
	handled++;
}

static void *
send_to(void *arg)
{
	static const struct timespec pause = { 0, 200000 };

	for (;;) {
		pthread_kill(*(pthread_t *)arg, SIGUSR1);
		nanosleep(&pause, NULL);
		pthread_testcancel();
	}
	return NULL;
}

/* 64 MiB under a rain of signals: populate is seen to stop, and to go on. */
START_TEST(interrupted)
{
	int vm = make_vm(open_kvm()), gmem = make_gmem(vm, 8 * MIB), stops = 0;
	pthread_t self = pthread_self(), thread;
	char *source =
	    mmap(NULL, 8 * MIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	handlers_kvm = open_kvm();
	signal(SIGUSR1, on_signal);
	pthread_create(&thread, NULL, send_to, &self);
	while (stops == 0) {
		struct rkvm_populate args = { GPA, 8 * MIB, (uintptr_t)source,
			0, 0 };

		vm = make_vm(handlers_kvm);
		gmem = make_gmem(vm, 8 * MIB);
		set_memory(vm, gmem);
		while (args.size > 0) {
			uint64_t left = args.size;
			int rc = ioctl(vm, RKVM_POPULATE_V13, &args);

			ck_assert(rc == 0 || errno == EINTR);
			ck_assert_int_eq(rc == 0, args.size < left);
			stops += args.size > 0;
		}
		close(gmem);
		close(vm);
	}
	pthread_cancel(thread);
	pthread_join(thread, NULL);
	ck_assert_int_gt(handled, 0);
	ck_assert_int_eq(inside_worked, handled);
}
END_TEST

/*
 * A vCPU that is off waits in KVM_RUN.  A signal ends that, and its handler may
 * use KVM, the vCPU itself included.
 */
static int handlers_vcpu;
static _Atomic int registers_read;

static void
on_kick(int number)
{
	uint64_t value = 0;
	struct rkvm_one_reg reg = { RKVM_REG_PC, (uintptr_t)&value };

	on_signal(number);
	if (ioctl(handlers_vcpu, RKVM_GET_ONE_REG, &reg) == 0)
		registers_read++;
}

struct waiting {
	_Atomic bool back;
	int result, error;
};

static void *
run_vcpu(void *arg)
{
	struct waiting *waiting = arg;

	waiting->result = ioctl(handlers_vcpu, RKVM_RUN, 0);
	waiting->error = errno;
	waiting->back = true;
	return NULL;
}

START_TEST(kicked)
{
	struct rkvm_vcpu_init init = { .target = RKVM_ARM_TARGET_GENERIC_V8,
		.features = { 1u << RKVM_ARM_VCPU_PSCI_0_2 |
		    1u << RKVM_ARM_VCPU_POWER_OFF } };
	struct rkvm_create_device create = { .type =
						 RKVM_DEV_TYPE_ARM_VGIC_V3 };
	uint64_t at[] = { 0x8000000, 0x80a0000 };
	struct rkvm_device_attr attr = { 0, RKVM_DEV_ARM_VGIC_GRP_ADDR,
		RKVM_VGIC_V3_ADDR_TYPE_DIST, (uintptr_t)&at[0] };
	struct waiting waiting = { .back = false };
	int vm = make_vm(open_kvm());
	pthread_t thread;

	handlers_kvm = vm;
	make_vcpu(vm, 0);
	handlers_vcpu = ioctl(vm, RKVM_CREATE_VCPU, 1);
	ck_assert_int_eq(ioctl(handlers_vcpu, RKVM_ARM_VCPU_INIT, &init), 0);
	ck_assert_int_eq(ioctl(vm, RKVM_CREATE_DEVICE, &create), 0);
	ck_assert_int_eq(ioctl((int)create.fd, RKVM_SET_DEVICE_ATTR, &attr), 0);
	attr.attr = RKVM_VGIC_V3_ADDR_TYPE_REDIST;
	attr.addr = (uintptr_t)&at[1];
	ck_assert_int_eq(ioctl((int)create.fd, RKVM_SET_DEVICE_ATTR, &attr), 0);
	attr = (struct rkvm_device_attr){ .group = RKVM_DEV_ARM_VGIC_GRP_CTRL };
	ck_assert_int_eq(ioctl((int)create.fd, RKVM_SET_DEVICE_ATTR, &attr), 0);
	set_memory(vm, make_gmem(vm, 8 * MIB));
	signal(SIGUSR1, on_kick);
	pthread_create(&thread, NULL, run_vcpu, &waiting);
	while (!waiting.back) {
		pthread_kill(thread, SIGUSR1);
		sched_yield();
	}
	pthread_join(thread, NULL);
	ck_assert_int_eq(waiting.result, -1);
	ck_assert_int_eq(waiting.error, EINTR);
	ck_assert_int_gt(handled, 0);
	ck_assert_int_eq(inside_worked, handled);
	ck_assert_int_eq(registers_read, handled);
}
END_TEST

/* A thread that is cancelled holds nothing of ours that others need. */
static void *
populate_for_ever(void *arg)
{
	int vm = *(int *)arg;
	static _Alignas(4096) char page[4096];

	for (uint64_t i = 0;; i++) {
		struct rkvm_populate args = { GPA + i % 2048 * 4096, 4096,
			(uintptr_t)page, 0, 0 };

		ioctl(vm, RKVM_POPULATE_V13, &args);
		pthread_testcancel();
	}
	return NULL;
}

START_TEST(cancelled)
{
	int kvm = open_kvm();

	for (int i = 0; i < 20; i++) {
		int vm = make_vm(kvm), gmem = make_gmem(vm, 8 * MIB);
		pthread_t threads[3];

		set_memory(vm, gmem);
		for (int t = 0; t < 3; t++)
			pthread_create(
			    &threads[t], NULL, populate_for_ever, &vm);
		for (int t = 0; t < 3; t++) {
			pthread_cancel(threads[t]);
			pthread_join(threads[t], NULL);
		}
		ck_assert(works(vm));
		close(gmem);
		close(vm);
	}
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("shim files");
	TCase *cases = tcase_create("files");

	tcase_set_timeout(cases, 60);
	tcase_add_checked_fixture(cases, setup, teardown);
	tcase_add_test(cases, opened);
	tcase_add_test(cases, other_files);
	tcase_add_test(cases, looked_at);
	tcase_add_test(cases, mapped);
	tcase_add_test(cases, locked);
	tcase_add_test(cases, holes);
	tcase_add_test(cases, unknown_ioctls);
	tcase_add_test(cases, arguments);
	tcase_add_test(cases, interrupted);
	tcase_add_test(cases, kicked);
	tcase_add_test(cases, cancelled);
	suite_add_tcase(suite, cases);
	return shim_test_main(argc, argv, suite);
}
