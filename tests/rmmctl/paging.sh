#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What does not fit one page of the control protocol is shown whole: realms,
# RECs, granules, the entries of a tree, the steps of a measurement.
# shellcheck disable=SC2016 # the shell of rmmctl has variables too
. "${srcdir:-.}/tests/rmmctl/lib.sh"
under_daemon "$0" --rec-aux-count 0
command -v jq >/dev/null || exit 77

params='s2sz=33 num_bps=1 num_wps=1 rtt_level_start=1 rtt_num_start=1'

# One realm with 1100 pages, each at a lower address than the one before, so
# that no two entries make a run, and 70 RECs.
shell_ok 'a large realm' <<-END
	let n = g16
	repeat 1300
		RMI_GRANULE_DELEGATE \$n
		let n = \$n+4K
	end
	realm-params g0 $params rtt_base=g17
	RMI_REALM_CREATE g16 g0
	RMI_RTT_CREATE g16 g18 0 2
	RMI_RTT_CREATE g16 g19 0 3
	RMI_RTT_CREATE g16 g20 2M 3
	RMI_RTT_CREATE g16 g21 4M 3
	let ipa = 0
	let page = g1200
	repeat 1100
		RMI_DATA_CREATE g16 \$page \$ipa g1 0
		expect RMI_SUCCESS
		let ipa = \$ipa+4K
		let page = \$page-4K
	end
END
# MPIDRs are taken in order: 16 to an Aff1.
{
	for ((i = 0; i < 70; i++)); do
		aff1=$((i / 16))
		printf 'rec-params g0 flags=1 mpidr=%d\n' $((aff1 * 256 + i % 16))
		printf 'RMI_REC_CREATE g16 g%d g0\nexpect RMI_SUCCESS\n' \
			$((1210 + i))
	done
} >recs
shell_ok 'seventy RECs' <recs
run "$rmmctl" --json realm r0
expect_json '.num_data == 1100 and (.recs | length) == 70' 'RECs'
expect_json '.recs | map(.rec) | unique | length == 70' 'RECs'
run "$rmmctl" --json granules --state DATA
expect_json '.runs | length == 1100 and (map(.ipa) | unique | length) == 1100' \
	'granules'
run "$rmmctl" --json granules --all
expect_json '(.runs | map(.count) | add) == 1048576' 'granules --all'
expect_json '[.runs[] | select(.state == "DELEGATED")] | map(.count) | add ==
	1300 - 1100 - 70 - 6' 'DELEGATED runs'
run "$rmmctl" --json rtt r0
expect_json '[.entries[] | select(.state == "ASSIGNED")] | length == 1100' 'rtt'
expect_json '[.entries[] | select(.state != "TABLE") |
	.count * ([262144, 512, 1][.level - 1])] | add == 2097152' 'rtt'
run "$rmmctl" --json rim r0
expect_json '.steps | length == 1171 and
	map(.number) == [range(1171)]' 'rim'
run "$rmmctl" --json rim --steps 1100 r0
expect_json '.steps | length == 1100 and .[0].number == 71' 'rim --steps'

# Seventy realms more.
{
	for ((i = 0; i < 70; i++)); do
		rd=$((2000 + 2 * i))
		printf 'RMI_GRANULE_DELEGATE g%d\nRMI_GRANULE_DELEGATE g%d\n' \
			$rd $((rd + 1))
		printf 'realm-params g0 %s vmid=%d rtt_base=g%d\n' \
			"$params" $((i + 1)) $((rd + 1))
		printf 'RMI_REALM_CREATE g%d g0\nexpect RMI_SUCCESS\n' $rd
	done
} >realms
shell_ok 'seventy realms' <realms
run "$rmmctl" --json realms
expect_json '.realms | length == 71 and (map(.rd) | unique | length) == 71' \
	'realms'
run "$rmmctl" realm r70
expect_out '^vmid +70$' 'realm r70'
finish
