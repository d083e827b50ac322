/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rmm-launch: what its files share.  Options say what the realm is made of;
 * regions are that in memory; the machine is the realm on its way.
 */
#ifndef LAUNCH_H
#define LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rim.h"
#include "rmmkvm.h"

#define PAGE	   ((uint64_t)4096)
#define PAGE_UP(x) (((x) + PAGE - 1) & ~(PAGE - 1))

/* Something to put into the realm's memory, in the order of the command line.
 */
struct region {
	char *name; /* the file's; "device tree" */
	bool measured;
	bool generated; /* the device tree */
	bool mapped;	/* data is a mapping of the file, not from malloc() */
	uint64_t gpa;
	uint64_t size; /* bytes of the file */
	uint8_t *data; /* PAGE_UP(size) bytes; last page padded with zeros */
};

struct options {
	uint64_t memory;   /* bytes */
	uint64_t ram_base; /* IPA */
	struct region *regions;
	size_t num_regions;
	bool dtb;
	bool dtb_placed; /* at dtb_gpa; else at the end of RAM */
	uint64_t dtb_gpa;
	const char *append; /* the kernel's command line, for the device tree */
	bool entry_given;
	uint64_t entry;
	unsigned ipa_bits; /* 0: chosen */
	unsigned vcpus;
	uint64_t populate_limit;    /* bytes; 0: none */
	const char *populate_fault; /* rules; NULL: none */
	const char *profile;	    /* NULL: librmmkvm's choice */
	const char *socket;
	const char *control;
	const char *realm;	  /* who is in it; NULL: as the daemon says */
	const char *realm_script; /* a file; NULL: none */
	bool json;
	bool quiet;
	bool verbose;
	bool verbose_partial;
	bool run;
	bool hold;
	bool compare; /* every profile in turn */
};

/* Say what is wrong, after the program's name, and exit with status 1. */
_Noreturn void die(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* options.c: exits with status 2 if the command line is wrong. */
void options_parse(struct options *options, int argc, char **argv);
/* A number with a suffix K, M, G, T; false if it is none. */
bool parse_size(const char *text, uint64_t *size);

/* image.c */
/* Load what has a file; check that all fits and nothing overlaps. */
void regions_load(struct options *options);
void regions_free(struct options *options);

/* fdt.c */
/* The blob for the realm, of *size bytes, from malloc(). */
uint8_t *fdt_make(const struct options *options, size_t *size);

/* progress.c: on standard error, if it is a terminal */
struct progress {
	bool shown;
	uint64_t total; /* bytes */
	int percent;	/* as shown last */
};
void progress_start(struct progress *progress, bool wanted, uint64_t total);
void progress_show(struct progress *progress, uint64_t done, const char *what);
/* Make room for a line of text. */
void progress_clear(struct progress *progress);
void progress_end(struct progress *progress);

/* What KVM_RUN came back for. */
enum exit_kind {
	EXIT_MMIO,
	EXIT_MEMORY_FAULT,
	EXIT_HYPERCALL,
	EXIT_SYSTEM_EVENT,
	EXIT_KINDS
};

/* vmm.c */
struct machine {
	const struct options *options;
	struct rmmkvm *kvm;
	struct rmmkvm_uapi uapi; /* that is spoken */
	struct progress progress;
	unsigned ipa_bits;
	int vm;
	int gic;
	int memory;  /* guest_memfd */
	void *alias; /* behind the slot's userspace_addr */
	int *vcpus;
	uint64_t calls;	      /* populate ioctls */
	uint64_t bytes;	      /* populated */
	uint64_t staged;      /* bytes copied to where the kernel reads them */
	char part[64];	      /* how the first call that did a part said so */
	int pipe[2];	      /* for splice() */
	uint64_t piped;	      /* bytes in it */
	uint64_t partial;     /* calls that did a part */
	uint64_t interrupted; /* calls that did nothing: EINTR, EAGAIN */
	uint64_t exits[EXIT_KINDS];
	const char *exit; /* why it stopped; NULL: not run */
	bool failed;	  /* the exit is no orderly one */
};
void machine_build(struct machine *machine);
void machine_close(struct machine *machine);
/* Make an ioctl; format shows its arguments for --verbose. */
long call(struct machine *machine, int fd, uint32_t command, uintptr_t arg,
    const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Die with what failed, unless result says that nothing did. */
void must(long result, const char *what);

/* play.c: say who is in the realm, if that was asked for */
void play_realm(const struct machine *machine);

/* run.c */
void machine_run(struct machine *machine);

/* memory.c: RAM, private throughout, and its contents */
void memory_create(struct machine *machine);
void machine_populate(struct machine *machine);
/* RAM from base on, size bytes, becomes private, or shared. */
void memory_convert(
    struct machine *machine, uint64_t base, uint64_t size, bool private);

/* splice.c: by splice() into the guest_memfd */
void splice_start(struct machine *machine);
/* Returns bytes done, or -errno. */
int64_t splice_populate(
    struct machine *machine, const struct rkvm_populate *args);
void splice_end(struct machine *machine);

/* compare.c: --compare-uapi */
void compare(const struct options *options);

/* rme.c: a realm's life by the operations of KVM_CAP_ARM_RME */
void rme_create(struct machine *machine);
/* Returns bytes done, or -errno. */
int64_t rme_populate(struct machine *machine, const struct rkvm_populate *args);
/* RECs, and the realm's activation. */
void rme_activate(struct machine *machine);

/* hold.c */
/* The signals that end it wait, from here on, until it does. */
void hold_prepare(void);
void hold(const struct machine *machine);

/* report.c: on standard output; false if the RIM was all that was asked for */
bool report(const struct machine *machine, const struct rim *rim, uint64_t rd);

#endif
