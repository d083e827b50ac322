/* SPDX-License-Identifier: BSD-3-Clause */
/* The daemon's end of the page that it shares with a processor. */
#include "config.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shared.h"

/* A size that the processor can not change: else a read could be a SIGBUS. */
static bool
make(struct shared *shared)
{
	void *map;

	shared->fd =
	    memfd_create("rmmd-processor", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (shared->fd < 0 ||
	    ftruncate(shared->fd, sizeof(*shared->page)) != 0 ||
	    fcntl(shared->fd, F_ADD_SEALS,
		F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
		return false;
	map = mmap(NULL, sizeof(*shared->page), PROT_READ | PROT_WRITE,
	    MAP_SHARED, shared->fd, 0);
	if (map == MAP_FAILED)
		return false;
	shared->page = map;
	return true;
}

bool
shared_init(struct shared *shared)
{
	shared->page = NULL;
	shared->generation = 1;
	if (!make(shared)) {
		shared_fini(shared);
		return false;
	}
	__atomic_store_n(
	    &shared->page->generation, shared->generation, __ATOMIC_SEQ_CST);
	return true;
}

void
shared_fini(struct shared *shared)
{
	if (shared->page != NULL)
		munmap(shared->page, sizeof(*shared->page));
	if (shared->fd >= 0)
		close(shared->fd);
	shared->page = NULL;
	shared->fd = -1;
}

void
shared_ask(struct shared *shared, uint32_t attention)
{
	__atomic_or_fetch(
	    &shared->page->attention, attention, __ATOMIC_SEQ_CST);
}

void
shared_settle(struct shared *shared)
{
	__atomic_and_fetch(&shared->page->attention, CPU_ATTENTION_TRANSLATION,
	    __ATOMIC_SEQ_CST);
}

void
shared_void(struct shared *shared)
{
	/* The generation first: who sees the bit must see it, too. */
	__atomic_store_n(
	    &shared->page->generation, ++shared->generation, __ATOMIC_SEQ_CST);
	shared_ask(shared, CPU_ATTENTION_TRANSLATION);
}

bool
shared_is_clean(const struct shared *shared)
{
	uint64_t uses = __atomic_load_n(&shared->page->uses, __ATOMIC_SEQ_CST);

	return uses == 0 || uses == shared->generation;
}
