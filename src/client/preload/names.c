/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the kernel's headers call the numbers of KVM, as far as a VMM for arm64
 * comes across them, and a few that tell a VMM for another architecture.
 */
#include <stdio.h>

#include "kvm-arm-rmi.h"
#include "names.h"

struct name {
	unsigned number;
	const char *name;
};

static const struct name ioctls[] = {
	{ 0x00, "GET_API_VERSION" },
	{ 0x01, "CREATE_VM" },
	{ 0x02, "GET_MSR_INDEX_LIST" },
	{ 0x03, "CHECK_EXTENSION" },
	{ 0x04, "GET_VCPU_MMAP_SIZE" },
	{ 0x05, "GET_SUPPORTED_CPUID" },
	{ 0x09, "GET_EMULATED_CPUID" },
	{ 0x0A, "GET_MSR_FEATURE_INDEX_LIST" },
	{ 0x41, "CREATE_VCPU" },
	{ 0x42, "GET_DIRTY_LOG" },
	{ 0x44, "SET_NR_MMU_PAGES" },
	{ 0x45, "GET_NR_MMU_PAGES" },
	{ 0x46, "SET_USER_MEMORY_REGION" },
	{ 0x47, "SET_TSS_ADDR" },
	{ 0x48, "SET_IDENTITY_MAP_ADDR" },
	{ 0x49, "SET_USER_MEMORY_REGION2" },
	{ 0x60, "CREATE_IRQCHIP" },
	{ 0x61, "IRQ_LINE" },
	{ 0x62, "GET_IRQCHIP" },
	{ 0x63, "SET_IRQCHIP" },
	{ 0x67, "IRQ_LINE_STATUS" },
	{ 0x6A, "SET_GSI_ROUTING" },
	{ 0x71, "REINJECT_CONTROL" },
	{ 0x76, "IRQFD" },
	{ 0x77, "CREATE_PIT2" },
	{ 0x78, "SET_BOOT_CPU_ID" },
	{ 0x79, "IOEVENTFD" },
	{ 0x7A, "XEN_HVM_CONFIG" },
	{ 0x7B, "SET_CLOCK" },
	{ 0x7C, "GET_CLOCK" },
	{ 0x80, "RUN" },
	{ 0x81, "GET_REGS" },
	{ 0x82, "SET_REGS" },
	{ 0x83, "GET_SREGS" },
	{ 0x84, "SET_SREGS" },
	{ 0x85, "TRANSLATE" },
	{ 0x86, "INTERRUPT" },
	{ 0x88, "GET_MSRS" },
	{ 0x89, "SET_MSRS" },
	{ 0x8A, "SET_CPUID" },
	{ 0x8B, "SET_SIGNAL_MASK" },
	{ 0x8C, "GET_FPU" },
	{ 0x8D, "SET_FPU" },
	{ 0x8E, "GET_LAPIC" },
	{ 0x8F, "SET_LAPIC" },
	{ 0x90, "SET_CPUID2" },
	{ 0x91, "GET_CPUID2" },
	{ 0x98, "GET_MP_STATE" },
	{ 0x99, "SET_MP_STATE" },
	{ 0x9A, "NMI" },
	{ 0x9B, "SET_GUEST_DEBUG" },
	{ 0x9F, "GET_VCPU_EVENTS" },
	{ 0xA0, "SET_VCPU_EVENTS" },
	{ 0xA3, "ENABLE_CAP" },
	{ 0xA5, "SIGNAL_MSI" },
	{ 0xAA, "DIRTY_TLB" },
	{ 0xAB, "GET_ONE_REG" },
	{ 0xAC, "SET_ONE_REG" },
	{ 0xAD, "KVMCLOCK_CTRL" },
	{ 0xAE, "ARM_VCPU_INIT" },
	{ 0xAF, "ARM_PREFERRED_TARGET" },
	{ 0xB0, "GET_REG_LIST" },
	{ 0xB1, "S390_MEM_OP" },
	{ 0xB2, "SET_PMU_EVENT_FILTER" },
	{ 0xB4, "ARM_MTE_COPY_TAGS" },
	{ 0xB5, "ARM_SET_COUNTER_OFFSET" },
	{ 0xB6, "ARM_GET_REG_WRITABLE_MASKS" },
	{ 0xB7, "SMI" },
	{ 0xBA, "MEMORY_ENCRYPT_OP" },
	{ 0xBB, "MEMORY_ENCRYPT_REG_REGION" },
	{ 0xBC, "MEMORY_ENCRYPT_UNREG_REGION" },
	{ 0xBE, "GET_NESTED_STATE" },
	{ 0xBF, "SET_NESTED_STATE" },
	{ 0xC0, "CLEAR_DIRTY_LOG" },
	{ 0xC1, "GET_SUPPORTED_HV_CPUID" },
	{ 0xC2, "ARM_VCPU_FINALIZE" },
	{ 0xC6, "X86_SET_MSR_FILTER" },
	{ 0xC7, "RESET_DIRTY_RINGS" },
	{ 0xCC, "GET_SREGS2" },
	{ 0xCD, "SET_SREGS2" },
	{ 0xCE, "GET_STATS_FD" },
	{ 0xCF, "GET_XSAVE2" },
	{ 0xD2, "SET_MEMORY_ATTRIBUTES" },
	{ 0xD4, "CREATE_GUEST_MEMFD" },
	{ 0xD5, "PRE_FAULT_MEMORY" },
	{ 0xD6, "ARM_VCPU_RMI_PSCI_COMPLETE" },
	{ 0xD7, "ARM_RMI_POPULATE" },
	{ 0xE0, "CREATE_DEVICE" },
	{ 0xE1, "SET_DEVICE_ATTR" },
	{ 0xE2, "GET_DEVICE_ATTR" },
	{ 0xE3, "HAS_DEVICE_ATTR" },
};

static const struct name caps[] = {
	{ 0, "IRQCHIP" },
	{ 3, "USER_MEMORY" },
	{ 9, "NR_VCPUS" },
	{ 10, "NR_MEMSLOTS" },
	{ 11, "PIT" },
	{ 14, "MP_STATE" },
	{ 15, "COALESCED_MMIO" },
	{ 16, "SYNC_MMU" },
	{ 21, "DESTROY_MEMORY_REGION_WORKS" },
	{ 23, "SET_GUEST_DEBUG" },
	{ 25, "IRQ_ROUTING" },
	{ 26, "IRQ_INJECT_STATUS" },
	{ 30, "JOIN_MEMORY_REGIONS_WORKS" },
	{ 32, "IRQFD" },
	{ 36, "IOEVENTFD" },
	{ 40, "INTERNAL_ERROR_DATA" },
	{ 41, "VCPU_EVENTS" },
	{ 66, "MAX_VCPUS" },
	{ 70, "ONE_REG" },
	{ 77, "SIGNAL_MSI" },
	{ 81, "READONLY_MEM" },
	{ 82, "IRQFD_RESAMPLE" },
	{ 87, "ARM_PSCI" },
	{ 88, "ARM_SET_DEVICE_ADDR" },
	{ 89, "DEVICE_CTRL" },
	{ 98, "ENABLE_CAP_VM" },
	{ 101, "VM_ATTRIBUTES" },
	{ 102, "ARM_PSCI_0_2" },
	{ 105, "CHECK_EXTENSION_VM" },
	{ 118, "MULTI_ADDRESS_SPACE" },
	{ 119, "GUEST_DEBUG_HW_BPS" },
	{ 120, "GUEST_DEBUG_HW_WPS" },
	{ 122, "IOEVENTFD_ANY_LENGTH" },
	{ 126, "ARM_PMU_V3" },
	{ 128, "MAX_VCPU_ID" },
	{ 131, "MSI_DEVID" },
	{ 136, "IMMEDIATE_EXIT" },
	{ 157, "NESTED_STATE" },
	{ 158, "ARM_INJECT_SERROR_ESR" },
	{ 162, "COALESCED_PIO" },
	{ 165, "ARM_VM_IPA_SIZE" },
	{ 168, "MANUAL_DIRTY_LOG_PROTECT2" },
	{ 170, "ARM_SVE" },
	{ 171, "ARM_PTRAUTH_ADDRESS" },
	{ 172, "ARM_PTRAUTH_GENERIC" },
	{ 177, "ARM_NISV_TO_USER" },
	{ 178, "ARM_INJECT_EXT_DABT" },
	{ 187, "STEAL_TIME" },
	{ 192, "DIRTY_LOG_RING" },
	{ 195, "SET_GUEST_DEBUG2" },
	{ 203, "BINARY_STATS_FD" },
	{ 205, "ARM_MTE" },
	{ 223, "DIRTY_LOG_RING_ACQ_REL" },
	{ 227, "COUNTER_OFFSET" },
	{ 228, "ARM_EAGER_SPLIT_CHUNK_SIZE" },
	{ 229, "ARM_SUPPORTED_BLOCK_SIZES" },
	{ 230, "ARM_SUPPORTED_REG_MASK_RANGES" },
	{ 231, "USER_MEMORY2" },
	{ 232, "MEMORY_FAULT_INFO" },
	{ 233, "MEMORY_ATTRIBUTES" },
	{ 234, "GUEST_MEMFD" },
	{ 235, "VM_TYPES" },
	{ 236, "PRE_FAULT_MEMORY" },
	{ 239, "ARM_WRITABLE_IMP_ID_REGS" },
};

static const struct name exits[] = {
	{ RKVM_EXIT_UNKNOWN, "UNKNOWN" },
	{ RKVM_EXIT_HYPERCALL, "HYPERCALL" },
	{ RKVM_EXIT_MMIO, "MMIO" },
	{ RKVM_EXIT_SHUTDOWN, "SHUTDOWN" },
	{ 9, "FAIL_ENTRY" },
	{ RKVM_EXIT_INTR, "INTR" },
	{ RKVM_EXIT_INTERNAL_ERROR, "INTERNAL_ERROR" },
	{ RKVM_EXIT_SYSTEM_EVENT, "SYSTEM_EVENT" },
	{ 28, "ARM_NISV" },
	{ RKVM_EXIT_MEMORY_FAULT, "MEMORY_FAULT" },
};

static const char *
find(const struct name *names, size_t num, unsigned number)
{
	for (size_t i = 0; i < num; i++)
		if (names[i].number == number)
			return names[i].name;
	return NULL;
}
#define FIND(names, number) \
	find(names, sizeof(names) / sizeof(names[0]), number)

const char *
name_of_ioctl(uint32_t command)
{
	/* Their numbers are others' as well. */
	if (command == RKVM_REGISTER_COALESCED_MMIO)
		return "REGISTER_COALESCED_MMIO";
	if (command == RKVM_UNREGISTER_COALESCED_MMIO)
		return "UNREGISTER_COALESCED_MMIO";
	return FIND(ioctls, command & 0xff);
}

const char *
name_of_cap(unsigned cap)
{
	return FIND(caps, cap);
}

const char *
name_of_exit(uint32_t reason)
{
	return FIND(exits, reason);
}

const char *
describe_ioctl(uint32_t command, char *buf, size_t len)
{
	/* Bits 31:30: 1 says that user space writes, 2 that it reads. */
	static const char *const directions[] = { "_IO", "_IOW", "_IOR",
		"_IOWR" };
	unsigned size = command >> 16 & 0x3fff;
	const char *name = name_of_ioctl(command);
	int n;

	n = snprintf(buf, len, "%s(0x%02X, 0x%02X", directions[command >> 30],
	    command >> 8 & 0xff, command & 0xff);
	if (n > 0 && (size_t)n < len && command >> 30 != 0)
		n += snprintf(buf + n, len - (size_t)n, ", %u", size);
	if (n > 0 && (size_t)n < len)
		snprintf(buf + n, len - (size_t)n, ")%s%s",
		    name != NULL ? " KVM_" : "", name != NULL ? name : "");
	return buf;
}
