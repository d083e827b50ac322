/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the shim knows of this process: its system, made when /dev/kvm is first
 * opened, and which descriptors stand for files of it.
 *
 * A VM belongs to the process that made it, as in the kernel.  After a fork the
 * child knows none of the descriptors; it finds out by their names, when it
 * makes an ioctl, that they are another process's.  A child of vfork() or of a
 * bare clone() shares or copies our memory without a word: who is not the owner
 * leaves everything here as it is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kvm.h"
#include "shim.h"

#define MAX_FDS	 (1u << 20)
#define WORD(fd) ((unsigned)(fd) / 64)
#define BIT(fd)	 (1ull << ((unsigned)(fd) % 64))

static pthread_mutex_t start_lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(struct rmmkvm *) current;
static _Atomic pid_t owner;
static _Atomic uint64_t owned[MAX_FDS / 64];
static _Atomic uint64_t kept[MAX_FDS / 64];
static int private_fds[RMMKVM_PRIVATE_FDS] = { -1, -1, -1, -1 };

static _Thread_local unsigned depth __attribute__((tls_model("initial-exec")));
static _Thread_local int cancel_state
    __attribute__((tls_model("initial-exec")));

/* ---- The library's side ------------------------------------------------ */

void
shim_enter(void)
{
	signals_hold();
	if (depth++ == 0)
		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
}

void
shim_leave(void)
{
	int error = errno;

	if (--depth == 0)
		pthread_setcancelstate(cancel_state, NULL);
	signals_release();
	errno = error;
}

bool
shim_inside(void)
{
	return depth > 0;
}

void
shim_say(const char *format, ...)
{
	char line[640];
	va_list args;
	int error = errno;
	size_t len;
	ssize_t n;

	len = (size_t)snprintf(line, sizeof(line), "rmm-kvm: ");
	va_start(args, format);
	vsnprintf(line + len, sizeof(line) - len - 1, format, args);
	va_end(args);
	len = strlen(line);
	line[len++] = '\n';
	n = write(STDERR_FILENO, line, len);
	(void)n;
	errno = error;
}

/* ---- The system -------------------------------------------------------- */

static struct rmmkvm *
start(void)
{
	/* The rest is the environment's. */
	struct rmmkvm_config config = {
		.name = program_invocation_short_name,
	};
	struct rmmkvm *system;
	int error;

	system = rmmkvm_open(&config);
	if (system == NULL) {
		error = errno;
		shim_say("/dev/kvm: %s", rmmkvm_error());
		errno = error;
		return NULL;
	}
	rmmkvm_private_fds(system, private_fds);
	owner = getpid();
	current = system;
	shim_count_system();
	return system;
}

struct rmmkvm *
shim_current(void)
{
	struct rmmkvm *system = current;

	return system != NULL && owner == getpid() ? system : NULL;
}

struct rmmkvm *
shim_system(void)
{
	struct rmmkvm *system;

	shim_enter();
	pthread_mutex_lock(&start_lock);
	system = current;
	if (system != NULL && owner != getpid()) {
		shim_say("/dev/kvm can not be opened in a child of vfork() or "
			 "of a bare clone()");
		errno = EPERM;
		system = NULL;
	} else if (system == NULL) {
		system = start();
	}
	pthread_mutex_unlock(&start_lock);
	shim_leave();
	return system;
}

/* ---- Descriptors ------------------------------------------------------- */

bool
shim_owns(int fd)
{
	return fd >= 0 && (unsigned)fd < MAX_FDS &&
	    (atomic_load_explicit(&owned[WORD(fd)], memory_order_acquire) &
		BIT(fd)) != 0 &&
	    owner == getpid();
}

int
shim_next_owned(unsigned first, unsigned last)
{
	for (unsigned fd = first; fd <= last && fd < MAX_FDS;) {
		uint64_t word = owned[WORD(fd)] >> fd % 64;

		if (word & 1)
			return (int)fd;
		fd += word == 0 ? 64 - fd % 64 : 1;
	}
	return -1;
}

static void
set(int fd)
{
	atomic_fetch_or(&owned[WORD(fd)], BIT(fd));
}

static void
clear(int fd)
{
	atomic_fetch_and(&owned[WORD(fd)], ~BIT(fd));
	atomic_fetch_and(&kept[WORD(fd)], ~BIT(fd));
}

bool
shim_keep(int fd)
{
	return (atomic_fetch_or(&kept[WORD(fd)], BIT(fd)) & BIT(fd)) == 0;
}

int
shim_note(int fd)
{
	struct rmmkvm *system = shim_current();

	if (system != NULL && fd >= 0 && (unsigned)fd < MAX_FDS &&
	    rmmkvm_owns(system, fd))
		set(fd);
	return fd;
}

int
shim_copied(int fd, int copy)
{
	int rc;

	if (copy < 0 || !shim_owns(fd))
		return copy;
	shim_enter();
	rc = (unsigned)copy < MAX_FDS ? rmmkvm_dup_fd(current, fd, copy)
				      : -EMFILE;
	shim_leave();
	if (rc == 0) {
		set(copy);
		return copy;
	}
	libc.close(copy);
	errno = -rc;
	return -1;
}

void
shim_forget(int fd)
{
	clear(fd);
	shim_enter();
	rmmkvm_forget_fd(current, fd);
	shim_leave();
}

int
shim_close(int fd)
{
	clear(fd);
	shim_enter();
	rmmkvm_close_fd(current, fd);
	shim_leave();
	return 0;
}

bool
shim_is_private(int fd)
{
	for (size_t i = 0; i < RMMKVM_PRIVATE_FDS; i++)
		if (fd >= 0 && private_fds[i] == fd)
			return owner == getpid();
	return false;
}

int
shim_next_private(unsigned first, unsigned last)
{
	int next = -1;

	if (current == NULL || owner != getpid())
		return -1;
	for (size_t i = 0; i < RMMKVM_PRIVATE_FDS; i++) {
		int fd = private_fds[i];

		if (fd >= 0 && (unsigned)fd >= first && (unsigned)fd <= last &&
		    (next < 0 || fd < next))
			next = fd;
	}
	return next;
}

/* ---- Descriptors that nobody told us of -------------------------------- */

/* "/memfd:rmm-kvm:kvm-vm (deleted)" in, "kvm-vm" out; NULL if it is none. */
static char *
name_of_memfd(char *link)
{
	static const char start_of[] = "/memfd:" RMMKVM_MEMFD;
	char *end;

	if (strncmp(link, start_of, sizeof(start_of) - 1) != 0)
		return NULL;
	link += sizeof(start_of) - 1;
	end = strchr(link, ' ');
	if (end != NULL)
		*end = '\0';
	return link;
}

static bool
is_real(int fd, const char *link)
{
	struct stat status;

	return strncmp(link, "anon_inode:kvm-", 15) == 0 ||
	    strncmp(link, "anon_inode:[guest_memfd]", 24) == 0 ||
	    (libc.fstat(fd, &status) == 0 && shim_is_real_kvm(&status));
}

enum shim_origin
shim_adopt(int fd)
{
	char path[64], link[128], *name;
	struct rmmkvm *system = shim_current();
	ssize_t len;
	int rc = -EBADF;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	len = readlink(path, link, sizeof(link) - 1);
	if (len < 0)
		return SHIM_OTHER;
	link[len] = '\0';
	if (is_real(fd, link))
		return SHIM_REAL;
	name = name_of_memfd(link);
	if (name == NULL)
		return SHIM_OTHER;
	shim_enter();
	if (system != NULL)
		rc = rmmkvm_adopt_fd(system, fd);
	/* /dev/kvm itself is nobody's: ours will do. */
	if (rc == -EBADF && strcmp(name, "kvm") == 0 &&
	    (system = shim_system()) != NULL)
		rc = rmmkvm_dup_fd(system, rmmkvm_fd(system), fd);
	shim_leave();
	if (rc != 0 || (unsigned)fd >= MAX_FDS)
		return SHIM_FOREIGN;
	set(fd);
	return SHIM_OWN;
}

/* ---- Life -------------------------------------------------------------- */

static void
before_fork(void)
{
	pthread_mutex_lock(&start_lock);
}

static void
after_fork(void)
{
	pthread_mutex_unlock(&start_lock);
}

/*
 * The parent's connection is not ours, and would outlive it in our descriptors.
 * What the library holds in memory stays as it was when its threads were cut
 * off: nothing touches it any more.
 */
static void
in_child(void)
{
	if (current != NULL && owner != getpid()) {
		for (size_t i = 0; i < RMMKVM_PRIVATE_FDS; i++) {
			libc.close(private_fds[i]);
			private_fds[i] = -1;
		}
		for (size_t i = 0; i < MAX_FDS / 64; i++)
			if (owned[i] != 0)
				owned[i] = kept[i] = 0;
		current = NULL;
		owner = 0;
	}
	pthread_mutex_unlock(&start_lock);
}

__attribute__((constructor)) static void
load(void)
{
	libc_find();
	shim_count_start();
	pthread_atfork(before_fork, after_fork, in_child);
}
