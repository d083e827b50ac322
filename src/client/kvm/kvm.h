/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of librmmkvm share: the objects behind file descriptors, and
 * the functions that one file offers the others.
 *
 * Locks: system->lock guards the table of files and the reference counts; it is
 * held for moments only.  vm->lock guards everything of a VM, from memory slots
 * to the realm; who holds it may take system->lock, not the other way round.
 * A function returns 0 or more, or -errno, unless it says otherwise.
 */
#ifndef KVM_H
#define KVM_H

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "rmi.h"
#include "rmmclient.h"
#include "rmmkvm.h"

#define RMMKVM_API	__attribute__((visibility("default")))
#define PAGE_SHIFT	12
#define PAGE_SIZE	4096ull
#define PAGE_ALIGNED(x) (((x) & (PAGE_SIZE - 1)) == 0)
#define RTT_LEAF_LEVEL	3

/* ---- profile.c: what changed from one posting of the series to the next ---
 */

struct profile {
	const char *name;
	unsigned cap_rmi;	/* number of KVM_CAP_ARM_RMI */
	uint64_t vm_type_mask;	/* of the VM type's bits that say what kind */
	uint64_t vm_type_realm; /* the value that means a realm */
	uint32_t populate_command; /* command word */
	/* What a populate returns that did so many pages, or failed (-errno).
	 */
	long (*populate_result)(long pages);
	bool populate_writes_back;
	/* Errors, as -errno; 0: there is no such check. */
	int not_realm;	      /* populate on a VM that is none */
	int source_unaligned; /* 0: the page around the address is taken */
	int source_null;      /* 0: address 0 is read as any other */
	int prepared;	      /* page of the guest_memfd that had contents */
	int rtt_no_page;      /* no page for a table */
	int data_failed;  /* DATA_CREATE; 0: its status, a positive number */
	int rtt_too_deep; /* RMI_ERROR_RTT at level 3; 0: as any status */
	int psci_failed;  /* RMI_PSCI_COMPLETE */
	/* Activation. */
	bool irqchip_before_create; /* else the realm is lost for want of it */
	int run_after_failure;	    /* KVM_RUN once activation failed */
};

const struct profile *profile_find(const char *name);

/* ---- system.c: files, references, dispatch ----------------------------- */

enum kind {
	KIND_SYSTEM = RMMKVM_SYSTEM,
	KIND_VM = RMMKVM_VM,
	KIND_VCPU = RMMKVM_VCPU,
	KIND_GMEM = RMMKVM_GUEST_MEMFD,
	KIND_DEVICE = RMMKVM_DEVICE,
};

/* First member of everything that a file descriptor stands for. */
struct file {
	enum kind kind;
	int fd;	       /* the first; it may be closed while others are open */
	unsigned refs; /* users in an ioctl, and one for each descriptor */
	dev_t device;  /* of the memfd, with inode */
	ino_t inode;
	struct rmmkvm *system;
};

struct rmmkvm {
	struct file file;
	pthread_mutex_t lock;
	struct file **files; /* by descriptor */
	size_t num_files;
	struct rmmclient *client;
	const struct profile *profile;
	uint64_t features;		 /* feature register 0 */
	_Atomic uint64_t populate_limit; /* pages; 0: none */
	_Atomic uint32_t next_vmid;
	int memory_fd; /* of the client */
	pthread_mutex_t scratch_lock;
	int scratch_fd; /* user.c */
};

/* Make a descriptor for file and enter it in the table.  Takes no reference. */
int file_open(struct rmmkvm *system, struct file *file, enum kind kind,
    const char *name, uint64_t size);
/* The file, with a reference to give back, or NULL. */
struct file *file_get(struct rmmkvm *system, int fd);
void file_put(struct file *file);
/* Remember why; returns error. */
long fail(long error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- user.c: the caller's memory, never trusted to be there ------------ */

int user_read(struct rmmkvm *system, void *to, uint64_t uaddr, size_t size);
int user_write(
    struct rmmkvm *system, uint64_t uaddr, const void *from, size_t size);
/*
 * Copy pages of the caller to Non-secure physical memory.  Returns how many
 * pages were copied before one could not be read.
 */
size_t user_pages_to_ns(
    struct rmmkvm *system, uint64_t pa, uint64_t uaddr, size_t pages);
int ns_write(struct rmmkvm *system, uint64_t pa, const void *from, size_t size);
void ns_wipe(struct rmmkvm *system, uint64_t pa, size_t pages);
int ns_read(struct rmmkvm *system, void *to, uint64_t pa, size_t size);

/* ---- signals.c: held back, where the kernel would only note them --------- */

/* From hold to release, which nest, no handler runs in this thread. */
void signals_hold(void);
void signals_release(void);
/* Whether a signal came that would interrupt a system call. */
bool signals_pending(void);

/* ---- pages.c: physical pages, out of leases ---------------------------- */

struct lease;
struct pages {
	struct rmmclient *client;
	struct lease *leases;
	size_t num_leases;
	uint64_t next_size; /* bytes, of the next lease */
};
void pages_init(struct pages *pages, struct rmmclient *client);
/* End all leases; pages still delegated are the daemon's to clean up. */
void pages_end(struct pages *pages);
/* num pages in a row, aligned to align bytes.  -ENOMEM, -EIO. */
int pages_alloc(struct pages *pages, size_t num, uint64_t align, uint64_t *pa);
int page_alloc(struct pages *pages, uint64_t *pa);
void pages_free(struct pages *pages, uint64_t pa, size_t num);

/* ---- The VM and what belongs to it ------------------------------------- */

struct gmem {
	struct file file;
	struct vm *vm; /* holds a user of it */
	uint64_t size;
	uint64_t *entries; /* by page: PA | GMEM_* */
	size_t num_entries;
	size_t used; /* entries from here on are 0 */
};
#define GMEM_PRESENT  1ull /* there is a page */
#define GMEM_MAPPED   2ull /* it is a DATA granule of the realm */
#define GMEM_PREPARED 4ull /* it was given contents once */
#define GMEM_PA(e)    ((e) & ~(PAGE_SIZE - 1))

struct memslot {
	uint32_t id;
	uint32_t flags;
	uint64_t gpa;
	uint64_t size;
	uint64_t uaddr;
	struct gmem *gmem; /* NULL once its file is gone; no reference held */
	uint64_t gmem_offset;
	uint64_t age; /* order of creation */
};

struct range {
	uint64_t base;
	uint64_t top;
};

struct realm {
	enum rmmkvm_state state;
	uint64_t rd;
	uint64_t rtt_base;
	uint32_t rtt_num_start;
	int rtt_level_start;
	uint64_t num_aux;
};

#define MAX_VCPUS    512
#define BOUNCE_PAGES 64

struct vcpu {
	struct file file;
	struct vm *vm;	      /* holds a user of it while its file is open */
	pthread_mutex_t lock; /* for an ioctl; before vm->lock */
	unsigned id;
	struct rkvm_run *run; /* what user space maps */
	struct rkvm_vcpu_init init;
	bool initialized;
	uint64_t x[31];
	uint64_t pc;
	uint64_t rec; /* PA; of meaning if has_rec */
	bool has_rec;
	uint64_t run_pa; /* of struct rmi_rec_run */
	uint64_t aux[RMI_REC_AUX_MAX];
	size_t num_aux;
};

struct vm {
	struct file file;
	pthread_mutex_t lock;
	unsigned users; /* files open; under system->lock */
	bool is_realm;
	bool bugged; /* -EIO for everything from now on */
	unsigned ipa_bits;
	struct pages pages;
	struct memslot *slots;
	size_t num_slots;
	uint64_t slot_age;
	struct range *private; /* in order, apart */
	size_t num_private;
	struct vcpu *vcpus[MAX_VCPUS]; /* in order of creation */
	size_t num_vcpus;
	bool has_vgic;
	bool vgic_initialized;
	struct realm realm;
	uint64_t params_pa; /* a page for structures; if has_params */
	bool has_params;
	uint64_t bounce_pa; /* BOUNCE_PAGES; if has_bounce */
	bool has_bounce;
};

struct device {
	struct file file;
	struct vm *vm; /* holds a user of it */
	uint32_t type;
};

/* vm.c */
long vm_create(struct rmmkvm *system, uint64_t type);
long vm_ioctl(struct vm *vm, uint32_t command, uintptr_t arg);
long vm_check_extension(
    struct rmmkvm *system, const struct vm *vm, uint64_t cap);
/* One more, or one fewer, file of the VM. */
void vm_use(struct vm *vm);
void vm_unuse(struct vm *vm);
/* The page for structures to the RMM, made at first use. */
int vm_params_page(struct vm *vm, uint64_t *pa);

/* device.c */
long device_create(struct vm *vm, uintptr_t arg);
long device_ioctl(struct device *device, uint32_t command, uintptr_t arg);
void device_close(struct device *device);

/* memslot.c */
long memslot_set(struct vm *vm, uintptr_t arg, bool region2);
struct memslot *memslot_find(struct vm *vm, uint64_t ipa);
/* Index of the guest_memfd's page behind ipa, which slot holds. */
size_t memslot_gmem_index(const struct memslot *slot, uint64_t ipa);
/* Slots in the order in which the kernel goes over them; *cursor starts 0. */
struct memslot *memslot_next(struct vm *vm, uint64_t *cursor);

/* gmem.c */
long gmem_create(struct vm *vm, uintptr_t arg);
void gmem_close(struct gmem *gmem);
/* The page's PA; it is allocated if there is none yet.  -ENOMEM, -EIO. */
int gmem_get_page(struct gmem *gmem, size_t index, uint64_t *pa);
/* Forget a page that could not be undelegated: it is never used again. */
void gmem_leak_page(struct gmem *gmem, size_t index);
/* Take the realm's pages in [base, top) of the slot away from it. */
void gmem_unmap(
    struct vm *vm, struct memslot *slot, uint64_t base, uint64_t top);
int gmem_punch_hole(struct gmem *gmem, uint64_t offset, uint64_t size);

/* attributes.c */
long attributes_set(struct vm *vm, uintptr_t arg);
bool attributes_private(const struct vm *vm, uint64_t ipa);

/* vcpu.c */
long vcpu_create(struct vm *vm, uint64_t id);
long vcpu_ioctl(struct vcpu *vcpu, uint32_t command, uintptr_t arg);
void vcpu_close(struct vcpu *vcpu);
/* With its VM. */
void vcpu_destroy(struct vcpu *vcpu);
uint64_t vcpu_mpidr(const struct vcpu *vcpu);

/* rec.c */
int rec_create(struct vcpu *vcpu);
void rec_destroy(struct vcpu *vcpu);

/* run.c */
long vcpu_run(struct vcpu *vcpu);

/* realm.c */
int realm_ensure_created(struct vm *vm);
int realm_activate(struct vm *vm);
void realm_destroy(struct vm *vm);

/* rtt.c */
uint64_t rtt_level_size(int level);
/* Stage 2 geometry for IPAs of so many bits. */
void rtt_geometry(unsigned ipa_bits, int *level_start, uint32_t *num_start);
/* Make the tables at levels below from, down to to, that translate ipa. */
int rtt_create_levels(struct vm *vm, uint64_t ipa, int from, int to);
/* RIPAS RAM for [base, top), stepping over pages that have it. */
int rtt_init_ripas(struct vm *vm, uint64_t base, uint64_t top);
/* Destroy all tables but the roots. */
void rtt_destroy_all(struct vm *vm);

/* delegate.c: granules go back and forth, with what the kernel does on failure
 */
int granule_delegate(struct vm *vm, uint64_t pa);
/* Back to the Non-secure world.  On failure the page is leaked: false. */
bool granule_undelegate(struct vm *vm, uint64_t pa);
/* A delegated page of the VM's memory; -ENOMEM, -ENXIO, -EIO. */
int granule_alloc(struct vm *vm, uint64_t *pa);
/* Undelegate, then free. */
void granule_free(struct vm *vm, uint64_t pa);
/* Name the RMI command that failed for rmmkvm_error(); returns error. */
long rmi_fail(long error, const char *command, int rc);

/* populate.c */
long populate(struct vm *vm, uintptr_t arg);

#endif
