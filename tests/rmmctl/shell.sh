#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Every statement of the shell against a machine, and every error that only
# shows while it runs, with its line and column.
# shellcheck disable=SC2016 # the shell of rmmctl has variables too
. "${srcdir:-.}/tests/rmmctl/lib.sh"
under_daemon "$0" --bank 0x80000000,1G --bank 0x9000000,64K,device

# ---- calls --------------------------------------------------------------------
shell_ok 'calls by name, by id and raw' <<-'END'
	RMI_VERSION 0x10000
	expect RMI_SUCCESS
	expect SUCCESS
	expect 0
	expect-value $lower == 0x10000
	rmi_version 64K
	Version 0x10000
	expect-value $x2 == $higher
	0xC4000150 0x10000
	expect-value $x1 == 0x10000
	smc 0xC4000150 0x10000
	expect-value $status == 0
	smc 0xC4000000 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17
	expect SMC_NOT_SUPPORTED
	expect NOT_SUPPORTED
	expect-value $x0 == -1
	expect 0xffffffffffffffff
	RMI_VERSION 0x20000
	expect RMI_ERROR_INPUT
	expect-value $status == 1
	expect-value $higher == 0x10000
	pe 3
	RMI_FEATURES 0
	expect-value $value != 0
	RMI_FEATURES 1
	expect-value $value == 0
END
[ "$(grep -c '^RMI_SUCCESS lower=0x10000 higher=0x10000$' <<<"$out")" = 5 ] ||
	fail 'five ways to call RMI_VERSION'
expect_out '^SMC_NOT_SUPPORTED$' 'an unknown function id'
expect_out '^RMI_ERROR_INPUT .*lower=0x10000 higher=0x10000' 'VERSION 2.0'
expect_out '^RMI_SUCCESS value=0x0$' 'FEATURES 1'

# ---- granules and what was expected ---------------------------------------------
shell_ok 'granules' <<-'END'
	granule g2
	expect-granule g2 UNDELEGATED
	RMI_GRANULE_DELEGATE g2
	expect-granule g2 DELEGATED
	expect-granule g2+0xfff delegated
	granule g2+0x10
	RMI_GRANULE_DELEGATE g2
	expect RMI_ERROR_INPUT
	expect RMI_ERROR_INPUT gran_state
	expect ERROR_INPUT 0 gran_state
	RMI_GRANULE_UNDELEGATE g2
	granule 0x9000000
	granule 0
END
expect_out '^granule 0x80002000 UNDELEGATED$' 'granule'
expect_out '^granule 0x80002000 DELEGATED$' 'granule'
expect_out '^RMI_ERROR_INPUT gran_state: .*0x80002000' 'the reason'
expect_out '^granule 0x9000000 no DRAM$' 'a device'
expect_out '^granule 0x0 no DRAM$' 'no bank'

# unmet ERROR STATEMENT...: a call, and what is wrongly expected of it.
unmet() {
	shell_fails 1 "2:2: $1" "$2" <<<"RMI_GRANULE_DELEGATE 1
 $2"
}
unmet '"expect": not met: .* RMI_ERROR_INPUT gran_align' 'expect RMI_SUCCESS'
unmet '"expect": not met' 'expect RMI_ERROR_RTT'
unmet '"expect": not met' 'expect RMI_ERROR_INPUT 1'
unmet '"expect": not met' 'expect RMI_ERROR_INPUT gran_state'
unmet '"expect": not met' 'expect RMI_ERROR_INPUT gran_alig'
unmet '"expect": not met' 'expect 0x101'
unmet '"expect": not met' 'expect SMC_NOT_SUPPORTED'
unmet '"expect-granule": not met: granule 0x80000000 is UNDELEGATED' \
	'expect-granule g0 DATA'
unmet '"expect-granule": not met' 'expect-granule g0 UNDELEGATE'

# ---- memory ---------------------------------------------------------------------
printf 'The contents of a file.' >'a file'
shell_ok 'memory' <<-'END'
	mem write g1 0x1122334455667788 0x99:1 0xaabb:2 -1:4
	expect-mem g1 0x1122334455667788 0x99:1 0xaabb:2 -1:4
	expect-mem g1+1 0x77:1
	mem read g1 16
	mem fill g1+16 16 0x41
	mem read g1+8 32
	mem load g3+1 "a file"
	mem read g3 24
	mem load g4 "a file" 4 8
	mem read g4 8
	mem load g4 "a file" 23
	mem fill g262143 4K 0xff
	mem read 0xbfffffff 1
	mem fill g10 0 1
	mem read g1
END
expect_out '^0x80001000: 88 77 66 55 44 33 22 11 99 bb aa ff ff ff ff 00 \|' write
expect_out '^0x80001018: 41 41 41 41 41 41 41 41 00 00 .*\|AAAAAAAA\.{8}\|$' fill
expect_out '^0x80003000: 00 54 68 65 .*\|\.The contents of\|$' 'load'
expect_out '^0x80004000: 63 6f 6e .*\|contents\|$' 'load a part'
expect_out '^0xbfffffff: ff .*\|\.\|$' 'the last byte'

# wrong PLACE ERROR STATEMENT: it fails while it runs.
wrong() {
	shell_fails 1 "2:$1: $2" "$3" <<<"
$3"
}
wrong 10 '"0": .* is not within one bank of DRAM' 'mem read 0'
wrong 10 '"0x9000000": .* not within one bank' 'mem read 0x9000000'
wrong 10 '"0xbfffffff": .* not within one bank' 'mem read 0xbfffffff 2'
wrong 10 '"-1": .* not within one bank' 'mem read -1 1'
wrong 13 '"0": mem read shows 1 to 65536 bytes' 'mem read g1 0'
wrong 13 '"65537": mem read shows' 'mem read g1 65537'
wrong 14 '"256": 0x100 has no room in 1 byte' 'mem write g1 256:1'
wrong 15 '"0x100": 0x100 has no room in 1 byte' 'mem fill g1 1 0x100'
wrong 13 '"257M": one statement writes at most 256 MiB' 'mem fill g1 257M 0'
wrong 10 '"g262143": .* not within one bank' 'mem fill g262143 8K 0'
wrong 11 '"g262144-4": .* not within one bank' 'mem write g262144-4 1'
wrong 13 '"no file": No such file' 'mem load g1 "no file"'
wrong 13 '"/dev/zero": not a regular file' 'mem load g1 /dev/zero'
wrong 22 '"24": the file has 23 bytes' 'mem load g1 "a file" 24'
wrong 24 '"23": the file has 23 bytes' 'mem load g1 "a file" 1 23'
wrong 22 '"256": 0x100 has no room in 1 byte' 'realm-params g1 s2sz=256'
wrong 14 '"1": .* is not within one bank' 'realm-params 1 s2sz=1'
wrong 23 '"nope": no such variable' 'realm-params g1 s2sz=$nope'
wrong 1 '"rtt": the control socket' 'rtt 0x80000000'
expect_err 'no realm' 'rtt of no realm'
wrong 1 '"rim": the control socket' 'rim'
expect_err 'the machine has no realm' 'rim of no realm'

wrong 12 '"0": .* is not within one bank' 'expect-mem 0 0'
wrong 1 '"expect-mem": not met: the byte at 0x80001009 is 0xbb, not 0xba' \
	'expect-mem g1+8 0x99:1 0xaaba:2'

# ---- pages by the names of their fields --------------------------------------------
shell_ok 'pages' <<-'END'
	mem fill g1 4K 0xff
	realm-params g1 flags=1 s2sz=40 sve_vl=2 num_bps=3 num_wps=4 pmu_num_ctrs=5 hash_algo=sha-512 rpv=00ff10 vmid=0x1234 rtt_base=g2 rtt_level_start=-1 rtt_num_start=16
	mem read g1 64
	mem read g1+0x400 16
	mem read g1+0x800 32
	rec-params g2 flags=1 mpidr=0x80000001 pc=g3 gprs[0]=1 gprs[7]=2 aux=g100:2
	mem read g2+0x300 64
	mem read g2+0x800 32
	rec-params g3 num_aux=1 aux[15]=g9
	mem read g3+0x880 8
	rec-run g4 flags=0x10 gprs[30]=7 gicv3_hcr=8 gicv3_lrs[15]=9
	mem read g4+0x2f0 8
	mem read g4+0x380 16
	mem read g4 8
END
expect_out '^0x80001000: 01 00 00 00 00 00 00 00 28 00' 'flags, s2sz'
expect_out '^0x80001010: 02 00 00 00 00 00 00 00 03 00' 'sve_vl, num_bps'
expect_out '^0x80001020: 04 00 00 00 00 00 00 00 05 00' 'num_wps, pmu'
expect_out '^0x80001030: 01 00' 'hash_algo'
expect_out '^0x80001400: 00 ff 10 00' 'rpv'
expect_out '^0x80001800: 34 12 00 00 00 00 00 00 00 20 00 80 ' 'vmid, rtt_base'
expect_out '^0x80001810: ff ff ff ff ff ff ff ff 10 00 00 00 00' 'level, num'
expect_out '^0x80002300: 01 00 00' 'gprs[0]'
expect_out '^0x80002330: 00 00 00 00 00 00 00 00 02 00' 'gprs[7]'
expect_out '^0x80002800: 02 00 00 00 00 00 00 00 00 40 06 80 ' 'num_aux, aux[0]'
expect_out '^0x80002810: 00 50 06 80 ' 'aux[1]'
expect_out '^0x80003880: 00 90 00 80 ' 'aux[15]'
expect_out '^0x800042f0: 07 00' 'gprs[30]'
expect_out '^0x80004380: 09 00 00 00 00 00 00 00 00 00' 'gicv3_lrs[15]'
expect_out '^0x80004000: 10 00' 'rec-run flags'

# ---- a realm from the cradle to the grave --------------------------------------------
cat >life <<-'END'
	let n = g16
	repeat 24
		RMI_GRANULE_DELEGATE $n
		let n = $n+4K
	end
	realm-params g0 s2sz=33 num_bps=1 num_wps=1 rtt_base=g17 rtt_level_start=1 rtt_num_start=1
	RMI_REALM_CREATE g16 g0
	rim
	rim g16
	RMI_RTT_CREATE g16 g18 0 3
	expect RMI_ERROR_RTT 1
	RMI_RTT_CREATE g16 g18 0 2
	RMI_RTT_CREATE g16 g19 0 3
	expect RMI_SUCCESS
	mem fill g1 4K 0x42
	RMI_DATA_CREATE g16 g20 0 g1 1
	expect-granule g20 DATA
	mem read g20 16
	expect-mem g20 0 0
	rtt g16
	rec-params g0 flags=1 aux=g22:16
	RMI_REC_CREATE g16 g21 g0
	expect RMI_SUCCESS
	RMI_REALM_ACTIVATE g16
	rec-run g0
	RMI_REC_ENTER g21 g0
	expect RMI_SUCCESS
	rec-exit g0
	expect-value $exit_reason == 3
	expect-value $gpr0 == 0x84000008
	RMI_REC_ENTER g21 g0
	expect RMI_ERROR_REALM 1
	RMI_REC_DESTROY g21
	RMI_DATA_DESTROY g16 0
	expect-value $data == g20
	let data = 5
	expect-value $data == 5
	RMI_RTT_DESTROY g16 0 3
	expect-value $rtt == g19
	RMI_RTT_DESTROY g16 0 2
	RMI_REALM_DESTROY g16
	expect RMI_SUCCESS
END
shell_ok 'a realm' <life
expect_out '^rim sha-256 [0-9a-f]{64}$' 'rim'
expect_out '^RMI_ERROR_RTT 1 ' 'the index of an error'
expect_out '^0x80014000: 00 00 00 00 00 00 00 00 00 ' 'realm memory is not read'
expect_out '^    L3 0x0 4 KiB ASSIGNED RAM -> 0x80014000$' 'rtt'
expect_out '^RMI_EXIT_PSCI exit_reason=0x3 gpr0=0x84000008$' 'rec-exit'
expect_out '^RMI_SUCCESS data=0x80014000 top=0x' 'outputs by name'

# The measurement, expected right and wrong.
rim=$(sed -n 's/^rim sha-256 //p' <<<"$out" | tail -1)
shell_ok 'expect-rim' <<-END
	reset
	$(sed '/^rim g16/q' life)
	expect-rim $rim
	expect-rim $rim g16
	expect-rim ${rim^^}
END
shell_fails 1 "1:1: \"expect-rim\": not met: the RIM is $rim" 'expect-rim' <<-END
	expect-rim ${rim//[0-9]/0}
END
shell_ok 'reset' <<-'END'
	reset
	expect-granule g16 UNDELEGATED
	help
	quit
END
expect_out '^expect STATUS' 'help'

shell_ok 'violated' <<-'END'
	RMI_DATA_CREATE g16+1 g17 1 g18 0
	violated
	expect RMI_ERROR_INPUT rd_align
	RMI_VERSION 0x10000
	violated
END
expect_out '^violated rd_align ipa_align data_state rd_state$' 'violated'
expect_out '^violated nothing$' 'violated'
shell_fails 1 '1:1: "violated": there was no call yet' 'violated, no call' <<-'END'
	violated
END

# A daemon that dies in the middle of a script: an error with its place.
# until_true COMMAND...: the outcome counts, not the time.
until_true() {
	local i
	for ((i = 0; i < 600; i++)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	fail "still not: $*"
}
"$builddir/rmmd" --no-config --log-level error --foreground \
	--socket "$workdir/host" --control "$workdir/control" &
daemon=$!
until_true "$rmmctl" --control "$workdir/control" status
mkfifo lines
"$rmmctl" --socket "$workdir/host" --control "$workdir/control" shell \
	<lines >.out 2>.err &
shell=$!
exec 3>lines
echo 'RMI_VERSION 0x10000' >&3
until_true grep RMI_SUCCESS .out
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null
echo 'RMI_VERSION 0x10000' >&3
exec 3>&-
wait "$shell"
status=$?
out=$(cat .out)
err=$(cat .err)
expect_status 1 'a daemon that dies'
expect_err '^stdin:2:1: "RMI_VERSION": ' 'a daemon that dies'
finish
