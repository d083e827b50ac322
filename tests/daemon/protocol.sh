#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The daemon as its peers see it: each of these programs is the command of a
# captive daemon, whose log must name the reason for every closed connection.
set -eu

builddir=${builddir:-.}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

for program in wire host control; do
	"$builddir/rmmd" --no-config --log-level debug --log-file "$tmp/$program" \
		--run "$builddir/tests/daemon/$program"
done

for reason in 'oversized frame' 'truncated frame' 'malformed frame' \
	'does not know' 'no common protocol version' 'must be a Hello'; do
	if ! grep -q "pid [0-9]* (.*$reason" "$tmp/wire"; then
		echo "no line in the log gives the reason \"$reason\""
		exit 1
	fi
done

# More connections than it takes, and more than it has descriptors for.
"$builddir/rmmd" --no-config --max-clients 4 --log-file "$tmp/crowd" \
	--run "$builddir/tests/daemon/crowd"
grep -q 'there are 4 clients on this socket already' "$tmp/crowd"
(
	ulimit -n 32
	FEW_DESCRIPTORS=1 "$builddir/rmmd" --no-config --log-file "$tmp/few" \
		--run "$builddir/tests/daemon/crowd"
)
# Said when it begins, not at each try.
said=$(grep -c 'cannot accept a connection' "$tmp/few")
[ "$said" -ge 1 ] && [ "$said" -lt 10 ]
