/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Populate under control: how far a call gets, and what disturbs it, by the
 * count of calls or by address, never by a clock.  Who sets it is the program,
 * or the environment of one that knows nothing of it.
 *
 * Rules, with commas between them, are WHEN=WHAT.  WHEN is N, the N-th call of
 * the program; N+, that and all that follow; N/M, that and each M-th after it;
 * or @IPA, a page, the first time a call comes to it, @IPA+ every time.  WHAT
 * is an error's name; "stall", success without progress; RMI_ERROR_INPUT, _REC
 * or _REALM, as if DATA_CREATE answered it; or how much the call does: bytes,
 * with K, M or p for pages.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "kvm.h"

#define MAX_RULES 64

enum when { BY_COUNT, BY_IPA };

struct rule {
	enum when when;
	uint64_t first; /* number of the call, or IPA of the page */
	uint64_t every; /* by count: 0: that one only */
	bool again;	/* by IPA: not the first time only */
	_Atomic bool fired;
	struct disturbance what;
};

struct faults {
	struct rule rules[MAX_RULES];
	size_t num;
};

/* ---- Parsing ----------------------------------------------------------- */

static bool
parse_number(const char **text, uint64_t *number)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*number = strtoull(*text, &end, 0);
	*text = end;
	return errno == 0;
}

bool
limit_parse(const char *text, uint64_t *bytes)
{
	unsigned shift = 0;

	if (!parse_number(&text, bytes))
		return false;
	if (*text == 'K')
		shift = 10;
	else if (*text == 'M')
		shift = 20;
	else if (*text == 'p')
		shift = PAGE_SHIFT;
	if (shift != 0)
		text++;
	if (*text != '\0' || *bytes == 0 || *bytes > UINT64_MAX >> shift)
		return false;
	*bytes <<= shift;
	return true;
}

static bool
parse_when(const char *text, struct rule *rule)
{
	rule->when = *text == '@' ? BY_IPA : BY_COUNT;
	if (*text == '@')
		text++;
	if (!parse_number(&text, &rule->first))
		return false;
	if (strcmp(text, "+") == 0) {
		rule->again = true;
		rule->every = 1;
		return true;
	}
	if (rule->when == BY_IPA)
		return *text == '\0' && PAGE_ALIGNED(rule->first);
	if (*text == '/') {
		text++;
		if (!parse_number(&text, &rule->every) || rule->every == 0)
			return false;
	}
	return *text == '\0' && rule->first > 0;
}

/* The number of the error that is called name, or 0. */
static int
find_error(const char *name)
{
	for (int error = 1; error < 134; error++) {
		const char *known = strerrorname_np(error);

		if (known != NULL && strcmp(known, name) == 0)
			return error;
	}
	return 0;
}

static bool
parse_what(const char *text, struct disturbance *what)
{
	static const char *const statuses[] = { NULL, "RMI_ERROR_INPUT",
		"RMI_ERROR_REALM", "RMI_ERROR_REC" };

	for (int status = 1; status <= 3; status++)
		if (strcmp(statuses[status], text) == 0) {
			what->kind = DISTURB_STATUS;
			what->status = status;
			return true;
		}
	if (strcmp(text, "stall") == 0) {
		what->kind = DISTURB_STALL;
		return true;
	}
	what->kind = DISTURB_ERROR;
	what->error = -find_error(text);
	if (what->error != 0)
		return true;
	what->kind = DISTURB_LIMIT;
	return limit_parse(text, &what->limit);
}

static bool
parse_rule(char *text, struct rule *rule)
{
	char *equals = strchr(text, '=');

	if (equals == NULL)
		return false;
	*equals = '\0';
	return parse_when(text, rule) && parse_what(equals + 1, &rule->what);
}

int
faults_parse(const char *text, struct faults **faults)
{
	char *copy = strdup(text), *rest = copy, *part;
	int rc = 0;

	*faults = calloc(1, sizeof(**faults));
	if (copy == NULL || *faults == NULL)
		rc = -ENOMEM;
	while (rc == 0 && (part = strsep(&rest, ",")) != NULL) {
		if (*part == '\0')
			continue;
		if ((*faults)->num == MAX_RULES ||
		    !parse_rule(part, &(*faults)->rules[(*faults)->num]))
			rc = -EINVAL;
		else
			(*faults)->num++;
	}
	free(copy);
	if (rc < 0) {
		free(*faults);
		*faults = NULL;
	}
	return rc;
}

void
faults_free(struct faults *faults)
{
	free(faults);
}

/* ---- Use --------------------------------------------------------------- */

static bool
counts(const struct rule *rule, uint64_t call)
{
	if (rule->when != BY_COUNT || call < rule->first)
		return false;
	return rule->every == 0 ? call == rule->first
				: (call - rule->first) % rule->every == 0;
}

struct disturbance
faults_of_call(struct faults *faults, uint64_t call)
{
	for (size_t i = 0; faults != NULL && i < faults->num; i++)
		if (counts(&faults->rules[i], call))
			return faults->rules[i].what;
	return (struct disturbance){ .kind = DISTURB_NOT };
}

struct disturbance
faults_of_page(struct faults *faults, uint64_t ipa)
{
	for (size_t i = 0; faults != NULL && i < faults->num; i++) {
		struct rule *rule = &faults->rules[i];

		if (rule->when == BY_IPA && rule->first == ipa &&
		    (rule->again || !rule->fired)) {
			rule->fired = true;
			return rule->what;
		}
	}
	return (struct disturbance){ .kind = DISTURB_NOT };
}
