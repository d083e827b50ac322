/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Helpers of the tests of librmmkvm; kvm-test.h tells.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvm-test.h"

const char *const profiles[NUM_PROFILES] = { "v12", "v13", "v14", "v15",
	"latest" };

/* Under a daemon of our own: this program is its command. */
static int
restart(char **argv)
{
	const char *builddir = getenv("builddir");
	char rmmd[4096];

	snprintf(
	    rmmd, sizeof(rmmd), "%s/rmmd", builddir != NULL ? builddir : ".");
	setenv("KVM_TEST_INSIDE", "1", 1);
	execl(rmmd, "rmmd", "--run", argv[0], (char *)NULL);
	perror(rmmd);
	return 99;
}

int
kvm_test_main(int argc, char **argv, Suite *suite)
{
	SRunner *runner;
	int failed;

	(void)argc;
	if (getenv("KVM_TEST_INSIDE") == NULL)
		return restart(argv);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}

uint8_t
pattern(uint64_t offset)
{
	return (uint8_t)(offset * 7 + (offset >> 8) + (offset >> 12) * 13 + 1);
}

void
env_open_bare(struct env *env, int profile)
{
	struct rmmkvm_config config = { .profile = profiles[profile] };

	memset(env, 0, sizeof(*env));
	env->profile = profiles[profile];
	env->v12 = profile == 0;
	env->v15 = profile >= 3;
	env->latest = profile == 4;
	env->gmem = -1;
	env->kvm = rmmkvm_open(&config);
	ck_assert_msg(env->kvm != NULL, "%s", rmmkvm_error());
	env->vm = (int)rmmkvm_ioctl(env->kvm, rmmkvm_fd(env->kvm),
	    RKVM_CREATE_VM, rmmkvm_realm_type(env->kvm, IPA_BITS));
	ck_assert_msg(env->vm >= 0, "%s", rmmkvm_error());
}

void
env_open(struct env *env, int profile, uint64_t size)
{
	env_open_bare(env, profile);
	env->size = size;
	env->src = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(env->src, MAP_FAILED);
	for (uint64_t i = 0; i < size; i++)
		env->src[i] = pattern(i);
	env->gmem = make_gmem(env, size);
	ck_assert_int_eq(set_slot(env, 0, GPA, size, env->gmem, 0), 0);
	ck_assert_int_eq(set_private(env, GPA, size, true), 0);
}

void
env_close(struct env *env)
{
	rmmkvm_close(env->kvm);
	if (env->src != NULL)
		munmap(env->src, env->size);
}

long
vm_call(struct env *env, uint32_t command, const void *arg)
{
	return rmmkvm_ioctl(env->kvm, env->vm, command, (uintptr_t)arg);
}

int
make_gmem(struct env *env, uint64_t size)
{
	struct rkvm_create_guest_memfd create = { .size = size };
	long fd = vm_call(env, RKVM_CREATE_GUEST_MEMFD, &create);

	ck_assert_msg(fd >= 0, "%s", rmmkvm_error());
	return (int)fd;
}

long
set_slot(struct env *env, uint32_t slot, uint64_t gpa, uint64_t size, int gmem,
    uint64_t offset)
{
	struct rkvm_memory_region2 region = {
		.slot = slot,
		.flags = gmem >= 0 ? RKVM_MEM_GUEST_MEMFD : 0,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = 0x10000000,
		.guest_memfd_offset = offset,
		.guest_memfd = (uint32_t)gmem,
	};

	return vm_call(env, RKVM_SET_USER_MEMORY_REGION2, &region);
}

/* The same of env->gmem; a file of which it is no part begins private. */
static long
set_private_file(struct env *env, const struct rkvm_memory_attributes *vm)
{
	struct rkvm_memory_attributes2 attributes = {
		.offset = vm->address - GPA,
		.size = vm->size,
		.attributes = vm->attributes,
	};

	if (vm->attributes != 0 &&
	    (env->gmem < 0 || vm->address < GPA ||
		vm->address - GPA + vm->size > env->size))
		return 0;
	return rmmkvm_ioctl(env->kvm, env->gmem, RKVM_SET_MEMORY_ATTRIBUTES2,
	    (uintptr_t)&attributes);
}

long
set_private(struct env *env, uint64_t gpa, uint64_t size, bool private)
{
	struct rkvm_memory_attributes attributes = {
		.address = gpa,
		.size = size,
		.attributes = private ? RKVM_MEMORY_ATTRIBUTE_PRIVATE : 0,
	};

	if (env->v15)
		return set_private_file(env, &attributes);
	return vm_call(env, RKVM_SET_MEMORY_ATTRIBUTES, &attributes);
}

int
make_vcpu(struct env *env, unsigned id)
{
	struct rkvm_vcpu_init init = { .target = RKVM_ARM_TARGET_GENERIC_V8 };
	long fd = rmmkvm_ioctl(env->kvm, env->vm, RKVM_CREATE_VCPU, id);

	ck_assert_msg(fd >= 0, "%s", rmmkvm_error());
	init.features[0] = 1u << RKVM_ARM_VCPU_PSCI_0_2;
	ck_assert_int_eq(rmmkvm_ioctl(env->kvm, (int)fd, RKVM_ARM_VCPU_INIT,
			     (uintptr_t)&init),
	    0);
	return (int)fd;
}

long
set_attr(struct env *env, int fd, uint32_t group, uint64_t attribute,
    const void *value)
{
	struct rkvm_device_attr attr = {
		.group = group,
		.attr = attribute,
		.addr = (uintptr_t)value,
	};

	return rmmkvm_ioctl(
	    env->kvm, fd, RKVM_SET_DEVICE_ATTR, (uintptr_t)&attr);
}

int
make_gic(struct env *env)
{
	static const uint64_t dist = 0x8000000, redist = 0x80a0000;
	struct rkvm_create_device create = {
		.type = RKVM_DEV_TYPE_ARM_VGIC_V3,
	};
	int fd;

	ck_assert_int_eq(vm_call(env, RKVM_CREATE_DEVICE, &create), 0);
	fd = (int)create.fd;
	ck_assert_int_eq(set_attr(env, fd, RKVM_DEV_ARM_VGIC_GRP_ADDR,
			     RKVM_VGIC_V3_ADDR_TYPE_DIST, &dist),
	    0);
	ck_assert_int_eq(set_attr(env, fd, RKVM_DEV_ARM_VGIC_GRP_ADDR,
			     RKVM_VGIC_V3_ADDR_TYPE_REDIST, &redist),
	    0);
	ck_assert_int_eq(set_attr(env, fd, RKVM_DEV_ARM_VGIC_GRP_CTRL,
			     RKVM_DEV_ARM_VGIC_CTRL_INIT, NULL),
	    0);
	return fd;
}

long
run_vcpu(struct env *env, int vcpu)
{
	return rmmkvm_ioctl(env->kvm, vcpu, RKVM_RUN, 0);
}

struct rkvm_populate
args_for(const struct env *env, uint64_t offset, uint64_t size)
{
	return (struct rkvm_populate){
		.base = GPA + offset,
		.size = size,
		.source_uaddr = (uintptr_t)env->src + offset,
		.flags = RKVM_POPULATE_MEASURE,
	};
}

long
populate(struct env *env, struct rkvm_populate *args)
{
	return vm_call(env, rmmkvm_populate_command(env->kvm), args);
}

void
expect_populate(struct env *env, const struct rkvm_populate *args, int64_t want)
{
	struct rkvm_populate after = *args, wanted = *args;
	long result = populate(env, &after);
	uint64_t bytes = want > 0 ? (uint64_t)want * PAGE : 0;

	if (!env->v12) {
		wanted.base += bytes;
		wanted.size -= bytes;
		wanted.source_uaddr += bytes;
	}
	if (want < 0)
		ck_assert_msg(result == want, "%ld, not %ld (%s)", result,
		    (long)want, rmmkvm_error());
	else
		ck_assert_msg(result == (env->v12 ? (int)bytes : 0),
		    "%ld, not %ld pages (%s)", result, (long)want,
		    rmmkvm_error());
	ck_assert_uint_eq(after.base, wanted.base);
	ck_assert_uint_eq(after.size, wanted.size);
	ck_assert_uint_eq(after.source_uaddr, wanted.source_uaddr);
	ck_assert_uint_eq(after.flags, wanted.flags);
	ck_assert_uint_eq(after.reserved, wanted.reserved);
}

void
expect_populates(struct env *env, const struct rkvm_populate *args,
    int64_t want_v12, int64_t want_v13)
{
	expect_populate(env, args, env->v12 ? want_v12 : want_v13);
}

void
expect_populates4(struct env *env, const struct rkvm_populate *args,
    int64_t want_v12, int64_t want_v13, int64_t want_v15, int64_t want_latest)
{
	expect_populates(env, args, want_v12,
	    env->latest	   ? want_latest
		: env->v15 ? want_v15
			   : want_v13);
}

enum rmmkvm_state
realm_state(struct env *env)
{
	struct rmmkvm_realm realm;

	ck_assert_int_eq(rmmkvm_realm(env->kvm, env->vm, &realm), 0);
	return realm.state;
}

uint64_t
realm_rd(struct env *env)
{
	struct rmmkvm_realm realm;

	ck_assert_int_eq(rmmkvm_realm(env->kvm, env->vm, &realm), 0);
	ck_assert_int_ne(realm.state, RMMKVM_NONE);
	return realm.rd;
}

struct rmmclient *
raw(struct env *env)
{
	return rmmkvm_client(env->kvm);
}

static void
read_entry(struct env *env, uint64_t page, uint64_t *level, uint64_t *state,
    uint64_t *desc, uint64_t *ripas)
{
	ck_assert_int_eq(rmi_rtt_read_entry(raw(env), realm_rd(env),
			     GPA + page * PAGE, 3, level, state, desc, ripas),
	    RMI_SUCCESS);
}

void
expect_mapped(struct env *env, uint64_t first, uint64_t num)
{
	for (uint64_t page = first; page < first + num; page++) {
		uint64_t level, state, desc, ripas;
		char name[32];

		read_entry(env, page, &level, &state, &desc, &ripas);
		ck_assert_uint_eq(level, 3);
		ck_assert_msg(state == RMI_ASSIGNED, "page %lu is not there",
		    (unsigned long)page);
		ck_assert_uint_eq(ripas, RMI_RAM);
		ck_assert_uint_eq(desc & 0xfffffffff000, gmem_pa(env, page));
		granule_state(gmem_pa(env, page), name);
		ck_assert_str_eq(name, "DATA");
	}
}

void
expect_unmapped(struct env *env, uint64_t first, uint64_t num)
{
	for (uint64_t page = first; page < first + num; page++) {
		uint64_t level, state, desc, ripas, pa;
		char name[32];

		read_entry(env, page, &level, &state, &desc, &ripas);
		ck_assert_msg(state != RMI_ASSIGNED, "page %lu is there",
		    (unsigned long)page);
		if (env->gmem < 0 ||
		    rmmkvm_gmem_page(env->kvm, env->gmem, page * PAGE, &pa) < 0)
			continue;
		granule_state(pa, name);
		ck_assert_str_eq(name, "UNDELEGATED");
	}
}

uint64_t
gmem_pa(struct env *env, uint64_t page)
{
	uint64_t pa;

	ck_assert_int_eq(
	    rmmkvm_gmem_page(env->kvm, env->gmem, page * PAGE, &pa), 0);
	return pa;
}

/* ---- The control socket ----------------------------------------------- */

struct channel *
control(void)
{
	static struct channel *channel;
	static pid_t owner;

	/* Each test is a process of its own. */
	if (channel == NULL || owner != getpid()) {
		channel =
		    channel_connect(NULL, RMMD__ROLE__ROLE_CONTROL, "kvm-test");
		ck_assert_msg(channel != NULL, "%s", channel_error());
		owner = getpid();
	}
	return channel;
}

static Rmmd__Reply *
ask(Rmmd__Request *request)
{
	Rmmd__Reply *reply = NULL;

	ck_assert_msg(channel_request(control(), request, &reply, NULL) == 0,
	    "%s", channel_error());
	return reply;
}

void
granule_state(uint64_t pa, char state[32])
{
	Rmmd__GranulesRequest body = RMMD__GRANULES_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Reply *reply;

	body.has_start = body.has_limit = 1;
	body.start = pa;
	body.limit = 1;
	request.body_case = RMMD__REQUEST__BODY_GRANULES;
	request.granules = &body;
	reply = ask(&request);
	snprintf(state, 32, "UNDELEGATED");
	if (reply->granules->n_runs > 0 && reply->granules->runs[0]->pa == pa)
		snprintf(state, 32, "%s", reply->granules->runs[0]->state);
	channel_free_reply(reply);
}

static Rmmd__Reply *
ask_status(void)
{
	Rmmd__StatusRequest body = RMMD__STATUS_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;

	request.body_case = RMMD__REQUEST__BODY_STATUS;
	request.status = &body;
	return ask(&request);
}

uint64_t
granules_in_use(void)
{
	Rmmd__Reply *reply = ask_status();
	uint64_t count = 0;

	for (size_t i = 0; i < reply->status->n_granules; i++)
		count += reply->status->granules[i]->count;
	channel_free_reply(reply);
	return count;
}

size_t
num_leases(void)
{
	Rmmd__Reply *reply = ask_status();
	size_t num = reply->status->n_leases;

	channel_free_reply(reply);
	return num;
}

void
read_rim(struct env *env, char rim[129])
{
	Rmmd__RimRequest body = RMMD__RIM_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Reply *reply;

	body.rd = realm_rd(env);
	request.body_case = RMMD__REQUEST__BODY_RIM;
	request.rim = &body;
	reply = ask(&request);
	ck_assert_uint_le(reply->rim->rim.len, 64);
	for (size_t i = 0; i < reply->rim->rim.len; i++)
		snprintf(rim + 2 * i, 3, "%02x", reply->rim->rim.data[i]);
	channel_free_reply(reply);
}
