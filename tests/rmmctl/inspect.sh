#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Every command of rmmctl, as text and as JSON, on a machine with two realms:
# the first with a tree and a REC, the second with SHA-512 and nothing more.
. "${srcdir:-.}/tests/rmmctl/lib.sh"
under_daemon "$0" --bank 0x80000000,1G --bank 0x1000000000,64M

both() {
	run "$rmmctl" "$@"
	expect_status 0 "$*"
}

# Before there is anything.
both realms
expect_out '^no realms$' 'no realms'
both --json realms
expect_json '.realms == []' 'no realms'
both granules
[ -z "$out" ] || fail 'granules of a fresh machine'
both --json granules --all
expect_json '.runs | map([.pa, .count, .state]) ==
	[["0x80000000", 262144, "UNDELEGATED"],
	 ["0x1000000000", 16384, "UNDELEGATED"]]' 'granules --all'
run "$rmmctl" rim
expect_status 1 'rim without a realm'
expect_err 'the machine has no realm' 'rim without a realm'
run "$rmmctl" realm 0x80010000
expect_status 1 'no such realm'
expect_err 'no realm' 'no such realm'

shell_ok 'two realms' <<-'END'
	let next = g16
	repeat 32
		RMI_GRANULE_DELEGATE $next
		let next = $next+4K
	end
	realm-params g0 s2sz=33 num_bps=1 num_wps=1 vmid=7 rpv=6162 rtt_base=g17 rtt_level_start=1 rtt_num_start=1
	RMI_REALM_CREATE g16 g0
	expect RMI_SUCCESS
	RMI_RTT_CREATE g16 g18 0 2
	RMI_RTT_CREATE g16 g19 0 3
	mem fill g1 4K 0x11
	RMI_DATA_CREATE g16 g20 0 g1 1
	RMI_DATA_CREATE g16 g21 4K g1 0
	expect RMI_SUCCESS
	RMI_RTT_INIT_RIPAS g16 0x2000 0x4000
	expect RMI_SUCCESS
	expect-value $out_top == 0x4000
	RMI_REC_AUX_COUNT g16
	expect-value $aux_count == 16
	rec-params g0 flags=1 pc=0x1000 gprs[0]=0x77 aux=g23:16
	RMI_REC_CREATE g16 g22 g0
	expect RMI_SUCCESS
	realm-params g0 s2sz=40 num_bps=1 num_wps=1 vmid=8 hash_algo=sha-512 rtt_base=g40 rtt_level_start=0 rtt_num_start=1
	RMI_REALM_CREATE g39 g0
	expect RMI_SUCCESS
END

both status
expect_out '^server +rmmd [0-9]' 'status'
expect_out '^banks +0x80000000-0xbfffffff 1 GiB dram$' 'status'
expect_out '^granules .*DELEGATED' 'status'
expect_out '^ +RD +2$' 'status'
expect_out '^realms +2$' 'status'
expect_out '^ +S2SZ +48$' 'status'
both --json status
expect_json '.realms == 2 and .granules.RD == 2 and .granules.DATA == 2' status
expect_json '.banks == [{"pa": "0x80000000", "size": "0x40000000",
	"kind": "dram"}, {"pa": "0x1000000000", "size": "0x4000000",
	"kind": "dram"}]' 'status'
expect_json '.feature_register_0.S2SZ == 48' 'status'
expect_json '.order == "default" and .choices.sbz == "ignore"' 'status'
expect_json '.feature_register_0.HASH_SHA_512 == true' 'status'
expect_json '.calls > 30 and .leases == [] and .rec_aux_count == 16' 'status'

both realms
expect_out '^  0 0x80010000 +NEW +33 +7 +1 +3 +2 [0-9a-f]{16}\.\.\.$' 'realms'
expect_out '^  1 0x80027000 +NEW +40 +8 +0 +1 +0 ' 'realms'
both realms --json
expect_json '.realms | map(.rd) == ["0x80010000", "0x80027000"]' 'realms'
expect_json '.realms[0].rim | length == 64' 'realms'
expect_json '.realms[1].rim | length == 128' 'realms'

# A realm by each of its names.
for name in 0x80010000 2147549184 g16 r0 '#0' 2097216K; do
	both realm "$name"
	expect_out '^rd +0x80010000$' "realm $name"
done
expect_out '^rpv +61620000' 'realm'
expect_out '^REC 0x80016000$' 'realm'
expect_out '^  state +ready, runnable$' 'realm'
expect_out '^  aux +0x80017000 .* 0x80026000$' 'realm'
both --json realm r0
expect_json '.state == "NEW" and .vmid == 7 and .rtt_level_start == 1' 'realm'
expect_json '.recs | length == 1 and .[0].pc == "0x1000"' 'realm'
expect_json '.recs[0].aux | length == 16' 'realm'
expect_json '.rems | length == 4 and all(. == "0" * 64)' 'realm'
run "$rmmctl" realm
expect_status 1 'realm of two'
expect_err 'which of the 2 realms' 'realm of two'
run "$rmmctl" realm r2
expect_status 1 'realm r2'
expect_err 'no realm number 2: the machine has 2' 'realm r2'
run "$rmmctl" realm nonsense
expect_status 2 'realm nonsense'
expect_err '"nonsense" names no realm' 'realm nonsense'

both granules
expect_out '^0x80010000-0x80010fff +1 +4 KiB +RD rd=0x80010000$' 'granules'
expect_out 'RTT rd=0x80010000 ipa=0x0 level=3$' 'granules'
expect_out 'DATA rd=0x80010000 ipa=0x1000$' 'granules'
expect_out 'REC_AUX rd=0x80010000 rec=0x80016000$' 'granules'
expect_out '^0x80029000-0x8002ffff +7 +28 KiB +DELEGATED$' 'granules'
both granules --state data
[ "$(wc -l <<<"$out")" = 2 ] || fail 'granules --state data'
both --json granules --state REC_AUX
expect_json '.runs | length == 16 and all(.rec == "0x80016000")' 'REC_AUX'
both --json granules --state UNDELEGATED
expect_json '.runs | map(.pa) ==
	["0x80000000", "0x80030000", "0x1000000000"]' 'UNDELEGATED'
both --json granules --all
expect_json '(.runs | map(.count) | add) == 262144 + 16384' 'granules --all'
run "$rmmctl" granules --state NOWHERE
expect_status 2 'granules --state NOWHERE'
run "$rmmctl" granules --state RD --all
expect_status 2 'granules --state RD --all'

both rtt r0
expect_out '^L1 0x0 1 GiB TABLE -> 0x80012000$' 'rtt'
expect_out '^    L3 0x0 4 KiB ASSIGNED RAM -> 0x80014000$|^    L3 0x0-0x1fff 2 x 4 KiB ASSIGNED RAM -> 0x80014000$' 'rtt'
expect_out '^    L3 0x2000-0x3fff 2 x 4 KiB UNASSIGNED RAM$' 'rtt'
expect_out '^    L3 0x4000-0x1fffff 508 x 4 KiB UNASSIGNED EMPTY$' 'rtt'
expect_out '^L1 0x100000000-0x1ffffffff 4 x 1 GiB UNASSIGNED_NS$' 'rtt'
both rtt r0 0x1000
[ "$(wc -l <<<"$out")" = 3 ] || fail 'rtt r0 0x1000 has a line each level'
expect_out '^    L3 0x1000 4 KiB ASSIGNED RAM -> 0x80015000$' 'rtt IPA'
both --json rtt r0
expect_json '.rd == "0x80010000" and .rtt_level_start == 1' 'rtt'
# The leaves cover all of the IPA space: 2^33 bytes in pages.
expect_json '[.entries[] | select(.state != "TABLE") |
	.count * ([262144, 512, 1][.level - 1])] | add == 2097152' 'rtt'
run "$rmmctl" rtt r0 zzz
expect_status 2 'rtt r0 zzz'
run "$rmmctl" rtt r0 0x200000000
expect_status 1 'rtt beyond the IPA space'

both rim r0
expect_out '^steps +6$' 'rim'
expect_out '^0 INIT flags=0x0 content=[0-9a-f]{64} rim=[0-9a-f]{64}$' 'rim'
expect_out '^1 DATA 0x0 flags=0x1 content=[0-9a-f]{64} rim=' 'rim'
expect_out '^2 DATA 0x1000 flags=0x0 content=unmeasured rim=' 'rim'
expect_out '^3 RIPAS 0x2000-0x2fff rim=' 'rim'
expect_out '^5 REC flags=0x1 content=' 'rim'
rim=$(sed -n 's/^rim *//p' <<<"$out")
last=$(sed -n 's/^5 .* rim=//p' <<<"$out")
[ "$rim" = "$last" ] || fail 'the RIM is that of the last step'
both --json rim r0
expect_json '.steps_total == 6 and .dropped == 0' 'rim'
expect_json '.steps | length == 6 and map(.number) == [0,1,2,3,4,5]' 'rim'
expect_json '.rim == .steps[5].rim and .steps[3].top == "0x3000"' 'rim'
expect_json '.steps[2] | has("content") | not' 'rim'
both --json rim --steps 2 r0
expect_json '.steps | map(.number) == [4, 5]' 'rim --steps 2'
both rim r0 --steps 0
grep -q INIT <<<"$out" && fail 'rim --steps 0 shows a step'
run "$rmmctl" rim --steps few r0
expect_status 2 'rim --steps few'

both version
expect_out '^rmmctl [0-9]' 'version'
both --json version
expect_json '.abi == "RMI 1.0"' 'version'
both commands
expect_out '^0xC4000155 B4.3.3 +RMI_DATA_DESTROY rd ipa -> data top$' 'commands'
both --json commands
expect_json '.commands | length == 23' 'commands'
expect_json '.commands[] | select(.name == "RMI_DATA_CREATE") |
	.fid == "0xc4000153" and .inputs[4] == "flags"' 'commands'
both commands --names
[ "$(wc -l <<<"$out")" = 23 ] || fail 'commands --names'

# The end of all realms.
both --json reset
expect_json '.reset == true' 'reset'
both realms
expect_out '^no realms$' 'after reset'
both reset
[ -z "$out" ] || fail 'reset prints nothing'

# Wrong usage.
for wrong in '' 'frob' '--frob' 'realms x' 'realm r0 r1' 'status --state x' \
	'rim --steps' '--json shell' 'shell a b' 'commands a b'; do
	# shellcheck disable=SC2086 # words of their own
	run "$rmmctl" $wrong
	expect_status 2 "rmmctl $wrong"
	[ -n "$err" ] || fail "rmmctl $wrong says nothing"
done
run "$rmmctl" commands RMI_NOTHING
expect_status 1 'commands RMI_NOTHING'
run "$rmmctl" --control "$workdir/none" status
expect_status 1 'no daemon'
expect_err "none.*start" 'no daemon'
run "$rmmctl" shell "$workdir/none"
expect_status 1 'no script'
expect_err 'No such file' 'no script'
run "$rmmctl" shell "$workdir"
expect_status 1 'a directory as a script'
expect_err 'Is a directory' 'a directory as a script'
both --help
both -h
both -V
both --version
for command in $("$rmmctl" --help | awk '/^Commands:/ { on = 1; next }
	/^$/ { on = 0 } on { print $1 }'); do
	both "$command" --help
	expect_out "^Usage: rmmctl .*$command" "$command --help"
	grep -q "^\\.It Cm $command\\>" "$srcdir/man/rmmctl.1" ||
		fail "$command is not in the manual"
done
"$rmmctl" commands >/dev/full 2>.err
status=$?
expect_status 1 'a full device'
finish
