/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What becomes of KVM's descriptors: copies, ranges, forks, programs that are
 * executed, sockets.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shim-test.h"

static int kvm, vm;

static void
setup(void)
{
	kvm = open_kvm();
	vm = make_vm(kvm);
}

/* ---- Copies ------------------------------------------------------------ */

START_TEST(copied)
{
	int copies[6];

	copies[0] = dup(vm);
	copies[1] = fcntl(vm, F_DUPFD, 100);
	copies[2] = fcntl(vm, F_DUPFD_CLOEXEC, 100);
	copies[3] = dup2(vm, 200);
	copies[4] = dup3(vm, 201, O_CLOEXEC);
	copies[5] = dup(copies[0]);
	ck_assert_int_ge(copies[1], 100);
	ck_assert_int_eq(copies[3], 200);
	ck_assert_int_eq(copies[4], 201);
	ck_assert_int_eq(fcntl(copies[1], F_GETFD), 0);
	ck_assert_int_eq(fcntl(copies[2], F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fcntl(copies[4], F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(close(vm), 0);
	ck_assert_int_eq(ask(vm), -1);
	ck_assert_int_eq(errno, EBADF);
	for (int i = 0; i < 6; i++)
		ck_assert(works(copies[i]));
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(close(copies[i]), 0);
	for (int i = 0; i < 6; i++)
		ck_assert(!works(copies[i]));
}
END_TEST

/* A descriptor that becomes another file's is no VM any more, and back. */
START_TEST(replaced)
{
	int null = open("/dev/null", O_RDWR), other = make_vm(kvm);

	ck_assert_int_eq(dup2(null, vm), vm);
	ck_assert_int_eq(ask(vm), -1);
	ck_assert_int_eq(errno, ENOTTY);
	ck_assert_int_eq(dup2(other, vm), vm);
	ck_assert(works(vm));
	ck_assert_int_eq(dup2(vm, null), null);
	ck_assert(works(null));
	/* Onto itself, and of nothing: no change. */
	ck_assert_int_eq(dup2(vm, vm), vm);
	ck_assert_int_eq(dup2(999, vm), -1);
	ck_assert_int_eq(errno, EBADF);
	ck_assert_int_eq(dup3(vm, vm, 0), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(dup3(null, vm, 12345), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert(works(vm));
}
END_TEST

/* A number that is free again may be anything's. */
START_TEST(number_again)
{
	int fd;

	ck_assert_int_eq(close(vm), 0);
	fd = open("/dev/null", O_RDONLY);
	ck_assert_int_eq(fd, vm);
	ck_assert_int_eq(ask(fd), -1);
	ck_assert_int_eq(errno, ENOTTY);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(make_vm(kvm), vm);
	ck_assert(works(vm));
}
END_TEST

START_TEST(many_opens)
{
	int before = num_descriptors();

	for (int i = 0; i < 50; i++) {
		int fd = open("/dev/kvm", i % 2 ? O_RDWR | O_CLOEXEC : O_RDWR);

		ck_assert(works(fd));
		ck_assert_int_eq(fcntl(fd, F_GETFD), i % 2 ? FD_CLOEXEC : 0);
		ck_assert_int_eq(close(fd), 0);
		ck_assert_int_eq(close(make_vm(kvm)), 0);
	}
	ck_assert_int_eq(num_descriptors(), before);
	/* With all of them closed, it can be opened anew. */
	ck_assert_int_eq(close(vm), 0);
	ck_assert_int_eq(close(kvm), 0);
	kvm = open_kvm();
	ck_assert(works(make_vm(kvm)));
}
END_TEST

/* ---- Ranges ------------------------------------------------------------ */

/* All that the program has, but nothing of the library's. */
static void
close_ranges(void)
{
	int copy, fd;

	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	vm = ioctl(kvm, RKVM_CREATE_VM, (unsigned long)REALM_TYPE_V13);
	copy = fcntl(vm, F_DUPFD, 300);
	CHILD_EXPECT(close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) == 0);
	CHILD_EXPECT(works(vm));
	CHILD_EXPECT(fcntl(copy, F_GETFD) == FD_CLOEXEC);
	CHILD_EXPECT(close_range(250, 350, 0) == 0);
	CHILD_EXPECT(!works(copy));
	CHILD_EXPECT(works(vm));
	CHILD_EXPECT(close_range(9, 8, 0) == -1 && errno == EINVAL);
	CHILD_EXPECT(close_range(3, ~0u, 0) == 0);
	CHILD_EXPECT(fcntl(vm, F_GETFD) == -1);
	CHILD_EXPECT(fcntl(kvm, F_GETFD) == -1);
	kvm = open("/dev/kvm", O_RDWR);
	CHILD_EXPECT(works(kvm));
	closefrom(3);
	CHILD_EXPECT(!works(kvm));
	kvm = open("/dev/kvm", O_RDWR);
	/* As daemons do it. */
	for (fd = 3; fd < 1024; fd++)
		CHILD_EXPECT(close(fd) == 0 || errno == EBADF);
	kvm = open("/dev/kvm", O_RDWR);
	vm = ioctl(kvm, RKVM_CREATE_VM, (unsigned long)REALM_TYPE_V13);
	CHILD_EXPECT(works(vm));
}

START_TEST(ranges)
{
	int child = fork();

	if (child == 0) {
		close_ranges();
		_exit(0);
	}
	ck_assert_int_eq(wait_for(child), 0);
	ck_assert(works(vm));
}
END_TEST

/* ---- Other processes --------------------------------------------------- */

START_TEST(forks)
{
	int child = fork();

	if (child == 0) {
		int mine;

		/* A VM is its process's, /dev/kvm is everybody's. */
		CHILD_EXPECT(is_foreign(vm));
		CHILD_EXPECT(works(kvm));
		mine =
		    ioctl(kvm, RKVM_CREATE_VM, (unsigned long)REALM_TYPE_V13);
		CHILD_EXPECT(works(mine));
		CHILD_EXPECT(close(vm) == 0);
		CHILD_EXPECT(close(vm) == -1 && errno == EBADF);
		CHILD_EXPECT(open("/dev/kvm", O_RDWR) >= 0);
		_exit(0);
	}
	ck_assert_int_eq(wait_for(child), 0);
	ck_assert(works(vm));
	ck_assert(works(make_vm(kvm)));
}
END_TEST

/* A child that only closes, in our memory or in its own. */
START_TEST(vforks)
{
	int child = vfork();

	if (child == 0) {
		close(vm);
		close_range(3, ~0u, 0);
		_exit(0);
	}
	ck_assert_int_eq(wait_for(child), 0);
	ck_assert(works(vm));
	child = (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (child == 0) {
		if (!is_foreign(vm))
			_exit(1);
		close(vm);
		closefrom(3);
		_exit(0);
	}
	ck_assert_int_eq(wait_for(child), 0);
	ck_assert(works(vm));
	ck_assert(works(make_vm(kvm)));
}
END_TEST

/* While other threads are in the middle of something. */
static void *
churn(void *arg)
{
	_Atomic bool *stop = arg;

	while (!*stop) {
		int fd =
		    ioctl(kvm, RKVM_CREATE_VM, (unsigned long)REALM_TYPE_V13);

		if (fd < 0 || !works(fd) || close(fd) != 0)
			return arg;
	}
	return NULL;
}

START_TEST(forks_of_many_threads)
{
	_Atomic bool stop = false;
	pthread_t threads[3];
	void *failed;

	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, churn, (void *)&stop);
	for (int i = 0; i < 20; i++) {
		int child = fork();

		if (child == 0) {
			CHILD_EXPECT(is_foreign(vm));
			CHILD_EXPECT(works(kvm));
			close(vm);
			_exit(0);
		}
		ck_assert_int_eq(wait_for(child), 0);
	}
	stop = true;
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], &failed);
		ck_assert_ptr_eq(failed, NULL);
	}
}
END_TEST

/* The program that is executed: what it was given. */
static int
again(const char *word, int fd)
{
	int mine;

	if (strcmp(word, "vm") == 0)
		return is_foreign(fd) ? 0 : 1;
	if (strcmp(word, "gone") == 0)
		return ask(fd) == -1 && errno == EBADF ? 0 : 1;
	if (!works(fd))
		return 2;
	mine = ioctl(fd, RKVM_CREATE_VM, (unsigned long)REALM_TYPE_V13);
	return works(mine) ? 0 : 3;
}

static int
execute(const char *word, int fd)
{
	int child = fork();

	if (child == 0)
		become(word, fd);
	return wait_for(child);
}

START_TEST(executed)
{
	int system = open("/dev/kvm", O_RDWR), copy = dup(vm);

	/* Made with close-on-exec, as the kernel makes them; a copy is not. */
	ck_assert_int_eq(fcntl(vm, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(execute("gone", vm), 0);
	ck_assert_int_eq(execute("vm", copy), 0);
	ck_assert_int_eq(execute("system", system), 0);
	ck_assert_int_eq(execute("gone", kvm), 0);
	fcntl(vm, F_SETFD, 0);
	ck_assert_int_eq(execute("vm", vm), 0);
	ck_assert(works(vm));
}
END_TEST

/* ---- Sockets ----------------------------------------------------------- */

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static void
send_fd(int socket, int fd)
{
	union control control = { 0 };
	struct iovec iov = { (char[1]){ 'x' }, 1 };
	struct msghdr message = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	ck_assert_int_eq((int)sendmsg(socket, &message, 0), 1);
}

static int
receive_fd(int socket)
{
	union control control = { 0 };
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr message = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	int fd;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1 ||
	    CMSG_FIRSTHDR(&message) == NULL)
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

/* Also if the sender closes its own before it has arrived. */
START_TEST(sent_to_itself)
{
	int sockets[2], fd, before;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	send_fd(sockets[0], vm);
	close(vm);
	fd = receive_fd(sockets[1]);
	ck_assert(works(fd));
	/* Again and again, without a descriptor more each time. */
	before = num_descriptors();
	for (int i = 0; i < 20; i++) {
		int back;

		send_fd(sockets[0], fd);
		back = receive_fd(sockets[1]);
		ck_assert(works(back));
		close(back);
	}
	ck_assert_int_le(num_descriptors(), before + 1);
	send_fd(sockets[0], kvm);
	ck_assert(works(receive_fd(sockets[1])));
}
END_TEST

START_TEST(sent_away)
{
	int sockets[2], child;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	child = fork();
	if (child == 0) {
		int fd = receive_fd(sockets[1]);

		CHILD_EXPECT(is_foreign(fd));
		fd = receive_fd(sockets[1]);
		CHILD_EXPECT(works(fd));
		_exit(0);
	}
	send_fd(sockets[0], make_vm(kvm));
	send_fd(sockets[0], kvm);
	ck_assert_int_eq(wait_for(child), 0);
	ck_assert(works(vm));
}
END_TEST

/* ---- Waiting ----------------------------------------------------------- */

/* As the kernel's, they can always be read and written, as far as that goes. */
START_TEST(polled)
{
	struct pollfd fds[] = { { kvm, POLLIN | POLLOUT, 0 },
		{ vm, POLLIN | POLLOUT, 0 },
		{ make_vcpu(vm, 0), POLLIN | POLLOUT, 0 } };
	fd_set set;

	ck_assert_int_eq(poll(fds, 3, 0), 3);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(fds[i].revents, POLLIN | POLLOUT);
	FD_ZERO(&set);
	FD_SET(vm, &set);
	ck_assert_int_eq(select(vm + 1, &set, NULL, NULL, NULL), 1);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("shim descriptors");
	TCase *cases = tcase_create("descriptors");

	if (argc == 3)
		return again(argv[1], atoi(argv[2]));
	tcase_set_timeout(cases, 60);
	tcase_add_checked_fixture(cases, setup, NULL);
	tcase_add_test(cases, copied);
	tcase_add_test(cases, replaced);
	tcase_add_test(cases, number_again);
	tcase_add_test(cases, many_opens);
	tcase_add_test(cases, ranges);
	tcase_add_test(cases, forks);
	tcase_add_test(cases, vforks);
	tcase_add_test(cases, forks_of_many_threads);
	tcase_add_test(cases, executed);
	tcase_add_test(cases, sent_to_itself);
	tcase_add_test(cases, sent_away);
	tcase_add_test(cases, polled);
	suite_add_tcase(suite, cases);
	return shim_test_main(argc, argv, suite);
}
