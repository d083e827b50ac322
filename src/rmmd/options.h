/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What rmmd is told to do: by its command line, its environment and its
 * configuration file, in that order of precedence.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "banks.h"
#include "log.h"
#include "realm/actor.h"
#include "rmm/rmm.h"

enum option_source { FROM_DEFAULT, FROM_FILE, FROM_ENVIRONMENT, FROM_COMMAND };

struct options {
	char *socket, *control; /* absolute paths; NULL: the default */
	char *log_file, *pid_file, *config;
	char *cpak, *rak; /* PEM texts; NULL: keys of the seed */
	bool first_look;  /* files are left alone: a pipe is read once */
	bool no_config, foreground, help, version;
	enum log_level log_level;
	enum option_source log_level_source, banks_source;
	enum option_source components_source, rotpks_source;
	struct rmm_bank banks[BANKS_MAX];
	size_t num_banks;
	struct role realm;  /* who plays the realms; without a kind: off */
	uint64_t cpu_grace; /* milliseconds for a processor to react */
	bool list_plants;
	const char *plant;	   /* a defect, in argv; NULL: none */
	struct rmm_config machine; /* banks are in banks[] */
	uint64_t max_clients;	   /* of one socket */
	uint64_t rim_log_limit;	   /* steps of one realm */
	char **run;		   /* the command's argv; NULL: none */
};

/* Everything together.  To be released even if this fails. */
bool options_load(
    struct options *options, int argc, char **argv, struct failure *why);
void options_release(struct options *options);
void options_help(void);
void options_list_plants(void);

/*
 * Set one option by its long name.
 *
 * value: NULL if none was given.
 */
bool option_set(struct options *options, const char *name, const char *value,
    enum option_source source, struct failure *why);

/* Every option in a file (rmmd.conf(5)). */
bool config_file_read(
    struct options *options, const char *path, struct failure *why);

#endif
