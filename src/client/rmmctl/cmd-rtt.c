/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmmctl rtt: a realm's translation tree, depth first and indented, entries
 * that continue each other in one line; or the path that translates one IPA.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "rmmctl.h"

struct row {
	uint64_t ipa, rtt, addr, desc;
	uint64_t count;
	int level;
	bool has_addr, has_desc;
	char state[32];
	char ripas[32]; /* "": has none */
};

struct tree {
	json_t *json; /* NULL: print text */
	int level_start;
	struct row pending;
};

/* Bytes that one entry at this level translates (A5.5). */
static uint64_t
entry_size(int level)
{
	return level >= -1 && level <= 3 ? 1ull << (12 + 9 * (3 - level)) : 0;
}

static void
print_row(const struct tree *tree, const struct row *row)
{
	char each[CTL_SIZE_TEXT];
	int depth = row->level - tree->level_start;

	ctl_size(each, entry_size(row->level));
	printf("%*sL%d 0x%" PRIx64, depth < 0 ? 0 : 2 * depth, "", row->level,
	    row->ipa);
	if (row->count > 1)
		printf("-0x%" PRIx64 " %" PRIu64 " x %s",
		    row->ipa + row->count * entry_size(row->level) - 1,
		    row->count, each);
	else
		printf(" %s", each);
	printf(" %s", row->state);
	if (row->ripas[0] != '\0')
		printf(" %s", row->ripas);
	if (row->has_addr)
		printf(" -> 0x%" PRIx64, row->addr);
	putchar('\n');
}

static enum ctl_exit
add_row(const struct tree *tree, const struct row *row)
{
	json_t *object = json_pack("{s:o, s:i, s:o, s:I, s:o, s:o}", "ipa",
	    ctl_json_address(row->ipa), "level", row->level, "rtt",
	    ctl_json_address(row->rtt), "count", (json_int_t)row->count, "size",
	    ctl_json_address(row->count * entry_size(row->level)), "state",
	    ctl_json_text(row->state));

	if (row->ripas[0] != '\0')
		json_object_set_new(object, "ripas", ctl_json_text(row->ripas));
	if (row->has_addr)
		json_object_set_new(
		    object, "addr", ctl_json_address(row->addr));
	if (row->has_desc)
		json_object_set_new(
		    object, "desc", ctl_json_address(row->desc));
	return object != NULL && json_array_append_new(tree->json, object) == 0
	    ? CTL_OK
	    : ctl_out_of_memory();
}

static enum ctl_exit
flush_row(struct tree *tree)
{
	enum ctl_exit rc = CTL_OK;

	if (tree->pending.count > 0 && tree->json != NULL)
		rc = add_row(tree, &tree->pending);
	else if (tree->pending.count > 0)
		print_row(tree, &tree->pending);
	tree->pending.count = 0;
	return rc;
}

/* Whether b goes on where a ends: a page of the reply may have cut a run. */
static bool
continues(const struct row *a, const struct row *b)
{
	uint64_t bytes = a->count * entry_size(a->level);

	return a->count > 0 && a->rtt == b->rtt && a->level == b->level &&
	    a->ipa + bytes == b->ipa && strcmp(a->state, b->state) == 0 &&
	    strcmp(a->ripas, b->ripas) == 0 && a->has_addr == b->has_addr &&
	    (!a->has_addr || a->addr + bytes == b->addr) &&
	    (!a->has_addr || a->desc + bytes == b->desc) &&
	    strcmp(a->state, "TABLE") != 0;
}

static enum ctl_exit
take_run(struct tree *tree, const Rmmd__RttRun *r)
{
	struct row row = { .ipa = r->ipa, .rtt = r->rtt, .addr = r->addr };
	enum ctl_exit rc;

	row.desc = r->desc;
	row.count = r->count;
	row.level = r->level;
	row.has_addr = r->has_addr;
	row.has_desc = r->has_desc;
	snprintf(row.state, sizeof(row.state), "%s", ctl_safe(r->state));
	if (r->ripas != NULL)
		snprintf(
		    row.ripas, sizeof(row.ripas), "%s", ctl_safe(r->ripas));
	if (continues(&tree->pending, &row)) {
		tree->pending.count += row.count;
		return CTL_OK;
	}
	rc = flush_row(tree);
	tree->pending = row;
	return rc;
}

/* Follow the pages.  request's place to begin is moved on. */
static enum ctl_exit
take_all(struct ctl *ctl, struct tree *tree, Rmmd__RttRequest *body)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	enum ctl_exit rc = CTL_OK;
	bool more = true;

	request.body_case = RMMD__REQUEST__BODY_RTT;
	request.rtt = body;
	while (more && rc == CTL_OK) {
		CTL_REPLY reply =
		    ctl_request(ctl, &request, RMMD__REPLY__BODY_RTT);
		const Rmmd__RttReply *rtt;

		if (reply == NULL)
			return CTL_FAILED;
		rtt = reply->rtt;
		for (size_t i = 0; i < rtt->n_runs && rc == CTL_OK; i++)
			rc = take_run(tree, rtt->runs[i]);
		/* The tree may change between pages; the cursor must not. */
		more = rtt->has_next_ipa &&
		    (!body->has_ipa || rtt->next_ipa > body->ipa ||
			(rtt->has_next_level && rtt->next_level > body->level));
		body->has_ipa = true;
		body->ipa = rtt->next_ipa;
		body->has_level = rtt->has_next_level;
		body->level = rtt->next_level;
	}
	return rc != CTL_OK ? rc : flush_row(tree);
}

enum ctl_exit
ctl_show_rtt(struct ctl *ctl, uint64_t rd, const uint64_t *only_ipa)
{
	Rmmd__RttRequest body = RMMD__RTT_REQUEST__INIT;
	CTL_REPLY reply = ctl_get_realm(ctl, rd);
	struct tree tree = { 0 };
	const Rmmd__Realm *realm;
	enum ctl_exit rc;

	if (reply == NULL)
		return CTL_FAILED;
	realm = reply->realms->realms[0];
	tree.level_start = realm->rtt_level_start;
	tree.json = ctl->json ? json_array() : NULL;
	body.rd = rd;
	if (only_ipa != NULL) {
		body.has_only_ipa = true;
		body.only_ipa = *only_ipa;
	}
	rc = take_all(ctl, &tree, &body);
	if (rc == CTL_OK && ctl->json)
		return ctl_json_print(json_pack("{s:o, s:I, s:i, s:o}", "rd",
		    ctl_json_address(rd), "ipa_width",
		    (json_int_t)realm->ipa_width, "rtt_level_start",
		    realm->rtt_level_start, "entries", tree.json));
	json_decref(tree.json);
	return rc;
}

static enum ctl_exit
run(struct ctl *ctl)
{
	uint64_t rd, ipa;
	enum ctl_exit rc =
	    ctl_find_realm(ctl, ctl->argc > 0 ? ctl->argv[0] : NULL, &rd);

	if (rc == CTL_OK && ctl->argc > 1)
		rc = ctl_number("IPA", ctl->argv[1], &ipa);
	if (rc != CTL_OK)
		return rc;
	return ctl_show_rtt(ctl, rd, ctl->argc > 1 ? &ipa : NULL);
}

const struct ctl_command ctl_rtt = {
	.name = "rtt",
	.usage = "[R [IPA]]",
	.summary = "Show a realm's translation tree, or what translates IPA",
	.max_args = 2,
	.run = run,
};
