/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmmctl realm: all that is known of one realm, its RECs included.
 */
#include "config.h"

#include <inttypes.h>

#include "rmmctl.h"

static Rmmd__Reply *
get_recs(struct ctl *ctl, uint64_t rd, uint64_t start)
{
	Rmmd__RecsRequest body = RMMD__RECS_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;

	body.rd = rd;
	body.has_start = true;
	body.start = start;
	request.body_case = RMMD__REQUEST__BODY_RECS;
	request.recs = &body;
	return ctl_request(ctl, &request, RMMD__REPLY__BODY_RECS);
}

static enum ctl_exit
each_rec(struct ctl *ctl, uint64_t rd,
    enum ctl_exit (*each)(void *ctx, const Rmmd__Rec *rec), void *ctx)
{
	uint64_t start = 0;
	bool more = true;

	while (more) {
		CTL_REPLY reply = get_recs(ctl, rd, start);

		if (reply == NULL)
			return CTL_FAILED;
		for (size_t i = 0; i < reply->recs->n_recs; i++) {
			enum ctl_exit rc = each(ctx, reply->recs->recs[i]);

			if (rc != CTL_OK)
				return rc;
		}
		more = reply->recs->has_next && reply->recs->next > start;
		start = reply->recs->next;
	}
	return CTL_OK;
}

static size_t
digest_len(const Rmmd__Realm *r, ProtobufCBinaryData bytes)
{
	size_t size = ctl_digest_size(r->hash_algo);

	return size < bytes.len ? size : bytes.len;
}

/* ---- text -----------------------------------------------------------------
 */

/* What the REC waits for, or its host is to do for it. */
static void
print_pending(const Rmmd__Rec *rec)
{
	if (rec->psci_pending)
		printf("  %-14s %s\n", "pending", "PSCI request");
	if (rec->host_call_pending)
		printf("  %-14s %s\n", "pending", "host call");
	if (rec->emulatable_abort)
		printf("  %-14s %s\n", "pending", "emulation of an access");
	if (rec->has_ripas_addr && rec->has_ripas_top)
		printf("  %-14s %s from 0x%" PRIx64 " to 0x%" PRIx64 "\n",
		    "pending",
		    rec->ripas_value == NULL ? "RIPAS change"
					     : ctl_safe(rec->ripas_value),
		    rec->ripas_addr, rec->ripas_top);
}

static enum ctl_exit
print_rec(void *ctx, const Rmmd__Rec *rec)
{
	(void)ctx;
	printf("REC 0x%" PRIx64 "\n", rec->rec);
	printf("  %-14s 0x%" PRIx64 "\n", "mpidr", rec->mpidr);
	printf("  %-14s %s%s\n", "state", rec->running ? "running" : "ready",
	    rec->runnable ? ", runnable" : ", not runnable");
	if (rec->who != NULL)
		printf("  %-14s %s\n", "who", ctl_safe(rec->who));
	print_pending(rec);
	printf("  %-14s 0x%" PRIx64 "\n", "pc", rec->pc);
	printf("  %-14s", "aux");
	for (size_t i = 0; i < rec->n_aux; i++)
		printf(" 0x%" PRIx64, rec->aux[i]);
	putchar('\n');
	return CTL_OK;
}

static void
print_realm(const Rmmd__Realm *r)
{
	char hex[CTL_HEX_TEXT];

	printf("%-16s 0x%" PRIx64 "\n", "rd", r->rd);
	printf("%-16s %s\n", "state", ctl_safe(r->state));
	printf("%-16s %" PRIu32 " bits\n", "ipa_width", r->ipa_width);
	printf("%-16s %s\n", "hash_algo", ctl_safe(r->hash_algo));
	printf("%-16s %" PRIu32 "\n", "vmid", r->vmid);
	printf("%-16s %s\n", "lpa2", r->lpa2 ? "yes" : "no");
	printf("%-16s %s\n", "rpv", ctl_hex(hex, r->rpv.data, r->rpv.len));
	printf("%-16s 0x%" PRIx64 "\n", "rtt_base", r->rtt_base);
	printf("%-16s %" PRId32 "\n", "rtt_level_start", r->rtt_level_start);
	printf("%-16s %" PRIu32 "\n", "rtt_num_start", r->rtt_num_start);
	printf("%-16s %" PRIu64 "\n", "num_recs", r->num_recs);
	printf("%-16s %" PRIu64 "\n", "num_rtts", r->num_rtts);
	printf("%-16s %" PRIu64 "\n", "num_data", r->num_data);
	printf("%-16s %s\n", "rim",
	    ctl_hex(hex, r->rim.data, digest_len(r, r->rim)));
	for (size_t i = 0; i < r->n_rems; i++)
		printf("rem%zu%12s %s\n", i, "",
		    ctl_hex(hex, r->rems[i].data, digest_len(r, r->rems[i])));
}

/* ---- JSON -----------------------------------------------------------------
 */

static json_t *
json_change(const Rmmd__Rec *rec)
{
	return json_pack("{s:o, s:o, s:o}", "base",
	    ctl_json_address(rec->ripas_addr), "top",
	    ctl_json_address(rec->ripas_top), "ripas",
	    ctl_json_text(rec->ripas_value == NULL ? "" : rec->ripas_value));
}

static enum ctl_exit
add_rec(void *ctx, const Rmmd__Rec *rec)
{
	json_t *aux = json_array();
	json_t *row;

	for (size_t i = 0; i < rec->n_aux; i++)
		json_array_append_new(aux, ctl_json_address(rec->aux[i]));
	row = json_pack("{s:o, s:o, s:b, s:b, s:b, s:o, s:o}", "rec",
	    ctl_json_address(rec->rec), "mpidr", ctl_json_address(rec->mpidr),
	    "running", rec->running, "runnable", rec->runnable, "psci_pending",
	    rec->psci_pending, "pc", ctl_json_address(rec->pc), "aux", aux);
	json_object_set_new(
	    row, "host_call_pending", json_boolean(rec->host_call_pending));
	json_object_set_new(
	    row, "emulatable_abort", json_boolean(rec->emulatable_abort));
	if (rec->who != NULL)
		json_object_set_new(row, "who", ctl_json_text(rec->who));
	if (rec->has_ripas_addr && rec->has_ripas_top)
		json_object_set_new(row, "ripas_change", json_change(rec));
	return row != NULL && json_array_append_new(ctx, row) == 0
	    ? CTL_OK
	    : ctl_out_of_memory();
}

static json_t *
json_realm(const Rmmd__Realm *r, json_t *recs)
{
	json_t *rems = json_array();

	for (size_t i = 0; i < r->n_rems; i++)
		json_array_append_new(rems,
		    ctl_json_bytes(r->rems[i].data, digest_len(r, r->rems[i])));
	return json_pack("{s:o, s:o, s:I, s:o, s:I, s:b, s:o, s:o, s:i, s:I,"
			 " s:I, s:I, s:I, s:o, s:o, s:o}",
	    "rd", ctl_json_address(r->rd), "state", ctl_json_text(r->state),
	    "ipa_width", (json_int_t)r->ipa_width, "hash_algo",
	    ctl_json_text(r->hash_algo), "vmid", (json_int_t)r->vmid, "lpa2",
	    r->lpa2, "rpv", ctl_json_bytes(r->rpv.data, r->rpv.len), "rtt_base",
	    ctl_json_address(r->rtt_base), "rtt_level_start",
	    r->rtt_level_start, "rtt_num_start", (json_int_t)r->rtt_num_start,
	    "num_recs", (json_int_t)r->num_recs, "num_rtts",
	    (json_int_t)r->num_rtts, "num_data", (json_int_t)r->num_data, "rim",
	    ctl_json_bytes(r->rim.data, digest_len(r, r->rim)), "rems", rems,
	    "recs", recs);
}

static enum ctl_exit
run_json(struct ctl *ctl, const Rmmd__Realm *realm)
{
	json_t *recs = json_array();
	enum ctl_exit rc = each_rec(ctl, realm->rd, add_rec, recs);

	if (rc == CTL_OK)
		return ctl_json_print(json_realm(realm, recs));
	json_decref(recs);
	return rc;
}

static enum ctl_exit
run(struct ctl *ctl)
{
	CTL_REPLY reply = NULL;
	uint64_t rd;
	enum ctl_exit rc =
	    ctl_find_realm(ctl, ctl->argc > 0 ? ctl->argv[0] : NULL, &rd);

	if (rc != CTL_OK)
		return rc;
	reply = ctl_get_realm(ctl, rd);
	if (reply == NULL)
		return CTL_FAILED;
	if (ctl->json)
		return run_json(ctl, reply->realms->realms[0]);
	print_realm(reply->realms->realms[0]);
	return each_rec(ctl, rd, print_rec, NULL);
}

const struct ctl_command ctl_realm = {
	.name = "realm",
	.usage = "[R]",
	.summary = "Show one realm and its RECs",
	.max_args = 1,
	.run = run,
};
