/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Drives a fuzz target without libFuzzer, so that every compiler can run the
 * inputs that are kept, and mutations of them that are the same each time:
 *
 *	fuzz-NAME [-r RUNS] [-s SEED] FILE|DIRECTORY...
 *
 * A target that takes any bytes needs no inputs to start from:
 *
 *	fuzz-NAME -l BYTES [-r RUNS] [-s SEED] [FILE|DIRECTORY...]
 */
#include "config.h"

#include <dirent.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_MAX  65536u
#define INPUTS_MAX 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	uint8_t *data;
	size_t size;
};

static struct input inputs[INPUTS_MAX];
static size_t num_inputs;

/* xorshift64*: the same numbers everywhere. */
static uint64_t state = 1;

static uint64_t
draw(uint64_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return below == 0 ? 0 : (state * 0x2545f4914f6cdd1dull >> 16) % below;
}

static void
load_file(const char *path)
{
	struct input *input = &inputs[num_inputs];
	FILE *file = fopen(path, "rb");

	if (file == NULL)
		err(1, "%s", path);
	if (num_inputs == INPUTS_MAX)
		errx(1, "more than %u inputs", INPUTS_MAX);
	input->data = malloc(INPUT_MAX);
	if (input->data == NULL)
		err(1, "%s", path);
	input->size = fread(input->data, 1, INPUT_MAX, file);
	fclose(file);
	num_inputs++;
}

static void
load(const char *path)
{
	struct dirent **entries;
	char inner[4096];
	struct stat st;
	int i, num;

	if (stat(path, &st) != 0)
		err(1, "%s", path);
	if (!S_ISDIR(st.st_mode)) {
		load_file(path);
		return;
	}
	/* Sorted, so that a seed names the same run everywhere. */
	num = scandir(path, &entries, NULL, alphasort);
	if (num < 0)
		err(1, "%s", path);
	for (i = 0; i < num; i++) {
		snprintf(
		    inner, sizeof(inner), "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			load_file(inner);
		free(entries[i]);
	}
	free(entries);
}

/* A copy of exactly its size: a sanitizer sees who reads beyond it. */
static void
run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);

	if (copy == NULL)
		err(1, "memory");
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

/* One small change. */
static size_t
mutate(uint8_t *data, size_t size)
{
	const struct input *other = &inputs[draw(num_inputs)];
	size_t at = draw(size), len = draw(64), from = draw(other->size);

	switch (draw(5)) {
	case 0: /* a bit */
		if (size > 0)
			data[at] ^= (uint8_t)(1u << draw(8));
		return size;
	case 1: /* a byte that is likely to matter */
		if (size > 0)
			data[at] = (uint8_t)(draw(3) * 0x7f + draw(3));
		return size;
	case 2: /* cut */
		len = len > size - at ? size - at : len;
		memmove(data + at, data + at + len, size - at - len);
		return size - len;
	case 3: /* repeat */
		len = len > size - at ? size - at : len;
		if (size + len > INPUT_MAX)
			return size;
		memmove(data + at + len, data + at, size - at);
		return size + len;
	default: /* a piece of another */
		len = len > other->size - from ? other->size - from : len;
		len = len > size - at ? size - at : len;
		memcpy(data + at, other->data + from, len);
		return size;
	}
}

/* An input of bytes that are all drawn. */
static void
fill(uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)draw(256);
}

int
main(int argc, char **argv)
{
	static uint8_t data[INPUT_MAX];
	unsigned long long runs = 0, seed = 1, i;
	const struct input *input;
	size_t size, n, length = 0;
	int option;

	while ((option = getopt(argc, argv, "l:r:s:")) != -1) {
		if (option == 'r')
			runs = strtoull(optarg, NULL, 0);
		else if (option == 's')
			seed = strtoull(optarg, NULL, 0);
		else if (option == 'l')
			length = strtoull(optarg, NULL, 0);
		else
			return 2;
	}
	for (; optind < argc; optind++)
		load(argv[optind]);
	if ((num_inputs == 0 && length == 0) || length > INPUT_MAX)
		errx(2,
		    "usage: %s [-l BYTES] [-r RUNS] [-s SEED] "
		    "[FILE|DIRECTORY...]",
		    argv[0]);
	for (n = 0; n < num_inputs; n++)
		run(inputs[n].data, inputs[n].size);
	state = seed * 2 + 1;
	for (i = 0; i < runs; i++) {
		if (length > 0) {
			fill(data, length);
			run(data, length);
			continue;
		}
		input = &inputs[draw(num_inputs)];
		size = input->size;
		memcpy(data, input->data, size);
		for (n = 1 + draw(8); n > 0; n--)
			size = mutate(data, size);
		run(data, size);
	}
	printf(
	    "%zu inputs, %llu more drawn, seed %llu\n", num_inputs, runs, seed);
	for (n = 0; n < num_inputs; n++)
		free(inputs[n].data);
	return 0;
}
