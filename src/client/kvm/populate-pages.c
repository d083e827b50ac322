/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pages of the caller become pages of the realm, whichever interface asks.
 *
 * The kernel goes page by page: test for a signal, pin the source, find the
 * page of the guest_memfd, check that it is private, then GRANULE_DELEGATE and
 * DATA_CREATE, with what tables are missing in between.  The same happens here,
 * and the RMM sees the same calls in the same order; but up to BOUNCE_PAGES
 * pages travel in one message, which ends at the first call that fails.  The
 * source is copied to Non-secure pages first, for the RMM to read.
 */
#include "kvm.h"

/* The end of a call that is no error; no errno and no RMI status. */
#define STOPPED (-4096l)

struct copy {
	const struct copy_in *what;
	struct vm *vm;
	struct memslot *slot;
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
wipe_bounce(struct copy *c)
{
	ns_wipe(c->vm->file.system, c->vm->bounce_pa, c->bounce_used);
}

static uint64_t
page_ipa(const struct copy *c, uint64_t page)
{
	return c->what->base + (page << PAGE_SHIFT);
}

/* Page number page of the call: its place in the guest_memfd, and checks. */
static long
find_destination(struct copy *c, uint64_t page, uint64_t *dst)
{
	const struct copy_in *what = c->what;
	size_t index = memslot_gmem_index(c->slot, page_ipa(c, page));
	unsigned long long ipa = page_ipa(c, page);
	int rc = gmem_get_page(c->slot->gmem, index, dst);

	if (rc < 0)
		return rc;
	if (what->attributes && !attributes_private(c->vm, c->slot, ipa))
		return fail(-EINVAL, "IPA 0x%llx is not private", ipa);
	if (what->prepared != 0 &&
	    c->slot->gmem->entries[index] & GMEM_PREPARED)
		return fail(
		    what->prepared, "the page at IPA 0x%llx has contents", ipa);
	if (what->source == 0 && what->source_null != 0)
		return fail(what->source_null, "the source is NULL");
	return 0;
}

/* What DATA_CREATE's X0 means to the caller. */
static long
data_error(const struct copy *c, int x0)
{
	int error = c->what->data_failed;

	/* No error number: the status goes up as it is, a positive one. */
	return rmi_fail(error != 0 ? error : x0, "RMI_DATA_CREATE", x0);
}

/* A page that a rule makes fail, whatever it is; 0: none. */
static long
disturbed(const struct copy *c, uint64_t page)
{
	struct faults *faults = c->vm->file.system->faults;
	unsigned long long ipa = page_ipa(c, page);
	struct disturbance d = faults_of_page(faults, ipa);

	switch (d.kind) {
	case DISTURB_ERROR:
		return fail(d.error, "a rule makes IPA 0x%llx fail", ipa);
	case DISTURB_STATUS:
		return data_error(c, d.status);
	case DISTURB_STALL:
	case DISTURB_LIMIT:
		/* The call ends before it, with what it did. */
		return STOPPED;
	default:
		return 0;
	}
}

/*
 * Copy the sources of pages first to first + num to the bounce pages.  Returns
 * how many could be read.
 */
static size_t
read_sources(struct copy *c, uint64_t first, size_t num)
{
	const struct copy_in *what = c->what;

	if (num == 0 || (what->source == 0 && what->source_null != 0))
		return num;
	if (num > c->bounce_used)
		c->bounce_used = num;
	if (what->read != NULL)
		return what->read(what, c->vm->bounce_pa, first, num);
	return user_pages_to_ns(c->vm->file.system, c->vm->bounce_pa,
	    what->source + (first << PAGE_SHIFT), num);
}

/* The sources of pages first to first + wanted, and what comes after those. */
static long
gathered(struct copy *c, uint64_t first, size_t wanted, long error)
{
	size_t readable = read_sources(c, first, wanted);

	if (readable == wanted)
		return error;
	c->num = readable;
	return fail(-EFAULT, "the source page at 0x%llx",
	    (unsigned long long)(c->what->source +
		((first + readable) << PAGE_SHIFT)));
}

/*
 * Make ready the pages from first on, at most most of them: c->num, c->dst and
 * the bounce pages.  Returns 0, or why the page after those can not follow.
 */
static long
gather(struct copy *c, uint64_t first, uint64_t most)
{
	size_t wanted;
	long error = 0;

	most = most < BOUNCE_PAGES ? most : BOUNCE_PAGES;
	for (c->num = 0; c->num < most && error == 0; c->num++) {
		if (c->what->signals && signals_pending()) {
			error = fail(-EINTR, "a signal is pending");
			break;
		}
		error = disturbed(c, first + c->num);
		if (error != 0)
			return gathered(c, first, c->num, error);
		error = find_destination(c, first + c->num, &c->dst[c->num]);
		if (error != 0)
			break;
	}
	/* A source that can not be read comes before the other reasons. */
	wanted = c->num + (error != 0 && error != -EINTR ? 1 : 0);
	return gathered(c, first, wanted, error);
}

static bool
measured(const struct copy *c, uint64_t page)
{
	const struct memslot *slot = c->slot;

	if (!c->what->measure_by_range)
		return c->what->measure;
	return ranges_have(&slot->gmem->measured,
	    page_ipa(c, page) - slot->gpa + slot->gmem_offset);
}

static struct rmmclient_step
data_create(const struct copy *c, uint64_t first, size_t i)
{
	return (struct rmmclient_step){
		.x = { RMI_FID_DATA_CREATE, c->vm->realm.rd, c->dst[i],
		    page_ipa(c, first + i), c->vm->bounce_pa + i * PAGE_SIZE,
		    measured(c, first + i) ? RMI_MEASURE_CONTENT
					   : RMI_NO_MEASURE_CONTENT }
	};
}

/* The page that was delegated can not become the realm's. */
static void
undo(struct copy *c, uint64_t page, size_t i)
{
	if (!granule_undelegate(c->vm, c->dst[i]))
		gmem_leak_page(c->slot->gmem,
		    memslot_gmem_index(c->slot, page_ipa(c, page)));
}

/*
 * DATA_CREATE for page first + i answered x0: if a table is missing, make it
 * and try once more.
 */
static long
create_again(struct copy *c, uint64_t first, size_t i, int x0)
{
	struct rmmclient_step step = data_create(c, first, i);
	int level = (int)RMI_INDEX((unsigned)x0), rc;

	if (RMI_STATUS((unsigned)x0) != RMI_ERROR_RTT)
		return data_error(c, x0);
	if (level >= RTT_LEAF_LEVEL && c->what->rtt_too_deep != 0) {
		vm_kill(c->vm);
		return rmi_fail(c->what->rtt_too_deep, "RMI_DATA_CREATE", x0);
	}
	rc = rtt_create_levels(
	    c->vm, page_ipa(c, first + i), level, RTT_LEAF_LEVEL);
	if (rc < 0)
		return rc;
	rc = rmmclient_call(c->vm->file.system->client, 0, step.x, NULL);
	return rc == RMI_SUCCESS ? 0 : data_error(c, rc);
}

static void
mark_populated(struct copy *c, uint64_t first, size_t i)
{
	size_t index = memslot_gmem_index(c->slot, page_ipa(c, first + i));

	c->slot->gmem->entries[index] |= GMEM_MAPPED | GMEM_PREPARED;
}

/*
 * One message for pages first + from to first + c->num.  *done: pages that came
 * to be.  Returns 0; or the error of the page after those.
 */
static long
send(struct copy *c, uint64_t first, size_t from, size_t *done)
{
	struct rmmclient_step steps[2 * BOUNCE_PAGES];
	size_t n = 0, executed = 0, failed;
	long error;
	int rc;

	for (size_t i = from; i < c->num; i++) {
		steps[n++] = (struct rmmclient_step){
			.x = { RMI_FID_GRANULE_DELEGATE, c->dst[i] }
		};
		steps[n++] = data_create(c, first, i);
	}
	rc = rmmclient_batch(
	    c->vm->file.system->client, 0, steps, n, &executed, NULL);
	n = rc < 0 ? executed : (size_t)rc;
	failed = n > 0 && steps[n - 1].x[0] != RMI_SUCCESS;
	*done = (n - failed) / 2;
	for (size_t i = from; i < from + *done; i++)
		mark_populated(c, first, i);
	if (rc < 0)
		return rmi_fail(-EIO, "a batch of calls", rc);
	if (!failed)
		return 0;
	rc = (int)(steps[n - 1].x[0] & 0xffff);
	if (n % 2 == 1)
		return rmi_fail(
		    c->what->delegate_failed, "RMI_GRANULE_DELEGATE", rc);
	error = create_again(c, first, from + *done, rc);
	if (error != 0) {
		undo(c, first + from + *done, from + *done);
		return error;
	}
	mark_populated(c, first, from + *done);
	++*done;
	return 0;
}

/*
 * All pages that gather() made ready.  *done: how many came to be.  Returns 0,
 * or the error of the page after those.
 */
static long
create_pages(struct copy *c, uint64_t first, size_t *done)
{
	long error = 0;
	size_t more;

	for (*done = 0; *done < c->num && error == 0; *done += more)
		error = send(c, first, *done, &more);
	return error;
}

long
copy_allowed(const struct copy_in *what, uint64_t *num)
{
	const struct copy c = { .what = what, .vm = what->vm };
	struct rmmkvm *system = c.vm->file.system;
	uint64_t call = ++system->populate_calls, pages;
	struct disturbance d = faults_of_call(system->faults, call);

	switch (d.kind) {
	case DISTURB_ERROR:
		return fail(d.error, "a rule makes populate call %llu fail",
		    (unsigned long long)call);
	case DISTURB_STATUS:
		return data_error(&c, d.status);
	case DISTURB_STALL:
		*num = 0;
		return 0;
	case DISTURB_LIMIT:
		pages = d.limit >> PAGE_SHIFT;
		pages = pages > 0 ? pages : 1;
		*num = *num < pages ? *num : pages;
		return 0;
	default:
		return 0;
	}
}

long
copy_in(const struct copy_in *what, uint64_t num, uint64_t *done)
{
	struct copy c = { .what = what, .vm = what->vm, .slot = what->slot };
	long error = bounce_pages(c.vm);

	*done = 0;
	while (*done < num && error == 0) {
		long stop = gather(&c, *done, num - *done);
		size_t created;

		error = create_pages(&c, *done, &created);
		*done += created;
		if (error == 0)
			error = stop;
	}
	if (c.bounce_used > 0)
		wipe_bounce(&c);
	return error == STOPPED ? 0 : error;
}
