/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Accesses of many bytes, as by instructions that tell no syndrome, so that the
 * host can not emulate them: one for each granule that is touched.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "script-state.h"

static void
begin(struct script_run *run, enum rmm_access_kind kind, uint64_t length)
{
	run->access = (struct rmm_access){ .kind = kind };
	run->length = length;
	run->offset = 0;
}

/* The part of the access that is next. */
static bool
prepare_part(struct script_run *run)
{
	struct rmm_access *access = &run->access;
	uint64_t room, left = run->length - run->offset;

	access->ipa = access->va = run->ipa + run->offset;
	room = GRANULE_SIZE - access->ipa % GRANULE_SIZE;
	access->size = (uint32_t)(left < room ? left : room);
	return true;
}

static bool
make_part(struct script_run *run, const struct script_statement *s)
{
	/* A fill is the same byte over and over. */
	uint8_t *data =
	    run->data + (s->verb == SCRIPT_MEM_FILL ? 0 : run->offset);

	return rmm_realm_access(
	    run->rmm, run->rec, &run->access, data, run->result);
}

/* Returns whether that was the last part. */
static bool
part_done(struct script_run *run)
{
	run->offset += run->access.size;
	return run->offset >= run->length;
}

/* ---- mem write, mem fill --------------------------------------------------
 */

static bool
prepare_write(struct script_run *run, const struct script_statement *s)
{
	size_t num;

	if (run->phase > 0)
		return prepare_part(run);
	if (!script_value(run, s, 0, &run->ipa) ||
	    !script_bytes(run, s, run->data, &num))
		return false;
	if (num == 0)
		return script_fail(
		    run, s, s->word.column, "there are no bytes to write");
	begin(run, RMM_WRITE, num);
	return prepare_part(run);
}

static bool
prepare_fill(struct script_run *run, const struct script_statement *s)
{
	uint64_t length, byte;

	if (run->phase > 0)
		return prepare_part(run);
	if (!script_value(run, s, 0, &run->ipa) ||
	    !script_value(run, s, 1, &length) ||
	    !script_value(run, s, 2, &byte))
		return false;
	if (length == 0 || byte > 0xff)
		return script_fail(run, s,
		    script_value_at(run, s, length == 0 ? 1 : 2)->word.column,
		    length == 0 ? "there are no bytes to write"
				: "a byte is at most 0xff");
	memset(run->data, (int)byte, sizeof(run->data));
	begin(run, RMM_WRITE, length);
	return prepare_part(run);
}

static bool
write_done(struct script_run *run, const struct script_statement *s, bool *more)
{
	(void)s;
	*more = !part_done(run);
	return true;
}

const struct script_act script_mem_write = { prepare_write, make_part,
	write_done };
const struct script_act script_mem_fill = { prepare_fill, make_part,
	write_done };

/* ---- mem read, expect-mem -------------------------------------------------
 */

static bool
prepare_read(struct script_run *run, const struct script_statement *s)
{
	uint64_t length = 64;

	if (run->phase > 0)
		return prepare_part(run);
	if (!script_value(run, s, 0, &run->ipa) ||
	    (s->num_values > 1 && !script_value(run, s, 1, &length)))
		return false;
	if (length == 0 || length > SCRIPT_BULK_MAX)
		return script_fail(run, s,
		    script_value_at(run, s, 1)->word.column,
		    "1 to %d bytes can be shown", SCRIPT_BULK_MAX);
	begin(run, RMM_READ, length);
	return prepare_part(run);
}

static bool
read_done(struct script_run *run, const struct script_statement *s, bool *more)
{
	char line[128];

	*more = !part_done(run);
	if (*more)
		return true;
	for (uint64_t i = 0; i < run->length; i += 16) {
		size_t len = (size_t)snprintf(
		    line, sizeof(line), "0x%" PRIx64 ":", run->ipa + i);

		for (uint64_t n = i; n < run->length && n < i + 16; n++)
			len += (size_t)snprintf(line + len, sizeof(line) - len,
			    " %02x", run->data[n]);
		script_say(run, s, line);
	}
	return true;
}

static bool
prepare_expect(struct script_run *run, const struct script_statement *s)
{
	uint8_t bytes[SCRIPT_BULK_MAX];
	size_t num;

	if (run->phase > 0)
		return prepare_part(run);
	if (!script_value(run, s, 0, &run->ipa) ||
	    !script_bytes(run, s, bytes, &num))
		return false;
	if (num == 0)
		return script_fail(
		    run, s, s->word.column, "there are no bytes to expect");
	begin(run, RMM_READ, num);
	return prepare_part(run);
}

static bool
expect_done(
    struct script_run *run, const struct script_statement *s, bool *more)
{
	uint8_t bytes[SCRIPT_BULK_MAX];
	size_t num;

	*more = !part_done(run);
	if (*more)
		return true;
	if (!script_bytes(run, s, bytes, &num))
		return false;
	for (size_t i = 0; i < num; i++)
		if (bytes[i] != run->data[i])
			return script_fail(run, s, s->word.column,
			    "expected 0x%02x at 0x%" PRIx64
			    ", but there is 0x%02x",
			    bytes[i], run->ipa + i, run->data[i]);
	return true;
}

const struct script_act script_mem_read = { prepare_read, make_part,
	read_done };
const struct script_act script_expect_mem = { prepare_expect, make_part,
	expect_done };

/* ---- host-call ------------------------------------------------------------
 * Write the structure, make the call, read the structure.
 */

enum { CALL_WRITES, CALL_CALLS, CALL_READS };

static bool
lay_out(struct script_run *run, const struct script_statement *s)
{
	struct rsi_host_call call = { 0 };
	uint64_t value;

	for (unsigned n = 1; n < s->num_values; n++) {
		unsigned tag = script_value_at(run, s, n)->tag;

		if (!script_value(run, s, n, &value))
			return false;
		if (tag == SCRIPT_TAG_IMM && value > UINT16_MAX)
			return script_fail(run, s,
			    script_value_at(run, s, n)->word.column,
			    "an immediate has 16 bits");
		if (tag == SCRIPT_TAG_IMM)
			call.imm = (uint16_t)value;
		else
			call.gprs[tag] = value;
	}
	memcpy(run->data, &call, sizeof(call));
	return true;
}

static bool
prepare_host_call(struct script_run *run, const struct script_statement *s)
{
	uint64_t x[SMC_REGS] = { RSI_FID_HOST_CALL };

	if (run->phase == 0) {
		run->step = CALL_WRITES;
		if (!script_value(run, s, 0, &run->ipa) || !lay_out(run, s))
			return false;
		begin(run, RMM_WRITE, sizeof(struct rsi_host_call));
	}
	if (run->step != CALL_CALLS)
		return prepare_part(run);
	x[1] = run->ipa;
	memcpy(run->regs.gprs, x, sizeof(x));
	rmm_set_regs(run->rmm, run->rec, &run->regs);
	script_call_begins(run);
	return true;
}

static bool
make_host_call(struct script_run *run, const struct script_statement *s)
{
	return run->step == CALL_CALLS ? script_call_make(run, s)
				       : make_part(run, s);
}

/* The results become the variables gpr0 to gpr30. */
static void
take_results(struct script_run *run)
{
	const struct script *script = run->script;
	struct rsi_host_call call;
	unsigned n;

	memcpy(&call, run->data, sizeof(call));
	for (unsigned i = 0; i < script->num_variables; i++)
		if (script_gpr(&script->variables[i], &n)) {
			run->is_set[i] = true;
			run->variables[i] = call.gprs[n];
		}
}

static bool
host_call_done(
    struct script_run *run, const struct script_statement *s, bool *more)
{
	(void)s;
	*more = true;
	if (run->step == CALL_WRITES) {
		if (part_done(run))
			run->step = CALL_CALLS;
	} else if (run->step == CALL_CALLS) {
		script_call_done(run);
		run->step = CALL_READS;
		begin(run, RMM_READ, sizeof(struct rsi_host_call));
		*more = run->x[0] == RSI_SUCCESS;
	} else if (part_done(run)) {
		take_results(run);
		*more = false;
	}
	return true;
}

const struct script_act script_host_call = { prepare_host_call, make_host_call,
	host_call_done };
