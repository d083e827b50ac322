/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmmctl, the command line: what its files share.  One file per command, each
 * with one constant descriptor; rmmctl.c has the table of them.
 */
#ifndef RMMCTL_H
#define RMMCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "rmi.h"
#include "rmmd.pb-c.h"

/* Exit status, as rmmctl(1) documents it. */
enum ctl_exit {
	CTL_OK = 0,
	CTL_FAILED = 1, /* no daemon, no such realm, an expectation not met */
	CTL_USAGE = 2,	/* wrong command line, or a script's syntax */
};

#define CTL_OPTIONS_MAX 8

struct ctl_option {
	const char *name;
	const char *arg;  /* what it takes, for --help; NULL: nothing */
	const char *help; /* one line */
};

struct channel;

/* The command line and what follows from it. */
struct ctl {
	const char *host_path;	  /* NULL: the default */
	const char *control_path; /* likewise */
	bool json;
	struct channel *channel; /* connected at the first request */
	/* The command's own options, by their place in its descriptor. */
	const char *option[CTL_OPTIONS_MAX];
	int argc;
	char **argv;
};

struct ctl_command {
	const char *name;
	const char *usage; /* its arguments: "[R] [IPA]" */
	const char *summary;
	int min_args;
	int max_args;
	struct ctl_option options[CTL_OPTIONS_MAX]; /* name NULL ends */
	enum ctl_exit (*run)(struct ctl *ctl);
};

extern const struct ctl_command ctl_status;
extern const struct ctl_command ctl_realms;
extern const struct ctl_command ctl_realm;
extern const struct ctl_command ctl_granules;
extern const struct ctl_command ctl_rtt;
extern const struct ctl_command ctl_rim;
extern const struct ctl_command ctl_token;
extern const struct ctl_command ctl_play;
extern const struct ctl_command ctl_interrupt;
extern const struct ctl_command ctl_reset;
extern const struct ctl_command ctl_shell;
extern const struct ctl_command ctl_commands;
extern const struct ctl_command ctl_version;

/* ---- errors: "rmmctl: " and the sentence, to standard error ------------- */

enum ctl_exit ctl_fail(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));
enum ctl_exit ctl_usage_error(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));
enum ctl_exit ctl_out_of_memory(void);

/* ---- control.c: the control socket --------------------------------------- */

/*
 * Send one request and wait for the reply, which must have the body wanted.
 * Returns NULL after telling the person why.  The caller frees the reply with
 * ctl_reply_free().
 */
Rmmd__Reply *ctl_request(
    struct ctl *ctl, Rmmd__Request *request, Rmmd__Reply__BodyCase wanted);
void ctl_reply_free(Rmmd__Reply **reply);
#define CTL_REPLY __attribute__((cleanup(ctl_reply_free))) Rmmd__Reply *
void ctl_disconnect(struct ctl *ctl);

/* The status; NULL after an error was reported. */
Rmmd__Reply *ctl_get_status(struct ctl *ctl);
/* The realm whose RD is at rd, as the only one of a RealmsReply; NULL: no. */
Rmmd__Reply *ctl_get_realm(struct ctl *ctl, uint64_t rd);
/* The granule at pa, as told by the daemon. */
struct ctl_granule {
	uint64_t pa;
	char state[32]; /* "UNDELEGATED", ... */
	bool in_bank;	/* false: pa is in no DRAM bank */
	bool has_rd, has_where, has_level;
	uint64_t rd, where;
	int level;
};
bool ctl_get_granule(struct ctl *ctl, uint64_t pa, struct ctl_granule *granule);

/*
 * Find the RD that word names: an address, gN, #N; NULL: the only realm.
 * Reports what is wrong with it.
 */
enum ctl_exit ctl_find_realm(struct ctl *ctl, const char *word, uint64_t *rd);
/* The address of a REC: a number, or gN. */
enum ctl_exit ctl_find_rec(struct ctl *ctl, const char *word, uint64_t *rec);

/* Call each for every realm, in order of RD.  Stops if it returns not CTL_OK.
 */
enum ctl_exit ctl_each_realm(struct ctl *ctl,
    enum ctl_exit (*each)(void *ctx, const Rmmd__Realm *realm), void *ctx);

/* ---- what commands and the shell both print ------------------------------ */

enum ctl_exit ctl_show_rtt(
    struct ctl *ctl, uint64_t rd, const uint64_t *only_ipa);
/* steps: how many of the last steps; UINT64_MAX: all. */
enum ctl_exit ctl_show_rim(struct ctl *ctl, uint64_t rd, uint64_t steps);
void ctl_show_granule(const struct ctl_granule *granule);
enum ctl_exit ctl_do_reset(struct ctl *ctl);

/* ---- text.c: numbers, digests, JSON ---------------------------------------
 */

/* Hexadecimal with 0x, decimal, with an optional suffix K, M, G or T. */
bool ctl_parse_number(const char *text, uint64_t *value);
/* As ctl_parse_number(); what names the thing in the error. */
enum ctl_exit ctl_number(const char *what, const char *text, uint64_t *value);

/* "4 KiB", "1.5 GiB"; in a buffer of the caller's. */
#define CTL_SIZE_TEXT 32
const char *ctl_size(char buf[CTL_SIZE_TEXT], uint64_t bytes);
#define CTL_HEX_TEXT 129
/* At most 64 bytes as hexadecimal digits. */
const char *ctl_hex(char buf[CTL_HEX_TEXT], const uint8_t *bytes, size_t len);
/* What a digest of this algorithm is long. */
size_t ctl_digest_size(const char *hash_algo);
/*
 * Text from outside made harmless: no control characters, at most max bytes.
 * Returns a static buffer of this thread; four of them take turns.
 */
const char *ctl_safe(const char *text);
const char *ctl_bank_kind(Rmmd__BankKind kind);

json_t *ctl_json_address(uint64_t address);
json_t *ctl_json_text(const char *text); /* any bytes */
json_t *ctl_json_bytes(const uint8_t *bytes, size_t len);
/* Print value to standard output and release it. */
enum ctl_exit ctl_json_print(json_t *value);

/* ---- abi.c: the table of commands -----------------------------------------
 */

const struct smc_abi *abi_at(size_t n); /* NULL after the last */
const struct smc_abi *abi_by_fid(uint64_t fid);
/* With or without "RMI_", in any case; len bytes. */
const struct smc_abi *abi_by_name(const char *name, size_t len);
const char *abi_status_name(unsigned status); /* NULL: no such */
/* The status of that name, with or without "RMI_"; -1: no such. */
int abi_status(const char *name, size_t len);

#endif
