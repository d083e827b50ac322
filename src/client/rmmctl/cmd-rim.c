/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmmctl rim: a realm's initial measurement and each step that led to it, one
 * line a step, so that two of them can be compared with diff.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "rmmctl.h"

#define STEPS_AT_ONCE 1024

struct rim {
	json_t *json; /* NULL: print text */
	uint64_t rd;
};

static Rmmd__Reply *
get_rim(struct ctl *ctl, uint64_t rd, uint64_t start, uint32_t limit)
{
	Rmmd__RimRequest body = RMMD__RIM_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;

	body.rd = rd;
	body.has_start = body.has_limit = true;
	body.start = start;
	body.limit = limit;
	request.body_case = RMMD__REQUEST__BODY_RIM;
	request.rim = &body;
	return ctl_request(ctl, &request, RMMD__REPLY__BODY_RIM);
}

static void
print_step(const Rmmd__RimStep *s)
{
	char hex[CTL_HEX_TEXT];

	printf("%" PRIu64 " %s", s->number, ctl_safe(s->kind));
	if (s->has_ipa && s->has_top)
		printf(" 0x%" PRIx64 "-0x%" PRIx64, s->ipa, s->top - 1);
	else if (s->has_ipa)
		printf(" 0x%" PRIx64, s->ipa);
	if (s->has_flags)
		printf(" flags=0x%" PRIx64, s->flags);
	if (s->has_content)
		printf(" content=%s",
		    ctl_hex(hex, s->content.data, s->content.len));
	else if (strcmp(s->kind, "DATA") == 0)
		fputs(" content=unmeasured", stdout);
	printf(" rim=%s\n", ctl_hex(hex, s->rim.data, s->rim.len));
}

static enum ctl_exit
add_step(struct rim *rim, const Rmmd__RimStep *s)
{
	json_t *row = json_pack("{s:I, s:o}", "number", (json_int_t)s->number,
	    "kind", ctl_json_text(s->kind));

	if (s->has_ipa)
		json_object_set_new(row, "ipa", ctl_json_address(s->ipa));
	if (s->has_top)
		json_object_set_new(row, "top", ctl_json_address(s->top));
	if (s->has_flags)
		json_object_set_new(row, "flags", ctl_json_address(s->flags));
	if (s->has_content)
		json_object_set_new(row, "content",
		    ctl_json_bytes(s->content.data, s->content.len));
	json_object_set_new(
	    row, "rim", ctl_json_bytes(s->rim.data, s->rim.len));
	return row != NULL && json_array_append_new(rim->json, row) == 0
	    ? CTL_OK
	    : ctl_out_of_memory();
}

/* Steps start to end - 1: a realm that moves on meanwhile is not followed. */
static enum ctl_exit
list_steps(struct ctl *ctl, struct rim *rim, uint64_t start, uint64_t end)
{
	enum ctl_exit rc = CTL_OK;
	bool more = start < end;

	while (more && rc == CTL_OK) {
		uint64_t left = end - start;
		CTL_REPLY reply = get_rim(ctl, rim->rd, start,
		    left < STEPS_AT_ONCE ? (uint32_t)left : STEPS_AT_ONCE);

		if (reply == NULL)
			return CTL_FAILED;
		for (size_t i = 0; i < reply->rim->n_steps && rc == CTL_OK;
		     i++) {
			if (rim->json == NULL)
				print_step(reply->rim->steps[i]);
			else
				rc = add_step(rim, reply->rim->steps[i]);
		}
		more = reply->rim->has_next && reply->rim->next > start &&
		    reply->rim->next < end;
		start = reply->rim->next;
	}
	return rc;
}

static size_t
rim_len(const Rmmd__RimReply *r)
{
	size_t size = ctl_digest_size(r->hash_algo);

	return size < r->rim.len ? size : r->rim.len;
}

static void
print_head(const struct rim *rim, const Rmmd__RimReply *r)
{
	char hex[CTL_HEX_TEXT];

	printf("rd %20s0x%" PRIx64 "\n", "", rim->rd);
	printf("hash_algo %13s%s\n", "", ctl_safe(r->hash_algo));
	printf("rim %19s%s\n", "", ctl_hex(hex, r->rim.data, rim_len(r)));
	printf("steps %17s%" PRIu64 "\n", "", r->steps_total);
	if (r->has_dropped && r->dropped > 0)
		printf("steps not kept %8s%" PRIu64 "\n", "", r->dropped);
}

static json_t *
json_head(const struct rim *rim, const Rmmd__RimReply *r, json_t *steps)
{
	return json_pack("{s:o, s:o, s:o, s:I, s:I, s:o}", "rd",
	    ctl_json_address(rim->rd), "hash_algo", ctl_json_text(r->hash_algo),
	    "rim", ctl_json_bytes(r->rim.data, rim_len(r)), "steps_total",
	    (json_int_t)r->steps_total, "dropped",
	    (json_int_t)(r->has_dropped ? r->dropped : 0), "steps", steps);
}

enum ctl_exit
ctl_show_rim(struct ctl *ctl, uint64_t rd, uint64_t steps)
{
	struct rim rim = { .rd = rd };
	CTL_REPLY head = get_rim(ctl, rd, 0, 1);
	enum ctl_exit rc = CTL_OK;
	uint64_t kept;

	if (head == NULL)
		return CTL_FAILED;
	/* What the daemon had no room for is at the end. */
	kept = head->rim->steps_total;
	if (head->rim->has_dropped && head->rim->dropped <= kept)
		kept -= head->rim->dropped;
	if (ctl->json)
		rim.json = json_array();
	else
		print_head(&rim, head->rim);
	if (steps > 0)
		rc = list_steps(
		    ctl, &rim, kept > steps ? kept - steps : 0, kept);
	if (rc == CTL_OK && ctl->json)
		return ctl_json_print(json_head(&rim, head->rim, rim.json));
	json_decref(rim.json);
	return rc;
}

enum { STEPS };

static enum ctl_exit
run(struct ctl *ctl)
{
	uint64_t steps = UINT64_MAX;
	enum ctl_exit rc = CTL_OK;
	uint64_t rd;

	if (ctl->option[STEPS] != NULL)
		rc = ctl_number("--steps", ctl->option[STEPS], &steps);
	if (rc == CTL_OK)
		rc = ctl_find_realm(
		    ctl, ctl->argc > 0 ? ctl->argv[0] : NULL, &rd);
	return rc != CTL_OK ? rc : ctl_show_rim(ctl, rd, steps);
}

const struct ctl_command ctl_rim = {
	.name = "rim",
	.usage = "[R]",
	.summary = "Show a realm's initial measurement and what it is made of",
	.max_args = 1,
	.options = {
		[STEPS] = { "steps", "N",
		    "only the last N steps kept (0: the measurement alone)" },
	},
	.run = run,
};
