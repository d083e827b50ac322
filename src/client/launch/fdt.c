/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A minimal device tree, as a flattened blob (Devicetree Specification v0.4,
 * chapter 5): RAM, CPUs, PSCI by SMC, and the command line.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launch.h"

#define FDT_MAGIC      0xd00dfeedu
#define FDT_VERSION    17
#define FDT_COMPATIBLE 16
#define FDT_BEGIN_NODE 1u
#define FDT_END_NODE   2u
#define FDT_PROP       3u
#define FDT_END	       9u
#define HEADER_SIZE    40u
#define RESERVED_SIZE  16u /* one empty entry ends the list */

struct block {
	char *bytes;
	size_t size;
	FILE *file;
};

struct tree {
	struct block structure;
	struct block strings;
};

static void
put32(struct block *block, uint32_t value)
{
	value = htobe32(value);
	fwrite(&value, sizeof(value), 1, block->file);
}

/* Bytes, and zeros up to a multiple of 4. */
static void
put_bytes(struct block *block, const void *bytes, size_t size)
{
	fwrite(bytes, 1, size, block->file);
	while (size++ % 4 != 0)
		fputc(0, block->file);
}

static void
begin_node(struct tree *tree, const char *name)
{
	put32(&tree->structure, FDT_BEGIN_NODE);
	put_bytes(&tree->structure, name, strlen(name) + 1);
}

static void
end_node(struct tree *tree)
{
	put32(&tree->structure, FDT_END_NODE);
}

static void
property(struct tree *tree, const char *name, const void *value, size_t size)
{
	put32(&tree->structure, FDT_PROP);
	put32(&tree->structure, (uint32_t)size);
	put32(&tree->structure, (uint32_t)ftell(tree->strings.file));
	put_bytes(&tree->structure, value, size);
	fwrite(name, 1, strlen(name) + 1, tree->strings.file);
}

static void
property_string(struct tree *tree, const char *name, const char *value)
{
	property(tree, name, value, strlen(value) + 1);
}

static void
property_cell(struct tree *tree, const char *name, uint32_t value)
{
	value = htobe32(value);
	property(tree, name, &value, sizeof(value));
}

static void
memory_node(struct tree *tree, const struct options *options)
{
	uint64_t reg[2] = { htobe64(options->ram_base),
		htobe64(options->memory) };
	char name[40];

	snprintf(name, sizeof(name), "memory@%llx",
	    (unsigned long long)options->ram_base);
	begin_node(tree, name);
	property_string(tree, "device_type", "memory");
	property(tree, "reg", reg, sizeof(reg));
	end_node(tree);
}

/* MPIDR affinity of a CPU: sixteen to a cluster, as the kernel numbers them. */
static uint32_t
affinity(unsigned cpu)
{
	return (cpu & 0xf) | (cpu >> 4) << 8;
}

static void
cpu_nodes(struct tree *tree, const struct options *options)
{
	char name[24];

	begin_node(tree, "cpus");
	property_cell(tree, "#address-cells", 1);
	property_cell(tree, "#size-cells", 0);
	for (unsigned cpu = 0; cpu < options->vcpus; cpu++) {
		snprintf(name, sizeof(name), "cpu@%x", affinity(cpu));
		begin_node(tree, name);
		property_string(tree, "device_type", "cpu");
		property_string(tree, "compatible", "arm,armv8");
		property_string(tree, "enable-method", "psci");
		property_cell(tree, "reg", affinity(cpu));
		end_node(tree);
	}
	end_node(tree);
}

static void
root_node(struct tree *tree, const struct options *options)
{
	static const char psci[] = "arm,psci-1.0\0arm,psci-0.2";

	begin_node(tree, "");
	property_cell(tree, "#address-cells", 2);
	property_cell(tree, "#size-cells", 2);
	property_string(tree, "compatible", "linux,dummy-virt");
	property_string(tree, "model", "rmm-launch");
	begin_node(tree, "chosen");
	if (options->append != NULL)
		property_string(tree, "bootargs", options->append);
	end_node(tree);
	memory_node(tree, options);
	cpu_nodes(tree, options);
	begin_node(tree, "psci");
	property(tree, "compatible", psci, sizeof(psci));
	property_string(tree, "method", "smc");
	end_node(tree);
	end_node(tree);
	put32(&tree->structure, FDT_END);
}

/* Header, an empty list of reservations, structure, strings. */
static uint8_t *
assemble(const struct tree *tree, size_t *size)
{
	uint32_t at = HEADER_SIZE + RESERVED_SIZE;
	uint32_t structure = (uint32_t)tree->structure.size;
	uint32_t strings = (uint32_t)tree->strings.size;
	const uint32_t header[HEADER_SIZE / 4] = { FDT_MAGIC,
		at + structure + strings, at, at + structure, HEADER_SIZE,
		FDT_VERSION, FDT_COMPATIBLE, 0, strings, structure };
	uint8_t *blob;

	*size = at + structure + strings;
	blob = calloc(1, *size);
	if (blob == NULL)
		return NULL;
	for (size_t i = 0; i < HEADER_SIZE / 4; i++) {
		uint32_t value = htobe32(header[i]);

		memcpy(blob + 4 * i, &value, sizeof(value));
	}
	memcpy(blob + at, tree->structure.bytes, structure);
	memcpy(blob + at + structure, tree->strings.bytes, strings);
	return blob;
}

static void
open_block(struct block *block)
{
	block->file = open_memstream(&block->bytes, &block->size);
	if (block->file == NULL)
		die("no memory");
}

uint8_t *
fdt_make(const struct options *options, size_t *size)
{
	struct tree tree = { { 0 }, { 0 } };
	uint8_t *blob;

	open_block(&tree.structure);
	open_block(&tree.strings);
	root_node(&tree, options);
	if (fclose(tree.structure.file) != 0 || fclose(tree.strings.file) != 0)
		die("no memory");
	blob = assemble(&tree, size);
	free(tree.structure.bytes);
	free(tree.strings.bytes);
	return blob;
}
