/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How long the stack takes, each row as a ratio to a baseline of the same run:
 * a populate with measurement to SHA-256 of the same bytes, one without to
 * memcpy, one call to a ping-pong of 64 bytes between two processes.  Run by
 * "rmmd --run"; "make bench".
 */
#include "config.h"

#include <getopt.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kvm-arm-rmi.h"
#include "rmi.h"
#include "rmmclient.h"
#include "rmmkvm.h"

#define GPA	   0x80000000ull
#define IPA_BITS   40
#define ROUNDS_MAX 100

static uint64_t size = 32 << 20;
static unsigned rounds = 7, calls = 5000;
static bool json;
static uint8_t *image, *copy;

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", what, why);
	exit(1);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- What is measured: each returns the seconds of one round ----------- */

static int
make_vm(struct rmmkvm *kvm)
{
	struct rkvm_create_guest_memfd create = { .size = size };
	struct rkvm_memory_region2 region = { .flags = RKVM_MEM_GUEST_MEMFD,
		.guest_phys_addr = GPA,
		.memory_size = size,
		.userspace_addr = 0x10000000 };
	struct rkvm_memory_attributes private = { .address = GPA,
		.size = size,
		.attributes = RKVM_MEMORY_ATTRIBUTE_PRIVATE };
	long vm = rmmkvm_ioctl(kvm, rmmkvm_fd(kvm), RKVM_CREATE_VM,
	    rmmkvm_realm_type(kvm, IPA_BITS));
	long gmem;

	if (vm < 0)
		die("KVM_CREATE_VM", rmmkvm_error());
	gmem = rmmkvm_ioctl(
	    kvm, (int)vm, RKVM_CREATE_GUEST_MEMFD, (uintptr_t)&create);
	if (gmem < 0)
		die("KVM_CREATE_GUEST_MEMFD", rmmkvm_error());
	region.guest_memfd = (uint32_t)gmem;
	if (rmmkvm_ioctl(kvm, (int)vm, RKVM_SET_USER_MEMORY_REGION2,
		(uintptr_t)&region) != 0 ||
	    rmmkvm_ioctl(kvm, (int)vm, RKVM_SET_MEMORY_ATTRIBUTES,
		(uintptr_t) & private) != 0)
		die("the memory of the VM", rmmkvm_error());
	return (int)vm;
}

static double
populate(uint32_t flags)
{
	struct rkvm_populate p = { GPA, size, (uintptr_t)image, flags, 0 };
	struct rmmkvm *kvm = rmmkvm_open(NULL);
	double start, end;
	int vm;

	if (kvm == NULL)
		die("connect", rmmkvm_error());
	vm = make_vm(kvm);
	start = now();
	while (p.size > 0) {
		if (rmmkvm_ioctl(kvm, vm, rmmkvm_populate_command(kvm),
			(uintptr_t)&p) < 0)
			die("populate", rmmkvm_error());
	}
	end = now();
	rmmkvm_close(kvm);
	return end - start;
}

static double
populate_measured(void)
{
	return populate(RKVM_POPULATE_MEASURE);
}

static double
populate_unmeasured(void)
{
	return populate(0);
}

static double
sha256(void)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	double start = now();

	if (EVP_Digest(image, size, digest, NULL, EVP_sha256(), NULL) != 1)
		die("SHA-256", "libcrypto failed");
	return now() - start;
}

static double
copy_image(void)
{
	double start = now();

	memcpy(copy, image, size);
	/* The copy is wanted. */
	__asm__ volatile("" : : "r"(copy) : "memory");
	return now() - start;
}

static double
one_call(void)
{
	struct rmmclient *client = rmmclient_connect(NULL, "bench");
	double start;
	uint64_t value;

	if (client == NULL)
		die("connect", rmmclient_error(NULL));
	start = now();
	for (unsigned i = 0; i < calls; i++) {
		if (rmi_features(client, 0, &value) != RMI_SUCCESS)
			die("RMI_FEATURES", rmmclient_error(client));
	}
	start = now() - start;
	rmmclient_close(client);
	return start / calls;
}

static void
echo(int fd)
{
	char bytes[64];

	while (recv(fd, bytes, sizeof bytes, MSG_WAITALL) == sizeof bytes &&
	    send(fd, bytes, sizeof bytes, MSG_NOSIGNAL) == sizeof bytes)
		;
	_exit(0);
}

static double
ping_pong(void)
{
	char bytes[64] = { 0 };
	double start;
	pid_t pid;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		die("socketpair", "failed");
	pid = fork();
	if (pid == -1)
		die("fork", "failed");
	if (pid == 0) {
		close(pair[0]);
		echo(pair[1]);
	}
	close(pair[1]);
	start = now();
	for (unsigned i = 0; i < calls; i++) {
		if (send(pair[0], bytes, sizeof bytes, MSG_NOSIGNAL) < 0 ||
		    recv(pair[0], bytes, sizeof bytes, MSG_WAITALL) < 0)
			die("ping-pong", "failed");
	}
	start = now() - start;
	close(pair[0]);
	waitpid(pid, NULL, 0);
	return start / calls;
}

/* ---- Rows -------------------------------------------------------------- */

static const struct row {
	const char *name, *baseline;
	double (*run)(void), (*base)(void);
} rows[] = {
	{ "populate-measured", "sha256", populate_measured, sha256 },
	{ "populate-unmeasured", "memcpy", populate_unmeasured, copy_image },
	{ "call", "ping-pong", one_call, ping_pong },
};
#define NUM_ROWS (sizeof rows / sizeof rows[0])

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Round about, so that a slow moment of the machine hits both. */
static void
measure(const struct row *row, bool last)
{
	double run[ROUNDS_MAX], base[ROUNDS_MAX];
	unsigned middle = rounds / 2;

	for (unsigned i = 0; i < rounds; i++) {
		base[i] = row->base();
		run[i] = row->run();
	}
	qsort(run, rounds, sizeof *run, by_value);
	qsort(base, rounds, sizeof *base, by_value);
	if (json)
		printf("  {\"row\": \"%s\", \"baseline\": \"%s\",\n"
		       "   \"best_s\": %.9f, \"baseline_best_s\": %.9f, "
		       "\"ratio_best\": %.3f,\n"
		       "   \"median_s\": %.9f, \"baseline_median_s\": %.9f, "
		       "\"ratio_median\": %.3f}%s\n",
		    row->name, row->baseline, run[0], base[0], run[0] / base[0],
		    run[middle], base[middle], run[middle] / base[middle],
		    last ? "" : ",");
	else
		printf("%-20s %11.1f us  %-10s %11.1f us  best %6.2f  median "
		       "%6.2f\n",
		    row->name, run[0] * 1e6, row->baseline, base[0] * 1e6,
		    run[0] / base[0], run[middle] / base[middle]);
	fflush(stdout);
}

static const char usage[] =
    "Usage: rmmd --run bench [--size MIB] [--rounds N] [--calls N] [--json]\n"
    "Time the stack against baselines of the same run.\n"
    "  --size MIB    of the populated image [32]\n"
    "  --rounds N    best and median of so many, at most 100 [7]\n"
    "  --calls N     round trips in a round of \"call\" [5000]\n"
    "  --json        print one JSON object\n"
    "  --help        print this\n";

static unsigned
number(const char *text, unsigned long max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n == 0 || n > max)
		die(text, "not a number in range");
	return (unsigned)n;
}

static void
read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "size", required_argument, NULL, 's' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "calls", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 's')
			size = (uint64_t)number(optarg, 1024) << 20;
		else if (c == 'r')
			rounds = number(optarg, ROUNDS_MAX);
		else if (c == 'c')
			calls = number(optarg, 10000000);
		else if (c == 'j')
			json = true;
		else {
			fputs(usage, c == 'h' ? stdout : stderr);
			exit(c == 'h' ? 0 : 2);
		}
	}
}

int
main(int argc, char **argv)
{
	read_options(argc, argv);
	image = aligned_alloc(GRANULE_SIZE, size);
	copy = aligned_alloc(GRANULE_SIZE, size);
	if (image == NULL || copy == NULL)
		die("memory", "too little");
	for (uint64_t i = 0; i < size; i++)
		image[i] = (uint8_t)(i * 7 + (i >> 12));
	memset(copy, 1, size);
	if (json)
		printf("{\"bytes\": %llu, \"rounds\": %u, \"rows\": [\n",
		    (unsigned long long)size, rounds);
	for (size_t i = 0; i < NUM_ROWS; i++)
		measure(&rows[i], i + 1 == NUM_ROWS);
	if (json)
		puts("]}");
	free(image);
	free(copy);
	return 0;
}
