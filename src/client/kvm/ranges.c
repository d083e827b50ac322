/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sets of addresses as ranges, in order and apart: neighbours that touch are
 * one.
 */
#include <stdlib.h>
#include <string.h>

#include "kvm.h"

/* As many as a caller can make by turns of private and shared; a few MiB. */
#define MAX_RANGES (1u << 18)

bool
ranges_have(const struct ranges *ranges, uint64_t address)
{
	size_t low = 0, high = ranges->num;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (address >= ranges->v[mid].top)
			low = mid + 1;
		else if (address < ranges->v[mid].base)
			high = mid;
		else
			return true;
	}
	return false;
}

/* Room for one more. */
static int
grow(struct ranges *ranges)
{
	size_t num = ranges->num + 1;
	struct range *v;

	/* Powers of two, so that most calls find room. */
	if (num > 1 && (ranges->num & (ranges->num - 1)) != 0)
		return 0;
	if (num > MAX_RANGES)
		return -ENOMEM;
	v = realloc(ranges->v, (num == 1 ? 1 : 2 * ranges->num) * sizeof(*v));
	if (v == NULL)
		return -ENOMEM;
	ranges->v = v;
	return 0;
}

int
ranges_add(struct ranges *ranges, uint64_t base, uint64_t top)
{
	size_t at = 0, end;
	int rc = grow(ranges);

	if (rc < 0)
		return rc;
	/* Swallow neighbours that touch. */
	while (at < ranges->num && ranges->v[at].top < base)
		at++;
	for (end = at; end < ranges->num && ranges->v[end].base <= top; end++) {
		struct range *old = &ranges->v[end];

		base = old->base < base ? old->base : base;
		top = old->top > top ? old->top : top;
	}
	memmove(&ranges->v[at + 1], &ranges->v[end],
	    (ranges->num - end) * sizeof(*ranges->v));
	ranges->num = ranges->num - (end - at) + 1;
	ranges->v[at] = (struct range){ base, top };
	return 0;
}

int
ranges_cut(struct ranges *ranges, uint64_t base, uint64_t top)
{
	struct range *v;
	size_t num = 0;
	int rc = grow(ranges);

	if (rc < 0)
		return rc;
	v = ranges->v;
	for (size_t i = 0; i < ranges->num; i++) {
		/* A split shifts what follows by one. */
		if (v[i].base < base && v[i].top > top) {
			memmove(&v[i + 2], &v[i + 1],
			    (ranges->num - i - 1) * sizeof(*v));
			v[i + 1] = (struct range){ top, v[i].top };
			v[i].top = base;
			ranges->num++;
			return 0;
		}
	}
	for (size_t i = 0; i < ranges->num; i++) {
		struct range range = v[i];

		if (range.base >= base && range.top <= top)
			continue;
		if (range.base < base && range.top > base)
			range.top = base;
		if (range.top > top && range.base < top)
			range.base = top;
		v[num++] = range;
	}
	ranges->num = num;
	return 0;
}

void
ranges_free(struct ranges *ranges)
{
	free(ranges->v);
	ranges->v = NULL;
	ranges->num = 0;
}
