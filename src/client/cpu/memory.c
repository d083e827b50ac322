/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * librmmcpu: the memory of realms, and the page by which the daemon says which
 * translations hold.
 */
#include "config.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cpu-internal.h"

/* ---- Files ------------------------------------------------------------- */

/* What lies beyond the file's end would kill who touches it. */
static void *
map_file(int fd, uint64_t size)
{
	struct stat st;
	void *map;

	if (size == 0 || fstat(fd, &st) != 0 || (uint64_t)st.st_size < size) {
		channel_fail(EPROTO,
		    "the daemon sent a file that is smaller than it said");
		errno = EPROTO;
		return NULL;
	}
	map = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (map != MAP_FAILED)
		return map;
	channel_fail(ENOMEM, "cannot map %llu bytes of the machine's memory",
	    (unsigned long long)size);
	errno = ENOMEM;
	return NULL;
}

/* NULL with errno and the sentence set. */
static void *
get_file(struct rmmcpu *cpu, Rmmd__CpuFile file, uint64_t *size)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__CpuFileRequest body = RMMD__CPU_FILE_REQUEST__INIT;
	Rmmd__Reply *reply;
	void *map;
	int fd = -1, rc;

	body.file = file;
	request.body_case = RMMD__REQUEST__BODY_CPU_FILE;
	request.cpu_file = &body;
	rc = cpu_request(cpu, &request, &reply, &fd);
	if (rc != 0) {
		errno = -rc;
		return NULL;
	}
	*size = reply->cpu_file->size;
	channel_free_reply(reply);
	map = map_file(fd, *size);
	if (fd >= 0)
		close(fd);
	return map;
}

int
cpu_map_files(struct rmmcpu *cpu)
{
	struct files *files = &cpu->files;
	uint64_t size;

	cpu->page = get_file(cpu, RMMD__CPU_FILE__CPU_FILE_PAGE, &size);
	if (cpu->page == NULL)
		return -errno;
	files->ns = get_file(cpu, RMMD__CPU_FILE__CPU_FILE_NS, &files->ns_size);
	if (files->ns == NULL)
		return -errno;
	files->realm =
	    get_file(cpu, RMMD__CPU_FILE__CPU_FILE_REALM, &files->realm_size);
	return files->realm == NULL ? -errno : 0;
}

void
cpu_unmap_files(struct rmmcpu *cpu)
{
	if (cpu->page != NULL)
		munmap(cpu->page, sizeof *cpu->page);
	if (cpu->files.ns != NULL)
		munmap(cpu->files.ns, cpu->files.ns_size);
	if (cpu->files.realm != NULL)
		munmap(cpu->files.realm, cpu->files.realm_size);
}

/* ---- The page ---------------------------------------------------------- */

uint32_t
rmmcpu_attention(const struct rmmcpu *cpu)
{
	return __atomic_load_n(&cpu->page->attention, __ATOMIC_SEQ_CST);
}

const uint32_t *
rmmcpu_attention_word(const struct rmmcpu *cpu)
{
	return &cpu->page->attention;
}

uint64_t
rmmcpu_generation(const struct rmmcpu *cpu)
{
	return cpu->epoch;
}

/*
 * Either the daemon sees what we say that we use, and waits until it is the
 * newest, or we see that it is not the newest.
 */
void
cpu_begin_use(struct rmmcpu *cpu)
{
	struct cpu_page *page = cpu->page;
	uint64_t generation;

	__atomic_and_fetch(&page->attention,
	    ~(uint32_t)CPU_ATTENTION_TRANSLATION, __ATOMIC_SEQ_CST);
	generation = __atomic_load_n(&page->generation, __ATOMIC_SEQ_CST);
	for (;;) {
		uint64_t newest;

		__atomic_store_n(&page->uses, generation, __ATOMIC_SEQ_CST);
		newest = __atomic_load_n(&page->generation, __ATOMIC_SEQ_CST);
		if (newest == generation)
			break;
		generation = newest;
	}
	if (generation == cpu->generation)
		return;
	cpu->generation = generation;
	cpu->epoch++;
}

void
cpu_end_use(struct rmmcpu *cpu)
{
	__atomic_store_n(&cpu->page->uses, 0, __ATOMIC_SEQ_CST);
}

void
rmmcpu_sync(struct rmmcpu *cpu)
{
	if (cpu->rec != 0)
		cpu_begin_use(cpu);
}

void
rmmcpu_pause(struct rmmcpu *cpu)
{
	cpu_end_use(cpu);
}

void
cpu_use_realm(struct rmmcpu *cpu, uint64_t rd)
{
	if (cpu->rd != rd)
		cpu->epoch++;
	cpu->rd = rd;
}

/* ---- Translations ------------------------------------------------------ */

static bool
holds(const struct rmmcpu *cpu, const struct cached *cached, uint64_t ipa)
{
	return cached->epoch == cpu->epoch && ipa >= cached->to.first &&
	    ipa - cached->to.first < cached->to.size;
}

static const struct rmmcpu_translation *
find(struct rmmcpu *cpu, uint64_t ipa)
{
	struct cached *slot = &cpu->slots[ipa / GRANULE_SIZE % CACHE_SLOTS];

	if (holds(cpu, slot, ipa))
		return &slot->to;
	for (unsigned i = 0; i < CACHE_BLOCKS; i++) {
		if (holds(cpu, &cpu->blocks[i], ipa)) {
			*slot = cpu->blocks[i];
			return &slot->to;
		}
	}
	return NULL;
}

/* What is not there may come at any time without a word: it is asked again. */
static void
keep(struct rmmcpu *cpu, uint64_t ipa, const struct rmmcpu_translation *to)
{
	const struct cached cached = { cpu->epoch, *to };

	if (to->address == NULL)
		return;
	cpu->slots[ipa / GRANULE_SIZE % CACHE_SLOTS] = cached;
	if (to->size > GRANULE_SIZE)
		cpu->blocks[cpu->next_block++ % CACHE_BLOCKS] = cached;
}

/* Where it is in this process.  false: not in the file. */
static bool
locate(const struct rmmcpu *cpu, const Rmmd__CpuTranslateReply *reply,
    struct rmmcpu_translation *to)
{
	const struct files *files = &cpu->files;
	uint64_t size = reply->ns ? files->ns_size : files->realm_size;

	to->first = reply->first;
	to->size = reply->size;
	to->readable = reply->readable;
	to->writable = reply->writable;
	to->executable = reply->executable;
	to->ns = reply->ns;
	to->address = NULL;
	if (!to->readable && !to->writable && !to->executable)
		return true;
	if (reply->size > size || reply->offset > size - reply->size)
		return false;
	to->address = (reply->ns ? files->ns : files->realm) + reply->offset;
	return true;
}

/* Ask.  *fresh: it can be used; else ask again. */
static int
ask(struct rmmcpu *cpu, uint64_t ipa, struct rmmcpu_translation *to,
    bool *fresh)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__CpuTranslateRequest body = RMMD__CPU_TRANSLATE_REQUEST__INIT;
	Rmmd__Reply *reply;
	int rc;

	body.ipa = ipa;
	request.body_case = RMMD__REQUEST__BODY_CPU_TRANSLATE;
	request.cpu_translate = &body;
	cpu_end_use(cpu);
	rc = cpu_request(cpu, &request, &reply, NULL);
	cpu_begin_use(cpu);
	if (rc != 0)
		return rc;
	*fresh = reply->cpu_translate->generation == cpu->generation;
	if (*fresh && !locate(cpu, reply->cpu_translate, to))
		rc = channel_fail(EPROTO,
		    "the daemon translated to what its file does not hold");
	channel_free_reply(reply);
	return rc;
}

int
rmmcpu_translate(
    struct rmmcpu *cpu, uint64_t ipa, struct rmmcpu_translation *translation)
{
	const struct rmmcpu_translation *known = find(cpu, ipa);
	bool fresh = false;
	int rc;

	if (cpu->rec == 0)
		return channel_fail(ENOENT, "no REC runs on this processor");
	if (known != NULL) {
		*translation = *known;
		return 0;
	}
	while (!fresh) {
		rc = ask(cpu, ipa, translation, &fresh);
		if (rc != 0)
			return rc;
	}
	keep(cpu, ipa, translation);
	return 0;
}

static bool
is_allowed(const struct rmmcpu_translation *to, enum rmmcpu_access access)
{
	switch (access) {
	case RMMCPU_READ:
		return to->readable;
	case RMMCPU_WRITE:
		return to->writable;
	case RMMCPU_FETCH:
		return to->executable;
	}
	return false;
}

void *
rmmcpu_map(
    struct rmmcpu *cpu, uint64_t ipa, size_t size, enum rmmcpu_access access)
{
	struct rmmcpu_translation to;
	int rc;

	if (size > GRANULE_SIZE - ipa % GRANULE_SIZE) {
		channel_fail(EINVAL,
		    "%zu bytes at 0x%llx are not in one granule", size,
		    (unsigned long long)ipa);
		errno = EINVAL;
		return NULL;
	}
	rc = rmmcpu_translate(cpu, ipa, &to);
	if (rc == 0 && !is_allowed(&to, access))
		rc = channel_fail(EFAULT, "the realm may not access 0x%llx",
		    (unsigned long long)ipa);
	if (rc == 0)
		return to.address + (ipa - to.first);
	errno = -rc;
	return NULL;
}
