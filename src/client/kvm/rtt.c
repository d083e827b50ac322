/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The realm's translation tables, as the host builds them: levels that are
 * missing, RIPAS at the start, destruction at the end.
 */
#include "kvm.h"

uint64_t
rtt_level_size(int level)
{
	return PAGE_SIZE << 9 * (RTT_LEAF_LEVEL - level);
}

/*
 * As for any stage 2: levels so that the root has at most 16 tables in a row,
 * each standing for 4 KiB of descriptors.
 */
void
rtt_geometry(unsigned ipa_bits, int *level_start, uint32_t *num_start)
{
	unsigned levels = (ipa_bits - 8) / 9;
	unsigned covered = PAGE_SHIFT + 9 * levels;

	*level_start = RTT_LEAF_LEVEL + 1 - (int)levels;
	*num_start = ipa_bits > covered ? 1u << (ipa_bits - covered) : 1;
}

static int
create_one(struct vm *vm, uint64_t ipa, int level)
{
	uint64_t rtt;
	int rc = granule_alloc(vm, &rtt);

	if (rc < 0)
		return rc == -ENOMEM ? vm->file.system->profile->rtt_no_page
				     : rc;
	ipa &= ~(rtt_level_size(level - 1) - 1);
	rc = rmi_rtt_create(
	    vm->file.system->client, vm->realm.rd, rtt, ipa, (uint64_t)level);
	if (rc == RMI_SUCCESS)
		return 0;
	granule_free(vm, rtt);
	/* The parent's entry is a table already: somebody made it. */
	if (rc > 0 && RMI_STATUS((unsigned)rc) == RMI_ERROR_RTT &&
	    RMI_INDEX((unsigned)rc) == (unsigned)level - 1)
		return 0;
	return (int)rmi_fail(-ENXIO, "RMI_RTT_CREATE", rc);
}

int
rtt_create_levels(struct vm *vm, uint64_t ipa, int from, int to)
{
	int rc = 0;

	for (int level = from + 1; level <= to && rc == 0; level++)
		rc = create_one(vm, ipa, level);
	return rc;
}

int
rtt_map_level(const struct vm *vm, uint64_t ipa, uint64_t top)
{
	int level = vm->realm.rtt_level_start;

	for (; level < RTT_LEAF_LEVEL; level++)
		if ((ipa & (rtt_level_size(level) - 1)) == 0 &&
		    top - ipa >= rtt_level_size(level))
			break;
	return level;
}

int
rtt_init_ripas(struct vm *vm, uint64_t base, uint64_t top, int is_ram)
{
	uint64_t next;
	int rc, level;

	while (base < top) {
		rc = rmi_rtt_init_ripas(
		    vm->file.system->client, vm->realm.rd, base, top, &next);
		if (rc == RMI_SUCCESS) {
			base = next;
			continue;
		}
		if (rc < 0 || RMI_STATUS((unsigned)rc) != RMI_ERROR_RTT)
			return (int)rmi_fail(-ENXIO, "RMI_RTT_INIT_RIPAS", rc);
		level = (int)RMI_INDEX((unsigned)rc);
		if (level < rtt_map_level(vm, base, top)) {
			rc = rtt_create_levels(
			    vm, base, level, rtt_map_level(vm, base, top));
			if (rc < 0)
				return rc;
			continue;
		}
		/*
		 * A page that was populated is RAM already and RMI 1.0 does not
		 * pass over it: the kernel tries the page behind it.
		 */
		if (is_ram != 0)
			return (int)rmi_fail(is_ram, "RMI_RTT_INIT_RIPAS", rc);
		base += PAGE_SIZE;
	}
	return 0;
}

/*
 * Destroy the tables at level that translate [base, top), and what is below
 * them.  What can not be destroyed stays, for the daemon to clean up.
 */
static void
destroy_level(struct vm *vm, int level, uint64_t base, uint64_t top)
{
	uint64_t size = rtt_level_size(level - 1);
	bool descended = false;

	while (base < top) {
		uint64_t rtt, next = 0;
		int rc = rmi_rtt_destroy(vm->file.system->client, vm->realm.rd,
		    base, (uint64_t)level, &rtt, &next);

		if (rc == RMI_SUCCESS) {
			granule_free(vm, rtt);
		} else if (rc > 0 &&
		    RMI_STATUS((unsigned)rc) == RMI_ERROR_RTT &&
		    RMI_INDEX((unsigned)rc) == (unsigned)level &&
		    level < RTT_LEAF_LEVEL && !descended) {
			destroy_level(vm, level + 1, base, base + size);
			descended = true;
			continue;
		} else if (rc < 0 ||
		    RMI_STATUS((unsigned)rc) != RMI_ERROR_RTT) {
			return;
		}
		/* Entries from base to next have nothing below them. */
		base = next > base + size ? next & ~(size - 1) : base + size;
		descended = false;
	}
}

void
rtt_destroy_all(struct vm *vm)
{
	destroy_level(
	    vm, vm->realm.rtt_level_start + 1, 0, 1ull << vm->ipa_bits);
}
