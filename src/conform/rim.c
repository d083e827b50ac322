/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Realm Initial Measurement (A7.1.1, B3.44 to B3.48, C1.11 to C1.13), as a
 * verifier computes it.
 */
#include "conform.h"

#include <string.h>

#include <openssl/evp.h>

#define DESC_DATA  0
#define DESC_REC   1
#define DESC_RIPAS 2

struct descriptor {
	uint8_t type;
	uint8_t pad0[7];
	uint64_t len;
	uint8_t rim[64];
	union {
		struct {
			uint64_t ipa, flags;
			uint8_t content[64];
		} data;
		uint8_t rec[64];
		struct {
			uint64_t base, top;
		} ripas;
		uint8_t pad[0xb0];
	};
};
_Static_assert(sizeof(struct descriptor) == 0x100, "descriptor");

static void
digest(unsigned algo, const void *data, size_t size, uint8_t out[64])
{
	memset(out, 0, 64);
	EVP_Digest(data, size, out, NULL,
	    algo == RMI_HASH_SHA_512 ? EVP_sha512() : EVP_sha256(), NULL);
}

static void
extend(unsigned algo, uint8_t rim[64], struct descriptor *d, uint8_t type)
{
	d->type = type;
	d->len = sizeof *d;
	memcpy(d->rim, rim, sizeof d->rim);
	digest(algo, d, sizeof *d, rim);
}

void
rim_init(const struct rmi_realm_params *params, uint8_t rim[64])
{
	struct rmi_realm_params m;

	memset(&m, 0, sizeof m);
	m.flags = params->flags;
	m.s2sz = params->s2sz;
	m.sve_vl = params->sve_vl;
	m.num_bps = params->num_bps;
	m.num_wps = params->num_wps;
	m.pmu_num_ctrs = params->pmu_num_ctrs;
	m.hash_algo = params->hash_algo;
	digest(params->hash_algo, &m, sizeof m, rim);
}

void
rim_data(unsigned algo, uint8_t rim[64], uint64_t ipa, uint64_t flags,
    const void *page)
{
	struct descriptor d;

	memset(&d, 0, sizeof d);
	d.data.ipa = ipa;
	d.data.flags = flags;
	if (flags & RMI_MEASURE_CONTENT)
		digest(algo, page, GRANULE_SIZE, d.data.content);
	extend(algo, rim, &d, DESC_DATA);
}

void
rim_rec(unsigned algo, uint8_t rim[64], const struct rmi_rec_params *p)
{
	struct rmi_rec_params m;
	struct descriptor d;

	memset(&m, 0, sizeof m);
	memset(&d, 0, sizeof d);
	m.flags = p->flags;
	m.pc = p->pc;
	memcpy(m.gprs, p->gprs, sizeof m.gprs);
	digest(algo, &m, sizeof m, d.rec);
	extend(algo, rim, &d, DESC_REC);
}

void
rim_ripas(unsigned algo, uint8_t rim[64], uint64_t base, uint64_t top)
{
	struct descriptor d;

	memset(&d, 0, sizeof d);
	d.ripas.base = base;
	d.ripas.top = top;
	extend(algo, rim, &d, DESC_RIPAS);
}

void
rem_extend(
    unsigned algo, bool padded, void *rem, const void *value, size_t size)
{
	size_t old = padded || algo == RMI_HASH_SHA_512 ? 64 : 32;
	uint8_t joined[128] = { 0 };

	memcpy(joined, rem, old);
	memcpy(joined + old, value, size);
	digest(algo, joined, padded ? sizeof joined : old + size, rem);
}
