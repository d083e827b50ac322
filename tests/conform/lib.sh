# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=sh disable=SC2034 # some are for the tests
#
# What the tests of rmm-conform share: machines, and words to say what is
# expected.
set -eu

srcdir=$(cd "${srcdir:-.}" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
conform=$builddir/rmm-conform
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
unset RMMD_SOCKET RMMD_CONTROL
TMPDIR=$tmp
export TMPDIR

# A machine with banks of each kind, and memory above 2^48.
banks='--bank 0x10000000,64K,device --bank 0x20000000,64K,secure
	--bank 0x80000000,1G --bank 0x1000000000000,4M'

die() {
	echo "FAIL: $*" >&2
	[ ! -s "$tmp/out" ] || grep -A 1 -e '^not ok' -e '^Bail' "$tmp/out" |
		head -40
	[ ! -s "$tmp/err" ] || head -20 "$tmp/err"
	exit 1
}

# expect STATUS COMMAND...: its output is then in $tmp/out and $tmp/err.
expect() {
	want=$1
	shift
	got=0
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null || got=$?
	[ "$got" = "$want" ] || die "$*: exit status $got, not $want"
}

# on "OPTIONS OF RMMD" COMMAND...: the command, with a machine of its own.
# shellcheck disable=SC2086 # options are words
on() {
	machine=$1
	shift
	"$builddir/rmmd" --no-config --log-level error $machine --run "$@"
}

# said FILE PATTERN
said() {
	grep -q -e "$2" "$tmp/$1" || die "no \"$2\" in $1"
}
