/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every row of the table of errnos, in every profile.  The manual page is made
 * of the same table.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "errnos.h"

#define NUM_COLUMNS 9
struct table_row {
	const char *id;
	const char *values[NUM_COLUMNS];
};
#include "kvm-errnos.h"
#define NUM_TABLE (sizeof(table) / sizeof(table[0]))

/* ---- What rows share ---------------------------------------------------- */

void
fixture_open(struct fixture *f, const char *profile)
{
	struct rmmkvm_config config = { .profile = profile };
	struct rkvm_memory_region2 slot = {
		.flags = RKVM_MEM_GUEST_MEMFD,
		.guest_phys_addr = GPA,
		.memory_size = SIZE,
	};
	struct env *env = &f->env;

	memset(f, 0, sizeof(*f));
	env->profile = profile;
	env->size = SIZE;
	env->src = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(env->src, MAP_FAILED);
	env->kvm = rmmkvm_open(&config);
	ck_assert_msg(env->kvm != NULL, "%s", rmmkvm_error());
	rmmkvm_uapi(env->kvm, &f->uapi);
	env->v15 = f->uapi.cap_gmem_attributes != 0;
	env->vm = (int)rmmkvm_ioctl(env->kvm, rmmkvm_fd(env->kvm),
	    RKVM_CREATE_VM, rmmkvm_realm_type(env->kvm, IPA_BITS));
	env->gmem = make_gmem(env, SIZE);
	slot.guest_memfd = (uint32_t)env->gmem;
	slot.userspace_addr = (uintptr_t)env->src;
	ck_assert_int_eq(vm_call(env, RKVM_SET_USER_MEMORY_REGION2, &slot), 0);
	ck_assert_int_eq(set_private(env, GPA, SIZE, true), 0);
	ck_assert_int_eq(pipe2(f->pipe, O_CLOEXEC), 0);
}

void
fixture_close(struct fixture *f)
{
	close(f->pipe[0]);
	close(f->pipe[1]);
	env_close(&f->env);
}

long
operation(struct fixture *f, uint64_t number, const void *arg)
{
	struct rkvm_enable_cap cap = {
		.cap = f->uapi.cap_rmi,
		.args = { number, (uintptr_t)arg },
	};

	return vm_call(&f->env, RKVM_ENABLE_CAP, &cap);
}

void
begin(struct fixture *f)
{
	if (f->uapi.operations)
		ck_assert_int_eq(operation(f, RKVM_RME_CREATE_REALM, NULL), 0);
}

long
vcpu_call(struct fixture *f, int vcpu, uint32_t command, const void *arg)
{
	return rmmkvm_ioctl(f->env.kvm, vcpu, command, (uintptr_t)arg);
}

long
finalize(struct fixture *f, int vcpu)
{
	int feature = (int)f->uapi.rec_feature;

	return vcpu_call(f, vcpu, RKVM_ARM_VCPU_FINALIZE, &feature);
}

void
activate(struct fixture *f, int vcpu)
{
	if (!f->uapi.operations)
		return;
	ck_assert_int_eq(finalize(f, vcpu), 0);
	ck_assert_int_eq(operation(f, RKVM_RME_ACTIVATE_REALM, NULL), 0);
}

static long
by_pipe(struct fixture *f, const struct rkvm_populate *args)
{
	int64_t offset = (int64_t)(args->base - GPA);
	uint8_t rest[4096];
	uint64_t size = args->size;
	long result;

	/* A page behind the last one, so that a size rounds down. */
	if (size > 0)
		size = (size + PAGE - 1) / PAGE * PAGE;
	for (uint64_t at = 0; at < size; at += PAGE)
		ck_assert_int_eq(write(f->pipe[1], f->env.src, PAGE), 4096);
	result = rmmkvm_splice(f->env.kvm, f->pipe[0], NULL, f->env.gmem,
	    &offset, args->size, SPLICE_F_NONBLOCK);
	fcntl(f->pipe[0], F_SETFL, O_NONBLOCK);
	while (read(f->pipe[0], rest, sizeof(rest)) > 0)
		;
	return result < 0 ? result : result / (long)PAGE;
}

long
pop(struct fixture *f, struct rkvm_populate args)
{
	uint64_t size = args.size;
	long result;

	if (f->uapi.splice)
		return by_pipe(f, &args);
	if (f->uapi.operations) {
		struct rkvm_rme_populate op = {
			.base = args.base,
			.size = args.size,
			.flags = args.flags,
			.reserved = { args.reserved },
		};

		result = operation(f, RKVM_RME_POPULATE_REALM, &op);
		return result < 0 ? result : (long)(size / PAGE);
	}
	result = vm_call(&f->env, rmmkvm_populate_command(f->env.kvm), &args);
	if (result < 0)
		return result;
	return f->uapi.advances ? (long)((size - args.size) / PAGE)
				: result / (long)PAGE;
}

int
new_vcpu(struct fixture *f, unsigned id)
{
	long fd = rmmkvm_ioctl(f->env.kvm, f->env.vm, RKVM_CREATE_VCPU, id);

	ck_assert_msg(fd >= 0, "%s", rmmkvm_error());
	return (int)fd;
}

int
vcpu_with(struct fixture *f, unsigned id, uint32_t features)
{
	struct rkvm_vcpu_init init = { .target = RKVM_ARM_TARGET_GENERIC_V8,
		.features = { features } };
	int fd = new_vcpu(f, id);

	ck_assert_int_eq(vcpu_call(f, fd, RKVM_ARM_VCPU_INIT, &init), 0);
	return fd;
}

/* ---- The table ---------------------------------------------------------- */

static const struct row *
find(const char *id)
{
	const struct row *const all[] = { vm_rows, run_rows, populate_rows };

	for (size_t i = 0; i < 3; i++)
		for (const struct row *row = all[i]; row->id != NULL; row++)
			if (strcmp(row->id, id) == 0)
				return row;
	return NULL;
}

static long
wanted(const char *value)
{
	if (value[0] != 'E')
		return atol(value);
	for (int error = 1; error < 134; error++) {
		const char *name = strerrorname_np(error);

		if (name != NULL && strcmp(name, value) == 0)
			return -error;
	}
	ck_abort_msg("%s is no error", value);
	return 0;
}

START_TEST(in_profile)
{
	ck_assert_str_eq(table_profiles[_i], rmmkvm_profiles()[_i]);
	for (size_t i = 0; i < NUM_TABLE; i++) {
		const struct row *row = find(table[i].id);
		const char *value = table[i].values[_i];
		struct fixture f;
		long answer;

		ck_assert_msg(row != NULL, "nobody asks %s", table[i].id);
		if (strcmp(value, "-") == 0)
			continue;
		fixture_open(&f, table_profiles[_i]);
		answer = row->ask(&f);
		ck_assert_msg(answer == wanted(value),
		    "%s in %s: %ld, not %s (%s)", row->id, table_profiles[_i],
		    answer, value, rmmkvm_error());
		fixture_close(&f);
	}
}
END_TEST

/* Each question is in the table, and each profile. */
START_TEST(complete)
{
	const struct row *const all[] = { vm_rows, run_rows, populate_rows };

	for (size_t i = 0; i < 3; i++)
		for (const struct row *row = all[i]; row->id != NULL; row++) {
			size_t at = 0;

			while (at < NUM_TABLE &&
			    strcmp(table[at].id, row->id) != 0)
				at++;
			ck_assert_msg(
			    at < NUM_TABLE, "%s is in no table", row->id);
		}
	ck_assert_ptr_null(rmmkvm_profiles()[NUM_COLUMNS]);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("errnos");
	TCase *cases = tcase_create("table");

	tcase_set_timeout(cases, 120);
	tcase_add_loop_test(cases, in_profile, 0, NUM_COLUMNS);
	tcase_add_test(cases, complete);
	suite_add_tcase(suite, cases);
	return kvm_test_main(argc, argv, suite);
}
