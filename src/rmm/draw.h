/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the machine draws: numbers that its seed decides.
 */
#ifndef DRAW_H
#define DRAW_H

#include <stdint.h>

/* The n-th number of a seed; SplitMix64. */
static inline uint64_t
draw(uint64_t seed, uint64_t n)
{
	uint64_t z = seed + (n + 1) * 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

#endif
