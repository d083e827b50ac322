/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A sequence in the language of "rmmctl shell", with what the model has
 * answered.  Pages that the host could not write at that moment are left out.
 */
#include "config.h"

#include "model.h"

#include <inttypes.h>
#include <string.h>

struct script {
	FILE *file;
	const struct setup *setup;
};

/* gN for a granule of the first bank, which is how a person counts. */
static void
put_value(const struct script *s, uint64_t value)
{
	const struct rmm_bank *bank = &s->setup->banks[0];

	if (value - bank->base < bank->size && value % GRANULE_SIZE == 0)
		(void)fprintf(
		    s->file, "g%" PRIu64, (value - bank->base) / GRANULE_SIZE);
	else if (value < 10)
		(void)fprintf(s->file, "%" PRIu64, value);
	else
		(void)fprintf(s->file, "0x%" PRIx64, value);
}

static void
put_field(const struct script *s, const char *name, uint64_t value)
{
	if (value == 0)
		return;
	(void)fprintf(s->file, " %s=", name);
	put_value(s, value);
}

static void
put_realm(const struct script *s, const struct realm_page *p)
{
	put_field(s, "flags", p->flags);
	put_field(s, "s2sz", p->s2sz);
	put_field(s, "sve_vl", p->sve_vl);
	put_field(s, "num_bps", p->num_bps);
	put_field(s, "num_wps", p->num_wps);
	put_field(s, "pmu_num_ctrs", p->pmu_num_ctrs);
	put_field(s, "hash_algo", p->hash_algo);
	if (p->rpv != 0)
		(void)fprintf(s->file, " rpv=%02x", p->rpv);
	put_field(s, "vmid", p->vmid);
	put_field(s, "rtt_base", p->rtt_base);
	put_field(s, "rtt_level_start", (uint64_t)p->rtt_level_start);
	put_field(s, "rtt_num_start", p->rtt_num_start);
}

static void
put_rec(const struct script *s, const struct rec_page *p)
{
	char name[16];

	put_field(s, "flags", p->flags);
	put_field(s, "mpidr", p->mpidr);
	put_field(s, "pc", p->pc);
	put_field(s, "gprs[0]", p->gpr0);
	put_field(s, "num_aux", p->num_aux);
	for (int i = 0; i < RMI_REC_AUX_MAX; i++) {
		(void)snprintf(name, sizeof name, "aux[%d]", i);
		put_field(s, name, p->aux[i]);
	}
}

static void
put_page(const struct script *s, const struct op *op)
{
	static const char *const verbs[] = {
		[PAGE_REALM] = "realm-params",
		[PAGE_REC] = "rec-params",
		[PAGE_RUN] = "rec-run",
	};

	(void)fprintf(s->file, "%s ", verbs[op->page]);
	put_value(s, op_page_address(op));
	if (op->page == PAGE_REALM)
		put_realm(s, &op->u.realm);
	if (op->page == PAGE_REC)
		put_rec(s, &op->u.rec);
	if (op->page == PAGE_RUN) {
		put_field(s, "flags", op->u.run.flags);
		put_field(s, "gicv3_hcr", op->u.run.gicv3_hcr);
		put_field(s, "gicv3_lrs[0]", op->u.run.lrs[0]);
		put_field(s, "gicv3_lrs[1]", op->u.run.lrs[1]);
	}
	(void)fputc('\n', s->file);
}

static void
put_call(const struct script *s, const struct op *op)
{
	const struct smc_abi *abi;
	unsigned num = 0;

	for (size_t n = 0; (abi = rmm_command_at(n)) != NULL; n++)
		if (abi->fid == op->x[0])
			break;
	if (abi != NULL) {
		(void)fputs(abi->name, s->file);
		while (abi->inputs[num] != NULL)
			num++;
	} else {
		(void)fprintf(s->file, "smc 0x%" PRIx64, op->x[0]);
		num = MODEL_ARGS - 1;
	}
	for (unsigned i = 1; i <= num; i++) {
		(void)fputc(' ', s->file);
		put_value(s, op->x[i]);
	}
	(void)fputc('\n', s->file);
}

static void
put_expect(const struct script *s, const struct rmm_answer *answer)
{
	static const char *const names[] = { "RMI_SUCCESS", "RMI_ERROR_INPUT",
		"RMI_ERROR_REALM", "RMI_ERROR_REC", "RMI_ERROR_RTT" };
	unsigned status = RMI_STATUS(answer->x[0]);

	if (answer->x[0] == SMC_NOT_SUPPORTED) {
		(void)fputs("expect SMC_NOT_SUPPORTED\n", s->file);
		return;
	}
	if (status > RMI_ERROR_RTT) {
		(void)fprintf(s->file, "# X0 is 0x%" PRIx64 "\n", answer->x[0]);
		return;
	}
	(void)fprintf(s->file, "expect %s", names[status]);
	if (RMI_INDEX(answer->x[0]) != 0)
		(void)fprintf(s->file, " %u", RMI_INDEX(answer->x[0]));
	if (answer->condition != NULL)
		(void)fprintf(s->file, " %s", answer->condition);
	(void)fputc('\n', s->file);
}

static void
put_op(const struct script *s, const struct pair *pair, const struct op *op)
{
	switch (op->kind) {
	case OP_CALL:
		if (pair->page_written)
			put_page(s, op);
		put_call(s, op);
		put_expect(s, &pair->answer);
		break;
	case OP_FILL:
		if (!pair->page_written)
			break;
		(void)fputs("mem fill ", s->file);
		put_value(s, op->x[0]);
		(void)fprintf(s->file, " 4K %" PRIu64 "\n", op->x[1] & 0xff);
		break;
	case OP_RESET:
		(void)fputs("reset\n", s->file);
		break;
	case OP_ACT:
		(void)fputs("# here the realm acts, by REC ", s->file);
		put_value(s, op->x[0]);
		(void)fputs(": ", s->file);
		act_print(s->file,
		    &(const struct act){ op_act(op).kind,
			{ op->x[2], op->x[3], op->x[4], op->x[5] } });
		(void)fprintf(s->file, " (outcome %d)\n", pair->result.outcome);
		break;
	case OP_ASK_RIPAS:
		(void)fputs("# here the realm asks, by REC ", s->file);
		put_value(s, op->x[0]);
		(void)fprintf(s->file,
		    ", for RIPAS %" PRIu64 " from 0x%" PRIx64 " to 0x%" PRIx64
		    "\n",
		    op->x[3] & 1, op->x[1], op->x[2]);
		break;
	case OP_ASK_PSCI:
		(void)fputs("# here the realm calls PSCI, by REC ", s->file);
		put_value(s, op->x[0]);
		(void)fprintf(s->file,
		    ": 0x%" PRIx64 " for MPIDR 0x%" PRIx64 "\n", op->x[1],
		    op->x[2]);
		break;
	}
}

void
script_write(FILE *file, struct pair *pair, const struct sequence *sequence,
    const char *origin)
{
	struct script s = { .file = file, .setup = pair->setup };
	struct verdict verdict = pair->verdict;
	bool good = true;

	(void)fprintf(file, "# %s: %s\n# %s\n# Replay it:\n# rmmd --no-config",
	    verdict.kind, verdict.why, origin);
	setup_options(file, pair->setup);
	if (pair->plant != NULL)
		(void)fprintf(file, " --plant %s", pair->plant);
	(void)fputs(" --run rmmctl shell FILE\n", file);
	pair_reset(pair);
	pair->careful = true;
	for (size_t i = 0; i < sequence->num && good; i++) {
		good = pair_do(pair, &sequence->ops[i]);
		put_op(&s, pair, &sequence->ops[i]);
	}
	pair->careful = false;
	(void)fprintf(file, "# here: %s\n", verdict.why);
	pair->verdict = verdict;
}
