/* SPDX-License-Identifier: BSD-3-Clause */
/* Scripts in files. */
#ifndef SCRIPT_FILE_H
#define SCRIPT_FILE_H

#include "failure.h"
#include "script.h"

/* Returns NULL, with the reason, if there is no script in that file. */
struct script *script_load(const char *path, struct failure *why);

#endif
