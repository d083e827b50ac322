# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=sh
#
# What the daemon's shell tests share: a directory that goes away, and words
# to say what is expected.
set -eu

builddir=$(cd "${builddir:-.}" && pwd)
rmmd=$builddir/rmmd
probe=$builddir/tests/daemon/probe
tmp=$(mktemp -d)
XDG_RUNTIME_DIR=$tmp/run
TMPDIR=$tmp/tmp
mkdir -m 700 "$XDG_RUNTIME_DIR" "$TMPDIR"
export XDG_RUNTIME_DIR TMPDIR
XDG_CONFIG_HOME=$tmp/none
export XDG_CONFIG_HOME
unset RMMD_SOCKET RMMD_CONTROL
sockets=$XDG_RUNTIME_DIR/rmmd
started=

cleanup() {
	for pid in $started; do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" != rmmd ] ||
			kill -9 "$pid" || :
	done
	rm -rf "$tmp"
}
trap cleanup EXIT

die() {
	echo "$*" >&2
	for file in "$tmp/out" "$tmp/err" "$tmp/log"; do
		[ ! -s "$file" ] || sed "s|^|${file##*/}: |" "$file"
	done
	exit 1
}

# expect STATUS COMMAND...: its output is then in $tmp/out and $tmp/err.
expect() {
	want=$1
	shift
	got=0
	"$@" >"$tmp/out" 2>"$tmp/err" || got=$?
	[ "$got" = "$want" ] || die "$*: exit status $got, not $want"
}

# said FILE PATTERN
said() {
	grep -q -e "$2" "$tmp/$1" || die "no \"$2\" in $1"
}

# await COMMAND...: until it succeeds, or a minute has gone.
await() {
	n=0
	until "$@"; do
		n=$((n + 1))
		[ $n -lt 600 ] || die "still not: $*"
		sleep 0.1
	done
}

gone() {
	! kill -0 "$1" 2>/dev/null
}

absent() {
	[ ! -e "$1" ]
}

# ask: the status of the daemon on the default sockets
ask() {
	RMMD_SOCKET=$sockets/rmmd.sock RMMD_CONTROL=$sockets/control.sock \
		"$probe"
}

# start OPTION...: in the background; its process id is then in $pid.
start() {
	expect 0 "$rmmd" --pid-file "$tmp/pid" "$@"
	pid=$(cat "$tmp/pid")
	started="$started $pid"
}
