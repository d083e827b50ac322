/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two VMMs at once on one daemon, each with one realm after the other of four
 * vCPUs on four threads, from its creation to its end.  Nothing is left of them
 * on the machine; neither they nor the daemon grow.
 *
 * RMM_CYCLES says how many realms each of them has.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kvm-test.h"

#define VMMS	  2
#define VCPUS	  4
#define SIZE	  (2 * MIB)
#define POPULATED (16 * PAGE)
#define CYCLES	  12u
/* Realms before anything is measured: each way with each profile. */
#define WARM (WAYS * NUM_PROFILES)
/* Realms that a VMM makes before it connects anew, for the next profile. */
#define A_CONNECTION WAYS

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KEEPS_FREED_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define KEEPS_FREED_MEMORY 1
#endif
#endif
#ifndef KEEPS_FREED_MEMORY
#define KEEPS_FREED_MEMORY 0
#endif

/* How a realm ends; its X0 at the begin. */
enum way {
	ONE_BY_ONE,    /* its vCPUs switch themselves off, the last the realm */
	IN_THE_MIDDLE, /* of what the others do, vCPU 0 switches the realm off
			*/
	BY_THE_VMM,    /* which takes its threads out of KVM_RUN */
	WAYS
};

static char script[] = "let way = x0\n"
		       "mem write 0x80100000+$rec \"x\"\n"
		       "rec 0\n"
		       "    PSCI_CPU_ON 1 0x80000000 $way\n"
		       "    expect PSCI_SUCCESS\n"
		       "    PSCI_CPU_ON 2 0x80000000 $way\n"
		       "    expect PSCI_SUCCESS\n"
		       "    PSCI_CPU_ON 3 0x80000000 $way\n"
		       "    expect PSCI_SUCCESS\n"
		       "    mem fill 0x80110000 8K 0x55\n"
		       "    if $way == 0\n"
		       "        let other = 1\n"
		       "        while $other != 4\n"
		       "            PSCI_AFFINITY_INFO $other 0\n"
		       "            if x0 == PSCI_OFF\n"
		       "                let other = $other+1\n"
		       "            end\n"
		       "        end\n"
		       "    end\n"
		       "    while $way == 2\n"
		       "        read 0x80000000\n"
		       "    end\n"
		       "    PSCI_SYSTEM_OFF\n"
		       "end\n"
		       "rec 1\n"
		       "    mem fill 0x80120000 8K 0x55\n"
		       "    while $way != 0\n"
		       "        read 0x80000000\n"
		       "    end\n"
		       "end\n"
		       "rec 2\n"
		       "    while $way != 0\n"
		       "        wfi\n"
		       "    end\n"
		       "end\n"
		       "rec 3\n"
		       "    host-call 0x80130000 imm=0 gprs[0]=0x80000000\n"
		       "    expect RSI_SUCCESS\n"
		       "    while $way != 0\n"
		       "        PSCI_AFFINITY_INFO 1 0\n"
		       "    end\n"
		       "end\n"
		       "PSCI_CPU_OFF\n";

static void
let_script_play(void)
{
	Rmmd__SetRealmRequest body = RMMD__SET_REALM_REQUEST__INIT;
	Rmmd__Request request = RMMD__REQUEST__INIT;
	Rmmd__Reply *reply;
	char who[] = "script";

	body.who = who;
	body.has_script = 1;
	body.script.data = (uint8_t *)script;
	body.script.len = strlen(script);
	request.body_case = RMMD__REQUEST__BODY_SET_REALM;
	request.set_realm = &body;
	ck_assert_msg(channel_request(control(), &request, &reply, NULL) == 0,
	    "%s", channel_error());
	channel_free_reply(reply);
}

/* ---- A vCPU, on its thread ---------------------------------------------- */

static struct env env; /* of this VMM */
static _Atomic bool stop;

struct worker {
	pthread_t thread;
	int vcpu;
	struct rkvm_run *run;
};

static _Thread_local struct worker *self;

/* As VMMs do it: whether it comes before the ioctl or within, that returns. */
static void
on_kick(int number)
{
	(void)number;
	if (self != NULL)
		self->run->immediate_exit = 1;
}

static void *
work(void *arg)
{
	self = arg;
	while (!stop) {
		long rc = run_vcpu(&env, self->vcpu);

		/* EAGAIN: it is on for KVM, and not yet for the RMM. */
		if (rc == -EINTR || rc == -EAGAIN)
			continue;
		ck_assert_msg(
		    rc == 0, "%s: %ld: %s", env.profile, rc, rmmkvm_error());
		if (self->run->exit_reason == RKVM_EXIT_SHUTDOWN)
			break; /* another one has ended the realm */
		ck_assert_uint_eq(
		    self->run->exit_reason, RKVM_EXIT_SYSTEM_EVENT);
		ck_assert_uint_eq(
		    self->run->u.system_event.type, RKVM_SYSTEM_EVENT_SHUTDOWN);
		break;
	}
	self = NULL;
	return NULL;
}

/* ---- A VM -----------------------------------------------------------------
 */

static void
set_state(int vcpu, uint32_t state)
{
	ck_assert_int_eq(
	    rmmkvm_ioctl(env.kvm, vcpu, RKVM_SET_MP_STATE, (uintptr_t)&state),
	    0);
}

static void
set_x0(int vcpu, uint64_t value)
{
	struct rkvm_one_reg reg = { .id = RKVM_REG_X(0),
		.addr = (uintptr_t)&value };

	ck_assert_int_eq(
	    rmmkvm_ioctl(env.kvm, vcpu, RKVM_SET_ONE_REG, (uintptr_t)&reg), 0);
}

static void
make_vm(struct worker workers[VCPUS], enum way way)
{
	env.vm = (int)rmmkvm_ioctl(env.kvm, rmmkvm_fd(env.kvm), RKVM_CREATE_VM,
	    rmmkvm_realm_type(env.kvm, IPA_BITS));
	ck_assert_msg(env.vm >= 0, "%s", rmmkvm_error());
	env.gmem = make_gmem(&env, SIZE);
	ck_assert_int_eq(set_slot(&env, 0, GPA, SIZE, env.gmem, 0), 0);
	ck_assert_int_eq(set_private(&env, GPA, SIZE, true), 0);
	for (unsigned i = 0; i < VCPUS; i++) {
		workers[i].vcpu = make_vcpu(&env, i);
		workers[i].run = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		    MAP_SHARED, workers[i].vcpu, 0);
		ck_assert_ptr_ne(workers[i].run, MAP_FAILED);
		if (i > 0)
			set_state(workers[i].vcpu, RKVM_MP_STATE_STOPPED);
	}
	set_x0(workers[0].vcpu, way);
}

/* Whatever has a descriptor; the VM goes with the last one. */
static void
close_vm(const struct worker workers[VCPUS], int gic)
{
	for (unsigned i = 0; i < VCPUS; i++) {
		munmap(workers[i].run, PAGE);
		ck_assert_int_eq(rmmkvm_close_fd(env.kvm, workers[i].vcpu), 0);
	}
	ck_assert_int_eq(rmmkvm_close_fd(env.kvm, gic), 0);
	ck_assert_int_eq(rmmkvm_close_fd(env.kvm, env.gmem), 0);
	ck_assert_int_eq(rmmkvm_close_fd(env.kvm, env.vm), 0);
}

/* What a VMM may do to its VM while the vCPUs run. */
static void
disturb(void)
{
	int gmem = make_gmem(&env, MIB);

	ck_assert_int_eq(set_slot(&env, 1, GPA + GIB, MIB, gmem, 0), 0);
	ck_assert_int_eq(set_slot(&env, 1, GPA + GIB, 0, gmem, 0), 0);
	ck_assert_int_eq(rmmkvm_close_fd(env.kvm, gmem), 0);
	ck_assert_int_eq(realm_state(&env), RMMKVM_ACTIVE);
}

static void
connect_anew(unsigned number)
{
	uint8_t *src = env.src;

	if (env.kvm != NULL)
		rmmkvm_close(env.kvm);
	env_open_bare(&env, (int)(number / A_CONNECTION % NUM_PROFILES));
	ck_assert_int_eq(rmmkvm_close_fd(env.kvm, env.vm), 0);
	env.src = src;
	env.size = SIZE;
}

static void
cycle(unsigned number)
{
	enum way way = number % WAYS;
	struct worker workers[VCPUS];
	struct rkvm_populate args;
	int gic;

	if (number % A_CONNECTION == 0)
		connect_anew(number);
	make_vm(workers, way);
	gic = make_gic(&env);
	args = args_for(&env, 0, POPULATED);
	expect_populate(&env, &args, POPULATED / PAGE);
	stop = false;
	for (unsigned i = VCPUS; i-- > 0;)
		ck_assert_int_eq(
		    pthread_create(&workers[i].thread, NULL, work, &workers[i]),
		    0);
	while (realm_state(&env) != RMMKVM_ACTIVE)
		sched_yield();
	disturb();
	if (way != BY_THE_VMM)
		pthread_join(workers[0].thread, NULL);
	else
		usleep(number * 37 % 1000);
	stop = true;
	for (unsigned i = way == BY_THE_VMM ? 0 : 1; i < VCPUS; i++) {
		pthread_kill(workers[i].thread, SIGUSR1);
		pthread_join(workers[i].thread, NULL);
	}
	close_vm(workers, gic);
}

/* ---- What they use ---------------------------------------------------------
 */

static unsigned
num_fds(pid_t pid)
{
	char path[64];
	unsigned num = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	ck_assert_msg(dir != NULL, "%s: %s", path, strerror(errno));
	while (readdir(dir) != NULL)
		num++;
	closedir(dir);
	return num;
}

/* Memory that is a process's own, in KiB. */
static long
anonymous(pid_t pid)
{
	char path[64], line[256];
	long size = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
	while (size < 0 && fgets(line, sizeof(line), file) != NULL)
		(void)sscanf(line, "RssAnon: %ld kB", &size);
	fclose(file);
	ck_assert_int_ge(size, 0);
	return size;
}

/* With one arena, so that it is all there is. */
static size_t
allocated(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static pid_t
daemon_pid(void)
{
	struct ucred cred;
	socklen_t size = sizeof(cred);

	ck_assert_int_eq(getsockopt(channel_fd(control()), SOL_SOCKET,
			     SO_PEERCRED, &cred, &size),
	    0);
	return cred.pid;
}

/* ---- The VMMs ---------------------------------------------------------------
 */

/* Neither the first realms nor the last connection leave anything behind. */
static _Noreturn void
vmm(unsigned cycles)
{
	static _Alignas(PAGE) uint8_t source[POPULATED];
	unsigned fds;
	size_t bytes;
	long rss;

	mallopt(M_ARENA_MAX, 1);
	signal(SIGUSR1, on_kick);
	for (unsigned i = 0; i < sizeof(source); i++)
		source[i] = pattern(i);
	env.src = source;
	for (unsigned i = 0; i < WARM; i++)
		cycle(i);
	fds = num_fds(getpid());
	bytes = allocated();
	rss = anonymous(getpid());
	for (unsigned i = 0; i < cycles; i++)
		cycle(i);
	ck_assert_uint_eq(num_fds(getpid()), fds);
	if (!KEEPS_FREED_MEMORY) {
		ck_assert_uint_le(allocated(), bytes + 4096);
		ck_assert_int_le(anonymous(getpid()), rss + 1024);
	}
	rmmkvm_close(env.kvm);
	_exit(0);
}

static void
run_vmms(unsigned cycles)
{
	pid_t vmms[VMMS];
	int status;

	for (unsigned i = 0; i < VMMS; i++) {
		vmms[i] = fork();
		ck_assert_int_ge(vmms[i], 0);
		if (vmms[i] == 0)
			vmm(cycles);
	}
	for (unsigned i = 0; i < VMMS; i++) {
		ck_assert_int_eq(waitpid(vmms[i], &status, 0), vmms[i]);
		ck_assert_msg(status == 0, "VMM %u: status 0x%x", i, status);
	}
}

static unsigned
num_cycles(void)
{
	const char *cycles = getenv("RMM_CYCLES");

	return cycles == NULL ? CYCLES : (unsigned)strtoul(cycles, NULL, 10);
}

START_TEST(nothing_is_left)
{
	pid_t daemon = daemon_pid();
	unsigned fds = num_fds(daemon);
	long rss;

	let_script_play();
	run_vmms(0);
	rss = anonymous(daemon);
	run_vmms(num_cycles());
	ck_assert_uint_eq(granules_in_use(), 0);
	ck_assert_uint_eq(num_leases(), 0);
	/* The daemon may have to notice yet that they have gone. */
	while (num_fds(daemon) != fds)
		usleep(1000);
	if (!KEEPS_FREED_MEMORY)
		ck_assert_int_le(anonymous(daemon), rss + 1024);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("cycles");
	TCase *cases = tcase_create("cycles");

	/* A cycle takes some 10 ms; on a machine that is busy, or with a
	 * sanitizer, much more. */
	tcase_set_timeout(cases, 120 + num_cycles());
	tcase_add_test(cases, nothing_is_left);
	suite_add_tcase(suite, cases);
	return kvm_test_main(argc, argv, suite);
}
