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

#include "exits.h"
#include "profile.h"
#include "rmi.h"
#include "rmmclient.h"
#include "rmmkvm.h"

#define RMMKVM_API	__attribute__((visibility("default")))
#define PAGE_SHIFT	12
#define PAGE_SIZE	4096ull
#define PAGE_ALIGNED(x) (((x) & (PAGE_SIZE - 1)) == 0)
#define RTT_LEAF_LEVEL	3

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
	unsigned bugs;			 /* BUG_* that are played */
	uint64_t features;		 /* feature register 0 */
	_Atomic uint64_t populate_limit; /* pages; 0: none */
	_Atomic uint64_t populate_calls; /* that came to their pages */
	struct faults *faults;		 /* NULL: none */
	_Atomic uint32_t next_vmid;
	_Atomic uint64_t num_vms; /* made so far */
	int memory_fd;		  /* of the client */
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
/* A mask that stands in for the caller's, for KVM_RUN; NULL: none. */
void signals_mask(const sigset_t *mask);
/* That, or the caller's own: for a wait that handlers may interrupt. */
const sigset_t *signals_current(void);
/* Such a wait, until fd can be read: 0, -EINTR. */
int signals_wait(int fd);

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

struct range {
	uint64_t base;
	uint64_t top;
};

/* ranges.c: a set of addresses, as ranges in order and apart. */
struct ranges {
	struct range *v;
	size_t num;
};
bool ranges_have(const struct ranges *ranges, uint64_t address);
/* -ENOMEM, also if there are more than a kernel's worth of them. */
int ranges_add(struct ranges *ranges, uint64_t base, uint64_t top);
int ranges_cut(struct ranges *ranges, uint64_t base, uint64_t top);
void ranges_free(struct ranges *ranges);

struct gmem {
	struct file file; /* unless it is a slot's own */
	bool slots_own;	  /* behind a slot that has no guest_memfd */
	bool can_be_mapped;
	struct vm *vm; /* holds a user of it, unless it is a slot's own */
	uint64_t size;
	struct ranges private;	/* offsets, if that is the file's attribute */
	struct ranges measured; /* likewise, in experiments */
	uint64_t *entries;	/* by page: PA | GMEM_* */
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
	uint64_t age;	       /* order of creation */
	struct shared *shared; /* NULL: no page of it is a granule yet */
};

struct realm {
	enum rmmkvm_state state;
	uint64_t rd;
	uint64_t rtt_base;
	uint32_t rtt_num_start;
	int rtt_level_start;
	uint64_t num_aux;
	/* What KVM_RME_CONFIG_REALM chose. */
	uint8_t rpv[64];
	uint8_t hash_algo;
	bool has_sve, has_debug, has_pmu;
	uint8_t sve_vl; /* VQ - 1 */
	uint8_t num_bps, num_wps;
	uint8_t pmu_num_ctrs;
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
	bool sve_finalized;
	uint8_t sve_vl; /* VQ - 1, of the longest vector */
	uint32_t ppis;	/* levels of its lines 0 to 31 */
	bool has_signal_mask;
	sigset_t signal_mask;  /* during KVM_RUN, instead of the thread's */
	int32_t timer_irq[2];  /* virtual, physical */
	int32_t pmu_irq;       /* 0: none */
	bool has_run;	       /* KVM_RUN has been made */
	bool mmio_to_complete; /* the last exit was KVM_EXIT_MMIO */
	bool inject_sea;       /* with the next entry */
	uint64_t x[31];
	uint64_t pc;
	uint64_t rec; /* PA; of meaning if has_rec */
	bool has_rec;
	uint64_t run_pa; /* of struct rmi_rec_run */
	uint64_t aux[RMI_REC_AUX_MAX];
	size_t num_aux;
	struct power power;
	struct running running;
	struct vcpu_irq irq;
};

/* Registers that user space keeps in a device: by group and attribute. */
struct stored_register {
	uint64_t key;
	uint64_t value;
};

#define VGIC_MAX_IRQS 1024u
struct vgic {
	uint32_t nr_irqs; /* 0: not said yet */
	bool has_dist, has_redist;
	uint64_t dist_base, redist_base; /* IPA */
	unsigned num_its;
	struct stored_register *regs; /* in order of key */
	size_t num_regs;
	/* Levels of the lines, as KVM_IRQ_LINE sets them. */
	uint32_t spis[VGIC_MAX_IRQS / 32];
	/* Edges that no list register has yet, and those that one had. */
	uint32_t edges[VGIC_MAX_IRQS / 32];
	uint32_t listed_edges[VGIC_MAX_IRQS / 32];
};

struct vm {
	struct file file;
	pthread_mutex_t lock;
	unsigned users; /* files open; under system->lock */
	uint64_t serial;
	bool is_realm;
	bool bugged; /* -EIO for everything from now on */
	unsigned ipa_bits;
	struct pages pages;
	struct memslot *slots;
	size_t num_slots;
	uint64_t slot_age;
	struct ranges private;	       /* IPAs, if that is the VM's attribute */
	struct vcpu *vcpus[MAX_VCPUS]; /* in order of creation */
	size_t num_vcpus;
	bool has_vgic;
	bool vgic_initialized;
	struct vgic vgic;
	struct irqs *irqs;     /* irq.c; NULL: none of it was used */
	struct irqfds *irqfds; /* irqfd.c; likewise */
	struct realm realm;
	uint64_t params_pa; /* a page for structures; if has_params */
	bool has_params;
	uint64_t bounce_pa; /* BOUNCE_PAGES; if has_bounce */
	bool has_bounce;
	struct smccc_filter filters[SMCCC_FILTERS];
	size_t num_filters;
	pthread_mutex_t irq_lock; /* of lines and interrupts */
};

/* The bit of an IPA that is set in the shared alias. */
static inline uint64_t
vm_shared_bit(const struct vm *vm)
{
	return 1ull << (vm->ipa_bits - 1);
}

struct device {
	struct file file;
	struct vm *vm; /* holds a user of it */
	uint32_t type;
	/* Of an ITS. */
	unsigned number; /* in its VM */
	bool has_base, initialized;
	uint64_t base;
};

/* vm.c */
long vm_create(struct rmmkvm *system, uint64_t type);
long vm_ioctl(struct vm *vm, uint32_t command, uintptr_t arg);
/* The VM is of no use from here on: every ioctl of it is -EIO. */
void vm_kill(struct vm *vm);
/* One more, or one fewer, file of the VM. */
void vm_use(struct vm *vm);
void vm_unuse(struct vm *vm);
/* The page for structures to the RMM, made at first use. */
int vm_params_page(struct vm *vm, uint64_t *pa);

/* caps.c */
long vm_check_extension(
    struct rmmkvm *system, const struct vm *vm, uint64_t cap);
long vm_enable_cap(struct vm *vm, uintptr_t arg);

/* rme.c: the operations of the multiplexed interface */
long rme_operation(struct vm *vm, const struct rkvm_enable_cap *cap);

/* device.c */
long device_create(struct vm *vm, uintptr_t arg);
long device_ioctl(struct device *device, uint32_t command, uintptr_t arg);
void device_close(struct device *device);

/* vgic.c: the GICv3; its.c: an ITS.  Attributes of their devices. */
#define VGIC_DEFAULT_IRQS 256u
long vgic_attribute(
    struct vm *vm, uint32_t command, const struct rkvm_device_attr *attr);
long its_attribute(
    struct device *its, uint32_t command, const struct rkvm_device_attr *attr);
/* What the first KVM_RUN finds missing of the GIC: 0, -ENXIO, -EBUSY. */
int vgic_check_mapped(const struct vm *vm);
/* A register of the group's: what user space stored, or what it is else. */
uint64_t vgic_stored(const struct vgic *vgic, uint64_t key, uint64_t otherwise);
int vgic_store(struct vgic *vgic, uint64_t key, uint64_t value);

/* irq.c: interrupts from, and events to, user space */
long irq_line(struct vm *vm, uintptr_t arg);
/* Raise what gsi is routed to, for a moment.  With the VM's lock. */
void irq_pulse(struct vm *vm, uint32_t gsi);
/* 0, -EBADF, or -EINVAL: no eventfd. */
int check_eventfd(int fd);
long irq_routing(struct vm *vm, uintptr_t arg);
long irq_msi(struct vm *vm, uintptr_t arg);
long io_event_fd(struct vm *vm, uintptr_t arg);
/*
 * A write of length bytes of data to the unprotected address: true if an
 * ioeventfd was waiting for it, and has been told.  With the VM's lock.
 */
bool io_event(struct vm *vm, uint64_t address, uint32_t length, uint64_t data);
void irqs_free(struct vm *vm);

/* irqfd.c: eventfds that raise interrupts */
long irq_fd(struct vm *vm, uintptr_t arg);
/* With the VM, whose lock nobody holds. */
void irqfds_end(struct vm *vm);

/* memslot.c */
long memslot_set(struct vm *vm, uintptr_t arg, bool region2);
/* With their VM, whose realm is gone. */
void memslots_free(struct vm *vm);
struct memslot *memslot_find(struct vm *vm, uint64_t ipa);
/* Index of the guest_memfd's page behind ipa, which slot holds. */
size_t memslot_gmem_index(const struct memslot *slot, uint64_t ipa);
/* Slots in the order in which the kernel goes over them; *cursor starts 0. */
struct memslot *memslot_next(struct vm *vm, uint64_t *cursor);

/* gmem.c */
long gmem_create(struct vm *vm, uintptr_t arg);
void gmem_close(struct gmem *gmem);
/* As rmmkvm_check_map(). */
int gmem_check_map(struct rmmkvm *system, int fd);
long gmem_ioctl(struct gmem *gmem, uint32_t command, uintptr_t arg);
/* The memory of a slot without a file; NULL: no memory. */
struct gmem *gmem_of_slot(struct vm *vm, uint64_t size);
/* Its slot is none of the VM's any more; its pages are out of the realm. */
void gmem_free_slots_own(struct gmem *gmem);
/* Take the realm's pages of [base, top) of the file away from it. */
void gmem_leave_realm(struct gmem *gmem, uint64_t base, uint64_t top);
/* And what it shares by the same addresses. */
void gmem_unmap_shared(struct gmem *gmem, uint64_t base, uint64_t top);
/* The page's PA; it is allocated if there is none yet.  -ENOMEM, -EIO. */
int gmem_get_page(struct gmem *gmem, size_t index, uint64_t *pa);
/* Forget a page that could not be undelegated: it is never used again. */
void gmem_leak_page(struct gmem *gmem, size_t index);
/* Take the realm's pages in [base, top) of the slot away from it. */
void gmem_unmap(
    struct vm *vm, struct memslot *slot, uint64_t base, uint64_t top);

/* attributes.c */
long attributes_set(struct vm *vm, uintptr_t arg);
/* KVM_SET_MEMORY_ATTRIBUTES2, on a guest_memfd. */
long attributes_set_file(struct gmem *gmem, uintptr_t arg);
/* Whether the memory at ipa, which slot holds, is private. */
bool attributes_private(
    const struct vm *vm, const struct memslot *slot, uint64_t ipa);

/* vcpu.c */
long vcpu_create(struct vm *vm, uint64_t id);
long vcpu_ioctl(struct vcpu *vcpu, uint32_t command, uintptr_t arg);
void vcpu_close(struct vcpu *vcpu);
/* With its VM. */
void vcpu_destroy(struct vcpu *vcpu);
uint64_t vcpu_mpidr(const struct vcpu *vcpu);
bool vcpu_has_feature(const struct vcpu *vcpu, unsigned feature);

/* vcpu-state.c */
long vcpu_get_mp_state(struct vcpu *vcpu, uintptr_t arg);
long vcpu_set_mp_state(struct vcpu *vcpu, uintptr_t arg);
long vcpu_get_events(struct vcpu *vcpu, uintptr_t arg);
long vcpu_set_events(struct vcpu *vcpu, uintptr_t arg);
long vcpu_set_signal_mask(struct vcpu *vcpu, uintptr_t arg);
long vcpu_attribute(struct vcpu *vcpu, uint32_t command, uintptr_t arg);

/* regs.c */
long regs_one(struct vcpu *vcpu, uintptr_t arg, bool set);
long regs_list(struct vcpu *vcpu, uintptr_t arg);

/* stats.c: a descriptor whose file lists no statistics */
long stats_fd(const char *what, unsigned id);

/* rec.c */
int rec_create(struct vcpu *vcpu);
void rec_destroy(struct vcpu *vcpu);

/* realm.c */
int realm_ensure_created(struct vm *vm);
/* What the first KVM_RUN does to the realm, or what it needs. */
int realm_activate(struct vm *vm);
/* RMI_REALM_ACTIVATE alone. */
int realm_set_active(struct vm *vm);
void realm_destroy(struct vm *vm);

/* rtt.c */
uint64_t rtt_level_size(int level);
/* Stage 2 geometry for IPAs of so many bits. */
void rtt_geometry(unsigned ipa_bits, int *level_start, uint32_t *num_start);
/* Make the tables at levels below from, down to to, that translate ipa. */
int rtt_create_levels(struct vm *vm, uint64_t ipa, int from, int to);
/*
 * RIPAS RAM for [base, top).  A page that is RAM already is stepped over, or is
 * an error (-errno).
 */
int rtt_init_ripas(struct vm *vm, uint64_t base, uint64_t top, int is_ram);
/* The highest level whose entries [ipa, top) begins with a whole one of. */
int rtt_map_level(const struct vm *vm, uint64_t ipa, uint64_t top);
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

/* faults.c: what disturbs populate, by count of calls or by address */
struct faults;
struct disturbance {
	enum {
		DISTURB_NOT,
		DISTURB_ERROR,	/* error */
		DISTURB_STALL,	/* success, with nothing done */
		DISTURB_STATUS, /* DATA_CREATE answers status */
		DISTURB_LIMIT,	/* the call does limit bytes */
	} kind;
	int error; /* -errno */
	int status;
	uint64_t limit;
};
/* Bytes, with K, M or p (pages), at least 1. */
bool limit_parse(const char *text, uint64_t *bytes);
/* -EINVAL: no rules. */
int faults_parse(const char *text, struct faults **faults);
void faults_free(struct faults *faults);
struct disturbance faults_of_call(struct faults *faults, uint64_t call);
struct disturbance faults_of_page(struct faults *faults, uint64_t ipa);

/* populate-pages.c: the caller's pages become the realm's */
struct copy_in {
	struct vm *vm;
	struct memslot *slot;
	uint64_t base;	 /* IPA, in slot */
	uint64_t source; /* address of the caller */
	bool measure;
	bool measure_by_range; /* what the guest_memfd says of the page */
	bool signals;	       /* a pending one stops it */
	/* Where pages come from, one after another; NULL: from source. */
	size_t (*read)(const struct copy_in *what, uint64_t pa, uint64_t first,
	    size_t num);
	const void *from;
	/* Checks of a page, as -errno; 0: there is no such check. */
	bool attributes; /* a page must be private */
	int source_null;
	int prepared;
	int delegate_failed;
	int data_failed; /* 0: the status goes up as it is, positive */
	int rtt_too_deep;
};
/*
 * num pages of the slot.  *done: pages that came to be.  Returns 0, or why the
 * page after those did not.
 */
long copy_in(const struct copy_in *what, uint64_t num, uint64_t *done);
/*
 * One more call: makes *num what a rule lets it do.  Returns 0, or what the
 * rule answers for its first page.
 */
long copy_allowed(const struct copy_in *what, uint64_t *num);

#endif
