/* SPDX-License-Identifier: BSD-3-Clause */
/* The control role: looking into the machine, and resetting it. */
#ifndef CONTROL_H
#define CONTROL_H

#include "session.h"

/*
 * The largest pages: more is not given, whatever limit a request names, so
 * that a reply fits into a frame.
 */
#define CONTROL_MAX_REALMS 512u
#define CONTROL_MAX_RECS   1024u
#define CONTROL_MAX_RUNS   4096u
#define CONTROL_MAX_STEPS  2048u

/*
 * Granules or entries looked at for one page, so that no request keeps others
 * waiting for long.  A page may therefore hold less than was asked for.
 */
#define CONTROL_MAX_VISITS 262144u

/* false: not a request of this role. */
bool control_request(struct session *session, const Rmmd__Request *request);

/* ---- Between control.c and its parts ----------------------------------- */

/* Items for one page: the lesser of limit and max.  0: refused already. */
size_t control_page(
    struct session *session, uint64_t id, uint32_t limit, uint32_t max);
/* Refused already if this is false. */
bool control_realm(struct session *session, uint64_t id, uint64_t rd,
    struct rmm_realm_info *realm);
/* An array of zeros, or NULL with the request refused. */
void *control_array(
    struct session *session, uint64_t id, size_t num, size_t size);
const char *control_hash_name(uint8_t hash_algo);
size_t control_hash_size(uint8_t hash_algo);
/* protobuf-c has no const strings; packing only reads them. */
char *control_text(const char *text);

void control_realms(
    struct session *session, uint64_t id, const Rmmd__RealmsRequest *request);
void control_recs(
    struct session *session, uint64_t id, const Rmmd__RecsRequest *request);
void control_granules(
    struct session *session, uint64_t id, const Rmmd__GranulesRequest *request);
void control_rtt(
    struct session *session, uint64_t id, const Rmmd__RttRequest *request);
void control_set_realm(
    struct session *session, uint64_t id, const Rmmd__SetRealmRequest *request);
void control_rim(
    struct session *session, uint64_t id, const Rmmd__RimRequest *request);
void control_token(
    struct session *session, uint64_t id, const Rmmd__TokenRequest *request);
void control_attestation(struct session *session, uint64_t id);

#endif
