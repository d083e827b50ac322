/* SPDX-License-Identifier: BSD-3-Clause */
/* A host with a realm whose RECs it can enter. */
#include "config.h"

#include <check.h>
#include <string.h>

#include "scene.h"

struct rmi_rec_run *
scene_run(const struct scene *scene)
{
	return (struct rmi_rec_run *)(scene->memory +
	    (scene->run_pa - scene->base));
}

/* A REC at rec, its auxiliary granules from aux on. */
static void
make_rec(struct scene *s, uint64_t rec, uint64_t mpidr, uint64_t aux)
{
	struct rmi_rec_params *params = (struct rmi_rec_params *)scene_run(s);
	uint64_t count[SMC_REGS];

	memset(params, 0, sizeof(*params));
	params->flags = RMI_REC_FLAG_RUNNABLE;
	params->mpidr = mpidr;
	ck_assert_uint_eq(
	    peer_call(&s->host, count, RMI_FID_REC_AUX_COUNT, 1, s->pa), 0);
	params->num_aux = count[1];
	for (unsigned i = 0; i < params->num_aux; i++, aux += GRANULE_SIZE) {
		params->aux[i] = aux;
		ck_assert_uint_eq(
		    peer_call(&s->host, NULL, RMI_FID_GRANULE_DELEGATE, 1, aux),
		    0);
	}
	ck_assert_uint_eq(
	    peer_call(&s->host, NULL, RMI_FID_GRANULE_DELEGATE, 1, rec), 0);
	ck_assert_uint_eq(peer_call(&s->host, NULL, RMI_FID_REC_CREATE, 3,
			      s->pa, rec, s->run_pa),
	    0);
}

struct scene
scene_new(void)
{
	struct scene s = { .host = peer_open(false), .next_id = 1000 };
	uint64_t size;
	int file;

	s.memory = peer_map(&s.host, &s.base, &size, &file);
	s.pa = peer_lease(&s.host, 64 * GRANULE_SIZE);
	ck_assert_uint_ne(s.pa, 0);
	peer_populate(&s.host, s.memory, s.base, s.pa);
	s.rec = s.pa + 8 * GRANULE_SIZE;
	s.run_pa = s.pa + 9 * GRANULE_SIZE;
	s.other_rec = s.pa + 10 * GRANULE_SIZE;
	make_rec(&s, s.rec, 0, s.pa + 16 * GRANULE_SIZE);
	make_rec(&s, s.other_rec, 1, s.pa + 32 * GRANULE_SIZE);
	ck_assert_uint_eq(
	    peer_call(&s.host, NULL, RMI_FID_REALM_ACTIVATE, 1, s.pa), 0);
	memset(scene_run(&s), 0, sizeof(struct rmi_rec_run));
	return s;
}

/* Send RMI_REC_ENTER; its answer is waited for by scene_exit(). */
void
scene_enter_rec(struct scene *s, uint64_t rec)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Call call = RMMD__CALL__INIT;
	uint64_t x[] = { RMI_FID_REC_ENTER, rec, s->run_pa };

	call.n_x = 3;
	call.x = x;
	request.id = ++s->next_id;
	request.body_case = RMMD__REQUEST__BODY_CALL;
	request.call = &call;
	peer_send(&s->host, &request);
}

void
scene_enter(struct scene *s)
{
	scene_enter_rec(s, s->rec);
}

const struct rmi_rec_exit *
scene_exit(struct scene *s)
{
	Rmmd__Reply *reply = peer_receive(&s->host);

	ck_assert_ptr_nonnull(reply);
	ck_assert_uint_eq(reply->id, s->next_id);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_ANSWER);
	ck_assert_uint_eq(
	    reply->answer->n_x > 0 ? reply->answer->x[0] : 0, RMI_SUCCESS);
	peer_free(reply);
	return &scene_run(s)->exit;
}

bool
scene_interrupt(struct peer *peer, uint64_t rec)
{
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__InterruptRequest body = RMMD__INTERRUPT_REQUEST__INIT;
	Rmmd__Reply *reply;
	bool exited;

	body.rec = rec;
	request.id = 7;
	request.body_case = RMMD__REQUEST__BODY_INTERRUPT;
	request.interrupt = &body;
	reply = peer_ask(peer, &request);
	ck_assert_int_eq(reply->body_case, RMMD__REPLY__BODY_INTERRUPT);
	exited = reply->interrupt->exited;
	peer_free(reply);
	return exited;
}
