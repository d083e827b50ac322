/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rows of the table of errnos: KVM_RUN and populate.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "errnos.h"

#define PSCI (1u << RKVM_ARM_VCPU_PSCI_0_2)

static struct rkvm_populate
pages(struct fixture *f, uint64_t first, uint64_t num)
{
	struct rkvm_populate args = args_for(&f->env, first * PAGE, num * PAGE);

	args.flags = 0;
	return args;
}

static int
create_gic(struct fixture *f)
{
	struct rkvm_create_device create = { .type =
						 RKVM_DEV_TYPE_ARM_VGIC_V3 };

	ck_assert_int_eq(vm_call(&f->env, RKVM_CREATE_DEVICE, &create), 0);
	return (int)create.fd;
}

/* ---- KVM_RUN ------------------------------------------------------------- */

static long
run_not_init(struct fixture *f)
{
	int vcpu = new_vcpu(f, 0);

	make_gic(&f->env);
	return run_vcpu(&f->env, vcpu);
}

static long
run_not_active(struct fixture *f)
{
	int vcpu = vcpu_with(f, 0, PSCI);

	make_gic(&f->env);
	begin(f);
	return run_vcpu(&f->env, vcpu);
}

static long
run_no_gic(struct fixture *f)
{
	int vcpu = vcpu_with(f, 0, PSCI);

	begin(f);
	activate(f, vcpu);
	return run_vcpu(&f->env, vcpu);
}

static long
run_gic_address(struct fixture *f)
{
	int vcpu = vcpu_with(f, 0, PSCI), gic = create_gic(f);

	ck_assert_int_eq(set_attr(&f->env, gic, RKVM_DEV_ARM_VGIC_GRP_CTRL,
			     RKVM_DEV_ARM_VGIC_CTRL_INIT, NULL),
	    0);
	begin(f);
	activate(f, vcpu);
	return run_vcpu(&f->env, vcpu);
}

static long
run_gic_init(struct fixture *f)
{
	static const uint64_t dist = 0x8000000, redist = 0x80a0000;
	int vcpu = vcpu_with(f, 0, PSCI), gic = create_gic(f);

	set_attr(&f->env, gic, RKVM_DEV_ARM_VGIC_GRP_ADDR,
	    RKVM_VGIC_V3_ADDR_TYPE_DIST, &dist);
	set_attr(&f->env, gic, RKVM_DEV_ARM_VGIC_GRP_ADDR,
	    RKVM_VGIC_V3_ADDR_TYPE_REDIST, &redist);
	begin(f);
	activate(f, vcpu);
	return run_vcpu(&f->env, vcpu);
}

static long
run_no_psci(struct fixture *f)
{
	int vcpu = vcpu_with(f, 0, 0);

	make_gic(&f->env);
	return run_vcpu(&f->env, vcpu);
}

/* MPIDR 1 is not that of the first REC. */
static long
run_rec_fails(struct fixture *f)
{
	int vcpu = vcpu_with(f, 1, PSCI);

	make_gic(&f->env);
	return run_vcpu(&f->env, vcpu);
}

static long
run_again(struct fixture *f)
{
	int vcpu = vcpu_with(f, 1, PSCI);

	make_gic(&f->env);
	ck_assert_int_lt(run_vcpu(&f->env, vcpu), 0);
	return run_vcpu(&f->env, vcpu);
}

static long
run_late_vcpu(struct fixture *f)
{
	int first = vcpu_with(f, 0, PSCI), late = vcpu_with(f, 1, PSCI);

	make_gic(&f->env);
	begin(f);
	activate(f, first);
	return run_vcpu(&f->env, late);
}

static long
run_not_runnable(struct fixture *f)
{
	int first = vcpu_with(f, 0, PSCI), second = vcpu_with(f, 1, PSCI);

	make_gic(&f->env);
	begin(f);
	if (f->uapi.operations) {
		ck_assert_int_eq(finalize(f, first), 0);
		activate(f, second);
	}
	return run_vcpu(&f->env, second);
}

static long
run_immediate(struct fixture *f)
{
	int vcpu = vcpu_with(f, 0, PSCI);
	struct rkvm_run *run =
	    mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	long result;

	ck_assert_ptr_ne(run, MAP_FAILED);
	run->immediate_exit = 1;
	make_gic(&f->env);
	begin(f);
	activate(f, vcpu);
	result = run_vcpu(&f->env, vcpu);
	munmap(run, PAGE);
	return result;
}

/* ---- Populate ------------------------------------------------------------ */

static long
changed(struct fixture *f, int64_t base, int64_t size, int64_t source,
    uint32_t flags, uint32_t reserved)
{
	struct rkvm_populate args = pages(f, 0, 1);

	args.base += (uint64_t)base;
	args.size += (uint64_t)size;
	args.source_uaddr += (uint64_t)source;
	args.flags = flags;
	args.reserved = reserved;
	begin(f);
	return pop(f, args);
}

static long
pop_not_realm(struct fixture *f)
{
	f->env.vm = (int)rmmkvm_ioctl(
	    f->env.kvm, rmmkvm_fd(f->env.kvm), RKVM_CREATE_VM, IPA_BITS);
	return pop(f, pages(f, 0, 1));
}

static long
pop_fault(struct fixture *f)
{
	begin(f);
	if (f->uapi.operations)
		return operation(f, RKVM_RME_POPULATE_REALM, NULL);
	return vm_call(&f->env, rmmkvm_populate_command(f->env.kvm), NULL);
}

static long
pop_reserved(struct fixture *f)
{
	return changed(f, 0, 0, 0, 0, 1);
}

static long
pop_flags(struct fixture *f)
{
	return changed(f, 0, 0, 0, 2, 0);
}

static long
pop_measure(struct fixture *f)
{
	return changed(f, 0, 0, 0, 1, 0);
}

static long
pop_wraps(struct fixture *f)
{
	int64_t before = (int64_t)(SIZE - 4 * PAGE);

	return changed(
	    f, before, -(int64_t)GPA - before - (int64_t)PAGE, 0, 0, 0);
}

static long
pop_base(struct fixture *f)
{
	return changed(f, 1, 0, 0, 0, 0);
}

static long
pop_size(struct fixture *f)
{
	return changed(f, 0, 1, 0, 0, 0);
}

static long
pop_source(struct fixture *f)
{
	return changed(f, 0, 0, 1, 0, 0);
}

static long
pop_null(struct fixture *f)
{
	struct rkvm_populate args = pages(f, 0, 1);

	args.source_uaddr = 0;
	begin(f);
	return pop(f, args);
}

static long
pop_active(struct fixture *f)
{
	int vcpu = vcpu_with(f, 0, PSCI);

	make_gic(&f->env);
	begin(f);
	activate(f, vcpu);
	ck_assert_int_eq(run_vcpu(&f->env, vcpu), 0);
	return pop(f, pages(f, 0, 1));
}

static long
pop_dead(struct fixture *f)
{
	int vcpu = vcpu_with(f, 1, PSCI);

	make_gic(&f->env);
	ck_assert_int_lt(run_vcpu(&f->env, vcpu), 0);
	return pop(f, pages(f, 0, 1));
}

static struct rmmclient *
take_all_memory(void)
{
	struct rmmclient *hog = rmmclient_connect(NULL, "hog");
	uint64_t base;

	ck_assert_ptr_nonnull(hog);
	for (uint64_t size = 4 * GIB; size >= PAGE; size /= 2)
		while (rmmclient_lease(hog, size, PAGE, &base) == 0)
			;
	return hog;
}

static long
pop_create(struct fixture *f)
{
	struct rmmclient *hog = take_all_memory();
	long result = pop(f, pages(f, 0, 1));

	rmmclient_close(hog);
	return result;
}

/* The slot moves to the shared half; so does the page. */
static long
pop_half(struct fixture *f)
{
	const uint64_t half = 1ull << (IPA_BITS - 1);
	struct rkvm_memory_region2 slot = {
		.flags = RKVM_MEM_GUEST_MEMFD,
		.guest_phys_addr = GPA + half,
		.memory_size = SIZE,
		.userspace_addr = (uintptr_t)f->env.src,
		.guest_memfd = (uint32_t)f->env.gmem,
	};
	struct rkvm_populate args = pages(f, 0, 1);

	ck_assert_int_eq(set_slot(&f->env, 0, GPA, 0, -1, 0), 0);
	ck_assert_int_eq(
	    vm_call(&f->env, RKVM_SET_USER_MEMORY_REGION2, &slot), 0);
	ck_assert_int_eq(set_private(&f->env, GPA + half, SIZE, true), 0);
	begin(f);
	/* splice() goes by the file's offset, which is as before. */
	if (!f->uapi.splice)
		args.base += half;
	return pop(f, args);
}

static long
pop_zero(struct fixture *f)
{
	begin(f);
	return pop(f, pages(f, 0, 0));
}

static long
pop_no_slot(struct fixture *f)
{
	begin(f);
	ck_assert_int_eq(set_slot(&f->env, 0, GPA, 0, -1, 0), 0);
	return pop(f, pages(f, 0, 1));
}

static long
pop_no_file(struct fixture *f)
{
	struct rkvm_memory_region2 slot = {
		.guest_phys_addr = GPA,
		.memory_size = SIZE,
		.userspace_addr = (uintptr_t)f->env.src,
	};

	begin(f);
	ck_assert_int_eq(set_slot(&f->env, 0, GPA, 0, -1, 0), 0);
	ck_assert_int_eq(
	    vm_call(&f->env, RKVM_SET_USER_MEMORY_REGION2, &slot), 0);
	return pop(f, pages(f, 0, 1));
}

static long
pop_file_gone(struct fixture *f)
{
	begin(f);
	ck_assert_int_eq(rmmkvm_close_fd(f->env.kvm, f->env.gmem), 0);
	return pop(f, pages(f, 0, 1));
}

static long
pop_slot_end(struct fixture *f)
{
	begin(f);
	return pop(f, pages(f, SIZE / PAGE - 2, 3));
}

static void
on_signal(int number)
{
	(void)number;
}

struct rain {
	pthread_t target;
	_Atomic bool stop;
};

static void *
send_signals(void *arg)
{
	struct rain *rain = arg;

	while (!rain->stop)
		pthread_kill(rain->target, SIGUSR1);
	return NULL;
}

/*
 * Under a rain of signals: until one pends at the first page of a call, or, in
 * profiles that look at none, for some calls.
 */
static long
pop_signal(struct fixture *f)
{
	struct sigaction action = { .sa_handler = on_signal,
		.sa_flags = SA_RESTART };
	struct rain rain = { pthread_self(), false };
	pthread_t thread;
	long result;
	int calls = 0;

	begin(f);
	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&thread, NULL, send_signals, &rain);
	do {
		rmmkvm_punch_hole(f->env.kvm, f->env.gmem, 0, 3 * PAGE);
		result = pop(f, pages(f, 0, 3));
	} while (result > 0 && (!f->uapi.operations || ++calls < 20));
	rain.stop = true;
	pthread_join(thread, NULL);
	return result;
}

static long
pop_bad_source(struct fixture *f)
{
	begin(f);
	mprotect(f->env.src, PAGE, PROT_NONE);
	return pop(f, pages(f, 0, 3));
}

static long
pop_bad_second(struct fixture *f)
{
	begin(f);
	mprotect(f->env.src + 2 * PAGE, PAGE, PROT_NONE);
	return pop(f, pages(f, 0, 5));
}

/* All the memory that the VM has, too, but a table is there. */
static long
pop_no_page(struct fixture *f)
{
	struct rmmclient *hog;
	long result = 1;

	begin(f);
	ck_assert_int_eq(pop(f, pages(f, 0, 1)), 1);
	hog = take_all_memory();
	for (uint64_t page = 1; page < 512 && result == 1; page++)
		result = pop(f, pages(f, page, 1));
	rmmclient_close(hog);
	return result;
}

/* A page comes back, which the guest_memfd takes: none is left for a table. */
static long
pop_no_table(struct fixture *f)
{
	struct rmmclient *hog;
	long result = 1;

	begin(f);
	ck_assert_int_eq(pop(f, pages(f, 0, 1)), 1);
	hog = take_all_memory();
	for (uint64_t page = 1; page < 512 && result == 1; page++)
		result = pop(f, pages(f, page, 1));
	ck_assert_int_eq(
	    rmmkvm_punch_hole(f->env.kvm, f->env.gmem, 0, PAGE), 0);
	result = pop(f, pages(f, 512, 1));
	rmmclient_close(hog);
	return result;
}

static long
pop_shared(struct fixture *f)
{
	begin(f);
	ck_assert_int_eq(set_private(&f->env, GPA, PAGE, false), 0);
	return pop(f, pages(f, 0, 1));
}

static long
pop_twice(struct fixture *f)
{
	begin(f);
	ck_assert_int_eq(pop(f, pages(f, 0, 1)), 1);
	return pop(f, pages(f, 0, 1));
}

/* Somebody has delegated the page. */
static long
pop_delegated(struct fixture *f)
{
	begin(f);
	ck_assert_int_eq(
	    rmmkvm_fallocate(f->env.kvm, f->env.gmem, 1, 0, PAGE), 0);
	ck_assert_int_eq(
	    rmi_granule_delegate(raw(&f->env), gmem_pa(&f->env, 0)), 0);
	return pop(f, pages(f, 0, 1));
}

/* The IPA has a page already, which is not ours. */
static long
pop_taken(struct fixture *f)
{
	uint64_t base;

	begin(f);
	ck_assert_int_eq(pop(f, pages(f, 0, 1)), 1);
	ck_assert_int_eq(rmmclient_lease(raw(&f->env), 2 * PAGE, 0, &base), 0);
	ck_assert_int_eq(rmi_granule_delegate(raw(&f->env), base), 0);
	ck_assert_int_eq(rmi_data_create(raw(&f->env), realm_rd(&f->env), base,
			     GPA + PAGE, base + PAGE, 0),
	    0);
	return pop(f, pages(f, 1, 1));
}

/* The realm was activated behind KVM's back. */
static long
pop_status(struct fixture *f)
{
	begin(f);
	ck_assert_int_eq(pop(f, pages(f, 0, 1)), 1);
	ck_assert_int_eq(
	    rmi_realm_activate(raw(&f->env), realm_rd(&f->env)), 0);
	return pop(f, pages(f, 1, 3));
}

static long
pop_write_back(struct fixture *f)
{
	struct rkvm_populate *args = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long result;

	begin(f);
	if (f->uapi.operations) {
		munmap(args, PAGE);
		return pop(f, pages(f, 0, 1));
	}
	*args = pages(f, 0, 1);
	mprotect(args, PAGE, PROT_READ);
	result = vm_call(&f->env, rmmkvm_populate_command(f->env.kvm), args);
	munmap(args, PAGE);
	return result < 0 ? result : result / (long)PAGE;
}

#define ROW(name)            \
	{                    \
#name, name, \
	}

const struct row run_rows[] = { ROW(run_not_init), ROW(run_not_active),
	ROW(run_no_gic), ROW(run_gic_address), ROW(run_gic_init),
	ROW(run_no_psci), ROW(run_rec_fails), ROW(run_again),
	ROW(run_late_vcpu), ROW(run_not_runnable), ROW(run_immediate),
	{ NULL, NULL } };

const struct row populate_rows[] = { ROW(pop_not_realm), ROW(pop_fault),
	ROW(pop_reserved), ROW(pop_flags), ROW(pop_measure), ROW(pop_wraps),
	ROW(pop_base), ROW(pop_size), ROW(pop_source), ROW(pop_null),
	ROW(pop_active), ROW(pop_dead), ROW(pop_create), ROW(pop_half),
	ROW(pop_zero), ROW(pop_no_slot), ROW(pop_no_file), ROW(pop_file_gone),
	ROW(pop_slot_end), ROW(pop_signal), ROW(pop_bad_source),
	ROW(pop_bad_second), ROW(pop_no_page), ROW(pop_shared), ROW(pop_twice),
	ROW(pop_delegated), ROW(pop_no_table), ROW(pop_taken), ROW(pop_status),
	ROW(pop_write_back), { NULL, NULL } };
