/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Banks of physical memory.  Realm memory is an anonymous mapping that the
 * system fills in page by page, so that a bank of any size costs nothing until
 * it is written.
 */
#include "config.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "granule.h"
#include "machine.h"

struct bank *
bank_at(const struct rmm *rmm, uint64_t pa)
{
	size_t low = 0, high = rmm->num_banks;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct bank *bank = &rmm->banks[middle];

		if (pa < bank->ns.base)
			high = middle;
		else if (pa - bank->ns.base >= bank->ns.size)
			low = middle + 1;
		else
			return bank;
	}
	return NULL;
}

bool
pa_is_delegable(const struct rmm *rmm, uint64_t pa)
{
	const struct bank *bank = bank_at(rmm, pa);

	return bank != NULL && bank->ns.kind == RMM_BANK_DRAM;
}

bool
bank_init(struct bank *bank, const struct rmm_bank *config)
{
	bank->ns = *config;
	if (config->kind != RMM_BANK_DRAM)
		return true;
	bank->num_nodes = (config->size - 1) / NODE_SIZE + 1;
	bank->nodes = calloc(bank->num_nodes, sizeof *bank->nodes);
	if (bank->nodes == NULL)
		return false;
	bank->realm = mmap(NULL, config->size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (bank->realm == MAP_FAILED) {
		bank->realm = NULL;
		return false;
	}
	/* A dump of the process must not carry realm memory. */
	(void)madvise(bank->realm, config->size, MADV_DONTDUMP);
	bank->data = config->data != NULL ? config->data : bank->realm;
	return true;
}

void
bank_fini(struct bank *bank)
{
	free(bank->nodes);
	if (bank->realm != NULL)
		(void)munmap(bank->realm, bank->ns.size);
	memset(bank, 0, sizeof *bank);
}

uint8_t *
realm_memory(const struct rmm *rmm, uint64_t pa)
{
	const struct bank *bank = bank_at(rmm, pa);

	assert(bank != NULL && bank->realm != NULL);
	return bank->realm + (pa - bank->ns.base);
}

uint8_t *
data_memory(const struct rmm *rmm, uint64_t pa)
{
	const struct bank *bank = bank_at(rmm, pa);

	assert(bank != NULL && bank->data != NULL);
	return bank->data + (pa - bank->ns.base);
}

void
ns_read(const struct rmm *rmm, uint64_t pa, void *buf, size_t size)
{
	const struct bank *bank = bank_at(rmm, pa);

	assert(bank != NULL && granule_is_ns(rmm, pa) && size <= GRANULE_SIZE);
	memcpy(buf, bank->ns.ns + (pa - bank->ns.base), size);
}

void
ns_write(
    struct rmm *rmm, uint64_t pa, size_t offset, const void *buf, size_t size)
{
	const struct bank *bank = bank_at(rmm, pa);

	assert(bank != NULL && granule_is_ns(rmm, pa));
	assert(offset + size <= GRANULE_SIZE);
	/* A reset clears what a call has written: it must find the chunk. */
	(void)granule_reserve(rmm, pa);
	memcpy(bank->ns.ns + (pa - bank->ns.base) + offset, buf, size);
}

void
ns_discard(struct rmm *rmm, struct bank *bank, uint64_t offset, uint64_t size)
{
	const struct rmm_host *host = &rmm->config.host;

	if (host->discard != NULL)
		host->discard(host->ctx, &bank->ns, offset, size);
	else
		memset(bank->ns.ns + offset, 0, size);
}

void
realm_discard(struct bank *bank, uint64_t offset, uint64_t size)
{
	if (madvise(bank->realm + offset, size, MADV_DONTNEED) != 0)
		memset(bank->realm + offset, 0, size);
}

void
data_discard(struct bank *bank, uint64_t offset, uint64_t size)
{
	if (bank->data == bank->realm)
		realm_discard(bank, offset, size);
	else if (madvise(bank->data + offset, size, MADV_REMOVE) != 0)
		memset(bank->data + offset, 0, size);
}

bool
page_is_zero(const uint8_t *page)
{
	/* Each byte equals the next one, and the first is zero. */
	return page[0] == 0 && memcmp(page, page + 1, GRANULE_SIZE - 1) == 0;
}
