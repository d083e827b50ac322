#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Errors that are planted in the monitor are found, and shrunk to a script that
# rmmctl understands and that a daemon without the error follows to its end.
set -u
builddir=$(cd "${builddir:-.}" && pwd)
model=$builddir/tests/model/model
PATH=$builddir:$PATH
failures=0
workdir=$(mktemp -d) || exit 99
trap 'rm -rf "$workdir"' EXIT
cd "$workdir" || exit 99

fail() {
	echo "FAIL: $*"
	failures=$((failures + 1))
	sed 's/^/    /' script err
}

# planted FAULT KIND CALLS [SETUP]: found as KIND, and CALLS calls are left at most.
planted() {
	local fault=$1 kind=$2 steps=$3 calls command
	: >script
	"$model" -b "$fault" -o script -m "${4-small}" >out 2>err
	if [ $? != 1 ] || ! grep -q "^# $kind: " script; then
		fail "$fault: not found as $kind"
		return
	fi
	calls=$(grep -cE '^(RMI_|smc )' script)
	[ "$calls" -le "$steps" ] ||
		fail "$fault: $calls calls are left, $steps would do"
	rmmctl shell --check script >out 2>err ||
		fail "$fault: the script is not understood"
	command=$(sed -n 's/^# \(rmmd --no-config .*\) FILE$/\1/p' script)
	# Words are split on purpose: they are options without blanks.
	# shellcheck disable=SC2086
	$command script >out 2>>err ||
		fail "$fault: the script does not replay"
	echo "$fault: $kind, $calls calls"
}

planted count-data invariant 30
planted keep-owner invariant 30
planted quiet-rim rim 30
planted failure-writes "failed call" 30
planted leak view 30
planted keep-vmid invariant 30
planted no-condition answer 30
planted forget-liveness invariant 30
# The same in machines whose options must reach the daemon.
planted count-data invariant 40 lpa2
planted leak view 40 aux16
planted quiet-rim rim 40 vmid8
planted keep-owner invariant 40 banks
planted count-data invariant 40 choices

# Without any of them there is nothing to be found.
"$model" -n 2000 -m small >out 2>err || fail "an error where there is none"
exit $((failures > 0))
