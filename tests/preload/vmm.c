/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A VMM in small, written against the kernel's interface and nothing else: it
 * opens /dev/kvm, makes realms, populates them, runs a thread per vCPU until
 * the realm goes off, and closes everything.  It knows nothing of rmmd.
 *
 *	vmm POSTING [cycles=N] [vcpus=N] [mib=N] [rain] [gap]
 *
 * POSTING is that of the kernel's series it is written for.  With "rain",
 * signals fall on it while it works; with "gap", it has sources of which a part
 * is not there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvm-arm-rmi.h"

#define MIB	  (1ull << 20)
#define RAM_BASE  0x80000000ull
#define MAX_VCPUS 8
#define PAGE	  4096ull

enum privacy { OF_THE_VM, OF_THE_FILE };

/* What a VMM has to know of the posting it is written for. */
static const struct posting {
	const char *name;
	unsigned cap;
	uint64_t realm_type;
	uint32_t populate;
	enum privacy privacy;
	bool multiplexed; /* steps are KVM_ENABLE_CAP's */
	bool splices;	  /* populate is splice() into the guest_memfd */
	bool rec_feature; /* a feature of the vCPU, and KVM_ARM_VCPU_FINALIZE */
} postings[] = {
	{ "rfc", 300, 0x100, 0, OF_THE_VM, true, false, true },
	{ "v10", 244, 0x100, 0, OF_THE_VM, true, false, true },
	{ "v12", 247, 0x100, 0x4020AED7, OF_THE_VM, false, false, false },
	{ "v13", 248, 0x100, 0xC020AED7, OF_THE_VM, false, false, false },
	{ "v14", 249, 0x40000000, 0xC020AED7, OF_THE_VM, false, false, false },
	{ "v15", 251, 0x40000000, 0xC020AED7, OF_THE_FILE, false, false,
	    false },
	{ "latest", 253, 0x40000000, 0xC020AED7, OF_THE_FILE, false, false,
	    false },
	{ "x-splice", 253, 0x40000000, 0, OF_THE_FILE, false, true, false },
	{ "x-region-measure", 253, 0x40000000, 0xC020AED7, OF_THE_FILE, false,
	    false, false },
};

static const struct posting *posting;
static unsigned cycles = 1, num_vcpus = 1;
static uint64_t ram_size = 4 * MIB;
static bool rain, gap;
static int kvm;

struct machine {
	int vm, gic, memory;
	int vcpus[MAX_VCPUS];
	struct rkvm_run *runs[MAX_VCPUS];
	size_t run_size;
	uint8_t *image, *alias;
	pthread_t threads[MAX_VCPUS];
	_Atomic bool off;
};

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "vmm: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int
must(int result, const char *what)
{
	if (result < 0)
		die(what);
	return result;
}

static void
expect(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "vmm: not so: %s\n", what);
	exit(1);
}

/* ---- Signals ----------------------------------------------------------- */

static _Atomic unsigned handled;

static void
on_signal(int number)
{
	(void)number;
	handled++;
}

static void *
send_signals(void *arg)
{
	static const struct timespec pause = { 0, 50000 };
	pthread_t target = *(pthread_t *)arg;

	for (;;) {
		pthread_kill(target, SIGUSR1);
		nanosleep(&pause, NULL);
		pthread_testcancel();
	}
	return NULL;
}

/* ---- The machine ------------------------------------------------------- */

static void
create_vm(struct machine *m)
{
	int ipa_bits =
	    ioctl(kvm, RKVM_CHECK_EXTENSION, RKVM_CAP_ARM_VM_IPA_SIZE);
	int probe;

	expect(ioctl(kvm, RKVM_GET_API_VERSION, 0) == 12, "API version 12");
	expect(ipa_bits >= 40, "IPAs of 40 bits");
	expect(
	    ioctl(kvm, RKVM_CHECK_EXTENSION, (unsigned long)posting->cap) > 0,
	    "KVM_CAP_ARM_RMI");
	/* How wide a realm's addresses may be, nothing but trying tells. */
	do
		probe = ioctl(kvm, RKVM_CREATE_VM,
		    (unsigned long)(posting->realm_type | (unsigned)ipa_bits));
	while (probe < 0 && errno == EINVAL && --ipa_bits >= 32);
	must(probe, "KVM_CREATE_VM of a realm");
	must(close(probe), "close");
	m->vm = must(ioctl(kvm, RKVM_CREATE_VM,
			 (unsigned long)(posting->realm_type | 40)),
	    "KVM_CREATE_VM");
	expect(ioctl(m->vm, RKVM_CHECK_EXTENSION, RKVM_CAP_GUEST_MEMFD) > 0,
	    "KVM_CAP_GUEST_MEMFD");
}

static void
create_vcpus(struct machine *m)
{
	struct rkvm_vcpu_init init;

	m->run_size = (size_t)must(
	    ioctl(kvm, RKVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
	must(ioctl(m->vm, RKVM_ARM_PREFERRED_TARGET, &init),
	    "KVM_ARM_PREFERRED_TARGET");
	for (unsigned i = 0; i < num_vcpus; i++) {
		void *run;

		m->vcpus[i] =
		    must(ioctl(m->vm, RKVM_CREATE_VCPU, i), "KVM_CREATE_VCPU");
		run = mmap(NULL, m->run_size, PROT_READ | PROT_WRITE,
		    MAP_SHARED, m->vcpus[i], 0);
		if (run == MAP_FAILED)
			die("mmap of a vCPU");
		m->runs[i] = run;
		init.features[0] = 1u << RKVM_ARM_VCPU_PSCI_0_2;
		if (posting->rec_feature)
			init.features[0] |= 1u << 9;
		if (i > 0)
			init.features[0] |= 1u << RKVM_ARM_VCPU_POWER_OFF;
		must(ioctl(m->vcpus[i], RKVM_ARM_VCPU_INIT, &init),
		    "KVM_ARM_VCPU_INIT");
	}
}

static void
set_device(int device, uint32_t group, uint64_t attr, void *value)
{
	struct rkvm_device_attr a = {
		.group = group, .attr = attr, .addr = (uintptr_t)value
	};

	if (ioctl(device, RKVM_HAS_DEVICE_ATTR, &a) == 0)
		must(ioctl(device, RKVM_SET_DEVICE_ATTR, &a),
		    "KVM_SET_DEVICE_ATTR");
}

static void
create_gic(struct machine *m)
{
	struct rkvm_create_device create = { .type =
						 RKVM_DEV_TYPE_ARM_VGIC_V3 };
	uint64_t distributor = 0x8000000, redistributor = 0x80a0000;
	uint32_t irqs = 64;

	must(ioctl(m->vm, RKVM_CREATE_DEVICE, &create), "KVM_CREATE_DEVICE");
	m->gic = (int)create.fd;
	set_device(m->gic, RKVM_DEV_ARM_VGIC_GRP_ADDR,
	    RKVM_VGIC_V3_ADDR_TYPE_DIST, &distributor);
	set_device(m->gic, RKVM_DEV_ARM_VGIC_GRP_ADDR,
	    RKVM_VGIC_V3_ADDR_TYPE_REDIST, &redistributor);
	set_device(m->gic, RKVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &irqs);
	set_device(m->gic, RKVM_DEV_ARM_VGIC_GRP_CTRL,
	    RKVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
}

static void
create_memory(struct machine *m)
{
	struct rkvm_create_guest_memfd create = { .size = ram_size };
	struct rkvm_memory_region2 region = {
		.flags = RKVM_MEM_GUEST_MEMFD,
		.guest_phys_addr = RAM_BASE,
		.memory_size = ram_size,
	};
	struct rkvm_memory_attributes private = {
		.address = RAM_BASE,
		.size = ram_size,
		.attributes = RKVM_MEMORY_ATTRIBUTE_PRIVATE,
	};

	m->alias = mmap(NULL, ram_size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	m->image = mmap(NULL, ram_size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m->alias == MAP_FAILED || m->image == MAP_FAILED)
		die("mmap");
	memset(m->image, 0x5a, ram_size / 2);
	if (posting->multiplexed)
		memset(m->alias, 0x5a, ram_size / 2);
	m->memory = must(ioctl(m->vm, RKVM_CREATE_GUEST_MEMFD, &create),
	    "KVM_CREATE_GUEST_MEMFD");
	region.guest_memfd = (uint32_t)m->memory;
	region.userspace_addr = (uintptr_t)m->alias;
	must(ioctl(m->vm, RKVM_SET_USER_MEMORY_REGION2, &region),
	    "KVM_SET_USER_MEMORY_REGION2");
	if (posting->privacy == OF_THE_VM)
		must(ioctl(m->vm, RKVM_SET_MEMORY_ATTRIBUTES, &private),
		    "KVM_SET_MEMORY_ATTRIBUTES");
}

static void
set_registers(struct machine *m)
{
	uint64_t pc = RAM_BASE, x0 = RAM_BASE + ram_size / 2;
	struct rkvm_one_reg reg = { RKVM_REG_PC, (uintptr_t)&pc };

	must(ioctl(m->vcpus[0], RKVM_SET_ONE_REG, &reg), "pc");
	reg = (struct rkvm_one_reg){ RKVM_REG_X(0), (uintptr_t)&x0 };
	must(ioctl(m->vcpus[0], RKVM_SET_ONE_REG, &reg), "x0");
}

/* ---- Populating -------------------------------------------------------- */

static void
populate_range(
    struct machine *m, uint64_t offset, uint64_t size, uint32_t flags)
{
	struct rkvm_populate args = { .base = RAM_BASE + offset,
		.size = size,
		.source_uaddr = (uintptr_t)m->image + offset,
		.flags = flags };

	while (args.size > 0) {
		uint64_t before = args.size;
		int result = ioctl(m->vm, posting->populate, &args);

		if (result < 0 && errno == EINTR)
			continue;
		must(result, "KVM_ARM_RMI_POPULATE");
		if (posting->populate == RKVM_POPULATE_V12) {
			args.base += (unsigned)result;
			args.size -= (unsigned)result;
			args.source_uaddr += (unsigned)result;
		}
		expect(args.size < before, "populate makes progress");
	}
}

/* Out of a pipe, which has room for so much at once. */
static void
splice_range(struct machine *m, uint64_t offset, uint64_t size)
{
	off64_t to = (off64_t)offset;
	int ends[2];

	must(pipe2(ends, O_CLOEXEC), "pipe2");
	while (size > 0) {
		ssize_t left, done;

		left = write(ends[1], m->image + to,
		    size < 16 * PAGE ? size : 16 * PAGE);
		if (left <= 0)
			die("write");
		for (size -= (uint64_t)left; left > 0; left -= done) {
			done = splice(
			    ends[0], NULL, m->memory, &to, (size_t)left, 0);
			if (done < 0 && errno == EINTR)
				done = 0;
			else if (done <= 0)
				die("splice");
		}
	}
	close(ends[0]);
	close(ends[1]);
}

/* A call, however it tells: the bytes done, or -1 with errno set. */
static int64_t
populate_once(
    struct machine *m, uint64_t base, const void *source, uint64_t size)
{
	struct rkvm_populate args = { base, size, (uintptr_t)source, 0, 0 };
	int result = ioctl(m->vm, posting->populate, &args);

	if (result < 0)
		return -1;
	if (posting->populate == RKVM_POPULATE_V12)
		return result;
	return (int64_t)(size - args.size);
}

/*
 * Of eight pages, four are there: as many are done, and the next call fails.
 * Nothing of it is a signal.
 */
static void
populate_gap(struct machine *m, uint64_t base, uint8_t *source)
{
	expect(populate_once(m, base, source, 8 * PAGE) == 4 * PAGE,
	    "four pages are done");
	expect(populate_once(m, base + 4 * PAGE, source + 4 * PAGE, 4 * PAGE) ==
		    -1 &&
		errno == EFAULT,
	    "the fifth page is EFAULT");
}

static void
populate_gaps(struct machine *m)
{
	uint64_t base = RAM_BASE + ram_size / 2;
	int file = memfd_create("source", MFD_CLOEXEC);
	uint8_t *none, *hole, *end;

	none = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	hole = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(ftruncate(file, 4 * PAGE), "ftruncate");
	end = mmap(NULL, 8 * PAGE, PROT_READ, MAP_SHARED, file, 0);
	if (none == MAP_FAILED || hole == MAP_FAILED || end == MAP_FAILED)
		die("mmap");
	must(mprotect(none + 4 * PAGE, PAGE, PROT_NONE), "mprotect");
	must(munmap(hole + 4 * PAGE, PAGE), "munmap");
	populate_gap(m, base, none);
	populate_gap(m, base + MIB / 2, hole);
	populate_gap(m, base + MIB, end);
}

struct enable_cap {
	uint32_t cap;
	uint32_t flags;
	uint64_t args[4];
	uint8_t pad[64];
};

static void
operation(struct machine *m, uint64_t number, void *arg, const char *what)
{
	struct enable_cap enable = { .cap = posting->cap,
		.args = { number, (uintptr_t)arg } };

	must(ioctl(m->vm, RKVM_ENABLE_CAP, &enable), what);
}

/* The older way: each step by name, and the image in the slot's own memory. */
static void
build_multiplexed(struct machine *m)
{
	struct {
		uint64_t base, size, reserved[2];
	} ripas = { RAM_BASE, ram_size, { 0 } };
	struct {
		uint64_t base, size;
		uint32_t flags, reserved[3];
	} populate = { RAM_BASE, ram_size / 2, 1, { 0 } };
	int feature = 9;

	operation(m, 1, NULL, "create the realm");
	operation(m, 2, &ripas, "initialise RIPAS");
	operation(m, 3, &populate, "populate");
	for (unsigned i = 0; i < num_vcpus; i++)
		must(ioctl(m->vcpus[i], RKVM_ARM_VCPU_FINALIZE, &feature),
		    "KVM_ARM_VCPU_FINALIZE");
	operation(m, 4, NULL, "activate");
}

static void
build(struct machine *m)
{
	pthread_t self = pthread_self(), sender;

	if (rain && pthread_create(&sender, NULL, send_signals, &self) != 0)
		die("pthread_create");
	create_vm(m);
	create_vcpus(m);
	create_gic(m);
	create_memory(m);
	set_registers(m);
	if (posting->multiplexed) {
		build_multiplexed(m);
	} else if (posting->splices) {
		splice_range(m, 0, ram_size / 2);
	} else {
		populate_range(m, 0, ram_size / 4,
		    posting->name[0] == 'x' ? 0 : RKVM_POPULATE_MEASURE);
		populate_range(m, ram_size / 4, ram_size / 4, 0);
		if (gap)
			populate_gaps(m);
	}
	if (rain) {
		pthread_cancel(sender);
		pthread_join(sender, NULL);
		expect(handled > 0, "a signal's handler has run");
	}
}

/* ---- Running ----------------------------------------------------------- */

struct vcpu_thread {
	struct machine *machine;
	unsigned index;
};

/* Until the realm is off, or says why it is no more. */
static void *
run_vcpu(void *arg)
{
	struct vcpu_thread *thread = arg;
	struct machine *m = thread->machine;
	int fd = m->vcpus[thread->index];
	struct rkvm_run *run = m->runs[thread->index];

	while (!m->off) {
		int result = ioctl(fd, RKVM_RUN, 0);

		if (result < 0 && (errno == EINTR || errno == EAGAIN)) {
			sched_yield();
			continue;
		}
		must(result, "KVM_RUN");
		if (run->exit_reason == RKVM_EXIT_SHUTDOWN)
			break;
		expect(run->exit_reason == RKVM_EXIT_SYSTEM_EVENT,
		    "KVM_EXIT_SYSTEM_EVENT");
		expect(run->u.system_event.type == RKVM_SYSTEM_EVENT_SHUTDOWN,
		    "KVM_SYSTEM_EVENT_SHUTDOWN");
		break;
	}
	return NULL;
}

static void
run(struct machine *m)
{
	struct vcpu_thread threads[MAX_VCPUS];

	for (unsigned i = 0; i < num_vcpus; i++) {
		threads[i] = (struct vcpu_thread){ m, i };
		if (pthread_create(
			&m->threads[i], NULL, run_vcpu, &threads[i]) != 0)
			die("pthread_create");
	}
	pthread_join(m->threads[0], NULL);
	m->off = true;
	for (unsigned i = 1; i < num_vcpus; i++) {
		m->runs[i]->immediate_exit = 1;
		pthread_kill(m->threads[i], SIGUSR1);
		pthread_join(m->threads[i], NULL);
	}
}

static void
end(struct machine *m)
{
	for (unsigned i = 0; i < num_vcpus; i++) {
		munmap(m->runs[i], m->run_size);
		must(close(m->vcpus[i]), "close");
	}
	must(close(m->gic), "close");
	must(close(m->memory), "close");
	must(close(m->vm), "close");
	munmap(m->image, ram_size);
	munmap(m->alias, ram_size);
}

static void
parse(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(postings) / sizeof(postings[0]); i++)
		if (argc > 1 && strcmp(postings[i].name, argv[1]) == 0)
			posting = &postings[i];
	for (int i = 2; i < argc; i++) {
		if (sscanf(argv[i], "cycles=%u", &cycles) == 1 ||
		    sscanf(argv[i], "vcpus=%u", &num_vcpus) == 1)
			continue;
		if (sscanf(argv[i], "mib=%lu", &ram_size) == 1)
			ram_size *= MIB;
		else if (strcmp(argv[i], "rain") == 0)
			rain = true;
		else if (strcmp(argv[i], "gap") == 0)
			gap = true;
		else
			posting = NULL;
	}
	if (posting != NULL && num_vcpus >= 1 && num_vcpus <= MAX_VCPUS)
		return;
	fputs("usage: vmm POSTING [cycles=N] [vcpus=N] [mib=N] [rain] [gap]\n",
	    stderr);
	exit(2);
}

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };

	parse(argc, argv);
	sigaction(SIGUSR1, &action, NULL);
	kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	for (unsigned i = 0; i < cycles; i++) {
		struct machine m = { 0 };

		build(&m);
		run(&m);
		end(&m);
	}
	must(close(kvm), "close");
	printf("%u realm(s) went off\n", cycles);
	return 0;
}
