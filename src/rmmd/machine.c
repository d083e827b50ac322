/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The machine and its Non-secure memory: one sparse memfd for all DRAM banks,
 * and another for what realms have as DATA, sealed so that no client can shrink
 * it under the daemon's feet.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "log.h"
#include "machine.h"
#include "realm/actor.h"
#include "realm/cpu.h"

static void
zero_ns(struct machine *machine, uint64_t offset, uint64_t size)
{
	int rc;

	if (size == 0)
		return;
	do
		rc = fallocate(machine->fd,
		    FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
		    (off_t)size);
	while (rc != 0 && errno == EINTR);
	if (rc != 0) {
		log_at(
		    LOG_WARN, "cannot give memory back: %s", strerror(errno));
		memset(machine->ns + offset, 0, size);
	}
}

static void
on_discard(
    void *ctx, const struct rmm_bank *bank, uint64_t offset, uint64_t size)
{
	struct machine *machine = ctx;

	zero_ns(machine, (uint64_t)(bank->ns - machine->ns) + offset, size);
}

static void
on_rim_step(void *ctx, const struct rmm_rim_step *step)
{
	struct machine *machine = ctx;

	rim_log_add(machine->rims, step);
}

static void
on_realm_gone(void *ctx, uint64_t rd)
{
	struct machine *machine = ctx;

	rim_log_drop(machine->rims, rd);
	if (machine->actors != NULL)
		actors_realm_gone(machine->actors, rd);
}

static void
on_rec_gone(void *ctx, uint64_t rec)
{
	struct machine *machine = ctx;

	if (machine->actors != NULL)
		actors_rec_gone(machine->actors, rec);
}

static void
on_translation_gone(void *ctx, uint64_t rd, uint64_t ipa, uint64_t size)
{
	struct machine *machine = ctx;

	if (machine->actors != NULL)
		cpus_translation_gone(machine->actors, rd, ipa, size);
}

static void
on_ns_gone(void *ctx, uint64_t pa)
{
	struct machine *machine = ctx;

	if (machine->actors != NULL)
		cpus_ns_gone(machine->actors, pa);
}

static int
by_base(const void *a, const void *b)
{
	const struct machine_bank *x = a, *y = b;

	return x->base < y->base ? -1 : x->base > y->base;
}

/* Where each bank lies in the file, and how large that is. */
static bool
lay_out(
    struct machine *machine, const struct rmm_config *cfg, struct failure *why)
{
	struct machine_bank *bank;
	size_t i;

	machine->banks = calloc(cfg->num_banks + 1, sizeof(*machine->banks));
	if (machine->banks == NULL)
		return failure_set(why, "no memory for the table of banks");
	machine->num_banks = cfg->num_banks;
	for (i = 0; i < cfg->num_banks; i++) {
		bank = &machine->banks[i];
		bank->base = cfg->banks[i].base;
		bank->size = cfg->banks[i].size;
		bank->kind = cfg->banks[i].kind;
	}
	qsort(machine->banks, machine->num_banks, sizeof(*machine->banks),
	    by_base);
	for (i = 0; i < machine->num_banks; i++) {
		bank = &machine->banks[i];
		if (bank->kind != RMM_BANK_DRAM)
			continue;
		bank->offset = machine->ns_size;
		/* INT64_MAX: the file's size is an off_t. */
		if (bank->size > INT64_MAX - machine->ns_size)
			return failure_set(why,
			    "the DRAM banks are larger than a file can be");
		machine->ns_size += bank->size;
	}
	return true;
}

/* -1: why says why not. */
static int
make_file(const char *name, uint64_t size, struct failure *why)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		failure_set(
		    why, "cannot make a memory file: %s", strerror(errno));
	else if (ftruncate(fd, (off_t)size) != 0)
		failure_set(why,
		    "this system refuses a memory file of %" PRIu64
		    " bytes for the DRAM banks: %s",
		    size, strerror(errno));
	else if (fcntl(fd, F_ADD_SEALS,
		     F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
		failure_set(
		    why, "cannot seal the memory file: %s", strerror(errno));
	else
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* NULL: why says why not. */
static uint8_t *
map_file(int fd, uint64_t size, struct failure *why)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_NORESERVE, fd, 0);

	if (map != MAP_FAILED)
		return map;
	failure_set(why,
	    "cannot map %" PRIu64 " bytes of DRAM: %s; give smaller "
	    "banks",
	    size, strerror(errno));
	return NULL;
}

static bool
make_files(struct machine *machine, struct failure *why)
{
	uint64_t size = machine->ns_size;

	machine->fd = make_file("rmmd", size, why);
	if (machine->fd < 0)
		return false;
	machine->data_fd = make_file("rmmd-realms", size, why);
	if (machine->data_fd < 0)
		return false;
	if (size == 0)
		return true;
	machine->ns = map_file(machine->fd, size, why);
	if (machine->ns == NULL)
		return false;
	machine->data = map_file(machine->data_fd, size, why);
	if (machine->data == NULL)
		return false;
	/* A dump of the process must not carry realm memory. */
	(void)madvise(machine->data, size, MADV_DONTDUMP);
	return true;
}

static bool
make_model(struct machine *machine, const struct rmm_config *given,
    struct failure *why)
{
	struct rmm_config cfg = *given;
	struct rmm_bank *banks;
	size_t i;

	banks = calloc(machine->num_banks + 1, sizeof(*banks));
	if (banks == NULL)
		return failure_set(why, "no memory for the table of banks");
	for (i = 0; i < machine->num_banks; i++) {
		banks[i].base = machine->banks[i].base;
		banks[i].size = machine->banks[i].size;
		banks[i].kind = machine->banks[i].kind;
		if (banks[i].kind != RMM_BANK_DRAM)
			continue;
		banks[i].ns = machine->ns + machine->banks[i].offset;
		banks[i].data = machine->data + machine->banks[i].offset;
	}
	cfg.banks = banks;
	cfg.host.ctx = machine;
	cfg.host.discard = on_discard;
	cfg.host.rim_step = on_rim_step;
	cfg.host.realm_gone = on_realm_gone;
	cfg.host.rec_gone = on_rec_gone;
	cfg.host.translation_gone = on_translation_gone;
	cfg.host.ns_gone = on_ns_gone;
	cfg.driven = true;
	machine->rmm = rmm_new(&cfg, why->text, sizeof(why->text));
	free(banks);
	return machine->rmm != NULL;
}

struct machine *
machine_new(
    const struct rmm_config *cfg, uint64_t rim_limit, struct failure *why)
{
	struct machine *machine = calloc(1, sizeof(*machine));

	if (machine == NULL) {
		failure_set(why, "no memory for the machine");
		return NULL;
	}
	machine->fd = machine->data_fd = -1;
	machine->rims = rim_log_new(rim_limit);
	if (machine->rims == NULL)
		failure_set(why, "no memory for the machine");
	else if (lay_out(machine, cfg, why) && make_files(machine, why) &&
	    make_model(machine, cfg, why))
		return machine;
	machine_free(machine);
	return NULL;
}

void
machine_free(struct machine *machine)
{
	if (machine == NULL)
		return;
	if (machine->rmm != NULL)
		rmm_free(machine->rmm);
	if (machine->ns != NULL)
		munmap(machine->ns, machine->ns_size);
	if (machine->data != NULL)
		munmap(machine->data, machine->ns_size);
	if (machine->fd >= 0)
		close(machine->fd);
	if (machine->data_fd >= 0)
		close(machine->data_fd);
	rim_log_free(machine->rims);
	free(machine->banks);
	free(machine);
}

void
machine_reset(struct machine *machine)
{
	rmm_reset(machine->rmm);
	rim_log_clear(machine->rims);
	zero_ns(machine, 0, machine->ns_size);
}

const struct machine_bank *
machine_dram(const struct machine *machine, uint64_t pa, uint64_t size)
{
	const struct machine_bank *bank;
	size_t i;

	for (i = 0; i < machine->num_banks; i++) {
		bank = &machine->banks[i];
		if (bank->kind == RMM_BANK_DRAM && pa >= bank->base &&
		    pa - bank->base < bank->size &&
		    size <= bank->size - (pa - bank->base))
			return bank;
	}
	return NULL;
}

void
machine_discard(struct machine *machine, uint64_t pa, uint64_t size)
{
	const struct machine_bank *bank = machine_dram(machine, pa, size);

	if (bank != NULL)
		zero_ns(machine, bank->offset + (pa - bank->base), size);
}
