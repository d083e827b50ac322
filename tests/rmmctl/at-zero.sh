#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A bank may begin at 0, and so a REC or an RD may be there.
. "${srcdir:-.}/tests/rmmctl/lib.sh"
under_daemon "$0" --bank 0,64M

both() {
	run "$rmmctl" "$@"
	expect_status 0 "$*"
}

# who RD KIND: its REC is played by KIND.
who() {
	both --json realm "$1"
	expect_json ".recs[0].who == \"$2\"" "who plays $1: $2"
}

# A realm at g16 with its REC at g0, and another at g48.
shell_ok 'a REC at 0' <<-'END'
	RMI_GRANULE_DELEGATE g0
	let next = g16
	repeat 56
		RMI_GRANULE_DELEGATE $next
		let next = $next+4K
	end
	realm-params g1 s2sz=33 num_bps=1 num_wps=1 rtt_base=g17 rtt_level_start=1 rtt_num_start=1
	RMI_REALM_CREATE g16 g1
	rec-params g1 flags=1 aux=g19:16
	RMI_REC_CREATE g16 g0 g1
	RMI_REALM_ACTIVATE g16
	expect RMI_SUCCESS
	realm-params g1 s2sz=33 num_bps=1 num_wps=1 vmid=1 rtt_base=g49 rtt_level_start=1 rtt_num_start=1
	RMI_REALM_CREATE g48 g1
	rec-params g1 flags=1 aux=g51:16
	RMI_REC_CREATE g48 g50 g1
	RMI_REALM_ACTIVATE g48
	expect RMI_SUCCESS
END
both play wfi --rec 0
who g16 wfi
who g48 off
both play off --rec 0

# It runs, and powers off.
shell_ok 'enter it' <<-'END'
	rec-run g1
	RMI_REC_ENTER g0 g1
	expect RMI_SUCCESS
	rec-exit g1
	expect-value $exit_reason == 3
	RMI_REC_DESTROY g0
	expect RMI_SUCCESS
END

shell_ok 'an RD at 0' <<-'END'
	realm-params g1 s2sz=33 num_bps=1 num_wps=1 vmid=2 rtt_base=g35 rtt_level_start=1 rtt_num_start=1
	RMI_REALM_CREATE g0 g1
	rec-params g1 flags=1 aux=g19:16
	RMI_REC_CREATE g0 g36 g1
	expect RMI_SUCCESS
END
both play wfi --realm 0
who 0 wfi
who g48 off
finish
