/* SPDX-License-Identifier: BSD-3-Clause */
/* The daemon's end of the page that it shares with a processor. */
#ifndef SHARED_H
#define SHARED_H

#include <stdbool.h>

#include "cpu-page.h"

struct shared {
	int fd;
	struct cpu_page *page;
	uint64_t generation; /* what the processor writes is not believed */
};

/* false: no memory. */
bool shared_init(struct shared *shared);
void shared_fini(struct shared *shared);

void shared_ask(struct shared *shared, uint32_t attention);
/* The REC is entered: what was asked of it before is settled. */
void shared_settle(struct shared *shared);

/* All translations that the processor was given are void. */
void shared_void(struct shared *shared);
/* Does it use none of those that are void? */
bool shared_is_clean(const struct shared *shared);

#endif
