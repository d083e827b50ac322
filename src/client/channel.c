/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Many threads, one connection.  Each thread that waits for a reply has a
 * struct waiter on the channel's list.  The first one to wait reads the socket
 * and hands every reply to its owner; once it has its own it leaves, and wakes
 * one of the others to read on.  So there is no thread of ours, and in the
 * plain case of one caller no hand-over at all.
 *
 * A wait may be watched: then it is a ppoll(), of the socket or of what others
 * wake it by, so that it notices signals.
 */
#define _GNU_SOURCE
#include "config.h"

#include "channel-internal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "channel-setup.h"
#include "stream.h"
#include "wire.h"

struct waiter {
	struct waiter *next, **back;
	uint64_t id;
	struct packet *packet;
	bool want_fd;
	bool done; /* packet is filled */
	const struct channel_watch *watch;
	bool signalled; /* and watch was told */
	pthread_cond_t wake;
	int wake_fd; /* what a watched one waits for instead, or -1 */
};

struct channel {
	struct stream stream;
	pid_t pid; /* of the process that connected */
	atomic_uint_fast64_t last_id;
	pthread_mutex_t sending;
	pthread_mutex_t lock; /* of everything below */
	struct waiter *waiters;
	bool reading; /* a thread is at the socket */
	int dead;     /* errno of what ended the connection, or 0 */
	char epitaph[256];
	struct greeting greeting;
};

/* ---- The end of a connection ------------------------------------------- */

static const char *
gone(int err)
{
	if (err == ECONNRESET)
		return "the daemon closed the connection: its log says why";
	return strerror(err);
}

/* With the lock held. */
static void
wake(struct waiter *w)
{
	if (w->wake_fd == -1)
		pthread_cond_signal(&w->wake);
	else
		(void)eventfd_write(w->wake_fd, 1);
}

/* With the lock held.  The first reason is the one that is kept. */
static void
die(struct channel *channel, int err, const char *why)
{
	if (channel->dead != 0)
		return;
	channel->dead = err;
	snprintf(channel->epitaph, sizeof channel->epitaph, "%s", why);
	shutdown(channel->stream.fd, SHUT_RDWR);
	for (struct waiter *w = channel->waiters; w != NULL; w = w->next)
		wake(w);
}

int
channel_violated(struct channel *channel, const char *what)
{
	pthread_mutex_lock(&channel->lock);
	die(channel, EPROTO, what);
	pthread_mutex_unlock(&channel->lock);
	return channel_fail(EPROTO, "%s", what);
}

/* ---- Receiving --------------------------------------------------------- */

void
packet_free(struct packet *packet)
{
	if (packet->data != packet->small)
		free(packet->data);
	if (packet->fd != -1)
		close(packet->fd);
}

static int
packet_fill(struct packet *packet, const uint8_t *frame, size_t size)
{
	packet->data = packet->small;
	if (size > sizeof packet->small) {
		packet->data = malloc(size);
		if (packet->data == NULL)
			return -ENOMEM;
	}
	memcpy(packet->data, frame, size);
	packet->size = size;
	packet->fd = -1;
	return 0;
}

/* An Error with id 0 is about the connection. */
static void
last_words(struct channel *channel, const uint8_t *frame, size_t size)
{
	Rmmd__Reply *reply = rmmd__reply__unpack(NULL, size, frame);

	if (reply != NULL && reply->body_case == RMMD__REPLY__BODY_ERROR)
		die(channel, -channel_refused(reply->error), channel_error());
	else
		die(channel, EPROTO, "the daemon sent a reply to no request");
	rmmd__reply__free_unpacked(reply, NULL);
}

/* With the lock held. */
static void
hand_over(struct channel *channel, const uint8_t *frame, size_t size)
{
	struct envelope env;
	struct waiter *w;

	if (!envelope_read(&env, frame, size)) {
		die(channel, EPROTO, "the daemon sent a malformed reply");
		return;
	}
	if (env.id == 0) {
		last_words(channel, frame, size);
		return;
	}
	for (w = channel->waiters; w != NULL; w = w->next) {
		if (w->id == env.id && !w->done)
			break;
	}
	if (w == NULL) {
		die(channel, EPROTO, "the daemon answered what was not asked");
		return;
	}
	if (packet_fill(w->packet, frame, size) != 0) {
		die(channel, ENOMEM, "no memory for a reply");
		return;
	}
	/* A read ends after the frame that brings a descriptor, but may begin
	 * with others: the one it belongs to is the one that may have one. */
	if (w->want_fd &&
	    (env.body == RMMD__REPLY__BODY_MEMORY ||
		env.body == RMMD__REPLY__BODY_CPU_FILE))
		w->packet->fd = stream_take_fd(&channel->stream);
	w->done = true;
	wake(w);
}

/* Wait until fd can be read.  Returns false if a signal's handler ran. */
static bool
readable(int fd, const sigset_t *mask)
{
	struct pollfd one = { .fd = fd, .events = POLLIN };

	return ppoll(&one, 1, NULL, mask) >= 0 || errno != EINTR;
}

/*
 * Be the reader, once.  Called and returns with the lock held.  Returns false
 * if a signal came first.
 */
static bool
read_once(struct channel *channel, const struct waiter *w)
{
	struct stream *stream = &channel->stream;
	const uint8_t *frame;
	size_t size;
	bool ready;
	int rc = 0;

	channel->reading = true;
	pthread_mutex_unlock(&channel->lock);
	ready = w->watch == NULL || readable(stream->fd, w->watch->mask);
	if (ready)
		rc = stream_receive(stream);
	pthread_mutex_lock(&channel->lock);
	channel->reading = false;
	if (!ready)
		return false;
	if (rc != 0) {
		die(channel, -rc, gone(-rc));
		return true;
	}
	while (
	    channel->dead == 0 && (rc = stream_next(stream, &frame, &size)) > 0)
		hand_over(channel, frame, size);
	if (rc == -EPROTO)
		die(channel, EPROTO, "the daemon sent an impossible frame");
	else if (rc < 0)
		die(channel, -rc, "no memory for a reply");
	if (stream->start == stream->end && stream->passed_fd != -1)
		close(stream_take_fd(stream)); /* nobody wanted it */
	return true;
}

/*
 * Wait for another thread to read our reply, or to leave the reading to us.
 * Called and returns with the lock held.  Returns false if a signal came first.
 */
static bool
follow(struct channel *channel, struct waiter *w)
{
	eventfd_t drained;
	bool woken;

	if (w->watch != NULL && w->wake_fd == -1)
		w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->wake_fd == -1) {
		pthread_cond_wait(&w->wake, &channel->lock);
		return true;
	}
	pthread_mutex_unlock(&channel->lock);
	woken = readable(w->wake_fd, w->watch->mask);
	pthread_mutex_lock(&channel->lock);
	(void)eventfd_read(w->wake_fd, &drained);
	return woken;
}

/* ---- Waiting ----------------------------------------------------------- */

static int
enlist(struct channel *channel, struct waiter *w)
{
	int dead;

	pthread_mutex_lock(&channel->lock);
	dead = channel->dead;
	if (dead != 0)
		channel_fail(dead, "%s", channel->epitaph);
	w->next = channel->waiters;
	w->back = &channel->waiters;
	if (w->next != NULL)
		w->next->back = &w->next;
	channel->waiters = w;
	pthread_mutex_unlock(&channel->lock);
	return -dead;
}

/* With the lock held: leave the list, and see that somebody reads on. */
static void
resign(struct channel *channel, struct waiter *w)
{
	*w->back = w->next;
	if (w->next != NULL)
		w->next->back = w->back;
	if (channel->reading)
		return;
	for (w = channel->waiters; w != NULL; w = w->next) {
		if (!w->done) {
			wake(w);
			return;
		}
	}
}

/* Once is enough: what it asks for will end the wait. */
static void
tell_signal(struct channel *channel, struct waiter *w)
{
	if (w->signalled)
		return;
	w->signalled = true;
	pthread_mutex_unlock(&channel->lock);
	w->watch->signalled(w->watch->context);
	pthread_mutex_lock(&channel->lock);
}

static int
await(struct channel *channel, struct waiter *w)
{
	bool undisturbed;
	int dead = 0;

	pthread_mutex_lock(&channel->lock);
	while (!w->done && channel->dead == 0) {
		undisturbed = channel->reading ? follow(channel, w)
					       : read_once(channel, w);
		if (!undisturbed)
			tell_signal(channel, w);
	}
	if (!w->done) {
		dead = channel->dead;
		channel_fail(dead, "%s", channel->epitaph);
	}
	resign(channel, w);
	pthread_mutex_unlock(&channel->lock);
	return -dead;
}

static void
withdraw(struct channel *channel, struct waiter *w)
{
	pthread_mutex_lock(&channel->lock);
	resign(channel, w);
	if (w->done) /* answered before it was asked */
		packet_free(w->packet);
	pthread_mutex_unlock(&channel->lock);
}

static int
check_request(const struct channel *channel, size_t size)
{
	if (channel->pid != getpid())
		return channel_fail(EBADF,
		    "the connection belongs to process %d, which forked this "
		    "one: connect anew",
		    (int)channel->pid);
	if (size - WIRE_HEADER > channel->greeting.max_frame)
		return channel_fail(EMSGSIZE,
		    "a request of %zu bytes is over the daemon's limit of %u",
		    size - WIRE_HEADER, channel->greeting.max_frame);
	return 0;
}

static int
send_frame(struct channel *channel, uint8_t *frame, size_t size)
{
	int rc;

	pthread_mutex_lock(&channel->sending);
	rc = stream_send(&channel->stream, frame, size);
	pthread_mutex_unlock(&channel->sending);
	return rc;
}

int
channel_exchange(struct channel *channel, uint64_t id, uint8_t *frame,
    size_t size, struct packet *packet, int want_fd,
    const struct channel_watch *watch)
{
	struct waiter w = { .id = id,
		.packet = packet,
		.want_fd = want_fd != 0,
		.watch = watch,
		.wake = PTHREAD_COND_INITIALIZER,
		.wake_fd = -1 };
	int rc;

	rc = check_request(channel, size);
	if (rc != 0)
		return rc;
	rc = enlist(channel, &w);
	if (rc == 0)
		rc = send_frame(channel, frame, size);
	if (rc == 0 && watch != NULL)
		watch->sent(watch->context);
	if (rc == -EINTR)
		channel_fail(
		    EINTR, "a signal came before the request went out");
	else if (rc == -ENOMEM || rc == -ENOBUFS)
		channel_violated(channel, "no memory to send a request");
	/* A daemon that hung up may have said why: that is still to be read. */
	if (rc == 0 || rc == -EPIPE || rc == -ECONNRESET)
		rc = await(channel, &w);
	else
		withdraw(channel, &w);
	pthread_cond_destroy(&w.wake);
	if (w.wake_fd != -1)
		close(w.wake_fd);
	return rc;
}

/* ---- Life -------------------------------------------------------------- */

uint64_t
channel_next_id(struct channel *channel)
{
	return atomic_fetch_add_explicit(
		   &channel->last_id, 1, memory_order_relaxed) +
	    1;
}

static struct channel *
channel_new(int fd)
{
	struct channel *channel = calloc(1, sizeof *channel);

	if (channel == NULL || stream_init(&channel->stream, fd) != 0) {
		free(channel);
		close(fd);
		channel_fail(ENOMEM, "no memory for a connection");
		errno = ENOMEM;
		return NULL;
	}
	channel->pid = getpid();
	channel->greeting.max_frame = WIRE_MAX_FRAME;
	pthread_mutex_init(&channel->sending, NULL);
	pthread_mutex_init(&channel->lock, NULL);
	return channel;
}

struct channel *
channel_connect(const char *path, Rmmd__Role role, const char *name)
{
	struct channel *channel;
	int fd = channel_open_socket(path, role);
	int rc;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	channel = channel_new(fd);
	if (channel == NULL)
		return NULL;
	rc = channel_greet(channel, role, name, &channel->greeting);
	if (rc != 0) {
		channel_close(channel);
		errno = -rc;
		return NULL;
	}
	return channel;
}

void
channel_close(struct channel *channel)
{
	if (channel == NULL)
		return;
	/* In a fork of ours the locks may be held for ever: they go as is. */
	if (channel->pid == getpid()) {
		pthread_mutex_destroy(&channel->sending);
		pthread_mutex_destroy(&channel->lock);
	}
	stream_fini(&channel->stream);
	free(channel);
}

int
channel_fd(const struct channel *channel)
{
	return channel->stream.fd;
}

const char *
channel_server(const struct channel *channel)
{
	return channel->greeting.server;
}

const char *
channel_abi(const struct channel *channel)
{
	return channel->greeting.abi;
}

size_t
channel_max_batch(const struct channel *channel)
{
	return channel->greeting.max_batch;
}
