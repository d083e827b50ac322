#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# librmmguest with an rmmd of its own; and the manual's example, entered by
# rmm-launch.
set -eu

builddir=$(cd "${builddir:-.}" && pwd)
export builddir
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export tmp
echo kernel >"$tmp/kernel"

# shellcheck disable=SC2016 # for the inner shell
out=$("$builddir/rmmd" --no-config --log-level error --realm attach \
	--run sh -c '"$builddir/tests/guest/example" &
		"$builddir/rmm-launch" --image "$tmp/kernel@0x80000000" &&
		wait $!') || {
	echo "the example failed: $out"
	exit 1
}
echo "$out" | grep -q '^a realm of [0-9]* bits$'
echo "$out" | grep -q '^exit  *power off$'

"$builddir/rmmd" --no-config --log-level error \
	--run "$builddir/tests/guest/guest"
