/* SPDX-License-Identifier: BSD-3-Clause */
/* A raw peer of the daemon. */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "peer.h"

struct peer
peer_connect(bool control)
{
	const char *path = getenv(control ? WIRE_ENV_CONTROL : WIRE_ENV_HOST);
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct peer peer = { -1, -1, control };

	ck_assert_ptr_nonnull(path);
	ck_assert_uint_lt(strlen(path), sizeof(addr.sun_path));
	strcpy(addr.sun_path, path);
	peer.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(peer.fd, 0);
	ck_assert_int_eq(
	    connect(peer.fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return peer;
}

void
peer_close(struct peer *peer)
{
	if (peer->file >= 0)
		close(peer->file);
	close(peer->fd);
	peer->fd = peer->file = -1;
}

void
peer_send_bytes(struct peer *peer, const void *bytes, size_t size)
{
	const char *at = bytes;
	ssize_t n;

	while (size > 0) {
		n = send(peer->fd, at, size, MSG_NOSIGNAL);
		/* The daemon may have had enough of us. */
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return;
		ck_assert_int_gt(n, 0);
		at += n;
		size -= (size_t)n;
	}
}

void
peer_send(struct peer *peer, const Rmmd__Request *request)
{
	size_t size = rmmd__request__get_packed_size(request);
	uint8_t *frame = malloc(WIRE_HEADER + size);
	size_t i;

	ck_assert_ptr_nonnull(frame);
	for (i = 0; i < WIRE_HEADER; i++)
		frame[i] = (uint8_t)(size >> 8 * i);
	rmmd__request__pack(request, frame + WIRE_HEADER);
	peer_send_bytes(peer, frame, WIRE_HEADER + size);
	free(frame);
}

/* Some bytes, and perhaps a file.  0: the end. */
static size_t
receive_some(struct peer *peer, void *to, size_t size)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec piece = { to, size };
	struct msghdr msg = { .msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg;
	ssize_t n;

	n = recvmsg(peer->fd, &msg, MSG_CMSG_CLOEXEC);
	if (n < 0 && errno == ECONNRESET)
		return 0;
	ck_assert_int_ge(n, 0);
	cmsg = CMSG_FIRSTHDR(&msg);
	if (cmsg != NULL && cmsg->cmsg_type == SCM_RIGHTS) {
		if (peer->file >= 0)
			close(peer->file);
		memcpy(&peer->file, CMSG_DATA(cmsg), sizeof(int));
	}
	return (size_t)n;
}

static bool
receive_all(struct peer *peer, uint8_t *to, size_t size)
{
	size_t n;

	while (size > 0) {
		n = receive_some(peer, to, size);
		if (n == 0)
			return false;
		to += n;
		size -= n;
	}
	return true;
}

Rmmd__Reply *
peer_receive(struct peer *peer)
{
	uint8_t header[WIRE_HEADER], *body;
	Rmmd__Reply *reply;
	uint32_t size;

	if (!receive_all(peer, header, sizeof(header)))
		return NULL;
	size = header[0] | (uint32_t)header[1] << 8 |
	    (uint32_t)header[2] << 16 | (uint32_t)header[3] << 24;
	ck_assert_uint_le(size, WIRE_MAX_FRAME);
	body = malloc(size + 1);
	ck_assert_ptr_nonnull(body);
	ck_assert(receive_all(peer, body, size));
	reply = rmmd__reply__unpack(NULL, size, body);
	ck_assert_ptr_nonnull(reply);
	free(body);
	return reply;
}

void
peer_free(Rmmd__Reply *reply)
{
	if (reply != NULL)
		rmmd__reply__free_unpacked(reply, NULL);
}

Rmmd__Reply *
peer_ask(struct peer *peer, const Rmmd__Request *request)
{
	Rmmd__Reply *reply;

	peer_send(peer, request);
	reply = peer_receive(peer);
	ck_assert_ptr_nonnull(reply);
	ck_assert_uint_eq(reply->id, request->id);
	return reply;
}

void
peer_expect_error(struct peer *peer, Rmmd__ErrorCode code, bool closes)
{
	Rmmd__Reply *reply = peer_receive(peer);

	ck_assert_ptr_nonnull(reply);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_ERROR);
	ck_assert_int_eq(reply->error->code, code);
	ck_assert_str_ne(reply->error->text, "");
	peer_free(reply);
	if (closes)
		ck_assert_ptr_null(peer_receive(peer));
}

struct peer
peer_open(bool control)
{
	struct peer peer = peer_connect(control);
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Hello hello = RMMD__HELLO__INIT;
	char name[] = "test";
	Rmmd__Reply *reply;

	hello.version = WIRE_VERSION;
	hello.role = control ? RMMD__ROLE__ROLE_CONTROL : RMMD__ROLE__ROLE_HOST;
	hello.client = name;
	request.id = 1;
	request.body_case = RMMD__REQUEST__BODY_HELLO;
	request.hello = &hello;
	reply = peer_ask(&peer, &request);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_HELLO);
	ck_assert_uint_eq(reply->hello->version, WIRE_VERSION);
	peer_free(reply);
	return peer;
}

uint64_t
peer_call(
    struct peer *peer, uint64_t x[SMC_REGS], uint32_t fid, size_t num, ...)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Call call = RMMD__CALL__INIT;
	uint64_t regs[SMC_REGS] = { fid };
	Rmmd__Reply *reply;
	va_list ap;
	size_t i;

	va_start(ap, num);
	for (i = 0; i < num; i++)
		regs[i + 1] = va_arg(ap, uint64_t);
	va_end(ap);
	call.n_x = num + 1;
	call.x = regs;
	request.id = 77;
	request.body_case = RMMD__REQUEST__BODY_CALL;
	request.call = &call;
	reply = peer_ask(peer, &request);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_ANSWER);
	memset(regs, 0, sizeof(regs));
	if (reply->answer->n_x > 0)
		memcpy(
		    regs, reply->answer->x, reply->answer->n_x * sizeof(*regs));
	if (x != NULL)
		memcpy(x, regs, sizeof(regs));
	peer_free(reply);
	return regs[0];
}

uint8_t *
peer_map(struct peer *peer, uint64_t *base, uint64_t *size, int *file)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__MemoryRequest memory = RMMD__MEMORY_REQUEST__INIT;
	Rmmd__Reply *reply;
	uint8_t *map;

	request.id = 5;
	request.body_case = RMMD__REQUEST__BODY_MEMORY;
	request.memory = &memory;
	reply = peer_ask(peer, &request);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_MEMORY);
	ck_assert_uint_ge(reply->memory->n_banks, 1);
	ck_assert_int_ge(peer->file, 0);
	*base = reply->memory->banks[0]->pa;
	*size = reply->memory->banks[0]->size;
	map = mmap(NULL, *size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_NORESERVE, peer->file,
	    (off_t)reply->memory->banks[0]->offset);
	ck_assert_ptr_ne(map, MAP_FAILED);
	if (file != NULL)
		*file = peer->file;
	peer_free(reply);
	return map;
}

uint64_t
peer_lease(struct peer *peer, uint64_t size)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__LeaseRequest lease = RMMD__LEASE_REQUEST__INIT;
	Rmmd__Reply *reply;
	uint64_t pa = 0;

	lease.size = size;
	request.id = 6;
	request.body_case = RMMD__REQUEST__BODY_LEASE;
	request.lease = &lease;
	reply = peer_ask(peer, &request);
	if (reply->body_case == RMMD__REPLY__BODY_LEASE) {
		ck_assert_uint_eq(reply->lease->size, size);
		pa = reply->lease->pa;
	}
	peer_free(reply);
	return pa;
}

void
peer_make_realm(struct peer *peer, uint8_t *memory, uint64_t base, uint64_t pa,
    unsigned vmid)
{
	const uint64_t rd = pa, rtt = pa + GRANULE_SIZE;
	const uint64_t params_pa = pa + 2 * GRANULE_SIZE;
	struct rmi_realm_params params;

	memset(&params, 0, sizeof(params));
	params.s2sz = 32;
	params.sve_vl = 0;
	params.num_bps = 1;
	params.num_wps = 1;
	params.hash_algo = RMI_HASH_SHA_256;
	params.vmid = (uint16_t)vmid;
	params.rtt_base = rtt;
	params.rtt_level_start = 1;
	params.rtt_num_start = 1;
	memcpy(memory + (params_pa - base), &params, sizeof(params));
	ck_assert_uint_eq(
	    peer_call(peer, NULL, RMI_FID_GRANULE_DELEGATE, 1, rd), 0);
	ck_assert_uint_eq(
	    peer_call(peer, NULL, RMI_FID_GRANULE_DELEGATE, 1, rtt), 0);
	ck_assert_uint_eq(
	    peer_call(peer, NULL, RMI_FID_REALM_CREATE, 2, rd, params_pa), 0);
}

void
peer_populate(struct peer *peer, uint8_t *memory, uint64_t base, uint64_t pa)
{
	uint64_t src = pa + 3 * GRANULE_SIZE, data = pa + 4 * GRANULE_SIZE;
	uint64_t rtt2 = pa + 5 * GRANULE_SIZE, rtt3 = pa + 6 * GRANULE_SIZE;
	uint64_t at;

	peer_make_realm(peer, memory, base, pa, 3);
	for (at = data; at <= rtt3; at += GRANULE_SIZE)
		ck_assert_uint_eq(
		    peer_call(peer, NULL, RMI_FID_GRANULE_DELEGATE, 1, at), 0);
	ck_assert_uint_eq(
	    peer_call(peer, NULL, RMI_FID_RTT_CREATE, 4, pa, rtt2, 0ull, 2ull),
	    0);
	ck_assert_uint_eq(
	    peer_call(peer, NULL, RMI_FID_RTT_CREATE, 4, pa, rtt3, 0ull, 3ull),
	    0);
	ck_assert_uint_eq(peer_call(peer, NULL, RMI_FID_DATA_CREATE, 5, pa,
			      data, 0x1000ull, src, 1ull),
	    0);
}
