/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Software in a realm: a thread for each REC that plays, which does one deed
 * after another and gives the processor back when there is none.
 */
#include "guest.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define POISON 0xa5 /* what no exit leaves */

struct guest {
	struct conform *c;
	enum guest_rec n;
	struct rmmguest *guest;
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake;
	struct deed *deed; /* to be done, or at it */
	struct deed *all;  /* ever */
	bool stop;
	/* RMI_REC_ENTER in a thread. */
	pthread_t host;
	bool entering;
	uint64_t x[SMC_REGS];
	struct rmmclient_reason reason;
};

/* ---- The realm's thread ------------------------------------------------ */

/* The next thing to do; NULL: the end. */
static struct deed *
next_deed(struct guest *g)
{
	struct deed *deed;

	pthread_mutex_lock(&g->lock);
	while (g->deed == NULL && !g->stop)
		pthread_cond_wait(&g->wake, &g->lock);
	deed = g->stop ? NULL : g->deed;
	pthread_mutex_unlock(&g->lock);
	return deed;
}

static void
deed_done(struct guest *g, struct deed *deed)
{
	pthread_mutex_lock(&g->lock);
	deed->last = *rmmguest_last(g->guest);
	deed->done = true;
	g->deed = NULL;
	pthread_cond_broadcast(&g->wake);
	pthread_mutex_unlock(&g->lock);
}

static void *
play(void *arg)
{
	struct guest *g = arg;
	struct deed *deed;
	int rc = 0;

	while (rc >= 0 && (deed = next_deed(g)) != NULL) {
		bool hold = deed->hold;

		rc = deed->rc = deed->act(g->guest, deed);
		if (rc == -EINVAL || rc == -ENOSYS)
			rc = 0;
		if (rc < 0)
			break; /* the REC has gone */
		deed_done(g, deed);
		if (!hold)
			rc = realm_interrupt(g->guest, REALM_IRQ, 0);
	}
	return NULL;
}

/* ---- The case's side --------------------------------------------------- */

static uint64_t
rec_of(const struct conform *c, enum guest_rec n)
{
	return G(c, n == GUEST_1 ? P_REC : P_REC2);
}

static void
guest_free(struct guest *g)
{
	struct deed *deed;

	while ((deed = g->all) != NULL) {
		g->all = deed->next;
		free(deed);
	}
	rmmguest_close(g->guest);
	pthread_mutex_destroy(&g->lock);
	pthread_cond_destroy(&g->wake);
	free(g);
}

bool
guest_can_play(struct conform *c)
{
	struct rmmguest *guest;

	if (c->can_play == NOT_TRIED) {
		guest = c->control == NULL
		    ? NULL
		    : rmmguest_connect(c->control_path, "rmm-conform");
		c->can_play = guest != NULL ? CAN_PLAY : CAN_NOT_PLAY;
		rmmguest_close(guest);
	}
	return c->can_play == CAN_PLAY;
}

bool
guest_play(struct conform *c, enum guest_rec n)
{
	struct guest *g;

	if (c->failed || c->skipped || c->guests[n] != NULL)
		return !c->failed && !c->skipped;
	if (!guest_can_play(c)) {
		skip(c, "no process can play a realm of this machine%s",
		    c->control == NULL ? " without its control socket" : "");
		return false;
	}
	g = calloc(1, sizeof *g);
	if (g == NULL) {
		fail(c, "no memory");
		return false;
	}
	g->c = c;
	g->n = n;
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->wake, NULL);
	g->guest = rmmguest_connect(c->control_path, "rmm-conform");
	if (g->guest == NULL ||
	    rmmguest_attach(g->guest, rec_of(c, n), RMMGUEST_ANY) != 0) {
		fail(c, "no process can play the realm: %s",
		    rmmguest_error(g->guest));
		guest_free(g);
		return false;
	}
	if (pthread_create(&g->thread, NULL, play, g) != 0) {
		fail(c, "no thread");
		guest_free(g);
		return false;
	}
	c->guests[n] = g;
	return true;
}

const struct deed *
guest_tell(struct conform *c, enum guest_rec n, struct deed deed)
{
	static struct deed never;
	struct deed *copy;
	struct guest *g;

	if (!guest_play(c, n))
		return &never;
	copy = malloc(sizeof *copy);
	if (copy == NULL) {
		fail(c, "no memory");
		return &never;
	}
	g = c->guests[n];
	*copy = deed;
	pthread_mutex_lock(&g->lock);
	copy->next = g->all;
	g->all = copy;
	if (g->deed != NULL)
		fail(c, "the realm has not done yet what it was told before");
	else
		g->deed = copy;
	pthread_cond_broadcast(&g->wake);
	pthread_mutex_unlock(&g->lock);
	return copy;
}

/* An entry with nothing to do, and none that is pending, would not end. */
static void
something_to_do(struct conform *c, enum guest_rec n)
{
	struct guest *g = c->guests[n];
	bool idle;

	if (g == NULL)
		return;
	pthread_mutex_lock(&g->lock);
	idle = g->deed == NULL;
	pthread_mutex_unlock(&g->lock);
	if (idle)
		guest_tell(c, n, (struct deed){ .act = act_nothing });
}

void
guest_entering(struct conform *c, uint64_t rec)
{
	for (unsigned n = 0; n < GUESTS; n++)
		if (c->guests[n] != NULL && !c->guests[n]->entering &&
		    rec == rec_of(c, n))
			something_to_do(c, n);
}

static void
enter(struct guest *g)
{
	struct conform *c = g->c;

	memset(g->x, 0, sizeof g->x);
	g->x[0] = RMI_FID_REC_ENTER;
	g->x[1] = rec_of(c, g->n);
	g->x[2] = G(c, g->n == GUEST_1 ? P_RUN : P_RUN2);
	memset(&g->reason, 0, sizeof g->reason);
	if (rmmclient_call(c->client, 0, g->x, &g->reason) < 0)
		g->x[0] = UINT64_MAX;
}

uint64_t
guest_try_enter(struct conform *c, enum guest_rec n)
{
	struct guest *g;

	if (!guest_play(c, n))
		return 0;
	g = c->guests[n];
	something_to_do(c, n);
	if (!c->keep_exit)
		memset(&run_of(c, n)->exit, POISON, sizeof run_of(c, n)->exit);
	enter(g);
	pthread_mutex_lock(&g->lock); /* see what the realm has done */
	pthread_mutex_unlock(&g->lock);
	memcpy(c->r, g->x, sizeof c->r);
	c->reason = g->reason;
	return g->x[0];
}

uint64_t
guest_enter(struct conform *c, enum guest_rec n)
{
	uint64_t x0 = guest_try_enter(c, n);

	if (x0 != RMI_SUCCESS)
		fail(c, "RMI_REC_ENTER answered " X64 " (%s)", x0,
		    c->reason.why);
	return x0;
}

const struct deed *
guest_do(struct conform *c, enum guest_rec n, struct deed deed)
{
	const struct deed *told = guest_tell(c, n, deed);

	guest_enter(c, n);
	return told;
}

static void *
enter_in_thread(void *arg)
{
	enter(arg);
	return NULL;
}

void
guest_hold(struct conform *c, enum guest_rec n)
{
	const struct deed *stay =
	    guest_tell(c, n, (struct deed){ .act = act_nothing, .hold = true });
	struct guest *g;

	if (c->failed || c->skipped)
		return;
	g = c->guests[n];
	if (pthread_create(&g->host, NULL, enter_in_thread, g) != 0) {
		fail(c, "no thread");
		return;
	}
	g->entering = true;
	pthread_mutex_lock(&g->lock);
	while (!stay->done)
		pthread_cond_wait(&g->wake, &g->lock);
	pthread_mutex_unlock(&g->lock);
}

void
guest_release(struct conform *c, enum guest_rec n)
{
	struct guest *g = c->guests[n];

	if (g == NULL || !g->entering)
		return;
	something_to_do(c, n);
	pthread_join(g->host, NULL);
	g->entering = false;
	if (g->x[0] != RMI_SUCCESS)
		fail(c, "RMI_REC_ENTER answered " X64 " (%s)", g->x[0],
		    g->reason.why);
}

void
guest_kick(struct conform *c, enum guest_rec n)
{
	struct guest *g = c->guests[n];

	if (c->failed || c->skipped || g == NULL)
		return;
	if (pthread_create(&g->host, NULL, enter_in_thread, g) != 0) {
		fail(c, "no thread");
		return;
	}
	while (control_interrupt(c, rec_of(c, n)) == 0)
		sched_yield();
	pthread_join(g->host, NULL);
	if (g->x[0] != RMI_SUCCESS)
		fail(c, "RMI_REC_ENTER answered " X64 " (%s)", g->x[0],
		    g->reason.why);
}

void
guest_end(struct conform *c)
{
	for (unsigned n = 0; n < GUESTS; n++) {
		struct guest *g = c->guests[n];

		if (g == NULL)
			continue;
		pthread_mutex_lock(&g->lock);
		g->stop = true;
		pthread_cond_broadcast(&g->wake);
		pthread_mutex_unlock(&g->lock);
		rmmguest_hang_up(g->guest);
		pthread_join(g->thread, NULL);
		if (g->entering)
			pthread_join(g->host, NULL);
		guest_free(g);
		c->guests[n] = NULL;
	}
}

/* ---- Things to do ------------------------------------------------------ */

int
act_nothing(struct rmmguest *guest, struct deed *deed)
{
	(void)deed;
	return realm_time(guest, 0);
}

int
act_smc(struct rmmguest *guest, struct deed *deed)
{
	return rmmguest_smc(guest, deed->x);
}

int
act_hvc(struct rmmguest *guest, struct deed *deed)
{
	return realm_hvc(guest, deed->x);
}

int
act_wfi(struct rmmguest *guest, struct deed *deed)
{
	(void)deed;
	return realm_wfi(guest);
}

int
act_wfe(struct rmmguest *guest, struct deed *deed)
{
	(void)deed;
	return realm_wfe(guest);
}

int
act_wfit(struct rmmguest *guest, struct deed *deed)
{
	return realm_wfit(guest, deed->x[0]);
}

int
act_wfet(struct rmmguest *guest, struct deed *deed)
{
	return realm_wfet(guest, deed->x[0]);
}

int
act_interrupt(struct rmmguest *guest, struct deed *deed)
{
	return realm_interrupt(
	    guest, (enum realm_interrupt_kind)deed->x[0], deed->x[1]);
}

int
act_access(struct rmmguest *guest, struct deed *deed)
{
	return realm_access(guest, &deed->access, &deed->value);
}

int
act_read(struct rmmguest *guest, struct deed *deed)
{
	return realm_read(guest, deed->x[0], &deed->value, sizeof deed->value);
}

int
act_write(struct rmmguest *guest, struct deed *deed)
{
	return realm_write(guest, deed->x[0], &deed->value, sizeof deed->value);
}

int
act_fetch(struct rmmguest *guest, struct deed *deed)
{
	return realm_fetch(guest, deed->x[0], &deed->value, sizeof deed->value);
}

int
act_get(struct rmmguest *guest, struct deed *deed)
{
	return realm_read(guest, deed->x[0], deed->page, GRANULE_SIZE);
}

int
act_put(struct rmmguest *guest, struct deed *deed)
{
	return realm_write(guest, deed->x[0], deed->page, GRANULE_SIZE);
}

void
guest_get(struct conform *c, uint64_t ipa, void *page)
{
	struct deed get = { .act = act_get, .x = { ipa }, .page = page };

	expect_done(c, guest_do(c, GUEST_1, get));
}

void
guest_put(struct conform *c, uint64_t ipa, void *page)
{
	struct deed put = { .act = act_put, .x = { ipa }, .page = page };

	expect_done(c, guest_do(c, GUEST_1, put));
}

int
act_msr(struct rmmguest *guest, struct deed *deed)
{
	return realm_msr(guest, (unsigned)deed->x[0], deed->x[1]);
}

int
act_pmu(struct rmmguest *guest, struct deed *deed)
{
	return realm_pmu_overflow(guest, deed->x[0] != 0);
}

int
act_registers(struct rmmguest *guest, struct deed *deed)
{
	return realm_registers(guest, deed->page);
}

int
act_time(struct rmmguest *guest, struct deed *deed)
{
	return realm_time(guest, deed->x[0]);
}
