/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Numbers as people write them in options: decimal or 0x hexadecimal, sizes
 * with K, M, G or T, bytes as hexadecimal digits.  Nothing else is taken.
 */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"

bool parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value,
    struct failure *why);
bool parse_size(const char *text, uint64_t *value, struct failure *why);
/* Pairs of digits, min to max of them; "none" stands for no bytes. */
bool parse_hex(const char *text, size_t min, size_t max, uint8_t *bytes,
    size_t *size, struct failure *why);

#endif
