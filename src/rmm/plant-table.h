/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a planted defect is made of, for those who make them: it leaves a
 * condition out, or has something to do before the call (look at the state,
 * alter the inputs) or after it (alter answer or state), or to an exit's
 * record.  None may make the machine unsafe for the host process, whatever
 * calls follow.
 */
#ifndef PLANT_TABLE_H
#define PLANT_TABLE_H

#include "command.h"
#include "realm.h"
#include "rec.h"

struct planted {
	struct call *c;
	struct rmm *rmm;
	struct rmm_answer *answer;
	uint64_t x[SMC_REGS];
	/* What before() has seen. */
	struct realm realm; /* of rd */
	struct rec rec;	    /* of X1, a REC */
};

struct plant {
	struct rmm_plant is; /* name: NULL after the last */
	uint64_t fid;
	const char *omit; /* a condition that is not checked */
	void (*before)(struct planted *p);
	void (*after)(struct planted *p);
	/* Alter the record of an exit. */
	void (*exit)(const struct rec *rec, struct rmi_rec_exit *exit);
};

#define PLANT(INTERFACE, COMMAND, name_, about_, ...)         \
	{                                                     \
		.is = { .name = name_,                        \
			.command = #INTERFACE "_" #COMMAND,   \
			.about = about_,                      \
			.realm = PLANTS_OF_REALM },           \
		.fid = INTERFACE##_FID_##COMMAND, __VA_ARGS__ \
	}

/* Of the host's commands, and of the realm's with its exits. */
extern const struct plant plants_rmi[];
extern const struct plant plants_realm[];

#endif
