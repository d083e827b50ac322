/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The system: the connection to the daemon, the table of file descriptors and
 * what is behind each, and the ioctls of /dev/kvm itself.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kvm.h"

#define MAX_FILES (1u << 20)

static _Thread_local char sentence[320];

long
fail(long error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	return error;
}

RMMKVM_API const char *
rmmkvm_error(void)
{
	return sentence;
}

/* ---- Files ------------------------------------------------------------- */

static int
enter(struct rmmkvm *system, struct file *file, int fd)
{
	size_t want = (size_t)fd + 1, num = system->num_files;
	struct file **files;

	if (want > MAX_FILES)
		return -EMFILE;
	if (want > num) {
		while (num < want)
			num = num < 64 ? 64 : 2 * num;
		files = realloc(system->files, num * sizeof(*files));
		if (files == NULL)
			return -ENOMEM;
		memset(files + system->num_files, 0,
		    (num - system->num_files) * sizeof(*files));
		system->files = files;
		system->num_files = num;
	}
	system->files[fd] = file;
	return 0;
}

int
file_open(struct rmmkvm *system, struct file *file, enum kind kind,
    const char *name, uint64_t size)
{
	char full_name[64];
	struct stat status = { 0 };
	int rc = 0;

	snprintf(full_name, sizeof(full_name), RMMKVM_MEMFD "%s", name);
	file->kind = kind;
	file->system = system;
	file->refs = 1;
	file->fd = memfd_create(full_name, MFD_CLOEXEC);
	if (file->fd < 0)
		return -errno;
	if ((size > 0 && ftruncate(file->fd, (off_t)size) != 0) ||
	    fstat(file->fd, &status) != 0)
		rc = -errno;
	file->device = status.st_dev;
	file->inode = status.st_ino;
	pthread_mutex_lock(&system->lock);
	if (rc == 0)
		rc = enter(system, file, file->fd);
	pthread_mutex_unlock(&system->lock);
	if (rc < 0)
		close(file->fd);
	return rc;
}

struct file *
file_get(struct rmmkvm *system, int fd)
{
	struct file *file = NULL;

	pthread_mutex_lock(&system->lock);
	if (fd >= 0 && (size_t)fd < system->num_files)
		file = system->files[fd];
	if (file != NULL)
		file->refs++;
	pthread_mutex_unlock(&system->lock);
	return file;
}

static void
file_end(struct file *file)
{
	switch (file->kind) {
	case KIND_SYSTEM:
		break;
	case KIND_VM:
		vm_unuse((struct vm *)file);
		break;
	case KIND_VCPU:
		vcpu_close((struct vcpu *)file);
		break;
	case KIND_GMEM:
		gmem_close((struct gmem *)file);
		break;
	case KIND_DEVICE:
		device_close((struct device *)file);
		break;
	}
}

void
file_put(struct file *file)
{
	unsigned refs;

	pthread_mutex_lock(&file->system->lock);
	refs = --file->refs;
	pthread_mutex_unlock(&file->system->lock);
	if (refs == 0)
		file_end(file);
}

/* How a descriptor ends: with close(), or in some other way. */
static int
leave(struct rmmkvm *system, int fd, bool closes)
{
	struct file *file = NULL;

	pthread_mutex_lock(&system->lock);
	if (fd >= 0 && (size_t)fd < system->num_files && fd != system->file.fd)
		file = system->files[fd];
	if (file != NULL) {
		system->files[fd] = NULL;
		if (closes)
			close(fd);
	}
	pthread_mutex_unlock(&system->lock);
	if (file == NULL)
		return -EBADF;
	signals_hold();
	file_put(file);
	signals_release();
	return 0;
}

RMMKVM_API int
rmmkvm_close_fd(struct rmmkvm *system, int fd)
{
	return leave(system, fd, true);
}

RMMKVM_API int
rmmkvm_forget_fd(struct rmmkvm *system, int fd)
{
	return leave(system, fd, false);
}

/* One more descriptor of file, whose reference it is to be.  With the lock. */
static int
add_descriptor(struct rmmkvm *system, struct file *file, int fd)
{
	int rc;

	if (file == NULL || fd < 0)
		return -EBADF;
	if ((size_t)fd < system->num_files && system->files[fd] != NULL)
		return -EBUSY;
	rc = enter(system, file, fd);
	if (rc == 0)
		file->refs++;
	return rc;
}

RMMKVM_API int
rmmkvm_dup_fd(struct rmmkvm *system, int fd, int copy)
{
	struct file *file = NULL;
	int rc;

	pthread_mutex_lock(&system->lock);
	if (fd >= 0 && (size_t)fd < system->num_files)
		file = system->files[fd];
	rc = add_descriptor(system, file, copy);
	pthread_mutex_unlock(&system->lock);
	return rc;
}

RMMKVM_API int
rmmkvm_adopt_fd(struct rmmkvm *system, int fd)
{
	struct file *file = NULL;
	struct stat status;
	int rc;

	if (fstat(fd, &status) != 0)
		return -errno;
	pthread_mutex_lock(&system->lock);
	for (size_t i = 0; i < system->num_files && file == NULL; i++)
		if (system->files[i] != NULL &&
		    system->files[i]->device == status.st_dev &&
		    system->files[i]->inode == status.st_ino)
			file = system->files[i];
	rc = add_descriptor(system, file, fd);
	pthread_mutex_unlock(&system->lock);
	return rc;
}

RMMKVM_API int
rmmkvm_kind(struct rmmkvm *system, int fd)
{
	struct file *file = file_get(system, fd);
	int kind;

	if (file == NULL)
		return -EBADF;
	kind = (int)file->kind;
	file_put(file);
	return kind;
}

RMMKVM_API int
rmmkvm_check_map(struct rmmkvm *system, int fd)
{
	int kind = rmmkvm_kind(system, fd);

	if (kind < 0)
		return kind;
	if (kind == RMMKVM_GUEST_MEMFD)
		return gmem_check_map(system, fd);
	return kind == RMMKVM_VCPU ? 0 : -ENODEV;
}

RMMKVM_API bool
rmmkvm_owns(struct rmmkvm *system, int fd)
{
	struct file *file = file_get(system, fd);

	if (file != NULL)
		file_put(file);
	return file != NULL;
}

/* ---- The system -------------------------------------------------------- */

static long
system_ioctl(struct rmmkvm *system, uint32_t command, uintptr_t arg)
{
	switch (command) {
	case RKVM_GET_API_VERSION:
		return arg == 0 ? RKVM_API_VERSION : -EINVAL;
	case RKVM_CREATE_VM:
		return vm_create(system, arg);
	case RKVM_CHECK_EXTENSION:
		return vm_check_extension(system, NULL, arg);
	case RKVM_GET_VCPU_MMAP_SIZE:
		return arg == 0 ? (long)PAGE_SIZE : -EINVAL;
	default:
		return fail(-ENOTTY, "no ioctl 0x%08x on /dev/kvm", command);
	}
}

RMMKVM_API long
rmmkvm_ioctl(
    struct rmmkvm *system, int fd, unsigned long command, uintptr_t arg)
{
	struct file *file = file_get(system, fd);
	uint32_t word = (uint32_t)command;
	long result = -ENOTTY;

	if (file == NULL)
		return fail(-EBADF, "descriptor %d is none of KVM's", fd);
	sentence[0] = '\0';
	signals_hold();
	switch (file->kind) {
	case KIND_SYSTEM:
		result = system_ioctl(system, word, arg);
		break;
	case KIND_VM:
		result = vm_ioctl((struct vm *)file, word, arg);
		break;
	case KIND_VCPU:
		result = vcpu_ioctl((struct vcpu *)file, word, arg);
		break;
	case KIND_GMEM:
		result = gmem_ioctl((struct gmem *)file, word, arg);
		break;
	case KIND_DEVICE:
		result = device_ioctl((struct device *)file, word, arg);
		break;
	}
	file_put(file);
	signals_release();
	return result;
}

/*
 * Pages reach the Non-secure memory by pwrite(), which a limit on the size of
 * files stops with a signal.
 */
static int
check_file_limit(const struct rmmkvm *system)
{
	struct rlimit limit;
	struct stat status;

	if (getrlimit(RLIMIT_FSIZE, &limit) != 0 ||
	    fstat(system->memory_fd, &status) != 0)
		return (int)fail(
		    -errno, "the limit on file sizes: %s", strerror(errno));
	if (limit.rlim_cur == RLIM_INFINITY ||
	    limit.rlim_cur >= (rlim_t)status.st_size)
		return 0;
	return (int)fail(-EFBIG,
	    "the limit on file sizes (ulimit -f) is below the %lld bytes of "
	    "the machine's memory: raise it",
	    (long long)status.st_size);
}

/* What the machine offers must be what the layers above rely on. */
static int
start(struct rmmkvm *system, const struct rmmkvm_config *config)
{
	uint64_t lower, higher;
	int rc;

	system->client = rmmclient_connect(config->socket, config->name);
	if (system->client == NULL)
		return (int)fail(-errno, "%s", rmmclient_error(NULL));
	rc = rmi_version(system->client, RMI_VERSION_1_0, &lower, &higher);
	if (rc == RMI_SUCCESS)
		rc = rmi_features(system->client, 0, &system->features);
	if (rc < 0)
		return (int)fail(rc, "%s", rmmclient_error(system->client));
	if (rc != RMI_SUCCESS)
		return (int)fail(-EPROTONOSUPPORT,
		    "the machine's RMM does not speak RMI 1.0");
	system->memory_fd = rmmclient_memory_fd(system->client);
	if (system->memory_fd < 0)
		return (int)fail(
		    system->memory_fd, "%s", rmmclient_error(system->client));
	rc = check_file_limit(system);
	if (rc < 0)
		return rc;
	system->scratch_fd = memfd_create("rmmkvm-scratch", MFD_CLOEXEC);
	if (system->scratch_fd < 0)
		return (int)fail(-errno, "memfd_create: %s", strerror(errno));
	return file_open(system, &system->file, KIND_SYSTEM, "kvm", 0);
}

static void
system_free(struct rmmkvm *system)
{
	rmmclient_close(system->client);
	if (system->scratch_fd >= 0)
		close(system->scratch_fd);
	pthread_mutex_destroy(&system->lock);
	pthread_mutex_destroy(&system->scratch_lock);
	faults_free(system->faults);
	free(system->files);
	free(system);
}

/* Profile and bugs of config, or of the environment; NULL with errno. */
static const struct profile *
choose(const struct rmmkvm_config *config, unsigned *bugs)
{
	const struct profile *profile = profile_find(config->profile);
	const char *name = config->profile;

	if (name == NULL)
		name = getenv("RMM_KVM_PROFILE");
	if (profile == NULL) {
		errno = (int)fail(EINVAL, "there is no profile \"%s\"", name);
		return NULL;
	}
	if (bugs_parse(config->bugs, bugs) < 0) {
		errno = (int)fail(EINVAL,
		    "RMM_KVM_BUGS is \"none\", \"all\" or names of bugs with "
		    "commas between them");
		return NULL;
	}
	return profile;
}

/* How far populate calls get, and what disturbs them. */
static int
control(struct rmmkvm *system, const struct rmmkvm_config *config)
{
	const char *limit = getenv("RMM_KVM_POPULATE_LIMIT");
	const char *faults = config->populate_fault;
	uint64_t bytes = config->populate_limit;

	if (bytes == 0 && limit != NULL && limit[0] != '\0' &&
	    !limit_parse(limit, &bytes))
		return (int)fail(-EINVAL,
		    "RMM_KVM_POPULATE_LIMIT is a number of bytes (K, M) or "
		    "pages (p), not \"%s\"",
		    limit);
	rmmkvm_set_populate_limit(system, bytes);
	if (faults == NULL)
		faults = getenv("RMM_KVM_POPULATE_FAULT");
	if (faults == NULL || faults[0] == '\0')
		return 0;
	if (faults_parse(faults, &system->faults) < 0)
		return (int)fail(-EINVAL,
		    "RMM_KVM_POPULATE_FAULT is rules as 3=EINTR or "
		    "@0x80200000=stall with commas between them, not \"%s\"",
		    faults);
	return 0;
}

RMMKVM_API struct rmmkvm *
rmmkvm_open(const struct rmmkvm_config *config)
{
	static const struct rmmkvm_config none = { 0 };
	const struct profile *profile;
	struct rmmkvm *system;
	unsigned bugs;
	int rc;

	if (config == NULL)
		config = &none;
	profile = choose(config, &bugs);
	if (profile == NULL)
		return NULL;
	system = calloc(1, sizeof(*system));
	if (system == NULL)
		return NULL;
	system->profile = profile;
	system->bugs = bugs;
	system->scratch_fd = -1;
	system->next_vmid = 1;
	pthread_mutex_init(&system->lock, NULL);
	pthread_mutex_init(&system->scratch_lock, NULL);
	rc = control(system, config);
	if (rc == 0)
		rc = start(system, config);
	if (rc < 0) {
		system_free(system);
		errno = -rc;
		return NULL;
	}
	return system;
}

RMMKVM_API void
rmmkvm_close(struct rmmkvm *system)
{
	if (system == NULL)
		return;
	for (size_t fd = 0; fd < system->num_files; fd++)
		rmmkvm_close_fd(system, (int)fd);
	close(system->file.fd);
	system_free(system);
}

RMMKVM_API int
rmmkvm_fd(const struct rmmkvm *system)
{
	return system->file.fd;
}

RMMKVM_API size_t
rmmkvm_private_fds(struct rmmkvm *system, int fds[RMMKVM_PRIVATE_FDS])
{
	fds[0] = system->file.fd;
	fds[1] = system->scratch_fd;
	fds[2] = system->memory_fd;
	fds[3] = rmmclient_fd(system->client);
	return 4;
}

RMMKVM_API uint32_t
rmmkvm_populate_command(const struct rmmkvm *system)
{
	const struct populate_uapi *uapi = system->profile->populate;

	return uapi != NULL ? uapi->command : 0;
}

RMMKVM_API void
rmmkvm_uapi(const struct rmmkvm *system, struct rmmkvm_uapi *uapi)
{
	const struct profile *profile = system->profile;

	*uapi = (struct rmmkvm_uapi){
		.profile = profile->name,
		.about = profile->about,
		.cap_rmi = profile->cap_rmi,
		.vm_type_realm = profile->vm_type_realm,
		.populate_command = rmmkvm_populate_command(system),
		.advances =
		    profile->populate != NULL && profile->populate->writes_back,
		.cap_gmem_attributes = profile->cap_gmem_attributes,
		.gmem_flags = profile->gmem_flags,
		.gmem_attributes = profile->gmem_attributes,
		.operations = profile->rme != NULL,
		.splice = profile->splice,
		.measures_range = profile->gmem_attributes != 0,
		.psci_complete = profile->exits->psci_complete_ioctl,
	};
	for (unsigned n = 0; n < 32; n++)
		if (profile->vcpu_rec >> n & 1)
			uapi->rec_feature = n;
}

RMMKVM_API uint64_t
rmmkvm_realm_type(const struct rmmkvm *system, unsigned ipa_bits)
{
	return system->profile->vm_type_realm | (ipa_bits & 0xff);
}

RMMKVM_API unsigned
rmmkvm_max_ipa_bits(const struct rmmkvm *system)
{
	return (unsigned)RMI_FEATURE0_GET(system->features, S2SZ);
}

RMMKVM_API void
rmmkvm_set_populate_limit(struct rmmkvm *system, uint64_t bytes)
{
	uint64_t pages = bytes >> PAGE_SHIFT;

	system->populate_limit = bytes > 0 && pages == 0 ? 1 : pages;
}

RMMKVM_API struct rmmclient *
rmmkvm_client(struct rmmkvm *system)
{
	return system->client;
}
