#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The RMI calls behind a realm's life, in the order of the kernel, as the
# daemon's trace shows them.  Addresses of the machine are left out of it.
set -eu

builddir=$(cd "${builddir:-.}" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
unset RMMD_SOCKET RMMD_CONTROL

# Two pages on one side of a 2 MiB boundary, one on the other.
head -c 12288 /dev/zero >"$tmp/image"
"$builddir/rmmd" --log-level trace --log-file "$tmp/log" --rec-aux-count 2 \
	--run "$builddir/rmm-launch" --quiet --memory 8M --vcpus 2 "$@" \
	--image "$tmp/image@0x801fe000" >"$tmp/out"
sed -nE '
	s/.*PE 0: RMI_([A-Z_]*)\((.*)\) = (0x)?([0-9a-f]*).*/\1 \2 = \4/
	T
	s/(rd|addr|data|src|rtt|rec|params_ptr|run_ptr)=0x[0-9a-f]*,? ?//g
	s/ +/ /g
	p' "$tmp/log" >"$tmp/calls"

cat >"$tmp/expected" <<'END'
VERSION req=0x10000 = 0
FEATURES index=0 = 0
GRANULE_DELEGATE = 0
GRANULE_DELEGATE = 0
GRANULE_DELEGATE = 0
REALM_CREATE = 0
REC_AUX_COUNT = 0
GRANULE_DELEGATE = 0
DATA_CREATE ipa=0x801fe000, flags=0x1 = 104
GRANULE_DELEGATE = 0
RTT_CREATE ipa=0x80000000, level=0x2 = 0
GRANULE_DELEGATE = 0
RTT_CREATE ipa=0x80000000, level=0x3 = 0
DATA_CREATE ipa=0x801fe000, flags=0x1 = 0
GRANULE_DELEGATE = 0
DATA_CREATE ipa=0x801ff000, flags=0x1 = 0
GRANULE_DELEGATE = 0
DATA_CREATE ipa=0x80200000, flags=0x1 = 204
GRANULE_DELEGATE = 0
RTT_CREATE ipa=0x80200000, level=0x3 = 0
DATA_CREATE ipa=0x80200000, flags=0x1 = 0
GRANULE_DELEGATE = 0
GRANULE_DELEGATE = 0
GRANULE_DELEGATE = 0
REC_CREATE = 0
GRANULE_DELEGATE = 0
GRANULE_DELEGATE = 0
GRANULE_DELEGATE = 0
REC_CREATE = 0
RTT_INIT_RIPAS base=0x80000000, top=0x80800000 = 0
RTT_INIT_RIPAS base=0x801fe000, top=0x80800000 = 304
RTT_INIT_RIPAS base=0x801ff000, top=0x80800000 = 304
RTT_INIT_RIPAS base=0x80200000, top=0x80800000 = 304
RTT_INIT_RIPAS base=0x80201000, top=0x80800000 = 0
RTT_INIT_RIPAS base=0x80400000, top=0x80800000 = 0
REALM_ACTIVATE = 0
REC_ENTER = 0
DATA_DESTROY ipa=0x801fe000 = 0
GRANULE_UNDELEGATE = 0
DATA_DESTROY ipa=0x801ff000 = 0
GRANULE_UNDELEGATE = 0
DATA_DESTROY ipa=0x80200000 = 0
GRANULE_UNDELEGATE = 0
REC_DESTROY = 0
GRANULE_UNDELEGATE = 0
GRANULE_UNDELEGATE = 0
GRANULE_UNDELEGATE = 0
REC_DESTROY = 0
GRANULE_UNDELEGATE = 0
GRANULE_UNDELEGATE = 0
GRANULE_UNDELEGATE = 0
END
# What follows takes the tables away, then the realm, then what it was made of.
n=$(wc -l <"$tmp/expected")
head -n "$n" "$tmp/calls" | diff "$tmp/expected" - || exit 1
tail -n +$((n + 1)) "$tmp/calls" >"$tmp/rest"
if sed -n '/^REALM_DESTROY/q; p' "$tmp/rest" |
	grep -vE '^(RTT_DESTROY|GRANULE_UNDELEGATE)'; then
	echo "order.sh: not of the tables"
	exit 1
fi
[ "$(grep -cE '^RTT_DESTROY .* = 0$' "$tmp/rest")" = 3 ]
[ "$(grep -c '^REALM_DESTROY = 0' "$tmp/rest")" = 1 ]
[ "$(sed '1,/^REALM_DESTROY/d' "$tmp/rest" | sort | uniq -c |
	sed 's/ *//')" = "3 GRANULE_UNDELEGATE = 0" ]
