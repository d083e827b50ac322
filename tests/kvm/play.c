/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A realm with something to do; play.h tells.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "play.h"

/* Whoever is entered is played by a process that attaches. */
static void
let_attach(void)
{
	Rmmd__SetRealmRequest body = RMMD__SET_REALM_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Reply *reply;
	char who[] = "attach";

	body.who = who;
	request.body_case = RMMD__REQUEST__BODY_SET_REALM;
	request.set_realm = &body;
	ck_assert_msg(channel_request(control(), &request, &reply, NULL) == 0,
	    "%s", channel_error());
	channel_free_reply(reply);
}

static void
set_user_slot(struct stage *stage)
{
	struct rkvm_memory_region2 region = {
		.flags = RKVM_MEM_GUEST_MEMFD,
		.guest_phys_addr = GPA,
		.memory_size = stage->env.size,
		.userspace_addr = (uintptr_t)stage->user,
		.guest_memfd = (uint32_t)stage->env.gmem,
	};

	ck_assert_int_eq(
	    vm_call(&stage->env, RKVM_SET_USER_MEMORY_REGION2, &region), 0);
}

void
stage_open(struct stage *stage, int profile, uint64_t size, unsigned num_vcpus)
{
	struct env *env = &stage->env;

	let_attach();
	env_open_bare(env, profile);
	env->size = size;
	env->gmem = make_gmem(env, size);
	stage->user = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(stage->user, MAP_FAILED);
	set_user_slot(stage);
	ck_assert_int_eq(set_private(env, GPA, size, true), 0);
	stage->num_vcpus = num_vcpus;
	for (unsigned i = 0; i < num_vcpus; i++) {
		stage->vcpus[i] = make_vcpu(env, i);
		stage->run[i] = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		    MAP_SHARED, stage->vcpus[i], 0);
		ck_assert_ptr_ne(stage->run[i], MAP_FAILED);
	}
	make_gic(env);
}

void
stage_close(struct stage *stage)
{
	for (unsigned i = 0; i < stage->num_vcpus; i++)
		munmap(stage->run[i], PAGE);
	env_close(&stage->env);
	munmap(stage->user, stage->env.size);
	ck_assert_uint_eq(granules_in_use(), 0);
	ck_assert_uint_eq(num_leases(), 0);
}

static void *
play(void *arg)
{
	struct player *player = arg;

	DID(rmmguest_attach(player->guest, 0, player->mpidr));
	player->act(player->guest, player->arg);
	return NULL;
}

void
player_start(struct player *player, uint64_t mpidr,
    void (*act)(struct rmmguest *, void *), void *arg)
{
	player->mpidr = mpidr;
	player->act = act;
	player->arg = arg;
	player->guest = rmmguest_connect(NULL, "player");
	ck_assert_msg(player->guest != NULL, "%s", rmmguest_error(NULL));
	ck_assert_int_eq(
	    pthread_create(&player->thread, NULL, play, player), 0);
}

void
player_join(struct player *player)
{
	rmmguest_hang_up(player->guest);
	ck_assert_int_eq(pthread_join(player->thread, NULL), 0);
	rmmguest_close(player->guest);
}

long
run(struct stage *stage, unsigned i)
{
	return run_vcpu(&stage->env, stage->vcpus[i]);
}

long
run_on(struct stage *stage, unsigned i)
{
	long rc;

	do
		rc = run(stage, i);
	while (rc == -EINTR || rc == -EAGAIN);
	return rc;
}

void
expect_off(struct stage *stage, unsigned i)
{
	long rc = run(stage, i);

	ck_assert_msg(rc == 0, "%ld: %s", rc, rmmkvm_error());
	ck_assert_uint_eq(stage->run[i]->exit_reason, RKVM_EXIT_SYSTEM_EVENT);
	ck_assert_uint_eq(
	    stage->run[i]->u.system_event.type, RKVM_SYSTEM_EVENT_SHUTDOWN);
}

void
expect_memory_fault(
    struct stage *stage, unsigned i, uint64_t gpa, uint64_t size, bool private)
{
	const struct rkvm_run *kvm_run = stage->run[i];
	long rc = run(stage, i);

	ck_assert_msg(rc == -EFAULT, "%ld: %s", rc, rmmkvm_error());
	ck_assert_uint_eq(kvm_run->exit_reason, RKVM_EXIT_MEMORY_FAULT);
	ck_assert_uint_eq(kvm_run->u.memory_fault.gpa, gpa);
	ck_assert_uint_eq(kvm_run->u.memory_fault.size, size);
	ck_assert_uint_eq(kvm_run->u.memory_fault.flags,
	    private ? RKVM_MEMORY_EXIT_PRIVATE : 0);
}

void
set_register(struct stage *stage, unsigned i, uint64_t id, uint64_t value)
{
	struct rkvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	ck_assert_int_eq(rmmkvm_ioctl(stage->env.kvm, stage->vcpus[i],
			     RKVM_SET_ONE_REG, (uintptr_t)&reg),
	    0);
}

uint64_t
get_register(struct stage *stage, unsigned i, uint64_t id)
{
	uint64_t value;
	struct rkvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	ck_assert_int_eq(rmmkvm_ioctl(stage->env.kvm, stage->vcpus[i],
			     RKVM_GET_ONE_REG, (uintptr_t)&reg),
	    0);
	return value;
}

void
forward(struct stage *stage, uint32_t base, uint32_t num)
{
	struct rkvm_smccc_filter filter = {
		.base = base,
		.nr_functions = num,
		.action = RKVM_SMCCC_FILTER_FWD_TO_USER,
	};

	ck_assert_int_eq(set_attr(&stage->env, stage->env.vm,
			     RKVM_VM_SMCCC_CTRL, RKVM_VM_SMCCC_FILTER, &filter),
	    0);
}
