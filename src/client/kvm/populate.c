/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * KVM_ARM_RMI_POPULATE: pages of the caller become pages of the realm.
 *
 * The kernel goes page by page: test for a signal, pin the source, find the
 * page of the guest_memfd, check that it is private, then GRANULE_DELEGATE and
 * DATA_CREATE, with what tables are missing in between.  The same happens here,
 * and the RMM sees the same calls in the same order; but up to BOUNCE_PAGES
 * pages travel in one message, which ends at the first call that fails.  The
 * source is copied to Non-secure pages first, for the RMM to read.
 */
#include <string.h>

#include "kvm.h"

struct populate {
	struct vm *vm;
	struct memslot *slot;
	uint64_t base;
	uint64_t source;
	uint64_t flags; /* of DATA_CREATE */
	/* The pages of the next message. */
	size_t num;
	uint64_t dst[BOUNCE_PAGES];
	size_t bounce_used; /* pages that hold something of the caller's */
};

static int
bounce_pages(struct vm *vm)
{
	int rc;

	if (vm->has_bounce)
		return 0;
	rc = pages_alloc(&vm->pages, BOUNCE_PAGES, PAGE_SIZE, &vm->bounce_pa);
	vm->has_bounce = rc == 0;
	return rc;
}

/* What was copied to where every client of the machine can read it goes. */
static void
wipe_bounce(struct populate *p)
{
	ns_wipe(p->vm->file.system, p->vm->bounce_pa, p->bounce_used);
}

static uint64_t
page_ipa(const struct populate *p, uint64_t page)
{
	return p->base + (page << PAGE_SHIFT);
}

/* Page number page of the call: its place in the guest_memfd, and checks. */
static long
find_destination(struct populate *p, uint64_t page, uint64_t *dst)
{
	const struct profile *profile = p->vm->file.system->profile;
	size_t index = memslot_gmem_index(p->slot, page_ipa(p, page));
	unsigned long long ipa = page_ipa(p, page);
	int rc = gmem_get_page(p->slot->gmem, index, dst);

	if (rc < 0)
		return rc;
	if (!attributes_private(p->vm, ipa))
		return fail(-EINVAL, "IPA 0x%llx is not private", ipa);
	if (profile->prepared != 0 &&
	    p->slot->gmem->entries[index] & GMEM_PREPARED)
		return fail(profile->prepared,
		    "the page at IPA 0x%llx has contents", ipa);
	if (p->source == 0 && profile->source_null != 0)
		return fail(profile->source_null, "the source is NULL");
	return 0;
}

/*
 * Copy the sources of pages first to first + num to the bounce pages.  Returns
 * how many could be read.
 */
static size_t
read_sources(struct populate *p, uint64_t first, size_t num)
{
	struct vm *vm = p->vm;

	if (p->source == 0 && vm->file.system->profile->source_null != 0)
		return num;
	if (num > p->bounce_used)
		p->bounce_used = num;
	return user_pages_to_ns(vm->file.system, vm->bounce_pa,
	    p->source + (first << PAGE_SHIFT), num);
}

/*
 * Make ready the pages from first on, at most most of them: p->num, p->dst and
 * the bounce pages.  Returns 0, or why the page after those can not follow.
 */
static long
gather(struct populate *p, uint64_t first, uint64_t most)
{
	size_t readable, wanted;
	long error = 0;

	most = most < BOUNCE_PAGES ? most : BOUNCE_PAGES;
	for (p->num = 0; p->num < most && error == 0; p->num++) {
		if (signals_pending()) {
			error = fail(-EINTR, "a signal is pending");
			break;
		}
		error = find_destination(p, first + p->num, &p->dst[p->num]);
		if (error != 0)
			break;
	}
	/* A source that can not be read comes before the other reasons. */
	wanted = p->num + (error != 0 && error != -EINTR ? 1 : 0);
	readable = read_sources(p, first, wanted);
	if (readable < wanted) {
		p->num = readable;
		error = fail(-EFAULT, "the source page at 0x%llx",
		    (unsigned long long)(p->source +
			((first + readable) << PAGE_SHIFT)));
	}
	return error;
}

static struct rmmclient_step
data_create(const struct populate *p, uint64_t first, size_t i)
{
	return (struct rmmclient_step){
		.x = { RMI_FID_DATA_CREATE, p->vm->realm.rd, p->dst[i],
		    page_ipa(p, first + i), p->vm->bounce_pa + i * PAGE_SIZE,
		    p->flags }
	};
}

/* The page that was delegated can not become the realm's. */
static void
undo(struct populate *p, uint64_t page, size_t i)
{
	if (!granule_undelegate(p->vm, p->dst[i]))
		gmem_leak_page(p->slot->gmem,
		    memslot_gmem_index(p->slot, page_ipa(p, page)));
}

/* What DATA_CREATE's X0 means to the caller. */
static long
data_error(const struct populate *p, int x0)
{
	int error = p->vm->file.system->profile->data_failed;

	/* No error number: the status goes up as it is, a positive one. */
	return rmi_fail(error != 0 ? error : x0, "RMI_DATA_CREATE", x0);
}

/*
 * DATA_CREATE for page first + i answered x0: if a table is missing, make it
 * and try once more.
 */
static long
create_again(struct populate *p, uint64_t first, size_t i, int x0)
{
	const struct profile *profile = p->vm->file.system->profile;
	struct rmmclient_step step = data_create(p, first, i);
	int level = (int)RMI_INDEX((unsigned)x0), rc;

	if (RMI_STATUS((unsigned)x0) != RMI_ERROR_RTT)
		return data_error(p, x0);
	if (level >= RTT_LEAF_LEVEL && profile->rtt_too_deep != 0) {
		p->vm->bugged = true;
		return rmi_fail(profile->rtt_too_deep, "RMI_DATA_CREATE", x0);
	}
	rc = rtt_create_levels(
	    p->vm, page_ipa(p, first + i), level, RTT_LEAF_LEVEL);
	if (rc < 0)
		return rc;
	rc = rmmclient_call(p->vm->file.system->client, 0, step.x, NULL);
	return rc == RMI_SUCCESS ? 0 : data_error(p, rc);
}

static void
mark_populated(struct populate *p, uint64_t first, size_t i)
{
	size_t index = memslot_gmem_index(p->slot, page_ipa(p, first + i));

	p->slot->gmem->entries[index] |= GMEM_MAPPED | GMEM_PREPARED;
}

/*
 * One message for pages first + from to first + p->num.  *done: pages that came
 * to be.  Returns 0; or the error of the page after those.
 */
static long
send(struct populate *p, uint64_t first, size_t from, size_t *done)
{
	struct rmmclient_step steps[2 * BOUNCE_PAGES];
	size_t n = 0, executed = 0, failed;
	long error;
	int rc;

	for (size_t i = from; i < p->num; i++) {
		steps[n++] = (struct rmmclient_step){
			.x = { RMI_FID_GRANULE_DELEGATE, p->dst[i] }
		};
		steps[n++] = data_create(p, first, i);
	}
	rc = rmmclient_batch(
	    p->vm->file.system->client, 0, steps, n, &executed, NULL);
	n = rc < 0 ? executed : (size_t)rc;
	failed = n > 0 && steps[n - 1].x[0] != RMI_SUCCESS;
	*done = (n - failed) / 2;
	for (size_t i = from; i < from + *done; i++)
		mark_populated(p, first, i);
	if (rc < 0)
		return rmi_fail(-EIO, "a batch of calls", rc);
	if (!failed)
		return 0;
	rc = (int)(steps[n - 1].x[0] & 0xffff);
	if (n % 2 == 1)
		return rmi_fail(-ENXIO, "RMI_GRANULE_DELEGATE", rc);
	error = create_again(p, first, from + *done, rc);
	if (error != 0) {
		undo(p, first + from + *done, from + *done);
		return error;
	}
	mark_populated(p, first, from + *done);
	++*done;
	return 0;
}

/*
 * All pages that gather() made ready.  *done: how many came to be.  Returns 0,
 * or the error of the page after those.
 */
static long
create_pages(struct populate *p, uint64_t first, size_t *done)
{
	long error = 0;
	size_t more;

	for (*done = 0; *done < p->num && error == 0; *done += more)
		error = send(p, first, *done, &more);
	return error;
}

/* The rule of the return: an error counts only if nothing was done. */
static long
populate_pages(struct populate *p, uint64_t num)
{
	uint64_t done = 0;
	long error = 0;

	while (done < num && error == 0) {
		long stop = gather(p, done, num - done);
		size_t created;

		error = create_pages(p, done, &created);
		done += created;
		if (error == 0)
			error = stop;
	}
	return done > 0 ? (long)done : error;
}

/* Pages of the call that this one call can do: to the slot's end, no further.
 */
static long
gmem_populate(struct populate *p, uint64_t num)
{
	uint64_t limit = p->vm->file.system->populate_limit, left;
	long result;
	int rc;

	if (num == 0)
		return fail(-EINVAL, "the size is 0");
	p->slot = memslot_find(p->vm, p->base);
	if (p->slot == NULL || !(p->slot->flags & RKVM_MEM_GUEST_MEMFD))
		return fail(-EINVAL, "no slot with a guest_memfd at IPA 0x%llx",
		    (unsigned long long)p->base);
	if (p->slot->gmem == NULL)
		return fail(-EFAULT, "the guest_memfd of slot %u was closed",
		    p->slot->id);
	left = (p->slot->gpa + p->slot->size - p->base) >> PAGE_SHIFT;
	num = num < left ? num : left;
	if (limit > 0 && num > limit)
		num = limit;
	rc = bounce_pages(p->vm);
	if (rc < 0)
		return rc;
	result = populate_pages(p, num);
	wipe_bounce(p);
	return result;
}

static int
check(const struct profile *profile, const struct rkvm_populate *args)
{
	if (args->reserved != 0)
		return (int)fail(-EINVAL, "reserved is 0x%x", args->reserved);
	if (args->flags & ~RKVM_POPULATE_MEASURE)
		return (int)fail(-EINVAL, "flags are 0x%x", args->flags);
	if (!PAGE_ALIGNED(args->base) || !PAGE_ALIGNED(args->base + args->size))
		return (int)fail(-EINVAL, "base or size is not page aligned");
	if (!PAGE_ALIGNED(args->source_uaddr) && profile->source_unaligned != 0)
		return (int)fail(profile->source_unaligned,
		    "the source is not page aligned");
	return 0;
}

static long
populate_realm(struct vm *vm, const struct rkvm_populate *args)
{
	struct populate p = {
		.vm = vm,
		.base = args->base,
		/* The kernel pins the page that the address lies in. */
		.source = args->source_uaddr & ~(PAGE_SIZE - 1),
		.flags = args->flags & RKVM_POPULATE_MEASURE
		    ? RMI_MEASURE_CONTENT
		    : RMI_NO_MEASURE_CONTENT,
	};
	int rc = check(vm->file.system->profile, args);

	if (rc == 0)
		rc = realm_ensure_created(vm);
	return rc < 0 ? rc : gmem_populate(&p, args->size >> PAGE_SHIFT);
}

long
populate(struct vm *vm, uintptr_t arg)
{
	struct rmmkvm *system = vm->file.system;
	const struct profile *profile = system->profile;
	struct rkvm_populate args;
	long pages;

	if (!vm->is_realm)
		return fail(profile->not_realm, "the VM is no realm");
	if (user_read(system, &args, arg, sizeof(args)) < 0)
		return fail(-EFAULT, "the argument can not be read");
	pages = populate_realm(vm, &args);
	if (profile->populate_writes_back) {
		uint64_t bytes = pages > 0 ? (uint64_t)pages << PAGE_SHIFT : 0;

		args.base += bytes;
		args.size -= bytes;
		args.source_uaddr += bytes;
		if (user_write(system, arg, &args, sizeof(args)) < 0)
			return fail(-EFAULT, "the argument can not be written");
	}
	return profile->populate_result(pages);
}
