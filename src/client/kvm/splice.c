/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An experiment of the series' review: populate by splice(2) from a pipe into
 * the guest_memfd.  Where it goes is the file's offset, how much was done is
 * the count that comes back, and whether it is measured is a property of the
 * file's range.
 *
 * Pages are copied by tee() first, so that what was not done stays in the pipe.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "kvm.h"

#define AT_ONCE (BOUNCE_PAGES * PAGE_SIZE)

struct splice {
	struct copy_in what;
	int pipe;      /* the caller's */
	int copies[2]; /* a pipe of our own */
	uint64_t offset;
	uint64_t size;
};

static uint64_t
available(int fd)
{
	int n = 0;

	return ioctl(fd, FIONREAD, &n) == 0 && n > 0 ? (uint64_t)n : 0;
}

/*
 * Wait for a whole page in the pipe, or its end.  Returns 1, 0 (the end), or
 * -EINTR, -EAGAIN, -EINVAL (less than a page is left).
 */
static long
wait_for_page(int fd, bool block)
{
	static const struct timespec soon = { 0, 1000000 };
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	uint64_t n;

	while ((n = available(fd)) < PAGE_SIZE) {
		if (poll(&poller, 1, 0) < 0)
			return -errno;
		if (poller.revents & POLLHUP && available(fd) == n)
			return n == 0 ? 0
				      : fail(-EINVAL,
					    "less than a page is left in the "
					    "pipe");
		if (!block)
			return fail(-EAGAIN, "no page is in the pipe");
		/* Some bytes of a page make it readable, and not yet of use. */
		if (n == 0 ? poll(&poller, 1, -1) < 0
			   : nanosleep(&soon, NULL) != 0)
			return -errno;
	}
	return 1;
}

/* Pages of the copies go to the bounce pages; num is what tee() took. */
static size_t
read_pipe(const struct copy_in *what, uint64_t pa, uint64_t first, size_t num)
{
	const struct splice *s = what->from;
	struct rmmkvm *system = what->vm->file.system;
	int64_t offset = rmmclient_offset(system->client, pa);
	size_t left = num * PAGE_SIZE;

	(void)first;
	while (offset >= 0 && left > 0) {
		loff_t at = offset;
		ssize_t n =
		    splice(s->copies[0], NULL, system->memory_fd, &at, left, 0);

		if (n <= 0)
			break;
		offset += n;
		left -= (size_t)n;
	}
	return num - (left + PAGE_SIZE - 1) / PAGE_SIZE;
}

/* Take out of the caller's pipe what has become the realm's. */
static void
consume(int fd, uint64_t size)
{
	uint8_t buffer[16384];

	while (size > 0) {
		ssize_t n = read(fd, buffer,
		    size < sizeof(buffer) ? (size_t)size : sizeof(buffer));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		size -= (uint64_t)n;
	}
}

/* The slot that shows the file at offset, and the IPA there. */
static int
find_place(struct splice *s, struct gmem *gmem)
{
	struct vm *vm = gmem->vm;

	for (size_t i = 0; i < vm->num_slots; i++) {
		struct memslot *slot = &vm->slots[i];
		uint64_t left;

		if (slot->gmem != gmem || s->offset < slot->gmem_offset ||
		    s->offset - slot->gmem_offset >= slot->size)
			continue;
		s->what.slot = slot;
		s->what.base = slot->gpa + (s->offset - slot->gmem_offset);
		left = slot->gpa + slot->size - s->what.base;
		s->size = s->size < left ? s->size : left;
		return 0;
	}
	return (int)fail(
	    -EINVAL, "no slot shows the guest_memfd at that offset");
}

/* As much as one message holds.  Returns bytes, or -errno. */
static long
move_some(struct splice *s, uint64_t most)
{
	uint64_t done = 0;
	ssize_t taken;
	long error;

	most = most < AT_ONCE ? most : AT_ONCE;
	if (pipe2(s->copies, O_CLOEXEC) != 0)
		return -errno;
	fcntl(s->copies[1], F_SETPIPE_SZ, (int)AT_ONCE);
	taken = tee(s->pipe, s->copies[1], most, SPLICE_F_NONBLOCK);
	if (taken < 0)
		error = -errno;
	else if ((uint64_t)taken < PAGE_SIZE)
		error = fail(-EINVAL,
		    "the pipe's pieces are too small: no page in %d of them",
		    BOUNCE_PAGES);
	else
		error = copy_in(&s->what, (uint64_t)taken >> PAGE_SHIFT, &done);
	close(s->copies[0]);
	close(s->copies[1]);
	consume(s->pipe, done << PAGE_SHIFT);
	return done > 0 ? (long)(done << PAGE_SHIFT) : error;
}

/* All that is in the pipe, up to size; something is. */
static long
move(struct splice *s, struct gmem *gmem)
{
	uint64_t pages, done = 0, limit = gmem->file.system->populate_limit;
	int rc = realm_ensure_created(gmem->vm);
	long moved;

	if (rc == 0)
		rc = find_place(s, gmem);
	if (rc < 0)
		return rc;
	pages = s->size >> PAGE_SHIFT;
	if (limit > 0 && pages > limit)
		pages = limit;
	moved = copy_allowed(&s->what, &pages);
	if (moved != 0)
		return moved;
	while (done < pages << PAGE_SHIFT && available(s->pipe) >= PAGE_SIZE) {
		moved = move_some(s, (pages << PAGE_SHIFT) - done);
		if (moved <= 0)
			break;
		done += (uint64_t)moved;
		s->what.base += (uint64_t)moved;
	}
	return done > 0 ? (long)done : moved;
}

static int
check(const struct gmem *gmem, const struct splice *s)
{
	struct stat status;

	if (!gmem->file.system->profile->splice)
		return (int)fail(-EINVAL,
		    "in profile %s nothing can be spliced into a guest_memfd",
		    gmem->file.system->profile->name);
	if (fstat(s->pipe, &status) != 0)
		return -errno;
	if (!S_ISFIFO(status.st_mode))
		return (int)fail(-EINVAL, "the source is no pipe");
	if (!PAGE_ALIGNED(s->offset) || s->size < PAGE_SIZE)
		return (int)fail(-EINVAL,
		    "a guest_memfd takes whole pages at a page's offset");
	if (s->offset >= gmem->size)
		return (int)fail(-EINVAL, "the offset is behind the file");
	return 0;
}

static long
splice_in(struct gmem *gmem, struct splice *s, bool block)
{
	long result = check(gmem, s);

	if (result == 0)
		result = wait_for_page(s->pipe, block);
	if (result != 1)
		return result;
	signals_hold();
	pthread_mutex_lock(&gmem->vm->lock);
	result = gmem->vm->bugged ? -EIO : move(s, gmem);
	pthread_mutex_unlock(&gmem->vm->lock);
	signals_release();
	return result;
}

RMMKVM_API long
rmmkvm_splice(struct rmmkvm *system, int fd_in, int64_t *off_in, int fd_out,
    int64_t *off_out, size_t length, unsigned flags)
{
	struct file *file = file_get(system, fd_out);
	struct gmem *gmem = (struct gmem *)file;
	int mode = fcntl(fd_in, F_GETFL);
	int64_t offset;
	long result;

	if (file == NULL)
		return fail(-EBADF, "descriptor %d is none of KVM's", fd_out);
	if (file->kind != KIND_GMEM || off_in != NULL || mode < 0) {
		file_put(file);
		return mode < 0 ? -EBADF : off_in != NULL ? -ESPIPE : -EINVAL;
	}
	offset = off_out != NULL ? *off_out : lseek(fd_out, 0, SEEK_CUR);
	struct splice s = {
		.what = { .vm = gmem->vm,
		    .measure_by_range = true,
		    .signals = true,
		    .attributes = true,
		    .delegate_failed = -ENXIO,
		    .data_failed = -ENXIO,
		    .rtt_too_deep = -EIO,
		    .read = read_pipe,
		    .from = &s },
		.pipe = fd_in,
		.offset = (uint64_t)offset,
		.size = length,
	};
	result = length == 0
	    ? 0
	    : splice_in(
		  gmem, &s, !(flags & SPLICE_F_NONBLOCK || mode & O_NONBLOCK));
	if (result > 0 && off_out != NULL)
		*off_out += result;
	else if (result > 0)
		lseek(fd_out, offset + result, SEEK_SET);
	file_put(file);
	return result;
}
