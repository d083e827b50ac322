/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Showing a token that was read and verified.
 */
#ifndef TOKEN_SHOW_H
#define TOKEN_SHOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "token-view.h"

/* size: of the token, in bytes. */
void token_print(FILE *out, const struct token_view *view, size_t size);
json_t *token_json(const struct token_view *view, size_t size, bool good);

#endif
