/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmmctl token: the attestation token of a realm, or one in a file: what it
 * says, and whether that is so.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "rmmctl.h"
#include "token-show.h"

#define CHALLENGE 64
#define FILE_MAX  (1u << 20) /* no token and no key is as large */

enum { CHALLENGE_HEX, IN, OUT, KEY, PUBLIC_KEY };

/* What is at hand for one token. */
struct job {
	uint8_t *token;
	size_t size;
	bool have_challenge;
	uint8_t challenge[CHALLENGE];
	uint8_t cpak[P384_POINT];
	Rmmd__Reply *realm; /* NULL: the realm does not matter */
};

static void
job_free(struct job *job)
{
	free(job->token);
	ctl_reply_free(&job->realm);
}
#define JOB __attribute__((cleanup(job_free))) struct job

/* ---- Files --------------------------------------------------------------- */

static void
close_file(FILE **file)
{
	if (*file != NULL)
		fclose(*file);
}
#define FILE_ __attribute__((cleanup(close_file))) FILE *

/* All of a file, for the caller to free; NULL after an error was reported. */
static uint8_t *
read_file(const char *path, size_t *size)
{
	FILE_ file = fopen(path, "re");
	uint8_t *bytes = malloc(FILE_MAX + 1);

	errno = bytes == NULL ? ENOMEM : errno;
	if (file != NULL && bytes != NULL) {
		errno = 0;
		*size = fread(bytes, 1, FILE_MAX + 1, file);
		if (!ferror(file) && *size <= FILE_MAX)
			return bytes;
	}
	if (file != NULL && bytes != NULL && !ferror(file))
		ctl_fail(
		    "%s is larger than %u bytes", ctl_safe(path), FILE_MAX);
	else
		ctl_fail("cannot read %s: %s", ctl_safe(path), strerror(errno));
	free(bytes);
	return NULL;
}

static enum ctl_exit
write_file(const char *path, const uint8_t *bytes, size_t size)
{
	FILE *file = fopen(path, "we");
	bool good;

	if (file == NULL)
		return ctl_fail(
		    "cannot write %s: %s", ctl_safe(path), strerror(errno));
	good = fwrite(bytes, 1, size, file) == size;
	if (fclose(file) != 0 || !good)
		return ctl_fail(
		    "cannot write %s: %s", ctl_safe(path), strerror(errno));
	return CTL_OK;
}

/* ---- The command line ---------------------------------------------------- */

static int
digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0'
	    : c >= 'a' && c <= 'f'  ? c - 'a' + 10
	    : c >= 'A' && c <= 'F'  ? c - 'A' + 10
				    : -1;
}

/* Zeros follow what is shorter than 64 bytes (A7.2.2). */
static enum ctl_exit
read_challenge(struct job *job, const char *hex)
{
	size_t len = strlen(hex);

	if (len == 0 || len % 2 != 0 || len > 2 * (size_t)CHALLENGE ||
	    strspn(hex, "0123456789abcdefABCDEF") != len)
		return ctl_usage_error(
		    "--challenge: \"%s\" is not 1 to 64 bytes (write pairs of"
		    " hexadecimal digits)",
		    ctl_safe(hex));
	for (size_t i = 0; i < len; i += 2)
		job->challenge[i / 2] =
		    (uint8_t)(digit(hex[i]) << 4 | digit(hex[i + 1]));
	job->have_challenge = true;
	return CTL_OK;
}

static enum ctl_exit
draw_challenge(struct job *job)
{
	if (getrandom(job->challenge, CHALLENGE, 0) != CHALLENGE)
		return ctl_fail(
		    "this system has no random numbers for a challenge: %s",
		    strerror(errno));
	job->have_challenge = true;
	return CTL_OK;
}

/* ---- The daemon ---------------------------------------------------------- */

static Rmmd__Reply *
get_keys(struct ctl *ctl)
{
	Rmmd__AttestationRequest body = RMMD__ATTESTATION_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;

	request.body_case = RMMD__REQUEST__BODY_ATTESTATION;
	request.attestation = &body;
	return ctl_request(ctl, &request, RMMD__REPLY__BODY_ATTESTATION);
}

static bool
same_bytes(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static bool
same_measurements(const Rmmd__Realm *a, const Rmmd__Realm *b)
{
	bool same = same_bytes(a->rim, b->rim) && a->n_rems == b->n_rems;

	for (size_t i = 0; i < a->n_rems && same; i++)
		same = same_bytes(a->rems[i], b->rems[i]);
	return same;
}

static enum ctl_exit
get_token(struct ctl *ctl, struct job *job, uint64_t rd)
{
	Rmmd__TokenRequest body = RMMD__TOKEN_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;
	CTL_REPLY reply = NULL;

	body.rd = rd;
	body.challenge.data = job->challenge;
	body.challenge.len = CHALLENGE;
	request.body_case = RMMD__REQUEST__BODY_TOKEN;
	request.token = &body;
	reply = ctl_request(ctl, &request, RMMD__REPLY__BODY_TOKEN);
	if (reply == NULL)
		return CTL_FAILED;
	free(job->token);
	job->size = reply->token->token.len;
	job->token = malloc(job->size + 1);
	if (job->token == NULL)
		return ctl_out_of_memory();
	memcpy(job->token, reply->token->token.data, job->size);
	return CTL_OK;
}

/* The token of a realm that did not change meanwhile. */
static enum ctl_exit
fetch(struct ctl *ctl, struct job *job, uint64_t rd)
{
	for (int i = 0; i < 8; i++) {
		CTL_REPLY before = ctl_get_realm(ctl, rd);

		if (before == NULL || get_token(ctl, job, rd) != CTL_OK)
			return CTL_FAILED;
		ctl_reply_free(&job->realm);
		job->realm = ctl_get_realm(ctl, rd);
		if (job->realm == NULL)
			return CTL_FAILED;
		if (same_measurements(before->realms->realms[0],
			job->realm->realms->realms[0]))
			return CTL_OK;
	}
	return ctl_fail("the realm's measurements change all the time");
}

/* ---- Keys ---------------------------------------------------------------- */

static enum ctl_exit
read_key(struct job *job, const char *path)
{
	const char *why = NULL;
	size_t size, blank = 0;
	char *text = (char *)read_file(path, &size);
	bool good;

	if (text == NULL)
		return CTL_FAILED;
	while (blank < size && strchr(" \t\r\n", text[blank]) != NULL &&
	    text[blank] != '\0')
		blank++;
	good = blank < size && text[blank] == '{'
	    ? p384_from_jwk(job->cpak, text, size, &why)
	    : p384_from_pem(job->cpak, text, size, &why);
	free(text);
	return good ? CTL_OK : ctl_fail("%s: %s", ctl_safe(path), why);
}

static enum ctl_exit
find_key(struct ctl *ctl, struct job *job)
{
	const char *why = NULL;
	CTL_REPLY reply = NULL;

	if (ctl->option[KEY] != NULL)
		return read_key(job, ctl->option[KEY]);
	reply = get_keys(ctl);
	if (reply == NULL)
		return CTL_FAILED;
	if (p384_from_pem(job->cpak, reply->attestation->cpak_pem,
		strlen(reply->attestation->cpak_pem), &why))
		return CTL_OK;
	return ctl_fail("the daemon's key is %s", why);
}

static enum ctl_exit
print_key(struct ctl *ctl, const char *form)
{
	CTL_REPLY reply = NULL;
	static const char *const forms[] = { "pem", "jwk", "rak-pem",
		"rak-jwk" };
	const char *texts[4];
	int i = 0;

	while (i < 4 && strcmp(form, forms[i]) != 0)
		i++;
	if (i == 4)
		return ctl_usage_error("--public-key: \"%s\" is none of pem, "
				       "jwk, rak-pem, rak-jwk",
		    ctl_safe(form));
	reply = get_keys(ctl);
	if (reply == NULL)
		return CTL_FAILED;
	texts[0] = reply->attestation->cpak_pem;
	texts[1] = reply->attestation->cpak_jwk;
	texts[2] = reply->attestation->rak_pem;
	texts[3] = reply->attestation->rak_jwk;
	fputs(texts[i], stdout);
	return CTL_OK;
}

/* ---- Verifying ----------------------------------------------------------- */

static void
expect_realm(struct token_expectation *expected, const Rmmd__Realm *realm)
{
	size_t size = ctl_digest_size(realm->hash_algo);

	if (realm->rpv.len != 64 || realm->rim.len < size || realm->n_rems != 4)
		return;
	expected->rpv = realm->rpv.data;
	expected->hash_algo = realm->hash_algo;
	expected->hash_size = size;
	expected->rim = realm->rim.data;
	for (size_t i = 0; i < 4; i++)
		expected->rems[i] =
		    realm->rems[i].len < size ? NULL : realm->rems[i].data;
}

static enum ctl_exit
refuse(const struct token_view *view)
{
	for (int i = 0; i < TOKEN_CHECKS; i++)
		if (view->verdicts[i].made && !view->verdicts[i].good)
			return ctl_fail("the token is refused: %s: %s",
			    token_check_name(i), view->verdicts[i].why);
	return CTL_FAILED;
}

static enum ctl_exit
judge(struct ctl *ctl, struct job *job)
{
	struct token_expectation expected = { .cpak = job->cpak };
	struct token_view *view = malloc(sizeof(*view));
	char why[TOKEN_WHY];
	enum ctl_exit rc;
	bool good;

	if (view == NULL)
		return ctl_out_of_memory();
	if (job->have_challenge)
		expected.challenge = job->challenge;
	if (job->realm != NULL)
		expect_realm(&expected, job->realm->realms->realms[0]);
	if (!token_read(view, job->token, job->size, why)) {
		rc = ctl_fail("%s", why);
	} else {
		good = token_verify(view, &expected);
		rc = CTL_OK;
		if (ctl->json)
			rc = ctl_json_print(token_json(view, job->size, good));
		else
			token_print(stdout, view, job->size);
		if (rc == CTL_OK && !good)
			rc = refuse(view);
	}
	free(view);
	return rc;
}

/* ---- The command --------------------------------------------------------- */

/* A token that was saved: of any realm, unless one is named. */
static enum ctl_exit
run_file(struct ctl *ctl, struct job *job)
{
	enum ctl_exit rc = CTL_OK;
	uint64_t rd;

	if (ctl->option[OUT] != NULL)
		return ctl_usage_error("--in and --out: one of them");
	job->token = read_file(ctl->option[IN], &job->size);
	if (job->token == NULL)
		return CTL_FAILED;
	if (ctl->argc > 0)
		rc = ctl_find_realm(ctl, ctl->argv[0], &rd);
	if (rc == CTL_OK && ctl->argc > 0) {
		job->realm = ctl_get_realm(ctl, rd);
		rc = job->realm == NULL ? CTL_FAILED : CTL_OK;
	}
	if (rc == CTL_OK)
		rc = find_key(ctl, job);
	return rc == CTL_OK ? judge(ctl, job) : rc;
}

static enum ctl_exit
run(struct ctl *ctl)
{
	enum ctl_exit rc = CTL_OK;
	JOB job = { 0 };
	uint64_t rd;

	if (ctl->option[PUBLIC_KEY] != NULL)
		return print_key(ctl, ctl->option[PUBLIC_KEY]);
	if (ctl->option[CHALLENGE_HEX] != NULL)
		rc = read_challenge(&job, ctl->option[CHALLENGE_HEX]);
	if (rc == CTL_OK && ctl->option[IN] != NULL)
		return run_file(ctl, &job);
	if (rc == CTL_OK && !job.have_challenge)
		rc = draw_challenge(&job);
	if (rc == CTL_OK)
		rc = ctl_find_realm(
		    ctl, ctl->argc > 0 ? ctl->argv[0] : NULL, &rd);
	if (rc == CTL_OK)
		rc = fetch(ctl, &job, rd);
	if (rc == CTL_OK && ctl->option[OUT] != NULL)
		rc = write_file(ctl->option[OUT], job.token, job.size);
	if (rc == CTL_OK)
		rc = find_key(ctl, &job);
	return rc == CTL_OK ? judge(ctl, &job) : rc;
}

const struct ctl_command ctl_token = {
	.name = "token",
	.usage = "[R]",
	.summary = "Get a realm's attestation token, show and verify it",
	.max_args = 1,
	.options = {
		[CHALLENGE_HEX] = { "challenge", "HEX",
		    "1 to 64 bytes (default: 64 random ones)" },
		[IN] = { "in", "FILE", "a token that was saved, not a new one" },
		[OUT] = { "out", "FILE", "save the token" },
		[KEY] = { "key", "FILE",
		    "verify with this public key (PEM or JWK), not the daemon's" },
		[PUBLIC_KEY] = { "public-key", "FORM",
		    "print the platform's public key (pem, jwk) or the realms' "
		    "(rak-pem, rak-jwk)" },
	},
	.run = run,
};
