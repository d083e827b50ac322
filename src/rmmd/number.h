/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Numbers as people write them in options: decimal or 0x hexadecimal, sizes
 * with K, M, G or T.  Nothing else is taken for a number.
 */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "failure.h"

bool parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value,
    struct failure *why);
bool parse_size(const char *text, uint64_t *value, struct failure *why);

#endif
