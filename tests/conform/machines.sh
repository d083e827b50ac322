#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# rmmd passes the conformance kit, as it is by default and as other machines;
# and what one machine can not be brought to, another is.
. "${srcdir:-.}/tests/conform/lib.sh"

# judge "OPTIONS OF RMMD" ARGUMENT...: no case may fail.
judge() {
	machine=$1
	shift
	expect 0 on "$machine" "$conform" "$@"
	grep '^ok' "$tmp/out" | grep -v '# SKIP' | sed 's/^ok [0-9]* - //' \
		>>"$tmp/passed"
}

judge ''
judge "$banks --max-recs-order 2 --rec-aux-count 1"
judge "$banks --s2sz 52 --lpa2 on" 'RTT_*' 'REALM_CREATE' 'DATA_*'
judge "$banks --s2sz 36 --max-recs-order 1 --rec-aux-count 0 --sve-vl off
	--pmu-ctrs off --hash sha-512 --vmid-bits 8 --num-bps 2 --num-wps 1"
judge '' --control none 'GRANULE_*' 'DATA_*' 'REC_DESTROY'
judge '--realm attach' 'RE[AC]*' 'PSCI_*'
judge '--realm wfi --rem-extend padded --set-ripas-block base --sbz check
	--psci-smc32 accept --mmio-write masked --unknown-data random
	--undelegated pattern' 'RE[AC]*' 'R[ST]*_*RIPAS' 'RSI_*' 'PSCI_*'

judge '--token fail' RSI_ATTESTATION_TOKEN_CONTINUE/unknown

# Where no process can play a realm, what needs one is skipped, and says so.
expect 0 on '' "$conform" --control none RSI_VERSION PSCI_CPU_ON REC_ENTER
said out '^ok [0-9]* - RSI_VERSION/+1.0 # SKIP no process can play a realm'
said out '^ok [0-9]* - PSCI_CPU_ON/mpidr:.* # SKIP no process can play a realm'
said out '^ok [0-9]* - REC_ENTER/rec_psci:CPU_ON # SKIP no process can play'
said out '^ok [0-9]* - REC_ENTER/+success$'

# Each case that is stimulated passed somewhere.
"$conform" --list | grep -v 'not stimulated' | cut -f1 | sort >"$tmp/all"
sort -u "$tmp/passed" | comm -23 "$tmp/all" - >"$tmp/never"
# An IPA that is aligned to a page only is aligned where pages are asked for.
grep -v 'ipa+0x1000$' "$tmp/never" >"$tmp/out" || :
[ ! -s "$tmp/out" ] || {
	cat "$tmp/out"
	die 'these passed on no machine'
}
