/* SPDX-License-Identifier: BSD-3-Clause */
/* A daemon that a test scripts. */
#include "config.h"

#include "fake.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rmi.h"

static bool
read_all(int fd, uint8_t *p, size_t size)
{
	ssize_t n;

	while (size > 0) {
		n = recv(fd, p, size, 0);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		size -= (size_t)n;
	}
	return true;
}

Rmmd__Request *
fake_read(struct fake *fake)
{
	Rmmd__Request *request;
	uint32_t size; /* little endian, as we are */
	uint8_t *frame;

	if (!read_all(fake->fd, (uint8_t *)&size, sizeof size))
		return NULL;
	ck_assert_uint_le(size, WIRE_MAX_FRAME);
	frame = malloc(size);
	ck_assert_ptr_nonnull(frame);
	ck_assert(read_all(fake->fd, frame, size));
	request = rmmd__request__unpack(NULL, size, frame);
	ck_assert_ptr_nonnull(request);
	free(frame);
	return request;
}

void
fake_send_bytes(struct fake *fake, const void *bytes, size_t size)
{
	send(fake->fd, bytes, size, MSG_NOSIGNAL);
}

void
fake_send_frame(struct fake *fake, const void *bytes, uint32_t size)
{
	fake_send_bytes(fake, &size, sizeof size);
	fake_send_bytes(fake, bytes, size);
}

static void
send_with_fd(int fd, const uint8_t *frame, size_t size, int passed)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)(uintptr_t)frame, size };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes };

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof passed);
	memcpy(CMSG_DATA(&control.header), &passed, sizeof passed);
	ck_assert_int_eq(sendmsg(fd, &msg, MSG_NOSIGNAL), (ssize_t)size);
}

void
fake_send(struct fake *fake, const Rmmd__Reply *reply, int passed_fd)
{
	uint32_t size = (uint32_t)rmmd__reply__get_packed_size(reply);
	uint8_t *frame = malloc(size + sizeof size);

	ck_assert_ptr_nonnull(frame);
	memcpy(frame, &size, sizeof size);
	rmmd__reply__pack(reply, frame + sizeof size);
	if (passed_fd == -1)
		fake_send_bytes(fake, frame, size + sizeof size);
	else
		send_with_fd(fake->fd, frame, size + sizeof size, passed_fd);
	free(frame);
}

void
fake_answer(struct fake *fake, uint64_t id, uint64_t x0, uint64_t x1)
{
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__Answer answer = RMMD__ANSWER__INIT;
	uint64_t x[2] = { x0, x1 };

	answer.x = x;
	answer.n_x = 2;
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_ANSWER;
	reply.answer = &answer;
	fake_send(fake, &reply, -1);
}

void
fake_error(struct fake *fake, uint64_t id, Rmmd__ErrorCode code, char *text)
{
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__Error error = RMMD__ERROR__INIT;

	error.code = code;
	error.text = text;
	reply.id = id;
	reply.body_case = RMMD__REPLY__BODY_ERROR;
	reply.error = &error;
	fake_send(fake, &reply, -1);
}

void
fake_hello(struct fake *fake, uint32_t version)
{
	Rmmd__Request *request = fake_read(fake);
	Rmmd__Reply reply = RMMD__REPLY__INIT;
	Rmmd__HelloReply hello = RMMD__HELLO_REPLY__INIT;

	ck_assert_ptr_nonnull(request);
	ck_assert_int_eq(request->body_case, RMMD__REQUEST__BODY_HELLO);
	ck_assert_uint_eq(request->hello->version, WIRE_VERSION);
	hello.version = version;
	hello.server = (char *)(uintptr_t) "fake 1";
	hello.abi = (char *)(uintptr_t) "RMI 1.0";
	hello.max_frame = WIRE_MAX_FRAME;
	hello.max_batch = fake->max_batch;
	reply.id = request->id;
	reply.body_case = RMMD__REPLY__BODY_HELLO;
	reply.hello = &hello;
	fake_send(fake, &reply, -1);
	rmmd__request__free_unpacked(request, NULL);
}

static void *
serve(void *arg)
{
	struct fake *fake = arg;

	fake->fd = accept(fake->listener, NULL, NULL);
	ck_assert_int_ge(fake->fd, 0);
	fake->script(fake);
	if (fake->fd != -1)
		close(fake->fd);
	return NULL;
}

static void *
greet_and_serve(void *arg)
{
	struct fake *fake = arg;

	fake->fd = accept(fake->listener, NULL, NULL);
	ck_assert_int_ge(fake->fd, 0);
	fake_hello(fake, WIRE_VERSION);
	fake->script(fake);
	if (fake->fd != -1)
		close(fake->fd);
	return NULL;
}

static void
listen_and(struct fake *fake, void *(*body)(void *))
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	strcpy(fake->dir, "/tmp/rmmclient-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(fake->dir));
	snprintf(fake->path, sizeof fake->path, "%s/s", fake->dir);
	strcpy(at.sun_path, fake->path);
	fake->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(
	    bind(fake->listener, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_eq(listen(fake->listener, 1), 0);
	if (fake->max_batch == 0)
		fake->max_batch = WIRE_MAX_BATCH;
	ck_assert_int_eq(pthread_create(&fake->thread, NULL, body, fake), 0);
}

void
fake_start(struct fake *fake, void (*script)(struct fake *), void *arg)
{
	fake->script = script;
	fake->arg = arg;
	listen_and(fake, greet_and_serve);
}

void
fake_start_raw(struct fake *fake, void (*script)(struct fake *), void *arg)
{
	fake->script = script;
	fake->arg = arg;
	listen_and(fake, serve);
}

void
fake_stop(struct fake *fake)
{
	pthread_join(fake->thread, NULL);
	close(fake->listener);
	unlink(fake->path);
	rmdir(fake->dir);
}

struct rmmclient *
fake_client(struct fake *fake)
{
	struct rmmclient *client = rmmclient_connect(fake->path, "test");

	ck_assert_msg(client != NULL, "%s", rmmclient_error(NULL));
	return client;
}

int
fake_call(struct rmmclient *client, uint64_t x1, uint64_t *out)
{
	uint64_t x[RMMCLIENT_REGS] = { RMI_FID_FEATURES, x1 };
	int rc = rmmclient_call(client, 0, x, NULL);

	if (out != NULL)
		*out = x[1];
	return rc;
}

void
fake_obey(struct fake *fake)
{
	Rmmd__Request *request;

	while ((request = fake_read(fake)) != NULL) {
		ck_assert_int_eq(request->body_case, RMMD__REQUEST__BODY_CALL);
		fake_answer(fake, request->id, 0, request->call->x[1] + 1000);
		rmmd__request__free_unpacked(request, NULL);
	}
}
