/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * librmmclient: the machine's banks, and Non-secure memory mapped here.  A bank
 * is mapped whole when first needed, for addresses cost nothing; where they do
 * (RLIMIT_AS), the piece that was asked for.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client-internal.h"
#include "rmi.h"

void
memory_init(struct memory *memory)
{
	pthread_mutex_init(&memory->lock, NULL);
	memory->fd = -1;
}

void
memory_fini(struct memory *memory)
{
	struct mapping *m;

	while ((m = memory->mappings) != NULL) {
		memory->mappings = m->next;
		munmap(m->address, m->size);
		free(m);
	}
	free(memory->banks);
	if (memory->fd != -1)
		close(memory->fd);
}

/* ---- Asking for it ----------------------------------------------------- */

static int
by_base(const void *left, const void *right)
{
	const struct rmmclient_bank *a = left, *b = right;

	return a->base < b->base ? -1 : a->base > b->base;
}

/* What lies beyond the file's end would kill who touches it. */
static bool
bank_is_sound(const struct rmmclient_bank *bank, uint64_t file_size)
{
	if (bank->size == 0 || (bank->base | bank->size) % GRANULE_SIZE != 0 ||
	    bank->base + bank->size < bank->base)
		return false;
	if (bank->kind != RMMCLIENT_BANK_DRAM)
		return true;
	return bank->offset % GRANULE_SIZE == 0 && bank->offset <= file_size &&
	    bank->size <= file_size - bank->offset;
}

static bool
banks_are_sound(const struct rmmclient_bank *banks, size_t n, int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!bank_is_sound(&banks[i], (uint64_t)st.st_size))
			return false;
		if (i > 0 &&
		    banks[i - 1].base + banks[i - 1].size > banks[i].base)
			return false;
	}
	return true;
}

static int
keep(struct memory *memory, const Rmmd__MemoryReply *reply, int fd)
{
	struct rmmclient_bank *banks;
	size_t n = reply->n_banks;

	banks = calloc(n == 0 ? 1 : n, sizeof *banks);
	if (banks == NULL)
		return channel_fail(ENOMEM, "no memory for %zu banks", n);
	for (size_t i = 0; i < n; i++)
		banks[i] = (struct rmmclient_bank){
			.base = reply->banks[i]->pa,
			.size = reply->banks[i]->size,
			.kind = (enum rmmclient_bank_kind)reply->banks[i]->kind,
			.offset = reply->banks[i]->offset,
		};
	qsort(banks, n, sizeof *banks, by_base);
	if (fd == -1 || !banks_are_sound(banks, n, fd)) {
		free(banks);
		return channel_fail(EPROTO,
		    "the daemon described %zu banks of memory that its file "
		    "does not hold",
		    n);
	}
	memory->banks = banks;
	memory->num_banks = n;
	memory->fd = fd;
	memory->known = true;
	return 0;
}

static int
ask(struct rmmclient *client)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__MemoryRequest body = RMMD__MEMORY_REQUEST__INIT;
	Rmmd__Reply *reply;
	int fd, rc;

	request.body_case = RMMD__REQUEST__BODY_MEMORY;
	request.memory = &body;
	do
		rc = channel_request(client->channel, &request, &reply, &fd);
	while (rc == -EINTR);
	if (rc != 0)
		return rc;
	rc = keep(&client->memory, reply->memory, fd);
	if (rc != 0 && fd != -1)
		close(fd);
	channel_free_reply(reply);
	return rc;
}

/* What is known once stays as it is: no lock is needed to read it. */
static int
know(struct rmmclient *client)
{
	int rc = 0;

	pthread_mutex_lock(&client->memory.lock);
	if (!client->memory.known)
		rc = ask(client);
	pthread_mutex_unlock(&client->memory.lock);
	return rc;
}

const struct rmmclient_bank *
rmmclient_banks(struct rmmclient *client, size_t *num)
{
	int rc = know(client);

	*num = 0;
	if (rc != 0) {
		errno = -rc;
		return NULL;
	}
	*num = client->memory.num_banks;
	return client->memory.banks;
}

int
rmmclient_memory_fd(struct rmmclient *client)
{
	int rc = know(client);

	return rc == 0 ? client->memory.fd : rc;
}

/* ---- Finding and mapping ----------------------------------------------- */

/* The DRAM bank that holds all of [pa, pa + size). */
static const struct rmmclient_bank *
bank_of(const struct memory *memory, uint64_t pa, uint64_t size)
{
	for (size_t i = 0; i < memory->num_banks; i++) {
		const struct rmmclient_bank *bank = &memory->banks[i];

		if (bank->kind == RMMCLIENT_BANK_DRAM && pa >= bank->base &&
		    pa - bank->base < bank->size &&
		    size <= bank->size - (pa - bank->base))
			return bank;
	}
	channel_fail(EFAULT,
	    "0x%llx, %llu bytes, is not within one bank of DRAM",
	    (unsigned long long)pa, (unsigned long long)size);
	return NULL;
}

static struct mapping *
find_mapping(const struct memory *memory, uint64_t pa, uint64_t size)
{
	struct mapping *m;

	for (m = memory->mappings; m != NULL; m = m->next) {
		if (pa >= m->pa && pa - m->pa < m->size &&
		    size <= m->size - (pa - m->pa))
			return m;
	}
	return NULL;
}

static struct mapping *
make_mapping(struct memory *memory, const struct rmmclient_bank *bank,
    uint64_t pa, uint64_t size)
{
	struct mapping *m = malloc(sizeof *m);
	void *p;

	if (m == NULL)
		return NULL;
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
	    memory->fd, (off_t)(bank->offset + (pa - bank->base)));
	if (p == MAP_FAILED) {
		free(m);
		return NULL;
	}
	*m = (struct mapping){ memory->mappings, pa, size, p };
	memory->mappings = m;
	return m;
}

/* With the lock held. */
static struct mapping *
mapping_of(struct memory *memory, const struct rmmclient_bank *bank,
    uint64_t pa, uint64_t size)
{
	struct mapping *m = find_mapping(memory, pa, size);
	uint64_t skew = pa % GRANULE_SIZE, whole;

	if (m == NULL)
		m = make_mapping(memory, bank, bank->base, bank->size);
	if (m == NULL) {
		whole = skew + size + GRANULE_SIZE - 1;
		whole -= whole % GRANULE_SIZE;
		if (whole == 0)
			whole = GRANULE_SIZE;
		m = make_mapping(memory, bank, pa - skew, whole);
	}
	if (m == NULL)
		channel_fail(ENOMEM,
		    "cannot map %llu bytes of memory at 0x%llx: %s",
		    (unsigned long long)size, (unsigned long long)pa,
		    strerror(errno));
	return m;
}

void *
rmmclient_map(struct rmmclient *client, uint64_t pa, uint64_t size)
{
	struct memory *memory = &client->memory;
	const struct rmmclient_bank *bank;
	struct mapping *m;
	int rc = know(client);

	if (rc != 0) {
		errno = -rc;
		return NULL;
	}
	bank = bank_of(memory, pa, size);
	if (bank == NULL) {
		errno = EFAULT;
		return NULL;
	}
	pthread_mutex_lock(&memory->lock);
	m = mapping_of(memory, bank, pa, size);
	pthread_mutex_unlock(&memory->lock);
	if (m == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	return m->address + (pa - m->pa);
}

int64_t
rmmclient_offset(struct rmmclient *client, uint64_t pa)
{
	const struct rmmclient_bank *bank;
	int rc = know(client);

	if (rc != 0)
		return rc;
	bank = bank_of(&client->memory, pa, 1);
	if (bank == NULL)
		return -EFAULT;
	return (int64_t)(bank->offset + (pa - bank->base));
}
