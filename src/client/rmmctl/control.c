/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What rmmctl asks on the control socket: one request and its reply, following
 * pages to their end, and finding the realm that a person means.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "rmmctl.h"
#include "sockets.h"

static bool
connect_control(struct ctl *ctl)
{
	const char *path = ctl->control_path;
	char *beside = NULL;

	if (ctl->channel != NULL)
		return true;
	if (ctl->control_path == NULL && ctl->host_path != NULL &&
	    ctl->host_path[0] != '\0')
		path = beside = socket_beside(ctl->host_path);
	ctl->channel =
	    channel_connect(path, RMMD__ROLE__ROLE_CONTROL, "rmmctl");
	free(beside);
	if (ctl->channel != NULL)
		return true;
	if (errno == ENOENT || errno == ECONNREFUSED)
		ctl_fail("%s\n(\"rmmd\" starts one; \"rmmd --run COMMAND\" one"
			 " that ends with COMMAND; --control names its socket)",
		    ctl_safe(channel_error()));
	else
		ctl_fail("%s", ctl_safe(channel_error()));
	return false;
}

void
ctl_disconnect(struct ctl *ctl)
{
	channel_close(ctl->channel);
	ctl->channel = NULL;
}

void
ctl_reply_free(Rmmd__Reply **reply)
{
	if (*reply != NULL)
		channel_free_reply(*reply);
	*reply = NULL;
}

Rmmd__Reply *
ctl_request(
    struct ctl *ctl, Rmmd__Request *request, Rmmd__Reply__BodyCase wanted)
{
	Rmmd__Reply *reply = NULL;

	if (!connect_control(ctl))
		return NULL;
	if (channel_request(ctl->channel, request, &reply, NULL) < 0) {
		ctl_fail("%s", ctl_safe(channel_error()));
		return NULL;
	}
	if (reply->body_case == wanted)
		return reply;
	ctl_fail("the daemon answered something else than was asked;"
		 " is it of the same version as rmmctl?");
	ctl_reply_free(&reply);
	return NULL;
}

Rmmd__Reply *
ctl_get_status(struct ctl *ctl)
{
	Rmmd__StatusRequest body = RMMD__STATUS_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;

	request.body_case = RMMD__REQUEST__BODY_STATUS;
	request.status = &body;
	return ctl_request(ctl, &request, RMMD__REPLY__BODY_STATUS);
}

static Rmmd__Reply *
get_realms(struct ctl *ctl, uint64_t start, uint32_t limit)
{
	Rmmd__RealmsRequest body = RMMD__REALMS_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;

	body.has_start = body.has_limit = true;
	body.start = start;
	body.limit = limit;
	request.body_case = RMMD__REQUEST__BODY_REALMS;
	request.realms = &body;
	return ctl_request(ctl, &request, RMMD__REPLY__BODY_REALMS);
}

Rmmd__Reply *
ctl_get_realm(struct ctl *ctl, uint64_t rd)
{
	Rmmd__Reply *reply = get_realms(ctl, rd, 1);

	if (reply == NULL)
		return NULL;
	if (reply->realms->n_realms > 0 && reply->realms->realms[0]->rd == rd)
		return reply;
	ctl_fail("there is no realm with its RD at 0x%" PRIx64
		 "; rmmctl realms lists them",
	    rd);
	ctl_reply_free(&reply);
	return NULL;
}

enum ctl_exit
ctl_each_realm(struct ctl *ctl,
    enum ctl_exit (*each)(void *ctx, const Rmmd__Realm *realm), void *ctx)
{
	uint64_t start = 0;
	bool more = true;

	while (more) {
		CTL_REPLY reply = get_realms(ctl, start, 64);

		if (reply == NULL)
			return CTL_FAILED;
		for (size_t i = 0; i < reply->realms->n_realms; i++) {
			enum ctl_exit rc = each(ctx, reply->realms->realms[i]);

			if (rc != CTL_OK)
				return rc;
		}
		/* A page that does not move on would never end. */
		more = reply->realms->has_next && reply->realms->next > start;
		start = reply->realms->next;
	}
	return CTL_OK;
}

/* ---- which realm ----------------------------------------------------------
 */

struct search {
	uint64_t wanted; /* place in order of RD; UINT64_MAX: the only one */
	uint64_t count;
	uint64_t rd;
};

static enum ctl_exit
note_realm(void *ctx, const Rmmd__Realm *realm)
{
	struct search *search = ctx;

	if (search->wanted == search->count || search->wanted == UINT64_MAX)
		search->rd = realm->rd;
	search->count++;
	return CTL_OK;
}

static enum ctl_exit
find_by_place(struct ctl *ctl, uint64_t place, uint64_t *rd)
{
	struct search search = { .wanted = place };
	enum ctl_exit rc = ctl_each_realm(ctl, note_realm, &search);

	if (rc != CTL_OK)
		return rc;
	*rd = search.rd;
	if (place != UINT64_MAX)
		return place < search.count
		    ? CTL_OK
		    : ctl_fail("there is no realm number %" PRIu64
			       ": the machine has %" PRIu64,
			  place, search.count);
	if (search.count == 1)
		return CTL_OK;
	if (search.count == 0)
		return ctl_fail("the machine has no realm");
	return ctl_fail("which of the %" PRIu64 " realms? Name one by its RD;"
			" rmmctl realms lists them",
	    search.count);
}

static enum ctl_exit
find_by_granule(struct ctl *ctl, uint64_t granule, uint64_t *rd)
{
	CTL_REPLY reply = ctl_get_status(ctl);

	if (reply == NULL)
		return CTL_FAILED;
	for (size_t i = 0; i < reply->status->n_banks; i++) {
		const Rmmd__Bank *bank = reply->status->banks[i];

		if (bank->kind != RMMD__BANK_KIND__BANK_DRAM)
			continue;
		*rd = bank->pa + granule * GRANULE_SIZE;
		return CTL_OK;
	}
	return ctl_fail("the machine has no bank of DRAM to count granules in");
}

enum ctl_exit
ctl_find_realm(struct ctl *ctl, const char *word, uint64_t *rd)
{
	uint64_t n;

	if (word == NULL)
		return find_by_place(ctl, UINT64_MAX, rd);
	if (word[0] != '\0' && strchr("#rg", word[0]) != NULL &&
	    ctl_parse_number(word + 1, &n) && n <= UINT64_MAX / GRANULE_SIZE)
		return word[0] == 'g' ? find_by_granule(ctl, n, rd)
				      : find_by_place(ctl, n, rd);
	if (ctl_parse_number(word, rd))
		return CTL_OK;
	return ctl_usage_error("\"%s\" names no realm: give the address of its"
			       " RD, gN, or rN",
	    ctl_safe(word));
}

enum ctl_exit
ctl_find_rec(struct ctl *ctl, const char *word, uint64_t *rec)
{
	uint64_t n;

	if (word[0] == 'g' && ctl_parse_number(word + 1, &n) &&
	    n <= UINT64_MAX / GRANULE_SIZE)
		return find_by_granule(ctl, n, rec);
	if (ctl_parse_number(word, rec))
		return CTL_OK;
	return ctl_usage_error("\"%s\" names no REC: give its address, or gN;"
			       " rmmctl realm lists them",
	    ctl_safe(word));
}

/* ---- one granule ----------------------------------------------------------
 */

static bool
in_dram(struct ctl *ctl, uint64_t pa, bool *inside)
{
	CTL_REPLY reply = ctl_get_status(ctl);

	*inside = false;
	if (reply == NULL)
		return false;
	for (size_t i = 0; i < reply->status->n_banks; i++) {
		const Rmmd__Bank *bank = reply->status->banks[i];

		if (bank->kind == RMMD__BANK_KIND__BANK_DRAM &&
		    pa >= bank->pa && pa - bank->pa < bank->size)
			*inside = true;
	}
	return true;
}

bool
ctl_get_granule(struct ctl *ctl, uint64_t pa, struct ctl_granule *granule)
{
	Rmmd__GranulesRequest body = RMMD__GRANULES_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;
	const Rmmd__GranuleRun *run;
	CTL_REPLY reply = NULL;

	*granule = (struct ctl_granule){ .pa = pa & ~(uint64_t)0xfff };
	body.has_start = body.has_limit = true;
	body.start = granule->pa;
	body.limit = 1;
	request.body_case = RMMD__REQUEST__BODY_GRANULES;
	request.granules = &body;
	reply = ctl_request(ctl, &request, RMMD__REPLY__BODY_GRANULES);
	if (reply == NULL || !in_dram(ctl, pa, &granule->in_bank))
		return false;
	snprintf(granule->state, sizeof(granule->state), "%s",
	    granule->in_bank ? "UNDELEGATED" : "no DRAM");
	run = reply->granules->n_runs == 0 ? NULL : reply->granules->runs[0];
	if (run == NULL || granule->pa < run->pa ||
	    (granule->pa - run->pa) / GRANULE_SIZE >= run->count)
		return true;
	snprintf(
	    granule->state, sizeof(granule->state), "%s", ctl_safe(run->state));
	granule->has_rd = run->has_rd;
	granule->rd = run->rd;
	granule->has_where = run->has_where;
	granule->where = run->where;
	granule->has_level = run->has_level;
	granule->level = run->level;
	return true;
}
