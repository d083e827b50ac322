/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmmctl status: the daemon and its machine at a glance.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "rmmctl.h"

#define FIELD(name, kind)                        \
	{                                        \
#name, kind, RMI_FEATURE0_##name \
	}
enum kind { NUMBER, YES_NO, PLUS_ONE };

/* RmiFeatureRegister0 (B4.4.6). */
static const struct feature {
	const char *name;
	enum kind kind; /* PLUS_ONE: encoded as one less */
	unsigned lsb;
	unsigned width;
} features[] = {
	FIELD(S2SZ, NUMBER),
	FIELD(LPA2, YES_NO),
	FIELD(SVE_EN, YES_NO),
	FIELD(SVE_VL, NUMBER),
	FIELD(NUM_BPS, PLUS_ONE),
	FIELD(NUM_WPS, PLUS_ONE),
	FIELD(PMU_EN, YES_NO),
	FIELD(PMU_NUM_CTRS, NUMBER),
	FIELD(HASH_SHA_256, YES_NO),
	FIELD(HASH_SHA_512, YES_NO),
	FIELD(GICV3_NUM_LRS, PLUS_ONE),
	FIELD(MAX_RECS_ORDER, NUMBER),
};
#define FEATURES (sizeof(features) / sizeof(features[0]))

static uint64_t
feature_value(const struct feature *f, uint64_t reg)
{
	return RMI_FIELD_GET(reg, f->lsb, f->width);
}

static void
print_banks(const Rmmd__StatusReply *s)
{
	char size[CTL_SIZE_TEXT];

	for (size_t i = 0; i < s->n_banks; i++) {
		const Rmmd__Bank *b = s->banks[i];

		printf("%-16s 0x%" PRIx64 "-0x%" PRIx64 " %s %s\n",
		    i == 0 ? "banks" : "", b->pa, b->pa + b->size - 1,
		    ctl_size(size, b->size), ctl_bank_kind(b->kind));
	}
}

static void
print_leases(const Rmmd__StatusReply *s)
{
	char size[CTL_SIZE_TEXT];

	if (s->n_leases == 0)
		printf("%-16s none\n", "leases");
	for (size_t i = 0; i < s->n_leases; i++) {
		const Rmmd__Lease *l = s->leases[i];

		printf("%-16s 0x%" PRIx64 "-0x%" PRIx64 " %s pid %" PRIu32
		       " %s\n",
		    i == 0 ? "leases" : "", l->pa, l->pa + l->size - 1,
		    ctl_size(size, l->size), l->pid,
		    l->client == NULL ? "" : ctl_safe(l->client));
	}
}

static void
print_features(const Rmmd__StatusReply *s)
{
	uint64_t reg = s->feature_register_0;

	printf("%-16s 0x%" PRIx64 "\n", "features 0", reg);
	for (size_t i = 0; i < FEATURES; i++) {
		uint64_t value = feature_value(&features[i], reg);

		printf("  %-14s ", features[i].name);
		if (features[i].kind == YES_NO)
			puts(value != 0 ? "yes" : "no");
		else if (features[i].kind == PLUS_ONE)
			printf("%" PRIu64 " (%" PRIu64 " of them)\n", value,
			    value + 1);
		else
			printf("%" PRIu64 "\n", value);
	}
	printf("%-16s %" PRIu32 "\n", "REC aux count", s->rec_aux_count);
	if (s->order != NULL)
		printf("%-16s %s\n", "order", ctl_safe(s->order));
	for (size_t i = 0; i < s->n_choices; i++)
		printf("%-16s %s\n", i == 0 ? "choices" : "",
		    ctl_safe(s->choices[i]));
}

static void
print_text(const Rmmd__StatusReply *s)
{
	printf("%-16s %s, pid %" PRIu32 "\n", "server", ctl_safe(s->server),
	    s->pid);
	printf("%-16s %s\n", "abi", ctl_safe(s->abi));
	printf("%-16s %s\n", "host socket", ctl_safe(s->host_socket));
	printf("%-16s %s\n", "control socket", ctl_safe(s->control_socket));
	print_banks(s);
	for (size_t i = 0; i < s->n_granules; i++)
		printf("%-16s %-12s %" PRIu64 "\n", i == 0 ? "granules" : "",
		    ctl_safe(s->granules[i]->state), s->granules[i]->count);
	printf("%-16s %" PRIu32 "\n", "realms", s->realms);
	printf("%-16s %" PRIu32 "\n", "clients", s->clients);
	printf("%-16s %" PRIu64 ", %" PRIu64 " failed\n", "calls", s->calls,
	    s->failed_calls);
	if (s->failed_scripts > 0)
		printf(
		    "%-16s %" PRIu64 " failed\n", "scripts", s->failed_scripts);
	print_leases(s);
	print_features(s);
}

static json_t *
json_banks(const Rmmd__StatusReply *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->n_banks; i++) {
		const Rmmd__Bank *b = s->banks[i];

		json_array_append_new(list,
		    json_pack("{s:o, s:o, s:s}", "pa", ctl_json_address(b->pa),
			"size", ctl_json_address(b->size), "kind",
			ctl_bank_kind(b->kind)));
	}
	return list;
}

static json_t *
json_leases(const Rmmd__StatusReply *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->n_leases; i++) {
		const Rmmd__Lease *l = s->leases[i];
		const char *client = l->client == NULL ? "" : l->client;

		json_array_append_new(list,
		    json_pack("{s:o, s:o, s:I, s:o}", "pa",
			ctl_json_address(l->pa), "size",
			ctl_json_address(l->size), "pid", (json_int_t)l->pid,
			"client", ctl_json_text(client)));
	}
	return list;
}

static json_t *
json_granules(const Rmmd__StatusReply *s)
{
	json_t *object = json_object();

	for (size_t i = 0; i < s->n_granules; i++)
		json_object_set_new(object, ctl_safe(s->granules[i]->state),
		    json_integer((json_int_t)s->granules[i]->count));
	return object;
}

static json_t *
json_features(const Rmmd__StatusReply *s)
{
	uint64_t reg = s->feature_register_0;
	json_t *object = json_object();

	json_object_set_new(object, "value", ctl_json_address(reg));
	for (size_t i = 0; i < FEATURES; i++) {
		uint64_t value = feature_value(&features[i], reg);

		json_object_set_new(object, features[i].name,
		    features[i].kind == YES_NO
			? json_boolean(value != 0)
			: json_integer((json_int_t)value));
	}
	return object;
}

/* {"sbz": "ignore"} */
static json_t *
json_choices(const Rmmd__StatusReply *s)
{
	json_t *object = json_object();

	for (size_t i = 0; i < s->n_choices; i++) {
		const char *value = strchr(s->choices[i], '=');
		char name[64];

		if (value == NULL)
			continue;
		snprintf(name, sizeof(name), "%.*s",
		    (int)(value - s->choices[i]), s->choices[i]);
		json_object_set_new(object, name, ctl_json_text(value + 1));
	}
	return object;
}

static json_t *
json_status(const Rmmd__StatusReply *s)
{
	json_t *object;

	object = json_pack("{s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:I, s:I, s:I,"
			   " s:I, s:o, s:o, s:I}",
	    "server", ctl_json_text(s->server), "abi", ctl_json_text(s->abi),
	    "pid", (json_int_t)s->pid, "host_socket",
	    ctl_json_text(s->host_socket), "control_socket",
	    ctl_json_text(s->control_socket), "banks", json_banks(s),
	    "granules", json_granules(s), "realms", (json_int_t)s->realms,
	    "clients", (json_int_t)s->clients, "calls", (json_int_t)s->calls,
	    "failed_calls", (json_int_t)s->failed_calls, "leases",
	    json_leases(s), "feature_register_0", json_features(s),
	    "rec_aux_count", (json_int_t)s->rec_aux_count);
	if (s->has_failed_scripts)
		json_object_set_new(object, "failed_scripts",
		    json_integer((json_int_t)s->failed_scripts));
	if (s->order != NULL)
		json_object_set_new(object, "order", ctl_json_text(s->order));
	if (s->n_choices > 0)
		json_object_set_new(object, "choices", json_choices(s));
	return object;
}

static enum ctl_exit
run(struct ctl *ctl)
{
	CTL_REPLY reply = ctl_get_status(ctl);

	if (reply == NULL)
		return CTL_FAILED;
	if (ctl->json)
		return ctl_json_print(json_status(reply->status));
	print_text(reply->status);
	return CTL_OK;
}

const struct ctl_command ctl_status = {
	.name = "status",
	.usage = "",
	.summary = "Show the daemon and its machine",
	.run = run,
};
