/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmmctl realms: one line for each realm.
 */
#include "config.h"

#include <inttypes.h>

#include "rmmctl.h"

static enum ctl_exit
print_row(void *ctx, const Rmmd__Realm *r)
{
	uint64_t *count = ctx;
	char rim[CTL_HEX_TEXT];

	if (*count == 0)
		printf("%3s %-18s %-10s %4s %6s %5s %5s %6s %s\n", "#", "RD",
		    "STATE", "IPA", "VMID", "RECS", "RTTS", "DATA", "RIM");
	/* The first digits tell realms apart; rmmctl rim has all. */
	printf("%3" PRIu64 " 0x%-16" PRIx64 " %-10s %4" PRIu32 " %6" PRIu32
	       " %5" PRIu64 " %5" PRIu64 " %6" PRIu64 " %s...\n",
	    *count, r->rd, ctl_safe(r->state), r->ipa_width, r->vmid,
	    r->num_recs, r->num_rtts, r->num_data,
	    ctl_hex(rim, r->rim.data, r->rim.len < 8 ? r->rim.len : 8));
	++*count;
	return CTL_OK;
}

static enum ctl_exit
add_row(void *ctx, const Rmmd__Realm *r)
{
	size_t digest = ctl_digest_size(r->hash_algo);
	json_t *row;

	if (digest > r->rim.len)
		digest = r->rim.len;
	row = json_pack("{s:o, s:o, s:I, s:o, s:I, s:I, s:I, s:I, s:o}", "rd",
	    ctl_json_address(r->rd), "state", ctl_json_text(r->state),
	    "ipa_width", (json_int_t)r->ipa_width, "hash_algo",
	    ctl_json_text(r->hash_algo), "vmid", (json_int_t)r->vmid,
	    "num_recs", (json_int_t)r->num_recs, "num_rtts",
	    (json_int_t)r->num_rtts, "num_data", (json_int_t)r->num_data, "rim",
	    ctl_json_bytes(r->rim.data, digest));
	return row != NULL && json_array_append_new(ctx, row) == 0
	    ? CTL_OK
	    : ctl_out_of_memory();
}

static enum ctl_exit
run_json(struct ctl *ctl)
{
	json_t *list = json_array();
	enum ctl_exit rc = ctl_each_realm(ctl, add_row, list);

	if (rc == CTL_OK)
		return ctl_json_print(json_pack("{s:o}", "realms", list));
	json_decref(list);
	return rc;
}

static enum ctl_exit
run(struct ctl *ctl)
{
	uint64_t count = 0;
	enum ctl_exit rc;

	if (ctl->json)
		return run_json(ctl);
	rc = ctl_each_realm(ctl, print_row, &count);
	if (rc == CTL_OK && count == 0)
		puts("no realms");
	return rc;
}

const struct ctl_command ctl_realms = {
	.name = "realms",
	.usage = "",
	.summary = "List the realms",
	.run = run,
};
